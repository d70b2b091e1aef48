/* SPDX-License-Identifier: MIT */
/*
 * capkeepctl trace: a command under the filter of a profile, where nothing is denied:
 * each call that would be comes here by user notification (seccomp_unotify(2),
 * Linux 5.5), is said, and goes on. Needs no privilege, and works in a container.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl-filter.h"

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
	uint64_t calls;
};

/* ---- the side of the command ---- */

static struct {
	int socket, listener; /* listener: -1 until it is there */
	int sent;	      /* 1 when it is on its way, or -errno */
} shared;

static int send_descriptor(int socket, int fd)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .bytes = { 0 } };
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	return sendmsg(socket, &message, MSG_NOSIGNAL) == 1 ? 1 : -errno;
}

/* A filter is its thread's own: this one stays outside, and hands the listener over. */
static void *hand_over(void *unused)
{
	int fd;

	(void)unused;
	while ((fd = __atomic_load_n(&shared.listener, __ATOMIC_ACQUIRE)) < 0)
		sched_yield();
	__atomic_store_n(&shared.sent, send_descriptor(shared.socket, fd),
			 __ATOMIC_RELEASE);
	return NULL;
}

static bool may_load(void)
{
	struct ck_process self;
	struct ck_arena arena = { 0 };
	bool may = ck_process_self(&arena, &self) == 0 &&
		   self.state.sets.effective & CK_CAP(CAP_SYS_ADMIN);

	ck_arena_free(&arena);
	return may;
}

static void __attribute__((noreturn)) child_fails(const char *what)
{
	dprintf(STDERR_FILENO, CK_CTL ": trace: %s: %s\n", what, strerror(errno));
	_exit(CK_CTL_FAILED);
}

static void __attribute__((noreturn)) run_command(const struct trace *trace, int socket)
{
	struct {
		unsigned short length;
		const struct ck_insn *code;
	} program = { (unsigned short)trace->built.program.count,
		      trace->built.program.code };
	char **argv = trace->ctl->rest;
	pthread_t thread;
	int fd;

	shared.socket = socket;
	shared.listener = -1;
	errno = pthread_create(&thread, NULL, hand_over, NULL);
	if (errno)
		child_fails("pthread_create");
	if ((trace->built.profile.no_new_privs || !may_load()) &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		child_fails("no_new_privs");
	fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			  SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	if (fd < 0)
		child_fails(errno == EBUSY ?
				    "another filter around it has a listener already" :
				    "seccomp(SECCOMP_FILTER_FLAG_NEW_LISTENER)");
	__atomic_store_n(&shared.listener, fd, __ATOMIC_RELEASE);
	/* No call until somebody listens. */
	while (!__atomic_load_n(&shared.sent, __ATOMIC_ACQUIRE))
		continue;
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, CK_CTL ": trace: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? CK_EXIT_NOT_FOUND : CK_EXIT_CANNOT_EXEC);
}

/* ---- the side that listens ---- */

static int receive_descriptor(int socket)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *head;
	int fd;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	head = CMSG_FIRSTHDR(&message);
	if (!head || head->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	return fd;
}

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
	return kind->examples.count >= EXAMPLES;
}

static void say(const struct trace *trace, struct ck_arena *arena, const char *text,
		const struct ck_answer *answer)
{
	const char *line = ck_format(arena, CK_CTL ": trace: %s: %s\n", text,
				     ck_safe(arena, ck_answer_text(arena, answer)));

	(void)trace;
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
	kind = find_kind(trace, &data, &answer);
	trace->calls++;
	if (!kind)
		return;
	kind->count++;
	if (kind->examples.count >= EXAMPLES)
		return;
	text = ck_call_text(&arena, &rules, &data, answer.call, (pid_t)event->pid);
	if (!is_known(kind, text)) {
		ck_strings_add(trace->ctl->arena, &kind->examples,
			       ck_strndup(trace->ctl->arena, text, strlen(text)));
		say(trace, &arena, text, &answer);
	}
	ck_arena_free(&arena);
}

