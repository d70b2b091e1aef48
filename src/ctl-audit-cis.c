/* SPDX-License-Identifier: MIT */
/*
 * CIS Docker on containers: what is configured, and beside it what is in force. A
 * launcher narrows the main process only; docker exec and health checks get what is
 * configured.
 */
#include <linux/capability.h>
#include <string.h>

#include "ctl-audit.h"

#define NET_RAW CK_CAP(CAP_NET_RAW)

struct subject {
	struct ck_audit *audit;
	uint32_t number;
	const struct ck_spec *spec;
	const struct ck_process *process;
	uint64_t known, configured;
	uint64_t in_force; /* what the main process holds or can gain by exec */
};

static const char *text(const struct subject *s, uint64_t mask)
{
	return ck_cap_text(&s->audit->item, mask);
}

static uint64_t reachable(const struct ck_state *state)
{
	const struct ck_sets *sets = &state->sets;

	/* The bounding set does not limit what file capabilities let through of the
	 * inheritable one. */
	return sets->permitted |
	       (state->no_new_privs ? 0 : sets->bounding | sets->inheritable);
}

static bool is_root(const char *user)
{
	return !user || ck_is_root_word(user);
}

/* Any of its ids may be taken up again. */
static bool is_root_process(const struct ck_process *process)
{
	const struct ck_state *state = &process->state;

	return !state->ruid || !state->euid || !state->suid || !process->fsuid;
}

static void judge_user(const struct subject *s)
{
	const struct ck_process *process = s->process;

	if (s->spec->user_varies)
		ck_audit_add(s->audit, s->number, CK_CIS_USER, CK_WARN,
			     "the user is decided by interpolation");
	else if (!is_root(s->spec->user))
		ck_audit_add(s->audit, s->number, CK_CIS_USER, CK_PASS,
			     "does not run as root");
	else if (!s->spec->user && !strcmp(s->spec->kind, "service"))
		ck_audit_add(s->audit, s->number, CK_CIS_USER, CK_WARN,
			     "states no user, so the image decides");
	else if (process && !is_root_process(process))
		ck_audit_add(
			s->audit, s->number, CK_CIS_USER, CK_WARN,
			"is configured as root; the main process became another user, "
			"docker exec does not");
	else if (process && s->in_force == 0)
		ck_audit_add(
			s->audit, s->number, CK_CIS_USER, CK_WARN,
			"runs as uid 0 without any capability, which still owns root's "
			"files");
	else
		ck_audit_add(s->audit, s->number, CK_CIS_USER, CK_FAIL, "runs as root");
}

static bool judge_net_raw(const struct subject *s)
{
	if (!(s->configured & NET_RAW) || s->spec->privileged)
		return false;
	if (s->spec->drop_all || s->spec->add & NET_RAW)
		ck_audit_add(s->audit, s->number, CK_CIS_CAPS, CK_WARN,
			     "NET_RAW is added by name: is it needed?");
	else if (s->process && !(s->in_force & NET_RAW))
		ck_audit_add(
			s->audit, s->number, CK_CIS_CAPS, CK_WARN,
			"NET_RAW is not dropped; the main process cannot have it, docker "
			"exec can");
	else
		ck_audit_add(s->audit, s->number, CK_CIS_CAPS, CK_FAIL,
			     "NET_RAW is not dropped");
	return true;
}

static void judge_caps(const struct subject *s)
{
	uint64_t extra = s->configured & ~s->spec->base;
	bool found = judge_net_raw(s) || s->spec->caps_vary;
	size_t i;

	if (s->spec->privileged || s->configured == s->known) {
		ck_audit_add(s->audit, s->number, CK_CIS_CAPS, CK_FAIL,
			     "has every capability");
		return;
	}
	if (extra & ck_caps_root())
		ck_audit_add(s->audit, s->number, CK_CIS_CAPS, CK_FAIL,
			     "adds what amounts to root: %s",
			     text(s, extra & ck_caps_root()));
	if (extra & ~ck_caps_root())
		ck_audit_add(s->audit, s->number, CK_CIS_CAPS, CK_WARN,
			     "adds beyond the default: %s: needed?",
			     text(s, extra & ~ck_caps_root()));
	for (i = 0; i < s->spec->unknown.count; i++)
		ck_audit_add(s->audit, s->number, CK_CIS_CAPS, CK_WARN,
			     "names an unknown capability: %s", s->spec->unknown.list[i]);
	for (i = 0; i < s->spec->unknown_drop.count; i++)
		ck_audit_add(s->audit, s->number, CK_CIS_CAPS, CK_WARN,
			     "names an unknown capability: %s",
			     s->spec->unknown_drop.list[i]);
	if (s->spec->caps_vary)
		ck_audit_add(s->audit, s->number, CK_CIS_CAPS, CK_WARN,
			     "capabilities are decided by interpolation");
	if (!found && !extra && !s->spec->unknown.count && !s->spec->unknown_drop.count)
		ck_audit_add(s->audit, s->number, CK_CIS_CAPS, CK_PASS,
			     "NET_RAW is dropped and nothing beyond the default is "
			     "added");
}

