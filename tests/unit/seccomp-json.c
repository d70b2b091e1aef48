/* SPDX-License-Identifier: MIT */
/*
 * Conversion: the profiles of docker and podman, and others with every operator, against
 * libseccomp programs that are built from the same JSON the way runc does it, for every
 * number of three ABIs and the values around those compared. Differences are only those
 * listed here.
 */
#include <errno.h>
#include <jansson.h>
#include <seccomp.h>

#include "../../src/ctl-seccomp.h"
#include "runtime.h"

#define DOCKER \
	"/usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json"
#define PODMAN "/usr/share/containers/seccomp.json"
#define KERNEL CK_KERNEL(6U, 1U, 0U)

/* ---- comparison ---- */

struct pair {
	struct ck_program ours, theirs;
	const struct ck_rules *rules;
	const char *ini;
	uint64_t compared;
};

static void compare(struct pair *pair, const struct ck_call_data *data, const char *name)
{
	uint32_t a, b;

	assert_int_equal(ck_interpret(pair->ours.code, pair->ours.count, data, &a, NULL),
			 0);
	assert_int_equal(
		ck_interpret(pair->theirs.code, pair->theirs.count, data, &b, NULL), 0);
	pair->compared++;
	if (a != b)
		fail_msg("%s (arch %x nr %x) with %lx %lx %lx: %x, runc %x\n%s", name,
			 data->arch, data->nr, data->args[0], data->args[1],
			 data->args[2], a, b, pair->ini);
}

static bool is_conditional(const struct ck_rules *rules, const char *name)
{
	int call = ck_call_find(name, strlen(name));
	const struct ck_rule *rule = call < 0 ? NULL : rules->by_call[call];

	for (; rule != NULL; rule = rule->next)
		if (rule->count != 0)
			return true;
	return false;
}

/* Values for the first three arguments: all that some rule compares, and with raw64 their
 * like with upper halves. */
static void compare_call(struct pair *pair, enum ck_abi abi, uint32_t nr,
			 const char *name, bool raw)
{
	struct ck_call_data data = { .arch = ck_abi_arch(abi) };
	uint64_t high = raw && abi == CK_ABI_X86_64 ? UINT64_C(1) << 32 : 0;

	data.nr = nr | (abi == CK_ABI_X32 ? CK_X32_BIT : 0);
	compare(pair, &data, name);
	if (!is_conditional(pair->rules, name))
		return;
	for (size_t i = 0; i < npoints; i++)
		for (size_t j = 0; j < npoints; j++)
			for (size_t k = 0; k < npoints; k++) {
				data.args[0] = (uint32_t)points[i];
				data.args[1] = (uint32_t)points[j];
				data.args[2] = (uint32_t)points[k];
				compare(pair, &data, name);
				data.args[i % 3] |= high;
				compare(pair, &data, name);
			}
}

static void compare_all(struct pair *pair, bool raw)
{
	static const uint32_t tokens[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86,
					   SCMP_ARCH_X32 };

	for (unsigned int abi = 0; abi < 3; abi++)
		for (uint32_t nr = 0; nr < CK_NUMBERS; nr++) {
			uint32_t shown = nr | (abi == CK_ABI_X32 ? CK_X32_BIT : 0);
			char *name =
				seccomp_syscall_resolve_num_arch(tokens[abi], (int)shown);

			if (name != NULL && (nr <= LAST_NUMBER || abi == CK_ABI_X32))
				compare_call(pair, abi, nr, name, raw);
			free(name);
		}
}

static char *slurp(const char *path, size_t *ret)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	if (file == NULL) {
		free(text);
		return NULL;
	}
	*ret = fread(text, 1, (1 << 20) - 1, file);
	fclose(file);
	return text;
}

