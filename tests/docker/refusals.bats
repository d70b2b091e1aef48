#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # lib.bash sets id, pid, init, code, out and err
# 125, 126 and 127, their messages in docker logs, and the profiles of an image: by name, by default,
# by option, included, mounted, and not to be trusted.

setup()
{
	load lib.bash
	none=0000000000000000
}

teardown()
{
	remove_containers
}

# capkeep STATUS REGEX WORD...: the launcher with these words exits with STATUS and says so
capkeep()
{
	local entry=(--entrypoint /usr/bin/capkeep) image=${image:-ck-base}

	id=$(docker_client run -d "${CK_RUN[@]}" ${options[@]+"${options[@]}"} "${entry[@]}" \
		"$image" "${@:3}")
	ended "$id"
	same "$1" "$code" "exit status of capkeep ${*:3}: $err$out"
	if [ "$1" = 0 ]; then
		same "" "$err" "standard error"
	else
		same "" "$out" "standard output"
		[[ "$err" == "capkeep: "* ]] || fail "no message of the launcher's:" "$err"
	fi
	grep -aqE -e "$2" <<<"$out$err" || fail "'$2' is missing in:" "$out$err"
}

@test "127: not found, not in PATH, in a missing directory" {
	capkeep 127 /no/such/program -p nothing -- /no/such/program
	capkeep 127 no-such-program -p nothing -- no-such-program
	capkeep 127 /odd/missing/program -p none -- /odd/missing/program
}

@test "126: a directory, no execute permission, no format" {
	capkeep 126 /etc -p nothing -- /etc
	capkeep 126 /odd/not-executable -p nothing -- /odd/not-executable
	capkeep 126 /odd/no-format -p nothing -- /odd/no-format
}

@test "126: a script whose interpreter is missing" {
	capkeep 126 /no/such/interpreter -p nothing -- /odd/no-interpreter
}

@test "125: usage" {
	capkeep 125 'capkeep: ' -p nothing
	capkeep 125 '--no-such-option' --no-such-option -- /workload
	capkeep 125 NET_RAWW -k NET_RAWW -- /workload
}

@test "125: no such profile, a profile cut short, a misspelt name" {
	capkeep 125 no-such-profile -p no-such-profile -- /workload
	capkeep 125 'cut-short.ini:?[0-9]*: .*user' -p cut-short -- /workload
	capkeep 125 NET_RAW -p nothing -k NET_RAV -- /workload
	capkeep 125 nobody-of-that-name -p nothing -u nobody-of-that-name -- /workload
}

@test "a profile by name, by name with .ini, and by path" {
	local word

	for word in bind bind.ini /etc/capkeep/bind.ini etc/capkeep/bind.ini; do
		capkeep 0 "^permitted=$(mask NET_BIND_SERVICE)$" -p "$word" -- /workload
	done
}

@test "an included profile, by name" {
	capkeep 0 "^permitted=$(mask NET_BIND_SERVICE)$" -p included -- /workload
	grep -q '^umask=0027$' <<<"$out"
}

@test "-k, -u and -b in place of what the profile says" {
	capkeep 0 "^permitted=$(mask KILL)$" -p bind -k kill -- /workload
	grep -q "^bounding=$(mask KILL)$" <<<"$out"
	capkeep 0 "^uid=1234:1234:1234$" -p bind -u app -- /workload
	grep -q "^ambient=$(mask NET_BIND_SERVICE)$" <<<"$out"
	capkeep 0 "^uid=1234:1234:1234$" -p bind -u app:other -- /workload
	grep -q "^gid=3456:3456:3456$" <<<"$out"
	capkeep 0 "^uid=0:0:0$" -p user -u unchanged -- /workload
	options=(--cap-drop SETPCAP)
	capkeep 125 SETPCAP -p bind -- /workload
	capkeep 0 "^permitted=$(mask NET_BIND_SERVICE)$" -p bind -b if-possible -- /workload
}

@test "/etc/capkeep/default.ini is read where there is no -p" {
	up image:ck-default
	same "$(state 1234 1234 "$(mask NET_BIND_SERVICE)" "$(mask NET_BIND_SERVICE)" \
		"$(mask NET_BIND_SERVICE)" "$(mask NET_BIND_SERVICE)")" "$(state_of "$pid")"
	is_workload
	stop_by TERM
	silent
}

