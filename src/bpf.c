/* SPDX-License-Identifier: MIT */
/*
 * bpf.c - writes a classic BPF program, from its last instruction to its first.
 *
 * Jumps of cBPF go forward only, so that in this direction every target exists when a
 * jump to it is written. A conditional jump reaches 255 instructions; a target farther
 * away gets a trampoline, a return a copy. Labels are distances from the end. Nothing is
 * loaded here.
 */
#include <string.h>

#include "capkeep.h"

#define REACH 253 /* of 255: each of the two branches may still get a trampoline */
/* Farther away a copy of the return is the better trampoline. */
#define RETURN_REACH 200

static void grow(struct ck_emitter *emitter)
{
	size_t room = emitter->room != 0 ? emitter->room * 2 : 256;
	struct ck_insn *list = ck_alloc_array(emitter->arena, room, sizeof(*list));

	if (emitter->count > 0)
		memcpy(list, emitter->list, emitter->count * sizeof(*list));
	emitter->list = list;
	emitter->room = room;
}

static inline size_t emit(struct ck_emitter *emitter, uint16_t code, uint32_t k,
			  size_t jt, size_t jf)
{
	if (emitter->count >= emitter->room && emitter->room < CK_PROGRAM_MAX)
		grow(emitter);
	if (emitter->count < emitter->room)
		emitter->list[emitter->count] =
			(struct ck_insn){ code, (uint8_t)jt, (uint8_t)jf, k };
	return ++emitter->count;
}

size_t ck_emit_return(struct ck_emitter *emitter, uint32_t action)
{
	size_t i = 0;

	while (i < emitter->nreturns && emitter->returns[i].action != action)
		i++;
	if (i < emitter->nreturns &&
	    emitter->count - emitter->returns[i].label < RETURN_REACH)
		return emitter->returns[i].label;
	emit(emitter, CK_RET, action, 0, 0);
	if (i == CK_ARRAY_SIZE(emitter->returns))
		return emitter->count;
	emitter->returns[i].action = action;
	emitter->returns[i].label = emitter->count;
	if (i == emitter->nreturns)
		emitter->nreturns++;
	return emitter->count;
}

static inline size_t within(struct ck_emitter *emitter, size_t label, size_t reach)
{
	size_t distance = emitter->count - label;

	return distance <= reach ? label : emit(emitter, CK_JA, (uint32_t)distance, 0, 0);
}

size_t ck_emit_jump(struct ck_emitter *emitter, uint16_t code, uint32_t k, size_t yes,
		    size_t no)
{
	if (yes == no)
		return yes;
	yes = within(emitter, yes, REACH);
	no = within(emitter, no, REACH + 1);
	return emit(emitter, code, k, emitter->count - yes, emitter->count - no);
}

/* The accumulator holds the word; is it in the range? most: the largest value it can
 * have. */
static size_t emit_range(struct ck_emitter *emitter, uint32_t first, uint32_t last,
			 uint32_t most, size_t yes, size_t no)
{
	if (first == last)
		return ck_emit_jump(emitter, CK_JEQ, first, yes, no);
	if (last < most)
		yes = ck_emit_jump(emitter, CK_JGT, last, no, yes);
	return first == 0 ? yes : ck_emit_jump(emitter, CK_JGE, first, yes, no);
}

/* Execution falls through to the next instruction, so the test stands right behind. */
size_t ck_emit_load(struct ck_emitter *emitter, uint32_t offset, size_t test)
{
	within(emitter, test, 0);
	return emit(emitter, CK_LD, offset, 0, 0);
}

size_t ck_emit_and(struct ck_emitter *emitter, uint32_t mask, size_t test)
{
	within(emitter, test, 0);
	return emit(emitter, CK_AND, mask, 0, 0);
}

static size_t emit_low_values(struct ck_emitter *emitter,
			      const struct ck_bpf_check *check, size_t yes, size_t no)
{
	unsigned int width = check->slot.width;
	uint32_t most = width < 32 ? (1U << width) - 1 : 0xffffffffU;
	size_t label = no;

	for (size_t i = check->count; i-- > 0;)
		label = emit_range(emitter, (uint32_t)check->values[i].first,
				   (uint32_t)check->values[i].last, most, yes, label);
	if (width < 32)
		label = ck_emit_and(emitter, most, label);
	return ck_emit_load(emitter, CK_DATA_LOW(check->slot.index), label);
}