/* INI -> entries, past the section's head. */
static void check(const char *json, size_t length, const char *const *held, bool raw,
		  const char *const *expected_notes, uint64_t *compared)
{
	static struct ck_insn code[8192];
	struct ck_arena arena = { 0 };
	struct ck_diags diags = { &arena, NULL, 0, 0 }, notes = { &arena, NULL, 0, 0 };
	struct ck_seccomp_input input = { "p.json",	  json,	  length, 0,
					  CK_MACHINE_X86, KERNEL, raw };
	struct ck_rules rules;
	struct pair pair = { .rules = &rules };
	json_t *root = json_loadb(json, length, 0, NULL);

	for (const char *const *cap = held; *cap != NULL; cap++)
		input.keep |= CK_CAP((unsigned int)ck_cap_number(*cap, strlen(*cap)));
	if (ck_seccomp_from_oci(&arena, &input, &diags, &notes, &pair.ini) < 0)
		fail_msg("%s", diag_text(&arena, &diags));
	for (size_t i = 0; i < notes.count; i++) {
		const char *const *note = expected_notes;

		while (*note != NULL && strcmp(*note, notes.list[i].text) != 0)
			note++;
		if (*note == NULL)
			fail_msg("note: %s: %s", notes.list[i].where, notes.list[i].text);
	}
	if (read_rules(&arena, strstr(pair.ini, "\n") + 1, 0, CK_MACHINE_X86, &diags,
		       &rules) < 0 ||
	    ck_filter_compile(&arena, &rules, NULL, &diags, &pair.ours) < 0)
		fail_msg("%s\n%s", pair.ini, diag_text(&arena, &diags));
	pair.theirs.code = code;
	pair.theirs.count = build(root, held, code, CK_ARRAY_SIZE(code));
	compare_all(&pair, raw);
	*compared += pair.compared;
	json_decref(root);
	ck_arena_free(&arena);
}

static const char *const no_caps[] = { NULL };
static const char *const docker_caps[] = { "CAP_CHOWN",
					   "CAP_DAC_OVERRIDE",
					   "CAP_FSETID",
					   "CAP_FOWNER",
					   "CAP_MKNOD",
					   "CAP_NET_RAW",
					   "CAP_SETGID",
					   "CAP_SETUID",
					   "CAP_SETFCAP",
					   "CAP_SETPCAP",
					   "CAP_NET_BIND_SERVICE",
					   "CAP_SYS_CHROOT",
					   "CAP_KILL",
					   "CAP_AUDIT_WRITE",
					   NULL };
static const char *const many_caps[] = { "CAP_SYS_ADMIN",  "CAP_SYS_PTRACE",
					 "CAP_SYS_TIME",   "CAP_DAC_READ_SEARCH",
					 "CAP_SYS_NICE",   "CAP_SYSLOG",
					 "CAP_SYS_MODULE", NULL };
static const char *const *const cap_sets[] = { no_caps, docker_caps, many_caps };

static const char *const expected_notes[] = {
	"socket is allowed and denied under conditions; where both hold, deny prevails here, and a runtime "
	"decides by the order of its tree",
	"'io_uring_frobnicate' is no system call that is known here; left out",
	"a rule for uname can never hold; left out", NULL
};

static void check_file(const char *path)
{
	uint64_t compared = 0;
	size_t length;
	char *json = slurp(path, &length);

	if (json == NULL) {
		print_message("%s is not installed\n", path);
		UNIT_SKIP("the file is not there");
		return;
	}
	for (size_t i = 0; i < CK_ARRAY_SIZE(cap_sets); i++) {
		check(json, length, cap_sets[i], false, expected_notes, &compared);
		check(json, length, cap_sets[i], true, expected_notes, &compared);
	}
	print_message("%s: %lu calls decided as runc does\n", path, compared);
	free(json);
}

static void docker(void **unused)
{
	(void)unused;
	check_file(DOCKER);
}

static void podman(void **unused)
{
	(void)unused;
	check_file(PODMAN);
}

/* clang-format off */
#define RULE(names, action, rest) "{\"names\":[" names "],\"action\":\"SCMP_ACT_" action "\"" rest "}"
#define ARG(index, op, value, two) \
	"{\"index\":" index ",\"op\":\"SCMP_CMP_" op "\",\"value\":" value ",\"valueTwo\":" two "}"
