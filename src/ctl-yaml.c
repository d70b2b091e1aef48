/* SPDX-License-Identifier: MIT */
/*
 * YAML -> the same values as JSON. Plain words are read as YAML 1.1 has them (yes is
 * true), which errs on the side of a finding. Aliases share one value, so that nothing
 * grows; an alias within its own anchor, deep nesting and duplicate keys are refused.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "ctl-read.h"

#define DEPTH_MAX 100
#define NODES_MAX 20000000UL
#define SHARED_MAX 1000000UL /* nodes that aliases stand for */

struct yaml_reader {
	struct ck_ctl *ctl;
	const struct ck_input *input;
	const struct ck_taker *taker;
	yaml_parser_t parser;
	yaml_event_t event;
	json_t *anchors; /* name: value */
	json_t *weights; /* name: nodes in it */
	unsigned long nodes, shared;
	unsigned int depth;
	int status; /* of the taker, or CK_CTL_FAILED once it was complained */
};

static int refuse(struct yaml_reader *r, size_t line, const char *text)
{
	if (!r->status)
		r->status = ck_ctl_fail(
			r->ctl, CK_CTL_FAILED,
			ck_format(r->ctl->arena, "%s:%zu", r->input->name, line + 1),
			"is no YAML that can be read: %s", text);
	return -EINVAL;
}

static int refuse_event(struct yaml_reader *r, const char *text)
{
	return refuse(r, r->event.start_mark.line, text);
}

static int advance(struct yaml_reader *r)
{
	yaml_event_delete(&r->event);
	if (yaml_parser_parse(&r->parser, &r->event))
		return ++r->nodes > NODES_MAX ? refuse_event(r, "it is too large") : 0;
	memset(&r->event, 0, sizeof(r->event));
	return refuse(r, r->parser.problem_mark.line,
		      r->parser.problem ? r->parser.problem : "out of memory");
}

/* 0b11, and what strtoll() knows; 0o17 is YAML 1.2's, 017 that of 1.1. */
static bool whole_number(const char *text, long long *ret)
{
	bool minus = *text == '-';
	const char *digits = text + (minus || *text == '+');
	int base = 0;
	char *end;

	if (digits[0] == '0' && digits[1] && strchr("bBoO", digits[1])) {
		base = digits[1] == 'b' || digits[1] == 'B' ? 2 : 8;
		digits += 2;
		if (*digits < '0' || *digits > '7')
			return false;
	}
	errno = 0;
	*ret = strtoll(base ? digits : text, &end, base);
	if (base && minus)
		*ret = -*ret;
	return !errno && !*end;
}

/* 0.0 and 8e1 are whole as well, and readers of pods take them so. Others stay a text,
 * which no digit is lost of. */
static bool whole_float(const char *text, long long *ret)
{
	char *end;
	double value;

	if (text[strspn(text, "0123456789.eE+-")])
		return false;
	value = strtod(text, &end);
	if (*end || value > 1e15 || value < -1e15)
		return false;
	*ret = (long long)value;
	return (double)*ret >= value && (double)*ret <= value;
}

/* YAML 1.1 allows 8_080. */
static const char *without_underscores(struct ck_arena *arena, const char *text)
{
	char *copy = ck_format(arena, "%s", text), *out = copy;

	for (; *text; text++)
		if (*text != '_')
			*out++ = *text;
	*out = '\0';
	return copy;
}

static json_t *plain(struct ck_arena *arena, const char *text)
{
	static const char *const yes[] = { "true", "True", "TRUE", "yes", "Yes",
					   "YES",  "on",   "On",   "ON",  NULL };
	static const char *const no[] = { "false", "False", "FALSE", "no",  "No",
					  "NO",	   "off",   "Off",   "OFF", NULL };
	static const char *const null[] = { "", "~", "null", "Null", "NULL", NULL };
	const char *digits = text + (*text == '-' || *text == '+');
	long long value;

	if (ck_is_one_of(text, yes) || ck_is_one_of(text, no))
		return ck_json_bool(ck_is_one_of(text, yes));
	if (ck_is_one_of(text, null))
		return ck_json_text(NULL);
	digits += *digits == '.';
	if (*digits < '0' || *digits > '9')
		return ck_json_text(text);
	if (strchr(text, '_') && !text[strspn(text, "0123456789abcdefxoABCDEFXO._+-")])
		digits = without_underscores(arena, text);
	else
		digits = text;
	return whole_number(digits, &value) || whole_float(digits, &value) ?
		       ck_json_number(value) :
		       ck_json_text(text);
}

