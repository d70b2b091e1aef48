/* SPDX-License-Identifier: MIT */
/*
 * evaluate.c - what the rules say about one call, read straight from the rule model.
 *
 * The second reading: shares no code with decide.c, compile.c and bpf.c, so that a
 * mistake there shows as a difference. Slow and plain on purpose. Makes no system call.
 */
#include <errno.h>
#include <string.h>

#include "capkeep.h"

struct question {
	const struct ck_rules *rules;
	const struct ck_call_data *data; /* NULL: the arguments cannot be seen */
	enum ck_abi abi;
};

static uint64_t cut(uint64_t value, unsigned int width)
{
	switch (width) {
	case 4:
		return value & 0xf;
	case 16:
		return (uint16_t)value;
	case 32:
		return (uint32_t)value;
	default:
		return value;
	}
}

static uint64_t seen(const struct ck_call_data *data, struct ck_slot slot)
{
	return cut(data->args[slot.index], slot.width);
}

static bool among(const struct ck_condition *condition, uint64_t argument,
		  unsigned int width)
{
	for (size_t i = 0; i < condition->count; i++) {
		const struct ck_value *value = &condition->values[i];
		uint64_t first = value->first, last = value->last;

		if (value->negative) {
			first = cut(first, width);
			last = first;
		}
		if (argument >= first && argument <= last)
			return true;
	}
	return false;
}

static bool holds(const struct question *question, const struct ck_condition *condition,
		  bool if_unseen)
{
	struct ck_slot slot = condition->slot[question->abi];
	uint64_t argument, mask;
	bool met;

	if (question->data == NULL || slot.index < 0)
		return if_unseen;
	argument = seen(question->data, slot);
	mask = condition->mask | cut(condition->negative, slot.width);
	if (condition->test == CK_TEST_VALUES)
		met = among(condition, argument, slot.width);
	else if (condition->test == CK_TEST_ALL_OF)
		met = (argument & mask) == mask;
	else
		met = (argument & mask) != 0;
	return met != condition->negated;
}

static bool applies(const struct question *question, const struct ck_rule *rule)
{
	for (size_t i = 0; i < rule->count; i++)
		if (!holds(question, &rule->conditions[i], !rule->allow))
			return false;
	return true;
}

static void say(struct ck_answer *ret, uint32_t action, const struct ck_origin *origin,
		const char *why)
{
	ret->action = action;
	ret->origin = *origin;
	ret->why = why;
	ret->followed = 0;
}

static void judge_group(const struct question *question, unsigned int call,
			struct ck_answer *ret)
{
	const struct ck_rules *rules = question->rules;
	const struct ck_group_rule *group = &rules->groups[ck_call_group(call)];

	if (group->denied)
		say(ret, group->action, &group->origin, "its group is denied");
	else if (group->allowed)
		say(ret, CK_ACT_ALLOW, &group->origin, "its group is allowed");
	else if (rules->followed[call] != 0)
		say(ret, CK_ACT_ALLOW, &rules->base_origin,
		    "it comes with a kept capability");
	else if (rules->base == CK_BASE_ALL)
		say(ret, CK_ACT_ALLOW, &rules->base_origin, "the base allows all calls");
	else
		say(ret, rules->default_action, &rules->default_origin,
		    "nothing allows it");
	if (!group->denied && !group->allowed)
		ret->followed = rules->followed[call];
}

static bool is_call(unsigned int call, const char *name)
{
	return strcmp(ck_call_name(call), name) == 0;
}

static bool restricts_clone(const struct ck_rules *rules, struct ck_origin *ret)
{
	for (unsigned int call = 0; call < ck_calls_count; call++) {
		const struct ck_rule *rule;

		if (!is_call(call, "clone"))
			continue;
		for (rule = rules->by_call[call]; rule != NULL; rule = rule->next)
			if (rule->count > 0 || !rule->allow) {
				*ret = rule->origin;
				return true;
			}
	}
	return false;
}

/* By name, else by group; clone3 also by what clone may. */
static void judge(const struct question *question, unsigned int call,
		  struct ck_answer *ret)
{
	const struct ck_rules *rules = question->rules;
	const struct ck_rule *rule, *allow = NULL;
	struct ck_origin origin;

	for (rule = rules->by_call[call]; rule != NULL; rule = rule->next)
		if (!rule->allow && applies(question, rule)) {
			say(ret, rule->action, &rule->origin, "it is denied by name");
			return;
		}
	for (rule = rules->by_call[call]; rule != NULL; rule = rule->next) {
		if (!rule->allow)
			continue;
		allow = rule;
		if (applies(question, rule)) {
			say(ret, CK_ACT_ALLOW, &rule->origin, "it is allowed by name");
			return;
		}
	}
	if (allow != NULL)
		say(ret, rules->default_action, &allow->origin,
		    "it is allowed by name, but not with these arguments");
	else if (is_call(call, "clone3") && restricts_clone(rules, &origin))
		say(ret, CK_ACT_ERRNO | ENOSYS, &origin,
		    "clone is restricted, and the flags of clone3 cannot be seen");
	else
		judge_group(question, call, ret);
}

