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
	uint32_t before; /* the weight of all to the left */
	uint16_t count, weight;
};

#define CK_SEA_MAX 7	 /* up to three single numbers are asked one by one */
#define CK_NAMELESS (-1) /* in place of a call, for numbers without a name */
#define CK_ARM_CALLS 8	 /* arm's own calls, from CK_ARM_PRIVATE on */

/* Calls by number, or CK_NAMELESS. */
struct ck_numbers {
	enum ck_abi abi;
	uint32_t end; /* behind the last that has a name, but for arm's own */
	int16_t calls[CK_NUMBERS + CK_ARM_CALLS + 1]; /* arm's own; the last: for none */
};

struct ck_compiler {
	struct ck_arena *arena;
	const struct ck_rules *rules;
	uint32_t foreign; /* what other architectures get */
	const struct ck_decision *plain,
		*conditional;			     /* lists; without and with clauses */
	unsigned int clone, clone3, socketcall, ipc; /* calls with rules of their own */
	unsigned int probed;			     /* a call + 1 */
	const struct ck_decision *probe;
	const struct ck_decision *
		*by_call; /* what is decided without regard to ABI and arguments */
	struct ck_numbers numbers[2]; /* of the ABI at hand, of x32 */
	struct ck_interval *intervals;
	size_t nintervals, room;
	struct ck_sea *seas;
	size_t seas_room;
	struct ck_origin origin; /* of the line that decided last */
	struct ck_emitter emitter;
};

/* What happens to a call on an ABI. */
const struct ck_decision *ck_decide(struct ck_compiler *compiler, unsigned int call,
				    enum ck_abi abi);
/* Decides at once what most calls by far are: allowed by a bare name, or not named. */
void ck_decide_simple(struct ck_compiler *compiler);
/* The same answer whatever the arguments. */
const struct ck_decision *ck_decide_plain(struct ck_compiler *compiler, uint32_t action);
/* Makes the native call answer the probe. */
void ck_decide_probe(struct ck_compiler *compiler, unsigned int call,
		     const struct ck_probe *probe);
/* An action in the mode of the rules. */
uint32_t ck_compile_answer(const struct ck_rules *rules, uint32_t action);

#endif
