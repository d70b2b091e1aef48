/* SPDX-License-Identifier: MIT */
/*
 * ctl.h - what the files of capkeepctl share. Nothing of it is linked into the launcher.
 * Unlike the modules below it, capkeepctl may print, and ends with 125 where memory runs
 * out.
 */
#ifndef CTL_H
#define CTL_H

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>

#include "capkeep.h"

enum { CK_CTL_FINE = 0, CK_CTL_FINDINGS = 1, CK_CTL_USAGE = 2, CK_CTL_FAILED = 125 };

#define CK_CTL "capkeepctl"
#define CK_CTL_PASSWD "/etc/passwd"
#define CK_CTL_GROUP "/etc/group"

/* ---- ctl.c, ctl-options.c, ctl-commands.c: the table of commands, from which help,
 * completion and the manual's check come ---- */

/* What completion offers for an argument: one of these, or the words themselves; with
 * CK_OR_FILE behind them, files as well. */
#define CK_OR_FILE " <file>"
#define CK_TAKES_FILE "<file>"
#define CK_TAKES_PID "<pid>"
#define CK_TAKES_PROFILE "<profile>"
#define CK_TAKES_CAPS "<caps>"
#define CK_TAKES_ANY "<any>"

struct ck_ctl_option {
	char letter; /* 0: none */
	bool repeat; /* may be given more than once */
	const char *name, *argument, *help;
	const char *takes; /* of the argument: CK_TAKES_, or words separated by blanks */
};

struct ck_ctl_given {
	const struct ck_ctl_option *option;
	const char *value; /* "" where the option takes none */
};

struct ck_ctl;
struct ck_command {
	const char *name;
	int (*run)(struct ck_ctl *ctl); /* returns the exit status */
	const char *help;		/* one line */
	const char *usage;		/* what stands behind the name */
	const char *takes;		/* of the operands, as with options */
	const char *then;  /* of those behind the first, where it is another */
	const char *about; /* a few lines for --help */
	const char *exits; /* of --help, where it is not that of most */
	const struct ck_ctl_option *options; /* up to one without a name; may be NULL */
	bool json;			     /* has --json */
	bool command; /* what stands behind -- is a command of the user's */
	struct {
		const char *line, *help;
	} examples[3];
};
extern const struct ck_command ck_commands[];
extern const size_t ck_commands_count;
/* What every command has; json stands first. */
extern const struct ck_ctl_option ck_common_options[];

struct ck_ctl {
	struct ck_arena *arena;
	struct ck_diags diags;
	const struct ck_command *command;
	struct ck_ctl_given *given;
	size_t ngiven, given_room;
	struct ck_strings operands;
	char **rest; /* behind --, where the command takes a command; NULL: there was no
			-- */
	bool json, colour;
	unsigned int width; /* columns of the terminal; 0: no limit */
	FILE *out;
};

/* The value of an option, "" where it takes none; NULL where it was not given. */
const char *ck_ctl_value(const struct ck_ctl *ctl, const char *name);
/* Reports "capkeepctl: WHERE: ..." and returns status. */
int ck_ctl_fail(struct ck_ctl *ctl, int status, const char *where, const char *format,
		...) CK_PRINTF(4, 5);
/* Prints what stands in ctl->diags and empties it. */
void ck_ctl_complain(struct ck_ctl *ctl);
void ck_ctl_out_of_memory(void) __attribute__((noreturn));
/* Option i of a command, its own before the common ones; NULL behind the last. */
const struct ck_ctl_option *ck_command_option(const struct ck_command *command, size_t i);
/* Fills given, operands and rest. Returns 0 or CK_CTL_USAGE, complained about. */
int ck_ctl_parse(struct ck_ctl *ctl, int argc, char **argv) CK_MUST_USE;
/* "  -x, --name ARG" of an option. */
const char *ck_option_text(struct ck_arena *arena, const struct ck_ctl_option *option);

/* ---- ctl-text.c: text for terminals ---- */

/* A text that grows at its end. To join a new one each time would take its square. */
struct ck_text {
	char *bytes; /* NULL: nothing was added yet */
	size_t length, room;
};
void ck_text_add(struct ck_arena *arena, struct ck_text *text, const char *format, ...)
	CK_PRINTF(3, 4);
