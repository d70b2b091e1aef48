#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# capkeepctl convert: words that mean what the dialect's own program takes them for.

load lib

setup() { started=(); }

# refused ARGUMENT...: convert prints nothing, and ends with 125
refused()
{
	is 125 convert "$@"
	[ -z "$output" ] || fail "$output"
}

@test "a target of numbers refuses a user whose numbers nobody knows" {
	profile 'keep = KILL' '[process]' 'user = zoe-is-not-here'
	for format in oci capsh; do
		refused --to $format "$P"
		[ "$errors" = "capkeepctl: --to $format: wants numbers, and the user 'zoe-is-not-here' with its groups cannot be looked up here; write numbers: user = UID, group = GID" ] || fail "$errors"
	done
	profile 'keep = KILL' '[process]' 'user = 4711' 'group = zoe-is-not-here'
	for format in oci capsh; do refused --to $format "$P"; done
	# with names, and where the image decides
	for format in docker setpriv kubernetes systemd; do is 0 convert --to $format "$P"; done
}

@test "systemd: every boolean that systemd takes" {
	unit() { printf '[Service]\nUser=daemon\nAmbientCapabilities=CAP_KILL\nNoNewPrivileges=%s' "$1"; }
	for word in 1 yes y true t on YES Y True T oN; do
		from systemd "$(unit $word)"
		says "no-new-privs = yes"
	done
	for word in 0 no n false f off NO F; do
		from systemd "$(unit $word)"
		says "no-new-privs = no"
	done
	from systemd $'[Service]\nDynamicUser=t\nCapabilityBoundingSet=CAP_KILL'
	says "keep = none" "DynamicUser="
}

# unit LINE...: a unit with these lines as a profile
unit()
{
	from systemd "$(printf '%s\n' '[Service]' 'User=daemon' 'CapabilityBoundingSet=' "$@")"
}

