/* SPDX-License-Identifier: MIT */
/* Opening, judging and reading of profiles. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#define OTHER 1000 /* an unprivileged uid or gid */

/* What becomes of the file: its length as text, or messages with FILE for its path. */
static const char *judged(const char *path)
{
	char *bytes = NULL;
	size_t length = 77, i;
	const char *text = "";
	int rc;

	unit_diags.count = 0;
	rc = ck_file_read(&unit_arena, path, &unit_diags, &bytes, &length);
	if (rc == -ENOENT && unit_diags.count == 0)
		return "absent";
	if (rc == 0 && unit_diags.count == 0)
		return bytes[length] ? "no NUL behind it" :
				       unit_format("%zu bytes", length);
	if (rc != -EINVAL || length != 77)
		return unit_format("%d, length %zu", rc, length);
	for (i = 0; i < unit_diags.count; i++)
		text = unit_format("%s%s%s: %s", text, i ? "\n" : "",
				   unit_diags.list[i].where, unit_diags.list[i].text);
	return unit_replace(text, path, "FILE");
}

static void sizes(void **state)
{
	static char bytes[CK_FILE_MAX + 1];
	const char *path = unit_file("size.ini");

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	assert_string_equal(judged(path), "absent");
	unit_write(path, bytes, 0, 0644);
	assert_string_equal(judged(path), "0 bytes");
	unit_write(path, bytes, 1, 0644);
	assert_string_equal(judged(path), "1 bytes");
	unit_write(path, bytes, CK_FILE_MAX, 0600);
	assert_string_equal(judged(path), "65536 bytes");
	unit_write(path, bytes, CK_FILE_MAX + 1, 0600);
	assert_string_equal(judged(path),
			    "FILE: has 65537 bytes, a profile at most 65536");
}

static void bytes_are_read_as_they_are(void **state)
{
	static const char content[] = "a\0b\r\n\xff";
	const char *path = unit_file("bytes.ini");
	char *bytes;
	size_t length;

	(void)state;
	unit_write(path, content, sizeof(content), 0644);
	assert_int_equal(ck_file_read(&unit_arena, path, &unit_diags, &bytes, &length),
			 0);
	assert_int_equal(length, sizeof(content));
	assert_memory_equal(bytes, content, sizeof(content));
}

static void only_regular_files(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = unit_file("odd");
	int fd;

	(void)state;
	assert_string_equal(judged(unit_directory()), "FILE: is not a regular file");
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(20); /* opened to wait for a writer, it would never end */
	assert_string_equal(judged(path), "FILE: is not a regular file");
	alarm(0);
	assert_int_equal(remove(path), 0);
	assert_string_equal(judged("/dev/null"), "FILE: is not a regular file");
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_string_equal(judged(path),
			    "FILE: cannot be opened: No such device or address");
	assert_int_equal(remove(path), 0);
	assert_int_equal(symlink("odd", path), 0);
	assert_string_equal(judged(path),
			    "FILE: cannot be opened: Too many levels of symbolic links");
	assert_int_equal(remove(path), 0);
	assert_string_equal(judged(unit_format("%s/x", unit_file("size.ini"))),
			    "FILE: cannot be opened: Not a directory");
}

static void symbolic_links_lead_to_the_file(void **state)
{
	const char *path = unit_file("link.ini");

	(void)state;
	unit_write(unit_file("behind.ini"), "x\n", 2, 0644);
	assert_int_equal(symlink("behind.ini", path), 0);
	assert_string_equal(judged(path), "2 bytes");
	assert_int_equal(chmod(unit_file("behind.ini"), 0646), 0);
	assert_string_equal(judged(path),
			    "FILE: everybody may write it (mode 0646): chmod o-w FILE");
}

/* Files of /proc have size 0 and content all the same. */
static void what_is_read_has_the_size_that_was_judged(void **state)
{
	(void)state;
	UNIT_NEED_ROOT();
	assert_string_equal(judged("/proc/self/status"),
			    "FILE: has another size than it had when it was opened");
	assert_string_equal(judged("/proc/self/mem"),
			    "FILE: cannot be read: Input/output error");
}

struct mode_row {
	const char *name;
	uid_t uid;
	gid_t gid;
	unsigned int mode;
	const char *result;
};

