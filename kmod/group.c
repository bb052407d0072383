// SPDX-License-Identifier: GPL-2.0
/*
 * Multicast groups that only some peers want.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netlink.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "group.h"
#include "table.h"

static_assert(sizeof(struct dvpn_group_key) == 20);

static const struct rhashtable_params dvpn_group_params = {
	.key_len = sizeof(struct dvpn_group_key),
	.key_offset = offsetof(struct dvpn_group, key),
	.head_offset = offsetof(struct dvpn_group, node),
	.automatic_shrinking = true,
};

/* Routing protocols and neighbour discovery live there: whoever takes multicast
 * takes these.
 */
static bool dvpn_group_is_control(const struct dvpn_addr *addr)
{
	if (addr->family == AF_INET)
		return ipv4_is_local_multicast(addr->ip.v4);
	return addr->ip.v6.s6_addr[0] == 0xff &&
	       (addr->ip.v6.s6_addr[1] == 0x01 ||
		addr->ip.v6.s6_addr[1] == 0x02);
}

static bool dvpn_group_is_multicast(const struct dvpn_addr *addr)
{
	return addr->family == AF_INET ? ipv4_is_multicast(addr->ip.v4) :
					 ipv6_addr_is_multicast(&addr->ip.v6);
}

static struct dvpn_group *dvpn_group_find(struct dvpn_dev *dd,
					  const struct dvpn_addr *addr)
{
	const struct dvpn_group_key key = {
		.addr = addr->ip,
		.family = addr->family,
	};

	return rhashtable_lookup_fast(&dd->groups, &key, dvpn_group_params);
}

/**
 * dvpn_group_of() - the group whose members alone get a packet
 * @dd: device
 * @skb: inner packet, complete network header
 *
 * Context: RCU.
 * Return: the group; NULL: all that take multicast get it.
 */
struct dvpn_group *dvpn_group_of(struct dvpn_dev *dd,
				 const struct sk_buff *skb)
{
	struct dvpn_addr addr = {};

	if (!READ_ONCE(dd->n_group_entries))
		return NULL;
	if (skb->protocol == htons(ETH_P_IP)) {
		addr.family = AF_INET;
		addr.ip.v4 = ip_hdr(skb)->daddr;
	} else {
		addr.family = AF_INET6;
		addr.ip.v6 = ipv6_hdr(skb)->daddr;
	}
	return dvpn_group_find(dd, &addr);
}

/**
 * dvpn_group_peer() - go from member to member
 * @group: the group
 * @cursor: peer id to begin with; becomes the id of the one found
 *
 * Context: RCU.
 * Return: a member, or NULL: there is none from there on.
 */
struct dvpn_peer *dvpn_group_peer(struct dvpn_group *group,
				  unsigned long *cursor)
{
	const struct dvpn_group_member *member;

	member = xa_find(&group->members, cursor, ULONG_MAX, XA_PRESENT);
	return member ? member->peer : NULL;
}

/**
 * dvpn_group_check() - can there be entries for a group?
 * @addr: the group
 * @extack: where the text of a refusal goes
 *
 * Return: 0 or -EINVAL.
 */
int dvpn_group_check(const struct dvpn_addr *addr,
		     struct netlink_ext_ack *extack)
{
	if (!dvpn_group_is_multicast(addr)) {
		NL_SET_ERR_MSG(extack, "the group is no multicast address");
		return -EINVAL;
	}
	if (dvpn_group_is_control(addr)) {
		NL_SET_ERR_MSG(extack,
			       "a control group (224.0.0.0/24, ff01::/16, ff02::/16) always goes to all peers that take multicast");
		return -EINVAL;
	}
	return 0;
}

/* An empty one that nobody finds yet. */
static struct dvpn_group *dvpn_group_new(struct dvpn_dev *dd,
					 const struct dvpn_addr *addr)
{
	struct dvpn_group *group;
	int err;

	group = kzalloc(sizeof(*group), GFP_KERNEL_ACCOUNT);
	if (!group)
		return ERR_PTR(-ENOMEM);
	group->key.addr = addr->ip;
	group->key.family = addr->family;
	xa_init_flags(&group->members, XA_FLAGS_ACCOUNT);
	err = xa_alloc_cyclic(&dd->group_ids, &group->id, group, xa_limit_31b,
			      &dd->next_group_id, GFP_KERNEL_ACCOUNT);
	if (err < 0) {
		kfree(group);
		return ERR_PTR(err);
	}
	return group;
}

/* @group has no members and is not found any more. */
static void dvpn_group_free(struct dvpn_dev *dd, struct dvpn_group *group)
{
	xa_erase(&dd->group_ids, group->id);
	/* An insertion that failed may have left a node without entries. */
	xa_destroy(&group->members);
	kfree_rcu(group, rcu);
}

static int dvpn_group_join(struct dvpn_dev *dd, struct dvpn_group *group,
			   struct dvpn_peer *peer)
{
	struct dvpn_group_member *member;
	int err;

