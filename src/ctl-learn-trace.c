/* SPDX-License-Identifier: MIT */
/*
 * What the kernel asks for: the tracepoint capability:cap_capable, in a tracing instance
 * of our own that sees only the processes of the run. The stack tells a need from a
 * question whose answer only chooses between two ways. The tracer that others use is not
 * touched.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl-learn.h"

#define PREFIX "capkeepctl-learn-"
#define EVENT "events/capability/cap_capable"
#define BUFFER_KB "8192"
#define OUTERMOST "pid:[4026531836]" /* PROC_PID_INIT_INO of linux/proc_ns.h */

static const char *const roots[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
static char instance_path[128];

static int put(const struct ck_learn *learn, const char *path, const char *text)
{
	int fd = openat(learn->instance, path, O_WRONLY | O_CLOEXEC | O_TRUNC);
	size_t length = strlen(text);
	ssize_t n;
	int rc;

	if (fd < 0)
		return -errno;
	n = write(fd, text, length);
	rc = n < 0 ? -errno : n == (ssize_t)length ? 0 : -EIO;
	close(fd);
	return rc;
}

/* The pid in its name may be another program's by now. */
static bool is_ours(long pid)
{
	char path[64], name[32] = "";
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(name, sizeof(name), file))
		*name = '\0';
	(void)fclose(file);
	return !strcmp(name, CK_CTL "\n");
}

/* The pid in the name of an instance of ours; 0: it is somebody else's. */
static long pid_of(const char *name)
{
	const char *number = name + sizeof(PREFIX) - 1;
	uint64_t pid = 0;

	if (strncmp(name, PREFIX, sizeof(PREFIX) - 1) != 0 || *number == '0' ||
	    strspn(number, "0123456789") != strlen(number) ||
	    ck_number(number, strlen(number), INT32_MAX, &pid) < 0)
		return 0;
	return (long)pid;
}

/* Of a run that was killed. */
static void remove_stale(const char *root)
{
	const struct dirent *entry;
	DIR *dir = opendir(root);

	while (dir && (entry = readdir(dir)) != NULL) {
		long pid = pid_of(entry->d_name);

		if (pid > 0 && !is_ours(pid))
			(void)unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
	}
	if (dir)
		closedir(dir);
}

static int make_instance(struct ck_learn *learn)
{
	char path[96];
	int rc = -ENOENT;
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(roots) && learn->instance < 0; i++) {
		(void)snprintf(path, sizeof(path), "%s/instances", roots[i]);
		remove_stale(path);
		(void)snprintf(instance_path, sizeof(instance_path), "%s/" PREFIX "%d",
			       path, (int)learn->self);
		if (mkdir(instance_path, 0700) < 0) {
			rc = -errno;
			continue;
		}
		learn->instance = open(instance_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (learn->instance < 0) {
			rc = -errno;
			(void)rmdir(instance_path);
		}
	}
	return learn->instance < 0 ? rc : 0;
}

