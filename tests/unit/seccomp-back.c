/* SPDX-License-Identifier: MIT */
/* [seccomp] to OCI and back: the same answers, or a note, and never more allowed than
 * before. */
#include "../../src/ctl-seccomp.h"
#include "random-profile.h"
#include "runtime.h"

#define KERNEL CK_KERNEL(6U, 1U, 0U)

static const struct {
	const char *text;
	bool exact;
} back[] = {
	{ "unknown = EPERM", true },
	{ "unknown = EPERM\nflags = log", true },
	{ "unknown = EPERM\nflags = log spec-allow", true },
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
	{ "unknown = EPERM\nmode = log\ndeny = ptrace=kill clone3=ENOSYS", true },
	{ "base = @all\nunknown = EPERM\nmode = log\ndeny = ioctl(cmd: TIOCSTI)=ENOTTY",
	  true },
};

/* What mode = log denies is denied there; that is noted, and changes no other answer. */
static bool enforces(struct ck_rules *rules, const struct ck_diags *notes)
{
	size_t expected = rules->mode == CK_MODE_LOG;

	if (expected)
		assert_string_equal(notes->list[notes->count - 1].where, "mode");
	rules->mode = CK_MODE_ENFORCE;
	return notes->count == expected;
}

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
		*ret_exact = enforces(&rules, &notes);
		if (ck_seccomp_from_oci(&arena, &input, &diags, &notes, &ini) < 0 ||
		    read_rules(&arena, strstr(ini, "\n") + 1, 0, CK_MACHINE_X86, &diags,
			       &again) < 0)
			fail_msg("%s\n%s\n%s", text, input.json,
				 diag_text(&arena, &diags));
		assert_int_equal(again.flags, rules.flags);
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

static const char *const modes[] = { "enforce", "log" };

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
				 "%s[end.ini]\nmode = %s\ndefault = ENOTTY\n"
				 "unknown = ENOTTY\n",
				 random_profile(&arena, CK_MACHINE_X86), ONE_OF(modes));
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

/* ---- what a runtime makes of it ---- */

/* With these the default action of OCI would let through what has no form there. */
static const struct {
	const char *text;
	const char *note; /* a part of what is said; NULL: nothing */
} loose[] = {
	{ "base = @all\ndefault = allow\nunknown = allow", NULL },
	{ "base = @all\ndefault = ETIMEDOUT\nunknown = EPERM\n"
	  "allow = getppid(arg0: ..8 0x100000000..)",
	  "getppid: its conditions have no form in OCI; what they would allow gets the" },
	{ "base = @all\ndefault = ETIMEDOUT\nunknown = EPERM\n"
	  "allow = getppid(arg0: ..8, arg1: 0) getppid(arg0: 0x100000000.., arg1: 0)",
	  "getppid: its conditions have no form in OCI; what they would allow gets the" },
	{ "base = @all\ndefault = ETIMEDOUT\nunknown = EPERM\n"
	  "allow = getppid(arg0: 0x7fff00000000..)\nallow = getppid(arg0: ..0x100000)",
	  "getppid: its conditions have no form in OCI; what they would allow gets the" },
	{ "base = @all\ndefault = allow\nunknown = allow\n"
	  "deny = getppid(arg0: ..8)=EIO getppid(arg0: 0x100000000..)=ENOTTY",
	  "getppid: its conditions have no form in OCI; it gets EIO there, whatever its" },
	{ "base = @all\ndefault = allow\nunknown = ENOSYS", NULL },
	{ "base = @all\ndefault = allow\nunknown = EPERM\ndeny = ptrace", NULL },
	{ "base = @all\ndefault = allow\nunknown = allow\ndeny = lseek(offset: 5..99)=EIO",
	  "lseek: its conditions have no form in OCI; it gets EIO there, whatever its "
	  "arguments" },
	{ "base = @all\ndefault = allow\nunknown = ENOSYS\ndeny = lseek(offset: 5..99)=EIO",
	  "lseek: its conditions have no form in OCI; what they would allow gets the "
	  "default action there" },
	{ "base = @all\ndefault = log\nunknown = log\ndeny = lseek(offset: 5..99)=EIO",
	  "lseek: its conditions have no form in OCI; it gets EIO there" },
	{ "base = @all\ndefault = allow\nunknown = allow\ndeny = @mount=EACCES "
	  "mount(flags: 5..99)=kill",
	  "mount: its conditions have no form in OCI; it gets kill there" },
	{ "base = @all\ndefault = allow\nunknown = allow\ndeny = ptrace",
	  "default: a runtime passes over names that it does not know" },
	/* a rule without conditions is asked first by a runtime, and not the first one */
	{ "base = @all\ndefault = allow\nunknown = allow\n"
	  "deny = lseek(whence: 1)=EIO lseek=log",
	  "default: a runtime" },
	{ "base = @none\nunknown = EPERM\nallow = execve\n"
	  "deny = lseek(whence: 1)=EIO lseek(fd: 3)=log",
	  NULL },
	/* operations of socketcall and ipc */
	{ "base = @none\nunknown = EPERM\nabi = native+32\n"
	  "allow = execve socket(family: unix)",
	  "socketcall: OCI runtimes would take the conditions of its operations" },
	{ "base = @all\ndefault = allow\nunknown = allow\nabi = native+32\n"
	  "deny = socket(type: 3)=EIO",
	  "socketcall: OCI runtimes would take the conditions of its operations" },
	{ "base = @all\ndefault = allow\nunknown = allow\nabi = native+32\ndeny = semget=EIO",
	  "ipc: OCI runtimes would deny its operations in one of their forms only" },
	{ "base = @all\ndefault = allow\nunknown = allow\nabi = native+32\nmode = log\n"
	  "deny = socketcall=EIO",
	  "mode: OCI has no complain mode" },
	{ "base = @all\ndefault = allow\nunknown = allow\nmode = log\n"
	  "deny = ptrace kexec_load=kill userfaultfd=ENOSYS",
	  "mode: OCI has no complain mode; the rules are enforced there" },
};

