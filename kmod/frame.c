// SPDX-License-Identifier: GPL-2.0
/*
 * NHRP packets that the agent sends.
 */
#include <linux/netdevice.h>
#include <linux/pkt_sched.h>
#include <net/ip_tunnels.h>

#include "device.h"
#include "encap.h"
#include "event.h"
#include "frame.h"
#include "route.h"

static struct sk_buff *dvpn_frame_skb(struct dvpn_dev *dd, const void *data,
				      unsigned int len)
{
	unsigned int headroom = READ_ONCE(dd->dev->needed_headroom);
	struct sk_buff *skb;

	skb = alloc_skb(headroom + len, GFP_KERNEL);
	if (!skb)
		return NULL;
	skb_reserve(skb, headroom);
	skb_put_data(skb, data, len);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb->protocol = htons(DVPN_NHRP_PROTO);
	skb->priority = TC_PRIO_CONTROL;
	skb->dev = dd->dev;
	return skb;
}

static int dvpn_frame_route(struct dvpn_dev *dd, const struct dvpn_conf *conf,
			    const struct dvpn_addr *local,
			    const struct sk_buff *skb,
			    struct dvpn_encap_info *encap)
{
	static const union dvpn_ip any;
	u8 dscp = dvpn_outer_dscp(conf, skb);

	if (encap->peer && local->family == AF_UNSPEC)
		return dvpn_route_peer(dd, conf, encap->peer, dscp,
				       &encap->out);
	return dvpn_route_key(dd, conf, encap->key,
			      local->family == encap->key->loc.family ?
			      &local->ip : &any, dscp, &encap->out);
}

static int dvpn_frame_xmit(struct dvpn_dev *dd, const struct dvpn_conf *conf,
			   const struct dvpn_addr *local, struct sk_buff *skb,
			   struct dvpn_encap_info *encap)
{
	int err;

	err = dvpn_frame_route(dd, conf, local, skb, encap);
	if (err) {
		dvpn_drop(dd, skb, dvpn_route_reason(err));
		return err;
	}
	/* It does not come by way of the stack, so packet sockets are shown
	 * it here.
	 */
	if (dev_nit_active(dd->dev))
		dev_queue_xmit_nit(skb, dd->dev);
	return dvpn_encap(dd, conf, skb, encap);
}

/* To what the ABI knows. */
static int dvpn_frame_error(int err)
{
	switch (err) {
	case -EADDRNOTAVAIL:
	case -ELOOP:
		return -EHOSTUNREACH;
	case -ENOBUFS:
		return -ENOMEM;
	default:
		return err;
	}
}

/**
 * dvpn_send_frame() - send an NHRP packet for the agent
 * @dd: device
 * @key: to whom; need not be a peer
 * @local: source address, or AF_UNSPEC
 * @data: the packet
 * @len: its bytes
 *
 * Context: process.
 * Return: 0; -EHOSTUNREACH: no usable route; -EMSGSIZE: larger than the path
 * MTU; -EINPROGRESS: no security association yet; -EPERM: policy; -ENETDOWN:
 * the device is down or its underlay interface absent; -ENOMEM.
 */
int dvpn_send_frame(struct dvpn_dev *dd, const struct dvpn_peer_key *key,
		    const struct dvpn_addr *local, const void *data,
		    unsigned int len)
{
	struct dvpn_encap_info encap = { .key = key };
	struct sk_buff *skb;
	int err;

	skb = dvpn_frame_skb(dd, data, len);
	if (!skb)
		return -ENOMEM;
	local_bh_disable();
	rcu_read_lock();
	if (READ_ONCE(dd->dead) || !netif_running(dd->dev)) {
		kfree_skb(skb);
		err = -ENETDOWN;
	} else {
		encap.peer = dvpn_peer_find(dd, key);
		err = dvpn_frame_xmit(dd, rcu_dereference(dd->conf), local,
				      skb, &encap);
		if (!err)
			dvpn_count_stat(dd, DVPN_STAT_FRAMES_TX, 1);
	}
	rcu_read_unlock();
	local_bh_enable();
	return dvpn_frame_error(err);
}
