// SPDX-License-Identifier: GPL-2.0
/* Unresolved next hops: asked for once per back-off step, and, where there is
 * no NHS to go by, packets that wait for the answer.
 */

#include <linux/hash.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/jhash.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/dst.h>

#include "device.h"
#include "event.h"
#include "miss.h"
#include "xmit.h"

#define MISS_HASH_BITS		8
#define MISS_BACKOFF_MIN	HZ
#define MISS_BACKOFF_MAX	(32 * HZ)
#define MISS_LINGER		(2 * HZ) /* without packets, after the back-off */
#define MISS_HOLD		(3 * HZ) /* a packet waits for its mapping */

/**
 * struct dvpn_miss_table - unresolved next hops of one device
 * @dd: the device
 * @lock: spinlock (BH) over all the rest
 * @heads: entries by hash of their address
 * @seed: of that hash
 * @list: entries, oldest first
 * @count: entries
 * @queued: packets that wait, all entries together; read without lock
 * @last_seq: number of the youngest entry
 * @work: ends what lasts too long
 */
struct dvpn_miss_table {
	struct dvpn_dev *dd;
	spinlock_t lock; /* all the rest */
	struct hlist_head heads[1 << MISS_HASH_BITS];
	u32 seed;
	struct list_head list;
	unsigned int count;
	unsigned int queued;
	u32 last_seq;
	struct delayed_work work;
};

/**
 * struct miss - one unresolved next hop
 * @node: in &dvpn_miss_table.heads
 * @list: in &dvpn_miss_table.list
 * @addr: the next hop
 * @seq: rises with every new entry; cursor of walks
 * @created: jiffies
 * @last: jiffies of the last packet
 * @event_at: jiffies from when on the next event may be raised
 * @backoff: jiffies between the last event and the next
 * @held_since: jiffies, of the oldest packet in @queue
 * @queue: packets that wait
 * @queue_bytes: their memory
 */
struct miss {
	struct hlist_node node;
	struct list_head list;
	struct dvpn_addr addr;
	u32 seq;
	unsigned long created;
	unsigned long last;
	unsigned long event_at;
	unsigned long backoff;
	unsigned long held_since;
	struct sk_buff_head queue;
	unsigned int queue_bytes;
};

static struct hlist_head *miss_head(struct dvpn_miss_table *table,
				    const struct dvpn_addr *addr)
{
	u32 hash = jhash2(addr->ip.words, ARRAY_SIZE(addr->ip.words),
			  table->seed ^ addr->family);

	return &table->heads[hash_32(hash, MISS_HASH_BITS)];
}

static struct miss *miss_find(struct dvpn_miss_table *table,
			      const struct dvpn_addr *addr)
{
	struct miss *miss;

	lockdep_assert_held(&table->lock);

	hlist_for_each_entry(miss, miss_head(table, addr), node)
		if (miss->addr.family == addr->family &&
		    dvpn_ip_equal(&miss->addr.ip, &addr->ip))
			return miss;

	return NULL;
}

static struct miss *miss_new(struct dvpn_miss_table *table,
			     const struct dvpn_addr *addr)
{
	struct miss *miss;

	lockdep_assert_held(&table->lock);

	if (table->count >= DVPN_MISS_MAX)
		return NULL;
	miss = kzalloc(sizeof(*miss), GFP_ATOMIC);
	if (!miss)
		return NULL;

	miss->addr = *addr;
	/* Never 0, where walks begin. */
	table->last_seq = table->last_seq + 1 ?: 1;
	miss->seq = table->last_seq;
	miss->created = jiffies;
	miss->event_at = jiffies;
	miss->backoff = MISS_BACKOFF_MIN / 2;
	__skb_queue_head_init(&miss->queue);
	hlist_add_head(&miss->node, miss_head(table, addr));
	list_add_tail(&miss->list, &table->list);
	if (!table->count)
		queue_delayed_work(system_power_efficient_wq, &table->work, HZ);
	WRITE_ONCE(table->count, table->count + 1);

	return miss;
}

/* Move what waits to @out. */
static void miss_take_queue(struct dvpn_miss_table *table, struct miss *miss,
			    struct sk_buff_head *out)
{
	WRITE_ONCE(table->queued,
		   table->queued - skb_queue_len(&miss->queue));
	skb_queue_splice_tail_init(&miss->queue, out);
	miss->queue_bytes = 0;
}

static void miss_free(struct dvpn_miss_table *table, struct miss *miss,
		      struct sk_buff_head *out)
{
	miss_take_queue(table, miss, out);
	hlist_del(&miss->node);
	list_del(&miss->list);
	WRITE_ONCE(table->count, table->count - 1);
	kfree(miss);
}

static void drop_all(struct dvpn_dev *dd, struct sk_buff_head *packets)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(packets)))
		dvpn_drop(dd, skb, DVPN_DROP_TX_QUEUE_FULL);
}

static void send_all(struct dvpn_dev *dd, struct sk_buff_head *packets)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(packets)))
		dvpn_xmit_again(dd, skb);
}

