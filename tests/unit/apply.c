/* SPDX-License-Identifier: MIT */
/*
 * Every scene that can start, with every fault: the n-th call is refused with several
 * errors, answers something without doing anything, or lies; every call of a kind does
 * so. Whatever happens, execve is reached only with the state that profile and start ask
 * for.
 */
#include "scene.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* The last of them, which no filter gives, only once the plan stands: what is read before
 * cannot be asked twice. */
static const long answers[] = {
	-EPERM, -EINVAL, -ENOSYS, -EACCES, -EINTR, -EFAULT, 0, 1
};
#define ANSWERS CK_ARRAY_SIZE(answers)

static const long kinds[] = {
	SYS_capget,    SYS_capset,
	SYS_setresuid, SYS_setresgid,
	SYS_getresuid, SYS_getresgid,
	SYS_setgroups, SYS_getgroups,
	SYS_prlimit64, SYS_umask,
	SYS_getpid,    SYS_getppid,
	SYS_getsid,    SYS_getpgid,
	SYS_setsid,    SYS_setpgid,
	SYS_openat,    SYS_close,
	SYS_fcntl,     SYS_close_range,
	SYS_ioctl,     SYS_chdir,
	SYS_statx,     SYS_faccessat2,
	SYS_execve,    SYS_prctl,
	FAKE_BOUND,    FAKE_SET,
	FAKE_AMBIENT,  SYS_rt_sigprocmask,
	SYS_seccomp,   FAKE_START,
	FAKE_LOAD,     SYS_sched_getscheduler,
};

static const long operations[] = {
	PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_CAPBSET_READ,  PR_CAPBSET_DROP,
	PR_SET_SECUREBITS,   PR_GET_SECUREBITS,	  PR_SET_KEEPCAPS,  PR_GET_KEEPCAPS,
	PR_CAP_AMBIENT,	     PR_SET_PDEATHSIG,	  PR_GET_PDEATHSIG, PR_SET_DUMPABLE,
	PR_GET_DUMPABLE,     PR_SET_SECCOMP,
};

static struct {
	unsigned long runs, struck, unplanned, stopped, started, wrong;
	unsigned int steps; /* that have stopped a start */
} counts;

static struct scene scene; /* the current one */
static struct kernel expected;
static unsigned int wanted_flags; /* expected.filter_flags */

static void report(const struct fault *fault, const char *when, const char *differs)
{
	counts.wrong++;
	print_message(
		"# wrong start: %s differs: fault %d, n %lu, nr %ld, op %ld, answer %ld, "
		"from the %s\n",
		differs, (int)fault->kind, fault->n, fault->nr, fault->op, fault->answer,
		when);
}

static const char *judge(const struct ck_progress *progress)
{
	const struct kernel *k = &fake.kernel;

	if (k->argv != scene.argv || k->envp != scene.envp)
		return "argv or envp";
	if (!progress->target || progress->target->refused ||
	    strcmp(progress->target->path, k->executed) != 0)
		return "the file";
	if (k->filters && k->filter != scene.plan.filter.program.code)
		return "the filter";
	return kernel_differs(k, &expected);
}

/* A capability that is optional may be gone where a false answer said that it is not
 * there. */
static const char *judge_optional(struct kernel start)
{
	const struct kernel as_it_was = scene.start;
	const struct ck_profile *p = &scene.profile;
	const char *differs;

	start.sets.bounding &=
		~(p->optional.mask & ~p->keep.mask & ~fake.kernel.sets.bounding);
	scene.start = start;
	scene_expect(&scene, &start);
	differs = kernel_differs(&fake.kernel, &start);
	scene.start = as_it_was;
	return differs;
}

/* A flag is left out, and said to be, where the kernel says that it has no such thing. */
static bool flags_are_left_out(const struct fault *fault)
{
	return fault->answer == -EINVAL || fault->answer == -ENOSYS;
}

/* One start. planning: the fault may strike from the first question on. */
static void run_once(const struct fault *fault, bool planning)
{
	struct ck_progress progress = { .step = CK_STEP_NO_NEW_PRIVS };
	struct ck_arena arena = { 0 };
	const char *differs;
	int rc;

	unit_diags = (struct ck_diags){ .arena = &arena };
	fake_start(&scene.start, fault, planning);
	rc = scene_plan(&scene, &fake_sys);
	if (rc < 0) {
		counts.unplanned++;
		if (planning && fake.kernel.executed)
			report(fault, "first question on, in planning", "execve");
	} else {
		fake.armed = true;
		rc = ck_apply(&scene.plan, &fake_sys, NULL, &progress);
		assert_true(rc < 0);
		if (!fake.kernel.executed) {
			counts.stopped++;
			counts.steps |= fake.hits ? 1U << progress.step : 0;
		} else {
			counts.started++;
			if (planning && flags_are_left_out(fault))
				expected.filter_flags &= scene.plan.filter.flags;
			differs = judge(&progress);
			expected.filter_flags = wanted_flags;
			if (differs && planning)
				differs = judge_optional(scene.start);
			if (differs)
				report(fault, planning ? "first question" : "first step",
				       differs);
		}
	}
	counts.runs++;
	counts.struck += fake.hits ? 1 : 0;
	ck_arena_free(&arena);
	unit_diags = (struct ck_diags){ .arena = &unit_arena };
}

