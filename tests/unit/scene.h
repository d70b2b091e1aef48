/* SPDX-License-Identifier: MIT */
/*
 * scene.h - a profile together with the state of a process that reads it, from one file:
 *
 *	; start: docker uid=1000 permitted=none effective=none
 *	; target: owner=0:0 mode=4755
 *	[capabilities]
 *	...
 *
 * The words of the two lines are in scene.c.
 */
#ifndef SCENE_H
#define SCENE_H

#include "fake.h"

#define SCENE_TARGETS 3

struct scene {
	const char *name;
	struct kernel start;
	bool at_secure;
	const char *stops; /* the step that the kernel refuses; NULL */
	struct ck_profile profile;
	char *argv[3], *envp[4];
	struct ck_target targets[SCENE_TARGETS];
	size_t ntargets;
	/* Of the run. */
	struct ck_state now;
	struct ck_surroundings around;
	struct ck_identity identity;
	struct ck_plan plan;
};

/* The names of all scenes, without directory and ending; the tests of them, in that
 * order. */
size_t scene_list(struct CMUnitTest **ret_tests, void (*run)(void **state));
/* Reads and parses; fails the test where the profile is none. */
void scene_read(const char *name, struct scene *ret);
/* Where the expectation of it is. */
const char *scene_expectation(const char *name);
/* From the first question to the kernel to the plan: 0, or -errno; problems in
 * unit_diags. */
int scene_plan(struct scene *scene, const struct ck_sys *sys);
/* The plan in words. */
const char *scene_text(const struct scene *scene);
/* What the kernel has to hold when execve is reached, made of start and profile alone. */
void scene_expect(const struct scene *scene, struct kernel *ret);

#endif
