/* SPDX-License-Identifier: MIT */
/* The tables of calls, groups, arguments and constants: in order, whole, and as
 * libseccomp has them. */
#include <ctype.h>
#include <seccomp.h>

#include "filter.h"

static const uint32_t tokens[CK_ABIS] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32,
					  SCMP_ARCH_AARCH64, SCMP_ARCH_ARM };
/* Machines whose calls have names in our table, but no numbers. */
static const uint32_t others[] = { SCMP_ARCH_MIPS,	SCMP_ARCH_MIPS64,
				   SCMP_ARCH_MIPS64N32, SCMP_ARCH_PPC,
				   SCMP_ARCH_PPC64,	SCMP_ARCH_S390,
				   SCMP_ARCH_S390X,	SCMP_ARCH_RISCV64,
				   SCMP_ARCH_PARISC };

/* Newer than the table of libseccomp 2.5.4; one number on every ABI. */
static const struct {
	const char *name;
	int number;
} supplement[] = {
	{ "statmount", 457 },	      { "listmount", 458 },
	{ "lsm_get_self_attr", 459 }, { "lsm_set_self_attr", 460 },
	{ "lsm_list_modules", 461 },  { "mseal", 462 },
	{ "setxattrat", 463 },	      { "getxattrat", 464 },
	{ "listxattrat", 465 },	      { "removexattrat", 466 },
	{ "open_tree_attr", 467 },    { "file_getattr", 468 },
	{ "file_setattr", 469 },      { "listns", 470 },
};

static void sorted(void **unused)
{
	(void)unused;
	for (unsigned int i = 0; i < ck_calls_count; i++) {
		const char *name = ck_call_name(i);

		if (i > 0 && strcmp(ck_call_name(i - 1), name) >= 0)
			fail_msg("%s is out of order", name);
		if (ck_call_find(name, strlen(name)) != (int)i)
			fail_msg("%s is not found", name);
	}
	assert_int_equal(ck_call_find("", 0), -1);
	assert_int_equal(ck_call_find("socke", 5), -1);
	assert_int_equal(ck_call_find("sockets", 7), -1);
	assert_int_equal(ck_call_find("{", 1), -1);
	assert_int_equal(ck_call_find("zzz", 3), -1);
	assert_int_equal(ck_call_find("~", 1), -1);
	assert_int_equal(ck_call_find("jump", 4), -1);
}

/* Only whole words, and only so far ahead, see NEAR. */
static void found_next(void **unused)
{
	static const char *const behind[] = { "", " read", "\tread", "," };
	static const char *const longer[] = { "_",	  "x", "!", "#",     "\"",
					      "\xc3\xa4", ")", "(", "=EPERM" };
	char text[64];
	size_t length;

	(void)unused;
	for (int before = -1; before < (int)ck_calls_count; before++)
		for (int i = 0; i < (int)ck_calls_count; i++) {
			const char *name = ck_call_name((unsigned int)i);
			int found;

			snprintf(text, sizeof(text), "%s%s", name,
				 behind[i % (int)CK_ARRAY_SIZE(behind)]);
			length = 0;
			found = ck_call_next(before, text, strlen(text), &length);
			if (i <= before || i > before + 12)
				assert_int_equal(found, -1);
			else
				assert_int_equal(found, i);
			assert_int_equal(length, found < 0 ? 0 : strlen(name));
			snprintf(text, sizeof(text), "%s%s", name,
				 longer[i % (int)CK_ARRAY_SIZE(longer)]);
			found = ck_call_next(before, text, strlen(text), &length);
			assert_int_equal(found, -1);
			/* No byte behind the text is read. */
			if (i == before + 1)
				assert_int_equal(ck_call_next(before, name,
							      strlen(name) - 1, &length),
						 -1);
		}
}

