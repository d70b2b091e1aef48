#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What every command prints on fixed input, to the byte. CK_GOLDEN=write renews the files.

load lib

setup() { started=(); }
teardown() { end_sleepers; }

# The process of these tests: what differs from run to run is its pid, its parent's, and the
# number of its user namespace.
fixed()
{
	sleeper --reuid 4711 --regid 4712 --groups 5,7 --inh-caps -all,+net_raw --ambient-caps +net_raw \
		--bounding-set -all,+net_raw,+chown,+sys_time --no-new-privs
}

neutral()
{
	output=${output//"$pid"/PID}
	output=$(sed -e 's/^ *PID/PID/' -e "s/\b$$\b/PARENT/g" -e 's/"ppid": [0-9]*/"ppid": 0/' \
		-e "s/$(readlink /proc/self/ns/user | tr -dc 0-9)/USERNS/" <<<"$output")
}

@test "show" {
	fixed
	is 0 show "$pid"
	neutral
	golden show
	is 0 show --wide "$pid"
	neutral
	golden show-wide
	is 0 show --json "$pid"
	neutral
	golden show-json
}

@test "check" {
	profile 'keep = NET_RWA SYS_ADMIN' 'bogus = 1' 'bounding = if-possible' '[process]' 'usr = x'
	is 1 check "$P"
	golden check-problems
	profile 'keep = SYS_ADMIN NET_BIND_SERVICE' '[process]' 'user = 4711' 'group = 4712' '[environment]' \
		'set = LD_PRELOAD=/x.so'
	is 1 check --as docker "$P"
	golden check-docker
	profile 'keep = SYS_ADMIN' 'bounding = if-possible' '[process]' 'user = unchanged' 'no-new-privs = no' \
		'close-fds = no'
	is 0 check "$P"
	golden check-warnings
	is 0 check --json "$P"
	golden check-json
	is 0 check --sarif "$P"
	output=$(sed 's/"version": "[0-9.]*"$/"version": "VERSION"/' <<<"$output")
	golden check-sarif
}

@test "explain" {
	is 0 explain NET_RAW cap_sys_admin
	golden explain-capabilities
	is 0 explain 0xa80425fb 0x8000000000000400
	golden explain-masks
	is 0 explain --json KILL
	golden explain-json
	cp "$(type -P true)" "$BATS_TEST_TMPDIR/command"
	profile 'keep = NET_RAW' '[process]' 'user = 1000' 'group = 1000'
	is 0 explain --as docker "$P" -- "$BATS_TEST_TMPDIR/command"
	golden explain-command
	setcap cap_net_raw,cap_net_admin+ep "$BATS_TEST_TMPDIR/command"
	is 1 explain --as docker "$P" -- "$BATS_TEST_TMPDIR/command"
	golden explain-file-capabilities
}

@test "audit" {
	is 1 audit --docker "$DATA/inspect.json"
	golden audit-docker
	is 1 audit --all --docker "$DATA/inspect.json"
	golden audit-docker-all
	is 1 audit --json --docker "$DATA/inspect.json"
	golden audit-docker-json
	is 1 audit --junit --docker "$DATA/inspect.json"
	golden audit-docker-junit
	is 1 audit --compose "$DATA/compose.yaml"
	golden audit-compose
	is 1 audit --kubernetes "$DATA/pods.yaml"
	golden audit-kubernetes
	is 1 audit --level restricted --kubernetes "$DATA/pods.yaml"
	golden audit-restricted
	profile 'keep = SYS_ADMIN' '[process]' 'user = unchanged' 'no-new-privs = no'
	is 1 audit --profile "$P"
	golden audit-profile
}

@test "verify" {
	fixed
	profile 'keep = NET_RAW CHOWN SYS_TIME' '[process]' 'user = 4713' 'group = 4712' 'groups = 5' \
		'no-new-privs = no'
	is 1 verify "$pid" "$P"
	neutral
	golden verify
	is 1 verify --json "$pid" "$P"
	neutral
	golden verify-json
	profile 'keep = NET_RAW' 'bounding = if-possible' '[process]' 'user = 4711' 'group = 4712' 'groups = 5 7'
	is 0 verify "$pid" "$P"
	neutral
	golden verify-exact
}

@test "list" {
	is 0 list presets
	golden list-presets
	is 0 list capabilities
	golden list-capabilities
	is 0 list --json presets
	golden list-presets-json
}

@test "convert, as JSON" {
	profile 'keep = KILL' '[process]' 'user = 1000' 'umask = 0027'
	is 0 convert --json --to docker "$P"
	golden convert-json
	is 0 convert --to ini --name admin "$DATA/inspect.json"
	golden convert-ini
}
