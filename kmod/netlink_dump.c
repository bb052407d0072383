// SPDX-License-Identifier: GPL-2.0
/* Dumps: over one device or all of a namespace, entries by rising id.
 *
 * Ids are given out once and never change, so an entry that lives through the
 * dump is in it exactly once, whatever else comes and goes. The generation
 * tells the reader whether something did.
 */

#include <net/sock.h>

#include "netlink_ops.h"

static_assert(sizeof(struct dvpn_dump) <=
	      sizeof_field(struct netlink_callback, ctx));

static struct net_device *get_dvpn(struct net *net, u32 ifindex)
{
	struct net_device *dev = dev_get_by_index(net, ifindex);

	if (dev && !dvpn_is_dev(dev)) {
		dev_put(dev);
		return NULL;
	}

	return dev;
}

/* The dvpn device with the lowest index above @ifindex, with a reference. */
static struct net_device *get_next_dvpn(struct net *net, u32 ifindex)
{
	struct net_device *dev, *next = NULL;

	rcu_read_lock();
	for_each_netdev_rcu(net, dev)
		if (dvpn_is_dev(dev) && dev->ifindex > ifindex &&
		    (!next || dev->ifindex < next->ifindex))
			next = dev;
	dev_hold(next);
	rcu_read_unlock();

	return next;
}

/**
 * dvpn_nl_dump_start() - begin a dump
 * @cb: state of the dump
 *
 * The attributes of the request have been checked by the core.
 *
 * Context: process.
 * Return: 0, or -ENODEV.
 */
int dvpn_nl_dump_start(struct netlink_callback *cb)
{
	const struct nlattr *attr = nlmsg_find_attr(cb->nlh, GENL_HDRLEN,
						    DVPN_A_IFINDEX);
	struct dvpn_dump *dump = dvpn_dump(cb);
	struct net_device *dev;

	memset(dump, 0, sizeof(*dump));
	cb->seq = 1; /* 0 is no sequence */
	if (!attr)
		return 0;

	dump->ifindex = nla_get_u32(attr);
	dump->one = true;
	dev = get_dvpn(sock_net(cb->skb->sk), dump->ifindex);
	if (!dev)
		return dvpn_nl_refuse(cb->extack, attr, -ENODEV,
				      "no dvpn device with this index");
	dev_put(dev);

	return 0;
}

static void dump_next(struct dvpn_dump *dump)
{
	dump->begun = false;
	dump->stage = 0;
	dump->cursor = 0;
	dump->subcursor = 0;
}

/* The device under the cursor or the next one, locked; NULL: no more. */
static struct dvpn_dev *dump_lock(struct netlink_callback *cb)
{
	struct net *net = sock_net(cb->skb->sk);
	struct dvpn_dump *dump = dvpn_dump(cb);
	struct net_device *dev;
	struct dvpn_dev *dd;

	for (;;) {
		if (dump->one || dump->begun)
			dev = get_dvpn(net, dump->ifindex);
		else
			dev = get_next_dvpn(net, dump->ifindex);
		if (dev) {
			dump->ifindex = dev->ifindex;
			dd = netdev_priv(dev);
			if (!dvpn_table_lock(dd))
				break;
			dev_put(dev);
		} else if (!dump->begun) {
			return NULL;
		}

		/* It went in the middle of its dump: that is a change. */
		if (dump->begun)
			cb->seq++;
		if (dump->one)
			return NULL;
		dump_next(dump);
	}

	if (dump->begun && dump->generation != dd->generation)
		cb->seq++;
	dump->generation = dd->generation;
	dump->begun = true;

	return dd;
}

/**
 * dvpn_nl_dump() - go on with a dump
 * @skb: the message
 * @cb: state of the dump
 * @fill: writes entries of one device, its table locked; not 0: no room
 *
 * Context: process.
 * Return: bytes written, 0: it is complete; negative errno.
 */
int dvpn_nl_dump(struct sk_buff *skb, struct netlink_callback *cb,
		 int (*fill)(struct sk_buff *skb, struct netlink_callback *cb,
			     struct dvpn_dev *dd))
{
	struct dvpn_dump *dump = dvpn_dump(cb);
	struct dvpn_dev *dd;
	int err;

	while (dump->stage != U8_MAX) {
		dd = dump_lock(cb);
		if (!dd)
			break;
		err = fill(skb, cb, dd);
		dvpn_nl_unlock(dd);
		if (err) /* one entry fits at least, or something is wrong */
			return skb->len ?: err;
		if (dump->one) {
			dump->stage = U8_MAX;
			break;
		}
		dump_next(dump);
	}

	return skb->len;
}

/**
 * dvpn_nl_dump_entry() - begin the message of one entry
 * @skb: the message
 * @cb: state of the dump
 * @dd: device
 * @cmd: command of the message
 *
 * Context: dvpn_table_lock() is held.
 * Return: generic netlink header, or NULL: no room.
 */
void *dvpn_nl_dump_entry(struct sk_buff *skb, struct netlink_callback *cb,
			 struct dvpn_dev *dd, u8 cmd)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &dvpn_genl_family,
				NLM_F_MULTI, cmd);

	if (!hdr)
		return NULL;
	genl_dump_check_consistent(cb, hdr);
	if (nla_put_u32(skb, DVPN_A_IFINDEX, dd->dev->ifindex)) {
		genlmsg_cancel(skb, hdr);
		return NULL;
	}

	return hdr;
}
