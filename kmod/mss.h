/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_MSS_H
#define DVPN_MSS_H

#include <linux/types.h>

struct dvpn_dev;
struct dvpn_peer;
struct sk_buff;

#define DVPN_MSS_AUTO		1	/* DVPN_A_MSS: from the path MTU */
/* Smaller ones make the sender slower than any path could. */
#define DVPN_MSS_MIN		88

/* An inner packet (skb->data at its network header, which is complete) to or
 * from @peer: if it opens a TCP connection, lower the segment size that it
 * offers to what the peer's setting @mss (not 0) says. @mtu: inner bytes that
 * fit on the path. RCU, BH off.
 */
void dvpn_mss_clamp_tx(struct sk_buff *skb, u32 mss, unsigned int mtu);
void dvpn_mss_clamp_rx(struct dvpn_dev *dd, struct dvpn_peer *peer,
		       struct sk_buff *skb, u32 mss);

#endif /* DVPN_MSS_H */
