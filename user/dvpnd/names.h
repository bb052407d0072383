/* SPDX-License-Identifier: GPL-2.0 */
/* Where the names of hubs lead to, as the process of resolver.h has found */
#ifndef DVPND_NAMES_H
#define DVPND_NAMES_H

#include <stddef.h>

#include "nhrp/core.h"

struct daemon;
struct names;
struct tunnel;

#define NAMES_TTL_MIN_S		5
#define NAMES_TTL_MAX_S		3600
#define NAMES_RETRY_FIRST_S	5
#define NAMES_RETRY_MAX_S	300
#define NAMES_QUIET_MS		60000	/* one line about a name, one writing of the file */
#define NAMES_HURRY_MS		5000	/* a hub that is lost: at most so often */

/**
 * names_new() - begin with what is in the state directory
 * @d: daemon, with its state.
 * @fd: socket of the process that answers (resolver_start()), ours from now on;
 *	negative: there is none, and what is known stays as it is.
 *
 * Return: NULL without memory.
 */
struct names *names_new(struct daemon *d, int fd);

/* In the daemon's loop. */
void names_start(struct names *n);
void names_free(struct names *n);

/**
 * names_get() - where does the name of a hub lead to?
 * @n: names.
 * @device: VRF to ask in, empty: in none.
 * @hub: its @addrs, @nr_addrs and @more are filled in, with what was last known.
 *
 * It is asked for, again and again, as long as a tunnel has a hub of that name. When
 * that changes the tunnels with such a hub are refreshed.
 */
void names_get(struct names *n, const char *device, struct nhrp_hub *hub);

/* A hub of @t was lost: it may be somewhere else. */
void names_hurry(struct names *n, const struct tunnel *t);

/**
 * names_why() - why is it not known where the hub of a name is?
 * @n: names.
 * @device: as for names_get().
 * @name: the name.
 * @text: where to put words.
 * @size: bytes of @text.
 */
void names_why(const struct names *n, const char *device, const char *name, char *text,
	       size_t size);

/**
 * names_run() - ask what is to be asked
 * @n: names.
 *
 * Return: milliseconds until it wants to run again, UINT64_MAX: not by itself.
 */
u64 names_run(struct names *n);

#endif /* DVPND_NAMES_H */
