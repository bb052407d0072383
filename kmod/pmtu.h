/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_PMTU_H
#define DVPN_PMTU_H

#include <linux/types.h>

struct dvpn_conf;
struct dvpn_dev;
struct dvpn_peer;
struct sk_buff;

/**
 * enum dvpn_fit - does a packet fit?
 * @DVPN_FIT_YES: as it is
 * @DVPN_FIT_FRAGMENT: no, but the outer packet may be fragmented
 * @DVPN_FIT_INNER: no, the inner packet is to be fragmented
 * @DVPN_FIT_NO: no, and the inner sender has been told
 */
enum dvpn_fit {
	DVPN_FIT_YES,
	DVPN_FIT_FRAGMENT,
	DVPN_FIT_INNER,
	DVPN_FIT_NO,
};

/* @mtu: bytes of inner packet that fit. */
bool dvpn_fits(const struct sk_buff *skb, unsigned int mtu);
/* For a packet that does not. skb->dev is the dvpn device. BH off, RCU. */
enum dvpn_fit dvpn_pmtu_exceeded(struct sk_buff *skb, unsigned int mtu);
/* Fragments an inner IPv4 packet; each part goes to @peer. Consumes. */
void dvpn_pmtu_fragment(struct dvpn_dev *dd, struct dvpn_peer *peer,
			struct sk_buff *skb, unsigned int mtu);

#endif /* DVPN_PMTU_H */
