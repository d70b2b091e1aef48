#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # lib.bash sets pid
# profiles/nginx.ini with Debian's nginx: root master on port 80, workers as www-data.

KEPT="NET_BIND_SERVICE SETGID SETUID"

setup()
{
	load lib.bash
	begin
	write_nginx www-data 80
	sed -i '1i user www-data;' "$PLACE/nginx.conf"
	www_uid=$(id -u www-data) www_gid=$(id -g www-data)
}

teardown()
{
	end
}

nginx()
{
	start "$CAPKEEP" -p "$CK_PROFILES/nginx.ini" "$@" -- /usr/sbin/nginx -c "$PLACE/nginx.conf"
}

is_confined()
{
	local kept worker

	# shellcheck disable=SC2086 # one name each
	kept=$(mask $KEPT)
	same /usr/sbin/nginx "$(readlink "/proc/$pid/exe")"
	same "$(state 0 0 "$kept" "$kept" "$NONE" "$NONE")" "$(state_of "$pid")" "the master"
	both_workers
	for worker in $(children "$pid"); do
		same "$(state "$www_uid" "$www_gid" "$kept" "$NONE" "$NONE" "$NONE")" \
			"$(state_of "$worker")" "a worker"
		same "$(groups_by_name www-data)" "$(groups_of "$worker")" "groups of a worker"
	done
}

@test "nginx: sets of master and workers, and a request on port 80" {
	nginx
	nginx_runs
	is_confined
}

@test "nginx: reload gives new workers, with the same sets" {
	local before

	nginx
	nginx_runs
	before=$(children "$pid")
	kill -HUP "$pid"
	until_true says_times 2 'worker process [0-9]+ exited with code 0'
	nginx_runs
	[ -z "$(comm -12 <(echo "$before") <(children "$pid"))" ] || fail "an old worker is left"
	is_confined
}

@test "nginx: a worker that dies is replaced" {
	nginx
	nginx_runs
	kill -KILL "$(children "$pid" | head -n 1)"
	until_true says_times 3 'start worker process [0-9]'
	until_true both_workers
	is_confined
	same served "$(request 80)"
}

@test "nginx: QUIT and TERM end it, workers first" {
	local workers

	for signal in QUIT TERM; do
		nginx
		nginx_runs
		is_confined
		workers=$(children "$pid")
		stop_by $signal
		for worker in $workers; do
			[ ! -e "/proc/$worker" ] || fail "worker $worker is left"
		done
		! says '\[(emerg|alert|crit|error)\]' || fail "$(<"$PLACE/out")"
	done
}

@test "nginx: base.ini is in force" {
	nginx
	nginx_runs
	same "0 0" "$(awk '/^Max core file size/ { print $5, $6 }' "/proc/$pid/limits")" "core"
	# nginx writes its title over its environment
	LD_LIBRARY_PATH=/tmp KEPT_ALSO=1 start "$CAPKEEP" -p "$CK_PROFILES/nginx.ini" -- sleep 60
	until_true is_now sleep
	same KEPT_ALSO=1 "$(environment_of "$pid" '^(LD_|KEPT_)')"
}

@test "nginx: fails without NET_BIND_SERVICE" {
	nginx -k "SETGID SETUID"
	nginx_fails 'bind\(\) to .*:80 failed \(13: Permission denied\)'
	ends_with 1
}

@test "nginx: fails without SETGID" {
	nginx -k "NET_BIND_SERVICE SETUID"
	nginx_fails 'setgid\([0-9]+\) failed \(1: Operation not permitted\)'
}

@test "nginx: fails without SETUID" {
	nginx -k "NET_BIND_SERVICE SETGID"
	nginx_fails 'setuid\([0-9]+\) failed \(1: Operation not permitted\)'
}

@test "nginx: temporary directories that are not prepared need CHOWN, as the profile says" {
	rm -r "$PLACE/temporary/"*
	chown root "$PLACE/temporary"
	nginx
	nginx_fails 'chown\(.*\) failed \(1: Operation not permitted\)'
	ends_with 1
	nginx -k "$KEPT CHOWN"
	nginx_runs
}

@test "nginx: log files of www-data need DAC_OVERRIDE, as the profile says" {
	install -o www-data -g adm -m 640 /dev/null "$PLACE/error.log"
	sed -i "s|error_log stderr|error_log $PLACE/error.log|" "$PLACE/nginx.conf"
	nginx
	nginx_fails 'open\(\) ".*error.log" failed \(13: Permission denied\)'
	ends_with 1
	nginx -k "$KEPT DAC_OVERRIDE"
	until_true both_workers
	same served "$(request 80)"
}
