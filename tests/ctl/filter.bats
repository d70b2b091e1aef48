#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What capkeepctl does with [seccomp]: check, show --filter, explain, list, convert.

load lib

setup() { started=(); }
teardown() { end_sleepers; }

@test "check: a filter is proven, and what has no effect is noted" {
	filter 'base = @service' 'allow = getppid' 'deny = ioctl(cmd: TIOCSTI)'
	is 0 check "$P"
	says "warning: 'getppid' has no effect" "instructions; " " calls decided as the rules say"
	is 1 check --strict "$P"
	is 0 check --json "$P"
	[ "$(json '.[0].filter.different')" = 0 ]
	[ "$(json '.[0].filter.compared > 6000')" = true ]
	[ "$(json '.[0].filter.instructions > 50')" = true ]
	[ "$(json '[.[0].findings[] | select(.rule == "filter-no-effect")] | length')" = 1 ]
	profile 'keep = none' '[process]' 'user = unchanged'
	is 0 check --json "$P"
	[ "$(json '.[0].filter')" = null ]
}

# idle: the words of $P that check says have no effect
idle() { ctl check --json "$P" | jq -r '[.[0].findings[] | select(.rule == "filter-no-effect") | .text | split("\u0027")[1]] | join(" ")'; }

@test "check: groups without effect are noted too, and no others" {
	local lines wanted
	while IFS='|' read -r lines wanted; do
		mapfile -t lines < <(tr ';' '\n' <<<"$lines")
		filter "${lines[@]}"
		[ "$(idle)" = "$wanted" ] || fail "${lines[*]}: $(idle)"
	done <<-'EOT'
		base = @service;deny = @keyring @io-uring|@io-uring @keyring
		base = @service;deny = @keyring=EPERM, @io-uring=ENOSYS|@keyring=EPERM
		base = @service;deny = @aio @memlock|
		base = @service;allow = @aio @keyring|@aio
		base = @service;allow = @service|@service
		base = @none;allow = @service;deny = @timer|
		base = @none;allow = @service;deny = @timer @swap|@swap
		base = @none;mode = log;allow = @service;deny = @swap=ENOSYS @reboot|@reboot
		base = @service;deny = @namespace|@namespace
		base = @all;deny = @namespace|
		base = @service;deny = @mount;allow = mount(dev_name: 0) unshare|@mount
		base = @all;deny = @pkey;allow = pkey_alloc pkey_free pkey_mprotect|@pkey
		base = @all;deny = @pkey;allow = pkey_alloc pkey_free|
	EOT
	profile 'keep = SYS_TIME' '[process]' 'user = unchanged' '[seccomp]' 'base = @service' 'deny = @clock'
	[ -z "$(idle)" ]
	profile 'keep = SYS_TIME' '[process]' 'user = unchanged' '[seccomp]' 'base = @service' 'allow = @clock'
	[ "$(idle)" = @clock ]
	is 0 check "$P"
	says "$P:7: warning: '@clock' has no effect: the same happens without it"
	# without it what is included would decide
	filter 'base = @service' 'allow = @mount' && cp "$P" "${P%/*}/inner.ini"
	filter 'deny = @mount' && sed -i '1i [profile]\ninclude = ./inner.ini' "$P"
	is 1 explain "$P" mount
	[ -z "$(idle)" ] || fail "$(idle)"
}

@test "check: says where arguments are too many to ask them all" {
	filter 'base = @service' 'deny = ioctl(cmd: TIOCSTI)'
	is 0 check --json "$P"
	[ "$(json '.[0].filter.sampled')" = 0 ]
	is 0 check "$P"
	says_not 'only a sample'
	filter 'base = @none' 'allow = execve' "$(seq -f '	ioctl(cmd: %.0f)' 1000 100 60000)"
	is 0 check --json "$P"
	[ "$(json '.[0].filter.sampled >= 1')" = true ]
	is 0 check "$P"
	says 'only a sample of the arguments'
}

