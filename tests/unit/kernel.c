/* SPDX-License-Identifier: MIT */
/*
 * The model of the kernel's rules; see kernel.h. The sources are security/commoncap.c and
 * kernel/sys.c of Linux 6.18. Nothing here is shared with src/: it has to be right on its
 * own.
 */
#include "kernel.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define LAST_CAP 40
#define BIT(n) (UINT64_C(1) << (n))

void kernel_init(struct kernel *kernel)
{
	uint64_t all = BIT(LAST_CAP + 1) - 1;
	int i;

	memset(kernel, 0, sizeof(*kernel));
	kernel->known = all;
	kernel->sets =
		(struct ck_sets){ .bounding = all, .permitted = all, .effective = all };
	for (i = 0; i < CK_LIMITS; i++)
		kernel->limits[i] = (struct rlimit){ 1000U + (unsigned int)i, 100000 };
	kernel->umask = 022;
	kernel->directory = "/";
	kernel->pid = 100;
	kernel->parent = 50;
	kernel->session = kernel->parent_group = kernel->group = 50;
	kernel->open = 7;
	kernel->flags = 0x3f; /* Linux 6.18 */
}

static bool is_known(const struct kernel *k, unsigned long cap)
{
	return cap < CK_CAP_BITS && k->known & BIT(cap);
}

static bool capable(const struct kernel *k, unsigned int cap)
{
	return k->sets.effective & BIT(cap);
}

static long set_securebits(struct kernel *k, unsigned long bits)
{
	/* SECBIT_EXEC_RESTRICT_FILE and SECBIT_EXEC_DENY_INTERACTIVE with their locks,
	 * Linux 6.14 */
	const unsigned long unprivileged = 0xf00, supported = 0xfff;
	unsigned long changed = k->securebits ^ bits,
		      locks = (0xaaUL | 0xa00) & k->securebits;

	if (locks >> 1 & changed || locks & ~bits || bits & ~supported)
		return -EPERM;
	if (!capable(k, CAP_SETPCAP) && (!changed || changed & ~unprivileged))
		return -EPERM;
	k->securebits = (unsigned int)bits;
	return 0;
}

static long set_keepcaps(struct kernel *k, unsigned long on)
{
	if (on > 1)
		return -EINVAL;
	if (k->securebits & SECBIT_KEEP_CAPS_LOCKED)
		return -EPERM;
	k->securebits &= ~(unsigned int)SECBIT_KEEP_CAPS;
	k->securebits |= on ? SECBIT_KEEP_CAPS : 0;
	return 0;
}

static long change_ambient(struct kernel *k, unsigned long op, unsigned long cap,
			   unsigned long d, unsigned long e)
{
	if (k->no_ambient)
		return -EINVAL;
	if (op == PR_CAP_AMBIENT_CLEAR_ALL) {
		if (cap | d | e)
			return -EINVAL;
		k->sets.ambient = 0;
		return 0;
	}
	if (!is_known(k, cap) || d | e)
		return -EINVAL;
	switch (op) {
	case PR_CAP_AMBIENT_IS_SET:
		return k->sets.ambient & BIT(cap) ? 1 : 0;
	case PR_CAP_AMBIENT_RAISE:
		if (!(k->sets.permitted & k->sets.inheritable & BIT(cap)) ||
		    k->securebits & SECBIT_NO_CAP_AMBIENT_RAISE)
			return -EPERM;
		k->sets.ambient |= BIT(cap);
		return 0;
	case PR_CAP_AMBIENT_LOWER:
		k->sets.ambient &= ~BIT(cap);
		return 0;
	default:
		return -EINVAL;
	}
}

static long drop_bounding(struct kernel *k, unsigned long cap)
{
	if (!capable(k, CAP_SETPCAP))
		return -EPERM;
	if (!is_known(k, cap))
		return -EINVAL;
	k->sets.bounding &= ~BIT(cap);
	return 0;
}

