#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ./bootstrap leaves nothing behind on the machine.
# shellcheck shell=bash

load lib

# A machine with systemd where a package is missing; apt-get ends with what stands in $1.
interrupted() {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\n[ -e /usr/sbin/policy-rc.d ] && : >"%s/seen"\n%s\n' "$BATS_TEST_TMPDIR" "$1" \
		>"$BATS_TEST_TMPDIR/bin/apt-get"
	printf '#!/bin/sh\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/dpkg-query"
	chmod 755 "$BATS_TEST_TMPDIR"/bin/*
	# shellcheck disable=SC2016 # for the other sh
	env --default-signal unshare --mount sh -c 'mount -t tmpfs none /run && mkdir -p /run/systemd/system /run/upper /run/work &&
		mount -t overlay none -o lowerdir=/usr/sbin,upperdir=/run/upper,workdir=/run/work /usr/sbin &&
		rm -f /usr/sbin/policy-rc.d || exit
		BUILDDIR=$2/build PATH=$2/bin:$PATH "$1/bootstrap" build >"$2/out" 2>&1
		echo "exit $?"
		[ ! -e /usr/sbin/policy-rc.d ] || echo "it is still there"' - "$CK_SRCDIR" "$BATS_TEST_TMPDIR"
}

@test "bootstrap takes its policy-rc.d away, whatever ends it" {
	[ "$(interrupted 'exit 100')" = 'exit 100' ]
	[ -e "$BATS_TEST_TMPDIR/seen" ]
	for signal in HUP:129 INT:130 TERM:143; do
		result=$(interrupted "kill -${signal%:*} \$PPID")
		[ "$result" = "exit ${signal#*:}" ] || { echo "$signal: $result"; return 1; }
	done
}
