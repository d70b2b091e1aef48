/* SPDX-License-Identifier: MIT */
/*
 * A filter without no_new_privs. Loading one takes SYS_ADMIN, which the workload must not
 * have, and after the load nothing may be dropped any more. So one thread keeps SYS_ADMIN
 * and nothing else, waits until the main thread has dropped everything and has proven it,
 * loads the filter into both (TSYNC), and then does nothing until exec ends it.
 *
 * Credentials belong to threads, and a libc that knew of this one would spread them. So
 * it is made by a raw call, runs on a stack of its own, and executes only what is in this
 * file. It opens nothing, allocates nothing and never returns.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "steps.h"

#define STACK_SIZE 16384
#define STRING(x) #x
#define NUMBER(x) STRING(x)
#define FORGED 71 /* EPROTO */
/* of the kernel's 64 signals */
#define MASKABLE (~(UINT64_C(1) << (SIGKILL - 1) | UINT64_C(1) << (SIGSTOP - 1)))

#define START_TURNS 10		/* of a second: no machine is that slow */
#define ANSWER_TURNS (1U << 26) /* of a few cycles: seconds of this processor's time */

static const struct timespec turn = { 0, 20000000 }, start_turn = { 1, 0 };
/* With a real-time priority, see wait_for_load(). */
static const struct timespec head_start = { 0, 1000000 }, load_time = { 0, 100000000 };

enum { STARTING, READY, ASKED, ANSWERED };

static struct {
	int stage;
	bool realtime;
	long answer;
	unsigned int flags;
	struct {
		unsigned short length;
		const struct ck_insn *code;
	} program;
} shared;

/* common, as what is large in launch.c */
char ck_loader_stack[STACK_SIZE] __attribute__((common, aligned(16)));

/* errno belongs to the main thread, whose thread pointer both have. */
static long raw(long nr, long a, long b, long c, long d)
{
#if defined(__x86_64__) && defined(__LP64__)
	long rc;
	register long fourth __asm__("r10") = d;

	__asm__ volatile("syscall"
			 : "=a"(rc)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(fourth)
			 : "rcx", "r11", "memory");
	return rc;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3)
			 : "memory");
	return x0;
#else
#error "capkeep's filters know x86_64 and aarch64; configure --without-seccomp"
#endif
}

static void relax(void)
{
#if defined(__x86_64__) && defined(__LP64__)
	__asm__ volatile("pause" ::: "memory");
#else
	__asm__ volatile("yield" ::: "memory");
#endif
}

static int stage(void)
{
	return __atomic_load_n(&shared.stage, __ATOMIC_ACQUIRE);
}

static void wait_while(int now, const struct timespec *timeout)
{
	(void)raw(SYS_futex, (long)&shared.stage, FUTEX_WAIT_PRIVATE, now, (long)timeout);
}

static void pass_on(int next)
{
	__atomic_store_n(&shared.stage, next, __ATOMIC_RELEASE);
	(void)raw(SYS_futex, (long)&shared.stage, FUTEX_WAKE_PRIVATE, 1, 0);
}

/* Gives up all but SYS_ADMIN, and reads it back. */
static long keep_one(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const unsigned int only = 1U << CAP_SYS_ADMIN;
	struct __user_cap_data_struct data[2] = { { only, only, 0 }, { 0, 0, 0 } };
	long rc = raw(SYS_capset, (long)&head, (long)data, 0, 0);

	if (rc != 0)
		return rc < 0 ? rc : -EPROTO;
	data[0] = data[1] = (struct __user_cap_data_struct){ ~0U, ~0U, ~0U };
	rc = raw(SYS_capget, (long)&head, (long)data, 0, 0);
	if (rc != 0)
		return rc < 0 ? rc : -EPROTO;
	return data[0].effective == only && data[0].permitted == only &&
			       !(data[0].inheritable | data[1].effective |
				 data[1].permitted | data[1].inheritable) ?
		       0 :
		       -EPROTO;
}

/* With a real-time priority, the loop at the end would keep the main thread from a single
 * processor. */
static long stand_back(void)
{
	const int priority = 0, other = 0; /* SCHED_OTHER */
	long rc = raw(SYS_sched_setscheduler, 0, other, (long)&priority, 0);

	if (rc == 0)
		rc = raw(SYS_sched_getscheduler, 0, 0, 0, 0);
	return rc <= 0 ? rc : -EPROTO;
}

/* Never returns: a call of exit would need the filter's leave, and may be answered by a
 * kill. */
void ck_loader_thread(void) __attribute__((noreturn, used));
void ck_loader_thread(void)
{
	shared.answer = keep_one();
	if (shared.answer == 0 && shared.realtime)
		shared.answer = stand_back();
	pass_on(READY);
	while (stage() == READY) /* a call that wakes it may be lost */
		wait_while(READY, &turn);
	if (shared.realtime)
		(void)raw(SYS_nanosleep, (long)&head_start, 0, 0, 0);
	shared.answer = raw(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    (long)(shared.flags | SECCOMP_FILTER_FLAG_TSYNC),
			    (long)&shared.program, 0);
	__atomic_store_n(&shared.stage, ANSWERED, __ATOMIC_RELEASE);
	for (;;)
		relax();
}

