/* SPDX-License-Identifier: MIT */
/*
 * What the kernel has to hold right before exec, from the words of the profile and from
 * the start alone: the tables of the specification once more, and nothing of plan.c or
 * verify.c.
 */
#include "scene.h"

#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdlib.h>
#include <string.h>

static bool has_group(const struct kernel *k, gid_t gid)
{
	size_t i;

	for (i = 0; i < k->ngroups; i++)
		if (k->groups[i] == gid)
			return true;
	return false;
}

static void expect_ids(const struct ck_profile *p, struct kernel *k)
{
	const char *user = p->user, *group = p->group;
	size_t i, j;

	if (user)
		k->ruid = k->euid = k->suid = (uid_t)strtoul(user, NULL, 10);
	if (group)
		k->rgid = k->egid = k->sgid = (gid_t)strtoul(group, NULL, 10);
	if (p->groups.kind == CK_GROUPS_UNCHANGED ||
	    (p->groups.kind == CK_GROUPS_DEFAULT && !user))
		return;
	k->ngroups = 0; /* default with a number: none; the scenes have no names */
	for (i = 0; i < p->groups.list.count; i++) {
		gid_t gid = (gid_t)strtoul(p->groups.list.list[i], NULL, 10);

		if (has_group(k, gid))
			continue;
		for (j = k->ngroups++; j > 0 && k->groups[j - 1] > gid; j--)
			k->groups[j] = k->groups[j - 1];
		k->groups[j] = gid;
	}
}

static void expect_sets(const struct ck_profile *p, const struct kernel *start,
			struct kernel *k)
{
	const struct ck_sets *was = &start->sets;
	uint64_t held = was->permitted & was->bounding;
	uint64_t kept = (p->keep.mask | p->optional.mask) & held;
	bool root = k->ruid == 0 && !(k->securebits & SECBIT_NOROOT);
	bool ambient = p->ambient == CK_YES || (p->ambient == CK_AUTO && !root);

	k->sets.permitted = k->sets.effective = kept;
	k->sets.inheritable = k->sets.ambient = ambient ? kept : 0;
	/* Without SETPCAP the bounding set stays; that the profile allows it is for the
	 * planner. */
	if (was->permitted & CK_CAP(CAP_SETPCAP))
		k->sets.bounding = kept & was->bounding;
}

static void expect_descriptors(const struct scene *scene, struct kernel *k)
{
	const struct ck_profile *p = &scene->profile;
	uint32_t stay = 7;
	size_t i;

	k->open = scene->start.open & ~scene->start.cloexec;
	if (!p->close_fds)
		return;
	for (i = 0; i < p->keep_fds.count; i++)
		stay |= 1U << strtoul(p->keep_fds.list[i], NULL, 10);
	if (scene->envp[1])
		stay |= ((1U << strtoul(strchr(scene->envp[1], '=') + 1, NULL, 10)) - 1)
			<< 3;
	k->open &= stay;
}

/* The value that the last line of this key has, or fallback. */
static const char *seccomp_value(const struct ck_profile *p, const char *key,
				 const char *fallback)
{
	size_t i;

	for (i = 0; i < p->seccomp.count; i++)
		if (!strcmp(p->seccomp.list[i].key, key))
			fallback = p->seccomp.list[i].value;
	return fallback;
}

static void expect_filter(const struct ck_profile *p, struct kernel *k)
{
	const char *flags = seccomp_value(p, "flags", "");

	if (!p->seccomp.origin.file || !strcmp(seccomp_value(p, "mode", ""), "off"))
		return;
	k->filters++;
	k->filter_flags = k->flags & ((strstr(flags, "log") ? 2U : 0U) |
				      (strstr(flags, "spec-allow") ? 4U : 0U));
}

void scene_expect(const struct scene *scene, struct kernel *ret)
{
	const struct ck_profile *p = &scene->profile;
	struct kernel *k = ret;
	int i;

	*k = scene->start;
	expect_ids(p, k);
	k->securebits |= p->securebits.on;
	k->securebits &= ~p->securebits.off;
	expect_sets(p, &scene->start, k);
	if (p->no_new_privs)
		k->no_new_privs = true;
	for (i = 0; i < CK_LIMITS; i++)
		if (p->limits[i].stated)
			k->limits[i] = p->limits[i].value;
	if (p->parent_death_signal)
		k->death_signal = p->parent_death_signal;
	if (p->umask >= 0)
		k->umask = (mode_t)p->umask;
	if (p->working_directory)
		k->directory = p->working_directory;
	if (p->new_session)
		k->terminal = false;
	expect_descriptors(scene, k);
	expect_filter(p, k);
}
