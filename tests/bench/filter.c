/* SPDX-License-Identifier: MIT */
/*
 * filter.c - what a filter costs: from the bytes of a profile to the load, beside the
 * same rules through libseccomp; and an allowed call under it, beside a filter of one
 * instruction.
 *
 *	filter PROFILE [RUNS]	the table
 *	filter PROFILE ours|libseccomp|one [calls]	one run, for the table
 *
 * Every run is an exec of its own, as a launcher's is: nothing is warm that would be cold
 * there, and a filter cannot be taken back.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "capkeep.h"

#define RUNS_MAX 1000
#define CALLS 300000
#define PARTS 4 /* parse, compile, load, instructions; or nanoseconds of a call */

static char text[CK_FILE_MAX];
static size_t text_length;
static struct ck_profile profile;
/* As the launcher has it, see src/launch.c. */
static char room[163840] __attribute__((aligned(16)));
static struct ck_arena arena = { .next = room, .left = sizeof(room) };
static struct ck_diags diags = { .arena = &arena };

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void must(int rc, const char *what)
{
	if (rc == 0)
		return;
	fprintf(stderr, "filter: %s\n", what);
	exit(2);
}

static void read_file(const char *path)
{
	FILE *file = fopen(path, "r");

	must(!file, path);
	text_length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
}

static void parse(const char *path)
{
	ck_profile_empty(path, &profile);
	must(ck_profile_parse(path, text, text_length, &diags, &profile), "the profile");
}

static void load(const struct ck_insn *code, size_t count)
{
	struct {
		unsigned short length;
		const struct ck_insn *code;
	} program = { (unsigned short)count, code };

	must((int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			  SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program),
	     "the load");
}

static void ours(const char *path, double *ret)
{
	const struct ck_probe probe = { UINT64_C(0x0123456789abcdef), 3000 };
	struct ck_program program;
	struct ck_rules rules;
	double start = now();

	parse(path);
	must(ck_filter_read(&profile, 0, &diags, &rules), "the rules");
	ret[0] = now() - start;
	must(ck_filter_compile(&arena, &rules, &probe, &diags, &program), "the program");
	ret[1] = now() - start - ret[0];
	load(program.code, program.count);
	ret[2] = now() - start - ret[0] - ret[1];
	ret[3] = (double)program.count;
}

static void one(double *ret)
{
	static const struct ck_insn allow = { CK_RET, 0, 0, CK_ACT_ALLOW };
	double start = now();

	load(&allow, 1);
	ret[2] = now() - start;
	ret[3] = 1;
}

static void add_call(scmp_filter_ctx context, const char *name)
{
	static const uint32_t personalities[] = { 0, 8, 0x20000, 0x20008, 0xffffffff };
	int call = seccomp_syscall_resolve_name(name), rc = 0;

	if (call == __NR_SCMP_ERROR)
		return;
	if (!strcmp(name, "personality"))
		for (size_t i = 0; i < CK_ARRAY_SIZE(personalities); i++)
			rc |= seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 1,
					       SCMP_A0(SCMP_CMP_EQ, personalities[i]));
	else if (!strcmp(name, "clone"))
		rc = seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 1,
				      SCMP_A0(SCMP_CMP_MASKED_EQ, 0x7e020000, 0));
	else if (!strcmp(name, "clone3"))
		rc = seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), call, 0);
	else
		rc = seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 0);
	must(rc, name);
}

/* The same rules; reading the profile is not in the time. */
static void peer(const char *path, double *ret)
{
	scmp_filter_ctx context;
	double start;

	parse(path);
	start = now();
	context = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	must(!context, "seccomp_init");
#if defined(__x86_64__)
	must(seccomp_arch_add(context, SCMP_ARCH_X86), "i386");
	must(seccomp_arch_add(context, SCMP_ARCH_X32), "x32");
#endif
	for (size_t i = 0; i < profile.seccomp.count; i++) {
		const struct ck_filter_entry *entry = &profile.seccomp.list[i];
		const char *cursor = entry->value, *item;
		size_t length;

		if (strcmp(entry->key, "allow") != 0 && strcmp(entry->key, "deny") != 0)
			continue;
		while ((length = ck_item_next(&cursor, &item)) > 0) {
			char *name = ck_strndup(&arena, item, length);

			name[strcspn(name, "(=")] = '\0';
			add_call(context, name);
		}
	}
	ret[0] = now() - start;
	must(seccomp_load(context), "seccomp_load");
	ret[2] = now() - start - ret[0];
}

