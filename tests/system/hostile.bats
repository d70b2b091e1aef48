#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A workload that tries to get capabilities back. Each attack is first shown to succeed without
# capkeep; then it has to fail under it.

load lib

# An ordinary user as a careless launcher leaves one: the bounding set full, no no_new_privs.
careless=(gid=1000 uid=1000)

succeeds() { # OPERATION... -- ATTACK ARGUMENT...
	local ops=()
	while [ "$1" != -- ]; do ops+=("$1"); shift; done
	launch "${ops[@]}" -- "$B/hostile" "${@:2}"
	[ "$status" = 0 ] && grep -q "^$2: gained" "$D/out" || fail "control of $2"
}

blocked() { # OPERATION... -- ATTACK ARGUMENT...: under capkeep with $P
	local ops=()
	while [ "$1" != -- ]; do ops+=("$1"); shift; done
	ck "${ops[@]}" -- -p "$P" -- "$B/hostile" "${@:2}"
	[ "$status" = 1 ] && grep -q "^$2: blocked" "$D/out" || fail "$2 is not blocked"
	[ ! -s "$D/err" ] || fail "$2: standard error"
}

# both: in either model, with something kept that is not the prize
both() {
	stay 'NET_RAW CHOWN'
	blocked -- "$@"
	become 'NET_RAW CHOWN' 1000
	blocked -- "$@"
	stay none
	blocked -- "$@"
	become none 1000
	blocked -- "$@"
}

# rich: a process of uid 1000 that holds NET_ADMIN; its pid is $rich
rich() {
	: >"$D/rich"
	chmod 666 "$D/rich"
	"$B/start" reset keepcaps=1 gid=1000 uid=1000 caps=1000:1000:1000 ambient=1000 -- \
		"$B/probe" -f "$D/rich" -p 3>&- 4>&- &
	rich=$!
	local i
	for i in {1..100}; do
		grep -q ^argc "$D/rich" 2>/dev/null && break
		sleep 0.02
	done
	grep -q '^effective=0*1000$' "$D/rich"
	grep -q '^dumpable=1' "$D/rich"
}

teardown() {
	[ -z "${rich:-}" ] || { kill "$rich"; wait "$rich" || :; }
}

@test "setuid(0), setreuid, setresuid" {
	succeeds uid=1000:1000:0 -- setuid0 2>/dev/null || succeeds -- setuid0
	succeeds uid=1000:0:0 -- setuid0
	both setuid0
}

@test "setgroups and setresgid" {
	succeeds -- setgroups
	both setgroups
	stay SETUID
	blocked -- setgroups
}

@test "SETUID kept: uid 0 again, but no capability with it" {
	become SETUID 1000
	ck -- -p "$P" -- "$B/hostile" setuid0
	grep -q 'gained uid 0' "$D/out"
	ck -- -p "$P" -- "$B/hostile" capset
	[ "$status" = 1 ]
}

@test "capset" {
	succeeds -- capset
	both capset
}

@test "capset with SETPCAP kept: nothing that is not in the bounding set" {
	stay SETPCAP
	blocked -- capset
	become SETPCAP 1000
	blocked -- capset
}

@test "raising an ambient capability" {
	succeeds -- ambient
	both ambient
	stay SETPCAP
	blocked -- ambient
}

@test "securebits" {
	succeeds -- securebits
	both securebits
	profile 'keep = SETPCAP' 'securebits = noroot no-setuid-fixup' '[process]' 'user = unchanged'
	blocked -- securebits
}

@test "no_new_privs" {
	succeeds -- nnp
	both nnp
}

@test "a set-user-ID helper" {
	cp "$B/hostile" "$D/helper"
	chmod 4755 "$D/helper"
	succeeds "${careless[@]}" -- exec "$D/helper"
	both exec "$D/helper"
}

@test "a set-user-ID helper without no-new-privs gains the uid, but no capability" {
	cp "$B/hostile" "$D/helper"
	cp "$B/probe" "$D/suid"
	chmod 4755 "$D/helper" "$D/suid"
	become NET_RAW 1000 'no-new-privs = no'
	ck -- -p "$P" -- /bin/sh -c "exec $D/suid"
	[ "$status" = 0 ]
	expect uid '1000 0 0' bounding "$(mask 2000)"
	[ $((0x$(value permitted) & ~0x2000)) = 0 ] || fail 'more than the bounding set'
	profile 'keep = none' 'securebits = noroot' '[process]' 'user = 1000' 'group = 1000' \
		'no-new-privs = no'
	ck -- -p "$P" -- /bin/sh -c "exec $D/suid"
	expect bounding "$(mask 0)" permitted "$(mask 0)"
}

