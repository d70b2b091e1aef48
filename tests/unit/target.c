/* SPDX-License-Identifier: MIT */
/* The command is found as the workload would find it. */
#include "unit.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OTHER 1000
#define STRANGER 54321 /* nobody, and not who runs the test */

static const struct ck_seeker self = { .self = true };

static const char *root(void)
{
	return unit_file("tree");
}

static void put(const char *path, unsigned int mode)
{
	unit_write(unit_format("%s/%s", root(), path), "#!/bin/sh\n", 10, mode);
}

/* Paths and problems without the directory that changes with every run. */
static const char *plain(const char *text)
{
	return unit_replace(text, root(), "/T");
}

/* "status: all that were found, the chosen one with a star", or the message. */
static const char *found(const char *command, const char *directory, const char *path,
			 const struct ck_seeker *seeker)
{
	char *envp[] = { NULL, NULL };
	struct ck_targets targets = { 0 };
	const char *text;
	size_t i;
	int rc;

	if (path)
		envp[0] = unit_format("PATH=%s", unit_replace(path, "/T", root()));
	unit_diags.count = 0;
	rc = ck_target_find(&unit_arena, unit_replace(command, "/T", root()),
			    directory ? unit_replace(directory, "/T", root()) : NULL,
			    envp, seeker, &unit_diags, &targets);
	assert_true((rc == 0) == (unit_diags.count == 0));
	text = rc == 0 ? "" : rc == -ENOENT ? "127" : rc == -EACCES ? "126" : "?";
	if (unit_diags.count)
		return plain(unit_format("%s %s: %s", text, unit_diags.list[0].where,
					 unit_diags.list[0].text));
	for (i = 0; i < targets.count; i++)
		text = unit_format("%s%s%s%s", text, i ? " " : "", targets.list[i].path,
				   i == targets.chosen ? "*" : "");
	return plain(text);
}

static void the_path_is_searched_in_its_order(void **state)
{
	(void)state;
	put("a/app", 0755);
	put("b/app", 0755);
	put("b/only", 0755);
	assert_string_equal(found("app", NULL, "/T/a:/T/b", &self), "/T/a/app* /T/b/app");
	assert_string_equal(found("app", NULL, "/T/b:/T/a", &self), "/T/b/app* /T/a/app");
	assert_string_equal(found("only", NULL, "/T/a:/T/b:/T/missing", &self),
			    "/T/b/only*");
	assert_string_equal(found("none", NULL, "/T/a:/T/b", &self),
			    "127 command: 'none' was not found in PATH=/T/a:/T/b");
	assert_string_equal(found("app", NULL, "/T/a/app:/T/b", &self), "/T/b/app*");
	assert_string_equal(found("", NULL, "/T/a", &self),
			    "127 command: '' was not found in PATH=/T/a");
}

static void empty_elements_are_skipped(void **state)
{
	(void)state;
	put("a/app", 0755);
	assert_int_equal(chdir(unit_format("%s/a", root())), 0);
	assert_string_equal(found("app", NULL, "", &self),
			    "127 command: 'app' was not found in "
			    "PATH=");
	assert_string_equal(found("app", NULL, "::/T/b:", &self), "/T/b/app*");
	assert_string_equal(found("app", NULL, ":", &self),
			    "127 command: 'app' was not found in "
			    "PATH=:");
	assert_string_equal(found("app", NULL, ".", &self), "./app*");
	assert_string_equal(found("app", NULL, "../b", &self), "../b/app*");
	/* Nor is it the root directory. */
	assert_string_equal(found("bin", NULL, ":", &self),
			    "127 command: 'bin' was not found in PATH=:");
	assert_int_equal(chdir("/"), 0);
}

static void without_path_there_is_a_default(void **state)
{
	(void)state;
	assert_non_null(strchr(found("sh", NULL, NULL, &self), '*'));
	assert_string_equal(found("no-such-command", NULL, NULL, &self),
			    "127 command: 'no-such-command' was not found in "
			    "PATH=/bin:/usr/bin");
}

