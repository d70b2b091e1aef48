#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # lib.bash sets id, pid, init, code, out and err
# capkeepctl against containers that run: what is configured beside what is in force.

bats_require_minimum_version 1.5.0

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

# six containers, as people start them
six()
{
	up bare --name ck-default
	up bare --name ck-privileged --privileged
	up bare --name ck-one --cap-drop ALL --cap-add NET_BIND_SERVICE
	up user --name ck-capkeep --cap-drop ALL --cap-add NET_BIND_SERVICE --cap-add SETUID \
		--cap-add SETGID --cap-add SETPCAP
	up bare --name ck-user --user 1234:1234
	up bare --name ck-nnp --security-opt no-new-privileges
}

audit()
{
	status=0
	output=$(docker_client inspect ck-default ck-privileged ck-one ck-capkeep ck-user ck-nnp |
		"$CAPKEEPCTL" audit --docker - "$@") || status=$?
}

# verdict NAME CONTROL
verdict()
{
	jq -r "[.results[] | select(.subject == \"$1\" and .control == \"$2\") | .verdict] | join(\" \")" \
		<<<"$output"
}

# row CONTROL DEFAULT PRIVILEGED ONE CAPKEEP USER NNP
row()
{
	local control=$1 name found=()

	for name in default privileged one capkeep user nnp; do
		found+=("$(verdict "ck-$name" "$control")")
	done
	same "$control ${*:2}" "$control ${found[*]}"
}

# faulty CONTROL NAME...: these fail it and no others, with its number and a remedy
faulty()
{
	local found

	found=$(jq -r ".results[] | select(.control == \"$1\" and .verdict == \"FAIL\") | .subject" <<<"$output" | xargs)
	same "${*:3}" "$found" "$1"
	jq -e "[.results[] | select(.control == \"$1\" and .verdict == \"FAIL\") |
		.number == \"$2\" and (.remedy | length > 10)] | all" <<<"$output" >/dev/null
}

@test "audit names exactly the faulty ones of six, with number and remedy" {
	six
	audit --json
	[ "$status" = 1 ]
	faulty cis-5.5 'CIS Docker 5.5 [5.4]' ck-privileged
	faulty cis-5.4 'CIS Docker 5.4 [5.3]' ck-default ck-privileged ck-user ck-nnp
	faulty cis-5.26 'CIS Docker 5.26 [5.25]' ck-default ck-privileged ck-one ck-user
	faulty cis-5.22 'CIS Docker 5.22 [5.21]' ck-privileged
	faulty cis-4.1 'CIS Docker 4.1' ck-default ck-privileged ck-one ck-nnp
	row cis-5.4 FAIL FAIL PASS PASS FAIL FAIL
	row cis-5.26 FAIL FAIL FAIL WARN FAIL PASS
	row cis-4.1 FAIL FAIL FAIL WARN PASS FAIL
	[ "$(verdict ck-default in-force) $(verdict ck-one in-force) $(verdict ck-nnp in-force)" = "PASS PASS PASS" ]
	[ "$(verdict ck-capkeep in-force)" = INFO ]
	[ "$(jq '[.results[] | select(.subject == "ck-capkeep" and .verdict == "FAIL")] | length' <<<"$output")" = 0 ]
	audit
	[[ $output == *"CIS Docker 5.4 [5.3]: NET_RAW is not dropped"* ]]
	[[ $output == *"remedy: --cap-drop ALL and --cap-add"* ]]
	[[ $output == *"narrower than configured: in force NET_BIND_SERVICE, configured SETGID SETUID SETPCAP NET_BIND_SERVICE"*"1: ck-capkeep"* ]]
}

@test "under capkeep with what docker gives by default, the rest is a warning" {
	up bind --name ck-bind
	output=$(docker_client inspect ck-bind | "$CAPKEEPCTL" audit --docker - --json) || :
	[ "$(verdict ck-bind cis-5.4) $(verdict ck-bind cis-5.26) $(verdict ck-bind in-force)" = "WARN WARN INFO" ]
	[[ $(jq -r '.results[] | select(.control == "in-force") | .text' <<<"$output") == \
		"narrower than configured: in force NET_BIND_SERVICE, configured docker-default" ]]
}

@test "audit looks through an --init" {
	up bind --name ck-init --init
	output=$(docker_client inspect ck-init | "$CAPKEEPCTL" audit --docker - --json) || :
	[[ $(jq -r '.results[] | select(.control == "in-force") | .text' <<<"$output") == *"in force NET_BIND_SERVICE"* ]]
}

@test "show groups by container, and verify proves a profile from outside" {
	up bind --name ck-capkeep
	output=$("$CAPKEEPCTL" show --container)
	grep -q "^[a-z]* *${id:0:12} .*NET_BIND_SERVICE" <<<"$output"
	"$CAPKEEPCTL" verify "$pid" "$CK_TOP/tests/docker/etc/bind.ini"
	up bare
	run -1 "$CAPKEEPCTL" verify "$pid" "$CK_TOP/tests/docker/etc/bind.ini"
}

