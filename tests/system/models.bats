#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The two models of the specification, and how [capabilities] shapes them.

load lib

@test "uid 0 stays: bounding, permitted and effective are K, the rest is empty" {
	stay 'NET_BIND_SERVICE SETGID'
	go
	root_holds 440
	ids 0 0 ''
	expect securebits 00000000
}

@test "uid 0 stays with nothing" {
	stay none
	go
	root_holds 0
}

@test "uid 0 stays, ambient = yes: inheritable and ambient are K as well" {
	profile 'keep = NET_RAW' 'ambient = yes' '[process]' 'user = unchanged'
	go
	root_holds 2000 2000 2000
}

@test "uid 0 stays, ambient = no: as auto" {
	profile 'keep = NET_RAW' 'ambient = no' '[process]' 'user = unchanged'
	go
	root_holds 2000
}

@test "become a user: all five sets are K" {
	become 'NET_BIND_SERVICE, net_raw' 1234
	go
	user_holds 1234 2400
	expect groups ''
}

@test "become a user with nothing" {
	become none 1234
	go
	user_holds 1234 0
}

@test "become a user with ambient = yes: as auto" {
	profile 'keep = NET_RAW' 'ambient = yes' '[process]' 'user = 1234' 'group = 1234'
	go
	user_holds 1234 2000
}

@test "become a user with ambient = no: refused where exec would lose what is kept" {
	profile 'keep = NET_RAW' 'ambient = no' '[process]' 'user = 1234' 'group = 1234'
	go
	refused 125 NET_RAW ambient
}

@test "ambient = no with nothing kept: nothing to lose" {
	profile 'keep = none' 'ambient = no' '[process]' 'user = 1234' 'group = 1234'
	go
	user_holds 1234 0
}

@test "SETPCAP, SETUID and SETGID can themselves be kept, in both models" {
	stay 'SETPCAP SETUID SETGID'
	go
	root_holds 1c0
	become 'SETPCAP SETUID SETGID' 1234
	go
	user_holds 1234 1c0
}

@test "every capability that this runner holds can be kept, alone, in both models" {
	local n mask name
	for n in {0..40}; do
		mask=$(printf '%x' $((1 << n)))
		[ "$(without "$mask" "$ALL")" = 0 ] || continue
		name=$(capsh --explain="$n" | sed -n "1s/^cap_\([a-z_]*\).*/\1/p")
		[ -n "$name" ] || fail "no name for $n"
		stay "$name"
		go
		root_holds "$mask"
		become "$name" 1234
		go
		user_holds 1234 "$mask"
	done
}

@test "everything that the runner holds can be kept at once" {
	local names
	names=$(capsh --decode="$ALL")
	names=$(sed 's/.*=//; s/,/\n /g' <<<"$names") # one a line, indented: the list goes on
	stay "$names"
	go
	root_holds "$ALL"
	become "$names" 1234
	go
	user_holds 1234 "$ALL"
}

@test "optional: kept where held, absent elsewhere, silently" {
	profile 'keep = NET_RAW' 'optional = CHOWN' '[process]' 'user = unchanged'
	go
	root_holds 2001
	go bounding=2100
	root_holds 2000
	profile 'keep = none' 'optional = NET_RAW CHOWN' '[process]' 'user = 1234' 'group = 1234'
	go bounding=21c0
	user_holds 1234 2000
}

@test "presets: @docker-default, @oci-default, and -NAME takes one away" {
	stay '@docker-default'
	go
	root_holds "$DOCKER"
	stay '@oci-default'
	go
	root_holds 20000420
	stay '@docker-default -NET_RAW, -MKNOD NET_ADMIN'
	go
	root_holds "$(either "$(without "$DOCKER" 2000 8000000)" 1000)"
}

@test "lists go on over indented lines, and repeated keys append" {
	profile 'keep = NET_RAW,' '    CHOWN' '	KILL ; comment' 'keep = SETUID' \
		'[process]' 'user = unchanged'
	go
	root_holds 20a1
}

