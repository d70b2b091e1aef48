/* SPDX-License-Identifier: MIT */
/* [seccomp] as written: what each line means, and the exact text of every refusal. */
#include <errno.h>

#include "filter.h"

#define X86 CK_ARCH_X86_64
#define ERRNO(name) (CK_ACT_ERRNO | (name))

/* One question about a profile: what happens to this call? */
struct row {
	const char *text;
	uint64_t keep;
	uint32_t arch, nr;
	uint64_t args[CK_CALL_ARGS];
	uint32_t action;
};

#define SOCKET 41
#define CLONE 56
#define EXECVE 59
#define PTRACE 101
#define MOUNT 165
#define IOCTL 16
#define CLONE3 435
#define CHMOD 90
#define PERSONALITY 135
#define KEXEC_LOAD 246
#define SETTIMEOFDAY 164
#define UNSHARE 272
#define MPROTECT 10
#define PRCTL 157
#define LSEEK 8
#define B32 UINT64_C(0x100000000)

/* clang-format off */
static const struct row rows[] = {
	/* bases and defaults */
	{ "", 0, X86, SOCKET, { 0 }, CK_ACT_ALLOW },
	{ "", 0, X86, PTRACE, { 0 }, ERRNO(EPERM) },
	{ "", 0, X86, 999, { 0 }, ERRNO(ENOSYS) },
	{ "", 0, X86, 0xffffffff, { 0 }, ERRNO(ENOSYS) },
	{ "", 0, CK_ARCH_I386, 20, { 0 }, CK_ACT_KILL },
	{ "", 0, X86, CK_X32_BIT | 39, { 0 }, CK_ACT_KILL },
	{ "", 0, CK_ARCH_AARCH64, 0, { 0 }, CK_ACT_KILL },
	{ "base = @none\nallow = execve", 0, X86, 0, { 0 }, ERRNO(EPERM) },
	{ "base = @none\nallow = execve", 0, X86, EXECVE, { 0 }, CK_ACT_ALLOW },
	{ "base = @all", 0, X86, PTRACE, { 0 }, CK_ACT_ALLOW },
	{ "base = @all", 0, X86, 999, { 0 }, ERRNO(ENOSYS) },
	{ "base = @all\ndeny = ptrace", 0, X86, PTRACE, { 0 }, ERRNO(EPERM) },
	{ "default = ENOSYS", 0, X86, PTRACE, { 0 }, ERRNO(ENOSYS) },
	{ "default = kill", 0, X86, PTRACE, { 0 }, CK_ACT_KILL },
	{ "default = trap\nunknown = kill", 0, X86, PTRACE, { 0 }, CK_ACT_TRAP },
	{ "default = trap\nunknown = kill", 0, X86, 999, { 0 }, CK_ACT_KILL },
	{ "default = log\ndeny = socket", 0, X86, PTRACE, { 0 }, CK_ACT_LOG },
	{ "default = log\ndeny = socket", 0, X86, SOCKET, { 0 }, ERRNO(EPERM) },
	{ "default = EACCES\ndeny = socket", 0, X86, SOCKET, { 0 }, ERRNO(EACCES) },
	/* ABIs */
	{ "abi = native+32", 0, CK_ARCH_I386, 20, { 0 }, CK_ACT_ALLOW },
	{ "abi = native+32", 0, X86, CK_X32_BIT | 39, { 0 }, CK_ACT_KILL },
	{ "abi = all", 0, X86, CK_X32_BIT | 39, { 0 }, CK_ACT_ALLOW },
	{ "abi = all", 0, X86, CK_X32_BIT | 520, { 0 }, CK_ACT_ALLOW },
	{ "abi = all", 0, X86, 520, { 0 }, ERRNO(ENOSYS) }, /* x32's execve without its bit */
	/* names beat groups, deny beats allow at equal rank */
	{ "allow = ptrace\ndeny = @debug", 0, X86, PTRACE, { 0 }, CK_ACT_ALLOW },
	{ "allow = @debug\ndeny = ptrace", 0, X86, PTRACE, { 0 }, ERRNO(EPERM) },
	{ "allow = @debug", 0, X86, PTRACE, { 0 }, CK_ACT_ALLOW },
	{ "base = @all\ndeny = @debug=ENOSYS", 0, X86, PTRACE, { 0 }, ERRNO(ENOSYS) },
	{ "allow = execve @network-io\ndeny = @service", 0, X86, SOCKET, { 0 }, ERRNO(EPERM) },
	{ "allow = @service\ndeny = @network-io", 0, X86, SOCKET, { 0 }, ERRNO(EPERM) },
	{ "deny = kexec_load=kill", 0, X86, KEXEC_LOAD, { 0 }, CK_ACT_KILL },
	/* conditions: the bits that the kernel uses */
	{ "allow = socket(family: unix inet inet6)", 0, X86, SOCKET, { 1 }, CK_ACT_ALLOW },
	{ "allow = socket(family: unix inet inet6)", 0, X86, SOCKET, { 10 }, CK_ACT_ALLOW },
	{ "allow = socket(family: unix inet inet6)", 0, X86, SOCKET, { 16 }, ERRNO(EPERM) },
	{ "allow = socket(family: unix)", 0, X86, SOCKET, { B32 | 1 }, CK_ACT_ALLOW },
	{ "deny = socket(family: AF_VSOCK)", 0, X86, SOCKET, { B32 | 40 }, ERRNO(EPERM) },
	{ "deny = socket(family: AF_VSOCK)", 0, X86, SOCKET, { 1 }, CK_ACT_ALLOW },
	{ "deny = socket(family/64: AF_VSOCK)", 0, X86, SOCKET, { B32 | 40 }, CK_ACT_ALLOW },
	{ "deny = socket(arg0: 40)", 0, X86, SOCKET, { B32 | 40 }, ERRNO(EPERM) },
	{ "deny = ioctl(cmd: TIOCSTI TIOCLINUX)", 0, X86, IOCTL, { 0, 0x5412 }, ERRNO(EPERM) },
	{ "deny = ioctl(cmd: TIOCSTI TIOCLINUX)", 0, X86, IOCTL, { 0, B32 | 0x541c }, ERRNO(EPERM) },
	{ "deny = ioctl(cmd: TIOCSTI TIOCLINUX)", 0, X86, IOCTL, { 0, 0x5413 }, CK_ACT_ALLOW },
	{ "deny = ioctl(arg: 0x100000005)", 0, X86, IOCTL, { 0, 0, B32 | 5 }, ERRNO(EPERM) },
	{ "deny = ioctl(arg: 0x100000005)", 0, X86, IOCTL, { 0, 0, 5 }, CK_ACT_ALLOW },
	{ "deny = chmod(mode: any-of S_ISUID S_ISGID)", 0, X86, CHMOD, { 0, 04755 }, ERRNO(EPERM) },
	{ "deny = chmod(mode: 0777)", 0, X86, CHMOD, { 0, 0x7ff0000 | 0777 }, ERRNO(EPERM) },
	{ "deny = chmod(mode: 0777)", 0, X86, CHMOD, { 0, 0776 }, CK_ACT_ALLOW },
	{ "allow = clone(flags: none-of CLONE_NEW*)", 0, X86, CLONE, { 0x11 }, CK_ACT_ALLOW },
	{ "allow = clone(flags: none-of CLONE_NEW*)", 0, X86, CLONE, { 0x10000011 }, ERRNO(EPERM) },
	{ "deny = mprotect(prot: all-of PROT_WRITE PROT_EXEC)", 0, X86, MPROTECT, { 0, 0, 6 },
	  ERRNO(EPERM) },
	{ "deny = mprotect(prot: all-of PROT_WRITE PROT_EXEC)", 0, X86, MPROTECT, { 0, 0, 4 },
	  CK_ACT_ALLOW },
	{ "deny = mprotect(prot: WRITE|EXEC)", 0, X86, MPROTECT, { 0, 0, 6 }, ERRNO(EPERM) },
	{ "deny = mprotect(prot: not 0..3)", 0, X86, MPROTECT, { 0, 0, B32 }, ERRNO(EPERM) },
	{ "deny = mprotect(prot: not 0..3)", 0, X86, MPROTECT, { 0, 0, 3 }, CK_ACT_ALLOW },
	{ "deny = mprotect(len: 4096..)", 0, X86, MPROTECT, { 0, B32, 0 }, ERRNO(EPERM) },
	{ "deny = mprotect(len: ..4095)", 0, X86, MPROTECT, { 0, B32, 0 }, CK_ACT_ALLOW },
	{ "deny = prctl(option: PR_SET_DUMPABLE, arg1: 1)", 0, X86, PRCTL, { 4, 1 }, ERRNO(EPERM) },
	{ "deny = prctl(option: PR_SET_DUMPABLE, arg1: 1)", 0, X86, PRCTL, { 4, 0 }, CK_ACT_ALLOW },
	{ "deny = prctl(option: PR_SET_DUMPABLE, second: 1)", 0, X86, PRCTL, { 4, 1 }, ERRNO(EPERM) },
	{ "deny = lseek(offset: -1)", 0, X86, LSEEK, { 0, UINT64_MAX }, ERRNO(EPERM) },
	{ "deny = lseek(offset: -1)", 0, X86, LSEEK, { 0, 0xffffffff }, CK_ACT_ALLOW },
	{ "abi = all\ndeny = lseek(offset: -1)", 0, CK_ARCH_I386, 19, { 0, 0xffffffff },
	  ERRNO(EPERM) },
	/* the type of a socket shares its register with flags */
	{ "deny = socket(type: raw)", 0, X86, SOCKET, { 2, 0x80003 }, ERRNO(EPERM) },
	{ "deny = socket(type: raw)", 0, X86, SOCKET, { 2, 0x80802 }, CK_ACT_ALLOW },
	{ "allow = socket(type: stream dgram)", 0, X86, SOCKET, { 2, 0x80801 }, CK_ACT_ALLOW },
	{ "allow = socket(type: not raw)", 0, X86, SOCKET, { 2, B32 | 0x803 }, ERRNO(EPERM) },
	{ "allow = socket(type: ..3)", 0, X86, SOCKET, { 2, 0x80805 }, ERRNO(EPERM) },
	{ "deny = socket(type: SOCK_*)", 0, X86, SOCKET, { 2, 0x80001 }, ERRNO(EPERM) },
	{ "deny = socket(type: all-of 3)", 0, X86, SOCKET, { 2, 0x803 }, ERRNO(EPERM) },
	{ "deny = socket(type/32: raw)", 0, X86, SOCKET, { 2, 0x80003 }, CK_ACT_ALLOW },
	{ "deny = socket(type/32: any-of SOCK_CLOEXEC)", 0, X86, SOCKET, { 2, 0x80003 }, ERRNO(EPERM) },
	{ "abi = all\ndeny = socket(arg1: 3)", 0, CK_ARCH_I386, 359, { 2, 0x803 }, ERRNO(EPERM) },
	/* declared unsigned long, and cut by the kernel */
	{ "deny = writev(fd: 1)", 0, X86, 20, { B32 | 1 }, ERRNO(EPERM) },
	{ "deny = ptrace(pid: 1)\nallow = @debug", 0, X86, PTRACE, { 0, B32 | 1 }, ERRNO(EPERM) },
	/* any allow suffices, any deny prevails, a condition that fails leaves the group */
	{ "allow = socket(family: unix) socket(family: inet)", 0, X86, SOCKET, { 2 }, CK_ACT_ALLOW },
	{ "allow = socket\ndeny = socket(family: netlink)", 0, X86, SOCKET, { 16 }, ERRNO(EPERM) },
	{ "allow = socket\ndeny = socket(family: netlink)", 0, X86, SOCKET, { 17 }, CK_ACT_ALLOW },
	{ "deny = @network-io socket(family: netlink)=EACCES", 0, X86, SOCKET, { 16 }, ERRNO(EACCES) },
	{ "deny = @network-io socket(family: netlink)=EACCES", 0, X86, SOCKET, { 1 }, ERRNO(EPERM) },
	{ "allow = socket(family: unix, type: SOCK_STREAM)", 0, X86, SOCKET, { 1, 2 }, ERRNO(EPERM) },
	{ "allow = socket(family: unix, type: SOCK_STREAM)", 0, X86, SOCKET, { 1, 1 }, CK_ACT_ALLOW },
	/* clone3 cannot be looked into */
	{ "", 0, X86, CLONE3, { 0 }, ERRNO(ENOSYS) },
	{ "allow = clone", 0, X86, CLONE3, { 0 }, CK_ACT_ALLOW },
	{ "allow = clone3", 0, X86, CLONE3, { 0 }, CK_ACT_ALLOW },
	{ "base = @all\ndeny = clone(flags: any-of CLONE_NEWUSER)", 0, X86, CLONE3, { 0 },
	  ERRNO(ENOSYS) },
	{ "base = @all\ndeny = clone", 0, X86, CLONE3, { 0 }, ERRNO(ENOSYS) },
	{ "deny = clone3(size: 1)=kill", 0, X86, CLONE3, { 0, 1 }, CK_ACT_KILL },
	{ "deny = clone3(size: 1)=kill", 0, X86, CLONE3, { 0 }, ERRNO(ENOSYS) },
	{ "base = @all\ndeny = clone(flags: any-of NEWUSER) clone3(size: 1)", 0, X86, CLONE3, { 0, 64 },
	  ERRNO(ENOSYS) },
	{ "base = @all\ndeny = clone(flags: any-of NEWUSER) clone3(size: 1)", 0, X86, CLONE3, { 0, 1 },
	  ERRNO(EPERM) },
	{ "base = @all\ndeny = clone clone3(size: 1)\nallow = clone3(size: 64)", 0, X86, CLONE3, { 0, 64 },
	  CK_ACT_ALLOW },
	{ "deny = clone clone3(size: 1)\nallow = clone3(size: 64)", 0, X86, CLONE3, { 0, 2 }, ERRNO(EPERM) },
	{ "base = @all\nmode = log\ndeny = clone clone3(size: 1)", 0, X86, CLONE3, { 0 }, CK_ACT_LOG },
	/* what @service adds, and what takes it back: an entry of allow, never one of deny */
	{ "deny = clone(flags: any-of CLONE_VM)=EACCES", 0, X86, CLONE, { 0x20011 }, ERRNO(EPERM) },
	{ "deny = clone(flags: any-of CLONE_VM)=EACCES", 0, X86, CLONE, { 0x111 }, ERRNO(EACCES) },
	{ "deny = clone(flags: any-of CLONE_VM)=EACCES", 0, X86, CLONE, { 0x11 }, CK_ACT_ALLOW },
	{ "deny = personality(personality: 8)=kill", 0, X86, PERSONALITY, { 8 }, CK_ACT_KILL },
	{ "deny = personality(personality: 8)=kill", 0, X86, PERSONALITY, { 0x40000 }, ERRNO(EPERM) },
	{ "deny = personality=kill", 0, X86, PERSONALITY, { 0 }, CK_ACT_KILL },
	{ "deny = clone", 0, X86, CLONE, { 0x11 }, ERRNO(EPERM) },
	{ "allow = clone\ndeny = clone(flags: any-of CLONE_VM)", 0, X86, CLONE, { 0x20011 }, CK_ACT_ALLOW },
	{ "[in]\nallow = clone\n[out]\ndeny = clone(flags: any-of CLONE_VM)", 0, X86, CLONE, { 0x20011 },
	  ERRNO(EPERM) },
	{ "deny = clone(flags: any-of CLONE_VM)", CK_CAP(21), X86, CLONE, { 0x20011 }, CK_ACT_ALLOW },
	{ "allow = execve\ndeny = @process clone(flags: any-of CLONE_VM)=EACCES", 0, X86, CLONE, { 0x11 },
	  ERRNO(EPERM) },
	{ "", 0, X86, CLONE, { 0x20011 }, ERRNO(EPERM) },
	{ "", CK_CAP(21), X86, CLONE, { 0x20011 }, CK_ACT_ALLOW },
	{ "caps = ignore", CK_CAP(21), X86, CLONE, { 0x20011 }, ERRNO(EPERM) },
	{ "", 0, X86, PERSONALITY, { 0x40000 }, ERRNO(EPERM) },
	{ "", 0, X86, PERSONALITY, { 8 }, CK_ACT_ALLOW },
	{ "allow = execve\ndeny = @process", 0, X86, CLONE, { 0x11 }, ERRNO(EPERM) },
	/* a kept capability brings its calls, at the rank of a group */
	{ "", CK_CAP(25), X86, SETTIMEOFDAY, { 0 }, CK_ACT_ALLOW },
	{ "deny = @clock", CK_CAP(25), X86, SETTIMEOFDAY, { 0 }, ERRNO(EPERM) },
	{ "", CK_CAP(21), X86, UNSHARE, { 0 }, CK_ACT_ALLOW },
	{ "", 0, X86, UNSHARE, { 0 }, ERRNO(EPERM) },
	/* an including file replaces, call by call and group by group */
	{ "[in]\ndeny = ptrace=kill mount\n[out]\nallow = ptrace", 0, X86, PTRACE, { 0 }, CK_ACT_ALLOW },
	{ "[in]\ndeny = ptrace=kill mount=kill\n[out]\nallow = ptrace", 0, X86, MOUNT, { 0 },
	  CK_ACT_KILL },
	{ "[in]\ndeny = @debug\n[out]\nallow = @debug", 0, X86, PTRACE, { 0 }, CK_ACT_ALLOW },
	{ "[in]\nallow = socket(family: unix)\n[out]\ndeny = socket(family: packet)", 0, X86, SOCKET,
	  { 2 }, CK_ACT_ALLOW },
	/* socketcall and ipc on i386 do what their calls may */
	{ "abi = all", 0, CK_ARCH_I386, 102, { 1 }, CK_ACT_ALLOW },
	{ "abi = all\nallow = socket(family: unix)", 0, CK_ARCH_I386, 102, { 1 }, ERRNO(EPERM) },
	{ "abi = all\nallow = socket(family: unix)", 0, CK_ARCH_I386, 102, { 2 }, CK_ACT_ALLOW },
	{ "abi = all\ndeny = socket(family: packet)=EACCES", 0, CK_ARCH_I386, 102, { 1 },
	  ERRNO(EACCES) },
	{ "base = @none\nabi = all\nallow = execve connect", 0, CK_ARCH_I386, 102, { 3 }, CK_ACT_ALLOW },
	{ "base = @none\nabi = all\nallow = execve connect", 0, CK_ARCH_I386, 102, { 4 },
	  ERRNO(EPERM) },
	{ "base = @none\nabi = all\nallow = execve connect", 0, CK_ARCH_I386, 102, { 99 },
	  ERRNO(EPERM) },
	{ "abi = all\ndeny = shmget", 0, CK_ARCH_I386, 117, { 0x10017 }, ERRNO(EPERM) },
	{ "abi = all\ndeny = shmget\nallow = ipc", 0, CK_ARCH_I386, 117, { 23 }, CK_ACT_ALLOW },
	/* SEND and RECV are sendto and recvfrom under other names */
	{ "abi = all\ndeny = sendto=EACCES", 0, CK_ARCH_I386, 102, { 9 }, ERRNO(EACCES) },
	{ "abi = all\ndeny = recvfrom=EACCES", 0, CK_ARCH_I386, 102, { 10 }, ERRNO(EACCES) },
	{ "abi = all\ndeny = send=EACCES", 0, CK_ARCH_I386, 102, { 9 }, ERRNO(EACCES) },
	{ "abi = all\ndeny = send=EACCES", 0, CK_ARCH_I386, 102, { 11 }, CK_ACT_ALLOW },
	/* denying @namespace means clone, too, unless an entry is about it */
	{ "base = @all\ndeny = @namespace=EACCES", 0, X86, CLONE, { 0x10000011 }, ERRNO(EACCES) },
	{ "base = @all\ndeny = @namespace", 0, X86, CLONE, { 0x11 }, CK_ACT_ALLOW },
	{ "base = @all\ndeny = @namespace", 0, X86, CLONE3, { 0 }, ERRNO(ENOSYS) },
	{ "base = @all\ndeny = @namespace\nallow = clone", 0, X86, CLONE, { 0x10000011 }, CK_ACT_ALLOW },
	{ "base = @all\ndeny = @namespace\nallow = clone3", 0, X86, CLONE3, { 0 }, CK_ACT_ALLOW },
	{ "deny = @namespace", CK_CAP(21), X86, CLONE, { 0x10000011 }, ERRNO(EPERM) },
	{ "base = @all\ndeny = @mount", 0, X86, CLONE, { 0x10000011 }, CK_ACT_ALLOW },
	/* what an ABI cannot show */
	{ "abi = all\ndeny = mmap(prot: any-of EXEC)", 0, CK_ARCH_I386, 90, { 0 }, ERRNO(EPERM) },
	{ "abi = all\nallow = mmap(prot: 0..3)", 0, CK_ARCH_I386, 90, { 0 }, ERRNO(EPERM) },
	/* modes */
	{ "mode = log", 0, X86, PTRACE, { 0 }, CK_ACT_LOG },
	{ "mode = log", 0, CK_ARCH_I386, 20, { 0 }, CK_ACT_LOG },
	{ "mode = log", 0, X86, SOCKET, { 0 }, CK_ACT_ALLOW },
	{ "mode = off", 0, X86, PTRACE, { 0 }, CK_ACT_ALLOW },
	{ "mode = log\ndeny = execve", 0, X86, EXECVE, { 0 }, CK_ACT_LOG },
};