static void relative_names_count_from_the_working_directory(void **state)
{
	(void)state;
	put("w/sub/app", 0755);
	assert_string_equal(found("sub/app", "/T/w", "/bin", &self), "sub/app*");
	assert_string_equal(found("./app", "/T/w/sub", "/bin", &self), "./app*");
	assert_string_equal(found("app", "/T/w", "sub:/bin", &self), "sub/app*");
	assert_string_equal(found("sub/app", "/T/a", "/bin", &self),
			    "127 command: /T/a/sub/app: No such file or directory");
	assert_string_equal(found("/T/w/sub/app", "/T/a", "/bin", &self),
			    "/T/w/sub/app*");
	assert_string_equal(found("/T/w/sub/app/x", NULL, "/bin", &self),
			    "127 command: /T/w/sub/app/x: Not a directory");
	assert_string_equal(found("/T/missing", NULL, "/bin", &self),
			    "127 command: /T/missing: No such file or directory");
}

static void what_cannot_be_executed_is_passed_over(void **state)
{
	(void)state;
	put("x/app", 0644);
	put("y/app", 0755);
	assert_string_equal(found("app", NULL, "/T/x:/T/y", &self), "/T/x/app /T/y/app*");
	assert_string_equal(
		found("app", NULL, "/T/x", &self),
		"126 command: /T/x/app cannot be executed: it has no x bit (chmod +x)");
	assert_string_equal(found("/T/x", NULL, "/T/x", &self),
			    "126 command: /T/x cannot be executed: it is a directory");
	put("z/app/inner", 0755);
	assert_string_equal(found("app", NULL, "/T/z:/T/y", &self), "/T/z/app /T/y/app*");
	assert_string_equal(
		found("app", NULL, "/T/z:/T/x", &self),
		"126 command: /T/z/app cannot be executed: it is a directory");
}

static void the_same_file_is_looked_at_once(void **state)
{
	(void)state;
	put("usr/app", 0755);
	assert_int_equal(symlink("usr", unit_format("%s/lib", root())), 0);
	assert_string_equal(found("app", NULL, "/T/usr:/T/lib:/T/usr", &self),
			    "/T/usr/app*");
	assert_int_equal(chmod(unit_format("%s/usr/app", root()), 0644), 0);
	assert_string_equal(
		found("app", NULL, "/T/usr:/T/lib", &self),
		"126 command: /T/usr/app cannot be executed: it has no x bit (chmod "
		"+x)");
}

/* A directory on the way that the workload may not search. */
static void the_rights_are_those_of_the_workload(void **state)
{
	struct ck_seeker seeker = { .uid = STRANGER, .gid = STRANGER };
	const char *closed = unit_format("%s/closed", root());

	(void)state;
	put("closed/app", 0755);
	put("open/app", 0755);
	assert_int_equal(chmod(closed, 0700), 0);
	assert_string_equal(found("app", NULL, "/T/closed:/T/open", &seeker),
			    "/T/closed/app /T/open/app*");
	assert_string_equal(
		found("app", NULL, "/T/closed", &seeker),
		"126 command: /T/closed/app cannot be executed: the workload's user "
		"may not execute it");
	seeker.effective = CK_CAP(CAP_DAC_READ_SEARCH);
	assert_string_equal(found("app", NULL, "/T/closed", &seeker), "/T/closed/app*");
}

