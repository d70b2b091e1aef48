/* SPDX-License-Identifier: MIT */
/* ctl-filter.h - what the commands do with [seccomp]; without the filter, say that they
 * do not. */
#ifndef CTL_FILTER_H
#define CTL_FILTER_H

#include "ctl-check.h"
#include "ctl-convert.h"

/* The filter of a profile, for what it keeps where all of that is held. */
struct ck_built {
	struct ck_profile profile;
	struct ck_rules rules;
	struct ck_program program;
};

/* 0, or an exit status, complained about under the command's name. mode: CK_MODE_NOTIFY
 * for trace, else that of the profile. */
int ck_filter_build(struct ck_ctl *ctl, const char *name, bool notify,
		    struct ck_built *ret) CK_MUST_USE;

/* verify: does the profile load a filter? Rules that cannot be read are complained about
 * in ctl->diags, and are none. */
bool ck_loads_filter(struct ck_ctl *ctl, const struct ck_profile *profile);
/* show --filter PROFILE: the program, an instruction a line. */
int ck_show_filter(struct ck_ctl *ctl);
/* check: the rules, the program, its proof and what has no effect. */
void ck_check_filter(struct ck_ctl *ctl, struct ck_check *check);
/* Of these, the groups; keep: capabilities that the workload keeps. */
void ck_check_groups(struct ck_check *check, uint64_t keep);
/* explain PROFILE CALL [ARG...]: is that what was given? */
bool ck_explain_asks_call(const struct ck_ctl *ctl);
int ck_explain_call(struct ck_ctl *ctl, json_t *array);
/* list groups, list syscalls */
int ck_list_groups(struct ck_ctl *ctl);
int ck_list_calls(struct ck_ctl *ctl);
/* convert: a seccomp profile of docker, podman or an OCI runtime. alone: there is nothing
 * but the filter in it, so that --keep says the rest. */
int ck_read_seccomp(struct ck_convert *convert, const struct ck_input *input, bool alone);
/* The member "seccomp" of "linux", NULL where the profile has no filter; "" where it
 * failed. */
const char *ck_seccomp_json(struct ck_convert *convert);

/* "socket(family=0x2, type=0x1, protocol=0x0)" with the names of constants;
 * NULL-terminated strings are read from process pid where that may be (0: never). */
const char *ck_call_text(struct ck_arena *arena, const struct ck_rules *rules,
			 const struct ck_call_data *data, int call, pid_t pid);
/* The first Linux that has the call: "2.6.28", "5.1" */
const char *ck_since_text(struct ck_arena *arena, unsigned int call);
/* What stands in the answer, for people: "EPERM: FILE:3: ..." */
const char *ck_answer_text(struct ck_arena *arena, const struct ck_answer *answer);
/* The ABI that a call came by; false where there is none, and ret stays. */
bool ck_abi_of(const struct ck_call_data *data, enum ck_abi *ret);
/* The call by its number, also on an ABI that a profile leaves out; -1: no name. */
int ck_call_of(const struct ck_call_data *data);

#endif
