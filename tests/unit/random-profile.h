/* SPDX-License-Identifier: MIT */
/* random-profile.h - random [seccomp] sections for the proof and for conversion. */
#ifndef TESTS_RANDOM_PROFILE_H
#define TESTS_RANDOM_PROFILE_H

#include "filter.h"

static uint64_t state;

static unsigned int pick(unsigned int count)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned int)((state >> 11) % count);
}

static const char *one_of(const char *const *list, size_t count)
{
	return list[pick((unsigned int)count)];
}
#define ONE_OF(list) one_of(list, CK_ARRAY_SIZE(list))

static const char *random_number(struct ck_arena *arena, bool wide)
{
	static const uint64_t near[] = { 0,	     1,		 2,	    15,
					 16,	     255,	 4095,	    0x7fffffff,
					 0x80000000, 0xfffffffe, 0xffffffff };
	static const uint64_t far[] = {
		UINT64_C(0x100000000),	      UINT64_C(0x1ffffffff),
		UINT64_C(0x7fffffffffffffff), UINT64_C(0x8000000000000000),
		UINT64_C(0xffffffff00000000), UINT64_MAX
	};
	uint64_t number = near[pick(CK_ARRAY_SIZE(near))];

	if (wide && pick(3) == 0)
		number = far[pick(CK_ARRAY_SIZE(far))];
	if (pick(6) == 0)
		number = pick(64);
	if (pick(12) == 0)
		return "-1";
	return ck_format(arena, pick(2) == 0 ? "%lu" : "0x%lx", (unsigned long)number);
}

/* Which arguments of which widths a call has, from its text. */
static unsigned int width_of(unsigned int call, enum ck_abi abi, unsigned int arg)
{
	char name[8];
	struct ck_slot slot;
	const char *set;
	size_t length;

	snprintf(name, sizeof(name), "arg%u", arg);
	assert_true(ck_arg_find(call, abi, name, 4, &slot, &set, &length));
	return slot.width;
}

static const char *random_condition(struct ck_arena *arena, unsigned int call,
				    enum ck_abi abi)
{
	static const char *const tests[] = {
		"",	   "",	      "not ",	     "none-of ",
		"any-of ", "all-of ", "not any-of ", "not all-of "
	};
	static const char *const ranges[] = {
		"0xfffffffe..0x100000001",	  "5..0x1ffffffff",
		"0x100000000..0x500000000",	  "0x1ffffffff..0x200000000",
		"0xffffffffffffffff..",		  "..0xfffffffeffffffff",
		"0x80000000..0x7fffffffffffffff", "0x300000007..0x300000009",
	};
	static const char *const widths[] = { "", "", "", "/32", "/64", "/16" };
	static const unsigned int bits[] = { 0, 0, 0, 32, 64, 16 };
	unsigned int arg = pick(CK_CALL_ARGS), items = 1 + pick(4);
	unsigned int any = pick(CK_ARRAY_SIZE(widths));
	unsigned int width = bits[any] != 0 ? bits[any] : width_of(call, abi, arg);
	const char *test = ONE_OF(tests);
	const char *text = ck_format(arena, "arg%u%s: %s", arg, widths[any], test);
	bool wide = width == 64;

	for (unsigned int i = 0; i < items; i++) {
		const char *item =
			width < 32 ?
				ck_format(arena, "%u", pick(70) * 937 % (1U << width)) :
				random_number(arena, wide);

		if (width >= 32 && strstr(test, "-of") != NULL && pick(8) == 0)
			item = ck_format(arena, "-%u", 1 + pick(9));
		if (wide && strstr(test, "-of") == NULL && pick(3) == 0)
			item = ONE_OF(ranges);
		else if (strstr(test, "-of") == NULL && pick(4) == 0)
			item = ck_format(arena, "%u..%u", pick(9),
					 9 + pick(width < 16 ? 7 : 5000));
		else if (strstr(test, "-of") == NULL && pick(12) == 0)
			item = pick(2) == 0 ? "7.." : "..9";
		text = ck_format(arena, "%s %s", text, item);
	}
	return text;
}

static const char *random_call(struct ck_arena *arena, enum ck_abi abi, bool allow)
{
	static const char *const favourites[] = { "clone",  "clone3",	  "socketcall",
						  "ipc",    "socket",	  "ioctl",
						  "semget", "chown",	  "setuid",
						  "mmap",   "pread64",	  "readv",
						  "ptrace", "cacheflush", "socketpair" };
	static const char *const actions[] = {
		"", "", "=ENOSYS", "=kill", "=trap", "=log", "=EACCES", "=kill-thread"
	};
	unsigned int call = pick(ck_calls_count), conditions = pick(4);
	const char *text;

	if (pick(5) == 0) {
		const char *name = ONE_OF(favourites);

		call = (unsigned int)ck_call_find(name, strlen(name));
	}
	if (call == (unsigned int)ck_call_find("execve", 6))
		conditions = 0;
	text = ck_call_name(call);
	for (unsigned int i = 0; i < conditions; i++)
		text = ck_format(arena, "%s%s%s", text, i == 0 ? "(" : ", ",
				 random_condition(arena, call, abi));
	return ck_format(arena, "%s%s%s", text, conditions > 0 ? ")" : "",
			 allow ? "" : ONE_OF(actions));
}

static const char *random_list(struct ck_arena *arena, enum ck_abi abi, const char *text)
{
	bool allow = pick(2) == 0;
	unsigned int count = 1 + pick(5);

	text = ck_format(arena, "%s%s =", text, allow ? "allow" : "deny");
	for (unsigned int i = 0; i < count; i++) {
		if (pick(4) == 0)
			text = ck_format(arena, "%s %s", text,
					 ck_group_name(pick(CK_GROUP_WORDS)));
		else
			text = ck_format(arena, "%s %s", text,
					 random_call(arena, abi, allow));
	}
	return ck_format(arena, "%s\n", text);
}

static const char *random_profile(struct ck_arena *arena, enum ck_machine machine)
{
	static const char *const bases[] = { "@service", "@none", "@all" };
	static const char *const abis[] = { "native", "native+32", "all" };
	static const char *const defaults[] = { "EPERM", "EPERM", "ENOSYS", "kill",
						"trap",	 "log",	  "allow" };
	static const char *const modes[] = { "enforce", "enforce", "enforce", "log",
					     "off" };
	enum ck_abi abi = machine == CK_MACHINE_X86 ? CK_ABI_X86_64 : CK_ABI_AARCH64;
	const char *text =
		ck_format(arena,
			  "base = %s\nabi = %s\ndefault = %s\nunknown = %s\n"
			  "mode = %s\ncaps = %s\n",
			  ONE_OF(bases), ONE_OF(abis), ONE_OF(defaults), ONE_OF(defaults),
			  ONE_OF(modes), pick(2) == 0 ? "follow" : "ignore");
	unsigned int lists = pick(12);

	for (unsigned int i = 0; i < lists; i++) {
		if (i == lists / 2 && pick(3) == 0)
			text = ck_format(arena, "%s[outer.ini]\n", text);
		text = random_list(arena, abi, text);
	}
	return text;
}

#endif
