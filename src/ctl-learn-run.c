/* SPDX-License-Identifier: MIT */
/*
 * One trial: set-up, the check that has to fail, the command, the check that has to
 * succeed, who runs, the end, and whatever is left over ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl-learn.h"

#define STEP 0.02      /* seconds between two looks */
#define AFTER_TERM 1.0 /* seconds for the command to end, at least */
#define LOOKS 5	       /* in a row that find references at rest, after the first */
#define RESTLESS 10.0  /* seconds until one is taken to compute for ever */

static bool command_is_gone(struct ck_learn *learn)
{
	size_t count;
	pid_t *pids;

	if (!learn->command_ended)
		return false;
	ck_watch_pids(learn, false, &pids, &count);
	return count == 0;
}

/* ---- the command ---- */

struct launch {
	struct ck_report *report;
	int go[2], out, err;
};

/* The shared report is all that the parent sees of it. */
static void __attribute__((noreturn)) give_up(struct ck_report *report, const char *what)
{
	(void)snprintf(report->text, sizeof(report->text), "%s: %s", what,
		       strerror(errno));
	report->status = CK_EXIT_REFUSED;
	_exit(CK_EXIT_REFUSED);
}

static void __attribute__((noreturn))
run_command(const struct ck_learn *learn, uint64_t keep, struct launch *launch)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char byte;

	close(launch->go[1]);
	if (setsid() < 0)
		give_up(launch->report, "a session of its own");
	if (null < 0 || dup2(null, 0) < 0)
		give_up(launch->report, "/dev/null");
	if (dup2(launch->out, 1) < 0 || dup2(launch->err, 2) < 0)
		give_up(launch->report, "its output");
	if (read(launch->go[0], &byte, 1) != 1)
		_exit(CK_EXIT_REFUSED); /* given up by the parent, who knows why */
	if (sigprocmask(SIG_SETMASK, &learn->mask, NULL) < 0)
		give_up(launch->report, "its signals");
	ck_learn_exec(learn, keep, launch->report);
}

