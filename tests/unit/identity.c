/* SPDX-License-Identifier: MIT */
/* Users and groups out of passwd(5) and group(5). */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char passwd[] =
	"root:x:0:0:root:/root:/bin/bash\n"
	"daemon:*:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
	"www-data:x:33:33:www-data:/var/www:/bin/sh\n"
	"# a comment:x:5:5\n"
	"\n"
	"1000:x:2000:2000:a name of digits:/home/digits:/bin/sh\n"
	"alice:x:1000:1000:Alice,,,:/home/alice:/bin/zsh:more:fields\n"
	"alias:x:1000:1001::/home/alias:/bin/sh\n"
	"short:x:70\n"
	"nouid:x::71:::\n"
	"negative:x:-1:71:::\n"
	"zeros:x:0071:71:::\n"
	"minus-one:x:4294967295:71:::\n"
	"largest:x:4294967294:4294967294:::\n"
	"big:x:4294967296:71:::\n"
	"nogid:x:72:x:::\n"
	"blank:x: 73:73:::\n"
	"only\n"
	":x:74:74:no name:/:\n"
	"+nis::75:75:::\n"
	"+::::::\n"
	"last:x:99:98:no newline:/last:/bin/last";

static const char group[] = "root:x:0:\n"
			    "adm:x:4:www-data,alice\n"
			    "www-data:x:33:\n"
			    "mail:x:8:alice\n"
			    "twice:x:8:alice,alice\n"
			    "own:x:1000:alice\n"
			    "30:x:31:\n"
			    "prefix:x:40:alic,alicex,xalice\n"
			    "odd:x:41:,alice,\n"
			    "broken:x:zz:broken-member\n"
			    "minus-one:x:4294967295:\n"
			    "few:x\n"
			    "nomembers:x:42\n"
			    "+nis:x:43:\n"
			    "last:x:50:last";

struct asked {
	const char *name; /* of the test */
	const char *user, *group, *groups;
	const char *result; /* "uid gid name home shell: groups", or the messages */
};

