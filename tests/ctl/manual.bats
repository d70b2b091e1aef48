#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The manual and the completions against the tables of capkeepctl.

load lib

commands()
{
	ctl --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p'
}

# options COMMAND: their long names, as --help has them
options()
{
	ctl "$1" --help | sed -n '/^Options:/,/^$/s/^  \(   \|-.,\) --\([a-z0-9-]*\).*/\2/p'
}

@test "every command has a page, an entry in the overview, and a line in its own synopsis" {
	for command in $(commands); do
		page=$CK_TOP/docs/capkeepctl-$command.1
		[ -e "$page" ] || fail "$page"
		grep -qx "\.Nm capkeepctl $command" "$page"
		grep -qx "\.It Xr capkeepctl-$command 1" "$CK_TOP/docs/capkeepctl.1"
		for section in NAME SYNOPSIS DESCRIPTION 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
			grep -qx "\.Sh $section" "$page" || fail "$page: $section"
		done
	done
	[ "$(commands | wc -l)" = "$(find "$CK_TOP/docs" -name 'capkeepctl-*.1' | wc -l)" ]
}

@test "--help has the exit statuses of the page" {
	for command in $(commands); do
		said=$(ctl "$command" --help | sed -n 's/^Exit status: //p')
		statuses=$(sed -n '/^\.Sh EXIT/,/^\.Sh EXA/s/^\.It \([0-9 ,]*\)$/\1/p' "$CK_TOP/docs/capkeepctl-$command.1")
		[ "$(wc -w <<<"$statuses")" -ge 3 ]
		for status in ${statuses//,/ }; do
			grep -qw "$status" <<<"$said" || fail "$command: $status"
		done
	done
}

@test "manuals and completions in the tree are those of the program's tables" {
	cp -R "$CK_TOP/docs" "$CK_TOP/completions" "$BATS_TEST_TMPDIR"
	"$CK_TOP/tools/ctl-tables" "$CAPKEEPCTL" "$BATS_TEST_TMPDIR"
	diff -r "$CK_TOP/docs" "$BATS_TEST_TMPDIR/docs"
	diff -r "$CK_TOP/completions" "$BATS_TEST_TMPDIR/completions"
	for command in $(commands); do
		page=$CK_TOP/docs/capkeepctl-$command.1
		for option in $(options "$command"); do
			grep -q "^\.It .*Fl .-${option//-/.-}\b" "$page" || fail "$command: --$option"
		done
		[ "$(sed -n '/tables: examples/,/tables: end/p' "$page" | grep -c '^\.Dl')" -ge 2 ]
	done
}

@test "the manuals are without warnings" {
	for page in "$CK_TOP"/docs/capkeepctl*.1; do mandoc -T lint -W warning "$page"; done
}

@test "what prints facts prints them as JSON too" {
	for command in $(commands); do
		[ "$command" = completion ] || options "$command" | grep -qx json
	done
	profile 'keep = KILL' '[process]' 'user = 1000' 'group = 1000' '[seccomp]' 'base = @service'
	mv "$P" "$BATS_TEST_TMPDIR/filter.ini"
	profile 'keep = KILL' '[process]' 'user = 1000' 'group = 1000'
	while read -r status line; do
		# shellcheck disable=SC2086 # words
		line=${line//@F/"$BATS_TEST_TMPDIR/filter.ini"}
		is "$status" ${line//@P/"$P"}
		jq -e . <<<"$output" >/dev/null || fail "$line"
	done <<-EOT
		0 show --json self
		0 check --json @P
		0 explain --json @P
		0 explain --json --as root @P -- /bin/true
		1 audit --json self
		1 audit --json --docker $DATA/inspect.json
		0 convert --json --to docker @P
		1 verify --json self @P
		0 list --json capabilities
		0 list --json presets
		0 list --json profiles
		0 list --json groups
		0 list --json syscalls
		0 show --json --filter @F
		1 explain --json @F mount
		0 trace --json @F -- /bin/true
	EOT
}

# offered WORD...: what bash would offer for the last one
offered()
{
	bash -c 'source <("$1" completion bash); shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
		_capkeepctl; printf "%s\n" "${COMPREPLY[@]}"' - "$CAPKEEPCTL" "$@" | sort -u
}

@test "bash completes commands, options, values" {
	[ "$(offered capkeepctl ver)" = verify ]
	[ "$(offered capkeepctl list pre)" = presets ]
	[ "$(offered capkeepctl audit --level r)" = restricted ]
	[ "$(offered capkeepctl explain SYS_AD)" = SYS_ADMIN ]
	for command in $(commands); do
		diff <(options "$command" | sed 's/^/--/' | sort) <(offered capkeepctl "$command" --)
	done
}

@test "bash completes the command behind --, and its files" {
	mkdir "$BATS_TEST_TMPDIR/c"
	cd "$BATS_TEST_TMPDIR/c"
	: >here.ini
	: >backup.sh
	chmod 755 backup.sh
	for words in 'learn' 'trace ./here.ini' 'explain ./here.ini'; do
		# shellcheck disable=SC2086 # words
		{
			[ "$(offered capkeepctl $words -- ./ba)" = ./backup.sh ]
			[ "$(offered capkeepctl $words -- setpri)" = setpriv ]
			[ "$(offered capkeepctl $words -- ./backup.sh --json her)" = here.ini ]
			[ -z "$(offered capkeepctl $words -- ./backup.sh --js)" ]
		}
	done
	[ "$(offered capkeepctl trace he)" = here.ini ]
	[ "$(offered capkeepctl check -- he)" = here.ini ]
}

@test "the pages have the examples and the literal words of --help as they are" {
	for command in $(commands); do
		page=$(mandoc -T utf8 -O width=999 "$CK_TOP/docs/capkeepctl-$command.1" | col -bx)
		ctl "$command" --help | awk '/^Examples:/ { on = 1; next } /^$/ { on = 0 } on && /^  [^ ]/' |
			while read -r line; do
				grep -qxF -- "$line" <(sed 's/^ *//' <<<"$page") || fail "$command: $line" || exit
			done
		# a value at the beginning of a sentence is not what the program takes
		ctl completion fish | sed -n "s/.*from $command' .*-l [a-z]* .*-a '\([a-z][a-z ]*\)'.*/\1/p" | tr ' ' '\n' |
			while read -r word; do
				! grep -qE -- "^ +${word^}[, ]" <<<"$page" || fail "$command: ${word^}" || exit
			done
	done
}

@test "examples that ask a filter name no shipped profile without one" {
	local line word
	while read -r line; do
		for word in $line; do
			word=$CK_TOP/profiles/${word#./}
			[ ! -f "$word" ] || grep -q '^\[seccomp\]' "$word" || fail "$line"
		done
	done < <(for command in explain trace; do ctl $command --help; done |
		grep -E '^  capkeepctl (trace|explain [^-]*\.ini [^-])')
	[ -n "$word" ]
}

@test "completion knows the second operand, files beside words, and short options" {
	mkdir "$BATS_TEST_TMPDIR/d"
	cd "$BATS_TEST_TMPDIR/d"
	: >here.ini
	[ "$(offered capkeepctl verify 1 here)" = here.ini ]
	[ "$(offered capkeepctl verify sel)" = self ]
	[ "$(offered capkeepctl explain ./he)" = ./here.ini ]
	[ "$(offered capkeepctl check --as her)" = here.ini ]
	[ "$(offered capkeepctl check --as dock)" = docker ]
	is 0 completion zsh
	says "'(-t --tree)'{-t,--tree}'[" "'*'{-d,--docker}'[" "'1:argument:_pids'"
	is 0 completion fish
	says "__fish_seen_subcommand_from show' -f -a 'self (__fish_complete_pids)'" \
		"__fish_seen_subcommand_from check' -F" "__fish_seen_subcommand_from verify' -F"
}

@test "the scripts are ones that their shells take" {
	for shell in bash zsh fish; do
		ctl completion $shell >"$BATS_TEST_TMPDIR/$shell"
		$shell -n "$BATS_TEST_TMPDIR/$shell"
		for command in $(commands); do grep -q "$command" "$BATS_TEST_TMPDIR/$shell"; done
	done
	is 2 completion tcsh
}

# "COMMAND --option" for every line of a document that calls the program
called()
{
	sed -e 's/\\-/-/g' -e 's/\\|/|/g' "$1" | grep -oE 'capkeepctl [a-z]+( [^|`]*)?' |
		while read -r _ command words; do
			for word in $words; do
				case $word in
				--) break ;;
				--*) word=${word#--} && echo "$command ${word%%[!a-z0-9-]*}" ;;
				esac
			done
		done | sort -u
}

@test "what the documents call exists" {
	local calls command option

	calls=$(for file in "$CK_TOP"/README.md "$CK_TOP"/docs/*.md "$CK_TOP"/docs/capkeepctl*.1; do called "$file"; done)
	[ "$(wc -l <<<"$calls")" -ge 12 ]
	while read -r command option; do
		options "$command" | grep -qxe "$option" || fail "capkeepctl $command --$option"
	done < <(sort -u <<<"$calls")
}
