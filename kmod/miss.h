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
 * Process context, table_lock not held.
 */
void dvpn_miss_resolved(struct dvpn_dev *dd, const struct dvpn_addr *addr);

/* Drop all that waits (link down). */
void dvpn_miss_purge(struct dvpn_dev *dd);

#endif /* DVPN_MISS_H */
