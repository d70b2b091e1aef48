/* SPDX-License-Identifier: MIT */
/* Readers of JSON and YAML: docker inspect, compose, Kubernetes, OCI config. */
#include <string.h>

#include "ctl-convert.h"

/* Of several containers the wanted one, or the only one. */
static bool is_wanted(struct ck_convert *convert, const char *name)
{
	ck_strings_add(convert->ctl->arena, &convert->names,
		       ck_format(convert->ctl->arena, "%s", name));
	if (convert->wanted && strcmp(convert->wanted, name) != 0)
		return false;
	if (convert->found) {
		if (convert->wanted)
			ck_note(convert, "there are several named %s; the first is taken",
				name);
		return false;
	}
	convert->name = ck_format(convert->ctl->arena, "%s", name);
	convert->found = true;
	return true;
}

static const char *copy(struct ck_convert *convert, const char *text)
{
	return text ? ck_format(convert->ctl->arena, "%s", text) : NULL;
}

void ck_needs_spec(struct ck_convert *convert, const struct ck_spec *spec)
{
	struct ck_needs *needs = &convert->needs;
	size_t i;

	needs->keep = ck_spec_caps(spec, (UINT64_C(1) << CK_CAPS_KNOWN) - 1);
	needs->no_new_privs = spec->no_new_privs == CK_YES ? CK_YES : CK_NO;
	needs->user = copy(convert, spec->user);
	needs->group = copy(convert, spec->group);
	for (i = 0; i < spec->groups.count; i++)
		ck_strings_add(convert->ctl->arena, &needs->groups, spec->groups.list[i]);
	if (needs->user && !needs->group &&
	    ck_is_digits(needs->user, strlen(needs->user)))
		needs->group = "0"; /* as the engines have it */
	if (spec->privileged)
		ck_note(convert,
			"privileged gives devices and masks nothing as well; only the "
			"capabilities are taken over");
	if (spec->seccomp && !strcmp(spec->seccomp, "unconfined"))
		ck_note(convert, "seccomp is unconfined there; that is not taken over");
	for (i = 0; i < spec->unknown.count; i++)
		ck_note(convert, "%s is no capability; left out", spec->unknown.list[i]);
	for (i = 0; i < spec->unknown_drop.count; i++)
		ck_note(convert, "%s is no capability; left out",
			spec->unknown_drop.list[i]);
	/* A user's program holds nothing there, since engines raise no ambient set; what
	 * was added by name is taken for what it is meant to have. */
	if (!spec->user || ck_is_root_word(spec->user) || spec->drop_all ||
	    spec->privileged)
		return;
	needs->keep = spec->add;
	ck_note(convert,
		"as user %s the program holds none of the engine's default capabilities: "
		"only what is added by name is kept",
		spec->user);
}

static void limits(struct ck_convert *convert, const json_t *list, const char *name_key,
		   const char *soft_key, const char *hard_key)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		const char *name = ck_json_string(one, name_key);
		json_int_t soft = json_integer_value(json_object_get(one, soft_key));
		json_int_t hard = json_integer_value(json_object_get(one, hard_key));
		const char *value = ck_format(
			convert->ctl->arena, "%s:%s",
			soft < 0 ?
				"unlimited" :
				ck_format(convert->ctl->arena, "%lld", (long long)soft),
			hard < 0 ?
				"unlimited" :
				ck_format(convert->ctl->arena, "%lld", (long long)hard));

		if (name && !strncmp(name, "RLIMIT_", 7))
			name += 7;
		if (!name || !ck_needs_limit(convert, name, value))
			ck_note(convert, "the limit %s is not known; left out",
				name ? name : "?");
	}
}

