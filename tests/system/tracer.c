/* SPDX-License-Identifier: MIT */
/*
 * tracer.c - runs a command under ptrace, lists the system calls of one of its images and
 * makes one of them, or all of a kind, fail or "succeed" without being made.
 *
 * As strace's inject, but calls are counted from the start of the launcher's image to its
 * exec, whatever ran before it, and whether an exec took place is known from the kernel,
 * not guessed from output.
 */
#define _GNU_SOURCE
#include "tool.h"

#include <elf.h>
#include <errno.h>
#include <linux/futex.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRACEES 32
#define OPTIONS                                                            \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | \
	 PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL)

struct tracee {
	pid_t pid;
	unsigned int execs;
	bool announced; /* its parent's event has been seen */
	bool stopped;	/* its first stop has been seen */
	bool forging;	/* between entry and exit of a call that is not made */
};

static struct tracee tracees[TRACEES];
static bool done; /* the n-th call has been met */
static volatile sig_atomic_t alarmed;

static void on_alarm(int signal)
{
	(void)signal;
	alarmed = 1;
}

static long pt(long request, pid_t pid, unsigned long addr, void *data)
{
	return syscall(SYS_ptrace, request, pid, addr, data);
}

static struct tracee *find(pid_t pid)
{
	struct tracee *free_one = NULL;

	for (size_t i = 0; i < TRACEES; i++) {
		if (tracees[i].pid == pid)
			return &tracees[i];
		if (!tracees[i].pid)
			free_one = &tracees[i];
	}
	if (!free_one)
		die("too many processes");
	*free_one = (struct tracee){ .pid = pid };
	return free_one;
}

/* ---- registers ---- */

#if defined(__x86_64__)
static void set_call(pid_t pid, long nr)
{
	must(pt(PTRACE_POKEUSR, pid, offsetof(struct user, regs.orig_rax), (void *)nr),
	     "orig_rax");
}

static void set_result(pid_t pid, long value)
{
	must(pt(PTRACE_POKEUSR, pid, offsetof(struct user, regs.rax), (void *)value),
	     "rax");
}
#elif defined(__aarch64__)
static void set_call(pid_t pid, long nr)
{
	int number = (int)nr;
	struct iovec io = { &number, sizeof(number) };

	must(pt(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &io), "NT_ARM_SYSTEM_CALL");
}

static void set_result(pid_t pid, long value)
{
	struct user_regs_struct regs;
	struct iovec io = { &regs, sizeof(regs) };

	must(pt(PTRACE_GETREGSET, pid, NT_PRSTATUS, &io), "NT_PRSTATUS");
	regs.regs[0] = (unsigned long)value;
	must(pt(PTRACE_SETREGSET, pid, NT_PRSTATUS, &io), "NT_PRSTATUS");
}
#endif

/* ---- calls
 * -------------------------------------------------------------------------------------
 */

bool call_alike(const struct call *a, const struct call *b)
{
	if (a->nr != b->nr)
		return false;
	if (a->nr != SYS_prctl)
		return true;
	if ((int)a->arg0 != (int)b->arg0)
		return false;
	return (int)a->arg0 != PR_CAP_AMBIENT || a->arg1 == b->arg1;
}

/* A thread that waits asks as often as the machine is slow. With numbers for these, no
 * two runs would agree on what follows; a fault of a whole kind has them too. */
static bool is_wait(const struct call *call)
{
	return call->nr == SYS_futex && ((int)call->arg1 & FUTEX_CMD_MASK) == FUTEX_WAIT;
}

static void remember(struct outcome *ret, const struct call *call)
{
	if (is_wait(call))
		return;
	if (ret->ncalls % 256 == 0) {
		ret->calls = realloc(ret->calls, (ret->ncalls + 256) * sizeof(*call));
		if (!ret->calls)
			die("memory");
	}
	ret->calls[ret->ncalls++] = *call;
}

static void on_syscall(struct tracee *t, const struct trace *trace, struct outcome *ret)
{
	struct ptrace_syscall_info info;
	const struct fault *fault = &trace->fault;
	struct call call;

	if (pt(PTRACE_GET_SYSCALL_INFO, t->pid, sizeof(info), &info) < 0)
		return; /* killed meanwhile */
	if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
		if (t->forging)
			set_result(t->pid, fault->value);
		t->forging = false;
	}
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	call = (struct call){ (long)info.entry.nr, info.entry.args[0],
			      info.entry.args[1] };
	remember(ret, &call);
	if (fault->all ? call_alike(&call, &fault->kind) :
			 fault->at == ret->ncalls && !is_wait(&call)) {
		set_call(t->pid, -1);
		t->forging = true;
		done = !fault->all;
		ret->injected++;
	}
}

