# Probes for the flags of the OpenSSF compiler hardening guide: each is used where compiler and
# linker take it without a word, so that an older tool chain builds as well as it can.

# CK_ADD_CFLAGS(VARIABLE, FLAGS): appends to VARIABLE each flag that the compiler takes.
AC_DEFUN([CK_ADD_CFLAGS], [
for ck_flag in $2; do
	AC_MSG_CHECKING([whether the compiler takes $ck_flag])
	ck_saved=$CFLAGS
	CFLAGS="$CFLAGS -Werror $ck_flag"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM],
		[AC_MSG_RESULT([yes]); $1="$$1 $ck_flag"], [AC_MSG_RESULT([no])])
	CFLAGS=$ck_saved
done
AC_SUBST([$1])])

# CK_ADD_LDFLAGS(VARIABLE, FLAGS): the same for the linker.
AC_DEFUN([CK_ADD_LDFLAGS], [
for ck_flag in $2; do
	AC_MSG_CHECKING([whether the linker takes $ck_flag])
	ck_saved=$LDFLAGS
	LDFLAGS="$LDFLAGS -Werror $ck_flag"
	AC_LINK_IFELSE([AC_LANG_PROGRAM],
		[AC_MSG_RESULT([yes]); $1="$$1 $ck_flag"], [AC_MSG_RESULT([no])])
	LDFLAGS=$ck_saved
done
AC_SUBST([$1])])

# CK_FORTIFY: the highest _FORTIFY_SOURCE that the C library has a use for. Level 3 came with
# glibc 2.34 and GCC 12; without optimisation glibc warns and there is none. -U first, because
# some distributions define it themselves.
AC_DEFUN([CK_FORTIFY], [
for ck_level in 3 2; do
	AC_MSG_CHECKING([for _FORTIFY_SOURCE=$ck_level])
	ck_saved=$CFLAGS
	ck_flags="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$ck_level"
	CFLAGS="$CFLAGS -Werror $ck_flags"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>]])], [ck_ok=yes], [ck_ok=no])
	CFLAGS=$ck_saved
	AC_MSG_RESULT([$ck_ok])
	AS_IF([test $ck_ok = yes], [CK_CPPFLAGS="$CK_CPPFLAGS $ck_flags"; break])
done])

# CK_HARDENING: sets CK_WARNINGS, CK_CPPFLAGS, CK_CFLAGS and CK_LDFLAGS.
AC_DEFUN([CK_HARDENING], [
CK_ADD_CFLAGS([CK_WARNINGS], [m4_normalize([
	-Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wformat-signedness
	-Wimplicit-fallthrough -Wcast-qual -Wcast-align -Wpointer-arith -Wwrite-strings
	-Wstrict-prototypes -Wold-style-definition -Wmissing-prototypes -Wmissing-declarations
	-Wredundant-decls -Wnested-externs -Wundef -Wvla -Wnull-dereference -Wdouble-promotion
	-Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wtrampolines -Wbidi-chars=any
	-Walloca -Wdate-time -Werror=implicit -Werror=incompatible-pointer-types
	-Werror=int-conversion])])
CK_ADD_CFLAGS([CK_CFLAGS], [m4_normalize([
	-fstack-protector-strong -fstack-clash-protection -fcf-protection=full
	-mbranch-protection=standard -fstrict-flex-arrays=3 -fno-delete-null-pointer-checks
	-fno-strict-overflow -fno-strict-aliasing -ftrivial-auto-var-init=zero
	-fno-common -ffunction-sections -fdata-sections])])
CK_ADD_LDFLAGS([CK_LDFLAGS], [m4_normalize([
	-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,nodlopen -Wl,--as-needed
	-Wl,--no-copy-dt-needed-entries -Wl,--gc-sections])])
AS_IF([test "$ck_instrumented" = no], [CK_FORTIFY])
AC_SUBST([CK_CPPFLAGS])])

# CK_PIE(STATIC): flags of a position independent program, a fully static one if STATIC is yes.
AC_DEFUN([CK_PIE], [
CK_ADD_CFLAGS([CK_PIE_CFLAGS], [-fPIE])
ck_saved_cflags=$CFLAGS
CFLAGS="$CFLAGS $CK_PIE_CFLAGS"
AS_IF([test "$1" = yes], [
	CK_ADD_LDFLAGS([CK_PIE_LDFLAGS], [-static-pie])
	AS_IF([test -z "$CK_PIE_LDFLAGS"], [CK_ADD_LDFLAGS([CK_PIE_LDFLAGS], [-static])])
	AS_IF([test -z "$CK_PIE_LDFLAGS"], [AC_MSG_ERROR([cannot link a static program])])
], [CK_ADD_LDFLAGS([CK_PIE_LDFLAGS], [-pie])])
CFLAGS=$ck_saved_cflags])

# CK_CTL_LINK(STATIC): how capkeepctl is linked. As the launcher is, so that a health check finds it
# in an image FROM scratch too; dynamically where a library has no static archive.
AC_DEFUN([CK_CTL_LINK], [
CK_CTL_LDFLAGS=$CK_PIE_LDFLAGS
AS_IF([test "$1" = yes], [
	AC_MSG_CHECKING([whether jansson and libyaml can be linked statically])
	ck_saved_libs=$LIBS ck_saved_ldflags=$LDFLAGS ck_saved_cflags=$CFLAGS
	LIBS="$LIBS $JANSSON_LIBS $YAML_LIBS"
	LDFLAGS="$LDFLAGS $CK_PIE_LDFLAGS"
	CFLAGS="$CFLAGS $CK_PIE_CFLAGS"
	AC_LINK_IFELSE([AC_LANG_CALL([], [json_object])],
		[AC_MSG_RESULT([yes])], [AC_MSG_RESULT([no]); CK_CTL_LDFLAGS=-pie])
	LIBS=$ck_saved_libs LDFLAGS=$ck_saved_ldflags CFLAGS=$ck_saved_cflags])
AC_SUBST([CK_CTL_LDFLAGS])
])
