/* SPDX-License-Identifier: MIT */
/* What is seen of a file before it is executed; each error is compared with execve(2). */
#include "unit.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static const struct ck_seeker self = { .self = true };

#if defined(__aarch64__)
#define NATIVE CK_ABI_AARCH64
#else
#define NATIVE CK_ABI_X86_64
#endif
/* A filter is going to be loaded, so that execve must not be the one to find out. */
static const struct ck_seeker last = { .self = true, .abis = 1U << NATIVE };

static struct ck_target look_as(const struct ck_seeker *seeker, const char *path)
{
	struct ck_target target = { .path = path };

	ck_target_inspect(&unit_arena, path, seeker, &target);
	assert_true((target.error == 0) == (target.reason == NULL));
	return target;
}

static struct ck_target look(const char *path)
{
	return look_as(&self, path);
}

static const char *put(const char *name, const char *bytes, size_t length,
		       unsigned int mode)
{
	const char *path = unit_file(name);

	remove(path);
	unit_write(path, bytes, length, mode);
	return path;
}

static const char *put_text(const char *name, const char *text, unsigned int mode)
{
	return put(name, text, strlen(text), mode);
}

/* The errno of a real execve, 0 where it works. */
static int really(const char *path)
{
	char *argv[] = { (char *)(uintptr_t)path, NULL }, *envp[] = { NULL };
	int ends[2], error = 0;
	pid_t child;
	ssize_t n;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		execve(path, argv, envp);
		error = errno;
		_exit(write(ends[1], &error, sizeof(error)) == (ssize_t)sizeof(error) ?
			      0 :
			      1);
	}
	close(ends[1]);
	n = read(ends[0], &error, sizeof(error));
	close(ends[0]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	return n == (ssize_t)sizeof(error) ? error : 0;
}

struct content {
	const char *name;
	const char *text; /* SELF stands for the directory */
	unsigned int mode;
	int error;
	const char *reason, *interpreter;
};

static const struct content rows[] = {
	{ "a script", "#!/bin/sh\nexit 0\n", 0755, 0, NULL, "/bin/sh" },
	{ "a script with an argument", "#!/bin/sh -e\nexit 0\n", 0755, 0, NULL,
	  "/bin/sh" },
	{ "a script with blanks", "#! \t/bin/sh \t-e \nexit 0\n", 0755, 0, NULL,
	  "/bin/sh" },
	{ "a script of one line", "#!/bin/true", 0755, 0, NULL, "/bin/true" },
	{ "not executable", "#!/bin/sh\n", 0644, EACCES, "it has no x bit (chmod +x)",
	  NULL },
	{ "an empty file", "", 0755, ENOEXEC, "the file is empty", NULL },
	{ "no interpreter", "#!\n", 0755, ENOEXEC,
	  "its first line #! names no interpreter", NULL },
	{ "no interpreter but blanks", "#!  \t\n/bin/sh\n", 0755, ENOEXEC,
	  "its first line #! names no interpreter", NULL },
	{ "no interpreter and no newline", "#!", 0755, ENOEXEC,
	  "its first line #! names no interpreter", NULL },
	{ "a missing interpreter", "#!/nonexistent/sh\n", 0755, ENOENT,
	  "its interpreter /nonexistent/sh: No such file or directory",
	  "/nonexistent/sh" },
	{ "DOS line ends", "#!/bin/sh\r\nexit 0\r\n", 0755, ENOENT,
	  "its interpreter /bin/sh\r: No such file or directory", "/bin/sh\r" },
	{ "an interpreter that is a directory", "#!/bin\n", 0755, EACCES,
	  "its interpreter /bin: it is a directory", "/bin" },
	{ "an interpreter that is a device", "#!/dev/null\n", 0755, EACCES,
	  "its interpreter /dev/null: it is no regular file", "/dev/null" },
	{ "an interpreter that is not executable", "#!SELF/plain\n", 0755, EACCES,
	  "its interpreter SELF/plain: it has no x bit (chmod +x)", "SELF/plain" },
	{ "an interpreter that is a script", "#!SELF/script\n", 0755, 0, NULL,
	  "/bin/sh" },
	{ "an interpreter that is empty", "#!SELF/empty\n", 0755, ENOEXEC,
	  "its interpreter SELF/empty: the file is empty", "SELF/empty" },
	{ "an interpreter that is itself", "#!SELF/file\n", 0755, ELOOP,
	  "more than five interpreters deep", "SELF/file" },
};

/* Both end in 126, or both in 127. */
static void compare_with_execve(const char *path, int error)
{
	int real = really(path);

	assert_true((real == ENOENT) == (error == ENOENT));
	assert_true((real == 0) == (error == 0));
}