@test "check --as a container's process agrees with what the container does" {
	up bare --cap-drop NET_BIND_SERVICE
	run -1 "$CAPKEEPCTL" check --as "$pid" "$CK_TOP/tests/docker/etc/bind.ini"
	up bare
	"$CAPKEEPCTL" check --as "$pid" "$CK_TOP/tests/docker/etc/bind.ini"
}

@test "the flags that convert prints are those that docker takes, and give the sets" {
	local words profile=$CK_STATE/convert.ini

	printf '%s\n' '[capabilities]' 'keep = NET_BIND_SERVICE KILL' '[process]' 'user = unchanged' \
		'[limits]' 'nofile = 64:128' >"$profile"
	mapfile -t words < <("$CAPKEEPCTL" convert --to docker "$profile" | sed 's/ \\$//; s/^\t//' |
		tr ' ' '\n' | grep -vxE 'docker|run|IMAGE')
	up bare "${words[@]}"
	"$CAPKEEPCTL" verify "$pid" "$profile"
	grep -q '^Max open files  *64  *128 ' "/proc/$pid/limits"
	docker_client inspect "$id" | "$CAPKEEPCTL" convert --from docker --to ini - >"$CK_STATE/back.ini"
	grep -q '^keep = KILL NET_BIND_SERVICE$' "$CK_STATE/back.ini"
	grep -q '^nofile = 64:128$' "$CK_STATE/back.ini"
}

# With what it is linked with: an image FROM scratch has nothing.
image_with_ctl()
{
	local root=$CK_STATE/ctl/root file

	mkdir -p "$root"
	for file in "$CAPKEEPCTL" $(ldd "$CAPKEEPCTL" 2>/dev/null | grep -o '/[^ ]*'); do
		install -D "$file" "$root/$file"
	done
	install -D "$CAPKEEPCTL" "$root/usr/bin/capkeepctl"
	cat >"$CK_STATE/ctl/Dockerfile"
	DOCKER_BUILDKIT=0 docker_client build --force-rm -q -t "$1" "$CK_STATE/ctl" 2>&1
}

# health NAME WORD: until the container is in that state
health()
{
	local tries found

	for ((tries = 0; tries < 300; tries++)); do
		found=$(docker_client inspect -f '{{.State.Health.Status}}' "$1")
		[ "$found" != "$2" ] || return 0
		sleep 0.1
	done
	fail "$1 is $found:" "$(docker_client inspect -f '{{json .State.Health}}' "$1")"
}

@test "check in a Dockerfile's RUN, and verify as a health check" {
	image_with_ctl ck-checked <<-'EOF'
		FROM ck-base
		COPY root/ /
		RUN ["/usr/bin/capkeepctl", "check", "--as", "self", "/etc/capkeep/bind.ini"]
		RUN ["/usr/bin/capkeepctl", "check", "--as", "docker", "/etc/capkeep/user.ini"]
		HEALTHCHECK --interval=1s --timeout=20s --retries=1 CMD ["/usr/bin/capkeepctl", "verify", "1", "bind"]
	EOF
	run ! image_with_ctl ck-refused <<-'EOF'
		FROM ck-base
		COPY root/ /
		RUN ["/usr/bin/capkeepctl", "check", "--as", "self", "/etc/capkeep/admin.ini"]
	EOF
	[[ $output == *'NET_ADMIN cannot be kept'* ]] || fail "$output"
	docker_client run -d --name ck-well --network none --entrypoint /usr/bin/capkeep ck-checked \
		-p bind -- /workload wait
	docker_client run -d --name ck-ill --network none --entrypoint /workload ck-checked wait
	health ck-well healthy
	health ck-ill unhealthy
	[[ $(docker_client inspect -f '{{json .State.Health}}' ck-ill) == *'is not as in'* ]]
}

@test "the service that convert prints is one that compose starts, with these sets" {
	local dir=$CK_STATE/compose

	mkdir -p "$dir"
	printf '%s\n' '[capabilities]' 'keep = NET_BIND_SERVICE KILL' '[process]' 'user = unchanged' \
		'[environment]' "set = GREETING=it's \"50%\" done" '[limits]' 'nofile = 64:128' >"$dir/p.ini"
	"$CAPKEEPCTL" convert --to compose "$dir/p.ini" >"$dir/compose.yaml"
	cat >"$dir/more.yaml" <<-'EOF'
		services:
		  main:
		    image: ck-base
		    entrypoint: /workload
		    command: wait
		    network_mode: none
	EOF
	docker-compose --host "unix://$CK_ENGINE/sock" -p ck -f "$dir/compose.yaml" -f "$dir/more.yaml" \
		up --no-build -d
	id=$(docker_client ps -q --filter label=com.docker.compose.service=main)
	wait_log '^ready' "$id"
	main_pid
	"$CAPKEEPCTL" verify "$pid" "$dir/p.ini"
	grep -q '^Max open files  *64  *128 ' "/proc/$pid/limits"
	tr '\0' '\n' <"/proc/$pid/environ" | grep -qx "GREETING=it's \"50%\" done"
}
