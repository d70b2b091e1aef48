#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# An outer seccomp filter that refuses, or fakes, each call that the launcher makes: exact or not
# at all. The filter is loaded before the launcher starts and suspended when the workload does, so
# that the probe sees the truth (fault -u).

load lib

setup_file() {
	setup_suite_dir
	export L=$B/capkeep-static
}

# kinds OPERATION...: the calls of a clean run of the launcher, each once, as start's filter=
# wants them
kinds() {
	env -i PATH="$PATH" "$B/fault" -i 2 -l "$D/calls" -- "$B/start" reset "$@" -- \
		"$L" -p "$P" -- "$B/probe" >"$D/clean" 2>"$D/err" </dev/null
	grep -q '^started=1' "$D/calls"
	sed -n 's/^[0-9]* \([a-z].*\)$/\1/p' "$D/calls" |
		sed 's/prctl(47,\(.*\))/prctl:47:\1/; s/(\([0-9]*\),.*/:\1/' |
		grep -vx 'execve' | sort -u
}

differs() { # from the clean run
	grep -vE '^(pid|ppid|sid|pgid|seccomp)=' "$D/clean" >"$D/a"
	grep -vE '^(pid|ppid|sid|pgid|seccomp)=' "$D/out" >"$D/b"
	! diff "$D/a" "$D/b"
}

# sweep_filters OPERATION... -- ERRNO...: everything in turn
sweep_filters() {
	local ops=() kind errno list runs=0 exact=0 refused=0 early=0 wrong=0
	while [ "$1" != -- ]; do
		ops+=("$1")
		shift
	done
	shift
	list=$(kinds "${ops[@]}")
	[ "$(wc -w <<<"$list")" -gt 10 ] || fail 'too few calls'
	for kind in $list; do
		for errno; do
			status=0
			env -i PATH="$PATH" "$B/fault" -u -i 2 -l "$D/log" -- "$B/start" reset arm \
				"${ops[@]}" filter="$kind=$errno" -- "$L" -p "$P" -- \
				"$B/probe" >"$D/out" 2>"$D/err" </dev/null || status=$?
			runs=$((runs + 1))
			if grep -q '^timed_out=1' "$D/log"; then
				echo "hangs: $kind=$errno"
				wrong=$((wrong + 1))
			elif grep -q '^started=1' "$D/log"; then
				if differs || [ "$status" != 0 ]; then
					echo "WRONG START: $kind=$errno"
					wrong=$((wrong + 1))
				else
					exact=$((exact + 1))
				fi
			elif [ "$status" -ge 125 ] && [ "$status" -le 127 ] && [ ! -s "$D/out" ]; then
				refused=$((refused + 1))
				if [ ! -s "$D/err" ] && [[ $kind != write* ]]; then
					echo "SILENT: $kind=$errno: status $status"
					wrong=$((wrong + 1))
				fi
			elif [ "$status" -gt 128 ] && [[ $kind =~ $libc ]]; then
				early=$((early + 1))
			else
				echo "BAD: $kind=$errno: status $status: $(head -n 1 "$D/err")"
				wrong=$((wrong + 1))
			fi
		done
	done
	echo "# outer filters: $runs runs, $exact exact, $refused refused, $early died in the C" \
		"library, $wrong wrong" | tee /dev/fd/3
	[ "$wrong" = 0 ]
}

# What the C library needs before main: refusing that kills a program, whatever it is.
libc='^(brk|mmap|mprotect|munmap|arch_prctl|set_tid_address|set_robust_list|rseq|readlinkat|getrandom|prlimit64|openat|newfstatat|fstat|read|pread64|close|access)$'

@test "the suite notices a wrong start: setpriv under the same sweep" {
	# Negative control: what a launcher without a read-back does when prctl is faked.
	env -i PATH="$PATH" "$B/fault" -u -i 2 -l "$D/log" -- "$B/start" reset \
		filter=prctl:24=0 -- "$(command -v setpriv)" --bounding-set -all --inh-caps -all \
		-- "$B/probe" >"$D/out" 2>"$D/err"
	grep -q '^started=1' "$D/log"
	[ "$(value bounding)" != "$(mask 0)" ]
}

