/* SPDX-License-Identifier: MIT */
/*
 * decide.c - what happens to one call on one ABI: the rules of its name, of its group,
 * and those that follow from the rules of another call.
 *
 * A condition on something that the ABI does not show (a struct behind a pointer, the
 * second half of a split argument) never lets a call pass: it does not hold for allow,
 * and holds for deny.
 */
#include <errno.h>
#include <string.h>

#include "compile.h"

uint32_t ck_compile_answer(const struct ck_rules *rules, uint32_t action)
{
	if (action == CK_ACT_ALLOW || rules->mode == CK_MODE_ENFORCE)
		return action;
	return rules->mode == CK_MODE_NOTIFY ? CK_ACT_NOTIFY : CK_ACT_LOG;
}

const struct ck_decision *ck_decide_plain(struct ck_compiler *compiler, uint32_t action)
{
	struct ck_decision *decision;

	for (size_t i = 0; i < compiler->nplain; i++)
		if (compiler->plain[i]->action == action)
			return compiler->plain[i];
	decision = ck_alloc(compiler->arena, sizeof(*decision));
	decision->action = action;
	compiler->plain =
		ck_grow(compiler->arena, compiler->plain, compiler->nplain,
			&compiler->plain_room, sizeof(const struct ck_decision *));
	compiler->plain[compiler->nplain++] = decision;
	decision->id = (unsigned int)compiler->nplain;
	return decision;
}

enum outcome { NEVER, ALWAYS, DEPENDS };

static enum outcome opposite(enum outcome outcome)
{
	return outcome == DEPENDS ? DEPENDS : outcome == ALWAYS ? NEVER : ALWAYS;
}

static uint64_t all_ones(unsigned int width)
{
	return width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
}

/* The values as far as an argument of this width can have them. */
static enum outcome clip_values(struct ck_arena *arena,
				const struct ck_condition *condition, uint64_t most,
				struct ck_bpf_check *ret)
{
	struct ck_value *values =
		ck_alloc_array(arena, condition->count, sizeof(*values));

	ret->values = values;
	for (size_t i = 0; i < condition->count; i++) {
		struct ck_value value = condition->values[i];

		if (value.negative)
			value.first = value.last = value.first & most;
		value.negative = false;
		if (value.last > most)
			value.last = most;
		if (value.first == 0 && value.last == most)
			return ALWAYS;
		if (value.first <= value.last)
			values[ret->count++] = value;
	}
	return ret->count == 0 ? NEVER : DEPENDS;
}

static enum outcome clip_mask(const struct ck_condition *condition, uint64_t most,
			      struct ck_bpf_check *ret)
{
	uint64_t wanted = condition->mask | (condition->negative & most);

	ret->mask = wanted & most;
	if (condition->test == CK_TEST_ANY_OF)
		return ret->mask == 0 ? NEVER : DEPENDS;
	if (ret->mask != wanted)
		return NEVER;
	return ret->mask == 0 ? ALWAYS : DEPENDS;
}

static enum outcome resolve(struct ck_arena *arena, const struct ck_condition *condition,
			    enum ck_abi abi, struct ck_bpf_check *ret)
{
	struct ck_slot slot = condition->slot[abi];
	enum outcome outcome;

	*ret = (struct ck_bpf_check){ slot, condition->test, condition->negated, 0, NULL,
				      0 };
	if (condition->test == CK_TEST_VALUES)
		outcome = clip_values(arena, condition, all_ones(slot.width), ret);
	else
		outcome = clip_mask(condition, all_ones(slot.width), ret);
	return condition->negated ? opposite(outcome) : outcome;
}

/* All conditions of a rule as one clause. blind: arguments cannot be seen. */
static enum outcome resolve_rule(struct ck_compiler *compiler, const struct ck_rule *rule,
				 enum ck_abi abi, bool blind, struct ck_clause *ret)
{
	struct ck_bpf_check *checks = NULL;

	ret->count = 0;
	if (rule->count != 0)
		checks = ck_alloc_array(compiler->arena, rule->count, sizeof(*checks));
	for (size_t i = 0; i < rule->count; i++) {
		const struct ck_condition *condition = &rule->conditions[i];
		enum outcome outcome = rule->allow ? NEVER : ALWAYS;

		if (!blind && condition->slot[abi].index >= 0)
			outcome = resolve(compiler->arena, condition, abi,
					  &checks[ret->count]);
		if (outcome == NEVER)
			return NEVER;
		if (outcome == DEPENDS)
			ret->count++;
	}
	ret->checks = checks;
	ret->action = ck_compile_answer(compiler->rules,
					rule->allow ? CK_ACT_ALLOW : rule->action);
	return ret->count == 0 ? ALWAYS : DEPENDS;
}

