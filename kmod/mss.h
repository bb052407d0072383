/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_MSS_H
#define DVPN_MSS_H

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/types.h>

#include "device.h"
#include "peer.h"

/* Own setting of a peer that is off, not as its device: between what is valid. */
#define DVPN_MSS_OWN_OFF	2

/* The setting for packets to and from @peer; RCU. */
static inline u32 dvpn_mss_setting(const struct dvpn_conf *conf,
				   const struct dvpn_peer *peer)
{
	return READ_ONCE(peer->mss) ?: conf->mss;
}

#define DVPN_MSS_TEXT	"mss must be 0 (off), 1 (from the path MTU) or 88 to 65535"

static inline bool dvpn_mss_valid(u32 mss)
{
	return mss <= DVPN_MSS_AUTO ||
	       (mss >= DVPN_MSS_MIN && mss <= DVPN_MSS_MAX);
}

/* What is not TCP needs no call to find that it opens no connection. */
static inline bool dvpn_mss_may_be_syn(const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		return ip_hdr(skb)->protocol == IPPROTO_TCP &&
		       !skb_is_gso(skb);
	return skb->protocol == htons(ETH_P_IPV6) &&
	       ipv6_hdr(skb)->nexthdr != IPPROTO_UDP && !skb_is_gso(skb);
}

/* An inner packet (skb->data at its network header, which is complete) to or
 * from @peer: if it opens a TCP connection, lower the segment size that it
 * offers to what the setting @mss (not 0) says. @mtu: inner bytes that fit on
 * the path. RCU, BH off.
 */
void dvpn_mss_clamp_tx(struct sk_buff *skb, u32 mss, unsigned int mtu);
void dvpn_mss_clamp_rx(struct dvpn_dev *dd, struct dvpn_peer *peer,
		       struct sk_buff *skb, u32 mss);

#endif /* DVPN_MSS_H */