/* clang-format on */

static void means(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < CK_ARRAY_SIZE(rows); i++) {
		struct ck_arena arena = { 0 };
		struct ck_diags diags = { &arena, NULL, 0, 0 };
		struct ck_program program;
		struct ck_rules rules;
		uint32_t found;

		if (read_rules(&arena, rows[i].text, rows[i].keep, CK_MACHINE_X86, &diags,
			       &rules) < 0 ||
		    ck_filter_compile(&arena, &rules, NULL, &diags, &program) < 0)
			fail_msg("%s\n%s", rows[i].text, diag_text(&arena, &diags));
		found = action_of(&rules, &program, rows[i].arch, rows[i].nr,
				  rows[i].args);
		if (found != rows[i].action)
			fail_msg("row %zu: %s: call %u: %s, not %s", i, rows[i].text,
				 rows[i].nr, ck_action_text(&arena, found),
				 ck_action_text(&arena, rows[i].action));
		ck_arena_free(&arena);
	}
}

/* clang-format off */
#define NO_CALL(key, word, near) \
	"t.ini:1: " key ": there is no system call '" word "', did you mean " near "?\n"
#define NO_WAY(action, word) \
	"t.ini:1: '" action "' in '" word "' is no way to deny; write an errno name such as " \
	"ENOSYS, kill, kill-thread, trap or log\n"

