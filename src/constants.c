/* SPDX-License-Identifier: MIT */
/*
 * constants.c - the names of argument values: address families, flags, commands.
 *
 * The names stand in one string, "!SET" and its prefix before those of each set, and the
 * values in an array beside it: no pointers, no relocations. Makes no system call.
 */
#include <string.h>
#include <strings.h>

#include "capkeep.h"

static const char names[] =
#define SET(name, prefix) "!" #name "\0" prefix "\0"
#define K(name, value) #name "\0"
#define K2(name, x86, arm) #name "\0"
#include "constants.def"
#undef SET
#undef K
#undef K2
	;

static const uint32_t values[] = {
#define SET(name, prefix)
#define K(name, value) value,
#define K2(name, x86, arm) x86,
#include "constants.def"
#undef SET
#undef K
#undef K2
};

/* Where arm has another value, that of x86 is taken as the key. */
static const struct {
	uint32_t x86, arm;
	const char *name;
} differing[] = {
#define SET(name, prefix)
#define K(name, value)
#define K2(name, x86, arm) { x86, arm, #name },
#include "constants.def"
#undef SET
#undef K
#undef K2
};

static uint32_t value_on(enum ck_machine machine, const char *name, uint32_t value)
{
	if (machine == CK_MACHINE_X86)
		return value;
	for (size_t i = 0; i < CK_ARRAY_SIZE(differing); i++)
		if (differing[i].x86 == value && strcmp(differing[i].name, name) == 0)
			return differing[i].arm;
	return value;
}

static const char *behind(const char *word)
{
	while (*word++ != '\0')
		;
	return word;
}

/* Moves to the first constant of the set. */
static bool open_set(const char *set, size_t length, struct ck_constant *ret)
{
	const char *cursor = names, *next;
	unsigned int position = 0;

	for (; cursor < names + sizeof(names) - 1; cursor = next) {
		next = behind(cursor);
		if (*cursor != '!') {
			position++;
			continue;
		}
		if ((size_t)(next - cursor) == length + 2 &&
		    memcmp(cursor + 1, set, length) == 0) {
			ret->prefix = next;
			ret->cursor = behind(next);
			ret->position = position;
			return true;
		}
		next = behind(next); /* the prefix is no constant */
	}
	return false;
}

bool ck_constant_next(const char *set, size_t length, enum ck_machine machine,
		      struct ck_constant *ret)
{
	if (ret->cursor == NULL && !open_set(set, length, ret))
		return false;
	if (*ret->cursor == '!' || *ret->cursor == '\0')
		return false;
	ret->name = ret->cursor;
	ret->value = value_on(machine, ret->name, values[ret->position]);
	ret->cursor = behind(ret->cursor);
	ret->position++;
	return true;
}

static bool is_name(const char *name, const char *word, size_t length)
{
	if (length > 1 && ((*name ^ *word) & 0x5f) != 0)
		return false; /* as most, by the first letter */
	if (length > 0 && word[length - 1] == '*')
		return strncasecmp(name, word, length - 1) == 0;
	return strlen(name) == length && strncasecmp(name, word, length) == 0;
}

bool ck_constant_matches(const struct ck_constant *constant, const char *word,
			 size_t length)
{
	size_t prefix = strlen(constant->prefix);

	if (is_name(constant->name, word, length))
		return true;
	return length > prefix && strncasecmp(word, constant->prefix, prefix) == 0 &&
	       is_name(constant->name, word + prefix, length - prefix);
}
