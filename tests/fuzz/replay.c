/* SPDX-License-Identifier: MIT */
/*
 * replay.c - main() of the fuzz targets in `make check`: runs a target over its corpus,
 * which is $CK_SRCDIR/tests/fuzz/corpus/NAME, and over the files of tests/data, and
 * prints TAP. A crash is a missing line of the plan.
 */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 20 };

static const char *const shared[] = { "data/bad", "data/good", "data/parts",
				      "data/plans" };

static int number;

/* Exactly as large as it is, so that a sanitizer sees a read beyond the end. */
static int run(const uint8_t *bytes, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);

	if (!exact)
		return -1;
	memcpy(exact, bytes, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	return 0;
}

static int replay(const char *path)
{
	static uint8_t bytes[INPUT_MAX];
	FILE *file = fopen(path, "re");
	size_t size;

	if (!file)
		return -1;
	size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	/* Whole, and cut short in the middle. */
	return run(bytes, size) < 0 ? -1 : run(bytes, size / 2);
}

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Returns how many files the folder has. */
static int replay_all(const char *name)
{
	const char *srcdir = getenv("CK_SRCDIR");
	struct dirent **entries;
	char folder[PATH_MAX], path[PATH_MAX + NAME_MAX + 2];
	int count, i;

	snprintf(folder, sizeof(folder), "%s/tests/%s", srcdir ? srcdir : ".", name);
	count = scandir(folder, &entries, is_input, alphasort);
	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (entries[i]->d_type != DT_DIR)
			printf("%s %d - %s/%s\n", replay(path) == 0 ? "ok" : "not ok",
			       ++number, name, entries[i]->d_name);
		fflush(stdout);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return count;
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	char folder[PATH_MAX];
	size_t i;

	(void)argc;
	snprintf(folder, sizeof(folder), "fuzz/corpus/%s", name ? name + 1 : argv[0]);
	if (replay_all(folder) <= 0)
		printf("not ok %d - no corpus in %s\n", ++number, folder);
	for (i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
		if (replay_all(shared[i]) <= 0)
			printf("not ok %d - no %s\n", ++number, shared[i]);
	printf("1..%d\n", number);
	return 0;
}
