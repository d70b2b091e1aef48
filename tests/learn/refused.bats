#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# learn where it is not given what it wants, and what it must not touch.
# shellcheck shell=bash

load lib
load cases

INSTANCES=/sys/kernel/tracing/instances

setup()
{
	fresh
	others=()
	instances=()
}

teardown()
{
	local name

	for name in "${instances[@]}"; do
		rmdir "$INSTANCES/capkeepctl-learn-$name"
	done
	[ ${#others[@]} = 0 ] || kill -KILL "${others[@]}" 2>/dev/null || :
	rm -rf "$D"
}

# under ENTRY...: what learn is started by, a filter with these entries and all that is let through
under_filter()
{
	{
		printf '[capabilities]\nkeep = CHOWN DAC_OVERRIDE DAC_READ_SEARCH KILL SETGID SETUID\n'
		printf 'keep = SETPCAP SYS_ADMIN SYS_PTRACE PERFMON SYSLOG\n'
		printf '[process]\nuser = unchanged\nno-new-privs = no\n'
		printf '[seccomp]\nbase = @none\ndefault = allow\ncaps = ignore\n'
		printf '%s\n' "$@"
	} >"$D/filter.ini"
	inside=("$CAPKEEP" -p "$D/filter.ini" --)
}

# ---- what is not its own

@test "children that the caller had before are left alone" {
	# shellcheck disable=SC2016 # for the other shell
	sh -c 'sleep 1000 3>&- & echo $! >"$0/pid"; exec "$@"' "$D" \
		"$CAPKEEPCTL" learn -- /bin/true >"$D/out" 3>&-
	others=("$(<"$D/pid")")
	[ "$(</proc/"${others[0]}"/comm)" = sleep ]
	[[ $(<"$D/out") == *"; proven: works twice without any ("* ]]
}

# What an ignored SIGCHLD does not tell would be waited for without end.
@test "a caller that ignores SIGCHLD, SIGTERM and SIGINT" {
	case_read
	# shellcheck disable=SC2016 # for the other shell
	inside=(bash -c 'trap "" CHLD TERM INT; exec "$@"' bash)
	options=(--setup "touch $D/set-up")
	learn 0
	[ -e "$D/set-up" ]
	[ "$keep" = "$wanted" ]
}

@test "instances of others are left alone, those of runs that were killed are removed" {
	local name dead=4194305 # is above every pid

	instances=("$$x" "0$$" "-$$" " $dead$$" "$dead.$$" "99999999999999$$")

	[ -d "$INSTANCES" ]
	for name in "${instances[@]}"; do
		mkdir "$INSTANCES/capkeepctl-learn-$name"
	done
	mkdir -p "$INSTANCES/capkeepctl-learn-$dead"
	"$CAPKEEPCTL" learn -- /bin/true >"$D/out"
	[ ! -e "$INSTANCES/capkeepctl-learn-$dead" ]
	for name in "${instances[@]}"; do
		[ -d "$INSTANCES/capkeepctl-learn-$name" ]
	done
}

# ---- ptrace and /proc

@test "without ptrace: the right set, and that no refused call was seen" {
	case_read
	under_filter 'deny = ptrace=EPERM'
	export ASAN_OPTIONS=detect_leaks=0 # which is done by ptrace
	learn 0
	[ "$keep" = "$wanted" ]
	[ "$(jq -r .not_observed_because <<<"$output")" = 'ptrace: Operation not permitted' ]
	[ "$(jq -r .tracing <<<"$output")" = off ]
	[ "$(jq -r .not_traced_because <<<"$output")" = 'ptrace: Operation not permitted' ]
	jq -e '.entries[0].refused == []' <<<"$output"
	"${inside[@]}" "$CAPKEEPCTL" learn -o "$D/read.ini" -- "${command[@]}" >"$D/said"
	grep -q '^Refused calls could not be observed (ptrace: Operation not permitted)' "$D/said"
	grep -q '^; Refused calls could not be observed (ptrace: Operation not permitted)' "$D/read.ini"
	[[ $(<"$D/said")$(<"$D/read.ini") != *"no call is refused"* ]]
	learn 125 --seccomp
	[[ $errors == *"--seccomp: ptrace: Operation not permitted: without it no call can be seen"* ]]
	leaves_nothing
}

@test "with ptrace, nothing is said of it" {
	command=(/bin/true)
	learn 0
	jq -e '.not_observed_because == null' <<<"$output"
}

@test "processes that /proc does not show are not taken for none: 125" {
	# shellcheck disable=SC2016 # for the other shell
	inside=(sh -c 'mount -t proc -o hidepid=2,gid=4242 proc /proc && exec "$@"' sh
		setpriv --bounding-set -sys_ptrace --inh-caps -all)
	options=(--setup "rm -f $D/up" --check "test -e $D/up")
	chmod 777 "$D"
	command=(setpriv --reuid 33 --clear-groups sh -c "sleep 1000 & touch $D/up; sleep 1000 & wait")
	learn 125
	[[ $errors == *"the children of a process of the run cannot be seen"*hidepid*SYS_PTRACE* ]] ||
		fail "$errors"
	leaves_nothing
}

@test "a process that /proc cannot show for another reason is not gone: 125" {
	# the first two open /proc and say who learn is
	inside=(strace -f -qq -o /dev/null -P /proc -e trace=openat -e inject=openat:error=EMFILE:when=3+)
	options=(--setup "rm -f $D/up" --check "test -e $D/up")
	command=(sh -c "touch $D/up; sleep 1000 & wait")
	learn 125
	[[ $errors =~ "capkeepctl: learn: /proc/"[0-9]+": Too many open files: a process of the run cannot be seen" ]] ||
		fail "$errors"
	leaves_nothing
}

@test "a directory of /proc that cannot be read to its end is not taken for empty: 125" {
	command=(/bin/true)
	inside=(strace -f -qq -o /dev/null -e trace=getdents64 -e inject=getdents64:error=EIO)
	learn 125
	[[ $errors == *"/proc/self/task/*/children: Input/output error"* ]] || fail "$errors"
}

@test "a process that does not end is said, and ends the search: 125" {
	# Somebody who watches it and does not look is waited for by the kernel.
	cat >"$D/holder.py" <<-'END'
		import ctypes, sys, time
		libc = ctypes.CDLL(None, use_errno=True)
		if libc.ptrace(0x4206, int(sys.argv[1]), 0, 0) != 0:
		    sys.exit(1)
		open(sys.argv[2], "w").close()
		time.sleep(1000)
	END
	options=(--setup "sleep 1000 & echo \$! >$D/pid; while [ ! -e $D/held ]; do sleep 0.02; done")
	command=(/bin/true)
	{
		until [ -s "$D/pid" ]; do sleep 0.02; done
		exec python3 "$D/holder.py" "$(<"$D/pid")" "$D/held"
	} 3>&- &
	others=($!)
	learn 125
	[[ $errors == *"process $(<"$D/pid") of a run does not end"*SIGKILL* ]] || fail "$errors"
	kill -KILL "${others[@]}"
	soon test ! -e "/proc/$(<"$D/pid")"
	leaves_nothing
}

@test "without a shell no check fails as it should: 125" {
	# shellcheck disable=SC2016 # for the other shell
	inside=(bash -c 'mount --bind /dev/null "$(readlink -f /bin/sh)" && exec "$@"' bash)
	options=(--check 'test -e /nowhere')
	command=(sleep 1000)
	learn 125 --timeout 2
	[[ $errors == *"/bin/sh -c 'test -e /nowhere' cannot be run: Permission denied"* ]] ||
		fail "$errors"
	leaves_nothing
}

@test "a command of the user's that cannot be set apart is not run, and that is said: 125" {
	inside=(strace -f -qq -o /dev/null -e trace=setpgid -e inject=setpgid:error=EPERM)
	options=(--setup "touch $D/ran")
	command=(/bin/true)
	learn 125
	[[ $errors == *"--setup: exit status 125: /bin/sh: Operation not permitted"* ]] || fail "$errors"
	[ ! -e "$D/ran" ]
	leaves_nothing
}

# ---- tracing

# without_trace WHY: the set is found without it, and the output says so
without_trace()
{
	[ "$keep" = "$wanted" ] || fail "$keep" "$output" || return
	[ "$(jq -r .tracing <<<"$output")" = off ] || fail "$output" || return
	[ "$(jq -r .not_traced_because <<<"$output")" = "$1" ] || fail "$output" || return
	jq -e '.not_needed == []' <<<"$output" || fail "$output" || return
	leaves_nothing
}

# tamper FILE VALUE: a set-up that writes to the instance of this run, while there is one; what runs
# it is a child of the process that the instance is named after
tamper()
{
	# shellcheck disable=SC2016 # for the other shell
	options=(--setup 'read -r _ _ _ tool _ </proc/$PPID/stat
		file='$INSTANCES'/capkeepctl-learn-$tool/'"$1"'
		[ ! -e $file ] || { echo '"$2"' >$file && echo done >'"$D/tampered"'; }')
}

@test "a trace that tells nothing, or not all, is not called a trace" {
	case_read
	tamper tracing_on 0
	learn 0 --trace tracefs
	[ -s "$D/tampered" ]
	without_trace 'tracefs: it told nothing of the run'
	tamper buffer_size_kb 1
	command=(/bin/sh -c "for i in 1 2 3 4 5 6 7 8 9; do cat $D/file; done; cat $D/file")
	learn 0 --trace tracefs
	without_trace 'tracefs: events were lost'
}

# One that may not be opened on a processor would leave out what runs there.
@test "perf on some of the processors only is not called a trace" {
	case_read
	under_filter 'deny = perf_event_open(cpu: 0)=EMFILE'
	learn 0 --trace perf
	without_trace 'perf: the tracepoint could not be switched on: Too many open files'
}

# ---- writing

@test "output that nobody reads: 125, and that is said" {
	# shellcheck disable=SC2016 # for the other shell
	status=0
	bash -c 'set -o pipefail; "$0" learn -- /bin/true 2>"$1" | true' "$CAPKEEPCTL" "$D/errors" || status=$?
	[ "$status" = 125 ]
	[ "$(<"$D/errors")" = 'capkeepctl: standard output: Broken pipe' ] || fail "$(<"$D/errors")"
}

@test "a profile that cannot be written is not called written: 125" {
	command=(/bin/true)
	status=0
	"$CAPKEEPCTL" learn -o /dev/full -- "${command[@]}" >"$D/out" 2>"$D/errors" || status=$?
	[ "$status" = 125 ]
	grep -q 'capkeepctl: -o: /dev/full: No space left on device' "$D/errors"
	grep -qx "no capability is needed: proven: works twice without any" "$D/out"
	[[ $(<"$D/out") != *written* ]]
}
