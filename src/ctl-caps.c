/* SPDX-License-Identifier: MIT */
/* Masks in few words, and who gives which capabilities when nobody asks. */
#include <string.h>
#include <sys/prctl.h>

#include "ctl.h"

#define EVERY UINT64_C(0x1ffffffffff) /* the 41 that have a name */

const struct ck_giver ck_givers[] = {
	{ "docker-default", CK_DOCKER_DEFAULT,
	  "docker; Kubernetes with containerd, where the pod says nothing" },
	{ "podman-default", CK_PODMAN_DEFAULT, "podman, since version 4" },
	{ "cri-o-default", CK_CRIO_DEFAULT,
	  "Kubernetes and OpenShift with cri-o, where the pod says nothing" },
	{ "oci-default", UINT64_C(0x20000420),
	  "the example of the OCI runtime specification" },
};
const size_t ck_givers_count = CK_ARRAY_SIZE(ck_givers);

const char *ck_reach_text(enum ck_reach reach)
{
	switch (reach) {
	case CK_REACH_ROOT:
		return "amounts to root";
	case CK_REACH_NEAR:
		return "amounts to root under conditions";
	case CK_REACH_WIDE:
		return "reaches far";
	case CK_REACH_NARROW:
		break;
	}
	return "does not reach far";
}

uint64_t ck_caps_root(void)
{
	uint64_t mask = 0;
	unsigned int cap;

	for (cap = 0; cap < CK_CAPS_KNOWN; cap++)
		if (ck_cap_facts[cap].reach == CK_REACH_ROOT)
			mask |= CK_CAP(cap);
	return mask;
}

uint64_t ck_caps_known(void)
{
	uint64_t known = 0;
	unsigned int cap;

	for (cap = 0; cap < CK_CAP_BITS; cap++)
		if (prctl(PR_CAPBSET_READ, (unsigned long)cap, 0UL, 0UL, 0UL) >= 0)
			known |= CK_CAP(cap);
	return known ? known : EVERY;
}

static const char *changes(struct ck_arena *arena, const char *base, uint64_t away,
			   uint64_t more)
{
	unsigned int cap;

	for (cap = 0; cap < CK_CAP_BITS; cap++)
		if (away & CK_CAP(cap))
			base = ck_join(arena, base, " -", ck_cap_label(arena, cap));
	for (cap = 0; cap < CK_CAP_BITS; cap++)
		if (more & CK_CAP(cap))
			base = ck_join(arena, base, " +", ck_cap_label(arena, cap));
	return base;
}

static int words(uint64_t base, uint64_t mask)
{
	return 1 + __builtin_popcountll(base ^ mask);
}

const char *ck_compact(struct ck_arena *arena, uint64_t mask, uint64_t known)
{
	const char *name = NULL;
	uint64_t base = 0;
	int best = __builtin_popcountll(mask);
	size_t i;

	if (best <= 2)
		return ck_cap_text(arena, mask);
	if (known && words(known, mask) < best) {
		best = words(known, mask);
		name = "all";
		base = known;
	}
	for (i = 0; i < ck_givers_count; i++) {
		if (words(ck_givers[i].mask, mask) >= best)
			continue;
		best = words(ck_givers[i].mask, mask);
		name = ck_givers[i].name;
		base = ck_givers[i].mask;
	}
	return name ? changes(arena, name, base & ~mask, mask & ~base) :
		      ck_cap_text(arena, mask);
}
