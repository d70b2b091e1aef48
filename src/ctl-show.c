/* SPDX-License-Identifier: MIT */
/* capkeepctl show: who holds what, as pscap, getpcaps and capsh --print tell it together.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl-filter.h"

struct row {
	struct ck_process *process;
	unsigned int depth;
	bool wanted, shown, listed;
};

struct view {
	struct ck_ctl *ctl;
	struct row *rows;
	size_t count;
	bool threads, tree, container,
		foreign; /* foreign: another user namespace is in sight */
	unsigned long own_userns;
};

static bool holds_any(const struct ck_process *process)
{
	const struct ck_sets *sets = &process->state.sets;

	return (sets->permitted | sets->effective | sets->inheritable | sets->ambient) !=
	       0;
}

/* The processes that were named; those that cannot be had are reported. */
static int read_named(struct ck_ctl *ctl, bool threads, struct ck_processes *all)
{
	size_t i, room = 0;
	int status = CK_CTL_FINE;

	for (i = 0; i < ctl->operands.count; i++) {
		const char *word = ctl->operands.list[i];
		pid_t pid;
		int rc;

		if (ck_pid_operand(ctl, word, &pid) < 0)
			return CK_CTL_USAGE;
		if (threads && pid) {
			rc = ck_process_threads(ctl->arena, pid, all);
		} else {
			room = all->room;
			all->list = ck_grow(ctl->arena, all->list, all->count, &room,
					    sizeof(*all->list));
			all->room = room;
			rc = ck_process_of(ctl->arena, pid, &all->list[all->count]);
			all->count += rc == 0;
		}
		if (rc < 0)
			status = ck_process_fail(ctl, word, rc);
	}
	return status;
}

static int read_all(struct ck_ctl *ctl, bool threads, struct ck_processes *all)
{
	int rc = ck_processes_read(ctl->arena, threads, all);

	if (rc == 0)
		return CK_CTL_FINE;
	return ck_ctl_fail(ctl, CK_CTL_FAILED, "/proc",
			   rc == -ENOENT ? "shows no process; is it mounted?" : "%s",
			   strerror(-rc));
}

static struct row *row_of(struct view *view, pid_t pid)
{
	size_t low = 0, high = view->count;

