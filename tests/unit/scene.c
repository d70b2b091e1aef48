/* SPDX-License-Identifier: MIT */
/* Reads scenes and makes their plans; see scene.h. */
#include "scene.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "tests/data/plans"
#define ENDING ".ini"

static gid_t groups[CK_GROUPS_MAX];
/* Of the whole run; "used", since a compiler forgets what nobody reads, and that would be
 * a leak. */
static struct CMUnitTest *tests __attribute__((used));

static uint64_t named_set(const char *text)
{
	uint64_t mask = 0, preset;
	bool take = false;

	while (*text) {
		size_t length = strcspn(text, "+-");
		int cap = ck_cap_number(text, length);

		preset = cap >= 0 ? CK_CAP(cap) : 0;
		if (length == 3 && !memcmp(text, "all", 3))
			preset = CK_CAP(41) - 1;
		else if (length == 6 && !memcmp(text, "docker", 6))
			preset = UINT64_C(0xa80425fb);
		else if (length == 7 && !memcmp(text, "unnamed", 7))
			preset = CK_CAP(45) | CK_CAP(50);
		else if (cap < 0 && !(length == 4 && !memcmp(text, "none", 4)))
			fail_msg("a scene knows no capability %s", text);
		mask = take ? mask & ~preset : mask | preset;
		text += length;
		take = *text == '-';
		text += *text ? 1 : 0;
	}
	return mask;
}

static void read_list(const char *text, struct kernel *k)
{
	char *end;

	for (k->ngroups = 0; *text; text = *end ? end + 1 : end)
		k->groups[k->ngroups++] = (gid_t)strtoul(text, &end, 10);
}

static void open_fds(const char *text, struct kernel *k)
{
	char *end;

	for (; *text; text = *end ? end + 1 : end)
		k->open |= 1U << strtoul(text, &end, 10);
}

static bool set_words(const char *key, const char *value, struct kernel *k)
{
	struct ck_sets *sets = &k->sets;
	const struct {
		const char *name;
		uint64_t *set;
	} names[] = {
		{ "bounding", &sets->bounding },       { "permitted", &sets->permitted },
		{ "effective", &sets->effective },     { "ambient", &sets->ambient },
		{ "inheritable", &sets->inheritable },
	};
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(names); i++) {
		if (strcmp(names[i].name, key) != 0)
			continue;
		*names[i].set = named_set(value);
		return true;
	}
	if (strcmp(key, "held") != 0 && strcmp(key, "caps") != 0)
		return false;
	sets->permitted = sets->effective = named_set(value);
	if (key[0] == 'c')
		sets->bounding = sets->permitted;
	return true;
}

static bool number_words(const char *key, const char *value, struct kernel *k)
{
	unsigned int number = (unsigned int)strtoul(value, NULL, 0);

	if (!strcmp(key, "uid"))
		k->ruid = k->euid = k->suid = number;
	else if (!strcmp(key, "gid"))
		k->rgid = k->egid = k->sgid = number;
	else if (!strcmp(key, "euid"))
		k->euid = number;
	else if (!strcmp(key, "suid"))
		k->suid = number;
	else if (!strcmp(key, "egid"))
		k->egid = number;
	else if (!strcmp(key, "sgid"))
		k->sgid = number;
	else if (!strcmp(key, "securebits"))
		k->securebits = number;
	else if (!strcmp(key, "death"))
		k->death_signal = (int)number;
	else if (!strcmp(key, "umask"))
		k->umask = number;
	else if (!strcmp(key, "blocked"))
		k->blocked = number;
	else if (!strcmp(key, "parent"))
		k->parent = (pid_t)number;
	else if (!strcmp(key, "parent-group"))
		k->parent_group = (pid_t)number;
	else if (!strcmp(key, "filter-flags"))
		k->flags = number;
	else if (!strcmp(key, "last-cap"))
		k->known = UINT64_MAX >> (63 - number);
	else
		return false;
	return true;
}

static bool limit_words(const char *key, const char *value, struct kernel *k)
{
	char *hard;
	int i;

	for (i = 0; i < CK_LIMITS; i++) {
		if (strcmp(ck_limit_names[i], key) != 0)
			continue;
		k->limits[i].rlim_cur = strtoull(value, &hard, 10);
		k->limits[i].rlim_max = strtoull(hard + 1, NULL, 10);
		return true;
	}
	return false;
}

