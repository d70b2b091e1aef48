/* SPDX-License-Identifier: MIT */
/* Which descriptors are closed. */
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/syscall.h>

static struct kernel process;

static long call(long nr, long a, long b, long c, long d, long e)
{
	return kernel_call(&process, nr, a, b, c, d, e);
}

static const struct ck_sys sys = { .call = call };

struct asked {
	const char *name; /* of the test */
	const char *keep, *listen_fds, *listen_pid;
	const char *result; /* the ranges, or the messages */
};

/* Open are 0 to 8, 7 with FD_CLOEXEC. The process is 100. */
static const struct asked rows[] = {
	{ "nothing stays", "", NULL, NULL, "3-" },
	{ "one stays", "5", NULL, NULL, "3-4 6-" },
	{ "the first stays", "3", NULL, NULL, "4-" },
	{ "standard ones are no gap", "0 1 2", NULL, NULL, "3-" },
	{ "in any order", "8 3 5", NULL, NULL, "4-4 6-7 9-" },
	{ "neighbours", "4 3 5", NULL, NULL, "6-" },
	{ "twice", "4 4 4", NULL, NULL, "3-3 5-" },
	{ "one that is closed", "9", NULL, NULL,
	  "descriptors: keep-fds: descriptor 9 is not open; open it for the launcher "
	  "(9<FILE) or "
	  "take it out" },
	{ "one of the launcher's own", "7", NULL, NULL,
	  "descriptors: keep-fds: descriptor 7 is not open; open it for the launcher "
	  "(7<FILE) or "
	  "take it out" },
	{ "all that are closed", "9 3 10", NULL, NULL,
	  "descriptors: keep-fds: descriptor 9 is not open; open it for the launcher "
	  "(9<FILE) or "
	  "take it out\n"
	  "descriptors: keep-fds: descriptor 10 is not open; open it for the launcher "
	  "(10<FILE) or "
	  "take it out" },
	{ "sockets", "", "2", "100", "5-" },
	{ "one socket", "", "1", "100", "4-" },
	{ "sockets and one more", "6", "2", "100", "5-5 7-" },
	{ "sockets and one of them", "4", "3", "100", "6-" },
	{ "sockets and one below", "0", "3", "100", "6-" },
	{ "no sockets", "", "0", "100", "3-" },
	{ "sockets of another", "", "2", "101", "3-" },
	{ "sockets of nobody", "", "2", NULL, "3-" },
	{ "sockets without number", "", NULL, "100", "3-" },
	{ "sockets of a word", "", "2", "self", "3-" },
	{ "sockets of a padded number", "", "2", "0100", "3-" },
	{ "sockets of an empty number", "", "2", "", "3-" },
	{ "a word of sockets", "", "two", "100", "3-" },
	{ "sockets of a negative number", "", "-1", "100", "3-" },
	{ "most sockets", "", "65536", "100", "65539-" },
	{ "more sockets than there are", "", "65537", "100", "3-" },
	{ "sockets that would wrap", "", "4294967295", "100", "3-" },
	{ "sockets of a process that would wrap", "", "2", "4294967396", "3-" },
};

static struct ck_strings words(const char *text)
{
	struct ck_strings strings = { 0 };
	const char *word;
	size_t length;

	while ((length = ck_word_next(&text, &word)) != 0)
		ck_strings_add(&unit_arena, &strings,
			       ck_strndup(&unit_arena, word, length));
	return strings;
}

static const char *in_words(const struct ck_range *ranges, size_t count)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < count; i++) {
		text = unit_format("%s%s%u-", text, i ? " " : "", ranges[i].first);
		if (i + 1 < count)
			text = unit_format("%s%u", text, ranges[i].last);
		else
			assert_true(ranges[i].last == UINT_MAX);
	}
	return text;
}

static const char *problems(void)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < unit_diags.count; i++)
		text = unit_format("%s%s%s: %s", text, i ? "\n" : "",
				   unit_diags.list[i].where, unit_diags.list[i].text);
	return text;
}

static void plans(void **state)
{
	const struct asked *row = *state;
	char *envp[4] = { unit_format("PATH=/bin") };
	const struct ck_range *ranges = NULL;
	struct ck_profile profile;
	size_t count = 0;
	int rc, n = 1;

	kernel_init(&process);
	process.open = 0x1ff;
	process.cloexec = 1U << 7;
	ck_profile_empty("none", &profile);
	profile.keep_fds = words(row->keep);
	if (row->listen_fds)
		envp[n++] = unit_format("LISTEN_FDS=%s", row->listen_fds);
	if (row->listen_pid)
		envp[n++] = unit_format("LISTEN_PID=%s", row->listen_pid);
	rc = ck_descriptors_plan(&unit_arena, &sys, &profile, envp, 100, &unit_diags,
				 &ranges, &count);
	assert_true((rc < 0) == (unit_diags.count > 0));
	assert_string_equal(rc < 0 ? problems() : in_words(ranges, count), row->result);
}

static void close_fds_can_be_switched_off(void **state)
{
	char *envp[] = { NULL };
	const struct ck_range *ranges = NULL;
	struct ck_profile profile;
	size_t count = 5;

	(void)state;
	kernel_init(&process);
	ck_profile_empty("none", &profile);
	profile.close_fds = false;
	assert_int_equal(ck_descriptors_plan(&unit_arena, &sys, &profile, envp, 100,
					     &unit_diags, &ranges, &count),
			 0);
	assert_int_equal(count, 0);
}

/* Whatever stays and whatever is open: what is closed is the rest, each once. */
static void the_ranges_are_the_rest(void **state)
{
	uint64_t seed = unit_seed();
	int i;

	(void)state;
	for (i = 0; i < 2000; i++) {
		uint32_t kept =
			(uint32_t)unit_random(&seed) & (uint32_t)unit_random(&seed);
		uint32_t closed = 0;
		const struct ck_range *ranges;
		struct ck_profile profile;
		char *envp[] = { NULL };
		size_t count, j;
		unsigned int fd;

		kernel_init(&process);
		process.open = UINT32_MAX;
		ck_profile_empty("none", &profile);
		for (fd = 32; fd-- > 0;)
			if (kept & 1U << fd)
				ck_strings_add(&unit_arena, &profile.keep_fds,
					       unit_format("%u", fd));
		assert_int_equal(ck_descriptors_plan(&unit_arena, &sys, &profile, envp,
						     100, &unit_diags, &ranges, &count),
				 0);
		for (j = 0; j < count; j++) {
			assert_true(ranges[j].first <= ranges[j].last);
			for (fd = ranges[j].first; fd < 32 && fd <= ranges[j].last;
			     fd++) {
				assert_false(closed & 1U << fd);
				closed |= 1U << fd;
			}
		}
		assert_true(closed == (~kept & ~7U));
		assert_true(ranges[count - 1].last == UINT_MAX);
	}
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(close_fds_can_be_switched_off),
		cmocka_unit_test(the_ranges_are_the_rest),
	};

	return unit_run_rows("descriptors", UNIT_ROWS(rows, plans), others,
			     CK_ARRAY_SIZE(others));
}
