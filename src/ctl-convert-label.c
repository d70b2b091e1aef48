/* SPDX-License-Identifier: MIT */
/* Reader of a Dockerfile: the label with capabilities, USER, WORKDIR and ENV of its last
 * stage. A word counts where its instruction stands; nothing is run and nothing expanded.
 */
#include <string.h>
#include <strings.h>

#include "ctl-words.h"

/* In place of a dollar sign that the builder expands: behind the quotes, where words are
 * split, it could not be told from one that is meant. */
#define LIVE '\1'
/* More variables than that no profile has room for. */
#define SET_MAX (CK_FILE_MAX / sizeof("set = A="))

struct stage {
	const char *name;
	struct ck_needs needs;
	struct ck_diags notes;
	bool found;
};

struct dockerfile {
	struct ck_convert *convert;
	const char *file, *text; /* text: what is not read yet */
	unsigned int number;	 /* of the line that was read last */
	const char *stage;	 /* the name of the one at hand, or NULL */
	struct stage *stages;
	size_t count, room;
};

static int fail(struct dockerfile *file, const char *problem)
{
	struct ck_ctl *ctl = file->convert->ctl;

	return ck_ctl_fail(ctl, CK_CTL_FAILED,
			   ck_format(ctl->arena, "%s:%u", file->file, file->number), "%s",
			   problem);
}

/* ---- lines ---- */

/* The next line as it stands, or NULL behind the last. */
static const char *raw_line(struct dockerfile *file, size_t *ret_length)
{
	const char *line = file->text;
	size_t length = strcspn(line, "\n");

	if (*line == '\0')
		return NULL;
	file->text += length + (line[length] == '\n');
	file->number++;
	*ret_length = length - (length > 0 && line[length - 1] == '\r');
	return line;
}

/* Does the next line belong to this one? Then its length is that without the sign. */
static bool goes_on(const char *line, size_t *length)
{
	size_t end = *length;

	while (end > 0 && strchr(" \t", line[end - 1]) != NULL)
		end--;
	if (end == 0 || line[end - 1] != '\\' || (end > 1 && line[end - 2] == '\\'))
		return false;
	*length = end - 1;
	return true;
}

/* An instruction with the lines that continue it, between which comments and empty lines
 * may stand; NULL behind the last. */
static const char *next_line(struct dockerfile *file)
{
	struct ck_arena *arena = file->convert->ctl->arena;
	struct ck_text text = { .bytes = NULL };
	const char *line;
	size_t length;

	while ((line = raw_line(file, &length)) != NULL) {
		size_t blank = strspn(line, " \t");
		bool more;

		if (blank >= length || line[blank] == '#')
			continue;
		if (text.length > 0)
			blank = 0;
		more = goes_on(line, &length);
		if (length > blank)
			ck_text_add(arena, &text, "%.*s", (int)(length - blank),
				    line + blank);
		if (!more)
			break;
	}
	return text.length > 0 ? ck_text_bytes(&text) : NULL;
}

/* Lines up to the one that is word; tabs before it where the sign has a minus. */
static int skip_text(struct dockerfile *file, const char *word, bool tabs)
{
	const char *line;
	size_t length;

	while ((line = raw_line(file, &length)) != NULL) {
		size_t blank = tabs ? strspn(line, "\t") : 0;

		if (length >= blank && length - blank == strlen(word) &&
		    strncmp(line + blank, word, length - blank) == 0)
			return 0;
	}
	return fail(file, ck_format(file->convert->ctl->arena,
				    "the text up to %s does not end", word));
}

/* Where words such as <<EOF, <<-'EOF' or 3<<EOF begin: outside of quotes, behind a blank.
 */
static const char *here_sign(const char *p)
{
	bool start = true;
	char quote = '\0';

	for (; *p != '\0'; p++) {
		if (start && quote == '\0') {
			const char *sign = p + strspn(p, "0123456789");

			if (strncmp(sign, "<<", 2) == 0 && sign[2] != '<')
				return sign + 2;
		}
		start = strchr(" \t", *p) != NULL;
		if (*p == '\\' && quote != '\'' && p[1] != '\0')
			p++;
		else if (quote != '\0' && *p == quote)
			quote = '\0';
		else if (quote == '\0' && strchr("'\"", *p) != NULL)
			quote = *p;
	}
	return NULL;
}

/* The texts that stand behind RUN, COPY and ADD are no instructions. */
static int skip_texts(struct dockerfile *file, const char *value)
{
	int status = 0;

	while (status == 0 && (value = here_sign(value)) != NULL) {
		bool tabs = *value == '-';
		size_t length;

		value += tabs;
		value += strspn(value, "'\"");
		length = strcspn(value, " \t'\"<>;&|()");
		if (length > 0)
			status = skip_text(
				file,
				ck_strndup(file->convert->ctl->arena, value, length),
				tabs);
		value += length;
		value += strspn(value, "'\"");
	}
	return status;
}

