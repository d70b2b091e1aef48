/* SPDX-License-Identifier: MIT */
/* The tables of keys, options and steps, and what the manual says of them. */
#include "unit.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define PAGE_1 "docs/capkeep.1"
#define PAGE_5 "docs/capkeep.ini.5"

static void every_key_has_all_that_belongs_to_it(void **state)
{
	size_t i, j;

	(void)state;
	assert_true(ck_keys_count <= CK_KEYS_MAX);
	for (i = 0; i < ck_keys_count; i++) {
		const struct ck_key *key = &ck_keys[i];

		assert_true(*key->section && *key->name && *key->help && *key->example);
		assert_non_null(key->parse);
		assert_non_null(key->print);
		assert_true(key->offset + key->size <= sizeof(struct ck_profile));
		assert_null(strchr(key->help, '\n'));
		for (j = 0; j < i; j++)
			assert_false(!strcmp(ck_keys[j].name, key->name) &&
				     !strcmp(ck_keys[j].section, key->section));
		assert_ptr_equal(ck_key_find(key->section, key->name, strlen(key->name)),
				 key);
		assert_true(ck_key_section(key->section));
		/* Sections are not mixed. */
		assert_true(i == 0 || !strcmp(ck_keys[i - 1].section, key->section) ||
			    strcmp(ck_keys[0].section, key->section) != 0);
	}
}

static void keys_are_found_whole(void **state)
{
	(void)state;
	assert_non_null(ck_key_find("process", "user", 4));
	assert_non_null(ck_key_find("process", "user = x", 4));
	assert_null(ck_key_find("process", "user", 3));
	assert_null(ck_key_find("process", "users", 5));
	assert_null(ck_key_find("process", "User", 4));
	assert_null(ck_key_find("capabilities", "user", 4));
	assert_null(ck_key_find("proces", "user", 4));
	assert_null(ck_key_find("", "user", 4));
	assert_ptr_not_equal(ck_key_find("capabilities", "keep", 4),
			     ck_key_find("environment", "keep", 4));
	assert_false(ck_key_section(""));
	assert_false(ck_key_section("Process"));
}

static int parse(const char *text, struct ck_profile *profile)
{
	ck_profile_empty("FILE", profile);
	return ck_profile_parse("FILE", text, strlen(text), &unit_diags, profile);
}

/* The values stay in the bytes: each is cut where it ends, and nothing else is written
 * but the byte behind the last line. */
static void values_stay_in_the_bytes(void **state)
{
	char bytes[] = "[profile]\ndescription = one ; two\n\n[capabilities]\n"
		       "keep = CHOWN\n  KILL # three\n[process]\nuser = unchanged?!";
	const size_t length = sizeof(bytes) - 3;
	const struct {
		const char *value, *raw;
	} wanted[] = {
		{ "one", "one ; two" },
		{ "CHOWN", "CHOWN" },
		{ "KILL", "" },
		{ "unchanged", "unchanged" },
	};
	struct ck_entries entries;
	size_t found = 0;

	(void)state;
	unit_diags.count = 0;
	assert_int_equal(ck_profile_entries("FILE", bytes, length, &unit_diags, &entries),
			 -EINVAL); /* the last line has no newline */
	for (size_t i = 0; i < entries.count; i++) {
		const struct ck_entry *entry = &entries.list[i];

		if (*entry->key == '\0')
			continue;
		assert_in_range((uintptr_t)entry->value, (uintptr_t)bytes,
				(uintptr_t)bytes + length);
		assert_string_equal(entry->value, wanted[found].value);
		assert_string_equal(entry->raw, wanted[found++].raw);
		assert_int_equal(entry->length, strlen(entry->value));
	}
	assert_int_equal(found, CK_ARRAY_SIZE(wanted));
	assert_int_equal(bytes[length], '\0');
	assert_int_equal(bytes[length + 1], '!');
	unit_diags.count = 0;
}

/* The key's own part of a profile's text. */
static const char *own_lines(const char *text, const struct ck_key *key)
{
	const char *start = strstr(text, unit_format("[%s]\n", key->section));

	assert_non_null(start);
	return strchr(start, '\n') + 1;
}

static void every_example_parses_and_prints(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ck_keys_count; i++) {
		const struct ck_key *key = &ck_keys[i];
		struct ck_profile profile, again;
		const char *text = unit_format("[%s]\n%s = %s\n", key->section, key->name,
					       key->example);

		assert_int_equal(parse(text, &profile), 0);
		assert_string_equal(unit_messages(), "");
		assert_string_equal(profile.origin[i].file, "FILE");
		assert_int_equal(profile.origin[i].line, 2);
		if (!strcmp(key->name, "include"))
			continue;
		text = ck_profile_text(&unit_arena, &profile);
		assert_int_equal(parse(text, &again), 0);
		assert_string_equal(ck_profile_text(&unit_arena, &again), text);
		assert_string_equal(own_lines(text, key),
				    unit_format("%s = %s\n", key->name,
						!strcmp(key->name, "keep") &&
								!strcmp(key->section,
									"capabilities") ?
							"SETGID SETUID NET_BIND_SERVICE" :
							key->example));
	}
}

/* Two lines of a list key append; of another they are an error. */
static void list_keys_and_others(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ck_keys_count; i++) {
		const struct ck_key *key = &ck_keys[i];
		struct ck_profile profile;
		const char *second = !strcmp(key->name, "set")	  ? "OTHER=2" :
				     !strcmp(key->name, "groups") ? "" :
								    key->example;
		int rc = parse(unit_format("[%s]\n%s = %s\n%s = %s\n", key->section,
					   key->name, key->example, key->name, second),
			       &profile);

		assert_int_equal(rc, key->list ? 0 : -EINVAL);
		if (!key->list)
			assert_string_equal(
				unit_diags.list[0].text,
				unit_format("%s is stated already in line 2", key->name));
		unit_diags.count = 0;
	}
}