/* Take one packet that waits. */
static void miss_unlink(struct dvpn_miss_table *table, struct miss *miss,
			struct sk_buff *skb)
{
	__skb_unlink(skb, &miss->queue);
	miss->queue_bytes -= skb->truesize;
	WRITE_ONCE(table->queued, table->queued - 1);
}

/* Hold @skb, pushing older packets out to @out. False: it cannot be held. */
static bool miss_hold(struct dvpn_miss_table *table, struct miss *miss,
		      struct sk_buff *skb, u32 limit, struct sk_buff_head *out)
{
	struct sk_buff *old;

	if (!limit || skb->truesize > DVPN_MISS_QUEUE_BYTES)
		return false;
	if (skb_dst(skb) && !skb_dst_force(skb))
		return false;

	while (skb_queue_len(&miss->queue) >= limit ||
	       miss->queue_bytes + skb->truesize > DVPN_MISS_QUEUE_BYTES) {
		old = skb_peek(&miss->queue);
		miss_unlink(table, miss, old);
		__skb_queue_tail(out, old);
	}

	if (skb_queue_empty(&miss->queue))
		miss->held_since = jiffies;
	__skb_queue_tail(&miss->queue, skb);
	miss->queue_bytes += skb->truesize;
	WRITE_ONCE(table->queued, table->queued + 1);

	return true;
}

/**
 * dvpn_miss() - a packet found no mapping
 * @dd: device
 * @skb: the packet, skb->data at its network header
 * @nexthop: next hop without a mapping
 * @may_queue: there is no NHS: hold the packet, if the device does that
 *
 * Makes or refreshes the next hop's unresolved entry and raises the event when
 * the back-off allows.
 *
 * Context: bottom halves off, RCU.
 * Return: whether the packet was taken, to be sent or dropped later.
 */
bool dvpn_miss(struct dvpn_dev *dd, struct sk_buff *skb,
	       const struct dvpn_addr *nexthop, bool may_queue)
{
	struct dvpn_miss_table *table = dd->miss;
	struct sk_buff_head pushed;
	bool ask = false, held = false;
	struct sk_buff *copy = NULL;
	struct miss *miss;
	u32 limit = 0;

	if (may_queue)
		limit = rcu_dereference(dd->conf)->queue;
	__skb_queue_head_init(&pushed);

	spin_lock(&table->lock);
	miss = miss_find(table, nexthop) ?: miss_new(table, nexthop);
	if (miss) {
		miss->last = jiffies;
		ask = time_after_eq(jiffies, miss->event_at);
		if (ask) {
			miss->backoff = min_t(unsigned long, 2 * miss->backoff,
					      MISS_BACKOFF_MAX);
			miss->event_at = jiffies + miss->backoff;
			/* The event quotes it, another CPU may send it. */
			if (limit)
				copy = skb_clone(skb, GFP_ATOMIC);
		}
		held = miss_hold(table, miss, skb, limit, &pushed);
	}
	spin_unlock(&table->lock);

	drop_all(dd, &pushed);
	if (ask && (copy || !held))
		dvpn_event_miss(dd, copy ?: skb, nexthop);
	if (!ask)
		dvpn_count_stat(dd, DVPN_STAT_EVENTS_LIMITED, 1);
	consume_skb(copy);

	return held;
}

/**
 * dvpn_miss_resolved() - a next hop has a mapping now
 * @dd: device
 * @addr: the next hop
 *
 * Forgets the miss and sends what waited.
 *
 * Context: process.
 */
void dvpn_miss_resolved(struct dvpn_dev *dd, const struct dvpn_addr *addr)
{
	struct dvpn_miss_table *table = dd->miss;
	struct sk_buff_head waiting;
	struct miss *miss;

	if (!READ_ONCE(table->count))
		return;

	__skb_queue_head_init(&waiting);
	spin_lock_bh(&table->lock);
	miss = miss_find(table, addr);
	if (miss)
		miss_free(table, miss, &waiting);
	spin_unlock_bh(&table->lock);

	send_all(dd, &waiting);
}

/* Under RCU: would a packet that waits for @nexthop find its way now? */
static bool can_go(struct dvpn_dev *dd, const struct sk_buff *skb,
		   const struct dvpn_addr *nexthop)
{
	union dvpn_ip dst = {};
	struct dvpn_map *map;
	u8 family;

	if (skb->protocol == htons(ETH_P_IP)) {
		family = AF_INET;
		dst.v4 = ip_hdr(skb)->daddr;
	} else {
		family = AF_INET6;
		dst.v6 = ipv6_hdr(skb)->daddr;
	}

	return dvpn_map_select(dd, family, &dst, nexthop, &map) !=
	       DVPN_ROUTE_MISS || map;
}

/**
 * dvpn_miss_retry() - more than one next hop may be reachable now
 * @dd: device
 *
 * For a new NHS or prefix: sends what can go, the rest goes on waiting.
 *
 * Context: process.
 */
