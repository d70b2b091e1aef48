#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# learn where something is not as it should be: programs, checks, ends.
# shellcheck shell=bash

load lib
load cases

setup()
{
	fresh
}

teardown()
{
	rm -rf "$D"
}

@test "one that never works: 125, with what it said" {
	command=(/bin/sh -c 'echo broken beyond repair >&2; exit 3')
	learn 125
	[[ $errors == *"exit status 3"*"broken beyond repair"* ]]
	leaves_nothing
}

@test "one that is not there: 125, with the launcher's words" {
	command=("$D/nowhere")
	learn 125
	[[ $errors == *"cannot be started"*"$D/nowhere"* ]]
}

# A user who holds nothing, in a bounding set that he cannot cut: what is said is why it failed, not
# that it could not be tried without no_new_privs.
@test "as an ordinary user: why it does not work is said as to root" {
	cp "$CAPKEEPCTL" "$D/capkeepctl" # where that user may run it
	CAPKEEPCTL=$D/capkeepctl
	cd "$D"
	inside=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all)
	while IFS='|' read -r words why; do
		read -ra command <<<"$words"
		learn 125
		[[ $errors == *"everything that can be given to it (none): $why"* ]] || fail "$words: $errors"
	done <<-END
		false|exit status 1
		$D/nowhere|it cannot be started: command: $D/nowhere: No such file or directory
		cat $D/.|exit status 1; it said: cat: $D/.: Is a directory
	END
	command=(true)
	learn 125 --user daemon
	[[ $errors == *"user: changing the uid needs SETUID"* ]] || fail "$errors"
	command=(sleep 100)
	learn 125 --timeout 1 --check false
	[[ $errors == *"the check does not succeed"* ]] || fail "$errors"
	leaves_nothing
}

@test "a check that succeeds without the command proves nothing: 125" {
	options=(--check true)
	command=(sleep 1000)
	learn 125
	[[ $errors == *"--check: it succeeds although the command does not run"* ]]
	leaves_nothing
}

@test "a check that a run leaves satisfied is noticed before the next" {
	options=(--check "test -e $D/up")
	command=(/bin/sh -c "touch $D/up; exec sleep 1000")
	learn 125
	[[ $errors == *"succeeds between two runs"*"--setup"* ]]
	leaves_nothing
}

@test "a set-up that fails: 125, with what it said" {
	options=(--setup 'echo no room >&2; exit 7')
	command=(/bin/true)
	learn 125
	[[ $errors == *"--setup: exit status 7: no room"* ]]
}

@test "a check that never succeeds: 125, with what it said" {
	options=(--check 'echo nobody there >&2; exit 1')
	command=(sleep 1000)
	learn 125 --timeout 1
	[[ $errors == *"the check does not succeed: nobody there"* ]]
	leaves_nothing
}

