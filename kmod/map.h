/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_MAP_H
#define DVPN_MAP_H

#include <linux/dvpn.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/rhashtable-types.h>
#include <linux/timekeeping.h>
#include <linux/timerqueue.h>

#include "addr.h"
#include "peer.h"

struct dvpn_dev;

/**
 * struct dvpn_map_key - what a mapping answers for
 * @addr: protocol address or prefix, host bits zero
 * @family: AF_INET or AF_INET6
 * @prefixlen: 32 or 128 for a host
 * @pad: zero
 */
struct dvpn_map_key {
	union dvpn_ip addr;
	u8 family;
	u8 prefixlen;
	u16 pad;
};

/* Two cache lines of bits: with 100 prefixes nine of ten lookups that would find
 * nothing are spared, with 700 half of them.
 */
#define DVPN_PREFIX_HASH_BITS	10

/**
 * struct dvpn_map - protocol address or prefix -> peer
 * @node: in &dvpn_dev.maps
 * @key: what it answers for
 * @flags: enum dvpn_map_flags
 * @preference: of an NHS, lowest first
 * @cookie_len: bytes of @cookie
 * @peer: to whom; alive as long as the mapping
 * @pcpu: &dvpn_peer.pcpu of that, to be fetched while @peer is
 * @expires_ns: CLOCK_BOOTTIME, 0 never
 * @last_used: jiffies of the last packet, 0 never; written at most once a
 *	second, by anybody
 * @id: in &dvpn_dev.map_ids
 * @owner: who wrote it
 * @created_ns: CLOCK_BOOTTIME
 * @nhs_node: in &dvpn_dev.nhs_maps if it is an NHS
 * @expiry: in &dvpn_dev.map_expiry if it expires
 * @rcu: frees it, when it is out of there
 * @cookie: the owner's
 *
 * Immutable once visible, but for @last_used: a change makes a copy that takes
 * the same place and id, so that a reader sees the old or the new, no mixture.
 * What transmit reads lies in the first cache line. Three lines in all: a
 * multiple of four would have the first lines of many mappings compete for a
 * quarter of the cache.
 */
struct dvpn_map {
	struct rhash_head node;
	struct dvpn_map_key key;
	u16 flags;
	u8 preference;
	u8 cookie_len;
	struct dvpn_peer *peer;
	struct dvpn_peer_pcpu __percpu *pcpu;
	u64 expires_ns;
	unsigned long last_used;

	u32 id;
	u32 owner;
	u64 created_ns;
	struct list_head nhs_node;
	union {
		struct timerqueue_node expiry;
		struct rcu_head rcu;
	};
	u8 cookie[DVPN_COOKIE_MAX];
};

#define DVPN_EXPIRES_MS_MAX	315360000000ULL	/* ten years */

/**
 * struct dvpn_map_attrs - what a request says about a mapping
 * @has_peer: @peer is given
 * @has_expires: @expires_ns is given
 * @has_owner: @owner is given
 * @has_preference: @preference is given
 * @has_cookie: @cookie and @cookie_len are given
 * @flags: enum dvpn_map_flags, the bits in @flags_mask
 * @flags_mask: bits that are given
 * @peer: key of the peer
 * @expires_ns: as in &struct dvpn_map
 * @owner: as in &struct dvpn_map
 * @preference: as in &struct dvpn_map
 * @cookie_len: bytes of @cookie, at most DVPN_COOKIE_MAX
 * @cookie: the owner's bytes
 */
struct dvpn_map_attrs {
	bool has_peer;
	bool has_expires;
	bool has_owner;
	bool has_preference;
	bool has_cookie;
	u32 flags;
	u32 flags_mask;
	struct dvpn_peer_key peer;
	u64 expires_ns;
	u32 owner;
	u8 preference;
	u8 cookie_len;
	const u8 *cookie;
};

int dvpn_map_cache_init(void);	/* once, before there is a device */
void dvpn_map_cache_exit(void);	/* after the last RCU callback */

int dvpn_maps_init(struct dvpn_dev *dd);
/* After the device is out of all lookups and a grace period. */
void dvpn_maps_destroy(struct dvpn_dev *dd);

