/* SPDX-License-Identifier: MIT */
/* The Pod Security Standards, level restricted. */
#include <linux/capability.h>
#include <string.h>

#include "ctl-audit.h"

struct judge {
	struct ck_audit *audit;
	uint32_t number;
	bool own_users; /* hostUsers: false, a user namespace of its own */
};

static void verdict(const struct judge *j, enum ck_control_id control,
		    const char *problem)
{
	bool user = control == CK_PSS_NON_ROOT || control == CK_PSS_USER;

	if (problem && user && j->own_users)
		ck_audit_add(
			j->audit, j->number, control, CK_INFO,
			"%s; newer clusters allow that in a user namespace of the pod's "
			"own",
			problem);
	else
		ck_audit_add(j->audit, j->number, control, problem ? CK_FAIL : CK_PASS,
			     "%s", problem ? problem : ck_controls[control].title);
}

static const char *volume_problem(struct ck_arena *arena, const json_t *spec)
{
	static const char *const allowed[] = { "configMap",   "csi",
					       "downwardAPI", "emptyDir",
					       "ephemeral",   "persistentVolumeClaim",
					       "projected",   "secret",
					       NULL };
	json_t *volumes = json_object_get(spec, "volumes"), *volume, *value;
	const char *key;
	size_t i;

	json_array_foreach(volumes, i, volume)
	{
		/* What is null is not there, and one without a type is an emptyDir. */
		json_object_foreach(volume, key, value)
		{
			if (!json_is_null(value) && strcmp(key, "name") != 0 &&
			    !(json_is_object(value) && ck_is_one_of(key, allowed)))
				return ck_format(arena, "a volume of type %s", key);
		}
	}
	return NULL;
}

static const char *user_problem(const json_t *context)
{
	const json_t *user = json_object_get(context, "runAsUser");

	if (!user || json_is_null(user))
		return NULL;
	if (!json_is_integer(user))
		return "runAsUser is no whole number";
	return json_integer_value(user) == 0 ? "runAsUser: 0" : NULL;
}

static const char *non_root_problem(const json_t *pod, const json_t *own)
{
	const json_t *value = json_object_get(own, "runAsNonRoot");

	if (!json_is_boolean(value))
		value = json_object_get(pod, "runAsNonRoot");
	if (json_is_true(value))
		return NULL;
	return json_is_false(value) ? "runAsNonRoot: false" : "runAsNonRoot is not set";
}

static const char *seccomp_problem(struct ck_arena *arena, const json_t *pod,
				   const json_t *own)
{
	const char *type = ck_json_string(json_object_get(own, "seccompProfile"), "type");

	if (!type)
		type = ck_json_string(json_object_get(pod, "seccompProfile"), "type");
	return type ? ck_pss_type_problem(arena, "seccompProfile", type) :
		      "seccompProfile is not set";
}

static const char *drop_problem(struct ck_arena *arena, const struct ck_spec *spec)
{
	const char *added = ck_pss_added(arena, spec, CK_CAP(CAP_NET_BIND_SERVICE));

	if (spec->unknown.count)
		return added;
	if (!spec->drop_all)
		return "does not drop ALL capabilities";
	return spec->add_all ? "adds ALL capabilities" : added;
}

/* Pods of Windows cannot set escalation, seccomp and capabilities; users they have. */
static bool is_windows(const json_t *spec)
{
	const char *os = ck_json_string(json_object_get(spec, "os"), "name");

	return os && !strcmp(os, "windows");
}

static struct judge judge_of(struct ck_audit *audit, const struct ck_pod *pod,
			     uint32_t number)
{
	return (struct judge){ .audit = audit,
			       .number = number,
			       .own_users = json_is_false(
				       json_object_get(pod->spec, "hostUsers")) };
}

void ck_pss_restricted_pod(struct ck_audit *audit, const struct ck_pod *pod,
			   uint32_t number)
{
	const json_t *context = json_object_get(pod->spec, "securityContext");
	struct judge j = judge_of(audit, pod, number);

	verdict(&j, CK_PSS_VOLUMES, volume_problem(&audit->item, pod->spec));
	if (user_problem(context))
		verdict(&j, CK_PSS_USER, user_problem(context));
	if (json_is_false(json_object_get(context, "runAsNonRoot")))
		verdict(&j, CK_PSS_NON_ROOT, "runAsNonRoot: false");
}

void ck_pss_restricted_container(struct ck_audit *audit, const struct ck_pod *pod,
				 const json_t *container, uint32_t number)
{
	const json_t *context = json_object_get(pod->spec, "securityContext");
	const json_t *own = json_object_get(container, "securityContext");
	const json_t *escalation = json_object_get(own, "allowPrivilegeEscalation");
	struct judge j = judge_of(audit, pod, number);
	struct ck_arena *arena = &audit->item;
	struct ck_spec spec;

	verdict(&j, CK_PSS_NON_ROOT, non_root_problem(context, own));
	verdict(&j, CK_PSS_USER, user_problem(own));
	if (is_windows(pod->spec))
		return;
	ck_spec_pod(arena, pod->spec, container, &spec);
	verdict(&j, CK_PSS_ESCALATION,
		json_is_false(escalation) ? NULL :
		json_is_true(escalation)  ? "allowPrivilegeEscalation: true" :
					    "allowPrivilegeEscalation is not set");
	verdict(&j, CK_PSS_SECCOMP_SET, seccomp_problem(arena, context, own));
	verdict(&j, CK_PSS_DROP_ALL, drop_problem(arena, &spec));
}
