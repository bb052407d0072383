// SPDX-License-Identifier: GPL-2.0
/*
 * The way to a peer: route first, IPsec second, kept per CPU and peer.
 */
#include <linux/netdevice.h>
#include <net/dst.h>
#include <net/flow.h>
#include <net/ip6_fib.h>
#include <net/ip_tunnels.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "device.h"
#include "event.h"
#include "gre.h"
#include "route.h"
#include "tuple.h"

/**
 * dvpn_route_reason() - what to count for an error of the lookup
 * @err: negative errno
 *
 * Return: reason.
 */
enum dvpn_drop dvpn_route_reason(int err)
{
	switch (err) {
	case -ENETDOWN:
		return DVPN_DROP_TX_NO_LINK;
	case -EADDRNOTAVAIL:
		return DVPN_DROP_TX_BAD_ROUTE;
	case -ELOOP:
		return DVPN_DROP_TX_LOOP;
	case -EINPROGRESS:
		return DVPN_DROP_TX_NO_SA;
	case -EPERM:
		return DVPN_DROP_TX_POLICY;
	case -ENOMEM:
		return DVPN_DROP_TX_NOMEM;
	default:
		return DVPN_DROP_TX_NO_ROUTE;
	}
}

static u8 dvpn_unreach_reason(int err)
{
	switch (err) {
	case -EADDRNOTAVAIL:
	case -ELOOP:
		return DVPN_REASON_BAD_ROUTE;
	case -EINPROGRESS:
		return DVPN_REASON_NO_SA;
	case -EPERM:
		return DVPN_REASON_POLICY;
	default:
		return DVPN_REASON_NO_ROUTE;
	}
}

static bool dvpn_dst_has_esp(const struct dst_entry *dst)
{
#ifdef CONFIG_XFRM
	for (; dst && dst->xfrm; dst = xfrm_dst_child(dst))
		if (dst->xfrm->id.proto == IPPROTO_ESP)
			return true;
#endif
	return false;
}

/* What @mtu leaves inside of the associations of @dst, if it has any. */
static unsigned int dvpn_dst_xfrm_mtu(const struct dst_entry *dst,
				      unsigned int mtu)
{
#ifdef CONFIG_XFRM
	for (; dst && dst->xfrm; dst = xfrm_dst_child(dst))
		mtu = xfrm_state_mtu(dst->xfrm, mtu);
#endif
	return mtu;
}

/* Consumes @dst on error. Apart from the route lookup, so that "no security
 * association yet" is an error here and not a route that swallows packets.
 */
static struct dst_entry *dvpn_route_xfrm(struct dvpn_dev *dd,
					 const struct dvpn_conf *conf,
					 const struct dvpn_peer_key *key,
					 struct dst_entry *dst,
					 const struct flowi *fl)
{
	dst = xfrm_lookup_with_ifid(dd->net, dst, fl, NULL, 0,
				    key->if_id ?: conf->if_id);
	if (IS_ERR(dst)) {
		switch (PTR_ERR(dst)) {
		case -EREMOTE:	/* asked for, with larval_drop */
		case -EAGAIN:	/* the same without it */
			return ERR_PTR(-EINPROGRESS);
		case -ENOMEM:
		case -ENOBUFS:
			return ERR_PTR(-ENOMEM);
		default:
			return ERR_PTR(-EPERM);
		}
	}
	if ((conf->flags & DVPN_LINK_F_REQUIRE_IPSEC) &&
	    !dvpn_dst_has_esp(dst)) {
		dst_release(dst);
		return ERR_PTR(-EPERM);
	}
	return dst;
}

/**
 * dvpn_flow_proto() - what routing rules and IPsec policies may select by
 * @conf: configuration of the device
 * @key: where to
 * @uli: set to the key or the ports
 *
 * Return: IP protocol of the outer packet.
 */
u8 dvpn_flow_proto(const struct dvpn_conf *conf,
		   const struct dvpn_peer_key *key, union flowi_uli *uli)
{
	if (key->loc.encap == DVPN_ENCAP_UDP) {
		uli->ports.sport = conf->port;
		uli->ports.dport = key->loc.port;
		return IPPROTO_UDP;
	}
	uli->gre_key = conf->key;
	return IPPROTO_GRE;
}

