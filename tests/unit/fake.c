/* SPDX-License-Identifier: MIT */
/* The faults; see fake.h. */
#include "fake.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define LIBRARY_LAST 40 /* that libcap-ng has a name for */

struct fake fake;

void fake_start(const struct kernel *kernel, const struct fault *fault, bool armed)
{
	memset(&fake, 0, sizeof(fake));
	fake.kernel = *kernel;
	if (fault)
		fake.fault = *fault;
	fake.armed = armed;
}

static bool strikes(long nr, long op)
{
	const struct fault *fault = &fake.fault;
	bool is_nth, is_kind;

	if (!fake.armed)
		return false;
	is_nth = fake.calls++ == fault->n;
	is_kind = fault->nr == nr && (fault->op == FAULT_ANY_OP || fault->op == op);
	switch (fault->kind) {
	case FAULT_NONE:
		return false;
	case FAULT_ANSWER:
	case FAULT_LIE:
		return is_nth;
	case FAULT_ALL_ANSWER:
	case FAULT_ALL_LIE:
		return is_kind;
	}
	return false;
}

static bool lies(void)
{
	return fake.fault.kind == FAULT_LIE || fake.fault.kind == FAULT_ALL_LIE;
}

static long call(long nr, long a, long b, long c, long d, long e)
{
	const struct kernel before = fake.kernel;
	long rc;

	if (!strikes(nr, a))
		return kernel_call(&fake.kernel, nr, a, b, c, d, e);
	fake.hits++;
	fake.struck = nr;
	if (!lies())
		return fake.fault.answer;
	rc = kernel_call(&fake.kernel, nr, a, b, c, d, e);
	fake.kernel = before;
	return rc;
}

/* A staging entry strikes as a whole, or one of the calls that libcap-ng makes in it
 * does. */
static bool entry_strikes(long nr, int *ret)
{
	if (!strikes(nr, 0))
		return false;
	fake.hits++;
	*ret = lies() ? 0 : (int)fake.fault.answer;
	return true;
}

static long call_prctl(long op, long a, long b)
{
	return call(SYS_prctl, op, a, b, 0, 0);
}

/* Its answer tells nothing, and nothing is done about calls that fail. */
static int bound(uint64_t keep)
{
	unsigned int cap;
	int rc;

	if (entry_strikes(FAKE_BOUND, &rc))
		return rc;
	for (cap = 0; cap <= LIBRARY_LAST; cap++)
		if (!(keep & CK_CAP(cap)) &&
		    call_prctl(PR_CAPBSET_READ, (long)cap, 0) > 0)
			(void)call_prctl(PR_CAPBSET_DROP, (long)cap, 0);
	return 0;
}

static int set(uint64_t permitted, uint64_t effective, uint64_t inheritable)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	int rc, i;

	if (entry_strikes(FAKE_SET, &rc))
		return rc;
	for (i = 0; i < 2; i++)
		data[i] = (struct __user_cap_data_struct){
			(uint32_t)(effective >> (32 * i)),
			(uint32_t)(permitted >> (32 * i)),
			(uint32_t)(inheritable >> (32 * i))
		};
	return call(SYS_capset, (long)&head, (long)data, 0, 0, 0) < 0 ? -EPERM : 0;
}

static int ambient(uint64_t raise)
{
	unsigned int cap;
	int rc;

	if (entry_strikes(FAKE_AMBIENT, &rc))
		return rc;
	if (call_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0) < 0)
		return -EPERM;
	for (cap = 0; cap < CK_CAP_BITS; cap++)
		if (raise & CK_CAP(cap) &&
		    call_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (long)cap) < 0)
			return -EPERM;
	return 0;
}

static int loader_start(bool realtime)
{
	int rc;

	(void)realtime;
	return entry_strikes(FAKE_START, &rc) ? rc : kernel_loader_start(&fake.kernel);
}

static long loader_load(unsigned int flags, const struct ck_program *program)
{
	int rc;

	if (entry_strikes(FAKE_LOAD, &rc))
		return rc;
	return kernel_loader_load(&fake.kernel, flags, program);
}

const struct ck_sys fake_sys = { .call = call,
				 .bound = bound,
				 .set = set,
				 .ambient = ambient,
				 .loader_start = loader_start,
				 .loader_load = loader_load };
