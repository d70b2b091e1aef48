/* SPDX-License-Identifier: MIT */
/*
 * fault.c - lets system calls of the launcher fail, or "succeed" without being made.
 *
 *   fault [OPTION...] -- COMMAND...
 *     one run, as COMMAND would run
 *   fault -s VALUES [OPTION...] -- COMMAND...
 *     a sweep: every call of the launcher, every value
 *   fault -a -s VALUES [OPTION...] -- COMMAND...
 *     the same, all calls of a kind at once
 *
 *   -i N
 *     the launcher's image is that of the N-th exec (default 1: COMMAND itself)
 *   -f N=V
 *     one run: the N-th call gives V (0, or -ERRNO)
 *   -u
 *     suspend seccomp when the workload starts, so that it sees the truth
 *   -l FILE
 *     one run: list the launcher's calls and the outcome; a sweep: everything that is bad
 *   -o FILE
 *     a sweep: the output of the clean run
 *   -p I/N
 *     a sweep: only the calls whose number is I modulo N
 *
 * Where one call is made many times in a row (a bounding set read bit by bit), every
 * eighth gets all of VALUES and the others the first two. A single openat never gives 0,
 * which would be a forged descriptor and not a lie about the state; all of them together
 * do.
 *
 * A sweep's verdict on each run: exact (started, and output and status are those of the
 * clean run), refused (never started: 125, 126 or 127, with a message), early (never
 * started, and the fault hit the C library before main), or bad. One line of counts goes
 * to standard output; exit status 1 where anything was bad.
 */
#define _GNU_SOURCE
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OUTPUT 65536
#define VALUES 16

struct run {
	struct outcome outcome;
	char output[OUTPUT], errors[OUTPUT];
};

struct sweep {
	struct trace trace;
	struct run clean;
	long values[VALUES];
	size_t nvalues;
	unsigned long part, parts, early;
	FILE *report;
	unsigned long faults, exact, refused, died_early, bad, wrong;
};

/* ---- one run ---- */

static void slurp(int fd, char *text)
{
	ssize_t n = pread(fd, text, OUTPUT - 1, 0);

	must(n, "pread");
	text[n] = 0;
	close(fd);
}

/* Lines that differ from run to run. */
static void normalise(char *text)
{
	static const char *const keys[] = { "pid=", "ppid=", "sid=", "pgid=" };
	char *to = text, *line = text, *end;
	bool keep;

	for (; *line; line = end) {
		end = strchr(line, '\n');
		end = end ? end + 1 : line + strlen(line);
		keep = true;
		for (size_t i = 0; i < COUNT(keys); i++)
			keep = keep && strncmp(line, keys[i], strlen(keys[i])) != 0;
		if (!keep)
			continue;
		memmove(to, line, (size_t)(end - line));
		to += end - line;
	}
	*to = 0;
}

static void run_captured(struct trace *trace, struct run *ret)
{
	trace->output = memfd_create("output", MFD_CLOEXEC);
	trace->errors = memfd_create("errors", MFD_CLOEXEC);
	must(trace->output, "memfd_create");
	must(trace->errors, "memfd_create");
	fcntl(trace->errors, F_SETFL, O_APPEND);
	trace_run(trace, &ret->outcome);
	slurp(trace->output, ret->output);
	slurp(trace->errors, ret->errors);
	normalise(ret->output);
}

static void tell_call(FILE *to, const struct call *call)
{
	const char *name = call_name(call->nr);

	if (name)
		fputs(name, to);
	else
		fprintf(to, "call_%ld", call->nr);
	if (call->nr == SYS_prctl)
		fprintf(to, "(%lu,%lu)", call->arg0, call->arg1);
}

