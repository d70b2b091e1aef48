/* SPDX-License-Identifier: MIT */
/* Lists, strict numbers, and the names of signals and limits. */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* The words of text, joined by '|'. */
static const char *split(const char *text)
{
	const char *word, *joined = "";
	size_t length;

	while ((length = ck_word_next(&text, &word)) != 0)
		joined = unit_format("%s%s%.*s", joined, *joined ? "|" : "", (int)length,
				     word);
	assert_int_equal(*text, '\0');
	return joined;
}

static void words_are_separated_by_commas_and_blanks(void **state)
{
	(void)state;
	assert_string_equal(split(""), "");
	assert_string_equal(split(" ,\t\n, "), "");
	assert_string_equal(split("a"), "a");
	assert_string_equal(split("a b"), "a|b");
	assert_string_equal(split(" a,b "), "a|b");
	assert_string_equal(split("a,,b\tc\nd , e"), "a|b|c|d|e");
	assert_string_equal(split("a;b #c"), "a;b|#c");
	assert_string_equal(split("\xc2\xa0"), "\xc2\xa0");
}

static int number(const char *text, uint64_t max, uint64_t *ret)
{
	*ret = 12345;
	return ck_number(text, strlen(text), max, ret);
}

static void numbers_are_decimal_without_leading_zeros(void **state)
{
	static const char *const none[] = { "",	  "00",	  "01",	      "007", "+1",  "-1",
					    " 1", "1 ",	  "0x10",     "1e3", "1.0", "a",
					    "1a", "a1",	  "\xd9\xa1", "-0",  "1,0", "1\n",
					    "0 ", "0000", "0b1" };
	uint64_t value;
	size_t i;

	(void)state;
	for (i = 0; i < CK_ARRAY_SIZE(none); i++) {
		assert_int_equal(number(none[i], UINT64_MAX, &value), -EINVAL);
		assert_int_equal(value, 12345);
	}
	assert_int_equal(number("0", 0, &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(number("9", 9, &value), 0);
	assert_int_equal(value, 9);
	assert_int_equal(ck_number("123456", 3, 1000, &value), 0);
	assert_int_equal(value, 123);
}

static void numbers_end_at_their_maximum(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		int rc;
	} rows[] = {
		{ "0", 0, 0 },
		{ "1", 0, -ERANGE },
		{ "5", 4, -ERANGE },
		{ "4", 4, 0 },
		{ "9", 5, -ERANGE },
		{ "10", 9, -ERANGE },
		{ "4294967294", CK_ID_MAX, 0 },
		{ "4294967295", CK_ID_MAX, -ERANGE },
		{ "4294967296", CK_ID_MAX, -ERANGE },
		{ "42949672940", CK_ID_MAX, -ERANGE },
		{ "18446744073709551614", UINT64_MAX - 1, 0 },
		{ "18446744073709551615", UINT64_MAX - 1, -ERANGE },
		{ "18446744073709551615", UINT64_MAX, 0 },
		{ "18446744073709551616", UINT64_MAX, -ERANGE },
		{ "18446744073709551620", UINT64_MAX, -ERANGE },
		{ "28446744073709551615", UINT64_MAX, -ERANGE },
		{ "184467440737095516150", UINT64_MAX, -ERANGE },
		{ "99999999999999999999999999999999", UINT64_MAX, -ERANGE },
	};
	uint64_t value;
	size_t i;

	(void)state;
	for (i = 0; i < CK_ARRAY_SIZE(rows); i++) {
		assert_int_equal(number(rows[i].text, rows[i].max, &value), rows[i].rc);
		assert_true(value ==
			    (rows[i].rc ? 12345 : strtoull(rows[i].text, NULL, 10)));
	}
}

/* Every number up to a maximum, against the C library. */
static void numbers_agree_with_the_c_library(void **state)
{
	uint64_t max, n, value;

	(void)state;
	for (max = 0; max < 130; max++)
		for (n = 0; n < 140; n++)
			assert_int_equal(
				number(unit_format("%u", (unsigned int)n), max, &value),
				n <= max ? 0 : -ERANGE);
}

static void digits_are_digits(void **state)
{
	(void)state;
	assert_true(ck_is_digits("007", 3));
	assert_true(ck_is_digits("0", 1));
	assert_true(ck_is_digits("12x", 2));
	assert_false(ck_is_digits("", 0));
	assert_false(ck_is_digits("12x", 3));
	assert_false(ck_is_digits("-1", 2));
	assert_false(ck_is_digits("/", 1));
	assert_false(ck_is_digits(":", 1));
}

static void signals_have_their_names(void **state)
{
	int number_of;

	(void)state;
	for (number_of = 1; number_of < SIGSYS + 1; number_of++) {
		const char *name = sigabbrev_np(number_of);

		if (!name || !strcmp(name, "STKFLT"))
			continue;
		if (!strcmp(name, "POLL"))
			name = "IO";
		assert_string_equal(ck_signal_name(number_of), name);
		assert_int_equal(ck_signal_number(name), number_of);
		assert_int_equal(ck_signal_number(unit_format("SIG%s", name)), number_of);
		assert_int_equal(ck_signal_number(unit_format("sig%s", name)), number_of);
	}
	assert_int_equal(ck_signal_number("term"), SIGTERM);
	assert_int_equal(ck_signal_number(""), -EINVAL);
	assert_int_equal(ck_signal_number("SIG"), -EINVAL);
	assert_int_equal(ck_signal_number("15"), -EINVAL);
	assert_int_equal(ck_signal_number("SIGSIGTERM"), -EINVAL);
	assert_int_equal(ck_signal_number("TERM "), -EINVAL);
	assert_string_equal(ck_signal_name(0), "?");
	assert_string_equal(ck_signal_name(65), "?");
}

static void limits_have_their_names(void **state)
{
	static const struct {
		const char *name;
		int resource;
	} rows[] = {
		{ "as", RLIMIT_AS },
		{ "core", RLIMIT_CORE },
		{ "cpu", RLIMIT_CPU },
		{ "data", RLIMIT_DATA },
		{ "fsize", RLIMIT_FSIZE },
		{ "locks", RLIMIT_LOCKS },
		{ "memlock", RLIMIT_MEMLOCK },
		{ "msgqueue", RLIMIT_MSGQUEUE },
		{ "nice", RLIMIT_NICE },
		{ "nofile", RLIMIT_NOFILE },
		{ "nproc", RLIMIT_NPROC },
		{ "rss", RLIMIT_RSS },
		{ "rtprio", RLIMIT_RTPRIO },
		{ "rttime", RLIMIT_RTTIME },
		{ "sigpending", RLIMIT_SIGPENDING },
		{ "stack", RLIMIT_STACK },
	};
	size_t i;

	(void)state;
	assert_int_equal(CK_LIMITS, RLIM_NLIMITS);
	assert_int_equal(CK_ARRAY_SIZE(rows), CK_LIMITS);
	for (i = 0; i < CK_ARRAY_SIZE(rows); i++)
		assert_string_equal(ck_limit_names[rows[i].resource], rows[i].name);
}

static void items_keep_their_parentheses(void **state)
{
	const char *cursor = " a, b(c: d e, f: g)=h  i(j) k(", *item;

	(void)state;
	assert_int_equal(ck_item_next(&cursor, &item), 1);
	assert_memory_equal(item, "a", 1);
	assert_int_equal(ck_item_next(&cursor, &item), 17);
	assert_memory_equal(item, "b(c: d e, f: g)=h", 17);
	assert_int_equal(ck_item_next(&cursor, &item), 4);
	assert_memory_equal(item, "i(j)", 4);
	assert_int_equal(ck_item_next(&cursor, &item), 2);
	assert_memory_equal(item, "k(", 2);
	assert_int_equal(ck_item_next(&cursor, &item), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_keep_their_parentheses),
		cmocka_unit_test(words_are_separated_by_commas_and_blanks),
		cmocka_unit_test(numbers_are_decimal_without_leading_zeros),
		cmocka_unit_test(numbers_end_at_their_maximum),
		cmocka_unit_test(numbers_agree_with_the_c_library),
		cmocka_unit_test(digits_are_digits),
		cmocka_unit_test(signals_have_their_names),
		cmocka_unit_test(limits_have_their_names),
	};

	return UNIT_RUN(tests);
}
