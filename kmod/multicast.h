/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_MULTICAST_H
#define DVPN_MULTICAST_H

struct dvpn_conf;
struct dvpn_dev;
struct dvpn_peer;
struct sk_buff;

#define DVPN_MCAST_INLINE	64	/* copies in the transmit path, or in one slice */

/* Send one copy to each peer that takes multicast, or if its group has entries
 * to each of those, but never to @except. Consumes @skb. BH off, RCU.
 */
void dvpn_multicast(struct dvpn_dev *dd, const struct dvpn_conf *conf,
		    struct sk_buff *skb, const struct dvpn_peer *except);

/* Drop all that waits (link down). */
void dvpn_multicast_purge(struct dvpn_dev *dd);

int dvpn_multicast_init(struct dvpn_dev *dd);
void dvpn_multicast_destroy(struct dvpn_dev *dd);

#endif /* DVPN_MULTICAST_H */
