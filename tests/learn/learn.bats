#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What learn finds of real programs, once each, as it is used: traced where that is to be had.
# `make check-long` repeats them, traced and not.
# shellcheck shell=bash

load lib
load cases

teardown()
{
	[ -z "${D-}" ] || rm -rf "$D"
}

@test "every case has a test here" {
	for case in "${all_cases[@]}"; do
		grep -q "exact $case\$" "$BATS_TEST_FILENAME" || fail "$case"
	done
}

@test "a program that needs nothing" {
	exact nothing
}

@test "another user's file, read" {
	exact read
}

@test "another user's file, written: DAC_OVERRIDE" {
	exact read_override
}

@test "chmod 2755 with a foreign group, of which nothing is refused" {
	exact fsetid
}

@test "a signal to another user's process" {
	exact kill_other
}

@test "nginx with the logs of the workers" {
	exact nginx_logs
}

@test "nginx with fresh directories" {
	exact nginx_fresh
}

@test "apache" {
	exact apache
}

@test "apache, with a check that only fetches the page" {
	exact apache_page
}

@test "redis, which asks for three and needs none" {
	exact redis
}

@test "redis, started as root" {
	exact redis_drop
}

@test "ping" {
	exact ping
}

@test "tcpdump -w" {
	exact tcpdump
}

@test "dnsmasq" {
	exact dnsmasq
}

@test "cron" {
	exact cron
}

@test "a program that goes on as a daemon" {
	exact daemons
}

@test "a program that ignores SIGTERM" {
	exact stubborn
}

@test "a program that serves before it changes its user" {
	exact late
}

@test "a program that starts many short ones before it changes its user" {
	exact forks
}

@test "a program that serves, and computes for ever where it cannot change its user" {
	exact spins
	[ "$(jq .restless <<<"$output")" = false ]
}

@test "a program that never rests" {
	exact restless
	[ "$(jq .restless <<<"$output")" = true ]
}
