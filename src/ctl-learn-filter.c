/* SPDX-License-Identifier: MIT */
/*
 * learn --seccomp: the calls of runs that worked, with the arguments that divide calls
 * into harmless and not, as a [seccomp] section; and its proof, in which every other call
 * kills. What a program calls only in bad times is always allowed: how it ends, handles
 * signals, allocates, and reads the clock without the vDSO.
 */
#include <string.h>

#include "ctl-filter.h"
#include "ctl-learn.h"

#define ROUNDS 4
#define LINE_WIDTH 88U
#define VALUES_MAX 48
#define NAMELESS_MAX 64 /* that are said one by one */
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
	bool namespaces; /* clone or clone3 with CLONE_NEW */
};

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

static void add_value(struct ck_seen *seen, const char *argument, enum ck_abi abi,
		      const struct ck_call *call)
{
	struct ck_slot slot;
	size_t length, i;
	const char *set;
	uint64_t value;

	if (!ck_arg_find((unsigned int)seen->call, abi, argument, strlen(argument), &slot,
			 &set, &length) ||
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

/* The flags of clone3 stand in memory, where a filter does not see them. */
static bool makes_namespaces(const char *name, const struct ck_call *call)
{
	uint64_t flags = 0;

	if (!strcmp(name, "clone"))
		flags = call->args[0];
	else if (!strcmp(name, "clone3") &&
		 ck_call_bytes(call->pid, call->args[0], &flags, sizeof(flags)) !=
			 sizeof(flags))
		return false; /* nor can the kernel read them */
	return flags & CLONE_NEW_ALL;
}

static void leave_out(struct ck_learn *learn, const char *text)
{
	size_t i;

	for (i = 0; i < learn->left_out.count; i++)
		if (!strcmp(learn->left_out.list[i], text))
			return;
	ck_strings_add(learn->arena, &learn->left_out, text);
}

/* A program may try all numbers there are. */
static void leave_out_nameless(struct ck_learn *learn, const struct ck_call *call,
			       const char *lacks, enum ck_abi abi)
{
	const char *text = "more calls that have no name or abi here";

	if (learn->left_out.count < NAMELESS_MAX)
		text = ck_format(
			learn->arena, "call %u of %s: there is no %s for it here",
			(uint32_t)call->nr & ~CK_X32_BIT, ck_abi_name(abi), lacks);
	leave_out(learn, text);
}

/* False where it is none that is known. */
static bool abi_of(const struct ck_call *call, enum ck_abi *ret)
{
	struct ck_call_data data = { .nr = (uint32_t)call->nr, .arch = call->arch };

	return ck_abi_of(&data, ret);
}

const char *ck_learn_foreign_name(const struct ck_call *call)
{
	enum ck_abi abi;
	int number = abi_of(call, &abi) ? ck_call_by_number(abi, (uint32_t)call->nr) : -1;

	return number < 0 ? NULL : ck_call_name((unsigned int)number);
}

void ck_learn_see(struct ck_learn *learn, const struct ck_call *call)
{
	enum ck_abi abi = CK_ABI_NATIVE;
	int number = abi_of(call, &abi) ?
			     ck_call_by_number(abi, (uint32_t)call->nr & ~CK_X32_BIT) :
			     -1;
	const char *name, *argument;
	struct ck_seen *seen;

	if (number < 0 || abi == CK_ABI_X32) {
		leave_out_nameless(learn, call, number < 0 ? "name" : "abi", abi);
		return;
	}
	name = ck_call_name((unsigned int)number);
	learn->foreign = learn->foreign || abi != CK_ABI_NATIVE;
	seen = seen_of(learn, number);
	seen->late = seen->late || learn->trial->readied > 0;
	argument = argument_of(name);
	if (argument)
		add_value(seen, argument, abi, call);
	seen->namespaces = seen->namespaces || makes_namespaces(name, call);
}

/* ---- as text ---- */

static const char *value_text(struct ck_arena *arena, int call, const char *argument,
			      uint64_t value)
{
	struct ck_constant constant = { .name = NULL };
	struct ck_slot slot;
	const char *set;
	size_t length;

	if (ck_arg_find((unsigned int)call, CK_ABI_NATIVE, argument, strlen(argument),
			&slot, &set, &length) &&
	    set)
		while (ck_constant_next(set, length, CK_MACHINE_NATIVE, &constant))
			if (constant.value == value)
				return ck_join(arena, constant.prefix, constant.name, "");
	return ck_format(arena, "0x%llx", (unsigned long long)value);
}

/* In ALWAYS, by its name or by its group. */
static bool is_always(unsigned int call)
{
	const char *name = ck_call_name(call),
		   *group = ck_group_name(ck_call_group(call));
	const char *at = ALWAYS;
	size_t length;

	for (; *at; at += length + (at[length] == ' ')) {
		length = strcspn(at, " ");
		if ((strlen(name) == length && !strncmp(at, name, length)) ||
		    (strlen(group) == length && !strncmp(at, group, length)))
			return true;
	}
	return false;
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

		if (seen->late != late || is_always((unsigned int)seen->call))
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

/* A condition on clone gives ENOSYS to clone3 by itself: a rule for it would have no
 * effect (clone3_must_fall_back() in decide.c). */
static bool restricts_clone(const struct ck_learn *learn)
{
	int clone = ck_call_find("clone", 5);
	size_t i;

	for (i = 0; i < learn->nseen; i++)
		if (learn->seen[i].call == clone)
			return !learn->seen[i].namespaces;
	return false;
}

/* clone3 hides its flags behind a pointer: libc is made to fall back to clone. */
static void add_clone(struct ck_learn *learn)
{
	int clone3 = ck_call_find("clone3", 6), clone = ck_call_find("clone", 5);
	size_t i;

	for (i = 0; i < learn->nseen; i++)
		if (learn->seen[i].call == clone3) {
			bool late = learn->seen[i].late;
			bool namespaces = learn->seen[i].namespaces;
			struct ck_seen *seen = seen_of(learn, clone);

			seen->late = seen->late || late;
			seen->namespaces = seen->namespaces || namespaces;
			leave_out(learn,
				  "clone3: it gets ENOSYS, so that clone, whose flags "
				  "can be seen, is called instead");
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
	for (late = learn->checks.count ? 1 : 0; late >= 0; late--) {
		struct ck_strings plain = { .count = 0 }, conditions = { .count = 0 };
		size_t i;

		collect(learn, late, &plain, &conditions);
		if (!late && learn->checks.count && plain.count + conditions.count)
			text = ck_join(arena, text, "; seen only until it was ready:\n",
				       "");
		text = add_words(arena, text, &plain);
		for (i = 0; i < conditions.count; i++)
			text = ck_format(arena, "%sallow = %s\n", text,
					 conditions.list[i]);
	}
	return restricts_clone(learn) ?
		       text :
		       ck_join(arena, text, "deny = clone3=ENOSYS\n", "");
}

/* ---- proof ---- */

static bool works(struct ck_learn *learn, enum ck_look look, const char *what)
{
	const struct ck_trial *trial = ck_learn_run(learn, learn->found, look, what);

	if (ck_learn_stopped(learn))
		return false;
	if (!trial->works)
		learn->filter_why = ck_format(learn->arena, "%s, %s", what, trial->why);
	return trial->works;
}

/* Notes down the calls of a run; those of one that fails count as little as its result.
 */
static bool look(struct ck_learn *learn)
{
	size_t nseen = learn->nseen, nleft = learn->left_out.count;
	struct ck_seen *before = ck_alloc_array(learn->arena, nseen + 1, sizeof(*before));
	bool foreign = learn->foreign, worked;

	if (nseen)
		memcpy(before, learn->seen, nseen * sizeof(*before));
	learn->filter = NULL;
	learn->seeing = true;
	worked = works(learn, CK_LOOK_CALLS, "while its calls are looked at");
	learn->seeing = false;
	if (worked)
		return true;
	if (nseen)
		memcpy(learn->seen, before, nseen * sizeof(*before));
	learn->nseen = nseen;
	learn->left_out.count = nleft;
	learn->foreign = foreign;
	return false;
}

static bool holds(struct ck_learn *learn)
{
	learn->filter = filter_text(learn, "kill");
	return works(learn, CK_LOOK_NOT, "where every other call kills") &&
	       works(learn, CK_LOOK_NOT, "where every other call kills, once more");
}

/* More runs see more: calls that depend on time or chance. */
void ck_learn_filter(struct ck_learn *learn)
{
	int round;

	for (round = 0; round < ROUNDS && !ck_learn_stopped(learn); round++)
		if (look(learn) && holds(learn)) {
			learn->filter_proven = true;
			break;
		}
	if (learn->interrupted)
		learn->filter_why = "it was interrupted";
	learn->filter = learn->nseen ? filter_text(learn, "EPERM") : NULL;
}
