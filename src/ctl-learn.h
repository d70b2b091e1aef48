/* SPDX-License-Identifier: MIT */
/* ctl-learn.h - trial runs of a command, and what they tell. */
#ifndef CTL_LEARN_H
#define CTL_LEARN_H

#include <sys/types.h>

#include "ctl.h"

/* ---- one run ---- */

/* A call that was refused with EPERM or EACCES. Its text has neither descriptors nor
 * pids, so that the same call of two runs has the same text. */
struct ck_refusal {
	const char *text;	  /* openat("/x", O_WRONLY) = EACCES */
	const char *path;	  /* the file that it is about, or NULL */
	unsigned char guesses[4]; /* capabilities that would let it through, from weak to
				     powerful */
	unsigned int nguesses;
	bool named; /* text has a path or another name, an address, a port or an id */
};

/* Seconds until a process that was killed is given up. */
#define CK_LEARN_PATIENCE 10.0

/* Who runs: a program with its ids. */
struct ck_ids {
	const char *program;
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;
};

struct ck_tree {
	struct ck_ids *list; /* sorted, each once */
	size_t count, room;
	bool busy; /* not all of them wait for something */
};

enum ck_look { CK_LOOK_NOT, CK_LOOK_CALLS, CK_LOOK_TRACE };

struct ck_trial {
	uint64_t keep;
	enum ck_look look;
	bool works;
	bool started; /* the command was executed */
	bool late;    /* it failed because time ran out */
	bool checked; /* the check succeeded */
	int crash;    /* SIGSYS or SIGSEGV of a process, or 0 */
	int end;      /* how the command itself ended, as of waitpid(2); -1: by SIGKILL */
	const char *why;       /* it failed */
	const char *said;      /* last line on standard error, or NULL */
	double began, readied; /* CLOCK_MONOTONIC, seconds; readied 0: never */
	double ready, ending;  /* seconds; ending: from --stop, or SIGTERM, on */
	struct ck_tree tree;
	struct ck_refusal *refusals;
	size_t nrefusals, refusals_room;
};

/* ---- what is known of a set, and of a capability ---- */

struct ck_known {
	uint64_t keep;
	unsigned int worked, failed;
	const struct ck_trial *pass, *fail; /* the last with refusals, else the last */
};

/* What the kernel asked for, as the tracepoint tells. */
struct ck_asked {
	unsigned int granted, refused; /* for a need */
	unsigned int
		advisory;   /* only to choose between two ways, both without an error */
	unsigned int start; /* granted before the command was ready */
	const char *where;  /* the system call of the last */
};

struct ck_entry_found {
	unsigned int cap;
	unsigned int failed, runs; /* without it */
	const struct ck_trial *trial;
	struct ck_refusal *causes;
	size_t ncauses, causes_room;
	bool start_only;
	struct ck_strings advice;
};

enum ck_verdict { CK_UNKNOWN, CK_PROVEN, CK_FLAKY, CK_INTERRUPTED };

struct ck_seen;	 /* ctl-learn-filter.c */
struct ck_child; /* ctl-learn-watch.c */
struct ck_learn {
	struct ck_ctl *ctl;
	struct ck_arena *arena;
	const char *ready, *setup, *stop, *out;
	const char *as, *user, *group; /* --user, and what it names; NULL: unchanged */
	struct ck_strings checks;
	char **argv;
	double timeout;	  /* of a reference run, seconds */
	double limit;	  /* until ready or, without a check, done; of a trial */
	double end_limit; /* from --stop, or SIGTERM, to the end */

	uint64_t known, held; /* of the kernel; what can be tested */
	const struct ck_trial *reference[2];
	unsigned int runs, expected, references;
	const char *fatal;	/* why no run makes sense any more */
	const char *unobserved; /* why no refused call can be seen, or NULL */

	struct ck_known *sets;
	size_t nsets, sets_room;

	const char *trace;     /* how it was predicted: "tracefs", "perf", "off" */
	const char *trace_why; /* not traced */
	struct ck_asked asked[CK_CAP_BITS];

	uint64_t found;
	enum ck_verdict verdict;
	struct ck_entry_found *entries;
	size_t nentries;

	struct ck_seen *seen;
	size_t nseen, seen_room;
	const char *filter;	    /* the section, or NULL */
	const char *filter_why;	    /* it is not proven */
	struct ck_strings left_out; /* calls that it does not let through, and why */

