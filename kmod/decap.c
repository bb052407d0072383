// SPDX-License-Identifier: GPL-2.0
/*
 * Receive: whose packet is it, may it enter, and out with what is inside.
 */
#include <linux/icmp.h>
#include <linux/netfilter.h>
#include <linux/netdevice.h>
#include <linux/udp.h>
#include <net/gro_cells.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "decap.h"
#include "device.h"
#include "mss.h"
#include "peer_hash.h"
#include "tuple_hash.h"

static __always_inline bool dvpn_gre_read(const struct sk_buff *skb,
					  unsigned int offset,
					  struct dvpn_gre_info *gre)
{
	const struct dvpn_gre *hdr;
	const __be32 *key;
	struct dvpn_gre _hdr __uninitialized;
	__be32 _key __uninitialized;

	hdr = skb_header_pointer(skb, offset, sizeof(_hdr), &_hdr);
	if (!hdr || (hdr->flags & DVPN_GRE_FOREIGN))
		return false;
	gre->flags = hdr->flags;
	gre->proto = hdr->proto;
	gre->key = 0;
	gre->len = sizeof(*hdr);
	if (likely(!(gre->flags & DVPN_GRE_WORDS)))
		return true;
	if (gre->flags & DVPN_GRE_CSUM)
		gre->len += DVPN_GRE_WORD;
	if (gre->flags & DVPN_GRE_KEY) {
		key = skb_header_pointer(skb, offset + gre->len, sizeof(_key),
					 &_key);
		if (!key)
			return false;
		gre->key = *key;
		gre->len += DVPN_GRE_WORD;
	}
	if (gre->flags & DVPN_GRE_SEQ)
		gre->len += DVPN_GRE_WORD;
	return true;
}

/**
 * dvpn_gre_parse() - read a GRE header
 * @skb: packet
 * @offset: of the header in it
 * @gre: filled
 *
 * Return: false if the packet ends within the header or uses what RFC 2784
 * does not have.
 */
bool dvpn_gre_parse(const struct sk_buff *skb, unsigned int offset,
		    struct dvpn_gre_info *gre)
{
	return dvpn_gre_read(skb, offset, gre);
}

/**
 * dvpn_esp_last() - the last ESP state that a packet came through
 * @skb: packet on local input
 *
 * Context: RCU; valid as long as the packet keeps its secpath.
 * Return: the state, NULL: it came in clear.
 */
const struct xfrm_state *dvpn_esp_last(const struct sk_buff *skb)
{
#ifdef CONFIG_XFRM
	const struct sec_path *sp = skb_sec_path(skb);
	int i;

	if (!sp)
		return NULL;
	for (i = sp->len - 1; i >= 0; i--)
		if (sp->xvec[i]->id.proto == IPPROTO_ESP)
			return sp->xvec[i];
#endif
	return NULL;
}

/**
 * struct dvpn_rx - a packet on its way through the receive path
 * @gre: its GRE header
 * @peer: who sent it, or NULL
 * @loc: sender, as the packet says
 * @if_id: xfrm interface id of its ESP state, 0 none
 * @offset: of the GRE header from skb->data, as long as that is outside
 */
struct dvpn_rx {
	struct dvpn_gre_info gre;
	struct dvpn_peer *peer;
	struct dvpn_locator loc;
	u32 if_id;
	unsigned int offset;
};

/* Sets all but @rx->gre. @port: UDP source port with
 * DVPN_ENCAP_UDP.
 */
static __always_inline void dvpn_rx_init(struct dvpn_rx *rx,
					 const struct sk_buff *skb, u8 family,
					 u8 encap, __be16 port)
{
	const struct xfrm_state *esp = dvpn_esp_state(skb);

	memset(&rx->loc.nbma, 0, sizeof(rx->loc.nbma));
	if (family == AF_INET6)
		rx->loc.nbma.v6 = ipv6_hdr(skb)->saddr;
	else
		rx->loc.nbma.v4 = ip_hdr(skb)->saddr;
	rx->loc.family = family;
	rx->loc.encap = encap;
	rx->loc.port = port;
	rx->peer = NULL;
	rx->if_id = esp ? esp->if_id : 0;
	rx->offset = encap == DVPN_ENCAP_UDP ? sizeof(struct udphdr) : 0;
}

