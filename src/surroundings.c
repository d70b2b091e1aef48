/* SPDX-License-Identifier: MIT */
/* What stands around the state: limits, parent, session, terminal. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capkeep.h"

#define NO_SUCH_LIMIT 255
#define NO_SUCH_HOW 255
#define NO_SUCH_FLAGS (O_TMPFILE & ~O_DIRECTORY) /* refused before the path is read */

_Static_assert(sizeof(struct rlimit) == 16, "prlimit64(2) writes two 64-bit words");

static int read_limits(const struct ck_sys *sys, unsigned int which,
		       struct rlimit *limits)
{
	long rc = sys->call(SYS_prlimit64, 0, NO_SUCH_LIMIT, 0, 0, 0);
	int i;

	if (rc != -EINVAL)
		return rc < 0 ? (int)rc : -EPROTO;
	for (i = 0; i < CK_LIMITS; i++) {
		if (!(which >> i & 1U))
			continue;
		/* As poison a soft limit above the hard one: the kernel never has it. */
		limits[i] = (struct rlimit){ 1, 0 };
		rc = sys->call(SYS_prlimit64, 0, i, 0, (long)&limits[i], 0);
		if (rc < 0)
			return (int)rc;
		if (rc > 0 || limits[i].rlim_cur > limits[i].rlim_max)
			return -EPROTO;
	}
	return 0;
}

int ck_limits_read(const struct ck_sys *sys, struct rlimit *ret)
{
	struct rlimit limits[CK_LIMITS];
	int rc = read_limits(sys, CK_LIMITS_ALL, limits);

	if (rc == 0)
		memcpy(ret, limits, sizeof(limits));
	return rc;
}

int ck_death_signal_read(const struct ck_sys *sys, int *ret)
{
	int number = -1;
	long rc = sys->call(SYS_prctl, PR_GET_PDEATHSIG, (long)&number, 0, 0, 0);

	if (rc < 0)
		return (int)rc;
	if (rc > 0 || number < 0)
		return -EPROTO;
	*ret = number;
	return 0;
}

int ck_standard_read(const struct ck_sys *sys, unsigned int *ret)
{
	unsigned int open = 0;
	int fd;

	if (sys->call(SYS_fcntl, -1, F_GETFD, 0, 0, 0) != -EBADF)
		return -EPROTO;
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		long rc = sys->call(SYS_fcntl, fd, F_GETFD, 0, 0, 0);

		if (rc < 0 && rc != -EBADF)
			return (int)rc;
		open |= rc >= 0 ? 1U << fd : 0;
	}
	*ret = open;
	return 0;
}

int ck_signal_mask_read(const struct ck_sys *sys, uint64_t *ret)
{
	/* SIGKILL cannot be blocked, so that no mask is all ones. */
	uint64_t mask = UINT64_MAX;
	long rc = sys->call(SYS_rt_sigprocmask, NO_SUCH_HOW, (long)&mask, 0, sizeof(mask),
			    0);

	if (rc != -EINVAL)
		return rc < 0 ? (int)rc : -EPROTO;
	rc = sys->call(SYS_rt_sigprocmask, SIG_BLOCK, 0, (long)&mask, sizeof(mask), 0);
	if (rc != 0 || mask == UINT64_MAX)
		return rc < 0 ? (int)rc : -EPROTO;
	*ret = mask;
	return 0;
}

long ck_terminal_open(const struct ck_sys *sys)
{
	long flags, fd = sys->call(SYS_openat, AT_FDCWD, (long)"/dev/tty",
				   O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK, 0, 0);

	if (fd < 0)
		return fd;
	/* What is not ours has no FD_CLOEXEC, and must not be closed in the end. */
	flags = sys->call(SYS_fcntl, fd, F_GETFD, 0, 0, 0);
	return flags >= 0 && flags & FD_CLOEXEC ? fd : -EPROTO;
}

/* /dev/tty is the controlling terminal, whatever descriptors are open; ENXIO: there is
 * none. */
static int read_terminal(const struct ck_sys *sys, struct ck_surroundings *around)
{
	long fd = ck_terminal_open(sys);

	if (fd == -EPROTO)
		return -EPROTO;
	around->terminal = fd >= 0;
	around->terminal_unknown = fd < 0 && fd != -ENXIO;
	return fd < 0 ? 0 : (int)sys->call(SYS_close, fd, 0, 0, 0, 0);
}

static int read_session(const struct ck_sys *sys, struct ck_surroundings *around)
{
	around->pid = (pid_t)sys->call(SYS_getpid, 0, 0, 0, 0, 0);
	around->parent = (pid_t)sys->call(SYS_getppid, 0, 0, 0, 0, 0);
	around->session = (pid_t)sys->call(SYS_getsid, 0, 0, 0, 0, 0);
	around->process_group = (pid_t)sys->call(SYS_getpgid, 0, 0, 0, 0, 0);
	/* Of a parent outside of our pid namespace (0) we would get our own group. */
	around->parent_group =
		around->parent > 0 ?
			(pid_t)sys->call(SYS_getpgid, around->parent, 0, 0, 0, 0) :
			-ESRCH;
	if (around->pid <= 0 || around->parent < 0 || around->session < 0 ||
	    around->process_group < 0)
		return -EPROTO;
	return read_terminal(sys, around);
}

int ck_surroundings_read(const struct ck_sys *sys, bool session, unsigned int limits,
			 const char **ret_call, struct ck_surroundings *ret)
{
	struct ck_surroundings around = { .at_secure = getauxval(AT_SECURE) != 0 };
	int rc = 0;

	/* Answered with 0, openat(2) would have a library read, and close, 0. */
	*ret_call = "openat";
	rc = (int)sys->call(SYS_openat, AT_FDCWD, 0, NO_SUCH_FLAGS, 0, 0);
	if (rc != -EINVAL && rc != -EFAULT)
		return -EPROTO;
	rc = 0;
	*ret_call = "prlimit";
	if (limits)
		rc = read_limits(sys, limits, around.limits);
	if (rc < 0)
		return rc;
	*ret_call = "prctl(PR_GET_PDEATHSIG)";
	rc = ck_death_signal_read(sys, &around.parent_death_signal);
	if (rc < 0)
		return rc;
	*ret_call = "fcntl";
	rc = ck_standard_read(sys, &around.standard);
	if (rc < 0)
		return rc;
	*ret_call = "rt_sigprocmask";
	rc = ck_signal_mask_read(sys, &around.signal_mask);
	if (rc < 0)
		return rc;
	around.pid = (pid_t)sys->call(SYS_getpid, 0, 0, 0, 0, 0);
	around.parent = (pid_t)sys->call(SYS_getppid, 0, 0, 0, 0, 0);
	*ret_call = "getpid";
	if (around.pid <= 0 || around.parent < 0)
		return -EPROTO;
	*ret_call = "getsid";
	if (session)
		rc = read_session(sys, &around);
	if (rc == 0)
		*ret = around;
	return rc;
}
