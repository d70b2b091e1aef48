/* SPDX-License-Identifier: MIT */
/* ctl-items.c - fuzzes the readers of JSON and YAML and what is judged from them. */
#include <stdlib.h>
#include <string.h>

#include "../../src/ctl-audit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take(void *arg, json_t *item)
{
	struct ck_audit *audit = arg;
	json_t *services = json_object_get(item, "services"), *service;
	struct ck_spec spec;
	struct ck_pod pod;
	size_t place = 0;
	const char *name;

	while (ck_pod_next(item, &place, &pod))
		ck_audit_pod(audit, &pod);
	if (ck_spec_docker(&audit->item, item, &spec))
		ck_audit_cis(audit, ck_audit_subject(audit, spec.name), &spec, NULL);
	json_object_foreach(services, name, service)
	{
		ck_spec_compose(&audit->item, name, service, &spec);
		ck_audit_cis(audit, ck_audit_subject(audit, name), &spec, NULL);
	}
	ck_arena_free(&audit->item);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *null;
	struct ck_arena arena = { .out_of_memory = ck_ctl_out_of_memory };
	struct ck_ctl ctl = { .arena = &arena, .diags = { .arena = &arena } };
	struct ck_audit audit = { .ctl = &ctl, .level = CK_LEVEL_RESTRICTED };
	const struct ck_taker taker = { take, &audit };
	struct ck_input input = { .name = "input", .length = size };

	if (!null)
		null = fopen("/dev/null", "we");
	ctl.out = null;
	input.bytes = malloc(size ? size : 1);
	if (!null || !input.bytes)
		abort();
	memcpy(input.bytes, data, size);
	if (ck_items(&ctl, &input, &taker) == 0)
		ck_audit_print(&audit, true);
	free(input.bytes);
	ck_arena_free(&audit.item);
	ck_arena_free(&arena);
	return 0;
}
