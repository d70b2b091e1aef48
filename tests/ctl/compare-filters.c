/* SPDX-License-Identifier: MIT */
/*
 * compare-filters.c - two programs, over every number of three ABIs and the values around
 * those that a profile compares.
 *
 *   compare-filters OURS THEIRS VALUE...
 *
 * Standard error: how many calls were compared. Standard output: the differences.
 *
 *   ABI every [un]named FIRST-LAST: OURS, THEIRS
 *     whatever the arguments; without LAST: to the end; "N of" where not every one
 *   ABI CALL high: OURS, THEIRS
 *     only with bits above 32, and the answers are the same once one program sees none
 *   ABI CALL some: OURS, THEIRS
 *     anything else
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capkeep.h"

#define POINTS 512
#define KINDS 64 /* differences of one number, or of one ABI */

struct kind {
	uint32_t ours, theirs;
	uint64_t calls, high;
};

/* Numbers that differ alike. */
struct span {
	const char *text;
	bool named;
	uint32_t first, last, count;
};

static struct ck_program programs[2];
static uint64_t points[POINTS], compared;
static size_t npoints;

static struct kind kinds[KINDS];
static size_t nkinds;
static struct span spans[KINDS];
static size_t nspans;
static uint64_t asked; /* of one number */

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "compare-filters: %s\n", what);
	exit(99);
}

static void read_program(const char *path, struct ck_program *ret)
{
	FILE *file = fopen(path, "re");

	ret->code = calloc(CK_PROGRAM_MAX, sizeof(*ret->code));
	if (file == NULL || ret->code == NULL)
		die(path);
	ret->count = fread(ret->code, sizeof(*ret->code), CK_PROGRAM_MAX, file);
	fclose(file);
	if (ck_interpret_check(ret->code, ret->count) < 0)
		die("no program");
}

static void add_point(uint64_t value)
{
	for (size_t i = 0; i < npoints; i++)
		if (points[i] == value)
			return;
	if (npoints == POINTS)
		die("too many values");
	points[npoints++] = value;
}

/* A value and its neighbours, with other high words. */
static void add_boundary(uint64_t value)
{
	static const uint64_t highs[] = { 0, 1, 0xffffffffU };

	for (uint64_t around = value - 1; around != value + 2; around++) {
		add_point(around);
		for (size_t i = 0; i < CK_ARRAY_SIZE(highs); i++)
			add_point((around & 0xffffffffU) | highs[i] << 32);
	}
}

static void note(uint32_t ours, uint32_t theirs, bool high)
{
	size_t i = 0;

	while (i < nkinds && (kinds[i].ours != ours || kinds[i].theirs != theirs))
		i++;
	if (i == KINDS)
		die("too many kinds of differences");
	if (i == nkinds)
		kinds[nkinds++] = (struct kind){ ours, theirs, 0, 0 };
	kinds[i].calls++;
	kinds[i].high += high;
}

static uint32_t answer(size_t program, const struct ck_call_data *data,
		       unsigned int *loaded)
{
	uint32_t action;

	if (ck_interpret(programs[program].code, programs[program].count, data, &action,
			 loaded) < 0)
		die("a program ends without an answer");
	return action;
}

/* Is it only that one program sees the high words? */
static bool is_high(const struct ck_call_data *data, uint32_t ours, uint32_t theirs)
{
	struct ck_call_data low = *data;

	for (size_t i = 0; i < CK_CALL_ARGS; i++)
		low.args[i] &= 0xffffffffU;
	return memcmp(&low, data, sizeof(low)) != 0 &&
	       (answer(1, &low, NULL) == ours || answer(0, &low, NULL) == theirs);
}

/* Returns the arguments that either program has looked at, as bits. */
static unsigned int ask(const struct ck_call_data *data)
{
	unsigned int loaded[2] = { 0, 0 };
	uint32_t ours = answer(0, data, &loaded[0]), theirs = answer(1, data, &loaded[1]);

	asked++;
	if (ours != theirs)
		note(ours, theirs, is_high(data, ours, theirs));
	return loaded[0] | loaded[1];
}

