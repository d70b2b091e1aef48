#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# capkeepctl trace: a command under a filter that denies nothing, and says what it would.

load lib

setup() { started=(); }
teardown() { end_sleepers; }

# filter LINE...: a profile with these lines of [seccomp]
filter() { profile 'keep = none' '[process]' 'user = unchanged' '[seccomp]' "$@"; }

@test "trace: what would be denied is said, goes on, and is counted" {
	filter 'base = @service' 'deny = getppid=kill'
	is 1 trace "$P" -- sh -c 'unshare -U true; echo the end'
	says 'trace: unshare(unshare_flags=CLONE_NEWUSER): EPERM:' 'nothing allows it' 'the end' \
		'would be denied; sh ended with status 0' 'kill:'
	is 0 trace "$P" -- "$CK_HELPERS/call" getpid
	says '0 calls of 0 kinds would be denied' 'getpid='
	is 1 trace "$P" -- "$CK_HELPERS/call" getppid 9999
	says 'call 9999: ENOSYS' 'getppid=' '9999=E38'
	is 1 trace --json "$P" -- "$CK_HELPERS/call" getppid
	output=${output#*$'\n'}
	[ "$(json '.would_be_denied[0] | [.call, .action, .count] | join(" ")')" = 'getppid kill 1' ]
	filter 'base = @service'
	is 0 trace "$P" -- sh -c 'exit 7'
	says 'ended with status 7'
	is 2 trace "$P"
	is 125 trace none -- true
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
