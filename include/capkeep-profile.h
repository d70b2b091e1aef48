/* SPDX-License-Identifier: MIT */
/* capkeep-profile.h - a file's bytes to struct ck_profile and ids. Part of capkeep.h. */
#ifndef CAPKEEP_PROFILE_H
#define CAPKEEP_PROFILE_H

#include "capkeep-base.h"

/* ---- ini.c: bytes -> entries; strict where inih is lenient ---- */

#define CK_FILE_MAX 65536 /* bytes of a profile */
#define CK_LINE_MAX 190	  /* of a line: inih cuts at 199 and reads on in the middle */

struct ck_entry {
	const char *section, *key, *value; /* key "": the line [section] itself */
	const char *raw; /* the line behind the first '=', without the blanks there */
	struct ck_origin origin;
	bool continued;	     /* an indented line: value goes on with the entry before */
	unsigned int length; /* of value */
};

struct ck_entries {
	struct ck_entry *list;
	size_t count, room;
	unsigned int lines; /* lines in the file */
};

/* The values stay in the bytes, which are written to, as is the one behind them.
 * is_key(section, word, length) tells a misplaced `key =` from the continuation of a
 * list. */
int ck_ini_read(struct ck_arena *arena, const char *file, char *bytes, size_t length,
		bool (*is_key)(const char *section, const char *word, size_t length),
		struct ck_diags *diags, struct ck_entries *ret) CK_MUST_USE;

/* ---- keys.c, profile.c: entries -> struct ck_profile ---- */

enum ck_tristate { CK_AUTO, CK_YES, CK_NO };
enum ck_bounding { CK_BOUNDING_AUTO, CK_BOUNDING_EXACT, CK_BOUNDING_IF_POSSIBLE };
enum ck_groups {
	CK_GROUPS_DEFAULT,
	CK_GROUPS_INIT,
	CK_GROUPS_NONE,
	CK_GROUPS_UNCHANGED,
	CK_GROUPS_LIST
};

struct ck_profile;
struct ck_key {
	const char *section, *name;
	const char *help;    /* one line, for the manual's check and for completion */
	const char *example; /* a value that the parser takes */
	/* One value (of a list: one more line) into the field. */
	int (*parse)(struct ck_profile *profile, const struct ck_key *key,
		     const struct ck_entry *entry, struct ck_diags *diags);
	/* The field as INI value; of `set` the assignments, separated by newlines. */
	const char *(*print)(struct ck_arena *arena, const struct ck_profile *profile,
			     const struct ck_key *key);
	size_t offset, size; /* of the field in struct ck_profile */
	bool list;	     /* repeated keys append, indented lines continue */
	int number;	     /* of [limits]: the resource */
};

/* The one table of keys; the order is that of the manual. */
extern const struct ck_key ck_keys[];
extern const size_t ck_keys_count;
#define CK_KEYS_MAX 64

const struct ck_key *ck_key_find(const char *section, const char *name, size_t length);
bool ck_key_section(const char *section); /* is there such a section? */

struct ck_limit {
	bool stated;
	struct rlimit value;
};

/* One line of [seccomp]; of several files, one behind the other, innermost first. */
struct ck_filter_entry {
	const char *key, *value;
	const char *file;
	unsigned int line;
	unsigned int length; /* of value; 0: not known */
};

struct ck_profile {
	const char *name; /* the path, or "none" for the built-in default */
	const char *description, *include;
	struct ck_caps keep, optional;
	enum ck_tristate ambient;
	enum ck_bounding bounding;
	struct ck_securebits {
		unsigned int on; /* bits to add, with their locks; SECBIT_ of
				    capabilities(7) */
		unsigned int
			off; /* bits that must be off: KEEP_CAPS with keep-caps-off */
	} securebits;
	const char *user;  /* as written; NULL: unchanged */
	const char *group; /* as written; NULL: the user's own */
	struct ck_group_choice {
		enum ck_groups kind;
		struct ck_strings list;
	} groups;
	bool no_new_privs, new_session, close_fds;
	int umask; /* 0..0777, -1: as found */
	const char *working_directory;
	struct ck_strings keep_fds; /* decimal, checked */
	int parent_death_signal;    /* 0: as found */
	bool env_clear;
	struct ck_strings env_keep, env_unset; /* names; a last '*' matches any rest */
	struct ck_strings env_set;	       /* NAME=value */
	struct ck_limit limits[CK_LIMITS];
	struct ck_seccomp {
		struct ck_origin origin; /* where the section begins; file NULL: none */
		struct ck_filter_entry *list;
		size_t count, room;
	} seccomp;
	struct ck_origin origin[CK_KEYS_MAX]; /* by index in ck_keys */
	unsigned int lines;		      /* of the profile's own file */
	bool unread; /* a file or a line was not read: what is missing may be there */
};

