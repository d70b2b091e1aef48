#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# capkeepctl audit on files and processes; on live containers in tests/docker/ctl.bats.

load lib

setup() { started=(); }
teardown() { end_sleepers; }

# verdict SUBJECT CONTROL: of the JSON in output
verdict()
{
	json "[.results[] | select(.subject == \"$1\" and .control == \"$2\") | .verdict] | join(\" \")"
}

expect()
{
	[ "$(verdict "$1" "$2")" = "$3" ] || fail "$1 $2: $(verdict "$1" "$2"), not $3"
}

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

@test "compose, with merged anchors" {
	is 1 audit --compose "$DATA/compose.yaml" --json
	for control in cis-4.1 cis-5.4 cis-5.5 cis-5.26; do expect good $control PASS; done
	for control in cis-4.1 cis-5.4 cis-5.26; do expect merged-over $control PASS; done
	expect bare cis-4.1 WARN
	expect bare cis-5.4 FAIL
	expect powerful cis-5.5 FAIL
	expect powerful cis-4.1 FAIL
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
	expect windows:w restricted/run-as-non-root ""
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
	printf '{"spec":{"containers":[1,null,"x",{"name":5,"securityContext":[],"ports":{}}],"volumes":[3]},"metadata":7}' >"$BATS_TEST_TMPDIR/x"
	is 0 audit -k "$BATS_TEST_TMPDIR/x"
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
