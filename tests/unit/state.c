/* SPDX-License-Identifier: MIT */
/* The state as it is read: right on the real kernel, and never believed where an answer
 * is false. */
#include "fake.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static gid_t groups[CK_GROUPS_MAX];

/* The line "NAME:\tVALUE" of /proc/self/status in hexadecimal. */
static uint64_t status_line(const char *name)
{
	const char *text = unit_read("/proc/self/status", NULL);
	const char *line = strstr(text, unit_format("\n%s:\t", name));

	assert_non_null(line);
	return strtoull(strchr(line, '\t'), NULL, 16);
}

static void compare_with_proc(void)
{
	const char *call;
	struct ck_state now;
	uid_t r, e, s;

	assert_int_equal(ck_state_read(&ck_sys_kernel, groups, &call, &now), 0);
	assert_true(now.sets.bounding == status_line("CapBnd"));
	assert_true(now.sets.permitted == status_line("CapPrm"));
	assert_true(now.sets.effective == status_line("CapEff"));
	assert_true(now.sets.inheritable == status_line("CapInh"));
	assert_true(now.sets.ambient == status_line("CapAmb"));
	assert_int_equal(now.no_new_privs, status_line("NoNewPrivs"));
	assert_int_equal(getresuid(&r, &e, &s), 0);
	assert_true(now.ruid == r && now.euid == e && now.suid == s);
	assert_int_equal(getresgid(&r, &e, &s), 0);
	assert_true(now.rgid == r && now.egid == e && now.sgid == s);
	assert_int_equal(now.securebits, prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
	assert_true(now.ambient_supported);
	assert_true((now.known & (now.known + 1)) == 0);
	assert_true(now.known >> CAP_CHECKPOINT_RESTORE & 1);
}

static void it_is_what_proc_says(void **state)
{
	(void)state;
	compare_with_proc();
}

static int changed_process(void *data)
{
	const gid_t list[] = { 9, 7, 9, 100000 };
	const char *call;
	struct ck_state now;

	(void)data;
	CLAIM(ck_sys_kernel.set(CK_CAP(CAP_SETPCAP) | CK_CAP(CAP_SETUID) |
					CK_CAP(CAP_SETGID) | CK_CAP(CAP_KILL),
				CK_CAP(CAP_SETPCAP) | CK_CAP(CAP_SETUID) |
					CK_CAP(CAP_SETGID),
				CK_CAP(CAP_KILL)) == 0);
	CLAIM(ck_sys_kernel.ambient(CK_CAP(CAP_KILL)) == 0);
	CLAIM(prctl(PR_CAPBSET_DROP, CAP_BPF, 0, 0, 0) == 0);
	CLAIM(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CLAIM(syscall(SYS_setgroups, 4, list) == 0);
	CLAIM(setresgid(1, 2, 3) == 0);
	CLAIM(prctl(PR_SET_SECUREBITS, 0x53, 0, 0, 0) == 0);
	CLAIM(setresuid(4, 5, 6) == 0);
	CLAIM(ck_state_read(&ck_sys_kernel, groups, &call, &now) == 0);
	CLAIM(now.ruid == 4 && now.euid == 5 && now.suid == 6);
	CLAIM(now.rgid == 1 && now.egid == 2 && now.sgid == 3);
	CLAIM(now.ngroups == 3 && now.groups[0] == 7 && now.groups[1] == 9 &&
	      now.groups[2] == 100000);
	CLAIM(now.securebits == 0x53 && now.no_new_privs);
	CLAIM(!(now.sets.bounding & CK_CAP(CAP_BPF)));
	CLAIM(now.sets.inheritable == CK_CAP(CAP_KILL));
	compare_with_proc();
	return 0;
}

static void it_is_what_was_changed(void **state)
{
	(void)state;
	UNIT_NEED_ROOT();
	unit_in_child(changed_process, NULL);
}

static int other_surroundings(void *data)
{
	struct ck_surroundings around;
	const char *call;
	sigset_t mask;

	(void)data;
	CLAIM(setsid() == getpid());
	CLAIM(setrlimit(RLIMIT_CORE, &(struct rlimit){ 5, 6 }) == 0);
	CLAIM(prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0) == 0);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	CLAIM(sigprocmask(SIG_SETMASK, &mask, NULL) == 0);
	CLAIM(ck_surroundings_read(&ck_sys_kernel, true, CK_LIMITS_ALL, &call, &around) ==
	      0);
	CLAIM(around.pid == getpid() && around.parent == getppid());
	CLAIM(around.session == getpid() && around.process_group == getpid());
	CLAIM(around.parent_group == getpgid(getppid()));
	CLAIM(!around.terminal && !around.terminal_unknown && !around.at_secure);
	CLAIM(around.limits[RLIMIT_CORE].rlim_cur == 5);
	CLAIM(around.limits[RLIMIT_CORE].rlim_max == 6);
	CLAIM(around.parent_death_signal == SIGUSR1);
	CLAIM(around.signal_mask == UINT64_C(1) << (SIGUSR2 - 1));
	return 0;
}

static void surroundings_are_read(void **state)
{
	struct ck_surroundings around;
	const char *call;
	int i;

	(void)state;
	assert_int_equal(ck_surroundings_read(&ck_sys_kernel, false, CK_LIMITS_ALL, &call,
					      &around),
			 0);
	for (i = 0; i < CK_LIMITS; i++) {
		struct rlimit limit;

		assert_int_equal(getrlimit((unsigned int)i, &limit), 0);
		assert_true(limit.rlim_cur == around.limits[i].rlim_cur);
		assert_true(limit.rlim_max == around.limits[i].rlim_max);
	}
	unit_in_child(other_surroundings, NULL);
}

/* Every part on its own makes a difference, and has its name. */
static void every_difference_is_seen(void **state)
{
	const gid_t list[] = { 1, 2 }, other[] = { 1, 3 };
	const struct ck_state same = { .groups = list, .ngroups = 2 };
	struct ck_state a;

	(void)state;
	assert_null(ck_state_differs(&same, &same));
#define DIFFERS(part, value, name)                                      \
	do {                                                            \
		a = same;                                               \
		a.part = value;                                         \
		assert_string_equal(ck_state_differs(&a, &same), name); \
		assert_string_equal(ck_state_differs(&same, &a), name); \
	} while (0)
	DIFFERS(sets.bounding, CK_CAP(63), "bounding");
	DIFFERS(sets.permitted, CK_CAP(40), "permitted");
	DIFFERS(sets.effective, CK_CAP(40), "effective");
	DIFFERS(sets.inheritable, CK_CAP(40), "inheritable");
	DIFFERS(sets.ambient, CK_CAP(40), "ambient");
	DIFFERS(ruid, 1, "uid");
	DIFFERS(euid, 1, "uid");
	DIFFERS(suid, 1, "uid");
	DIFFERS(rgid, 1, "gid");
	DIFFERS(egid, 1, "gid");
	DIFFERS(sgid, 1, "gid");
	DIFFERS(ngroups, 1, "groups");
	DIFFERS(ngroups, 0, "groups");
	DIFFERS(groups, other, "groups");
	DIFFERS(securebits, 0x800, "securebits");
	DIFFERS(no_new_privs, true, "no_new_privs");
#undef DIFFERS
}

static const struct {
	long nr, op;
} kinds[] = {
	{ SYS_capget, FAULT_ANY_OP },	      { SYS_prctl, FAULT_ANY_OP },
	{ SYS_getresuid, FAULT_ANY_OP },      { SYS_getresgid, FAULT_ANY_OP },
	{ SYS_getgroups, FAULT_ANY_OP },      { SYS_prctl, PR_CAPBSET_READ },
	{ SYS_prctl, PR_CAP_AMBIENT },	      { SYS_prctl, PR_GET_NO_NEW_PRIVS },
	{ SYS_prctl, PR_GET_SECUREBITS },     { SYS_prctl, PR_GET_KEEPCAPS },
	{ SYS_prctl, PR_GET_PDEATHSIG },      { SYS_prlimit64, FAULT_ANY_OP },
	{ SYS_rt_sigprocmask, FAULT_ANY_OP },
};

static const long answers[] = { -EPERM, -EINVAL, -ENOSYS, -EFAULT, -EINTR, 0, 1, 2 };

/* A process in which every answer matters: 0 and 1 are false somewhere. */
static void odd_process(struct kernel *k)
{
	kernel_init(k);
	k->sets.bounding &= ~CK_CAP(CAP_BPF);
	k->sets.inheritable = k->sets.ambient = CK_CAP(CAP_KILL) | CK_CAP(CAP_CHOWN);
	k->securebits = 0x50;
	k->no_new_privs = true;
	k->ruid = k->euid = k->suid = 7;
	k->rgid = k->egid = k->sgid = 8;
	k->ngroups = 2;
	k->groups[0] = 3;
	k->groups[1] = 4;
	k->death_signal = 9;
}

static int read_all(struct ck_state *now, struct ck_surroundings *around)
{
	const char *call = NULL;
	int rc = ck_state_read(&fake_sys, groups, &call, now);

	if (rc == 0)
		rc = ck_surroundings_read(&fake_sys, false, CK_LIMITS_ALL, &call, around);
	assert_non_null(call);
	return rc;
}

static void constant_answers_are_not_believed(void **state)
{
	struct ck_state truth, now;
	struct ck_surroundings true_around, around;
	struct kernel process;
	size_t i, j;

	(void)state;
	odd_process(&process);
	fake_start(&process, NULL, false);
	assert_int_equal(read_all(&truth, &true_around), 0);
	for (i = 0; i < CK_ARRAY_SIZE(kinds); i++)
		for (j = 0; j < CK_ARRAY_SIZE(answers); j++) {
			const struct fault fault = { .kind = FAULT_ALL_ANSWER,
						     .nr = kinds[i].nr,
						     .op = kinds[i].op,
						     .answer = answers[j] };
			const char *differs = NULL;

			/* As before Linux 4.3; an empty inheritable set, which is
			 * verified too, means an empty ambient one. */
			if (answers[j] == -EINVAL && kinds[i].op == PR_CAP_AMBIENT)
				continue;
			memset(&now, 0xa5, sizeof(now));
			fake_start(&process, &fault, true);
			if (read_all(&now, &around) == 0)
				differs = ck_state_differs(&now, &truth);
			if (differs)
				fail_msg("call %ld, op %ld answers %ld: %s is believed",
					 kinds[i].nr, kinds[i].op, answers[j], differs);
		}
}

/* A call that has a buffer to write to, and answers without writing. */
static bool fills_a_buffer(long nr)
{
	return nr == SYS_capget || nr == SYS_getresuid || nr == SYS_getresgid ||
	       nr == SYS_getgroups || nr == SYS_prlimit64 || nr == SYS_rt_sigprocmask;
}

static void buffers_that_were_not_written_are_noticed(void **state)
{
	struct fault fault = { .kind = FAULT_ANSWER };
	struct ck_state now;
	struct ck_surroundings around;
	struct kernel process;
	unsigned int noticed = 0;

	(void)state;
	odd_process(&process);
	for (;; fault.n++) {
		int rc;

		fault.answer = 0;
		fake_start(&process, &fault, true);
		rc = read_all(&now, &around);
		if (!fake.hits)
			break;
		if (!fills_a_buffer(fake.struck))
			continue;
		assert_true(rc < 0);
		noticed++;
		if (fake.struck != SYS_getgroups)
			continue;
		fault.answer = 2; /* as many as there are */
		fake_start(&process, &fault, true);
		if (read_all(&now, &around) == 0)
			assert_true(now.groups[0] == 3 && now.groups[1] == 4);
	}
	assert_true(noticed > CK_LIMITS + 6);
}

/* A read that fails leaves what was there. */
static void failure_writes_nothing(void **state)
{
	struct fault fault = { .kind = FAULT_ANSWER, .answer = -EPERM };
	struct ck_state now;
	struct kernel process;
	const char *call;

	(void)state;
	odd_process(&process);
	for (;; fault.n++) {
		memset(&now, 0xa5, sizeof(now));
		fake_start(&process, &fault, true);
		if (ck_state_read(&fake_sys, groups, &call, &now) == 0)
			break;
		assert_int_equal(now.ruid, 0xa5a5a5a5U);
		assert_true(now.sets.permitted == UINT64_C(0xa5a5a5a5a5a5a5a5));
	}
	assert_true(fault.n > 50);
	assert_int_equal(fake.hits, 0);
}

/* The kernel's capabilities have no gaps; a filter could make some. What lies behind one
 * is not read, but verified. */
static void gaps_are_false(void **state)
{
	struct ck_progress progress = { .step = CK_STEP_VERIFY };
	static struct ck_plan plan;
	struct kernel process;
	const char *call;

	(void)state;
	kernel_init(&process);
	process.known &= ~CK_CAP(20);
	fake_start(&process, NULL, false);
	assert_int_equal(ck_state_read(&fake_sys, groups, &call, &plan.after), 0);
	assert_true(plan.after.known == CK_CAP(20) - 1);
	assert_int_equal(ck_steps[CK_STEP_VERIFY].run(&plan, &fake_sys, &progress),
			 -EPROTO);
	assert_string_equal(progress.call, "prctl(PR_CAPBSET_READ)");
}

static void old_kernels_have_no_ambient_set(void **state)
{
	struct kernel process;
	struct ck_state now;
	const char *call;

	(void)state;
	kernel_init(&process);
	process.no_ambient = true;
	fake_start(&process, NULL, false);
	assert_int_equal(ck_state_read(&fake_sys, groups, &call, &now), 0);
	assert_false(now.ambient_supported);
	assert_true(now.sets.ambient == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_what_proc_says),
		cmocka_unit_test(it_is_what_was_changed),
		cmocka_unit_test(surroundings_are_read),
		cmocka_unit_test(every_difference_is_seen),
		cmocka_unit_test(constant_answers_are_not_believed),
		cmocka_unit_test(buffers_that_were_not_written_are_noticed),
		cmocka_unit_test(failure_writes_nothing),
		cmocka_unit_test(gaps_are_false),
		cmocka_unit_test(old_kernels_have_no_ambient_set),
	};

	return UNIT_RUN(tests);
}
