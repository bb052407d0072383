// SPDX-License-Identifier: GPL-2.0
/*
 * One copy for each peer that takes multicast.
 */
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/dst.h>

#include "device.h"
#include "encap.h"
#include "group.h"
#include "multicast.h"

#define DVPN_MCAST_QUEUE_MAX	256	/* packets that wait for the worker */

/**
 * struct dvpn_mcast - replication to more peers than the sender can wait for
 * @dd: device
 * @queue: packets that wait, oldest first
 * @busy: a packet waits or is being worked on: all others queue behind it, so
 *	that order is kept. Written under the lock of @queue
 * @work: makes the copies
 */
struct dvpn_mcast {
	struct dvpn_dev *dd;
	struct sk_buff_head queue;
	bool busy;
	struct work_struct work;
};

/**
 * struct dvpn_mcast_cb - what a waiting packet carries in skb->cb
 * @except: id of the peer that gets no copy, or 0
 */
struct dvpn_mcast_cb {
	u32 except;
};

static struct dvpn_mcast_cb *dvpn_mcast_cb(struct sk_buff *skb)
{
	return (struct dvpn_mcast_cb *)skb->cb;
}

static bool dvpn_mcast_wanted(struct dvpn_dev *dd, const struct dvpn_peer *peer,
			      u32 except)
{
	return READ_ONCE(peer->n_mcast) && peer->id != except &&
	       !(READ_ONCE(peer->flags) & DVPN_PEER_F_RX_ONLY) &&
	       !dvpn_expired(dd, READ_ONCE(peer->mcast_until_ns));
}

/* The first peer from id *@cursor on that may take a packet to @group (NULL:
 * of no special group). Called again it gives the next one. RCU.
 */
static struct dvpn_peer *dvpn_mcast_peer(struct dvpn_dev *dd,
					 struct dvpn_group *group,
					 unsigned long *cursor)
{
	struct dvpn_peer *peer;

	peer = group ? dvpn_group_peer(group, cursor) :
		       xa_find(&dd->peer_ids, cursor, ULONG_MAX,
			       DVPN_PEER_MCAST);
	(*cursor)++;
	return peer;
}

/* RCU, BH off. */
static void dvpn_mcast_copy(struct dvpn_dev *dd, const struct dvpn_conf *conf,
			    struct dvpn_peer *peer, struct sk_buff *skb)
{
	struct sk_buff *copy;

	copy = __pskb_copy(skb, max(skb_headroom(skb),
				    READ_ONCE(dd->dev->needed_headroom)),
			   GFP_ATOMIC);
	if (!copy) {
		dvpn_count_skb(dd, skb, DVPN_DROP_TX_NOMEM);
		return;
	}
	dvpn_count_stat(dd, DVPN_STAT_MCAST_COPIES, 1);
	dvpn_send(dd, conf, peer, copy);
}

/* Up to one slice of copies of @skb for peers from id *@cursor on. Returns
 * true if there may be more.
 */
static bool dvpn_mcast_slice(struct dvpn_dev *dd, struct sk_buff *skb,
			     unsigned long *cursor)
{
	u32 except = dvpn_mcast_cb(skb)->except;
	const struct dvpn_conf *conf;
	struct dvpn_peer *peer = NULL;
	struct dvpn_group *group;
	int n;

	local_bh_disable();
	rcu_read_lock();
	conf = rcu_dereference(dd->conf);
	group = dvpn_group_of(dd, skb);
	for (n = 0; n < DVPN_MCAST_INLINE; n++) {
		peer = dvpn_mcast_peer(dd, group, cursor);
		if (!peer)
			break;
		if (dvpn_mcast_wanted(dd, peer, except))
			dvpn_mcast_copy(dd, conf, peer, skb);
	}
	rcu_read_unlock();
	local_bh_enable();
	return peer;
}

static struct sk_buff *dvpn_mcast_next(struct dvpn_mcast *mc)
{
	struct sk_buff *skb;

	spin_lock_bh(&mc->queue.lock);
	skb = __skb_dequeue(&mc->queue);
	if (!skb)
		WRITE_ONCE(mc->busy, false);
	spin_unlock_bh(&mc->queue.lock);
	return skb;
}

