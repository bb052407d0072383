// SPDX-License-Identifier: GPL-2.0
/*
 * Does a packet fit to a peer, and out with an outer header around it.
 */
#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <net/dst.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "device.h"
#include "encap.h"
#include "gre.h"
#include "mss.h"
#include "pmtu.h"
#include "route.h"

/* Devices whose underlay is another one's inside, so deep and no deeper. */
#define DVPN_XMIT_DEPTH		4

static DEFINE_PER_CPU(unsigned int, dvpn_xmit_depth);

static u8 dvpn_inner_ttl(const struct sk_buff *skb, struct dst_entry *dst)
{
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return ip_hdr(skb)->ttl;
	case htons(ETH_P_IPV6):
		return ipv6_hdr(skb)->hop_limit;
	default:
		return dst->ops->family == AF_INET6 ? ip6_dst_hoplimit(dst) :
						      ip4_dst_hoplimit(dst);
	}
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

static bool dvpn_is_udp(const struct dvpn_peer_key *key)
{
	return key->loc.encap == DVPN_ENCAP_UDP;
}

/* Of GRE, or with UDP of UDP: one is enough. */
static bool dvpn_want_csum(const struct dvpn_conf *conf,
			   const struct dvpn_peer_key *key,
			   const struct dvpn_peer *peer)
{
	if (peer && (READ_ONCE(peer->flags) & DVPN_PEER_F_CSUM))
		return true;
	if (!dvpn_is_udp(key))
		return conf->flags & DVPN_LINK_F_CSUM;
	return !(conf->flags & (key->loc.family == AF_INET6 ?
				DVPN_LINK_F_UDP_ZERO_CSUM6 :
				DVPN_LINK_F_UDP_ZERO_CSUM));
}

static unsigned int dvpn_hlen(const struct dvpn_conf *conf,
			      const struct dvpn_peer_key *key, bool csum)
{
	unsigned int len = sizeof(struct dvpn_gre);

	if (conf->flags & DVPN_LINK_F_KEY)
		len += DVPN_GRE_WORD;
	if (dvpn_is_udp(key))
		len += sizeof(struct udphdr);
	else if (csum)
		len += DVPN_GRE_WORD;
	return len;
}

/* The port that the peer knows us by, or of its own for each inner flow. Under
 * IPsec nobody sees it, and the policy is about the first.
 */
static __be16 dvpn_sport(struct dvpn_dev *dd, const struct dvpn_conf *conf,
			 struct sk_buff *skb,
			 const struct dvpn_encap_info *encap)
{
	if (likely(!encap->peer ||
		   !(READ_ONCE(encap->peer->flags) & DVPN_PEER_F_SPORT_FLOW) ||
		   dst_xfrm(encap->out.dst)))
		return conf->port;
	return udp_flow_src_port(dd->net, skb, DVPN_SPORT_MIN, DVPN_SPORT_MAX,
				 false);
}

/* Bytes of all outer headers. */
static unsigned int dvpn_overhead(const struct dvpn_peer_key *key,
				  unsigned int hlen)
{
	return dvpn_ip_hlen(key->loc.family) + hlen;
}

/* Inner bytes that fit: what the path takes, and what somebody told us. */
static unsigned int dvpn_mtu(const struct dvpn_peer *peer, unsigned int path,
			     unsigned int overhead)
{
	unsigned int mtu = path > overhead ? path - overhead : 0;

	return peer ? min(mtu, READ_ONCE(peer->mtu_told)) : mtu;
}

/* By the inner flow, so that equal-cost paths may be used (RFC 6438). Apart: the
 * flow on its stack would have every packet's stack guarded.
 */
static noinline __be32 dvpn_flow_label(struct net *net, struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (net->ipv6.sysctl.auto_flowlabels != IP6_AUTO_FLOW_LABEL_OFF) {
		skb_get_hash(skb);
		return ip6_make_flowlabel(net, skb, 0, true, NULL);
	}
#endif
	return 0;
}

static void dvpn_encap_init(struct dvpn_dev *dd,
			    const struct dvpn_conf *conf, struct sk_buff *skb,
			    struct dvpn_encap_info *encap)
{
	struct dst_entry *dst = encap->out.dst;

	encap->csum = dvpn_want_csum(conf, encap->key, encap->peer);
	encap->hlen = dvpn_hlen(conf, encap->key, encap->csum);
	if (dvpn_is_udp(encap->key))
		encap->sport = dvpn_sport(dd, conf, skb, encap);
	encap->df = dvpn_outer_df(conf, skb);
	/* RFC 6040: as it is. INET_ECN_encapsulate() would hide CE (RFC 3168). */
	encap->tos = dvpn_outer_dscp(conf, skb) |
		     (dvpn_inner_dsfield(skb) & INET_ECN_MASK);
	encap->ttl = conf->ttl ?: dvpn_inner_ttl(skb, dst);
	if (encap->key->loc.family == AF_INET6)
		encap->label = dvpn_flow_label(dd->net, skb);
	encap->overhead = dvpn_overhead(encap->key, encap->hlen);
	encap->mtu = dvpn_mtu(encap->peer, encap->df ? dst_mtu(dst) :
			      IP_MAX_MTU, encap->overhead);
}

