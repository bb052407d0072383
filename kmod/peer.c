// SPDX-License-Identifier: GPL-2.0
/* Peers: NBMA endpoints, what they are found by and how they come and go. */

#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/dst.h>

#include "group.h"
#include "hook.h"
#include "keepalive.h"
#include "netlink.h"
#include "peer_hash.h"
#include "table.h"

/* Transmit reads one line of a peer, and its size is multiplied by 10^5. */
static_assert(offsetofend(struct dvpn_peer, last_rx) <= 64);
static_assert(sizeof(struct dvpn_peer) <= 512);
static_assert(sizeof(struct dvpn_peer_pcpu) == 64);
/* Compared and hashed as memory. */
static_assert(sizeof(struct dvpn_locator) == 20);

static_assert(DVPN_PEER_F_ALL <= U16_MAX);

static struct kmem_cache *peer_cache;

static const struct rhashtable_params any_sport_params = {
	.key_len = offsetof(struct dvpn_locator, port),
	.key_offset = offsetof(struct dvpn_peer, key.loc),
	.head_offset = offsetof(struct dvpn_peer, any_sport_node),
	.automatic_shrinking = true,
};

/* ----- data path ----- */

/* A peer that uses its UDP source port as entropy. */
static struct dvpn_peer *find_any_sport(struct dvpn_dev *dd,
					const struct dvpn_locator *loc,
					u32 mark, u32 if_id)
{
	struct dvpn_peer *peer, *any_mark = NULL;
	struct rhlist_head *pos, *list;

	list = rhltable_lookup(&dd->any_sport_peers, loc, any_sport_params);
	rhl_for_each_entry_rcu(peer, pos, list, any_sport_node) {
		if (!(READ_ONCE(peer->flags) & DVPN_PEER_F_ANY_SPORT) ||
		    !dvpn_peer_sent(dd, peer, mark, if_id))
			continue;
		if (READ_ONCE(peer->mark_mask))
			return peer;
		any_mark = peer;
	}

	return any_mark;
}

/**
 * dvpn_peer_find_rx() - which peer sent a packet?
 * @dd: device
 * @loc: sender, as the packet tells
 * @mark: skb->mark
 * @if_id: xfrm interface id of the ESP state, 0 none
 *
 * Of several behind one address the one whose mark must match goes before one
 * that takes any mark, and one with this UDP port before one with any.
 *
 * Context: RCU.
 * Return: the peer, or NULL: none of this device.
 */
struct dvpn_peer *dvpn_peer_find_rx(struct dvpn_dev *dd,
				    const struct dvpn_locator *loc, u32 mark,
				    u32 if_id)
{
	struct dvpn_peer *peer, *any_mark = NULL;
	struct rhlist_head *pos, *list;

	list = rhltable_lookup(&dd->peers, loc, dvpn_peer_params);
	rhl_for_each_entry_rcu(peer, pos, list, node) {
		if (!dvpn_peer_sent(dd, peer, mark, if_id))
			continue;
		if (READ_ONCE(peer->mark_mask))
			return peer;
		any_mark = peer;
	}
	if (!any_mark && loc->encap == DVPN_ENCAP_UDP)
		return find_any_sport(dd, loc, mark, if_id);

	return any_mark;
}

/**
 * dvpn_peer_find() - find a peer by its exact key
 * @dd: device
 * @key: its key
 *
 * Context: RCU or table_lock.
 * Return: the peer or NULL.
 */
struct dvpn_peer *dvpn_peer_find(struct dvpn_dev *dd,
				 const struct dvpn_peer_key *key)
{
	struct rhlist_head *pos, *list;
	struct dvpn_peer *peer;

	rcu_read_lock();
	list = rhltable_lookup(&dd->peers, &key->loc, dvpn_peer_params);
	rhl_for_each_entry_rcu(peer, pos, list, node)
		if (peer->key.mark == key->mark &&
		    peer->key.if_id == key->if_id)
			goto out;
	peer = NULL;
out:
	rcu_read_unlock();

	return peer;
}

