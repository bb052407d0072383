/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_PEER_H
#define DVPN_PEER_H

#include <linux/dvpn.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/rhashtable-types.h>
#include <linux/timerqueue.h>
#include <linux/u64_stats_sync.h>

#include "addr.h"

struct dst_entry;
struct dvpn_dev;
struct dvpn_map;
struct netlink_ext_ack;

/**
 * struct dvpn_locator - what a received packet says of its sender
 * @nbma: outer source address
 * @family: of @nbma
 * @encap: enum dvpn_encap
 * @port: UDP source port, 0 without UDP
 *
 * The hashed part of a peer's key. No padding, compared as memory; for a peer
 * with ANY_SPORT up to @port.
 */
struct dvpn_locator {
	union dvpn_ip nbma;
	u8 family;
	u8 encap;
	__be16 port;
};

/**
 * struct dvpn_peer_key - names a peer within its device
 * @loc: its locator; @loc.port is the real remote port even with ANY_SPORT
 * @mark: routing mark, 0: the device's
 * @if_id: xfrm interface id, 0: the device's
 */
struct dvpn_peer_key {
	struct dvpn_locator loc;
	u32 mark;
	u32 if_id;
};

/**
 * struct dvpn_peer_pcpu - what one CPU keeps of a peer
 * @dst: cached route, xfrm bundle included, or NULL. Owns a reference.
 * @saddr: source address that belongs to @dst
 * @cookie: for dst_check()
 * @stamp: generation and DSCP it was looked up under, see dvpn_dst_stamp()
 * @syncp: protects the counters for 32-bit readers
 * @tx_packets: sent
 * @tx_bytes: inner bytes of those
 * @rx_packets: received
 * @rx_bytes: inner bytes of those
 *
 * Touched with bottom halves off only; other CPUs look at the first and at
 * @cookie and @stamp, see dvpn_route_mtu(). One cache line, no more: a packet waits
 * for it, and it is multiplied by peers times possible CPUs.
 */
struct dvpn_peer_pcpu {
	struct dst_entry *dst;
	union dvpn_ip saddr;
	u32 cookie;
	u32 stamp;
	struct u64_stats_sync syncp;
	u64_stats_t tx_packets;
	u64_stats_t tx_bytes;
	u64_stats_t rx_packets;
	u64_stats_t rx_bytes;
} __aligned(64);

/**
 * struct dvpn_peer - one NBMA endpoint
 * @key: names it, never changes
 * @flags: enum dvpn_peer_flags
 * @mss: TCP MSS clamp: 0 as the device, DVPN_MSS_OWN_OFF, 1 automatic, else
 *	bytes
 * @pcpu: per-CPU route and counters
 * @mtu_told: the lesser of @mtu and @mtu_advertised that there is, else
 *	U32_MAX
 * @mtu_advertised: as @mtu, from the peer's CIE
 * @last_tx: jiffies of the last packet to it, or of its creation; written at
 *	most once a jiffy
 * @last_rx: jiffies of the last packet from it, 0 never; written at most once
 *	a jiffy
 * @until_ns: CLOCK_BOOTTIME when the last of what keeps it ends, 0 never
 * @mark_mask: a packet from it must match @key.mark under this
 * @dst_gen: bumped to drop the cached routes of this peer
 * @n_mcast: mappings to it that have the multicast flag, not on probation nor
 *	unreachable
 * @mcast_until_ns: CLOCK_BOOTTIME when the last of these ends, 0 never
 * @takes_mcast: @n_mcast is not 0 and the peer not RX_ONLY; it has the mark
 *	DVPN_PEER_MCAST then
 * @groups: its entries in the replication table
 * @node: in &dvpn_dev.peers
 * @any_sport_node: in &dvpn_dev.any_sport_peers from when the peer is first
 *	flagged ANY_SPORT until it goes
 * @any_sport_listed: it is there
 * @explicit: made by PEER_NEW: stays without mappings
 * @n_maps: mappings that point to it
 * @id: in &dvpn_dev.peer_ids
 * @owner: who wrote it
 * @keepalive_s: a keepalive is sent when nothing was for so long, 0 off
 * @expires_ns: CLOCK_BOOTTIME, 0 never. An expired peer without mappings goes.
 * @expiry: in &dvpn_dev.peer_expiry if it expires
 * @rcu: frees it, its per-CPU part and the routes in there after a grace
 *	period, when it is out of there
 * @created_ns: CLOCK_BOOTTIME
 * @keepalive: in &dvpn_dev.keepalive_queue if @keepalive_s is not 0
 * @unreach_jiffies: of the last PEER_UNREACH event, for its rate limit
 * @mtu: configured path MTU (inner bytes), 0 none
 * @cookie_len: bytes of @cookie
 * @cookie: the owner's
 *
 * Fields up to @last_rx are the transmit path's; all is written under
 * &dvpn_dev.table_lock with WRITE_ONCE() and read under RCU, unless said
 * otherwise. A mapping keeps its peer alive; readers hold RCU only. Five cache
 * lines: with an even number the first lines of many peers compete for a part
 * of the cache.
 */
