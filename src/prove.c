/* SPDX-License-Identifier: MIT */
/*
 * prove.c - does a program mean what the rules say?
 *
 * Asks both over every number of every ABI (and those beside them). The interpreter says
 * which arguments the program looked at: where it looked at none, one question answers
 * for all. Where it did, or the rules do, the values around every constant are asked, in
 * low and high words. A comparison can only change its outcome there, so that what is not
 * asked has the answer of something that is: a proof, not a sample, wherever the
 * combinations stay within the limit. Makes no system call.
 */
#include <errno.h>
#include <string.h>

#include "capkeep.h"

#define POINTS 1024 /* values of one argument */

struct points {
	uint64_t list[POINTS];
	size_t count;
	bool left_out; /* there were more */
};

struct prover {
	const struct ck_rules *rules;
	const struct ck_probe *probe;
	const struct ck_program *program;
	struct ck_proof *proof;
	uint64_t limit;
	struct points points[CK_CALL_ARGS];
	unsigned int loaded; /* arguments that the program has looked at for this call, as
				bits */
};

static void note_difference(struct ck_proof *proof, const struct ck_call_data *data,
			    uint32_t expected, uint32_t found)
{
	bool first = proof->different++ == 0;

	if (found == CK_ACT_ALLOW)
		first = proof->loosened++ == 0;
	if (!first)
		return;
	proof->data = *data;
	proof->expected = expected;
	proof->found = found;
}

static int ask(struct prover *prover, const struct ck_call_data *data)
{
	struct ck_answer verdict;
	unsigned int loaded = 0;
	uint32_t found;

	if (ck_interpret(prover->program->code, prover->program->count, data, &found,
			 &loaded) < 0)
		return -EINVAL;
	prover->loaded |= loaded;
	ck_evaluate(prover->rules, prover->probe, data, &verdict);
	prover->proof->compared++;
	if (verdict.action == found)
		return 0;
	note_difference(prover->proof, data, verdict.action, found);
	return 0;
}

static void add_point(struct points *points, uint64_t value)
{
	for (size_t i = 0; i < points->count; i++)
		if (points->list[i] == value)
			return;
	if (points->count < POINTS)
		points->list[points->count++] = value;
	else
		points->left_out = true;
}

/* A value and its neighbours, alone and with other high words. */
static void add_boundary(struct points *points, uint64_t value)
{
	static const uint64_t highs[] = { 0, 1, 0x80000000U, 0xffffffffU };

	for (uint64_t around = value - 1; around != value + 2; around++) {
		add_point(points, around);
		add_point(points, around & 0xffff);
		add_point(points, (around & 0xffff) | 0x10000);
		for (size_t i = 0; i < CK_ARRAY_SIZE(highs); i++)
			add_point(points, (around & 0xffffffffU) | highs[i] << 32);
	}
}

static void add_mask(struct points *points, uint64_t mask)
{
	add_boundary(points, mask);
	add_point(points, ~mask);
	for (unsigned int bit = 0; bit < 64; bit++)
		if ((mask >> bit & 1U) != 0) {
			add_point(points, UINT64_C(1) << bit);
			add_point(points, mask & ~(UINT64_C(1) << bit));
		}
}

static void add_condition(struct points *points, const struct ck_condition *condition,
			  unsigned int width)
{
	for (size_t i = 0; i < condition->count && width < 16; i++) {
		uint64_t low = condition->values[i].first & 0xf;

		add_point(points, low | 0x10);
		add_point(points, low | 0x80800);
	}
	if (condition->test != CK_TEST_VALUES)
		add_mask(points, condition->mask | condition->negative);
	for (size_t i = 0; i < condition->count; i++) {
		add_boundary(points, condition->values[i].first);
		if (condition->values[i].last != condition->values[i].first)
			add_boundary(points, condition->values[i].last);
	}
}

static void add_basics(struct points *points)
{
	points->count = 0;
	points->left_out = false;
	add_point(points, 0);
	add_point(points, UINT64_MAX);
	add_point(points, 0xffffffffU);
	add_point(points, UINT64_C(1) << 32);
}

