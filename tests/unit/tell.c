/* SPDX-License-Identifier: MIT */
/*
 * What -n prints, over the scenes: each step has its line, which says whether there is
 * something to do. Where NAME.tell stands beside a scene, the whole text is compared with
 * it.
 */
#include "scene.h"

#include <string.h>
#include <unistd.h>

static struct scene scene;

static bool says_idle(const char *text)
{
	static const char *const words[] = { "already",
					     "nothing to do",
					     "not set: no-new-privs",
					     "there is no controlling terminal",
					     "NOT CUT",
					     "leave all open",
					     "none: mode = off" };
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(words); i++)
		if (strstr(text, words[i]))
			return true;
	return false;
}

static void check_steps(const struct ck_plan *plan)
{
	const char *cursor = strstr(ck_plan_text(&unit_arena, plan), "steps\n");
	int i;

	assert_non_null(cursor);
	for (i = 0; i < CK_STEPS; i++) {
		const char *told = ck_steps[i].tell(&unit_arena, plan);

		assert_true(told && *told);
		assert_null(strchr(told, '\n'));
		cursor = strstr(cursor,
				unit_format("\n  %-20s %s\n", ck_steps[i].name, told));
		if (!cursor)
			fail_msg("%s has no line '%s', or out of order", ck_steps[i].name,
				 told);
		/* What is permitted already is raised. */
		if (i != CK_STEP_EFFECTIVE &&
		    (says_idle(told) || (i == CK_STEP_FILTER && !strcmp(told, "none"))) ==
			    ck_plan_has(plan, (enum ck_step_id)i))
			fail_msg("%s is told as '%s'", ck_steps[i].name, told);
	}
}

static void tells(void **state)
{
	const char *path = unit_replace(scene_expectation(*state), ".txt", ".tell");

	scene_read(*state, &scene);
	fake_start(&scene.start, NULL, false);
	if (scene_plan(&scene, &fake_sys) < 0) {
		assert_true(access(path, F_OK) < 0);
		return;
	}
	check_steps(&scene.plan);
	if (access(path, F_OK) == 0)
		unit_expect(path, ck_plan_text(&unit_arena, &scene.plan));
}

int main(void)
{
	struct CMUnitTest *tests;
	size_t count = scene_list(&tests, tells);

	return count ? unit_run("tell", tests, count) : 1;
}
