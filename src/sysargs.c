/* SPDX-License-Identifier: MIT */
/*
 * sysargs.c - where the arguments of the system calls stand, and how much of them the
 * kernel uses.
 *
 * A condition on an argument has to look at the same bits as the kernel: one that
 * compares 64 bits of a 32-bit argument is evaded with a bit that the kernel throws away.
 * Makes no system call.
 */
#include <string.h>

#include "capkeep.h"

enum {
#define CALL(name, x86_64, i386, x32, aarch64, arm, group, since) CALL_##name,
#include "syscalls-am.def"
#include "syscalls-nz.def"
#undef CALL
	CALLS
};

struct texts {
	char none[1];
#define ARGS(name, text) char t_##name[sizeof(text)];
#include "sysargs.def"
#undef ARGS
};

static const struct texts texts = {
	"",
#define ARGS(name, text) text,
#include "sysargs.def"
#undef ARGS
};

static const uint16_t offsets[CALLS] = {
#define ARGS(name, text) [CALL_##name] = offsetof(struct texts, t_##name),
#include "sysargs.def"
#undef ARGS
};

#define I386 (1U << CK_ABI_I386)
#define AARCH64 (1U << CK_ABI_AARCH64)
#define ARM (1U << CK_ABI_ARM)

static const struct {
	uint16_t call;
	uint8_t abis;
} variants[] = {
#define VARY(abis, name, text) { CALL_##name, abis },
#include "sysargs-abi.def"
#undef VARY
};

static const struct {
	char text[70];
} variant_texts[] = {
#define VARY(abis, name, text) { text },
#include "sysargs-abi.def"
#undef VARY
};

const char *ck_args_text(unsigned int call, enum ck_abi abi)
{
	for (size_t i = 0; i < CK_ARRAY_SIZE(variants); i++)
		if (variants[i].call == call && (variants[i].abis >> abi & 1U) != 0)
			return variant_texts[i].text;
	return (const char *)&texts + offsets[call];
}

/*
 * The calls from 512 on are x32's own. Most have the entry points of 32-bit programs,
 * which cut their arguments to 32 bits; these have those of 64-bit programs
 * (syscall_64.tbl of the kernel).
 */
static bool x32_cuts(int number)
{
	static const uint16_t whole[] = { 515, 516, 532, 533, 539, 540, 541, 542 };

	for (size_t i = 0; i < CK_ARRAY_SIZE(whole); i++)
		if (number == whole[i])
			return false;
	return number >= 512;
}

static unsigned int widest(unsigned int call, enum ck_abi abi)
{
	if (abi == CK_ABI_I386 || abi == CK_ABI_ARM)
		return 32;
	if (abi == CK_ABI_X32 && x32_cuts(ck_call_number(call, abi)))
		return 32;
	return 64;
}

/* 32, 16 or 4 */
static unsigned int width_of(const char *digits)
{
	return *digits == '3' ? 32 : *digits == '1' ? 16 : 4;
}

/* One word of a text: NAME[/WIDTH][:SET] */
struct word {
	const char *name, *set;
	size_t length, set_length;
	unsigned int width;
};

static const char *next_word(const char *text, struct word *ret)
{
	const char *slash = NULL, *colon = NULL, *end = text;

	for (; *end != '\0' && *end != ' '; end++) {
		if (*end == '/')
			slash = end;
		else if (*end == ':')
			colon = end;
	}
	*ret = (struct word){ .name = text, .width = 64 };
	ret->length = (size_t)((slash ? slash : colon ? colon : end) - text);
	if (slash)
		ret->width = width_of(slash + 1);
	if (colon) {
		ret->set = colon + 1;
		ret->set_length = (size_t)(end - colon) - 1;
	}
	return end + (*end == ' ');
}

/* 2: this is its name; 1: it ends in _NAME, as clone_flags for flags */
static int likeness(const struct word *word, const char *name, size_t length)
{
	const char *end = word->name + word->length;

	if (length > word->length || memcmp(end - length, name, length) != 0)
		return 0;
	if (length == word->length)
		return 2;
	return end[-(ptrdiff_t)length - 1] == '_' ? 1 : 0;
}

static bool is_position(const char *name, size_t length)
{
	return length == 4 && memcmp(name, "arg", 3) == 0 && name[3] >= '0' &&
	       name[3] <= '5';
}

/* Returns how many words fit as well as the best. */
static int search(const char *text, const char *name, size_t length, int *ret_index,
		  struct word *ret)
{
	int best = 0, found = 0;

	for (int i = 0; *text != '\0'; i++) {
		struct word word;
		int like;

		text = next_word(text, &word);
		like = likeness(&word, name, length);
		if (like == 0 || like < best)
			continue;
		found = like > best ? 1 : found + 1;
		best = like;
		*ret_index = i;
		*ret = word;
	}
	return best == 2 ? 1 : found;
}

bool ck_arg_find(unsigned int call, enum ck_abi abi, const char *name, size_t length,
		 struct ck_slot *ret, const char **ret_set, size_t *ret_set_length)
{
	const char *text = ck_args_text(call, abi);
	struct word word = { NULL, NULL, 0, 0, 64 };
	unsigned int most = widest(call, abi);
	int index = -1;

	if (is_position(name, length)) {
		index = name[3] - '0';
		for (int i = 0; i <= index; i++) {
			word = (struct word){ NULL, NULL, 0, 0, 64 };
			if (*text != '\0')
				text = next_word(text, &word);
		}
	} else if (search(text, name, length, &index, &word) != 1) {
		return false;
	}
	ret->index = (int16_t)index;
	ret->width = (uint8_t)(word.width < most ? word.width : most);
	*ret_set = word.set;
	*ret_set_length = word.set_length;
	return true;
}
