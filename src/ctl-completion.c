/* SPDX-License-Identifier: MIT */
/* capkeepctl completion: scripts for bash, zsh and fish, from the table of commands. */
#include <string.h>

#include "ctl.h"

/* Asked for when it is wanted: the directories are those of the installed program. */
#define BASH_PROFILES "$(" CK_CTL " list profiles 2>/dev/null | sed '1d; s/ .*//')"

static const char *caps(struct ck_ctl *ctl)
{
	const char *text = "none @docker-default @oci-default";
	unsigned int cap;

	for (cap = 0; cap < CK_CAPS_KNOWN; cap++)
		text = ck_join(ctl->arena, text, " ", ck_cap_name(cap));
	return text;
}

static const char *names(struct ck_ctl *ctl)
{
	const char *text = "help";
	size_t i;

	for (i = 0; i < ck_commands_count; i++)
		text = ck_join(ctl->arena, text, " ", ck_commands[i].name);
	return text;
}

/* The words of takes; *ret_files: files are offered as well. */
static const char *words(struct ck_ctl *ctl, const char *takes, bool *ret_files)
{
	const char *files = strstr(takes, CK_OR_FILE);

	*ret_files = files != NULL;
	if (!strncmp(takes, CK_TAKES_CAPS, strlen(CK_TAKES_CAPS)))
		return caps(ctl);
	return files ? ck_strndup(ctl->arena, takes, (size_t)(files - takes)) : takes;
}

static void bash_words(struct ck_ctl *ctl, const char *takes)
{
	bool files;
	const char *list = words(ctl, takes, &files);

	ck_print(ctl, "COMPREPLY=($(compgen %s-W \"%s\" -- \"$cur\"))",
		 files ? "-f " : "", list);
}

/* What stands behind COMPREPLY: files, pids, words. */
static void bash_takes(struct ck_ctl *ctl, const char *takes)
{
	if (!takes || !strcmp(takes, CK_TAKES_ANY))
		ck_print(ctl, ":");
	else if (!strcmp(takes, CK_TAKES_FILE))
		ck_print(ctl, "COMPREPLY=($(compgen -f -- \"$cur\"))");
	else if (!strcmp(takes, CK_TAKES_PROFILE))
		ck_print(ctl, "COMPREPLY=($(compgen -f -W \"none " BASH_PROFILES
			      "\" -- \"$cur\"))");
	else if (!strcmp(takes, CK_TAKES_PID))
		ck_print(ctl,
			 "COMPREPLY=($(compgen -W \"self $(cd /proc && echo [0-9]*)\" -- "
			 "\"$cur\"))");
	else
		bash_words(ctl, takes);
}

static void bash_options(struct ck_ctl *ctl, const struct ck_command *command)
{
	const struct ck_ctl_option *option;
	size_t i;

	ck_print(ctl, "\t%s)\n\t\tcase $prev in\n", command->name);
	for (i = 0; (option = ck_command_option(command, i)) != NULL; i++) {
		if (!option->argument)
			continue;
		ck_print(ctl, "\t\t--%s", option->name);
		if (option->letter)
			ck_print(ctl, " | -%c", option->letter);
		ck_print(ctl, ") ");
		bash_takes(ctl, option->takes);
		ck_print(ctl, "; return ;;\n");
	}
	ck_print(ctl,
		 "\t\tesac\n\t\tif [[ $cur == -* ]]; then\n\t\t\tCOMPREPLY=($(compgen -W "
		 "\"");
	for (i = 0; (option = ck_command_option(command, i)) != NULL; i++)
		ck_print(ctl, "%s--%s", i ? " " : "", option->name);
	ck_print(ctl, "\" -- \"$cur\"))\n\t\t");
	if (command->then) {
		ck_print(ctl, "elif ((operands)); then\n\t\t\t");
		bash_takes(ctl, command->then);
		ck_print(ctl, "\n\t\t");
	}
	ck_print(ctl, "else\n\t\t\t");
	bash_takes(ctl, command->takes);
	ck_print(ctl, "\n\t\tfi\n\t\t;;\n");
}