static void scripts(void **state)
{
	const struct content *row = *state;
	const char *text = unit_replace(row->text, "SELF", unit_directory());
	const char *path = put_text("file", text, row->mode);
	struct ck_target target;

	put_text("plain", "#!/bin/sh\n", 0644);
	put_text("script", "#!/bin/sh\n", 0755);
	put_text("empty", "", 0755);
	target = look(path);
	assert_int_equal(target.error, row->error);
	if (!unit_in_valgrind())
		compare_with_execve(path, row->error);
	if (row->reason)
		assert_string_equal(target.reason,
				    unit_replace(row->reason, "SELF", unit_directory()));
	if (row->interpreter)
		assert_string_equal(
			target.interpreter,
			unit_replace(row->interpreter, "SELF", unit_directory()));
	else
		assert_null(target.interpreter);
}

static void chains_end_at_five(void **state)
{
	int i, depth;

	(void)state;
	if (unit_in_valgrind())
		UNIT_SKIP("valgrind cannot do that");
	for (depth = 1; depth <= 8; depth++) {
		for (i = 0; i < depth; i++)
			put_text(unit_format("chain%d", i),
				 i ? unit_format("#!%s\n", unit_file(unit_format(
								   "chain%d", i - 1))) :
				     "#!/bin/true\n",
				 0755);
		assert_int_equal(look(unit_file(unit_format("chain%d", depth - 1))).error,
				 really(unit_file(unit_format("chain%d", depth - 1))));
	}
}

/* What is no program at all is for the kernel to say. */
static void other_contents_are_left_to_the_kernel(void **state)
{
	static const char *const texts[] = { "x",
					     "#",
					     "hello, world\n",
					     "\x7f"
					     "ELF",
					     "\x7f"
					     "ELF\2\1\1",
					     "\n#!/bin/sh\n",
					     " #!/bin/sh\n" };
	size_t i;

	(void)state;
	for (i = 0; i < CK_ARRAY_SIZE(texts); i++)
		assert_int_equal(look(put_text("odd", texts[i], 0755)).error, 0);
}

static void programs_need_their_loader(void **state)
{
	size_t length, i;
	char *bytes = unit_read("/bin/true", &length), *loader = NULL;
	const Elf64_Ehdr *head = (const void *)bytes;
	struct ck_target target;

	(void)state;
	assert_int_equal(look("/bin/true").error, 0);
	for (i = 0; i < head->e_phnum; i++) {
		const Elf64_Phdr *segment = (const void *)(bytes + head->e_phoff);

		if (segment[i].p_type == PT_INTERP)
			loader = bytes + segment[i].p_offset;
	}
	assert_non_null(loader);
	assert_int_equal(look(put("elf", bytes, length, 0755)).error, 0);
	loader[strlen(loader) - 1] = '!';
	target = look(put("elf", bytes, length, 0755));
	assert_int_equal(target.error, ENOENT);
	assert_string_equal(
		target.reason,
		unit_format("its loader %s: No such file or directory; a dynamically "
			    "linked program needs it in the image",
			    loader));
	if (!unit_in_valgrind())
		assert_int_equal(really(unit_file("elf")), ENOENT);
	target = look(put_text("by-elf", unit_format("#!%s\n", unit_file("elf")), 0755));
	assert_int_equal(target.error, ENOENT);
	/* Damaged in every byte of the headers: whatever is said, nothing breaks. */
	for (i = 0; i < sizeof(*head) + 3 * sizeof(Elf64_Phdr); i++) {
		char kept = bytes[i];

		bytes[i] = (char)~kept;
		(void)look(put("elf", bytes, length, 0755));
		(void)look(put("elf", bytes, i, 0755));
		bytes[i] = kept;
	}
}

/* An execve that fails behind a filter may not be able to say so. */
static void behind_a_filter_formats_are_judged(void **state)
{
	static const char *const texts[] = { "x", "#", "hello, world\n",
					     ("\x7f"
					      "ELF"),
					     " #!/bin/sh\n" };
	struct ck_target target;
	size_t i;

	(void)state;
	for (i = 0; i < CK_ARRAY_SIZE(texts); i++) {
		target = look_as(&last, put_text("odd", texts[i], 0755));
		assert_int_equal(target.error, ENOEXEC);
		assert_string_equal(
			target.reason,
			"it is no program for this machine and has no line #!; name the "
			"program that runs it as the command");
		assert_int_equal(really(unit_file("odd")), ENOEXEC);
	}
	assert_int_equal(look_as(&last, "/bin/true").error, 0);
	target = look_as(
		&last, put_text("by-odd", unit_format("#!%s\n", unit_file("odd")), 0755));
	assert_int_equal(target.error, ENOEXEC);
	target = look_as(&last, put_text("by-sh", "#!/bin/sh\n", 0755));
	assert_int_equal(target.error, 0);
}

