/* SPDX-License-Identifier: MIT */
/* Readers of JSON and YAML: docker inspect, compose, Kubernetes. */
#include <ctype.h>
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

void ck_needs_malformed(struct ck_convert *convert, const struct ck_malformed *malformed)
{
	size_t i;

	for (i = 0; i < malformed->list.count; i++)
		convert->status =
			ck_ctl_fail(convert->ctl, CK_CTL_FAILED, convert->file, "%s%s%s",
				    convert->name ? convert->name : "",
				    convert->name ? ": " : "", malformed->list.list[i]);
}

/* What bears on privilege and has no place in a profile. */
static void note_rest(struct ck_convert *convert, const struct ck_spec *spec)
{
	const struct {
		bool shared;
		const char *name;
	} rows[] = { { spec->host_pid, "process" },
		     { spec->host_network, "network" },
		     { spec->host_ipc, "IPC" } };
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(rows); i++)
		if (rows[i].shared)
			ck_note(convert,
				"it shares the host's %s namespace; that is not taken over",
				rows[i].name);
	if (spec->seccomp && strcmp(spec->seccomp, "unconfined") != 0 &&
	    strcmp(spec->seccomp, "builtin") != 0)
		ck_note(convert,
			"its own seccomp profile is not taken over; convert it by itself");
	if (spec->apparmor)
		ck_note(convert, "apparmor=%s is not taken over", spec->apparmor);
	if (spec->non_root && !spec->user)
		ck_note(convert,
			"runAsNonRoot is set without runAsUser: the image decides who it "
			"is; add user =");
	if (spec->caps_vary)
		ck_note(convert, "capabilities are decided by interpolation; left out");
	if (spec->privs_vary || spec->seccomp_varies)
		ck_note(convert, "security_opt is decided by interpolation; left out");
}

void ck_needs_spec(struct ck_convert *convert, const struct ck_spec *spec)
{
	struct ck_needs *needs = &convert->needs;
	size_t i;

	ck_needs_malformed(convert, &spec->malformed);
	needs->keep = ck_spec_caps(spec, CK_EVERY);
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
	note_rest(convert, spec);
	/* A user's program holds nothing there, since engines raise no ambient set; what
	 * was added by name is taken for what it is meant to have. */
	if (!spec->user || ck_is_root_word(spec->user) ||
	    (spec->drop_all && !spec->add_all && !spec->privileged))
		return;
	needs->keep = spec->add;
	ck_note(convert,
		"as user %s the program holds none of %s: only what is added by name is "
		"kept",
		spec->user,
		spec->privileged || spec->add_all ? "the capabilities" :
						    "the engine's default capabilities");
}

/* A number, also as a text; NULL where it is none. */
static const char *limit_text(struct ck_convert *convert, const json_t *value)
{
	const char *text = json_string_value(value);

	if (json_is_integer(value) && json_integer_value(value) < 0)
		return "unlimited";
	if (json_is_integer(value))
		return ck_format(convert->ctl->arena, "%lld",
				 (long long)json_integer_value(value));
	if (text && !strcmp(text, "-1"))
		return "unlimited";
	return text && ck_is_digits(text, strlen(text)) ? copy(convert, text) : NULL;
}

static void limit(struct ck_convert *convert, const char *name, const json_t *soft,
		  const json_t *hard)
{
	const char *low = limit_text(convert, soft), *high = limit_text(convert, hard);

	if (!low || !high)
		ck_note(convert, "the limit %s is no number; left out", name);
	else if (!ck_needs_limit(convert, name,
				 ck_join(convert->ctl->arena, low, ":", high)))
		ck_note(convert, "the limit %s is not known; left out", name);
}

void ck_needs_limits(struct ck_convert *convert, const json_t *object, const char *key,
		     const char *const keys[3])
{
	struct ck_malformed bad = { .arena = convert->ctl->arena };
	const json_t *list = ck_member(&bad, object, key, CK_TYPE_MAPPINGS);
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		const char *name = ck_json_string(one, keys[0]);

		if (name && !strncmp(name, "RLIMIT_", 7))
			name += 7;
		limit(convert, name ? name : "?", json_object_get(one, keys[1]),
		      json_object_get(one, keys[2]));
	}
	ck_needs_malformed(convert, &bad);
}

