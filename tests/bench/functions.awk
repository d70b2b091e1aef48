# SPDX-License-Identifier: MIT
# Joins the symbols of a program (nm -n) with addresses and counts (instructions.c), both sorted
# by address, and writes one row for each function that ran. Hexadecimal numbers of one length
# compare as text.
function padded(text) {
	sub(/^0x/, "", text)
	return substr("0000000000000000", 1, 16 - length(text)) text
}

FNR == NR { start[++n] = padded($1); name[n] = $3; next }
{
	here = padded($1)
	while (i < n && start[i + 1] <= here)
		i++
	sum[i ? name[i] : "?"] += $2
}
END {
	for (function_name in sum)
		printf "| %s | %d |\n", function_name, sum[function_name]
}
