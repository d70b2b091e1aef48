/* SPDX-License-Identifier: MIT */
/* ctl-explain.h - what explain does with profiles. */
#ifndef CTL_EXPLAIN_H
#define CTL_EXPLAIN_H

#include "ctl.h"

/* What a profile keeps, and by which model. */
int ck_explain_profile(struct ck_ctl *ctl, const char *name, json_t *array);
/* The sets before and after exec of the command behind --. */
int ck_explain_command(struct ck_ctl *ctl, const char *name, json_t *array);

#endif