@test "check: problems of the rules, with their lines, and who may load the filter" {
	filter 'allow = sockett' 'mode = lag'
	is 1 check "$P"
	says "$P:6: allow: there is no system call 'sockett', did you mean socket?" "$P:7: mode = lag"
	filter 'deny = execve'
	is 1 check "$P"
	says 'does not let execve through'
	profile 'keep = none' '[process]' 'user = unchanged' 'no-new-privs = no' '[seccomp]' 'base = @service'
	is 0 check "$P"
	is 1 check --as docker "$P"
	says "$P:5: no-new-privs = no: loading the filter then needs SYS_ADMIN"
	filter 'mode = off'
	is 0 check "$P"
	says 'mode = off: no filter is loaded'
}

@test "show --filter: one instruction a line, with names" {
	filter 'base = @none' 'allow = execve exit_group'
	is 0 show --filter "$P"
	[[ ${lines[0]} =~ ^' '*0' '+ld' '+arch$ ]]
	says '; execve' 'ret  EPERM' 'ret  ENOSYS' 'ret  allow' 'ret  kill'
	count=${#lines[@]}
	is 0 show --json --filter "$P"
	[ "$(json '.instructions | length')" = "$count" ]
	[ "$(json '.instructions[0] | [.code, .jt, .jf, .k] | join(" ")')" = '32 0 0 4' ]
	is 2 show --filter "$P" 1
	is 125 show --filter none
	says 'the profile has no filter'
}

@test "explain: what a call gets, and which line says so" {
	filter 'base = @service' 'allow = socket(family: unix inet)' 'deny = ptrace=kill'
	is 0 explain "$P" socket AF_UNIX SOCK_STREAM
	says 'socket(family=AF_UNIX, type=SOCK_STREAM' "allowed: $P:7:"
	is 0 explain "$P" socket inet
	[ "${lines[0]}" = 'socket(family=AF_INET, type=0, protocol=IPPROTO_IP)' ] || fail "${lines[0]}"
	is 1 explain "$P" socket 16 3
	says 'AF_NETLINK' 'SOCK_RAW' "EPERM: $P:7: it is allowed by name, but not with these arguments"
	is 1 explain "$P" ptrace
	says "kill: $P:8: it is denied by name"
	is 1 explain "$P" mount
	says 'EPERM:' 'nothing allows it' '@mount'
	is 0 explain "$P" getpid
	for call in accept4 openat2; do
		since=$(ctl list --json syscalls | jq -r --arg call $call '.[] | select(.name == $call) | .since')
		is 0 explain "$P" $call
		says ", since Linux $since"$'\n'
		is 0 explain --json "$P" $call
		[ "$(json '.[0].since')" = "$since" ]
	done
	is 1 explain --json "$P" ptrace
	[ "$(json '.[0].answers[0] | [.action, .where] | join(" ")')" = "kill $P:8" ]
	# of no ABI of this machine: not allowed, and said so
	local other=arch_prctl
	[ "$(uname -m)" != x86_64 ] || other=arm_sync_file_range
	is 1 explain "$P" $other
	says 'no ABI of the profile has this call'
	is 1 explain --json "$P" $other
	[ "$(json '.[0].answers')" = '[]' ]
	is 2 explain "$P" sockett
	says 'did you mean socket?'
	is 2 explain "$P" socket AF_UNXI
	says "'AF_UNXI' is no number and no constant of argument 0 of socket"
	is 2 explain "$P" socket 1 2 3 4 5 6 7
}

@test "check: a word that a blank has torn apart" {
	filter 'base = @service' 'deny = ptrace =EPERM socket (family: netlink)'
	is 1 check "$P"
	says "$P:7: deny: '=EPERM' has no name before it; write NAME(CONDITIONS)=ACTION in one word" \
		"$P:7: deny: '(family: netlink)' has no name before it"
}

@test "explain: numbers with a sign are arguments" {
	filter 'base = @service' 'allow = kill(pid: -1) lseek(offset: -9)'
	is 0 explain "$P" kill -1 9
	says 'kill(pid=-1, sig=SIGKILL)' "allowed: $P:7:"
	is 1 explain "$P" kill -2 -9
	is 0 explain "$P" lseek 0 -9 --json
	is 2 explain "$P" kill -x
	says "unknown option '-x'"
}

@test "explain: what comes with a capability is decided where that is kept" {
	filter 'base = @service'
	printf '%s\n' '[capabilities]' 'keep = SYS_TIME' 'optional = SYS_CHROOT' '[process]' \
		'user = unchanged' '[seccomp]' 'base = @service' 'abi = native' >"$P"
	is 0 explain "$P" clock_settime
	says "allowed: $P:2: it comes with SYS_TIME, which is kept"
	is 0 explain "$P" chroot
	says "allowed: $P:3: it comes with SYS_CHROOT, which is kept"
	is 0 explain --json "$P" clock_settime
	[ "$(json '.[0].answers[0] | [.where, .why] | join(" ")')" = \
		"$P:2 it comes with SYS_TIME, which is kept" ]
}

@test "explain answers as the kernel does" {
	local spec wanted got
	needs "$CK_HELPERS/call"
	filter 'base = @service' 'default = EXFULL' 'allow = socket(family: unix)' 'deny = getppid=EDOM'
	while read -r wanted spec; do
		# shellcheck disable=SC2086 # words
		got=$(ctl explain --json "$P" ${spec//:/ } | jq -r '.[0].answers[0].action')
		[ "$got" = "$wanted" ] || fail "explain: $spec: $got"
		got=$("${CAPKEEP:-${CAPKEEPCTL%ctl}}" -p "$P" -- "$CK_HELPERS/call" "$spec")
		case $wanted in
		EXFULL) [[ $got == *=E54 ]] ;;
		EDOM) [[ $got == *=E33 ]] ;;
		allow) [[ $got != *=E54 && $got != *=E33 ]] ;;
		esac || fail "$spec: $got"
	done <<-'EOT'
		allow socket:1:1:0
		EXFULL socket:2:1:0
		EXFULL mount:0:0:0:0
		EDOM getppid
		allow getpid
	EOT
}

