# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the container tests share. Every judgement is on the kernel's state as seen from outside, in
# /proc/PID of the host; what the workload prints is used only where nobody else can see it.

CK_TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
CK_STATUS_SIGNAL=40 # tests/docker/workload.c adds it to the signal that ended it

fail()
{
	printf '%s\n' "$@" >&2
	return 1
}

# ---- the engine -------------------------------------------------------------------------------

# The client beside the engine, before others that PATH may have.
CK_CLIENT=/usr/bin/docker
[ -x "$CK_CLIENT" ] || CK_CLIENT=docker

docker_client()
{
	DOCKER_CLI_HINTS=false "$CK_CLIENT" --host "unix://$CK_ENGINE/sock" "$@"
}

# engine_start DIR [DOCKERD-OPTION...]: sets CK_ENGINE, CK_ENGINE_PID
engine_start()
{
	export CK_ENGINE=$1 CK_ENGINE_PID
	local tries

	mkdir -p "$CK_ENGINE"
	"$CK_TOP/tests/docker/engine.sh" "$@" </dev/null >"$CK_ENGINE.log" 2>&1 3>&- 4>&- &
	CK_ENGINE_PID=$!
	for ((tries = 0; tries < 300; tries++)); do
		docker_client version >/dev/null 2>&1 && return
		kill -0 "$CK_ENGINE_PID" 2>/dev/null || break
		sleep 0.1
	done
	fail "the engine does not start:" "$(tail -n 20 "$CK_ENGINE.log" "$CK_ENGINE/log" 2>&1)"
}

# Ends it and looks whether anything stayed behind.
engine_stop()
{
	local left

	[ -n "${CK_ENGINE_PID:-}" ] || return 0
	kill -TERM "$CK_ENGINE_PID" 2>/dev/null || :
	wait "$CK_ENGINE_PID" 2>/dev/null || :
	while kill -0 "$CK_ENGINE_PID" 2>/dev/null; do sleep 0.1; done
	left=$(
		[ ! -e "$CK_ENGINE" ] || echo "directory $CK_ENGINE"
		grep -F "$CK_ENGINE" /proc/self/mountinfo
		find /sys/fs/cgroup -type d -name "capkeep-tests-$CK_ENGINE_PID" 2>/dev/null
		# shellcheck disable=SC2062 # the pattern is not among grep's own arguments
		grep -lasF -f - /proc/[0-9]*/cmdline <<<"$CK_ENGINE/"
	)
	[ -z "$left" ] || fail "left behind by the engine:" "$left"
	rm -f "$CK_ENGINE.log"
}

# ---- what is tested ---------------------------------------------------------------------------

# The static launcher: $CAPKEEP_STATIC, or what a build directory has.
static_launcher()
{
	local candidate

	for candidate in {"${CK_BUILDDIR:-$PWD}","$CK_TOP/build"}/{static-musl/capkeep,src/capkeep-static,src/capkeep}; do
		[ -z "${CAPKEEP_STATIC:-}" ] || candidate=$CAPKEEP_STATIC
		if [ -x "$candidate" ] && is_static "$candidate"; then
			realpath "$candidate"
			return
		fi
	done
	fail "no static launcher: make static-musl, or set CAPKEEP_STATIC"
}

is_static()
{
	! LC_ALL=C readelf -lW "$1" 2>/dev/null | grep -q ' INTERP ' && readelf -h "$1" >/dev/null 2>&1
}

# workload TARGET: from $CK_HELPERS, or built here.
workload()
{
	if [ -x "${CK_HELPERS:-/nonexistent}/workload" ] && is_static "$CK_HELPERS/workload"; then
		install -m 755 "$CK_HELPERS/workload" "$1"
	else
		"${CC:-cc}" -static -O2 -Wall -Wextra -o "$1" "$CK_TOP/tests/docker/workload.c"
	fi
}

# ---- containers -------------------------------------------------------------------------------

# What every run has, but for --network none where another one is asked for.
CK_RUN=(--hostname here --network none)

