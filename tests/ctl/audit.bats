#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# capkeepctl audit on files and processes; on live containers in tests/docker/ctl.bats.

load lib

setup() { started=(); }
teardown() { end_sleepers; }

@test "docker inspect: each control, with both numbers and the remedy" {
	is 1 audit --docker "$DATA/inspect.json"
	golden audit-docker
	is 1 audit --json -d "$DATA/inspect.json"
	for control in cis-4.1 cis-5.4 cis-5.26; do expect default $control FAIL; done
	for control in cis-5.5 cis-5.22; do expect default $control PASS; done
	for control in cis-4.1 cis-5.4 cis-5.5 cis-5.22 cis-5.26; do expect privileged $control FAIL; done
	for control in cis-4.1 cis-5.4 cis-5.5 cis-5.22 cis-5.26; do expect one $control PASS; done
	expect admin cis-5.4 "FAIL WARN WARN"
	expect admin cis-5.22 FAIL
	expect admin cis-5.26 PASS
	expect every cis-5.5 FAIL
	expect every cis-5.26 FAIL
}

@test "standard input, --threshold, exit status" {
	is 1 audit --docker - <"$DATA/inspect.json"
	failures=$(sed -n 's/.*audited: \([0-9]*\) FAIL.*/\1/p' <<<"$output")
	is 0 audit --docker "$DATA/inspect.json" --threshold "$failures"
	is 1 audit --docker "$DATA/inspect.json" --threshold $((failures - 1))
	is 2 audit --docker "$DATA/inspect.json" --threshold x
	is 2 audit
	is 2 audit --level strange --docker "$DATA/inspect.json"
	is 125 audit --docker /nonexistent
}

@test "Kubernetes: baseline, every control" {
	is 1 audit --json --kubernetes "$DATA/pods.yaml"
	[ "$(json '[.results[] | select(.subject | startswith("a/strict")) | select(.verdict != "PASS")] | length')" = 0 ]
	[ "$(json '[.results[] | select(.subject | startswith("b/plain")) | select(.verdict == "FAIL")] | length')" = 0 ]
	pod="c/bad CronJob"
	for control in host-process host-namespaces host-path sysctls selinux apparmor; do
		[[ "$(verdict "$pod" baseline/$control)" == FAIL* ]] || fail "$control"
	done
	expect "$pod:setup" baseline/privileged FAIL
	expect "$pod:setup" baseline/host-ports FAIL
	expect "$pod:setup" baseline/proc-mount FAIL
	for control in host-probes selinux apparmor seccomp capabilities; do
		expect "$pod:x" baseline/$control FAIL
	done
	expect "$pod:debug" baseline/capabilities FAIL
	expect in-a-list:y baseline/capabilities PASS
	[ "$(json .skipped)" = 1 ]
	# the whole of it is grouped for people
	is 1 audit --kubernetes "$DATA/pods.yaml"
	golden audit-kubernetes
}

@test "Kubernetes: restricted, every control" {
	is 1 audit --json --level restricted --kubernetes "$DATA/pods.yaml"
	[ "$(json '[.results[] | select(.subject | startswith("a/strict")) | select(.verdict != "PASS")] | length')" = 0 ]
	for control in privilege-escalation run-as-non-root seccomp capabilities; do
		expect "b/plain Deployment:web" restricted/$control FAIL
	done
	expect "c/bad CronJob" restricted/volumes FAIL
	expect "c/bad CronJob:x" restricted/run-as-user FAIL
	expect "c/bad CronJob:debug" restricted/capabilities FAIL
	expect in-a-list:y restricted/run-as-non-root INFO
	expect windows:w restricted/run-as-non-root FAIL
	expect windows:w restricted/privilege-escalation ""
	expect windows:w restricted/seccomp ""
	expect windows:w restricted/capabilities ""
}

@test "the same objects as JSON, as a list, and as documents in a row" {
	python3 -c 'import json, sys, yaml
docs = [d for d in yaml.safe_load_all(open(sys.argv[1]))]
json.dump(docs, open(sys.argv[2], "w"))
with open(sys.argv[3], "w") as out:
    for d in docs: json.dump(d, out)' "$DATA/pods.yaml" "$BATS_TEST_TMPDIR/a.json" "$BATS_TEST_TMPDIR/b.json" ||
		fail "python3-yaml is missing"
	is 1 audit -k "$DATA/pods.yaml"
	wanted=$output
	is 1 audit -k "$BATS_TEST_TMPDIR/a.json"
	[ "$output" = "$wanted" ]
	is 1 audit -k "$BATS_TEST_TMPDIR/b.json"
	[ "$output" = "$wanted" ]
}

