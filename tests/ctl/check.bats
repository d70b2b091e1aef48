#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# capkeepctl check, explain, verify and list.

load lib

setup() { started=(); }
teardown() { end_sleepers; }

@test "help of the program and of every command, with two examples" {
	is 0 --help
	says "Usage: capkeepctl COMMAND"
	commands=$(sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p' <<<"$output" | sort | tr '\n' ' ')
	[ "$commands" = 'audit check completion convert explain learn list show trace verify ' ] || fail "$commands"
	for command in $commands; do
		is 0 "$command" --help
		says "Usage: capkeepctl $command" "Examples:"
		[ "$(sed '1,/^Examples:/d' <<<"$output" | grep -c '^  [^ ]')" -ge 2 ]
	done
	is 0 --version
	is 2 nosuch
	is 2 chekc
	says "did you mean check?"
	is 2
}

@test "check: a good profile, from every starting state" {
	profile 'keep = NET_BIND_SERVICE' '[process]' 'user = unchanged' '[limits]' 'nofile = 64:64'
	is 0 check "$P"
	says "starts as root, keeps NET_BIND_SERVICE"
	is 0 check --as docker "$P"
	is 0 check --as podman "$P"
	is 0 check --as k8s-baseline "$P"
	is 1 check --as restricted "$P"
	says "capkeepctl: $P:2: keep: NET_BIND_SERVICE cannot be kept"
	is 125 check --as /nonexistent "$P"
}

@test "check: starting states of a process and of files" {
	profile 'keep = KILL' '[process]' 'user = unchanged'
	sleeper --bounding-set -all,+kill --inh-caps -all
	is 0 check --as "$pid" "$P"
	ctl show --json "$pid" >"$BATS_TEST_TMPDIR/json"
	is 0 check --as "$BATS_TEST_TMPDIR/json" "$P"
	cat "/proc/$pid/status" >"$BATS_TEST_TMPDIR/status"
	is 0 check --as "$BATS_TEST_TMPDIR/status" "$P"
	profile 'keep = CHOWN' '[process]' 'user = unchanged'
	is 1 check --as "$BATS_TEST_TMPDIR/json" "$P"
	is 1 check --as "$BATS_TEST_TMPDIR/status" "$P"
	# securebits of another process are not told, which is said once; those of self are
	profile 'keep = KILL' '[process]' 'user = unchanged'
	is 0 check --as "$pid" "$P" "$P"
	[ "$(grep -c "securebits of process $pid are not told; 0 is assumed" <<<"$errors")" = 1 ]
	is 0 check --as "$BATS_TEST_TMPDIR/json" "$P"
	says "warning: securebits of $BATS_TEST_TMPDIR/json are not told; 0 is assumed"
	ctl show --json self >"$BATS_TEST_TMPDIR/self"
	is 0 check --as "$BATS_TEST_TMPDIR/self" "$P"
	says_not "securebits of"
	is 0 check --as self "$P"
	says_not "securebits of"
	for change in '.groups = ["5"]' '.groups = [-1]' '.groups = [4294967296]' '.groups = 5' '.securebits = "0"' \
		'del(.groups)' '.groups = null' 'del(.no_new_privs)' '.no_new_privs = "true"' '.no_new_privs = 1'; do
		jq ".[0] | $change" "$BATS_TEST_TMPDIR/self" >"$BATS_TEST_TMPDIR/json"
		is 125 check --as "$BATS_TEST_TMPDIR/json" "$P"
	done
	echo '{"sets": 1}' >"$BATS_TEST_TMPDIR/json"
	is 125 check --as "$BATS_TEST_TMPDIR/json" "$P"
	head -c 100 "/proc/$pid/status" >"$BATS_TEST_TMPDIR/status"
	is 125 check --as "$BATS_TEST_TMPDIR/status" "$P"
}

@test "check: all problems with their lines, exit 1" {
	profile 'keep = NET_RWA' 'bogus = 1' '[process]' 'usr = x'
	is 1 check "$P"
	says ":2: unknown capability 'NET_RWA', did you mean NET_RAW?" ":3: unknown key 'bogus'" \
		":5: unknown key 'usr' in [process], did you mean user?"
	is 1 check --json "$P"
	[ "$(json '.[0].starts')" = false ]
	is 1 check --sarif "$P"
	[ "$(json '.runs[0].results[0].locations[0].physicalLocation.region.startLine')" = 2 ]
}

@test "check: warnings, each with its remedy; --strict counts them" {
	profile 'keep = SYS_ADMIN' 'bounding = if-possible' '[process]' 'user = unchanged' 'no-new-privs = no' 'close-fds = no'
	is 0 check "$P"
	says ":2: warning: SYS_ADMIN amounts to root" ":5: warning: started as root it stays uid 0" \
		":3: warning: bounding = if-possible" ":6: warning: no-new-privs = no" ":7: warning: close-fds = no"
	is 1 check --strict "$P"
	profile 'keep = NET_BIND_SERVICE' '[process]' 'user = www-data' '[environment]' 'set = LD_PRELOAD=/x.so'
	is 0 check --as docker "$P"
	says "LD_PRELOAD=/x.so is obeyed by the loader" "NET_BIND_SERVICE is needless here"
	chmod 777 "$BATS_TEST_TMPDIR"
	is 0 check "$P"
	says "others may write the directory"
	# where it is sticky nobody else can take the file away
	chmod 1777 "$BATS_TEST_TMPDIR"
	is 0 check "$P"
	says_not "others may write the directory"
	# but whose the name is, or the directory
	ln -s profile.ini "$BATS_TEST_TMPDIR/link.ini"
	chown -h 1000 "$BATS_TEST_TMPDIR/link.ini"
	is 0 check "$BATS_TEST_TMPDIR/link.ini"
	says "others may write the directory"
	chown 1000 "$BATS_TEST_TMPDIR"
	is 0 check "$P"
	says "others may write the directory"
	chown 0 "$BATS_TEST_TMPDIR"
	chmod 755 "$BATS_TEST_TMPDIR"
}

@test "check: users of an image that is not this machine" {
	profile 'keep = none' '[process]' 'user = zoe'
	is 1 check "$P"
	says "there is no user 'zoe'"
	echo 'zoe:x:4711:4711::/:/bin/sh' >"$BATS_TEST_TMPDIR/passwd"
	: >"$BATS_TEST_TMPDIR/group"
	is 0 check --passwd "$BATS_TEST_TMPDIR/passwd" --group "$BATS_TEST_TMPDIR/group" "$P"
}

@test "check: agrees with the launcher about the shipped profiles, and about mistakes" {
	local file ours theirs good=0 bad=0

	profile 'keep = KILL' '[process]' 'user = nobody-of-that-name'
	printf '[capabilities]\nkeep = KIL\n' >"$BATS_TEST_TMPDIR/bad.ini"
	for file in "$CK_TOP"/profiles/*.ini "$P" "$BATS_TEST_TMPDIR/bad.ini"; do
		ours=$(ctl check --json --as root "$file" | jq '.[0].starts')
		theirs=true
		"${CAPKEEP:-${CAPKEEPCTL%ctl}}" -n -p "$file" -- /bin/true >/dev/null 2>&1 || theirs=false
		[ "$ours" = "$theirs" ] || fail "$file: check: $ours, the launcher: $theirs"
		[ "$theirs" = true ] && good=$((good + 1)) || bad=$((bad + 1))
	done
	# base.ini is for including, and is refused by itself
	[ "$good $bad" = "$(($(find "$CK_TOP/profiles" -name '*.ini' | wc -l) - 1)) 3" ] || fail "$good $bad"
}

@test "explain: capabilities, masks, presets, profiles" {
	is 0 explain NET_RAW cap_sys_admin
	golden explain-capabilities
	is 0 explain 0xa80425fb
	says "docker-default, 14 in all"
	is 0 explain 00000000a80425fb
	says "docker-default, 14 in all"
	is 0 explain @docker-default 10
	says "NET_BIND_SERVICE (10, 0x400)"
	is 0 explain 0x8000000000000000
	says "a capability that this program does not know"
	is 2 explain NET_RWA
	says "did you mean NET_RAW?"
	for word in ALL cap_all; do
		is 2 explain "$word"
		says "explain: '$word' is no capability, but what container engines call all of them; here they are 0x"
		says_not "did you mean"
	done
	for word in 41 99999999999999999999; do
		is 2 explain "$word"
		says "explain: '$word' is no capability, those are 0 to 40; a mask begins with 0x"
	done
	for word in 0x 0xzz 0x11111111111111111; do
		is 2 explain "$word"
		says "explain: '$word' is no mask; behind 0x stand 1 to 16 hexadecimal digits"
	done
	is 0 explain --json NET_RAW
	[ "$(json '.[0].by_default | to_entries | map("\(.key) \(.value)") | join(", ")')" = \
		'docker true, kubernetes (containerd) true, podman false, cri-o false, oci false' ]
	is 2 explain
	profile 'keep = KILL' '[process]' 'user = www-data'
	is 0 explain "$P"
	says "keeps     KILL" "becomes a user"
	is 0 explain --json KILL 0x20
	[ "$(json '.[0].name, .[1].names[0]' | sort -u)" = KILL ]
}

@test "explain: all 41 have words of their own" {
	is 0 explain 0x1ffffffffff
	says "all, 41 in all"
	is 0 explain --json {0..40}
	[ "$(json '[.[] | .allows, .mistaken_for, .how, .cheaper] | map(length > 3) | all')" = true ]
	[ "$(json 'length')" = 41 ]
	[ "$(json '[.[].allows] | unique | length')" = 41 ]
}

@test "explain: before and after exec, as it then happens" {
	profile 'keep = NET_RAW' '[process]' 'user = 1000' 'group = 1000'
	is 0 explain --json --as root "$P" -- cat /proc/self/status
	[ "$(json '.[0].after_exec | [.permitted.mask, .ambient.mask, .bounding.mask]')" = '["0x2000","0x2000","0x2000"]' ]
	[ "$(json '.[0] | [.uids, .no_new_privs] | map([.now, .before_exec, .after_exec])')" = \
		'[[0,1000,1000],[false,true,true]]' ]
	[ "$(json '.[0].uid')" = 1000 ]
	cp "$(type -P sleep)" "$BATS_TEST_TMPDIR/capped"
	setcap cap_net_raw,cap_net_admin+ep "$BATS_TEST_TMPDIR/capped"
	is 1 explain --as root "$P" -- "$BATS_TEST_TMPDIR/capped"
	says "the file has capabilities (NET_ADMIN NET_RAW, effective)" "Operation not permitted"
	profile 'keep = NET_RAW NET_ADMIN' '[process]' 'user = unchanged' 'no-new-privs = no'
	cp "$(type -P sleep)" "$BATS_TEST_TMPDIR/suid"
	chown 1000 "$BATS_TEST_TMPDIR/suid"
	chmod u+s "$BATS_TEST_TMPDIR/suid"
	is 1 explain --as root "$P" -- "$BATS_TEST_TMPDIR/suid"
	says "the set-user-ID bit changes the uid" "exec would change to uid 1000"
	is 1 explain "$P" -- no-such-command-anywhere
	is 1 explain --json "$P" -- no-such-command-anywhere
	[ "$(json '.[0] | [.uids, .no_new_privs] | map([.now, .before_exec, .after_exec])')" = \
		'[[0,0,null],[false,false,null]]' ]
	profile 'keep = none' '[process]' 'user = nobody-of-that-name'
	is 1 explain --json "$P" -- true
	[ "$(json '.[0] | [.uid, .before_exec, .after_exec, .uids.before_exec, .no_new_privs.before_exec]')" = \
		'[null,null,null,null,null]' ]
	output=$(strace -qq -o /dev/null -e trace=prlimit64 -e inject=prlimit64:error=EPERM "$CAPKEEPCTL" explain "$P" -- true 2>&1) ||
		status=$?
	[ "$status $output" = '125 capkeepctl: state: prlimit: Operation not permitted' ] || fail "$status $output"
	is 2 explain "$P" --
}

@test "verify: exact, narrower, wider" {
	profile 'keep = KILL' '[process]' 'user = unchanged'
	sleeper --bounding-set -all,+kill --inh-caps -all --no-new-privs
	is 0 verify "$pid" "$P"
	says "holds exactly what is in"
	sleeper --bounding-set -all,+kill,+chown --inh-caps -all --no-new-privs
	is 1 verify "$pid" "$P"
	says "bounding" "KILL" "CHOWN KILL"
	sleeper --bounding-set -all,+kill --inh-caps -all
	is 1 verify "$pid" "$P"
	says "no_new_privs  yes      no"
	is 1 verify --json "$pid" "$P"
	[ "$(json '.differences[0].what')" = no_new_privs ]
	is 2 verify "$pid"
	is 2 verify x "$P"
	is 125 verify 2147483647 "$P"
	is 125 verify "$pid" /nonexistent.ini
}

@test "verify: a user with ambient capabilities" {
	profile 'keep = KILL' '[process]' 'user = 1000' 'group = 1000'
	sleeper --reuid 1000 --regid 1000 --clear-groups --inh-caps -all,+kill --ambient-caps +kill --bounding-set -all,+kill --no-new-privs
	is 0 verify "$pid" "$P"
	sleeper --reuid 1001 --regid 1000 --groups 5 --inh-caps -all,+kill --ambient-caps +kill --bounding-set -all,+kill --no-new-privs
	is 1 verify "$pid" "$P"
	says "effective uid" "groups"
}

@test "verify: a thread that holds more is a difference" {
	profile 'keep = none' '[process]' 'user = unchanged'
	cat >"$BATS_TEST_TMPDIR/threads" <<-'EOT'
		import ctypes, sys, threading, time
		libc = ctypes.CDLL(None, use_errno=True)
		if sys.argv[2] == "more":
		    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
		for cap in range(64):
		    libc.prctl(24, cap, 0, 0, 0)  # PR_CAPBSET_DROP
		header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
		assert libc.capset(header, sets) == 0
		assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
		if sys.argv[2] == "less":
		    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
		open(sys.argv[1], "w").close()
		time.sleep(1000)
	EOT
	for kind in less more; do
		scripted "$(<"$BATS_TEST_TMPDIR/threads")" $kind
		[ "$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l)" = 2 ]
		if [ $kind = less ]; then
			is 0 verify "$pid" "$P"
		else
			is 1 verify "$pid" "$P"
			says "thread " "no_new_privs of thread " "bounding of thread "
			is 1 verify --json "$pid" "$P"
			[ "$(json '.differences | length')" = 3 ]
		fi
	done
}

@test "verify: a thread with other ids, other groups or a wider bounding set is a difference" {
	profile 'keep = none' '[process]' 'user = 1000' 'group = 1000' 'groups = none'
	threads=$(cat <<-'EOT'
		import ctypes, platform, sys, threading, time
		libc = ctypes.CDLL(None, use_errno=True)
		x86 = platform.machine() == "x86_64"
		setresuid, setresgid, setgroups, setfsuid = (117, 119, 116, 122) if x86 else (147, 149, 159, 151)
		header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
		def become(kind, thread):  # raw calls: of this thread alone
		    other = thread and kind
		    if other != "bounding":
		        for cap in range(64):
		            libc.prctl(24, cap, 0, 0, 0)
		    libc.syscall(setgroups, other == "groups", (ctypes.c_uint32 * 1)(5))
		    gid, uid = 1001 if other == "gid" else 1000, 1001 if other == "uid" else 1000
		    assert libc.prctl(8, 1, 0, 0, 0) == 0  # PR_SET_KEEPCAPS
		    assert libc.syscall(setresgid, gid, gid, gid) == 0
		    assert libc.syscall(setresuid, uid, uid, uid) == 0
		    if other == "fsuid":
		        sets[0] = sets[1] = 1 << 7
		        assert libc.capset(header, sets) == 0
		        libc.syscall(setfsuid, 0)
		        sets[0] = sets[1] = 0
		    assert libc.capset(header, sets) == 0
		    if other != "bounding":
		        assert libc.prctl(38, 1, 0, 0, 0) == 0
		ready = threading.Event()
		def body():
		    become(sys.argv[2], True)
		    ready.set()
		    time.sleep(1000)
		threading.Thread(target=body, daemon=True).start()
		ready.wait()
		become(sys.argv[2], False)
		open(sys.argv[1], "w").close()
		time.sleep(1000)
	EOT
	)
	chmod 1777 "$BATS_TEST_TMPDIR"
	for kind in same uid gid groups fsuid bounding; do
		scripted "$threads" $kind
		case $kind in
		same) is 0 verify "$pid" "$P" ;;
		fsuid) is 1 verify "$pid" "$P" && says "file system uid of thread" ;;
		*) is 1 verify "$pid" "$P" && says "$kind of thread" ;;
		esac
	done
}

@test "verify: a process that has ended agrees with nothing" {
	profile 'keep = none' '[process]' 'user = unchanged' 'no-new-privs = no'
	python3 -c 'import os, sys, time
pid = os.fork()
if pid == 0: os._exit(0)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
open(sys.argv[1], "w").write(str(pid))
time.sleep(1000)' "$BATS_TEST_TMPDIR/pid" 3>&- &
	started+=("$!")
	until [ -s "$BATS_TEST_TMPDIR/pid" ]; do sleep 0.05; done
	is 125 verify "$(<"$BATS_TEST_TMPDIR/pid")" "$P"
	says "has ended"
}

@test "verify: without its main thread a process is not judged, and that is said" {
	profile 'keep = none' '[process]' 'user = unchanged'
	scripted 'import ctypes, sys, threading, time
def body():
    while open("/proc/self/status").read().find("State:\tZ") < 0: time.sleep(0.05)
    open(sys.argv[1], "w").close()
    time.sleep(1000)
threading.Thread(target=body).start()
ctypes.CDLL(None).pthread_exit(0)'
	is 125 verify "$pid" "$P"
	says "its main thread has ended, and other threads run: verify cannot judge"
}

# judged SETPRIV-OPTION...: the launcher starts, by $P and in that state, who verifies itself
judged()
{
	local ctl=$BATS_TEST_TMPDIR/capkeepctl

	[ -e "$ctl" ] || install -m 755 "${CAPKEEP:-${CAPKEEPCTL%ctl}}" "$CAPKEEPCTL" "$BATS_TEST_TMPDIR"
	output=$(setpriv "$@" "${ctl%ctl}" -p "$P" -- "$ctl" verify self "$P" 2>&1) || fail "$*" "$(<"$P")" "$output"
}

@test "verify: what the launcher left out of optional, and did not cut" {
	local way user=(--reuid 1000 --regid 1000 --clear-groups)
	for way in auto no yes; do
		profile 'keep = none' 'optional = NET_BIND_SERVICE' "ambient = $way" '[process]' 'user = unchanged'
		judged "${user[@]}" --inh-caps -all
		judged "${user[@]}" --inh-caps -all --bounding-set -all,+net_bind_service
		judged "${user[@]}" --inh-caps -all --bounding-set -all
		judged --inh-caps -all
		judged --inh-caps -all --bounding-set -all,+setpcap
		profile 'keep = KILL' 'optional = NET_BIND_SERVICE' "ambient = $way" 'bounding = if-possible' \
			'[process]' 'user = unchanged'
		if [ $way != no ]; then # a user would lose it at exec
			judged "${user[@]}" --inh-caps -all,+kill --ambient-caps +kill
			judged "${user[@]}" --inh-caps -all,+kill,+net_bind_service \
				--ambient-caps +kill,+net_bind_service
		fi
		judged --inh-caps -all
		judged --inh-caps -all --bounding-set -setpcap
		judged --inh-caps -all --bounding-set -setpcap,-net_bind_service
		profile 'keep = KILL' 'optional = NET_BIND_SERVICE' "ambient = $way" 'securebits = noroot' \
			'[process]' 'user = unchanged'
		[ $way = no ] || judged --inh-caps -all
		profile 'keep = KILL' 'optional = NET_BIND_SERVICE' "ambient = $way" '[process]' 'user = 1000' 'group = 1000'
		[ $way != no ] || continue
		judged --inh-caps -all
		judged --inh-caps -all --bounding-set -net_bind_service
	done
}

@test "verify: a bounding set that the launcher would have cut is a difference" {
	local user=(--reuid 1000 --regid 1000 --clear-groups)
	# what nothing stands in for
	profile 'keep = none' 'optional = NET_BIND_SERVICE' '[process]' 'user = unchanged' 'no-new-privs = no'
	sleeper "${user[@]}" --inh-caps -all --bounding-set -all,+net_bind_service
	is 1 verify --json "$pid" "$P"
	[ "$(json '.differences | map(.what) | join(" ")')" = 'permitted effective inheritable ambient' ]
	# who holds something
	profile 'keep = none' 'optional = NET_BIND_SERVICE' '[process]' 'user = unchanged'
	sleeper "${user[@]}" --inh-caps -all,+net_bind_service --ambient-caps +net_bind_service --no-new-privs
	is 1 verify --json "$pid" "$P"
	[ "$(json '.differences | map(.what) | join(" ")')" = bounding ]
	# who holds SETPCAP, by the profile or beyond it
	profile 'keep = SETPCAP' 'bounding = if-possible' '[process]' 'user = unchanged'
	sleeper "${user[@]}" --inh-caps -all,+setpcap --ambient-caps +setpcap --no-new-privs
	is 1 verify --json "$pid" "$P"
	[ "$(json '.differences | map(.what) | join(" ")')" = bounding ]
	profile 'keep = none' 'optional = SETPCAP' 'bounding = if-possible' '[process]' 'user = unchanged'
	is 1 verify --json "$pid" "$P"
	[ "$(json '.differences | map(.what) | join(" ")')" = bounding ]
	# nobody did
	sleeper "${user[@]}" --inh-caps -all --no-new-privs
	is 0 verify "$pid" "$P"
}

@test "list" {
	is 0 list presets
	golden list-presets
	is 0 list --json capabilities
	[ "$(json 'length')" = 41 ]
	[ "$(json '[.[] | select(.docker)] | length')" = 14 ]
	[ "$(json '[.[] | select(.podman)] | length')" = 11 ]
	is 0 list profiles
	# what is no directory may hide profiles
	local place
	place=$("${CAPKEEP:-${CAPKEEPCTL%ctl}}" -p no-such-profile -- true 2>&1) || :
	place=${place#* in } place=${place%% or *}
	output=$(unshare --mount sh -c 'mount -t tmpfs none "${1%/*}" && : >"$1" && shift && exec "$@"' - "$place" \
		"$CAPKEEPCTL" list profiles 2>&1) && fail "$output"
	[ "$output" = "capkeepctl: $place: Not a directory" ] || fail "$output"
	# one that is only there to be included, and one that is wrong otherwise too
	cp "$CK_TOP/profiles/base.ini" "$CK_TOP/profiles/ping.ini" "$BATS_TEST_TMPDIR"
	printf '[environment]\nkeep = A\n' >"$BATS_TEST_TMPDIR/bad.ini"
	printf '[capabilities]\nkeep = none\n' >"$BATS_TEST_TMPDIR/half.ini"
	there() { unshare --mount sh -c 'mount -t tmpfs none "${1%/*}" && mkdir "$1" && cp "$2"/*.ini "$1" && shift 2 && exec "$@"' \
		- "$place" "$BATS_TEST_TMPDIR" "$CAPKEEPCTL" list profiles "$@" 2>&1; }
	output=$(there)
	[[ $output =~ $'\n'base\ +to\ be\ included\ +-\ +$place/base.ini\ +what\ every\ service\ can\ have ]] || fail "$output"
	[[ $output =~ $'\n'bad\ +refused ]] && [[ $output =~ $'\n'half\ +refused ]] || fail "$output"
	output=$(there --json)
	[ "$(json "[.[] | select(.path | startswith(\"$place/\")) | \"\(.name) \(.to_be_included)\"] | join(\" \")")" = \
		'bad false base true half false ping false' ] || fail "$output"
	is 2 list
	is 2 list preset
	says "did you mean presets?"
}

@test "the width of the terminal bounds the last column" {
	output=$(env COLUMNS=90 "$CAPKEEPCTL" list capabilities)
	if grep -E '.{91}' <<<"$output"; then fail "too wide"; fi
	[ "$(wc -l <<<"$output")" -gt 60 ]
}

@test "check: variables of the loader, as the launcher reads the patterns" {
	# warned YES [LIBRARY]: a warning of the loader's variables, where the caller has LD_PRELOAD=LIBRARY?
	warned()
	{
		local preload=${2:+LD_PRELOAD=$2}

		output=$(env ${preload:+"$preload"} "$CAPKEEPCTL" check --json --as root "$P" 2>/dev/null) || fail "$output" || return
		[ "$(json '.[0] | [.starts, any(.findings[]; .rule == "loader-variable")] | join(" ")')" = "true $1" ] ||
			fail "not $1: $output"
	}
	try() { profile 'keep = KILL' '[process]' 'user = 1000' 'group = 1000' '[environment]' "$@"; }
	try 'set = A=b'
	warned true /nonexistent.so
	warned false
	for pattern in LD_PRELOAD 'LD_*' '*'; do
		try "unset = $pattern"
		warned false /nonexistent.so
	done
	for pattern in LD_PRELOAD 'LD_*' 'L*' '*'; do
		try 'clear = yes' "keep = $pattern"
		warned true
	done
	try 'clear = yes' 'keep = LDX* LANG'
	warned false
	try 'unset = LD_PRELOAD' 'set = LD_PRELOADED=x'
	warned false /nonexistent.so
}

@test "check: ports of another place are not those of this machine" {
	profile 'keep = NET_BIND_SERVICE' '[process]' 'user = 1000' 'group = 1000'
	text='unshare --net bash -c "echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start; exec \"\$@\"" -'
	for as in k8s-baseline podman; do
		output=$(eval "$text" '"$CAPKEEPCTL"' check --as $as '"$P"' 2>&1) || :
		says_not needless
	done
	output=$(eval "$text" '"$CAPKEEPCTL"' check --as root '"$P"' 2>&1) || :
	says needless
}
