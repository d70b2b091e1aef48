/* SPDX-License-Identifier: MIT */
/*
 * The search for a small set that works. Where the kernel was watched, what it asked for
 * is tried first. Else the refused calls of a run say what to add for the next. Where
 * neither leads to a set that works, the rest is searched by halves, so that weak
 * capabilities are preferred to powerful ones (QuickXplain).
 */
#include <linux/capability.h>
#include <string.h>

#include "ctl-learn.h"

#define ROUNDS_MAX 12
#define REPEATS 3 /* runs of a set, where one alone may be by chance */

/* From weak to powerful: what a process can do with one that does not belong to it. */
static const unsigned char powers[] = {
	CAP_AUDIT_READ,
	CAP_WAKE_ALARM,
	CAP_BLOCK_SUSPEND,
	CAP_LEASE,
	CAP_NET_BROADCAST,
	CAP_SYS_BOOT,
	CAP_SYS_PACCT,
	CAP_SYS_TTY_CONFIG,
	CAP_AUDIT_WRITE,
	CAP_NET_BIND_SERVICE,
	CAP_IPC_LOCK,
	CAP_SYS_NICE,
	CAP_SYSLOG,
	CAP_SYS_TIME,
	CAP_KILL,
	CAP_NET_RAW,
	CAP_FSETID,
	CAP_IPC_OWNER,
	CAP_SYS_CHROOT,
	CAP_SYS_RESOURCE,
	CAP_LINUX_IMMUTABLE,
	CAP_AUDIT_CONTROL,
	CAP_CHECKPOINT_RESTORE,
	CAP_PERFMON,
	CAP_MKNOD,
	CAP_DAC_READ_SEARCH,
	CAP_SETGID,
	CAP_SETPCAP,
	CAP_FOWNER,
	CAP_CHOWN,
	CAP_SETUID,
	CAP_DAC_OVERRIDE,
	CAP_NET_ADMIN,
	CAP_BPF,
	CAP_SETFCAP,
	CAP_MAC_OVERRIDE,
	CAP_MAC_ADMIN,
	CAP_SYS_PTRACE,
	CAP_SYS_RAWIO,
	CAP_SYS_MODULE,
	CAP_SYS_ADMIN,
};

unsigned int ck_learn_power(unsigned int cap)
{
	unsigned int i;

	for (i = 0; i < CK_ARRAY_SIZE(powers); i++)
		if (powers[i] == cap)
			return i;
	return CK_ARRAY_SIZE(powers) + cap; /* without a name: nobody knows */
}

bool ck_learn_stopped(const struct ck_learn *learn)
{
	return learn->interrupted || learn->fatal;
}

struct ck_known *ck_learn_known(struct ck_learn *learn, uint64_t keep)
{
	size_t i;

	for (i = 0; i < learn->nsets; i++)
		if (learn->sets[i].keep == keep)
			return &learn->sets[i];
	learn->sets = ck_grow(learn->arena, learn->sets, learn->nsets, &learn->sets_room,
			      sizeof(*learn->sets));
	learn->sets[learn->nsets] = (struct ck_known){ .keep = keep };
	return &learn->sets[learn->nsets++];
}

static const char *what(struct ck_learn *learn, uint64_t keep)
{
	uint64_t less = learn->held & ~keep;

	if (__builtin_popcountll(less) < 4)
		return ck_join(learn->arena, "without ", ck_cap_text(learn->arena, less),
			       "");
	return ck_join(learn->arena, "with ", ck_cap_text(learn->arena, keep), "");
}

static bool run_once(struct ck_learn *learn, uint64_t keep)
{
	struct ck_trial *trial =
		ck_learn_run(learn, keep, CK_LOOK_CALLS, what(learn, keep));
	struct ck_known *known;

	if (ck_learn_stopped(learn))
		return false;
	known = ck_learn_known(learn, keep);
	if (trial->works) {
		known->worked++;
		known->pass = trial;
	} else {
		known->failed++;
		known->fail = trial;
	}
	learn->flaky = learn->flaky || (known->worked && known->failed);
	return trial->works;
}