static long call_prctl(struct kernel *k, long op, unsigned long b, unsigned long c,
		       unsigned long d, unsigned long e)
{
	switch (op) {
	case PR_SET_NO_NEW_PRIVS:
		if (b != 1 || c | d | e)
			return -EINVAL;
		k->no_new_privs = true;
		return 0;
	case PR_GET_NO_NEW_PRIVS:
		return b | c | d | e ? -EINVAL : k->no_new_privs;
	case PR_CAPBSET_READ:
		return !is_known(k, b) ? -EINVAL : k->sets.bounding & BIT(b) ? 1 : 0;
	case PR_CAPBSET_DROP:
		return drop_bounding(k, b);
	case PR_SET_SECUREBITS:
		return set_securebits(k, b);
	case PR_GET_SECUREBITS:
		return (long)k->securebits;
	case PR_SET_KEEPCAPS:
		return set_keepcaps(k, b);
	case PR_GET_KEEPCAPS:
		return k->securebits & SECBIT_KEEP_CAPS ? 1 : 0;
	case PR_CAP_AMBIENT:
		return change_ambient(k, b, c, d, e);
	case PR_SET_PDEATHSIG:
		if (b > 64)
			return -EINVAL;
		k->death_signal = (int)b;
		return 0;
	case PR_GET_PDEATHSIG:
		if (!b)
			return -EFAULT;
		*(int *)b = k->death_signal;
		return 0;
	case PR_SET_DUMPABLE:
		if (b > 1)
			return -EINVAL;
		k->undumpable = !b;
		return 0;
	case PR_GET_DUMPABLE:
		return !k->undumpable;
	case PR_SET_SECCOMP:
		return b == SECCOMP_MODE_FILTER ?
			       kernel_seccomp(k, SECCOMP_SET_MODE_FILTER, 0,
					      (const void *)c) :
			       -EINVAL;
	default:
		return -EINVAL;
	}
}

static uint64_t join(uint32_t low, uint32_t high)
{
	return low | (uint64_t)high << 32;
}

static long check_version(struct __user_cap_header_struct *head, const void *data)
{
	if (!head)
		return -EFAULT;
	if (head->version == _LINUX_CAPABILITY_VERSION_3)
		return data ? 0 : -EFAULT;
	head->version = _LINUX_CAPABILITY_VERSION_3;
	return -EINVAL;
}

static long call_capget(const struct kernel *k, struct __user_cap_header_struct *head,
			struct __user_cap_data_struct *data)
{
	long rc = check_version(head, data);
	int i;

	for (i = 0; rc == 0 && i < 2; i++)
		data[i] = (struct __user_cap_data_struct){
			(uint32_t)(k->sets.effective >> (32 * i)),
			(uint32_t)(k->sets.permitted >> (32 * i)),
			(uint32_t)(k->sets.inheritable >> (32 * i)),
		};
	return rc;
}

/* cap_capset() */
static long call_capset(struct kernel *k, struct __user_cap_header_struct *head,
			const struct __user_cap_data_struct *data)
{
	struct ck_sets *sets = &k->sets;
	uint64_t effective, permitted, inheritable;
	long rc = check_version(head, data);

	if (rc < 0)
		return rc;
	assert_true(k->undumpable || !k->helper);
	effective = join(data[0].effective, data[1].effective) & k->known;
	permitted = join(data[0].permitted, data[1].permitted) & k->known;
	inheritable = join(data[0].inheritable, data[1].inheritable) & k->known;
	if ((!capable(k, CAP_SETPCAP) &&
	     inheritable & ~(sets->inheritable | sets->permitted)) ||
	    inheritable & ~(sets->inheritable | sets->bounding) ||
	    permitted & ~sets->permitted || effective & ~permitted)
		return -EPERM;
	sets->effective = effective;
	sets->permitted = permitted;
	sets->inheritable = inheritable;
	sets->ambient &= permitted & inheritable;
	return 0;
}

/* commit_creds(): when ids or privilege change, the signal goes, and memory is as open as
 * fs.suid_dumpable says; here, 1. */
static void changed_ids(struct kernel *k, const struct kernel *old)
{
	if (old->euid != k->euid || old->egid != k->egid ||
	    k->sets.permitted & ~old->sets.permitted) {
		k->death_signal = 0;
		k->undumpable = false;
	}
}

static bool is_one_of(uint32_t id, uint32_t a, uint32_t b, uint32_t c)
{
	return id == UINT32_MAX || id == a || id == b || id == c;
}