static int take_docker(void *arg, json_t *item)
{
	struct ck_convert *convert = arg;
	const json_t *host = json_object_get(item, "HostConfig");
	struct ck_spec spec;
	const char *directory;

	if (!ck_spec_docker(convert->ctl->arena, item, &spec) ||
	    !is_wanted(convert, spec.name))
		return 0;
	ck_needs_spec(convert, &spec);
	directory = ck_json_string(json_object_get(item, "Config"), "WorkingDir");
	if (directory && *directory == '/')
		convert->needs.working_directory = copy(convert, directory);
	limits(convert, json_object_get(host, "Ulimits"), "Name", "Soft", "Hard");
	return 0;
}

/* environment: a list of NAME=value, or a mapping. */
static void environment(struct ck_convert *convert, json_t *value)
{
	struct ck_arena *arena = convert->ctl->arena;
	struct ck_strings *set = &convert->needs.env_set;
	const char *name;
	json_t *one;
	size_t i;

	json_array_foreach(value, i, one)
	{
		const char *text = json_string_value(one);

		if (text && strchr(text, '='))
			ck_strings_add(arena, set, ck_format(arena, "%s", text));
	}
	json_object_foreach(value, name, one)
	{
		if (json_is_string(one))
			ck_strings_add(
				arena, set,
				ck_format(arena, "%s=%s", name, json_string_value(one)));
		else if (json_is_integer(one))
			ck_strings_add(arena, set,
				       ck_format(arena, "%s=%lld", name,
						 (long long)json_integer_value(one)));
		else
			ck_note(convert, "%s has no value that is a text; left out",
				name);
	}
}

static void compose_limits(struct ck_convert *convert, json_t *value)
{
	struct ck_arena *arena = convert->ctl->arena;
	const char *name;
	json_t *one;

	json_object_foreach(value, name, one)
	{
		json_t *soft = json_is_object(one) ? json_object_get(one, "soft") : one;
		json_t *hard = json_is_object(one) ? json_object_get(one, "hard") : one;
		const char *text =
			ck_format(arena, "%lld:%lld", (long long)json_integer_value(soft),
				  (long long)json_integer_value(hard));

		if (!json_is_integer(soft) || !json_is_integer(hard))
			text = "unlimited";
		if (!ck_needs_limit(convert, name, text))
			ck_note(convert, "the limit %s is not known; left out", name);
	}
}

static int take_compose(void *arg, json_t *item)
{
	struct ck_convert *convert = arg;
	json_t *services = json_object_get(item, "services"), *service;
	struct ck_spec spec;
	const char *name;

	json_object_foreach(services, name, service)
	{
		const char *directory = ck_json_string(service, "working_dir");

		if (!json_is_object(service) || !is_wanted(convert, name))
			continue;
		ck_spec_compose(convert->ctl->arena, name, service, &spec);
		ck_needs_spec(convert, &spec);
		if (directory && *directory == '/')
			convert->needs.working_directory = copy(convert, directory);
		environment(convert, json_object_get(service, "environment"));
		compose_limits(convert, json_object_get(service, "ulimits"));
	}
	return 0;
}

static void kube_environment(struct ck_convert *convert, const json_t *list)
{
	struct ck_arena *arena = convert->ctl->arena;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		const char *name = ck_json_string(one, "name"),
			   *value = ck_json_string(one, "value");

		if (name && value)
			ck_strings_add(arena, &convert->needs.env_set,
				       ck_format(arena, "%s=%s", name, value));
	}
}

static void take_pod(struct ck_convert *convert, const struct ck_pod *pod)
{
	const json_t *containers = json_object_get(pod->spec, "containers");
	struct ck_spec spec;
	size_t i;

	for (i = 0; i < json_array_size(containers); i++) {
		const json_t *container = json_array_get(containers, i);
		const char *directory = ck_json_string(container, "workingDir");

		ck_spec_pod(convert->ctl->arena, pod->spec, container, &spec);
		if (!is_wanted(convert, spec.name))
			continue;
		ck_needs_spec(convert, &spec);
		if (directory && *directory == '/')
			convert->needs.working_directory = copy(convert, directory);
		kube_environment(convert, json_object_get(container, "env"));
	}
}

