/* SPDX-License-Identifier: MIT */
/*
 * capkeepctl learn: finds the smallest set of capabilities with which a command works, by
 * running it. Nothing is believed that a run has not shown, and nothing of the runs is
 * left behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl-learn.h"

#define TIMEOUT_DEFAULT 60.0
#define REFERENCES 2
#define REFERENCE_TRIES 5
#define SHORTEST 1.0 /* seconds of a trial, at least */

static int parse_timeout(struct ck_ctl *ctl, double *ret)
{
	const char *text = ck_ctl_value(ctl, "timeout");
	uint64_t seconds = 0;

	*ret = TIMEOUT_DEFAULT;
	if (!text)
		return 0;
	if (ck_number(text, strlen(text), 86400, &seconds) < 0 || !seconds)
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "--timeout",
				   "'%s' is no number of seconds from 1 to 86400", text);
	*ret = (double)seconds;
	return 0;
}

/* As the launcher's -u. */
static int parse_user(struct ck_learn *learn)
{
	struct ck_ctl *ctl = learn->ctl;
	struct ck_profile profile;

	learn->as = ck_ctl_value(ctl, "user");
	if (!learn->as)
		return 0;
	ck_profile_default(&profile);
	if (ck_profile_user(learn->arena, &profile, learn->as, &ctl->diags) < 0) {
		ck_ctl_complain(ctl);
		return CK_CTL_USAGE;
	}
	learn->user = profile.user;
	learn->group = profile.group;
	return 0;
}

static int parse(struct ck_learn *learn)
{
	static const char *const modes[] = { "auto", "off", "tracefs", "perf" };
	struct ck_ctl *ctl = learn->ctl;
	const char *trace = ck_ctl_value(ctl, "trace");
	size_t i;

	if (ctl->operands.count || !ctl->rest || !*ctl->rest)
		return ck_ctl_fail(
			ctl, CK_CTL_USAGE, "learn",
			"needs a command behind --: learn --check "
			"'curl -fsS http://127.0.0.1/' -- nginx -g 'daemon off;'");
	for (i = 0; trace && i < CK_ARRAY_SIZE(modes); i++)
		if (!strcmp(trace, modes[i]))
			break;
	if (i == CK_ARRAY_SIZE(modes))
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "--trace",
				   "'%s' is not auto, off, tracefs or perf", trace);
	learn->argv = ctl->rest;
	for (i = 0; i < ctl->ngiven; i++)
		if (!strcmp(ctl->given[i].option->name, "check"))
			ck_strings_add(learn->arena, &learn->checks, ctl->given[i].value);
	learn->ready = ck_ctl_value(ctl, "ready");
	learn->setup = ck_ctl_value(ctl, "setup");
	learn->stop = ck_ctl_value(ctl, "stop");
	learn->seccomp = ck_ctl_value(ctl, "seccomp") != NULL;
	learn->out = ck_ctl_value(ctl, "output");
	if ((learn->ready || learn->stop) && !learn->checks.count)
		return ck_ctl_fail(ctl, CK_CTL_USAGE, learn->ready ? "--ready" : "--stop",
				   "is for a command that goes on running, which needs "
				   "--check to tell whether it works");
	if (parse_user(learn) != 0)
		return CK_CTL_USAGE;
	return parse_timeout(ctl, &learn->timeout);
}

/* Found out before the runs, not after them. */
static int check_output(struct ck_learn *learn)
{
	const char *out = learn->out, *slash;
	const char *directory;

	if (!out || !strcmp(out, "-"))
		return 0;
	slash = strrchr(out, '/');
	directory = !slash	 ? "." :
		    slash == out ? "/" :
				   ck_strndup(learn->arena, out, (size_t)(slash - out));
	if (access(out, F_OK) == 0 ? access(out, W_OK) == 0 :
				     access(directory, W_OK) == 0)
		return 0;
	return ck_ctl_fail(learn->ctl, CK_CTL_FAILED, "-o", "%s: %s", out,
			   strerror(errno));
}

