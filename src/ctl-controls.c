/* SPDX-License-Identifier: MIT */
/* The controls, with their numbers in either edition and their remedy; and where results
 * go. */
#include <string.h>

#include "ctl-audit.h"

#define NONE UINT32_MAX
#define CIS(id, number, title, remedy)                                \
	{                                                             \
		id, "CIS Docker " number, title, remedy, CK_LEVEL_CIS \
	}
#define BASE(name, title, remedy)                                         \
	{                                                                 \
		"baseline/" name, "Pod Security baseline", title, remedy, \
			CK_LEVEL_BASELINE                                 \
	}
#define STRICT(name, title, remedy)                                           \
	{                                                                     \
		"restricted/" name, "Pod Security restricted", title, remedy, \
			CK_LEVEL_RESTRICTED                                   \
	}

/* CIS: the number of 1.6 and later, in brackets that of 1.1 and 1.2. */
const struct ck_control ck_controls[CK_CONTROLS] = {
	[CK_CIS_USER] =
		CIS("cis-4.1", "4.1", "a user for the container",
		    "USER in the Dockerfile, --user, or user = NAME under capkeep"),
	[CK_CIS_CAPS] = CIS(
		"cis-5.4", "5.4 [5.3]", "capabilities are restricted",
		"--cap-drop ALL and --cap-add for each one that is needed; in a profile keep less"),
	[CK_CIS_PRIVILEGED] =
		CIS("cis-5.5", "5.5 [5.4]", "no privileged containers",
		    "leave --privileged out; --cap-add and --device instead"),
	[CK_CIS_SECCOMP] =
		CIS("cis-5.22", "5.22 [5.21]", "the seccomp profile is not switched off",
		    "leave --security-opt seccomp=unconfined out"),
	[CK_CIS_NO_NEW_PRIVS] =
		CIS("cis-5.26", "5.26 [5.25]", "no new privileges",
		    "--security-opt no-new-privileges; in a profile no-new-privs = yes"),
	[CK_CIS_IN_FORCE] = { "in-force", "in force",
			      "what the main process really holds", "nothing to do",
			      CK_LEVEL_CIS },
	[CK_PSS_HOST_PROCESS] = BASE("host-process", "no HostProcess",
				     "leave windowsOptions.hostProcess out"),
	[CK_PSS_HOST_NAMESPACES] = BASE("host-namespaces", "no namespaces of the host",
					"leave hostNetwork, hostPID and hostIPC out"),
	[CK_PSS_PRIVILEGED] = BASE("privileged", "no privileged containers",
				   "leave privileged: true out"),
	[CK_PSS_CAPS] =
		BASE("capabilities", "adds only harmless capabilities",
		     "add no more than what docker gives by default, without NET_RAW"),
	[CK_PSS_HOST_PATH] = BASE(
		"host-path", "no volumes of the host",
		"a persistentVolumeClaim, configMap or emptyDir in place of hostPath"),
	[CK_PSS_HOST_PORTS] = BASE("host-ports", "no ports of the host",
				   "a Service in place of hostPort"),
	[CK_PSS_HOST_PROBES] = BASE("host-probes", "probes and hooks of the pod only",
				    "leave host out of httpGet and tcpSocket"),
	[CK_PSS_APPARMOR] = BASE("apparmor", "AppArmor is not switched off",
				 "appArmorProfile type RuntimeDefault or Localhost"),
	[CK_PSS_SELINUX] =
		BASE("selinux", "SELinux types of containers only",
		     "leave seLinuxOptions user and role out, type container_t"),
	[CK_PSS_PROC_MOUNT] =
		BASE("proc-mount", "/proc is masked", "leave procMount out"),
	[CK_PSS_SECCOMP] = BASE("seccomp", "seccomp is not switched off",
				"seccompProfile type RuntimeDefault or Localhost"),
	[CK_PSS_SYSCTLS] = BASE("sysctls", "safe sysctls only", "leave the others out"),
	[CK_PSS_VOLUMES] = STRICT("volumes", "core types of volumes only",
				  "configMap, csi, downwardAPI, emptyDir, ephemeral, "
				  "persistentVolumeClaim, projected or secret"),
	[CK_PSS_ESCALATION] = STRICT("privilege-escalation", "no privilege escalation",
				     "allowPrivilegeEscalation: false"),
	[CK_PSS_NON_ROOT] = STRICT("run-as-non-root", "not root", "runAsNonRoot: true"),
	[CK_PSS_USER] = STRICT("run-as-user", "not uid 0", "runAsUser other than 0"),
	[CK_PSS_SECCOMP_SET] = STRICT("seccomp", "seccomp is switched on",
				      "seccompProfile: {type: RuntimeDefault}"),
	[CK_PSS_DROP_ALL] = STRICT(
		"capabilities", "drops ALL, adds NET_BIND_SERVICE at most",
		"capabilities: {drop: [ALL]}, add: [NET_BIND_SERVICE] where needed"),
};

