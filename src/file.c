/* SPDX-License-Identifier: MIT */
/*
 * Opens a profile once and judges the open descriptor, so that what was judged is what is
 * read: nobody but root and the caller may be able to write what decides about privilege.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "capkeep.h"

/* A filter around us may say EINTR for ever. */
#define INTERRUPTED_MAX 1000

int ck_open(const char *path, int flags)
{
	/* Not open(3), to which some libraries add a call of their own for O_CLOEXEC. */
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0), moved;

	if (fd < 0)
		return -errno;
	if (fd > STDERR_FILENO)
		return fd;
	/* The caller closed 0, 1 or 2: nothing of ours may stand there. What has no
	 * FD_CLOEXEC is not ours: a filter around us that answers 0 opened nothing. */
	if (!(fcntl(fd, F_GETFD) & FD_CLOEXEC))
		return -EPROTO;
	moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (moved < 0)
		moved = -errno;
	close(fd);
	return moved;
}

/* Without a mapping in this user namespace the ids of files and processes all show the
 * overflow uid, and their equality proves nothing. getpriority(2) finds no user behind an
 * id without one. */
static bool uid_is_mapped(uid_t uid)
{
	errno = 0;
	return uid == 0 || getpriority(PRIO_USER, uid) != -1 || errno != ESRCH;
}

/* The group bits of the mode are the mask of an access list, where there is one. */
static bool has_access_list(int fd)
{
	return fgetxattr(fd, "system.posix_acl_access", NULL, 0) >= 0;
}

/* What is mounted read-only nobody writes, whatever the mode says. */
static bool is_read_only(int fd)
{
	struct statfs fs = { .f_flags = 0 };

	return fstatfs(fd, &fs) == 0 && (unsigned long)fs.f_flags & ST_RDONLY;
}

static int judge_writers(int fd, const char *path, const struct stat *st,
			 struct ck_diags *diags)
{
	bool owned =
		st->st_uid == 0 || (st->st_uid == geteuid() && uid_is_mapped(st->st_uid));
	bool by_group =
		(st->st_mode & S_IWGRP) && (st->st_gid != 0 || has_access_list(fd));

	if ((owned && !by_group && !(st->st_mode & S_IWOTH)) || is_read_only(fd))
		return 0;
	if (!owned)
		ck_diag_add(diags, path,
			    "belongs to uid %u, who could change it; it must belong to "
			    "root or to the caller (chown root %s)",
			    st->st_uid, path);
	if (st->st_mode & S_IWOTH)
		ck_diag_add(diags, path,
			    "everybody may write it (mode %04o): chmod o-w %s",
			    (unsigned int)st->st_mode & 07777, path);
	if (by_group)
		ck_diag_add(diags, path,
			    "others than root may write it through its group or access "
			    "list (mode %04o, gid %u): chmod g-w %s",
			    (unsigned int)st->st_mode & 07777, st->st_gid, path);
	return -EINVAL;
}

static int judge(int fd, const char *path, struct ck_diags *diags, size_t *ret_size)
{
	struct stat st = { .st_mode = 0 };

	if (fstat(fd, &st) < 0) {
		ck_diag_add(diags, path, "cannot be examined: %s", strerror(errno));
		return -EINVAL;
	}
	if (!S_ISREG(st.st_mode)) {
		ck_diag_add(diags, path, "is not a regular file");
		return -EINVAL;
	}
	if (st.st_size > CK_FILE_MAX) {
		ck_diag_add(diags, path, "has %lld bytes, a profile at most %d",
			    (long long)st.st_size, CK_FILE_MAX);
		return -EINVAL;
	}
	*ret_size = (size_t)st.st_size;
	return judge_writers(fd, path, &st, diags);
}

/* Returns the number of bytes read, at most size, or -errno. */
static ssize_t read_all(int fd, char *bytes, size_t size)
{
	unsigned int interrupted = 0;
	size_t length = 0;

	while (length < size) {
		ssize_t n = read(fd, bytes + length, size - length);

		if (n < 0 && errno == EINTR && ++interrupted < INTERRUPTED_MAX)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		length += (size_t)n;
	}
	return (ssize_t)length;
}

static int read_judged(struct ck_arena *arena, int fd, const char *path,
		       struct ck_diags *diags, char **ret_bytes, size_t *ret_length)
{
	size_t size;
	char *bytes;
	ssize_t n;

	if (judge(fd, path, diags, &size) < 0)
		return -EINVAL;
	bytes = ck_alloc(arena, size + 1);
	n = read_all(fd, bytes, size + 1);
	if (n < 0) {
		ck_diag_add(diags, path, "cannot be read: %s", strerror((int)-n));
		return -EINVAL;
	}
	if ((size_t)n != size) {
		ck_diag_add(diags, path,
			    "has another size than it had when it was opened");
		return -EINVAL;
	}
	*ret_bytes = bytes;
	*ret_length = (size_t)n;
	return 0;
}

int ck_file_read(struct ck_arena *arena, const char *path, struct ck_diags *diags,
		 char **ret_bytes, size_t *ret_length)
{
	/* O_NONBLOCK: a FIFO must not keep us waiting before it can be judged. */
	int fd = ck_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY), rc;

	if (fd == -ENOENT)
		return fd;
	if (fd < 0) {
		ck_diag_add(diags, path, "cannot be opened: %s", strerror(-fd));
		return -EINVAL;
	}
	rc = read_judged(arena, fd, path, diags, ret_bytes, ret_length);
	close(fd);
	return rc;
}

/* All of an open file, or an error: half of it might leave out what decides. */
static int slurp(struct ck_arena *arena, int fd, size_t max, const char **ret_bytes,
		 size_t *ret_length)
{
	struct stat st = { .st_mode = 0 };
	char *bytes;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size < 0)
		return -EINVAL;
	if ((uint64_t)st.st_size > max)
		return -EFBIG;
	bytes = ck_alloc(arena, (size_t)st.st_size + 1);
	n = read_all(fd, bytes, (size_t)st.st_size);
	if (n != st.st_size)
		return n < 0 ? (int)n : -EIO;
	*ret_bytes = bytes;
	*ret_length = (size_t)n;
	return 0;
}

int ck_file_slurp(struct ck_arena *arena, const char *path, size_t max,
		  const char **ret_bytes, size_t *ret_length)
{
	int fd = ck_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY), rc;

	if (fd < 0)
		return fd;
	rc = slurp(arena, fd, max, ret_bytes, ret_length);
	close(fd);
	return rc;
}
