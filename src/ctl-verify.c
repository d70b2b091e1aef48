/* SPDX-License-Identifier: MIT */
/*
 * capkeepctl verify: does a running process hold exactly what the profile says? Compares
 * with what the planner would make of the process's own user, so that a health check and
 * an assertion in CI need nothing but the profile.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <string.h>

#include "ctl-filter.h"

struct verify {
	struct ck_ctl *ctl;
	struct ck_profile profile;
	struct ck_process process;
	struct ck_identity identity;
	struct ck_sets wanted;
	bool filter; /* the profile loads one */
	struct ck_strings names, expected, found;
};

static void differ(struct verify *v, const char *name, const char *expected,
		   const char *found)
{
	ck_strings_add(v->ctl->arena, &v->names, name);
	ck_strings_add(v->ctl->arena, &v->expected, expected);
	ck_strings_add(v->ctl->arena, &v->found, found);
}

static void compare_sets(struct verify *v, const char *name, uint64_t wanted,
			 uint64_t found)
{
	struct ck_arena *arena = v->ctl->arena;
	uint64_t known = v->process.state.known;

	if (wanted != found)
		differ(v, name, ck_compact(arena, wanted, known),
		       ck_compact(arena, found, known));
}

static void compare_number(struct verify *v, const char *name, uint32_t wanted,
			   uint32_t found)
{
	if (wanted != found)
		differ(v, name, ck_format(v->ctl->arena, "%u", wanted),
		       ck_format(v->ctl->arena, "%u", found));
}

/* Whose filter it is the kernel does not tell, but that there is one. */
static void compare_seccomp(struct verify *v, const char *name,
			    const struct ck_process *process)
{
	static const char *const modes[] = { "off", "strict", "filter" };

	if (v->filter && process->seccomp != 2)
		differ(v, name, modes[2],
		       process->seccomp < 0 ? "not told" : modes[process->seccomp]);
}

/* The launcher leaves it wide where nothing could be cut and no_new_privs stands in. Who
 * holds SETPCAP, even now, could cut. */
static bool wide_is_allowed(const struct verify *v, const struct ck_state *state)
{
	const struct ck_profile *profile = &v->profile;
	uint64_t cutters = profile->keep.mask | v->process.state.sets.permitted;

	if (!state->no_new_privs || profile->keep.mask & ~state->sets.bounding ||
	    cutters & CK_CAP(CAP_SETPCAP))
		return false;
	return profile->bounding == CK_BOUNDING_IF_POSSIBLE ||
	       (profile->bounding == CK_BOUNDING_AUTO && profile->keep.mask == 0 &&
		state->sets.permitted == 0);
}

/* After exec of a program without attributes: the table of models in the profile's
 * manual. What was there of 'optional' a cut bounding set tells; a wide one does not, but
 * what is permitted does, unless exec leaves that empty. */
static void expect_sets(struct verify *v)
{
	const struct ck_profile *profile = &v->profile;
	const struct ck_state *state = &v->process.state;
	bool root = (profile->user ? v->identity.uid : state->ruid) == 0 &&
		    !(profile->securebits.on & SECBIT_NOROOT);
	bool ambient =
		profile->ambient == CK_YES || (profile->ambient == CK_AUTO && !root);
	bool wide = (root || ambient) && wide_is_allowed(v, state);
	uint64_t there =
		state->sets.bounding & (wide ? state->sets.permitted : UINT64_MAX);
	uint64_t keep = profile->keep.mask | (profile->optional.mask & there);

	v->wanted.bounding = keep;
	v->wanted.inheritable = v->wanted.ambient = ambient ? keep : 0;
	v->wanted.permitted = v->wanted.effective = root || ambient ? keep : 0;
}

static void compare_groups(struct verify *v)
{
	const struct ck_state *state = &v->process.state;
	const struct ck_identity *id = &v->identity;

	if (id->groups_unchanged)
		return;
	if (id->ngroups == state->ngroups &&
	    (!id->ngroups ||
	     !memcmp(id->groups, state->groups, id->ngroups * sizeof(*id->groups))))
		return;
	differ(v, "groups", ck_format(v->ctl->arena, "%zu of the profile", id->ngroups),
	       ck_format(v->ctl->arena, "%zu others", state->ngroups));
}

static void compare_ids(struct verify *v)
{
	const struct ck_state *state = &v->process.state;
	const struct ck_identity *id = &v->identity;

	if (v->profile.user) {
		compare_number(v, "uid", id->uid, state->ruid);
		compare_number(v, "effective uid", id->uid, state->euid);
		compare_number(v, "saved uid", id->uid, state->suid);
		compare_number(v, "file system uid", id->uid, v->process.fsuid);
	}
	if (v->profile.user || v->profile.group) {
		compare_number(v, "gid", id->gid, state->rgid);
		compare_number(v, "effective gid", id->gid, state->egid);
		compare_number(v, "saved gid", id->gid, state->sgid);
		compare_number(v, "file system gid", id->gid, v->process.fsgid);
	}
	compare_groups(v);
}

