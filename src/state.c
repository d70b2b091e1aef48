/* SPDX-License-Identifier: MIT */
/*
 * The state of this process, by raw calls and without /proc. Each kind of call is first
 * shown to be live: a question that the kernel must refuse is put to it, and buffers are
 * poisoned, so that a filter around us that answers 0 to everything is noticed.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "capkeep.h"

#define NO_ID 0xffffffffU /* no process has the id -1 */
#define NO_SUCH_CAP 255	  /* above any set */
#define NO_SUCH_OPERATION 255

/* Where Debian's headers still have the 16-bit calls under the plain name. */
#ifdef SYS_getresuid32
#define CALL_GETRESUID SYS_getresuid32
#define CALL_GETRESGID SYS_getresgid32
#define CALL_GETGROUPS SYS_getgroups32
#else
#define CALL_GETRESUID SYS_getresuid
#define CALL_GETRESGID SYS_getresgid
#define CALL_GETGROUPS SYS_getgroups
#endif

static long query(const struct ck_sys *sys, long op, long a, long b)
{
	return sys->call(SYS_prctl, op, a, b, 0, 0);
}

static int read_caps(const struct ck_sys *sys, struct ck_state *state)
{
	struct __user_cap_header_struct head = { .version = 0 };
	struct __user_cap_data_struct data[2], poison[2];
	long rc;

	memset(poison, 0xa5, sizeof(poison));
	memcpy(data, poison, sizeof(data));
	/* An unknown version is refused, and the kernel writes the one that it wants. */
	rc = sys->call(SYS_capget, (long)&head, (long)data, 0, 0, 0);
	if (rc != -EINVAL || head.version != _LINUX_CAPABILITY_VERSION_3)
		return rc < 0 && rc != -EINVAL ? (int)rc : -EPROTO;
	rc = sys->call(SYS_capget, (long)&head, (long)data, 0, 0, 0);
	if (rc < 0)
		return (int)rc;
	if (rc > 0 || !memcmp(data, poison, sizeof(data)))
		return -EPROTO;
	state->sets.effective = data[0].effective | (uint64_t)data[1].effective << 32;
	state->sets.permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	state->sets.inheritable = data[0].inheritable | (uint64_t)data[1].inheritable
								<< 32;
	return 0;
}

/* Which numbers the kernel knows, up to the first that it does not, and which of them are
 * in the bounding set. */
static int read_bounding(const struct ck_sys *sys, struct ck_state *state)
{
	uint64_t bounding = 0, known = 0;
	unsigned int cap;
	long rc = query(sys, PR_CAPBSET_READ, NO_SUCH_CAP, 0);

	if (rc != -EINVAL)
		return rc < 0 ? (int)rc : -EPROTO;
	for (cap = 0; cap < CK_CAP_BITS; cap++) {
		rc = query(sys, PR_CAPBSET_READ, cap, 0);
		if (rc == -EINVAL && cap > 0)
			break; /* there are no gaps: 'verify' asks for the rest, too */
		if (rc < 0)
			return (int)rc;
		if (rc > 1)
			return -EPROTO;
		known |= CK_CAP(cap);
		if (rc)
			bounding |= CK_CAP(cap);
	}
	state->known = known;
	state->sets.bounding = bounding;
	return 0;
}

/*
 * The ambient set is always a part of permitted and inheritable (capabilities(7); the
 * kernel's cap_ambient_invariant_ok()), so only that part has to be asked for, bit by
 * bit.
 */
static int read_ambient(const struct ck_sys *sys, struct ck_state *state)
{
	uint64_t ambient = 0, possible = state->sets.permitted & state->sets.inheritable;
	unsigned int cap;
	long rc = query(sys, PR_CAP_AMBIENT, NO_SUCH_OPERATION, 0);

	if (rc != -EINVAL)
		return rc < 0 ? (int)rc : -EPROTO;
	for (cap = 0; cap < CK_CAP_BITS; cap++) {
		if (cap > 0 && !(possible & CK_CAP(cap)))
			continue;
		rc = query(sys, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap);
		if (rc == -EINVAL && cap == 0) {
			/* Before Linux 4.3. Were it a lie, an empty inheritable set,
			 * which is verified, would still mean an empty ambient one. */
			state->ambient_supported = false;
			state->sets.ambient = 0;
			return 0;
		}
		if (rc < 0)
			return (int)rc;
		if (rc > 1)
			return -EPROTO;
		if (rc)
			ambient |= CK_CAP(cap);
	}
	state->ambient_supported = true;
	state->sets.ambient = ambient;
	return 0;
}

