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
	unsigned int id; /* where count == 0; from 1 on */
	uint32_t action;
	const struct ck_clause *clauses;
	size_t count;
	size_t *label;			/* of its code; where count != 0 */
	const struct ck_decision *next; /* where count != 0 */
};

struct ck_interval {
	uint32_t start;
	const struct ck_decision *decision;
};

struct ck_intervals {
	struct ck_interval *list;
	size_t count, room;
};

/* Neighbouring intervals: one, or a sea with single numbers in it. */
struct ck_sea {
	const struct ck_interval *list;
	uint32_t before; /* the weight of all to the left */
	uint16_t count, weight;
};

#define CK_SEA_MAX 7	 /* up to three single numbers are asked one by one */
#define CK_LOOKED_UP 472 /* numbers, from 0 on, by kernels of today */
#define CK_TAIL_MIN 4	 /* intervals that are worth a tree of their own */
/* So few numbers are asked one by one: a test more on their way costs the kernel less
 * than a second jump at each end of a tree. */
#define CK_CHAIN_MAX 16

struct ck_compiler {
	struct ck_arena *arena;
	const struct ck_rules *rules;
	uint32_t foreign;		  /* what other architectures get */
	const struct ck_decision **plain; /* without clauses, by id - 1 */
	size_t nplain, plain_room;
	const struct ck_decision *conditional;	     /* a list */
	unsigned int clone, clone3, socketcall, ipc; /* calls with rules of their own */
	unsigned int probed;			     /* a call + 1 */
	const struct ck_decision *probe;
	/* By call + 1, what is decided without regard to ABI and arguments: the id of a
	 * plain decision, or 0. Its first entry is for numbers without a name. */
	uint16_t *known;
	struct ck_intervals native, other; /* of an ABI each */
	struct ck_decision tail;	   /* the tree of the end that both have */
	size_t tail_label;
	uint16_t tail_weight;
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
