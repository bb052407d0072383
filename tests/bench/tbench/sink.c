// SPDX-License-Identifier: GPL-2.0
/*
 * A netdevice where packets end: counted, and captured on demand.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <net/rtnetlink.h>

#include "tbench.h"

#define TB_OFFLOADS	(NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM | NETIF_F_HIGHDMA | \
			 NETIF_F_GSO_SOFTWARE | NETIF_F_GSO_ENCAP_ALL)

static u64 sink_packets;
static u64 sink_bytes;

static DEFINE_SPINLOCK(capture_lock); /* the three below */
static struct tb_frame **captured;
static u32 n_captured;
static u32 n_wanted;

/**
 * tb_sink_packets() - how many packets have ended in sinks
 *
 * Return: packets since the module was loaded.
 */
u64 tb_sink_packets(void)
{
	return READ_ONCE(sink_packets);
}

/**
 * tb_sink_bytes() - their bytes
 *
 * Return: bytes with Ethernet headers.
 */
u64 tb_sink_bytes(void)
{
	return READ_ONCE(sink_bytes);
}

static noinline void tb_capture(const struct sk_buff *skb)
{
	struct tb_frame *frame;

	frame = kmalloc(sizeof(*frame) + skb->len, GFP_ATOMIC);
	if (!frame)
		return;
	frame->len = skb->len;
	skb_copy_bits(skb, 0, frame->data, skb->len);
	spin_lock_bh(&capture_lock);
	if (n_captured < n_wanted) {
		captured[n_captured++] = frame;
		frame = NULL;
	}
	spin_unlock_bh(&capture_lock);
	kfree(frame);
}

static void tb_capture_free(void)
{
	u32 i;

	spin_lock_bh(&capture_lock);
	n_wanted = 0;
	spin_unlock_bh(&capture_lock);
	for (i = 0; i < n_captured; i++)
		kfree(captured[i]);
	n_captured = 0;
	vfree(captured);
	captured = NULL;
}

/**
 * tb_capture_start() - keep the next frames
 * @n: so many
 *
 * Context: process; one command at a time.
 * Return: 0 or -ENOMEM.
 */
int tb_capture_start(u32 n)
{
	tb_capture_free();
	captured = vcalloc(max(n, 1U), sizeof(*captured));
	if (!captured)
		return -ENOMEM;
	spin_lock_bh(&capture_lock);
	n_wanted = n;
	spin_unlock_bh(&capture_lock);
	return 0;
}

/**
 * tb_capture_stop() - keep no more frames
 *
 * Return: how many there are.
 */
u32 tb_capture_stop(void)
{
	spin_lock_bh(&capture_lock);
	n_wanted = n_captured;
	spin_unlock_bh(&capture_lock);
	return n_captured;
}

/**
 * tb_captured() - a captured frame
 * @i: which
 *
 * Return: the frame, until the next tb_capture_start().
 */
const struct tb_frame *tb_captured(u32 i)
{
	return captured[i];
}

static netdev_tx_t tb_xmit(struct sk_buff *skb, struct net_device *dev)
{
	DEV_STATS_INC(dev, tx_packets);
	WRITE_ONCE(sink_bytes, sink_bytes + skb->len);
	WRITE_ONCE(sink_packets, sink_packets + 1);
	if (unlikely(READ_ONCE(n_captured) < READ_ONCE(n_wanted)))
		tb_capture(skb);
	consume_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops tb_ops = {
	.ndo_start_xmit = tb_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static void tb_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &tb_ops;
	dev->needs_free_netdev = true;
	dev->flags |= IFF_NOARP;
	dev->flags &= ~IFF_MULTICAST;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE;
#ifdef NETIF_F_LLTX
	dev->features |= NETIF_F_LLTX;
#else
	dev->lltx = true;
#endif
	dev->features |= TB_OFFLOADS;
	dev->hw_features |= TB_OFFLOADS;
	dev->hw_enc_features |= TB_OFFLOADS;
	dev->max_mtu = ETH_MAX_MTU;
	eth_hw_addr_random(dev);
}

static struct rtnl_link_ops tb_link_ops = {
	.kind = "tbsink",
	.setup = tb_setup,
};

/**
 * tb_sink_init() - register the kind of netdevice
 *
 * Return: 0 or negative errno.
 */
int tb_sink_init(void)
{
	return rtnl_link_register(&tb_link_ops);
}

/**
 * tb_sink_exit() - undo tb_sink_init()
 */
void tb_sink_exit(void)
{
	rtnl_link_unregister(&tb_link_ops);
	tb_capture_free();
}