/* ---- stops
 * -------------------------------------------------------------------------------------
 */

/* Calls are looked at in the launcher's image, until the one fault of the run is behind
 * us. */
static void go_on(struct tracee *t, const struct trace *trace, int signal)
{
	bool look = t->execs == trace->image && !(done && !t->forging);

	if (t->announced && t->stopped)
		pt(look ? PTRACE_SYSCALL : PTRACE_CONT, t->pid, 0, (void *)(long)signal);
}

static void on_exec(struct tracee *t, const struct trace *trace, struct outcome *ret)
{
	unsigned long options = OPTIONS;

	if (++t->execs <= trace->image)
		return;
	ret->started = true;
	if (trace->unfilter)
		options |= PTRACE_O_SUSPEND_SECCOMP;
	must(pt(PTRACE_SETOPTIONS, t->pid, 0, (void *)options), "PTRACE_SETOPTIONS");
}

static void on_fork(struct tracee *t, const struct trace *trace)
{
	unsigned long pid = 0;
	struct tracee *child;

	if (pt(PTRACE_GETEVENTMSG, t->pid, 0, &pid) < 0)
		return;
	child = find((pid_t)pid);
	child->execs = t->execs;
	child->announced = true;
	go_on(child, trace, 0);
}

static void on_stop(struct tracee *t, int status, const struct trace *trace,
		    struct outcome *ret)
{
	int signal = WSTOPSIG(status), event = status >> 16;

	if (!t->stopped) {
		t->stopped = true;
		go_on(t, trace, 0);
	} else if (signal == (SIGTRAP | 0x80)) {
		on_syscall(t, trace, ret);
		go_on(t, trace, 0);
	} else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
		pt(PTRACE_LISTEN, t->pid, 0, NULL); /* a group stop stays one */
	} else if (event) {
		if (event == PTRACE_EVENT_EXEC)
			on_exec(t, trace, ret);
		else if (event != PTRACE_EVENT_STOP)
			on_fork(t, trace);
		go_on(t, trace, 0);
	} else {
		go_on(t, trace, signal);
	}
}

/* ---- the run ---- */

static _Noreturn void command(const struct trace *trace, int gate)
{
	char c;

	if (trace->output >= 0)
		must(dup2(trace->output, 1), "dup2");
	if (trace->errors >= 0)
		must(dup2(trace->errors, 2), "dup2");
	if (read(gate, &c, 1) != 1)
		die("the tracer is gone");
	execv(trace->argv[0], trace->argv);
	die("%s", trace->argv[0]);
}

static pid_t spawn(const struct trace *trace)
{
	int gate[2];
	pid_t pid;

	must(pipe2(gate, 02000000), "pipe2"); /* O_CLOEXEC */
	pid = fork();
	must(pid, "fork");
	if (!pid)
		command(trace, gate[0]);
	must(pt(PTRACE_SEIZE, pid, 0, (void *)(unsigned long)OPTIONS), "PTRACE_SEIZE");
	*find(pid) = (struct tracee){ .pid = pid, .announced = true, .stopped = true };
	must(write(gate[1], "", 1), "gate");
	close(gate[0]);
	close(gate[1]);
	return pid;
}

static void kill_all(struct outcome *ret)
{
	ret->timed_out = true;
	alarmed = 0;
	for (size_t i = 0; i < TRACEES; i++)
		if (tracees[i].pid)
			kill(tracees[i].pid, SIGKILL);
}

void trace_run(const struct trace *trace, struct outcome *ret)
{
	struct sigaction action = { .sa_handler = on_alarm };
	pid_t main_pid, pid;
	int status;

	memset(tracees, 0, sizeof(tracees));
	done = false;
	*ret = (struct outcome){ .status = -1 };
	sigaction(SIGALRM, &action, NULL);
	main_pid = spawn(trace);
	alarm(trace->timeout);
	while (ret->status < 0) {
		pid = waitpid(-1, &status, __WALL);
		if (pid < 0 && errno == EINTR && alarmed)
			kill_all(ret);
		if (pid < 0 && errno != EINTR)
			die("waitpid");
		if (pid <= 0)
			continue;
		if (WIFSTOPPED(status)) {
			on_stop(find(pid), status, trace, ret);
			continue;
		}
		find(pid)->pid = 0;
		if (pid == main_pid)
			ret->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
							    WEXITSTATUS(status);
	}
	alarm(0);
	while (waitpid(-1, &status, __WALL | WNOHANG) > 0)
		;
}
