#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# capkeepctl trace: a command under a filter that denies nothing, and says what it would.

load lib

setup() { started=(); session=; }
teardown()
{
	[ -z "$session" ] || kill -KILL -- "-$session" 2>/dev/null || :
	end_sleepers
}

@test "trace: what would be denied is said, goes on, and is counted" {
	filter 'base = @service' 'deny = getppid=kill'
	is 1 trace "$P" -- sh -c 'unshare -U true; echo the end'
	says 'trace: unshare(unshare_flags=CLONE_NEWUSER): EPERM:' 'nothing allows it' 'the end' \
		'would be denied; sh ended with status 0' 'kill:'
	is 0 trace "$P" -- "$CK_HELPERS/call" getpid
	says '0 calls of 0 kinds would be denied' 'getpid='
	is 1 trace "$P" -- "$CK_HELPERS/call" getppid 9999
	says 'call 9999: ENOSYS' 'getppid=' '9999=E38'
	is 1 trace "$P" -- python3 -c 'import ctypes; ctypes.CDLL(None).syscall(-1)'
	says "trace: $(uname -m) call -1: ENOSYS"
	is 1 trace "$P" -- "$CK_HELPERS/call" getppid
	says 'trace: 1 call of 1 kind would be denied'
	is 1 trace --json "$P" -- "$CK_HELPERS/call" getppid
	output=${output#*$'\n'}
	[ "$(json '.would_be_denied[0] | [.call, .action, .count] | join(" ")')" = 'getppid kill 1' ]
	filter 'base = @service'
	is 0 trace "$P" -- sh -c 'exit 7'
	says 'ended with status 7'
	is 2 trace "$P"
	is 125 trace none -- true
}

@test "trace: calls of an ABI that the profile leaves out have their names" {
	[ "$(uname -m)" = x86_64 ] || skip 'other machines have no second table here'
	filter 'base = @service' 'abi = native'
	is 1 trace "$P" -- "$CK_HELPERS/call" i386/20
	says 'trace: i386 getpid(): kill:'
	is 1 trace --json "$P" -- "$CK_HELPERS/call" i386/20
	output=${output#*$'\n'}
	[ "$(json '.would_be_denied[0] | [.abi, .call, .number] | join(" ")')" = 'i386 getpid 20' ]
	filter 'base = @service' 'deny = kill openat'
	is 1 trace "$P" -- "$CK_HELPERS/call" kill:-1:0 openat:-100:0
	says 'kill(pid=-1, sig=0)' 'openat(dfd=-100,'
}

@test "trace: as a user without privileges, with strings that are no terminal's" {
	filter 'base = @service'
	local place=$BATS_TEST_TMPDIR/$'a\e[31mb'
	is 1 trace "$P" -- "$CK_HELPERS/call" chroot:0
	cp "$CAPKEEPCTL" "$CK_HELPERS/call" "$BATS_TEST_TMPDIR/"
	chmod 755 "$BATS_TEST_TMPDIR"/*
	output=$(setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all --inh-caps -all \
		"$BATS_TEST_TMPDIR/${CAPKEEPCTL##*/}" trace "$P" -- sh -c 'mount -t tmpfs none "$1" 2>/dev/null || :' sh "$place" 2>&1) || :
	says 'mount(' 'type="tmpfs"'
	[[ $output != *$'\e[31m'* ]] || fail 'raw escape'
}

@test "trace: a command that cannot start has the launcher's status" {
	filter 'base = @service' 'deny = write'
	is 127 trace "$P" -- /nonexistent
	says 'trace: /nonexistent: No such file or directory'
	says_not 'would be denied'
	is 127 trace "$P" -- no-such-command
	is 127 trace --json "$P" -- "$P/x"
	[ -z "$output" ]
	is 126 trace "$P" -- "$P"
	says "trace: $P: Permission denied"
	is 126 trace "$P" -- "$BATS_TEST_TMPDIR"
	# not what the command itself says
	is 0 trace "$P" -- sh -c 'exit 127'
	says 'ended with status 127'
	# a filter cannot be loaded twice with a listener
	is 1 trace "$P" -- "$CAPKEEPCTL" trace "$P" -- touch "$BATS_TEST_TMPDIR/ran"
	says 'another filter around it has a listener already' 'ended with status 125'
	[ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

# broken ERROR CALL[:WHEN] FILE: the command makes FILE while this call of trace fails
broken()
{
	output=$(timeout -s KILL 60 strace -f -qq -o /dev/null -e trace="${2%%:*}" \
		-e inject="${2%%:*}:error=$1${2#"${2%%:*}"}" \
		"$CAPKEEPCTL" trace "$P" -- sh -c 'umask 22 || exit; >"$1"' sh "$3" 2>&1) && status=0 || status=$?
}

@test "trace: where nobody can listen, the command does not start" {
	filter 'base = @service'
	broken EPERM sendmsg "$BATS_TEST_TMPDIR/ran"
	[ "$status" = 125 ] || fail "$status: $output"
	[ "$output" = 'capkeepctl: trace: the listener cannot be handed over: Operation not permitted' ] || fail "$output"
	[ ! -e "$BATS_TEST_TMPDIR/ran" ]
	broken EMFILE recvmsg "$BATS_TEST_TMPDIR/ran"
	[ "$status" = 125 ] || fail "$status: $output"
	[ "$output" = 'capkeepctl: trace: sh: listening to its calls failed: Too many open files' ] || fail "$output"
	[ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

@test "trace: an answer that the kernel does not take ends the listening, and is said" {
	filter 'base = @service' 'deny = umask'
	# umask is the only call that would be denied: its notification, then the answer to it
	local first
	strace -f -qq -o "$BATS_TEST_TMPDIR/calls" -e trace=ioctl "$CAPKEEPCTL" trace "$P" -- sh -c 'umask 22' || :
	first=$(grep -n NOTIF_RECV "$BATS_TEST_TMPDIR/calls" | head -n 1 | cut -d: -f1)
	broken EINVAL "ioctl:when=$((first + 1))" "$BATS_TEST_TMPDIR/ran"
	[ "$status" = 125 ] || fail "$status: $output"
	[[ $output == *'sh: listening to its calls failed: Invalid argument; it needs Linux 5.5'* ]] || fail "$output"
	broken EINVAL "ioctl:when=$first" "$BATS_TEST_TMPDIR/ran"
	[ "$status" = 125 ] || fail "$status: $output"
	[[ $output == *'listening to its calls failed: Invalid argument'* ]] || fail "$output"
}

# Before Linux 6.11 a zombie keeps its filter, and the listener would wait for it.
@test "trace: what has ended is taken while others are listened to, orphans too" {
	filter 'base = @service'
	mkfifo "$BATS_TEST_TMPDIR/end"
	# shellcheck disable=SC2016 # for the traced shell
	"$CAPKEEPCTL" trace "$P" -- sh -c '
		sh -c "sh -c \"echo \\\$\\\$ >$1/orphan; read -r line <$1/end\" & exit" &
		wait; echo $$ >"$1/command"' sh "$BATS_TEST_TMPDIR" 3>&- 2>"$BATS_TEST_TMPDIR/said" &
	pid=$!
	started+=("$pid")
	until [ -s "$BATS_TEST_TMPDIR/command" ] && [ -s "$BATS_TEST_TMPDIR/orphan" ]; do
		[ -d "/proc/$pid" ] || fail "$(<"$BATS_TEST_TMPDIR/said")"
		sleep 0.02
	done
	local command orphan tries
	command=$(<"$BATS_TEST_TMPDIR/command") orphan=$(<"$BATS_TEST_TMPDIR/orphan")
	started+=("$orphan")
	for ((tries = 0; tries < 500; tries++)); do
		[ -d "/proc/$command" ] || break
		sleep 0.02
	done
	[ ! -d "/proc/$command" ] || fail "$(grep State "/proc/$command/status")"
	[ "$(awk '$1 == "PPid:" { print $2 }' "/proc/$orphan/status")" = "$pid" ]
	echo >"$BATS_TEST_TMPDIR/end"
	wait "$pid"
	grep -q 'sh ended with status 0' "$BATS_TEST_TMPDIR/said"
}

@test "trace: a caller that ignores SIGCHLD gets the status, and the command finds it so" {
	filter 'base = @service'
	output=$(python3 -c 'import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])' "$CAPKEEPCTL" trace "$P" -- grep SigIgn /proc/self/status /nonexistent 2>&1) || :
	says 'grep ended with status 2'
	[[ $output =~ SigIgn:.([0-9a-f]+) ]]
	((0x${BASH_REMATCH[1]} & 1 << 16))
}

@test "trace: kinds beyond what is listed are counted, and that is said" {
	filter 'base = @service' 'deny = getppid'
	local numbers
	mapfile -t numbers < <(seq 2000 6199)
	is 1 trace --json "$P" -- "$CK_HELPERS/call" "${numbers[@]}"
	errors=$(tail -n 3 <<<"$errors")
	output=${output#*$'\n{'}
	output="{$output"
	says 'trace: 4200 calls of 4096 kinds would be denied' \
		'trace: 104 of these calls are of more kinds, which are only counted'
	[ "$(json '[.unlisted, (.would_be_denied | length)] | join(" ")')" = '104 4096' ]
}

# begin_trace LAUNCHER... -- COMMAND...: traced with umask denied; sets pid, and session, which has it
# all. What a shell has in the background ignores INT and QUIT, which no shell could trap then.
begin_trace()
{
	local launcher=()

	while [ "$1" != -- ]; do
		launcher+=("$1")
		shift
	done
	shift
	filter 'base = @service' 'deny = umask'
	setsid env --default-signal "${launcher[@]}" "$CAPKEEPCTL" trace --json "$P" -- "$@" 3>&- </dev/null \
		>"$BATS_TEST_TMPDIR/json" 2>"$BATS_TEST_TMPDIR/errors" &
	pid=$! session=$!
	started+=("$pid")
}

# soon COMMAND...: it is true in the end
soon()
{
	local tries

	for ((tries = 0; tries < 500; tries++)); do
		! "$@" 2>/dev/null || return 0
		sleep 0.02
	done
	fail "never: $*" "$(<"$BATS_TEST_TMPDIR/errors")"
}

is_gone() { [ ! -d "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"; }

has_lines() { [ "$(wc -l <"$BATS_TEST_TMPDIR/lines")" = "$1" ]; }

is_ready() { [ "$(tail -n 1 "$BATS_TEST_TMPDIR/lines")" = ready ]; }

has_line() { grep -qx "$1" "$BATS_TEST_TMPDIR/lines"; }

# over STATUS TEXT...: trace ends with a report that says so; status is that of the command
over()
{
	local wanted=$1 status=0

	shift
	soon is_gone "$pid"
	wait "$pid" || status=$?
	output=$(<"$BATS_TEST_TMPDIR/json") errors=$(<"$BATS_TEST_TMPDIR/errors")
	[ "$status" = 1 ] || fail "exit $status" "$errors"
	says 'calls of 1 kind would be denied' "$@"
	[ "$(json '[.status, .would_be_denied[0].call] | join(" ")')" = "$wanted umask" ]
}

@test "trace: TERM ends the command and what it leaves behind, and the report comes" {
	# shellcheck disable=SC2016 # for the traced shell
	begin_trace -- sh -c 'umask 22
		sh -c "sleep 1000 & echo \$! >>$1/lines; wait" &
		echo $! >>"$1/lines"; echo $$ >>"$1/lines"; wait' sh "$BATS_TEST_TMPDIR"
	soon has_lines 3
	local left
	mapfile -t left <"$BATS_TEST_TMPDIR/lines"
	started+=("${left[@]}")
	kill -TERM "$pid"
	over 143 'sh was ended by signal 15'
	for pid in "${left[@]}"; do
		is_gone "$pid" || fail "$(<"/proc/$pid/status")"
	done
}

@test "trace: what is left of the command gets the signals once it has ended" {
	# shellcheck disable=SC2016 # for the traced shells
	begin_trace -- sh -c 'umask 22
		sh -c "trap \"echo USR1 >>$1/lines\" USR1; echo \$\$ >$1/orphan
			while :; do sleep 1000 & wait; kill \$!; done" & exit 3' sh "$BATS_TEST_TMPDIR"
	soon test -s "$BATS_TEST_TMPDIR/orphan"
	local orphan
	orphan=$(<"$BATS_TEST_TMPDIR/orphan")
	started+=("$orphan")
	soon grep -q "^PPid:.$pid$" "/proc/$orphan/status"
	kill -USR1 "$pid"
	soon has_line USR1
	kill -TERM "$pid"
	over 3 'sh ended with status 3'
	is_gone "$orphan"
}

@test "trace: signals are passed on once, and the command's own are not sent back" {
	local name wanted=
	# shellcheck disable=SC2016 # for the traced shell
	begin_trace -- sh -c 'for name in HUP INT QUIT USR1 USR2; do trap "echo $name >>$1/lines" "$name"; done
		trap "kill -USR1 $PPID; echo TERM >>$1/lines; exit 4" TERM
		umask 22; while :; do sleep 1000 & echo ready >>$1/lines; wait; kill $!; done' sh "$BATS_TEST_TMPDIR"
	for name in HUP INT QUIT USR1 USR2; do
		wanted+=$'ready\n'$name$'\n'
		soon is_ready
		kill "-$name" "$pid"
		soon has_line "$name"
		soon is_ready
	done
	kill -TERM "$pid"
	over 4 'sh ended with status 4'
	[ "$(<"$BATS_TEST_TMPDIR/lines")" = "$wanted"$'ready\nTERM' ] || fail "$(<"$BATS_TEST_TMPDIR/lines")"
}

@test "trace: as process 1 it passes TERM on and reports" {
	# shellcheck disable=SC2016 # for the traced shell
	begin_trace unshare --pid --fork --kill-child --mount-proc -- sh -c '
		trap "exit 5" TERM; umask 22; sleep 1000 & echo ready >"$1/lines"; wait' sh "$BATS_TEST_TMPDIR"
	soon test -s "$BATS_TEST_TMPDIR/lines"
	local first
	first=$(<"/proc/$pid/task/$pid/children")
	[ "$(awk '$1 == "NSpid:" { print $NF }' "/proc/${first% }/status")" = 1 ]
	kill -TERM "${first% }"
	over 5 'sh ended with status 5'
}

@test "trace: with nobody listening the command still gets the signals" {
	# shellcheck disable=SC2016 # for the traced shell
	begin_trace strace -qq -o /dev/null -e trace=ioctl -e inject=ioctl:error=EINVAL -- sh -c '
		trap "exit 6" TERM; umask 22; sleep 1000 & echo ready >"$1/lines"; wait' sh "$BATS_TEST_TMPDIR"
	soon test -s "$BATS_TEST_TMPDIR/lines"
	local traced status=0
	traced=$(<"/proc/$pid/task/$pid/children")
	kill -TERM "${traced% }"
	soon is_gone "$pid"
	wait "$pid" || status=$?
	[ "$status" = 125 ] || fail "$status"
	grep -q 'listening to its calls failed' "$BATS_TEST_TMPDIR/errors"
}
