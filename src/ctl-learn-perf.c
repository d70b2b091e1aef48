/* SPDX-License-Identifier: MIT */
/*
 * What the kernel asks for, by perf_event_open(2): the same tracepoint, where no tracing
 * instance can be had or pids are those of a namespace. The kernel hands over addresses;
 * /proc/kallsyms names them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ctl-learn.h"

#define CPUS_MAX 1024
#define PAGES 1024U /* of each ring; a power of two */
#define RECORD_MAX 8192
#define FRAMES_MAX 64

struct ring {
	int fd;
	void *base;
};
static struct ring rings[CPUS_MAX];
static long nrings;

struct symbol {
	uint64_t address;
	const char *name;
};
static struct symbol *symbols;
static size_t nsymbols, symbols_room;
static unsigned long long event_id;
static unsigned int cap_offset, ret_offset;

static FILE *open_event(const char *name)
{
	static const char *const places[] = { "/sys/kernel/tracing",
					      "/sys/kernel/debug/tracing" };
	char path[128];
	FILE *file = NULL;
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(places) && !file; i++) {
		(void)snprintf(path, sizeof(path), "%s/events/capability/cap_capable/%s",
			       places[i], name);
		file = fopen(path, "re");
	}
	return file;
}

/* "	field:int cap;	offset:32;	size:4;	signed:1;" */
static void take_offset(const char *line, const char *field, unsigned int *ret)
{
	const char *at = strstr(line, field) ? strstr(line, "offset:") : NULL;

	if (at)
		*ret = (unsigned int)strtoul(at + strlen("offset:"), NULL, 10);
}

static int read_event(void)
{
	FILE *id = open_event("id"), *format = open_event("format");
	char line[256];

	if (id && fgets(line, sizeof(line), id))
		event_id = strtoull(line, NULL, 10);
	while (format && fgets(line, sizeof(line), format)) {
		take_offset(line, "int cap;", &cap_offset);
		take_offset(line, "int ret;", &ret_offset);
	}
	if (id)
		(void)fclose(id);
	if (format)
		(void)fclose(format);
	return event_id && cap_offset && ret_offset ? 0 : -ENOENT;
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

/* "ffffffff81000000 T _stext", and a module behind it. */
static void add_symbol(struct ck_arena *arena, const char *line)
{
	char *end;
	uint64_t address = strtoull(line, &end, 16);

	if (!address || *end != ' ' || !end[1] || !strchr("tTwW", end[1]) ||
	    end[2] != ' ')
		return;
	symbols = ck_grow(arena, symbols, nsymbols, &symbols_room, sizeof(*symbols));
	symbols[nsymbols++] =
		(struct symbol){ address,
				 ck_strndup(arena, end + 3, strcspn(end + 3, " \t\n")) };
}

/* With kernel.kptr_restrict all of them are at 0. */
static int read_symbols(struct ck_arena *arena)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	char line[512];

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		add_symbol(arena, line);
	(void)fclose(file);
	if (nsymbols == 0)
		return -EPERM;
	qsort(symbols, nsymbols, sizeof(*symbols), by_address);
	return 0;
}

static const char *symbol_of(uint64_t address)
{
	size_t low = 0, high = nsymbols;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (symbols[middle].address <= address)
			low = middle;
		else
			high = middle;
	}
	return nsymbols ? symbols[low].name : "";
}

static struct perf_event_attr attributes(void)
{
	return (struct perf_event_attr){
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(struct perf_event_attr),
		.config = event_id,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_TIME | PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_RAW,
		.inherit = 1,
		.exclude_callchain_user = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};
}

static int open_on(pid_t pid, long cpu)
{
	struct perf_event_attr attr = attributes();
	long fd = syscall(SYS_perf_event_open, &attr, pid, (int)cpu, -1,
			  PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : (int)fd;
}

const char *ck_perf_begin(struct ck_learn *learn)
{
	int rc = read_event();

	if (!learn->may_trace)
		return learn->unobserved;
	if (rc == -ENOENT)
		return "this kernel has no tracepoint capability:cap_capable, or no tracefs "
		       "is mounted";
	if (rc == 0)
		rc = open_on(getpid(), -1);
	if (rc < 0)
		return ck_format(learn->arena, "perf_event_open: %s", strerror(-rc));
	close(rc);
	rc = read_symbols(learn->arena);
	return rc < 0 ? "/proc/kallsyms shows no addresses (kernel.kptr_restrict)" : NULL;
}

void ck_perf_end(void)
{
	size_t size = (PAGES + 1) * (size_t)sysconf(_SC_PAGESIZE);
	long i;

	for (i = 0; i < nrings; i++) {
		munmap(rings[i].base, size);
		close(rings[i].fd);
	}
	nrings = 0;
}

static int open_ring(pid_t pid, long cpu, struct ring *ret)
{
	size_t size = (PAGES + 1) * (size_t)sysconf(_SC_PAGESIZE);
	struct ring ring = { .fd = open_on(pid, cpu) };
	int error;

	if (ring.fd < 0)
		return ring.fd;
	ring.base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, 0);
	if (ring.base == MAP_FAILED) {
		error = errno;
		close(ring.fd);
		return -error;
	}
	*ret = ring;
	return 0;
}

