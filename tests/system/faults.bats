#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Real faults: every system call of the launcher fails in turn, with several errnos, and "succeeds"
# in turn without being made; then every kind of call does so throughout. The workload starts in
# exactly the state of the clean run, which is asserted itself, or it never starts.
#
# Out of scope (SPEC 1.2): a tracer that forges read-backs by argument, two lies that agree.

load lib

VALUES=-1,0,-22,-38,-12,-4,-11
# A call that always answers EINTR may be asked for ever; that is no start either.
ALWAYS=-1,0,-22,-38,-12,-11

setup_file() {
	setup_suite_dir
	# The static launcher: a dynamic loader's calls before main are not ours to judge.
	export COUNTS=$T/counts L=$B/capkeep-static
	: >"$COUNTS"
}

# faulty VALUES OPTIONS OPERATION... -- COMMAND...: one sweep on all processors; adds to $COUNTS
faulty() {
	local values=$1 options=$2 parts i failed=0 pids=()
	shift 2
	parts=$(nproc)
	for ((i = 0; i < parts; i++)); do
		# shellcheck disable=SC2086
		"${NS[@]}" env -i "${ENV[@]}" "$B/fault" $options -i 2 -s "$values" -p "$i/$parts" \
			-l "$D/bad.$i" -o "$D/clean.$i" -- "$B/start" reset "$@" \
			>"$D/counts.$i" 2>"$D/fault.$i" </dev/null 3>&- 4>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || failed=1
	done
	cat "$D"/counts.* "$D"/fault.* | sed "s/^/$BATS_TEST_NUMBER $values$options /" | tee -a "$COUNTS"
	cat "$D"/bad.*
	cp "$D/clean.0" "$D/out"
	: >"$D/err"
	status=0
	return $failed
}

# sweep OPERATION...: everything that is promised about faults, for this state and profile
sweep() {
	local failed=0
	faulty $VALUES '' "$@" -- "$L" -p "$P" -- "$B/probe" || failed=1
	faulty $ALWAYS -a "$@" -- "$L" -p "$P" -- "$B/probe" || failed=1
	return $failed
}

@test "the sweep notices wrong starts: setpriv (negative control)" {
	faulty -1,0 '' -- "$(command -v setpriv)" --bounding-set -all --inh-caps -all -- \
		"$B/probe" && fail 'nothing noticed'
	[ "$(sed 's/.*wrong=\([0-9]*\).*/\1/' "$D"/counts.* | awk '{ n += $1 } END { print n }')" \
		-gt 20 ]
	: >"$COUNTS"
}

@test "root to a subset, uid 0 stays" {
	stay 'NET_BIND_SERVICE SETGID' 'umask = 027' 'working-directory = /' '[limits]' \
		'nofile = 50:60'
	sweep open=5 groups=9
	sets 440 440 440 0 0
	expect uid '0 0 0' groups 9 no_new_privs 1 umask 0027 cwd / limit.nofile 50:60 \
		descriptors '0 1 2'
}

@test "root to a user with an ambient capability" {
	become NET_RAW 1000 'groups = 7 8' 'parent-death-signal = TERM'
	sweep open=5 groups=9
	user_holds 1000 2000
	expect groups '7 8' parent_death_signal 15 descriptors '0 1 2'
}

@test "root to a user by name, from /etc/passwd and /etc/group" {
	printf 'root:x:0:0::/root:/bin/sh\nalice:x:2001:2001::/home/alice:/bin/zsh\n' >"$D/passwd"
	printf 'alice:x:2001:\nvideo:x:2100:bob,alice\naudio:x:2101:alice\n' >"$D/group"
	NS=(unshare -m --propagation private sh -c "mount --bind $D/passwd /etc/passwd &&
		mount --bind $D/group /etc/group && exec \"\$@\"" sh)
	profile 'keep = CHOWN' '[process]' 'user = alice'
	sweep groups=9
	started
	sets 1 1 1 1 1
	ids 2001 2001 '2001 2100 2101'
	value env | grep -qx HOME=/home/alice || fail HOME
}

@test "root to a user by number, whose entry gives HOME" {
	become none 1
	sweep
	user_holds 1 0
	value env | grep -qx HOME=/usr/sbin || fail HOME
}

@test "securebits, and a new session" {
	profile 'keep = NET_RAW' \
		'securebits = noroot no-setuid-fixup no-ambient-raise keep-caps-off' \
		'[process]' 'user = 1000' 'group = 1000' 'new-session = yes'
	sweep pty fork pgrp
	user_holds 1000 2000
	expect securebits 000000ef tty E6 session_leader yes
}

