/* SPDX-License-Identifier: MIT */
/* A profile as the INI file that reads back as the same profile: includes and options
 * resolved. */
#include <string.h>

#include "capkeep.h"

#define WIDTH 80

/* Lists go on in indented lines; a single word is never broken. */
static const char *wrapped(struct ck_arena *arena, const char *name, const char *value)
{
	const char *text = ck_format(arena, "%s =", name), *start;
	size_t length, column = strlen(text);

	while ((length = ck_item_next(&value, &start)) != 0) {
		bool fits = column + 1 + length <= WIDTH;

		text = ck_format(arena, "%s%s%.*s", text, fits ? " " : "\n\t",
				 (int)length, start);
		column = (fits ? column + 1 : 8) + length;
	}
	return ck_format(arena, "%s\n", text);
}

/* Blanks around '=' are left out where with them a line would be too long. */
static const char *one_line(struct ck_arena *arena, const char *name, const char *value,
			    size_t length)
{
	bool room = strlen(name) + 3 + length <= CK_LINE_MAX;

	return ck_format(arena, room ? "%s = %.*s\n" : "%s=%.*s\n", name, (int)length,
			 value);
}

static const char *key_text(struct ck_arena *arena, const struct ck_profile *profile,
			    const struct ck_key *key)
{
	const char *value = key->print(arena, profile, key), *text = "";
	bool raw = !strcmp(key->name, "set");

	if (key->list && !raw)
		return wrapped(arena, key->name, value);
	for (;;) {
		size_t length = raw ? strcspn(value, "\n") : strlen(value);

		text = ck_format(arena, "%s%s", text,
				 one_line(arena, key->name, value, length));
		if (!value[length])
			return text;
		value += length + 1;
	}
}

const char *ck_profile_text(struct ck_arena *arena, const struct ck_profile *profile)
{
	const char *text = "", *section = "";
	size_t i;

	for (i = 0; i < ck_keys_count; i++) {
		const struct ck_key *key = &ck_keys[i];

		if (!profile->origin[i].file || !strcmp(key->name, "include"))
			continue;
		if (strcmp(key->section, section))
			text = ck_format(arena, "%s%s[%s]\n", text, *text ? "\n" : "",
					 key->section);
		section = key->section;
		text = ck_format(arena, "%s%s", text, key_text(arena, profile, key));
	}
	/* A filter may be all defaults. */
	if (profile->seccomp.origin.file && strcmp(section, "seccomp") != 0)
		text = ck_format(arena, "%s%s[seccomp]\n", text, *text ? "\n" : "");
	return text;
}
