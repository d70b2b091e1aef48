/* SPDX-License-Identifier: MIT */
/* JSON for programs: always valid, always ASCII, whatever a process calls itself. */
#include <string.h>

#include "ctl.h"

static json_t *must(json_t *value)
{
	if (!value)
		ck_ctl_out_of_memory();
	return value;
}

json_t *ck_json_text(const char *text)
{
	struct ck_arena arena = { .out_of_memory = ck_ctl_out_of_memory };
	json_t *value;

	if (!text)
		return must(json_null());
	value = json_string(text);
	if (!value) /* no UTF-8 */
		value = json_string(ck_safe(&arena, text));
	ck_arena_free(&arena);
	return must(value);
}

json_t *ck_json_number(long long number)
{
	return must(json_integer(number));
}

json_t *ck_json_bool(bool value)
{
	return must(json_boolean(value));
}

json_t *ck_json_object(void)
{
	return must(json_object());
}

json_t *ck_json_array(void)
{
	return must(json_array());
}

void ck_json_set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		ck_ctl_out_of_memory();
}

void ck_json_add(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) < 0)
		ck_ctl_out_of_memory();
}

json_t *ck_json_caps(uint64_t mask)
{
	struct ck_arena arena = { .out_of_memory = ck_ctl_out_of_memory };
	json_t *object = ck_json_object(), *names = ck_json_array();
	unsigned int cap;

	for (cap = 0; cap < CK_CAP_BITS; cap++)
		if (mask & CK_CAP(cap))
			ck_json_add(names, ck_json_text(ck_cap_label(&arena, cap)));
	ck_json_set(object, "mask",
		    ck_json_text(ck_format(&arena, "0x%llx", (unsigned long long)mask)));
	ck_json_set(object, "names", names);
	ck_arena_free(&arena);
	return object;
}

json_t *ck_json_sets(const struct ck_sets *sets)
{
	json_t *object = ck_json_object();

	ck_json_set(object, "bounding", ck_json_caps(sets->bounding));
	ck_json_set(object, "permitted", ck_json_caps(sets->permitted));
	ck_json_set(object, "effective", ck_json_caps(sets->effective));
	ck_json_set(object, "inheritable", ck_json_caps(sets->inheritable));
	ck_json_set(object, "ambient", ck_json_caps(sets->ambient));
	return object;
}

json_t *ck_json_diags(const struct ck_diags *diags)
{
	json_t *array = ck_json_array();
	size_t i;

	for (i = 0; i < diags->count; i++) {
		json_t *one = ck_json_object();

		ck_json_set(one, "where", ck_json_text(diags->list[i].where));
		ck_json_set(one, "text", ck_json_text(diags->list[i].text));
		ck_json_add(array, one);
	}
	return array;
}

void ck_json_print(struct ck_ctl *ctl, json_t *value)
{
	/* A write that fails shows in ferror(3), which main() asks. */
	(void)json_dumpf(value, ctl->out, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	ck_print(ctl, "\n");
	json_decref(value);
}

int ck_facts_print(const struct ck_table *table, json_t *array)
{
	if (table->ctl->json) {
		ck_json_print(table->ctl, array);
		return CK_CTL_FINE;
	}
	json_decref(array);
	ck_table_print(table);
	return CK_CTL_FINE;
}
