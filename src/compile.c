/* SPDX-License-Identifier: MIT */
/*
 * compile.c - the rule model -> a program for the kernel.
 *
 * For each ABI every number gets a decision; neighbours with the same decision make an
 * interval, and a tree over them, balanced by calls, finds the one of a call. The path to
 * a plain "allow" loads nothing but architecture and number, so that the kernel (5.11)
 * answers it from a bitmap without running the program. Promises never to let a call pass
 * on grounds of an argument that it cannot see.
 */
#include <errno.h>
#include <string.h>

#include "compile.h"

/* The label of the code of a decision, which is written where it is first needed. */
static size_t emit_decision(struct ck_compiler *compiler,
			    const struct ck_decision *decision)
{
	struct ck_emitter *emitter = &compiler->emitter;
	size_t label, no;

	if (decision->count == 0)
		return ck_emit_return(emitter, decision->action);
	if (*decision->label != 0)
		return *decision->label;
	label = ck_emit_return(emitter, decision->action);
	for (size_t i = decision->count; i-- > 0;) {
		const struct ck_clause *clause = &decision->clauses[i];

		no = label;
		label = ck_emit_return(emitter, clause->action);
		for (size_t j = clause->count; j-- > 0;)
			label = ck_emit_check(emitter, &clause->checks[j], label, no);
	}
	*decision->label = label;
	return label;
}

/* Single numbers in a sea of one decision: ..., a, x, a, y, a, ... Each of them takes one
 * instruction, two ends of intervals would take two. Returns how many intervals at the
 * head of the list are one sea. */
static size_t sea_length(const struct ck_interval *list, size_t count)
{
	size_t length = 1;

	while (length + 1 < count && length + 1 < CK_SEA_MAX &&
	       list[length + 1].start - list[length].start == 1 &&
	       list[length + 1].decision == list[0].decision)
		length += 2;
	return length;
}

static size_t emit_sea(struct ck_compiler *compiler, const struct ck_sea *sea)
{
	const struct ck_interval *list = sea->list;
	size_t label = emit_decision(compiler, list[0].decision), found;

	for (size_t i = sea->count - 1; i > 0; i -= 2) {
		found = emit_decision(compiler, list[i - 1].decision);
		label = ck_emit_jump(&compiler->emitter, CK_JEQ, list[i - 1].start, found,
				     label);
	}
	return label;
}

/* Where the seas fall into two halves of about the same weight, 1 to count - 1. */
static size_t middle(const struct ck_sea *seas, size_t count)
{
	size_t start = seas[0].before,
	       end = seas[count - 1].before + seas[count - 1].weight;
	size_t half = 1;

	while (half + 1 < count &&
	       seas[half].before + seas[half + 1].before < start + end)
		half++;
	return half;
}

/* The accumulator holds the number. */
static size_t emit_tree(struct ck_compiler *compiler, const struct ck_sea *seas,
			size_t count)
{
	size_t half, low = 0, high = 0;

	if (count == 1)
		return emit_sea(compiler, seas);
	half = middle(seas, count);
	/* Returns come last: their copies are then near to the jump. */
	if (count - half > 1 || seas[half].count > 1)
		high = emit_tree(compiler, seas + half, count - half);
	if (half > 1 || seas[0].count > 1)
		low = emit_tree(compiler, seas, half);
	if (high == 0)
		high = emit_sea(compiler, &seas[half]);
	if (low == 0)
		low = emit_sea(compiler, &seas[0]);
	return ck_emit_jump(&compiler->emitter, CK_JGE, seas[half].list->start, high,
			    low);
}

/* How many calls the kernel looks up in it: once each when it makes its bitmap, which is
 * a good part of a load. */
static size_t weight_of(const struct ck_interval *first, uint32_t end)
{
	return end <= CK_NUMBERS ? end - first->start : 1;
}

