/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints: what changes the table, and what becomes of packets that it does
 * not just let through. "trace-cmd record -e dvpn", "perf trace -e 'dvpn:*'".
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM dvpn

#if !defined(DVPN_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define DVPN_TRACE_H

#include <linux/dvpn.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/tracepoint.h>
#include <net/ipv6.h>

#include "map.h"
#include "peer.h"

/* Reasons by the names of their counters. */
#define DVPN_DROP_NAMES							\
	DVPN_NAME(DVPN_DROP_TX_NO_MAP, "tx_no_map")			\
	DVPN_NAME(DVPN_DROP_TX_UNREACHABLE, "tx_unreachable")		\
	DVPN_NAME(DVPN_DROP_TX_QUEUE_FULL, "tx_queue_full")		\
	DVPN_NAME(DVPN_DROP_TX_PROTO, "tx_proto")			\
	DVPN_NAME(DVPN_DROP_TX_MALFORMED, "tx_malformed")		\
	DVPN_NAME(DVPN_DROP_TX_NO_ROUTE, "tx_no_route")			\
	DVPN_NAME(DVPN_DROP_TX_BAD_ROUTE, "tx_bad_route")		\
	DVPN_NAME(DVPN_DROP_TX_LOOP, "tx_loop")				\
	DVPN_NAME(DVPN_DROP_TX_NO_LINK, "tx_no_link")			\
	DVPN_NAME(DVPN_DROP_TX_NO_SA, "tx_no_sa")			\
	DVPN_NAME(DVPN_DROP_TX_POLICY, "tx_policy")			\
	DVPN_NAME(DVPN_DROP_TX_TOO_BIG, "tx_too_big")			\
	DVPN_NAME(DVPN_DROP_TX_NOMEM, "tx_nomem")			\
	DVPN_NAME(DVPN_DROP_TX_BACK, "tx_back")				\
	DVPN_NAME(DVPN_DROP_TX_ICMP_REDIRECT, "tx_icmp_redirect")	\
	DVPN_NAME(DVPN_DROP_MCAST_NO_PEER, "mcast_no_peer")		\
	DVPN_NAME(DVPN_DROP_MCAST_QUEUE, "mcast_queue")			\
	DVPN_NAME(DVPN_DROP_RX_UNKNOWN_PEER, "rx_unknown_peer")		\
	DVPN_NAME(DVPN_DROP_RX_MALFORMED, "rx_malformed")		\
	DVPN_NAME(DVPN_DROP_RX_CSUM, "rx_csum")				\
	DVPN_NAME(DVPN_DROP_RX_PROTO, "rx_proto")			\
	DVPN_NAME(DVPN_DROP_RX_ECN, "rx_ecn")				\
	DVPN_NAME(DVPN_DROP_RX_POLICY, "rx_policy")			\
	DVPN_NAME(DVPN_DROP_RX_DOWN, "rx_down")				\
	DVPN_NAME(DVPN_DROP_RX_NOMEM, "rx_nomem")			\
	DVPN_NAME(DVPN_DROP_FRAME_NO_AGENT, "frame_no_agent")		\
	DVPN_LAST(DVPN_DROP_FRAME_OVERRUN, "frame_overrun")

#define DVPN_REASON_NAMES						\
	DVPN_NAME(DVPN_REASON_UNSPEC, "none")				\
	DVPN_NAME(DVPN_REASON_DELETED, "deleted")			\
	DVPN_NAME(DVPN_REASON_FLUSHED, "flushed")			\
	DVPN_NAME(DVPN_REASON_EXPIRED, "expired")			\
	DVPN_NAME(DVPN_REASON_DEVICE, "device")				\
	DVPN_NAME(DVPN_REASON_NO_ROUTE, "no_route")			\
	DVPN_NAME(DVPN_REASON_BAD_ROUTE, "bad_route")			\
	DVPN_NAME(DVPN_REASON_ICMP, "icmp")				\
	DVPN_NAME(DVPN_REASON_NO_SA, "no_sa")				\
	DVPN_LAST(DVPN_REASON_POLICY, "policy")

