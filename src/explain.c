/* SPDX-License-Identifier: MIT */
/* Why a step failed, in the user's terms. What only the kernel could answer ends here. */
#include <errno.h>
#include <string.h>

#include "capkeep.h"

#define NO_ROOM 524 /* ENOTSUPP of the kernel, which libc has no name for */
#define UNMAPPED "the id has no mapping in this user namespace"

/* What an errno of a step usually means, and what to do about it. */
static const struct {
	enum ck_step_id step;
	int error;
	const char *hint;
} hints[] = {
	{ CK_STEP_UID, EINVAL, UNMAPPED },
	{ CK_STEP_GID, EINVAL, UNMAPPED },
	{ CK_STEP_GROUPS, EINVAL, "a group has no mapping in this user namespace" },
	{ CK_STEP_GROUPS, EPERM,
	  "this user namespace forbids it (setgroups: deny); write groups = "
	  "unchanged" },
	{ CK_STEP_LIMITS, EPERM, "the hard limit cannot be raised from here" },
	{ CK_STEP_SESSION, EPERM, "the terminal belongs to another session's group" },
	{ CK_STEP_PARENT_DEATH_SIGNAL, ESRCH, "the parent has ended already" },
	/* Who has SYS_ADMIN is above nproc; copy_process() of kernel/fork.c. */
	{ CK_STEP_LOADER, EAGAIN,
	  "its control group has as many threads as it may have; raise docker run "
	  "--pids-limit, TasksMax=" },
	{ CK_STEP_LOADER, EINVAL,
	  "a new pid or time namespace waits for a child; use unshare --fork" },
	{ CK_STEP_LOADER, ETIMEDOUT,
	  "the thread that is to load the filter got no processor for ten seconds" },
	{ CK_STEP_LOADER, EPERM, "a filter around this process refuses it" },
	{ CK_STEP_FILTER, EINVAL, "this kernel is built without seccomp filters" },
	{ CK_STEP_FILTER, ENOSYS,
	  "this kernel is built without seccomp filters, or a filter around this process "
	  "hides the call" },
	{ CK_STEP_FILTER, ETIMEDOUT,
	  "the thread that loads the filter got no processor; does a real-time priority "
	  "(chrt) keep it from one?" },
	{ CK_STEP_FILTER, ENOMEM, "too many filters are around this process already" },
	{ CK_STEP_FILTER, EACCES, "no_new_privs is not set" },
	{ CK_STEP_FILTER, EPERM, "a filter around this process refuses it" },
	{ CK_STEP_FILTER, NO_ROOM,
	  "the kernel has no room for another one; raise net.core.bpf_jit_limit" },
	{ CK_STEP_EXEC, ENOEXEC,
	  "it is no program for this machine and has no line #!; no shell is "
	  "tried" },
	{ CK_STEP_EXEC, E2BIG, "the arguments and the environment are too long" },
	{ CK_STEP_EXEC, EACCES,
	  "the workload's user may not execute it or its interpreter" },
	{ CK_STEP_EXEC, ENOENT, "the file or its interpreter is gone" },
	{ CK_STEP_EXEC, EAGAIN,
	  "the user has more processes than its limit nproc allows" },
	{ CK_STEP_EXEC, ETXTBSY, "the file is open for writing" },
};

static const char *hint(struct ck_arena *arena, enum ck_step_id step, int error)
{
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(hints); i++)
		if (hints[i].step == step && hints[i].error == error)
			return ck_format(arena, " (%s)", hints[i].hint);
	return "";
}

void ck_explain_false_answer(const char *where, const char *call, struct ck_diags *diags)
{
	ck_diag_add(diags, where,
		    "%s gave an answer that the kernel does not give; a filter around "
		    "this process (seccomp) seems to fake it",
		    call);
}

void ck_explain(const struct ck_plan *plan, const struct ck_progress *progress, int error,
		struct ck_diags *diags)
{
	const char *step = ck_steps[progress->step].name;
	const char *subject = progress->call;

	if (progress->step == CK_STEP_COMMAND && error == ENOTRECOVERABLE) {
		ck_diag_add(diags, step, "%s", progress->target->refused);
	} else if (error == ENOTRECOVERABLE) {
		ck_diag_add(
			diags, step,
			"%s is not as planned, although every step reported "
			"success; a filter around this process (seccomp) seems to fake a call",
			progress->call);
	} else if (error == EPROTO) {
		ck_explain_false_answer(step, progress->call, diags);
	} else {
		if (progress->step == CK_STEP_EXEC)
			subject = progress->target->path;
		else if (progress->step == CK_STEP_COMMAND)
			subject = plan->targets.command;
		else if (progress->step == CK_STEP_WORKING_DIRECTORY)
			subject = plan->profile->working_directory;
		ck_diag_add(diags, step, "%s: %s%s", subject, strerror(error),
			    hint(diags->arena, progress->step, error));
	}
}

int ck_exit_status(const struct ck_progress *progress, int error)
{
	bool search = progress->step == CK_STEP_COMMAND && error != ENOTRECOVERABLE &&
		      error != ENOSYS && error != EPERM;

	if (progress->step != CK_STEP_EXEC && !search)
		return CK_EXIT_REFUSED;
	return error == ENOENT || error == ENOTDIR ? CK_EXIT_NOT_FOUND :
						     CK_EXIT_CANNOT_EXEC;
}
