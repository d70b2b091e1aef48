/* SPDX-License-Identifier: MIT */
/* capkeepctl convert: what a program needs, from one dialect into another. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "ctl-filter.h"

#define NAMES_MAX 20 /* of containers, in a message */

static void write_ini(struct ck_convert *convert)
{
	ck_emit(convert, "%s", ck_profile_text(convert->ctl->arena, &convert->profile));
}

enum { INI, DOCKER, PODMAN, COMPOSE, KUBERNETES, SYSTEMD, OCI, SETPRIV, CAPSH, LABEL };
static const struct ck_dialect dialects[] = {
	[INI] = { "ini", NULL, write_ini, false },
	[DOCKER] = { "docker", ck_read_docker, ck_write_docker, false },
	[PODMAN] = { "podman", ck_read_docker, ck_write_podman, false },
	[COMPOSE] = { "compose", ck_read_compose, ck_write_compose, false },
	[KUBERNETES] = { "kubernetes", ck_read_kubernetes, ck_write_kubernetes, false },
	[SYSTEMD] = { "systemd", ck_read_systemd, ck_write_systemd, false },
	[OCI] = { "oci", ck_read_oci, ck_write_oci, true },
	[SETPRIV] = { "setpriv", ck_read_setpriv, ck_write_setpriv, false },
	[CAPSH] = { "capsh", ck_read_capsh, ck_write_capsh, true },
	[LABEL] = { "label", ck_read_label, ck_write_label, false },
};

void ck_note(struct ck_convert *convert, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	ck_diag_add(&convert->notes, "note", "%s",
		    ck_vformat(convert->ctl->arena, format, ap));
	va_end(ap);
}

void ck_emit(struct ck_convert *convert, const char *format, ...)
{
	struct ck_arena *arena = convert->ctl->arena;
	va_list ap;

	va_start(ap, format);
	ck_text_add(arena, &convert->text, "%s", ck_vformat(arena, format, ap));
	va_end(ap);
}

const char *ck_cap_list(struct ck_arena *arena, uint64_t mask, const char *prefix,
			const char *separator, bool lower)
{
	const char *text = "";
	unsigned int cap;
	char *p;

	for (cap = 0; cap < CK_CAP_BITS; cap++)
		if (mask & CK_CAP(cap))
			text = ck_format(arena, "%s%s%s%s", text, *text ? separator : "",
					 prefix, ck_cap_label(arena, cap));
	if (!lower)
		return text;
	p = ck_format(arena, "%s", text);
	text = p;
	for (; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return text;
}

bool ck_becomes_user(const struct ck_convert *convert)
{
	const char *user = convert->profile.user;

	return user && !ck_is_root_word(user);
}

static const struct ck_dialect *find(const char *name)
{
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(dialects); i++)
		if (!strcmp(dialects[i].name, name))
			return &dialects[i];
	return NULL;
}

static int unknown(struct ck_ctl *ctl, const char *option, const char *name)
{
	struct ck_nearest best = { 0 };
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(dialects); i++)
		ck_nearest_try(&best, name, dialects[i].name);
	return ck_ctl_fail(
		ctl, CK_CTL_USAGE, option,
		"there is no format '%s'%s (there are ini, "
		"docker, podman, compose, kubernetes, systemd, oci, setpriv, capsh, "
		"label)",
		name, ck_nearest_hint(ctl->arena, &best));
}

static bool has_line(const struct ck_input *input, const char *start)
{
	const size_t length = strlen(start);
	const char *end = input->bytes + input->length, *at = input->bytes;

	while ((at = memmem(at, (size_t)(end - at), start, length)) != NULL) {
		if (at == input->bytes || at[-1] == '\n')
			return true;
		at += length;
	}
	return false;
}

static bool has_mark(const struct ck_input *input, const char *mark)
{
	return memmem(input->bytes, input->length, mark, strlen(mark)) != NULL;
}

/* By marks that stand in one dialect only; an INI profile where there is none. */
static const struct ck_dialect *guess(const struct ck_input *input)
{
	static const struct {
		const char *mark;
		size_t dialect;
	} marks[] = {
		{ "\"HostConfig\"", DOCKER },
		{ "io.containers.capabilities", LABEL },
		{ "[Service]", SYSTEMD },
		{ "apiVersion", KUBERNETES },
		{ "securityContext", KUBERNETES },
		{ "\"process\"", OCI },
		{ "services:", COMPOSE },
		{ "\"services\"", COMPOSE },
		{ "setpriv ", SETPRIV },
		{ "capsh ", CAPSH },
		{ "podman ", PODMAN },
		{ "docker ", DOCKER },
		{ "--cap-", DOCKER },
	};
	static const char *const sections[] = { "[capabilities]", "[process]",
						"[profile]" };
	size_t i;

	/* A profile may mention anything in its comments and values. */
	for (i = 0; i < CK_ARRAY_SIZE(sections); i++)
		if (has_line(input, sections[i]))
			return &dialects[INI];
	for (i = 0; i < CK_ARRAY_SIZE(marks); i++)
		if (has_mark(input, marks[i].mark))
			return &dialects[marks[i].dialect];
	return &dialects[INI];
}