/* Address that the packet came to. */
static void dvpn_rx_local(const struct dvpn_rx *rx, const struct sk_buff *skb,
			  union dvpn_ip *local)
{
	memset(local, 0, sizeof(*local));
	if (rx->loc.family == AF_INET6)
		local->v6 = ipv6_hdr(skb)->daddr;
	else
		local->v4 = ip_hdr(skb)->daddr;
}

/* Interface that it came in by, and not the VRF of that. */
static int dvpn_rx_link(const struct dvpn_rx *rx, const struct sk_buff *skb)
{
	int sdif = rx->loc.family == AF_INET6 ? inet6_sdif(skb) :
						inet_sdif(skb);

	return sdif ?: skb->dev->ifindex;
}

/* What is told to the agent; before the outer header and the secpath go. */
static void dvpn_rx_tell(const struct dvpn_rx *rx, const struct sk_buff *skb,
			 struct dvpn_rx_info *info)
{
	const struct xfrm_state *esp = dvpn_esp_state(skb);

	memset(info, 0, sizeof(*info));
	info->peer = rx->peer;
	info->loc = rx->loc;
	dvpn_rx_local(rx, skb, &info->local);
	info->mark = skb->mark;
	info->link_ifindex = dvpn_rx_link(rx, skb);
	if (esp) {
		info->sa_valid = true;
		info->sa_spi = esp->id.spi;
		info->sa_reqid = esp->props.reqid;
		info->sa_if_id = esp->if_id;
	}
}

/* A protocol that we carry? Others with our tuple and from our peer may well
 * belong to an Ethernet or ERSPAN tunnel beside us. @len: bytes inside, none
 * and no protocol is a keepalive.
 */
static bool dvpn_rx_carried(__be16 proto, unsigned int len)
{
	return likely(proto == htons(ETH_P_IP)) ||
	       proto == htons(ETH_P_IPV6) || proto == htons(DVPN_NHRP_PROTO) ||
	       (!proto && !len);
}

/* Conntrack's own last hook comes behind us and will not see the packet. */
static bool dvpn_rx_confirm(struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_NF_CONNTRACK)
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (ct && !test_bit(IPS_CONFIRMED_BIT, &ct->status))
		return dvpn_compat_ct_confirm(skb) == NF_ACCEPT;
#endif
	return true;
}

static __always_inline bool dvpn_rx_policy(struct sk_buff *skb, u8 family)
{
	return family == AF_INET6 ?
	       xfrm6_policy_check(NULL, XFRM_POLICY_IN, skb) :
	       xfrm4_policy_check(NULL, XFRM_POLICY_IN, skb);
}

/* What the transport layer does for others. skb->data at the GRE header. */
static __always_inline enum dvpn_drop
dvpn_rx_check_gre(struct sk_buff *skb, const struct dvpn_rx *rx, u8 family)
{
	if (!dvpn_rx_confirm(skb))
		return DVPN_DROP_RX_POLICY;
	if (!dvpn_rx_policy(skb, family))
		return DVPN_DROP_RX_POLICY;
	if (rx->gre.flags & DVPN_GRE_CSUM) {
		if (skb_checksum_simple_validate(skb))
			return DVPN_DROP_RX_CSUM;
		skb_checksum_try_convert(skb, IPPROTO_GRE,
					 null_compute_pseudo);
	}
	return DVPN_DROP_UNSPEC;
}

/* UDP has verified the checksum and asked the policy. */
static enum dvpn_drop dvpn_rx_check_udp(const struct sk_buff *skb,
					const struct dvpn_conf *conf,
					const struct dvpn_rx *rx, u8 family)
{
	/* UDP has its own checksum, and who segments behind it knows neither. */
	if (rx->gre.flags & (DVPN_GRE_CSUM | DVPN_GRE_SEQ))
		return DVPN_DROP_RX_MALFORMED;
	if (family == AF_INET6 && !udp_hdr(skb)->check &&
	    !(conf->flags & DVPN_LINK_F_UDP_ZERO_CSUM6))
		return DVPN_DROP_RX_CSUM;
	return DVPN_DROP_UNSPEC;
}

