# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the tests of learn share. A case sets options, command and wanted (capabilities, sorted by
# name, or none), and silent, of which no call is refused; D is a directory of its own, which everybody may enter.

CK_TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
: "${CAPKEEPCTL:=${CK_BUILDDIR:-$CK_TOP}/src/capkeepctl}"
: "${CAPKEEP:=${CK_BUILDDIR:-$CK_TOP}/src/capkeep}"
PLACE=$CK_TOP/tests/learn/place
unset NO_COLOR COLUMNS LD_PRELOAD
export LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

fail()
{
	printf '%s\n' "$@" >&2
	return 1
}

needs()
{
	local program

	for program; do
		type -P "$program" >/dev/null || fail "$program is missing; ./bootstrap check installs it"
	done
}

# helper NAME: its path; make check builds them
helper()
{
	local path=${CK_HELPERS:-${CK_BUILDDIR:-$CK_TOP}/tests/helpers}/$1

	[ -x "$path" ] || fail "$path is missing; 'make tests/helpers/$1' builds it" || return
	echo "$path"
}

# soon COMMAND...: it is true in the end
soon()
{
	local tries

	for ((tries = 0; tries < 200; tries++)); do
		! "$@" 2>/dev/null || return 0
		sleep 0.05
	done
	"$@" || fail "never: $*"
}

fresh()
{
	D=$(mktemp -d /tmp/capkeep-learn.XXXXXX)
	chmod 755 "$D"
	options=()
	inside=()
}

# attempt [OPTION...]: the case in a place of its own; sets status, output (JSON), errors, keep
attempt()
{
	keep=
	status=0
	CK_LEARN_MARK=$D "$PLACE" "${inside[@]}" "$CAPKEEPCTL" learn --json "${options[@]}" "$@" -- \
		"${command[@]}" >"$D.output" 2>"$D.errors" 3>&- &
	tool=$!
	wait "$tool" || status=$?
	output=$(<"$D.output")
	errors=$(<"$D.errors")
	rm -f "$D.output" "$D.errors"
	case $status in
	0 | 1)
		keep=$(jq -er '.keep.names | sort | join(" ") | if . == "" then "none" else . end' <<<"$output") ||
			fail "no result" "$output" "$errors"
		;;
	125)
		[ -n "$errors" ] && [ -z "$output" ] || fail "$output" "$errors"
		;;
	esac
}

# learn STATUS [OPTION...]: an attempt that ends so
learn()
{
	attempt "${@:2}" || return
	[ "$status" = "$1" ] || fail "exit $status, not $1" "$output" "$errors"
}

# The processes of a run, which inherit the mark.
marked()
{
	grep -lsz "^CK_LEARN_MARK=$D\$" /proc/[0-9]*/environ || :
}

instance()
{
	echo "/sys/kernel/tracing/instances/capkeepctl-learn-$tool"
}

leaves_no_process()
{
	local left

	left=$(marked)
	[ -z "$left" ] || fail "left: $left"
}

# What a run leaves: nothing. Others may learn at the same time: only this run is looked at. That
# what is looked for is there during a run has a test of its own in ends.bats.
leaves_nothing()
{
	leaves_no_process || return
	[ ! -e "$(instance)" ] || fail "a tracing instance is left"
}

# exact NAME [OPTION...]: the case gives exactly what it wants, proven, with a refused call for each
# but those in silent, and those without which the launcher itself refuses (ping with its file
# capability).
exact()
{
	local name=$1

	shift
	fresh
	silent=
	"case_$name"
	learn 0 "$@"
	[ "$keep" = "$wanted" ] || fail "$name: $keep, not $wanted" "$output" || return
	[ "$(jq -r '[.entries[] | select(.refused == [] and (.why | startswith("it cannot be started: ") | not)) |
		.capability] | join(" ")' <<<"$output")" = "$silent" ] ||
		fail "$name: an entry without a cause" "$output" || return
	jq -e 'all(.entries[]; .failed > 0 and .failed == .runs and (.why | length) > 0)' <<<"$output" >/dev/null ||
		fail "$name: an entry that is not seen to fail" "$output" || return
	[ "$(jq -r .verdict <<<"$output")" = proven ] || fail "$name" "$output" || return
	leaves_nothing || return
	[ -z "${CK_LEARN_LOG-}" ] ||
		jq -r --arg name "$name" '[$name, .tracing, .runs, (.entries | length),
			([.entries[] | select(.named)] | length)] | @tsv' <<<"$output" >>"$CK_LEARN_LOG"
	rm -rf "$D"
}
