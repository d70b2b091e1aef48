/* SPDX-License-Identifier: MIT */
/* What a container is configured to have, from the files of others. */
#include <string.h>
#include <strings.h>

#include "ctl-spec.h"

const char *const ck_pod_lists[3] = { "containers", "initContainers",
				      "ephemeralContainers" };

const char *ck_json_string(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* Some readers of YAML 1.1 take a plain y for true, which here is a text like others. */
bool ck_json_true(const json_t *object, const char *key)
{
	const char *text = ck_json_string(object, key);

	return json_is_true(json_object_get(object, key)) ||
	       (text && !strcasecmp(text, "y"));
}

/* The engine's own rules: ALL first, then what is taken away or given one by one. */
uint64_t ck_spec_caps(const struct ck_spec *spec, uint64_t known)
{
	if (spec->bounding_stated)
		return spec->bounding & known;
	if (spec->privileged)
		return known;
	if (spec->add_all)
		return known & ~spec->drop;
	if (spec->drop_all)
		return spec->add & known;
	return ((spec->base & ~spec->drop) | spec->add) & known;
}

void ck_spec_name(struct ck_arena *arena, struct ck_spec *spec, const char *name,
		  bool add)
{
	int cap = ck_cap_number(name, strlen(name));

	if (!strcasecmp(name, "ALL") || !strcasecmp(name, "CAP_ALL"))
		*(add ? &spec->add_all : &spec->drop_all) = true;
	else if (cap < 0)
		ck_strings_add(arena, add ? &spec->unknown : &spec->unknown_drop,
			       ck_format(arena, "%s", name));
	else
		*(add ? &spec->add : &spec->drop) |= CK_CAP(cap);
}

/* "$$" is a dollar sign; what else follows one compose takes from its environment. */
static bool varies(const char *text)
{
	for (; *text; text++)
		if (*text == '$' && text[1] != '$')
			return true;
		else if (*text == '$')
			text++;
	return false;
}

bool ck_is_root_word(const char *user)
{
	size_t length = strcspn(user, ":"), sign = *user == '+' || *user == '-';

	if (length == 0 || (length == 4 && !strncmp(user, "root", 4)))
		return true;
	return length > sign && strspn(user + sign, "0") == length - sign;
}

/* "+0012" is 12: the profile's numbers have one spelling. */
static const char *plain_id(struct ck_arena *arena, const char *text, size_t length)
{
	size_t sign = length && *text == '+';

	if (!ck_is_digits(text + sign, length - sign))
		return ck_strndup(arena, text, length);
	text += sign;
	length -= sign;
	while (length > 1 && *text == '0') {
		text++;
		length--;
	}
	return ck_strndup(arena, text, length);
}

void ck_spec_user(struct ck_arena *arena, struct ck_spec *spec, const char *text)
{
	size_t length = strcspn(text, ":");
	const char *group = text + length + (text[length] == ':');

	spec->user = ck_is_root_word(text) && strncmp(text, "root", 4) != 0 ?
			     "0" :
			     plain_id(arena, text, length);
	spec->group = *group ? plain_id(arena, group, strlen(group)) : NULL;
}

static void names(struct ck_arena *arena, struct ck_spec *spec, const json_t *list,
		  bool add)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));

		if (!varies(name))
			ck_spec_name(arena, spec, name, add);
	}
}

/* Kubernetes compares byte by byte: "all" drops nothing, and CAP_KILL is not KILL. */
static void exact_names(struct ck_arena *arena, struct ck_spec *spec, const json_t *list,
			bool add)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));
		int cap = ck_cap_number(name, strlen(name));

		if (!strcmp(name, "ALL") ||
		    (cap >= 0 && cap < CK_CAPS_KNOWN &&
		     !strcmp(ck_cap_name((unsigned int)cap), name)))
			ck_spec_name(arena, spec, name, add);
		else
			ck_strings_add(arena, add ? &spec->unknown : &spec->unknown_drop,
				       ck_format(arena, "%s", name));
	}
}

bool ck_go_bool(struct ck_malformed *malformed, const char *key, const char *value)
{
	static const char *const yes[] = { "1", "t", "T", "true", "TRUE", "True", NULL };
	static const char *const no[] = {
		"0", "f", "F", "false", "FALSE", "False", NULL
	};

	if (!ck_is_one_of(value, yes) && !ck_is_one_of(value, no))
		ck_malformed_add(malformed, key, "true or false");
	return ck_is_one_of(value, yes);
}