/* Runs of blanks as one, without the backslashes of roff. */
static const char *normal(const char *text)
{
	char *copy = ck_strndup(&unit_arena, text, strlen(text)), *out = copy;

	for (; *text; text++) {
		if (*text == '\\')
			continue;
		if (isspace((unsigned char)*text) && out > copy && out[-1] == ' ')
			continue;
		*out++ = isspace((unsigned char)*text) ? ' ' : *text;
	}
	*out = '\0';
	return copy;
}

static const char *page(const char *name)
{
	return unit_read(unit_source(name), NULL);
}

static void the_manual_has_every_option(void **state)
{
	const char *text = page(PAGE_1);
	size_t i;

	(void)state;
	for (i = 0; i < ck_options_count; i++) {
		const struct ck_option *option = &ck_options[i];
		const char *item =
			unit_format("\n.It Fl %c , Fl -%s%s", option->letter,
				    option->name, option->argument ? " " : "\n");

		if (!strstr(text, item))
			fail_msg("%s does not list -%c, --%s", PAGE_1, option->letter,
				 option->name);
	}
}

static void the_manual_has_no_other_option(void **state)
{
	const char *text = page(PAGE_1);
	size_t items = 0;

	(void)state;
	while ((text = strstr(text, "\n.It Fl ")) != NULL) {
		text++;
		items++;
	}
	assert_int_equal(items, ck_options_count);
}

/* From the heading of the section to the next heading. */
static const char *section_of(const char *text, const char *section)
{
	const char *start =
			   strstr(text, unit_format("\n.Ss The [%s] section\n", section)),
		   *end;

	if (!start)
		fail_msg("%s has no section [%s]", PAGE_5, section);
	start = strchr(start + 1, '\n');
	end = strstr(start, "\n.S");
	return ck_strndup(&unit_arena, start,
			  end ? (size_t)(end - start) : strlen(start));
}

static void the_manual_has_every_key_in_order(void **state)
{
	const char *text = page(PAGE_5), *cursor = NULL, *section = "";
	size_t i;

	(void)state;
	for (i = 0; i < ck_keys_count; i++) {
		const struct ck_key *key = &ck_keys[i];

		if (strcmp(section, key->section) != 0)
			cursor = section_of(text, key->section);
		section = key->section;
		cursor = strstr(cursor, unit_format("\n.It Ic %s Li =", key->name));
		if (!cursor)
			fail_msg("%s does not list %s of [%s], or out of order", PAGE_5,
				 key->name, section);
	}
}

static void the_manual_has_no_other_key(void **state)
{
	const char *text = page(PAGE_5);
	size_t items = 0;

	(void)state;
	while ((text = strstr(text, "\n.It Ic ")) != NULL) {
		text++;
		items++;
	}
	assert_int_equal(items, ck_keys_count);
}

static void the_manual_has_every_step_in_order(void **state)
{
	const char *text = strstr(page(PAGE_1), "\n.Ss Steps\n"), *end;
	size_t i;

	(void)state;
	assert_non_null(text);
	end = strstr(text + 1, "\n.Ss ");
	assert_non_null(end);
	text = normal(ck_strndup(&unit_arena, text, (size_t)(end - text)));
	for (i = 0; i < CK_STEPS; i++) {
		text = strstr(text, unit_format(" .It Cm %s ", ck_steps[i].name));
		if (!text)
			fail_msg("%s does not list the step %s, or out of order", PAGE_1,
				 ck_steps[i].name);
		text = strstr(text, normal(ck_steps[i].why));
		if (!text)
			fail_msg("%s does not say why %s stands there: %s", PAGE_1,
				 ck_steps[i].name, ck_steps[i].why);
	}
	assert_null(strstr(text, " .It Cm "));
}

static void the_manual_has_every_capability_list(void **state)
{
	const char *text = page(PAGE_1);

	(void)state;
	assert_non_null(strstr(text, "\n.It Cm @docker-default\n"));
	assert_non_null(strstr(text, "\n.It Cm @oci-default\n"));
}

static void every_step_is_whole(void **state)
{
	size_t i, j;

	(void)state;
	assert_int_equal(CK_STEP_EXEC, CK_STEPS - 1);
	assert_int_equal(CK_STEP_PROBE, CK_STEPS - 2);
	assert_int_equal(CK_STEP_FILTER, CK_STEPS - 3);
	assert_int_equal(CK_STEP_VERIFY, CK_STEPS - 4);
	for (i = 0; i < CK_STEPS; i++) {
		assert_true(ck_steps[i].name && *ck_steps[i].name);
		assert_true(ck_steps[i].why && *ck_steps[i].why);
		assert_non_null(ck_steps[i].run);
		assert_non_null(ck_steps[i].tell);
		for (j = 0; j < i; j++)
			assert_string_not_equal(ck_steps[j].name, ck_steps[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_has_all_that_belongs_to_it),
		cmocka_unit_test(keys_are_found_whole),
		cmocka_unit_test(values_stay_in_the_bytes),
		cmocka_unit_test(every_example_parses_and_prints),
		cmocka_unit_test(list_keys_and_others),
		cmocka_unit_test(every_step_is_whole),
		cmocka_unit_test(the_manual_has_every_option),
		cmocka_unit_test(the_manual_has_no_other_option),
		cmocka_unit_test(the_manual_has_every_key_in_order),
		cmocka_unit_test(the_manual_has_no_other_key),
		cmocka_unit_test(the_manual_has_every_step_in_order),
		cmocka_unit_test(the_manual_has_every_capability_list),
	};

	return UNIT_RUN(tests);
}
