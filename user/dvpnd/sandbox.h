/* SPDX-License-Identifier: GPL-2.0 */
/* Rights that the daemon does without */
#ifndef DVPND_SANDBOX_H
#define DVPND_SANDBOX_H

#include <sys/types.h>

/**
 * enum sandbox_seccomp - what to do about system calls that are not on the list
 * @SANDBOX_ENFORCE: die, naming the call.
 * @SANDBOX_LOG: let the kernel log them, and go on.
 * @SANDBOX_OFF: nothing.
 */
enum sandbox_seccomp {
	SANDBOX_ENFORCE,
	SANDBOX_LOG,
	SANDBOX_OFF,
};

/**
 * sandbox_user() - which user to become
 * @name: from the config file; empty: stay who we are.
 * @is_default: @name was not configured: it may be missing.
 * @uid: where to put its id, -1: stay.
 * @gid: where to put its group.
 *
 * Only the superuser becomes somebody else.
 *
 * Return: 0, or -ENOENT if a user that was configured does not exist.
 */
int sandbox_user(const char *name, int is_default, uid_t *uid, gid_t *gid);

/**
 * sandbox_drop() - keep CAP_NET_ADMIN and nothing else
 * @uid: user to become, -1: stay.
 * @gid: its group.
 *
 * Return: 0 or a negative errno: -EPERM if we do not have that capability.
 */
int sandbox_drop(uid_t uid, gid_t gid);

/**
 * sandbox_drop_all() - keep no capability
 * @uid: user to become, -1: stay.
 * @gid: its group.
 *
 * Return: 0 or a negative errno.
 */
int sandbox_drop_all(uid_t uid, gid_t gid);

/**
 * sandbox_hide() - there are secrets in our memory
 *
 * From now on there is no core file, and no debugger of the same user. Not for those who
 * have nothing to hide: LeakSanitizer looks at a process as a debugger does.
 *
 * Return: 0 or a negative errno.
 */
int sandbox_hide(void);

/**
 * sandbox_seccomp() - from now on only system calls that the daemon needs
 * @mode: what to do about others.
 *
 * Return: 0 or a negative errno.
 */
int sandbox_seccomp(enum sandbox_seccomp mode);

/**
 * sandbox_seccomp_resolver() - the same for the process that looks up names
 * @mode: what to do about others; with SANDBOX_ENFORCE they fail with EPERM: nobody
 *	makes that process anew if it dies.
 *
 * Return: 0 or a negative errno.
 */
int sandbox_seccomp_resolver(enum sandbox_seccomp mode);

#endif /* DVPND_SANDBOX_H */