static const struct mode_row rows[] = {
	{ "root's", 0, 0, 0644, "2 bytes" },
	{ "root's, for root only", 0, 0, 0600, "2 bytes" },
	{ "root's, for nobody", 0, 0, 0, "2 bytes" },
	{ "root's, executable", 0, 0, 07755, "2 bytes" },
	{ "group root may write", 0, 0, 0664, "2 bytes" },
	{ "group root may write, of another", 0, OTHER, 0644, "2 bytes" },
	{ "everybody may write", 0, 0, 0646,
	  "FILE: everybody may write it (mode 0646): chmod o-w FILE" },
	{ "everybody may only write", 0, 0, 0602,
	  "FILE: everybody may write it (mode 0602): chmod o-w FILE" },
	{ "another group may write", 0, OTHER, 0664,
	  "FILE: others than root may write it through its group or access list (mode "
	  "0664, gid "
	  "1000): chmod g-w FILE" },
	{ "another group may only write", 0, 5, 0620,
	  "FILE: others than root may write it through its group or access list (mode "
	  "0620, gid "
	  "5): chmod g-w FILE" },
	{ "another's", OTHER, 0, 0644,
	  "FILE: belongs to uid 1000, who could change it; it must belong to root or "
	  "to the "
	  "caller (chown root FILE)" },
	{ "another's who may not write", OTHER, 0, 0444,
	  "FILE: belongs to uid 1000, who could change it; it must belong to root or "
	  "to the "
	  "caller (chown root FILE)" },
	{ "nobody's", 65534, 65534, 0644,
	  "FILE: belongs to uid 65534, who could change it; it must belong to root or "
	  "to the "
	  "caller (chown root FILE)" },
	{ "all of it", OTHER, OTHER, 02666,
	  "FILE: belongs to uid 1000, who could change it; it must belong to root or "
	  "to the "
	  "caller (chown root FILE)\n"
	  "FILE: everybody may write it (mode 2666): chmod o-w FILE\n"
	  "FILE: others than root may write it through its group or access list (mode "
	  "2666, gid "
	  "1000): chmod g-w FILE" },
};

static void owner_and_mode_decide(void **state)
{
	const struct mode_row *row = *state;
	const char *path = unit_file("mode.ini");

	UNIT_NEED_ROOT();
	unit_write(path, "x\n", 2, 0600);
	assert_int_equal(chown(path, row->uid, row->gid), 0);
	assert_int_equal(chmod(path, row->mode), 0);
	assert_string_equal(judged(path), row->result);
	assert_int_equal(remove(path), 0);
}

static int as_another(void *data)
{
	const char *path = data;

	CLAIM(setresgid(OTHER, OTHER, OTHER) == 0 && setresuid(OTHER, OTHER, OTHER) == 0);
	CLAIM(!strcmp(judged(path), "2 bytes")); /* the caller's own */
	CLAIM(!strcmp(judged(unit_format("%s-root", path)), "2 bytes"));
	CLAIM(strstr(judged(unit_format("%s-else", path)),
		     "FILE: belongs to uid 1001, "));
	CLAIM(!strcmp(judged(unit_format("%s-hidden", path)),
		      "FILE: cannot be opened: Permission denied"));
	return 0;
}

static void the_caller_may_own_it(void **state)
{
	static const struct {
		const char *ending;
		uid_t uid;
		unsigned int mode;
	} files[] = { { "", OTHER, 0644 },
		      { "-root", 0, 0644 },
		      { "-else", OTHER + 1, 0644 },
		      { "-hidden", 0, 0600 } };
	const char *path = unit_file("own.ini");
	size_t i;

	(void)state;
	UNIT_NEED_ROOT();
	for (i = 0; i < CK_ARRAY_SIZE(files); i++) {
		const char *file = unit_format("%s%s", path, files[i].ending);

		unit_write(file, "x\n", 2, files[i].mode);
		assert_int_equal(chown(file, files[i].uid, 0), 0);
	}
	unit_in_child(as_another, (void *)(uintptr_t)path);
}

/* In a user namespace without mappings all files and we show the overflow uid. */
static int without_mapping(void *data)
{
	struct stat st;

	CLAIM(setresgid(OTHER, OTHER, OTHER) == 0 && setresuid(OTHER, OTHER, OTHER) == 0);
	CLAIM(unshare(CLONE_NEWUSER) == 0);
	CLAIM(stat(data, &st) == 0 && st.st_uid == geteuid());
	CLAIM(strstr(judged(data), "FILE: belongs to uid 65534, who could change it"));
	return 0;
}

static void equality_of_unmapped_owners_proves_nothing(void **state)
{
	const char *path = unit_file("unmapped.ini");

	(void)state;
	UNIT_NEED_ROOT();
	unit_write(path, "x\n", 2, 0644);
	assert_int_equal(chown(path, 4321, 4321), 0);
	unit_in_child(without_mapping, (void *)(uintptr_t)path);
}

