#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # lib.bash sets id, pid, init, code, out and err
# What a launcher must not change: each test runs the same image once without it and once with it,
# in both models, and compares.

setup()
{
	load lib.bash
}

teardown()
{
	remove_containers
}

# What the launcher is there to change, by model; every other line of the report has to be the same.
SETS='^(bounding|permitted|effective|inheritable|ambient|no-new-privs)='
IDS='^(uid|gid|groups)=|^env\.[0-9]+=(HOME|USER|LOGNAME|SHELL)='

# run_to FILE PROFILE ...: launches it; output, standard error and exit status into FILE
run_to()
{
	launch "${@:2}" || return
	ended "$id" || return
	printf '%s\nstandard error: %s\nexit status: %s\n' "$out" "$err" "$code" >"$1"
}

# comparable MODEL FILE: without what the model may change, and with the environment sorted: docker
# itself puts it into an order of its own at each run
comparable()
{
	local drop=$SETS

	[ "$1" = root ] || drop="$SETS|$IDS"
	grep -avE "$drop|^env" "$2"
	grep -aE '^env' "$2" | grep -avE "$drop" | sed -E 's/^env\.[0-9]+=/env=/' | sort
}

# unchanged [OPTION...] -- WORD...: output, standard error and status are as without the launcher
unchanged()
{
	local model jobs=() at=$BATS_TEST_TMPDIR

	rm -f "$at"/{bare,root,user}
	for model in bare root user; do
		run_to "$at/$model" $model "$@" 3>&- &
		jobs+=($!)
	done
	wait "${jobs[@]}"
	for model in root user; do
		diff <(comparable $model "$at/bare") <(comparable $model "$at/$model") ||
			fail "differs as $model, with $*"
	done
	grep -q '^exit status: ' "$at/bare" || fail "the control has not run"
	! grep -q '^permitted=' "$at/bare" || are_confined "$at"
}

# are_confined DIR: the reports in it are of processes that have been launched
are_confined()
{
	same "permitted=$(mask NET_BIND_SERVICE KILL)" "$(tr -d '\r' <"$1/root" | grep '^permitted=')"
	same "ambient=$(mask NET_BIND_SERVICE)" "$(tr -d '\r' <"$1/user" | grep '^ambient=')"
	same 2 "$(cat "$1/root" "$1/user" | tr -d '\r' | grep -c '^no-new-privs=1$')"
}

