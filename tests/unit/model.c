/* SPDX-License-Identifier: MIT */
/*
 * The model of the kernel against the real one: the same random calls, made by a process
 * and by the model, give the same answers and leave the same state. Needs root to be
 * worth much.
 */
#include "kernel.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SEQUENCES 600
#define CALLS 40

static struct {
	uint64_t seed;
	struct kernel model;
	gid_t groups[CK_GROUPS_MAX];
} run;

static unsigned long pick(unsigned long below)
{
	return (unsigned long)(unit_random(&run.seed) >> 16) % below;
}

static long real(long nr, long a, long b, long c, long d, long e)
{
	long rc = syscall(nr, a, b, c, d, e);

	return rc < 0 ? -errno : rc;
}

/* Both; false where they differ. */
static bool both(const char *name, long nr, long a, long b, long c, long d)
{
	long theirs = real(nr, a, b, c, d, 0);
	long ours = kernel_call(&run.model, nr, a, b, c, d, 0);

	if (theirs == ours)
		return true;
	dprintf(STDOUT_FILENO,
		"# %s(%ld, %ld, %ld): the kernel answers %ld, the model %ld\n", name, a,
		b, c, theirs, ours);
	return false;
}

static uint64_t some_set(uint64_t of)
{
	uint64_t mask = of;
	unsigned long i;

	for (i = pick(4); i; i--)
		mask &= unit_random(&run.seed);
	return pick(8) ? mask : mask | CK_CAP(pick(41));
}

static bool call_capset(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	const struct ck_sets *sets = &run.model.sets;
	uint64_t permitted = some_set(sets->permitted);
	uint64_t effective = some_set(permitted);
	uint64_t inheritable =
		some_set(sets->permitted | sets->inheritable | sets->bounding);
	int i;

	for (i = 0; i < 2; i++)
		data[i] = (struct __user_cap_data_struct){
			(uint32_t)(effective >> (32 * i)),
			(uint32_t)(permitted >> (32 * i)),
			(uint32_t)(inheritable >> (32 * i)),
		};
	return both("capset", SYS_capset, (long)&head, (long)data, 0, 0);
}

static long some_id(void)
{
	static const long ids[] = { 0, 1000, 1001, -1, 0, 1000 };

	return ids[pick(CK_ARRAY_SIZE(ids))];
}

static bool call_groups(void)
{
	gid_t list[3];
	unsigned long count = pick(4), i;

	for (i = 0; i < count; i++)
		list[i] = (gid_t)pick(50);
	return both("setgroups", SYS_setgroups, (long)count, (long)list, 0, 0);
}

static bool call_limit(void)
{
	static const int resources[] = { RLIMIT_CORE, RLIMIT_CPU, 99, RLIMIT_MSGQUEUE };
	struct rlimit limit = { 5000 + pick(5), 5003 + pick(4) };

	return both("prlimit", SYS_prlimit64, 0, resources[pick(4)], (long)&limit, 0);
}

static bool call_ambient(void)
{
	static const long ops[] = { PR_CAP_AMBIENT_RAISE,  PR_CAP_AMBIENT_RAISE,
				    PR_CAP_AMBIENT_LOWER,  PR_CAP_AMBIENT_CLEAR_ALL,
				    PR_CAP_AMBIENT_IS_SET, 255 };
	long op = ops[pick(CK_ARRAY_SIZE(ops))];
	long cap = op == PR_CAP_AMBIENT_CLEAR_ALL ? (long)(pick(8) == 0) : (long)pick(43);

	return both("prctl(PR_CAP_AMBIENT)", SYS_prctl, PR_CAP_AMBIENT, op, cap, 0);
}

static bool call_securebits(void)
{
	long bits = (long)run.model.securebits;

	bits ^= 1L << pick(8);
	bits ^= pick(3) ? 0 : 1L << pick(8);
	return both("prctl(PR_SET_SECUREBITS)", SYS_prctl, PR_SET_SECUREBITS, bits, 0, 0);
}

static bool call_mask(void)
{
	uint64_t set = unit_random(&run.seed);

	return both("rt_sigprocmask", SYS_rt_sigprocmask, (long)pick(5), (long)&set, 0,
		    pick(9) ? (long)sizeof(set) : 4);
}

