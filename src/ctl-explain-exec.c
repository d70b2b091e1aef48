/* SPDX-License-Identifier: MIT */
/* capkeepctl explain PROFILE [-- COMMAND]: the planner's and the kernel's arithmetic,
 * with reasons. */
#include "ctl-explain.h"
#include "ctl-spec.h"
#include <errno.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/stat.h>

static const char *model(const struct ck_profile *profile)
{
	if (profile->user && !ck_is_root_word(profile->user))
		return "becomes a user: at exec the ambient set hands on what is kept";
	if (profile->securebits.on & SECBIT_NOROOT)
		return "noroot: uid 0 is a user like others, the ambient set hands on "
		       "what is kept";
	return "keeps its user; as uid 0 the bounding set limits what exec gives";
}

int ck_explain_profile(struct ck_ctl *ctl, const char *name, json_t *array)
{
	struct ck_profile profile;
	json_t *object;

	if (ck_ctl_profile(ctl, name, &profile) < 0) {
		ck_ctl_complain(ctl);
		return CK_CTL_FAILED;
	}
	if (ctl->json) {
		object = ck_json_object();
		ck_json_set(object, "profile", ck_json_text(profile.name));
		ck_json_set(object, "description", ck_json_text(profile.description));
		ck_json_set(object, "keep", ck_json_caps(profile.keep.mask));
		ck_json_set(object, "optional", ck_json_caps(profile.optional.mask));
		ck_json_set(object, "model", ck_json_text(model(&profile)));
		ck_json_add(array, object);
		return 0;
	}
	ck_print(ctl, "%s", ck_paint(ctl, CK_BOLD, ck_safe(ctl->arena, profile.name)));
	if (profile.description)
		ck_print(ctl, ": %s", ck_safe(ctl->arena, profile.description));
	ck_print(ctl, "\n  keeps     %s\n", ck_cap_text(ctl->arena, profile.keep.mask));
	if (profile.optional.mask)
		ck_print(ctl, "  optional  %s\n",
			 ck_cap_text(ctl->arena, profile.optional.mask));
	ck_print(ctl, "  model     %s\n  new privileges: %s\n", model(&profile),
		 profile.no_new_privs ? "none (no_new_privs)" : "possible at exec");
	return 0;
}

struct forecast {
	struct ck_profile profile;
	struct ck_state now;
	struct ck_identity identity;
	struct ck_surroundings around;
	struct ck_plan plan;
	bool found; /* there is a target, and after_exec */
};

/* 0 or an exit status. */
static int read_surroundings(struct ck_ctl *ctl, struct forecast *f)
{
	const char *call;
	int rc = ck_surroundings_read(&ck_sys_kernel, false, CK_LIMITS_ALL, &call,
				      &f->around);

	if (rc < 0)
		return ck_ctl_fail(ctl, CK_CTL_FAILED, "state", "%s: %s", call,
				   strerror(-rc));
	f->around.at_secure = false;
	return 0;
}

static int make_plan(struct ck_ctl *ctl, struct forecast *f)
{
	int rc;

	if (ck_identity_resolve(ctl->arena, &f->profile, &f->now, CK_CTL_PASSWD,
				CK_CTL_GROUP, &ctl->diags, &f->identity) < 0)
		return -EINVAL;
	rc = ck_plan_build(
		&(struct ck_plan_input){ &f->profile, &f->now, &f->around, &f->identity },
		&ctl->diags, &f->plan);
	f->plan.argv = ctl->rest;
	f->plan.envp = ck_environ_build(ctl->arena, &f->profile, &f->identity,
					f->identity.uid != f->now.ruid, environ);
	return rc;
}

static int find_target(struct ck_ctl *ctl, struct forecast *f)
{
	struct ck_seeker seeker;

	ck_plan_seeker(&f->plan, &seeker);
	seeker.self = false; /* the start may be another process than this one */
	if (ck_target_find(ctl->arena, ctl->rest[0], f->profile.working_directory,
			   f->plan.envp, &seeker, &ctl->diags, &f->plan.targets) < 0)
		return -EINVAL;
	f->found = true;
	return ck_plan_target(&f->plan, &ctl->diags);
}

static const struct ck_target *target_of(const struct forecast *f)
{
	return &f->plan.targets.list[f->plan.targets.chosen];
}

