/* SPDX-License-Identifier: MIT */
/*
 * Our programs against libseccomp's own, for random rules whose conditions do not
 * overlap: the same answer for every number of every ABI and the values around every
 * compared one. libseccomp compares whole registers, so ours are told to (/64), and
 * numbers without a name get what the rest gets.
 */
#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include "filter.h"

static unsigned long profiles = 300, first_seed = 7;
static uint64_t state;

static unsigned int pick(unsigned int count)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned int)((state >> 11) % count);
}

struct rule {
	char text[160];
	uint64_t value;
	unsigned int call, arg;
};

static const uint64_t interesting[] = { 0,
					1,
					2,
					77,
					0x7fffffff,
					0x80000000,
					0xffffffff,
					UINT64_C(0x100000000),
					UINT64_C(0x500000001),
					UINT64_MAX };

static uint64_t random_value(void)
{
	return interesting[pick(CK_ARRAY_SIZE(interesting))];
}

/* Adds the same rule to both; returns false where libseccomp refuses it. */
static bool add_rule(scmp_filter_ctx context, unsigned int call, struct rule *ret)
{
	static const char *const masks[] = { "none-of", "all-of" };
	const char *name = ck_call_name(call);
	int number = seccomp_syscall_resolve_name(name);
	unsigned int kind = pick(8), arg = pick(CK_CALL_ARGS);
	uint64_t value = random_value();
	enum scmp_compare op = SCMP_CMP_EQ;
	uint64_t datum = 0;

	ret->call = call;
	ret->arg = arg;
	ret->value = value;
	if (kind == 0 || strcmp(name, "execve") == 0) {
		snprintf(ret->text, sizeof(ret->text), "%s", name);
		return seccomp_rule_add(context, SCMP_ACT_ALLOW, number, 0) == 0;
	}
	if (kind == 1) {
		op = SCMP_CMP_NE;
		snprintf(ret->text, sizeof(ret->text), "%s(arg%u/64: not %lu)", name, arg,
			 value);
	} else if (kind == 2 && value > 0) {
		op = SCMP_CMP_LT;
		snprintf(ret->text, sizeof(ret->text), "%s(arg%u/64: ..%lu)", name, arg,
			 value - 1);
	} else if (kind == 3) {
		op = SCMP_CMP_LE;
		snprintf(ret->text, sizeof(ret->text), "%s(arg%u/64: ..%lu)", name, arg,
			 value);
	} else if (kind == 4) {
		op = SCMP_CMP_GE;
		snprintf(ret->text, sizeof(ret->text), "%s(arg%u/64: %lu..)", name, arg,
			 value);
	} else if (kind == 5 && value < UINT64_MAX) {
		op = SCMP_CMP_GT;
		snprintf(ret->text, sizeof(ret->text), "%s(arg%u/64: %lu..)", name, arg,
			 value + 1);
	} else if (kind == 6 && value != 0) {
		op = SCMP_CMP_MASKED_EQ;
		datum = pick(2) == 0 ? 0 : value;
		snprintf(ret->text, sizeof(ret->text), "%s(arg%u/64: %s %lu)", name, arg,
			 masks[datum != 0], value);
	} else {
		snprintf(ret->text, sizeof(ret->text), "%s(arg%u/64: %lu)", name, arg,
			 value);
	}
	return seccomp_rule_add(context, SCMP_ACT_ALLOW, number, 1,
				SCMP_CMP(arg, op, value, datum)) == 0;
}

static size_t export_program(scmp_filter_ctx context, struct ck_insn *code, size_t room)
{
	int file = memfd_create("bpf", 0);
	ssize_t size;

	assert_true(file >= 0);
	assert_int_equal(seccomp_export_bpf(context, file), 0);
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	size = read(file, code, room * sizeof(*code));
	close(file);
	assert_true(size > 0);
	return (size_t)size / sizeof(*code);
}

struct pair {
	const struct ck_program *ours, *theirs;
	unsigned long seed;
	const char *text;
	uint64_t compared;
};

static void compare(struct pair *pair, const struct ck_call_data *data)
{
	uint32_t a, b;

	assert_int_equal(
		ck_interpret(pair->ours->code, pair->ours->count, data, &a, NULL), 0);
	assert_int_equal(
		ck_interpret(pair->theirs->code, pair->theirs->count, data, &b, NULL), 0);
	pair->compared++;
	if (a != b)
		fail_msg(
			"seed %lu: arch %x nr %u args %lx %lx %lx %lx %lx %lx: %x, libseccomp %x\n%s",
			pair->seed, data->arch, data->nr, data->args[0], data->args[1],
			data->args[2], data->args[3], data->args[4], data->args[5], a, b,
			pair->text);
}

/* Is there a rule for this number with a value of more than 32 bits? */
static bool is_wide(const struct rule *rules, size_t count, enum ck_abi abi, uint32_t nr)
{
	for (size_t i = 0; i < count; i++)
		if (rules[i].value > UINT32_MAX &&
		    ck_call_number(rules[i].call, abi) == (int)nr)
			return true;
	return false;
}

