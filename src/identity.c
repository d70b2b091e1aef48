/* SPDX-License-Identifier: MIT */
/*
 * /etc/passwd and /etc/group -> ids, read directly: name service switches load code, and
 * a static launcher has to be whole. Digits are never looked up as a name, a name is
 * never read as a number.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capkeep.h"

#define FILE_LIMIT (16U << 20) /* bytes of passwd or group */

/* One of the two files, in memory. */
struct table {
	const char *path, *bytes;
	size_t length;
	int error;
};

struct row {
	const char *start, *end;
	unsigned int line;
};

struct resolver {
	struct ck_arena *arena;
	struct ck_diags *diags;
	const struct ck_profile *profile;
	struct table passwd, group;
};

/* The next line as it is. */
static bool next_line(const struct table *table, size_t *offset, struct row *row)
{
	if (table->error < 0 || *offset >= table->length)
		return false;
	row->start = table->bytes + *offset;
	row->end = memchr(row->start, '\n', table->length - *offset);
	if (!row->end)
		row->end = table->bytes + table->length;
	*offset = (size_t)(row->end - table->bytes) + 1;
	row->line++;
	return true;
}

/* The next line; false at the end. Lines that begin with + or - are directions to the
 * name service switch, and no entries. */
static bool next_row(const struct table *table, size_t *offset, struct row *row)
{
	do
		if (!next_line(table, offset, row))
			return false;
	while (row->start < row->end && (*row->start == '+' || *row->start == '-'));
	return true;
}

/* Field i of the row, counted from 0; false where there are fewer. */
static bool field(const struct row *row, unsigned int i, const char **ret,
		  size_t *ret_length)
{
	const char *p = row->start, *colon;

	for (;; p = colon + 1) {
		colon = memchr(p, ':', (size_t)(row->end - p));
		if (i == 0)
			break;
		if (!colon)
			return false;
		i--;
	}
	*ret = p;
	*ret_length = (size_t)((colon ? colon : row->end) - p);
	return true;
}

static bool field_is(const struct row *row, unsigned int i, const char *text,
		     size_t length)
{
	const char *start;
	size_t n;

	/* Most rows differ in the first letter of the name already. */
	if (i == 0 && row->start < row->end && *row->start != *text)
		return false;
	return field(row, i, &start, &n) && n == length && !memcmp(start, text, length);
}

/* The row whose name is text or, where text is digits, whose number (field 2) is that. */
static bool find_row(const struct table *table, const char *text, struct row *ret)
{
	size_t length = strlen(text), offset = 0;
	unsigned int column = ck_is_digits(text, length) ? 2 : 0;
	struct row row = { .line = 0 };

	while (next_row(table, &offset, &row)) {
		if (!field_is(&row, column, text, length))
			continue;
		*ret = row;
		return true;
	}
	return false;
}

static const char *copy_field(struct ck_arena *arena, const struct row *row,
			      unsigned int i)
{
	const char *start;
	size_t length;

	return field(row, i, &start, &length) ? ck_strndup(arena, start, length) : "";
}

static int row_number(struct resolver *r, const struct table *table,
		      const struct row *row, unsigned int i, uint64_t *ret)
{
	const struct ck_origin origin = { table->path, row->line };
	const char *start;
	size_t length;

	if (field(row, i, &start, &length) &&
	    ck_number(start, length, CK_ID_MAX, ret) == 0)
		return 0;
	ck_diag_add(r->diags, ck_origin_text(r->arena, &origin),
		    "the entry of %s has no valid number in field %u",
		    copy_field(r->arena, row, 0), i + 1);
	return -EINVAL;
}

/* Where key of [process] was stated, or else the user, from whom it follows. */
static const char *stated_at(const struct resolver *r, const char *key)
{
	const char *user = ck_profile_where(r->arena, r->profile, "process", "user", key);

	return ck_profile_where(r->arena, r->profile, "process", key, user);
}

/* A file that is not there has no entries; one that cannot be read may have the entry. */
static int open_table(struct resolver *r, const char *path, const char *key,
		      struct table *table)
{
	*table = (struct table){ .path = path };
	table->error =
		ck_file_slurp(r->arena, path, FILE_LIMIT, &table->bytes, &table->length);
	if (table->error == 0 || table->error == -ENOENT)
		return 0;
	ck_diag_add(r->diags, stated_at(r, key), "%s cannot be read: %s", path,
		    strerror(-table->error));
	return -EINVAL;
}

