/* SPDX-License-Identifier: MIT */
/* Memory that lives as long as the program's one job. */
#include "unit.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile piece;

static void __attribute__((noreturn)) leave(void)
{
	_exit(42);
}

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
	struct ck_arena arena = { 0 };
	unsigned char *pieces[300];
	size_t sizes[300], i, j;
	uint64_t seed = unit_seed();

	(void)state;
	for (i = 0; i < CK_ARRAY_SIZE(pieces); i++) {
		sizes[i] = unit_random(&seed) % (i % 10 ? 200 : 40000);
		pieces[i] = ck_alloc(&arena, sizes[i]);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
		for (j = 0; j < sizes[i]; j++)
			assert_int_equal(pieces[i][j], 0);
		memset(pieces[i], (int)(i & 0xff) | 1, sizes[i]);
	}
	for (i = 0; i < CK_ARRAY_SIZE(pieces); i++)
		for (j = 0; j < sizes[i]; j++)
			assert_int_equal(pieces[i][j], (i & 0xff) | 1);
	ck_arena_free(&arena);
	ck_arena_free(&arena);
	assert_null(arena.chunks);
}

static void nothing_is_a_piece_too(void **state)
{
	struct ck_arena arena = { 0 };

	(void)state;
	piece = ck_alloc(&arena, 0);
	assert_non_null(piece);
	ck_arena_free(&arena);
}

static void lists_grow_and_keep_what_they_have(void **state)
{
	struct ck_strings strings = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		ck_strings_add(&unit_arena, &strings, unit_format("%d", i));
	assert_int_equal(strings.count, 1000);
	assert_true(strings.room >= 1000);
	for (i = 0; i < 1000; i++)
		assert_string_equal(strings.list[i], unit_format("%d", i));
}

/* In place where nothing was handed out since, and the rest of it is zeroed. */
static void lists_that_grow(void **state)
{
	struct ck_arena arena = { 0 };
	uint64_t *list = NULL, *first;
	size_t room = 0, count;
	char *between;

	(void)state;
	list = first = ck_grow(&arena, NULL, 0, &room, sizeof(*list));
	for (count = 0; count < 64; count++) {
		list = ck_grow(&arena, list, count, &room, sizeof(*list));
		assert_int_equal(list[count], 0);
		list[count] = count;
	}
	assert_ptr_equal(list, first);
	between = ck_strndup(&arena, "between", 7);
	for (; count < 20000; count++) {
		list = ck_grow(&arena, list, count, &room, sizeof(*list));
		assert_int_equal(list[count], 0);
		list[count] = count;
	}
	assert_ptr_not_equal(list, first);
	for (count = 0; count < 20000; count++)
		assert_int_equal(list[count], count);
	assert_string_equal(between, "between");
	ck_arena_free(&arena);
}

static void texts(void **state)
{
	const char *long_text;

	(void)state;
	assert_string_equal(ck_strndup(&unit_arena, "abc", 2), "ab");
	assert_string_equal(ck_strndup(&unit_arena, "abc", 0), "");
	assert_string_equal(ck_strndup(&unit_arena, NULL, 0), "");
	assert_string_equal(ck_format(&unit_arena, "%s-%d", "a", 5), "a-5");
	assert_string_equal(ck_format(&unit_arena, "%s", ""), "");
	assert_string_equal(ck_join(&unit_arena, "a", "", "bc"), "abc");
	assert_string_equal(ck_join(&unit_arena, "", "", ""), "");
	long_text = ck_format(&unit_arena, "%50000d", 7);
	assert_int_equal(strlen(long_text), 50000);
	assert_int_equal(long_text[49999], '7');
}

static void end_with(void (*body)(struct ck_arena *arena), bool hook, int status)
{
	struct ck_arena arena = { .out_of_memory = hook ? leave : NULL };
	struct rlimit none = { 0, 0 };
	pid_t child = fork();
	int got;

	assert_true(child >= 0);
	if (child == 0) {
		(void)setrlimit(RLIMIT_CORE, &none);
		(void)signal(SIGABRT, SIG_DFL);
		body(&arena);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &got, 0), child);
	assert_int_equal(WIFSIGNALED(got) ? -WTERMSIG(got) : WEXITSTATUS(got), status);
}

static void too_large(struct ck_arena *arena)
{
	piece = ck_alloc(arena, SIZE_MAX);
}

static void nearly_too_large(struct ck_arena *arena)
{
	piece = ck_alloc(arena, SIZE_MAX - 100);
}

static void too_many(struct ck_arena *arena)
{
	volatile size_t half = SIZE_MAX / 2;

	piece = ck_alloc_array(arena, half, 3);
}

static void wraps_to_little(struct ck_arena *arena)
{
	volatile size_t count = SIZE_MAX / 16 + 2;

	piece = ck_alloc_array(arena, count, 16);
}

static void who_cannot_have_it_ends(void **state)
{
	(void)state;
	end_with(too_large, true, 42);
	end_with(nearly_too_large, true, 42);
	end_with(too_many, true, 42);
	end_with(wraps_to_little, true, 42);
	end_with(too_large, false, -SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(nothing_is_a_piece_too),
		cmocka_unit_test(lists_grow_and_keep_what_they_have),
		cmocka_unit_test(lists_that_grow),
		cmocka_unit_test(texts),
		cmocka_unit_test(who_cannot_have_it_ends),
	};

	return UNIT_RUN(tests);
}
