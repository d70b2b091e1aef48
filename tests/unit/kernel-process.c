/* SPDX-License-Identifier: MIT */
/* The part of the model that is not about credentials: limits, session, descriptors,
 * files. */
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/stat.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

static const struct place {
	const char *path;
	uint64_t inode;
	bool root_only, directory;
} places[] = {
	{ "/", 1, false, true },	  { "/srv", 2, false, true },
	{ "/root", 3, true, true },	  { "/bin/app", 10, false, false },
	{ "/root/app", 11, true, false }, { "/srv/app", 12, false, false },
};

static bool capable(const struct kernel *k, unsigned int cap)
{
	return k->sets.effective >> cap & 1;
}

static const struct place *find_place(const char *path)
{
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(places); i++)
		if (!strcmp(places[i].path, path))
			return &places[i];
	return NULL;
}

/* May the process use it? 0, -ENOENT or -EACCES. */
static long reach(const struct kernel *k, const char *path)
{
	const struct place *place = find_place(path);

	if (!place)
		return -ENOENT;
	if (place->root_only && k->euid != 0 && !capable(k, CAP_DAC_OVERRIDE))
		return -EACCES;
	return 0;
}

static long call_prlimit(struct kernel *k, long resource, const struct rlimit *new,
			 struct rlimit *old)
{
	struct rlimit *limit;

	if (resource < 0 || resource >= CK_LIMITS)
		return -EINVAL;
	limit = &k->limits[resource];
	if (new &&new->rlim_cur > new->rlim_max)
		return -EINVAL;
	if (new &&new->rlim_max > limit->rlim_max && !capable(k, CAP_SYS_RESOURCE))
		return -EPERM;
	if (old)
		*old = *limit;
	if (new)
		*limit = *new;
	return 0;
}

static long call_setsid(struct kernel *k)
{
	if (k->group == k->pid)
		return -EPERM;
	k->session = k->group = k->pid;
	k->terminal = false;
	return k->pid;
}

static long call_setpgid(struct kernel *k, long pid, long group)
{
	if (pid != 0 && pid != k->pid)
		return -ESRCH;
	if (group < 0)
		return -EINVAL;
	if (k->session == k->pid)
		return -EPERM;
	if (group == 0)
		group = k->pid;
	if (group != k->pid && group != k->parent_group)
		return -EPERM;
	k->group = (pid_t)group;
	return 0;
}

static long call_openat(struct kernel *k, const char *path, long flags)
{
	int fd;

	if (!path)
		return -EFAULT;
	if (strcmp(path, "/dev/tty") != 0 || k->tty_hidden)
		return -ENOENT;
	if (!k->terminal)
		return -ENXIO;
	for (fd = 0; fd < KERNEL_FDS; fd++) {
		if (k->open & 1U << fd)
			continue;
		k->open |= 1U << fd;
		k->cloexec &= ~(1U << fd);
		k->cloexec |= flags & O_CLOEXEC ? 1U << fd : 0;
		return fd;
	}
	return -EMFILE;
}

static bool is_open(const struct kernel *k, long fd)
{
	return fd >= 0 && fd < KERNEL_FDS && k->open & 1U << fd;
}

static long call_close_range(struct kernel *k, unsigned int first, unsigned int last,
			     long flags)
{
	unsigned int fd;

	if (first > last || flags)
		return -EINVAL;
	for (fd = first; fd <= last && fd < KERNEL_FDS; fd++)
		k->open &= ~(1U << fd);
	return 0;
}

static long call_ioctl(struct kernel *k, long fd, unsigned long request)
{
	if (!is_open(k, fd))
		return -EBADF;
	if (request != TIOCNOTTY || !k->terminal)
		return -ENOTTY;
	k->terminal = k->session != k->pid && k->terminal;
	return 0;
}

static long call_chdir(struct kernel *k, const char *path)
{
	long rc = reach(k, path);

	if (rc == 0 && !find_place(path)->directory)
		rc = -ENOTDIR;
	if (rc == 0)
		k->directory = find_place(path)->path;
	return rc;
}

