# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the kernel says of a process, in one line, for suites that look at processes from outside.

status_of()
{
	awk -v key="$2:" '$1 == key { $1 = ""; sub(/^ /, ""); print }' "/proc/$1/status"
}

# mask NAME...: as /proc/PID/status prints it
mask()
{
	local -A number=([CHOWN]=0 [DAC_OVERRIDE]=1 [FOWNER]=3 [FSETID]=4 [KILL]=5 [SETGID]=6
		[SETUID]=7 [SETPCAP]=8 [NET_BIND_SERVICE]=10 [NET_ADMIN]=12 [NET_RAW]=13
		[SYS_CHROOT]=18 [SYS_ADMIN]=21 [SYS_TIME]=25 [MKNOD]=27 [AUDIT_WRITE]=29
		[SETFCAP]=31)
	local bits=0 name

	for name in "$@"; do
		bits=$((bits | 1 << ${number[$name]:?}))
	done
	printf '%016x' "$bits"
}

state_of()
{
	printf 'uid %s gid %s bounding %s permitted %s effective %s inheritable %s ambient %s nnp %s' \
		"$(status_of "$1" Uid)" "$(status_of "$1" Gid)" "$(status_of "$1" CapBnd)" \
		"$(status_of "$1" CapPrm)" "$(status_of "$1" CapEff)" "$(status_of "$1" CapInh)" \
		"$(status_of "$1" CapAmb)" "$(status_of "$1" NoNewPrivs)"
}

# state UID GID BOUNDING PERMITTED INHERITABLE AMBIENT [NNP]: the same line, as it should be
state()
{
	printf 'uid %s %s %s %s gid %s %s %s %s bounding %s permitted %s effective %s inheritable %s ambient %s nnp %s' \
		"$1" "$1" "$1" "$1" "$2" "$2" "$2" "$2" "$3" "$4" "$4" "$5" "$6" "${7:-1}"
}
