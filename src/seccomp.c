/* SPDX-License-Identifier: MIT */
/*
 * The last steps: the filter is loaded, and shown to be there by the one call that every
 * filter lets through. Before the load an execve whose path is no address gives EFAULT;
 * after it, the same call with the nonce in a register that execve ignores gives an errno
 * that only our program knows. Nothing here allocates, parses or prints.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "steps.h"

#define NO_SUCH_VALUE 255
/* A path that is refused without a look at it, where NULL costs a page fault. */
#define NO_ADDRESS (-1L)

/* SCHED_ of linux/sched.h, which clashes with libc's sched.h */
#define FIFO 1
#define ROUND_ROBIN 2
#define RESET_ON_FORK 0x40000000

/* struct sock_fprog of linux/filter.h, which not every libc has. */
struct program {
	unsigned short length;
	const struct ck_insn *code;
};

static long set_filter(const struct ck_sys *sys, unsigned int flags,
		       const struct program *program)
{
	return sys->call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, (long)flags, (long)program,
			 0, 0);
}

/* EFAULT: it knows the flag, and misses the program. Any answer but that it does not is
 * left for the load to repeat. */
unsigned int ck_filter_flags(const struct ck_sys *sys, unsigned int wanted)
{
	unsigned int flags = 0, bit;

	for (bit = 1; bit && bit <= wanted; bit <<= 1) {
		long rc = wanted & bit ? set_filter(sys, bit, NULL) : -EINVAL;

		if (rc != -EINVAL && rc != -ENOSYS)
			flags |= bit;
	}
	return flags;
}

bool ck_filter_action_known(const struct ck_sys *sys, uint32_t action)
{
	long rc =
		sys->call(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, (long)&action, 0, 0);

	if (rc == -EINVAL ||
	    rc == -ENOSYS) /* before Linux 4.14, which brought log, too */
		return action != CK_ACT_LOG;
	return rc != -EOPNOTSUPP;
}

static long probe(const struct ck_plan *plan, const struct ck_sys *sys)
{
	return sys->call(SYS_execve, NO_ADDRESS, 0, 0, (long)plan->filter.probe.nonce, 0);
}

/*
 * The memory of both threads is one, and the main thread is going to hold as little as
 * the workload: whoever may trace that must not reach the other through it. Until exec,
 * which ends it, only SYS_PTRACE may. A change of ids sets it to fs.suid_dumpable
 * (commit_creds() of kernel/cred.c), so that it is done again behind these.
 */
static int close_memory(const struct ck_sys *sys)
{
	long rc = sys->call(SYS_prctl, PR_SET_DUMPABLE, NO_SUCH_VALUE, 0, 0, 0);

	if (rc != -EINVAL)
		return rc < 0 ? (int)rc : -EPROTO;
	rc = sys->call(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (rc == 0)
		rc = sys->call(SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0);
	return rc > 0 ? -EPROTO : (int)rc;
}

int ck_memory_close(const struct ck_plan *plan, const struct ck_sys *sys,
		    struct ck_progress *progress)
{
	if (!ck_plan_has(plan, CK_STEP_LOADER))
		return 0;
	progress->call = "prctl(PR_SET_DUMPABLE)";
	return close_memory(sys);
}

int ck_memory_verify(const struct ck_plan *plan, const struct ck_sys *sys,
		     struct ck_progress *progress)
{
	long rc;

	if (!ck_plan_has(plan, CK_STEP_LOADER))
		return 0;
	progress->call = "the dumpable flag";
	rc = sys->call(SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0);
	return rc > 0 ? -ENOTRECOVERABLE : (int)rc;
}

int ck_run_loader(const struct ck_plan *plan, const struct ck_sys *sys,
		  struct ck_progress *progress)
{
	long policy;
	int rc = ck_memory_close(plan, sys, progress);

	if (rc < 0)
		return rc;
	progress->call = "sched_getscheduler";
	policy = sys->call(SYS_sched_getscheduler, 0, 0, 0, 0, 0);
	if (policy < 0)
		return (int)policy;
	policy &= ~(long)RESET_ON_FORK;
	progress->call = "clone";
	return sys->loader_start(policy == FIFO || policy == ROUND_ROBIN);
}

/* Linux 3.17 brought the call; before that prctl(2) does the same without flags. */
static long load(const struct ck_plan *plan, const struct ck_sys *sys,
		 struct ck_progress *progress)
{
	const struct ck_plan_filter *filter = &plan->filter;
	const struct program program = { (unsigned short)filter->program.count,
					 filter->program.code };
	long rc;

	progress->call = "seccomp(SECCOMP_SET_MODE_FILTER)";
	if (ck_plan_has(plan, CK_STEP_LOADER))
		return sys->loader_load(filter->flags, &filter->program);
	rc = set_filter(sys, filter->flags, &program);
	if (rc != -ENOSYS || filter->flags)
		return rc;
	progress->call = "prctl(PR_SET_SECCOMP)";
	return sys->call(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, (long)&program,
			 0, 0);
}

int ck_run_filter(const struct ck_plan *plan, const struct ck_sys *sys,
		  struct ck_progress *progress)
{
	long rc;

	/* The answer that is going to prove it must not be there already. */
	progress->call = "execve";
	rc = probe(plan, sys);
	if (rc != -EFAULT)
		return rc < 0 && rc != -(long)plan->filter.probe.error ? (int)rc :
									 -EPROTO;
	rc = load(plan, sys, progress);
	return rc > 0 ? -EPROTO : (int)rc;
}

int ck_run_probe(const struct ck_plan *plan, const struct ck_sys *sys,
		 struct ck_progress *progress)
{
	progress->call = "the filter";
	return probe(plan, sys) == -(long)plan->filter.probe.error ? 0 : -ENOTRECOVERABLE;
}
