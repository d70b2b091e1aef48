#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# new-session in its cases, and parent-death-signal with parents that really die.

load lib

session() {
	profile 'keep = NET_RAW' '[process]' 'user = unchanged' 'new-session = yes' "$@"
}

# where OPERATION...: the launcher finds this: TTY SESSION-LEADER GROUP-LEADER
finds() {
	local want=("${@:1:3}")
	shift 3
	launch "$@" -- "$B/probe"
	expect tty "${want[0]}" session_leader "${want[1]}" group_leader "${want[2]}"
}

no_terminal() {
	root_holds 2000
	expect tty E6 signals_pending "$(mask 0)" signals_handled "$(mask 0)"
}

@test "new-session = no: the terminal stays" {
	finds yes yes yes pty
	profile 'keep = NET_RAW' '[process]' 'user = unchanged' 'new-session = no'
	go pty
	root_holds 2000
	expect tty yes session_leader yes
	stay NET_RAW
	go pty fork
	root_holds 2000
	expect tty yes session_leader no
}

@test "no controlling terminal: nothing to do" {
	finds E6 yes yes fork setsid
	session
	go fork setsid
	no_terminal
	expect session_leader yes
	go fork setsid fork
	no_terminal
	expect session_leader no
	go fork setsid fork filter=setsid=1,setpgid=1
	no_terminal
}

@test "a member of a group: setsid" {
	finds yes no no pty fork
	session
	go pty fork
	no_terminal
	expect session_leader yes group_leader yes
}

@test "a group leader: joins its parent's group, then setsid" {
	finds yes no yes pty fork pgrp
	session
	go pty fork pgrp
	no_terminal
	expect session_leader yes group_leader yes
}

@test "a group leader in the foreground, as started by a shell with job control" {
	session
	go pty fork pgrp foreground
	no_terminal
	expect session_leader yes
}

@test "a session leader gives its terminal up, and survives the SIGHUP" {
	finds yes yes yes pty
	session
	go pty
	no_terminal
	expect session_leader yes signals_blocked "$(mask 0)" signals_ignored "$(mask 0)"
}

@test "a session leader with SIGHUP and SIGCONT ignored or blocked: passed on as found" {
	session
	go pty ignore=1,18
	no_terminal
	expect signals_ignored "$(mask 20001)"
	go pty block=1,18
	no_terminal
	expect signals_blocked "$(mask 20001)"
	go pty block=1
	no_terminal
	expect signals_blocked "$(mask 1)"
}

@test "signals that were pending before are still pending" {
	session
	go pty pending=10,12
	root_holds 2000
	expect tty E6 signals_pending "$(mask a00)" signals_blocked "$(mask a00)"
}

@test "a SIGHUP that was pending before is not lost" {
	session
	go pty pending=1
	[ "$status" = 125 ] || {
		root_holds 2000
		expect tty E6 signals_pending "$(mask 1)"
	}
}

@test "a group leader whose parent has left the session: refused" {
	finds yes no yes pty fork estrange
	session
	go pty fork estrange
	refused 125 'new-session|session'
}

@test "under script(1), as a user, with the terminal as input" {
	profile 'keep = NET_RAW' '[process]' 'user = 1000' 'group = 1000' 'new-session = yes'
	status=0
	script -qec "'$B/capkeep' -p '$P' --  '$B/probe'" /dev/null \
		</dev/null >"$D/raw" 2>"$D/err" || status=$?
	tr -d '\r' <"$D/raw" >"$D/out"
	user_holds 1000 2000
	expect tty E6
}

@test "new-session that the kernel refuses is no start" {
	session
	go pty fork filter=setsid=1
	refused 125 session
	go pty filter=ioctl=1
	[ "$status" = 125 ] || no_terminal
}

# ---- parent-death-signal -------------------------------------------------------------------------

@test "parent-death-signal is set, for uid 0 and for a user" {
	stay NET_RAW 'parent-death-signal = TERM'
	go
	root_holds 2000
	expect parent_death_signal 15
	become NET_RAW 1000 'parent-death-signal = SIGKILL'
	go
	user_holds 1000 2000
	expect parent_death_signal 9
}