/* Where the main thread is what the profile says, so are the others by this. */
static void compare_thread_ids(struct verify *v, const struct ck_process *thread)
{
	const struct ck_state *a = &v->process.state, *b = &thread->state;
	const struct {
		const char *name;
		uint32_t wanted, found;
	} rows[] = {
		{ "uid", a->ruid, b->ruid },
		{ "effective uid", a->euid, b->euid },
		{ "saved uid", a->suid, b->suid },
		{ "file system uid", v->process.fsuid, thread->fsuid },
		{ "gid", a->rgid, b->rgid },
		{ "effective gid", a->egid, b->egid },
		{ "saved gid", a->sgid, b->sgid },
		{ "file system gid", v->process.fsgid, thread->fsgid },
	};
	struct ck_arena *arena = v->ctl->arena;
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(rows); i++)
		if (rows[i].wanted != rows[i].found)
			compare_number(v,
				       ck_format(arena, "%s of thread %d", rows[i].name,
						 (int)thread->tid),
				       rows[i].wanted, rows[i].found);
	if (a->ngroups != b->ngroups ||
	    (a->ngroups &&
	     memcmp(a->groups, b->groups, a->ngroups * sizeof(*a->groups)) != 0))
		differ(v, ck_format(arena, "groups of thread %d", (int)thread->tid),
		       ck_format(arena, "%zu of the process", a->ngroups),
		       ck_format(arena, "%zu others", b->ngroups));
}

/* One with more than the process as a whole, or with another's ids, is a way around it.
 * Less is not: servers give up in some threads what they need in others. */
static void compare_thread(struct verify *v, const struct ck_process *thread)
{
	const struct ck_sets *sets = &thread->state.sets, *wanted = &v->wanted;
	struct ck_arena *arena = v->ctl->arena;
	uint64_t known = v->process.state.known;
	uint64_t held =
		sets->permitted | sets->effective | sets->inheritable | sets->ambient;
	uint64_t allowed = wanted->permitted | wanted->inheritable;

	if (held & ~allowed)
		differ(v, ck_format(arena, "thread %d", (int)thread->tid),
		       ck_compact(arena, allowed, known), ck_compact(arena, held, known));
	/* The launcher has one thread, and what is cut from a bounding set stays cut. */
	if (sets->bounding & ~wanted->bounding &&
	    (sets->bounding & ~v->process.state.sets.bounding ||
	     !wide_is_allowed(v, &thread->state)))
		differ(v, ck_format(arena, "bounding of thread %d", (int)thread->tid),
		       ck_compact(arena, wanted->bounding, known),
		       ck_compact(arena, sets->bounding, known));
	compare_thread_ids(v, thread);
	if (v->profile.no_new_privs && !thread->state.no_new_privs)
		differ(v, ck_format(arena, "no_new_privs of thread %d", (int)thread->tid),
		       "yes", "no");
	compare_seccomp(v, ck_format(arena, "seccomp of thread %d", (int)thread->tid),
			thread);
}

/* 0 or an exit status: threads that cannot be seen are no agreement. */
static int compare_threads(struct verify *v, bool self)
{
	struct ck_processes threads = { .count = 0 };
	pid_t pid = v->process.pid;
	int rc = ck_process_threads(v->ctl->arena, pid, &threads);
	size_t i;

	if (rc == -ESRCH && self)
		return 0; /* without /proc there is this process alone */
	if (rc < 0 || threads.count == 0)
		return ck_ctl_fail(v->ctl, CK_CTL_FAILED, v->ctl->operands.list[0],
				   "its threads cannot be read: %s",
				   strerror(rc < 0 ? -rc : ESRCH));
	for (i = 0; i < threads.count; i++)
		if (threads.list[i].tid != pid)
			compare_thread(v, &threads.list[i]);
	return 0;
}

static int compare(struct verify *v, bool self)
{
	const struct ck_sets *found = &v->process.state.sets;
	bool no_new_privs = v->process.state.no_new_privs;
	int status;

	expect_sets(v);
	if (!wide_is_allowed(v, &v->process.state))
		compare_sets(v, "bounding", v->wanted.bounding, found->bounding);
	compare_sets(v, "permitted", v->wanted.permitted, found->permitted);
	compare_sets(v, "effective", v->wanted.effective, found->effective);
	compare_sets(v, "inheritable", v->wanted.inheritable, found->inheritable);
	compare_sets(v, "ambient", v->wanted.ambient, found->ambient);
	compare_ids(v);
	status = compare_threads(v, self);
	if (v->profile.no_new_privs != no_new_privs)
		differ(v, "no_new_privs", v->profile.no_new_privs ? "yes" : "no",
		       no_new_privs ? "yes" : "no");
	compare_seccomp(v, "seccomp", &v->process);
	if (v->process.securebits_known &&
	    (v->process.state.securebits & v->profile.securebits.on) !=
		    v->profile.securebits.on)
		differ(v, "securebits",
		       ck_format(v->ctl->arena, "0x%x", v->profile.securebits.on),
		       ck_format(v->ctl->arena, "0x%x", v->process.state.securebits));
	return status;
}

