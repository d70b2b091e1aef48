#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # lib.bash sets id, pid, init, code, out and err
# The rows of the table of starting states that a container can bring about, where the start is not
# simply "root with more than is wanted": missing privilege, other users, outer filters.

setup()
{
	load lib.bash
	none=0000000000000000
	default=00000000a80425fb # docker's 14, as a container without options has them
}

teardown()
{
	remove_containers
}

@test "the default of this engine is what these tests take it for" {
	up bare
	same "$(state 0 0 "$default" "$default" "$none" "$none" 0)" "$(state_of "$pid")"
	same "$(mask CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE \
		NET_RAW SYS_CHROOT MKNOD AUDIT_WRITE SETFCAP)" "$default"
}

@test "everything dropped, nothing wanted: starts" {
	holds_nothing nothing 0 "$none" --cap-drop ALL
	holds_nothing optional 0 "$none" --cap-drop ALL
	holds_nothing exact 0 "$none" --cap-drop ALL
}

@test "everything dropped, something wanted: refused" {
	refuses bind NET_BIND_SERVICE "--cap-add NET_BIND_SERVICE" -- --cap-drop ALL
	refuses root "--cap-add NET_BIND_SERVICE" "--cap-add KILL" -- --cap-drop ALL
}

@test "everything dropped but the one that is wanted: the bounding set is right already" {
	up bind --cap-drop ALL --cap-add NET_BIND_SERVICE
	same "$(state 0 0 "$(mask NET_BIND_SERVICE)" "$(mask NET_BIND_SERVICE)" "$none" "$none")" \
		"$(state_of "$pid")"
	is_workload
	stop_by TERM
	silent
	up optional --cap-drop ALL --cap-add KILL
	same "$(state 0 0 "$(mask KILL)" "$(mask KILL)" "$none" "$none")" "$(state_of "$pid")"
}

@test "everything dropped, uid 0, another user wanted: refused, names what is missing" {
	refuses nothing-user SETUID SETGID -- --cap-drop ALL
	refuses user SETUID SETGID "--cap-add NET_BIND_SERVICE" -- --cap-drop ALL
	refuses user SETUID SETGID -- --cap-drop ALL --cap-add NET_BIND_SERVICE
}

@test "--cap-drop SETUID and SETGID: uid 0 stays, another user is refused" {
	stays --cap-drop SETUID --cap-drop SETGID
	refuses user SETUID -- --cap-drop SETUID
	refuses user SETGID -- --cap-drop SETGID
	refuses user SETUID SETGID -- --cap-drop SETUID --cap-drop SETGID
}

@test "--cap-drop SETPCAP: a wider bounding set is refused, unless if-possible" {
	local kept wide

	refuses root SETPCAP -- --cap-drop SETPCAP
	refuses user SETPCAP -- --cap-drop SETPCAP
	refuses nothing SETPCAP -- --cap-drop SETPCAP
	kept=$(mask NET_BIND_SERVICE)
	wide=$(printf %016x $((0x$default & ~0x$(mask SETPCAP))))
	up if-possible --cap-drop SETPCAP
	same "$(state 0 0 "$wide" "$kept" "$none" "$none")" "$(state_of "$pid")"
	is_workload
	stop_by TERM
	silent
	up if-possible-user --cap-drop SETPCAP
	same "$(state 1234 1234 "$wide" "$kept" "$kept" "$kept")" "$(state_of "$pid")"
}

@test "--user 1000 with everything dropped: nothing wanted starts" {
	holds_nothing nothing 1000 "$none" --user 1000 --cap-drop ALL
	holds_nothing exact 1000 "$none" --user 1000:1000 --cap-drop ALL
	holds_nothing optional 1000 "$none" --user 1000 --cap-drop ALL
}

@test "--user 1000 with everything dropped: a capability is refused unless optional" {
	refuses bind "--cap-add NET_BIND_SERVICE" -- --user 1000 --cap-drop ALL
	refuses user SETUID SETGID NET_BIND_SERVICE -- --user 1000 --cap-drop ALL
}

@test "--user 1000 with docker's bounding set: nothing wanted starts, exact is refused" {
	holds_nothing nothing 1000 "$default" --user 1000
	holds_nothing optional 1000 "$default" --user 1000
	refuses exact auto "--cap-drop ALL" -- --user 1000
}

@test "--user 1000 --cap-add: docker gives a user nothing, and the message says which set" {
	holds_nothing nothing 1000 "$(mask CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP \
		NET_BIND_SERVICE NET_RAW SYS_CHROOT MKNOD AUDIT_WRITE SETFCAP NET_ADMIN)" \
		--user 1000 --cap-add NET_ADMIN
	refuses bind NET_BIND_SERVICE "in the bounding set" -- --user 1000 --cap-add NET_BIND_SERVICE
	refuses admin NET_ADMIN SYS_TIME "in the bounding set" -- --user 1000 --cap-add ALL
}

@test "--user is the wanted one already: nothing to change, nothing demanded" {
	holds_nothing nothing-user 1234 "$none" --user app --cap-drop ALL --group-add 2345
	same "1234 2345" "$(docker_client logs "$id" | sed -n 's/^groups=//p' | tr ' ' '\n' | sort -n |
		tr '\n' ' ' | sed 's/ $//')" "groups"
}

@test "--user is the wanted one, but its groups are not" {
	refuses nothing-user SETGID -- --user 1234:1234 --cap-drop ALL --group-add 3456
}

@test "a restricted pod: user, everything dropped, no new privileges, read-only" {
	holds_nothing nothing 1000 "$none" --user 1000:1000 --cap-drop ALL --read-only \
		--security-opt no-new-privileges
	refuses bind NET_BIND_SERVICE -- --user 1000:1000 --cap-drop ALL --read-only \
		--security-opt no-new-privileges
}

@test "an outer filter's forgeries are believed by the workload: the control" {
	local filter key

	while read -r filter key; do
		up bare --security-opt no-new-privileges --security-opt \
			"seccomp=$CK_TOP/tests/docker/seccomp/$filter.json"
		same "$default" "$(status_of "$pid" CapBnd)" "bounding in /proc"
		same "$default" "$(status_of "$pid" CapPrm)" "permitted in /proc"
		same "$key=$none" "$(docker_client logs "$id" | grep "^$key=")" "as it sees itself"
	done <<-EOF
		fake-capget permitted
		fake-bounding-read bounding
	EOF
}

@test "an outer filter that refuses or fakes calls: refused" {
	local filter

	for filter in refuse-capset fake-capset fake-capget fake-bounding-drop fake-bounding-read \
		fake-ambient fake-setresuid fake-setresgid fake-setgroups fake-getgroups; do
		echo "# $filter"
		refuses user -- --security-opt no-new-privileges --security-opt \
			"seccomp=$CK_TOP/tests/docker/seccomp/$filter.json"
	done
}

@test "an outer filter that refuses or fakes what is not needed: starts" {
	local filter

	for filter in fake-setresuid fake-setresgid fake-setgroups; do
		stays --security-opt no-new-privileges --security-opt \
			"seccomp=$CK_TOP/tests/docker/seccomp/$filter.json"
	done
}

@test "new-session: the container's first process gives its terminal up" {
	up bare -t
	[ "$(terminal_of "$pid")" != 0 ] || fail "the control has no terminal"
	up session -t
	same 0 "$(terminal_of "$pid")" "terminal"
	same "$(state 0 0 "$none" "$none" "$none" "$none")" "$(state_of "$pid")"
	is_workload
	stop_by TERM
	up session
	is_workload
	stop_by TERM
	silent
}

terminal_of()
{
	sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f5
}