/* Every number that libseccomp names is ours, under the same name. */
static void numbers_of_libseccomp(void **unused)
{
	unsigned int compared = 0;

	(void)unused;
	for (unsigned int abi = 0; abi < CK_ABIS; abi++)
		for (int i = 0; i < 2 * CK_NUMBERS; i++) {
			int number =
				i < CK_NUMBERS ? i : (int)CK_ARM_PRIVATE + i - CK_NUMBERS;
			int shown = abi == CK_ABI_X32 ? number | (int)CK_X32_BIT : number;
			char *name = seccomp_syscall_resolve_num_arch(tokens[abi], shown);
			int call;

			if (name == NULL)
				continue;
			call = ck_call_find(name, strlen(name));
			if (call < 0 || ck_call_number((unsigned int)call, abi) != number)
				fail_msg("%s is %d on %s for libseccomp", name, number,
					 ck_abi_name(abi));
			free(name);
			compared++;
		}
	print_message("%u numbers compared with libseccomp\n", compared);
	assert_true(compared > 1800);
}

static bool in_supplement(const char *name)
{
	for (size_t i = 0; i < CK_ARRAY_SIZE(supplement); i++)
		if (strcmp(supplement[i].name, name) == 0)
			return true;
	return strcmp(name, "uretprobe") == 0 || strcmp(name, "uprobe") == 0;
}

/* And every number of ours is libseccomp's, or newer than its table. */
static void no_number_is_made_up(void **unused)
{
	(void)unused;
	for (unsigned int call = 0; call < ck_calls_count; call++)
		for (unsigned int abi = 0; abi < CK_ABIS; abi++) {
			int number = ck_call_number(call, abi);
			int found = seccomp_syscall_resolve_name_arch(tokens[abi],
								      ck_call_name(call));

			if (number < 0 || in_supplement(ck_call_name(call)))
				continue;
			if (abi == CK_ABI_X32)
				found &= ~(int)CK_X32_BIT;
			/* i386: libseccomp prefers its pseudo numbers for what socketcall
			 * does */
			if (found < 0)
				continue;
			if (found != number)
				fail_msg("%s on %s: %d, libseccomp has %d",
					 ck_call_name(call), ck_abi_name(abi), number,
					 found);
		}
}

static void the_supplement(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < CK_ARRAY_SIZE(supplement); i++) {
		int call = ck_call_find(supplement[i].name, strlen(supplement[i].name));

		assert_true(call >= 0);
		for (unsigned int abi = 0; abi < CK_ABIS; abi++)
			assert_int_equal(ck_call_number((unsigned int)call, abi),
					 supplement[i].number);
		assert_true(ck_call_since((unsigned int)call) >= CK_KERNEL(6U, 8U, 0U));
	}
}

static void numbers_are_unique(void **unused)
{
	(void)unused;
	for (unsigned int abi = 0; abi < CK_ABIS; abi++)
		for (unsigned int call = 0; call < ck_calls_count; call++) {
			int number = ck_call_number(call, abi);

			assert_true(number < CK_NUMBERS ||
				    (number >= (int)CK_ARM_PRIVATE &&
				     number < (int)CK_ARM_PRIVATE + 8));
			if (number >= 0)
				assert_int_equal(ck_call_by_number(abi, (uint32_t)number),
						 call);
		}
}

/* The compiler's way from a number to the call is that of the other column. */
static void calls_by_number(void **unused)
{
	(void)unused;
	for (unsigned int abi = 0; abi < CK_ABIS; abi++) {
		const uint16_t *calls = ck_calls_by_number(abi);
		unsigned int found = 0, numbered = 0;

		for (unsigned int place = 0; place < CK_PLACES; place++) {
			int number = place < CK_NAMED ?
					     (int)place :
					     (int)(CK_ARM_PRIVATE + place - CK_NAMED);

			assert_int_equal(calls[place] - 1,
					 ck_call_by_number(abi, (uint32_t)number));
			found += calls[place] != 0;
		}
		for (unsigned int call = 0; call < ck_calls_count; call++)
			numbered += ck_call_number(call, abi) >= 0;
		assert_int_equal(found, numbered);
	}
}