/* For programs that read the format. */
#undef DVPN_NAME
#undef DVPN_LAST
#define DVPN_NAME(value, name)	TRACE_DEFINE_ENUM(value);
#define DVPN_LAST(value, name)	TRACE_DEFINE_ENUM(value);
DVPN_DROP_NAMES
DVPN_REASON_NAMES

#undef DVPN_NAME
#undef DVPN_LAST
#define DVPN_NAME(value, name)	{ value, name },
#define DVPN_LAST(value, name)	{ value, name }

#ifndef DVPN_TRACE_HELPERS
#define DVPN_TRACE_HELPERS
/* Addresses are kept as IPv6, IPv4 ones mapped into it (::ffff:192.0.2.1). */
static inline void dvpn_trace_ip(u8 *to, u8 family, const union dvpn_ip *ip)
{
	struct in6_addr addr = ip->v6;

	if (family == AF_INET)
		ipv6_addr_set_v4mapped(ip->v4, &addr);
	memcpy(to, &addr, sizeof(addr));
}

static inline void dvpn_trace_flow(u8 *src, u8 *dst, const struct sk_buff *skb)
{
	union dvpn_ip from = {}, to = {};
	u8 family = AF_INET6;

	if (skb->protocol == htons(ETH_P_IP)) {
		family = AF_INET;
		from.v4 = ip_hdr(skb)->saddr;
		to.v4 = ip_hdr(skb)->daddr;
	} else {
		from.v6 = ipv6_hdr(skb)->saddr;
		to.v6 = ipv6_hdr(skb)->daddr;
	}
	dvpn_trace_ip(src, family, &from);
	dvpn_trace_ip(dst, family, &to);
}
#endif

/**
 * dvpn_map - a mapping is new, changed or gone
 * @dev: device
 * @map: the mapping
 * @gone: it is gone
 * @reason: why, if it is
 */
TRACE_EVENT(dvpn_map,
	TP_PROTO(const struct net_device *dev, const struct dvpn_map *map,
		 bool gone, u8 reason),
	TP_ARGS(dev, map, gone, reason),
	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__array(u8, proto, sizeof(struct in6_addr))
		__array(u8, nbma, sizeof(struct in6_addr))
		__field(u32, id)
		__field(u32, peer)
		__field(u32, flags)
		__field(u32, owner)
		__field(u8, prefixlen)
		__field(bool, gone)
		__field(u8, reason)
	),
	TP_fast_assign(
		memcpy(__entry->dev, dev->name, IFNAMSIZ);
		dvpn_trace_ip(__entry->proto, map->key.family, &map->key.addr);
		dvpn_trace_ip(__entry->nbma, map->peer->key.loc.family,
			      &map->peer->key.loc.nbma);
		__entry->id = map->id;
		__entry->peer = map->peer->id;
		__entry->flags = map->flags;
		__entry->owner = map->owner;
		__entry->prefixlen = map->key.prefixlen;
		__entry->gone = gone;
		__entry->reason = reason;
	),
	TP_printk("dev=%s id=%u proto=%pI6c prefixlen=%u nbma=%pI6c peer=%u flags=0x%x owner=%u gone=%u reason=%s",
		  __entry->dev, __entry->id, __entry->proto,
		  __entry->prefixlen, __entry->nbma, __entry->peer,
		  __entry->flags, __entry->owner, __entry->gone,
		  __print_symbolic(__entry->reason, DVPN_REASON_NAMES))
);

/**
 * dvpn_peer - a peer is new, changed or gone
 * @dev: device
 * @peer: the peer
 * @gone: it is gone
 * @reason: why, if it is
 */