static void log_is_allow(uint32_t *action)
{
	if (*action == CK_ACT_LOG)
		*action = CK_ACT_ALLOW;
}

/* What libseccomp has no name for is not compared, and logged is allowed. */
static void prepare(struct ck_rules *rules, struct ck_program *program)
{
	static struct ck_rule allow = { .allow = true };

	for (size_t i = 0; i < program->count; i++)
		if (program->code[i].code == CK_RET)
			log_is_allow(&program->code[i].k);
	for (unsigned int call = 0; call < ck_calls_count; call++) {
		int number = seccomp_syscall_resolve_name(ck_call_name(call));

		for (struct ck_rule *rule = rules->by_call[call]; rule; rule = rule->next)
			log_is_allow(&rule->action);
		if (number == __NR_SCMP_ERROR || number > LAST_NUMBER)
			rules->by_call[call] = &allow;
	}
	for (unsigned int group = 0; group < CK_GROUP_PRIMARIES; group++)
		log_is_allow(&rules->groups[group].action);
	log_is_allow(&rules->default_action);
	log_is_allow(&rules->unknown_action);
	rules->mode = CK_MODE_ENFORCE;
}

static void check_proof(struct ck_rules *rules, struct ck_program *program,
			const char *text, uint64_t *compared)
{
	struct ck_proof proof;

	prepare(rules, program);
	assert_int_equal(ck_prove(rules, NULL, program, 500, &proof), 0);
	*compared += proof.compared;
	if (proof.loosened != 0)
		fail_msg("arch %x nr %u args %lx %lx %lx %lx: %x, not %x\n%s",
			 proof.data.arch, proof.data.nr, proof.data.args[0],
			 proof.data.args[1], proof.data.args[2], proof.data.args[3],
			 proof.found, proof.expected, text);
}

/* Returns false where the launcher refuses the rules, or the kernel the program of
 * libseccomp. */
static bool check_runtime(const char *text, uint64_t keep, const char *note,
			  uint64_t *compared)
{
	static const char *const no_caps[] = { NULL };
	static struct ck_insn code[CK_PROGRAM_MAX * 16];
	struct ck_arena arena = { 0 };
	struct ck_diags diags = { &arena, NULL, 0, 0 }, notes = { &arena, NULL, 0, 0 };
	struct ck_program ours, theirs = { code, 0 };
	struct ck_rules rules;
	const char *json;
	json_t *root;

	if (read_rules(&arena, text, keep, CK_MACHINE_X86, &diags, &rules) == 0 &&
	    ck_filter_compile(&arena, &rules, NULL, &diags, &ours) == 0) {
		assert_int_equal(ck_seccomp_to_oci(&arena, &rules, &notes, &json), 0);
		root = json_loads(json, 0, NULL);
		theirs.count = build(root, no_caps, code, CK_ARRAY_SIZE(code));
		json_decref(root);
		if (note && !strstr(diag_text(&arena, &notes), note))
			fail_msg("%s\nno '%s' in: %s", text, note,
				 diag_text(&arena, &notes));
		if (theirs.count <= CK_PROGRAM_MAX)
			check_proof(&rules, &theirs, text, compared);
	}
	ck_arena_free(&arena);
	return theirs.count > 0 && theirs.count <= CK_PROGRAM_MAX;
}

static void nothing_is_loosened(void **unused)
{
	static const char *const answers[] = { "allow", "log", "ENOTTY", "kill",
					       "EPERM" };
	unsigned long accepted = 0, seed;
	uint64_t compared = 0;

	(void)unused;
	for (size_t i = 0; i < (unit_in_valgrind() ? 4 : CK_ARRAY_SIZE(loose)); i++)
		assert_true(check_runtime(loose[i].text, 0, loose[i].note, &compared));
	for (seed = 1; accepted < (unit_in_valgrind() ? 1U : 120U); seed++) {
		struct ck_arena arena = { 0 };
		const char *profile, *text;

		state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
		profile = random_profile(&arena, CK_MACHINE_X86);
		text = ck_format(
			&arena, "%s[end.ini]\nmode = %s\ndefault = %s\nunknown = %s\n",
			profile, ONE_OF(modes), ONE_OF(answers), ONE_OF(answers));
		accepted +=
			check_runtime(text, seed % 2 == 0 ? 0 : state, NULL, &compared);
		ck_arena_free(&arena);
	}
	print_message(
		"%lu random profiles (seeds 1 to %lu) to libseccomp: %lu calls compared, "
		"nothing loosened\n",
		accepted, seed - 1, compared);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(and_back),
					    cmocka_unit_test(nothing_is_loosened) };

	return UNIT_RUN(tests);
}