@test "parent-death-signal absent: as found; where ids change the kernel clears it" {
	stay NET_RAW
	go pdeathsig=10
	root_holds 2000
	expect parent_death_signal 10
}

@test "parent-death-signal with a securebit and a new session" {
	profile 'keep = NET_RAW' 'securebits = noroot' '[process]' 'user = 1000' 'group = 1000' \
		'parent-death-signal = INT' 'new-session = yes'
	go pty fork
	user_holds 1000 2000
	expect parent_death_signal 2 tty E6
}

@test "parent-death-signal: names that are none" {
	local word
	for word in NOSUCH 0 65 SIG -1; do
		stay none "parent-death-signal = $word"
		go
		refused 125 'p.ini:5'
	done
	stay none 'parent-death-signal = TREM'
	go
	refused 125 'p.ini:5' TREM TERM
}

# gone PID: within five seconds
gone() {
	local i
	for i in {1..100}; do
		[ -e "/proc/$1" ] || return 0
		grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null && return 0
		sleep 0.05
	done
	return 1
}

# Whatever has become of a test, its orphan does not stay.
teardown() {
	[ -z "${pid:-}" ] || kill -9 "$pid" 2>/dev/null || :
}

# orphan: starts probe under a parent of its own, lets the parent die; $pid is the workload
orphan() {
	local i
	: >"$D/file"
	chmod 666 "$D/file"
	bash -c '"$@" & sleep 60' bash env -i "$B/start" reset -- "$B/capkeep" -p "$P" -- \
		"$B/probe" -f "$D/file" -p 3>&- 4>&- >"$D/log" 2>&1 &
	local parent=$! sleeper
	for i in {1..100}; do
		grep -q '^env\|^argv.4' "$D/file" 2>/dev/null && break
		sleep 0.05
	done
	pid=$(sed -n 's/^pid=//p' "$D/file")
	[ -n "$pid" ] || { cat "$D/log"; return 1; }
	sleeper=$(pgrep -P "$parent" -x sleep)
	kill -9 "$parent"
	kill "$sleeper"
	wait "$parent" 2>/dev/null || :
}

@test "the parent dies: the workload gets the signal" {
	become none 1000 'parent-death-signal = TERM'
	orphan
	gone "$pid" || { kill "$pid"; fail 'it lives'; }
}

@test "the parent dies without parent-death-signal: the workload goes on (control)" {
	become none 1000
	orphan
	sleep 0.3
	kill -0 "$pid"
	kill "$pid"
	gone "$pid"
}

@test "the parent dies during the start: no workload" {
	local i
	stay none 'parent-death-signal = TERM' 'umask = 027'
	# The launcher is held at its umask step, after it has looked at its parent.
	bash -c 'strace -D -o "$0/trace" -e trace=umask,prctl -e signal=none \
		-e inject=umask:delay_enter=1500000:when=1 "$@" & sleep 0.6; exit 0' "$D" \
		"$B/capkeep" -p "$P" -- "$B/probe" -f "$D/file" 3>&- 4>&- 2>"$D/err"
	for i in {1..60}; do
		grep -q '^+++' "$D/trace" 2>/dev/null && break
		sleep 0.1
	done
	: >"$D/out"
	grep -q umask "$D/trace" || fail 'the launcher made no umask call'
	[ ! -e "$D/file" ] || fail 'the workload has run'
	grep -q 'exited with 125\|killed by SIGTERM' "$D/trace" || fail 'the end'
}

@test "parent-death-signal that the target's exec would clear: refused" {
	cp "$B/probe" "$D/capable"
	setcap cap_net_raw+ep "$D/capable"
	profile 'keep = NET_RAW' 'ambient = no' '[process]' 'user = 1000' 'group = 1000' \
		'parent-death-signal = TERM'
	ck -- -p "$P" -- "$D/capable"
	refused 125 parent-death-signal
	# without the signal this is a start
	profile 'keep = NET_RAW' 'ambient = no' '[process]' 'user = 1000' 'group = 1000'
	ck -- -p "$P" -- "$D/capable"
	started
	sets 2000 2000 2000 0 0
	expect at_secure 1
}
