/* SPDX-License-Identifier: GPL-2.0 */
/* How &dvpn_dev.maps is hashed: constant, so that it is compiled in. */
#ifndef DVPN_MAP_HASH_H
#define DVPN_MAP_HASH_H

#include <linux/rhashtable.h>

#include "map.h"

static __always_inline u32 dvpn_map_hash(const void *data, u32 len, u32 seed)
{
	const struct dvpn_map_key *key = data;

	return dvpn_ip_hash(&key->addr, key->family, key->prefixlen, seed);
}

static __always_inline int
dvpn_map_differs(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct dvpn_map_key *a = arg->key;
	const struct dvpn_map_key *b = &((const struct dvpn_map *)obj)->key;

	return a->family != b->family || a->prefixlen != b->prefixlen ||
	       !dvpn_ip_same(&a->addr, &b->addr, a->family);
}

static const struct rhashtable_params dvpn_map_params = {
	.key_len = sizeof(struct dvpn_map_key),
	.key_offset = offsetof(struct dvpn_map, key),
	.head_offset = offsetof(struct dvpn_map, node),
	.hashfn = dvpn_map_hash,
	.obj_cmpfn = dvpn_map_differs,
	.automatic_shrinking = true,
};

/* Not seeded: who makes prefixes collide gets a lookup, as without. */
static inline unsigned int dvpn_prefix_hash(const struct dvpn_map_key *key)
{
	return dvpn_ip_hash(&key->addr, key->family, key->prefixlen, 0) &
	       ((1 << DVPN_PREFIX_HASH_BITS) - 1);
}

#endif /* DVPN_MAP_HASH_H */
