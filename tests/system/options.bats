#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The command line: options, exit statuses, messages, -n and -v, and standard error in trouble.

load lib

@test "the built-in default: nothing is kept, no_new_privs, the user unchanged" {
	ck -- -p none -- "$B/probe"
	root_holds 0
	ck -- --profile=none "$B/probe"
	root_holds 0
	ck bounding=0 gid=1000 uid=1000 -- -p none "$B/probe"
	user_holds 1000 0
	ck open=7 -- -p none "$B/probe"
	root_holds 0
	expect descriptors '0 1 2'
}

@test "-k in place of keep and optional" {
	profile 'keep = NET_RAW' 'optional = CHOWN' '[process]' 'user = unchanged'
	ck -- -p "$P" -k SETUID,net_bind_service -- "$B/probe"
	root_holds 480
	ck -- -p "$P" --keep 'cap_kill chown' -- "$B/probe"
	root_holds 21
	ck -- -p "$P" --keep=none -- "$B/probe"
	root_holds 0
	ck -- -k NET_RAW -u 1000:1000 "$B/probe"
	user_holds 1000 2000
	ck -- -k '@docker-default -NET_RAW' "$B/probe"
	root_holds "$(without $DOCKER 2000)"
}

@test "-k makes up for a profile without keep, -u for one without user" {
	profile '[process]' 'user = unchanged'
	go
	refused 125 keep
	ck -- -p "$P" -k NET_RAW "$B/probe"
	root_holds 2000
	profile 'keep = NET_RAW'
	go
	refused 125 user
	ck -- -p "$P" -u 1000:1000 "$B/probe"
	user_holds 1000 2000
}

@test "-b in place of the profile's bounding" {
	local state=(bounding="$DOCKER" gid=1000 uid=1000)
	stay none
	ck "${state[@]}" -- -p "$P" -b exact "$B/probe"
	refused 125 bounding
	profile 'keep = none' 'bounding = exact' '[process]' 'user = unchanged'
	go "${state[@]}"
	refused 125 bounding
	ck "${state[@]}" -- -p "$P" --bounding=if-possible "$B/probe"
	started
	sets $DOCKER 0 0 0 0
	ck "${state[@]}" -- -p "$P" -b auto "$B/probe"
	started
	sets $DOCKER 0 0 0 0
	ck -- -p "$P" -b never "$B/probe"
	refused 125 '-b' never 'auto|exact|if-possible'
}

@test "option parsing stops at the first word that is none" {
	local words
	stay none
	ck -- -p "$P" "$B/probe" -- -n -v -p x --help -k
	root_holds 0
	expect argc 8 'argv[2]' -n 'argv[5]' x 'argv[6]' --help
}

@test "--, joined and clustered options" {
	stay NET_RAW
	ck -- "-p$P" -- "$B/probe" -- -v
	root_holds 2000
	expect 'argv[1]' -- 'argv[2]' -v
	ck -- "--profile=$P" -kCHOWN "$B/probe"
	root_holds 1
	mkdir "$D/-x"
	cp "$B/probe" "$D/-x/-v"
	ENV=(PATH="$D/-x")
	ck -- -p "$P" -- -v
	root_holds 2000
}

@test "usage errors are 125, with the nearest word" {
	ck --
	refused 125 command
	ck -- --
	refused 125 command
	ck -- -p none
	refused 125 command
	ck -- --profil-x none "$B/probe"
	refused 125 profil
	ck -- --keeep=none "$B/probe"
	refused 125 keeep 'keep'
	ck -- -x "$B/probe"
	refused 125 '[-]x'
	ck -- -p
	refused 125 '[-]p'
	ck -- --no-such-option -- "$B/probe"
	refused 125 no-such-option
	ck -- --dry-run=yes -- "$B/probe"
	refused 125 dry-run
}

@test "-k: what is wrong with a list, under -k" {
	ck -- -k NET_RWA "$B/probe"
	refused 125 '^capkeep: -k: ' NET_RWA NET_RAW
	ck -- -k ALL "$B/probe"
	refused 125 '^capkeep: -k: ' ALL
	ck -- -k '' "$B/probe"
	refused 125 '^capkeep: -k: '
	ck -- -k 'none,NET_RAW' "$B/probe"
	refused 125 '^capkeep: -k: ' none
	ck -- -k '@docker-defualt' "$B/probe"
	refused 125 '^capkeep: -k: ' '@docker-default'
	ck -- -k '-NET_RAW' "$B/probe"
	refused 125 '^capkeep: -k: ' NET_RAW
	ck -- -k 41 "$B/probe"
	refused 125 '^capkeep: -k: ' 41
}