/* Every processor but those that are off: what runs on another would not be told. */
int ck_perf_start(pid_t pid)
{
	long cpu, count = sysconf(_SC_NPROCESSORS_CONF);
	int rc = count > CPUS_MAX ? -E2BIG : 0;

	for (cpu = 0; cpu < count && rc == 0; cpu++) {
		rc = open_ring(pid, cpu, &rings[nrings]);
		if (rc == 0)
			nrings++;
		else if (rc == -ENODEV)
			rc = 0;
	}
	if (rc == 0 && nrings == 0)
		rc = -ENODEV;
	if (rc < 0)
		ck_perf_end();
	return rc;
}

/* A record: header, time, number of addresses, addresses, size of raw, raw. */
static void take(struct ck_learn *learn, const struct ck_trial *trial,
		 const unsigned char *record, size_t size)
{
	struct ck_question question = { .granted = false };
	uint64_t time, count, frames[FRAMES_MAX], i;
	uint32_t raw;
	size_t at = sizeof(struct perf_event_header);
	int value;

	if (size < at + sizeof(time) + sizeof(count))
		return;
	memcpy(&time, record + at, sizeof(time));
	memcpy(&count, record + at + sizeof(time), sizeof(count));
	at += sizeof(time) + sizeof(count);
	if (count > (size - at) / sizeof(*frames))
		return;
	memcpy(frames, record + at,
	       sizeof(*frames) * (size_t)(count < FRAMES_MAX ? count : FRAMES_MAX));
	at += sizeof(*frames) * (size_t)count;
	if (size < at + sizeof(raw))
		return;
	memcpy(&raw, record + at, sizeof(raw));
	at += sizeof(raw);
	if (raw > size - at || raw < cap_offset + 4 || raw < ret_offset + 4)
		return;
	memcpy(&value, record + at + cap_offset, sizeof(value));
	question.cap = (unsigned int)value;
	memcpy(&value, record + at + ret_offset, sizeof(value));
	question.granted = value == 0;
	question.open = question.cap < CK_CAP_BITS;
	question.late = trial->readied > 0 && (double)time / 1e9 > trial->readied;
	for (i = 0; i < count && i < FRAMES_MAX; i++)
		ck_question_frame(learn, symbol_of(frames[i]), &question);
	ck_question_count(learn, &question);
}

static enum ck_told drain(struct ck_learn *learn, const struct ck_trial *trial,
			  const struct ring *ring)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), room = PAGES * page;
	struct perf_event_mmap_page *head = ring->base;
	const unsigned char *data = (const unsigned char *)ring->base + page;
	uint64_t end = __atomic_load_n(&head->data_head, __ATOMIC_ACQUIRE);
	uint64_t at = head->data_tail;
	static unsigned char record[RECORD_MAX];
	struct perf_event_header header;
	enum ck_told told = CK_TOLD_NOTHING;
	size_t i;

	while (at + sizeof(header) <= end) {
		for (i = 0; i < sizeof(header); i++)
			record[i] = data[(at + i) % room];
		memcpy(&header, record, sizeof(header));
		if (header.size < sizeof(header) || at + header.size > end)
			return CK_TOLD_IN_PART;
		for (; i < header.size && i < sizeof(record); i++)
			record[i] = data[(at + i) % room];
		if (header.type == PERF_RECORD_LOST ||
		    header.type == PERF_RECORD_LOST_SAMPLES ||
		    header.type == PERF_RECORD_THROTTLE || header.size > sizeof(record))
			return CK_TOLD_IN_PART;
		if (header.type == PERF_RECORD_SAMPLE) {
			take(learn, trial, record, header.size);
			told = CK_TOLD;
		}
		at += header.size;
	}
	__atomic_store_n(&head->data_tail, at, __ATOMIC_RELEASE);
	return told;
}

enum ck_told ck_perf_read(struct ck_learn *learn, const struct ck_trial *trial)
{
	enum ck_told told = CK_TOLD_NOTHING, one;
	long i;

	for (i = 0; i < nrings && told != CK_TOLD_IN_PART; i++) {
		one = drain(learn, trial, &rings[i]);
		told = one == CK_TOLD_NOTHING ? told : one;
	}
	ck_perf_end();
	return told;
}
