/* SPDX-License-Identifier: MIT */
/*
 * ctl-seccomp-types.c - are the members of a seccomp profile in JSON what they have to
 * be? A number that is a string, or a list that is an object, would read as nothing, and
 * nothing may be more than what was meant: a rule without conditions. Reads no meaning.
 */
#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "ctl-seccomp.h"

struct checker {
	struct ck_arena *arena;
	struct ck_diags *diags, *notes;
	const char *where;
};

#define refuse(checker, ...) \
	(ck_diag_add((checker)->diags, (checker)->where, __VA_ARGS__), -EINVAL)

struct member {
	const char *key;
	json_type type, items; /* items: of an array */
};

static const struct member profile_members[] = {
	{ "defaultAction", JSON_STRING, JSON_NULL },
	{ "defaultErrnoRet", JSON_INTEGER, JSON_NULL },
	{ "defaultErrno", JSON_STRING, JSON_NULL },
	{ "architectures", JSON_ARRAY, JSON_STRING },
	{ "archMap", JSON_ARRAY, JSON_OBJECT },
	{ "flags", JSON_ARRAY, JSON_STRING },
	{ "syscalls", JSON_ARRAY, JSON_OBJECT },
};
static const struct member map_members[] = {
	{ "architecture", JSON_STRING, JSON_NULL },
	{ "subArchitectures", JSON_ARRAY, JSON_STRING },
};
static const struct member rule_members[] = {
	{ "name", JSON_STRING, JSON_NULL },	{ "names", JSON_ARRAY, JSON_STRING },
	{ "action", JSON_STRING, JSON_NULL },	{ "errnoRet", JSON_INTEGER, JSON_NULL },
	{ "errno", JSON_STRING, JSON_NULL },	{ "args", JSON_ARRAY, JSON_OBJECT },
	{ "includes", JSON_OBJECT, JSON_NULL }, { "excludes", JSON_OBJECT, JSON_NULL },
};
static const struct member condition_members[] = {
	{ "caps", JSON_ARRAY, JSON_STRING },
	{ "arches", JSON_ARRAY, JSON_STRING },
	{ "minKernel", JSON_STRING, JSON_NULL },
};
static const struct member arg_members[] = {
	{ "index", JSON_INTEGER, JSON_NULL },
	{ "value", JSON_INTEGER, JSON_NULL },
	{ "valueTwo", JSON_INTEGER, JSON_NULL },
	{ "op", JSON_STRING, JSON_NULL },
};

static int refuse_type(struct checker *checker, const char *what, const json_t *found,
		       json_type wanted)
{
	static const char *const types[] = {
		[JSON_OBJECT] = "an object",	 [JSON_ARRAY] = "a list",
		[JSON_STRING] = "a string",	 [JSON_INTEGER] = "a whole number",
		[JSON_REAL] = "a broken number", [JSON_TRUE] = "true",
		[JSON_FALSE] = "false",		 [JSON_NULL] = "null"
	};

	return refuse(checker, "%s is %s; it has to be %s", what,
		      types[json_typeof(found)], types[wanted]);
}

/* What is absent or null has no type, as the runtimes have it. */
static int check_member(struct checker *checker, const json_t *object,
			const struct member *member)
{
	const json_t *value = json_object_get(object, member->key), *item;
	const char *what = ck_format(checker->arena, "'%s'", member->key);
	size_t i;

	if (value == NULL || json_is_null(value))
		return 0;
	if (json_typeof(value) != member->type)
		return refuse_type(checker, what, value, member->type);
	json_array_foreach(value, i, item)
	{
		if (json_typeof(item) != member->items)
			return refuse_type(checker,
					   ck_format(checker->arena, "%s[%zu]", what, i),
					   item, member->items);
	}
	return 0;
}

/* As encoding/json of Go compares names: without case, which in Unicode are also the long
 * s and the sign of the kelvin. */
static bool is_folded(const char *key, const char *known)
{
	for (; *known != '\0'; known++) {
		size_t length = 1;

		if (strncmp(key, "\u017f", 2) == 0 && strchr("sS", *known) != NULL)
			length = 2;
		else if (strncmp(key, "\u212a", 3) == 0 && strchr("kK", *known) != NULL)
			length = 3;
		else if (strncasecmp(key, known, 1) != 0)
			return false;
		key += length;
	}
	return *key == '\0';
}

/* Is key known? -EINVAL: it is not, but a runtime takes it for known. */
static int match(struct checker *checker, const char *key, const char *known)
{
	if (strcmp(key, known) == 0)
		return 1;
	if (is_folded(key, known))
		return refuse(checker,
			      "'%s' is read by docker, podman and runc, which do not "
			      "look at case; write '%s'",
			      key, known);
	return 0;
}

/* Members without a meaning for the rules. */
static bool is_silent(const char *key)
{
	return strcmp(key, "comment") == 0 || strcmp(key, "listenerPath") == 0 ||
	       strcmp(key, "listenerMetadata") == 0;
}

