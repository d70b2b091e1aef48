/* SPDX-License-Identifier: MIT */
/*
 * syscalls.c - names and numbers of the system calls, on five ABIs.
 *
 * The table is in the tree, sorted and without pointers, so that looking a name up needs
 * neither libseccomp nor a relocation at start. The unit test compares it with the
 * running libseccomp. Makes no system call.
 */
#include <string.h>

#include "capkeep.h"

#define NO (-1)
#define ARM_SHORT 0x4000 /* stands for CK_ARM_PRIVATE in the tables */
#define ARM(n) (ARM_SHORT + (n))
#define NEAR 12 /* so far a list in the order of the alphabet is followed */
/* Where a number stands in a row of by_number; what has none there, behind all others.
 * One for which there is no room does not compile. */
#define PLACE(n)                                              \
	((n) < 0		 ? CK_PLACES :                \
	 (n) < CK_NAMED		 ? (n) :                      \
	 (n) < ARM_SHORT	 ? -1 :                       \
	 (n) < ARM(CK_ARM_CALLS) ? CK_NAMED + (n)-ARM_SHORT : \
				   -1)

enum {
#define CALL(name, x86_64, i386, x32, aarch64, arm, group, since) CALL_##name,
#include "syscalls-am.def"
#include "syscalls-nz.def"
#undef CALL
	CALLS
};

/* The first call of each letter; the search starts between two of them. */
static const uint16_t letters[] = {
	CALL_accept,
	CALL_bdflush,
	CALL_cachectl,
	CALL_delete_module,
	CALL_epoll_create,
	CALL_faccessat,
	CALL_get_kernel_syms,
	CALL_idle /* h */,
	CALL_idle,
	CALL_kcmp /* j */,
	CALL_kcmp,
	CALL_landlock_add_rule,
	CALL_madvise,
	CALL_name_to_handle_at,
	CALL_oldfstat,
	CALL_pause,
	CALL_query_module,
	CALL_read,
	CALL_s390_guarded_storage,
	CALL_tee,
	CALL_ugetrlimit,
	CALL_vfork,
	CALL_wait4,
	CALLS /* x */,
	CALLS,
	CALLS,
	CALLS,
};

/* The names, one behind the other. */
struct names {
#define CALL(name, x86_64, i386, x32, aarch64, arm, group, since) \
	char n_##name[sizeof(#name)];
#include "syscalls-am.def"
#include "syscalls-nz.def"
#undef CALL
};

static const struct names names = {
#define CALL(name, x86_64, i386, x32, aarch64, arm, group, since) #name,
#include "syscalls-am.def"
#include "syscalls-nz.def"
#undef CALL
};

