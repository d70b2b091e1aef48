/* SPDX-License-Identifier: MIT */
/*
 * Thousands of random profiles: the program that the compiler writes and the evaluator of
 * the rules agree about every number of every ABI and every boundary of every argument.
 * Arguments: the number of profiles, the first seed. A mismatch prints seed and profile.
 */
#include "random-profile.h"

static unsigned long profiles = 5000, first_seed = 20240601;
/* Returns false where the profile was refused. */
static bool prove_one(unsigned long seed, uint64_t limit, uint64_t *compared,
		      size_t *longest)
{
	struct ck_arena arena = { 0 };
	struct ck_diags diags = { &arena, NULL, 0, 0 };
	struct ck_probe probe = { UINT64_C(0x1234567890abcdef), 132 };
	enum ck_machine machine;
	struct ck_program program;
	struct ck_rules rules;
	struct ck_proof proof;
	uint64_t keep;
	const char *text;
	bool accepted = false;

	state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	machine = pick(3) == 0 ? CK_MACHINE_ARM : CK_MACHINE_X86;
	keep = pick(2) == 0 ? 0 : state;
	text = random_profile(&arena, machine);
	if (read_rules(&arena, text, keep, machine, &diags, &rules) == 0 &&
	    ck_filter_compile(&arena, &rules, pick(2) == 0 ? &probe : NULL, &diags,
			      &program) == 0) {
		/* Which of the two was used shows in the program; asking both ways is
		 * simpler. */
		const struct ck_probe *used = NULL;

		for (size_t i = 0; i < program.count; i++)
			if (program.code[i].k == (CK_ACT_ERRNO | probe.error))
				used = &probe;
		accepted = true;
		assert_int_equal(ck_prove(&rules, used, &program, limit, &proof), 0);
		if (proof.different != 0) {
			dump_program(&program);
			print_error(
				"seed %lu machine %u keep %lx\n%s\narch %x nr %u args %lx %lx %lx %lx "
				"%lx %lx: expected %x found %x (%lu of %lu)\n",
				seed, machine, (unsigned long)keep, text, proof.data.arch,
				proof.data.nr, (unsigned long)proof.data.args[0],
				(unsigned long)proof.data.args[1],
				(unsigned long)proof.data.args[2],
				(unsigned long)proof.data.args[3],
				(unsigned long)proof.data.args[4],
				(unsigned long)proof.data.args[5], proof.expected,
				proof.found, (unsigned long)proof.different,
				(unsigned long)proof.compared);
			fail();
		}
		*compared += proof.compared;
		if (program.count > *longest)
			*longest = program.count;
	}
	ck_arena_free(&arena);
	return accepted;
}

static void random_profiles(void **unused)
{
	unsigned long accepted = 0, seed = first_seed;
	uint64_t compared = 0;
	size_t longest = 0;

	(void)unused;
	while (accepted < profiles)
		accepted += prove_one(seed++, accepted < profiles / 50 ? 20000 : 300,
				      &compared, &longest);
	print_message(
		"%lu random profiles (seeds %lu to %lu, %lu refused): %lu calls compared, "
		"longest program %zu instructions, no mismatch\n",
		accepted, first_seed, seed - 1, seed - first_seed - accepted,
		(unsigned long)compared, longest);
}

/* How often the program asks for a number from first on. */
static unsigned int count_tests(const struct ck_program *program, uint32_t first)
{
	unsigned int count = 0;

	for (size_t i = 0; i < program->count; i++) {
		const struct ck_insn *insn = &program->code[i];

		count += (insn->code == CK_JEQ || insn->code == CK_JGE) &&
			 insn->k >= first && insn->k < CK_NAMED;
	}
	return count;
}

