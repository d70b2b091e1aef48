/* SPDX-License-Identifier: MIT */
/*
 * Text for terminals: colours, wrapping, tables. Whatever comes from outside goes through
 * ck_safe(), so that no process name and no file can move the cursor or write backwards.
 */
#include <string.h>

#include "ctl.h"

#define GAP 2U	      /* blanks between two columns of a table */
#define NARROWEST 20U /* a last column below this is not wrapped */

/* The length of the UTF-8 sequence at text and its code point; 0 where it is none. */
static size_t decode(const unsigned char *text, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length, i;
	uint32_t point;

	if (text[0] < 0x80) {
		*ret = text[0];
		return 1;
	}
	length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
	if (text[0] < 0xc2 || text[0] > 0xf4)
		return 0;
	point = text[0] & (0x7fU >> length);
	for (i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (text[i] & 0x3fU);
	}
	if (point < least[length] || point > 0x10ffff ||
	    (point >= 0xd800 && point < 0xe000))
		return 0;
	*ret = point;
	return length;
}

/* Controls (of both kinds), and what reorders, hides or breaks the line. */
static bool is_printable(uint32_t point)
{
	if (point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0xad)
		return false;
	if ((point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e))
		return false;
	return !(point >= 0x2060 && point <= 0x206f) && point != 0xfeff &&
	       point != 0x61c && !(point >= 0xfff0 && point <= 0xfffb) &&
	       (point & 0xfffe) != 0xfffe && /* no characters; XML refuses them */
	       !(point >= 0xe0000 && point <= 0xe007f);
}

const char *ck_safe(struct ck_arena *arena, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = (const unsigned char *)text;
	char *copy, *out;
	uint32_t point;
	size_t n;

	while (*p && (n = decode(p, &point)) != 0 && is_printable(point))
		p += n;
	if (!*p)
		return text;
	copy = out = ck_alloc(arena, strlen(text) * 4 + 1);
	for (p = (const unsigned char *)text; *p;) {
		n = decode(p, &point);
		if (n && is_printable(point)) {
			memcpy(out, p, n);
			out += n;
			p += n;
			continue;
		}
		for (n = n ? n : 1; n > 0; n--, p++) {
			*out++ = '\\';
			*out++ = 'x';
			*out++ = digits[*p >> 4];
			*out++ = digits[*p & 15];
		}
	}
	return copy;
}

bool ck_is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(*list, word))
			return true;
	return false;
}

unsigned int ck_columns(const char *text)
{
	unsigned int columns = 0;

	/* Continuation bytes take no column. Double width is not known here; it only
	 * misaligns. */
	for (; *text; text++)
		columns += ((unsigned char)*text & 0xc0) != 0x80;
	return columns;
}

static const char *sgr(enum ck_colour colour)
{
	switch (colour) {
	case CK_BOLD:
		return "\033[1m";
	case CK_RED:
		return "\033[31m";
	case CK_GREEN:
		return "\033[32m";
	case CK_YELLOW:
		return "\033[33m";
	case CK_DIM:
		return "\033[2m";
	case CK_PLAIN:
		break;
	}
	return "";
}

const char *ck_paint(const struct ck_ctl *ctl, enum ck_colour colour, const char *text)
{
	if (!ctl->colour || colour == CK_PLAIN)
		return text;
	return ck_format(ctl->arena, "%s%s\033[0m", sgr(colour), text);
}

void ck_print(struct ck_ctl *ctl, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	(void)vfprintf(ctl->out, format, ap); /* main() asks ferror(3) at the end */
	va_end(ap);
}

static void make_room(struct ck_arena *arena, struct ck_text *text, size_t more)
{
	size_t wanted = text->length + more + 1, room = text->room ? text->room : 256;
	char *bytes;

	if (wanted <= text->room)
		return;
	while (room < wanted)
		room *= 2;
	bytes = ck_alloc(arena, room);
	if (text->length)
		memcpy(bytes, text->bytes, text->length);
	text->bytes = bytes;
	text->room = room;
}