static void nth_calls(bool planning)
{
	struct fault fault = { .kind = FAULT_NONE };
	unsigned long calls;
	size_t i;

	run_once(&fault, planning);
	calls = fake.calls;
	for (fault.n = 0; fault.n < calls; fault.n += unit_every()) {
		fault.kind = FAULT_ANSWER;
		for (i = 0; i < ANSWERS - planning; i++) {
			fault.answer = answers[i];
			run_once(&fault, planning);
		}
		fault.kind = FAULT_LIE;
		run_once(&fault, planning);
	}
}

static void all_calls(long nr, long op, bool planning)
{
	struct fault fault = { .kind = FAULT_ALL_ANSWER, .nr = nr, .op = op };
	size_t i;

	for (i = 0; i < ANSWERS - 1; i++) {
		fault.answer = answers[i];
		run_once(&fault, planning);
	}
	/* Who lies about the ranges, but not about the one that is none, forges by
	 * argument. */
	fault.kind = FAULT_ALL_LIE;
	if (nr != SYS_close_range)
		run_once(&fault, planning);
}

static unsigned int visited;

static void faults(void **state)
{
	unsigned long wrong = counts.wrong;
	size_t i;
	int planning;

	if (unit_every() > 1 && visited++ % 8)
		return;
	scene_read(*state, &scene);
	fake_start(&scene.start, NULL, false);
	if (scene_plan(&scene, &fake_sys) < 0)
		return; /* it is refused anyway: see plan.c */
	scene_expect(&scene, &expected);
	wanted_flags = expected.filter_flags;
	for (planning = 0; planning < 2; planning++) {
		nth_calls(planning);
		for (i = 0; i < CK_ARRAY_SIZE(kinds); i++)
			all_calls(kinds[i], FAULT_ANY_OP, planning);
		for (i = 0; i < CK_ARRAY_SIZE(operations); i++)
			all_calls(SYS_prctl, operations[i], planning);
	}
	assert_int_equal(counts.wrong - wrong, 0);
}

/* Without a fault: reached, and right; or stopped by what only the kernel could say. */
static void starts(void **state)
{
	struct ck_progress progress = { .step = CK_STEP_NO_NEW_PRIVS };
	const char *text = unit_read(scene_expectation(*state), NULL);
	bool refused;

	scene_read(*state, &scene);
	fake_start(&scene.start, NULL, false);
	refused = scene_plan(&scene, &fake_sys) < 0;
	/* As plan.c has it. */
	assert_int_equal(refused, !strncmp(text, "capkeep:", strlen("capkeep:")));
	if (refused)
		return;
	scene_expect(&scene, &expected);
	wanted_flags = expected.filter_flags;
	assert_true(ck_apply(&scene.plan, &fake_sys, NULL, &progress) < 0);
	assert_string_equal(ck_steps[progress.step].name,
			    scene.stops ? scene.stops : "exec");
	assert_true((fake.kernel.executed == NULL) == (scene.stops != NULL));
	if (!scene.stops)
		assert_null(judge(&progress));
}

/* Speaking borrows the signal mask. */
static void block_one(const struct ck_plan *plan, enum ck_step_id step)
{
	(void)plan;
	if (step == CK_STEP_UMASK)
		fake.kernel.blocked |= 1;
}

/* A library that opens something lands on what was closed. */
static void open_standard(const struct ck_plan *plan, enum ck_step_id step)
{
	(void)plan;
	if (step == CK_STEP_UMASK)
		fake.kernel.open |= 1;
}

static void close_standard(const struct ck_plan *plan, enum ck_step_id step)
{
	(void)plan;
	if (step == CK_STEP_UMASK)
		fake.kernel.open &= ~1U;
}

static unsigned int announced;

static void count_them(const struct ck_plan *plan, enum ck_step_id step)
{
	(void)plan;
	/* In their order, each once, and none behind the proof. */
	assert_int_equal(step, announced++);
	assert_null(fake.kernel.executed);
}

