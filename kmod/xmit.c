// SPDX-License-Identifier: GPL-2.0
/*
 * Transmit: to whom does a packet of the stack go?
 */
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <net/dst.h>
#include <net/dst_metadata.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "device.h"
#include "encap.h"
#include "event.h"
#include "lookup.h"
#include "miss.h"
#include "multicast.h"
#include "redirect.h"
#include "route.h"
#include "xmit.h"

/**
 * struct dvpn_xmit_info - a packet on its way through the transmit path
 * @conf: configuration of the device
 * @in: device of the same domain that it entered by, or NULL
 * @nexthop: next hop, by the packet's route
 * @dst: its destination
 * @family: of @dst
 * @again: it has waited for its mapping once
 */
struct dvpn_xmit_info {
	const struct dvpn_conf *conf;
	struct dvpn_dev *in;
	struct dvpn_addr nexthop;
	union dvpn_ip dst;
	u8 family;
	bool again;
};

/* The route that brought the packet here, or NULL if it is not of any use. */
static const struct dst_entry *dvpn_inner_route(const struct sk_buff *skb,
						const struct net_device *dev,
						u8 family)
{
	const struct dst_entry *dst = skb_dst(skb);

	if (!skb_valid_dst(skb) || dst->ops->family != family ||
	    dst_dev(dst) != dev)
		return NULL;
	return dst;
}

/* Returns true if the packet is for more than one. */
static bool dvpn_nexthop4(struct dvpn_xmit_info *xi, const struct sk_buff *skb,
			  const struct net_device *dev)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct rtable *rt;

	xi->family = AF_INET;
	xi->dst = (union dvpn_ip){ .v4 = iph->daddr };
	xi->nexthop.family = AF_INET;
	xi->nexthop.ip = xi->dst;
	if (ipv4_is_multicast(iph->daddr) || ipv4_is_lbcast(iph->daddr))
		return true;
	rt = (const struct rtable *)dvpn_inner_route(skb, dev, AF_INET);
	if (!rt)
		return false;
	if (rt->rt_type == RTN_BROADCAST || rt->rt_type == RTN_MULTICAST)
		return true;
	if (rt->rt_gw_family == AF_INET) {
		xi->nexthop.ip.v4 = rt->rt_gw4;
	} else if (rt->rt_gw_family == AF_INET6) {
		xi->nexthop.family = AF_INET6;
		xi->nexthop.ip.v6 = rt->rt_gw6;
	}
	return false;
}

static bool dvpn_nexthop6(struct dvpn_xmit_info *xi, const struct sk_buff *skb,
			  const struct net_device *dev)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	const struct dst_entry *dst;

	xi->family = AF_INET6;
	xi->dst.v6 = ip6h->daddr;
	xi->nexthop.family = AF_INET6;
	xi->nexthop.ip.v6 = ip6h->daddr;
	if (ipv6_addr_is_multicast(&ip6h->daddr))
		return true;
	dst = dvpn_inner_route(skb, dev, AF_INET6);
	if (dst)
		xi->nexthop.ip.v6 = *rt6_nexthop((const struct rt6_info *)dst,
						 &ip6h->daddr);
	return false;
}

/* An ICMP redirect that this host made: all leave by one interface here, the
 * shortcut is NHRP's to find.
 */
static bool dvpn_own_redirect(const struct sk_buff *skb)
{
	u8 _type __uninitialized;
	const u8 *type;

	if (skb->skb_iif)
		return false;
	if (skb->protocol == htons(ETH_P_IP)) {
		if (ip_hdr(skb)->protocol != IPPROTO_ICMP)
			return false;
		type = skb_header_pointer(skb, ip_hdrlen(skb), sizeof(_type),
					  &_type);
		return type && *type == ICMP_REDIRECT;
	}
	if (ipv6_hdr(skb)->nexthdr != IPPROTO_ICMPV6)
		return false;
	type = skb_header_pointer(skb, sizeof(struct ipv6hdr), sizeof(_type),
				  &_type);
	return type && *type == NDISC_REDIRECT;
}