void ck_text_add(struct ck_arena *arena, struct ck_text *text, const char *format, ...)
{
	va_list ap, again;
	int length;

	va_start(ap, format);
	va_copy(again, ap);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		ck_ctl_out_of_memory();
	make_room(arena, text, (size_t)length);
	if (vsnprintf(text->bytes + text->length, (size_t)length + 1, format, ap) !=
	    length)
		ck_ctl_out_of_memory();
	va_end(ap);
	text->length += (size_t)length;
}

const char *ck_text_bytes(const struct ck_text *text)
{
	return text->bytes ? text->bytes : "";
}

static void blanks(struct ck_ctl *ctl, unsigned int count)
{
	ck_print(ctl, "%*s", (int)count, "");
}

void ck_print_wrapped(struct ck_ctl *ctl, unsigned int first, unsigned int indent,
		      const char *text)
{
	bool wraps = ctl->width >= indent + NARROWEST, begun = first > indent;
	unsigned int column = first;

	if (!begun && first < indent)
		blanks(ctl, indent - first);
	column = begun ? first : indent;
	begun = false;
	while (*text) {
		size_t length = strcspn(text, " \n");
		unsigned int columns = ck_columns(ck_strndup(ctl->arena, text, length));

		if (begun && wraps && column + 1 + columns > ctl->width) {
			ck_print(ctl, "\n");
			blanks(ctl, indent);
			column = indent;
			begun = false;
		}
		ck_print(ctl, "%s%.*s", begun ? " " : "", (int)length, text);
		column += columns + begun;
		begun = true;
		text += length;
		if (*text == '\n') {
			ck_print(ctl, "\n");
			blanks(ctl, text[1] ? indent : 0);
			column = indent;
			begun = false;
		}
		text += *text ? 1 : 0;
	}
	ck_print(ctl, "\n");
}

void ck_table_begin(struct ck_table *table, struct ck_ctl *ctl,
		    const struct ck_column *columns, size_t ncolumns)
{
	*table =
		(struct ck_table){ .ctl = ctl, .columns = columns, .ncolumns = ncolumns };
}

void ck_table_add(struct ck_table *table, enum ck_colour colour, const char *text)
{
	struct ck_arena *arena = table->ctl->arena;

	table->cells = ck_grow(arena, table->cells, table->count, &table->room,
			       sizeof(*table->cells));
	table->cells[table->count++] = (struct ck_cell){ ck_safe(arena, text), colour };
}

static unsigned int widest(const struct ck_table *table, size_t column)
{
	unsigned int most = ck_columns(table->columns[column].title), one;
	size_t i;

	for (i = column; i < table->count; i += table->ncolumns) {
		one = ck_columns(table->cells[i].text);
		most = one > most ? one : most;
	}
	return most;
}

static void print_row(const struct ck_table *table, const struct ck_cell *cells,
		      const unsigned int *widths)
{
	struct ck_ctl *ctl = table->ctl;
	unsigned int column = 0;
	size_t i, last = table->ncolumns - 1;

	for (i = 0; i < last; i++) {
		unsigned int pad = widths[i] - ck_columns(cells[i].text);

		if (table->columns[i].right)
			blanks(ctl, pad);
		ck_print(ctl, "%s", ck_paint(ctl, cells[i].colour, cells[i].text));
		blanks(ctl, GAP + (table->columns[i].right ? 0 : pad));
		column += widths[i] + GAP;
	}
	if (ctl->colour && cells[last].colour != CK_PLAIN)
		ck_print(ctl, "%s", sgr(cells[last].colour));
	ck_print_wrapped(ctl, column, column, cells[last].text);
	if (ctl->colour && cells[last].colour != CK_PLAIN)
		ck_print(ctl, "\033[0m");
}

void ck_table_print(const struct ck_table *table)
{
	struct ck_arena *arena = table->ctl->arena;
	unsigned int *widths = ck_alloc_array(arena, table->ncolumns, sizeof(*widths));
	struct ck_cell *titles = ck_alloc_array(arena, table->ncolumns, sizeof(*titles));
	size_t i;

	for (i = 0; i < table->ncolumns; i++) {
		widths[i] = widest(table, i);
		titles[i] = (struct ck_cell){ table->columns[i].title, CK_BOLD };
	}
	print_row(table, titles, widths);
	for (i = 0; i < table->count; i += table->ncolumns)
		print_row(table, &table->cells[i], widths);
}
