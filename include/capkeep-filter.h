/* SPDX-License-Identifier: MIT */
/*
 * capkeep-filter.h - the seccomp filter: from the [seccomp] entries of a profile to a
 * program.
 *
 *   entries -> ck_rules --> ck_program        (the launcher: rules.c, compile.c, bpf.c)
 *                 |             |
 *                 v             v
 *            ck_evaluate   ck_interpret       (two readings that share no code)
 *                 '-- ck_prove --'            (capkeepctl and the tests)
 *
 * Nothing here makes a system call. Part of capkeep.h. Actions are the values that a
 * filter returns to the kernel, see seccomp(2). Numbers of x32 calls are kept without
 * CK_X32_BIT.
 */
#ifndef CAPKEEP_FILTER_H
#define CAPKEEP_FILTER_H

#include "capkeep-base.h"
#include "capkeep-profile.h"

/* ---- syscalls.c: names <-> numbers ---- */

enum ck_abi {
	CK_ABI_X86_64,
	CK_ABI_I386,
	CK_ABI_X32,
	CK_ABI_AARCH64,
	CK_ABI_ARM,
	CK_ABIS
};
enum ck_machine { CK_MACHINE_X86, CK_MACHINE_ARM };
#if defined(__aarch64__)
#define CK_MACHINE_NATIVE CK_MACHINE_ARM
#define CK_ABI_NATIVE CK_ABI_AARCH64
#else
#define CK_MACHINE_NATIVE CK_MACHINE_X86
#define CK_ABI_NATIVE CK_ABI_X86_64
#endif

/* AUDIT_ARCH_ values of linux/audit.h; musl ships no kernel headers. */
#define CK_ARCH_X86_64 0xc000003eU
#define CK_ARCH_I386 0x40000003U
#define CK_ARCH_AARCH64 0xc00000b7U
#define CK_ARCH_ARM 0x40000028U
#define CK_X32_BIT 0x40000000U
#define CK_ARM_PRIVATE 0xf0000U /* arm's own calls (cacheflush, set_tls) start here */
#define CK_NUMBERS 1024		/* every other number is below */

extern const unsigned int ck_calls_count;

/* The call of that name, 0..ck_calls_count-1, or -1. */
int ck_call_find(const char *name, size_t length);
/* One of the next calls in the table (lists follow the alphabet), where its bare name
 * stands first in a list of [seccomp], with left bytes before its NUL; -1: none of them.
 * before: a call, or -1. */
int ck_call_next(int before, const char *text, size_t left, size_t *ret_length);
const char *ck_call_name(unsigned int call);
/* Its number, or -1 where the ABI does not have it. */
int ck_call_number(unsigned int call, enum ck_abi abi);
/* By number, the call + 1, or 0: CK_NAMED of them, then CK_ARM_CALLS from CK_ARM_PRIVATE
 * on. */
#define CK_NAMED 552 /* no call has a number from here to CK_ARM_PRIVATE */
#define CK_ARM_CALLS 8
#define CK_PLACES (CK_NAMED + CK_ARM_CALLS)
const uint16_t *ck_calls_by_number(enum ck_abi abi);
/* numbers.c: the call with this number, or -1. */
int ck_call_by_number(enum ck_abi abi, uint32_t number);
/* The kernel version that brought it, as CK_KERNEL. */
#define CK_KERNEL(a, b, c) ((a) << 12 | (b) << 6 | (c))
unsigned int ck_call_since(unsigned int call);
unsigned int ck_call_group(unsigned int call);
/* "x86_64" and so on. */
const char *ck_abi_name(enum ck_abi abi);
uint32_t ck_abi_arch(enum ck_abi abi);

/* ---- groups.c ---- */

