/* SPDX-License-Identifier: MIT */
/*
 * Memory that lives as long as the program's one job. Never returns NULL: what cannot be
 * had ends the program through the hook of its owner, so that no caller can go on with
 * half a profile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capkeep.h"

#define CHUNK_SIZE 16384U

struct ck_chunk {
	struct ck_chunk *next;
	max_align_t bytes[];
};

static void __attribute__((noreturn)) give_up(const struct ck_arena *arena)
{
	if (arena->out_of_memory)
		arena->out_of_memory();
	abort();
}

static void new_chunk(struct ck_arena *arena, size_t size)
{
	struct ck_chunk *chunk;

	if (size < CHUNK_SIZE)
		size = CHUNK_SIZE;
	if (size > SIZE_MAX - sizeof(*chunk))
		give_up(arena);
	/* Nothing is ever handed out twice, so that all of it stays zeroed until then. */
	chunk = calloc(1, sizeof(*chunk) + size);
	if (!chunk)
		give_up(arena);
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	arena->next = (char *)chunk->bytes;
	arena->left = size;
}

void *ck_alloc(struct ck_arena *arena, size_t size)
{
	void *piece;

	if (size == 0)
		size = 1;
	if (size > SIZE_MAX - _Alignof(max_align_t))
		give_up(arena);
	size = (size + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) *
	       _Alignof(max_align_t);
	if (arena->left < size)
		new_chunk(arena, size);
	piece = arena->next;
	arena->next += size;
	arena->left -= size;
	return piece;
}

void *ck_alloc_array(struct ck_arena *arena, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		give_up(arena);
	return ck_alloc(arena, count * size);
}

void *ck_grow(struct ck_arena *arena, void *list, size_t count, size_t *room, size_t size)
{
	size_t had = *room * size;
	void *grown;

	if (count < *room)
		return list;
	/* Of large things there are few. */
	*room = *room ? *room * 2 : size > 64 ? 2 : 8;
	/* What was handed out last goes on behind itself. */
	if (had != 0 && (char *)list + had == arena->next && had <= arena->left)
		return (char *)ck_alloc(arena, had) - had;
	grown = ck_alloc_array(arena, *room, size);
	if (count)
		memcpy(grown, list, count * size);
	return grown;
}

char *ck_strndup(struct ck_arena *arena, const char *text, size_t length)
{
	char *copy = ck_alloc(arena, length + 1);

	if (length) /* of nothing there may be no text */
		memcpy(copy, text, length);
	return copy;
}

char *ck_vformat(struct ck_arena *arena, const char *format, va_list ap)
{
	va_list again;
	char *text;
	int length;

	va_copy(again, ap);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		give_up(arena);
	text = ck_alloc(arena, (size_t)length + 1);
	if (vsnprintf(text, (size_t)length + 1, format, ap) != length)
		give_up(arena);
	return text;
}

char *ck_format(struct ck_arena *arena, const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = ck_vformat(arena, format, ap);
	va_end(ap);
	return text;
}

char *ck_join(struct ck_arena *arena, const char *a, const char *b, const char *c)
{
	size_t la = strlen(a), lb = strlen(b), lc = strlen(c);
	char *text = ck_alloc(arena, la + lb + lc + 1);

	memcpy(text, a, la);
	memcpy(text + la, b, lb);
	memcpy(text + la + lb, c, lc);
	return text;
}

void ck_strings_add(struct ck_arena *arena, struct ck_strings *strings, const char *text)
{
	strings->list = ck_grow(arena, strings->list, strings->count, &strings->room,
				sizeof(*strings->list));
	strings->list[strings->count++] = text;
}

void ck_arena_free(struct ck_arena *arena)
{
	while (arena->chunks) {
		struct ck_chunk *next = arena->chunks->next;

		free(arena->chunks);
		arena->chunks = next;
	}
	arena->next = NULL;
	arena->left = 0;
}
