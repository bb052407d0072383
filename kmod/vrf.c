// SPDX-License-Identifier: GPL-2.0
/*
 * Which interface did a packet come in by, if that is in a VRF?
 *
 * Of a packet that is forwarded within a VRF transmit sees that it came from
 * the VRF, no more. The control block of IPv4 and IPv6 has the interface, but
 * what lies between forwarding and the device overwrites it. So a hook on
 * forwarding takes it down: from there to the device a packet does not leave
 * its CPU, unless somebody holds it up, and then it is just not recognised.
 */
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/percpu.h>
#include <linux/rtnetlink.h>
#include <net/ip.h>

#include "device.h"
#include "tuple.h"
#include "vrf.h"

/**
 * struct dvpn_forwarded - the packet that a CPU forwards to a dvpn device
 * @skb: the packet; only to be compared
 * @iif: interface that it came in by
 */
struct dvpn_forwarded {
	const struct sk_buff *skb;
	int iif;
};

static DEFINE_PER_CPU(struct dvpn_forwarded, dvpn_forwarded);

static unsigned int dvpn_forward(struct sk_buff *skb,
				 const struct nf_hook_state *state, int iif)
{
	if (state->out && dvpn_is_dev(state->out)) {
		this_cpu_write(dvpn_forwarded.skb, skb);
		this_cpu_write(dvpn_forwarded.iif, iif);
	}
	return NF_ACCEPT;
}

static unsigned int dvpn_forward4(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	return dvpn_forward(skb, state, IPCB(skb)->iif);
}

#if IS_ENABLED(CONFIG_IPV6)
static unsigned int dvpn_forward6(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	return dvpn_forward(skb, state, IP6CB(skb)->iif);
}
#endif

static const struct nf_hook_ops dvpn_vrf_ops[] = {
	{
		.hook = dvpn_forward4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_FORWARD,
		.priority = NF_IP_PRI_LAST,
	},
#if IS_ENABLED(CONFIG_IPV6)
	{
		.hook = dvpn_forward6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_FORWARD,
		.priority = NF_IP_PRI_LAST,
	},
#endif
};

/**
 * dvpn_vrf_iif() - where did a packet of a VRF come in?
 * @skb: packet that a device is to transmit
 *
 * Context: BH off.
 * Return: interface index, 0: not known.
 */
int dvpn_vrf_iif(const struct sk_buff *skb)
{
	if (this_cpu_read(dvpn_forwarded.skb) != skb)
		return 0;
	/* The next packet in this memory may not be forwarded. */
	this_cpu_write(dvpn_forwarded.skb, NULL);
	return this_cpu_read(dvpn_forwarded.iif);
}

/* The hooks are there while some device of the namespace is in a VRF. */
static void dvpn_vrf_get(struct dvpn_dev *dd)
{
	struct net *net = dev_net(dd->dev);
	struct dvpn_net *dn = dvpn_net_get(net);

	if (!dn->vrf_users &&
	    nf_register_net_hooks(net, dvpn_vrf_ops, ARRAY_SIZE(dvpn_vrf_ops))) {
		netdev_warn(dd->dev, "no redirects within a VRF: out of memory\n");
		return;
	}
	dn->vrf_users++;
	dd->in_vrf = true;
}

/**
 * dvpn_vrf_put() - a device leaves its VRF, if it is in one
 * @dd: device
 *
 * Context: rtnl.
 */
void dvpn_vrf_put(struct dvpn_dev *dd)
{
	struct net *net = dev_net(dd->dev);
	struct dvpn_net *dn = dvpn_net_get(net);

	if (!dd->in_vrf)
		return;
	dd->in_vrf = false;
	if (!--dn->vrf_users)
		nf_unregister_net_hooks(net, dvpn_vrf_ops,
					ARRAY_SIZE(dvpn_vrf_ops));
}

/**
 * dvpn_vrf_changed() - a device got a new master or lost it
 * @dd: device
 * @info: of the NETDEV_CHANGEUPPER event
 *
 * Context: rtnl.
 */
void dvpn_vrf_changed(struct dvpn_dev *dd,
		      const struct netdev_notifier_changeupper_info *info)
{
	ASSERT_RTNL();
	if (!netif_is_l3_master(info->upper_dev))
		return;
	dvpn_vrf_put(dd);
	if (info->linking)
		dvpn_vrf_get(dd);
}
