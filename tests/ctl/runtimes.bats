#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Filters of live processes, as the kernel has them: of containers of runc and crun with Docker's
# and Podman's JSON, and of a process behind capkeep with what capkeepctl convert makes of the same
# JSON. Compared over every number of x86_64, i386 and x32 and the values around those that the JSON
# compares. Each difference is listed, and there are no others. docs/seccomp-guide.md explains them:
#
#   [un]named  a number without a name gets ENOSYS here (unknown), and what the JSON does not mention
#              its defaultAction. runc answers ENOSYS above the highest number of an ABI that the
#              JSON mentions, named or not, and defaultAction below; crun defaultAction everywhere.
#              Docker's defaultAction is EPERM; Podman's is ENOSYS, so that all say the same.
#   high       the kernel reads 32 bits of these arguments, and so does a converted profile. The
#              runtimes compare 64 on x86_64 and 32 on i386 and x32; --raw64 compares 64 on x86_64
#              and x32.
#   foreign    another machine's call, of which the kernel makes none: kill ends the process,
#              kill-thread the thread.
#
# The numbers are those of the two files in Debian 12; where a newer file names more calls, they move.

load lib

DOCKER=/usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json
PODMAN=/usr/share/containers/seccomp.json

setup()
{
	HELPERS=${CK_HELPERS:-$CK_BUILDDIR/tests/helpers}
	CAPKEEP=${CAPKEEP:-$CK_BUILDDIR/src/capkeep}
	T=$BATS_TEST_TMPDIR
	runtime=
	pid=
	[ "$(uname -m)" = x86_64 ] || fail 'the list is for x86_64' || return
	needs runc crun jq unshare
	[ -e "$DOCKER" ] || fail "$DOCKER is missing" || return
	[ -e "$PODMAN" ] || fail "$PODMAN is missing" || return
	mkdir -p "$T"/b/rootfs/proc
	install -m 755 "$HELPERS/dump-filter" "$T/b/rootfs/wait"
	chmod 755 "$T"{,/..,/../..,/b,/b/rootfs}
}

teardown()
{
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || :
	[ -z "$runtime" ] || engine delete -f "ck-$$" >/dev/null 2>&1 || :
}

# engine WORD...: the runtime. It takes part in no control groups, so that it makes no difference
# which there are and who may write them: it sees version 2, and that read-only.
engine()
{
	local words=(runc --rootless=true)

	[ "$runtime" = runc ] || words=(crun --cgroup-manager=disabled)
	# shellcheck disable=SC2016 # for the inner shell
	timeout -s KILL 60 unshare -m sh -ec '
		mount -t tmpfs none /sys/fs/cgroup # else busy, where it is version 2 already
		mount -t cgroup2 none /sys/fs/cgroup
		mount -o remount,bind,ro /sys/fs/cgroup
		exec "$@"' engine "${words[@]}" --root "$T/state" "$@" 3>&-
}

# dump PID FILE: its only filter
dump()
{
	[ "$("$HELPERS/dump-filter" "$1" "$T/$2")" = 1 ] || fail "not one filter: $2"
}

# ours JSON KEEP FILE [OPTION]: what the launcher loads
ours()
{
	local tries

	ctl convert --to ini --keep "$2" "${@:4}" "$1" >"$T/ours.ini" 2>"$T/notes"
	"$CAPKEEP" -p "$T/ours.ini" -- "$T/b/rootfs/wait" 3>&- </dev/null &
	pid=$!
	for ((tries = 0; tries < 1000; tries++)); do
		[ "$(readlink "/proc/$pid/exe")" != "$T/b/rootfs/wait" ] || break
		sleep 0.02
	done
	dump "$pid" "$3"
	kill "$pid"
	wait "$pid" 2>/dev/null || :
	pid=
}

# theirs CAPS: what the runtime loads, with linux.seccomp from $T/seccomp
theirs()
{
	rm -f "$T/b/config.json"
	(cd "$T/b" && engine spec)
	jq --argjson caps "$1" --slurpfile seccomp "$T/seccomp" '.linux.seccomp = $seccomp[0]
		| .process |= (.terminal = false | .args = ["/wait"] | .noNewPrivileges = true
			| .capabilities |= map_values($caps) | del(.rlimits))
		| .mounts |= map(select(.type == "proc"))
		| del(.linux.resources)
		| .linux.namespaces |= map(select(.type != "network" and .type != "cgroup"))' "$T/b/config.json" >"$T/config"
	mv "$T/config" "$T/b/config.json"
	engine run -d --pid-file "$T/pid" -b "$T/b" "ck-$$" </dev/null >"$T/log" 2>&1 || fail "$(<"$T/log")"
	dump "$(<"$T/pid")" theirs
	engine delete -f "ck-$$"
}