@test "all problems at once, one line each" {
	profile 'keep = NET_RWA CHWON' 'securebits = nothing' '[process]' 'user = unchanged' \
		'umask = 9' 'colour = red' '[limits]' 'nofile = x'
	go
	refused 125 ':2: .*NET_RWA' ':2: .*CHWON' ':3: .*nothing' ':6: .*9' ':7: .*colour' ':9: .*x'
	stay 'NET_ADMIN SYS_ADMIN' 'keep-fds = 9'
	ck bounding=0 -- -p "$P" -- "$B/probe"
	refused 125 NET_ADMIN SYS_ADMIN 'keep-fds|descriptor'
}

@test "all problems at once: of options too, where there is no profile" {
	ck -- -p nowhere -k NO_SUCH -u no-such-user -b bar -- "$B/probe"
	refused 125 "there is no profile 'nowhere'" '-k: .*NO_SUCH' '-u: .*no-such-user' '-b: .*bar'
	[ "$(wc -l <"$D/err")" = 4 ] || fail 'not one line for each problem'
}

@test "what follows from a problem is none of its own" {
	stay NET_RAW
	ck -- -p "$P" -k '' -- "$B/probe"
	refused 125 '-k: the list is empty'
	[ "$(wc -l <"$D/err")" = 1 ] || fail 'more than one line for an empty -k'
	sed -i 's/$/\r/' "$P"
	go
	refused 125 'DOS line ends'
	! grep -q 'does not state' "$D/err" || fail 'keep and user stand in lines that were not read'
	profile '[profile]' 'include = ./inner.ini'
	go
	refused 125 'there is no file .*inner.ini'
	! grep -q 'does not state' "$D/err" || fail 'keep and user may stand in inner.ini'
	profile '[profile]' 'description = neither'
	go
	refused 125 "does not state 'keep'" "does not state 'user'"
}

@test "-h and --help, -V and --version: standard output, status 0, nothing is run" {
	local option word
	for option in -h --help; do
		ck -- $option
		[ "$status" = 0 ]
		[ ! -s "$D/err" ]
		for word in -p --profile -k --keep -u --user -b --bounding -n --dry-run -v \
			--verbose -h --help -V --version; do
			grep -qe "$word" "$D/out" || fail "$word"
		done
	done
	for option in -V --version; do
		ck -- $option
		[ "$status" = 0 ]
		[ ! -s "$D/err" ]
		grep -qE '^capkeep .*[0-9]+\.[0-9]+' "$D/out" || fail version
	done
	ck -- -h -- "$B/probe"
	[ "$status" = 0 ]
	[ -z "$(value bounding)" ]
}

@test "the status is the workload's" {
	local n
	stay none
	for n in 0 1 42 124 125 126 127 128 255; do
		ck -- -p "$P" -- "$B/probe" -e $n
		started $n
		sets 0 0 0 0 0
	done
	status=0
	"$B/start" reset -- "$B/capkeep" -p "$P" -- /bin/sh -c 'kill -9 $$' || status=$?
	[ "$status" = 137 ]
}

# ---- -n ------------------------------------------------------------------------------------------

# read_only TRACE: no line of it is a call that changes the process or anything else
read_only() {
	grep -vE '^[0-9]* *(execve|brk|arch_prctl|set_tid_address|set_robust_list|rseq|mmap|mprotect|munmap|getrandom|readlink|readlinkat|access|faccessat2?|newfstatat|fstat|statx|statfs|fstatfs|lseek|read|pread64|readv|write|writev|close|getcwd|capget|getresuid|getresgid|getgroups|geteuid|getuid|getgid|getegid|getpid|getppid|getsid|getpgid|getpgrp|gettid|getxattr|lgetxattr|fgetxattr|uname|exit_group|sched_getaffinity|madvise|mremap|futex|set_thread_area)\(' "$1" |
		grep -vE 'open(at2?)?\(.*(O_RDONLY|"/dev/tty", O_RDWR.O_NOCTTY)|prlimit64\([^,]*, [^,]*, NULL|prctl\((PR_CAPBSET_READ|PR_GET_|PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET|PR_CAP_AMBIENT, 0x|PR_CAP_AMBIENT, -|0x3b9aca|PR_CAP_AMBIENT, 4294)|fcntl\(-?[0-9]+, F_(GETFD|GETFL|DUPFD_CLOEXEC)|ioctl\([0-9]+, TIOCG|ioctl\([0-9]+, TCGETS|rt_sigpending|rt_sig(action|procmask)\(|^\+\+\+|^--- ' || return 0
	return 1
}

