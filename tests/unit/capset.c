/* SPDX-License-Identifier: MIT */
/* The table of capabilities, against libcap-ng and the kernel's header, and lists of
 * them. */
#include "unit.h"

#include <cap-ng.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEADER "/usr/include/linux/capability.h"

/* docker's default, in the order of its documentation. */
static const unsigned int docker[] = {
	CAP_AUDIT_WRITE, CAP_CHOWN,   CAP_DAC_OVERRIDE,	    CAP_FOWNER,	    CAP_FSETID,
	CAP_KILL,	 CAP_MKNOD,   CAP_NET_BIND_SERVICE, CAP_NET_RAW,    CAP_SETFCAP,
	CAP_SETGID,	 CAP_SETPCAP, CAP_SETUID,	    CAP_SYS_CHROOT,
};
static const unsigned int oci[] = { CAP_AUDIT_WRITE, CAP_KILL, CAP_NET_BIND_SERVICE };

static uint64_t mask_of(const unsigned int *list, size_t count)
{
	uint64_t mask = 0;

	while (count--)
		mask |= CK_CAP(list[count]);
	return mask;
}

static int number(const char *name)
{
	return ck_cap_number(name, strlen(name));
}

static void names_are_those_of_libcap_ng(void **state)
{
	unsigned int cap;

	(void)state;
	for (cap = 0; cap <= CAP_LAST_CAP; cap++) {
		const char *theirs = capng_capability_to_name(cap),
			   *ours = ck_cap_name(cap);

		assert_non_null(ours);
		assert_non_null(theirs);
		assert_int_equal(strcasecmp(theirs, ours), 0);
		assert_int_equal(capng_name_to_capability(ours), (int)cap);
		assert_int_equal(number(ours), (int)cap);
	}
	for (; cap < 100; cap++)
		assert_null(ck_cap_name(cap));
	assert_null(ck_cap_name(UINT32_MAX));
}

/* Lines "#define CAP_CHOWN            0" of the kernel's header. */
static void names_are_those_of_the_kernel(void **state)
{
	const char *line = unit_read(HEADER, NULL);
	unsigned int seen = 0;

	(void)state;
	for (; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		char name[64], value[16];

		if (sscanf(line, "#define CAP_%63[A-Z_] %15[0-9]", name, value) != 2)
			continue;
		assert_int_equal(number(name), atoi(value));
		assert_string_equal(ck_cap_name((unsigned int)atoi(value)), name);
		seen++;
	}
	assert_int_equal(seen, CAP_LAST_CAP + 1);
}

static void every_spelling_of_a_name(void **state)
{
	static const char *const none[] = {
		"",	"CAP_",	  "CAP",   "CAP_CAP_CHOWN", "CHOWN ",	" CHOWN",
		"CHOW", "CHOWNX", "0",	   "CAP-CHOWN",	    "CAPCHOWN", "NET-RAW",
		"all",	"none",	  "NET_*", "CAP_0"
	};
	size_t i;

	(void)state;
	assert_int_equal(number("NET_RAW"), CAP_NET_RAW);
	assert_int_equal(number("net_raw"), CAP_NET_RAW);
	assert_int_equal(number("CAP_NET_RAW"), CAP_NET_RAW);
	assert_int_equal(number("cap_net_raw"), CAP_NET_RAW);
	assert_int_equal(number("Cap_Net_Raw"), CAP_NET_RAW);
	assert_int_equal(ck_cap_number("CHOWN,KILL", 5), CAP_CHOWN);
	assert_int_equal(ck_cap_number("SYS_TIME", 7), -1);
	for (i = 0; i < CK_ARRAY_SIZE(none); i++)
		assert_int_equal(number(none[i]), -1);
}

static void labels_and_texts(void **state)
{
	(void)state;
	assert_string_equal(ck_cap_label(&unit_arena, 0), "CHOWN");
	assert_string_equal(ck_cap_label(&unit_arena, 40), "CHECKPOINT_RESTORE");
	assert_string_equal(ck_cap_label(&unit_arena, 41), "41");
	assert_string_equal(ck_cap_label(&unit_arena, 63), "63");
	assert_string_equal(ck_cap_text(&unit_arena, 0), "none");
	assert_string_equal(ck_cap_text(&unit_arena, 1), "CHOWN");
	assert_string_equal(ck_cap_text(&unit_arena, 0x2020), "KILL NET_RAW");
	assert_string_equal(
		ck_cap_text(&unit_arena, CK_CAP(63) | CK_CAP(40) | CK_CAP(41)),
		"CHECKPOINT_RESTORE 41 63");
}

