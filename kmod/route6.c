// SPDX-License-Identifier: GPL-2.0
/*
 * The way to an IPv6 NBMA address.
 */
#include <net/addrconf.h>
#include <net/dst.h>
#include <net/inet_ecn.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>

#include "device.h"
#include "route.h"

#if IS_ENABLED(CONFIG_IPV6)

static struct dst_entry *dvpn_output_route6(struct net *net, struct flowi6 *fl6)
{
	struct dst_entry *dst;
	int err;

	if (ipv6_addr_any(&fl6->saddr)) {
		err = ip6_dst_lookup(net, NULL, &dst, fl6);
		return err ? ERR_PTR(err) : dst;
	}
	/* With a source address the interface would only be a wish. */
	dst = ip6_route_output_flags(net, NULL, fl6, fl6->flowi6_oif ?
				     RT6_LOOKUP_F_IFACE : 0);
	err = dst->error;
	if (!err && !ipv6_chk_addr_and_flags(net, &fl6->saddr, dst_dev(dst),
					     true, 0, IFA_F_TENTATIVE))
		err = -EADDRNOTAVAIL;
	if (!err)
		return dst;
	dst_release(dst);
	return ERR_PTR(err);
}

/**
 * dvpn_route_plain6() - find a route without IPsec
 * @dd: device
 * @conf: its configuration
 * @key: where to
 * @dsfield: DSCP of the outer packet
 * @fl6: zero but for the source address, all zero: any; filled
 *
 * Context: RCU, BH off.
 * Return: as dvpn_route_plain().
 */
struct dst_entry *dvpn_route_plain6(struct dvpn_dev *dd,
				    const struct dvpn_conf *conf,
				    const struct dvpn_peer_key *key,
				    u8 dsfield, struct flowi6 *fl6)
{
	struct dst_entry *dst;

	if (ipv6_addr_any(&fl6->saddr))
		fl6->saddr = conf->local6;
	fl6->flowi6_oif = conf->link;
	fl6->flowi6_mark = dvpn_key_mark(conf, key);
	fl6->flowi6_proto = dvpn_flow_proto(conf, key, &fl6->uli);
	fl6->daddr = key->loc.nbma.v6;
	fl6->flowlabel = ip6_make_flowinfo(dsfield & ~INET_ECN_MASK, 0);
	dst = dvpn_output_route6(dd->net, fl6);
	if (IS_ERR(dst))
		return PTR_ERR(dst) == -ENOMEM || PTR_ERR(dst) == -ENOBUFS ?
		       ERR_PTR(-ENOMEM) : ERR_PTR(-EHOSTUNREACH);
	/* An address that was a peer's may have become ours. */
	if (dst_rt6_info(dst)->rt6i_flags & (RTF_LOCAL | RTF_ANYCAST)) {
		dst_release(dst);
		return ERR_PTR(-EADDRNOTAVAIL);
	}
	return dst;
}

#endif