# filtered: a process that the launcher started by $P; sets pid
filtered()
{
	"${CAPKEEP:-${CAPKEEPCTL%ctl}}" -p "$P" -- sleep 1000 3>&- </dev/null >/dev/null 2>&1 &
	pid=$!
	started+=("$pid")
	until [ "$(<"/proc/$pid/comm")" = sleep ]; do
		[ -d "/proc/$pid" ] || fail "it does not start" || return
		sleep 0.02
	done
}

@test "verify: a profile with a filter wants one in the process and in every thread" {
	profile 'keep = none' '[process]' 'user = unchanged' '[seccomp]' 'base = @service'
	sleeper --bounding-set -all --inh-caps -all --no-new-privs
	is 1 verify --json "$pid" "$P"
	[ "$(json '.differences | map([.what, .expected, .found])')" = '[["seccomp","filter","off"]]' ]
	printf '%s\n' 'mode = off' >>"$P"
	is 0 verify "$pid" "$P"
	sed -i '/^mode/d' "$P"
	filtered
	is 0 verify "$pid" "$P"
	# one thread under a filter that allows everything, the other under none
	scripted 'import ctypes, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
for cap in range(64): libc.prctl(24, cap, 0, 0, 0)
assert libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()) == 0
assert libc.prctl(38, 1, 0, 0, 0) == 0
threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
allow = (ctypes.c_uint32 * 2)(6, 0x7fff0000)
class Program(ctypes.Structure): _fields_ = [("count", ctypes.c_ushort), ("code", ctypes.c_void_p)]
program = Program(1, ctypes.addressof(allow))
assert libc.prctl(22, 2, ctypes.byref(program), 0, 0) == 0
open(sys.argv[1], "w").close()
time.sleep(1000)'
	is 1 verify --json "$pid" "$P"
	[ "$(json '.differences | length')" = 1 ]
	[[ "$(json '.differences[0].what')" == "seccomp of thread "* ]]
}

@test "audit: a filter that is in force" {
	profile 'keep = none' '[process]' 'user = 1000' 'group = 1000' '[seccomp]' 'base = @service'
	filtered
	is 0 audit --json "$pid"
	[ "$(json '.results[] | select(.control == "cis-5.22") | [.verdict, .text] | join(" ")')" = 'PASS a filter is in force' ]
}

@test "a directory of /proc that cannot be read to its end is no answer" {
	filter 'base = @all' 'deny = getdents64=EIO'
	blind() { ASAN_OPTIONS=detect_leaks=0 "${CAPKEEP:-${CAPKEEPCTL%ctl}}" -p "$P" -- "$CAPKEEPCTL" "$@" 2>&1 || echo "exit $?"; }
	for what in --all --threads; do
		output=$(blind show $what)
		[ "$output" = $'capkeepctl: /proc: Input/output error\nexit 125' ] || fail "$output"
	done
	output=$(blind verify self "$P")
	[ "$output" = $'capkeepctl: self: its threads cannot be read: Input/output error\nexit 125' ] || fail "$output"
}

