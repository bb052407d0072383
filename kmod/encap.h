/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_ENCAP_H
#define DVPN_ENCAP_H

#include "addr.h"
#include "peer.h"

struct dvpn_conf;
struct dvpn_dev;
struct net_device;
struct sk_buff;

netdev_tx_t dvpn_xmit(struct sk_buff *skb, struct net_device *dev);

/* Give a packet that waited for its mapping to the data path again. Consumes
 * it. Process context or BH off.
 */
void dvpn_xmit_again(struct dvpn_dev *dd, struct sk_buff *skb);

/* Encapsulate one inner packet (skb->data at its network header,
 * skb->protocol set) for @peer and send it. Consumes @skb, counts, reports
 * path MTU to the inner sender. BH off, RCU.
 * Returns 0 or the reason it was dropped for, negative errno.
 */
int dvpn_send(struct dvpn_dev *dd, const struct dvpn_conf *conf,
	      struct dvpn_peer *peer, struct sk_buff *skb);

/* Send one NHRP packet for the agent to @key, which need not be a peer.
 * @local: source address, or AF_UNSPEC. Process context.
 * Returns 0, -EHOSTUNREACH, -EMSGSIZE, -EINPROGRESS, -EPERM, -ENETDOWN,
 * -ENOMEM.
 */
int dvpn_send_frame(struct dvpn_dev *dd, const struct dvpn_peer_key *key,
		    const struct dvpn_addr *local, const void *data,
		    unsigned int len);

/* Largest inner packet that fits to @peer now, for netlink. */
unsigned int dvpn_peer_pmtu(struct dvpn_dev *dd, struct dvpn_peer *peer);

#endif /* DVPN_ENCAP_H */