/* The built-in default: keep nothing, no_new_privs, close-fds, user unchanged. */
void ck_profile_default(struct ck_profile *ret);
/* Nothing stated at all: the start of every profile that is read from a file. */
void ck_profile_empty(const char *name, struct ck_profile *ret);
/* Where profiles are looked up by name; variables, so that tests can have their own. */
extern const char *ck_confdir, *ck_profiledir;
/* Resolves the argument of -p (NULL: no -p), reads the profile and what it includes. */
int ck_profile_load(struct ck_arena *arena, const char *name, struct ck_diags *diags,
		    struct ck_profile *ret) CK_MUST_USE;
/* One file's bytes as entries, which take them over (ck_ini_read()), and entries over
 * what profile holds already. */
int ck_profile_entries(const char *file, char *bytes, size_t length,
		       struct ck_diags *diags, struct ck_entries *ret) CK_MUST_USE;
int ck_profile_take(struct ck_profile *profile, const struct ck_entries *entries,
		    struct ck_diags *diags) CK_MUST_USE;
/* Both, on a copy of the bytes; include is left to the caller. */
int ck_profile_parse(const char *file, const char *bytes, size_t length,
		     struct ck_diags *diags, struct ck_profile *profile) CK_MUST_USE;
/* "noroot keep-caps-off": those words whose bits are all in bits. */
const char *ck_securebits_text(struct ck_arena *arena, unsigned int bits);
/* keep and user must be stated by now, and keys must not contradict each other. */
int ck_profile_complete(const struct ck_profile *profile,
			struct ck_diags *diags) CK_MUST_USE;
/* -k, -u, -b in place of what the profile says; problems under "-k" and so on. */
int ck_profile_keep(struct ck_profile *profile, const char *list,
		    struct ck_diags *diags) CK_MUST_USE;
int ck_profile_user(struct ck_arena *arena, struct ck_profile *profile, const char *user,
		    struct ck_diags *diags) CK_MUST_USE;
int ck_profile_bounding(struct ck_profile *profile, const char *word,
			struct ck_diags *diags) CK_MUST_USE;
/* The profile as an INI file that reads back as the same profile, includes resolved. */
const char *ck_profile_text(struct ck_arena *arena, const struct ck_profile *profile);
/* Where key [section] name was stated; file NULL: nowhere. */
const struct ck_origin *ck_profile_origin(const struct ck_profile *profile,
					  const char *section, const char *name);
/* The same as text, "FILE:LINE" or "-k"; else fallback. */
const char *ck_profile_where(struct ck_arena *arena, const struct ck_profile *profile,
			     const char *section, const char *name, const char *fallback);

/* ---- file.c: open and judge a profile ---- */

/* As open(2) with O_CLOEXEC, but never lands on 0..2, whatever the caller has closed. */
int ck_open(const char *path, int flags) CK_MUST_USE;
/* Opens once, judges the descriptor (SPEC: regular, owner, mode, size), reads it whole,
 * with room for one byte more. Returns -ENOENT without a diagnostic where there is no
 * such file, -EINVAL with one otherwise. */
int ck_file_read(struct ck_arena *arena, const char *path, struct ck_diags *diags,
		 char **ret_bytes, size_t *ret_length) CK_MUST_USE;
/* All of path without judgement, up to max bytes; for /etc/passwd and /etc/group. */
int ck_file_slurp(struct ck_arena *arena, const char *path, size_t max,
		  const char **ret_bytes, size_t *ret_length) CK_MUST_USE;

/* ---- identity.c: /etc/passwd and /etc/group, read directly ---- */

#define CK_ID_MAX UINT64_C(4294967294) /* (uid_t)-1 means "no change" to the kernel */

struct ck_identity {
	uid_t uid;
	gid_t gid;
	const char *user_name; /* NULL: no entry, and home and shell are NULL too */
	const char *home, *shell;
	gid_t *groups; /* sorted, each once */
	size_t ngroups;
	bool groups_unchanged;
};

struct ck_state;
/* Resolves user, group and groups of the profile against the files passwd and group,
 * starting from the ids of now. */
int ck_identity_resolve(struct ck_arena *arena, const struct ck_profile *profile,
			const struct ck_state *now, const char *passwd, const char *group,
			struct ck_diags *diags, struct ck_identity *ret) CK_MUST_USE;

/* Sorts and leaves each once; returns how many are left. */
size_t ck_groups_sort(gid_t *groups, size_t count);

#endif
