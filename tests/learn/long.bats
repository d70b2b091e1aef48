#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every case five times traced and five times not (CK_LEARN_TIMES), and what it costs. Part of
# `make check-long`.
# shellcheck shell=bash

load lib
load cases

setup_file()
{
	export CK_LEARN_TIMES=${CK_LEARN_TIMES:-5}
	export CK_LEARN_LOG=$BATS_FILE_TMPDIR/log
	: >"$CK_LEARN_LOG"
}

teardown()
{
	[ -z "${D-}" ] || rm -rf "$D"
}

repeat()
{
	local case i

	for case in "${all_cases[@]}"; do
		for ((i = 0; i < CK_LEARN_TIMES; i++)); do
			exact "$case" --trace "$1" || return
		done
	done
	[ "$(cut -f2 "$CK_LEARN_LOG" | grep -cx "$1")" = $((${#all_cases[@]} * CK_LEARN_TIMES)) ]
}

# mean TRACING: runs of a case
mean()
{
	awk -v tracing="$1" '$2 == tracing { sum += $3; count++ }
		END { printf "%.1f\n", count ? sum / count : 0 }' "$CK_LEARN_LOG"
}

@test "each case is exact, traced" {
	repeat tracefs
}

@test "each case is exact, without tracing" {
	repeat off
}

@test "runs of a case: 10 traced, 18 without, at most" {
	echo "# mean runs: $(mean tracefs) traced, $(mean off) without" >&3
	[ "$(wc -l <"$CK_LEARN_LOG")" = $((${#all_cases[@]} * CK_LEARN_TIMES * 2)) ]
	awk -v traced="$(mean tracefs)" -v off="$(mean off)" \
		'BEGIN { exit !(traced > 0 && traced <= 10 && off > 0 && off <= 18) }'
}

@test "nine in ten entries name a path, an address, a port or an id" {
	awk '{ entries += $4; named += $5 } END {
		printf "# %d of %d entries\n", named, entries >"/dev/fd/3"
		exit !(entries > 0 && named >= 0.9 * entries) }' "$CK_LEARN_LOG"
}
