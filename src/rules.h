/* SPDX-License-Identifier: MIT */
/* rules.h - between rules.c and rules-keys.c (what the entries say) and resolve.c (what
 * follows from them). */
#ifndef CAPKEEP_RULES_H
#define CAPKEEP_RULES_H

#include "capkeep.h"

/* What was said last about a group word. */
struct ck_said {
	bool allow, deny;
	uint32_t action;
	struct ck_origin origin;
};

struct ck_reader {
	struct ck_arena *arena;
	const struct ck_filter_input *input;
	struct ck_diags *diags;
	struct ck_rules *rules;
	struct ck_said said[CK_GROUP_WORDS];
	const struct ck_filter_entry *flags; /* the last line of that key */
	int last;			     /* call that was named, or -1 */
	struct ck_rule *bare;		     /* shared by the bare names of that entry */
	const struct ck_filter_entry *bare_of;
	struct ck_rule *denials; /* the last first */
	bool failed;
};

#define ck_rules_refuse(reader, entry, ...)                                             \
	((reader)->failed = true,                                                       \
	 ck_diag_add((reader)->diags,                                                   \
		     ck_format((reader)->arena, "%s:%u", (entry)->file, (entry)->line), \
		     __VA_ARGS__))

/* rules.c: the end of a word of allow or deny; blanks within parentheses belong to it.
 * NULL: they are not closed. */
const char *ck_rules_word_end(const char *text);
/* rules-keys.c: reads an entry of a key with one value. */
void ck_rules_key(struct ck_reader *reader, const struct ck_filter_entry *entry);
/* A rule that denies, whose action may be that of default. */
void ck_rules_keep(struct ck_reader *reader, struct ck_rule *denial);
/* Fills what the rule model derives: the state of groups, followed capabilities, default
 * actions. */
void ck_rules_resolve(struct ck_reader *reader);

#endif
