/* SPDX-License-Identifier: MIT */
/*
 * capkeep.h - the value types and the prototypes between the modules.
 *
 * Data flows one way, and every arrow is a value that can be printed, compared and faked:
 *
 *   profile bytes -> ck_profile --.
 *   live state ----> ck_state ----+-> ck_plan -> ck_apply -> verified -> execve
 *   argv, target ----------------'    '-> diagnostics, exit 125, nothing changed
 *
 * Conventions. Functions return 0 or -errno unless they say otherwise; what the user got wrong goes
 * into a ck_diags list and makes them return -EINVAL. Masks are uint64_t, bit N is capability N of
 * capabilities(7). Output parameters come last, are named ret, and are written only on success.
 * Memory comes from an arena that is freed as a whole. This header is not installed.
 */
#ifndef CAPKEEP_H
#define CAPKEEP_H

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#define CK_MUST_USE __attribute__((warn_unused_result))
#define CK_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define CK_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Exit statuses when the workload was not started; the same as env(1) and docker use. */
enum { CK_EXIT_REFUSED = 125, CK_EXIT_CANNOT_EXEC = 126, CK_EXIT_NOT_FOUND = 127 };

/* ---- arena.c: memory that lives as long as the program's one job -------------------------- */

struct ck_chunk;
struct ck_arena {
	struct ck_chunk *chunks;
	/* What is left of the newest chunk, or of zeroed room that the owner gave at the start. */
	char *next;
	size_t left;
	/* Called when memory runs out; must not return. NULL: abort(). */
	void (*out_of_memory)(void) __attribute__((noreturn));
};

/* Zeroed, aligned for any type; never NULL. */
void *ck_alloc(struct ck_arena *arena, size_t size) __attribute__((returns_nonnull)) CK_MUST_USE;
/* An array of count elements; an overflow counts as out of memory. */
void *ck_alloc_array(struct ck_arena *arena, size_t count, size_t size) CK_MUST_USE;
/* list with room for one element more: as it is, or a copy twice as large. */
void *ck_grow(struct ck_arena *arena, void *list, size_t count, size_t *room, size_t size)
	CK_MUST_USE;
char *ck_strndup(struct ck_arena *arena, const char *text, size_t length) CK_MUST_USE;
char *ck_format(struct ck_arena *arena, const char *format, ...) CK_PRINTF(2, 3) CK_MUST_USE;
char *ck_vformat(struct ck_arena *arena, const char *format, va_list ap)
	CK_PRINTF(2, 0) CK_MUST_USE;
/* a, b and c in a row; printf(3) would cost as much as all the rest of a start. */
char *ck_join(struct ck_arena *arena, const char *a, const char *b, const char *c) CK_MUST_USE;
void ck_arena_free(struct ck_arena *arena);

struct ck_strings {
	const char **list;
	size_t count, room;
};
void ck_strings_add(struct ck_arena *arena, struct ck_strings *strings, const char *text);

/* ---- diag.c, nearest.c: what the user got wrong ------------------------------------------------------- */

/* Where a key was stated: FILE:LINE, an option ("-k", line 0), or nowhere (file NULL). */
struct ck_origin {
	const char *file;
	unsigned int line;
};

/* "FILE:LINE", or FILE where line is 0. */
const char *ck_origin_text(struct ck_arena *arena, const struct ck_origin *origin);

struct ck_diag {
	const char *where; /* "FILE:LINE", "-k", or the name of a step */
	const char *text;
};

struct ck_diags {
	struct ck_arena *arena;
	struct ck_diag *list;
	size_t count, room;
};

void ck_diag_add(struct ck_diags *diags, const char *where, const char *format, ...)
	CK_PRINTF(3, 4);
/* text with its control characters as \xNN, for terminals. */
const char *ck_escape(struct ck_arena *arena, const char *text);
/* The same, but for newlines. */
const char *ck_escape_lines(struct ck_arena *arena, const char *text);
/* One line "PROGRAM: WHERE: TEXT" each, control characters as \xNN; ck_say decides the rest. */
void ck_diags_print(const struct ck_diags *diags, const char *program, int fd);
/* Writes all of text. A signal that the write brings about (SIGPIPE, SIGXFSZ) is swallowed, and
 * mask and dispositions are as before. Returns 0 or -errno. */
