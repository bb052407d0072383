// SPDX-License-Identifier: GPL-2.0
/*
 * Transmit: to whom, does it fit, and out with a GRE header around it.
 */
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <net/dst.h>
#include <net/dst_metadata.h>
#include <net/icmp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "device.h"
#include "encap.h"
#include "event.h"
#include "gre.h"
#include "miss.h"
#include "multicast.h"
#include "pmtu.h"
#include "redirect.h"
#include "route.h"

/* Devices whose underlay is another one's inside, so deep and no deeper. */
#define DVPN_XMIT_DEPTH		4

/* DSCP of frames of our own when the device inherits it: network control. */
#define DVPN_FRAME_DSFIELD	0xc0

static DEFINE_PER_CPU(unsigned int, dvpn_xmit_depth);

/**
 * struct dvpn_encap_info - one packet's encapsulation
 * @key: where to
 * @peer: the same as a peer, or NULL
 * @out: how
 * @mtu: bytes of inner packet that fit, with @df as it is
 * @hlen: bytes of GRE header
 * @csum: with checksum
 * @df: Don't Fragment bit of the outer packet, or 0
 * @tos: outer DSCP
 * @ttl: outer TTL
 */
struct dvpn_encap_info {
	const struct dvpn_peer_key *key;
	struct dvpn_peer *peer;
	struct dvpn_output out;
	unsigned int mtu;
	unsigned int hlen;
	bool csum;
	__be16 df;
	u8 tos;
	u8 ttl;
};

static u8 dvpn_inner_dsfield(const struct sk_buff *skb)
{
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return ip_hdr(skb)->tos;
	case htons(ETH_P_IPV6):
		return ipv6_get_dsfield(ipv6_hdr(skb));
	default:
		return DVPN_FRAME_DSFIELD;
	}
}

static u8 dvpn_inner_ttl(const struct sk_buff *skb, struct dst_entry *dst)
{
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return ip_hdr(skb)->ttl;
	case htons(ETH_P_IPV6):
		return ipv6_hdr(skb)->hop_limit;
	default:
		return ip4_dst_hoplimit(dst);
	}
}

static u8 dvpn_outer_dscp(const struct dvpn_conf *conf,
			  const struct sk_buff *skb)
{
	return conf->tos == 1 ? dvpn_inner_dsfield(skb) & ~INET_ECN_MASK :
				conf->tos;
}

static __be16 dvpn_outer_df(const struct dvpn_conf *conf,
			    const struct sk_buff *skb)
{
	switch (conf->df) {
	case DVPN_DF_UNSET:
		return 0;
	case DVPN_DF_INHERIT:
		if (skb->protocol == htons(ETH_P_IP))
			return ip_hdr(skb)->frag_off & htons(IP_DF);
		return htons(IP_DF);
	default:
		return htons(IP_DF);
	}
}

static unsigned int dvpn_gre_hlen(const struct dvpn_conf *conf, bool csum)
{
	unsigned int len = sizeof(struct dvpn_gre);

	if (csum)
		len += DVPN_GRE_WORD;
	if (conf->flags & DVPN_LINK_F_KEY)
		len += DVPN_GRE_WORD;
	return len;
}

static bool dvpn_want_csum(const struct dvpn_conf *conf,
			   const struct dvpn_peer *peer)
{
	return (conf->flags & DVPN_LINK_F_CSUM) ||
	       (peer && (READ_ONCE(peer->flags) & DVPN_PEER_F_CSUM));
}

/* Inner bytes that fit: what the path takes, and what somebody told us. */
static unsigned int dvpn_mtu(const struct dvpn_peer *peer, unsigned int path,
			     unsigned int overhead)
{
	unsigned int mtu = path > overhead ? path - overhead : 0;
	u32 told;

	if (!peer)
		return mtu;
	told = READ_ONCE(peer->mtu);
	if (told)
		mtu = min(mtu, told);
	told = READ_ONCE(peer->mtu_advertised);
	if (told)
		mtu = min(mtu, told);
	return mtu;
}

static void dvpn_encap_init(struct dvpn_encap_info *encap,
			    const struct dvpn_conf *conf,
			    const struct sk_buff *skb)
{
	struct dst_entry *dst = encap->out.dst;
	unsigned int overhead;

	encap->csum = dvpn_want_csum(conf, encap->peer);
	encap->hlen = dvpn_gre_hlen(conf, encap->csum);
	encap->df = dvpn_outer_df(conf, skb);
	encap->tos = INET_ECN_encapsulate(dvpn_outer_dscp(conf, skb),
					  dvpn_inner_dsfield(skb));
	encap->ttl = conf->ttl ?: dvpn_inner_ttl(skb, dst);
	overhead = sizeof(struct iphdr) + encap->hlen;
	encap->mtu = dvpn_mtu(encap->peer, encap->df ? dst_mtu(dst) :
			      IP_MAX_MTU, overhead);
}

