/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_XMIT_H
#define DVPN_XMIT_H

#include <linux/netdevice.h>

struct dvpn_dev;
struct sk_buff;

netdev_tx_t dvpn_xmit(struct sk_buff *skb, struct net_device *dev);

/* Give a packet that waited for its mapping to the data path again. Consumes
 * it. Process context or BH off.
 */
void dvpn_xmit_again(struct dvpn_dev *dd, struct sk_buff *skb);

#endif /* DVPN_XMIT_H */
