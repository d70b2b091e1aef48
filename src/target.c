/* SPDX-License-Identifier: MIT */
/*
 * Finds the command as the workload would: in its PATH, from its working directory, with
 * its ids and capabilities. Every file of that name on the way is inspected, since which
 * of them the workload may execute is in the end the kernel's to say.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "capkeep.h"

#define DEFAULT_PATH "/bin:/usr/bin" /* of execvp(3), where there is no PATH */

struct search {
	struct ck_arena *arena;
	const char *directory;
	const struct ck_seeker *seeker;
	struct ck_targets found;
	size_t room;
};

int ck_directory_check(struct ck_arena *arena, const struct ck_profile *profile,
		       const struct ck_seeker *seeker, struct ck_diags *diags)
{
	const char *path = profile->working_directory, *reason = NULL;
	struct stat st;

	if (!path)
		return 0;
	if (stat(path, &st) < 0)
		/* With the rights of the workload, which the step has, it may be open. */
		reason = errno == EACCES ? NULL : strerror(errno);
	else if (!S_ISDIR(st.st_mode))
		reason = strerror(ENOTDIR);
	else if (ck_seeker_may(arena, seeker, path) < 0)
		reason = "the workload's user may not enter it; that needs x on it "
			 "and on all above it";
	if (!reason)
		return 0;
	ck_diag_add(diags,
		    ck_profile_where(arena, profile, "process", "working-directory", ""),
		    "working-directory: %s: %s", path, reason);
	return -EINVAL;
}

/* Where path is now, before the working directory is changed. */
static const char *from_here(const struct search *s, const char *path)
{
	if (path[0] == '/' || !s->directory)
		return path;
	return ck_join(s->arena, s->directory, "/", path);
}

/* /bin and /usr/bin are often one directory: the same file need not be looked at twice,
 * unless the way to it was barred. */
static bool is_known(const struct ck_targets *found, const struct stat *st)
{
	size_t i;

	for (i = 0; i < found->count; i++)
		if (found->list[i].device == st->st_dev &&
		    found->list[i].inode == st->st_ino && !found->list[i].error)
			return true;
	return false;
}

static struct ck_target *add_target(struct search *s, const char *path)
{
	struct ck_targets *found = &s->found;

	found->list = ck_grow(s->arena, found->list, found->count, &s->room,
			      sizeof(*found->list));
	found->list[found->count].path = path;
	return &found->list[found->count++];
}

/* The workload may see more than the launcher: then the place is not passed over. */
static void add_unseen(struct search *s, const char *path)
{
	struct ck_target *target = add_target(s, path);

	target->unseen = target->by_rights = true;
	target->error = EACCES;
	target->reason = "the launcher's rights do not reach it";
}

/* Adds the file, if there is one. */
static int try_path(struct search *s, const char *path)
{
	const char *here = from_here(s, path);
	struct ck_target *target;
	struct stat st;
	int error;

	if (stat(here, &st) < 0) {
		error = errno;
		if (error == EACCES && !s->seeker->self)
			add_unseen(s, path);
		return -error;
	}
	if (is_known(&s->found, &st))
		return 0;
	target = add_target(s, path);
	target->device = st.st_dev;
	target->inode = st.st_ino;
	ck_target_inspect(s->arena, here, s->seeker, target);
	return 0;
}

static void search_path(struct search *s, const char *command, const char *path)
{
	while (*path) {
		size_t length = strcspn(path, ":");

		/* An empty element would mean the current directory, which nobody asked
		 * for. */
		if (length)
			(void)try_path(s, ck_join(s->arena,
						  ck_strndup(s->arena, path, length), "/",
						  command));
		path += length + (path[length] ? 1 : 0);
	}
}

static int not_found(const struct search *s, const char *command, int error,
		     const char *path, struct ck_diags *diags)
{
	if (strchr(command, '/'))
		ck_diag_add(diags, "command", "%s: %s", from_here(s, command),
			    strerror(-error));
	else
		ck_diag_add(diags, "command", "'%s' was not found in PATH=%s", command,
			    path);
	return error == -ENOENT || error == -ENOTDIR ? -ENOENT : -EACCES;
}

/* The first that can be executed; where there is none, the first found says why. */
static int choose(struct ck_targets *found, struct ck_diags *diags)
{
	size_t i;

	for (i = 0; i < found->count; i++) {
		if (found->list[i].error)
			continue;
		found->chosen = i;
		return 0;
	}
	found->chosen = 0;
	ck_diag_add(diags, "command", "%s cannot be executed: %s", found->list[0].path,
		    found->list[0].reason);
	return -EACCES;
}

int ck_target_find(struct ck_arena *arena, const char *command, const char *directory,
		   char *const *envp, const struct ck_seeker *seeker,
		   struct ck_diags *diags, struct ck_targets *ret)
{
	struct search s = { .arena = arena, .directory = directory, .seeker = seeker };
	const char *path = ck_environ_get(envp, "PATH");
	int rc = -ENOENT;

	s.found.command = command;
	if (!path)
		path = DEFAULT_PATH;
	if (strchr(command, '/'))
		rc = try_path(&s, command);
	else if (*command)
		search_path(&s, command, path);
	if (s.found.count == 0)
		return not_found(&s, command, rc, path, diags);
	rc = choose(&s.found, diags);
	*ret = s.found;
	return rc;
}
