/* SPDX-License-Identifier: MIT */
/*
 * notes.c - what `capkeepctl check` says about rules that are right but do nothing, or do
 * less than they seem to. Never a reason to refuse a profile. Makes no system call.
 */
#include <string.h>

#include "capkeep.h"

struct noter {
	const struct ck_rules *rules;
	struct ck_diags *notes;
	unsigned int call;
};

static void note(struct noter *noter, const struct ck_rule *rule, const char *text)
{
	const char *name = ck_call_name(noter->call);

	ck_diag_add(noter->notes,
		    ck_format(noter->notes->arena, "%s:%u", rule->origin.file,
			      rule->origin.line),
		    "'%.*s' %s", rule->shared ? (int)strlen(name) : (int)rule->length,
		    rule->shared ? name : rule->text, text);
}

/* An ABI of the rules that has the call, or -1. */
static int abi_of(const struct ck_rules *rules, unsigned int call)
{
	for (unsigned int abi = 0; abi < CK_ABIS; abi++)
		if ((rules->abis >> abi & 1U) != 0 && ck_call_number(call, abi) >= 0)
			return (int)abi;
	return -1;
}

static uint32_t action_of(const struct ck_rules *rules, unsigned int call,
			  enum ck_abi abi)
{
	struct ck_call_data data = { .arch = ck_abi_arch(abi) };
	struct ck_answer verdict;

	data.nr = (uint32_t)ck_call_number(call, abi) |
		  (abi == CK_ABI_X32 ? CK_X32_BIT : 0);
	ck_evaluate(rules, NULL, &data, &verdict);
	return verdict.action;
}

/* The first rule that the profile itself has for a call. */
static struct ck_rule **own_rules(const struct ck_rules *rules, unsigned int call)
{
	struct ck_rule **rule = &rules->by_call[call];

	while (*rule != NULL && (*rule)->builtin)
		rule = &(*rule)->next;
	return rule;
}

/* Is the only rule of a call one without conditions, that says what would happen anyway?
 */
static bool is_idle(const struct ck_rules *rules, unsigned int call, enum ck_abi abi)
{
	struct ck_rule **own = own_rules(rules, call), *rule = *own;
	uint32_t with, without;

	if (rule == NULL || rule->count != 0 || rule->next != NULL || rule->replaces)
		return false;
	with = action_of(rules, call, abi);
	*own = NULL;
	without = action_of(rules, call, abi);
	*own = rule;
	return with == without;
}

/* A condition beside a rule of the same kind that holds whatever the arguments. */
static void note_covered(struct noter *noter, const struct ck_rule *first)
{
	for (const struct ck_rule *rule = first; rule != NULL; rule = rule->next)
		for (const struct ck_rule *other = first; other != NULL;
		     other = other->next)
			if (rule->count != 0 && other->count == 0 &&
			    rule->allow == other->allow &&
			    (rule->allow || rule->action == other->action)) {
				note(noter, rule,
				     "has no effect: the call is named without "
				     "conditions too");
				break;
			}
}

/* What a 32-bit ABI has beside the call of that name: with one of these at its end, or
 * under another name. */
static const char suffixes[][8] = { "32", "64", "_64", "_time64" };
static const struct {
	char name[20], other[16];
} siblings[] = {
	{ "umount2", "umount" },
	{ "clock_settime", "stime" },
	{ "settimeofday", "stime" },
	{ "settimeofday", "clock_settime64" },
	{ "adjtimex", "clock_adjtime64" },
	{ "mmap", "mmap2" },
	{ "select", "_newselect" },
	{ "lseek", "_llseek" },
	{ "newfstatat", "fstatat64" },
	{ "getrlimit", "ugetrlimit" },
	{ "rt_sigaction", "sigaction" },
	{ "rt_sigaction", "signal" },
	{ "rt_sigprocmask", "sigprocmask" },
	{ "wait4", "waitpid" },
	{ "sendto", "send" },
	{ "recvfrom", "recv" },
	{ "getdents", "readdir" },
	{ "sched_setscheduler", "nice" },
	{ "setpriority", "nice" },
};

/* Adds a name to the list where that ABI alone has the call, and no entry names it, but
 * it is let through. */
static void add_sibling(const struct noter *noter, const char *name, enum ck_abi abi,
			const char **list)
{
	const struct ck_rules *rules = noter->rules;
	int call = ck_call_find(name, strlen(name));

	if (call < 0 || ck_call_number((unsigned int)call, abi) < 0 ||
	    ck_call_number((unsigned int)call, rules->native) >= 0 ||
	    rules->by_call[call] != NULL ||
	    action_of(rules, (unsigned int)call, abi) != CK_ACT_ALLOW)
		return;
	*list = ck_format(noter->notes->arena, "%s %s", *list, name);
}

static void note_siblings(struct noter *noter, const struct ck_rule *rule)
{
	enum ck_abi abi =
		noter->rules->machine == CK_MACHINE_X86 ? CK_ABI_I386 : CK_ABI_ARM;
	const char *name = ck_call_name(noter->call), *list = "";
	struct ck_arena *arena = noter->notes->arena;

	while (rule != NULL && rule->allow)
		rule = rule->next;
	if (rule == NULL || (noter->rules->abis >> abi & 1U) == 0)
		return;
	for (size_t i = 0; i < CK_ARRAY_SIZE(suffixes); i++)
		add_sibling(noter, ck_format(arena, "%s%s", name, suffixes[i]), abi,
			    &list);
	for (size_t i = 0; i < CK_ARRAY_SIZE(siblings); i++)
		if (strcmp(siblings[i].name, name) == 0)
			add_sibling(noter, siblings[i].other, abi, &list);
	if (*list != '\0')
		note(noter, rule,
		     ck_format(arena,
			       "leaves to %s programs what does the same; deny too:%s",
			       ck_abi_name(abi), list));
}

static void note_call(struct noter *noter)
{
	unsigned int call = noter->call;
	const struct ck_rule *rule = *own_rules(noter->rules, call);
	const char *name = ck_call_name(call);
	int abi = abi_of(noter->rules, call);

	if (rule == NULL)
		return;
	if (abi < 0) {
		note(noter, rule, "has no effect: no ABI of this profile has the call");
		return;
	}
	if (is_idle(noter->rules, call, (enum ck_abi)abi))
		note(noter, rule, "has no effect: the same happens without it");
	note_covered(noter, rule);
	note_siblings(noter, rule);
	if (strncmp(name, "io_uring_", 9) == 0 && rule->allow)
		note(noter, rule, "lets operations through that no filter sees");
}

static bool restricts(const struct ck_rule *rule)
{
	for (; rule != NULL; rule = rule->next)
		if (!rule->allow || rule->count != 0)
			return true;
	return false;
}

void ck_rules_notes(const struct ck_rules *rules, struct ck_diags *ret)
{
	struct noter noter = { rules, ret, 0 };
	unsigned int call = (unsigned int)ck_call_find("clone3", 6);
	const struct ck_rule *clone3 = rules->by_call[call];

	while (clone3 != NULL && !clone3->allow)
		clone3 = clone3->next;
	for (noter.call = 0; noter.call < ck_calls_count; noter.call++)
		note_call(&noter);
	noter.call = call;
	if (clone3 != NULL && restricts(rules->by_call[ck_call_find("clone", 5)]))
		note(&noter, clone3, "passes by the conditions on clone");
}