@test "root to a subset, uid 0 stays: refused and faked" {
	stay 'NET_BIND_SERVICE SETGID' 'umask = 027' 'working-directory = /' \
		'parent-death-signal = TERM'
	sweep_filters -- 1 38 22 0
}

@test "root to a user with an ambient capability: refused and faked" {
	become NET_RAW 1000 'groups = 7 8' '[limits]' 'nofile = 50:60'
	sweep_filters open=5 groups=9 -- 1 38 22 0
}

@test "root to nothing at all: refused and faked" {
	# Nothing that has to be there: a bounding set read as empty would look right already.
	stay none
	sweep_filters inheritable=3fff -- 1 38 22 0
}

@test "securebits, to a user: refused and faked" {
	profile 'keep = NET_RAW' 'securebits = noroot no-setuid-fixup no-ambient-raise keep-caps-off' \
		'[process]' 'user = 1000' 'group = 1000' 'new-session = yes'
	sweep_filters pty fork pgrp -- 1 38 22 0
}

@test "docker's default with dirty sets, to a user: refused and faked" {
	become NET_RAW 1000
	sweep_filters inheritable=3fff ambient=3 bounding=$DOCKER -- 1 38 22 0
}

@test "a container of --user 1000 with nothing: refused and faked" {
	stay none
	sweep_filters bounding=$DOCKER gid=1000 uid=1000 -- 1 38 22 0
}

@test "a filter of our own inside: refused and faked" {
	become NET_RAW 1000 '[seccomp]' 'base = @service' 'flags = log'
	sweep_filters groups=9 -- 1 38 22 0
}

@test "a filter of our own, loaded by the thread: refused and faked" {
	stay NET_RAW 'no-new-privs = no' '[seccomp]' 'base = @service'
	sweep_filters -- 1 38 22 0
}

@test "a filter that lets openat give 0: what is read is not descriptor 0" {
	local openat
	printf '[capabilities]\nkeep = CHOWN\n[process]\nuser = unchanged\n' >"$D/input.ini"
	stay NET_RAW
	for openat in openat=0 openat=0,open=0 openat=1 openat=38; do
		for args in "-p $P" '-p none' ''; do
			status=0
			env -i PATH="$PATH" "$B/start" reset filter="$openat" -- "$L" $args -- \
				"$B/probe" <"$D/input.ini" >"$D/out" 2>"$D/err" || status=$?
			if [ "$status" = 0 ]; then
				expect descriptors '0 1 2'
				[ "$args" != "-p $P" ] || expect bounding "$(mask 2000)"
			else
				refused 125
			fi
		done
	done
}

@test "several calls faked together: everything that changes" {
	become NET_RAW 1000 'umask = 027'
	local set kind
	for set in prctl=0 capset=0,prctl=0 setresuid=0,setresgid=0,setgroups=0 \
		prctl:24=0,prctl:23=0 prctl:47=0 capget=0,capset=0 getresuid=0,setresuid=0 \
		prctl:38=0,prctl:39=0 prctl:23=1,prctl:24=0 prctl:47:1=0,prctl:47:2=0 \
		getgroups=0,setgroups=0 getresgid=0,setresgid=0 prctl:8=0 close_range=0 umask=0; do
		status=0
		env -i PATH="$PATH" "$B/fault" -u -i 2 -l "$D/log" -- "$B/start" reset open=5 \
			groups=9 filter="$set" -- "$L" -p "$P" -- "$B/probe" \
			>"$D/out" 2>"$D/err" </dev/null || status=$?
		if [ "$status" = 0 ]; then
			user_holds 1000 2000
			expect groups '' umask 0027 descriptors '0 1 2'
		else
			refused 125
		fi
	done
}