static const struct asked rows[] = {
	{ "unchanged", NULL, NULL, NULL, "5 6 - - -: unchanged" },
	{ "unchanged, group", NULL, "adm", NULL, "5 4 - - -: unchanged" },
	{ "unchanged, no groups", NULL, NULL, "none", "5 6 - - -:" },
	{ "a name", "www-data", NULL, NULL, "33 33 www-data /var/www /bin/sh: 4 33" },
	{ "a name, its group replaced", "www-data", "adm", NULL,
	  "33 4 www-data /var/www /bin/sh: 4" },
	{ "a name, group by number", "www-data", "77", NULL,
	  "33 77 www-data /var/www /bin/sh: 4 77" },
	{ "a name, no groups", "www-data", NULL, "none",
	  "33 33 www-data /var/www /bin/sh:" },
	{ "a name, groups unchanged", "www-data", NULL, "unchanged",
	  "33 33 www-data /var/www /bin/sh: unchanged" },
	{ "a name, a list", "www-data", NULL, "mail 4 0 adm 4294967294",
	  "33 33 www-data /var/www /bin/sh: 0 4 8 4294967294" },
	{ "a member in every way", "alice", NULL, NULL,
	  "1000 1000 alice /home/alice /bin/zsh: 4 8 41 1000" },
	{ "a number with an entry", "33", NULL, NULL,
	  "33 33 www-data /var/www /bin/sh:" },
	{ "a number with an entry, init", "33", NULL, "init",
	  "33 33 www-data /var/www /bin/sh: 4 33" },
	{ "a number with two entries", "1000", NULL, NULL,
	  "1000 1000 alice /home/alice /bin/zsh:" },
	{ "a number is no name", "2000", NULL, NULL,
	  "2000 2000 1000 /home/digits /bin/sh:" },
	{ "a number without entry", "12", NULL, NULL,
	  "user: uid 12 has no entry in PASSWD, so its group has to be stated: group = "
	  "GROUP in "
	  "[process], or -u 12:GROUP" },
	{ "a number without entry, group", "12", "13", NULL, "12 13 - - -:" },
	{ "a number without entry, group by name", "12", "adm", "adm", "12 4 - - -: 4" },
	{ "a number without entry, init", "12", "13", "init",
	  "groups: groups = init needs an entry in PASSWD, and uid 12 has none; write "
	  "groups = "
	  "none or a list" },
	{ "group digits are no name", "12", "30", NULL, "12 30 - - -:" },
	{ "the largest", "largest", NULL, NULL,
	  "4294967294 4294967294 largest  : 4294967294" },
	{ "the last line without newline", "last", "last", NULL,
	  "99 50 last /last /bin/last: 50" },
	{ "an unknown name", "nginx", NULL, NULL,
	  "user: there is no user 'nginx' in PASSWD" },
	{ "a misspelt name", "www-dta", NULL, NULL,
	  "user: there is no user 'www-dta' in PASSWD, did you mean www-data?" },
	{ "another case", "Root", NULL, NULL,
	  "user: there is no user 'Root' in PASSWD, did you mean root?" },
	{ "an unknown group", "root", "nogroup", NULL,
	  "group: there is no group 'nogroup' in GROUP" },
	{ "a misspelt group", "root", "amd", NULL,
	  "group: there is no group 'amd' in GROUP, did you mean adm?" },
	{ "unknown groups", "root", NULL, "adm amd mial",
	  "groups: there is no group 'amd' in GROUP, did you mean adm?\n"
	  "groups: there is no group 'mial' in GROUP, did you mean mail?" },
	{ "too few fields", "short", NULL, NULL,
	  "PASSWD:9: the entry of short has no valid number in field 4" },
	{ "one field", "only", NULL, NULL,
	  "PASSWD:18: the entry of only has no valid number in field 3" },
	{ "no uid", "nouid", NULL, NULL,
	  "PASSWD:10: the entry of nouid has no valid number in field 3" },
	{ "a negative uid", "negative", NULL, NULL,
	  "PASSWD:11: the entry of negative has no valid number in field 3" },
	{ "a uid with zeros", "zeros", NULL, NULL,
	  "PASSWD:12: the entry of zeros has no valid number in field 3" },
	{ "uid -1", "minus-one", NULL, NULL,
	  "PASSWD:13: the entry of minus-one has no valid number in field 3" },
	{ "a uid of 33 bits", "big", NULL, NULL,
	  "PASSWD:15: the entry of big has no valid number in field 3" },
	{ "no gid", "nogid", NULL, NULL,
	  "PASSWD:16: the entry of nogid has no valid number in field 4" },
	{ "a blank before the uid", "blank", NULL, NULL,
	  "PASSWD:17: the entry of blank has no valid number in field 3" },
	{ "a NIS line is no entry", "+", NULL, NULL,
	  "user: there is no user '+' in PASSWD" },
	{ "a NIS line with a name is no entry", "+nis", NULL, NULL,
	  "user: there is no user '+nis' in PASSWD" },
	{ "a NIS line with a number is no entry", "75", "75", NULL, "75 75 - - -:" },
	{ "a NIS group is no entry", "root", "+nis", NULL,
	  "group: there is no group '+nis' in GROUP" },
	{ "no name from NIS", "nis", NULL, NULL,
	  "user: there is no user 'nis' in PASSWD" },
	{ "no group from NIS", "root", "nis", NULL,
	  "group: there is no group 'nis' in GROUP" },
	{ "a group without number", "root", "broken", NULL,
	  "GROUP:10: the entry of broken has no valid number in field 3" },
	{ "group -1", "root", "minus-one", NULL,
	  "GROUP:11: the entry of minus-one has no valid number in field 3" },
	{ "a group with two fields", "root", "few", NULL,
	  "GROUP:12: the entry of few has no valid number in field 3" },
	{ "a group without members", "root", "nomembers", NULL,
	  "0 42 root /root /bin/bash: 42" },
};

static void write_files(void)
{
	unit_write(unit_file("passwd"), passwd, sizeof(passwd) - 1, 0644);
	unit_write(unit_file("group"), group, sizeof(group) - 1, 0644);
}

static struct ck_profile profile_of(const struct asked *row)
{
	struct ck_profile profile;
	const char *cursor = row->groups, *word;
	size_t length;

	ck_profile_empty("none", &profile);
	profile.user = row->user;
	profile.group = row->group;
	if (!cursor)
		return profile;
	profile.groups.kind = !strcmp(cursor, "none")	   ? CK_GROUPS_NONE :
			      !strcmp(cursor, "init")	   ? CK_GROUPS_INIT :
			      !strcmp(cursor, "unchanged") ? CK_GROUPS_UNCHANGED :
							     CK_GROUPS_LIST;
	while (profile.groups.kind == CK_GROUPS_LIST &&
	       (length = ck_word_next(&cursor, &word)) != 0)
		ck_strings_add(&unit_arena, &profile.groups.list,
			       ck_strndup(&unit_arena, word, length));
	return profile;
}

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

