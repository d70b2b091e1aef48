/* SPDX-License-Identifier: MIT */
/* The words of lists, strict numbers, and the names of signals and limits. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <strings.h>

#include "capkeep.h"

static bool is_separator(char c)
{
	return c == ' ' || c == '\t' || c == ',' || c == '\n';
}

size_t ck_word_next(const char **cursor, const char **word)
{
	const char *p = *cursor;

	while (is_separator(*p))
		p++;
	*word = p;
	while (*p && !is_separator(*p))
		p++;
	*cursor = p;
	return (size_t)(p - *word);
}

size_t ck_item_next(const char **cursor, const char **item)
{
	size_t length = ck_word_next(cursor, item);
	const char *word = *item;

	if (!length || !memchr(word, '(', length) || memchr(word, ')', length))
		return length;
	*cursor = strchrnul(word, ')');
	while (**cursor && !is_separator(**cursor))
		++*cursor;
	return (size_t)(*cursor - word);
}

bool ck_is_digits(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return length > 0;
}

int ck_number(const char *text, size_t length, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;
	size_t i;

	if (!ck_is_digits(text, length) || (text[0] == '0' && length > 1))
		return -EINVAL;
	for (i = 0; i < length; i++) {
		unsigned int digit = (unsigned int)(text[i] - '0');

		if (value > (max - digit) / 10 || digit > max)
			return -ERANGE;
		value = value * 10 + digit;
	}
	*ret = value;
	return 0;
}

/* signal(7); sigabbrev_np(3) is glibc's alone. */
static const struct {
	const char *name;
	int number;
} signals[] = {
	{ "HUP", SIGHUP },	 { "INT", SIGINT },   { "QUIT", SIGQUIT },
	{ "ILL", SIGILL },	 { "TRAP", SIGTRAP }, { "ABRT", SIGABRT },
	{ "BUS", SIGBUS },	 { "FPE", SIGFPE },   { "KILL", SIGKILL },
	{ "USR1", SIGUSR1 },	 { "SEGV", SIGSEGV }, { "USR2", SIGUSR2 },
	{ "PIPE", SIGPIPE },	 { "ALRM", SIGALRM }, { "TERM", SIGTERM },
	{ "CHLD", SIGCHLD },	 { "CONT", SIGCONT }, { "STOP", SIGSTOP },
	{ "TSTP", SIGTSTP },	 { "TTIN", SIGTTIN }, { "TTOU", SIGTTOU },
	{ "URG", SIGURG },	 { "XCPU", SIGXCPU }, { "XFSZ", SIGXFSZ },
	{ "VTALRM", SIGVTALRM }, { "PROF", SIGPROF }, { "WINCH", SIGWINCH },
	{ "IO", SIGIO },	 { "PWR", SIGPWR },   { "SYS", SIGSYS },
};

int ck_signal_number(const char *name)
{
	size_t i;

	if (!strncasecmp(name, "SIG", 3))
		name += 3;
	for (i = 0; i < CK_ARRAY_SIZE(signals); i++)
		if (!strcasecmp(signals[i].name, name))
			return signals[i].number;
	return -EINVAL;
}

const char *ck_signal_name(int number)
{
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(signals); i++)
		if (signals[i].number == number)
			return signals[i].name;
	return "?";
}

const char *const ck_limit_names[CK_LIMITS] = {
	[RLIMIT_CPU] = "cpu",		[RLIMIT_FSIZE] = "fsize",
	[RLIMIT_DATA] = "data",		[RLIMIT_STACK] = "stack",
	[RLIMIT_CORE] = "core",		[RLIMIT_RSS] = "rss",
	[RLIMIT_NPROC] = "nproc",	[RLIMIT_NOFILE] = "nofile",
	[RLIMIT_MEMLOCK] = "memlock",	[RLIMIT_AS] = "as",
	[RLIMIT_LOCKS] = "locks",	[RLIMIT_SIGPENDING] = "sigpending",
	[RLIMIT_MSGQUEUE] = "msgqueue", [RLIMIT_NICE] = "nice",
	[RLIMIT_RTPRIO] = "rtprio",	[RLIMIT_RTTIME] = "rttime",
};