@test "names in every accepted spelling" {
	local name
	for name in NET_RAW net_raw CAP_NET_RAW cap_net_raw; do
		stay "$name"
		go
		root_holds 2000
	done
}

@test "no-new-privs = no is honoured" {
	stay NET_RAW 'no-new-privs = no'
	go
	started
	sets 2000 2000 2000 0 0
	expect no_new_privs 0
}

@test "no-new-privs = no under no_new_privs cannot be had, and nothing is gained" {
	stay NET_RAW 'no-new-privs = no'
	go nnp
	if [ "$status" = 0 ]; then
		started
		sets 2000 2000 2000 0 0
	else
		refused 125 no.new.privs
	fi
}

@test "bounding = exact and if-possible cut where they can" {
	local word
	for word in exact if-possible auto; do
		profile 'keep = NET_RAW' "bounding = $word" '[process]' 'user = unchanged'
		go
		root_holds 2000
		profile 'keep = NET_RAW' "bounding = $word" '[process]' 'user = 1234' 'group = 1234'
		go
		user_holds 1234 2000
	done
}

# securebits WORD HEX: in both models; the locks come with them
secure() {
	profile 'keep = NET_RAW' "securebits = $1" '[process]' 'user = 1234' 'group = 1234'
	go
	user_holds 1234 2000
	expect securebits "$2"
	profile 'keep = NET_RAW' "securebits = $1" '[process]' 'user = unchanged'
	go
	started
	expect uid '0 0 0' securebits "$2"
}

@test "securebits = noroot: added and locked, and uid 0 keeps K by the ambient set" {
	secure noroot 00000003
	root_holds 2000 2000 2000
}

@test "securebits = no-setuid-fixup: added and locked" {
	secure no-setuid-fixup 0000000c
	root_holds 2000
}

@test "securebits = no-ambient-raise: added and locked, after the raise" {
	secure no-ambient-raise 000000c0
	root_holds 2000
}

@test "securebits = keep-caps-off: locked off" {
	secure keep-caps-off 00000020
	root_holds 2000
}

@test "all securebits at once" {
	secure 'noroot no-setuid-fixup no-ambient-raise keep-caps-off' 000000ef
	root_holds 2000 2000 2000
}

@test "noroot with ambient = no: refused where exec would lose what is kept" {
	profile 'keep = NET_RAW' 'ambient = no' 'securebits = noroot' \
		'[process]' 'user = unchanged'
	go
	refused 125 NET_RAW ambient
}

@test "securebits that are there stay as they are" {
	stay NET_RAW
	go securebits=c
	root_holds 2000
	expect securebits 0000000c
	# Linux 6.14 has exec-restrict-file, for which this tree need have no name.
	if "$B/start" securebits=100 -- /bin/true 2>/dev/null; then
		go securebits=10c
		root_holds 2000
		expect securebits 0000010c
	fi
	profile 'keep = NET_RAW' 'securebits = no-setuid-fixup' '[process]' 'user = unchanged'
	go securebits=4
	root_holds 2000
	expect securebits 0000000c
}

@test "securebits that are not there need SETPCAP at the start" {
	profile 'keep = NET_RAW' 'securebits = no-setuid-fixup' '[process]' 'user = unchanged'
	go bounding=2000
	refused 125 SETPCAP securebits
	go securebits=c bounding=2000
	root_holds 2000
	expect securebits 0000000c
}

@test "the launcher leaves the state dumpable, its signals and its input as found" {
	stay none
	go
	root_holds 0
	expect dumpable 1 signals_blocked "$(mask 0)" signals_ignored "$(mask 0)" \
		signals_pending "$(mask 0)" descriptors '0 1 2' parent_death_signal 0
	printf 'in\0put' >"$D/in"
	env -i "$B/capkeep" -p "$P" -- "$B/probe" -k argc -c <"$D/in" >"$D/out"
	[ "$(tail -n 1 "$D/out" | tr '\0' 0)" = in0put ]
}
