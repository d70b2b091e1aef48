#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# learn --seccomp: the filter holds where every other call kills.
# shellcheck shell=bash

load lib
load cases

setup()
{
	fresh
}

teardown()
{
	rm -rf "$D"
}

# strict: the learned profile, in which every other call kills
strict()
{
	jq -r .seccomp <<<"$output" | sed 's/^default = EPERM$/default = kill/' >"$D/section"
	grep -qx 'default = kill' "$D/section"
	printf '[capabilities]\nkeep = %s\n[process]\nuser = unchanged\n' "$keep" | cat - "$D/section" \
		>"$D/strict.ini"
}

# under SCRIPT: in the place, the command under the strict profile in the background
under()
{
	{
		# shellcheck disable=SC2016 # for the other shell
		printf '"$@" & pid=$!\ntried() { for i in $(seq 100); do "$@" && return; sleep 0.05; done; exit 9; }\n'
		printf 'set -e\n%s\nwait $pid\n' "$1"
	} >"$D/script"
	"$PLACE" bash "$D/script" "$CAPKEEP" -p "$D/strict.ini" -- "${command[@]}"
}

@test "a program and its calls; another call kills" {
	command=(/bin/cat /dev/null)
	learn 0 --seccomp
	jq -e .seccomp_proven <<<"$output"
	strict
	"$CAPKEEP" -p "$D/strict.ini" -- "${command[@]}"
	status=0
	"$CAPKEEP" -p "$D/strict.ini" -- /bin/mkdir "$D/new" || status=$?
	[ "$status" = 159 ]
	[ ! -e "$D/new" ]
	leaves_nothing
}

@test "arguments divide sockets, ioctl and clone" {
	command=(/bin/bash -c 'exec 3<>/dev/udp/127.0.0.1/9; (true); [ ! -t 0 ]')
	learn 0 --seccomp
	section=$(jq -r .seccomp <<<"$output")
	grep -q '^allow = socket(family: .*AF_INET' <<<"$section"
	[[ $section != *AF_NETLINK* ]]
	grep -q '^allow = ioctl(cmd: .*TCGETS' <<<"$section"
	grep -qx 'allow = clone(flags: none-of CLONE_NEW\*)' <<<"$section"
}

# Whether clone is restricted, or not called at all: clone3 gets ENOSYS, and no rule is idle.
@test "the filter has no rule without effect" {
	local script

	for script in '(true); true' 'echo >/dev/null'; do
		"$CAPKEEPCTL" learn --seccomp --user daemon -- /bin/bash -c "$script" >"$D/x.ini"
		"$CAPKEEPCTL" check --strict "$D/x.ini" >"$D/said" 2>&1 || fail "$script" "$(<"$D/said")" "$(<"$D/x.ini")"
		"$CAPKEEPCTL" explain "$D/x.ini" clone3 >"$D/said" || :
		grep -q '  ENOSYS: ' "$D/said" || fail "$script" "$(<"$D/said")"
	done
	grep -q 'clone3=ENOSYS' "$D/x.ini"
}

