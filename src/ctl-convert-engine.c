/* SPDX-License-Identifier: MIT */
/* Writers for container engines: docker and podman flags, compose, Kubernetes, the image
 * label. */
#include <stdlib.h>
#include <string.h>

#include "ctl-convert.h"

static const char *json_quote(struct ck_arena *arena, const char *text)
{
	json_t *value = ck_json_text(text);
	char *dump = json_dumps(value, JSON_ENCODE_ANY), *copy;

	if (!dump)
		ck_ctl_out_of_memory();
	copy = ck_format(arena, "%s", dump);
	free(dump);
	json_decref(value);
	return copy;
}

const char *ck_limit_text(struct ck_arena *arena, rlim_t value, const char *infinity)
{
	return value == RLIM_INFINITY ?
		       infinity :
		       ck_format(arena, "%llu", (unsigned long long)value);
}

/* Compose and the variables of pods expand what follows a $, and take $$ for one. */
static const char *doubled(struct ck_arena *arena, const char *text)
{
	char *copy = ck_alloc(arena, strlen(text) * 2 + 1), *out = copy;

	for (; *text; text++) {
		if (*text == '$')
			*out++ = '$';
		*out++ = *text;
	}
	*out = '\0';
	return copy;
}

static const char *user_text(struct ck_convert *convert)
{
	const struct ck_profile *profile = &convert->profile;

	if (!profile->group)
		return profile->user;
	return ck_join(convert->ctl->arena, profile->user, ":", profile->group);
}

/* What no engine can say. */
static void note_unsaid(struct ck_convert *convert, bool podman)
{
	const struct ck_profile *profile = &convert->profile;

	if (profile->group && !profile->user)
		ck_note(convert, "group = %s without a user cannot be said",
			profile->group);
	if (profile->securebits.on || profile->securebits.off)
		ck_note(convert, "securebits cannot be said");
	if (profile->umask >= 0 && !podman)
		ck_note(convert, "umask = %04o cannot be said",
			(unsigned int)profile->umask);
	if (profile->parent_death_signal)
		ck_note(convert, "parent-death-signal cannot be said");
	if (profile->ambient == CK_YES && !ck_becomes_user(convert))
		ck_note(convert, "ambient = yes cannot be said");
	if (profile->groups.kind == CK_GROUPS_NONE && profile->user &&
	    !ck_is_digits(profile->user, strlen(profile->user)))
		ck_note(convert,
			"groups = none: the engine takes the user's groups of the image");
}

static void note_engine(struct ck_convert *convert, bool podman)
{
	const struct ck_profile *profile = &convert->profile;

	/* podman raises what is added by name, for a user too. */
	if (!podman && ck_becomes_user(convert) && profile->keep.mask)
		ck_note(convert,
			"the engine raises no ambient set: as user %s the program would "
			"hold "
			"nothing of %s; let capkeep change the user inside (grant SETUID "
			"SETGID "
			"SETPCAP too)",
			profile->user,
			ck_cap_text(convert->ctl->arena, profile->keep.mask));
	note_unsaid(convert, podman);
}

static void flag(struct ck_convert *convert, const char *name, const char *value)
{
	ck_emit(convert, " \\\n\t%s %s", name,
		ck_shell_quote(convert->ctl->arena, value));
}

static void limit_flags(struct ck_convert *convert)
{
	struct ck_arena *arena = convert->ctl->arena;
	size_t i;

	for (i = 0; i < CK_LIMITS; i++) {
		const struct ck_limit *limit = &convert->profile.limits[i];

		if (!limit->stated)
			continue;
		if (i == RLIMIT_AS)
			ck_note(convert, "the limit as cannot be said");
		else
			flag(convert, "--ulimit",
			     ck_format(
				     arena, "%s=%s:%s", ck_limit_names[i],
				     ck_limit_text(arena, limit->value.rlim_cur, "-1"),
				     ck_limit_text(arena, limit->value.rlim_max, "-1")));
	}
}

static void cap_flags(struct ck_convert *convert)
{
	unsigned int cap;

	flag(convert, "--cap-drop", "ALL");
	for (cap = 0; cap < CK_CAP_BITS; cap++)
		if (convert->profile.keep.mask & CK_CAP(cap))
			flag(convert, "--cap-add",
			     ck_cap_label(convert->ctl->arena, cap));
}

