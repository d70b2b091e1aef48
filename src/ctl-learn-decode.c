/* SPDX-License-Identifier: MIT */
/* A refused call in words: names and paths in place of numbers and descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl-learn-shapes.h"
#include "ctl-learn.h"

struct decoder {
	struct ck_arena *arena;
	const struct ck_call *call;
	const struct ck_shape *shape;
	const char *text, *path, *directory;
	bool named, writes;
	uint64_t lacking; /* capabilities that it wants and does not hold */
};

static const char *link_of(struct ck_arena *arena, pid_t pid, const char *what)
{
	char path[64], target[1024];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
	n = readlink(path, target, sizeof(target) - 1);
	if (n <= 0)
		return NULL;
	target[n] = '\0';
	return ck_format(arena, "%s", target);
}

static const char *file_of(const struct decoder *d, uint64_t fd)
{
	char what[32];

	if ((int)fd == AT_FDCWD)
		return link_of(d->arena, d->call->pid, "cwd");
	(void)snprintf(what, sizeof(what), "fd/%d", (int)fd);
	return link_of(d->arena, d->call->pid, what);
}

static void append(struct decoder *d, const char *text)
{
	d->text = ck_join(d->arena, d->text, *d->text ? ", " : "", text);
}

static void add_path(struct decoder *d, uint64_t address)
{
	const char *path = ck_call_string(d->arena, d->call->pid, address), *full = path;

	if (!path) {
		append(d, "...");
		return;
	}
	if (*path != '/') {
		if (!d->directory)
			d->directory = file_of(d, (uint64_t)AT_FDCWD);
		full = !d->directory ? path :
		       *path	     ? ck_join(d->arena, d->directory, "/", path) :
				       d->directory;
	}
	append(d, ck_format(d->arena, "\"%s\"", ck_safe(d->arena, full)));
	d->directory = NULL;
	d->path = full; /* of two, the one that is made */
	d->named = true;
}

static void add_text(struct decoder *d, uint64_t address)
{
	const char *text = ck_call_string(d->arena, d->call->pid, address);

	append(d, text ? ck_format(d->arena, "\"%s\"", ck_safe(d->arena, text)) : "...");
	d->named = d->named || text;
}

/* A path where it is bound or moved; else the filesystem decides what it means, and
 * "tmpfs" is a file of the working directory to none. */
static void add_source(struct decoder *d, uint64_t address)
{
	const char *source = ck_call_string(d->arena, d->call->pid, address);

	if (d->call->args[3] & (MS_BIND | MS_MOVE) || (source && *source == '/'))
		add_path(d, address);
	else
		add_text(d, address);
}

static void add_file(struct decoder *d, uint64_t fd)
{
	const char *file = file_of(d, fd);

	if (file && *file == '/') {
		d->path = file;
		d->named = true;
		append(d, ck_format(d->arena, "\"%s\"", ck_safe(d->arena, file)));
	} else {
		append(d,
		       file ? ck_format(d->arena, "%.*s", (int)strcspn(file, ":"), file) :
			      "...");
	}
}

static void add_open_flags(struct decoder *d, uint64_t flags)
{
	static const char *const ways[] = { "O_RDONLY", "O_WRONLY", "O_RDWR", "3" };
	const char *text = ways[flags & O_ACCMODE];

	d->writes = (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC);
	if (flags & O_CREAT)
		text = ck_join(d->arena, text, "|", "O_CREAT");
	if (flags & O_NOATIME)
		text = ck_join(d->arena, text, "|", "O_NOATIME");
	append(d, text);
}

static void add_id(struct decoder *d, uint64_t id)
{
	d->named = true;
	append(d, (uint32_t)id == UINT32_MAX ?
			  "-1" :
			  ck_format(d->arena, "%u", (unsigned int)id));
}

static void add_groups(struct decoder *d)
{
	uint32_t groups[8];
	uint64_t count = d->call->args[0];
	size_t i, n = count > 8 ? 8 : (size_t)count;

	n = ck_call_bytes(d->call->pid, d->call->args[1], groups, n * sizeof(*groups)) /
	    sizeof(*groups);
	append(d, ck_format(d->arena, "%llu", (unsigned long long)count));
	for (i = 0; i < n; i++)
		append(d, ck_format(d->arena, "%u", groups[i]));
	d->named = true;
}