static int nothing(struct ck_ctl *ctl, const struct ck_input *input)
{
	const char *from = ck_ctl_value(ctl, "from");

	if (from)
		return ck_ctl_fail(ctl, CK_CTL_FAILED, input->name,
				   "there is nothing of the format %s in it; without "
				   "--from it is guessed",
				   from);
	return ck_ctl_fail(ctl, CK_CTL_FAILED, input->name,
			   "there is nothing to convert in it; --from says what it is");
}

static int choose_container(struct ck_convert *convert, const struct ck_input *input)
{
	struct ck_arena *arena = convert->ctl->arena;
	struct ck_text list = { .bytes = NULL };
	const char *names;
	size_t i;

	for (i = 0; i < convert->names.count && i < NAMES_MAX; i++)
		ck_text_add(arena, &list, "%s%s", i ? ", " : "", convert->names.list[i]);
	if (i < convert->names.count)
		ck_text_add(arena, &list, " and %zu more", convert->names.count - i);
	names = ck_text_bytes(&list);
	if (convert->wanted && !convert->found)
		return ck_ctl_fail(convert->ctl, CK_CTL_FAILED, input->name,
				   "there is no '%s' in it%s%s", convert->wanted,
				   *names ? "; there are " : "", names);
	if (!convert->wanted && convert->names.count > 1)
		return ck_ctl_fail(convert->ctl, CK_CTL_USAGE, input->name,
				   "which one? add --name with one of %s", names);
	return convert->found ? 0 : nothing(convert->ctl, input);
}

/* The runtimes do not look at case; what they would read must not be passed over. */
static bool is_seccomp(const struct ck_input *input)
{
	static const char mark[] = "\"defaultAction\"";
	size_t i;

	for (i = 0; i + sizeof(mark) - 1 <= input->length; i++)
		if (!strncasecmp(input->bytes + i, mark, sizeof(mark) - 1))
			return true;
	return false;
}

static int read_profile(struct ck_convert *convert, const char *path)
{
	if (!strcmp(path, "-"))
		return ck_ctl_fail(convert->ctl, CK_CTL_USAGE, path,
				   "a profile is read from a file, since its owner and "
				   "mode are judged; for another format add --from");
	if (ck_ctl_profile_file(convert->ctl, path, &convert->profile) == 0)
		return 0;
	ck_ctl_complain(convert->ctl);
	return CK_CTL_FAILED;
}

/* From a dialect with a reader of its own. */
static int read_dialect(struct ck_convert *convert, const struct ck_dialect *dialect,
			const struct ck_input *input)
{
	int status = dialect->read(convert, input);

	if (status == 0)
		status = choose_container(convert, input);
	if (status == 0)
		status = ck_needs_profile(convert, input->name);
	if (status == 0 && dialect == &dialects[OCI] && is_seccomp(input))
		status = ck_read_seccomp(convert, input, false);
	return status;
}

static int read_input(struct ck_convert *convert, const char *path)
{
	struct ck_ctl *ctl = convert->ctl;
	const char *from = ck_ctl_value(ctl, "from");
	const struct ck_dialect *dialect = from ? find(from) : NULL;
	struct ck_input input;
	int status;

	if (from && !dialect)
		return unknown(ctl, "--from", from);
	if (dialect == &dialects[INI])
		return read_profile(convert, path);
	status = ck_input_open(ctl, path, &input);
	if (status != 0)
		return status;
	if (!dialect)
		dialect = guess(&input);
	/* Beside a process it is a part of a container. */
	if (is_seccomp(&input) && !has_mark(&input, "\"process\""))
		status = ck_read_seccomp(convert, &input, true);
	else if (dialect->read)
		status = read_dialect(convert, dialect, &input);
	else
		status = read_profile(convert, path);
	ck_input_close(&input);
	return status;
}

/* Names become numbers by this machine's /etc/passwd. Where they cannot, a writer notes
 * it; one that has nothing but numbers would run the program as somebody else. */
static int resolve(struct ck_convert *convert, const struct ck_dialect *dialect)
{
	static const struct ck_state nobody;
	const char *user = convert->profile.user;
	struct ck_diags quiet = { .arena = convert->ctl->arena };

	convert->numbers =
		user && ck_identity_resolve(convert->ctl->arena, &convert->profile,
					    &nobody, CK_CTL_PASSWD, CK_CTL_GROUP, &quiet,
					    &convert->identity) == 0;
	if (!user || convert->numbers || !dialect->numbers)
		return 0;
	return ck_ctl_fail(convert->ctl, CK_CTL_FAILED,
			   ck_join(convert->ctl->arena, "--to ", dialect->name, ""),
			   "wants numbers, and the user '%s' with its groups cannot be "
			   "looked up here; write numbers: user = UID, group = GID",
			   user);
}

