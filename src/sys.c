/* SPDX-License-Identifier: MIT */
/*
 * The real kernel behind the table: raw system calls, since libc caches ids and spreads
 * them over threads, and libcap-ng for staging and applying the sets. What libcap-ng
 * answers is passed on but never believed: ck_verify() asks the kernel.
 */
#include <cap-ng.h>
#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capkeep.h"

#define NOBODY (-1) /* no process has this id */

static long kernel_call(long nr, long a, long b, long c, long d, long e)
{
	long rc = syscall(nr, a, b, c, d, e);

	return rc < 0 ? -errno : rc;
}

static int stage(capng_type_t type, uint64_t mask)
{
	unsigned int cap;

	for (cap = 0; cap < CK_CAP_BITS; cap++)
		if (mask & CK_CAP(cap) && capng_update(CAPNG_ADD, type, cap) < 0)
			return -EINVAL;
	return 0;
}

/*
 * libcap-ng reads /proc/TID/status three times here, which takes longer than all the rest
 * of the launcher, may be another process's file, and on failure opens a socket to the
 * system log. While no descriptor can be opened it asks the kernel by prctl(2) instead,
 * and stays silent. It asks twice whether SETPCAP is there, unless the process that it
 * looks at does not exist: then it goes by what is staged.
 */
static int bound(uint64_t keep)
{
	struct rlimit found, none;
	int rc;

	capng_clear(CAPNG_SELECT_BOTH);
	rc = capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, CAP_SETPCAP);
	if (rc == 0)
		rc = stage(CAPNG_BOUNDING_SET, keep);
	if (rc < 0)
		return rc;
	if (getrlimit(RLIMIT_NOFILE, &found) < 0)
		return -errno;
	none = (struct rlimit){ 0, found.rlim_max };
	if (setrlimit(RLIMIT_NOFILE, &none) < 0)
		return -errno;
	capng_setpid(NOBODY);
	rc = capng_apply(CAPNG_SELECT_BOUNDS) ? -EPERM : 0;
	capng_setpid((int)syscall(SYS_gettid));
	if (setrlimit(RLIMIT_NOFILE, &found) < 0)
		return -errno;
	return rc;
}

static int set(uint64_t permitted, uint64_t effective, uint64_t inheritable)
{
	unsigned int cap;

	capng_clear(CAPNG_SELECT_CAPS);
	for (cap = 0; cap < CK_CAP_BITS; cap++) {
		unsigned int type = (permitted & CK_CAP(cap) ? CAPNG_PERMITTED : 0U) |
				    (effective & CK_CAP(cap) ? CAPNG_EFFECTIVE : 0U) |
				    (inheritable & CK_CAP(cap) ? CAPNG_INHERITABLE : 0U);

		if (type && capng_update(CAPNG_ADD, (capng_type_t)type, cap) < 0)
			return -EINVAL;
	}
	return capng_apply(CAPNG_SELECT_CAPS) ? -EPERM : 0;
}

static int ambient(uint64_t raise)
{
	int rc;

	capng_clear(CAPNG_SELECT_AMBIENT);
	rc = stage(CAPNG_AMBIENT, raise);
	if (rc < 0)
		return rc;
	return capng_apply(CAPNG_SELECT_AMBIENT) ? -EPERM : 0;
}

const struct ck_sys ck_sys_kernel = {
	.call = kernel_call,
	.bound = bound,
	.set = set,
	.ambient = ambient,
};
