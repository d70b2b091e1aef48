/* SPDX-License-Identifier: MIT */
/*
 * actions.c - the words for what a filter answers: errno names, kill, trap, log, allow.
 * Makes no system call. strerrorname_np is glibc's alone, so the names stand here.
 */
#include <errno.h>
#include <string.h>

#include "capkeep.h"

/* Linux, all machines that capkeep knows; the position is the number; 41, 58 are free. */
static const char errnos[] =
	"EPERM\0ENOENT\0ESRCH\0EINTR\0EIO\0ENXIO\0E2BIG\0ENOEXEC\0EBADF\0ECHILD\0EAGAIN\0"
	"ENOMEM\0EACCES\0EFAULT\0ENOTBLK\0EBUSY\0EEXIST\0EXDEV\0ENODEV\0ENOTDIR\0EISDIR\0"
	"EINVAL\0ENFILE\0EMFILE\0ENOTTY\0ETXTBSY\0EFBIG\0ENOSPC\0ESPIPE\0EROFS\0EMLINK\0"
	"EPIPE\0EDOM\0ERANGE\0EDEADLK\0ENAMETOOLONG\0ENOLCK\0ENOSYS\0ENOTEMPTY\0ELOOP\0-\0"
	"ENOMSG\0EIDRM\0ECHRNG\0EL2NSYNC\0EL3HLT\0EL3RST\0ELNRNG\0EUNATCH\0ENOCSI\0EL2HLT\0"
	"EBADE\0EBADR\0EXFULL\0ENOANO\0EBADRQC\0EBADSLT\0-\0EBFONT\0ENOSTR\0ENODATA\0ETIME\0"
	"ENOSR\0ENONET\0ENOPKG\0EREMOTE\0ENOLINK\0EADV\0ESRMNT\0ECOMM\0EPROTO\0EMULTIHOP\0"
	"EDOTDOT\0EBADMSG\0EOVERFLOW\0ENOTUNIQ\0EBADFD\0EREMCHG\0ELIBACC\0ELIBBAD\0ELIBSCN\0"
	"ELIBMAX\0ELIBEXEC\0EILSEQ\0ERESTART\0ESTRPIPE\0EUSERS\0ENOTSOCK\0EDESTADDRREQ\0"
	"EMSGSIZE\0EPROTOTYPE\0ENOPROTOOPT\0EPROTONOSUPPORT\0ESOCKTNOSUPPORT\0EOPNOTSUPP\0"
	"EPFNOSUPPORT\0EAFNOSUPPORT\0EADDRINUSE\0EADDRNOTAVAIL\0ENETDOWN\0ENETUNREACH\0"
	"ENETRESET\0ECONNABORTED\0ECONNRESET\0ENOBUFS\0EISCONN\0ENOTCONN\0ESHUTDOWN\0"
	"ETOOMANYREFS\0ETIMEDOUT\0ECONNREFUSED\0EHOSTDOWN\0EHOSTUNREACH\0EALREADY\0"
	"EINPROGRESS\0ESTALE\0EUCLEAN\0ENOTNAM\0ENAVAIL\0EISNAM\0EREMOTEIO\0EDQUOT\0"
	"ENOMEDIUM\0EMEDIUMTYPE\0ECANCELED\0ENOKEY\0EKEYEXPIRED\0EKEYREVOKED\0EKEYREJECTED\0"
	"EOWNERDEAD\0ENOTRECOVERABLE\0ERFKILL\0EHWPOISON\0";

static const struct {
	const char word[12];
	uint32_t action;
} words[] = {
	{ "kill", CK_ACT_KILL },   { "kill-thread", CK_ACT_KILL_THREAD },
	{ "trap", CK_ACT_TRAP },   { "log", CK_ACT_LOG },
	{ "allow", CK_ACT_ALLOW },
};

/* Further names of some of them. */
static const struct {
	const char name[12];
	uint16_t number;
} aliases[] = { { "EDEADLOCK", EDEADLK },
		{ "ENOTSUP", EOPNOTSUPP },
		{ "EWOULDBLOCK", EAGAIN } };

unsigned int ck_errno_number(const char *name, size_t length)
{
	const char *own = errnos;

	for (unsigned int number = 1; *own != '\0'; number++) {
		size_t size = strlen(own);

		if (size == length && memcmp(own, name, length) == 0 && size > 1)
			return number;
		own += size + 1;
	}
	for (size_t i = 0; i < CK_ARRAY_SIZE(aliases); i++)
		if (strlen(aliases[i].name) == length &&
		    memcmp(aliases[i].name, name, length) == 0)
			return aliases[i].number;
	return 0;
}

const char *ck_errno_name(unsigned int number)
{
	const char *own = errnos;

	if (number == 0)
		return NULL;
	while (--number > 0 && *own != '\0')
		own += strlen(own) + 1;
	return *own != '\0' && *own != '-' ? own : NULL;
}

int ck_action_parse(const char *word, size_t length, uint32_t *ret)
{
	unsigned int number = ck_errno_number(word, length);

	if (number != 0) {
		*ret = CK_ACT_ERRNO | number;
		return 0;
	}
	for (size_t i = 0; i < CK_ARRAY_SIZE(words); i++)
		if (strlen(words[i].word) == length &&
		    memcmp(words[i].word, word, length) == 0) {
			*ret = words[i].action;
			return 0;
		}
	return -EINVAL;
}

const char *ck_action_text(struct ck_arena *arena, uint32_t action)
{
	const char *name = ck_errno_name(action & 0xffffU);

	if ((action & 0xffff0000U) == CK_ACT_ERRNO)
		return name != NULL ? name :
				      ck_format(arena, "errno %u", action & 0xffffU);
	for (size_t i = 0; i < CK_ARRAY_SIZE(words); i++)
		if (words[i].action == action)
			return words[i].word;
	if ((action & 0xffff0000U) == CK_ACT_TRACE)
		return "trace";
	return action == CK_ACT_NOTIFY ? "notify" :
					 ck_format(arena, "action 0x%08x", action);
}
