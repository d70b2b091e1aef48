/* SPDX-License-Identifier: MIT */
/* Where profiles are looked up, and what is read where there is none. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WHOLE "[capabilities]\nkeep = none\n[process]\nuser = unchanged\n"

static int etc_count;

/* Fresh directories for every test, so that none sees another's files. */
static void set_up(void)
{
	etc_count++;
	ck_confdir = unit_file(unit_format("etc%d", etc_count));
	ck_profiledir = unit_file(unit_format("share%d", etc_count));
	unit_make_directories(unit_format("%s/x", ck_confdir));
	unit_make_directories(unit_format("%s/x", ck_profiledir));
}

static void put(const char *folder, const char *name, const char *umask_text)
{
	unit_write_text(unit_format("%s/%s", folder, name),
			unit_format("%s%s%s\n", WHOLE, *umask_text ? "umask = " : "",
				    umask_text));
}

/* The umask of the profile that is found, which tells files apart; or the messages. */
static const char *found(const char *name)
{
	struct ck_profile profile;
	int rc;

	unit_diags.count = 0;
	rc = ck_profile_load(&unit_arena, name, &unit_diags, &profile);
	assert_true((rc == 0) == (unit_diags.count == 0));
	if (rc < 0)
		return unit_replace(unit_replace(unit_messages(), ck_confdir, "ETC"),
				    ck_profiledir, "SHARE");
	return unit_format("%o", (unsigned int)profile.umask);
}

static void names_are_looked_up_in_two_places(void **state)
{
	(void)state;
	set_up();
	put(ck_profiledir, "web.ini", "01");
	assert_string_equal(found("web"), "1");
	assert_string_equal(found("web.ini"), "1");
	put(ck_confdir, "web.ini", "02");
	assert_string_equal(found("web"), "2");
	put(ck_confdir, "web.ini.ini", "03");
	assert_string_equal(found("web.ini"), "2");
	assert_string_equal(found("web.ini.ini"), "3");
	put(ck_confdir, ".ini", "04");
	assert_string_equal(found(".ini"),
			    "capkeep: -p: there is no profile '.ini' in ETC or "
			    "SHARE\n");
	put(ck_confdir, "noending", "05");
	assert_string_equal(found("noending"),
			    "capkeep: -p: there is no profile 'noending' in "
			    "ETC or SHARE\n");
}

/* A file that cannot be taken is no reason to take another one. */
static void the_first_place_decides(void **state)
{
	(void)state;
	set_up();
	put(ck_profiledir, "web.ini", "01");
	put(ck_confdir, "web.ini", "02");
	assert_int_equal(chmod(unit_format("%s/web.ini", ck_confdir), 0646), 0);
	assert_string_equal(found("web"),
			    "capkeep: ETC/web.ini: everybody may write it (mode "
			    "0646): chmod o-w ETC/web.ini\n");
	assert_int_equal(remove(unit_format("%s/web.ini", ck_confdir)), 0);
	assert_int_equal(mkdir(unit_format("%s/web.ini", ck_confdir), 0755), 0);
	assert_string_equal(found("web"),
			    "capkeep: ETC/web.ini: is not a regular file\n");
	assert_int_equal(remove(unit_format("%s/web.ini", ck_confdir)), 0);
	assert_int_equal(symlink("nowhere", unit_format("%s/web.ini", ck_confdir)), 0);
	assert_string_equal(found("web"), "1");
}

static void directories_may_be_absent(void **state)
{
	(void)state;
	set_up();
	ck_confdir = unit_file("no-etc");
	put(ck_profiledir, "web.ini", "01");
	assert_string_equal(found("web"), "1");
	ck_profiledir = unit_file("no-share");
	assert_string_equal(found("web"),
			    "capkeep: -p: there is no profile 'web' in ETC or "
			    "SHARE\n");
	assert_string_equal(found(NULL), "37777777777");
}

static void words_with_a_slash_are_paths(void **state)
{
	const char *path;

	(void)state;
	set_up();
	put(ck_confdir, "web.ini", "02");
	put(ck_profiledir, "odd", "03");
	assert_string_equal(found(unit_format("%s/odd", ck_profiledir)), "3");
	path = unit_format("%s/web", ck_confdir);
	assert_string_equal(found(path), "capkeep: -p: there is no file ETC/web\n");
	assert_int_equal(chdir(ck_profiledir), 0);
	assert_string_equal(found("./odd"), "3");
	assert_string_equal(found("odd"),
			    "capkeep: -p: there is no profile 'odd' in ETC or "
			    "SHARE; for the file in this directory write ./odd\n");
	assert_string_equal(
		found(unit_format("..//%s/web.ini", strrchr(ck_confdir, '/'))), "2");
	assert_string_equal(found("/"), "capkeep: /: is not a regular file\n");
	assert_int_equal(chdir("/"), 0);
}

static void misspelt_names_get_the_nearest(void **state)
{
	(void)state;
	set_up();
	put(ck_confdir, "nginx.ini", "01");
	put(ck_profiledir, "redis.ini", "02");
	put(ck_profiledir, "not-a-profile", "02");
	assert_string_equal(found("ngnix"),
			    "capkeep: -p: there is no profile 'ngnix' in ETC or "
			    "SHARE, did you mean nginx?\n");
	assert_string_equal(found("rediss"),
			    "capkeep: -p: there is no profile 'rediss' in ETC or "
			    "SHARE, did you mean redis?\n");
	assert_string_equal(found("not-a-profil"), "capkeep: -p: there is no profile "
						   "'not-a-profil' in ETC or SHARE\n");
	assert_string_equal(found("postgresql"),
			    "capkeep: -p: there is no profile 'postgresql' "
			    "in ETC or SHARE\n");
	assert_string_equal(found(""), "capkeep: -p: the profile's name is empty\n");
}