static void print_json(const struct verify *v)
{
	json_t *object = ck_json_object(), *array = ck_json_array();
	size_t i;

	for (i = 0; i < v->names.count; i++) {
		json_t *one = ck_json_object();

		ck_json_set(one, "what", ck_json_text(v->names.list[i]));
		ck_json_set(one, "expected", ck_json_text(v->expected.list[i]));
		ck_json_set(one, "found", ck_json_text(v->found.list[i]));
		ck_json_add(array, one);
	}
	ck_json_set(object, "profile", ck_json_text(v->profile.name));
	ck_json_set(object, "exact", ck_json_bool(v->names.count == 0));
	ck_json_set(object, "differences", array);
	ck_json_set(object, "process", ck_json_process(&v->process));
	ck_json_print(v->ctl, object);
}

static void print_text(const struct verify *v)
{
	static const struct ck_column columns[] = {
		{ "WHAT", false },
		{ "PROFILE", false },
		{ "PROCESS", false },
	};
	struct ck_ctl *ctl = v->ctl;
	struct ck_table table;
	size_t i;

	ck_print(ctl, "%d %s: %s %s\n", (int)v->process.pid,
		 ck_safe(ctl->arena, v->process.name),
		 v->names.count ? ck_paint(ctl, CK_RED, "is not as in") :
				  ck_paint(ctl, CK_GREEN, "holds exactly what is in"),
		 ck_safe(ctl->arena, v->profile.name));
	if (!v->names.count)
		return;
	ck_table_begin(&table, ctl, columns, CK_ARRAY_SIZE(columns));
	for (i = 0; i < v->names.count; i++) {
		ck_table_add(&table, CK_PLAIN, v->names.list[i]);
		ck_table_add(&table, CK_PLAIN, v->expected.list[i]);
		ck_table_add(&table, CK_RED, v->found.list[i]);
	}
	ck_table_print(&table);
}

static bool has_ended(const struct ck_process *process)
{
	return process->phase == 'Z' || process->phase == 'X';
}

/* What the status of a main thread says is of the past then; others may go on. */
static int refuse_ended(const struct verify *v)
{
	struct ck_processes threads = { .count = 0 };
	const char *why = "has ended: nothing runs there any more";
	int rc = ck_process_threads(v->ctl->arena, v->process.pid, &threads);
	size_t i;

	if (rc < 0 && rc != -ESRCH)
		return ck_process_fail(v->ctl, v->ctl->operands.list[0], rc);
	for (i = 0; i < threads.count; i++)
		if (!has_ended(&threads.list[i]))
			why = "its main thread has ended, and other threads run: verify "
			      "cannot judge by a thread that has ended";
	return ck_ctl_fail(v->ctl, CK_CTL_FAILED, v->ctl->operands.list[0], "%s", why);
}

static int read_both(struct verify *v, pid_t pid, const char *name)
{
	struct ck_ctl *ctl = v->ctl;
	int rc = ck_process_of(ctl->arena, pid, &v->process);

	if (rc < 0)
		return ck_process_fail(ctl, ctl->operands.list[0], rc);
	if (has_ended(&v->process))
		return refuse_ended(v);
	ck_process_place(ctl->arena, &v->process, false);
	if (ck_ctl_profile(ctl, name, &v->profile) < 0 ||
	    ck_identity_resolve(ctl->arena, &v->profile, &v->process.state, CK_CTL_PASSWD,
				CK_CTL_GROUP, &ctl->diags, &v->identity) < 0) {
		ck_ctl_complain(ctl);
		return CK_CTL_FAILED;
	}
	v->filter = ck_loads_filter(ctl, &v->profile);
	if (ctl->diags.count) { /* nothing can hold rules that cannot be read */
		ck_ctl_complain(ctl);
		return CK_CTL_FAILED;
	}
	return 0;
}

int ck_ctl_verify(struct ck_ctl *ctl)
{
	static struct verify v;
	pid_t pid;
	int rc;

	v.ctl = ctl;
	if (ctl->operands.count != 2)
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "verify",
				   "needs a process and a profile: "
				   "verify PID PROFILE");
	if (ck_pid_operand(ctl, ctl->operands.list[0], &pid) < 0)
		return CK_CTL_USAGE;
	rc = read_both(&v, pid, ctl->operands.list[1]);
	if (rc != 0)
		return rc;
	rc = compare(&v, pid == 0);
	if (rc != 0)
		return rc;
	if (ctl->json)
		print_json(&v);
	else
		print_text(&v);
	return v.names.count ? CK_CTL_FINDINGS : CK_CTL_FINE;
}
