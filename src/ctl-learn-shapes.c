/* SPDX-License-Identifier: MIT */
/*
 * Which calls the kernel refuses for want of a capability, how their arguments are
 * written, and which capabilities would let them through: capabilities(7), from weak to
 * powerful.
 */
#include <linux/capability.h>
#include <sys/syscall.h>

#include "ctl-learn-shapes.h"

#define DAC CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE
#define ROW(call, args, access, ...)             \
	{                                        \
		SYS_##call, #call, args, access, \
		{                                \
			__VA_ARGS__              \
		}                                \
	}
#define FILE_ROW(call, args, ...) ROW(call, args, true, __VA_ARGS__)
#define CALL_ROW(call, args, ...) ROW(call, args, false, __VA_ARGS__)

/*
 * d: directory of the path behind it; p: path; n: text that is no path; M: source of
 * mount, which may be either; f: descriptor of a file; o: flags of open; m: mode; u: id;
 * a: socket address, with its length; S: family, type and protocol of socket; k: process;
 * s: signal; i: number; x: number in hexadecimal; c: command of prctl; g: groups; C:
 * capabilities; -: not shown.
 */
const struct ck_shape ck_shapes[] = {
	FILE_ROW(openat, "dpo", DAC, CAP_FOWNER),
	FILE_ROW(openat2, "dp", DAC, CAP_FOWNER),
	FILE_ROW(faccessat, "dp", DAC),
	FILE_ROW(faccessat2, "dp", DAC),
	FILE_ROW(newfstatat, "dp", DAC),
	FILE_ROW(statx, "dp", DAC),
	FILE_ROW(readlinkat, "dp", DAC),
	FILE_ROW(chdir, "p", DAC),
	FILE_ROW(execve, "p", DAC),
	FILE_ROW(execveat, "dp", DAC),
	FILE_ROW(mkdirat, "dpm", DAC),
	FILE_ROW(unlinkat, "dp", DAC, CAP_FOWNER),
	FILE_ROW(linkat, "dpdp", DAC, CAP_FOWNER),
	FILE_ROW(symlinkat, "ndp", DAC),
	FILE_ROW(renameat2, "dpdp", DAC, CAP_FOWNER),
	FILE_ROW(truncate, "pi", DAC),
	FILE_ROW(statfs, "p", DAC),
	FILE_ROW(inotify_add_watch, "-p", DAC),
	FILE_ROW(getxattr, "p", DAC),
	FILE_ROW(mknodat, "dpm", CAP_MKNOD, DAC),
	FILE_ROW(fchownat, "dpuu", CAP_CHOWN, DAC),
	FILE_ROW(fchown, "fuu", CAP_CHOWN),
	FILE_ROW(fchmodat, "dpm", CAP_FOWNER, DAC),
	FILE_ROW(fchmod, "fm", CAP_FOWNER),
	FILE_ROW(utimensat, "dp", CAP_FOWNER, DAC),
	FILE_ROW(setxattr, "pn", CAP_FOWNER, CAP_SETFCAP, CAP_SYS_ADMIN),
	FILE_ROW(fsetxattr, "fn", CAP_FOWNER, CAP_SETFCAP, CAP_SYS_ADMIN),
	FILE_ROW(lsetxattr, "pn", CAP_FOWNER, CAP_SETFCAP, CAP_SYS_ADMIN),
	FILE_ROW(open_by_handle_at, "f", CAP_DAC_READ_SEARCH),
	FILE_ROW(chroot, "p", CAP_SYS_CHROOT),
	FILE_ROW(acct, "p", CAP_SYS_PACCT),
	FILE_ROW(mount, "Mp", CAP_SYS_ADMIN),
	FILE_ROW(umount2, "p", CAP_SYS_ADMIN),
	FILE_ROW(pivot_root, "pp", CAP_SYS_ADMIN),
	FILE_ROW(write, "f", CAP_SYS_RESOURCE, CAP_SYS_ADMIN),
	FILE_ROW(read, "f", CAP_SYSLOG, CAP_SYS_ADMIN),
#ifdef SYS_open
	FILE_ROW(open, "po", DAC, CAP_FOWNER),
	FILE_ROW(creat, "pm", DAC),
	FILE_ROW(access, "p", DAC),
	FILE_ROW(stat, "p", DAC),
	FILE_ROW(lstat, "p", DAC),
	FILE_ROW(readlink, "p", DAC),
	FILE_ROW(mkdir, "pm", DAC),
	FILE_ROW(rmdir, "p", DAC, CAP_FOWNER),
	FILE_ROW(unlink, "p", DAC, CAP_FOWNER),
	FILE_ROW(link, "pp", DAC, CAP_FOWNER),
	FILE_ROW(symlink, "np", DAC),
	FILE_ROW(rename, "pp", DAC, CAP_FOWNER),
	FILE_ROW(renameat, "dpdp", DAC, CAP_FOWNER),
	FILE_ROW(mknod, "pm", CAP_MKNOD, DAC),
	FILE_ROW(chown, "puu", CAP_CHOWN, DAC),
	FILE_ROW(lchown, "puu", CAP_CHOWN, DAC),
	FILE_ROW(chmod, "pm", CAP_FOWNER, DAC),
	FILE_ROW(utime, "p", CAP_FOWNER, DAC),
	FILE_ROW(utimes, "p", CAP_FOWNER, DAC),
	CALL_ROW(iopl, "i", CAP_SYS_RAWIO),
	CALL_ROW(ioperm, "ii", CAP_SYS_RAWIO),
#endif
	CALL_ROW(setuid, "u", CAP_SETUID),
	CALL_ROW(setreuid, "uu", CAP_SETUID),
	CALL_ROW(setresuid, "uuu", CAP_SETUID),
	CALL_ROW(setgid, "u", CAP_SETGID),
	CALL_ROW(setregid, "uu", CAP_SETGID),
	CALL_ROW(setresgid, "uuu", CAP_SETGID),
	CALL_ROW(setgroups, "g", CAP_SETGID),
	CALL_ROW(bind, "-a", CAP_NET_BIND_SERVICE, CAP_NET_RAW, CAP_DAC_OVERRIDE),
	CALL_ROW(connect, "-a", CAP_DAC_OVERRIDE),
	CALL_ROW(sendto, "----a", CAP_NET_RAW, CAP_DAC_OVERRIDE),
	CALL_ROW(socket, "S", CAP_NET_RAW, CAP_NET_ADMIN),
	CALL_ROW(setsockopt, "-ii", CAP_NET_RAW, CAP_NET_ADMIN),
	CALL_ROW(ioctl, "fx", CAP_NET_ADMIN, CAP_SYS_TTY_CONFIG, CAP_SYS_ADMIN),
	CALL_ROW(kill, "ks", CAP_KILL),
	CALL_ROW(tkill, "ks", CAP_KILL),
	CALL_ROW(tgkill, "k-s", CAP_KILL),
	CALL_ROW(pidfd_send_signal, "-s", CAP_KILL),
	CALL_ROW(setpriority, "i-i", CAP_SYS_NICE),
	CALL_ROW(sched_setscheduler, "ki", CAP_SYS_NICE),
	CALL_ROW(sched_setparam, "k", CAP_SYS_NICE),
	CALL_ROW(sched_setattr, "k", CAP_SYS_NICE),
	CALL_ROW(sched_setaffinity, "k", CAP_SYS_NICE),
	CALL_ROW(ioprio_set, "i-i", CAP_SYS_NICE),
	CALL_ROW(setrlimit, "i", CAP_SYS_RESOURCE),
	CALL_ROW(prlimit64, "ki", CAP_SYS_RESOURCE),
	CALL_ROW(fcntl, "fi", CAP_LEASE, CAP_SYS_RESOURCE),
	CALL_ROW(mlock, "-i", CAP_IPC_LOCK),
	CALL_ROW(mlockall, "i", CAP_IPC_LOCK),
	CALL_ROW(shmctl, "ii", CAP_IPC_OWNER, CAP_IPC_LOCK),
	CALL_ROW(shmget, "xi", CAP_IPC_OWNER),
	CALL_ROW(semget, "xi", CAP_IPC_OWNER),
	CALL_ROW(msgget, "x", CAP_IPC_OWNER),
	CALL_ROW(settimeofday, "", CAP_SYS_TIME),
	CALL_ROW(clock_settime, "i", CAP_SYS_TIME),
	CALL_ROW(adjtimex, "", CAP_SYS_TIME),
	CALL_ROW(clock_adjtime, "i", CAP_SYS_TIME),
	CALL_ROW(ptrace, "ik", CAP_SYS_PTRACE),
	CALL_ROW(process_vm_readv, "k", CAP_SYS_PTRACE),
	CALL_ROW(kcmp, "kk", CAP_SYS_PTRACE),
	CALL_ROW(capset, "C", CAP_SETPCAP),
	CALL_ROW(prctl, "ci", CAP_SETPCAP, CAP_SYS_RESOURCE),
	CALL_ROW(syslog, "i", CAP_SYSLOG),
	CALL_ROW(reboot, "", CAP_SYS_BOOT),
	CALL_ROW(vhangup, "", CAP_SYS_TTY_CONFIG),
	CALL_ROW(init_module, "", CAP_SYS_MODULE),
	CALL_ROW(finit_module, "f", CAP_SYS_MODULE),
	CALL_ROW(delete_module, "n", CAP_SYS_MODULE),
	CALL_ROW(bpf, "i", CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON, CAP_SYS_ADMIN),
	CALL_ROW(perf_event_open, "", CAP_PERFMON, CAP_SYS_ADMIN),
	CALL_ROW(unshare, "x", CAP_SYS_ADMIN),
	CALL_ROW(setns, "fx", CAP_SYS_ADMIN),
	CALL_ROW(clone, "x", CAP_SYS_ADMIN),
	CALL_ROW(clone3, "", CAP_SYS_ADMIN),
	CALL_ROW(sethostname, "n", CAP_SYS_ADMIN),
	CALL_ROW(setdomainname, "n", CAP_SYS_ADMIN),
	CALL_ROW(fanotify_init, "x", CAP_SYS_ADMIN),
	CALL_ROW(quotactl, "x", CAP_SYS_ADMIN),
	CALL_ROW(swapon, "p", CAP_SYS_ADMIN),
	CALL_ROW(swapoff, "p", CAP_SYS_ADMIN),
};
const size_t ck_shapes_count = CK_ARRAY_SIZE(ck_shapes);
