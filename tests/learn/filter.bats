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
	[ "$status" = 159 ] && [ ! -e "$D/new" ]
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

@test "nginx: load, reload and stop under the filter" {
	case_nginx_logs
	options=(--ready 'curl -fsS http://127.0.0.1/'
		--check "kill -HUP \$(cat $D/pid) && sleep 0.3 && curl -fsS http://127.0.0.1/"
		--stop "kill -QUIT \$(cat $D/pid)")
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