int ck_say(int fd, const char *text, size_t length);
/* The best of the candidates so far, for "did you mean"; start with {0}. */
struct ck_nearest {
	const char *name;
	unsigned int distance;
};
/* Damerau-Levenshtein without regard to case; keeps the candidate when it is nearer than the best
 * so far and near enough to be meant (a third of the word, at least 2). */
void ck_nearest_try(struct ck_nearest *best, const char *word, const char *candidate);
/* ", did you mean NAME?" or "" */
const char *ck_nearest_hint(struct ck_arena *arena, const struct ck_nearest *best);

/* ---- capset.c: names <-> masks, see capabilities(7) ---------------------------------------- */

#define CK_CAP_BITS 64
#define CK_CAP(n) (UINT64_C(1) << (n))

/* "NET_RAW" for 13; NULL where no table names the number. */
const char *ck_cap_name(unsigned int cap);
/* The same, and the number as text where there is no name. */
const char *ck_cap_label(struct ck_arena *arena, unsigned int cap);
/* Accepts NET_RAW, net_raw, CAP_NET_RAW, cap_net_raw. Returns the number, or -1. */
int ck_cap_number(const char *name, size_t length);
/* "@docker-default", "@oci-default". Returns false where there is no such preset. */
bool ck_cap_preset(const char *name, size_t length, uint64_t *ret);
/* A list of capabilities that may be stated in several lines. */
struct ck_caps {
	uint64_t mask;
	unsigned int words;
	bool none, preset; /* the word none, a preset was among them */
};
/* Adds a list as in `keep =` and -k: names, presets, -NAME after a preset, or none; separated by
 * commas or blanks. Problems go to diags under their origin. */
int ck_caps_add(struct ck_caps *caps, const char *text, const struct ck_origin *origin,
		struct ck_diags *diags) CK_MUST_USE;
/* "NET_BIND_SERVICE SETGID"; numbers for what has no name; "none" for 0. */
const char *ck_cap_text(struct ck_arena *arena, uint64_t mask);
/* Of nearly all of known, what is missing: "all 41", "all but SYS_RESOURCE"; else the names. */
const char *ck_sets_text(struct ck_arena *arena, uint64_t mask, uint64_t known);

/* ---- words.c: lists, strict numbers, the names of signals and limits ----------------------- */

/* The next word of a list separated by commas and blanks. Returns its length, 0 at the end;
 * *cursor is moved behind it, *word is its start. */
size_t ck_word_next(const char **cursor, const char **word);
/* Decimal: 0 or [1-9][0-9]*, at most max. Returns -EINVAL (not a number) or -ERANGE. */
int ck_number(const char *text, size_t length, uint64_t max, uint64_t *ret) CK_MUST_USE;
/* All digits, whether or not it is a number that ck_number takes. */
bool ck_is_digits(const char *text, size_t length);
/* "TERM" or "SIGTERM" -> SIGTERM; -EINVAL. */
int ck_signal_number(const char *name);
const char *ck_signal_name(int number);

#define CK_LIMITS 16 /* RLIM_NLIMITS of Linux since 2.6.25 */
/* "nofile" for RLIMIT_NOFILE, as setrlimit(2) without the prefix. */
extern const char *const ck_limit_names[CK_LIMITS];

/* ---- ini.c: bytes -> entries; strict where inih is lenient --------------------------------- */

#define CK_FILE_MAX 65536 /* bytes of a profile */
#define CK_LINE_MAX 190	  /* bytes of a line; inih cuts at 199 and reads on in the middle */

struct ck_entry {
	const char *section, *key, *value; /* key "": the line [section] itself */
	const char *raw; /* the line behind the first '=', blanks before it skipped, as it is */
	struct ck_origin origin;
	bool continued; /* an indented line: value goes on with the entry before */
};

struct ck_entries {
	struct ck_entry *list;
	size_t count, room;
	unsigned int lines; /* lines in the file */
};

/* is_key(section, word, length) tells a misplaced `key =` from the continuation of a list. */
int ck_ini_read(struct ck_arena *arena, const char *file, const char *bytes, size_t length,
		bool (*is_key)(const char *section, const char *word, size_t length),
		struct ck_diags *diags, struct ck_entries *ret) CK_MUST_USE;