/* Each call has one primary group. Behind them stand the groups made of groups. */
enum ck_group_id {
	CK_GROUP_AIO,
	CK_GROUP_BASIC_IO,
	CK_GROUP_CHOWN,
	CK_GROUP_CLOCK,
	CK_GROUP_CPU_EMULATION,
	CK_GROUP_DEBUG,
	CK_GROUP_ESSENTIAL,
	CK_GROUP_FILE_SYSTEM,
	CK_GROUP_IO_EVENT,
	CK_GROUP_IO_URING,
	CK_GROUP_IPC,
	CK_GROUP_KEYRING,
	CK_GROUP_MEMLOCK,
	CK_GROUP_MODULE,
	CK_GROUP_MOUNT,
	CK_GROUP_NAMESPACE,
	CK_GROUP_NETWORK_IO,
	CK_GROUP_OBSOLETE,
	CK_GROUP_PKEY,
	CK_GROUP_PRIVILEGED,
	CK_GROUP_PROCESS,
	CK_GROUP_RAW_IO,
	CK_GROUP_REBOOT,
	CK_GROUP_RESOURCES,
	CK_GROUP_SANDBOX,
	CK_GROUP_SETUID,
	CK_GROUP_SIGNAL,
	CK_GROUP_SWAP,
	CK_GROUP_SYNC,
	CK_GROUP_TIMER,
	CK_GROUP_PRIMARIES,
	CK_GROUP_SERVICE = CK_GROUP_PRIMARIES,
	CK_GROUP_WORDS
};

/* name with its '@'. Returns the group, or -1. */
int ck_group_find(const char *name, size_t length);
const char *ck_group_name(unsigned int group);
/* One line on what it is for. */
const char *ck_group_help(unsigned int group);
/* The primary groups in it, bit N is group N. */
uint64_t ck_group_members(unsigned int group);

/* What a kept capability brings with caps = follow: a group, or a call (group is -1). */
struct ck_follow {
	uint8_t cap;
	int8_t group;
	const char call[20];
};
extern const struct ck_follow ck_follows[];
extern const unsigned int ck_follows_count;

/* ---- sysargs.c, constants.c: arguments and the names of their values ---- */

#define CK_CALL_ARGS 6

/* Where an argument stands, and how many bits of it the kernel uses. */
struct ck_slot {
	int16_t index; /* 0..5; -1: this ABI does not have it in a register */
	uint8_t width; /* 4, 16, 32 or 64: its lowest ones */
};

/* "family/32:AF type/32:SOCK protocol/32:IPPROTO", "" where nothing is known. */
const char *ck_args_text(unsigned int call, enum ck_abi abi);
/* Looks an argument up: by its name, by the one that ends in _NAME, or arg0..arg5.
 * *ret_set is the set of its constants ("AF", 2) or NULL. Returns false where the call
 * has no such argument. */
bool ck_arg_find(unsigned int call, enum ck_abi abi, const char *name, size_t length,
		 struct ck_slot *ret, const char **ret_set, size_t *ret_set_length);

/* Goes through the constants of a set; start with {0}. */
struct ck_constant {
	const char *prefix, *name; /* "AF_", "UNIX" */
	uint32_t value;
	unsigned int position; /* private */
	const char *cursor;    /* private */
};
bool ck_constant_next(const char *set, size_t length, enum ck_machine machine,
		      struct ck_constant *ret);
/* Does word name this constant, with or without its prefix, in either case? A '*' at the
 * end of the word stands for any rest. */
bool ck_constant_matches(const struct ck_constant *constant, const char *word,
			 size_t length);

/* ---- actions.c ---- */

#define CK_ACT_KILL 0x80000000U
#define CK_ACT_KILL_THREAD 0x00000000U
#define CK_ACT_TRAP 0x00030000U
#define CK_ACT_ERRNO 0x00050000U
#define CK_ACT_NOTIFY 0x7fc00000U
#define CK_ACT_TRACE 0x7ff00000U
#define CK_ACT_LOG 0x7ffc0000U
#define CK_ACT_ALLOW 0x7fff0000U
#define CK_ACT_DEFAULT 0xffffffffU /* in a rule: what [seccomp] default says */

/* "EPERM", kill, kill-thread, trap, log, allow. Returns 0 or -EINVAL. */
int ck_action_parse(const char *word, size_t length, uint32_t *ret) CK_MUST_USE;
/* The word for an action; "errno 4000" and the like where there is none. */
const char *ck_action_text(struct ck_arena *arena, uint32_t action);
const char *ck_errno_name(unsigned int number); /* NULL: no name */
/* 0 where there is no such name. */
unsigned int ck_errno_number(const char *name, size_t length);

/* ---- rules.c, conditions.c: entries -> the rule model ---- */

struct ck_filter_input {
	const struct ck_filter_entry *entries;
	size_t count;
	uint64_t keep; /* capabilities that the workload keeps, for caps = follow */
	enum ck_machine machine;
};

/* A value or a range, both ends included. */
struct ck_value {
	uint64_t first, last;
	bool negative; /* was written with a sign: counts at the width of the ABI */
};

enum ck_test { CK_TEST_VALUES, CK_TEST_ANY_OF, CK_TEST_ALL_OF };

