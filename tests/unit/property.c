/* SPDX-License-Identifier: MIT */
/*
 * Random profiles: what is accepted, printed and read again gives the same plan, or the
 * same refusals, in a random process; and what is planned is what profile and process ask
 * for.
 */
#include "scene.h"

#include <linux/securebits.h>
#include <string.h>

#define RUNS 5000

static uint64_t seed;
static struct scene scene;

static size_t pick(size_t below)
{
	return (size_t)(unit_random(&seed) >> 20) % below;
}

static const char *one_of(const char *const *words, size_t count)
{
	return words[pick(count)];
}
#define ONE_OF(...)                                  \
	one_of((const char *const[]){ __VA_ARGS__ }, \
	       CK_ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })))

static const char *some_caps(void)
{
	const char *text = ONE_OF("", "", "", "@docker-default", "@oci-default");
	bool preset = *text;
	size_t n = pick(6);

	while (n--) {
		const char *name = ck_cap_name((unsigned int)pick(41));

		text = unit_format(
			"%s%s%s%s", text, ONE_OF(" ", ",", "\n\t", " ; why\n "),
			preset && pick(3) == 0 ? "-" : ONE_OF("", "CAP_"), name);
	}
	return *text ? text : "none";
}

static const char *some_groups(void)
{
	const char *text = ONE_OF("none", "unchanged", "");
	size_t n = *text ? 0 : pick(4) + 1;

	while (n--)
		text = unit_format("%s%u ", text, (unsigned int)pick(6));
	return text;
}

static const char *some_securebits(void)
{
	const char *text = "";
	size_t n = pick(4);

	while (n--)
		text = unit_format("%s %s", text,
				   ONE_OF("noroot", "no-setuid-fixup", "no-ambient-raise",
					  "keep-caps-off"));
	return text;
}

static const char *some_limit(void)
{
	switch (pick(5)) {
	case 0:
		return "unlimited";
	case 1:
		return unit_format("%zu:unlimited", pick(5000));
	case 2:
		return unit_format("%zu:%zu", pick(500), 500 + pick(5000));
	default:
		return unit_format("%zu", pick(5000));
	}
}

static const char *some_assignments(void)
{
	const char *text = "";
	size_t n = pick(3), i;

	for (i = 0; i <= n; i++)
		text = unit_format("%s%sV%zu=%s", text, i ? "\nset=" : "", i,
				   ONE_OF("", "x", " a  b ", "; no comment", "#", "=",
					  "\"q\"", "\xc3\xa9", "a\tb\t"));
	return text;
}

/* A value of the key; mostly one that can be planned. */
static const char *some_value(const struct ck_key *key)
{
	const char *name = key->name;

	if (!strcmp(key->section, "limits"))
		return some_limit();
	if (!strcmp(key->section, "environment"))
		return !strcmp(name, "set")   ? some_assignments() :
		       !strcmp(name, "clear") ? "yes" :
						ONE_OF("A B*", "PATH", "*", "LC_*,\n X");
	if (!strcmp(name, "keep") || !strcmp(name, "optional"))
		return some_caps();
	if (!strcmp(name, "groups"))
		return some_groups();
	if (!strcmp(name, "securebits"))
		return some_securebits();
	if (!strcmp(name, "user"))
		return ONE_OF("unchanged", "0", "1000", "4294967294");
	if (!strcmp(name, "group"))
		return ONE_OF("0", "1000", "5");
	if (!strcmp(name, "umask"))
		return ONE_OF("0", "22", "027", "0777");
	if (!strcmp(name, "working-directory"))
		return ONE_OF("/", "/srv", "/srv  x");
	if (!strcmp(name, "keep-fds"))
		return ONE_OF("3", "3 4", "5,\n 3", "31");
	if (!strcmp(name, "parent-death-signal"))
		return ONE_OF("TERM", "sigkill", "USR1");
	if (!strcmp(name, "ambient"))
		return ONE_OF("auto", "yes", "no");
	if (!strcmp(name, "bounding"))
		return ONE_OF("auto", "exact", "if-possible");
	if (!strcmp(name, "description"))
		return ONE_OF("a", "a  b", "x#y;z");
	return ONE_OF("yes", "no");
}

static const char *some_profile(void)
{
	const char *text = "", *section = "";
	bool no_user = true;
	size_t i;

	for (i = 0; i < ck_keys_count; i++) {
		const struct ck_key *key = &ck_keys[i];
		bool needed = !strcmp(key->section, "capabilities") &&
			      !strcmp(key->name, "keep");

		needed = needed || !strcmp(key->name, "user") ||
			 (!no_user && !strcmp(key->name, "group")) ||
			 (!strcmp(key->section, "environment") &&
			  !strcmp(key->name, "clear"));
		if (!strcmp(key->section, "seccomp") || !strcmp(key->name, "include") ||
		    (!needed && pick(3)))
			continue;
		if (strcmp(section, key->section) != 0)
			text = unit_format("%s[%s]\n", text, key->section);
		section = key->section;
		text = unit_format("%s%s%s%s\n", text, key->name,
				   ONE_OF("=", " = ", "\t= "), some_value(key));
		no_user = no_user && !strstr(text, "user");
	}
	return text;
}