/*
 * clone(2) whose child runs ck_loader_thread(). A filter around us may answer 0 without
 * making a thread: then the "child" still has the stack of its parent.
 */
static long make_thread(void)
{
	long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
		     CLONE_SYSVSEM;
	char *top = ck_loader_stack + STACK_SIZE;
#if defined(__x86_64__) && defined(__LP64__)
	long rc;
	register long tid __asm__("r10") = 0;
	register long tls __asm__("r8") = 0;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "cmp %%rsi, %%rsp\n\t"
			 "jne 2f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "call ck_loader_thread\n\t"
			 "ud2\n"
			 "2:\tmov $-" NUMBER(FORGED) ", %%rax\n"
						     "1:"
			 : "=a"(rc)
			 : "a"(SYS_clone), "D"(flags), "S"(top), "d"(0), "r"(tid),
			   "r"(tls)
			 : "rcx", "r11", "memory", "cc");
	return rc;
#else
	register long x8 __asm__("x8") = SYS_clone;
	register long x0 __asm__("x0") = flags;
	register long x1 __asm__("x1") = (long)top;
	register long x2 __asm__("x2") = 0;
	register long x3 __asm__("x3") = 0;
	register long x4 __asm__("x4") = 0;

	__asm__ volatile("svc 0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x9, sp\n\t"
			 "cmp x9, x1\n\t"
			 "b.ne 2f\n\t"
			 "mov x29, #0\n\t"
			 "bl ck_loader_thread\n\t"
			 "brk #0\n"
			 "2:\tmov x0, #-" NUMBER(FORGED) "\n"
							 "1:"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
			 : "x9", "x29", "x30", "memory", "cc");
	return x0;
#endif
}

/* What the calling thread has blocked becomes mask; *ret (may be NULL) is what it was. */
static long set_signals(uint64_t mask, uint64_t *ret)
{
	return raw(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, (long)ret, sizeof(mask));
}

static long read_signals(uint64_t *ret)
{
	*ret = 0;
	return raw(SYS_rt_sigprocmask, SIG_SETMASK, 0, (long)ret, sizeof(*ret));
}

/*
 * The thread takes over the mask of its maker, and keeps it. With all signals blocked in
 * it, those of the process go to the main thread, whose mask is what it was: 'session'
 * consumes its SIGHUP there, which would end the process in a thread that lets it in.
 */
static long make_deaf_thread(void)
{
	uint64_t before = 0, now;
	long rc = set_signals(~UINT64_C(0), &before), made;

	if (rc == 0)
		rc = read_signals(&now);
	if (rc == 0 && now != MASKABLE)
		rc = -EPROTO;
	if (rc != 0)
		return rc < 0 ? rc : -EPROTO;
	made = make_thread();
	rc = set_signals(before, NULL);
	if (rc == 0)
		rc = read_signals(&now);
	if (rc != 0 || now != before)
		return rc < 0 ? rc : -EPROTO;
	return made == 0 ? -EPROTO : made;
}

int ck_loader_start(bool realtime)
{
	unsigned int turns;
	long rc;

	shared.realtime = realtime;
	rc = make_deaf_thread();
	if (rc < 0)
		return (int)rc;
	/* One call wherever the thread is by now, so that a start has as many as the
	 * next. */
	for (turns = 0; turns < START_TURNS; turns++) {
		wait_while(STARTING, &start_turn);
		if (stage() != STARTING)
			return (int)shared.answer;
	}
	return -ETIMEDOUT;
}

/*
 * The answer is awaited without a system call, which the filter might not let through. A
 * main thread with a real-time priority would keep the other one, which has none, from a
 * single processor so: it enters a call before the load, while the other one sleeps for a
 * moment, and leaves it behind it, by its time limit alone. One that is too short only
 * leads back to the loop.
 */
static void wait_for_load(void)
{
	if (shared.realtime)
		wait_while(ASKED, &load_time);
}

long ck_loader_load(unsigned int flags, const struct ck_program *program)
{
	unsigned int turns;

	if (stage() != READY)
		return -EPROTO;
	shared.flags = flags;
	shared.program.length = (unsigned short)program->count;
	shared.program.code = program->code;
	pass_on(ASKED);
	wait_for_load();
	for (turns = 0; stage() != ANSWERED; turns++) {
		if (turns == ANSWER_TURNS)
			return -ETIMEDOUT;
		relax();
	}
	/* The number of a thread that could not be brought along. */
	return shared.answer > 0 ? -ESRCH : shared.answer;
}