# outside: what the host sees of $pid, without what the launcher is there to change
outside()
{
	tr '\0' '\n' <"/proc/$pid/cmdline" | od -c
	tr '\0' '\n' <"/proc/$pid/environ" | grep -vE '^(HOME|USER|LOGNAME|SHELL)=' | sort
	cat "/proc/$pid/limits"
	find "/proc/$pid/fd" -type l -printf '%M %f %l\n' | sed 's/:\[.*//' | sort
	grep -h flags "/proc/$pid"/fdinfo/*
	grep -E '^(Umask|NSpid|NSsid|NSpgid|SigQ|SigBlk|SigIgn|SigCgt|SigPnd|ShdPnd|Cpus_allowed|Seccomp|Seccomp_filters|Speculation.*|THP_enabled|Threads|TracerPid|CoreDumping):' \
		"/proc/$pid/status" | sed -E 's/^SigQ:.*\//SigQ: /; s/^(NS[a-z]+:)\t[0-9]+/\1/'
	readlink "/proc/$pid/exe" "/proc/$pid/cwd" "/proc/$pid/root" || :
	cat "/proc/$pid/oom_score_adj" "/proc/$pid/personality" "/proc/$pid/timerslack_ns"
	cut -d' ' -f4-8 <<<"$(sed 's/^[0-9]* (.*) //' "/proc/$pid/stat")" | sed 's/^[0-9-]* //' | sed 's/[0-9]\{3,\}/N/g'
	tr ' ' '\n' <<<"$(sed 's/^[0-9]* (.*) //' "/proc/$pid/stat")" | sed -n '15,17p'
}

# seen_unchanged [OPTION...]: the same from outside
seen_unchanged()
{
	local profile

	for profile in bare root user; do
		up "$profile" "$@" || return
		is_workload
		outside >"$BATS_TEST_TMPDIR/$profile"
	done
	diff "$BATS_TEST_TMPDIR/bare" "$BATS_TEST_TMPDIR/root"
	diff "$BATS_TEST_TMPDIR/bare" "$BATS_TEST_TMPDIR/user"
}

@test "seen from outside: command line, environment, limits, descriptors, signals, session" {
	seen_unchanged
}

@test "seen from outside: the same with options" {
	seen_unchanged -e A=1 -e EMPTY= -e "LINES=a
b" --ulimit nofile=64:128 --ulimit core=0 --workdir /work --oom-score-adj 100
}

@test "seen from outside: the same with a terminal" {
	seen_unchanged -t -i
}

@test "the workload's own report" {
	unchanged -- report
}

@test "the workload's own report with options" {
	unchanged -e A=1 --ulimit nofile=64:128 --workdir /work -- report
}

@test "the workload's own report with a terminal" {
	unchanged -t -i -e TERM=dumb -- report
}

@test "the workload's own report with --init, --read-only, no-new-privileges" {
	unchanged --init -- report
	unchanged --read-only --security-opt no-new-privileges -- report
}

@test "arguments: options, dashes, blanks, quotes, empty ones, new lines" {
	# shellcheck disable=SC1003,SC2016 # no shell is to see these
	unchanged -- --help -V "" -n "a b" $'two\nlines' $'\t' "'" '"' '\' '$HOME' '*' 'ä€𝄞' ""
	unchanged -- -- -p other -k ALL --
	unchanged -- "" --
}

@test "arguments: bytes that docker's JSON cannot carry" {
	local hex model at=$BATS_TEST_TMPDIR

	# the first process is the workload, it execs the launcher with decoded words, which execs the workload
	hex=$(hex argument $'\xff\xfe' $'\xc3' $'\x01\x02\x1b\x7f' $'\n' "" $'\xed\xa0\x80' --help)
	# shellcheck disable=SC2046,SC2086 # one word each
	run_to "$at/bare" bare -- exec $(hex /workload) $hex
	same 9 "$(grep -c '^argv' "$at/bare")" "arguments of the control"
	for model in root user; do
		# shellcheck disable=SC2046,SC2086
		run_to "$at/$model" bare -- exec \
			$(hex /usr/bin/capkeep -p "/etc/capkeep/$model.ini" -- /workload) $hex
		diff <(comparable $model "$at/bare") <(comparable $model "$at/$model") ||
			fail "differs as $model"
	done
	are_confined "$at"
}

# Each word in hexadecimal, "-" for an empty one.
hex()
{
	local word

	for word in "$@"; do
		[ -n "$word" ] && printf '%s ' "$(printf %s "$word" | od -An -v -tx1 | tr -d ' \n')" ||
			printf -- '- '
	done
}

@test "arguments: many and long ones" {
	local many

	mapfile -t many < <(seq 2000)
	unchanged -- "$(printf 'x%.0s' {1..100000})" "${many[@]}"
}

@test "docker run IMAGE --help goes to the workload" {
	local image

	for image in ck-root ck-user; do
		launch "image:$image" -- --help
		ended "$id"
		same 0 "$code"
		same "" "$err"
		same $'argv.0=/workload\nargv.1=--help' "$(grep '^argv' <<<"$out")"
		grep -q '^no-new-privs=1$' <<<"$out"
	done
}

@test "environment: odd names and values" {
	# shellcheck disable=SC2016 # no shell is to see these
	unchanged -e A= -e "B=a=b=c" -e "C=two
lines" -e 'D=$X`x`"'"'" -e "lower.case-name=1" -e "LD_PRELOAD=" -- report
}

@test "environment: HOME, USER, LOGNAME and SHELL follow the user" {
	launch user -e HOME=/elsewhere -e USER=root -- report
	ended "$id"
	same $'HOME=/home/app\nLOGNAME=app\nSHELL=/bin/sh\nUSER=app' \
		"$(sed -nE 's/^env\.[0-9]+=((HOME|USER|LOGNAME|SHELL)=.*)/\1/p' <<<"$out" | sort)"
	launch number -e HOME=/elsewhere -- report
	ended "$id"
	same HOME=/ "$(sed -nE 's/^env\.[0-9]+=(HOME=.*)/\1/p' <<<"$out")" "a user without an entry"
	launch root -e HOME=/elsewhere -e USER=somebody -- report
	ended "$id"
	same $'HOME=/elsewhere\nUSER=somebody' \
		"$(sed -nE 's/^env\.[0-9]+=((HOME|USER|LOGNAME|SHELL)=.*)/\1/p' <<<"$out" | sort)"
}

@test "exit status, and silence: the logs are the workload's own and nothing else" {
	local profile status

	while read -r profile status; do
		launch "$profile" -- exit "$status"
		ended "$id"
		same "$status " "$code $out$err" "status of $profile"
	done <<-EOF
		root 1
		user 7
		root 125
		user 127
		root 255
	EOF
}

@test "exit by a signal" {
	unchanged --init -- kill 6
	unchanged --init -- kill 9
}

@test "signals reach the workload, each once" {
	local profile signal

	for profile in bare root user; do
		up $profile
		for signal in USR1 HUP USR2 WINCH; do
			docker_client kill -s $signal "$id" >/dev/null
			wait_log "^signal=$(kill -l $signal)$" "$id"
		done
		stop_by INT
		same $'signal=10\nsignal=1\nsignal=12\nsignal=28\nsignal=2' "$(grep ^signal= <<<"$out")"
	done
}

@test "docker stop ends the workload by its own handler" {
	local profile before

	for profile in root user; do
		up $profile
		before=$SECONDS
		docker_client stop -t 9 "$id" >/dev/null
		ended "$id"
		same $((CK_STATUS_SIGNAL + 15)) "$code"
		[ $((SECONDS - before)) -lt 6 ] || fail "the signal was not passed: killed after the timeout"
	done
}

@test "docker pause, unpause and top" {
	up user
	docker_client pause "$id" >/dev/null
	docker_client unpause "$id" >/dev/null
	docker_client top "$id" >"$BATS_TEST_TMPDIR/top"
	same 2 "$(wc -l <"$BATS_TEST_TMPDIR/top")" "lines of docker top"
	stop_by TERM
}

@test "standard input, byte by byte, closed by the client, or not there" {
	local profile data=$BATS_TEST_TMPDIR/data file entry words

	head -c 3000000 /dev/urandom >"$data"
	while read -r profile file; do
		command_of "$profile"
		docker_client run -i "${CK_RUN[@]}" "${entry[@]}" "${words[@]}" cat <"$file" \
			>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err"
		cmp "$file" "$BATS_TEST_TMPDIR/out" || fail "$profile, $file"
		same end "$(<"$BATS_TEST_TMPDIR/err")"
	done <<-EOF
		bare $data
		root $data
		user $data
		user /dev/null
	EOF
	launch user -- cat
	ended "$id"
	same $'0 end\n' "$code $out$err"
}

@test "a terminal: its interrupt key" {
	local profile

	for profile in bare root user; do
		up $profile -t -i
		# script(1) is the client's terminal
		{ sleep 0.5; printf '\003'; sleep 0.5; } | timeout 10 script -qec \
			"$CK_CLIENT --host unix://$CK_ENGINE/sock attach --sig-proxy=false $id" \
			/dev/null >/dev/null 2>&1 || :
		ended "$id"
		same $((CK_STATUS_SIGNAL + 2)) "$code" "status of $profile after ^C"
		grep -q 'tty=1' <<<"$out" || fail "no terminal:" "$out"
	done
}