uint32_t ck_audit_subject(struct ck_audit *audit, const char *name)
{
	ck_strings_add(audit->ctl->arena, &audit->subjects,
		       ck_format(audit->ctl->arena, "%s", name));
	return (uint32_t)audit->subjects.count - 1;
}

void ck_audit_malformed(struct ck_audit *audit, uint32_t subject,
			const struct ck_spec *spec)
{
	struct ck_arena *arena = audit->ctl->arena;
	size_t i;

	for (i = 0; i < spec->malformed.list.count; i++)
		ck_strings_add(arena, &audit->malformed,
			       ck_format(arena, "%s: %s", audit->subjects.list[subject],
					 spec->malformed.list.list[i]));
}

static uint32_t hash(enum ck_control_id control, enum ck_verdict verdict,
		     const char *text)
{
	uint32_t value =
		2166136261U ^ (uint32_t)control << 3 ^ (uint32_t)verdict; /* FNV-1a */

	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * 16777619U;
	return value;
}

static uint32_t *slot_of(struct ck_audit *audit, enum ck_control_id control,
			 enum ck_verdict verdict, const char *text)
{
	size_t i = hash(control, verdict, text) & (audit->index_size - 1);

	while (audit->index[i] != NONE) {
		const struct ck_group *group = &audit->groups[audit->index[i]];

		if (group->control == control && group->verdict == verdict &&
		    !strcmp(group->text, text))
			break;
		i = (i + 1) & (audit->index_size - 1);
	}
	return &audit->index[i];
}

static void rehash(struct ck_audit *audit)
{
	size_t i;

	audit->index_size = audit->index_size ? audit->index_size * 2 : 256;
	audit->index =
		ck_alloc_array(audit->ctl->arena, audit->index_size, sizeof(uint32_t));
	memset(audit->index, 0xff, audit->index_size * sizeof(uint32_t));
	for (i = 0; i < audit->ngroups; i++) {
		const struct ck_group *group = &audit->groups[i];

		*slot_of(audit, group->control, group->verdict, group->text) =
			(uint32_t)i;
	}
}

static struct ck_group *group_of(struct ck_audit *audit, enum ck_control_id control,
				 enum ck_verdict verdict, const char *text)
{
	struct ck_arena *arena = audit->ctl->arena;
	uint32_t *slot;

	if (audit->ngroups * 2 >= audit->index_size)
		rehash(audit);
	slot = slot_of(audit, control, verdict, text);
	if (*slot != NONE)
		return &audit->groups[*slot];
	audit->groups = ck_grow(arena, audit->groups, audit->ngroups, &audit->groups_room,
				sizeof(*audit->groups));
	*slot = (uint32_t)audit->ngroups;
	audit->groups[audit->ngroups] =
		(struct ck_group){ .control = control,
				   .verdict = verdict,
				   .text = ck_format(arena, "%s", text),
				   .first = NONE,
				   .last = NONE };
	return &audit->groups[audit->ngroups++];
}

void ck_audit_add(struct ck_audit *audit, uint32_t subject, enum ck_control_id control,
		  enum ck_verdict verdict, const char *format, ...)
{
	struct ck_group *group;
	const char *text;
	va_list ap;

	va_start(ap, format);
	text = ck_vformat(&audit->item, format, ap);
	va_end(ap);
	/* What a higher level asks for is a hint until somebody asks for that level. */
	if (verdict == CK_FAIL && ck_controls[control].level == CK_LEVEL_RESTRICTED &&
	    audit->level != CK_LEVEL_RESTRICTED)
		verdict = CK_WARN;
	group = group_of(audit, control, verdict, text);
	audit->results = ck_grow(audit->ctl->arena, audit->results, audit->nresults,
				 &audit->results_room, sizeof(*audit->results));
	if (group->last != NONE)
		audit->results[group->last].next = (uint32_t)audit->nresults;
	else
		group->first = (uint32_t)audit->nresults;
	group->last = (uint32_t)audit->nresults;
	audit->results[audit->nresults++] =
		(struct ck_result){ (uint32_t)(group - audit->groups), subject, NONE };
	group->count++;
	audit->counts[verdict]++;
}

const char *ck_verdict_text(enum ck_verdict verdict)
{
	static const char *const names[] = { [CK_PASS] = "PASS",
					     [CK_INFO] = "INFO",
					     [CK_WARN] = "WARN",
					     [CK_FAIL] = "FAIL" };

	return names[verdict];
}
