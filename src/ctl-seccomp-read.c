/* SPDX-License-Identifier: MIT */
/*
 * ctl-seccomp-read.c - JSON of docker, containers-common or OCI -> plain rules.
 *
 * Resolves what depends on machine, kernel and capabilities as docker does, and repeated
 * argument indexes as runc and crun do: every condition becomes a rule of its own.
 * Whatever is not understood is reported under its place in the file.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ctl-seccomp.h"

struct reader {
	struct ck_arena *arena;
	const struct ck_seccomp_input *input;
	struct ck_diags *diags, *notes;
	struct ck_oci *oci;
	const char *where; /* of the rule at hand */
};

static const char *string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

#define refuse(reader, ...) \
	(ck_diag_add((reader)->diags, (reader)->where, __VA_ARGS__), -EINVAL)

/* The errno of an action: containers-common writes its name as well, which counts. */
static unsigned int read_errno(const json_t *object, const char *name_key,
			       const char *number_key)
{
	const json_t *number = json_object_get(object, number_key);
	const char *name = string_of(object, name_key);
	json_int_t value = json_is_integer(number) ? json_integer_value(number) : EPERM;

	if (*name != '\0')
		return ck_errno_number(name, strlen(name));
	return value > 0 && value < 4096 ? (unsigned int)value : 0;
}

/* SCMP_ACT_ERRNO and so on. Returns NULL, or why [seccomp] cannot say it. */
static const char *read_action(struct reader *reader, const char *name,
			       unsigned int error, uint32_t *ret)
{
	static const struct {
		const char *name;
		uint32_t action;
	} actions[] = {
		{ "SCMP_ACT_ALLOW", CK_ACT_ALLOW },
		{ "SCMP_ACT_LOG", CK_ACT_LOG },
		{ "SCMP_ACT_TRAP", CK_ACT_TRAP },
		{ "SCMP_ACT_KILL", CK_ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_THREAD", CK_ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_PROCESS", CK_ACT_KILL },
	};

	for (size_t i = 0; i < CK_ARRAY_SIZE(actions); i++)
		if (strcmp(actions[i].name, name) == 0) {
			*ret = actions[i].action;
			return NULL;
		}
	if (strcmp(name, "SCMP_ACT_ERRNO") != 0)
		return ck_format(reader->arena, "the action '%s' has no counterpart",
				 name);
	if (ck_errno_name(error) == NULL)
		return "its errno has no name";
	*ret = CK_ACT_ERRNO | error;
	return NULL;
}

static const char *const arch_names[CK_ABIS] = { "SCMP_ARCH_X86_64", "SCMP_ARCH_X86",
						 "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64",
						 "SCMP_ARCH_ARM" };

static void add_arch(struct reader *reader, const char *name)
{
	unsigned int first =
		reader->input->machine == CK_MACHINE_X86 ? CK_ABI_X86_64 : CK_ABI_AARCH64;
	unsigned int last =
		reader->input->machine == CK_MACHINE_X86 ? CK_ABI_X32 : CK_ABI_ARM;

	for (unsigned int abi = first; abi <= last; abi++)
		if (strcmp(arch_names[abi], name) == 0)
			reader->oci->abis |= 1U << abi;
}

static void read_arches(struct reader *reader, const json_t *profile)
{
	unsigned int native =
		reader->input->machine == CK_MACHINE_X86 ? CK_ABI_X86_64 : CK_ABI_AARCH64;
	json_t *list = json_object_get(profile, "architectures"), *item, *sub;
	size_t i, j;

	reader->oci->abis = 1U << native; /* libseccomp adds it in any case */
	json_array_foreach(list, i, item) add_arch(reader, json_string_value(item));
	json_array_foreach(json_object_get(profile, "archMap"), i, item)
	{
		if (strcmp(string_of(item, "architecture"), arch_names[native]) != 0)
			continue;
		json_array_foreach(json_object_get(item, "subArchitectures"), j, sub)
			add_arch(reader, json_string_value(sub));
	}
	if (reader->oci->abis == (1U << CK_ABI_X86_64 | 1U << CK_ABI_X32)) {
		ck_diag_add(reader->notes, reader->where,
			    "x32 without i386 cannot be said; x32 is killed");
		reader->oci->abis = 1U << CK_ABI_X86_64;
	}
}

static void read_flags(struct reader *reader, const json_t *profile)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(profile, "flags"), i, item)
	{
		const char *flag = json_string_value(item);

		if (strcmp(flag, "SECCOMP_FILTER_FLAG_LOG") == 0)
			reader->oci->flags |= CK_FLAG_LOG;
		else if (strcmp(flag, "SECCOMP_FILTER_FLAG_SPEC_ALLOW") == 0)
			reader->oci->flags |= CK_FLAG_SPEC_ALLOW;
		else
			ck_diag_add(reader->notes, reader->where,
				    "the flag '%s' is left out", flag);
	}
}

