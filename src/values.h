/* SPDX-License-Identifier: MIT */
/* values.h - what keys.c takes from values.c: parsers and printers of the kinds of
 * values. */
#ifndef VALUES_H
#define VALUES_H

#include "capkeep.h"

#define FIELD(profile, key, type) ((type *)(void *)((char *)(profile) + (key)->offset))
#define CONST_FIELD(profile, key, type) \
	((type const *)(const void *)((const char *)(profile) + (key)->offset))

/* "FILE:LINE" of the entry. */
const char *ck_value_at(const struct ck_entry *entry, struct ck_diags *diags);
/* Refuses value: "KEY: 'VALUE' is not GRAMMAR", with the nearest of words; returns
 * -EINVAL. */
int ck_value_refuse(const struct ck_entry *entry, const char *value,
		    const char *const *words, size_t count, const char *grammar,
		    struct ck_diags *diags);
const char *ck_value_join(struct ck_arena *arena, const struct ck_strings *strings,
			  const char *separator);

#define VALUE(name)                                                             \
	int parse_##name(struct ck_profile *profile, const struct ck_key *key,  \
			 const struct ck_entry *entry, struct ck_diags *diags); \
	const char *print_##name(struct ck_arena *arena,                        \
				 const struct ck_profile *profile,              \
				 const struct ck_key *key)

VALUE(text);
VALUE(boolean);
VALUE(caps);
VALUE(ambient);
VALUE(bounding);
VALUE(securebits);
VALUE(user);
VALUE(groups);
VALUE(umask);
VALUE(directory);
VALUE(fds);
VALUE(signal);
VALUE(names);
VALUE(assignment);
VALUE(limit);
VALUE(seccomp);

#endif
