# SPDX-License-Identifier: MIT
# fish completion for capkeep(1); tests/docs/completions.bats compares it with --help.

function __capkeep_profiles
	echo none
	for file in /etc/capkeep/*.ini /usr/share/capkeep/profiles/*.ini \
		/usr/local/share/capkeep/profiles/*.ini
		string replace -r '.*/(.*)\.ini$' '$1' $file
	end
end

function __capkeep_capabilities
	printf '%s\n' none @docker-default @oci-default CHOWN DAC_OVERRIDE \
		DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP \
		LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW \
		IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE \
		SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME \
		SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP \
		MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND \
		AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE
end

complete -c capkeep -s p -l profile -r -a '(__capkeep_profiles)' -d 'The profile'
complete -c capkeep -s k -l keep -x \
	-a '(__fish_complete_list , __capkeep_capabilities)' -d 'Capabilities to keep'
complete -c capkeep -s u -l user -x \
	-a 'unchanged (__fish_complete_users)' -d 'User and group'
complete -c capkeep -s b -l bounding -x \
	-a 'auto exact if-possible' -d 'When it cannot be cut'
complete -c capkeep -s n -l dry-run -d 'Print the plan and change nothing'
complete -c capkeep -s v -l verbose -d 'One line per step on standard error'
complete -c capkeep -s h -l help -d 'Print a summary'
complete -c capkeep -s V -l version -d 'Print the version'
complete -c capkeep -x \
	-a '(__fish_complete_subcommand -p --profile -k --keep -u --user -b --bounding)'
