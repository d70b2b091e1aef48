/* SPDX-License-Identifier: MIT */
/*
 * place.h - the operations of start that are about where it runs: processes, terminals,
 * directories, user namespaces, and an outer seccomp filter.
 */
#ifndef PLACE_H
#define PLACE_H

void op_fork(const char *value);
void op_setsid(const char *value);
void op_pgrp(const char *value);
void op_estrange(const char *value);
void op_pty(const char *value);
void op_foreground(const char *value);
void op_chdir(const char *value);
void op_chroot(const char *value);
void op_umask(const char *value);
void op_userns(const char *value);
void op_userns_deny(const char *value);
void op_userns_unmapped(const char *value);
void op_arm(const char *value);
void op_filter(const char *value);

#endif
