/* SPDX-License-Identifier: MIT */
/*
 * The proof: the set works twice, and without any one of it does not, to a fixpoint. What
 * is taken away later may change what was seen before, so that only runs against the
 * final set count. A failure that no refused call explains is repeated, since it may be
 * by chance.
 */
#include <string.h>

#include "ctl-learn.h"

#define PASSES 2
#define PASSES_MAX 6

static bool is_refused(const struct ck_trial *trial, const char *text)
{
	size_t i;

	for (i = 0; trial && i < trial->nrefusals; i++)
		if (!strcmp(trial->refusals[i].text, text))
			return true;
	return false;
}

static bool could_be(const struct ck_refusal *refusal, unsigned int cap)
{
	unsigned int i;

	for (i = 0; i < refusal->nguesses; i++)
		if (refusal->guesses[i] == cap)
			return true;
	return false;
}

static void add_cause(struct ck_learn *learn, struct ck_entry_found *entry,
		      const struct ck_refusal *refusal)
{
	entry->causes = ck_grow(learn->arena, entry->causes, entry->ncauses,
				&entry->causes_room, sizeof(*entry->causes));
	entry->causes[entry->ncauses++] = *refusal;
}

/* What is refused without cap and not with it; what cap is known for, if there is any. */
static void find_causes(struct ck_learn *learn, const struct ck_trial *with,
			struct ck_entry_found *entry)
{
	const struct ck_trial *without = entry->trial;
	int sure;
	size_t i;

	for (sure = 1; sure >= 0 && entry->ncauses == 0; sure--)
		for (i = 0; without && i < without->nrefusals; i++) {
			const struct ck_refusal *refusal = &without->refusals[i];

			if (!is_refused(with, refusal->text) &&
			    (!sure || could_be(refusal, entry->cap)))
				add_cause(learn, entry, refusal);
		}
}

static bool is_explained(struct ck_learn *learn, uint64_t keep, unsigned int cap)
{
	struct ck_entry_found entry = { .cap = cap };

	entry.trial = ck_learn_known(learn, keep & ~CK_CAP(cap))->fail;
	if (entry.trial && !entry.trial->started)
		return true; /* the launcher itself says why */
	find_causes(learn, ck_learn_known(learn, keep)->pass, &entry);
	return entry.ncauses && could_be(&entry.causes[0], cap);
}

static bool works_without(struct ck_learn *learn, uint64_t keep, unsigned int cap)
{
	uint64_t less = keep & ~CK_CAP(cap);
	bool flaky = learn->flaky;

	if (ck_learn_works(learn, less) || ck_learn_stopped(learn))
		return true;
	if (flaky || is_explained(learn, keep, cap))
		return false;
	learn->flaky = true; /* as if: it is repeated */
	if (ck_learn_works(learn, less))
		return true;
	learn->flaky = flaky;
	return false;
}

/* No refused call of the run without anything points at cap. */
static bool is_unlikely(struct ck_learn *learn, unsigned int cap)
{
	const struct ck_trial *bare = ck_learn_known(learn, 0)->fail;
	size_t i;

	for (i = 0; bare && i < bare->nrefusals; i++)
		if (could_be(&bare->refusals[i], cap))
			return false;
	return true;
}

/* The most powerful first: where either of two would do, the weaker one stays. */
static uint64_t sweep(struct ck_learn *learn, uint64_t keep, bool unlikely)
{
	unsigned int power, cap;

	for (power = 2 * CK_CAP_BITS; power > 0; power--)
		for (cap = 0; cap < CK_CAP_BITS; cap++)
			if (keep & CK_CAP(cap) && ck_learn_power(cap) == power - 1 &&
			    (!unlikely || is_unlikely(learn, cap)) &&
			    works_without(learn, keep, cap) && !ck_learn_stopped(learn))
				keep &= ~CK_CAP(cap);
	return keep;
}

/* First what is likely to go, since each that goes makes another run of the others
 * necessary. */
