/* SPDX-License-Identifier: MIT */
/*
 * ctl-seccomp-write.c - plain rules of a runtime's profile -> the text of [seccomp].
 *
 * As libseccomp has it, a rule without arguments decides alone; rules with arguments are
 * alternatives. Conditions look at what the kernel reads, unless raw64 is asked for: what
 * a runtime compares beyond that only lets a forged upper half through or keeps an honest
 * one out.
 */
#include <string.h>

#include "ctl-seccomp.h"

#define COLUMNS 96

struct writer {
	struct ck_arena *arena;
	const struct ck_seccomp_input *input;
	const struct ck_oci *oci;
	struct ck_diags *notes;
	const char *text, *line, *key;
};

static void flush(struct writer *writer)
{
	if (writer->line != NULL)
		writer->text =
			ck_format(writer->arena, "%s%s\n", writer->text, writer->line);
	writer->line = NULL;
}

/* Adds a word to allow or deny; a line that gets long is ended. */
static void put(struct writer *writer, const char *key, const char *word)
{
	if (writer->line != NULL && (strcmp(writer->key, key) != 0 ||
				     strlen(writer->line) + strlen(word) > COLUMNS))
		flush(writer);
	if (writer->line == NULL)
		writer->line = ck_format(writer->arena, "%-7s =", key);
	writer->key = key;
	writer->line = ck_format(writer->arena, "%s %s", writer->line, word);
}

/* The name of an argument where it stands at the same place on every ABI, else argN. */
static const char *argument_name(struct writer *writer, unsigned int call,
				 unsigned int index, unsigned int *ret_width)
{
	const char *cursor = NULL, *word = NULL, *set;
	enum ck_abi native =
		writer->input->machine == CK_MACHINE_X86 ? CK_ABI_X86_64 : CK_ABI_AARCH64;
	const char *position = ck_format(writer->arena, "arg%u", index);
	size_t length = 0, set_length;
	struct ck_slot slot;

	*ret_width = ck_arg_find(call, native, position, 4, &slot, &set, &set_length) ?
			     slot.width :
			     64;
	cursor = ck_args_text(call, native);
	for (unsigned int i = 0; i <= index; i++)
		length = ck_word_next(&cursor, &word);
	length = length > 0 ? strcspn(word, "/: ") : 0;
	for (unsigned int abi = 0; abi < CK_ABIS && length > 0; abi++)
		if ((writer->oci->abis >> abi & 1U) != 0 &&
		    (!ck_arg_find(call, abi, word, length, &slot, &set, &set_length) ||
		     slot.index != (int)index))
			length = 0;
	return length > 0 ? ck_strndup(writer->arena, word, length) : position;
}

enum outcome { NEVER, ALWAYS, DEPENDS };

static const char *number(struct ck_arena *arena, uint64_t value)
{
	return ck_format(arena, value > 9999 ? "0x%llx" : "%llu",
			 (unsigned long long)value);
}

/* A masked comparison; two conditions where some bits have to be set and others not. */
static enum outcome masked_text(struct ck_arena *arena, const char *name, uint64_t mask,
				uint64_t wanted, const char **ret)
{
	const char *set = number(arena, wanted), *clear = number(arena, mask & ~wanted);

	if (mask == 0)
		return ALWAYS;
	if (wanted == 0)
		*ret = ck_format(arena, "%s: none-of %s", name, clear);
	else if (wanted == mask)
		*ret = ck_format(arena, "%s: all-of %s", name, set);
	else
		*ret = ck_format(arena, "%s: all-of %s, %s: none-of %s", name, set, name,
				 clear);
	return DEPENDS;
}

