/* SPDX-License-Identifier: MIT */
/* fuzz.h - what the targets share. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capkeep.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program where the claim does not hold. */
#define CLAIM(claim)                                                                \
	do {                                                                        \
		if (!(claim)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #claim); \
			abort();                                                    \
		}                                                                   \
	} while (0)

/* What is refused has its reasons, each with a place, and what is taken has none. */
static inline void claim_reasons(int rc, const struct ck_diags *diags)
{
	size_t i;

	CLAIM((rc == 0) == (diags->count == 0));
	for (i = 0; i < diags->count; i++)
		CLAIM(*diags->list[i].where && *diags->list[i].text);
}

#endif
