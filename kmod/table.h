/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the table share: lock and expiry. */
#ifndef DVPN_TABLE_H
#define DVPN_TABLE_H

#include <linux/lockdep.h>
#include <linux/timerqueue.h>

#include "device.h"

#define DVPN_SLICE	64	/* entries between two chances to reschedule */

/* Take the table for reading or writing in process context. What expired by now
 * is removed first, so that nothing expired is ever seen under the lock.
 * Returns -ENODEV, without the lock, if the device is going.
 */
int dvpn_table_lock(struct dvpn_dev *dd);
void dvpn_table_unlock(struct dvpn_dev *dd);

/* Under the lock: something in the table has changed. */
static inline void dvpn_table_changed(struct dvpn_dev *dd)
{
	lockdep_assert_held(&dd->table_lock);
	WRITE_ONCE(dd->generation, dd->generation + 1 ?: 1);
}

/* Under the lock: put an entry into its place in @queue, 0 takes it out. */
void dvpn_expiry_set(struct timerqueue_head *queue,
		     struct timerqueue_node *node, u64 expires_ns);
/* Nobody gets it any more: dvpn_table_lock() fails from here on. May sleep. */
void dvpn_table_close(struct dvpn_dev *dd);

void dvpn_gc_init(struct dvpn_dev *dd);
/* Nothing of the table is touched any more after this. May sleep. */
void dvpn_gc_stop(struct dvpn_dev *dd);
/* A lookup met an expired entry: remove it soon. Any context. */
void dvpn_gc_kick(struct dvpn_dev *dd);

#endif /* DVPN_TABLE_H */