static void behind_a_filter_the_abi_counts(void **state)
{
	size_t length;
	char *bytes = unit_read("/bin/true", &length);
	Elf64_Ehdr *head = (void *)bytes;
	const Elf64_Half machine = head->e_machine;
	struct ck_target target;

	(void)state;
	head->e_type = ET_REL;
	target = look_as(&last, put("elf", bytes, length, 0755));
	assert_string_equal(target.reason, "it is an ELF file, but no program");
	if (!unit_in_valgrind())
		assert_int_equal(really(unit_file("elf")), ENOEXEC);
	head->e_type = ET_DYN;
	head->e_machine = EM_S390;
	target = look_as(&last, put("elf", bytes, length, 0755));
	assert_int_equal(target.error, ENOEXEC);
	assert_string_equal(
		target.reason,
		"it is a program for an ABI whose calls the filter kills; write "
		"abi = native+32 or all in [seccomp], or take a program for this "
		"machine");
	assert_int_equal(look(unit_file("elf")).error, 0);
	head->e_machine = machine;
	assert_int_equal(look_as(&last, put("elf", bytes, length, 0755)).error, 0);
}

/* Behind the filter no error of the format may be left for execve to find. */
static void what_passes_before_a_filter_is_executed(void **state)
{
	size_t length, i;
	char *bytes = unit_read("/bin/true", &length);

	(void)state;
	if (unit_in_valgrind())
		return;
	for (i = 0; i < sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr); i++) {
		char kept = bytes[i];
		int real;

		bytes[i] = (char)~kept;
		put("elf", bytes, length, 0755);
		bytes[i] = kept;
		if (look_as(&last, unit_file("elf")).error)
			continue;
		real = really(unit_file("elf"));
		if (real == ENOEXEC || real == ENOENT || real == EACCES)
			fail_msg("byte %zu: execve gives %s", i, strerror(real));
	}
}

static struct ck_target look_with_loader(const char *path)
{
	size_t length, i;
	char *bytes = unit_read("/bin/true", &length);
	const Elf64_Ehdr *head = (const void *)bytes;
	const Elf64_Phdr *segment = (const void *)(bytes + head->e_phoff);

	for (i = 0; i < head->e_phnum; i++)
		if (segment[i].p_type == PT_INTERP)
			strcpy(bytes + segment[i].p_offset, path);
	return look_as(&last, put("elf", bytes, length, 0755));
}

/* The kernel asks for the x bit of the loader, and knows no other error before it maps
 * it. */
static void behind_a_filter_the_loader_counts(void **state)
{
	struct ck_target target;

	(void)state;
	UNIT_NEED_ROOT();
	target = look_with_loader("/etc/passwd");
	assert_string_equal(target.reason,
			    "the workload's user may not execute its loader /etc/passwd");
	if (!unit_in_valgrind())
		assert_int_equal(really(unit_file("elf")), EACCES);
	target = look_with_loader("/usr/bin/ldd"); /* a script */
	assert_string_equal(target.reason,
			    "its loader /usr/bin/ldd is none for this program");
}

static void mode_and_owner(void **state)
{
	const char *path = put_text("file", "#!/bin/sh\n", 0755);
	struct ck_target target;

	(void)state;
	UNIT_NEED_ROOT();
	/* Of a script they are those of the interpreter. */
	target = look(path);
	assert_int_equal(target.uid, 0);
	assert_int_equal(target.mode & 07777, look("/bin/sh").mode & 07777);
	path = put_text("file", "x", 0755);
	assert_int_equal(chown(path, 12, 34), 0);
	assert_int_equal(chmod(path, 06711), 0);
	target = look(path);
	assert_int_equal(target.uid, 12);
	assert_int_equal(target.gid, 34);
	assert_int_equal(target.mode, S_IFREG | 06711);
	assert_false(target.nosuid);
	assert_false(target.fcaps.present);
	assert_int_equal(target.fcaps.error, 0);
	target = look("/nonexistent");
	assert_int_equal(target.error, ENOENT);
	target = look(unit_directory());
	assert_int_equal(target.error, EACCES);
	assert_string_equal(target.reason, "it is a directory");
}

static void set_caps_of(const char *path, uint32_t magic, size_t size, uid_t root)
{
	struct vfs_ns_cap_data data = { .magic_etc = magic, .rootid = root };

	data.data[0].permitted = 1U << CAP_NET_RAW;
	data.data[0].inheritable = 1U << CAP_KILL;
	data.data[1].permitted = 1U << (CAP_BPF - 32);
	assert_int_equal(setxattr(path, "security.capability", &data, size, 0), 0);
}

static void set_caps(const char *path, uint32_t magic, size_t size)
{
	set_caps_of(path, magic, size, 0);
}