/* environment: a list of NAME=value, or a mapping. */
void ck_needs_environment(struct ck_convert *convert, const json_t *object,
			  const char *key)
{
	struct ck_malformed bad = { .arena = convert->ctl->arena };
	json_t *value = json_object_get(object, key);
	struct ck_arena *arena = convert->ctl->arena;
	struct ck_strings *set = &convert->needs.env_set;
	const char *name;
	json_t *one;
	size_t i;

	if (value && !json_is_null(value) && !json_is_array(value) &&
	    !json_is_object(value))
		ck_malformed_add(&bad, key, "a list or a mapping");
	ck_needs_malformed(convert, &bad);
	json_array_foreach(value, i, one)
	{
		const char *text = json_string_value(one);

		if (text && strchr(text, '='))
			ck_strings_add(arena, set, ck_format(arena, "%s", text));
		else
			ck_note(convert, "%s has no value; left out", text ? text : "?");
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

static int take_docker(void *arg, json_t *item)
{
	struct ck_convert *convert = arg;
	static const char *const keys[] = { "Name", "Soft", "Hard" };
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
	ck_needs_environment(convert, json_object_get(item, "Config"), "Env");
	ck_needs_limits(convert, host, "Ulimits", keys);
	return convert->status;
}

static void compose_limits(struct ck_convert *convert, const json_t *service)
{
	struct ck_malformed bad = { .arena = convert->ctl->arena };
	const json_t *value = ck_member(&bad, service, "ulimits", CK_TYPE_MAPPING);
	const char *name;
	json_t *one;

	ck_needs_malformed(convert, &bad);
	json_object_foreach((json_t *)(uintptr_t)value, name, one)
	{
		bool both = json_is_object(one);

		limit(convert, name, both ? json_object_get(one, "soft") : one,
		      both ? json_object_get(one, "hard") : one);
	}
}

/* Two operators are one that is meant; what else begins with one is expanded there: a
 * name of compose, $(NAME) of Kubernetes. NULL where something is. */
static const char *unfold(struct ck_arena *arena, const char *text, bool compose)
{
	char *plain = ck_format(arena, "%s", text), *out = plain;

	for (; *text; text++) {
		if (*text == '$' && text[1] == '$')
			text++;
		else if (*text == '$' &&
			 (compose ? isalpha((unsigned char)text[1]) ||
					    (text[1] && strchr("_{", text[1])) :
				    text[1] == '('))
			return NULL;
		*out++ = *text;
	}
	*out = '\0';
	return plain;
}

static void unfold_environment(struct ck_convert *convert, bool compose)
{
	struct ck_strings *set = &convert->needs.env_set;
	size_t i, kept = 0;

	for (i = 0; i < set->count; i++) {
		const char *one = unfold(convert->ctl->arena, set->list[i], compose);

		if (one)
			set->list[kept++] = one;
		else
			ck_note(convert, "%.*s is decided by interpolation; left out",
				(int)strcspn(set->list[i], "="), set->list[i]);
	}
	set->count = kept;
}

/* A user or group with a variable is none that the launcher finds: it refuses to start,
 * which is better than a guess. */
static void unfold_words(struct ck_convert *convert)
{
	struct ck_needs *needs = &convert->needs;
	const char **words[] = { &needs->user, &needs->group, &needs->working_directory };
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(words) + needs->groups.count; i++) {
		const char **word = i < CK_ARRAY_SIZE(words) ?
					    words[i] :
					    &needs->groups.list[i - CK_ARRAY_SIZE(words)];
		const char *plain =
			*word ? unfold(convert->ctl->arena, *word, true) : NULL;

		if (plain)
			*word = plain;
		else if (*word)
			ck_note(convert, "%s has a variable, which is not expanded",
				*word);
	}
}

static void note_keys(struct ck_convert *convert, const json_t *object,
		      const char *const *keys)
{
	for (; *keys; keys++) {
		const json_t *value = json_object_get(object, *keys);

		if (value && !json_is_null(value))
			ck_note(convert, "%s is not carried over", *keys);
	}
}

static int take_compose(void *arg, json_t *item)
{
	struct ck_convert *convert = arg;
	json_t *services = json_object_get(item, "services"), *service;
	static const char *const lost[] = { "env_file", "extends", NULL };
	struct ck_spec spec;
	const char *name;

	json_object_foreach(services, name, service)
	{
		const char *directory = ck_json_string(service, "working_dir");

		if (!is_wanted(convert, name))
			continue;
		if (!json_is_object(service))
			return ck_ctl_fail(convert->ctl, CK_CTL_FAILED, convert->file,
					   "%s has to be a mapping", name);
		ck_spec_compose(convert->ctl->arena, name, service, &spec);
		ck_needs_spec(convert, &spec);
		if (directory && *directory == '/')
			convert->needs.working_directory = copy(convert, directory);
		ck_needs_environment(convert, service, "environment");
		unfold_environment(convert, true);
		compose_limits(convert, service);
		note_keys(convert, service, lost);
		unfold_words(convert);
	}
	return convert->status;
}

static void kube_environment(struct ck_convert *convert, const json_t *container)
{
	struct ck_arena *arena = convert->ctl->arena;
	struct ck_malformed bad = { .arena = arena };
	const json_t *list = ck_member(&bad, container, "env", CK_TYPE_MAPPINGS);
	size_t i;

	ck_needs_malformed(convert, &bad);

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		const char *name = ck_json_string(one, "name"),
			   *value = ck_json_string(one, "value");

		if (name && value)
			ck_strings_add(arena, &convert->needs.env_set,
				       ck_format(arena, "%s=%s", name, value));
		else
			ck_note(convert,
				"the variable %s has no value that stands there; "
				"left out",
				name ? name : "?");
	}
	unfold_environment(convert, false);
}