/* What compose puts in there, nobody knows here. */
static bool is_on(struct ck_spec *spec, const char *value)
{
	return !(spec->interpolated && varies(value)) &&
	       ck_go_bool(&spec->malformed, "no-new-privileges", value);
}

bool ck_spec_option(struct ck_spec *spec, const char *option)
{
	size_t length = strcspn(option, ":=");
	const char *value = option[length] ? option + length + 1 : "";

	if (length == 17 && !strncmp(option, "no-new-privileges", 17))
		spec->no_new_privs =
			!option[length] || is_on(spec, value) ? CK_YES : CK_NO;
	else if (length == 7 && !strncmp(option, "seccomp", 7))
		spec->seccomp = value;
	else if (length == 8 && !strncmp(option, "apparmor", 8))
		spec->apparmor = value;
	else
		return false;
	return true;
}

static void options(struct ck_spec *spec, const json_t *list)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		(void)ck_spec_option(spec, json_string_value(json_array_get(list, i)));
}

/* "USER:GROUP" as docker has it; numbers of compose may be numbers of YAML. */
static void user(struct ck_arena *arena, struct ck_spec *spec, const json_t *value)
{
	const char *text = json_string_value(value);

	if (json_is_integer(value))
		text = ck_format(arena, "%lld", (long long)json_integer_value(value));
	if (text && *text)
		ck_spec_user(arena, spec, text);
}

static void groups(struct ck_arena *arena, struct ck_spec *spec, const json_t *list)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);

		if (json_is_integer(one))
			ck_strings_add(arena, &spec->groups,
				       ck_format(arena, "%lld",
						 (long long)json_integer_value(one)));
		else if (json_is_string(one))
			ck_strings_add(arena, &spec->groups,
				       ck_format(arena, "%s", json_string_value(one)));
	}
}

static bool is_host(const json_t *object, const char *key)
{
	const char *mode = ck_json_string(object, key);

	return mode && !strcmp(mode, "host");
}

/* podman has the same shape, another default, and says what came of it. */
static void podman(struct ck_spec *spec, const json_t *container)
{
	const json_t *list = json_object_get(container, "BoundingCaps");
	size_t i;

	if (!list && !json_object_get(container, "OCIRuntime"))
		return;
	spec->base = CK_PODMAN_DEFAULT;
	spec->bounding_stated = json_is_array(list);
	for (i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));
		int cap = name ? ck_cap_number(name, strlen(name)) : -1;

		if (cap >= 0)
			spec->bounding |= CK_CAP(cap);
	}
}

bool ck_spec_docker(struct ck_arena *arena, const json_t *container, struct ck_spec *ret)
{
	const json_t *host = json_object_get(container, "HostConfig");
	const json_t *config = json_object_get(container, "Config");
	const json_t *state = json_object_get(container, "State");
	const char *name = ck_json_string(container, "Name"),
		   *id = ck_json_string(container, "Id");
	struct ck_spec spec = { .kind = "container",
				.base = CK_DOCKER_DEFAULT,
				.malformed.arena = arena };
	json_int_t pid = json_integer_value(json_object_get(state, "Pid"));

	if (!json_is_object(host) || !json_is_object(config))
		return false;
	spec.name = name && *name == '/' ? name + 1 : name ? name : id ? id : "unnamed";
	spec.name = ck_format(arena, "%s", spec.name);
	spec.id = id ? ck_format(arena, "%s", id) : NULL;
	spec.pid = ck_json_true(state, "Running") && pid > 0 && pid <= INT32_MAX ?
			   (pid_t)pid :
			   0;
	spec.engine_init = ck_json_true(host, "Init");
	spec.path = ck_json_string(container, "Path");
	spec.path = spec.path ? ck_format(arena, "%s", spec.path) : NULL;
	spec.privileged = ck_bool_of(&spec.malformed, host, "Privileged");
	names(arena, &spec, ck_member(&spec.malformed, host, "CapAdd", CK_TYPE_WORDS),
	      true);
	names(arena, &spec, ck_member(&spec.malformed, host, "CapDrop", CK_TYPE_WORDS),
	      false);
	podman(&spec, container);
	options(&spec, ck_member(&spec.malformed, host, "SecurityOpt", CK_TYPE_WORDS));
	user(arena, &spec, ck_member(&spec.malformed, config, "User", CK_TYPE_ID));
	groups(arena, &spec, ck_member(&spec.malformed, host, "GroupAdd", CK_TYPE_IDS));
	spec.host_pid = is_host(host, "PidMode");
	spec.host_network = is_host(host, "NetworkMode");
	spec.host_ipc = is_host(host, "IpcMode");
	*ret = spec;
	return true;
}

