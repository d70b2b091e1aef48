/* SPDX-License-Identifier: MIT */
/* Starting states to plan from: by name, of a live process, or from a file. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"

#define FILE_LIMIT (4U << 20)

static const struct {
	const char *name;
	uint64_t mask; /* of what the kernel has */
	uid_t uid;
	bool no_new_privs;
} starts[] = {
	{ "root", UINT64_MAX, 0, false },
	{ "docker", CK_DOCKER_DEFAULT, 0, false },
	{ "podman", CK_PODMAN_DEFAULT, 0, false },
	{ "restricted", 0, 1000, true },
	{ "k8s-baseline", CK_DOCKER_DEFAULT, 0, false },
};

static void named_state(size_t i, struct ck_state *ret)
{
	uint64_t known = ck_caps_known(), held = starts[i].mask & known;
	struct ck_state state = { .known = known, .ambient_supported = true };

	state.sets.bounding = state.sets.permitted = state.sets.effective = held;
	state.ruid = state.euid = state.suid = starts[i].uid;
	state.rgid = state.egid = state.sgid = starts[i].uid;
	state.no_new_privs = starts[i].no_new_privs;
	*ret = state;
}

static int mask_of(const json_t *sets, const char *name, uint64_t *ret)
{
	const char *text =
		json_string_value(json_object_get(json_object_get(sets, name), "mask"));
	char *end;

	if (!text || strncmp(text, "0x", 2) != 0)
		return -EINVAL;
	errno = 0;
	*ret = strtoull(text + 2, &end, 16);
	return errno || *end || end == text + 2 ? -EINVAL : 0;
}

static int number_of(const json_t *value, uint32_t *ret)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value) || number < 0 || number > UINT32_MAX)
		return -EINVAL;
	*ret = (uint32_t)number;
	return 0;
}

static int id_of(const json_t *ids, const char *name, uint32_t *ret)
{
	return number_of(json_object_get(ids, name), ret);
}

static int ids_of(const json_t *process, struct ck_state *state)
{
	const json_t *uid = json_object_get(process, "uid"),
		     *gid = json_object_get(process, "gid");
	int rc = id_of(uid, "real", &state->ruid);

	rc |= id_of(uid, "effective", &state->euid) | id_of(uid, "saved", &state->suid);
	rc |= id_of(gid, "real", &state->rgid) | id_of(gid, "effective", &state->egid);
	return rc | id_of(gid, "saved", &state->sgid);
}

static int groups_of(struct ck_arena *arena, const json_t *array, struct ck_state *state)
{
	size_t count = json_array_size(array), i;
	gid_t *groups = ck_alloc_array(arena, count + 1, sizeof(*groups));

	if (!json_is_array(array))
		return -EINVAL;
	for (i = 0; i < count; i++)
		if (number_of(json_array_get(array, i), &groups[i]) < 0)
			return -EINVAL;
	state->groups = groups;
	state->ngroups = ck_groups_sort(groups, count);
	return 0;
}

/* Those of another process only it can read. On standard error at once: it is no problem
 * of a profile. */
static void warn_securebits(struct ck_ctl *ctl, const char *word)
{
	struct ck_diags diags = { .arena = ctl->arena };

	ck_diag_add(&diags, "--as",
		    "warning: securebits of %s are not told; 0 is assumed",
		    ck_safe(ctl->arena, word));
	ck_diags_print(&diags, CK_CTL, STDERR_FILENO);
}

/* One process as `show --json` prints it; of an array the first. */
static int json_state(struct ck_arena *arena, const json_t *root, struct ck_state *ret,
		      bool *securebits)
{
	const json_t *process = json_is_array(root) ? json_array_get(root, 0) : root;
	const json_t *sets = json_object_get(process, "sets");
	const json_t *bits = json_object_get(process, "securebits");
	const json_t *no_new_privs = json_object_get(process, "no_new_privs");
	struct ck_state state = { .known = ck_caps_known(), .ambient_supported = true };

	if (mask_of(sets, "bounding", &state.sets.bounding) < 0 ||
	    mask_of(sets, "permitted", &state.sets.permitted) < 0 ||
	    mask_of(sets, "effective", &state.sets.effective) < 0 ||
	    mask_of(sets, "inheritable", &state.sets.inheritable) < 0 ||
	    mask_of(sets, "ambient", &state.sets.ambient) < 0 ||
	    ids_of(process, &state) < 0 ||
	    groups_of(arena, json_object_get(process, "groups"), &state) < 0 ||
	    !json_is_boolean(no_new_privs))
		return -EINVAL;
	state.no_new_privs = json_is_true(no_new_privs);
	*securebits = bits && !json_is_null(bits);
	if (*securebits && number_of(bits, &state.securebits) < 0)
		return -EINVAL;
	*ret = state;
	return 0;
}

