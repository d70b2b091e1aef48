/* SPDX-License-Identifier: MIT */
/* capkeepctl list: the tables that the programs work with. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl-filter.h"

static int list_capabilities(struct ck_ctl *ctl)
{
	static const struct ck_column columns[] = {
		{ "NO", true },	     { "NAME", false },	 { "DOCKER", false },
		{ "PODMAN", false }, { "REACH", false }, { "ALLOWS TO", false },
	};
	static const char *const reaches[] = {
		[CK_REACH_ROOT] = "root",
		[CK_REACH_NEAR] = "near root",
		[CK_REACH_WIDE] = "far",
		[CK_REACH_NARROW] = "-",
	};
	uint64_t known = ck_caps_known();
	json_t *array = ck_json_array();
	struct ck_table table;
	unsigned int cap;

	ck_table_begin(&table, ctl, columns, CK_ARRAY_SIZE(columns));
	for (cap = 0; cap < CK_CAPS_KNOWN; cap++) {
		const struct ck_cap_facts *facts = &ck_cap_facts[cap];
		bool root = facts->reach == CK_REACH_ROOT;
		json_t *one = ck_json_object();

		ck_json_set(one, "number", ck_json_number(cap));
		ck_json_set(one, "name", ck_json_text(ck_cap_name(cap)));
		ck_json_set(one, "allows", ck_json_text(facts->allows));
		ck_json_set(one, "reach", ck_json_text(ck_reach_text(facts->reach)));
		ck_json_set(one, "docker", ck_json_bool(CK_DOCKER_DEFAULT & CK_CAP(cap)));
		ck_json_set(one, "podman", ck_json_bool(CK_PODMAN_DEFAULT & CK_CAP(cap)));
		ck_json_set(one, "kernel", ck_json_bool(known & CK_CAP(cap)));
		ck_json_add(array, one);
		ck_table_add(&table, CK_PLAIN, ck_format(ctl->arena, "%u", cap));
		ck_table_add(&table, CK_PLAIN, ck_cap_name(cap));
		ck_table_add(&table, CK_PLAIN,
			     CK_DOCKER_DEFAULT & CK_CAP(cap) ? "yes" : "-");
		ck_table_add(&table, CK_PLAIN,
			     CK_PODMAN_DEFAULT & CK_CAP(cap) ? "yes" : "-");
		ck_table_add(&table, root ? CK_YELLOW : CK_PLAIN, reaches[facts->reach]);
		ck_table_add(&table, CK_PLAIN, facts->allows);
	}
	return ck_facts_print(&table, array);
}

static int list_presets(struct ck_ctl *ctl)
{
	static const struct ck_column columns[] = {
		{ "NAME", false },
		{ "MASK", false },
		{ "IN A PROFILE", false },
		{ "KEEPS", false },
	};
	json_t *array = ck_json_array();
	struct ck_table table;
	size_t i;

	ck_table_begin(&table, ctl, columns, CK_ARRAY_SIZE(columns));
	for (i = 0; i < ck_givers_count; i++) {
		const struct ck_giver *giver = &ck_givers[i];
		const char *word = ck_join(ctl->arena, "@", giver->name, "");
		json_t *one = ck_json_object();
		uint64_t mask;
		bool preset = ck_cap_preset(word, strlen(word), &mask);

		ck_json_set(one, "name", ck_json_text(giver->name));
		ck_json_set(one, "help", ck_json_text(giver->help));
		ck_json_set(one, "preset", ck_json_bool(preset));
		ck_json_set(one, "capabilities", ck_json_caps(giver->mask));
		ck_json_add(array, one);
		ck_table_add(&table, CK_PLAIN, giver->name);
		ck_table_add(
			&table, CK_PLAIN,
			ck_format(ctl->arena, "0x%llx", (unsigned long long)giver->mask));
		ck_table_add(&table, CK_PLAIN, preset ? word : "-");
		ck_table_add(&table, CK_PLAIN, ck_cap_text(ctl->arena, giver->mask));
	}
	return ck_facts_print(&table, array);
}

static int is_profile(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 4 && !strcmp(entry->d_name + length - 4, ".ini");
}

/* Nothing is wrong but that it states neither keep nor user: made to be included. */
static bool is_a_part(const struct ck_profile *profile, const struct ck_diags *problems)
{
	return problems->count == 2 &&
	       !ck_profile_origin(profile, "capabilities", "keep")->file &&
	       !ck_profile_origin(profile, "process", "user")->file;
}

