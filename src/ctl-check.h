/* SPDX-License-Identifier: MIT */
/* ctl-check.h - a profile that is checked, and what was found. */
#ifndef CTL_CHECK_H
#define CTL_CHECK_H

#include "ctl.h"

enum ck_finding_level { CK_FINDING_ERROR, CK_FINDING_WARNING };

struct ck_finding {
	enum ck_finding_level level;
	const char *rule, *where, *text;
};

struct ck_check {
	struct ck_arena *arena;
	const char *name, *as;
	struct ck_profile profile;
	struct ck_plan plan;
	bool planned;
	struct ck_proof proof; /* of the filter */
	size_t instructions;   /* of the filter; 0: none was built */
	struct ck_finding *list;
	size_t count, room, errors, warnings;
};

void ck_finding_add(struct ck_check *check, enum ck_finding_level level, const char *rule,
		    const char *where, const char *format, ...) CK_PRINTF(5, 6);
/* What starts, but should be thought over; each with its remedy. */
void ck_check_warn(struct ck_check *check, const struct ck_state *start);
/* SARIF 2.1.0, for code scanning. */
json_t *ck_check_sarif(const struct ck_check *checks, size_t count);

#endif