/* Compose takes these texts for booleans, and starts nothing with another; what is
 * interpolated only it can know. */
static bool is_set(struct ck_spec *spec, const json_t *service, const char *key)
{
	static const char *const words[] = { "true",  "yes", "on",  "y",
					     "false", "no",  "off", "n" };
	const char *text = ck_json_string(service, key);
	size_t i;

	if (!text)
		return ck_bool_of(&spec->malformed, service, key);
	if (varies(text))
		return true;
	for (i = 0; i < CK_ARRAY_SIZE(words); i++)
		if (!strcasecmp(text, words[i]))
			return i < CK_ARRAY_SIZE(words) / 2;
	ck_malformed_add(&spec->malformed, key, "true or false");
	return false;
}

static bool any_varies(const json_t *value)
{
	bool found = json_is_string(value) && varies(json_string_value(value));
	size_t i;

	for (i = 0; i < json_array_size(value); i++)
		found = found || any_varies(json_array_get(value, i));
	return found;
}

/* Only what decides of no_new_privs and seccomp counts, or may turn out to be that. */
static void options_vary(struct ck_spec *spec, const json_t *list)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const char *option = json_string_value(json_array_get(list, i));
		bool any = option && strcspn(option, "$") < strcspn(option, ":=");

		if (!option || !varies(option))
			continue;
		if (any || !strncmp(option, "no-new-privileges", 17))
			spec->privs_vary = true;
		if (any || !strncmp(option, "seccomp", 7))
			spec->seccomp_varies = true;
	}
}

static void interpolation(struct ck_spec *spec, const json_t *service)
{
	spec->user_varies = any_varies(json_object_get(service, "user"));
	spec->caps_vary = any_varies(json_object_get(service, "cap_add")) ||
			  any_varies(json_object_get(service, "cap_drop"));
	options_vary(spec, json_object_get(service, "security_opt"));
}

void ck_spec_compose(struct ck_arena *arena, const char *name, const json_t *service,
		     struct ck_spec *ret)
{
	struct ck_spec spec = { .kind = "service",
				.base = CK_DOCKER_DEFAULT,
				.interpolated = true,
				.malformed.arena = arena };

	spec.name = ck_format(arena, "%s", name);
	spec.privileged = is_set(&spec, service, "privileged");
	names(arena, &spec, ck_member(&spec.malformed, service, "cap_add", CK_TYPE_WORDS),
	      true);
	names(arena, &spec,
	      ck_member(&spec.malformed, service, "cap_drop", CK_TYPE_WORDS), false);
	options(&spec,
		ck_member(&spec.malformed, service, "security_opt", CK_TYPE_WORDS));
	interpolation(&spec, service);
	user(arena, &spec, ck_member(&spec.malformed, service, "user", CK_TYPE_ID));
	groups(arena, &spec,
	       ck_member(&spec.malformed, service, "group_add", CK_TYPE_IDS));
	spec.host_pid = is_host(service, "pid");
	spec.host_network = is_host(service, "network_mode");
	spec.host_ipc = is_host(service, "ipc");
	*ret = spec;
}

static const char *profile_of(const json_t *context, const char *key)
{
	const json_t *profile = json_object_get(context, key);
	const char *type = ck_json_string(profile, "type");

	if (!type)
		return NULL;
	if (!strcmp(type, "Unconfined"))
		return "unconfined";
	return !strcmp(type, "Localhost") ? ck_json_string(profile, "localhostProfile") :
					    NULL;
}

static bool is_absent(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return !value || json_is_null(value);
}

/* The container's own setting before the pod's. */
static const json_t *setting(const json_t *pod, const json_t *own, const char *key)
{
	return json_object_get(is_absent(own, key) ? pod : own, key);
}

