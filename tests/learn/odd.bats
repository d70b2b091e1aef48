#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# learn where something is not as it should be: programs, checks, ends.
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

@test "one that never works: 125, with what it said" {
	command=(/bin/sh -c 'echo broken beyond repair >&2; exit 3')
	learn 125
	[[ $errors == *"exit status 3"*"broken beyond repair"* ]]
	leaves_nothing
}

@test "one that is not there: 125, with the launcher's words" {
	command=("$D/nowhere")
	learn 125
	[[ $errors == *"cannot be started"*"$D/nowhere"* ]]
}

@test "a check that succeeds without the command proves nothing: 125" {
	options=(--check true)
	command=(sleep 1000)
	learn 125
	[[ $errors == *"--check: it succeeds although the command does not run"* ]]
	leaves_nothing
}

@test "a check that a run leaves satisfied is noticed before the next" {
	options=(--check "test -e $D/up")
	command=(/bin/sh -c "touch $D/up; exec sleep 1000")
	learn 125
	[[ $errors == *"succeeds between two runs"*"--setup"* ]]
	leaves_nothing
}

@test "a set-up that fails: 125, with what it said" {
	options=(--setup 'echo no room >&2; exit 7')
	command=(/bin/true)
	learn 125
	[[ $errors == *"--setup: exit status 7: no room"* ]]
}

@test "a check that never succeeds: 125, with what it said" {
	options=(--check 'echo nobody there >&2; exit 1')
	command=(sleep 1000)
	learn 125 --timeout 1
	[[ $errors == *"the check does not succeed: nobody there"* ]]
	leaves_nothing
}

@test "with --stop, how it ends counts" {
	case_read
	options=(--setup "rm -f $D/up $D/pid" --check "test -e $D/up")
	command=(/bin/sh -c "trap 'cat $D/file || exit 1; exit 0' TERM; echo \$\$ >$D/pid
		touch $D/up; while :; do sleep 0.02; done")
	learn 0
	[ "$keep" = none ]
	options+=(--stop "kill \$(cat $D/pid)")
	learn 0
	[ "$keep" = DAC_READ_SEARCH ]
}

@test "one that goes on running, without a check: 125, and says what is missing" {
	command=(sleep 1000)
	learn 125 --timeout 1
	[[ $errors == *"still runs after 1 s"*"needs --check"* ]]
	leaves_nothing
}

# The failing run is one of eight in a row, wherever the row begins.
@test "one that fails one time in eight: the right set, and never called proven where it was seen" {
	case_read
	for start in 0 1 2 3 4 5 6 7; do
		echo "$start" >"$D/count"
		command=(/bin/sh -c "n=\$((\$(cat $D/count) + 1)); echo \$n >$D/count
			[ \$((n % 8)) != 0 ] && cat $D/file")
		status=0
		learn 0 2>/dev/null || status=1
		[ "$keep" = "$wanted" ] || fail "$start: $keep" "$output"
		ran=$(<"$D/count")
		verdict=$(jq -r .verdict <<<"$output")
		if [ $((start / 8)) = $((ran / 8)) ]; then
			[ "$verdict" = proven ] && [ $status = 0 ]
		elif [ "$verdict" = flaky ]; then
			[ $status = 1 ] && flaky=seen
		fi
	done
	[ "$flaky" = seen ]
	leaves_nothing
}

@test "a process that dies of SIGSEGV or SIGSYS fails the run, whoever its parent is" {
	for signal in SEGV SYS; do
		command=(/bin/sh -c "cat /dev/null; sh -c 'kill -$signal \$\$'; exit 0")
		learn 125
		[[ $errors == *"a process is ended by $signal"* ]]
	done
}

@test "what is not held is not testable, and never called not needed" {
	command=(/bin/true)
	output=$(setpriv --bounding-set -sys_time,-net_admin --inh-caps -all \
		"$CAPKEEPCTL" learn --json -- "${command[@]}")
	jq -e '.not_testable.names | index("SYS_TIME") and index("NET_ADMIN")' <<<"$output"
	jq -e 'all(.not_needed[]; .capability != "SYS_TIME")' <<<"$output"
}

@test "as another user: ambient capabilities" {
	case_read
	command=(/bin/cat "$D/file")
	options=(--user daemon)
	learn 0
	[ "$keep" = DAC_READ_SEARCH ]
	[ "$(jq -r .user <<<"$output")" = daemon ]
}

# The newcomer's line, but for the place.
@test "the profile starts what it was learned from, with these sets and no others" {
	needs nginx curl
	case_nginx_logs
	"$PLACE" "$CAPKEEPCTL" learn -o "$D/nginx.ini" "${options[@]}" -- "${command[@]}" >"$D/said"
	grep -q 'bind(0.0.0.0:80) = EACCES' "$D/nginx.ini"
	grep -q "^; .*openat(\"$D/log/" "$D/nginx.ini"
	grep -q "^written: $D/nginx.ini" "$D/said"
	cat >"$D/test" <<-END
		"\$@" &
		pid=\$!
		for i in \$(seq 100); do curl -fsS http://127.0.0.1/ 2>/dev/null && break; sleep 0.05; done
		"$CAPKEEPCTL" verify \$pid "$D/nginx.ini"
		status=\$?
		kill \$pid
		wait \$pid
		exit \$status
	END
	"$PLACE" sh "$D/test" "$CAPKEEP" -p "$D/nginx.ini" -- "${command[@]}"
}

@test "without -o the profile is the output" {
	case_read
	"$CAPKEEPCTL" learn -- "${command[@]}" >"$D/read.ini"
	[ "$("$CAPKEEP" -p "$D/read.ini" -- "${command[@]}")" = secret ]
	status=0
	"$CAPKEEP" -p "$D/read.ini" -k none -- "${command[@]}" || status=$?
	[ "$status" = 1 ]
}

@test "perf tells the same as tracefs" {
	case_read
	learn 0 --trace tracefs
	[ "$keep" = "$wanted" ] && [ "$(jq -r .tracing <<<"$output")" = tracefs ]
	first=$(jq -c '[.runs, .not_needed]' <<<"$output")
	learn 0 --trace perf
	[ "$keep" = "$wanted" ] && [ "$(jq -r .tracing <<<"$output")" = perf ]
	[ "$(jq -c '[.runs, .not_needed]' <<<"$output")" = "$first" ] || fail "$first" "$output"
	leaves_nothing
}

@test "usage: 2, with the remedy" {
	for line in '' '--trace sometimes -- true' '--timeout soon -- true' '--stop true -- true'; do
		# shellcheck disable=SC2086 # words
		status=0
		"$CAPKEEPCTL" learn $line 2>"$D/errors" || status=$?
		[ "$status" = 2 ] || fail "$line: $status"
		[ -s "$D/errors" ]
	done
}
