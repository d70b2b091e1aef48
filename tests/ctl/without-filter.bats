#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A capkeepctl that was built --without-seccomp: nothing of a filter is left out in silence.

load lib

WITHOUT='this capkeepctl was built without the filter (--without-seccomp)'

@test "without the filter, convert refuses a seccomp profile and linux.seccomp" {
	local T=$BATS_TEST_TMPDIR

	echo '{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [] }' >"$T/docker.json"
	is 125 convert --to ini --keep none "$T/docker.json"
	says "$T/docker.json: $WITHOUT, and cannot convert a seccomp profile; take one that was built with it"
	[ -z "$output" ]
	echo '{ "process": { "user": { "uid": 1, "gid": 1 }, "cwd": "/", "noNewPrivileges": true },
		"linux": { "seccomp": { "defaultAction": "SCMP_ACT_ERRNO" } } }' >"$T/config.json"
	is 125 convert --from oci --to ini "$T/config.json"
	says "$T/config.json: $WITHOUT, and cannot convert linux.seccomp; take one that was built with it, or take it out"
	[ -z "$output" ]
	echo '{ "process": { "user": { "uid": 1, "gid": 1 }, "cwd": "/", "noNewPrivileges": true } }' >"$T/config.json"
	is 0 convert --from oci --to ini "$T/config.json"
	says 'user = 1'
}

@test "without the filter, its commands say so" {
	profile 'keep = none' '[process]' 'user = unchanged'
	is 125 trace "$P" -- true
	says "trace: $WITHOUT; take one that was built with it"
	is 125 show --filter "$P"
	is 125 list groups
	is 125 list syscalls
	printf '%s\n' '[seccomp]' 'base = @service' >>"$P"
	is 125 convert --to oci "$P"
	[ -z "$output" ]
}
