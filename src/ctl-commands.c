/* SPDX-License-Identifier: MIT */
/* The one table of commands: the parser, --help, the manual's check and completion read
 * it. */
#include "ctl.h"

const struct ck_ctl_option ck_common_options[] = {
	{ 0, false, "json", NULL, "print JSON, for programs", NULL },
	{ 0, false, "color", "WHEN",
	  "in colour: auto, always or never; never where NO_COLOR is set",
	  "auto always never" },
	{ 'h', false, "help", NULL, "print this and exit", NULL },
	{ 0, false, NULL, NULL, NULL, NULL },
};

static const struct ck_ctl_option show_options[] = {
	{ 'a', false, "all", NULL, "every process, not only those that hold a capability",
	  NULL },
	{ 't', false, "tree", NULL, "as a tree of parents and children", NULL },
	{ 'T', false, "threads", NULL, "every thread: each has sets of its own", NULL },
	{ 'c', false, "container", NULL, "grouped by container, as the cgroups tell",
	  NULL },
	{ 0, false, "filter", "PROFILE",
	  "in place of processes, the filter of a profile, one instruction a line",
	  CK_TAKES_PROFILE },
	{ 'w', false, "wide", NULL, "all five sets in full, one process after the other",
	  NULL },
	{ 0, false, NULL, NULL, NULL, NULL },
};

static const struct ck_ctl_option check_options[] = {
	{ 0, false, "as", "STATE",
	  "start from: root (default), docker, podman, restricted, k8s-baseline, "
	  "self, a PID, or a file ('show --json PID', or a copy of /proc/PID/status)",
	  CK_AS_WORDS CK_OR_FILE },
	{ 0, false, "passwd", "FILE", "look users up here, in place of /etc/passwd",
	  CK_TAKES_FILE },
	{ 0, false, "group", "FILE", "look groups up here, in place of /etc/group",
	  CK_TAKES_FILE },
	{ 0, false, "strict", NULL, "warnings count as findings: exit 1", NULL },
	{ 0, false, "sarif", NULL, "print SARIF 2.1.0, for code scanning", NULL },
	{ 0, false, NULL, NULL, NULL, NULL },
};

static const struct ck_ctl_option explain_options[] = {
	{ 0, false, "as", "STATE",
	  "with a command: start from this state (as in check), default self",
	  CK_AS_WORDS CK_OR_FILE },
	{ 0, false, NULL, NULL, NULL, NULL },
};

static const struct ck_ctl_option audit_options[] = {
	{ 'd', true, "docker", "FILE", "what docker inspect prints; - is standard input",
	  CK_TAKES_FILE },
	{ 'k', true, "kubernetes", "FILE",
	  "pods and objects with a pod template, YAML or JSON; -", CK_TAKES_FILE },
	{ 'c', true, "compose", "FILE", "a compose file; -", CK_TAKES_FILE },
	{ 'p', true, "profile", "FILE", "a profile of capkeep", CK_TAKES_PROFILE },
	{ 'l', false, "level", "LEVEL",
	  "by the level baseline (default; restricted only warns) or restricted",
	  "baseline restricted" },
	{ 0, false, "threshold", "N", "exit 1 only with more than N failures",
	  CK_TAKES_ANY },
	{ 'a', false, "all", NULL, "what passes as well, and every name", NULL },
	{ 0, false, "junit", NULL, "print JUnit XML", NULL },
	{ 0, false, NULL, NULL, NULL, NULL },
};

#define FORMATS "ini docker podman compose kubernetes systemd oci setpriv capsh label"
static const struct ck_ctl_option convert_options[] = {
	{ 't', false, "to", "FORMAT", "write " FORMATS, FORMATS },
	{ 'f', false, "from", "FORMAT", "what FILE is; guessed where it is not said",
	  FORMATS },
	{ 'n', false, "name", "NAME", "the container or service, of several",
	  CK_TAKES_ANY },
	{ 'k', false, "keep", "LIST", "capabilities in place of those of FILE",
	  CK_TAKES_CAPS },
	{ 0, false, "raw64", NULL,
	  "of a seccomp profile, compare all 64 bits of arguments, also where the kernel "
	  "reads 32",
	  NULL },
	{ 0, false, "strict", NULL, "exit 1 where something could not be carried over",
	  NULL },
	{ 0, false, NULL, NULL, NULL, NULL },
};

