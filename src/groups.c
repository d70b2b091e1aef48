/* SPDX-License-Identifier: MIT */
/*
 * groups.c - the groups of system calls, and what a kept capability brings with it.
 *
 * Which call is in which group stands beside its number in syscalls-*.def. A group says
 * what calls are for, not how dangerous they are; @service is the union that servers live
 * on. It leaves out what makes namespaces and mounts, changes the clock, loads code into
 * the kernel or looks into other processes, io_uring (which passes by a filter), keyrings
 * (shared with the host) and old calls.
 */
#include <string.h>

#include "capkeep.h"

struct group {
	const char name[16], help[80];
};

static const struct group groups[CK_GROUP_WORDS] = {
	[CK_GROUP_AIO] = { "@aio", "the asynchronous I/O of Linux 2.6" },
	[CK_GROUP_BASIC_IO] = { "@basic-io",
				"reading, writing and controlling open descriptors" },
	[CK_GROUP_CHOWN] = { "@chown", "changing the owner of files" },
	[CK_GROUP_CLOCK] = { "@clock", "setting and steering the clock" },
	[CK_GROUP_CPU_EMULATION] = { "@cpu-emulation",
				     "segments, virtual 8086 mode and the like" },
	[CK_GROUP_DEBUG] = { "@debug",
			     "looking into processes, performance events, page faults" },
	[CK_GROUP_ESSENTIAL] = { "@essential",
				 "memory, threads and the end of every process" },
	[CK_GROUP_FILE_SYSTEM] = { "@file-system",
				   "opening, naming and describing files" },
	[CK_GROUP_IO_EVENT] = { "@io-event", "waiting for descriptors" },
	[CK_GROUP_IO_URING] = { "@io-uring",
				"I/O by rings, whose operations no filter sees" },
	[CK_GROUP_IPC] = { "@ipc", "pipes, message queues, semaphores, shared memory" },
	[CK_GROUP_KEYRING] = { "@keyring",
			       "the kernel's keys, not divided by namespaces" },
	[CK_GROUP_MEMLOCK] = { "@memlock", "keeping memory from being swapped" },
	[CK_GROUP_MODULE] = { "@module", "kernel modules" },
	[CK_GROUP_MOUNT] = { "@mount", "mounting, and changing the root" },
	[CK_GROUP_NAMESPACE] = { "@namespace", "leaving and entering namespaces" },
	[CK_GROUP_NETWORK_IO] = { "@network-io", "sockets" },
	[CK_GROUP_OBSOLETE] = { "@obsolete", "calls without users or without function" },
	[CK_GROUP_PKEY] = { "@pkey", "memory protection keys" },
	[CK_GROUP_PRIVILEGED] = { "@privileged",
				  "what only an administrator's program needs" },
	[CK_GROUP_PROCESS] = { "@process",
			       "starting, naming, signalling and awaiting processes" },
	[CK_GROUP_RAW_IO] = { "@raw-io", "ports and PCI devices" },
	[CK_GROUP_REBOOT] = { "@reboot",
			      "restarting the machine or loading another kernel" },
	[CK_GROUP_RESOURCES] = { "@resources", "limits, scheduling, memory policy" },
	[CK_GROUP_SANDBOX] = { "@sandbox", "giving up rights: seccomp, landlock" },
	[CK_GROUP_SETUID] = { "@setuid", "changing users and groups of the process" },
	[CK_GROUP_SIGNAL] = { "@signal", "handling signals" },
	[CK_GROUP_SWAP] = { "@swap", "swap devices" },
	[CK_GROUP_SYNC] = { "@sync", "writing files back to disk" },
	[CK_GROUP_TIMER] = { "@timer", "reading clocks, sleeping, timers" },
	[CK_GROUP_SERVICE] = { "@service", "what servers use" },
};

