/* SPDX-License-Identifier: MIT */
/* ctl-words.c - fuzzes the readers of lines and units: docker, setpriv, capsh, label,
 * systemd. */
#include <stdlib.h>
#include <string.h>

#include "../../src/ctl-convert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int (*const readers[])(struct ck_convert *, const struct ck_input *) = {
	ck_read_docker_flags, ck_read_setpriv, ck_read_capsh,
	ck_read_label,	      ck_read_systemd,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ck_arena arena = { .out_of_memory = ck_ctl_out_of_memory };
	struct ck_ctl ctl = { .arena = &arena,
			      .diags = { .arena = &arena },
			      .out = stdout };
	struct ck_input input = { .name = "input", .length = size };
	size_t i;

	input.bytes = ck_strndup(&arena, (const char *)data, size);
	for (i = 0; i < CK_ARRAY_SIZE(readers); i++) {
		struct ck_convert convert = { .ctl = &ctl,
					      .notes = { .arena = &arena },
					      .text = "" };

		(void)!readers[i](&convert, &input);
	}
	(void)ck_shell_quote(&arena, input.bytes);
	ck_arena_free(&arena);
	return 0;
}
