/* SPDX-License-Identifier: MIT */
/*
 * Profile + live state -> plan, or every reason why not. The plan is the difference
 * between what is and what is wanted, so a privilege that the difference does not need is
 * not demanded. Makes no system call: the same input gives the same plan.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <string.h>

#include "capkeep.h"

/* The value bits of the securebits; each one's lock is the next higher bit. */
#define SECUREBIT_VALUES 0x55555555U

struct builder {
	struct ck_arena *arena;
	struct ck_diags *diags;
	const struct ck_profile *profile;
	const struct ck_state *now;
	struct ck_plan plan;
};

static bool holds(const struct builder *b, unsigned int cap)
{
	return b->now->sets.permitted & CK_CAP(cap);
}

static const char *where(const struct builder *b, const char *section, const char *key,
			 const char *step)
{
	return ck_profile_where(b->arena, b->profile, section, key, step);
}

/* "which of its sets lacks it and how it is granted" */
static const char *grant(const struct builder *b, unsigned int cap)
{
	const char *name = ck_cap_label(b->arena, cap);

	if (b->now->ruid != 0 && b->now->sets.bounding & CK_CAP(cap) && !holds(b, cap))
		return ck_format(
			b->arena,
			"it is in the bounding set, but uid %u does not hold it: start as root "
			"and let the profile or -u change the user, or grant it with "
			"AmbientCapabilities=CAP_%s",
			b->now->ruid, name);
	if (b->now->ruid != 0 && !holds(b, cap))
		return ck_format(
			b->arena,
			"it is missing in the permitted set: start as root with docker run "
			"--cap-add %s (securityContext.capabilities.add: [%s]) and let the "
			"profile or -u change the user, or grant it with "
			"AmbientCapabilities=CAP_%s",
			name, name, name);
	return ck_format(b->arena,
			 "it is missing in the %s set: grant it with docker run "
			 "--cap-add %s, securityContext.capabilities.add: [%s], or "
			 "AmbientCapabilities=CAP_%s",
			 holds(b, cap) ? "bounding" : "permitted", name, name, name);
}

static void check_start(const struct builder *b)
{
	const struct ck_state *now = b->now;

	if (now->ruid != now->euid || now->ruid != now->suid || now->rgid != now->egid ||
	    now->rgid != now->sgid)
		ck_diag_add(
			b->diags, "start",
			"real, effective and saved ids differ (uid %u %u %u, "
			"gid %u %u %u); capkeep must not be set-user-ID: chmod u-s,g-s",
			now->ruid, now->euid, now->suid, now->rgid, now->egid, now->sgid);
	else if (b->plan.around.at_secure && now->ruid != 0 &&
		 now->sets.permitted & ~now->sets.ambient)
		ck_diag_add(b->diags, "start",
			    "the file of capkeep has capabilities, which anybody "
			    "could use through it; take them away: setcap -r");
}

static void check_kept(const struct builder *b, uint64_t missing)
{
	unsigned int cap;

	for (cap = 0; cap < CK_CAP_BITS; cap++) {
		if (!(missing & CK_CAP(cap)))
			continue;
		if (!(b->now->known & CK_CAP(cap)))
			ck_diag_add(
				b->diags, where(b, "capabilities", "keep", "keep"),
				"keep: this kernel does not know %s; write it under optional",
				ck_cap_label(b->arena, cap));
		else
			ck_diag_add(b->diags, where(b, "capabilities", "keep", "keep"),
				    "keep: %s cannot be kept: %s",
				    ck_cap_label(b->arena, cap), grant(b, cap));
	}
}

static void plan_kept(struct builder *b)
{
	const struct ck_profile *profile = b->profile;
	uint64_t held = b->now->sets.permitted & b->now->sets.bounding & b->now->known;

	check_kept(b, profile->keep.mask & ~held);
	b->plan.keep = (profile->keep.mask | profile->optional.mask) & held;
	b->plan.absent = profile->optional.mask & ~profile->keep.mask & ~held;
}

static void plan_no_new_privs(struct builder *b)
{
	b->plan.after.no_new_privs = b->now->no_new_privs || b->profile->no_new_privs;
	if (b->now->no_new_privs && !b->profile->no_new_privs)
		ck_diag_add(
			b->diags, where(b, "process", "no-new-privs", "no_new_privs"),
			"no-new-privs = no cannot be had: it is set already and stays set; start "
			"without --security-opt no-new-privileges (allowPrivilegeEscalation: "
			"false, NoNewPrivileges=yes), or write yes");
}