static void dvpn_mcast_work(struct work_struct *work)
{
	struct dvpn_mcast *mc = container_of(work, struct dvpn_mcast, work);
	struct sk_buff *skb;

	while ((skb = dvpn_mcast_next(mc))) {
		unsigned long cursor = 0;

		while (netif_running(mc->dd->dev) &&
		       dvpn_mcast_slice(mc->dd, skb, &cursor))
			cond_resched();
		consume_skb(skb);
	}
}

static void dvpn_mcast_enqueue(struct dvpn_mcast *mc, struct sk_buff *skb,
			       u32 except)
{
	bool full;

	skb_dst_force(skb);
	dvpn_mcast_cb(skb)->except = except;
	spin_lock_bh(&mc->queue.lock);
	full = skb_queue_len(&mc->queue) >= DVPN_MCAST_QUEUE_MAX;
	if (!full) {
		__skb_queue_tail(&mc->queue, skb);
		WRITE_ONCE(mc->busy, true);
	}
	spin_unlock_bh(&mc->queue.lock);
	if (full)
		dvpn_drop(mc->dd, skb, DVPN_DROP_MCAST_QUEUE);
	else
		queue_work(system_unbound_wq, &mc->work);
}

/* The last peer gets the packet itself. */
static void dvpn_mcast_inline(struct dvpn_dev *dd, const struct dvpn_conf *conf,
			      struct dvpn_group *group, struct sk_buff *skb,
			      u32 except)
{
	struct dvpn_peer *peer, *last = NULL;
	unsigned long cursor = 0;
	unsigned int n;

	/* There may be more peers now than when they were counted. */
	for (n = 0; n < 2 * DVPN_MCAST_INLINE; n++) {
		peer = dvpn_mcast_peer(dd, group, &cursor);
		if (!peer)
			break;
		if (!dvpn_mcast_wanted(dd, peer, except))
			continue;
		if (last)
			dvpn_mcast_copy(dd, conf, last, skb);
		last = peer;
	}
	if (!last) {
		dvpn_drop(dd, skb, DVPN_DROP_MCAST_NO_PEER);
		return;
	}
	dvpn_count_stat(dd, DVPN_STAT_MCAST_COPIES, 1);
	dvpn_send(dd, conf, last, skb);
}

/**
 * dvpn_multicast() - replicate a packet
 * @dd: device
 * @conf: its configuration
 * @skb: inner packet, consumed
 * @except: gets no copy: the peer it came from, or NULL
 *
 * Context: RCU, BH off.
 */
void dvpn_multicast(struct dvpn_dev *dd, const struct dvpn_conf *conf,
		    struct sk_buff *skb, const struct dvpn_peer *except)
{
	struct dvpn_group *group = dvpn_group_of(dd, skb);
	u32 except_id = except ? except->id : 0;
	u32 n;

	dvpn_count_stat(dd, DVPN_STAT_MCAST_PACKETS, 1);
	n = group ? READ_ONCE(group->n_members) : READ_ONCE(dd->n_mcast_peers);
	if (n > DVPN_MCAST_INLINE || READ_ONCE(dd->mcast->busy))
		dvpn_mcast_enqueue(dd->mcast, skb, except_id);
	else
		dvpn_mcast_inline(dd, conf, group, skb, except_id);
}

/**
 * dvpn_multicast_purge() - drop all that waits
 * @dd: device
 *
 * Context: any but hard irq.
 */
void dvpn_multicast_purge(struct dvpn_dev *dd)
{
	skb_queue_purge(&dd->mcast->queue);
}

/**
 * dvpn_multicast_init() - prepare for replication
 * @dd: device
 *
 * Return: 0 or -ENOMEM.
 */
int dvpn_multicast_init(struct dvpn_dev *dd)
{
	struct dvpn_mcast *mc;

	mc = kzalloc(sizeof(*mc), GFP_KERNEL);
	if (!mc)
		return -ENOMEM;
	mc->dd = dd;
	skb_queue_head_init(&mc->queue);
	INIT_WORK(&mc->work, dvpn_mcast_work);
	dd->mcast = mc;
	return 0;
}

/**
 * dvpn_multicast_destroy() - undo dvpn_multicast_init()
 * @dd: device, which does not transmit any more
 */
void dvpn_multicast_destroy(struct dvpn_dev *dd)
{
	skb_queue_purge(&dd->mcast->queue);
	cancel_work_sync(&dd->mcast->work);
	skb_queue_purge(&dd->mcast->queue);
	kfree(dd->mcast);
	dd->mcast = NULL;
}
