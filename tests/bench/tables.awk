# SPDX-License-Identifier: MIT
# Reads what the contenders did (CASE, NAME, difference) and then how long they took (bench.c),
# and writes the tables of docs/benchmarks.md.
NF == 3 { state[$1, $2] = $3; next }
$1 == "bare" { bare = $5; bare_faults = $7; quarter1 = $4; quarter3 = $6; next }
{
	order[++n] = $1 SUBSEP $2
	cost[$1, $2] = $5 - bare
	low[$1, $2] = $4 - bare
	high[$1, $2] = $6 - bare
	faults[$1, $2] = $7 - bare_faults
}

function us(ns) {
	return sprintf("%.0f", ns / 1000)
}

function rows(group, title,    i, key, part, floor) {
	floor = cost[group, "floor musl"]
	printf "\n| %s | cost | quartiles | x floor musl | page faults | state |\n", title
	print "|---|--:|--:|--:|--:|---|"
	for (i = 1; i <= n; i++) {
		key = order[i]
		split(key, part, SUBSEP)
		if (part[1] != group)
			continue
		printf "| %s | %s | %s to %s | %s | %d | %s |\n", part[2], us(cost[key]), us(low[key]),
			us(high[key]), floor ? sprintf("%.2f", cost[key] / floor) : "-", faults[key],
			state[key] == "same" ? "as wanted" : "differs: " state[key]
	}
}

function limit(group, a, b, most, aim,    ratio) {
	if (!((group, a) in cost) || !((group, b) in cost)) {
		printf "| %s / %s | %s | - | %s | not measured |\n", a, b, group, most
		return
	}
	ratio = cost[group, a] / cost[group, b]
	printf "| %s / %s | %s | %.2f | %s | %s |\n", a, b, group, ratio, most,
		ratio <= most ? (aim && ratio <= aim ? "PASS, and the aim of " aim : "PASS") : "OVER"
}

# What a filter adds to a start.
function added(group, title, program, filter, most,    more) {
	if (!((group, program ", " filter) in cost)) {
		printf "| added by %s, us | %s | - | %s | not measured |\n", filter, title, most
		return
	}
	more = (cost[group, program ", " filter] - cost[group, program]) / 1000
	printf "| added by %s, us | %s | %.0f | %s | %s |\n", filter, title, more, most,
		most == "" ? "the kernel\047s part" : more <= most ? "PASS" : "OVER"
}

END {
	printf "The bare exec takes %.1f (quartiles %.1f to %.1f) and is subtracted.\n", bare / 1000,
		quarter1 / 1000, quarter3 / 1000
	rows("root", "uid 0 stays, NET_BIND_SERVICE")
	rows("user", "www-data, NET_BIND_SERVICE ambient")
	rows("none", "no profile: nothing kept")
	print "\n| ratio of costs | case | measured | limit | |"
	print "|---|---|--:|--:|---|"
	limit("root", "capkeep musl", "floor musl", 2.4, 1.5)
	limit("user", "capkeep musl", "floor musl", 2.7, 1.5)
	limit("root", "capkeep musl", "setpriv", 0.3)
	limit("user", "capkeep musl", "setpriv", 0.3)
	limit("root", "capkeep musl", "capsh", 0.5)
	limit("user", "capkeep musl", "capsh", 0.5)
	added("root", "root", "capkeep musl", "docker's filter", 400)
	added("turn", "root, in turn", "capkeep musl", "docker's filter", 400)
	added("root", "root", "capkeep musl", "filter @service", 400)
	added("root", "root", "floor musl", "one instruction", "")
	limit("root", "capkeep glibc", "floor glibc", 1.4)
	limit("user", "capkeep glibc", "floor glibc", 1.4)
}
