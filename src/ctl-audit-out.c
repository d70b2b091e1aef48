/* SPDX-License-Identifier: MIT */
/* What came of an audit: for people grouped, since a fleet breaks the same rule ten
 * thousand times; for programs one by one. */
#include <string.h>

#include "ctl-audit.h"

#define NAMES_MAX 6 /* of a group, unless all are asked for */

static enum ck_colour colour_of(enum ck_verdict verdict)
{
	switch (verdict) {
	case CK_FAIL:
		return CK_RED;
	case CK_WARN:
		return CK_YELLOW;
	case CK_PASS:
		return CK_GREEN;
	case CK_INFO:
		break;
	}
	return CK_PLAIN;
}

/* The first of them: joining thousands would take the square of their number. */
static const char *names_of(struct ck_audit *audit, const struct ck_group *group)
{
	struct ck_arena *arena = audit->ctl->arena;
	const char *text = "";
	uint32_t i = group->first;
	size_t shown = 0;

	while (i != UINT32_MAX && shown < NAMES_MAX) {
		text = ck_format(arena, "%s%s%s", text, shown ? ", " : "",
				 audit->subjects.list[audit->results[i].subject]);
		i = audit->results[i].next;
		shown++;
	}
	if (group->count > shown)
		text = ck_format(arena, "%s and %zu more", text, group->count - shown);
	return ck_safe(arena, text);
}

static void print_group(struct ck_audit *audit, const struct ck_group *group, bool all)
{
	const struct ck_control *control = &ck_controls[group->control];
	struct ck_ctl *ctl = audit->ctl;
	uint32_t i;

	ck_print(
		ctl, "%s  %s: ",
		ck_paint(ctl, colour_of(group->verdict), ck_verdict_text(group->verdict)),
		control->number);
	ck_print_wrapped(ctl, ck_columns(control->number) + 8, 6,
			 ck_safe(ctl->arena, group->text));
	if (all) {
		for (i = group->first; i != UINT32_MAX; i = audit->results[i].next)
			ck_print(
				ctl, "      %s\n",
				ck_safe(ctl->arena,
					audit->subjects.list[audit->results[i].subject]));
	} else {
		ck_print(ctl, "      %zu: ", group->count);
		ck_print_wrapped(ctl, 10, 10, names_of(audit, group));
	}
	if (group->verdict < CK_WARN)
		return;
	ck_print(ctl, "      remedy: ");
	ck_print_wrapped(ctl, 14, 14, control->remedy);
}

void ck_audit_print(struct ck_audit *audit, bool all)
{
	static const enum ck_verdict order[] = { CK_FAIL, CK_WARN, CK_INFO, CK_PASS };
	struct ck_ctl *ctl = audit->ctl;
	size_t i, verdict, control;

	for (verdict = 0; verdict < (all ? 4 : 3); verdict++)
		for (control = 0; control < CK_CONTROLS; control++)
			for (i = 0; i < audit->ngroups; i++)
				if (audit->groups[i].verdict == order[verdict] &&
				    audit->groups[i].control == control)
					print_group(audit, &audit->groups[i], all);
	if (audit->ngroups && audit->counts[CK_PASS] != audit->nresults)
		ck_print(ctl, "\n");
	ck_print(ctl, "%zu audited: %zu FAIL, %zu WARN, %zu INFO, %zu PASS\n",
		 audit->subjects.count, audit->counts[CK_FAIL], audit->counts[CK_WARN],
		 audit->counts[CK_INFO], audit->counts[CK_PASS]);
	if (audit->skipped)
		ck_print(ctl, "%zu objects without containers were left out\n",
			 audit->skipped);
}

/* Written by hand, so that a fleet's findings are never a tree in memory. */
static void print_text(struct ck_ctl *ctl, const char *text)
{
	json_t *value = ck_json_text(text);

	(void)json_dumpf(value, ctl->out, JSON_ENSURE_ASCII | JSON_ENCODE_ANY);
	json_decref(value);
}

