// SPDX-License-Identifier: GPL-2.0
/*
 * What the underlay says about packets of ours. The stack gives errors about
 * GRE to other tunnels only, and only while those are loaded. A path MTU that
 * is learned lives in the route, where it ages by itself.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netdevice.h>
#include <linux/udp.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "decap.h"
#include "device.h"
#include "icmp.h"
#include "route.h"

/**
 * struct dvpn_quote - the packet of ours that an ICMP error quotes
 * @gre: its GRE header, as far as it is quoted
 * @sport: its UDP source port
 * @loc: where it went
 * @local: where it came from
 * @total: bytes of it, outer header and all
 * @dsfield: its DSCP and ECN
 * @mark: mark of the error
 * @if_id: xfrm interface id that it came in by, 0 none
 * @clear: it came in without ESP
 * @peer: set to the peer at @loc
 */
struct dvpn_quote {
	struct dvpn_gre_info gre;
	__be16 sport;
	struct dvpn_locator loc;
	union dvpn_ip local;
	unsigned int total;
	u8 dsfield;
	u32 mark;
	u32 if_id;
	bool clear;
	struct dvpn_peer *peer;
};

/* Have we sent UDP from and to these ports? */
static bool dvpn_quote_ports(const struct dvpn_conf *conf,
			     const struct dvpn_quote *quote)
{
	const struct dvpn_peer *peer = quote->peer;

	if (peer->key.loc.port != quote->loc.port)
		return false;
	return quote->sport == conf->port ||
	       ((READ_ONCE(peer->flags) & DVPN_PEER_F_SPORT_FLOW) &&
		ntohs(quote->sport) >= DVPN_SPORT_MIN);
}

static bool dvpn_quote_match(struct dvpn_dev *dd, void *arg)
{
	const struct dvpn_conf *conf = rcu_dereference(dd->conf);
	struct dvpn_quote *quote = arg;

	/* Then nobody on the way has seen the packet. */
	if (quote->clear && (conf->flags & DVPN_LINK_F_REQUIRE_IPSEC))
		return false;
	quote->peer = dvpn_peer_find_rx(dd, &quote->loc, quote->mark,
					quote->if_id);
	if (quote->peer && quote->loc.encap == DVPN_ENCAP_UDP &&
	    !dvpn_quote_ports(conf, quote))
		quote->peer = NULL;
	return quote->peer;
}

/* A protocol that we send? */
static bool dvpn_quote_proto(u8 proto, struct dvpn_quote *quote)
{
	quote->loc.encap = proto == IPPROTO_UDP ? DVPN_ENCAP_UDP :
						  DVPN_ENCAP_GRE;
	return proto == IPPROTO_GRE || proto == IPPROTO_UDP;
}

/* Read the headers behind the quoted IP header. Old routers quote no more of a
 * packet than the UDP header: that will do for a device without key.
 */
static bool dvpn_quote_gre(const struct sk_buff *skb, unsigned int offset,
			   struct dvpn_quote *quote)
{
	const struct udphdr *uh;
	struct udphdr _uh;

	if (quote->loc.encap == DVPN_ENCAP_GRE)
		return dvpn_gre_parse(skb, offset, &quote->gre);
	uh = skb_header_pointer(skb, offset, sizeof(_uh), &_uh);
	if (!uh)
		return false;
	quote->loc.port = uh->dest;
	quote->sport = uh->source;
	if (!dvpn_gre_parse(skb, offset + sizeof(_uh), &quote->gre))
		memset(&quote->gre, 0, sizeof(quote->gre));
	return true;
}

/* Read the quoted IPv4 header at @offset. Returns where it ends, 0: not a
 * packet that we sent.
 */
static unsigned int dvpn_quote_ip4(const struct sk_buff *skb,
				   unsigned int offset,
				   struct dvpn_quote *quote)
{
	const struct iphdr *iph;
	struct iphdr _iph;

