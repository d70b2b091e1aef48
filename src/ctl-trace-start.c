/* SPDX-License-Identifier: MIT */
/*
 * ctl-trace-start.c - starts the command of capkeepctl trace behind its filter, and hands
 * the listener over. Answers no call.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ctl-trace.h"

/* ---- the side of the command ---- */

static struct {
	int socket, listener; /* listener: -1 until it is there */
	bool sent;
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
	return sendmsg(socket, &message, MSG_NOSIGNAL) == 1 ? 0 : -errno;
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

/* A filter is its thread's own: this one stays outside, and hands the listener over. It
 * keeps none, since a call would wait for ever for the process that makes it. */
static void *hand_over(void *unused)
{
	int fd, rc;

	(void)unused;
	while ((fd = __atomic_load_n(&shared.listener, __ATOMIC_ACQUIRE)) < 0)
		sched_yield();
	rc = send_descriptor(shared.socket, fd);
	close(fd);
	if (rc < 0) {
		errno = -rc;
		child_fails("the listener cannot be handed over");
	}
	__atomic_store_n(&shared.sent, true, __ATOMIC_RELEASE);
	return NULL;
}

static void load(const struct ck_traced *traced)
{
	struct {
		unsigned short length;
		const struct ck_insn *code;
	} program = { (unsigned short)traced->built->program.count,
		      traced->built->program.code };
	int fd;

	if ((traced->built->profile.no_new_privs || !may_load()) &&
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
}

static void __attribute__((noreturn))
run_command(const struct ck_traced *traced, int socket)
{
	char **argv = traced->argv;
	pthread_t thread;

	(void)signal(SIGCHLD, traced->disposition);
	if (sigprocmask(SIG_SETMASK, &traced->mask, NULL) < 0)
		child_fails("sigprocmask");
	shared.socket = socket;
	shared.listener = -1;
	errno = pthread_create(&thread, NULL, hand_over, NULL);
	if (errno)
		child_fails("pthread_create");
	load(traced);
	execvp(argv[0], argv);
	*traced->start_error = errno; /* no call: it would be one of the command's */
	_exit(CK_CTL_FAILED);
}

/* ---- the side that listens ---- */

int ck_traced_listener(const struct ck_traced *traced)
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

	switch (recvmsg(traced->socket, &message, MSG_CMSG_CLOEXEC)) {
	case 1:
		break;
	case 0:
		return -ECONNRESET;
	default:
		return -errno;
	}
	head = CMSG_FIRSTHDR(&message);
	if (!head || head->cmsg_type != SCM_RIGHTS)
		return -EMFILE;
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	return fd;
}

/* Orphans become children of this process. What ends is told by a descriptor, and so is
 * what others send, which is for the command: to process 1 it would not even come. */
static int watch(struct ck_traced *traced)
{
	static const int taken[] = { SIGCHLD, SIGTERM, SIGHUP, SIGINT,
				     SIGQUIT, SIGUSR1, SIGUSR2 };
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < CK_ARRAY_SIZE(taken); i++)
		sigaddset(&set, taken[i]);
	/* Where it is ignored, no status is kept. */
	traced->disposition = signal(SIGCHLD, SIG_DFL);
	if (traced->disposition == SIG_ERR ||
	    sigprocmask(SIG_BLOCK, &set, &traced->mask) < 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return -errno;
	traced->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return traced->signals < 0 ? -errno : 0;
}

int ck_traced_start(struct ck_traced *traced)
{
	int ends[2], rc = watch(traced);

	if (rc < 0)
		return rc;
	traced->start_error =
		mmap(NULL, sizeof(*traced->start_error), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (traced->start_error == MAP_FAILED ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	traced->child = fork();
	if (traced->child < 0)
		return -errno;
	if (traced->child == 0)
		run_command(traced, ends[1]);
	close(ends[1]);
	traced->socket = ends[0];
	return 0;
}