static void bump(u32 *gen)
{
	u32 old = READ_ONCE(*gen);

	while (!try_cmpxchg(gen, &old, old + 1))
		;
}

/**
 * dvpn_peer_reset_dst() - drop the cached routes of a peer
 * @peer: the peer
 *
 * They are let go when they are next looked at, or with the peer.
 *
 * Context: any.
 */
void dvpn_peer_reset_dst(struct dvpn_peer *peer)
{
	bump(&peer->dst_gen);
}

/**
 * dvpn_dev_reset_dst() - drop the cached routes of all peers of a device
 * @dd: device
 *
 * Context: any.
 */
void dvpn_dev_reset_dst(struct dvpn_dev *dd)
{
	bump(&dd->dst_gen);
}

/**
 * dvpn_peer_stats_fold() - add up the counters of all CPUs
 * @peer: the peer
 * @stats: filled in
 *
 * Context: RCU or table_lock.
 */
void dvpn_peer_stats_fold(const struct dvpn_peer *peer,
			  struct dvpn_peer_stats *stats)
{
	const struct dvpn_peer_pcpu *pcpu;
	struct dvpn_peer_stats one;
	unsigned int start;
	int cpu;

	memset(stats, 0, sizeof(*stats));
	for_each_possible_cpu(cpu) {
		pcpu = per_cpu_ptr(peer->pcpu, cpu);
		do {
			start = u64_stats_fetch_begin(&pcpu->syncp);
			one.tx_packets = u64_stats_read(&pcpu->tx_packets);
			one.tx_bytes = u64_stats_read(&pcpu->tx_bytes);
			one.rx_packets = u64_stats_read(&pcpu->rx_packets);
			one.rx_bytes = u64_stats_read(&pcpu->rx_bytes);
		} while (u64_stats_fetch_retry(&pcpu->syncp, start));
		stats->tx_packets += one.tx_packets;
		stats->tx_bytes += one.tx_bytes;
		stats->rx_packets += one.rx_packets;
		stats->rx_bytes += one.rx_bytes;
	}
}

/* ----- writers ----- */

/* Two peers with one address and port: each must be told apart by a mark or an
 * interface id, or one gets what is the other's.
 */
static bool told_apart(const struct dvpn_peer_key *a,
		       const struct dvpn_peer_key *b)
{
	return (a->mark && b->mark && a->mark != b->mark) ||
	       (a->if_id && b->if_id && a->if_id != b->if_id);
}

static int udp_check(struct dvpn_dev *dd, const struct dvpn_peer_key *key,
		     struct netlink_ext_ack *extack)
{
	struct rhlist_head *pos, *list;
	struct dvpn_peer *peer;
	int err = 0;

	rcu_read_lock();
	if (!rcu_dereference(dd->conf)->port) {
		NL_SET_ERR_MSG(extack, "the device has no UDP port: give it one with \"port\"");
		err = -EINVAL;
		goto out;
	}
	list = rhltable_lookup(&dd->peers, &key->loc, dvpn_peer_params);
	rhl_for_each_entry_rcu(peer, pos, list, node) {
		if (told_apart(&peer->key, key))
			continue;
		dvpn_compat_err(extack,
				"another peer has this address and UDP port: give both marks of their own",
				"peer %u has this address and UDP port: give both marks of their own",
				peer->id);
		err = -EEXIST;
		break;
	}
out:
	rcu_read_unlock();

	return err;
}

static struct dvpn_peer *peer_alloc(const struct dvpn_peer_key *key, u32 owner)
{
	struct dvpn_peer *peer;
	int cpu;

	peer = kmem_cache_zalloc(peer_cache, GFP_KERNEL);
	if (!peer)
		return NULL;
	peer->pcpu = alloc_percpu_gfp(struct dvpn_peer_pcpu,
				      GFP_KERNEL_ACCOUNT);
	if (!peer->pcpu) {
		kmem_cache_free(peer_cache, peer);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(peer->pcpu, cpu)->syncp);

