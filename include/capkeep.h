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
 * Conventions. Functions return 0 or -errno unless they say otherwise; what the user got
 * wrong goes into a ck_diags list and makes them return -EINVAL. Masks are uint64_t, bit
 * N is capability N of capabilities(7). Output parameters come last, are named ret, and
 * are written only on success. Memory comes from an arena that is freed as a whole. This
 * header is not installed.
 */
#ifndef CAPKEEP_H
#define CAPKEEP_H

#include "capkeep-base.h"
#include "capkeep-filter.h"
#include "capkeep-profile.h"

/* ---- sys.c: the small table in front of the kernel ---- */

/*
 * Everything that changes or proves the state goes through this table, so that a test's
 * kernel can refuse or lie at the n-th call. The real one makes raw system calls;
 * libcap-ng stands behind the three staging entries, whose results are never believed.
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
	/* loader.c: makes the thread that keeps SYS_ADMIN alone; 0 or -errno. realtime:
	 * the start has SCHED_FIFO or SCHED_RR. */
	int (*loader_start)(bool realtime);
	/* Has it load the program into both threads; 0 or -errno. */
	long (*loader_load)(unsigned int flags, const struct ck_program *program);
};
extern const struct ck_sys ck_sys_kernel;

/* ---- state.c: the live state of this process, by raw calls, without /proc ---- */

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

/* Around the state: what planning has to know and verifying does not compare whole. */
struct ck_surroundings {
	struct rlimit limits[CK_LIMITS]; /* all 0 where not asked for */
	int parent_death_signal;
	uint64_t signal_mask;  /* bit N-1 is signal N */
	unsigned int standard; /* bit N: descriptor N of 0..2 is open */
	pid_t pid, parent, session, process_group, parent_group;
	bool at_secure;
	bool terminal;	       /* there is a controlling terminal */
	bool terminal_unknown; /* /dev/tty could not be asked */
};

/* Reads with canaries: each call is first shown to be live (-EPROTO where it is not).
 * groups has room for CK_GROUPS_MAX entries and is sorted in place. Fails with the errno
 * of the call, and *ret_call names it ("capget"). */
int ck_state_read(const struct ck_sys *sys, gid_t *groups, const char **ret_call,
		  struct ck_state *ret) CK_MUST_USE;
/* NULL where equal, else the name of the first part that differs ("bounding", "uid"). */
const char *ck_state_differs(const struct ck_state *a, const struct ck_state *b);
/* session: also what new-session has to know; limits: also those, a bit each. */
#define CK_LIMITS_ALL ((1U << CK_LIMITS) - 1)
int ck_surroundings_read(const struct ck_sys *sys, bool session, unsigned int limits,
			 const char **ret_call, struct ck_surroundings *ret) CK_MUST_USE;
/* A descriptor of the controlling terminal, or -errno; -EPROTO: a forged one. */
long ck_terminal_open(const struct ck_sys *sys) CK_MUST_USE;
int ck_limits_read(const struct ck_sys *sys, struct rlimit *ret) CK_MUST_USE;
int ck_standard_read(const struct ck_sys *sys, unsigned int *ret) CK_MUST_USE;
int ck_signal_mask_read(const struct ck_sys *sys, uint64_t *ret) CK_MUST_USE;
int ck_death_signal_read(const struct ck_sys *sys, int *ret) CK_MUST_USE;

/* ---- environ.c: the workload's environment ---- */

/* Builds envp from [environment] and, where the uid changes, HOME, USER, LOGNAME and
 * SHELL. */
char **ck_environ_build(struct ck_arena *arena, const struct ck_profile *profile,
			const struct ck_identity *identity, bool uid_changes,
			char *const *envp);
/* The value of name, or NULL. */
const char *ck_environ_get(char *const *envp, const char *name);

/* ---- target.c: find the command; inspect.c: look at it; exec.c: what exec will make of
 * it ----- */

struct ck_fcaps { /* the security.capability attribute, see capabilities(7) */
	bool present, effective;
	uint64_t permitted, inheritable;
	int error; /* EINVAL: execve fails with it; else the attribute cannot be read */
};