static void add_process(struct decoder *d, uint64_t pid)
{
	struct ck_process process;

	if ((pid_t)pid <= 0)
		append(d, ck_format(d->arena, "%d", (int)pid));
	else if ((pid_t)pid == d->call->pid)
		append(d, "itself");
	else if (ck_process_read(d->arena, (pid_t)pid, 0, &process) == 0) {
		append(d, ck_format(d->arena, "a process of uid %u", process.state.euid));
		d->named = true;
	} else {
		append(d, "a process");
	}
}

static void add_signal(struct decoder *d, uint64_t number)
{
	const char *name = ck_signal_name((int)number);

	append(d, name ? ck_join(d->arena, "SIG", name, "") :
			 ck_format(d->arena, "%d", (int)number));
}

static void add_socket(struct decoder *d)
{
	static const char *const types[] = {
		"0", "SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW", "SOCK_RDM", "SOCK_SEQPACKET"
	};
	const uint64_t *args = d->call->args;
	unsigned int type = (unsigned int)args[1] & 0xf;
	const char *family =
		args[0] == AF_INET    ? "AF_INET" :
		args[0] == AF_INET6   ? "AF_INET6" :
		args[0] == AF_PACKET  ? "AF_PACKET" :
		args[0] == AF_NETLINK ? "AF_NETLINK" :
					ck_format(d->arena, "%d", (int)args[0]);

	append(d, family);
	append(d, type < CK_ARRAY_SIZE(types) ? types[type] : "SOCK_PACKET");
	append(d, args[2] == IPPROTO_ICMP ? "IPPROTO_ICMP" :
					    ck_format(d->arena, "%d", (int)args[2]));
	d->named = true;
}

/* What is to be permitted, which cannot be more than is (capset(2)). */
static void add_capset(struct decoder *d)
{
	struct __user_cap_data_struct data[2] = { { 0 } };
	struct ck_process process;
	uint64_t wanted;

	if (ck_call_bytes(d->call->pid, d->call->args[1], data, sizeof(data)) !=
	    sizeof(data))
		return;
	wanted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	append(d, ck_join(d->arena, "permitted ", ck_cap_text(d->arena, wanted), ""));
	if (ck_process_read(d->arena, d->call->pid, 0, &process) == 0)
		d->lacking = wanted & ~process.state.sets.permitted;
	d->named = true;
}

static void add_prctl(struct decoder *d, uint64_t option)
{
	append(d, option == PR_CAPBSET_DROP   ? "PR_CAPBSET_DROP" :
		  option == PR_SET_SECUREBITS ? "PR_SET_SECUREBITS" :
		  option == PR_CAP_AMBIENT    ? "PR_CAP_AMBIENT" :
		  option == PR_SET_MM	      ? "PR_SET_MM" :
						ck_format(d->arena, "%d", (int)option));
	d->named = true;
}

static void add_address(struct decoder *d, uint64_t address, uint64_t length)
{
	const char *text =
		ck_call_address(d->arena, d->call->pid, address, (uint32_t)length);

	append(d, text ? text : "...");
	d->named = d->named || text;
}

/* What names something; false where kind is another. */
static bool add_name(struct decoder *d, char kind, uint64_t value)
{
	switch (kind) {
	case 'd':
		d->directory = (int)value == AT_FDCWD ? NULL : file_of(d, value);
		return true;
	case 'p':
		add_path(d, value);
		return true;
	case 'n':
		add_text(d, value);
		return true;
	case 'M':
		add_source(d, value);
		return true;
	case 'f':
		add_file(d, value);
		return true;
	default:
		return false;
	}
}

static void add_argument(struct decoder *d, char kind, unsigned int i)
{
	uint64_t value = d->call->args[i];

	if (add_name(d, kind, value))
		return;
	switch (kind) {
	case 'o':
		add_open_flags(d, value);
		break;
	case 'm':
		append(d, ck_format(d->arena, "0%o", (unsigned int)value & 07777));
		break;
	case 'u':
		add_id(d, value);
		break;
	case 'g':
		add_groups(d);
		break;
	case 'a':
		add_address(d, value, d->call->args[i + 1]);
		break;
	case 'S':
		add_socket(d);
		break;
	case 'k':
		add_process(d, value);
		break;
	case 's':
		add_signal(d, value);
		break;
	case 'C':
		add_capset(d);
		break;
	case 'c':
		add_prctl(d, value);
		break;
	case 'i':
		append(d, ck_format(d->arena, "%d", (int)value));
		break;
	case 'x':
		append(d, ck_format(d->arena, "0x%llx", (unsigned long long)value));
		break;
	default:
		break;
	}
}

