/* SPDX-License-Identifier: MIT */
/*
 * capkeepctl trace: a command under the filter of a profile, where nothing is denied:
 * each call that would be comes here by user notification (seccomp_unotify(2),
 * Linux 5.5), is said, and goes on. Needs no privilege, and works in a container.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl-trace.h"

#define KINDS_MAX 4096
#define EXAMPLES 5 /* that are said of one kind */

/* Calls that would be denied by one line. */
struct kind {
	int call;
	uint32_t arch, nr;
	struct ck_answer answer;
	uint64_t count;
	struct ck_strings examples;
};

struct trace {
	struct ck_ctl *ctl;
	struct ck_built built;
	struct kind *list;
	size_t count, room;
	uint64_t calls, unlisted; /* unlisted: of kinds beyond KINDS_MAX */
	struct ck_traced traced;
	bool ended; /* the command, with this: */
	int status; /* as waitpid(2) has it */
	bool stop;  /* SIGTERM has come; those of the rest that have got it: */
	pid_t *told;
	size_t told_count, told_room;
};

static struct kind *find_kind(struct trace *trace, const struct ck_call_data *data,
			      const struct ck_answer *answer)
{
	struct kind *kind;
	size_t i;

	for (i = 0; i < trace->count; i++) {
		kind = &trace->list[i];
		if (kind->nr == data->nr && kind->arch == data->arch &&
		    kind->answer.action == answer->action &&
		    kind->answer.origin.file == answer->origin.file &&
		    kind->answer.origin.line == answer->origin.line)
			return kind;
	}
	if (trace->count == KINDS_MAX)
		return NULL;
	trace->list = ck_grow(trace->ctl->arena, trace->list, trace->count, &trace->room,
			      sizeof(*trace->list));
	kind = &trace->list[trace->count++];
	*kind = (struct kind){ .call = answer->call,
			       .arch = data->arch,
			       .nr = data->nr,
			       .answer = *answer };
	return kind;
}

static bool is_known(const struct kind *kind, const char *text)
{
	size_t i;

	for (i = 0; i < kind->examples.count; i++)
		if (!strcmp(kind->examples.list[i], text))
			return true;
	return false;
}

static void say(struct ck_arena *arena, const char *text, const struct ck_answer *answer)
{
	const char *line = ck_format(arena, CK_CTL ": trace: %s: %s\n", text,
				     ck_safe(arena, ck_answer_text(arena, answer)));

	(void)ck_say(STDERR_FILENO, line, strlen(line));
}

/* What the call would get if the profile were enforced. */
static void note(struct trace *trace, const struct seccomp_notif *event)
{
	struct ck_rules rules = trace->built.rules;
	struct ck_arena arena = { .out_of_memory = ck_ctl_out_of_memory };
	struct ck_call_data data = { .nr = (uint32_t)event->data.nr,
				     .arch = event->data.arch };
	struct ck_answer answer;
	struct kind *kind;
	const char *text;

	memcpy(data.args, event->data.args, sizeof(data.args));
	rules.mode = CK_MODE_ENFORCE;
	ck_evaluate(&rules, NULL, &data, &answer);
	answer.call = ck_call_of(&data);
	kind = find_kind(trace, &data, &answer);
	trace->calls++;
	if (!kind) {
		trace->unlisted++;
		return;
	}
	kind->count++;
	if (kind->examples.count >= EXAMPLES)
		return;
	text = ck_call_text(&arena, &rules, &data, answer.call, (pid_t)event->pid);
	if (!is_known(kind, text)) {
		ck_strings_add(trace->ctl->arena, &kind->examples,
			       ck_strndup(trace->ctl->arena, text, strlen(text)));
		say(&arena, text, &answer);
	}
	ck_arena_free(&arena);
}

/* Says what the call would get, and lets it go on. */
static int take_call(struct trace *trace, int listener, struct seccomp_notif *event,
		     struct seccomp_notif_resp *answer)
{
	/* ENOENT: it was killed meanwhile. */
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, event) < 0)
		return errno == ENOENT || errno == EINTR ? 0 : -errno;
	note(trace, event);
	answer->id = event->id;
	answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	while (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, answer) < 0)
		if (errno != EINTR)
			return errno == ENOENT ? 0 : -errno;
	return 0;
}

static void cannot_pass(const struct trace *trace, int signal, int rc)
{
	(void)ck_ctl_fail(trace->ctl, CK_CTL_FAILED, "trace",
			  "%s: signal %d cannot be passed on: %s", trace->ctl->rest[0],
			  signal, strerror(-rc));
}

static bool is_told(const struct trace *trace, pid_t pid)
{
	size_t i;

	for (i = 0; i < trace->told_count; i++)
		if (trace->told[i] == pid)
			return true;
	return false;
}