static void judge_privileged(const struct subject *s)
{
	if (s->spec->privileged)
		ck_audit_add(s->audit, s->number, CK_CIS_PRIVILEGED, CK_FAIL,
			     "is privileged");
	else if (s->configured == s->known)
		ck_audit_add(s->audit, s->number, CK_CIS_PRIVILEGED, CK_FAIL,
			     "has every capability, as if it were privileged");
	else
		ck_audit_add(s->audit, s->number, CK_CIS_PRIVILEGED, CK_PASS,
			     "is not privileged");
}

static void judge_seccomp(const struct subject *s)
{
	const char *stated = s->spec->seccomp;

	if (stated && !strcmp(stated, "unconfined"))
		ck_audit_add(s->audit, s->number, CK_CIS_SECCOMP, CK_FAIL,
			     "seccomp is switched off");
	else if (s->spec->privileged && !stated)
		ck_audit_add(s->audit, s->number, CK_CIS_SECCOMP, CK_FAIL,
			     "seccomp is off, since it is privileged");
	else if (s->spec->seccomp_varies)
		ck_audit_add(s->audit, s->number, CK_CIS_SECCOMP, CK_WARN,
			     "seccomp is decided by interpolation");
	else if (s->process && s->process->seccomp == 0)
		ck_audit_add(s->audit, s->number, CK_CIS_SECCOMP, CK_FAIL,
			     "no filter is in force, whatever is configured");
	else if (s->process && s->process->seccomp < 0)
		ck_audit_add(s->audit, s->number, CK_CIS_SECCOMP, CK_WARN,
			     "the kernel does not tell whether a filter is in force");
	else
		ck_audit_add(s->audit, s->number, CK_CIS_SECCOMP, CK_PASS,
			     s->process ? "a filter is in force" : "is not switched off");
}

static void judge_no_new_privs(const struct subject *s)
{
	if (s->spec->privs_vary)
		ck_audit_add(s->audit, s->number, CK_CIS_NO_NEW_PRIVS, CK_WARN,
			     "no-new-privileges is decided by interpolation");
	else if (s->spec->no_new_privs == CK_YES)
		ck_audit_add(s->audit, s->number, CK_CIS_NO_NEW_PRIVS, CK_PASS, "is set");
	else if (s->process && s->process->state.no_new_privs)
		ck_audit_add(
			s->audit, s->number, CK_CIS_NO_NEW_PRIVS, CK_WARN,
			"no-new-privileges is not set; the main process has it, docker "
			"exec has "
			"not");
	else
		ck_audit_add(s->audit, s->number, CK_CIS_NO_NEW_PRIVS, CK_FAIL,
			     "no-new-privileges is not set");
}

static void judge_in_force(const struct subject *s)
{
	struct ck_arena *arena = &s->audit->item;

	if (!s->process)
		return;
	if (s->spec->behind)
		ck_audit_add(
			s->audit, s->number, CK_CIS_IN_FORCE, CK_INFO,
			"its first process is %s, taken for an init: the first child is "
			"what was looked at",
			s->spec->behind);
	if (s->in_force & ~s->configured)
		ck_audit_add(s->audit, s->number, CK_CIS_IN_FORCE, CK_WARN,
			     "wider than configured: in force %s, configured %s",
			     ck_compact(arena, s->in_force, s->known),
			     ck_compact(arena, s->configured, s->known));
	else if (s->in_force != s->configured)
		ck_audit_add(s->audit, s->number, CK_CIS_IN_FORCE, CK_INFO,
			     "narrower than configured: in force %s, configured %s",
			     ck_compact(arena, s->in_force, s->known),
			     ck_compact(arena, s->configured, s->known));
	else
		ck_audit_add(s->audit, s->number, CK_CIS_IN_FORCE, CK_PASS,
			     "as configured");
}

void ck_audit_cis(struct ck_audit *audit, uint32_t number, const struct ck_spec *spec,
		  const struct ck_process *process)
{
	struct subject s = { audit, number, spec, process, ck_caps_known(), 0, 0 };

	s.configured = ck_spec_caps(spec, s.known);
	s.in_force = process ? reachable(&process->state) : s.configured;
	judge_user(&s);
	judge_caps(&s);
	judge_privileged(&s);
	judge_seccomp(&s);
	judge_no_new_privs(&s);
	judge_in_force(&s);
}

