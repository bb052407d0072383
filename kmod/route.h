/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_ROUTE_H
#define DVPN_ROUTE_H

#include <linux/dvpn.h>
#include <linux/err.h>
#include <net/dst.h>
#include <net/flow.h>

#include "device.h"
#include "peer.h"

struct dst_entry;
struct sk_buff;
struct dvpn_conf;
struct dvpn_dev;

/**
 * struct dvpn_output - how an outer packet leaves
 * @dst: route, xfrm bundle included
 * @saddr: source address
 * @owned: @dst carries a reference; else it is good until RCU ends
 */
struct dvpn_output {
	struct dst_entry *dst;
	union dvpn_ip saddr;
	bool owned;
};

/* RCU, BH off. 0 or negative errno, which dvpn_route_reason() explains.
 * @dsfield: outer DSCP, part of the lookup.
 */
int dvpn_route_refresh(struct dvpn_dev *dd, const struct dvpn_conf *conf,
		       struct dvpn_peer *peer, u32 stamp, u8 dsfield,
		       struct dvpn_output *out);
/* The same, not cached: @out owns its route. @saddr: source address, all zero
 * for any.
 */
int dvpn_route_key(struct dvpn_dev *dd, const struct dvpn_conf *conf,
		   const struct dvpn_peer_key *key, const union dvpn_ip *saddr,
		   u8 dsfield, struct dvpn_output *out);

/* Path MTU to a peer in bytes of the outer packet, 0 without a route. Asks
 * nobody for a security association. RCU, BH off.
 */
unsigned int dvpn_route_mtu(struct dvpn_dev *dd, const struct dvpn_conf *conf,
			    const struct dvpn_peer *peer);

/* The underlay takes no more than @mtu bytes of the packet of ours that an error
 * quotes: @skb, network header and data at its IP header, dev and mark
 * overwritten; from @saddr, with DSCP @dsfield. RCU, BH off.
 */
void dvpn_route_learn_mtu(struct dvpn_dev *dd, const struct dvpn_conf *conf,
			  const struct dvpn_peer *peer,
			  const union dvpn_ip *saddr, u8 dsfield,
			  struct sk_buff *skb, unsigned int mtu);

#if IS_ENABLED(CONFIG_IPV6)
/* A route without IPsec, with a reference, or ERR_PTR as dvpn_route_key(). @fl6:
 * zero but for the source address; filled.
 */
struct dst_entry *dvpn_route_plain6(struct dvpn_dev *dd,
				    const struct dvpn_conf *conf,
				    const struct dvpn_peer_key *key,
				    u8 dsfield, struct flowi6 *fl6);
#else
static inline struct dst_entry *
dvpn_route_plain6(struct dvpn_dev *dd, const struct dvpn_conf *conf,
		  const struct dvpn_peer_key *key, u8 dsfield,
		  struct flowi6 *fl6)
{
	return ERR_PTR(-EHOSTUNREACH);
}
#endif

/* Sets @uli, returns the IP protocol: the flow to a peer for route and xfrm. */
u8 dvpn_flow_proto(const struct dvpn_conf *conf,
		   const struct dvpn_peer_key *key, union flowi_uli *uli);

enum dvpn_drop dvpn_route_reason(int err);

/**
 * dvpn_key_mark() - routing mark of packets to a peer
 * @conf: of the device
 * @key: of the peer
 *
 * Return: 0 leaves the mark of the packet alone.
 */
static inline u32 dvpn_key_mark(const struct dvpn_conf *conf,
				const struct dvpn_peer_key *key)
{
	return key->mark ?: conf->fwmark;
}

#define DVPN_STAMP_DSCP_BITS	6

/* What a cached route must have been looked up under: both generations, as far
 * as they fit, and the DSCP.
 */
static inline u32 dvpn_dst_stamp(const struct dvpn_dev *dd,
				 const struct dvpn_peer *peer, u8 dsfield)
{
	u32 gen = READ_ONCE(dd->dst_gen) + READ_ONCE(peer->dst_gen);

	return gen << DVPN_STAMP_DSCP_BITS | dsfield >> 2;
}

/**
 * dvpn_route_peer() - the way to a peer, from this CPU's cache if possible
 * @dd: device
 * @conf: its configuration
 * @peer: where to
 * @dsfield: DSCP of the outer packet
 * @out: filled; owns its route only if that is not kept
 *
 * The cache keeps the DSCP it was filled for; another one replaces it. An
 * error is never cached, nor what an old configuration leads to.
 *
 * Context: RCU, BH off.
 * Return: as dvpn_route_key(). An error is reported to the agent, too.
 */
static inline int dvpn_route_peer(struct dvpn_dev *dd,
				  const struct dvpn_conf *conf,
				  struct dvpn_peer *peer, u8 dsfield,
				  struct dvpn_output *out)
{
	const struct dvpn_peer_pcpu *slot = this_cpu_ptr(peer->pcpu);
	u32 stamp = dvpn_dst_stamp(dd, peer, dsfield);

	if (unlikely(!slot->dst || slot->stamp != stamp ||
		     !dst_check(slot->dst, slot->cookie)))
		return dvpn_route_refresh(dd, conf, peer, stamp, dsfield, out);
	out->dst = slot->dst;
	out->saddr = slot->saddr;
	out->owned = false;
	return 0;
}

#endif /* DVPN_ROUTE_H */
