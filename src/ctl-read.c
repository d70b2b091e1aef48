/* SPDX-License-Identifier: MIT */
/*
 * Inputs, and JSON item by item: a tree of 60 MB would take 500 MB. What a file holds is
 * judged by jansson (depth, UTF-8, duplicate keys); only the outermost brackets and keys
 * are read here.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ctl-read.h"

#define FIRST_ROOM (1UL << 20)
#define INPUT_MAX (1UL << 30)
#define FLAGS (JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY)

/* A mapping grows by moving pages, not bytes. */
static int read_all(int fd, struct ck_input *input)
{
	ssize_t n;

	input->room = FIRST_ROOM;
	input->bytes = mmap(NULL, input->room, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (input->bytes == MAP_FAILED)
		return -ENOMEM;
	while ((n = read(fd, input->bytes + input->length,
			 input->room - input->length)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		input->length += (size_t)n;
		if (input->length < input->room)
			continue;
		if (input->room >= INPUT_MAX)
			return -EFBIG;
		input->bytes = mremap(input->bytes, input->room, input->room * 2,
				      MREMAP_MAYMOVE);
		if (input->bytes == MAP_FAILED)
			return -ENOMEM;
		input->room *= 2;
	}
	return 0;
}

int ck_input_open(struct ck_ctl *ctl, const char *path, struct ck_input *ret)
{
	bool standard = !strcmp(path, "-");
	struct ck_input input = { .name = standard ? "standard input" : path };
	int fd = standard ? STDIN_FILENO : ck_open(path, O_RDONLY | O_NOCTTY), rc;

	if (fd < 0)
		return ck_ctl_fail(ctl, CK_CTL_FAILED, path, "%s", strerror(-fd));
	rc = read_all(fd, &input);
	if (!standard)
		close(fd);
	if (rc < 0) {
		ck_input_close(&input);
		return ck_ctl_fail(ctl, CK_CTL_FAILED, input.name,
				   rc == -EFBIG ? "has more than a gigabyte" : "%s",
				   strerror(-rc));
	}
	*ret = input;
	return 0;
}

void ck_input_close(struct ck_input *input)
{
	if (input->bytes && input->bytes != MAP_FAILED)
		munmap(input->bytes, input->room);
	input->bytes = NULL;
}

static size_t skip_blanks(const struct ck_input *input, size_t at)
{
	while (at < input->length && memchr(" \t\r\n", input->bytes[at], 4))
		at++;
	return at;
}

bool ck_input_is_json(const struct ck_input *input)
{
	size_t at = skip_blanks(input, 0);

	return at < input->length && (input->bytes[at] == '{' || input->bytes[at] == '[');
}

/* "FILE:LINE" of a place in the input. */
static const char *where(struct ck_ctl *ctl, const struct ck_input *input, size_t offset)
{
	unsigned int line = 1;
	size_t i;

	for (i = 0; i < offset && i < input->length; i++)
		line += input->bytes[i] == '\n';
	return ck_format(ctl->arena, "%s:%u", input->name, line);
}

struct json_reader {
	struct ck_ctl *ctl;
	const struct ck_input *input;
	const struct ck_taker *taker;
	size_t at;
};

static int refuse(struct json_reader *r, size_t offset, const char *text)
{
	return ck_ctl_fail(r->ctl, CK_CTL_FAILED, where(r->ctl, r->input, offset),
			   "is no JSON that can be read: %s", text);
}

static int next(struct json_reader *r)
{
	r->at = skip_blanks(r->input, r->at);
	return r->at < r->input->length ? (unsigned char)r->input->bytes[r->at] : 0;
}

/* One value, whatever it is. */
static int read_value(struct json_reader *r, json_t **ret)
{
	json_error_t error;

	next(r);
	*ret = json_loadb(r->input->bytes + r->at, r->input->length - r->at, FLAGS,
			  &error);
	if (!*ret)
		return refuse(r,
			      r->at + (size_t)(error.position > 0 ? error.position : 0),
			      error.text);
	r->at += (size_t)error.position;
	return 0;
}

static int take(struct json_reader *r, json_t *item)
{
	int status = 0;

	if (json_is_object(item))
		status = r->taker->take(r->taker->arg, item);
	json_decref(item);
	return status;
}

/* Behind a '[': its elements, each on its own. */
static int read_elements(struct json_reader *r)
{
	json_t *item;
	int status, c;

	if (next(r) == ']') {
		r->at++;
		return 0;
	}
	for (;;) {
		status = read_value(r, &item);
		if (status == 0)
			status = take(r, item);
		if (status != 0)
			return status;
		c = next(r);
		r->at++;
		if (c == ']')
			return 0;
		if (c != ',')
			return refuse(r, r->at - 1,
				      c ? "',' or ']' is missing" : "it is cut short");
	}
}

/* "key": value; an array "items" is read at once, everything else is collected. */
static int read_member(struct json_reader *r, json_t *object, bool *is_list)
{
	json_t *key, *value;
	bool items;
	int status;

	if (next(r) != '"')
		return refuse(r, r->at, "a key is missing");
	status = read_value(r, &key);
	if (status != 0)
		return status;
	if (next(r) != ':') {
		json_decref(key);
		return refuse(r, r->at, "':' is missing");
	}
	r->at++;
	items = !strcmp(json_string_value(key), "items");
	if (items && (*is_list || json_object_get(object, "items"))) {
		json_decref(key);
		return refuse(r, r->at, "the key 'items' stands there twice");
	}
	if (next(r) == '[' && items) {
		json_decref(key);
		r->at++;
		*is_list = true;
		return read_elements(r);
	}
	status = read_value(r, &value);
	if (status == 0 && json_object_get(object, json_string_value(key))) {
		json_decref(value);
		status = refuse(r, r->at, "a key stands there twice");
	} else if (status == 0) {
		ck_json_set(object, json_string_value(key), value);
	}
	json_decref(key);
	return status;
}

bool ck_is_list(const json_t *object)
{
	const char *kind = json_string_value(json_object_get(object, "kind"));
	size_t length = kind ? strlen(kind) : 0;

	return !kind || (length >= 4 && !strcmp(kind + length - 4, "List"));
}

static int read_object(struct json_reader *r)
{
	json_t *object = ck_json_object();
	bool is_list = false;
	int status = 0, c = next(r);

	if (c == '}')
		r->at++;
	while (c != '}') {
		status = read_member(r, object, &is_list);
		if (status != 0)
			break;
		c = next(r);
		r->at++;
		if (c == ',' || c == '}')
			continue;
		status = refuse(r, r->at - 1,
				c ? "',' or '}' is missing" : "it is cut short");
		break;
	}
	if (status == 0 && !(is_list && ck_is_list(object)))
		return take(r, object);
	json_decref(object);
	return status;
}

static int json_items(struct ck_ctl *ctl, const struct ck_input *input,
		      const struct ck_taker *taker)
{
	struct json_reader r = { ctl, input, taker, 0 };
	int status = 0, c;

	while (status == 0 && (c = next(&r)) != 0) {
		if (c != '{' && c != '[')
			return refuse(&r, r.at, "an object or an array is missing");
		r.at++;
		status = c == '{' ? read_object(&r) : read_elements(&r);
	}
	if (status == 0 && r.at < input->length)
		return refuse(&r, r.at, "there is a NUL byte");
	return status;
}

int ck_items(struct ck_ctl *ctl, const struct ck_input *input,
	     const struct ck_taker *taker)
{
	if (skip_blanks(input, 0) == input->length)
		return ck_ctl_fail(ctl, CK_CTL_FAILED, input->name, "is empty");
	return ck_input_is_json(input) ? json_items(ctl, input, taker) :
					 ck_yaml_items(ctl, input, taker);
}