/* list ends with NULL. */
bool ck_is_one_of(const char *word, const char *const *list);
/* Never NULL. */
const char *ck_text_bytes(const struct ck_text *text);

enum ck_colour { CK_PLAIN, CK_BOLD, CK_RED, CK_GREEN, CK_YELLOW, CK_DIM };

/* text as a terminal may see it: what is no printable UTF-8, and what would change the
 * direction of writing, as \xNN. */
const char *ck_safe(struct ck_arena *arena, const char *text);
/* text with the escape sequences of the colour, where there is colour. */
const char *ck_paint(const struct ck_ctl *ctl, enum ck_colour colour, const char *text);
/* Prints to ctl->out; text has to be safe already. */
void ck_print(struct ck_ctl *ctl, const char *format, ...) CK_PRINTF(2, 3);
/* text broken between words, after indent columns; the first line has first columns
 * behind it. */
void ck_print_wrapped(struct ck_ctl *ctl, unsigned int first, unsigned int indent,
		      const char *text);
/* Columns that text takes. */
unsigned int ck_columns(const char *text);

struct ck_column {
	const char *title;
	bool right; /* numbers */
};
struct ck_cell {
	const char *text;
	enum ck_colour colour;
};
struct ck_table {
	struct ck_ctl *ctl;
	const struct ck_column *columns;
	size_t ncolumns;
	struct ck_cell *cells;
	size_t count, room;
};
/* Cells are added row by row and made safe; the last column wraps at the terminal. */
void ck_table_begin(struct ck_table *table, struct ck_ctl *ctl,
		    const struct ck_column *columns, size_t ncolumns);
void ck_table_add(struct ck_table *table, enum ck_colour colour, const char *text);
void ck_table_print(const struct ck_table *table);

/* ---- ctl-json.c ---- */

/* Never NULL; bytes that are no UTF-8 as \xNN. NULL gives null. */
json_t *ck_json_text(const char *text);
json_t *ck_json_number(long long number);
json_t *ck_json_bool(bool value);
json_t *ck_json_object(void);
json_t *ck_json_array(void);
void ck_json_set(json_t *object, const char *key, json_t *value);
void ck_json_add(json_t *array, json_t *value);
/* {"mask": "0x400", "names": ["NET_BIND_SERVICE"]} */
json_t *ck_json_caps(uint64_t mask);
json_t *ck_json_sets(const struct ck_sets *sets);
json_t *ck_json_diags(const struct ck_diags *diags);
/* Prints and releases value. */
void ck_json_print(struct ck_ctl *ctl, json_t *value);
/* The same facts in two forms: prints the one that is asked for, and releases array. */
int ck_facts_print(const struct ck_table *table, json_t *array);

/* ---- ctl-caps.c: masks for people, and what there is to know of each capability ---- */

#define CK_CAPS_KNOWN 41
/* All that have a name. */
#define CK_EVERY ((UINT64_C(1) << CK_CAPS_KNOWN) - 1)
enum ck_reach { CK_REACH_ROOT, CK_REACH_NEAR, CK_REACH_WIDE, CK_REACH_NARROW };

struct ck_cap_facts {
	const char *allows;   /* with the calls */
	const char *mistaken; /* what it is not needed for */
	enum ck_reach reach;  /* amounts to root; nearly so; far; not far */
	const char *how;      /* it amounts to root, or why not */
	const char *cure;     /* what is cheaper */
};
extern const struct ck_cap_facts ck_cap_facts[CK_CAPS_KNOWN];
/* "amounts to root" and so on. */
const char *ck_reach_text(enum ck_reach reach);
/* The capabilities that amount to root. */
uint64_t ck_caps_root(void);

/* Who gives what by default; presets for people and starting states. */
struct ck_giver {
	const char *name; /* "docker-default" */
	uint64_t mask;
	const char *help;
};
extern const struct ck_giver ck_givers[];
extern const size_t ck_givers_count;
#define CK_DOCKER_DEFAULT UINT64_C(0xa80425fb)
#define CK_PODMAN_DEFAULT UINT64_C(0x800405fb)
#define CK_CRIO_DEFAULT UINT64_C(0x5fb)

/* The shortest of: names, "all", "all -SYS_ADMIN", "docker-default -NET_RAW +SYS_TIME",
 * "none". */
const char *ck_compact(struct ck_arena *arena, uint64_t mask, uint64_t known);
/* Capabilities of the running kernel. */
uint64_t ck_caps_known(void);

