/* SPDX-License-Identifier: MIT */
/*
 * ctl-convert.h - one set of needs in every dialect. A reader turns its dialect into a
 * struct ck_needs; that becomes a profile by the profile's own parser, so that nothing
 * gets through which the launcher would not take; a writer turns the profile into its
 * dialect, and notes what is lost.
 */
#ifndef CTL_CONVERT_H
#define CTL_CONVERT_H

#include "ctl-spec.h"

struct ck_needs {
	uint64_t keep;
	enum ck_tristate no_new_privs, ambient;
	const char *user, *group; /* NULL: unchanged */
	struct ck_strings groups;
	bool no_groups, init_groups, keep_groups;
	const char *working_directory, *umask, *death_signal;
	struct ck_strings securebits; /* as in a profile */
	struct ck_strings limits;     /* "nofile = 1:2" */
	struct ck_strings env_set, env_unset;
};

struct ck_convert {
	struct ck_ctl *ctl;
	struct ck_needs needs;
	struct ck_profile profile;
	struct ck_identity identity; /* by /etc/passwd, where the target wants numbers */
	bool numbers, found;	     /* identity is resolved; a reader found something */
	const char *wanted, *name;   /* --name; of the container that was read */
	struct ck_strings names;     /* of all containers in the input */
	const char *file;	     /* that was read, for complaints */
	int status; /* other than 0: what cannot be read or written, complained about */
	struct ck_diags notes;
	struct ck_text text; /* the result */
};

struct ck_dialect {
	const char *name;
	/* Returns 0 or an exit status, complained about. */
	int (*read)(struct ck_convert *convert, const struct ck_input *input);
	void (*write)(struct ck_convert *convert);
	bool numbers; /* of users and groups is all that it can say */
};

void ck_note(struct ck_convert *convert, const char *format, ...) CK_PRINTF(2, 3);
/* Adds to the result. */
void ck_emit(struct ck_convert *convert, const char *format, ...) CK_PRINTF(2, 3);
/* "CAP_NET_RAW,CAP_KILL": prefix before, separator between; lower case where asked. */
const char *ck_cap_list(struct ck_arena *arena, uint64_t mask, const char *prefix,
			const char *separator, bool lower);
/* A profile of what was read, judged by the profile's own parser. 0 or an exit status. */
int ck_needs_profile(struct ck_convert *convert, const char *file) CK_MUST_USE;
bool ck_becomes_user(const struct ck_convert *convert);
/* Sets "nofile = 1:2", or with NULL takes it back; false where there is no such limit. */
bool ck_needs_limit(struct ck_convert *convert, const char *name, const char *value);
/* The list key of limits, with the keys of name, soft and hard limit. */
void ck_needs_limits(struct ck_convert *convert, const json_t *object, const char *key,
		     const char *const keys[3]);
/* A list of NAME=value, or a mapping. */
void ck_needs_environment(struct ck_convert *convert, const json_t *object,
			  const char *key);
/* infinity, or the number. */
const char *ck_limit_text(struct ck_arena *arena, rlim_t value, const char *infinity);
/* Complains about what has another type than it has to have. */
void ck_needs_malformed(struct ck_convert *convert, const struct ck_malformed *malformed);
void ck_needs_spec(struct ck_convert *convert, const struct ck_spec *spec);
/* Words of a shell line: quotes, backslashes, continued lines. -EINVAL: a quote is open.
 */
int ck_shell_words(struct ck_arena *arena, const char *text,
		   struct ck_strings *ret) CK_MUST_USE;
/* One word for a shell. */
const char *ck_shell_quote(struct ck_arena *arena, const char *word);

#define CK_READER(name) int ck_read_##name(struct ck_convert *, const struct ck_input *)
#define CK_WRITER(name) void ck_write_##name(struct ck_convert *)
CK_READER(docker);
CK_READER(docker_flags);
CK_READER(compose);
CK_READER(kubernetes);
CK_READER(oci);
CK_READER(systemd);
CK_READER(setpriv);
CK_READER(capsh);
CK_READER(label);
CK_WRITER(docker);
CK_WRITER(podman);
CK_WRITER(compose);
CK_WRITER(kubernetes);
CK_WRITER(oci);
CK_WRITER(systemd);
CK_WRITER(setpriv);
CK_WRITER(capsh);
CK_WRITER(label);
#undef CK_READER
#undef CK_WRITER

#endif
