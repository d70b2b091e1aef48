#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The table of starting states in SPEC section 3, row by row; its last rows are in dirty.bats,
# filters.bats and target.bats.

load lib

# Docker's states, as the launcher's image finds them.
docker=(bounding=$DOCKER)
restricted=(bounding=0 gid=1000 uid=1000)
docker_user=(bounding=$DOCKER gid=1000 uid=1000)

# found SETS...: what the launcher would find; so that no case passes in another state than meant.
found() {
	local ops=()
	while [ "$1" != -- ]; do
		ops+=("$1")
		shift
	done
	launch "${ops[@]}" -- "$B/probe"
	sets "${@:2}"
}

@test "root with everything: any subset" {
	found -- "$ALL" "$ALL" "$ALL" 0 0
	local keep
	for keep in 'none 0' 'CHOWN 1' 'SYS_ADMIN 200000' 'NET_RAW,SETPCAP 2100' 'SETUID 80'; do
		stay "${keep% *}"
		go
		root_holds "${keep#* }"
		become "${keep% *}" 1000
		go
		user_holds 1000 "${keep#* }"
	done
}

@test "docker's default: a subset of the 14" {
	found "${docker[@]}" -- $DOCKER $DOCKER $DOCKER 0 0
	stay '@docker-default'
	go "${docker[@]}"
	root_holds $DOCKER
	stay 'NET_BIND_SERVICE CHOWN'
	go "${docker[@]}"
	root_holds 401
	become 'NET_BIND_SERVICE CHOWN' 1000
	go "${docker[@]}"
	user_holds 1000 401
}

@test "docker's default: what is not among the 14 is refused, with how it is granted" {
	stay 'NET_BIND_SERVICE NET_ADMIN'
	go "${docker[@]}"
	refused 125 NET_ADMIN 'cap-add' permitted
	become 'NET_BIND_SERVICE NET_ADMIN' 1000
	go "${docker[@]}"
	refused 125 NET_ADMIN 'cap-add'
}

@test "--cap-drop ALL --cap-add X, no SETPCAP: X as uid 0" {
	found bounding=2000 -- 2000 2000 2000 0 0
	stay NET_RAW
	go bounding=2000
	root_holds 2000
}

@test "--cap-drop ALL --cap-add X SETUID SETGID, no SETPCAP: the bounding set is too wide for X" {
	become NET_RAW 1000
	go bounding=20c0
	refused 125 SETPCAP
	profile 'keep = NET_RAW' 'bounding = if-possible' '[process]' 'user = 1000' 'group = 1000'
	go bounding=20c0
	started
	sets 20c0 2000 2000 2000 2000
	ids 1000 1000 ''
	expect no_new_privs 1
}

@test "--cap-drop ALL, uid 0: another user is refused, with SETUID and SETGID named" {
	found bounding=0 -- 0 0 0 0 0
	become none 1000
	go bounding=0
	refused 125 SETUID SETGID cap-add
}

@test "--cap-drop ALL, uid 0 stays: starts" {
	stay none
	go bounding=0
	root_holds 0
}

@test "--user 1000 with everything dropped: nothing, user 1000 or unchanged or the default" {
	found "${restricted[@]}" -- 0 0 0 0 0
	become none 1000
	go "${restricted[@]}"
	user_holds 1000 0
	stay none
	go "${restricted[@]}"
	user_holds 1000 0
	ck "${restricted[@]}" -- -- "$B/probe"
	user_holds 1000 0
	ck "${restricted[@]}" -- -p none -- "$B/probe"
	user_holds 1000 0
}

@test "a restricted pod (the same under no_new_privs)" {
	become none 1000
	go nnp "${restricted[@]}"
	user_holds 1000 0
}

@test "--user 1000 with everything dropped: NET_BIND_SERVICE is refused, unless optional" {
	become NET_BIND_SERVICE 1000
	go "${restricted[@]}"
	refused 125 NET_BIND_SERVICE permitted cap-add
	profile 'keep = none' 'optional = NET_BIND_SERVICE' '[process]' 'user = 1000' 'group = 1000'
	go "${restricted[@]}"
	user_holds 1000 0
}

@test "--user 1000 with everything dropped: another user is refused" {
	become none 1001
	go "${restricted[@]}"
	refused 125 SETUID SETGID
	become none 0
	go "${restricted[@]}"
	refused 125 SETUID SETGID
}

