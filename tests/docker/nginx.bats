#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # lib.bash sets id, pid, init, code, out and err
# Debian's nginx in an image FROM scratch, under the shipped profiles/nginx.ini. Docker lets everybody
# bind port 80 in a private network namespace, so the sysctl is set back to the kernel's 1024.

setup()
{
	load lib.bash
	none=0000000000000000
	port=(--sysctl net.ipv4.ip_unprivileged_port_start=1024)
}

teardown()
{
	remove_containers
}

# nginx_up [OPTION...]: sets id, pid (the master)
nginx_up()
{
	launch image:ck-nginx "$@"
	wait_log 'start worker process [0-9]+' "$id" 2
	main_pid
}

workers()
{
	tr ' ' '\n' <"/proc/$pid/task/$pid/children" | sed '/^$/d' | sort -n
}

# The body of http://127.0.0.1:80/ in the container's network namespace.
request()
{
	# shellcheck disable=SC2016 # for the inner shell
	nsenter --net="/proc/$pid/ns/net" timeout 5 bash -c '
		exec 3<>/dev/tcp/127.0.0.1/80
		printf "GET / HTTP/1.0\r\n\r\n" >&3
		tr -d "\r" <&3 | sed "1,/^$/d"'
}

is_confined()
{
	local kept worker

	kept=$(mask NET_BIND_SERVICE SETGID SETUID)
	same "$(state 0 0 "$kept" "$kept" "$none" "$none")" "$(state_of "$pid")" "the master"
	same /usr/sbin/nginx "$(readlink "/proc/$pid/exe")"
	same "0 0" "$(awk '/^Max core file size/ { print $5, $6 }' "/proc/$pid/limits")" "core, by base.ini"
	same 2 "$(workers | wc -l)" "workers"
	for worker in $(workers); do
		same "$(state 33 33 "$kept" "$none" "$none" "$none")" "$(state_of "$worker")" "a worker"
		same 33 "$(status_of "$worker" Groups | tr -d ' ')" "groups of a worker"
	done
}

@test "nginx.ini: sets of master and workers, and a request" {
	nginx_up "${port[@]}"
	is_confined
	same served "$(request)"
}

@test "nginx.ini: reload, then stop" {
	local before

	nginx_up "${port[@]}"
	before=$(workers)
	docker_client kill -s HUP "$id" >/dev/null
	wait_log 'start worker process [0-9]+' "$id" 4
	wait_log 'worker process [0-9]+ exited with code 0' "$id" 2
	[ "$before" != "$(workers)" ] || fail "the workers are the old ones"
	is_confined
	same served "$(request)"
	docker_client stop -t 9 "$id" >/dev/null
	ended "$id"
	same 0 "$code" "$err"
	! grep -Eq '\[(alert|emerg|crit|error)\]|capkeep:' <<<"$err" || fail "$err"
	grep -q 'GET / HTTP/1.0' <<<"$out" || fail "the access log is missing in docker logs"
}

@test "nginx.ini: TERM" {
	nginx_up "${port[@]}"
	is_confined
	docker_client kill -s TERM "$id" >/dev/null
	ended "$id"
	same 0 "$code" "$err"
	! grep -Eq '\[(alert|emerg|crit|error)\]' <<<"$err" || fail "$err"
}

@test "nginx.ini: with only what it keeps, read-only, no-new-privileges" {
	nginx_up "${port[@]}" --cap-drop ALL --cap-add NET_BIND_SERVICE --cap-add SETGID \
		--cap-add SETUID --read-only --tmpfs /run --security-opt no-new-privileges
	is_confined
	same served "$(request)"
}

@test "nginx.ini: with every capability, and with a terminal" {
	nginx_up "${port[@]}" --privileged
	is_confined
	same served "$(request)"
	nginx_up "${port[@]}" -t
	is_confined
	same served "$(request)"
}

@test "nginx.ini: each kept capability is needed" {
	local left_out list

	for left_out in NET_BIND_SERVICE SETGID SETUID; do
		list=$(tr ' ' '\n' <<<"NET_BIND_SERVICE SETGID SETUID" | grep -vx $left_out | paste -sd,)
		id=$(docker_client run -d "${CK_RUN[@]}" "${port[@]}" --entrypoint /usr/bin/capkeep \
			ck-nginx -p nginx -k "$list" -- /usr/sbin/nginx -g "daemon off;")
		ended_or_failing "$left_out"
	done
}

# It ends, or its workers die one after the other.
ended_or_failing()
{
	local tries

	for ((tries = 0; tries < 100; tries++)); do
		err=$(docker_client logs "$id" 2>&1)
		grep -Eq 'bind\(\).*denied|set(gid|uid|groups)\(.*\) failed|initgroups\(.*\) failed' \
			<<<"$err" && return
		sleep 0.05
	done
	fail "works without $1:" "$err"
}

@test "nginx.ini: refused where docker gives too little, by name" {
	launch image:ck-nginx "${port[@]}" --cap-drop ALL --cap-add NET_BIND_SERVICE
	ended "$id"
	same 125 "$code"
	grep -q 'cap-add SETGID' <<<"$err"
	grep -q 'cap-add SETUID' <<<"$err"
	[[ "$err" != *"cap-add NET_BIND_SERVICE"* ]] || fail "$err"
}

@test "web-low-port-user.ini: nginx that never is root, on port 80" {
	local kept worker

	kept=$(mask NET_BIND_SERVICE)
	id=$(docker_client run -d "${CK_RUN[@]}" "${port[@]}" \
		--entrypoint /usr/bin/capkeep ck-nginx -p web-low-port-user -- \
		/usr/sbin/nginx -c /etc/nginx/user.conf -g "daemon off;")
	wait_log 'start worker process [0-9]+' "$id" 2
	main_pid
	for worker in $pid $(workers); do
		same "$(state 33 33 "$kept" "$kept" "$kept" "$kept")" "$(state_of "$worker")"
	done
	same served "$(request)"
	docker_client kill -s QUIT "$id" >/dev/null
	ended "$id"
	same 0 "$code" "$err"
}
