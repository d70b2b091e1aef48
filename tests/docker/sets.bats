#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # lib.bash sets id, pid, init, code, out and err
# Docker's option sets, each with both models: uid 0 keeps by the bounding set, a user by the ambient
# set. Everything is read from the host's /proc/PID/status; see lib.bash.

setup()
{
	load lib.bash
}

teardown()
{
	remove_containers
}

@test "no options" {
	both
}

@test "--cap-add ALL" {
	both --cap-add ALL
}

@test "--cap-add ALL: capabilities beyond docker's default are kept" {
	local none=0000000000000000 kept

	kept=$(mask NET_ADMIN SYS_TIME)
	up admin --cap-add ALL
	same "$(state 0 0 "$kept" "$kept" "$none" "$none")" "$(state_of "$pid")"
	up admin-user --cap-add NET_ADMIN --cap-add SYS_TIME
	same "$(state 1234 1234 "$kept" "$kept" "$kept" "$kept")" "$(state_of "$pid")"
}

@test "--privileged" {
	both --privileged
	up root --privileged
	same 0 "$(status_of "$pid" Seccomp)" "seccomp mode"
}

@test "--cap-drop ALL with all that the change needs" {
	stays --cap-drop ALL --cap-add NET_BIND_SERVICE --cap-add KILL
	becomes --cap-drop ALL --cap-add NET_BIND_SERVICE --cap-add SETUID --cap-add SETGID \
		--cap-add SETPCAP
}

@test "--cap-drop what is not kept" {
	both --cap-drop NET_RAW --cap-drop MKNOD --cap-drop SYS_CHROOT --cap-drop DAC_OVERRIDE
}

@test "--security-opt no-new-privileges" {
	both --security-opt no-new-privileges
}

@test "--security-opt seccomp=unconfined" {
	both --security-opt seccomp=unconfined
}

@test "the engine's filter stays in force" {
	up root
	same 2 "$(status_of "$pid" Seccomp)" "seccomp mode"
	same 1 "$(status_of "$pid" Seccomp_filters)" "filters"
}

@test "--read-only" {
	both --read-only
}

@test "--tmpfs and --workdir" {
	both --tmpfs /work:size=1m --workdir /work
}

@test "--read-only with --tmpfs, no-new-privileges and dropped capabilities" {
	both --read-only --tmpfs /work --security-opt no-new-privileges --cap-drop NET_RAW
}

@test "--init: the workload is docker-init's child" {
	both --init
	up root --init
	same docker-init "$(<"/proc/$init/comm")"
}

@test "--pid host" {
	both --pid host
}

@test "--network host" {
	both --network host
}

@test "--ipc host, --cgroupns host, and every namespace of the host" {
	both --ipc host --cgroupns host
	stays --uts host --network host --ipc host --pid host --cgroupns host
}

@test "-t" {
	up root -t
	is_workload
	stop_by TERM
	up user -t -i
	is_workload
	stop_by TERM
}

@test "-i" {
	both -i
}

@test "-e and --env-file" {
	printf 'FROM_FILE=1\nEMPTY=\n' >"$BATS_TEST_TMPDIR/env"
	both -e A=1 --env-file "$BATS_TEST_TMPDIR/env" -e LD_PRELOAD=/no/such/library
}

@test "--ulimit" {
	both --ulimit nofile=64:128 --ulimit core=0 --ulimit stack=1048576 --ulimit nproc=64:64
}

@test "--memory, --pids-limit, --cpus" {
	both --memory 32m --pids-limit 8 --cpus 0.5
}

@test "--user 0:0 and --group-add: a user has his own groups afterwards" {
	up root --user 0:0 --group-add 3456
	same "3456" "$(status_of "$pid" Groups | tr ' ' '\n' | grep -x 3456)" "groups of uid 0"
	becomes --user 0:0 --group-add 3456
}

