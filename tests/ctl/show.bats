#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# capkeepctl show, live: against /proc, pscap and getpcaps on the same processes.

load lib

setup() { started=(); }
teardown() { end_sleepers; }

@test "five sets, no_new_privs and ids of a process, as the kernel has them" {
	sleeper --reuid 1000 --regid 1001 --groups 5,7 --inh-caps +net_raw --ambient-caps +net_raw \
		--bounding-set -all,+net_raw,+chown --no-new-privs
	is 0 show --json "$pid"
	[ "$(json '.[0] | [.pid, .name, .uid.real, .uid.effective, .gid.real, .groups, .no_new_privs]')" = \
		"[$pid,\"sleep\",1000,1000,1001,[5,7],true]" ]
	[ "$(json '.[0].sets | [.bounding.mask, .permitted.mask, .effective.mask, .inheritable.mask, .ambient.mask]')" = \
		'["0x2001","0x2000","0x2000","0x2000","0x2000"]' ]
	[ "$(json '.[0].user_namespace')" = "$(readlink /proc/self/ns/user | tr -dc 0-9)" ]
	[ "$(json '.[0].securebits')" = null ]
	[ "$(json '.[0].seccomp.mode')" = off ]
}

@test "a compact line, and a wide block" {
	sleeper --bounding-set -all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+sys_chroot,+mknod,+audit_write,+setfcap,+sys_time --inh-caps -all
	is 0 show "$pid"
	says "docker-default -NET_RAW +SYS_TIME" "sleep"
	is 0 show --wide "$pid"
	says "bounding     00000000aa0405fb CHOWN" "no_new_privs no" "userns       $(readlink /proc/self/ns/user | tr -dc 0-9) (own)"
	# that of another's process cannot be read
	cp "$CAPKEEPCTL" "$BATS_TEST_TMPDIR/capkeepctl"
	chmod 755 "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "${BATS_TEST_TMPDIR%/*/*}" "$BATS_TEST_TMPDIR/capkeepctl"
	output=$(setpriv --reuid 1000 --regid 1000 --clear-groups "$BATS_TEST_TMPDIR/capkeepctl" show --wide "$pid")
	says "userns       ?"
}

@test "the same names and sets as pscap and getpcaps" {
	local states=(--no-new-privs '--bounding-set -all,+kill,+chown' '--inh-caps +net_raw --ambient-caps +net_raw') state pids=()
	for state in "${states[@]}"; do
		# shellcheck disable=SC2086 # words of a line
		sleeper $state
		pids+=("$pid")
	done
	is 0 show --json "${pids[@]}"
	pscap -a >"$BATS_TEST_TMPDIR/pscap"
	for pid in "${pids[@]}"; do
		[ "$(json ".[] | select(.pid == $pid) | .name")" = "$(awk -v p="$pid" '$2 == p { print $4 }' "$BATS_TEST_TMPDIR/pscap")" ]
		[ "$(json ".[] | select(.pid == $pid) | .ppid")" = "$(awk -v p="$pid" '$2 == p { print $1 }' "$BATS_TEST_TMPDIR/pscap")" ]
		same_as_getpcaps "$pid"
	done
	# every process that pscap names is here under the same name
	is 0 show --all --json
	awk 'NR > 1 { print $2, $4 }' "$BATS_TEST_TMPDIR/pscap" | while read -r one name; do
		[ -d "/proc/$one" ] || continue
		ours=$(json ".[] | select(.pid == $one) | .name")
		[ "$ours" = "$name" ] || [ ! -d "/proc/$one" ] || [[ $ours == *' '* ]] || fail "$one: $ours, pscap: $name"
	done
}

# getpcaps writes "cap_kill=ep", or "=ep cap_kill-ep" where most are held
same_as_getpcaps()
{
	local text theirs

	text=$(getpcaps "$1" 2>&1 | sed 's/^[^:]*: *//')
	theirs=$(awk '/^CapPrm/ { print $2 }' "/proc/$1/status")
	[ "$(json ".[] | select(.pid == $1) | .sets.permitted.mask")" = "$(printf '0x%x' "0x$theirs")" ]
	# the names, where libcap lists them without taking some away
	[[ $text == *-* ]] || [ "$(json ".[] | select(.pid == $1) | .sets.permitted.names | map(ascii_downcase | \"cap_\" + .) | join(\",\")")" = "${text%%[=+]*}" ]
}

@test "without arguments only processes that hold something" {
	sleeper --reuid 1000 --clear-groups
	is 0 show --json
	[ -z "$(json ".[] | select(.pid == $pid)")" ]
	is 0 show --all --json
	[ -n "$(json ".[] | select(.pid == $pid)")" ]
}

@test "a tree indents children and keeps their parents" {
	sleeper --no-new-privs
	is 0 show --tree
	grep -qE "^ *$pid .*  +sleep" <<<"$output"
	is 2 show --tree "$pid"
}

@test "threads have their own lines" {
	scripted 'import sys, threading, time
for _ in range(2): threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
open(sys.argv[1], "w").close()
time.sleep(1000)'
	is 0 show --threads --json "$pid"
	[ "$(json '[.[] | .tid] | sort | join(" ")')" = "$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | sed 's,.*/,,' | sort -n | paste -sd ' ')" ]
	[ "$(json '[.[] | .pid] | unique | join(" ")')" = "$pid" ]
	[ "$(json 'length')" = 3 ]
	is 0 show --json "$pid"
	[ "$(json '[.[] | .tid] | join(" ")')" = "$pid" ]
}

@test "self is this process, with securebits" {
	is 0 show --json self
	[ "$(json '.[0].name')" = capkeepctl ]
	[ "$(json '.[0].securebits')" = 0 ]
}

@test "a process that is not there, and words that are none" {
	is 125 show 2147483647
	says "capkeepctl: 2147483647: there is no such process"
	is 2 show 12x
	is 2 show 0
	is 2 show --nonsense
	is 2 show --treee
	says "did you mean --tree?"
	while IFS='|' read -r words wanted; do
		# shellcheck disable=SC2086 # words
		is 2 $words
		[ "$errors" = "capkeepctl: ${words%% *}: $wanted" ] || fail "$words: $errors"
	done <<-'EOT'
		show --tree -aQx|unknown option '-Q'; capkeepctl show --help lists them
		show -Q|unknown option '-Q'; capkeepctl show --help lists them
		show --all=3|option --all takes no argument
		audit --all -ad|option -d needs an argument
		audit --docker|option --docker needs an argument
	EOT
}

@test "without /proc that is said, and not that a process is missing" {
	profile 'keep = none' '[process]' 'user = unchanged'
	for words in "verify 1 $P" 'audit 1' 'show 1' 'show --threads 1'; do
		# shellcheck disable=SC2086 # words
		run unshare --mount sh -c 'mount -t tmpfs t /proc && exec "$@"' sh "$CAPKEEPCTL" $words
		[ "$status" = 125 ]
		[ "$output" = 'capkeepctl: 1: /proc shows no process; is it mounted?' ] || fail "$words: $output"
	done
}

@test "a hostile name moves no cursor, forges no line, and is whole in JSON" {
	local odd=$'x\e[2J\nPid:\t1'
	cp "$(type -P sleep)" "$BATS_TEST_TMPDIR/$odd"
	sleep_name=$BATS_TEST_TMPDIR/$odd
	sleeper --no-new-privs
	is 0 show --color=always "$pid"
	says 'x\x1b[2J\x0aPid:\x091'
	says_not $'\e[2J'
	is 0 show --json "$pid"
	[ "$(json '.[0].pid')" = "$pid" ]
	[ "$(json '.[0].name')" = "$odd" ]
	odd=$'\xff\xc2\x9b31m\xe2\x80\xae'
	cp "$(type -P sleep)" "$BATS_TEST_TMPDIR/$odd"
	sleep_name=$BATS_TEST_TMPDIR/$odd
	sleeper --no-new-privs
	is 0 show "$pid"
	says '\xff\xc2\x9b31m\xe2\x80\xae'
	is 0 show --json "$pid"
	if grep -P '[^\x00-\x7f]' <<<"$output"; then fail "not ASCII"; fi
}

@test "colour only where it is asked for, and never with NO_COLOR" {
	is 0 show self
	says_not $'\e'
	is 0 show --color=always self
	says $'\e[1m'
	NO_COLOR=1 is 0 show --color=always self
	says_not $'\e'
	is 2 show --color=sometimes self
}

@test "a full disk is noticed" {
	run bash -c '"$0" show --all >/dev/full' "$CAPKEEPCTL"
	[ "$status" = 125 ]
}
