/* SPDX-License-Identifier: MIT */
/*
 * The processes of a run, by ptrace(2): every descendant is known, its death by a signal
 * is seen whoever its parent is, and all of them die with us, even of SIGKILL. Where
 * ptrace is not to be had, only what is reaped here is seen. Nothing is ended that a run
 * did not start: every child of this process comes of one (ctl-learn-apart.c).
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ctl-learn.h"

#define SYSCALL_STOP (SIGTRAP | 0x80)

struct ck_child { /* a thread under observation */
	pid_t pid;
	struct ck_call call; /* that it is in; pid 0: none */
};

double ck_learn_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct ck_child *find(const struct ck_learn *learn, pid_t pid)
{
	size_t i;

	for (i = 0; i < learn->nchildren; i++)
		if (learn->children[i].pid == pid)
			return &learn->children[i];
	return NULL;
}

static struct ck_child *add(struct ck_learn *learn, pid_t pid)
{
	struct ck_child *child = find(learn, pid);

	if (child)
		return child;
	learn->children = ck_grow(learn->arena, learn->children, learn->nchildren,
				  &learn->children_room, sizeof(*learn->children));
	child = &learn->children[learn->nchildren++];
	*child = (struct ck_child){ .pid = pid };
	return child;
}

static void forget(struct ck_learn *learn, struct ck_child *child)
{
	*child = learn->children[--learn->nchildren];
}

int ck_watch_seize(struct ck_learn *learn, pid_t pid)
{
	if (!learn->may_trace)
		return 0;
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)CK_WATCH_OPTIONS) < 0)
		return -errno;
	(void)add(learn, pid);
	return 0;
}

static void resume(const struct ck_learn *learn, pid_t pid, int signal)
{
	bool calls = learn->trial && learn->trial->look == CK_LOOK_CALLS &&
		     learn->trial->started;

	/* It may be gone: then wait tells. */
	(void)ptrace(calls ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL,
		     (void *)(long)signal);
}

static void on_entry(struct ck_learn *learn, struct ck_child *child,
		     const struct __ptrace_syscall_info *info)
{
	size_t i;

	child->call = (struct ck_call){ .pid = child->pid,
					.arch = info->arch,
					.nr = (long)info->entry.nr };
	for (i = 0; i < 6; i++)
		child->call.args[i] = info->entry.args[i];
	if (learn->seeing)
		ck_learn_see(learn, &child->call);
}

/* A process that outlives its run may still be on its way out of a call. */
static void on_call(struct ck_learn *learn, struct ck_child *child)
{
	struct __ptrace_syscall_info info;

	if (!learn->trial ||
	    ptrace(PTRACE_GET_SYSCALL_INFO, child->pid, (void *)sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		on_entry(learn, child, &info);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
		if (child->call.pid && info.exit.is_error &&
		    (info.exit.rval == -EPERM || info.exit.rval == -EACCES)) {
			child->call.error = (int)-info.exit.rval;
			ck_calls_add(learn, &child->call);
		}
		child->call.pid = 0;
	}
}

static void on_exec(struct ck_learn *learn, pid_t pid)
{
	if (pid != learn->command || !learn->trial || learn->trial->started)
		return;
	learn->trial->started = true;
	if (learn->trial->look == CK_LOOK_TRACE)
		ck_trace_start(learn, pid);
}

static void on_event(struct ck_learn *learn, struct ck_child *child, int event,
		     int signal)
{
	unsigned long message = 0;
	pid_t pid = child->pid;

	switch (event) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		learn->turns++;
		if (ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message) == 0)
			(void)add(learn, (pid_t)message);
		break;
	case PTRACE_EVENT_EXEC:
		learn->turns++;
		on_exec(learn, pid);
		break;
	case PTRACE_EVENT_STOP:
		if (signal != SIGTRAP) { /* it is stopped as a group and shall stay so */
			(void)ptrace(PTRACE_LISTEN, pid, NULL, NULL);
			return;
		}
		break;
	default:
		break;
	}
	resume(learn, pid, 0);
}

static void on_stop(struct ck_learn *learn, pid_t pid, int status)
{
	struct ck_child *child = add(learn, pid);
	int signal = WSTOPSIG(status), event = status >> 16;

	if (event) {
		on_event(learn, child, event, signal);
		return;
	}
	if (signal == SYSCALL_STOP) {
		on_call(learn, child);
		signal = 0;
	}
	resume(learn, pid, signal);
}

static void on_end(struct ck_learn *learn, pid_t pid, int status)
{
	struct ck_child *child = find(learn, pid);
	int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (child)
		forget(learn, child);
	if (pid == learn->helper) {
		learn->helper_ended = true;
		learn->helper_status = status;
		return;
	}
	learn->turns++;
	if (pid == learn->command) {
		learn->command_ended = true;
		learn->command_status = status;
	}
	if (learn->trial &&
	    (signal == SIGSYS || (signal == SIGSEGV && !learn->told_to_end)))
		learn->trial->crash = signal;
}

static bool reap(struct ck_learn *learn)
{
	int status;
	pid_t pid = waitpid(-1, &status, __WALL | WNOHANG);

	if (pid <= 0)
		return false;
	if (WIFSTOPPED(status))
		on_stop(learn, pid, status);
	else if (WIFEXITED(status) || WIFSIGNALED(status))
		on_end(learn, pid, status);
	return true;
}

