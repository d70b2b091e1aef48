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

/* One test behind the other, each but the last with a single jump; where a tree branches,
 * two of them end each way, and the kernel compiles both. */
static size_t emit_chain(struct ck_compiler *compiler, const struct ck_sea *seas,
			 size_t count)
{
	struct ck_emitter *emitter = &compiler->emitter;
	size_t label = emit_decision(compiler, seas[0].list->decision), found;

	for (size_t i = 1; i < count; i++) {
		found = emit_decision(compiler, seas[i].list->decision);
		label = ck_emit_jump(emitter, CK_JGE, seas[i].list->start, found, label);
	}
	for (size_t i = 0; i < count; i++)
		for (size_t j = 1; j < seas[i].count; j += 2) {
			const struct ck_interval *single = &seas[i].list[j];

			found = emit_decision(compiler, single->decision);
			label = ck_emit_jump(emitter, CK_JEQ, single->start, found,
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
	size_t half, low, high;
	uint32_t weight =
		seas[count - 1].before + seas[count - 1].weight - seas[0].before;

	if (count == 1 || weight <= CK_CHAIN_MAX)
		return emit_chain(compiler, seas, count);
	half = middle(seas, count);
	high = emit_tree(compiler, seas + half, count - half);
	low = emit_tree(compiler, seas, half);
	return ck_emit_jump(&compiler->emitter, CK_JGE, seas[half].list->start, high,
			    low);
}

/* How many calls the kernel looks up in it: once each when it makes its bitmap, which is
 * a good part of a load. */
static uint16_t weight_of(const struct ck_compiler *compiler,
			  const struct ck_interval *first, uint32_t end)
{
	if (first->decision == &compiler->tail)
		return compiler->tail_weight;
	if (first->start >= CK_LOOKED_UP)
		return 1;
	return (uint16_t)((end < CK_LOOKED_UP ? end : CK_LOOKED_UP) - first->start);
}

static size_t emit_intervals(struct ck_compiler *compiler, const struct ck_interval *list,
			     size_t left)
{
	struct ck_sea *seas = compiler->seas;
	uint32_t before = 0;
	size_t count = 0;

	if (compiler->seas_room < left) {
		compiler->seas_room = left;
		compiler->seas = seas =
			ck_alloc_array(compiler->arena, left, sizeof(*seas));
	}
	for (; left > 0; before += seas[count++].weight) {
		size_t length = sea_length(list, left);

		left -= length;
		seas[count] = (struct ck_sea){ list, before, (uint16_t)length,
					       weight_of(compiler, list,
							 left > 0 ? list[length].start :
								    UINT32_MAX) };
		list += length;
	}
	return emit_tree(compiler, seas, count);
}

static void grow_intervals(struct ck_arena *arena, struct ck_intervals *intervals)
{
	struct ck_interval *list;

	intervals->room = intervals->room * 2 + 128;
	list = ck_alloc_array(arena, intervals->room, sizeof(*list));
	if (intervals->count > 0)
		memcpy(list, intervals->list, intervals->count * sizeof(*list));
	intervals->list = list;
}

/* An interval that turns out to be empty is taken back. */
static void add_interval(struct ck_compiler *compiler, struct ck_intervals *intervals,
			 uint32_t start, const struct ck_decision *decision)
{
	size_t count = intervals->count;

	if (count > 0 && intervals->list[count - 1].start == start)
		count--;
	if (count == 0 || intervals->list[count - 1].decision != decision) {
		if (count == intervals->room)
			grow_intervals(compiler->arena, intervals);
		intervals->list[count++] = (struct ck_interval){ start, decision };
	}
	intervals->count = count;
}

/* Behind the last number that has a name, but for arm's own. */
static uint32_t end_of(const uint16_t *calls)
{
	uint32_t end = CK_NAMED;

	while (end > 0 && calls[end - 1] == 0)
		end--;
	return end;
}

/* call: of ck_calls_by_number(). */
static const struct ck_decision *decision_of(struct ck_compiler *compiler,
					     enum ck_abi abi, unsigned int call)
{
	unsigned int id = compiler->known[call];

	return id != 0 ? compiler->plain[id - 1] : ck_decide(compiler, call - 1, abi);
}

static const struct ck_decision *nameless(const struct ck_compiler *compiler)
{
	return compiler->plain[compiler->known[0] - 1];
}

static void add_numbers(struct ck_compiler *compiler, struct ck_intervals *ret,
			enum ck_abi abi)
{
	const uint16_t *calls = ck_calls_by_number(abi), *known = compiler->known;
	uint32_t end = end_of(calls);
	unsigned int id, before = 0;

	for (uint32_t i = 0; i < end; i++, before = id) {
		id = known[calls[i]];
		if (id == 0 || id != before)
			add_interval(compiler, ret, i,
				     decision_of(compiler, abi, calls[i]));
	}
	add_interval(compiler, ret, end, nameless(compiler));
}

/* Since Linux 5.1 a call that is new has one number on all ABIs, so that both lists may
 * end alike: that end gets one tree. */
static void share_tail(struct ck_compiler *compiler)
{
	struct ck_intervals *native = &compiler->native, *other = &compiler->other;
	size_t most = native->count < other->count ? native->count : other->count;
	const struct ck_interval *a = native->list + native->count,
				 *b = other->list + other->count;
	size_t count = 0;

	while (count < most && a[-1].start == b[-1].start &&
	       a[-1].decision == b[-1].decision) {
		count++;
		a--;
		b--;
	}
	if (count < CK_TAIL_MIN)
		return;
	compiler->tail_weight = weight_of(compiler, a, UINT32_MAX);
	compiler->tail_label = emit_intervals(compiler, a, count);
	compiler->tail =
		(struct ck_decision){ .count = 1, .label = &compiler->tail_label };
	native->count -= count;
	other->count -= count;
	add_interval(compiler, native, a->start, &compiler->tail);
	add_interval(compiler, other, b->start, &compiler->tail);
}

/* Calls that arm alone has. */
static void add_arm(struct ck_compiler *compiler)
{
	const uint16_t *calls = ck_calls_by_number(CK_ABI_ARM);

	for (uint32_t i = 0; i < CK_ARM_CALLS; i++)
		add_interval(compiler, &compiler->other, CK_ARM_PRIVATE + i,
			     decision_of(compiler, CK_ABI_ARM, calls[CK_NAMED + i]));
	add_interval(compiler, &compiler->other, CK_ARM_PRIVATE + CK_ARM_CALLS,
		     nameless(compiler));
}

/* x32 beside the tree of x86_64, which it shares where both decide alike: where some of
 * its calls have numbers of their own, and little else, it differs. */
static size_t emit_x32(struct ck_compiler *compiler, size_t tree)
{
	size_t label = ck_emit_and(&compiler->emitter, ~CK_X32_BIT, tree);
	const struct ck_decision alike = { .count = 1, .label = &label }, *decision,
				 *before = NULL;
	const uint16_t *calls = ck_calls_by_number(CK_ABI_X32);
	const uint16_t *natives = ck_calls_by_number(CK_ABI_X86_64);
	const uint16_t *known = compiler->known;
	struct ck_intervals *intervals = &compiler->other;
	uint32_t end = end_of(calls);

	intervals->count = 0;
	for (uint32_t i = 0; i < end; i++) {
		unsigned int id = known[calls[i]];

		decision = &alike;
		if (id == 0 || id != known[natives[i]]) {
			decision = decision_of(compiler, CK_ABI_X32, calls[i]);
			if (decision == decision_of(compiler, CK_ABI_X86_64, natives[i]))
				decision = &alike;
		} else if (before == &alike) {
			continue;
		}
		add_interval(compiler, intervals, CK_X32_BIT + i, decision);
		before = decision;
	}
	add_interval(compiler, intervals, CK_X32_BIT + end, nameless(compiler));
	return emit_intervals(compiler, intervals->list, intervals->count);
}

/* x86_64 beside numbers with the bit of x32. */
static size_t emit_x86_64(struct ck_compiler *compiler)
{
	struct ck_intervals *native = &compiler->native;
	size_t tree;

	if ((compiler->rules->abis >> CK_ABI_X32 & 1U) != 0) {
		tree = emit_intervals(compiler, native->list, native->count);
		return ck_emit_jump(&compiler->emitter, CK_JGE, CK_X32_BIT,
				    emit_x32(compiler, tree), tree);
	}
	add_interval(compiler, native, CK_X32_BIT,
		     ck_decide_plain(compiler, compiler->foreign));
	/* Negative numbers belong to no ABI; -1 is what a tracer leaves behind. */
	add_interval(compiler, native, 0x80000000U, nameless(compiler));
	return emit_intervals(compiler, native->list, native->count);
}

static size_t emit_other(struct ck_compiler *compiler)
{
	if (compiler->rules->machine == CK_MACHINE_ARM)
		add_arm(compiler);
	return emit_intervals(compiler, compiler->other.list, compiler->other.count);
}

static size_t emit_native(struct ck_compiler *compiler)
{
	if (compiler->rules->machine == CK_MACHINE_X86)
		return emit_x86_64(compiler);
	return emit_intervals(compiler, compiler->native.list, compiler->native.count);
}

static void emit_program(struct ck_compiler *compiler)
{
	static const enum ck_abi second[] = { CK_ABI_I386, CK_ABI_ARM };
	const struct ck_rules *rules = compiler->rules;
	struct ck_emitter *emitter = &compiler->emitter;
	enum ck_abi other = second[rules->machine];
	bool both = (rules->abis >> other & 1U) != 0;
	size_t native, compat = 0, label;

	ck_decide_simple(compiler);
	add_numbers(compiler, &compiler->native, rules->native);
	if (both) {
		add_numbers(compiler, &compiler->other, other);
		share_tail(compiler);
		compat = ck_emit_load(emitter, CK_DATA_NR, emit_other(compiler));
	}
	native = ck_emit_load(emitter, CK_DATA_NR, emit_native(compiler));
	label = ck_emit_return(emitter, compiler->foreign);
	if (both)
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
	compiler->known =
		ck_alloc_array(arena, ck_calls_count + 1, sizeof(*compiler->known));
	compiler->clone = (unsigned int)ck_call_find("clone", 5);
	compiler->clone3 = (unsigned int)ck_call_find("clone3", 6);
	compiler->socketcall = (unsigned int)ck_call_find("socketcall", 10);
	compiler->ipc = (unsigned int)ck_call_find("ipc", 3);
	compiler->known[0] =
		(uint16_t)ck_decide_plain(compiler,
					  ck_compile_answer(rules, rules->unknown_action))
			->id;
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