/* argument >= value, word by word */
static size_t emit_at_least(struct ck_emitter *emitter, int arg, uint64_t value,
			    size_t yes, size_t no)
{
	uint32_t high = (uint32_t)(value >> 32), low = (uint32_t)value;
	size_t label = yes;

	if (low != 0) {
		label = ck_emit_jump(emitter, CK_JGE, low, yes, no);
		label = ck_emit_load(emitter, CK_DATA_LOW(arg), label);
	}
	label = ck_emit_jump(emitter, CK_JEQ, high, label, no);
	label = ck_emit_jump(emitter, CK_JGT, high, yes, label);
	return ck_emit_load(emitter, CK_DATA_HIGH(arg), label);
}

static size_t emit_wide_range(struct ck_emitter *emitter, int arg,
			      const struct ck_value *value, size_t yes, size_t no)
{
	uint32_t high = (uint32_t)(value->first >> 32);
	size_t label = yes;

	if (high == (uint32_t)(value->last >> 32)) {
		label = emit_range(emitter, (uint32_t)value->first, (uint32_t)value->last,
				   0xffffffffU, yes, no);
		if (label != yes)
			label = ck_emit_load(emitter, CK_DATA_LOW(arg), label);
		label = ck_emit_jump(emitter, CK_JEQ, high, label, no);
		return ck_emit_load(emitter, CK_DATA_HIGH(arg), label);
	}
	if (value->last != UINT64_MAX)
		label = emit_at_least(emitter, arg, value->last + 1, no, yes);
	return value->first == 0 ? label :
				   emit_at_least(emitter, arg, value->first, label, no);
}

/* Do all values have the same high word? */
static bool one_high_word(const struct ck_bpf_check *check)
{
	for (size_t i = 0; i < check->count; i++)
		if (check->values[i].first >> 32 != check->values[0].first >> 32 ||
		    check->values[i].last >> 32 != check->values[0].first >> 32)
			return false;
	return check->count > 1;
}

static size_t emit_values(struct ck_emitter *emitter, const struct ck_bpf_check *check,
			  size_t yes, size_t no)
{
	int arg = check->slot.index;
	size_t label = no;

	if (check->slot.width < 64)
		return emit_low_values(emitter, check, yes, no);
	if (one_high_word(check)) {
		label = emit_low_values(emitter, check, yes, no);
		label = ck_emit_jump(emitter, CK_JEQ,
				     (uint32_t)(check->values[0].first >> 32), label, no);
		return ck_emit_load(emitter, CK_DATA_HIGH(arg), label);
	}
	for (size_t i = check->count; i-- > 0;)
		label = emit_wide_range(emitter, arg, &check->values[i], yes, label);
	return label;
}

static size_t emit_any_of(struct ck_emitter *emitter, uint32_t offset, uint32_t mask,
			  size_t yes, size_t no)
{
	if (mask == 0)
		return no;
	no = ck_emit_jump(emitter, CK_JSET, mask, yes, no);
	return ck_emit_load(emitter, offset, no);
}

static size_t emit_all_of(struct ck_emitter *emitter, uint32_t offset, uint32_t mask,
			  size_t yes, size_t no)
{
	if (mask == 0)
		return yes;
	yes = ck_emit_jump(emitter, CK_JEQ, mask, yes, no);
	return ck_emit_load(emitter, offset, ck_emit_and(emitter, mask, yes));
}

size_t ck_emit_check(struct ck_emitter *emitter, const struct ck_bpf_check *check,
		     size_t yes, size_t no)
{
	uint32_t low = (uint32_t)check->mask, high = (uint32_t)(check->mask >> 32);
	int arg = check->slot.index;
	size_t met = check->negated ? no : yes, not_met = check->negated ? yes : no;

	if (check->test == CK_TEST_VALUES)
		return emit_values(emitter, check, met, not_met);
	if (check->test == CK_TEST_ANY_OF) {
		not_met = emit_any_of(emitter, CK_DATA_HIGH(arg), high, met, not_met);
		return emit_any_of(emitter, CK_DATA_LOW(arg), low, met, not_met);
	}
	met = emit_all_of(emitter, CK_DATA_HIGH(arg), high, met, not_met);
	return emit_all_of(emitter, CK_DATA_LOW(arg), low, met, not_met);
}

void ck_emit_finish(struct ck_emitter *emitter, struct ck_program *ret)
{
	struct ck_insn *list = emitter->list;

	for (size_t i = 0, j = emitter->count; i + 1 < j; i++) {
		struct ck_insn insn = list[i];

		list[i] = list[--j];
		list[j] = insn;
	}
	ret->code = list;
	ret->count = emitter->count;
}