void ck_watch_pump(struct ck_learn *learn, double seconds)
{
	struct timespec wait = { .tv_sec = (time_t)seconds };
	bool any = false;
	int signal;

	while (reap(learn))
		any = true;
	wait.tv_nsec = (long)((seconds - (double)wait.tv_sec) * 1e9);
	if (any || seconds <= 0)
		return;
	signal = sigtimedwait(&learn->signals, NULL, &wait);
	if (signal > 0 && signal != SIGCHLD)
		learn->interrupted = signal;
	while (reap(learn))
		;
}

/* ---- whose children are whose ---- */

struct pids {
	pid_t *list;
	size_t count, room;
};

/* What cannot be read is fine only where there is nobody any more. */
static int gone_or(pid_t pid, long tid, int error)
{
	return syscall(SYS_tgkill, pid, tid, 0) < 0 && errno == ESRCH ? 0 : -error;
}

static int add_line(struct ck_learn *learn, pid_t pid, long tid, struct pids *pids)
{
	char path[64], *line = NULL, *at, *end;
	size_t room = 0;
	FILE *file;
	ssize_t n;
	long child;
	int rc = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%ld/children", (int)pid, tid);
	file = fopen(path, "re");
	if (!file)
		return gone_or(pid, tid, errno);
	errno = 0;
	n = getline(&line, &room, file);
	if (n < 0 && errno)
		rc = gone_or(pid, tid, errno);
	for (at = line; n > 0 && (child = strtol(at, &end, 10)) > 0; at = end) {
		pids->list = ck_grow(learn->arena, pids->list, pids->count, &pids->room,
				     sizeof(*pids->list));
		pids->list[pids->count++] = (pid_t)child;
	}
	free(line);
	(void)fclose(file);
	return rc;
}

static int add_children(struct ck_learn *learn, pid_t pid, struct pids *pids)
{
	char path[64];
	const struct dirent *entry;
	DIR *dir;
	int rc = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	if (!dir)
		return gone_or(pid, pid, errno);
	while (rc == 0 && (entry = ck_next_entry(dir, &rc)) != NULL)
		if (*entry->d_name != '.')
			rc = add_line(learn, pid, strtol(entry->d_name, NULL, 10), pids);
	closedir(dir);
	return rc;
}

int ck_watch_begin(struct ck_learn *learn)
{
	struct pids pids = { .count = 0 };
	int rc = add_children(learn, getpid(), &pids);

	if (rc < 0)
		return rc;
	rc = ck_learn_may_trace();
	learn->may_trace = rc == 0;
	learn->unobserved = learn->may_trace ?
				    NULL :
				    ck_format(learn->arena, "ptrace: %s", strerror(-rc));
	return 0;
}

static bool is_workload(const struct ck_learn *learn, pid_t pid)
{
	size_t i;

	for (i = 0; i < learn->nbefore; i++)
		if (learn->before[i] == pid)
			return false;
	return true;
}

/* Processes that cannot be seen would be taken for none. */
static void add_those_of(struct ck_learn *learn, pid_t pid, struct pids *pids)
{
	int rc = add_children(learn, pid, pids);

	if (rc < 0 && !learn->fatal)
		learn->fatal = ck_format(
			learn->arena,
			"/proc/%d/task: %s: the children of a process of the run cannot be "
			"seen; learn needs a /proc without hidepid, or SYS_PTRACE",
			(int)pid, strerror(-rc));
}

void ck_watch_pids(struct ck_learn *learn, bool all, pid_t **ret, size_t *ret_count)
{
	struct pids pids = { .count = 0 };
	size_t i;

	add_those_of(learn, getpid(), &pids);
	for (i = 0; i < pids.count; i++)
		if ((pids.list[i] == learn->helper && !learn->helper_ended) ||
		    (!all && !is_workload(learn, pids.list[i])))
			pids.list[i--] = pids.list[--pids.count];
		else
			add_those_of(learn, pids.list[i], &pids);
	*ret = pids.list;
	*ret_count = pids.count;
}

static bool has_children(void)
{
	return waitid(P_ALL, 0, NULL, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

/* One that cannot be read counts as found: as ours. */
static bool descends_from_us(struct ck_learn *learn, pid_t pid)
{
	struct ck_process process;
	int rc;

	while (pid > 1 && pid != getpid()) {
		rc = ck_process_read(learn->arena, pid, 0, &process);
		if (rc < 0)
			return rc != -ESRCH;
		pid = process.ppid;
	}
	return pid == getpid();
}

void ck_watch_signal(struct ck_learn *learn, pid_t pid, int signal)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0) {
		if (errno == ENOSYS) /* before Linux 5.3 nothing holds it */
			(void)kill(pid, signal);
		return;
	}
	if (descends_from_us(learn, pid))
		(void)syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0);
	close(fd);
}

/* Those whose parents have ended come to us: the last is gone when there is no child
 * left. */
void ck_watch_end(struct ck_learn *learn)
{
	double until = ck_learn_now() + CK_LEARN_PATIENCE;
	size_t count, i;
	pid_t *pids;

	while (reap(learn))
		;
	while (has_children() && ck_learn_now() < until) {
		ck_watch_pids(learn, true, &pids, &count);
		for (i = 0; i < count; i++)
			ck_watch_signal(learn, pids[i], SIGKILL);
		ck_watch_pump(learn, 0.02);
	}
	learn->nchildren = 0;
	if (!has_children() || learn->fatal)
		return;
	ck_watch_pids(learn, true, &pids, &count);
	learn->fatal = ck_format(
		learn->arena,
		"process %d of a run does not end, %.0f s after SIGKILL; it is left behind, "
		"and another run would not be alone",
		count ? (int)pids[0] : -1, CK_LEARN_PATIENCE);
}