static enum outcome compare_text(struct ck_arena *arena, const char *name,
				 const struct ck_oci_arg *arg, uint64_t most,
				 const char **ret)
{
	uint64_t value = arg->value;
	const char *text = number(arena, value);

	switch (arg->op) {
	case CK_OCI_EQ:
		*ret = ck_format(arena, "%s: %s", name, text);
		return DEPENDS;
	case CK_OCI_NE:
		*ret = ck_format(arena, "%s: not %s", name, text);
		return DEPENDS;
	case CK_OCI_LT:
		if (value == 0)
			return NEVER;
		*ret = ck_format(arena, "%s: ..%s", name, number(arena, value - 1));
		return DEPENDS;
	case CK_OCI_LE:
		*ret = ck_format(arena, "%s: ..%s", name, text);
		return value == most ? ALWAYS : DEPENDS;
	case CK_OCI_GE:
		*ret = ck_format(arena, "%s: %s..", name, text);
		return value == 0 ? ALWAYS : DEPENDS;
	case CK_OCI_GT:
		if (value == most)
			return NEVER;
		*ret = ck_format(arena, "%s: %s..", name, number(arena, value + 1));
		return DEPENDS;
	default:
		return masked_text(arena, name, value, arg->two, ret);
	}
}

static enum outcome argument_text(struct writer *writer, const struct ck_oci_rule *rule,
				  const struct ck_oci_arg *arg, const char **ret)
{
	unsigned int width;
	const char *name = argument_name(writer, rule->call, arg->index, &width);
	uint64_t most = width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
	const char *suffix = "";

	if (width < 16) { /* the flags beside the type count in a comparison of OCI */
		width = 32;
		most = UINT32_MAX;
		suffix = "/32";
	}
	if (width < 64 &&
	    (writer->input->raw64 || arg->value > most || arg->two > most)) {
		if (!writer->input->raw64)
			ck_diag_add(
				writer->notes, rule->where,
				"%s(%s) is compared with more than the %u bits that the kernel "
				"reads; kept as it is, with /64",
				ck_call_name(rule->call), name, width);
		suffix = "/64";
		most = UINT64_MAX;
	}
	name = ck_format(writer->arena, "%s%s", name, suffix);
	return compare_text(writer->arena, name, arg, most, ret);
}

/* "NAME(CONDITIONS)=ACTION"; NULL where the conditions can never hold together. */
static const char *rule_text(struct writer *writer, const struct ck_oci_rule *rule)
{
	const char *text = ck_call_name(rule->call), *condition = NULL;
	bool open = false;

	for (size_t i = 0; i < rule->count; i++) {
		enum outcome outcome =
			argument_text(writer, rule, &rule->args[i], &condition);

		if (outcome == NEVER)
			return NULL;
		if (outcome == DEPENDS) {
			text = ck_format(writer->arena, "%s%s%s", text, open ? ", " : "(",
					 condition);
			open = true;
		}
	}
	return ck_format(writer->arena, "%s%s%s%s", text, open ? ")" : "",
			 rule->action == CK_ACT_ALLOW ? "" : "=",
			 rule->action == CK_ACT_ALLOW ?
				 "" :
				 ck_action_text(writer->arena, rule->action));
}

static unsigned int strength(uint32_t action)
{
	static const uint32_t stronger[] = { CK_ACT_LOG, CK_ACT_ERRNO, CK_ACT_TRAP,
					     CK_ACT_KILL_THREAD, CK_ACT_KILL };
	unsigned int i = CK_ARRAY_SIZE(stronger);

	while (i > 0 && stronger[i - 1] != (action & 0xffff0000U))
		i--;
	return i;
}

static bool always_holds(struct writer *writer, const struct ck_oci_rule *rule)
{
	size_t before = writer->notes->count;
	const char *text = rule_text(writer, rule);

	writer->notes->count = before; /* it is said where it is written */
	return text != NULL && strchr(text, '(') == NULL;
}

/* Of the rules that do not allow and hold whatever the arguments, the strongest. */
static const struct ck_oci_rule *find_always(struct writer *writer, unsigned int call)
{
	const struct ck_oci_rule *rule, *found = NULL;

	for (rule = writer->oci->first; rule != NULL; rule = rule->next)
		if (rule->call == call &&
		    strength(rule->action) > (found ? strength(found->action) : 0) &&
		    always_holds(writer, rule))
			found = rule;
	return found;
}

static void write_rule(struct writer *writer, const struct ck_oci_rule *rule)
{
	const char *text = rule_text(writer, rule);

	if (text != NULL)
		put(writer, rule->action == CK_ACT_ALLOW ? "allow" : "deny", text);
	else
		ck_diag_add(writer->notes, rule->where,
			    "a rule for %s can never hold; left out",
			    ck_call_name(rule->call));
}