/* Behind -- stands a command with its own words: bash-completion knows them. */
static void bash_command(struct ck_ctl *ctl)
{
	const char *names = "";
	size_t i;

	for (i = 0; i < ck_commands_count; i++)
		if (ck_commands[i].command)
			names = ck_join(ctl->arena, names, *names ? "|" : "",
					ck_commands[i].name);
	ck_print(
		ctl,
		"\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
		"\t\t[[ ${COMP_WORDS[1]} =~ ^(%s)$ && ${COMP_WORDS[i]} == -- ]] || continue\n"
		"\t\tif declare -F _command_offset >/dev/null; then\n"
		"\t\t\t_command_offset $((i + 1))\n"
		"\t\telif ((i + 1 == COMP_CWORD)) && [[ $cur != */* ]]; then\n"
		"\t\t\tCOMPREPLY=($(compgen -c -- \"$cur\"))\n"
		"\t\telse\n"
		"\t\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
		"\t\tfi\n"
		"\t\treturn\n"
		"\tdone\n",
		names);
}

static void bash(struct ck_ctl *ctl)
{
	size_t i;

	ck_print(ctl,
		 "# bash completion for " CK_CTL "(1), printed by: " CK_CTL
		 " completion bash\n"
		 "_" CK_CTL "() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} "
		 "prev=${COMP_WORDS[COMP_CWORD - 1]}\n\tCOMPREPLY=()\n"
		 "\tif ((COMP_CWORD == 1)); then\n\t\tCOMPREPLY=($(compgen -W "
		 "\"%s --help --version\" -- \"$cur\"))\n\t\treturn\n\tfi\n"
		 "\tlocal i operands=0\n",
		 names(ctl));
	bash_command(ctl);
	ck_print(ctl, "\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
		      "\t\t[[ ${COMP_WORDS[i]} == -* ]] || operands=$((operands + 1))\n"
		      "\tdone\n"
		      "\tcase ${COMP_WORDS[1]} in\n");
	for (i = 0; i < ck_commands_count; i++)
		bash_options(ctl, &ck_commands[i]);
	ck_print(ctl,
		 "\thelp) COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")) ;;\n\tesac\n}\n"
		 "complete -o filenames -F _" CK_CTL " " CK_CTL "\n",
		 names(ctl));
}

static const char *zsh_takes(struct ck_ctl *ctl, const char *takes)
{
	const char *list;
	bool files;

	if (!takes || !strcmp(takes, CK_TAKES_ANY))
		return " ";
	if (!strcmp(takes, CK_TAKES_FILE) || !strcmp(takes, CK_TAKES_PROFILE))
		return "_files";
	if (!strcmp(takes, CK_TAKES_PID))
		return "_pids";
	list = words(ctl, takes, &files);
	return ck_format(ctl->arena, files ? "{compadd %s; _files}" : "(%s)", list);
}

/* Within '[...]' of _arguments a bracket or colon would end the text. */
static const char *plain(struct ck_arena *arena, const char *text)
{
	char *copy = ck_format(arena, "%s", text), *p;

	for (p = copy; *p; p++)
		if (strchr("[]:'", *p))
			*p = ' ';
	return copy;
}

/* '(-a --all)'{-a,--all}' opens the quote that the help stands in. */
static void zsh_names(struct ck_ctl *ctl, const struct ck_ctl_option *option)
{
	const char *name = option->name;

	ck_print(ctl, " \\\n\t\t\t");
	if (!option->letter)
		ck_print(ctl, "'%s--%s", option->repeat ? "*" : "", name);
	else if (option->repeat)
		ck_print(ctl, "'*'{-%c,--%s}'", option->letter, name);
	else
		ck_print(ctl, "'(-%c --%s)'{-%c,--%s}'", option->letter, name,
			 option->letter, name);
}

static void zsh_options(struct ck_ctl *ctl, const struct ck_command *command)
{
	const struct ck_ctl_option *option;
	size_t i;

	ck_print(ctl, "\t%s)\n\t\t_arguments -S", command->name);
	for (i = 0; (option = ck_command_option(command, i)) != NULL; i++) {
		zsh_names(ctl, option);
		ck_print(ctl, "[%s]", plain(ctl->arena, option->help));
		if (option->argument)
			ck_print(ctl, ":%s:%s", plain(ctl->arena, option->argument),
				 zsh_takes(ctl, option->takes));
		ck_print(ctl, "'");
	}
	if (command->then)
		ck_print(ctl, " \\\n\t\t\t'1:argument:%s'",
			 zsh_takes(ctl, command->takes));
	ck_print(ctl, " \\\n\t\t\t'*:argument:%s'\n\t\t;;\n",
		 zsh_takes(ctl, command->then ? command->then : command->takes));
}

