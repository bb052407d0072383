/* SPDX-License-Identifier: GPL-2.0 */
/* The choice of a mapping as far as transmit goes for almost every packet. It
 * is here, so that it is compiled into transmit: half of what it costs would be
 * the calls.
 */
#ifndef DVPN_LOOKUP_H
#define DVPN_LOOKUP_H

#include <linux/prefetch.h>

#include "device.h"
#include "map_hash.h"
#include "table.h"

#define DVPN_MAP_F_UNUSABLE	(DVPN_MAP_F_PROBATION |		\
				 DVPN_MAP_F_UNREACHABLE)

static inline bool dvpn_map_may_transmit(const struct dvpn_map *map)
{
	return !(READ_ONCE(map->peer->flags) & DVPN_PEER_F_RX_ONLY);
}

static inline bool dvpn_map_usable(const struct dvpn_map *map)
{
	return !(map->flags & DVPN_MAP_F_UNUSABLE) &&
	       dvpn_map_may_transmit(map);
}

/* Under RCU. What has expired is not there, but will be removed soon. */
static __always_inline struct dvpn_map *
dvpn_map_lookup(struct dvpn_dev *dd, const struct dvpn_map_key *key)
{
	struct dvpn_map *map;

	map = rhashtable_lookup(&dd->maps, key, dvpn_map_params);
	if (!map)
		return NULL;
	/* On its way while the peer is read, which would lead there, too. */
	prefetchw(raw_cpu_ptr(map->pcpu));
	if (unlikely(dvpn_expired(dd, map->expires_ns))) {
		dvpn_gc_kick(dd);
		return NULL;
	}

	return map;
}

static __always_inline struct dvpn_map *
dvpn_map_lookup_host(struct dvpn_dev *dd, u8 family, const union dvpn_ip *addr)
{
	struct dvpn_map_key key = {
		.addr = *addr,
		.family = family,
		.prefixlen = dvpn_family_bits(family),
	};

	return dvpn_map_lookup(dd, &key);
}

static inline bool dvpn_prefixes_used(const struct dvpn_dev *dd, u8 family)
{
	unsigned long used = 0;
	int i;

	if (likely(family == AF_INET))
		for (i = 0; i < BITS_TO_LONGS(33); i++)
			used |= READ_ONCE(dd->prefix_used4[i]);
	else
		for (i = 0; i < BITS_TO_LONGS(129); i++)
			used |= READ_ONCE(dd->prefix_used6[i]);
	return used;
}

/* Longest match on the destination, or NULL. Under RCU. */
struct dvpn_map *dvpn_map_select_prefix(struct dvpn_dev *dd, u8 family,
					const union dvpn_ip *dst);
/* The next hop has no usable mapping, but perhaps @host. As dvpn_map_select(). */
enum dvpn_route dvpn_map_fallback(struct dvpn_dev *dd,
				  const struct dvpn_map *host,
				  struct dvpn_map **mapp);

/* dvpn_map_select(), inline. */
static __always_inline enum dvpn_route
__dvpn_map_select(struct dvpn_dev *dd, u8 family, const union dvpn_ip *dst,
		  const struct dvpn_addr *nexthop, struct dvpn_map **mapp)
{
	struct dvpn_map *map;

	if (dvpn_prefixes_used(dd, family)) {
		map = dvpn_map_select_prefix(dd, family, dst);
		if (map) {
			*mapp = map;
			return DVPN_ROUTE_MAP;
		}
	}

	map = dvpn_map_lookup_host(dd, nexthop->family, &nexthop->ip);
	if (unlikely(!map || !dvpn_map_usable(map)))
		return dvpn_map_fallback(dd, map, mapp);
	*mapp = map;
	return DVPN_ROUTE_MAP;
}

#endif /* DVPN_LOOKUP_H */