static const struct {
	const char *text, *diagnostics;
} refusals[] = {
	{ "base = @servce",
	  "t.ini:1: base = @servce is none of @service, @none, @all, did you mean @service?\n" },
	{ "\nabi = 32", "t.ini:2: abi = 32 is none of native, native+32, all\n" },
	{ "default = EPREM", "t.ini:1: default = EPREM is no action; it takes an errno name such as "
	  "EPERM, kill, kill-thread, trap, log or allow\n" },
	{ "mode = of", "t.ini:1: mode = of is none of enforce, log, off, did you mean off?\n" },
	{ "caps = no", "t.ini:1: caps = no is none of follow, ignore\n" },
	{ "flags = tsync", "t.ini:1: flags: 'tsync' is none of spec-allow, log\n" },
	{ "alow = x", "t.ini:1: [seccomp] has no key 'alow'\n" },
	{ "allow = sockett", NO_CALL("allow", "sockett", "socket") },
	{ "allow = accept accept4!", NO_CALL("allow", "accept4!", "accept4") },
	{ "allow = accept acct\xc3\xa4(fd: 3)", NO_CALL("allow", "acct\xc3\xa4", "acct") },
	{ "deny = accept accept4$=kill", NO_CALL("deny", "accept4$", "accept4") },
	{ "deny = @debugs", "t.ini:1: deny: there is no group '@debugs', did you mean @debug?\n" },
	{ "deny = mount=EPREM", NO_WAY("EPREM", "mount=EPREM") },
	{ "deny = mount=allow", NO_WAY("allow", "mount=allow") },
	{ "allow = mount=ENOSYS", "t.ini:1: allow takes no action: 'mount=ENOSYS'\n" },
	{ "deny = @mount(arg0: 1)", "t.ini:1: a group takes no conditions: '@mount(arg0: 1)'\n" },
	{ "allow = socket(family: unix",
	  "t.ini:1: allow: parentheses do not match in 'socket(family: unix'; they open and close on "
	  "one line\n" },
	{ "allow = socket)family(",
	  "t.ini:1: allow: parentheses do not match in 'socket)family('; they open and close on one "
	  "line\n" },
	{ "allow = socket(family: unix)x",
	  "t.ini:1: 'socket(family: unix)x' is no NAME(CONDITIONS)=ACTION\n" },
	{ "allow = socket(famly: unix)",
	  "t.ini:1: socket has no argument 'famly'; it has family type protocol\n" },
	{ "allow = afs_syscall(what: 1)",
	  "t.ini:1: afs_syscall has no argument 'what'; write arg0 to arg5\n" },
	{ "allow = socket(family: unx)", "t.ini:1: 'unx' is no constant or number of socket(family: "
	  "...), did you mean UNIX?\n" },
	{ "allow = socket(family: 0x100000000)",
	  "t.ini:1: '0x100000000' does not fit the 32 bits that the kernel reads of socket(family: "
	  "...)\n" },
	{ "allow = chmod(mode: 65536)",
	  "t.ini:1: '65536' does not fit the 16 bits that the kernel reads of chmod(mode: ...)\n" },
	{ "deny = socket(family: unix|)",
	  "t.ini:1: 'unix|' has nothing behind its last | of socket(family: ...)\n" },
	{ "deny = lseek(offset: 1|)",
	  "t.ini:1: '1|' has nothing behind its last | of lseek(offset: ...)\n" },
	{ "deny = socket(type: SOCK_CLOEXEC)",
	  "t.ini:1: 'SOCK_CLOEXEC' does not fit the 4 bits that the kernel reads of socket(type: "
	  "...); type/32 compares its flags too\n" },
	{ "deny = socket(type: raw|cloexec)",
	  "t.ini:1: 'cloexec' does not fit the 4 bits that the kernel reads of socket(type: ...); "
	  "type/32 compares its flags too\n" },
	{ "deny = socket(type: 16)",
	  "t.ini:1: '16' does not fit the 4 bits that the kernel reads of socket(type: ...); type/32 "
	  "compares its flags too\n" },
	{ "allow = lseek(offset: 0x10000000000000000)",
	  "t.ini:1: '0x10000000000000000' does not fit the 64 bits of lseek(offset: ...)\n" },
	{ "allow = lseek(offset: 9..3)",
	  "t.ini:1: '9..3' is no range FIRST..LAST of unsigned numbers of lseek(offset: ...)\n" },
	{ "allow = lseek(offset: any-of 1..3)",
	  "t.ini:1: '1..3' is a range, and none can be in a mask of lseek(offset: ...)\n" },
	{ "allow = lseek(offset: x)", "t.ini:1: 'x' is no number, and there are no constants of "
	  "lseek(offset: ...)\n" },
	{ "allow = lseek(offset: 08)", "t.ini:1: '08' is no number, and there are no constants of "
	  "lseek(offset: ...)\n" },
	{ "allow = lseek(offset)", "t.ini:1: 'offset' is no condition; write lseek(ARGUMENT: VALUE...)\n" },
	{ "allow = lseek()", "t.ini:1: '' is no condition; write lseek(ARGUMENT: VALUE...)\n" },
	{ "allow = lseek(offset:)",
	  "t.ini:1: '' is no value of lseek(offset: ...); write one behind the colon\n" },
	{ "allow = lseek(offset/8: 1)",
	  "t.ini:1: 'offset/8' has no width /16, /32 or /64 in a condition of lseek(offset: ...)\n" },
	/* contradictions inside one file */
	{ "allow = ptrace\n\ndeny = ptrace", "t.ini:3: deny: 'ptrace' contradicts line 1, which allows it\n" },
	{ "deny = ptrace\nallow = ptrace(request: PTRACE_TRACEME)",
	  "t.ini:2: allow: 'ptrace' contradicts line 1, which denies it whatever the arguments\n" },
	{ "deny = ptrace ptrace=kill", "t.ini:1: deny: 'ptrace' contradicts line 1, which answers otherwise\n" },
	{ "deny = @mount\nallow = @mount", "t.ini:2: allow: '@mount' contradicts line 1, which denies it\n" },
	/* several at once */
	{ "allow = sockett\ndeny = mountt", "t.ini:1: allow: there is no system call 'sockett', did you "
	  "mean socket?\nt.ini:2: deny: there is no system call 'mountt', did you mean mount?\n" },
	/* execve has to pass */
	{ "deny = execve", "t.ini:1: [seccomp] does not let execve through, so that the command cannot "
	  "be started; write `allow = execve`\n" },
	{ "base = @none", "t.ini:1: [seccomp] does not let execve through, so that the command cannot be "
	  "started; write `allow = execve`\n" },
	{ "base = @all\ndeny = @process", "t.ini:2: [seccomp] does not let execve through, so that the "
	  "command cannot be started; write `allow = execve`\n" },
	{ "allow = execve(arg0: 1)", "t.ini:1: [seccomp] ties execve to a condition, so that the command "
	  "may not be started; allow it whole: `allow = execve`\n" },
};