static void zsh(struct ck_ctl *ctl)
{
	size_t i;

	ck_print(ctl, "#compdef " CK_CTL "\n# printed by: " CK_CTL " completion zsh\n"
		      "if ((CURRENT == 2)); then\n\tlocal -a commands=(\n");
	for (i = 0; i < ck_commands_count; i++)
		ck_print(ctl, "\t\t'%s:%s'\n", ck_commands[i].name,
			 plain(ctl->arena, ck_commands[i].help));
	ck_print(ctl,
		 "\t)\n\t_describe command commands\n\treturn\nfi\n"
		 "local command=${words[2]}\nshift words\n((CURRENT--))\ncase $command "
		 "in\n");
	for (i = 0; i < ck_commands_count; i++)
		zsh_options(ctl, &ck_commands[i]);
	ck_print(ctl, "esac\n");
}

static const char *fish_takes(struct ck_ctl *ctl, const char *takes)
{
	const char *list;
	bool files;

	if (!takes || !strcmp(takes, CK_TAKES_ANY))
		return " -x";
	if (!strcmp(takes, CK_TAKES_FILE) || !strcmp(takes, CK_TAKES_PROFILE))
		return " -r -F";
	if (!strcmp(takes, CK_TAKES_PID))
		return " -x -a '(__fish_complete_pids)'";
	list = words(ctl, takes, &files);
	return ck_format(ctl->arena, files ? " -r -F -a '%s'" : " -x -a '%s'", list);
}

/* Operands: -F gives files, -f none. */
static const char *fish_operands(struct ck_ctl *ctl, const char *takes)
{
	const char *list;
	bool files;

	if (!strcmp(takes, CK_TAKES_FILE) || !strcmp(takes, CK_TAKES_PROFILE))
		return "-F";
	if (!strcmp(takes, CK_TAKES_PID))
		return "-f -a 'self (__fish_complete_pids)'";
	list = words(ctl, takes, &files);
	return ck_format(ctl->arena, "%s -a '%s'", files ? "-F" : "-f", list);
}

static void fish_options(struct ck_ctl *ctl, const struct ck_command *command)
{
	const char *when = ck_format(
		ctl->arena, "complete -c " CK_CTL " -n '__fish_seen_subcommand_from %s'",
		command->name);
	const struct ck_ctl_option *option;
	size_t i;

	ck_print(ctl,
		 "complete -c " CK_CTL " -n __fish_use_subcommand -x -a %s -d '%s'\n",
		 command->name, plain(ctl->arena, command->help));
	for (i = 0; (option = ck_command_option(command, i)) != NULL; i++) {
		ck_print(ctl, "%s", when);
		if (option->letter)
			ck_print(ctl, " -s %c", option->letter);
		ck_print(ctl, " -l %s%s -d '%s'\n", option->name,
			 option->argument ? fish_takes(ctl, option->takes) : "",
			 plain(ctl->arena, option->help));
	}
	if (command->takes)
		ck_print(ctl, "%s %s\n", when, fish_operands(ctl, command->takes));
	if (command->then)
		ck_print(ctl, "%s %s\n", when, fish_operands(ctl, command->then));
}

static void fish(struct ck_ctl *ctl)
{
	size_t i;

	ck_print(ctl, "# fish completion for " CK_CTL "(1), printed by: " CK_CTL
		      " completion fish\n");
	for (i = 0; i < ck_commands_count; i++)
		fish_options(ctl, &ck_commands[i]);
}

int ck_ctl_completion(struct ck_ctl *ctl)
{
	const char *shell = ctl->operands.count == 1 ? ctl->operands.list[0] : "";

	if (!strcmp(shell, "bash"))
		bash(ctl);
	else if (!strcmp(shell, "zsh"))
		zsh(ctl);
	else if (!strcmp(shell, "fish"))
		fish(ctl);
	else
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "completion",
				   "for which shell: bash, zsh or fish?");
	return CK_CTL_FINE;
}