/* ---- includes and excludes ---- */

static bool has_arch(const struct reader *reader, const json_t *arches)
{
	const char *own = reader->input->machine == CK_MACHINE_X86 ? "amd64" : "arm64";
	json_t *item;
	size_t i;

	json_array_foreach(arches, i, item) if (strcmp(json_string_value(item), own) ==
						0) return true;
	return false;
}

static size_t held_caps(const struct reader *reader, const json_t *caps)
{
	size_t held = 0, i;
	json_t *item;

	json_array_foreach(caps, i, item)
	{
		const char *name = json_string_value(item);
		int cap = ck_cap_number(name, strlen(name));

		held += cap >= 0 && (reader->input->keep >> cap & 1U) != 0;
	}
	return held;
}

static bool kernel_is(const struct reader *reader, const json_t *minimum)
{
	unsigned int kernel;

	return json_string_length(minimum) > 0 &&
	       ck_oci_kernel(json_string_value(minimum), &kernel) == 0 &&
	       reader->input->kernel >= kernel;
}

static bool is_taken(const struct reader *reader, const json_t *block)
{
	const json_t *includes = json_object_get(block, "includes");
	const json_t *excludes = json_object_get(block, "excludes");
	const json_t *kernel = json_object_get(includes, "minKernel");
	const json_t *caps = json_object_get(includes, "caps");
	const json_t *arches = json_object_get(includes, "arches");

	if (has_arch(reader, json_object_get(excludes, "arches")) ||
	    held_caps(reader, json_object_get(excludes, "caps")) > 0 ||
	    kernel_is(reader, json_object_get(excludes, "minKernel")))
		return false;
	if (json_array_size(arches) > 0 && !has_arch(reader, arches))
		return false;
	return held_caps(reader, caps) == json_array_size(caps) &&
	       (json_string_length(kernel) == 0 || kernel_is(reader, kernel));
}

/* ---- rules ---- */

static int read_arg(struct reader *reader, const json_t *object, struct ck_oci_arg *ret)
{
	static const char *const ops[] = { "SCMP_CMP_NE",	"SCMP_CMP_LT",
					   "SCMP_CMP_LE",	"SCMP_CMP_EQ",
					   "SCMP_CMP_GE",	"SCMP_CMP_GT",
					   "SCMP_CMP_MASKED_EQ" };
	const json_t *place = json_object_get(object, "index");
	json_int_t index = json_is_integer(place) ? json_integer_value(place) : -1;
	json_int_t value = json_integer_value(json_object_get(object, "value"));
	json_int_t two = json_integer_value(json_object_get(object, "valueTwo"));
	const char *op = string_of(object, "op");
	size_t i = 0;

	while (i < CK_ARRAY_SIZE(ops) && strcmp(ops[i], op) != 0)
		i++;
	if (i == CK_ARRAY_SIZE(ops))
		return refuse(reader, "unknown operator '%s'", op);
	if (index < 0 || index >= CK_CALL_ARGS)
		return refuse(reader, "an argument index is not 0 to 5");
	if (value < 0 || two < 0)
		return refuse(reader, "an argument is compared with a negative number; "
				      "registers have none");
	if (i == CK_OCI_MASKED)
		two &= value; /* as the runtimes do */
	*ret = (struct ck_oci_arg){ (unsigned int)index, (enum ck_oci_op)i,
				    (uint64_t)value, (uint64_t)two };
	return 0;
}

static struct ck_oci_rule *new_rule(struct reader *reader, unsigned int call,
				    uint32_t action)
{
	struct ck_oci_rule *rule = ck_alloc(reader->arena, sizeof(*rule));

	rule->call = call;
	rule->action = action;
	rule->where = reader->where;
	*reader->oci->end = rule;
	reader->oci->end = &rule->next;
	return rule;
}

static int add_rules(struct reader *reader, unsigned int call, uint32_t action,
		     const json_t *args)
{
	struct ck_oci_arg list[CK_CALL_ARGS * 4] = { { .index = 0 } };
	unsigned int seen = 0;
	bool repeated = false;
	size_t count = 0, i;
	json_t *item;

	json_array_foreach(args, i, item)
	{
		if (count == CK_ARRAY_SIZE(list))
			return refuse(reader, "more than 24 arguments");
		if (read_arg(reader, item, &list[count]) < 0)
			return -EINVAL;
		repeated = repeated || (seen >> list[count].index & 1U) != 0;
		seen |= 1U << list[count++].index;
	}
	for (i = 0; repeated && i < count; i++) {
		struct ck_oci_rule *rule = new_rule(reader, call, action);

		rule->args[0] = list[i];
		rule->count = 1;
	}
	if (!repeated) {
		struct ck_oci_rule *rule = new_rule(reader, call, action);

		memcpy(rule->args, list, count * sizeof(*list));
		rule->count = count;
	}
	return 0;
}

