#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What capkeepctl does with [seccomp]: check, show --filter, explain, list, convert.

load lib

setup() { started=(); }

# filter LINE...: a profile with these lines of [seccomp]
filter() { profile 'keep = none' '[process]' 'user = unchanged' '[seccomp]' "$@"; }

@test "check: a filter is proven, and what has no effect is noted" {
	filter 'base = @service' 'allow = getppid' 'deny = ioctl(cmd: TIOCSTI)'
	is 0 check "$P"
	says "warning: 'getppid' has no effect" "instructions; " " calls decided as the rules say"
	is 1 check --strict "$P"
	is 0 check --json "$P"
	[ "$(json '.[0].filter.different')" = 0 ]
	[ "$(json '.[0].filter.compared > 6000')" = true ]
	[ "$(json '.[0].filter.instructions > 50')" = true ]
	[ "$(json '[.[0].findings[] | select(.rule == "filter-no-effect")] | length')" = 1 ]
	profile 'keep = none' '[process]' 'user = unchanged'
	is 0 check --json "$P"
	[ "$(json '.[0].filter')" = null ]
}

@test "check: says where arguments are too many to ask them all" {
	filter 'base = @service' 'deny = ioctl(cmd: TIOCSTI)'
	is 0 check --json "$P"
	[ "$(json '.[0].filter.sampled')" = 0 ]
	is 0 check "$P"
	says_not 'only a sample'
	filter 'base = @none' 'allow = execve' "$(seq -f '	ioctl(cmd: %.0f)' 1000 100 60000)"
	is 0 check --json "$P"
	[ "$(json '.[0].filter.sampled >= 1')" = true ]
	is 0 check "$P"
	says 'only a sample of the arguments'
}

@test "check: problems of the rules, with their lines, and who may load the filter" {
	filter 'allow = sockett' 'mode = lag'
	is 1 check "$P"
	says "$P:6: allow: there is no system call 'sockett', did you mean socket?" "$P:7: mode = lag"
	filter 'deny = execve'
	is 1 check "$P"
	says 'does not let execve through'
	profile 'keep = none' '[process]' 'user = unchanged' 'no-new-privs = no' '[seccomp]' 'base = @service'
	is 0 check "$P"
	is 1 check --as docker "$P"
	says "$P:5: no-new-privs = no: loading the filter then needs SYS_ADMIN"
	filter 'mode = off'
	is 0 check "$P"
	says 'mode = off: no filter is loaded'
}

@test "show --filter: one instruction a line, with names" {
	filter 'base = @none' 'allow = execve exit_group'
	is 0 show --filter "$P"
	[[ ${lines[0]} =~ ^' '*0' '+ld' '+arch$ ]]
	says '; execve' 'ret  EPERM' 'ret  ENOSYS' 'ret  allow' 'ret  kill'
	count=${#lines[@]}
	is 0 show --json --filter "$P"
	[ "$(json '.instructions | length')" = "$count" ]
	[ "$(json '.instructions[0] | [.code, .jt, .jf, .k] | join(" ")')" = '32 0 0 4' ]
	is 2 show --filter "$P" 1
	is 125 show --filter none
	says 'the profile has no filter'
}

@test "explain: what a call gets, and which line says so" {
	filter 'base = @service' 'allow = socket(family: unix inet)' 'deny = ptrace=kill'
	is 0 explain "$P" socket AF_UNIX SOCK_STREAM
	says 'socket(family=AF_UNIX, type=SOCK_STREAM' "allowed: $P:7:"
	is 0 explain "$P" socket inet
	is 1 explain "$P" socket 16 3
	says 'AF_NETLINK' 'SOCK_RAW' "EPERM: $P:7: it is allowed by name, but not with these arguments"
	is 1 explain "$P" ptrace
	says "kill: $P:8: it is denied by name"
	is 1 explain "$P" mount
	says 'EPERM:' 'nothing allows it' '@mount'
	is 0 explain "$P" getpid
	is 1 explain --json "$P" ptrace
	[ "$(json '.[0].answers[0] | [.action, .where] | join(" ")')" = "kill $P:8" ]
	is 2 explain "$P" sockett
	says 'did you mean socket?'
	is 2 explain "$P" socket AF_UNXI
	says "'AF_UNXI' is no number and no constant of argument 0 of socket"
	is 2 explain "$P" socket 1 2 3 4 5 6 7
}

@test "explain answers as the kernel does" {
	local spec wanted got
	[ -x "${CK_HELPERS:-}/call" ] || return 0
	filter 'base = @service' 'default = EXFULL' 'allow = socket(family: unix)' 'deny = getppid=EDOM'
	while read -r wanted spec; do
		# shellcheck disable=SC2086 # words
		got=$(ctl explain --json "$P" ${spec//:/ } | jq -r '.[0].answers[0].action')
		[ "$got" = "$wanted" ] || fail "explain: $spec: $got"
		got=$("${CAPKEEP:-${CAPKEEPCTL%ctl}}" -p "$P" -- "$CK_HELPERS/call" "$spec")
		case $wanted in
		EXFULL) [[ $got == *=E54 ]] ;;
		EDOM) [[ $got == *=E33 ]] ;;
		allow) [[ $got != *=E54 && $got != *=E33 ]] ;;
		esac || fail "$spec: $got"
	done <<-'EOT'
		allow socket:1:1:0
		EXFULL socket:2:1:0
		EXFULL mount:0:0:0:0
		EDOM getppid
		allow getpid
	EOT
}

