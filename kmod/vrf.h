/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_VRF_H
#define DVPN_VRF_H

#include <linux/types.h>

struct dvpn_dev;
struct netdev_notifier_changeupper_info;
struct sk_buff;

/* A device goes into a VRF or out of it. rtnl. */
void dvpn_vrf_changed(struct dvpn_dev *dd,
		      const struct netdev_notifier_changeupper_info *info);
/* The same when it goes, whether that was told or not. rtnl. */
void dvpn_vrf_put(struct dvpn_dev *dd);
/* The interface that a packet, which is forwarded within a VRF, came in by, 0 if
 * it is not known. To be asked once, on transmit, BH off.
 */
int dvpn_vrf_iif(const struct sk_buff *skb);

#endif /* DVPN_VRF_H */
