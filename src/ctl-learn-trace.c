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

	if (fd < 0)
		return -errno;
	n = write(fd, text, length);
	close(fd);
	return n == (ssize_t)length ? 0 : -EIO;
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

/* Of a run that was killed. */
static void remove_stale(const char *root)
{
	const struct dirent *entry;
	DIR *dir = opendir(root);

	while (dir && (entry = readdir(dir)) != NULL) {
		const char *number = entry->d_name + sizeof(PREFIX) - 1;

		if (!strncmp(entry->d_name, PREFIX, sizeof(PREFIX) - 1) &&
		    !is_ours(strtol(number, NULL, 10)))
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
			       path, (int)getpid());
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
	const char *why = learn->may_trace ? foreign_namespace() : "ptrace is refused";
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

void ck_trace_start(struct ck_learn *learn, pid_t pid)
{
	char text[16];
	bool failed;

	(void)snprintf(text, sizeof(text), "%d\n", (int)pid);
	if (learn->instance < 0)
		failed = ck_perf_start(pid) < 0;
	else /* the pid first: without a filter the event tells of every process */
		failed = put(learn, "trace", "\n") < 0 ||
			 put(learn, "set_event_pid", text) < 0 ||
			 put(learn, EVENT "/enable", "1") < 0;
	if (failed)
		learn->trace_why = "the tracepoint could not be switched on";
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

/* ---- reading
 * -------------------------------------------------------------------------------------
 */

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

static void read_instance(struct ck_learn *learn, const struct ck_trial *trial)
{
	struct ck_question event = { .open = false };
	char line[1024];
	FILE *file;
	int fd;

	(void)put(learn, EVENT "/enable", "0");
	fd = openat(learn->instance, "trace", O_RDONLY | O_CLOEXEC);
	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, " => ", 4)) {
			ck_question_frame(learn, line + 4, &event);
		} else if (!strstr(line, "<stack trace>")) {
			ck_question_count(learn, &event);
			(void)begin_event(trial, line, &event);
		}
	}
	ck_question_count(learn, &event);
	(void)fclose(file);
	(void)put(learn, "trace", "\n");
}

void ck_trace_read(struct ck_learn *learn, const struct ck_trial *trial)
{
	if (learn->instance < 0)
		ck_perf_read(learn, trial);
	else
		read_instance(learn, trial);
	learn->predicted = trial->works && !learn->trace_why;
}