# Which run is the first whose calls are looked at is known from one without --seccomp.
@test "calls of a run that failed are not in the filter" {
	local runs

	echo 0 >"$D/count"
	command=(/bin/sh -c "read n <$D/count; n=\$((n + 1)); echo \$n >$D/count
		[ \$n != \"\$1\" ] || { mkdir $D/new; exit 1; }" sh 0)
	learn 0
	runs=$(jq .runs <<<"$output")
	[ "$runs" = "$(<"$D/count")" ]
	echo 0 >"$D/count"
	command[4]=$((runs + 1))
	learn 0 --seccomp
	[ -d "$D/new" ]
	jq -e .seccomp_proven <<<"$output"
	[[ $(jq -r .seccomp <<<"$output") != *mkdir* ]] || fail "$output"
	[[ $(jq -r .seccomp <<<"$output") == *openat* ]] || fail "$output"
}

@test "a command that only works unfiltered: 1, not proven, and why" {
	echo 0 >"$D/count"
	command=(/bin/sh -c "grep -q '^Seccomp:.*0\$' /proc/self/status")
	learn 1 --seccomp
	[ "$(jq -c '[.verdict, .seccomp_proven, .seccomp_why]' <<<"$output")" = \
		'["proven",false,"where every other call kills, exit status 1"]' ] || fail "$output"
	status=0
	"$CAPKEEPCTL" learn --seccomp -o "$D/x.ini" -- "${command[@]}" >"$D/said" || status=$?
	[ "$status" = 1 ]
	grep -qx 'seccomp: Calls of runs that worked. Not proven: where every other call kills, exit status 1.' "$D/said"
	grep -qx '; Calls of runs that worked. Not proven: where every other call kills, exit status 1.' "$D/x.ini"
}

# i386 20 is getpid, 5 is open, 999 nothing.
@test "calls of 32-bit programs: by their own numbers, and what is left out is said" {
	[ "$(uname -m)" = x86_64 ] || fail "its numbers are those of x86_64 and i386"
	command=("$(helper call)" i386/20 i386/199 i386/999)
	learn 0 --seccomp
	jq -e .seccomp_proven <<<"$output" || fail "$output"
	[[ $(jq -r .seccomp <<<"$output") == *'abi = native+32'* ]]
	[[ $(jq -r .seccomp <<<"$output") == *getuid32* ]] || fail "$output"
	[ "$(jq -c .seccomp_left_out <<<"$output")" = \
		'["call 999 of i386: there is no name for it here"]' ] || fail "$output"
	"$CAPKEEPCTL" learn --seccomp -o "$D/x.ini" -- "${command[@]}" >"$D/said"
	grep -qx 'seccomp, left out: call 999 of i386: there is no name for it here' "$D/said"
	grep -qx '; Left out: call 999 of i386: there is no name for it here' "$D/x.ini"
	command=("$(helper call)" getpid)
	learn 0 --seccomp
	[[ $(jq -r .seccomp <<<"$output") == *'abi = native'$'\n'* ]]
	[ "$(jq -c .seccomp_left_out <<<"$output")" = '[]' ] || fail "$output"
}

@test "calls that have no name are said one by one, until they are many" {
	local numbers
	mapfile -t numbers < <(seq 2000 2999)
	command=("$(helper call)" "${numbers[@]}")
	learn 0 --seccomp
	jq -e '.seccomp_left_out | length == 65 and .[64] == "more calls that have no name or abi here" and
		(.[0] | startswith("call 2000 of ")) and (.[63] | startswith("call 2063 of "))' <<<"$output" ||
		fail "$output"
}

# clone3 gets ENOSYS, and what libc calls in its place makes the same namespaces.
@test "namespaces that are made by clone3 are made by clone" {
	cat >"$D/new.py" <<-'END'
		import ctypes, os, sys
		libc = ctypes.CDLL(None, use_errno=True)
		NEWUTS, SIGCHLD = 0x04000000, 17
		args = (ctypes.c_uint64 * 8)(NEWUTS, 0, 0, 0, SIGCHLD, 0, 0, 0)
		pid = libc.syscall(435, args, 64)
		if pid < 0 and ctypes.get_errno() == 38:
		    pid = libc.syscall(56, NEWUTS | SIGCHLD, 0, 0, 0, 0)
		if pid == 0:
		    os._exit(0)
		sys.exit(0 if pid > 0 and os.waitpid(pid, 0)[1] == 0 else 1)
	END
	[ "$(uname -m)" = x86_64 ] || fail "its numbers are those of x86_64 and i386"
	command=(/usr/bin/python3 "$D/new.py")
	learn 0 --seccomp
	[ "$keep" = SYS_ADMIN ]
	[ "$(jq -r '.entries[0].refused[]' <<<"$output")" = 'clone3() = EPERM' ] || fail "$output"
	jq -e .seccomp_proven <<<"$output" || fail "$output"
	[[ $(jq -r .seccomp_left_out[] <<<"$output") == 'clone3: it gets ENOSYS, so that clone'* ]]
	[[ $(jq -r .seccomp <<<"$output") != *'none-of CLONE_NEW'* ]]
}

@test "nginx: load, reload and stop under the filter" {
	case_nginx_logs
	options=(--check 'curl -fsS http://127.0.0.1/' --check "kill -HUP \$(cat $D/pid) && sleep 0.3"
		--check 'curl -fsS http://127.0.0.1/' --stop "kill -QUIT \$(cat $D/pid)")
	learn 0 --seccomp
	[ "$keep" = "$wanted" ]
	jq -e .seccomp_proven <<<"$output"
	strict
	under 'tried curl -fsS http://127.0.0.1/ >/dev/null 2>&1
		for i in $(seq 100); do curl -fsS http://127.0.0.1/ >/dev/null; done
		kill -HUP $pid; sleep 0.3
		for i in $(seq 20); do curl -fsS http://127.0.0.1/ >/dev/null; done
		kill -QUIT $pid'
	[[ $(<"$D/log/error.log") != *"exited on signal"* ]]
}

@test "redis: load, rewrite and stop under the filter" {
	case_redis
	local cli='redis-cli -p 7301'
	options=(--ready "$cli ping | grep -q PONG"
		--check "$cli set a b | grep -q OK && $cli bgsave && sleep 0.3 && $cli config set maxmemory 100mb && $cli get a | grep -q b"
		--stop "$cli shutdown save" --setup "rm -rf $D/data/*")
	learn 0 --seccomp
	[ "$keep" = none ]
	jq -e .seccomp_proven <<<"$output"
	strict
	under "tried $cli ping >/dev/null 2>&1
		for i in \$(seq 50); do $cli set k\$i v >/dev/null; done
		$cli bgsave >/dev/null; sleep 0.3; [ \"\$($cli get k7)\" = v ]
		$cli shutdown save"
}
