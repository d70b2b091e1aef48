/* SPDX-License-Identifier: MIT */
/* Reader of systemd units and drop-ins: what [Service] says of privilege. */
#include <string.h>
#include <strings.h>

#include "ctl-convert.h"

#define EVERY ((UINT64_C(1) << CK_CAPS_KNOWN) - 1)

struct unit {
	struct ck_convert *convert;
	uint64_t bounding, ambient;
	bool bounding_stated;
};

/* "CAP_A CAP_B" adds; "~CAP_A" takes away; an empty assignment clears. */
static void caps(struct unit *unit, const char *value, uint64_t *mask, bool first_is_all)
{
	bool away = *value == '~';
	uint64_t bits = 0;
	const char *word;
	size_t length;

	value += away;
	while ((length = ck_word_next(&value, &word)) != 0) {
		int cap = ck_cap_number(word, length);

		if (cap >= 0)
			bits |= CK_CAP(cap);
		else
			ck_note(unit->convert, "%.*s is no capability; left out",
				(int)length, word);
	}
	if (away)
		*mask = (first_is_all ? EVERY : *mask) & ~bits;
	else
		*mask = bits ? *mask | bits : 0;
}

static bool is_yes(const char *value)
{
	return !strcasecmp(value, "yes") || !strcasecmp(value, "true") ||
	       !strcmp(value, "1") || !strcasecmp(value, "on");
}

static void words(struct unit *unit, const char *value, struct ck_strings *list)
{
	struct ck_arena *arena = unit->convert->ctl->arena;
	const char *word;
	size_t length;

	while ((length = ck_word_next(&value, &word)) != 0)
		ck_strings_add(arena, list, ck_strndup(arena, word, length));
}

static void securebits(struct unit *unit, const char *value)
{
	static const char *const known[] = { "noroot", "no-setuid-fixup" };
	struct ck_needs *needs = &unit->convert->needs;
	struct ck_strings list = { .count = 0 };
	size_t i, k;

	words(unit, value, &list);
	for (i = 0; i < list.count; i++) {
		for (k = 0; k < CK_ARRAY_SIZE(known); k++)
			if (!strcmp(known[k], list.list[i]))
				ck_strings_add(unit->convert->ctl->arena,
					       &needs->securebits, known[k]);
		if (!strcmp(list.list[i], "keep-caps-locked"))
			ck_strings_add(unit->convert->ctl->arena, &needs->securebits,
				       "keep-caps-off");
	}
}

/* %% is a percent sign; what else begins with one only systemd can tell. */
static const char *literal(struct unit *unit, const char *value)
{
	char *text = ck_format(unit->convert->ctl->arena, "%s", value), *out = text;
	const char *p;

	for (p = value; *p; p++) {
		if (*p == '%' && p[1] == '%')
			p++;
		else if (*p == '%')
			ck_note(unit->convert,
				"%s has a specifier, which is not expanded", value);
		*out++ = *p;
	}
	*out = '\0';
	return text;
}

static void environment(struct unit *unit, const char *value)
{
	struct ck_arena *arena = unit->convert->ctl->arena;
	struct ck_strings list = { .count = 0 };
	size_t i;

	if (ck_shell_words(arena, value, &list) < 0)
		return;
	for (i = 0; i < list.count; i++)
		ck_strings_add(arena, &unit->convert->needs.env_set,
			       literal(unit, list.list[i]));
}

static void limit(struct unit *unit, const char *key, const char *value)
{
	if (!ck_needs_limit(unit->convert, key + strlen("Limit"), value))
		ck_note(unit->convert, "%s is not known; left out", key);
}

static void assign(struct unit *unit, const char *key, const char *value)
{
	struct ck_needs *needs = &unit->convert->needs;

	if (!strcmp(key, "CapabilityBoundingSet")) {
		caps(unit, value, &unit->bounding, !unit->bounding_stated);
		unit->bounding_stated = true;
	} else if (!strcmp(key, "AmbientCapabilities")) {
		caps(unit, value, &unit->ambient, false);
	} else if (!strcmp(key, "NoNewPrivileges")) {
		needs->no_new_privs = is_yes(value) ? CK_YES : CK_NO;
	} else if (!strcmp(key, "User") && *value) {
		needs->user = literal(unit, value);
	} else if (!strcmp(key, "Group") && *value) {
		needs->group = literal(unit, value);
	} else if (!strcmp(key, "SupplementaryGroups")) {
		words(unit, value, &needs->groups);
	} else if (!strcmp(key, "UMask")) {
		needs->umask = value;
	} else if (!strcmp(key, "WorkingDirectory") && *value == '/') {
		needs->working_directory = literal(unit, value);
	} else if (!strcmp(key, "SecureBits")) {
		securebits(unit, value);
	} else if (!strcmp(key, "Environment")) {
		environment(unit, value);
	} else if (!strcmp(key, "UnsetEnvironment")) {
		words(unit, value, &needs->env_unset);
	} else if (!strncmp(key, "Limit", 5)) {
		limit(unit, key, value);
	}
}

static char *trim(char *text)
{
	size_t length;

	text += strspn(text, " \t\r");
	length = strlen(text);
	while (length && strchr(" \t\r", text[length - 1]))
		text[--length] = '\0';
	return text;
}

static void settle(struct unit *unit)
{
	struct ck_needs *needs = &unit->convert->needs;
	bool user = needs->user && !ck_is_root_word(needs->user);
	uint64_t bounding = unit->bounding_stated ? unit->bounding : EVERY;

	needs->keep = user ? unit->ambient & bounding : bounding;
	if (!user && unit->ambient)
		needs->ambient = CK_YES;
	if (needs->no_new_privs == CK_AUTO)
		needs->no_new_privs = CK_NO;
	if (user && bounding & ~unit->ambient)
		ck_note(unit->convert,
			"the bounding set is wider there; a profile cuts it to what is "
			"kept");
}

int ck_read_systemd(struct ck_convert *convert, const struct ck_input *input)
{
	struct unit unit = { .convert = convert };
	char *line = ck_strndup(convert->ctl->arena, input->bytes, input->length), *next;
	bool service = false;

	for (; line; line = next) {
		char *equals;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		line = trim(line);
		if (*line == '[')
			service = !strcmp(line, "[Service]");
		equals = strchr(line, '=');
		if (!service || !equals || *line == '#' || *line == ';')
			continue;
		convert->found = true;
		*equals = '\0';
		assign(&unit, trim(line), trim(equals + 1));
	}
	settle(&unit);
	return 0;
}
