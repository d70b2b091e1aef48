/* SPDX-License-Identifier: MIT */
/* What every unit test needs; see unit.h. */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct ck_arena unit_arena;
struct ck_diags unit_diags;

static char directory[64];
static pid_t owner; /* of the directory: a child must not remove it */

const char *unit_source(const char *path)
{
	static char root[PATH_MAX]; /* absolute: tests change their directory */
	const char *srcdir = getenv("CK_SRCDIR");

	if (!*root && !realpath(srcdir ? srcdir : ".", root))
		abort();
	return unit_format("%s/%s", root, path);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

static void remove_directory(void)
{
	if (*directory && owner == getpid())
		nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

const char *unit_directory(void)
{
	const char *tmp = getenv("TMPDIR");

	if (*directory)
		return directory;
	if (!tmp || strlen(tmp) > sizeof(directory) - sizeof("/capkeep-XXXXXX"))
		tmp = "/tmp";
	snprintf(directory, sizeof(directory), "%s/capkeep-XXXXXX", tmp);
	assert_non_null(mkdtemp(directory));
	/* Whoever a test becomes has to get at the files in it. */
	assert_int_equal(chmod(directory, 0755), 0);
	owner = getpid();
	atexit(remove_directory);
	return directory;
}

const char *unit_file(const char *name)
{
	return unit_format("%s/%s", unit_directory(), name);
}

char *unit_read(const char *path, size_t *ret_length)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0, room = 1 << 17;
	char *bytes;
	ssize_t n;

	if (fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	bytes = ck_alloc(&unit_arena, room + 1);
	while ((n = read(fd, bytes + length, room - length)) > 0) {
		char *more;

		length += (size_t)n;
		if (length < room)
			continue;
		more = ck_alloc(&unit_arena, room * 2 + 1);
		memcpy(more, bytes, length);
		bytes = more;
		room *= 2;
	}
	close(fd);
	assert_int_equal(n, 0);
	if (ret_length)
		*ret_length = length;
	return bytes;
}

void unit_make_directories(const char *file)
{
	const char *slash = file;

	while ((slash = strchr(slash + 1, '/')) != NULL) {
		const char *path = ck_strndup(&unit_arena, file, (size_t)(slash - file));

		if (mkdir(path, 0755) < 0 && errno != EEXIST && errno != EROFS)
			fail_msg("%s: %s", path, strerror(errno));
	}
}

void unit_write(const char *path, const char *bytes, size_t length, unsigned int mode)
{
	int fd;

	unit_make_directories(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	while (length) {
		ssize_t n = write(fd, bytes, length);

		assert_true(n > 0);
		bytes += n;
		length -= (size_t)n;
	}
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

void unit_write_text(const char *path, const char *text)
{
	unit_write(path, text, strlen(text), 0644);
}

void unit_copy_tree(const char *from, const char *to)
{
	DIR *dir = opendir(from);
	const struct dirent *entry;

	if (!dir)
		fail_msg("%s: %s", from, strerror(errno));
	while ((entry = readdir(dir)) != NULL) {
		const char *source = unit_format("%s/%s", from, entry->d_name);
		const char *target = unit_format("%s/%s", to, entry->d_name);
		struct stat st;
		size_t length;
		const char *bytes;

		if (entry->d_name[0] == '.')
			continue;
		assert_int_equal(stat(source, &st), 0);
		if (S_ISDIR(st.st_mode)) {
			unit_copy_tree(source, target);
			continue;
		}
		bytes = unit_read(source, &length);
		unit_write(target, bytes, length, 0644);
	}
	closedir(dir);
}

const char *unit_messages(void)
{
	int fd = memfd_create("messages", MFD_CLOEXEC);
	const char *text;

	assert_true(fd >= 0);
	ck_diags_print(&unit_diags, "capkeep", fd);
	text = unit_read(unit_format("/proc/self/fd/%d", fd), NULL);
	close(fd);
	return text;
}

void unit_expect(const char *path, const char *text)
{
	const char *bless = getenv("CK_BLESS");
	bool missing = access(path, F_OK) < 0;

	if (bless && (missing || !strcmp(bless, "all")) &&
	    (missing || strcmp(unit_read(path, NULL), text) != 0)) {
		unit_write_text(path, text);
		print_message("# wrote %s\n", path);
	}
	assert_string_equal(text, unit_read(path, NULL));
}

const char *unit_replace(const char *text, const char *from, const char *to)
{
	size_t length = strlen(from);
	const char *result = "", *hit;

	while ((hit = strstr(text, from)) != NULL) {
		result = unit_format("%s%.*s%s", result, (int)(hit - text), text, to);
		text = hit + length;
	}
	return unit_format("%s%s", result, text);
}

bool unit_in_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload");
}

void unit_in_child(int (*body)(void *data), void *data)
{
	pid_t child;
	int status;

	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int line = body(data);

		if (line)
			dprintf(STDOUT_FILENO,
				"# the claim in line %d does not hold (errno %d)\n", line,
				errno);
		_exit(line ? 1 : 0);
	}
	while (waitpid(child, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	if (WIFSIGNALED(status))
		fail_msg("the child was ended by signal %d", WTERMSIG(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* xorshift64* */
uint64_t unit_random(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * UINT64_C(0x2545f4914f6cdd1d);
}

unsigned long unit_every(void)
{
	const char *text = getenv("CK_EVERY_NTH");
	unsigned long n = text ? strtoul(text, NULL, 10) : 1;

	return n ? n : 1;
}

uint64_t unit_seed(void)
{
	const char *text = getenv("CK_SEED");
	struct timespec now;
	uint64_t seed;

	clock_gettime(CLOCK_REALTIME, &now);
	seed = (uint64_t)now.tv_sec * 1000003U + (uint64_t)now.tv_nsec;
	if (text)
		seed = strtoull(text, NULL, 10);
	seed = seed ? seed : 1;
	print_message("# CK_SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

static int start_test(void **state)
{
	(void)state;
	unit_diags = (struct ck_diags){ .arena = &unit_arena };
	return 0;
}

static int end_test(void **state)
{
	(void)state;
	ck_arena_free(&unit_arena);
	return 0;
}

int unit_run(const char *name, const struct CMUnitTest *tests, size_t count)
{
	struct CMUnitTest *copy = calloc(count, sizeof(*copy));
	size_t i;
	int rc;

	if (!copy)
		return 1;
	memcpy(copy, tests, count * sizeof(*copy));
	umask(022);
	for (i = 0; i < count; i++) {
		copy[i].setup_func = start_test;
		copy[i].teardown_func = end_test;
	}
	rc = _cmocka_run_group_tests(name, copy, count, NULL, NULL);
	free(copy);
	return rc ? 1 : 0;
}

int unit_run_rows(const char *name, struct unit_rows rows,
		  const struct CMUnitTest *others, size_t count)
{
	struct CMUnitTest *tests = calloc(rows.count + count, sizeof(*tests));
	const char *row = rows.rows;
	size_t i;
	int rc;

	if (!tests)
		return 1;
	for (i = 0; i < rows.count; i++, row += rows.size) {
		memcpy(&tests[i].name, row, sizeof(tests[i].name));
		tests[i].test_func = rows.run;
		memcpy(&tests[i].initial_state, &row, sizeof(row));
	}
	if (count)
		memcpy(&tests[rows.count], others, count * sizeof(*others));
	rc = unit_run(name, tests, rows.count + count);
	free(tests);
	return rc;
}
