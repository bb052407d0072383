/* SPDX-License-Identifier: GPL-2.0 */
/* The replication table: which peers get the packets of a multicast group. */
#ifndef DVPN_GROUP_H
#define DVPN_GROUP_H

#include <linux/list.h>
#include <linux/rhashtable-types.h>
#include <linux/xarray.h>

#include "addr.h"

struct dvpn_dev;
struct dvpn_peer;
struct netlink_ext_ack;
struct sk_buff;

/**
 * struct dvpn_group_key - names a group
 * @addr: the multicast address
 * @family: AF_INET or AF_INET6
 *
 * No padding, compared and hashed as memory.
 */
struct dvpn_group_key {
	union dvpn_ip addr;
	u32 family;
};

/**
 * struct dvpn_group - a multicast group that not all peers want
 * @node: in &dvpn_dev.groups
 * @key: the group
 * @members: peer id -> &struct dvpn_group_member
 * @n_members: how many; read without lock
 * @id: in &dvpn_dev.group_ids
 * @rcu: frees it
 *
 * There is one only as long as it has members. Written under
 * &dvpn_dev.table_lock, read under RCU.
 */
struct dvpn_group {
	struct rhash_head node;
	struct dvpn_group_key key;
	struct xarray members;
	u32 n_members;
	u32 id;
	struct rcu_head rcu;
};

/**
 * struct dvpn_group_member - one entry of the replication table
 * @group: the group
 * @peer: who wants it; the entry goes with the peer
 * @peer_node: in &dvpn_peer.groups
 * @rcu: frees it
 */
struct dvpn_group_member {
	struct dvpn_group *group;
	struct dvpn_peer *peer;
	struct list_head peer_node;
	struct rcu_head rcu;
};

int dvpn_groups_init(struct dvpn_dev *dd);
/* Nobody looks any group up any more. */
void dvpn_groups_destroy(struct dvpn_dev *dd);

/* The group whose members alone get @skb, or NULL: all that take multicast do.
 * Under RCU.
 */
struct dvpn_group *dvpn_group_of(struct dvpn_dev *dd,
				 const struct sk_buff *skb);
/* First member from peer id *@cursor on; *@cursor becomes its id. NULL: none.
 * Under RCU.
 */
struct dvpn_peer *dvpn_group_peer(struct dvpn_group *group,
				  unsigned long *cursor);

/* Can there be entries for @addr? -EINVAL with extack text. */
int dvpn_group_check(const struct dvpn_addr *addr,
		     struct netlink_ext_ack *extack);
/* table_lock held: negative errno with extack text, then nothing was changed. */
int dvpn_group_add(struct dvpn_dev *dd, const struct dvpn_addr *addr,
		   struct dvpn_peer *peer, struct netlink_ext_ack *extack);
int dvpn_group_del(struct dvpn_dev *dd, const struct dvpn_addr *addr,
		   struct dvpn_peer *peer, struct netlink_ext_ack *extack);
/* table_lock held: @peer goes. */
void dvpn_group_forget(struct dvpn_dev *dd, struct dvpn_peer *peer);

#endif /* DVPN_GROUP_H */
