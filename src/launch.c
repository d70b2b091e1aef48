/* SPDX-License-Identifier: MIT */
/*
 * capkeep - run a command with only the capabilities that it needs, or not at all.
 *
 * Reads one profile, changes this process, proves the result, execs. No child process, no
 * network, no logging, nothing of its own in the environment, never set-user-ID.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capkeep.h"

#define PASSWD "/etc/passwd"
#define GROUP "/etc/group"
#define ROOM 163840

/* Behind a filter even the way out may be barred; libc would try for ever. */
static void __attribute__((noreturn)) leave(int status)
{
	syscall(SYS_exit_group, status);
	__builtin_trap();
}

static void __attribute__((noreturn)) out_of_memory(void)
{
	static const char text[] =
		"capkeep: memory: there is not enough of it; raise the limits on "
		"data and address space\n";

	(void)ck_say(STDERR_FILENO, text, sizeof(text) - 1);
	leave(CK_EXIT_REFUSED);
}

/*
 * A start needs no more memory than this, so that nothing is asked of malloc(3), whose
 * first call takes longer than the planning. What is large is common, which puts it
 * behind everything small in the data segment: the small things then share few pages, and
 * each page is a fault at the start.
 */
char ck_launch_room[ROOM] __attribute__((common, aligned(16)));
gid_t ck_launch_groups[CK_GROUPS_MAX] __attribute__((common));
static struct ck_arena arena = { .next = ck_launch_room,
				 .left = sizeof(ck_launch_room),
				 .out_of_memory = out_of_memory };

/* Exact or nothing: every problem goes out, and the status says that the command did not
 * run. */
static int refuse(const struct ck_diags *diags, int status)
{
	ck_diags_print(diags, "capkeep", STDERR_FILENO);
	return status;
}

static int say(const char *text)
{
	int rc = ck_say(STDOUT_FILENO, text, strlen(text));

	if (rc == 0)
		return 0;
	text = ck_format(&arena, "capkeep: standard output: %s\n", strerror(-rc));
	(void)ck_say(STDERR_FILENO, text, strlen(text));
	return CK_EXIT_REFUSED;
}

static int load_profile(const struct ck_command_line *line, struct ck_diags *diags,
			struct ck_profile *profile)
{
	int rc = ck_profile_load(&arena, line->profile, diags, profile);

	if (line->keep)
		rc |= ck_profile_keep(profile, line->keep, diags);
	if (line->user)
		rc |= ck_profile_user(&arena, profile, line->user, diags);
	if (line->bounding)
		rc |= ck_profile_bounding(profile, line->bounding, diags);
	rc |= ck_profile_complete(profile, diags);
	return rc ? -EINVAL : 0;
}

/* All problems at once: a profile that is refused may name a user that does not exist,
 * too. */
static void check_names(const struct ck_profile *profile, struct ck_diags *diags)
{
	static const struct ck_state nobody;
	struct ck_identity identity;

	if (profile->user && ck_identity_resolve(&arena, profile, &nobody, PASSWD, GROUP,
						 diags, &identity) < 0)
		return; /* refused in any case */
}

static void check_filter(const struct ck_profile *profile, struct ck_diags *diags)
{
	struct ck_rules rules;

	if (profile->seccomp.origin.file &&
	    ck_filter_read(profile, profile->keep.mask, diags, &rules) < 0)
		return; /* refused in any case */
}

/* What a filter would hide from exec is looked for before: the limit of the stack is
 * among it. */
static unsigned int wanted_limits(const struct ck_profile *profile)
{
	int i;

	for (i = 0; i < CK_LIMITS; i++)
		if (profile->limits[i].stated)
			return CK_LIMITS_ALL;
	return profile->seccomp.origin.file ? 1U << RLIMIT_STACK : 0;
}

/* As it was before the constructors of libraries, one of which opens and closes a file;
 * -1: not looked at. */
static int standard_at_start = -1;

static void __attribute__((constructor(101))) note_standard(void)
{
	unsigned int open;

	if (ck_standard_read(&ck_sys_kernel, &open) == 0)
		standard_at_start = (int)open;
}

static int read_state(const struct ck_profile *profile, struct ck_diags *diags,
		      struct ck_state *now, struct ck_surroundings *around)
{
	const char *call;
	int rc = ck_state_read(&ck_sys_kernel, ck_launch_groups, &call, now);

	if (rc == 0)
		rc = ck_surroundings_read(&ck_sys_kernel, profile->new_session,
					  wanted_limits(profile), &call, around);
	if (rc == 0 && (int)around->standard != standard_at_start) {
		call = "open";
		rc = -EPROTO;
	}
	if (rc == -EPROTO)
		ck_explain_false_answer("state", call, diags);
	else if (rc < 0)
		ck_diag_add(diags, "state", "%s: %s", call, strerror(-rc));
	return rc;
}

