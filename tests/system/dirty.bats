#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Starting states that nobody ordered: exact or refused, and passed on as found where the profile
# says nothing. The outer filters are in filters.bats.

load lib

# both_models OPERATION...: in this state, K = NET_RAW, as uid 0 and as a user.
both_models() {
	stay NET_RAW
	go "$@"
	root_holds 2000
	become NET_RAW 1000
	go "$@"
	user_holds 1000 2000
}

@test "a dirty inheritable set" {
	launch inheritable=3fff -- "$B/probe"
	expect inheritable "$(mask 3fff)"
	both_models inheritable=3fff
}

@test "a dirty ambient set" {
	launch inheritable=3fff ambient=3fff -- "$B/probe"
	expect ambient "$(mask 3fff)"
	both_models inheritable=3fff ambient=3fff
}

@test "a dirty inheritable set outside of the bounding set" {
	launch inheritable=3fff bounding=21e0 -- "$B/probe"
	expect inheritable "$(mask 3fff)" bounding "$(mask 21e0)"
	both_models inheritable=3fff bounding=21e0
}

@test "dirty inheritable and ambient sets without SETPCAP" {
	local held=(bounding=2000 inheritable=2000 ambient=2000)
	stay NET_RAW
	go "${held[@]}"
	root_holds 2000
	held=(bounding=2400 inheritable=2400 ambient=2400)
	stay none
	go "${held[@]}"
	refused 125 SETPCAP
	profile 'keep = none' 'bounding = if-possible' '[process]' 'user = unchanged'
	go "${held[@]}"
	started
	sets 2400 0 0 0 0
}

@test "a user with dirty sets and nothing wanted" {
	stay none
	go keepcaps=1 gid=1000 uid=1000 caps=2400:2400:2400 ambient=2400 bounding="$ALL"
	# Capabilities are held, so auto means exact; SETPCAP is not among them.
	refused 125 SETPCAP bounding
	profile 'keep = none' 'bounding = if-possible' '[process]' 'user = unchanged'
	go keepcaps=1 gid=1000 uid=1000 caps=2400:2400:2400 ambient=2400
	started
	sets "$ALL" 0 0 0 0
}

@test "an effective set smaller than the permitted one" {
	# A user by ambient: exec makes both equal, so the launcher itself has to be started by
	# file capabilities without the effective bit; which is refused. As uid 0 exec gives all.
	both_models effective=0
}

@test "KEEP_CAPS_LOCKED" {
	stay NET_RAW
	go securebits=20
	root_holds 2000
	expect securebits 00000020
	become NET_RAW 1000
	go securebits=20
	if [ "$status" = 0 ]; then
		user_holds 1000 2000
		expect securebits 00000020
	else
		refused 125 'keep.caps'
	fi
	become none 1000
	go securebits=20
	user_holds 1000 0
	expect securebits 00000020
}

@test "KEEP_CAPS is on at the start: exec has cleared it" {
	both_models keepcaps=1
	both_models securebits=10
}

@test "NO_SETUID_FIXUP on, unlocked and locked" {
	local bits
	for bits in 4 c; do
		both_models securebits=$bits
		expect securebits "$(printf '%08x' "0x$bits")"
	done
}

@test "NO_SETUID_FIXUP with a dirty ambient set and another user" {
	become none 1000
	go inheritable=3fff ambient=3fff securebits=c
	user_holds 1000 0
}

@test "no_new_privs at the start" {
	both_models nnp
}

@test "blocked, ignored and pending signals are passed on as found" {
	stay NET_RAW
	go block=1,2,13,15,17,34,64 ignore=3,13,17,25,35
	root_holds 2000
	expect signals_blocked "$(mask 8000000200015003)" signals_ignored "$(mask 401011004)" \
		signals_pending "$(mask 0)"
	go pending=1,10,14,18
	root_holds 2000
	expect signals_blocked "$(mask 22201)" signals_pending "$(mask 22201)"
}

@test "every signal blocked" {
	both_models block="$(seq -s, 64)"
	expect signals_blocked "$(mask fffffffffffbfeff)"
}

