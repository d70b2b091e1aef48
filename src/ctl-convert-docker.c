/* SPDX-License-Identifier: MIT */
/* Readers of container engines' lines: docker run and podman run. */
#include <string.h>

#include "ctl-words.h"

/* Options without a value of docker run and podman run; every other one takes one. */
static const char *const flags[] = {
	"--detach",
	"--disable-content-trust",
	"--env-host",
	"--help",
	"--http-proxy",
	"--init",
	"--interactive",
	"--no-healthcheck",
	"--no-hostname",
	"--no-hosts",
	"--oom-kill-disable",
	"--passwd",
	"--privileged",
	"--publish-all",
	"--quiet",
	"--read-only",
	"--read-only-tmpfs",
	"--replace",
	"--rm",
	"--rmi",
	"--rootfs",
	"--sig-proxy",
	"--tls-verify",
	"--tty",
	"--unsetenv-all",
	"--use-api-socket",
	NULL,
};
static const char short_flags[] = "ditPq";

struct line {
	struct ck_words words;
	struct ck_text lost; /* options that are not carried over */
};

static void ulimit_of(struct ck_convert *convert, const char *value)
{
	struct ck_arena *arena = convert->ctl->arena;
	const char *equals = strchrnul(value, '=');
	const char *name = ck_strndup(arena, value, (size_t)(equals - value));

	if (!ck_needs_limit(convert, name, *equals ? equals + 1 : ""))
		ck_note(convert, "the limit %s is not known; left out", name);
}

/* podman takes lists. */
static void caps_of(struct line *line, const char *value, bool add)
{
	struct ck_arena *arena = line->words.convert->ctl->arena;
	const char *word;
	size_t length;

	while ((length = ck_word_next(&value, &word)) != 0)
		ck_spec_name(arena, &line->words.spec, ck_strndup(arena, word, length),
			     add);
}

static void env_of(struct ck_convert *convert, const char *value)
{
	if (strchr(value, '='))
		ck_strings_add(convert->ctl->arena, &convert->needs.env_set, value);
	else
		ck_note(convert, "%s is taken from whoever starts it; left out", value);
}

/* false: nothing that a profile can say. */
static bool carry(struct line *line, const char *name, const char *value)
{
	struct ck_convert *convert = line->words.convert;
	struct ck_needs *needs = &convert->needs;
	struct ck_arena *arena = convert->ctl->arena;
	struct ck_spec *spec = &line->words.spec;

	if (!strcmp(name, "--cap-add") || !strcmp(name, "--cap-drop"))
		caps_of(line, value, !strcmp(name, "--cap-add"));
	else if (!strcmp(name, "--security-opt"))
		return ck_spec_option(spec, value);
	else if (!strcmp(name, "--user") || !strcmp(name, "-u"))
		ck_spec_user(arena, spec, ck_words_plain(convert, value));
	else if (!strcmp(name, "--group-add"))
		ck_strings_add(arena, &spec->groups, ck_words_plain(convert, value));
	else if (!strcmp(name, "--workdir") || !strcmp(name, "-w"))
		needs->working_directory = ck_words_plain(convert, value);
	else if (!strcmp(name, "--env") || !strcmp(name, "-e"))
		env_of(convert, value);
	else if (!strcmp(name, "--unsetenv"))
		ck_strings_add(arena, &needs->env_unset, value);
	else if (!strcmp(name, "--umask"))
		needs->umask = value;
	else if (!strcmp(name, "--ulimit"))
		ulimit_of(convert, value);
	else
		return false;
	return true;
}

static void option(struct line *line, const char *name, const char *value)
{
	struct ck_convert *convert = line->words.convert;

	convert->found = true;
	if (!value)
		value = ++line->words.at < line->words.list.count ?
				line->words.list.list[line->words.at] :
				"";
	if (!carry(line, name, value))
		ck_text_add(convert->ctl->arena, &line->lost, "%s%s",
			    line->lost.length ? ", " : "",
			    strcmp(name, "--security-opt") != 0 ?
				    name :
				    ck_format(convert->ctl->arena, "%s %s", name, value));
}

static void flag(struct line *line, const char *name, const char *value)
{
	struct ck_convert *convert = line->words.convert;

	convert->found = true;
	if (!strcmp(name, "--privileged"))
		line->words.spec.privileged =
			!value || ck_go_bool(&line->words.spec.malformed, name, value);
	else
		ck_text_add(convert->ctl->arena, &line->lost, "%s%s",
			    line->lost.length ? ", " : "", name);
}

static void long_option(struct line *line, const char *word)
{
	size_t length = strcspn(word, "=");
	const char *value = word[length] ? word + length + 1 : NULL;
	const char *name = ck_strndup(line->words.convert->ctl->arena, word, length);

	if (ck_is_one_of(name, flags))
		flag(line, name, value);
	else
		option(line, name, value);
}

/* "-itu1000", "-u=1000", "-u 1000" */
static void short_options(struct line *line, const char *word)
{
	for (word++; *word; word++) {
		const char *name =
			ck_format(line->words.convert->ctl->arena, "-%c", *word);

		if (strchr(short_flags, *word)) {
			flag(line, name, NULL);
			continue;
		}
		word += word[1] == '=' ? 2 : 1;
		option(line, name, *word ? word : NULL);
		return;
	}
}

/* Options up to the first word that is none, which is the image. */
static void options(struct line *line)
{
	struct ck_words *words = &line->words;

	for (; words->at < words->list.count; words->at++) {
		const char *word = words->list.list[words->at];

		if (*word != '-' || !word[1] || !strcmp(word, "--"))
			return;
		if (word[1] == '-')
			long_option(line, word);
		else
			short_options(line, word);
	}
}

/* The program's own options stand before the subcommand. */
static void find_run(struct ck_words *words)
{
	static const char *const programs[] = { "docker", "podman", NULL };
	size_t i;

	if (ck_words_program(words, programs) < 0)
		return; /* options alone */
	if (!strcmp(ck_words_base(words->list.list[words->at]), "podman"))
		words->spec.base = CK_PODMAN_DEFAULT;
	words->at++;
	for (i = words->at; i < words->list.count; i++)
		if (!strcmp(words->list.list[i], "run") ||
		    !strcmp(words->list.list[i], "create")) {
			words->at = i + 1;
			words->convert->found = true;
			return;
		}
}

int ck_read_docker_flags(struct ck_convert *convert, const struct ck_input *input)
{
	struct line line = { .lost = { .bytes = NULL } };
	int status = ck_words_split(convert, input, &line.words);
	size_t notes = convert->notes.count;

	if (status != 0)
		return status;
	find_run(&line.words);
	if (!line.words.at)
		convert->notes.count = notes;
	options(&line);
	if (line.lost.length)
		ck_note(convert, "not carried over: %s", ck_text_bytes(&line.lost));
	convert->file = input->name;
	ck_needs_spec(convert, &line.words.spec);
	return convert->status;
}
