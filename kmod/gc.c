// SPDX-License-Identifier: GPL-2.0
/* The table's lock, and the end of what has a time to live.
 *
 * Expiry is exact three times over: lookups pass over what has expired, whoever
 * takes the lock removes it first, and a work item sleeps until the next entry
 * is due. Entries wait in queues ordered by time, so that nothing is searched.
 */

#include <linux/jiffies.h>
#include <linux/sched.h>

#include "keepalive.h"
#include "table.h"

/* Entries are read without lock and must not tear. */
static_assert(BITS_PER_LONG == 64);

/* Jiffies stand still in suspend, CLOCK_BOOTTIME does not: look now and then. */
#define GC_SLEEP_MAX_NS	(60ULL * NSEC_PER_SEC)

/* Until when does the device defer expiry because it has no agent? */
static u64 grace_end_ns(struct dvpn_dev *dd)
{
	u64 gone_ns = READ_ONCE(dd->agent_gone_ns);
	u64 end_ns = 0;

	if (gone_ns) {
		rcu_read_lock();
		end_ns = gone_ns + (u64)NSEC_PER_SEC *
			 rcu_dereference(dd->conf)->agent_grace_s;
		rcu_read_unlock();
	}

	return end_ns;
}

/**
 * __dvpn_expired() - does the end of an entry, whose time is over, hold?
 * @dd: device
 *
 * Context: any.
 * Return: false: the device has no agent and defers expiry.
 */
bool __dvpn_expired(struct dvpn_dev *dd)
{
	return ktime_get_coarse_boottime_ns() >= grace_end_ns(dd);
}

/**
 * dvpn_expiry_set() - put an entry into its place in a queue
 * @queue: &dvpn_dev.map_expiry or &dvpn_dev.peer_expiry
 * @node: of the entry
 * @expires_ns: CLOCK_BOOTTIME, 0: take it out
 *
 * Context: dvpn_table_lock() is held.
 */
void dvpn_expiry_set(struct timerqueue_head *queue,
		     struct timerqueue_node *node, u64 expires_ns)
{
	if (!RB_EMPTY_NODE(&node->node))
		timerqueue_del(queue, node);
	if (expires_ns) {
		node->expires = ns_to_ktime(expires_ns);
		timerqueue_add(queue, node);
	}
}

static struct timerqueue_node *overdue(struct dvpn_dev *dd,
				       struct timerqueue_head *queue)
{
	struct timerqueue_node *node = timerqueue_getnext(queue);

	return node && dvpn_expired(dd, node->expires) ? node : NULL;
}

/* Removes at most DVPN_SLICE entries. Is there nothing overdue any more? */
static bool gc_slice(struct dvpn_dev *dd)
{
	struct timerqueue_node *node;
	unsigned int n;

	lockdep_assert_held(&dd->table_lock);

	for (n = 0; n < DVPN_SLICE; n++) {
		node = overdue(dd, &dd->map_expiry);
		if (!node)
			break;
		dvpn_map_remove(dd, container_of(node, struct dvpn_map, expiry),
				DVPN_REASON_EXPIRED);
	}

	for (; n < DVPN_SLICE; n++) {
		node = overdue(dd, &dd->peer_expiry);
		if (!node)
			return true;
		/* With mappings it lives on, until the last one goes. */
		timerqueue_del(&dd->peer_expiry, node);
		dvpn_peer_release(dd,
				  container_of(node, struct dvpn_peer, expiry),
				  DVPN_REASON_EXPIRED);
	}

	return false;
}

static u64 next_expiry_ns(struct dvpn_dev *dd)
{
	struct timerqueue_node *map = timerqueue_getnext(&dd->map_expiry);
	struct timerqueue_node *peer = timerqueue_getnext(&dd->peer_expiry);
	u64 next_ns = U64_MAX;

	if (map)
		next_ns = map->expires;
	if (peer)
		next_ns = min_t(u64, next_ns, peer->expires);
	if (next_ns != U64_MAX)
		next_ns = max(next_ns, grace_end_ns(dd));

	return next_ns;
}

static void gc_arm(struct dvpn_dev *dd)
{
	u64 next_ns = next_expiry_ns(dd);
	u64 now_ns;

	if (next_ns >= dd->gc_at_ns)
		return;

	now_ns = ktime_get_coarse_boottime_ns();
	next_ns = clamp(next_ns, now_ns, now_ns + GC_SLEEP_MAX_NS);
	dd->gc_at_ns = next_ns;
	/* A tick more: the coarse clock must have come to that time. */
	mod_delayed_work(system_power_efficient_wq, &dd->gc_work,
			 nsecs_to_jiffies(next_ns - now_ns) + 1);
}

static void gc_work(struct work_struct *work)
{
	struct dvpn_dev *dd = container_of(to_delayed_work(work),
					   struct dvpn_dev, gc_work);
	bool done;

	do {
		mutex_lock(&dd->table_lock);
		done = dd->dead || gc_slice(dd);
		if (done && !dd->dead) {
			dd->gc_at_ns = U64_MAX;
			gc_arm(dd);
		}
		mutex_unlock(&dd->table_lock);
		cond_resched();
	} while (!done);
}

/**
 * dvpn_table_lock() - take the table
 * @dd: device
 *
 * What has expired is removed first: nobody who has the lock sees it.
 *
 * Context: process; inside rtnl, if that is needed.
 * Return: 0, or -ENODEV without the lock: the device is going.
 */
int dvpn_table_lock(struct dvpn_dev *dd)
{
	mutex_lock(&dd->table_lock);
	if (dd->dead) {
		mutex_unlock(&dd->table_lock);
		return -ENODEV;
	}
	while (!gc_slice(dd))
		cond_resched();

	return 0;
}

/**
 * dvpn_table_unlock() - give the table back
 * @dd: device
 *
 * Context: dvpn_table_lock() is held.
 */
void dvpn_table_unlock(struct dvpn_dev *dd)
{
	gc_arm(dd);
	dvpn_keepalive_arm(dd);
	mutex_unlock(&dd->table_lock);
}

/**
 * dvpn_table_close() - have nobody take the table any more
 * @dd: device, which is going
 *
 * Who has it is waited for; dvpn_table_lock() fails from here on.
 *
 * Context: process.
 */
void dvpn_table_close(struct dvpn_dev *dd)
{
	mutex_lock(&dd->table_lock);
	WRITE_ONCE(dd->dead, true);
	mutex_unlock(&dd->table_lock);
}

/**
 * dvpn_gc_init() - prepare the queues of what expires
 * @dd: device
 *
 * Context: process, before the device is visible.
 */
void dvpn_gc_init(struct dvpn_dev *dd)
{
	timerqueue_init_head(&dd->map_expiry);
	timerqueue_init_head(&dd->peer_expiry);
	dd->gc_at_ns = U64_MAX;
	INIT_DELAYED_WORK(&dd->gc_work, gc_work);
}

/**
 * dvpn_gc_stop() - end the garbage collection for good
 * @dd: device
 *
 * dvpn_table_lock() fails from here on.
 *
 * Context: process.
 */
void dvpn_gc_stop(struct dvpn_dev *dd)
{
	dvpn_table_close(dd);
	cancel_delayed_work_sync(&dd->gc_work);
}

/**
 * dvpn_gc_kick() - have removed soon what has expired
 * @dd: device
 *
 * Context: any.
 */
void dvpn_gc_kick(struct dvpn_dev *dd)
{
	mod_delayed_work(system_power_efficient_wq, &dd->gc_work, 0);
}