/* A decision that is being put together. */
struct draft {
	struct ck_clause *clauses;
	size_t count;
	uint32_t action;
	struct ck_origin origin;
};

/* Adds the allow or the deny rules. Returns true where one of them settles the matter. */
static bool add_rules(struct ck_compiler *compiler, const struct ck_rule *rule,
		      bool allow, enum ck_abi abi, bool blind, struct draft *draft)
{
	for (; rule != NULL; rule = rule->next) {
		struct ck_clause clause;
		enum outcome outcome;

		if (rule->allow != allow)
			continue;
		draft->origin = rule->origin;
		outcome = resolve_rule(compiler, rule, abi, blind, &clause);
		if (outcome == ALWAYS) {
			draft->action = clause.action;
			return true;
		}
		if (outcome == DEPENDS && draft->clauses)
			draft->clauses[draft->count++] = clause;
	}
	return false;
}

/* What the calls of a group get that nothing else is said of. */
static uint32_t group_answer(const struct ck_rules *rules, unsigned int number)
{
	const struct ck_group_rule *group = &rules->groups[number];

	if (group->denied)
		return group->action;
	return group->allowed || rules->base == CK_BASE_ALL ? CK_ACT_ALLOW :
							      rules->default_action;
}

static uint32_t group_action(const struct ck_rules *rules, unsigned int call,
			     struct ck_origin *ret_origin)
{
	const struct ck_group_rule *group = &rules->groups[ck_call_group(call)];

	*ret_origin =
		group->denied || group->allowed ? group->origin : rules->base_origin;
	if (!group->denied && rules->followed[call] != 0)
		return CK_ACT_ALLOW;
	return group_answer(rules, ck_call_group(call));
}

/* clone3 hides its flags behind a pointer: where clone's are restricted, libc is sent
 * there. Only what allows clone3 by name says that it may pass whatever it hides. */
static bool clone3_must_fall_back(const struct ck_compiler *compiler, unsigned int call)
{
	const struct ck_rule *rule;

	if (call != compiler->clone3)
		return false;
	for (rule = compiler->rules->by_call[compiler->clone]; rule != NULL;
	     rule = rule->next)
		if (!rule->allow || rule->count != 0)
			return true;
	return false;
}

static void draft_rules(struct ck_compiler *compiler, unsigned int call, enum ck_abi abi,
			bool blind, struct draft *draft)
{
	const struct ck_rules *rules = compiler->rules;
	const struct ck_rule *first = rules->by_call[call];
	bool allowed = false;
	size_t count = 0;

	for (const struct ck_rule *rule = first; rule != NULL; rule = rule->next) {
		allowed = allowed || rule->allow;
		count += rule->count != 0; /* the others make no clause */
	}
	if (count != 0)
		draft->clauses =
			ck_alloc_array(compiler->arena, count, sizeof(*draft->clauses));
	if (add_rules(compiler, first, false, abi, blind, draft) ||
	    add_rules(compiler, first, true, abi, blind, draft))
		return;
	if (allowed)
		draft->action = rules->default_action;
	else if (clone3_must_fall_back(compiler, call))
		draft->action = CK_ACT_ERRNO | ENOSYS;
	else
		draft->action = group_action(rules, call, &draft->origin);
	draft->action = ck_compile_answer(rules, draft->action);
}

/* What socketcall and ipc do, by their first argument, see net/socket.c and
 * ipc/syscall.c. */