/* What it holds, and what exec can give it: a program of uid 0, or one with the
 * set-user-ID bit or file capabilities. */
static void judge_process_caps(const struct subject *s, bool root)
{
	uint64_t held = s->configured, gain = s->in_force & ~held;
	uint64_t extra = held & ~CK_DOCKER_DEFAULT, powers = ck_caps_root();
	bool found = held & NET_RAW;

	if (held == s->known) {
		ck_audit_add(s->audit, s->number, CK_CIS_CAPS, CK_FAIL,
			     "has every capability");
		return;
	}
	if (found)
		ck_audit_add(s->audit, s->number, CK_CIS_CAPS, CK_WARN,
			     "holds NET_RAW: is it needed?");
	if (extra & powers)
		ck_audit_add(s->audit, s->number, CK_CIS_CAPS, CK_FAIL,
			     "holds what amounts to root: %s", text(s, extra & powers));
	if (extra & ~powers & ~NET_RAW)
		ck_audit_add(s->audit, s->number, CK_CIS_CAPS, CK_WARN,
			     "holds more than docker's default: %s: needed?",
			     text(s, extra & ~powers & ~NET_RAW));
	if (gain & (powers | NET_RAW | ~CK_DOCKER_DEFAULT))
		ck_audit_add(s->audit, s->number, CK_CIS_CAPS, root ? CK_FAIL : CK_WARN,
			     "can gain by exec: %s",
			     ck_compact(&s->audit->item, gain, s->known));
	else if (!found && !extra)
		ck_audit_add(s->audit, s->number, CK_CIS_CAPS, CK_PASS,
			     "holds neither NET_RAW nor more than docker's default");
}

static void judge_process_privileged(const struct subject *s, bool root)
{
	if (s->configured == s->known)
		ck_audit_add(s->audit, s->number, CK_CIS_PRIVILEGED, CK_FAIL,
			     "has every capability, as if it were privileged");
	else if (s->in_force == s->known)
		ck_audit_add(s->audit, s->number, CK_CIS_PRIVILEGED,
			     root ? CK_FAIL : CK_WARN,
			     "can gain every capability by exec");
	else
		ck_audit_add(s->audit, s->number, CK_CIS_PRIVILEGED, CK_PASS,
			     "is not privileged");
}

/* A process has no configuration: what it holds or can gain is what is judged. */
void ck_audit_process(struct ck_audit *audit, const struct ck_process *process)
{
	struct ck_spec spec = { .kind = "process" };
	struct subject s = { .audit = audit,
			     .spec = &spec,
			     .process = process,
			     .known = ck_caps_known(),
			     .configured = process->state.sets.permitted,
			     .in_force = reachable(&process->state) };
	bool root = is_root_process(process);

	spec.user = root ? NULL : "other";
	spec.no_new_privs = process->state.no_new_privs ? CK_YES : CK_AUTO;
	spec.name = ck_format(&audit->item, "%d %s", (int)process->pid, process->name);
	s.number = ck_audit_subject(audit, spec.name);
	judge_user(&s);
	judge_process_caps(&s, root);
	judge_process_privileged(&s, root);
	judge_seccomp(&s);
	judge_no_new_privs(&s);
}

void ck_audit_profile(struct ck_audit *audit, const struct ck_profile *profile)
{
	struct ck_spec spec = { .kind = "service",
				.name = profile->name,
				.base = CK_DOCKER_DEFAULT,
				.drop_all = true };
	uint32_t number = ck_audit_subject(audit, profile->name);
	struct subject s = { audit, number, &spec, NULL, ck_caps_known(), 0, 0 };
	uint64_t root = profile->keep.mask & ck_caps_root() & CK_DOCKER_DEFAULT;

	spec.add = profile->keep.mask | profile->optional.mask;
	spec.user = profile->user;
	spec.no_new_privs = profile->no_new_privs ? CK_YES : CK_NO;
	s.configured = s.in_force = spec.add & s.known;
	if (!profile->user)
		ck_audit_add(audit, number, CK_CIS_USER, CK_WARN,
			     "the user stays as it is started, root as a rule");
	else
		judge_user(&s);
	judge_caps(&s);
	if (root)
		ck_audit_add(audit, number, CK_CIS_CAPS, CK_INFO,
			     "keeps what amounts to root: %s", text(&s, root));
	judge_no_new_privs(&s);
}
