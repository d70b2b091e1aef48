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
	const char *file;
	char *next, *end;
	bool (*is_key)(const char *section, const char *word, size_t length);
	struct ck_diags *diags;
	struct ck_entries *entries;
	char *line;	   /* the current one; a NUL takes the place of its newline */
	size_t length;	   /* of it */
	const char *value; /* in it; NULL: none */
	char section[WORD_SIZE + 1];
	const char *key; /* the last that inih has read */
	size_t key_length;
	unsigned int number;
	bool same_key;	/* the current line states it again */
	bool indented;	/* the current line continues the one before */
	bool marked;	/* there may be a comment in it */
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

static bool starts_comment(const char *p)
{
	return *p == COMMENTS[0] || *p == COMMENTS[1];
}

static const char *skip_blanks(const char *p)
{
	while (is_blank(*p))
		p++;
	return p;
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

/* Sixteen bytes at once, one register of x86_64 or aarch64; comparisons give -1 or 0. */
typedef int8_t block __attribute__((vector_size(16)));
typedef uint64_t halves __attribute__((vector_size(16)));

/* How many of sixteen bytes stand before the first that is no printable character of
 * ASCII, or starts a comment. Both machines are little-endian. */
static inline size_t plain_bytes(const char *p)
{
	halves odd;
	block bytes;

	memcpy(&bytes, p, sizeof(bytes));
	odd = (halves)((bytes < 0x20) | (bytes == 0x7f) | (bytes == COMMENTS[0]) |
		       (bytes == COMMENTS[1]));
	if (odd[0] != 0)
		return (size_t)__builtin_ctzll(odd[0]) / 8;
	return odd[1] != 0 ? 8 + (size_t)__builtin_ctzll(odd[1]) / 8 : sizeof(block);
}

/* Stops early at the end of the bytes. */
static size_t count_plain(const char *p, size_t left)
{
	size_t count = 0, more = sizeof(block);

	for (; more == sizeof(block) && left - count >= sizeof(block); count += more)
		more = plain_bytes(p + count);
	return count;
}

/* The first bytes are known to be plain. */
static bool check_bytes(struct feed *feed, const char *line, size_t plain, size_t length)
{
	size_t i, n;

	for (i = plain; i < length; i += n) {
		const unsigned char *p = (const unsigned char *)line + i;

		n = count_plain(line + i, length - i);
		if (n != 0)
			continue;
		n = 1;
		feed->marked = feed->marked || starts_comment(line + i);
		if (*p >= 0x20 && *p < 0x7f)
			continue;
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

/* Neighbours of the same section or key share the string, see ck_profile_take(). */
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
	*entry = (struct ck_entry){ .section = before->section,
				    .key = before->key,
				    .value = "",
				    .raw = "",
				    .origin = { feed->file, feed->number },
				    .continued = feed->indented };
	if (feed->indented || feed->same_key)
		return entry;
	entry->section = shared(feed, before->section, section);
	entry->key = shared(feed, before->key, key);
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

static bool check_indented(struct feed *feed, const char *text)
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
	feed->value = text;
	return true;
}

static bool check_key(struct feed *feed, const char *line)
{
	bool same = feed->have_key && feed->length >= feed->key_length &&
		    !memcmp(line, feed->key, feed->key_length);
	size_t length = same ? feed->key_length : 0;
	const char *equals;

	while (is_word(line[length]))
		length++;
	equals = skip_blanks(line + length);
	if (length == 0 || *equals != '=') {
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
	feed->value = skip_blanks(equals + 1);
	feed->same_key = same && length == feed->key_length;
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

static bool take_line(struct feed *feed, char *bytes, size_t plain, size_t length)
{
	if (feed->number == 1 && length >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3)) {
		bytes += 3; /* a byte order mark is harmless, but inih would count it */
		length -= 3;
	}
	feed->indented = feed->marked = feed->same_key = false;
	feed->value = NULL;
	if (!check_bytes(feed, bytes, plain, length))
		return false;
	if (length > CK_LINE_MAX) {
		ck_diag_add(feed->diags, where(feed),
			    "the line has %zu bytes, at most %d are read; "
			    "lists may go on in indented lines",
			    length, CK_LINE_MAX);
		return false;
	}
	bytes[length] = '\0';
	feed->line = bytes;
	feed->length = length;
	return check_line(feed, bytes);
}

/* What inih has to see: sections and keys. It takes a comment for the end of a value with
 * ';' only, and none in continuation lines, so that values are read here and it gets a
 * word in their place. A key that is stated again goes on, to inih, which is spared the
 * search for its end. */
static char *structure_of(const struct feed *feed, char *buffer)
{
	size_t length = feed->value ? (size_t)(feed->value - feed->line) : feed->length;

	if (feed->indented || feed->same_key)
		length = 1;
	memcpy(buffer, feed->same_key ? " " : feed->line, length);
	memcpy(buffer + length, feed->value ? "x\n" : "\n", feed->value ? 3 : 2);
	return buffer;
}

/* In place of fgets(3) for inih. */
static char *next_line(char *buffer, int size, void *data)
{
	struct feed *feed = data;
	size_t left = (size_t)(feed->end - feed->next), plain, length;
	char *newline;

	if (left == 0)
		return NULL;
	feed->number++;
	plain = count_plain(feed->next, left);
	newline = plain < left && feed->next[plain] == '\n' ?
			  feed->next + plain :
			  memchr(feed->next + plain, '\n', left - plain);
	length = (size_t)((newline ? newline : feed->end) - feed->next);
	if (!newline)
		ck_diag_add(feed->diags, where(feed),
			    "the last line has no newline at its end; the "
			    "file may be cut short");
	if ((int)length + 3 > size && length <= CK_LINE_MAX)
		ck_diag_add(feed->diags, where(feed),
			    "this build of inih reads only %d bytes", size - 3);
	if (!take_line(feed, feed->next, plain, length) || (int)length + 3 > size) {
		/* What would go on with a line that was refused is of no interest. */
		feed->skip_rest = feed->skip_rest || !feed->indented;
		feed->length = 0;
		feed->value = NULL;
		feed->indented = feed->same_key = false;
	}
	feed->next += length + (newline ? 1 : 0);
	return structure_of(feed, buffer);
}

/* Length of a value without comment and without the blanks before it. */
static size_t bare_length(const char *value, size_t length, bool marked)
{
	size_t end = marked ? 0 : length;

	while (end < length &&
	       !(starts_comment(value + end) && (end == 0 || is_blank(value[end - 1]))))
		end++;
	while (end > 0 && is_blank(value[end - 1]))
		end--;
	return end;
}

static int take_entry(void *data, const char *section, const char *key, const char *value)
{
	struct feed *feed = data;
	struct ck_entry *entry;
	size_t length, bare;

	(void)value; /* see structure_of() */
	if (!feed->value)
		return 0; /* built otherwise, inih may find one where there is none */
	length = feed->length - (size_t)(feed->value - feed->line);
	bare = bare_length(feed->value, length, feed->marked);
	entry = add_entry(feed, section, key);
	entry->value = feed->value;
	entry->length = (unsigned int)bare;
	if (!feed->indented)
		entry->raw = bare == length ?
				     entry->value :
				     ck_strndup(feed->arena, feed->value, length);
	feed->line[feed->length - length + bare] = '\0';
	if (feed->key != entry->key) {
		feed->key = entry->key;
		feed->key_length = strlen(entry->key);
	}
	return 1;
}

int ck_ini_read(struct ck_arena *arena, const char *file, char *bytes, size_t length,
		bool (*is_key)(const char *section, const char *word, size_t length),
		struct ck_diags *diags, struct ck_entries *ret)
{
	struct ck_entries entries = { .room = 8 + (length < 8192 ? length / 64 : 128) };
	struct feed feed = { .arena = arena,
			     .file = file,
			     .is_key = is_key,
			     .key = "",
			     .diags = diags,
			     .entries = &entries };
	size_t before = diags->count;
	int line;

	feed.line = feed.next = bytes;
	feed.end = bytes + length;
	/* About as many as there will be: to grow takes new memory each time. */
	entries.list = ck_alloc_array(arena, entries.room, sizeof(*entries.list));
	line = ini_parse_stream(next_line, &feed, take_entry, &feed);
	if (line != 0 && diags->count == before) {
		feed.number = line > 0 ? (unsigned int)line : feed.number;
		ck_diag_add(diags, where(&feed), "the line is not understood");
	}
	entries.lines = feed.number;
	*ret = entries;
	return diags->count == before ? 0 : -EINVAL;
}
