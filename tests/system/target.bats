#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The command: PATH search with the workload's rights, what cannot be executed, and what exec
# would make of set-user-ID files, file capabilities and nosuid mounts.

load lib

# in_path DIR:DIR...: the launcher's and so the workload's PATH
in_path() {
	ENV=(PATH="$1" HOME=/root)
}

@test "PATH: the first that the workload may execute" {
	mkdir "$D/a" "$D/b"
	cp "$B/probe" "$D/a/thing"
	cp "$B/probe" "$D/b/thing"
	in_path "$D/a:$D/b"
	stay none
	ck -- -p "$P" -- thing
	started
	expect execfn "$D/a/thing" 'argv[0]' thing
}

@test "PATH: a directory that only root can enter is skipped for a user" {
	mkdir -m 700 "$D/a"
	mkdir "$D/b"
	cp "$B/probe" "$D/a/thing"
	cp "$B/probe" "$D/b/thing"
	in_path "$D/a:$D/b"
	become none 1000
	ck -- -p "$P" -- thing
	user_holds 1000 0
	expect execfn "$D/b/thing"
	# uid 0 without DAC_OVERRIDE owns the directory
	stay none
	ck -- -p "$P" -- thing
	root_holds 0
	expect execfn "$D/a/thing"
}

@test "PATH: somebody else's closed directory is skipped by uid 0 without DAC_OVERRIDE" {
	mkdir -m 700 "$D/a"
	mkdir "$D/b"
	cp "$B/probe" "$D/a/thing"
	cp "$B/probe" "$D/b/thing"
	chown -R 1001 "$D/a"
	in_path "$D/a:$D/b"
	stay none
	ck -- -p "$P" -- thing
	root_holds 0
	expect execfn "$D/b/thing"
	stay DAC_OVERRIDE
	ck -- -p "$P" -- thing
	root_holds 2
	expect execfn "$D/a/thing"
}

@test "PATH: a closed directory is entered by a user who keeps DAC_OVERRIDE" {
	mkdir -m 700 "$D/a"
	cp "$B/probe" "$D/a/thing"
	in_path "$D/a"
	become DAC_OVERRIDE 1000
	ck -- -p "$P" -- thing
	user_holds 1000 2
	expect execfn "$D/a/thing"
	become none 1000
	ck -- -p "$P" -- thing
	[ "$status" = 126 ] || refused 127 thing
}

@test "PATH: what a supplementary group may enter" {
	mkdir -m 710 "$D/a"
	chgrp 3000 "$D/a"
	cp "$B/probe" "$D/a/thing"
	in_path "$D/a"
	become none 1000 'groups = 3000'
	ck -- -p "$P" -- thing
	user_holds 1000 0
	become none 1000 'groups = 3001'
	ck -- -p "$P" -- thing
	[ "$status" = 126 ] || refused 127 thing
}

@test "PATH: files without x and directories are skipped; alone they are 126" {
	mkdir -p "$D/a" "$D/b/thing" "$D/c"
	cp "$B/probe" "$D/a/thing"
	chmod 644 "$D/a/thing"
	cp "$B/probe" "$D/c/thing"
	in_path "$D/a:$D/b:$D/c"
	stay none
	ck -- -p "$P" -- thing
	root_holds 0
	expect execfn "$D/c/thing"
	in_path "$D/a"
	ck -- -p "$P" -- thing
	refused 126 "$D/a/thing|thing"
	in_path "$D/nowhere:$D/a/thing:$D/empty"
	ck -- -p "$P" -- thing
	refused 127 thing
}

@test "PATH: empty elements are skipped, never the working directory" {
	local path
	mkdir "$D/b"
	cp "$B/probe" "$D/thing"
	cp "$B/probe" "$D/b/thing"
	stay none
	for path in ":$D/b" "$D/b:" "::$D/b::" "/nowhere::$D/b"; do
		in_path "$path"
		ck chdir="$D" -- -p "$P" -- thing
		started
		expect execfn "$D/b/thing"
	done
	for path in '' : :: /nowhere:; do
		in_path "$path"
		ck chdir="$D" -- -p "$P" -- thing
		refused 127 thing
	done
}