#define PROFILE(action, rules) \
	"{\"defaultAction\":\"SCMP_ACT_" action "\",\"architectures\":[\"SCMP_ARCH_X86\"," \
	"\"SCMP_ARCH_X32\"],\"syscalls\":[" RULE("\"execve\"", "ALLOW", "") "," rules "]}"

/* Every operator, repeated indexes, errno values, a default of allow, unknown names. */
static const char *const profiles[] = {
	PROFILE("ERRNO", RULE("\"prctl\"", "ALLOW", ",\"args\":[" ARG("1", "NE", "7", "0") "]") ","
		RULE("\"ioctl\"", "ALLOW", ",\"args\":[" ARG("1", "LT", "7", "0") "]") ","
		RULE("\"lseek\"", "ALLOW", ",\"args\":[" ARG("1", "LE", "7", "0") "]") ","
		RULE("\"write\"", "ALLOW", ",\"args\":[" ARG("2", "EQ", "7", "0") "]") ","
		RULE("\"read\"", "ALLOW", ",\"args\":[" ARG("2", "GE", "7", "0") "]") ","
		RULE("\"madvise\"", "ALLOW", ",\"args\":[" ARG("2", "GT", "7", "0") "]") ","
		RULE("\"mprotect\"", "ALLOW", ",\"args\":[" ARG("2", "MASKED_EQ", "7", "5") "]") ","
		RULE("\"fcntl\"", "ALLOW", ",\"args\":[" ARG("1", "MASKED_EQ", "6", "6") "]") ","
		/* a type and its flags are one word here */
		RULE("\"socketpair\"", "ALLOW", ",\"args\":[" ARG("1", "EQ", "1", "0") "]") ","
		RULE("\"socketpair\"", "ALLOW", ",\"args\":[" ARG("0", "EQ", "9", "0") ","
		     ARG("1", "EQ", "524289", "0") "]") ","
		/* bits that are not looked at */
		RULE("\"getppid\"", "ALLOW", ",\"args\":[" ARG("0", "MASKED_EQ", "1", "3") "]") ","
		RULE("\"kill\"", "ALLOW", ",\"args\":[" ARG("1", "MASKED_EQ", "6", "0") "]")),
	/* a repeated index means OR; different ones AND */
	PROFILE("ERRNO", RULE("\"prctl\"", "ALLOW", ",\"args\":[" ARG("0", "EQ", "3", "0") ","
			      ARG("0", "EQ", "9", "0") "]") ","
		RULE("\"lseek\"", "ALLOW", ",\"args\":[" ARG("0", "EQ", "3", "0") ","
		     ARG("2", "EQ", "1", "0") "]")),
	/* what is denied by name under a default of allow */
	PROFILE("ALLOW", RULE("\"ptrace\",\"mount\"", "ERRNO", ",\"errnoRet\":38") ","
		RULE("\"reboot\"", "KILL_PROCESS", "") "," RULE("\"swapon\"", "TRAP", "") ","
		RULE("\"getpid\"", "ERRNO", ",\"errnoRet\":13,\"args\":[" ARG("0", "MASKED_EQ", "1", "3") "]") ","
		RULE("\"acct\"", "KILL", "") "," RULE("\"bpf\"", "LOG", "") ","
		RULE("\"io_uring_frobnicate\"", "KILL", "") ","
		RULE("\"socket\"", "ERRNO", ",\"errnoRet\":97,\"args\":[" ARG("0", "EQ", "17", "0") "]")),
	PROFILE("KILL_PROCESS", RULE("\"uname\"", "ALLOW", ",\"args\":[" ARG("0", "LT", "0", "0") "]") ","
		RULE("\"read\",\"write\"", "ERRNO", "") "," RULE("\"futex\"", "ALLOW", "")),
};

/* clang-format on */

