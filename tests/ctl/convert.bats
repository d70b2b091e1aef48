#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# capkeepctl convert: golden files, round trips, and each target by its own reader. The container
# engine's readers are in tests/docker/ctl.bats.

load lib

ALL='docker podman compose kubernetes systemd oci setpriv capsh'

setup()
{
	started=()
	full=(
		'keep = NET_BIND_SERVICE SYS_TIME' '[process]' 'user = 1000' 'group = 1001' 'groups = 5 7'
		'umask = 0027' 'working-directory = /srv' 'parent-death-signal = TERM'
		'[environment]' 'unset = LD_PRELOAD' "set = GREETING=it's \"50%\" \\ done"
		'[limits]' 'nofile = 64:128' 'core = 0:0' 'stack = 1024:unlimited'
	)
	root=('keep = SETUID SETGID' '[process]' 'user = unchanged')
	nothing=('keep = none' '[process]' 'user = 1000' 'group = 1000' 'groups = none')
}

# kept FILE KEYS: what matters of a profile, with the lines that continue it
kept()
{
	ctl convert --to ini "$1" 2>/dev/null | awk -v "keys=^($2)\$" '
		!/^\t/ { wanted = $1 ~ keys && $2 == "=" }
		wanted'
}

# round FORMAT KEYS: through the format and back, these keys are there and the same
round()
{
	local format=$1 keys=$2 before after key

	ctl convert --to "$format" "$P" >"$BATS_TEST_TMPDIR/there" 2>/dev/null
	ctl convert --to ini --from "$format" "$BATS_TEST_TMPDIR/there" >"$BATS_TEST_TMPDIR/back.ini" 2>"$BATS_TEST_TMPDIR/notes"
	before=$(kept "$P" "$keys")
	after=$(kept "$BATS_TEST_TMPDIR/back.ini" "$keys")
	for key in ${keys//|/ }; do
		[[ $'\n'$before == *$'\n'"$key = "* ]] || fail "$format: no $key in:" "$before" || return
	done
	[ "$before" = "$after" ] ||
		fail "$format:" "$(<"$BATS_TEST_TMPDIR/there")" "$before" "$(<"$BATS_TEST_TMPDIR/back.ini")"
}

@test "golden text and notes of every target" {
	profile "${full[@]}"
	for format in $ALL label; do
		is 0 convert --to "$format" "$P"
		golden "convert-$format"
	done
}

@test "a round trip loses nothing that the target can carry" {
	for kind in full root nothing; do
		local -n lines=$kind
		profile "${lines[@]}"
		for format in $ALL; do round "$format" 'keep'; done
	done
	profile "${full[@]}"
	round docker 'user|group|groups|working-directory|set|nofile|core|stack'
	round podman 'user|group|groups|working-directory|set|nofile|core|stack|umask|unset'
	round compose 'user|group|groups|working-directory|set|nofile|core|stack'
	round kubernetes 'user|group|working-directory|set'
	round systemd 'user|group|groups|working-directory|set|nofile|core|stack|umask|unset'
	round oci 'user|group|groups|working-directory|set|nofile|core|stack|umask'
	round setpriv 'user|group|groups|parent-death-signal'
	round capsh 'user|group'
	profile 'keep = KILL' '[process]' 'user = unchanged' 'no-new-privs = no'
	for format in $ALL; do
		ctl convert --to "$format" "$P" >"$BATS_TEST_TMPDIR/there" 2>/dev/null
		is 0 convert --to ini --from "$format" "$BATS_TEST_TMPDIR/there"
		says "no-new-privs = no"
	done
}

@test "the format is guessed" {
	profile "${nothing[@]}"
	for format in $ALL; do
		ctl convert --to "$format" "$P" >"$BATS_TEST_TMPDIR/there" 2>/dev/null
		is 0 convert --to ini "$BATS_TEST_TMPDIR/there"
		says "keep = none"
	done
}

# holds MASK-BOUNDING MASK-AMBIENT UID NNP: the status that a line's command printed
holds()
{
	[ "$(awk '/^CapBnd/ { print $2 }' <<<"$status_text")" = "$(printf %016x "$1")" ] || fail "$status_text" || return
	[ "$(awk '/^CapAmb/ { print $2 }' <<<"$status_text")" = "$(printf %016x "$2")" ] || fail "$status_text" || return
	[ "$(awk '/^CapPrm/ { print $2 }' <<<"$status_text")" = "$(printf %016x "$1")" ] || fail "$status_text" || return
	[ "$(awk '/^Uid/ { print $2 }' <<<"$status_text")" = "$3" ] || fail "$status_text" || return
	[ "$(awk '/^NoNewPrivs/ { print $2 }' <<<"$status_text")" = "$4" ] || fail "$status_text"
}

@test "setpriv and capsh run, and give the sets asked for" {
	for format in setpriv capsh; do
		profile 'keep = NET_RAW' '[process]' 'user = 1000' 'group = 1001' 'groups = 5'
		line=$(ctl convert --to $format "$P" 2>/dev/null)
		status_text=$(bash -c "${line/COMMAND/cat /proc/self/status}")
		holds 0x2000 0x2000 1000 1
		[[ $status_text == *$'Gid:\t1001'* ]]
		profile 'keep = KILL CHOWN' '[process]' 'user = unchanged'
		line=$(ctl convert --to $format "$P" 2>/dev/null)
		status_text=$(bash -c "${line/COMMAND/cat /proc/self/status}")
		holds 0x21 0 0 1
		profile "${nothing[@]}"
		line=$(ctl convert --to $format "$P" 2>/dev/null)
		status_text=$(bash -c "${line/COMMAND/cat /proc/self/status}")
		holds 0 0 1000 1
	done
}

@test "systemd takes the drop-in, and reads the same names" {
	profile "${full[@]}"
	unit=$BATS_TEST_TMPDIR/ck-test.service
	{
		ctl convert --to systemd "$P" 2>/dev/null
		echo 'ExecStart=/bin/true'
	} >"$unit"
	run systemd-analyze verify "$unit"
	[[ $output != *ck-test.service:* ]] || fail "$output"
	# it is this line that is looked for
	sed 's/^NoNewPrivileges=/No&/' "$unit" >"${unit%/*}/ck-other.service"
	run systemd-analyze verify "${unit%/*}/ck-other.service"
	[[ $output == *ck-other.service:*"Unknown key"*NoNoNewPrivileges* ]] || fail "$output"
	[ "$(grep -c '^CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_SYS_TIME$' "$unit")" = 1 ]
	for name in $(sed -n 's/^\(CapabilityBoundingSet\|AmbientCapabilities\)=//p' "$unit"); do
		systemd-analyze capability "$name" >/dev/null || fail "$name"
	done
}

# parsed FIELD: is that control of systemd-analyze security fulfilled?
parsed()
{
	json ".[] | select(.json_field == \"$1\") | .set"
}

# A misspelt name is passed over there, so what was parsed is compared, name by name.
@test "systemd has parsed the sets, the user and no_new_privs that were asked for" {
	local unit=$BATS_TEST_TMPDIR/ck-test.service caps

	for caps in 'SYS_TIME' 'KILL SYS_TIME' 'none' 'SYS_ADMIN SYS_PTRACE SYS_RAWIO'; do
		profile "keep = $caps" '[process]' 'user = 1000' 'group = 1001'
		{
			ctl convert --to systemd "$P" 2>/dev/null
			echo 'ExecStart=/bin/true'
		} >"$unit"
		output=$(systemd-analyze security --offline=true --json=short "$unit")
		for cap in SYS_TIME KILL SYS_ADMIN SYS_PTRACE SYS_RAWIO SYS_MODULE IPC_LOCK NET_ADMIN; do
			[[ " $caps " == *" $cap "* ]] && wanted=false || wanted=true
			[ "$(parsed "CapabilityBoundingSet_CAP_$cap")" = $wanted ] || fail "$caps: $cap"
		done
		[ "$caps" = none ] && wanted=true || wanted=false
		[ "$(parsed AmbientCapabilities)" = $wanted ]
		[ "$(parsed NoNewPrivileges) $(parsed UserOrDynamicUser)" = 'true true' ]
	done
	sed -i 's/CAP_SYS_ADMIN/CAP_SYS_ADMINN/; s/^NoNew.*/NoNewPrivileges=no/' "$unit"
	output=$(systemd-analyze security --offline=true --json=short "$unit" 2>/dev/null)
	[ "$(parsed CapabilityBoundingSet_CAP_SYS_ADMIN) $(parsed NoNewPrivileges)" = 'true false' ]
}

@test "kubectl reads the pod, and has the same settings of it" {
	profile "${full[@]}"
	ctl convert --to kubernetes "$P" >"$BATS_TEST_TMPDIR/pod" 2>/dev/null
	output=$(kubectl set image --local -f "$BATS_TEST_TMPDIR/pod" main=image -o json)
	[ "$(json '.spec.containers[0].securityContext | [.capabilities.drop, .capabilities.add, .runAsUser,
		.runAsGroup, .runAsNonRoot, .allowPrivilegeEscalation]')" = \
		'[["ALL"],["NET_BIND_SERVICE","SYS_TIME"],1000,1001,true,false]' ]
	[ "$(json '.spec.securityContext.supplementalGroups')" = '[5,7]' ]
	[ "$(json '.spec.containers[0].env[0].value')" = "it's \"50%\" \\ done" ]
	[ "$(json '.spec.containers[0].workingDir')" = /srv ]
}

# A root file system with cat and what it is linked with.
root_of_cat()
{
	mkdir -p "$1"/{bin,proc,sys,dev,etc,run,tmp,srv}
	for file in $(ldd /bin/cat | grep -o '/[^ ]*') /bin/cat; do
		install -D "$file" "$1$file"
	done
	chmod -R a+rX "$1"
}

# in_podman WORD...: with a store of its own
in_podman()
{
	podman --root "$BATS_TEST_TMPDIR/p/store" --runroot "$BATS_TEST_TMPDIR/p/run" \
		--tmpdir "$BATS_TEST_TMPDIR/p/tmp" --runtime runc --cgroup-manager cgroupfs \
		--events-backend none --storage-driver vfs "$@" 2>&1
}

@test "podman runs the line, and gives the sets asked for" {
	local words

	root_of_cat "$BATS_TEST_TMPDIR/root"
	while IFS='|' read -r keep user masks; do
		profile "keep = $keep" '[process]' "user = $user" 'group = 1001' 'groups = 5' 'umask = 0027' \
			'[limits]' 'nofile = 64:128' 'nproc = 100:100'
		line=$(ctl convert --to podman "$P" 2>"$BATS_TEST_TMPDIR/notes")
		[ ! -s "$BATS_TEST_TMPDIR/notes" ] || fail "$(<"$BATS_TEST_TMPDIR/notes")"
		eval "words=(${line#podman run })"
		[ "${words[-1]}" = IMAGE ]
		unset 'words[-1]'
		status_text=$(in_podman run --rm --network none --log-driver none "${words[@]}" \
			--rootfs "$BATS_TEST_TMPDIR/root" /bin/cat /proc/self/status /proc/self/limits)
		# shellcheck disable=SC2086 # words
		holds $masks
		[ "$(awk '/^Gid/ { print $2 }' <<<"$status_text")" = 1001 ]
		[[ $(awk '/^Groups/' <<<"$status_text") == *5* ]]
		[ "$(awk '/^Umask/ { print $2 }' <<<"$status_text")" = 0027 ]
		grep -q '^Max open files  *64  *128 ' <<<"$status_text"
	done <<-'EOT'
		KILL|1000|0x20 0x20 1000 1
		NET_RAW CHOWN|0|0x2001 0 0 1
		none|1000|0 0 1000 1
	EOT
}

@test "podman obeys the label" {
	root_of_cat "$BATS_TEST_TMPDIR/root"
	for user in unchanged 1000; do
		profile 'keep = KILL CHOWN' '[process]' "user = $user" 'group = 1001'
		[ $user != unchanged ] || sed -i /group/d "$P"
		{
			printf 'FROM scratch\nCOPY / /\n'
			ctl convert --to label "$P" 2>/dev/null
		} >"$BATS_TEST_TMPDIR/Dockerfile"
		in_podman build -q -f "$BATS_TEST_TMPDIR/Dockerfile" -t labelled "$BATS_TEST_TMPDIR/root"
		status_text=$(in_podman run --rm --network none --log-driver none --ulimit nofile=64:128 \
			--ulimit nproc=100:100 labelled /bin/cat /proc/self/status)
		if [ $user = unchanged ]; then
			holds 0x21 0 0 0
		else # which is what the note says
			[ "$(awk '/^Cap(Bnd|Prm|Amb)/ { printf "%s ", $2 }' <<<"$status_text")" = \
				'0000000000000000 0000000000000021 0000000000000000 ' ]
			is 0 convert --to label "$P"
			says "a label raises no ambient set: as user 1000"
		fi
	done
	profile 'keep = none' '[process]' 'user = unchanged'
	is 0 convert --to label "$P"
	[ -z "$output" ]
	says "keep = none cannot be said by a label"
}

@test "an OCI configuration is one that runc runs" {
	profile 'keep = NET_RAW' '[process]' 'user = 1000' 'group = 1001' '[limits]' 'nofile = 64:128'
	root_of_cat "$BATS_TEST_TMPDIR/b/rootfs"
	chmod a+rX "$BATS_TEST_TMPDIR/b"
	(cd "$BATS_TEST_TMPDIR/b" && runc spec)
	ctl convert --to oci "$P" >"$BATS_TEST_TMPDIR/part" 2>/dev/null
	jq -s '.[0] * .[1] | .process.terminal = false | .process.args = ["/bin/cat", "/proc/self/status"]
		| .mounts |= map(select(.type == "proc")) | .linux.namespaces |= map(select(.type != "network"))' \
		"$BATS_TEST_TMPDIR/b/config.json" "$BATS_TEST_TMPDIR/part" >"$BATS_TEST_TMPDIR/c"
	cp "$BATS_TEST_TMPDIR/c" "$BATS_TEST_TMPDIR/b/config.json"
	status_text=$(cd "$BATS_TEST_TMPDIR/b" && runc --root "$BATS_TEST_TMPDIR/state" run "ck-$$" </dev/null 2>&1) ||
		fail "$status_text"
	holds 0x2000 0x2000 1000 1
}

@test "from docker inspect, compose, a pod and a unit, as people write them" {
	is 0 convert --to ini --name one "$DATA/inspect.json"
	says "keep = NET_BIND_SERVICE" "user = 1000" "group = 1000"
	is 0 convert --to ini --name admin "$DATA/inspect.json"
	says "keep = NET_ADMIN SYS_ADMIN" "CAP_BOGUS is no capability"
	is 2 convert --to ini "$DATA/inspect.json"
	says "which one? add --name with one of default, privileged, one, admin, every"
	is 125 convert --to ini --name nosuch "$DATA/inspect.json"
	is 0 convert --to ini --name good "$DATA/compose.yaml"
	says "keep = NET_BIND_SERVICE" "user = 1000"
	is 0 convert --to ini --name web "$DATA/pods.yaml"
	says "keep = NET_BIND_SERVICE" "no-new-privs = yes"
	printf '%s\n' '[Unit]' 'User=x' '[Service]' 'User=daemon' 'CapabilityBoundingSet=~CAP_SYS_ADMIN' \
		'AmbientCapabilities=CAP_NET_RAW CAP_BOGUS' >"$BATS_TEST_TMPDIR/u.service"
	is 0 convert --to ini "$BATS_TEST_TMPDIR/u.service"
	says "keep = NET_RAW" "user = daemon" "no-new-privs = no" "CAP_BOGUS is no capability" "wider there"
	echo "docker run --rm -it --cap-add=sys_time -u 'daemon:5' --security-opt no-new-privileges x y" >"$BATS_TEST_TMPDIR/line"
	is 0 convert --to ini "$BATS_TEST_TMPDIR/line"
	says "keep = SYS_TIME" "user = daemon" "group = 5"
	echo 'LABEL io.containers.capabilities="CAP_CHOWN,KILL"' >"$BATS_TEST_TMPDIR/Dockerfile"
	is 0 convert --to ini "$BATS_TEST_TMPDIR/Dockerfile"
	says "keep = CHOWN KILL"
}

@test "a line is read up to the image, as the engine reads it" {
	while IFS='|' read -r line wanted notes; do
		printf '%s' "$line" >"$BATS_TEST_TMPDIR/line"
		is 0 convert --to ini "$BATS_TEST_TMPDIR/line"
		same=$(grep -E '^(keep|user|group|working-directory|set) = ' <<<"$output" | tr '\n' ';')
		[ "$same" = "$wanted" ] || fail "$line:" "$same" "$wanted"
		[[ $errors == *"$notes"* ]] || fail "$errors"
	done <<-'EOT'
		docker run --cap-drop ALL -itu1000:5 --name -x --network host -e A=b image -u 0 --privileged|keep = none;user = 1000;group = 5;set = A=b;|
		docker run --cap-drop ALL --user=7:7 --privileged=false -w/a image sh -e --cap-add SYS_ADMIN|keep = none;user = 7;group = 7;working-directory = /a;|
		podman run --rm --cap-drop all --cap-add kill -dw /b -e HOME -u 5:5 -- image|keep = KILL;user = 5;group = 5;working-directory = /b;|HOME is taken from whoever starts it
		docker container run --init --cap-drop ALL -u 5:5 image|keep = none;user = 5;group = 5;|
		--cap-drop ALL --cap-add CHOWN -u 0|keep = CHOWN;user = 0;group = 0;|
	EOT
}

@test "notes name what is lost; --strict makes them findings; --keep replaces" {
	profile 'keep = KILL' 'optional = CHOWN' 'securebits = noroot' '[process]' 'user = www-data' 'new-session = yes'
	is 0 convert --to docker "$P"
	says "note: optional = CHOWN" "note: the engine raises no ambient set" "note: securebits cannot be said" "note: new-session"
	is 1 convert --strict --to docker "$P"
	is 0 convert --to docker --keep SYS_TIME "$P"
	says "--cap-add SYS_TIME"
	says_not "--cap-add KILL"
	is 0 convert --json --to docker "$P"
	[ "$(json '.notes | length')" -ge 4 ]
}

@test "mistakes: usage, unknown formats, hostile lines" {
	is 2 convert "$DATA/compose.yaml"
	is 2 convert --to ini
	is 2 convert --to dokcer x
	says "did you mean docker?"
	is 2 convert --to ini --from strange x
	is 125 convert --to ini /nonexistent
	while IFS='|' read -r status text wanted; do
		printf -- "$text" >"$BATS_TEST_TMPDIR/x"
		is "$status" convert --to ini "$BATS_TEST_TMPDIR/x"
		[[ "$errors" == "capkeepctl: $wanted" || "$errors" == "capkeepctl: $BATS_TEST_TMPDIR/x: $wanted" ]] || fail "$text: $errors"
		[ "$status" = 0 ] || [ -z "$output" ] || fail "$output"
	done <<-'EOT'
		125|docker run --user 'x|a quote is not closed
		125|docker run \\|a quote is not closed
		125|docker run --user $(id) -w /a"b c|a quote is not closed
		125|setpriv --reuid|setpriv: '--reuid' is not read
		125|[Service]|there is nothing to convert in it; --from says what it is
		125|io.containers.capabilities|there is nothing to convert in it; --from says what it is
		0|capsh --drop=bogus|note: bogus is no capability; left out
		0|docker run -e 'A=1\n2'|note: A has a line break or a control character; left out
	EOT
}

@test "setpriv and capsh: words before, unknown options, securebits, what exec gives root" {
	for before in exec 'sudo -u x' 'env A=b' '/usr/bin/env'; do
		for program in setpriv /usr/bin/setpriv; do
			from setpriv "$before $program --bounding-set -all,+kill --no-new-privs cmd"
			says "keep = KILL" "no-new-privs = yes"
		done
		from capsh "$before capsh --drop=all -- -c x"
		says "keep = none"
	done
	says "what stands before capsh is not read: /usr/bin/env"
	wanted=125 from setpriv 'nice --bounding-set -all x'
	says "there is no setpriv in it"
	from setpriv 'setpriv --ptracer 5 --bounding-set -all x'
	says "keep = none" "--ptracer 5 is not carried over"
	wanted=125 from setpriv 'setpriv --strange 5 --bounding-set -all x'
	says "'--strange' is not read"
	wanted=125 from capsh 'capsh --mode=NOPRIV -- -c x'
	from setpriv 'setpriv --securebits=+noroot,+noroot_locked,+no_setuid_fixup,+no_cap_ambient --inh-caps +kill --ambient-caps +kill x'
	says "keep = KILL" "noroot" "no-setuid-fixup" "the securebit +no_cap_ambient is not carried over"
	from setpriv 'setpriv --securebits -noroot x'
	says_not "securebits ="
	from capsh 'capsh --caps=cap_kill=ep -- -c x'
	says "comes back whatever is permitted before" "SYS_ADMIN"
	from capsh 'capsh --caps=cap_kill=ep --no-new-privs -- -c x'
	says "keep = KILL"
	from capsh 'capsh --secbits=0x3 --addamb=cap_kill -- -c x'
	says "keep = KILL"
}

# names MASK: cap_a cap_b ..., of what this machine has
names()
{
	capsh --decode="$(printf %x $((0x$1 & 0x$(awk '/^CapBnd/ { print $2 }' /proc/self/status))))" |
		sed 's/.*=//' | tr ',' '\n' | sort
}

@test "capsh: the kernel agrees on what exec gives root" {
	while read -r line; do
		from capsh "capsh $line -- -c x"
		is 0 convert --to oci --from capsh "$BATS_TEST_TMPDIR/from"
		kept=$(json '.process.capabilities.bounding[]' | tr '[:upper:]' '[:lower:]' | sort)
		mask=$(eval "capsh $line -- -c 'exec cat /proc/self/status'" | awk '/^CapPrm/ { print $2 }')
		[ "$(comm -12 <(echo "$kept") <(names 1ffffffffff))" = "$(names "$mask")" ] || fail "$line: $mask" "$kept"
	done <<-'EOT'
		--caps=cap_kill,cap_chown=ep
		--caps=cap_kill,cap_setpcap=ep --no-new-privs
		--drop=all
		--drop=cap_chown --caps==
	EOT
}

@test "docker lines: flags, the image, clusters, and what is lost" {
	from docker 'docker run --cap-drop ALL -itu 1000 IMAGE --privileged --cap-add SYS_ADMIN'
	says "keep = none" "user = 1000" "not carried over: -i, -t"
	says_not "SYS_ADMIN"
	from docker 'docker run --rm IMAGE -u 5'
	says "user = unchanged"
	from docker 'docker --context x run -u1000 -eA=B -e HOME -w/srv --name n --network=host IMAGE'
	says "user = 1000" "set = A=B" "working-directory = /srv" "HOME is taken from whoever starts it" \
		"not carried over: --name, --network"
	from docker 'docker run --security-opt seccomp=/x.json --security-opt label=disable --security-opt apparmor=p I'
	says "seccomp profile is not taken over" "--security-opt label=disable" "apparmor=p is not taken over"
	from docker 'podman run --cap-drop all --cap-add=KILL,CHOWN -u 5 I'
	says "keep = CHOWN KILL"
	# exec as a user leaves nothing of what is permitted
	from docker 'docker run --privileged -u 1000 I'
	says "keep = none" "as user 1000 the program holds none"
	from docker 'docker run --cap-add ALL -u 1000 I'
	says "keep = none"
	from docker 'docker run -u +0 I'
	says "user = 0"
	from docker 'docker run -u :1000 I'
	says "user = 0" "group = 1000"
}

@test "systemd: continued lines, all but, resets, noroot, and what is lost" {
	from systemd $'[Service]\nUser=daemon\nAmbientCapabilities=CAP_KILL \\\n# a comment\n  CAP_CHOWN\nCapabilityBoundingSet=CAP_KILL CAP_CHOWN'
	says "keep = CHOWN KILL"
	from systemd $'[Service]\nUser=daemon\nAmbientCapabilities=~CAP_SYS_ADMIN'
	says "SYS_PTRACE"
	says_not $'\tSYS_ADMIN'
	from systemd $'[Service]\nCapabilityBoundingSet=~'
	says "SYS_ADMIN"
	from systemd $'[Service]\nCapabilityBoundingSet=~CAP_KILL\nCapabilityBoundingSet='
	says "keep = none"
	from systemd $'[Service]\nUser=daemon\nUser=\nEnvironment=A=b\nEnvironment=\nSupplementaryGroups=5\nSupplementaryGroups=\nCapabilityBoundingSet=CAP_KILL'
	says "user = unchanged" "keep = KILL"
	says_not "set =" "groups ="
	from systemd $'[Service]\nDynamicUser=yes\nCapabilityBoundingSet=CAP_KILL'
	says "keep = none" "DynamicUser="
	from systemd $'[Service]\nSecureBits=noroot\nCapabilityBoundingSet=CAP_KILL CAP_CHOWN\nAmbientCapabilities=CAP_KILL'
	says "keep = KILL" "noroot"
	from systemd $'[Service]\nUser=daemon\nSystemCallFilter=@system-service\nEnvironmentFile=/x\nExecStart=+/bin/x'
	says "SystemCallFilter= is not carried over" "EnvironmentFile= is not carried over" "runs with more"
	profile 'keep = KILL' '[process]' 'user = 1000' 'group = 1000' 'groups = none'
	is 0 convert --to systemd "$P"
	says "systemd adds the groups"
}

@test "OCI: what exec leaves, by the kernel's rules" {
	oci() { printf '{"process":{"user":{"uid":%s,"gid":0},"noNewPrivileges":%s,"capabilities":{%s}}}' "$1" "$2" "$3"; }
	from oci "$(oci 0 false '"bounding":["CAP_KILL","CAP_CHOWN"],"permitted":["CAP_KILL"]')"
	says "keep = CHOWN KILL" "CHOWN comes back"
	from oci "$(oci 0 true '"bounding":["CAP_KILL","CAP_CHOWN"],"permitted":["CAP_KILL"]')"
	says "keep = KILL"
	from oci "$(oci 1000 false '"bounding":["CAP_KILL"],"permitted":["CAP_KILL"],"effective":["CAP_KILL"]')"
	says "keep = none" "user 1000 does not hold KILL after exec"
}

@test "compose and pods: limits, dollars, and what is lost" {
	compose() { printf 'services:\n  a:\n    user: "1"\n    cap_drop: [ALL]\n%s' "$1"; }
	from compose "$(compose $'    ulimits: {nofile: "64", core: {soft: "1", hard: 2}, nproc: many}\n')"
	says "nofile = 64:64" "core = 1:2" "the limit nproc is no number"
	says_not unlimited
	from compose "$(compose $'    environment: {A: "$$x", B: "${X}", C: }\n    env_file: x\n')"
	says 'set = A=$x' "B is decided by interpolation" "C has no value" "env_file is not carried over"
	from compose $'services: {a: {user: "${X}"}}'
	says '${X} has a variable'
	from kubernetes $'kind: Pod\nspec:\n  securityContext: {fsGroup: 5, runAsNonRoot: true, seccompProfile: {type: Localhost, localhostProfile: x}}\n  hostPID: true\n  containers:\n    - name: a\n      securityContext: {appArmorProfile: {type: Unconfined}}\n      env: [{name: A, value: "$$(B) $x"}, {name: C, value: "$(A)"}, {name: D, valueFrom: {}}]'
	says 'set = A=$(B) $x' "C is decided by interpolation" "the variable D has no value" "fsGroup is not carried over" \
		"appArmorProfile is not carried over" \
		"runAsNonRoot is set without runAsUser" "seccomp profile is not taken over" "the host's process namespace"
	profile 'keep = none' '[process]' 'user = 1000' 'group = 1000' '[environment]' 'set = A=$x $$y $(B) ${C}' '[limits]' 'as = 1:2'
	round compose 'set'
	round kubernetes 'set'
	round docker 'set'
	is 0 convert --to compose "$P"
	says "the limit as cannot be said" '$$x $$$$y'
	says_not "as: {"
	from docker '[{"Name":"/x","HostConfig":{"PidMode":"host"},"Config":{"Env":["A=b"]}}]'
	says "set = A=b" "the host's process namespace"
}

@test "the label says what it loses, and takes what a Dockerfile can say" {
	profile 'keep = KILL' 'securebits = noroot' '[process]' 'user = 1000' 'group = 5' 'groups = 7' 'umask = 0027' \
		'working-directory = /srv' 'parent-death-signal = TERM' '[environment]' 'set = A=b "c" $d \e' '[limits]' 'nofile = 1:2'
	is 1 convert --strict --to label "$P"
	says 'USER 1000:5' 'WORKDIR /srv' 'ENV A="b \"c\" \$d \\e"' "umask = 0027 cannot" "nofile cannot" "securebits cannot" \
		"parent-death-signal cannot" "the group 7 cannot"
	round label 'user|group|working-directory|set'
	printf '# it'"'"'s a comment\nLABEL io.containers.capabilities="KILL"\n' >"$BATS_TEST_TMPDIR/Dockerfile"
	is 0 convert --to ini "$BATS_TEST_TMPDIR/Dockerfile"
	says "keep = KILL"
	profile 'keep = KILL' '[process]' 'user = unchanged' 'group = 5' 'groups = 7 8'
	for format in oci capsh docker kubernetes; do
		is 0 convert --to $format "$P"
		says "group = 5 without a user cannot be said"
	done
	is 0 convert --to setpriv "$P"
	says "--regid=5 --groups=7,8"
}

@test "the guess: a profile that mentions others is a profile" {
	profile '# like docker run, [Service] and "HostConfig" with apiVersion' 'keep = KILL' '[process]' 'user = unchanged'
	is 0 convert --to docker "$P"
	says "--cap-add KILL"
}
