/* SPDX-License-Identifier: MIT */
/*
 * probe.c - the workload of the system tests: prints the kernel's view of itself.
 *
 * One key=value line each, in a fixed order. Everything comes from raw system calls: no
 * library state, no /proc. A call that fails prints E and its errno, as in bounding=E38.
 * Nothing is opened before the descriptors have been looked at.
 *
 *   -e STATUS  exit with STATUS       -k KEY  only that key (repeatable)
 *   -f FILE    print to FILE          -p      then pause until a signal comes
 *   -s         then stop (SIGSTOP)    -c      then copy standard input to standard output
 */
#define _GNU_SOURCE
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FDS 4096
#define KEYS 16

static bool fd_open[FDS];
static mode_t mask_found;
static const char *wanted[KEYS];
static size_t nwanted;
static char buffer[8192];
static size_t used;
static int out = 1;

static void flush(void)
{
	size_t done = 0;

	while (done < used) {
		ssize_t n = write(out, buffer + done, used - done);

		if (n < 0)
			_exit(TOOL_FAILED);
		done += (size_t)n;
	}
	used = 0;
}

static void put(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (used == sizeof(buffer))
			flush();
		buffer[used++] = text[i];
	}
}

static void put_escaped(const char *text)
{
	static const char hex[] = "0123456789abcdef";

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		char code[4] = { '\\', 'x', hex[c >> 4], hex[c & 15] };

		if (c < ' ' || c > '~' || c == '\\')
			put(code, 4);
		else
			put(text, 1);
	}
}

static bool begin(const char *key)
{
	bool show = !nwanted;

	for (size_t i = 0; i < nwanted; i++)
		show |= !strcmp(wanted[i], key);
	if (!show)
		return false;
	put(key, strlen(key));
	put("=", 1);
	return true;
}

static void line(const char *key, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void line(const char *key, const char *format, ...)
{
	char text[512];
	va_list ap;

	if (!begin(key))
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	put(text, strlen(text));
	put("\n", 1);
}

static void line_escaped(const char *key, const char *text)
{
	if (!begin(key))
		return;
	put_escaped(text);
	put("\n", 1);
}

static void line_mask(const char *key, uint64_t mask)
{
	line(key, "%016llx", (unsigned long long)mask);
}

/* The result of a call: decimal, or E and the errno. */
static void line_result(const char *key, long value)
{
	if (value < 0)
		line(key, "E%d", errno);
	else
		line(key, "%ld", value);
}

/* Bits 0..63 as the kernel answers for each; above its last one it answers EINVAL. */
static void line_bits(const char *key, int op, unsigned long sub)
{
	uint64_t mask = 0;
	long rc;

	for (unsigned int i = 0; i < 64; i++) {
		rc = op == PR_CAPBSET_READ ? prctl5(op, i, 0) : prctl5(op, sub, i);
		if (rc < 0 && errno != EINVAL) {
			line(key, "E%d", errno);
			return;
		}
		if (rc > 0)
			mask |= UINT64_C(1) << i;
	}
	line_mask(key, mask);
}

static void print_caps(void)
{
	struct caps caps;

	line_bits("bounding", PR_CAPBSET_READ, 0);
	if (caps_get(&caps)) {
		line("permitted", "E%d", errno);
	} else {
		line_mask("permitted", caps.permitted);
		line_mask("effective", caps.effective);
		line_mask("inheritable", caps.inheritable);
	}
	line_bits("ambient", PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET);
}

static void print_ids(void)
{
	static gid_t groups[65536];
	unsigned int r = 0xa5a5a5a5, e = r, s = r;
	long n;

	if (syscall(SYS_getresuid, &r, &e, &s))
		line("uid", "E%d", errno);
	else
		line("uid", "%u %u %u", r, e, s);
	r = e = s = 0xa5a5a5a5;
	if (syscall(SYS_getresgid, &r, &e, &s))
		line("gid", "E%d", errno);
	else
		line("gid", "%u %u %u", r, e, s);
	n = syscall(SYS_getgroups, (int)COUNT(groups), groups);
	if (n < 0) {
		line("groups", "E%d", errno);
	} else if (begin("groups")) {
		for (long i = 0; i < n; i++) {
			char text[16];

			snprintf(text, sizeof(text), "%s%u", i ? " " : "", groups[i]);
			put(text, strlen(text));
		}
		put("\n", 1);
	}
}

static void print_flags(void)
{
	long bits = prctl5(PR_GET_SECUREBITS, 0, 0);
	int signal = -1;

	if (bits < 0)
		line("securebits", "E%d", errno);
	else
		line("securebits", "%08lx", (unsigned long)bits);
	line_result("no_new_privs", prctl5(PR_GET_NO_NEW_PRIVS, 0, 0));
	line_result("seccomp", prctl5(PR_GET_SECCOMP, 0, 0));
	line_result("keepcaps", prctl5(PR_GET_KEEPCAPS, 0, 0));
	line_result("dumpable", prctl5(PR_GET_DUMPABLE, 0, 0));
	if (prctl5(PR_GET_PDEATHSIG, (unsigned long)&signal, 0))
		line("parent_death_signal", "E%d", errno);
	else
		line("parent_death_signal", "%d", signal);
	line("at_secure", "%lu", getauxval(AT_SECURE));
}

/* As the kernel lays it out, which is not the C library's struct. */
struct kernel_action {
	void *handler;
	unsigned long flags;
	void *restorer;
	uint64_t mask;
};

static void print_signals(void)
{
	uint64_t blocked = 0, pending = 0, ignored = 0, handled = 0;
	struct kernel_action action;

	if (syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &blocked, 8))
		die("rt_sigprocmask");
	if (syscall(SYS_rt_sigpending, &pending, 8))
		die("rt_sigpending");
	for (int i = 1; i <= 64; i++) {
		memset(&action, 0, sizeof(action));
		if (syscall(SYS_rt_sigaction, i, NULL, &action, 8))
			continue;
		if ((long)action.handler == 1)
			ignored |= UINT64_C(1) << (i - 1);
		else if (action.handler)
			handled |= UINT64_C(1) << (i - 1);
	}
	line_mask("signals_blocked", blocked);
	line_mask("signals_ignored", ignored);
	line_mask("signals_handled", handled);
	line_mask("signals_pending", pending);
}