	peer->key = *key;
	peer->mtu_told = U32_MAX;
	peer->owner = owner;
	peer->created_ns = ktime_get_coarse_boottime_ns();
	peer->last_tx = jiffies;
	INIT_LIST_HEAD(&peer->groups);
	dvpn_peer_update_until(peer, NULL);
	timerqueue_init(&peer->expiry);
	timerqueue_init(&peer->keepalive);

	return peer;
}

static void peer_free(struct dvpn_peer *peer)
{
	int cpu;

	for_each_possible_cpu(cpu)
		dst_release(per_cpu_ptr(peer->pcpu, cpu)->dst);
	free_percpu(peer->pcpu);
	kmem_cache_free(peer_cache, peer);
}

static void peer_free_rcu(struct rcu_head *rcu)
{
	peer_free(container_of(rcu, struct dvpn_peer, rcu));
}

/**
 * dvpn_peer_create() - make a peer with defaults
 * @dd: device
 * @key: its key; there is no such peer yet
 * @owner: who wants it
 * @extack: where the text of a refusal goes
 *
 * Context: dvpn_table_lock() is held.
 * Return: the peer, or ERR_PTR: as dvpn_peer_key_check(); -EEXIST another UDP
 *	peer cannot be told from it; -ENOSPC; -ENOMEM.
 */
struct dvpn_peer *dvpn_peer_create(struct dvpn_dev *dd,
				   const struct dvpn_peer_key *key, u32 owner,
				   struct netlink_ext_ack *extack)
{
	struct dvpn_peer *peer;
	u32 max_peers;
	int err;

	lockdep_assert_held(&dd->table_lock);

	err = dvpn_peer_key_check(dd, key, extack);
	if (!err && key->loc.encap == DVPN_ENCAP_UDP)
		err = udp_check(dd, key, extack);
	if (err)
		return ERR_PTR(err);

	rcu_read_lock();
	max_peers = rcu_dereference(dd->conf)->max_peers;
	rcu_read_unlock();
	if (dd->n_peers >= max_peers) {
		NL_SET_ERR_MSG(extack, "the device has max-peers peers");
		return ERR_PTR(-ENOSPC);
	}

	peer = peer_alloc(key, owner);
	if (!peer)
		return ERR_PTR(-ENOMEM);
	err = xa_alloc_cyclic(&dd->peer_ids, &peer->id, peer, xa_limit_31b,
			      &dd->next_peer_id, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		goto err_free;
	err = rhltable_insert(&dd->peers, &peer->node, dvpn_peer_params);
	if (err)
		goto err_id;

	dd->n_peers++;
	if (key->loc.family == AF_INET6 && !dd->n_peers6++)
		dd->defrag6 = dvpn_defrag6_get(dd->net);
	dvpn_table_changed(dd);
	return peer;

err_id:
	/* Whoever walks the ids may have met it. */
	xa_erase(&dd->peer_ids, peer->id);
	call_rcu(&peer->rcu, peer_free_rcu);
	return ERR_PTR(err);
err_free:
	peer_free(peer);
	return ERR_PTR(err);
}

/* Mark the peer as one of those that take multicast, or not. */
static void mcast_update(struct dvpn_dev *dd, struct dvpn_peer *peer)
{
	bool takes = peer->n_mcast && !(peer->flags & DVPN_PEER_F_RX_ONLY);

	if (takes == peer->takes_mcast)
		return;

	if (takes) {
		xa_set_mark(&dd->peer_ids, peer->id, DVPN_PEER_MCAST);
		WRITE_ONCE(dd->n_mcast_peers, dd->n_mcast_peers + 1);
	} else {
		xa_clear_mark(&dd->peer_ids, peer->id, DVPN_PEER_MCAST);
		WRITE_ONCE(dd->n_mcast_peers, dd->n_mcast_peers - 1);
	}
	peer->takes_mcast = takes;
}

/**
 * dvpn_peer_count_mcast() - more or less mappings to a peer take multicast
 * @dd: device
 * @peer: the peer
 * @n: how many more
 *
 * Context: dvpn_table_lock() is held.
 */
void dvpn_peer_count_mcast(struct dvpn_dev *dd, struct dvpn_peer *peer, int n)
{
	lockdep_assert_held(&dd->table_lock);

	WRITE_ONCE(peer->n_mcast, peer->n_mcast + n);
	mcast_update(dd, peer);
}

/* What the peer is to be able to do. */
static int change_check(struct dvpn_dev *dd, struct dvpn_peer *peer, u32 flags,
			struct netlink_ext_ack *extack)
{
	int err;

