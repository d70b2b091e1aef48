/* SPDX-License-Identifier: MIT */
/* What is cheaper than a capability, from what was refused without it. */
#include <linux/capability.h>
#include <string.h>
#include <sys/stat.h>

#include "ctl-learn.h"

static void advise(struct ck_learn *learn, struct ck_entry_found *entry, const char *text)
{
	size_t i;

	for (i = 0; i < entry->advice.count; i++)
		if (!strcmp(entry->advice.list[i], text))
			return;
	ck_strings_add(learn->arena, &entry->advice, text);
}

/* The file, or where it would be. */
static const char *existing(struct ck_arena *arena, const char *path, struct stat *status)
{
	const char *slash;

	while (stat(path, status) < 0) {
		slash = strrchr(path, '/');
		if (!slash || slash == path)
			return NULL;
		path = ck_strndup(arena, path, (size_t)(slash - path));
	}
	return path;
}

static void about_file(struct ck_learn *learn, struct ck_entry_found *entry,
		       const char *path)
{
	struct stat status;
	const char *there = existing(learn->arena, path, &status);

	if (!there)
		return;
	advise(learn, entry,
	       ck_format(
		       learn->arena,
		       "%s belongs to %s, mode %04o: give it to the user who uses it, or "
		       "start as its owner with user =",
		       ck_safe(learn->arena, there), ck_user_name(status.st_uid),
		       (unsigned int)status.st_mode & 07777));
}

static void about_chown(struct ck_learn *learn, struct ck_entry_found *entry,
			const char *path)
{
	advise(learn, entry,
	       ck_format(learn->arena,
			 "create %s beforehand with the owner that it is to have, in "
			 "the image or by tmpfiles.d",
			 ck_safe(learn->arena, path)));
}

/* Who the command becomes: the first that runs as somebody else than the start. */
static const char *other_user(struct ck_learn *learn)
{
	const struct ck_tree *tree = &learn->reference[0]->tree;
	struct ck_process self;
	size_t i;

	if (ck_process_self(learn->arena, &self) < 0)
		return NULL;
	for (i = 0; i < tree->count; i++)
		if (tree->list[i].euid != self.state.euid)
			return ck_user_name(tree->list[i].euid);
	return NULL;
}

static void about_user(struct ck_learn *learn, struct ck_entry_found *entry)
{
	const char *name = other_user(learn);

	if (name && !learn->user)
		advise(learn, entry,
		       ck_format(learn->arena,
				 "start it as %s at once, with user = %s (learn --user "
				 "%s): then neither SETUID nor SETGID is needed",
				 name, name, name));
	else
		advise(learn, entry,
		       "start it as the user that it becomes, with user = (learn "
		       "--user USER): then neither SETUID nor SETGID is needed");
}

static void about_one(struct ck_learn *learn, struct ck_entry_found *entry,
		      const struct ck_refusal *cause)
{
	switch (entry->cap) {
	case CAP_DAC_OVERRIDE:
	case CAP_DAC_READ_SEARCH:
	case CAP_FOWNER:
		if (cause->path)
			about_file(learn, entry, cause->path);
		break;
	case CAP_CHOWN:
		if (cause->path)
			about_chown(learn, entry, cause->path);
		break;
	case CAP_NET_RAW:
		if (strstr(cause->text, "ICMP"))
			advise(learn, entry,
			       "sysctl net.ipv4.ping_group_range=\"0 2147483647\" lets "
			       "everybody ping without it");
		break;
	default:
		break;
	}
}

void ck_learn_advise(struct ck_learn *learn)
{
	size_t i, n;

	for (i = 0; i < learn->nentries; i++) {
		struct ck_entry_found *entry = &learn->entries[i];

		for (n = 0; n < entry->ncauses; n++)
			about_one(learn, entry, &entry->causes[n]);
		if (entry->cap == CAP_SETUID || entry->cap == CAP_SETGID)
			about_user(learn, entry);
		if (entry->cap == CAP_NET_BIND_SERVICE)
			advise(learn, entry,
			       "a port from 1024 on, sysctl "
			       "net.ipv4.ip_unprivileged_port_start, or a socket that "
			       "systemd passes (close-fds knows LISTEN_FDS)");
		if (!entry->advice.count && entry->cap < CK_CAPS_KNOWN &&
		    ck_cap_facts[entry->cap].cure)
			advise(learn, entry, ck_cap_facts[entry->cap].cure);
	}
}

const char *ck_learn_unneeded(const struct ck_learn *learn, unsigned int cap)
{
	const struct ck_asked *asked = &learn->asked[cap];

	if (asked->granted || asked->refused)
		return ck_format(learn->arena, "asked for %u times%s%s, works without",
				 asked->granted + asked->refused,
				 asked->where ? ", last in " : "",
				 asked->where ? asked->where : "");
	if (asked->advisory)
		return ck_format(learn->arena,
				 "asked for %u times, only to choose between two ways",
				 asked->advisory);
	return NULL;
}