# unread ERROR WHERE CALL[:WHEN] ARGUMENT...: output where that call fails, of those for WHERE in /proc
unread()
{
	local error=$1 where=$2 call=$3

	shift 3
	output=$(strace -qq -o /dev/null -P "$where" -e trace="${call%%:*}" \
		-e inject="${call%%:*}:error=$error${call#"${call%%:*}"}" "$CAPKEEPCTL" "$@" 2>&1) || output+=$'\n'"exit $?"
}

@test "only what is gone is gone: another error of /proc is said" {
	sleeper
	profile 'keep = none' '[process]' 'user = unchanged'
	local error text
	for error in EMFILE=Too\ many\ open\ files ENOMEM=Cannot\ allocate\ memory EIO=Input/output\ error; do
		text=${error#*=} error=${error%%=*}
		# the first opens /proc itself, with --all the second
		unread "$error" /proc openat:when=2+ show "$pid"
		[ "$output" = "capkeepctl: $pid: $text"$'\nexit 125' ] || fail "$output"
		unread "$error" /proc openat:when=3+ show --all
		[ "$output" = "capkeepctl: /proc: $text"$'\nexit 125' ] || fail "$output"
		unread "$error" "/proc/$pid/status" read show "$pid"
		[ "$output" = "capkeepctl: $pid: $text"$'\nexit 125' ] || fail "$output"
		unread "$error" "/proc/$pid/status" read show --all
		[[ $output == "capkeepctl: /proc: $text"$'\n'*$'exit 125' ]] || fail "$output"
		unread "$error" "/proc/$pid/task" openat show --threads "$pid"
		[ "$output" = "capkeepctl: $pid: $text"$'\nexit 125' ] || fail "$output"
		unread "$error" "/proc/$pid/task" openat show --threads
		[[ $output == "capkeepctl: /proc: $text"$'\n'*$'exit 125' ]] || fail "$output"
		unread "$error" /proc openat:when=2+ verify self "$P"
		[ "$output" = "capkeepctl: self: $text"$'\nexit 125' ] || fail "$output"
		unread "$error" /proc openat:when=3+ verify self "$P"
		[ "$output" = "capkeepctl: self: its threads cannot be read: $text"$'\nexit 125' ] || fail "$output"
	done
	# gone by now
	for error in ENOENT ESRCH; do
		unread "$error" "/proc/$pid/status" read show "$pid"
		[ "$output" = "capkeepctl: $pid: there is no such process"$'\nexit 125' ] || fail "$output"
		unread "$error" "/proc/$pid/status" read show --all --json
		[ "$(json ".[] | select(.pid == $pid)")" = '' ] || fail "$output"
		[ "$(json length)" -gt 0 ]
	done
}

@test "list groups and syscalls" {
	is 0 list groups
	says @service @network-io @mount io_uring_setup
	is 0 list --json groups
	[ "$(json '[.[] | select(.name == "@mount")][0].in_service')" = false ]
	[ "$(json '[.[] | select(.name == "@network-io")][0].calls | index("socket") != null')" = true ]
	[ "$(json '[.[] | select(.name == "@service")][0].groups | length > 5')" = true ]
	# every call is in exactly one group of its own
	[ "$(json '[.[] | select(.groups == []) | .calls[]] | (length == (unique | length))')" = true ]
	is 0 list syscalls
	says 'clone3' 'family type protocol'
	is 0 list --json syscalls
	[ "$(json '[.[] | select(.name == "socket")][0] | [.numbers.x86_64, .numbers.i386, .group] | join(" ")')" = \
		'41 359 @network-io' ]
}

@test "convert: a seccomp profile of docker becomes a profile that starts" {
	cat >"$BATS_TEST_TMPDIR/docker.json" <<-'END'
		{ "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1,
		  "archMap": [ { "architecture": "SCMP_ARCH_X86_64", "subArchitectures": [ "SCMP_ARCH_X86" ] },
			{ "architecture": "SCMP_ARCH_AARCH64", "subArchitectures": [ "SCMP_ARCH_ARM" ] } ],
		  "syscalls": [
			{ "names": [ "execve", "read", "write", "exit_group" ], "action": "SCMP_ACT_ALLOW" },
			{ "names": [ "personality" ], "action": "SCMP_ACT_ALLOW",
			  "args": [ { "index": 0, "value": 8, "op": "SCMP_CMP_EQ" } ] },
			{ "names": [ "chroot" ], "action": "SCMP_ACT_ALLOW", "includes": { "caps": [ "CAP_SYS_CHROOT" ] } },
			{ "names": [ "nosuchcall" ], "action": "SCMP_ACT_ALLOW" } ] }
	END
	is 0 convert --to ini --keep SYS_CHROOT "$BATS_TEST_TMPDIR/docker.json"
	says 'keep = SYS_CHROOT' '[seccomp]' 'base = @none' 'execve' 'chroot' 'personality(personality: 8)' nosuchcall
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/made.ini"
	is 0 check "$BATS_TEST_TMPDIR/made.ini"
	is 0 explain "$BATS_TEST_TMPDIR/made.ini" personality 8
	is 1 explain "$BATS_TEST_TMPDIR/made.ini" personality 9
	is 0 convert --from docker --to ini --keep none "$BATS_TEST_TMPDIR/docker.json"
	[[ $output != *chroot* ]] || fail "$output"
	is 1 convert --strict --to ini --keep none "$BATS_TEST_TMPDIR/docker.json"
	is 0 convert --to ini "$BATS_TEST_TMPDIR/docker.json"
	says 'resolved for what docker keeps by default'
	echo '{ "defaultAction": "SCMP_ACT_TRACE" }' >"$BATS_TEST_TMPDIR/bad.json"
	is 125 convert --to ini --keep none "$BATS_TEST_TMPDIR/bad.json"
	says "the default action 'SCMP_ACT_TRACE' cannot be said in [seccomp]"
}

@test "convert: to an OCI config.json and back, the filter answers the same" {
	filter 'base = @service' 'unknown = EPERM' 'allow = socket(family: unix)' 'deny = umask'
	is 0 convert --to oci "$P"
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/config.json"
	[ "$(json '.linux.seccomp.defaultAction')" = SCMP_ACT_ERRNO ]
	is 0 convert --from oci --to ini "$BATS_TEST_TMPDIR/config.json"
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/again.ini"
	local wanted call profile got
	while read -r wanted call; do
		for profile in "$P" "$BATS_TEST_TMPDIR/again.ini"; do
			# shellcheck disable=SC2086 # words
			got=$(ctl explain --json "$profile" $call | jq -r '.[0].answers[0].action')
			[ "$got" = "$wanted" ] || fail "$profile: $call: $got, not $wanted"
		done
	done <<-'EOT'
		allow socket unix
		EPERM socket inet
		EPERM umask
		allow getpid
		EPERM mount
		EPERM clone CLONE_NEWUSER
		allow clone 17
		EPERM ptrace
	EOT
	is 0 convert --to docker "$P"
	says '[seccomp] cannot be said; --to oci'
	# a filter that cannot be read is not left out
	filter 'allow = sockett'
	is 125 convert --to oci "$P"
	[ -z "$output" ]
	[ "$errors" = "capkeepctl: $P:6: allow: there is no system call 'sockett', did you mean socket?" ] || fail "$errors"
}

@test "convert: runc takes what --to oci writes" {
	needs runc
	filter 'base = @service' 'unknown = EPERM' 'deny = umask=EXFULL'
	local bundle=$BATS_TEST_TMPDIR/bundle
	mkdir -p "$bundle/rootfs"
	cp "$CK_HELPERS/call" "$bundle/rootfs/call"
	(cd "$bundle" && runc spec)
	ctl convert --to oci "$P" 2>/dev/null >"$bundle/ours.json"
	jq -s '.[0].linux.seccomp = .[1].linux.seccomp | .[0] | .process.terminal = false
		| .process.args = ["/call", "getpid", "umask:18"] | .root.readonly = false' \
		"$bundle/config.json" "$bundle/ours.json" >"$bundle/new.json"
	mv "$bundle/new.json" "$bundle/config.json"
	output=$(runc --root "$bundle/state" run --bundle "$bundle" "ck-$$" 2>&1) || fail "$output"
	says 'getpid=1' 'umask=E54'
}