/* Why the sets after exec are what they are, in the order of the kernel's rules. */
static void reasons(struct ck_arena *arena, const struct forecast *f,
		    struct ck_strings *list)
{
	const struct ck_target *target = target_of(f);
	const struct ck_state *before = &f->plan.after;
	const struct ck_exec_result *after = &f->plan.after_exec;
	bool root = (after->euid == 0 || before->ruid == 0) &&
		    !(before->securebits & SECBIT_NOROOT);

	if (target->nosuid)
		ck_strings_add(
			arena, list,
			"the mount is nosuid: neither the set-user-ID bit nor file "
			"capabilities count");
	if (target->mode & S_ISUID && !target->nosuid)
		ck_strings_add(arena, list,
			       before->no_new_privs ?
				       "the set-user-ID bit is ignored on account of "
				       "no_new_privs" :
				       "the set-user-ID bit changes the uid");
	if (target->fcaps.present && !target->nosuid)
		ck_strings_add(arena, list,
			       ck_format(arena,
					 "the file has capabilities (%s%s), which "
					 "clear the ambient set%s",
					 ck_cap_text(arena, target->fcaps.permitted),
					 target->fcaps.effective ? ", effective" : "",
					 before->no_new_privs ?
						 "; no_new_privs lets none be gained" :
						 ""));
	if (root)
		ck_strings_add(arena, list,
			       "uid 0 gets what is in the bounding and inheritable sets");
	else if (after->sets.ambient)
		ck_strings_add(arena, list,
			       "the ambient set is handed on to a user's program");
	else if (!target->fcaps.present)
		ck_strings_add(
			arena, list,
			"a user's program without file capabilities and without an "
			"ambient set gets none");
	if (after->secure)
		ck_strings_add(arena, list,
			       "AT_SECURE: the loader trusts no LD_ variable");
}

static void add_set(struct ck_table *table, const struct forecast *f, const char *name,
		    uint64_t now, uint64_t before, uint64_t after)
{
	struct ck_arena *arena = table->ctl->arena;
	uint64_t known = f->now.known;

	ck_table_add(table, CK_PLAIN, name);
	ck_table_add(table, CK_PLAIN, ck_compact(arena, now, known));
	ck_table_add(table, CK_PLAIN, ck_compact(arena, before, known));
	if (!f->found || f->plan.after_exec.error)
		ck_table_add(table, CK_RED, "-");
	else
		ck_table_add(table, before == after ? CK_PLAIN : CK_YELLOW,
			     ck_compact(arena, after, known));
}

static void add_text(struct ck_table *table, const char *name, const char *now,
		     const char *before, const char *after)
{
	ck_table_add(table, CK_PLAIN, name);
	ck_table_add(table, CK_PLAIN, now);
	ck_table_add(table, CK_PLAIN, before);
	ck_table_add(table, CK_PLAIN, after);
}

static void print_sets(struct ck_ctl *ctl, const struct forecast *f)
{
	static const struct ck_column columns[] = {
		{ "SET", false },
		{ "NOW", false },
		{ "BEFORE EXEC", false },
		{ "AFTER EXEC", false },
	};
	const struct ck_sets *now = &f->now.sets, *before = &f->plan.after.sets;
	const struct ck_sets *after = &f->plan.after_exec.sets;
	const struct ck_exec_result *exec = &f->plan.after_exec;
	const struct ck_state *state = &f->plan.after;
	struct ck_arena *arena = ctl->arena;
	struct ck_table table;

	ck_table_begin(&table, ctl, columns, CK_ARRAY_SIZE(columns));
	add_set(&table, f, "bounding", now->bounding, before->bounding, after->bounding);
	add_set(&table, f, "permitted", now->permitted, before->permitted,
		after->permitted);
	add_set(&table, f, "effective", now->effective, before->effective,
		after->effective);
	add_set(&table, f, "inheritable", now->inheritable, before->inheritable,
		after->inheritable);
	add_set(&table, f, "ambient", now->ambient, before->ambient, after->ambient);
	if (f->found && exec->error)
		add_text(&table, "execve", "", "", strerror(exec->error));
	add_text(&table, "uid", ck_format(arena, "%u", f->now.euid),
		 ck_format(arena, "%u", state->euid),
		 f->found ? ck_format(arena, "%u", exec->euid) : "?");
	add_text(&table, "no_new_privs", f->now.no_new_privs ? "yes" : "no",
		 state->no_new_privs ? "yes" : "no", state->no_new_privs ? "yes" : "no");
	ck_table_print(&table);
}

