/* SPDX-License-Identifier: MIT */
/* ctl-status.c - fuzzes the reader of /proc/PID/status, and what makes text safe for a
 * terminal. */
#include <stdlib.h>
#include <string.h>

#include "../../src/ctl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ck_arena arena = { .out_of_memory = ck_ctl_out_of_memory };
	const char *text = ck_strndup(&arena, (const char *)data, size), *safe;
	struct ck_process process;

	if (ck_process_parse(&arena, text, &process) == 0)
		json_decref(ck_json_process(&process));
	(void)ck_container_name(&arena, text);
	for (safe = ck_safe(&arena, text); *safe; safe++)
		if ((unsigned char)*safe < 0x20 || *safe == 0x7f)
			abort();
	ck_arena_free(&arena);
	return 0;
}
