# bash completion for capkeepctl(1), printed by: capkeepctl completion bash
_capkeepctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		COMPREPLY=($(compgen -W "help show check explain audit convert verify learn list trace completion --help --version" -- "$cur"))
		return
	fi
	local i operands=0
	for ((i = 2; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[1]} =~ ^(explain|learn|trace)$ && ${COMP_WORDS[i]} == -- ]] || continue
		if declare -F _command_offset >/dev/null; then
			_command_offset $((i + 1))
		elif ((i + 1 == COMP_CWORD)) && [[ $cur != */* ]]; then
			COMPREPLY=($(compgen -c -- "$cur"))
		else
			COMPREPLY=($(compgen -f -- "$cur"))
		fi
		return
	done
	for ((i = 2; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == -* ]] || operands=$((operands + 1))
	done
	case ${COMP_WORDS[1]} in
	show)
		case $prev in
		--filter) COMPREPLY=($(compgen -f -W "none $(capkeepctl list profiles 2>/dev/null | sed '1d; s/ .*//')" -- "$cur")); return ;;
		--color) COMPREPLY=($(compgen -W "auto always never" -- "$cur")); return ;;
		esac
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W "--all --tree --threads --container --filter --wide --json --color --help" -- "$cur"))
		else
			COMPREPLY=($(compgen -W "self $(cd /proc && echo [0-9]*)" -- "$cur"))
		fi
		;;
	check)
		case $prev in
		--as) COMPREPLY=($(compgen -f -W "root docker podman restricted k8s-baseline self" -- "$cur")); return ;;
		--passwd) COMPREPLY=($(compgen -f -- "$cur")); return ;;
		--group) COMPREPLY=($(compgen -f -- "$cur")); return ;;
		--color) COMPREPLY=($(compgen -W "auto always never" -- "$cur")); return ;;
		esac
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W "--as --passwd --group --strict --sarif --json --color --help" -- "$cur"))
		else
			COMPREPLY=($(compgen -f -W "none $(capkeepctl list profiles 2>/dev/null | sed '1d; s/ .*//')" -- "$cur"))
		fi
		;;
	explain)
		case $prev in
		--as) COMPREPLY=($(compgen -f -W "root docker podman restricted k8s-baseline self" -- "$cur")); return ;;
		--color) COMPREPLY=($(compgen -W "auto always never" -- "$cur")); return ;;
		esac
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W "--as --json --color --help" -- "$cur"))
		else
			COMPREPLY=($(compgen -f -W "none @docker-default @oci-default CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE" -- "$cur"))
		fi
		;;
	audit)
		case $prev in
		--docker | -d) COMPREPLY=($(compgen -f -- "$cur")); return ;;
		--kubernetes | -k) COMPREPLY=($(compgen -f -- "$cur")); return ;;
		--compose | -c) COMPREPLY=($(compgen -f -- "$cur")); return ;;
		--profile | -p) COMPREPLY=($(compgen -f -W "none $(capkeepctl list profiles 2>/dev/null | sed '1d; s/ .*//')" -- "$cur")); return ;;
		--level | -l) COMPREPLY=($(compgen -W "baseline restricted" -- "$cur")); return ;;
		--threshold) :; return ;;
		--color) COMPREPLY=($(compgen -W "auto always never" -- "$cur")); return ;;
		esac
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W "--docker --kubernetes --compose --profile --level --threshold --all --junit --json --color --help" -- "$cur"))
		else
			COMPREPLY=($(compgen -W "self $(cd /proc && echo [0-9]*)" -- "$cur"))
		fi
		;;
	convert)
		case $prev in
		--to | -t) COMPREPLY=($(compgen -W "ini docker podman compose kubernetes systemd oci setpriv capsh label" -- "$cur")); return ;;
		--from | -f) COMPREPLY=($(compgen -W "ini docker podman compose kubernetes systemd oci setpriv capsh label" -- "$cur")); return ;;
		--name | -n) :; return ;;
		--keep | -k) COMPREPLY=($(compgen -W "none @docker-default @oci-default CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE" -- "$cur")); return ;;
		--color) COMPREPLY=($(compgen -W "auto always never" -- "$cur")); return ;;
		esac
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W "--to --from --name --keep --raw64 --strict --json --color --help" -- "$cur"))
		else
			COMPREPLY=($(compgen -f -- "$cur"))
		fi
		;;
	verify)
		case $prev in
		--color) COMPREPLY=($(compgen -W "auto always never" -- "$cur")); return ;;
		esac
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W "--json --color --help" -- "$cur"))
		elif ((operands)); then
			COMPREPLY=($(compgen -f -W "none $(capkeepctl list profiles 2>/dev/null | sed '1d; s/ .*//')" -- "$cur"))
		else
			COMPREPLY=($(compgen -W "self $(cd /proc && echo [0-9]*)" -- "$cur"))
		fi
		;;
	learn)
		case $prev in
		--output | -o) COMPREPLY=($(compgen -f -- "$cur")); return ;;
		--check) :; return ;;
		--ready) :; return ;;
		--setup) :; return ;;
		--stop) :; return ;;
		--user | -u) :; return ;;
		--timeout) :; return ;;
		--trace) COMPREPLY=($(compgen -W "auto off tracefs perf" -- "$cur")); return ;;
		--color) COMPREPLY=($(compgen -W "auto always never" -- "$cur")); return ;;
		esac
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W "--output --check --ready --setup --stop --user --seccomp --timeout --trace --json --color --help" -- "$cur"))
		else
			:
		fi
		;;
	list)
		case $prev in
		--color) COMPREPLY=($(compgen -W "auto always never" -- "$cur")); return ;;
		esac
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W "--json --color --help" -- "$cur"))
		else
			COMPREPLY=($(compgen -W "capabilities presets profiles groups syscalls" -- "$cur"))
		fi
		;;
	trace)
		case $prev in
		--color) COMPREPLY=($(compgen -W "auto always never" -- "$cur")); return ;;
		esac
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W "--json --color --help" -- "$cur"))
		else
			COMPREPLY=($(compgen -f -W "none $(capkeepctl list profiles 2>/dev/null | sed '1d; s/ .*//')" -- "$cur"))
		fi
		;;
	completion)
		case $prev in
		--color) COMPREPLY=($(compgen -W "auto always never" -- "$cur")); return ;;
		esac
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W "--color --help" -- "$cur"))
		else
			COMPREPLY=($(compgen -W "bash zsh fish" -- "$cur"))
		fi
		;;
	help) COMPREPLY=($(compgen -W "help show check explain audit convert verify learn list trace completion" -- "$cur")) ;;
	esac
}
complete -o filenames -F _capkeepctl capkeepctl
