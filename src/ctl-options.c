/* SPDX-License-Identifier: MIT */
/* What every command of capkeepctl stands on: its options, complaints, and the end of
 * memory. */
#include <ctype.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

#define OPTIONS_MAX 24

void ck_ctl_out_of_memory(void)
{
	static const char text[] = CK_CTL ": memory: there is not enough of it\n";

	(void)ck_say(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(CK_CTL_FAILED);
}

const char *ck_ctl_value(const struct ck_ctl *ctl, const char *name)
{
	size_t i;

	for (i = ctl->ngiven; i > 0; i--)
		if (!strcmp(ctl->given[i - 1].option->name, name))
			return ctl->given[i - 1].value;
	return NULL;
}

void ck_ctl_complain(struct ck_ctl *ctl)
{
	size_t i;

	for (i = 0; i < ctl->diags.count; i++) {
		struct ck_diag *diag = &ctl->diags.list[i];

		diag->where = ck_safe(ctl->arena, diag->where);
		diag->text = ck_safe(ctl->arena, diag->text);
	}
	(void)fflush(ctl->out);
	ck_diags_print(&ctl->diags, CK_CTL, STDERR_FILENO);
	ctl->diags.count = 0;
}

int ck_ctl_fail(struct ck_ctl *ctl, int status, const char *where, const char *format,
		...)
{
	va_list ap;

	va_start(ap, format);
	ck_diag_add(&ctl->diags, where, "%s", ck_vformat(ctl->arena, format, ap));
	va_end(ap);
	ck_ctl_complain(ctl);
	return status;
}

/* The options of the command, then the common ones. */
const struct ck_ctl_option *ck_command_option(const struct ck_command *command, size_t i)
{
	const struct ck_ctl_option *own = command->options;

	while (own && own->name && i > 0) {
		own++;
		i--;
	}
	if (own && own->name)
		return own;
	if (!command->json)
		i++; /* --json stands first of the common ones */
	return ck_common_options[i].name ? &ck_common_options[i] : NULL;
}

struct parser {
	char letters[2 * OPTIONS_MAX + 3];
	struct option words[OPTIONS_MAX + 1];
};

static void build_parser(const struct ck_command *command, struct parser *parser)
{
	const struct ck_ctl_option *option;
	char *letter = parser->letters;
	size_t i;

	memset(parser, 0, sizeof(*parser));
	*letter++ =
		'-'; /* operands in their order, so that -- divides them from a command */
	*letter++ = ':';
	for (i = 0; i < OPTIONS_MAX && (option = ck_command_option(command, i)) != NULL;
	     i++) {
		if (option->letter)
			*letter++ = option->letter;
		if (option->letter && option->argument)
			*letter++ = ':';
		/* Values above those of letters: the index in the table. */
		parser->words[i] =
			(struct option){ option->name, option->argument ? 1 : 0, NULL,
					 256 + (int)i };
	}
}

static const struct ck_ctl_option *option_of(const struct ck_command *command, int code)
{
	const struct ck_ctl_option *option;
	size_t i;

	if (code >= 256)
		return ck_command_option(command, (size_t)code - 256);
	for (i = 0; (option = ck_command_option(command, i)) != NULL; i++)
		if (option->letter == code)
			return option;
	return NULL;
}

/* optopt is what getopt_long() stumbled over: a letter, one of parser.words, or 0 for a
 * long option that is unknown. Only then word is surely the one: within a cluster of
 * letters it still is the word before. */
static int refuse_option(struct ck_ctl *ctl, int code, const char *word)
{
	const struct ck_ctl_option *option;
	struct ck_nearest best = { 0 };
	const char *name;
	size_t i;

	if (optopt >= 256)
		return ck_ctl_fail(ctl, CK_CTL_USAGE, ctl->command->name,
				   code == ':' ? "option --%s needs an argument" :
						 "option --%s takes no argument",
				   option_of(ctl->command, optopt)->name);
	if (optopt && code == ':')
		return ck_ctl_fail(ctl, CK_CTL_USAGE, ctl->command->name,
				   "option -%c needs an argument", optopt);
	if (optopt)
		return ck_ctl_fail(ctl, CK_CTL_USAGE, ctl->command->name,
				   "unknown option '-%c'; " CK_CTL
				   " %s --help lists them",
				   optopt, ctl->command->name);
	name = ck_strndup(ctl->arena, word + 2, strcspn(word + 2, "="));
	for (i = 0; (option = ck_command_option(ctl->command, i)) != NULL; i++)
		ck_nearest_try(&best, name, option->name);
	return ck_ctl_fail(ctl, CK_CTL_USAGE, ctl->command->name,
			   "unknown option '--%s'%s%s%s", name,
			   best.name ? ", did you mean --" : "",
			   best.name ? best.name : "", best.name ? "?" : "");
}

static int take_option(struct ck_ctl *ctl, const struct ck_ctl_option *option)
{
	if (!option->repeat && option->argument && ck_ctl_value(ctl, option->name))
		return ck_ctl_fail(
			ctl, CK_CTL_USAGE, ctl->command->name,
			"option --%s is given twice; which one counts is not guessed",
			option->name);
	ctl->given = ck_grow(ctl->arena, ctl->given, ctl->ngiven, &ctl->given_room,
			     sizeof(*ctl->given));
	ctl->given[ctl->ngiven++] =
		(struct ck_ctl_given){ option, option->argument ? optarg : "" };
	return 0;
}

/* No option is a digit: -1 and -100 are arguments of calls. */
static void take_numbers(struct ck_ctl *ctl, int argc, char **argv)
{
	while (optind < argc && argv[optind][0] == '-' &&
	       isdigit((unsigned char)argv[optind][1]))
		ck_strings_add(ctl->arena, &ctl->operands, argv[optind++]);
}

int ck_ctl_parse(struct ck_ctl *ctl, int argc, char **argv)
{
	struct parser parser;
	int code, rc;

	build_parser(ctl->command, &parser);
	opterr = 0;
	take_numbers(ctl, argc, argv);
	while ((code = getopt_long(argc, argv, parser.letters, parser.words, NULL)) !=
	       -1) {
		const struct ck_ctl_option *option;

		if (code == 1) {
			ck_strings_add(ctl->arena, &ctl->operands, optarg);
			take_numbers(ctl, argc, argv);
			continue;
		}
		option =
			code == '?' || code == ':' ? NULL : option_of(ctl->command, code);
		rc = option ? take_option(ctl, option) :
			      refuse_option(ctl, code, argv[optind - 1]);
		if (rc != 0)
			return rc;
		take_numbers(ctl, argc, argv);
	}
	if (ctl->command->command && !strcmp(argv[optind - 1], "--")) {
		ctl->rest = argv + optind;
		return 0;
	}
	for (; optind < argc; optind++)
		ck_strings_add(ctl->arena, &ctl->operands, argv[optind]);
	return 0;
}

const char *ck_option_text(struct ck_arena *arena, const struct ck_ctl_option *option)
{
	const char *letter =
		option->letter ? ck_format(arena, "-%c,", option->letter) : "   ";

	return ck_format(arena, "  %s --%s%s%s", letter, option->name,
			 option->argument ? " " : "",
			 option->argument ? option->argument : "");
}