static const struct {
	char outer[12], inner[12];
	uint16_t operation, width;
} multiplexed[] = {
	{ "socketcall", "socket", 1, 32 },
	{ "socketcall", "bind", 2, 32 },
	{ "socketcall", "connect", 3, 32 },
	{ "socketcall", "listen", 4, 32 },
	{ "socketcall", "accept", 5, 32 },
	{ "socketcall", "getsockname", 6, 32 },
	{ "socketcall", "getpeername", 7, 32 },
	{ "socketcall", "socketpair", 8, 32 },
	{ "socketcall", "send", 9, 32 },
	{ "socketcall", "recv", 10, 32 },
	{ "socketcall", "sendto", 11, 32 },
	{ "socketcall", "recvfrom", 12, 32 },
	{ "socketcall", "shutdown", 13, 32 },
	{ "socketcall", "setsockopt", 14, 32 },
	{ "socketcall", "getsockopt", 15, 32 },
	{ "socketcall", "sendmsg", 16, 32 },
	{ "socketcall", "recvmsg", 17, 32 },
	{ "socketcall", "accept4", 18, 32 },
	{ "socketcall", "recvmmsg", 19, 32 },
	{ "socketcall", "sendmmsg", 20, 32 },
	{ "ipc", "semop", 1, 16 },
	{ "ipc", "semget", 2, 16 },
	{ "ipc", "semctl", 3, 16 },
	{ "ipc", "semtimedop", 4, 16 },
	{ "ipc", "msgsnd", 11, 16 },
	{ "ipc", "msgrcv", 12, 16 },
	{ "ipc", "msgget", 13, 16 },
	{ "ipc", "msgctl", 14, 16 },
	{ "ipc", "shmat", 21, 16 },
	{ "ipc", "shmdt", 22, 16 },
	{ "ipc", "shmget", 23, 16 },
	{ "ipc", "shmctl", 24, 16 },
};

/* SEND and RECV run __sys_sendto() and __sys_recvfrom(), and i386 has no calls send and
 * recv: they need the leave of both names. */
static const char *twin(const char *inner)
{
	if (strcmp(inner, "send") == 0)
		return "sendto";
	return strcmp(inner, "recv") == 0 ? "recvfrom" : NULL;
}

/* What an operation gets whatever the arguments, which stand in memory. */
static uint32_t operation_action(struct ck_compiler *compiler, const char *name,
				 enum ck_abi abi)
{
	struct draft inner = { NULL, 0, 0, { NULL, 0 } };

	draft_rules(compiler, (unsigned int)ck_call_find(name, strlen(name)), abi, true,
		    &inner);
	if (inner.action == CK_ACT_ALLOW && twin(name) != NULL)
		return operation_action(compiler, twin(name), abi);
	return inner.action;
}

static bool is_multiplexer(const struct ck_compiler *compiler, unsigned int call)
{
	return compiler->rules->by_call[call] == NULL &&
	       (call == compiler->socketcall || call == compiler->ipc);
}

static struct ck_clause operation_clause(struct ck_arena *arena, uint16_t operation,
					 uint16_t width, uint32_t action)
{
	struct ck_bpf_check *check = ck_alloc(arena, sizeof(*check));
	struct ck_value *value = ck_alloc(arena, sizeof(*value));

	*value = (struct ck_value){ operation, operation, false };
	*check = (struct ck_bpf_check){
		{ 0, (uint8_t)width }, CK_TEST_VALUES, false, 0, value, 1
	};
	return (struct ck_clause){ check, 1, action };
}

/* An operation gets what its own call gets; what is no operation, what the group gets. */
static void draft_operations(struct ck_compiler *compiler, unsigned int call,
			     enum ck_abi abi, struct draft *draft)
{
	draft_rules(compiler, call, abi, false, draft);
	draft->clauses = ck_alloc_array(compiler->arena, CK_ARRAY_SIZE(multiplexed),
					sizeof(*draft->clauses));
	for (size_t i = 0; i < CK_ARRAY_SIZE(multiplexed); i++) {
		uint32_t action;

		if (strcmp(multiplexed[i].outer, ck_call_name(call)) != 0)
			continue;
		action = operation_action(compiler, multiplexed[i].inner, abi);
		if (action != draft->action)
			draft->clauses[draft->count++] = operation_clause(
				compiler->arena, multiplexed[i].operation,
				multiplexed[i].width, action);
	}
}

static bool same_check(const struct ck_bpf_check *a, const struct ck_bpf_check *b)
{
	if (a->slot.index != b->slot.index || a->slot.width != b->slot.width ||
	    a->test != b->test || a->negated != b->negated || a->mask != b->mask ||
	    a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->values[i].first != b->values[i].first ||
		    a->values[i].last != b->values[i].last)
			return false;
	return true;
}

static bool same_clause(const struct ck_clause *a, const struct ck_clause *b)
{
	if (a->count != b->count || a->action != b->action)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_check(&a->checks[i], &b->checks[i]))
			return false;
	return true;
}

static bool same_decision(const struct ck_decision *a, const struct draft *b)
{
	if (a->count != b->count || a->action != b->action)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_clause(&a->clauses[i], &b->clauses[i]))
			return false;
	return true;
}