/* What the launcher cannot see, the workload may be able to. */
static int where_the_launcher_has_no_rights(void *data)
{
	const struct ck_seeker other = { .uid = 0 };
	const char *path = data;
	char *envp[] = { unit_format("PATH=%s/closed:%s/open", path, path), NULL };
	struct ck_targets targets = { 0 };

	CLAIM(setresuid(OTHER, OTHER, OTHER) == 0);
	CLAIM(ck_target_find(&unit_arena, "app", NULL, envp, &other, &unit_diags,
			     &targets) == 0);
	CLAIM(targets.count == 2 && targets.list[0].unseen && targets.list[0].by_rights);
	CLAIM(targets.list[0].error == EACCES && targets.list[0].reason);
	CLAIM(targets.chosen == 1 && !targets.list[1].unseen);
	envp[0] = unit_format("PATH=%s/closed", path);
	CLAIM(ck_target_find(&unit_arena, "app", NULL, envp, &other, &unit_diags,
			     &targets) == -EACCES);
	CLAIM(strstr(unit_diags.list[0].text,
		     "cannot be executed: the launcher's rights do not reach it"));
	envp[0] = unit_format("PATH=%s/closed:%s/open", path, path);
	/* Whose rights are the launcher's sees no more than the launcher. */
	targets.count = 0;
	CLAIM(ck_target_find(&unit_arena, "app", NULL, envp, &self, &unit_diags,
			     &targets) == 0);
	CLAIM(targets.count == 1 && targets.chosen == 0);
	return 0;
}

static void what_cannot_be_seen_is_not_passed_over(void **state)
{
	(void)state;
	UNIT_NEED_ROOT();
	put("closed/app", 0755);
	put("open/app", 0755);
	assert_int_equal(chmod(unit_format("%s/closed", root()), 0700), 0);
	unit_in_child(where_the_launcher_has_no_rights, (void *)(uintptr_t)root());
}

struct right {
	const char *name;
	unsigned int uid, gid, mode; /* of the file */
	unsigned int seeker_uid, seeker_gid, group;
	uint64_t effective;
	int rc;
};

static const struct right rights[] = {
	{ "the owner may", OTHER, 0, 0100, OTHER, OTHER, 5, 0, 0 },
	{ "the owner may not, others may", OTHER, 0, 0011, OTHER, OTHER, 5, 0, -EACCES },
	{ "the group may", 0, OTHER, 0010, OTHER, OTHER, 5, 0, 0 },
	{ "the group may not, others may", 0, OTHER, 0101, OTHER, OTHER, 5, 0, -EACCES },
	{ "a supplementary group may", 0, 5, 0010, OTHER, OTHER, 5, 0, 0 },
	{ "a supplementary group may not", 0, 5, 0101, OTHER, OTHER, 5, 0, -EACCES },
	{ "others may", 0, 0, 0001, OTHER, OTHER, 5, 0, 0 },
	{ "others may not", 0, 0, 0110, OTHER, OTHER, 5, 0, -EACCES },
	{ "root is another", OTHER, OTHER, 0110, 0, 0, 0, 0, -EACCES },
	{ "DAC_OVERRIDE, executable for somebody", OTHER, OTHER, 0100, 0, 0, 0,
	  CK_CAP(CAP_DAC_OVERRIDE), 0 },
	{ "DAC_OVERRIDE, executable for nobody", OTHER, OTHER, 0666, 0, 0, 0,
	  CK_CAP(CAP_DAC_OVERRIDE), -EACCES },
	{ "DAC_READ_SEARCH is for directories", OTHER, OTHER, 0700, 0, 0, 0,
	  CK_CAP(CAP_DAC_READ_SEARCH), -EACCES },
};