static void operators(void **unused)
{
	uint64_t compared = 0;

	(void)unused;
	for (size_t i = 0; i < CK_ARRAY_SIZE(profiles); i++) {
		check(profiles[i], strlen(profiles[i]), no_caps, false, expected_notes,
		      &compared);
		check(profiles[i], strlen(profiles[i]), no_caps, true, expected_notes,
		      &compared);
	}
	print_message("%zu small profiles: %lu calls decided as runc does\n",
		      CK_ARRAY_SIZE(profiles), compared);
}

/* clang-format off */
static const struct {
	const char *json, *errors, *notes, *ini;
} texts[] = {
	{ "[", "p.json:1: ']' expected near end of file\n", "", NULL },
	{ "{}", "p.json: this is no seccomp profile: it has no defaultAction\n", "", NULL },
	{ "{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}",
	  "p.json: the default action 'SCMP_ACT_NOTIFY' cannot be said in [seccomp]: the action "
	  "'SCMP_ACT_NOTIFY' has no counterpart. Write another one, such as SCMP_ACT_ERRNO\n", "", NULL },
	{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":4000}",
	  "p.json: the default action 'SCMP_ACT_ERRNO' cannot be said in [seccomp]: its errno has no "
	  "name. Write another one, such as SCMP_ACT_ERRNO\n", "", NULL },
	{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"read\"],\"action\":"
	  "\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":9,\"op\":\"SCMP_CMP_EQ\"}]}]}",
	  "p.json: syscalls[0]: an argument index is not 0 to 5\n", "", NULL },
	{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"read\"],\"action\":"
	  "\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"op\":\"SCMP_CMP_XX\"}]}]}",
	  "p.json: syscalls[0]: unknown operator 'SCMP_CMP_XX'\n", "", NULL },
	{ "{\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,"
	  "\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_TSYNC\"],\"syscalls\":["
	  "{\"names\":[\"read\",\"nosuch\"],\"action\":\"SCMP_ACT_ALLOW\"},"
	  "{\"names\":[\"write\"],\"action\":\"SCMP_ACT_NOTIFY\"},"
	  "{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"
	  "\"op\":\"SCMP_CMP_EQ\",\"value\":4294967297}]},"
	  "{\"names\":[\"kill\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":0}]}}}",
	  "",
	  "p.json: the flag 'SECCOMP_FILTER_FLAG_TSYNC' is left out\n"
	  "p.json: syscalls[0]: 'nosuch' is no system call that is known here; left out\n"
	  "p.json: syscalls[1]: the action 'SCMP_ACT_NOTIFY' has no counterpart; left to the default\n"
	  "p.json: syscalls[3]: its errno has no name; left to the default\n"
	  "p.json: syscalls[2]: socket(family) is compared with more than the 32 bits that the kernel "
	  "reads; kept as it is, with /64\n",
	  "[seccomp]\nbase    = @none\nabi     = native\ndefault = ENOSYS\nunknown = ENOSYS\n"
	  "caps    = ignore\nflags   = log\nallow   = read socket(family/64: 0x100000001)\n" },
	/* containers-common says the errno by name as well, and that one counts */
	{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrno\":\"ENOSYS\",\"defaultErrnoRet\":1,"
	  "\"syscalls\":[{\"names\":[\"kill\"],\"action\":\"SCMP_ACT_ERRNO\",\"errno\":\"EPERM\"},"
	  "{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":null,\"errnoRet\":null,"
	  "\"includes\":{\"minKernel\":\"4.8\",\"caps\":null},\"excludes\":{\"minKernel\":\"6.2\"}}]}",
	  "", "",
	  "[seccomp]\nbase    = @none\nabi     = native\ndefault = ENOSYS\nunknown = ENOSYS\n"
	  "caps    = ignore\ndeny    = kill=EPERM\nallow   = read\n" },
	/* what is left to the default action decides there as the rule that it stands for */
	{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
	  RULE("\"mount\"", "NOTIFY", "") ","
	  RULE("\"mount\",\"read\"", "ALLOW", ",\"args\":[" ARG("3", "EQ", "4096", "0") "]") ","
	  RULE("\"lseek\"", "ALLOW", ",\"args\":[" ARG("0", "EQ", "3", "0") "]") ","
	  RULE("\"lseek\"", "TRACE", ",\"args\":[" ARG("2", "EQ", "1", "0") "]") "]}",
	  "",
	  "p.json: syscalls[0]: the action 'SCMP_ACT_NOTIFY' has no counterpart; left to the default\n"
	  "p.json: syscalls[3]: the action 'SCMP_ACT_TRACE' has no counterpart; left to the default\n"
	  "p.json: lseek is allowed and denied under conditions; where both hold, deny prevails here, "
	  "and a runtime decides by the order of its tree\n",
	  "[seccomp]\nbase    = @none\nabi     = native\ndefault = EPERM\nunknown = ENOSYS\n"
	  "caps    = ignore\nallow   = lseek(fd: 3)\ndeny    = lseek(whence: 1)=EPERM\nallow   = read(arg3: 4096)\n" },
	/* a condition that always holds leaves nothing for the others */
	{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":["
	  RULE("\"getpid\"", "ALLOW", ",\"args\":[" ARG("0", "EQ", "5", "0") "]") ","
	  RULE("\"getpid\"", "ERRNO", ",\"errnoRet\":13,\"args\":[" ARG("0", "GE", "0", "0") "]") ","
	  RULE("\"getpid\"", "ERRNO", ",\"errnoRet\":2,\"args\":[" ARG("1", "GE", "0", "0") "]") "]}",
	  "",
	  "p.json: syscalls[1]: a rule for getpid holds whatever the arguments; weaker ones are left "
	  "out beside it, and a runtime decides by the order of its tree\n",
	  "[seccomp]\nbase    = @all\nabi     = native\ndefault = allow\nunknown = allow\n"
	  "caps    = ignore\ndeny    = getpid=EACCES\n" },
	{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":["
	  RULE("\"getpid\"", "LOG", ",\"args\":[" ARG("0", "GE", "0", "0") "]") ","
	  RULE("\"getpid\"", "ERRNO", ",\"args\":[" ARG("0", "EQ", "5", "0") "]") ","
	  RULE("\"getppid\"", "ERRNO", ",\"errnoRet\":2,\"args\":[" ARG("1", "GE", "0", "0") "]") ","
	  RULE("\"getppid\"", "LOG", ",\"args\":[" ARG("0", "EQ", "7", "0") "]") ","
	  RULE("\"getppid\"", "KILL_PROCESS", ",\"args\":[" ARG("0", "EQ", "5", "0") "]") "]}",
	  "",
	  "p.json: syscalls[2]: a rule for getppid holds whatever the arguments; weaker ones are left "
	  "out beside it, and a runtime decides by the order of its tree\n",
	  "[seccomp]\nbase    = @all\nabi     = native\ndefault = allow\nunknown = allow\n"
	  "caps    = ignore\ndeny    = getpid(arg0: 5)=EPERM getpid=log getppid(arg0: 5)=kill "
	  "getppid=ENOENT\n" },
	/* members that nobody knows */
	{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"comment\":[],\"listenerPath\":\"/x\",\"version\":1,"
	  "\"archMap\":[{\"arch\":\"SCMP_ARCH_X86_64\"}],"
	  "\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\",\"comment\":\"x\",\"arg\":[]},"
	  "{\"names\":[\"lseek\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":3,"
	  "\"op\":\"SCMP_CMP_EQ\",\"mask\":7}]}]}",
	  "",
	  "p.json: 'version' is no member that is known here; left out\n"
	  "p.json: archMap[0]: 'arch' is no member that is known here; left out\n"
	  "p.json: syscalls[0]: 'arg' is no member that is known here; left out\n"
	  "p.json: syscalls[1].args[0]: 'mask' is no member that is known here; left out\n",
	  "[seccomp]\nbase    = @none\nabi     = native\ndefault = EPERM\nunknown = ENOSYS\n"
	  "caps    = ignore\nallow   = read lseek(fd: 3)\n" },
};