/* Without SETPCAP the bounding set stays wide. What a process does not hold it cannot
 * gain at exec under no_new_privs, so that can stand in, where the profile allows it. */
static bool may_waive(const struct builder *b)
{
	if (!b->plan.after.no_new_privs)
		return false;
	if (b->profile->bounding == CK_BOUNDING_IF_POSSIBLE)
		return true;
	return b->profile->bounding == CK_BOUNDING_AUTO && b->now->sets.permitted == 0;
}

static void refuse_bounding(const struct builder *b, uint64_t extra)
{
	const char *remedy =
		"drop them outside (docker run --cap-drop ALL, capabilities.drop: "
		"[ALL], CapabilityBoundingSet=), grant SETPCAP, or let no_new_privs "
		"stand in: bounding = if-possible";

	if (!b->plan.after.no_new_privs)
		remedy =
			"drop them outside (docker run --cap-drop ALL, capabilities.drop: [ALL], "
			"CapabilityBoundingSet=), grant SETPCAP, or set no-new-privs = yes";
	else if (b->now->sets.permitted == 0)
		remedy =
			"drop them outside (docker run --cap-drop ALL, capabilities.drop: [ALL], "
			"CapabilityBoundingSet=), or, since nothing is held, let no_new_privs stand "
			"in: bounding = auto";
	ck_diag_add(
		b->diags, where(b, "capabilities", "bounding", "bounding"),
		"the bounding set cannot be cut: SETPCAP is missing in the permitted set, and "
		"%s would stay; %s",
		ck_sets_text(b->arena, extra, b->now->known), remedy);
}

static void plan_bounding(struct builder *b)
{
	uint64_t extra = b->now->sets.bounding & ~b->plan.keep;

	b->plan.after.sets.bounding = b->now->sets.bounding & b->plan.keep;
	if (!extra)
		return;
	if (holds(b, CAP_SETPCAP)) {
		b->plan.todo |= 1U << CK_STEP_BOUNDING;
		return;
	}
	if (!may_waive(b))
		refuse_bounding(b, extra);
	b->plan.bounding_waived = true;
	b->plan.after.sets.bounding = b->now->sets.bounding;
}

/* A step that needs a capability, on account of a key of a section. */
static void need(const struct builder *b, unsigned int cap, const char *section,
		 const char *key, const char *what)
{
	if (!holds(b, cap))
		ck_diag_add(b->diags,
			    where(b, section, key, where(b, "process", "user", key)),
			    "%s: %s needs %s, and %s", key, what,
			    ck_cap_label(b->arena, cap), grant(b, cap));
}

static bool same_groups(const struct ck_state *now, const struct ck_identity *id)
{
	return now->ngroups == id->ngroups &&
	       (!id->ngroups ||
		!memcmp(now->groups, id->groups, id->ngroups * sizeof(*id->groups)));
}

static void plan_ids(struct builder *b)
{
	const struct ck_identity *id = b->plan.identity;
	struct ck_state *after = &b->plan.after;

	after->ruid = after->euid = after->suid = id->uid;
	after->rgid = after->egid = after->sgid = id->gid;
	if (id->uid != b->now->ruid) {
		b->plan.todo |= 1U << CK_STEP_UID;
		need(b, CAP_SETUID, "process", "user", "changing the uid");
	}
	if (id->gid != b->now->rgid) {
		b->plan.todo |= 1U << CK_STEP_GID;
		need(b, CAP_SETGID, "process", "group",
		     "changing the gid and the supplementary groups");
	}
	if (id->groups_unchanged || same_groups(b->now, id))
		return;
	after->groups = id->groups;
	after->ngroups = id->ngroups;
	b->plan.todo |= 1U << CK_STEP_GROUPS;
	if (id->gid == b->now->rgid) /* else it is said already */
		need(b, CAP_SETGID, "process", "groups",
		     "changing the supplementary groups");
}