static void presets_are_the_published_lists(void **state)
{
	uint64_t mask = 7;

	(void)state;
	assert_true(ck_cap_preset("@docker-default", 15, &mask));
	assert_true(mask == mask_of(docker, CK_ARRAY_SIZE(docker)));
	assert_int_equal(__builtin_popcountll(mask), 14);
	assert_true(ck_cap_preset("@oci-default", 12, &mask));
	assert_true(mask == mask_of(oci, CK_ARRAY_SIZE(oci)));
	mask = 7;
	assert_false(ck_cap_preset("@docker", 7, &mask));
	assert_false(ck_cap_preset("@docker-default", 14, &mask));
	assert_false(ck_cap_preset("@Docker-Default", 15, &mask));
	assert_false(ck_cap_preset("", 0, &mask));
	assert_true(mask == 7);
}

/* What a list adds to; the rest of it is in tests/data. */
static void lists_add_up(void **state)
{
	static const struct ck_origin origin = { "-k", 0 };
	struct ck_caps caps = { 0 };

	(void)state;
	assert_int_equal(ck_caps_add(&caps, "chown, CAP_KILL", &origin, &unit_diags), 0);
	assert_true(caps.mask == (CK_CAP(CAP_CHOWN) | CK_CAP(CAP_KILL)));
	assert_int_equal(caps.words, 2);
	assert_int_equal(ck_caps_add(&caps, "@oci-default -KILL", &origin, &unit_diags),
			 0);
	assert_true(caps.mask == (CK_CAP(CAP_CHOWN) | CK_CAP(CAP_AUDIT_WRITE) |
				  CK_CAP(CAP_NET_BIND_SERVICE)));
	assert_int_equal(ck_caps_add(&caps, "-CHOWN", &origin, &unit_diags), 0);
	assert_false(caps.mask & CK_CAP(CAP_CHOWN));
	assert_int_equal(ck_caps_add(&caps, " ,, ", &origin, &unit_diags), 0);
	assert_int_equal(caps.words, 5);
	assert_string_equal(unit_messages(), "");
	assert_true(ck_caps_add(&caps, "none", &origin, &unit_diags) < 0);
	assert_string_equal(
		unit_messages(),
		"capkeep: -k: 'none' stands alone, other names contradict it\n");
}

static void options_replace_keep_and_optional(void **state)
{
	struct ck_profile profile;

	(void)state;
	ck_profile_default(&profile);
	profile.optional.mask = 1;
	profile.optional.words = 1;
	assert_int_equal(ck_profile_keep(&profile, "KILL", &unit_diags), 0);
	assert_true(profile.keep.mask == CK_CAP(CAP_KILL));
	assert_true(profile.optional.mask == 0 && profile.optional.words == 0);
	assert_int_equal(ck_profile_complete(&profile, &unit_diags), 0);
	assert_int_equal(ck_profile_keep(&profile, "none", &unit_diags), 0);
	assert_true(profile.keep.mask == 0);
	assert_string_equal(unit_messages(), "");
	assert_true(ck_profile_keep(&profile, ", ", &unit_diags) < 0);
	assert_true(ck_profile_keep(&profile, "KIL", &unit_diags) < 0);
	assert_true(ck_profile_keep(&profile, "ALL", &unit_diags) < 0);
	assert_int_equal(unit_diags.count, 3);
	assert_string_equal(unit_diags.list[0].text,
			    "the list is empty; write 'none' to keep nothing");
	assert_string_equal(unit_diags.list[1].text,
			    "unknown capability 'KIL', did you mean KILL?");
	assert_string_equal(unit_diags.list[1].where, "-k");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_those_of_libcap_ng),
		cmocka_unit_test(names_are_those_of_the_kernel),
		cmocka_unit_test(every_spelling_of_a_name),
		cmocka_unit_test(labels_and_texts),
		cmocka_unit_test(presets_are_the_published_lists),
		cmocka_unit_test(lists_add_up),
		cmocka_unit_test(options_replace_keep_and_optional),
	};

	return UNIT_RUN(tests);
}