struct ck_condition {
	struct ck_slot slot[CK_ABIS];
	enum ck_test test;
	bool negated; /* not, none-of */
	uint64_t mask;
	uint64_t negative; /* more of the mask, as wide as the argument of the ABI */
	const struct ck_value *values;
	size_t count;
};

struct ck_rule {
	uint16_t call;
	bool allow : 1;
	bool shared : 1;  /* by all bare names of one line of allow, where nothing else is
			   * said of them: no call, text and next */
	bool builtin : 1; /* of base = @service; stands before those of the profile */
	bool replaces : 1; /* the first of a call: an included or builtin one gave way */
	uint32_t action;   /* of a deny rule */
	unsigned int count, length;
	const struct ck_condition *conditions; /* count of them */
	struct ck_origin origin;
	const char *text;	/* as written, length bytes */
	struct ck_rule *next;	/* for the same call */
	struct ck_rule *denial; /* private to the reader */
};

/* What is decided about a primary group. */
struct ck_group_rule {
	bool allowed, denied;
	uint32_t action; /* where denied */
	struct ck_origin origin;
};

enum ck_mode { CK_MODE_ENFORCE, CK_MODE_LOG, CK_MODE_OFF, CK_MODE_NOTIFY };
enum ck_base { CK_BASE_SERVICE, CK_BASE_NONE, CK_BASE_ALL };

/* Flags of seccomp(2). */
#define CK_FLAG_LOG 2U
#define CK_FLAG_SPEC_ALLOW 4U

struct ck_rules {
	enum ck_machine machine;
	enum ck_abi native;
	unsigned int abis; /* bit N is enum ck_abi N; every other ABI is killed */
	enum ck_base base;
	enum ck_mode mode; /* CK_MODE_NOTIFY only where a caller sets it, for trace */
	uint32_t default_action, unknown_action;
	unsigned int flags;
	bool follow;
	struct ck_origin origin; /* of the section's last entry */
	struct ck_origin default_origin, base_origin;
	struct ck_rule **by_call; /* heads of lists, ck_calls_count */
	struct ck_group_rule groups[CK_GROUP_PRIMARIES];
	uint8_t *followed; /* by call: capability + 1, or 0 */
};

/* Reads the entries. -EINVAL with diagnostics: unknown words (with the nearest), values
 * outside of the grammar, contradictions inside one file. */
int ck_filter_rules(struct ck_arena *arena, const struct ck_filter_input *input,
		    struct ck_diags *diags, struct ck_rules *ret) CK_MUST_USE;

/* Reads what stands in the parentheses behind the name of a call. Returns 0, or -EINVAL
 * with a diagnostic under where. */
int ck_conditions_parse(struct ck_arena *arena, const struct ck_rules *rules,
			unsigned int call, const char *text, size_t length,
			const struct ck_origin *where, struct ck_diags *diags,
			const struct ck_condition **ret,
			unsigned int *ret_count) CK_MUST_USE;

/* Rules without effect; for check. */
void ck_rules_notes(const struct ck_rules *rules, struct ck_diags *ret);

/* ---- compile.c, bpf.c: the rule model -> a program ---- */

/* struct sock_filter of linux/filter.h */
struct ck_insn {
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};

#define CK_PROGRAM_MAX 4096 /* BPF_MAXINSNS of the kernel */

struct ck_program {
	struct ck_insn *code;
	size_t count;
};

/* An execve whose fourth argument is nonce is answered with error; 0: no probe. */
struct ck_probe {
	uint64_t nonce;
	unsigned int error; /* 1..4095 */
};
#define CK_PROBE_ARGUMENT 3

/* -EINVAL with a diagnostic where execve cannot pass or the program is too long. mode off
 * gives a program of one instruction. */
int ck_filter_compile(struct ck_arena *arena, const struct ck_rules *rules,
		      const struct ck_probe *probe, struct ck_diags *diags,
		      struct ck_program *ret) CK_MUST_USE;

/* bpf.c: a program is written from its end to its beginning, so that every jump knows its
 * target. */
struct ck_emitter {
	struct ck_arena *arena;
	struct ck_insn *list; /* in reverse order */
	size_t room, count;   /* count goes on where the program is too long to be kept */
	struct {
		uint32_t action;
		size_t label;
	} returns[32];
	size_t nreturns;
};

