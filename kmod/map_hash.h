/* SPDX-License-Identifier: GPL-2.0 */
/* How &dvpn_dev.maps is hashed: constant, so that it is compiled in. */
#ifndef DVPN_MAP_HASH_H
#define DVPN_MAP_HASH_H

#include <linux/rhashtable.h>

#include "map.h"

static const struct rhashtable_params dvpn_map_params = {
	.key_len = sizeof(struct dvpn_map_key),
	.key_offset = offsetof(struct dvpn_map, key),
	.head_offset = offsetof(struct dvpn_map, node),
	.automatic_shrinking = true,
};

#endif /* DVPN_MAP_HASH_H */
