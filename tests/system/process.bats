#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# [process]: users and groups by name and number, with account files of the suite's own, umask,
# working directory, descriptors; a refusal for each thing that cannot be had.

load lib

setup_file() {
	setup_suite_dir
	cat >"$T/passwd" <<-'END'
		root:x:0:0:root:/root:/bin/bash
		alice:x:2001:2001:Alice:/home/alice:/bin/zsh
		bob:x:2002:2000::/home/bob:/usr/sbin/nologin
		carl:x:2003:2000::/home/carl:/bin/false
		short:x
		dora:x:2004:2000::/home/dora:
		2009:x:2010:2010::/home/digits:/bin/sh
		max:x:4294967294:2000::/:/bin/sh
		over:x:4294967295:2000::/:/bin/sh
		neg:x:-1:2000::/:/bin/sh
		zero:x:00:00::/:/bin/sh
		bare:x:2011:2011::/:/bin/sh
	END
	cat >"$T/group" <<-'END'
		root:x:0:
		staff:x:2000:bob
		alice:x:2001:
		video:x:2100:alice,bob
		audio:x:2101:bob,alice,dora
		twice:x:2100:alice
		huge:x:4294967295:alice2
		printer:x:2102:
	END
	open_namespace "mount --bind $T/passwd /etc/passwd && mount --bind $T/group /etc/group"
}

# process LINE...: keep nothing, these lines of [process]
process() {
	profile 'keep = none' '[process]' "$@"
}

@test "a user by name: the groups of /etc/group, each once" {
	process 'user = alice'
	go groups=9
	started
	ids 2001 2001 '2001 2100 2101'
}

@test "a user by name whose own group has other members" {
	process 'user = bob'
	go groups=9
	started
	ids 2002 2000 '2000 2100 2101'
}

@test "a user by number with an entry takes its group; no supplementary groups by default" {
	process 'user = 2001'
	go groups=9
	started
	ids 2001 2001 ''
	process 'user = 2001' 'groups = init'
	go groups=9
	started
	ids 2001 2001 '2001 2100 2101'
}

@test "a user by number without an entry: a group is required, and named in the message" {
	process 'user = 2999'
	go
	refused 125 'p.ini:[0-9]+' group 2999
	process 'user = 2999' 'group = printer'
	go groups=9
	started
	ids 2999 2102 ''
}

@test "a group by name and by number" {
	process 'user = alice' 'group = staff'
	go
	started
	ids 2001 2000 '2000 2100 2101'
	process 'user = alice' 'group = 7777' 'groups = none'
	go
	started
	ids 2001 7777 ''
}

@test "groups: none, a list, unchanged" {
	process 'user = alice' 'groups = none'
	go groups=9
	started
	ids 2001 2001 ''
	process 'user = alice' 'groups = video 55, printer'
	go groups=9
	started
	ids 2001 2001 '55 2100 2102'
	process 'user = alice' 'groups = unchanged'
	go groups=9,11
	started
	ids 2001 2001 '9 11'
}

@test "user = unchanged leaves group and groups as they are" {
	process 'user = unchanged'
	go groups=9,11 gid=7
	started
	ids 0 7 '9 11'
	go groups=9 gid=2000 uid=2002
	started
	ids 2002 2000 9
	sets "$ALL" 0 0 0 0
}

@test "user = unchanged with a group, with groups = none, with groups = init" {
	process 'user = unchanged' 'group = printer'
	go groups=9
	started
	expect uid '0 0 0' gid '2102 2102 2102' groups 9
	process 'user = unchanged' 'groups = none'
	go groups=9
	started
	ids 0 0 ''
	process 'user = unchanged' 'groups = init'
	go groups=9,2100,2101,2001 gid=2001 uid=2001
	if [ "$status" = 0 ]; then
		fail 'group 9 cannot be given up without SETGID'
	fi
	refused 125 SETGID
	go groups=2001,2100,2101 gid=2001 uid=2001
	started
	ids 2001 2001 '2001 2100 2101'
	go gid=2998 uid=2998
	refused 125 2998
}

