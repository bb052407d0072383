// SPDX-License-Identifier: GPL-2.0
/*
 * Path MTU: what to do with a packet that does not fit, and what the underlay
 * says about it. What is learned lives in the route, where it ages by itself.
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

#include "decap.h"
#include "device.h"
#include "encap.h"
#include "pmtu.h"
#include "route.h"

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

/**
 * struct dvpn_quote - the packet of ours that an ICMP error quotes
 * @gre: its GRE header
 * @loc: where it went
 * @mark: mark of the error
 * @peer: set to the peer at @loc
 */
struct dvpn_quote {
	struct dvpn_gre_info gre;
	struct dvpn_locator loc;
	u32 mark;
	struct dvpn_peer *peer;
};

static bool dvpn_quote_match(struct dvpn_dev *dd, void *arg)
{
	struct dvpn_quote *quote = arg;

	quote->peer = dvpn_peer_find_rx(dd, &quote->loc, quote->mark, 0);
	return quote->peer;
}

/* The device and peer that a quoted IPv4 header at @offset belongs to. */
static struct dvpn_dev *dvpn_quote_find(struct sk_buff *skb, struct net *net,
					unsigned int offset,
					const struct iphdr *iph,
					struct dvpn_quote *quote)
{
	struct dvpn_tuple tuple = { .net = net, .family = AF_INET };
	int sdif = inet_sdif(skb);
	struct dvpn_dev *best;

	memset(quote, 0, sizeof(*quote));
	if (!dvpn_gre_parse(skb, offset + iph->ihl * 4, &quote->gre))
		return NULL;
	quote->loc.nbma.v4 = iph->daddr;
	quote->loc.family = AF_INET;
	quote->loc.encap = DVPN_ENCAP_GRE;
	quote->mark = skb->mark;
	tuple.local.v4 = iph->saddr;
	tuple.ifindex = sdif ?: skb->dev->ifindex;
	tuple.l3mdev = sdif ? skb->dev->ifindex : 0;
	tuple.has_key = quote->gre.flags & DVPN_GRE_KEY;
	tuple.key = quote->gre.key;
	return dvpn_dev_match(&tuple, dvpn_quote_match, quote, &best);
}

/* Believed only if a packet of that size may have met such a link. */
static void dvpn_icmp_pmtu(struct dvpn_dev *dd, struct sk_buff *skb,
			   unsigned int total, unsigned int mtu,
			   struct dvpn_peer *peer)
{
	const struct dvpn_conf *conf = rcu_dereference(dd->conf);

	if (total <= mtu || mtu < READ_ONCE(dd->net->ipv4.ip_rt_min_pmtu) ||
	    mtu >= dvpn_route_mtu(dd, conf, peer))
		return;
	dvpn_route_learn_mtu(dd, conf, peer, skb, mtu);
}

/* @skb is a clone of the error with skb->data at the ICMP header. */
static void dvpn_icmp_quoted(struct dvpn_dev *dd, struct sk_buff *skb,
			     struct dvpn_peer *peer)
{
	struct icmphdr icmph;
	struct iphdr iph;

	if (skb_checksum_simple_validate(skb) ||
	    !pskb_may_pull(skb, sizeof(icmph) + sizeof(iph)))
		return;
	memcpy(&icmph, skb->data, sizeof(icmph));
	__skb_pull(skb, sizeof(icmph));
	skb_reset_network_header(skb);
	memcpy(&iph, skb->data, sizeof(iph));
	if (icmph.code == ICMP_FRAG_NEEDED)
		dvpn_icmp_pmtu(dd, skb, ntohs(iph.tot_len),
			       ntohs(icmph.un.frag.mtu), peer);
	else
		dvpn_event_peer_unreach(dd, peer, -EHOSTUNREACH,
					DVPN_REASON_ICMP);
}

/**
 * dvpn_icmp_error4() - look at an ICMP message that came in
 * @skb: message, skb->data at its IPv4 header; left as it is
 * @net: underlay namespace
 *
 * The stack gives errors about GRE to ip_gre only, and only while that is
 * loaded.
 *
 * Context: RCU, BH off.
 */
void dvpn_icmp_error4(struct sk_buff *skb, struct net *net)
{
	unsigned int offset = ip_hdrlen(skb);
	const struct icmphdr *icmph;
	const struct iphdr *iph;
	struct dvpn_quote quote;
	struct icmphdr _icmph;
	struct sk_buff *clone;
	struct dvpn_dev *dd;
	struct iphdr _iph;

	icmph = skb_header_pointer(skb, offset, sizeof(_icmph), &_icmph);
	if (!icmph || icmph->type != ICMP_DEST_UNREACH)
		return;
	offset += sizeof(_icmph);
	iph = skb_header_pointer(skb, offset, sizeof(_iph), &_iph);
	if (!iph || iph->version != 4 || iph->ihl < 5 ||
	    iph->protocol != IPPROTO_GRE || iph->saddr != ip_hdr(skb)->daddr)
		return;
	dd = dvpn_quote_find(skb, net, offset, iph, &quote);
	if (!dd)
		return;
	clone = skb_clone(skb, GFP_ATOMIC);
	if (!clone)
		return;
	__skb_pull(clone, ip_hdrlen(skb));
	dvpn_icmp_quoted(dd, clone, quote.peer);
	consume_skb(clone);
}
