/* SPDX-License-Identifier: MIT */
/*
 * replay.c - main() of the fuzz targets in `make check`: runs a target over its corpus,
 * which is $CK_SRCDIR/tests/fuzz/corpus/NAME, and prints TAP. A crash is a missing line
 * of the plan.
 */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 20 };

static int replay(const char *path)
{
	FILE *file = fopen(path, "re");
	uint8_t *data = malloc(INPUT_MAX), *exact;
	size_t size;

	if (!file || !data)
		return -1;
	size = fread(data, 1, INPUT_MAX, file);
	fclose(file);
	exact = malloc(size ? size :
			      1); /* so that a sanitizer sees a read beyond the end */
	if (!exact)
		return -1;
	memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	free(data);
	return 0;
}

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("CK_SRCDIR"), *name = strrchr(argv[0], '/');
	struct dirent **entries;
	char folder[PATH_MAX], path[PATH_MAX + NAME_MAX + 2];
	int count, i;

	(void)argc;
	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".",
		 name ? name + 1 : argv[0]);
	count = scandir(folder, &entries, is_input, alphasort);
	if (count <= 0) {
		printf("1..1\nnot ok 1 - no corpus in %s\n", folder);
		return 1;
	}
	printf("1..%d\n", count);
	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		printf("%s %d - %s\n", replay(path) == 0 ? "ok" : "not ok", i + 1,
		       entries[i]->d_name);
		fflush(stdout);
		free(entries[i]);
	}
	free(entries);
	return 0;
}