@test "/etc/capkeep/default.ini: options override it, -p leaves it out" {
	image=ck-default
	capkeep 0 "^permitted=$(mask KILL)$" -k KILL -- /workload
	grep -q "^uid=1234:" <<<"$out"
	capkeep 0 "^permitted=$none$" -p none -- /workload
	grep -q "^uid=0:" <<<"$out"
	capkeep 0 "^uid=0:" -p bind -- /workload
}

@test "no default.ini: the built-in default keeps nothing" {
	capkeep 0 "^bounding=$none$" -- /workload
	grep -q "^permitted=$none$" <<<"$out"
	grep -q "^no-new-privs=1$" <<<"$out"
	grep -q "^uid=0:0:0$" <<<"$out"
	options=(--user 1000)
	capkeep 0 "^uid=1000:" -- /workload
}

@test "default.ini that is there but cannot be read is refused, not left out" {
	local file=$BATS_TEST_TMPDIR/default.ini

	mkdir "$BATS_TEST_TMPDIR/directory"
	options=(-v "$BATS_TEST_TMPDIR/directory:/etc/capkeep/default.ini")
	capkeep 125 '/etc/capkeep/default.ini: ' -- /workload
	install -m 600 "$CK_TOP/tests/docker/etc/default.ini" "$file"
	options=(-v "$file:/etc/capkeep/default.ini:ro" --user 1000)
	capkeep 125 '/etc/capkeep/default.ini: ' -- /workload
	: >"$file"
	options=(-v "$file:/etc/capkeep/default.ini")
	capkeep 125 '/etc/capkeep/default.ini: ?.*keep|default.ini.*empty' -- /workload
}

@test "the command is searched in the image's PATH, and argv[0] is as written" {
	capkeep 0 '^argv.0=workload$' -p nothing -- workload
	capkeep 0 '^argv.0=./workload$' -p nothing -- ./workload
	options=(-e PATH=/nowhere)
	capkeep 127 workload -p nothing -- workload
}

@test "-n in a container: the plan, and nothing is run" {
	capkeep 0 NET_BIND_SERVICE -p user -n -- /workload exit 3
	[[ "$out" != *argv.* ]] || fail "the workload has run"
	options=(--cap-drop ALL)
	id=$(docker_client run -d "${CK_RUN[@]}" "${options[@]}" --entrypoint /usr/bin/capkeep \
		ck-base -p user -n -- /workload)
	ended "$id"
	same 125 "$code"
	grep -q 'SETUID' <<<"$err"
}

@test "-v in a container: one line a step, on standard error" {
	id=$(docker_client run -d "${CK_RUN[@]}" --entrypoint /usr/bin/capkeep ck-base \
		-p user -v -- /workload exit 0)
	ended "$id"
	same 0 "$code"
	same "" "$out"
	[ "$(wc -l <<<"$err")" -ge 5 ] || fail "few steps:" "$err"
}

@test "a profile of the image that belongs to a user is refused, on a read-only root it is not" {
	image=ck-judged
	capkeep 125 'foreign.ini: .*uid 1000' -p foreign -- /workload
	options=(--read-only)
	capkeep 0 "^permitted=$(mask NET_BIND_SERVICE)$" -p foreign -- /workload
}

@test "a profile of the image that others can write is refused, on a read-only root it is not" {
	image=ck-judged
	capkeep 125 'writable.ini: .*writ' -p writable -- /workload
	options=(--read-only)
	capkeep 0 "^permitted=$(mask NET_BIND_SERVICE)$" -p writable -- /workload
}

@test "a mounted profile: judged where the mount is writable" {
	local file=$BATS_TEST_TMPDIR/profile.ini

	install -m 644 "$CK_TOP/tests/docker/etc/bind.ini" "$file"
	options=(-v "$file:/etc/capkeep/mounted.ini")
	capkeep 0 "^permitted=$(mask NET_BIND_SERVICE)$" -p mounted -- /workload
	chown 1000:1000 "$file"
	capkeep 125 'mounted.ini: .*uid 1000' -p mounted -- /workload
	options=(-v "$file:/etc/capkeep/mounted.ini:ro")
	capkeep 0 "^permitted=$(mask NET_BIND_SERVICE)$" -p mounted -- /workload
}

@test "a mounted directory, fifo or device is no profile" {
	mkdir "$BATS_TEST_TMPDIR/directory"
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	options=(-v "$BATS_TEST_TMPDIR:/mounted")
	capkeep 125 directory -p /mounted/directory -- /workload
	capkeep 125 fifo -p /mounted/fifo -- /workload
	capkeep 125 /dev/null -p /dev/null -- /workload
}
