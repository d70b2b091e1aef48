/* SPDX-License-Identifier: MIT */
/* The one table of the launcher's options; getopt_long(3) and --help are made from it. */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "capkeep.h"

const struct ck_option ck_options[] = {
	{ 'p', "profile", "NAME|PATH",
	  "the profile: a name without '/', looked up, or a path; none: the built-in default" },
	{ 'k', "keep", "LIST",
	  "capabilities to keep, in place of the profile's keep and optional; none for none" },
	{ 'u', "user", "USER[:GROUP]",
	  "in place of the profile's user and group; unchanged to stay" },
	{ 'b', "bounding", "WORD",
	  "auto, exact or if-possible, in place of the profile's" },
	{ 'n', "dry-run", NULL,
	  "print the plan and change nothing; with -v the profile as well" },
	{ 'v', "verbose", NULL, "one line per step on standard error" },
	{ 'h', "help", NULL, "print this and exit" },
	{ 'V', "version", NULL, "print the version and exit" },
};

const size_t ck_options_count = CK_ARRAY_SIZE(ck_options);
#define COUNT CK_ARRAY_SIZE(ck_options)

struct tables {
	char letters[2 * COUNT + 3];
	struct option words[COUNT + 1];
};

static void build_tables(struct tables *tables)
{
	char *letter = tables->letters;
	size_t i;

	memset(tables, 0, sizeof(*tables));
	*letter++ = '+'; /* stop at the first word that is no option */
	*letter++ = ':'; /* tell a missing argument from an unknown option */
	for (i = 0; i < COUNT; i++) {
		*letter++ = ck_options[i].letter;
		if (ck_options[i].argument)
			*letter++ = ':';
		tables->words[i] = (struct option){ ck_options[i].name,
						    ck_options[i].argument ? 1 : 0, NULL,
						    ck_options[i].letter };
	}
}

/* Where the value of an option with an argument goes. */
static const char **value_of(struct ck_command_line *line, int letter)
{
	switch (letter) {
	case 'p':
		return &line->profile;
	case 'k':
		return &line->keep;
	case 'u':
		return &line->user;
	case 'b':
		return &line->bounding;
	default:
		return NULL;
	}
}

static bool *flag_of(struct ck_command_line *line, int letter)
{
	switch (letter) {
	case 'n':
		return &line->dry_run;
	case 'v':
		return &line->verbose;
	case 'h':
		return &line->help;
	case 'V':
		return &line->version;
	default:
		return NULL;
	}
}

/* The words that begin with word, as "--verbose or --version"; NULL where there is one or
 * none. */
static const char *ambiguous(const char *word, struct ck_arena *arena)
{
	const char *text = "";
	size_t i, n = 0;

	for (i = 0; i < COUNT; i++) {
		if (strncmp(ck_options[i].name, word, strlen(word)) != 0)
			continue;
		text = ck_format(arena, "%s%s--%s", text, n++ ? " or " : "",
				 ck_options[i].name);
	}
	return n > 1 ? text : NULL;
}

static void unknown(const char *word, struct ck_diags *diags)
{
	struct ck_nearest best = { 0 };
	bool is_word = !strncmp(word, "--", 2);
	const char *several;
	size_t i;

	word = ck_strndup(diags->arena, word, strcspn(word, is_word ? "=" : ""));
	several = is_word ? ambiguous(word + 2, diags->arena) : NULL;
	if (several) {
		ck_diag_add(diags, "usage", "%s may be %s", word, several);
		return;
	}
	for (i = 0; is_word && i < COUNT; i++)
		ck_nearest_try(&best, word + 2, ck_options[i].name);
	ck_diag_add(diags, "usage",
		    "unknown option '%s'%s%s%s (options of the command stand behind it; "
		    "--help lists those of capkeep)",
		    word, best.name ? ", did you mean --" : "",
		    best.name ? best.name : "", best.name ? "?" : "");
}

static void complain(int what, char **argv, struct ck_diags *diags)
{
	const char *word = argv[optind - 1];

	if (what == ':')
		ck_diag_add(diags, ck_format(diags->arena, "-%c", optopt),
			    "needs an argument");
	else if (optopt && strncmp(word, "--", 2) != 0)
		unknown(ck_format(diags->arena, "-%c", optopt), diags);
	else if (optopt)
		ck_diag_add(diags, "usage", "option %s takes no argument", word);
	else
		unknown(word, diags);
}

static void take(struct ck_command_line *line, int letter, struct ck_diags *diags)
{
	const char **value = value_of(line, letter);
	bool *flag = flag_of(line, letter);

	if (value && *value)
		ck_diag_add(diags, ck_format(diags->arena, "-%c", letter),
			    "is given twice; which one counts is not guessed");
	if (value)
		*value = optarg;
	if (flag)
		*flag = true;
}

int ck_options_parse(int argc, char **argv, struct ck_diags *diags,
		     struct ck_command_line *ret)
{
	struct ck_command_line line = { .profile = NULL };
	size_t before = diags->count;
	struct tables tables;
	int letter;

	build_tables(&tables);
	opterr = 0;
	optind = 1;
	while (argc > 0 && (letter = getopt_long(argc, argv, tables.letters, tables.words,
						 NULL)) != -1) {
		if (letter == '?' || letter == ':') {
			complain(letter, argv, diags);
			break; /* what follows may be meant otherwise */
		}
		take(&line, letter, diags);
	}
	if (diags->count > before)
		return -EINVAL;
	line.argv = argv + (argc > 0 ? optind : argc);
	*ret = line;
	if (line.help || line.version || (argc > 0 && *line.argv))
		return 0;
	ck_diag_add(diags, "usage",
		    "there is no command; write: capkeep [-p PROFILE] [OPTION...] "
		    "[--] COMMAND [ARG...]");
	return -EINVAL;
}

const char *ck_options_help(struct ck_arena *arena)
{
	const char *text =
		"Usage: capkeep [-p PROFILE] [OPTION...] [--] COMMAND [ARG...]\n"
		"Run COMMAND with only the capabilities that it needs, or not at all.\n\n";
	size_t i;

	for (i = 0; i < COUNT; i++) {
		const struct ck_option *option = &ck_options[i];
		const char *name = ck_format(arena, "%s%s%s", option->name,
					     option->argument ? " " : "",
					     option->argument ? option->argument : "");

		text = ck_format(arena, "%s  -%c, --%-22s %s\n", text, option->letter,
				 name, option->help);
	}
	return ck_format(
		arena,
		"%s\nExamples:\n"
		"  capkeep -- id                                  keep nothing\n"
		"  capkeep -k NET_BIND_SERVICE -u www-data httpd  a user on port 80\n"
		"  capkeep -n -p nginx nginx                      what would happen\n\n"
		"Exit status: that of COMMAND; 125 refused, 126 cannot be executed, 127 not "
		"found.\nSee capkeep(1), capkeep.ini(5).\n",
		text);
}