	if ((flags & (DVPN_PEER_F_ANY_SPORT | DVPN_PEER_F_SPORT_FLOW)) &&
	    peer->key.loc.encap != DVPN_ENCAP_UDP) {
		NL_SET_ERR_MSG(extack, "any-sport and sport-flow are for UDP peers");
		return -EINVAL;
	}
	if (!(flags & DVPN_PEER_F_ANY_SPORT) || peer->any_sport_listed)
		return 0;
	err = rhltable_insert(&dd->any_sport_peers, &peer->any_sport_node,
			      any_sport_params);
	if (err) {
		NL_SET_ERR_MSG(extack, "no memory for a peer with any source port");
		return -ENOMEM;
	}
	peer->any_sport_listed = true;

	return 0;
}

/**
 * dvpn_peer_change() - change what is given of a peer
 * @dd: device
 * @peer: the peer
 * @attrs: what the request says
 * @extack: where the text of a refusal goes
 *
 * Context: dvpn_table_lock() is held.
 * Return: 0; -EINVAL a flag is not for such a peer; -ENOMEM.
 */
int dvpn_peer_change(struct dvpn_dev *dd, struct dvpn_peer *peer,
		     const struct dvpn_peer_attrs *attrs,
		     struct netlink_ext_ack *extack)
{
	u32 flags = (peer->flags & ~attrs->flags_mask) |
		    (attrs->flags & attrs->flags_mask);
	int err;

	lockdep_assert_held(&dd->table_lock);

	err = change_check(dd, peer, flags, extack);
	if (err)
		return err;

	if (attrs->has_owner)
		peer->owner = attrs->owner;
	if (attrs->has_mark_mask)
		WRITE_ONCE(peer->mark_mask, attrs->mark_mask);
	if (attrs->has_mtu)
		peer->mtu = attrs->mtu;
	if (attrs->has_mtu_advertised)
		peer->mtu_advertised = attrs->mtu_advertised;
	WRITE_ONCE(peer->mtu_told,
		   min_not_zero(peer->mtu, peer->mtu_advertised) ?: U32_MAX);
	if (attrs->has_mss)
		WRITE_ONCE(peer->mss, attrs->mss);
	if (attrs->has_keepalive && attrs->keepalive_s != peer->keepalive_s)
		dvpn_keepalive_set(dd, peer, attrs->keepalive_s);
	if (attrs->has_cookie) {
		peer->cookie_len = attrs->cookie_len;
		memcpy(peer->cookie, attrs->cookie, attrs->cookie_len);
	}
	if (attrs->has_expires) {
		WRITE_ONCE(peer->expires_ns, attrs->expires_ns);
		dvpn_expiry_set(&dd->peer_expiry, &peer->expiry,
				attrs->expires_ns);
	}
	dvpn_peer_update_until(peer, NULL);
	if (flags != peer->flags) {
		WRITE_ONCE(peer->flags, flags);
		mcast_update(dd, peer);
		dvpn_nhs_update(dd);
	}
	dvpn_table_changed(dd);

