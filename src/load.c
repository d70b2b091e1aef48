/* SPDX-License-Identifier: MIT */
/* Finds a profile by name or path and reads it with what it includes. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "capkeep.h"

#define INCLUDE_DEPTH 4

const char *ck_confdir = CK_CONFDIR;
const char *ck_profiledir = CK_PROFILEDIR;

/* The files from the main profile down to the one that is being read. */
struct chain {
	const struct chain *up;
	const char *path;
	unsigned int depth;
};

static int read_file(struct ck_arena *arena, const char *path, char *bytes, size_t length,
		     const struct chain *up, struct ck_diags *diags,
		     struct ck_profile *profile);

static const char *with_ending(struct ck_arena *arena, const char *directory,
			       const char *name)
{
	size_t length = strlen(name);
	bool has_ending = length > 4 && !strcmp(name + length - 4, ".ini");

	return ck_join(arena, ck_join(arena, directory, "/", name),
		       has_ending ? "" : ".ini", "");
}

static void try_names_in(struct ck_arena *arena, const char *directory, const char *word,
			 struct ck_nearest *best)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)) != NULL) {
		size_t length = strlen(entry->d_name);

		if (length > 4 && !strcmp(entry->d_name + length - 4, ".ini"))
			ck_nearest_try(best, word,
				       ck_strndup(arena, entry->d_name, length - 4));
	}
	closedir(dir);
}

static void not_found(struct ck_arena *arena, const char *name, const char *where,
		      struct ck_diags *diags)
{
	struct ck_nearest best = { 0 };
	const char *hint, *here;

	try_names_in(arena, ck_confdir, name, &best);
	try_names_in(arena, ck_profiledir, name, &best);
	hint = ck_nearest_hint(arena, &best);
	here = access(name, F_OK) == 0 ? name : with_ending(arena, ".", name) + 2;
	if (access(here, F_OK) == 0)
		hint = ck_format(arena, "; for the file in this directory write ./%s",
				 here);
	ck_diag_add(diags, where, "there is no profile '%s' in %s or %s%s", name,
		    ck_confdir, ck_profiledir, hint);
}

/* Where a profile of this name or path is, and its bytes. Reports what is wrong under
 * where. */
static int find(struct ck_arena *arena, const char *name, const char *where,
		struct ck_diags *diags, const char **ret_path, char **ret_bytes,
		size_t *ret_length)
{
	const char *const directories[] = { ck_confdir, ck_profiledir };
	size_t i;
	int rc;

	if (strchr(name, '/')) {
		*ret_path = name;
		rc = ck_file_read(arena, name, diags, ret_bytes, ret_length);
		if (rc == -ENOENT)
			ck_diag_add(diags, where, "there is no file %s", name);
		return rc;
	}
	for (i = 0; i < CK_ARRAY_SIZE(directories); i++) {
		*ret_path = with_ending(arena, directories[i], name);
		rc = ck_file_read(arena, *ret_path, diags, ret_bytes, ret_length);
		if (rc != -ENOENT)
			return rc;
	}
	not_found(arena, name, where, diags);
	return -ENOENT;
}

/* A relative path counts from the directory of the including file. */
static const char *relative_to(struct ck_arena *arena, const char *file, const char *name)
{
	const char *slash = strrchr(file, '/');

	if (!strchr(name, '/') || name[0] == '/' || !slash)
		return name;
	while (name[0] == '.' && name[1] == '/') /* it is the same file without */
		name += 1 + strspn(name + 1, "/");
	return ck_format(arena, "%.*s/%s", (int)(slash - file), file, name);
}

static int include(struct ck_arena *arena, const struct ck_entry *entry,
		   const struct chain *here, struct ck_diags *diags,
		   struct ck_profile *profile)
{
	const char *where = ck_origin_text(arena, &entry->origin);
	const char *name = relative_to(arena, entry->origin.file, entry->value), *path;
	char *bytes;
	const struct chain *file;
	size_t length;

	if (!*name)
		return 0; /* its parser reports it */
	if (here->depth == INCLUDE_DEPTH) {
		ck_diag_add(diags, where, "include: more than %d profiles deep",
			    INCLUDE_DEPTH);
		return -EINVAL;
	}
	if (find(arena, name, where, diags, &path, &bytes, &length) < 0)
		return -EINVAL;
	for (file = here; file; file = file->up) {
		if (strcmp(file->path, path))
			continue;
		ck_diag_add(diags, where, "include: %s includes itself in the end", path);
		return -EINVAL;
	}
	return read_file(arena, path, bytes, length, here, diags, profile);
}

/* What is included is read first, so that this file's keys replace it. */
static int read_file(struct ck_arena *arena, const char *path, char *bytes, size_t length,
		     const struct chain *up, struct ck_diags *diags,
		     struct ck_profile *profile)
{
	const struct chain here = { up, path, up ? up->depth + 1 : 0 };
	struct ck_entries entries;
	int rc = ck_profile_entries(path, bytes, length, diags, &entries), taken;
	size_t i;

	profile->unread = profile->unread || rc < 0;
	for (i = 0; i < entries.count; i++) {
		const struct ck_entry *entry = &entries.list[i];

		if (!strcmp(entry->section, "profile") &&
		    !strcmp(entry->key, "include") && !entry->continued) {
			if (include(arena, entry, &here, diags, profile) < 0) {
				rc = -EINVAL;
				profile->unread = true;
			}
			break;
		}
	}
	taken = ck_profile_take(profile, &entries, diags);
	return rc < 0 ? rc : taken;
}

/* Only a file that is not there counts as none: one that cannot be read may forbid
 * something. */
static int load_default(struct ck_arena *arena, struct ck_diags *diags,
			struct ck_profile *ret)
{
	const char *path = with_ending(arena, ck_confdir, "default");
	char *bytes;
	size_t length;
	int rc = ck_file_read(arena, path, diags, &bytes, &length);

	if (rc == -ENOENT) {
		ck_profile_default(ret);
		return 0;
	}
	ck_profile_empty(path, ret);
	ret->unread = rc < 0;
	return rc < 0 ? rc : read_file(arena, path, bytes, length, NULL, diags, ret);
}

int ck_profile_load(struct ck_arena *arena, const char *name, struct ck_diags *diags,
		    struct ck_profile *ret)
{
	const char *path;
	char *bytes;
	size_t length;
	int rc;

	ck_profile_empty(name, ret);
	if (!name)
		return load_default(arena, diags, ret);
	if (!strcmp(name, "none")) {
		ck_profile_default(ret);
		return 0;
	}
	if (!*name) {
		ck_diag_add(diags, "-p", "the profile's name is empty");
		ret->unread = true;
		return -EINVAL;
	}
	rc = find(arena, name, "-p", diags, &path, &bytes, &length);
	ret->unread = rc < 0;
	if (rc < 0)
		return rc;
	ret->name = path;
	return read_file(arena, path, bytes, length, NULL, diags, ret);
}
