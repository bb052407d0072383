// SPDX-License-Identifier: GPL-2.0
/* Mappings and peers as netlink attributes. */

#include <linux/jiffies.h>

#include "encap.h"
#include "mss.h"
#include "netlink_ops.h"

/**
 * dvpn_put_addr() - write an address
 * @msg: the message
 * @attr4: attribute for IPv4
 * @attr6: attribute for IPv6
 * @family: AF_INET or AF_INET6
 * @ip: the address
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int dvpn_put_addr(struct sk_buff *msg, int attr4, int attr6, u8 family,
		  const union dvpn_ip *ip)
{
	if (family == AF_INET)
		return nla_put_in_addr(msg, attr4, ip->v4);

	return nla_put_in6_addr(msg, attr6, &ip->v6);
}

/**
 * dvpn_put_peer_key() - write a peer's key
 * @msg: the message
 * @key: its key
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int dvpn_put_peer_key(struct sk_buff *msg, const struct dvpn_peer_key *key)
{
	const struct dvpn_locator *loc = &key->loc;
	int err;

	err = dvpn_put_addr(msg, DVPN_A_NBMA4, DVPN_A_NBMA6, loc->family,
			    &loc->nbma) ?:
	      nla_put_u8(msg, DVPN_A_ENCAP, loc->encap);
	if (!err && loc->encap == DVPN_ENCAP_UDP)
		err = nla_put_be16(msg, DVPN_A_PORT, loc->port);
	if (!err && key->mark)
		err = nla_put_u32(msg, DVPN_A_MARK, key->mark);
	if (!err && key->if_id)
		err = nla_put_u32(msg, DVPN_A_XFRM_IF_ID, key->if_id);

	return err;
}

static int put_ms(struct sk_buff *msg, int attr, u64 ms)
{
	return nla_put_u64_64bit(msg, attr, ms, DVPN_A_PAD);
}

/* What is common to mappings and peers. */
static int put_owned(struct sk_buff *msg, u32 owner, u64 expires_ns,
		     u64 created_ns, const u8 *cookie, u8 cookie_len)
{
	u64 now_ns = ktime_get_coarse_boottime_ns();
	int err;

	err = nla_put_u32(msg, DVPN_A_OWNER, owner) ?:
	      put_ms(msg, DVPN_A_AGE_MS,
		     div_u64(now_ns - created_ns, NSEC_PER_MSEC));
	/* Deferred because there is no agent: the rest is 0, but not absent. */
	if (!err && expires_ns)
		err = put_ms(msg, DVPN_A_EXPIRES_MS,
			     expires_ns <= now_ns ? 0 :
			     DIV_ROUND_UP_ULL(expires_ns - now_ns,
					      NSEC_PER_MSEC));
	if (!err && cookie_len)
		err = nla_put(msg, DVPN_A_COOKIE, cookie_len, cookie);

	return err;
}

/* Since @stamp (jiffies, 0 never), if that was. */
static int put_idle(struct sk_buff *msg, int attr, unsigned long stamp)
{
	if (!stamp)
		return 0;

	return put_ms(msg, attr,
		      div_u64((u64)(jiffies - stamp) * MSEC_PER_SEC, HZ));
}

/**
 * dvpn_put_map() - write all of a mapping but the device
 * @msg: the message
 * @map: the mapping
 *
 * Context: RCU or table_lock.
 * Return: 0 or -EMSGSIZE.
 */
int dvpn_put_map(struct sk_buff *msg, const struct dvpn_map *map)
{
	int err;

	err = nla_put_u32(msg, DVPN_A_MAP_ID, map->id) ?:
	      dvpn_put_addr(msg, DVPN_A_PROTO4, DVPN_A_PROTO6, map->key.family,
			    &map->key.addr) ?:
	      nla_put_u8(msg, DVPN_A_PREFIXLEN, map->key.prefixlen) ?:
	      nla_put_bitfield32(msg, DVPN_A_MAP_FLAGS, map->flags,
				 DVPN_MAP_F_ALL) ?:
	      put_owned(msg, map->owner, map->expires_ns, map->created_ns,
			map->cookie, map->cookie_len) ?:
	      put_idle(msg, DVPN_A_IDLE_MS, READ_ONCE(map->last_used)) ?:
	      nla_put_u32(msg, DVPN_A_PEER_ID, map->peer->id) ?:
	      dvpn_put_peer_key(msg, &map->peer->key);
	if (!err && (map->flags & DVPN_MAP_F_NHS))
		err = nla_put_u8(msg, DVPN_A_PREFERENCE, map->preference);

	return err;
}

/* Its own setting, if it has one. */
static int put_mss(struct sk_buff *msg, const struct dvpn_peer *peer)
{
	if (!peer->mss)
		return 0;
	return nla_put_u32(msg, DVPN_A_MSS, peer->mss == DVPN_MSS_OWN_OFF ?
			   DVPN_MSS_OFF : peer->mss);
}

static int put_peer_stats(struct sk_buff *msg, const struct dvpn_peer *peer)
{
	struct dvpn_peer_stats stats;
	struct nlattr *nest;

	nest = nla_nest_start(msg, DVPN_A_PEER_STATS);
	if (!nest)
		return -EMSGSIZE;
	dvpn_peer_stats_fold(peer, &stats);
	if (nla_put_u64_64bit(msg, DVPN_STAT_TX_PACKETS, stats.tx_packets,
			      DVPN_STAT_PAD) ||
	    nla_put_u64_64bit(msg, DVPN_STAT_TX_BYTES, stats.tx_bytes,
			      DVPN_STAT_PAD) ||
	    nla_put_u64_64bit(msg, DVPN_STAT_RX_PACKETS, stats.rx_packets,
			      DVPN_STAT_PAD) ||
	    nla_put_u64_64bit(msg, DVPN_STAT_RX_BYTES, stats.rx_bytes,
			      DVPN_STAT_PAD))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);

	return 0;
}

/**
 * dvpn_put_peer() - write all of a peer but the device
 * @msg: the message
 * @dd: device
 * @peer: the peer
 *
 * Context: dvpn_table_lock() is held.
 * Return: 0 or -EMSGSIZE.
 */
int dvpn_put_peer(struct sk_buff *msg, struct dvpn_dev *dd,
		  struct dvpn_peer *peer)
{
	lockdep_assert_held(&dd->table_lock);

	return nla_put_u32(msg, DVPN_A_PEER_ID, peer->id) ?:
	       dvpn_put_peer_key(msg, &peer->key) ?:
	       nla_put_bitfield32(msg, DVPN_A_PEER_FLAGS, peer->flags,
				  DVPN_PEER_F_ALL) ?:
	       put_owned(msg, peer->owner, peer->expires_ns, peer->created_ns,
			 peer->cookie, peer->cookie_len) ?:
	       put_idle(msg, DVPN_A_RX_IDLE_MS, READ_ONCE(peer->last_rx)) ?:
	       nla_put_u32(msg, DVPN_A_MARK_MASK, peer->mark_mask) ?:
	       nla_put_u32(msg, DVPN_A_MTU, peer->mtu) ?:
	       nla_put_u32(msg, DVPN_A_MTU_ADVERTISED, peer->mtu_advertised) ?:
	       nla_put_u32(msg, DVPN_A_PMTU, dvpn_peer_pmtu(dd, peer)) ?:
	       put_mss(msg, peer) ?:
	       nla_put_u32(msg, DVPN_A_KEEPALIVE, peer->keepalive_s) ?:
	       nla_put_u32(msg, DVPN_A_PEER_MAPS, peer->n_maps) ?:
	       put_peer_stats(msg, peer);
}