static const char *in_words(const struct ck_identity *id)
{
	const char *text =
		unit_format("%u %u %s %s %s:", id->uid, id->gid, or_dash(id->user_name),
			    or_dash(id->home), or_dash(id->shell));
	size_t i;

	if (id->groups_unchanged)
		return unit_format("%s unchanged", text);
	for (i = 0; i < id->ngroups; i++)
		text = unit_format("%s %u", text, id->groups[i]);
	return text;
}

static const char *problems(void)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < unit_diags.count; i++)
		text = unit_format("%s%s%s: %s", text, i ? "\n" : "",
				   unit_diags.list[i].where, unit_diags.list[i].text);
	text = unit_replace(text, unit_file("passwd"), "PASSWD");
	return unit_replace(text, unit_file("group"), "GROUP");
}

static const char *resolved(const struct asked *row, const struct ck_state *now)
{
	const struct ck_profile profile = profile_of(row);
	struct ck_identity id = { .uid = 7777 };
	int rc = ck_identity_resolve(&unit_arena, &profile, now, unit_file("passwd"),
				     unit_file("group"), &unit_diags, &id);

	assert_true((rc == 0) == (unit_diags.count == 0));
	assert_true(rc == 0 || id.uid == 7777);
	return rc == 0 ? in_words(&id) : problems();
}

static void resolves(void **state)
{
	static const struct ck_state now = { .ruid = 5, .rgid = 6 };
	const struct asked *row = *state;

	write_files();
	assert_string_equal(resolved(row, &now), row->result);
}

static const char *of(uid_t uid, const char *user, const char *group_name,
		      const char *groups)
{
	const struct asked row = { "", user, group_name, groups, "" };
	const struct ck_state now = { .ruid = uid, .rgid = 6 };

	unit_diags.count = 0;
	return resolved(&row, &now);
}

static void init_takes_the_current_entry(void **state)
{
	(void)state;
	write_files();
	assert_string_equal(of(33, NULL, NULL, "init"),
			    "33 6 www-data /var/www /bin/sh: 4 6");
	assert_string_equal(of(33, NULL, "8", "init"),
			    "33 8 www-data /var/www /bin/sh: 4 8");
	assert_string_equal(
		of(12, NULL, NULL, "init"),
		"groups: groups = init needs an entry in PASSWD, and uid 12 has none; "
		"write groups = none or a list");
	assert_string_equal(
		of(70, NULL, NULL, "init"),
		"PASSWD:9: the entry of short has no valid number in field 4");
}

static void a_broken_group_of_the_user_is_refused(void **state)
{
	static const char row[] = "broken-member:x:80:80:::\n";

	(void)state;
	write_files();
	unit_write_text(unit_file("passwd"), row);
	assert_string_equal(
		of(0, "broken-member", NULL, NULL),
		"GROUP:10: the entry of broken has no valid number in field 3");
	assert_string_equal(of(0, "broken-member", NULL, "none"),
			    "80 80 broken-member  :");
}

static void files_may_be_absent(void **state)
{
	(void)state;
	write_files();
	assert_int_equal(remove(unit_file("group")), 0);
	assert_string_equal(of(0, "www-data", NULL, NULL),
			    "33 33 www-data /var/www /bin/sh: 33");
	assert_string_equal(
		of(0, "www-data", "adm", NULL),
		"group: group 'adm' cannot be looked up: GROUP: No such file or "
		"directory; write a number instead");
	assert_int_equal(remove(unit_file("passwd")), 0);
	assert_string_equal(of(0, "12", "13", NULL), "12 13 - - -:");
	assert_string_equal(of(0, NULL, NULL, NULL), "0 6 - - -: unchanged");
	assert_string_equal(
		of(0, "root", NULL, NULL),
		"user: user 'root' cannot be looked up: PASSWD: No such file or "
		"directory; write a number instead");
	assert_string_equal(
		of(0, NULL, NULL, "init"),
		"groups: groups = init needs an entry in PASSWD, and uid 0 has none; "
		"write groups = none or a list");
}

static void files_may_be_none(void **state)
{
	(void)state;
	write_files();
	assert_int_equal(remove(unit_file("group")), 0);
	assert_int_equal(mkdir(unit_file("group"), 0755), 0);
	assert_string_equal(of(0, "www-data", NULL, NULL),
			    "groups: GROUP cannot be read: Invalid argument");
	assert_int_equal(remove(unit_file("group")), 0);
	unit_write_text(unit_file("passwd"), "");
	assert_string_equal(of(0, "root", "0", NULL),
			    "user: there is no user 'root' in PASSWD");
	unit_write_text(unit_file("passwd"), "\n\n:::::::::::::::\n:\n");
	assert_string_equal(of(0, "root", "0", NULL),
			    "user: there is no user 'root' in PASSWD");
}