/* cap_emulate_setxuid() */
static void fix_setuid(struct kernel *k, const struct kernel *old)
{
	if (k->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	if ((!old->ruid || !old->euid || !old->suid) && k->ruid && k->euid && k->suid) {
		if (!(k->securebits & SECBIT_KEEP_CAPS))
			k->sets.permitted = k->sets.effective = 0;
		k->sets.ambient = 0;
	}
	if (!old->euid && k->euid)
		k->sets.effective = 0;
	if (old->euid && !k->euid)
		k->sets.effective = k->sets.permitted;
}

static long call_setresuid(struct kernel *k, uid_t r, uid_t e, uid_t s)
{
	const struct kernel old = *k;

	if (!capable(k, CAP_SETUID) && !(is_one_of(r, k->ruid, k->euid, k->suid) &&
					 is_one_of(e, k->ruid, k->euid, k->suid) &&
					 is_one_of(s, k->ruid, k->euid, k->suid)))
		return -EPERM;
	k->ruid = r == UINT32_MAX ? k->ruid : r;
	k->euid = e == UINT32_MAX ? k->euid : e;
	k->suid = s == UINT32_MAX ? k->suid : s;
	fix_setuid(k, &old);
	changed_ids(k, &old);
	return 0;
}

static long call_setresgid(struct kernel *k, gid_t r, gid_t e, gid_t s)
{
	const struct kernel old = *k;

	if (!capable(k, CAP_SETGID) && !(is_one_of(r, k->rgid, k->egid, k->sgid) &&
					 is_one_of(e, k->rgid, k->egid, k->sgid) &&
					 is_one_of(s, k->rgid, k->egid, k->sgid)))
		return -EPERM;
	k->rgid = r == UINT32_MAX ? k->rgid : r;
	k->egid = e == UINT32_MAX ? k->egid : e;
	k->sgid = s == UINT32_MAX ? k->sgid : s;
	changed_ids(k, &old);
	return 0;
}

static long get_ids(uint32_t *to[3], uint32_t r, uint32_t e, uint32_t s)
{
	if (!to[0] || !to[1] || !to[2])
		return -EFAULT;
	*to[0] = r;
	*to[1] = e;
	*to[2] = s;
	return 0;
}

static long call_setgroups(struct kernel *k, long count, const gid_t *list)
{
	long i;

	if (!capable(k, CAP_SETGID) || k->deny_groups)
		return -EPERM;
	if (count < 0 || count > KERNEL_GROUPS)
		return -EINVAL;
	for (i = 0; i < count; i++) {
		long j = i;

		for (; j > 0 && k->groups[j - 1] > list[i]; j--)
			k->groups[j] = k->groups[j - 1];
		k->groups[j] = list[i];
	}
	k->ngroups = (size_t)count;
	return 0;
}

static long call_getgroups(const struct kernel *k, int size, gid_t *list)
{
	if (size < 0)
		return -EINVAL;
	if (size && (size_t)size < k->ngroups)
		return -EINVAL;
	if (size && k->ngroups)
		memcpy(list, k->groups, k->ngroups * sizeof(*list));
	return (long)k->ngroups;
}

long kernel_call(struct kernel *k, long nr, long a, long b, long c, long d, long e)
{
	uint32_t *ids[3] = { (uint32_t *)a, (uint32_t *)b, (uint32_t *)c };
	const long args[5] = { a, b, c, d, e };
	long rc;

	if (kernel_filtered(k, nr, args, &rc))
		return rc;
	switch (nr) {
	case SYS_prctl:
		return call_prctl(k, a, (unsigned long)b, (unsigned long)c,
				  (unsigned long)d, (unsigned long)e);
	case SYS_capget:
		return call_capget(k, (void *)a, (void *)b);
	case SYS_capset:
		return call_capset(k, (void *)a, (void *)b);
	case SYS_setresuid:
		return call_setresuid(k, (uid_t)a, (uid_t)b, (uid_t)c);
	case SYS_setresgid:
		return call_setresgid(k, (gid_t)a, (gid_t)b, (gid_t)c);
	case SYS_getresuid:
		return get_ids(ids, k->ruid, k->euid, k->suid);
	case SYS_getresgid:
		return get_ids(ids, k->rgid, k->egid, k->sgid);
	case SYS_setgroups:
		return call_setgroups(k, a, (const gid_t *)b);
	case SYS_getgroups:
		return call_getgroups(k, (int)a, (gid_t *)b);
	case SYS_seccomp:
		return k->no_seccomp ? -ENOSYS :
				       kernel_seccomp(k, a, (unsigned int)b, (void *)c);
	default:
		return kernel_process_call(k, nr, a, b, c, d, e);
	}
}

const char *kernel_differs(const struct kernel *a, const struct kernel *b)
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
		{ "groups", a->ngroups != b->ngroups },
		{ "groups",
		  memcmp(a->groups, b->groups, a->ngroups * sizeof(gid_t)) != 0 },
		{ "securebits", a->securebits != b->securebits },
		{ "no_new_privs", a->no_new_privs != b->no_new_privs },
		{ "limits", memcmp(a->limits, b->limits, sizeof(a->limits)) != 0 },
		{ "death signal", a->death_signal != b->death_signal },
		{ "signal mask", a->blocked != b->blocked },
		{ "umask", a->umask != b->umask },
		{ "directory", strcmp(a->directory, b->directory) != 0 },
		{ "terminal", a->terminal != b->terminal },
		{ "descriptors", a->open != b->open },
		{ "number of filters", a->filters != b->filters },
		{ "flags of the filter", a->filter_flags != b->filter_flags },
		{ "memory", a->undumpable != b->undumpable },
		{ "threads", a->helper != b->helper },
		{ "capabilities of the thread", a->helper_caps != b->helper_caps },
	};
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(parts); i++)
		if (parts[i].differs)
			return parts[i].name;
	return NULL;
}
