/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_STATS_H
#define DVPN_STATS_H

#include <linux/dvpn.h>
#include <linux/percpu.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>

/**
 * struct dvpn_pcpu_stats - counters of a device that rtnl_link_stats64 lacks
 * @syncp: for 32-bit readers
 * @drop: by enum dvpn_drop
 * @stat: by enum dvpn_stat; packets and bytes are kept in dev->tstats
 */
struct dvpn_pcpu_stats {
	struct u64_stats_sync syncp;
	u64_stats_t drop[__DVPN_DROP_MAX];
	u64_stats_t stat[__DVPN_STAT_MAX];
};

struct dvpn_dev;
struct sk_buff;

/* Count and trace a packet that is not freed here: it never came to be one, or
 * others get it. @skb may be NULL. BH off or on, any context but hard irq.
 */
void dvpn_count_skb(struct dvpn_dev *dd, const struct sk_buff *skb,
		    enum dvpn_drop reason);
static inline void dvpn_count_drop(struct dvpn_dev *dd, enum dvpn_drop reason)
{
	dvpn_count_skb(dd, NULL, reason);
}

void dvpn_count_stat(struct dvpn_dev *dd, enum dvpn_stat stat,
		     unsigned int n);
/* Count, count in dev->stats too (tx_dropped, tx_errors, rx_dropped, ... as
 * fits the reason), trace, and free.
 */
void dvpn_drop(struct dvpn_dev *dd, struct sk_buff *skb,
	       enum dvpn_drop reason);
void dvpn_stats_fold(struct dvpn_dev *dd, u64 drop[__DVPN_DROP_MAX],
		     u64 stat[__DVPN_STAT_MAX]);

#endif /* DVPN_STATS_H */
