/* SPDX-License-Identifier: MIT */
/* The workload's environment: what stays, goes, follows the user, is set. */
#include <string.h>

#include "capkeep.h"

#define PATTERN_REST '*'

struct builder {
	struct ck_arena *arena;
	struct ck_strings env;
};

static size_t name_length(const char *variable)
{
	return strcspn(variable, "=");
}

static bool matches(const char *variable, const struct ck_strings *patterns)
{
	size_t length = name_length(variable), i;

	for (i = 0; i < patterns->count; i++) {
		const char *pattern = patterns->list[i];
		size_t n = strlen(pattern);

		if (n && pattern[n - 1] == PATTERN_REST) {
			if (length >= n - 1 && !strncmp(variable, pattern, n - 1))
				return true;
		} else if (n == length && !strncmp(variable, pattern, n)) {
			return true;
		}
	}
	return false;
}

static void remove_name(struct ck_strings *env, const char *name, size_t length)
{
	size_t i, kept = 0;

	for (i = 0; i < env->count; i++)
		if (name_length(env->list[i]) != length ||
		    strncmp(env->list[i], name, length))
			env->list[kept++] = env->list[i];
	env->count = kept;
}

/* variable is NAME=value. */
static void assign(struct builder *b, const char *variable)
{
	remove_name(&b->env, variable, name_length(variable));
	ck_strings_add(b->arena, &b->env, variable);
}

static bool is_shell(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	return strcmp(name, "nologin") != 0 && strcmp(name, "false") != 0;
}

/* As login(1) would: whoever looks at HOME must not land in the former user's. */
static void follow_user(struct builder *b, const struct ck_identity *id)
{
	const char *home = id->home && *id->home ? id->home : "/";
	const char *shell = id->shell && *id->shell ? id->shell : "/bin/sh";

	assign(b, ck_join(b->arena, "HOME=", home, ""));
	remove_name(&b->env, "USER", strlen("USER"));
	remove_name(&b->env, "LOGNAME", strlen("LOGNAME"));
	if (!id->user_name)
		return;
	assign(b, ck_join(b->arena, "USER=", id->user_name, ""));
	assign(b, ck_join(b->arena, "LOGNAME=", id->user_name, ""));
	if (is_shell(shell))
		assign(b, ck_join(b->arena, "SHELL=", shell, ""));
}

char **ck_environ_build(struct ck_arena *arena, const struct ck_profile *profile,
			const struct ck_identity *identity, bool uid_changes,
			char *const *envp)
{
	struct builder b = { .arena = arena };
	char **result;
	size_t i, kept;

	for (; *envp; envp++)
		if (!profile->env_clear || matches(*envp, &profile->env_keep))
			ck_strings_add(arena, &b.env, *envp);
	if (uid_changes)
		follow_user(&b, identity);
	for (i = 0, kept = 0; i < b.env.count; i++)
		if (!matches(b.env.list[i], &profile->env_unset))
			b.env.list[kept++] = b.env.list[i];
	b.env.count = kept;
	for (i = 0; i < profile->env_set.count; i++)
		assign(&b, profile->env_set.list[i]);
	result = ck_alloc_array(arena, b.env.count + 1, sizeof(*result));
	for (i = 0; i < b.env.count; i++)
		result[i] =
			(char *)(uintptr_t)b.env.list[i]; /* execve(2) takes no const */
	return result;
}

const char *ck_environ_get(char *const *envp, const char *name)
{
	size_t length = strlen(name);

	for (; *envp; envp++)
		if (!strncmp(*envp, name, length) && (*envp)[length] == '=')
			return *envp + length + 1;
	return NULL;
}