@test "list groups and syscalls" {
	is 0 list groups
	says @service @network-io @mount io_uring_setup
	is 0 list --json groups
	[ "$(json '[.[] | select(.name == "@mount")][0].in_service')" = false ]
	[ "$(json '[.[] | select(.name == "@network-io")][0].calls | index("socket") != null')" = true ]
	[ "$(json '[.[] | select(.name == "@service")][0].groups | length > 5')" = true ]
	# every call is in exactly one group of its own
	[ "$(json '[.[] | select(.groups == []) | .calls[]] | (length == (unique | length))')" = true ]
	is 0 list syscalls
	says 'clone3' 'family type protocol'
	is 0 list --json syscalls
	[ "$(json '[.[] | select(.name == "socket")][0] | [.numbers.x86_64, .numbers.i386, .group] | join(" ")')" = \
		'41 359 @network-io' ]
}

@test "convert: a seccomp profile of docker becomes a profile that starts" {
	cat >"$BATS_TEST_TMPDIR/docker.json" <<-'END'
		{ "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1,
		  "archMap": [ { "architecture": "SCMP_ARCH_X86_64", "subArchitectures": [ "SCMP_ARCH_X86" ] },
			{ "architecture": "SCMP_ARCH_AARCH64", "subArchitectures": [ "SCMP_ARCH_ARM" ] } ],
		  "syscalls": [
			{ "names": [ "execve", "read", "write", "exit_group" ], "action": "SCMP_ACT_ALLOW" },
			{ "names": [ "personality" ], "action": "SCMP_ACT_ALLOW",
			  "args": [ { "index": 0, "value": 8, "op": "SCMP_CMP_EQ" } ] },
			{ "names": [ "chroot" ], "action": "SCMP_ACT_ALLOW", "includes": { "caps": [ "CAP_SYS_CHROOT" ] } },
			{ "names": [ "nosuchcall" ], "action": "SCMP_ACT_ALLOW" } ] }
	END
	is 0 convert --to ini --keep SYS_CHROOT "$BATS_TEST_TMPDIR/docker.json"
	says 'keep = SYS_CHROOT' '[seccomp]' 'base = @none' 'execve' 'chroot' 'personality(personality: 8)' nosuchcall
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/made.ini"
	is 0 check "$BATS_TEST_TMPDIR/made.ini"
	is 0 explain "$BATS_TEST_TMPDIR/made.ini" personality 8
	is 1 explain "$BATS_TEST_TMPDIR/made.ini" personality 9
	is 0 convert --from docker --to ini --keep none "$BATS_TEST_TMPDIR/docker.json"
	[[ $output != *chroot* ]] || fail "$output"
	is 1 convert --strict --to ini --keep none "$BATS_TEST_TMPDIR/docker.json"
	is 0 convert --to ini "$BATS_TEST_TMPDIR/docker.json"
	says 'resolved for what docker keeps by default'
	echo '{ "defaultAction": "SCMP_ACT_TRACE" }' >"$BATS_TEST_TMPDIR/bad.json"
	is 125 convert --to ini --keep none "$BATS_TEST_TMPDIR/bad.json"
	says "the default action 'SCMP_ACT_TRACE' cannot be said in [seccomp]"
}

@test "convert: to an OCI config.json and back, the filter answers the same" {
	filter 'base = @service' 'unknown = EPERM' 'allow = socket(family: unix)' 'deny = umask'
	is 0 convert --to oci "$P"
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/config.json"
	[ "$(json '.linux.seccomp.defaultAction')" = SCMP_ACT_ERRNO ]
	is 0 convert --from oci --to ini "$BATS_TEST_TMPDIR/config.json"
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/again.ini"
	local call
	for call in 'socket unix' 'socket inet' umask getpid mount 'clone CLONE_NEWUSER' 'clone 17' ptrace; do
		# shellcheck disable=SC2086 # words
		same=$(ctl explain --json "$P" $call | jq -r '.[0].answers[0].action')
		# shellcheck disable=SC2086
		[ "$(ctl explain --json "$BATS_TEST_TMPDIR/again.ini" $call | jq -r '.[0].answers[0].action')" = "$same" ] ||
			fail "$call: not $same"
	done
	is 0 convert --to docker "$P"
	says '[seccomp] cannot be said; --to oci'
}

@test "convert: runc takes what --to oci writes" {
	filter 'base = @service' 'unknown = EPERM' 'deny = umask=EXFULL'
	local bundle=$BATS_TEST_TMPDIR/bundle
	mkdir -p "$bundle/rootfs"
	cp "$CK_HELPERS/call" "$bundle/rootfs/call"
	(cd "$bundle" && runc spec)
	ctl convert --to oci "$P" 2>/dev/null >"$bundle/ours.json"
	jq -s '.[0].linux.seccomp = .[1].linux.seccomp | .[0] | .process.terminal = false
		| .process.args = ["/call", "getpid", "umask:18"] | .root.readonly = false' \
		"$bundle/config.json" "$bundle/ours.json" >"$bundle/new.json"
	mv "$bundle/new.json" "$bundle/config.json"
	output=$(runc --root "$bundle/state" run --bundle "$bundle" "ck-$$" 2>&1) || fail "$output"
	says 'getpid=1' 'umask=E54'
}