bool ck_learn_works(struct ck_learn *learn, uint64_t keep)
{
	const struct ck_known *known = ck_learn_known(learn, keep);
	unsigned int i, times = learn->flaky ? REPEATS : 1;

	if (known->worked)
		return true;
	for (i = known->failed; i < times && !ck_learn_stopped(learn); i++)
		if (run_once(learn, keep))
			return true;
	return false;
}

/* ---- by halves ---- */

struct caps {
	unsigned char list[CK_CAP_BITS];
	size_t count;
};

static void sort(uint64_t mask, struct caps *ret)
{
	unsigned int cap;
	size_t i;

	ret->count = 0;
	for (cap = 0; cap < CK_CAP_BITS; cap++) {
		if (!(mask & CK_CAP(cap)))
			continue;
		for (i = ret->count++;
		     i > 0 && ck_learn_power(ret->list[i - 1]) > ck_learn_power(cap); i--)
			ret->list[i] = ret->list[i - 1];
		ret->list[i] = (unsigned char)cap;
	}
}

static uint64_t mask_of(const unsigned char *list, size_t count)
{
	uint64_t mask = 0;
	size_t i;

	for (i = 0; i < count; i++)
		mask |= CK_CAP(list[i]);
	return mask;
}

/* What of list, which stands from weak to powerful, is needed beside base; base with all
 * of list works. changed: base is not known to fail. Junker, QuickXplain (2004). */
static uint64_t halve(struct ck_learn *learn, uint64_t base, bool changed,
		      const unsigned char *list, size_t count)
{
	size_t half = count / 2;
	uint64_t weak, powerful;

	if (count == 0 || (changed && ck_learn_works(learn, base)) ||
	    ck_learn_stopped(learn))
		return 0;
	if (count == 1)
		return CK_CAP(list[0]);
	weak = mask_of(list, half);
	powerful = halve(learn, base | weak, true, list + half, count - half);
	return powerful | halve(learn, base | powerful, powerful != 0, list, half);
}

static uint64_t by_halves(struct ck_learn *learn, uint64_t base, uint64_t rest)
{
	struct caps caps;

	sort(rest, &caps);
	return base | halve(learn, base, false, caps.list, caps.count);
}

/* ---- by what was refused ---- */

static uint64_t next_guesses(const struct ck_trial *trial, uint64_t keep, uint64_t held)
{
	uint64_t more = 0;
	size_t i;
	unsigned int n;

	for (i = 0; trial && i < trial->nrefusals; i++) {
		const struct ck_refusal *refusal = &trial->refusals[i];

		for (n = 0; n < refusal->nguesses; n++) {
			if (!(keep & CK_CAP(refusal->guesses[n])) &&
			    held & CK_CAP(refusal->guesses[n])) {
				more |= CK_CAP(refusal->guesses[n]);
				break;
			}
		}
	}
	return more;
}

/* Of a program that works the failing run says what stands in its way. */
static bool by_refusals(struct ck_learn *learn, uint64_t *keep)
{
	int round;

	for (round = 0; round < ROUNDS_MAX; round++) {
		const struct ck_trial *fail;
		uint64_t more;

		if (ck_learn_works(learn, *keep))
			return true;
		fail = ck_learn_known(learn, *keep)->fail;
		more = next_guesses(fail, *keep, learn->held);
		if (ck_learn_stopped(learn) || !more)
			return false;
		*keep |= more;
	}
	return false;
}

/* ---- together ---- */

static uint64_t predicted(const struct ck_learn *learn)
{
	uint64_t mask = 0;
	unsigned int cap;

	for (cap = 0; cap < CK_CAP_BITS; cap++)
		if (learn->asked[cap].granted)
			mask |= CK_CAP(cap);
	return mask & learn->held;
}

uint64_t ck_learn_search(struct ck_learn *learn)
{
	uint64_t keep = 0;

	if (ck_learn_works(learn, 0) || ck_learn_stopped(learn))
		return 0;
	if (learn->predicted) {
		keep = predicted(learn);
		learn->expected = learn->runs + 3 + (unsigned)__builtin_popcountll(keep);
		if (keep && ck_learn_works(learn, keep))
			return keep;
	}
	if (by_refusals(learn, &keep) || ck_learn_stopped(learn))
		return keep;
	return by_halves(learn, keep, learn->held & ~keep);
}