static bool flag_words(const char *key, struct scene *scene)
{
	struct kernel *k = &scene->start;

	if (!strcmp(key, "nnp"))
		k->no_new_privs = true;
	else if (!strcmp(key, "no-ambient"))
		k->no_ambient = true;
	else if (!strcmp(key, "deny-groups"))
		k->deny_groups = true;
	else if (!strcmp(key, "terminal"))
		k->terminal = true;
	else if (!strcmp(key, "tty-hidden"))
		k->tty_hidden = true;
	else if (!strcmp(key, "group-leader"))
		k->group = k->pid;
	else if (!strcmp(key, "session-leader"))
		k->session = k->group = k->pid;
	else if (!strcmp(key, "no-seccomp"))
		k->no_seccomp = true;
	else if (!strcmp(key, "no-actions"))
		k->no_actions = true;
	else if (!strcmp(key, "no-log"))
		k->no_log = true;
	else if (!strcmp(key, "no-kill"))
		k->no_kill = true;
	else if (!strcmp(key, "at-secure"))
		scene->at_secure = true;
	else
		return false;
	return true;
}

static char *long_argument(const char *length)
{
	size_t n = strtoul(length, NULL, 10);
	char *text = ck_alloc(&unit_arena, n + 1);

	memset(text, 'x', n);
	return text;
}

static bool start_word(const char *key, const char *value, struct scene *scene)
{
	struct kernel *k = &scene->start;

	if (!strcmp(key, "docker"))
		return set_words("caps", "docker", k);
	if (!strcmp(key, "groups"))
		read_list(value, k);
	else if (!strcmp(key, "argument"))
		scene->argv[1] = long_argument(value);
	else if (!strcmp(key, "stops"))
		scene->stops = value;
	else if (!strcmp(key, "fds"))
		open_fds(value, k);
	else if (!strcmp(key, "listen")) {
		scene->envp[1] = unit_format("LISTEN_FDS=%s", value);
		scene->envp[2] = unit_format("LISTEN_PID=%d", (int)k->pid);
	} else
		return flag_words(key, scene) || set_words(key, value, k) ||
		       number_words(key, value, k) || limit_words(key, value, k);
	return true;
}

static bool target_word(const char *key, const char *value, struct scene *scene)
{
	struct ck_target *target = &scene->targets[0];
	struct ck_fcaps *fcaps = &target->fcaps;
	char *gid;

	if (!strcmp(key, "owner")) {
		target->uid = (uid_t)strtoul(value, &gid, 10);
		target->gid = (gid_t)strtoul(gid + 1, NULL, 10);
	} else if (!strcmp(key, "mode")) {
		target->mode = (mode_t)strtoul(value, NULL, 8);
	} else if (!strcmp(key, "fcaps")) {
		fcaps->present = true;
		fcaps->permitted = named_set(value);
	} else if (!strcmp(key, "finheritable")) {
		fcaps->present = true;
		fcaps->inheritable = named_set(value);
	} else if (!strcmp(key, "feffective")) {
		fcaps->effective = true;
	} else if (!strcmp(key, "ferror")) {
		fcaps->error = (int)strtoul(value, NULL, 10);
	} else if (!strcmp(key, "nosuid")) {
		target->nosuid = true;
	} else if (!strcmp(key, "script")) {
		target->interpreter = target->path;
		target->path = "/srv/app";
	} else if (!strcmp(key, "several")) {
		scene->targets[1] = scene->targets[2] = scene->targets[0];
		scene->targets[0].path = "/gone/app";
		scene->targets[1].path = "/root/app";
		scene->targets[2].path = "/bin/app";
		scene->ntargets = 3;
	} else if (!strcmp(key, "unread")) {
		target->unread = true;
	} else if (!strcmp(key, "unseen")) {
		target->unseen = target->by_rights = true;
	} else if (!strcmp(key, "second-refused")) {
		scene->targets[1].fcaps.error = EIO;
	} else if (!strcmp(key, "directory-first")) {
		scene->targets[1] = *target;
		target->path = "/srv";
		target->error = EACCES;
		scene->ntargets = 2;
	} else if (!strcmp(key, "only-root")) {
		target->path = "/root/app";
	} else {
		return false;
	}
	return true;
}

/* "; WHAT: word key=value ..." at *text; moves behind it. */
static void read_words(const char **text, const char *what, struct scene *scene,
		       bool (*take)(const char *key, const char *value,
				    struct scene *scene))
{
	const char *prefix = unit_format("; %s:", what), *cursor, *word;
	const char *end = strchrnul(*text, '\n');
	size_t length;

	if (strncmp(*text, prefix, strlen(prefix)) != 0)
		return;
	cursor = ck_strndup(&unit_arena, *text + strlen(prefix),
			    (size_t)(end - *text) - strlen(prefix));
	for (; *(cursor += strspn(cursor, " ")); cursor = word + length) {
		size_t key_length = strcspn(cursor, "= ");
		const char *key = ck_strndup(&unit_arena, cursor, key_length),
			   *value = "";

		word = cursor;
		length = strcspn(cursor, " ");
		if (key_length < length)
			value = ck_strndup(&unit_arena, cursor + key_length + 1,
					   length - key_length - 1);
		if (!take(key, value, scene))
			fail_msg("%s: a scene has no word '%s'", scene->name, key);
	}
	*text = *end ? end + 1 : end;
}