static const struct ck_ctl_option learn_options[] = {
	{ 'o', false, "output", "FILE",
	  "write the profile here; default: standard output", CK_TAKES_FILE },
	{ 0, true, "check", "CMD",
	  "succeeds only while the command does its work; of several, each in its order",
	  CK_TAKES_ANY },
	{ 0, false, "ready", "CMD", "succeeds as soon as --check makes sense",
	  CK_TAKES_ANY },
	{ 0, false, "setup", "CMD", "run before each run: makes things as they were",
	  CK_TAKES_ANY },
	{ 0, false, "stop", "CMD", "ends the command; default: SIGTERM", CK_TAKES_ANY },
	{ 'u', false, "user", "USER[:GROUP]", "learn for the command as this user",
	  CK_TAKES_ANY },
	{ 0, false, "seccomp", NULL, "learn a system call filter too", NULL },
	{ 0, false, "timeout", "SECONDS", "of a run with everything; default 60",
	  CK_TAKES_ANY },
	{ 0, false, "trace", "HOW",
	  "watch what the kernel asks for: auto (default), off, tracefs, perf",
	  "auto off tracefs perf" },
	{ 0, false, NULL, NULL, NULL, NULL },
};

const struct ck_command ck_commands[] = {
	{ .name = "show",
	  .run = ck_ctl_show,
	  .json = true,
	  .takes = CK_TAKES_PID,
	  .help = "Show which capabilities processes hold",
	  .usage = "[OPTION...] [PID|self...]",
	  .about = "Without arguments, every process that holds any capability. Sets are "
		   "written "
		   "short: 'docker-default -NET_RAW' is what docker gives without "
		   "NET_RAW.",
	  .options = show_options,
	  .examples = { { CK_CTL " show --tree",
			  "who holds capabilities, and who started them" },
			{ CK_CTL " show --wide self",
			  "what this shell would hand on" } } },
	{ .name = "check",
	  .run = ck_ctl_check,
	  .json = true,
	  .takes = CK_TAKES_PROFILE,
	  .help = "Check profiles with the launcher's own parser and planner",
	  .usage = "[OPTION...] PROFILE...",
	  .about = "Every problem with its line and its remedy, as the launcher would "
		   "report it, and "
		   "warnings of what starts but should be thought over. Exit 0: all of "
		   "them start. "
		   "Usable in a Dockerfile's RUN and in CI.",
	  .options = check_options,
	  .examples = { { CK_CTL " check --as docker ./nginx.ini",
			  "does it start in a container without options?" },
			{ CK_CTL " check --strict --sarif deploy/*.ini >capkeep.sarif",
			  "for code scanning, failing on warnings too" } } },
	{ .name = "explain",
	  .run = ck_ctl_explain,
	  .json = true,
	  .command = true,
	  .takes = CK_TAKES_CAPS CK_OR_FILE,
	  .help = "Explain capabilities, masks, profiles and what a filter answers",
	  .usage = "[OPTION...] CAP|MASK|PROFILE... [-- COMMAND [ARG...]], or PROFILE "
		   "SYSCALL [ARG...]",
	  .about =
		  "A capability: what it allows, what it is mistaken for, who gives it "
		  "by default, how "
		  "far it reaches, and what is cheaper. A mask in hexadecimal is taken "
		  "apart. A "
		  "profile with a command: the sets before and after exec, and why. A profile "
		  "with a system call: what its filter answers, and which line says so; exit "
		  "1 where the call is not allowed.",
	  .options = explain_options,
	  .examples = { { CK_CTL " explain NET_RAW 0xa80425fb",
			  "one capability, and docker's mask" },
			{ CK_CTL " explain ./app.ini socket AF_NETLINK SOCK_RAW",
			  "may it open a netlink socket?" },
			{ CK_CTL " explain --as docker ./nginx.ini -- nginx",
			  "what nginx would hold in a container" } } },
	{ .name = "audit",
	  .run = ck_ctl_audit,
	  .json = true,
	  .takes = CK_TAKES_PID,
	  .help = "Audit containers, pods, processes and profiles",
	  .usage = "[OPTION...] [PID...]",
	  .about =
		  "CIS Docker 4.1, 5.4 [5.3 before 1.6], 5.5 [5.4], 5.22 [5.21], 5.26 "
		  "[5.25] on docker, "
		  "compose, processes and profiles; the Pod Security Standards on "
		  "Kubernetes. Of a "
		  "container that runs here, what is configured stands beside what is in "
		  "force. "
		  "Exit 1 where something fails.",
	  .options = audit_options,
	  .examples = { { "docker inspect $(docker ps -q) | " CK_CTL " audit --docker -",
			  "every container that runs" },
			{ "kubectl get pods -A -o json | " CK_CTL
			  " audit --kubernetes - --level restricted",
			  "a whole cluster" } } },
	{ .name = "convert",
	  .run = ck_ctl_convert,
	  .json = true,
	  .takes = CK_TAKES_FILE,
	  .help = "Convert what a program needs from one dialect into another",
	  .usage = "--to FORMAT [--from FORMAT] [OPTION...] FILE",
	  .about = "FILE is a profile, docker inspect, a line of docker, podman, setpriv "
		   "or capsh, a "
		   "compose file, a pod, a systemd unit, an OCI config.json or a "
		   "Dockerfile's LABEL; - is "
		   "standard input, but for a profile. What the target cannot say is "
		   "noted on standard error.",
	  .options = convert_options,
	  .examples = { { CK_CTL " convert --to docker /etc/capkeep/nginx.ini",
			  "the flags that go with a profile" },
			{ CK_CTL
			  " convert --to systemd --from compose --name web compose.yaml",
			  "a service of compose as a drop-in" } } },
	{ .name = "verify",
	  .run = ck_ctl_verify,
	  .json = true,
	  .takes = CK_TAKES_PID,
	  .then = CK_TAKES_PROFILE,
	  .help = "Compare a running process with a profile",
	  .usage = "[OPTION...] PID|self PROFILE",
	  .about = "Exit 0 where the process holds exactly what the profile says, 1 with "
		   "the "
		   "differences. The securebits of another process cannot be read.",
	  .examples = { { CK_CTL " verify 1 nginx",
			  "as the health check of a container" },
			{ CK_CTL
			  " verify --json \"$(pidof -s nginx)\" /etc/capkeep/nginx.ini",
			  "as an assertion in CI" } } },
	{ .name = "learn",
	  .run = ck_ctl_learn,
	  .json = true,
	  .command = true,
	  .takes = CK_TAKES_ANY,
	  .help = "Learn the smallest set with which a command works",
	  .usage = "[OPTION...] -- COMMAND [ARG...]",
	  .about =
		  "Runs COMMAND again and again, each time with other capabilities, by the "
		  "launcher's own code. It works where it exits with 0 and, where given, "
		  "every --check succeeds while it runs. The profile says for each capability "
		  "which call is refused without it, and what would be cheaper.",
	  .exits =
		  "0 found and proven, 1 found but not proven, 2 usage, 125 could not do "
		  "it, 129, 130 or 143 interrupted.",
	  .options = learn_options,
	  .examples = { { CK_CTL " learn -o nginx.ini --check 'curl -fsS "
				 "http://127.0.0.1/' -- nginx -g 'daemon off;'",
			  "a server, with a check of what it is there for" },
			{ CK_CTL " learn --setup 'rm -rf /tmp/out' -- ./backup.sh "
				 "/tmp/out",
			  "a script that ends by itself" } } },
	{ .name = "list",
	  .run = ck_ctl_list,
	  .json = true,
	  .takes = "capabilities presets profiles groups syscalls",
	  .help = "List the tables that the programs work with",
	  .usage = "[OPTION...] capabilities|presets|profiles|groups|syscalls",
	  .examples = { { CK_CTL " list capabilities",
			  "all 41, who gives them, how far they reach" },
			{ CK_CTL " list profiles",
			  "the profiles that -p finds by name" } } },
	{ .name = "trace",
	  .run = ck_ctl_trace,
	  .json = true,
	  .command = true,
	  .takes = CK_TAKES_PROFILE,
	  .help = "Run a command and say what the filter of a profile would deny",
	  .usage = "[OPTION...] PROFILE -- COMMAND [ARG...]",
	  .about =
		  "Nothing is denied: each call that would be is said on standard error, with "
		  "its arguments and the deciding line, and goes on. Only the filter is "
		  "tried, with the rights of the caller. Needs Linux 5.5 and no privilege.",
	  .exits =
		  "0 nothing would be denied, 1 something would be, 2 usage, 125 could not "
		  "do it, 126 the command cannot be executed, 127 it was not found.",
	  .examples = { { CK_CTL " trace ./app.ini -- ./app --self-test",
			  "what would its self-test miss?" },
			{ CK_CTL
			  " trace --json ./app.ini -- ./app 2>/dev/null >calls.json",
			  "for programs; behind what the command printed" } } },
	{ .name = "completion",
	  .run = ck_ctl_completion,
	  .takes = "bash zsh fish",
	  .help = "Print the completion script for a shell",
	  .usage = "bash|zsh|fish",
	  .examples = { { "source <(" CK_CTL " completion bash)", "for this shell only" },
			{ CK_CTL " completion fish >~/.config/fish/completions/" CK_CTL
				 ".fish",
			  "for good" } } },
};

const size_t ck_commands_count = CK_ARRAY_SIZE(ck_commands);
