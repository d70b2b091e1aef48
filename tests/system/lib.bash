# SPDX-License-Identifier: MIT
# lib.bash - loaded by every suite here: finds the programs, runs the launcher from a known state,
# and asserts what the kernel said, as printed by probe.
#
#   CAPKEEP         the launcher (default: $CK_BUILDDIR/src/capkeep)
#   CAPKEEP_STATIC  the static launcher (default: capkeep-static beside it)
#   CK_HELPERS      directory of probe, start, fault, hostile (default: $CK_BUILDDIR/tests/helpers)
#
# Every test has a directory $D of its own that all users can enter; $P is its profile. The
# programs are copied to $B first, since a build directory need not be reachable for others.
# shellcheck shell=bash disable=SC2034

CK_HERE=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
CK_BUILDDIR=${CK_BUILDDIR:-$CK_HERE/../../build}

# The capabilities of capabilities(7) that the suites use, as masks.
CHOWN=1 DAC_OVERRIDE=2 FOWNER=8 KILL=20 SETGID=40 SETUID=80 SETPCAP=100
NET_BIND=400 NET_ADMIN=1000 NET_RAW=2000 SYS_ADMIN=200000
DOCKER=a80425fb

setup_suite_dir() {
	local launcher=${CAPKEEP:-$CK_BUILDDIR/src/capkeep} name
	T=$(mktemp -d "${TMPDIR:-/tmp}/capkeep-system.XXXXXX")
	B=$T/bin
	export T B
	chmod 755 "$T"
	mkdir "$B"
	cp "$launcher" "$B/capkeep"
	cp "${CAPKEEP_STATIC:-${launcher%/*}/capkeep-static}" "$B/capkeep-static"
	for name in call probe start fault hostile; do
		cp "${CK_HELPERS:-$CK_BUILDDIR/tests/helpers}/$name" "$B/$name"
	done
	chmod 755 "$B" "$B"/*
	# What the runner of this suite has: "everything" of a host, less in a container.
	ALL=$("$B/probe" -k bounding)
	export ALL=${ALL#bounding=}
}

teardown_suite_dir() {
	[ -z "${NS_PID:-}" ] || close_namespace
	rm -rf "$T"
}

setup_file() { setup_suite_dir; }
teardown_file() { teardown_suite_dir; }

setup() {
	D=$(mktemp -d "$T/t.XXXXXX")
	chmod 755 "$D"
	P=$D/p.ini
	status=
	ENV=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root)
	NS=()
	[ -z "${NS_PID:-}" ] || NS=(nsenter -t "$NS_PID" -m --wd=/)
}

# ---- a mount namespace for a suite ---------------------------------------------------------------

# open_namespace COMMAND: keeps a mount namespace in which COMMAND (bash) has been run.
open_namespace() {
	mkfifo "$T/ready"
	unshare -m --propagation private bash -c "$1
		echo ready >$T/ready; exec sleep infinity" 3>&- 4>&- >"$T/namespace.log" 2>&1 &
	NS_PID=$!
	export NS_PID
	read -r -t 20 _ <"$T/ready" || { cat "$T/namespace.log" >&2; return 1; }
}

close_namespace() {
	kill "$NS_PID"
	wait "$NS_PID" 2>/dev/null || :
}

# ---- profiles ------------------------------------------------------------------------------------

# profile LINE...: writes $P. A line like "[x]" opens a section; the first ones are of [capabilities].
profile() {
	{
		[[ $1 == '['* ]] || echo '[capabilities]'
		printf '%s\n' "$@"
	} >"$P"
}

# stay KEEP [LINE...]: uid 0 stays.    become KEEP UID [LINE...]: a user by number.
# LINEs are of [process] until they open another section.
stay() {
	profile "keep = $1" '[process]' 'user = unchanged' "${@:2}"
}

become() {
	profile "keep = $1" '[process]' "user = $2" "group = $2" "${@:3}"
}

# ---- running -------------------------------------------------------------------------------------

# launch [OPERATION...] -- COMMAND...: from a known state, changed by operations of start.
# Leaves $status, $D/out and $D/err.
launch() {
	local ops=()
	while [ "$1" != -- ]; do
		ops+=("$1")
		shift
	done
	rm -f "$D/out" "$D/err"
	# A pipe, so that the workload can be heard whatever its file size limit is.
	"${NS[@]}" env -i "${ENV[@]}" "$B/start" reset "${ops[@]}" "$@" \
		2>"$D/err" </dev/null | cat >"$D/out"
	status=${PIPESTATUS[0]}
}

# ck [OPERATION...] -- ARGUMENT...: the launcher with arguments.
ck() {
	local ops=()
	while [ "$1" != -- ]; do
		ops+=("$1")
		shift
	done
	launch "${ops[@]}" -- "$B/capkeep" "${@:2}"
}

# go [OPERATION...]: the launcher with the profile $P and probe as the workload.
go() {
	ck "$@" -- -p "$P" -- "$B/probe"
}

# ---- what has come of it -------------------------------------------------------------------------

show() {
	echo "# status $status; profile:"
	[ ! -e "$P" ] || cat -A "$P"
	echo "# standard error:"
	cat -A "$D/err"
	echo "# standard output:"
	head -c 6000 "$D/out"
}

fail() {
	echo "FAILED: $*"
	show
	return 1
}

value() { # of KEY as printed by the workload
	awk -v key="$1=" 'index($0, key) == 1 { print substr($0, length(key) + 1) }' "$D/out"
}

# expect KEY VALUE [KEY VALUE]...
expect() {
	local got
	while [ $# -gt 0 ]; do
		got=$(value "$1")
		[ "$got" = "$2" ] || fail "$1 is \"$got\", not \"$2\"" || return
		shift 2
	done
}

mask() {
	printf '%016x' "0x$1"
}

either() { # masks in hex, united
	local all=0 m
	for m; do all=$((all | 0x$m)); done
	printf '%x' "$all"
}

without() { # MASK MASK...
	local all=$((0x$1)) m
	for m in "${@:2}"; do all=$((all & ~0x$m)); done
	printf '%x' "$all"
}

# sets BOUNDING PERMITTED EFFECTIVE INHERITABLE AMBIENT
sets() {
	expect bounding "$(mask "$1")" permitted "$(mask "$2")" effective "$(mask "$3")" \
		inheritable "$(mask "$4")" ambient "$(mask "$5")"
}

ids() { # UID GID GROUPS
	expect uid "$1 $1 $1" gid "$2 $2 $2" groups "$3"
}

# started [STATUS]: the workload ran, ended with STATUS, and the launcher had nothing to say.
started() {
	[ "$status" = "${1:-0}" ] || fail "status $status, not ${1:-0}" || return
	[ -s "$D/out" ] || fail "the workload has not run" || return
	[ ! -s "$D/err" ] || fail "something on standard error"
}

# refused STATUS WORD...: the workload never ran, each line on standard error has the form
# "capkeep: WHERE: TEXT", and each WORD (extended regular expression, any case) occurs.
refused() {
	local word
	[ "$status" = "$1" ] || fail "status $status, not $1" || return
	[ ! -s "$D/out" ] || fail "something on standard output" || return
	[ -s "$D/err" ] || fail "refused in silence" || return
	grep -vE '^capkeep: [^ ].*: .+' "$D/err" && { fail "a line of another form" || return; }
	for word in "${@:2}"; do
		grep -qiE -- "$word" "$D/err" || fail "no \"$word\" in the message" || return
	done
}

# The two models at once: uid 0 with K, a user with K.
root_holds() { # K [INHERITABLE AMBIENT]
	started && sets "$1" "$1" "$1" "${2:-0}" "${3:-0}" && expect uid '0 0 0' no_new_privs 1 \
		keepcaps 0
}

user_holds() { # UID K
	started && sets "$2" "$2" "$2" "$2" "$2" && expect uid "$1 $1 $1" gid "$1 $1 $1" \
		no_new_privs 1 keepcaps 0
}
