/* SPDX-License-Identifier: MIT */
/*
 * What there is to know of each capability, in our words: what the kernel asks it for,
 * what it is taken for by mistake, how far it reaches, and what is cheaper. Who gives it
 * by default comes from the masks in ctl-caps.c.
 */
#include "ctl.h"

const struct ck_cap_facts ck_cap_facts[CK_CAPS_KNOWN] = {
	/* CHOWN */
	{ "give a file any owner and group (chown, lchown, fchownat)",
	  "giving away a file's group among one's own groups, which every owner may do",
	  CK_REACH_ROOT,
	  "take over /etc/shadow, or a library that root loads, and rewrite it",
	  "set owners when the image is built (COPY --chown), or fsGroup in a pod" },
	/* DAC_OVERRIDE */
	{ "read, write and search past the permission bits of files and directories",
	  "being root: uid 0 without it obeys modes like anybody else", CK_REACH_ROOT,
	  "write /etc/passwd, a crontab or a binary that root runs",
	  "give the files to the user who needs them; DAC_READ_SEARCH where reading is "
	  "all" },
	/* DAC_READ_SEARCH */
	{ "read any file, search any directory, open by handle (open_by_handle_at)",
	  "writing: it gives none", CK_REACH_ROOT,
	  "read /etc/shadow and every key; by handles also files outside of the "
	  "container on the same file system",
	  "a group with read permission, or an ACL" },
	/* FOWNER */
	{ "act as the owner of any file: chmod, utimes, ACLs, delete under the sticky "
	  "bit",
	  "changing the owner, which is CHOWN", CK_REACH_ROOT,
	  "chmod a file of root's to be writable, then write it",
	  "run as the owner of the files" },
	/* FSETID */
	{ "keep set-user-ID and set-group-ID when a file is written, set the group bit "
	  "on a file of another group",
	  "setting the set-user-ID bit on one's own file, which needs nothing",
	  CK_REACH_NARROW, "only together with being able to write a privileged file",
	  "none is needed as a rule: drop it" },
	/* KILL */
	{ "send signals to processes of other users (kill, sigqueue)",
	  "signalling one's own children, or processes of the same uid", CK_REACH_NARROW,
	  "can stop anything that it sees; a pid namespace limits that",
	  "let workers run as the user of their master, or tell them by a pipe" },
	/* SETGID */
	{ "set any gid and any supplementary groups (setgid, setresgid, setgroups), "
	  "forge gids on sockets",
	  "the set-group-ID bit of a file, which needs none to work", CK_REACH_NEAR,
	  "become a member of group shadow, disk or docker, where these exist",
	  "let capkeep or the runtime set the user before the start (user =)" },
	/* SETUID */
	{ "set any uid (setuid, setresuid), forge uids on sockets, write a uid map",
	  "the set-user-ID bit of a file, which needs none to work", CK_REACH_ROOT,
	  "become uid 0 again, unless the bounding set or securebits take root's power "
	  "away",
	  "let capkeep or the runtime set the user before the start (user =)" },
	/* SETPCAP */
	{ "cut the bounding set, add to inheritable from it, change securebits",
	  "giving capabilities to other processes, which no kernel of today allows",
	  CK_REACH_NARROW, "it adds nothing that is not in the bounding set",
	  "capkeep needs it at the start only; nobody after that" },
	/* LINUX_IMMUTABLE */
	{ "set and clear the immutable and append-only flags of files (FS_IOC_SETFLAGS)",
	  "writing such files: the flag has to go first", CK_REACH_NARROW,
	  "undoes a protection, gives no access of its own",
	  "none is needed in a service" },
	/* NET_BIND_SERVICE */
	{ "bind ports below net.ipv4.ip_unprivileged_port_start (1024)",
	  "binding any port in docker and containerd, which set that sysctl to 0 in a "
	  "private network namespace",
	  CK_REACH_NARROW, "can pose as a system service on its port",
	  "the sysctl, a port above 1023 behind a mapping, or socket activation" },
	/* NET_BROADCAST */
	{ "nothing: no kernel of today asks for it",
	  "sending broadcasts, which needs SO_BROADCAST only", CK_REACH_NARROW,
	  "without effect", "drop it" },
	/* NET_ADMIN */
	{ "configure interfaces, routes, firewall, tunnels, qdiscs, promiscuous mode, "
	  "some socket options (SO_MARK, SO_PRIORITY, TCP_REPAIR), netlink",
	  "ping and binding ports", CK_REACH_WIDE,
	  "rules over the network namespace: with the host's network it can redirect "
	  "and read all traffic; nf_tables is a large surface of the kernel",
	  "let an init container or the network plugin set it up; sysctls in the pod "
	  "spec" },
	/* NET_RAW */
	{ "open raw and packet sockets (SOCK_RAW, AF_PACKET), bind any address "
	  "transparently",
	  "ping, which works without where net.ipv4.ping_group_range has the group",
	  CK_REACH_WIDE,
	  "forge ARP, DNS and TCP of neighbours on the same bridge, and read what passes",
	  "net.ipv4.ping_group_range=0 2147483647 for ping" },
	/* IPC_LOCK */
	{ "lock memory beyond the limit (mlock, mlockall, SHM_LOCK), huge pages",
	  "locking within RLIMIT_MEMLOCK, which needs none", CK_REACH_NARROW,
	  "can use up memory that cannot be swapped",
	  "raise memlock: [limits], LimitMEMLOCK=, --ulimit" },
	/* IPC_OWNER */
	{ "use System V queues, semaphores and shared memory past their modes",
	  "one's own IPC objects", CK_REACH_NARROW, "ends at the IPC namespace",
	  "create the objects with the right owner and mode" },
	/* SYS_MODULE */
	{ "load and unload kernel modules (init_module, finit_module, delete_module)",
	  "having a module loaded on demand by the kernel (a file system, a protocol)",
	  CK_REACH_ROOT,
	  "a module is code in the kernel: the whole machine, out of any container",
	  "load modules on the host at boot (modules-load.d)" },
	/* SYS_RAWIO */
	{ "port and memory access (iopl, ioperm, /dev/mem, /dev/port), raw SCSI "
	  "commands, FIBMAP",
	  "reading a block device, which is a matter of its mode", CK_REACH_ROOT,
	  "write physical memory or disks beneath the file system",
	  "a device with a driver, given by --device" },
	/* SYS_CHROOT */
	{ "chroot, and joining a mount namespace (setns)",
	  "pivot_root and mounts, which are SYS_ADMIN", CK_REACH_NEAR,
	  "leave a chroot that still has it; with set-user-ID programs inside of a "
	  "prepared tree it is root, no_new_privs forbids that",
	  "let the runtime provide the root directory" },
	/* SYS_PTRACE */
	{ "trace, read and write any process in sight (ptrace, process_vm_writev, "
	  "/proc/PID/mem), kcmp, userfaultfd in the kernel",
	  "tracing one's own processes, unless Yama forbids it", CK_REACH_ROOT,
	  "take over a process that holds more; with the host's pids, init itself",
	  "debug from a sidecar with a shared pid namespace, and only then" },
	/* SYS_PACCT */
	{ "switch process accounting (acct)", "reading accounting files", CK_REACH_NARROW,
	  "writes accounting records over a file that it can open",
	  "none is needed in a service" },
	/* SYS_ADMIN */
	{ "mount, setns, unshare, swapon, sethostname, quotas, file handles, many "
	  "ioctls, seccomp without no_new_privs, tracing, device control: more than any other",
	  "a general 'administrator' that is meant to be given; nearly always a narrower "
	  "one exists",
	  CK_REACH_ROOT,
	  "mount the host's disk, or write a cgroup release agent or core_pattern",
	  "BPF, PERFMON, SYSLOG or CHECKPOINT_RESTORE have taken parts of it over" },
	/* SYS_BOOT */
	{ "reboot, kexec_load", "stopping a container", CK_REACH_ROOT,
	  "kexec starts a kernel of one's own; in a pid namespace reboot only ends that",
	  "ask the service manager of the host" },
	/* SYS_NICE */
	{ "raise priorities, real-time scheduling, affinity and I/O class of any "
	  "process, move_pages, mbind",
	  "making oneself slower, which needs none", CK_REACH_NARROW,
	  "can starve others of processor time",
	  "[limits] nice and rtprio, or cpu shares of the cgroup" },
	/* SYS_RESOURCE */
	{ "raise hard limits, go beyond quotas and pids limits, reserved disk blocks, "
	  "pipe and queue sizes",
	  "raising a soft limit up to the hard one", CK_REACH_NARROW,
	  "takes limits away that protect the machine",
	  "set the limits outside: --ulimit, Limit*=" },
	/* SYS_TIME */
	{ "set the clock (settimeofday, clock_settime, adjtimex, /dev/rtc)",
	  "reading the clock, and time zones", CK_REACH_WIDE,
	  "the clock is the whole machine's: certificates, tickets and logs follow it",
	  "let the host run chrony or timesyncd" },
	/* SYS_TTY_CONFIG */
	{ "vhangup, and settings of virtual consoles", "using a terminal",
	  CK_REACH_NARROW, "reaches consoles of the machine only",
	  "none is needed in a service" },
	/* MKNOD */
	{ "create device nodes (mknod)", "named pipes and sockets, which need none",
	  CK_REACH_NEAR,
	  "a node for the disk is the disk; the device cgroup of containers forbids its "
	  "use",
	  "give devices by --device; the runtime has made /dev already" },
	/* LEASE */
	{ "take leases on files of others (fcntl F_SETLEASE)",
	  "leases on one's own files", CK_REACH_NARROW, "can delay who opens a file",
	  "run as the owner of the files" },
	/* AUDIT_WRITE */
	{ "write records to the kernel's audit log",
	  "syslog and log files; sshd, su and login want it, others do not",
	  CK_REACH_NARROW, "can flood or forge the log", "drop it: PAM goes on without" },
	/* AUDIT_CONTROL */
	{ "switch auditing and change its rules", "writing audit records", CK_REACH_WIDE,
	  "hides what happens on the machine", "let the host run auditd" },
	/* SETFCAP */
	{ "set file capabilities (setcap), map uid 0 into a user namespace",
	  "running programs that have file capabilities, which needs none", CK_REACH_NEAR,
	  "gives a program what the bounding set still has; nothing under no_new_privs",
	  "setcap when the image is built" },
	/* MAC_OVERRIDE */
	{ "go past the rules of Smack", "SELinux and AppArmor, which do not ask for it",
	  CK_REACH_WIDE, "undoes mandatory access control where Smack is in use",
	  "drop it" },
	/* MAC_ADMIN */
	{ "change rules of AppArmor and Smack, set unknown SELinux labels",
	  "running under a profile", CK_REACH_WIDE,
	  "a container can replace the profile that confines it",
	  "load profiles on the host" },
	/* SYSLOG */
	{ "read and clear the kernel's log where dmesg_restrict is set, see kernel "
	  "addresses",
	  "syslog(3) and /dev/log, which need none", CK_REACH_WIDE,
	  "kernel addresses make other attacks easier", "read logs on the host" },
	/* WAKE_ALARM */
	{ "wake the machine from suspend (CLOCK_REALTIME_ALARM timers)",
	  "ordinary timers", CK_REACH_NARROW, "drains a battery",
	  "none is needed in a service" },
	/* BLOCK_SUSPEND */
	{ "keep the machine awake (EPOLLWAKEUP, /proc/sys/wake_lock)", "ordinary epoll",
	  CK_REACH_NARROW, "drains a battery", "an inhibitor of the session manager" },
	/* AUDIT_READ */
	{ "read the audit log by multicast netlink", "writing audit records",
	  CK_REACH_WIDE, "sees what all processes of the machine do",
	  "read what auditd has written" },
	/* PERFMON */
	{ "performance events of the system, tracing BPF programs together with BPF",
	  "profiling one's own processes where perf_event_paranoid allows", CK_REACH_WIDE,
	  "samples of the kernel and of other processes can leak secrets",
	  "lower kernel.perf_event_paranoid for a while" },
	/* BPF */
	{ "load BPF programs and maps (bpf); networking ones with NET_ADMIN, tracing "
	  "with PERFMON",
	  "socket filters (SO_ATTACH_FILTER) and seccomp, which need none", CK_REACH_NEAR,
	  "together with PERFMON it reads kernel memory and any process",
	  "let an agent on the host load the programs and hand over descriptors" },
	/* CHECKPOINT_RESTORE */
	{ "choose pids (clone3 set_tid), read /proc/PID/map_files, for criu",
	  "stopping and continuing processes", CK_REACH_NARROW,
	  "sees files that are mapped by others",
	  "grant it for the time of a restore only" },
};
