/* SPDX-License-Identifier: MIT */
/* ctl-words.h - what the readers of lines share. */
#ifndef CTL_WORDS_H
#define CTL_WORDS_H

#include "ctl-convert.h"

struct ck_words {
	struct ck_convert *convert;
	struct ck_strings list;
	size_t at;
	struct ck_spec spec;
	uint64_t bounding, ambient, caps;
	const char *ruid, *euid, *rgid, *egid; /* of setpriv; NULL: as they are */
	bool has_caps, noroot;
};

/* 0 or an exit status. */
int ck_words_split(struct ck_convert *convert, const struct ck_input *input,
		   struct ck_words *words) CK_MUST_USE;
/* Sets at to the first word that is one of these programs; -ENOENT. */
int ck_words_program(struct ck_words *words, const char *const *programs) CK_MUST_USE;
/* The value of option name: behind '=' or the next word; NULL where the word is another
 * option. */
const char *ck_words_value(struct ck_words *words, const char *name);
/* Names, with + or - before, or all: of setpriv and capsh. */
void ck_words_change(struct ck_convert *convert, const char *list, uint64_t *mask);
/* A user, group or directory as it stands; what a shell would expand is noted. */
const char *ck_words_plain(struct ck_convert *convert, const char *word);
/* What stands behind the last slash. */
const char *ck_words_base(const char *word);

#endif
