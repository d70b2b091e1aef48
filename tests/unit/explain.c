/* SPDX-License-Identifier: MIT */
/* Why a start that had begun came to nothing: message and exit status. */
#include "unit.h"

#include <errno.h>
#include <string.h>

struct failure {
	const char *name;
	enum ck_step_id step;
	const char *call;
	int error, status;
	const char *message; /* what it has to say, among other things */
};

static const struct failure rows[] = {
	{ "a refused call", CK_STEP_NO_NEW_PRIVS, "prctl(PR_SET_NO_NEW_PRIVS)", EPERM,
	  125, "no_new_privs: prctl(PR_SET_NO_NEW_PRIVS): Operation not permitted" },
	{ "groups in a user namespace", CK_STEP_GROUPS, "setgroups", EPERM, 125,
	  "groups: setgroups: Operation not permitted (this user namespace forbids it "
	  "(setgroups: "
	  "deny); write groups = unchanged)" },
	{ "an unmapped group", CK_STEP_GROUPS, "setgroups", EINVAL, 125,
	  "groups: setgroups: Invalid argument (a group has no mapping in this user "
	  "namespace)" },
	{ "an unmapped uid", CK_STEP_UID, "setresuid", EINVAL, 125,
	  "uid: setresuid: Invalid argument (the id has no mapping in this user "
	  "namespace)" },
	{ "an unmapped gid", CK_STEP_GID, "setresgid", EINVAL, 125,
	  "gid: setresgid: Invalid argument (the id has no mapping in this user "
	  "namespace)" },
	{ "a limit", CK_STEP_LIMITS, "prlimit", EPERM, 125,
	  "limits: prlimit: Operation not permitted (the hard limit cannot be raised "
	  "from here)" },
	{ "no thread", CK_STEP_LOADER, "clone", EAGAIN, 125,
	  "loader: clone: Resource temporarily unavailable (its control group has as many "
	  "threads as it may have; raise docker run --pids-limit, TasksMax=)" },
	{ "a namespace that waits", CK_STEP_LOADER, "clone", EINVAL, 125,
	  "loader: clone: Invalid argument (a new pid or time namespace waits for a child; "
	  "use unshare --fork)" },
	{ "a thread that does not begin", CK_STEP_LOADER, "clone", ETIMEDOUT, 125,
	  "loader: clone: Connection timed out (the thread that is to load the filter got no "
	  "processor for ten seconds)" },
	{ "a call that is hidden", CK_STEP_FILTER, "seccomp", ENOSYS, 125,
	  "filter: seccomp: Function not implemented (this kernel is built without seccomp "
	  "filters, or a filter around this process hides the call)" },
	{ "a thread that is kept from loading", CK_STEP_FILTER, "seccomp", ETIMEDOUT, 125,
	  "filter: seccomp: Connection timed out (the thread that loads the filter got no "
	  "processor; does a real-time priority (chrt) keep it from one?)" },
	{ "a refused thread", CK_STEP_LOADER, "clone", EPERM, 125,
	  "loader: clone: Operation not permitted (a filter around this process refuses "
	  "it)" },
	{ "a kernel without filters", CK_STEP_FILTER, "seccomp", EINVAL, 125,
	  "filter: seccomp: Invalid argument (this kernel is built without seccomp "
	  "filters)" },
	{ "too many filters", CK_STEP_FILTER, "seccomp", ENOMEM, 125,
	  "filter: seccomp: Cannot allocate memory (too many filters are around this "
	  "process already)" },
	{ "a filter that may not be loaded", CK_STEP_FILTER, "seccomp", EACCES, 125,
	  "filter: seccomp: Permission denied (no_new_privs is not set)" },
	{ "a refused filter", CK_STEP_FILTER, "seccomp", EPERM, 125,
	  "filter: seccomp: Operation not permitted (a filter around this process "
	  "refuses it)" },
	{ "no room for a filter", CK_STEP_FILTER, "seccomp", 524, 125,
	  "(the kernel has no room for another one; raise net.core.bpf_jit_limit)" },
	{ "a filter that is not there", CK_STEP_PROBE, "the filter", ENOTRECOVERABLE, 125,
	  "probe: the filter is not as planned, although every step reported success; a "
	  "filter around this process (seccomp) seems to fake a call" },
	{ "a session", CK_STEP_SESSION, "setpgid", EPERM, 125,
	  "session: setpgid: Operation not permitted (the terminal belongs to another "
	  "session's "
	  "group)" },
	{ "a parent that has ended", CK_STEP_PARENT_DEATH_SIGNAL, "getppid", ESRCH, 125,
	  "parent-death-signal: getppid: No such process (the parent has ended "
	  "already)" },
	{ "a false answer", CK_STEP_VERIFY, "capget", EPROTO, 125,
	  "verify: capget gave an answer that the kernel does not give; a filter "
	  "around this "
	  "process (seccomp) seems to fake it" },
	{ "another state than planned", CK_STEP_VERIFY, "bounding", ENOTRECOVERABLE, 125,
	  "verify: bounding is not as planned, although every step reported success; a "
	  "filter "
	  "around this process (seccomp) seems to fake a call" },
	{ "no file left", CK_STEP_EXEC, "execve", ENOENT, 127,
	  "exec: /bin/app: No such file or directory (the file or its interpreter is "
	  "gone)" },
	{ "a file as directory", CK_STEP_EXEC, "execve", ENOTDIR, 127,
	  "exec: /bin/app: Not a directory" },
	{ "no permission", CK_STEP_EXEC, "execve", EACCES, 126,
	  "exec: /bin/app: Permission denied (the workload's user may not execute it "
	  "or its "
	  "interpreter)" },
	{ "no program", CK_STEP_EXEC, "execve", ENOEXEC, 126,
	  "exec: /bin/app: Exec format error (it is no program for this machine and "
	  "has no line "
	  "#!; no shell is tried)" },
	{ "too many arguments", CK_STEP_EXEC, "execve", E2BIG, 126,
	  "exec: /bin/app: Argument list too long (the arguments and the environment "
	  "are too "
	  "long)" },
	{ "too many processes", CK_STEP_EXEC, "execve", EAGAIN, 126,
	  "exec: /bin/app: Resource temporarily unavailable (the user has more "
	  "processes than its "
	  "limit nproc allows)" },
	{ "a file that is written", CK_STEP_EXEC, "execve", ETXTBSY, 126,
	  "exec: /bin/app: Text file busy (the file is open for writing)" },
	{ "a refused exec", CK_STEP_EXEC, "execve", EPERM, 126,
	  "exec: /bin/app: Operation not permitted" },
	{ "an exec that answers", CK_STEP_EXEC, "execve", EPROTO, 126,
	  "exec: execve gave" },
	{ "nothing can be executed", CK_STEP_COMMAND, "faccessat2", EACCES, 126,
	  "command: app: Permission denied" },
	{ "nothing is found", CK_STEP_COMMAND, "faccessat2", ENOENT, 127,
	  "command: app: No such file or directory" },
	{ "nobody can be asked", CK_STEP_COMMAND, "faccessat2", ENOSYS, 125,
	  "command: app: Function not implemented" },
	{ "nobody may be asked", CK_STEP_COMMAND, "faccessat2", EPERM, 125,
	  "command: app: Operation not permitted" },
	{ "the file would not do", CK_STEP_COMMAND, "faccessat2", ENOTRECOVERABLE, 125,
	  "command: because" },
};

