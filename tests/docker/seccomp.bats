#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # lib.bash sets id, pid, code, out and err
# [seccomp] in containers: Docker's own filter is the outer one. base = @service with caps = follow
# and default = kill around nginx, redis and a shell script.

setup()
{
	load lib.bash
	port=(--sysctl net.ipv4.ip_unprivileged_port_start=1024)
}

teardown()
{
	remove_containers
}

# run PROFILE [OPTION...] -- WORD...: sets id
run_filtered()
{
	local options arguments profile=$1

	split "${@:2}"
	id=$(docker_client run -d "${CK_RUN[@]}" "${options[@]}" --entrypoint /usr/bin/capkeep \
		ck-filter -p "/etc/capkeep/$profile.ini" -- "${arguments[@]}")
}

# filters COUNT PID...
filters()
{
	local process

	for process in "${@:2}"; do
		same 2 "$(status_of "$process" Seccomp)" "process $process"
		same "$1" "$(status_of "$process" Seccomp_filters)" "filters of $process"
	done
}

workers()
{
	tr ' ' '\n' <"/proc/$pid/task/$pid/children" | sed '/^$/d'
}

@test "nginx serves under two filters, Docker's and ours" {
	run_filtered filter-nginx "${port[@]}" -- /usr/sbin/nginx -g "daemon off;"
	wait_log 'start worker process [0-9]+' "$id" 2
	main_pid
	# shellcheck disable=SC2046 # one id a word
	filters 2 "$pid" $(workers)
	# shellcheck disable=SC2016 # for the inner shell
	same served "$(nsenter --net="/proc/$pid/ns/net" timeout 5 bash -c '
		exec 3<>/dev/tcp/127.0.0.1/80
		printf "GET / HTTP/1.0\r\n\r\n" >&3
		tr -d "\r" <&3 | sed "1,/^$/d"')"
	docker_client stop -t 9 "$id" >/dev/null
	ended "$id"
	same 0 "$code" "$err"
}

@test "redis serves under two filters" {
	run_filtered filter -- /usr/bin/redis-server --bind 127.0.0.1 --save "" --dir /work
	wait_log 'Ready to accept connections' "$id"
	main_pid
	filters 2 "$pid"
	same "$(state 0 0 0000000000000000 0000000000000000 0000000000000000 0000000000000000)" \
		"$(state_of "$pid")"
	same +PONG "$(nsenter --net="/proc/$pid/ns/net" timeout 5 bash -c '
		exec 3<>/dev/tcp/127.0.0.1/6379
		printf "PING\r\n" >&3
		head -n 1 <&3 | tr -d "\r"')"
	docker_client kill -s TERM "$id" >/dev/null
	ended "$id"
	same 0 "$code" "$err"
}

@test "a shell script runs under two filters" {
	run_filtered filter -- /bin/sh -c 'echo one | cat | while read -r x; do echo "$x two"; done; (exit 3)'
	ended "$id"
	same 3 "$code" "$err"
	same "one two"$'\n' "$out"
}

@test "without Docker's filter there is ours alone" {
	run_filtered filter --security-opt seccomp=unconfined -i -- /bin/cat
	main_pid
	filters 1 "$pid"
}

@test "a call that ours denies ends the program, and Docker's would let it pass" {
	run_filtered filter -- /usr/bin/call getpid ptrace:0:0:0:0
	ended "$id"
	same 159 "$code" "$err"
	run_filtered filter-off -- /usr/bin/call getpid ptrace:0:0:0:0
	ended "$id"
	same 0 "$code" "$err"
}

@test "no-new-privs = no: refused by Docker's default, with SYS_ADMIN loaded by the thread" {
	run_filtered filter-thread -- /bin/cat
	ended "$id"
	same 125 "$code"
	grep -q 'SYS_ADMIN.*no-new-privs = yes.*--cap-add SYS_ADMIN' <<<"$err"
	run_filtered filter-thread --cap-add SYS_ADMIN -i -- /bin/cat
	main_pid
	filters 2 "$pid"
	same "$(state 0 0 0000000000000000 0000000000000000 0000000000000000 0000000000000000 0)" \
		"$(state_of "$pid")"
	same 1 "$(status_of "$pid" Threads)"
}

@test "everything dropped, no-new-privileges, another user: the filter is loaded all the same" {
	run_filtered filter --cap-drop ALL --security-opt no-new-privileges --user 1000 -i -- /bin/cat
	main_pid
	filters 2 "$pid"
}

@test "capkeepctl trace inside of a container, by a user without capabilities" {
	id=$(docker_client run -d "${CK_RUN[@]}" --cap-drop ALL --user 1000 --entrypoint \
		/usr/bin/capkeepctl ck-filter trace /etc/capkeep/filter.ini -- \
		/usr/bin/call getpid ptrace:0:0:0:0 9999)
	ended "$id"
	same 1 "$code" "$err"
	[[ $err == *'trace: ptrace(request=PTRACE_TRACEME'*': kill: /etc/capkeep/filter.ini:'* ]] || fail "$err"
	[[ $out == getpid=*ptrace=0* ]] || fail "$out"
	# what Docker's filter denies does not come to ours
	[[ $err != *9999* && $out == *9999=E38* ]] || fail "$err" "$out"
}