static int begin(struct ck_learn *learn)
{
	struct ck_ctl *ctl = learn->ctl;
	const char *trace = ck_ctl_value(ctl, "trace");
	struct ck_process self;
	int rc = ck_process_self(learn->arena, &self);

	if (rc < 0)
		return ck_ctl_fail(ctl, CK_CTL_FAILED, "learn", "%s", strerror(-rc));
	rc = ck_watch_begin(learn);
	if (rc < 0)
		return ck_ctl_fail(
			ctl, CK_CTL_FAILED, "learn",
			"/proc/self/task/*/children: %s; without it the processes of a run "
			"are not known (is /proc mounted, and has the kernel "
			"CONFIG_PROC_CHILDREN?)",
			strerror(-rc));
	learn->known = self.state.known;
	learn->held = self.state.sets.permitted & self.state.sets.bounding;
	learn->no_new_privs = true;
	learn->progress = isatty(STDERR_FILENO) == 1;
	learn->expected = 10;
	learn->instance = -1;
	if (learn->seccomp && ck_learn_no_filter())
		return ck_ctl_fail(ctl, CK_CTL_FAILED, "--seccomp", "%s",
				   ck_learn_no_filter());
	if (learn->seccomp && !learn->may_trace)
		return ck_ctl_fail(ctl, CK_CTL_FAILED, "--seccomp",
				   "%s: without it no call can be seen",
				   learn->unobserved);
	if (ck_trace_begin(learn, trace ? trace : "auto") < 0)
		return ck_ctl_fail(ctl, CK_CTL_FAILED, "--trace", "%s", learn->trace_why);
	return 0;
}

/* ---- the runs with everything ---- */

static void set_limit(struct ck_learn *learn, const struct ck_trial *trial)
{
	double limit = 3 * trial->ready;

	limit = limit < SHORTEST ? SHORTEST : limit;
	learn->limit = limit > learn->limit ? limit : learn->limit;
	limit = 3 * trial->ending;
	learn->end_limit = limit > learn->end_limit ? limit : learn->end_limit;
}

static void accept(struct ck_learn *learn, struct ck_trial *trial)
{
	struct ck_known *known = ck_learn_known(learn, learn->held);

	learn->reference[learn->references++] = trial;
	known->worked++;
	if (trial->look == CK_LOOK_CALLS)
		known->pass = trial;
}

/* The limit of a trial comes from these, so that they have the whole of --timeout. Where
 * the launcher refuses to go on without no_new_privs, the reason is that of the runs with
 * it. */
static const struct ck_trial *refer(struct ck_learn *learn)
{
	const struct ck_trial *failed = NULL, *confined = NULL;
	unsigned int i;

	for (i = 0; i < REFERENCE_TRIES && learn->references < REFERENCES; i++) {
		enum ck_look look = learn->references ? CK_LOOK_CALLS :
				    learn->traced     ? CK_LOOK_TRACE :
							CK_LOOK_NOT;
		struct ck_trial *trial = ck_learn_run(learn, learn->held, look,
						      "with everything, for reference");

		if (ck_learn_stopped(learn))
			return NULL;
		if (trial->works)
			accept(learn, trial);
		else
			failed = trial;
		if (!learn->references && i == 1) { /* a helper with set-user-ID? */
			learn->no_new_privs = false;
			confined = failed;
			failed = NULL; /* the runs with it say nothing of those without */
		} else if (!learn->references && i == 2) {
			return trial->started ? trial : confined;
		}
		learn->flaky = failed && learn->references;
	}
	return learn->references < REFERENCES ? failed : NULL;
}

