/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reconciler: makes the kernel's table what the protocol core wants it to be
 *
 * It remembers for every mapping and peer what is wanted and what the kernel is
 * known to hold. Wishes go out at once and in order; what the kernel refuses for
 * now is tried again, what it refuses for good is kept with the reason.
 */
#ifndef DVPND_RECON_H
#define DVPND_RECON_H

#include "lib/dvpn.h"
#include "nhrp/core.h"

struct recon;

/**
 * struct recon_stats - what it did
 * @requests: sent to the kernel.
 * @retries: of those, again.
 * @refused: not tried again.
 * @entries: remembered now.
 */
struct recon_stats {
	u64 requests;
	u64 retries;
	u64 refused;
	u64 entries;
};

/**
 * struct recon_pending - a mapping that is wanted and not in the kernel
 * @map: the mapping.
 * @reason: why not, in words.
 */
struct recon_pending {
	const struct nhrp_map *map;
	const char *reason;
};

typedef void (*recon_pending_fn)(const struct recon_pending *p, void *ctx);

/**
 * recon_new() - make a reconciler
 * @tunnel: name for log lines; must stay.
 * @ifindex: device.
 * @owner: written into every entry.
 * @chan: for requests.
 * @handle: for looking at an entry that is in the way.
 */
struct recon *recon_new(const char *tunnel, unsigned int ifindex, u32 owner,
			struct dvpn_chan *chan, struct dvpn_handle *handle);

/* The channel is about to be closed: its callbacks change nothing from now on. */
void recon_closing(struct recon *r);

/* Forget everything; the kernel stays as it is. The channel is closed by now. */
void recon_free(struct recon *r);

/**
 * recon_found() - the kernel holds this mapping
 * @r: reconciler.
 * @map: from a dump.
 */
void recon_found(struct recon *r, const struct dvpn_map *map);

/**
 * recon_restart() - forget what the kernel is known to hold
 * @r: reconciler.
 * @owner: new owner; entries that are wanted again get it, so that the others
 *	can be told from them and swept.
 *
 * Follow it by recon_found() for each entry of a dump, then let the core state
 * its wishes again.
 */
void recon_restart(struct recon *r, u32 owner);

/* The kernel dropped a mapping by itself. */
void recon_gone(struct recon *r, const struct nhrp_prefix *prefix);

/* Wishes: see struct nhrp_env. */
void recon_map_set(struct recon *r, const struct nhrp_map *map);
void recon_map_del(struct recon *r, const struct nhrp_prefix *prefix);
void recon_peer_set(struct recon *r, const struct nhrp_peer *peer);
void recon_peer_del(struct recon *r, const struct nhrp_peer_key *key);

/**
 * recon_run() - try again what is due
 * @r: reconciler.
 *
 * Return: milliseconds until there is something to do, UINT64_MAX: nothing.
 */
u64 recon_run(struct recon *r);

/**
 * recon_settled() - is nothing under way?
 * @r: reconciler.
 *
 * What was refused for good does not count.
 */
bool recon_settled(const struct recon *r);

/* Entries that are under way or wait to be tried again. */
unsigned int recon_unsettled(const struct recon *r);

/* Was an answer lost, so that the table must be read again? Clears the mark. */
bool recon_lost(struct recon *r);

const struct recon_stats *recon_stats(const struct recon *r);

/* Calls @fn for each wanted mapping that the kernel has not got. */
void recon_walk_pending(struct recon *r, recon_pending_fn fn, void *ctx);

#endif /* DVPND_RECON_H */
