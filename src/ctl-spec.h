/* SPDX-License-Identifier: MIT */
/*
 * ctl-spec.h - what a container is configured to have, whoever wrote it down: docker
 * inspect, compose, Kubernetes. Audit judges it, convert translates it.
 */
#ifndef CTL_SPEC_H
#define CTL_SPEC_H

#include "ctl-read.h"

/* What has another type than it has to have: "cap_add has to be a list of words". */
struct ck_malformed {
	struct ck_arena *arena;
	struct ck_strings list;
};

struct ck_spec {
	const char *kind, *name;
	uint64_t base; /* what the engine gives */
	uint64_t add, drop;
	uint64_t bounding;	   /* where bounding_stated: in place of all of these */
	struct ck_strings unknown; /* added: names of capabilities that nobody knows */
	struct ck_strings unknown_drop;
	struct ck_strings groups;
	const char *user, *group; /* NULL: not stated, so the image's, or root */
	const char *seccomp;	  /* NULL: the engine's default; "unconfined" */
	const char *apparmor;
	const char *id;	    /* of a container that runs */
	const char *path;   /* what the container starts first */
	const char *behind; /* the init that the process was looked for behind, or NULL */
	struct ck_malformed malformed;
	enum ck_tristate no_new_privs; /* CK_AUTO: not stated */
	pid_t pid;		       /* 0: does not run */
	bool privileged, add_all, drop_all, non_root, bounding_stated;
	/* Of compose: where a variable decides, that nobody knows here. */
	bool user_varies, caps_vary, privs_vary, seccomp_varies;
	bool interpolated;
	bool host_pid, host_network, host_ipc;
	bool engine_init; /* docker run --init: the first process is the engine's */
};

/* The capabilities that follow from it. */
uint64_t ck_spec_caps(const struct ck_spec *spec, uint64_t known);
/* A name as docker, compose and Kubernetes have it, ALL too. */
void ck_spec_name(struct ck_arena *arena, struct ck_spec *spec, const char *name,
		  bool add);
/* "no-new-privileges:true", "seccomp=unconfined" ...; false where it is none of these. */
bool ck_spec_option(struct ck_spec *spec, const char *option);

/* A boolean of the engines: strconv.ParseBool(). With any other word they start nothing,
 * and that is collected. */
bool ck_go_bool(struct ck_malformed *malformed, const char *key, const char *value);

/* Does a user, or "USER:GROUP", mean uid 0? As the engines read it: an empty user is 0,
 * and so is every number that is, "00" and "+0" too. */
bool ck_is_root_word(const char *user);
/* "USER:GROUP": numbers as they are written here, an empty user is "0". */
void ck_spec_user(struct ck_arena *arena, struct ck_spec *spec, const char *text);

const char *ck_json_string(const json_t *object,
			   const char *key); /* NULL where it is none */
bool ck_json_true(const json_t *object, const char *key);

/* ---- ctl-spec-types.c: what is absent, null or collected reads as NULL or false ---- */

enum ck_type {
	CK_TYPE_BOOLEAN,
	CK_TYPE_ID, /* a name or a number */
	CK_TYPE_IDS,
	CK_TYPE_MAPPING,
	CK_TYPE_MAPPINGS,
	CK_TYPE_NUMBER, /* whole, and not negative */
	CK_TYPE_NUMBERS,
	CK_TYPE_WORDS,
};

void ck_malformed_add(struct ck_malformed *malformed, const char *key,
		      const char *wanted);
const json_t *ck_member(struct ck_malformed *malformed, const json_t *object,
			const char *key, enum ck_type type);
bool ck_bool_of(struct ck_malformed *malformed, const json_t *object, const char *key);

/* One container of docker inspect; false where it is none. */
bool ck_spec_docker(struct ck_arena *arena, const json_t *container, struct ck_spec *ret);
/* One service of a compose file. */
void ck_spec_compose(struct ck_arena *arena, const char *name, const json_t *service,
		     struct ck_spec *ret);
/* One container of a pod, with what it takes from the pod. */
void ck_spec_pod(struct ck_arena *arena, const json_t *pod_spec, const json_t *container,
		 struct ck_spec *ret);

struct ck_pod {
	const char *kind, *namespace_, *name;
	const json_t *spec, *metadata;
};
/* The pods and templates of an object of Kubernetes, one after the other: place is 0 at
 * first; false behind the last. Its kind says where they stand; what stands elsewhere
 * the cluster does not look at. Without a kind every place counts. */
bool ck_pod_next(const json_t *object, size_t *place, struct ck_pod *ret);
extern const char
	*const ck_pod_lists[3]; /* containers, initContainers, ephemeralContainers */

#endif
