/* SPDX-License-Identifier: MIT */
/*
 * Filters in the kernel: each question is asked in a child that loads the filter and
 * really calls. Denied is EXFULL here, an errno that none of the calls has of its own.
 * x86_64 only.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"

#define DENIED EXFULL
#define B32 UINT64_C(0x100000000)
#define KILLED (-SIGSYS)
#define FINE 0 /* in rows: anything but DENIED */

static const struct ck_probe probe = { UINT64_C(0xabad1deafeedc0de), 132 };

/* Since Linux 6.14 these two pass by every filter: they come from the kernel's own
 * trampolines. */
static bool passes_by(unsigned int nr)
{
	return nr == 335 || nr == 336; /* uretprobe, uprobe */
}

static void load(const char *text)
{
	struct ck_arena arena = { 0 };
	struct ck_diags diags = { &arena, NULL, 0, 0 };
	struct ck_program program;
	struct ck_rules rules;
	struct {
		unsigned short count;
		const struct ck_insn *code;
	} loaded;

	signal(SIGSYS, SIG_DFL); /* cmocka's handler would go on with the next test, in
				    the child */
	if (read_rules(&arena, text, 0, CK_MACHINE_X86, &diags, &rules) < 0 ||
	    ck_filter_compile(&arena, &rules, &probe, &diags, &program) < 0) {
		print_error("%s\n%s", text, diag_text(&arena, &diags));
		_exit(99);
	}
	loaded.count = (unsigned short)program.count;
	loaded.code = program.code;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
		    &loaded) != 0)
		_exit(98);
}

