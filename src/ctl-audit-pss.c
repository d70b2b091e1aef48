/* SPDX-License-Identifier: MIT */
/* The Pod Security Standards, level baseline: the lists are those of Kubernetes. */
#include <linux/capability.h>
#include <string.h>

#include "ctl-audit.h"

/* What docker gives, without NET_RAW. */
#define MAY_ADD (CK_DOCKER_DEFAULT & ~CK_CAP(CAP_NET_RAW))

struct judge {
	struct ck_audit *audit;
	const struct ck_pod *pod;
	uint32_t number;
};

static void verdict(const struct judge *j, enum ck_control_id control,
		    const char *problem)
{
	ck_audit_add(j->audit, j->number, control, problem ? CK_FAIL : CK_PASS, "%s",
		     problem ? problem : ck_controls[control].title);
}

/* problem is the first one found, so that one container counts once a control. */
static const char *first(const char *problem, const char *another)
{
	return problem ? problem : another;
}

const char *ck_pss_type_problem(struct ck_arena *arena, const char *key, const char *type)
{
	static const char *const good[] = { "RuntimeDefault", "Localhost", NULL };

	return type && !ck_is_one_of(type, good) ?
		       ck_format(arena, "%s is %s", key, type) :
		       NULL;
}

static const char *context_problem(struct ck_arena *arena, const json_t *context,
				   enum ck_control_id control)
{
	static const char *const types[] = { "",
					     "container_t",
					     "container_init_t",
					     "container_kvm_t",
					     "container_engine_t",
					     NULL };
	const json_t *selinux = json_object_get(context, "seLinuxOptions");
	const char *type;

	switch (control) {
	case CK_PSS_HOST_PROCESS:
		return ck_json_true(json_object_get(context, "windowsOptions"),
				    "hostProcess") ?
			       "hostProcess is set" :
			       NULL;
	case CK_PSS_APPARMOR:
		type = ck_json_string(json_object_get(context, "appArmorProfile"),
				      "type");
		return ck_pss_type_problem(arena, "appArmorProfile", type);
	case CK_PSS_SECCOMP:
		type = ck_json_string(json_object_get(context, "seccompProfile"), "type");
		return ck_pss_type_problem(arena, "seccompProfile", type);
	case CK_PSS_SELINUX:
		type = ck_json_string(selinux, "type");
		if (type && !ck_is_one_of(type, types))
			return ck_format(arena, "seLinuxOptions.type is %s", type);
		type = ck_json_string(selinux, "user");
		if (type && *type)
			return "seLinuxOptions.user is set";
		type = ck_json_string(selinux, "role");
		return type && *type ? "seLinuxOptions.role is set" : NULL;
	default:
		return NULL;
	}
}

/* Controls that a securityContext of the pod or of a container can break. */
static void judge_context(const struct judge *j, const json_t *context)
{
	static const enum ck_control_id controls[] = { CK_PSS_HOST_PROCESS,
						       CK_PSS_APPARMOR, CK_PSS_SELINUX,
						       CK_PSS_SECCOMP };
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(controls); i++)
		verdict(j, controls[i],
			context_problem(&j->audit->item, context, controls[i]));
}

const char *ck_pss_added(struct ck_arena *arena, const struct ck_spec *spec,
			 uint64_t allowed)
{
	const uint64_t mask = spec->add & ~allowed;
	struct ck_text text = { .bytes = NULL };
	size_t i;

	if (!mask && !spec->unknown.count)
		return NULL;
	ck_text_add(arena, &text, "adds");
	if (mask)
		ck_text_add(arena, &text, " %s", ck_cap_text(arena, mask));
	for (i = 0; i < spec->unknown.count; i++)
		ck_text_add(arena, &text, " %s", spec->unknown.list[i]);
	return ck_text_bytes(&text);
}

static const char *cap_problem(struct ck_arena *arena, const struct ck_spec *spec)
{
	return spec->add_all ? "adds ALL capabilities" :
			       ck_pss_added(arena, spec, MAY_ADD);
}

/* A name that nothing drops is a mistake, but breaks no rule. */
static void judge_caps(const struct judge *j, const struct ck_spec *spec)
{
	const char *problem = cap_problem(&j->audit->item, spec);

	if (!problem && spec->unknown_drop.count)
		ck_audit_add(j->audit, j->number, CK_PSS_CAPS, CK_WARN,
			     "drops %s, which is no capability of Kubernetes",
			     spec->unknown_drop.list[0]);
	else
		verdict(j, CK_PSS_CAPS, problem);
}

static const char *port_problem(struct ck_arena *arena, const json_t *container)
{
	const json_t *ports = json_object_get(container, "ports");
	size_t i;

	for (i = 0; i < json_array_size(ports); i++) {
		const json_t *port =
			json_object_get(json_array_get(ports, i), "hostPort");

		if (json_is_integer(port) && json_integer_value(port))
			return ck_format(arena, "hostPort %lld",
					 (long long)json_integer_value(port));
		if (port && !json_is_null(port) && !json_is_integer(port))
			return "hostPort is no whole number";
	}
	return NULL;
}

/* The field "host" of one handler. */
static const char *handler_problem(const json_t *handler)
{
	const char *http = ck_json_string(json_object_get(handler, "httpGet"), "host");
	const char *tcp = ck_json_string(json_object_get(handler, "tcpSocket"), "host");

	return (http && *http) || (tcp && *tcp) ? "a probe or hook names a host" : NULL;
}

static const char *probe_problem(const json_t *container)
{
	const json_t *cycle = json_object_get(container, "lifecycle");
	const char *problem =
		handler_problem(json_object_get(container, "livenessProbe"));

	problem = first(problem,
			handler_problem(json_object_get(container, "readinessProbe")));
	problem = first(problem,
			handler_problem(json_object_get(container, "startupProbe")));
	problem = first(problem, handler_problem(json_object_get(cycle, "postStart")));
	return first(problem, handler_problem(json_object_get(cycle, "preStop")));
}

