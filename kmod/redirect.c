// SPDX-License-Identifier: GPL-2.0
/*
 * Traffic that enters and leaves by the same domain.
 */
#include <linux/netdevice.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "device.h"
#include "redirect.h"

static bool dvpn_reverse4(struct net_device *dev, const struct iphdr *iph,
			  union dvpn_ip *src, struct dvpn_addr *nexthop)
{
	struct flowi4 fl4 = {
		.flowi4_oif = l3mdev_master_ifindex_rcu(dev),
		.daddr = iph->saddr,
	};
	struct rtable *rt;
	bool found;

	rt = __ip_route_output_key(dev_net(dev), &fl4);
	if (IS_ERR(rt))
		return false;
	src->v4 = iph->saddr;
	nexthop->family = AF_INET;
	nexthop->ip.v4 = iph->saddr;
	if (rt->rt_gw_family == AF_INET) {
		nexthop->ip.v4 = rt->rt_gw4;
	} else if (rt->rt_gw_family == AF_INET6) {
		nexthop->family = AF_INET6;
		nexthop->ip.v6 = rt->rt_gw6;
	}
	found = dst_dev(&rt->dst) == dev;
	ip_rt_put(rt);
	return found;
}

static bool dvpn_reverse6(struct net_device *dev, const struct ipv6hdr *ip6h,
			  union dvpn_ip *src, struct dvpn_addr *nexthop)
{
#if IS_ENABLED(CONFIG_IPV6)
	struct flowi6 fl6 = {
		.flowi6_oif = l3mdev_master_ifindex_rcu(dev),
		.daddr = ip6h->saddr,
	};
	struct dst_entry *dst;
	bool found;

	if (!ipv6_mod_enabled())
		return false;
	if (ipv6_addr_type(&ip6h->saddr) & IPV6_ADDR_LINKLOCAL)
		fl6.flowi6_oif = dev->ifindex;
	dst = ip6_route_output(dev_net(dev), NULL, &fl6);
	src->v6 = ip6h->saddr;
	nexthop->family = AF_INET6;
	nexthop->ip.v6 = *rt6_nexthop((const struct rt6_info *)dst,
				      &ip6h->saddr);
	found = !dst->error && dst_dev(dst) == dev;
	dst_release(dst);
	return found;
#else
	return false;
#endif
}

/**
 * dvpn_ingress_peer() - best guess at the peer that sent a packet
 * @in: device that it entered by
 * @skb: the packet, skb->data at its network header
 *
 * Nothing of the outer packet outlives the stack between receive and
 * transmit; the way back to the source is as close as one can come.
 *
 * Context: RCU.
 * Return: a peer of @in, or NULL.
 */
struct dvpn_peer *dvpn_ingress_peer(struct dvpn_dev *in,
				    const struct sk_buff *skb)
{
	struct dvpn_addr nexthop = {};
	union dvpn_ip src = {};
	struct dvpn_map *map;
	bool found;
	u8 family;

	switch (skb->protocol) {
	case htons(ETH_P_IP):
		family = AF_INET;
		found = dvpn_reverse4(in->dev, ip_hdr(skb), &src, &nexthop);
		break;
	case htons(ETH_P_IPV6):
		family = AF_INET6;
		found = dvpn_reverse6(in->dev, ipv6_hdr(skb), &src, &nexthop);
		break;
	default:
		return NULL;
	}
	if (!found)
		return NULL;
	dvpn_map_select(in, family, &src, &nexthop, &map);
	return map ? map->peer : NULL;
}