/* A file that execve may be given. Of a script, the attributes are those of its
 * interpreter. */
struct ck_target {
	const char *path; /* as it is given to execve, from the workload's directory */
	const char *interpreter; /* of a script; NULL */
	dev_t device;		 /* of the file itself, to know it again */
	ino_t inode;
	uid_t uid;
	gid_t gid;
	mode_t mode;
	bool nosuid;
	struct ck_fcaps fcaps;
	int error;	     /* 0, or the errno with which execve is bound to fail */
	bool unread;	     /* executable, but what it is could not be looked at */
	bool unseen;	     /* in a place that the launcher's rights do not reach */
	bool by_rights;	     /* error is only what the mode bits let expect */
	const char *reason;  /* in words, where error is set */
	const char *refused; /* why exec would not give what the profile says; by the
				planner */
};

struct ck_targets {
	const char *command;
	struct ck_target *list; /* in the order of PATH */
	size_t count;
	size_t chosen; /* the first that the workload can execute, as far as can be
			  foreseen */
};

/* Whose rights count when the command is searched. */
struct ck_seeker {
	uid_t uid;
	gid_t gid;
	const gid_t *groups;
	size_t ngroups;
	uint64_t effective;
	bool self;	       /* the same as this process now: ask the kernel */
	const char *directory; /* where relative interpreters are; NULL: here */
	/* Bit N is enum ck_abi N of the filter that will be loaded before execve, so that
	 * what execve would fail with has to be found here; 0: there is none. */
	unsigned int abis;
};

/* Can seeker execute (or, of a directory, search) the file at path? 0, -EACCES or another
 * error of stat(2). Judged by mode bits where the seeker is not this process; an access
 * list counts as yes, since the kernel will have the last word. */
int ck_seeker_may(struct ck_arena *arena, const struct ck_seeker *seeker,
		  const char *path) CK_MUST_USE;
/* Fills everything but path, device, inode and refused for the file at path. */
void ck_target_inspect(struct ck_arena *arena, const char *path,
		       const struct ck_seeker *seeker, struct ck_target *target);
/* Searches command as the workload would: in PATH of envp, from directory (NULL: the
 * current). Returns 0, or -ENOENT (exit 127) or -EACCES (126) with a diagnostic. */
int ck_target_find(struct ck_arena *arena, const char *command, const char *directory,
		   char *const *envp, const struct ck_seeker *seeker,
		   struct ck_diags *diags, struct ck_targets *ret) CK_MUST_USE;

/* The working directory has to be one that the workload may enter, as far as can be seen
 * before the user changes. */
int ck_directory_check(struct ck_arena *arena, const struct ck_profile *profile,
		       const struct ck_seeker *seeker,
		       struct ck_diags *diags) CK_MUST_USE;

struct ck_exec_result {
	struct ck_sets sets;
	uid_t euid;
	gid_t egid;
	bool secure; /* AT_SECURE: clears the parent death signal */
	int error;   /* EPERM: execve must fail */
};

/* The kernel's rules for execve(2), cap_bprm_creds_from_file() of security/commoncap.c.
 * Pure. */
void ck_exec_predict(const struct ck_state *before, const struct ck_target *target,
		     struct ck_exec_result *ret);

/* ---- descriptors.c: which stay open ---- */

struct ck_range {
	unsigned int first, last;
};

/* The ranges of descriptors above 2 that are closed: all but keep-fds and, where
 * LISTEN_PID of the workload's environment is pid, LISTEN_FDS from 3. Asks the kernel
 * whether keep-fds are open. */
int ck_descriptors_plan(struct ck_arena *arena, const struct ck_sys *sys,
			const struct ck_profile *profile, char *const *envp, pid_t pid,
			struct ck_diags *diags, const struct ck_range **ret_close,
			size_t *ret_count) CK_MUST_USE;

/* ---- plan.c: profile + state + target -> plan, or the reasons why not; makes no system
 * call -- */

/* Empty where the profile has no filter, or one with mode = off. */
struct ck_plan_filter {
	struct ck_rules rules;
	struct ck_program program;
	struct ck_probe probe;
	unsigned int flags; /* of those that the profile wants, what this kernel knows */
};

