/* SPDX-License-Identifier: MIT */
/*
 * Refused calls of a run, each once. Memory of the processes is read while they stand
 * still; what they wrote there is never believed to be well-formed.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "ctl-learn.h"

#define REFUSALS_MAX 400
#define PATH_ROOM 1024

size_t ck_call_bytes(pid_t pid, uint64_t address, void *buffer, size_t size)
{
	struct iovec here = { buffer, size };
	struct iovec there = { (void *)(uintptr_t)address, size };
	ssize_t n = process_vm_readv(pid, &here, 1, &there, 1, 0);

	return n < 0 ? 0 : (size_t)n;
}

const char *ck_call_string(struct ck_arena *arena, pid_t pid, uint64_t address)
{
	char room[PATH_ROOM + 1];
	size_t length = 0, n;

	if (!address)
		return NULL;
	/* Up to the end of a page at a time: what lies behind it may not be there. */
	while (length < PATH_ROOM) {
		size_t want = 256 - (size_t)((address + length) % 256);

		if (want > PATH_ROOM - length)
			want = PATH_ROOM - length;
		n = ck_call_bytes(pid, address + length, room + length, want);
		if (n == 0)
			return NULL;
		if (memchr(room + length, '\0', n))
			return ck_format(arena, "%s", room);
		length += n;
	}
	return NULL;
}

const char *ck_call_address(struct ck_arena *arena, pid_t pid, uint64_t address,
			    uint32_t length)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} at = { .un = { 0 } };
	char text[INET6_ADDRSTRLEN] = "";

	if (length > sizeof(at.un) - 1)
		length = sizeof(at.un) - 1;
	if (ck_call_bytes(pid, address, &at, length) < sizeof(at.any.sa_family))
		return NULL;
	switch (at.any.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &at.in.sin_addr, text, sizeof(text));
		return ck_format(arena, "%s:%u", text, ntohs(at.in.sin_port));
	case AF_INET6:
		inet_ntop(AF_INET6, &at.in6.sin6_addr, text, sizeof(text));
		return ck_format(arena, "[%s]:%u", text, ntohs(at.in6.sin6_port));
	case AF_UNIX:
		return ck_format(arena, "\"%s\"", ck_safe(arena, at.un.sun_path));
	default:
		return ck_format(arena, "family %d", at.any.sa_family);
	}
}

void ck_calls_add(struct ck_learn *learn, const struct ck_call *call)
{
	struct ck_trial *trial = learn->trial;
	struct ck_refusal refusal;
	size_t i;

	if (trial->nrefusals >= REFUSALS_MAX)
		return;
	ck_call_decode(learn->arena, call, &refusal);
	for (i = 0; i < trial->nrefusals; i++)
		if (!strcmp(trial->refusals[i].text, refusal.text))
			return;
	trial->refusals = ck_grow(learn->arena, trial->refusals, trial->nrefusals,
				  &trial->refusals_room, sizeof(*trial->refusals));
	trial->refusals[trial->nrefusals++] = refusal;
}
