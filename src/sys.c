/* SPDX-License-Identifier: MIT */
/*
 * The real kernel behind the table: raw system calls, since libc caches ids and spreads
 * them over threads, and libcap-ng for staging and applying the sets. What libcap-ng
 * answers is passed on but never believed: ck_verify() asks the kernel.
 */
#include <cap-ng.h>
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "steps.h"

#define NOBODY (-1) /* no process has this id */

#ifndef __GLIBC__
/*
 * libcap-ng reports some failures to the system log, over a socket. The launcher does not
 * log, and in a static program this takes the place of 12 KB of the C library. (glibc's
 * cannot be replaced.)
 */
void syslog(int priority, const char *format, ...);
void syslog(int priority, const char *format, ...)
{
	(void)priority;
	(void)format;
}

/*
 * What the release binary (tools/static-musl) gives libcap-ng in place of open(3),
 * snprintf(3) and fopen(3): it would look for files in /proc, and does without where
 * there are none.
 */
int ck_no_file(const char *path, int flags, ...);
int ck_no_file(const char *path, int flags, ...)
{
	(void)path;
	(void)flags;
	errno = ENOENT;
	return -1;
}

int ck_no_text(char *text, size_t size, const char *format, ...);
int ck_no_text(char *text, size_t size, const char *format, ...)
{
	(void)format;
	if (size)
		*text = '\0';
	return 0;
}

FILE *ck_no_stream(const char *path, const char *mode);
FILE *ck_no_stream(const char *path, const char *mode)
{
	(void)path;
	(void)mode;
	errno = ENOENT;
	return NULL;
}
#endif

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
 * capng_apply() of the bounding set reads /proc/TID/status three times, which takes
 * longer than all the rest of the launcher and may be another process's file. Of a
 * process that does not exist it can read nothing; 0.8 then goes on with what is staged,
 * and asks by prctl(2) for what it needs. 0.9 refuses, and the caller drops by number.
 */
static int bound(uint64_t keep)
{
	int rc;

	capng_clear(CAPNG_SELECT_BOTH);
	/* libcap-ng wants to see it there; the planner has made sure that it is. */
	if (capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, CAP_SETPCAP) < 0 ||
	    stage(CAPNG_BOUNDING_SET, keep) < 0)
		return -EINVAL;
	capng_setpid(NOBODY);
	rc = capng_apply(CAPNG_SELECT_BOUNDS);
	capng_setpid(0);
	return rc ? -EPERM : 0;
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
#ifdef CK_WITH_FILTER
	.loader_start = ck_loader_start,
	.loader_load = ck_loader_load,
#endif
};