@test "docker's default with --user 1000: nothing is wanted, the bounding set stays" {
	found "${docker_user[@]}" -- $DOCKER 0 0 0 0
	stay none
	go "${docker_user[@]}"
	started
	sets $DOCKER 0 0 0 0
	ids 1000 1000 ''
	expect no_new_privs 1
	become none 1000
	go "${docker_user[@]}"
	started
	sets $DOCKER 0 0 0 0
	expect no_new_privs 1
}

@test "docker's default with --user 1000: -v says that the bounding set was not cut" {
	stay none
	ck "${docker_user[@]}" -- -v -p "$P" -- "$B/probe"
	sets $DOCKER 0 0 0 0
	grep -qi 'bounding.*not' "$D/err" || fail 'nothing on bounding'
}

@test "docker's default with --user 1000 and bounding = exact: refused, the message names the ways" {
	profile 'keep = none' 'bounding = exact' '[process]' 'user = unchanged'
	go "${docker_user[@]}"
	refused 125 auto 'cap-drop ALL' bounding
	stay none
	ck "${docker_user[@]}" -- -p "$P" -b exact -- "$B/probe"
	refused 125 auto 'cap-drop ALL' bounding
}

@test "docker's default with --user 1000 and no-new-privs = no: refused" {
	stay none 'no-new-privs = no'
	go "${docker_user[@]}"
	refused 125 bounding no-new-privs
}

@test "held, the bounding set wider than wanted, no SETPCAP: refused" {
	local without_setpcap
	without_setpcap=$(without $DOCKER $SETPCAP)
	found bounding="$without_setpcap" -- "$without_setpcap" "$without_setpcap" \
		"$without_setpcap" 0 0
	stay NET_RAW
	go bounding="$without_setpcap"
	refused 125 SETPCAP bounding
	become NET_RAW 1000
	go bounding="$without_setpcap"
	refused 125 SETPCAP bounding
}

@test "held, wider, no SETPCAP, bounding = if-possible with no-new-privs: starts" {
	local without_setpcap
	without_setpcap=$(without $DOCKER $SETPCAP)
	profile 'keep = NET_RAW' 'bounding = if-possible' '[process]' 'user = unchanged'
	go bounding="$without_setpcap"
	started
	sets "$without_setpcap" 2000 2000 0 0
	expect no_new_privs 1 uid '0 0 0'
	profile 'keep = NET_RAW' 'bounding = if-possible' '[process]' 'user = 1000' 'group = 1000'
	go bounding="$without_setpcap"
	started
	sets "$without_setpcap" 2000 2000 2000 2000
	expect no_new_privs 1
}

@test "held, wider, no SETPCAP, bounding = if-possible without no-new-privs: refused" {
	profile 'keep = NET_RAW' 'bounding = if-possible' '[process]' 'user = unchanged' \
		'no-new-privs = no'
	go bounding="$(without $DOCKER $SETPCAP)"
	refused 125 no-new-privs bounding
}

@test "a user who holds capabilities by the ambient set, without SETPCAP" {
	local held=(bounding=2400 keepcaps=1 gid=1000 uid=1000 caps=2400:2400:2400 ambient=2400)
	found "${held[@]}" -- 2400 2400 2400 2400 2400
	stay 'NET_RAW NET_BIND_SERVICE'
	go "${held[@]}"
	user_holds 1000 2400
	stay NET_RAW
	go "${held[@]}"
	refused 125 SETPCAP bounding
	profile 'keep = NET_RAW' 'bounding = if-possible' '[process]' 'user = unchanged'
	go "${held[@]}"
	started
	sets 2400 2000 2000 2000 2000
}

@test "already the wanted uid, gid and groups: those calls are skipped" {
	local held=(bounding=2000 groups=7,8 gid=1000 uid=1000)
	profile 'keep = none' 'bounding = if-possible' '[process]' 'user = 1000' 'group = 1000' \
		'groups = 7 8'
	go "${held[@]}"
	started
	ids 1000 1000 '7 8'
	sets 2000 0 0 0 0
	# Nothing is even asked: an outer filter would kill the start by refusing any of them.
	stay NET_RAW 'groups = none'
	go filter=setresuid=1,setresgid=1,setgroups=1,setuid=1,setgid=1,setreuid=1,setregid=1
	root_holds 2000
	profile 'keep = NET_RAW' '[process]' 'user = 0' 'group = 0' 'groups = none'
	go filter=setresuid=1,setresgid=1,setgroups=1,setuid=1,setgid=1,setreuid=1,setregid=1
	root_holds 2000
}