/* clang-format on */

static void refuses(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < CK_ARRAY_SIZE(refusals); i++) {
		struct ck_arena arena = { 0 };
		struct ck_diags diags = { &arena, NULL, 0, 0 };
		struct ck_program program;
		struct ck_rules rules;
		int rc = read_rules(&arena, refusals[i].text, 0, CK_MACHINE_X86, &diags,
				    &rules);

		if (rc == 0)
			rc = ck_filter_compile(&arena, &rules, NULL, &diags, &program);
		assert_int_equal(rc, -EINVAL);
		assert_string_equal(diag_text(&arena, &diags), refusals[i].diagnostics);
		ck_arena_free(&arena);
	}
}

static void probe_answers(void **unused)
{
	struct ck_arena arena = { 0 };
	struct ck_diags diags = { &arena, NULL, 0, 0 };
	struct ck_probe probe = { UINT64_C(0xfeedfacecafef00d), 132 };
	struct ck_call_data data = { .nr = EXECVE, .arch = X86 };
	struct ck_program program;
	struct ck_rules rules;
	uint32_t found;

	(void)unused;
	assert_int_equal(read_rules(&arena, "base = @none\nallow = execve", 0,
				    CK_MACHINE_X86, &diags, &rules),
			 0);
	assert_int_equal(ck_filter_compile(&arena, &rules, &probe, &diags, &program), 0);
	data.args[CK_PROBE_ARGUMENT] = probe.nonce;
	assert_int_equal(ck_interpret(program.code, program.count, &data, &found, NULL),
			 0);
	assert_int_equal(found, ERRNO(132));
	data.args[CK_PROBE_ARGUMENT] = probe.nonce ^ UINT64_C(0x8000000000000000);
	assert_int_equal(ck_interpret(program.code, program.count, &data, &found, NULL),
			 0);
	assert_int_equal(found, CK_ACT_ALLOW);
	ck_arena_free(&arena);
}