/* A profile with one rule, and what is refused in it. */
#define BAD(action, rule, error) \
	{ "{\"defaultAction\":\"SCMP_ACT_" action "\",\"syscalls\":[{" rule "}]}", \
	  "p.json: syscalls[0]" error "\n" }
#define CASE " is read by docker, podman and runc, which do not look at case; write "
#define ALLOWED "\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\""
static const struct {
	const char *json, *errors;
} refused[] = {
	/* what a default of allow would let through */
	BAD("ALLOW", "\"names\":[\"read\"],\"action\":\"SCMP_ACT_DENY\"",
	    ": the action 'SCMP_ACT_DENY' has no counterpart; the default action would let it through. "
	    "Write one that denies, such as SCMP_ACT_ERRNO"),
	BAD("LOG", "\"names\":[\"read\"]",
	    ": the action '' has no counterpart; the default action would let it through. "
	    "Write one that denies, such as SCMP_ACT_ERRNO"),
	BAD("ALLOW", "\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":0",
	    ": its errno has no name; the default action would let it through. "
	    "Write one that denies, such as SCMP_ACT_ERRNO"),
	BAD("ALLOW", "\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\",\"errno\":\"EPRM\"",
	    ": its errno has no name; the default action would let it through. "
	    "Write one that denies, such as SCMP_ACT_ERRNO"),
	/* types */
	BAD("ERRNO", "\"names\":\"read\"", ": 'names' is a string; it has to be a list"),
	BAD("ERRNO", "\"names\":[\"read\",7]", ": 'names'[1] is a whole number; it has to be a string"),
	BAD("ERRNO", "\"action\":\"SCMP_ACT_ALLOW\"", ": it has no 'names'"),
	BAD("ERRNO", "\"names\":[\"read\"],\"action\":true", ": 'action' is true; it has to be a string"),
	BAD("ERRNO", ALLOWED ",\"errnoRet\":\"38\"",
	    ": 'errnoRet' is a string; it has to be a whole number"),
	BAD("ERRNO", ALLOWED ",\"args\":{}", ": 'args' is an object; it has to be a list"),
	BAD("ERRNO", ALLOWED ",\"args\":[null]", ": 'args'[0] is null; it has to be an object"),
	BAD("ERRNO", ALLOWED ",\"args\":[{\"index\":\"1\",\"op\":\"SCMP_CMP_EQ\"}]",
	    ".args[0]: 'index' is a string; it has to be a whole number"),
	BAD("ERRNO", ALLOWED ",\"args\":[{\"index\":1,\"value\":2.0,\"op\":\"SCMP_CMP_EQ\"}]",
	    ".args[0]: 'value' is a broken number; it has to be a whole number"),
	BAD("ERRNO", ALLOWED ",\"args\":[{\"index\":1,\"value\":-2,\"op\":\"SCMP_CMP_EQ\"}]",
	    ": an argument is compared with a negative number; registers have none"),
	BAD("ERRNO", ALLOWED ",\"args\":[{\"value\":1,\"op\":\"SCMP_CMP_EQ\"}]",
	    ": an argument index is not 0 to 5"),
	BAD("ERRNO", ALLOWED ",\"includes\":[]", ": 'includes' is a list; it has to be an object"),
	BAD("ERRNO", ALLOWED ",\"includes\":{\"caps\":\"CAP_SYS_ADMIN\"}",
	    ".includes: 'caps' is a string; it has to be a list"),
	BAD("ERRNO", ALLOWED ",\"excludes\":{\"cap\":[\"CAP_SYS_ADMIN\"]}",
	    ".excludes: 'cap' is no condition that is known here; there are caps, arches and minKernel"),
	BAD("ERRNO", ALLOWED ",\"includes\":{\"minKernel\":\"v4.8\"}",
	    ".includes: minKernel 'v4.8' is no version such as 4.8"),
	BAD("ERRNO", ALLOWED ",\"includes\":{\"minKernel\":\"4\"}",
	    ".includes: minKernel '4' is no version such as 4.8"),
	BAD("ERRNO", ALLOWED ",\"includes\":{\"minKernel\":\"4294967300.8\"}",
	    ".includes: minKernel '4294967300.8' is no version such as 4.8"),
	{ "[]", "p.json: a seccomp profile is a list; it has to be an object\n" },
	{ "{\"defaultAction\":7}", "p.json: 'defaultAction' is a whole number; it has to be a string\n" },
	{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":{}}",
	  "p.json: 'syscalls' is an object; it has to be a list\n" },
	{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[[]]}",
	  "p.json: 'syscalls'[0] is a list; it has to be an object\n" },
	/* docker, podman and runc do not compare the case of names, and take these for members */
	{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"Syscalls\":[]}",
	  "p.json: 'Syscalls'" CASE "'syscalls'\n" },
	{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"\u017fyscalls\":[]}",
	  "p.json: '\u017fyscalls'" CASE "'syscalls'\n" },
	{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"archmap\":null}",
	  "p.json: 'archmap'" CASE "'archMap'\n" },
	{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"archMap\":[{\"subarchitectures\":[]}]}",
	  "p.json: archMap[0]: 'subarchitectures'" CASE "'subArchitectures'\n" },
	BAD("ERRNO", ALLOWED ",\"Args\":[]", ": 'Args'" CASE "'args'"),
	BAD("ERRNO", ALLOWED ",\"INCLUDES\":{}", ": 'INCLUDES'" CASE "'includes'"),
	BAD("ERRNO", ALLOWED ",\"errnoret\":1,\"errnoRet\":2", ": 'errnoret'" CASE "'errnoRet'"),
	BAD("ERRNO", ALLOWED ",\"args\":[{\"index\":1,\"valuetwo\":2,\"op\":\"SCMP_CMP_EQ\"}]",
	    ".args[0]: 'valuetwo'" CASE "'valueTwo'"),
	{ "{\"Linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\"}}}",
	  "p.json: 'Linux'" CASE "'linux'\n" },
	{ "{\"linux\":{\"SECCOMP\":{\"defaultAction\":\"SCMP_ACT_ERRNO\"}}}",
	  "p.json: 'SECCOMP'" CASE "'seccomp'\n" },
	{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":\"SCMP_ARCH_X86\"}",
	  "p.json: 'architectures' is a string; it has to be a list\n" },
	{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"archMap\":[{\"subArchitectures\":7}]}",
	  "p.json: archMap[0]: 'subArchitectures' is a whole number; it has to be a list\n" },
};

