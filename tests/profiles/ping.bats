#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # lib.bash sets pid
# profiles/ping.ini with iputils' ping: with Debian's file capability, and a copy without one. The
# namespace lets no group use ping sockets, so that raw ones are needed.

setup()
{
	load lib.bash
	begin
	install -m 755 "$(type -P ping)" "$PLACE/plain"
	nobody_uid=$(id -u nobody) nobody_gid=$(id -g nobody)
}

teardown()
{
	end
}

ping()
{
	start "$CAPKEEP" -p "$CK_PROFILES/ping.ini" "${@:2}" -- "$1" -n -i 0.2 -c 200 127.0.0.1
}

# is_confined BOUNDING: while it runs. ping gives up what it holds once the socket is open; what it could
# ever get back is for the bounding set to say.
is_confined()
{
	until_true says 'icmp_seq=2'
	same "$nobody_uid $nobody_uid $nobody_uid $nobody_uid" "$(status_of "$pid" Uid)" "uid"
	same "$nobody_gid $nobody_gid $nobody_gid $nobody_gid" "$(status_of "$pid" Gid)" "gid"
	same "$(groups_by_name nobody)" "$(groups_of "$pid")" "groups"
	same "$1" "$(status_of "$pid" CapBnd)" "bounding"
	same "1" "$(status_of "$pid" NoNewPrivs)" "no_new_privs"
	same "$NONE" "$(printf %016x $((0x$(status_of "$pid" CapPrm) & ~0x$1)))" "permitted beyond"
}

# Ends at the next signal that says so, with its summary.
is_answered()
{
	stop_by INT
	says ' 0% packet loss' || fail "$(<"$PLACE/out")"
}

@test "ping: answered, as nobody" {
	ping "$PLACE/plain"
	is_confined "$(mask NET_RAW)"
	is_answered
}

@test "ping: answered with the file capability of the package" {
	setcap cap_net_raw=ep "$PLACE/plain"
	ping "$PLACE/plain"
	is_confined "$(mask NET_RAW)"
	is_answered
}

@test "ping: the sets that it is given" {
	local kept

	kept=$(mask NET_RAW)
	start "$CAPKEEP" -p "$CK_PROFILES/ping.ini" -- sleep 60
	until_true is_now sleep
	same "$(state "$nobody_uid" "$nobody_gid" "$kept" "$kept" "$kept" "$kept")" \
		"$(state_of "$pid")"
}

@test "ping: fails without NET_RAW" {
	ping "$PLACE/plain" -k none
	ends_with 1 2
	says 'Operation not permitted'
}

@test "ping: without NET_RAW the file capability makes exec fail: refused, with the cause" {
	setcap cap_net_raw=ep "$PLACE/plain"
	ping "$PLACE/plain" -k none
	ends_with 125
	says '^capkeep: .*NET_RAW'
}

@test "ping: needs nothing where ping sockets are allowed, as the profile says" {
	inside sh -c 'echo "0 2147483647" >/proc/sys/net/ipv4/ping_group_range'
	ping "$PLACE/plain" -k none
	is_confined "$NONE"
	is_answered
}
