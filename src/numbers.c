/* SPDX-License-Identifier: MIT */
/*
 * numbers.c - from the number of a call to the call, for what looks at filters; it
 * shares no table with the compiler. This one is made at the first question.
 */
#include "capkeep.h"

#define ARM_CALLS 256 /* more than arm has of its own */
#define PLACES (CK_NUMBERS + ARM_CALLS)

static uint16_t table[CK_ABIS][PLACES]; /* call + 1; 0: no name */
static bool made;

/* Where a number stands in the table, or PLACES. */
static uint32_t place(uint32_t number)
{
	if (number < CK_NUMBERS)
		return number;
	if (number >= CK_ARM_PRIVATE && number - CK_ARM_PRIVATE < ARM_CALLS)
		return CK_NUMBERS + number - CK_ARM_PRIVATE;
	return PLACES;
}

static void make(void)
{
	unsigned int call, abi;

	for (call = 0; call < ck_calls_count; call++)
		for (abi = 0; abi < CK_ABIS; abi++) {
			int number = ck_call_number(call, (enum ck_abi)abi);
			uint32_t at = number < 0 ? PLACES : place((uint32_t)number);

			if (at < PLACES)
				table[abi][at] = (uint16_t)(call + 1);
		}
	made = true;
}

int ck_call_by_number(enum ck_abi abi, uint32_t number)
{
	uint32_t at = place(number);

	if (!made)
		make();
	return at < PLACES ? table[abi][at] - 1 : -1;
}