/* May it enter? Before the header is pulled, which forgets the secpath.
 * Returns 0 or the reason why not.
 */
static __always_inline enum dvpn_drop
dvpn_rx_check(struct dvpn_dev *dd, struct sk_buff *skb,
	      const struct dvpn_rx *rx, u8 family, u8 encap)
{
	const struct dvpn_conf *conf = rcu_dereference(dd->conf);

	if (!netif_running(dd->dev))
		return DVPN_DROP_RX_DOWN;
	if ((conf->flags & DVPN_LINK_F_REQUIRE_IPSEC) && !dvpn_esp_state(skb))
		return DVPN_DROP_RX_POLICY;
	return encap == DVPN_ENCAP_UDP ?
	       dvpn_rx_check_udp(skb, conf, rx, family) :
	       dvpn_rx_check_gre(skb, rx, family);
}

/* Negative: must be dropped. @outer: offset of the outer header from skb->head,
 * which may have moved.
 */
static __always_inline int dvpn_rx_ecn(struct sk_buff *skb,
				       unsigned int outer, u8 family)
{
	const void *iph = skb->head + outer;
	bool ip6 = family == AF_INET6;
	int err;

	/* Not ECT outside changes nothing inside. */
	if (likely(!((ip6 ? ipv6_get_dsfield(iph) :
			    ((const struct iphdr *)iph)->tos) & INET_ECN_MASK)))
		return 0;
	err = ip6 ? IP6_ECN_decapsulate(iph, skb) :
		    IP_ECN_decapsulate(iph, skb);
	return err > 1 ? -EINVAL : 0;
}

static __always_inline void dvpn_rx_count(struct dvpn_dev *dd,
					  const struct dvpn_rx *rx,
					  unsigned int len)
{
	dev_sw_netstats_rx_add(dd->dev, len);
	if (likely(rx->peer))
		dvpn_peer_count_rx(rx->peer, len);
}

static void dvpn_rx_mss(struct dvpn_dev *dd, struct sk_buff *skb,
			struct dvpn_peer *peer)
{
	u32 mss;

	if (likely(!dvpn_mss_may_be_syn(skb)))
		return;
	mss = dvpn_mss_setting(rcu_dereference(dd->conf), peer);
	if (mss)
		dvpn_mss_clamp_rx(dd, peer, skb, mss);
}

/* skb->data at the inner packet, which has become an ordinary one of the
 * device.
 */
static __always_inline void dvpn_rx_own(struct dvpn_dev *dd,
					struct sk_buff *skb)
{
	skb->dev = dd->dev;
	skb_reset_mac_header(skb);
	skb_unset_transport_header(skb);
}

/* What __iptunnel_pull_header() does, without the calls: it is on every packet. */
static __always_inline bool dvpn_rx_pull(struct dvpn_dev *dd,
					 struct sk_buff *skb,
					 unsigned int len, __be16 proto)
{
	const void *start;

	if (unlikely(!pskb_may_pull(skb, len)))
		return false;
	start = skb->data;
	__skb_pull(skb, len);
	skb_postpull_rcsum(skb, start, len);
	skb->protocol = proto;
	skb_clear_hash_if_not_l4(skb);
	__vlan_hwaccel_clear_tag(skb);
	skb_set_queue_mapping(skb, 0);
	skb_scrub_packet(skb, !net_eq(dd->net, dev_net(dd->dev)));
	return !iptunnel_pull_offloads(skb);
}

/* Off with the headers. Returns 0 or the reason why not. */
static __always_inline enum dvpn_drop dvpn_rx_enter(struct dvpn_dev *dd,
						    struct sk_buff *skb,
						    const struct dvpn_rx *rx)
{
	unsigned int len = rx->offset + rx->gre.len;

	if (skb->len < len)
		return DVPN_DROP_RX_MALFORMED;
	if (!dvpn_rx_pull(dd, skb, len, rx->gre.proto))
		return DVPN_DROP_RX_NOMEM;
	skb_reset_network_header(skb);
	return DVPN_DROP_UNSPEC;
}

static noinline void dvpn_rx_keepalive(struct dvpn_dev *dd,
				       struct sk_buff *skb,
				       const struct dvpn_rx *rx)
{
	dvpn_rx_count(dd, rx, 0);
	consume_skb(skb);
}