	iph = skb_header_pointer(skb, offset, sizeof(_iph), &_iph);
	if (!iph || iph->version != 4 || iph->ihl < 5 ||
	    !dvpn_quote_proto(iph->protocol, quote) ||
	    iph->saddr != ip_hdr(skb)->daddr)
		return 0;
	quote->loc.nbma.v4 = iph->daddr;
	quote->loc.family = AF_INET;
	quote->local.v4 = iph->saddr;
	quote->total = ntohs(iph->tot_len);
	quote->dsfield = iph->tos;
	return offset + iph->ihl * 4;
}

/* The same for IPv6; we send no extension headers. */
static unsigned int dvpn_quote_ip6(const struct sk_buff *skb,
				   unsigned int offset,
				   struct dvpn_quote *quote)
{
	const struct ipv6hdr *ip6h;
	struct ipv6hdr _ip6h;

	ip6h = skb_header_pointer(skb, offset, sizeof(_ip6h), &_ip6h);
	if (!ip6h || ip6h->version != 6 ||
	    !dvpn_quote_proto(ip6h->nexthdr, quote) ||
	    !ipv6_addr_equal(&ip6h->saddr, &ipv6_hdr(skb)->daddr))
		return 0;
	quote->loc.nbma.v6 = ip6h->daddr;
	quote->loc.family = AF_INET6;
	quote->local.v6 = ip6h->saddr;
	quote->total = sizeof(*ip6h) + ntohs(ip6h->payload_len);
	quote->dsfield = ipv6_get_dsfield(ip6h);
	return offset + sizeof(*ip6h);
}

/* The device and peer of the packet whose IP header is quoted at @offset. */
static struct dvpn_dev *dvpn_quote_find(const struct sk_buff *skb,
					struct net *net, u8 family,
					unsigned int offset,
					struct dvpn_quote *quote)
{
	struct dvpn_tuple tuple = { .net = net, .family = family };
	const struct xfrm_state *esp = dvpn_esp_state(skb);
	struct dvpn_dev *best;
	int sdif;

	memset(quote, 0, sizeof(*quote));
	offset = family == AF_INET6 ? dvpn_quote_ip6(skb, offset, quote) :
				      dvpn_quote_ip4(skb, offset, quote);
	if (!offset || !dvpn_quote_gre(skb, offset, quote))
		return NULL;
	sdif = family == AF_INET6 ? inet6_sdif(skb) : inet_sdif(skb);
	quote->mark = skb->mark;
	/* What left by an association is told by it: who says so in clear has
	 * not seen the packet.
	 */
	quote->if_id = esp ? esp->if_id : 0;
	quote->clear = !esp;
	tuple.local = &quote->local;
	tuple.ifindex = sdif ?: skb->dev->ifindex;
	tuple.l3mdev = sdif ? skb->dev->ifindex : 0;
	tuple.has_key = quote->gre.flags & DVPN_GRE_KEY;
	tuple.key = quote->gre.key;
	return dvpn_dev_match(&tuple, dvpn_quote_match, quote, &best);
}

/* Least path MTU that the family knows. */
static unsigned int dvpn_min_pmtu(const struct dvpn_dev *dd, u8 family)
{
	return family == AF_INET6 ? IPV6_MIN_MTU :
	       READ_ONCE(dd->net->ipv4.ip_rt_min_pmtu);
}

/* Believed only if a packet of that size may have met such a link. @skb: its
 * network header is the quoted one.
 */
static void dvpn_icmp_pmtu(struct dvpn_dev *dd, struct sk_buff *skb,
			   const struct dvpn_quote *quote, unsigned int mtu)
{
	const struct dvpn_conf *conf = rcu_dereference(dd->conf);

	if (quote->total <= mtu || mtu < dvpn_min_pmtu(dd, quote->loc.family) ||
	    mtu >= dvpn_route_mtu(dd, conf, quote->peer))
		return;
	dvpn_route_learn_mtu(dd, conf, quote->peer, &quote->local,
			     quote->dsfield & ~INET_ECN_MASK, skb, mtu);
}

