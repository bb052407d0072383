// SPDX-License-Identifier: GPL-2.0
/*
 * Packets into an interface, as fast as they come out at the sinks.
 *
 * After each window it waits until the sinks have seen what was sent. So a tunnel that works in
 * the background is driven without loss at the rate it can take, and one that does not costs a
 * comparison. Time is read before the first and after the last packet of a repeat; with a clock
 * that counts instructions that is the length of the path, the generator's part included.
 */
#include <linux/etherdevice.h>
#include <linux/inet.h>
#include <linux/ip.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/sched/signal.h>
#include <linux/sort.h>
#include <linux/udp.h>
#include <net/ip.h>

#include "tbench.h"

#define TB_SRC		0x0ac80002	/* 10.200.0.2 */
#define TB_PORT		9		/* discard */
#define TB_STALL_NS	(300 * NSEC_PER_MSEC)

/* A peer by xorshift32, or the next one. */
static u32 tb_peer(struct tb_run *run, u32 i)
{
	if (run->order_seq)
		return i % run->peers;
	run->random ^= run->random << 13;
	run->random ^= run->random >> 17;
	run->random ^= run->random << 5;
	return ((u64)run->random * run->peers) >> 32;
}

static struct sk_buff *tb_alloc(struct tb_run *run, struct net_device *dev, u32 len)
{
	struct sk_buff *skb;

	/* The allocation leaves NET_SKB_PAD by itself. */
	skb = __netdev_alloc_skb(dev, len + run->headroom - NET_SKB_PAD, GFP_ATOMIC);
	if (likely(skb))
		skb_reserve(skb, run->headroom - NET_SKB_PAD);
	return skb;
}

static struct sk_buff *tb_build(struct tb_run *run, struct net_device *dev, u32 i)
{
	struct sk_buff *skb = tb_alloc(run, dev, run->size);
	struct ethhdr *eth;
	struct udphdr *udp;
	struct iphdr *iph;

	if (unlikely(!skb))
		return NULL;
	eth = skb_put(skb, run->size);
	ether_addr_copy(eth->h_dest, dev->dev_addr);
	memset(eth->h_source, 2, ETH_ALEN);
	eth->h_proto = htons(ETH_P_IP);
	iph = (struct iphdr *)(eth + 1);
	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->tos = 0;
	iph->tot_len = htons(run->size - sizeof(*eth));
	iph->id = htons(i);
	iph->frag_off = 0;
	iph->ttl = 64;
	iph->protocol = IPPROTO_UDP;
	iph->saddr = htonl(TB_SRC);
	iph->daddr = htonl(run->dst + tb_peer(run, i));
	ip_send_check(iph);
	udp = (struct udphdr *)(iph + 1);
	udp->source = htons(TB_PORT);
	udp->dest = htons(TB_PORT);
	udp->len = htons(run->size - sizeof(*eth) - sizeof(*iph));
	udp->check = 0;
	return skb;
}

static struct sk_buff *tb_rebuild(struct tb_run *run, struct net_device *dev, u32 i, u32 n)
{
	const struct tb_frame *frame = tb_captured(i % n);
	struct sk_buff *skb = tb_alloc(run, dev, frame->len);
	struct iphdr *iph;

	if (unlikely(!skb))
		return NULL;
	skb_put_data(skb, frame->data, frame->len);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	if (run->src) {
		iph = (struct iphdr *)(skb->data + ETH_HLEN);
		iph->saddr = htonl(run->src + tb_peer(run, i));
		ip_send_check(iph);
	}
	return skb;
}

static void tb_receive(struct sk_buff *skb, struct net_device *dev)
{
	skb->protocol = eth_type_trans(skb, dev);
	skb->pkt_type = PACKET_HOST;
	netif_receive_skb(skb);
}

/* Until the sinks have seen @want packets; false if nothing comes any more. */
static bool tb_wait(u64 want)
{
	u64 seen = tb_sink_packets(), since = ktime_get_ns();

	while ((s64)(tb_sink_packets() - want) < 0) {
		if (seen != tb_sink_packets()) {
			seen = tb_sink_packets();
			since = ktime_get_ns();
		} else if (ktime_get_ns() - since > TB_STALL_NS) {
			return false;
		}
		if (fatal_signal_pending(current))
			return false;
		schedule();
	}
	return true;
}

/* Returns how many packets were sent. */
static u32 tb_repeat(struct tb_run *run, struct net_device *dev, u32 first, u32 captured)
{
	u64 before = tb_sink_packets();
	u32 done = 0, batch, i;
	struct sk_buff *skb;

	while (done < run->count) {
		batch = min(run->window, run->count - done);
		local_bh_disable();
		for (i = first + done; i < first + done + batch; i++) {
			skb = run->replay ? tb_rebuild(run, dev, i, captured) :
					    tb_build(run, dev, i);
			if (likely(skb))
				tb_receive(skb, dev);
		}
		local_bh_enable();
		done += batch;
		if (!tb_wait(before + done))
			break;
		cond_resched();
	}
	return done;
}

static int tb_compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static void tb_run_all(struct tb_run *run, struct net_device *dev, u32 captured,
		       struct tb_result *result)
{
	u64 start, seen, bytes, elapsed;
	u32 i;

	for (i = 0; i < run->repeats && !fatal_signal_pending(current); i++) {
		seen = tb_sink_packets();
		bytes = tb_sink_bytes();
		start = ktime_get_ns();
		result->sent += tb_repeat(run, dev, i * run->count, captured);
		elapsed = ktime_get_ns() - start;
		seen = tb_sink_packets() - seen;
		result->ps[i] = seen ? div64_u64(elapsed * 1000, seen) : 0;
		result->seen += seen;
		result->bytes += tb_sink_bytes() - bytes;
	}
	result->repeats = i;
	sort(result->ps, i, sizeof(result->ps[0]), tb_compare, NULL);
}

/**
 * tb_generate() - send and measure
 * @run: what; the state of its random sequence changes
 * @result: filled
 *
 * Return: 0; -ENODEV: no such interface; -ENODATA: nothing was captured.
 */
int tb_generate(struct tb_run *run, struct tb_result *result)
{
	struct net_device *dev;
	u32 captured = 0;

	memset(result, 0, sizeof(*result));
	if (run->replay) {
		captured = tb_capture_stop();
		if (!captured)
			return -ENODATA;
	}
	dev = dev_get_by_name(current->nsproxy->net_ns, run->dev);
	if (!dev)
		return -ENODEV;
	tb_run_all(run, dev, captured, result);
	dev_put(dev);
	return 0;
}