/* From anybody, and to the agent, too. */
static noinline void dvpn_rx_nhrp(struct dvpn_dev *dd, struct sk_buff *skb,
				  const struct dvpn_rx *rx)
{
	struct dvpn_rx_info info;
	enum dvpn_drop reason;

	dvpn_rx_tell(rx, skb, &info);
	reason = dvpn_rx_enter(dd, skb, rx);
	if (reason) {
		dvpn_drop(dd, skb, reason);
		return;
	}
	if (!skb->len) {
		dvpn_rx_keepalive(dd, skb, rx);
		return;
	}
	dvpn_rx_count(dd, rx, skb->len);
	dvpn_rx_own(dd, skb);
	dvpn_event_frame(dd, skb, &info);
	gro_cells_receive(&dd->gro_cells, skb);
}

/* skb->data rx->offset bytes before the GRE header: there for plain GRE, at the
 * UDP header with UDP. Consumes @skb. Family and encapsulation are constant, so
 * that each has a path of its own.
 */
static __always_inline void dvpn_rx(struct dvpn_dev *dd, struct sk_buff *skb,
				    const struct dvpn_rx *rx, u8 family,
				    u8 encap)
{
	unsigned int outer = skb->network_header;
	enum dvpn_drop reason;

	reason = dvpn_rx_check(dd, skb, rx, family, encap);
	if (unlikely(reason))
		goto drop;
	if (unlikely(rx->gre.proto == htons(DVPN_NHRP_PROTO))) {
		dvpn_rx_nhrp(dd, skb, rx);
		return;
	}
	reason = dvpn_rx_enter(dd, skb, rx);
	if (unlikely(reason))
		goto drop;
	if (unlikely(!skb->len)) {
		dvpn_rx_keepalive(dd, skb, rx);
		return;
	}
	reason = DVPN_DROP_RX_MALFORMED;
	if (unlikely(!pskb_inet_may_pull(skb)))
		goto drop;
	reason = DVPN_DROP_RX_ECN;
	if (unlikely(dvpn_rx_ecn(skb, outer, family)))
		goto drop;

	dvpn_rx_count(dd, rx, skb->len);
	dvpn_rx_mss(dd, skb, rx->peer);
	dvpn_rx_own(dd, skb);
	gro_cells_receive(&dd->gro_cells, skb);
	return;

drop:
	dvpn_drop(dd, skb, reason);
}

/**
 * struct dvpn_rx_search - for dvpn_rx_match()
 * @rx: the packet
 * @skb: the same
 */
struct dvpn_rx_search {
	struct dvpn_rx *rx;
	const struct sk_buff *skb;
};

/* Ours if the sender is a peer; anybody may send NHRP: that is how a peer
 * becomes known.
 */
static __always_inline bool dvpn_rx_mine(struct dvpn_dev *dd,
					 struct dvpn_rx *rx,
					 const struct sk_buff *skb)
{
	rx->peer = dvpn_peer_find_only(dd, &rx->loc, skb->mark, rx->if_id) ?:
		   dvpn_peer_find_rx(dd, &rx->loc, skb->mark, rx->if_id);
	return rx->peer || rx->gre.proto == htons(DVPN_NHRP_PROTO);
}

static bool dvpn_rx_match(struct dvpn_dev *dd, void *arg)
{
	struct dvpn_rx_search *search = arg;

	return dvpn_rx_mine(dd, search->rx, search->skb);
}

/* Among all devices; as dvpn_rx_dev(). */
static noinline struct dvpn_dev *
dvpn_rx_search(struct dvpn_rx *rx, const struct sk_buff *skb, struct net *net,
	       __be16 port, struct dvpn_dev **best)
{
	struct dvpn_rx_search search = { .rx = rx, .skb = skb };
	int ifindex = dvpn_rx_link(rx, skb);
	union dvpn_ip local;
	const struct dvpn_tuple tuple = {
		.net = net,
		.family = rx->loc.family,
		.local = &local,
		.ifindex = ifindex,
		.l3mdev = ifindex == skb->dev->ifindex ? 0 : skb->dev->ifindex,
		.has_key = rx->gre.flags & DVPN_GRE_KEY,
		.key = rx->gre.key,
		.port = port,
	};

	dvpn_rx_local(rx, skb, &local);
	return dvpn_dev_match(&tuple, dvpn_rx_match, &search, best);
}

