/* SPDX-License-Identifier: MIT */
/*
 * tool.h - what the helper programs of the system tests share.
 *
 * The helpers make raw system calls wherever the C library would cache, spread to threads
 * or check: they are the measure of the launcher and must not share its libraries.
 */
#ifndef TOOL_H
#define TOOL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TOOL_FAILED \
	99 /* a helper could not do its own work: never a result of the launcher */
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

extern const char *tool_name;

/* Prints "NAME: TEXT[: errno]" and exits with TOOL_FAILED; errno is shown where not 0. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Strict; base 10 or 16 without a prefix. */
uint64_t number(const char *text, int base);

/* The numbers of "1,2,3" or "1:2:3"; returns how many. */
size_t numbers(const char *text, const char *separators, int base, uint64_t *ret,
	       size_t room);

/* Dies of a negative result. */
void must(long rc, const char *what);

/* The raw prctl(2), unused arguments 0. */
long prctl5(int op, unsigned long a, unsigned long b);

/* The sets by raw capget(2) and capset(2) of the calling thread. */
struct caps {
	uint64_t permitted, effective, inheritable;
};
int caps_get(struct caps *ret);
int caps_set(const struct caps *caps);

/* System calls by name; NULL and -1 where the table has none. Numbers work everywhere. */
const char *call_name(long nr);
long call_number(const char *name);

/* RLIMIT_ names in lower case, by number; -1 where there is none. */
#define LIMITS 16
extern const char *const limit_names[LIMITS];
int limit_number(const char *name, size_t length);

/*
 * Loads a seccomp filter: SPEC is NAME[:ARG0[:ARG1]]=ERRNO[,...]; what matches gets ERRNO
 * (0: a success without doing anything), the rest goes through. flags as seccomp(2).
 * Returns 0 or -1.
 */
int filter_load(const char *spec, unsigned int flags);

/* ---- tracer.c ---- */

struct call {
	long nr;
	unsigned long arg0, arg1;
};

struct fault {
	unsigned long at; /* the n-th call of the launcher's image, from 1; 0: none */
	bool all;	  /* instead: every call of this kind */
	struct call kind;
	long value; /* what it gives instead of being made: 0, or -errno */
};

struct trace {
	char **argv;
	unsigned int image; /* the launcher's image is that of the image-th exec */
	bool unfilter; /* suspend seccomp for the workload, so that it sees the truth */
	unsigned int timeout; /* seconds */
	struct fault fault;
	int output,
		errors; /* become descriptors 1 and 2 of the command; -1: as they are */
};

struct outcome {
	bool started; /* the launcher's image has exec'd something */
	bool timed_out;
	int status; /* of the command; 128 + N where signal N ended it */
	unsigned long injected, ncalls;
	struct call *calls; /* of the launcher's image; the caller frees */
};

void trace_run(const struct trace *trace, struct outcome *ret);

/* Of one kind: the same number and, for prctl, operation (and sub-operation of
 * PR_CAP_AMBIENT). */
bool call_alike(const struct call *a, const struct call *b);

#endif