# dry ARGUMENT...: with -n, traced; checks that nothing has changed and just one image ran
dry() {
	status=0
	"${NS[@]}" env -i "${ENV[@]}" "$B/start" reset open=7 -- "$(command -v strace)" -f -qq \
		-o "$D/trace" "$B/capkeep" -n "$@" >"$D/out" 2>"$D/err" </dev/null || status=$?
	[ -s "$D/trace" ] || fail 'no trace'
	read_only "$D/trace" || fail 'a call that changes something'
	[ "$(grep -c 'execve(' "$D/trace")" = 1 ] || fail 'a second image'
}

@test "-n prints the steps and the sets after exec, changes nothing, runs nothing" {
	local step
	profile 'keep = NET_RAW' 'securebits = no-setuid-fixup' '[process]' 'user = 1000' \
		'group = 1000' 'umask = 027' 'working-directory = /' 'new-session = yes' \
		'parent-death-signal = TERM' '[limits]' 'nofile = 64' '[environment]' 'set = A=1'
	dry -p "$P" -- "$B/probe" -f "$D/ran"
	[ "$status" = 0 ]
	[ ! -s "$D/err" ] || fail 'standard error'
	[ ! -e "$D/ran" ]
	for step in no.new.privs limits umask bounding groups gid uid ambient securebits \
		parent.death.signal working.directory descriptors verify exec; do
		grep -qi "$step" "$D/out" || fail "no step $step"
	done
	for step in NET_RAW permitted effective inheritable 1000 "$B/probe"; do
		grep -q "$step" "$D/out" || fail "no $step"
	done
}

@test "-n and --dry-run end as the start would" {
	stay NO_SUCH
	dry -p "$P" -- "$B/probe"
	refused 125 NO_SUCH
	stay none
	dry -p "$P" -- no-such-command
	[ "$status" = 127 ]
	dry -p "$P" -- /
	[ "$status" = 126 ]
	ck -- --dry-run -p "$P" -- "$B/probe" -f "$D/ran"
	[ "$status" = 0 ]
	[ ! -e "$D/ran" ]
	stay NET_ADMIN
	ck bounding=0 -- -n -p "$P" -- "$B/probe"
	[ "$status" = 125 ]
	grep -q '^capkeep: .*NET_ADMIN' "$D/err"
}

@test "-n takes the target into account" {
	cp "$B/probe" "$D/suid"
	chmod 4755 "$D/suid"
	become none 1000 'no-new-privs = no'
	dry -p "$P" -- "$D/suid"
	[ "$status" = 125 ]
	grep -q 'set-user-ID' "$D/err"
	cp "$B/probe" "$D/capable"
	setcap cap_net_admin+p "$D/capable"
	become NET_RAW 1000
	dry -p "$P" -- "$D/capable"
	[ "$status" = 125 ]
	grep -q NET_RAW "$D/err"
}

# ---- -v ------------------------------------------------------------------------------------------

@test "-v: one line per step on standard error, the workload the same" {
	local step
	profile 'keep = NET_RAW' '[process]' 'user = 1000' 'group = 1000' 'umask = 027'
	ck -- -v -p "$P" -- "$B/probe"
	[ "$status" = 0 ]
	sets 2000 2000 2000 2000 2000
	expect umask 0027 descriptors '0 1 2'
	grep -qvE '^capkeep: [^:]+: .' "$D/err" && fail 'a line of another form'
	for step in no.new.privs bounding gid uid ambient umask; do
		grep -qiE "^capkeep: $step: " "$D/err" || fail "no step $step"
	done
	[ "$(cut -d: -f2 "$D/err" | sort | uniq -d | wc -l)" = 0 ] || fail 'a step twice'
	ck -- --verbose -p none -- "$B/probe"
	[ "$status" = 0 ]
	[ -s "$D/err" ]
}