static void not_found(struct resolver *r, const struct table *table, const char *what,
		      const char *name, const char *key)
{
	const char *where = stated_at(r, key);
	struct ck_nearest best = { 0 };
	struct row row = { .line = 0 };
	size_t offset = 0;

	if (table->error < 0) {
		ck_diag_add(r->diags, where,
			    "%s '%s' cannot be looked up: %s: %s; write a number "
			    "instead",
			    what, name, table->path, strerror(-table->error));
		return;
	}
	while (next_row(table, &offset, &row))
		ck_nearest_try(&best, name, copy_field(r->arena, &row, 0));
	ck_diag_add(r->diags, where, "there is no %s '%s' in %s%s", what, name,
		    table->path, ck_nearest_hint(r->arena, &best));
}

static int resolve_group(struct resolver *r, const char *name, const char *key,
			 gid_t *ret)
{
	struct row row;
	uint64_t gid;

	if (ck_is_digits(name, strlen(name))) {
		if (ck_number(name, strlen(name), CK_ID_MAX, &gid) < 0)
			return -EINVAL; /* its parser refused it */
		*ret = (gid_t)gid;
		return 0;
	}
	if (!find_row(&r->group, name, &row)) {
		not_found(r, &r->group, "group", name, key);
		return -EINVAL;
	}
	if (row_number(r, &r->group, &row, 2, &gid) < 0)
		return -EINVAL;
	*ret = (gid_t)gid;
	return 0;
}

static int take_entry(struct resolver *r, const struct row *row, struct ck_identity *id)
{
	uint64_t gid;

	if (row_number(r, &r->passwd, row, 3, &gid) < 0)
		return -EINVAL;
	id->gid = (gid_t)gid;
	id->user_name = copy_field(r->arena, row, 0);
	id->home = copy_field(r->arena, row, 5);
	id->shell = copy_field(r->arena, row, 6);
	return 0;
}

static int resolve_user(struct resolver *r, struct ck_identity *id)
{
	const char *user = r->profile->user;
	bool digits = ck_is_digits(user, strlen(user));
	struct row row;
	uint64_t uid;

	if (digits && ck_number(user, strlen(user), CK_ID_MAX, &uid) < 0)
		return -EINVAL; /* its parser refused it */
	if (find_row(&r->passwd, user, &row)) {
		if (row_number(r, &r->passwd, &row, 2, &uid) < 0 ||
		    take_entry(r, &row, id) < 0)
			return -EINVAL;
	} else if (!digits) {
		not_found(r, &r->passwd, "user", user, "user");
		return -EINVAL;
	} else if (!r->profile->group) {
		ck_diag_add(r->diags, stated_at(r, "user"),
			    "uid %s has no entry in %s, so its group has to be "
			    "stated: group = GROUP in [process], or -u %s:GROUP",
			    user, r->passwd.path, user);
		return -EINVAL;
	}
	id->uid = (uid_t)uid;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	gid_t x = *(const gid_t *)a, y = *(const gid_t *)b;

	return x < y ? -1 : x > y;
}

size_t ck_groups_sort(gid_t *groups, size_t count)
{
	size_t i, kept = 0;

	if (count)
		qsort(groups, count, sizeof(*groups), by_number);
	for (i = 0; i < count; i++)
		if (i == 0 || groups[i] != groups[i - 1])
			groups[kept++] = groups[i];
	return kept;
}

static void add_group(struct resolver *r, struct ck_identity *id, size_t *room, gid_t gid)
{
	id->groups =
		ck_grow(r->arena, id->groups, id->ngroups, room, sizeof(*id->groups));
	id->groups[id->ngroups++] = gid;
}

static bool is_member(const struct row *row, const char *user)
{
	size_t length = strlen(user), n;
	const char *p, *end;

	/* Most groups list nobody. */
	if (row->start == row->end || row->end[-1] == ':' || !field(row, 3, &p, &n))
		return false;
	for (end = p + n; p < end; p++) {
		const char *comma = memchr(p, ',', (size_t)(end - p));

		if (!comma)
			comma = end;
		if ((size_t)(comma - p) == length && !memcmp(p, user, length))
			return true;
		p = comma;
	}
	return false;
}