/* A NUL ends no line and no name. */
static void bytes_are_bytes(void **state)
{
	static const char bytes[] = "ro\0ot:x:1:1:::\nroot\0:x:2:2:::\nroot:x:3:3:::\n";

	(void)state;
	write_files();
	unit_write(unit_file("passwd"), bytes, sizeof(bytes) - 1, 0644);
	assert_string_equal(of(0, "root", NULL, "none"), "3 3 root  :");
}

static void groups_are_sorted_and_each_once(void **state)
{
	gid_t list[] = { 5, 4294967294, 0, 5, 5, 7, 0 };

	(void)state;
	assert_int_equal(ck_groups_sort(list, CK_ARRAY_SIZE(list)), 4);
	assert_true(list[0] == 0 && list[1] == 5 && list[2] == 7 &&
		    list[3] == 4294967294);
	assert_int_equal(ck_groups_sort(list, 0), 0);
	assert_int_equal(ck_groups_sort(NULL, 0), 0);
	assert_int_equal(ck_groups_sort(list, 1), 1);
}

/* The kernel takes 65536. */
static void groups_have_a_limit(void **state)
{
	struct ck_profile profile;
	struct ck_state now = { .ruid = 0 };
	struct ck_identity id;
	unsigned int i;

	(void)state;
	ck_profile_empty("none", &profile);
	profile.groups.kind = CK_GROUPS_LIST;
	for (i = 0; i < CK_GROUPS_MAX; i++)
		ck_strings_add(&unit_arena, &profile.groups.list, unit_format("%u", i));
	assert_int_equal(ck_identity_resolve(&unit_arena, &profile, &now, "/nonexistent",
					     "/nonexistent", &unit_diags, &id),
			 0);
	assert_int_equal(id.ngroups, CK_GROUPS_MAX);
	ck_strings_add(&unit_arena, &profile.groups.list, "70000");
	assert_true(ck_identity_resolve(&unit_arena, &profile, &now, "/nonexistent",
					"/nonexistent", &unit_diags, &id) < 0);
	assert_string_equal(unit_messages(),
			    "capkeep: groups: 65537 groups; the kernel takes 65536\n");
}

/* -u USER[:GROUP] */
static void the_option_replaces_user_and_group(void **state)
{
	struct ck_profile profile;

	(void)state;
	ck_profile_default(&profile);
	assert_int_equal(
		ck_profile_user(&unit_arena, &profile, "www-data:adm", &unit_diags), 0);
	assert_string_equal(profile.user, "www-data");
	assert_string_equal(profile.group, "adm");
	assert_int_equal(ck_profile_user(&unit_arena, &profile, "12", &unit_diags), 0);
	assert_string_equal(profile.user, "12");
	assert_null(profile.group);
	assert_int_equal(ck_profile_user(&unit_arena, &profile, "unchanged", &unit_diags),
			 0);
	assert_null(profile.user);
	assert_int_equal(ck_profile_complete(&profile, &unit_diags), 0);
	assert_string_equal(unit_messages(), "");
	assert_true(ck_profile_user(&unit_arena, &profile, "", &unit_diags) < 0);
	assert_true(ck_profile_user(&unit_arena, &profile, ":adm", &unit_diags) < 0);
	assert_true(ck_profile_user(&unit_arena, &profile, "a:", &unit_diags) < 0);
	assert_true(ck_profile_user(&unit_arena, &profile, "007", &unit_diags) < 0);
	assert_true(ck_profile_user(&unit_arena, &profile, "a:b:c", &unit_diags) < 0);
	assert_string_equal(
		unit_messages(),
		"capkeep: -u: the user is missing\n"
		"capkeep: -u: the user is missing; to change only the group write "
		"unchanged:adm\n"
		"capkeep: -u: group: '' is not one name or number\n"
		"capkeep: -u: user: '007' is not a number from 0 to 4294967294 without "
		"leading zeros\n"
		"capkeep: -u: group: 'b:c' is not one name or number\n");
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(init_takes_the_current_entry),
		cmocka_unit_test(a_broken_group_of_the_user_is_refused),
		cmocka_unit_test(files_may_be_absent),
		cmocka_unit_test(files_may_be_none),
		cmocka_unit_test(bytes_are_bytes),
		cmocka_unit_test(groups_are_sorted_and_each_once),
		cmocka_unit_test(groups_have_a_limit),
		cmocka_unit_test(the_option_replaces_user_and_group),
	};

	return unit_run_rows("identity", UNIT_ROWS(rows, resolves), others,
			     CK_ARRAY_SIZE(others));
}