static void plan_securebits(struct builder *b)
{
	const struct ck_securebits *bits = &b->profile->securebits;
	unsigned int found = b->now->securebits, wanted = (found | bits->on) & ~bits->off;
	unsigned int locked = found >> 1 & (wanted ^ found) & SECUREBIT_VALUES;

	b->plan.after.securebits = wanted;
	if (wanted == found)
		return;
	b->plan.todo |= 1U << CK_STEP_SECUREBITS;
	if (locked)
		ck_diag_add(
			b->diags, where(b, "capabilities", "securebits", "securebits"),
			"securebits: %s cannot be had, the bit is locked the other way "
			"(found 0x%x, wanted 0x%x); start without the lock",
			locked & SECBIT_KEEP_CAPS ?
				"keep-caps-off" :
				ck_securebits_text(b->arena, locked | locked << 1),
			found, wanted);
	need(b, CAP_SETPCAP, "capabilities", "securebits", "setting them");
}

/* cap_emulate_setxuid(): leaving uid 0 clears the sets, and the ambient one even under
 * KEEPCAPS. */
static bool leaves_root(const struct builder *b)
{
	return b->now->ruid == 0 && b->plan.after.ruid != 0 &&
	       !(b->now->securebits & SECBIT_NO_SETUID_FIXUP);
}

static void plan_keepcaps(struct builder *b)
{
	unsigned int found = b->now->securebits;

	b->plan.working = b->plan.keep;
	if (ck_plan_has(&b->plan, CK_STEP_SECUREBITS))
		b->plan.working |= CK_CAP(CAP_SETPCAP);
	if (b->plan.working != b->plan.keep)
		b->plan.todo |= 1U << CK_STEP_FINAL_SETS;
	if (!leaves_root(b) || !b->plan.working || found & SECBIT_KEEP_CAPS)
		return;
	b->plan.keepcaps = true;
	if (found & SECBIT_KEEP_CAPS_LOCKED)
		ck_diag_add(
			b->diags, where(b, "process", "user", "uid"),
			"user: changing it loses every capability, since KEEP_CAPS is locked "
			"off in the securebits (0x%x); start without the lock",
			found);
}

static const char *ambient_at(const struct builder *b)
{
	return where(b, "capabilities", "ambient", "ambient");
}

static void plan_ambient(struct builder *b)
{
	struct ck_plan *plan = &b->plan;
	const struct ck_state *now = b->now;
	bool raise = b->profile->ambient == CK_YES ||
		     (b->profile->ambient == CK_AUTO && !plan->root_stays);
	uint64_t wanted = raise ? plan->keep : 0;
	uint64_t left = leaves_root(b) ? 0 : now->sets.ambient & wanted;

	plan->after.sets.ambient = plan->after.sets.inheritable = wanted;
	if (now->sets.ambient & ~wanted)
		plan->todo |= 1U << CK_STEP_AMBIENT_CLEAR;
	if (!(wanted & ~left))
		return;
	plan->todo |= 1U << CK_STEP_AMBIENT;
	if (!now->ambient_supported)
		ck_diag_add(b->diags, ambient_at(b),
			    "this kernel has no ambient set (Linux 4.3), and exec "
			    "would lose %s",
			    ck_cap_text(b->arena, wanted));
	if (now->securebits & SECBIT_NO_CAP_AMBIENT_RAISE)
		ck_diag_add(b->diags, ambient_at(b),
			    "%s cannot be raised, NO_CAP_AMBIENT_RAISE is set "
			    "in the securebits (0x%x); start without it",
			    ck_cap_text(b->arena, wanted), now->securebits);
}

/* What the ids and the uid step leave of the sets decides whether 'sets' has work. */
static void plan_sets(struct builder *b)
{
	struct ck_plan *plan = &b->plan;
	const struct ck_sets *now = &b->now->sets;
	unsigned int privileged = 1U << CK_STEP_BOUNDING | 1U << CK_STEP_GROUPS |
				  1U << CK_STEP_GID | 1U << CK_STEP_UID |
				  1U << CK_STEP_SECUREBITS | 1U << CK_STEP_LIMITS;
	uint64_t permitted = now->permitted, effective = now->effective;

	plan->after.sets.permitted = plan->after.sets.effective = plan->keep;
	if (permitted != effective && plan->todo & privileged) {
		plan->todo |= 1U << CK_STEP_EFFECTIVE;
		effective = permitted;
	}
	if (leaves_root(b)) {
		effective = 0;
		if (!plan->keepcaps && !(b->now->securebits & SECBIT_KEEP_CAPS))
			permitted = 0;
	}
	if (permitted != plan->working || effective != plan->working ||
	    now->inheritable != plan->after.sets.inheritable)
		plan->todo |= 1U << CK_STEP_SETS;
}