struct ck_plan {
	const struct ck_profile *profile;
	const struct ck_identity *identity;
	struct ck_surroundings around;
	struct ck_state before, after; /* at the start; right before exec, as verified */
	uint64_t keep;		       /* K: keep, and what of optional is held */
	uint64_t absent;	       /* what of optional is not held */
	uint64_t working;     /* permitted until 'final-sets': K, SETPCAP while needed */
	unsigned int todo;    /* bit N: step N of ck_steps has something to do */
	bool root_stays;      /* the bounding set does the keeping, not the ambient one */
	bool bounding_waived; /* cannot be cut; no_new_privs stands in */
	bool keepcaps;	      /* the uid step needs PR_SET_KEEPCAPS */
	struct rlimit limits[CK_LIMITS];
	int parent_death_signal;
	const struct ck_range *close;
	size_t nclose;
	char **argv, **envp;
	struct ck_targets targets;
	struct ck_exec_result after_exec;
	struct ck_plan_filter filter;
};

struct ck_plan_input {
	const struct ck_profile *profile;
	const struct ck_state *now;
	const struct ck_surroundings *around;
	const struct ck_identity *identity;
};

/* Sets, ids, limits: all but descriptors and target. All problems are reported at once;
 * -EPERM: such that nothing more can be said. */
int ck_plan_build(const struct ck_plan_input *input, struct ck_diags *diags,
		  struct ck_plan *ret) CK_MUST_USE;
/* Judges the targets against the plan: what exec would lose, add, or fail with. */
int ck_plan_target(struct ck_plan *plan, struct ck_diags *diags) CK_MUST_USE;
/* Builds the filter, behind ck_plan_build and before the target. Asks the kernel for its
 * flags. */
int ck_plan_filter(const struct ck_sys *sys, struct ck_plan *plan,
		   struct ck_diags *diags) CK_MUST_USE;
/* The rules alone, for a workload that keeps these capabilities. */
int ck_filter_read(const struct ck_profile *profile, uint64_t keep,
		   struct ck_diags *diags, struct ck_rules *ret) CK_MUST_USE;
/* Are the arguments and the environment such as execve takes? */
int ck_plan_arguments(const struct ck_plan *plan, struct ck_diags *diags) CK_MUST_USE;
void ck_plan_seeker(const struct ck_plan *plan, struct ck_seeker *ret);

/* ---- steps.c, apply.c, verify.c: change, prove, exec ---- */

/* The order of the steps; ck_steps[] has their functions and why each stands where it
 * does. */
enum ck_step_id {
	CK_STEP_NO_NEW_PRIVS,
	CK_STEP_EFFECTIVE,
	CK_STEP_LOADER,
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
	CK_STEP_FILTER,
	CK_STEP_PROBE,
	CK_STEP_EXEC,
	CK_STEPS
};

/* How far the steps came, and why they went no further. */
struct ck_progress {
	enum ck_step_id step;
	const char *call; /* the system call, or the part of the state that differs */
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

/* Runs the steps in order; returns only on failure, always negative. announce (may be
 * NULL) is called before each step. Allocates, parses and prints
 * nothing. */
int ck_apply(const struct ck_plan *plan, const struct ck_sys *sys,
	     void (*announce)(const struct ck_plan *plan, enum ck_step_id step),
	     struct ck_progress *progress);

/* ---- explain.c: why it did not start ---- */

void ck_explain(const struct ck_plan *plan, const struct ck_progress *progress, int error,
		struct ck_diags *diags);
/* An answer to call that the kernel never gives. */
void ck_explain_false_answer(const char *where, const char *call, struct ck_diags *diags);
/* 125, 126 or 127. */
int ck_exit_status(const struct ck_progress *progress, int error);

/* ---- tell.c: the plan for people ---- */

/* What -n prints. */
const char *ck_plan_text(struct ck_arena *arena, const struct ck_plan *plan);

/* ---- options.c: the one table of the launcher's options ---- */

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
int ck_options_parse(int argc, char **argv, struct ck_diags *diags,
		     struct ck_command_line *ret) CK_MUST_USE;
const char *ck_options_help(struct ck_arena *arena);

#endif
