/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_LINK_H
#define DVPN_LINK_H

struct list_head;
struct net_device;

/* device.c: ndo and flags, for the rtnl kind. */
void dvpn_setup(struct net_device *dev);
int dvpn_dev_register(struct net_device *dev);

/* Under rtnl. The device is out of all lookups when this returns; a grace
 * period follows before it is torn down.
 */
void dvpn_dellink(struct net_device *dev, struct list_head *head);

#endif /* DVPN_LINK_H */