static int take_kubernetes(void *arg, json_t *item)
{
	struct ck_pod pod;
	size_t place = 0;

	while (ck_pod_next(item, &place, &pod))
		take_pod(arg, &pod);
	return 0;
}

static uint64_t caps_of(struct ck_convert *convert, const json_t *caps, const char *set)
{
	const json_t *list = json_object_get(caps, set);
	uint64_t mask = 0;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));
		int cap = name ? ck_cap_number(name, strlen(name)) : -1;

		if (cap >= 0)
			mask |= CK_CAP(cap);
		else
			ck_note(convert, "%s is no capability; left out",
				name ? name : "?");
	}
	return mask;
}

static void oci_user(struct ck_convert *convert, const json_t *user)
{
	struct ck_arena *arena = convert->ctl->arena;
	const json_t *groups = json_object_get(user, "additionalGids");
	const json_t *mask = json_object_get(user, "umask");
	struct ck_needs *needs = &convert->needs;
	size_t i;

	needs->user =
		ck_format(arena, "%lld",
			  (long long)json_integer_value(json_object_get(user, "uid")));
	needs->group =
		ck_format(arena, "%lld",
			  (long long)json_integer_value(json_object_get(user, "gid")));
	for (i = 0; i < json_array_size(groups); i++)
		ck_strings_add(arena, &needs->groups,
			       ck_format(arena, "%lld",
					 (long long)json_integer_value(
						 json_array_get(groups, i))));
	needs->no_groups = needs->groups.count == 0;
	if (json_is_integer(mask))
		needs->umask =
			ck_format(arena, "%04llo",
				  (unsigned long long)json_integer_value(mask) & 07777);
}

static int take_oci(void *arg, json_t *item)
{
	struct ck_convert *convert = arg;
	const json_t *process = json_object_get(item, "process");
	const json_t *caps = json_object_get(process, "capabilities");
	const char *directory = ck_json_string(process, "cwd");
	struct ck_needs *needs = &convert->needs;
	uint64_t ambient;

	if (!json_is_object(process))
		return 0;
	convert->found = true;
	oci_user(convert, json_object_get(process, "user"));
	ambient = caps_of(convert, caps, "ambient");
	needs->keep =
		caps_of(convert, caps, "bounding") & caps_of(convert, caps, "permitted");
	if (strcmp(needs->user, "0") != 0 && needs->keep & ~ambient) {
		ck_note(convert,
			"%s is not ambient there, so user %s does not hold it after "
			"exec; "
			"left out",
			ck_cap_text(convert->ctl->arena, needs->keep & ~ambient),
			needs->user);
		needs->keep &= ambient;
	}
	if (!strcmp(needs->user, "0") && ambient)
		needs->ambient = CK_YES;
	needs->no_new_privs = ck_json_true(process, "noNewPrivileges") ? CK_YES : CK_NO;
	if (directory && strcmp(directory, "/") != 0)
		needs->working_directory = copy(convert, directory);
	environment(convert, json_object_get(process, "env"));
	limits(convert, json_object_get(process, "rlimits"), "type", "soft", "hard");
	return 0;
}

static int read_items(struct ck_convert *convert, const struct ck_input *input,
		      int (*take)(void *arg, json_t *item))
{
	const struct ck_taker taker = { take, convert };

	return ck_items(convert->ctl, input, &taker);
}

int ck_read_compose(struct ck_convert *convert, const struct ck_input *input)
{
	return read_items(convert, input, take_compose);
}

int ck_read_kubernetes(struct ck_convert *convert, const struct ck_input *input)
{
	return read_items(convert, input, take_kubernetes);
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
	static const char unlimited[] = "18446744073709551615";
	char *at = input->bytes, *end = input->bytes + input->length;

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
	return read_items(convert, input, take_oci);
}

int ck_read_docker(struct ck_convert *convert, const struct ck_input *input)
{
	return ck_input_is_json(input) ? read_items(convert, input, take_docker) :
					 ck_read_docker_flags(convert, input);
}
