/* SPDX-License-Identifier: MIT */
/* Reader of systemd units and drop-ins: what [Service] says of privilege. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ctl-words.h"

struct unit {
	struct ck_convert *convert;
	uint64_t bounding, ambient;
	bool noroot, dynamic;
};

/* "CAP_A CAP_B" adds; "~CAP_A" takes away, or is all but that where nothing was said
 * before; "" is none and "~" is all (config_parse_capability_set() of systemd). */
static void caps(struct unit *unit, const char *value, uint64_t *mask, uint64_t initial)
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
	if (!bits || *mask == initial)
		*mask = away ? CK_EVERY & ~bits : bits;
	else
		*mask = away ? *mask & ~bits : *mask | bits;
}

static bool is_any(const char *value, const char *const *words)
{
	for (; *words; words++)
		if (!strcasecmp(*words, value))
			return true;
	return false;
}

/* parse_boolean() of systemd, which passes over the line where it is neither; a reader
 * that does so cannot know what was meant. */
static bool is_yes(struct unit *unit, const char *key, const char *value)
{
	static const char *const yes[] = { "1", "yes", "y", "true", "t", "on", NULL };
	static const char *const no[] = { "0", "no", "n", "false", "f", "off", NULL };
	struct ck_convert *convert = unit->convert;

	if (!is_any(value, yes) && !is_any(value, no))
		convert->status =
			ck_ctl_fail(convert->ctl, CK_CTL_FAILED, convert->file,
				    "%s=%s: systemd takes yes and no for it", key, value);
	return is_any(value, yes);
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

	if (!*value)
		needs->securebits.count = 0;
	unit->noroot = unit->noroot && *value;
	words(unit, value, &list);
	for (i = 0; i < list.count; i++) {
		unit->noroot = unit->noroot || !strcmp(list.list[i], "noroot");
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

	if (!*value)
		unit->convert->needs.env_set.count = 0;
	if (ck_shell_words(arena, value, &list) < 0) {
		ck_note(unit->convert, "Environment=%s: a quote is not closed; left out",
			value);
		return;
	}
	for (i = 0; i < list.count; i++)
		ck_strings_add(arena, &unit->convert->needs.env_set,
			       literal(unit, list.list[i]));
}

/* A number as systemd.exec(5) has it, with a suffix where bytes are counted. NULL where
 * it is none, such as a span of time. */
static const char *limit_number(struct ck_arena *arena, const char *text, size_t length,
				bool bytes)
{
	static const char suffixes[] = "KMGTPE";
	const char *suffix =
		bytes && length > 0 ? strchr(suffixes, text[length - 1]) : NULL;
	const unsigned int shift =
		suffix ? 10 * (unsigned int)(suffix - suffixes + 1) : 0;
	uint64_t value;

	if (length == strlen("infinity") && !strncmp(text, "infinity", length))
		return "infinity";
	if (ck_number(text, length - (suffix != NULL), UINT64_MAX >> shift, &value) < 0)
		return NULL;
	value <<= shift;
	return value != UINT64_MAX ? ck_format(arena, "%llu", (unsigned long long)value) :
				     NULL;
}

static bool is_above(const char *soft, const char *hard)
{
	if (!strcmp(hard, "infinity") || !strcmp(soft, hard))
		return false;
	return !strcmp(soft, "infinity") ||
	       strtoull(soft, NULL, 10) > strtoull(hard, NULL, 10);
}

/* What systemd passes over, or counts in another unit, does not end the reading. */
static void limit(struct unit *unit, const char *key, const char *value)
{
	static const char *const sized[] = { "FSIZE",	"DATA",	    "STACK",
					     "CORE",	"RSS",	    "AS",
					     "MEMLOCK", "MSGQUEUE", NULL };
	struct ck_arena *arena = unit->convert->ctl->arena;
	const char *name = key + strlen("Limit");
	const bool bytes = ck_is_one_of(name, sized);
	const size_t length = strcspn(value, ":");
	const char *soft = limit_number(arena, value, length, bytes), *hard = soft;

	if (value[length])
		hard = limit_number(arena, value + length + 1, strlen(value + length + 1),
				    bytes);
	if (*value && (!soft || !hard || is_above(soft, hard)))
		ck_note(unit->convert, "%s=%s is not read; left out", key, value);
	else if (!ck_needs_limit(unit->convert, name,
				 *value ? ck_join(arena, soft, ":", hard) : NULL))
		ck_note(unit->convert, "%s is not known; left out", key);
}

/* An empty assignment takes back what was said before. */
static const char *text(struct unit *unit, const char *value)
{
	return *value ? literal(unit, value) : NULL;
}

static void list(struct unit *unit, const char *value, struct ck_strings *ret)
{
	if (!*value)
		ret->count = 0;
	words(unit, value, ret);
}

/* What bears on privilege and has no place in a profile. */
static void note_lost(struct unit *unit, const char *key, const char *value)
{
	static const char *const lost[] = {
		"SystemCallFilter",
		"SystemCallArchitectures",
		"EnvironmentFile",
		"PassEnvironment",
		"PAMName",
		"RootDirectory",
		"RootImage",
		"PrivateUsers",
		"RestrictSUIDSGID",
		"MemoryDenyWriteExecute",
		"RestrictNamespaces",
		"PermissionsStartOnly",
		NULL,
	};

	if (ck_is_one_of(key, lost) && *value)
		ck_note(unit->convert, "%s= is not carried over", key);
	else if (!strcmp(key, "WorkingDirectory") && *value)
		ck_note(unit->convert, "WorkingDirectory=%s is no path; left out", value);
	else if (!strcmp(key, "ExecStart") && value[strspn(value, "@-:|")] &&
		 strchr("+!", value[strspn(value, "@-:|")]))
		ck_note(unit->convert,
			"ExecStart=%c... runs with more than what is stated",
			value[strspn(value, "@-:|")]);
}

static void assign(struct unit *unit, const char *key, const char *value)
{
	struct ck_needs *needs = &unit->convert->needs;

	if (!strcmp(key, "CapabilityBoundingSet")) {
		caps(unit, value, &unit->bounding, CK_EVERY);
	} else if (!strcmp(key, "AmbientCapabilities")) {
		caps(unit, value, &unit->ambient, 0);
	} else if (!strcmp(key, "NoNewPrivileges")) {
		needs->no_new_privs = is_yes(unit, key, value) ? CK_YES : CK_NO;
	} else if (!strcmp(key, "User")) {
		needs->user = text(unit, value);
	} else if (!strcmp(key, "DynamicUser")) {
		unit->dynamic = is_yes(unit, key, value);
	} else if (!strcmp(key, "Group")) {
		needs->group = text(unit, value);
	} else if (!strcmp(key, "SupplementaryGroups")) {
		list(unit, value, &needs->groups);
	} else if (!strcmp(key, "UMask")) {
		needs->umask = text(unit, value);
	} else if (!strcmp(key, "WorkingDirectory") && (*value == '/' || !*value)) {
		needs->working_directory = text(unit, value);
	} else if (!strcmp(key, "SecureBits")) {
		securebits(unit, value);
	} else if (!strcmp(key, "Environment")) {
		environment(unit, value);
	} else if (!strcmp(key, "UnsetEnvironment")) {
		list(unit, value, &needs->env_unset);
	} else if (!strncmp(key, "Limit", 5)) {
		limit(unit, key, value);
	} else {
		note_lost(unit, key, value);
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
	bool user = (needs->user && !ck_is_root_word(needs->user)) || unit->noroot ||
		    unit->dynamic;
	uint64_t bounding = unit->bounding;

	if (unit->dynamic && !needs->user)
		ck_note(unit->convert,
			"DynamicUser= makes a user at the start; a profile needs one that "
			"is there: user =");
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

/* The lines of the unit, with those that a backslash continues joined; comments may stand
 * between them. */
static char *joined(struct ck_arena *arena, const struct ck_input *input)
{
	const char *line = ck_strndup(arena, input->bytes, input->length), *next;
	char *text = ck_alloc(arena, input->length + 2), *out = text;

	for (; *line; line = next) {
		size_t length = strcspn(line, "\n");
		const char first = line[strspn(line, " \t")];

		next = line + length + (line[length] == '\n');
		if (first == '#' || first == ';')
			continue;
		if (length && line[length - 1] == '\r')
			length--;
		memmove(out, line, length);
		out += length;
		if (length && out[-1] == '\\')
			out[-1] = ' ';
		else
			*out++ = '\n';
	}
	*out = '\0';
	return text;
}

int ck_read_systemd(struct ck_convert *convert, const struct ck_input *input)
{
	struct unit unit = { .convert = convert, .bounding = CK_EVERY };
	char *line = joined(convert->ctl->arena, input), *next;
	bool service = false;

	convert->file = input->name;
	for (; line; line = next) {
		char *equals;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		line = trim(line);
		if (*line == '[')
			service = !strcmp(line, "[Service]");
		equals = strchr(line, '=');
		if (!service || !equals)
			continue;
		convert->found = true;
		*equals = '\0';
		assign(&unit, trim(line), trim(equals + 1));
	}
	settle(&unit);
	return convert->status;
}