/* A rule that always holds answers behind those that are as strong, since the first of
 * them that holds does; it leaves nothing for the weaker ones. Returns whether there are
 * such. */
static bool write_always(struct writer *writer, const struct ck_oci_rule *always)
{
	const struct ck_oci_rule *rule;
	bool left_out = false;

	for (rule = writer->oci->first; rule != NULL; rule = rule->next) {
		if (rule->call != always->call || rule == always)
			continue;
		if (strength(rule->action) >= strength(always->action) &&
		    !always_holds(writer, rule))
			write_rule(writer, rule);
		else
			left_out = true;
	}
	write_rule(writer, always);
	return left_out;
}

/* The rules of a call: the first one without arguments alone, else all. */
static void write_call(struct writer *writer, unsigned int call, bool conditional)
{
	const struct ck_oci_rule *rule, *whole = NULL, *always = NULL;
	bool allow = false, deny = false, left_out = false;

	for (rule = writer->oci->first; rule != NULL; rule = rule->next) {
		if (rule->call != call)
			continue;
		if (rule->count == 0 && whole == NULL)
			whole = rule;
		allow = allow || rule->action == CK_ACT_ALLOW;
		deny = deny || rule->action != CK_ACT_ALLOW;
	}
	if ((whole == NULL) != conditional ||
	    (whole != NULL && whole->action == writer->oci->default_action))
		return;
	if (whole != NULL)
		write_rule(writer, whole);
	else if ((always = find_always(writer, call)) != NULL)
		left_out = write_always(writer, always);
	else
		for (rule = writer->oci->first; rule != NULL; rule = rule->next)
			if (rule->call == call)
				write_rule(writer, rule);
	if (left_out)
		ck_diag_add(
			writer->notes, always->where,
			"a rule for %s holds whatever the arguments; weaker ones are left out "
			"beside it, and a runtime decides by the order of its tree",
			ck_call_name(call));
	else if (conditional && allow && deny)
		ck_diag_add(
			writer->notes, writer->input->name,
			"%s is allowed and denied under conditions; where both hold, deny prevails "
			"here, and a runtime decides by the order of its tree",
			ck_call_name(call));
}

static void write_head(struct writer *writer)
{
	const struct ck_oci *oci = writer->oci;
	bool all = oci->default_action == CK_ACT_ALLOW;
	unsigned int abis = 0;

	for (unsigned int abi = 0; abi < CK_ABIS; abi++)
		abis += oci->abis >> abi & 1U;
	writer->text = ck_format(writer->arena,
				 "[seccomp]\nbase    = %s\nabi     = %s\ndefault = %s\n"
				 "unknown = %s\ncaps    = ignore\n",
				 all ? "@all" : "@none",
				 abis == 1 ? "native" :
				 abis == 2 ? "native+32" :
					     "all",
				 ck_action_text(writer->arena, oci->default_action),
				 all ? "allow" : "ENOSYS");
	if (oci->flags != 0)
		writer->text = ck_format(
			writer->arena, "%sflags   =%s%s\n", writer->text,
			(oci->flags & CK_FLAG_SPEC_ALLOW) != 0 ? " spec-allow" : "",
			(oci->flags & CK_FLAG_LOG) != 0 ? " log" : "");
}

int ck_seccomp_from_oci(struct ck_arena *arena, const struct ck_seccomp_input *input,
			struct ck_diags *diags, struct ck_diags *notes, const char **ret)
{
	struct ck_oci oci;
	struct writer writer = { arena, input, &oci, notes, "", NULL, "" };
	int rc = ck_oci_read(arena, input, diags, notes, &oci);

	if (rc < 0)
		return rc;
	write_head(&writer);
	for (unsigned int call = 0; call < ck_calls_count; call++)
		write_call(&writer, call, false);
	for (unsigned int call = 0; call < ck_calls_count; call++)
		write_call(&writer, call, true);
	flush(&writer);
	*ret = writer.text;
	return 0;
}
