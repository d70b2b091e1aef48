/* SPDX-License-Identifier: MIT */
/*
 * profile.c - fuzzes the profile reader: whatever the bytes are, it takes them or says
 * why not; what it takes keeps the rules of the format; and printed and read again, it is
 * the same profile.
 */
#include "fuzz.h"

static const char file_name[] = "/nonexistent/fuzz.ini";

static int parse(struct ck_arena *arena, const char *bytes, size_t length,
		 struct ck_profile *ret)
{
	struct ck_diags diags = { .arena = arena };
#ifdef CK_WITH_FILTER
	struct ck_rules rules; /* a launcher reads these, too */
#endif
	size_t i;
	int rc;

	ck_profile_empty(file_name, ret);
	rc = ck_profile_parse(file_name, bytes, length, &diags, ret);
	claim_reasons(rc, &diags);
	if (rc == 0)
		rc = ck_profile_complete(ret, &diags);
#ifdef CK_WITH_FILTER
	if (rc == 0 && ret->seccomp.origin.file)
		rc = ck_filter_read(ret, ret->keep.mask, &diags, &rules);
#endif
	claim_reasons(rc, &diags);
	for (i = 0; i < diags.count; i++)
		CLAIM(!strncmp(diags.list[i].where, file_name, strlen(file_name)));
	return rc;
}

/* The rules that can be told from the bytes alone, without the reader's help. */
static void check_bytes(const char *bytes, size_t length)
{
	size_t i, start = 0;

	CLAIM(length > 0 && bytes[length - 1] == '\n');
	for (i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];

		CLAIM(c >= 0x20 || c == '\t' || c == '\n');
		CLAIM(c != 0x7f && c != 0xff && c != 0xfe && c != 0xc0 && c != 0xc1);
		if (c != '\n')
			continue;
		CLAIM(i - start <= CK_LINE_MAX + (start == 0 ? 3 : 0)); /* 3: a BOM */
		start = i + 1;
	}
}

static void check_values(const struct ck_profile *profile)
{
	size_t i;

	CLAIM(profile->keep.words > 0);
	CLAIM(!profile->keep.none || profile->keep.mask == 0);
	CLAIM(profile->umask >= -1 && profile->umask <= 0777);
	CLAIM(profile->parent_death_signal >= 0 && profile->parent_death_signal <= 64);
	CLAIM(!profile->working_directory || profile->working_directory[0] == '/');
	CLAIM((profile->keep.mask | profile->optional.mask) >> 41 == 0);
	for (i = 0; i < profile->env_set.count; i++)
		CLAIM(strchr(profile->env_set.list[i], '=') > profile->env_set.list[i]);
	for (i = 0; i < CK_LIMITS; i++)
		CLAIM(profile->limits[i].value.rlim_cur <=
		      profile->limits[i].value.rlim_max);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ck_arena arena = { 0 };
	struct ck_profile profile, again;

	if (parse(&arena, (const char *)data, size, &profile) == 0) {
		const char *text = ck_profile_text(&arena, &profile);

		check_bytes((const char *)data, size);
		check_values(&profile);
		check_bytes(text, strlen(text));
		CLAIM(parse(&arena, text, strlen(text), &again) == 0);
		CLAIM(!strcmp(text, ck_profile_text(&arena, &again)));
	}
	ck_arena_free(&arena);
	return 0;
}