/* Names of other machines are known, so that their profiles can be read. */
static void foreign_names(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < CK_ARRAY_SIZE(others); i++)
		for (int number = 0; number < 7000; number++) {
			char *name = seccomp_syscall_resolve_num_arch(others[i], number);

			if (name != NULL && ck_call_find(name, strlen(name)) < 0)
				fail_msg("%s is missing", name);
			free(name);
		}
}

/* Which group each call is meant to be in; the list is intention, the table fact. */
static const struct {
	enum ck_group_id group;
	const char *calls;
} intended[] = {
#include "groups.inc"
};

static void the_groups(void **unused)
{
	static bool seen[1024];
	unsigned int count = 0;

	(void)unused;
	for (size_t i = 0; i < CK_ARRAY_SIZE(intended); i++) {
		const char *cursor = intended[i].calls, *word;
		size_t length;

		while ((length = ck_word_next(&cursor, &word)) > 0) {
			int call = ck_call_find(word, length);

			if (call < 0)
				fail_msg("%.*s is no call", (int)length, word);
			if (seen[call])
				fail_msg("%s is meant for two groups",
					 ck_call_name((unsigned)call));
			seen[call] = true;
			count++;
			if (ck_call_group((unsigned int)call) != intended[i].group)
				fail_msg(
					"%s is in %s", ck_call_name((unsigned int)call),
					ck_group_name(ck_call_group((unsigned int)call)));
		}
	}
	assert_int_equal(count, ck_calls_count);
}

static void group_words(void **unused)
{
	(void)unused;
	for (unsigned int i = 0; i < CK_GROUP_WORDS; i++) {
		const char *name = ck_group_name(i);

		assert_int_equal(name[0], '@');
		assert_int_equal(ck_group_find(name, strlen(name)), i);
		assert_true(strlen(ck_group_help(i)) > 5);
		if (i > 0 && i < CK_GROUP_PRIMARIES)
			assert_true(strcmp(ck_group_name(i - 1), name) < 0);
	}
	assert_int_equal(ck_group_find("@none", 5), -1);
	assert_true((ck_group_members(CK_GROUP_SERVICE) >> CK_GROUP_IO_URING & 1U) == 0);
	assert_true((ck_group_members(CK_GROUP_SERVICE) >> CK_GROUP_NETWORK_IO & 1U) ==
		    1);
}

static void the_follows(void **unused)
{
	(void)unused;
	for (unsigned int i = 0; i < ck_follows_count; i++) {
		const struct ck_follow *row = &ck_follows[i];

		assert_true(row->cap <= 40);
		assert_true((row->group >= 0) != (row->call[0] != '\0'));
		if (row->call[0] != '\0')
			assert_true(ck_call_find(row->call, strlen(row->call)) >= 0);
	}
}

/* Each word of a signature is NAME[/4|/16|/32][:SET], and every set exists. */
static void the_arguments(void **unused)
{
	unsigned int known = 0;

	(void)unused;
	for (unsigned int call = 0; call < ck_calls_count; call++)
		for (unsigned int abi = 0; abi < CK_ABIS; abi++) {
			const char *cursor = ck_args_text(call, abi), *word;
			unsigned int count = 0;
			size_t length;

			while ((length = ck_word_next(&cursor, &word)) > 0) {
				size_t name = strcspn(word, "/: "), set_length;
				const char *set;
				struct ck_slot slot;
				struct ck_constant constant = { 0 };

				assert_true(ck_arg_find(call, abi, word, name, &slot,
							&set, &set_length));
				assert_int_equal(slot.index, count++);
				assert_true(slot.width == 4 || slot.width == 16 ||
					    slot.width == 32 ||
					    (slot.width == 64 && abi != CK_ABI_I386 &&
					     abi != CK_ABI_ARM));
				if (set != NULL &&
				    !ck_constant_next(set, set_length, CK_MACHINE_X86,
						      &constant))
					fail_msg("%s: no set %.*s", ck_call_name(call),
						 (int)set_length, set);
			}
			assert_true(count <= CK_CALL_ARGS);
			known += abi == CK_ABI_X86_64 && count > 0;
		}
	print_message("%u calls with known arguments\n", known);
	assert_true(known > 400);
}

