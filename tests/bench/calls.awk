# SPDX-License-Identifier: MIT
# Reads the output of strace -o and writes one row: how many calls a launcher makes, in which
# phase (before the first change, up to the last change, behind it) and of which kind.
BEGIN {
	operation = "SET_NO_NEW_PRIVS|SET_KEEPCAPS|SET_SECUREBITS|CAPBSET_DROP"
	change_call = "^(prctl\\(PR_(" operation ")|prctl\\(PR_CAP_AMBIENT, PR_CAP_AMBIENT_" \
		"(RAISE|CLEAR)|capset|setgroups|setres[ug]id|set[ug]id|close_range)"
	file_call = "^(open(at)?|p?readv?|pread64|l?seek|close|newfstatat|f?stat|statx|f?statfs" \
		"|[lf]?getxattr)\\("
	set_call = "^(capget|prctl\\(PR_CAPBSET_READ|prctl\\(PR_GET_" \
		"|prctl\\(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET)"
	memory_call = "^(brk|mmap|munmap|mprotect|madvise|mremap)\\("
}

/^(\+\+\+|---)/ { next }
/^execve/ && ++execs > 1 { exit }
{
	n++
	if ($0 ~ change_call) {
		if (!first)
			first = n
		last = n
	}
	files += $0 ~ file_call
	sets += $0 ~ set_call
	memory += $0 ~ memory_call
}
END {
	change = first ? last - first + 1 : 0
	before = first ? first - 1 : n
	printf "| %s | %s | %d | %d | %d | %d | %d | %d | %d |\n", name, group, n, before, change,
		n - before - change, files, sets, memory
}