void dvpn_miss_retry(struct dvpn_dev *dd)
{
	struct dvpn_miss_table *table = dd->miss;
	struct sk_buff_head waiting;
	struct sk_buff *skb, *next;
	struct miss *miss;

	if (!READ_ONCE(table->queued))
		return;

	__skb_queue_head_init(&waiting);
	spin_lock_bh(&table->lock);
	rcu_read_lock();
	list_for_each_entry(miss, &table->list, list) {
		skb_queue_walk_safe(&miss->queue, skb, next) {
			if (!can_go(dd, skb, &miss->addr))
				continue;
			miss_unlink(table, miss, skb);
			__skb_queue_tail(&waiting, skb);
		}
	}
	rcu_read_unlock();
	spin_unlock_bh(&table->lock);

	send_all(dd, &waiting);
}

/**
 * dvpn_miss_count() - how many next hops are unresolved?
 * @dd: device
 *
 * Context: any.
 * Return: their number.
 */
unsigned int dvpn_miss_count(const struct dvpn_dev *dd)
{
	return READ_ONCE(dd->miss->count);
}

/**
 * dvpn_miss_walk() - go through the unresolved next hops
 * @dd: device
 * @cursor: 0 to begin with, then where to go on
 * @fn: called under a spinlock; ends the walk with other than 0
 * @arg: for @fn
 *
 * Oldest first, so that a walk in parts meets each exactly once.
 *
 * Context: process.
 * Return: 0, or what @fn returned.
 */
int dvpn_miss_walk(struct dvpn_dev *dd, u32 *cursor,
		   int (*fn)(const struct dvpn_addr *nexthop, u64 age_ms,
			     void *arg),
		   void *arg)
{
	struct dvpn_miss_table *table = dd->miss;
	struct miss *miss;
	int err = 0;

	spin_lock_bh(&table->lock);
	list_for_each_entry(miss, &table->list, list) {
		if (*cursor && (s32)(miss->seq - *cursor) <= 0)
			continue;
		err = fn(&miss->addr, jiffies_to_msecs(jiffies - miss->created),
			 arg);
		if (err)
			break;
		*cursor = miss->seq;
	}
	spin_unlock_bh(&table->lock);

	return err;
}

/* At most DVPN_MISS_MAX short steps, so no slices. */
static void miss_work(struct work_struct *work)
{
	struct dvpn_miss_table *table = container_of(to_delayed_work(work),
						     struct dvpn_miss_table,
						     work);
	struct sk_buff_head late;
	struct miss *miss, *next;

	__skb_queue_head_init(&late);
	spin_lock_bh(&table->lock);
	list_for_each_entry_safe(miss, next, &table->list, list) {
		if (!skb_queue_empty(&miss->queue) &&
		    time_after(jiffies, miss->held_since + MISS_HOLD))
			miss_take_queue(table, miss, &late);
		if (skb_queue_empty(&miss->queue) &&
		    time_after(jiffies,
			       miss->last + miss->backoff + MISS_LINGER))
			miss_free(table, miss, &late);
	}
	if (table->count)
		queue_delayed_work(system_power_efficient_wq, &table->work, HZ);
	spin_unlock_bh(&table->lock);

	drop_all(table->dd, &late);
}

/**
 * dvpn_miss_purge() - forget everything, drop what waits
 * @dd: device
 *
 * Context: any but hard irq.
 */
void dvpn_miss_purge(struct dvpn_dev *dd)
{
	struct dvpn_miss_table *table = dd->miss;
	struct sk_buff_head waiting;
	struct miss *miss, *next;

	__skb_queue_head_init(&waiting);
	spin_lock_bh(&table->lock);
	list_for_each_entry_safe(miss, next, &table->list, list)
		miss_free(table, miss, &waiting);
	spin_unlock_bh(&table->lock);

	drop_all(dd, &waiting);
}

/**
 * dvpn_miss_init() - prepare for misses
 * @dd: device
 *
 * Context: process, before the device is visible.
 * Return: 0 or -ENOMEM.
 */
int dvpn_miss_init(struct dvpn_dev *dd)
{
	struct dvpn_miss_table *table;
	unsigned int i;

	table = kvzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);
	if (!table)
		return -ENOMEM;

	table->dd = dd;
	spin_lock_init(&table->lock);
	for (i = 0; i < ARRAY_SIZE(table->heads); i++)
		INIT_HLIST_HEAD(&table->heads[i]);
	table->seed = get_random_u32();
	INIT_LIST_HEAD(&table->list);
	INIT_DELAYED_WORK(&table->work, miss_work);
	dd->miss = table;

	return 0;
}

/**
 * dvpn_miss_destroy() - the end of it
 * @dd: device
 *
 * Context: process; nothing transmits any more.
 */
void dvpn_miss_destroy(struct dvpn_dev *dd)
{
	if (!dd->miss)
		return;

	dvpn_miss_purge(dd);
	cancel_delayed_work_sync(&dd->miss->work);
	kvfree(dd->miss);
	dd->miss = NULL;
}
