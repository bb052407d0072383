// SPDX-License-Identifier: GPL-2.0
/* The data path's view of the table: to whom does a packet go? */

#include <linux/inetdevice.h>
#include <linux/jiffies.h>
#include <net/ipv6.h>

#include "lookup.h"

/**
 * dvpn_map_key_init() - make the key of a mapping
 * @key: filled in
 * @family: AF_INET or AF_INET6
 * @addr: address
 * @prefixlen: bits of it that count
 *
 * What lies behind the prefix is cleared.
 *
 * Context: any.
 */
void dvpn_map_key_init(struct dvpn_map_key *key, u8 family,
		       const union dvpn_ip *addr, u8 prefixlen)
{
	memset(key, 0, sizeof(*key));
	key->family = family;
	key->prefixlen = prefixlen;
	if (family == AF_INET)
		key->addr.v4 = addr->v4 & inet_make_mask(prefixlen);
	else
		ipv6_addr_prefix(&key->addr.v6, &addr->v6, prefixlen);
}

/**
 * dvpn_map_find() - find a mapping by its exact key
 * @dd: device
 * @key: its key
 *
 * Context: RCU or table_lock.
 * Return: the mapping, which may have expired, or NULL.
 */
struct dvpn_map *dvpn_map_find(struct dvpn_dev *dd,
			       const struct dvpn_map_key *key)
{
	return rhashtable_lookup_fast(&dd->maps, key, dvpn_map_params);
}

/**
 * dvpn_map_find_host() - find the mapping of one address
 * @dd: device
 * @family: AF_INET or AF_INET6
 * @addr: protocol address
 *
 * Context: RCU.
 * Return: the mapping, whatever its flags, but not expired; or NULL.
 */
struct dvpn_map *dvpn_map_find_host(struct dvpn_dev *dd, u8 family,
				    const union dvpn_ip *addr)
{
	return dvpn_map_lookup_host(dd, family, addr);
}

/**
 * dvpn_nhs_get() - who takes what has no mapping of its own?
 * @dd: device
 *
 * Exact: when the best one has expired the next one is found here, not only
 * when the garbage collection has come to it.
 *
 * Context: RCU.
 * Return: the usable NHS mapping with the lowest preference, or NULL.
 */
struct dvpn_map *dvpn_nhs_get(struct dvpn_dev *dd)
{
	struct dvpn_map *nhs = rcu_dereference(dd->nhs);

	if (!nhs || likely(!dvpn_expired(dd, nhs->expires_ns)))
		return nhs;

	/* The best one has just expired: take the next one. */
	dvpn_gc_kick(dd);
	list_for_each_entry_rcu(nhs, &dd->nhs_maps, nhs_node)
		if (dvpn_map_usable(nhs) && !dvpn_expired(dd, nhs->expires_ns))
			return nhs;

	return NULL;
}

/**
 * dvpn_nhs_update() - choose the default NHS again
 * @dd: device
 *
 * For everybody who changed what makes a mapping usable.
 *
 * Context: dvpn_table_lock() is held.
 */
void dvpn_nhs_update(struct dvpn_dev *dd)
{
	struct dvpn_map *nhs;

	list_for_each_entry_rcu(nhs, &dd->nhs_maps, nhs_node,
				lockdep_is_held(&dd->table_lock))
		if (dvpn_map_usable(nhs) && !dvpn_expired(dd, nhs->expires_ns))
			goto out;
	nhs = NULL;
out:
	rcu_assign_pointer(dd->nhs, nhs);
}

static struct dvpn_map *find_prefix(struct dvpn_dev *dd, u8 family,
				    const union dvpn_ip *dst, u8 prefixlen)
{
	struct dvpn_map_key key = {
		.family = family,
		.prefixlen = prefixlen,
	};
	struct dvpn_map *map;

	if (likely(family == AF_INET))
		key.addr.v4 = dst->v4 & inet_make_mask(prefixlen);
	else
		ipv6_addr_prefix(&key.addr.v6, &dst->v6, prefixlen);
	if (!test_bit(dvpn_prefix_hash(&key), dd->prefix_filter))
		return NULL;
	map = dvpn_map_lookup(dd, &key);
	if (!map || !dvpn_map_usable(map))
		return NULL;
	/* The full length belongs to next hops, unless the flag says more. */
	if (prefixlen == dvpn_family_bits(family) &&
	    !(map->flags & DVPN_MAP_F_SHORTCUT))
		return NULL;

	return map;
}

/**
 * dvpn_map_select_prefix() - longest match over the prefix lengths in use
 * @dd: device
 * @family: of @dst
 * @dst: destination of the packet
 *
 * A bit of the lengths in use, and one of the filter, is set before the first
 * mapping that needs it can be found and cleared after the last one is gone.
 *
 * Context: RCU.
 * Return: usable mapping, or NULL.
 */
struct dvpn_map *dvpn_map_select_prefix(struct dvpn_dev *dd, u8 family,
					const union dvpn_ip *dst)
{
	const unsigned long *used = dd->prefix_used4;
	int i = BITS_TO_LONGS(33) - 1;
	struct dvpn_map *map;
	unsigned long word;
	unsigned int bit;

	if (family == AF_INET6) {
		used = dd->prefix_used6;
		i = BITS_TO_LONGS(129) - 1;
	}

	for (; i >= 0; i--) {
		word = READ_ONCE(used[i]);
		while (unlikely(word)) {
			bit = __fls(word);
			word &= ~BIT(bit);
			map = find_prefix(dd, family, dst,
					  i * BITS_PER_LONG + bit);
			if (map)
				return map;
		}
	}

	return NULL;
}

/**
 * dvpn_map_fallback() - where to without a usable mapping of the next hop?
 * @dd: device
 * @host: the mapping of the next hop, not usable, or NULL
 * @mapp: the mapping to send by, or NULL
 *
 * Context: RCU.
 * Return: as dvpn_map_select().
 */
enum dvpn_route dvpn_map_fallback(struct dvpn_dev *dd,
				  const struct dvpn_map *host,
				  struct dvpn_map **mapp)
{
	*mapp = dvpn_nhs_get(dd);
	if (!host || !dvpn_map_may_transmit(host))
		return DVPN_ROUTE_MISS;

	return *mapp ? DVPN_ROUTE_NHS : DVPN_ROUTE_UNREACHABLE;
}

/**
 * dvpn_map_select() - where does a packet go?
 * @dd: device
 * @family: of @dst
 * @dst: destination of the packet
 * @nexthop: its next hop, with a family of its own (IPv4 by an IPv6 next
 *	hop)
 * @mapp: the mapping to send by, or NULL
 *
 * Prefixes and SHORTCUT hosts on the destination, longest first, pass over
 * what is on probation, unreachable, expired or of an RX_ONLY peer. Then the
 * host mapping of the next hop, whose probation or unreachability leads to the
 * default NHS.
 *
 * Context: RCU.
 * Return: how the choice was made, &enum dvpn_route.
 */
enum dvpn_route dvpn_map_select(struct dvpn_dev *dd, u8 family,
				const union dvpn_ip *dst,
				const struct dvpn_addr *nexthop,
				struct dvpn_map **mapp)
{
	return __dvpn_map_select(dd, family, dst, nexthop, mapp);
}
