/* SPDX-License-Identifier: MIT */
/* The result as a profile, which carries its evidence, and for people. */
#include <string.h>
#include <time.h>

#include "ctl-learn.h"

#define REFUSED_MAX 10
#define COMMENT_MAX 180 /* bytes; a line of a profile has at most CK_LINE_MAX */

struct text {
	struct ck_arena *arena;
	char *bytes;
	size_t length, room;
};

static void add(struct text *text, const char *piece)
{
	size_t length = strlen(piece);

	if (text->length + length + 1 > text->room) {
		char *grown;

		text->room = 2 * (text->length + length + 1);
		grown = ck_alloc(text->arena, text->room);
		if (text->length)
			memcpy(grown, text->bytes, text->length);
		text->bytes = grown;
	}
	memcpy(text->bytes + text->length, piece, length + 1);
	text->length += length;
}

/* A line that is too long is cut between two characters. */
static void comment(struct text *text, const char *lead, const char *body)
{
	const char *safe = ck_safe(text->arena, body);
	size_t length = strlen(safe), most = COMMENT_MAX - strlen(lead);
	bool cut = length > most;

	if (cut)
		for (length = most - 3; length && (safe[length] & 0xc0) == 0x80;)
			length--;
	add(text, "; ");
	add(text, lead);
	add(text, ck_strndup(text->arena, safe, length));
	add(text, cut ? "...\n" : "\n");
}

/* How an entry fails. */
static const char *effect_text(struct ck_arena *arena, const struct ck_entry_found *entry)
{
	const struct ck_trial *trial = entry->trial;

	if (!trial)
		return "not seen to fail";
	return ck_format(arena, "fails without (%u/%u): %s%s%s", entry->failed,
			 entry->runs, trial->why ? trial->why : "",
			 trial->said && trial->started ? ": " : "",
			 trial->said && trial->started ? trial->said : "");
}

static const char *command_text(const struct ck_learn *learn)
{
	const char *text = learn->argv[0];
	size_t i;

	for (i = 1; learn->argv[i]; i++)
		text = ck_join(learn->arena, text, " ", learn->argv[i]);
	return text;
}

static const char *verdict_text(const struct ck_learn *learn)
{
	switch (learn->verdict) {
	case CK_PROVEN:
		if (!learn->found)
			return "proven: works twice without any";
		return "proven: works twice with these, and fails without any one of "
		       "them";
	case CK_FLAKY:
		return "not proven: with the same capabilities it worked in one run and "
		       "failed in another";
	case CK_INTERRUPTED:
		return "not proven: interrupted";
	case CK_UNKNOWN:
		break;
	}
	return "not proven";
}

/* With what it was learned, so that it can be learned again. */
static void add_options(const struct ck_learn *learn, struct text *text)
{
	size_t i;

	if (learn->setup)
		comment(text, "  --setup ", learn->setup);
	if (learn->ready)
		comment(text, "  --ready ", learn->ready);
	for (i = 0; i < learn->checks.count; i++)
		comment(text, "  --check ", learn->checks.list[i]);
	if (learn->stop)
		comment(text, "  --stop ", learn->stop);
	if (learn->seccomp)
		comment(text, "  ", "--seccomp");
}

/* What is missing, so that nobody takes it for a result. */
static const char *unobserved_text(const struct ck_learn *learn)
{
	return ck_format(
		learn->arena,
		"Refused calls could not be observed (%s): no cause is named, and "
		"a crash is seen only of processes that come to us.",
		learn->unobserved);
}

static const char restless[] =
	"With everything, too, its processes did not come to rest within ten seconds of the "
	"check: ids that they change later are not compared.";

static void add_head(const struct ck_learn *learn, struct text *text)
{
	comment(text, "", "Learned by " CK_CTL " learn, from this command:");
	comment(text, "    ", command_text(learn));
	add_options(learn, text);
	comment(text, "",
		ck_format(learn->arena, "%s (%u runs, tracing: %s).", verdict_text(learn),
			  learn->runs, learn->trace));
	if (learn->unobserved)
		comment(text, "", unobserved_text(learn));
	if (learn->stop && !learn->same_end)
		comment(text, "",
			"How the command ends was left out: two runs with "
			"everything ended differently.");
	if (learn->restless)
		comment(text, "", restless);
	add(text, "\n[profile]\ndescription = learned by " CK_CTL " learn\n");
	add(text, "\n[capabilities]\n");
}

