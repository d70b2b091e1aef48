/* SPDX-License-Identifier: MIT */
/*
 * Looks at a file as execve(2) will: mode, mount, file capabilities, format, interpreter.
 * What it cannot tell it leaves to the kernel; what must fail or must change credentials
 * it says.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "capkeep.h"

#define HEAD_SIZE 1024 /* holds the segments of most programs */
#define LINE_SIZE 256  /* BINPRM_BUF_SIZE: how far the kernel reads a script's #! line */
#define INTERPRETERS_MAX 5 /* an interpreter may itself be a script */
#define SEGMENTS_MAX 64
#define TABLE_MAX 65536U /* bytes of segments: load_elf_phdrs() of fs/binfmt_elf.c */

static bool has_access_list(const char *path)
{
	return getxattr(path, "system.posix_acl_access", NULL, 0) >= 0;
}

static bool in_groups(const struct ck_seeker *seeker, gid_t gid)
{
	size_t i;

	if (seeker->gid == gid)
		return true;
	for (i = 0; i < seeker->ngroups; i++)
		if (seeker->groups[i] == gid)
			return true;
	return false;
}

/* generic_permission() of fs/namei.c for MAY_EXEC. */
static bool mode_allows(const struct ck_seeker *seeker, const struct stat *st)
{
	bool override = seeker->effective & CK_CAP(CAP_DAC_OVERRIDE);
	mode_t bits = st->st_mode;

	if (S_ISDIR(st->st_mode) && seeker->effective & CK_CAP(CAP_DAC_READ_SEARCH))
		return true;
	if (override && (S_ISDIR(st->st_mode) || bits & 0111))
		return true;
	if (st->st_uid == seeker->uid)
		bits >>= 6;
	else if (in_groups(seeker, st->st_gid))
		bits >>= 3;
	return bits & 1;
}

static int may_by_mode(const struct ck_seeker *seeker, const char *path)
{
	struct stat st = { .st_mode = 0 };

	if (stat(path, &st) < 0)
		return -errno;
	return mode_allows(seeker, &st) || has_access_list(path) ? 0 : -EACCES;
}

/* Every directory on the way as it is written, then the file. */
static int may_walk(struct ck_arena *arena, const struct ck_seeker *seeker,
		    const char *path)
{
	char *prefix = ck_strndup(arena, path, strlen(path)), *end = prefix;
	int rc;

	while ((end = strchr(end, '/')) != NULL) {
		char *cut = end == prefix ? end + 1 : end, held = *cut;

		*cut = '\0';
		rc = may_by_mode(seeker, prefix);
		*cut = held;
		if (rc < 0)
			return rc;
		while (*end == '/')
			end++;
	}
	return may_by_mode(seeker, path);
}