	while (low < high) { /* the rows are in the order of pids */
		size_t middle = (low + high) / 2;

		if (view->rows[middle].process->pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < view->count && view->rows[low].process->pid == pid ?
		       &view->rows[low] :
		       NULL;
}

/* A tree without the parents would not be one. */
static void want_parents(struct view *view)
{
	size_t i;

	for (i = 0; i < view->count; i++) {
		struct row *row = &view->rows[i];

		while (row && (row->wanted || row->shown) && row->process->ppid) {
			row = row_of(view, row->process->ppid);
			if (!row || row->shown)
				break;
			row->shown = true;
		}
	}
}

static void list_tree(struct view *view, struct row *row, unsigned int depth,
		      struct row *out, size_t *count)
{
	pid_t pid = row->process->pid;
	size_t i;

	if (row->listed || depth > 1000)
		return; /* pids that changed hands while we read can make a ring */
	row->listed = true;
	row->depth = depth;
	out[(*count)++] = *row;
	for (i = 0; i < view->count; i++)
		if (view->rows[i].process->ppid == pid &&
		    (view->rows[i].wanted || view->rows[i].shown))
			list_tree(view, &view->rows[i], depth + 1, out, count);
}

static void make_tree(struct view *view)
{
	struct row *out = ck_alloc_array(view->ctl->arena, view->count + 1, sizeof(*out));
	size_t i, count = 0;

	want_parents(view);
	for (i = 0; i < view->count; i++)
		if ((view->rows[i].wanted || view->rows[i].shown) &&
		    !row_of(view, view->rows[i].process->ppid))
			list_tree(view, &view->rows[i], 0, out, &count);
	for (i = 0; i < view->count; i++)
		if (view->rows[i].wanted)
			list_tree(view, &view->rows[i], 0, out, &count);
	view->rows = out;
	view->count = count;
}

static void keep_wanted(struct view *view)
{
	size_t i, kept = 0;

	for (i = 0; i < view->count; i++)
		if (view->rows[i].wanted)
			view->rows[kept++] = view->rows[i];
	view->count = kept;
}

static int by_container(const void *a, const void *b)
{
	const struct ck_process *x = ((const struct row *)a)->process;
	const struct ck_process *y = ((const struct row *)b)->process;
	int order = strcmp(x->container, y->container);

	if (order)
		return order;
	return x->pid != y->pid ? (x->pid < y->pid ? -1 : 1) :
				  (x->tid > y->tid) - (x->tid < y->tid);
}

static void place(struct view *view)
{
	struct ck_process self;
	size_t i;

	if (ck_process_read(view->ctl->arena, getpid(), 0, &self) == 0) {
		ck_process_place(view->ctl->arena, &self, false);
		view->own_userns = self.userns;
	}
	for (i = 0; i < view->count; i++) {
		struct ck_process *process = view->rows[i].process;

		ck_process_place(view->ctl->arena, process, view->container);
		if (process->userns && process->userns != view->own_userns)
			view->foreign = true;
	}
	if (view->container && view->count)
		qsort(view->rows, view->count, sizeof(*view->rows), by_container);
}

static const char *with(struct ck_arena *arena, const char *text, bool differs,
			const char *what, uint64_t mask, uint64_t known)
{
	if (!differs)
		return text;
	return ck_format(arena, "%s, %s %s", text, what, ck_compact(arena, mask, known));
}

static const char *seccomp_text(struct ck_arena *arena, const struct ck_process *process)
{
	static const char *const modes[] = { "off", "strict", "filter" };

	if (process->seccomp < 0)
		return "?";
	if (process->seccomp == 2 && process->filters)
		return ck_format(arena, "filter %u", process->filters);
	return modes[process->seccomp];
}

static const char *userns_text(const struct view *view, const struct ck_process *process)
{
	if (!process->userns)
		return "?";
	return process->userns == view->own_userns ?
		       "own" :
		       ck_format(view->ctl->arena, "%lu", process->userns);
}

static enum ck_colour colour_of(const struct ck_process *process)
{
	uint64_t effective = process->state.sets.effective;

	if (effective && effective == process->state.known)
		return CK_RED;
	return effective & ck_caps_root() ? CK_YELLOW : CK_PLAIN;
}

static void add_sets(struct ck_table *table, const struct ck_process *process)
{
	struct ck_arena *arena = table->ctl->arena;
	const struct ck_sets *sets = &process->state.sets;
	uint64_t known = process->state.known;

	ck_table_add(table, colour_of(process),
		     with(arena, ck_compact(arena, sets->permitted, known),
			  sets->effective != sets->permitted, "effective",
			  sets->effective, known));
	ck_table_add(table, CK_PLAIN,
		     with(arena, ck_compact(arena, sets->ambient, known),
			  sets->inheritable != sets->ambient, "inheritable",
			  sets->inheritable, known));
	ck_table_add(table, CK_PLAIN, ck_compact(arena, sets->bounding, known));
}

static void add_row(const struct view *view, struct ck_table *table,
		    const struct row *row)
{
	const struct ck_process *process = row->process;
	struct ck_arena *arena = view->ctl->arena;

	if (view->container)
		ck_table_add(table, CK_PLAIN,
			     *process->container ? process->container : "-");
	ck_table_add(table, CK_PLAIN, ck_format(arena, "%d", (int)process->pid));
	if (view->threads)
		ck_table_add(table, CK_PLAIN, ck_format(arena, "%d", (int)process->tid));
	ck_table_add(table, CK_PLAIN, ck_user_name(process->state.euid));
	ck_table_add(table, CK_PLAIN, process->state.no_new_privs ? "yes" : "no");
	ck_table_add(table, CK_PLAIN, seccomp_text(arena, process));
	if (view->foreign)
		ck_table_add(table, CK_PLAIN, userns_text(view, process));
	ck_table_add(table, row->wanted ? CK_PLAIN : CK_DIM,
		     ck_format(arena, "%*s%s", (int)row->depth * 2, "", process->name));
	add_sets(table, process);
}

static void print_table(const struct view *view)
{
	struct ck_column columns[12];
	struct ck_table table;
	size_t n = 0, i;

	if (view->container)
		columns[n++] = (struct ck_column){ "CONTAINER", false };
	columns[n++] = (struct ck_column){ "PID", true };
	if (view->threads)
		columns[n++] = (struct ck_column){ "TID", true };
	columns[n++] = (struct ck_column){ "USER", false };
	columns[n++] = (struct ck_column){ "NNP", false };
	columns[n++] = (struct ck_column){ "SECCOMP", false };
	if (view->foreign)
		columns[n++] = (struct ck_column){ "USERNS", false };
	columns[n++] = (struct ck_column){ "COMMAND", false };
	columns[n++] = (struct ck_column){ "PERMITTED", false };
	columns[n++] = (struct ck_column){ "AMBIENT", false };
	columns[n++] = (struct ck_column){ "BOUNDING", false };
	ck_table_begin(&table, view->ctl, columns, n);
	for (i = 0; i < view->count; i++)
		add_row(view, &table, &view->rows[i]);
	ck_table_print(&table);
}

static void print_set(struct ck_ctl *ctl, const char *name, uint64_t mask)
{
	ck_print(ctl, "  %-12s %016llx ", name, (unsigned long long)mask);
	ck_print_wrapped(ctl, 32, 32, ck_cap_text(ctl->arena, mask));
}

static const char *groups_text(struct ck_arena *arena, const struct ck_state *state)
{
	const char *text = state->ngroups ? "" : " none";
	size_t i;

	for (i = 0; i < state->ngroups; i++)
		text = ck_format(arena, "%s %u", text, state->groups[i]);
	return text;
}

static void print_wide(const struct view *view, const struct ck_process *process)
{
	struct ck_ctl *ctl = view->ctl;
	const struct ck_state *state = &process->state;

	ck_print(ctl, "%s",
		 ck_paint(ctl, CK_BOLD, ck_format(ctl->arena, "%d", (int)process->tid)));
	ck_print(ctl, " %s\n", ck_safe(ctl->arena, process->name));
	if (process->container && *process->container)
		ck_print(ctl, "  %-12s %s\n", "container", process->container);
	print_set(ctl, "bounding", state->sets.bounding);
	print_set(ctl, "permitted", state->sets.permitted);
	print_set(ctl, "effective", state->sets.effective);
	print_set(ctl, "inheritable", state->sets.inheritable);
	print_set(ctl, "ambient", state->sets.ambient);
	ck_print(ctl, "  %-12s uid %u %u %u, gid %u %u %u, groups%s\n", "ids",
		 state->ruid, state->euid, state->suid, state->rgid, state->egid,
		 state->sgid, groups_text(ctl->arena, state));
	ck_print(ctl, "  %-12s %s\n", "no_new_privs", state->no_new_privs ? "yes" : "no");
	ck_print(ctl, "  %-12s %s\n", "seccomp", seccomp_text(ctl->arena, process));
	if (process->securebits_known)
		ck_print(ctl, "  %-12s 0x%x\n", "securebits", state->securebits);
	else
		ck_print(ctl, "  %-12s not told by the kernel of another process\n",
			 "securebits");
	if (process->userns)
		ck_print(ctl, "  %-12s %lu%s\n", "userns", process->userns,
			 process->userns == view->own_userns ? " (own)" : "");
	else
		ck_print(ctl, "  %-12s ?\n", "userns");
}

static void print_json(const struct view *view)
{
	json_t *array = ck_json_array();
	size_t i;

	for (i = 0; i < view->count; i++)
		ck_json_add(array, ck_json_process(view->rows[i].process));
	ck_json_print(view->ctl, array);
}

static void select_rows(struct view *view, struct ck_processes *all, bool every)
{
	size_t i;

	view->count = all->count;
	view->rows =
		ck_alloc_array(view->ctl->arena, all->count + 1, sizeof(*view->rows));
	for (i = 0; i < all->count; i++)
		view->rows[i] =
			(struct row){ .process = &all->list[i],
				      .wanted = every || holds_any(&all->list[i]) };
}

int ck_ctl_show(struct ck_ctl *ctl)
{
	struct view view = { .ctl = ctl,
			     .threads = ck_ctl_value(ctl, "threads") != NULL,
			     .tree = ck_ctl_value(ctl, "tree") != NULL,
			     .container = ck_ctl_value(ctl, "container") != NULL };
	struct ck_processes all = { .count = 0 };
	bool named = ctl->operands.count > 0;
	int status;
	size_t i;

	if (ck_ctl_value(ctl, "filter"))
		return ck_show_filter(ctl);
	if (view.tree && (view.threads || view.container || named))
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "show",
				   "--tree stands without pids, "
				   "--threads and --container");
	status = named ? read_named(ctl, view.threads, &all) :
			 read_all(ctl, view.threads, &all);
	if (status == CK_CTL_USAGE || (status != CK_CTL_FINE && all.count == 0))
		return status;
	select_rows(&view, &all, named || ck_ctl_value(ctl, "all"));
	if (view.tree)
		make_tree(&view);
	else
		keep_wanted(&view);
	place(&view);
	if (ctl->json)
		print_json(&view);
	else if (ck_ctl_value(ctl, "wide"))
		for (i = 0; i < view.count; i++)
			print_wide(&view, view.rows[i].process);
	else
		print_table(&view);
	return status;
}