static int on_read_only_mount(void *data)
{
	const char *folder = data, *path = unit_format("%s/x.ini", folder);

	CLAIM(unshare(CLONE_NEWNS) == 0);
	CLAIM(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0);
	CLAIM(mount("tmpfs", folder, "tmpfs", 0, "mode=0755") == 0);
	unit_write(path, "x\n", 2, 0666);
	CLAIM(chown(path, OTHER, OTHER) == 0);
	CLAIM(strstr(judged(path), "FILE: belongs to uid 1000"));
	CLAIM(mount("none", folder, "none", MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0);
	CLAIM(!strcmp(judged(path), "2 bytes"));
	CLAIM(strstr(judged(folder), "is not a regular file"));
	return 0;
}

static void on_a_read_only_mount_nobody_can_write(void **state)
{
	const char *folder = unit_file("mount");

	(void)state;
	UNIT_NEED_ROOT();
	assert_int_equal(mkdir(folder, 0755), 0);
	unit_in_child(on_read_only_mount, (void *)(uintptr_t)folder);
}

/* acl(5): version 2; user::rw-, user:1000:rw-, group::r--, mask::rw-, other::r-- */
static void access_lists_count_as_a_group(void **state)
{
	static const unsigned char list[] = {
		2,    0,    0,	  0,	1,    0,    6,	  0,	0xff, 0xff, 0xff,
		0xff, 2,    0,	  6,	0,    0xe8, 3,	  0,	0,    4,    0,
		4,    0,    0xff, 0xff, 0xff, 0xff, 0x10, 0,	6,    0,    0xff,
		0xff, 0xff, 0xff, 0x20, 0,    4,    0,	  0xff, 0xff, 0xff, 0xff,
	};
	const char *path = unit_file("list.ini");

	(void)state;
	UNIT_NEED_ROOT();
	unit_write(path, "x\n", 2, 0664);
	assert_string_equal(judged(path), "2 bytes");
	if (setxattr(path, "system.posix_acl_access", list, sizeof(list), 0) < 0) {
		assert_int_equal(errno, ENOTSUP);
		UNIT_SKIP("no access lists here");
	}
	assert_string_equal(
		judged(path),
		"FILE: others than root may write it through its group or access list "
		"(mode 0664, gid 0): chmod g-w FILE");
	assert_int_equal(chmod(path, 0644), 0);
	assert_string_equal(judged(path), "2 bytes");
}

static int with_closed(void *data)
{
	int mask, i, fd;

	(void)data;
	for (mask = 0; mask < 8; mask++) {
		for (i = 0; i < 3; i++) {
			close(i);
			if (!(mask & 1 << i))
				CLAIM(dup2(200, i) == i);
		}
		fd = ck_open("/dev/null", O_RDONLY);
		CLAIM(fd > 2 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
		CLAIM(close(fd) == 0);
		for (i = 0; i < 3; i++)
			CLAIM((fcntl(i, F_GETFD) >= 0) == !(mask & 1 << i));
	}
	return 0;
}

static void nothing_lands_on_standard_descriptors(void **state)
{
	(void)state;
	assert_int_equal(dup2(STDOUT_FILENO, 200), 200);
	unit_in_child(with_closed, NULL);
	close(200);
	assert_int_equal(ck_open("/nonexistent", O_RDONLY), -ENOENT);
	assert_int_equal(ck_open(unit_directory(), O_WRONLY), -EISDIR);
}

static void whole_files_without_judgement(void **state)
{
	const char *path = unit_file("passwd"), *bytes = NULL;
	size_t length = 0;

	(void)state;
	unit_write(path, "root:x:0:0\n", 11, 0666);
	assert_int_equal(ck_file_slurp(&unit_arena, path, 11, &bytes, &length), 0);
	assert_int_equal(length, 11);
	assert_string_equal(bytes, "root:x:0:0\n");
	assert_int_equal(ck_file_slurp(&unit_arena, path, 10, &bytes, &length), -EFBIG);
	unit_write(path, "", 0, 0666);
	assert_int_equal(ck_file_slurp(&unit_arena, path, 10, &bytes, &length), 0);
	assert_int_equal(length, 0);
	assert_int_equal(
		ck_file_slurp(&unit_arena, unit_directory(), 1 << 20, &bytes, &length),
		-EINVAL);
	assert_int_equal(ck_file_slurp(&unit_arena, "/nonexistent", 10, &bytes, &length),
			 -ENOENT);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(bytes_are_read_as_they_are),
		cmocka_unit_test(only_regular_files),
		cmocka_unit_test(symbolic_links_lead_to_the_file),
		cmocka_unit_test(what_is_read_has_the_size_that_was_judged),
		cmocka_unit_test(the_caller_may_own_it),
		cmocka_unit_test(equality_of_unmapped_owners_proves_nothing),
		cmocka_unit_test(on_a_read_only_mount_nobody_can_write),
		cmocka_unit_test(access_lists_count_as_a_group),
		cmocka_unit_test(nothing_lands_on_standard_descriptors),
		cmocka_unit_test(whole_files_without_judgement),
	};

	return unit_run_rows("file", UNIT_ROWS(rows, owner_and_mode_decide), others,
			     CK_ARRAY_SIZE(others));
}
