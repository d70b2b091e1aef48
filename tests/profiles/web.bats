#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # lib.bash sets pid
# profiles/web-low-port-user.ini with Debian's nginx as the web server: www-data from the start, on
# port 80.

setup()
{
	load lib.bash
	begin
	write_nginx www-data 80
	chown www-data "$PLACE/run"
	www_uid=$(id -u www-data) www_gid=$(id -g www-data)
}

teardown()
{
	end
}

server()
{
	start "$CAPKEEP" -p "$CK_PROFILES/web-low-port-user.ini" "$@" -- /usr/sbin/nginx \
		-c "$PLACE/nginx.conf"
}

@test "web-low-port-user: the one capability is in the ambient set, and port 80 is served" {
	local kept process

	kept=$(mask NET_BIND_SERVICE)
	server
	nginx_runs
	for process in $pid $(children "$pid"); do
		same "$(state "$www_uid" "$www_gid" "$kept" "$kept" "$kept" "$kept")" \
			"$(state_of "$process")" "process $process"
		same "$(groups_by_name www-data)" "$(groups_of "$process")" "groups"
	done
	kill -HUP "$pid"
	until_true says_times 2 'worker process [0-9]+ exited with code 0'
	nginx_runs
	stop_by QUIT
}

@test "web-low-port-user: the environment follows the user" {
	start "$CAPKEEP" -p "$CK_PROFILES/web-low-port-user.ini" -- sleep 60
	until_true is_now sleep
	same "HOME=$(getent passwd www-data | cut -d: -f6) LOGNAME=www-data USER=www-data" \
		"$(environment_of "$pid" '^(HOME|USER|LOGNAME)=')"
}

@test "web-low-port-user: fails without NET_BIND_SERVICE, on a high port it does not need it" {
	server -k none
	nginx_fails 'bind\(\) to .*:80 failed \(13: Permission denied\)'
	ends_with 1
	sed -i 's/:80;/:8080;/' "$PLACE/nginx.conf"
	server -k none
	until_true both_workers
	same served "$(request 8080)"
	same "$(state "$www_uid" "$www_gid" "$NONE" "$NONE" "$NONE" "$NONE")" "$(state_of "$pid")"
}
