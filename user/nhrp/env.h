/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the engine needs from the world
 *
 * Rules for whoever implements struct nhrp_env:
 *  - a callback never calls back into the core; results that come later are fed
 *    in by a call of their own (nhrp_tunnel_tx_result());
 *  - the callbacks of one tunnel are carried out in the order of the calls: a
 *    peer that is set before a frame is sent must be in the kernel before that
 *    frame is on the wire, else the answer's first packets are lost;
 *  - map_set, map_del, peer_set and peer_del state what is wanted, not what
 *    has changed: they are idempotent, and it is up to the implementer to
 *    retry;
 *  - pointers given to a callback are valid during the call only.
 */
#ifndef NHRP_ENV_H
#define NHRP_ENV_H

#include <stddef.h>

#include "nhrp/map.h"
#include "nhrp/notice.h"

struct nhrp_binding_info;
struct nhrp_frame;
struct nhrp_trace;
struct nhrp_tunnel;

/**
 * struct nhrp_route - answer of route_lookup
 * @via_tunnel: the route leaves by this tunnel's device (or another one of its
 *	domain); else it is reached by other means or is our own address.
 * @tunnel: of @via_tunnel: which one that is, NULL: one that we are not the agent of.
 * @prefix: prefix of the covering route that holds the address, lengthened
 *	until no more specific route with another exit lies inside it (RFC 2332
 *	6.3). Host routes of our own addresses: full length.
 * @has_gateway: @gateway is valid.
 * @gateway: next hop protocol address, of either family.
 */
struct nhrp_route {
	bool via_tunnel;
	struct nhrp_tunnel *tunnel;
	struct nhrp_prefix prefix;
	bool has_gateway;
	struct nhrp_addr gateway;
};

/**
 * struct nhrp_env - what the engine needs from the world
 *
 * Every member but @trace, @sa_identity and @ike_begun must be set. @t is the tunnel it is about;
 * nhrp_tunnel_priv() gives the pointer that nhrp_tunnel_new() was given.
 */
struct nhrp_env {
	/** @ctx: handed to every callback. */
	void *ctx;

	/** @rand32: 32 bits that nobody can predict. */
	u32 (*rand32)(void *ctx);

	/**
	 * @request_ids: reserve @count request ids that were never used
	 * before, not even by an earlier run (a high-water mark in a file),
	 * and return the first. Called once per @count requests, not often.
	 */
	u32 (*request_ids)(void *ctx, u32 count);

	/**
	 * @epoch: a number that is greater than all that were returned before,
	 * also to an earlier run, and than what other nodes were given a while
	 * ago. Called once in the life of a tunnel that signs with HMACs, when
	 * it gets an address, when a hub does not answer (once a second at
	 * most), and after 2^32 messages.
	 */
	u32 (*epoch)(void *ctx);

	/** @notify: log line and monitor event. */
	void (*notify)(void *ctx, struct nhrp_tunnel *t,
		       const struct nhrp_notice *n);

	/**
	 * @trace: an NHRP packet (describe.h). Called when one has come in and nothing
	 * is decided yet, and again with what was decided; what is sent because of it,
	 * and notices, come between. NULL: nobody looks.
	 */
	void (*trace)(void *ctx, struct nhrp_tunnel *t,
		      const struct nhrp_trace *trace);

	/**
	 * @tx_frame: send an NHRP packet to a locator, whether there is such a
	 * peer or not. The result comes by nhrp_tunnel_tx_result() with the
	 * same @cookie; cookie 0: nobody wants to know.
	 */
	void (*tx_frame)(void *ctx, struct nhrp_tunnel *t,
			 const struct nhrp_peer_key *to, const void *frame,
			 size_t len, u64 cookie);

	/**
	 * @sa_identity: who has proved by IKE to be at the other end of the security
	 * association that a frame came by (@has_sa is set)? The text is good until the core
	 * returns. "": somebody who has no identity; NULL: that is not known yet, and the
	 * frame is not handled. Not set: no frame came by one.
	 */
	const char *(*sa_identity)(void *ctx, struct nhrp_tunnel *t,
				   const struct nhrp_frame *frame);

	/**
	 * @ike_begun: has who is at @nbma begun IKE with us, and is not done? True also while
	 * that is being looked for; the core asks again soon, and not for long. Not set: no.
	 */
	bool (*ike_begun)(void *ctx, struct nhrp_tunnel *t,
			  const struct nhrp_addr *nbma);

	/** @map_set: this mapping is to be in the kernel, exactly so. */
	void (*map_set)(void *ctx, struct nhrp_tunnel *t,
			const struct nhrp_map *map);

	/** @map_del: no mapping of this prefix is to be in the kernel. */
	void (*map_del)(void *ctx, struct nhrp_tunnel *t,
			const struct nhrp_prefix *prefix);

	/** @peer_set: this peer is to be accepted on receive. */
	void (*peer_set)(void *ctx, struct nhrp_tunnel *t,
			 const struct nhrp_peer *peer);

	/**
	 * @peer_del: this peer is not wanted for its own sake any more; it
	 * stays as long as mappings point to it.
	 */
	void (*peer_del)(void *ctx, struct nhrp_tunnel *t,
			 const struct nhrp_peer_key *key);

	/**
	 * @route_lookup: which route covers @dst? Answered at once (the daemon
	 * mirrors the routing table or asks the kernel).
	 * Return 0, or -ENETUNREACH if there is none.
	 */
	int (*route_lookup)(void *ctx, struct nhrp_tunnel *t,
			    const struct nhrp_addr *dst, struct nhrp_route *route);

	/**
	 * @peer_rx_idle_ms: how long ago did the last packet of any kind, NHRP
	 * included, come from the peer? UINT64_MAX: never, or no such peer.
	 */
	u64 (*peer_rx_idle_ms)(void *ctx, struct nhrp_tunnel *t,
			       const struct nhrp_peer_key *key);

	/**
	 * @map_idle_ms: how long ago did the mapping last carry a packet, on
	 * probation or not? UINT64_MAX: never, or no such mapping.
	 */
	u64 (*map_idle_ms)(void *ctx, struct nhrp_tunnel *t,
			   const struct nhrp_prefix *prefix);
};

#endif /* NHRP_ENV_H */