@test "the largest id, and what is none" {
	local word
	process 'user = 4294967294' 'group = 4294967294'
	go
	started
	ids 4294967294 4294967294 ''
	process 'user = max'
	go
	started
	expect uid '4294967294 4294967294 4294967294'
	for word in 4294967295 4294967296 18446744073709551616 -1 +5 01 00 0x10 '1 2' 1e3 5.0; do
		process "user = $word" 'group = 5'
		go
		refused 125 'p.ini:4'
		process 'user = 5' "group = $word"
		go
		refused 125 'p.ini:5'
	done
}

@test "an entry whose number is none is refused, not truncated" {
	local name
	for name in over neg short; do
		process "user = $name"
		go
		refused 125 "$name"
	done
}

@test "digits are never looked up as a name" {
	process 'user = 2009' 'group = 3'
	go
	started
	ids 2009 3 ''
	process 'user = 2009'
	go
	refused 125 group
}

@test "an unknown user and an unknown group: the nearest one is suggested" {
	process 'user = alcie'
	go
	refused 125 'p.ini:4' alcie alice
	process 'user = alice' 'group = stafff'
	go
	refused 125 'p.ini:5' stafff staff
	process 'user = alice' 'groups = vdieo'
	go
	refused 125 'p.ini:5' vdieo video
}

@test "-u in place of the profile's user and group" {
	process 'user = bob' 'group = printer'
	ck -- -p "$P" -u alice -- "$B/probe"
	started
	ids 2001 2001 '2001 2100 2101'
	ck -- -p "$P" -u alice:staff -- "$B/probe"
	started
	expect uid '2001 2001 2001' gid '2000 2000 2000'
	ck -- -p "$P" --user=2999:55 -- "$B/probe"
	started
	ids 2999 55 ''
	ck groups=9 -- -p "$P" -u unchanged -- "$B/probe"
	started
	ids 0 0 9
	ck -- -u alice -- "$B/probe"
	started
	ids 2001 2001 '2001 2100 2101'
	sets 0 0 0 0 0
	ck -- -u 2999 -- "$B/probe"
	refused 125 '-u' group
	ck -- -u nobodyatall -- "$B/probe"
	refused 125 '-u' nobodyatall
}