static int run_once(const struct trace *trace, const char *log)
{
	struct outcome outcome;
	FILE *to = NULL;

	if (log && !(to = fopen(log, "we")))
		die("%s", log);
	trace_run(trace, &outcome);
	for (unsigned long i = 0; to && i < outcome.ncalls; i++) {
		fprintf(to, "%lu ", i + 1);
		tell_call(to, &outcome.calls[i]);
		fputc('\n', to);
	}
	if (to) {
		fprintf(to, "started=%d\nstatus=%d\ninjected=%lu\ntimed_out=%d\n",
			outcome.started, outcome.status, outcome.injected,
			outcome.timed_out);
		fclose(to);
	}
	free(outcome.calls);
	return outcome.status;
}

/* ---- the sweep ---- */

/* How many calls the C library and the loader make before main. */
static unsigned long count_early(const struct outcome *clean)
{
	static const char *const names[] = {
		"brk",
		"arch_prctl",
		"set_tid_address",
		"set_robust_list",
		"rseq",
		"prlimit64",
		"readlinkat",
		"readlink",
		"getrandom",
		"mprotect",
		"mmap",
		"munmap",
		"access",
		"faccessat",
		"openat",
		"newfstatat",
		"fstat",
		"read",
		"pread64",
		"close",
		"execve",
		"futex",
	};
	unsigned long n;
	bool early = true;

	for (n = 0; early && n < clean->ncalls; n++) {
		const char *name = call_name(clean->calls[n].nr);

		early = false;
		for (size_t i = 0; name && i < COUNT(names); i++)
			early = early || !strcmp(names[i], name);
	}
	return n ? n - 1 : 0;
}

static const char *first_difference(const char *a, const char *b, char *text, size_t size)
{
	size_t start = 0, i = 0;

	for (; a[i] && a[i] == b[i]; i++)
		if (a[i] == '\n')
			start = i + 1;
	snprintf(text, size, "\"%.*s\" instead of \"%.*s\"",
		 (int)strcspn(b + start, "\n"), b + start, (int)strcspn(a + start, "\n"),
		 a + start);
	return text;
}

/* NULL, or what is bad about it. */
static const char *judge(struct sweep *s, const struct run *run, bool early)
{
	static char text[1024];
	const struct outcome *o = &run->outcome;

	if (o->timed_out)
		return "hangs";
	if (o->started) {
		if (strcmp(run->output, s->clean.output) != 0) {
			s->wrong++;
			return first_difference(s->clean.output, run->output, text,
						sizeof(text));
		}
		if (o->status != s->clean.outcome.status)
			return "started, but ends otherwise";
		s->exact++;
		return NULL;
	}
	if (*run->output)
		return "wrote on standard output";
	if (early && !(o->status >= 125 && o->status <= 127 && *run->errors)) {
		s->died_early++;
		return NULL;
	}
	if (o->status < 125 || o->status > 127)
		return "never started, but the status is not 125, 126 or 127";
	if (!*run->errors)
		return "refused in silence";
	s->refused++;
	return NULL;
}

/* The one call that carries the message: without it a refusal is silent. */
static bool is_write(const struct call *call)
{
	return call->nr == SYS_write || call->nr == SYS_writev;
}

static void inject(struct sweep *s, unsigned long n, long value, bool all)
{
	static struct run run;
	const struct call *call = &s->clean.outcome.calls[n - 1];
	const char *bad;

	s->trace.fault = (struct fault){ all ? 0 : n, all, *call, value };
	run_captured(&s->trace, &run);
	s->faults++;
	bad = judge(s, &run, n <= s->early || is_write(call));
	free(run.outcome.calls);
	if (!run.outcome.injected)
		bad = "the fault did not come about";
	if (!bad)
		return;
	s->bad++;
	fprintf(s->report, "%s call %lu ", all ? "every" : "one", n);
	tell_call(s->report, call);
	fprintf(s->report, " gives %ld: %s (status %d)\n", value, bad,
		run.outcome.status);
	fprintf(s->report, "  stderr: %.*s\n", (int)strcspn(run.errors, "\n"),
		run.errors);
}

static bool seen_before(const struct outcome *clean, unsigned long n)
{
	for (unsigned long i = 0; i < n; i++)
		if (call_alike(&clean->calls[i], &clean->calls[n]))
			return true;
	return false;
}