TRACE_EVENT(dvpn_peer,
	TP_PROTO(const struct net_device *dev, const struct dvpn_peer *peer,
		 bool gone, u8 reason),
	TP_ARGS(dev, peer, gone, reason),
	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__array(u8, nbma, sizeof(struct in6_addr))
		__field(u32, id)
		__field(u32, flags)
		__field(u32, maps)
		__field(u16, port)
		__field(u8, encap)
		__field(bool, gone)
		__field(u8, reason)
	),
	TP_fast_assign(
		memcpy(__entry->dev, dev->name, IFNAMSIZ);
		dvpn_trace_ip(__entry->nbma, peer->key.loc.family,
			      &peer->key.loc.nbma);
		__entry->id = peer->id;
		__entry->flags = peer->flags;
		__entry->maps = peer->n_maps;
		__entry->port = ntohs(peer->key.loc.port);
		__entry->encap = peer->key.loc.encap;
		__entry->gone = gone;
		__entry->reason = reason;
	),
	TP_printk("dev=%s id=%u nbma=%pI6c encap=%s port=%u flags=0x%x maps=%u gone=%u reason=%s",
		  __entry->dev, __entry->id, __entry->nbma,
		  __print_symbolic(__entry->encap, { 0, "gre" }, { 1, "udp" }),
		  __entry->port, __entry->flags, __entry->maps, __entry->gone,
		  __print_symbolic(__entry->reason, DVPN_REASON_NAMES))
);

/**
 * dvpn_miss - the agent is asked for a next hop
 * @dev: device
 * @nexthop: that has no mapping
 * @skb: packet to it
 */
TRACE_EVENT(dvpn_miss,
	TP_PROTO(const struct net_device *dev, const struct dvpn_addr *nexthop,
		 const struct sk_buff *skb),
	TP_ARGS(dev, nexthop, skb),
	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__array(u8, nexthop, sizeof(struct in6_addr))
		__field(const void *, skbaddr)
		__field(unsigned int, len)
	),
	TP_fast_assign(
		memcpy(__entry->dev, dev->name, IFNAMSIZ);
		dvpn_trace_ip(__entry->nexthop, nexthop->family, &nexthop->ip);
		__entry->skbaddr = skb;
		__entry->len = skb->len;
	),
	TP_printk("dev=%s nexthop=%pI6c skbaddr=%p len=%u", __entry->dev,
		  __entry->nexthop, __entry->skbaddr, __entry->len)
);

/**
 * dvpn_redirect - a packet leaves by the domain that it entered by
 * @dev: device that it entered by
 * @skb: the packet, IPv4 or IPv6, complete network header
 */
TRACE_EVENT(dvpn_redirect,
	TP_PROTO(const struct net_device *dev, const struct sk_buff *skb),
	TP_ARGS(dev, skb),
	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__array(u8, src, sizeof(struct in6_addr))
		__array(u8, dst, sizeof(struct in6_addr))
		__field(const void *, skbaddr)
		__field(unsigned int, len)
	),
	TP_fast_assign(
		memcpy(__entry->dev, dev->name, IFNAMSIZ);
		dvpn_trace_flow(__entry->src, __entry->dst, skb);
		__entry->skbaddr = skb;
		__entry->len = skb->len;
	),
	TP_printk("dev=%s src=%pI6c dst=%pI6c skbaddr=%p len=%u",
		  __entry->dev, __entry->src, __entry->dst, __entry->skbaddr,
		  __entry->len)
);

/**
 * dvpn_drop - a packet was dropped, or left to other owners
 * @dev: device
 * @skb: the packet, NULL: there is none any more, or not yet
 * @reason: &enum dvpn_drop
 */
TRACE_EVENT(dvpn_drop,
	TP_PROTO(const struct net_device *dev, const struct sk_buff *skb,
		 u8 reason),
	TP_ARGS(dev, skb, reason),
	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__field(const void *, skbaddr)
		__field(unsigned int, len)
		__field(u16, protocol)
		__field(u8, reason)
	),
	TP_fast_assign(
		memcpy(__entry->dev, dev->name, IFNAMSIZ);
		__entry->skbaddr = skb;
		__entry->len = skb ? skb->len : 0;
		__entry->protocol = skb ? ntohs(skb->protocol) : 0;
		__entry->reason = reason;
	),
	TP_printk("dev=%s reason=%s protocol=0x%04x len=%u skbaddr=%p",
		  __entry->dev,
		  __print_symbolic(__entry->reason, DVPN_DROP_NAMES),
		  __entry->protocol, __entry->len, __entry->skbaddr)
);

#endif /* DVPN_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
