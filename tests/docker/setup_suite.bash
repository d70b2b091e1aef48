# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Once for all files of this directory: an engine, and the images in it.

# shellcheck source=tests/docker/lib.bash
. "${BASH_SOURCE[0]%/*}/lib.bash"

setup_suite()
{
	local launcher

	[ "$(id -u)" = 0 ] || fail "the container tests need root"
	launcher=$(static_launcher)
	CK_STATE=$(mktemp -d "${TMPDIR:-/tmp}/ckd.XXXXXX")
	chmod 711 "$CK_STATE" # for the root of --userns-remap
	export CK_STATE BATS_TEST_TIMEOUT=150
	workload "$CK_STATE/workload"
	engine_start "$CK_STATE/engine"
	: "${CAPKEEPCTL:=$(realpath "${CK_BUILDDIR:-$CK_TOP}/src/capkeepctl")}"
	export CAPKEEPCTL
	"$CK_TOP/tests/docker/images.sh" "$CK_ENGINE/sock" "$launcher" "$CK_STATE/workload" \
		"$CK_STATE/images" >"$CK_STATE/images.log" 2>&1 ||
		fail "building the images failed:" "$(tail -n 20 "$CK_STATE/images.log")"
}

teardown_suite()
{
	engine_stop
	rm -rf "${CK_STATE:?}"
}