static void print_text(struct ck_ctl *ctl, const struct forecast *f)
{
	struct ck_strings list = { .count = 0 };
	size_t i;

	print_sets(ctl, f);
	if (!f->found)
		return;
	ck_print(ctl, "\n%s\n",
		 ck_safe(ctl->arena,
			 ck_format(ctl->arena, "%s%s%s", target_of(f)->path,
				   target_of(f)->interpreter ? ", run by " : "",
				   target_of(f)->interpreter ? target_of(f)->interpreter :
							       "")));
	reasons(ctl->arena, f, &list);
	for (i = 0; i < list.count; i++) {
		ck_print(ctl, "  - ");
		ck_print_wrapped(ctl, 4, 4, list.list[i]);
	}
}

/* A line of the table; null where it does not come to that. */
static json_t *times_json(json_t *now, json_t *before, json_t *after)
{
	json_t *object = ck_json_object();

	ck_json_set(object, "now", now);
	ck_json_set(object, "before_exec", before ? before : ck_json_text(NULL));
	ck_json_set(object, "after_exec", after ? after : ck_json_text(NULL));
	return object;
}

static void add_times(json_t *object, const struct forecast *f)
{
	const struct ck_state *now = &f->now, *before = &f->plan.after;
	bool planned = f->plan.profile, runs = f->found && !f->plan.after_exec.error;
	json_t *none = NULL;

	ck_json_set(object, "uids",
		    times_json(ck_json_number(now->euid),
			       planned ? ck_json_number(before->euid) : none,
			       runs ? ck_json_number(f->plan.after_exec.euid) : none));
	ck_json_set(object, "no_new_privs",
		    times_json(ck_json_bool(now->no_new_privs),
			       planned ? ck_json_bool(before->no_new_privs) : none,
			       runs ? ck_json_bool(before->no_new_privs) : none));
}

static json_t *forecast_json(struct ck_ctl *ctl, const struct forecast *f)
{
	json_t *object = ck_json_object(), *why = ck_json_array();
	struct ck_strings list = { .count = 0 };
	size_t i;

	if (f->found)
		reasons(ctl->arena, f, &list);
	for (i = 0; i < list.count; i++)
		ck_json_add(why, ck_json_text(list.list[i]));
	ck_json_set(object, "profile", ck_json_text(f->profile.name));
	ck_json_set(object, "command",
		    ck_json_text(f->found ? target_of(f)->path : ctl->rest[0]));
	ck_json_set(object, "now", ck_json_sets(&f->now.sets));
	ck_json_set(object, "before_exec",
		    f->plan.profile ? ck_json_sets(&f->plan.after.sets) :
				      ck_json_text(NULL));
	ck_json_set(object, "after_exec",
		    f->found && !f->plan.after_exec.error ?
			    ck_json_sets(&f->plan.after_exec.sets) :
			    ck_json_text(NULL));
	ck_json_set(object, "uid",
		    f->plan.profile ? ck_json_number(f->found ? f->plan.after_exec.euid :
								f->plan.after.euid) :
				      ck_json_text(NULL));
	add_times(object, f);
	ck_json_set(object, "why", why);
	ck_json_set(object, "refused", ck_json_diags(&ctl->diags));
	return object;
}

int ck_explain_command(struct ck_ctl *ctl, const char *name, json_t *array)
{
	static struct forecast f;
	const char *as = ck_ctl_value(ctl, "as");
	int rc;

	if (ck_ctl_profile(ctl, name, &f.profile) < 0) {
		ck_ctl_complain(ctl);
		return CK_CTL_FAILED;
	}
	if (ck_start_state(ctl, as ? as : "self", &f.now) < 0 ||
	    read_surroundings(ctl, &f) != 0)
		return CK_CTL_FAILED;
	rc = make_plan(ctl, &f);
	if (f.plan.profile && find_target(ctl, &f) < 0)
		rc = -EINVAL;
	if (ctl->json)
		ck_json_add(array, forecast_json(ctl, &f));
	else if (f.plan.profile)
		print_text(ctl, &f);
	ck_ctl_complain(ctl);
	return rc < 0 ? CK_CTL_FINDINGS : 0;
}