/* What the last child said: its exit status, or minus the signal that ended it. */
static int outcome(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static long call(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	return syscall(nr, a, b, c, d, 0, 0) < 0 ? errno : 0;
}

struct row {
	const char *text;
	long nr;
	uint64_t args[4];
	int expected;
};

static void ask(const struct row *row)
{
	pid_t child = fork();
	int found;

	if (child == 0) {
		load(row->text);
		_exit((int)call(row->nr, row->args[0], row->args[1], row->args[2],
				row->args[3]));
	}
	found = outcome(child);
	if (row->expected == FINE ? found == DENIED || found == KILLED || found >= 98 :
				    found != row->expected)
		fail_msg("%s: call %ld answered %d, not %d", row->text, row->nr, found,
			 row->expected);
}

/* Every call of every group is stopped, and the kernel never sees it: the arguments do
 * not matter. */
static void every_group_blocks(void **unused)
{
	unsigned int asked = 0;

	(void)unused;
	for (unsigned int group = 0; group < CK_GROUP_PRIMARIES; group++) {
		pid_t child = fork();
		char text[128];
		int found;

		snprintf(text, sizeof(text),
			 "base = @all\nallow = execve exit_group\ndeny = %s=EXFULL",
			 ck_group_name(group));
		for (unsigned int i = 0; i < ck_calls_count; i++)
			asked += ck_call_group(i) == group &&
				 ck_call_number(i, CK_ABI_X86_64) >= 0;
		if (child == 0) {
			load(text);
			for (unsigned int i = 0; i < ck_calls_count; i++) {
				int nr = ck_call_number(i, CK_ABI_X86_64);

				if (nr < 0 || nr == SYS_execve || nr == SYS_exit_group ||
				    ck_call_group(i) != group ||
				    passes_by((unsigned int)nr))
					continue;
				if (call(nr, UINT64_MAX, UINT64_MAX, UINT64_MAX, 0) !=
				    DENIED)
					syscall(SYS_exit_group, 1);
			}
			syscall(SYS_exit_group, 42);
		}
		found = outcome(child);
		if (found != 42)
			fail_msg("%s: %d", ck_group_name(group), found);
	}
	print_message("%u calls of %d groups blocked\n", asked, CK_GROUP_PRIMARIES);
}

/* A call of each group that does no harm with these arguments. */
static void every_group_allows(void **unused)
{
	static const struct {
		enum ck_group_id group;
		long nr;
		uint64_t args[4];
	} harmless[] = {
		{ CK_GROUP_AIO, SYS_io_destroy, { 0 } },
		{ CK_GROUP_BASIC_IO, SYS_close, { 999 } },
		{ CK_GROUP_CHOWN, SYS_fchown, { 999, 0, 0 } },
		{ CK_GROUP_CLOCK, SYS_settimeofday, { 1, 1 } },
		{ CK_GROUP_CPU_EMULATION, SYS_modify_ldt, { 99 } },
		{ CK_GROUP_DEBUG, SYS_kcmp, { 0, 0, 99 } },
		{ CK_GROUP_ESSENTIAL, SYS_munmap, { 1, 0 } },
		{ CK_GROUP_FILE_SYSTEM, SYS_openat, { 999, 0, 0 } },
		{ CK_GROUP_IO_EVENT, SYS_epoll_ctl, { 999, 0, 0 } },
		{ CK_GROUP_IO_URING, SYS_io_uring_enter, { 999 } },
		{ CK_GROUP_IPC, SYS_pipe2, { 0, 0xffff } },
		{ CK_GROUP_KEYRING, SYS_keyctl, { 9999 } },
		{ CK_GROUP_MEMLOCK, SYS_munlock, { 0, 0 } },
		{ CK_GROUP_MODULE, SYS_finit_module, { 999, 0, 0 } },
		{ CK_GROUP_MOUNT, SYS_umount2, { 0, 0xffffff } },
		{ CK_GROUP_NAMESPACE, SYS_setns, { 999, 0 } },
		{ CK_GROUP_NETWORK_IO, SYS_listen, { 999, 0 } },
		{ CK_GROUP_OBSOLETE, SYS_sysfs, { 99 } },
		{ CK_GROUP_PKEY, SYS_pkey_free, { 99 } },
		{ CK_GROUP_PRIVILEGED, SYS_bpf, { 9999, 0, 0 } },
		{ CK_GROUP_PROCESS, SYS_getppid, { 0 } },
		{ CK_GROUP_RAW_IO, SYS_iopl, { 99 } },
		{ CK_GROUP_REBOOT, SYS_reboot, { 0, 0, 0 } },
		{ CK_GROUP_RESOURCES, SYS_getpriority, { 99 } },
		{ CK_GROUP_SANDBOX, SYS_landlock_restrict_self, { 999, 0 } },
		{ CK_GROUP_SETUID, SYS_setregid, { 0xffffffff, 0xffffffff } },
		{ CK_GROUP_SIGNAL, SYS_rt_sigpending, { 1, 1 } },
		{ CK_GROUP_SWAP, SYS_swapoff, { 0 } },
		{ CK_GROUP_SYNC, SYS_fsync, { 999 } },
		{ CK_GROUP_TIMER, SYS_timer_delete, { 999 } },
	};
	char text[128];

	(void)unused;
	for (size_t i = 0; i < CK_ARRAY_SIZE(harmless); i++) {
		struct row row = { text, harmless[i].nr, { 0 }, FINE };

		assert_int_equal(harmless[i].group, i);
		memcpy(row.args, harmless[i].args, sizeof(row.args));
		snprintf(text, sizeof(text),
			 "base = @none\ndefault = EXFULL\nallow = execve exit_group %s",
			 ck_group_name(harmless[i].group));
		ask(&row);
		snprintf(text, sizeof(text),
			 "base = @none\ndefault = EXFULL\nallow = execve exit_group");
		row.expected = DENIED;
		ask(&row);
	}
}

static const struct row answered[] = {
	/* libc falls back where a call does not exist */
	{ "", SYS_clone3, { 0, 0 }, ENOSYS },
	{ "base = @none\nallow = execve exit_group\nunknown = ENOSYS",
	  600,
	  { 0 },
	  ENOSYS },
	{ "base = @none\ndefault = EXFULL\nallow = execve exit_group",
	  -1,
	  { 0 },
	  ENOSYS },
	{ "base = @none\nallow = execve exit_group\ndefault = EXFULL\n"
	  "deny = faccessat2=ENOSYS",
	  SYS_faccessat2,
	  { 0 },
	  ENOSYS },
	{ "base = @all\nunknown = EXFULL", 471 + 200, { 0 }, DENIED },
	/* the kernel looks at 32 bits of these */
	{ "base = @all\ndeny = ioctl(cmd: TIOCSTI TIOCLINUX)=EXFULL",
	  SYS_ioctl,
	  { 0, TIOCSTI, 0 },
	  DENIED },
	{ "base = @all\ndeny = ioctl(cmd: TIOCSTI TIOCLINUX)=EXFULL",
	  SYS_ioctl,
	  { 0, B32 | TIOCSTI, 0 },
	  DENIED },
	{ "base = @all\ndeny = ioctl(cmd: TIOCSTI TIOCLINUX)=EXFULL",
	  SYS_ioctl,
	  { 999, B32 | TIOCGWINSZ, 0 },
	  EBADF },
	{ "base = @all\ndeny = socket(family: packet vsock)=EXFULL",
	  SYS_socket,
	  { B32 | AF_PACKET, SOCK_RAW, 0 },
	  DENIED },
	{ "base = @all\ndefault = EXFULL\nallow = socket(family: unix)",
	  SYS_socket,
	  { B32 | AF_UNIX, SOCK_STREAM, 0 },
	  0 }, /* and makes a socket of it */
	{ "base = @all\ndefault = EXFULL\nallow = socket(family: unix)",
	  SYS_socket,
	  { AF_INET, SOCK_STREAM, 0 },
	  DENIED },
	{ "base = @all\ndeny = prctl(option: PR_SET_NAME)=EXFULL",
	  SYS_prctl,
	  { B32 | PR_SET_NAME, 0 },
	  DENIED },
	{ "base = @all\ndeny = personality(personality: not 0xffffffff)=EXFULL",
	  SYS_personality,
	  { UINT64_MAX },
	  0 },
	{ "base = @all\ndeny = kill(sig: SIGKILL)=EXFULL",
	  SYS_kill,
	  { 0, B32 | SIGKILL },
	  DENIED },
	/* ... and at 64 of these */
	{ "base = @all\ndeny = unshare(flags: 0)=EXFULL", SYS_unshare, { B32 }, EINVAL },
	{ "base = @all\ndeny = unshare(flags: 0)=EXFULL", SYS_unshare, { 0 }, DENIED },
	{ "base = @all\ndeny = mprotect(prot: any-of EXEC)=EXFULL",
	  SYS_mprotect,
	  { 0, 0, 4 },
	  DENIED },
	/* namespaces */
	{ "default = EXFULL", SYS_clone, { 0x10000011 }, DENIED },
	{ "default = EXFULL", SYS_unshare, { 0x10000000 }, DENIED },
	/* other ABIs and modes */
	{ "", SYS_getpid | CK_X32_BIT, { 0 }, KILLED },
	{ "default = kill", SYS_ptrace, { 99 }, KILLED },
	{ "default = trap", SYS_ptrace, { 99 }, KILLED },
	{ "mode = log\ndefault = EXFULL", SYS_kcmp, { 0, 0, 99 }, FINE },
	{ "mode = off\ndefault = EXFULL", SYS_kcmp, { 0, 0, 99 }, FINE },
};

static void answers(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < CK_ARRAY_SIZE(answered); i++)
		ask(&answered[i]);
}

