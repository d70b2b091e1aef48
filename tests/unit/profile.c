/* SPDX-License-Identifier: MIT */
/*
 * The reader of profiles over tests/data: every file of good/ has beside it the profile
 * as it is printed, every file of bad/ the messages that it is refused with, where FILE
 * stands for the file and DIR for tests/data. A new file needs no code.
 */
#include "unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENDING ".ini"

struct file {
	char name[NAME_MAX + 1]; /* "good/x" */
};

static struct file *files;
static size_t files_count;
static const char *data; /* a copy of tests/data with modes of our own */

static void compare(const struct file *file, const char *text)
{
	unit_expect(unit_source(unit_format("tests/data/%s.txt", file->name)), text);
}

/* The program of [seccomp], of no instruction where there is none. */
static int filter_of(const struct ck_profile *profile, struct ck_program *ret)
{
	*ret = (struct ck_program){ NULL, 0 };
#ifdef CK_WITH_FILTER
	const struct ck_probe probe = { 1, 3000 };
	struct ck_rules rules;

	if (!profile->seccomp.origin.file)
		return 0;
	if (ck_filter_read(profile, profile->keep.mask, &unit_diags, &rules) < 0)
		return -EINVAL;
	return ck_filter_compile(&unit_arena, &rules, &probe, &unit_diags, ret);
#else
	(void)profile;
	return 0;
#endif
}

/* As the launcher does it. */
static int load(const char *path, struct ck_profile *profile)
{
	int rc = ck_profile_load(&unit_arena, path, &unit_diags, profile);
	struct ck_program program;

	if (rc == 0)
		rc = ck_profile_complete(profile, &unit_diags);
	return filter_of(profile, &program) < 0 ? -EINVAL : rc;
}

/* The profile that the text says has the same filter. */
static void compare_filters(const struct ck_profile *a, const struct ck_profile *b)
{
	struct ck_program one, two;

	if (!a->seccomp.origin.file)
		return;
	assert_int_equal(filter_of(a, &one), 0);
	assert_int_equal(filter_of(b, &two), 0);
	assert_int_equal(one.count, two.count);
	if (one.count)
		assert_memory_equal(one.code, two.code, one.count * sizeof(*one.code));
}

static const char *without_paths(const char *text, const char *path)
{
	return unit_replace(unit_replace(text, path, "FILE"), data, "DIR");
}

static void refuses(void **state)
{
	const struct file *file = *state;
	const char *path = unit_format("%s/%s" ENDING, data, file->name), *text;
	struct ck_profile profile;
	int rc = load(path, &profile);

	text = without_paths(unit_messages(), path);
	assert_true(rc < 0);
	assert_true(unit_diags.count > 0);
	compare(file, text);
}

static void takes(void **state)
{
	const struct file *file = *state;
	const char *path = unit_format("%s/%s" ENDING, data, file->name), *text, *again;
	struct ck_profile profile, reread;
	int rc = load(path, &profile);

	assert_string_equal(unit_messages(), "");
	assert_int_equal(rc, 0);
	text = ck_profile_text(&unit_arena, &profile);
	compare(file, text);
	ck_profile_empty("again", &reread);
	rc = ck_profile_parse("again", text, strlen(text), &unit_diags, &reread);
	assert_string_equal(unit_messages(), "");
	assert_int_equal(rc, 0);
	again = ck_profile_text(&unit_arena, &reread);
	assert_string_equal(again, text);
	compare_filters(&profile, &reread);
}

static int is_profile(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

#ifndef CK_WITH_FILTER
	if (!strncmp(entry->d_name, "seccomp", strlen("seccomp")))
		return 0; /* one message for all: see without_a_filter_it_is_refused() */
#endif
	return length > strlen(ENDING) &&
	       !strcmp(entry->d_name + length - strlen(ENDING), ENDING);
}

static void collect(const char *kind)
{
	char path[PATH_MAX];
	struct dirent **entries;
	int count, i;

	snprintf(path, sizeof(path), "%s/%s", data, kind);
	count = scandir(path, &entries, is_profile, alphasort);
	for (i = 0; i < count; i++) {
		struct file *more = realloc(files, (files_count + 1) * sizeof(*files));

		if (!more)
			abort();
		files = more;
		snprintf(files[files_count].name, sizeof(files[files_count].name),
			 "%s/%.*s", kind,
			 (int)(strlen(entries[i]->d_name) - strlen(ENDING)),
			 entries[i]->d_name);
		files_count++;
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

/* An expectation without its file would test nothing. */
static void every_expectation_has_its_file(void **state)
{
	static const char *const kinds[] = { "good", "bad" };
	size_t i;

	(void)state;
	for (i = 0; i < CK_ARRAY_SIZE(kinds); i++) {
		const char *path = unit_source(unit_format("tests/data/%s", kinds[i]));
		DIR *dir = opendir(path);
		const struct dirent *entry;

		assert_non_null(dir);
		while ((entry = readdir(dir)) != NULL) {
			size_t length = strlen(entry->d_name);
			const char *ini;

			if (length < 4 || strcmp(entry->d_name + length - 4, ".txt") != 0)
				continue;
			ini = unit_format("%s/%.*s" ENDING, path, (int)length - 4,
					  entry->d_name);
			if (access(ini, F_OK) < 0)
				fail_msg("there is no %s", ini);
		}
		closedir(dir);
	}
}

int main(void)
{
	static char copy[PATH_MAX];
	struct CMUnitTest *tests;
	size_t i;
	int rc;

	snprintf(copy, sizeof(copy), "%s/data", unit_directory());
	data = copy;
	unit_copy_tree(unit_source("tests/data"), data);
	ck_confdir = unit_format("%s/etc", data);
	ck_profiledir = unit_format("%s/share", data);
	collect("good");
	collect("bad");
	tests = calloc(files_count + 1, sizeof(*tests));
	if (!tests)
		return 1;
	for (i = 0; i < files_count; i++)
		tests[i] = (struct CMUnitTest){ files[i].name,
						files[i].name[0] == 'g' ? takes : refuses,
						NULL, NULL, &files[i] };
	tests[files_count] =
		(struct CMUnitTest)cmocka_unit_test(every_expectation_has_its_file);
	ck_confdir = strdup(ck_confdir);
	ck_profiledir = strdup(ck_profiledir);
	rc = unit_run("profile", tests, files_count + 1);
	free((void *)(uintptr_t)ck_confdir);
	free((void *)(uintptr_t)ck_profiledir);
	free(tests);
	free(files);
	return rc;
}