static void without_p_the_default_is_read(void **state)
{
	(void)state;
	set_up();
	assert_string_equal(found(NULL), "37777777777");
	put(ck_profiledir, "default.ini", "01");
	assert_string_equal(found(NULL), "37777777777");
	put(ck_confdir, "default.ini", "02");
	assert_string_equal(found(NULL), "2");
	assert_string_equal(found("default"), "2");
	put(ck_confdir, "none.ini", "03");
	assert_string_equal(found("none"), "37777777777");
	assert_int_equal(chmod(unit_format("%s/default.ini", ck_confdir), 0646), 0);
	assert_string_equal(found(NULL),
			    "capkeep: ETC/default.ini: everybody may write it (mode "
			    "0646): chmod o-w ETC/default.ini\n");
	assert_string_equal(found("none"), "37777777777");
}

/* Only "there is none" counts as none. */
static void a_default_that_cannot_be_read_is_refused(void **state)
{
	const char *path;

	(void)state;
	set_up();
	path = unit_format("%s/default.ini", ck_confdir);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_string_equal(found(NULL),
			    "capkeep: ETC/default.ini: is not a regular file\n");
	assert_int_equal(remove(path), 0);
	assert_int_equal(symlink("default.ini", path), 0);
	assert_string_equal(found(NULL),
			    "capkeep: ETC/default.ini: cannot be opened: Too many "
			    "levels of symbolic links\n");
	assert_int_equal(remove(path), 0);
	unit_write_text(path, "[capabilities]\nkeep = none");
	assert_string_equal(found(NULL),
			    "capkeep: ETC/default.ini:2: the last line has no newline "
			    "at its end; the file may be cut short\n");
	assert_int_equal(remove(path), 0);
	assert_int_equal(remove(ck_confdir), 0);
	unit_write_text(ck_confdir, "a file");
	assert_string_equal(found(NULL),
			    "capkeep: ETC/default.ini: cannot be opened: Not a "
			    "directory\n");
}

static void the_built_in_default_keeps_nothing(void **state)
{
	struct ck_profile profile;

	(void)state;
	set_up();
	assert_int_equal(ck_profile_load(&unit_arena, "none", &unit_diags, &profile), 0);
	assert_int_equal(ck_profile_complete(&profile, &unit_diags), 0);
	assert_string_equal(profile.name, "none");
	assert_true(profile.keep.mask == 0 && profile.optional.mask == 0);
	assert_true(profile.no_new_privs && profile.close_fds);
	assert_null(profile.user);
	assert_null(profile.group);
	assert_int_equal(profile.groups.kind, CK_GROUPS_DEFAULT);
	assert_int_equal(profile.ambient, CK_AUTO);
	assert_int_equal(profile.bounding, CK_BOUNDING_AUTO);
	assert_int_equal(profile.umask, -1);
	assert_string_equal(
		ck_profile_text(&unit_arena, &profile),
		"[capabilities]\nkeep = none\n\n[process]\nuser = unchanged\n");
}

/* By name, where the path is the same each time round. */
static void circles_are_seen(void **state)
{
	(void)state;
	set_up();
	unit_write_text(unit_format("%s/self.ini", ck_confdir),
			"[profile]\ninclude = self\n" WHOLE);
	assert_string_equal(
		found("self"),
		"capkeep: ETC/self.ini:2: include: ETC/self.ini includes itself in "
		"the end\n");
	unit_write_text(unit_format("%s/a.ini", ck_confdir),
			"[profile]\ninclude = b\n" WHOLE);
	unit_write_text(unit_format("%s/b.ini", ck_confdir), "[profile]\ninclude = a\n");
	assert_string_equal(found("a"),
			    "capkeep: ETC/b.ini:2: include: ETC/a.ini includes itself "
			    "in the end\n");
}

/* -b */
static void the_option_replaces_bounding(void **state)
{
	struct ck_profile profile;

	(void)state;
	ck_profile_default(&profile);
	assert_int_equal(ck_profile_bounding(&profile, "exact", &unit_diags), 0);
	assert_int_equal(profile.bounding, CK_BOUNDING_EXACT);
	assert_int_equal(ck_profile_bounding(&profile, "if-possible", &unit_diags), 0);
	assert_int_equal(profile.bounding, CK_BOUNDING_IF_POSSIBLE);
	assert_int_equal(ck_profile_bounding(&profile, "auto", &unit_diags), 0);
	assert_int_equal(profile.bounding, CK_BOUNDING_AUTO);
	assert_true(ck_profile_bounding(&profile, "exactly", &unit_diags) < 0);
	assert_string_equal(unit_messages(),
			    "capkeep: -b: bounding: 'exactly' is not auto, exact "
			    "or if-possible, did you mean exact?\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_looked_up_in_two_places),
		cmocka_unit_test(the_first_place_decides),
		cmocka_unit_test(directories_may_be_absent),
		cmocka_unit_test(words_with_a_slash_are_paths),
		cmocka_unit_test(misspelt_names_get_the_nearest),
		cmocka_unit_test(without_p_the_default_is_read),
		cmocka_unit_test(a_default_that_cannot_be_read_is_refused),
		cmocka_unit_test(the_built_in_default_keeps_nothing),
		cmocka_unit_test(circles_are_seen),
		cmocka_unit_test(the_option_replaces_bounding),
	};

	return UNIT_RUN(tests);
}
