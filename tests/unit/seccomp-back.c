/* SPDX-License-Identifier: MIT */
/* [seccomp] to OCI and back: the same answers, or a note, and never more allowed than
 * before. */
#include "../../src/ctl-seccomp.h"
#include "random-profile.h"

#define KERNEL CK_KERNEL(6U, 1U, 0U)

static const struct {
	const char *text;
	bool exact;
} back[] = {
	{ "unknown = EPERM", true },
	{ "unknown = EPERM\nabi = all", true },
	{ "base = @none\nunknown = EPERM\nallow = execve socket(family: unix inet inet6)",
	  true },
	{ "base = @all\nunknown = EPERM\ndeny = ioctl(cmd: TIOCSTI TIOCLINUX)=ENOTTY",
	  false },
	{ "base = @all\nunknown = EPERM\ndeny = ioctl(cmd: TIOCSTI)=ENOTTY", true },
	{ "base = @all\nunknown = EPERM\ndeny = socket(family: packet, type: any-of 3)=EACCES",
	  true },
	{ "unknown = EPERM\nallow = lseek(offset: 1..)\ndeny = lseek(whence: SEEK_END)",
	  true },
	{ "unknown = EPERM\nallow = lseek(offset: 5..99, whence: 1)", false },
};

/* INI -> OCI -> INI: the same answers, and where a note says that there is none, never
 * more allowed. */
static bool check_back(const char *text, uint64_t keep, bool *ret_exact,
		       uint64_t *compared)
{
	struct ck_arena arena = { 0 };
	struct ck_diags diags = { &arena, NULL, 0, 0 }, notes = { &arena, NULL, 0, 0 };
	struct ck_seccomp_input input = { "back.json",	  NULL,	  0,   0,
					  CK_MACHINE_X86, KERNEL, true };
	struct ck_program ours, theirs;
	struct ck_rules rules, again;
	struct ck_proof proof;
	const char *ini;
	bool accepted;

	accepted = read_rules(&arena, text, keep, CK_MACHINE_X86, &diags, &rules) == 0 &&
		   ck_filter_compile(&arena, &rules, NULL, &diags, &ours) == 0;
	if (accepted) {
		assert_int_equal(ck_seccomp_to_oci(&arena, &rules, &notes, &input.json),
				 0);
		input.length = strlen(input.json);
		*ret_exact = notes.count == 0;
		if (ck_seccomp_from_oci(&arena, &input, &diags, &notes, &ini) < 0 ||
		    read_rules(&arena, strstr(ini, "\n") + 1, 0, CK_MACHINE_X86, &diags,
			       &again) < 0)
			fail_msg("%s\n%s\n%s", text, input.json,
				 diag_text(&arena, &diags));
		again.unknown_action = rules.unknown_action;
		if (ck_filter_compile(&arena, &again, NULL, &diags, &theirs) == 0) {
			assert_int_equal(ck_prove(&rules, NULL, &theirs, 2000, &proof),
					 0);
			*compared += proof.compared;
			if (*ret_exact ? proof.different != 0 : proof.loosened != 0)
				fail_msg(
					"arch %x nr %u args %lx %lx %lx %lx: %x, not %x\n%s\n%s",
					proof.data.arch, proof.data.nr,
					proof.data.args[0], proof.data.args[1],
					proof.data.args[2], proof.data.args[3],
					proof.found, proof.expected, text, ini);
		}
	}
	ck_arena_free(&arena);
	return accepted;
}

static void and_back(void **unused)
{
	unsigned long accepted = 0, exact = 0, seed;
	uint64_t compared = 0;
	bool is_exact;

	(void)unused;
	for (size_t i = 0; i < CK_ARRAY_SIZE(back); i++) {
		assert_true(check_back(back[i].text, 0, &is_exact, &compared));
		if (is_exact != back[i].exact)
			fail_msg("%s: exact: %d", back[i].text, is_exact);
	}
	for (seed = 1; accepted < (unit_in_valgrind() ? 5U : 300U); seed++) {
		struct ck_arena arena = { 0 };
		const char *text;

		state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
		text = ck_format(&arena,
				 "%s[end.ini]\nmode = enforce\ndefault = ENOTTY\n"
				 "unknown = ENOTTY\n",
				 random_profile(&arena, CK_MACHINE_X86));
		if (check_back(text, seed % 2 == 0 ? 0 : state, &is_exact, &compared)) {
			accepted++;
			exact += is_exact;
		}
		ck_arena_free(&arena);
	}
	print_message(
		"%lu random profiles (seeds 1 to %lu) to OCI and back: %lu exact, %lu reported, %lu "
		"calls compared, nothing loosened\n",
		accepted, seed - 1, exact, accepted - exact, compared);
	assert_true(exact > accepted / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(and_back) };

	return UNIT_RUN(tests);
}