@test "a relative name is from the working directory, a name with / is not searched" {
	mkdir "$D/sub"
	cp "$B/probe" "$D/sub/thing"
	in_path "$D/sub"
	stay none "working-directory = $D"
	ck chdir=/ -- -p "$P" -- sub/thing
	started
	expect cwd "$D"
	ck chdir=/ -- -p "$P" -- ./sub/thing
	started
	ck chdir="$D/sub" -- -p "$P" -- ./thing
	refused 127 thing
	stay none
	ck chdir="$D/sub" -- -p "$P" -- ./thing
	started
}

@test "not found: 127" {
	stay none
	ck -- -p "$P" -- no-such-command-anywhere
	refused 127 no-such-command-anywhere
	ck -- -p "$P" -- "$D/nothing"
	refused 127 "$D/nothing"
	ck -- -p "$P" -- ''
	refused 127
	ln -s nowhere "$D/dangling"
	ck -- -p "$P" -- "$D/dangling"
	refused 127 "$D/dangling"
}

@test "found but cannot be executed: 126" {
	stay none
	mkdir "$D/directory"
	ck -- -p "$P" -- "$D/directory"
	refused 126 "$D/directory"
	cp "$B/probe" "$D/file"
	chmod 600 "$D/file"
	ck -- -p "$P" -- "$D/file"
	refused 126 "$D/file"
	chmod 700 "$D/file"
	become none 1000
	ck -- -p "$P" -- "$D/file"
	refused 126 "$D/file"
	mkfifo "$D/fifo"
	ck -- -p "$P" -- "$D/fifo"
	refused 126 "$D/fifo"
	ln -s loop "$D/loop"
	ck -- -p "$P" -- "$D/loop"
	[ "$status" = 126 ] || refused 127 loop
}

@test "no format that the kernel knows: 126, and no shell is tried" {
	local name
	stay none
	printf 'touch %s/ran\n' "$D" >"$D/plain"
	: >"$D/empty"
	printf '\177ELF\002\001\001' >"$D/cut"
	head -c 64 "$B/probe" >"$D/header"
	printf '#!\n' >"$D/bang"
	for name in plain empty cut header bang; do
		chmod 755 "$D/$name"
		ck -- -p "$P" -- "$D/$name"
		refused 126 "$D/$name"
		[ ! -e "$D/ran" ] || fail 'a shell ran it'
	done
}

@test "scripts: by their interpreter, with an argument, nested" {
	stay NET_RAW
	printf '#!%s -kbounding\n' "$B/probe" >"$D/script"
	chmod 755 "$D/script"
	ck -- -p "$P" -- "$D/script" -k permitted
	started
	expect bounding "$(mask 2000)"
	printf '#!/bin/sh\nexec %s "$@"\n' "$B/probe" >"$D/script"
	ck -- -p "$P" -- "$D/script"
	root_holds 2000
	printf '#!%s\n' "$D/script" >"$D/outer"
	chmod 755 "$D/outer"
	become NET_RAW 1000
	ck -- -p "$P" -- "$D/outer"
	user_holds 1000 2000
}

@test "a script whose interpreter is missing or closed: 126, and it is named" {
	stay none
	printf '#!/no/such/interpreter\n' >"$D/script"
	chmod 755 "$D/script"
	ck -- -p "$P" -- "$D/script"
	refused 126 /no/such/interpreter
	cp "$B/probe" "$D/closed"
	chmod 600 "$D/closed"
	printf '#!%s\n' "$D/closed" >"$D/script"
	ck -- -p "$P" -- "$D/script"
	refused 126 "$D/closed"
}

@test "a program that can be executed but not read" {
	cp "$B/probe" "$D/file"
	chmod 711 "$D/file"
	become NET_RAW 1000
	ck -- -p "$P" -- "$D/file"
	user_holds 1000 2000
	stay none
	ck bounding=0 gid=1000 uid=1000 -- -p "$P" -- "$D/file"
	user_holds 1000 0
}

