#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The manuals against the program and its tables: options, steps, keys, presets, messages.
# shellcheck shell=bash

load lib

@test "capkeep.1 has the options of --help, in their order" {
	listed=$(sed -n 's/^\.It Fl \(.\) , Fl -\([a-z-]*\).*/\1 \2/p' "$PAGE1")
	same "$(options_of_help)" "$listed"
}

@test "capkeep.1 has the steps of -n, in their order" {
	steps=$("$CAPKEEP" -p none -n -- /bin/sh |
		sed -n '/^steps$/,/^after exec$/s/^  \([a-z_-]*\) .*/\1/p')
	listed=$(sed -n '/^\.Ss Steps/,/^\.Ss Ver/s/^\.It Cm //p' "$PAGE1")
	[ -n "$steps" ]
	same "$steps" "$listed"
}

@test "manual and design record say why each step stands where it does" {
	rows=$(tr -d '\n' <"$CK_SRCDIR/src/steps.c" | sed 's/ROW(CK_STEP_/\n&/g' |
		sed 's/"[[:space:]]*"//g' |
		sed -n 's/^ROW([A-Z_]*, "\([^"]*\)",[^"]*"\([^"]*\)").*/\1|\2/p')
	[ "$(wc -l <<<"$rows")" = "$(grep -c '^	ROW(CK_STEP' "$CK_SRCDIR/src/steps.c")" ]
	manual=$(text_of "$PAGE1")
	while IFS='|' read -r name why; do
		[[ $manual == *": $why."* ]] || { echo "capkeep.1: $name: $why"; return 1; }
		grep -qxF "| $name | $why |" "$CK_SRCDIR/docs/design.md" ||
			{ echo "design.md: $name: $why"; return 1; }
	done <<<"$rows"
}

# "section key" for each key of the table.
keys_of_source() {
	tr -d '\n' <"$CK_SRCDIR/src/keys.c" |
		grep -oE '(ROW|LIST)\("[a-z]+",[[:space:]]*"[a-z-]+"|(LIMIT|SECCOMP)\("[a-z]+"' |
		sed -e 's/^LIMIT("\([a-z]*\)"/limits \1/' -e 's/^SECCOMP("\([a-z]*\)"/seccomp \1/' \
			-e 's/^[A-Z]*("\([a-z]*\)",[[:space:]]*"\([a-z-]*\)"/\1 \2/'
}

@test "capkeep.ini.5 has the keys of the table, in their sections and order" {
	listed=$(sed -n -e 's/^\.Ss The \[\([a-z]*\)\] section/[\1]/p' -e '/^\.Sh FILES/q' \
		-e 's/^\.It Ic \([a-z-]*\) Li = .*/\1/p' "$PAGE5" |
		awk '/^\[/ { section = substr($0, 2, length($0) - 2); next } { print section, $0 }')
	[ "$(keys_of_source | wc -l)" -gt 40 ]
	same "$(keys_of_source)" "$listed"
}

@test "capkeep-seccomp.7 has every group, and the capabilities whose calls follow" {
	page7=$CK_SRCDIR/docs/capkeep-seccomp.7
	groups=$(tr -d '\n' <"$CK_SRCDIR/src/groups.c" | grep -oE '= \{ "@[a-z-]+",[[:space:]]*"[^"]+"' |
		sed 's/= { "\(@[a-z-]*\)",[[:space:]]*"\(.*\)"/\1|\2/')
	[ "$(wc -l <<<"$groups")" -gt 25 ]
	while IFS='|' read -r name help; do
		[ "$name" != @service ] || continue
		grep -A 1 -x "\.It Cm $name" "$page7" | grep -qi "^$help" || { echo "$name: $help"; return 1; }
	done <<<"$groups"
	same "$(sed -n '/ck_follows..  *=/,/^};/s/.*\/\* \([A-Z_]*\) \*\/$/\1/p' "$CK_SRCDIR/src/groups.c")" \
		"$(sed -n '/^\.Ss Capabilities and/,/^\.El/s/^\.It //p' "$page7")"
}

@test "capkeep.1 lists what @docker-default is" {
	program=$("$CAPKEEP" -n -v -k @docker-default -- /bin/sh |
		sed -n '/^keep = /,/^$/p' | tr -d '\t' | sed 's/^keep = //' | xargs -n 1 | sort)
	manual=$(sed -n '/^\.It Cm @docker-default/,/^\.It Cm @oci/p' "$PAGE1" |
		grep -oE '\b[A-Z]+_?[A-Z_]{3,}\b' | sort)
	same "$program" "$manual"
}

@test "messages that the documents quote are those of the program" {
	source=$(strings_of_source)
	while IFS= read -r message; do
		[ -n "$message" ] || continue
		grep -qF -- "$message" <<<"$source" || { echo "no such message: $message"; return 1; }
		text_of "$PAGE1" | grep -qF -- "$message" ||
			grep -qF -- "$message" "$CK_SRCDIR/docs/guide.md" ||
			{ echo "not in the documents: $message"; return 1; }
	done <<-'EOT'
		cannot be kept: 
		it is missing in the 
		it is in the bounding set, but uid 
		the bounding set cannot be cut: SETPCAP is missing in the permitted set, and 
		the profile does not state '
		'; add to [
		has file capabilities, and these clear the ambient set; 
		exec must fail with EPERM: 
		has file capabilities that the bounding set would not hold 
		gave an answer that the kernel does not give; 
		is not as planned, although every step reported success; 
		changing the uid
		belongs to uid 
		, who could change it
	EOT
}

@test "capkeep.1 has every exit status of --help" {
	for status in 125 126 127; do
		"$CAPKEEP" --help | grep -q "$status"
		grep -qx "\.It $status" "$PAGE1"
		grep -q "^| $status |" "$CK_SRCDIR/README.md"
	done
}

@test "design.md has a row for every module, and for nothing else" {
	rows=$(sed -n '/^## Modules/,/^## The steps/s/^| \([a-z].*\.c\) |.*/\1/p' \
		"$CK_SRCDIR/docs/design.md" | sed 's/, /\n/g')
	same "$(basename -a "$CK_SRCDIR"/src/*.c | sort)" "$(sort <<<"$rows")"
}

@test "shipped profiles are named in the manual" {
	for profile in "$CK_SRCDIR"/profiles/*.ini; do
		grep -qx "\.Pa ${profile##*/}" "$PAGE5" || { echo "${profile##*/}"; return 1; }
	done
}

# Links from the documents here to what is not here.
dead_links() {
	for document in *.md docs/*.md; do
		while read -r link; do
			[ -e "${document%"${document##*/}"}$link" ] || echo "$document: $link"
		done < <(grep -oE '\]\([^)#]+' "$document" | sed 's/^](//' | grep -v '^http')
	done
}

@test "links between the documents lead somewhere" {
	cd "$CK_SRCDIR"
	same '' "$(dead_links)"
}

@test "links between the documents lead somewhere where they are installed" {
	make -s -C "${CK_BUILDDIR:-$CK_SRCDIR/build}" install-data \
		DESTDIR="$BATS_TEST_TMPDIR/" docdir=doc MAKEFLAGS=
	cd "$BATS_TEST_TMPDIR/doc"
	same "$(cd "$CK_SRCDIR" && find . -maxdepth 2 -name '*.md' -path './[A-Zd]*' | sort)" \
		"$(find . -name '*.md' | sort)"
	same '' "$(dead_links)"
}