static int file_state(struct ck_ctl *ctl, const char *path, struct ck_state *ret)
{
	struct ck_process process;
	const char *bytes, *text;
	json_error_t error;
	json_t *root;
	size_t length;
	bool securebits = false;
	int rc = ck_file_slurp(ctl->arena, path, FILE_LIMIT, &bytes, &length);

	if (rc < 0)
		return ck_ctl_fail(ctl, rc, "--as",
				   "'%s' is none of " CK_AS_WORDS ", no PID, and as a "
				   "file: %s",
				   path, strerror(-rc));
	text = ck_strndup(ctl->arena, bytes, length);
	text += strspn(text, " \t\n");
	if (*text != '{' && *text != '[') {
		rc = ck_process_parse(ctl->arena, text, &process);
		if (rc == 0) {
			process.state.known = ck_caps_known();
			*ret = process.state;
		}
	} else {
		root = json_loads(text, 0, &error);
		rc = root ? json_state(ctl->arena, root, ret, &securebits) : -EINVAL;
		json_decref(root);
	}
	if (rc < 0)
		return ck_ctl_fail(ctl, rc, path,
				   "is neither what '" CK_CTL " show --json PID' "
				   "prints nor a copy of /proc/PID/status");
	if (!securebits)
		warn_securebits(ctl, path);
	return 0;
}

static int live_state(struct ck_ctl *ctl, const char *word, struct ck_state *ret)
{
	struct ck_process process;
	uint64_t pid = 0;
	int rc;

	if (!strcmp(word, "self"))
		rc = ck_process_self(ctl->arena, &process);
	else if (ck_number(word, strlen(word), INT32_MAX, &pid) < 0)
		rc = -EINVAL;
	else
		rc = ck_process_read(ctl->arena, (pid_t)pid, 0, &process);
	if (rc < 0)
		return ck_ctl_fail(ctl, rc, "--as", "process %s: %s", word,
				   strerror(-rc));
	if (!process.securebits_known)
		warn_securebits(ctl, ck_join(ctl->arena, "process ", word, ""));
	*ret = process.state;
	return 0;
}

int ck_start_state(struct ck_ctl *ctl, const char *word, struct ck_state *ret)
{
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(starts); i++)
		if (!strcmp(starts[i].name, word)) {
			named_state(i, ret);
			return 0;
		}
	if (!strcmp(word, "self") || ck_is_digits(word, strlen(word)))
		return live_state(ctl, word, ret);
	return file_state(ctl, word, ret);
}

int ck_ctl_profile(struct ck_ctl *ctl, const char *name, struct ck_profile *ret)
{
	size_t before = ctl->diags.count, i;
	int rc;

	ck_profile_empty(name, ret);
	rc = ck_profile_load(ctl->arena, name, &ctl->diags, ret);
	if (rc == 0)
		rc = ck_profile_complete(ret, &ctl->diags);
	for (i = before; i < ctl->diags.count; i++) /* here it is an operand */
		if (!strcmp(ctl->diags.list[i].where, "-p"))
			ctl->diags.list[i].where = name && *name ? name : "profile";
	return rc;
}

int ck_ctl_profile_file(struct ck_ctl *ctl, const char *path, struct ck_profile *ret)
{
	struct stat st;

	if (!strchr(path, '/') && stat(path, &st) == 0 && S_ISREG(st.st_mode))
		path = ck_join(ctl->arena, "./", path, "");
	return ck_ctl_profile(ctl, path, ret);
}