@test "JUnit XML, also with names that are hostile" {
	is 1 audit --junit --docker "$DATA/inspect.json"
	says '<testcase classname="cis-5.4" name="default"><failure message="FAIL CIS Docker 5.4 [5.3]: NET_RAW is not dropped">'
	printf '{"kind":"Pod","metadata":{"name":"a\\u001b[2J<&\\"\\u009b"},"spec":{"containers":[{"name":"x"}]}}' >"$BATS_TEST_TMPDIR/pod"
	is 0 audit --junit -k "$BATS_TEST_TMPDIR/pod"
	says 'a\x1b[2J&lt;&amp;&quot;\xc2\x9b'
	is 0 audit -k "$BATS_TEST_TMPDIR/pod" --all
	says_not $'\e' $'\xc2\x9b'
}

@test "processes and profiles" {
	sleeper --bounding-set -all,+kill --inh-caps -all --no-new-privs --reuid 1000 --clear-groups
	is 1 audit --json "$pid"
	expect "$pid sleep" cis-5.4 PASS
	expect "$pid sleep" cis-5.26 PASS
	expect "$pid sleep" cis-4.1 PASS
	expect "$pid sleep" cis-5.22 FAIL
	sleeper
	is 1 audit --json "$pid"
	expect "$pid sleep" cis-5.26 FAIL
	profile 'keep = KILL' '[process]' 'user = unchanged'
	is 0 audit --profile "$P"
	says "the user stays as it is started"
	profile 'keep = SYS_ADMIN' '[process]' 'user = 1000' 'group = 1000' 'no-new-privs = no'
	is 1 audit -p "$P"
	says "adds what amounts to root: SYS_ADMIN" "no-new-privileges is not set"
}

# inspect TEXT...: docker inspect of containers c0, c1 ..., each with TEXT in its HostConfig, and its Config
inspect()
{
	local i=0 separator= pair

	for pair; do
		printf '%s{"Name":"/c%d","HostConfig":{%s},"Config":{%s}%s}' "$separator" "$i" "${pair%%|*}" \
			"$(cut -d'|' -f2 <<<"$pair")" "$(cut -s -d'|' -f3 <<<"$pair")"
		separator=$'\n'
		i=$((i + 1))
	done >"$BATS_TEST_TMPDIR/inspect"
	is 1 audit --json -d "$BATS_TEST_TMPDIR/inspect"
}

@test "docker: every spelling of root, and of a no-new-privileges that is off" {
	inspect '|"User":":1000"' '|"User":"00"' '|"User":"+0"' '|"User":"-0:5"' '|"User":"root:5"' '|"User":"1000:0"' '|"User":"rooty"'
	for i in 0 1 2 3 4; do expect c$i cis-4.1 FAIL; done
	for i in 5 6; do expect c$i cis-4.1 PASS; done
	inspect '"SecurityOpt":["no-new-privileges:'{0,f,F,false,FALSE,False}'"]|'
	for i in 0 1 2 3 4 5; do expect c$i cis-5.26 FAIL; done
	inspect '"SecurityOpt":["no-new-privileges:'{1,t,T,true,TRUE,True}'"]|' '"SecurityOpt":["no-new-privileges"]|'
	for i in 0 1 2 3 4 5 6; do expect c$i cis-5.26 PASS; done
}

@test "podman inspect is judged by what came of it, not by docker's default" {
	inspect '|"User":"1"|,"OCIRuntime":"crun"' '|"User":"1"|,"BoundingCaps":["CAP_NET_RAW"]' \
		'|"User":"1"|,"BoundingCaps":["CAP_KILL","CAP_SYS_ADMIN"]' '|"User":"1"|'
	expect c0 cis-5.4 PASS
	expect c1 cis-5.4 "FAIL WARN"
	expect c2 cis-5.4 FAIL
	expect c3 cis-5.4 FAIL
	says "adds what amounts to root: SYS_ADMIN"
}