# command_of PROFILE: sets command, the docker options and words before the workload's arguments.
# "bare" is the same image without the launcher, "image:NAME" takes the ENTRYPOINT of that image.
command_of()
{
	case $1 in
	bare) entry=(--entrypoint /workload) words=(ck-base) ;;
	image:*) entry=() words=("${1#image:}") ;;
	*)
		entry=(--entrypoint /usr/bin/capkeep)
		words=(ck-base -p "/etc/capkeep/$1.ini" -- /workload)
		;;
	esac
}

# split OPTION... -- WORD...: sets options and arguments
split()
{
	options=() arguments=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	[ $# -eq 0 ] || arguments=("${@:2}")
}

# launch PROFILE [OPTION...] [-- WORD...]: starts in the background; sets id
launch()
{
	local entry words options arguments

	command_of "$1"
	split "${@:2}"
	[[ " ${options[*]} " == *" --network "* ]] || options=("${CK_RUN[@]}" "${options[@]}")
	id=$(docker_client run -d "${options[@]}" "${entry[@]}" "${words[@]}" \
		"${arguments[@]}" 2>&1) || fail "docker run: $id"
	id=${id##*$'\n'}
}

# up PROFILE [OPTION...]: starts "wait" (or the words after --); sets id, pid of the workload, init.
# With root.ini and user.ini it has to be exactly in the state that these ask for.
up()
{
	[[ " $* " == *" -- "* ]] || set -- "$@" -- wait
	launch "$@"
	wait_log '^(ready|bound)' "$id"
	main_pid
	case $1 in
	root | user) same "$(state_by "$1")" "$(state_of "$pid")" "$*" ;;
	esac
}

# Sets pid: the container's first process, or its child where that is docker's --init.
main_pid()
{
	pid=$(docker_client inspect -f '{{.State.Pid}}' "$id")
	[ "$pid" -gt 0 ] || fail "the container does not run"
	init=
	if [[ "$(<"/proc/$pid/comm")" == docker-init ]]; then
		init=$pid
		pid=$(tr -d ' ' <"/proc/$pid/task/$pid/children")
	fi
}

# wait_log REGEX ID [COUNT]: until COUNT (1) lines match
wait_log()
{
	local tries

	for ((tries = 0; tries < 200; tries++)); do
		[ "$(docker_client logs "$2" 2>&1 | grep -acE "$1")" -lt "${3:-1}" ] || return 0
		if [ "$(docker_client inspect -f '{{.State.Running}}{{.State.Restarting}}' "$2")" = falsefalse ]; then
			[ "$(docker_client logs "$2" 2>&1 | grep -acE "$1")" -lt "${3:-1}" ] || return 0
			break
		fi
		sleep 0.05
	done
	fail "no line like '$1' of the container:" "$(docker_client logs "$2" 2>&1)"
}

# ended ID: waits, sets code, and out and err to the exact bytes of the logs
ended()
{
	local logs=${BATS_TEST_TMPDIR:-$CK_STATE}/logs.$1 tries

	code=$(timeout 60 "$CK_CLIENT" --host "unix://$CK_ENGINE/sock" wait "$1") ||
		fail "the container does not end:" "$(docker_client logs --tail 20 "$1" 2>&1)" || return
	# On a busy machine the engine knows of the end before it has read all that was said. No
	# container here ends without a word, so that nothing can only mean "not yet".
	for ((tries = 0; tries < 50; tries++)); do
		docker_client logs "$1" >"$logs.out" 2>"$logs.err"
		if [ -s "$logs.out" ] || [ -s "$logs.err" ]; then break; fi
		sleep 0.1
	done
	# the dot keeps a last new line from the shell
	out=$(cat "$logs.out" && printf .) err=$(cat "$logs.err" && printf .)
	out=${out%.} err=${err%.}
	rm "$logs.out" "$logs.err"
}

remove_containers()
{
	local all

	all=$(docker_client ps -aq)
	# shellcheck disable=SC2086 # one id a word
	[ -z "$all" ] || docker_client rm -f $all >/dev/null 2>&1
}

# ---- what the kernel says ---------------------------------------------------------------------

# shellcheck source=tests/kernel-state.bash
. "$CK_TOP/tests/kernel-state.bash"

# state_by root|user: the state that root.ini and user.ini ask for; in a user namespace uids are shifted
state_by()
{
	local kept none=0000000000000000 base=${CK_USERNS_BASE:-0}

	if [ "$1" = root ]; then
		kept=$(mask NET_BIND_SERVICE KILL)
		state "$base" "$base" "$kept" "$kept" $none $none
	else
		kept=$(mask NET_BIND_SERVICE)
		state $((base + 1234)) $((base + 1234)) "$kept" "$kept" "$kept" "$kept"
	fi
}

same()
{
	[ "$1" = "$2" ] || fail "${3:-}" "expected: $1" "found:    $2"
}

# The workload is the container's first process (or --init's child), no launcher is in between.
is_workload()
{
	same /workload "$(readlink "/proc/$pid/exe")" "exe of the process"
	same workload "$(<"/proc/$pid/comm")" "comm of the process"
	[ -z "$(tr -d ' ' <"/proc/$pid/task/$pid/children")" ] || fail "the workload has a child"
	if [ -n "$init" ]; then
		same "$init" "$(status_of "$pid" PPid)" "parent of the workload"
	fi
}

# stop_by SIGNAL: it reaches the workload, whose exit status passes
stop_by()
{
	docker_client kill -s "$1" "$id" >/dev/null
	ended "$id"
	same $((CK_STATUS_SIGNAL + $(kill -l "$1"))) "$code" "exit status after SIG$1"
}

# Not a byte of the launcher's: everything on standard output is the workload's, nothing is on
# standard error.
silent()
{
	same "" "$err" "standard error"
	[[ "$out" == "argv.0=/workload"$'\n'* ]] || fail "first line of the output:" "$out"
	! grep -aq capkeep: <<<"$out" || fail "the launcher's words are in the output:" "$out"
}

# ---- whole judgements -------------------------------------------------------------------------

# stays OPTION...: root.ini; uid 0 keeps NET_BIND_SERVICE and KILL in the bounding set
stays()
{
	up root "$@"
	is_workload
	stop_by TERM
	silent
}

# becomes OPTION...: user.ini; app has NET_BIND_SERVICE in the ambient set, and its own groups
becomes()
{
	local base=${CK_USERNS_BASE:-0}

	up user "$@"
	same "$((base + 1234)) $((base + 2345))" "$(status_of "$pid" Groups | sed 's/ *$//')" "groups"
	is_workload
	stop_by TERM
	silent
}

both()
{
	stays "$@"
	becomes "$@"
}

# holds_nothing PROFILE UID BOUNDING OPTION...: starts with no capability at all, in docker's group
holds_nothing()
{
	local none=0000000000000000

	up "$1" "${@:4}"
	same "$(state "$2" "$(status_of "$pid" Gid | cut -d' ' -f1)" "$3" "$none" "$none" "$none")" \
		"$(state_of "$pid")" "$1 holds nothing, with ${*:4}"
	is_workload
	stop_by TERM
	silent
}

# refuses PROFILE REGEX... [-- OPTION...]: exit 125; each regex is in the launcher's message; the
# workload has not run
refuses()
{
	local profile=$1 options arguments line patterns

	split "${@:2}"
	patterns=("${options[@]}")
	launch "$profile" "${arguments[@]}" -- exit 0
	ended "$id"
	same 125 "$code" "exit status of $profile with ${arguments[*]}: $err"
	same "" "$out" "standard output"
	while read -r line; do
		[[ "$line" == "capkeep: "* ]] || fail "a line that is not the launcher's: $line"
	done <<<"${err%$'\n'}"
	for line in "${patterns[@]}"; do
		grep -aqE -e "$line" <<<"$err" || fail "'$line' is missing in:" "$err"
	done
}