/* Fills points with what the rules of the call compare on this ABI. Returns the arguments
 * as bits. */
static unsigned int collect(struct prover *prover, int call, enum ck_abi abi)
{
	const struct ck_rule *rule = call < 0 ? NULL : prover->rules->by_call[call];
	const char *name = call < 0 ? "" : ck_call_name((unsigned int)call);
	unsigned int used = 0;

	for (int i = 0; i < CK_CALL_ARGS; i++)
		add_basics(&prover->points[i]);
	for (; rule != NULL; rule = rule->next)
		for (size_t i = 0; i < rule->count; i++) {
			int index = rule->conditions[i].slot[abi].index;

			if (index < 0)
				continue;
			used |= 1U << index;
			add_condition(&prover->points[index], &rule->conditions[i],
				      rule->conditions[i].slot[abi].width);
		}
	if (strcmp(name, "execve") == 0 && prover->probe != NULL) {
		used |= 1U << CK_PROBE_ARGUMENT;
		add_boundary(&prover->points[CK_PROBE_ARGUMENT], prover->probe->nonce);
	}
	if (strcmp(name, "socketcall") == 0 || strcmp(name, "ipc") == 0) {
		used |= 1U;
		for (uint64_t operation = 0; operation < 32; operation++) {
			add_point(&prover->points[0], operation);
			add_point(&prover->points[0], operation | 0x10000);
			add_point(&prover->points[0], operation | UINT64_C(1) << 32);
		}
	}
	return used;
}

static int ask_all(struct prover *prover, struct ck_call_data *data, unsigned int used,
		   int arg)
{
	int rc = 0;

	while (arg < CK_CALL_ARGS && (used >> arg & 1U) == 0)
		arg++;
	if (arg == CK_CALL_ARGS)
		return ask(prover, data);
	for (size_t i = 0; i < prover->points[arg].count && rc == 0; i++) {
		data->args[arg] = prover->points[arg].list[i];
		rc = ask_all(prover, data, used, arg + 1);
	}
	return rc;
}

/* Too many combinations: a sample of them. */
static int ask_some(struct prover *prover, struct ck_call_data *data, unsigned int used)
{
	uint64_t state = UINT64_C(88172645463325252) ^ data->nr;
	int rc = 0;

	for (uint64_t round = 0; round < prover->limit && rc == 0; round++) {
		for (int arg = 0; arg < CK_CALL_ARGS; arg++) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			if ((used >> arg & 1U) != 0)
				data->args[arg] =
					prover->points[arg]
						.list[state % prover->points[arg].count];
		}
		rc = ask(prover, data);
	}
	return rc;
}

/* The constants with which the program compares words of an argument, for any call. */
static void add_constants(struct prover *prover, int arg)
{
	const struct ck_program *program = prover->program;
	uint32_t offset = 0;

	for (size_t i = 0; i < program->count; i++) {
		uint64_t k = program->code[i].k;
		uint16_t code = program->code[i].code;

		if (code == CK_LD)
			offset = program->code[i].k;
		if (offset != CK_DATA_LOW(arg) && offset != CK_DATA_HIGH(arg))
			continue;
		k <<= offset == CK_DATA_HIGH(arg) ? 32 : 0;
		if (code == CK_JEQ || code == CK_JGT || code == CK_JGE)
			add_boundary(&prover->points[arg], k);
		if (code == CK_JSET || code == CK_AND)
			add_mask(&prover->points[arg], k);
	}
}

static int ask_arguments(struct prover *prover, struct ck_call_data *data,
			 unsigned int used)
{
	uint64_t combinations = 1;
	bool sampled = false;

	for (int arg = 0; arg < CK_CALL_ARGS; arg++) {
		/* What nobody compares must not matter. */
		data->args[arg] = (used >> arg & 1U) != 0 ? 0 : 0xa5a5a5a55a5a5a5aU;
		if ((used >> arg & 1U) == 0)
			continue;
		combinations *= prover->points[arg].count;
		sampled = sampled || prover->points[arg].left_out;
	}
	prover->proof->sampled += sampled || combinations > prover->limit;
	return combinations <= prover->limit ? ask_all(prover, data, used, 0) :
					       ask_some(prover, data, used);
}