/* What a plain allow loads is architecture and number: the kernel's bitmap needs that. */
static void plain_calls_load_no_argument(void **unused)
{
	struct ck_arena arena = { 0 };
	struct ck_diags diags = { &arena, NULL, 0, 0 };
	struct ck_call_data data = { .arch = X86 };
	struct ck_program program;
	struct ck_rules rules;
	unsigned int allowed = 0, loaded;
	uint32_t found;

	(void)unused;
	assert_int_equal(read_rules(&arena, "abi = all\ndeny = ioctl(cmd: TIOCSTI)", 0,
				    CK_MACHINE_X86, &diags, &rules),
			 0);
	assert_int_equal(ck_filter_compile(&arena, &rules, NULL, &diags, &program), 0);
	for (data.nr = 0; data.nr < 500; data.nr++) {
		assert_int_equal(
			ck_interpret(program.code, program.count, &data, &found, &loaded),
			0);
		if (data.nr == IOCTL || data.nr == CLONE || data.nr == PERSONALITY)
			assert_true(loaded != 0);
		else
			assert_int_equal(loaded, 0);
		allowed += found == CK_ACT_ALLOW;
	}
	assert_true(allowed > 200);
	ck_arena_free(&arena);
}

/* 200 values for each of 90 calls: more than the kernel takes. */
static void too_long(void **unused)
{
	struct ck_arena arena = { 0 };
	struct ck_diags diags = { &arena, NULL, 0, 0 };
	const char *text = "base = @all\n";
	struct ck_program program;
	struct ck_rules rules;

	if (unused && unit_in_valgrind())
		return; /* thousands of rules */
	for (unsigned int call = 0; call < 90; call++) {
		text = ck_format(&arena, "%sdeny = %s(arg0/64:", text,
				 ck_call_name(call * 5 + 1));
		for (unsigned int i = 0; i < 200; i++)
			text = ck_format(&arena, "%s %u", text, i * 3 + call);
		text = ck_format(&arena, "%s)\n", text);
	}
	assert_int_equal(read_rules(&arena, text, 0, CK_MACHINE_X86, &diags, &rules), 0);
	assert_int_equal(ck_filter_compile(&arena, &rules, NULL, &diags, &program),
			 -EINVAL);
	assert_string_equal(
		diag_text(&arena, &diags),
		"t.ini:91: the filter would have 14685 instructions, the kernel takes 4096; "
		"use groups instead of single calls, and fewer conditions\n");
	ck_arena_free(&arena);
}