void scene_read(const char *name, struct scene *ret)
{
	const char *path = unit_source(unit_format(FOLDER "/%s" ENDING, name)), *bytes,
		   *text;
	size_t length;
	int rc;

	memset(ret, 0, sizeof(*ret));
	ret->name = name;
	kernel_init(&ret->start);
	ret->targets[0] = (struct ck_target){ .path = "/bin/app", .mode = 0100755 };
	ret->ntargets = 1;
	ret->argv[0] = unit_format("app");
	ret->envp[0] = unit_format("PATH=/bin");
	bytes = text = unit_read(path, &length);
	read_words(&text, "start", ret, start_word);
	read_words(&text, "target", ret, target_word);
	ck_profile_empty("FILE", &ret->profile);
	rc = ck_profile_parse("FILE", bytes, length, &unit_diags, &ret->profile);
	if (rc == 0)
		rc = ck_profile_complete(&ret->profile, &unit_diags);
	assert_string_equal(unit_messages(), "");
	assert_int_equal(rc, 0);
}

static int read_start(struct scene *scene, const struct ck_sys *sys)
{
	const char *call;
	int rc = ck_state_read(sys, groups, &call, &scene->now);

	if (rc == 0)
		rc = ck_surroundings_read(sys, scene->profile.new_session, CK_LIMITS_ALL,
					  &call, &scene->around);
	if (rc < 0)
		return rc;
	scene->around.at_secure = scene->at_secure;
	return ck_identity_resolve(unit_diags.arena, &scene->profile, &scene->now,
				   "/nonexistent", "/nonexistent", &unit_diags,
				   &scene->identity);
}

int scene_plan(struct scene *scene, const struct ck_sys *sys)
{
	const struct ck_plan_input input = { &scene->profile, &scene->now, &scene->around,
					     &scene->identity };
	struct ck_plan *plan = &scene->plan;
	int rc = read_start(scene, sys);

	if (rc < 0)
		return rc;
	rc = ck_plan_build(&input, &unit_diags, plan);
	plan->argv = scene->argv;
	plan->envp = scene->envp;
	if (ck_descriptors_plan(unit_diags.arena, sys, &scene->profile, scene->envp,
				scene->around.pid, &unit_diags, &plan->close,
				&plan->nclose) < 0)
		rc = -EINVAL;
	if (plan->nclose)
		plan->todo |= 1U << CK_STEP_DESCRIPTORS;
	if (rc != -EPERM && ck_plan_filter(sys, plan, &unit_diags) < 0)
		rc = -EINVAL;
	plan->targets = (struct ck_targets){ .command = "app",
					     .list = scene->targets,
					     .count = scene->ntargets,
					     .chosen = scene->ntargets - 1 };
	return ck_plan_target(plan, &unit_diags) < 0 ? -EINVAL : rc;
}

/* CK_SCENES: the beginnings of the names that are wanted, separated by commas. */
static bool is_wanted(const char *name)
{
	const char *wanted = getenv("CK_SCENES"), *word;
	size_t length;

	if (!wanted)
		return true;
	while ((length = ck_word_next(&wanted, &word)) != 0)
		if (!strncmp(word, name, length))
			return true;
	return false;
}

static int is_scene(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

#ifndef CK_WITH_FILTER
	if (!strncmp(entry->d_name, "filter", strlen("filter")))
		return 0;
#endif
	return length > strlen(ENDING) && is_wanted(entry->d_name) &&
	       !strcmp(entry->d_name + length - strlen(ENDING), ENDING);
}

size_t scene_list(struct CMUnitTest **ret_tests, void (*run)(void **state))
{
	struct dirent **entries;
	int count = scandir(unit_source(FOLDER), &entries, is_scene, alphasort), i;

	if (count <= 0)
		return 0;
	tests = calloc((size_t)count, sizeof(*tests));
	if (!tests)
		abort();
	for (i = 0; i < count; i++) {
		char *name = strndup(entries[i]->d_name,
				     strlen(entries[i]->d_name) - strlen(ENDING));

		tests[i] = (struct CMUnitTest){ .name = name,
						.test_func = run,
						.initial_state = name };
		free(entries[i]);
	}
	free(entries);
	*ret_tests = tests;
	return (size_t)count;
}

const char *scene_expectation(const char *name)
{
	return unit_source(unit_format(FOLDER "/%s.txt", name));
}