	/* of the run that is on */
	struct ck_child *children;
	size_t nchildren, children_room;
	struct ck_trial *trial;
	pid_t self; /* the process that the caller knows */
	pid_t command, helper;
	pid_t *before; /* what the set-up has left running: no part of the workload */
	size_t nbefore;
	int command_status, helper_status;

	int said;	  /* what the last helper wrote, or -1 */
	int interrupted;  /* the signal */
	int instance;	  /* directory of the tracing instance, or -1 */
	sigset_t mask;	  /* of the start */
	sigset_t signals; /* that are waited for; the others are not ours */

	bool command_ended, helper_ended, may_trace;
	bool told_to_end; /* by SIGTERM, of which a program that still starts may crash */
	bool no_new_privs, seccomp;
	bool progress;		/* is shown */
	bool same_end;		/* the reference runs ended in the same way */
	bool stubborn;		/* they had to be killed */
	bool restless;		/* their processes did not come to rest */
	double rest;		/* seconds until they did */
	unsigned long turns;	/* starts, execs and ends that were seen */
	bool flaky;		/* a set both worked and failed */
	bool traced, predicted; /* there is a way to trace; it has told something */
	bool seeing, foreign;	/* calls are noted down; some that are allowed are of the
				   32-bit ABI */
	bool filter_proven;
	bool written; /* the profile, to the file */
};

double ck_learn_now(void);

/* ---- ctl-learn-apart.c: the process that makes the runs ---- */

/* Returns 0 in that process, and 1 with its status, as of waitpid(2), in the caller. */
int ck_learn_apart(struct ck_learn *learn, int *ret_status) CK_MUST_USE;
/* 0 where a child can be observed. */
int ck_learn_may_trace(void) CK_MUST_USE;

/* ---- ctl-learn-watch.c: the processes of a run ---- */

#define CK_WATCH_OPTIONS                                              \
	((unsigned long)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | \
			 PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |  \
			 PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL))

/* Finds out whether children can be seen and observed. */
int ck_watch_begin(struct ck_learn *learn) CK_MUST_USE;
/* Takes a child under observation; everything that it starts is too, and ends with us. */
int ck_watch_seize(struct ck_learn *learn, pid_t pid) CK_MUST_USE;
/* Deals with what happened, waiting for up to so many seconds where nothing did. */
void ck_watch_pump(struct ck_learn *learn, double seconds);
/* Ends everything that a run has started, and waits for it; fatal where it does not end.
 */
void ck_watch_end(struct ck_learn *learn);
/* Our descendants, but for a helper; all, or those that came of the command. fatal where
 * some cannot be seen. */
void ck_watch_pids(struct ck_learn *learn, bool all, pid_t **ret, size_t *ret_count);
/* A signal to one of these. Its parent may have reaped it since, and its number be that
 * of a stranger: held by a descriptor, it is asked again whose child it is (Linux 5.3).
 */
void ck_watch_signal(struct ck_learn *learn, pid_t pid, int signal);

/* ---- ctl-learn-calls.c, ctl-learn-decode.c: refused calls ---- */

struct ck_call {
	pid_t pid;
	uint32_t arch; /* AUDIT_ARCH_ of the ABI that it came by */
	long nr;
	uint64_t args[6];
	int error;
};
/* Adds the call to the run's list unless it is there. */
void ck_calls_add(struct ck_learn *learn, const struct ck_call *call);
/* text, path, guesses, named. */
void ck_call_decode(struct ck_arena *arena, const struct ck_call *call,
		    struct ck_refusal *ret);
/* Text in the memory of a process, NULL where it cannot be read. */
const char *ck_call_string(struct ck_arena *arena, pid_t pid, uint64_t address);
size_t ck_call_bytes(pid_t pid, uint64_t address, void *buffer, size_t size);
/* "127.0.0.1:80", NULL where there is none. */
const char *ck_call_address(struct ck_arena *arena, pid_t pid, uint64_t address,
			    uint32_t length);

/* ---- ctl-learn-start.c: the launcher's plan and steps, in a child ---- */

struct ck_report { /* shared with the child */
	int status;
	char text[1000];
};
/* Does not return; what goes wrong stands in report. */
void ck_learn_exec(const struct ck_learn *learn, uint64_t keep, struct ck_report *report)
	__attribute__((noreturn));

/* ---- ctl-learn-tree.c: who runs ---- */

void ck_tree_read(struct ck_learn *learn, struct ck_tree *ret);
bool ck_tree_same(const struct ck_tree *a, const struct ck_tree *b);
/* What tree has that neither reference run had, or lacks that both had; NULL. */
const char *ck_tree_differs(const struct ck_learn *learn, const struct ck_tree *tree);