static void print_descriptors(void)
{
	bool first = true;

	if (!begin("descriptors"))
		return;
	for (int i = 0; i < FDS; i++) {
		char text[16];

		if (!fd_open[i])
			continue;
		snprintf(text, sizeof(text), "%s%d", first ? "" : " ", i);
		put(text, strlen(text));
		first = false;
	}
	put("\n", 1);
}

static void print_limits(void)
{
	for (int i = 0; i < LIMITS; i++) {
		struct {
			uint64_t soft, hard;
		} limit = { 0, 0 };
		char key[32], text[2][24];

		snprintf(key, sizeof(key), "limit.%s", limit_names[i]);
		if (syscall(SYS_prlimit64, 0, i, NULL, &limit)) {
			line(key, "E%d", errno);
			continue;
		}
		snprintf(text[0], sizeof(text[0]), "%llu",
			 (unsigned long long)limit.soft);
		snprintf(text[1], sizeof(text[1]), "%llu",
			 (unsigned long long)limit.hard);
		line(key, "%s:%s", ~limit.soft ? text[0] : "unlimited",
		     ~limit.hard ? text[1] : "unlimited");
	}
}

static void print_place(void)
{
	static char cwd[PATH_MAX];
	long sid = syscall(SYS_getsid, 0), pgid = syscall(SYS_getpgid, 0);
	long pid = syscall(SYS_getpid);
	int tty;

	line("umask", "%04o", mask_found);
	if (syscall(SYS_getcwd, cwd, sizeof(cwd)) < 0)
		line("cwd", "E%d", errno);
	else
		line_escaped("cwd", cwd);
	line("session_leader", "%s", sid == pid ? "yes" : "no");
	line("group_leader", "%s", pgid == pid ? "yes" : "no");
	tty = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (tty < 0)
		line("tty", "E%d", errno);
	else
		line("tty", "yes");
	if (tty >= 0)
		close(tty);
	line("pid", "%ld", pid);
	line("ppid", "%ld", syscall(SYS_getppid));
	line("sid", "%ld", sid);
	line("pgid", "%ld", pgid);
}

static void print_strings(int argc, char **argv, char **envp)
{
	char key[32];

	line_escaped("execfn", (const char *)getauxval(AT_EXECFN));
	line("argc", "%d", argc);
	for (int i = 0; i < argc; i++) {
		snprintf(key, sizeof(key), "argv[%d]", i);
		line_escaped(key, argv[i]);
	}
	for (; *envp; envp++)
		line_escaped("env", *envp);
}

static void look(void)
{
	mask_found = (mode_t)syscall(SYS_umask, 0);
	syscall(SYS_umask, mask_found);
	for (int i = 0; i < FDS; i++)
		fd_open[i] = syscall(SYS_fcntl, i, F_GETFD, 0) >= 0;
}

static void copy_input(void)
{
	char block[4096];
	ssize_t n;

	while ((n = read(0, block, sizeof(block))) > 0)
		put(block, (size_t)n);
	flush();
}

int main(int argc, char **argv, char **envp)
{
	int option, status = 0, after = 0;

	look();
	tool_name = "probe";
	while ((option = getopt(argc, argv, "+ce:f:k:ps")) != -1) {
		if (option == 'e')
			status = (int)number(optarg, 10);
		else if (option == 'f')
			out = open(optarg, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
				   0666);
		else if (option == 'k' && nwanted < KEYS)
			wanted[nwanted++] = optarg;
		else if (option == 'c' || option == 'p' || option == 's')
			after = option;
		else
			die("usage: probe [-cps] [-e STATUS] [-f FILE] [-k KEY]...");
		if (out < 0)
			die("%s", optarg);
	}
	print_caps();
	print_ids();
	print_flags();
	print_signals();
	print_descriptors();
	print_limits();
	print_place();
	print_strings(argc, argv, envp);
	flush();
	if (after == 'c')
		copy_input();
	if (after == 'p')
		pause();
	if (after == 's')
		raise(SIGSTOP);
	return status;
}