/* ABIs share the code of equal decisions. */
static const struct ck_decision *conditional(struct ck_compiler *compiler,
					     unsigned int call, const struct draft *draft)
{
	struct ck_decision *decision;

	for (const struct ck_decision *old = compiler->conditional; old != NULL;
	     old = old->next)
		if (old->call == call && same_decision(old, draft))
			return old;
	decision = ck_alloc(compiler->arena, sizeof(*decision));
	*decision = (struct ck_decision){ call,
					  0,
					  draft->action,
					  draft->clauses,
					  draft->count,
					  ck_alloc(compiler->arena, sizeof(size_t)),
					  compiler->conditional };
	compiler->conditional = decision;
	return decision;
}

/* Does the same hold on every ABI? */
static bool is_uniform(const struct ck_compiler *compiler, unsigned int call)
{
	const struct ck_rule *rule;

	for (rule = compiler->rules->by_call[call]; rule != NULL; rule = rule->next)
		if (rule->count != 0)
			return false;
	return !is_multiplexer(compiler, call);
}

static const struct ck_decision *decide(struct ck_compiler *compiler, unsigned int call,
					enum ck_abi abi)
{
	struct draft draft = { NULL, 0, 0, { NULL, 0 } };

	if (is_multiplexer(compiler, call))
		draft_operations(compiler, call, abi, &draft);
	else
		draft_rules(compiler, call, abi, false, &draft);
	compiler->origin = draft.origin;
	while (draft.count > 0 && draft.clauses[draft.count - 1].action == draft.action)
		draft.count--;
	if (draft.count == 0)
		return ck_decide_plain(compiler, draft.action);
	return conditional(compiler, call, &draft);
}

const struct ck_decision *ck_decide(struct ck_compiler *compiler, unsigned int call,
				    enum ck_abi abi)
{
	const struct ck_decision *decision;
	uint16_t *known = &compiler->known[call + 1];

	if (compiler->probed == call + 1 && abi == compiler->rules->native)
		return compiler->probe;
	if (*known != 0)
		return compiler->plain[*known - 1];
	decision = decide(compiler, call, abi);
	if (is_uniform(compiler, call) && compiler->probed != call + 1)
		*known = (uint16_t)decision->id;
	return decision;
}

static uint16_t plain_id(struct ck_compiler *compiler, uint32_t action)
{
	return (uint16_t)ck_decide_plain(compiler,
					 ck_compile_answer(compiler->rules, action))
		->id;
}

void ck_decide_simple(struct ck_compiler *compiler)
{
	const struct ck_rules *rules = compiler->rules;
	struct ck_rule *const *by_call = rules->by_call;
	const uint8_t *followed = rules->followed;
	uint16_t by_group[CK_GROUP_PRIMARIES], allow = plain_id(compiler, CK_ACT_ALLOW);
	uint16_t *known = compiler->known;
	/* With rules of their own, which an unnamed one has too. */
	const unsigned int others[] = { compiler->clone3, compiler->socketcall,
					compiler->ipc };

	for (unsigned int group = 0; group < CK_GROUP_PRIMARIES; group++)
		by_group[group] = plain_id(compiler, group_answer(rules, group));
	for (unsigned int call = 0; call < ck_calls_count; call++) {
		const struct ck_rule *first = by_call[call];
		uint16_t id = first == NULL ? by_group[ck_call_group(call)] :
			      first->shared ? allow :
					      0;

		known[call + 1] = followed[call] == 0 ? id : 0;
	}
	for (size_t i = 0; i < CK_ARRAY_SIZE(others); i++)
		known[others[i] + 1] = 0;
	if (compiler->probed != 0)
		known[compiler->probed] = 0;
}

void ck_decide_probe(struct ck_compiler *compiler, unsigned int call,
		     const struct ck_probe *probe)
{
	struct ck_clause *clause = ck_alloc(compiler->arena, sizeof(*clause));
	struct ck_bpf_check *check = ck_alloc(compiler->arena, sizeof(*check));
	struct ck_value *value = ck_alloc(compiler->arena, sizeof(*value));
	struct draft draft = { clause,
			       1,
			       ck_decide(compiler, call, compiler->rules->native)->action,
			       { NULL, 0 } };

	*value = (struct ck_value){ probe->nonce, probe->nonce, false };
	*check = (struct ck_bpf_check){
		{ CK_PROBE_ARGUMENT, 64 }, CK_TEST_VALUES, false, 0, value, 1
	};
	*clause = (struct ck_clause){ check, 1, CK_ACT_ERRNO | probe->error };
	compiler->probe = conditional(compiler, call, &draft);
	compiler->probed = call + 1;
}
