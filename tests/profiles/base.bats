#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # lib.bash sets pid
# profiles/base.ini, which is made to be included, and what all shipped profiles have in common.

setup()
{
	load lib.bash
	begin
}

teardown()
{
	end
}

@test "base: no profile by itself, the message prints both missing lines" {
	start "$CAPKEEP" -p "$CK_PROFILES/base.ini" -- /bin/true
	ends_with 125
	says 'base.ini:.*keep'
	says 'base.ini:.*user'
}

@test "base: with -k and -u it is one" {
	start "$CAPKEEP" -p "$CK_PROFILES/base.ini" -k none -u unchanged -- sleep 60
	until_true is_now sleep
	same "$(state 0 0 "$NONE" "$NONE" "$NONE" "$NONE")" "$(state_of "$pid")"
}

@test "base: included by a profile that asks for no privilege, it starts without any" {
	mkdir "$PLACE/etc"
	cp "$CK_PROFILES/base.ini" "$PLACE/etc"
	printf '%s\n' '[profile]' 'include = ./base.ini' '[capabilities]' 'keep = none' '[process]' \
		'user = unchanged' >"$PLACE/etc/own.ini"
	LD_AUDIT='' LD_LIBRARY_PATH=/tmp KEPT=1 start setpriv --reuid nobody --regid nogroup \
		--clear-groups --bounding-set -all "$CAPKEEP" -p "$PLACE/etc/own.ini" -- sleep 60
	until_true is_now sleep
	same "$(state "$(id -u nobody)" "$(id -g nobody)" "$NONE" "$NONE" "$NONE" "$NONE")" \
		"$(state_of "$pid")"
	same KEPT=1 "$(environment_of "$pid" '^(LD_|KEPT)')" "environment"
	same "0 0" "$(awk '/^Max core file size/ { print $5, $6 }' "/proc/$pid/limits")" "core"
	same "0 1 2" "$(find "/proc/$pid/fd" -type l -printf '%f\n' | sort -n | paste -sd' ')" "descriptors"
}

@test "every shipped profile but base.ini states keep and user and starts as root" {
	local profile

	for profile in "$CK_PROFILES"/*.ini; do
		[ "${profile##*/}" != base.ini ] || continue
		start "$CAPKEEP" -p "$profile" -n -- /bin/echo the workload has run
		ends_with 0 || fail "$profile"
		! says '^the workload has run' || fail "$profile"
		says "$(sed -nE 's/^keep = ([A-Z_]+|none).*/\1/p' "$profile")" || fail "$profile" \
			"$(<"$PLACE/out")"
	done
}

@test "every shipped profile has a test here and a description" {
	local profile

	for profile in "$CK_PROFILES"/*.ini; do
		grep -q '^description = ' "$profile" || fail "$profile"
		grep -q "^# profiles/${profile##*/}" "$CK_TOP"/tests/profiles/*.bats || fail "$profile"
	done
}