static int launch_open(struct launch *launch)
{
	void *shared = mmap(NULL, sizeof(*launch->report), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	launch->report = shared == MAP_FAILED ? NULL : shared;
	launch->out = launch->err = launch->go[0] = launch->go[1] = -1;
	if (!launch->report)
		return -ENOMEM;
	if ((launch->out = ck_learn_output("stdout")) < 0 ||
	    (launch->err = ck_learn_output("stderr")) < 0 ||
	    pipe2(launch->go, O_CLOEXEC) < 0)
		return -errno;
	return 0;
}

static void launch_close(struct launch *launch)
{
	if (launch->report)
		munmap(launch->report, sizeof(*launch->report));
	close(launch->out);
	close(launch->err);
	close(launch->go[0]);
	close(launch->go[1]);
}

static int launch_start(struct ck_learn *learn, uint64_t keep, struct launch *launch)
{
	int rc;

	learn->command_ended = false;
	learn->command = fork();
	if (learn->command < 0)
		return -errno;
	if (learn->command == 0)
		run_command(learn, keep, launch);
	rc = ck_watch_seize(learn, learn->command);
	if (rc < 0)
		return rc;
	if (!learn->may_trace) /* then it cannot be told from here */
		learn->trial->started = true;
	return write(launch->go[1], "", 1) == 1 ? 0 : -errno;
}

/* ---- does it work? ---- */

static const char *status_text(struct ck_arena *arena, int status)
{
	if (WIFSIGNALED(status))
		return ck_format(arena, "it is ended by %s",
				 ck_signal_name(WTERMSIG(status)) ?
					 ck_signal_name(WTERMSIG(status)) :
					 "a signal");
	return ck_format(arena, "exit status %d", WEXITSTATUS(status));
}

static bool over(const struct ck_learn *learn, double until)
{
	return ck_learn_stopped(learn) || learn->trial->crash || ck_learn_now() >= until;
}

/* Until the command of the user succeeds, or the workload cannot any more. */
static bool wait_for(struct ck_learn *learn, const char *command, double until)
{
	double pause = 0.01;

	for (;;) {
		double left = until - ck_learn_now();
		bool gone = command_is_gone(learn);

		if (learn->command_ended && learn->command_status != 0)
			return false;
		if (ck_learn_helper(learn, command, left > 0.1 ? left : 0.1) == 0)
			return true;
		if (gone || over(learn, until))
			return false;
		ck_watch_pump(learn, pause);
		pause = pause < 0.08 ? pause * 1.5 : pause;
	}
}

static void explain(struct ck_learn *learn, const char *late)
{
	struct ck_trial *trial = learn->trial;

	if (trial->crash)
		trial->why = ck_format(learn->arena, "a process is ended by %s",
				       ck_signal_name(trial->crash));
	else if (learn->command_ended && learn->command_status != 0)
		trial->why = status_text(learn->arena, learn->command_status);
	else if (command_is_gone(learn))
		trial->why =
			ck_format(learn->arena, "it ends before %s",
				  learn->ready ? "it is ready" : "the check succeeds");
	else {
		const char *said = learn->checks.count ?
					   ck_learn_last_line(learn->arena, learn->said) :
					   NULL;

		trial->why =
			ck_join(learn->arena, late, said ? ": " : "", said ? said : "");
		trial->late = true;
	}
}

/* How long processes that compute may go on: later runs three times what those with
 * everything needed. */
static double patience(const struct ck_learn *learn, double grace)
{
	if (learn->references < 2 || 3 * learn->rest > RESTLESS)
		return RESTLESS;
	return 3 * learn->rest > grace ? 3 * learn->rest : grace;
}

static void watch(struct ck_learn *learn, double seconds)
{
	double until = ck_learn_now() + seconds, left = seconds;

	while (left > 0 && !ck_learn_stopped(learn)) {
		ck_watch_pump(learn, left);
		left = until - ck_learn_now();
	}
}

/* Processes may still be on their way to their ids: where processors are scarce, a socket
 * may answer long before its owner goes on. One look at them tells little, since the
 * kernel calls a parent asleep that is just taking in the end of a child (do_wait() in
 * kernel/exit.c). Those that never rest are taken as they are. */
static bool wait_settled(struct ck_learn *learn)
{
	struct ck_trial *trial = learn->trial;
	bool reference = learn->references < 2, busy;
	double grace = trial->ready > 1 ? trial->ready : 1, began = ck_learn_now();
	double now, until = began + grace, last = began + patience(learn, grace);
	unsigned int still = 0, enough = reference ? LOOKS : 1;
	struct ck_tree before = { .count = 0 };

	for (;; before = trial->tree) {
		ck_tree_read(learn, &trial->tree);
		trial->why = reference ? NULL : ck_tree_differs(learn, &trial->tree);
		now = ck_learn_now();
		busy = trial->tree.busy && !learn->restless;
		still = busy || !ck_tree_same(&before, &trial->tree) ? 0 : still + 1;
		if (still >= enough && !trial->why)
			break;
		if (busy && now < last)
			until = now + grace;
		if (over(learn, until) || command_is_gone(learn))
			break;
		watch(learn, STEP);
	}
	if (reference && now - began > learn->rest)
		learn->rest = now - began;
	if (reference && still < enough && now >= last)
		learn->restless = true;
	return !trial->why;
}

/* One after the other; what has succeeded is not run again. */
static bool wait_for_checks(struct ck_learn *learn, double until)
{
	struct ck_trial *trial = learn->trial;
	size_t i;

	for (i = 0; i < learn->checks.count; i++) {
		const char *check = learn->checks.list[i];

		if (!wait_for(learn, check, until)) {
			explain(learn,
				learn->checks.count == 1 ?
					"the check does not succeed" :
					ck_format(learn->arena,
						  "the check '%s' does not succeed",
						  check));
			return false;
		}
		if (trial->readied <= 0)
			trial->readied = ck_learn_now();
	}
	return true;
}

static bool with_check(struct ck_learn *learn, double limit)
{
	struct ck_trial *trial = learn->trial;
	double until = trial->began + limit;

	if (learn->ready && !wait_for(learn, learn->ready, until)) {
		explain(learn, "it does not become ready");
		return false;
	}
	if (learn->ready)
		trial->readied = ck_learn_now();
	if (!wait_for_checks(learn, until))
		return false;
	trial->checked = true;
	trial->ready = ck_learn_now() - trial->began;
	/* What the checks ask for is work, also where the first success says that it is
	 * ready. */
	if (learn->seeing && !learn->ready && !ck_learn_check(learn, limit)) {
		trial->why = "the check does not succeed a second time";
		return false;
	}
	return wait_settled(learn) && !trial->crash;
}

static bool without_check(struct ck_learn *learn, double limit)
{
	struct ck_trial *trial = learn->trial;
	double until = trial->began + limit;

	while (!learn->command_ended && !over(learn, until))
		ck_watch_pump(learn, STEP);
	trial->ready = ck_learn_now() - trial->began;
	if (learn->command_ended && learn->command_status == 0 && !trial->crash)
		return true;
	explain(learn, ck_format(learn->arena, "it still runs after %.3g s", limit));
	return false;
}

/* ---- the end ---- */

/* A command of the user's that fails has not done what was wanted of it: then there is no
 * end to wait for. */
static bool run_stop(struct ck_learn *learn, double limit)
{
	struct ck_trial *trial = learn->trial;
	int rc = ck_learn_helper(learn, learn->stop, limit);

	if (rc != 0 && !trial->why)
		trial->why = ck_learn_helper_text(learn, "--stop", rc, limit);
	return rc == 0;
}

static void ask_to_end(struct ck_learn *learn, double limit)
{
	double began = ck_learn_now();
	size_t count, i;
	pid_t *pids;

	learn->told_to_end = !learn->stop;
	if (learn->stop) {
		if (!run_stop(learn, limit))
			return;
	} else if (!learn->command_ended) {
		kill(learn->command, SIGTERM);
	} else { /* a daemon that went on by itself: those that have come to us */
		ck_watch_pids(learn, false, &pids, &count);
		for (i = 0; i < count; i++)
			ck_watch_signal(learn, pids[i], SIGTERM);
	}
	while (!command_is_gone(learn) && ck_learn_now() < began + limit &&
	       !ck_learn_stopped(learn))
		ck_watch_pump(learn, STEP);
	learn->trial->ending = ck_learn_now() - began;
}

/* Why the end fails the run; NULL. */
static const char *bad_end(struct ck_learn *learn, bool gone)
{
	const struct ck_trial *trial = learn->trial;

	if (trial->crash)
		return ck_format(learn->arena, "a process is ended by %s",
				 ck_signal_name(trial->crash));
	if (!trial->works || !learn->stop)
		return NULL;
	if (learn->references < 2 && !gone)
		return ck_format(learn->arena,
				 "--stop: the command still runs %.3g s later",
				 learn->timeout);
	if (learn->references < 2 || !learn->same_end ||
	    trial->end == learn->reference[0]->end)
		return NULL;
	return ck_format(learn->arena, "in the end, %s",
			 trial->end < 0 ? "it has to be killed" :
					  status_text(learn->arena, trial->end));
}

/* Without --stop there is no more to wait for than that it goes by itself. */
static double end_limit(const struct ck_learn *learn)
{
	double limit = 3 * learn->trial->ready;

	if (learn->stop && learn->references < 2)
		return learn->timeout;
	if (learn->stop && limit < learn->end_limit)
		limit = learn->end_limit;
	return limit < AFTER_TERM ? AFTER_TERM : limit;
}

/* How the command ends counts only with --stop: SIGTERM may come while it still starts,
 * and then tells nothing (a worker of Apache may die of SIGSEGV). SIGSYS always counts:
 * with the filter it ends in the same way. */
static void end(struct ck_learn *learn)
{
	struct ck_trial *trial = learn->trial;
	bool gone;

	if (trial->checked && (learn->stop || !learn->stubborn))
		ask_to_end(learn, end_limit(learn));
	gone = command_is_gone(learn);
	trial->end = learn->command_ended ? learn->command_status : -1;
	if (trial->checked && learn->references == 0 && !gone)
		learn->stubborn = true;
	ck_watch_end(learn);
	if (!trial->why)
		trial->why = bad_end(learn, gone);
	trial->works = trial->works && !trial->why;
}

/* Before the command is there, the check has to fail: else it tells nothing. */
static bool prepare(struct ck_learn *learn)
{
	double limit = learn->limit > 0 ? learn->limit : learn->timeout;
	int rc = learn->setup ? ck_learn_helper(learn, learn->setup, learn->timeout) : 0;

	if (rc != 0 && !ck_learn_stopped(learn))
		learn->fatal = ck_learn_helper_text(learn, "--setup", rc, learn->timeout);
	if (rc == 0 && learn->checks.count && ck_learn_check(learn, limit))
		learn->fatal =
			learn->runs == 0 ?
				"--check: it succeeds although the command does not run, "
				"so that it can prove nothing; is another one running?" :
				"--check: it succeeds between two runs, although the command "
				"does not run; undo in --setup what a run leaves behind";
	return !ck_learn_stopped(learn);
}

static void observe(struct ck_learn *learn, uint64_t keep)
{
	struct ck_trial *trial = learn->trial;
	double limit = learn->limit > 0 ? learn->limit : learn->timeout;
	struct launch launch;
	int rc = launch_open(&launch);

	trial->began = ck_learn_now();
	if (rc == 0)
		rc = launch_start(learn, keep, &launch);
	if (rc < 0) {
		learn->fatal = ck_format(learn->arena, "start: %s", strerror(-rc));
		launch_close(&launch);
		return;
	}
	close(launch.go[1]);
	launch.go[1] = -1;
	trial->works = learn->checks.count ? with_check(learn, limit) :
					     without_check(learn, limit);
	end(learn);
	if (launch.report->status) {
		trial->works = trial->started = false;
		trial->why = ck_format(learn->arena, "it cannot be started: %s",
				       launch.report->text);
	}
	trial->said = ck_learn_last_line(learn->arena, launch.err);
	launch_close(&launch);
}

static void show_progress(const struct ck_learn *learn, const char *what)
{
	unsigned int expected =
		learn->expected > learn->runs ? learn->expected : learn->runs + 1;

	if (!learn->progress)
		return;
	(void)fprintf(stderr, "\r\033[Krun %u of about %u: %s", learn->runs + 1, expected,
		      what);
	(void)fflush(stderr);
}

struct ck_trial *ck_learn_run(struct ck_learn *learn, uint64_t keep, enum ck_look look,
			      const char *what)
{
	struct ck_trial *trial = ck_alloc(learn->arena, sizeof(*trial));

	trial->keep = keep;
	trial->look = look;
	show_progress(learn, what);
	learn->command_ended = true;
	learn->told_to_end = false;
	learn->nbefore = 0;
	if (prepare(learn)) {
		ck_watch_pids(learn, true, &learn->before, &learn->nbefore);
		learn->trial = trial;
		observe(learn, keep);
		learn->trial = NULL;
		learn->runs++;
		if (look == CK_LOOK_TRACE)
			ck_trace_read(learn, trial);
	}
	ck_watch_end(learn);
	return trial;
}
