/* SPDX-License-Identifier: MIT */
/* "did you mean". */
#include "unit.h"

#include <ctype.h>
#include <string.h>

#define NO_DISTANCE 99U

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* The plain recursion that the table stands for: insert, delete, change, swap. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int d;

	if (!*a || !*b)
		return (unsigned int)(strlen(a) + strlen(b));
	d = distance(a + 1, b + 1) +
	    (tolower((unsigned char)*a) != tolower((unsigned char)*b));
	d = smaller(d, distance(a + 1, b) + 1);
	d = smaller(d, distance(a, b + 1) + 1);
	if (a[1] && b[1] &&
	    tolower((unsigned char)a[0]) == tolower((unsigned char)b[1]) &&
	    tolower((unsigned char)a[1]) == tolower((unsigned char)b[0]))
		d = smaller(d, distance(a + 2, b + 2) + 1);
	return d;
}

static unsigned int found(const char *word, const char *candidate)
{
	struct ck_nearest best = { 0 };

	ck_nearest_try(&best, word, candidate);
	assert_true(!best.name || best.name == candidate);
	return best.name ? best.distance : NO_DISTANCE;
}

static void distances_are_those_of_the_definition(void **state)
{
	static const char letters[] = "abAB_";
	uint64_t seed = unit_seed();
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		char a[8] = "", b[8] = "";
		size_t la = unit_random(&seed) % 7, lb = unit_random(&seed) % 7, j,
		       longer;
		unsigned int d, expected;

		for (j = 0; j < la; j++)
			a[j] = letters[unit_random(&seed) % 5];
		for (j = 0; j < lb; j++)
			b[j] = letters[unit_random(&seed) % 5];
		longer = la > lb ? la : lb;
		d = distance(a, b);
		expected = la && lb && d <= 2 && d < longer - 1 ? d : NO_DISTANCE;
		if (found(a, b) != expected)
			fail_msg("%s, %s: %u, not %u", a, b, found(a, b), expected);
	}
}

static void near_is_a_third(void **state)
{
	(void)state;
	assert_int_equal(found("keep", "keep"), 0);
	assert_int_equal(found("KEEP", "keep"), 0);
	assert_int_equal(found("kep", "keep"), 1);
	assert_int_equal(found("kepe", "keep"), 1);
	assert_int_equal(found("NET_BIND_SERVCIE", "NET_BIND_SERVICE"), 1);
	assert_int_equal(found("NETBINDSERVICE", "NET_BIND_SERVICE"), 2);
	assert_int_equal(found("BIND_SERVICE", "NET_BIND_SERVICE"), 4);
	assert_int_equal(found("SERVICE", "NET_BIND_SERVICE"), NO_DISTANCE);
	assert_int_equal(found("abcdef", "abcxyz"), NO_DISTANCE);
	assert_int_equal(found("abcdef", "abcdyz"), 2);
	assert_int_equal(found("abcdefghi", "abcdefxyz"), 3);
	assert_int_equal(found("no", "yes"), NO_DISTANCE);
	assert_int_equal(found("on", "no"), NO_DISTANCE);
	assert_int_equal(found("yse", "yes"), 1);
}

static void long_and_empty_words_are_not_compared(void **state)
{
	char word[60];

	(void)state;
	memset(word, 'x', sizeof(word));
	word[40] = '\0';
	assert_int_equal(found(word, word), 0);
	word[40] = 'x';
	word[41] = '\0';
	assert_int_equal(found(word, word), NO_DISTANCE);
	assert_int_equal(found("x", word), NO_DISTANCE);
	assert_int_equal(found("", "keep"), NO_DISTANCE);
	assert_int_equal(found("keep", ""), NO_DISTANCE);
}

static void the_first_of_the_nearest_wins(void **state)
{
	struct ck_nearest best = { 0 };

	(void)state;
	assert_string_equal(ck_nearest_hint(&unit_arena, &best), "");
	ck_nearest_try(&best, "SYS_TIM", "SYS_NICE");
	ck_nearest_try(&best, "SYS_TIM", "SYS_TIME");
	ck_nearest_try(&best, "SYS_TIM", "SYS_TIMX");
	ck_nearest_try(&best, "SYS_TIM", "KILL");
	assert_string_equal(best.name, "SYS_TIME");
	assert_string_equal(ck_nearest_hint(&unit_arena, &best),
			    ", did you mean SYS_TIME?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances_are_those_of_the_definition),
		cmocka_unit_test(near_is_a_third),
		cmocka_unit_test(long_and_empty_words_are_not_compared),
		cmocka_unit_test(the_first_of_the_nearest_wins),
	};

	return UNIT_RUN(tests);
}