static void origins(void **unused)
{
	static const struct {
		const char *text;
		uint32_t nr;
		const char *file, *why;
		unsigned int line;
	} questions[] = {
		{ "base = @service\ndeny = ptrace", PTRACE, "t.ini",
		  "it is denied by name", 2 },
		{ "base = @service\n\nallow = socket(family: 1)", SOCKET, "t.ini",
		  "it is allowed by name, but not with these arguments", 3 },
		{ "base = @service", 0, "t.ini", "its group is allowed", 1 },
		{ "base = @service\ndeny = @mount", MOUNT, "t.ini", "its group is denied",
		  2 },
		{ "base = @service", 999, NULL, "its number has no name", 0 },
		{ "base = @service\ndefault = EACCES", PTRACE, "t.ini",
		  "nothing allows it", 2 },
		{ "[in]\nbase = @all\n[out]\ndeny = ptrace", PTRACE, "out",
		  "it is denied by name", 1 },
		{ "base = @service", CLONE3, "@service",
		  "clone is restricted, and the flags of clone3 cannot be seen", 0 },
	};

	(void)unused;
	for (size_t i = 0; i < CK_ARRAY_SIZE(questions); i++) {
		struct ck_arena arena = { 0 };
		struct ck_diags diags = { &arena, NULL, 0, 0 };
		struct ck_call_data data = { .nr = questions[i].nr, .arch = X86 };
		struct ck_answer verdict;
		struct ck_rules rules;

		assert_int_equal(read_rules(&arena, questions[i].text, 0, CK_MACHINE_X86,
					    &diags, &rules),
				 0);
		ck_evaluate(&rules, NULL, &data, &verdict);
		assert_string_equal(verdict.why, questions[i].why);
		assert_int_equal(verdict.origin.line, questions[i].line);
		if (questions[i].file == NULL)
			assert_null(verdict.origin.file);
		else
			assert_string_equal(verdict.origin.file, questions[i].file);
		ck_arena_free(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(means),
		cmocka_unit_test(refuses),
		cmocka_unit_test(probe_answers),
		cmocka_unit_test(plain_calls_load_no_argument),
		cmocka_unit_test(too_long),
		cmocka_unit_test(origins),
	};

	return UNIT_RUN(tests);
}