/* ---- keys.c, profile.c: entries -> struct ck_profile --------------------------------------- */

enum ck_tristate { CK_AUTO, CK_YES, CK_NO };
enum ck_bounding { CK_BOUNDING_AUTO, CK_BOUNDING_EXACT, CK_BOUNDING_IF_POSSIBLE };
enum ck_groups { CK_GROUPS_DEFAULT, CK_GROUPS_INIT, CK_GROUPS_NONE, CK_GROUPS_UNCHANGED,
		 CK_GROUPS_LIST };

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

struct ck_profile {
	const char *name; /* the path, or "none" for the built-in default */
	const char *description, *include;
	struct ck_caps keep, optional;
	enum ck_tristate ambient;
	enum ck_bounding bounding;
	struct ck_securebits {
		unsigned int on;  /* bits to add, with their locks; SECBIT_ of capabilities(7) */
		unsigned int off; /* bits that must be off: KEEP_CAPS with keep-caps-off */
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
	struct ck_origin seccomp; /* where the section begins; file NULL: there is none */
	struct ck_origin origin[CK_KEYS_MAX]; /* by index in ck_keys */
	unsigned int lines;		      /* of the profile's own file */
};

/* The built-in default: keep nothing, no_new_privs, close-fds, user unchanged. */
void ck_profile_default(struct ck_profile *ret);
/* Nothing stated at all: the start of every profile that is read from a file. */
void ck_profile_empty(const char *name, struct ck_profile *ret);
/* Where profiles are looked up by name; variables, so that tests can have their own. */
extern const char *ck_confdir, *ck_profiledir;
/* Resolves the argument of -p (NULL: no -p) and reads the profile with what it includes. */
int ck_profile_load(struct ck_arena *arena, const char *name, struct ck_diags *diags,
		    struct ck_profile *ret) CK_MUST_USE;
/* One file's bytes as entries, and entries over what profile holds already. */
int ck_profile_entries(const char *file, const char *bytes, size_t length, struct ck_diags *diags,
		       struct ck_entries *ret) CK_MUST_USE;
int ck_profile_take(struct ck_profile *profile, const struct ck_entries *entries,
		    struct ck_diags *diags) CK_MUST_USE;
/* Both; include is left to the caller. */
int ck_profile_parse(const char *file, const char *bytes, size_t length, struct ck_diags *diags,
		     struct ck_profile *profile) CK_MUST_USE;
/* keep and user must be stated by now, and keys must not contradict each other. */
int ck_profile_complete(const struct ck_profile *profile, struct ck_diags *diags) CK_MUST_USE;
/* -k, -u, -b in place of what the profile says; problems under "-k" and so on. */
int ck_profile_keep(struct ck_profile *profile, const char *list, struct ck_diags *diags)
	CK_MUST_USE;
int ck_profile_user(struct ck_arena *arena, struct ck_profile *profile, const char *user,
		    struct ck_diags *diags) CK_MUST_USE;
int ck_profile_bounding(struct ck_profile *profile, const char *word, struct ck_diags *diags)
	CK_MUST_USE;
/* The profile as an INI file that reads back as the same profile, includes resolved. */
const char *ck_profile_text(struct ck_arena *arena, const struct ck_profile *profile);
/* "FILE:LINE" or "-k" for where key [section] name was stated, else fallback. */
const char *ck_profile_where(struct ck_arena *arena, const struct ck_profile *profile,
			     const char *section, const char *name, const char *fallback);

/* ---- file.c: open and judge a profile ------------------------------------------------------ */

/* As open(2) with O_CLOEXEC, but never lands on 0..2, whatever the caller has closed. */
int ck_open(const char *path, int flags) CK_MUST_USE;
/* Opens once, judges the descriptor (SPEC: regular, owner, mode, size), reads it whole. Returns
 * -ENOENT without a diagnostic where there is no such file, -EINVAL with one otherwise. */
int ck_file_read(struct ck_arena *arena, const char *path, struct ck_diags *diags,
		 const char **ret_bytes, size_t *ret_length) CK_MUST_USE;
/* Everything of path without judgement, up to max bytes; for /etc/passwd and /etc/group. */
int ck_file_slurp(struct ck_arena *arena, const char *path, size_t max, const char **ret_bytes,
		  size_t *ret_length) CK_MUST_USE;

/* ---- identity.c: /etc/passwd and /etc/group, read directly --------------------------------- */

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
/* Resolves user, group and groups of the profile against the files passwd and group, starting from
 * the ids of now. */
int ck_identity_resolve(struct ck_arena *arena, const struct ck_profile *profile,
			const struct ck_state *now, const char *passwd, const char *group,
			struct ck_diags *diags, struct ck_identity *ret) CK_MUST_USE;

/* Sorts and leaves each once; returns how many are left. */
size_t ck_groups_sort(gid_t *groups, size_t count);

/* ---- sys.c: the small table in front of the kernel ------------------------------------------ */

/*
 * Everything that changes or proves the state goes through this table, so that a test's kernel can
 * refuse or lie at the n-th call. The real one makes raw system calls; libcap-ng stands behind the
 * three staging entries, whose results are never believed.
 */
struct ck_sys {
	/* The raw system call nr; returns its value or -errno. */
	long (*call)(long nr, long a, long b, long c, long d, long e);
	/* libcap-ng: cut the bounding set to keep; 0 or -errno. */
	int (*bound)(uint64_t keep);
	/* libcap-ng: capset(2). */
	int (*set)(uint64_t permitted, uint64_t effective, uint64_t inheritable);
	/* libcap-ng: clear the ambient set, then raise these. */
	int (*ambient)(uint64_t raise);
};
extern const struct ck_sys ck_sys_kernel;

/* ---- state.c: the live state of this process, by raw calls, without /proc ------------------- */

struct ck_sets {
	uint64_t bounding, permitted, effective, inheritable, ambient;
};

#define CK_GROUPS_MAX 65536 /* NGROUPS_MAX since Linux 2.6.4 */

struct ck_state {
	struct ck_sets sets;
	uint64_t known; /* the capabilities that this kernel has */
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;
	const gid_t *groups; /* sorted, each once */
	size_t ngroups;
	unsigned int securebits;
	bool no_new_privs;
	bool ambient_supported; /* Linux 4.3 */
};

/* Around the state: what planning has to know and verifying does not compare as a whole. */
struct ck_surroundings {
	struct rlimit limits[CK_LIMITS];
	int parent_death_signal;
	pid_t pid, parent, session, process_group, parent_group;
	bool at_secure;
	bool terminal;	       /* there is a controlling terminal */
	bool terminal_unknown; /* /dev/tty could not be asked */
};

/* Reads with canaries: each call is first shown to be live (-EPROTO where it is not). groups has
 * room for CK_GROUPS_MAX entries and is sorted in place. Fails with the errno of the call, and
 * *ret_call names it ("capget"). */
int ck_state_read(const struct ck_sys *sys, gid_t *groups, const char **ret_call,
		  struct ck_state *ret) CK_MUST_USE;
/* NULL where equal, else the name of the first part that differs ("bounding", "uid"). */
const char *ck_state_differs(const struct ck_state *a, const struct ck_state *b);
/* session: also what new-session has to know. */
int ck_surroundings_read(const struct ck_sys *sys, bool session, const char **ret_call,
			 struct ck_surroundings *ret) CK_MUST_USE;
int ck_limits_read(const struct ck_sys *sys, struct rlimit *ret) CK_MUST_USE;
int ck_death_signal_read(const struct ck_sys *sys, int *ret) CK_MUST_USE;

/* ---- environ.c: the workload's environment --------------------------------------------------- */

/* Builds envp from [environment] and, where the uid changes, HOME, USER, LOGNAME and SHELL. */
char **ck_environ_build(struct ck_arena *arena, const struct ck_profile *profile,
			const struct ck_identity *identity, bool uid_changes, char *const *envp);
/* The value of name, or NULL. */
const char *ck_environ_get(char *const *envp, const char *name);

/* ---- target.c: find the command; inspect.c: look at it; exec.c: what exec will make of it ----- */

struct ck_fcaps { /* the security.capability attribute, see capabilities(7) */
	bool present, effective;
	uint64_t permitted, inheritable;
	int error; /* EINVAL: execve fails with it; another: the attribute cannot be read */
};

/* A file that execve may be given. Of a script, the attributes are those of its interpreter. */
struct ck_target {
	const char *path;	 /* as it is given to execve, from the workload's directory */
	const char *interpreter; /* of a script; NULL */
	dev_t device;		 /* of the file itself, to know it again */
	ino_t inode;
	uid_t uid;
	gid_t gid;
	mode_t mode;
	bool nosuid;
	struct ck_fcaps fcaps;
	int error;	     /* 0, or the errno with which execve is bound to fail */
	const char *reason;  /* in words, where error is set */
	const char *refused; /* why exec would not give what the profile says; by the planner */
};

struct ck_targets {
	const char *command;
	struct ck_target *list; /* in the order of PATH */
	size_t count;
	size_t chosen; /* the first that the workload can execute, as far as can be foreseen */
};

/* Whose rights count when the command is searched. */
struct ck_seeker {
	uid_t uid;
	gid_t gid;
	const gid_t *groups;
	size_t ngroups;
	uint64_t effective;
	bool self; /* the same as this process now: ask the kernel */
};

/* Can seeker execute (or, of a directory, search) the file at path? 0, -EACCES or another error of
 * stat(2). Judged by mode bits where the seeker is not this process; an access list counts as yes,
 * since the kernel will have the last word. */
int ck_seeker_may(const struct ck_seeker *seeker, const char *path) CK_MUST_USE;
/* Fills everything but path, device, inode and refused for the file at path. */
void ck_target_inspect(struct ck_arena *arena, const char *path, const struct ck_seeker *seeker,
		       struct ck_target *target);
/* Searches command as the workload would: in PATH of envp, from directory (NULL: the current).
 * Returns 0, or -ENOENT (exit 127) or -EACCES (126) with a diagnostic. */
int ck_target_find(struct ck_arena *arena, const char *command, const char *directory,
		   char *const *envp, const struct ck_seeker *seeker, struct ck_diags *diags,
		   struct ck_targets *ret) CK_MUST_USE;

/* The working directory has to be one, as far as can be seen before the user changes. */
int ck_directory_check(struct ck_arena *arena, const struct ck_profile *profile,
		       struct ck_diags *diags) CK_MUST_USE;

struct ck_exec_result {
	struct ck_sets sets;
	uid_t euid;
	gid_t egid;
	bool secure; /* AT_SECURE: clears the parent death signal */
	int error;   /* EPERM: execve must fail */
};

/* The kernel's rules for execve(2), cap_bprm_creds_from_file() of security/commoncap.c. Pure. */
void ck_exec_predict(const struct ck_state *before, const struct ck_target *target,
		     struct ck_exec_result *ret);

/* ---- descriptors.c: which stay open ------------------------------------------------------------ */

struct ck_range {
	unsigned int first, last;
};

/* The ranges of descriptors above 2 that are closed: all but keep-fds and, where LISTEN_PID of the
 * workload's environment is pid, LISTEN_FDS from 3. Asks the kernel whether keep-fds are open. */
int ck_descriptors_plan(struct ck_arena *arena, const struct ck_sys *sys,
			const struct ck_profile *profile, char *const *envp, pid_t pid,
			struct ck_diags *diags, const struct ck_range **ret_close,
			size_t *ret_count) CK_MUST_USE;

/* ---- plan.c: profile + state + target -> plan, or the reasons why not; makes no system call -- */

struct ck_plan {
	const struct ck_profile *profile;
	const struct ck_identity *identity;
	struct ck_surroundings around;
	struct ck_state before, after; /* at the start; right before exec, as verified */
	uint64_t keep;		       /* K: keep, and what of optional is held */
	uint64_t absent;	       /* what of optional is not held */
	uint64_t working;	       /* permitted until 'final-sets': K, SETPCAP while needed */
	unsigned int todo;	       /* bit N: step N of ck_steps has something to do */
	bool root_stays;	       /* the bounding set does the keeping, not the ambient one */
	bool bounding_waived;	       /* cannot be cut; no_new_privs stands in */
	bool keepcaps;		       /* the uid step needs PR_SET_KEEPCAPS */
	struct rlimit limits[CK_LIMITS];
	int parent_death_signal;
	const struct ck_range *close;
	size_t nclose;
	char **argv, **envp;
	struct ck_targets targets;
	struct ck_exec_result after_exec;
};

struct ck_plan_input {
	const struct ck_profile *profile;
	const struct ck_state *now;
	const struct ck_surroundings *around;
	const struct ck_identity *identity;
};

/* Sets, ids, limits: all but descriptors and target. All problems are reported at once. */
int ck_plan_build(const struct ck_plan_input *input, struct ck_diags *diags, struct ck_plan *ret)
	CK_MUST_USE;
/* Judges the targets against the plan: what exec would lose, add, or fail with. */
int ck_plan_target(struct ck_plan *plan, struct ck_diags *diags) CK_MUST_USE;
void ck_plan_seeker(const struct ck_plan *plan, struct ck_seeker *ret);

/* ---- steps.c, apply.c, verify.c: change, prove, exec ------------------------------------------ */

/* The order of the steps; ck_steps[] has their functions and why each stands where it does. */
enum ck_step_id {
	CK_STEP_NO_NEW_PRIVS,
	CK_STEP_EFFECTIVE,
	CK_STEP_LIMITS,
	CK_STEP_UMASK,
	CK_STEP_SESSION,
	CK_STEP_AMBIENT_CLEAR,
	CK_STEP_BOUNDING,
	CK_STEP_GROUPS,
	CK_STEP_GID,
	CK_STEP_UID,
	CK_STEP_SETS,
	CK_STEP_AMBIENT,
	CK_STEP_SECUREBITS,
	CK_STEP_FINAL_SETS,
	CK_STEP_PARENT_DEATH_SIGNAL,
	CK_STEP_WORKING_DIRECTORY,
	CK_STEP_DESCRIPTORS,
	CK_STEP_COMMAND,
	CK_STEP_VERIFY,
	CK_STEP_EXEC,
	CK_STEPS
};

/* How far the steps came, and why they went no further. */
struct ck_progress {
	enum ck_step_id step;
	const char *call;		/* the system call, or the part of the state that differs */
	const struct ck_target *target; /* the file for execve */
};

struct ck_step {
	const char *name;
	/* Does it; returns 0 or -errno and then fills progress->call. */
	int (*run)(const struct ck_plan *plan, const struct ck_sys *sys,
		   struct ck_progress *progress);
	/* One line on what it does in this plan. */
	const char *(*tell)(struct ck_arena *arena, const struct ck_plan *plan);
	const char *why; /* it stands here */
};
extern const struct ck_step ck_steps[CK_STEPS];

static inline bool ck_plan_has(const struct ck_plan *plan, enum ck_step_id step)
{
	return (plan->todo >> step & 1U) != 0;
}

/* Runs the steps in order; returns only on failure, always negative. announce (may be NULL) is
 * called before each step that has something to do. Allocates, parses and prints nothing. */
int ck_apply(const struct ck_plan *plan, const struct ck_sys *sys,
	     void (*announce)(const struct ck_plan *plan, enum ck_step_id step),
	     struct ck_progress *progress);

/* ---- explain.c: why it did not start ----------------------------------------------------------- */

void ck_explain(const struct ck_plan *plan, const struct ck_progress *progress, int error,
		struct ck_diags *diags);
/* An answer to call that the kernel never gives. */
void ck_explain_false_answer(const char *where, const char *call, struct ck_diags *diags);
/* 125, 126 or 127. */
int ck_exit_status(const struct ck_progress *progress, int error);

/* ---- tell.c: the plan for people --------------------------------------------------------------- */

/* What -n prints. */
const char *ck_plan_text(struct ck_arena *arena, const struct ck_plan *plan);

/* ---- options.c: the one table of the launcher's options ------------------------------------------ */

struct ck_option {
	char letter;
	const char *name, *argument; /* argument NULL: takes none */
	const char *help;
};
extern const struct ck_option ck_options[];
extern const size_t ck_options_count;

struct ck_command_line {
	const char *profile, *keep, *user, *bounding;
	bool dry_run, verbose, help, version;
	char **argv; /* the workload's */
};
int ck_options_parse(int argc, char **argv, struct ck_diags *diags, struct ck_command_line *ret)
	CK_MUST_USE;
const char *ck_options_help(struct ck_arena *arena);

#endif
