# SPDX-License-Identifier: MIT
# Docker's or Podman's profile -> linux.seccomp of a configuration for amd64, as the engines
# do it: $caps are those of the container, $kernel is "6.1" and the like.
def list: . // [];
def at_least($wanted): ($kernel | split(".") | map(tonumber)) >= ($wanted | split(".") | map(tonumber));
def held: . as $cap | $caps | index($cap) != null;
def excluded: .excludes // {} | (.caps | list | any(held)) or (.arches | list | index("amd64") != null)
	or (.minKernel != null and at_least(.minKernel));
def included: .includes // {} | (.caps | list | all(held))
	and ((.arches | list | length) == 0 or (.arches | index("amd64") != null))
	and (.minKernel == null or at_least(.minKernel));
{ defaultAction, defaultErrnoRet,
  architectures: [.archMap[] | select(.architecture == "SCMP_ARCH_X86_64") | .architecture, .subArchitectures[]],
  syscalls: [.syscalls[] | select((excluded | not) and included)
	| {names: .names, action, errnoRet, args: (.args | list)} | del(..|nulls)] } | del(.. | nulls)
