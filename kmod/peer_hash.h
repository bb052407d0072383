/* SPDX-License-Identifier: GPL-2.0 */
/* How &dvpn_dev.peers is hashed, constant, so that it is compiled in; and the
 * lookup that receive does for almost every packet.
 */
#ifndef DVPN_PEER_HASH_H
#define DVPN_PEER_HASH_H

#include <linux/rhashtable.h>

#include "device.h"
#include "peer.h"

static __always_inline u32 dvpn_locator_hash(const void *data, u32 len,
					     u32 seed)
{
	const struct dvpn_locator *loc = data;

	return dvpn_ip_hash(&loc->nbma, loc->family,
			    loc->encap << 16 | (__force u16)loc->port, seed);
}

static __always_inline int
dvpn_locator_differs(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct dvpn_locator *a = arg->key;
	const struct dvpn_locator *b =
		&((const struct dvpn_peer *)obj)->key.loc;

	return a->family != b->family || a->encap != b->encap ||
	       a->port != b->port ||
	       !dvpn_ip_same(&a->nbma, &b->nbma, a->family);
}

static const struct rhashtable_params dvpn_peer_params = {
	.key_len = sizeof(struct dvpn_locator),
	.key_offset = offsetof(struct dvpn_peer, key.loc),
	.head_offset = offsetof(struct dvpn_peer, node),
	.hashfn = dvpn_locator_hash,
	.obj_cmpfn = dvpn_locator_differs,
	.automatic_shrinking = true,
};

/* May @peer, which has the locator, have sent a packet with @mark through the
 * xfrm interface @if_id (0 none)? When all that keeps a peer is over it is gone
 * already. Under RCU.
 */
static __always_inline bool dvpn_peer_sent(struct dvpn_dev *dd,
					   const struct dvpn_peer *peer,
					   u32 mark, u32 if_id)
{
	u32 want = peer->key.if_id ?: rcu_dereference(dd->conf)->if_id;

	if (want && want != if_id)
		return false;
	if ((mark ^ peer->key.mark) & READ_ONCE(peer->mark_mask))
		return false;
	return !dvpn_expired(dd, READ_ONCE(peer->until_ns));
}

/* dvpn_peer_find_rx() if only one peer has the locator; NULL: ask that. */
static __always_inline struct dvpn_peer *
dvpn_peer_find_only(struct dvpn_dev *dd, const struct dvpn_locator *loc,
		    u32 mark, u32 if_id)
{
	struct rhlist_head *list;
	struct dvpn_peer *peer;

	list = rhltable_lookup(&dd->peers, loc, dvpn_peer_params);
	if (unlikely(!list || rcu_access_pointer(list->next)))
		return NULL;
	peer = container_of(list, struct dvpn_peer, node);
	return likely(dvpn_peer_sent(dd, peer, mark, if_id)) ? peer : NULL;
}

#endif /* DVPN_PEER_HASH_H */
