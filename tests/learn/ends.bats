#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# learn: how a run ends, how learn itself does, and what is said then.
# shellcheck shell=bash

load lib
load cases

setup()
{
	fresh
	started=
	form=(--json)
	signals=(--default-signal=INT) # which the shell ignores for what it does not wait for
}

teardown()
{
	[ -z "$started" ] || kill -KILL "$started" 2>/dev/null || :
	rm -rf "$D"
}

# ---- of a run

@test "a --stop that fails with everything: 125, with what it said" {
	options=(--setup "rm -f $D/up" --check "test -e $D/up" --stop 'echo not today >&2; exit 7')
	command=(/bin/sh -c "touch $D/up; while :; do sleep 0.02; done")
	learn 125
	[[ $errors == *"--stop: exit status 7: not today"* ]] || fail "$errors"
	leaves_nothing
}

@test "a --stop that fails without a capability fails the run" {
	case_read
	options=(--setup "rm -f $D/up $D/pid $D/read" --check "test -e $D/up"
		--stop "kill \$(cat $D/pid) && { test -s $D/read || { echo nothing was read >&2; exit 1; }; }")
	command=(/bin/sh -c "echo \$\$ >$D/pid; cat $D/file >$D/read; touch $D/up; while :; do sleep 0.02; done")
	learn 0
	[ "$keep" = DAC_READ_SEARCH ]
	[ "$(jq -r '.entries[0].why' <<<"$output")" = '--stop: exit status 1: nothing was read' ]
	leaves_nothing
}

@test "a --stop after which the command runs on: 125" {
	case_stubborn
	options+=(--stop true)
	learn 125 --timeout 2
	[[ $errors == *"--stop: the command still runs 2 s later"* ]] || fail "$errors"
	leaves_nothing
}

