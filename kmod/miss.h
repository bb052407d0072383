/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_MISS_H
#define DVPN_MISS_H

#include "addr.h"

struct dvpn_dev;
struct sk_buff;

#define DVPN_MISS_MAX		1024	/* unresolved next hops per device */
#define DVPN_MISS_QUEUE_BYTES	65536	/* held per next hop */

int dvpn_miss_init(struct dvpn_dev *dd);
void dvpn_miss_destroy(struct dvpn_dev *dd);

/* A packet found no mapping for its next hop. Makes or refreshes the
 * unresolved entry, raises the (deduplicated, backed off) MISS event. With
 * @may_queue the packet is held if the device's queue allows: true means it
 * was taken. BH off.
 */
bool dvpn_miss(struct dvpn_dev *dd, struct sk_buff *skb,
	       const struct dvpn_addr *nexthop, bool may_queue);

/* A usable mapping for @addr exists now: forget the miss, send what waited.
 * Process context, table_lock held.
 */
void dvpn_miss_resolved(struct dvpn_dev *dd, const struct dvpn_addr *addr);

/* A default NHS or a prefix mapping is new: send what waited, if it can go. */
void dvpn_miss_retry(struct dvpn_dev *dd);

/* Unresolved next hops now. */
unsigned int dvpn_miss_count(const struct dvpn_dev *dd);

/* Calls @fn for each unresolved next hop younger than *cursor (0: all), oldest
 * first, under a spinlock; stops and returns what is not 0. *cursor follows.
 */
int dvpn_miss_walk(struct dvpn_dev *dd, u32 *cursor,
		   int (*fn)(const struct dvpn_addr *nexthop, u64 age_ms,
			     void *arg),
		   void *arg);

/* Drop all that waits (link down). */
void dvpn_miss_purge(struct dvpn_dev *dd);

#endif /* DVPN_MISS_H */
