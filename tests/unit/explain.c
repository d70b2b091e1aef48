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
	  "groups: setgroups: Operation not permitted (" },
	{ "an unmapped uid", CK_STEP_UID, "setresuid", EINVAL, 125,
	  "uid: setresuid: Invalid argument (" },
	{ "an unmapped gid", CK_STEP_GID, "setresgid", EINVAL, 125,
	  "gid: setresgid: Invalid argument (" },
	{ "a parent that has ended", CK_STEP_PARENT_DEATH_SIGNAL, "getppid", ESRCH, 125,
	  "parent-death-signal: getppid: No such process (" },
	{ "a false answer", CK_STEP_VERIFY, "capget", EPROTO, 125,
	  "verify: capget gave an answer that the kernel does not give; a filter" },
	{ "another state than planned", CK_STEP_VERIFY, "bounding", ENOTRECOVERABLE, 125,
	  "verify: bounding is not as planned" },
	{ "no file left", CK_STEP_EXEC, "execve", ENOENT, 127,
	  "exec: /bin/app: No such file or directory" },
	{ "a file as directory", CK_STEP_EXEC, "execve", ENOTDIR, 127,
	  "exec: /bin/app: Not a directory" },
	{ "no permission", CK_STEP_EXEC, "execve", EACCES, 126,
	  "exec: /bin/app: Permission denied" },
	{ "no program", CK_STEP_EXEC, "execve", ENOEXEC, 126,
	  "exec: /bin/app: Exec format error" },
	{ "too many arguments", CK_STEP_EXEC, "execve", E2BIG, 126,
	  "exec: /bin/app: Argument list too long" },
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
	if (!strstr(text, unit_format("capkeep: %s", row->message)))
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

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(other_steps_are_refusals),
	};

	return unit_run_rows("explain", UNIT_ROWS(rows, explains), others,
			     CK_ARRAY_SIZE(others));
}
