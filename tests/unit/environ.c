/* SPDX-License-Identifier: MIT */
/* The workload's environment. */
#include "unit.h"

#include <string.h>

static const char *const outer[] = { "PATH=/bin",    "HOME=/root",     "USER=root",
				     "LOGNAME=root", "SHELL=/bin/zsh", "LC_ALL=C",
				     "LC_",	     "LC_X=1",	       "LD_PRELOAD=x",
				     "A=1",	     "AB=2",	       "A=again",
				     "=odd",	     "NOVALUE",	       "" };

static char *const *outer_environment(void)
{
	static char *list[CK_ARRAY_SIZE(outer) + 1];
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(outer); i++)
		list[i] = (char *)(uintptr_t)outer[i];
	return list;
}

static struct ck_strings words(const char *text)
{
	struct ck_strings strings = { 0 };
	const char *word;
	size_t length;

	while ((length = ck_word_next(&text, &word)) != 0)
		ck_strings_add(&unit_arena, &strings,
			       ck_strndup(&unit_arena, word, length));
	return strings;
}

static const char *built(const struct ck_profile *profile,
			 const struct ck_identity *identity, bool changes,
			 char *const *envp)
{
	static const struct ck_identity nobody;
	char **result = ck_environ_build(&unit_arena, profile,
					 identity ? identity : &nobody, changes, envp);
	const char *text = "";

	for (; *result; result++)
		text = unit_format("%s%s|", text, *result);
	return text;
}

static const char *of(const struct ck_profile *profile)
{
	return built(profile, NULL, false, outer_environment());
}

static void left_alone_it_is_passed_on_as_it_is(void **state)
{
	struct ck_profile profile = { 0 };
	char *const empty[] = { NULL };

	(void)state;
	assert_string_equal(
		of(&profile),
		"PATH=/bin|HOME=/root|USER=root|LOGNAME=root|SHELL=/bin/zsh|LC_ALL=C|"
		"LC_|LC_X=1|LD_PRELOAD=x|A=1|AB=2|A=again|=odd|NOVALUE||");
	assert_string_equal(built(&profile, NULL, false, empty), "");
}

static void clear_leaves_what_keep_names(void **state)
{
	struct ck_profile profile = { .env_clear = true };

	(void)state;
	assert_string_equal(of(&profile), "");
	profile.env_keep = words("PATH A NOVALUE MISSING");
	assert_string_equal(of(&profile), "PATH=/bin|A=1|A=again|NOVALUE|");
	profile.env_keep = words("LC_*");
	assert_string_equal(of(&profile), "LC_ALL=C|LC_|LC_X=1|");
	profile.env_keep = words("A*");
	assert_string_equal(of(&profile), "A=1|AB=2|A=again|");
	profile.env_keep = words("LC_ L");
	assert_string_equal(of(&profile), "LC_|");
	profile.env_keep = words("*");
	profile.env_unset = words("*");
	assert_string_equal(of(&profile), "");
}

static void unset_takes_away_and_set_is_last(void **state)
{
	struct ck_profile profile = { 0 };
	char *const envp[] = { (char[]){ "A=1" }, (char[]){ "AB=2" }, (char[]){ "A=3" },
			       NULL };

	(void)state;
	profile.env_unset = words("A");
	assert_string_equal(built(&profile, NULL, false, envp), "AB=2|");
	profile.env_unset = words("A*");
	assert_string_equal(built(&profile, NULL, false, envp), "");
	profile.env_set = words("A=new C=x=y");
	assert_string_equal(built(&profile, NULL, false, envp), "A=new|C=x=y|");
	profile.env_unset = words("");
	assert_string_equal(built(&profile, NULL, false, envp), "AB=2|A=new|C=x=y|");
	profile.env_clear = true;
	assert_string_equal(built(&profile, NULL, false, envp), "A=new|C=x=y|");
}

static void the_user_is_followed(void **state)
{
	static const struct ck_identity www = {
		.uid = 33, .user_name = "www-data", .home = "/var/www", .shell = "/bin/sh"
	};
	struct ck_profile profile = { .env_clear = true };
	struct ck_identity id = www;
	char *const *envp = outer_environment();

	(void)state;
	assert_string_equal(built(&profile, &id, false, envp), "");
	assert_string_equal(
		built(&profile, &id, true, envp),
		"HOME=/var/www|USER=www-data|LOGNAME=www-data|SHELL=/bin/sh|");
	id.shell = "";
	id.home = "";
	assert_string_equal(built(&profile, &id, true, envp),
			    "HOME=/|USER=www-data|LOGNAME=www-data|SHELL=/bin/sh|");
	profile.env_unset = words("USER SHELL");
	profile.env_set = words("HOME=/tmp LOGNAME=me");
	assert_string_equal(built(&profile, &id, true, envp), "HOME=/tmp|LOGNAME=me|");
}

static void shells_that_are_none_are_left_alone(void **state)
{
	static const char *const none[] = { "/usr/sbin/nologin", "/sbin/nologin",
					    "nologin", "/bin/false", "/usr/bin/false" };
	struct ck_profile profile = { .env_clear = true, .env_keep = words("SHELL") };
	struct ck_identity id = { .uid = 33, .user_name = "x", .home = "/h" };
	size_t i;

	(void)state;
	for (i = 0; i < CK_ARRAY_SIZE(none); i++) {
		id.shell = none[i];
		assert_string_equal(built(&profile, &id, true, outer_environment()),
				    "SHELL=/bin/zsh|HOME=/h|USER=x|LOGNAME=x|");
	}
	id.shell = "/bin/falsehood";
	assert_string_equal(built(&profile, &id, true, outer_environment()),
			    "HOME=/h|USER=x|LOGNAME=x|SHELL=/bin/falsehood|");
}

/* Without an entry the names of the former user must not stay. */
static void a_user_without_entry_has_no_name(void **state)
{
	struct ck_profile profile = { .env_clear = true,
				      .env_keep = words("HOME USER LOGNAME SHELL") };
	struct ck_identity id = { .uid = 1234 };

	(void)state;
	assert_string_equal(built(&profile, &id, true, outer_environment()),
			    "SHELL=/bin/zsh|HOME=/|");
}

static void variables_are_found(void **state)
{
	char *const *envp = outer_environment();

	(void)state;
	assert_string_equal(ck_environ_get(envp, "PATH"), "/bin");
	assert_string_equal(ck_environ_get(envp, "A"), "1");
	assert_string_equal(ck_environ_get(envp, "AB"), "2");
	assert_null(ck_environ_get(envp, "PAT"));
	assert_null(ck_environ_get(envp, "NOVALUE"));
	assert_null(ck_environ_get(envp, "LC_"));
	assert_null(ck_environ_get(envp, "path"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(left_alone_it_is_passed_on_as_it_is),
		cmocka_unit_test(clear_leaves_what_keep_names),
		cmocka_unit_test(unset_takes_away_and_set_is_last),
		cmocka_unit_test(the_user_is_followed),
		cmocka_unit_test(shells_that_are_none_are_left_alone),
		cmocka_unit_test(a_user_without_entry_has_no_name),
		cmocka_unit_test(variables_are_found),
	};

	return UNIT_RUN(tests);
}
