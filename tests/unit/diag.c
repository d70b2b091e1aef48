/* SPDX-License-Identifier: MIT */
/* Problems: collected, escaped, written whatever signals say about it. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

static void problems_are_lines(void **state)
{
	int i;

	(void)state;
	assert_string_equal(unit_messages(), "");
	for (i = 0; i < 20; i++)
		ck_diag_add(&unit_diags, "FILE:3", "number %d of %s", i, "many");
	assert_int_equal(unit_diags.count, 20);
	assert_string_equal(unit_diags.list[0].text, "number 0 of many");
	assert_string_equal(unit_diags.list[19].text, "number 19 of many");
	assert_string_equal(unit_diags.list[19].where, "FILE:3");
	unit_diags.count = 2;
	assert_string_equal(
		unit_messages(),
		"capkeep: FILE:3: number 0 of many\ncapkeep: FILE:3: number 1 of many\n");
}

static void control_characters_are_spelled_out(void **state)
{
	static const char text[] = "a\x1b[2J\n\t\r\x7f\x01\xc3\xa9 b\\";

	(void)state;
	assert_string_equal(ck_escape(&unit_arena, text),
			    "a\\x1b[2J\\x0a\\x09\\x0d\\x7f\\x01\xc3\xa9 b\\");
	assert_string_equal(ck_escape_lines(&unit_arena, text),
			    "a\\x1b[2J\n\\x09\\x0d\\x7f\\x01\xc3\xa9 b\\");
	/* U+009B, which is CSI, but not U+00A0, U+06DB nor a half of it */
	assert_string_equal(ck_escape(&unit_arena, "\xc2\x9b"
						   "2J\xc2\xa0\xdb\x9b\xc2"),
			    "\\xc2\\x9b"
			    "2J\xc2\xa0\xdb\x9b\xc2");
	assert_string_equal(ck_escape(&unit_arena, ""), "");
	assert_string_equal(ck_escape(&unit_arena, "plain"), "plain");
	ck_diag_add(&unit_diags, "/tmp/a\nb:1", "unknown key '%s'", "x\x1b]0;title\x07");
	assert_string_equal(
		unit_messages(),
		"capkeep: /tmp/a\\x0ab:1: unknown key 'x\\x1b]0;title\\x07'\n");
}

static void origins_are_file_and_line(void **state)
{
	const struct ck_origin line = { "a.ini", 7 }, option = { "-k", 0 };

	(void)state;
	assert_string_equal(ck_origin_text(&unit_arena, &line), "a.ini:7");
	assert_string_equal(ck_origin_text(&unit_arena, &option), "-k");
}

static volatile sig_atomic_t caught;

static void catch_it(int number)
{
	caught = number;
}

static int broken_pipe(void)
{
	int ends[2];

	if (pipe(ends) < 0)
		return -1;
	close(ends[0]);
	return ends[1];
}

static bool is_pending(int number)
{
	sigset_t set;

	return sigpending(&set) == 0 && sigismember(&set, number) == 1;
}

static bool is_blocked(int number)
{
	sigset_t set;

	return sigprocmask(SIG_BLOCK, NULL, &set) == 0 && sigismember(&set, number) == 1;
}

static int block(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	return sigprocmask(SIG_BLOCK, &set, NULL);
}