/* The device that the packet is for; @best as dvpn_dev_match(). @port: local
 * UDP port, or 0.
 */
static __always_inline struct dvpn_dev *
dvpn_rx_dev(struct dvpn_rx *rx, const struct sk_buff *skb, struct net *net,
	    __be16 port, struct dvpn_dev **best)
{
	struct dvpn_dev *dd;

	/* Most often the first that fits is it: no need for a search that can
	 * go on.
	 */
	if (rx->loc.family == AF_INET) {
		dd = dvpn_dev_first4(net, skb, rx->gre.flags & DVPN_GRE_KEY,
				     rx->gre.key, port);
		if (likely(dd && dvpn_rx_mine(dd, rx, skb))) {
			*best = dd;
			return dd;
		}
	}
	return dvpn_rx_search(rx, skb, net, port, best);
}

static __always_inline bool dvpn_rx_unicast(const struct sk_buff *skb,
					    u8 family)
{
	const struct rtable *rt = skb_rtable(skb);

	if (family == AF_INET6)
		return !ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr);
	return !rt || !(rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST));
}

/* From nobody that the device knows. @offset: of the GRE header. */
static noinline void dvpn_rx_stranger(struct dvpn_dev *dd,
				      const struct sk_buff *skb,
				      const struct dvpn_rx *rx,
				      unsigned int offset)
{
	struct dvpn_rx_info info;

	if (!netif_running(dd->dev))
		return;
	dvpn_rx_tell(rx, skb, &info);
	dvpn_event_unknown_peer(dd, skb, offset + rx->gre.len,
				ntohs(rx->gre.proto), &info);
}

/* Somebody else may want it. But if nobody does the stack says so, in clear and
 * with a piece of the packet: what was protected ends here.
 */
static noinline unsigned int dvpn_rx_leave(struct dvpn_dev *dd,
					   struct sk_buff *skb,
					   enum dvpn_drop reason)
{
	const struct dvpn_conf *conf = rcu_dereference(dd->conf);

	if ((conf->flags & DVPN_LINK_F_REQUIRE_IPSEC) && dvpn_esp_state(skb)) {
		dvpn_drop(dd, skb, reason);
		return NF_STOLEN;
	}
	if (netif_running(dd->dev))
		dvpn_count_skb(dd, skb, reason);
	return NF_ACCEPT;
}

static __always_inline unsigned int dvpn_decap(struct sk_buff *skb,
					       struct net *net,
					       unsigned int hlen, u8 family)
{
	/* Filled below; zeroing it would be instructions for nothing. */
	struct dvpn_dev *best __uninitialized;
	struct dvpn_rx rx __uninitialized;
	struct dvpn_dev *dd;

	if (!dvpn_rx_unicast(skb, family) || !dvpn_gre_read(skb, hlen, &rx.gre))
		return NF_ACCEPT;
	dvpn_rx_init(&rx, skb, family, DVPN_ENCAP_GRE, 0);

	dd = dvpn_rx_dev(&rx, skb, net, 0, &best);
	if (unlikely(!dd)) {
		if (!best)
			return NF_ACCEPT;
		dvpn_rx_stranger(best, skb, &rx, hlen);
		return dvpn_rx_leave(best, skb, DVPN_DROP_RX_UNKNOWN_PEER);
	}
	if (!dvpn_rx_carried(rx.gre.proto, skb->len - hlen - rx.gre.len))
		return dvpn_rx_leave(dd, skb, DVPN_DROP_RX_PROTO);
	if (unlikely(!pskb_may_pull(skb, hlen)))
		return NF_ACCEPT;
	/* An IPv4 header adds nothing to a checksum. */
	if (family == AF_INET6)
		skb_postpull_rcsum(skb, skb->data, hlen);
	__skb_pull(skb, hlen);
	skb_reset_transport_header(skb);
	dvpn_rx(dd, skb, &rx, family, DVPN_ENCAP_GRE);
	return NF_STOLEN;
}

