/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bindings file of a tunnel: who is registered with it, for a reboot
 *
 * One a tunnel in the state directory, "bindings.NAME":
 *
 *     dvpn-bindings 2 SAVED-AT
 *     b PROTOCOL NBMA gre|udp PORT MARK IF-ID CLAIMED HOLDING-TIME EXPIRES-AT u|- REQUEST-ID
 *
 * and, in such a line, the name of the identity that it belongs to, if there is one; last
 *
 *     end LINES
 *
 * SAVED-AT and EXPIRES-AT are seconds since 1970, HOLDING-TIME is in seconds; all other
 * numbers as in struct nhrp_peer_key. Version 1, which is read, too, has no IDENTITY, by which
 * it is not known whose they are. A file with anything else in it is no bindings file.
 */
#ifndef DVPND_BINDINGS_H
#define DVPND_BINDINGS_H

#include <stdio.h>

#include "nhrp/core.h"

struct tunnel;

#define BINDINGS_DAY_S		86400
#define BINDINGS_LINE_MAX	256

/**
 * struct bindings_error - why a file is no good
 * @line: number of the line, 0: the file as a whole.
 * @why: constant text.
 */
struct bindings_error {
	unsigned int line;
	const char *why;
};

/* A line of the file; @b->expires_ms is what is left, 0: nothing. */
typedef void (*bindings_fn)(void *ctx, const struct nhrp_binding_info *b);

/**
 * bindings_parse() - read a bindings file
 * @text: the file.
 * @len: bytes in it.
 * @now_s: seconds since 1970.
 * @fn: called for each line, in order, if the whole file is good; or NULL.
 * @ctx: for @fn.
 * @e: what is wrong with it.
 *
 * A file that was saved in the future, by more than a clock is set by, or more than a day
 * ago is as bad as one that is damaged.
 *
 * Return: 0 or -EINVAL.
 */
int bindings_parse(const char *text, size_t len, u64 now_s, bindings_fn fn, void *ctx,
		   struct bindings_error *e);

/* The lines of a file: its first, one for a registration, and its last. */
void bindings_put_first(FILE *f, u64 now_s);
void bindings_put(FILE *f, const struct nhrp_binding_info *b, u64 now_s);
void bindings_put_last(FILE *f, unsigned int lines);

/**
 * bindings_restore() - give the core what the file has and the kernel has not
 * @t: tunnel whose table was adopted and whose core has not started.
 *
 * A file that is no good is ignored, and one line says so.
 */
void bindings_restore(struct tunnel *t);

/**
 * bindings_restore_rest() - try again with what did not fit
 * @t: tunnel that has got other addresses.
 *
 * After a boot the addresses of a device often come one after the other.
 */
void bindings_restore_rest(struct tunnel *t);

/**
 * bindings_run() - save them if it is time
 * @t: tunnel, attached.
 *
 * Once a second at most, and in no more than a fiftieth of the time. If that fails it is
 * tried again every ten seconds.
 *
 * Return: milliseconds until it may be, UINT64_MAX: nothing to save.
 */
u64 bindings_run(struct tunnel *t);

/* Save now what is not saved: the core's part is about to be freed. */
void bindings_flush(struct tunnel *t);

#endif /* DVPND_BINDINGS_H */
