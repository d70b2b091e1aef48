/* SPDX-License-Identifier: MIT */
/*
 * The part of the model that is about filters: seccomp(2) of kernel/seccomp.c, and the
 * second thread. Programs are run by the interpreter, which shares nothing with the
 * compiler.
 */
#include "kernel.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <string.h>

#if defined(__aarch64__)
#define ARCH CK_ARCH_AARCH64
#else
#define ARCH CK_ARCH_X86_64
#endif

struct fprog {
	unsigned short length;
	const struct ck_insn *code;
};

static long load(struct kernel *k, unsigned int flags, const struct fprog *program,
		 bool privileged)
{
	if (flags & ~k->flags)
		return -EINVAL;
	if (!program)
		return -EFAULT;
	if (!program->length || program->length > CK_PROGRAM_MAX)
		return -EINVAL;
	if (!k->no_new_privs && !privileged)
		return -EACCES;
	if (ck_interpret_check(program->code, program->length) < 0)
		return -EINVAL;
	k->filter = program->code;
	k->filter_count = program->length;
	k->filter_flags = flags & ~(unsigned int)SECCOMP_FILTER_FLAG_TSYNC;
	k->filters++;
	return 0;
}

long kernel_seccomp(struct kernel *k, long operation, unsigned int flags,
		    const void *program)
{
	const uint32_t *action = program;

	if (operation == SECCOMP_GET_ACTION_AVAIL && !k->no_actions)
		return (*action == CK_ACT_LOG && k->no_log) ||
				       (*action == CK_ACT_KILL && k->no_kill) ?
			       -EOPNOTSUPP :
			       0;
	if (operation != SECCOMP_SET_MODE_FILTER)
		return -EINVAL;
	return load(k, flags, program, k->sets.effective & CK_CAP(CAP_SYS_ADMIN));
}

int kernel_loader_start(struct kernel *k)
{
	if (!(k->sets.permitted & CK_CAP(CAP_SYS_ADMIN)))
		return -EPERM;
	k->helper = true;
	k->helper_caps = CK_CAP(CAP_SYS_ADMIN);
	return 0;
}

long kernel_loader_load(struct kernel *k, unsigned int flags,
			const struct ck_program *program)
{
	const struct fprog fprog = { (unsigned short)program->count, program->code };

	if (!k->helper)
		return -EPROTO;
	assert_true(k->undumpable); /* or the workload's user could have reached it */
	return load(k, flags | SECCOMP_FILTER_FLAG_TSYNC, &fprog,
		    k->helper_caps & CK_CAP(CAP_SYS_ADMIN));
}

bool kernel_filtered(const struct kernel *k, long nr, const long args[5], long *ret)
{
	struct ck_call_data data = { .nr = (uint32_t)nr, .arch = ARCH };
	uint32_t action;
	int i;

	if (!k->filter)
		return false;
	for (i = 0; i < 5; i++)
		data.args[i] = (uint64_t)args[i];
	assert_int_equal(ck_interpret(k->filter, k->filter_count, &data, &action, NULL),
			 0);
	if (action == CK_ACT_ALLOW || action == CK_ACT_LOG)
		return false;
	/* A kill would end the launcher; here it is an answer that it never takes for
	 * one. */
	*ret = (action & 0xffff0000U) == CK_ACT_ERRNO ? -(long)(action & 0xffffU) :
							-ENOSYS;
	return true;
}