/* Two ABIs share the end of their trees where it is the same, and only there. */
static void ends_of_trees(void **unused)
{
	static const char many[] =
		"base = @none\nabi = %s\nunknown = EPERM\nallow = execve exit_group "
		"open_tree fsopen fsmount pidfd_open close_range pidfd_getfd "
		"landlock_create_ruleset futex_waitv mseal\n%s";
	static const struct {
		const char *rest;
		bool shared;
	} rows[] = {
		{ "", true },
		{ "deny = cachestat=ENOSYS", true },
		{ "allow = fsconfig(cmd: 1)", true },
		/* what differs is the last number, so that no end is the same */
		{ "allow = file_setattr(arg5: 0x100000000..)", false },
	};

	(void)unused;
	for (unsigned int i = 0; i < 2 * CK_ARRAY_SIZE(rows); i++) {
		enum ck_machine machine = i % 2 == 0 ? CK_MACHINE_X86 : CK_MACHINE_ARM;
		unsigned int tests[2];

		for (unsigned int both = 0; both < 2; both++) {
			struct ck_arena arena = { 0 };
			struct ck_diags diags = { &arena, NULL, 0, 0 };
			struct ck_program program;
			struct ck_rules rules;
			struct ck_proof proof;
			const char *text =
				ck_format(&arena, many, both ? "native+32" : "native",
					  rows[i / 2].rest);

			if (read_rules(&arena, text, 0, machine, &diags, &rules) < 0)
				fail_msg("%s", diag_text(&arena, &diags));
			assert_int_equal(
				ck_filter_compile(&arena, &rules, NULL, &diags, &program),
				0);
			assert_int_equal(ck_prove(&rules, NULL, &program, 10000, &proof),
					 0);
			assert_int_equal(proof.different, 0);
			tests[both] = count_tests(&program, 429);
			ck_arena_free(&arena);
		}
		if (rows[i / 2].shared)
			assert_in_range(tests[1], tests[0], tests[0] + 2);
		else
			assert_in_range(tests[1], 2 * tests[0] - 2, 3 * tests[0]);
	}
}

/* A mask with a sign has as many bits as the argument has there. */
static void masks_with_a_sign(void **unused)
{
	static const char text[] = "base = @all\nabi = all\nallow = execve\n"
				   "deny = ioctl(arg: all-of -2)=EACCES "
				   "fcntl(arg: all-of -2 1)=EACCES";
	static const struct {
		uint32_t arch, nr;
		uint64_t argument;
		uint32_t expected;
	} rows[] = {
		{ CK_ARCH_X86_64, 16, UINT64_MAX, CK_ACT_ERRNO | EACCES },
		{ CK_ARCH_X86_64, 16, UINT64_MAX - 1, CK_ACT_ERRNO | EACCES },
		{ CK_ARCH_X86_64, 16, 0xfffffffe, CK_ACT_ALLOW },
		{ CK_ARCH_I386, 54, 0xfffffffe, CK_ACT_ERRNO | EACCES },
		{ CK_ARCH_I386, 54, 0x7ffffffe, CK_ACT_ALLOW },
		{ CK_ARCH_X86_64, 72, UINT64_MAX - 1, CK_ACT_ALLOW },
		{ CK_ARCH_I386, 55, 0xfffffffe, CK_ACT_ALLOW },
		{ CK_ARCH_I386, 55, 0xffffffff, CK_ACT_ERRNO | EACCES },
	};
	struct ck_program program;
	struct ck_rules rules;
	struct ck_proof proof;

	(void)unused;
	assert_int_equal(
		read_rules(&unit_arena, text, 0, CK_MACHINE_X86, &unit_diags, &rules), 0);
	assert_int_equal(
		ck_filter_compile(&unit_arena, &rules, NULL, &unit_diags, &program), 0);
	assert_int_equal(ck_prove(&rules, NULL, &program, 10000, &proof), 0);
	assert_int_equal(proof.different, 0);
	for (size_t i = 0; i < CK_ARRAY_SIZE(rows); i++) {
		const struct ck_call_data data = { .nr = rows[i].nr,
						   .arch = rows[i].arch,
						   .args = { 0, 0, rows[i].argument } };
		struct ck_answer answer;
		uint32_t found;

		ck_evaluate(&rules, NULL, &data, &answer);
		assert_int_equal(
			ck_interpret(program.code, program.count, &data, &found, NULL),
			0);
		if (answer.action != rows[i].expected || found != rows[i].expected)
			fail_msg("row %zu: %x and %x, not %x", i, answer.action, found,
				 rows[i].expected);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_profiles),
		cmocka_unit_test(ends_of_trees),
		cmocka_unit_test(masks_with_a_sign),
	};

	if (unit_in_valgrind())
		profiles = 20;
	if (argc > 1)
		profiles = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		first_seed = strtoul(argv[2], NULL, 10);
	return UNIT_RUN(tests);
}