/* 0, or why the packet cannot be carried. */
static enum dvpn_drop dvpn_xmit_check(struct sk_buff *skb)
{
	if (unlikely(!skb->protocol)) {
		/* A packet socket's; there is no link-layer header to tell. */
		skb_reset_network_header(skb);
		skb->protocol = ip_tunnel_parse_protocol(skb);
	}
	if (unlikely(!pskb_inet_may_pull(skb)))
		return DVPN_DROP_TX_MALFORMED;
	if (skb->protocol == htons(ETH_P_IP)) {
		if (ip_hdr(skb)->version != 4 || ip_hdr(skb)->ihl < 5)
			return DVPN_DROP_TX_MALFORMED;
	} else if (skb->protocol == htons(ETH_P_IPV6)) {
		if (ipv6_hdr(skb)->version != 6)
			return DVPN_DROP_TX_MALFORMED;
	} else {
		return DVPN_DROP_TX_PROTO;
	}
	if (unlikely(dvpn_own_redirect(skb)))
		return DVPN_DROP_TX_ICMP_REDIRECT;
	return DVPN_DROP_UNSPEC;
}

/* Would the fallback send the packet to where it came from? */
static bool dvpn_goes_back(const struct dvpn_xmit_info *xi,
			   const struct sk_buff *skb,
			   const struct dvpn_peer *nhs)
{
	const struct dvpn_peer *ingress;

	if (likely(!xi->in))
		return false;
	ingress = dvpn_ingress_peer(xi->in, skb);
	return ingress && !memcmp(&ingress->key.loc, &nhs->key.loc,
				  sizeof(nhs->key.loc));
}

static void dvpn_xmit_redirect(const struct dvpn_xmit_info *xi,
			       const struct sk_buff *skb)
{
	const struct dvpn_conf *conf = rcu_dereference(xi->in->conf);

	if (!(conf->flags & DVPN_LINK_F_REDIRECT))
		return;
	dvpn_count_stat(xi->in, DVPN_STAT_REDIRECTS, 1);
	dvpn_event_redirect(xi->in, skb);
}

static void dvpn_xmit_nhs(struct dvpn_dev *dd, struct dvpn_xmit_info *xi,
			  struct sk_buff *skb, struct dvpn_map *nhs)
{
	if (dvpn_goes_back(xi, skb, nhs->peer)) {
		dvpn_drop(dd, skb, DVPN_DROP_TX_BACK);
		return;
	}
	if (xi->in)
		dvpn_xmit_redirect(xi, skb);
	dvpn_map_touch(nhs);
	dvpn_count_stat(dd, DVPN_STAT_TX_NHS, 1);
	dvpn_send(dd, xi->conf, nhs->peer, skb);
}

static __always_inline void
dvpn_xmit_map(struct dvpn_dev *dd, struct dvpn_xmit_info *xi,
	      struct sk_buff *skb, struct dvpn_map *map)
{
	/* Filled in on the way; zeroing it would be instructions for nothing. */
	struct dvpn_encap_info encap __uninitialized;
	struct dvpn_map *nhs;
	int err;

	encap.key = &map->peer->key;
	encap.peer = map->peer;
	dvpn_map_touch(map);
	err = dvpn_route_peer(dd, xi->conf, map->peer,
			      dvpn_outer_dscp(xi->conf, skb), &encap.out);
	if (likely(!err)) {
		if (unlikely(xi->in))
			dvpn_xmit_redirect(xi, skb);
		dvpn_encap(dd, xi->conf, skb, &encap);
		return;
	}
	/* The hub carries it while IKE works on the direct path. */
	if (err == -EINPROGRESS) {
		nhs = dvpn_nhs_get(dd);
		if (nhs && nhs->peer != map->peer) {
			dvpn_xmit_nhs(dd, xi, skb, nhs);
			return;
		}
	}
	dvpn_drop(dd, skb, dvpn_route_reason(err));
}

