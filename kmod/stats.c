// SPDX-License-Identifier: GPL-2.0
/*
 * Counters of a device: why packets were dropped, and what else happened.
 */
#include <linux/netdevice.h>

#include "device.h"
#include "stats.h"
#include "trace.h"

/* What "drop_monitor" and "perf trace -e skb:kfree_skb" call it: of the core's
 * own reasons the one that comes nearest. A module cannot add to them.
 */
static const enum skb_drop_reason dvpn_skb_reason[__DVPN_DROP_MAX] = {
	[DVPN_DROP_TX_NO_MAP] = SKB_DROP_REASON_NEIGH_FAILED,
	[DVPN_DROP_TX_UNREACHABLE] = SKB_DROP_REASON_NEIGH_FAILED,
	[DVPN_DROP_TX_QUEUE_FULL] = SKB_DROP_REASON_NEIGH_QUEUEFULL,
	[DVPN_DROP_TX_PROTO] = SKB_DROP_REASON_UNHANDLED_PROTO,
	[DVPN_DROP_TX_MALFORMED] = SKB_DROP_REASON_HDR_TRUNC,
	[DVPN_DROP_TX_NO_ROUTE] = SKB_DROP_REASON_IP_OUTNOROUTES,
	[DVPN_DROP_TX_BAD_ROUTE] = SKB_DROP_REASON_IP_OUTNOROUTES,
	[DVPN_DROP_TX_LOOP] = SKB_DROP_REASON_IP_OUTNOROUTES,
	[DVPN_DROP_TX_NO_LINK] = SKB_DROP_REASON_DEV_READY,
	[DVPN_DROP_TX_NO_SA] = SKB_DROP_REASON_XFRM_POLICY,
	[DVPN_DROP_TX_POLICY] = SKB_DROP_REASON_XFRM_POLICY,
	[DVPN_DROP_TX_TOO_BIG] = SKB_DROP_REASON_PKT_TOO_BIG,
	[DVPN_DROP_TX_NOMEM] = SKB_DROP_REASON_NOMEM,
	[DVPN_DROP_TX_BACK] = SKB_DROP_REASON_NOT_SPECIFIED,
	[DVPN_DROP_TX_ICMP_REDIRECT] = SKB_DROP_REASON_NOT_SPECIFIED,
	[DVPN_DROP_MCAST_NO_PEER] = SKB_DROP_REASON_NEIGH_FAILED,
	[DVPN_DROP_MCAST_QUEUE] = SKB_DROP_REASON_FULL_RING,
	[DVPN_DROP_RX_UNKNOWN_PEER] = SKB_DROP_REASON_NO_SOCKET,
	[DVPN_DROP_RX_MALFORMED] = SKB_DROP_REASON_HDR_TRUNC,
	[DVPN_DROP_RX_CSUM] = SKB_DROP_REASON_SKB_CSUM,
	[DVPN_DROP_RX_PROTO] = SKB_DROP_REASON_UNHANDLED_PROTO,
	[DVPN_DROP_RX_ECN] = DVPN_COMPAT_DROP_TUNNEL_ECN,
	[DVPN_DROP_RX_POLICY] = SKB_DROP_REASON_XFRM_POLICY,
	[DVPN_DROP_RX_DOWN] = SKB_DROP_REASON_DEV_READY,
	[DVPN_DROP_RX_NOMEM] = SKB_DROP_REASON_NOMEM,
	[DVPN_DROP_FRAME_NO_AGENT] = SKB_DROP_REASON_NO_SOCKET,
	[DVPN_DROP_FRAME_OVERRUN] = SKB_DROP_REASON_SOCKET_RCVBUFF,
};

/**
 * dvpn_count_skb() - count and trace a packet that is not carried
 * @dd: device
 * @skb: the packet, which remains the caller's, or NULL: there is none
 * @reason: why
 *
 * Context: any but hard irq.
 */
void dvpn_count_skb(struct dvpn_dev *dd, const struct sk_buff *skb,
		    enum dvpn_drop reason)
{
	struct dvpn_pcpu_stats *stats = get_cpu_ptr(dd->stats);
	unsigned long flags;

	flags = u64_stats_update_begin_irqsave(&stats->syncp);
	u64_stats_inc(&stats->drop[reason]);
	u64_stats_update_end_irqrestore(&stats->syncp, flags);
	put_cpu_ptr(dd->stats);
	trace_dvpn_drop(dd->dev, skb, reason);
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
 * dvpn_drop() - count and trace a packet and free it
 * @dd: device
 * @skb: packet, consumed
 * @reason: why
 *
 * Context: any but hard irq.
 */
void dvpn_drop(struct dvpn_dev *dd, struct sk_buff *skb, enum dvpn_drop reason)
{
	dvpn_count_skb(dd, skb, reason);
	dvpn_count_link(dd->dev, reason);
	kfree_skb_reason(skb, dvpn_skb_reason[reason]);
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
