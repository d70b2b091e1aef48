/* SPDX-License-Identifier: MIT */
/* Words of a line as a shell has them. Nothing is run and nothing expanded. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "ctl-words.h"

/* One word without its quotes, at *place, which moves behind it. */
static int one_word(const char **cursor, char **place)
{
	const char *p = *cursor;
	char *out = *place;
	char quote = '\0';

	for (; *p; p++) {
		if (!quote && strchr(" \t\n", *p))
			break;
		if (!quote && (*p == '\'' || *p == '"')) {
			quote = *p;
		} else if (quote && *p == quote) {
			quote = '\0';
		} else if (*p == '\\' && quote != '\'') {
			p++;
			if (!*p)
				return -EINVAL;
			if (*p != '\n')
				*out++ = *p;
		} else {
			*out++ = *p;
		}
	}
	*out++ = '\0';
	*place = out;
	*cursor = p;
	return quote ? -EINVAL : 0;
}

int ck_shell_words(struct ck_arena *arena, const char *text, struct ck_strings *ret)
{
	/* One for all: each word takes no more than it takes in text. */
	char *place = ck_alloc(arena, strlen(text) + 2);

	for (;;) {
		const char *word = place;

		while (*text && (strchr(" \t\n", *text) || !strncmp(text, "\\\n", 2)))
			text += *text == '\\' ? 2 : 1;
		if (!*text)
			return 0;
		if (one_word(&text, &place) < 0)
			return -EINVAL;
		ck_strings_add(arena, ret, word);
	}
}

const char *ck_shell_quote(struct ck_arena *arena, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-+=:,./@";
	char *copy, *out;

	if (*word && strspn(word, plain) == strlen(word))
		return word;
	copy = out = ck_alloc(arena, strlen(word) * 4 + 3);
	*out++ = '\'';
	for (; *word; word++) {
		if (*word == '\'') {
			memcpy(out, "'\\'", 3);
			out += 3;
		}
		*out++ = *word;
	}
	*out = '\'';
	return copy;
}

/* Names, with + or - before, or all: of setpriv and capsh. */
void ck_words_change(struct ck_convert *convert, const char *list, uint64_t *mask)
{
	const char *word;
	size_t length;

	while ((length = ck_word_next(&list, &word)) != 0) {
		bool away = *word == '-', sign = away || *word == '+';
		const char *name = sign ? word + 1 : word;
		uint64_t bits = 0;
		int cap;

		length -= sign;
		cap = ck_cap_number(name, length);
		if (length == 3 && !strncasecmp(name, "all", 3))
			bits = CK_EVERY;
		else if (cap >= 0)
			bits = CK_CAP(cap);
		else
			ck_note(convert, "%.*s is no capability; left out", (int)length,
				name);
		*mask = away ? *mask & ~bits : *mask | bits;
	}
}

int ck_words_split(struct ck_convert *convert, const struct ck_input *input,
		   struct ck_words *words)
{
	struct ck_arena *arena = convert->ctl->arena;

	*words = (struct ck_words){ .convert = convert,
				    .bounding = CK_EVERY,
				    .spec = { .kind = "line",
					      .name = "line",
					      .base = CK_DOCKER_DEFAULT,
					      .malformed.arena = arena } };
	if (ck_shell_words(arena, ck_strndup(arena, input->bytes, input->length),
			   &words->list) < 0)
		return ck_ctl_fail(convert->ctl, CK_CTL_FAILED, input->name,
				   "a quote is not closed");
	return 0;
}

/* The value of option name: behind '=' or the next word; NULL where the word is another
 * option. */
const char *ck_words_value(struct ck_words *words, const char *name)
{
	const char *word = words->list.list[words->at];
	size_t length = strlen(name);

	if (!word || strncmp(word, name, length) != 0)
		return NULL;
	if (word[length] == '=')
		return word + length + 1;
	if (word[length] || words->at + 1 >= words->list.count)
		return NULL;
	words->at++;
	return words->list.list[words->at];
}

/* Whether it was quoted cannot be told any more. The launcher finds no such user and
 * refuses to start, which is better than a guess. */
const char *ck_words_plain(struct ck_convert *convert, const char *word)
{
	if (strpbrk(word, "$`"))
		ck_note(convert, "%s has a variable, which is not expanded", word);
	return word;
}

const char *ck_words_base(const char *word)
{
	const char *slash = strrchr(word, '/');

	return slash ? slash + 1 : word;
}

/* Of "sudo /usr/bin/setpriv --option" the options belong to setpriv. */
int ck_words_program(struct ck_words *words, const char *const *programs)
{
	struct ck_arena *arena = words->convert->ctl->arena;
	struct ck_text before = { .bytes = NULL };
	size_t i;

	for (i = 0; i < words->list.count; i++) {
		const char *base = ck_words_base(words->list.list[i]);

		if (ck_is_one_of(base, programs))
			break;
		if (strcmp(base, "exec") != 0)
			ck_text_add(arena, &before, " %s", words->list.list[i]);
	}
	if (i == words->list.count)
		return -ENOENT;
	if (before.length)
		ck_note(words->convert, "what stands before %s is not read:%s",
			words->list.list[i], ck_text_bytes(&before));
	words->at = i;
	return 0;
}
