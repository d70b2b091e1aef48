/* SPDX-License-Identifier: MIT */
/* What was learned, for programs. */
#include "ctl-learn.h"

static json_t *entry_json(const struct ck_learn *learn,
			  const struct ck_entry_found *entry)
{
	json_t *one = ck_json_object(), *calls = ck_json_array(),
	       *advice = ck_json_array();
	size_t i;

	for (i = 0; i < entry->ncauses; i++)
		ck_json_add(calls, ck_json_text(entry->causes[i].text));
	for (i = 0; i < entry->advice.count; i++)
		ck_json_add(advice, ck_json_text(entry->advice.list[i]));
	ck_json_set(one, "capability",
		    ck_json_text(ck_cap_label(learn->arena, entry->cap)));
	ck_json_set(one, "refused", calls);
	ck_json_set(one, "named", ck_json_bool(entry->ncauses && entry->causes[0].named));
	ck_json_set(one, "failed", ck_json_number(entry->failed));
	ck_json_set(one, "runs", ck_json_number(entry->runs));
	ck_json_set(one, "why", ck_json_text(entry->trial ? entry->trial->why : NULL));
	ck_json_set(one, "said", ck_json_text(entry->trial ? entry->trial->said : NULL));
	ck_json_set(one, "start_only", ck_json_bool(entry->start_only));
	ck_json_set(one, "advice", advice);
	return one;
}

static json_t *unneeded_json(const struct ck_learn *learn)
{
	json_t *array = ck_json_array();
	unsigned int cap;

	for (cap = 0; cap < CK_CAP_BITS; cap++) {
		const char *reason = ck_learn_unneeded(learn, cap);
		json_t *one;

		if (!reason || !(learn->held & ~learn->found & CK_CAP(cap)))
			continue;
		one = ck_json_object();
		ck_json_set(one, "capability",
			    ck_json_text(ck_cap_label(learn->arena, cap)));
		ck_json_set(one, "reason", ck_json_text(reason));
		ck_json_add(array, one);
	}
	return array;
}

static void add_filter(const struct ck_learn *learn, json_t *object)
{
	json_t *left_out = ck_json_array();
	size_t i;

	for (i = 0; i < learn->left_out.count; i++)
		ck_json_add(left_out, ck_json_text(learn->left_out.list[i]));
	ck_json_set(object, "seccomp", ck_json_text(learn->filter));
	ck_json_set(object, "seccomp_proven", ck_json_bool(learn->filter_proven));
	ck_json_set(object, "seccomp_why",
		    ck_json_text(learn->filter_proven ? NULL : learn->filter_why));
	ck_json_set(object, "seccomp_left_out", left_out);
}

void ck_learn_json(struct ck_learn *learn)
{
	static const char *const verdicts[] = {
		[CK_UNKNOWN] = "unknown",
		[CK_PROVEN] = "proven",
		[CK_FLAKY] = "flaky",
		[CK_INTERRUPTED] = "interrupted",
	};
	json_t *object = ck_json_object(), *entries = ck_json_array();
	size_t i;

	for (i = 0; i < learn->nentries; i++)
		ck_json_add(entries, entry_json(learn, &learn->entries[i]));
	ck_json_set(object, "verdict", ck_json_text(verdicts[learn->verdict]));
	ck_json_set(object, "keep", ck_json_caps(learn->found));
	ck_json_set(object, "entries", entries);
	ck_json_set(object, "not_needed", unneeded_json(learn));
	ck_json_set(object, "not_testable", ck_json_caps(learn->known & ~learn->held));
	ck_json_set(object, "no_new_privs", ck_json_bool(learn->no_new_privs));
	ck_json_set(object, "user",
		    ck_json_text(learn->user ? learn->user : "unchanged"));
	ck_json_set(object, "group", ck_json_text(learn->group));
	if (learn->seccomp)
		add_filter(learn, object);
	ck_json_set(object, "restless", ck_json_bool(learn->restless));
	ck_json_set(object, "runs", ck_json_number(learn->runs));
	ck_json_set(object, "tracing", ck_json_text(learn->trace));
	ck_json_set(object, "not_traced_because", ck_json_text(learn->trace_why));
	ck_json_set(object, "not_observed_because", ck_json_text(learn->unobserved));
	ck_json_print(learn->ctl, object);
}
