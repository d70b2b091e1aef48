/* SPDX-License-Identifier: MIT */
/*
 * Who runs: the programs of a run with their ids. A command that cannot become who it
 * wants to be may well serve as root; only this tells.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl-learn.h"

static int compare(const struct ck_ids *a, const struct ck_ids *b)
{
	int rc = strcmp(a->program, b->program);

	return rc ? rc : memcmp(&a->ruid, &b->ruid, sizeof(*a) - sizeof(a->program));
}

static int by_value(const void *a, const void *b)
{
	return compare(a, b);
}

static const char *program_of(struct ck_arena *arena, pid_t pid, const char *name)
{
	char path[64], target[512];
	const char *base;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	n = readlink(path, target, sizeof(target) - 1);
	if (n <= 0)
		return name;
	target[n] = '\0';
	base = strrchr(target, '/');
	return ck_format(arena, "%s", base ? base + 1 : target);
}

/* Who cannot be looked at, and is not gone, would be taken for nobody. */
static void fail_to_see(struct ck_learn *learn, pid_t pid, int rc)
{
	if (rc != -ESRCH && !learn->fatal)
		learn->fatal = ck_format(learn->arena,
					 "/proc/%d: %s: a process of the run cannot be "
					 "seen",
					 (int)pid, strerror(-rc));
}

/* Whoever runs, or would run if only a processor were free, is not where it goes to. */
static bool is_busy(struct ck_learn *learn, pid_t pid)
{
	struct ck_processes threads = { .count = 0 };
	int rc = ck_process_threads(learn->arena, pid, &threads);
	size_t i;

	if (rc < 0)
		fail_to_see(learn, pid, rc);
	for (i = 0; i < threads.count; i++)
		if (threads.list[i].phase && strchr("RDt", threads.list[i].phase))
			return true;
	return false;
}

static void add(struct ck_learn *learn, pid_t pid, struct ck_tree *tree)
{
	struct ck_process process;
	const struct ck_state *state = &process.state;
	int rc = ck_process_read(learn->arena, pid, 0, &process);

	if (rc < 0)
		fail_to_see(learn, pid, rc);
	if (rc < 0 || process.pid != pid)
		return;
	tree->busy = tree->busy || is_busy(learn, pid);
	tree->list = ck_grow(learn->arena, tree->list, tree->count, &tree->room,
			     sizeof(*tree->list));
	tree->list[tree->count++] = (struct ck_ids){
		program_of(learn->arena, pid, process.name),
		state->ruid,
		state->euid,
		state->suid,
		state->rgid,
		state->egid,
		state->sgid,
	};
}

/* Has nobody come, or gone, since? */
static bool are_still(struct ck_learn *learn, const pid_t *pids, size_t count)
{
	size_t now_count, i = 0;
	pid_t *now;

	ck_watch_pids(learn, false, &now, &now_count);
	while (i < count && i < now_count && pids[i] == now[i])
		i++;
	return i == count && i == now_count;
}

void ck_tree_read(struct ck_learn *learn, struct ck_tree *ret)
{
	struct ck_tree tree = { .count = 0 };
	unsigned long turns;
	size_t count, i, kept = 0;
	pid_t *pids;

	ck_watch_pump(learn, 0);
	turns = learn->turns;
	ck_watch_pids(learn, false, &pids, &count);
	for (i = 0; i < count; i++)
		add(learn, pids[i], &tree);
	/* Who waits for a child that it has just started, or that waits for us, rests. */
	tree.busy = tree.busy || !are_still(learn, pids, count);
	ck_watch_pump(learn, 0);
	tree.busy = tree.busy || turns != learn->turns;
	if (tree.count)
		qsort(tree.list, tree.count, sizeof(*tree.list), by_value);
	for (i = 0; i < tree.count; i++)
		if (!i || compare(&tree.list[i], &tree.list[i - 1]) != 0)
			tree.list[kept++] = tree.list[i];
	tree.count = kept;
	*ret = tree;
}

static bool has(const struct ck_tree *tree, const struct ck_ids *one)
{
	size_t i;

	for (i = 0; i < tree->count; i++)
		if (compare(&tree->list[i], one) == 0)
			return true;
	return false;
}

bool ck_tree_same(const struct ck_tree *a, const struct ck_tree *b)
{
	size_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (compare(&a->list[i], &b->list[i]) != 0)
			return false;
	return true;
}

static const char *ids_text(struct ck_arena *arena, const struct ck_ids *ids)
{
	if (ids->ruid == ids->euid && ids->rgid == ids->egid)
		return ck_format(arena, "%s with uid %u, gid %u", ids->program, ids->euid,
				 ids->egid);
	return ck_format(arena, "%s with uid %u/%u, gid %u/%u", ids->program, ids->ruid,
			 ids->euid, ids->rgid, ids->egid);
}

const char *ck_tree_differs(const struct ck_learn *learn, const struct ck_tree *tree)
{
	const struct ck_tree *a, *b;
	size_t i;

	if (!learn->reference[0] || !learn->reference[1])
		return NULL;
	a = &learn->reference[0]->tree;
	b = &learn->reference[1]->tree;
	for (i = 0; i < a->count; i++)
		if (has(b, &a->list[i]) && !has(tree, &a->list[i]))
			return ck_format(learn->arena, "there is no %s",
					 ids_text(learn->arena, &a->list[i]));
	for (i = 0; i < tree->count; i++)
		if (!has(a, &tree->list[i]) && !has(b, &tree->list[i]))
			return ck_format(learn->arena, "there is %s",
					 ids_text(learn->arena, &tree->list[i]));
	return NULL;
}
