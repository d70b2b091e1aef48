/* SPDX-License-Identifier: MIT */
/*
 * What exec makes of a state and a file, predicted and then done: a child becomes what
 * chance says, looks at a copy of this program whose owner, mode, capabilities and mount
 * chance has chosen too, says what it expects and executes it; the copy says what it has
 * become.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define RUNS 1000
#define REPORT "--report"
#define REPORT_FD 9
#define OTHER 1000

/* Of the process before exec, as wished for. */
struct wish {
	struct ck_sets sets;
	uid_t uid;
	gid_t gid;
	unsigned int securebits;
	bool no_new_privs;
};

struct report {
	struct ck_sets sets;
	uid_t euid, suid;
	gid_t egid, sgid;
	bool secure;
	int death_signal, error;
};

static gid_t groups[CK_GROUPS_MAX];
static uint64_t seed, all;
static const char *folders[2]; /* the second is a nosuid mount */

static uint64_t pick(uint64_t below)
{
	return (unit_random(&seed) >> 8) % below;
}

static uint64_t some_of(uint64_t set)
{
	switch (pick(5)) {
	case 0:
		return 0;
	case 1:
		return set;
	case 2:
		return set & unit_random(&seed) & unit_random(&seed) & unit_random(&seed);
	default:
		return set & unit_random(&seed);
	}
}

static struct wish make_wish(void)
{
	static const unsigned int bits[] = { 0,
					     0,
					     0,
					     SECBIT_NOROOT,
					     SECBIT_NO_SETUID_FIXUP,
					     SECBIT_NOROOT | SECBIT_NOROOT_LOCKED,
					     SECBIT_KEEP_CAPS,
					     SECBIT_NO_CAP_AMBIENT_RAISE };
	struct wish w = { .securebits = bits[pick(CK_ARRAY_SIZE(bits))] };

	w.sets.bounding = some_of(all);
	w.sets.permitted = some_of(all);
	w.sets.effective = some_of(w.sets.permitted);
	w.sets.inheritable = some_of(all);
	w.sets.ambient = some_of(w.sets.permitted & w.sets.inheritable);
	/* Where real and effective ids differ the launcher does not start. */
	w.uid = pick(2) ? OTHER : 0;
	w.gid = pick(2) ? OTHER : 0;
	w.no_new_privs = pick(3) == 0;
	return w;
}

/* struct vfs_ns_cap_data, as setcap writes it */
static void set_caps(const char *path)
{
	struct vfs_ns_cap_data data = { .magic_etc = VFS_CAP_REVISION_2 };
	uint64_t permitted = some_of(all), inheritable = some_of(all);
	size_t size = XATTR_CAPS_SZ_2, i;

	removexattr(path, "security.capability");
	if (pick(2))
		return;
	if (pick(3) == 0) {
		data.magic_etc = VFS_CAP_REVISION_3;
		size = XATTR_CAPS_SZ_3;
	}
	data.magic_etc |= pick(2) ? VFS_CAP_FLAGS_EFFECTIVE : 0;
	for (i = 0; i < 2; i++) {
		data.data[i].permitted = (uint32_t)(permitted >> (32 * i));
		data.data[i].inheritable = (uint32_t)(inheritable >> (32 * i));
	}
	if (setxattr(path, "security.capability", &data, size, 0) < 0)
		_exit(2);
}

static int change_file(const char *path)
{
	static const unsigned int modes[] = { 0755,  0755,  04755, 04755,
					      02755, 02745, 06755 };

	CLAIM(chown(path, pick(2) ? OTHER : 0, pick(2) ? OTHER : 0) == 0);
	CLAIM(chmod(path, modes[pick(CK_ARRAY_SIZE(modes))]) == 0);
	set_caps(path);
	return 0;
}

