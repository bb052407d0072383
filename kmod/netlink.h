/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_NETLINK_H
#define DVPN_NETLINK_H

#include <net/genetlink.h>

struct dvpn_map;
struct dvpn_dev;

/* Enum dvpn_feature bits of this build; rtnl refuses by it too. */
extern const u32 dvpn_features;

extern struct genl_family dvpn_genl_family;

/* Observers' notification: @cmd is MAP_NTF or MAP_DEL_NTF. Process context. */
void dvpn_notify_map(struct dvpn_dev *dd, const struct dvpn_map *map, u8 cmd,
		     u8 reason);

int dvpn_netlink_init(void);
void dvpn_netlink_exit(void);

#endif /* DVPN_NETLINK_H */
