#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # lib.bash sets pid
# profiles/redis.ini with Debian's redis-server.

setup()
{
	load lib.bash
	begin
	install -d -o redis -g redis -m 750 "$PLACE/data"
	redis_uid=$(id -u redis) redis_gid=$(id -g redis)
}

teardown()
{
	end
}

redis()
{
	start "$@" /usr/bin/redis-server --port 6379 --bind 127.0.0.1 --dir "$PLACE/data" --save ""
	until_true answers
}

answers()
{
	[ "$(ask PING)" = PONG ]
}

ask()
{
	inside timeout 5 redis-cli -h 127.0.0.1 "$@"
}

is_confined()
{
	same "$(state "$redis_uid" "$redis_gid" "$NONE" "$NONE" "$NONE" "$NONE")" \
		"$(state_of "$1")" "process $1"
	same "$(groups_by_name redis)" "$(groups_of "$1")" "groups"
}

@test "redis: no capability in any set, and it serves" {
	redis "$CAPKEEP" -p "$CK_PROFILES/redis.ini" --
	same redis-server "$(<"/proc/$pid/comm")"
	is_confined "$pid"
	same OK "$(ask SET key value)"
	same value "$(ask GET key)"
	stop_by TERM
}

@test "redis: writes and reads its dump, for nobody else to read" {
	redis "$CAPKEEP" -p "$CK_PROFILES/redis.ini" --
	ask SET key value
	same "Background saving started" "$(ask BGSAVE)"
	until_true test -s "$PLACE/data/dump.rdb"
	same "redis 600" "$(stat -c '%U %a' "$PLACE/data/dump.rdb")"
	stop_by TERM
	redis "$CAPKEEP" -p "$CK_PROFILES/redis.ini" --
	same value "$(ask GET key)"
	stop_by TERM
}

@test "redis: started as redis already, with nothing to give up, it stays so" {
	# The folder of the sources may be closed to this user.
	install -m 644 "$CK_PROFILES"/*.ini "$PLACE/"
	redis setpriv --reuid redis --regid redis --init-groups --bounding-set -all \
		"$CAPKEEP" -p "$PLACE/redis.ini" --
	is_confined "$pid"
	same PONG "$(ask PING)"
}

@test "redis: a data directory of root's cannot be used any more" {
	chown root:root "$PLACE/data"
	chmod 700 "$PLACE/data"
	start "$CAPKEEP" -p "$CK_PROFILES/redis.ini" -- /usr/bin/redis-server --port 6379 \
		--dir "$PLACE/data"
	ends_with 1
	says "Permission denied"
}