/* In place of a refused call. */
static const char *no_cause(const struct ck_learn *learn,
			    const struct ck_entry_found *entry)
{
	if (entry->trial && !entry->trial->started)
		return "the launcher refuses";
	return learn->unobserved ? "the result differs" :
				   "no call is refused: the result differs";
}

static void add_entry(const struct ck_learn *learn, struct text *text,
		      const struct ck_entry_found *entry)
{
	const char *name = ck_cap_label(learn->arena, entry->cap);
	size_t i;

	comment(text, "", name);
	for (i = 0; i < entry->ncauses && i < 3; i++)
		comment(text, "  ", entry->causes[i].text);
	if (entry->ncauses > 3)
		comment(text, "  ",
			ck_format(learn->arena, "and %zu other calls",
				  entry->ncauses - 3));
	if (!entry->ncauses)
		comment(text, "  ", no_cause(learn, entry));
	comment(text, "  ", effect_text(learn->arena, entry));
	for (i = 0; i < entry->advice.count; i++)
		comment(text, "  cheaper: ", entry->advice.list[i]);
	if (entry->start_only)
		comment(text, "  ", "it is used only until the command is ready");
	add(text, ck_format(learn->arena, "keep = %s\n\n", name));
}

static void add_rest(const struct ck_learn *learn, struct text *text)
{
	uint64_t untested = learn->known & ~learn->held;
	bool first = true;
	unsigned int cap;

	for (cap = 0; cap < CK_CAP_BITS; cap++) {
		const char *reason =
			learn->found & CK_CAP(cap) || !(learn->held & CK_CAP(cap)) ?
				NULL :
				ck_learn_unneeded(learn, cap);

		if (!reason)
			continue;
		if (first)
			comment(text, "", "Checked by the kernel, but not needed:");
		first = false;
		comment(text, "  ",
			ck_join(learn->arena, ck_cap_label(learn->arena, cap), ": ",
				reason));
	}
	for (cap = 0; cap < CK_CAP_BITS; cap++) {
		if (!(untested & CK_CAP(cap)))
			continue;
		comment(text, "",
			ck_format(learn->arena,
				  "Not testable, since it is not held here: %s%s",
				  ck_cap_label(learn->arena, cap),
				  learn->asked[cap].refused ? " (asked for)" : ""));
	}
}

static const char *filter_verdict(const struct ck_learn *learn)
{
	if (learn->filter_proven)
		return "Calls of runs that worked. Proven: it works twice where every other "
		       "call kills.";
	return ck_format(learn->arena, "%s Not proven: %s.",
			 learn->filter ? "Calls of runs that worked." : "No filter.",
			 learn->filter_why ? learn->filter_why : "it was not tried");
}

static void add_filter(const struct ck_learn *learn, struct text *text)
{
	size_t i;

	add(text, "\n");
	comment(text, "", filter_verdict(learn));
	for (i = 0; i < learn->left_out.count; i++)
		comment(text, "Left out: ", learn->left_out.list[i]);
	if (learn->filter)
		add(text, learn->filter);
}

const char *ck_learn_profile_text(struct ck_learn *learn)
{
	struct text text = { .arena = learn->arena };
	size_t i;

	add_head(learn, &text);
	for (i = 0; i < learn->nentries; i++)
		add_entry(learn, &text, &learn->entries[i]);
	if (!learn->nentries)
		add(&text, "keep = none\n\n");
	add_rest(learn, &text);
	add(&text, ck_format(learn->arena, "\n[process]\nuser = %s\n",
			     learn->user ? learn->user : "unchanged"));
	if (learn->group)
		add(&text, ck_format(learn->arena, "group = %s\n", learn->group));
	if (!learn->no_new_privs)
		comment(&text, "",
			"With yes the command does not work at all: it starts a program "
			"with set-user-ID or file capabilities.");
	add(&text, learn->no_new_privs ? "no-new-privs = yes\n" : "no-new-privs = no\n");
	if (learn->seccomp)
		add_filter(learn, &text);
	return text.bytes;
}

/* ---- for people ---- */

