/* SPDX-License-Identifier: MIT */
/*
 * capkeepctl - looks at, checks, explains, audits and converts what capkeep works with,
 * and learns what a command needs. But for learn and trace, which run a command, it
 * changes neither processes nor files.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ctl.h"

static bool is_terminal(struct ck_ctl *ctl)
{
	return isatty(fileno(ctl->out)) == 1;
}

static int choose_colour(struct ck_ctl *ctl)
{
	const char *when = ck_ctl_value(ctl, "color"), *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (!when || !strcmp(when, "auto"))
		ctl->colour = is_terminal(ctl) && term && strcmp(term, "dumb") != 0;
	else if (!strcmp(when, "always"))
		ctl->colour = true;
	else if (strcmp(when, "never") != 0)
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "--color",
				   "'%s' is not auto, always or never", when);
	if (no && *no)
		ctl->colour = false;
	return 0;
}

/* COLUMNS before the terminal, as other programs have it; no limit where there is
 * neither. */
static void choose_width(struct ck_ctl *ctl)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = { 0 };
	uint64_t value = 0;

	if (columns && ck_number(columns, strlen(columns), 10000, &value) == 0 &&
	    value >= 40)
		ctl->width = (unsigned int)value;
	else if (is_terminal(ctl) && ioctl(fileno(ctl->out), TIOCGWINSZ, &size) == 0 &&
		 size.ws_col)
		ctl->width = size.ws_col;
	else if (is_terminal(ctl))
		ctl->width = 80;
}

static int help_on(struct ck_ctl *ctl, const struct ck_command *command)
{
	const struct ck_ctl_option *option;
	size_t i;

	ck_print(ctl, "%s %s%s%s\n%s.\n", ck_paint(ctl, CK_BOLD, "Usage: " CK_CTL),
		 command->name, *command->usage ? " " : "", command->usage,
		 command->help);
	if (command->about) {
		ck_print(ctl, "\n");
		ck_print_wrapped(ctl, 0, 0, command->about);
	}
	ck_print(ctl, "\n%s\n", ck_paint(ctl, CK_BOLD, "Options:"));
	for (i = 0; (option = ck_command_option(command, i)) != NULL; i++) {
		const char *name = ck_option_text(ctl->arena, option);

		ck_print(ctl, "%-30s ", name);
		ck_print_wrapped(ctl, ck_columns(name) > 30 ? ck_columns(name) + 1 : 31,
				 31, option->help);
	}
	ck_print(ctl, "\n%s\n", ck_paint(ctl, CK_BOLD, "Examples:"));
	for (i = 0; i < CK_ARRAY_SIZE(command->examples) && command->examples[i].line;
	     i++)
		ck_print(ctl, "  %s\n      %s\n", command->examples[i].line,
			 command->examples[i].help);
	ck_print(ctl,
		 "\nExit status: 0 fine, 1 findings or a negative answer, 2 usage, 125 "
		 "could "
		 "not do it.\n");
	return CK_CTL_FINE;
}

static int help(struct ck_ctl *ctl)
{
	size_t i;

	ck_print(ctl,
		 "%s COMMAND [OPTION...] [ARGUMENT...]\n"
		 "Look at, check, explain, audit and convert Linux capabilities.\n\n",
		 ck_paint(ctl, CK_BOLD, "Usage: " CK_CTL));
	for (i = 0; i < ck_commands_count; i++)
		ck_print(ctl, "  %-12s %s\n", ck_commands[i].name, ck_commands[i].help);
	ck_print(ctl,
		 "\n" CK_CTL " COMMAND --help tells more, with examples; " CK_CTL
		 " --version "
		 "the version.\n\n%s\n",
		 ck_paint(ctl, CK_BOLD, "Examples:"));
	for (i = 0; i < 3 && i < ck_commands_count; i++)
		ck_print(ctl, "  %s\n      %s\n", ck_commands[i].examples[0].line,
			 ck_commands[i].examples[0].help);
	ck_print(ctl, "\nSee capkeepctl(1), capkeep(1), capkeep.ini(5).\n");
	return CK_CTL_FINE;
}

static const struct ck_command *find(const char *name)
{
	size_t i;

	for (i = 0; i < ck_commands_count; i++)
		if (!strcmp(ck_commands[i].name, name))
			return &ck_commands[i];
	return NULL;
}

static int unknown_command(struct ck_ctl *ctl, const char *name)
{
	struct ck_nearest best = { 0 };
	size_t i;

	for (i = 0; i < ck_commands_count; i++)
		ck_nearest_try(&best, name, ck_commands[i].name);
	return ck_ctl_fail(ctl, CK_CTL_USAGE, "usage",
			   *name == '-' ? "unknown option '%s'%s; " CK_CTL
					  " --help lists the commands" :
					  "unknown command '%s'%s; " CK_CTL
					  " --help lists them",
			   name, ck_nearest_hint(ctl->arena, &best));
}

static int run(struct ck_ctl *ctl, int argc, char **argv)
{
	int rc = ck_ctl_parse(ctl, argc, argv);

	if (rc == 0)
		rc = choose_colour(ctl);
	if (rc != 0)
		return rc;
	if (ck_ctl_value(ctl, "help"))
		return help_on(ctl, ctl->command);
	ctl->json = ck_ctl_value(ctl, "json") != NULL;
	return ctl->command->run(ctl);
}

static int dispatch(struct ck_ctl *ctl, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name)
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "usage",
				   "there is no command; " CK_CTL " --help lists them");
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		ck_print(ctl, CK_CTL " " CK_VERSION "\n");
		return CK_CTL_FINE;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
		(void)choose_colour(ctl);
		if (argc < 3)
			return help(ctl);
		ctl->command = find(argv[2]);
		return ctl->command ? help_on(ctl, ctl->command) :
				      unknown_command(ctl, argv[2]);
	}
	ctl->command = find(name);
	return ctl->command ? run(ctl, argc - 1, argv + 1) : unknown_command(ctl, name);
}

int main(int argc, char **argv)
{
	struct ck_arena arena = { .out_of_memory = ck_ctl_out_of_memory };
	struct ck_ctl ctl = { .arena = &arena,
			      .diags = { .arena = &arena },
			      .out = stdout };
	int status;

	choose_width(&ctl);
	status = dispatch(&ctl, argc, argv);
	if (fflush(ctl.out) != 0 || ferror(ctl.out))
		status = ck_ctl_fail(&ctl, CK_CTL_FAILED, "standard output", "%s",
				     strerror(errno));
	ck_arena_free(&arena);
	return status;
}
