// SPDX-License-Identifier: GPL-2.0
/*
 * Keepalives: an empty frame to a peer to whom nothing was sent for a while, so
 * that NAT on the way keeps its binding while there is no traffic, and no agent.
 *
 * Nothing is done per packet but a stamp beside the counters. Peers wait in a
 * queue ordered by the time of the next look at them; a peer with traffic is
 * looked at once in its interval.
 */
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/pkt_sched.h>
#include <linux/random.h>

#include "encap.h"
#include "keepalive.h"
#include "table.h"

/* Of the interval, so much earlier at most: peers must not march in step. */
#define KEEPALIVE_JITTER	8

/* Jiffies stand still in suspend, CLOCK_BOOTTIME does not. */
#define KEEPALIVE_SLEEP_MAX_NS	(60ULL * NSEC_PER_SEC)

static struct sk_buff *keepalive_skb(struct dvpn_dev *dd)
{
	unsigned int headroom = READ_ONCE(dd->dev->needed_headroom);
	struct sk_buff *skb;

	skb = alloc_skb(headroom, GFP_ATOMIC);
	if (!skb)
		return NULL;
	skb_reserve(skb, headroom);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb->protocol = 0;
	skb->priority = TC_PRIO_CONTROL;
	skb->dev = dd->dev;
	return skb;
}

static void keepalive_send(struct dvpn_dev *dd, struct dvpn_peer *peer)
{
	struct sk_buff *skb = keepalive_skb(dd);

	if (!skb)
		return;
	local_bh_disable();
	rcu_read_lock();
	if (!dvpn_send(dd, rcu_dereference(dd->conf), peer, skb))
		dvpn_count_stat(dd, DVPN_STAT_KEEPALIVES, 1);
	rcu_read_unlock();
	local_bh_enable();
}

/* Sends if it is time to. Returns in how many nanoseconds to look again. */
static u64 keepalive_look(struct dvpn_dev *dd, struct dvpn_peer *peer)
{
	u64 interval_ns = peer->keepalive_s * (u64)NSEC_PER_SEC;
	u64 idle_ns = jiffies64_to_nsecs(dvpn_peer_tx_idle(peer));

	interval_ns -= get_random_u32_below(peer->keepalive_s * MSEC_PER_SEC /
					    KEEPALIVE_JITTER) *
		       (u64)NSEC_PER_MSEC;
	if (idle_ns < interval_ns)
		return interval_ns - idle_ns;
	if (!(peer->flags & DVPN_PEER_F_RX_ONLY) &&
	    READ_ONCE(dd->down_reason) == DVPN_DOWN_NONE)
		keepalive_send(dd, peer);
	return interval_ns;
}

/* Looks at DVPN_SLICE peers at most. Is nobody due any more? */
static bool keepalive_slice(struct dvpn_dev *dd)
{
	u64 now_ns = ktime_get_coarse_boottime_ns();
	struct timerqueue_node *node;
	struct dvpn_peer *peer;
	unsigned int n;

	for (n = 0; n < DVPN_SLICE; n++) {
		node = timerqueue_getnext(&dd->keepalive_queue);
		if (!node || node->expires > now_ns)
			return true;
		peer = container_of(node, struct dvpn_peer, keepalive);
		dvpn_expiry_set(&dd->keepalive_queue, node,
				now_ns + keepalive_look(dd, peer));
	}
	return false;
}

static void keepalive_work(struct work_struct *work)
{
	struct dvpn_dev *dd = container_of(to_delayed_work(work),
					   struct dvpn_dev, keepalive_work);
	bool done;

	do {
		if (dvpn_table_lock(dd))
			return;
		/* dvpn_keepalive_kick() when it comes up again. */
		done = !netif_running(dd->dev) || keepalive_slice(dd);
		if (done)
			dd->keepalive_at_ns = U64_MAX;
		dvpn_table_unlock(dd);
		cond_resched();
	} while (!done);
}

/**
 * dvpn_keepalive_arm() - sleep until the next peer is due
 * @dd: device
 *
 * Context: dvpn_table_lock() is held.
 */
void dvpn_keepalive_arm(struct dvpn_dev *dd)
{
	struct timerqueue_node *node = timerqueue_getnext(&dd->keepalive_queue);
	u64 next_ns, now_ns;

	if (!node || !netif_running(dd->dev))
		return;
	next_ns = node->expires;
	if (next_ns >= dd->keepalive_at_ns)
		return;
	now_ns = ktime_get_coarse_boottime_ns();
	next_ns = clamp(next_ns, now_ns, now_ns + KEEPALIVE_SLEEP_MAX_NS);
	dd->keepalive_at_ns = next_ns;
	mod_delayed_work(system_power_efficient_wq, &dd->keepalive_work,
			 nsecs_to_jiffies(next_ns - now_ns) + 1);
}

/**
 * dvpn_keepalive_set() - the interval of a peer is another one
 * @dd: device
 * @peer: the peer
 * @keepalive_s: seconds, 0 none
 *
 * Context: dvpn_table_lock() is held.
 */
void dvpn_keepalive_set(struct dvpn_dev *dd, struct dvpn_peer *peer,
			u32 keepalive_s)
{
	lockdep_assert_held(&dd->table_lock);

	peer->keepalive_s = keepalive_s;
	/* The first look finds out when the next one is to be. */
	dvpn_expiry_set(&dd->keepalive_queue, &peer->keepalive, keepalive_s ?
			ktime_get_coarse_boottime_ns() : 0);
}

/**
 * dvpn_keepalive_init() - prepare
 * @dd: device
 *
 * Context: process, before the device is visible.
 */
void dvpn_keepalive_init(struct dvpn_dev *dd)
{
	timerqueue_init_head(&dd->keepalive_queue);
	dd->keepalive_at_ns = U64_MAX;
	INIT_DELAYED_WORK(&dd->keepalive_work, keepalive_work);
}

/**
 * dvpn_keepalive_stop() - no keepalives any more
 * @dd: device, &dvpn_dev.dead
 *
 * Context: process.
 */
void dvpn_keepalive_stop(struct dvpn_dev *dd)
{
	cancel_delayed_work_sync(&dd->keepalive_work);
}

/**
 * dvpn_keepalive_kick() - begin, or begin again
 * @dd: device, up
 *
 * Context: process.
 */
void dvpn_keepalive_kick(struct dvpn_dev *dd)
{
	mod_delayed_work(system_power_efficient_wq, &dd->keepalive_work, 0);
}