static void dvpn_push_gre(struct sk_buff *skb, const struct dvpn_conf *conf,
			  const struct dvpn_encap_info *encap)
{
	__be16 proto = skb->protocol;
	struct dvpn_gre *gre;
	__be32 *word;

	skb_push(skb, encap->hlen);
	skb_reset_transport_header(skb);
	gre = (struct dvpn_gre *)skb->data;
	gre->flags = 0;
	gre->proto = proto;
	word = (__be32 *)(skb->data + encap->hlen) - 1;
	if (conf->flags & DVPN_LINK_F_KEY) {
		gre->flags |= DVPN_GRE_KEY;
		*word-- = conf->key;
	}
	skb_set_inner_protocol(skb, proto);
	if (!encap->csum)
		return;

	gre->flags |= DVPN_GRE_CSUM;
	*word = 0;
	if (skb_is_gso(skb))
		return;	/* filled in per segment */
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		*(__sum16 *)word = csum_fold(lco_csum(skb));
		return;
	}
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = sizeof(*gre);
}

static void dvpn_push_ip4(struct sk_buff *skb, struct net *net,
			  const struct dvpn_encap_info *encap)
{
	struct iphdr *iph;

	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	iph = ip_hdr(skb);
	iph->version = 4;
	iph->ihl = sizeof(*iph) >> 2;
	iph->tos = encap->tos;
	iph->frag_off = ip_mtu_locked(skb_dst(skb)) ? 0 : encap->df;
	iph->ttl = encap->ttl;
	iph->protocol = IPPROTO_GRE;
	iph->saddr = encap->out.saddr.v4;
	iph->daddr = encap->key->loc.nbma.v4;
	/* What is never fragmented needs no id (RFC 6864). */
	iph->id = 0;
	if (!iph->frag_off)
		__ip_select_ident(net, iph, skb_shinfo(skb)->gso_segs ?: 1);
}

/* Takes the reference of @out if it has one. */
static void dvpn_set_dst(struct sk_buff *skb, struct dvpn_output *out)
{
	if (out->owned)
		skb_dst_set(skb, out->dst);
	else
		skb_dst_set_noref(skb, out->dst);
	out->owned = false;
}

/* The outer packet is the underlay's from here on. */
static int dvpn_output(struct dvpn_dev *dd, const struct dvpn_conf *conf,
		       struct sk_buff *skb, struct dvpn_encap_info *encap)
{
	u32 mark = dvpn_key_mark(conf, encap->key);
	unsigned int len = skb->len;
	int err;

	skb_scrub_packet(skb, !net_eq(dd->net, dev_net(dd->dev)));
	skb_clear_hash_if_not_l4(skb);
	if (mark)
		skb->mark = mark;
	dvpn_set_dst(skb, &encap->out);
	dvpn_push_gre(skb, conf, encap);
	dvpn_push_ip4(skb, dd->net, encap);

	__this_cpu_inc(dvpn_xmit_depth);
	err = ip_local_out(dd->net, NULL, skb);
	__this_cpu_dec(dvpn_xmit_depth);

	err = net_xmit_eval(err);
	if (unlikely(err)) {
		DEV_STATS_INC(dd->dev, tx_dropped);
		return err < 0 ? err : -ENOBUFS;
	}
	dev_sw_netstats_tx_add(dd->dev, 1, len);
	if (encap->peer)
		dvpn_peer_count_tx(encap->peer, 1, len);
	return 0;
}

/* Consumes @skb; @encap->key, peer and out are set. */
static int dvpn_encap(struct dvpn_dev *dd, const struct dvpn_conf *conf,
		      struct sk_buff *skb, struct dvpn_encap_info *encap)
{
	struct dst_entry *dst = encap->out.dst;
	enum dvpn_drop reason;
	int err;

	reason = DVPN_DROP_TX_LOOP;
	err = -ELOOP;
	if (unlikely(__this_cpu_read(dvpn_xmit_depth) >= DVPN_XMIT_DEPTH))
		goto drop;

	dvpn_encap_init(encap, conf, skb);
	if (unlikely(!dvpn_fits(skb, encap->mtu))) {
		switch (dvpn_pmtu_exceeded(skb, encap->mtu)) {
		case DVPN_FIT_INNER:
			if (encap->out.owned)
				dst_release(dst);
			dvpn_pmtu_fragment(dd, encap->peer, skb, encap->mtu);
			return 0;
		case DVPN_FIT_NO:
			reason = DVPN_DROP_TX_TOO_BIG;
			err = -EMSGSIZE;
			goto drop;
		default:
			encap->df = 0;
		}
	}

