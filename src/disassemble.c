/* SPDX-License-Identifier: MIT */
/*
 * disassemble.c - a filter for people: mnemonics, the words of seccomp_data, actions,
 * names of calls.
 *
 * cBPF jumps forward only, so one pass knows which architecture and which word can be at
 * hand at each instruction. Works on programs of others too. Makes no system call.
 */
#include <string.h>

#include "capkeep.h"

#define UNKNOWN 0xffffffffU

/* What is known before an instruction; UNKNOWN where several ways lead to it with
 * different values. */
struct state {
	uint32_t arch,
		word; /* AUDIT_ARCH_; the offset that the accumulator was loaded from */
	bool reached;
};

static void reach(struct state *state, size_t count, size_t target, uint32_t arch,
		  uint32_t word)
{
	if (target >= count)
		return;
	state += target;
	if (!state->reached)
		*state = (struct state){ arch, word, true };
	if (state->arch != arch)
		state->arch = UNKNOWN;
	if (state->word != word)
		state->word = UNKNOWN;
}

static void flow(const struct ck_insn *code, size_t count, struct state *states)
{
	reach(states, count, 0, UNKNOWN, UNKNOWN);
	for (size_t i = 0; i < count; i++) {
		const struct ck_insn *insn = &code[i];
		struct state state = states[i];
		bool arch = insn->code == CK_JEQ && state.word == CK_DATA_ARCH;

		if ((insn->code & 7U) == 6)
			continue;
		if (insn->code == CK_JA) {
			reach(states, count, i + 1 + insn->k, state.arch, state.word);
		} else if ((insn->code & 7U) == 5) {
			reach(states, count, i + 1 + insn->jt,
			      arch ? insn->k : state.arch, state.word);
			reach(states, count, i + 1 + insn->jf, state.arch, state.word);
		} else {
			reach(states, count, i + 1, state.arch,
			      insn->code == CK_LD ? insn->k : UNKNOWN);
		}
	}
}

static const char *word_name(struct ck_arena *arena, uint32_t offset)
{
	if (offset == CK_DATA_NR)
		return "nr";
	if (offset == CK_DATA_ARCH)
		return "arch";
	if (offset < CK_DATA_LOW(0))
		return ck_format(arena, "[%u]", offset);
	return ck_format(arena, "arg%u.%s", (offset - 16) / 8,
			 offset % 8 == 0 ? "low" : "high");
}

/* The call or architecture that a constant stands for, as a comment. */
static const char *meaning(struct ck_arena *arena, const struct state *state, uint32_t k)
{
	for (unsigned int abi = 0; abi < CK_ABIS; abi++) {
		uint32_t number = abi == CK_ABI_X32 ? k & ~CK_X32_BIT : k;
		int call = ck_call_by_number(abi, number);

		if (state->word == CK_DATA_ARCH && ck_abi_arch(abi) == k)
			return ck_format(arena, " ; %s", ck_abi_name(abi));
		if (state->word == CK_DATA_NR && ck_abi_arch(abi) == state->arch &&
		    call >= 0 &&
		    (abi == CK_ABI_X32) ==
			    (state->arch == CK_ARCH_X86_64 && k >= CK_X32_BIT))
			return ck_format(arena, " ; %s%s",
					 ck_call_name((unsigned int)call),
					 abi == CK_ABI_X32 ? " of x32" : "");
	}
	return "";
}

static const char *insn_text(struct ck_arena *arena, const struct ck_insn *insn,
			     size_t at, const struct state *state)
{
	static const char names[][8] = {
		[1] = "jeq", [2] = "jgt", [3] = "jge", [4] = "jset"
	};
	unsigned int jump = insn->code >> 4;

	if (insn->code == CK_LD)
		return ck_format(arena, "ld   %s", word_name(arena, insn->k));
	if (insn->code == CK_AND)
		return ck_format(arena, "and  0x%x", insn->k);
	if (insn->code == CK_JA)
		return ck_format(arena, "ja   %zu", at + 1 + insn->k);
	if (insn->code == CK_RET)
		return ck_format(arena, "ret  %s", ck_action_text(arena, insn->k));
	if ((insn->code & 0xfU) == 5 && jump >= 1 && jump <= 4)
		return ck_format(arena, "%-4s 0x%-8x yes %zu no %zu%s", names[jump],
				 insn->k, at + 1 + insn->jt, at + 1 + insn->jf,
				 meaning(arena, state, insn->k));
	return ck_format(arena, "0x%02x 0x%x jt %u jf %u", insn->code, insn->k, insn->jt,
			 insn->jf);
}

const char *ck_program_text(struct ck_arena *arena, const struct ck_program *program)
{
	struct state *states = ck_alloc_array(arena, program->count, sizeof(*states));
	const char **lines = ck_alloc_array(arena, program->count, sizeof(*lines));
	size_t length = 1, at = 0;
	char *text;

	flow(program->code, program->count, states);
	for (size_t i = 0; i < program->count; i++) {
		lines[i] = ck_format(arena, "%4zu  %s\n", i,
				     insn_text(arena, &program->code[i], i, &states[i]));
		length += strlen(lines[i]);
	}
	text = ck_alloc(arena, length);
	for (size_t i = 0; i < program->count; i++) {
		size_t size = strlen(lines[i]);

		memcpy(text + at, lines[i], size);
		at += size;
	}
	return text;
}