/* Against the kernel as well, as a process that is what the seeker is. */
static int ask_the_kernel(void *data)
{
	const struct right *row = data;
	const struct ck_seeker me = { .self = true };
	gid_t group = row->group;

	CLAIM(ck_sys_kernel.call(SYS_prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0);
	CLAIM(setgroups(1, &group) == 0);
	CLAIM(setresgid(row->seeker_gid, row->seeker_gid, row->seeker_gid) == 0);
	CLAIM(setresuid(row->seeker_uid, row->seeker_uid, row->seeker_uid) == 0);
	CLAIM(ck_sys_kernel.set(row->effective, row->effective, 0) == 0);
	CLAIM(ck_seeker_may(&unit_arena, &me, unit_file("right")) == row->rc);
	return 0;
}

static void may_or_may_not(void **state)
{
	const struct right *row = *state;
	const char *path = unit_file("right");
	gid_t group = row->group;
	const struct ck_seeker seeker = { .uid = row->seeker_uid,
					  .gid = row->seeker_gid,
					  .groups = &group,
					  .ngroups = 1,
					  .effective = row->effective };

	UNIT_NEED_ROOT();
	unit_write(path, "#!/bin/sh\n", 10, 0600);
	assert_int_equal(chown(path, row->uid, row->gid), 0);
	assert_int_equal(chmod(path, row->mode), 0);
	assert_int_equal(ck_seeker_may(&unit_arena, &seeker, path), row->rc);
	unit_in_child(ask_the_kernel, (void *)(uintptr_t)row);
}

static void ways_are_walked(void **state)
{
	const struct ck_seeker nobody = { .uid = OTHER, .gid = OTHER };
	char longest[PATH_MAX + 10];

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(ck_seeker_may(&unit_arena, &nobody, longest), -ENAMETOOLONG);
	assert_int_equal(ck_seeker_may(&unit_arena, &nobody, "/nonexistent/x"), -ENOENT);
	assert_int_equal(ck_seeker_may(&unit_arena, &nobody, "//bin///sh"), 0);
	assert_int_equal(ck_seeker_may(&unit_arena, &nobody, "/bin/sh"), 0);
	assert_int_equal(ck_seeker_may(&unit_arena, &nobody, "/"), 0);
	assert_int_equal(ck_seeker_may(&unit_arena, &self, "/nonexistent/x"), -ENOENT);
}

static int check_directory(const char *path, const struct ck_seeker *seeker)
{
	struct ck_profile profile;

	ck_profile_empty("none", &profile);
	profile.working_directory = path;
	return ck_directory_check(&unit_arena, &profile, seeker, &unit_diags);
}

static void the_working_directory_has_to_be_one(void **state)
{
	const struct ck_seeker nobody = { .uid = 65534, .gid = 65534 };
	const struct ck_seeker root_itself = { .effective = CK_CAP(CAP_DAC_OVERRIDE) };

	(void)state;
	put("a/app", 0755);
	put("private/app", 0755);
	assert_int_equal(chmod(unit_format("%s/private", root()), 0700), 0);
	assert_int_equal(check_directory(NULL, &nobody), 0);
	assert_int_equal(check_directory(root(), &nobody), 0);
	assert_int_equal(check_directory(unit_format("%s/private", root()), &root_itself),
			 0);
	assert_int_equal(unit_diags.count, 0);
	assert_true(check_directory(unit_format("%s/a/app", root()), &nobody) < 0);
	assert_true(check_directory("/nonexistent", &nobody) < 0);
	assert_true(check_directory(unit_format("%s/private", root()), &nobody) < 0);
	assert_string_equal(plain(unit_diags.list[0].text),
			    "working-directory: /T/a/app: Not a directory");
	assert_string_equal(unit_diags.list[1].text,
			    "working-directory: /nonexistent: No such file or directory");
	assert_string_equal(plain(unit_diags.list[2].text),
			    "working-directory: /T/private: the workload's user may not "
			    "enter it; that needs x on it and on all above it");
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(the_path_is_searched_in_its_order),
		cmocka_unit_test(empty_elements_are_skipped),
		cmocka_unit_test(without_path_there_is_a_default),
		cmocka_unit_test(relative_names_count_from_the_working_directory),
		cmocka_unit_test(what_cannot_be_executed_is_passed_over),
		cmocka_unit_test(the_same_file_is_looked_at_once),
		cmocka_unit_test(the_rights_are_those_of_the_workload),
		cmocka_unit_test(what_cannot_be_seen_is_not_passed_over),
		cmocka_unit_test(ways_are_walked),
		cmocka_unit_test(the_working_directory_has_to_be_one),
	};

	return unit_run_rows("target", UNIT_ROWS(rights, may_or_may_not), others,
			     CK_ARRAY_SIZE(others));
}
