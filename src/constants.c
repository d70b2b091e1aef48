/* SPDX-License-Identifier: MIT */
/*
 * constants.c - the names of argument values: address families, flags, commands.
 *
 * The names stand one behind the other, "!SET" and its prefix before those of each set,
 * and the values in an array beside them: no pointers, no relocations. Makes no system
 * call.
 */
#include <string.h>
#include <strings.h>

#include "capkeep.h"

/* Members need names, and constants of two sets may have the same. */
#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)

struct names {
#define SET(name, prefix) char s_##name[sizeof("!" #name "\0" prefix)];
#define K(name, value) char JOIN(k_, __COUNTER__)[sizeof(#name)];
#define K2(name, x86, arm) char JOIN(k_, __COUNTER__)[sizeof(#name)];
#include "constants.def"
#undef SET
#undef K
#undef K2
	char end[1];
};

static const struct names names = {
#define SET(name, prefix) "!" #name "\0" prefix,
#define K(name, value) #name,
#define K2(name, x86, arm) #name,
#include "constants.def"
#undef SET
#undef K
#undef K2
	"",
};

static const uint32_t values[] = {
#define SET(name, prefix)
#define K(name, value) value,
#define K2(name, x86, arm) x86,
#include "constants.def"
#undef SET
#undef K
#undef K2
};

/* The constant that comes first in each set. */
enum {
#define SET(name, prefix) FIRST_##name, BEFORE_##name = FIRST_##name - 1,
#define K(name, value) JOIN(K_, __COUNTER__),
#define K2(name, x86, arm) JOIN(K_, __COUNTER__),
#include "constants.def"
#undef SET
#undef K
#undef K2
};

static const struct {
	uint16_t name, first;
} sets[] = {
#define SET(name, prefix) { offsetof(struct names, s_##name) + 1, FIRST_##name },
#define K(name, value)
#define K2(name, x86, arm)
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
	for (size_t i = 0; i < CK_ARRAY_SIZE(sets); i++) {
		const char *name = (const char *)&names + sets[i].name;

		if (strncmp(name, set, length) != 0 || name[length] != '\0')
			continue;
		ret->prefix = behind(name);
		ret->cursor = behind(ret->prefix);
		ret->position = sets[i].first;
		return true;
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
	return length > prefix &&
	       is_name(constant->name, word + prefix, length - prefix) &&
	       strncasecmp(word, constant->prefix, prefix) == 0;
}
