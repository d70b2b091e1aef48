#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The completions against the program: options, values, capabilities.
# shellcheck shell=bash

load lib

bash_options() {
	sed -n "/^_capkeep_options='/,/'\$/p" "$CK_SRCDIR/completions/capkeep.bash" |
		sed "s/.*='//; s/'//" | tr -s ' \t\n' '\n' | paste - - |
		sed 's/^-\(.\)\t--/\1 /'
}

zsh_options() {
	sed -n "s/^\t'([^)]*)'{-\(.\),--\([a-z-]*\)}.*/\1 \2/p" "$CK_SRCDIR/completions/_capkeep"
}

fish_options() {
	sed -n 's/^complete -c capkeep -s \(.\) -l \([a-z-]*\) .*/\1 \2/p' \
		"$CK_SRCDIR/completions/capkeep.fish"
}

@test "bash, zsh and fish have the options of --help, in their order" {
	same "$(options_of_help)" "$(bash_options)"
	same "$(options_of_help)" "$(zsh_options)"
	same "$(options_of_help)" "$(fish_options)"
}

@test "bash, zsh and fish have every capability" {
	names=$(sed -n '/const names\[\]/,/^};/p' "$CK_SRCDIR/src/capset.c" | grep -o '"[A-Z_]*"' |
		tr -d '"')
	[ "$(wc -l <<<"$names")" -ge 41 ]
	for file in capkeep.bash _capkeep capkeep.fish; do
		for name in $names @docker-default @oci-default none; do
			grep -qE "(^|[ '	])$name([ ']|\$)" "$CK_SRCDIR/completions/$file" ||
				{ echo "$file: $name"; return 1; }
		done
	done
}

@test "the words of --bounding are those that the program takes" {
	for file in capkeep.bash _capkeep capkeep.fish; do
		grep -q 'auto exact if-possible' "$CK_SRCDIR/completions/$file"
	done
	for word in auto exact if-possible; do
		"$CAPKEEP" -p none -b "$word" -n -- /bin/sh >/dev/null
	done
}

# complete_words WORD...: what bash would offer for the last one.
complete_words() {
	# shellcheck disable=SC2016 # for the other bash
	bash -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _capkeep
		printf "%s\n" "${COMPREPLY[@]}"' - "$CK_SRCDIR/completions/capkeep.bash" "$@" | sort -u
}

@test "bash completes options, lists, words, and the command's own words" {
	[ "$(complete_words capkeep --b)" = --bounding ]
	[ "$(complete_words capkeep -k NET_RAW,NET_BI)" = NET_RAW,NET_BIND_SERVICE ]
	[ "$(complete_words capkeep -nb e)" = exact ]
	[ "$(complete_words capkeep -u unch)" = unchanged ]
	[ "$(complete_words capkeep --keep NET_BI)" = NET_BIND_SERVICE ]
	[[ $(complete_words capkeep -p none -- ls /etc/passw) == /etc/passwd* ]]
}