static void capabilities(void **state)
{
	const char *path = put_text("file", "x", 0755);
	uint64_t low = CK_CAP(CAP_NET_RAW), all = low | CK_CAP(CAP_BPF);
	struct ck_fcaps fcaps;

	(void)state;
	UNIT_NEED_ROOT();
	set_caps(path, VFS_CAP_REVISION_2, XATTR_CAPS_SZ_2);
	fcaps = look(path).fcaps;
	assert_true(fcaps.present && !fcaps.effective && fcaps.permitted == all &&
		    fcaps.inheritable == CK_CAP(CAP_KILL) && fcaps.error == 0);
	set_caps(path, VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE, XATTR_CAPS_SZ_2);
	assert_true(look(path).fcaps.effective);
	set_caps(path, VFS_CAP_REVISION_3, XATTR_CAPS_SZ_3);
	fcaps = look(path).fcaps;
	assert_true(fcaps.present && fcaps.permitted == all);
	/* Of the root of a namespace that is not ours. */
	set_caps_of(path, VFS_CAP_REVISION_3, XATTR_CAPS_SZ_3, 1000);
	fcaps = look(path).fcaps;
	assert_true(!fcaps.present && fcaps.error == EXDEV);
	/* A script's own are not looked at. */
	path = put_text("file", "#!/bin/sh\n", 0755);
	set_caps(path, VFS_CAP_REVISION_2, XATTR_CAPS_SZ_2);
	assert_false(look(path).fcaps.present);
}

static int cannot_read(void *data)
{
	struct ck_target target = { .path = data };

	CLAIM(setresgid(5, 5, 5) == 0 && setresuid(5, 5, 5) == 0);
	ck_target_inspect(&unit_arena, data, &self, &target);
	CLAIM(target.unread && target.error == 0);
	return 0;
}

static void what_cannot_be_read_is_said(void **state)
{
	const char *path = put_text("unreadable", "#!/bin/sh\n", 0711);

	(void)state;
	UNIT_NEED_ROOT();
	assert_false(look(path).unread);
	unit_in_child(cannot_read, (void *)(uintptr_t)path);
}

/* As the command itself, from the directory of the workload. */
static void relative_interpreters(void **state)
{
	const struct ck_seeker there = { .self = true, .directory = unit_directory() };
	const char *path = put_text("relative", "#!plain\n", 0755);
	struct ck_target target = { .path = path };

	(void)state;
	put_text("plain", "#!/bin/sh\n", 0755);
	ck_target_inspect(&unit_arena, path, &there, &target);
	assert_int_equal(target.error, 0);
	assert_string_equal(target.interpreter, "/bin/sh");
	assert_int_equal(look(path).error, ENOENT);
}

static int on_other_mounts(void *data)
{
	const char *folder = data, *path = unit_format("%s/file", folder);
	struct ck_target target = { .path = path }, again = { .path = path };

	CLAIM(unshare(CLONE_NEWNS) == 0);
	CLAIM(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0);
	CLAIM(mount("tmpfs", folder, "tmpfs", MS_NOSUID, "mode=0755") == 0);
	unit_write(path, "x", 1, 0755);
	ck_target_inspect(&unit_arena, path, &self, &target);
	CLAIM(target.nosuid && target.error == 0);
	CLAIM(mount("none", folder, "none", MS_REMOUNT | MS_BIND | MS_NOEXEC, NULL) == 0);
	ck_target_inspect(&unit_arena, path, &self, &again);
	CLAIM(!again.nosuid && again.error == EACCES);
	CLAIM(!strcmp(again.reason, "it is on a mount with the option noexec"));
	return 0;
}

static void mounts(void **state)
{
	const char *folder = unit_file("mount");

	(void)state;
	UNIT_NEED_ROOT();
	assert_int_equal(mkdir(folder, 0755), 0);
	unit_in_child(on_other_mounts, (void *)(uintptr_t)folder);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(chains_end_at_five),
		cmocka_unit_test(other_contents_are_left_to_the_kernel),
		cmocka_unit_test(programs_need_their_loader),
		cmocka_unit_test(behind_a_filter_formats_are_judged),
		cmocka_unit_test(behind_a_filter_the_abi_counts),
		cmocka_unit_test(behind_a_filter_the_loader_counts),
		cmocka_unit_test(what_passes_before_a_filter_is_executed),
		cmocka_unit_test(mode_and_owner),
		cmocka_unit_test(capabilities),
		cmocka_unit_test(mounts),
		cmocka_unit_test(what_cannot_be_read_is_said),
		cmocka_unit_test(relative_interpreters),
	};

	return unit_run_rows("inspect", UNIT_ROWS(rows, scripts), others,
			     CK_ARRAY_SIZE(others));
}