static int become(const struct wish *w)
{
	const struct ck_sys *sys = &ck_sys_kernel;
	uint64_t working = w->sets.permitted | CK_CAP(CAP_SETPCAP);
	unsigned int cap;

	CLAIM(prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS, 0, 0, 0) == 0);
	CLAIM(sys->set(all, all, w->sets.inheritable) == 0);
	for (cap = 0; cap < CK_CAP_BITS; cap++)
		if (all & ~w->sets.bounding & CK_CAP(cap))
			CLAIM(prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0);
	CLAIM(setgroups(0, NULL) == 0);
	CLAIM(setresgid(w->gid, w->gid, w->gid) == 0);
	CLAIM(setresuid(w->uid, w->uid, w->uid) == 0);
	CLAIM(sys->set(working, working, w->sets.inheritable) == 0);
	for (cap = 0; cap < CK_CAP_BITS; cap++)
		if (w->sets.ambient & CK_CAP(cap))
			CLAIM(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) ==
			      0);
	CLAIM(prctl(PR_SET_SECUREBITS, w->securebits, 0, 0, 0) == 0);
	CLAIM(sys->set(w->sets.permitted, w->sets.effective, w->sets.inheritable) == 0);
	CLAIM(!w->no_new_privs || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CLAIM(prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) == 0);
	return 0;
}

static int predict(const char *path, struct report *ret)
{
	const struct ck_seeker seeker = { .self = true };
	struct ck_target target = { .path = path };
	struct ck_exec_result result;
	struct ck_state state;
	const char *call;

	CLAIM(ck_state_read(&ck_sys_kernel, groups, &call, &state) == 0);
	ck_target_inspect(&unit_arena, path, &seeker, &target);
	CLAIM(target.fcaps.error == 0);
	ck_exec_predict(&state, &target, &result);
	memset(ret, 0, sizeof(*ret));
	ret->sets = result.sets;
	ret->euid = ret->suid = result.euid;
	ret->egid = ret->sgid = result.egid;
	ret->secure = result.secure;
	/* commit_creds() clears it too, where ids change or permitted grows, which the
	 * planner refuses anyway. */
	ret->death_signal =
		result.secure || result.euid != state.euid || result.egid != state.egid ||
				result.sets.permitted & ~state.sets.permitted ?
			0 :
			SIGTERM;
	ret->error = target.error ? target.error : result.error;
	return 0;
}

/* The copy, after exec. */
static int report(void)
{
	struct report now;
	struct ck_state state;
	const char *call;

	memset(&now, 0, sizeof(now));
	CLAIM(ck_state_read(&ck_sys_kernel, groups, &call, &state) == 0);
	now.sets = state.sets;
	now.euid = state.euid;
	now.suid = state.suid;
	now.egid = state.egid;
	now.sgid = state.sgid;
	now.secure = getauxval(AT_SECURE) != 0;
	CLAIM(prctl(PR_GET_PDEATHSIG, &now.death_signal, 0, 0, 0) == 0);
	CLAIM(write(REPORT_FD, &now, sizeof(now)) == (ssize_t)sizeof(now));
	return 0;
}

static int tell_line(int line)
{
	if (line)
		dprintf(STDOUT_FILENO, "# failed in line %d (errno %d)\n", line, errno);
	return line ? 1 : 0;
}

/* Writes the prediction and, where exec fails, a report with its error. */
static int start_copy(const char *path, const struct wish *w)
{
	char name[] = "copy", option[] = REPORT;
	char *argv[] = { name, option, NULL }, *envp[] = { NULL };
	struct report predicted, failed;

	CLAIM(tell_line(become(w)) == 0);
	CLAIM(tell_line(predict(path, &predicted)) == 0);
	CLAIM(write(REPORT_FD, &predicted, sizeof(predicted)) ==
	      (ssize_t)sizeof(predicted));
	execve(path, argv, envp);
	memset(&failed, 0, sizeof(failed));
	failed.error = errno;
	CLAIM(write(REPORT_FD, &failed, sizeof(failed)) == (ssize_t)sizeof(failed));
	return 0;
}