static bool has_number(const struct reader *reader, unsigned int call)
{
	for (unsigned int abi = 0; abi < CK_ABIS; abi++)
		if ((reader->oci->abis >> abi & 1U) != 0 &&
		    ck_call_number(call, abi) >= 0)
			return true;
	return false;
}

static int add_name(struct reader *reader, const char *name, uint32_t action,
		    const json_t *args)
{
	int call = ck_call_find(name, strlen(name));

	if (call < 0) {
		ck_diag_add(reader->notes, reader->where,
			    "'%s' is no system call that is known here; left out", name);
		return 0;
	}
	if (!has_number(reader, (unsigned int)call))
		return 0; /* of another machine; the runtimes pass over it as well */
	return add_rules(reader, (unsigned int)call, action, args);
}

/* A rule that cannot be said is left to the default action, where that denies. It stays a
 * rule: otherwise one of the same call that allows would decide where it did. */
static int leave_out(struct reader *reader, const char *why)
{
	if (ck_lets_through(reader->oci->default_action))
		return refuse(
			reader,
			"%s; the default action would let it through. Write one that "
			"denies, such as SCMP_ACT_ERRNO",
			why);
	ck_diag_add(reader->notes, reader->where, "%s; left to the default", why);
	return 0;
}

static int read_block(struct reader *reader, const json_t *block)
{
	json_t *names = json_object_get(block, "names"), *item;
	const char *name = string_of(block, "name"), *why;
	uint32_t action;
	size_t i;
	int rc = 0;

	if (*name == '\0' && names == NULL)
		return refuse(reader, "it has no 'names'");
	if (!is_taken(reader, block))
		return 0;
	why = read_action(reader, string_of(block, "action"),
			  read_errno(block, "errno", "errnoRet"), &action);
	if (why != NULL) {
		if (leave_out(reader, why) < 0)
			return -EINVAL;
		action = reader->oci->default_action;
	} else if (action == reader->oci->default_action) {
		return 0; /* redundant; the runtimes leave it out as well */
	}
	if (*name != '\0')
		rc = add_name(reader, name, action, json_object_get(block, "args"));
	json_array_foreach(names, i, item) if (rc == 0) rc = add_name(
		reader, json_string_value(item), action, json_object_get(block, "args"));
	return rc;
}

static int read_default(struct reader *reader, const json_t *profile)
{
	const char *name = string_of(profile, "defaultAction"), *why;

	if (*name == '\0')
		return refuse(reader,
			      "this is no seccomp profile: it has no defaultAction");
	why = read_action(reader, name,
			  read_errno(profile, "defaultErrno", "defaultErrnoRet"),
			  &reader->oci->default_action);
	if (why == NULL)
		return 0;
	return refuse(reader,
		      "the default action '%s' cannot be said in [seccomp]: %s. Write "
		      "another one, such as SCMP_ACT_ERRNO",
		      name, why);
}

static int read_profile(struct reader *reader, const json_t *root)
{
	const json_t *profile;
	json_t *item;
	size_t i;

	if (ck_oci_check(reader->arena, reader->where, root, reader->diags, reader->notes,
			 &profile) < 0 ||
	    read_default(reader, profile) < 0)
		return -EINVAL;
	read_arches(reader, profile);
	read_flags(reader, profile);
	json_array_foreach(json_object_get(profile, "syscalls"), i, item)
	{
		reader->where = ck_format(reader->arena, "%s: syscalls[%zu]",
					  reader->input->name, i);
		if (read_block(reader, item) < 0)
			return -EINVAL;
	}
	return 0;
}

int ck_oci_read(struct ck_arena *arena, const struct ck_seccomp_input *input,
		struct ck_diags *diags, struct ck_diags *notes, struct ck_oci *ret)
{
	struct reader reader = { arena, input, diags, notes, ret, input->name };
	json_error_t error;
	json_t *root =
		json_loadb(input->json, input->length, JSON_REJECT_DUPLICATES, &error);
	int rc;

	*ret = (struct ck_oci){ 0 };
	ret->end = &ret->first;
	if (root == NULL) {
		ck_diag_add(diags, ck_format(arena, "%s:%d", input->name, error.line),
			    "%s", error.text);
		return -EINVAL;
	}
	rc = read_profile(&reader, root);
	json_decref(root);
	return rc;
}