/* ---- ctl-learn-run.c: one trial ---- */

/* A run with these; the result lives as long as the arena. */
struct ck_trial *ck_learn_run(struct ck_learn *learn, uint64_t keep, enum ck_look look,
			      const char *what);

/* ---- ctl-learn-helper.c: the commands of the user ---- */

/* Its status; -1 where it had to be ended, or fatal where it could not be started. */
int ck_learn_helper(struct ck_learn *learn, const char *command,
		    double limit) CK_MUST_USE;
/* "--stop: exit status 3: ..." of a helper that has not succeeded. */
const char *ck_learn_helper_text(struct ck_learn *learn, const char *option, int rc,
				 double limit);
/* Do all of --check succeed, in their order? */
bool ck_learn_check(struct ck_learn *learn, double limit) CK_MUST_USE;
/* A file in memory, to be written to by others; -1 with errno. */
int ck_learn_output(const char *name) CK_MUST_USE;
/* The last line with something in it, or NULL. */
const char *ck_learn_last_line(struct ck_arena *arena, int fd);

/* ---- ctl-learn-trace.c: what the kernel asks for ---- */

/* Chooses the way; fills trace and trace_why, which later runs may change. */
int ck_trace_begin(struct ck_learn *learn, const char *mode) CK_MUST_USE;
void ck_trace_start(struct ck_learn *learn, pid_t pid);
/* Reads what was asked in the run into learn->asked; without, where it is not all, or
 * nothing: any start of a program asks for something. */
enum ck_told { CK_TOLD_NOTHING, CK_TOLD_IN_PART, CK_TOLD };
void ck_trace_read(struct ck_learn *learn, const struct ck_trial *trial);
void ck_trace_end(struct ck_learn *learn);

struct ck_question { /* of the kernel, whether a capability is held */
	unsigned int cap;
	bool open; /* not counted yet */
	bool granted, advisory, void_of_need;
	bool late;	  /* after the command was ready */
	const char *call; /* the system call */
};
/* A function on the stack of the question. */
void ck_question_frame(struct ck_learn *learn, const char *function,
		       struct ck_question *question);
void ck_question_count(struct ck_learn *learn, struct ck_question *question);

/* ---- ctl-learn-perf.c: the same by perf_event_open(2) ---- */

/* Why it is not to be had, or NULL. */
const char *ck_perf_begin(struct ck_learn *learn);
int ck_perf_start(pid_t pid) CK_MUST_USE;
enum ck_told ck_perf_read(struct ck_learn *learn, const struct ck_trial *trial);
void ck_perf_end(void);

/* ---- ctl-learn-search.c, ctl-learn-proof.c ---- */

struct ck_known *ck_learn_known(struct ck_learn *learn, uint64_t keep);
/* Does it work with these? Runs where it is not known yet. */
bool ck_learn_works(struct ck_learn *learn, uint64_t keep);
bool ck_learn_stopped(const struct ck_learn *learn);
/* From weak to powerful: 0 is the weakest. */
unsigned int ck_learn_power(unsigned int cap);
/* A set that works, and is small. */
uint64_t ck_learn_search(struct ck_learn *learn);
/* To a fixpoint; fills found, entries and verdict. */
void ck_learn_prove(struct ck_learn *learn, uint64_t candidate);
/* Calls of the runs that failed that are not refused with found. */
void ck_learn_refused(struct ck_learn *learn, struct ck_strings *ret);

/* ---- ctl-learn-filter.c: --seccomp ---- */

/* Why there is no filter in this build; NULL. */
const char *ck_learn_no_filter(void);
/* The name of a call by another ABI than the machine's own, or NULL. */
const char *ck_learn_foreign_name(const struct ck_call *call);
void ck_learn_see(struct ck_learn *learn, const struct ck_call *call);
/* Fills filter, filter_proven, filter_why and left_out. */
void ck_learn_filter(struct ck_learn *learn);

/* ---- ctl-learn-advice.c, ctl-learn-out.c, ctl-learn-json.c ---- */

void ck_learn_advise(struct ck_learn *learn);
/* "the kernel asked 3 times, ..." of a capability that is not needed; NULL. */
const char *ck_learn_unneeded(const struct ck_learn *learn, unsigned int cap);
const char *ck_learn_profile_text(struct ck_learn *learn);
void ck_learn_summary(struct ck_learn *learn);
void ck_learn_json(struct ck_learn *learn);

#endif
