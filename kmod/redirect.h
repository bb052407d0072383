/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_REDIRECT_H
#define DVPN_REDIRECT_H

struct dvpn_dev;
struct dvpn_peer;
struct sk_buff;

/* The device of @dd's domain that a forwarded packet entered by, or NULL for
 * one that this host made or that came in elsewhere. Under RCU.
 */
struct dvpn_dev *dvpn_ingress(struct dvpn_dev *dd, const struct sk_buff *skb);

/* Best guess at the peer of @in that sent it: reverse route of the inner
 * source, then its mapping. NULL if it cannot be told. Under RCU.
 */
struct dvpn_peer *dvpn_ingress_peer(struct dvpn_dev *in,
				    const struct sk_buff *skb);

#endif /* DVPN_REDIRECT_H */
