// SPDX-License-Identifier: GPL-2.0
/* What the agent is told: NHRP frames and events, each limited as the header
 * <linux/dvpn.h> says.
 */

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "agent.h"
#include "limit.h"
#include "netlink.h"
#include "redirect.h"
#include "table.h"
#include "trace.h"

#define REDIRECT_SLOTS		1024
#define REDIRECT_RATE		256	/* a second, all flows together */
#define UNKNOWN_SLOTS		256
#define UNKNOWN_RATE		64
#define UNREACH_RATE		64
#define EVENT_INTERVAL		HZ	/* per flow, stranger, peer */

/* Attributes of the largest event; those that carry a packet add it. */
#define EVENT_SIZE							\
	(12 * nla_total_size(sizeof(u32)) +				\
	 4 * nla_total_size(sizeof(struct in6_addr)) +			\
	 2 * nla_total_size(sizeof(struct nla_bitfield32)) +		\
	 nla_total_size_64bit(sizeof(u64)) * 4 +			\
	 nla_total_size(DVPN_COOKIE_MAX))

/**
 * struct dvpn_event_state - limits of one device
 * @redirect: by inner source and destination
 * @unknown: by locator of the stranger
 * @unreach: all peers together; each has a limit of its own
 */
struct dvpn_event_state {
	struct dvpn_limiter *redirect;
	struct dvpn_limiter *unknown;
	struct dvpn_bucket unreach;
};

/**
 * struct inner - addresses of an inner packet
 * @src: source
 * @dst: destination
 * @family: AF_UNSPEC: it is neither IPv4 nor IPv6, or too short
 */
struct inner {
	union dvpn_ip src;
	union dvpn_ip dst;
	u8 family;
};

static void inner_parse(struct inner *inner, const struct sk_buff *skb,
			unsigned int offset, u16 proto)
{
	union {
		struct iphdr v4;
		struct ipv6hdr v6;
	} buf;
	const struct ipv6hdr *ip6h;
	const struct iphdr *iph;

	memset(inner, 0, sizeof(*inner));
	switch (proto) {
	case ETH_P_IP:
		iph = skb_header_pointer(skb, offset, sizeof(buf.v4), &buf.v4);
		if (!iph)
			return;
		inner->src.v4 = iph->saddr;
		inner->dst.v4 = iph->daddr;
		inner->family = AF_INET;
		break;
	case ETH_P_IPV6:
		ip6h = skb_header_pointer(skb, offset, sizeof(buf.v6), &buf.v6);
		if (!ip6h)
			return;
		inner->src.v6 = ip6h->saddr;
		inner->dst.v6 = ip6h->daddr;
		inner->family = AF_INET6;
		break;
	}
}

static int put_inner(struct sk_buff *msg, const struct inner *inner)
{
	if (inner->family == AF_UNSPEC)
		return 0;

	return dvpn_put_addr(msg, DVPN_A_SRC4, DVPN_A_SRC6, inner->family,
			     &inner->src) ?:
	       dvpn_put_addr(msg, DVPN_A_DST4, DVPN_A_DST6, inner->family,
			     &inner->dst);
}

static int put_bytes(struct sk_buff *msg, int attr, const struct sk_buff *skb,
		     unsigned int len)
{
	struct nlattr *nla = nla_reserve(msg, attr, len);

	if (!nla)
		return -EMSGSIZE;

	return skb_copy_bits(skb, 0, nla_data(nla), len);
}

static int put_packet(struct sk_buff *msg, const struct sk_buff *skb)
{
	return put_bytes(msg, DVPN_A_EXCERPT, skb,
			 min_t(unsigned int, skb->len, DVPN_EXCERPT_MAX)) ?:
	       nla_put_u32(msg, DVPN_A_INNER_LEN, skb->len) ?:
	       nla_put_u16(msg, DVPN_A_INNER_PROTO, ntohs(skb->protocol));
}

/* Where a received packet came from, peer or stranger. */
static int put_rx(struct sk_buff *msg, const struct dvpn_rx_info *rx)
{
	const struct dvpn_peer_key key = { .loc = rx->loc, .mark = rx->mark };
	int err;

	err = dvpn_put_peer_key(msg, &key) ?:
	      dvpn_put_addr(msg, DVPN_A_LOCAL4, DVPN_A_LOCAL6, rx->loc.family,
			    &rx->local) ?:
	      nla_put_u32(msg, DVPN_A_LINK_IFINDEX, rx->link_ifindex);
	if (!err && rx->sa_valid)
		err = nla_put_be32(msg, DVPN_A_SA_SPI, rx->sa_spi) ?:
		      nla_put_u32(msg, DVPN_A_SA_REQID, rx->sa_reqid) ?:
		      nla_put_u32(msg, DVPN_A_SA_IF_ID, rx->sa_if_id);

	return err;
}

static void limited(struct dvpn_dev *dd)
{
	dvpn_count_stat(dd, DVPN_STAT_EVENTS_LIMITED, 1);
}

