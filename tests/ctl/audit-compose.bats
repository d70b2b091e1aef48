#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# capkeepctl audit on compose files.

load lib

setup() { started=(); }

@test "compose, with merged anchors" {
	is 1 audit --compose "$DATA/compose.yaml" --json
	for control in cis-4.1 cis-5.4 cis-5.5 cis-5.26; do expect good $control PASS; done
	for control in cis-4.1 cis-5.4 cis-5.26; do expect merged-over $control PASS; done
	expect bare cis-4.1 WARN
	expect bare cis-5.4 FAIL
	expect powerful cis-5.5 FAIL
	expect powerful cis-4.1 FAIL
}

@test "compose: what a variable or another file decides is no PASS" {
	cat >"$BATS_TEST_TMPDIR/compose" <<-'EOT'
		services:
		  a: {user: "${WHO}", cap_drop: [ALL], security_opt: ["no-new-privileges:${NNP}", "seccomp:$S"]}
		  b: {user: "1", cap_drop: ["${DROP}"], security_opt: ["${OPT:-x}"]}
		  c: {user: "1", cap_drop: [ALL], security_opt: ["no-new-privileges:true", "apparmor:$A"]}
		  d: {user: "1", cap_drop: [ALL], extends: {file: other.yaml, service: x}}
		  e: {user: ":5"}
	EOT
	is 1 audit --json -c "$BATS_TEST_TMPDIR/compose"
	expect a cis-4.1 WARN
	expect a cis-5.4 PASS
	expect a cis-5.26 WARN
	expect a cis-5.22 WARN
	expect b cis-5.4 "FAIL WARN"
	expect b cis-5.26 WARN
	for control in cis-4.1 cis-5.4 cis-5.26; do expect c $control PASS; done
	expect d cis-5.4 "PASS WARN"
	expect e cis-4.1 FAIL
	says "decided by interpolation" "inherits what is not read"
}

@test "compose: what is included is not read, which is said of each file" {
	cat >"$BATS_TEST_TMPDIR/compose" <<-'EOT'
		include:
		  - db.yaml
		  - {path: web.yaml, project_directory: x}
		  - path: [a.yaml, b.yaml]
		  - {env_file: x}
		services:
		  a: {user: "1", cap_drop: [ALL], security_opt: ["no-new-privileges:true"]}
	EOT
	is 0 audit --json -c "$BATS_TEST_TMPDIR/compose"
	for name in db.yaml web.yaml a.yaml b.yaml include; do expect $name cis-5.4 WARN; done
	[ "$(json '[.results[] | select(.verdict == "WARN") | .text] | unique')" = \
		'["is included, and its services are not read: audit it as well"]' ]
	expect a cis-5.4 PASS
	printf 'include:\nservices: {a: {user: "1", cap_drop: [ALL]}}\n' >"$BATS_TEST_TMPDIR/compose"
	is 1 audit --json -c "$BATS_TEST_TMPDIR/compose"
	[ "$(json '[.results[].subject] | unique')" = '["a"]' ]
}

@test "compose: a privileged that is a text is what compose takes it for, or refused" {
	local word

	for word in true True YES on y; do
		printf 'services: {a: {privileged: "%s"}}\n' "$word" >"$BATS_TEST_TMPDIR/compose"
		is 1 audit --json -c "$BATS_TEST_TMPDIR/compose"
		expect a cis-5.5 FAIL
	done
	for word in false No OFF n; do
		printf 'services: {a: {privileged: "%s"}}\n' "$word" >"$BATS_TEST_TMPDIR/compose"
		is 1 audit --json -c "$BATS_TEST_TMPDIR/compose"
		expect a cis-5.5 PASS
	done
	# nobody knows what comes of it
	echo 'services: {a: {privileged: "${P:-false}"}}' >"$BATS_TEST_TMPDIR/compose"
	is 1 audit --json -c "$BATS_TEST_TMPDIR/compose"
	expect a cis-5.5 FAIL
}