static void check_limit(const struct builder *b, int i, const struct rlimit *wanted)
{
	const struct rlimit *found = &b->plan.around.limits[i];
	const char *name = ck_limit_names[i];

	if (wanted->rlim_max <= found->rlim_max || holds(b, CAP_SYS_RESOURCE))
		return;
	ck_diag_add(
		b->diags, where(b, "limits", name, "limits"),
		"%s: write at most %llu, the hard limit of this process; raising it needs "
		"SYS_RESOURCE, and %s",
		name, (unsigned long long)found->rlim_max, grant(b, CAP_SYS_RESOURCE));
}

static void plan_limits(struct builder *b)
{
	struct ck_plan *plan = &b->plan;
	int i;

	for (i = 0; i < CK_LIMITS; i++) {
		const struct ck_limit *limit = &b->profile->limits[i];

		plan->limits[i] = plan->around.limits[i];
		if (!limit->stated ||
		    !memcmp(&limit->value, &plan->limits[i], sizeof(limit->value)))
			continue;
		plan->limits[i] = limit->value;
		plan->todo |= 1U << CK_STEP_LIMITS;
		check_limit(b, i, &limit->value);
	}
}

static void plan_session(struct builder *b)
{
	const struct ck_surroundings *around = &b->plan.around;
	bool leader = around->session == around->pid;
	const char *at;

	if (!b->profile->new_session || (!around->terminal && !around->terminal_unknown))
		return;
	b->plan.todo |= 1U << CK_STEP_SESSION;
	at = where(b, "process", "new-session", "session");
	if (leader && around->terminal_unknown)
		ck_diag_add(
			b->diags, at,
			"new-session: this process leads its session, and whether "
			"that has a terminal cannot be seen: /dev/tty cannot be opened");
	if (!leader && around->process_group == around->pid && around->parent_group <= 0)
		ck_diag_add(
			b->diags, at,
			"new-session: this process leads its group, and its "
			"parent's group, which it would join, cannot be seen from here");
}

static void plan_process(struct builder *b)
{
	struct ck_plan *plan = &b->plan;
	unsigned int ids = 1U << CK_STEP_UID | 1U << CK_STEP_GID;
	int found = plan->around.parent_death_signal;

	if (b->profile->umask >= 0)
		plan->todo |= 1U << CK_STEP_UMASK;
	if (b->profile->working_directory)
		plan->todo |= 1U << CK_STEP_WORKING_DIRECTORY;
	plan->parent_death_signal = b->profile->parent_death_signal;
	if (!plan->parent_death_signal)
		plan->parent_death_signal = found;
	/* A change of ids clears the one that was found, and it has to stay as it was. */
	if (plan->parent_death_signal &&
	    (plan->parent_death_signal != found || plan->todo & ids))
		plan->todo |= 1U << CK_STEP_PARENT_DEATH_SIGNAL;
	if (b->profile->no_new_privs && !b->now->no_new_privs)
		plan->todo |= 1U << CK_STEP_NO_NEW_PRIVS;
	plan->todo |= 1U << CK_STEP_COMMAND | 1U << CK_STEP_VERIFY | 1U << CK_STEP_EXEC;
}

int ck_plan_build(const struct ck_plan_input *input, struct ck_diags *diags,
		  struct ck_plan *ret)
{
	struct builder b = { .arena = diags->arena,
			     .diags = diags,
			     .profile = input->profile,
			     .now = input->now };
	struct ck_plan *plan = &b.plan;
	size_t before = diags->count;

	plan->profile = input->profile;
	plan->identity = input->identity;
	plan->around = *input->around;
	plan->before = plan->after = *input->now;
	check_start(&b);
	if (diags->count > before)
		return -EPERM; /* with the wrong ids everything else is wrong, too */
	plan_kept(&b);
	plan_no_new_privs(&b);
	plan_bounding(&b);
	plan_ids(&b);
	plan_securebits(&b);
	plan->root_stays =
		plan->after.ruid == 0 && !(plan->after.securebits & SECBIT_NOROOT);
	plan_keepcaps(&b);
	plan_ambient(&b);
	plan_limits(&b);
	plan_sets(&b);
	plan_session(&b);
	plan_process(&b);
	*ret = *plan;
	return diags->count > before ? -EINVAL : 0;
}