static bool is_child(pid_t pid)
{
	siginfo_t ignored;

	return waitid(P_PID, (id_t)pid, &ignored, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* To the children but those that are told: what a command leaves behind. A child keeps
 * its pid until it is waited for, and the kernel is asked whether it is one: /proc may
 * be that of another namespace. */
static void tell_rest(struct trace *trace, int signal)
{
	struct ck_arena arena = { .out_of_memory = ck_ctl_out_of_memory };
	struct ck_processes all;
	int rc = ck_processes_read(&arena, false, &all);
	size_t i;

	if (rc < 0)
		cannot_pass(trace, signal, rc);
	for (i = 0; rc == 0 && i < all.count; i++) {
		pid_t pid = all.list[i].pid;

		if (!is_child(pid) || is_told(trace, pid))
			continue;
		if (kill(pid, signal) < 0)
			cannot_pass(trace, signal, -errno);
		trace->told = ck_grow(trace->ctl->arena, trace->told, trace->told_count,
				      &trace->told_room, sizeof(*trace->told));
		trace->told[trace->told_count++] = pid;
	}
	ck_arena_free(&arena);
}

static void pass_on(struct trace *trace, int signal)
{
	trace->stop = trace->stop || signal == SIGTERM;
	if (trace->ended) {
		trace->told_count = 0;
		tell_rest(trace, signal);
	} else if (kill(trace->traced.child, signal) < 0) {
		cannot_pass(trace, signal, -errno);
	}
}

/* The terminal sends to the whole group, thus to the command as well. What the command
 * sends is not sent back. */
static bool is_for_command(const struct trace *trace, const struct signalfd_siginfo *info)
{
	const uint32_t signal = info->ssi_signo;

	if (signal == SIGCHLD || info->ssi_pid == (uint32_t)trace->traced.child)
		return false;
	return (signal != SIGINT && signal != SIGQUIT) || info->ssi_code != SI_KERNEL;
}

/* Passes signals on, and takes all that have ended: before Linux 6.11 a zombie holds its
 * filter. Returns false where there is no child any more. */
static bool reap(struct trace *trace)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(trace->traced.signals, &info, sizeof(info)) > 0)
		if (is_for_command(trace, &info))
			pass_on(trace, (int)info.ssi_signo);
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == trace->traced.child) {
			trace->ended = true;
			trace->status = status;
		}
	if (pid == 0 && trace->ended && trace->stop)
		tell_rest(trace, SIGTERM);
	return pid == 0;
}

/* Until nobody is left behind the filter, which the kernel says since Linux 5.9; and
 * nobody is where no child is left, since orphans become children of this process. */
static int listen_to(struct trace *trace, int listener)
{
	struct seccomp_notif_sizes sizes = { 0 };
	size_t event_size, answer_size;
	struct seccomp_notif *event;
	struct seccomp_notif_resp *answer;
	struct pollfd wait[] = { { .fd = listener, .events = POLLIN },
				 { .fd = trace->traced.signals, .events = POLLIN } };
	int rc = 0;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return -errno;
	event_size = sizes.seccomp_notif + sizeof(*event);
	answer_size = sizes.seccomp_notif_resp + sizeof(*answer);
	event = ck_alloc(trace->ctl->arena, event_size);
	answer = ck_alloc(trace->ctl->arena, answer_size);
	while (rc == 0) {
		if (poll(wait, CK_ARRAY_SIZE(wait), -1) < 0)
			return -errno;
		/* First, so that no flood of calls keeps a signal waiting. */
		if (wait[1].revents && !reap(trace))
			break;
		if (wait[0].revents & POLLIN) {
			memset(event, 0, event_size);
			memset(answer, 0, answer_size);
			rc = take_call(trace, listener, event, answer);
		} else if (wait[0].revents) {
			break;
		}
	}
	return rc;
}

static int await_end(struct trace *trace)
{
	struct pollfd wait = { .fd = trace->traced.signals, .events = POLLIN };

	while (!trace->ended) {
		if (poll(&wait, 1, -1) < 0)
			return -errno;
		if (!reap(trace) && !trace->ended)
			return -ECHILD;
	}
	return 0;
}