/* !!bool "true" is true, whatever its quotes. */
static bool is_tagged(const unsigned char *tag)
{
	static const char *const tags[] = { "tag:yaml.org,2002:bool",
					    "tag:yaml.org,2002:int",
					    "tag:yaml.org,2002:float",
					    "tag:yaml.org,2002:null", NULL };

	return tag && ck_is_one_of((const char *)tag, tags);
}

static json_t *scalar(struct yaml_reader *r)
{
	const char *text = (const char *)r->event.data.scalar.value;

	if (strlen(text) != r->event.data.scalar.length)
		(void)refuse_event(r, "there is a NUL character");
	if (is_tagged(r->event.data.scalar.tag) ||
	    (r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	     r->event.data.scalar.plain_implicit))
		return plain(r->ctl->arena, text);
	return ck_json_text(text);
}

static json_t *node(struct yaml_reader *r);

static json_t *sequence(struct yaml_reader *r)
{
	json_t *array = ck_json_array();

	while (advance(r) == 0 && r->event.type != YAML_SEQUENCE_END_EVENT) {
		json_t *value = node(r);

		if (!value)
			break;
		ck_json_add(array, value);
	}
	return array;
}

/* A "<<" in quotes is a key like others. */
static bool is_merge(const yaml_event_t *event)
{
	return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       !strcmp((const char *)event->data.scalar.value, "<<");
}

/* "<<": what is not stated comes from there. */
static void merge(json_t *object, const json_t *from)
{
	size_t i;

	if (json_is_object(from) &&
	    json_object_update_missing(object, (json_t *)(uintptr_t)from) < 0)
		ck_ctl_out_of_memory();
	for (i = 0; json_is_array(from) && i < json_array_size(from); i++)
		if (json_is_object(json_array_get(from, i)))
			merge(object, json_array_get(from, i));
}

/* A list's items go to the taker one by one. */
static bool hand_over_items(struct yaml_reader *r, const char *key)
{
	if (r->depth != 1 || strcmp(key, "items") != 0)
		return false;
	if (advance(r) < 0 || r->event.type != YAML_SEQUENCE_START_EVENT)
		return false;
	while (advance(r) == 0 && r->event.type != YAML_SEQUENCE_END_EVENT) {
		json_t *item = node(r);

		if (!r->status && json_is_object(item))
			r->status = r->taker->take(r->taker->arg, item);
		json_decref(item);
		if (r->status)
			break;
	}
	return true;
}

static int member(struct yaml_reader *r, json_t *object, json_t **merged, bool *is_list)
{
	char *key;
	json_t *value;
	size_t line = r->event.start_mark.line;
	bool advanced, merges;

	if (r->event.type != YAML_SCALAR_EVENT)
		return refuse_event(r, "a key is not a word");
	merges = is_merge(&r->event);
	key = ck_strndup(r->ctl->arena, (const char *)r->event.data.scalar.value,
			 r->event.data.scalar.length);
	advanced = r->depth == 1 && !strcmp(key, "items");
	if (advanced && (*is_list || json_object_get(object, key)))
		return refuse(r, line, "the key 'items' stands there twice");
	if (hand_over_items(r, key)) {
		*is_list = true;
		return r->status ? -EINVAL : 0;
	}
	if (!advanced && advance(r) < 0)
		return -EINVAL;
	value = r->status ? NULL : node(r);
	if (!value)
		return -EINVAL;
	if (merges && !*merged) {
		*merged = value;
		return 0;
	}
	if (merges || json_object_get(object, key)) {
		json_decref(value);
		return refuse(
			r, line,
			ck_format(r->ctl->arena, "the key '%s' stands there twice", key));
	}
	if (json_object_set_new(object, key, value) < 0)
		return refuse(r, line, "a key is no UTF-8");
	return 0;
}

