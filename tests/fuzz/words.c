/* SPDX-License-Identifier: MIT */
/*
 * words.c - fuzzes lists, numbers and names, as they come from options and profile
 * values.
 */
#include "capkeep.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is a number reads back as itself, and nothing that is a number is not all digits.
 */
static void check_number(struct ck_arena *arena, const char *word, size_t length)
{
	uint64_t value;
	int rc = ck_number(word, length, UINT64_MAX, &value);

	if (rc != 0)
		return;
	if (!ck_is_digits(word, length))
		abort();
	if (strcmp(ck_format(arena, "%llu", (unsigned long long)value),
		   ck_strndup(arena, word, length)) != 0)
		abort();
}

/* A list that was taken, printed and read again, is the same set. */
static void check_caps(struct ck_arena *arena, const char *text)
{
	const struct ck_origin origin = { .file = "fuzz" };
	struct ck_diags diags = { .arena = arena };
	struct ck_caps caps = { 0 }, again = { 0 };

	if (ck_caps_add(&caps, text, &origin, &diags) != 0) {
		if (diags.count == 0)
			abort();
		return;
	}
	if (ck_caps_add(&again, ck_cap_text(arena, caps.mask), &origin, &diags) != 0 ||
	    again.mask != caps.mask)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ck_arena arena = { 0 };
	const char *text = ck_strndup(&arena, (const char *)data, size), *cursor = text,
		   *word;
	size_t length;

	while ((length = ck_word_next(&cursor, &word)) > 0) {
		const char *copy = ck_strndup(&arena, word, length);
		struct ck_nearest best = { 0 };

		check_number(&arena, word, length);
		ck_nearest_try(&best, copy, "NET_BIND_SERVICE");
		if (ck_signal_number(copy) > 64)
			abort();
	}
	check_caps(&arena, text);
	ck_arena_free(&arena);
	return 0;
}