static size_t emit_intervals(struct ck_compiler *compiler)
{
	const struct ck_interval *list = compiler->intervals;
	size_t left = compiler->nintervals, count = 0, before = 0, weight;
	struct ck_sea *seas = ck_alloc_array(compiler->arena, left, sizeof(*seas));

	for (; left > 0; before += seas[count++].weight) {
		size_t length = sea_length(list, left);

		left -= length;
		weight = weight_of(list, left > 0 ? list[length].start : UINT32_MAX);
		seas[count] = (struct ck_sea){ list, length, before, weight };
		list += length;
	}
	return emit_tree(compiler, seas, count);
}

static void grow_intervals(struct ck_compiler *compiler)
{
	struct ck_interval *list;

	compiler->room = compiler->room * 2 + 128;
	list = ck_alloc_array(compiler->arena, compiler->room, sizeof(*list));
	if (compiler->nintervals > 0)
		memcpy(list, compiler->intervals, compiler->nintervals * sizeof(*list));
	compiler->intervals = list;
}

/* An interval that turns out to be empty is taken back. */
static void add_interval(struct ck_compiler *compiler, uint32_t start,
			 const struct ck_decision *decision)
{
	size_t count = compiler->nintervals;

	if (count > 0 && compiler->intervals[count - 1].start == start)
		count--;
	if (count == 0 || compiler->intervals[count - 1].decision != decision) {
		if (count == compiler->room)
			grow_intervals(compiler);
		compiler->intervals[count++] = (struct ck_interval){ start, decision };
	}
	compiler->nintervals = count;
}

/* The numbers of one ABI, from base on. */
static void add_numbers(struct ck_compiler *compiler, enum ck_abi abi, uint32_t base)
{
	const struct ck_decision *unknown = ck_decide_plain(compiler, compiler->unknown);
	const struct ck_decision **by_number = compiler->by_number;
	uint32_t end = 0; /* behind the last number that has a name */

	for (size_t i = 0; i < CK_NUMBERS + CK_ARM_CALLS; i++)
		by_number[i] = unknown;
	for (unsigned int call = 0; call < ck_calls_count; call++) {
		const struct ck_decision *known = compiler->by_call[call];
		int number = ck_call_number(call, abi);

		if (number < 0)
			continue;
		if (number >= (int)CK_ARM_PRIVATE)
			number += CK_NUMBERS - (int)CK_ARM_PRIVATE;
		if ((uint32_t)number >= end && number < CK_NUMBERS)
			end = (uint32_t)number + 1;
		if (known == NULL || call + 1 == compiler->probed)
			known = ck_decide(compiler, call, abi);
		if (number < CK_NUMBERS + CK_ARM_CALLS)
			by_number[number] = known;
	}
	for (uint32_t i = 0; i < end; i++)
		if (i == 0 || by_number[i] != by_number[i - 1])
			add_interval(compiler, base + i, by_number[i]);
	add_interval(compiler, base + end, unknown);
	for (uint32_t i = 0; i < CK_ARM_CALLS && abi == CK_ABI_ARM; i++)
		add_interval(compiler, CK_ARM_PRIVATE + i, by_number[CK_NUMBERS + i]);
	if (abi == CK_ABI_ARM)
		add_interval(compiler, CK_ARM_PRIVATE + CK_ARM_CALLS, unknown);
}

/* Returns the label of the code for one architecture. */
static size_t emit_arch(struct ck_compiler *compiler, enum ck_abi abi)
{
	compiler->nintervals = 0;
	add_numbers(compiler, abi, 0);
	if (abi == CK_ABI_X86_64) {
		if ((compiler->rules->abis >> CK_ABI_X32 & 1U) != 0)
			add_numbers(compiler, CK_ABI_X32, CK_X32_BIT);
		else
			add_interval(compiler, CK_X32_BIT,
				     ck_decide_plain(compiler, compiler->foreign));
		/* Negative numbers belong to no ABI; -1 is what a tracer leaves behind.
		 */
		add_interval(compiler, 0x80000000U,
			     ck_decide_plain(compiler, compiler->unknown));
	}
	return ck_emit_load(&compiler->emitter, CK_DATA_NR, emit_intervals(compiler));
}

