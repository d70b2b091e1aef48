/* SPDX-License-Identifier: MIT */
/* Writers for hosts: systemd drop-in, OCI config, setpriv and capsh lines. */
#include <ctype.h>
#include <linux/securebits.h>
#include <stdlib.h>
#include <string.h>

#include "ctl-filter.h"

static bool raises_ambient(const struct ck_convert *convert)
{
	const struct ck_profile *profile = &convert->profile;

	return profile->ambient == CK_YES ||
	       (profile->ambient == CK_AUTO &&
		(ck_becomes_user(convert) || profile->securebits.on & SECBIT_NOROOT));
}

static void note_host(struct ck_convert *convert)
{
	if (!raises_ambient(convert) && ck_becomes_user(convert) &&
	    convert->profile.keep.mask)
		ck_note(convert,
			"ambient = no: a user's program would hold nothing after exec");
}

static const char *upper(struct ck_arena *arena, const char *text)
{
	char *copy = ck_format(arena, "%s", text), *p;

	for (p = copy; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return copy;
}

static void systemd_securebits(struct ck_convert *convert)
{
	unsigned int on = convert->profile.securebits.on;
	const char *text = "";

	if (on & SECBIT_NOROOT)
		text = " noroot noroot-locked";
	if (on & SECBIT_NO_SETUID_FIXUP)
		text = ck_join(convert->ctl->arena, text,
			       " no-setuid-fixup no-setuid-fixup-locked", "");
	if (convert->profile.securebits.off & SECBIT_KEEP_CAPS)
		text = ck_join(convert->ctl->arena, text, " keep-caps-locked", "");
	if (*text)
		ck_emit(convert, "SecureBits=%s\n", text + 1);
	if (on & SECBIT_NO_CAP_AMBIENT_RAISE)
		ck_note(convert, "no-ambient-raise cannot be said");
}

/* A literal % begins a specifier. */
static const char *systemd_plain(struct ck_arena *arena, const char *text)
{
	char *copy = ck_alloc(arena, strlen(text) * 2 + 1), *out = copy;

	for (; *text; text++) {
		if (*text == '%')
			*out++ = '%';
		*out++ = *text;
	}
	return copy;
}

/* As above, and " and \ are special within quotes. */
static const char *systemd_quote(struct ck_arena *arena, const char *text)
{
	char *copy = ck_alloc(arena, strlen(text) * 2 + 3), *out = copy;

	*out++ = '"';
	for (; *text; text++) {
		if (*text == '%')
			*out++ = '%';
		if (*text == '"' || *text == '\\')
			*out++ = '\\';
		*out++ = *text;
	}
	*out = '"';
	return copy;
}

static void systemd_process(struct ck_convert *convert)
{
	const struct ck_profile *profile = &convert->profile;
	struct ck_arena *arena = convert->ctl->arena;
	size_t i;

	if (profile->user)
		ck_emit(convert, "User=%s\n", systemd_plain(arena, profile->user));
	if (profile->group)
		ck_emit(convert, "Group=%s\n", systemd_plain(arena, profile->group));
	for (i = 0; i < profile->groups.list.count; i++)
		ck_emit(convert, "%s%s%s", i ? " " : "SupplementaryGroups=",
			systemd_plain(arena, profile->groups.list.list[i]),
			i + 1 == profile->groups.list.count ? "\n" : "");
	if (profile->user && (profile->groups.kind == CK_GROUPS_NONE ||
			      profile->groups.kind == CK_GROUPS_LIST))
		ck_note(convert,
			"systemd adds the groups that /etc/group gives the user %s to these",
			profile->user);
	if (profile->umask >= 0)
		ck_emit(convert, "UMask=%04o\n", (unsigned int)profile->umask);
	if (profile->working_directory)
		ck_emit(convert, "WorkingDirectory=%s\n",
			systemd_plain(arena, profile->working_directory));
	for (i = 0; i < profile->env_set.count; i++)
		ck_emit(convert, "Environment=%s\n",
			systemd_quote(arena, profile->env_set.list[i]));
	for (i = 0; i < profile->env_unset.count; i++)
		ck_emit(convert, "UnsetEnvironment=%s\n",
			systemd_plain(arena, profile->env_unset.list[i]));
	for (i = 0; i < CK_LIMITS; i++)
		if (profile->limits[i].stated)
			ck_emit(convert, "Limit%s=%s:%s\n",
				upper(arena, ck_limit_names[i]),
				ck_limit_text(arena, profile->limits[i].value.rlim_cur,
					      "infinity"),
				ck_limit_text(arena, profile->limits[i].value.rlim_max,
					      "infinity"));
	if (profile->parent_death_signal)
		ck_note(convert, "parent-death-signal cannot be said");
}

void ck_write_systemd(struct ck_convert *convert)
{
	const struct ck_profile *profile = &convert->profile;
	struct ck_arena *arena = convert->ctl->arena;
	const char *caps = ck_cap_list(arena, profile->keep.mask, "CAP_", " ", false);

	note_host(convert);
	/* An empty assignment first: a drop-in adds to what the unit says. */
	ck_emit(convert, "[Service]\nCapabilityBoundingSet=\n");
	if (*caps)
		ck_emit(convert, "CapabilityBoundingSet=%s\n", caps);
	ck_emit(convert, "AmbientCapabilities=\n");
	if (*caps && raises_ambient(convert))
		ck_emit(convert, "AmbientCapabilities=%s\n", caps);
	ck_emit(convert, "NoNewPrivileges=%s\n", profile->no_new_privs ? "yes" : "no");
	systemd_securebits(convert);
	systemd_process(convert);
}

static json_t *cap_array(struct ck_arena *arena, uint64_t mask)
{
	json_t *array = ck_json_array();
	unsigned int cap;

	for (cap = 0; cap < CK_CAP_BITS; cap++)
		if (mask & CK_CAP(cap))
			ck_json_add(array,
				    ck_json_text(ck_join(arena, "CAP_",
							 ck_cap_label(arena, cap), "")));
	return array;
}

static json_t *oci_caps(struct ck_convert *convert)
{
	struct ck_arena *arena = convert->ctl->arena;
	uint64_t keep = convert->profile.keep.mask;
	uint64_t ambient = raises_ambient(convert) ? keep : 0;
	json_t *object = ck_json_object();

	ck_json_set(object, "bounding", cap_array(arena, keep));
	ck_json_set(object, "effective", cap_array(arena, keep));
	ck_json_set(object, "permitted", cap_array(arena, keep));
	ck_json_set(object, "inheritable", cap_array(arena, ambient));
	ck_json_set(object, "ambient", cap_array(arena, ambient));
	return object;
}

/* Numbers are looked up together with a user only. */
static void note_group(struct ck_convert *convert)
{
	const struct ck_profile *profile = &convert->profile;
	size_t i;

	if (profile->user)
		return;
	if (profile->group)
		ck_note(convert, "group = %s without a user cannot be said",
			profile->group);
	for (i = 0; i < profile->groups.list.count; i++)
		ck_note(convert, "the group %s without a user cannot be said",
			profile->groups.list.list[i]);
}

static json_t *oci_user(struct ck_convert *convert)
{
	const struct ck_identity *id = &convert->identity;
	json_t *object = ck_json_object(), *groups = ck_json_array();
	size_t i;

	ck_json_set(object, "uid", ck_json_number(convert->numbers ? id->uid : 0));
	ck_json_set(object, "gid", ck_json_number(convert->numbers ? id->gid : 0));
	for (i = 0; convert->numbers && i < id->ngroups; i++)
		if (id->groups[i] != id->gid)
			ck_json_add(groups, ck_json_number(id->groups[i]));
	ck_json_set(object, "additionalGids", groups);
	if (convert->profile.umask >= 0)
		ck_json_set(object, "umask", ck_json_number(convert->profile.umask));
	return object;
}

static json_t *oci_limits(struct ck_convert *convert)
{
	struct ck_arena *arena = convert->ctl->arena;
	json_t *array = ck_json_array();
	size_t i;

	for (i = 0; i < CK_LIMITS; i++) {
		const struct ck_limit *limit = &convert->profile.limits[i];
		json_t *one;

		if (!limit->stated)
			continue;
		one = ck_json_object();
		ck_json_set(one, "type",
			    ck_json_text(ck_join(arena, "RLIMIT_",
						 upper(arena, ck_limit_names[i]), "")));
		ck_json_set(one, "hard", json_integer((json_int_t)limit->value.rlim_max));
		ck_json_set(one, "soft", json_integer((json_int_t)limit->value.rlim_cur));
		ck_json_add(array, one);
	}
	return array;
}

/* Runtimes want the unsigned number, which jansson does not have. A string holds no such
 * text: its quotes have a backslash before them. */
static void emit_unsigned(struct ck_convert *convert, const char *dump)
{
	const char *at = dump;
	char *end;

	while ((at = strstr(at, "\": -")) != NULL) {
		at += strlen("\": ");
		if (!strchr("td", at[-4]))
			continue; /* neither "soft" nor "hard" */
		ck_emit(convert, "%.*s%llu", (int)(at - dump), dump,
			(unsigned long long)strtoll(at, &end, 10));
		dump = at = end;
	}
	ck_emit(convert, "%s\n", dump);
}

/* linux.seccomp, where the profile has a filter. */
static void add_seccomp(struct ck_convert *convert, json_t *root)
{
	const char *text = ck_seccomp_json(convert);
	json_t *linux_part;

	if (!text)
		return;
	if (!*text) { /* complained about: without it everything would be allowed */
		convert->status = CK_CTL_FAILED;
		return;
	}
	linux_part = ck_json_object();
	ck_json_set(linux_part, "seccomp", json_loads(text, 0, NULL));
	ck_json_set(root, "linux", linux_part);
}

void ck_write_oci(struct ck_convert *convert)
{
	const struct ck_profile *profile = &convert->profile;
	json_t *process = ck_json_object(), *root = ck_json_object(),
	       *env = ck_json_array();
	char *dump;
	size_t i;

	note_host(convert);
	note_group(convert);
	ck_json_set(process, "user", oci_user(convert));
	ck_json_set(process, "capabilities", oci_caps(convert));
	ck_json_set(process, "noNewPrivileges", ck_json_bool(profile->no_new_privs));
	ck_json_set(process, "rlimits", oci_limits(convert));
	ck_json_set(process, "cwd",
		    ck_json_text(profile->working_directory ? profile->working_directory :
							      "/"));
	for (i = 0; i < profile->env_set.count; i++)
		ck_json_add(env, ck_json_text(profile->env_set.list[i]));
	ck_json_set(process, "env", env);
	ck_json_set(root, "process", process);
	add_seccomp(convert, root);
	dump = json_dumps(root, JSON_INDENT(2));
	json_decref(root);
	if (dump)
		emit_unsigned(convert, dump);
	else
		ck_ctl_out_of_memory();
	free(dump);
	if (profile->securebits.on)
		ck_note(convert, "securebits cannot be said");
	if (profile->parent_death_signal)
		ck_note(convert, "parent-death-signal cannot be said");
	for (i = 0; i < profile->env_unset.count; i++)
		ck_note(convert, "unset = %s cannot be said", profile->env_unset.list[i]);
}

/* What both lines cannot say. */
static void note_line(struct ck_convert *convert)
{
	const struct ck_profile *profile = &convert->profile;
	size_t i;

	note_host(convert);
	if (profile->umask >= 0)
		ck_note(convert, "umask cannot be said; write it in the shell before");
	if (profile->working_directory)
		ck_note(convert, "working-directory cannot be said; cd before");
	for (i = 0; i < CK_LIMITS; i++)
		if (profile->limits[i].stated)
			ck_note(convert, "the limit %s cannot be said; prlimit before",
				ck_limit_names[i]);
	if (profile->env_set.count + profile->env_unset.count)
		ck_note(convert, "[environment] cannot be said; env before");
}

static void setpriv_ids(struct ck_convert *convert)
{
	const struct ck_profile *profile = &convert->profile;
	const char *user = profile->user;
	const struct ck_strings *list = &profile->groups.list;
	struct ck_arena *arena = convert->ctl->arena;
	size_t i;

	if (user)
		ck_emit(convert, " --reuid=%s", ck_shell_quote(arena, user));
	if (profile->group)
		ck_emit(convert, " --regid=%s", ck_shell_quote(arena, profile->group));
	else if (convert->numbers)
		ck_emit(convert, " --regid=%u", convert->identity.gid);
	else if (user)
		ck_note(convert,
			"the group of %s is not in /etc/passwd here: add --regid", user);
	if (list->count)
		for (i = 0; i < list->count; i++)
			ck_emit(convert, "%s%s", i ? "," : " --groups=",
				ck_shell_quote(arena, list->list[i]));
	else if (profile->groups.kind == CK_GROUPS_NONE ||
		 (user && ck_is_digits(user, strlen(user)) &&
		  profile->groups.kind == CK_GROUPS_DEFAULT))
		ck_emit(convert, " --clear-groups");
	else if (user && profile->groups.kind != CK_GROUPS_UNCHANGED)
		ck_emit(convert, " --init-groups");
	else if (user || profile->group)
		ck_emit(convert, " --keep-groups");
}

void ck_write_setpriv(struct ck_convert *convert)
{
	const struct ck_profile *profile = &convert->profile;
	struct ck_arena *arena = convert->ctl->arena;
	const char *caps = ck_cap_list(arena, profile->keep.mask, "+", ",", true);
	const char *comma = *caps ? "," : "";
	bool ambient = raises_ambient(convert);

	note_line(convert);
	ck_emit(convert, "setpriv");
	setpriv_ids(convert);
	ck_emit(convert, " --inh-caps=-all%s%s", ambient ? comma : "",
		ambient ? caps : "");
	ck_emit(convert, " --ambient-caps=-all%s%s", ambient ? comma : "",
		ambient ? caps : "");
	ck_emit(convert, " --bounding-set=-all%s%s", comma, caps);
	if (profile->securebits.on & SECBIT_NOROOT)
		ck_emit(convert, " --securebits=+noroot,+noroot_locked");
	if (profile->securebits.on &
	    ~(unsigned int)(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED))
		ck_note(convert, "of the securebits noroot alone is carried over");
	if (profile->no_new_privs)
		ck_emit(convert, " --no-new-privs");
	if (profile->parent_death_signal)
		ck_emit(convert, " --pdeathsig=%s",
			ck_signal_name(profile->parent_death_signal));
	ck_emit(convert, " -- COMMAND\n");
}

static void capsh_groups(struct ck_convert *convert)
{
	const struct ck_identity *id = &convert->identity;
	size_t i;

	if (!convert->numbers || id->groups_unchanged)
		return;
	ck_emit(convert, " --groups=");
	for (i = 0; i < id->ngroups; i++)
		ck_emit(convert, "%s%u", i ? "," : "", id->groups[i]);
}

void ck_write_capsh(struct ck_convert *convert)
{
	const struct ck_profile *profile = &convert->profile;
	struct ck_arena *arena = convert->ctl->arena;
	uint64_t keep = profile->keep.mask;
	const char *drop = ck_cap_list(arena, CK_EVERY & ~keep, "cap_", ",", true);
	const char *caps = ck_cap_list(arena, keep, "cap_", ",", true);
	bool ambient = raises_ambient(convert) && keep;

	note_line(convert);
	note_group(convert);
	ck_emit(convert, "capsh --drop=%s", drop);
	capsh_groups(convert);
	if (convert->numbers)
		ck_emit(convert, " --gid=%u --keep=1 --uid=%u", convert->identity.gid,
			convert->identity.uid);
	ck_emit(convert, " --caps=%s%s", *caps ? caps : "",
		!*caps	? "=" :
		ambient ? "=eip" :
			  "=ep");
	if (ambient)
		ck_emit(convert, " --addamb=%s", caps);
	if (profile->no_new_privs)
		ck_emit(convert, " --no-new-privs");
	ck_emit(convert, " -- -c 'exec \"$0\" \"$@\"' COMMAND\n");
	if (profile->securebits.on)
		ck_note(convert, "securebits cannot be said in this order");
	if (profile->parent_death_signal)
		ck_note(convert, "parent-death-signal cannot be said");
}