# compare JSON KEEP: lines "RUNTIME [raw64] DIFFERENCE" in $T/found
compare()
{
	local json=$1 keep=$2 caps values

	caps=$(jq -cn --arg keep "$keep" '$keep | split(" ") | map(select(. != "none") | "CAP_" + .)')
	jq --argjson caps "$caps" --arg kernel "$(uname -r | grep -o '^[0-9]*\.[0-9]*')" \
		-f "$CK_TOP/tests/ctl/resolve.jq" "$json" >"$T/seccomp"
	mapfile -t values < <(jq '[.syscalls[].args[]? | .value, .valueTwo // 0] | unique[]' "$T/seccomp")
	ours "$json" "$keep" ours
	ours "$json" "$keep" raw --raw64
	for runtime in runc crun; do
		theirs "$caps"
		"$HELPERS/compare-filters" "$T/ours.0" "$T/theirs.0" "${values[@]}" 2>>"$T/count" >"$T/one"
		sed "s/^/$runtime /" "$T/one" >>"$T/found"
		"$HELPERS/compare-filters" "$T/raw.0" "$T/theirs.0" "${values[@]}" 2>>"$T/count" >"$T/one"
		sed "s/^/$runtime raw64 /" "$T/one" >>"$T/found"
	done
	echo "# ${json##*/}, $keep: $(awk '{ n += $1 } END { print n }' "$T/count") calls" >&3
}

# differs: what was found is what is listed on standard input, where "both" stands for runc and crun
differs()
{
	diff -u <(sed -n '/^both/ { s/^both/runc/p; s/^runc/crun/ }; p' | sort) <(sort "$T/found")
}

# docker_differences: with any capabilities
docker_differences()
{
	local raw

	for raw in '' ' raw64'; do
		cat <<-EOT
			runc$raw x86_64 every unnamed 337-423: ENOSYS, EPERM
			runc$raw i386 every unnamed 222-415: ENOSYS, EPERM
			runc$raw x32 every unnamed 13-511: ENOSYS, EPERM
			runc$raw x86_64 every named 450-: EPERM, ENOSYS
			runc$raw i386 every named 450-: EPERM, ENOSYS
			crun$raw x86_64 every unnamed 337-: ENOSYS, EPERM
			crun$raw i386 every unnamed 222-: ENOSYS, EPERM
			crun$raw x32 every unnamed 13-: ENOSYS, EPERM
			both$raw foreign: kill, kill-thread
		EOT
	done
	cat <<-EOT
		both x86_64 personality high: allow, EPERM
		both raw64 x32 personality high: EPERM, allow
	EOT
}

# podman_differences: with any capabilities
podman_differences()
{
	cat <<-EOT
		both foreign: kill, kill-thread
		both raw64 foreign: kill, kill-thread
		both x86_64 personality high: allow, ENOSYS
		both raw64 x32 personality high: ENOSYS, allow
	EOT
}

@test "docker's default.json, a container without capabilities" {
	compare "$DOCKER" none
	docker_differences | differs
}

@test "docker's default.json, a container with capabilities" {
	compare "$DOCKER" 'CHOWN NET_RAW SYS_CHROOT AUDIT_WRITE SYS_ADMIN'
	docker_differences | differs
}

# socket(netlink, ..., audit) is denied: with bits above 32 in one of them as well.
@test "podman's seccomp.json, a container without capabilities" {
	compare "$PODMAN" none
	{
		podman_differences
		echo 'both x86_64 socket high: EINVAL, allow'
		echo 'both raw64 x32 socket high: allow, EINVAL'
	} | differs
}

@test "podman's seccomp.json, a container with capabilities" {
	compare "$PODMAN" 'CHOWN NET_RAW SYS_CHROOT AUDIT_WRITE SYS_ADMIN'
	podman_differences | differs
}

@test "the control: what a capability more allows is found, on each ABI" {
	ours "$PODMAN" none ours
	ours "$PODMAN" SYS_CHROOT more
	"$HELPERS/compare-filters" "$T/ours.0" "$T/more.0" 2>/dev/null >"$T/found"
	differs <<-EOT
		x86_64 every named 161-161: EPERM, allow
		i386 every named 61-61: EPERM, allow
		x32 every named 161-161: EPERM, allow
	EOT
	ours "$PODMAN" AUDIT_WRITE more
	"$HELPERS/compare-filters" "$T/ours.0" "$T/more.0" 9 16 2>/dev/null >"$T/found"
	grep -qx 'x86_64 socket some: EINVAL, allow' "$T/found" || fail "$(<"$T/found")"
}