static void explains(void **state)
{
	const struct failure *row = *state;
	struct ck_target target = { .path = "/bin/app", .refused = "because" };
	const struct ck_progress progress = { row->step, row->call, &target };
	struct ck_plan plan = { .targets = {
					.command = "app", .list = &target, .count = 1 } };
	const char *text;

	ck_explain(&plan, &progress, row->error, &unit_diags);
	assert_int_equal(unit_diags.count, 1);
	text = unit_messages();
	if (!strstr(text, row->message[0] == '(' ?
				  row->message :
				  unit_format("capkeep: %s", row->message)))
		fail_msg("%s", text);
	assert_int_equal(ck_exit_status(&progress, row->error), row->status);
}

/* 126 and 127 are for exec and the search alone, whatever the error. */
static void other_steps_are_refusals(void **state)
{
	struct ck_progress progress = { .call = "call" };
	int error, step;

	(void)state;
	for (step = 0; step < CK_STEPS; step++)
		for (error = 1; error < 140; error++) {
			int status;

			progress.step = (enum ck_step_id)step;
			status = ck_exit_status(&progress, error);
			if (step == CK_STEP_EXEC)
				assert_in_range(status, 126, 127);
			else if (step == CK_STEP_COMMAND)
				assert_in_range(status, 125, 127);
			else
				assert_int_equal(status, 125);
		}
}

/* -n and -v have to speak of them without taking more memory than their text does. */
static void many_groups_are_told(void **state)
{
	static gid_t groups[CK_GROUPS_MAX];
	static max_align_t room[(2U << 20) / sizeof(max_align_t)];
	struct ck_arena arena = { .next = (char *)room, .left = sizeof(room) };
	static struct ck_plan plan;
	const char *text;

	(void)state;
	for (size_t i = 0; i < CK_GROUPS_MAX; i++)
		groups[i] = (gid_t)(1000000000 + i);
	plan.after.groups = groups;
	plan.after.ngroups = CK_GROUPS_MAX;
	text = ck_steps[CK_STEP_GROUPS].tell(&arena, &plan);
	assert_null(arena.chunks);
	assert_int_equal(strlen(text), CK_GROUPS_MAX * 11 - 1 + strlen(", already"));
	assert_memory_equal(text, "1000000000 1000000001 ", 22);
	plan.after.ngroups = 0;
	assert_string_equal(ck_steps[CK_STEP_GROUPS].tell(&arena, &plan),
			    "none, already");
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(other_steps_are_refusals),
		cmocka_unit_test(many_groups_are_told),
	};

	return unit_run_rows("explain", UNIT_ROWS(rows, explains), others,
			     CK_ARRAY_SIZE(others));
}