/* ---- ctl-proc.c: processes as /proc tells of them ---- */

struct ck_process {
	pid_t pid, tid, ppid;
	const char *name; /* as the process wrote it: not safe */
	struct ck_state
		state; /* securebits: of this process only; known: of the kernel */
	uid_t fsuid;
	gid_t fsgid;
	char phase; /* the letter of State: Z and X have ended; 0: not told */
	bool securebits_known;
	int seccomp;	       /* 0 off, 1 strict, 2 filter, -1: not told */
	unsigned int filters;  /* 0 where the kernel does not tell */
	unsigned long userns;  /* inode number; 0: not to be seen */
	const char *container; /* NULL: not asked, "": none */
};

struct ck_processes {
	struct ck_process *list;
	size_t count, room;
};

/* The text of a status file of /proc. -EINVAL where it is none. */
int ck_process_parse(struct ck_arena *arena, const char *text,
		     struct ck_process *ret) CK_MUST_USE;
/* tid 0: the main thread. -ESRCH where it is gone, never else. */
int ck_process_read(struct ck_arena *arena, pid_t pid, pid_t tid,
		    struct ck_process *ret) CK_MUST_USE;
/* All of them that are to be seen, in the order of pids; threads too where asked. */
int ck_processes_read(struct ck_arena *arena, bool threads,
		      struct ck_processes *ret) CK_MUST_USE;
/* -ESRCH as above. */
int ck_process_threads(struct ck_arena *arena, pid_t pid,
		       struct ck_processes *ret) CK_MUST_USE;
/* NULL at the end, with 0 in rc, or where a directory of /proc cannot be read. A process
 * that has ended by now has no more threads. */
const struct dirent *ck_next_entry(DIR *dir, int *rc);
/* This one, by raw calls. */
int ck_process_self(struct ck_arena *arena, struct ck_process *ret) CK_MUST_USE;
/* Fills userns; container from the cgroup where asked. */
void ck_process_place(struct ck_arena *arena, struct ck_process *process, bool container);
/* "docker 0123456789ab" from the text of a cgroup file, "": it names no container. */
const char *ck_container_name(struct ck_arena *arena, const char *cgroups);
/* The name of uid in /etc/passwd, or the number. */
const char *ck_user_name(uid_t uid);
/* A pid as an operand; 0: this process ("self"). -EINVAL with a complaint. */
int ck_pid_operand(struct ck_ctl *ctl, const char *word, pid_t *ret) CK_MUST_USE;
/* pid of such an operand. Where it cannot be read: CK_CTL_FAILED, complained about. */
int ck_process_of(struct ck_arena *arena, pid_t pid, struct ck_process *ret) CK_MUST_USE;
int ck_process_fail(struct ck_ctl *ctl, const char *word, int rc);
json_t *ck_json_process(const struct ck_process *process);

/* ---- ctl-state.c: starting states of --as ---- */

#define CK_AS_WORDS "root docker podman restricted k8s-baseline self"
/* word: one of the above, a PID, or a file: of `show --json` or a copy of
 * /proc/PID/status. */
int ck_start_state(struct ck_ctl *ctl, const char *word,
		   struct ck_state *ret) CK_MUST_USE;
/* The profile as -p would find it, complete; complaints go to ctl->diags. */
int ck_ctl_profile(struct ck_ctl *ctl, const char *name,
		   struct ck_profile *ret) CK_MUST_USE;
/* The same of an operand that is a file: one of this directory comes before a name. */
int ck_ctl_profile_file(struct ck_ctl *ctl, const char *path,
			struct ck_profile *ret) CK_MUST_USE;

/* ---- the commands ---- */

int ck_ctl_show(struct ck_ctl *ctl);
int ck_ctl_check(struct ck_ctl *ctl);
int ck_ctl_explain(struct ck_ctl *ctl);
int ck_ctl_audit(struct ck_ctl *ctl);
int ck_ctl_convert(struct ck_ctl *ctl);
int ck_ctl_verify(struct ck_ctl *ctl);
int ck_ctl_learn(struct ck_ctl *ctl);
int ck_ctl_list(struct ck_ctl *ctl);
int ck_ctl_trace(struct ck_ctl *ctl);
int ck_ctl_completion(struct ck_ctl *ctl);

#endif
