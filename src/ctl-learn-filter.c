/* SPDX-License-Identifier: MIT */
/*
 * learn --seccomp: the calls of runs that worked, with the arguments that divide calls
 * into harmless and not, as a [seccomp] section; and its proof, in which every other call
 * kills. What a program calls only in bad times is always allowed: how it ends, handles
 * signals, allocates, and reads the clock without the vDSO.
 */
#include <string.h>

#include "ctl-learn.h"

#define ROUNDS 4
#define LINE_WIDTH 88U
#define VALUES_MAX 48
#define ALWAYS                                                                      \
	"@essential @timer execve rt_sigreturn rt_sigaction rt_sigprocmask getpid " \
	"gettid tgkill"

/* Scalar arguments that tell one use of a call from another. */
static const struct {
	const char *call, *argument;
} divided[] = {
	{ "socket", "family" },
	{ "socketpair", "family" },
	{ "ioctl", "cmd" },
	{ "prctl", "option" },
};

struct ck_seen {
	int call;
	bool late; /* after the command was ready */
	bool many; /* more values than are worth a list */
	uint64_t values[VALUES_MAX];
	size_t nvalues;
	bool namespaces; /* clone with CLONE_NEW */
};

#if defined(__aarch64__)
#define NATIVE CK_ABI_AARCH64
#else
#define NATIVE CK_ABI_X86_64
#endif
#define CLONE_NEW_ALL UINT64_C(0x7e020080)

const char *ck_learn_no_filter(void)
{
	return NULL;
}

static struct ck_seen *seen_of(struct ck_learn *learn, int call)
{
	size_t i;

	for (i = 0; i < learn->nseen; i++)
		if (learn->seen[i].call == call)
			return &learn->seen[i];
	learn->seen = ck_grow(learn->arena, learn->seen, learn->nseen, &learn->seen_room,
			      sizeof(*learn->seen));
	learn->seen[learn->nseen] = (struct ck_seen){ .call = call };
	return &learn->seen[learn->nseen++];
}

static const char *argument_of(const char *name)
{
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(divided); i++)
		if (!strcmp(divided[i].call, name))
			return divided[i].argument;
	return NULL;
}

static void add_value(struct ck_seen *seen, const char *argument,
		      const struct ck_call *call)
{
	struct ck_slot slot;
	size_t length, i;
	const char *set;
	uint64_t value;

	if (!ck_arg_find((unsigned int)seen->call, NATIVE, argument, strlen(argument),
			 &slot, &set, &length) ||
	    slot.index < 0)
		return;
	value = call->args[slot.index];
	if (slot.width < 64)
		value &= (UINT64_C(1) << slot.width) - 1;
	for (i = 0; i < seen->nvalues; i++)
		if (seen->values[i] == value)
			return;
	if (seen->nvalues < VALUES_MAX)
		seen->values[seen->nvalues++] = value;
	else
		seen->many = true;
}

void ck_learn_see(struct ck_learn *learn, const struct ck_call *call, uint32_t arch)
{
	int number = arch == ck_abi_arch(NATIVE) ?
			     ck_call_by_number(NATIVE, (uint32_t)call->nr) :
			     -1;
	const char *argument;
	struct ck_seen *seen;

	if (arch != ck_abi_arch(NATIVE))
		learn->foreign = true;
	if (number < 0)
		return;
	seen = seen_of(learn, number);
	seen->late = seen->late || learn->trial->readied > 0;
	argument = argument_of(ck_call_name((unsigned int)number));
	if (argument)
		add_value(seen, argument, call);
	if (!strcmp(ck_call_name((unsigned int)number), "clone") &&
	    call->args[0] & CLONE_NEW_ALL)
		seen->namespaces = true;
}

/* ---- as text ---- */

static const char *value_text(struct ck_arena *arena, int call, const char *argument,
			      uint64_t value)
{
	struct ck_constant constant = { .name = NULL };
	struct ck_slot slot;
	const char *set;
	size_t length;

	if (ck_arg_find((unsigned int)call, NATIVE, argument, strlen(argument), &slot,
			&set, &length) &&
	    set)
		while (ck_constant_next(set, length, CK_MACHINE_NATIVE, &constant))
			if (constant.value == value)
				return ck_join(arena, constant.prefix, constant.name, "");
	return ck_format(arena, "0x%llx", (unsigned long long)value);
}

static bool is_always(const char *name)
{
	static const char always[] = ALWAYS;
	static const char *const groups[] = { "@essential", "@timer" };
	int call = ck_call_find(name, strlen(name));
	unsigned int group = ck_call_group((unsigned int)call);
	const char *at = strstr(always, name);
	size_t i, length = strlen(name);

	for (i = 0; i < CK_ARRAY_SIZE(groups); i++)
		if ((int)group == ck_group_find(groups[i] + 1, strlen(groups[i]) - 1) ||
		    (int)group == ck_group_find(groups[i], strlen(groups[i])))
			return true;
	return at && (at == always || at[-1] == ' ') &&
	       (at[length] == ' ' || !at[length]);
}

