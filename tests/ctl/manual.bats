#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The manual and the completions against the tables of capkeepctl.

load lib

commands()
{
	ctl --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'
}

# options COMMAND: their long names, as --help has them
options()
{
	ctl "$1" --help | sed -n '/^Options:/,/^$/s/^  \(   \|-.,\) --\([a-z-]*\).*/\2/p'
}

@test "the manual has a section for every command, with its options and examples" {
	for command in $(commands); do
		section=$(awk -v name="$command" '/^\.S[sh] / { on = $2 == name && NF == 2 && $1 == ".Ss" } on' "$CK_TOP/docs/capkeepctl.1")
		[ -n "$section" ] || fail "$command"
		for option in $(options "$command"); do
			case $option in json | color | help) continue ;; esac
			grep -q "Fl .*-$option\b" <<<"$section" || fail "$command: --$option"
		done
		for option in $(sed -n '/^\.Ss Options/,$d; s/^\.It .*Fl \\-\([a-z-]*\).*/\1/p' <<<"$section"); do
			options "$command" | grep -qxe "$option" || fail "$command has no --$option"
		done
		[ "$(grep -c '^\.Dl' <<<"$section")" -ge 3 ]
	done
}

@test "the manual is without warnings" {
	mandoc -T lint -W warning "$CK_TOP/docs/capkeepctl.1"
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

@test "the scripts are ones that their shells take" {
	ctl completion bash | bash -n
	for shell in zsh fish; do
		ctl completion $shell >"$BATS_TEST_TMPDIR/$shell"
		! type -P $shell >/dev/null || $shell -n "$BATS_TEST_TMPDIR/$shell"
		for command in $(commands); do grep -q "$command" "$BATS_TEST_TMPDIR/$shell"; done
	done
	is 2 completion tcsh
}