static int ask_number(struct prover *prover, uint32_t arch, uint32_t nr, enum ck_abi abi)
{
	uint32_t number = abi == CK_ABI_X32 ? nr & ~CK_X32_BIT : nr;
	struct ck_call_data data = { .nr = nr, .arch = arch };
	unsigned int used = collect(prover, ck_call_by_number(abi, number), abi), more;
	int rc;

	prover->loaded = 0;
	rc = ask(prover, &data);
	if (rc == 0 && (used | prover->loaded) == 0)
		return 0;
	do {
		more = prover->loaded & ~used;
		for (int arg = 0; arg < CK_CALL_ARGS; arg++)
			if ((more >> arg & 1U) != 0)
				add_constants(prover, arg);
		used |= more;
		if (rc == 0)
			rc = ask_arguments(prover, &data, used);
	} while (rc == 0 && (prover->loaded & ~used) != 0);
	return rc;
}

static int ask_span(struct prover *prover, enum ck_abi abi, uint32_t first,
		    uint32_t count)
{
	int rc = 0;

	for (uint32_t i = 0; i < count && rc == 0; i++)
		rc = ask_number(prover, ck_abi_arch(abi), first + i, abi);
	return rc;
}

static int ask_abi(struct prover *prover, enum ck_abi abi)
{
	uint32_t base = abi == CK_ABI_X32 ? CK_X32_BIT : 0;
	int rc = ask_span(prover, abi, base, CK_NUMBERS + 2);

	if (rc == 0)
		rc = ask_span(prover, abi, base + CK_ARM_PRIVATE - 2, 260);
	if (rc == 0)
		rc = ask_span(prover, abi, base + 0x3ffffffeU, 2);
	return rc;
}

static int ask_edges(struct prover *prover, uint32_t arch)
{
	static const uint32_t numbers[] = { 0,		 59,	      0x3fffffffU,
					    0x7fffffffU, 0x80000000U, 0xbfffffffU,
					    0xc0000000U, 0xc000003bU, 0xfffffffeU,
					    0xffffffffU };
	struct ck_call_data data = { .arch = arch };
	int rc = 0;

	for (size_t i = 0; i < CK_ARRAY_SIZE(numbers) && rc == 0; i++) {
		data.nr = numbers[i];
		rc = ask(prover, &data);
	}
	return rc;
}

int ck_prove(const struct ck_rules *rules, const struct ck_probe *probe,
	     const struct ck_program *program, uint64_t limit, struct ck_proof *ret)
{
	/* s390x, riscv64, ppc64le, arm big-endian, nothing */
	static const uint32_t foreign[] = { 0x80000016U, 0xc00000f3U, 0xc0000015U, 0x28U,
					    0 };
	static struct prover room; /* too large for a stack, and always there */
	struct prover *prover = &room;
	struct ck_proof proof = { 0 };
	int rc = ck_interpret_check(program->code, program->count);

	memset(prover, 0, sizeof(*prover));
	prover->rules = rules;
	prover->probe = probe;
	prover->program = program;
	prover->proof = &proof;
	prover->limit = limit;
	for (unsigned int abi = 0; abi < CK_ABIS && rc == 0; abi++) {
		rc = ask_edges(prover, ck_abi_arch(abi));
		if (rc == 0)
			rc = ask_abi(prover, abi);
	}
	for (size_t i = 0; i < CK_ARRAY_SIZE(foreign) && rc == 0; i++)
		rc = ask_edges(prover, foreign[i]);
	prover->proof = NULL; /* it ends with this call, and the room does not */
	if (rc == 0)
		*ret = proof;
	return rc;
}
