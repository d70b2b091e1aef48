/* SPDX-License-Identifier: MIT */
/* The launcher's command line. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct asked {
	const char *name; /* of the test */
	const char *line; /* arguments, separated by '|' */
	const char *result;
};

/* p= k= u= b= flags: command */
static const struct asked rows[] = {
	{ "a command", "cmd", "p=- k=- u=- b=- : cmd" },
	{ "a command behind --", "--|cmd", "p=- k=- u=- b=- : cmd" },
	{ "arguments", "cmd|-x|--help|-n|a", "p=- k=- u=- b=- : cmd -x --help -n a" },
	{ "arguments behind --", "-n|--|-n|cmd", "p=- k=- u=- b=- n : -n cmd" },
	{ "-- of the command", "--|cmd|--|x", "p=- k=- u=- b=- : cmd -- x" },
	{ "-- of the command only", "cmd|--|x", "p=- k=- u=- b=- : cmd -- x" },
	{ "every letter", "-p|web|-k|KILL|-u|a:b|-b|exact|-n|-v|cmd",
	  "p=web k=KILL u=a:b b=exact nv : cmd" },
	{ "letters in one word", "-nvpweb|cmd", "p=web k=- u=- b=- nv : cmd" },
	{ "values in the same word", "-pweb|-kKILL|-ua:b|-bexact|cmd",
	  "p=web k=KILL u=a:b b=exact : cmd" },
	{ "every word",
	  "--profile|web|--keep|KILL|--user|a|--bounding|auto|--dry-run|--verbose|c",
	  "p=web k=KILL u=a b=auto nv : c" },
	{ "words with =", "--profile=web|--keep=A=B|--user=|--bounding=x|cmd",
	  "p=web k=A=B u= b=x : cmd" },
	{ "shortened words", "--prof=web|--ver|--dry|cmd",
	  "usage: --ver may be --verbose or --version" },
	{ "shortened words that are clear", "--prof=web|--dry|cmd",
	  "p=web k=- u=- b=- n : cmd" },
	{ "a value that looks like an option", "-p|-n|cmd", "p=-n k=- u=- b=- : cmd" },
	{ "an empty value", "-p||cmd", "p= k=- u=- b=- : cmd" },
	{ "a single dash is a command", "-|x", "p=- k=- u=- b=- : - x" },
	{ "flags twice", "-v|-v|-n|-n|cmd", "p=- k=- u=- b=- nv : cmd" },
	{ "help", "-h", "p=- k=- u=- b=- h :" },
	{ "version", "--version", "p=- k=- u=- b=- V :" },
	{ "help and a command", "-h|cmd", "p=- k=- u=- b=- h : cmd" },
	{ "no command", "-n",
	  "usage: there is no command; write: capkeep [-p PROFILE] [OPTION...] [--] "
	  "COMMAND "
	  "[ARG...]" },
	{ "no command behind --", "-p|x|--",
	  "usage: there is no command; write: capkeep [-p PROFILE] [OPTION...] [--] "
	  "COMMAND "
	  "[ARG...]" },
	{ "an unknown letter", "-x|cmd",
	  "usage: unknown option '-x' (options of the command stand behind it; --help "
	  "lists those "
	  "of capkeep)" },
	{ "an unknown letter among others", "-nxv|cmd",
	  "usage: unknown option '-x' (options of the command stand behind it; --help "
	  "lists those "
	  "of capkeep)" },
	{ "an unknown word", "--frobnicate|cmd",
	  "usage: unknown option '--frobnicate' (options of the command stand behind "
	  "it; --help "
	  "lists those of capkeep)" },
	{ "a misspelt word", "--profiel=x|cmd",
	  "usage: unknown option '--profiel', did you mean --profile? (options of the "
	  "command "
	  "stand behind it; --help lists those of capkeep)" },
	{ "a missing value", "-p", "-p: needs an argument" },
	{ "a missing value of a word", "--keep", "-k: needs an argument" },
	{ "a value that is not taken", "--dry-run=yes|cmd",
	  "usage: option --dry-run=yes takes no argument" },
	{ "given twice", "-k|A|-k|B|cmd",
	  "-k: is given twice; which one counts is not guessed" },
	{ "given twice, once as a word", "-u|a|--user=b|cmd",
	  "-u: is given twice; which one counts is not guessed" },
};

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

static const char *in_words(const struct ck_command_line *line)
{
	const char *text = unit_format(
		"p=%s k=%s u=%s b=%s %s%s%s%s%s:", or_dash(line->profile),
		or_dash(line->keep), or_dash(line->user), or_dash(line->bounding),
		line->dry_run ? "n" : "", line->verbose ? "v" : "", line->help ? "h" : "",
		line->version ? "V" : "",
		line->dry_run || line->verbose || line->help || line->version ? " " : "");
	char **word;

	for (word = line->argv; *word; word++)
		text = unit_format("%s %s", text, *word);
	return text;
}

static int parse_row(void *data)
{
	const struct asked *row = data;
	const char *rest = row->line, *result;
	char *argv[20] = { unit_format("capkeep") };
	struct ck_command_line line;
	int argc = 1, rc;

	while (rest) {
		const char *bar = strchr(rest, '|');

		argv[argc++] = ck_strndup(&unit_arena, rest,
					  bar ? (size_t)(bar - rest) : strlen(rest));
		rest = bar ? bar + 1 : NULL;
	}
	rc = ck_options_parse(argc, argv, &unit_diags, &line);
	CLAIM(rc == (unit_diags.count ? -EINVAL : 0) && unit_diags.count <= 1);
	result = rc < 0 ? unit_format("%s: %s", unit_diags.list[0].where,
				      unit_diags.list[0].text) :
			  in_words(&line);
	if (strcmp(result, row->result) != 0)
		dprintf(STDOUT_FILENO, "# %s\n# is not %s\n", result, row->result);
	CLAIM(!strcmp(result, row->result));
	return 0;
}

/* In a process of its own, since getopt(3) remembers where it was; the launcher asks it
 * once. */
static void parses(void **state)
{
	unit_in_child(parse_row, *state);
}

/* execve(2) with an empty argument vector. */
static void without_any_argument(void **state)
{
	char *none[] = { NULL }, *empty[] = { unit_format("%s", ""), NULL };
	struct ck_command_line line;

	(void)state;
	assert_int_equal(ck_options_parse(0, none, &unit_diags, &line), -EINVAL);
	assert_int_equal(ck_options_parse(1, empty, &unit_diags, &line), -EINVAL);
	assert_int_equal(unit_diags.count, 2);
}

static void the_help_has_every_option(void **state)
{
	const char *text = ck_options_help(&unit_arena);
	size_t i;

	(void)state;
	for (i = 0; i < ck_options_count; i++) {
		const struct ck_option *option = &ck_options[i];

		assert_non_null(strstr(text, unit_format("\n  -%c, --%s", option->letter,
							 option->name)));
		assert_non_null(strstr(text, option->help));
		if (option->argument)
			assert_non_null(strstr(text, unit_format("--%s %s", option->name,
								 option->argument)));
	}
	assert_non_null(strstr(text, "Usage: capkeep "));
	assert_non_null(strstr(text, "125"));
	assert_non_null(strstr(text, "126"));
	assert_non_null(strstr(text, "127"));
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(without_any_argument),
		cmocka_unit_test(the_help_has_every_option),
	};

	return unit_run_rows("options", UNIT_ROWS(rows, parses), others,
			     CK_ARRAY_SIZE(others));
}