	return 0;
}

static void defrag6_end(struct dvpn_dev *dd)
{
	if (dd->defrag6)
		dvpn_defrag6_put(dd->net);
	dd->defrag6 = false;
}

/**
 * dvpn_peer_remove() - remove a peer that has no mappings
 * @dd: device
 * @peer: the peer
 * @reason: why, for observers and the agent
 *
 * It is freed, with its cached routes, after a grace period.
 *
 * Context: dvpn_table_lock() is held.
 */
void dvpn_peer_remove(struct dvpn_dev *dd, struct dvpn_peer *peer,
		      enum dvpn_reason reason)
{
	lockdep_assert_held(&dd->table_lock);
	WARN_ON_ONCE(peer->n_maps);

	dvpn_group_forget(dd, peer);
	rhltable_remove(&dd->peers, &peer->node, dvpn_peer_params);
	if (peer->any_sport_listed)
		rhltable_remove(&dd->any_sport_peers, &peer->any_sport_node,
				any_sport_params);
	xa_erase(&dd->peer_ids, peer->id);
	dvpn_expiry_set(&dd->peer_expiry, &peer->expiry, 0);
	dvpn_keepalive_set(dd, peer, 0);
	dd->n_peers--;
	if (peer->key.loc.family == AF_INET6 && !--dd->n_peers6)
		defrag6_end(dd);
	dvpn_table_changed(dd);
	dvpn_notify_peer(dd, peer, DVPN_CMD_PEER_DEL_NTF, reason);

	/* Frees the cached routes as well. They may be many: no waiting here. */
	call_rcu(&peer->rcu, peer_free_rcu);
}

/**
 * dvpn_peer_release() - remove a peer unless something needs it
 * @dd: device
 * @peer: the peer
 * @reason: why, for observers and the agent
 *
 * Mappings do, and as long as it has not expired PEER_NEW.
 *
 * Context: dvpn_table_lock() is held.
 */
void dvpn_peer_release(struct dvpn_dev *dd, struct dvpn_peer *peer,
		       enum dvpn_reason reason)
{
	lockdep_assert_held(&dd->table_lock);

	if (peer->n_maps)
		return;
	if (peer->explicit && !dvpn_expired(dd, peer->expires_ns)) {
		/* Its turn came while it had mappings, and now it is deferred:
		 * there is no agent.
		 */
		dvpn_expiry_set(&dd->peer_expiry, &peer->expiry,
				peer->expires_ns);
		return;
	}
	dvpn_peer_remove(dd, peer, reason);
}

/**
 * dvpn_peers_init() - prepare for peers
 * @dd: device
 *
 * Context: process, before the device is visible.
 * Return: 0 or -ENOMEM.
 */
int dvpn_peers_init(struct dvpn_dev *dd)
{
	int err;

	xa_init_flags(&dd->peer_ids, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);

	err = rhltable_init(&dd->any_sport_peers, &any_sport_params);
	if (err)
		return err;
	err = rhltable_init(&dd->peers, &dvpn_peer_params);
	if (err)
		rhltable_destroy(&dd->any_sport_peers);

	return err;
}

static void peer_destroy(void *ptr, void *arg)
{
	peer_free(ptr);
}

/**
 * dvpn_peers_destroy() - free all peers
 * @dd: device
 *
 * Context: process; after dvpn_maps_destroy().
 */
void dvpn_peers_destroy(struct dvpn_dev *dd)
{
	rhltable_destroy(&dd->any_sport_peers);
	rhltable_free_and_destroy(&dd->peers, peer_destroy, NULL);
	xa_destroy(&dd->peer_ids);
	defrag6_end(dd);
}

/**
 * dvpn_peer_cache_init() - prepare memory for peers
 *
 * Context: process, once.
 * Return: 0 or -ENOMEM.
 */
int dvpn_peer_cache_init(void)
{
	peer_cache = dvpn_compat_cache_create("dvpn_peer",
					      sizeof(struct dvpn_peer));

	return peer_cache ? 0 : -ENOMEM;
}

/**
 * dvpn_peer_cache_exit() - give that back
 *
 * Context: process; all peers are freed.
 */
void dvpn_peer_cache_exit(void)
{
	kmem_cache_destroy(peer_cache);
}
