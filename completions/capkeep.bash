# SPDX-License-Identifier: MIT
# bash completion for capkeep(1); tests/docs/completions.bats compares it with --help.
# shellcheck shell=bash

# What -p takes without a slash, where capkeep is installed in the usual places.
_capkeep_profiles() {
	local file
	for file in /etc/capkeep/*.ini /usr{,/local}/share/capkeep/profiles/*.ini; do
		[[ ! -e $file ]] || basename "$file" .ini
	done
	echo none
}

_capkeep_capabilities='none @docker-default @oci-default CHOWN DAC_OVERRIDE DAC_READ_SEARCH
	FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST
	NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT
	SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE
	AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ
	PERFMON BPF CHECKPOINT_RESTORE'

_capkeep_options='-p --profile -k --keep -u --user -b --bounding -n --dry-run -v --verbose
	-h --help -V --version'

# Where the command begins: behind the options, the values of those that have one, and --.
_capkeep_command() {
	local i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--)
			echo $((i + 1))
			return
			;;
		--profile | --keep | --user | --bounding) ((i += 1)) ;;
		--*) ;;
		-*[pkub]) ((i += 1)) ;;
		-*) ;;
		*)
			echo "$i"
			return
			;;
		esac
	done
	echo "$COMP_CWORD"
}

_capkeep() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command
	command=$(_capkeep_command)
	COMPREPLY=()
	if ((command < COMP_CWORD)); then
		if declare -F _command_offset >/dev/null; then
			_command_offset "$command"
		else
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
		fi
		return
	fi
	# of letters in one word, the last one may have a value
	[[ $before == --* || $before != -?* ]] || before=-${before: -1}
	case $before in
	-p | --profile)
		if [[ $word == */* ]]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
		else
			mapfile -t COMPREPLY < <(compgen -W "$(_capkeep_profiles)" -- "$word")
		fi
		;;
	-k | --keep)
		# a list: complete what stands behind the last comma
		local list=${word%"${word##*,}"}
		mapfile -t COMPREPLY < <(compgen -P "$list" -W "$_capkeep_capabilities" -- \
			"${word##*,}")
		;;
	-u | --user)
		mapfile -t COMPREPLY < <(compgen -W 'unchanged' -- "$word"; compgen -u -- "$word")
		;;
	-b | --bounding)
		mapfile -t COMPREPLY < <(compgen -W 'auto exact if-possible' -- "$word")
		;;
	*)
		if [[ $word == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$_capkeep_options" -- "$word")
		else
			mapfile -t COMPREPLY < <(compgen -c -- "$word")
		fi
		;;
	esac
}

complete -F _capkeep capkeep