static const struct call {
	uint16_t name;
	uint16_t since;
	uint8_t length, group;
} calls[] = {
#define V(a, b, c) CK_KERNEL(a, b, c)
#define CALL(name, x86_64, i386, x32, aarch64, arm, group, since) \
	{ offsetof(struct names, n_##name), since, sizeof(#name) - 1, CK_GROUP_##group },
#include "syscalls-am.def"
#include "syscalls-nz.def"
#undef CALL
#undef V
};

static const int16_t numbers[CK_ABIS][CALLS] = {
	{
#define CALL(name, x86_64, i386, x32, aarch64, arm, group, since) x86_64,
#include "syscalls-am.def"
#include "syscalls-nz.def"
#undef CALL
	},
	{
#define CALL(name, x86_64, i386, x32, aarch64, arm, group, since) i386,
#include "syscalls-am.def"
#include "syscalls-nz.def"
#undef CALL
	},
	{
#define CALL(name, x86_64, i386, x32, aarch64, arm, group, since) x32,
#include "syscalls-am.def"
#include "syscalls-nz.def"
#undef CALL
	},
	{
#define CALL(name, x86_64, i386, x32, aarch64, arm, group, since) aarch64,
#include "syscalls-am.def"
#include "syscalls-nz.def"
#undef CALL
	},
	{
#define CALL(name, x86_64, i386, x32, aarch64, arm, group, since) arm,
#include "syscalls-am.def"
#include "syscalls-nz.def"
#undef CALL
	},
};

/* The call + 1 by its number; 0: no name. All calls without a number share a place, so
 * that it is written many times. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
static const uint16_t by_number[CK_ABIS][CK_PLACES + 1] = {
	{
#define CALL(name, x86_64, i386, x32, aarch64, arm, group, since) \
	[PLACE(x86_64)] = CALL_##name + 1,
#include "syscalls-am.def"
#include "syscalls-nz.def"
#undef CALL
	},
	{
#define CALL(name, x86_64, i386, x32, aarch64, arm, group, since) \
	[PLACE(i386)] = CALL_##name + 1,
#include "syscalls-am.def"
#include "syscalls-nz.def"
#undef CALL
	},
	{
#define CALL(name, x86_64, i386, x32, aarch64, arm, group, since) \
	[PLACE(x32)] = CALL_##name + 1,
#include "syscalls-am.def"
#include "syscalls-nz.def"
#undef CALL
	},
	{
#define CALL(name, x86_64, i386, x32, aarch64, arm, group, since) \
	[PLACE(aarch64)] = CALL_##name + 1,
#include "syscalls-am.def"
#include "syscalls-nz.def"
#undef CALL
	},
	{
#define CALL(name, x86_64, i386, x32, aarch64, arm, group, since) \
	[PLACE(arm)] = CALL_##name + 1,
#include "syscalls-am.def"
#include "syscalls-nz.def"
#undef CALL
	},
};
#pragma GCC diagnostic pop

const unsigned int ck_calls_count = CK_ARRAY_SIZE(calls);

static const char *name_of(const struct call *call)
{
	return (const char *)&names + call->name;
}

static int compare(const char *name, size_t length, const struct call *call)
{
	size_t shorter = length < call->length ? length : call->length;
	const char *other = name_of(call);

	for (size_t i = 0; i < shorter; i++)
		if (name[i] != other[i])
			return (unsigned char)name[i] - (unsigned char)other[i];
	return (int)length - (int)call->length;
}

/* By words, as far as the names have that many bytes: of a size that is known, the
 * compiler makes one comparison. */
static inline bool same(const char *a, const char *b, size_t length)
{
	if (length < 4) {
		while (length > 0 && a[length - 1] == b[length - 1])
			length--;
		return length == 0;
	}
	if (length < 8)
		return memcmp(a, b, 4) == 0 &&
		       memcmp(a + length - 4, b + length - 4, 4) == 0;
	for (size_t i = 0; i + 8 < length; i += 8)
		if (memcmp(a + i, b + i, 8) != 0)
			return false;
	return memcmp(a + length - 8, b + length - 8, 8) == 0;
}

/* What stands behind a bare name, see read_bare_names() in rules.c. */
static inline bool ends_name(char c)
{
	return c == '\0' || c == ' ' || c == '\t' || c == ',';
}

int ck_call_next(int before, const char *text, size_t left, size_t *ret_length)
{
	size_t end = (size_t)before + NEAR;

	if (end >= CALLS)
		end = CALLS - 1;
	for (size_t i = (size_t)before + 1; i <= end; i++) {
		size_t length = calls[i].length;

		if (length <= left && ends_name(text[length]) &&
		    same(name_of(&calls[i]), text, length)) {
			*ret_length = length;
			return (int)i;
		}
	}
	return -1;
}

int ck_call_find(const char *name, size_t length)
{
	size_t low = 0, high = letters[0];

	if (length > 0 && *name >= 'a' && *name <= 'z') {
		low = letters[*name - 'a'];
		high = letters[*name - 'a' + 1];
	}
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = compare(name, length, &calls[middle]);

		if (order == 0)
			return (int)middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

const char *ck_call_name(unsigned int call)
{
	return name_of(&calls[call]);
}

const uint16_t *ck_calls_by_number(enum ck_abi abi)
{
	return by_number[abi];
}

int ck_call_number(unsigned int call, enum ck_abi abi)
{
	int number = numbers[abi][call];

	if (number < ARM_SHORT)
		return number;
	return number - ARM_SHORT + (int)CK_ARM_PRIVATE;
}

unsigned int ck_call_since(unsigned int call)
{
	return calls[call].since;
}

unsigned int ck_call_group(unsigned int call)
{
	return calls[call].group;
}

const char *ck_abi_name(enum ck_abi abi)
{
	static const char abi_names[CK_ABIS][8] = { "x86_64", "i386", "x32", "aarch64",
						    "arm" };

	return abi_names[abi];
}

uint32_t ck_abi_arch(enum ck_abi abi)
{
	static const uint32_t arches[CK_ABIS] = { CK_ARCH_X86_64, CK_ARCH_I386,
						  CK_ARCH_X86_64, CK_ARCH_AARCH64,
						  CK_ARCH_ARM };

	return arches[abi];
}
