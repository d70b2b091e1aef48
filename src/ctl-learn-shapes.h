/* SPDX-License-Identifier: MIT */
/* ctl-learn-shapes.h - the table of calls that want a capability. */
#ifndef CTL_LEARN_SHAPES_H
#define CTL_LEARN_SHAPES_H

#include "ctl.h"

struct ck_shape {
	long nr;
	const char *name, *args;
	bool file;		  /* EACCES is about files, EPERM is not */
	unsigned char guesses[4]; /* CAP_CHOWN, which is 0, only stands first */
};
extern const struct ck_shape ck_shapes[];
extern const size_t ck_shapes_count;

#endif