@test "HOME, USER, LOGNAME and SHELL follow the user" {
	ENV+=(USER=root LOGNAME=root SHELL=/bin/bash KEEP=1)
	process 'user = alice'
	go
	started
	diff <(value env | sort) <(sort <<-END
		HOME=/home/alice
		KEEP=1
		LOGNAME=alice
		PATH=${ENV[0]#PATH=}
		SHELL=/bin/zsh
		USER=alice
	END
	) || fail environment
}

@test "SHELL is left alone for nologin and false" {
	local name
	ENV+=(SHELL=/bin/bash)
	for name in bob carl; do
		process "user = $name"
		go
		started
		value env | grep -qx SHELL=/bin/bash || fail "$name: SHELL"
		value env | grep -qx HOME=/home/$name || fail "$name: HOME"
	done
}

@test "without an entry HOME is /" {
	process 'user = 2999' 'group = 1'
	go
	started
	value env | grep -qx HOME=/ || fail HOME
}

@test "the same uid: nothing follows" {
	ENV+=(USER=somebody)
	process 'user = root'
	go
	root_holds 0
	value env | grep -qx USER=somebody || fail USER
	value env | grep -qx HOME=/root || fail HOME
}

@test "[environment] set goes before what follows the user" {
	process 'user = alice' '[environment]' 'set = HOME=/srv' 'set = USER=other'
	go
	started
	value env | grep -qx HOME=/srv || fail HOME
	value env | grep -qx USER=other || fail USER
	value env | grep -qx LOGNAME=alice || fail LOGNAME
	[ "$(value env | grep -c ^HOME=)" = 1 ] || fail 'two HOMEs'
}

@test "umask: as found, or as stated" {
	process 'user = alice' 'umask = 0027'
	go
	started
	expect umask 0027
	process 'user = alice'
	go umask=0123
	started
	expect umask 0123
	for word in 8 0999 01000 abc -1 '' 27.0; do
		process 'user = alice' "umask = $word"
		go
		refused 125 'p.ini:5' umask
	done
}

@test "working-directory: as the new user" {
	mkdir -m 700 "$D/private" "$D/alices"
	chown 2001 "$D/alices"
	process 'user = alice' "working-directory = $D/alices"
	go
	started
	expect cwd "$D/alices"
	process 'user = alice' "working-directory = $D/private"
	go
	refused 125 "p.ini:[0-9]+: working-directory: $D/private: the workload's user may not"
	ck -- -n -p "$P" -- "$B/probe"
	refused 125 "working-directory: $D/private: the workload's user may not enter it"
	process 'user = alice' "working-directory = $D/nowhere"
	go
	refused 125 "$D/nowhere|working-directory"
	process 'user = alice'
	go chdir="$D"
	started
	expect cwd "$D"
}

@test "working-directory has to be absolute" {
	process 'user = alice' 'working-directory = srv'
	go
	[ "$status" = 125 ] || expect cwd /srv
}

@test "close-fds: what is above 2 is closed" {
	process 'user = unchanged'
	go open=3 open=5 open=77 open=1023
	started
	expect descriptors '0 1 2'
	process 'user = unchanged' 'close-fds = no'
	go open=3 open=5 open=77 open=1023
	started
	expect descriptors '0 1 2 3 5 77 1023'
	process 'user = alice' 'close-fds = no'
	go
	started
	expect descriptors '0 1 2'
}

@test "keep-fds: these stay, and have to be open" {
	process 'user = alice' 'keep-fds = 5 77'
	go open=3 open=5 open=6 open=77 open=78
	started
	expect descriptors '0 1 2 5 77'
	go open=5
	refused 125 77 'p.ini:5|keep-fds'
	go open=5 open=77 cloexec=77
	[ "$status" = 125 ] || expect descriptors '0 1 2 5 77'
	process 'user = alice' 'keep-fds = five'
	go
	refused 125 'p.ini:5' five
}

@test "socket activation: LISTEN_FDS for this process stay" {
	process 'user = alice'
	go open=3 open=4 open=5 listen=2
	started
	expect descriptors '0 1 2 3 4'
	[ "$(value pid)" = "$(value env | sed -n s/^LISTEN_PID=//p)" ] || fail 'pid'
	process 'user = alice' 'keep-fds = 6'
	go open=3 open=4 open=5 open=6 listen=1
	started
	expect descriptors '0 1 2 3 6'
}

@test "socket activation meant for another process, or nonsense, keeps nothing" {
	local words
	process 'user = alice'
	for words in 'LISTEN_FDS=2 LISTEN_PID=1' 'LISTEN_FDS=2' 'LISTEN_FDS=x LISTEN_PID=1'; do
		# shellcheck disable=SC2086
		go open=3 open=4 $(printf 'env=%s ' $words)
		started
		expect descriptors '0 1 2'
	done
	go open=3 listen=-1
	[ "$status" = 125 ] || expect descriptors '0 1 2'
	go open=3 listen=4294967297
	[ "$status" = 125 ] || expect descriptors '0 1 2'
}

@test "no passwd file at all: numbers work, names are refused" {
	NS+=(unshare -m --propagation private sh -c 'mount -t tmpfs none /etc && exec "$@"' sh)
	process 'user = 2001' 'group = 2001'
	go
	started
	ids 2001 2001 ''
	process 'user = alice'
	go
	refused 125 alice passwd
}