@test "E2BIG ends with 126, or 125" {
	local big
	# 32 pages are the limit for one string; sixty near it are over a small stack's quarter.
	big=$(head -c 100000 /dev/zero | tr '\0' x)
	profile 'keep = none' '[process]' 'user = unchanged' '[limits]' 'stack = 1048576'
	ck -- -p "$P" -- "$B/probe" "$big" "$big" "$big" "$big" "$big"
	[ "$status" = 126 ] || refused 125 'long|big'
}

# ---- set-user-ID ---------------------------------------------------------------------------------

@test "a set-user-ID target without no-new-privs: refused, in both models" {
	cp "$B/probe" "$D/suid"
	chmod 4755 "$D/suid"
	become none 1000 'no-new-privs = no'
	ck -- -p "$P" -- "$D/suid"
	refused 125 'set-user-ID' "$D/suid"
	# control: without the launcher it gains
	launch gid=1000 uid=1000 -- "$D/suid"
	expect uid '1000 0 0'
	chown 1001 "$D/suid"
	chmod 4755 "$D/suid"
	stay none 'no-new-privs = no'
	ck -- -p "$P" -- "$D/suid"
	refused 125 'set-user-ID'
}

@test "a set-group-ID target without no-new-privs: refused" {
	cp "$B/probe" "$D/sgid"
	chgrp 3000 "$D/sgid"
	chmod 2755 "$D/sgid"
	become none 1000 'no-new-privs = no'
	ck -- -p "$P" -- "$D/sgid"
	refused 125 'set-group-ID' "$D/sgid"
	launch gid=1000 uid=1000 -- "$D/sgid"
	expect gid '1000 3000 3000'
}

@test "a set-user-ID target under no-new-privs: the kernel ignores the bit" {
	cp "$B/probe" "$D/suid"
	chmod 6755 "$D/suid"
	become NET_RAW 1000
	ck -- -p "$P" -- "$D/suid"
	user_holds 1000 2000
}

@test "a set-user-ID target that changes nothing: uid 0 and root's file" {
	cp "$B/probe" "$D/suid"
	chmod 4755 "$D/suid"
	stay NET_RAW 'no-new-privs = no'
	ck -- -p "$P" -- "$D/suid"
	started
	sets 2000 2000 2000 0 0
	ids 0 0 ''
}

@test "a set-user-ID interpreter of a script without no-new-privs: refused; the bit on a script is nothing" {
	cp "$B/probe" "$D/suid"
	chmod 4755 "$D/suid"
	printf '#!%s\n' "$D/suid" >"$D/script"
	chmod 755 "$D/script"
	become none 1000 'no-new-privs = no'
	ck -- -p "$P" -- "$D/script"
	refused 125 'set-user-ID' "$D/suid"
	printf '#!%s\n' "$B/probe" >"$D/script"
	chmod 4755 "$D/script"
	ck -- -p "$P" -- "$D/script"
	started
	ids 1000 1000 ''
	sets 0 0 0 0 0
}

# ---- file capabilities ---------------------------------------------------------------------------

# capable CAPS: a copy of probe with them
capable() {
	cp "$B/probe" "$D/capable"
	setcap "$1" "$D/capable"
}

@test "file capabilities that the bounding set forbids and that are effective: exec would fail" {
	capable cap_net_admin+ep
	become NET_RAW 1000
	ck -- -p "$P" -- "$D/capable"
	refused 125 NET_ADMIN "$D/capable"
	stay NET_RAW
	ck -- -p "$P" -- "$D/capable"
	refused 125 NET_ADMIN "$D/capable"
}

@test "file capabilities clear the ambient set: a kept one would be lost" {
	capable cap_net_admin+p
	become NET_RAW 1000
	ck -- -p "$P" -- "$D/capable"
	refused 125 NET_RAW "$D/capable"
	# control: as the kernel does it
	launch bounding=3000 keepcaps=1 gid=1000 uid=1000 caps=2000:2000:2000 ambient=2000 -- "$D/capable"
	expect ambient "$(mask 0)" permitted "$(mask 1000)"
}

