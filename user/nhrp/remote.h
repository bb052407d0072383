/* SPDX-License-Identifier: GPL-2.0 */
/* Remotes: the other ends of direct paths, and their probes. */
#ifndef NHRP_REMOTE_H
#define NHRP_REMOTE_H

#include "nhrp/core.h"
#include "nhrp/request.h"
#include "nhrp/table.h"
#include "nhrp/timer.h"

struct nhrp_rx;
struct nhrp_shortcut;

#define NHRP_TOLD_MAX		4	/* prefixes told to one remote */

/**
 * struct nhrp_told - what a remote was told of us
 * @as: our protocol address, as which we answered
 * @prefix: what it was told
 * @until_ms: when it has forgotten
 */
struct nhrp_told {
	struct nhrp_addr as;
	struct nhrp_prefix prefix;
	u64 until_ms;
};

/**
 * struct nhrp_remote - the other end of a direct path
 * @node: in nhrp_tunnel.remotes, by @proto
 * @t: its tunnel
 * @proto: its protocol address
 * @peer: its locator
 * @claimed: NBMA address it says it has
 * @mtu: of its CIE, 0: not said
 * @known: the hub (or the configuration) says that it is there; else it is
 *	only a claim of a stranger
 * @proven: it answered on the direct path at this locator
 * @answered: it once answered a probe at this locator: silence means death
 * @dead: it answered once and does not any more
 * @req: outstanding probe
 * @timer: next probe, or the next look whether one is needed
 * @tries: probes since the last answer
 * @no_sa: probes in a row that had no security association to go by
 * @yields_until: how long the first probe waits at most for IKE that the other one has begun
 * @wait: end of @rx_until, or deadline of the claim
 * @rx_until: until when it is accepted on receive for its own sake
 * @shortcuts: those that lead here
 * @told: prefixes of ours that it was told, for purges
 * @claim_until: how long that waits for the hub's word
 * @claim: request of one who claims to be it, answered when the claim is verified; its bytes
 *	are allocated, NULL: there is none
 */
struct nhrp_remote {
	struct nhrp_node node;
	struct nhrp_tunnel *t;
	struct nhrp_addr proto;
	struct nhrp_peer_key peer;
	struct nhrp_addr claimed;
	u16 mtu;
	bool known;
	bool proven;
	bool answered;
	bool dead;
	struct nhrp_request req;
	struct nhrp_timer timer;
	unsigned int tries;
	unsigned int no_sa;
	u64 yields_until;
	struct nhrp_timer wait;
	u64 rx_until;
	struct nhrp_shortcut *shortcuts;
	struct nhrp_told told[NHRP_TOLD_MAX];
	u64 claim_until;
	struct nhrp_frame claim;
};

/* remote.c */
struct nhrp_remote *nhrp_remote_find(struct nhrp_tunnel *t,
				     const struct nhrp_addr *proto);
struct nhrp_remote *nhrp_remote_learn(struct nhrp_tunnel *t,
				      const struct nhrp_addr *proto,
				      const struct nhrp_peer_key *key,
				      const struct nhrp_addr *claimed, u64 now);
void nhrp_remote_claim(struct nhrp_rx *rx);
void nhrp_remote_accept(struct nhrp_remote *r, u64 until_ms, u64 now);
void nhrp_remote_told(struct nhrp_remote *r, const struct nhrp_prefix *prefix,
		      u64 until_ms, u64 now);
void nhrp_remote_purge_told(struct nhrp_remote *r,
			    const struct nhrp_tunnel_config *next, u64 now);
/* Its claim is not worth waiting any more; @r may be gone then. */
void nhrp_remote_unclaim(struct nhrp_remote *r, u64 now);
void nhrp_remote_put(struct nhrp_remote *r, u64 now);
void nhrp_remote_free(struct nhrp_remote *r);
bool nhrp_remote_open(const struct nhrp_remote *r);

/* probe.c */
void nhrp_probe_begin(struct nhrp_remote *r, u64 now);
void nhrp_probe_anew(struct nhrp_remote *r, u64 now);
void nhrp_probe_soon(struct nhrp_remote *r, u64 now);
void nhrp_probe_reply(struct nhrp_rx *rx, struct nhrp_remote *r);
void nhrp_probe_tx_result(struct nhrp_remote *r, int error, u64 now);
void nhrp_probe_timer(struct nhrp_timer *timer, u64 now);

#endif