static void print_field(struct ck_ctl *ctl, const char *name, const char *value)
{
	ck_print(ctl, "\"%s\": ", name);
	print_text(ctl, value);
	ck_print(ctl, ", ");
}

void ck_audit_json(struct ck_audit *audit)
{
	struct ck_ctl *ctl = audit->ctl;
	size_t i;

	ck_print(ctl, "{\n  \"audited\": %zu,\n  \"skipped\": %zu,\n",
		 audit->subjects.count, audit->skipped);
	ck_print(
		ctl,
		"  \"fail\": %zu,\n  \"warn\": %zu,\n  \"info\": %zu,\n  \"pass\": %zu,\n"
		"  \"results\": [",
		audit->counts[CK_FAIL], audit->counts[CK_WARN], audit->counts[CK_INFO],
		audit->counts[CK_PASS]);
	for (i = 0; i < audit->nresults; i++) {
		const struct ck_group *group = &audit->groups[audit->results[i].group];
		const struct ck_control *control = &ck_controls[group->control];

		ck_print(ctl, "%s\n    {", i ? "," : "");
		print_field(ctl, "subject",
			    audit->subjects.list[audit->results[i].subject]);
		print_field(ctl, "verdict", ck_verdict_text(group->verdict));
		print_field(ctl, "control", control->id);
		print_field(ctl, "number", control->number);
		print_field(ctl, "text", group->text);
		ck_print(ctl, "\"remedy\": ");
		print_text(ctl, group->verdict >= CK_WARN ? control->remedy : NULL);
		ck_print(ctl, "}");
	}
	ck_print(ctl, "\n  ]\n}\n");
}

/* XML has no way to write most control characters: they are spelled out before. */
static void print_xml(struct ck_ctl *ctl, const char *text)
{
	for (text = ck_safe(ctl->arena, text); *text; text++) {
		switch (*text) {
		case '&':
			ck_print(ctl, "&amp;");
			break;
		case '<':
			ck_print(ctl, "&lt;");
			break;
		case '>':
			ck_print(ctl, "&gt;");
			break;
		case '"':
			ck_print(ctl, "&quot;");
			break;
		default:
			ck_print(ctl, "%c", *text);
		}
	}
}

static void print_case(struct ck_audit *audit, const struct ck_result *result)
{
	const struct ck_group *group = &audit->groups[result->group];
	const struct ck_control *control = &ck_controls[group->control];
	struct ck_ctl *ctl = audit->ctl;

	ck_print(ctl, "    <testcase classname=\"");
	print_xml(ctl, control->id);
	ck_print(ctl, "\" name=\"");
	print_xml(ctl, audit->subjects.list[result->subject]);
	ck_print(ctl, "\"");
	if (group->verdict == CK_PASS) {
		ck_print(ctl, "/>\n");
		return;
	}
	ck_print(ctl,
		 group->verdict == CK_FAIL ? "><failure message=\"" : "><system-out>");
	ck_print(ctl, "%s %s: ", ck_verdict_text(group->verdict), control->number);
	print_xml(ctl, group->text);
	ck_print(ctl, group->verdict == CK_FAIL ? "\">" : "</system-out>");
	if (group->verdict == CK_FAIL) {
		print_xml(ctl, control->remedy);
		ck_print(ctl, "</failure>");
	}
	ck_print(ctl, "</testcase>\n");
}

void ck_audit_junit(struct ck_audit *audit)
{
	struct ck_ctl *ctl = audit->ctl;
	size_t i;

	ck_print(ctl,
		 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
		 "  <testsuite name=\"" CK_CTL
		 " audit\" tests=\"%zu\" failures=\"%zu\">\n",
		 audit->nresults, audit->counts[CK_FAIL]);
	for (i = 0; i < audit->nresults; i++)
		print_case(audit, &audit->results[i]);
	ck_print(ctl, "  </testsuite>\n</testsuites>\n");
}