@test "groups cannot be cleared in a user namespace with setgroups=deny" {
	local inside=(groups=5 'userns-deny=0 0 1')
	launch "${inside[@]}" -- "$B/probe"
	expect groups 65534 uid '0 0 0'
	stay NET_RAW 'groups = none'
	go "${inside[@]}"
	refused 125 groups
	stay NET_RAW 'groups = unchanged'
	go "${inside[@]}"
	root_holds 2000
	expect groups 65534
	stay NET_RAW 'groups = none'
	go 'userns-deny=0 0 1'
	root_holds 2000
	expect groups ''
}

@test "locked securebits in the way: no-ambient-raise, where the ambient set is needed" {
	become NET_RAW 1000
	go securebits=c0
	refused 125 ambient
	become none 1000
	go securebits=c0
	user_holds 1000 0
	stay NET_RAW
	go securebits=c0
	root_holds 2000
	expect securebits 000000c0
}

@test "locked securebits in the way: what is wanted is locked off" {
	local word
	for word in 'noroot 2' 'no-setuid-fixup 8' 'no-ambient-raise 80'; do
		profile 'keep = NET_RAW' "securebits = ${word% *}" '[process]' 'user = unchanged'
		go securebits="${word#* }"
		refused 125 "${word% *}" lock
	done
}

@test "noroot is on and locked: K by the ambient set, as uid 0 and as a user" {
	# Under noroot exec gives uid 0 nothing, so the state has to come by the ambient set.
	local held=(inheritable="$ALL" ambient="$ALL" securebits=3)
	found "${held[@]}" -- "$ALL" "$ALL" "$ALL" "$ALL" "$ALL"
	stay NET_RAW
	go "${held[@]}"
	root_holds 2000 2000 2000
	expect securebits 00000003
	become NET_RAW 1000
	go "${held[@]}"
	user_holds 1000 2000
	expect securebits 00000003
}

@test "the ambient set is unsupported: refused where needed, else no matter" {
	become NET_RAW 1000
	go filter=prctl:47=22
	refused 125 ambient
	stay NET_RAW
	ck filter=prctl:47=22 -- -p "$P" -- "$B/probe" -k bounding -k permitted -k inheritable
	started
	expect bounding "$(mask 2000)" permitted "$(mask 2000)" inheritable "$(mask 0)"
}

@test "ids that differ are refused: real and effective, of user and group" {
	local ops
	stay none
	# exec makes the saved id that of the effective one, so no launcher ever finds a third.
	for ops in uid=1000:0:0 uid=0:1000:0 uid=1000:1001:0 gid=7:0:0 gid=0:7:0; do
		launch "$ops" -- "$B/probe"
		[[ $(value uid)/$(value gid) != '0 0 0/0 0 0' ]] || fail "the state of $ops"
		go "$ops"
		refused 125 'real|effective|saved|differ'
	done
}

@test "a launcher with file capabilities is refused" {
	stay none
	cp "$B/capkeep" "$D/launcher"
	setcap cap_net_raw+ep "$D/launcher"
	launch gid=1000 uid=1000 -- "$D/launcher" -p "$P" -- "$B/probe"
	refused 125 'file capabilities|setcap'
	# without them, from the same state, it starts
	setcap -r "$D/launcher"
	launch bounding=0 gid=1000 uid=1000 -- "$D/launcher" -p "$P" -- "$B/probe"
	user_holds 1000 0
}

@test "a set-user-ID or set-group-ID launcher is refused" {
	stay none
	cp "$B/capkeep" "$D/launcher"
	chmod 4755 "$D/launcher"
	launch gid=1000 uid=1000 -- "$D/launcher" -p "$P" -- "$B/probe"
	refused 125
	chmod 2755 "$D/launcher"
	launch gid=1000 uid=1000 -- "$D/launcher" -p "$P" -- "$B/probe"
	refused 125
	chmod 755 "$D/launcher"
	launch bounding=2000 gid=1000 uid=1000 -- "$D/launcher" -p "$P" -- "$B/probe"
	started
	sets 2000 0 0 0 0
}
