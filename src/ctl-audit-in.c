/* SPDX-License-Identifier: MIT */
/* The inputs of audit, and the live process behind a container that runs. */
#include <errno.h>
#include <string.h>

#include "ctl-audit.h"

/* Programs that only reap: the workload is their child. */
static bool is_init(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *name = slash ? slash + 1 : path ? path : "";
	static const char *const inits[] = { "docker-init", "tini",	 "tini-static",
					     "catatonit",   "dumb-init", "podman-init",
					     NULL };

	return ck_is_one_of(name, inits);
}

static bool first_child(struct ck_arena *arena, pid_t pid, struct ck_process *ret)
{
	struct ck_processes all;
	size_t i;

	if (ck_processes_read(arena, false, &all) < 0)
		return false;
	for (i = 0; i < all.count; i++)
		if (all.list[i].ppid == pid) {
			*ret = all.list[i];
			return true;
		}
	return false;
}

/* The pid may be another machine's: its cgroup has to carry the container's id. */
static bool main_process(struct ck_arena *arena, struct ck_spec *spec,
			 struct ck_process *ret)
{
	const char *path = ck_format(arena, "/proc/%d/cgroup", (int)spec->pid);
	char text[4096] = "";
	const char *name;
	size_t length;
	FILE *file;

	if (!spec->pid || !spec->id || strlen(spec->id) < 12 ||
	    spec->id[strspn(spec->id, "0123456789abcdef")])
		return false;
	file = fopen(path, "re");
	if (!file)
		return false;
	length = fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	text[length] = '\0';
	if (!strstr(text, spec->id) || ck_process_read(arena, spec->pid, 0, ret) < 0)
		return false;
	/* The engine's own init holds what it likes. One of the image, or a process that
	 * took such a name, is named in the finding. */
	name = ret->name;
	if ((spec->engine_init || is_init(spec->path) || is_init(name)) &&
	    first_child(arena, spec->pid, ret) && !spec->engine_init)
		spec->behind = name;
	return true;
}

static int take_docker(void *arg, json_t *item)
{
	struct ck_audit *audit = arg;
	struct ck_process process;
	struct ck_spec spec;
	uint32_t number;
	bool seen;

	if (!ck_spec_docker(&audit->item, item, &spec)) {
		audit->skipped++;
		return 0;
	}
	number = ck_audit_subject(audit, spec.name);
	ck_audit_malformed(audit, number, &spec);
	seen = main_process(&audit->item, &spec, &process);
	ck_audit_cis(audit, number, &spec, seen ? &process : NULL);
	if (spec.pid && !seen)
		ck_audit_add(audit, number, CK_CIS_IN_FORCE, CK_INFO,
			     "its main process cannot be seen from here");
	ck_arena_free(&audit->item);
	return 0;
}

static void warn_extends(struct ck_audit *audit, uint32_t number, const json_t *extends)
{
	const char *file = ck_json_string(extends, "file");

	if (file)
		ck_audit_add(audit, number, CK_CIS_CAPS, CK_WARN,
			     "inherits what is not read: it extends a service of %s",
			     file);
	else if (extends)
		ck_audit_add(audit, number, CK_CIS_CAPS, CK_WARN,
			     "extends another service, which is not looked at");
}

/* A file, a mapping with path, or several of these; each is a subject of its own, since
 * its services are. */
static void warn_include(struct ck_audit *audit, const json_t *include)
{
	const char *path = json_is_object(include) ? ck_json_string(include, "path") :
						     json_string_value(include);
	const json_t *list =
		json_is_object(include) ? json_object_get(include, "path") : include;
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		warn_include(audit, json_array_get(list, i));
	if (json_is_array(list) || !include || json_is_null(include))
		return;
	ck_audit_add(audit, ck_audit_subject(audit, path ? path : "include"), CK_CIS_CAPS,
		     CK_WARN,
		     "is included, and its services are not read: audit it as well");
}

static int take_compose(void *arg, json_t *item)
{
	struct ck_audit *audit = arg;
	json_t *services = json_object_get(item, "services"), *service;
	struct ck_spec spec;
	const char *name;
	uint32_t number;

	if (!json_is_object(services)) {
		audit->skipped++;
		return 0;
	}
	json_object_foreach(services, name, service)
	{
		number = ck_audit_subject(audit, name);
		if (!json_is_object(service)) {
			ck_strings_add(audit->ctl->arena, &audit->malformed,
				       ck_format(audit->ctl->arena,
						 "%s has to be a mapping", name));
			continue;
		}
		ck_spec_compose(&audit->item, name, service, &spec);
		ck_audit_malformed(audit, number, &spec);
		ck_audit_cis(audit, number, &spec, NULL);
		warn_extends(audit, number, json_object_get(service, "extends"));
		ck_arena_free(&audit->item);
	}
	warn_include(audit, json_object_get(item, "include"));
	return 0;
}

static bool audit_pods(struct ck_audit *audit, const json_t *object)
{
	struct ck_pod pod;
	size_t place = 0;
	bool found = false;

	while (ck_pod_next(object, &place, &pod)) {
		ck_audit_pod(audit, &pod);
		found = true;
	}
	return found;
}

/* Lists may stand in lists; one at the top comes here item by item already. How deep it
 * goes the parsers limit. */
static void audit_object(struct ck_audit *audit, const json_t *object)
{
	const json_t *list = json_object_get(object, "items");
	bool is_list = json_is_array(list) && ck_is_list(object);
	size_t i;

	for (i = 0; is_list && i < json_array_size(list); i++)
		audit_object(audit, json_array_get(list, i));
	/* Without a kind it may be both. */
	if (!audit_pods(audit, object) && !is_list)
		audit->skipped++;
}

static int take_kubernetes(void *arg, json_t *item)
{
	struct ck_audit *audit = arg;

	audit_object(audit, item);
	ck_arena_free(&audit->item);
	return 0;
}

static int read_input(struct ck_audit *audit, const char *path,
		      int (*take)(void *arg, json_t *item), const char *expected)
{
	const struct ck_taker taker = { take, audit };
	size_t before = audit->subjects.count;
	struct ck_input input;
	int status = ck_input_open(audit->ctl, path, &input);
	size_t i;

	if (status != 0)
		return status;
	status = ck_items(audit->ctl, &input, &taker);
	for (i = 0; i < audit->malformed.count; i++)
		status = ck_ctl_fail(audit->ctl, CK_CTL_FAILED, input.name, "%s",
				     audit->malformed.list[i]);
	if (status == 0 && audit->subjects.count == before)
		status = ck_ctl_fail(audit->ctl, CK_CTL_FAILED, input.name,
				     "there is nothing to audit in it; expected %s",
				     expected);
	ck_input_close(&input);
	return status;
}

int ck_audit_docker(struct ck_audit *audit, const char *path)
{
	return read_input(audit, path, take_docker,
			  "what 'docker inspect CONTAINER...' prints");
}

int ck_audit_compose(struct ck_audit *audit, const char *path)
{
	return read_input(audit, path, take_compose, "a compose file with services");
}

int ck_audit_kubernetes(struct ck_audit *audit, const char *path)
{
	return read_input(audit, path, take_kubernetes,
			  "pods, objects with a pod template, or lists of them");
}
