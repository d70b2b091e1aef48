/* SPDX-License-Identifier: MIT */
/* compile.h - between compile.c (intervals, tree) and decide.c (what happens to one
 * call). */
#ifndef CAPKEEP_COMPILE_H
#define CAPKEEP_COMPILE_H

#include "capkeep.h"

/* All checks hold: the action. */
struct ck_clause {
	const struct ck_bpf_check *checks;
	size_t count;
	uint32_t action;
};

/* The first clause that holds decides, else action. Equal decisions are one object. */
struct ck_decision {
	unsigned int call;
	uint32_t action;
	const struct ck_clause *clauses;
	size_t count;
	size_t *label; /* of its code; where count != 0 */
	const struct ck_decision *next;
};

struct ck_interval {
	uint32_t start;
	const struct ck_decision *decision;
};

/* Neighbouring intervals: one, or a sea with single numbers in it. */
struct ck_sea {
	const struct ck_interval *list;
	size_t count, before, weight; /* before: that of all to the left */
};

#define CK_SEA_MAX 7   /* up to three single numbers are asked one by one */
#define CK_ARM_CALLS 8 /* arm's own calls, from CK_ARM_PRIVATE on */

struct ck_compiler {
	struct ck_arena *arena;
	const struct ck_rules *rules;
	uint32_t unknown, foreign; /* actions */
	const struct ck_decision *plain,
		*conditional;			     /* lists; without and with clauses */
	unsigned int clone, clone3, socketcall, ipc; /* calls with rules of their own */
	unsigned int probed;			     /* a call + 1 */
	const struct ck_decision *probe;
	const struct ck_decision *
		*by_call; /* what is decided without regard to ABI and arguments */
	const struct ck_decision
		*by_number[CK_NUMBERS + CK_ARM_CALLS]; /* of the ABI at hand */
	struct ck_interval *intervals;
	size_t nintervals, room;
	struct ck_origin origin; /* of the line that decided last */
	struct ck_emitter emitter;
};

/* What happens to a call on an ABI. */
const struct ck_decision *ck_decide(struct ck_compiler *compiler, unsigned int call,
				    enum ck_abi abi);
/* The same answer whatever the arguments. */
const struct ck_decision *ck_decide_plain(struct ck_compiler *compiler, uint32_t action);
/* Makes the native call answer the probe. */
void ck_decide_probe(struct ck_compiler *compiler, unsigned int call,
		     const struct ck_probe *probe);
/* An action in the mode of the rules. */
uint32_t ck_compile_answer(const struct ck_rules *rules, uint32_t action);

#endif
