#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# [environment] and [limits].

load lib

# environment LINE...: uid 0 stays, keeps nothing
environment() {
	profile 'keep = none' '[process]' 'user = unchanged' '[environment]' "$@"
}

limits() {
	profile 'keep = none' '[process]' 'user = unchanged' '[limits]' "$@"
}

# env_is: standard input, sorted, is the workload's environment
env_is() {
	started
	diff <(sort) <(value env | sort) || fail environment
}

@test "without [environment] everything is passed on, byte by byte" {
	ENV+=($'ODD=a\tb\\\xff' EMPTY= LD_PRELOAD_X=1 lower=2 'SP ACE=3')
	stay none
	go
	env_is <<-END
		EMPTY=
		HOME=/root
		LD_PRELOAD_X=1
		ODD=a\x09b\x5c\xff
		PATH=${ENV[0]#PATH=}
		SP ACE=3
		lower=2
	END
}

@test "an empty environment stays one" {
	stay none
	ck clearenv -- -p "$P" -- "$B/probe"
	started
	[ -z "$(value env)" ] || fail environment
}

@test "clear = yes with keep: these and no others, a last * matches any rest" {
	ENV+=(LC_ALL=C LC_TIME=x LC=y XLC_=z LANG=de TERM=vt)
	environment 'clear = yes' 'keep = PATH LANG LC_*'
	go
	env_is <<-END
		LANG=de
		LC_ALL=C
		LC_TIME=x
		PATH=${ENV[0]#PATH=}
	END
}

@test "clear = yes without keep leaves nothing but what is set" {
	environment 'clear = yes' 'set = ONE=1'
	go
	env_is <<<'ONE=1'
}

@test "keep without clear = yes is no filter, or is refused" {
	ENV+=(A=1)
	environment 'keep = PATH'
	go
	[ "$status" = 125 ] || value env | grep -qx A=1
}

@test "unset" {
	ENV+=(LD_PRELOAD_=/x LD_AUDIT_=1 KEEP=1)
	environment 'unset = LD_PRELOAD_ HOME NOT_THERE'
	go
	env_is <<-END
		KEEP=1
		LD_AUDIT_=1
		PATH=${ENV[0]#PATH=}
	END
}

@test "set: the rest of the line as it is" {
	environment 'unset = HOME PATH' 'set = A=b ; c # d' 'set = EMPTY=' 'set = EQ=a=b=c' \
		'set = COMMA=a,b c' 'set = QUOTE="x y"'
	go
	env_is <<-'END'
		A=b ; c # d
		COMMA=a,b c
		EMPTY=
		EQ=a=b=c
		QUOTE="x y"
	END
}

@test "set takes the place of what is there, once" {
	ENV+=(A=old)
	environment 'unset = HOME PATH' 'set = A=new'
	go
	env_is <<<'A=new'
}

@test "a duplicate in what is passed on does not survive set and unset" {
	environment 'unset = HOME PATH X' 'set = A=new'
	# Only execve can make one: env -i cannot.
	cat >"$D/dup.c" <<-'END'
		#include <unistd.h>
		int main(int argc, char **argv)
		{
			char *e[] = { "A=1", "X=1", "A=2", "X=2", 0 };
			return argc > 1 && execve(argv[1], argv + 1, e);
		}
	END
	cc -o "$D/dup" "$D/dup.c"
	launch -- "$D/dup" "$B/capkeep" -p "$P" -- "$B/probe"
	env_is <<<'A=new'
}

@test "set without a name or without =: refused with the line" {
	local word
	for word in novalue '=x' ''; do
		environment "set = $word"
		go
		refused 125 'p.ini:6'
	done
}

@test "PATH of the workload decides where the command is found" {
	mkdir "$D/only"
	cp "$B/probe" "$D/only/thing"
	environment "set = PATH=$D/only"
	ck -- -p "$P" -- thing
	started
	expect execfn "$D/only/thing" 'argv[0]' thing
	environment 'set = PATH=/nowhere'
	ENV=(PATH="$D/only")
	ck -- -p "$P" -- thing
	refused 127 thing
}

@test "limits: soft and hard" {
	limits 'nofile = 100:200' 'core = 0' 'nproc = 50:60' 'stack = 8388608:unlimited' \
		'fsize = 4096:8192' 'memlock = 65536'
	go limit=stack:8388608:18446744073709551615
	started
	expect limit.nofile 100:200 limit.core 0:0 limit.nproc 50:60 \
		limit.stack 8388608:unlimited limit.fsize 4096:8192 limit.memlock 65536:65536
}

@test "limits: every name, and nothing else is touched" {
	local name line before
	for name in cpu fsize data stack core rss nproc nofile memlock as locks sigpending \
		msgqueue nice rtprio rttime; do
		launch -- "$B/probe"
		before=$(grep '^limit\.' "$D/out")
		limits "$name = $(value "limit.$name")"
		go
		started
		[ "$before" = "$(grep '^limit\.' "$D/out")" ] || fail "$name as found"
	done
	launch limit=cpu:1000:2000 -- "$B/probe"
	before=$(grep '^limit\.' "$D/out" | grep -v limit.cpu)
	limits 'cpu = 500:600'
	go
	started
	expect limit.cpu 500:600
	[ "$before" = "$(grep '^limit\.' "$D/out" | grep -v limit.cpu)" ] || fail 'others'
}

@test "limits: lowered before the user changes, and kept" {
	profile 'keep = NET_RAW' '[process]' 'user = 1000' 'group = 1000' '[limits]' \
		'nofile = 64:64' 'core = 0'
	go
	user_holds 1000 2000
	expect limit.nofile 64:64 limit.core 0:0
}

@test "limits: raising a hard limit without SYS_RESOURCE is refused at its step" {
	limits 'nofile = 100:300'
	go bounding=0 limit=nofile:100:200
	refused 125 'nofile|limits' SYS_RESOURCE
	limits 'core = unlimited'
	go bounding=0 limit=core:0:0
	refused 125 'core|limits' SYS_RESOURCE
}

@test "limits: a tiny file limit in the profile does not hinder the start" {
	limits 'nofile = 0:0' 'fsize = 0:0'
	go
	started
	expect limit.nofile 0:0 limit.fsize 0:0 descriptors '0 1 2'
	sets 0 0 0 0 0
}

@test "limits: nonsense is refused with the line" {
	local word
	for word in 'nofile = 200:100' 'nofile = -1' 'nofile = x' 'nofile = 1:2:3' 'nofile = 1:' \
		'nofile = :1' 'nofile =' 'nofile = 99999999999999999999' 'nofile = 010' \
		'nofile = unlimited:5' 'nosuch = 1' 'NOFILE = 1' 'nofile = 1k'; do
		limits "$word"
		go
		refused 125 'p.ini:6'
	done
	limits 'nofiel = 1'
	go
	refused 125 'p.ini:6' nofiel 'nofile'
}
