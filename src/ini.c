/* SPDX-License-Identifier: MIT */
/*
 * Bytes -> entries. inih splits the lines; this reader hands it one checked line at a
 * time, since inih itself cuts long lines and reads on in the middle, stops at NUL,
 * shortens section names and takes indented keys for continuations. What it would misread
 * is reported here, with its line, and inih gets an empty line instead.
 */
#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <string.h>

#include "capkeep.h"

#define COMMENTS ";#"
#define WORD_SIZE 48 /* inih cuts sections and keys at 49 */

struct feed {
	struct ck_arena *arena;
	const char *file, *next, *end;
	bool (*is_key)(const char *section, const char *word, size_t length);
	struct ck_diags *diags;
	struct ck_entries *entries;
	char line[CK_LINE_MAX + 1]; /* the current one, as it is */
	char section[WORD_SIZE + 1];
	unsigned int number;
	bool indented;	/* the current line continues the one before */
	bool have_key;	/* there is a key that it could continue */
	bool skip_rest; /* the key was misread, so its continuation is of no interest */
};

static const char *where(const struct feed *feed)
{
	return ck_format(feed->arena, "%s:%u", feed->file, feed->number);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* Length of the UTF-8 sequence at p, 0 where it is none (or an overlong one, or a
 * surrogate). */
static size_t utf8_length(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2, i;
	uint32_t code;

	if (n == 1)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4 || n > left)
		return 0;
	code = p[0] & (0xffU >> (n + 1));
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3fU);
	}
	if ((n == 3 && code < 0x800) || (n == 4 && code < 0x10000) || code > 0x10ffff)
		return 0;
	return code >= 0xd800 && code <= 0xdfff ? 0 : n;
}

/* The C1 controls U+0080 to U+009F can drive a terminal as the bytes below 0x20 do. */
static bool is_c1_control(const unsigned char *p, size_t n)
{
	return n == 2 && p[0] == 0xc2 && p[1] < 0xa0;
}

static bool check_bytes(const struct feed *feed, const char *line, size_t length)
{
	size_t i, n;

	for (i = 0; i < length; i += n) {
		const unsigned char *p = (const unsigned char *)line + i;

		n = 1;
		if (*p >= 0x20 && *p < 0x7f)
			continue; /* nearly all of them */
		n = utf8_length(p, length - i);
		if (*p == '\r') {
			ck_diag_add(feed->diags, where(feed),
				    "carriage return: the file has DOS line "
				    "ends; convert it (sed -i 's/\\r$//' FILE)");
			return false;
		}
		if (n == 0) {
			ck_diag_add(feed->diags, where(feed),
				    "byte 0x%02x in column %zu is not UTF-8",
				    (unsigned int)*p, i + 1);
			return false;
		}
		if ((*p < 0x20 && *p != '\t') || *p == 0x7f || is_c1_control(p, n)) {
			ck_diag_add(feed->diags, where(feed),
				    "control character 0x%02x in column %zu",
				    (unsigned int)(n == 1 ? *p : p[1]), i + 1);
			return false;
		}
	}
	return true;
}

static bool starts_comment(const char *p)
{
	return *p && strchr(COMMENTS, *p);
}

static const char *skip_blanks(const char *p)
{
	while (is_blank(*p))
		p++;
	return p;
}

/* Neighbours that have the same section or key share the string, see ck_profile_take().
 */
static const char *shared(struct feed *feed, const char *before, const char *word)
{
	return before && !strcmp(before, word) ?
		       before :
		       ck_strndup(feed->arena, word, strlen(word));
}

static struct ck_entry *add_entry(struct feed *feed, const char *section, const char *key)
{
	static const struct ck_entry none;
	struct ck_entries *entries = feed->entries;
	const struct ck_entry *before;
	struct ck_entry *entry;

	entries->list = ck_grow(feed->arena, entries->list, entries->count,
				&entries->room, sizeof(*entries->list));
	entry = &entries->list[entries->count++];
	before = entries->count > 1 ? entry - 1 : &none;
	*entry = (struct ck_entry){ .section = shared(feed, before->section, section),
				    .key = shared(feed, before->key, key),
				    .value = "",
				    .raw = "",
				    .origin = { feed->file, feed->number } };
	return entry;
}

static bool check_section(struct feed *feed, const char *line)
{
	const char *end = strchr(line, ']'), *rest;
	size_t length;

	feed->have_key = false;
	feed->section[0] = '\0';
	if (!end) {
		ck_diag_add(feed->diags, where(feed), "the section has no closing ']'");
		return false;
	}
	rest = skip_blanks(end + 1);
	if (*rest && !(rest > end + 1 && starts_comment(rest))) {
		ck_diag_add(feed->diags, where(feed),
			    "'%s' stands behind the section; write it on a "
			    "line of its own",
			    rest);
		return false;
	}
	length = (size_t)(end - line - 1);
	if (length == 0 || length > WORD_SIZE) {
		ck_diag_add(feed->diags, where(feed),
			    length ? "the section's name is too long" :
				     "the section's name is empty");
		return false;
	}
	memcpy(feed->section, line + 1, length);
	feed->section[length] = '\0';
	/* inih passes over sections without keys, but an unknown one must not go
	 * unnoticed. */
	add_entry(feed, feed->section, "");
	return true;
}