@test "a process that dies of SIGSEGV behind the check fails the run, and that is said" {
	options=(--setup "rm -f $D/pid" --check "test -s $D/pid && read pid <$D/pid && kill -SEGV \$pid &&
		while [ -e /proc/\$pid ]; do sleep 0.02; done")
	command=(/bin/sh -c "sleep 1000 & echo \$! >$D/pid; sleep 1000 & wait; wait")
	learn 125
	[[ $errors == *"a process is ended by SEGV"* ]] || fail "$errors"
	[[ $errors != *null* ]]
	leaves_nothing
}

@test "a crash after SIGTERM counts only with --stop, but SIGSYS does" {
	options=(--setup "rm -f $D/up $D/pid" --check "test -e $D/up")
	command=(/bin/sh -c "trap 'kill -SEGV \$\$' TERM; echo \$\$ >$D/pid; touch $D/up
		while :; do sleep 0.02; done")
	learn 0
	[ "$keep" = none ]
	learn 125 --stop "kill \$(cat $D/pid)"
	[[ $errors == *"a process is ended by SEGV"* ]] || fail "$errors"
	command[2]=${command[2]/SEGV/SYS}
	learn 125
	[[ $errors == *"a process is ended by SYS"* ]] || fail "$errors"
	leaves_nothing
}

@test "several checks: each in its order, and all of them have to succeed" {
	options=(--setup "rm -f $D/up $D/order" --check "echo one >>$D/order; test -e $D/up"
		--check "echo two >>$D/order; test -e $D/up"
		--check "echo three >>$D/order; grep -q one $D/order && exit 3")
	command=(/bin/sh -c "touch $D/up; while :; do sleep 0.02; done")
	learn 125 --timeout 2
	[[ $errors == *"the check 'echo three >>$D/order; grep -q one $D/order && exit 3' does not succeed"* ]] ||
		fail "$errors"
	options=("${options[@]:0:6}" --check "echo three >>$D/order")
	learn 0
	[ "$keep" = none ]
	[ "$(uniq "$D/order" | paste -sd ' ')" = 'one two three' ]
	leaves_nothing
}

@test "what the second check needs is learned" {
	case_read
	options=(--setup "rm -f $D/up $D/go $D/read" --check "test -e $D/up"
		--check "touch $D/go; test -s $D/read")
	command=(/bin/sh -c "touch $D/up; while [ ! -e $D/go ]; do sleep 0.02; done
		cat $D/file >$D/read; while :; do sleep 0.02; done")
	learn 0
	[ "$keep" = DAC_READ_SEARCH ]
	options=("${options[@]:0:4}")
	learn 0
	[ "$keep" = none ]
}

# nothing: a program with its set-user-ID bit becomes that user without any.
@test "a program with the set-user-ID bit: no-new-privs = no, and proven" {
	cp /usr/bin/id "$D/id"
	chown 33 "$D/id"
	chmod 4755 "$D/id"
	[ "$("$D/id" -u)" = 33 ]
	command=(/bin/sh -c "test \"\$($D/id -u)\" = 33")
	learn 0
	[ "$(jq -c '[.verdict, .no_new_privs]' <<<"$output")" = '["proven",false]' ] || fail "$output"
	[ "$keep" = none ]
	"$CAPKEEPCTL" learn -- "${command[@]}" >"$D/id.ini"
	grep -qx 'no-new-privs = no' "$D/id.ini"
	"$CAPKEEP" -p "$D/id.ini" -- "${command[@]}"
}

@test "what is used only until it is ready is told with --ready alone" {
	case_read
	echo >"$D/own"
	options=(--setup "rm -f $D/up $D/go $D/gave && chown 0 $D/own" --ready "test -e $D/up"
		--check "test -e $D/up && touch $D/go && test -e $D/gave")
	command=(/bin/sh -c "cat $D/file || exit 1; touch $D/up
		while [ ! -e $D/go ]; do sleep 0.02; done
		chown 33 $D/own || exit 1; touch $D/gave; while :; do sleep 0.02; done")
	learn 0 --trace tracefs
	[ "$keep" = 'CHOWN DAC_READ_SEARCH' ]
	[ "$(jq -c '[.entries[] | {(.capability): .start_only}] | add' <<<"$output")" = \
		'{"CHOWN":false,"DAC_READ_SEARCH":true}' ] || fail "$output"
	options=("${options[@]:0:2}" "${options[@]:4}")
	learn 0 --trace tracefs
	[ "$keep" = 'CHOWN DAC_READ_SEARCH' ]
	jq -e 'all(.entries[]; .start_only == false)' <<<"$output" || fail "$output"
}

@test "the profile says with which options it was learned" {
	options=(--setup "rm -f $D/up" --ready "test -e $D/up" --check "test -f $D/up"
		--check "test -r $D/up" --stop "kill \$(cat $D/pid)")
	command=(/bin/sh -c "echo \$\$ >$D/pid; touch $D/up; while :; do sleep 0.02; done")
	"$CAPKEEPCTL" learn "${options[@]}" -- "${command[@]}" >"$D/out"
	[ "$(grep '^;   --' "$D/out")" = ";   --setup rm -f $D/up
;   --ready test -e $D/up
;   --check test -f $D/up
;   --check test -r $D/up
;   --stop kill \$(cat $D/pid)" ]
}

# ---- of learn

# begin OPTION...: learn in the background; until a file that the workload makes is there
begin()
{
	local file=$1

	shift
	CK_LEARN_MARK=$D env "${signals[@]}" "$CAPKEEPCTL" learn "${form[@]}" --timeout 60 "$@" -- "${command[@]}" \
		>"$D/out" 2>"$D/errors" 3>&- &
	started=$!
	tool=$started
	soon test -s "$file" || return
	[ -n "$(marked)" ]
}

finish()
{
	status=0
	wait "$started" || status=$?
	started=
}

running()
{
	command=(/bin/sh -c "sleep 1000 & sleep 1000 & echo \$\$ >$D/pid; wait")
	begin "$D/pid" --setup "rm -f $D/up $D/pid" --check "test -e $D/up"
}

@test "what leaves_nothing looks for is there while it runs" {
	running
	[ -e "$(instance)" ]
	[ "$(marked | wc -l)" -ge 5 ] # learn, its other process, the workload of three
	status=0
	leaves_no_process 2>/dev/null || status=$?
	[ "$status" = 1 ]
	kill "$started"
	finish
	leaves_nothing
}

@test "no mount and no file is left" {
	# shellcheck disable=SC2016 # for the other shell
	"$PLACE" sh -c 'set -eu
		mount -t tmpfs tmpfs /mnt # the program may be in one of those
		cp "$0" /mnt/capkeepctl
		for i in /tmp /var/tmp /dev/shm; do mount -t tmpfs tmpfs $i; done
		list() { cat /proc/self/mountinfo; find /tmp /var/tmp /dev/shm /run; }
		before=$(list)
		/mnt/capkeepctl learn --seccomp -- /bin/cat /dev/null
		/mnt/capkeepctl learn --check "test -e /tmp/up" --setup "rm -f /tmp/up" -- sh -c "touch /tmp/up; while :; do sleep 0.02; done"
		rm /tmp/up
		[ "$(list)" = "$before" ]' "$CAPKEEPCTL"
}

worker()
{
	worker=$(<"/proc/$started/task/$started/children")
	worker=${worker% }
	[ -n "$worker" ]
}

@test "Ctrl-C, SIGTERM and SIGHUP: nothing is left, and that nothing is known is said" {
	local signal

	for signal in INT TERM HUP; do
		running
		kill -s "$signal" "$started"
		finish
		[ "$status" = $((128 + $(kill -l "$signal"))) ]
		[ "$(<"$D/errors")" = "capkeepctl: learn: interrupted before two runs with everything had worked: nothing is known" ]
		[ ! -s "$D/out" ]
		leaves_nothing
	done
}

# As under nohup; the terminal tells both processes.
@test "signals that the caller ignores do not end it, others do" {
	signals=(--ignore-signal=INT,HUP --default-signal=TERM)
	running
	worker
	kill -INT "$started" "$worker"
	kill -HUP "$started" "$worker"
	sleep 0.5
	[ -e "/proc/$worker/task" ]
	[ -z "$(sed -n 's/^State:.*Z.*/&/p' "/proc/$worker/status")" ]
	kill -TERM "$started"
	finish
	[ "$status" = 143 ] || fail "$status" "$(<"$D/errors")"
	leaves_nothing
}

@test "after kill -9 nothing is left, also where the caller ignores SIGTERM" {
	signals=(--ignore-signal=TERM)
	running
	kill -TERM "$started"
	kill -KILL "$started"
	finish
	soon leaves_nothing
}

# The first run without anything is on: the two with everything have worked.
@test "Ctrl-C in the search: the smallest set that has worked is printed, and not written" {
	echo 0 >"$D/count"
	command=(/bin/sh -c "n=\$((\$(cat $D/count) + 1)); echo \$n >$D/count; [ \$n -lt 3 ] && exit
		echo on >$D/third; while :; do sleep 0.02; done")
	begin "$D/third" -o "$D/profile"
	kill -INT "$started"
	finish
	[ "$status" = 130 ]
	[ "$(jq -r .verdict "$D/out")" = interrupted ]
	[ "$(jq -r .runs "$D/out")" = 3 ]
	[ ! -e "$D/profile" ]
	leaves_nothing
}

# searching RUN: learn is in that run; the third is that without anything, and fails
searching()
{
	echo 0 >"$D/count"
	rm -f "$D/on"
	command=(/bin/sh -c "n=\$((\$(cat $D/count) + 1)); echo \$n >$D/count
		[ \$n -lt $1 ] || { echo on >$D/on; exec sleep 1000; }; chown 5:5 $D/f || exit 3")
	form=()
	begin "$D/on" --trace off --setup "touch $D/f; chown 0:0 $D/f"
	kill -INT "$started"
	finish
	[ "$status" = 130 ]
	leaves_nothing
	[[ $(<"$D/out") != *"not seen to fail"* ]] || fail "$(<"$D/out")"
}

@test "Ctrl-C in the search: what is said of it is known" {
	searching 3
	grep -qx 'between none and all.*: not proven: interrupted' "$D/out" || fail "$(<"$D/out")"
	[ "$(grep -c ^CAPABILITY "$D/out")" = 0 ]
	[[ $(<"$D/out") != *refused* ]]
	searching 4
	grep -qx 'between none and all.*: not proven: interrupted' "$D/out" || fail "$(<"$D/out")"
	grep -qx "refused in a run that failed: fchownat(\"$D/f\", 5, 5) = EPERM" "$D/out" || fail "$(<"$D/out")"
	searching 5
	grep -qx 'CHOWN: not proven: interrupted' "$D/out" || fail "$(<"$D/out")"
	grep -q '^CHOWN  *fchownat' "$D/out"
	grep -q 'fails without (1/1): exit status 3' "$D/out"
	[ "$(grep -c fchownat "$D/out")" = 1 ]
}

@test "Ctrl-C in the filter's runs: the proven set is printed, and that the filter is not" {
	local runs

	echo 0 >"$D/count"
	command=(/bin/sh -c "n=\$((\$(cat $D/count) + 1)); echo \$n >$D/count
		[ ! -e $D/after ] || [ \$n -le \$(cat $D/after) ] || { echo on >$D/filter; mkdir $D/new; exec sleep 1000; }")
	learn 0
	runs=$(jq .runs <<<"$output")
	[ "$runs" = "$(<"$D/count")" ]
	echo 0 >"$D/count"
	echo "$runs" >"$D/after"
	begin "$D/filter" --seccomp -o "$D/profile"
	kill -INT "$started"
	finish
	[ "$status" = 130 ]
	[ "$(jq -c '[.verdict, .keep.names, .seccomp, .seccomp_proven, .seccomp_why]' "$D/out")" = \
		'["proven",[],null,false,"it was interrupted"]' ] || fail "$(<"$D/out")"
	[ ! -e "$D/profile" ]
	leaves_nothing
}

@test "after kill -9 nothing is left, nor a tracing instance" {
	running
	kill -KILL "$started"
	finish
	soon leaves_nothing
}

# Both at once: nobody is left who could remove it.
@test "after kill -9 of all of it the workload is gone, and the next run removes the instance" {
	running
	worker
	kill -STOP "$started"
	kill -KILL "$worker"
	kill -KILL "$started"
	finish
	soon leaves_no_process
	[ -e "$(instance)" ]
	"$CAPKEEPCTL" learn -- /bin/true >/dev/null
	leaves_nothing
}

@test "the process that makes the runs is killed: 125, and that is said" {
	running
	worker
	kill -KILL "$worker"
	finish
	[ "$status" = 125 ]
	grep -q 'the process that makes the runs was ended by signal 9; nothing was learned' "$D/errors"
	leaves_no_process
	"$CAPKEEPCTL" learn -- /bin/true >/dev/null
	leaves_nothing
}
