/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_DECAP_H
#define DVPN_DECAP_H

#include <linux/types.h>
#include <net/xfrm.h>

#include "gre.h"
#include "peer.h"

struct dvpn_dev;
struct net;
struct sk_buff;
struct xfrm_state;

/**
 * struct dvpn_gre_info - a GRE header, parsed
 * @flags: as on the wire
 * @proto: of what is inside
 * @key: valid with DVPN_GRE_KEY
 * @len: bytes of the header
 */
struct dvpn_gre_info {
	__be16 flags;
	__be16 proto;
	__be32 key;
	unsigned int len;
};

/* False: truncated or not ours. Touches nothing. */
bool dvpn_gre_parse(const struct sk_buff *skb, unsigned int offset,
		    struct dvpn_gre_info *gre);

const struct xfrm_state *dvpn_esp_last(const struct sk_buff *skb);

/* NULL: came in clear. As long as @skb keeps its secpath. */
static inline const struct xfrm_state *dvpn_esp_state(const struct sk_buff *skb)
{
	return secpath_exists((struct sk_buff *)skb) ? dvpn_esp_last(skb) :
						       NULL;
}

/* A GRE packet on local input, skb->data at its outer IP header, @hlen bytes
 * before GRE. Returns a netfilter verdict: NF_STOLEN if it was ours. RCU, BH
 * off.
 */
unsigned int dvpn_decap4(struct sk_buff *skb, struct net *net,
			 unsigned int hlen);
unsigned int dvpn_decap6(struct sk_buff *skb, struct net *net,
			 unsigned int hlen);

/* A packet to UDP port @port, skb->data at its UDP header; consumed. False: no
 * device has the address or key, nothing is counted. RCU, BH off.
 */
bool dvpn_decap_udp(struct sk_buff *skb, struct net *net, __be16 port);

#endif /* DVPN_DECAP_H */