static void add_profile(struct ck_ctl *ctl, const char *path, const char *name,
			struct ck_table *table, json_t *array)
{
	struct ck_diags diags = { .arena = ctl->arena };
	struct ck_profile profile;
	bool loaded = ck_profile_load(ctl->arena, path, &diags, &profile) == 0;
	bool good = loaded && ck_profile_complete(&profile, &diags) == 0;
	bool part = loaded && !good && is_a_part(&profile, &diags);
	const char *problem = diags.count ? diags.list[0].text : "";
	json_t *one = ck_json_object();

	ck_json_set(one, "name", ck_json_text(name));
	ck_json_set(one, "path", ck_json_text(path));
	ck_json_set(one, "description",
		    ck_json_text(good || part ? profile.description : NULL));
	ck_json_set(one, "keep",
		    good ? ck_json_caps(profile.keep.mask) : ck_json_text(NULL));
	ck_json_set(one, "to_be_included", ck_json_bool(part));
	ck_json_set(one, "problems", ck_json_diags(&diags));
	ck_json_add(array, one);
	ck_table_add(table, CK_PLAIN, name);
	ck_table_add(table, good || part ? CK_PLAIN : CK_RED,
		     part  ? "to be included" :
		     !good ? "refused" :
			     ck_compact(ctl->arena, profile.keep.mask, ck_caps_known()));
	ck_table_add(table, CK_PLAIN,
		     part		  ? "-" :
		     good && profile.user ? profile.user :
					    "unchanged");
	ck_table_add(table, CK_PLAIN, path);
	ck_table_add(table, CK_PLAIN,
		     !good && !part	 ? problem :
		     profile.description ? profile.description :
					   "");
}

/* One that is not there has no profiles; one that cannot be read may have some. */
static int add_directory(struct ck_ctl *ctl, const char *directory,
			 struct ck_table *table, json_t *array)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, is_profile, alphasort), i;

	if (count < 0)
		return errno == ENOENT ? 0 :
					 ck_ctl_fail(ctl, CK_CTL_FAILED, directory, "%s",
						     strerror(errno));
	for (i = 0; i < count; i++) {
		const char *file = entries[i]->d_name;
		const char *path = ck_join(ctl->arena, directory, "/", file);

		add_profile(ctl, path, ck_strndup(ctl->arena, file, strlen(file) - 4),
			    table, array);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

static int list_profiles(struct ck_ctl *ctl)
{
	static const struct ck_column columns[] = {
		{ "NAME", false }, { "KEEPS", false },	     { "USER", false },
		{ "PATH", false }, { "DESCRIPTION", false },
	};
	json_t *array = ck_json_array();
	struct ck_table table;
	int status;

	ck_table_begin(&table, ctl, columns, CK_ARRAY_SIZE(columns));
	status = add_directory(ctl, ck_confdir, &table, array);
	if (status == 0)
		status = add_directory(ctl, ck_profiledir, &table, array);
	if (status == 0)
		return ck_facts_print(&table, array);
	json_decref(array);
	return status;
}

static const struct {
	const char *name;
	int (*run)(struct ck_ctl *ctl);
} lists[] = {
	{ "capabilities", list_capabilities }, { "presets", list_presets },
	{ "profiles", list_profiles },	       { "groups", ck_list_groups },
	{ "syscalls", ck_list_calls },
};

int ck_ctl_list(struct ck_ctl *ctl)
{
	struct ck_nearest best = { 0 };
	const char *word;
	size_t i;

	if (ctl->operands.count != 1)
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "list",
				   "which one: capabilities, presets, profiles, groups "
				   "or syscalls?");
	word = ctl->operands.list[0];
	for (i = 0; i < CK_ARRAY_SIZE(lists); i++) {
		if (!strcmp(lists[i].name, word))
			return lists[i].run(ctl);
		ck_nearest_try(&best, word, lists[i].name);
	}
	return ck_ctl_fail(ctl, CK_CTL_USAGE, "list", "there is no list '%s'%s", word,
			   ck_nearest_hint(ctl->arena, &best));
}
