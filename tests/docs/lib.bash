# SPDX-License-Identifier: MIT
# lib.bash - loaded by every suite here: where the program and the documents are.
#
#   CAPKEEP      the launcher (default: $CK_BUILDDIR/src/capkeep, then ./build)
#   CK_SRCDIR    the source tree
# shellcheck shell=bash disable=SC2034

bats_require_minimum_version 1.5.0

CK_SRCDIR=${CK_SRCDIR:-$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)}
CAPKEEP=${CAPKEEP:-${CK_BUILDDIR:-$CK_SRCDIR/build}/src/capkeep}
PAGE1=$CK_SRCDIR/docs/capkeep.1
PAGE5=$CK_SRCDIR/docs/capkeep.ini.5

# The same lines, in the same order?
same() {
	diff -u <(printf '%s\n' "$1") <(printf '%s\n' "$2")
}

# "p profile" for each option of --help, in its order.
options_of_help() {
	"$CAPKEEP" --help | sed -n 's/^  -\(.\), --\([a-z-]*\).*/\1 \2/p'
}

# The strings of the sources, those in several parts joined.
strings_of_source() {
	cat "$CK_SRCDIR"/src/*.c | tr -d '\n' | sed 's/"[[:space:]]*"//g'
}

# The text of a page, one line, single blanks.
text_of() {
	mandoc -T utf8 -O width=999 "$1" | col -bx | tr -s ' \n' ' '
}