static void compare_all(struct pair *pair, const struct rule *rules, size_t count)
{
	static const uint32_t arches[] = { CK_ARCH_X86_64, CK_ARCH_I386,
					   CK_ARCH_AARCH64 };
	struct ck_call_data data = { 0 };

	for (size_t arch = 0; arch < CK_ARRAY_SIZE(arches); arch++)
		for (uint32_t nr = 0; nr < 2 * CK_NUMBERS; nr++) {
			enum ck_abi abi = nr < CK_NUMBERS ? CK_ABI_I386 : CK_ABI_X32;
			uint32_t number = nr % CK_NUMBERS;

			data = (struct ck_call_data){ .nr = number,
						      .arch = arches[arch] };
			data.nr |= abi == CK_ABI_X32 ? CK_X32_BIT : 0;
			if (!is_wide(rules, count, abi, number))
				compare(pair, &data);
		}
	for (size_t i = 0; i < count; i++)
		for (unsigned int abi = 0; abi <= CK_ABI_X32; abi++) {
			int nr = ck_call_number(rules[i].call, abi);

			/* where a value is wider than the ABI, libseccomp cuts it, and we
			 * do not */
			if (nr < 0 ||
			    (abi != CK_ABI_X86_64 && rules[i].value > UINT32_MAX))
				continue;
			data = (struct ck_call_data){ .nr = (uint32_t)nr,
						      .arch = ck_abi_arch(abi) };
			data.nr |= abi == CK_ABI_X32 ? CK_X32_BIT : 0;
			for (size_t j = 0; j < CK_ARRAY_SIZE(interesting); j++)
				for (uint64_t d = 0; d < 3; d++) {
					uint64_t value = interesting[j] + d - 1;

					/* libseccomp looks at no high words there, not on
					 * x32 either */
					data.args[rules[i].arg] = abi == CK_ABI_X86_64 ?
									  value :
									  (uint32_t)value;
					compare(pair, &data);
				}
		}
}

static bool is_apart(unsigned int call)
{
	static const char *const apart[] = { "clone", "clone3", "socketcall", "ipc" };

	for (size_t i = 0; i < CK_ARRAY_SIZE(apart); i++)
		if (strcmp(ck_call_name(call), apart[i]) == 0)
			return true;
	/* libseccomp has pseudo calls for what only socketcall and ipc do on i386 */
	return ck_call_number(call, CK_ABI_X86_64) < 0 ||
	       seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86, ck_call_name(call)) < 0;
}

static void one(unsigned long seed, uint64_t *compared)
{
	static struct rule rules[40];
	static struct ck_insn code[8192];
	struct ck_arena arena = { 0 };
	struct ck_diags diags = { &arena, NULL, 0, 0 };
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	const char *text = "base = @none\nabi = all\nunknown = EPERM\nallow = execve\n";
	struct ck_program ours, theirs;
	struct pair pair = { &ours, &theirs, seed, NULL, 0 };
	struct ck_rules model;
	bool used[1024] = { false };
	size_t count = 0;

	state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	assert_int_equal(
		seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS),
		0);
	assert_int_equal(seccomp_arch_add(context, SCMP_ARCH_X86), 0);
	assert_int_equal(seccomp_arch_add(context, SCMP_ARCH_X32), 0);
	assert_int_equal(seccomp_rule_add(context, SCMP_ACT_ALLOW, 59, 0), 0);
	for (unsigned int i = 0; i < 30; i++) {
		unsigned int call = pick(ck_calls_count);

		if (is_apart(call) || used[call] ||
		    strcmp(ck_call_name(call), "execve") == 0)
			continue;
		used[call] = true;
		if (add_rule(context, call, &rules[count]))
			text = ck_format(&arena, "%sallow = %s\n", text,
					 rules[count++].text);
	}
	pair.text = text;
	if (read_rules(&arena, text, 0, CK_MACHINE_X86, &diags, &model) < 0 ||
	    ck_filter_compile(&arena, &model, NULL, &diags, &ours) < 0)
		fail_msg("%s\n%s", text, diag_text(&arena, &diags));
	theirs.code = code;
	theirs.count = export_program(context, code, CK_ARRAY_SIZE(code));
	seccomp_release(context);
	compare_all(&pair, rules, count);
	*compared += pair.compared;
	ck_arena_free(&arena);
}

static void against_libseccomp(void **unused)
{
	uint64_t compared = 0;

	(void)unused;
	for (unsigned long seed = first_seed; seed < first_seed + profiles; seed++)
		one(seed, &compared);
	print_message(
		"%lu profiles (seeds %lu to %lu): %lu calls compared with libseccomp's programs\n",
		profiles, first_seed, first_seed + profiles - 1, compared);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(against_libseccomp) };

	if (unit_in_valgrind())
		return 0; /* it knows no seccomp(2), which libseccomp asks */
	if (argc > 1)
		profiles = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		first_seed = strtoul(argv[2], NULL, 10);
	return UNIT_RUN(tests);
}
