/* SPDX-License-Identifier: MIT */
/*
 * The rules of execve(2) for ids and capabilities, in the order of
 * cap_bprm_creds_from_file() in security/commoncap.c and of bprm_fill_uid() in fs/exec.c.
 * Pure; the tests compare it with what the kernel really does.
 */
#include <errno.h>
#include <linux/securebits.h>
#include <sys/stat.h>

#include "capkeep.h"

/* bprm_fill_uid(): set-user-ID and set-group-ID, ignored on nosuid mounts and with
 * no_new_privs. */
static void fill_ids(const struct ck_state *before, const struct ck_target *target,
		     struct ck_exec_result *after)
{
	after->euid = before->euid;
	after->egid = before->egid;
	if (target->nosuid || before->no_new_privs)
		return;
	if (target->mode & S_ISUID)
		after->euid = target->uid;
	if ((target->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		after->egid = target->gid;
}

/* get_file_caps(): what the file adds, masked by bounding and inheritable. */
static int file_caps(const struct ck_state *before, const struct ck_target *target,
		     bool *effective, bool *has_fcap, uint64_t *permitted)
{
	const struct ck_fcaps *fcaps = &target->fcaps;
	uint64_t wanted;

	*effective = *has_fcap = false;
	*permitted = 0;
	if (target->nosuid)
		return 0;
	if (fcaps->error == EINVAL)
		return EINVAL;
	if (!fcaps->present)
		return 0;
	*has_fcap = true;
	*effective = fcaps->effective;
	/* get_vfs_caps_from_disk() takes off what this kernel does not have. */
	wanted = fcaps->permitted & before->known;
	*permitted = (before->sets.bounding & wanted) |
		     (before->sets.inheritable & fcaps->inheritable & before->known);
	/* A program that believes in its file capabilities must not start with fewer. */
	return *effective && wanted & ~*permitted ? EPERM : 0;
}

/* handle_privileged_root(): uid 0 gets what bounding and inheritable allow. */
static void root_caps(const struct ck_state *before, const struct ck_exec_result *after,
		      bool has_fcap, bool *effective, uint64_t *permitted)
{
	bool effective_root = after->euid == 0, real_root = before->ruid == 0;

	if (before->securebits & SECBIT_NOROOT)
		return;
	if (has_fcap && effective_root && !real_root)
		return;
	if (effective_root || real_root)
		*permitted = before->sets.bounding | before->sets.inheritable;
	if (effective_root)
		*effective = true;
}

void ck_exec_predict(const struct ck_state *before, const struct ck_target *target,
		     struct ck_exec_result *ret)
{
	struct ck_exec_result after = { .sets = before->sets };
	bool effective, has_fcap, is_setid, gained;
	uint64_t permitted;

	fill_ids(before, target, &after);
	after.error = file_caps(before, target, &effective, &has_fcap, &permitted);
	root_caps(before, &after, has_fcap, &effective, &permitted);
	permitted &= before->known;
	is_setid = after.euid != before->ruid || after.egid != before->rgid;
	gained = permitted & ~before->sets.permitted;
	if ((is_setid || gained) && before->no_new_privs) {
		after.euid = before->ruid;
		after.egid = before->rgid;
		permitted &= before->sets.permitted;
	}
	if (has_fcap || is_setid)
		after.sets.ambient = 0;
	after.sets.permitted = permitted | after.sets.ambient;
	after.sets.effective = effective ? after.sets.permitted : after.sets.ambient;
	/* AT_SECURE: the loader trusts no environment, and the parent death signal is
	 * cleared. */
	after.secure =
		is_setid || (before->ruid != 0 &&
			     (effective || after.sets.permitted & ~after.sets.ambient));
	*ret = after;
}