int ck_seeker_may(struct ck_arena *arena, const struct ck_seeker *seeker,
		  const char *path)
{
	if (!seeker->self)
		return may_walk(arena, seeker, path);
	if (syscall(SYS_faccessat2, AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
		return 0;
	if (errno != ENOSYS && errno != EPERM)
		return -errno;
	/* Before Linux 5.8, or under a filter that does not know the call. */
	return may_walk(arena, seeker, path);
}

static void fail(struct ck_target *target, int error, const char *reason)
{
	target->by_rights = false;
	target->error = error;
	target->reason = reason;
}

static uint64_t join_words(uint32_t low, uint32_t high)
{
	return low | (uint64_t)high << 32;
}

/* get_vfs_caps_from_disk() of security/commoncap.c; words on disk are little-endian. */
static void parse_fcaps(const struct vfs_ns_cap_data *data, size_t size,
			struct ck_fcaps *fcaps)
{
	uint32_t magic = size >= sizeof(data->magic_etc) ? le32toh(data->magic_etc) : 0;
	uint32_t revision = magic & VFS_CAP_REVISION_MASK;
	bool two = revision == VFS_CAP_REVISION_2 && size == XATTR_CAPS_SZ_2;
	bool three = revision == VFS_CAP_REVISION_3 && size == XATTR_CAPS_SZ_3;

	if (!two && !three &&
	    !(revision == VFS_CAP_REVISION_1 && size == XATTR_CAPS_SZ_1)) {
		fcaps->error = EINVAL;
		return;
	}
	if (three && data->rootid != 0) {
		/* The kernel heeds it where that id is root in an ancestor of our
		 * namespace, which cannot be seen from here. */
		fcaps->error = EXDEV;
		return;
	}
	fcaps->present = true;
	fcaps->effective = magic & VFS_CAP_FLAGS_EFFECTIVE;
	fcaps->permitted = le32toh(data->data[0].permitted);
	fcaps->inheritable = le32toh(data->data[0].inheritable);
	if (!two && !three)
		return;
	fcaps->permitted = join_words(le32toh(data->data[0].permitted),
				      le32toh(data->data[1].permitted));
	fcaps->inheritable = join_words(le32toh(data->data[0].inheritable),
					le32toh(data->data[1].inheritable));
}

static void read_fcaps(const char *path, struct ck_fcaps *fcaps)
{
	struct vfs_ns_cap_data data = { .magic_etc = 0 };
	ssize_t size = getxattr(path, "security.capability", &data, sizeof(data));

	memset(fcaps, 0, sizeof(*fcaps));
	if (size >= 0)
		parse_fcaps(&data, (size_t)size, fcaps);
	else if (errno == ERANGE)
		fcaps->error = EINVAL;
	else if (errno != ENODATA && errno != ENOTSUP && errno != EOVERFLOW)
		fcaps->error = errno;
	/* EOVERFLOW: set by the root of a namespace that is not an ancestor of ours;
	 * ignored. */
}

/* Reads up to size bytes at offset; returns how many, or -1. */
static ssize_t read_at(int fd, void *buffer, size_t size, uint64_t offset)
{
	return offset > INT64_MAX ? -1 : pread(fd, buffer, size, (off_t)offset);
}

/* Segment i of a file whose first length bytes are at head; false: cannot be read. */
static bool read_segment(int fd, const Elf64_Ehdr *head, size_t length, unsigned int i,
			 Elf64_Phdr *ret)
{
	const Elf32_Ehdr *head32 = (const void *)head;
	bool wide = head->e_ident[EI_CLASS] == ELFCLASS64;
	size_t size = wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	uint64_t offset = (wide ? head->e_phoff : head32->e_phoff) + i * size;
	union {
		Elf64_Phdr wide;
		Elf32_Phdr narrow;
	} segment;

	if ((wide ? head->e_phentsize : head32->e_phentsize) != size)
		return false;
	if (offset <= length && length - offset >= size)
		memcpy(&segment, (const char *)head + offset, size);
	else if (read_at(fd, &segment, size, offset) != (ssize_t)size)
		return false;
	*ret = segment.wide;
	if (!wide)
		*ret = (Elf64_Phdr){ .p_type = segment.narrow.p_type,
				     .p_offset = segment.narrow.p_offset,
				     .p_filesz = segment.narrow.p_filesz };
	return true;
}

/* The PT_INTERP of an ELF file whose first length bytes are at head, NULL where it has
 * none; false where its table of segments is none. */
static bool elf_interpreter(struct ck_arena *arena, int fd, const Elf64_Ehdr *head,
			    size_t length, const char **ret)
{
	const Elf32_Ehdr *head32 = (const void *)head;
	bool wide = head->e_ident[EI_CLASS] == ELFCLASS64;
	unsigned int count = wide ? head->e_phnum : head32->e_phnum, i;
	Elf64_Phdr segment;
	char *path;

	*ret = NULL;
	if ((!wide && head->e_ident[EI_CLASS] != ELFCLASS32) || !count ||
	    count > TABLE_MAX / (wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)))
		return false;
	for (i = 0; i < count && i < SEGMENTS_MAX; i++) {
		if (!read_segment(fd, head, length, i, &segment))
			return false;
		if (segment.p_type != PT_INTERP)
			continue;
		if (segment.p_filesz < 2 || segment.p_filesz > PATH_MAX)
			return false;
		path = ck_alloc(arena, segment.p_filesz + 1);
		if (read_at(fd, path, segment.p_filesz, segment.p_offset) !=
			    (ssize_t)segment.p_filesz ||
		    path[segment.p_filesz - 1])
			return false;
		*ret = path;
		return true;
	}
	return true;
}

/* The interpreter of a first line "#! /bin/sh -e", or NULL; load_script() of
 * fs/binfmt_script.c. */
static const char *script_interpreter(struct ck_arena *arena, const char *head,
				      size_t length)
{
	size_t end = 2, start;

	while (end < length && (head[end] == ' ' || head[end] == '\t'))
		end++;
	start = end;
	while (end < length && head[end] && !strchr(" \t\n", head[end]))
		end++;
	return end > start ? ck_strndup(arena, head + start, end - start) : NULL;
}

static void inspect_interpreter(struct ck_arena *arena, const char *path,
				unsigned int depth, const struct ck_seeker *seeker,
				struct ck_target *target);

/* A relative interpreter counts from the workload's directory, as the command does. */
static const char *from(struct ck_arena *arena, const struct ck_seeker *seeker,
			const char *path)
{
	if (path[0] == '/' || !seeker->directory)
		return path;
	return ck_join(arena, seeker->directory, "/", path);
}

/* Would the kernel map it as the loader of a program with this head? load_elf_binary() of
 * fs/binfmt_elf.c. One that only the kernel can read may be. */
static bool may_load(const char *path, const Elf64_Ehdr *program)
{
	int fd = ck_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	Elf64_Ehdr head = { .e_type = ET_NONE };
	ssize_t length;

	if (fd < 0)
		return true;
	length = read_at(fd, &head, sizeof(head), 0);
	close(fd);
	return length < 0 || (!memcmp(&head, ELFMAG, SELFMAG) &&
			      head.e_ident[EI_CLASS] == program->e_ident[EI_CLASS] &&
			      head.e_machine == program->e_machine &&
			      (head.e_type == ET_DYN || head.e_type == ET_EXEC));
}

/* The loader that a program names. */
static void inspect_loader(struct ck_arena *arena, const struct ck_seeker *seeker,
			   const Elf64_Ehdr *program, const char *path,
			   struct ck_target *target)
{
	const char *found = from(arena, seeker, path);
	struct statfs fs = { .f_flags = 0 };

	if (access(found, F_OK) < 0 && errno != EACCES)
		fail(target, errno,
		     ck_format(arena,
			       "its loader %s: %s; a dynamically "
			       "linked program needs it in the image",
			       path, strerror(errno)));
	else if (seeker->abis &&
		 (ck_seeker_may(arena, seeker, found) < 0 ||
		  (statfs(found, &fs) == 0 && (unsigned long)fs.f_flags & ST_NOEXEC)))
		fail(target, EACCES,
		     ck_format(arena, "the workload's user may not execute its loader %s",
			       path));
	else if (seeker->abis && !may_load(found, program))
		fail(target, ENOEXEC,
		     ck_format(arena, "its loader %s is none for this program", path));
}

/* Behind a filter it is too late for an answer of execve, and binfmt_misc cannot be asked
 * before. */
static void inspect_machine(const struct ck_seeker *seeker, const Elf64_Ehdr *head,
			    bool whole, struct ck_target *target)
{
	static const struct {
		unsigned char class;
		Elf64_Half machine;
		enum ck_abi abi;
	} known[] = {
		{ ELFCLASS64, EM_X86_64, CK_ABI_X86_64 },
		{ ELFCLASS32, EM_386, CK_ABI_I386 },
		{ ELFCLASS32, EM_X86_64, CK_ABI_X32 },
		{ ELFCLASS64, EM_AARCH64, CK_ABI_AARCH64 },
		{ ELFCLASS32, EM_ARM, CK_ABI_ARM },
	};
	size_t i;

	if (!whole || (head->e_type != ET_EXEC && head->e_type != ET_DYN)) {
		fail(target, ENOEXEC, "it is an ELF file, but no program");
		return;
	}
	for (i = 0; i < CK_ARRAY_SIZE(known); i++)
		if (known[i].class == head->e_ident[EI_CLASS] &&
		    known[i].machine == head->e_machine &&
		    seeker->abis >> known[i].abi & 1U)
			return;
	fail(target, ENOEXEC,
	     "it is a program for an ABI whose calls the filter kills; write abi = "
	     "native+32 or all in [seccomp], or take a program for this machine");
}

static void inspect_format(struct ck_arena *arena, int fd, unsigned int depth,
			   const struct ck_seeker *seeker, struct ck_target *target)
{
	union {
		char bytes[HEAD_SIZE];
		Elf64_Ehdr elf;
	} head;
	ssize_t length = read_at(fd, &head, sizeof(head), 0);
	const char *interpreter;
	bool whole;

	target->unread = length < 0;
	if (length == 0)
		fail(target, ENOEXEC, "the file is empty");
	if (length >= 2 && !memcmp(head.bytes, "#!", 2)) {
		interpreter = script_interpreter(
			arena, head.bytes,
			(size_t)(length < LINE_SIZE ? length : LINE_SIZE));
		if (interpreter)
			inspect_interpreter(arena, from(arena, seeker, interpreter),
					    depth, seeker, target);
		else
			fail(target, ENOEXEC, "its first line #! names no interpreter");
	} else if (length >= (ssize_t)sizeof(head.elf) &&
		   !memcmp(&head, ELFMAG, SELFMAG)) {
		whole = elf_interpreter(arena, fd, &head.elf, (size_t)length,
					&interpreter);
		if (interpreter)
			inspect_loader(arena, seeker, &head.elf, interpreter, target);
		if (seeker->abis)
			inspect_machine(seeker, &head.elf, whole, target);
	} else if (length > 0 && seeker->abis) {
		fail(target, ENOEXEC,
		     "it is no program for this machine and has no line #!; name the "
		     "program that runs it as the command");
	}
}

static void inspect_file(struct ck_arena *arena, const char *path, unsigned int depth,
			 const struct ck_seeker *seeker, struct ck_target *target)
{
	struct statfs fs = { .f_flags = 0 };
	struct stat st = { .st_mode = 0 };
	int fd, rc;

	if (stat(path, &st) < 0 || statfs(path, &fs) < 0) {
		fail(target, errno, strerror(errno));
		return;
	}
	target->uid = st.st_uid;
	target->gid = st.st_gid;
	target->mode = st.st_mode;
	target->nosuid = (unsigned long)fs.f_flags & ST_NOSUID;
	read_fcaps(path, &target->fcaps);
	rc = ck_seeker_may(arena, seeker, path);
	if (!S_ISREG(st.st_mode))
		fail(target, EACCES,
		     S_ISDIR(st.st_mode) ? "it is a directory" : "it is no regular file");
	else if ((unsigned long)fs.f_flags & ST_NOEXEC)
		fail(target, EACCES, "it is on a mount with the option noexec");
	else if (!(st.st_mode & 0111))
		fail(target, EACCES, "it has no x bit (chmod +x)");
	if (target->error && !target->by_rights)
		return;
	if (rc < 0 && !target->error) {
		fail(target, -rc, "the workload's user may not execute it");
		target->by_rights = true;
	}
	fd = ck_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		target->unread = true; /* the kernel can read it, in order to run it */
		return;
	}
	inspect_format(arena, fd, depth, seeker, target);
	close(fd);
}

static void inspect_interpreter(struct ck_arena *arena, const char *path,
				unsigned int depth, const struct ck_seeker *seeker,
				struct ck_target *target)
{
	const char *before = target->reason;

	target->interpreter = path;
	if (depth == INTERPRETERS_MAX) {
		fail(target, ELOOP, "more than five interpreters deep");
		return;
	}
	inspect_file(arena, path, depth + 1, seeker, target);
	if (target->reason != before && target->interpreter == path)
		target->reason =
			ck_format(arena, "its interpreter %s: %s", path, target->reason);
}

void ck_target_inspect(struct ck_arena *arena, const char *path,
		       const struct ck_seeker *seeker, struct ck_target *target)
{
	inspect_file(arena, path, 0, seeker, target);
}