/**
 * enum dvpn_route - what dvpn_map_select() decided
 * @DVPN_ROUTE_MAP: by a mapping of its own
 * @DVPN_ROUTE_NHS: by the default NHS, on probation or unreachable: no event
 * @DVPN_ROUTE_MISS: nothing known; @map is the default NHS or NULL, and the
 *	caller raises the miss
 * @DVPN_ROUTE_UNREACHABLE: unreachable (or on probation) and no NHS
 */
enum dvpn_route {
	DVPN_ROUTE_MAP,
	DVPN_ROUTE_NHS,
	DVPN_ROUTE_MISS,
	DVPN_ROUTE_UNREACHABLE,
};

/* The data path's lookup. Prefixes (and SHORTCUT hosts) on @dst, longest
 * first; those on probation, unreachable, expired or to an RX_ONLY peer are
 * passed over. Then the host mapping of @nexthop, whose probation or
 * unreachability leads to the default NHS. @family is that of @dst;
 * @nexthop has its own family (IPv4 by an IPv6 next hop). Under RCU.
 * *mapp: the mapping to send by, or NULL.
 */
enum dvpn_route dvpn_map_select(struct dvpn_dev *dd, u8 family,
				const union dvpn_ip *dst,
				const struct dvpn_addr *nexthop,
				struct dvpn_map **mapp);

/* The mapping that takes what has none of its own, or NULL. Under RCU. */
struct dvpn_map *dvpn_nhs_get(struct dvpn_dev *dd);

/* Exact host mapping, any flags, not expired. Under RCU. */
struct dvpn_map *dvpn_map_find_host(struct dvpn_dev *dd, u8 family,
				    const union dvpn_ip *addr);

/* Exact key; under RCU or table_lock. It may have expired. */
struct dvpn_map *dvpn_map_find(struct dvpn_dev *dd,
			       const struct dvpn_map_key *key);
/* @key for the first @prefixlen bits of @addr. */
void dvpn_map_key_init(struct dvpn_map_key *key, u8 family,
		       const union dvpn_ip *addr, u8 prefixlen);

/* Writers; dvpn_table_lock() is held. Either all of the change is done, or
 * nothing and a negative errno with extack text.
 */
int dvpn_map_add(struct dvpn_dev *dd, const struct dvpn_map_key *key,
		 const struct dvpn_map_attrs *attrs,
		 struct netlink_ext_ack *extack);
/* What @attrs does not give keeps its value. */
int dvpn_map_change(struct dvpn_dev *dd, struct dvpn_map *map,
		    const struct dvpn_map_attrs *attrs,
		    struct netlink_ext_ack *extack);
/* What @attrs does not give takes its default; id and age stay. */
int dvpn_map_replace(struct dvpn_dev *dd, struct dvpn_map *map,
		     const struct dvpn_map_attrs *attrs,
		     struct netlink_ext_ack *extack);
void dvpn_map_remove(struct dvpn_dev *dd, struct dvpn_map *map,
		     enum dvpn_reason reason);
/* Choose &dvpn_dev.nhs again: what makes a mapping usable has changed. */
void dvpn_nhs_update(struct dvpn_dev *dd);

/**
 * dvpn_map_touch() - a mapping carried a packet
 * @map: the mapping
 *
 * Context: any; writes at most once a second.
 */
static inline void dvpn_map_touch(struct dvpn_map *map)
{
	unsigned long last = READ_ONCE(map->last_used);
	unsigned long now = jiffies ?: 1;

	if (!last || time_after_eq(now, last + HZ))
		WRITE_ONCE(map->last_used, now);
}

/* Is the time @expires_ns (CLOCK_BOOTTIME, 0 never) over? The device may defer
 * that while it has no agent: see dvpn_expired().
 */
static inline bool dvpn_time_over(u64 expires_ns)
{
	return expires_ns && ktime_get_coarse_boottime_ns() >= expires_ns;
}

bool __dvpn_expired(struct dvpn_dev *dd);

/* Has an entry with this @expires_ns ended? Exact, whether or not the garbage
 * collection has come to it. Under RCU.
 */
static inline bool dvpn_expired(struct dvpn_dev *dd, u64 expires_ns)
{
	return unlikely(dvpn_time_over(expires_ns)) && __dvpn_expired(dd);
}

#endif /* DVPN_MAP_H */
