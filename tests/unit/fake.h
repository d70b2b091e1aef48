/* SPDX-License-Identifier: MIT */
/*
 * fake.h - a struct ck_sys over the model of kernel.h that can refuse, or lie, at the
 * n-th call or at every call of a kind. What libcap-ng does stands behind three numbers
 * of its own.
 */
#ifndef FAKE_H
#define FAKE_H

#include "kernel.h"

/* The staging entries, as if they were system calls. */
enum {
	FAKE_BOUND = -1,
	FAKE_SET = -2,
	FAKE_AMBIENT = -3,
	FAKE_START = -4,
	FAKE_LOAD = -5
};

enum fault_kind {
	FAULT_NONE,
	FAULT_ANSWER,	  /* call n does nothing and gives this answer */
	FAULT_LIE,	  /* call n does nothing and answers as if it had */
	FAULT_ALL_ANSWER, /* every call of a kind does nothing and gives this answer */
	FAULT_ALL_LIE,	  /* every call of a kind does nothing and answers as if it had */
};

#define FAULT_ANY_OP (-1L)

struct fault {
	enum fault_kind kind;
	unsigned long n;
	long nr, op; /* of the kinds that mean all: op is the first argument, or
			FAULT_ANY_OP */
	long answer;
};

struct fake {
	struct kernel kernel;
	struct fault fault;
	bool armed;	     /* calls are counted, and the fault may strike */
	unsigned long calls; /* while armed */
	unsigned long hits;  /* how often it struck */
	long struck;	     /* which call it was, at last */
};

extern struct fake fake;
extern const struct ck_sys fake_sys;

/* A process with this state; the fault is there from the first call on, or when it is
 * armed. */
void fake_start(const struct kernel *kernel, const struct fault *fault, bool armed);

#endif