/* In the middle of many calls of one kind, and not one of those that get everything. */
static bool in_loop(const struct outcome *clean, unsigned long n)
{
	const struct call *call = &clean->calls[n - 1];

	return n > 1 && n < clean->ncalls && call_alike(call, call - 1) &&
	       call_alike(call, call + 1) && n % 8 != 0;
}

static void inject_values(struct sweep *s, unsigned long n, bool all)
{
	const struct outcome *clean = &s->clean.outcome;
	size_t values = s->nvalues;

	if (!all && in_loop(clean, n) && values > 2)
		values = 2;
	for (size_t v = 0; v < values; v++)
		if (all || s->values[v] || clean->calls[n - 1].nr != SYS_openat)
			inject(s, n, s->values[v], all);
}

static int sweep_all(struct sweep *s, bool kinds, const char *clean_file)
{
	const struct outcome *clean = &s->clean.outcome;
	FILE *to = NULL;

	run_captured(&s->trace, &s->clean);
	if (clean_file &&
	    (!(to = fopen(clean_file, "we")) || fputs(s->clean.output, to) < 0))
		die("%s", clean_file);
	if (to)
		fclose(to);
	errno = 0;
	if (!clean->started || clean->timed_out)
		die("the clean run does not start: status %d: %s", clean->status,
		    s->clean.errors);
	s->early = count_early(clean);
	for (unsigned long n = 1; n <= clean->ncalls; n++) {
		if (n % s->parts != s->part || (kinds && seen_before(clean, n - 1)))
			continue;
		inject_values(s, n, kinds);
	}
	printf("calls=%lu early=%lu faults=%lu exact=%lu refused=%lu died_early=%lu wrong=%lu bad=%lu\n",
	       clean->ncalls, s->early, s->faults, s->exact, s->refused, s->died_early,
	       s->wrong, s->bad);
	return s->bad != 0;
}

/* ---- the command line ---- */

static long value_of(const char *text)
{
	return *text == '-' ? -(long)number(text + 1, 10) : (long)number(text, 10);
}

static void set_values(struct sweep *s, char *text)
{
	for (char *w = strtok(text, ","); w && s->nvalues < VALUES; w = strtok(NULL, ","))
		s->values[s->nvalues++] = value_of(w);
}

static void set_fault(struct fault *fault, char *text)
{
	char *equals = strchr(text, '=');

	if (!equals)
		die("-f N=VALUE");
	*equals = 0;
	fault->at = number(text, 10);
	fault->value = value_of(equals + 1);
}

static void set_part(struct sweep *s, const char *text)
{
	uint64_t part[2];

	if (numbers(text, "/", 10, part, 2) != 2 || !part[1])
		die("-p I/N");
	s->part = part[0];
	s->parts = part[1];
}

int main(int argc, char **argv)
{
	static struct sweep s = {
		.trace = { .image = 1, .timeout = 10, .output = -1, .errors = -1 },
		.parts = 1,
	};
	const char *log = NULL, *clean = NULL;
	bool kinds = false;
	int option;

	tool_name = "fault";
	while ((option = getopt(argc, argv, "+af:i:l:o:p:s:u")) != -1) {
		switch (option) {
		case 'a':
			kinds = true;
			break;
		case 'f':
			set_fault(&s.trace.fault, optarg);
			break;
		case 'i':
			s.trace.image = (unsigned int)number(optarg, 10);
			break;
		case 'l':
			log = optarg;
			break;
		case 'o':
			clean = optarg;
			break;
		case 'p':
			set_part(&s, optarg);
			break;
		case 's':
			set_values(&s, optarg);
			break;
		case 'u':
			s.trace.unfilter = true;
			break;
		default:
			die("usage: see the head of fault.c");
		}
	}
	s.trace.argv = argv + optind;
	if (optind >= argc)
		die("no command");
	if (!s.nvalues)
		return run_once(&s.trace, log);
	s.report = log ? fopen(log, "we") : stderr;
	if (!s.report)
		die("%s", log);
	return sweep_all(&s, kinds, clean);
}
