/* SPDX-License-Identifier: MIT */
/*
 * The one table of a profile's keys. The reader, the printer, the manual's check and
 * completion take everything that they know of a key from here.
 */
#include <string.h>

#include "values.h"

#define FIELD_OF(member) \
	offsetof(struct ck_profile, member), sizeof(((struct ck_profile *)NULL)->member)
#define ROW(section, name, kind, member, help, example)                   \
	{                                                                 \
		section, name, help, example, parse_##kind, print_##kind, \
			FIELD_OF(member), false, 0                        \
	}
#define LIST(section, name, kind, member, help, example)                  \
	{                                                                 \
		section, name, help, example, parse_##kind, print_##kind, \
			FIELD_OF(member), true, 0                         \
	}
#define LIMIT(name, resource, help)                                          \
	{                                                                    \
		"limits", name, help, "1024:4096", parse_limit, print_limit, \
			FIELD_OF(limits[resource]), false, (int)(resource)   \
	}

/* Its lines are kept in order; what they mean is for rules.c. */
#define SECCOMP(name, list, help, example)                                          \
	{                                                                           \
		"seccomp", name, help, example, parse_seccomp, print_seccomp, 0, 0, \
			list, 0                                                     \
	}

const struct ck_key ck_keys[] = {
	ROW("profile", "description", text, description, "what the profile is for",
	    "a web server"),
	ROW("profile", "include", text, include, "another profile, read first", "base"),

	LIST("capabilities", "keep", caps, keep,
	     "required; refused where the process lacks one; none for none",
	     "NET_BIND_SERVICE SETGID SETUID"),
	LIST("capabilities", "optional", caps, optional,
	     "kept where held, absent elsewhere", "CHOWN"),
	ROW("capabilities", "ambient", ambient, ambient,
	    "raise the ambient set: auto (where exec would lose them), yes, no", "auto"),
	ROW("capabilities", "bounding", bounding, bounding,
	    "cut the bounding set: auto, exact, if-possible", "auto"),
	LIST("capabilities", "securebits", securebits, securebits,
	     "add and lock: noroot no-setuid-fixup no-ambient-raise keep-caps-off",
	     "noroot"),

	ROW("process", "user", user, user, "unchanged, a name or a number", "www-data"),
	ROW("process", "group", user, group,
	    "a name or a number; default: the user's own", "www-data"),
	LIST("process", "groups", groups, groups, "init, none, unchanged or a list",
	     "init"),
	ROW("process", "no-new-privs", boolean, no_new_privs,
	    "no privilege is gained at exec", "yes"),
	ROW("process", "umask", umask, umask, "file mode creation mask, octal", "0027"),
	ROW("process", "working-directory", directory, working_directory,
	    "an absolute path", "/srv"),
	ROW("process", "new-session", boolean, new_session,
	    "the workload has no controlling terminal", "no"),
	ROW("process", "close-fds", boolean, close_fds, "close the descriptors above 2",
	    "yes"),
	LIST("process", "keep-fds", fds, keep_fds, "descriptors that stay open", "5"),
	ROW("process", "parent-death-signal", signal, parent_death_signal,
	    "sent to the workload when its parent ends", "TERM"),

	ROW("environment", "clear", boolean, env_clear, "start with an empty environment",
	    "no"),
	LIST("environment", "keep", names, env_keep,
	     "variables that stay, with clear = yes", "PATH LANG LC_*"),
	LIST("environment", "unset", names, env_unset, "variables that go", "LD_PRELOAD"),
	LIST("environment", "set", assignment, env_set,
	     "one assignment a line, its value as it is", "NAME=value"),

	LIMIT("cpu", RLIMIT_CPU, "seconds of processor time"),
	LIMIT("fsize", RLIMIT_FSIZE, "bytes of a file"),
	LIMIT("data", RLIMIT_DATA, "bytes of data"),
	LIMIT("stack", RLIMIT_STACK, "bytes of stack"),
	LIMIT("core", RLIMIT_CORE, "bytes of a core file"),
	LIMIT("rss", RLIMIT_RSS, "bytes of resident memory (no effect)"),
	LIMIT("nproc", RLIMIT_NPROC, "processes of the user"),
	LIMIT("nofile", RLIMIT_NOFILE, "open descriptors"),
	LIMIT("memlock", RLIMIT_MEMLOCK, "bytes of locked memory"),
	LIMIT("as", RLIMIT_AS, "bytes of address space"),
	LIMIT("locks", RLIMIT_LOCKS, "file locks (no effect)"),
	LIMIT("sigpending", RLIMIT_SIGPENDING, "queued signals"),
	LIMIT("msgqueue", RLIMIT_MSGQUEUE, "bytes in POSIX message queues"),
	LIMIT("nice", RLIMIT_NICE, "ceiling of the nice value, as 20 - nice"),
	LIMIT("rtprio", RLIMIT_RTPRIO, "ceiling of the real-time priority"),
	LIMIT("rttime", RLIMIT_RTTIME, "microseconds of real-time work without blocking"),

	SECCOMP("base", false, "@service, @none or @all", "@service"),
	SECCOMP("abi", false, "native, native+32 or all; every other ABI is killed",
		"native"),
	SECCOMP("default", false, "what a call that is not allowed gets", "EPERM"),
	SECCOMP("unknown", false, "what a number without a name gets", "ENOSYS"),
	SECCOMP("allow", true, "groups and calls", "@network-io io_uring_setup"),
	SECCOMP("deny", true, "groups and calls, each with its answer",
		"@mount userfaultfd=ENOSYS"),
	SECCOMP("mode", false, "enforce, log or off", "enforce"),
	SECCOMP("caps", false, "follow: kept capabilities bring their calls; ignore",
		"follow"),
	SECCOMP("flags", true, "spec-allow log", "log"),
};

const size_t ck_keys_count = CK_ARRAY_SIZE(ck_keys);
_Static_assert(CK_ARRAY_SIZE(ck_keys) <= CK_KEYS_MAX, "ck_profile.origin is too short");

const struct ck_key *ck_key_find(const char *section, const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < ck_keys_count; i++)
		if (length && ck_keys[i].name[0] == name[0] &&
		    !strncmp(ck_keys[i].name, name, length) && !ck_keys[i].name[length] &&
		    !strcmp(ck_keys[i].section, section))
			return &ck_keys[i];
	return NULL;
}

bool ck_key_section(const char *section)
{
	size_t i;

	for (i = 0; i < ck_keys_count; i++)
		if (ck_keys[i].section[0] == section[0] &&
		    !strcmp(ck_keys[i].section, section))
			return true;
	return false;
}