struct dvpn_peer {
	struct dvpn_peer_key key;
	u16 flags;
	u16 mss;
	struct dvpn_peer_pcpu __percpu *pcpu;
	u32 mtu_told;
	u32 mtu_advertised;
	u32 dst_gen;
	u32 last_tx;
	unsigned long last_rx;

	struct rhlist_head node;
	struct rhlist_head any_sport_node;
	u64 until_ns;
	u32 mark_mask;
	u32 n_mcast;
	u64 mcast_until_ns;
	bool takes_mcast;
	bool any_sport_listed;
	bool explicit;
	struct list_head groups;
	u32 n_maps;
	u32 id;
	u32 owner;
	u32 keepalive_s;
	u64 expires_ns;
	union {
		struct timerqueue_node expiry;
		struct rcu_head rcu;
	};
	u64 created_ns;
	struct timerqueue_node keepalive;
	unsigned long unreach_jiffies;
	u32 mtu;
	u8 cookie_len;
	u8 cookie[DVPN_COOKIE_MAX];
};

/**
 * struct dvpn_peer_attrs - what a request says about a peer
 * @has_expires: @expires_ns is given
 * @has_owner: @owner is given
 * @has_mark_mask: @mark_mask is given
 * @has_mtu: @mtu is given
 * @has_mtu_advertised: @mtu_advertised is given
 * @has_mss: @mss is given
 * @has_keepalive: @keepalive_s is given
 * @has_cookie: @cookie and @cookie_len are given
 * @flags: enum dvpn_peer_flags, the bits in @flags_mask
 * @flags_mask: bits that are given
 * @expires_ns: this and all that follow as in &struct dvpn_peer
 * @owner: see there
 * @mark_mask: see there
 * @mtu: see there
 * @mtu_advertised: see there
 * @mss: see there
 * @keepalive_s: see there
 * @cookie_len: see there
 * @cookie: see there
 */
struct dvpn_peer_attrs {
	bool has_expires;
	bool has_owner;
	bool has_mark_mask;
	bool has_mtu;
	bool has_mtu_advertised;
	bool has_mss;
	bool has_keepalive;
	bool has_cookie;
	u32 flags;
	u32 flags_mask;
	u64 expires_ns;
	u32 owner;
	u32 mark_mask;
	u32 mtu;
	u32 mtu_advertised;
	u32 mss;
	u32 keepalive_s;
	u8 cookie_len;
	const u8 *cookie;
};

int dvpn_peer_cache_init(void);	/* once, before there is a device */
void dvpn_peer_cache_exit(void); /* after the last RCU callback */

int dvpn_peers_init(struct dvpn_dev *dd);
void dvpn_peers_destroy(struct dvpn_dev *dd);

/* Receive side, under RCU. NULL: no peer of this device sent it. */
struct dvpn_peer *dvpn_peer_find_rx(struct dvpn_dev *dd,
				    const struct dvpn_locator *loc, u32 mark,
				    u32 if_id);
/* Exact key; under RCU or table_lock. */
struct dvpn_peer *dvpn_peer_find(struct dvpn_dev *dd,
				 const struct dvpn_peer_key *key);
/* table_lock held. Validates the key (unicast, not ours, family and
 * encapsulation that the device serves). ERR_PTR with extack text.
 */