static json_t *mapping(struct yaml_reader *r)
{
	json_t *object = ck_json_object(), *merged = NULL;
	bool is_list = false;

	while (advance(r) == 0 && r->event.type != YAML_MAPPING_END_EVENT)
		if (member(r, object, &merged, &is_list) < 0)
			break;
	if (merged)
		merge(object, merged);
	json_decref(merged);
	if (is_list && ck_is_list(object))
		json_object_clear(object); /* its items were handed over */
	return object;
}

static json_t *alias(struct yaml_reader *r)
{
	const char *name = (const char *)r->event.data.alias.anchor;
	json_t *value = json_object_get(r->anchors, name);

	if (!value)
		(void)refuse_event(r, "an alias has no anchor before it");
	/* They take no memory here, but whoever walks over them takes the time. */
	r->shared += (unsigned long)json_integer_value(json_object_get(r->weights, name));
	if (r->shared > SHARED_MAX)
		(void)refuse_event(r, "its aliases stand for too much");
	return json_incref(value);
}

static const unsigned char *anchor_of(const yaml_event_t *event)
{
	if (event->type == YAML_SCALAR_EVENT)
		return event->data.scalar.anchor;
	if (event->type == YAML_SEQUENCE_START_EVENT)
		return event->data.sequence_start.anchor;
	return event->type == YAML_MAPPING_START_EVENT ?
		       event->data.mapping_start.anchor :
		       NULL;
}

/* The node that the current event begins; NULL once something was refused. */
static json_t *node(struct yaml_reader *r)
{
	const unsigned char *name = anchor_of(&r->event);
	const unsigned long before = r->nodes + r->shared;
	char *anchor = NULL;
	json_t *value = NULL;

	if (++r->depth > DEPTH_MAX && refuse_event(r, "it is nested too deeply") < 0)
		return NULL;
	if (name)
		anchor = ck_strndup(r->ctl->arena, (const char *)name,
				    strlen((const char *)name));
	if (r->event.type == YAML_SCALAR_EVENT)
		value = scalar(r);
	else if (r->event.type == YAML_SEQUENCE_START_EVENT)
		value = sequence(r);
	else if (r->event.type == YAML_MAPPING_START_EVENT)
		value = mapping(r);
	else if (r->event.type == YAML_ALIAS_EVENT)
		value = alias(r);
	r->depth--;
	if (r->status) {
		json_decref(value);
		return NULL;
	}
	if (anchor) {
		ck_json_set(r->anchors, anchor, json_incref(value));
		ck_json_set(
			r->weights, anchor,
			ck_json_number((long long)(r->nodes + r->shared - before) + 1));
	}
	return value;
}

static void document(struct yaml_reader *r)
{
	json_t *value;
	size_t i;

	r->anchors = ck_json_object();
	r->weights = ck_json_object();
	if (advance(r) == 0) {
		value = node(r);
		if (json_is_object(value) && json_object_size(value))
			r->status = r->taker->take(r->taker->arg, value);
		for (i = 0; value && !r->status && i < json_array_size(value); i++)
			if (json_is_object(json_array_get(value, i)))
				r->status = r->taker->take(r->taker->arg,
							   json_array_get(value, i));
		json_decref(value);
	}
	json_decref(r->anchors);
	json_decref(r->weights);
}

int ck_yaml_items(struct ck_ctl *ctl, const struct ck_input *input,
		  const struct ck_taker *taker)
{
	struct yaml_reader r = { .ctl = ctl, .input = input, .taker = taker };

	if (!yaml_parser_initialize(&r.parser))
		ck_ctl_out_of_memory();
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)input->bytes,
				     input->length);
	while (!r.status && advance(&r) == 0 && r.event.type != YAML_STREAM_END_EVENT)
		if (r.event.type == YAML_DOCUMENT_START_EVENT)
			document(&r);
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	return r.status;
}