static void tell(const char *who, const struct report *r)
{
	dprintf(STDOUT_FILENO,
		"# %-9s bounding %llx permitted %llx effective %llx inheritable %llx "
		"ambient %llx uid %u/%u gid %u/%u secure %d signal %d error %d\n",
		who, (unsigned long long)r->sets.bounding,
		(unsigned long long)r->sets.permitted,
		(unsigned long long)r->sets.effective,
		(unsigned long long)r->sets.inheritable,
		(unsigned long long)r->sets.ambient, r->euid, r->suid, r->egid, r->sgid,
		r->secure, r->death_signal, r->error);
}

static int compare(const struct report *predicted, const struct report *real,
		   const struct wish *w, const char *path)
{
	struct stat st;

	if (predicted->error || real->error) {
		if (predicted->error == real->error)
			return 0;
	} else if (!memcmp(predicted, real, sizeof(*real))) {
		return 0;
	}
	tell("predicted", predicted);
	tell("real", real);
	if (stat(path, &st) == 0)
		dprintf(STDOUT_FILENO,
			"# %s %u:%u %o; before: uid %u, gid %u, securebits %x, "
			"no_new_privs %d, permitted %llx, effective %llx\n",
			path, st.st_uid, st.st_gid, st.st_mode, w->uid, w->gid,
			w->securebits, w->no_new_privs,
			(unsigned long long)w->sets.permitted,
			(unsigned long long)w->sets.effective);
	return __LINE__;
}

static int run_once(void)
{
	const char *path = unit_format("%s/copy", folders[pick(4) == 0]);
	const struct wish w = make_wish();
	struct report predicted, real;
	int ends[2], status;
	pid_t child;

	CLAIM(change_file(path) == 0);
	CLAIM(pipe2(ends, O_CLOEXEC) == 0);
	child = fork();
	CLAIM(child >= 0);
	if (child == 0) {
		if (dup2(ends[1], REPORT_FD) < 0)
			_exit(1);
		_exit(tell_line(start_copy(path, &w)));
	}
	close(ends[1]);
	CLAIM(read(ends[0], &predicted, sizeof(predicted)) == (ssize_t)sizeof(predicted));
	CLAIM(read(ends[0], &real, sizeof(real)) == (ssize_t)sizeof(real));
	close(ends[0]);
	CLAIM(waitpid(child, &status, 0) == child && status == 0);
	return compare(&predicted, &real, &w, path);
}

static int run_all(void *data)
{
	struct ck_state state;
	const char *call;
	size_t length;
	const char *bytes = unit_read("/proc/self/exe", &length);
	int i, line;

	(void)data;
	CLAIM(ck_state_read(&ck_sys_kernel, groups, &call, &state) == 0);
	all = state.sets.bounding & state.sets.permitted;
	CLAIM(unshare(CLONE_NEWNS) == 0);
	CLAIM(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0);
	for (i = 0; i < 2; i++) {
		CLAIM(mount("tmpfs", folders[i], "tmpfs", i ? MS_NOSUID : 0,
			    "mode=0755") == 0);
		unit_write(unit_format("%s/copy", folders[i]), bytes, length, 0755);
	}
	for (i = 0; i < RUNS; i++) {
		line = run_once();
		if (line)
			dprintf(STDOUT_FILENO, "# run %d failed in line %d\n", i, line);
		CLAIM(line == 0);
	}
	return 0;
}

static void exec_does_what_is_predicted(void **state)
{
	(void)state;
	UNIT_NEED_ROOT();
	if (unit_in_valgrind())
		UNIT_SKIP("valgrind cannot do that");
	seed = unit_seed();
	folders[0] = unit_file("plain");
	folders[1] = unit_file("nosuid");
	assert_int_equal(mkdir(folders[0], 0755), 0);
	assert_int_equal(mkdir(folders[1], 0755), 0);
	unit_in_child(run_all, NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exec_does_what_is_predicted),
	};

	if (argc == 2 && !strcmp(argv[1], REPORT))
		_exit(report() == 0 ? 0 : 1);
	return UNIT_RUN(tests);
}