/* 32-bit programs have numbers of their own, and setuid32 beside a setuid of old. */
static const struct ck_shape *shape_named(const char *name)
{
	size_t i, length = strlen(name);

	for (i = 0; i < ck_shapes_count; i++)
		if (!strcmp(ck_shapes[i].name, name) ||
		    (strlen(ck_shapes[i].name) + 2 == length &&
		     !strncmp(ck_shapes[i].name, name, length - 2) &&
		     !strcmp(name + length - 2, "32")))
			return &ck_shapes[i];
	return NULL;
}

#if defined(__aarch64__)
#define NATIVE CK_ARCH_AARCH64
#else
#define NATIVE CK_ARCH_X86_64
#endif

static const struct ck_shape *native_shape(long nr)
{
	size_t i;

	for (i = 0; i < ck_shapes_count; i++)
		if (ck_shapes[i].nr == nr)
			return &ck_shapes[i];
	return NULL;
}

static void guess(struct ck_refusal *ret, unsigned int cap)
{
	unsigned int i;

	for (i = 0; i < ret->nguesses; i++)
		if (ret->guesses[i] == cap)
			return;
	ret->guesses[ret->nguesses++] = (unsigned char)cap;
}

/* Everybody may pass through the directories of path, so that it is not them. */
static bool is_reachable(struct ck_arena *arena, const char *path)
{
	struct stat status;
	const char *slash = path;

	while ((slash = strchr(slash + 1, '/')) != NULL)
		if (stat(ck_strndup(arena, path, (size_t)(slash - path)), &status) < 0 ||
		    !(status.st_mode & S_IXOTH))
			return false;
	return true;
}

static bool is_writing(const struct decoder *d)
{
	static const char *const names[] = { "mkdir",  "unlink", "link",  "symlink",
					     "rename", "creat",	 "rmdir", "truncate" };
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(names); i++)
		if (!strncmp(d->shape->name, names[i], strlen(names[i])))
			return true;
	return d->writes;
}

/* EACCES is the answer of file permissions, and EPERM that of ownership. */
static void add_guesses(const struct decoder *d, struct ck_refusal *ret)
{
	const unsigned char *list = d->shape->guesses;
	unsigned int cap;
	bool search = !is_writing(d) || !d->path || !is_reachable(d->arena, d->path);
	unsigned int i;

	for (cap = 0; cap < CK_CAP_BITS; cap++)
		if (d->lacking & CK_CAP(cap) &&
		    ret->nguesses < CK_ARRAY_SIZE(ret->guesses))
			guess(ret, cap);
	for (i = 0; !d->lacking && i < 4 && (i == 0 || list[i]); i++) {
		bool files =
			list[i] == CAP_DAC_READ_SEARCH || list[i] == CAP_DAC_OVERRIDE;

		if (d->shape->file && files && d->call->error == EPERM &&
		    list[0] != CAP_DAC_READ_SEARCH)
			continue;
		if (d->shape->file && list[i] == CAP_FOWNER && d->call->error == EACCES)
			continue;
		if (list[i] == CAP_DAC_READ_SEARCH && !search)
			continue;
		guess(ret, list[i]);
	}
}

void ck_call_decode(struct ck_arena *arena, const struct ck_call *call,
		    struct ck_refusal *ret)
{
	const char *error = call->error == EPERM ? "EPERM" : "EACCES";
	bool native = call->arch == NATIVE;
	const char *name = native ? NULL : ck_learn_foreign_name(call);
	struct decoder d = { .arena = arena, .call = call, .text = "" };
	struct ck_refusal refusal = { .path = NULL };
	unsigned int i;

	d.shape = native ? native_shape(call->nr) : name ? shape_named(name) : NULL;
	for (i = 0; i < 6 && d.shape && d.shape->args[i]; i++)
		add_argument(&d, d.shape->args[i], i);
	if (d.shape)
		refusal.text = ck_format(arena, "%s%s(%s) = %s", native ? "" : "32-bit ",
					 native ? d.shape->name : name, d.text, error);
	else
		refusal.text = ck_format(arena, "%scall %ld = %s",
					 native ? "" : "32-bit ", call->nr, error);
	refusal.path = d.path;
	refusal.named = d.named;
	if (d.shape)
		add_guesses(&d, &refusal);
	*ret = refusal;
}