static int references(struct ck_learn *learn)
{
	const struct ck_trial *failed = refer(learn);
	struct ck_ctl *ctl = learn->ctl;

	if (learn->fatal)
		return ck_ctl_fail(ctl, CK_CTL_FAILED, "learn", "%s", learn->fatal);
	if (learn->interrupted)
		return ck_ctl_fail(ctl, 128 + learn->interrupted, "learn",
				   "interrupted before two runs with everything had "
				   "worked: nothing is known");
	if (failed)
		return ck_ctl_fail(
			ctl, CK_CTL_FAILED, "learn",
			"the command does not work with everything that can be given to it "
			"(%s): %s%s%s%s",
			ck_compact(learn->arena, learn->held, learn->known), failed->why,
			failed->said ? "; it said: " : "",
			failed->said ? failed->said : "",
			failed->late && !learn->checks.count ?
				"; a command that goes on running needs --check" :
				"");
	set_limit(learn, learn->reference[0]);
	set_limit(learn, learn->reference[1]);
	learn->same_end = learn->reference[0]->end == learn->reference[1]->end;
	return 0;
}

/* ---- the result ---- */

static int write_profile(struct ck_learn *learn)
{
	const char *text = ck_learn_profile_text(learn);
	int fd = open(learn->out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY,
		      0644);
	int rc = fd < 0 ? -errno : ck_say(fd, text, strlen(text));

	if (fd >= 0 && close(fd) < 0 && rc == 0)
		rc = -errno;
	return rc == 0 ? 0 :
			 ck_ctl_fail(learn->ctl, CK_CTL_FAILED, "-o", "%s: %s",
				     learn->out, strerror(-rc));
}

static int report(struct ck_learn *learn)
{
	bool to_file = learn->out && strcmp(learn->out, "-") != 0;
	int rc = 0;

	ck_learn_advise(learn);
	if (to_file && !learn->interrupted) {
		rc = write_profile(learn);
		learn->written = rc == 0;
	}
	if (learn->ctl->json)
		ck_learn_json(learn);
	else if (to_file || learn->interrupted)
		ck_learn_summary(learn);
	else
		ck_print(learn->ctl, "%s", ck_learn_profile_text(learn));
	if (rc != 0)
		return rc;
	if (learn->interrupted)
		return 128 + learn->interrupted;
	if (learn->seccomp && !learn->filter_proven)
		return CK_CTL_FINDINGS;
	return learn->verdict == CK_PROVEN ? CK_CTL_FINE : CK_CTL_FINDINGS;
}

static int learn_all(struct ck_learn *learn)
{
	int rc = begin(learn);

	if (rc != 0)
		return rc;
	rc = references(learn);
	ck_trace_end(learn);
	if (rc == 0)
		ck_learn_prove(learn, ck_learn_search(learn));
	if (rc == 0 && learn->seccomp && !ck_learn_stopped(learn))
		ck_learn_filter(learn);
	if (learn->progress)
		(void)ck_say(STDERR_FILENO, "\r\033[K", 4);
	if (rc != 0)
		return rc;
	if (learn->fatal)
		return ck_ctl_fail(learn->ctl, CK_CTL_FAILED, "learn", "%s",
				   learn->fatal);
	return report(learn);
}

int ck_ctl_learn(struct ck_ctl *ctl)
{
	static struct ck_learn learn;
	int rc, status = 0;

	learn.ctl = ctl;
	learn.arena = ctl->arena;
	rc = parse(&learn);
	if (rc == 0)
		rc = check_output(&learn);
	if (rc != 0)
		return rc;
	rc = ck_learn_apart(&learn, &status);
	if (rc < 0)
		return ck_ctl_fail(ctl, CK_CTL_FAILED, "learn", "%s", strerror(-rc));
	if (rc == 0)
		return learn_all(&learn);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (WTERMSIG(status) == SIGPIPE) /* the result was being printed */
		return ck_ctl_fail(ctl, CK_CTL_FAILED, "standard output", "%s",
				   strerror(EPIPE));
	return ck_ctl_fail(ctl, CK_CTL_FAILED, "learn",
			   "the process that makes the runs was ended by signal %d; "
			   "nothing was learned",
			   WTERMSIG(status));
}