/* As initgroups(3): the gid itself and the groups that list the user. */
static int init_groups(struct resolver *r, struct ck_identity *id)
{
	struct row row = { .line = 0 };
	size_t offset = 0, room = 0;

	if (!id->user_name) {
		ck_diag_add(r->diags, stated_at(r, "groups"),
			    "groups = init needs an entry in %s, and uid %u has "
			    "none; write groups = none or a list",
			    r->passwd.path, id->uid);
		return -EINVAL;
	}
	add_group(r, id, &room, id->gid);
	while (next_row(&r->group, &offset, &row)) {
		uint64_t gid;

		if (!is_member(&row, id->user_name))
			continue;
		if (row_number(r, &r->group, &row, 2, &gid) < 0)
			return -EINVAL;
		add_group(r, id, &room, (gid_t)gid);
	}
	return 0;
}

static int list_groups(struct resolver *r, struct ck_identity *id)
{
	const struct ck_strings *list = &r->profile->groups.list;
	size_t i, room = 0;
	int rc = 0;

	for (i = 0; i < list->count; i++) {
		gid_t gid;

		if (resolve_group(r, list->list[i], "groups", &gid) < 0)
			rc = -EINVAL;
		else
			add_group(r, id, &room, gid);
	}
	return rc;
}

static enum ck_groups groups_kind(const struct ck_profile *profile)
{
	if (profile->groups.kind != CK_GROUPS_DEFAULT)
		return profile->groups.kind;
	if (!profile->user)
		return CK_GROUPS_UNCHANGED;
	return ck_is_digits(profile->user, strlen(profile->user)) ? CK_GROUPS_NONE :
								    CK_GROUPS_INIT;
}

static int resolve_groups(struct resolver *r, struct ck_identity *id)
{
	enum ck_groups kind = groups_kind(r->profile);
	int rc = 0;

	if (kind == CK_GROUPS_INIT)
		rc = init_groups(r, id);
	else if (kind == CK_GROUPS_LIST)
		rc = list_groups(r, id);
	else if (kind == CK_GROUPS_UNCHANGED)
		id->groups_unchanged = true;
	id->ngroups = ck_groups_sort(id->groups, id->ngroups);
	if (id->ngroups <= CK_GROUPS_MAX)
		return rc;
	ck_diag_add(r->diags, stated_at(r, "groups"), "%zu groups; the kernel takes %d",
		    id->ngroups, CK_GROUPS_MAX);
	return -EINVAL;
}

/* user = unchanged with groups = init: the entry of the uid that we have. */
static int resolve_current(struct resolver *r, const struct ck_state *now,
			   struct ck_identity *id)
{
	struct row row;
	gid_t gid = id->gid;

	if (!find_row(&r->passwd, ck_format(r->arena, "%u", now->ruid), &row))
		return 0;
	if (take_entry(r, &row, id) < 0)
		return -EINVAL;
	id->gid = gid;
	return 0;
}

static bool needs_group_file(const struct ck_profile *profile)
{
	enum ck_groups kind = groups_kind(profile);

	return profile->group || kind == CK_GROUPS_INIT || kind == CK_GROUPS_LIST;
}

int ck_identity_resolve(struct ck_arena *arena, const struct ck_profile *profile,
			const struct ck_state *now, const char *passwd, const char *group,
			struct ck_diags *diags, struct ck_identity *ret)
{
	struct ck_identity id = { .uid = now->ruid, .gid = now->rgid };
	struct resolver r = { .arena = arena, .diags = diags, .profile = profile };
	int rc = 0;

	r.passwd = (struct table){ .path = passwd, .error = -ENOENT };
	r.group = (struct table){ .path = group, .error = -ENOENT };
	if (profile->user || groups_kind(profile) == CK_GROUPS_INIT)
		rc |= open_table(&r, passwd, "user", &r.passwd);
	if (needs_group_file(profile))
		rc |= open_table(&r, group, "groups", &r.group);
	if (rc)
		return -EINVAL;
	if (profile->user)
		rc = resolve_user(&r, &id);
	else if (groups_kind(profile) == CK_GROUPS_INIT)
		rc = resolve_current(&r, now, &id);
	if (profile->group && resolve_group(&r, profile->group, "group", &id.gid) < 0)
		rc = -EINVAL;
	if (rc == 0)
		rc = resolve_groups(&r, &id);
	if (rc == 0)
		*ret = id;
	return rc;
}
