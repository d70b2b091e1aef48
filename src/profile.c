/* SPDX-License-Identifier: MIT */
/*
 * Entries -> struct ck_profile, through the table of keys. Nothing is guessed: what is
 * not understood is refused with its line, and all problems of a file are reported at
 * once. Never sees the kernel.
 */
#include <errno.h>
#include <string.h>

#include "capkeep.h"

void ck_profile_empty(const char *name, struct ck_profile *ret)
{
	*ret = (struct ck_profile){
		.name = name, .no_new_privs = true, .close_fds = true, .umask = -1
	};
}

void ck_profile_default(struct ck_profile *ret)
{
	static const struct ck_origin built_in = { "built-in", 0 };

	ck_profile_empty("none", ret);
	ret->keep.none = true;
	ret->keep.words = 1;
	ret->origin[ck_key_find("capabilities", "keep", 4) - ck_keys] = built_in;
	ret->origin[ck_key_find("process", "user", 4) - ck_keys] = built_in;
}

const struct ck_origin *ck_profile_origin(const struct ck_profile *profile,
					  const char *section, const char *name)
{
	static const struct ck_origin nowhere;
	const struct ck_key *key = ck_key_find(section, name, strlen(name));

	return key ? &profile->origin[key - ck_keys] : &nowhere;
}

const char *ck_profile_where(struct ck_arena *arena, const struct ck_profile *profile,
			     const char *section, const char *name, const char *fallback)
{
	const struct ck_origin *origin = ck_profile_origin(profile, section, name);

	if (!origin->file)
		return fallback;
	return ck_origin_text(arena, origin);
}

static void unknown_key(const struct ck_entry *entry, struct ck_diags *diags)
{
	const char *where = ck_origin_text(diags->arena, &entry->origin);
	struct ck_nearest best = { 0 };
	const struct ck_key *elsewhere = NULL;
	size_t i;

	for (i = 0; i < ck_keys_count; i++) {
		if (!strcmp(ck_keys[i].section, entry->section))
			ck_nearest_try(&best, entry->key, ck_keys[i].name);
		else if (!strcmp(ck_keys[i].name, entry->key))
			elsewhere = &ck_keys[i];
	}
	if (elsewhere && best.distance)
		best.name = NULL;
	if (elsewhere && !best.name)
		ck_diag_add(diags, where,
			    "unknown key '%s' in [%s]; it belongs into [%s]", entry->key,
			    entry->section, elsewhere->section);
	else
		ck_diag_add(diags, where, "unknown key '%s' in [%s]%s", entry->key,
			    entry->section, ck_nearest_hint(diags->arena, &best));
}

static int unknown_section(const struct ck_entry *entry, struct ck_diags *diags)
{
	struct ck_nearest best = { 0 };
	size_t i;

	for (i = 0; i < ck_keys_count; i++)
		ck_nearest_try(&best, entry->section, ck_keys[i].section);
	ck_diag_add(diags, ck_origin_text(diags->arena, &entry->origin),
		    "unknown section [%s]%s", entry->section,
		    ck_nearest_hint(diags->arena, &best));
	return -EINVAL;
}

static int take_section(struct ck_profile *profile, const struct ck_entry *entry)
{
	if (!strcmp(entry->section, "seccomp"))
		profile->seccomp.origin = entry->origin;
	return 0;
}

static int take_entry(struct ck_profile *profile, const struct ck_key *key,
		      const struct ck_entry *entry, struct ck_diags *diags)
{
	struct ck_origin *origin;

	if (!key) {
		unknown_key(entry, diags);
		return -EINVAL;
	}
	origin = &profile->origin[key - ck_keys];
	if (origin->file == entry->origin.file && !key->list) {
		ck_diag_add(diags, ck_origin_text(diags->arena, &entry->origin),
			    entry->continued ? "%s: only lists go on in indented lines" :
					       "%s is stated already in line %u",
			    key->name, origin->line);
		return -EINVAL;
	}
	if (origin->file != entry->origin.file) {
		/* A key of an including file replaces the included one wholly. */
		memset((char *)profile + key->offset, 0, key->size);
		*origin = entry->origin;
	}
	return key->parse(profile, key, entry, diags);
}

int ck_profile_take(struct ck_profile *profile, const struct ck_entries *entries,
		    struct ck_diags *diags)
{
	const struct ck_entry *entry, *before = NULL;
	const struct ck_key *key = NULL;
	bool known = false;
	size_t i;
	int rc = 0;

	for (i = 0; i < entries->count; i++, before = entry) {
		entry = &entries->list[i];
		if (!before || entry->section != before->section)
			known = ck_key_section(entry->section);
		if (!before || entry->section != before->section ||
		    entry->key != before->key)
			key = ck_key_find(entry->section, entry->key, strlen(entry->key));
		/* An unknown section is one problem, however many keys it has. */
		if (!*entry->key)
			rc |= known ? take_section(profile, entry) :
				      unknown_section(entry, diags);
		else if (known)
			rc |= take_entry(profile, key, entry, diags);
	}
	profile->lines = entries->lines;
	return rc ? -EINVAL : 0;
}

static bool is_key(const char *section, const char *word, size_t length)
{
	return ck_key_find(section, word, length) != NULL;
}

int ck_profile_entries(const char *file, char *bytes, size_t length,
		       struct ck_diags *diags, struct ck_entries *ret)
{
	return ck_ini_read(diags->arena, file, bytes, length, is_key, diags, ret);
}