static const char *proc_problem(struct ck_arena *arena, const json_t *context)
{
	const char *mount = ck_json_string(context, "procMount");

	return mount && *mount && strcmp(mount, "Default") != 0 ?
		       ck_format(arena, "procMount is %s", mount) :
		       NULL;
}

static void judge_container(const struct judge *j, const json_t *container)
{
	const json_t *context = json_object_get(container, "securityContext");
	struct ck_arena *arena = &j->audit->item;
	struct ck_spec spec;

	ck_spec_pod(arena, j->pod->spec, container, &spec);
	ck_audit_malformed(j->audit, j->number, &spec);
	verdict(j, CK_PSS_PRIVILEGED, spec.privileged ? "privileged: true" : NULL);
	judge_caps(j, &spec);
	verdict(j, CK_PSS_HOST_PORTS, port_problem(arena, container));
	verdict(j, CK_PSS_HOST_PROBES, probe_problem(container));
	verdict(j, CK_PSS_PROC_MOUNT, proc_problem(arena, context));
	judge_context(j, context);
}

static const char *namespace_problem(struct ck_arena *arena, const json_t *spec)
{
	static const char *const keys[] = { "hostNetwork", "hostPID", "hostIPC" };
	const char *text = NULL;
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(keys); i++)
		if (ck_json_true(spec, keys[i]))
			text = ck_format(arena, "%s%s%s", text ? text : "",
					 text ? ", " : "", keys[i]);
	return text;
}

static const char *host_path_problem(const json_t *spec)
{
	const json_t *volumes = json_object_get(spec, "volumes");
	size_t i;

	for (i = 0; i < json_array_size(volumes); i++)
		if (json_is_object(
			    json_object_get(json_array_get(volumes, i), "hostPath")))
			return "hostPath";
	return NULL;
}

static const char *sysctl_problem(struct ck_arena *arena, const json_t *spec)
{
	static const char *const safe[] = {
		"kernel.shm_rmid_forced",
		"net.ipv4.ip_local_port_range",
		"net.ipv4.ip_unprivileged_port_start",
		"net.ipv4.tcp_syncookies",
		"net.ipv4.ping_group_range",
		"net.ipv4.ip_local_reserved_ports",
		"net.ipv4.tcp_keepalive_time",
		"net.ipv4.tcp_fin_timeout",
		"net.ipv4.tcp_keepalive_intvl",
		"net.ipv4.tcp_keepalive_probes",
		NULL,
	};
	const json_t *list =
		json_object_get(json_object_get(spec, "securityContext"), "sysctls");
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const char *name = ck_json_string(json_array_get(list, i), "name");

		if (name && !ck_is_one_of(name, safe))
			return ck_format(arena, "sets %s", name);
	}
	return NULL;
}

/* Before appArmorProfile there was an annotation. */
static const char *annotation_problem(struct ck_arena *arena, const struct ck_pod *pod)
{
	static const char prefix[] = "container.apparmor.security.beta.kubernetes.io/";
	json_t *annotations = json_object_get(pod->metadata, "annotations"), *value;
	const char *key;

	json_object_foreach(annotations, key, value)
	{
		const char *text = json_string_value(value);

		if (strncmp(key, prefix, sizeof(prefix) - 1) != 0 || !text || !*text)
			continue;
		if (strcmp(text, "runtime/default") != 0 &&
		    strncmp(text, "localhost/", 10) != 0)
			return ck_format(arena, "the annotation for AppArmor is %s",
					 text);
	}
	return NULL;
}

static void judge_pod(const struct judge *j)
{
	const json_t *spec = j->pod->spec;
	struct ck_arena *arena = &j->audit->item;
	const char *annotation = annotation_problem(arena, j->pod);

	verdict(j, CK_PSS_HOST_NAMESPACES, namespace_problem(arena, spec));
	verdict(j, CK_PSS_HOST_PATH, host_path_problem(spec));
	verdict(j, CK_PSS_SYSCTLS, sysctl_problem(arena, spec));
	if (annotation)
		verdict(j, CK_PSS_APPARMOR, annotation);
	judge_context(j, json_object_get(spec, "securityContext"));
}

static const char *pod_name(struct ck_arena *arena, const struct ck_pod *pod)
{
	return ck_format(arena, "%s%s%s%s%s", pod->namespace_ ? pod->namespace_ : "",
			 pod->namespace_ ? "/" : "", pod->name ? pod->name : "unnamed",
			 pod->kind && strcmp(pod->kind, "Pod") != 0 ? " " : "",
			 pod->kind && strcmp(pod->kind, "Pod") != 0 ? pod->kind : "");
}

void ck_audit_pod(struct ck_audit *audit, const struct ck_pod *pod)
{
	const char *name = pod_name(&audit->item, pod);
	struct judge j = { audit, pod, ck_audit_subject(audit, name) };
	size_t list, i;

	judge_pod(&j);
	ck_pss_restricted_pod(audit, pod, j.number);
	for (list = 0; list < CK_ARRAY_SIZE(ck_pod_lists); list++) {
		const json_t *containers = json_object_get(pod->spec, ck_pod_lists[list]);

		for (i = 0; i < json_array_size(containers); i++) {
			const json_t *container = json_array_get(containers, i);
			const char *own = ck_json_string(container, "name");

			j.number = ck_audit_subject(audit,
						    ck_format(&audit->item, "%s:%s", name,
							      own ? own : "unnamed"));
			judge_container(&j, container);
			ck_pss_restricted_container(audit, pod, container, j.number);
		}
	}
}
