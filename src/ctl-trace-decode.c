/* SPDX-License-Identifier: MIT */
/* A call in words: its name, its arguments with the names of their values, and strings of
 * the process that made it. What a process says is made safe for terminals. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>

#include "ctl-filter.h"

#define STRING_MAX 120
#define FLAGS_FROM 256 /* below may be numbers, and not bits */

/* A negative number is none of x32: do_syscall_x64() and do_syscall_x32(). */
bool ck_abi_of(const struct ck_call_data *data, enum ck_abi *ret)
{
	unsigned int abi;

	for (abi = 0; abi < CK_ABIS; abi++) {
		if (abi == CK_ABI_X32 || ck_abi_arch((enum ck_abi)abi) != data->arch)
			continue;
		*ret = (enum ck_abi)abi;
		if (abi == CK_ABI_X86_64 && data->nr & CK_X32_BIT &&
		    (int32_t)data->nr >= 0)
			*ret = CK_ABI_X32;
		return true;
	}
	return false;
}

int ck_call_of(const struct ck_call_data *data)
{
	enum ck_abi abi;

	if (!ck_abi_of(data, &abi))
		return -1;
	return ck_call_by_number(abi,
				 abi == CK_ABI_X32 ? data->nr & ~CK_X32_BIT : data->nr);
}

/* Arguments that are strings, by their names in the kernel. */
static bool is_string(const char *name, size_t length)
{
	static const char *const names[] = {
		"filename", "pathname", "path",	       "dir_name", "dev_name", "type",
		"name",	    "oldname",	"newname",     "old",	   "new_root", "put_old",
		"_name",    "library",	"specialfile", "uargs",	   "buf_name"
	};
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == length && !memcmp(names[i], name, length))
			return true;
	return false;
}

/* Descriptors and processes: -100 is AT_FDCWD. */
static bool is_signed(const char *name, size_t length)
{
	return (length >= 2 && !memcmp(name + length - 2, "fd", 2)) ||
	       (length >= 3 && !memcmp(name + length - 3, "pid", 3));
}

/* Up to the end of its page; NULL where it cannot be read. */
static const char *string_at(struct ck_arena *arena, pid_t pid, uint64_t address)
{
	char bytes[STRING_MAX + 1] = { 0 };
	struct iovec here = { bytes, STRING_MAX },
		     there = { (void *)(uintptr_t)address, STRING_MAX };
	uint64_t left = 4096 - (address & 4095);

	if (left < there.iov_len)
		there.iov_len = (size_t)left;
	if (!pid || !address || process_vm_readv(pid, &here, 1, &there, 1, 0) <= 0)
		return NULL;
	return ck_format(arena, "\"%s\"%s", ck_safe(arena, bytes),
			 strlen(bytes) >= STRING_MAX ? "..." : "");
}

/* The name of one value; NULL where the set has none. */
static const char *value_text(struct ck_arena *arena, const struct ck_rules *rules,
			      const char *set, size_t length, uint64_t value)
{
	struct ck_constant constant = { NULL, NULL, 0, 0, NULL };

	while (ck_constant_next(set, length, rules->machine, &constant))
		if (constant.value == value)
			return ck_join(arena, constant.prefix, constant.name, "");
	return NULL;
}

/* The single bits of value that are at least lowest; *left is what has no name. */
static const char *bits_text(struct ck_arena *arena, const struct ck_rules *rules,
			     const char *set, size_t length, uint64_t lowest,
			     uint64_t *left)
{
	struct ck_constant constant = { NULL, NULL, 0, 0, NULL };
	const char *text = "";

	while (ck_constant_next(set, length, rules->machine, &constant)) {
		if (constant.value < lowest || !(*left & constant.value) ||
		    (constant.value & (constant.value - 1)))
			continue;
		*left &= ~(uint64_t)constant.value;
		text = ck_format(arena, "%s|%s%s", text, constant.prefix, constant.name);
	}
	return text;
}

/* A value by its name, or SOCK_RAW|SOCK_CLOEXEC: flags above a small number, or bits all
 * over; NULL where nothing has a name. */
static const char *constant_text(struct ck_arena *arena, const struct ck_rules *rules,
				 const char *set, size_t length, uint64_t value)
{
	const char *text = value_text(arena, rules, set, length, value), *flags;
	uint64_t left = value;

	if (text || !value) /* 0 has a name of its own, or none */
		return text;
	flags = bits_text(arena, rules, set, length, FLAGS_FROM, &left);
	text = left ? value_text(arena, rules, set, length, left) : "";
	if (text)
		return ck_format(arena, "%s%s", text, *text ? flags : flags + 1);
	text = bits_text(arena, rules, set, length, 1, &left);
	if (!*text && !*flags)
		return NULL;
	text = ck_format(arena, "%s%s", text, flags);
	return left ? ck_format(arena, "%s|0x%llx", text + 1, (unsigned long long)left) :
		      text + 1;
}

static const char *argument_text(struct ck_arena *arena, const struct ck_rules *rules,
				 int call, enum ck_abi abi, const char *name,
				 size_t length, const struct ck_call_data *data,
				 pid_t pid)
{
	struct ck_slot slot;
	const char *set, *text = NULL;
	size_t set_length;
	uint64_t value;

	if (!ck_arg_find((unsigned int)call, abi, name, length, &slot, &set,
			 &set_length) ||
	    slot.index < 0)
		return NULL;
	value = data->args[slot.index];
	if (slot.width == 16)
		value = (uint16_t)value;
	else if (slot.width < 64) /* of a socket's type the flags are shown, too */
		value = (uint32_t)value;
	if (set)
		text = constant_text(arena, rules, set, set_length, value);
	if (!text && slot.width == 64 && is_string(name, length))
		text = string_at(arena, pid, value);
	if (!text && slot.width == 32 && is_signed(name, length))
		text = ck_format(arena, "%d", (int)value);
	if (!text)
		text = ck_format(arena, value < 4096 ? "%llu" : "0x%llx",
				 (unsigned long long)value);
	return ck_format(arena, "%.*s=%s", (int)length, name, text);
}

const char *ck_call_text(struct ck_arena *arena, const struct ck_rules *rules,
			 const struct ck_call_data *data, int call, pid_t pid)
{
	enum ck_abi abi = rules->native;
	const char *names, *text = "", *one;

	(void)ck_abi_of(data, &abi);
	if (call < 0)
		return ck_format(
			arena, "%s call %d", ck_abi_name(abi),
			(int)(abi == CK_ABI_X32 ? data->nr & ~CK_X32_BIT : data->nr));
	for (names = ck_args_text((unsigned int)call, abi); *names;) {
		size_t length = strcspn(names, "/: ");

		one = argument_text(arena, rules, call, abi, names, length, data, pid);
		if (one)
			text = ck_format(arena, "%s%s%s", text, *text ? ", " : "", one);
		names += strcspn(names, " ");
		names += *names ? 1 : 0;
	}
	return ck_format(
		arena, "%s%s%s(%s)", abi == rules->native ? "" : ck_abi_name(abi),
		abi == rules->native ? "" : " ", ck_call_name((unsigned int)call), text);
}

const char *ck_answer_text(struct ck_arena *arena, const struct ck_answer *answer)
{
	const char *action = answer->action == CK_ACT_ALLOW ?
				     "allowed" :
				     ck_action_text(arena, answer->action);

	if (!answer->origin.file)
		return ck_format(arena, "%s: %s", action, answer->why);
	return ck_format(arena, "%s: %s: %s", action,
			 ck_origin_text(arena, &answer->origin), answer->why);
}
