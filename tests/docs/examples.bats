#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The examples of the documents, run for real. A command is looked up in the document
# first, so that what is tested is what stands there.
# shellcheck shell=bash

load lib

setup() {
	D=$(mktemp -d "${TMPDIR:-/tmp}/capkeep-docs.XXXXXX")
	chmod 755 "$D"
	cp "$CAPKEEP" "$D/capkeep"
	ln -s /bin/sh "$D/server"
	PATH=$D:$PATH
	user=www-data
	grep -q '^www-data:' /etc/passwd || user=nobody
}

teardown() {
	rm -rf "$D"
}

# documented FILE LINE: the line stands in the document, as code.
documented() {
	sed -e 's/^\.Dl //' -e 's/^ *//' -e 's/\\-/-/g' "$CK_SRCDIR/$1" | grep -qxF -- "$2" ||
		{ echo "$1 has no line: $2"; return 1; }
}

# accepted FILE: the launcher would start with this profile.
accepted() {
	sed -i "s/www-data/$user/" "$1"
	capkeep -n -p "$1" -- /bin/sh >"$D/out" 2>&1 ||
		{ cat "$1" "$D/out"; return 1; }
}

# The profiles of the shipped directory stand in for installed ones.
accepted_each() {
	local count=0 file
	for file in "$D"/example-*; do
		sed -i 's,^include = nginx$,include = ./nginx.ini,' "$file"
		accepted "$file"
		count=$((count + 1))
	done
	echo "$count examples"
	[ "$count" -ge "$1" ]
}

@test "every profile of capkeep.ini.5 is accepted" {
	cp "$CK_SRCDIR"/profiles/*.ini "$D"
	awk -v d="$D" '/^\.Bd/ { n++; first = 1; next }
		/^\.Ed/ { file = ""; next }
		first { file = /^\[/ ? d "/example-" n : ""; first = 0 }
		file { print > file }' "$PAGE5"
	accepted_each 9
}

@test "every profile of README and guide is accepted" {
	for document in README.md docs/guide.md; do
		awk -v d="$D/example-$(basename "$document")-" '
			/^```ini/ { file = d (++n); next }
			/^```/ { file = "" }
			file { print > file }' "$CK_SRCDIR/$document"
	done
	accepted_each 5
}

@test "keep nothing" {
	documented docs/capkeep.1 'capkeep -- id'
	run -0 capkeep -p none -- id -u
	[ "$output" = "$(id -u)" ]
	run -0 capkeep -p none -- sh -c 'grep -E "^Cap(Inh|Prm|Eff|Bnd|Amb)" /proc/self/status'
	[ "$(grep -c '0000000000000000$' <<<"$output")" = 5 ]
}

@test "become a user that binds port 80" {
	documented docs/capkeep.1 \
		'capkeep -k NET_BIND_SERVICE -u www-data -- /usr/local/bin/server'
	run -0 capkeep -k NET_BIND_SERVICE -u "$user" -- grep -E '^Cap(Inh|Prm|Eff|Bnd|Amb)' \
		/proc/self/status
	[ "$(grep -c '0000000000000400$' <<<"$output")" = 5 ]
	run -0 capkeep -k NET_BIND_SERVICE -u "$user" -- id -un
	[ "$output" = "$user" ]
}

@test "what Docker gives, without raw sockets" {
	documented docs/capkeep.1 \
		"capkeep -k '@docker-default -NET_RAW' -- grep Cap /proc/self/status"
	run -0 capkeep -k '@docker-default -NET_RAW' -- grep Cap /proc/self/status
	[[ $output == *$'CapBnd:\t00000000a80405fb'* ]]
}

@test "a uid without an entry" {
	documented docs/capkeep.1 'capkeep -u 4242:4242 -- id'
	run -0 capkeep -u 4242:4242 -- id -u
	[ "$output" = 4242 ]
	run -125 capkeep -u 4242 -- id
}

@test "a dry run of a profile that is being written" {
	documented docs/capkeep.1 'capkeep -n -v -p ./web.ini -- /usr/local/bin/server'
	printf '%s\n' '[capabilities]' 'keep = NET_BIND_SERVICE' '[process]' "user = $user" \
		>"$D/web.ini"
	cd "$D"
	run -0 capkeep -n -v -p ./web.ini -- "$D/server"
	[[ $output == *'keep = NET_BIND_SERVICE'* ]]
	[[ $output == *'after exec'* ]]
	run -125 capkeep -n -p web.ini -- "$D/server"
	[[ $output == *'write ./web.ini'* ]]
}

@test "assignments are as they are, comments too" {
	cat >"$D/p.ini" <<-'EOT'
		[capabilities]
		keep = none
		[process]
		user = unchanged
		[environment]
		clear = yes
		keep  = PATH
		set   = GREETING=this is "all" of it ; and this too
	EOT
	documented docs/capkeep.ini.5 'set   = GREETING=this is "all" of it ; and this too'
	run -0 capkeep -p "$D/p.ini" -- env
	[[ $output == *'GREETING=this is "all" of it ; and this too'* ]]
}

@test "socket activation needs LISTEN_PID in the workload's environment" {
	cat >"$D/p.ini" <<-'EOT'
		[capabilities]
		keep = none
		[process]
		user = unchanged
		[environment]
		clear = yes
		keep  = PATH LISTEN_*
	EOT
	activated() {
		bash -c 'exec 3</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"' - capkeep \
			-p "$D/p.ini" -- sh -c 'test -e /proc/self/fd/3 && echo open || echo closed'
	}
	[ "$(activated)" = open ]
	sed -i 's/ LISTEN_\*//' "$D/p.ini"
	[ "$(activated)" = closed ]
}

