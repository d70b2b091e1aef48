#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # lib.bash sets id, pid, init, code, out and err
# An engine with --userns-remap: uid 0 of the container is uid 100000 of the host.

setup_file()
{
	load lib.bash
	local base=100000

	export CK_USERNS_BASE=$base
	mkdir -p "$CK_STATE/userns"
	echo "daemon:$base:65536" >"$CK_STATE/userns/subuid"
	engine_start "$CK_STATE/userns" --userns-remap daemon
	"$CK_TOP/tests/docker/images.sh" "$CK_ENGINE/sock" "$(static_launcher)" \
		"$CK_STATE/workload" "$CK_STATE/userns-images" >"$BATS_FILE_TMPDIR/images.log" 2>&1 ||
		fail "$(tail "$BATS_FILE_TMPDIR/images.log")"
}

teardown_file()
{
	load lib.bash
	engine_stop
}

setup()
{
	load lib.bash
	none=0000000000000000
}

teardown()
{
	remove_containers
}

@test "--userns-remap: stays uid 0 of the container" {
	stays
	same 100000 "$(state_by root | cut -d' ' -f2)" "uid that was expected on the host"
}

@test "--userns-remap: becomes a user of the container" {
	becomes
}

@test "--userns-remap: every capability, and none" {
	local kept

	kept=$(mask NET_ADMIN SYS_TIME)
	up admin --cap-add ALL
	same "$(state 100000 100000 "$kept" "$kept" "$none" "$none")" "$(state_of "$pid")"
	up nothing --cap-drop ALL
	same "$(state 100000 100000 "$none" "$none" "$none" "$none")" "$(state_of "$pid")"
	refuses user SETUID SETGID NET_BIND_SERVICE -- --cap-drop ALL
}

@test "--userns-remap: a profile of an unmapped owner is judged" {
	local file=$BATS_TEST_TMPDIR/profile.ini

	install -m 644 "$CK_TOP/tests/docker/etc/bind.ini" "$file" # uid 0 of the host: unmapped
	refuses mounted 'mounted.ini: ' -- -v "$file:/etc/capkeep/mounted.ini"
	up mounted -v "$file:/etc/capkeep/mounted.ini:ro"
	is_workload
}
