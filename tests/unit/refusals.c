/* SPDX-License-Identifier: MIT */
/*
 * Everything that the launcher says when it refuses is said in a test: each text of the
 * modules below, as far as it is longer than a word, occurs in an expectation of
 * tests/data or in a test.
 */
#include "unit.h"

#include <dirent.h>
#include <string.h>

#define ENOUGH 14 /* characters without a conversion; less could be anything */

static const char *const modules[] = {
	"capset",      "descriptors", "explain", "file",	   "identity",
	"ini",	       "inspect",     "load",	 "plan",	   "profile",
	"plan-target", "target",      "values",	 "values-process",
#ifdef CK_WITH_FILTER
	"compile",     "conditions",  "rules",	 "plan-filter",
#endif
};

/* Not to be had from outside: they stand against what other builds and kernels may do. */
static const char *const out_of_reach[] = {
	"the line is not understood",
	"this build of inih reads only ",
	"cannot be examined: ",
	"the kernel gave no random bytes (AT_RANDOM), which its proof needs",
	"[seccomp] has no key '", /* the reader of profiles finds it */
	"clone(flags: none-of CLONE_NEW*) personality(personality: 0 8 0x20000 0x20008 "
	"0xffffffff)", /* a rule */
#ifdef CK_WITH_FILTER
	"[seccomp] is not built into this launcher, and leaving the filter out would "
	"start more than the profile says; take the section out",
#endif
};

static const char *said; /* all that the tests expect */

static bool is_out_of_reach(const char *text)
{
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(out_of_reach); i++)
		if (!strcmp(out_of_reach[i], text))
			return true;
	return false;
}

/* The text between quotes at *cursor and what the compiler would join to it; moves behind
 * it. */
static char *read_literal(const char **cursor)
{
	const char *p = *cursor;
	char *text = ck_alloc(&unit_arena, strlen(p) + 1), *out = text;

	while (*p == '"') {
		for (p++; *p && *p != '"'; p++) {
			if (*p == '\\' && *++p == 'n')
				*out++ = '\n';
			else
				*out++ = *p;
		}
		p += *p ? 1 : 0;
		*cursor = p;
		p += strspn(p, " \t\n");
	}
	return text;
}

/* Comments and character constants have quotes, too. */
static const char *next_quote(const char *p)
{
	for (; *p && *p != '"'; p++) {
		if (!strncmp(p, "/*", 2))
			p = strstr(p, "*/") + 1;
		else if (!strncmp(p, "'\"'", 3) || !strncmp(p, "'\\\\'", 4))
			p += 2;
	}
	return *p ? p : NULL;
}

/* The longest part of a format that is printed as it is. */
static const char *longest_part(const char *format)
{
	const char *best = "", *start = format, *p = format;

	for (;; p++) {
		if (*p && *p != '%' && *p != '\n')
			continue;
		if ((size_t)(p - start) > strlen(best))
			best = ck_strndup(&unit_arena, start, (size_t)(p - start));
		if (!*p)
			return best;
		if (*p == '%') {
			p += strspn(p + 1, "-+ #0123456789.*") + 1;
			p += strspn(p, "hlzjt");
		}
		start = p + 1;
	}
}

static void collect_file(const char *path, struct ck_strings *texts)
{
	const char *cursor = unit_read(path, NULL);

	while ((cursor = next_quote(cursor)) != NULL) {
		const char *text = read_literal(&cursor);

		ck_strings_add(&unit_arena, texts, text);
	}
}

static void collect_folder(const char *folder, const char *ending,
			   struct ck_strings *texts)
{
	DIR *dir = opendir(unit_source(folder));
	const struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		const char *path =
			unit_source(unit_format("%s/%s", folder, entry->d_name));
		const char *dot = strrchr(entry->d_name, '.');

		if (!dot || strcmp(dot, ending) != 0)
			continue;
		if (!strcmp(ending, ".c"))
			collect_file(path, texts);
		else
			ck_strings_add(&unit_arena, texts, unit_read(path, NULL));
	}
	closedir(dir);
}

static const char *join(const struct ck_strings *texts)
{
	size_t length = 0, i;
	char *all, *out;

	for (i = 0; i < texts->count; i++)
		length += strlen(texts->list[i]) + 1;
	all = out = ck_alloc(&unit_arena, length + 1);
	for (i = 0; i < texts->count; i++) {
		out = stpcpy(out, texts->list[i]);
		*out++ = '\n';
	}
	return all;
}

static unsigned int check_module(const char *name)
{
	struct ck_strings texts = { 0 };
	unsigned int missing = 0;
	size_t i;

	collect_file(unit_source(unit_format("src/%s.c", name)), &texts);
	for (i = 0; i < texts.count; i++) {
		const char *part = longest_part(texts.list[i]);

		if (strlen(part) < ENOUGH || !strchr(part, ' ') ||
		    is_out_of_reach(part) || strstr(said, part))
			continue;
		print_message("# src/%s.c says '%s', and no test expects it\n", name,
			      part);
		missing++;
	}
	assert_true(texts.count > 0);
	return missing;
}

static void every_refusal_is_expected_by_a_test(void **state)
{
	static const char *const folders[] = { "tests/data/bad", "tests/data/plans" };
	struct ck_strings texts = { 0 };
	unsigned int missing = 0;
	size_t i;

	(void)state;
	for (i = 0; i < CK_ARRAY_SIZE(folders); i++)
		collect_folder(folders[i], ".txt", &texts);
	collect_folder("tests/unit", ".c", &texts);
	said = join(&texts);
	for (i = 0; i < CK_ARRAY_SIZE(modules); i++)
		missing += check_module(modules[i]);
	assert_int_equal(missing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_refusal_is_expected_by_a_test),
	};

	return UNIT_RUN(tests);
}
