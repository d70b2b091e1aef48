/* SPDX-License-Identifier: MIT */
/* The real table in front of the kernel: what libcap-ng does, asked of the kernel. */
#include "unit.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static gid_t groups[CK_GROUPS_MAX];

static struct ck_state read_state(void)
{
	struct ck_state now = { .known = 0 };
	const char *call;

	return ck_state_read(&ck_sys_kernel, groups, &call, &now) < 0 ?
		       (struct ck_state){ 0 } :
		       now;
}

static int calls_are_raw(void *data)
{
	(void)data;
	CLAIM(ck_sys_kernel.call(SYS_getpid, 0, 0, 0, 0, 0) == getpid());
	CLAIM(ck_sys_kernel.call(SYS_close, -1, 0, 0, 0, 0) == -EBADF);
	return 0;
}

static int bounding_is_cut(void *data)
{
	struct rlimit before, after;
	uint64_t keep = CK_CAP(CAP_KILL) | CK_CAP(CAP_SETPCAP);

	(void)data;
	CLAIM(getrlimit(RLIMIT_NOFILE, &before) == 0);
	CLAIM(ck_sys_kernel.bound(keep) == 0);
	CLAIM(read_state().sets.bounding == keep);
	CLAIM(read_state().sets.effective & CK_CAP(CAP_CHOWN));
	CLAIM(ck_sys_kernel.bound(CK_CAP(CAP_KILL)) == 0);
	CLAIM(read_state().sets.bounding == CK_CAP(CAP_KILL));
	CLAIM(ck_sys_kernel.bound(0) == 0);
	CLAIM(read_state().sets.bounding == 0);
	CLAIM(getrlimit(RLIMIT_NOFILE, &after) == 0);
	CLAIM(before.rlim_cur == after.rlim_cur && before.rlim_max == after.rlim_max);
	return 0;
}

/* Whatever stands in /proc, and without it. */
static int bounding_needs_no_proc(void *data)
{
	(void)data;
	CLAIM(unshare(CLONE_NEWNS) == 0);
	CLAIM(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0);
	CLAIM(mount("tmpfs", "/proc", "tmpfs", 0, NULL) == 0);
	CLAIM(ck_sys_kernel.bound(CK_CAP(CAP_KILL)) == 0);
	CLAIM(read_state().sets.bounding == CK_CAP(CAP_KILL));
	return 0;
}

/* The answer is of no account: who drops nothing must be found out by reading back. */
static int bounding_without_setpcap(void *data)
{
	uint64_t before = read_state().sets.bounding;

	(void)data;
	CLAIM(ck_sys_kernel.set(CK_CAP(CAP_KILL), CK_CAP(CAP_KILL), 0) == 0);
	(void)!ck_sys_kernel.bound(CK_CAP(CAP_KILL));
	CLAIM(read_state().sets.bounding == before);
	return 0;
}

static int sets_are_set(void *data)
{
	uint64_t working = CK_CAP(CAP_KILL) | CK_CAP(CAP_SETPCAP) | CK_CAP(CAP_BPF);
	struct ck_sets now;

	(void)data;
	CLAIM(ck_sys_kernel.set(working, CK_CAP(CAP_KILL), CK_CAP(CAP_BPF)) == 0);
	now = read_state().sets;
	CLAIM(now.permitted == working && now.effective == CK_CAP(CAP_KILL));
	CLAIM(now.inheritable == CK_CAP(CAP_BPF));
	CLAIM(ck_sys_kernel.set(working | CK_CAP(CAP_CHOWN), 0, 0) != 0);
	CLAIM(read_state().sets.permitted == working);
	CLAIM(ck_sys_kernel.set(0, 0, 0) == 0);
	now = read_state().sets;
	CLAIM(now.permitted == 0 && now.effective == 0 && now.inheritable == 0);
	CLAIM(ck_sys_kernel.set(CK_CAP(63), 0, 0) != 0);
	return 0;
}

static int ambient_is_set(void *data)
{
	uint64_t both = CK_CAP(CAP_KILL) | CK_CAP(CAP_BPF);

	(void)data;
	CLAIM(ck_sys_kernel.set(both, both, both) == 0);
	CLAIM(ck_sys_kernel.ambient(both) == 0);
	CLAIM(read_state().sets.ambient == both);
	CLAIM(ck_sys_kernel.ambient(CK_CAP(CAP_BPF)) == 0);
	CLAIM(read_state().sets.ambient == CK_CAP(CAP_BPF));
	CLAIM(ck_sys_kernel.ambient(0) == 0);
	CLAIM(read_state().sets.ambient == 0);
	CLAIM(ck_sys_kernel.ambient(CK_CAP(CAP_CHOWN)) != 0);
	CLAIM(read_state().sets.ambient == 0);
	return 0;
}

struct body {
	const char *name;
	int (*run)(void *data);
};

static const struct body rows[] = {
	{ "calls are raw", calls_are_raw },
	{ "the bounding set is cut", bounding_is_cut },
	{ "the bounding set needs no /proc", bounding_needs_no_proc },
	{ "the bounding set without SETPCAP", bounding_without_setpcap },
	{ "the sets are set", sets_are_set },
	{ "the ambient set is set", ambient_is_set },
};

static void does(void **state)
{
	const struct body *row = *state;

	UNIT_NEED_ROOT();
	unit_in_child(row->run, NULL);
}

int main(void)
{
	return unit_run_rows("sys", UNIT_ROWS(rows, does), NULL, 0);
}
