/* SPDX-License-Identifier: GPL-2.0 */
/* What must survive a restart and is not in the kernel: files in a directory */
#ifndef DVPND_STATE_H
#define DVPND_STATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "nhrp/types.h"

struct state;

/**
 * state_open() - read the state file and lock its directory
 * @dir: directory, made if it is not there (its parent must be).
 * @uid: user that it and what is in it are given to, -1: nobody else.
 * @gid: group, likewise.
 * @s: where to put it.
 *
 * A file that is missing or cannot be understood is no error: the numbers start
 * from the clock then, and a line says so.
 *
 * Return: 0; -EBUSY if another dvpnd uses the directory; another negative errno.
 */
int state_open(const char *dir, uid_t uid, gid_t gid, struct state **s);

/**
 * state_close() - give it back
 * @s: or NULL.
 */
void state_close(struct state *s);

/**
 * state_request_ids() - numbers that were never used before (RFC 2332, 5.2.3)
 * @s: state.
 * @count: how many.
 *
 * The file has the new mark before this returns, so that a crash cannot give
 * them out twice. If it cannot be written an error is logged.
 *
 * Return: the first one, never 0.
 */
u32 state_request_ids(struct state *s, u32 count);

/**
 * state_epoch() - a number greater than all before
 * @s: state.
 *
 * The seconds of the clock, or one more than the last, whichever is greater. The file has
 * it before this returns; if it cannot be written an error is logged. So is it after
 * UINT32_MAX, when all that can be had is the clock.
 *
 * Return: never 0.
 */
u32 state_epoch(struct state *s);

/**
 * state_read() - read a file of the directory
 * @s: state.
 * @name: of the file, without directory.
 * @max: longest that is read, bytes.
 * @text: to be freed by the caller, with a NUL after the last byte.
 * @len: bytes of @text.
 *
 * Return: 0 or a negative errno: -ENOENT no such file, -EFBIG longer than @max, -EINVAL
 * no plain file.
 */
int state_read(struct state *s, const char *name, size_t max, char **text, size_t *len);

/**
 * state_replace() - make or replace a file of the directory
 * @s: state.
 * @name: of the file, without directory.
 * @text: what is to be in it.
 * @len: bytes of @text.
 * @sync: it is to be on the disk before this returns.
 *
 * Nobody else may read it. On failure the old one stays.
 *
 * Return: 0 or a negative errno.
 */
int state_replace(struct state *s, const char *name, const char *text, size_t len, bool sync);

/**
 * state_remove() - remove a file of the directory, if it is there
 * @s: state.
 * @name: of the file, without directory.
 */
void state_remove(struct state *s, const char *name);

#endif /* DVPND_STATE_H */