@test "a supervisor without capabilities, whose helpers have file capabilities" {
	cat >"$D/p.ini" <<-EOT
		[capabilities]
		keep    = NET_RAW
		ambient = no
		[process]
		user         = nobody
		no-new-privs = no
	EOT
	run -0 capkeep -p "$D/p.ini" -- grep -E '^Cap(Prm|Bnd)' /proc/self/status
	[[ $output == *$'CapPrm:\t0000000000000000'* ]]
	[[ $output == *$'CapBnd:\t0000000000002000'* ]]
	sed -i /no-new-privs/d "$D/p.ini"
	run -125 capkeep -p "$D/p.ini" -- true
	[[ $output == *'exec would lose NET_RAW'* ]]
}

# quoted MESSAGE WORD...: a refusal that the guide's table has; X and N stand for anything.
quoted() {
	local message=$1

	grep -qF -- "$message" "$CK_SRCDIR/docs/guide.md" || { echo "not in the guide: $message"; return 1; }
	shift
	run -125 "$@"
	grep -qE -- "${message//[XN]/[^ ]+}" <<<"$output" || { echo "$message"; echo "$output"; return 1; }
}

@test "what the guide says of refusals is what they say" {
	as_user=(setpriv --reuid 4242 --regid 4242 --clear-groups)
	quoted 'X cannot be kept: it is missing in the permitted set' \
		setpriv --bounding-set -net_raw capkeep -k NET_RAW -- true
	quoted 'it is in the bounding set, but uid N does not hold it' \
		"${as_user[@]}" "$D/capkeep" -k NET_RAW -- true
	quoted 'user: changing the uid needs SETUID' "${as_user[@]}" "$D/capkeep" -u "$user" -- true
	quoted 'the bounding set cannot be cut' setpriv --bounding-set -setpcap capkeep -u "$user" -- true
	quoted "there is no user 'X' in /etc/passwd" capkeep -u nobody-at-all -- true
	printf '%s\n' '[capabilities]' 'keep = none' '[process]' 'user = unchanged' >"$D/p.ini"
	chown 4242 "$D/p.ini"
	quoted 'belongs to uid N, who could change it' capkeep -p "$D/p.ini" -- true
}

@test "the picture is well-formed and carries its own text" {
	grep -q '<title' "$CK_SRCDIR/docs/sets.svg"
	grep -q 'prefers-color-scheme: dark' "$CK_SRCDIR/docs/sets.svg"
	! grep -qE 'https?://[^"]*\.(js|css)|<script|<image' "$CK_SRCDIR/docs/sets.svg"
}