static void flags(struct ck_convert *convert, const char *program)
{
	const struct ck_profile *profile = &convert->profile;
	bool podman = !strcmp(program, "podman");
	size_t i;

	note_engine(convert, podman);
	ck_emit(convert, "%s run", program);
	cap_flags(convert);
	if (profile->no_new_privs)
		flag(convert, "--security-opt", "no-new-privileges");
	if (profile->user)
		flag(convert, "--user", user_text(convert));
	for (i = 0; i < profile->groups.list.count; i++)
		flag(convert, "--group-add", profile->groups.list.list[i]);
	if (profile->working_directory)
		flag(convert, "--workdir", profile->working_directory);
	if (profile->umask >= 0 && podman)
		flag(convert, "--umask",
		     ck_format(convert->ctl->arena, "%04o",
			       (unsigned int)profile->umask));
	for (i = 0; i < profile->env_set.count; i++)
		flag(convert, "--env", profile->env_set.list[i]);
	for (i = 0; i < profile->env_unset.count; i++)
		if (podman)
			flag(convert, "--unsetenv", profile->env_unset.list[i]);
		else
			ck_note(convert, "unset = %s cannot be said",
				profile->env_unset.list[i]);
	limit_flags(convert);
	ck_emit(convert, " \\\n\tIMAGE\n");
}

void ck_write_docker(struct ck_convert *convert)
{
	flags(convert, "docker");
}

void ck_write_podman(struct ck_convert *convert)
{
	flags(convert, "podman");
}

static const char *quoted_list(struct ck_arena *arena, const struct ck_strings *strings)
{
	struct ck_text text = { .bytes = NULL };
	size_t i;

	for (i = 0; i < strings->count; i++)
		ck_text_add(arena, &text, "%s%s", i ? ", " : "",
			    json_quote(arena, doubled(arena, strings->list[i])));
	return ck_text_bytes(&text);
}

static void compose_limits(struct ck_convert *convert)
{
	struct ck_arena *arena = convert->ctl->arena;
	bool begun = false;
	size_t i;

	for (i = 0; i < CK_LIMITS; i++) {
		const struct ck_limit *limit = &convert->profile.limits[i];

		if (!limit->stated)
			continue;
		if (i == RLIMIT_AS) {
			ck_note(convert, "the limit as cannot be said");
			continue;
		}
		ck_emit(convert, "%s      %s: {soft: %s, hard: %s}\n",
			begun ? "" : "    ulimits:\n", ck_limit_names[i],
			ck_limit_text(arena, limit->value.rlim_cur, "-1"),
			ck_limit_text(arena, limit->value.rlim_max, "-1"));
		begun = true;
	}
}

void ck_write_compose(struct ck_convert *convert)
{
	const struct ck_profile *profile = &convert->profile;
	struct ck_arena *arena = convert->ctl->arena;
	size_t i;

	note_engine(convert, false);
	ck_emit(convert, "services:\n  %s:\n    cap_drop: [ALL]\n",
		json_quote(arena, convert->name));
	if (profile->keep.mask)
		ck_emit(convert, "    cap_add: [%s]\n",
			ck_cap_list(arena, profile->keep.mask, "", ", ", false));
	if (profile->no_new_privs)
		ck_emit(convert, "    security_opt: [\"no-new-privileges:true\"]\n");
	if (profile->user)
		ck_emit(convert, "    user: %s\n",
			json_quote(arena, doubled(arena, user_text(convert))));
	if (profile->groups.list.count)
		ck_emit(convert, "    group_add: [%s]\n",
			quoted_list(arena, &profile->groups.list));
	if (profile->working_directory)
		ck_emit(convert, "    working_dir: %s\n",
			json_quote(arena, doubled(arena, profile->working_directory)));
	if (profile->env_set.count)
		ck_emit(convert, "    environment: [%s]\n",
			quoted_list(arena, &profile->env_set));
	for (i = 0; i < profile->env_unset.count; i++)
		ck_note(convert, "unset = %s cannot be said", profile->env_unset.list[i]);
	compose_limits(convert);
}

static void kube_user(struct ck_convert *convert)
{
	const struct ck_identity *id = &convert->identity;

	if (!convert->profile.user)
		return;
	if (!convert->numbers) {
		ck_note(convert,
			"user = %s: runAsUser wants a number, and /etc/passwd here does "
			"not "
			"have that user",
			convert->profile.user);
		return;
	}
	ck_emit(convert,
		"        runAsUser: %u\n        runAsGroup: %u\n        runAsNonRoot: "
		"%s\n",
		id->uid, id->gid, id->uid ? "true" : "false");
}

static void kube_groups(struct ck_convert *convert)
{
	const struct ck_identity *id = &convert->identity;
	bool begun = false;
	size_t i;

	for (i = 0; convert->numbers && i < id->ngroups; i++) {
		if (id->groups[i] == id->gid)
			continue;
		ck_emit(convert, "%s%u",
			begun ? ", " :
				"  securityContext:\n"
				"    supplementalGroups: [",
			id->groups[i]);
		begun = true;
	}
	if (begun)
		ck_emit(convert, "]\n");
	if (convert->profile.groups.list.count && !convert->numbers)
		ck_note(convert,
			"groups cannot be said: supplementalGroups wants numbers, which are "
			"looked up together with a user");
}

