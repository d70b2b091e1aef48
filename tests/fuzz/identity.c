/* SPDX-License-Identifier: MIT */
/*
 * identity.c - fuzzes the rows of passwd and group. The input is "USER GROUP GROUPS" in
 * the first line, then passwd, and behind a line of "--" group.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

static const char separator[] = "\n--\n";

/* A file of these bytes, until the process has had enough of it. */
static int make_file(const char *bytes, size_t length)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	CLAIM(fd >= 0);
	CLAIM(write(fd, bytes, length) == (ssize_t)length);
	return fd;
}

static const char *next(struct ck_arena *arena, const char **cursor)
{
	const char *word;
	size_t length = ck_word_next(cursor, &word);

	return length ? ck_strndup(arena, word, length) : NULL;
}

static void fill(struct ck_arena *arena, const char *line, struct ck_profile *profile)
{
	struct ck_group_choice *groups = &profile->groups;
	const char *word;

	ck_profile_empty("fuzz", profile);
	profile->user = next(arena, &line);
	profile->group = next(arena, &line);
	while ((word = next(arena, &line)) != NULL) {
		groups->kind = !strcmp(word, "init") ? CK_GROUPS_INIT : CK_GROUPS_LIST;
		if (groups->kind == CK_GROUPS_LIST)
			ck_strings_add(arena, &groups->list, word);
	}
}

static void check(const struct ck_profile *profile, const struct ck_identity *id)
{
	uint64_t number;
	size_t i;

	CLAIM(id->uid != (uid_t)-1 && id->gid != (gid_t)-1);
	for (i = 1; i < id->ngroups; i++)
		CLAIM(id->groups[i - 1] < id->groups[i]);
	CLAIM(!id->user_name || (id->home && id->shell));
	/* Digits are that number, whatever the files say. */
	if (profile->user &&
	    ck_number(profile->user, strlen(profile->user), CK_ID_MAX, &number) == 0)
		CLAIM(id->uid == number);
	if (profile->group &&
	    ck_number(profile->group, strlen(profile->group), CK_ID_MAX, &number) == 0)
		CLAIM(id->gid == number);
}

static void resolve(struct ck_arena *arena, const char *line, const char *passwd,
		    const char *group)
{
	static const struct ck_state now = { .ruid = 33, .rgid = 44 };
	struct ck_identity id = { .uid = (uid_t)-1, .gid = (gid_t)-1 };
	struct ck_diags diags = { .arena = arena };
	struct ck_profile profile;
	int rc;

	fill(arena, line, &profile);
	rc = ck_identity_resolve(arena, &profile, &now, passwd, group, &diags, &id);
	CLAIM(rc == 0 || id.uid == (uid_t)-1);
	/* Numbers out of range are refused by the parser of the key. */
	CLAIM(rc != 0 || diags.count == 0);
	if (rc == 0)
		check(&profile, &id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	const char *end = bytes + size;
	const char *newline = memchr(bytes, '\n', size);
	const char *middle, *passwd = newline ? newline + 1 : end;
	struct ck_arena arena = { 0 };
	int fds[2];

	middle = memmem(passwd, (size_t)(end - passwd), separator, strlen(separator));
	fds[0] = make_file(passwd, (size_t)((middle ? middle + 1 : end) - passwd));
	middle = middle ? middle + strlen(separator) : end;
	fds[1] = make_file(middle, (size_t)(end - middle));
	resolve(&arena,
		ck_strndup(&arena, bytes, (size_t)((newline ? newline : end) - bytes)),
		ck_format(&arena, "/proc/self/fd/%d", fds[0]),
		ck_format(&arena, "/proc/self/fd/%d", fds[1]));
	close(fds[0]);
	close(fds[1]);
	ck_arena_free(&arena);
	return 0;
}