@test "closed 0, 1 and 2, every combination: passed on as found" {
	local list fd ops want
	stay NET_RAW
	for list in 0 1 2 '0 1' '0 2' '1 2' '0 1 2'; do
		ops=() want=' 0 1 2 '
		for fd in $list; do
			ops+=(close="$fd")
			want=${want/ $fd / }
		done
		want=${want# }
		rm -f "$D/file"
		ck "${ops[@]}" -- -p "$P" -- "$B/probe" -f "$D/file"
		[ "$status" = 0 ] || fail "closed: $list"
		[ ! -s "$D/err" ] || fail "something on standard error, closed: $list"
		mv "$D/file" "$D/out"
		expect descriptors "${want% }"
		root_holds 2000
	done
}

@test "closed 0, 1 and 2 with -v and with a refusal: nothing goes astray" {
	stay NET_RAW
	ck close=2 -- -v -p "$P" -- "$B/probe"
	started
	expect descriptors '0 1'
	ck close=0 close=1 -- -v -p "$P" -- "$B/probe" -f "$D/file"
	[ "$status" = 0 ]
	grep -qx 'descriptors=2' "$D/file"
	stay NO_SUCH_CAP
	for ops in close=2 close=0 close=1; do
		go $ops
		[ "$status" = 125 ] || fail "$ops"
		[ ! -s "$D/out" ]
	done
	# A descriptor that would be taken for standard error must not be written to.
	printf data >"$D/file"
	ck close=2 open=2:"$D/file" -- -p "$P" -- "$B/probe"
	[ "$status" = 125 ]
	[ "$(cat "$D/file")" = data ]
}

# tiny NAME:SOFT:HARD...: exact, with the limit as found, or 125; never anything else
tiny() {
	local limit rc
	for limit; do
		for rc in stay become; do
			if [ $rc = stay ]; then stay NET_RAW; else become NET_RAW 1000; fi
			# static: a loader that cannot open libraries is none of our business
			launch limit="$limit" -- "$B/capkeep-static" -p "$P" -- "$B/probe"
			if [ "$status" != 0 ]; then
				[ "$status" = 125 ] || [ "$status" = 126 ] || fail "limit $limit"
				[ ! -s "$D/out" ] || fail "limit $limit: output"
				echo "# $limit $rc: refused, $(head -n 1 "$D/err")"
				continue
			fi
			if [ $rc = stay ]; then root_holds 2000; else user_holds 1000 2000; fi
			expect "limit.${limit%%:*}" "${limit#*:}"
		done
	done
}

@test "tiny limits: open files" {
	tiny nofile:0:0 nofile:1:1 nofile:2:2 nofile:3:3 nofile:4:4 nofile:5:5 nofile:3:64
}

@test "tiny limits: enough open files for the profile start it" {
	stay NET_RAW
	go limit=nofile:5:5
	root_holds 2000
}

@test "tiny limits: file size, core, locked memory, signals, queues, priorities" {
	tiny fsize:0:0 core:0:0 memlock:0:0 sigpending:0:0 msgqueue:0:0 nice:0:0 rtprio:0:0 \
		locks:0:0 rss:0:0
	stay NET_RAW
	go limit=fsize:0:0 limit=memlock:0:0 limit=sigpending:0:0
	root_holds 2000
}

@test "tiny limits: processes" {
	tiny nproc:0:0 nproc:1:1
	# The launcher makes no process of its own.
	stay NET_RAW
	go limit=nproc:0:0
	root_holds 2000
}

# squeezed NAME SIZE...: where even the image cannot be loaded a signal is as good as a refusal
squeezed() {
	local name=$1 size
	for size in "${@:2}"; do
		stay NET_RAW
		go limit="$name:$size:$size"
		if [ -s "$D/out" ]; then
			root_holds 2000
		else
			[ "$status" -ge 99 ] || fail "$name $size"
		fi
	done
}

@test "tiny limits: data, stack and address space: exact or not at all" {
	squeezed data 0 4096 65536 262144 1048576 4194304
	squeezed stack 4096 16384 65536 131072 262144
	squeezed as 65536 1048576 2097152 4194304 8388608 33554432
	squeezed cpu 1
}

@test "an empty argv[0] for the launcher" {
	stay NET_RAW
	launch argv0= -- "$B/capkeep" -p "$P" -- "$B/probe"
	root_holds 2000
}

@test "no argv at all for the launcher: a usage error" {
	launch argc0 -- "$B/capkeep"
	refused 125
}

@test "arguments of the workload, byte by byte" {
	stay none
	ck -- -p "$P" -- "$B/probe" -- '' ' ' $'a\tb' $'\xff\xfe' -p --help '$(x)' $'new\nline'
	root_holds 0
	expect argc 10 'argv[0]' "$B/probe" 'argv[2]' '' 'argv[3]' ' ' 'argv[4]' 'a\x09b' \
		'argv[5]' '\xff\xfe' 'argv[6]' -p 'argv[7]' --help 'argv[8]' '$(x)' \
		'argv[9]' 'new\x0aline'
}

@test "a large environment and many arguments" {
	local many
	mapfile -t many < <(seq 20000)
	stay none
	ck -- -p "$P" -- "$B/probe" -k argc -k bounding "${many[@]}"
	started
	expect argc 20005 bounding "$(mask 0)"
}

@test "no /proc: a mount namespace with an empty one" {
	local in_ns=(unshare -m --propagation private sh -c
		'mount -t tmpfs none /proc && [ ! -e /proc/self ] && exec "$@"' sh)
	NS=("${in_ns[@]}")
	both_models inheritable=3fff ambient=3fff
	profile 'keep = NET_RAW' 'securebits = noroot no-setuid-fixup' '[process]' \
		'user = 1000' 'group = 1000'
	go
	user_holds 1000 2000
	expect securebits 0000000f
}

@test "no /proc, no libraries: a chroot with the static launcher" {
	mkdir "$D/root"
	cp "$B/capkeep-static" "$B/probe" "$D/root"
	stay NET_RAW
	cp "$P" "$D/root/p.ini"
	launch chroot="$D/root" -- /capkeep-static -p /p.ini -- /probe
	root_holds 2000
	become NET_RAW 1000
	cp "$P" "$D/root/p.ini"
	launch chroot="$D/root" -- /capkeep-static -p /p.ini -- /probe
	user_holds 1000 2000
	launch chroot="$D/root" -- /capkeep-static -- /probe
	root_holds 0
}

@test "a foreign /proc: another pid namespace's" {
	NS=(unshare -p -f)
	both_models inheritable=3fff ambient=3fff
	expect pid 1
}

@test "a foreign /proc where our pid is a process that holds nothing" {
	local weak
	"$B/start" reset bounding=0 gid=1 uid=1 -- /bin/sleep 60 3>&- 4>&- &
	weak=$!
	# In the new namespace the launcher is pid 1; the old /proc/1 says that all is dropped.
	NS=(unshare -m --propagation private sh -c
		"mount --bind /proc/$weak /proc/1 && exec unshare -p -f \"\$@\"" sh)
	launch -- /bin/sh -c 'grep CapBnd /proc/1/status'
	grep -q 'CapBnd:.0000000000000000' "$D/out" || fail 'the state'
	become 'NET_RAW CHOWN' 1000
	go
	kill "$weak"
	user_holds 1000 2001
}

@test "a user namespace: root in it, mapped to a user" {
	both_models_in_user_namespace() {
		stay NET_RAW
		go "$@"
		root_holds 2000
		become NET_RAW 1000
		go "$@"
	}
	both_models_in_user_namespace 'userns=0 0 65536'
	user_holds 1000 2000
	# With one mapped id there is no other user to become.
	both_models_in_user_namespace 'userns-deny=0 0 1'
	refused 125 '(uid|gid|groups)'
}

@test "a user namespace: a profile of the owner of the mapping, of somebody else, of nobody" {
	local inside=(groups=none gid=1000 uid=1000 'userns-deny=0 1000 1')
	stay NET_RAW
	chown 1000:1000 "$P"
	go "${inside[@]}"
	root_holds 2000
	chown 1001:1000 "$P"
	go "${inside[@]}"
	refused 125 own
	chown 0:0 "$P"
	go "${inside[@]}"
	refused 125 own
}

@test "a user namespace without a mapping: 65534 owning 65534 proves nothing" {
	local owner
	stay none
	for owner in 1000 1001 0 65534; do
		chown $owner:$owner "$P"
		launch gid=1000 uid=1000 userns-unmapped -- "$B/probe"
		expect uid '65534 65534 65534'
		go gid=1000 uid=1000 userns-unmapped
		refused 125 own
	done
	# Without a profile there is nothing to be judged.
	launch gid=1000 uid=1000 userns-unmapped -- "$B/probe"
	all=$(value bounding)
	sets "$all" 0 0 0 0
	ck gid=1000 uid=1000 userns-unmapped -- -p none -- "$B/probe"
	started
	sets "$all" 0 0 0 0
	expect no_new_privs 1 uid '65534 65534 65534'
}