static void kube_environment(struct ck_convert *convert)
{
	const struct ck_profile *profile = &convert->profile;
	struct ck_arena *arena = convert->ctl->arena;
	size_t i;

	if (profile->env_set.count)
		ck_emit(convert, "      env:\n");
	for (i = 0; i < profile->env_set.count; i++) {
		const char *one = profile->env_set.list[i];
		size_t length = strcspn(one, "=");

		ck_emit(convert, "        - {name: %s, value: %s}\n",
			json_quote(arena, ck_strndup(arena, one, length)),
			json_quote(arena, doubled(arena, one + length + 1)));
	}
	for (i = 0; i < profile->env_unset.count; i++)
		ck_note(convert, "unset = %s cannot be said", profile->env_unset.list[i]);
	for (i = 0; i < CK_LIMITS; i++)
		if (profile->limits[i].stated)
			ck_note(convert, "the limit %s cannot be said in a pod",
				ck_limit_names[i]);
}

void ck_write_kubernetes(struct ck_convert *convert)
{
	const struct ck_profile *profile = &convert->profile;
	struct ck_arena *arena = convert->ctl->arena;

	note_engine(convert, false);
	ck_emit(convert, "apiVersion: v1\nkind: Pod\nmetadata:\n  name: %s\nspec:\n",
		json_quote(arena, convert->name));
	kube_groups(convert);
	ck_emit(convert,
		"  containers:\n    - name: %s\n      image: IMAGE\n"
		"      securityContext:\n        allowPrivilegeEscalation: %s\n"
		"        capabilities:\n          drop: [ALL]\n",
		json_quote(arena, convert->name),
		profile->no_new_privs ? "false" : "true");
	if (profile->keep.mask)
		ck_emit(convert, "          add: [%s]\n",
			ck_cap_list(arena, profile->keep.mask, "", ", ", false));
	kube_user(convert);
	if (profile->working_directory)
		ck_emit(convert, "      workingDir: %s\n",
			json_quote(arena, profile->working_directory));
	kube_environment(convert);
}

/* NAME="value" of a Dockerfile: these three are special within the quotes. */
static const char *label_value(struct ck_arena *arena, const char *text)
{
	char *copy = ck_alloc(arena, strlen(text) * 2 + 3), *out = copy;

	*out++ = '"';
	for (; *text; text++) {
		if (strchr("\"\\$", *text))
			*out++ = '\\';
		*out++ = *text;
	}
	*out++ = '"';
	*out = '\0';
	return copy;
}

static void label_process(struct ck_convert *convert)
{
	const struct ck_profile *profile = &convert->profile;
	struct ck_arena *arena = convert->ctl->arena;
	const char *directory = profile->working_directory;
	size_t i;

	if (profile->user && strpbrk(user_text(convert), "$\\\" '"))
		ck_note(convert, "user = %s cannot be said, since USER is expanded",
			profile->user);
	else if (profile->user)
		ck_emit(convert, "USER %s\n", user_text(convert));
	if (directory && strpbrk(directory, "$\\\" '"))
		ck_note(convert,
			"working-directory = %s cannot be said, since WORKDIR is expanded",
			directory);
	else if (directory)
		ck_emit(convert, "WORKDIR %s\n", directory);
	for (i = 0; i < profile->env_set.count; i++) {
		const char *one = profile->env_set.list[i];
		const int length = (int)strcspn(one, "=");

		ck_emit(convert, "ENV %.*s=%s\n", length, one,
			label_value(arena, one + length + 1));
	}
	for (i = 0; i < profile->env_unset.count; i++)
		ck_note(convert, "unset = %s cannot be said", profile->env_unset.list[i]);
}

static void note_label(struct ck_convert *convert)
{
	const struct ck_profile *profile = &convert->profile;
	size_t i;

	if (ck_becomes_user(convert) && profile->keep.mask)
		ck_note(convert,
			"a label raises no ambient set: as user %s the program would hold "
			"nothing of it; add it by --cap-add",
			profile->user);
	note_unsaid(convert, false);
	for (i = 0; i < profile->groups.list.count; i++)
		ck_note(convert, "the group %s cannot be said in an image",
			profile->groups.list.list[i]);
	for (i = 0; i < CK_LIMITS; i++)
		if (profile->limits[i].stated)
			ck_note(convert, "the limit %s cannot be said in an image",
				ck_limit_names[i]);
	ck_note(convert, "only podman reads the label; docker gives its own default");
	if (profile->no_new_privs)
		ck_note(convert, "no-new-privs = yes cannot be said in an image");
}

void ck_write_label(struct ck_convert *convert)
{
	const struct ck_profile *profile = &convert->profile;
	struct ck_arena *arena = convert->ctl->arena;

	if (profile->keep.mask)
		ck_emit(convert, "LABEL io.containers.capabilities=%s\n",
			json_quote(arena, ck_cap_list(arena, profile->keep.mask, "CAP_",
						      ",", false)));
	else /* podman refuses an empty one */
		ck_note(convert,
			"keep = none cannot be said by a label; run it with --cap-drop ALL");
	label_process(convert);
	note_label(convert);
}
