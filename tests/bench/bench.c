/* SPDX-License-Identifier: MIT */
/*
 * bench.c - times the start of many commands against each other, fairly.
 *
 *	bench [-r ROUNDS] [-w WARM-UP ROUNDS] [-c CPU] < LIST
 *
 * LIST has one line a contender: CASE, NAME and COMMAND, separated by one TAB; the
 *command is split at blanks and its first word is a path. Every round runs every
 *contender once, in an order that is shuffled anew (from a fixed seed), so that whatever
 *else happens on the machine hits all of them alike. Time is CLOCK_MONOTONIC from before
 *vfork until wait4 has returned; parent and child share one CPU. Printed per contender,
 *TAB separated: CASE, NAME, minimum, first quartile, median and third quartile in
 * nanoseconds, and the median of the minor page faults.
 *
 * Exit status 1 when a command could not be run or did not exit with 0; the others still
 * count.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CONTENDERS_MAX = 64, WORDS_MAX = 96, LINE_LENGTH = 4096 };

struct contender {
	char *line; /* what the fields below point into */
	char *group, *name, *argv[WORDS_MAX + 1];
	int64_t *times, *faults; /* of each round */
	int status;		 /* of the first run that failed, as wait4 gives it */
};

struct settings {
	size_t rounds, warm_ups;
	int cpu; /* -1: the last one of those allowed */
};

static void die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (memory == NULL)
		die("calloc");
	return memory;
}

static int64_t now(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) < 0)
		die("clock_gettime");
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Parent and child on one CPU: no migration, and no idle one that has to wake up. */
static void pin(int cpu)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		die("sched_getaffinity");
	if (cpu < 0)
		for (int i = 0; i < CPU_SETSIZE; i++)
			if (CPU_ISSET((size_t)i, &set))
				cpu = i;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		die("sched_setaffinity");
}

/* One line of standard input; false at the end. */
static bool read_contender(struct contender *ret, size_t rounds)
{
	char line[LINE_LENGTH], *cursor, *word;
	size_t words = 0;

	if (fgets(line, sizeof(line), stdin) == NULL)
		return false;
	ret->line = cursor = strdup(line);
	if (cursor == NULL)
		die("strdup");
	ret->group = strsep(&cursor, "\t");
	ret->name = strsep(&cursor, "\t");
	while ((word = strsep(&cursor, " \n")) != NULL && words < WORDS_MAX)
		if (*word != '\0')
			ret->argv[words++] = word;
	if (words == 0) {
		fprintf(stderr, "bench: no CASE, NAME and COMMAND: %s", line);
		exit(2);
	}
	ret->times = allocate(rounds, sizeof(*ret->times));
	ret->faults = allocate(rounds, sizeof(*ret->faults));
	return true;
}

static int run_once(const struct contender *contender, int64_t *ret_time,
		    int64_t *ret_faults)
{
	struct rusage usage;
	int status;
	int64_t start = now();
	pid_t pid = vfork();

	if (pid == 0) {
		execv(contender->argv[0], contender->argv);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
		die("vfork and wait4");
	*ret_time = now() - start;
	*ret_faults = usage.ru_minflt;
	return status;
}

static void shuffle(size_t *order, size_t count)
{
	static uint64_t random = UINT64_C(88172645463325252);

	for (size_t i = count - 1; i > 0; i--) {
		size_t other, held = order[i];

		random ^= random << 13; /* xorshift64 */
		random ^= random >> 7;
		random ^= random << 17;
		other = (size_t)(random % (i + 1));
		order[i] = order[other];
		order[other] = held;
	}
}

static void run_all(struct contender *list, size_t count, const struct settings *settings)
{
	size_t order[CONTENDERS_MAX];

	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (size_t round = 0; round < settings->warm_ups + settings->rounds; round++) {
		size_t slot = round < settings->warm_ups ? 0 : round - settings->warm_ups;

		shuffle(order, count);
		for (size_t i = 0; i < count; i++) {
			struct contender *one = &list[order[i]];

			/* One that fails is out, and says so once. */
			if (one->status == 0)
				one->status = run_once(one, &one->times[slot],
						       &one->faults[slot]);
		}
	}
}

static int ascending(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool report(struct contender *one, size_t rounds)
{
	const int64_t *t = one->times;

	if (one->status != 0) {
		fprintf(stderr, "bench: %s, %s: did not exit with 0 (wait status 0x%x)\n",
			one->group, one->name, (unsigned int)one->status);
		return false;
	}
	qsort(one->times, rounds, sizeof(*one->times), ascending);
	qsort(one->faults, rounds, sizeof(*one->faults), ascending);
	printf("%s\t%s\t%lld\t%lld\t%lld\t%lld\t%lld\n", one->group, one->name,
	       (long long)t[0], (long long)t[rounds / 4], (long long)t[rounds / 2],
	       (long long)t[rounds * 3 / 4], (long long)one->faults[rounds / 2]);
	return true;
}

static size_t read_number(const char *text, size_t least, size_t most)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || number < least ||
	    number > most) {
		fprintf(stderr, "bench: not a number from %zu to %zu: %s\n", least, most,
			text);
		exit(2);
	}
	return number;
}

static struct settings read_options(int argc, char **argv)
{
	struct settings settings = { .rounds = 500, .warm_ups = 20, .cpu = -1 };
	int option;

	while ((option = getopt(argc, argv, "r:w:c:")) != -1) {
		if (option == 'r') {
			settings.rounds = read_number(optarg, 1, 1000000);
		} else if (option == 'w') {
			settings.warm_ups = read_number(optarg, 0, 1000000);
		} else if (option == 'c') {
			settings.cpu = (int)read_number(optarg, 0, CPU_SETSIZE - 1);
		} else {
			fputs("usage: bench [-r ROUNDS] [-w ROUNDS] [-c CPU] < LIST\n",
			      stderr);
			exit(2);
		}
	}
	return settings;
}

int main(int argc, char **argv)
{
	static struct contender list[CONTENDERS_MAX];
	struct settings settings = read_options(argc, argv);
	size_t count = 0;
	bool fine = true;

	while (count < CONTENDERS_MAX && read_contender(&list[count], settings.rounds))
		count++;
	if (count == 0 || !feof(stdin)) {
		fprintf(stderr, "bench: from 1 to %d contenders, please\n",
			CONTENDERS_MAX - 1);
		return 2;
	}
	pin(settings.cpu);
	run_all(list, count, &settings);
	for (size_t i = 0; i < count; i++)
		fine = report(&list[i], settings.rounds) && fine;
	return fine ? 0 : 1;
}