	member = kzalloc(sizeof(*member), GFP_KERNEL_ACCOUNT);
	if (!member)
		return -ENOMEM;
	member->group = group;
	member->peer = peer;
	err = xa_insert(&group->members, peer->id, member, GFP_KERNEL_ACCOUNT);
	if (err) {
		kfree(member);
		return err;
	}
	list_add_tail(&member->peer_node, &peer->groups);
	WRITE_ONCE(group->n_members, group->n_members + 1);
	WRITE_ONCE(dd->n_group_entries, dd->n_group_entries + 1);
	dvpn_table_changed(dd);
	return 0;
}

static void dvpn_group_leave(struct dvpn_dev *dd,
			     struct dvpn_group_member *member)
{
	struct dvpn_group *group = member->group;

	/* An empty group would be one that nobody gets. One that could not be
	 * inserted is not there: all the same.
	 */
	if (group->n_members == 1)
		rhashtable_remove_fast(&dd->groups, &group->node,
				       dvpn_group_params);
	xa_erase(&group->members, member->peer->id);
	list_del(&member->peer_node);
	WRITE_ONCE(group->n_members, group->n_members - 1);
	WRITE_ONCE(dd->n_group_entries, dd->n_group_entries - 1);
	kfree_rcu(member, rcu);
	if (!group->n_members)
		dvpn_group_free(dd, group);
	dvpn_table_changed(dd);
}

/**
 * dvpn_group_add() - add an entry
 * @dd: device
 * @addr: the group, checked
 * @peer: who wants it
 * @extack: where the text of a refusal goes
 *
 * Context: dvpn_table_lock() is held.
 * Return: 0; -EEXIST; -ENOSPC the table is full; -ENOMEM; -EBUSY or -E2BIG the
 *	hash table cannot grow now.
 */
int dvpn_group_add(struct dvpn_dev *dd, const struct dvpn_addr *addr,
		   struct dvpn_peer *peer, struct netlink_ext_ack *extack)
{
	struct dvpn_group *group = dvpn_group_find(dd, addr);
	int err;

	lockdep_assert_held(&dd->table_lock);

	if (group && xa_load(&group->members, peer->id)) {
		NL_SET_ERR_MSG(extack, "the peer is in the group already");
		return -EEXIST;
	}
	if (dd->n_group_entries >= DVPN_GROUP_LIMIT) {
		NL_SET_ERR_MSG(extack, "the device has 16384 entries in its replication table");
		return -ENOSPC;
	}
	if (group)
		return dvpn_group_join(dd, group, peer);

	group = dvpn_group_new(dd, addr);
	if (IS_ERR(group))
		return PTR_ERR(group);
	err = dvpn_group_join(dd, group, peer);
	if (err) {
		dvpn_group_free(dd, group);
		return err;
	}
	/* Not before it has a member. */
	err = rhashtable_insert_fast(&dd->groups, &group->node,
				     dvpn_group_params);
	if (err) {
		NL_SET_ERR_MSG(extack, "the table cannot grow now");
		dvpn_group_leave(dd, xa_load(&group->members, peer->id));
	}
	return err;
}

/**
 * dvpn_group_del() - remove an entry
 * @dd: device
 * @addr: the group
 * @peer: who does not want it any more
 * @extack: where the text of a refusal goes
 *
 * Context: dvpn_table_lock() is held.
 * Return: 0 or -ENOENT.
 */
int dvpn_group_del(struct dvpn_dev *dd, const struct dvpn_addr *addr,
		   struct dvpn_peer *peer, struct netlink_ext_ack *extack)
{
	struct dvpn_group *group = dvpn_group_find(dd, addr);
	struct dvpn_group_member *member = NULL;

	lockdep_assert_held(&dd->table_lock);

	if (group)
		member = xa_load(&group->members, peer->id);
	if (!member) {
		NL_SET_ERR_MSG(extack, "the peer is not in the group");
		return -ENOENT;
	}
	dvpn_group_leave(dd, member);
	return 0;
}

/**
 * dvpn_group_forget() - remove all entries of a peer
 * @dd: device
 * @peer: the peer, which goes
 *
 * Context: dvpn_table_lock() is held.
 */
void dvpn_group_forget(struct dvpn_dev *dd, struct dvpn_peer *peer)
{
	struct dvpn_group_member *member, *next;

	lockdep_assert_held(&dd->table_lock);

	list_for_each_entry_safe(member, next, &peer->groups, peer_node)
		dvpn_group_leave(dd, member);
}

/**
 * dvpn_groups_init() - prepare an empty replication table
 * @dd: device
 *
 * Context: process, before the device is visible.
 * Return: 0 or -ENOMEM.
 */
int dvpn_groups_init(struct dvpn_dev *dd)
{
	xa_init_flags(&dd->group_ids, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	return rhashtable_init(&dd->groups, &dvpn_group_params);
}

static void dvpn_group_destroy(void *ptr, void *arg)
{
	struct dvpn_group_member *member;
	struct dvpn_group *group = ptr;
	unsigned long id;

	xa_for_each(&group->members, id, member)
		kfree(member);
	xa_destroy(&group->members);
	kfree(group);
}

/**
 * dvpn_groups_destroy() - free the replication table
 * @dd: device
 *
 * Context: process; a grace period after the device is out of all lookups.
 */
void dvpn_groups_destroy(struct dvpn_dev *dd)
{
	rhashtable_free_and_destroy(&dd->groups, dvpn_group_destroy, NULL);
	xa_destroy(&dd->group_ids);
}
