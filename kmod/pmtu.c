// SPDX-License-Identifier: GPL-2.0
/*
 * Path MTU: what to do with a packet that does not fit.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netdevice.h>
#include <net/dst_metadata.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "device.h"
#include "encap.h"
#include "pmtu.h"

/**
 * dvpn_fits() - does a packet fit?
 * @skb: inner packet, or what is to become many of them
 * @mtu: bytes that fit
 *
 * Return: true if all that leaves of it fits.
 */
bool dvpn_fits(const struct sk_buff *skb, unsigned int mtu)
{
	if (likely(skb->len <= mtu))
		return true;
	return skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu);
}

static enum dvpn_fit dvpn_exceeded4(struct sk_buff *skb, unsigned int mtu)
{
	const struct dst_entry *dst = skb_dst(skb);

	if (ip_hdr(skb)->frag_off & htons(IP_DF)) {
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
			      htonl(mtu));
		return DVPN_FIT_NO;
	}
	if (skb_is_gso(skb) || mtu < IPV4_MIN_MTU || !skb_valid_dst(skb) ||
	    dst->ops->family != AF_INET)
		return DVPN_FIT_FRAGMENT;
	return DVPN_FIT_INNER;
}

static enum dvpn_fit dvpn_exceeded6(struct sk_buff *skb, unsigned int mtu)
{
	/* Less than the least of IPv6: the underlay has to fragment. */
	if (mtu < IPV6_MIN_MTU && dvpn_fits(skb, IPV6_MIN_MTU))
		return DVPN_FIT_FRAGMENT;
	icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, max(mtu, IPV6_MIN_MTU));
	return DVPN_FIT_NO;
}

/**
 * dvpn_pmtu_exceeded() - a packet does not fit
 * @skb: inner packet, skb->data at its network header
 * @mtu: bytes that fit
 *
 * The route of the packet learns it, so that its sender, if it is this host,
 * and the forwarding path send no more of this size.
 *
 * Context: RCU, BH off.
 * Return: what to do.
 */
enum dvpn_fit dvpn_pmtu_exceeded(struct sk_buff *skb, unsigned int mtu)
{
	bool ip6 = skb->protocol == htons(ETH_P_IPV6);

	if (!ip6 && skb->protocol != htons(ETH_P_IP))
		return DVPN_FIT_NO;
	if (skb_valid_dst(skb))
		skb_dst_update_pmtu_no_confirm(skb, ip6 ?
					       max(mtu, IPV6_MIN_MTU) : mtu);
	return ip6 ? dvpn_exceeded6(skb, mtu) : dvpn_exceeded4(skb, mtu);
}

/* Whose packet this CPU is fragmenting: ip_do_fragment() hands nothing on. */
static DEFINE_PER_CPU(struct dvpn_peer *, dvpn_fragment_peer);

static int dvpn_fragment_output(struct net *net, struct sock *sk,
				struct sk_buff *skb)
{
	struct dvpn_dev *dd = netdev_priv(skb->dev);

	skb_reset_mac_header(skb);
	/* What it drops it counts itself; the other fragments go on. */
	dvpn_send(dd, rcu_dereference(dd->conf),
		  __this_cpu_read(dvpn_fragment_peer), skb);
	return 0;
}

/**
 * dvpn_pmtu_fragment() - fragment an inner packet that may be
 * @dd: device
 * @peer: to whom. Not looked up again for the fragments: a copy of a multicast
 *	packet is for one peer, and what entered by the device must not be taken
 *	for a packet of this host
 * @skb: IPv4 packet without DF, with its route; consumed
 * @mtu: bytes that fit
 *
 * Context: RCU, BH off.
 */
void dvpn_pmtu_fragment(struct dvpn_dev *dd, struct dvpn_peer *peer,
			struct sk_buff *skb, unsigned int mtu)
{
	struct dvpn_peer *outer = __this_cpu_read(dvpn_fragment_peer);

	/* The queueing layer wrote over it since the route was found. */
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	IPCB(skb)->frag_max_size = mtu;
	skb_dst_force(skb);
	__this_cpu_write(dvpn_fragment_peer, peer);
	/* Without the socket, which need not be one of IP in a nested tunnel. */
	if (ip_do_fragment(dev_net(dd->dev), NULL, skb, dvpn_fragment_output))
		dvpn_count_drop(dd, DVPN_DROP_TX_NOMEM);
	__this_cpu_write(dvpn_fragment_peer, outer);
}