static void some_process(struct kernel *k)
{
	static const unsigned int bits[] = { 0,	   0,	 0,    0,    1,	   3, 4,
					     0x10, 0x20, 0x30, 0x40, 0xc0, 2 };
	uint64_t all, random = unit_random(&seed);

	kernel_init(k);
	all = k->known;
	if (pick(3) == 0)
		k->sets.bounding = pick(2) ? UINT64_C(0xa80425fb) : random & all;
	if (pick(3) == 0)
		k->sets.permitted = pick(2) ? 0 : k->sets.bounding;
	k->sets.effective = pick(4) ? k->sets.permitted : k->sets.permitted & random;
	k->sets.inheritable = pick(4) ? 0 : k->sets.bounding & unit_random(&seed);
	k->sets.ambient = pick(2) ? k->sets.permitted & k->sets.inheritable : 0;
	k->ruid = k->euid = k->suid = pick(3) ? 0 : 1000;
	k->rgid = k->egid = k->sgid = pick(3) ? 0 : 1000;
	k->ngroups = pick(3);
	k->groups[0] = 1;
	k->groups[1] = 4;
	k->securebits = bits[pick(CK_ARRAY_SIZE(bits))];
	k->no_new_privs = pick(6) == 0;
	k->death_signal = pick(6) ? 0 : 15;
	k->terminal = pick(4) == 0;
	if (pick(5) == 0)
		k->session = k->group = k->pid;
	k->open |= 0x38;
}

static void take(const char *text)
{
	int rc;

	ck_profile_empty("FILE", &scene.profile);
	rc = ck_profile_parse("FILE", text, strlen(text), &unit_diags, &scene.profile);
	rc = rc < 0 ? rc : ck_profile_complete(&scene.profile, &unit_diags);
	/* The only contradiction that chance can come upon. */
	if (unit_diags.count && strstr(unit_diags.list[0].text, "keep-fds has no effect"))
		return;
	if (rc < 0 || unit_diags.count)
		fail_msg("%s\n%s", unit_messages(), text);
}

/* Lines of the two texts differ, so the messages are compared without. */
static const char *without_lines(const char *text)
{
	char *copy = ck_strndup(&unit_arena, text, strlen(text)), *hit = copy;

	while ((hit = strstr(hit, "FILE:")) != NULL) {
		hit += strlen("FILE:");
		memmove(hit, hit + strspn(hit, "0123456789"),
			strlen(hit + strspn(hit, "0123456789")) + 1);
	}
	return copy;
}

static const char *planned(bool *ret_starts)
{
	int rc;

	unit_diags.count = 0;
	scene.targets[0] = (struct ck_target){ .path = "/bin/app", .mode = 0100755 };
	scene.ntargets = 1;
	fake_start(&scene.start, NULL, false);
	rc = scene_plan(&scene, &fake_sys);
	*ret_starts = rc == 0;
	return rc < 0 ? without_lines(unit_messages()) : scene_text(&scene);
}

/* Without faults, what comes out is what the oracle says, or a step says no. */
static bool starts_as_expected(void)
{
	struct ck_progress progress = { .step = CK_STEP_NO_NEW_PRIVS };
	struct kernel expected;
	const char *differs;

	scene_expect(&scene, &expected);
	assert_true(ck_apply(&scene.plan, &fake_sys, NULL, &progress) < 0);
	if (!fake.kernel.executed)
		return false;
	differs = kernel_differs(&fake.kernel, &expected);
	if (differs)
		fail_msg("%s differs with the profile\n%s", differs,
			 ck_profile_text(&unit_arena, &scene.profile));
	return true;
}

static void printed_and_read_again_it_is_the_same(void **state)
{
	int runs = RUNS / (int)unit_every();
	unsigned int starts = 0, plans = 0;
	int i;

	(void)state;
	seed = unit_seed();
	for (i = 0; i < runs; i++) {
		const char *text = some_profile(), *printed, *first;
		bool can_start, again;

		unit_diags.count = 0;
		some_process(&scene.start);
		take(text);
		printed = ck_profile_text(&unit_arena, &scene.profile);
		first = planned(&can_start);
		plans += can_start;
		starts += can_start && starts_as_expected();
		unit_diags.count = 0;
		take(printed);
		assert_string_equal(ck_profile_text(&unit_arena, &scene.profile),
				    printed);
		assert_string_equal(planned(&again), first);
		assert_int_equal(again, can_start);
		ck_arena_free(&unit_arena);
		unit_diags = (struct ck_diags){ .arena = &unit_arena };
	}
	print_message("# %d profiles, %u can start, %u started\n", runs, plans, starts);
	assert_true((int)starts > runs / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printed_and_read_again_it_is_the_same),
	};

	return UNIT_RUN(tests);
}
