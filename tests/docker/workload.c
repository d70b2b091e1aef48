/* SPDX-License-Identifier: MIT */
/*
 * workload.c - the static program that the images of the container tests run.
 *
 * It has no options: whatever its arguments are, "--help" too, it reports them. The first argument
 * may name one of the actions below. Everything is asked of the kernel directly, without /proc and
 * without libc's caches. Numbers that differ from run to run (pids, times) are never printed.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PR_CAP_AMBIENT
#define PR_CAP_AMBIENT 47
#define PR_CAP_AMBIENT_IS_SET 1
#define PR_CAP_AMBIENT_RAISE 2
#endif
#define STATUS_SIGNAL 40 /* + number: ended by a signal that it waited for */

/* Any byte but printable ASCII as \xNN, and the backslash too: logs and JSON keep it as it is. */
static void print_bytes(const char *name, const char *bytes)
{
	printf("%s=", name);
	for (; *bytes; bytes++) {
		if (*bytes > ' ' && *bytes < 127 && *bytes != '\\')
			putchar(*bytes);
		else
			printf("\\x%02x", (unsigned char)*bytes);
	}
	putchar('\n');
}

static void print_arguments(char **argv, char **envp)
{
	char name[32];

	for (int i = 0; argv[i]; i++) {
		snprintf(name, sizeof(name), "argv.%d", i);
		print_bytes(name, argv[i]);
	}
	for (int i = 0; envp[i]; i++) {
		snprintf(name, sizeof(name), "env.%d", i);
		print_bytes(name, envp[i]);
	}
}

static void print_ids(void)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid, groups[256];
	int count;

	syscall(SYS_getresuid, &ruid, &euid, &suid);
	syscall(SYS_getresgid, &rgid, &egid, &sgid);
	printf("uid=%u:%u:%u\ngid=%u:%u:%u\ngroups=", ruid, euid, suid, rgid, egid, sgid);
	count = (int)syscall(SYS_getgroups, 256, groups);
	for (int i = 0; i < count; i++)
		printf("%s%u", i ? " " : "", groups[i]);
	putchar('\n');
}

static void print_sets(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { 0 } };
	uint64_t bounding = 0, ambient = 0;

	syscall(SYS_capget, &header, data);
	for (unsigned long i = 0; i < 64; i++) {
		if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1)
			bounding |= UINT64_C(1) << i;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) == 1)
			ambient |= UINT64_C(1) << i;
	}
	printf("bounding=%016llx\npermitted=%08x%08x\neffective=%08x%08x\n",
	       (unsigned long long)bounding, data[1].permitted, data[0].permitted,
	       data[1].effective, data[0].effective);
	printf("inheritable=%08x%08x\nambient=%016llx\nsecurebits=%#x\nno-new-privs=%d\n",
	       data[1].inheritable, data[0].inheritable, (unsigned long long)ambient,
	       (unsigned int)prctl(PR_GET_SECUREBITS, 0, 0, 0, 0),
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static void print_descriptors(void)
{
	for (int fd = 0; fd < 1024; fd++) {
		int flags = fcntl(fd, F_GETFD), status = fcntl(fd, F_GETFL);
		struct stat st;

		if (flags < 0 || fstat(fd, &st) < 0)
			continue;
		printf("fd.%d=%s cloexec=%d status=%#o tty=%d uid=%u\n", fd,
		       S_ISFIFO(st.st_mode) ? "pipe" : S_ISCHR(st.st_mode) ? "character" :
		       S_ISREG(st.st_mode) ? "file" : S_ISSOCK(st.st_mode) ? "socket" : "other",
		       flags & FD_CLOEXEC, (unsigned int)status, isatty(fd), st.st_uid);
	}
}

static void print_signals(void)
{
	sigset_t blocked;

	printf("blocked=");
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	for (int i = 1; i < 65; i++)
		if (sigismember(&blocked, i) == 1)
			printf("%d ", i);
	printf("\nignored=");
	for (int i = 1; i < 65; i++) {
		struct sigaction action;

		if (!sigaction(i, NULL, &action) && action.sa_handler == SIG_IGN)
			printf("%d ", i);
	}
	putchar('\n');
}

static void print_rest(void)
{
	char directory[4096];
	int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY), death = 0;
	mode_t mask = umask(0);

	umask(mask);
	if (terminal >= 0)
		close(terminal);
	for (unsigned int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit limit;

		if (!getrlimit(i, &limit))
			printf("limit.%u=%llu:%llu\n", i, (unsigned long long)limit.rlim_cur,
			       (unsigned long long)limit.rlim_max);
	}
	prctl(PR_GET_PDEATHSIG, &death, 0, 0, 0);
	print_bytes("directory", getcwd(directory, sizeof(directory)) ? directory : "?");
	printf("umask=%04o\nterminal=%d\nleader=%d\nfirst=%d\n", mask, terminal >= 0,
	       getsid(0) == getpid(), getpid() == 1);
	printf("priority=%d\npersonality=%#x\ndumpable=%d\ndeath-signal=%d\n",
	       getpriority(PRIO_PROCESS, 0), (unsigned int)personality(0xffffffff),
	       prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), death);
	printf("keepcaps=%d\nsubreaper=%d\nseccomp=%d\n", prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0),
	       prctl(PR_GET_CHILD_SUBREAPER, &death, 0, 0, 0) ? -1 : death,
	       prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
}