static uint64_t reduce(struct ck_learn *learn, uint64_t keep)
{
	uint64_t before;

	keep = sweep(learn, keep, true);
	do {
		before = keep;
		learn->expected = learn->runs + 1 + (unsigned)__builtin_popcountll(keep);
		keep = sweep(learn, keep, false);
	} while (keep != before && !ck_learn_stopped(learn));
	return keep;
}

static bool passes_twice(struct ck_learn *learn, uint64_t keep)
{
	struct ck_known *known = ck_learn_known(learn, keep);
	unsigned int tries = 0;

	while (known->worked < PASSES && tries++ < PASSES_MAX &&
	       !ck_learn_stopped(learn)) {
		enum ck_look look = known->worked ? CK_LOOK_NOT : CK_LOOK_CALLS;
		const struct ck_trial *trial =
			ck_learn_run(learn, keep, look, "the result once more");

		if (ck_learn_stopped(learn))
			break;
		known->worked += trial->works;
		known->failed += !trial->works;
		if (trial->works && look == CK_LOOK_CALLS)
			known->pass = trial;
	}
	learn->flaky = learn->flaky || known->failed;
	return known->worked >= PASSES;
}

static void describe(struct ck_learn *learn)
{
	const struct ck_known *with = ck_learn_known(learn, learn->found), *without;
	const struct ck_asked *asked;
	unsigned int cap;

	learn->entries =
		ck_alloc_array(learn->arena, CK_CAP_BITS, sizeof(*learn->entries));
	for (cap = 0; cap < CK_CAP_BITS; cap++) {
		struct ck_entry_found *entry = &learn->entries[learn->nentries];

		if (!(learn->found & CK_CAP(cap)))
			continue;
		without = ck_learn_known(learn, learn->found & ~CK_CAP(cap));
		if (learn->verdict == CK_INTERRUPTED && !without->fail)
			continue; /* nothing is known of it */
		*entry = (struct ck_entry_found){ .cap = cap,
						  .failed = without->failed,
						  .runs = without->failed +
							  without->worked,
						  .trial = without->fail };
		find_causes(learn, with->pass, entry);
		asked = &learn->asked[cap];
		/* Without --ready the work of the check is counted to the start. */
		entry->start_only = learn->predicted && learn->ready && asked->granted &&
				    asked->granted == asked->start;
		learn->nentries++;
		with = ck_learn_known(learn, learn->found);
	}
}

void ck_learn_refused(struct ck_learn *learn, struct ck_strings *ret)
{
	const struct ck_trial *with = ck_learn_known(learn, learn->found)->pass, *failed;
	size_t i, n, seen;

	for (i = 0; i < learn->nsets; i++) {
		failed = learn->sets[i].fail;
		for (n = 0; failed && n < failed->nrefusals; n++) {
			const char *text = failed->refusals[n].text;

			for (seen = 0; seen < ret->count; seen++)
				if (!strcmp(ret->list[seen], text))
					break;
			if (seen == ret->count && !is_refused(with, text))
				ck_strings_add(learn->arena, ret, text);
		}
	}
}

/* Of an interrupted search: the smallest that has worked. */
static uint64_t smallest(const struct ck_learn *learn)
{
	uint64_t best = learn->held;
	size_t i;

	for (i = 0; i < learn->nsets; i++)
		if (learn->sets[i].worked && __builtin_popcountll(learn->sets[i].keep) <
						     __builtin_popcountll(best))
			best = learn->sets[i].keep;
	return best;
}

void ck_learn_prove(struct ck_learn *learn, uint64_t candidate)
{
	bool twice;

	if (!ck_learn_stopped(learn) && !ck_learn_works(learn, candidate))
		candidate = learn->held;
	if (!ck_learn_stopped(learn))
		learn->found = reduce(learn, candidate);
	twice = !ck_learn_stopped(learn) && passes_twice(learn, learn->found);
	if (ck_learn_stopped(learn)) {
		learn->found = smallest(learn);
		learn->verdict = CK_INTERRUPTED;
	} else {
		learn->verdict = learn->flaky || !twice ? CK_FLAKY : CK_PROVEN;
	}
	describe(learn);
}