/* open: the descriptors that are. */
static int apply_with(void (*announce)(const struct ck_plan *plan, enum ck_step_id step),
		      uint32_t open)
{
	struct ck_progress progress = { .step = CK_STEP_NO_NEW_PRIVS };

	scene_read("dirty-everything", &scene);
	scene.start.open = open;
	fake_start(&scene.start, NULL, false);
	assert_int_equal(scene_plan(&scene, &fake_sys), 0);
	assert_true(ck_apply(&scene.plan, &fake_sys, announce, &progress) < 0);
	assert_true((progress.step == CK_STEP_EXEC) == (fake.kernel.executed != NULL));
	return (int)progress.step;
}

static void a_mask_that_is_not_given_back_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(apply_with(NULL, 7), CK_STEP_EXEC);
	assert_int_equal(apply_with(block_one, 7), CK_STEP_VERIFY);
}

static void standard_descriptors_stay_as_they_were(void **state)
{
	(void)state;
	assert_int_equal(apply_with(NULL, 6), CK_STEP_EXEC);
	assert_int_equal(apply_with(open_standard, 6), CK_STEP_VERIFY);
	assert_int_equal(apply_with(close_standard, 7), CK_STEP_VERIFY);
	assert_int_equal(apply_with(open_standard, 7), CK_STEP_EXEC);
}

static void every_step_is_announced(void **state)
{
	(void)state;
	announced = 0;
	assert_int_equal(apply_with(count_them, 7), CK_STEP_EXEC);
	assert_int_equal(announced, CK_STEPS);
}

#ifdef CK_WITH_FILTER
static void open_memory(const struct ck_plan *plan, enum ck_step_id step)
{
	(void)plan;
	if (step == CK_STEP_COMMAND)
		fake.kernel.undumpable = false;
}

static void memory_that_is_open_to_others_is_noticed(void **state)
{
	struct ck_progress progress = { .step = CK_STEP_NO_NEW_PRIVS };

	(void)state;
	scene_read("filter-thread", &scene);
	fake_start(&scene.start, NULL, false);
	assert_int_equal(scene_plan(&scene, &fake_sys), 0);
	assert_int_equal(ck_apply(&scene.plan, &fake_sys, open_memory, &progress),
			 -ENOTRECOVERABLE);
	assert_int_equal(progress.step, CK_STEP_VERIFY);
	assert_string_equal(progress.call, "the dumpable flag");
	assert_null(fake.kernel.executed);
}
#endif

/* The parent of the start has ended before the signal was set. */
static void a_parent_that_has_ended_is_noticed(void **state)
{
	struct ck_progress progress = { .step = CK_STEP_NO_NEW_PRIVS };

	(void)state;
	scene_read("death-signal", &scene);
	fake_start(&scene.start, NULL, false);
	assert_int_equal(scene_plan(&scene, &fake_sys), 0);
	fake.kernel.parent = 1;
	assert_int_equal(ck_apply(&scene.plan, &fake_sys, NULL, &progress), -ESRCH);
	assert_int_equal(progress.step, CK_STEP_PARENT_DEATH_SIGNAL);
	assert_null(fake.kernel.executed);
}

static void every_step_was_stopped_by_a_fault(void **state)
{
	int i;

	(void)state;
#ifndef CK_WITH_FILTER
	counts.steps |= 1U << CK_STEP_LOADER | 1U << CK_STEP_FILTER | 1U << CK_STEP_PROBE;
#endif
	for (i = 0; i < CK_STEPS; i++)
		if (unit_every() == 1 && !(counts.steps & 1U << i))
			fail_msg("no fault stopped the step %s", ck_steps[i].name);
	print_message(
		"# %lu starts with a fault, which struck in %lu: %lu refused while "
		"planning, "
		"%lu stopped by a step, %lu started as planned, %lu started wrong\n",
		counts.runs, counts.struck, counts.unplanned, counts.stopped,
		counts.started - counts.wrong, counts.wrong);
	assert_int_equal(counts.wrong, 0);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(a_mask_that_is_not_given_back_is_noticed),
		cmocka_unit_test(standard_descriptors_stay_as_they_were),
		cmocka_unit_test(every_step_is_announced),
#ifdef CK_WITH_FILTER
		cmocka_unit_test(memory_that_is_open_to_others_is_noticed),
#endif
		cmocka_unit_test(a_parent_that_has_ended_is_noticed),
		cmocka_unit_test(every_step_was_stopped_by_a_fault),
	};
	struct CMUnitTest *scenes, *tests;
	size_t count = scene_list(&scenes, starts), i;
	int rc;

	tests = calloc(2 * count + CK_ARRAY_SIZE(others), sizeof(*tests));
	if (!count || !tests)
		return 1;
	for (i = 0; i < count; i++) {
		tests[i] = tests[count + i] = scenes[i];
		tests[count + i].test_func = faults;
	}
	memcpy(&tests[2 * count], others, sizeof(others));
	rc = unit_run("apply", tests, 2 * count + CK_ARRAY_SIZE(others));
	free(tests);
	return rc;
}
