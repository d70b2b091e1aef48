/* SPDX-License-Identifier: MIT */
/* Reader of the process part of an OCI config.json. */
#include <string.h>

#include "ctl-convert.h"

static uint64_t caps_of(struct ck_convert *convert, const json_t *caps, const char *set)
{
	struct ck_malformed bad = { .arena = convert->ctl->arena };
	const json_t *list = ck_member(&bad, caps, set, CK_TYPE_WORDS);
	uint64_t mask = 0;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));
		int cap = ck_cap_number(name, strlen(name));

		if (cap >= 0)
			mask |= CK_CAP(cap);
		else
			ck_note(convert, "%s is no capability; left out", name);
	}
	ck_needs_malformed(convert, &bad);
	return mask;
}

static const char *number_text(struct ck_convert *convert, const json_t *value)
{
	return ck_format(convert->ctl->arena, "%lld",
			 (long long)json_integer_value(value));
}

static void oci_user(struct ck_convert *convert, const json_t *user)
{
	struct ck_arena *arena = convert->ctl->arena;
	struct ck_malformed bad = { .arena = arena };
	const json_t *groups = ck_member(&bad, user, "additionalGids", CK_TYPE_NUMBERS);
	const json_t *mask = ck_member(&bad, user, "umask", CK_TYPE_NUMBER);
	struct ck_needs *needs = &convert->needs;
	size_t i;

	needs->user = number_text(convert, ck_member(&bad, user, "uid", CK_TYPE_NUMBER));
	needs->group = number_text(convert, ck_member(&bad, user, "gid", CK_TYPE_NUMBER));
	for (i = 0; i < json_array_size(groups); i++)
		ck_strings_add(arena, &needs->groups,
			       number_text(convert, json_array_get(groups, i)));
	needs->no_groups = needs->groups.count == 0;
	if (mask)
		needs->umask =
			ck_format(arena, "%04llo",
				  (unsigned long long)json_integer_value(mask) & 07777);
	ck_needs_malformed(convert, &bad);
}

/* What exec leaves of it, by the kernel's own rules: a user has the ambient set, root the
 * bounding one; with no_new_privs neither more than was permitted. */
static void oci_caps(struct ck_convert *convert, const json_t *caps)
{
	struct ck_needs *needs = &convert->needs;
	struct ck_arena *arena = convert->ctl->arena;
	const bool root = ck_is_root_word(needs->user);
	const struct ck_target plain = { .path = "" };
	struct ck_exec_result after;
	struct ck_state before = { .ambient_supported = true };
	uint64_t stated;

	before.ruid = before.euid = before.suid = root ? 0 : 1;
	before.rgid = before.egid = before.sgid = before.ruid;
	before.no_new_privs = needs->no_new_privs == CK_YES;
	before.known = CK_EVERY;
	before.sets.bounding = caps_of(convert, caps, "bounding");
	before.sets.permitted = caps_of(convert, caps, "permitted");
	before.sets.inheritable = caps_of(convert, caps, "inheritable");
	before.sets.effective = before.sets.permitted;
	before.sets.ambient = caps_of(convert, caps, "ambient") & before.sets.permitted &
			      before.sets.inheritable;
	stated = before.sets.permitted;
	ck_exec_predict(&before, &plain, &after);
	needs->keep = after.sets.permitted;
	if (root && before.sets.ambient)
		needs->ambient = CK_YES;
	if (stated & ~needs->keep)
		ck_note(convert, "user %s does not hold %s after exec; left out",
			needs->user, ck_cap_text(arena, stated & ~needs->keep));
	if (needs->keep & ~stated)
		ck_note(convert,
			"exec gives root the whole bounding set, so %s comes back "
			"whatever is permitted before",
			ck_cap_text(arena, needs->keep & ~stated));
}

static int take_oci(void *arg, json_t *item)
{
	struct ck_convert *convert = arg;
	const json_t *process = json_object_get(item, "process");
	static const char *const keys[] = { "type", "soft", "hard" };
	struct ck_malformed bad = { .arena = convert->ctl->arena };
	const json_t *caps = ck_member(&bad, process, "capabilities", CK_TYPE_MAPPING);
	const char *directory = ck_json_string(process, "cwd");
	struct ck_needs *needs = &convert->needs;

	if (!json_is_object(process))
		return 0;
	convert->found = true;
	oci_user(convert, ck_member(&bad, process, "user", CK_TYPE_MAPPING));
	needs->no_new_privs =
		ck_bool_of(&bad, process, "noNewPrivileges") ? CK_YES : CK_NO;
	ck_needs_malformed(convert, &bad);
	oci_caps(convert, caps);
	if (directory && strcmp(directory, "/") != 0)
		needs->working_directory =
			ck_format(convert->ctl->arena, "%s", directory);
	ck_needs_environment(convert, process, "env");
	ck_needs_limits(convert, process, "rlimits", keys);
	return convert->status;
}

/* Does the value at stand behind "hard": or "soft":? Within a string the quote would have
 * a backslash before it. */
static bool is_member(const char *start, const char *at)
{
	while (at > start && strchr(" \t\r\n", at[-1]) && at[-1])
		at--;
	if (at - start < 3 || at[-1] != ':' || at[-2] != '"')
		return false;
	return at[-3] == 't' || at[-3] == 'd';
}

int ck_read_oci(struct ck_convert *convert, const struct ck_input *input)
{
	const struct ck_taker taker = { take_oci, convert };
	static const char unlimited[] = "18446744073709551615";
	char *at = input->bytes, *end = input->bytes + input->length;

	convert->file = input->name;
	/* RLIM_INFINITY is more than jansson's integers hold. */
	while ((at = memmem(at, (size_t)(end - at), unlimited, sizeof(unlimited) - 1)) !=
	       NULL) {
		if (is_member(input->bytes, at)) {
			memset(at, ' ', sizeof(unlimited) - 1);
			at[0] = '-';
			at[1] = '1';
		}
		at += sizeof(unlimited) - 1;
	}
	return ck_items(convert->ctl, input, &taker);
}