int ck_profile_parse(const char *file, const char *bytes, size_t length,
		     struct ck_diags *diags, struct ck_profile *profile)
{
	struct ck_entries entries;
	char *own = ck_strndup(diags->arena, bytes, length);
	int rc = ck_profile_entries(file, own, length, diags, &entries);
	int taken = ck_profile_take(profile, &entries, diags);

	profile->unread = profile->unread || rc < 0;
	return rc < 0 ? rc : taken;
}

/* A file that was cut short must not quietly stay root. */
static int need(const struct ck_profile *profile, const char *section, const char *name,
		const char *line, struct ck_diags *diags)
{
	const struct ck_origin end = { profile->name,
				       profile->lines ? profile->lines : 1 };

	if (ck_profile_origin(profile, section, name)->file)
		return 0;
	if (profile->unread) /* it may stand there */
		return -EINVAL;
	ck_diag_add(diags, ck_origin_text(diags->arena, &end),
		    "the profile does not state '%s'; add to [%s] the line: %s", name,
		    section, line);
	return -EINVAL;
}

static int check_caps(const struct ck_profile *profile, const struct ck_caps *caps,
		      const char *name, struct ck_diags *diags)
{
	const struct ck_origin *origin = ck_profile_origin(profile, "capabilities", name);

	/* An option has said so itself. */
	if (!origin->file || !origin->line || caps->words)
		return 0;
	ck_diag_add(diags,
		    ck_profile_where(diags->arena, profile, "capabilities", name, "keep"),
		    "%s: the list is empty; write 'none' for no capability", name);
	return -EINVAL;
}

int ck_profile_complete(const struct ck_profile *profile, struct ck_diags *diags)
{
	size_t before = diags->count;
	int rc = need(profile, "capabilities", "keep", "keep = none", diags);

	rc |= need(profile, "process", "user", "user = unchanged", diags);
	rc |= check_caps(profile, &profile->keep, "keep", diags);
	rc |= check_caps(profile, &profile->optional, "optional", diags);
	if (ck_profile_origin(profile, "process", "groups")->file &&
	    profile->groups.kind == CK_GROUPS_DEFAULT)
		ck_diag_add(
			diags,
			ck_profile_where(diags->arena, profile, "process", "groups", ""),
			"groups: the list is empty; write 'none' for no groups");
	if (profile->env_keep.count && !profile->env_clear)
		ck_diag_add(
			diags,
			ck_profile_where(diags->arena, profile, "environment", "keep",
					 ""),
			"keep has no effect here; add to [environment] the line: clear = yes");
	if (profile->keep_fds.count && !profile->close_fds)
		ck_diag_add(
			diags,
			ck_profile_where(diags->arena, profile, "process", "keep-fds",
					 ""),
			"keep-fds has no effect with close-fds = no; leave one of them out");
#ifndef CK_WITH_FILTER
	if (profile->seccomp.origin.file)
		ck_diag_add(
			diags, ck_origin_text(diags->arena, &profile->seccomp.origin),
			"[seccomp] is not built into this launcher, and leaving the filter out "
			"would start more than the profile says; take the section out");
#endif
	return rc < 0 || diags->count > before ? -EINVAL : 0;
}

static void set_origin(struct ck_profile *profile, const char *section, const char *name,
		       const char *option)
{
	const struct ck_key *key = ck_key_find(section, name, strlen(name));

	memset((char *)profile + key->offset, 0, key->size);
	profile->origin[key - ck_keys] = (struct ck_origin){ option, 0 };
}

int ck_profile_keep(struct ck_profile *profile, const char *list, struct ck_diags *diags)
{
	static const struct ck_origin option = { "-k", 0 };

	set_origin(profile, "capabilities", "keep", "-k");
	set_origin(profile, "capabilities", "optional", NULL);
	if (ck_caps_add(&profile->keep, list, &option, diags) < 0)
		return -EINVAL;
	if (profile->keep.words)
		return 0;
	ck_diag_add(diags, "-k", "the list is empty; write 'none' to keep nothing");
	return -EINVAL;
}

/* The value of an option through the parser of the key that it replaces. */
static int take_option(struct ck_profile *profile, const char *section, const char *name,
		       const char *option, const char *value, struct ck_diags *diags)
{
	const struct ck_key *key = ck_key_find(section, name, strlen(name));
	const struct ck_entry entry = { .section = section,
					.key = name,
					.value = value,
					.raw = value,
					.origin = { option, 0 } };

	set_origin(profile, section, name, option);
	return key->parse(profile, key, &entry, diags);
}

int ck_profile_user(struct ck_arena *arena, struct ck_profile *profile, const char *user,
		    struct ck_diags *diags)
{
	const char *colon = strchr(user, ':');
	const char *name = colon ? ck_strndup(arena, user, (size_t)(colon - user)) : user;

	set_origin(profile, "process", "group", NULL);
	if (!*name) {
		ck_diag_add(diags, "-u", "the user is missing%s%s",
			    colon ? "; to change only the group write unchanged" : "",
			    colon ? colon : "");
		return -EINVAL;
	}
	if (take_option(profile, "process", "user", "-u", name, diags) < 0)
		return -EINVAL;
	return colon ? take_option(profile, "process", "group", "-u", colon + 1, diags) :
		       0;
}

int ck_profile_bounding(struct ck_profile *profile, const char *word,
			struct ck_diags *diags)
{
	return take_option(profile, "capabilities", "bounding", "-b", word, diags);
}
