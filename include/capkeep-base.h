/* SPDX-License-Identifier: MIT */
/* capkeep-base.h - memory, diagnostics, names and words. Part of capkeep.h. */
#ifndef CAPKEEP_BASE_H
#define CAPKEEP_BASE_H

#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#define CK_MUST_USE __attribute__((warn_unused_result))
#define CK_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define CK_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Exit statuses when the workload was not started; the same as env(1) and docker use. */
enum { CK_EXIT_REFUSED = 125, CK_EXIT_CANNOT_EXEC = 126, CK_EXIT_NOT_FOUND = 127 };

/* ---- arena.c: memory that lives as long as the program's one job ---- */

struct ck_chunk;
struct ck_arena {
	struct ck_chunk *chunks;
	/* What is left of the newest chunk, or of zeroed room that the owner gave at the
	 * start. */
	char *next;
	size_t left;
	/* Called when memory runs out; must not return. NULL: abort(). */
	void (*out_of_memory)(void) __attribute__((noreturn));
};

/* Zeroed, aligned for any type; never NULL. */
void *ck_alloc(struct ck_arena *arena, size_t size)
	__attribute__((returns_nonnull)) CK_MUST_USE;
/* An array of count elements; an overflow counts as out of memory. */
void *ck_alloc_array(struct ck_arena *arena, size_t count, size_t size) CK_MUST_USE;
/* list with room for one element more: as it is, twice as large in place where nothing
 * was handed out since, or a copy. */
void *ck_grow(struct ck_arena *arena, void *list, size_t count, size_t *room,
	      size_t size) CK_MUST_USE;
char *ck_strndup(struct ck_arena *arena, const char *text, size_t length) CK_MUST_USE;
char *ck_format(struct ck_arena *arena, const char *format, ...)
	CK_PRINTF(2, 3) CK_MUST_USE;
char *ck_vformat(struct ck_arena *arena, const char *format, va_list ap)
	CK_PRINTF(2, 0) CK_MUST_USE;
/* a, b and c in a row; printf(3) would cost as much as all the rest of a start. */
char *ck_join(struct ck_arena *arena, const char *a, const char *b,
	      const char *c) CK_MUST_USE;
void ck_arena_free(struct ck_arena *arena);

struct ck_strings {
	const char **list;
	size_t count, room;
};
void ck_strings_add(struct ck_arena *arena, struct ck_strings *strings, const char *text);

/* ---- diag.c, nearest.c: what the user got wrong ---- */

/* Where a key was stated: FILE:LINE, an option ("-k", line 0), or nowhere (file NULL). */
struct ck_origin {
	const char *file;
	unsigned int line;
};

/* "FILE:LINE", or FILE where line is 0. */
const char *ck_origin_text(struct ck_arena *arena, const struct ck_origin *origin);

struct ck_diag {
	const char *where; /* "FILE:LINE", "-k", or the name of a step */
	const char *text;
};

struct ck_diags {
	struct ck_arena *arena;
	struct ck_diag *list;
	size_t count, room;
};

void ck_diag_add(struct ck_diags *diags, const char *where, const char *format, ...)
	CK_PRINTF(3, 4);
/* text with its control characters as \xNN, for terminals. */
const char *ck_escape(struct ck_arena *arena, const char *text);
/* The same, but for newlines. */
const char *ck_escape_lines(struct ck_arena *arena, const char *text);
/* One line "PROGRAM: WHERE: TEXT" each, control characters as \xNN; ck_say decides the
 * rest. */
void ck_diags_print(const struct ck_diags *diags, const char *program, int fd);
/* Writes all of text. A signal that the write brings about (SIGPIPE, SIGXFSZ) is
 * swallowed, and mask and dispositions are as before. Returns 0 or -errno. */
int ck_say(int fd, const char *text, size_t length);
/* sigprocmask(2) as the kernel has it, all 64 signals. 0 or -errno. */
int ck_signal_mask(int how, const sigset_t *set, sigset_t *ret_old) CK_MUST_USE;
/* The best of the candidates so far, for "did you mean"; start with {0}. */
struct ck_nearest {
	const char *name;
	unsigned int distance;
};
/* Damerau-Levenshtein without regard to case; keeps the candidate when it is nearer than
 * the best so far and near enough to be meant (a third of the word, at least 2). */
void ck_nearest_try(struct ck_nearest *best, const char *word, const char *candidate);
/* ", did you mean NAME?" or "" */
const char *ck_nearest_hint(struct ck_arena *arena, const struct ck_nearest *best);

/* ---- capset.c: names <-> masks, see capabilities(7) ---- */

#define CK_CAP_BITS 64
#define CK_CAP(n) (UINT64_C(1) << (n))

/* "NET_RAW" for 13; NULL where no table names the number. */
const char *ck_cap_name(unsigned int cap);
/* The same, and the number as text where there is no name. */
const char *ck_cap_label(struct ck_arena *arena, unsigned int cap);
/* Accepts NET_RAW, net_raw, CAP_NET_RAW, cap_net_raw. Returns the number, or -1. */
int ck_cap_number(const char *name, size_t length);
/* "@docker-default", "@oci-default". Returns false where there is no such preset. */
bool ck_cap_preset(const char *name, size_t length, uint64_t *ret);
/* A list of capabilities that may be stated in several lines. */
struct ck_caps {
	uint64_t mask;
	unsigned int words;
	bool none, preset; /* the word none, a preset was among them */
};
/* Adds a list as in `keep =` and -k: names, presets, -NAME after a preset, or none;
 * separated by commas or blanks. Problems go to diags under their origin. */
int ck_caps_add(struct ck_caps *caps, const char *text, const struct ck_origin *origin,
		struct ck_diags *diags) CK_MUST_USE;
/* "NET_BIND_SERVICE SETGID"; numbers for what has no name; "none" for 0. */
const char *ck_cap_text(struct ck_arena *arena, uint64_t mask);
/* Of nearly all of known, what is missing: "all 41", "all but SYS_RESOURCE"; else the
 * names. */
const char *ck_sets_text(struct ck_arena *arena, uint64_t mask, uint64_t known);

/* ---- words.c: lists, strict numbers, the names of signals and limits ---- */

/* The next word of a list separated by commas and blanks. Returns its length, 0 at the
 * end; *cursor is moved behind it, *word is its start. */
size_t ck_word_next(const char **cursor, const char **word);
/* The same, but what stands in parentheses belongs to its word: socket(family: unix). */
size_t ck_item_next(const char **cursor, const char **item);
/* Decimal: 0 or [1-9][0-9]*, at most max. Returns -EINVAL (not a number) or -ERANGE. */
int ck_number(const char *text, size_t length, uint64_t max, uint64_t *ret) CK_MUST_USE;
/* All digits, whether or not it is a number that ck_number takes. */
bool ck_is_digits(const char *text, size_t length);
/* "TERM" or "SIGTERM" -> SIGTERM; -EINVAL. */
int ck_signal_number(const char *name);
const char *ck_signal_name(int number);

#define CK_LIMITS 16 /* RLIM_NLIMITS of Linux since 2.6.25 */
/* "nofile" for RLIMIT_NOFILE, as setrlimit(2) without the prefix. */
extern const char *const ck_limit_names[CK_LIMITS];

#endif