/* Returns 0, or the exit status with everything that is wrong in diags. */
static int make_plan(const struct ck_profile *profile, char **argv,
		     struct ck_diags *diags, struct ck_plan *plan)
{
	static struct ck_identity identity; /* the plan points to these two */
	static struct ck_state now;
	struct ck_surroundings around;
	struct ck_seeker seeker;
	int rc;

	if (read_state(profile, diags, &now, &around) < 0 ||
	    ck_identity_resolve(&arena, profile, &now, PASSWD, GROUP, diags, &identity) <
		    0)
		return CK_EXIT_REFUSED;
	rc = ck_plan_build(&(struct ck_plan_input){ profile, &now, &around, &identity },
			   diags, plan);
	if (rc == -EPERM)
		return CK_EXIT_REFUSED;
	plan->argv = argv;
	plan->envp = ck_environ_build(&arena, profile, &identity,
				      identity.uid != now.ruid, environ);
	if (ck_descriptors_plan(&arena, &ck_sys_kernel, profile, plan->envp, around.pid,
				diags, &plan->close, &plan->nclose) < 0)
		rc = -EINVAL;
	if (plan->nclose)
		plan->todo |= 1U << CK_STEP_DESCRIPTORS;
	if (ck_plan_filter(&ck_sys_kernel, plan, diags) < 0)
		rc = -EINVAL;
	ck_plan_seeker(plan, &seeker);
	if (ck_directory_check(&arena, profile, &seeker, diags) < 0)
		return CK_EXIT_REFUSED;
	switch (ck_target_find(&arena, argv[0], profile->working_directory, plan->envp,
			       &seeker, diags, &plan->targets)) {
	case 0:
		break;
	case -ENOENT:
		return rc < 0 ? CK_EXIT_REFUSED : CK_EXIT_NOT_FOUND;
	default:
		return rc < 0 ? CK_EXIT_REFUSED : CK_EXIT_CANNOT_EXEC;
	}
	return ck_plan_target(plan, diags) < 0 || rc < 0 ? CK_EXIT_REFUSED : 0;
}

static int print_plan(const struct ck_command_line *line, const struct ck_plan *plan)
{
	const char *text = ck_escape_lines(&arena, ck_plan_text(&arena, plan));

	if (line->verbose)
		text = ck_format(&arena, "%s\n%s", ck_profile_text(&arena, plan->profile),
				 text);
	return say(text);
}

/* Made before the first step: the limits of the workload may leave no memory for it. */
static const char *announcements[CK_STEPS];

static void announce(const struct ck_plan *plan, enum ck_step_id step)
{
	(void)plan;
	(void)ck_say(STDERR_FILENO, announcements[step], strlen(announcements[step]));
}

static void prepare_announcements(const struct ck_plan *plan)
{
	size_t i;

	for (i = 0; i < CK_STEPS; i++)
		announcements[i] = ck_format(
			&arena, "%s\n",
			ck_escape(&arena,
				  ck_format(&arena, "capkeep: %s: %s", ck_steps[i].name,
					    ck_steps[i].tell(&arena, plan))));
}

static void __attribute__((noreturn))
start(const struct ck_command_line *line, const struct ck_plan *plan,
      struct ck_diags *diags)
{
	struct ck_progress progress = { .step = CK_STEP_NO_NEW_PRIVS };
	int error;

	if (line->verbose)
		prepare_announcements(plan);
	error = -ck_apply(plan, &ck_sys_kernel, line->verbose ? announce : NULL,
			  &progress);
	ck_explain(plan, &progress, error, diags);
	ck_diags_print(diags, "capkeep", STDERR_FILENO);
	leave(ck_exit_status(&progress, error));
}

int main(int argc, char **argv)
{
	static struct ck_profile profile; /* static: a stack may be small */
	static struct ck_plan plan;
	struct ck_diags diags = { .arena = &arena };
	struct ck_command_line line;
	int status;

	if (ck_options_parse(argc, argv, &diags, &line) < 0)
		return refuse(&diags, CK_EXIT_REFUSED);
	if (line.help)
		return say(ck_options_help(&arena));
	if (line.version)
		return say("capkeep " CK_VERSION "\n");
	if (load_profile(&line, &diags, &profile) < 0) {
		check_names(&profile, &diags);
		check_filter(&profile, &diags);
		return refuse(&diags, CK_EXIT_REFUSED);
	}
	status = make_plan(&profile, line.argv, &diags, &plan);
	if (status != 0)
		return refuse(&diags, status);
	if (line.dry_run)
		return print_plan(&line, &plan);
	start(&line, &plan, &diags);
}