struct dvpn_peer *dvpn_peer_create(struct dvpn_dev *dd,
				   const struct dvpn_peer_key *key, u32 owner,
				   struct netlink_ext_ack *extack);
/* Unicast, not ours, of a family and encapsulation that the device serves?
 * Negative errno with extack text.
 */
int dvpn_peer_key_check(struct dvpn_dev *dd, const struct dvpn_peer_key *key,
			struct netlink_ext_ack *extack);
/* table_lock held. What @attrs does not give keeps its value. -ENOMEM; -EINVAL
 * with extack text. Nothing is changed then.
 */
int dvpn_peer_change(struct dvpn_dev *dd, struct dvpn_peer *peer,
		     const struct dvpn_peer_attrs *attrs,
		     struct netlink_ext_ack *extack);
/* table_lock held; the peer has no mappings any more. */
void dvpn_peer_remove(struct dvpn_dev *dd, struct dvpn_peer *peer,
		      enum dvpn_reason reason);
/* table_lock held: remove it unless something still needs it. */
void dvpn_peer_release(struct dvpn_dev *dd, struct dvpn_peer *peer,
		       enum dvpn_reason reason);
/* table_lock held: @n more (or less) mappings to it take multicast. */
void dvpn_peer_count_mcast(struct dvpn_dev *dd, struct dvpn_peer *peer, int n);
/* table_lock held: its mappings or its own end have changed. */
void dvpn_peer_update_until(struct dvpn_peer *peer, const struct dvpn_map *map);

/**
 * struct dvpn_peer_stats - counters of a peer, all CPUs together
 * @tx_packets: sent
 * @tx_bytes: inner bytes of those
 * @rx_packets: received
 * @rx_bytes: inner bytes of those
 */
struct dvpn_peer_stats {
	u64 tx_packets;
	u64 tx_bytes;
	u64 rx_packets;
	u64 rx_bytes;
};

void dvpn_peer_stats_fold(const struct dvpn_peer *peer,
			  struct dvpn_peer_stats *stats);

/* Drop cached routes: of one peer; of all peers of a device. Any context. */
void dvpn_peer_reset_dst(struct dvpn_peer *peer);
void dvpn_dev_reset_dst(struct dvpn_dev *dd);

/**
 * dvpn_peer_count_tx() - count what was sent to a peer
 * @peer: the peer
 * @bytes: inner bytes
 *
 * Context: bottom halves off, RCU.
 */
static inline void dvpn_peer_count_tx(struct dvpn_peer *peer,
				      unsigned int bytes)
{
	struct dvpn_peer_pcpu *pcpu = this_cpu_ptr(peer->pcpu);
	u32 now = jiffies;

	u64_stats_update_begin(&pcpu->syncp);
	u64_stats_inc(&pcpu->tx_packets);
	u64_stats_add(&pcpu->tx_bytes, bytes);
	u64_stats_update_end(&pcpu->syncp);

	if (READ_ONCE(peer->last_tx) != now)
		WRITE_ONCE(peer->last_tx, now);
}

/* Jiffies since something was last sent; any context. */
static inline u32 dvpn_peer_tx_idle(const struct dvpn_peer *peer)
{
	return (u32)jiffies - READ_ONCE(peer->last_tx);
}

/**
 * dvpn_peer_count_rx() - count what came from a peer
 * @peer: the peer
 * @bytes: inner bytes
 *
 * Context: bottom halves off, RCU.
 */
static inline void dvpn_peer_count_rx(struct dvpn_peer *peer,
				      unsigned int bytes)
{
	struct dvpn_peer_pcpu *pcpu = this_cpu_ptr(peer->pcpu);
	unsigned long now = jiffies ?: 1;

	u64_stats_update_begin(&pcpu->syncp);
	u64_stats_inc(&pcpu->rx_packets);
	u64_stats_add(&pcpu->rx_bytes, bytes);
	u64_stats_update_end(&pcpu->syncp);

	if (READ_ONCE(peer->last_rx) != now)
		WRITE_ONCE(peer->last_rx, now);
}

#endif /* DVPN_PEER_H */
