#!/bin/sh
# SPDX-License-Identifier: MIT
# A Docker Engine of the tests' own, in the foreground:  engine.sh DIR [DOCKERD-OPTION...]
#
# The socket is DIR/sock. Runs in a mount namespace of its own with an empty /run, so that it neither
# finds nor disturbs an engine of the machine, and nothing that it mounts outlives it. Ends on TERM,
# or with the process that started it, and takes containers, shims, cgroups and DIR with it.
set -eu

fail()
{
	echo "engine.sh: $*" >&2
	exit 1
}

[ $# -ge 1 ] || fail "usage: engine.sh DIR [DOCKERD-OPTION...]"
[ "$(id -u)" = 0 ] || fail "needs root"

if [ "${CK_ENGINE_INSIDE:-}" != yes ]; then
	for program in docker dockerd containerd runc setpriv unshare; do
		command -v "$program" >/dev/null || fail "$program is not installed"
	done
	export CK_ENGINE_INSIDE=yes
	exec setpriv --pdeathsig TERM unshare --mount --propagation private -- "$0" "$@"
fi

dir=$1
shift
parent=capkeep-tests-$$

# cgroupfs-mount(8) in short, for where nobody has mounted them (a chroot in a CI job).
mount_cgroups()
{
	mountpoint -q /sys/fs/cgroup && return
	if mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null &&
		grep -qw pids /sys/fs/cgroup/cgroup.controllers; then
		return
	fi
	mountpoint -q /sys/fs/cgroup && umount /sys/fs/cgroup
	mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
	awk '!/^#/ && $4 == 1 { print $1 }' /proc/cgroups | while read -r controller; do
		mkdir "/sys/fs/cgroup/$controller"
		mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller" 2>/dev/null ||
			rmdir "/sys/fs/cgroup/$controller"
	done
}

# Where the machine's own root lacks a capability, runc cannot give it: "unable to apply caps". The
# wrapper takes it out of what the engine asks for, so that --privileged and --cap-add ALL start
# with all that there is.
write_runtime()
{
	sed_script=$(
		bounding=$((0x$(awk '/^CapBnd:/ { print $2 }' /proc/self/status)))
		last=$(cat /proc/sys/kernel/cap_last_cap)
		number=0
		for name in CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID \
			SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW \
			IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT \
			SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE \
			AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM \
			BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE; do
			if [ "$number" -le "$last" ] && [ $((bounding >> number & 1)) = 0 ]; then
				printf 's/"CAP_%s",//g;s/,"CAP_%s"//g;s/"CAP_%s"//g;' \
					"$name" "$name" "$name"
			fi
			number=$((number + 1))
		done
	)
	cat >"$dir/runtime" <<-EOF
		#!/bin/sh
		bundle=.
		previous=
		for word; do
			[ "\$previous" = --bundle ] && bundle=\$word
			case \$word in
			create | run) starts=yes ;;
			esac
			previous=\$word
		done
		[ "\${starts:-}" = yes ] && sed -i '$sed_script' "\$bundle/config.json"
		exec $(command -v runc) "\$@"
	EOF
	chmod 755 "$dir/runtime"
}

# With what may still run in them, should the engine have died before its containers.
remove_cgroups()
{
	for try in 1 2 3 4 5 6 7 8 9 10; do
		find /sys/fs/cgroup -path "*/$parent*" -name cgroup.procs -exec cat {} + 2>/dev/null |
			sort -u | xargs -r kill -KILL 2>/dev/null || :
		left=$(find /sys/fs/cgroup -depth -type d -path "*/$parent*" 2>/dev/null)
		[ -n "$left" ] || return 0
		printf '%s\n' "$left" | xargs -r rmdir 2>/dev/null || :
		[ "$try" = 1 ] || sleep 0.2
	done
	echo "engine.sh: cgroups are left: $left" >&2
}

# The shims are children of nobody: found by the mount namespace, which only they share with us.
ours()
{
	here=$(readlink "/proc/$$/ns/mnt")
	for process in /proc/[0-9]*; do
		pid=${process#/proc/}
		case $pid in
		"$$" | "$(cut -d' ' -f4 /proc/self/stat)") continue ;;
		esac
		[ "$(readlink "$process/ns/mnt" 2>/dev/null)" = "$here" ] || continue
		case $(tr '\0' ' ' <"$process/cmdline" 2>/dev/null) in
		*containerd-shim* | containerd* | dockerd*) echo "$pid" ;;
		esac
	done
}

finish()
{
	trap '' TERM INT HUP
	if [ -n "${engine:-}" ]; then
		# killed, not stopped: a PID 1 without a handler ignores TERM for ten seconds
		docker --host "unix://$dir/sock" ps -q 2>/dev/null |
			xargs -r docker --host "unix://$dir/sock" kill >/dev/null 2>&1 || :
		kill -TERM "$engine" 2>/dev/null || :
		wait "$engine" 2>/dev/null || :
	fi
	for try in 1 2 3 4 5 6 7 8 9 10; do
		left=$(ours)
		[ -n "$left" ] || break
		[ "$try" -lt 9 ] || printf '%s\n' "$left" | xargs -r kill -KILL 2>/dev/null || :
		sleep 0.2
	done
	remove_cgroups
	cd /
	umount -R -l "$dir/data" "$dir/exec" 2>/dev/null || :
	rm -rf "$dir"
}

mount -t tmpfs -o mode=755 tmpfs /run
mount_cgroups
mkdir -p "$dir/data" "$dir/exec"
mount -t tmpfs -o mode=711 tmpfs "$dir/data" # dockerd waits for the disk at every step
mount -t tmpfs -o mode=711 tmpfs "$dir/exec"
write_runtime
if [ -f "$dir/subuid" ]; then # for --userns-remap
	[ -e /etc/subuid ] && mount --bind "$dir/subuid" /etc/subuid
	[ -e /etc/subgid ] && mount --bind "$dir/subuid" /etc/subgid
fi

trap finish EXIT
trap 'exit 0' TERM INT HUP
setpriv --pdeathsig TERM dockerd --data-root "$dir/data" --exec-root "$dir/exec" \
	--pidfile "$dir/pid" --host "unix://$dir/sock" --iptables=false --bridge=none \
	--storage-driver vfs --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$parent" \
	--add-runtime "capkeep-tests=$dir/runtime" --default-runtime capkeep-tests \
	--shutdown-timeout 3 "$@" </dev/null >"$dir/log" 2>&1 &
engine=$!
wait "$engine" || :
tail -n 20 "$dir/log" >&2 # it has ended by itself