/* What engines and runtimes decide themselves, and lines for hosts leave alone. */
static void note_inherited(struct ck_convert *convert, const char *to)
{
	static const char *const lines[] = { "setpriv", "capsh", NULL };
	const struct ck_profile *profile = &convert->profile;
	const bool line = ck_is_one_of(to, lines);
	const bool stated = ck_profile_origin(profile, "process", "close-fds")->file;

	if (stated && profile->close_fds && line)
		ck_note(convert,
			"close-fds = yes cannot be said: %s leaves open what is open",
			to);
	if (stated && !profile->close_fds && !line)
		ck_note(convert,
			"close-fds = no cannot be said: descriptors above 2 are closed "
			"there");
	if (profile->user && profile->groups.kind == CK_GROUPS_UNCHANGED && !line)
		ck_note(convert,
			"groups = unchanged cannot be said: the groups of whoever starts it "
			"do not stay there");
}

static void note_common(struct ck_convert *convert, const char *to)
{
	const struct ck_profile *profile = &convert->profile;

	if (profile->seccomp.origin.file && strcmp(to, "oci") != 0)
		ck_note(convert,
			"[seccomp] cannot be said; --to oci writes it as JSON, for docker and "
			"podman run --security-opt seccomp=FILE as well");

	if (profile->optional.mask)
		ck_note(convert,
			"optional = %s: only a launcher can take what is there; it is "
			"left "
			"out",
			ck_cap_text(convert->ctl->arena, profile->optional.mask));
	if (profile->env_clear)
		ck_note(convert, "clear = yes: the environment is not emptied");
	if (profile->new_session)
		ck_note(convert, "new-session = yes cannot be said");
	if (profile->keep_fds.count)
		ck_note(convert, "keep-fds cannot be said");
	note_inherited(convert, to);
}

static int apply_keep(struct ck_convert *convert)
{
	const char *keep = ck_ctl_value(convert->ctl, "keep");

	if (!keep || ck_profile_keep(&convert->profile, keep, &convert->ctl->diags) == 0)
		return 0;
	ck_ctl_complain(convert->ctl);
	return CK_CTL_USAGE;
}

/* Line by line and tab by tab; what else a terminal might obey is spelled out. */
static void print_text(struct ck_ctl *ctl, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n\t");

		ck_print(ctl, "%s%.*s",
			 ck_safe(ctl->arena, ck_strndup(ctl->arena, text, length)),
			 text[length] ? 1 : 0, text + length);
		text += length + (text[length] ? 1 : 0);
	}
}

static void print(struct ck_convert *convert, const char *format)
{
	struct ck_ctl *ctl = convert->ctl;
	json_t *object;

	if (!ctl->json) {
		print_text(ctl, ck_text_bytes(&convert->text));
		ctl->diags = convert->notes;
		ck_ctl_complain(ctl);
		return;
	}
	object = ck_json_object();
	ck_json_set(object, "format", ck_json_text(format));
	ck_json_set(object, "text", ck_json_text(ck_text_bytes(&convert->text)));
	ck_json_set(object, "notes", ck_json_diags(&convert->notes));
	ck_json_print(ctl, object);
}

int ck_ctl_convert(struct ck_ctl *ctl)
{
	static struct ck_convert convert;
	const char *to = ck_ctl_value(ctl, "to");
	const struct ck_dialect *dialect;
	int status;

	convert = (struct ck_convert){ .ctl = ctl,
				       .notes.arena = ctl->arena,
				       .wanted = ck_ctl_value(ctl, "name") };
	if (!to || ctl->operands.count != 1)
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "convert",
				   "--to FORMAT and one FILE are needed");
	dialect = find(to);
	if (!dialect)
		return unknown(ctl, "--to", to);
	status = read_input(&convert, ctl->operands.list[0]);
	if (status == 0)
		status = apply_keep(&convert);
	if (status != 0)
		return status;
	if (!convert.name)
		convert.name = convert.wanted ? convert.wanted : "main";
	status = resolve(&convert, dialect);
	if (status != 0)
		return status;
	if (dialect != &dialects[INI])
		note_common(&convert, to);
	dialect->write(&convert);
	if (convert.status != 0)
		return convert.status;
	print(&convert, to);
	return convert.notes.count && ck_ctl_value(ctl, "strict") ? CK_CTL_FINDINGS :
								    CK_CTL_FINE;
}