/* Audit has controls for these, and says there what is wrong. */
static void kube_ids(struct ck_convert *convert, const json_t *context)
{
	static const char *const keys[] = { "runAsUser", "runAsGroup" };
	struct ck_malformed bad = { .arena = convert->ctl->arena };
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(keys); i++)
		(void)ck_member(&bad, context, keys[i], CK_TYPE_NUMBER);
	ck_needs_malformed(convert, &bad);
}

static void take_pod(struct ck_convert *convert, const struct ck_pod *pod)
{
	static const char *const lost[] = { "envFrom", NULL };
	static const char *const lost_of_pod[] = { "fsGroup", "sysctls", "seLinuxOptions",
						   "appArmorProfile", NULL };
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
		kube_environment(convert, container);
		kube_ids(convert, json_object_get(pod->spec, "securityContext"));
		kube_ids(convert, json_object_get(container, "securityContext"));
		note_keys(convert, container, lost);
		note_keys(convert, json_object_get(container, "securityContext"),
			  lost_of_pod);
		note_keys(convert, json_object_get(pod->spec, "securityContext"),
			  lost_of_pod);
	}
}

static int take_kubernetes(void *arg, json_t *item)
{
	struct ck_convert *convert = arg;
	struct ck_pod pod;
	size_t place = 0;

	while (ck_pod_next(item, &place, &pod))
		take_pod(convert, &pod);
	return convert->status;
}

static int read_items(struct ck_convert *convert, const struct ck_input *input,
		      int (*take)(void *arg, json_t *item))
{
	const struct ck_taker taker = { take, convert };

	convert->file = input->name;
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

int ck_read_docker(struct ck_convert *convert, const struct ck_input *input)
{
	return ck_input_is_json(input) ? read_items(convert, input, take_docker) :
					 ck_read_docker_flags(convert, input);
}