static struct dst_entry *dvpn_route_plain4(struct dvpn_dev *dd,
					   const struct dvpn_conf *conf,
					   const struct dvpn_peer_key *key,
					   u8 dsfield, struct flowi4 *fl4)
{
	struct rtable *rt;

	if (!fl4->saddr)
		fl4->saddr = conf->local4;
	fl4->flowi4_oif = conf->link;
	fl4->flowi4_mark = dvpn_key_mark(conf, key);
	fl4->flowi4_proto = dvpn_flow_proto(conf, key, &fl4->uli);
	fl4->daddr = key->loc.nbma.v4;
	dvpn_compat_flow_dscp(fl4, dsfield);
	rt = __ip_route_output_key(dd->net, fl4);
	if (IS_ERR(rt))
		return PTR_ERR(rt) == -ENOMEM || PTR_ERR(rt) == -ENOBUFS ?
		       ERR_PTR(-ENOMEM) : ERR_PTR(-EHOSTUNREACH);
	/* An address that was a peer's may have become ours, or a network's. */
	if (rt->rt_type != RTN_UNICAST) {
		ip_rt_put(rt);
		return ERR_PTR(-EADDRNOTAVAIL);
	}
	return &rt->dst;
}

/* A route without IPsec, with a reference. @saddr: all zero for any, set to the
 * address to use. @fl: zero, filled. Or ERR_PTR: -ENETDOWN, -EHOSTUNREACH,
 * -EADDRNOTAVAIL, -ENOMEM.
 */
static struct dst_entry *dvpn_route_plain(struct dvpn_dev *dd,
					  const struct dvpn_conf *conf,
					  const struct dvpn_peer_key *key,
					  union dvpn_ip *saddr, u8 dsfield,
					  struct flowi *fl)
{
	struct dst_entry *dst;

	/* Bound to an interface that is absent. By this configuration, not by
	 * what has become of the device since: it must never go by another one.
	 */
	if (conf->link_name[0] && !conf->link)
		return ERR_PTR(-ENETDOWN);
	if (!dvpn_conf_serves(conf, key->loc.family))
		return ERR_PTR(-EHOSTUNREACH);
	if (key->loc.family == AF_INET6) {
		fl->u.ip6.saddr = saddr->v6;
		dst = dvpn_route_plain6(dd, conf, key, dsfield, &fl->u.ip6);
		saddr->v6 = fl->u.ip6.saddr;
	} else {
		fl->u.ip4.saddr = saddr->v4;
		dst = dvpn_route_plain4(dd, conf, key, dsfield, &fl->u.ip4);
		saddr->v4 = fl->u.ip4.saddr;
	}
	return dst;
}

/**
 * dvpn_route_key() - find the way to an NBMA address
 * @dd: device
 * @conf: its configuration
 * @key: where to
 * @saddr: source address to use, all zero: the device's or any
 * @dsfield: DSCP of the outer packet
 * @out: filled; owns its route
 *
 * Context: RCU, BH off.
 * Return: 0; -ENETDOWN: the underlay interface is absent; -EHOSTUNREACH: no
 * route; -EADDRNOTAVAIL: a route that is local, broadcast or multicast;
 * -ELOOP: a route back into the device; -EINPROGRESS: no security association
 * yet; -EPERM: policy; -ENOMEM.
 */
int dvpn_route_key(struct dvpn_dev *dd, const struct dvpn_conf *conf,
		   const struct dvpn_peer_key *key, const union dvpn_ip *saddr,
		   u8 dsfield, struct dvpn_output *out)
{
	struct flowi fl = {};
	struct dst_entry *dst;

	if (READ_ONCE(dd->down_reason) != DVPN_DOWN_NONE)
		return -ENETDOWN;
	if (key->loc.encap == DVPN_ENCAP_UDP && !conf->port)
		return -EHOSTUNREACH;
	out->saddr = *saddr;
	dst = dvpn_route_plain(dd, conf, key, &out->saddr, dsfield, &fl);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	fl.flowi_oif = dst_dev(dst)->ifindex;
	dst = dvpn_route_xfrm(dd, conf, key, dst, &fl);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	if (dst_dev(dst) == dd->dev) {
		dst_release(dst);
		return -ELOOP;
	}
	out->dst = dst;
	out->owned = true;
	return 0;
}

/* What dst_check() wants to see again. */
static u32 dvpn_dst_cookie(const struct dst_entry *dst)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (dst->ops->family == AF_INET6)
		return rt6_get_cookie(dst_rt6_info(dst));
#endif
	return 0;
}

/**
 * dvpn_route_refresh() - look the way to a peer up and keep it
 * @dd: device
 * @conf: its configuration
 * @peer: where to
 * @stamp: dvpn_dst_stamp() that the cache was found wanting under
 * @dsfield: DSCP of the outer packet
 * @out: filled; owns its route only if that is not kept
 *
 * Context: RCU, BH off.
 * Return: as dvpn_route_key(). An error is reported to the agent, too.
 */