@test "-v and -n name the steps alike, and in the same order" {
	profile 'keep = NET_RAW' '[process]' 'user = 1000' 'group = 1000' 'umask = 027'
	ck -- -v -p "$P" -- "$B/probe"
	local step at=0 line
	ck -- -n -p "$P" -- "$B/probe"
	cp "$D/out" "$D/plan"
	ck -- -v -p "$P" -- "$B/probe"
	while IFS=: read -r _ step _; do
		line=$(grep -nF "${step# }" "$D/plan" | cut -d: -f1 | awk -v at=$at '$1 > at' | head -n 1)
		[ -n "$line" ] || fail "\"$step\" is not in the plan, or earlier"
		at=$line
	done <"$D/err"
	[ "$(wc -l <"$D/err")" -gt 6 ] || fail 'too few steps'
}

@test "silence on success" {
	stay NET_RAW
	go
	root_holds 2000
	become NET_RAW 1000
	go
	user_holds 1000 2000
}

# ---- standard error in trouble -------------------------------------------------------------------

# speaks ARGUMENT...: the launcher with descriptor 9 as standard error
speaks() {
	status=0
	env -i "$B/start" reset -- "$B/capkeep" "$@" >"$D/out" 2>&9 </dev/null || status=$?
}

# broken_pipe: descriptor 9 is a pipe that nobody reads
broken_pipe() {
	mkfifo "$D/pipe"
	exec 8<>"$D/pipe" 9>"$D/pipe" 8<&-
}

@test "SIGPIPE does not change 125, 126 or 127" {
	broken_pipe
	# control: others die of it
	status=0
	"$B/start" reset -- /bin/sh -c 'echo x' >&9 2>/dev/null || status=$?
	[ "$status" != 0 ]
	stay NO_SUCH_CAP
	speaks -p "$P" -- "$B/probe"
	[ "$status" = 125 ]
	stay none
	speaks -p "$P" -- /no/such
	[ "$status" = 127 ]
	speaks -p "$P" -- /
	[ "$status" = 126 ]
	exec 9>&-
	[ ! -s "$D/out" ]
}

@test "SIGPIPE while -v speaks does not harm the workload" {
	stay NET_RAW
	mkfifo "$D/pipe"
	exec 8<>"$D/pipe" 9>"$D/pipe" 8<&-
	status=0
	env -i "$B/start" reset -- "$B/capkeep" -v -p "$P" -- "$B/probe" >"$D/out" 2>&9 ||
		status=$?
	exec 9>&-
	: >"$D/err"
	root_holds 2000
	expect signals_ignored "$(mask 0)" signals_blocked "$(mask 0)" signals_pending "$(mask 0)"
}

@test "SIGXFSZ does not change the status" {
	stay NO_SUCH_CAP
	go limit=fsize:0:0
	[ "$status" = 125 ] || fail status
	stay none
	ck limit=fsize:0:0 -- -p "$P" -- /no/such
	[ "$status" = 127 ] || fail status
	stay NO_SUCH_CAP
	go limit=fsize:10:10
	[ "$status" = 125 ] || fail status
}

@test "a full device as standard error does not change the status" {
	stay NO_SUCH_CAP
	exec 9>/dev/full
	speaks -p "$P" -- "$B/probe"
	exec 9>&-
	[ "$status" = 125 ]
}

@test "-n and --help into a full device: 125, not success" {
	stay none
	run env -i "$B/start" reset -- /bin/sh -c '"$0" -n -p "$1" -- "$2" >/dev/full' "$B/capkeep" \
		"$P" "$B/probe"
	[ "$status" = 125 ]
	run env -i "$B/start" reset -- /bin/sh -c '"$0" --help >/dev/full' "$B/capkeep"
	[ "$status" = 125 ]
}

@test "control characters of a message are escaped" {
	stay none
	ck -- -p "$P" -- $'/no/such\e[31m\nfile'
	[ "$status" = 127 ]
	[ "$(wc -l <"$D/err")" = 1 ] || fail lines
	grep -qF $'\e' "$D/err" && fail escape
	return 0
}

@test "no environment variable of its own" {
	ENV+=(CAPKEEP=none CAPKEEP_PROFILE=none CAPKEEP_KEEP=NET_RAW CK_CONFDIR=/tmp CK_KEEP=NET_RAW)
	stay none
	go
	root_holds 0
}