/* The operations of socketcall(2) and ipc(2) by number; "": none. */
static const char socket_operations[][12] = {
	"",	      "socket",	     "bind",	    "connect",	  "listen",
	"accept",     "getsockname", "getpeername", "socketpair", "send",
	"recv",	      "sendto",	     "recvfrom",    "shutdown",	  "setsockopt",
	"getsockopt", "sendmsg",     "recvmsg",	    "accept4",	  "recvmmsg",
	"sendmmsg",
};
static const char ipc_operations[][12] = {
	"", "semop", "semget", "semctl", "semtimedop", "",	 "",	   "", "",
	"", "",	     "msgsnd", "msgrcv", "msgget",     "msgctl", "",	   "", "",
	"", "",	     "",       "shmat",	 "shmdt",      "shmget", "shmctl",
};

const char *ck_call_operation(unsigned int call, uint64_t first)
{
	uint32_t number = (uint32_t)first;

	if (is_call(call, "socketcall"))
		return number < CK_ARRAY_SIZE(socket_operations) ?
			       socket_operations[number] :
			       "";
	number &= 0xffff; /* the rest is the version of the interface */
	return number < CK_ARRAY_SIZE(ipc_operations) ? ipc_operations[number] : "";
}

static void judge_operation(const struct question *question, unsigned int call,
			    struct ck_answer *ret)
{
	struct question blind = { question->rules, NULL, question->abi };
	const char *inner = ck_call_operation(call, question->data->args[0]);
	int found = ck_call_find(inner, strlen(inner));

	if (found < 0) {
		judge(question, call, ret);
		return;
	}
	judge(&blind, (unsigned int)found, ret);
	/* net/socket.c does both with the function of the longer name. */
	if (ret->action == CK_ACT_ALLOW && strcmp(inner, "send") == 0)
		judge(&blind, (unsigned int)ck_call_find("sendto", 6), ret);
	else if (ret->action == CK_ACT_ALLOW && strcmp(inner, "recv") == 0)
		judge(&blind, (unsigned int)ck_call_find("recvfrom", 8), ret);
	ret->why = ret->action == CK_ACT_ALLOW ?
			   "its operation is allowed" :
			   "its operation is not allowed whatever the arguments";
}

static void judge_call(const struct question *question, unsigned int call,
		       struct ck_answer *ret)
{
	bool own = question->rules->by_call[call] != NULL;

	if (!own && (is_call(call, "socketcall") || is_call(call, "ipc")))
		judge_operation(question, call, ret);
	else
		judge(question, call, ret);
}

/* Which ABI and number a call has. Returns false where no ABI of the rules takes it. */
static bool recognise(const struct ck_rules *rules, const struct ck_call_data *data,
		      enum ck_abi *ret, uint32_t *ret_number)
{
	*ret_number = data->nr;
	for (unsigned int abi = 0; abi < CK_ABIS; abi++)
		if (abi != CK_ABI_X32 && ck_abi_arch(abi) == data->arch) {
			*ret = abi;
			if (abi == CK_ABI_X86_64 && (int32_t)data->nr >= 0 &&
			    (data->nr & CK_X32_BIT) != 0) {
				*ret = CK_ABI_X32;
				*ret_number = data->nr & ~CK_X32_BIT;
			}
			return (rules->abis >> *ret & 1U) != 0;
		}
	return false;
}

static bool is_probe(const struct ck_rules *rules, const struct ck_probe *probe,
		     const struct question *question, int call)
{
	return probe != NULL && question->abi == rules->native && call >= 0 &&
	       is_call((unsigned int)call, "execve") &&
	       question->data->args[CK_PROBE_ARGUMENT] == probe->nonce;
}

static void judge_mode(enum ck_mode mode, struct ck_answer *ret)
{
	if (ret->action == CK_ACT_ALLOW)
		return;
	if (mode == CK_MODE_LOG)
		ret->action = CK_ACT_LOG;
	if (mode == CK_MODE_NOTIFY)
		ret->action = CK_ACT_NOTIFY;
}

void ck_evaluate(const struct ck_rules *rules, const struct ck_probe *probe,
		 const struct ck_call_data *data, struct ck_answer *ret)
{
	static const struct ck_origin nowhere = { NULL, 0 };
	struct question question = { rules, data, rules->native };
	uint32_t number;

	*ret = (struct ck_answer){ .action = CK_ACT_ALLOW,
				   .call = -1,
				   .why = "the mode is off" };
	if (rules->mode == CK_MODE_OFF)
		return;
	if (!recognise(rules, data, &question.abi, &number)) {
		say(ret, CK_ACT_KILL, &nowhere, "its ABI is not in `abi`");
		judge_mode(rules->mode, ret);
		return;
	}
	ret->call = ck_call_by_number(question.abi, number);
	if (is_probe(rules, probe, &question, ret->call)) {
		say(ret, CK_ACT_ERRNO | probe->error, &nowhere, "it is the probe");
		return;
	}
	if (ret->call < 0)
		say(ret, rules->unknown_action, &nowhere, "its number has no name");
	else
		judge_call(&question, (unsigned int)ret->call, ret);
	judge_mode(rules->mode, ret);
}
