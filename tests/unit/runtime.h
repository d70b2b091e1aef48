/* SPDX-License-Identifier: MIT */
/* runtime.h - a runc of our own: the JSON of a seccomp profile -> the program that
 * libseccomp makes of it, as runc and crun ask for it. */
#ifndef TESTS_RUNTIME_H
#define TESTS_RUNTIME_H

#include <errno.h>
#include <jansson.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include "filter.h"

/* Of libseccomp's table; runc answers ENOSYS above, libseccomp the default. */
#define LAST_NUMBER 456

static inline bool listed(const json_t *list, const char *word)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item) if (strcmp(json_string_value(item), word) ==
					      0) return true;
	return false;
}

static inline bool all_held(const json_t *caps, const char *const *held)
{
	const json_t *item;
	size_t i;

	json_array_foreach(caps, i, item)
	{
		const char *const *cap = held;

		while (*cap != NULL && strcmp(*cap, json_string_value(item)) != 0)
			cap++;
		if (*cap == NULL)
			return false;
	}
	return true;
}

static inline bool any_held(const json_t *caps, const char *const *held)
{
	for (; *held != NULL; held++)
		if (listed(caps, *held))
			return true;
	return false;
}

static inline bool applies(const json_t *block, const char *const *held)
{
	const json_t *includes = json_object_get(block, "includes");
	const json_t *excludes = json_object_get(block, "excludes");
	const json_t *arches = json_object_get(includes, "arches");

	return !listed(json_object_get(excludes, "arches"), "amd64") &&
	       !any_held(json_object_get(excludes, "caps"), held) &&
	       (json_array_size(arches) == 0 || listed(arches, "amd64")) &&
	       all_held(json_object_get(includes, "caps"), held);
}

static inline uint32_t action_of_name(const char *name, const json_t *number)
{
	if (strcmp(name, "SCMP_ACT_ALLOW") == 0)
		return SCMP_ACT_ALLOW;
	if (strcmp(name, "SCMP_ACT_KILL_PROCESS") == 0)
		return SCMP_ACT_KILL_PROCESS;
	if (strcmp(name, "SCMP_ACT_TRAP") == 0)
		return SCMP_ACT_TRAP;
	if (strcmp(name, "SCMP_ACT_LOG") == 0)
		return SCMP_ACT_LOG;
	if (strcmp(name, "SCMP_ACT_KILL") == 0)
		return SCMP_ACT_KILL_THREAD;
	return SCMP_ACT_ERRNO(number != NULL ? (uint32_t)json_integer_value(number) :
					       EPERM);
}

static inline enum scmp_compare op_of_name(const char *name)
{
	static const struct {
		const char *name;
		enum scmp_compare op;
	} ops[] = {
		{ "SCMP_CMP_NE", SCMP_CMP_NE }, { "SCMP_CMP_LT", SCMP_CMP_LT },
		{ "SCMP_CMP_LE", SCMP_CMP_LE }, { "SCMP_CMP_EQ", SCMP_CMP_EQ },
		{ "SCMP_CMP_GE", SCMP_CMP_GE }, { "SCMP_CMP_GT", SCMP_CMP_GT },
	};

	for (size_t i = 0; i < CK_ARRAY_SIZE(ops); i++)
		if (strcmp(ops[i].name, name) == 0)
			return ops[i].op;
	return SCMP_CMP_MASKED_EQ;
}

static uint64_t points[200];
static size_t npoints;

static inline void add_points(uint64_t value)
{
	for (uint64_t i = 0; i < 3 && npoints + 1 < CK_ARRAY_SIZE(points); i++)
		points[npoints++] = value + i - 1;
}

/* A runtime gives up where libseccomp does not take a rule. */
static inline void add_rule(scmp_filter_ctx context, uint32_t action, int call,
			    unsigned int count, const struct scmp_arg_cmp *list)
{
	int rc = seccomp_rule_add_array(context, action, call, count, list);

	if (rc < 0)
		fail_msg("rule for call %d: %s", call, strerror(-rc));
}

static inline void add_block(scmp_filter_ctx context, const json_t *block,
			     uint32_t fallback)
{
	const json_t *names = json_object_get(block, "names"), *item, *argument;
	uint32_t action =
		action_of_name(json_string_value(json_object_get(block, "action")),
			       json_object_get(block, "errnoRet"));
	struct scmp_arg_cmp list[6];
	unsigned int count = 0, seen = 0;
	bool repeated = false;
	size_t i, j;

	if (action == fallback)
		return;
	json_array_foreach(json_object_get(block, "args"), i, argument)
	{
		unsigned int index =
			(unsigned)json_integer_value(json_object_get(argument, "index"));
		uint64_t value =
			(uint64_t)json_integer_value(json_object_get(argument, "value"));

		list[count++] = SCMP_CMP(
			index,
			op_of_name(json_string_value(json_object_get(argument, "op"))),
			value,
			(uint64_t)json_integer_value(
				json_object_get(argument, "valueTwo")));
		add_points(value);
		repeated = repeated || (seen >> index & 1U) != 0;
		seen |= 1U << index;
	}
	json_array_foreach(names, i, item)
	{
		int call = seccomp_syscall_resolve_name(json_string_value(item));

		if (call == __NR_SCMP_ERROR)
			continue;
		if (!repeated)
			add_rule(context, action, call, count, list);
		for (j = 0; repeated && j < count; j++)
			add_rule(context, action, call, 1, &list[j]);
	}
}

static inline void add_arches(scmp_filter_ctx context, const json_t *list)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		if (strcmp(json_string_value(item), "SCMP_ARCH_X86") == 0)
			assert_int_equal(seccomp_arch_add(context, SCMP_ARCH_X86), 0);
		else if (strcmp(json_string_value(item), "SCMP_ARCH_X32") == 0)
			assert_int_equal(seccomp_arch_add(context, SCMP_ARCH_X32), 0);
	}
}

static inline size_t build(const json_t *profile, const char *const *held,
			   struct ck_insn *code, size_t room)
{
	const json_t *number = json_object_get(profile, "defaultErrnoRet"), *block;
	uint32_t fallback = action_of_name(
		json_string_value(json_object_get(profile, "defaultAction")), number);
	scmp_filter_ctx context;
	int file = memfd_create("bpf", 0);
	ssize_t size;
	size_t i;

	seccomp_api_set(4); /* valgrind lets it ask the kernel for none */
	context = seccomp_init(fallback);
	npoints = 0;
	add_points(0);
	add_points(UINT32_MAX);
	seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	add_arches(context, json_object_get(profile, "architectures"));
	json_array_foreach(json_object_get(profile, "archMap"), i, block)
	{
		if (strcmp(json_string_value(json_object_get(block, "architecture")),
			   "SCMP_ARCH_X86_64") == 0)
			add_arches(context, json_object_get(block, "subArchitectures"));
	}
	json_array_foreach(json_object_get(profile, "syscalls"), i,
			   block) if (applies(block, held))
		add_block(context, block, fallback);
	assert_int_equal(seccomp_export_bpf(context, file), 0);
	seccomp_release(context);
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	size = read(file, code, room * sizeof(*code));
	close(file);
	assert_true(size > 0);
	return (size_t)size / sizeof(*code);
}

#endif
