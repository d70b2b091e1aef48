#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Files and processes that are made to mislead: nothing hides, nothing is carried into a line
# that it does not belong to, nothing takes more memory than it is large.

load lib

setup() { started=(); }
teardown() { end_sleepers; }

# file BYTES: written to $X; escapes as in printf
file()
{
	X=$BATS_TEST_TMPDIR/x
	printf -- "$1" >"$X"
}

@test "a pod with items of its own is still a pod" {
	for text in '{"kind":"Pod","items":[],"spec":{"containers":[{"name":"q","securityContext":{"privileged":true}}]}}' \
		'kind: Pod\nitems: []\nspec:\n  containers: [{name: q, securityContext: {privileged: true}}]\n'; do
		file "$text"
		is 1 audit -k "$X"
		says "Pod Security baseline: privileged"
	done
}

@test "a decoy is not judged in place of what it stands before" {
	file 'kind: Deployment\nmetadata: {name: d}\nspec:\n  containers: [{name: decoy}]\n  template:\n    spec:\n      containers: [{name: real, securityContext: {privileged: true}}]\n'
	is 1 audit --json -k "$X"
	[ "$(json '[.results[] | select(.control == "baseline/privileged") | .subject + " " + .verdict]')" = \
		'["d Deployment:real FAIL"]' ]
	file 'services: {a: {extends: {file: b.yaml, service: b}}}\n'
	is 1 audit -c "$X"
	says "inherits what is not read: it extends a service of b.yaml"
	# an Id that could be a part of any cgroup
	printf '[{"Id":"%s","Name":"/n","State":{"Running":true,"Pid":%d},"HostConfig":{},"Config":{}}]' \
		"$(tail -n 1 /proc/self/cgroup)           " $$ >"$X"
	is 1 audit -d "$X"
	says "its main process cannot be seen from here"
}

@test "a tag, a quote or an anchor hides no setting" {
	for value in '!!bool "true"' '!!bool yes' '&a true' 'Yes' 'y'; do
		file "kind: Pod\nspec: {containers: [{name: q, securityContext: {privileged: $value}}]}\n"
		is 1 audit -k "$X"
		says "Pod Security baseline: privileged"
	done
	file 'kind: Pod\nspec:\n  containers:\n  - name: q\n    securityContext:\n      <<: {privileged: true}\n'
	is 1 audit -k "$X"
	file 'kind: Pod\nspec:\n  containers:\n  - {name: q, securityContext: {<<: {privileged: true}, <<: {}}}\n'
	is 125 audit -k "$X"
	says "twice"
	for value in '"true"' '"${PRIVILEGED:-yes}"' 'on'; do
		file "services: {a: {privileged: $value}}\n"
		is 1 audit -c "$X"
		says "5.5 [5.4]: is privileged"
	done
}

