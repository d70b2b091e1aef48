# SPDX-License-Identifier: MIT
# Reads a link map of GNU ld and sums the sections that end up in the file by where they come
# from. A section's name may be so long that its address stands on the next line.
function hex(text,    i, value) {
	value = 0
	text = tolower(substr(text, 3))
	for (i = 1; i <= length(text); i++)
		value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
	return value
}

function origin(path,    name) {
	name = path
	if (sub(/\.a\(.*$/, "", name)) {
		sub(/.*\//, "", name)
		return name == "libc" ? "musl" : name
	}
	return path ~ /\/crt[^\/]*\.o$|\/[SR]crt1\.o$|\/rcrt1\.o$/ ? "start files" : "capkeep itself"
}

/^Linker script and memory map/ { reading = 1 }
!reading { next }
/^ \.[^ ]+$/ { section = $1; next }
/^ \.[^ ]+ +0x/ { section = $1; address = $2; size = $3; path = $4 }
/^ +0x[0-9a-f]+ +0x[0-9a-f]+ [^ ]/ { address = $1; size = $2; path = $3 }
path != "" {
	# bss takes no room in the file, and what is not loaded has the address 0
	if (hex(address) != 0 && section !~ /^\.(bss|tbss|comment|note|debug|COMMON)/)
		sum[origin(path)] += hex(size)
	path = ""
}
END {
	for (name in sum)
		printf "%-14s %8d\n", name, sum[name] | "sort -k2nr"
}