/* With the default action the process would end. */
static int pipe_with_default_action(void *data)
{
	(void)data;
	CLAIM(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
	CLAIM(ck_say(broken_pipe(), "x", 1) == -EPIPE);
	CLAIM(!is_pending(SIGPIPE));
	CLAIM(!is_blocked(SIGPIPE));
	CLAIM(signal(SIGPIPE, SIG_DFL) == SIG_DFL);
	return 0;
}

static int pipe_with_handler(void *data)
{
	(void)data;
	CLAIM(signal(SIGPIPE, catch_it) != SIG_ERR);
	CLAIM(ck_say(broken_pipe(), "x", 1) == -EPIPE);
	CLAIM(caught == 0);
	CLAIM(raise(SIGPIPE) == 0);
	CLAIM(caught == SIGPIPE);
	return 0;
}

static int pipe_ignored(void *data)
{
	(void)data;
	CLAIM(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	CLAIM(ck_say(broken_pipe(), "x", 1) == -EPIPE);
	CLAIM(signal(SIGPIPE, SIG_IGN) == SIG_IGN);
	return 0;
}

static int pipe_blocked(void *data)
{
	(void)data;
	CLAIM(block(SIGPIPE) == 0);
	CLAIM(ck_say(broken_pipe(), "x", 1) == -EPIPE);
	CLAIM(is_blocked(SIGPIPE));
	CLAIM(!is_pending(SIGPIPE));
	return 0;
}

/* A signal that was there before is somebody else's. */
static int pipe_pending_before(void *data)
{
	(void)data;
	CLAIM(block(SIGPIPE) == 0);
	CLAIM(raise(SIGPIPE) == 0);
	CLAIM(is_pending(SIGPIPE));
	CLAIM(ck_say(broken_pipe(), "x", 1) == -EPIPE);
	CLAIM(is_pending(SIGPIPE));
	CLAIM(is_blocked(SIGPIPE));
	CLAIM(ck_say(STDOUT_FILENO, "", 0) == 0);
	CLAIM(is_pending(SIGPIPE));
	return 0;
}

static int others_stay_pending(void *data)
{
	(void)data;
	CLAIM(block(SIGUSR1) == 0);
	CLAIM(raise(SIGUSR1) == 0);
	CLAIM(ck_say(broken_pipe(), "x", 1) == -EPIPE);
	CLAIM(is_pending(SIGUSR1));
	CLAIM(is_blocked(SIGUSR1));
	return 0;
}

static int file_too_large(void *data)
{
	struct rlimit limit = { 4, 4 };
	int fd = open(data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CLAIM(fd >= 0);
	CLAIM(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	CLAIM(ck_say(fd, "12345678", 8) == -EFBIG);
	CLAIM(!is_pending(SIGXFSZ));
	CLAIM(!is_blocked(SIGXFSZ));
	CLAIM(lseek(fd, 0, SEEK_CUR) == 4);
	return 0;
}

static int no_descriptor(void *data)
{
	(void)data;
	CLAIM(ck_say(-1, "x", 1) == -EBADF);
	CLAIM(ck_say(-1, "x", 0) == 0);
	return 0;
}

static int full_device(void *data)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)data;
	CLAIM(fd >= 0);
	CLAIM(ck_say(fd, "x", 1) == -ENOSPC);
	return 0;
}

/* More than the pipe holds, read slowly, while a timer interrupts. */
static int long_text_in_pieces(void *data)
{
	static char text[300000], read_back[305000];
	struct sigaction action = { .sa_handler = catch_it };
	struct itimerval timer = { { 0, 1000 }, { 0, 1000 } };
	size_t length = 0;
	int ends[2];
	pid_t child;
	ssize_t n;

	(void)data;
	memset(text, 'x', sizeof(text));
	text[123456] = 'y';
	CLAIM(pipe(ends) == 0);
	child = fork();
	CLAIM(child >= 0);
	if (child == 0) {
		close(ends[0]);
		sigaction(SIGALRM, &action, NULL);
		setitimer(ITIMER_REAL, &timer, NULL);
		_exit(ck_say(ends[1], text, sizeof(text)) == 0 ? 0 : 1);
	}
	close(ends[1]);
	while ((n = read(ends[0], read_back + length, 5000)) > 0) {
		length += (size_t)n;
		poll(NULL, 0, 1);
	}
	CLAIM(n == 0 && length == sizeof(text));
	CLAIM(!memcmp(text, read_back, sizeof(text)));
	return 0;
}

struct signal_row {
	const char *name;
	int (*body)(void *data);
};

static const struct signal_row rows[] = {
	{ "a broken pipe, default action", pipe_with_default_action },
	{ "a broken pipe, with a handler", pipe_with_handler },
	{ "a broken pipe, ignored", pipe_ignored },
	{ "a broken pipe, blocked", pipe_blocked },
	{ "a broken pipe, pending before", pipe_pending_before },
	{ "others stay pending", others_stay_pending },
	{ "a file that may not grow", file_too_large },
	{ "no descriptor", no_descriptor },
	{ "a full device", full_device },
	{ "a long text in pieces", long_text_in_pieces },
};

static void says(void **state)
{
	const struct signal_row *row = *state;

	unit_in_child(row->body, (void *)(uintptr_t)unit_file("said"));
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(problems_are_lines),
		cmocka_unit_test(control_characters_are_spelled_out),
		cmocka_unit_test(origins_are_file_and_line),
	};

	return unit_run_rows("diag", UNIT_ROWS(rows, says), others,
			     CK_ARRAY_SIZE(others));
}
