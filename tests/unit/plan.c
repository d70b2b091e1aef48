/* SPDX-License-Identifier: MIT */
/*
 * The planner over the scenes of tests/data/plans: beside each stands the plan in words,
 * or the messages of the refusal. A new scene needs no code.
 */
#include "scene.h"

static void plans(void **state)
{
	static struct scene scene;
	const char *text;
	struct kernel before;
	int rc;

	scene_read(*state, &scene);
	fake_start(&scene.start, NULL, false);
	before = fake.kernel;
	rc = scene_plan(&scene, &fake_sys);
	text = rc < 0 ? unit_messages() : scene_text(&scene);
	assert_true((rc < 0) == (unit_diags.count > 0));
	/* Planning asks, and changes nothing. */
	assert_null(kernel_differs(&before, &fake.kernel));
	unit_expect(scene_expectation(*state), text);
}

int main(void)
{
	struct CMUnitTest *tests;
	size_t count = scene_list(&tests, plans);

	return count ? unit_run("plan", tests, count) : 1;
}
