/* SPDX-License-Identifier: MIT */
/* ctl-read.h - JSON and YAML of others, one item at a time; hostile until proven
 * otherwise. */
#ifndef CTL_READ_H
#define CTL_READ_H

#include "ctl.h"

struct ck_input {
	const char *name; /* for messages; "standard input" for - */
	char *bytes;
	size_t length, room; /* room: of the mapping */
};

/* Takes one item and returns 0, or an exit status that ends the reading. */
struct ck_taker {
	int (*take)(void *arg, json_t *item);
	void *arg;
};

/* path "-" is standard input. Returns 0 or an exit status, complained about. */
int ck_input_open(struct ck_ctl *ctl, const char *path, struct ck_input *ret) CK_MUST_USE;
void ck_input_close(struct ck_input *input);
bool ck_input_is_json(const struct ck_input *input);
/* Is an object with "items" a list, or did somebody add them to a pod to hide it? */
bool ck_is_list(const json_t *object);
/* Hands over every object: of an array its elements, of an object with an array "items"
 * these, of several documents all. Of JSON only one item is in memory at a time. */
int ck_items(struct ck_ctl *ctl, const struct ck_input *input,
	     const struct ck_taker *taker) CK_MUST_USE;
/* The same of YAML. */
int ck_yaml_items(struct ck_ctl *ctl, const struct ck_input *input,
		  const struct ck_taker *taker) CK_MUST_USE;

#endif