struct ck_bpf_check { /* one condition on one ABI */
	struct ck_slot slot;
	enum ck_test test;
	bool negated;
	uint64_t mask;
	const struct ck_value *values; /* not negative, within the width */
	size_t count;
};

/* Labels count from the end; 0 is none. */
size_t ck_emit_return(struct ck_emitter *emitter, uint32_t action);
/* Loads a word of the call for the test at that label, which comes next. */
size_t ck_emit_load(struct ck_emitter *emitter, uint32_t offset, size_t test);
/* Ands the accumulator with the mask, then goes on with test. */
size_t ck_emit_and(struct ck_emitter *emitter, uint32_t mask, size_t test);
/* code: CK_JEQ and so on */
size_t ck_emit_jump(struct ck_emitter *emitter, uint16_t code, uint32_t k, size_t yes,
		    size_t no);
size_t ck_emit_check(struct ck_emitter *emitter, const struct ck_bpf_check *check,
		     size_t yes, size_t no);
void ck_emit_finish(struct ck_emitter *emitter, struct ck_program *ret);

#define CK_LD 0x20U   /* BPF_LD | BPF_W | BPF_ABS */
#define CK_JA 0x05U   /* BPF_JMP | BPF_JA */
#define CK_JEQ 0x15U  /* BPF_JMP | BPF_JEQ | BPF_K */
#define CK_JGT 0x25U  /* BPF_JMP | BPF_JGT | BPF_K */
#define CK_JGE 0x35U  /* BPF_JMP | BPF_JGE | BPF_K */
#define CK_JSET 0x45U /* BPF_JMP | BPF_JSET | BPF_K */
#define CK_AND 0x54U  /* BPF_ALU | BPF_AND | BPF_K */
#define CK_RET 0x06U  /* BPF_RET | BPF_K */

/* struct seccomp_data of linux/seccomp.h */
#define CK_DATA_NR 0U
#define CK_DATA_ARCH 4U
#define CK_DATA_LOW(arg) \
	(16U + 8U * (uint32_t)(arg)) /* both machines are little-endian */
#define CK_DATA_HIGH(arg) (20U + 8U * (uint32_t)(arg))
struct ck_call_data {
	uint32_t nr, arch;
	uint64_t instruction_pointer;
	uint64_t args[CK_CALL_ARGS];
};

/* ---- interpret.c, disassemble.c, evaluate.c, prove.c, notes.c: for capkeepctl and the
 * tests, not in the launcher ---- */

/* Runs a program as the kernel does. Returns 0 and the action, or -EINVAL where it is
 * malformed. *ret_loaded (may be NULL): bit N where it looked at argument N. */
int ck_interpret(const struct ck_insn *code, size_t count,
		 const struct ck_call_data *data, uint32_t *ret,
		 unsigned int *ret_loaded) CK_MUST_USE;
/* -EINVAL where the kernel would not take it. */
int ck_interpret_check(const struct ck_insn *code, size_t count) CK_MUST_USE;

/* disassemble.c: one line an instruction, with names. */
const char *ck_program_text(struct ck_arena *arena, const struct ck_program *program);

struct ck_answer {
	uint32_t action;
	int call;		 /* -1: a number without a name */
	struct ck_origin origin; /* the deciding line; file NULL: no line but a rule of
				    the format */
	const char *why;	 /* in a few words */
	unsigned int followed;	 /* 1 + the kept capability that it comes with, or 0 */
};

/* Of socketcall and ipc: the call that the operation in the first argument stands for, or
 * "". */
const char *ck_call_operation(unsigned int call, uint64_t first);
/* What the rules say about a call. */
void ck_evaluate(const struct ck_rules *rules, const struct ck_probe *probe,
		 const struct ck_call_data *data, struct ck_answer *ret);

struct ck_proof {
	uint64_t compared; /* calls */
	uint64_t sampled;  /* numbers with more values, or combinations of them, than were
			      asked */
	uint64_t loosened; /* the program allows what the rules do not */
	uint64_t different; /* the first of them, or of the loosened: */
	struct ck_call_data data;
	uint32_t expected, found;
};

/* Compares program and rules over every number of every ABI and the values at the
 * boundaries of every compared argument, low and high words; at most limit combinations a
 * number, beyond it a sample of as many. 0, or -EINVAL where the program is malformed. */
#define CK_PROVE_LIMIT 300000
int ck_prove(const struct ck_rules *rules, const struct ck_probe *probe,
	     const struct ck_program *program, uint64_t limit,
	     struct ck_proof *ret) CK_MUST_USE;

#endif
