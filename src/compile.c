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
static uint16_t weight_of(const struct ck_interval *first, uint32_t end)
{
	return end <= CK_NUMBERS ? (uint16_t)(end - first->start) : 1;
}

static size_t emit_intervals(struct ck_compiler *compiler)
{
	const struct ck_interval *list = compiler->intervals;
	size_t left = compiler->nintervals, count = 0;
	struct ck_sea *seas;
	uint32_t before = 0;

	if (compiler->seas_room < left) {
		compiler->seas_room = compiler->room;
		compiler->seas =
			ck_alloc_array(compiler->arena, compiler->room, sizeof(*seas));
	}
	seas = compiler->seas;
	for (; left > 0; before += seas[count++].weight) {
		size_t length = sea_length(list, left);

		left -= length;
		seas[count] = (struct ck_sea){
			list, before, (uint16_t)length,
			weight_of(list, left > 0 ? list[length].start : UINT32_MAX)
		};
		list += length;
	}
	return emit_tree(compiler, seas, count);
}

static void grow_intervals(struct ck_compiler *compiler)
{
	struct ck_interval *list;

	compiler->room = compiler->room * 2 + 192;
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

/* Where a number stands among the calls; ABIs have none for many calls. */
static size_t place_of(int number)
{
	if (number < 0)
		return CK_NUMBERS + CK_ARM_CALLS;
	return number < CK_ARM_SHORT ? (size_t)number :
				       (size_t)(CK_NUMBERS + number - CK_ARM_SHORT);
}

static void read_numbers(enum ck_abi abi, struct ck_numbers *ret)
{
	const int16_t *numbers = ck_call_numbers(abi);

	ret->abi = abi;
	ret->end = 0;
	memset(ret->calls, 0xff, sizeof(ret->calls));
	for (unsigned int call = 0; call < ck_calls_count; call++) {
		ret->calls[place_of(numbers[call])] = (int16_t)call;
		if (numbers[call] >= (int)ret->end && numbers[call] < CK_ARM_SHORT)
			ret->end = (uint32_t)numbers[call] + 1;
	}
}

static const struct ck_decision *
decision_at(struct ck_compiler *compiler, const struct ck_numbers *numbers, size_t place)
{
	int call = numbers->calls[place];
	const struct ck_decision *known = compiler->by_call[call];

	return known != NULL ? known :
			       ck_decide(compiler, (unsigned int)call, numbers->abi);
}

static void add_numbers(struct ck_compiler *compiler, const struct ck_numbers *numbers)
{
	const struct ck_decision *decision, *before = NULL;

	compiler->nintervals = 0;
	for (uint32_t i = 0; i < numbers->end; i++, before = decision) {
		decision = decision_at(compiler, numbers, i);
		if (decision != before)
			add_interval(compiler, i, decision);
	}
	add_interval(compiler, numbers->end, compiler->by_call[CK_NAMELESS]);
	if (numbers->abi != CK_ABI_ARM)
		return;
	for (uint32_t i = 0; i < CK_ARM_CALLS; i++)
		add_interval(compiler, CK_ARM_PRIVATE + i,
			     decision_at(compiler, numbers, CK_NUMBERS + i));
	add_interval(compiler, CK_ARM_PRIVATE + CK_ARM_CALLS,
		     compiler->by_call[CK_NAMELESS]);
}

/* x32 beside the tree of x86_64, which it shares where both decide alike: where some of
 * its calls have numbers of their own, and little else, it differs. */
static size_t emit_x32(struct ck_compiler *compiler, const struct ck_numbers *native,
		       size_t tree)
{
	size_t label = ck_emit_and(&compiler->emitter, ~CK_X32_BIT, tree);
	const struct ck_decision alike = { .count = 1, .label = &label }, *decision,
				 *before = NULL;
	struct ck_numbers *numbers = &compiler->numbers[1];

	read_numbers(CK_ABI_X32, numbers);
	compiler->nintervals = 0;
	for (uint32_t i = 0; i < numbers->end; i++, before = decision) {
		decision = decision_at(compiler, numbers, i);
		if (decision == decision_at(compiler, native, i))
			decision = &alike;
		if (decision != before)
			add_interval(compiler, CK_X32_BIT + i, decision);
	}
	add_interval(compiler, CK_X32_BIT + numbers->end, compiler->by_call[CK_NAMELESS]);
	return emit_intervals(compiler);
}

/* Returns the label of the code for one architecture. */
static size_t emit_arch(struct ck_compiler *compiler, enum ck_abi abi)
{
	struct ck_numbers *numbers = &compiler->numbers[0];
	bool shared =
		abi == CK_ABI_X86_64 && (compiler->rules->abis >> CK_ABI_X32 & 1U) != 0;
	size_t tree;

	read_numbers(abi, numbers);
	add_numbers(compiler, numbers);
	if (abi == CK_ABI_X86_64 && !shared) {
		add_interval(compiler, CK_X32_BIT,
			     ck_decide_plain(compiler, compiler->foreign));
		/* Negative numbers belong to no ABI; -1 is what a tracer leaves behind.
		 */
		add_interval(compiler, 0x80000000U, compiler->by_call[CK_NAMELESS]);
	}
	tree = emit_intervals(compiler);
	if (shared)
		tree = ck_emit_jump(&compiler->emitter, CK_JGE, CK_X32_BIT,
				    emit_x32(compiler, numbers, tree), tree);
	return ck_emit_load(&compiler->emitter, CK_DATA_NR, tree);
}

static void emit_program(struct ck_compiler *compiler)
{
	static const enum ck_abi second[] = { CK_ABI_I386, CK_ABI_ARM };
	const struct ck_rules *rules = compiler->rules;
	struct ck_emitter *emitter = &compiler->emitter;
	enum ck_abi other = second[rules->machine];
	size_t native, compat = 0, label;

	ck_decide_simple(compiler);
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
	compiler->by_call = ck_alloc_array(arena, ck_calls_count + 1,
					   sizeof(const struct ck_decision *));
	compiler->by_call -= CK_NAMELESS;
	compiler->clone = (unsigned int)ck_call_find("clone", 5);
	compiler->clone3 = (unsigned int)ck_call_find("clone3", 6);
	compiler->socketcall = (unsigned int)ck_call_find("socketcall", 10);
	compiler->ipc = (unsigned int)ck_call_find("ipc", 3);
	compiler->by_call[CK_NAMELESS] = ck_decide_plain(
		compiler, ck_compile_answer(rules, rules->unknown_action));
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