@test "5.4: what passes adds nothing beyond the default, which is not nothing" {
	inspect '"CapDrop":["ALL"],"CapAdd":["NET_BIND_SERVICE"]|'
	expect c0 cis-5.4 PASS
	says "NET_RAW is dropped and nothing beyond the default is added"
	sleeper --bounding-set -all,+chown --no-new-privs
	is 1 audit --json "$pid"
	expect "$pid sleep" cis-5.4 PASS
	says "holds neither NET_RAW nor more than docker's default"
}

@test "what is no list of words, and no service, is refused by audit and convert" {
	local file=$BATS_TEST_TMPDIR/x kind text wanted
	while IFS='|' read -r kind text wanted; do
		printf '%s\n' "$text" >"$file"
		is 125 audit "--$kind" "$file"
		[ -z "$output" ]
		[ "$errors" = "capkeepctl: $file: $wanted" ] || fail "$kind $text: $errors"
		is 125 convert --from "$kind" --to ini "$file"
		[ -z "$output" ]
		[ "$errors" = "capkeepctl: $file: ${wanted#p:}" ] || fail "$kind $text: $errors"
	done <<-'EOT'
		compose|services: {a: {user: "1", cap_drop: ALL}}|a: cap_drop has to be a list of words
		compose|services: {a: {user: "1", cap_drop: [ALL], cap_add: SYS_ADMIN}}|a: cap_add has to be a list of words
		compose|services: {a: {cap_drop: [ALL, 5]}}|a: cap_drop has to be a list of words
		compose|services: {a: {cap_drop: [ALL], cap_add: {SYS_ADMIN: true}}}|a: cap_add has to be a list of words
		compose|services: {a: {cap_drop: [ALL], security_opt: "seccomp:unconfined"}}|a: security_opt has to be a list of words
		compose|services: {a: privileged}|a has to be a mapping
		docker|[{"Name":"/a","HostConfig":{"CapAdd":"SYS_ADMIN"},"Config":{}}]|a: CapAdd has to be a list of words
		compose|services: {a: {privileged: {x: 1}}}|a: privileged has to be true or false
		compose|services: {a: {privileged: 1}}|a: privileged has to be true or false
		compose|services: {a: {privileged: maybe}}|a: privileged has to be true or false
		compose|services: {a: {privileged: "0"}}|a: privileged has to be true or false
		compose|services: {a: {privileged: ""}}|a: privileged has to be true or false
		compose|services: {a: {user: [0]}}|a: user has to be a name or a number
		compose|services: {a: {group_add: 5}}|a: group_add has to be a list of names or numbers
		compose|services: {a: {group_add: [[5]]}}|a: group_add has to be a list of names or numbers
		compose|services: {a: {security_opt: ["no-new-privileges:maybe"]}}|a: no-new-privileges has to be true or false
		docker|[{"Name":"/a","HostConfig":{"Privileged":"true"},"Config":{}}]|a: Privileged has to be true or false
		docker|[{"Name":"/a","HostConfig":{"Privileged":1},"Config":{}}]|a: Privileged has to be true or false
		kubernetes|{"kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"a","securityContext":{"capabilities":{"add":"SYS_ADMIN"}}}]}}|p:a: add has to be a list of words
		kubernetes|{"kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"a","securityContext":{"capabilities":["ALL"]}}]}}|p:a: capabilities has to be a mapping
		kubernetes|{"kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"a","securityContext":"x"}]}}|p:a: securityContext has to be a mapping
		kubernetes|{"kind":"Pod","metadata":{"name":"p"},"spec":{"securityContext":[],"containers":[{"name":"a"}]}}|p:a: securityContext has to be a mapping
		kubernetes|{"kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"a","securityContext":{"seccompProfile":"Unconfined"}}]}}|p:a: seccompProfile has to be a mapping
		kubernetes|{"kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"a","securityContext":{"privileged":"true"}}]}}|p:a: privileged has to be true or false
		kubernetes|{"kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"a","securityContext":{"privileged":1}}]}}|p:a: privileged has to be true or false
		kubernetes|{"kind":"Pod","metadata":{"name":"p"},"spec":{"hostPID":"true","containers":[{"name":"a"}]}}|p:a: hostPID has to be true or false
		kubernetes|{"kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"a","securityContext":{"allowPrivilegeEscalation":"false"}}]}}|p:a: allowPrivilegeEscalation has to be true or false
	EOT
	# all of it, not the last
	printf 'services: {a: {cap_drop: ALL, cap_add: KILL}, b: 5, c: {privileged: []}}\n' >"$file"
	is 125 audit -c "$file"
	[ "$errors" = "capkeepctl: $file: a: cap_add has to be a list of words
capkeepctl: $file: a: cap_drop has to be a list of words
capkeepctl: $file: b has to be a mapping
capkeepctl: $file: c: privileged has to be true or false" ] || fail "$errors"
	is 125 convert --to ini --name a "$file"
	says "a: cap_add has to be a list of words" "a: cap_drop has to be a list of words"
	printf 'services:\n  a: {user: "1", cap_drop: [ALL], cap_add: null, security_opt: }\n' >"$file"
	is 1 audit --json -c "$file"
	expect a cis-5.4 PASS
}

@test "seccomp: what is configured is not switched off, what is in force is said so" {
	inspect '|"User":"1"' '"SecurityOpt":["seccomp=/x.json"]|'
	for i in 0 1; do expect c$i cis-5.22 PASS; done
	says "is not switched off"
	says_not "a filter is in force"
	# a kernel that does not tell
	sleeper --no-new-privs
	grep -v ^Seccomp "/proc/$pid/status" >"$BATS_TEST_TMPDIR/status"
	output=$(unshare --mount sh -ec 'mount -t tmpfs none /proc && mkdir "/proc/$2" && cp "$3" "/proc/$2/status"
		exec "$1" audit --json "$2"' - "$CAPKEEPCTL" "$pid" "$BATS_TEST_TMPDIR/status") || :
	expect "$pid sleep" cis-5.22 WARN
	says "the kernel does not tell whether a filter is in force"
}

@test "processes: any id that is 0 is root; what only exec can give is said so" {
	# uid 1000, with the full bounding set: nothing is held
	sleeper --reuid 1000 --clear-groups
	is 1 audit --json "$pid"
	expect "$pid sleep" cis-4.1 PASS
	expect "$pid sleep" cis-5.4 WARN
	says "can gain by exec: "
	says_not "adds what amounts to root"
	sleeper --ruid 1000 --bounding-set -all --no-new-privs
	is 1 audit --json "$pid"
	expect "$pid sleep" cis-4.1 WARN
	sleeper --euid 1000 --bounding-set -all --no-new-privs
	is 1 audit --json "$pid"
	expect "$pid sleep" cis-4.1 WARN
	sleeper --bounding-set -all,+sys_admin --no-new-privs
	is 1 audit --json "$pid"
	expect "$pid sleep" cis-5.4 FAIL
	says "holds what amounts to root: SYS_ADMIN"
}

# pods TEXT...: Pods p0, p1 ..., each with TEXT in its spec; LEVEL
pods()
{
	local i=0 text

	for text; do
		printf -- '---\nkind: Pod\nmetadata: {name: p%d}\nspec:\n%s\n' "$i" "$text"
		i=$((i + 1))
	done >"$BATS_TEST_TMPDIR/pods"
	is "${wanted:-1}" audit --json --level restricted -k "$BATS_TEST_TMPDIR/pods"
}

@test "Kubernetes: pods stand where their kind says" {
	cat >"$BATS_TEST_TMPDIR/pods" <<-'EOT'
		kind: Pod
		metadata: {name: pod}
		spec:
		  containers: [{name: x}]
		  template: {spec: {containers: [{name: decoy, securityContext: {privileged: true}}]}}
		template: {spec: {containers: [{name: decoy, securityContext: {privileged: true}}]}}
		---
		kind: Deployment
		metadata: {name: deployment}
		spec:
		  containers: [{name: decoy}]
		  template: {spec: {containers: [{name: x, securityContext: {privileged: true}}]}}
		---
		kind: CronJob
		metadata: {name: cron}
		spec:
		  template: {spec: {containers: [{name: decoy}]}}
		  jobTemplate: {spec: {template: {spec: {containers: [{name: x}]}}}}
		---
		kind: PodTemplate
		metadata: {name: template}
		spec: {containers: [{name: decoy}]}
		template: {spec: {containers: [{name: x}]}}
		---
		kind: ConfigMap
		metadata: {name: map}
		spec: {containers: [{name: decoy}]}
		---
		metadata: {name: any}
		spec: {containers: [{name: x}], template: {spec: {containers: [{name: x}]}}}
	EOT
	is 1 audit --json -k "$BATS_TEST_TMPDIR/pods"
	says_not decoy
	expect pod:x baseline/privileged PASS
	expect "deployment Deployment:x" baseline/privileged FAIL
	expect "cron CronJob:x" baseline/privileged PASS
	expect "template PodTemplate:x" baseline/privileged PASS
	expect any:x baseline/privileged "PASS PASS"
	[ "$(json .skipped)" = 1 ]
}

@test "Kubernetes: lists within lists, and what is no pod is counted" {
	cat >"$BATS_TEST_TMPDIR/pods" <<-'EOT'
		kind: List
		items:
		  - kind: List
		    items:
		      - kind: PodList
		        items:
		          - {kind: Pod, metadata: {name: deep}, spec: {containers: [{name: x, securityContext: {privileged: true}}]}}
		      - {kind: Secret}
		  - {kind: ConfigMap}
		  - {kind: Pod, metadata: {name: odd}, items: [], spec: {containers: [{name: x}]}}
	EOT
	is 1 audit --json -k "$BATS_TEST_TMPDIR/pods"
	expect deep:x baseline/privileged FAIL
	expect odd:x baseline/privileged PASS
	[ "$(json .skipped)" = 2 ]
}

@test "Kubernetes: names of capabilities compare exactly; numbers of YAML; volumes" {
	caps()
	{
		printf '  containers: [{name: x, securityContext: {capabilities: %s}}]' "$1"
	}
	pods "$(caps '{drop: [all]}')" "$(caps '{drop: [ALL], add: [CAP_KILL]}')" "$(caps '{drop: [ALL], add: [chown]}')" \
		"$(caps '{drop: [ALL, BOGUS]}')" "$(caps '{drop: [ALL], add: [NET_BIND_SERVICE]}')"
	expect p0:x restricted/capabilities FAIL
	expect p0:x baseline/capabilities WARN
	for i in 1 2; do
		expect p$i:x restricted/capabilities FAIL
		expect p$i:x baseline/capabilities FAIL
	done
	expect p3:x restricted/capabilities PASS
	expect p3:x baseline/capabilities WARN
	expect p4:x restricted/capabilities PASS
	expect p4:x baseline/capabilities PASS
	says "adds CAP_KILL" "adds chown" "does not drop ALL"
	# each by its name
	pods "$(caps '{drop: [ALL], add: [SYS_TIME, CAP_KILL, NET_ADMIN, BOGUS, KILL]}')"
	says '"text": "adds NET_ADMIN SYS_TIME CAP_KILL BOGUS"' '"text": "adds KILL NET_ADMIN SYS_TIME CAP_KILL BOGUS"'

	port() { printf '  containers: [{name: x, ports: [{hostPort: %s}]}]' "$1"; }
	pods "$(port 8_080)" "$(port 8e1)" "$(port 0b101)" "$(port '"80"')" "$(port 0.5)" "$(port 0b0)" "$(port null)" "$(port 0.0)"
	for i in 0 1 2 3 4; do expect p$i:x baseline/host-ports FAIL; done
	for i in 5 6 7; do expect p$i:x baseline/host-ports PASS; done
	says "hostPort 8080" "hostPort 80" "hostPort 5"

	user() { printf '  containers: [{name: x, securityContext: {runAsUser: %s}}]' "$1"; }
	pods "$(user 0b0)" "$(user 0.0)" "$(user '!!float 0')" "$(user 0_0)" "$(user '"1"')" "$(user x)" "$(user 1_000)" "$(user null)"
	for i in 0 1 2 3 4 5; do expect p$i:x restricted/run-as-user FAIL; done
	for i in 6 7; do expect p$i:x restricted/run-as-user PASS; done

	volume() { printf '  containers: [{name: x}]\n  volumes: [{name: v%s}]' "$1"; }
	pods "$(volume '')" "$(volume ', emptyDir: null')" "$(volume ', emptyDir: {}')" "$(volume ', hostPath: {path: /}')" \
		"$(volume ', emptyDir: {}, nfs: {}')"
	for i in 0 1 2; do expect p$i restricted/volumes PASS; done
	for i in 3 4; do expect p$i restricted/volumes FAIL; done
}

@test "hostile JSON: a clear error with its line, no crash" {
	while IFS=$'\t' read -r bytes text; do
		printf -- "$bytes" >"$BATS_TEST_TMPDIR/x"
		is 125 audit -k "$BATS_TEST_TMPDIR/x"
		says "capkeepctl: $BATS_TEST_TMPDIR/x" "$text"
	done <<-'EOT'
		{"kind":"Pod"	cut short
		{"items":[{"a":1},	no JSON
		{"items":[{"a":1}	cut short
		{"items":[{"a":1} {}]}	is missing
		{"a":1,"a":2}	twice
		{"a":{"b":1,"b":2}}	duplicate
		{"a":"\xff"}	unable to decode byte
		{"a":"\\u0000"}	no JSON
		{"a" 1}	':' is missing
		{1:2}	a key is missing
		[1,2,3]	nothing to audit
		{}	nothing to audit
		   	is empty
		{} x	missing
	EOT
	python3 -c 'print("[" * 100000)' >"$BATS_TEST_TMPDIR/x"
	is 125 audit -k "$BATS_TEST_TMPDIR/x"
	says "maximum parsing depth"
	python3 -c 'print("{\"a\":" * 100000)' >"$BATS_TEST_TMPDIR/x"
	is 125 audit -k "$BATS_TEST_TMPDIR/x"
	printf '{"items":[' >"$BATS_TEST_TMPDIR/x"
	is 125 audit -k "$BATS_TEST_TMPDIR/x"
	printf '{"spec":{"containers":[1,null,"x",{"name":5,"ports":{}}],"volumes":[3]},"metadata":7}' >"$BATS_TEST_TMPDIR/x"
	is 0 audit -k "$BATS_TEST_TMPDIR/x"
	sed -i 's/"ports"/"securityContext":[],&/' "$BATS_TEST_TMPDIR/x"
	is 125 audit -k "$BATS_TEST_TMPDIR/x"
	says "unnamed:unnamed: securityContext has to be a mapping"
}

@test "hostile YAML: a clear error with its line, no crash" {
	while IFS=$'\t' read -r bytes text; do
		printf -- "$bytes" >"$BATS_TEST_TMPDIR/x"
		is 125 audit -k "$BATS_TEST_TMPDIR/x"
		says "capkeepctl: $BATS_TEST_TMPDIR/x" "$text"
	done <<-'EOT'
		a: [1, 2	no YAML
		a: 1\na: 2	twice
		a: *x	no anchor
		a: &x [*x]	no anchor
		? [a]\n: b	a key is not a word
		a: "\\0"	NUL
		\xff\xfe\x00	no YAML
		- 1	nothing to audit
	EOT
	python3 -c 'print("a: " + "[" * 5000)' >"$BATS_TEST_TMPDIR/x"
	is 125 audit -k "$BATS_TEST_TMPDIR/x"
	says "nested too deeply"
	# a billion laughs
	python3 -c 'print("a0: &a0 [x,x,x,x,x,x,x,x,x]")
for i in range(1, 12): print(f"a{i}: &a{i} [" + ",".join([f"*a{i-1}"] * 9) + "]")' >"$BATS_TEST_TMPDIR/x"
	is 125 audit -k "$BATS_TEST_TMPDIR/x"
	says "x:7: is no YAML that can be read: its aliases stand for too much"
}

@test "a fleet: 10,000 pods in bounded memory, grouped" {
	python3 "$CK_TOP/tests/ctl/fleet.py" 10000 1500 >"$BATS_TEST_TMPDIR/fleet.json"
	is 1 audit -k "$BATS_TEST_TMPDIR/fleet.json"
	says "1000: team-0/web-0:main" "and 994 more" "20000 audited: 2000 FAIL"
	[ "${#lines[@]}" -lt 40 ]
	ASAN_OPTIONS=quarantine_size_mb=1 python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
sys.exit(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > 300000)' \
		"$CAPKEEPCTL" audit -k "$BATS_TEST_TMPDIR/fleet.json"
}
