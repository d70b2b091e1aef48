/* SPDX-License-Identifier: MIT */
/* ctl-trace.h - between the two files of capkeepctl trace. */
#ifndef CTL_TRACE_H
#define CTL_TRACE_H

#include <signal.h>

#include "ctl-filter.h"

struct ck_traced {
	const struct ck_built *built;
	char **argv;
	pid_t child;
	int socket;	  /* the listener comes by it */
	int signals;	  /* signalfd(2): SIGCHLD, and what is for the command */
	int *start_error; /* shared with the child: why exec failed, or 0 */
	sigset_t mask;	  /* as found; the same for SIGCHLD: */
	sighandler_t disposition;
};

/* Starts argv behind the filter of built. Orphans become children of this process. 0 or
 * -errno. */
int ck_traced_start(struct ck_traced *traced) CK_MUST_USE;
/* The listener, or -errno; -ECONNRESET where the child could not be put behind the
 * filter, which it has said. */
int ck_traced_listener(const struct ck_traced *traced) CK_MUST_USE;

#endif
