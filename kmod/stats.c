// SPDX-License-Identifier: GPL-2.0
/*
 * Counters of a device: why packets were dropped, and what else happened.
 */
#include <linux/netdevice.h>

#include "device.h"
#include "stats.h"

/**
 * dvpn_count_drop() - count a dropped packet
 * @dd: device
 * @reason: why
 *
 * Context: any but hard irq. The packet itself is the caller's.
 */
void dvpn_count_drop(struct dvpn_dev *dd, enum dvpn_drop reason)
{
	struct dvpn_pcpu_stats *stats = get_cpu_ptr(dd->stats);
	unsigned long flags;

	flags = u64_stats_update_begin_irqsave(&stats->syncp);
	u64_stats_inc(&stats->drop[reason]);
	u64_stats_update_end_irqrestore(&stats->syncp, flags);
	put_cpu_ptr(dd->stats);
}

/**
 * dvpn_count_stat() - add to a counter
 * @dd: device
 * @stat: which
 * @n: how much
 *
 * Context: any but hard irq.
 */
void dvpn_count_stat(struct dvpn_dev *dd, enum dvpn_stat stat, unsigned int n)
{
	struct dvpn_pcpu_stats *stats = get_cpu_ptr(dd->stats);
	unsigned long flags;

	flags = u64_stats_update_begin_irqsave(&stats->syncp);
	u64_stats_add(&stats->stat[stat], n);
	u64_stats_update_end_irqrestore(&stats->syncp, flags);
	put_cpu_ptr(dd->stats);
}

/* What "ip -s link" shows of it. */
static void dvpn_count_link(struct net_device *dev, enum dvpn_drop reason)
{
	switch (reason) {
	case DVPN_DROP_TX_NO_ROUTE:
	case DVPN_DROP_TX_BAD_ROUTE:
	case DVPN_DROP_TX_NO_LINK:
	case DVPN_DROP_TX_NO_SA:
		DEV_STATS_INC(dev, tx_carrier_errors);
		DEV_STATS_INC(dev, tx_errors);
		break;
	case DVPN_DROP_TX_LOOP:
		DEV_STATS_INC(dev, collisions);
		DEV_STATS_INC(dev, tx_errors);
		break;
	case DVPN_DROP_TX_PROTO:
	case DVPN_DROP_TX_MALFORMED:
	case DVPN_DROP_TX_TOO_BIG:
		DEV_STATS_INC(dev, tx_errors);
		break;
	case DVPN_DROP_RX_MALFORMED:
		DEV_STATS_INC(dev, rx_length_errors);
		DEV_STATS_INC(dev, rx_errors);
		break;
	case DVPN_DROP_RX_CSUM:
		DEV_STATS_INC(dev, rx_crc_errors);
		DEV_STATS_INC(dev, rx_errors);
		break;
	case DVPN_DROP_RX_ECN:
		DEV_STATS_INC(dev, rx_frame_errors);
		DEV_STATS_INC(dev, rx_errors);
		break;
	default:
		if (reason >= DVPN_DROP_RX_UNKNOWN_PEER)
			DEV_STATS_INC(dev, rx_dropped);
		else
			DEV_STATS_INC(dev, tx_dropped);
	}
}

/**
 * dvpn_drop() - count a packet and free it
 * @dd: device
 * @skb: packet, consumed
 * @reason: why
 *
 * Context: any but hard irq.
 */
void dvpn_drop(struct dvpn_dev *dd, struct sk_buff *skb, enum dvpn_drop reason)
{
	dvpn_count_drop(dd, reason);
	dvpn_count_link(dd->dev, reason);
	kfree_skb(skb);
}

/**
 * dvpn_stats_fold() - sums over all CPUs
 * @dd: device
 * @drop: filled, by &enum dvpn_drop
 * @stat: filled, by &enum dvpn_stat; packets and bytes of the device included
 */
void dvpn_stats_fold(struct dvpn_dev *dd, u64 drop[__DVPN_DROP_MAX],
		     u64 stat[__DVPN_STAT_MAX])
{
	struct rtnl_link_stats64 link = {};
	int cpu, i;

	memset(drop, 0, sizeof(*drop) * __DVPN_DROP_MAX);
	memset(stat, 0, sizeof(*stat) * __DVPN_STAT_MAX);
	for_each_possible_cpu(cpu) {
		const struct dvpn_pcpu_stats *stats = per_cpu_ptr(dd->stats,
								  cpu);
		struct dvpn_pcpu_stats sum;
		unsigned int start;

		do {
			start = u64_stats_fetch_begin(&stats->syncp);
			memcpy(&sum.drop, &stats->drop, sizeof(sum.drop));
			memcpy(&sum.stat, &stats->stat, sizeof(sum.stat));
		} while (u64_stats_fetch_retry(&stats->syncp, start));
		for (i = 0; i < __DVPN_DROP_MAX; i++)
			drop[i] += u64_stats_read(&sum.drop[i]);
		for (i = 0; i < __DVPN_STAT_MAX; i++)
			stat[i] += u64_stats_read(&sum.stat[i]);
	}
	dev_get_tstats64(dd->dev, &link);
	stat[DVPN_STAT_TX_PACKETS] = link.tx_packets;
	stat[DVPN_STAT_TX_BYTES] = link.tx_bytes;
	stat[DVPN_STAT_RX_PACKETS] = link.rx_packets;
	stat[DVPN_STAT_RX_BYTES] = link.rx_bytes;
}
