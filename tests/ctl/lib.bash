# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the tests of capkeepctl share. CK_BUILDDIR: where it was built; golden files are renewed
# with CK_GOLDEN=write.

CK_TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
DATA=$CK_TOP/tests/ctl/data
GOLDEN=$CK_TOP/tests/ctl/golden
: "${CAPKEEPCTL:=${CK_BUILDDIR:-$CK_TOP}/src/capkeepctl}"
unset NO_COLOR COLUMNS LD_PRELOAD
export LC_ALL=C.UTF-8

fail()
{
	printf '%s\n' "$@" >&2
	return 1
}

# needs PROGRAM...: a case that is not tried has not passed
needs()
{
	local program

	for program; do
		type -P "$program" >/dev/null || fail "$program is missing; ./bootstrap check installs it" || return
	done
}

ctl()
{
	"$CAPKEEPCTL" "$@"
}

# is STATUS [ARGUMENT...]: runs, sets output (standard output), errors and lines
is()
{
	local wanted=$1 status=0

	shift
	output=$("$CAPKEEPCTL" "$@" 2>"$BATS_TEST_TMPDIR/errors") || status=$?
	errors=$(<"$BATS_TEST_TMPDIR/errors")
	mapfile -t lines <<<"$output"
	[ "$status" = "$wanted" ] || fail "exit $status, not $wanted" "$output" "$errors"
}

# says TEXT...: each is a part of what was printed
says()
{
	local text

	for text; do
		[[ $output$'\n'$errors == *"$text"* ]] || fail "no '$text' in:" "$output" "$errors" || return
	done
}

says_not()
{
	local text

	for text; do
		[[ $output$'\n'$errors != *"$text"* ]] || fail "'$text' in:" "$output" "$errors" || return
	done
}

# golden NAME: output and errors are those of tests/ctl/golden/NAME
golden()
{
	local text=$output

	[ -z "$errors" ] || text+=$'\n--- standard error\n'$errors
	text=${text//"$CK_TOP/"/}
	text=${text//"$BATS_TEST_TMPDIR/"/}
	if [ "${CK_GOLDEN:-}" = write ]; then
		printf '%s\n' "$text" >"$GOLDEN/$1"
	fi
	diff -u "$GOLDEN/$1" <(printf '%s\n' "$text")
}

# json FILTER: of output, by jq
json()
{
	jq -rc "$1" <<<"$output"
}

# verdict SUBJECT CONTROL: of the JSON of audit in output
verdict()
{
	json "[.results[] | select(.subject == \"$1\" and .control == \"$2\") | .verdict] | join(\" \")"
}

expect()
{
	[ "$(verdict "$1" "$2")" = "$3" ] || fail "$1 $2: $(verdict "$1" "$2"), not $3"
}

# sleeper [SETPRIV-OPTION...]: a process in that state; sets pid
sleeper()
{
	setpriv "$@" "${sleep_name:-sleep}" 1000 3>&- </dev/null >/dev/null 2>&1 &
	pid=$!
	started+=("$pid")
	local tries
	for ((tries = 0; tries < 100; tries++)); do
		[[ "$(readlink "/proc/$pid/exe")" == */setpriv || "$(readlink "/proc/$pid/exe")" == */bash ]] || return 0
		sleep 0.02
	done
	fail "the process does not start"
}

end_sleepers()
{
	local one

	for one in "${started[@]}"; do
		kill "$one" 2>/dev/null || :
		wait "$one" 2>/dev/null || :
	done
	started=()
}

# profile LINE...: written to $P, owned by root, in a directory that others cannot write
profile()
{
	P=$BATS_TEST_TMPDIR/profile.ini
	printf '%s\n' '[capabilities]' "$@" >"$P"
	chmod 644 "$P"
	chmod 755 "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "${BATS_TEST_TMPDIR%/*/*}"
}

# filter LINE...: a profile with these lines of [seccomp]
filter() { profile 'keep = none' '[process]' 'user = unchanged' '[seccomp]' "$@"; }

# scripted PYTHON WORD...: a process, which makes the file sys.argv[1] when it is ready; sets pid
scripted()
{
	local ready

	ready=$(mktemp -u "$BATS_TEST_TMPDIR/ready.XXXXXX")
	python3 -c "$1" "$ready" "${@:2}" 3>&- &
	pid=$!
	started+=("$pid")
	until [ -e "$ready" ]; do
		[ -d "/proc/$pid" ] || fail "it does not get ready" || return
		sleep 0.05
	done
}

# from FORMAT TEXT: TEXT in that format as a profile; exit $wanted, or 0
from()
{
	printf '%s\n' "$2" >"$BATS_TEST_TMPDIR/from"
	is "${wanted:-0}" convert --to ini --from "$1" "$BATS_TEST_TMPDIR/from"
}