	reason = DVPN_DROP_TX_NOMEM;
	err = skb_cow_head(skb, LL_RESERVED_SPACE(dst_dev(dst)) +
				dst->header_len + sizeof(struct iphdr) +
				encap->hlen);
	if (unlikely(err))
		goto drop;
	err = iptunnel_handle_offloads(skb, encap->csum ? SKB_GSO_GRE_CSUM :
							  SKB_GSO_GRE);
	if (unlikely(err))
		goto drop;
	return dvpn_output(dd, conf, skb, encap);

drop:
	if (encap->out.owned)
		dst_release(dst);
	dvpn_drop(dd, skb, reason);
	return err;
}

/**
 * dvpn_send() - encapsulate a packet for a peer and send it
 * @dd: device
 * @conf: its configuration
 * @peer: to whom
 * @skb: inner packet, skb->data at its network header; consumed
 *
 * Context: RCU, BH off.
 * Return: 0 or why it was dropped, negative errno.
 */
int dvpn_send(struct dvpn_dev *dd, const struct dvpn_conf *conf,
	      struct dvpn_peer *peer, struct sk_buff *skb)
{
	struct dvpn_encap_info encap = { .key = &peer->key, .peer = peer };
	int err;

	err = dvpn_route_peer(dd, conf, peer, dvpn_outer_dscp(conf, skb),
			      &encap.out);
	if (unlikely(err)) {
		dvpn_drop(dd, skb, dvpn_route_reason(err));
		return err;
	}
	return dvpn_encap(dd, conf, skb, &encap);
}

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
	xi->dst.v4 = iph->daddr;
	xi->nexthop.family = AF_INET;
	xi->nexthop.ip.v4 = iph->daddr;
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
	u8 _type;
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

static void dvpn_xmit_map(struct dvpn_dev *dd, struct dvpn_xmit_info *xi,
			  struct sk_buff *skb, struct dvpn_map *map)
{
	struct dvpn_encap_info encap = {
		.key = &map->peer->key,
		.peer = map->peer,
	};
	struct dvpn_map *nhs;
	int err;

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

static void dvpn_xmit_unicast(struct dvpn_dev *dd, struct dvpn_xmit_info *xi,
			      struct sk_buff *skb)
{
	struct dvpn_map *map;

	switch (dvpn_map_select(dd, xi->family, &xi->dst, &xi->nexthop, &map)) {
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

/* RCU, BH off. */
static void dvpn_xmit_one(struct dvpn_dev *dd, struct sk_buff *skb, bool again)
{
	struct dvpn_xmit_info xi = {
		.conf = rcu_dereference(dd->conf),
		.again = again,
	};
	enum dvpn_drop reason;
	bool many;

	reason = dvpn_xmit_check(skb);
	if (unlikely(reason)) {
		dvpn_drop(dd, skb, reason);
		return;
	}
	if (skb->skb_iif)
		xi.in = dvpn_ingress(dd, skb);
	many = skb->protocol == htons(ETH_P_IP) ?
	       dvpn_nexthop4(&xi, skb, dd->dev) :
	       dvpn_nexthop6(&xi, skb, dd->dev);
	if (many)
		dvpn_xmit_multicast(dd, &xi, skb);
	else
		dvpn_xmit_unicast(dd, &xi, skb);
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
	rcu_read_lock();
	dvpn_xmit_one(netdev_priv(dev), skb, false);
	rcu_read_unlock();
	return NETDEV_TX_OK;
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
	rcu_read_lock();
	if (netif_running(dd->dev))
		dvpn_xmit_one(dd, skb, true);
	else
		dvpn_drop(dd, skb, DVPN_DROP_TX_QUEUE_FULL);
	rcu_read_unlock();
	local_bh_enable();
}

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
	return dvpn_route_key(dd, conf, encap->key, local->family == AF_INET ?
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

/**
 * dvpn_peer_pmtu() - largest inner packet that fits to a peer now
 * @dd: device
 * @peer: the peer
 *
 * Context: process or BH off; @peer must stay.
 * Return: bytes; without a route those of the device.
 */
unsigned int dvpn_peer_pmtu(struct dvpn_dev *dd, struct dvpn_peer *peer)
{
	const struct dvpn_conf *conf;
	unsigned int mtu, path, overhead;

	local_bh_disable();
	rcu_read_lock();
	conf = rcu_dereference(dd->conf);
	overhead = sizeof(struct iphdr) +
		   dvpn_gre_hlen(conf, dvpn_want_csum(conf, peer));
	mtu = READ_ONCE(dd->dev->mtu);
	path = dvpn_route_mtu(dd, conf, peer);
	mtu = path ? min(mtu, dvpn_mtu(peer, path, overhead)) :
		     dvpn_mtu(peer, mtu, 0);
	rcu_read_unlock();
	local_bh_enable();
	return mtu;
}