@test "a session leader that gives up its terminal" {
	stay NET_RAW 'new-session = yes'
	sweep pty
	root_holds 2000
	expect tty E6 signals_pending "$(mask 0)"
}

@test "a dirty start" {
	become NET_RAW 1000
	sweep inheritable=3fff ambient=3fff securebits=4 groups=1,2 block=1,15 open=9
	user_holds 1000 2000
	expect securebits 00000004 groups '' signals_blocked "$(mask 4001)" descriptors '0 1 2'
}

@test "docker's partial sets, no SETPCAP, uid 0 stays" {
	stay NET_RAW
	sweep bounding=2000
	root_holds 2000
}

@test "docker's 14, to a user" {
	become 'NET_RAW CHOWN' 1000
	sweep bounding=$DOCKER
	user_holds 1000 2001
}

@test "docker --user 1000: nothing is held, the bounding set stays" {
	stay none
	sweep bounding=$DOCKER gid=1000 uid=1000
	started
	sets $DOCKER 0 0 0 0
	expect uid '1000 1000 1000' no_new_privs 1
}

@test "the built-in default" {
	faulty $VALUES '' -- "$L" -p none -- "$B/probe"
	root_holds 0
}

# An injected call has no number, which a filter of one ABI would answer with a kill.
@test "a filter, to a user" {
	become NET_RAW 1000 '[seccomp]' 'base = @service' 'abi = all' 'flags = spec-allow log'
	sweep groups=9
	user_holds 1000 2000
	expect groups '' seccomp 2
}

@test "a filter without no_new_privs, by the thread" {
	stay 'NET_RAW' 'no-new-privs = no' '[seccomp]' 'base = @service' 'abi = all'
	sweep groups=9
	started
	sets 2000 2000 2000 0 0
	expect seccomp 2 no_new_privs 0
}

# inject: every call of the launcher's image fails in turn, by strace
inject() {
	local call n count faults=0 wrong=0
	env -i "${ENV[@]}" strace -qq -o "$D/trace" "$L" -p "$P" -- "$B/probe" \
		>"$D/clean" 2>&1 </dev/null
	# Only what the launcher's image did: up to the execve of the workload.
	awk '/^execve\(/ && n++ && !/^execve\(NULL/ { exit } { print }' "$D/trace" |
		sed 's/(.*//' | grep -v '^[+-]' | sort | uniq -c >"$D/counts"
	while read -r count call; do
		[ "$call" != execve ] || continue
		# The bounding set is read bit by bit: every eighth is enough here.
		for ((n = 1; n <= count; n += count > 40 ? 8 : 1)); do
			for error in EPERM EINVAL ENOSYS; do
				status=0
				env -i "${ENV[@]}" strace -qq -o /dev/null \
					-e "inject=$call:error=$error:when=$n" "$L" -p "$P" -- \
					"$B/probe" >"$D/out" 2>"$D/err" </dev/null || status=$?
				faults=$((faults + 1))
				if [ -s "$D/out" ]; then
					diff <(grep -vE '^p?pid=' "$D/clean") \
						<(grep -vE '^p?pid=' "$D/out") ||
						{ wrong=$((wrong + 1)); echo "WRONG: $call $n $error"; }
				elif [ "$status" -lt 125 ]; then
					wrong=$((wrong + 1))
					echo "status $status: $call $n $error"
				fi
			done
		done
	done <"$D/counts"
	echo "# strace: $faults faults, $wrong wrong starts" >&3
	[ "$faults" -gt 100 ]
	[ "$wrong" = 0 ]
}

@test "the same with strace's inject, as an independent tracer" {
	become NET_RAW 1000
	inject
}

@test "with strace's inject: a filter, and one loaded by the thread" {
	become NET_RAW 1000 '[seccomp]' 'base = @service' 'flags = log'
	inject
	stay NET_RAW 'no-new-privs = no' '[seccomp]' 'base = @service'
	inject
}

@test "several hundred faults, no wrong start" {
	awk '{ for (i = 1; i <= NF; i++) if (split($i, p, "=") == 2) n[p[1]] += p[2] }
		END { printf "# faults: %d, exact %d, refused %d, in the C library %d, wrong starts %d, " \
			"otherwise bad %d\n", n["faults"], n["exact"], n["refused"], n["died_early"],
			n["wrong"], n["bad"] - n["wrong"] > "/dev/fd/3"
			exit !(n["faults"] > 500 && n["wrong"] == 0) }' "$COUNTS"
}
