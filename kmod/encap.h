/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_ENCAP_H
#define DVPN_ENCAP_H

#include <linux/if_ether.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "device.h"
#include "peer.h"
#include "route.h"

/**
 * struct dvpn_encap_info - one packet's encapsulation
 * @key: where to
 * @peer: the same as a peer, or NULL
 * @out: how
 * @mtu: bytes of inner packet that fit, with @df as it is
 * @hlen: bytes between the outer IP header and the inner packet
 * @overhead: the same and the outer IP header
 * @csum: with checksum, of GRE or UDP
 * @df: Don't Fragment bit of the outer packet, or 0
 * @tos: outer DSCP and ECN
 * @ttl: outer TTL
 * @label: outer flow label, IPv6 only
 * @sport: UDP source port, UDP only
 *
 * Outer family and encapsulation are those of @key.
 */
struct dvpn_encap_info {
	const struct dvpn_peer_key *key;
	struct dvpn_peer *peer;
	struct dvpn_output out;
	unsigned int mtu;
	unsigned int hlen;
	unsigned int overhead;
	bool csum;
	__be16 df;
	u8 tos;
	u8 ttl;
	__be32 label;
	__be16 sport;
};

/* Encapsulate one inner packet (skb->data at its network header,
 * skb->protocol set) for @peer and send it. Consumes @skb, counts, reports
 * path MTU to the inner sender. BH off, RCU.
 * Returns 0 or the reason it was dropped for, negative errno.
 */
int dvpn_send(struct dvpn_dev *dd, const struct dvpn_conf *conf,
	      struct dvpn_peer *peer, struct sk_buff *skb);
/* The same when the route is known: key, peer (or NULL) and out of @encap. */
int dvpn_encap(struct dvpn_dev *dd, const struct dvpn_conf *conf,
	       struct sk_buff *skb, struct dvpn_encap_info *encap);

/* DSCP of frames of our own when the device inherits it: network control. */
#define DVPN_FRAME_DSFIELD	0xc0

static inline u8 dvpn_inner_dsfield(const struct sk_buff *skb)
{
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return ip_hdr(skb)->tos;
	case htons(ETH_P_IPV6):
		return ipv6_get_dsfield(ipv6_hdr(skb));
	default:
		return DVPN_FRAME_DSFIELD;
	}
}

/**
 * dvpn_outer_dscp() - DSCP of the outer packet
 * @conf: configuration of the device
 * @skb: inner packet
 *
 * Return: it, without ECN.
 */
static inline u8 dvpn_outer_dscp(const struct dvpn_conf *conf,
				 const struct sk_buff *skb)
{
	return conf->tos == 1 ? dvpn_inner_dsfield(skb) & ~INET_ECN_MASK :
				conf->tos;
}

/* Largest inner packet that fits to @peer now, for netlink. */
unsigned int dvpn_peer_pmtu(struct dvpn_dev *dd, struct dvpn_peer *peer);

#endif /* DVPN_ENCAP_H */