/* False: there is nothing more to do. @size: of the packet in the event. */
static bool event_begin(struct dvpn_msg *msg, struct dvpn_dev *dd, u8 event,
			size_t size)
{
	if (!dvpn_msg_begin(msg, dd, DVPN_AGENT_IDX_EVENT, DVPN_CMD_EVENT,
			    EVENT_SIZE + size))
		return false;
	nla_put_u8(msg->skb, DVPN_A_EVENT, event);

	return true;
}

static void event_end(struct dvpn_msg *msg, int err)
{
	if (!dvpn_msg_end(msg, err))
		dvpn_count_stat(msg->dd, DVPN_STAT_EVENTS, 1);
}

/**
 * dvpn_event_frame() - give an NHRP packet to the agent
 * @dd: device
 * @skb: the packet, skb->data at its first NHRP byte; not consumed
 * @rx: where it came from
 *
 * Counts it, or why nobody got it.
 *
 * Context: softirq.
 */
void dvpn_event_frame(struct dvpn_dev *dd, const struct sk_buff *skb,
		      const struct dvpn_rx_info *rx)
{
	struct dvpn_msg msg;
	int err;

	if (!skb->len || skb->len > DVPN_FRAME_MAX) {
		dvpn_count_skb(dd, skb, DVPN_DROP_RX_MALFORMED);
		return;
	}
	if (!READ_ONCE(dd->agent[DVPN_AGENT_IDX_FRAME].net)) {
		dvpn_count_skb(dd, skb, DVPN_DROP_FRAME_NO_AGENT);
		return;
	}

	if (!dvpn_msg_begin(&msg, dd, DVPN_AGENT_IDX_FRAME, DVPN_CMD_FRAME,
			    EVENT_SIZE + nla_total_size(skb->len))) {
		dvpn_count_skb(dd, skb, DVPN_DROP_FRAME_OVERRUN);
		return;
	}
	err = put_rx(msg.skb, rx);
	if (!err && rx->peer)
		err = nla_put_u32(msg.skb, DVPN_A_PEER_ID, rx->peer->id);
	if (!err)
		err = put_bytes(msg.skb, DVPN_A_FRAME, skb, skb->len);

	err = dvpn_msg_end(&msg, err);
	if (!err)
		dvpn_count_stat(dd, DVPN_STAT_FRAMES_RX, 1);
	else
		dvpn_count_skb(dd, skb, err == -ENOTCONN ?
			       DVPN_DROP_FRAME_NO_AGENT :
			       DVPN_DROP_FRAME_OVERRUN);
}

/**
 * dvpn_event_miss() - a next hop has no mapping
 * @dd: device
 * @skb: the packet, skb->data at its network header
 * @nexthop: next hop without a mapping
 *
 * dvpn_miss() limits it.
 *
 * Context: bottom halves off or process, RCU.
 */
void dvpn_event_miss(struct dvpn_dev *dd, const struct sk_buff *skb,
		     const struct dvpn_addr *nexthop)
{
	struct dvpn_msg msg;
	struct inner inner;

	trace_dvpn_miss(dd->dev, nexthop, skb);
	if (!dvpn_agent_bound(dd) ||
	    !event_begin(&msg, dd, DVPN_EVENT_MISS,
			 nla_total_size(DVPN_EXCERPT_MAX)))
		return;

	inner_parse(&inner, skb, 0, ntohs(skb->protocol));
	event_end(&msg, dvpn_put_addr(msg.skb, DVPN_A_PROTO4, DVPN_A_PROTO6,
				      nexthop->family, &nexthop->ip) ?:
			put_inner(msg.skb, &inner) ?:
			put_packet(msg.skb, skb));
}

/**
 * dvpn_event_redirect() - a packet leaves by the domain it entered by
 * @in: device it entered by
 * @skb: the packet, skb->data at its network header
 *
 * Limited by source and destination. Only for those that pass the peer that
 * sent it is looked for.
 *
 * Context: bottom halves off, RCU.
 */
void dvpn_event_redirect(struct dvpn_dev *in, const struct sk_buff *skb)
{
	const struct dvpn_peer *ingress;
	struct dvpn_msg msg;
	struct inner inner;
	int err;

	trace_dvpn_redirect(in->dev, skb);
	if (!dvpn_agent_bound(in))
		return;
	inner_parse(&inner, skb, 0, ntohs(skb->protocol));
	if (inner.family == AF_UNSPEC)
		return;
	if (!dvpn_limiter_pass(in->event->redirect, &inner, sizeof(inner))) {
		limited(in);
		return;
	}

	if (!event_begin(&msg, in, DVPN_EVENT_REDIRECT,
			 nla_total_size(DVPN_EXCERPT_MAX)))
		return;
	err = put_inner(msg.skb, &inner) ?: put_packet(msg.skb, skb);
	ingress = dvpn_ingress_peer(in, skb);
	if (!err && ingress)
		err = nla_put_u32(msg.skb, DVPN_A_PEER_ID, ingress->id) ?:
		      dvpn_put_peer_key(msg.skb, &ingress->key);
	event_end(&msg, err);
}