static double call_cost(void)
{
	double start = now();

	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	return (now() - start) * 1e3 / CALLS;
}

static int run_once(const char *path, const char *what, bool calls)
{
	double part[PARTS] = { 0 };

	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	if (!strcmp(what, "ours"))
		ours(path, part);
	else if (!strcmp(what, "libseccomp"))
		peer(path, part);
	else if (!strcmp(what, "one"))
		one(part);
	if (calls)
		part[0] = call_cost();
	return write(STDOUT_FILENO, part, sizeof(part)) != (ssize_t)sizeof(part);
}

static void run(const char *path, const char *what, bool calls, double *ret)
{
	char *argv[] = { (char *)(uintptr_t) "filter", (char *)(uintptr_t)path,
			 (char *)(uintptr_t)what,
			 calls ? (char *)(uintptr_t) "calls" : NULL, NULL };
	int ends[2], status = 0;

	must(pipe(ends), "pipe");
	if (fork() == 0) {
		dup2(ends[1], STDOUT_FILENO);
		execv("/proc/self/exe", argv);
		_exit(2);
	}
	close(ends[1]);
	must(read(ends[0], ret, PARTS * sizeof(*ret)) != (ssize_t)(PARTS * sizeof(*ret)),
	     what);
	close(ends[0]);
	must(wait(&status) < 0 || status, what);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *list, size_t count)
{
	qsort(list, count, sizeof(*list), ascending);
	return list[count / 2];
}

/* A row of the table; the median of the sums. */
static double report(const char *name, const char *path, const char *what, size_t runs)
{
	static double list[PARTS][RUNS_MAX];
	double part[PARTS] = { 0 };
	double total;

	for (size_t i = 0; i < runs; i++) {
		run(path, what, false, part);
		for (size_t j = 0; j < 3; j++)
			list[j][i] = part[j];
		list[3][i] = part[0] + part[1] + part[2];
	}
	total = median(list[3], runs);
	printf("| %s | %.0f | %.0f | %.0f | %.0f | %.0f |", name, median(list[0], runs),
	       median(list[1], runs), median(list[2], runs), total, list[3][0]);
	if (part[3] > 0)
		printf(" %.0f |\n", part[3]);
	else
		printf(" |\n");
	return total;
}

/* Nanoseconds of a call without a filter, under one instruction, under ours: in turn, so
 * that whatever else happens on the machine hits all of them alike. */
static void calls(const char *path, double ret[3])
{
	static const char *const what[] = { "none", "one", "ours" };
	double list[3][31], part[PARTS];

	for (size_t i = 0; i < 31; i++)
		for (size_t j = 0; j < 3; j++) {
			run(path, what[j], true, part);
			list[j][i] = part[0];
		}
	for (size_t j = 0; j < 3; j++)
		ret[j] = median(list[j], 31);
}

static const char *verdict(bool holds)
{
	return holds ? "PASS" : "OVER";
}

int main(int argc, char **argv)
{
	size_t runs = argc == 3 ? strtoul(argv[2], NULL, 10) : 201;
	double own, other, call[3];

	must(argc < 2, "usage: filter PROFILE [RUNS]");
	read_file(argv[1]);
	if (argc > 2 && !runs)
		return run_once(argv[1], argv[2], argc > 3);
	if (argc == 4)
		return run_once(argv[1], argv[2], true);
	must(!runs || runs > RUNS_MAX, "RUNS is at most 1000");
	printf("\n| docker's default profile, three ABIs | parse, rules | compile | load | "
	       "sum | fastest | instructions |\n|---|--:|--:|--:|--:|--:|--:|\n");
	own = report("capkeep", argv[1], "ours", runs);
	other = report("libseccomp", argv[1], "libseccomp", runs / 10 + 1);
	calls(argv[1], call);
	printf("\n| filter | measured | limit | |\n|---|--:|--:|---|\n");
	printf("| parse, compile and load, us | %.0f | 400 | %s |\n", own,
	       verdict(own <= 400));
	printf("| libseccomp / capkeep | %.0f | at least 20 | %s |\n", other / own,
	       verdict(other >= 20 * own));
	printf("| an allowed call, ns (without a filter %.1f, under one instruction %.1f) | "
	       "%.1f | %.1f | %s |\n",
	       call[0], call[1], call[2], call[1] * 1.03,
	       verdict(call[2] <= call[1] * 1.03));
	return 0;
}