@test "an attribute without any capability clears the ambient set, too" {
	capable '='
	getcap "$D/capable" | grep -q = || fail 'no attribute'
	become NET_RAW 1000
	ck -- -p "$P" -- "$D/capable"
	refused 125 NET_RAW "$D/capable"
	become none 1000
	ck -- -p "$P" -- "$D/capable"
	started
	sets 0 0 0 0 0
}

@test "file capabilities that are just what is kept" {
	capable cap_net_raw+ep
	become NET_RAW 1000
	ck -- -p "$P" -- "$D/capable"
	started
	expect bounding "$(mask 2000)" permitted "$(mask 2000)" effective "$(mask 2000)" \
		ambient "$(mask 0)" uid '1000 1000 1000'
}

@test "file capabilities that are permitted but not effective, of what is kept: refused" {
	capable cap_net_raw+p
	become NET_RAW 1000
	ck -- -p "$P" -- "$D/capable"
	if [ "$status" = 0 ]; then
		fail 'the effective set is not what was asked for'
	fi
	refused 125 NET_RAW "$D/capable"
}

@test "file capabilities with bounding = if-possible: under no-new-privs nothing is added" {
	capable cap_net_admin+p
	profile 'keep = none' 'bounding = if-possible' '[process]' 'user = unchanged'
	ck bounding="$DOCKER" gid=1000 uid=1000 -- -p "$P" -- "$D/capable"
	if [ "$status" = 0 ]; then
		sets "$DOCKER" 0 0 0 0
	else
		refused 125 "$D/capable"
	fi
	capable cap_net_raw+ep
	ck bounding="$DOCKER" gid=1000 uid=1000 -- -p "$P" -- "$D/capable"
	if [ "$status" = 0 ]; then
		sets "$DOCKER" 0 0 0 0
	else
		refused 125 "$D/capable"
	fi
}

@test "file capabilities as uid 0 with noroot" {
	capable cap_net_raw+ep
	profile 'keep = NET_RAW' 'securebits = noroot' '[process]' 'user = unchanged'
	ck -- -p "$P" -- "$D/capable"
	started
	expect permitted "$(mask 2000)" effective "$(mask 2000)" bounding "$(mask 2000)"
}

@test "ambient = no with a capable target: its own capabilities are the kept ones" {
	capable cap_net_raw+ep
	profile 'keep = NET_RAW' 'ambient = no' '[process]' 'user = 1000' 'group = 1000'
	ck -- -p "$P" -- "$D/capable"
	started
	sets 2000 2000 2000 0 0
	profile 'keep = NET_RAW CHOWN' 'ambient = no' '[process]' 'user = 1000' 'group = 1000'
	ck -- -p "$P" -- "$D/capable"
	refused 125 CHOWN
}

@test "ambient = no with a capable target on a nosuid mount: refused" {
	capable cap_net_raw+ep
	NS=(unshare -m --propagation private sh -c
		"mount --bind $D $D && mount -o remount,bind,nosuid $D && exec \"\$@\"" sh)
	profile 'keep = NET_RAW' 'ambient = no' '[process]' 'user = 1000' 'group = 1000'
	ck -- -p "$P" -- "$D/capable"
	refused 125 nosuid
	# The kernel does not look at the attribute there, so the ambient set lives.
	become NET_RAW 1000
	ck -- -p "$P" -- "$D/capable"
	user_holds 1000 2000
}

@test "a set-user-ID target on a nosuid mount adds nothing" {
	cp "$B/probe" "$D/suid"
	chmod 4755 "$D/suid"
	NS=(unshare -m --propagation private sh -c
		"mount --bind $D $D && mount -o remount,bind,nosuid $D && exec \"\$@\"" sh)
	become NET_RAW 1000 'no-new-privs = no'
	ck -- -p "$P" -- "$D/suid"
	started
	sets 2000 2000 2000 2000 2000
	ids 1000 1000 ''
}

@test "a target on a noexec mount: 126" {
	cp "$B/probe" "$D/thing"
	NS=(unshare -m --propagation private sh -c
		"mount --bind $D $D && mount -o remount,bind,noexec $D && exec \"\$@\"" sh)
	stay none
	ck -- -p "$P" -- "$D/thing"
	refused 126 "$D/thing"
}