/**
 * dvpn_event_unknown_peer() - a packet came from no peer
 * @dd: device
 * @skb: the packet
 * @offset: of the inner packet in it
 * @inner_proto: GRE protocol type
 * @rx: where it came from
 *
 * Limited by sender.
 *
 * Context: softirq, RCU.
 */
void dvpn_event_unknown_peer(struct dvpn_dev *dd, const struct sk_buff *skb,
			     unsigned int offset, u16 inner_proto,
			     const struct dvpn_rx_info *rx)
{
	struct dvpn_msg msg;
	struct inner inner;
	u32 len;

	if (!dvpn_agent_bound(dd))
		return;
	if (!dvpn_limiter_pass(dd->event->unknown, &rx->loc, sizeof(rx->loc))) {
		limited(dd);
		return;
	}
	if (!event_begin(&msg, dd, DVPN_EVENT_UNKNOWN_PEER, 0))
		return;

	inner_parse(&inner, skb, offset, inner_proto);
	len = skb->len > offset ? skb->len - offset : 0;
	event_end(&msg, put_rx(msg.skb, rx) ?:
			put_inner(msg.skb, &inner) ?:
			nla_put_u16(msg.skb, DVPN_A_INNER_PROTO, inner_proto) ?:
			nla_put_u32(msg.skb, DVPN_A_INNER_LEN, len));
}

/**
 * dvpn_event_peer_unreach() - packets to a peer cannot leave
 * @dd: device
 * @peer: the peer
 * @err: why, as an errno of either sign
 * @reason: why, &enum dvpn_reason
 *
 * Limited by peer.
 *
 * Context: bottom halves off, RCU.
 */
void dvpn_event_peer_unreach(struct dvpn_dev *dd, struct dvpn_peer *peer,
			     int err, u8 reason)
{
	unsigned long last = READ_ONCE(peer->unreach_jiffies);
	unsigned long now = jiffies ?: 1;
	struct dvpn_msg msg;

	if (!dvpn_agent_bound(dd))
		return;
	if ((last && time_before(now, last + EVENT_INTERVAL)) ||
	    !dvpn_bucket_take(&dd->event->unreach) ||
	    cmpxchg(&peer->unreach_jiffies, last, now) != last) {
		limited(dd);
		return;
	}
	if (!event_begin(&msg, dd, DVPN_EVENT_PEER_UNREACH, 0))
		return;

	event_end(&msg, nla_put_u32(msg.skb, DVPN_A_PEER_ID, peer->id) ?:
			dvpn_put_peer_key(msg.skb, &peer->key) ?:
			nla_put_u32(msg.skb, DVPN_A_ERRNO, abs(err)) ?:
			nla_put_u8(msg.skb, DVPN_A_REASON, reason));
}

/**
 * dvpn_event_expire() - a mapping is gone because its time ended
 * @dd: device
 * @map: the mapping
 *
 * Context: dvpn_table_lock() is held.
 */
void dvpn_event_expire(struct dvpn_dev *dd, const struct dvpn_map *map)
{
	struct dvpn_msg msg;

	if (!dvpn_agent_bound(dd) ||
	    !event_begin(&msg, dd, DVPN_EVENT_EXPIRE, 0))
		return;

	event_end(&msg, dvpn_put_map(msg.skb, map) ?:
			nla_put_u8(msg.skb, DVPN_A_REASON,
				   DVPN_REASON_EXPIRED));
}

/**
 * dvpn_event_init() - prepare for agents and events
 * @dd: device
 *
 * Context: process, before the device is visible.
 * Return: 0 or -ENOMEM.
 */
int dvpn_event_init(struct dvpn_dev *dd)
{
	struct dvpn_event_state *state;

	dvpn_agent_init(dd);

	state = kzalloc(sizeof(*state), GFP_KERNEL_ACCOUNT);
	if (!state)
		return -ENOMEM;
	dvpn_bucket_init(&state->unreach, UNREACH_RATE, UNREACH_RATE);
	state->redirect = dvpn_limiter_new(REDIRECT_SLOTS, EVENT_INTERVAL,
					   REDIRECT_RATE, REDIRECT_RATE);
	state->unknown = dvpn_limiter_new(UNKNOWN_SLOTS, EVENT_INTERVAL,
					  UNKNOWN_RATE, UNKNOWN_RATE);
	dd->event = state;
	if (!state->redirect || !state->unknown) {
		dvpn_event_destroy(dd);
		return -ENOMEM;
	}

	return 0;
}

/**
 * dvpn_event_destroy() - the end of it
 * @dd: device
 *
 * Context: process; nothing raises events any more.
 */
void dvpn_event_destroy(struct dvpn_dev *dd)
{
	struct dvpn_event_state *state = dd->event;

	if (!state)
		return;

	dvpn_agent_destroy(dd);
	kvfree(state->redirect);
	kvfree(state->unknown);
	kfree(state);
	dd->event = NULL;
}