/* Words as lines of `allow =`, none too long. */
static const char *add_words(struct ck_arena *arena, const char *text,
			     const struct ck_strings *words)
{
	size_t column = 0, i;

	for (i = 0; i < words->count; i++) {
		size_t length = strlen(words->list[i]);
		bool begin = column == 0 || column + 1 + length > LINE_WIDTH;

		text = ck_format(arena, "%s%s%s%s", text, column && begin ? "\n" : "",
				 begin ? "allow = " : " ", words->list[i]);
		column = begin ? 8 + length : column + 1 + length;
	}
	return words->count ? ck_join(arena, text, "\n", "") : text;
}

/* Each value an entry of its own line where they are too many for one. */
static void add_divided(struct ck_arena *arena, const struct ck_seen *seen,
			const char *argument, struct ck_strings *ret)
{
	const char *name = ck_call_name((unsigned int)seen->call), *text = "";
	size_t i;

	for (i = 0; i < seen->nvalues; i++) {
		const char *value =
			value_text(arena, seen->call, argument, seen->values[i]);

		if (strlen(text) + strlen(value) > LINE_WIDTH - 30) {
			ck_strings_add(
				arena, ret,
				ck_format(arena, "%s(%s:%s)", name, argument, text));
			text = "";
		}
		text = ck_join(arena, text, " ", value);
	}
	if (*text)
		ck_strings_add(arena, ret,
			       ck_format(arena, "%s(%s:%s)", name, argument, text));
}

static void collect(struct ck_learn *learn, bool late, struct ck_strings *plain,
		    struct ck_strings *conditions)
{
	size_t i;

	for (i = 0; i < learn->nseen; i++) {
		const struct ck_seen *seen = &learn->seen[i];
		const char *name = ck_call_name((unsigned int)seen->call);
		const char *argument = argument_of(name);

		if (seen->late != late || is_always(name))
			continue;
		if (!strcmp(name, "clone3"))
			continue; /* see below */
		if (!strcmp(name, "clone") && !seen->namespaces)
			ck_strings_add(learn->arena, conditions,
				       "clone(flags: none-of CLONE_NEW*)");
		else if (argument && !seen->many)
			add_divided(learn->arena, seen, argument, conditions);
		else
			ck_strings_add(learn->arena, plain, name);
	}
}

/* clone3 hides its flags behind a pointer: libc is made to fall back to clone. */
static void add_clone(struct ck_learn *learn)
{
	int clone3 = ck_call_find("clone3", 6), clone = ck_call_find("clone", 5);
	size_t i;

	for (i = 0; i < learn->nseen; i++)
		if (learn->seen[i].call == clone3) {
			bool late = learn->seen[i].late;
			struct ck_seen *seen = seen_of(learn, clone);

			seen->late = seen->late || late;
			return;
		}
}

static const char *filter_text(struct ck_learn *learn, const char *others)
{
	struct ck_arena *arena = learn->arena;
	const char *text;
	int late;

	add_clone(learn);
	text = ck_format(arena,
			 "[seccomp]\nbase = @none\nabi = %s\ndefault = %s\nunknown = "
			 "ENOSYS\ncaps = ignore\nallow = " ALWAYS "\n",
			 learn->foreign ? "native+32" : "native", others);
	for (late = learn->check ? 1 : 0; late >= 0; late--) {
		struct ck_strings plain = { .count = 0 }, conditions = { .count = 0 };
		size_t i;

		collect(learn, late, &plain, &conditions);
		if (!late && learn->check && plain.count + conditions.count)
			text = ck_join(arena, text, "; seen only until it was ready:\n",
				       "");
		text = add_words(arena, text, &plain);
		for (i = 0; i < conditions.count; i++)
			text = ck_format(arena, "%sallow = %s\n", text,
					 conditions.list[i]);
	}
	return ck_join(arena, text, "deny = clone3=ENOSYS\n", "");
}

/* ---- proof ---- */

static bool works(struct ck_learn *learn, enum ck_look look, const char *what)
{
	const struct ck_trial *trial = ck_learn_run(learn, learn->found, look, what);

	if (!trial->works && trial->why)
		learn->filter_why = trial->why;
	return trial->works && !ck_learn_stopped(learn);
}

void ck_learn_filter(struct ck_learn *learn)
{
	int round;

	learn->seeing = true;
	for (round = 0; round < ROUNDS && !ck_learn_stopped(learn); round++) {
		learn->filter = NULL;
		(void)works(learn, CK_LOOK_CALLS, "which calls it makes");
		learn->filter = filter_text(learn, "kill");
		if (works(learn, CK_LOOK_NOT, "with the filter, where others kill") &&
		    works(learn, CK_LOOK_NOT, "with the filter once more")) {
			learn->filter_proven = true;
			break;
		}
	}
	learn->seeing = false;
	learn->filter = filter_text(learn, "EPERM");
}
