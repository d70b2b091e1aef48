#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # lib.bash sets what it says
# capkeepctl learn inside of a container, where nothing can be traced: docker's set, and SYS_PTRACE
# beside it. Programs come from the machine, read-only.

setup()
{
	load lib.bash
	: "${CAPKEEPCTL:=${CK_BUILDDIR:-$CK_TOP}/src/capkeepctl}"
	[ -x "$CAPKEEPCTL" ] || skip "no capkeepctl"
}

teardown()
{
	remove_containers
}

# learn OPTION... -- ARGUMENT...: inside; sets output and keep
learn()
{
	local options arguments

	split "$@"
	output=$(docker_client run --rm "${CK_RUN[@]}" --tmpfs /tmp --tmpfs /run --tmpfs /var/log/nginx \
		--tmpfs /var/lib/nginx -v /usr:/usr:ro -v /usr/bin:/bin:ro -v /usr/lib:/lib:ro \
		-v /usr/lib64:/lib64:ro -v /etc/passwd:/etc/passwd:ro -v /etc/group:/etc/group:ro \
		-v /etc/nginx:/etc/nginx:ro -v /etc/ld.so.cache:/etc/ld.so.cache:ro \
		-v "$CAPKEEPCTL:/ctl:ro" --sysctl net.ipv4.ip_unprivileged_port_start=1024 \
		-e PATH=/usr/sbin:/usr/bin "${options[@]}" --entrypoint /ctl ck-base \
		learn --json "${arguments[@]}")
	keep=$(jq -r '.keep.names | sort | join(" ")' <<<"$output")
}

for_both()
{
	local more

	for more in --init --cap-add=SYS_PTRACE; do
		learn "$more" -- "${@:2}"
		[ "$keep" = "$1" ] || fail "$more: '$keep', not '$1'" "$output" || return
		[ "$(jq -r '.verdict + " " + .tracing' <<<"$output")" = 'proven off' ] ||
			fail "$more" "$output" || return
		jq -e '.not_testable.names | index("SYS_TIME")' <<<"$output" >/dev/null ||
			fail "$more" "$output" || return
	done
}

@test "learn in a container: a program that needs nothing" {
	for_both '' -- /bin/true
}

@test "learn in a container: another user's file" {
	for_both DAC_OVERRIDE --setup 'rm -f /tmp/f; echo >/tmp/f; chmod 600 /tmp/f; chown 33 /tmp/f' \
		-- /bin/cat /tmp/f
	jq -e '.entries[0].refused | index("openat(\"/tmp/f\", O_RDONLY) = EACCES")' <<<"$output"
}

@test "learn in a container: nginx" {
	for_both 'CHOWN NET_BIND_SERVICE SETGID SETUID' --check 'curl -sS http://127.0.0.1/' \
		--setup 'rm -rf /var/lib/nginx/*' -- nginx -g 'daemon off; error_log stderr;'
	jq -e 'any(.entries[].refused[]; . == "bind(0.0.0.0:80) = EACCES")' <<<"$output"
}