static void dvpn_encap_mss(const struct dvpn_conf *conf,
			   const struct dvpn_encap_info *encap,
			   struct sk_buff *skb)
{
	u32 mss;

	if (likely(!dvpn_mss_may_be_syn(skb)))
		return;
	/* What the path takes, even if the outer packet may be fragmented. */
	mss = dvpn_mss_setting(conf, encap->peer);
	if (mss)
		dvpn_mss_clamp_tx(skb, mss,
				  dvpn_mtu(encap->peer, dst_mtu(encap->out.dst),
					   encap->overhead));
}

/* GRE is written behind it already. */
static void dvpn_fill_udp(struct sk_buff *skb,
			  const struct dvpn_encap_info *encap)
{
	const union dvpn_ip *daddr = &encap->key->loc.nbma;
	const union dvpn_ip *saddr = &encap->out.saddr;
	struct udphdr *uh = udp_hdr(skb);

	uh->source = encap->sport;
	uh->dest = encap->key->loc.port;
	uh->len = htons(skb->len);
	if (encap->key->loc.family == AF_INET6)
		udp6_set_csum(!encap->csum, skb, &saddr->v6, &daddr->v6,
			      skb->len);
	else
		udp_set_csum(!encap->csum, skb, saddr->v4, daddr->v4, skb->len);
}

