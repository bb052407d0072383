/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_NETLINK_H
#define DVPN_NETLINK_H

#include <linux/dvpn.h>
#include <net/genetlink.h>

#include "addr.h"
#include "map.h"
#include "peer.h"

struct dvpn_dev;

/* Enum dvpn_feature bits of this build; rtnl refuses by it too. */
extern u32 dvpn_features;

extern struct genl_family dvpn_genl_family;

/* Observers' notification: @cmd is MAP_NTF or MAP_DEL_NTF, @reason is for the
 * latter. table_lock held.
 */
void dvpn_notify_map(struct dvpn_dev *dd, const struct dvpn_map *map, u8 cmd,
		     enum dvpn_reason reason);
/* The same for PEER_NTF and PEER_DEL_NTF. */
void dvpn_notify_peer(struct dvpn_dev *dd, struct dvpn_peer *peer, u8 cmd,
		      enum dvpn_reason reason);

/* Attributes of a message; -EMSGSIZE. Any context. */
int dvpn_put_addr(struct sk_buff *msg, int attr4, int attr6, u8 family,
		  const union dvpn_ip *ip);
int dvpn_put_peer_key(struct sk_buff *msg, const struct dvpn_peer_key *key);
/* All of a mapping but the device. */
int dvpn_put_map(struct sk_buff *msg, const struct dvpn_map *map);
/* All of a peer but the device. table_lock held. */
int dvpn_put_peer(struct sk_buff *msg, struct dvpn_dev *dd,
		  struct dvpn_peer *peer);

int dvpn_netlink_init(void);
void dvpn_netlink_exit(void);

#endif /* DVPN_NETLINK_H */