@test "a user by number, without an entry in /etc/passwd" {
	local kept

	kept=$(mask NET_BIND_SERVICE)
	up number --group-add 3456
	same "$(state 4321 8765 "$kept" "$kept" "$kept" "$kept")" "$(state_of "$pid")"
	same "" "$(status_of "$pid" Groups | tr -d ' ')" "groups"
}

@test "--restart: restarted again and again, exact each time" {
	local before='' round

	up user --restart always
	for round in 1 2 3; do
		same "$(state_by user)" "$(state_of "$pid")" "round $round"
		is_workload
		[ "$pid" != "$before" ] || fail "it was not restarted"
		before=$pid
		# the workload ends by the engine's policy once, by docker restart the other times
		if [ "$round" = 1 ]; then
			kill -TERM "$pid"
		else
			docker_client restart -t 5 "$id" >/dev/null
		fi
		wait_log '^ready' "$id" $((round + 1))
		main_pid
	done
	docker_client logs "$id" 2>/dev/null >"$BATS_TEST_TMPDIR/all"
	same 4 "$(grep -c '^argv.0=' "$BATS_TEST_TMPDIR/all")" "starts"
	same 1 "$(grep '^permitted=' "$BATS_TEST_TMPDIR/all" | sort -u | wc -l)" "different sets"
}

@test "--restart on-failure: a failing workload is restarted, a refusal is seen as one too" {
	launch root --restart on-failure:2 -- exit 3
	ended_restarting 3
	launch root --restart on-failure:2 --cap-drop ALL -- exit 0
	ended_restarting 125
	same 3 "$(docker_client logs "$id" 2>&1 | grep -c 'NET_BIND_SERVICE')" "refusals"
}

ended_restarting()
{
	local tries

	for ((tries = 0; tries < 100; tries++)); do
		[ "$(docker_client inspect -f '{{.State.Status}} {{.RestartCount}}' "$id")" != "exited 2" ] || break
		sleep 0.1
	done
	same "exited 2 $1" "$(docker_client inspect \
		-f '{{.State.Status}} {{.RestartCount}} {{.State.ExitCode}}' "$id")"
}

@test "noroot: uid 0 without what exec gives to uid 0" {
	local kept

	kept=$(mask NET_BIND_SERVICE)
	up noroot
	same "$(state 0 0 "$kept" "$kept" "$kept" "$kept")" "$(state_of "$pid")"
	same 0x3 "$(docker_client logs "$id" | sed -n 's/^securebits=//p')" "securebits"
}

@test "the kept capability works, the others do not" {
	up user --sysctl net.ipv4.ip_unprivileged_port_start=1024 -- listen 80
	stop_by TERM
	launch nothing-user --sysctl net.ipv4.ip_unprivileged_port_start=1024 -- listen 80
	ended "$id"
	same 1 "$code"
	same "bind: Permission denied" "$(tail -n 1 <<<"${out%$'\n'}")"
}

@test "a hostile workload gets nothing back" {
	launch bare -- gain
	ended "$id"
	[ "$code" -ge 5 ] || fail "the control gains too little to prove anything:" "$out"
	launch root -- gain
	ended "$id"
	same 0 "$code" "gained as uid 0: $out"
	launch user -- gain
	ended "$id"
	same 0 "$code" "gained as a user: $out"
	launch nothing --privileged -- gain
	ended "$id"
	same 0 "$code" "gained under --privileged: $out"
}

@test "docker exec does not pass through the ENTRYPOINT" { # as the README says
	up user
	docker_client exec "$id" /workload >"$BATS_TEST_TMPDIR/inside"
	same "permitted=00000000a80425fb" "$(grep '^permitted=' "$BATS_TEST_TMPDIR/inside")"
	docker_client exec "$id" /usr/bin/capkeep -p user -- /workload >"$BATS_TEST_TMPDIR/inside"
	same "permitted=$(mask NET_BIND_SERVICE)" "$(grep '^permitted=' "$BATS_TEST_TMPDIR/inside")"
}