static bool dvpn_icmp_csum_ok(struct sk_buff *skb, u8 family)
{
	if (family == AF_INET6)
		return !skb_checksum_validate(skb, IPPROTO_ICMPV6,
					      ip6_compute_pseudo);
	return !skb_checksum_simple_validate(skb);
}

/* @skb: a clone of the error, skb->data at the ICMP header, which is as long as
 * that of ICMPv6. @mtu: told by it, 0: some other error.
 */
static void dvpn_icmp_quoted(struct dvpn_dev *dd, struct sk_buff *skb,
			     const struct dvpn_quote *quote, unsigned int mtu)
{
	u8 family = quote->loc.family;

	if (!dvpn_icmp_csum_ok(skb, family) ||
	    !pskb_may_pull(skb, sizeof(struct icmphdr) + dvpn_ip_hlen(family)))
		return;
	__skb_pull(skb, sizeof(struct icmphdr));
	skb_reset_network_header(skb);
	if (mtu)
		dvpn_icmp_pmtu(dd, skb, quote, mtu);
	else
		dvpn_event_peer_unreach(dd, quote->peer, -EHOSTUNREACH,
					DVPN_REASON_ICMP);
}

/* @offset: of the ICMP header. */
static void dvpn_icmp_error(struct sk_buff *skb, struct net *net, u8 family,
			    unsigned int offset, unsigned int mtu)
{
	struct dvpn_quote quote;
	struct sk_buff *clone;
	struct dvpn_dev *dd;

	dd = dvpn_quote_find(skb, net, family, offset + sizeof(struct icmphdr),
			     &quote);
	if (!dd)
		return;
	clone = skb_clone(skb, GFP_ATOMIC);
	if (!clone)
		return;
	if (pskb_may_pull(clone, offset + sizeof(struct icmphdr))) {
		skb_pull_rcsum(clone, offset);
		skb_reset_transport_header(clone);
		dvpn_icmp_quoted(dd, clone, &quote, mtu);
	}
	consume_skb(clone);
}

/**
 * dvpn_icmp_error4() - look at an ICMP message that came in
 * @skb: message, skb->data at its IPv4 header; left as it is
 * @net: underlay namespace
 *
 * Context: RCU, BH off.
 */
void dvpn_icmp_error4(struct sk_buff *skb, struct net *net)
{
	unsigned int offset = ip_hdrlen(skb), mtu = 0;
	const struct icmphdr *icmph;
	struct icmphdr _icmph;

	icmph = skb_header_pointer(skb, offset, sizeof(_icmph), &_icmph);
	if (!icmph || icmph->type != ICMP_DEST_UNREACH)
		return;
	if (icmph->code == ICMP_FRAG_NEEDED) {
		mtu = ntohs(icmph->un.frag.mtu);
		/* A router of before RFC 1191: it does not say. */
		if (!mtu)
			return;
	}
	dvpn_icmp_error(skb, net, AF_INET, offset, mtu);
}

/**
 * dvpn_icmp_error6() - look at an ICMPv6 message that came in
 * @skb: message, skb->data at its IPv6 header; left as it is
 * @net: underlay namespace
 * @offset: of the ICMPv6 header
 *
 * Context: RCU, BH off.
 */
void dvpn_icmp_error6(struct sk_buff *skb, struct net *net, unsigned int offset)
{
	const struct icmp6hdr *icmph;
	struct icmp6hdr _icmph;
	unsigned int mtu = 0;

	icmph = skb_header_pointer(skb, offset, sizeof(_icmph), &_icmph);
	if (!icmph)
		return;
	switch (icmph->icmp6_type) {
	case ICMPV6_PKT_TOOBIG:
		mtu = ntohl(icmph->icmp6_mtu);
		if (!mtu)
			return;
		break;
	case ICMPV6_DEST_UNREACH:
		break;
	default:
		return;
	}
	dvpn_icmp_error(skb, net, AF_INET6, offset, mtu);
}
