/* SPDX-License-Identifier: MIT */
/*
 * words.c - fuzzes lists, numbers and names, as they come from options and profile
 * values.
 */
#include "fuzz.h"

#define SIZE_ENOUGH 200 /* a line has 190; each unknown word is compared with all */

/* What is a number reads back as itself, and nothing is a number that is not digits. */
static void check_number(struct ck_arena *arena, const char *word, size_t length)
{
	uint64_t value = 0, less = 7;
	int rc = ck_number(word, length, UINT64_MAX, &value);

	CLAIM(rc != 0 || ck_is_digits(word, length));
	if (rc != 0)
		return;
	CLAIM(!strcmp(ck_format(arena, "%llu", (unsigned long long)value),
		      ck_strndup(arena, word, length)));
	/* The maximum is the last that is taken. */
	CLAIM(ck_number(word, length, value, &less) == 0 && less == value);
	less = 7;
	CLAIM(value == 0 || ck_number(word, length, value - 1, &less) < 0);
	CLAIM(value == 0 || less == 7);
}

/* Names lead to numbers and back. */
static void check_names(struct ck_arena *arena, const char *word, size_t length)
{
	int cap = ck_cap_number(word, length), number = ck_signal_number(word);
	const char *name;

	CLAIM(cap >= -1 && cap <= 40);
	if (cap >= 0) {
		name = ck_cap_name((unsigned int)cap);
		CLAIM(ck_cap_number(name, strlen(name)) == cap);
	}
	CLAIM(number <= 64 && number != 0);
	if (number > 0)
		CLAIM(ck_signal_number(ck_signal_name(number)) == number);
	name = ck_escape(arena, word);
	for (; *name; name++)
		CLAIM((unsigned char)*name >= 0x20 && *name != 0x7f);
}

/* The same word is nearest of all, and a hint names what was tried. */
static void check_nearest(struct ck_arena *arena, const char *word, size_t length)
{
	struct ck_nearest best = { 0 };

	ck_nearest_try(&best, word, "NET_BIND_SERVICE");
	ck_nearest_try(&best, "NET_BIND_SERVICE", word);
	CLAIM(!best.name || best.distance < 16);
	ck_nearest_try(&best, word, word);
	CLAIM(length < 2 || length > 40 || (best.name && best.distance == 0));
	CLAIM(!best.name || strstr(ck_nearest_hint(arena, &best), best.name));
}

/* A list that was taken, printed and read again, is the same set. */
static void check_caps(struct ck_arena *arena, const char *text)
{
	const struct ck_origin origin = { .file = "fuzz" };
	struct ck_diags diags = { .arena = arena };
	struct ck_caps caps = { 0 }, again = { 0 };
	struct ck_profile profile;
	int rc = ck_caps_add(&caps, text, &origin, &diags);

	claim_reasons(rc, &diags);
	if (rc != 0)
		return;
	CLAIM(caps.mask >> 41 == 0 && (!caps.none || caps.mask == 0));
	CLAIM(ck_caps_add(&again, ck_cap_text(arena, caps.mask), &origin, &diags) == 0);
	CLAIM(again.mask == caps.mask);
	ck_profile_default(&profile);
	CLAIM((ck_profile_keep(&profile, text, &diags) == 0) == (caps.words > 0));
	CLAIM(profile.keep.mask == caps.mask);
}

/* Options are profile values too. */
static void check_options(struct ck_arena *arena, const char *text)
{
	struct ck_diags diags = { .arena = arena };
	struct ck_profile profile;
	int rc;

	ck_profile_default(&profile);
	rc = ck_profile_user(arena, &profile, text, &diags);
	claim_reasons(rc, &diags);
	diags.count = 0;
	rc = ck_profile_bounding(&profile, text, &diags);
	claim_reasons(rc, &diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ck_arena arena = { 0 };
	const char *text, *cursor, *word;
	size_t length;

	if (size > SIZE_ENOUGH)
		return 0;
	text = cursor = ck_strndup(&arena, (const char *)data, size);
	while ((length = ck_word_next(&cursor, &word)) > 0) {
		const char *copy = ck_strndup(&arena, word, length);

		check_number(&arena, word, length);
		check_names(&arena, copy, length);
		check_nearest(&arena, copy, length);
	}
	CLAIM(*cursor == '\0');
	check_caps(&arena, text);
	check_options(&arena, text);
	ck_arena_free(&arena);
	return 0;
}
