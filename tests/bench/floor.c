/* SPDX-License-Identifier: MIT */
/*
 * floor.c - the least that a launcher can cost: one profile's kernel calls, hard-coded.
 *
 *	floor root COMMAND...	uid 0 stays, the sets are cut to NET_BIND_SERVICE
 *	floor user COMMAND...	becomes www-data (33:33), NET_BIND_SERVICE is ambient
 *	floor none COMMAND...	the built-in default: keeps nothing, the user stays
 *
 * With rootp, userp and nonep it also reads the whole state before the change and after
 * it, as capkeep does for its plan and its proof, which shows what these cost by
 * themselves. With rootf it loads a filter of one instruction, which shows what the
 * kernel takes for any filter. It reads no profile, uses no library but libc, and
 * whatever fails makes it give up.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NET_BIND_SERVICE = 10, WWW_DATA = 33, CAP_BITS = 64, GAVE_UP = 125 };

/* The kernel's own layout, see capget(2); musl-gcc has no linux/capability.h. */
struct cap_header {
	uint32_t version;
	int pid;
};
struct cap_data {
	uint32_t effective, permitted, inheritable;
};
#define CAP_VERSION_3 0x20080522U

static void need(bool fine)
{
	if (!fine)
		_exit(GAVE_UP);
}

static int control(int option, unsigned long a, unsigned long b)
{
	return prctl(option, a, b, 0UL, 0UL);
}

static void cut_bounding(uint64_t keep)
{
	unsigned int cap;

	for (cap = 0; cap < CAP_BITS; cap++) {
		if ((keep >> cap & 1U) != 0)
			continue;
		if (control(PR_CAPBSET_DROP, cap, 0) < 0) {
			need(errno == EINVAL);
			return;
		}
	}
}

static void set_sets(uint64_t keep, uint64_t inheritable)
{
	struct cap_header header = { .version = CAP_VERSION_3 };
	struct cap_data data[2] = {
		{ (uint32_t)keep, (uint32_t)keep, (uint32_t)inheritable },
		{ (uint32_t)(keep >> 32), (uint32_t)(keep >> 32),
		  (uint32_t)(inheritable >> 32) },
	};

	need(syscall(SYS_capset, &header, data) == 0);
}

static void become_user(uint64_t keep)
{
	gid_t group = WWW_DATA;

	need(control(PR_SET_KEEPCAPS, 1, 0) == 0);
	need(setgroups(1, &group) == 0);
	need(setresgid(WWW_DATA, WWW_DATA, WWW_DATA) == 0);
	need(setresuid(WWW_DATA, WWW_DATA, WWW_DATA) == 0);
	need(control(PR_SET_KEEPCAPS, 0, 0) == 0);
	set_sets(keep, keep);
	need(control(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, NET_BIND_SERVICE) == 0);
}

static void read_sets(void)
{
	struct cap_header header = { .version = CAP_VERSION_3 };
	struct cap_data data[2];
	unsigned int cap;

	need(control(PR_CAPBSET_READ, 1000, 0) < 0);
	need(control(PR_CAP_AMBIENT, 1000, 0) < 0);
	need(syscall(SYS_capget, &header, data) == 0);
	for (cap = 0; cap < CAP_BITS; cap++) {
		uint32_t bit = 1U << cap % 32;
		struct cap_data *half = &data[cap / 32];

		(void)control(PR_CAPBSET_READ, cap, 0);
		/* The ambient set is always a part of both of these. */
		if ((half->permitted & half->inheritable & bit) != 0)
			(void)control(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap);
	}
}

/* Every bit by itself, the flags, the ids, and calls that the kernel has to refuse. */
static void read_state(void)
{
	gid_t groups[64];
	uid_t uid[3];
	gid_t gid[3];

	read_sets();
	need(control(PR_GET_SECUREBITS, 0, 0) >= 0);
	need(control(PR_GET_NO_NEW_PRIVS, 0, 0) >= 0);
	need(getresuid(&uid[0], &uid[1], &uid[2]) == 0);
	need(getresgid(&gid[0], &gid[1], &gid[2]) == 0);
	need(syscall(SYS_getgroups, -1, groups) < 0);
	need(getgroups(64, groups) >= 0);
}

/* Allows everything; the layouts are those of linux/filter.h. */
static void load_filter(void)
{
	static const struct {
		uint16_t code;
		uint8_t jt, jf;
		uint32_t k;
	} allow = { 0x06, 0, 0, 0x7fff0000U };
	const struct {
		unsigned short length;
		const void *code;
	} program = { 1, &allow };

	need(prctl(PR_SET_SECCOMP, 2UL, (unsigned long)&program, 0UL, 0UL) == 0);
}

int main(int argc, char **argv, char **envp)
{
	uint64_t keep = UINT64_C(1) << NET_BIND_SERVICE;
	bool proof;

	need(argc >= 3 && strlen(argv[1]) >= 4);
	proof = argv[1][4] == 'p';
	if (argv[1][0] == 'n')
		keep = 0;
	if (proof)
		read_state();
	need(control(PR_SET_NO_NEW_PRIVS, 1, 0) == 0);
	cut_bounding(keep);
	if (argv[1][0] == 'u')
		become_user(keep);
	else
		set_sets(keep, 0);
	/* close-fds = yes is the profile's default */
	need(syscall(SYS_close_range, 3U, ~0U, 0U) == 0);
	if (proof)
		read_state();
	if (argv[1][4] == 'f')
		load_filter();
	execve(argv[2], argv + 2, envp);
	return errno == ENOENT ? 127 : 126;
}