@test "a helper with file capabilities" {
	cp "$B/hostile" "$D/helper"
	setcap cap_net_admin+ep "$D/helper"
	succeeds "${careless[@]}" -- exec "$D/helper"
	both exec "$D/helper"
	setcap cap_net_admin+p "$D/helper"
	succeeds "${careless[@]}" -- exec "$D/helper"
	both exec "$D/helper"
	setcap cap_net_admin+i "$D/helper"
	succeeds inheritable=1000 "${careless[@]}" -- exec "$D/helper"
	become NET_RAW 1000
	blocked inheritable=3fff -- exec "$D/helper"
}

@test "exec of a root-owned program by uid 0" {
	succeeds caps=0:0:0 -- exec "$B/hostile"
	both exec "$B/hostile"
}

@test "the bounding set not cut: a capable helper is held back by no_new_privs alone" {
	local state=(bounding="$(either $DOCKER $NET_ADMIN)" gid=1000 uid=1000)
	cp "$B/hostile" "$D/helper"
	setcap cap_net_admin+ep "$D/helper"
	succeeds "${state[@]}" -- exec "$D/helper"
	stay none
	blocked "${state[@]}" -- exec "$D/helper"
	chmod 4755 "$D/helper"
	blocked "${state[@]}" -- exec "$D/helper"
}

@test "ptrace of a richer process of the same uid" {
	rich
	succeeds keepcaps=1 gid=1000 uid=1000 caps=1000:1000:1000 ambient=1000 -- ptrace "$rich"
	become 'NET_RAW CHOWN' 1000
	blocked -- ptrace "$rich"
	become none 1000
	blocked -- ptrace "$rich"
}

@test "pidfd_getfd from a richer process of the same uid" {
	rich
	succeeds keepcaps=1 gid=1000 uid=1000 caps=1000:1000:1000 ambient=1000 -- pidfd "$rich"
	become 'NET_RAW CHOWN' 1000
	blocked -- pidfd "$rich"
	become none 1000
	blocked -- pidfd "$rich"
}

@test "the memory of a richer process of the same uid" {
	rich
	succeeds keepcaps=1 gid=1000 uid=1000 caps=1000:1000:1000 ambient=1000 -- memory "$rich"
	become none 1000
	blocked -- memory "$rich"
}

@test "ptrace of root's processes by uid 0 without capabilities" {
	"$B/start" reset -- "$B/probe" -f "$D/rich" -p 3>&- 4>&- &
	rich=$!
	sleep 0.2
	succeeds -- ptrace "$rich"
	stay none
	blocked -- ptrace "$rich"
	blocked -- pidfd "$rich"
}

@test "TIOCSTI with a new session: a shell's job" {
	# The terminal is descriptor 0 of a group in somebody else's session.
	succeeds pty=in fork pgrp -- tiocsti
	stay NET_RAW 'new-session = yes'
	launch pty=in fork pgrp -- "$B/capkeep" -p "$P" -- "$B/hostile" tiocsti
	grep -q '^tiocsti: blocked' "$D/out" || fail 'not blocked'
	become none 1000 'new-session = yes'
	launch pty=in fork -- "$B/capkeep" -p "$P" -- "$B/hostile" tiocsti
	grep -q '^tiocsti: blocked' "$D/out" || fail 'not blocked'
}

@test "TIOCSTI into a terminal of somebody else, without SYS_ADMIN" {
	# Without new-session, but the terminal is not the controlling one: only SYS_ADMIN could.
	succeeds pty=in fork setsid -- tiocsti
	stay NET_RAW
	launch pty=in fork setsid -- "$B/capkeep" -p "$P" -- "$B/hostile" tiocsti
	grep -q '^tiocsti: blocked' "$D/out" || fail 'not blocked'
	stay SYS_ADMIN
	launch pty=in fork setsid -- "$B/capkeep" -p "$P" -- "$B/hostile" tiocsti
	grep -q '^tiocsti: gained' "$D/out" || fail 'SYS_ADMIN is no longer enough: look again'
}

@test "descriptors that were left open" {
	succeeds open=9 -- descriptors
	stay none
	blocked open=9 open=500 -- descriptors
}

@test "everything at once as the user of a full host" {
	local attack
	profile 'keep = NET_BIND_SERVICE' 'securebits = noroot no-setuid-fixup no-ambient-raise' \
		'[process]' 'user = 1000' 'group = 1000' 'new-session = yes'
	for attack in setuid0 setgroups capset ambient securebits nnp descriptors; do
		blocked open=5 inheritable=3fff ambient=3fff -- $attack
	done
}