/**
 * dvpn_decap4() - take a GRE packet out of the local input of IPv4
 * @skb: packet, skb->data at the outer IP header
 * @net: underlay namespace
 * @hlen: bytes before the GRE header
 *
 * It is ours if its tuple is that of a device and its source a peer of that
 * device, or if it is NHRP. Everything else is left alone: it may belong to
 * another tunnel. But not what came protected to a device with ipsec require.
 *
 * Context: RCU, BH off.
 * Return: NF_STOLEN or NF_ACCEPT.
 */
unsigned int __flatten	/* every packet would pay for each call */
dvpn_decap4(struct sk_buff *skb, struct net *net, unsigned int hlen)
{
	return dvpn_decap(skb, net, hlen, AF_INET);
}

/**
 * dvpn_decap6() - take a GRE packet out of the local input of IPv6
 * @skb: packet, skb->data at the outer IPv6 header
 * @net: underlay namespace
 * @hlen: bytes before the GRE header
 *
 * As dvpn_decap4().
 *
 * Context: RCU, BH off.
 * Return: NF_STOLEN or NF_ACCEPT.
 */
unsigned int dvpn_decap6(struct sk_buff *skb, struct net *net,
			 unsigned int hlen)
{
	return dvpn_decap(skb, net, hlen, AF_INET6);
}

/* Why the packet is not for @dd, or UNSPEC: it is. */
static enum dvpn_drop dvpn_udp_refuse(const struct dvpn_dev *dd, bool parsed,
				      const struct sk_buff *skb,
				      const struct dvpn_rx *rx)
{
	if (!parsed)
		return DVPN_DROP_RX_MALFORMED;
	if (!dd)
		return DVPN_DROP_RX_UNKNOWN_PEER;
	if (!dvpn_rx_carried(rx->gre.proto,
			     skb->len - rx->offset - rx->gre.len))
		return DVPN_DROP_RX_PROTO;
	return DVPN_DROP_UNSPEC;
}

static __always_inline bool dvpn_decap_port(struct sk_buff *skb,
					    struct net *net, __be16 port,
					    u8 family)
{
	/* Filled below; zeroing it would be instructions for nothing. */
	struct dvpn_dev *best __uninitialized;
	struct dvpn_rx rx __uninitialized;
	enum dvpn_drop reason;
	struct dvpn_dev *dd;
	bool parsed;

	parsed = dvpn_gre_read(skb, sizeof(struct udphdr), &rx.gre);
	if (unlikely(!parsed))
		memset(&rx.gre, 0, sizeof(rx.gre));
	dvpn_rx_init(&rx, skb, family, DVPN_ENCAP_UDP, udp_hdr(skb)->source);

	dd = dvpn_rx_dev(&rx, skb, net, port, &best);
	if (unlikely(!best || !dvpn_rx_unicast(skb, family))) {
		kfree_skb(skb);
		return false;
	}
	reason = dvpn_udp_refuse(dd, parsed, skb, &rx);
	if (likely(!reason)) {
		dvpn_rx(dd, skb, &rx, family, DVPN_ENCAP_UDP);
		return true;
	}
	if (reason == DVPN_DROP_RX_UNKNOWN_PEER)
		dvpn_rx_stranger(best, skb, &rx, rx.offset);
	dvpn_drop(dd ?: best, skb, reason);
	return true;
}

/* The two apart: one stack frame for both would be made for each packet. */
static noinline bool dvpn_decap_port6(struct sk_buff *skb, struct net *net,
				      __be16 port)
{
	return dvpn_decap_port(skb, net, port, AF_INET6);
}

/**
 * dvpn_decap_udp() - a packet came to the UDP port of some device
 * @skb: packet, skb->data at its UDP header; consumed
 * @net: underlay namespace
 * @port: local port
 *
 * Of UDP there is one owner: what is not ours is dropped.
 *
 * Context: RCU, BH off.
 * Return: false: it was for no device at all.
 */
bool dvpn_decap_udp(struct sk_buff *skb, struct net *net, __be16 port)
{
	if (unlikely(ip_hdr(skb)->version == 6))
		return dvpn_decap_port6(skb, net, port);
	return dvpn_decap_port(skb, net, port, AF_INET);
}