@test "words of others become no lines of a profile" {
	local keys='"HostConfig":{"GroupAdd":%s},"Config":{"User":"%s","WorkingDir":"%s"}'
	while IFS='|' read -r groups user directory text; do
		file ''
		# shellcheck disable=SC2059 # a format of ours
		printf "[{\"Id\":\"0\",\"Name\":\"/n\",$keys}]" "$groups" "$user" "$directory" >"$X"
		is 125 convert --to ini "$X"
		says "$text" "is nothing that a profile can say"
		[ -z "$output" ]
	done <<-'EOT'
		[]|x\ngroups = 0||user: 'x\x0agroups = 0'
		[]|1000 ; x||user: '1000 ; x'
		[]|unchanged||user: 'unchanged'
		[]|7:unchanged||group: 'unchanged'
		[]|7:7\u001b[2J||group: '7\x1b[2J'
		["5\nno-new-privs = no"]|7:7||groups: '5\x0ano-new-privs = no'
		["init"]|7:7||groups: 'init'
		["none"]|7:7||groups: 'none'
		[]|7:7|/a\nnew-session = yes|working-directory: '/a\x0anew-session = yes'
		[]|7:7|/a ;b|working-directory: '/a ;b'
	EOT
}

@test "variables that a profile cannot say are noted, the others stay as they are" {
	long=$(printf '%0300d' 0)
	file "services: {a: {user: '5:5', environment: {A: \"b\\\\nset = C=d\", LONG: \"$long\", E: 'x\": -1', F: yes, G: '\$(id)'}}}\n"
	is 0 convert --to ini "$X"
	says "note: A has a line break" "note: LONG is too long" "note: F has no value that is a text"
	[ "$(grep -c '^set\|^	[A-Z]*=' <<<"$output")" = 2 ]
	is 0 convert --to oci "$X"
	[ "$(json '.process.env | join("|")')" = 'E=x": -1|G=$(id)' ]
	is 0 convert --to docker "$X"
	says "--env 'G=\$(id)'"
}

@test "a number beyond all is one only where it is a limit" {
	file '{"process":{"user":{"uid":5,"gid":5},"capabilities":{},"env":["A=18446744073709551615","B=\\"hard\\": 18446744073709551615"],"rlimits":[{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":3}]}}'
	is 0 convert --to oci --from oci "$X"
	[ "$(json '.process.env | join("|")')" = 'A=18446744073709551615|B="hard": 18446744073709551615' ]
	says '"hard": 18446744073709551615,' '"soft": 3'
}

@test "a dollar of the source is no variable of the target" {
	profile 'keep = none' '[process]' 'user = a$b' 'group = $HOME' '[environment]' 'set = A=$HOME ${PATH} $(id) $$'
	for format in compose kubernetes; do
		ctl convert --to $format "$P" >"$BATS_TEST_TMPDIR/there" 2>/dev/null
		grep -qF '$$HOME $${PATH} $$(id) $$$$' "$BATS_TEST_TMPDIR/there"
		is 0 convert --to ini "$BATS_TEST_TMPDIR/there"
		says 'set = A=$HOME ${PATH} $(id) $$'
		says_not "variable"
	done
	ctl convert --to compose "$P" 2>/dev/null >"$BATS_TEST_TMPDIR/c.yaml"
	echo '    image: x' >>"$BATS_TEST_TMPDIR/c.yaml"
	is 0 convert --to ini "$BATS_TEST_TMPDIR/c.yaml"
	says 'user = a$b' 'group = $HOME'
	output=$(docker-compose -f "$BATS_TEST_TMPDIR/c.yaml" config)
	says_not "$HOME "
	file 'services: {a: {user: "${UID}:5"}}\n'
	is 0 convert --to ini "$X"
	says 'note: ${UID} has a variable'
}

@test "lines for a shell hold no word that it would run" {
	profile 'keep = none' '[process]' "user = x;id" 'group = $(id)' 'groups = `id`'
	for format in setpriv docker podman; do
		is 0 convert --to $format "$P"
		says_not " x;id" " \$(id)" " \`id\`"
	done
	profile 'keep = none' '[process]' 'user = a%n' 'group = 5' 'working-directory = /%h'
	is 0 convert --to systemd "$P"
	says "User=a%%n" "WorkingDirectory=/%%h"
	ctl convert --to systemd "$P" >"$BATS_TEST_TMPDIR/u.service"
	is 0 convert --to ini "$BATS_TEST_TMPDIR/u.service"
	says "user = a%n" "working-directory = /%h"
	file '[Service]\nUser=%%i\nGroup=5\n'
	is 0 convert --to ini "$X"
	says "note: %i has a specifier"
}

# lean ARGUMENT...: within 300 MB, whatever comes of it
lean()
{
	ASAN_OPTIONS=quarantine_size_mb=1 python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
sys.exit(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > 300000)' "$CAPKEEPCTL" "$@"
}

@test "thousands of words take no more memory than they are long" {
	X=$BATS_TEST_TMPDIR/x
	python3 -c 'import json
json.dump({"services": {name: {"user": "5:5", "environment": {"V%d" % i: "w" * 100 for i in range(count)},
	"cap_add": ["N%d" % i for i in range(count)]} for name, count in [("a", 500), ("b", 20000)]}},
	open("'"$X"'", "w"))'
	for format in docker oci; do lean convert --to $format --name a "$X"; done
	lean convert --to docker --name b "$X"
	lean audit --compose "$X"
	is 0 convert --to oci --name a "$X"
	[ "$(json '.process.env | length')" = 500 ]
	is 125 convert --to oci --name b "$X"
	says "65536 is the most"
	python3 -c 'import json
json.dump({"services": {"s%d" % i: {} for i in range(20000)}}, open("'"$X"'", "w"))'
	lean convert --to docker "$X"
	is 2 convert --to docker "$X"
	says "s19 and 19980 more"
}

@test "aliases stand for no more than the reader walks over" {
	X=$BATS_TEST_TMPDIR/x
	{
		echo 'x: &c [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}, {name: f}]'
		echo 'y: &k {a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10}'
		echo 'z:'
		yes -- '- {<<: *k}' | head -n 100000
	} >"$X"
	is 125 audit -k "$X"
	says "its aliases stand for too much"
	lean audit -k "$X"
	sed -i '1000,$d' "$X"
	is 125 audit -k "$X"
	says "nothing to audit"
}

@test "large and cut short" {
	X=$BATS_TEST_TMPDIR/x
	head -c 30000000 /dev/zero | tr '\0' '[' >"$X"
	lean audit -k "$X"
	is 125 audit -k "$X"
	says "maximum parsing depth"
	python3 "$CK_TOP/tests/ctl/fleet.py" 100 1500 >"$BATS_TEST_TMPDIR/whole"
	for bytes in 2 100 5000 100000; do
		head -c "-$bytes" "$BATS_TEST_TMPDIR/whole" >"$X"
		is 125 audit -k "$X"
		[ -z "$output" ]
	done
	head -c 3000 "$DATA/pods.yaml" | head -c -3 >"$X"
	is 125 convert --to ini "$X"
	is 125 audit --docker /dev/null
	is 125 audit --docker "$BATS_TEST_TMPDIR"
}

# in_proc SCRIPT: in a mount namespace whose /proc the script makes
in_proc()
{
	local status=0

	output=$(unshare --mount --propagation private bash -c "cat /proc/\$\$/status >$BATS_TEST_TMPDIR/own
		mount -t tmpfs none /proc; cd /proc; $1" - "$CAPKEEPCTL" 2>&1) || status=$?
	errors=
	return $status
}

@test "a /proc that lies or is none" {
	! in_proc 'exec "$1" show' || fail "$output"
	says "/proc: shows no process; is it mounted?"
	in_proc "for n in 10 11 12 13 14 15 16 17 18; do mkdir \$n; cp $BATS_TEST_TMPDIR/own \$n/status; done
		: >11/status; head -c 200 $BATS_TEST_TMPDIR/own >12/status
		sed -i s/^CapPrm:.*/CapPrm:ffffffffffffffffffff/ 13/status
		sed -i s/^CapEff:.*/CapEff:-1/ 14/status; sed -i /^Uid:/d 15/status
		sed -i 's/^Uid:.*/Uid: 1 2 3/' 16/status; rm 17/status; mkdir 17/status
		sed -i 's/^Name:.*/Name: a\\\\nPid: 1/' 18/status
		mkdir -- 4294967296 99999999999999999999 -1 12x; cp 10/status 4294967296
		exec \"\$1\" show --all --json"
	[ "$(json '[.[].pid] | length')" = 2 ]
	[ "$(json '[.[].name] | sort | .[0]')" = $'a\nPid: 1' ]
}

@test "a process with a hostile name in every command that prints one" {
	local odd=$'\e]0;x\a\r'
	cp "$(type -P sleep)" "$BATS_TEST_TMPDIR/$odd"
	sleep_name=$BATS_TEST_TMPDIR/$odd
	sleeper --no-new-privs
	profile 'keep = none' '[process]' 'user = unchanged'
	for command in "show $pid" "show --wide $pid" "show --container $pid" "show --threads $pid" \
		"show --tree" "audit $pid" "audit --all $pid" "audit --junit $pid"; do
		# shellcheck disable=SC2086 # words
		output=$(ctl $command --color=never 2>&1) || :
		says '\x1b]0;x\x07\x0d'
		says_not $'\e' $'\a' $'\r'
	done
	is 1 verify "$pid" "$P"
	says_not $'\e'
	is 1 audit --json "$pid"
	[ "$(json '.results[0].subject')" = "$pid $odd" ]
}

@test "code points that XML refuses are spelled out" {
	file '{"kind":"Pod","metadata":{"name":"a\\uFFFEb\\uFFFFc"},"spec":{"containers":[{"name":"x"}]}}'
	is 0 audit --junit -k "$X"
	says 'a\xef\xbf\xbeb\xef\xbf\xbfc'
	python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parseString(sys.stdin.buffer.read())' <<<"$output"
}

@test "items twice, and a merge key that is none" {
	for text in '{"kind":"List","items":[{"kind":"Pod"}],"items":[]}' '{"kind":"List","items":1,"items":[]}' \
		'{"kind":"List","items":[],"items":1}' 'kind: List\nitems: []\nitems: []\n' 'kind: List\nitems: 1\nitems: []\n' \
		'kind: List\nitems: []\nitems: 1\n'; do
		file "$text"
		is 125 audit -k "$X"
		says "'items' stands there twice"
	done
	for quote in \' '"'; do
		file "kind: Pod\nspec:\n  containers:\n  - name: q\n    securityContext:\n      $quote<<$quote: {privileged: true}\n"
		is 0 audit -k "$X"
	done
}

@test "a line of many words takes memory for its bytes" {
	X=$BATS_TEST_TMPDIR/x
	python3 -c 'print("setpriv --groups", *["5"] * 1, "x", *["y"] * 60000)' >"$X"
	ASAN_OPTIONS=quarantine_size_mb=1 python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
sys.exit(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > 300000)' "$CAPKEEPCTL" convert --to ini --from setpriv "$X"
}
