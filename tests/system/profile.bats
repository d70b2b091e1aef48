#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Where a profile comes from, which files are believed, and what is refused in one.

load lib

setup_file() {
	setup_suite_dir
	# The directories that were configured, as the launcher itself asks for them.
	strace -qq -o "$T/trace" -e trace=open,openat "$B/capkeep" -p no-such-profile-at-all -- / \
		2>/dev/null || :
	mapfile -t dirs < <(sed -n 's,.*"\(/.*\)/no-such-profile-at-all\.ini".*,\1,p' "$T/trace")
	[ ${#dirs[@]} = 2 ] || { cat "$T/trace"; return 1; }
	export CONF=${dirs[0]} SHIPPED=${dirs[1]}
	# Both become empty directories in a mount namespace; what is missing lies in an overlay.
	open_namespace "$(declare -f make_room); set -e; T=$T; make_room $CONF; make_room $SHIPPED"
}

# An empty writable directory DIR, in this namespace only.
make_room() {
	local dir=$1 base=$1 over
	while [ ! -d "$base" ]; do base=${base%/*}; done
	if [ "$base" != "$dir" ]; then
		over=$(mktemp -d "$T/over.XXXXXX")
		mount -t tmpfs none "$over"
		mkdir "$over/upper" "$over/work"
		mount -t overlay none -o "lowerdir=${base:-/},upperdir=$over/upper,workdir=$over/work" \
			"${base:-/}"
		mkdir -p "$dir"
	fi
	mount -t tmpfs -o mode=755 none "$dir"
}

setup() {
	D=$(mktemp -d "$T/t.XXXXXX")
	chmod 755 "$D"
	P=$D/p.ini
	ENV=(PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root)
	NS=(nsenter -t "$NS_PID" -m --wd=/)
	"${NS[@]}" find "$CONF" "$SHIPPED" -mindepth 1 -delete
}

# put FILE KEEP: a profile inside the namespace that keeps KEEP
put() {
	printf '[capabilities]\nkeep = %s\n[process]\nuser = unchanged\n' "$2" |
		"${NS[@]}" dd of="$1" status=none
}

# ---- lookup --------------------------------------------------------------------------------------

@test "without -p and without default.ini: the built-in default" {
	ck -- -- "$B/probe"
	root_holds 0
}

@test "without -p default.ini is read; -p none is the built-in default nevertheless" {
	put "$CONF/default.ini" NET_RAW
	ck -- -- "$B/probe"
	root_holds 2000
	ck -- -p none -- "$B/probe"
	root_holds 0
	ck -- -k CHOWN -- "$B/probe"
	root_holds 1
	ck -- -p default -- "$B/probe"
	root_holds 2000
}

@test "only ENOENT counts as no default.ini" {
	put "$CONF/default.ini" NO_SUCH_CAP
	ck -- -- "$B/probe"
	refused 125 default.ini NO_SUCH_CAP
	put "$CONF/default.ini" NET_RAW
	"${NS[@]}" chmod 600 "$CONF/default.ini"
	ck bounding=0 gid=1000 uid=1000 -- -- "$B/probe"
	refused 125 default.ini
	"${NS[@]}" chmod 666 "$CONF/default.ini"
	ck -- -- "$B/probe"
	refused 125 default.ini
	"${NS[@]}" rm "$CONF/default.ini"
	"${NS[@]}" mkdir "$CONF/default.ini"
	ck -- -- "$B/probe"
	refused 125 default.ini
	"${NS[@]}" rmdir "$CONF/default.ini"
	"${NS[@]}" ln -s default.ini "$CONF/default.ini"
	ck -- -- "$B/probe"
	refused 125 default.ini
}

@test "a shipped default.ini is nobody's own profile" {
	put "$SHIPPED/default.ini" NET_RAW
	ck -- -- "$B/probe"
	root_holds 0
}

@test "NAME and NAME.ini: the configuration directory first, then the shipped profiles" {
	put "$SHIPPED/web.ini" CHOWN
	ck -- -p web -- "$B/probe"
	root_holds 1
	put "$CONF/web.ini" NET_RAW
	ck -- -p web -- "$B/probe"
	root_holds 2000
	ck -- -p web.ini -- "$B/probe"
	root_holds 2000
}

@test "an unreadable first choice is not passed over" {
	put "$SHIPPED/web.ini" CHOWN
	put "$CONF/web.ini" NO_SUCH_CAP
	ck -- -p web -- "$B/probe"
	refused 125 NO_SUCH_CAP
	"${NS[@]}" chmod 602 "$CONF/web.ini"
	ck -- -p web -- "$B/probe"
	refused 125 "$CONF/web.ini"
}

@test "a name that is nowhere: both places; where ./NAME exists it says to write it so" {
	ck -- -p nowhere -- "$B/probe"
	refused 125 nowhere "$CONF" "$SHIPPED"
	stay NET_RAW
	cp "$P" "$D/here.ini"
	ck chdir="$D" -- -p here.ini -- "$B/probe"
	refused 125 '\./here\.ini'
	cp "$P" "$D/there"
	ck chdir="$D" -- -p there -- "$B/probe"
	refused 125 '\./there'
	ck chdir="$D" -- -p ./here.ini -- "$B/probe"
	root_holds 2000
}

@test "a path that is not there, an empty name" {
	ck -- -p "$D/nothing.ini" -- "$B/probe"
	refused 125 "$D/nothing.ini"
	ck -- -p '' -- "$B/probe"
	refused 125
}

@test "include: by name and relative to the including file; this file overrides" {
	put "$CONF/base.ini" 'NET_RAW CHOWN'
	profile '[profile]' 'include = base'
	go
	root_holds 2001
	profile '[profile]' 'include = base' '[capabilities]' 'keep = SETUID'
	go
	root_holds 80
	mkdir "$D/sub"
	printf '[process]\numask = 077\n' >"$D/sub/u.ini"
	printf '[profile]\ninclude = ./u.ini\n[capabilities]\nkeep = KILL\n' >"$D/sub/k.ini"
	profile '[profile]' 'include = sub/k.ini' '[process]' 'user = unchanged'
	go
	root_holds 20
	expect umask 0077
}

@test "include: cycles and depth" {
	profile '[profile]' 'include = ./p.ini'
	go
	refused 125 "$D/p.ini:2: include: $D/p.ini includes itself"
	mkdir "$D/cycle"
	printf '[profile]\ninclude = .//./b.ini\n' >"$D/cycle/a.ini"
	printf '[profile]\ninclude = ./a.ini\n' >"$D/cycle/b.ini"
	ck chdir="$D/cycle" -- -p ./a.ini -- "$B/probe"
	refused 125 '\./b.ini:2: include: \./a.ini includes itself'
	local i
	for i in 1 2 3 4 5; do
		printf '[profile]\ninclude = ./%s.ini\n' $((i + 1)) >"$D/$i.ini"
	done
	stay NET_RAW
	cp "$P" "$D/6.ini"
	ck -- -p "$D/1.ini" -- "$B/probe"
	refused 125 'deep|depth|include'
	ck -- -p "$D/4.ini" -- "$B/probe"
	root_holds 2000
}

@test "include: each file is judged" {
	profile '[profile]' 'include = ./inner.ini' '[process]' 'user = unchanged'
	printf '[capabilities]\nkeep = NET_RAW\n' >"$D/inner.ini"
	chmod 646 "$D/inner.ini"
	go
	refused 125 inner.ini
	chmod 644 "$D/inner.ini"
	go
	root_holds 2000
	printf '[capabilities]\nkeep = NO_SUCH\n' >"$D/inner.ini"
	go
	refused 125 'inner.ini:2:' NO_SUCH
}

# ---- which files are believed --------------------------------------------------------------------

# judged WANT OWNER:GROUP MODE [OPERATION...]
judged() {
	stay none
	chown "$2" "$P"
	chmod "$3" "$P"
	go "${@:4}"
	if [ "$1" = yes ]; then
		started
		sets 0 0 0 0 0
	else
		refused 125 "$P"
	fi
}

@test "owner and mode: as root" {
	judged yes 0:0 644
	judged yes 0:0 600
	judged yes 0:0 664
	judged yes 0:5 640
	judged no 0:5 664
	judged no 0:0 646
	judged no 0:0 666
	judged no 1000:0 644
	judged no 1000:0 600
	judged no 65534:0 644
}

@test "owner and mode: as a user" {
	local user=(bounding=0 gid=1000 uid=1000)
	judged yes 0:0 644 "${user[@]}"
	judged yes 1000:1000 644 "${user[@]}"
	judged yes 1000:1000 600 "${user[@]}"
	judged no 1000:1000 664 "${user[@]}"
	judged yes 1000:0 664 "${user[@]}"
	judged no 1000:1000 646 "${user[@]}"
	judged no 1001:1000 644 "${user[@]}"
	judged no 0:0 600 "${user[@]}"
}

@test "on a read-only mount neither owner nor mode is judged" {
	NS+=(unshare -m --propagation private sh -c
		"mount --bind $D $D && mount -o remount,bind,ro $D && exec \"\$@\"" sh)
	judged yes 1000:1000 666
	judged yes 65534:65534 646
	judged yes 1001:0 664 bounding=0 gid=1000 uid=1000
}

@test "a link is as good as what it leads to" {
	stay NET_RAW
	ln -s p.ini "$D/link.ini"
	chown -h 1000 "$D/link.ini"
	ck -- -p "$D/link.ini" -- "$B/probe"
	root_holds 2000
	chown 1000 "$P"
	ck -- -p "$D/link.ini" -- "$B/probe"
	refused 125 link.ini
}

@test "a directory, a FIFO, a device, a socket: refused without waiting" {
	mkdir "$D/directory"
	mkfifo "$D/fifo"
	local file
	for file in "$D/directory" "$D/fifo" /dev/null /dev/zero /dev/tty; do
		ck -- -p "$file" -- "$B/probe"
		refused 125 "$file"
	done
	perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un(shift)) or die' \
		"$D/socket"
	ck -- -p "$D/socket" -- "$B/probe"
	refused 125 "$D/socket"
}

@test "64 KiB and no more" {
	stay NET_RAW
	local size
	size=$(stat -c %s "$P")
	# comment lines up to the limit to the byte
	while [ $((65536 - size)) -gt 100 ]; do
		printf ';%062d\n' 0
		size=$((size + 64))
	done >>"$P"
	printf ';%0*d\n' $((65536 - size - 2)) 0 >>"$P"
	[ "$(stat -c %s "$P")" = 65536 ]
	go
	root_holds 2000
	echo >>"$P"
	go
	refused 125 "$P" '64|65536|large|big'
}

@test "an empty file" {
	: >"$P"
	go
	refused 125 keep
}

# ---- what is refused in one ----------------------------------------------------------------------

# line WANT-LINE WORD FORMAT: a file with this text, by printf
bad() {
	printf "$3" >"$P"
	go
	refused 125 "^capkeep: $P:$1: " "$2"
}

@test "neither keep nor user may be missing; the line to add is printed" {
	profile '[process]' 'user = unchanged'
	go
	refused 125 'keep = '
	profile 'keep = none'
	go
	refused 125 'user = '
	profile '[profile]' 'description = x'
	go
	refused 125 'keep = ' 'user = '
}

@test "unknown sections, keys and names get the nearest word" {
	bad 1 capabilities '[capabilites]\nkeep = none\n[process]\nuser = unchanged\n'
	bad 2 keep '[capabilities]\nkep = none\n[process]\nuser = unchanged\n'
	bad 2 NET_RAW '[capabilities]\nkeep = NETRAW\n[process]\nuser = unchanged\n'
	bad 5 no-new-privs '[capabilities]\nkeep = none\n[process]\nuser = unchanged\nno_new_privs = yes\n'
	bad 5 yes '[capabilities]\nkeep = none\n[process]\nuser = unchanged\nno-new-privs = true\n'
	bad 3 noroot '[capabilities]\nkeep = none\nsecurebits = norot\n[process]\nuser = unchanged\n'
}

@test "structure: keys outside of a section, no =, empty names, repeated keys" {
	bad 1 . 'keep = none\n'
	bad 2 . '[capabilities]\nkeep none\n[process]\nuser = unchanged\n'
	bad 1 . '[]\nkeep = none\n'
	bad 1 . '[capabilities\nkeep = none\n'
	bad 5 user '[capabilities]\nkeep = none\n[process]\nuser = unchanged\nuser = root\n'
	bad 2 . '[capabilities]\n = none\n[process]\nuser = unchanged\n'
	bad 3 'keep' '[capabilities]\noptional = CHOWN\n keep = NET_RAW\n[process]\nuser = unchanged\n'
}

@test "ALL in keep: refused, with the reason" {
	bad 2 ALL '[capabilities]\nkeep = ALL\n[process]\nuser = unchanged\n'
}

@test "bytes: NUL, control, CR, not UTF-8, a missing final newline" {
	printf '[capabilities]\nkeep = none\0NET\n[process]\nuser = unchanged\n' >"$P"
	go
	refused 125 "$P:2: "
	bad 2 . '[capabilities]\nkeep = none \001\n[process]\nuser = unchanged\n'
	bad 1 'CR|carriage|line end' '[capabilities]\r\nkeep = none\r\n[process]\r\nuser = unchanged\r\n'
	bad 2 . '[capabilities]\ndescription = \377\nkeep = none\n'
	bad 4 'newline' '[capabilities]\nkeep = none\n[process]\nuser = unchanged'
}

@test "a line of 190 bytes is read, one of 191 refused" {
	local text
	text=$(printf '%0176d' 0)
	profile '[profile]' "description = $text" '[capabilities]' 'keep = NET_RAW' '[process]' \
		'user = unchanged'
	[ "$(sed -n 2p "$P" | wc -c)" = 191 ]
	go
	root_holds 2000
	profile '[profile]' "description = 1$text" '[capabilities]' 'keep = NET_RAW' '[process]' \
		'user = unchanged'
	go
	refused 125 "$P:2: " 190
	# what inih would read as a line of its own
	profile '[capabilities]' "keep = CHOWN ; $(printf '%0190d' 0)keep = SYS_ADMIN" '[process]' \
		'user = unchanged'
	go
	refused 125 "$P:2: "
}

@test "a file cut short anywhere never keeps more, nor another user" {
	local text n
	profile 'keep = NET_RAW CHOWN' 'securebits = noroot' '[process]' 'umask = 027' 'user = 54321' \
		'group = 54321'
	text=$(cat "$P")
	for ((n = 0; n < ${#text}; n++)); do
		printf '%s' "${text:0:n}" >"$P"
		go
		refused 125 "$P"
	done
}


@test "comments, blanks, tabs, a byte order mark" {
	printf '; c\n# c\n\n[capabilities]\t; c\nkeep\t=\tNET_RAW ; c\n[process]\nuser=unchanged # c\n' >"$P"
	go
	root_holds 2000
	printf '\357\273\277[capabilities]\nkeep = NET_RAW\n[process]\nuser = unchanged\n' >"$P"
	go
	[ "$status" = 125 ] || root_holds 2000
}
