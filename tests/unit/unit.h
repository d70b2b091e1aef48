/* SPDX-License-Identifier: MIT */
/* unit.h - what every unit test needs: an arena, a list of problems, files to try things
 * on. */
#ifndef UNIT_H
#define UNIT_H

#include <errno.h> /* program_invocation_short_name */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "capkeep.h"

/* Fresh for every test. */
extern struct ck_arena unit_arena;
extern struct ck_diags unit_diags;

/* unit_format(...) lives until the end of the test. */
#define unit_format(...) ck_format(&unit_arena, __VA_ARGS__)

/* A file of the source tree; $CK_SRCDIR, or the current directory. */
const char *unit_source(const char *path);
/* A directory of our own that is removed when the program ends, and a file in it. */
const char *unit_directory(void);
const char *unit_file(const char *name);
/* The whole file; fails the test where it cannot be read. */
char *unit_read(const char *path, size_t *ret_length);
/* Writes the file, with exactly this mode, and the directories that it needs. */
void unit_write(const char *path, const char *bytes, size_t length, unsigned int mode);
void unit_write_text(const char *path, const char *text);
void unit_make_directories(const char *file);
/* from and everything below as to, whatever the modes of the checkout are. */
void unit_copy_tree(const char *from, const char *to);
/* The problems as users read them, each on its line behind "capkeep: ". */
const char *unit_messages(void);
/* Compares text with the file. CK_BLESS=new writes one that is missing, CK_BLESS=all also
 * one that differs: read the difference before it is committed. */
void unit_expect(const char *path, const char *text);
/* text with every from replaced. */
const char *unit_replace(const char *text, const char *from, const char *to);
/* valgrind cannot recover from an execve that fails, and is what it executes. */
bool unit_in_valgrind(void);
/* Leaves the test. Not skip(): of what that prints, automake makes a failure. */
#define UNIT_SKIP(why)                             \
	do {                                       \
		print_message("# SKIP %s\n", why); \
		return;                            \
	} while (0)
#define UNIT_NEED_ROOT()                         \
	do {                                     \
		if (geteuid() != 0)              \
			UNIT_SKIP("needs root"); \
	} while (0)
/* Runs body in a child process; it fails the test by returning something else than 0,
 * which is the line that it failed in. */
void unit_in_child(int (*body)(void *data), void *data);
/* Inside of a body: leave with the line where the claim does not hold. */
#define CLAIM(claim)                     \
	do {                             \
		if (!(claim))            \
			return __LINE__; \
	} while (0)

/* A reproducible sequence of numbers. */
uint64_t unit_random(uint64_t *seed);
/* $CK_SEED or the time; printed, so that a failure can be had again. */
uint64_t unit_seed(void);
/* $CK_EVERY_NTH or 1: under valgrind, which takes fifty times as long, a part of what is
 * tried by the thousand has to do. */
unsigned long unit_every(void);

/* Sets up and takes down what stands above; then cmocka_run_group_tests(). */
int unit_run(const char *name, const struct CMUnitTest *tests, size_t count);
#define UNIT_RUN(tests) \
	unit_run(program_invocation_short_name, tests, CK_ARRAY_SIZE(tests))

/* One test per row of a table, named by the row's first member; others behind them. */
struct unit_rows {
	const void *rows;
	size_t count, size;
	void (*run)(void **state);
};
#define UNIT_ROWS(rows, run) \
	((struct unit_rows){ rows, CK_ARRAY_SIZE(rows), sizeof((rows)[0]), run })
int unit_run_rows(const char *name, struct unit_rows rows,
		  const struct CMUnitTest *others, size_t count);

#endif
