/* SPDX-License-Identifier: MIT */
/* What a profile may say and had better not: warnings with their remedy, and SARIF. */
#include <errno.h>
#include <fnmatch.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl-check.h"

#define PORT_START "/proc/sys/net/ipv4/ip_unprivileged_port_start"

void ck_finding_add(struct ck_check *check, enum ck_finding_level level, const char *rule,
		    const char *where, const char *format, ...)
{
	struct ck_finding *finding;
	va_list ap;

	check->list = ck_grow(check->arena, check->list, check->count, &check->room,
			      sizeof(*check->list));
	finding = &check->list[check->count++];
	finding->level = level;
	finding->rule = rule;
	finding->where = where;
	va_start(ap, format);
	finding->text = ck_vformat(check->arena, format, ap);
	va_end(ap);
	if (level == CK_FINDING_ERROR)
		check->errors++;
	else
		check->warnings++;
}

static const char *at(const struct ck_check *check, const char *section, const char *key)
{
	return ck_profile_where(check->arena, &check->profile, section, key, check->name);
}

static void warn_root_caps(struct ck_check *check)
{
	uint64_t keep = check->profile.keep.mask | check->profile.optional.mask;
	unsigned int cap;

	for (cap = 0; cap < CK_CAPS_KNOWN; cap++) {
		bool required = check->profile.keep.mask & CK_CAP(cap);

		if (!(keep & ck_caps_root() & CK_CAP(cap)))
			continue;
		ck_finding_add(check, CK_FINDING_WARNING, "amounts-to-root",
			       at(check, "capabilities", required ? "keep" : "optional"),
			       "%s amounts to root: %s; cheaper: %s", ck_cap_name(cap),
			       ck_cap_facts[cap].how, ck_cap_facts[cap].cure);
	}
}

static void warn_user(struct ck_check *check, const struct ck_state *start)
{
	bool held = check->profile.keep.mask | check->profile.optional.mask;

	if (check->profile.user || start->ruid != 0)
		return;
	ck_finding_add(
		check, CK_FINDING_WARNING, "stays-root", at(check, "process", "user"),
		"started as root it stays uid 0, which owns root's files%s; where the "
		"program "
		"need not be root: user = NAME",
		held ? "" : " even without a capability");
}

static const char *const loader_variables[] = { "LD_PRELOAD", "LD_LIBRARY_PATH",
						"LD_AUDIT", NULL };

/* Does one of the names or patterns stand for the variable? */
static bool covers(const struct ck_strings *patterns, const char *name)
{
	size_t i;

	for (i = 0; i < patterns->count; i++)
		if (fnmatch(patterns->list[i], name, 0) == 0)
			return true;
	return false;
}

static void warn_set(struct ck_check *check)
{
	const struct ck_strings *set = &check->profile.env_set;
	size_t i;

	for (i = 0; i < set->count; i++)
		if (ck_is_one_of(ck_strndup(check->arena, set->list[i],
					    strcspn(set->list[i], "=")),
				 loader_variables))
			ck_finding_add(
				check, CK_FINDING_WARNING, "loader-variable",
				at(check, "environment", "set"),
				"set: %s is obeyed by the loader together with the "
				"ambient "
				"capabilities; who can write that file has them; leave "
				"it out",
				set->list[i]);
}

/* Without clear = yes the patterns of keep have no effect. */
static void warn_keep(struct ck_check *check)
{
	const struct ck_profile *profile = &check->profile;
	size_t i, k;

	for (i = 0; profile->env_clear && i < profile->env_keep.count; i++) {
		bool found = false;

		for (k = 0; loader_variables[k]; k++)
			found = found ||
				(fnmatch(profile->env_keep.list[i], loader_variables[k],
					 0) == 0 &&
				 !covers(&profile->env_unset, loader_variables[k]));
		if (found)
			ck_finding_add(
				check, CK_FINDING_WARNING, "loader-variable",
				at(check, "environment", "keep"),
				"keep: %s lets the caller's variable reach the loader "
				"together "
				"with the ambient capabilities; leave it out",
				profile->env_keep.list[i]);
	}
}

/* A process with ambient capabilities is not AT_SECURE: the loader obeys these variables.
 */
static void warn_environment(struct ck_check *check)
{
	const struct ck_profile *profile = &check->profile;

	if (!check->planned || !check->plan.after.sets.ambient)
		return;
	warn_set(check);
	warn_keep(check);
	if (getenv("LD_PRELOAD") && !profile->env_clear &&
	    !covers(&profile->env_unset, "LD_PRELOAD"))
		ck_finding_add(
			check, CK_FINDING_WARNING, "loader-variable",
			at(check, "environment", "unset"),
			"LD_PRELOAD is in the environment and would be loaded together "
			"with the "
			"ambient capabilities; add to [environment]: unset = LD_PRELOAD");
}

static void warn_choices(struct ck_check *check)
{
	if (check->profile.bounding == CK_BOUNDING_IF_POSSIBLE)
		ck_finding_add(
			check, CK_FINDING_WARNING, "bounding-if-possible",
			at(check, "capabilities", "bounding"),
			"bounding = if-possible: it starts with a wide bounding set "
			"where SETPCAP "
			"is missing; with --cap-drop ALL outside, auto is enough");
	if (!check->profile.no_new_privs)
		ck_finding_add(
			check, CK_FINDING_WARNING, "new-privileges",
			at(check, "process", "no-new-privs"),
			"no-new-privs = no: set-user-ID programs and file capabilities "
			"work for "
			"the workload, up to the bounding set; leave the line out where "
			"it starts "
			"none");
	if (!check->profile.close_fds)
		ck_finding_add(check, CK_FINDING_WARNING, "open-descriptors",
			       at(check, "process", "close-fds"),
			       "close-fds = no: whatever the caller has open reaches the "
			       "workload; name "
			       "what it needs in keep-fds");
}