/* GRE header, and UDP in front of it for a UDP peer. */
static void dvpn_push_gre(struct sk_buff *skb, const struct dvpn_conf *conf,
			  const struct dvpn_peer_key *key,
			  const struct dvpn_encap_info *encap)
{
	__be16 proto = skb->protocol;
	bool udp = dvpn_is_udp(key);
	struct dvpn_gre *gre;
	__be32 *word;

	__skb_push(skb, encap->hlen);
	skb_reset_transport_header(skb);
	gre = (struct dvpn_gre *)(skb->data +
				  (udp ? sizeof(struct udphdr) : 0));
	gre->flags = 0;
	gre->proto = proto;
	word = (__be32 *)(skb->data + encap->hlen) - 1;
	if (conf->flags & DVPN_LINK_F_KEY) {
		gre->flags |= DVPN_GRE_KEY;
		*word-- = conf->key;
	}
	skb_set_inner_protocol(skb, proto);
	if (udp) {
		dvpn_fill_udp(skb, encap);
		return;
	}
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

static void dvpn_push_outer4(struct sk_buff *skb, struct net *net,
			     const struct dvpn_peer_key *key,
			     const struct dvpn_encap_info *encap)
{
	struct iphdr *iph;

	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	__skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	iph = ip_hdr(skb);
	iph->version = 4;
	iph->ihl = sizeof(*iph) >> 2;
	iph->tos = encap->tos;
	iph->frag_off = ip_mtu_locked(skb_dst(skb)) ? 0 : encap->df;
	iph->ttl = encap->ttl;
	iph->protocol = dvpn_is_udp(key) ? IPPROTO_UDP : IPPROTO_GRE;
	iph->saddr = encap->out.saddr.v4;
	iph->daddr = key->loc.nbma.v4;
	/* What is never fragmented needs no id (RFC 6864). */
	iph->id = 0;
	if (!iph->frag_off)
		__ip_select_ident(net, iph, skb_shinfo(skb)->gso_segs ?: 1);
}

#if IS_ENABLED(CONFIG_IPV6)
static void dvpn_push_outer6(struct sk_buff *skb,
			     const struct dvpn_encap_info *encap)
{
	struct ipv6hdr *ip6h;

	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	__skb_push(skb, sizeof(*ip6h));
	skb_reset_network_header(skb);
	ip6h = ipv6_hdr(skb);
	ip6_flow_hdr(ip6h, encap->tos, encap->label);
	ip6h->hop_limit = encap->ttl;
	ip6h->nexthdr = dvpn_is_udp(encap->key) ? IPPROTO_UDP : IPPROTO_GRE;
	ip6h->saddr = encap->out.saddr.v6;
	ip6h->daddr = encap->key->loc.nbma.v6;
	/* There is no DF in IPv6: the sender fragments, or nobody does. */
	skb->ignore_df = !encap->df;
}
#endif

/* Takes the reference of @out if it has one. */
static void dvpn_set_dst(struct sk_buff *skb, struct dvpn_output *out)
{
	if (out->owned)
		skb_dst_set(skb, out->dst);
	else
		skb_dst_set_noref(skb, out->dst);
	out->owned = false;
}

static int dvpn_local_out(struct dvpn_dev *dd, struct sk_buff *skb,
			  const struct dvpn_peer_key *key,
			  const struct dvpn_encap_info *encap)
{
#if IS_ENABLED(CONFIG_IPV6)
	int err;

	if (unlikely(key->loc.family == AF_INET6)) {
		dvpn_push_outer6(skb, encap);
		/* Else the inner socket is asked how large a packet may be, and
		 * that need not be one of IPv6.
		 */
		dev_xmit_recursion_inc();
		err = ip6_local_out(dd->net, NULL, skb);
		dev_xmit_recursion_dec();
		return err;
	}
#endif
	dvpn_push_outer4(skb, dd->net, key, encap);
	return ip_local_out(dd->net, NULL, skb);
}

/* The outer packet is the underlay's from here on. */
static int dvpn_output(struct dvpn_dev *dd, const struct dvpn_conf *conf,
		       struct sk_buff *skb, struct dvpn_encap_info *encap)
{
	/* At hand: the compiler cannot know that no call changes it. */
	const struct dvpn_peer_key *key = encap->key;
	u32 mark = dvpn_key_mark(conf, key);
	unsigned int len = skb->len;
	int err;

	skb_scrub_packet(skb, !net_eq(dd->net, dev_net(dd->dev)));
	skb_clear_hash_if_not_l4(skb);
	if (mark)
		skb->mark = mark;
	dvpn_set_dst(skb, &encap->out);
	dvpn_push_gre(skb, conf, key, encap);

	__this_cpu_inc(dvpn_xmit_depth);
	err = dvpn_local_out(dd, skb, key, encap);
	__this_cpu_dec(dvpn_xmit_depth);

	err = net_xmit_eval(err);
	if (unlikely(err)) {
		DEV_STATS_INC(dd->dev, tx_dropped);
		return err < 0 ? err : -ENOBUFS;
	}
	dev_sw_netstats_tx_add(dd->dev, 1, len);
	if (encap->peer)
		dvpn_peer_count_tx(encap->peer, len);
	return 0;
}

static int dvpn_gso_type(const struct dvpn_encap_info *encap)
{
	if (dvpn_is_udp(encap->key))
		return encap->csum ? SKB_GSO_UDP_TUNNEL_CSUM :
				     SKB_GSO_UDP_TUNNEL;
	return encap->csum ? SKB_GSO_GRE_CSUM : SKB_GSO_GRE;
}

/* Room for all headers. A device that gives too little is told once; most
 * drivers leave enough, and then the next packet needs no new head.
 */
static int dvpn_headroom(struct dvpn_dev *dd, struct sk_buff *skb,
			 const struct dst_entry *dst, unsigned int overhead)
{
	unsigned int headroom = LL_RESERVED_SPACE(dst_dev(dst)) +
				dst->header_len + overhead;

	if (unlikely(skb_headroom(skb) < headroom))
		ip_tunnel_adj_headroom(dd->dev, headroom);
	else if (likely(!skb_header_cloned(skb)))
		return 0;
	return skb_cow_head(skb, headroom);
}

/* What iptunnel_handle_offloads() does, which is nothing for most packets. */
static int dvpn_offloads(struct sk_buff *skb,
			 const struct dvpn_encap_info *encap)
{
	if (skb_is_gso(skb) || skb->ip_summed == CHECKSUM_PARTIAL ||
	    skb->encapsulation)
		return iptunnel_handle_offloads(skb, dvpn_gso_type(encap));
	skb->ip_summed = CHECKSUM_NONE;
	return 0;
}

/**
 * dvpn_encap() - encapsulate a packet and send it
 * @dd: device
 * @conf: its configuration
 * @skb: inner packet, skb->data at its network header; consumed
 * @encap: key, peer and out are set; out is used up
 *
 * Context: RCU, BH off.
 * Return: 0 or why it was dropped, negative errno.
 */
int dvpn_encap(struct dvpn_dev *dd, const struct dvpn_conf *conf,
	       struct sk_buff *skb, struct dvpn_encap_info *encap)
{
	struct dst_entry *dst = encap->out.dst;
	enum dvpn_drop reason;
	int err;

	reason = DVPN_DROP_TX_LOOP;
	err = -ELOOP;
	if (unlikely(__this_cpu_read(dvpn_xmit_depth) >= DVPN_XMIT_DEPTH))
		goto drop;

	dvpn_encap_init(dd, conf, skb, encap);
	if (unlikely(skb->len > encap->mtu && !dvpn_fits(skb, encap->mtu))) {
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

	if (encap->peer)
		dvpn_encap_mss(conf, encap, skb);

	reason = DVPN_DROP_TX_NOMEM;
	err = dvpn_headroom(dd, skb, dst, encap->overhead);
	if (unlikely(err))
		goto drop;
	err = dvpn_offloads(skb, encap);
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
	overhead = dvpn_overhead(&peer->key,
				 dvpn_hlen(conf, &peer->key,
					   dvpn_want_csum(conf, &peer->key,
							  peer)));
	mtu = READ_ONCE(dd->dev->mtu);
	path = dvpn_route_mtu(dd, conf, peer);
	mtu = path ? min(mtu, dvpn_mtu(peer, path, overhead)) :
		     dvpn_mtu(peer, mtu, 0);
	rcu_read_unlock();
	local_bh_enable();
	return mtu;
}
