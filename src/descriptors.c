/* SPDX-License-Identifier: MIT */
/* Which descriptors stay open: 0 to 2, keep-fds, and those of socket activation. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capkeep.h"

#define LISTEN_FDS_START 3 /* sd_listen_fds(3) */
#define LISTEN_FDS_MAX UINT64_C(65536)

static int by_first(const void *a, const void *b)
{
	unsigned int x = ((const struct ck_range *)a)->first;
	unsigned int y = ((const struct ck_range *)b)->first;

	return x < y ? -1 : x > y;
}

/* The variable as a number; false where it is unset or none. */
static bool environ_number(char *const *envp, const char *name, uint64_t max,
			   uint64_t *ret)
{
	const char *text = ck_environ_get(envp, name);

	return text && ck_number(text, strlen(text), max, ret) == 0;
}

static void keep_sockets(char *const *envp, pid_t pid, struct ck_range *kept,
			 size_t *count)
{
	uint64_t for_pid, sockets;

	if (!environ_number(envp, "LISTEN_PID", INT_MAX, &for_pid) ||
	    for_pid != (uint64_t)pid)
		return; /* meant for another process, as sd_listen_fds(3) sees it too */
	if (!environ_number(envp, "LISTEN_FDS", LISTEN_FDS_MAX, &sockets) || sockets == 0)
		return;
	kept[(*count)++] =
		(struct ck_range){ LISTEN_FDS_START,
				   LISTEN_FDS_START + (unsigned int)sockets - 1 };
}

static int keep_stated(const struct ck_sys *sys, const struct ck_profile *profile,
		       struct ck_diags *diags, struct ck_range *kept, size_t *count)
{
	const char *where = ck_profile_where(diags->arena, profile, "process", "keep-fds",
					     "descriptors");
	size_t before = diags->count, i;

	for (i = 0; i < profile->keep_fds.count; i++) {
		const char *text = profile->keep_fds.list[i];
		uint64_t fd;
		long flags;

		if (ck_number(text, strlen(text), INT_MAX, &fd) < 0)
			return -EINVAL; /* its parser refused it */
		flags = sys->call(SYS_fcntl, (long)fd, F_GETFD, 0, 0, 0);
		/* What was inherited has no FD_CLOEXEC. */
		if (flags < 0 || flags & FD_CLOEXEC)
			ck_diag_add(diags, where,
				    "keep-fds: descriptor %s is not open; open it for "
				    "the launcher (%s<FILE) or take it out",
				    text, text);
		kept[(*count)++] =
			(struct ck_range){ (unsigned int)fd, (unsigned int)fd };
	}
	return diags->count > before ? -EINVAL : 0;
}

static size_t gaps(struct ck_range *kept, size_t count, struct ck_range *ret)
{
	unsigned int next = STDERR_FILENO + 1;
	size_t i, n = 0;

	qsort(kept, count, sizeof(*kept), by_first);
	for (i = 0; i < count; i++) {
		if (kept[i].first > next)
			ret[n++] = (struct ck_range){ next, kept[i].first - 1 };
		if (kept[i].last >= next)
			next = kept[i].last + 1;
	}
	ret[n++] = (struct ck_range){ next, UINT_MAX };
	return n;
}

int ck_descriptors_plan(struct ck_arena *arena, const struct ck_sys *sys,
			const struct ck_profile *profile, char *const *envp, pid_t pid,
			struct ck_diags *diags, const struct ck_range **ret_close,
			size_t *ret_count)
{
	size_t room = profile->keep_fds.count + 1, count = 0;
	struct ck_range *kept = ck_alloc_array(arena, room, sizeof(*kept));
	struct ck_range *ranges = ck_alloc_array(arena, room + 1, sizeof(*ranges));
	int rc = keep_stated(sys, profile, diags, kept, &count);

	if (!profile->close_fds || rc < 0) {
		*ret_count = 0;
		return rc;
	}
	keep_sockets(envp, pid, kept, &count);
	*ret_count = gaps(kept, count, ranges);
	*ret_close = ranges;
	return 0;
}
