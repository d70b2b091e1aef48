/* SPDX-License-Identifier: MIT */
/*
 * ctl-seccomp.h - seccomp profiles of docker, containers-common and OCI runtimes <->
 * [seccomp]. For capkeepctl only; uses jansson.
 */
#ifndef CTL_SECCOMP_H
#define CTL_SECCOMP_H

#include <jansson.h>

#include "capkeep.h"

struct ck_seccomp_input {
	const char *name; /* of the file, for messages */
	const char *json;
	size_t length;
	uint64_t keep;		 /* resolves includes.caps and excludes.caps */
	enum ck_machine machine; /* resolves arches and archMap */
	unsigned int kernel;	 /* CK_KERNEL, resolves minKernel */
	bool raw64;		 /* keep comparing whole registers, as libseccomp does */
};

/* JSON -> the text of a [seccomp] section. What cannot be carried over goes to notes,
 * under "NAME: syscalls[N]"; -EINVAL with a diagnostic where the file is no such profile.
 */
int ck_seccomp_from_oci(struct ck_arena *arena, const struct ck_seccomp_input *input,
			struct ck_diags *diags, struct ck_diags *notes,
			const char **ret) CK_MUST_USE;

/* The rules -> linux.seccomp of an OCI config.json. What OCI cannot say goes to notes;
 * nothing that the rules deny is allowed by the result. */
int ck_seccomp_to_oci(struct ck_arena *arena, const struct ck_rules *rules,
		      struct ck_diags *notes, const char **ret) CK_MUST_USE;

/* ---- between the files of both directions ---- */

enum ck_oci_op {
	CK_OCI_NE,
	CK_OCI_LT,
	CK_OCI_LE,
	CK_OCI_EQ,
	CK_OCI_GE,
	CK_OCI_GT,
	CK_OCI_MASKED
};

struct ck_oci_arg {
	unsigned int index;
	enum ck_oci_op op;
	uint64_t value, two; /* MASKED: mask and wanted bits */
};

struct ck_oci_rule {
	unsigned int call;
	uint32_t action;
	struct ck_oci_arg args[CK_CALL_ARGS * 4];
	size_t count;
	const char *where;
	struct ck_oci_rule *next; /* in the order of the file */
};

struct ck_oci {
	uint32_t default_action;
	unsigned int abis, flags;
	struct ck_oci_rule *first, **end;
};

/* ---- ctl-seccomp-terms.c ---- */

#define CK_TERMS_MAX 512

/* Comparisons that hold together; at most one for each argument. */
struct ck_term {
	struct ck_oci_arg args[CK_CALL_ARGS];
	size_t count;
};

/* Terms of which one suffices. broken: it cannot be said. */
struct ck_sum {
	struct ck_term *list;
	size_t count;
	bool broken;
};

struct ck_sum ck_sum_new(struct ck_arena *arena);
/* Both hold. */
struct ck_sum ck_sum_multiply(struct ck_arena *arena, const struct ck_sum *a,
			      const struct ck_sum *b);
/* Either holds. */
void ck_sum_append(struct ck_sum *sum, const struct ck_sum *more);
/* Where all conditions of a rule hold; opposite: where one does not. */
struct ck_sum ck_sum_of_rule(struct ck_arena *arena, const struct ck_rules *rules,
			     const struct ck_rule *rule, bool opposite);
/* Do the runtimes take both for one call as they stand? Of several with an order among
 * their comparisons they do not all. */
bool ck_terms_get_on(const struct ck_term *a, const struct ck_term *b);

/* ---- ctl-seccomp-ask.c: the rules, for ctl-seccomp-back.c ---- */

/* allow and log: the call is made. */
bool ck_lets_through(uint32_t action);
bool ck_is_conditional(const struct ck_rules *rules, unsigned int call);
/* An ABI of the rules that has the call, or -1. */
int ck_oci_abi(const struct ck_rules *rules, unsigned int call);
/* What happens whatever the arguments; of a conditional call, where no rule of its own
 * decides. */
uint32_t ck_oci_plain(const struct ck_rules *rules, unsigned int call, enum ck_abi abi);
/* socketcall and ipc without rules of their own: do their operations differ from action,
 * so that libseccomp derives them from the calls that they stand for? */
bool ck_oci_derived(const struct ck_rules *rules, unsigned int call, enum ck_abi abi,
		    uint32_t action);
/* OCI has one answer for calls without a rule and for numbers without a name: one that
 * denies, where either does. */
uint32_t ck_oci_default(const struct ck_rules *rules);
/* Is there a call that does not go through, or not with some arguments? */
bool ck_oci_denies(const struct ck_rules *rules);
/* Are values of it compared at 64 bits, where libseccomp compares 32 on x32? A mask that
 * is said there has no more. */
bool ck_oci_wide(const struct ck_rules *rules, unsigned int call);
/* Why a runtime would allow more of socketcall or ipc than the rules do, or NULL. */
const char *ck_oci_lost(const struct ck_rules *rules, unsigned int outer,
			uint32_t fallback);

/* ---- ctl-seccomp-types.c, ctl-seccomp-read.c ---- */

/* The seccomp profile in the file called name: root itself, or its linux.seccomp. -EINVAL
 * with a diagnostic where a member of it has another type than the runtimes expect, or
 * differs from a known one in case only. null is as good as nothing. */
int ck_oci_check(struct ck_arena *arena, const char *name, const json_t *root,
		 struct ck_diags *diags, struct ck_diags *notes,
		 const json_t **ret) CK_MUST_USE;
/* "4.8" -> CK_KERNEL; -EINVAL where it is no such version. */
int ck_oci_kernel(const char *text, unsigned int *ret) CK_MUST_USE;

int ck_oci_read(struct ck_arena *arena, const struct ck_seccomp_input *input,
		struct ck_diags *diags, struct ck_diags *notes,
		struct ck_oci *ret) CK_MUST_USE;

#endif