#define BIT(group) (UINT64_C(1) << CK_GROUP_##group)
#define SERVICE                                                                      \
	(BIT(AIO) | BIT(BASIC_IO) | BIT(CHOWN) | BIT(ESSENTIAL) | BIT(FILE_SYSTEM) | \
	 BIT(IO_EVENT) | BIT(IPC) | BIT(MEMLOCK) | BIT(NETWORK_IO) | BIT(PKEY) |     \
	 BIT(PROCESS) | BIT(RESOURCES) | BIT(SANDBOX) | BIT(SETUID) | BIT(SIGNAL) |  \
	 BIT(SYNC) | BIT(TIMER))

/* Numbers of capabilities(7); the calls that check for them and are of little use
 * without. */
const struct ck_follow ck_follows[] = {
	{ 0, CK_GROUP_CHOWN, "" },	 /* CHOWN */
	{ 2, -1, "open_by_handle_at" },	 /* DAC_READ_SEARCH */
	{ 6, CK_GROUP_SETUID, "" },	 /* SETGID */
	{ 7, CK_GROUP_SETUID, "" },	 /* SETUID */
	{ 10, CK_GROUP_NETWORK_IO, "" }, /* NET_BIND_SERVICE */
	{ 11, CK_GROUP_NETWORK_IO, "" }, /* NET_BROADCAST */
	{ 12, CK_GROUP_NETWORK_IO, "" }, /* NET_ADMIN */
	{ 13, CK_GROUP_NETWORK_IO, "" }, /* NET_RAW */
	{ 14, CK_GROUP_MEMLOCK, "" },	 /* IPC_LOCK */
	{ 16, CK_GROUP_MODULE, "" },	 /* SYS_MODULE */
	{ 17, CK_GROUP_RAW_IO, "" },	 /* SYS_RAWIO */
	{ 18, -1, "chroot" },		 /* SYS_CHROOT */
	{ 19, -1, "kcmp" },		 /* SYS_PTRACE */
	{ 19, -1, "pidfd_getfd" },
	{ 19, -1, "process_vm_readv" },
	{ 19, -1, "process_vm_writev" },
	{ 19, -1, "ptrace" },
	{ 20, -1, "acct" },	    /* SYS_PACCT */
	{ 21, CK_GROUP_MOUNT, "" }, /* SYS_ADMIN */
	{ 21, CK_GROUP_NAMESPACE, "" },
	{ 21, CK_GROUP_SWAP, "" },
	{ 21, -1, "bpf" },
	{ 21, -1, "fanotify_init" },
	{ 21, -1, "lookup_dcookie" },
	{ 21, -1, "perf_event_open" },
	{ 21, -1, "quotactl" },
	{ 21, -1, "quotactl_fd" },
	{ 21, -1, "setdomainname" },
	{ 21, -1, "sethostname" },
	{ 21, -1, "syslog" },
	{ 22, CK_GROUP_REBOOT, "" },	/* SYS_BOOT */
	{ 23, CK_GROUP_RESOURCES, "" }, /* SYS_NICE */
	{ 24, CK_GROUP_RESOURCES, "" }, /* SYS_RESOURCE */
	{ 25, CK_GROUP_CLOCK, "" },	/* SYS_TIME */
	{ 26, -1, "vhangup" },		/* SYS_TTY_CONFIG */
	{ 34, -1, "syslog" },		/* SYSLOG */
	{ 38, -1, "perf_event_open" },	/* PERFMON */
	{ 39, -1, "bpf" },		/* BPF */
	{ 40, -1, "kcmp" },		/* CHECKPOINT_RESTORE */
};
const unsigned int ck_follows_count = CK_ARRAY_SIZE(ck_follows);

int ck_group_find(const char *name, size_t length)
{
	for (unsigned int i = 0; i < CK_GROUP_WORDS; i++)
		if (strlen(groups[i].name) == length &&
		    memcmp(groups[i].name, name, length) == 0)
			return (int)i;
	return -1;
}

const char *ck_group_name(unsigned int group)
{
	return groups[group].name;
}

const char *ck_group_help(unsigned int group)
{
	return groups[group].help;
}

uint64_t ck_group_members(unsigned int group)
{
	return group < CK_GROUP_PRIMARIES ? UINT64_C(1) << group : SERVICE;
}
