/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the entries of [seccomp]: refused with a diagnostic, or compiled to a
 * program that the kernel would take and that means what the evaluator says.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static size_t split(struct ck_arena *arena, const char *text,
		    struct ck_filter_entry *list, size_t room)
{
	static const char *const keys[] = { "allow",   "deny", "base", "abi",  "default",
					    "unknown", "mode", "caps", "flags" };
	unsigned int line = 0;
	size_t count = 0;

	while (*text != '\0' && count < room) {
		size_t size = strcspn(text, "\n");

		list[count++] = (struct ck_filter_entry){
			keys[(unsigned char)*text % CK_ARRAY_SIZE(keys)],
			size > 0 ? ck_strndup(arena, text + 1, size - 1) : "",
			line % 5 == 4 ? "outer" : "inner", line + 1,
			line % 2 == 0 && size > 0 ? (unsigned int)(size - 1) : 0
		};
		line++;
		text += size + (text[size] == '\n');
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct ck_arena arena = { 0 };
	struct ck_diags diags = { &arena, NULL, 0, 0 };
	char *text = ck_strndup(&arena, (const char *)bytes, length);
	struct ck_filter_entry list[64];
	struct ck_filter_input input = { list, split(&arena, text, list, 64), length * 77,
					 CK_MACHINE_X86 };
	struct ck_program program;
	struct ck_rules rules;
	struct ck_proof proof;

	if (ck_filter_rules(&arena, &input, &diags, &rules) < 0 ||
	    ck_filter_compile(&arena, &rules, NULL, &diags, &program) < 0) {
		if (diags.count == 0)
			abort();
	} else if (ck_prove(&rules, NULL, &program, 50, &proof) < 0 ||
		   proof.different != 0) {
		abort();
	}
	ck_arena_free(&arena);
	return 0;
}
