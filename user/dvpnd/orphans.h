/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Orphans: security associations that are in the kernel, and the IKE daemon knows nothing of
 *
 * A strongSwan that was killed leaves them, and policies that use them. They go on, nobody
 * renews them, and what ends them is their lifetime, an hour and more. The other side notices in
 * some minutes that nobody answers for its half, and ends that: from then on what is sent by
 * ours is lost, and behind a NAT nobody can tell. So the IKE daemon is asked for new ones at
 * once, in the way the kernel does it; ours end when there are.
 */
#ifndef DVPND_ORPHANS_H
#define DVPND_ORPHANS_H

#include <stdbool.h>
#include <stddef.h>

#include "nhrp/addr.h"

#define ORPHANS_MAX		256	/* of those that are seen to; for more it is their peers */
#define ORPHAN_REQIDS_MAX	64
#define ORPHAN_UNWANTED_MS	30000	/* so long without a peer, then it ends */
#define ORPHAN_OVER_MS		5000	/* what is on its way arrives before it ends */

/**
 * struct orphan - a state of the kernel
 * @src: packets come from there.
 * @dst: they go there.
 * @spi: host byte order.
 * @reqid: which policies use it.
 * @known: the IKE daemon has told of it.
 * @wanted_ms: when there last was a peer for it.
 * @over_ms: since when there is another one with that peer, 0: there is none.
 */
struct orphan {
	struct nhrp_addr src;
	struct nhrp_addr dst;
	u32 spi;
	u32 reqid;
	bool known;
	u64 wanted_ms;
	u64 over_ms;
};

/**
 * struct orphans - those that were found; a zeroed one is empty
 * @list: ordered by SPI; until @left they may be known, and nothing is done about them.
 * @nr: number of @list.
 * @left: the IKE daemon has told all that it knows.
 * @nr_reqids: number of @reqids.
 * @reqids: of policies that are for packets of our tunnels.
 */
struct orphans {
	struct orphan *list;
	size_t nr;
	bool left;
	unsigned int nr_reqids;
	u32 reqids[ORPHAN_REQIDS_MAX];
};

/**
 * orphans_find() - all that there is for packets of tunnels
 * @o: what it was before is forgotten.
 * @ports: own UDP ports of tunnels, host byte order; 0: GRE.
 * @nr: number of @ports.
 *
 * What has no lifetime is nobody's that could be asked.
 *
 * Return: 0 or a negative errno: nothing was found.
 */
int orphans_find(struct orphans *o, const u16 *ports, unsigned int nr);

/* The IKE daemon knows those with these SPIs (host byte order). */
void orphans_known(struct orphans *o, u32 spi_in, u32 spi_out);

/* It has told all that it knows: the others are orphans. */
void orphans_left(struct orphans *o, u64 now_ms);

/**
 * orphans_ask() - have the IKE daemon make a new one if what there is with a peer is an orphan
 * @o: those that are left.
 * @nbma: address of the peer.
 * @port: UDP port of the peer, host byte order; 0: GRE.
 * @own_port: ours.
 * @now_ms: now.
 *
 * Return: whether it was asked.
 */
bool orphans_ask(struct orphans *o, const struct nhrp_addr *nbma, u16 port, u16 own_port,
		 u64 now_ms);

/* Does what is sent to that peer leave by one of them? Also before it is known which are left. */
bool orphans_carry(const struct orphans *o, const struct nhrp_addr *nbma);

/* There is another one with that peer. */
void orphans_over(struct orphans *o, const struct nhrp_addr *nbma, u64 now_ms);

/* Take away those that nobody needs any more. */
void orphans_end(struct orphans *o, u64 now_ms);

/* Forget them; they go on. */
void orphans_forget(struct orphans *o);

#endif /* DVPND_ORPHANS_H */