/* ---- instructions ---- */

/* As it stands in the file. */
static const char *as_written(struct ck_arena *arena, const char *text)
{
	char *copy = ck_format(arena, "%s", text), *p;

	for (p = copy; (p = strchr(p, LIVE)) != NULL; p++)
		*p = '$';
	return copy;
}

static void set_label(struct ck_convert *convert, const char *name, const char *value)
{
	if (strcmp(name, "io.containers.capabilities") != 0)
		return;
	convert->found = true;
	convert->needs.keep = 0; /* a later label replaces an earlier one */
	ck_words_change(convert, as_written(convert->ctl->arena, value),
			&convert->needs.keep);
}

static void set_variable(struct ck_convert *convert, const char *name, const char *value)
{
	ck_strings_add(convert->ctl->arena, &convert->needs.env_set,
		       ck_join(convert->ctl->arena, name, "=", value));
}

/* NAME=VALUE ..., or one "NAME VALUE" up to the end of the line. */
static void each_pair(struct ck_convert *convert, const struct ck_strings *words,
		      void (*set)(struct ck_convert *convert, const char *name,
				  const char *value))
{
	struct ck_arena *arena = convert->ctl->arena;
	const char *value = "";
	size_t i;

	if (words->count > 0 && strchr(words->list[0], '=') == NULL) {
		for (i = 1; i < words->count; i++)
			value = ck_join(arena, value, i > 1 ? " " : "", words->list[i]);
		set(convert, words->list[0], value);
		return;
	}
	for (i = 0; i < words->count; i++) {
		size_t length = strcspn(words->list[i], "=");

		if (words->list[i][length] == '=')
			set(convert, ck_strndup(arena, words->list[i], length),
			    words->list[i] + length + 1);
	}
}

/* FROM [--platform=...] BASE [AS NAME]: a stage begins with what its base states, where
 * that is an earlier one, and else with nothing. */
static void begin_stage(struct dockerfile *file, const struct ck_strings *words)
{
	struct ck_convert *convert = file->convert;
	size_t at = 0, i;

	if (file->stage != NULL) {
		file->stages = ck_grow(convert->ctl->arena, file->stages, file->count,
				       &file->room, sizeof(*file->stages));
		file->stages[file->count++] =
			(struct stage){ file->stage, convert->needs, convert->notes,
					convert->found };
	}
	convert->needs = (struct ck_needs){ .keep = 0 };
	convert->notes = (struct ck_diags){ .arena = convert->ctl->arena };
	convert->found = false;
	while (at < words->count && strncmp(words->list[at], "--", 2) == 0)
		at++;
	for (i = 0; i < file->count && at < words->count; i++)
		if (strcasecmp(file->stages[i].name, words->list[at]) == 0) {
			convert->needs = file->stages[i].needs;
			convert->notes = file->stages[i].notes;
			convert->found = file->stages[i].found;
		}
	/* Lists are shared with the base: who adds to one gets one of its own. */
	convert->needs.env_set.room = convert->needs.env_set.count;
	convert->notes.room = convert->notes.count;
	file->stage =
		at + 2 < words->count && strcasecmp(words->list[at + 1], "AS") == 0 ?
			words->list[at + 2] :
			NULL;
}

static void set_user(struct ck_convert *convert, const char *value)
{
	struct ck_spec spec = { .user = NULL };

	/* In ${USER:-0} the colon divides nothing. */
	if (value[0] == LIVE && value[1] == '{' &&
	    strcspn(value, ":") < strcspn(value, "}"))
		spec.user = value;
	else
		ck_spec_user(convert->ctl->arena, &spec, value);
	convert->needs.user = spec.user;
	convert->needs.group = spec.group;
}

/* From where the one before leads. What no line of a profile has room for is long enough
 * to be refused. */
static void set_directory(struct ck_convert *convert, const char *value)
{
	const char **directory = &convert->needs.working_directory;

	if (*value == '/' || *directory == NULL)
		*directory = value;
	else if (strlen(*directory) < CK_LINE_MAX)
		*directory = ck_join(convert->ctl->arena, *directory, "/", value);
}

static bool is_name(const char *line, size_t length, const char *name)
{
	return strlen(name) == length && strncasecmp(line, name, length) == 0;
}

/* Quotes and backslashes as ck_shell_words() reads them. */
static const char *mark_variables(struct ck_arena *arena, const char *text)
{
	char *copy = ck_format(arena, "%s", text), *p;
	char quote = '\0';

	for (p = copy; *p != '\0'; p++) {
		if (*p == '$' && quote != '\'')
			*p = LIVE;
		else if (*p == '\\' && quote != '\'' && p[1] != '\0')
			p++;
		else if (quote != '\0' && *p == quote)
			quote = '\0';
		else if (quote == '\0' && strchr("'\"", *p) != NULL)
			quote = *p;
	}
	return copy;
}