int dvpn_route_refresh(struct dvpn_dev *dd, const struct dvpn_conf *conf,
		       struct dvpn_peer *peer, u32 stamp, u8 dsfield,
		       struct dvpn_output *out)
{
	static const union dvpn_ip any;
	struct dvpn_peer_pcpu *slot = this_cpu_ptr(peer->pcpu);
	struct dst_entry *old;
	bool fresh;
	int err;

	/* Pairs with dvpn_conf_install(): a new generation comes after its
	 * configuration.
	 */
	smp_rmb();
	fresh = rcu_access_pointer(dd->conf) == conf;
	err = dvpn_route_key(dd, conf, &peer->key, &any, dsfield, out);
	if (err) {
		if (err != -ENOMEM)
			dvpn_event_peer_unreach(dd, peer, err,
						dvpn_unreach_reason(err));
		return err;
	}
	/* Of a configuration that is being replaced: for this packet only. */
	if (unlikely(!fresh))
		return 0;
	old = slot->dst;
	WRITE_ONCE(slot->dst, out->dst);
	slot->saddr = out->saddr;
	WRITE_ONCE(slot->cookie, dvpn_dst_cookie(out->dst));
	WRITE_ONCE(slot->stamp, stamp);
	out->owned = false;
	dst_release(old);
	return 0;
}

/* A route to a peer that one of the CPUs has cached: one that is good, else one that
 * was. Whose refcount is its CPU's; RCU keeps it for who only looks.
 */
static struct dst_entry *dvpn_route_cached(struct dvpn_dev *dd,
					   const struct dvpn_peer *peer,
					   bool *good)
{
	u32 stamp = dvpn_dst_stamp(dd, peer, 0);
	const struct dvpn_peer_pcpu *slot;
	struct dst_entry *dst, *last = NULL;
	int cpu;

	for_each_possible_cpu(cpu) {
		slot = per_cpu_ptr(peer->pcpu, cpu);
		dst = READ_ONCE(slot->dst);
		if (!dst)
			continue;
		/* Of whatever DSCP. */
		*good = !((READ_ONCE(slot->stamp) ^ stamp) >> DVPN_STAMP_DSCP_BITS) &&
			dst_check(dst, READ_ONCE(slot->cookie));
		if (*good)
			return dst;
		last = dst;
	}
	return last;
}

/**
 * dvpn_route_mtu() - path MTU to a peer
 * @dd: device
 * @conf: its configuration
 * @peer: where to
 *
 * Of a cached route if there is one, which knows what IPsec takes; else of the
 * plain route, less what IPsec took last: a look at a table must not start a
 * negotiation.
 *
 * Context: RCU, BH off.
 * Return: bytes of the outer packet, 0 without a route.
 */
unsigned int dvpn_route_mtu(struct dvpn_dev *dd, const struct dvpn_conf *conf,
			    const struct dvpn_peer *peer)
{
	struct dst_entry *dst, *cached;
	union dvpn_ip saddr = {};
	struct flowi fl = {};
	unsigned int mtu;
	bool good;

	cached = dvpn_route_cached(dd, peer, &good);
	if (cached && good)
		return dst_mtu(cached);
	dst = dvpn_route_plain(dd, conf, &peer->key, &saddr, conf->tos & 0xfc,
			       &fl);
	if (IS_ERR(dst))
		return 0;
	mtu = dvpn_dst_xfrm_mtu(cached, dst_mtu(dst));
	dst_release(dst);
	return mtu;
}

/**
 * dvpn_route_learn_mtu() - a packet to a peer was too big for the underlay
 * @dd: device
 * @conf: its configuration
 * @peer: where it went
 * @saddr: where it came from
 * @dsfield: its DSCP
 * @skb: the packet as far as it was quoted; dev and mark are overwritten
 * @mtu: bytes that would have passed
 *
 * The route is looked up as for transmit, mark and key included: what another
 * route learns does not help.
 *
 * Context: RCU, BH off.
 */
void dvpn_route_learn_mtu(struct dvpn_dev *dd, const struct dvpn_conf *conf,
			  const struct dvpn_peer *peer,
			  const union dvpn_ip *saddr, u8 dsfield,
			  struct sk_buff *skb, unsigned int mtu)
{
	union dvpn_ip local = *saddr;
	struct flowi fl = {};
	struct dst_entry *dst;

	dst = dvpn_route_plain(dd, conf, &peer->key, &local, dsfield, &fl);
	if (IS_ERR(dst))
		return;
	skb->dev = dst_dev(dst);
	skb->mark = dvpn_key_mark(conf, &peer->key);
	dst->ops->update_pmtu(dst, NULL, skb, mtu, false);
	dst_release(dst);
}
