#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# docs/seccomp-guide.md, with the programs: what stands there is what happens.

load lib

GUIDE=$CK_TOP/docs/seccomp-guide.md
DOCKER=/usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json

setup()
{
	CAPKEEPCTL=$(realpath "$CAPKEEPCTL")
	cd "$BATS_TEST_TMPDIR" || return
	chmod 755 . .. ../..
	cp "$DOCKER" default.json
	documented 'capkeepctl convert --to ini --keep NET_BIND_SERVICE default.json >web.ini'
	ctl convert --to ini --keep NET_BIND_SERVICE default.json >web.ini
}

# documented LINE: it stands in the guide, as code
documented()
{
	sed -n 's/^    //p' "$GUIDE" | grep -qxF -- "$1" || fail "the guide has no line: $1"
}

# guided STATUS WORD...: a command of the guide
guided()
{
	documented "capkeepctl ${*:2}"
	is "$@"
}

@test "the profile that is shown is the one that comes out" {
	local shown

	shown=$(awk '/^```ini/ { inside = 1; next } /^```/ { exit } inside' "$GUIDE")
	shown=${shown%%allow =*}$(sed -n '/^deny =/,$p' <<<"$shown")
	diff -u <(printf '%s\n' "$shown") <(awk '/^allow =/ { skip = 1; next } /^[^\t]/ { skip = 0 } !skip' web.ini)
	grep -q '^allow = _llseek _newselect accept accept4 access ' web.ini
	documented() { grep -qxF -- "$1" "$GUIDE"; }
	documented 'allow = _llseek _newselect accept accept4 access ...'
}

# no_idle_entry FILE: check says of no entry that it has no effect
no_idle_entry()
{
	sed -i 's/www-data/unchanged/' "$1"
	is 0 check "./$1"
	[[ $errors != *'no effect'* ]] || fail "$errors"
}

@test "the filters of README and manual have no entry without effect" {
	awk '/^```ini/ { text = ""; inside = 1; next }
		/^```/ { if (text ~ /\[seccomp\]/) printf "%s", text > "readme.ini"; inside = 0 }
		inside { text = text $0 "\n" }' "$CK_TOP/README.md"
	no_idle_entry readme.ini
	printf '%s\n' '[capabilities]' 'keep = none' '[process]' 'user = unchanged' >manual.ini
	sed -n '/^\[seccomp\]$/,/^\.Ed/p' "$CK_TOP/docs/capkeep-seccomp.7" | grep -v '^\.Ed' >>manual.ini
	grep -q '^deny' manual.ini
	no_idle_entry manual.ini
}

@test "the commands take the profile" {
	guided 0 check ./web.ini
	guided 1 explain ./web.ini unshare CLONE_NEWUSER
	says 'EPERM: ./web.ini:10: nothing allows it'
	guided 0 explain ./web.ini socket netlink raw
	documented 'capkeepctl convert --to oci ./web.ini >config.json'
	documented 'jq .linux.seccomp config.json >seccomp.json'
	is 0 convert --to oci ./web.ini
	[ "$(json .linux.seccomp.defaultAction)" = SCMP_ACT_ERRNO ]
	documented 'capkeepctl trace ./web.ini -- ./server --self-test'
	profile 'keep = none' '[process]' 'user = unchanged' '[seccomp]' 'base = @service'
	is 1 trace "$P" -- "$CK_HELPERS/call" 425:64:4096
	errors=${errors//0x1000/0x7ffd...}
	documented "$(head -n 1 <<<"$errors")"
}

@test "the entries that take away have an effect, each of them" {
	local section

	section=$(awk '/^## /{ inside = /^## 4/ } inside && /^```ini/ { show = 1; next } /^```/ { show = 0 } show' "$GUIDE")
	[[ $section == *'deny  = @aio @memlock'* ]]
	profile 'keep = none' '[process]' 'user = unchanged' "$section"
	is 0 check "$P"
	says_not 'has no effect'
	profile 'keep = none' '[process]' 'user = unchanged' "$section" 'deny = @keyring'
	is 0 check "$P"
	says "'@keyring' has no effect"
}