@test "with --stop, how it ends counts" {
	case_read
	options=(--setup "rm -f $D/up $D/pid" --check "test -e $D/up")
	command=(/bin/sh -c "trap 'cat $D/file || exit 1; exit 0' TERM; echo \$\$ >$D/pid
		touch $D/up; while :; do sleep 0.02; done")
	learn 0
	[ "$keep" = none ]
	options+=(--stop "kill \$(cat $D/pid)")
	learn 0
	[ "$keep" = DAC_READ_SEARCH ]
}

@test "one that goes on running, without a check: 125, and says what is missing" {
	command=(sleep 1000)
	learn 125 --timeout 1
	[[ $errors == *"still runs after 1 s"*"needs --check"* ]]
	leaves_nothing
}

# The failing run is one of eight in a row, wherever the row begins. Whether it was one that would
# have worked, the command itself notes down.
@test "one that fails one time in eight: the right set, and called proven only where it was not seen" {
	local start verdict flaky=0 proven=0

	case_read
	for start in 0 1 2 3 4 5 6 7; do
		echo "$start" >"$D/count"
		rm -f "$D/chance"
		command=(/bin/sh -c "n=\$((\$(cat $D/count) + 1)); echo \$n >$D/count; cat $D/file || exit
			[ \$((n % 8)) != 0 ] || { touch $D/chance; exit 1; }")
		attempt
		[ "$keep" = "$wanted" ] || fail "$start: $keep" "$output" "$errors"
		verdict=$(jq -r .verdict <<<"$output")
		if [ -e "$D/chance" ]; then
			[ "$verdict $status" = 'flaky 1' ] || fail "$start: $verdict" "$output"
			flaky=$((flaky + 1))
		else
			[ "$verdict $status" = 'proven 0' ] || fail "$start: $verdict" "$output"
			proven=$((proven + 1))
		fi
	done
	[ "$flaky" -gt 0 ]
	[ "$proven" -gt 0 ]
	leaves_nothing
}

@test "a process that dies of SIGSEGV or SIGSYS fails the run, whoever its parent is" {
	for signal in SEGV SYS; do
		command=(/bin/sh -c "cat /dev/null; sh -c 'kill -$signal \$\$'; exit 0")
		learn 125
		[[ $errors == *"a process is ended by $signal"* ]]
	done
}

# It asks for three and needs none; two of them it cannot be given.
@test "what is not held is not testable, and never called not needed" {
	echo secret >"$D/file"
	chown 33 "$D/file"
	chmod 600 "$D/file"
	command=(/bin/sh -c "cat $D/file; chown 33 $D; exit 0")
	inside=(setpriv --bounding-set -dac_override,-dac_read_search --inh-caps -all)
	learn 0 --trace tracefs
	[ "$keep" = none ]
	jq -e '.not_testable.names | index("DAC_OVERRIDE") and index("DAC_READ_SEARCH")' <<<"$output"
	jq -e '[.not_needed[].capability] == ["CHOWN"]' <<<"$output" || fail "$output"
	[ "$("$PLACE" "${inside[@]}" "$CAPKEEPCTL" learn -- "${command[@]}" |
		grep -c '^; Not testable, since it is not held here: DAC_.* (asked for)$')" = 2 ]
}

# 213 is setuid32, 212 chown32, 5 open: natively they are others'.
@test "refused calls of 32-bit programs are named by their own numbers" {
	local call

	[ "$(uname -m)" = x86_64 ] || fail "its numbers are those of x86_64 and i386"
	call=$(helper call)
	command=(/bin/sh -c "$call i386/213:5 | grep -qx 213=0")
	learn 0
	[ "$keep" = SETUID ]
	[ "$(jq -c .entries[0].refused <<<"$output")" = '["32-bit setuid32(5) = EPERM"]' ] || fail "$output"
}

# refusals CALL WANTED...: python calls CALL of libc in a directory of its own; these are its causes
refusals()
{
	local call=$1

	shift
	printf '%s\n' 'import ctypes, sys' 'libc = ctypes.CDLL(None)' "sys.exit($call != 0)" >"$D/call.py"
	mkdir -p "$D/new"
	options=(--setup "umount -q $D/new; rm -f $D/link; touch $D/f $D/x")
	command=(sh -c "cd $D && exec python3 call.py")
	learn 0
	[ "$(jq -r '.entries[].refused[]' <<<"$output")" = "$(printf '%s\n' "$@")" ] || fail "$call" "$output"
}

@test "what is no path stands in the evidence as it was passed, paths in full" {
	inside=(unshare --uts)
	refusals "libc.sethostname(b'x', 1)" 'sethostname("x") = EPERM'
	refusals "libc.setdomainname(b'x', 1)" 'setdomainname("x") = EPERM'
	refusals "libc.setxattr(b'f', b'trusted.x', b'1', 1, 0)" "setxattr(\"$D/f\", \"trusted.x\") = EPERM"
	refusals "libc.mount(b'x', b'new', b'tmpfs', 0, None)" "mount(\"x\", \"$D/new\") = EPERM"
	refusals "libc.mount(b'$D/x', b'new', b'tmpfs', 0, None)" "mount(\"$D/x\", \"$D/new\") = EPERM"
	refusals "libc.mount(b'.', b'new', None, 4096, None)" "mount(\"$D/.\", \"$D/new\") = EPERM"
	chown 33 "$D"
	refusals "libc.symlinkat(b'x', -100, b'link')" "symlinkat(\"x\", \"$D/link\") = EACCES"
}

@test "as another user: ambient capabilities" {
	case_read
	command=(/bin/cat "$D/file")
	options=(--user daemon)
	learn 0
	[ "$keep" = DAC_READ_SEARCH ]
	[ "$(jq -r .user <<<"$output")" = daemon ]
}

# As the launcher's -u has it, and the profile says the same.
@test "as a user and a group, also without an entry of its own" {
	command=(sh -c 'test "$(id -u):$(id -g)" = 1234:1')
	learn 0 --user 1234:daemon
	[ "$keep" = none ]
	[ "$(jq -c '[.user, .group]' <<<"$output")" = '["1234","daemon"]' ] || fail "$output"
	"$CAPKEEPCTL" learn --user 1234:daemon -o "$D/x.ini" -- "${command[@]}"
	[ "$(sed -n '/^\[process\]$/,$p' "$D/x.ini" | head -3)" = $'[process]\nuser = 1234\ngroup = daemon' ]
	"$CAPKEEP" -p "$D/x.ini" -- "${command[@]}"
	learn 125 --user 1234
	[[ $errors == *"group has to be stated: group = GROUP in [process], or -u 1234:GROUP"* ]] || fail "$errors"
	command=(sh -c 'test "$(id -u):$(id -g)" = 0:1')
	learn 0 --user unchanged:daemon
	[ "$(jq -c '[.user, .group]' <<<"$output")" = '["unchanged","daemon"]' ] || fail "$output"
	command=(true)
	learn 0 --user daemon
	jq -e '.group == null' <<<"$output" || fail "$output"
}

# The newcomer's line, but for the place.
@test "the profile starts what it was learned from, with these sets and no others" {
	needs nginx curl
	case_nginx_logs
	"$PLACE" "$CAPKEEPCTL" learn -o "$D/nginx.ini" "${options[@]}" -- "${command[@]}" >"$D/said"
	grep -q 'bind(0.0.0.0:80) = EACCES' "$D/nginx.ini"
	grep -q "^; .*openat(\"$D/log/" "$D/nginx.ini"
	grep -q "^written: $D/nginx.ini" "$D/said"
	cat >"$D/test" <<-END
		"\$@" &
		pid=\$!
		for i in \$(seq 100); do curl -fsS http://127.0.0.1/ 2>/dev/null && break; sleep 0.05; done
		"$CAPKEEPCTL" verify \$pid "$D/nginx.ini"
		status=\$?
		kill \$pid
		wait \$pid
		exit \$status
	END
	"$PLACE" sh "$D/test" "$CAPKEEP" -p "$D/nginx.ini" -- "${command[@]}"
}

# Under the learned profile it can replace what it has made before.
@test "the backup of docs/learn.md, learned and run twice" {
	sed -n '/^#!\/bin\/sh$/,/^```$/{/^```/!p}' "$CK_TOP/docs/learn.md" >"$D/backup.sh"
	chmod 755 "$D/backup.sh"
	cat >"$D/test" <<-END
		set -e
		mount -t tmpfs tmpfs /srv
		install -d -o www-data -m 700 /srv/web
		mkdir $D/backups
		"$CAPKEEPCTL" learn --setup 'rm -rf $D/out; mkdir $D/out' -o $D/backup.ini -- $D/backup.sh $D/out
		"$CAPKEEP" -p $D/backup.ini -- $D/backup.sh $D/backups
		touch /srv/web/more
		"$CAPKEEP" -p $D/backup.ini -- $D/backup.sh $D/backups
	END
	"$PLACE" sh "$D/test" >"$D/said"
	grep -q '^CHOWN DAC_READ_SEARCH: proven: ' "$D/said" || fail "$(<"$D/said")"
	[ "$(stat -c %U "$D/backups/srv.tar")" = backup ]
	tar -tf "$D/backups/srv.tar" | grep -q more
}

@test "without -o the profile is the output" {
	case_read
	"$CAPKEEPCTL" learn -- "${command[@]}" >"$D/read.ini"
	[ "$("$CAPKEEP" -p "$D/read.ini" -- "${command[@]}")" = secret ]
	status=0
	"$CAPKEEP" -p "$D/read.ini" -k none -- "${command[@]}" || status=$?
	[ "$status" = 1 ]
}

@test "perf tells the same as tracefs" {
	case_read
	command=(/bin/sh -c "cat $D/file && { chown 33 $D || :; }")
	learn 0 --trace tracefs
	[ "$keep" = "$wanted" ]
	[ "$(jq -r .tracing <<<"$output")" = tracefs ]
	first=$(jq -c '[.runs, .not_needed]' <<<"$output")
	[ "$(jq -r '.not_needed[].capability' <<<"$output")" = CHOWN ] || fail "$output"
	learn 0 --trace perf
	[ "$keep" = "$wanted" ]
	[ "$(jq -r .tracing <<<"$output")" = perf ]
	[ "$(jq -c '[.runs, .not_needed]' <<<"$output")" = "$first" ] || fail "$first" "$output"
	leaves_nothing
}

# refused TEXT WORD...: usage
refused()
{
	local text=$1

	shift
	status=0
	"$CAPKEEPCTL" learn "$@" >"$D/out" 2>"$D/errors" || status=$?
	[ "$status" = 2 ] || fail "$*: $status"
	[ ! -s "$D/out" ]
	[ "$(<"$D/errors")" = "capkeepctl: $text" ] || fail "$(<"$D/errors")"
}

@test "usage: 2, with the remedy" {
	local example="learn --check 'curl -fsS http://127.0.0.1/' -- nginx -g 'daemon off;'"
	local needs="is for a command that goes on running, which needs --check to tell whether it works"

	refused "learn: needs a command behind --: $example"
	refused "learn: needs a command behind --: $example" --
	refused "learn: needs a command behind --: $example" true
	refused "--trace: 'sometimes' is not auto, off, tracefs or perf" --trace sometimes -- true
	refused "--timeout: 'soon' is no number of seconds from 1 to 86400" --timeout soon -- true
	refused "--timeout: '0' is no number of seconds from 1 to 86400" --timeout 0 -- true
	refused "--stop: $needs" --stop true -- true
	refused "--ready: $needs" --ready true -- true
	refused "-u: the user is missing; to change only the group write unchanged:adm" --user :adm -- true
	refused "learn: option --setup is given twice; which one counts is not guessed" \
		--setup a --setup b -- true
}