static int configure(const struct ck_learn *learn)
{
	static const struct {
		const char *path, *value;
	} settings[] = {
		{ "buffer_size_kb", BUFFER_KB },
		{ "trace_clock", "mono" },
		{ "options/stacktrace", "1" },
		{ "options/event-fork", "1" },
	};
	size_t i;
	int rc;

	if (faccessat(learn->instance, EVENT "/enable", W_OK, 0) < 0)
		return -errno;
	for (i = 0; i < CK_ARRAY_SIZE(settings); i++) {
		rc = put(learn, settings[i].path, settings[i].value);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Why the pids that we know are not those of the tracer; NULL. */
static const char *foreign_namespace(void)
{
	char text[64];
	ssize_t n = readlink("/proc/self/ns/pid", text, sizeof(text) - 1);

	if (n <= 0)
		return "there is no /proc to tell the pid namespace";
	text[n] = '\0';
	return strcmp(text, OUTERMOST) ? "this is not the outermost pid namespace" : NULL;
}

static const char *try_tracefs(struct ck_learn *learn)
{
	const char *why = learn->may_trace ? foreign_namespace() : learn->unobserved;
	int rc;

	if (why)
		return why;
	rc = make_instance(learn);
	if (rc == 0)
		rc = configure(learn);
	if (rc == 0)
		return NULL;
	ck_trace_end(learn);
	if (rc == -ENOENT)
		return "this kernel has no tracepoint capability:cap_capable, or no tracefs "
		       "is mounted";
	return ck_format(learn->arena, "tracefs: %s", strerror(-rc));
}

int ck_trace_begin(struct ck_learn *learn, const char *mode)
{
	bool automatic = !strcmp(mode, "auto");

	learn->instance = -1;
	learn->trace = "off";
	learn->trace_why = "--trace off";
	if (!strcmp(mode, "off"))
		return 0;
	if (automatic || !strcmp(mode, "tracefs")) {
		learn->trace_why = try_tracefs(learn);
		if (!learn->trace_why)
			learn->trace = "tracefs";
	}
	if (learn->trace_why && (automatic || !strcmp(mode, "perf"))) {
		const char *why = ck_perf_begin(learn);

		if (!why)
			learn->trace = "perf";
		learn->trace_why = !why ? NULL : automatic ? learn->trace_why : why;
	}
	learn->traced = !learn->trace_why;
	return learn->traced || automatic ? 0 : -EPERM;
}

/* What was told so far is no prediction, nor a number to report. */
static void give_up(struct ck_learn *learn, const char *why)
{
	memset(learn->asked, 0, sizeof(learn->asked));
	learn->trace = "off";
	learn->trace_why = why;
	learn->traced = learn->predicted = false;
}

void ck_trace_start(struct ck_learn *learn, pid_t pid)
{
	char text[16];
	int rc;

	memset(learn->asked, 0, sizeof(learn->asked));
	(void)snprintf(text, sizeof(text), "%d\n", (int)pid);
	if (learn->instance < 0) {
		rc = ck_perf_start(pid);
	} else { /* the pid first: without a filter the event tells of every process */
		rc = put(learn, "trace", "\n");
		rc = rc < 0 ? rc : put(learn, "set_event_pid", text);
		rc = rc < 0 ? rc : put(learn, EVENT "/enable", "1");
	}
	if (rc < 0)
		give_up(learn,
			ck_format(learn->arena,
				  "%s: the tracepoint could not be switched on: %s",
				  learn->trace, strerror(-rc)));
}

void ck_trace_end(struct ck_learn *learn)
{
	ck_perf_end();
	if (learn->instance < 0)
		return;
	(void)put(learn, EVENT "/enable", "0");
	close(learn->instance);
	learn->instance = -1;
	(void)rmdir(instance_path);
}

/* ---- reading ---- */

void ck_question_count(struct ck_learn *learn, struct ck_question *question)
{
	struct ck_asked *asked = &learn->asked[question->cap];

	if (!question->open)
		return;
	question->open = false;
	if (question->void_of_need)
		return;
	if (question->advisory) {
		asked->advisory++;
		return;
	}
	if (!question->granted) {
		asked->refused++;
		return;
	}
	asked->granted++;
	asked->start += !question->late;
	if (question->call)
		asked->where = question->call;
}

/* The number behind key; -1 where it is not there. */
static long number_behind(const char *text, const char *key)
{
	const char *at = strstr(text, key);
	char *end;
	long value;

	if (!at)
		return -1;
	at += strlen(key);
	value = strtol(at, &end, 10);
	return end == at ? -1 : value;
}

/* "... 16008.198599: cap_capable: cred X, target_ns Y, capable_ns Z, cap 21, ret 0" */
static bool begin_event(const struct ck_trial *trial, const char *line,
			struct ck_question *question)
{
	const char *at = strstr(line, ": cap_capable: "), *stamp = at;
	long cap = at ? number_behind(at, ", cap ") : -1;

	if (!at || cap < 0 || cap >= CK_CAP_BITS)
		return false;
	while (stamp > line && stamp[-1] != ' ')
		stamp--;
	*question = (struct ck_question){ .cap = (unsigned int)cap,
					  .granted = number_behind(at, ", ret ") == 0,
					  .open = true };
	question->late = trial->readied > 0 && strtod(stamp, NULL) > trial->readied;
	return true;
}

void ck_question_frame(struct ck_learn *learn, const char *function,
		       struct ck_question *question)
{
	static const char call[] = "__x64_sys_", arm[] = "__arm64_sys_";
	const char *at;

	if (strstr(function, "noaudit"))
		question->advisory = true;
	/* The first is asked at every mmap(2), the second on behalf of the mount, the
	 * third only where the inheritable set grows. */
	if (strstr(function, "security_vm_enough_memory") ||
	    !strncmp(function, "ovl_", 4) || strstr(function, "cap_capset"))
		question->void_of_need = true;
	at = strstr(function, call);
	if (at)
		at += sizeof(call) - 1;
	else if ((at = strstr(function, arm)) != NULL)
		at += sizeof(arm) - 1;
	if (at)
		question->call = ck_strndup(learn->arena, at, strcspn(at, " \n"));
}

/* "# entries-in-buffer/entries-written: 187/187   #P:2": what was overwritten. */
static bool has_lost(const char *line)
{
	const char *at = strstr(line, "entries-in-buffer/entries-written: ");
	const char *slash = at ? strchr(at + strlen("entries-in-buffer/"), '/') : NULL;

	return slash &&
	       number_behind(at, "entries-written: ") != number_behind(slash, "/");
}

static enum ck_told read_instance(struct ck_learn *learn, const struct ck_trial *trial)
{
	struct ck_question event = { .open = false };
	enum ck_told told = CK_TOLD_NOTHING;
	char line[1024];
	FILE *file;
	int fd;

	(void)put(learn, EVENT "/enable", "0");
	fd = openat(learn->instance, "trace", O_RDONLY | O_CLOEXEC);
	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file)
		return CK_TOLD_NOTHING;
	while (told != CK_TOLD_IN_PART && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, " => ", 4)) {
			ck_question_frame(learn, line + 4, &event);
		} else if (has_lost(line) || strstr(line, "LOST ")) {
			told = CK_TOLD_IN_PART;
		} else if (!strstr(line, "<stack trace>")) {
			ck_question_count(learn, &event);
			if (begin_event(trial, line, &event))
				told = CK_TOLD;
		}
	}
	ck_question_count(learn, &event);
	(void)fclose(file);
	(void)put(learn, "trace", "\n");
	return told;
}

void ck_trace_read(struct ck_learn *learn, const struct ck_trial *trial)
{
	enum ck_told told;

	if (!learn->traced || !trial->started)
		return;
	told = learn->instance < 0 ? ck_perf_read(learn, trial) :
				     read_instance(learn, trial);
	learn->predicted = trial->works && told == CK_TOLD;
	if (told == CK_TOLD_IN_PART)
		give_up(learn,
			ck_format(learn->arena, "%s: events were lost", learn->trace));
	else if (told == CK_TOLD_NOTHING)
		give_up(learn, ck_format(learn->arena, "%s: it told nothing of the run",
					 learn->trace));
}
