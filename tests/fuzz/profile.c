/* SPDX-License-Identifier: MIT */
/*
 * profile.c - fuzzes the profile reader: whatever the bytes are, it takes them or says
 * why not, and what it takes, printed and read again, is the same profile.
 */
#include "capkeep.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char file_name[] = "/nonexistent/fuzz.ini";

static int parse(struct ck_arena *arena, const char *bytes, size_t length,
		 struct ck_profile *ret)
{
	struct ck_diags diags = { .arena = arena };
	int rc;

	ck_profile_empty(file_name, ret);
	rc = ck_profile_parse(file_name, bytes, length, &diags, ret);
	if (rc == 0)
		rc = ck_profile_complete(ret, &diags);
	/* a refusal without a reason would leave the user in the dark, and so would the
	 * reverse */
	if ((rc == 0) != (diags.count == 0))
		abort();
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ck_arena arena = { 0 };
	struct ck_profile profile, again;

	if (parse(&arena, (const char *)data, size, &profile) == 0) {
		const char *text = ck_profile_text(&arena, &profile);

		if (parse(&arena, text, strlen(text), &again) != 0)
			abort();
		if (strcmp(text, ck_profile_text(&arena, &again)) != 0)
			abort();
	}
	ck_arena_free(&arena);
	return 0;
}