/* Until nobody is left behind the filter. */
static void listen_to(struct trace *trace, int listener)
{
	struct seccomp_notif_sizes sizes;
	struct seccomp_notif *event;
	struct seccomp_notif_resp *answer;
	struct pollfd wait = { .fd = listener, .events = POLLIN };

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		sizes = (struct seccomp_notif_sizes){ 0 };
	event = ck_alloc(trace->ctl->arena,
			 sizes.seccomp_notif + sizeof(struct seccomp_notif));
	answer = ck_alloc(trace->ctl->arena,
			  sizes.seccomp_notif_resp + sizeof(struct seccomp_notif_resp));
	for (;;) {
		if (poll(&wait, 1, -1) < 0 && errno != EINTR)
			return;
		if (!(wait.revents & POLLIN)) {
			if (wait.revents)
				return;
			continue;
		}
		memset(event, 0, sizes.seccomp_notif + sizeof(*event));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, event) < 0)
			continue; /* it was killed meanwhile */
		note(trace, event);
		memset(answer, 0, sizes.seccomp_notif_resp + sizeof(*answer));
		answer->id = event->id;
		answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, answer);
	}
}

static json_t *kind_json(struct ck_ctl *ctl, const struct kind *kind)
{
	json_t *one = ck_json_object(), *examples = ck_json_array();
	const char *name = kind->call < 0 ? NULL : ck_call_name((unsigned int)kind->call);
	size_t i;

	for (i = 0; i < kind->examples.count; i++)
		ck_json_add(examples, ck_json_text(kind->examples.list[i]));
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

static void report(const struct trace *trace, int status)
{
	struct ck_ctl *ctl = trace->ctl;
	json_t *object, *denied;
	const char *line;
	size_t i;

	line = WIFSIGNALED(status) ?
		       ck_format(ctl->arena, "was ended by signal %d", WTERMSIG(status)) :
		       ck_format(ctl->arena, "ended with status %d", WEXITSTATUS(status));
	line = ck_format(ctl->arena,
			 CK_CTL
			 ": trace: %llu calls of %zu kinds would be denied; %s %s\n",
			 (unsigned long long)trace->calls, trace->count,
			 ck_safe(ctl->arena, ctl->rest[0]), line);
	(void)ck_say(STDERR_FILENO, line, strlen(line));
	if (!ctl->json)
		return;
	object = ck_json_object();
	denied = ck_json_array();
	for (i = 0; i < trace->count; i++)
		ck_json_add(denied, kind_json(ctl, &trace->list[i]));
	ck_json_set(object, "status",
		    ck_json_number(WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
							 WEXITSTATUS(status)));
	ck_json_set(object, "would_be_denied", denied);
	ck_json_print(ctl, object);
}

int ck_ctl_trace(struct ck_ctl *ctl)
{
	static struct trace trace;
	int ends[2], listener, status;
	pid_t child;

	trace.ctl = ctl;
	if (ctl->operands.count != 1 || !ctl->rest || !ctl->rest[0])
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "trace",
				   "one profile and a command: trace PROFILE -- COMMAND");
	status = ck_filter_build(ctl, ctl->operands.list[0], true, &trace.built);
	if (status != 0)
		return status;
	(void)fflush(ctl->out);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 ||
	    (child = fork()) < 0)
		return ck_ctl_fail(ctl, CK_CTL_FAILED, "trace", "%s", strerror(errno));
	if (child == 0)
		run_command(&trace, ends[1]);
	close(ends[1]);
	/* What the terminal sends is for the command. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGQUIT, SIG_IGN);
	listener = receive_descriptor(ends[0]);
	if (listener >= 0)
		listen_to(&trace, listener);
	if (waitpid(child, &status, 0) != child || listener < 0)
		return CK_CTL_FAILED;
	report(&trace, status);
	return trace.count ? CK_CTL_FINDINGS : CK_CTL_FINE;
}
