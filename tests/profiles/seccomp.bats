#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # lib.bash sets pid
# base = @service with caps = follow around nginx, redis and a shell script. default = kill, so that
# a call that is missing ends the program and cannot be passed over.

setup()
{
	load lib.bash
	begin
}

teardown()
{
	end
}

# filtered PROFILE: sets filter, a profile that includes the shipped one
filtered()
{
	filter=$PLACE/filter.ini
	printf '%s\n' '[profile]' "include = $CK_PROFILES/$1.ini" '[seccomp]' 'base = @service' \
		'caps = follow' 'default = kill' >"$filter"
	chmod 644 "$filter"
}

# Every one of these processes has one filter.
is_filtered()
{
	local process

	for process in "$@"; do
		same 2 "$(status_of "$process" Seccomp)" "process $process"
		same 1 "$(status_of "$process" Seccomp_filters)" "process $process"
	done
}

@test "nginx: root master and workers of www-data serve, reload and end" {
	write_nginx www-data 80
	sed -i '1i user www-data;' "$PLACE/nginx.conf"
	filtered nginx
	start "$CAPKEEP" -p "$filter" -- /usr/sbin/nginx -c "$PLACE/nginx.conf"
	nginx_runs
	# shellcheck disable=SC2046 # one id a word
	is_filtered "$pid" $(children "$pid")
	same served "$(request 80)"
	kill -HUP "$pid"
	until_true says_times 2 'worker process [0-9]+ exited with code 0'
	nginx_runs
	# shellcheck disable=SC2046 # one id a word
	is_filtered "$pid" $(children "$pid")
	same served "$(request 80)"
	stop_by QUIT
}

@test "redis: serves, saves in a child and reads it back" {
	local answer

	install -d -o redis -g redis -m 750 "$PLACE/data"
	filtered redis
	for answer in 1 2; do
		start "$CAPKEEP" -p "$filter" -- /usr/bin/redis-server --port 6379 --bind 127.0.0.1 \
			--dir "$PLACE/data" --save ""
		until_true inside timeout 5 redis-cli -h 127.0.0.1 PING
		is_filtered "$pid"
		[ $answer = 2 ] || inside redis-cli -h 127.0.0.1 SET key value
		same value "$(inside redis-cli -h 127.0.0.1 GET key)"
		inside redis-cli -h 127.0.0.1 BGSAVE
		until_true test -s "$PLACE/data/dump.rdb"
		stop_by TERM
	done
}

@test "a shell script: children, pipes, files, redirections, a trap" {
	cat >"$PLACE/script" <<-'END'
		#!/bin/sh
		set -eu
		place=$1
		trap 'echo trapped' USR1
		printf '%s\n' c a b | sort | tr '\n' ' ' >"$place/sorted"
		(cd "$place" && mkdir d && cp sorted d/copy && mv d/copy d/moved && ls d)
		find "$place/d" -type f -exec wc -c {} +
		sleep 0.1 &
		wait
		kill -USR1 $$
		date -d @0 -u +%Y
		rm -r "$place/d"
		echo "$(cat "$place/sorted") done"
	END
	chmod 755 "$PLACE/script"
	filtered base
	printf '%s\n' '[capabilities]' 'keep = none' '[process]' 'user = unchanged' >>"$filter"
	start "$CAPKEEP" -p "$filter" -- "$PLACE/script" "$PLACE"
	ends_with 0
	says '^trapped$'
	says '^1970$'
	says '^a b c  done$'
}

@test "what they would not need is denied, with the same profile" {
	filtered base
	printf '%s\n' '[capabilities]' 'keep = none' '[process]' 'user = unchanged' >>"$filter"
	start "$CAPKEEP" -p "$filter" -- unshare -U true
	ends_with 159
	start "$CAPKEEP" -p "$filter" -- mount -t tmpfs none /mnt
	ends_with 159
}
