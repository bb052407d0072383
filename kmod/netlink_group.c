// SPDX-License-Identifier: GPL-2.0
/* Commands on the replication table. */

#include "group.h"
#include "netlink_ops.h"

static int get_group(struct genl_info *info, struct dvpn_addr *group)
{
	int err;

	err = dvpn_nl_get_addr(info, DVPN_A_GROUP4, DVPN_A_GROUP6, group);
	if (err)
		return err;
	if (group->family == AF_UNSPEC)
		return dvpn_nl_missing(info->extack, DVPN_A_GROUP4,
				       "the multicast group is missing");

	return dvpn_group_check(group, info->extack);
}

/* What both commands have in common: @act with the group and the peer. */
static int group_act(struct genl_info *info,
		     int (*act)(struct dvpn_dev *dd,
				const struct dvpn_addr *addr,
				struct dvpn_peer *peer,
				struct netlink_ext_ack *extack))
{
	struct dvpn_peer_key key;
	struct dvpn_addr group;
	struct dvpn_peer *peer;
	struct dvpn_dev *dd;
	int err;

	err = get_group(info, &group) ?: dvpn_nl_get_key(info, &key);
	if (err)
		return err;

	dd = dvpn_nl_lock(info);
	if (IS_ERR(dd))
		return PTR_ERR(dd);
	peer = dvpn_peer_find(dd, &key);
	if (peer)
		err = act(dd, &group, peer, info->extack);
	else
		err = dvpn_nl_refuse(info->extack, NULL, -ENOENT,
				     "no such peer: add it, or a mapping to it, first");
	dvpn_nl_unlock(dd);

	return err;
}

int dvpn_nl_group_new(struct sk_buff *skb, struct genl_info *info)
{
	return group_act(info, dvpn_group_add);
}

int dvpn_nl_group_del(struct sk_buff *skb, struct genl_info *info)
{
	return group_act(info, dvpn_group_del);
}

static int put_entry(struct sk_buff *skb, struct netlink_callback *cb,
		     struct dvpn_dev *dd,
		     const struct dvpn_group_member *member)
{
	const struct dvpn_group_key *group = &member->group->key;
	void *hdr;

	hdr = dvpn_nl_dump_entry(skb, cb, dd, DVPN_CMD_GROUP_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (dvpn_put_addr(skb, DVPN_A_GROUP4, DVPN_A_GROUP6, group->family,
			  &group->addr) ||
	    nla_put_u32(skb, DVPN_A_PEER_ID, member->peer->id) ||
	    dvpn_put_peer_key(skb, &member->peer->key)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);

	return 0;
}

/* By rising ids of groups and, in each, of peers: those of the last entry sent
 * are the cursor.
 */
static int fill_groups(struct sk_buff *skb, struct netlink_callback *cb,
		       struct dvpn_dev *dd)
{
	struct dvpn_dump *dump = dvpn_dump(cb);
	const struct dvpn_group_member *member;
	unsigned long id = dump->cursor;
	struct dvpn_group *group;
	unsigned long peer_id;

	for (group = xa_find(&dd->group_ids, &id, ULONG_MAX, XA_PRESENT); group;
	     group = xa_find_after(&dd->group_ids, &id, ULONG_MAX,
				   XA_PRESENT)) {
		if (id != dump->cursor)
			dump->subcursor = 0;
		dump->cursor = id;
		peer_id = dump->subcursor;
		while ((member = xa_find_after(&group->members, &peer_id,
					       ULONG_MAX, XA_PRESENT))) {
			if (put_entry(skb, cb, dd, member))
				return -EMSGSIZE;
			dump->subcursor = peer_id;
		}
	}

	return 0;
}

int dvpn_nl_group_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dvpn_nl_dump(skb, cb, fill_groups);
}
