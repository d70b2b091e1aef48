# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The shipped profiles with the programs that they are for, on the host, in a network namespace of
# their own where port 80 is privileged. What is asserted is the state in /proc/PID/status.

CK_TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
export CK_PROFILES=$CK_TOP/profiles NONE=0000000000000000

fail()
{
	printf '%s\n' "$@" >&2
	return 1
}

same()
{
	[ "$1" = "$2" ] || fail "${3:-}" "expected: $1" "found:    $2"
}

# The launcher: $CAPKEEP, or what a build directory has.
launcher()
{
	local candidate

	for candidate in "${CK_BUILDDIR:-$PWD}" "$CK_TOP/build"; do
		candidate=${CAPKEEP:-$candidate/src/capkeep}
		if [ -x "$candidate" ]; then
			realpath "$candidate"
			return
		fi
	done
	fail "no launcher: make, or set CAPKEEP"
}

# ---- places and processes ----------------------------------------------------------------------

# A directory that a user can reach, and a network namespace held by a process of ours.
begin()
{
	[ "$(id -u)" = 0 ] || fail "the profile tests need root"
	CAPKEEP=$(launcher)
	PLACE=$(mktemp -d "${TMPDIR:-/tmp}/ckp.XXXXXX")
	chmod 755 "$PLACE"
	: >"$PLACE/pids"
	unshare --net -- sleep 600 </dev/null >/dev/null 2>&1 3>&- &
	NETWORK=$!
	echo "$NETWORK" >>"$PLACE/pids"
	until [ "$(readlink /proc/$NETWORK/ns/net)" != "$(readlink /proc/self/ns/net)" ] &&
		[ "$(cat /proc/$NETWORK/comm)" = sleep ]; do sleep 0.02; done
	inside sh -c 'ip link set lo up && echo 1024 >/proc/sys/net/ipv4/ip_unprivileged_port_start &&
		echo "1 0" >/proc/sys/net/ipv4/ping_group_range'
	export CAPKEEP PLACE NETWORK
}

end()
{
	local pid tries

	[ -n "${PLACE:-}" ] || return 0
	while read -r pid; do
		kill -TERM "$pid" 2>/dev/null || continue
		for ((tries = 0; tries < 50; tries++)); do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.05
		done
		kill -KILL "$pid" 2>/dev/null || :
	done < <(tac "$PLACE/pids")
	rm -rf "${PLACE:?}"
}

# inside COMMAND...: in the network namespace
inside()
{
	nsenter --net="/proc/$NETWORK/ns/net" -- "$@"
}

# start WORD...: in the background and in the namespace; sets pid. Output in $PLACE/out
start()
{
	nsenter --net="/proc/$NETWORK/ns/net" -- "$@" </dev/null >"$PLACE/out" 2>&1 3>&- &
	pid=$!
	echo "$pid" >>"$PLACE/pids"
}

# ends_with STATUS...: what was started ends, with one of these
ends_with()
{
	local code=0

	timeout 10 tail --pid="$pid" -f /dev/null || fail "it does not end:" "$(<"$PLACE/out")" || return
	wait "$pid" || code=$?
	[[ " $* " == *" $code "* ]] || fail "exit status $code instead of $*:" "$(<"$PLACE/out")"
}

stop_by()
{
	kill "-$1" "$pid"
	ends_with "${2:-0}"
}

# until_true COMMAND...: for five seconds
until_true()
{
	local tries

	for ((tries = 0; tries < 100; tries++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.05
	done
	fail "never true: $*" "$(<"$PLACE/out")"
}

says()
{
	grep -Eq -e "$1" "$PLACE/out"
}

# says_times COUNT REGEX
says_times()
{
	[ "$(grep -Ec -e "$2" "$PLACE/out")" = "$1" ]
}

# What was started has become this program.
is_now()
{
	[ "$(<"/proc/$pid/comm")" = "$1" ]
}

# environment_of PID REGEX: its lines, sorted
environment_of()
{
	tr '\0' '\n' <"/proc/$1/environ" | grep -E -e "$2" | sort | paste -sd' '
}

# request PORT: the body of http://127.0.0.1:PORT/
request()
{
	# shellcheck disable=SC2016 # for the inner shell
	inside timeout 5 bash -c '
		exec 3<>"/dev/tcp/127.0.0.1/$1"
		printf "GET / HTTP/1.0\r\n\r\n" >&3
		tr -d "\r" <&3 | sed "1,/^$/d"' request "$1"
}

serves()
{
	[ "$(request "$1")" = served ]
}

children()
{
	tr ' ' '\n' <"/proc/$1/task/$1/children" | sed '/^$/d' | sort -n
}

# ---- what the kernel says ----------------------------------------------------------------------

# shellcheck source=tests/kernel-state.bash
. "$CK_TOP/tests/kernel-state.bash"

groups_of()
{
	status_of "$1" Groups | tr ' ' '\n' | sed '/^$/d' | sort -n | paste -sd' '
}

# The groups of /etc/group and the primary one, as groups = init gives them.
groups_by_name()
{
	id -G "$1" | tr ' ' '\n' | sort -n | paste -sd' '
}

# ---- nginx, for two profiles ----------------------------------------------------------------------

# write_nginx USER PORT: a configuration and all directories, prepared
write_nginx()
{
	mkdir -p "$PLACE"/{www,run,temporary/{body,proxy,fastcgi,uwsgi,scgi}}
	echo served >"$PLACE/www/index.html"
	chown -R "$1" "$PLACE/temporary"
	cat >"$PLACE/nginx.conf" <<-EOF
		worker_processes 2;
		daemon off;
		pid $PLACE/run/nginx.pid;
		error_log stderr notice;
		events { worker_connections 64; }
		http {
			access_log off;
			client_body_temp_path $PLACE/temporary/body;
			proxy_temp_path $PLACE/temporary/proxy;
			fastcgi_temp_path $PLACE/temporary/fastcgi;
			uwsgi_temp_path $PLACE/temporary/uwsgi;
			scgi_temp_path $PLACE/temporary/scgi;
			server { listen 127.0.0.1:$2; root $PLACE/www; }
		}
	EOF
}

# Both workers run and stay, and neither an error nor a death was reported.
nginx_runs()
{
	until_true both_workers
	until_true serves 80
	if says '\[(emerg|alert|crit|error)\]'; then
		fail "$(<"$PLACE/out")"
	fi
}

both_workers()
{
	[ "$(children "$pid" | wc -l)" = 2 ]
}

# Without what was left out it either ends or its workers die one after the other.
nginx_fails()
{
	until_true says "$1"
}
