/* SPDX-License-Identifier: MIT */
/*
 * Collects what the user got wrong and writes it, one line a problem. Text from outside
 * (names of files, words of a profile) reaches a terminal only with its control
 * characters spelled out.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "capkeep.h"

const char *ck_origin_text(struct ck_arena *arena, const struct ck_origin *origin)
{
	return origin->line ? ck_format(arena, "%s:%u", origin->file, origin->line) :
			      origin->file;
}

void ck_diag_add(struct ck_diags *diags, const char *where, const char *format, ...)
{
	struct ck_diag *diag;
	va_list ap;

	diags->list = ck_grow(diags->arena, diags->list, diags->count, &diags->room,
			      sizeof(*diags->list));
	diag = &diags->list[diags->count++];
	diag->where = where;
	va_start(ap, format);
	diag->text = ck_vformat(diags->arena, format, ap);
	va_end(ap);
}

/* U+0080 to U+009F, which drive a terminal as the bytes below 0x20 do. */
static bool is_c1_control(const char *p)
{
	const unsigned char first = (unsigned char)p[0], second = (unsigned char)p[1];

	return first == 0xc2 && second >= 0x80 && second < 0xa0;
}

static bool is_control(const char *text, const char *p)
{
	const unsigned char c = (unsigned char)*p;

	return c < 0x20 || c == 0x7f || is_c1_control(p) ||
	       (p > text && is_c1_control(p - 1));
}

static const char *escape(struct ck_arena *arena, const char *text, char but)
{
	static const char digits[] = "0123456789abcdef";
	size_t extra = 0;
	const char *p;
	char *copy, *out;

	for (p = text; *p; p++)
		extra += is_control(text, p) && *p != but ? 3 : 0;
	if (!extra)
		return text;
	copy = out = ck_alloc(arena, strlen(text) + extra + 1);
	for (p = text; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (!is_control(text, p) || *p == but) {
			*out++ = *p;
			continue;
		}
		*out++ = '\\';
		*out++ = 'x';
		*out++ = digits[c >> 4];
		*out++ = digits[c & 15];
	}
	return copy;
}

const char *ck_escape(struct ck_arena *arena, const char *text)
{
	return escape(arena, text, '\0');
}

const char *ck_escape_lines(struct ck_arena *arena, const char *text)
{
	return escape(arena, text, '\n');
}

void ck_diags_print(const struct ck_diags *diags, const char *program, int fd)
{
	size_t i;

	for (i = 0; i < diags->count; i++) {
		const char *line = ck_format(diags->arena, "%s: %s: %s", program,
					     diags->list[i].where, diags->list[i].text);

		line = ck_format(diags->arena, "%s\n", ck_escape(diags->arena, line));
		/* Nobody is left to tell when standard error itself fails; the status
		 * says it. */
		if (ck_say(fd, line, strlen(line)) < 0)
			return;
	}
}

/* A filter around us may say EINTR for ever. */
#define INTERRUPTED_MAX 100000

static int write_all(int fd, const char *text, size_t length)
{
	unsigned int interrupted = 0;

	while (length) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno == EINTR && ++interrupted < INTERRUPTED_MAX)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

int ck_signal_mask(int how, const sigset_t *set, sigset_t *ret_old)
{
	/* libc would leave the signals out that it keeps for itself. */
	return syscall(SYS_rt_sigprocmask, how, set, ret_old, sizeof(uint64_t)) < 0 ?
		       -errno :
		       0;
}

int ck_say(int fd, const char *text, size_t length)
{
	static const struct timespec now;
	sigset_t ours, mask, before, after;
	bool blocked;
	int rc;

	sigemptyset(&ours);
	sigemptyset(&before);
	sigemptyset(&mask);
	sigaddset(&ours, SIGPIPE);
	sigaddset(&ours, SIGXFSZ);
	/* Blocked, not ignored: ignoring would throw away a signal that was pending
	 * before. Where even that is refused, what there is to say is said anyway. */
	blocked =
		ck_signal_mask(SIG_BLOCK, &ours, &mask) == 0 && sigpending(&before) == 0;
	rc = write_all(fd, text, length);
	if (!blocked)
		return rc;
	if (sigismember(&before, SIGPIPE))
		sigdelset(&ours, SIGPIPE);
	if (sigismember(&before, SIGXFSZ))
		sigdelset(&ours, SIGXFSZ);
	while (rc < 0 && sigtimedwait(&ours, NULL, &now) > 0)
		continue;
	/* A signal that could not be taken must not arrive now. */
	if (rc < 0 && sigpending(&after) == 0 &&
	    (sigismember(&after, SIGPIPE) > sigismember(&before, SIGPIPE) ||
	     sigismember(&after, SIGXFSZ) > sigismember(&before, SIGXFSZ)))
		return rc;
	blocked = ck_signal_mask(SIG_SETMASK, &mask, NULL) < 0;
	return blocked && rc == 0 ? -EPROTO : rc;
}