static bool one_call(void)
{
	switch (pick(17)) {
	case 0:
	case 1:
		return call_capset();
	case 2:
	case 3:
		return both("setresuid", SYS_setresuid, some_id(), some_id(), some_id(),
			    0);
	case 4:
		return both("setresgid", SYS_setresgid, some_id(), some_id(), some_id(),
			    0);
	case 5:
		return call_groups();
	case 6:
		return both("prctl(PR_CAPBSET_DROP)", SYS_prctl, PR_CAPBSET_DROP,
			    (long)pick(70), 0, 0);
	case 7:
	case 8:
	case 9:
		return call_ambient();
	case 10:
	case 11:
		return call_securebits();
	case 12:
		return both("prctl(PR_SET_KEEPCAPS)", SYS_prctl, PR_SET_KEEPCAPS,
			    (long)pick(3), 0, 0);
	case 13:
		return call_limit();
	case 14:
		return call_mask();
	case 15:
		return both("umask", SYS_umask, (long)pick(02000), 0, 0, 0);
	default:
		if (pick(10) == 0)
			return both("prctl(PR_SET_NO_NEW_PRIVS)", SYS_prctl,
				    PR_SET_NO_NEW_PRIVS, (long)pick(2), 0, 0);
		return both("prctl(PR_SET_PDEATHSIG)", SYS_prctl, PR_SET_PDEATHSIG,
			    (long)pick(70), 0, 0);
	}
}

/* The real state in the shape of the model's. */
static int read_real(struct kernel *k)
{
	const char *call;
	struct ck_state state;
	int rc = ck_state_read(&ck_sys_kernel, run.groups, &call, &state);

	if (rc < 0 || state.ngroups > KERNEL_GROUPS)
		return -EOVERFLOW;
	k->known = state.known;
	k->sets = state.sets;
	k->ruid = state.ruid;
	k->euid = state.euid;
	k->suid = state.suid;
	k->rgid = state.rgid;
	k->egid = state.egid;
	k->sgid = state.sgid;
	if (state.ngroups)
		memcpy(k->groups, state.groups, state.ngroups * sizeof(gid_t));
	k->ngroups = state.ngroups;
	k->securebits = state.securebits;
	k->no_new_privs = state.no_new_privs;
	k->umask = (mode_t)real(SYS_umask, 0, 0, 0, 0, 0);
	real(SYS_umask, (long)k->umask, 0, 0, 0, 0);
	rc = ck_death_signal_read(&ck_sys_kernel, &k->death_signal);
	rc = rc < 0 ? rc : ck_signal_mask_read(&ck_sys_kernel, &k->blocked);
	return rc < 0 ? rc : ck_limits_read(&ck_sys_kernel, k->limits);
}

/* The kernel keeps a group that is listed twice twice; the launcher's reader does not. */
static void each_once(struct kernel *k)
{
	k->ngroups = ck_groups_sort(k->groups, k->ngroups);
}

static int sequence(void *data)
{
	int i;

	(void)data;
	kernel_init(&run.model);
	CLAIM(read_real(&run.model) == 0);
	for (i = 0; i < CALLS; i++) {
		struct kernel now = run.model;
		struct kernel mine;
		const char *differs;

		CLAIM(one_call());
		CLAIM(read_real(&now) == 0);
		mine = run.model;
		each_once(&mine);
		differs = kernel_differs(&mine, &now);
		if (differs)
			dprintf(STDOUT_FILENO, "# after call %d %s differs\n", i,
				differs);
		CLAIM(!differs);
		run.model.ngroups = now.ngroups;
		memcpy(run.model.groups, now.groups, sizeof(now.groups));
	}
	return 0;
}

static void the_model_answers_as_the_kernel_does(void **state)
{
	int i;

	(void)state;
	run.seed = unit_seed();
	for (i = 0; i < SEQUENCES; i += (int)unit_every()) {
		unit_in_child(sequence, NULL);
		unit_random(&run.seed);
		run.seed += (uint64_t)i * 977;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_model_answers_as_the_kernel_does),
	};

	return UNIT_RUN(tests);
}
