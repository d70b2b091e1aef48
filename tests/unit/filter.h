/* SPDX-License-Identifier: MIT */
/* filter.h - what the unit tests of the filter share: profiles as text. */
#ifndef TESTS_FILTER_H
#define TESTS_FILTER_H

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 4096

/* "KEY = VALUE" lines -> entries; a line "[FILE]" begins another file. The length of a
 * value is told in every other line: it is known or not, and that must not matter. */
static inline size_t read_text(struct ck_arena *arena, const char *text,
			       struct ck_filter_entry *list)
{
	const char *file = "t.ini";
	unsigned int line = 0;
	size_t count = 0;

	while (*text != '\0') {
		size_t length = strcspn(text, "\n");
		char *own = ck_strndup(arena, text, length);
		char *equals = strchr(own, '='), *value;

		text += length + (text[length] == '\n');
		line++;
		if (*own == '[') {
			file = ck_strndup(arena, own + 1, strlen(own) - 2);
			line = 0;
			continue;
		}
		if (equals == NULL)
			continue;
		*equals = '\0';
		own[strcspn(own, " ")] = '\0';
		value = equals + 1 + strspn(equals + 1, " ");
		list[count++] = (struct ck_filter_entry){
			own, value, file, line,
			line % 2 == 0 ? (unsigned int)strlen(value) : 0
		};
		assert_true(count < ENTRIES_MAX);
	}
	return count;
}

static inline int read_rules(struct ck_arena *arena, const char *text, uint64_t keep,
			     enum ck_machine machine, struct ck_diags *diags,
			     struct ck_rules *ret)
{
	struct ck_filter_entry *list = ck_alloc_array(arena, ENTRIES_MAX, sizeof(*list));
	struct ck_filter_input input = { list, read_text(arena, text, list), keep,
					 machine };

	return ck_filter_rules(arena, &input, diags, ret);
}

/* All diagnostics, one a line. */
static inline const char *diag_text(struct ck_arena *arena, const struct ck_diags *diags)
{
	const char *text = "";

	for (size_t i = 0; i < diags->count; i++)
		text = ck_format(arena, "%s%s: %s\n", text, diags->list[i].where,
				 diags->list[i].text);
	return text;
}

static inline uint32_t action_of(const struct ck_rules *rules,
				 const struct ck_program *program, uint32_t arch,
				 uint32_t nr, const uint64_t *args)
{
	struct ck_call_data data = { .nr = nr, .arch = arch };
	struct ck_answer verdict;
	uint32_t found;

	if (args != NULL)
		memcpy(data.args, args, sizeof(data.args));
	assert_int_equal(ck_interpret(program->code, program->count, &data, &found, NULL),
			 0);
	ck_evaluate(rules, NULL, &data, &verdict);
	assert_int_equal(found, verdict.action);
	return found;
}

static inline void dump_program(const struct ck_program *program)
{
	for (size_t i = 0; i < program->count; i++)
		printf("%4zu: %02x %3u %3u 0x%08x\n", i, program->code[i].code,
		       program->code[i].jt, program->code[i].jf, program->code[i].k);
}

#endif