static bool check_indented(const struct feed *feed, const char *text)
{
	size_t length = 0;
	const char *behind;

	while (is_word(text[length]))
		length++;
	behind = skip_blanks(text + length);
	if (*behind == '=' && length &&
	    (behind > text + length || feed->is_key(feed->section, text, length))) {
		ck_diag_add(feed->diags, where(feed),
			    "'%.*s =' is indented, so it would continue the "
			    "line before; start it in the first column",
			    (int)length, text);
		return false;
	}
	if (*text == '[') {
		ck_diag_add(feed->diags, where(feed),
			    "the section '%s' is indented; start it in the "
			    "first column",
			    text);
		return false;
	}
	if (!feed->have_key) {
		ck_diag_add(feed->diags, where(feed),
			    "an indented line continues the list above it, "
			    "but there is none");
		return false;
	}
	return true;
}

static bool check_key(const struct feed *feed, const char *line)
{
	size_t length = 0;

	while (is_word(line[length]))
		length++;
	if (length == 0 || *skip_blanks(line + length) != '=') {
		ck_diag_add(feed->diags, where(feed),
			    "'%s' is no line of the form 'key = value'", line);
		return false;
	}
	if (!feed->section[0]) {
		ck_diag_add(feed->diags, where(feed),
			    "'%.*s' stands in no section; a line such as "
			    "[capabilities] has to come before it",
			    (int)length, line);
		return false;
	}
	if (length > WORD_SIZE) {
		ck_diag_add(feed->diags, where(feed), "the key is too long");
		return false;
	}
	return true;
}

/* Is the line one that inih will read as it is meant? Reports it where not. */
static bool check_line(struct feed *feed, const char *line)
{
	const char *text = skip_blanks(line);
	bool fine;

	if (!*text || starts_comment(text))
		return true;
	if (text > line) {
		feed->indented = true;
		if (feed->skip_rest)
			return false;
		return check_indented(feed, text);
	}
	if (*line == '[') {
		feed->skip_rest = false;
		return check_section(feed, line);
	}
	fine = check_key(feed, line);
	feed->skip_rest = !fine;
	feed->have_key = fine;
	return fine;
}

static bool take_line(struct feed *feed, const char *bytes, size_t length)
{
	if (feed->number == 1 && length >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3)) {
		bytes += 3; /* a byte order mark is harmless, but inih would count it */
		length -= 3;
	}
	feed->indented = false;
	if (!check_bytes(feed, bytes, length))
		return false;
	if (length > CK_LINE_MAX) {
		ck_diag_add(feed->diags, where(feed),
			    "the line has %zu bytes, at most %d are read; "
			    "lists may go on in indented lines",
			    length, CK_LINE_MAX);
		return false;
	}
	memcpy(feed->line, bytes, length);
	feed->line[length] = '\0';
	return check_line(feed, feed->line);
}

/* In place of fgets(3) for inih. */
static char *next_line(char *buffer, int size, void *data)
{
	struct feed *feed = data;
	const char *newline;
	size_t length;

	if (feed->next == feed->end)
		return NULL;
	feed->number++;
	newline = memchr(feed->next, '\n', (size_t)(feed->end - feed->next));
	length = (size_t)((newline ? newline : feed->end) - feed->next);
	if (!newline)
		ck_diag_add(feed->diags, where(feed),
			    "the last line has no newline at its end; the "
			    "file may be cut short");
	if ((int)length + 2 > size && length <= CK_LINE_MAX)
		ck_diag_add(feed->diags, where(feed),
			    "this build of inih reads only %d bytes", size - 2);
	if (!take_line(feed, feed->next, length) || (int)length + 2 > size) {
		/* What would go on with a line that was refused is of no interest. */
		feed->skip_rest = feed->skip_rest || !feed->indented;
		feed->line[0] = '\0';
	}
	feed->next += length + (newline ? 1 : 0);
	length = strlen(feed->line);
	memcpy(buffer, feed->line, length);
	memcpy(buffer + length, "\n", sizeof("\n"));
	return buffer;
}

/* inih knows inline comments with ';' only, and none in continuation lines. */
static const char *without_comment(struct ck_arena *arena, const char *value)
{
	const char *p = value + strcspn(value, COMMENTS);

	while (*p && p > value && !is_blank(p[-1]))
		p += 1 + strcspn(p + 1, COMMENTS);
	while (p > value && is_blank(p[-1]))
		p--;
	return ck_strndup(arena, value, (size_t)(p - value));
}

static int take_entry(void *data, const char *section, const char *key, const char *value)
{
	struct feed *feed = data;
	const char *equals = strchr(feed->line, '=');
	struct ck_entry *entry = add_entry(feed, section, key);

	entry->value = without_comment(feed->arena, value);
	if (equals && !feed->indented) {
		equals = skip_blanks(equals + 1);
		entry->raw = ck_strndup(feed->arena, equals, strlen(equals));
	}
	entry->continued = feed->indented;
	return 1;
}

int ck_ini_read(struct ck_arena *arena, const char *file, const char *bytes,
		size_t length,
		bool (*is_key)(const char *section, const char *word, size_t length),
		struct ck_diags *diags, struct ck_entries *ret)
{
	struct ck_entries entries = { 0 };
	struct feed feed = { .arena = arena,
			     .file = file,
			     .next = bytes,
			     .end = bytes + length,
			     .is_key = is_key,
			     .diags = diags,
			     .entries = &entries };
	size_t before = diags->count;
	int line = ini_parse_stream(next_line, &feed, take_entry, &feed);

	if (line != 0 && diags->count == before) {
		feed.number = line > 0 ? (unsigned int)line : feed.number;
		ck_diag_add(diags, where(&feed), "the line is not understood");
	}
	entries.lines = feed.number;
	*ret = entries;
	return diags->count == before ? 0 : -EINVAL;
}
