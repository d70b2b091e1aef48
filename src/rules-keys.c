/* SPDX-License-Identifier: MIT */
/*
 * rules-keys.c - the keys of [seccomp] that have one value: all but allow and deny. Makes
 * no system call.
 */
#include <errno.h>
#include <string.h>

#include "rules.h"

struct choice {
	const char word[12];
	unsigned int value;
};

/* Picks from choices; *ret is left alone where the word is none of them. */
static void choose(struct ck_reader *reader, const struct ck_filter_entry *entry,
		   const struct choice *choices, size_t count, unsigned int *ret)
{
	struct ck_nearest best = { NULL, 0 };
	const char *list = "";

	for (size_t i = 0; i < count; i++)
		if (strcmp(entry->value, choices[i].word) == 0) {
			*ret = choices[i].value;
			return;
		}
	for (size_t i = 0; i < count; i++) {
		ck_nearest_try(&best, entry->value, choices[i].word);
		list = ck_format(reader->arena, "%s%s%s", list, i == 0 ? "" : ", ",
				 choices[i].word);
	}
	ck_rules_refuse(reader, entry, "%s = %s is none of %s%s", entry->key,
			entry->value, list, ck_nearest_hint(reader->arena, &best));
}

static void read_base(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	static const struct choice choices[] = {
		{ "@service", CK_BASE_SERVICE },
		{ "@none", CK_BASE_NONE },
		{ "@all", CK_BASE_ALL },
	};
	unsigned int base = CK_BASE_SERVICE;

	choose(reader, entry, choices, CK_ARRAY_SIZE(choices), &base);
	reader->rules->base = base;
	reader->rules->base_origin = (struct ck_origin){ entry->file, entry->line };
}

static void read_abi(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	static const struct choice choices[2][3] = {
		{ { "native", 1U << CK_ABI_X86_64 },
		  { "native+32", 1U << CK_ABI_X86_64 | 1U << CK_ABI_I386 },
		  { "all", 1U << CK_ABI_X86_64 | 1U << CK_ABI_I386 | 1U << CK_ABI_X32 } },
		{ { "native", 1U << CK_ABI_AARCH64 },
		  { "native+32", 1U << CK_ABI_AARCH64 | 1U << CK_ABI_ARM },
		  { "all", 1U << CK_ABI_AARCH64 | 1U << CK_ABI_ARM } },
	};

	choose(reader, entry, choices[reader->rules->machine], 3, &reader->rules->abis);
}

static void read_action(struct ck_reader *reader, const struct ck_filter_entry *entry,
			uint32_t *ret)
{
	if (ck_action_parse(entry->value, strlen(entry->value), ret) < 0)
		ck_rules_refuse(
			reader, entry,
			"%s = %s is no action; it takes an errno name such as EPERM, kill, "
			"kill-thread, trap, log or allow",
			entry->key, entry->value);
}

static void read_default(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	read_action(reader, entry, &reader->rules->default_action);
	reader->rules->default_origin = (struct ck_origin){ entry->file, entry->line };
}

static void read_unknown(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	read_action(reader, entry, &reader->rules->unknown_action);
}

static void read_mode(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	static const struct choice choices[] = {
		{ "enforce", CK_MODE_ENFORCE },
		{ "log", CK_MODE_LOG },
		{ "off", CK_MODE_OFF },
	};
	unsigned int mode = CK_MODE_ENFORCE;

	choose(reader, entry, choices, CK_ARRAY_SIZE(choices), &mode);
	reader->rules->mode = mode;
}

static void read_caps(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	static const struct choice choices[] = { { "follow", 1 }, { "ignore", 0 } };
	unsigned int follow = 1;

	choose(reader, entry, choices, CK_ARRAY_SIZE(choices), &follow);
	reader->rules->follow = follow != 0;
}

static void read_flags(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	const char *cursor = entry->value, *word;
	size_t length;

	if (!reader->flags || strcmp(reader->flags->file, entry->file) != 0)
		reader->rules->flags = 0; /* an including file replaces the list */
	reader->flags = entry;
	while ((length = ck_word_next(&cursor, &word)) > 0) {
		if (length == 3 && memcmp(word, "log", 3) == 0)
			reader->rules->flags |= CK_FLAG_LOG;
		else if (length == 10 && memcmp(word, "spec-allow", 10) == 0)
			reader->rules->flags |= CK_FLAG_SPEC_ALLOW;
		else
			ck_rules_refuse(reader, entry,
					"flags: '%.*s' is none of spec-allow, log",
					(int)length, word);
	}
}

static const struct {
	const char name[8];
	void (*read)(struct ck_reader *reader, const struct ck_filter_entry *entry);
} keys[] = {
	{ "base", read_base },	     { "abi", read_abi },   { "default", read_default },
	{ "unknown", read_unknown }, { "mode", read_mode }, { "caps", read_caps },
	{ "flags", read_flags },
};

void ck_rules_key(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	for (size_t i = 0; i < CK_ARRAY_SIZE(keys); i++)
		if (strcmp(entry->key, keys[i].name) == 0) {
			keys[i].read(reader, entry);
			return;
		}
	ck_rules_refuse(reader, entry, "[seccomp] has no key '%s'", entry->key);
}