@test "systemd: limits with a suffix are bytes; what is neither is noted, and the last counts" {
	local line

	unit LimitCORE=infinity LimitNOFILE=64:128 LimitSTACK=8M LimitMEMLOCK=64K:1G LimitAS=1T:infinity LimitDATA=2P \
		LimitRSS=1E LimitFSIZE=5 LimitMSGQUEUE=1K LimitCPU=3 LimitRTTIME=7 LimitNICE=5
	[ -z "$errors" ] || fail "$errors"
	[ "$(sed '1,/limits/d' <<<"$output")" = "cpu = 3:3
fsize = 5:5
data = 2251799813685248:2251799813685248
stack = 8388608:8388608
core = unlimited:unlimited
rss = 1152921504606846976:1152921504606846976
nofile = 64:128
memlock = 65536:1073741824
as = 1099511627776:unlimited
msgqueue = 1024:1024
nice = 5:5
rttime = 7:7" ] || fail "$output"
	for line in CPU=5min CPU=1K NOFILE=1K NPROC=x NICE=-5 NICE=+5 RTTIME=5s STACK=8k STACK=1.5G STACK=K STACK=16E \
		STACK=99999999999999999999 STACK=18446744073709551615 NOFILE=2:1 NOFILE=infinity:1 NOFILE=1: NOFILE=:1 \
		NOFILE=1:2:3 NOFILE=-1 CORE=infinityx; do
		unit "Limit$line"
		[ "$errors" = "capkeepctl: note: Limit$line is not read; left out" ] || fail "$line: $errors"
		says_not '[limits]'
	done
	unit LimitNOFILE=1 LimitCORE=0 LimitNOFILE=2
	says 'core = 0:0' 'nofile = 2:2'
	unit LimitNOFILE=1 LimitCORE=0 LimitNOFILE=
	says 'core = 0:0'
	says_not nofile
	[ -z "$errors" ] || fail "$errors"
}

@test "what no profile takes for an assignment is noted, and not the end of it" {
	unit 'Environment=A=b HOME "C=d e" 1X=y =z'
	[ "$(grep '^set' <<<"$output")" = $'set = A=b\nset = C=d e' ] || fail "$output"
	[ "$errors" = 'capkeepctl: note: HOME is no NAME=value that a profile takes; left out
capkeepctl: note: 1X=y is no NAME=value that a profile takes; left out
capkeepctl: note: =z is no NAME=value that a profile takes; left out' ] || fail "$errors"
	from docker 'docker run --cap-drop ALL -u 5 -e a.b=c -e A=b I'
	says 'set = A=b' 'note: a.b=c is no NAME=value'
}

@test "what the profile's parser refuses has the file as its place, without a line" {
	from_refused() {
		wanted=125 from "$1" "$2"
		[ -z "$output" ]
		[ "$errors" = "capkeepctl: $BATS_TEST_TMPDIR/from: $3" ] || fail "$errors"
	}
	from_refused docker 'docker run --cap-drop ALL -u 5 -w srv I' \
		"working-directory: 'srv' is not an absolute path (it begins with /)"
	from_refused docker 'docker run --cap-drop ALL -u 5 -e A=b -e A=c I' 'set: A is assigned twice'
	from_refused setpriv 'setpriv --reuid 5 --clear-groups --pdeathsig 15 x' \
		"parent-death-signal: '15' is not the name of a signal, such as TERM or KILL"
}

@test "docker: a flag is switched off by every word that Go takes for false" {
	for word in 0 f F false FALSE False; do
		from docker "docker run --privileged=$word --cap-drop ALL I"
		says "keep = none"
		says_not "privileged gives"
	done
	for word in 1 t T true TRUE True; do
		from docker "docker run --privileged=$word --cap-drop ALL I"
		says "SYS_ADMIN" "privileged gives"
	done
	from docker "docker run --cap-drop ALL --privileged --privileged=0 I"
	says "keep = none"
}

@test "label: a later one of the same name replaces the earlier" {
	from label $'FROM x\nLABEL io.containers.capabilities="SYS_ADMIN,KILL"\nLABEL other=x io.containers.capabilities=CHOWN'
	says "keep = CHOWN"
	says_not KILL SYS_ADMIN
}

# permitted TEXT: what libcap makes of it, in names without a prefix; with no_new_privs
# exec gives root no more than was permitted
permitted()
{
	local mask

	mask=$(capsh --no-new-privs --caps="$1" -- -c 'exec cat /proc/self/status' | awk '/^CapPrm/ { print $2 }')
	capsh --decode="$mask" | sed 's/.*=//; s/cap_//g' | tr 'a-z,' 'A-Z\n' | sort
}

@test "capsh: texts of several clauses are what libcap makes of them" {
	local text kept

	while read -r text; do
		kept=$(ctl convert --to oci --from capsh - <<<"capsh --no-new-privs --caps=\"$text\" -- -c x" |
			jq -r '.process.capabilities.bounding[]' | sed 's/CAP_//' | sort)
		[ -n "$kept" ] || fail "$text: nothing"
		[ "$kept" = "$(permitted "$text")" ] || fail "$text:" "$kept" "not:" "$(permitted "$text")"
	done <<-'EOT'
		cap_kill=eip cap_chown+p
		cap_kill,cap_chown=p cap_kill-p
		cap_kill,cap_chown=p cap_kill=i
		= cap_kill+ep cap_fowner+i
		cap_kill=p-p+p cap_chown=ep-e
		cap_kill=i cap_kill+p
	EOT
	wanted=125 from capsh 'capsh --caps="cap_kill" -- -c x'
	says "'--caps=cap_kill' is not read"
	wanted=125 from capsh 'capsh --caps="cap_kill=p cap_chown" -- -c x'
	wanted=125 from capsh 'capsh --caps="+p" -- -c x'
	# refused by libcap as well
	for text in cap_kill=q cap_kill=pq cap_kill=ep-P cap_kill+ cap_kill==p kill=p cap_kill,=p =i-i =+i all,cap_kill=p cap_bogus=p cap_kill,cap_bogus=p 'cap_kill=p cap_bogus-p' 'cap_kill= p'; do
		! capsh --caps="$text" -- -c : 2>/dev/null || fail "libcap takes $text" || return
		wanted=125 from capsh "capsh --caps=\"$text\" -- -c x"
		says "'--caps=$text' is not read"
	done
	for text in cap_kill= cap_kill=p-p all=p-p = CAP_KILL=p; do
		capsh --caps="$text cap_setpcap=p" -- -c : || fail "libcap refuses $text"
		from capsh "capsh --caps=\"$text\" -- -c x"
	done
}

@test "setpriv: of a securebit the last word counts" {
	# wants SECUREBITS OPTION: the same bits as the kernel has then
	wants() {
		from setpriv "setpriv --securebits=$2 x"
		[ "$(sed -n 's/^securebits = //p' <<<"$output")" = "$1" ] || fail "$2: $output" || return
		setpriv --securebits="$2" setpriv --dump | sed -n 's/^Securebits: //p' >"$BATS_TEST_TMPDIR/bits"
	}
	wants '' +noroot,-noroot
	[ "$(<"$BATS_TEST_TMPDIR/bits")" = '[none]' ]
	wants no-setuid-fixup +noroot,+no_setuid_fixup,-noroot
	[ "$(<"$BATS_TEST_TMPDIR/bits")" = no_setuid_fixup ]
	wants noroot -noroot,+noroot
	[ "$(<"$BATS_TEST_TMPDIR/bits")" = noroot ]
	wants noroot -all,+noroot
	wants '' +noroot,-all
	[ "$(<"$BATS_TEST_TMPDIR/bits")" = '[none]' ]
}

@test "setpriv: ids that differ are refused, the same ones are a user" {
	local words kind

	while IFS='|' read -r kind words; do
		wanted=125 from setpriv "setpriv $words --bounding-set -all x"
		[ -z "$output" ]
		[ "$errors" = "capkeepctl: $BATS_TEST_TMPDIR/from: setpriv: a real and an effective $kind that differ cannot be said by a profile; use --re$kind, or both with the same value" ] ||
			fail "$words: $errors"
	done <<-'EOT'
		uid|--ruid 5
		uid|--euid=5
		uid|--ruid 5 --euid 6
		uid|--reuid 5 --euid 6
		gid|--reuid 5 --rgid 6
		gid|--egid 6
		gid|--rgid 6 --egid 7
	EOT
	from setpriv 'setpriv --ruid 5 --euid=5 --egid 6 --rgid 6 --clear-groups --bounding-set -all x'
	says 'keep = none' 'user = 5' 'group = 6' 'groups = none'
	[ -z "$errors" ] || fail "$errors"
}

@test "setpriv: the signal stays, or cannot be cleared" {
	for word in 'keep' 'TERM --pdeathsig keep'; do
		from setpriv "setpriv --pdeathsig $word --bounding-set -all x"
		says_not parent-death-signal
		[ -z "$errors" ] || fail "$errors"
	done
	from setpriv 'setpriv --pdeathsig clear --bounding-set -all x'
	says_not parent-death-signal
	[ "$errors" = 'capkeepctl: note: --pdeathsig clear cannot be said: a profile leaves the signal as it is found' ] || fail "$errors"
	from setpriv 'setpriv --pdeathsig=SIGTERM --bounding-set -all x'
	says 'parent-death-signal = TERM'
}

@test "lines: what a shell would expand in a user, a group or a directory is noted" {
	local format line word

	while IFS='|' read -r format line word; do
		from "$format" "$line"
		says "note: $word has a variable, which is not expanded"
	done <<-'EOT'
		docker|docker run --cap-drop ALL -u $APP I|$APP
		docker|docker run --cap-drop ALL --user=5:${TEAM} I|5:${TEAM}
		docker|docker run --cap-drop ALL -u 5 --group-add $G I|$G
		docker|podman run --cap-drop ALL -u 5 -w /a/$X I|/a/$X
		docker|docker run --cap-drop ALL -u $(id -u) I|$(id
		docker|docker run --cap-drop ALL -u `id -u` I|`id
		setpriv|setpriv --reuid $APP --clear-groups x|$APP
		setpriv|setpriv --reuid 5 --regid=$GID --groups 7,$G x|$GID
		setpriv|setpriv --reuid 5 --regid=6 --groups 7,$G x|7,$G
		capsh|capsh --uid=$APP -- -c x|$APP
		capsh|capsh --user=$APP -- -c x|$APP
		capsh|capsh --gid=$GID --uid=5 -- -c x|$GID
	EOT
	from docker 'docker run --cap-drop ALL -u $APP I'
	says 'user = $APP'
}

@test "OCI: mode = off loads no filter there either" {
	profile 'keep = KILL' '[process]' 'user = unchanged' '[seccomp]' 'mode = off' 'base = @none' 'allow = execve'
	is 0 convert --to oci "$P"
	[ "$(json 'has("linux"), .process.capabilities.bounding')" = $'false\n["CAP_KILL"]' ] || fail "$output"
	[ "$errors" = "capkeepctl: note: [seccomp] has mode = off, which loads no filter; there is no linux.seccomp" ] || fail "$errors"
	sed -i '/^mode/d' "$P"
	is 0 convert --to oci "$P"
	[ "$(json '.linux.seccomp.defaultAction')" = SCMP_ACT_ERRNO ]
}

@test "seccomp JSON: what differs in case only is refused, in a config.json too" {
	local member='"defaultAction":"SCMP_ACT_ALLOW","Syscalls":[{"names":["ptrace"],"action":"SCMP_ACT_ERRNO"}]'

	echo "{$member}" >"$BATS_TEST_TMPDIR/j"
	refused --keep none --to ini "$BATS_TEST_TMPDIR/j"
	says "'Syscalls' is read by docker, podman and runc, which do not look at case; write 'syscalls'"
	for object in "\"linux\":{\"seccomp\":{$member}}" "\"Linux\":{\"Seccomp\":{$member}}" \
		'"linux":{"seccomp":{"DefaultAction":"SCMP_ACT_ERRNO"}}'; do
		echo "{\"process\":{\"user\":{\"uid\":0,\"gid\":0},\"capabilities\":{}},$object}" >"$BATS_TEST_TMPDIR/j"
		refused --to ini "$BATS_TEST_TMPDIR/j"
		says "look at case; write"
	done
}

# of_label TEXT: keep, user and what is set, of a Dockerfile
of_label()
{
	from label "$1"
	grep -E '^(keep|user|group|set) = ' <<<"$output" | tr '\n' ';'
}

@test "label: a word counts where its instruction stands, and only in the last stage" {
	local good=$'LABEL io.containers.capabilities=KILL\n' all=io.containers.capabilities=SYS_ADMIN

	for line in "RUN podman build --label $all ." 'RUN echo USER root' "ONBUILD LABEL $all" "# LABEL $all" \
		$'RUN echo \\\n# a comment\n\n  USER root' $'RUN it\'s USER root' "ARG $all" \
		$'RUN <<EOF cat <<-\'B\'\nUSER root\nEOF\nLABEL '"$all"$'\n\tB' $'RUN cat <<<EOF'; do
		[ "$(of_label "FROM x"$'\n'"$good"$'USER 5\n'"$line")" = 'keep = KILL;user = 5;' ] ||
			fail "$line:" "$(of_label "FROM x"$'\n'"$good"$'USER 5\n'"$line")"
	done
	[ "$(of_label $'from x\nlabel a=b \\\n "io.containers.capabilities"="KILL,CHOWN"\nuser 7:8')" = 'keep = CHOWN KILL;user = 7;group = 8;' ]
	[ "$(of_label $'LABEL io.containers.capabilities KILL,CHOWN\nENV A b=c d')" = 'keep = CHOWN KILL;user = unchanged;set = A=b=c d;' ]
	# of a stage only what follows from it
	[ "$(of_label "FROM a AS b
LABEL $all
USER root
ENV A=1
FROM c
$good")" = 'keep = KILL;user = unchanged;' ]
	[ "$(of_label "FROM a AS b
$good
ENV A=1
FROM --platform=x B as d
USER 5
ENV D=1
FROM b
ENV E=1
FROM d")" = 'keep = KILL;user = 5;set = A=1;set = D=1;' ]
	printf 'FROM a AS b\nLABEL %s\nFROM c\nUSER 5\n' "$all" >"$BATS_TEST_TMPDIR/d"
	refused --to ini --from label "$BATS_TEST_TMPDIR/d"
	[ "$errors" = "capkeepctl: $BATS_TEST_TMPDIR/d: there is nothing of the format label in it; without --from it is guessed" ] || fail "$errors"
	printf '# syntax=x\n# escape=`\nLABEL %s\n' "$all" >"$BATS_TEST_TMPDIR/d"
	refused --to ini --from label "$BATS_TEST_TMPDIR/d"
	says "/d:2: the directive escape is not read; write the Dockerfile with backslashes"
	printf 'FROM x\n\nUSER "5\nUSER 7\n' >"$BATS_TEST_TMPDIR/d"
	refused --to ini --from label "$BATS_TEST_TMPDIR/d"
	says "/d:3: a quote is not closed"
	printf 'RUN <<EOF\nUSER 5\n' >"$BATS_TEST_TMPDIR/d"
	refused --to ini --from label "$BATS_TEST_TMPDIR/d"
	says "/d:2: the text up to EOF does not end"
}

# directory TEXT: what becomes of the working directory of a Dockerfile
directory()
{
	from label "LABEL io.containers.capabilities=KILL
$1"
	sed -n 's/^working-directory = //p' <<<"$output"
}

@test "label: where WORKDIR leads, also from the stage before" {
	[ "$(directory $'WORKDIR /a\nWORKDIR b\nWORKDIR c')" = /a/b/c ]
	[ "$(directory $'WORKDIR b\nWORKDIR /a')" = /a ]
	[ "$(directory $'FROM x AS base\nWORKDIR /a\nLABEL io.containers.capabilities=KILL\nFROM base\nWORKDIR b')" = /a/b ]
	[ "$(directory $'WORKDIR "/a/\\$b"\nWORKDIR \'c$d\'')" = '/a/$b/c$d' ]
	[ -z "$(directory $'WORKDIR b\nWORKDIR c')" ]
	directory $'WORKDIR b\nWORKDIR c' >/dev/null
	[ "$errors" = "capkeepctl: note: WORKDIR b/c is relative to the image's directory; left out" ] || fail "$errors"
	# not that of another stage, and neither its notes
	directory $'WORKDIR /a\nUSER $Y\nFROM y\nLABEL io.containers.capabilities=KILL\nWORKDIR b' >"$BATS_TEST_TMPDIR/none"
	[ ! -s "$BATS_TEST_TMPDIR/none" ]
	[ "$errors" = "capkeepctl: note: WORKDIR b is relative to the image's directory; left out" ] || fail "$errors"
	[ "$(directory $'WORKDIR $X\nWORKDIR /a')" = /a ]
	directory $'WORKDIR /a\nWORKDIR $X' >"$BATS_TEST_TMPDIR/none"
	[ ! -s "$BATS_TEST_TMPDIR/none" ]
	[ "$errors" = 'capkeepctl: note: WORKDIR /a/$X has a variable, which is not expanded; left out' ] || fail "$errors"
}

@test "label: what a variable decides is noted; of one name the last counts" {
	[ "$(of_label $'LABEL io.containers.capabilities=KILL\nUSER $APP:${TEAM}')" = 'keep = KILL;user = $APP;group = ${TEAM};' ]
	from label "$(<"$BATS_TEST_TMPDIR/from")"
	says 'note: $APP has a variable, which is not expanded' 'note: ${TEAM} has a variable'
	# its colon divides nothing, and no line of a profile has room for it
	printf 'LABEL io.containers.capabilities=KILL\nUSER ${APP:-0}\n' >"$BATS_TEST_TMPDIR/from"
	is 125 convert --to ini "$BATS_TEST_TMPDIR/from"
	says "user: '\${APP:-0}' is not one name or number"
	[ "$(of_label $'LABEL io.containers.capabilities=KILL\nUSER $APP\nUSER 5')" = 'keep = KILL;user = 5;' ]
	from label "$(<"$BATS_TEST_TMPDIR/from")"
	[ -z "$errors" ] || fail "$errors"
	from label $'LABEL io.containers.capabilities=KILL\nENV A=1 B=$X C=\\$x D=\'$y\' E="\'$z\'"\nENV A=2\nENV C d=$x\nENV F f\nENV F $x'
	[ "$(grep '^set' <<<"$output")" = $'set = D=$y\nset = A=2' ] || fail "$output"
	[ "$errors" = 'capkeepctl: note: ENV B=$X has a variable, which is not expanded; left out
capkeepctl: note: ENV E='"'"'$z'"'"' has a variable, which is not expanded; left out
capkeepctl: note: ENV C=d=$x has a variable, which is not expanded; left out
capkeepctl: note: ENV F=$x has a variable, which is not expanded; left out' ] || fail "$errors"
	from label 'LABEL io.containers.capabilities=$CAPS'
	says 'note: $CAPS is no capability; left out'
}

@test "convert: what has another type is refused, and not read as nothing" {
	local kind text wanted

	while IFS='|' read -r kind text wanted; do
		printf '%s\n' "${text//\\t/$'\n'}" >"$BATS_TEST_TMPDIR/x"
		refused --from "$kind" --to ini "$BATS_TEST_TMPDIR/x"
		[ "$errors" = "capkeepctl: $BATS_TEST_TMPDIR/x: $wanted" ] || fail "$text: $errors"
	done <<-'EOT'
		compose|services: {a: {environment: 5}}|a: environment has to be a list or a mapping
		compose|services: {a: {ulimits: 3}}|a: ulimits has to be a mapping
		docker|[{"Name":"/a","HostConfig":{"Ulimits":[5]},"Config":{}}]|a: Ulimits has to be a list of mappings
		docker|[{"Name":"/a","HostConfig":{},"Config":{"Env":"A=b"}}]|a: Env has to be a list or a mapping
		docker|docker run --privileged=yes I|--privileged has to be true or false
		docker|docker run --privileged= I|--privileged has to be true or false
		docker|docker run --security-opt no-new-privileges=maybe I|no-new-privileges has to be true or false
		kubernetes|kind: Pod\tspec: {containers: [{name: a, env: {A: b}}]}|a: env has to be a list of mappings
		kubernetes|kind: Pod\tspec: {containers: [{name: a, securityContext: {runAsUser: "5"}}]}|a: runAsUser has to be a whole number
		oci|{"process":{"capabilities":[]}}|capabilities has to be a mapping
		oci|{"process":{"capabilities":{"bounding":"CAP_SYS_ADMIN"}}}|bounding has to be a list of words
		oci|{"process":{"capabilities":{"permitted":[5]}}}|permitted has to be a list of words
		oci|{"process":{"user":{"uid":"0"}}}|uid has to be a whole number
		oci|{"process":{"user":{"gid":-1}}}|gid has to be a whole number
		oci|{"process":{"user":{"umask":"022"}}}|umask has to be a whole number
		oci|{"process":{"user":{"additionalGids":5}}}|additionalGids has to be a list of whole numbers
		oci|{"process":{"user":"root"}}|user has to be a mapping
		oci|{"process":{"noNewPrivileges":"true"}}|noNewPrivileges has to be true or false
		oci|{"process":{"env":5}}|env has to be a list or a mapping
		oci|{"process":{"rlimits":{}}}|rlimits has to be a list of mappings
		systemd|[Service]\tNoNewPrivileges=maybe|NoNewPrivileges=maybe: systemd takes yes and no for it
		systemd|[Service]\tDynamicUser=|DynamicUser=: systemd takes yes and no for it
	EOT
}

@test "a profile is not read from standard input, with one message" {
	local from

	for from in '' ini; do
		is 2 convert ${from:+--from $from} --to docker - <<<$'[capabilities]\nkeep = none\n[process]\nuser = unchanged'
		[ -z "$output" ]
		[ "$errors" = "capkeepctl: -: a profile is read from a file, since its owner and mode are judged; for another format add --from" ] || fail "$errors"
	done
}

@test "a word without a slash is a file of this directory, and else a profile's name" {
	local name

	profile 'keep = KILL' '[process]' 'user = unchanged'
	mkdir "$BATS_TEST_TMPDIR/here"
	chmod 755 "$BATS_TEST_TMPDIR/here"
	for name in web.ini nginx none; do cp "$P" "$BATS_TEST_TMPDIR/here/$name"; done
	cd "$BATS_TEST_TMPDIR/here"
	for name in web.ini nginx none ./web.ini; do
		is 0 convert --to docker "$name"
		says "--cap-add KILL"
		is 0 convert --from ini --to docker "$name"
		says "--cap-add KILL"
		is 0 audit --all --profile "$name"
		says "./${name#./}"
	done
	# what is no file of this directory
	rm nginx none
	mkdir nginx
	is 0 convert --from ini --to docker none
	says_not "--cap-add"
	is 0 audit --profile none
	is 125 audit --profile nosuch
	[ "${errors%% in *}" = "capkeepctl: nosuch: there is no profile 'nosuch'" ] || fail "$errors"
	is 125 convert --from ini --to docker nosuch
	says "there is no profile 'nosuch'"
	# what is wrong has the file as its place
	sed -i 's/KILL/KIL/' web.ini
	is 125 audit --profile web.ini
	says "capkeepctl: ./web.ini:2: "
}

@test "close-fds and groups = unchanged are noted by every target that does otherwise" {
	local engines='docker podman compose kubernetes systemd oci label' lines='setpriv capsh' format

	# notes FORMAT: those about what is asked here
	notes() { ctl convert --to "$1" "$P" 2>&1 >"$BATS_TEST_TMPDIR/none" | grep -e close-fds -e 'groups =' || :; }
	profile 'keep = none' '[process]' 'user = 1000' 'group = 5' 'groups = unchanged' 'close-fds = yes'
	for format in $engines; do
		[ "$(notes "$format")" = "capkeepctl: note: groups = unchanged cannot be said: the groups of whoever starts it do not stay there" ] ||
			fail "$format: $(notes "$format")"
	done
	for format in $lines; do
		[ "$(notes "$format")" = "capkeepctl: note: close-fds = yes cannot be said: $format leaves open what is open" ] ||
			fail "$format: $(notes "$format")"
	done
	profile 'keep = none' '[process]' 'user = unchanged' 'groups = unchanged' 'close-fds = no'
	for format in $engines; do
		[ "$(notes "$format")" = "capkeepctl: note: close-fds = no cannot be said: descriptors above 2 are closed there" ] ||
			fail "$format: $(notes "$format")"
	done
	for format in $lines; do [ -z "$(notes "$format")" ] || fail "$format: $(notes "$format")"; done
	# what is not stated is the launcher's own
	profile 'keep = none' '[process]' 'user = 1000' 'group = 5' 'groups = 7'
	for format in $engines $lines; do [[ "$(notes "$format")" != *close-fds* ]] || fail "$format: $(notes "$format")"; done
}
