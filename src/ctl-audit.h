/* SPDX-License-Identifier: MIT */
/* ctl-audit.h - controls, who was judged, and what came of it. */
#ifndef CTL_AUDIT_H
#define CTL_AUDIT_H

#include "ctl-spec.h"

enum ck_verdict { CK_PASS, CK_INFO, CK_WARN, CK_FAIL };
enum ck_level { CK_LEVEL_CIS, CK_LEVEL_BASELINE, CK_LEVEL_RESTRICTED };

struct ck_control {
	const char *id;	    /* "cis-5.4", "baseline/capabilities" */
	const char *number; /* "CIS Docker 5.4 [5.3]" */
	const char *title, *remedy;
	enum ck_level level;
};

enum ck_control_id {
	CK_CIS_USER,
	CK_CIS_CAPS,
	CK_CIS_PRIVILEGED,
	CK_CIS_SECCOMP,
	CK_CIS_NO_NEW_PRIVS,
	CK_CIS_IN_FORCE, /* no control of theirs: configured beside in force */
	CK_PSS_HOST_PROCESS,
	CK_PSS_HOST_NAMESPACES,
	CK_PSS_PRIVILEGED,
	CK_PSS_CAPS,
	CK_PSS_HOST_PATH,
	CK_PSS_HOST_PORTS,
	CK_PSS_HOST_PROBES,
	CK_PSS_APPARMOR,
	CK_PSS_SELINUX,
	CK_PSS_PROC_MOUNT,
	CK_PSS_SECCOMP,
	CK_PSS_SYSCTLS,
	CK_PSS_VOLUMES,
	CK_PSS_ESCALATION,
	CK_PSS_NON_ROOT,
	CK_PSS_USER,
	CK_PSS_SECCOMP_SET,
	CK_PSS_DROP_ALL,
	CK_CONTROLS
};
extern const struct ck_control ck_controls[CK_CONTROLS];

/* One text of one control, for everybody whom it fits. */
struct ck_group {
	enum ck_control_id control;
	enum ck_verdict verdict;
	const char *text;
	size_t count;
	uint32_t first, last; /* results, linked */
};
struct ck_result {
	uint32_t group, subject, next;
};

struct ck_audit {
	struct ck_ctl *ctl;
	enum ck_level level;
	struct ck_arena item;	     /* lives as long as one object of the input */
	struct ck_strings malformed; /* what cannot be judged: the input is refused */
	struct ck_strings subjects;
	struct ck_group *groups;
	size_t ngroups, groups_room;
	struct ck_result *results;
	size_t nresults, results_room;
	uint32_t *index; /* hash of groups */
	size_t index_size;
	size_t counts[CK_FAIL + 1];
	size_t skipped; /* objects without containers */
};

uint32_t ck_audit_subject(struct ck_audit *audit, const char *name);
void ck_audit_add(struct ck_audit *audit, uint32_t subject, enum ck_control_id control,
		  enum ck_verdict verdict, const char *format, ...) CK_PRINTF(5, 6);

/* Something in the input is not of the type it has to be. */
void ck_audit_malformed(struct ck_audit *audit, uint32_t subject,
			const struct ck_spec *spec);

/* CIS on a container; process: its main process, or NULL where it is not to be seen. */
void ck_audit_cis(struct ck_audit *audit, uint32_t number, const struct ck_spec *spec,
		  const struct ck_process *process);
/* CIS on what a live process holds, and on what a profile says. */
void ck_audit_process(struct ck_audit *audit, const struct ck_process *process);
void ck_audit_profile(struct ck_audit *audit, const struct ck_profile *profile);
/* Pod Security Standards on a pod and its containers. */
void ck_audit_pod(struct ck_audit *audit, const struct ck_pod *pod);
void ck_pss_restricted_pod(struct ck_audit *audit, const struct ck_pod *pod,
			   uint32_t number);
void ck_pss_restricted_container(struct ck_audit *audit, const struct ck_pod *pod,
				 const json_t *container, uint32_t number);
/* "adds SYS_TIME CAP_KILL": all that is not allowed, and names that are none; or NULL. */
const char *ck_pss_added(struct ck_arena *arena, const struct ck_spec *spec,
			 uint64_t allowed);
/* What is wrong with the type of a seccomp or AppArmor profile, or NULL. */
const char *ck_pss_type_problem(struct ck_arena *arena, const char *key,
				const char *type);

/* Reading what was asked for: 0 or an exit status. */
int ck_audit_docker(struct ck_audit *audit, const char *path) CK_MUST_USE;
int ck_audit_compose(struct ck_audit *audit, const char *path) CK_MUST_USE;
int ck_audit_kubernetes(struct ck_audit *audit, const char *path) CK_MUST_USE;

void ck_audit_print(struct ck_audit *audit, bool all);
void ck_audit_json(struct ck_audit *audit);
void ck_audit_junit(struct ck_audit *audit);
const char *ck_verdict_text(enum ck_verdict verdict);

#endif