static void emit_program(struct ck_compiler *compiler)
{
	static const enum ck_abi second[] = { CK_ABI_I386, CK_ABI_ARM };
	const struct ck_rules *rules = compiler->rules;
	struct ck_emitter *emitter = &compiler->emitter;
	enum ck_abi other = second[rules->machine];
	size_t native, compat = 0, label;

	if ((rules->abis >> other & 1U) != 0)
		compat = emit_arch(compiler, other);
	native = emit_arch(compiler, rules->native);
	label = ck_emit_return(emitter, compiler->foreign);
	if (compat != 0)
		label = ck_emit_jump(emitter, CK_JEQ, ck_abi_arch(other), compat, label);
	label = ck_emit_jump(emitter, CK_JEQ, ck_abi_arch(rules->native), native, label);
	ck_emit_load(emitter, CK_DATA_ARCH, label);
}

/* Without execve the launcher could not start anything, nor prove the filter. */
static int check_execve(struct ck_compiler *compiler, const struct ck_probe *probe,
			struct ck_diags *diags)
{
	unsigned int execve = (unsigned int)ck_call_find("execve", 6);
	const struct ck_rules *rules = compiler->rules;
	const struct ck_decision *decision = ck_decide(compiler, execve, rules->native);
	const struct ck_origin *origin = &compiler->origin;

	if (decision->count == 0 &&
	    (decision->action == CK_ACT_ALLOW || decision->action == CK_ACT_LOG)) {
		if (probe != NULL)
			ck_decide_probe(compiler, execve, probe);
		return 0;
	}
	if (origin->file == NULL || origin->line == 0)
		origin = &rules->origin;
	ck_diag_add(
		diags, ck_format(compiler->arena, "%s:%u", origin->file, origin->line),
		decision->count != 0 ?
			"[seccomp] ties execve to a condition, so that the command may not be "
			"started; allow it whole: `allow = execve`" :
			"[seccomp] does not let execve through, so that the command cannot be "
			"started; write `allow = execve`");
	return -EINVAL;
}

static struct ck_compiler *start(struct ck_arena *arena, const struct ck_rules *rules)
{
	struct ck_compiler *compiler = ck_alloc(arena, sizeof(*compiler));

	compiler->arena = compiler->emitter.arena = arena;
	compiler->rules = rules;
	compiler->by_call =
		ck_alloc_array(arena, ck_calls_count, sizeof(const struct ck_decision *));
	compiler->clone = (unsigned int)ck_call_find("clone", 5);
	compiler->clone3 = (unsigned int)ck_call_find("clone3", 6);
	compiler->socketcall = (unsigned int)ck_call_find("socketcall", 10);
	compiler->ipc = (unsigned int)ck_call_find("ipc", 3);
	compiler->unknown = ck_compile_answer(rules, rules->unknown_action);
	compiler->foreign = ck_compile_answer(rules, CK_ACT_KILL);
	return compiler;
}

int ck_filter_compile(struct ck_arena *arena, const struct ck_rules *rules,
		      const struct ck_probe *probe, struct ck_diags *diags,
		      struct ck_program *ret)
{
	struct ck_compiler *compiler = start(arena, rules);
	int rc;

	if (rules->mode == CK_MODE_OFF) {
		ck_emit_return(&compiler->emitter, CK_ACT_ALLOW);
		ck_emit_finish(&compiler->emitter, ret);
		return 0;
	}
	rc = check_execve(compiler, probe, diags);
	if (rc < 0)
		return rc;
	emit_program(compiler);
	if (compiler->emitter.count > CK_PROGRAM_MAX) {
		ck_diag_add(
			diags,
			ck_format(arena, "%s:%u", rules->origin.file, rules->origin.line),
			"the filter would have %zu instructions, the kernel takes %d; "
			"use groups instead of single calls, and fewer conditions",
			compiler->emitter.count, CK_PROGRAM_MAX);
		return -EINVAL;
	}
	ck_emit_finish(&compiler->emitter, ret);
	return 0;
}