static struct ck_slot slot_of(const char *call, enum ck_abi abi, const char *name)
{
	struct ck_slot slot = { -1, 0 };
	const char *set;
	size_t length;

	(void)!ck_arg_find((unsigned int)ck_call_find(call, strlen(call)), abi, name,
			   strlen(name), &slot, &set, &length);
	return slot;
}

static void slots(void **unused)
{
	static const struct {
		const char *call, *argument;
		enum ck_abi abi;
		int index, width;
	} rows[] = {
		{ "socket", "family", CK_ABI_X86_64, 0, 32 },
		{ "ioctl", "cmd", CK_ABI_X86_64, 1, 32 },
		{ "ioctl", "arg", CK_ABI_X86_64, 2, 64 },
		{ "ioctl", "arg", CK_ABI_X32, 2, 32 },	/* compat_sys_ioctl */
		{ "readv", "vlen", CK_ABI_X32, 2, 64 }, /* sys_readv */
		{ "clone", "flags", CK_ABI_X86_64, 0, 32 },
		{ "clone", "clone_flags", CK_ABI_I386, 0, 32 },
		{ "clone", "tls", CK_ABI_X86_64, 4, 64 },
		{ "clone", "tls", CK_ABI_AARCH64, 3, 64 },
		{ "clone", "child_tidptr", CK_ABI_I386, 4, 32 },
		{ "mmap", "prot", CK_ABI_X86_64, 2, 64 },
		{ "mmap", "prot", CK_ABI_I386, -1, 0 },
		{ "mmap2", "prot", CK_ABI_I386, 2, 32 },
		{ "chmod", "mode", CK_ABI_X86_64, 1, 16 },
		{ "setuid", "uid", CK_ABI_X86_64, 0, 32 },
		{ "setuid", "uid", CK_ABI_I386, 0, 16 },
		{ "fallocate", "offset", CK_ABI_I386, -1, 0 },
		{ "unshare", "flags", CK_ABI_X86_64, 0, 64 },
		/* narrower than their type: fs/read_write.c, mm/mmap.c, mm/mempolicy.c,
		 * kernel/ptrace.c, net/socket.c */
		{ "readv", "fd", CK_ABI_X86_64, 0, 32 },
		{ "writev", "fd", CK_ABI_AARCH64, 0, 32 },
		{ "preadv", "fd", CK_ABI_X86_64, 0, 32 },
		{ "preadv2", "fd", CK_ABI_X86_64, 0, 32 },
		{ "pwritev", "fd", CK_ABI_X86_64, 0, 32 },
		{ "pwritev2", "fd", CK_ABI_X32, 0, 32 },
		{ "mmap", "fd", CK_ABI_X86_64, 4, 32 },
		{ "mbind", "mode", CK_ABI_X86_64, 2, 32 },
		{ "ptrace", "pid", CK_ABI_X86_64, 1, 32 },
		{ "ptrace", "request", CK_ABI_X86_64, 0, 64 },
		{ "kcmp", "idx1", CK_ABI_X86_64, 3, 64 },
		{ "socket", "type", CK_ABI_X86_64, 1, 4 },
		{ "socketpair", "type", CK_ABI_I386, 1, 4 },
		{ "getpid", "arg3", CK_ABI_X86_64, 3, 64 },
		{ "socket", "arg0", CK_ABI_X86_64, 0, 32 },
		{ "socket", "arg5", CK_ABI_X86_64, 5, 64 },
		{ "socket", "arg6", CK_ABI_X86_64, -1, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < CK_ARRAY_SIZE(rows); i++) {
		struct ck_slot slot =
			slot_of(rows[i].call, rows[i].abi, rows[i].argument);

		if (slot.index != rows[i].index || slot.width != rows[i].width)
			fail_msg("%s(%s) on %s: argument %d, %d bits", rows[i].call,
				 rows[i].argument, ck_abi_name(rows[i].abi), slot.index,
				 slot.width);
	}
}

static void constants(void **unused)
{
	struct ck_constant constant = { 0 };
	bool unix_found = false, direct = false;

	(void)unused;
	while (ck_constant_next("AF", 2, CK_MACHINE_X86, &constant))
		if (ck_constant_matches(&constant, "unix", 4)) {
			unix_found = true;
			assert_int_equal(constant.value, 1);
			assert_true(ck_constant_matches(&constant, "AF_UNIX", 7));
			assert_true(ck_constant_matches(&constant, "AF_UN*", 6));
			assert_true(ck_constant_matches(&constant, "*", 1));
			assert_false(ck_constant_matches(&constant, "AF_UNIXX", 8));
			assert_false(ck_constant_matches(&constant, "AF_", 3));
		}
	assert_true(unix_found);
	memset(&constant, 0, sizeof(constant));
	while (ck_constant_next("O", 1, CK_MACHINE_ARM, &constant))
		if (strcmp(constant.name, "DIRECT") == 0) {
			direct = true;
			assert_int_equal(constant.value, 0200000);
		}
	assert_true(direct);
	memset(&constant, 0, sizeof(constant));
	assert_false(ck_constant_next("NO_SUCH", 7, CK_MACHINE_X86, &constant));
}

static void actions(void **unused)
{
	struct ck_arena arena = { 0 };
	uint32_t action;

	(void)unused;
	for (unsigned int number = 1; number <= 133; number++) {
		const char *name = ck_errno_name(number);

		if (number == 41 || number == 58) {
			assert_null(name);
			continue;
		}
		assert_string_equal(name, strerrorname_np((int)number));
		assert_int_equal(ck_errno_number(name, strlen(name)), number);
	}
	assert_int_equal(ck_errno_number("ENOTSUP", 7), ENOTSUP);
	assert_int_equal(ck_errno_number("EWOULDBLOCK", 11), EWOULDBLOCK);
	assert_int_equal(ck_errno_number("EDEADLOCK", 9), EDEADLOCK);
	assert_int_equal(ck_errno_number("ENOTSU", 6), 0);
	assert_null(ck_errno_name(134));
	assert_null(ck_errno_name(0));
	assert_int_equal(ck_action_parse("kill", 4, &action), 0);
	assert_int_equal(action, CK_ACT_KILL);
	assert_int_equal(ck_action_parse("ENOSYS", 6, &action), 0);
	assert_int_equal(action, CK_ACT_ERRNO | 38);
	assert_true(ck_action_parse("enosys", 6, &action) < 0);
	assert_string_equal(ck_action_text(&arena, CK_ACT_ERRNO | 1), "EPERM");
	assert_string_equal(ck_action_text(&arena, CK_ACT_KILL), "kill");
	ck_arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorted),
		cmocka_unit_test(found_next),
		cmocka_unit_test(numbers_of_libseccomp),
		cmocka_unit_test(no_number_is_made_up),
		cmocka_unit_test(the_supplement),
		cmocka_unit_test(numbers_are_unique),
		cmocka_unit_test(calls_by_number),
		cmocka_unit_test(foreign_names),
		cmocka_unit_test(the_groups),
		cmocka_unit_test(group_words),
		cmocka_unit_test(the_follows),
		cmocka_unit_test(the_arguments),
		cmocka_unit_test(slots),
		cmocka_unit_test(constants),
		cmocka_unit_test(actions),
	};

	return UNIT_RUN(tests);
}