static volatile sig_atomic_t arrived;

static void arrive(int number)
{
	arrived = number;
}

/* wait: names every signal that arrives; ends with TERM, INT and QUIT. */
static int act_wait(char **argv)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2,
				       SIGWINCH, SIGCONT };
	sigset_t all, old;

	(void)argv;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		signal(numbers[i], arrive);
	puts("ready");
	for (;;) {
		sigsuspend(&old);
		printf("signal=%d\n", (int)arrived);
		if (arrived == SIGTERM || arrived == SIGINT || arrived == SIGQUIT)
			return STATUS_SIGNAL + arrived;
	}
}

static int act_exit(char **argv)
{
	return argv[2] ? atoi(argv[2]) : 0;
}

/* kill N: ends by signal N, as far as a process may */
static int act_kill(char **argv)
{
	signal(atoi(argv[2]), SIG_DFL);
	kill(getpid(), atoi(argv[2]));
	pause();
	return 1;
}

/* cat: standard input to standard output, "end" to standard error */
static int act_cat(char **argv)
{
	char buffer[65536];
	ssize_t got, put;

	(void)argv;
	while ((got = read(0, buffer, sizeof(buffer))) > 0)
		for (ssize_t done = 0; done < got; done += put)
			if ((put = write(1, buffer + done, (size_t)(got - done))) < 0)
				return 1;
	fputs("end\n", stderr);
	return got < 0;
}

/* listen PORT: binds, reports, waits */
static int act_listen(char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)atoi(argv[2])) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		printf("bind: %s\n", strerror(errno));
		return 1;
	}
	puts("bound");
	return act_wait(argv);
}

static int try_call(const char *name, long result)
{
	printf("%s: %s\n", name, result < 0 ? strerror(errno) : "ALLOWED");
	return result >= 0;
}

/* gain: tries to get back what the launcher took; the status is the number of successes */
static int act_gain(char **argv)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct all[2] = { { ~0U, ~0U, ~0U }, { 0x1ff, 0x1ff, 0x1ff } };
	int gained = 0;

	(void)argv;
	gained += try_call("capset", syscall(SYS_capset, &header, all));
	gained += try_call("ambient", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 12, 0, 0));
	gained += try_call("securebits", prctl(PR_SET_SECUREBITS, SECBIT_NOROOT, 0, 0, 0));
	gained += try_call("bounding", prctl(PR_CAPBSET_DROP, 0, 0, 0, 0));
	gained += try_call("no_new_privs", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
	gained += try_call("setgroups", syscall(SYS_setgroups, 1, (gid_t[]){ 7 }));
	gained += try_call("chroot", chroot("/"));
	gained += try_call("mknod", mknod("/tmp/device", S_IFCHR | 0600, 0x101));
	gained += try_call("raw socket", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	if (geteuid() != 0)
		gained += try_call("setuid", setuid(0));
	return gained;
}

static int digit(char c)
{
	return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

/* exec HEX...: execs the decoded words, so that any byte can be passed through docker's JSON */
static int act_exec(char **argv)
{
	for (char **word = argv + 2; *word; word++) {
		char *to = *word;

		for (char *from = *word; from[0] && from[0] != '-'; from += 2)
			*to++ = (char)(digit(from[0]) << 4 | digit(from[1]));
		*to = 0;
	}
	execv(argv[2], argv + 2);
	perror("workload: exec");
	return 1;
}

static void report(char **argv, char **envp)
{
	print_arguments(argv, envp);
	print_ids();
	print_sets();
	print_descriptors();
	print_signals();
	print_rest();
}

static const struct {
	const char *name;
	int (*act)(char **argv);
	bool reports;
} actions[] = {
	{ "wait", act_wait, true },	{ "exit", act_exit, false }, { "kill", act_kill, false },
	{ "cat", act_cat, false },	{ "gain", act_gain, false }, { "listen", act_listen, true },
	{ "exec", act_exec, false },
};

int main(int argc, char **argv, char **envp)
{
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	for (size_t i = 0; argc > 1 && i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(argv[1], actions[i].name) != 0)
			continue;
		if (actions[i].reports)
			report(argv, envp);
		return actions[i].act(argv);
	}
	report(argv, envp);
	return 0;
}
