/* SPDX-License-Identifier: MIT */
/*
 * Names <-> masks. The table is ours and not libcap-ng's, since the library's look-up is
 * bounded by what it read from /proc when it started; a test compares the two.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "capkeep.h"

#define MISSING_MAX 5 /* names that are fewer than those that are there */

static const char *const names[] = {
	"CHOWN",
	"DAC_OVERRIDE",
	"DAC_READ_SEARCH",
	"FOWNER",
	"FSETID",
	"KILL",
	"SETGID",
	"SETUID",
	"SETPCAP",
	"LINUX_IMMUTABLE",
	"NET_BIND_SERVICE",
	"NET_BROADCAST",
	"NET_ADMIN",
	"NET_RAW",
	"IPC_LOCK",
	"IPC_OWNER",
	"SYS_MODULE",
	"SYS_RAWIO",
	"SYS_CHROOT",
	"SYS_PTRACE",
	"SYS_PACCT",
	"SYS_ADMIN",
	"SYS_BOOT",
	"SYS_NICE",
	"SYS_RESOURCE",
	"SYS_TIME",
	"SYS_TTY_CONFIG",
	"MKNOD",
	"LEASE",
	"AUDIT_WRITE",
	"AUDIT_CONTROL",
	"SETFCAP",
	"MAC_OVERRIDE",
	"MAC_ADMIN",
	"SYSLOG",
	"WAKE_ALARM",
	"BLOCK_SUSPEND",
	"AUDIT_READ",
	"PERFMON",
	"BPF",
	"CHECKPOINT_RESTORE",
};

static const struct {
	const char *name;
	uint64_t mask;
} presets[] = {
	/* CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE
	 * NET_RAW SYS_CHROOT MKNOD AUDIT_WRITE SETFCAP: docker without options */
	{ "@docker-default", UINT64_C(0xa80425fb) },
	/* AUDIT_WRITE KILL NET_BIND_SERVICE: the example of OCI's specification */
	{ "@oci-default", UINT64_C(0x20000420) },
};

const char *ck_cap_name(unsigned int cap)
{
	return cap < CK_ARRAY_SIZE(names) ? names[cap] : NULL;
}

const char *ck_cap_label(struct ck_arena *arena, unsigned int cap)
{
	const char *name = ck_cap_name(cap);

	return name ? name : ck_format(arena, "%u", cap);
}

int ck_cap_number(const char *name, size_t length)
{
	size_t i;

	if (length > 4 && !strncasecmp(name, "CAP_", 4)) {
		name += 4;
		length -= 4;
	}
	for (i = 0; i < CK_ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == length && !strncasecmp(names[i], name, length))
			return (int)i;
	return -1;
}

bool ck_cap_preset(const char *name, size_t length, uint64_t *ret)
{
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(presets); i++) {
		if (strlen(presets[i].name) != length ||
		    memcmp(presets[i].name, name, length))
			continue;
		*ret = presets[i].mask;
		return true;
	}
	return false;
}

static void unknown_name(const char *word, const struct ck_origin *origin,
			 struct ck_diags *diags)
{
	struct ck_nearest best = { 0 };
	const char *bare = strncasecmp(word, "CAP_", 4) ? word : word + 4;
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(names); i++)
		ck_nearest_try(&best, bare, names[i]);
	for (i = 0; i < CK_ARRAY_SIZE(presets); i++)
		ck_nearest_try(&best, word, presets[i].name);
	ck_diag_add(diags, ck_origin_text(diags->arena, origin),
		    "unknown capability '%s'%s", word,
		    ck_nearest_hint(diags->arena, &best));
}

static int add_word(const char *word, const struct ck_origin *origin,
		    struct ck_diags *diags, struct ck_caps *caps)
{
	const char *name = word[0] == '-' ? word + 1 : word;
	uint64_t preset;
	int cap;

	if (word[0] == '@' && ck_cap_preset(word, strlen(word), &preset)) {
		caps->preset = true;
		caps->mask |= preset;
		return 0;
	}
	if (!strcasecmp(name, "ALL") || !strcasecmp(name, "CAP_ALL")) {
		ck_diag_add(
			diags, ck_origin_text(diags->arena, origin),
			"'%s' is refused: it grows with every new kernel, so nobody "
			"can say what it keeps; name the capabilities that are needed, or start "
			"from @docker-default",
			word);
		return -EINVAL;
	}
	cap = ck_cap_number(name, strlen(name));
	if (word[0] == '-' && name[0] == '@') {
		ck_diag_add(diags, ck_origin_text(diags->arena, origin),
			    "'%s': only single capabilities can be taken away", word);
		return -EINVAL;
	}
	if (cap < 0) {
		unknown_name(name, origin, diags);
		return -EINVAL;
	}
	if (word[0] != '-') {
		caps->mask |= CK_CAP(cap);
		return 0;
	}
	caps->mask &= ~CK_CAP(cap);
	if (caps->preset)
		return 0;
	ck_diag_add(diags, ck_origin_text(diags->arena, origin),
		    "'%s' takes a capability away, but no preset stands before it "
		    "(write @docker-default %s, say)",
		    word, word);
	return -EINVAL;
}

int ck_caps_add(struct ck_caps *caps, const char *text, const struct ck_origin *origin,
		struct ck_diags *diags)
{
	size_t length;
	const char *start;
	int rc = 0;

	while ((length = ck_word_next(&text, &start)) != 0) {
		const char *word = ck_strndup(diags->arena, start, length);

		caps->words++;
		if (!strcasecmp(word, "none"))
			caps->none = true;
		else if (add_word(word, origin, diags, caps) < 0)
			rc = -EINVAL;
	}
	if (caps->none && caps->words > 1) {
		ck_diag_add(diags, ck_origin_text(diags->arena, origin),
			    "'none' stands alone, other names contradict it");
		rc = -EINVAL;
	}
	return rc;
}

const char *ck_sets_text(struct ck_arena *arena, uint64_t mask, uint64_t known)
{
	uint64_t missing = known & ~mask;

	if (mask && !missing)
		return ck_format(arena, "all %d", __builtin_popcountll(mask));
	if (__builtin_popcountll(missing) <= MISSING_MAX)
		return ck_format(arena, "all but %s", ck_cap_text(arena, missing));
	return ck_cap_text(arena, mask);
}

const char *ck_cap_text(struct ck_arena *arena, uint64_t mask)
{
	const char *text = NULL;
	unsigned int cap;

	for (cap = 0; cap < CK_CAP_BITS; cap++) {
		if (!(mask & CK_CAP(cap)))
			continue;
		text = text ? ck_format(arena, "%s %s", text, ck_cap_label(arena, cap)) :
			      ck_cap_label(arena, cap);
	}
	return text ? text : "none";
}
