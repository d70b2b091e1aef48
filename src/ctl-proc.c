/* SPDX-License-Identifier: MIT */
/*
 * Processes as /proc tells of them. A process may be gone between two looks, may have any
 * name, and another may sit on its pid: what cannot be read is left out or said, and
 * nothing is believed to be well-formed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

#define STATUS_ROOM (1U << 20) /* 65536 groups of up to 10 digits fit */

static const char *line_of(const char *text, const char *key)
{
	size_t length = strlen(key);

	while (text) {
		if (!strncmp(text, key, length) && text[length] == ':') {
			text += length + 1;
			return text + strspn(text, "\t ");
		}
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return NULL;
}

static int number_of(const char *line, int base, uint64_t *ret)
{
	unsigned long long value;
	char *end;

	if (!line || *line < '0' || (*line > '9' && (base < 16 || *line > 'f')))
		return -EINVAL;
	errno = 0;
	value = strtoull(line, &end, base);
	if (errno || end == line || (*end && !strchr("\t \n", *end)))
		return -EINVAL;
	*ret = value;
	return 0;
}

static int get(const char *text, const char *key, int base, uint64_t *ret)
{
	return number_of(line_of(text, key), base, ret);
}

static int four_ids(const char *line, uint32_t ids[4])
{
	uint64_t value;
	int i;

	for (i = 0; i < 4; i++) {
		if (number_of(line, 10, &value) < 0 || value > UINT32_MAX)
			return -EINVAL;
		ids[i] = (uint32_t)value;
		line += strcspn(line, "\t \n");
		line += strspn(line, "\t ");
	}
	return 0;
}

static void groups_of(struct ck_arena *arena, const char *line, struct ck_state *state)
{
	gid_t *groups = NULL;
	size_t count = 0, room = 0;
	uint64_t gid;

	while (line && number_of(line, 10, &gid) == 0 && count < CK_GROUPS_MAX) {
		groups = ck_grow(arena, groups, count, &room, sizeof(*groups));
		groups[count++] = (gid_t)gid;
		line += strcspn(line, " \n");
		line += strspn(line, " ");
	}
	state->groups = groups;
	state->ngroups = ck_groups_sort(groups, count);
}

/* The kernel writes newline and backslash of a name as \n and \\ (proc_task_name()). */
static const char *name_of(struct ck_arena *arena, const char *line)
{
	size_t length = line ? strcspn(line, "\n") : 0, i;
	char *name = ck_strndup(arena, line ? line : "", length), *out = name;

	for (i = 0; i < length; i++) {
		bool escaped =
			name[i] == '\\' && (name[i + 1] == 'n' || name[i + 1] == '\\');

		if (escaped)
			i++;
		if (escaped && name[i] == 'n')
			name[i] = '\n';
		*out++ = name[i];
	}
	*out = '\0';
	return name;
}

static int parse_sets(const char *text, struct ck_sets *sets)
{
	const struct {
		const char *key;
		uint64_t *set;
	} rows[] = {
		{ "CapInh", &sets->inheritable }, { "CapPrm", &sets->permitted },
		{ "CapEff", &sets->effective },	  { "CapBnd", &sets->bounding },
		{ "CapAmb", &sets->ambient },
	};
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(rows); i++)
		if (get(text, rows[i].key, 16, rows[i].set) < 0)
			return -EINVAL;
	return 0;
}

static void parse_rest(const char *text, struct ck_process *process)
{
	const char *phase = line_of(text, "State");
	uint64_t value;

	process->phase = '\0';
	if (phase)
		process->phase = *phase;
	if (get(text, "NoNewPrivs", 10, &value) == 0)
		process->state.no_new_privs = value != 0;
	process->seccomp = -1;
	if (get(text, "Seccomp", 10, &value) == 0)
		process->seccomp = value > 2 ? -1 : (int)value;
	if (get(text, "Seccomp_filters", 10, &value) == 0)
		process->filters = value > UINT32_MAX ? 0 : (unsigned int)value;
}

int ck_process_parse(struct ck_arena *arena, const char *text, struct ck_process *ret)
{
	struct ck_process process = { .state.ambient_supported = true };
	struct ck_state *state = &process.state;
	uint64_t pid, tgid, ppid;
	uint32_t uids[4], gids[4];

	if (get(text, "Pid", 10, &pid) < 0 || get(text, "Tgid", 10, &tgid) < 0 ||
	    get(text, "PPid", 10, &ppid) < 0 || pid > INT32_MAX || tgid > INT32_MAX ||
	    ppid > INT32_MAX || four_ids(line_of(text, "Uid"), uids) < 0 ||
	    four_ids(line_of(text, "Gid"), gids) < 0 ||
	    parse_sets(text, &state->sets) < 0)
		return -EINVAL;
	process.tid = (pid_t)pid;
	process.pid = (pid_t)tgid;
	process.ppid = (pid_t)ppid;
	state->ruid = uids[0];
	state->euid = uids[1];
	state->suid = uids[2];
	process.fsuid = uids[3];
	state->rgid = gids[0];
	state->egid = gids[1];
	state->sgid = gids[2];
	process.fsgid = gids[3];
	groups_of(arena, line_of(text, "Groups"), state);
	process.name = name_of(arena, line_of(text, "Name"));
	parse_rest(text, &process);
	*ret = process;
	return 0;
}

/* -ESRCH for what is gone by now, and for nothing else. -EINVAL: a directory is no status
 * file. */
static int why(int error)
{
	if (error == EISDIR)
		return -EINVAL;
	return error == ENOENT || error == ESRCH ? -ESRCH : -error;
}

/* What is gone by now, or hidden, is not shown. */
static bool is_unseen(int rc)
{
	return rc == -ESRCH || rc == -EACCES || rc == -EPERM;
}