static int read_flags(const struct ck_sys *sys, struct ck_state *state)
{
	long rc = query(sys, PR_GET_NO_NEW_PRIVS, 1, 0), keep;

	if (rc != -EINVAL) /* its arguments must be 0 */
		return rc < 0 ? (int)rc : -EPROTO;
	rc = query(sys, PR_GET_NO_NEW_PRIVS, 0, 0);
	if (rc < 0 || rc > 1)
		return rc < 0 ? (int)rc : -EPROTO;
	state->no_new_privs = rc == 1;
	rc = query(sys, PR_GET_SECUREBITS, 0, 0);
	keep = query(sys, PR_GET_KEEPCAPS, 0, 0);
	if (rc < 0 || keep < 0)
		return rc < 0 ? (int)rc : (int)keep;
	/* Two questions for one bit have to get one answer. */
	if ((rc & SECBIT_KEEP_CAPS ? 1 : 0) != keep)
		return -EPROTO;
	state->securebits = (unsigned int)rc;
	return 0;
}

static int read_ids(const struct ck_sys *sys, long nr, uint32_t ids[3])
{
	long rc;

	memset(ids, 0xff, 3 * sizeof(ids[0]));
	rc = sys->call(nr, (long)&ids[0], (long)&ids[1], (long)&ids[2], 0, 0);
	if (rc < 0)
		return (int)rc;
	if (rc > 0 || ids[0] == NO_ID || ids[1] == NO_ID || ids[2] == NO_ID)
		return -EPROTO;
	return 0;
}

static int read_groups(const struct ck_sys *sys, gid_t *groups, struct ck_state *state)
{
	long rc = sys->call(CALL_GETGROUPS, -1, 0, 0, 0, 0), count, i;

	if (rc != -EINVAL)
		return rc < 0 ? (int)rc : -EPROTO;
	count = sys->call(CALL_GETGROUPS, 0, 0, 0, 0, 0);
	if (count < 0 || count > CK_GROUPS_MAX)
		return count < 0 ? (int)count : -EPROTO;
	for (i = 0; i < count; i++)
		groups[i] = NO_ID;
	rc = sys->call(CALL_GETGROUPS, count, (long)groups, 0, 0, 0);
	if (rc != count)
		return rc < 0 ? (int)rc : -EPROTO;
	for (i = 0; i < count; i++)
		if (groups[i] == NO_ID)
			return -EPROTO;
	state->groups = groups;
	state->ngroups = ck_groups_sort(groups, (size_t)count);
	return 0;
}

static int read_all_ids(const struct ck_sys *sys, const char **call,
			struct ck_state *state)
{
	uint32_t ids[3];
	int rc;

	*call = "getresuid";
	rc = read_ids(sys, CALL_GETRESUID, ids);
	if (rc < 0)
		return rc;
	state->ruid = ids[0];
	state->euid = ids[1];
	state->suid = ids[2];
	*call = "getresgid";
	rc = read_ids(sys, CALL_GETRESGID, ids);
	if (rc < 0)
		return rc;
	state->rgid = ids[0];
	state->egid = ids[1];
	state->sgid = ids[2];
	return 0;
}

int ck_state_read(const struct ck_sys *sys, gid_t *groups, const char **ret_call,
		  struct ck_state *ret)
{
	struct ck_state state = { .known = 0 };
	int rc;

	*ret_call = "capget";
	rc = read_caps(sys, &state);
	if (rc == 0) {
		*ret_call = "prctl(PR_CAPBSET_READ)";
		rc = read_bounding(sys, &state);
	}
	if (rc == 0) {
		*ret_call = "prctl(PR_CAP_AMBIENT)";
		rc = read_ambient(sys, &state);
	}
	if (rc == 0) {
		*ret_call = "prctl(PR_GET_SECUREBITS, PR_GET_NO_NEW_PRIVS)";
		rc = read_flags(sys, &state);
	}
	if (rc == 0)
		rc = read_all_ids(sys, ret_call, &state);
	if (rc == 0) {
		*ret_call = "getgroups";
		rc = read_groups(sys, groups, &state);
	}
	if (rc == 0)
		*ret = state;
	return rc;
}

const char *ck_state_differs(const struct ck_state *a, const struct ck_state *b)
{
	const struct {
		const char *name;
		bool differs;
	} parts[] = {
		{ "bounding", a->sets.bounding != b->sets.bounding },
		{ "permitted", a->sets.permitted != b->sets.permitted },
		{ "effective", a->sets.effective != b->sets.effective },
		{ "inheritable", a->sets.inheritable != b->sets.inheritable },
		{ "ambient", a->sets.ambient != b->sets.ambient },
		{ "uid", a->ruid != b->ruid || a->euid != b->euid || a->suid != b->suid },
		{ "gid", a->rgid != b->rgid || a->egid != b->egid || a->sgid != b->sgid },
		{ "groups",
		  a->ngroups != b->ngroups ||
			  (a->ngroups && memcmp(a->groups, b->groups,
						a->ngroups * sizeof(*a->groups))) },
		{ "securebits", a->securebits != b->securebits },
		{ "no_new_privs", a->no_new_privs != b->no_new_privs },
	};
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(parts); i++)
		if (parts[i].differs)
			return parts[i].name;
	return NULL;
}
