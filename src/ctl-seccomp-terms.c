/* SPDX-License-Identifier: MIT */
/*
 * ctl-seccomp-terms.c - conditions -> terms as OCI runtimes know them: comparisons that
 * are ANDed, each argument at most once, compared whole. An argument of 32 bits is
 * therefore compared under a mask, and alternatives become terms of their own. What has
 * no such form is marked as broken.
 */
#include <string.h>

#include "ctl-seccomp.h"

struct ck_sum ck_sum_new(struct ck_arena *arena)
{
	return (struct ck_sum){
		ck_alloc_array(arena, CK_TERMS_MAX, sizeof(struct ck_term)), 0, false
	};
}

static void add_atom(struct ck_sum *sum, int index, enum ck_oci_op op, uint64_t value,
		     uint64_t two)
{
	if (sum->count == CK_TERMS_MAX) {
		sum->broken = true;
		return;
	}
	sum->list[sum->count++] =
		(struct ck_term){ .args = { { (unsigned int)index, op, value, two } },
				  .count = 1 };
}

/* Any bit of the mask is as in wanted. */
static void add_bits(struct ck_sum *sum, int index, uint64_t mask, uint64_t wanted)
{
	for (unsigned int bit = 0; bit < 64; bit++)
		if ((mask >> bit & 1U) != 0)
			add_atom(sum, index, CK_OCI_MASKED, UINT64_C(1) << bit,
				 wanted & UINT64_C(1) << bit);
}

static uint64_t all_ones(unsigned int width)
{
	return width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
}

static void add_values(struct ck_sum *sum, const struct ck_condition *condition,
		       struct ck_slot slot)
{
	uint64_t most = all_ones(slot.width);

	for (size_t i = 0; i < condition->count; i++) {
		uint64_t first = condition->values[i].first & most;
		uint64_t last =
			condition->values[i].negative ? first : condition->values[i].last;

		if (first == last && slot.width == 64)
			add_atom(sum, slot.index, CK_OCI_EQ, first, 0);
		else if (first == last)
			add_atom(sum, slot.index, CK_OCI_MASKED, most, first);
		else if (first == 0 && slot.width == 64)
			add_atom(sum, slot.index, CK_OCI_LE, last, 0);
		else if (last == most && slot.width == 64)
			add_atom(sum, slot.index, CK_OCI_GE, first, 0);
		else if (last - first < 64)
			for (uint64_t one = first; one <= last; one++)
				add_atom(sum, slot.index, CK_OCI_MASKED, most, one);
		else
			sum->broken = true;
	}
}

/* Not among the values: sayable for one of them. */
static void add_not_values(struct ck_sum *sum, const struct ck_condition *condition,
			   struct ck_slot slot)
{
	uint64_t most = all_ones(slot.width), first = condition->values[0].first & most;
	uint64_t last = condition->values[0].negative ? first : condition->values[0].last;

	bool single = condition->count == 1;

	if (single && first == last && slot.width == 64)
		add_atom(sum, slot.index, CK_OCI_NE, first, 0);
	else if (single && first == last)
		add_bits(sum, slot.index, most, ~first);
	else if (single && slot.width == 64 && first == 0)
		add_atom(sum, slot.index, CK_OCI_GT, last, 0);
	else if (single && slot.width == 64 && last == most)
		add_atom(sum, slot.index, CK_OCI_LT, first, 0);
	else
		sum->broken = true;
}

/* Do all ABIs have the argument at the same place, as wide as OCI's comparison is? */
static bool same_everywhere(const struct ck_rules *rules,
			    const struct ck_condition *condition)
{
	struct ck_slot native = condition->slot[rules->native];

	for (unsigned int abi = 0; abi < CK_ABIS; abi++) {
		struct ck_slot slot = condition->slot[abi];
		bool narrow = abi == CK_ABI_I386 || abi == CK_ABI_ARM;
		unsigned int width = narrow && native.width == 64 ? 32 : native.width;

		if ((rules->abis >> abi & 1U) != 0 &&
		    (slot.index != native.index || slot.width != width))
			return false;
	}
	return native.index >= 0;
}

/* libseccomp cuts values to 32 bits for the ABIs beside the native one; jansson knows no
 * more than 63. */
static bool too_large(const struct ck_rules *rules, const struct ck_sum *sum)
{
	uint64_t most = rules->abis == 1U << rules->native ? INT64_MAX : UINT32_MAX;

	for (size_t i = 0; i < sum->count; i++)
		if (sum->list[i].args[0].value > most || sum->list[i].args[0].two > most)
			return true;
	return false;
}