/* A file of /proc has no size; the one buffer is used again for each. */
static int slurp(int directory, const char *path, const char **ret)
{
	static char room[STATUS_ROOM];
	size_t length = 0;
	ssize_t n;
	int rc = 0;
	int fd = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return why(errno);
	while ((n = read(fd, room + length, sizeof(room) - 1 - length)) > 0)
		length += (size_t)n;
	if (n < 0)
		rc = why(errno);
	else if (length == 0)
		rc = -ESRCH;
	close(fd);
	room[length] = '\0';
	if (rc == 0)
		*ret = room;
	return rc;
}

static int open_proc(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? why(errno) : fd;
}

static int read_status(struct ck_arena *arena, const char *path, struct ck_process *ret)
{
	static uint64_t known;
	const char *text;
	int proc = open_proc(), rc = proc;

	if (proc >= 0)
		rc = slurp(proc, path, &text);
	if (rc < 0)
		return rc;
	rc = ck_process_parse(arena, text, ret);
	if (!known)
		known = ck_caps_known();
	if (rc == 0)
		ret->state.known = known;
	return rc;
}

int ck_process_read(struct ck_arena *arena, pid_t pid, pid_t tid, struct ck_process *ret)
{
	if (tid)
		return read_status(
			arena, ck_format(arena, "%d/task/%d/status", (int)pid, (int)tid),
			ret);
	return read_status(arena, ck_format(arena, "%d/status", (int)pid), ret);
}

static pid_t pid_of(const char *name)
{
	uint64_t pid;

	return ck_number(name, strlen(name), INT32_MAX, &pid) < 0 ? 0 : (pid_t)pid;
}

static int by_pid(const void *a, const void *b)
{
	const struct ck_process *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

const struct dirent *ck_next_entry(DIR *dir, int *rc)
{
	const struct dirent *entry;

	errno = 0;
	entry = readdir(dir);
	if (!entry && errno != ENOENT && errno != ESRCH)
		*rc = -errno;
	return entry;
}

static struct ck_process *add(struct ck_arena *arena, struct ck_processes *all)
{
	all->list = ck_grow(arena, all->list, all->count, &all->room, sizeof(*all->list));
	return &all->list[all->count];
}

int ck_process_threads(struct ck_arena *arena, pid_t pid, struct ck_processes *ret)
{
	const char *path = ck_format(arena, "/proc/%d/task", (int)pid);
	const struct dirent *entry;
	DIR *dir = opendir(path);
	int rc = 0;

	if (!dir)
		return why(errno);
	while ((entry = ck_next_entry(dir, &rc)) != NULL) {
		pid_t tid = pid_of(entry->d_name);

		if (!tid)
			continue;
		rc = ck_process_read(arena, pid, tid, add(arena, ret));
		if (rc == 0)
			ret->count++;
		else if (rc != -ESRCH) /* one that is gone by now is none */
			break;
		rc = 0;
	}
	closedir(dir);
	return rc;
}

int ck_processes_read(struct ck_arena *arena, bool threads, struct ck_processes *ret)
{
	struct ck_processes all = { .count = 0 };
	const struct dirent *entry;
	DIR *dir = opendir("/proc");
	int rc = 0;

	if (!dir)
		return -errno;
	while ((entry = ck_next_entry(dir, &rc)) != NULL) {
		pid_t pid = pid_of(entry->d_name);

		if (!pid)
			continue;
		if (threads)
			rc = ck_process_threads(arena, pid, &all);
		else
			rc = ck_process_read(arena, pid, 0, add(arena, &all));
		if (rc == 0 && !threads)
			all.count++;
		else if (rc < 0 && !is_unseen(rc) && rc != -EINVAL)
			break; /* what is no status file tells of no process */
		rc = 0;
	}
	closedir(dir);
	if (all.count)
		qsort(all.list, all.count, sizeof(*all.list), by_pid);
	*ret = all;
	return rc < 0 || all.count ? rc : -ENOENT;
}

int ck_process_self(struct ck_arena *arena, struct ck_process *ret)
{
	gid_t *groups = ck_alloc_array(arena, CK_GROUPS_MAX, sizeof(*groups));
	struct ck_process process;
	const char *call;
	int rc = read_status(arena, "self/status", &process);

	if (rc < 0 && !is_unseen(rc))
		return rc;
	if (rc < 0) /* without /proc there is the state alone */
		process = (struct ck_process){ .pid = getpid(),
					       .tid = getpid(),
					       .ppid = getppid(),
					       .fsuid = geteuid(),
					       .fsgid = getegid(),
					       .name = CK_CTL,
					       .seccomp = -1 };
	rc = ck_state_read(&ck_sys_kernel, groups, &call, &process.state);
	if (rc < 0)
		return rc;
	process.securebits_known = true;
	*ret = process;
	return 0;
}

static unsigned long userns_of(struct ck_arena *arena, pid_t pid, pid_t tid)
{
	const char *path = ck_format(arena, "%d/task/%d/ns/user", (int)pid, (int)tid);
	char text[64];
	unsigned long inode = 0;
	ssize_t n;

	n = readlinkat(open_proc(), path, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	if (!strncmp(text, "user:[", 6))
		inode = strtoul(text + 6, NULL, 10);
	return inode;
}

void ck_process_place(struct ck_arena *arena, struct ck_process *process, bool container)
{
	const char *text = "";

	process->userns = userns_of(arena, process->pid, process->tid);
	if (!container)
		return;
	if (slurp(open_proc(), ck_format(arena, "%d/cgroup", (int)process->pid), &text) <
	    0)
		text = "";
	process->container = ck_container_name(arena, text);
}