static bool ports_are_free(const struct ck_check *check)
{
	static const char *const here[] = { "root", "self", NULL };
	const char *as = check->as ? check->as : "";
	char text[32] = "";
	FILE *file;

	if (!strcmp(as, "docker"))
		return true;
	/* Of other places this machine knows nothing. */
	if (*as && !ck_is_one_of(as, here) && !ck_is_digits(as, strlen(as)))
		return false;
	file = fopen(PORT_START, "re");
	if (!file)
		return false;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	(void)fclose(file);
	return text[0] == '0';
}

static void warn_ports(struct ck_check *check)
{
	uint64_t keep = check->profile.keep.mask | check->profile.optional.mask;

	if (keep & CK_CAP(CAP_NET_BIND_SERVICE) && ports_are_free(check))
		ck_finding_add(
			check, CK_FINDING_WARNING, "needless-bind",
			at(check, "capabilities", "keep"),
			"NET_BIND_SERVICE is needless here: "
			"net.ipv4.ip_unprivileged_port_start is 0 and everybody may bind "
			"any port "
			"(docker and containerd set it in a private network namespace)");
}

/* In a sticky directory only the owners of the two, and root, take a file away. */
static bool is_held_fast(const char *path, const struct stat *directory)
{
	uid_t own = geteuid();
	struct stat st;

	return directory->st_mode & S_ISVTX && lstat(path, &st) == 0 &&
	       (st.st_uid == 0 || st.st_uid == own) &&
	       (directory->st_uid == 0 || directory->st_uid == own);
}

/* Who can write the directory can put another file in the profile's place. */
static void warn_directory(struct ck_check *check)
{
	const char *path = check->profile.name, *slash = path ? strrchr(path, '/') : NULL;
	const char *directory;
	struct stat st;

	if (!slash)
		return;
	directory = slash == path ?
			    "/" :
			    ck_strndup(check->arena, path, (size_t)(slash - path));
	if (stat(directory, &st) < 0)
		return;
	if (((st.st_mode & S_IWOTH) || ((st.st_mode & S_IWGRP) && st.st_gid != 0)) &&
	    !is_held_fast(path, &st))
		ck_finding_add(
			check, CK_FINDING_WARNING, "writable-directory", check->name,
			"others may write the directory %s (mode %04o), and so put "
			"another "
			"profile in its place: chmod go-w %s",
			directory, (unsigned int)st.st_mode & 07777, directory);
	else if (st.st_uid != 0)
		ck_finding_add(
			check, CK_FINDING_WARNING, "writable-directory", check->name,
			"the directory %s belongs to uid %u, who can put another profile "
			"in its "
			"place: chown root %s",
			directory, st.st_uid, directory);
}

void ck_check_warn(struct ck_check *check, const struct ck_state *start)
{
	warn_root_caps(check);
	warn_user(check, start);
	warn_environment(check);
	warn_choices(check);
	warn_ports(check);
	warn_directory(check);
}

static json_t *text_object(const char *key, json_t *value)
{
	json_t *object = ck_json_object();

	ck_json_set(object, key, value);
	return object;
}

/* "FILE:LINE" -> a place that a scanner can show. */
static json_t *sarif_place(const struct ck_check *check, const char *where)
{
	const char *colon = strrchr(where, ':');
	uint64_t line = 0;
	json_t *physical = ck_json_object(), *places = ck_json_array();

	if (colon && ck_number(colon + 1, strlen(colon + 1), INT32_MAX, &line) == 0)
		where = ck_strndup(check->arena, where, (size_t)(colon - where));
	else if (!strchr(where, '/'))
		where = check->name;
	ck_json_set(physical, "artifactLocation",
		    text_object("uri", ck_json_text(where)));
	if (line)
		ck_json_set(physical, "region",
			    text_object("startLine", ck_json_number((long long)line)));
	ck_json_add(places, text_object("physicalLocation", physical));
	return places;
}

static json_t *sarif_result(const struct ck_check *check,
			    const struct ck_finding *finding)
{
	json_t *result = ck_json_object();

	ck_json_set(result, "ruleId", ck_json_text(finding->rule));
	ck_json_set(
		result, "level",
		ck_json_text(finding->level == CK_FINDING_ERROR ? "error" : "warning"));
	ck_json_set(result, "message", text_object("text", ck_json_text(finding->text)));
	ck_json_set(result, "locations", sarif_place(check, finding->where));
	return result;
}

json_t *ck_check_sarif(const struct ck_check *checks, size_t count)
{
	json_t *log = ck_json_object(), *run = ck_json_object(), *runs = ck_json_array();
	json_t *results = ck_json_array(), *driver = ck_json_object();
	size_t i, j;

	for (i = 0; i < count; i++)
		for (j = 0; j < checks[i].count; j++)
			ck_json_add(results,
				    sarif_result(&checks[i], &checks[i].list[j]));
	ck_json_set(driver, "name", ck_json_text(CK_CTL));
	ck_json_set(driver, "version", ck_json_text(CK_VERSION));
	ck_json_set(run, "tool", text_object("driver", driver));
	ck_json_set(run, "results", results);
	ck_json_add(runs, run);
	ck_json_set(log, "$schema",
		    ck_json_text("https://json.schemastore.org/sarif-2.1.0.json"));
	ck_json_set(log, "version", ck_json_text("2.1.0"));
	ck_json_set(log, "runs", runs);
	return log;
}
