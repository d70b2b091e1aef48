/* SPDX-License-Identifier: MIT */
/* Names around a process: its user, its container, and itself as JSON. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "ctl.h"

#define ID_LENGTH 64U /* hexadecimal digits of a container's id */
#define SHORT_ID 12

/* What stands before the id in the cgroup's path, and how people call that engine. */
static const struct {
	const char *mark, *name;
} engines[] = {
	{ "libpod", "podman" }, { "cri-containerd", "containerd" }, { "crio", "cri-o" },
	{ "docker", "docker" }, { "kubepods", "kubernetes" },
};

static const char *find_id(const char *text)
{
	size_t run = 0;

	for (; *text; text++) {
		bool hex =
			(*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'f');

		run = hex ? run + 1 : 0;
		if (run == ID_LENGTH &&
		    !strchr("0123456789abcdef", text[1] ? text[1] : 'g'))
			return text + 1 - ID_LENGTH;
	}
	return NULL;
}

const char *ck_container_name(struct ck_arena *arena, const char *cgroups)
{
	const char *id = find_id(cgroups), *engine = "container", *before;
	size_t i;

	if (!id)
		return "";
	before = ck_strndup(arena, cgroups, (size_t)(id - cgroups));
	for (i = CK_ARRAY_SIZE(engines); i > 0; i--)
		if (strstr(before, engines[i - 1].mark))
			engine = engines[i - 1].name;
	return ck_format(arena, "%s %.*s", engine, SHORT_ID, id);
}

/* What is read once outlives the arenas of the callers. */
static struct ck_arena cache = { .out_of_memory = ck_ctl_out_of_memory };

/* Read directly: a name service would load code into this process. */
static const char *passwd_text(void)
{
	static const char *text;
	const char *bytes;
	size_t length;

	if (text)
		return text;
	text = "";
	if (ck_file_slurp(&cache, CK_CTL_PASSWD, 16U << 20, &bytes, &length) == 0)
		text = ck_strndup(&cache, bytes, length);
	return text;
}

static const char *look_up(uid_t uid)
{
	const char *line = passwd_text(), *number = ck_format(&cache, "%u", uid);
	size_t length = strlen(number);

	while (line && *line) {
		const char *colon = strchr(line, ':');
		const char *second = colon ? strchr(colon + 1, ':') : NULL;

		if (second && !strncmp(second + 1, number, length) &&
		    second[1 + length] == ':')
			return ck_strndup(&cache, line, (size_t)(colon - line));
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return number;
}

const char *ck_user_name(uid_t uid)
{
	static struct {
		uid_t uid;
		const char *name;
	} seen[64];
	size_t slot = uid % CK_ARRAY_SIZE(seen);

	if (!seen[slot].name || seen[slot].uid != uid) {
		seen[slot].name = look_up(uid);
		seen[slot].uid = uid;
	}
	return seen[slot].name;
}

int ck_pid_operand(struct ck_ctl *ctl, const char *word, pid_t *ret)
{
	uint64_t pid;

	if (!strcmp(word, "self")) {
		*ret = 0;
		return 0;
	}
	if (ck_number(word, strlen(word), INT32_MAX, &pid) < 0 || pid == 0) {
		(void)ck_ctl_fail(ctl, CK_CTL_USAGE, ctl->command->name,
				  "'%s' is not a process id, nor self", word);
		return -EINVAL;
	}
	*ret = (pid_t)pid;
	return 0;
}

int ck_process_of(struct ck_arena *arena, pid_t pid, struct ck_process *ret)
{
	return pid ? ck_process_read(arena, pid, 0, ret) : ck_process_self(arena, ret);
}

int ck_process_fail(struct ck_ctl *ctl, const char *word, int rc)
{
	struct stat st;

	if (rc == -ESRCH && lstat("/proc/self", &st) < 0)
		return ck_ctl_fail(ctl, CK_CTL_FAILED, word,
				   "/proc shows no process; is it mounted?");
	return ck_ctl_fail(ctl, CK_CTL_FAILED, word,
			   rc == -ESRCH ? "there is no such process" : "%s",
			   strerror(-rc));
}

static json_t *ids(uint32_t real, uint32_t effective, uint32_t saved)
{
	json_t *object = ck_json_object();

	ck_json_set(object, "real", ck_json_number(real));
	ck_json_set(object, "effective", ck_json_number(effective));
	ck_json_set(object, "saved", ck_json_number(saved));
	return object;
}

static json_t *seccomp(const struct ck_process *process)
{
	static const char *const modes[] = { "off", "strict", "filter" };
	json_t *object = ck_json_object();

	ck_json_set(object, "mode",
		    ck_json_text(process->seccomp < 0 ? NULL : modes[process->seccomp]));
	ck_json_set(object, "filters", ck_json_number(process->filters));
	return object;
}

json_t *ck_json_process(const struct ck_process *process)
{
	const struct ck_state *state = &process->state;
	json_t *object = ck_json_object(), *groups = ck_json_array();
	size_t i;

	for (i = 0; i < state->ngroups; i++)
		ck_json_add(groups, ck_json_number(state->groups[i]));
	ck_json_set(object, "pid", ck_json_number(process->pid));
	ck_json_set(object, "tid", ck_json_number(process->tid));
	ck_json_set(object, "ppid", ck_json_number(process->ppid));
	ck_json_set(object, "name", ck_json_text(process->name));
	ck_json_set(object, "user", ck_json_text(ck_user_name(state->euid)));
	ck_json_set(object, "uid", ids(state->ruid, state->euid, state->suid));
	ck_json_set(object, "gid", ids(state->rgid, state->egid, state->sgid));
	ck_json_set(object, "groups", groups);
	ck_json_set(object, "sets", ck_json_sets(&state->sets));
	ck_json_set(object, "no_new_privs", ck_json_bool(state->no_new_privs));
	ck_json_set(object, "seccomp", seccomp(process));
	ck_json_set(object, "securebits",
		    process->securebits_known ? ck_json_number(state->securebits) :
						ck_json_text(NULL));
	ck_json_set(object, "user_namespace",
		    process->userns ? ck_json_number((long long)process->userns) :
				      ck_json_text(NULL));
	if (process->container)
		ck_json_set(
			object, "container",
			ck_json_text(*process->container ? process->container : NULL));
	return object;
}