static int check_keys(struct checker *checker, const json_t *object,
		      const struct member *members, size_t count)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		int known = 0;

		for (size_t i = 0; i < count && known == 0; i++)
			known = match(checker, key, members[i].key);
		if (known < 0)
			return known;
		if (known == 0 && !is_silent(key))
			ck_diag_add(checker->notes, checker->where,
				    "'%s' is no member that is known here; left out",
				    key);
	}
	return 0;
}

static int check_members(struct checker *checker, const json_t *object,
			 const struct member *members, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (check_member(checker, object, &members[i]) < 0)
			return -EINVAL;
	return check_keys(checker, object, members, count);
}
#define check(checker, object, members) \
	check_members(checker, object, members, CK_ARRAY_SIZE(members))

/* A minor number that CK_KERNEL does not hold is as good as the largest that it does. */
int ck_oci_kernel(const char *text, unsigned int *ret)
{
	unsigned int numbers[2] = { 0, 0 };

	for (size_t i = 0; i < CK_ARRAY_SIZE(numbers); i++) {
		const char *start = text;

		for (; *text >= '0' && *text <= '9' && numbers[i] < 10000; text++)
			numbers[i] = numbers[i] * 10 + (unsigned int)(*text - '0');
		if (text == start || *text != (i == 0 ? '.' : '\0'))
			return -EINVAL;
		text += i == 0;
	}
	*ret = CK_KERNEL(numbers[0], numbers[1] < 64 ? numbers[1] : 63U, 0U);
	return 0;
}

/* Of includes and excludes: what is not understood might decide. */
static int check_conditions(struct checker *checker, const json_t *object)
{
	const char *kernel = json_string_value(json_object_get(object, "minKernel")),
		   *key;
	unsigned int ignored;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		size_t i = 0;

		while (i < CK_ARRAY_SIZE(condition_members) &&
		       strcmp(condition_members[i].key, key) != 0)
			i++;
		if (i == CK_ARRAY_SIZE(condition_members))
			return refuse(
				checker,
				"'%s' is no condition that is known here; there are "
				"caps, arches and minKernel",
				key);
	}
	if (check(checker, object, condition_members) < 0)
		return -EINVAL;
	if (kernel != NULL && *kernel != '\0' && ck_oci_kernel(kernel, &ignored) < 0)
		return refuse(checker, "minKernel '%s' is no version such as 4.8",
			      kernel);
	return 0;
}

static int check_rule(struct checker *checker, const json_t *rule)
{
	static const char *const keys[] = { "includes", "excludes" };
	const char *where = checker->where;
	const json_t *item;
	size_t i;

	if (check(checker, rule, rule_members) < 0)
		return -EINVAL;
	for (i = 0; i < CK_ARRAY_SIZE(keys); i++) {
		checker->where = ck_format(checker->arena, "%s.%s", where, keys[i]);
		if (check_conditions(checker, json_object_get(rule, keys[i])) < 0)
			return -EINVAL;
	}
	json_array_foreach(json_object_get(rule, "args"), i, item)
	{
		checker->where = ck_format(checker->arena, "%s.args[%zu]", where, i);
		if (check(checker, item, arg_members) < 0)
			return -EINVAL;
	}
	return 0;
}

static int check_profile(struct checker *checker, const char *name, const json_t *profile)
{
	const json_t *item;
	size_t i;

	if (!json_is_object(profile))
		return refuse_type(checker, "a seccomp profile", profile, JSON_OBJECT);
	if (check(checker, profile, profile_members) < 0)
		return -EINVAL;
	json_array_foreach(json_object_get(profile, "archMap"), i, item)
	{
		checker->where = ck_format(checker->arena, "%s: archMap[%zu]", name, i);
		if (check(checker, item, map_members) < 0)
			return -EINVAL;
	}
	json_array_foreach(json_object_get(profile, "syscalls"), i, item)
	{
		checker->where = ck_format(checker->arena, "%s: syscalls[%zu]", name, i);
		if (check_rule(checker, item) < 0)
			return -EINVAL;
	}
	return 0;
}

int ck_oci_check(struct ck_arena *arena, const char *name, const json_t *root,
		 struct ck_diags *diags, struct ck_diags *notes, const json_t **ret)
{
	static const char *const path[] = { "linux", "seccomp" };
	struct checker checker = { arena, diags, notes, name };
	const json_t *profile = root;

	for (size_t i = 0; i < CK_ARRAY_SIZE(path); i++) {
		const char *key;
		json_t *value;

		json_object_foreach((json_t *)(uintptr_t)profile, key, value)
		{
			if (match(&checker, key, path[i]) < 0)
				return -EINVAL;
		}
		if (json_object_get(profile, path[i]) != NULL)
			profile = json_object_get(profile, path[i]);
	}
	if (check_profile(&checker, name, profile) < 0)
		return -EINVAL;
	*ret = profile;
	return 0;
}