static void dvpn_xmit_unreachable(struct dvpn_dev *dd, struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	else
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH,
				0);
	dvpn_drop(dd, skb, DVPN_DROP_TX_UNREACHABLE);
}

static __always_inline void
dvpn_xmit_unicast(struct dvpn_dev *dd, struct dvpn_xmit_info *xi,
		  struct sk_buff *skb)
{
	struct dvpn_map *map __uninitialized;

	switch (__dvpn_map_select(dd, xi->family, &xi->dst, &xi->nexthop,
				  &map)) {
	case DVPN_ROUTE_MAP:
		dvpn_xmit_map(dd, xi, skb, map);
		return;
	case DVPN_ROUTE_NHS:
		dvpn_xmit_nhs(dd, xi, skb, map);
		return;
	case DVPN_ROUTE_MISS:
		dvpn_count_stat(dd, DVPN_STAT_MISSES, 1);
		if (dvpn_miss(dd, skb, &xi->nexthop, !map && !xi->again))
			return;
		if (map)
			dvpn_xmit_nhs(dd, xi, skb, map);
		else
			dvpn_drop(dd, skb, DVPN_DROP_TX_NO_MAP);
		return;
	case DVPN_ROUTE_UNREACHABLE:
		dvpn_xmit_unreachable(dd, skb);
		return;
	}
}

static void dvpn_xmit_multicast(struct dvpn_dev *dd, struct dvpn_xmit_info *xi,
				struct sk_buff *skb)
{
	const struct dvpn_peer *ingress = NULL;

	if (xi->in)
		ingress = dvpn_ingress_peer(xi->in, skb);
	/* A peer of another device is none of ours, but may be one here, too. */
	if (ingress && xi->in != dd)
		ingress = dvpn_peer_find(dd, &ingress->key);
	dvpn_multicast(dd, xi->conf, skb, ingress);
}

/* BH off. */
static netdev_tx_t dvpn_xmit_one(struct dvpn_dev *dd, struct sk_buff *skb,
				 bool again)
{
	/* Filled in on the way; zeroing it would be instructions for nothing. */
	struct dvpn_xmit_info xi __uninitialized;
	enum dvpn_drop reason;
	bool many;

	rcu_read_lock();
	xi.conf = rcu_dereference(dd->conf);
	xi.again = again;
	reason = dvpn_xmit_check(skb);
	if (unlikely(reason)) {
		dvpn_drop(dd, skb, reason);
		goto out;
	}
	xi.in = dvpn_ingress(dd, xi.conf, skb);
	many = skb->protocol == htons(ETH_P_IP) ?
	       dvpn_nexthop4(&xi, skb, dd->dev) :
	       dvpn_nexthop6(&xi, skb, dd->dev);
	if (many)
		dvpn_xmit_multicast(dd, &xi, skb);
	else
		dvpn_xmit_unicast(dd, &xi, skb);
out:
	rcu_read_unlock();
	return NETDEV_TX_OK;
}

/**
 * dvpn_xmit() - ndo_start_xmit
 * @skb: inner packet, consumed
 * @dev: dvpn device
 *
 * Return: NETDEV_TX_OK.
 */
netdev_tx_t dvpn_xmit(struct sk_buff *skb, struct net_device *dev)
{
	return dvpn_xmit_one(netdev_priv(dev), skb, false);
}

/**
 * dvpn_xmit_again() - transmit a packet that waited for its mapping
 * @dd: device
 * @skb: inner packet with its route, consumed
 *
 * Context: process or BH off.
 */
void dvpn_xmit_again(struct dvpn_dev *dd, struct sk_buff *skb)
{
	local_bh_disable();
	if (netif_running(dd->dev))
		dvpn_xmit_one(dd, skb, true);
	else
		dvpn_drop(dd, skb, DVPN_DROP_TX_QUEUE_FULL);
	local_bh_enable();
}