/* chmod uses 16 bits: the judge and the kernel agree about the rest. */
static void chmod_uses_16_bits(void **unused)
{
	char path[] = "/tmp/capkeep-live-XXXXXX";
	int file = mkstemp(path);
	struct row row = { "base = @all\ndefault = EXFULL\nallow = chmod(mode: 0600)",
			   SYS_chmod,
			   { (uint64_t)(uintptr_t)path, 0xabc0000 | 0600 },
			   0 };
	struct stat status;

	(void)unused;
	assert_true(file >= 0);
	assert_int_equal(fchmod(file, 0644), 0);
	ask(&row);
	assert_int_equal(fstat(file, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	row.args[1] = 0644;
	row.expected = DENIED;
	ask(&row);
	close(file);
	unlink(path);
}

/* clone throws the upper half of its flags away, so a condition must not look at it. */
static void clone_uses_32_bits(void **unused)
{
	pid_t child = fork();

	(void)unused;
	if (child == 0) {
		long inner;

		load("base = @all\ndefault = EXFULL\nallow = clone(flags: 17)");
		inner = syscall(SYS_clone, B32 | SIGCHLD, 0, 0, 0, 0);
		if (inner == 0)
			_exit(0);
		_exit(inner > 0 ? 42 : errno);
	}
	assert_int_equal(outcome(child), 42);
}

static long old_getpid(void)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(20)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static void i386_entry(void **unused)
{
	pid_t child;
	int found;

	(void)unused;
	child = fork();
	if (child == 0)
		_exit(old_getpid() == getpid() ? 42 : 1);
	found = outcome(child);
	if (found != 42) {
		print_message("this kernel has no 32-bit entry (%d)\n", found);
		skip();
	}
	child = fork();
	if (child == 0) {
		load("abi = native");
		_exit(old_getpid() == getpid() ? 42 : 1);
	}
	assert_int_equal(outcome(child), KILLED);
	child = fork();
	if (child == 0) {
		load("abi = native+32");
		_exit(old_getpid() == getpid() ? 42 : 1);
	}
	assert_int_equal(outcome(child), 42);
	child = fork();
	if (child == 0) {
		load("abi = native+32\ndeny = getpid=EXFULL");
		_exit(old_getpid() == -DENIED ? 42 : 1);
	}
	assert_int_equal(outcome(child), 42);
}

static void probe_answers(void **unused)
{
	pid_t child = fork();

	(void)unused;
	if (child == 0) {
		if (call(SYS_execve, 0, 0, 0, probe.nonce) != EFAULT)
			_exit(1);
		load("base = @none\nallow = execve exit_group");
		if (call(SYS_execve, 0, 0, 0, probe.nonce) != probe.error)
			_exit(2);
		if (call(SYS_execve, 0, 0, 0, probe.nonce + 1) != EFAULT)
			_exit(3);
		_exit(42);
	}
	assert_int_equal(outcome(child), 42);
}

/* A real program under the tightest useful profile. */
static void true_runs(void **unused)
{
	pid_t child = fork();

	(void)unused;
	if (child == 0) {
		load("base = @service\nabi = all\nflags = spec-allow");
		execl("/bin/sh", "sh", "-c", "ls / >/dev/null && exit 42", (char *)NULL);
		_exit(1);
	}
	assert_int_equal(outcome(child), 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_group_blocks),
		cmocka_unit_test(every_group_allows),
		cmocka_unit_test(answers),
		cmocka_unit_test(chmod_uses_16_bits),
		cmocka_unit_test(clone_uses_32_bits),
		cmocka_unit_test(i386_entry),
		cmocka_unit_test(probe_answers),
		cmocka_unit_test(true_runs),
	};

	if (unit_in_valgrind())
		return 0; /* its own calls would be denied */
	return UNIT_RUN(tests);
}
