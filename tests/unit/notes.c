/* SPDX-License-Identifier: MIT */
/* What check says about idle rules, and programs as text. */
#include "filter.h"

static void notes(void **unused)
{
	static const struct {
		const char *text, *notes;
	} rows_[] = {
		{ "allow = execve",
		  "t.ini:1: 'execve' has no effect: the same happens without it\n" },
		{ "deny = ptrace",
		  "t.ini:1: 'ptrace' has no effect: the same happens without it\n" },
		{ "deny = ptrace=kill", "" },
		{ "allow = rtas",
		  "t.ini:1: 'rtas' has no effect: no ABI of this profile has the call\n" },
		{ "allow = ptrace ptrace(request: 0)",
		  "t.ini:1: 'ptrace(request: 0)' has no effect: the call is named without conditions "
		  "too\n" },
		{ "allow = io_uring_setup",
		  "t.ini:1: 'io_uring_setup' lets operations through that no filter sees\n" },
		{ "allow = clone3",
		  "t.ini:1: 'clone3' passes by the conditions on clone\n" },
		{ "deny = clone3(size: 1)\nallow = clone3",
		  "t.ini:2: 'clone3' passes by the conditions on clone\n" },
		{ "allow = clone", "" },
		{ "deny = clone(flags: any-of CLONE_VM)", "" },
		{ "deny = clone(flags: any-of CLONE_VM) clone(flags: any-of CLONE_FS)",
		  "" },
		{ "abi = native+32\nbase = @all\ndeny = setuid sendto",
		  "t.ini:3: 'setuid' leaves to i386 programs what does the same; deny too: "
		  "setuid32\n" },
		{ "abi = native+32\nbase = @all\ndeny = umount2=ENOSYS clock_settime",
		  "t.ini:3: 'clock_settime' leaves to i386 programs what does the same; deny "
		  "too: clock_settime64 stime\n"
		  "t.ini:3: 'umount2=ENOSYS' leaves to i386 programs what does the same; deny "
		  "too: umount\n" },
		{ "abi = native+32\nbase = @all\ndeny = chown chown32 futex futex_time64",
		  "" },
		{ "base = @all\ndeny = setuid", "" },
		/* without it, what is included would decide */
		{ "[in]\nbase = @all\ndeny = ptrace\n[out]\nallow = ptrace", "" },
		{ "", "" },
	};

	(void)unused;
	for (size_t i = 0; i < CK_ARRAY_SIZE(rows_); i++) {
		struct ck_arena arena = { 0 };
		struct ck_diags diags = { &arena, NULL, 0, 0 },
				notes = { &arena, NULL, 0, 0 };
		struct ck_rules rules;

		assert_int_equal(read_rules(&arena, rows_[i].text, 0, CK_MACHINE_X86,
					    &diags, &rules),
				 0);
		ck_rules_notes(&rules, &notes);
		assert_string_equal(diag_text(&arena, &notes), rows_[i].notes);
		ck_arena_free(&arena);
	}
}

static const char disassembly[] = "   0  ld   arch\n"
				  "   1  jeq  0xc000003e yes 2 no 13 ; x86_64\n"
				  "   2  ld   nr\n"
				  "   3  jge  0x40000000 yes 11 no 4 ; read of x32\n"
				  "   4  jeq  0x3b       yes 10 no 5 ; execve\n"
				  "   5  jeq  0x29       yes 6 no 12 ; socket\n"
				  "   6  ld   arg0.low\n"
				  "   7  jeq  0x1        yes 8 no 12\n"
				  "   8  ld   arg1.low\n"
				  "   9  jset 0x3        yes 10 no 12\n"
				  "  10  ret  allow\n"
				  "  11  jge  0x80000000 yes 12 no 13\n"
				  "  12  ret  EPERM\n"
				  "  13  ret  kill\n";

static void disassembles(void **unused)
{
	struct ck_arena arena = { 0 };
	struct ck_diags diags = { &arena, NULL, 0, 0 };
	struct ck_program program;
	struct ck_rules rules;

	(void)unused;
	assert_int_equal(read_rules(&arena,
				    "base = @none\nunknown = EPERM\n"
				    "allow = execve socket(family: unix, type: any-of 3)",
				    0, CK_MACHINE_X86, &diags, &rules),
			 0);
	assert_int_equal(ck_filter_compile(&arena, &rules, NULL, &diags, &program), 0);
	assert_string_equal(ck_program_text(&arena, &program), disassembly);
	ck_arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes),
		cmocka_unit_test(disassembles),
	};

	return UNIT_RUN(tests);
}