static json_t *kind_json(struct ck_ctl *ctl, const struct kind *kind)
{
	json_t *one = ck_json_object(), *examples = ck_json_array();
	const char *name = kind->call < 0 ? NULL : ck_call_name((unsigned int)kind->call);
	const struct ck_call_data data = { .nr = kind->nr, .arch = kind->arch };
	enum ck_abi abi;
	size_t i;

	for (i = 0; i < kind->examples.count; i++)
		ck_json_add(examples, ck_json_text(kind->examples.list[i]));
	ck_json_set(one, "abi",
		    ck_json_text(ck_abi_of(&data, &abi) ? ck_abi_name(abi) : NULL));
	ck_json_set(one, "call", ck_json_text(name));
	ck_json_set(one, "number", ck_json_number(kind->nr));
	ck_json_set(one, "action",
		    ck_json_text(ck_action_text(ctl->arena, kind->answer.action)));
	ck_json_set(
		one, "where",
		ck_json_text(kind->answer.origin.file ?
				     ck_origin_text(ctl->arena, &kind->answer.origin) :
				     NULL));
	ck_json_set(one, "why", ck_json_text(kind->answer.why));
	ck_json_set(one, "count", ck_json_number((long long)kind->count));
	ck_json_set(one, "examples", examples);
	return one;
}

static void report_json(const struct trace *trace)
{
	json_t *object = ck_json_object(), *denied = ck_json_array();
	const int status = trace->status;
	size_t i;

	for (i = 0; i < trace->count; i++)
		ck_json_add(denied, kind_json(trace->ctl, &trace->list[i]));
	ck_json_set(object, "status",
		    ck_json_number(WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
							 WEXITSTATUS(status)));
	ck_json_set(object, "would_be_denied", denied);
	ck_json_set(object, "unlisted", ck_json_number((long long)trace->unlisted));
	ck_json_print(trace->ctl, object);
}

static void report(const struct trace *trace)
{
	struct ck_arena *arena = trace->ctl->arena;
	const int status = trace->status;
	const char *line;

	line = WIFSIGNALED(status) ?
		       ck_format(arena, "was ended by signal %d", WTERMSIG(status)) :
		       ck_format(arena, "ended with status %d", WEXITSTATUS(status));
	line = ck_format(arena,
			 CK_CTL
			 ": trace: %llu call%s of %zu kind%s would be denied; %s %s\n",
			 (unsigned long long)trace->calls, trace->calls == 1 ? "" : "s",
			 trace->count, trace->count == 1 ? "" : "s",
			 ck_safe(arena, trace->ctl->rest[0]), line);
	if (trace->unlisted)
		line = ck_format(arena,
				 "%s" CK_CTL ": trace: %llu of these calls %s of more "
				 "kinds, which are only counted\n",
				 line, (unsigned long long)trace->unlisted,
				 trace->unlisted == 1 ? "is" : "are");
	(void)ck_say(STDERR_FILENO, line, strlen(line));
	if (trace->ctl->json)
		report_json(trace);
}

static int judge(struct trace *trace)
{
	struct ck_ctl *ctl = trace->ctl;
	const int error = *trace->traced.start_error;

	if (error == 0) {
		report(trace);
		return trace->count ? CK_CTL_FINDINGS : CK_CTL_FINE;
	}
	return ck_ctl_fail(ctl,
			   error == ENOENT || error == ENOTDIR ? CK_EXIT_NOT_FOUND :
								 CK_EXIT_CANNOT_EXEC,
			   "trace", "%s: %s", ctl->rest[0], strerror(error));
}

/* Listens until all is over. Returns 0 or an exit status, complained about. */
static int attend(struct trace *trace)
{
	int listener = ck_traced_listener(&trace->traced), rc = listener, end;

	if (listener >= 0) {
		rc = listen_to(trace, listener);
		close(listener); /* who still waits for an answer gets ENOSYS */
	} else if (rc != -ECONNRESET) {
		(void)kill(trace->traced.child, SIGKILL);
	}
	end = await_end(trace);
	if (end < 0)
		rc = end;
	if (rc == 0)
		return 0;
	if (rc == -ECONNRESET && WIFEXITED(trace->status))
		return CK_CTL_FAILED; /* the child has said why */
	return ck_ctl_fail(trace->ctl, CK_CTL_FAILED, "trace",
			   "%s: listening to its calls failed: %s%s", trace->ctl->rest[0],
			   strerror(-rc), rc == -EINVAL ? "; it needs Linux 5.5" : "");
}

int ck_ctl_trace(struct ck_ctl *ctl)
{
	static struct trace trace;
	int status;

	trace.ctl = ctl;
	if (ctl->operands.count != 1 || !ctl->rest || !ctl->rest[0])
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "trace",
				   "one profile and a command: trace PROFILE -- COMMAND");
	status = ck_filter_build(ctl, ctl->operands.list[0], true, &trace.built);
	if (status != 0)
		return status;
	(void)fflush(ctl->out);
	trace.traced.built = &trace.built;
	trace.traced.argv = ctl->rest;
	status = ck_traced_start(&trace.traced);
	if (status < 0)
		return ck_ctl_fail(ctl, CK_CTL_FAILED, "trace", "%s", strerror(-status));
	status = attend(&trace);
	return status != 0 ? status : judge(&trace);
}
