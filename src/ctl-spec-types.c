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

static bool is_mapping(const json_t *value)
{
	return json_is_object(value);
}

static bool is_word(const json_t *value)
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

/* y and n: see ck_json_true(). */
static bool is_boolean(const json_t *value)
{
	const char *text = json_string_value(value);

	return json_is_boolean(value) ||
	       (text && (!strcasecmp(text, "y") || !strcasecmp(text, "n")));
}

static const struct {
	bool (*good)(const json_t *value); /* of a list: each of it */
	bool list;
	const char *wanted;
} types[] = {
	[CK_TYPE_BOOLEAN] = { is_boolean, false, "true or false" },
	[CK_TYPE_ID] = { is_id, false, "a name or a number" },
	[CK_TYPE_IDS] = { is_id, true, "a list of names or numbers" },
	[CK_TYPE_MAPPING] = { is_mapping, false, "a mapping" },
	[CK_TYPE_MAPPINGS] = { is_mapping, true, "a list of mappings" },
	[CK_TYPE_NUMBER] = { is_number, false, "a whole number" },
	[CK_TYPE_NUMBERS] = { is_number, true, "a list of whole numbers" },
	[CK_TYPE_WORDS] = { is_word, true, "a list of words" },
};

static bool has_type(const json_t *value, enum ck_type type)
{
	bool good = json_is_array(value);
	size_t i;

	if (!types[type].list)
		return types[type].good(value);
	for (i = 0; i < json_array_size(value); i++)
		good = good && types[type].good(json_array_get(value, i));
	return good;
}

const json_t *ck_member(struct ck_malformed *malformed, const json_t *object,
			const char *key, enum ck_type type)
{
	const json_t *value = json_object_get(object, key);

	if (!value || json_is_null(value))
		return NULL;
	if (has_type(value, type))
		return value;
	ck_malformed_add(malformed, key, types[type].wanted);
	return NULL;
}

bool ck_bool_of(struct ck_malformed *malformed, const json_t *object, const char *key)
{
	return ck_member(malformed, object, key, CK_TYPE_BOOLEAN) &&
	       ck_json_true(object, key);
}
