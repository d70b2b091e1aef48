/* SPDX-License-Identifier: MIT */
/* "did you mean": the nearest of some words, by Damerau-Levenshtein distance. */
#include <ctype.h>
#include <string.h>

#include "capkeep.h"

#define WORD_MAX 40U

static unsigned int least(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static unsigned int distance(const char *a, size_t la, const char *b, size_t lb)
{
	unsigned int rows[3][WORD_MAX + 1];
	size_t i, j;

	for (j = 0; j <= lb; j++)
		rows[0][j] = (unsigned int)j;
	for (i = 1; i <= la; i++) {
		unsigned int *row = rows[i % 3], *up = rows[(i - 1) % 3];
		const unsigned int *upup = rows[(i + 1) % 3];

		row[0] = (unsigned int)i;
		for (j = 1; j <= lb; j++) {
			row[j] = least(up[j] + 1, row[j - 1] + 1,
				       up[j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]) && upup[j - 2] + 1 < row[j])
				row[j] = upup[j - 2] + 1;
		}
	}
	return rows[la % 3][lb];
}

void ck_nearest_try(struct ck_nearest *best, const char *word, const char *candidate)
{
	size_t la = strlen(word), lb = strlen(candidate), longer = la > lb ? la : lb;
	unsigned int d, limit = longer >= 6 ? (unsigned int)(longer / 3) : 2;

	if (la == 0 || lb == 0 || la > WORD_MAX || lb > WORD_MAX)
		return;
	d = distance(word, la, candidate, lb);
	/* A word of three letters is two changes away from any other. */
	if (d > limit || d >= longer - 1)
		return;
	if (!best->name || d < best->distance) {
		best->name = candidate;
		best->distance = d;
	}
}

const char *ck_nearest_hint(struct ck_arena *arena, const struct ck_nearest *best)
{
	return best->name ? ck_format(arena, ", did you mean %s?", best->name) : "";
}