/* What an interrupted search knows: what was seen to be needed, and what was enough. */
static const char *result_text(const struct ck_learn *learn)
{
	uint64_t needed = 0;
	size_t i;

	for (i = 0; i < learn->nentries; i++)
		needed |= CK_CAP(learn->entries[i].cap);
	if (needed != learn->found)
		return ck_format(learn->arena, "between %s and %s",
				 ck_compact(learn->arena, needed, learn->known),
				 ck_compact(learn->arena, learn->found, learn->known));
	return learn->found ? ck_cap_text(learn->arena, learn->found) :
			      "no capability is needed";
}

static void print_verdict(struct ck_learn *learn)
{
	struct ck_ctl *ctl = learn->ctl;

	ck_print(ctl, "%s: %s\n", ck_paint(ctl, CK_BOLD, result_text(learn)),
		 ck_paint(ctl, learn->verdict == CK_PROVEN ? CK_GREEN : CK_YELLOW,
			  verdict_text(learn)));
	ck_print(ctl, "%u runs, tracing: %s%s%s%s\n", learn->runs, learn->trace,
		 learn->trace_why ? " (" : "", learn->trace_why ? learn->trace_why : "",
		 learn->trace_why ? ")" : "");
	if (learn->restless)
		ck_print(ctl, "%s\n", restless);
}

static void print_entries(struct ck_learn *learn)
{
	static const struct ck_column columns[] = {
		{ "CAPABILITY", false },
		{ "WHY", false },
	};
	struct ck_table table;
	size_t i, n;

	ck_table_begin(&table, learn->ctl, columns, CK_ARRAY_SIZE(columns));
	for (i = 0; i < learn->nentries; i++) {
		const struct ck_entry_found *entry = &learn->entries[i];

		ck_table_add(&table, CK_BOLD, ck_cap_label(learn->arena, entry->cap));
		ck_table_add(&table, CK_PLAIN,
			     entry->ncauses ? entry->causes[0].text :
					      no_cause(learn, entry));
		ck_table_add(&table, CK_PLAIN, "");
		ck_table_add(&table, CK_PLAIN, effect_text(learn->arena, entry));
		for (n = 0; n < entry->advice.count; n++) {
			ck_table_add(&table, CK_PLAIN, "");
			ck_table_add(&table, CK_DIM,
				     ck_join(learn->arena,
					     "cheaper: ", entry->advice.list[n], ""));
		}
	}
	if (learn->nentries)
		ck_table_print(&table);
}

static void print_refused(struct ck_learn *learn)
{
	struct ck_strings calls = { .count = 0 };
	size_t i;

	ck_learn_refused(learn, &calls);
	for (i = 0; i < calls.count && i < REFUSED_MAX; i++)
		ck_print(learn->ctl, "refused in a run that failed: %s\n",
			 ck_safe(learn->arena, calls.list[i]));
	if (calls.count > i)
		ck_print(learn->ctl, "and %zu other calls\n", calls.count - i);
}

static void print_rest(struct ck_learn *learn)
{
	struct ck_ctl *ctl = learn->ctl;
	uint64_t untested = learn->known & ~learn->held;
	unsigned int cap;
	size_t i;

	for (cap = 0; cap < CK_CAP_BITS; cap++) {
		const char *reason = ck_learn_unneeded(learn, cap);

		if (reason && learn->held & ~learn->found & CK_CAP(cap))
			ck_print(ctl, "not needed: %s, %s\n",
				 ck_cap_label(ctl->arena, cap), reason);
	}
	if (learn->seccomp)
		ck_print(ctl, "seccomp: %s\n",
			 ck_safe(ctl->arena, filter_verdict(learn)));
	for (i = 0; i < learn->left_out.count; i++)
		ck_print(ctl, "seccomp, left out: %s\n", learn->left_out.list[i]);
	if (learn->unobserved)
		ck_print(ctl, "%s\n", unobserved_text(learn));
	if (untested)
		ck_print(ctl, "not testable, since it is not held here: %s\n",
			 ck_sets_text(ctl->arena, untested, learn->known));
}

void ck_learn_summary(struct ck_learn *learn)
{
	print_verdict(learn);
	print_entries(learn);
	if (learn->nentries < (size_t)__builtin_popcountll(learn->found))
		print_refused(learn);
	print_rest(learn);
	if (learn->written)
		ck_print(learn->ctl, "written: %s\n", ck_safe(learn->arena, learn->out));
}