/* The condition, or its opposite, as alternatives. */
static struct ck_sum condition_sum(struct ck_arena *arena, const struct ck_rules *rules,
				   const struct ck_condition *condition, bool opposite)
{
	struct ck_sum sum = ck_sum_new(arena);
	struct ck_slot slot = condition->slot[rules->native];
	bool negated = condition->negated != opposite;
	uint64_t mask = condition->mask | (condition->negative & all_ones(slot.width));

	if (!same_everywhere(rules, condition))
		sum.broken = true;
	else if (condition->test == CK_TEST_VALUES && !negated)
		add_values(&sum, condition, slot);
	else if (condition->test == CK_TEST_VALUES)
		add_not_values(&sum, condition, slot);
	else if (condition->test == CK_TEST_ANY_OF && !negated)
		add_bits(&sum, slot.index, mask, mask);
	else if (condition->test == CK_TEST_ANY_OF)
		add_atom(&sum, slot.index, CK_OCI_MASKED, mask, 0);
	else if (!negated)
		add_atom(&sum, slot.index, CK_OCI_MASKED, mask, mask);
	else
		add_bits(&sum, slot.index, mask, 0);
	sum.broken = sum.broken || too_large(rules, &sum);
	return sum;
}

static bool join(const struct ck_term *a, const struct ck_term *b, struct ck_term *ret)
{
	*ret = *a;
	for (size_t i = 0; i < b->count; i++) {
		for (size_t j = 0; j < a->count; j++)
			if (a->args[j].index == b->args[i].index)
				return false;
		ret->args[ret->count++] = b->args[i];
	}
	return true;
}

struct ck_sum ck_sum_multiply(struct ck_arena *arena, const struct ck_sum *a,
			      const struct ck_sum *b)
{
	struct ck_sum sum = ck_sum_new(arena);

	sum.broken = a->broken || b->broken || a->count * b->count > CK_TERMS_MAX;
	for (size_t i = 0; i < a->count && !sum.broken; i++)
		for (size_t j = 0; j < b->count && !sum.broken; j++)
			if (!join(&a->list[i], &b->list[j], &sum.list[sum.count++]))
				sum.broken = true;
	return sum;
}

void ck_sum_append(struct ck_sum *sum, const struct ck_sum *more)
{
	sum->broken =
		sum->broken || more->broken || sum->count + more->count > CK_TERMS_MAX;
	for (size_t i = 0; i < more->count && !sum->broken; i++)
		sum->list[sum->count++] = more->list[i];
}

/* Where all conditions of a rule hold; opposite: where one does not. */
struct ck_sum ck_sum_of_rule(struct ck_arena *arena, const struct ck_rules *rules,
			     const struct ck_rule *rule, bool opposite)
{
	struct ck_sum sum = ck_sum_new(arena);

	sum.count = opposite ? 0 : 1; /* nowhere, or the empty term: everywhere */
	for (size_t i = 0; i < rule->count; i++) {
		struct ck_sum condition =
			condition_sum(arena, rules, &rule->conditions[i], opposite);

		if (opposite)
			ck_sum_append(&sum, &condition);
		else
			sum = ck_sum_multiply(arena, &sum, &condition);
	}
	return sum;
}

static bool is_ordered(enum ck_oci_op op)
{
	return op == CK_OCI_LT || op == CK_OCI_LE || op == CK_OCI_GE || op == CK_OCI_GT;
}

static bool is_bounded_above(enum ck_oci_op op)
{
	return op == CK_OCI_LT || op == CK_OCI_LE;
}

static bool has_arg(const struct ck_term *term, const struct ck_oci_arg *arg)
{
	for (size_t i = 0; i < term->count; i++)
		if (term->args[i].index == arg->index && term->args[i].op == arg->op &&
		    term->args[i].value == arg->value)
			return true;
	return false;
}

/* Is every other comparison of the term in the other, too? */
static bool equal_but_for_equalities(const struct ck_term *term,
				     const struct ck_term *other)
{
	for (size_t i = 0; i < term->count; i++)
		if (term->args[i].op != CK_OCI_EQ && term->args[i].op != CK_OCI_MASKED &&
		    !has_arg(other, &term->args[i]))
			return false;
	return true;
}

bool ck_terms_get_on(const struct ck_term *a, const struct ck_term *b)
{
	const struct ck_oci_arg *x = &a->args[0], *y = &b->args[0];

	if (a->count != 1 || b->count != 1)
		return equal_but_for_equalities(a, b) && equal_but_for_equalities(b, a);
	return x->index != y->index || !is_ordered(x->op) || !is_ordered(y->op) ||
	       (!is_bounded_above(x->op) && !is_bounded_above(y->op));
}
