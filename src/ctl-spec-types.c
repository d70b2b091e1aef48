/* SPDX-License-Identifier: MIT */
/* Members of JSON and YAML with the type that they have to have. What is absent or null
 * is nothing; what has another type must not be read as nothing: it is collected, and the
 * callers refuse it. */
#include <string.h>
#include <strings.h>

#include "ctl-spec.h"

void ck_malformed_add(struct ck_malformed *malformed, const char *key, const char *wanted)
{
	ck_strings_add(malformed->arena, &malformed->list,
		       ck_format(malformed->arena, "%s has to be %s", key, wanted));
}

/* The value where good takes it, else NULL. */
static const json_t *value_of(struct ck_malformed *malformed, const json_t *object,
			      const char *key, bool (*good)(const json_t *value),
			      const char *wanted)
{
	const json_t *value = json_object_get(object, key);

	if (!value || json_is_null(value))
		return NULL;
	if (good(value))
		return value;
	ck_malformed_add(malformed, key, wanted);
	return NULL;
}

static bool is_object(const json_t *value)
{
	return json_is_object(value);
}

static bool is_text(const json_t *value)
{
	return json_is_string(value);
}

/* Ids, masks: no negative ones. */
static bool is_number(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool is_id(const json_t *value)
{
	return json_is_string(value) || json_is_integer(value);
}

/* Is it a list in which good takes everything? */
static bool is_list_of(const json_t *value, bool (*good)(const json_t *value))
{
	bool all = json_is_array(value);
	size_t i;

	for (i = 0; i < json_array_size(value); i++)
		all = all && good(json_array_get(value, i));
	return all;
}

static bool are_texts(const json_t *value)
{
	return is_list_of(value, is_text);
}

static bool are_ids(const json_t *value)
{
	return is_list_of(value, is_id);
}

static bool are_numbers(const json_t *value)
{
	return is_list_of(value, is_number);
}

static bool are_objects(const json_t *value)
{
	return is_list_of(value, is_object);
}

/* y and n: see ck_json_true(). */
static bool is_boolean(const json_t *value)
{
	const char *text = json_string_value(value);

	return json_is_boolean(value) ||
	       (text && (!strcasecmp(text, "y") || !strcasecmp(text, "n")));
}

bool ck_bool_of(struct ck_malformed *malformed, const json_t *object, const char *key)
{
	return value_of(malformed, object, key, is_boolean, "true or false") &&
	       ck_json_true(object, key);
}

const json_t *ck_object_of(struct ck_malformed *malformed, const json_t *object,
			   const char *key)
{
	return value_of(malformed, object, key, is_object, "a mapping");
}

const json_t *ck_texts_of(struct ck_malformed *malformed, const json_t *object,
			  const char *key)
{
	return value_of(malformed, object, key, are_texts, "a list of words");
}

const json_t *ck_objects_of(struct ck_malformed *malformed, const json_t *object,
			    const char *key)
{
	return value_of(malformed, object, key, are_objects, "a list of mappings");
}

const json_t *ck_id_of(struct ck_malformed *malformed, const json_t *object,
		       const char *key)
{
	return value_of(malformed, object, key, is_id, "a name or a number");
}

const json_t *ck_ids_of(struct ck_malformed *malformed, const json_t *object,
			const char *key)
{
	return value_of(malformed, object, key, are_ids, "a list of names or numbers");
}

const json_t *ck_number_of(struct ck_malformed *malformed, const json_t *object,
			   const char *key)
{
	return value_of(malformed, object, key, is_number, "a whole number");
}

const json_t *ck_numbers_of(struct ck_malformed *malformed, const json_t *object,
			    const char *key)
{
	return value_of(malformed, object, key, are_numbers, "a list of whole numbers");
}