static long call_statx(const struct kernel *k, const char *path, struct statx *st)
{
	const struct place *place =
		find_place(strcmp(path, ".") != 0 ? path : k->directory);

	if (!place)
		return -ENOENT;
	memset(st, 0, sizeof(*st));
	st->stx_mask = STATX_INO;
	st->stx_ino = place->inode;
	st->stx_dev_major = 8;
	return 0;
}

static long call_execve(struct kernel *k, const char *path, char *const *argv,
			char *const *envp)
{
	long rc = (long)path > 0 ? reach(k, path) : -EFAULT; /* the kernel's half */

	if (rc == 0 && find_place(path)->directory)
		rc = -EACCES;
	if (rc < 0)
		return rc;
	k->executed = path;
	k->argv = argv;
	k->envp = envp;
	k->open &= ~k->cloexec;
	k->undumpable = k->helper = false;
	k->helper_caps = 0;
	return -ECANCELED;
}

static long call_umask(struct kernel *k, long mask)
{
	long before = (long)k->umask;

	k->umask = (mode_t)mask & 0777;
	return before;
}

static long call_sigprocmask(struct kernel *k, long how, const uint64_t *set,
			     uint64_t *old)
{
	const uint64_t never = UINT64_C(1) << (SIGKILL - 1) | UINT64_C(1)
								      << (SIGSTOP - 1);
	uint64_t before = k->blocked;

	if (set && (how < SIG_BLOCK || how > SIG_SETMASK))
		return -EINVAL;
	if (set && how == SIG_BLOCK)
		k->blocked |= *set & ~never;
	else if (set && how == SIG_UNBLOCK)
		k->blocked &= ~*set;
	else if (set)
		k->blocked = *set & ~never;
	if (old)
		*old = before;
	return 0;
}

static long call_getpgid(const struct kernel *k, long pid)
{
	if (pid == 0 || pid == k->pid)
		return k->group;
	return pid == k->parent ? k->parent_group : -ESRCH;
}

static long call_close(struct kernel *k, long fd)
{
	if (!is_open(k, fd))
		return -EBADF;
	k->open &= ~(1U << fd);
	return 0;
}

static long call_fcntl(const struct kernel *k, long fd, long op)
{
	if (!is_open(k, fd))
		return -EBADF;
	if (op != F_GETFD)
		return -EINVAL;
	return k->cloexec & 1U << fd ? FD_CLOEXEC : 0;
}

long kernel_process_call(struct kernel *k, long nr, long a, long b, long c, long d,
			 long e)
{
	switch (nr) {
	case SYS_prlimit64:
		return a ? -ESRCH : call_prlimit(k, b, (void *)c, (void *)d);
	case SYS_umask:
		return call_umask(k, a);
	case SYS_rt_sigprocmask:
		return d == sizeof(uint64_t) ?
			       call_sigprocmask(k, a, (void *)b, (void *)c) :
			       -EINVAL;
	case SYS_getpid:
		return k->pid;
	case SYS_getppid:
		return k->parent;
	case SYS_getsid:
		return a ? -ESRCH : k->session;
	case SYS_getpgid:
		return call_getpgid(k, a);
	case SYS_setsid:
		return call_setsid(k);
	case SYS_setpgid:
		return call_setpgid(k, a, b);
	case SYS_openat:
		return call_openat(k, (const char *)b, c);
	case SYS_close:
		return call_close(k, a);
	case SYS_fcntl:
		return call_fcntl(k, a, b);
	case SYS_close_range:
		return call_close_range(k, (unsigned int)a, (unsigned int)b, c);
	case SYS_ioctl:
		return call_ioctl(k, a, (unsigned long)b);
	case SYS_sched_getscheduler:
		return 0;
	case SYS_chdir:
		return call_chdir(k, (const char *)a);
	case SYS_statx:
		return call_statx(k, (const char *)b, (void *)e);
	case SYS_faccessat2:
		return reach(k, (const char *)b);
	case SYS_execve:
		return call_execve(k, (const char *)a, (void *)b, (void *)c);
	default:
		return -ENOSYS;
	}
}