static int instruction(struct dockerfile *file, const char *line)
{
	static const char *const with_words[] = { "FROM", "LABEL", "ENV", "USER",
						  "WORKDIR" };
	struct ck_convert *convert = file->convert;
	struct ck_strings words = { .list = NULL };
	size_t length = strcspn(line, " \t"), i = 0;
	const char *value = line + length;

	if (is_name(line, length, "RUN") || is_name(line, length, "COPY") ||
	    is_name(line, length, "ADD"))
		return skip_texts(file, value);
	while (i < CK_ARRAY_SIZE(with_words) && !is_name(line, length, with_words[i]))
		i++;
	if (i == CK_ARRAY_SIZE(with_words))
		return 0;
	value = mark_variables(convert->ctl->arena, value);
	if (ck_shell_words(convert->ctl->arena, value, &words) < 0)
		return fail(file, "a quote is not closed");
	if (i == 0)
		begin_stage(file, &words);
	else if (i == 1)
		each_pair(convert, &words, set_label);
	else if (i == 2)
		each_pair(convert, &words, set_variable);
	else if (words.count > 0 && i == 3)
		set_user(convert, words.list[0]);
	else if (words.count > 0)
		set_directory(convert, words.list[0]);
	return 0;
}

/* ---- what came of the last stage ---- */

static bool has_variable(const char *text)
{
	return strchr(text, LIVE) != NULL;
}

/* The launcher finds no such user and refuses to start, which is better than a guess. */
static void settle_id(struct ck_convert *convert, const char **word)
{
	if (*word == NULL || !has_variable(*word))
		return;
	*word = as_written(convert->ctl->arena, *word);
	ck_note(convert, "%s has a variable, which is not expanded", *word);
}

static void settle_directory(struct ck_convert *convert)
{
	const char **word = &convert->needs.working_directory;
	const char *problem = NULL;

	if (*word == NULL)
		return;
	if (has_variable(*word))
		problem = "has a variable, which is not expanded";
	else if (**word != '/')
		problem = "is relative to the image's directory";
	if (problem == NULL)
		return;
	ck_note(convert, "WORKDIR %s %s; left out",
		as_written(convert->ctl->arena, *word), problem);
	*word = NULL;
}

static bool is_replaced(const struct ck_strings *set, size_t at)
{
	const size_t length = strcspn(set->list[at], "=") + 1;
	size_t i;

	for (i = at + 1; i < set->count; i++)
		if (strncmp(set->list[i], set->list[at], length) == 0)
			return true;
	return false;
}

/* Of one name the last counts, also where it is left out. */
static void settle_environment(struct ck_convert *convert)
{
	struct ck_strings *set = &convert->needs.env_set;
	const bool few = set->count <= SET_MAX;
	size_t i, kept = 0;

	for (i = 0; i < set->count; i++) {
		const char *one = set->list[i];

		if (few && is_replaced(set, i))
			continue;
		if (!has_variable(one))
			set->list[kept++] = one;
		else
			ck_note(convert,
				"ENV %s has a variable, which is not expanded; left out",
				as_written(convert->ctl->arena, one));
	}
	set->count = kept;
}

/* "# escape=`", which may stand before all else, changes which lines go on. 0: there is
 * none. */
static unsigned int escape_line(const char *text)
{
	unsigned int number = 1;

	for (; *text == '#';
	     text += strcspn(text, "\n"), text += *text == '\n', number++) {
		const char *p = text + 1 + strspn(text + 1, " \t");

		if (strncasecmp(p, "escape", 6) != 0)
			continue;
		p += 6 + strspn(p + 6, " \t");
		if (*p == '=' && p[1 + strspn(p + 1, " \t")] == '`')
			return number;
	}
	return 0;
}

int ck_read_label(struct ck_convert *convert, const struct ck_input *input)
{
	struct dockerfile file = { .convert = convert,
				   .file = input->name,
				   .text = ck_strndup(convert->ctl->arena, input->bytes,
						      input->length) };
	const char *line;
	int status = 0;

	file.number = escape_line(file.text);
	if (file.number > 0)
		return fail(&file, "the directive escape is not read; write the "
				   "Dockerfile with backslashes");
	while (status == 0 && (line = next_line(&file)) != NULL)
		status = instruction(&file, line);
	settle_id(convert, &convert->needs.user);
	settle_id(convert, &convert->needs.group);
	settle_directory(convert);
	settle_environment(convert);
	/* What the launcher does unless it is told not to. */
	convert->needs.no_new_privs = CK_YES;
	return status;
}