/* Every combination of the arguments in used, from arg on. */
static unsigned int ask_all(struct ck_call_data *data, unsigned int used,
			    unsigned int arg)
{
	unsigned int loaded = 0;

	while (arg < CK_CALL_ARGS && (used >> arg & 1U) == 0)
		arg++;
	if (arg == CK_CALL_ARGS)
		return ask(data);
	for (size_t i = 0; i < npoints; i++) {
		data->args[arg] = points[i];
		loaded |= ask_all(data, used, arg + 1);
	}
	return loaded;
}

static void ask_number(uint32_t arch, uint32_t nr)
{
	unsigned int used = 0, loaded = 0;

	do {
		struct ck_call_data data = { .nr = nr, .arch = arch };

		used |= loaded;
		nkinds = 0;
		asked = 0;
		loaded = ask_all(&data, used, 0);
	} while ((loaded & ~used) != 0);
	compared += asked;
}

/* ---- what is printed ---- */

static const char *values_of(const struct kind *kind)
{
	if (kind->calls == asked)
		return "";
	return kind->calls == kind->high ? " high" : " some";
}

/* What differs for this number, without the number. */
static const char *differences(struct ck_arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < nkinds; i++)
		text = ck_format(arena, "%s%s: %s, %s", text, values_of(&kinds[i]),
				 ck_action_text(arena, kinds[i].ours),
				 ck_action_text(arena, kinds[i].theirs));
	return text;
}

static void add_number(uint32_t number, bool named, const char *text)
{
	size_t i = 0;

	while (i < nspans &&
	       (spans[i].named != named || strcmp(spans[i].text, text) != 0))
		i++;
	if (i == KINDS)
		die("too many kinds of differences");
	if (i == nspans)
		spans[nspans++] = (struct span){ text, named, number, 0, 0 };
	spans[i].last = number;
	spans[i].count++;
}

static uint32_t count(enum ck_abi abi, bool named, uint32_t first, uint32_t last)
{
	uint32_t n = 0;

	for (uint32_t nr = first; nr <= last; nr++)
		n += (ck_call_by_number(abi, nr) >= 0) == named;
	return n;
}

static void print_span(enum ck_abi abi, const struct span *span)
{
	printf("%s ", ck_abi_name(abi));
	if (span->count == count(abi, span->named, span->first, span->last))
		printf("every");
	else
		printf("%u of", span->count);
	printf(" %s %u-", span->named ? "named" : "unnamed", span->first);
	if (count(abi, span->named, span->last + 1, CK_NUMBERS - 1) != 0)
		printf("%u", span->last);
	printf("%s\n", span->text);
}

static void compare_abi(struct ck_arena *arena, enum ck_abi abi)
{
	nspans = 0;
	for (uint32_t nr = 0; nr < CK_NUMBERS; nr++) {
		int call = ck_call_by_number(abi, nr);
		const char *text;

		ask_number(ck_abi_arch(abi), nr | (abi == CK_ABI_X32 ? CK_X32_BIT : 0));
		text = differences(arena);
		if (*text == ' ')
			printf("%s %s%s\n", ck_abi_name(abi),
			       call < 0 ? "?" : ck_call_name((unsigned int)call), text);
		else if (*text != '\0')
			add_number(nr, call >= 0, text);
	}
	for (size_t i = 0; i < nspans; i++)
		print_span(abi, &spans[i]);
}

static void compare_foreign(struct ck_arena *arena)
{
	ask_number(ck_abi_arch(CK_ABI_AARCH64), 0);
	if (nkinds != 0)
		printf("foreign%s\n", differences(arena));
}

int main(int argc, char **argv)
{
	struct ck_arena arena = { 0 };

	if (argc < 3)
		die("usage: compare-filters OURS THEIRS VALUE...");
	read_program(argv[1], &programs[0]);
	read_program(argv[2], &programs[1]);
	add_boundary(0);
	add_point(UINT64_MAX);
	for (int i = 3; i < argc; i++)
		add_boundary(strtoull(argv[i], NULL, 10));
	for (unsigned int abi = CK_ABI_X86_64; abi <= CK_ABI_X32; abi++)
		compare_abi(&arena, abi);
	compare_foreign(&arena);
	fprintf(stderr, "%llu calls\n", (unsigned long long)compared);
	ck_arena_free(&arena);
	return 0;
}
