/* SPDX-License-Identifier: MIT */
/*
 * The commands of the user around a run: set-up, readiness, checks, stop. They run as the
 * caller is, by the shell, and what they leave is ended with the run.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl-learn.h"

#define STEP 0.02 /* seconds between two looks */

/* Files in memory: everybody may write to them, also by /dev/stderr, and nothing is left.
 */
int ck_learn_output(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	int error;

	if (fd >= 0 && fcntl(fd, F_SETFL, O_APPEND) < 0) {
		error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

const char *ck_learn_last_line(struct ck_arena *arena, int fd)
{
	char room[4096];
	off_t size = lseek(fd, 0, SEEK_END);
	off_t from = size > (off_t)sizeof(room) - 1 ? size - (off_t)sizeof(room) + 1 : 0;
	ssize_t n = pread(fd, room, sizeof(room) - 1, from);
	char *line;

	while (n > 0 && strchr("\n\r \t", room[n - 1]))
		n--;
	if (n <= 0)
		return NULL;
	room[n] = '\0';
	line = strrchr(room, '\n');
	return ck_format(arena, "%s", ck_safe(arena, line ? line + 1 : room));
}

static void __attribute__((noreturn))
run_helper(const struct ck_learn *learn, pid_t parent, const char *command)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (dup2(learn->said, 2) < 0)
		_exit(CK_EXIT_REFUSED);
	if (null >= 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1 &&
	    prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0UL, 0UL, 0UL) == 0 &&
	    getppid() == parent && /* else it has gone before the call */
	    setpgid(0, 0) == 0 && sigprocmask(SIG_SETMASK, &learn->mask, NULL) == 0)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	perror("/bin/sh"); /* as if the command had said it */
	_exit(CK_EXIT_REFUSED);
}

/* A check that cannot be run would look like one that fails, as it has to. */
static bool start(struct ck_learn *learn, const char *command)
{
	pid_t parent = getpid();

	if (learn->said <= 0)
		learn->said = ck_learn_output("check");
	learn->helper_ended = false;
	learn->helper = learn->said >= 0 && ftruncate(learn->said, 0) == 0 &&
					access("/bin/sh", X_OK) == 0 &&
					access("/dev/null", R_OK | W_OK) == 0 ?
				fork() :
				-1;
	if (learn->helper == 0)
		run_helper(learn, parent, command);
	if (learn->helper > 0)
		return true;
	learn->fatal = ck_format(learn->arena, "/bin/sh -c '%s' cannot be run: %s",
				 command, strerror(errno));
	learn->helper = 0;
	return false;
}

int ck_learn_helper(struct ck_learn *learn, const char *command, double limit)
{
	double until = ck_learn_now() + limit;
	int status;

	if (!start(learn, command))
		return -1;
	while (!learn->helper_ended && ck_learn_now() < until && !learn->interrupted)
		ck_watch_pump(learn, STEP);
	if (!learn->helper_ended) {
		kill(-learn->helper, SIGKILL);
		kill(learn->helper, SIGKILL);
		for (until = ck_learn_now() + CK_LEARN_PATIENCE;
		     !learn->helper_ended && ck_learn_now() < until;)
			ck_watch_pump(learn, STEP);
		if (!learn->helper_ended)
			learn->fatal = ck_format(
				learn->arena, "'%s' does not end, %.0f s after SIGKILL",
				command, CK_LEARN_PATIENCE);
		learn->helper = 0;
		return -1;
	}
	status = learn->helper_status;
	learn->helper = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool ck_learn_check(struct ck_learn *learn, double limit)
{
	size_t i;

	for (i = 0; i < learn->checks.count; i++)
		if (ck_learn_helper(learn, learn->checks.list[i], limit) != 0)
			return false;
	return true;
}

const char *ck_learn_helper_text(struct ck_learn *learn, const char *option, int rc,
				 double limit)
{
	const char *said = ck_learn_last_line(learn->arena, learn->said);

	if (rc < 0)
		return ck_format(
			learn->arena,
			"%s: it still runs after %.3g s; --timeout gives it more", option,
			limit);
	return ck_format(learn->arena, "%s: exit status %d: %s", option, rc,
			 said ? said : "it said nothing");
}