/* clang-format on */

static void check_text(const char *json, const char *errors, const char *said,
		       const char *wanted)
{
	struct ck_arena arena = { 0 };
	struct ck_diags diags = { &arena, NULL, 0, 0 }, notes = { &arena, NULL, 0, 0 };
	struct ck_seccomp_input input = { "p.json",	  json,	  strlen(json), 0,
					  CK_MACHINE_X86, KERNEL, false };
	const char *ini = NULL;
	int rc = ck_seccomp_from_oci(&arena, &input, &diags, &notes, &ini);

	assert_string_equal(diag_text(&arena, &diags), errors);
	assert_string_equal(diag_text(&arena, &notes), said);
	assert_int_equal(rc, wanted == NULL ? -EINVAL : 0);
	if (wanted != NULL)
		assert_string_equal(ini, wanted);
	ck_arena_free(&arena);
}

static void says_exactly(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < CK_ARRAY_SIZE(texts); i++)
		check_text(texts[i].json, texts[i].errors, texts[i].notes, texts[i].ini);
	for (size_t i = 0; i < CK_ARRAY_SIZE(refused); i++)
		check_text(refused[i].json, refused[i].errors, "", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(docker),
		cmocka_unit_test(podman),
		cmocka_unit_test(operators),
		cmocka_unit_test(says_exactly),
	};

	if (unit_in_valgrind()) /* the others ask millions of calls */
		return unit_run("seccomp-json", &tests[3], 1);
	return UNIT_RUN(tests);
}
