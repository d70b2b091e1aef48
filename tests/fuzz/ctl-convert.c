/* SPDX-License-Identifier: MIT */
/* ctl-convert.c - fuzzes convert: every reader, and every writer on what was read. */
#include "../../src/ctl-convert.h"
#include "fuzz.h"

static int (*const readers[])(struct ck_convert *, const struct ck_input *) = {
	ck_read_docker_flags, ck_read_setpriv,	  ck_read_capsh,
	ck_read_label,	      ck_read_systemd,	  ck_read_docker,
	ck_read_compose,      ck_read_kubernetes, ck_read_oci,
};

static void (*const writers[])(struct ck_convert *) = {
	ck_write_docker,     ck_write_podman, ck_write_compose,
	ck_write_kubernetes, ck_write_oci,    ck_write_systemd,
	ck_write_setpriv,    ck_write_capsh,  ck_write_label,
};

/* A line of ours is one that our own reader takes, whatever the words in it. */
static void write_all(struct ck_convert *convert)
{
	struct ck_arena *arena = convert->ctl->arena;
	struct ck_strings words = { .count = 0 };
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(writers); i++) {
		convert->text = (struct ck_text){ .bytes = NULL };
		writers[i](convert);
		CLAIM(convert->text.length == strlen(ck_text_bytes(&convert->text)));
		if (writers[i] != ck_write_docker && writers[i] != ck_write_setpriv)
			continue;
		CLAIM(ck_shell_words(arena, convert->text.bytes, &words) == 0);
		CLAIM(!strcmp(words.list[words.count - 1],
			      writers[i] == ck_write_docker ? "IMAGE" : "COMMAND"));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ck_arena arena = { .out_of_memory = ck_ctl_out_of_memory };
	struct ck_ctl ctl = { .arena = &arena,
			      .diags = { .arena = &arena },
			      .out = stdout };
	struct ck_input input = { .name = "input", .length = size };
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(readers); i++) {
		struct ck_convert convert = { .ctl = &ctl,
					      .notes = { .arena = &arena },
					      .name = "main" };

		input.bytes = ck_strndup(&arena, (const char *)data, size);
		if (readers[i](&convert, &input) == 0 && convert.found &&
		    ck_needs_profile(&convert, "input") == 0)
			write_all(&convert);
	}
	ck_arena_free(&arena);
	return 0;
}