/* The securityContext of a pod or a container, in which objects are objects. */
static const json_t *context_of(struct ck_malformed *malformed, const json_t *object)
{
	static const char *const keys[] = { "seccompProfile", "appArmorProfile",
					    "seLinuxOptions", "windowsOptions" };
	const json_t *context =
		ck_member(malformed, object, "securityContext", CK_TYPE_MAPPING);
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(keys); i++)
		(void)ck_member(malformed, context, keys[i], CK_TYPE_MAPPING);
	return context;
}

static const char *number(struct ck_arena *arena, const json_t *value)
{
	if (!json_is_integer(value))
		return NULL;
	return ck_format(arena, "%lld", (long long)json_integer_value(value));
}

void ck_spec_pod(struct ck_arena *arena, const json_t *pod_spec, const json_t *container,
		 struct ck_spec *ret)
{
	struct ck_spec spec = { .kind = "container",
				.base = CK_DOCKER_DEFAULT,
				.malformed.arena = arena };
	struct ck_malformed *bad = &spec.malformed;
	const json_t *pod = context_of(bad, pod_spec);
	const json_t *own = context_of(bad, container);
	const json_t *caps = ck_member(bad, own, "capabilities", CK_TYPE_MAPPING);
	const char *name = ck_json_string(container, "name");

	spec.name = ck_format(arena, "%s", name ? name : "unnamed");
	spec.privileged = ck_bool_of(bad, own, "privileged");
	exact_names(arena, &spec, ck_member(&spec.malformed, caps, "add", CK_TYPE_WORDS),
		    true);
	exact_names(arena, &spec, ck_member(&spec.malformed, caps, "drop", CK_TYPE_WORDS),
		    false);
	if (!is_absent(own, "allowPrivilegeEscalation"))
		spec.no_new_privs =
			ck_bool_of(bad, own, "allowPrivilegeEscalation") ? CK_NO : CK_YES;
	spec.user = number(arena, setting(pod, own, "runAsUser"));
	spec.group = number(arena, setting(pod, own, "runAsGroup"));
	spec.non_root = ck_bool_of(bad, is_absent(own, "runAsNonRoot") ? pod : own,
				   "runAsNonRoot");
	groups(arena, &spec,
	       ck_member(&spec.malformed, pod, "supplementalGroups", CK_TYPE_IDS));
	spec.seccomp = profile_of(is_absent(own, "seccompProfile") ? pod : own,
				  "seccompProfile");
	spec.host_pid = ck_bool_of(bad, pod_spec, "hostPID");
	spec.host_network = ck_bool_of(bad, pod_spec, "hostNetwork");
	spec.host_ipc = ck_bool_of(bad, pod_spec, "hostIPC");
	*ret = spec;
}

static const json_t *at(const json_t *object, const char *const *path)
{
	for (; *path; path++)
		object = json_object_get(object, *path);
	return object;
}

static size_t place_of(const char *kind)
{
	static const struct {
		const char *kind;
		size_t place;
	} rows[] = { { "Pod", 0 }, { "CronJob", 2 }, { "PodTemplate", 3 } };
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(rows); i++)
		if (!strcmp(rows[i].kind, kind))
			return rows[i].place;
	return 1;
}

bool ck_pod_next(const json_t *object, size_t *place, struct ck_pod *ret)
{
	/* Where the metadata and the spec of a pod stand. */
	static const char *const places[][5] = {
		{ NULL },		      /* Pod */
		{ "spec", "template", NULL }, /* Deployment, Job and their like */
		{ "spec", "jobTemplate", "spec", "template" }, /* CronJob */
		{ "template", NULL },			       /* PodTemplate */
	};
	const json_t *metadata = json_object_get(object, "metadata");
	struct ck_pod pod = { .kind = ck_json_string(object, "kind") };

	while (*place < CK_ARRAY_SIZE(places)) {
		size_t here = (*place)++;
		const json_t *template = at(object, places[here]);

		if (pod.kind && here != place_of(pod.kind))
			continue;
		pod.spec = json_object_get(template, "spec");
		if (!json_is_array(json_object_get(pod.spec, "containers")))
			continue;
		pod.metadata = json_object_get(template, "metadata");
		pod.name = ck_json_string(metadata, "name");
		if (!pod.name)
			pod.name = ck_json_string(metadata, "generateName");
		pod.namespace_ = ck_json_string(metadata, "namespace");
		*ret = pod;
		return true;
	}
	return false;
}
