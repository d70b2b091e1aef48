/* SPDX-License-Identifier: MIT */
/* steps.h - the functions that the table of steps is made of. */
#ifndef STEPS_H
#define STEPS_H

#include "capkeep.h"

#define STEP(name)                                                              \
	int ck_run_##name(const struct ck_plan *plan, const struct ck_sys *sys, \
			  struct ck_progress *progress) CK_MUST_USE;            \
	const char *ck_tell_##name(struct ck_arena *arena, const struct ck_plan *plan)

STEP(no_new_privs);
STEP(effective);
STEP(limits);
STEP(umask);
STEP(session);
STEP(ambient_clear);
STEP(bounding);
STEP(groups);
STEP(gid);
STEP(uid);
STEP(sets);
STEP(ambient);
STEP(securebits);
STEP(final_sets);
STEP(parent_death_signal);
STEP(working_directory);
STEP(descriptors);
STEP(command);
STEP(verify);
STEP(exec);
STEP(loader);
STEP(filter);
STEP(probe);

/* seccomp.c: which of the flags this kernel knows. */
unsigned int ck_filter_flags(const struct ck_sys *sys, unsigned int wanted);
/* seccomp.c: does this kernel know the action? One that it does not is a kill. */
bool ck_filter_action_known(const struct ck_sys *sys, uint32_t action);
/* tell-filter.c: what it does, in one line. */
const char *ck_filter_text(struct ck_arena *arena, const struct ck_plan *plan);
/* seccomp.c: keeps others out of the memory of the thread, once more where a change of
 * ids has opened it. Nothing where there is no thread. */
int ck_memory_close(const struct ck_plan *plan, const struct ck_sys *sys,
		    struct ck_progress *progress) CK_MUST_USE;
int ck_memory_verify(const struct ck_plan *plan, const struct ck_sys *sys,
		     struct ck_progress *progress) CK_MUST_USE;
/* loader.c: behind the table of the kernel. */
int ck_loader_start(bool realtime) CK_MUST_USE;
long ck_loader_load(unsigned int flags, const struct ck_program *program) CK_MUST_USE;

#endif
