/* SPDX-License-Identifier: MIT */
/*
 * prices.c - what the single things that a launcher does cost here, in microseconds.
 *
 * Each is done REPEATS times in a child of its own (once where the first time is what
 * counts); the median over RUNS children is printed as a row of a table.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 201, REPEATS = 64, PAGE = 4096, WINDOW = 16 * PAGE };

static unsigned char in_bss[(REPEATS + 1) * PAGE];
static unsigned char in_data[(REPEATS + 1) * PAGE] = { 1 };
static const unsigned char in_rodata[8 * WINDOW] = { 1 };
static int64_t *result; /* shared with the children */

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void read_bounding(unsigned int i)
{
	prctl(PR_CAPBSET_READ, i % 32, 0, 0, 0);
}

static void read_ambient(unsigned int i)
{
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i % 32, 0, 0);
}

static void drop_bounding(unsigned int i)
{
	prctl(PR_CAPBSET_DROP, i % 32, 0, 0, 0);
}

static void read_file(const char *path)
{
	static char bytes[PAGE];
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		_exit(1);
	while (read(fd, bytes, sizeof(bytes)) > 0)
		continue;
	close(fd);
}

static void read_passwd(unsigned int i)
{
	(void)i;
	read_file("/etc/passwd");
}

static void read_status(unsigned int i)
{
	(void)i;
	read_file("/proc/self/status");
}

static void touch_bss(unsigned int i)
{
	*(volatile unsigned char *)&in_bss[i * PAGE] = 1;
}

static void touch_data(unsigned int i)
{
	*(volatile unsigned char *)&in_data[i * PAGE] = 1;
}

static void touch_rodata(unsigned int i)
{
	(void)*(const volatile unsigned char *)&in_rodata[i * WINDOW];
}

static void first_malloc(unsigned int i)
{
	volatile char *piece = malloc(1000 + i);

	if (piece == NULL)
		_exit(1);
	*piece = 1;
}

static void first_stdio(unsigned int i)
{
	char line[256];
	FILE *file = fopen("/etc/passwd", "re");

	(void)i;
	if (file == NULL)
		_exit(1);
	while (fgets(line, sizeof(line), file) != NULL)
		continue;
	fclose(file);
}

static void first_format(unsigned int i)
{
	char text[64];

	if (snprintf(text, sizeof(text), "%s:%u", "file", i) < 0)
		_exit(1);
}

struct item {
	const char *name;
	void (*run)(unsigned int i);
	unsigned int repeats;
};

static const struct item items[] = {
	{ "prctl(PR_CAPBSET_READ)", read_bounding, REPEATS },
	{ "prctl(PR_CAP_AMBIENT_IS_SET)", read_ambient, REPEATS },
	{ "prctl(PR_CAPBSET_DROP)", drop_bounding, REPEATS },
	{ "open, fstat, read, close of a small file", read_passwd, REPEATS },
	{ "the same through stdio, first use", first_stdio, 1 },
	{ "/proc/self/status, first read in a process", read_status, 1 },
	{ "/proc/self/status, further reads", read_status, REPEATS },
	{ "page fault, bss", touch_bss, REPEATS },
	{ "page fault, data segment", touch_data, REPEATS },
	{ "page fault, code or constants (64 KiB window)", touch_rodata, 8 },
	{ "malloc, first use", first_malloc, 1 },
	{ "snprintf, first use", first_format, 1 },
};

static int64_t run_in_child(const struct item *item)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int64_t start = now();

		for (unsigned int i = 0; i < item->repeats; i++)
			item->run(i);
		*result = now() - start;
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "prices: %s: failed\n", item->name);
		exit(1);
	}
	return *result;
}

static int ascending(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int main(void)
{
	int64_t times[RUNS];

	result = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (result == MAP_FAILED) {
		fprintf(stderr, "prices: mmap: %s\n", strerror(errno));
		return 1;
	}
	for (size_t k = 0; k < sizeof(items) / sizeof(items[0]); k++) {
		for (size_t i = 0; i < RUNS; i++)
			times[i] = run_in_child(&items[k]);
		qsort(times, RUNS, sizeof(times[0]), ascending);
		printf("| %s | %.2f |\n", items[k].name,
		       (double)times[RUNS / 2] / 1000.0 / items[k].repeats);
	}
	return 0;
}
