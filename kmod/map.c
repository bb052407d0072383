// SPDX-License-Identifier: GPL-2.0
/* Mappings: how they come, change and go. Readers are in lookup.c. */

#include <linux/netlink.h>
#include <linux/slab.h>

#include "keepalive.h"
#include "map_hash.h"
#include "netlink.h"
#include "table.h"

/* Transmit reads one line of a mapping. */
static_assert(offsetofend(struct dvpn_map, last_used) <= 64);
static_assert(sizeof(struct dvpn_map) == 192);
static_assert(DVPN_MAP_F_ALL <= U16_MAX);
/* Compared and hashed as memory. */
static_assert(sizeof(struct dvpn_map_key) == 20);

static struct kmem_cache *map_cache;

/* ----- what follows from a mapping being there ----- */

static bool is_prefix(const struct dvpn_map *map)
{
	return map->key.prefixlen < dvpn_family_bits(map->key.family) ||
	       map->flags & DVPN_MAP_F_SHORTCUT;
}

/* Before @map can be found: have its length looked up, and its hash found. */
static void prefix_get(struct dvpn_dev *dd, const struct dvpn_map *map)
{
	unsigned int hash = dvpn_prefix_hash(&map->key);
	u8 len = map->key.prefixlen;

	if (!is_prefix(map))
		return;
	if (!dd->prefix_filter_count[hash]++)
		set_bit(hash, dd->prefix_filter);
	if (map->key.family == AF_INET) {
		if (!dd->prefix_count4[len]++)
			set_bit(len, dd->prefix_used4);
	} else {
		if (!dd->prefix_count6[len]++)
			set_bit(len, dd->prefix_used6);
	}
}

/* After @map cannot be found any more. */
static void prefix_put(struct dvpn_dev *dd, const struct dvpn_map *map)
{
	unsigned int hash = dvpn_prefix_hash(&map->key);
	u8 len = map->key.prefixlen;

	if (!is_prefix(map))
		return;
	if (!--dd->prefix_filter_count[hash])
		clear_bit(hash, dd->prefix_filter);
	if (map->key.family == AF_INET) {
		if (!--dd->prefix_count4[len])
			clear_bit(len, dd->prefix_used4);
	} else {
		if (!--dd->prefix_count6[len])
			clear_bit(len, dd->prefix_used6);
	}
}

static bool takes_mcast(const struct dvpn_map *map)
{
	return (map->flags & DVPN_MAP_F_MULTICAST) &&
	       !(map->flags & (DVPN_MAP_F_PROBATION |
			       DVPN_MAP_F_UNREACHABLE));
}

/* The list is ordered: lowest preference first, then lowest id. */
static void nhs_link(struct dvpn_dev *dd, struct dvpn_map *map)
{
	struct list_head *pos = &dd->nhs_maps;
	struct dvpn_map *other;

	list_for_each_entry(other, &dd->nhs_maps, nhs_node) {
		if (other->preference > map->preference ||
		    (other->preference == map->preference &&
		     other->id > map->id))
			break;
		pos = &other->nhs_node;
	}
	list_add_rcu(&map->nhs_node, pos);
}

/* The later one of two ends, 0 being never. */
static u64 later_ns(u64 a_ns, u64 b_ns)
{
	return a_ns && b_ns ? max(a_ns, b_ns) : 0;
}

/* Long past, as the clock counts from the start of the kernel. */
#define DVPN_PAST_NS	1

/**
 * dvpn_peer_update_until() - find out when the last reason for a peer ends
 * @peer: the peer
 * @map: mapping that has just been counted for it, or NULL
 *
 * Never too early. It may be too late if the mapping that was to live longest
 * is deleted before the others; then the peer goes with its last mapping, as
 * soon as that is collected.
 *
 * Context: dvpn_table_lock() is held, or nobody else knows @peer.
 */
void dvpn_peer_update_until(struct dvpn_peer *peer, const struct dvpn_map *map)
{
	u64 until_ns = peer->explicit ? peer->expires_ns : DVPN_PAST_NS;

	if (peer->n_maps > !!map)
		until_ns = later_ns(until_ns, peer->until_ns);
	if (map)
		until_ns = later_ns(until_ns, map->expires_ns);
	WRITE_ONCE(peer->until_ns, until_ns);

	if (!map || !takes_mcast(map))
		return;
	WRITE_ONCE(peer->mcast_until_ns, peer->n_mcast == 1 ? map->expires_ns :
		   later_ns(peer->mcast_until_ns, map->expires_ns));
}

static void map_link(struct dvpn_dev *dd, struct dvpn_map *map)
{
	struct dvpn_peer *peer = map->peer;

	WRITE_ONCE(peer->n_maps, peer->n_maps + 1);
	if (takes_mcast(map))
		dvpn_peer_count_mcast(dd, peer, 1);
	dvpn_peer_update_until(peer, map);
	if (map->flags & DVPN_MAP_F_NHS)
		nhs_link(dd, map);
	dvpn_expiry_set(&dd->map_expiry, &map->expiry, map->expires_ns);
}

static void map_unlink(struct dvpn_dev *dd, struct dvpn_map *map)
{
	struct dvpn_peer *peer = map->peer;

	dvpn_expiry_set(&dd->map_expiry, &map->expiry, 0);
	if (map->flags & DVPN_MAP_F_NHS)
		list_del_rcu(&map->nhs_node);
	if (takes_mcast(map))
		dvpn_peer_count_mcast(dd, peer, -1);
	WRITE_ONCE(peer->n_maps, peer->n_maps - 1);
	dvpn_peer_update_until(peer, NULL);
}

/* ----- making one ----- */

static int map_apply(struct dvpn_map *map, const struct dvpn_map_attrs *attrs,
		     struct netlink_ext_ack *extack)
{
	map->flags &= ~attrs->flags_mask;
	map->flags |= attrs->flags & attrs->flags_mask;
	if (attrs->has_expires)
		map->expires_ns = attrs->expires_ns;
	if (attrs->has_owner)
		map->owner = attrs->owner;
	if (attrs->has_preference)
		map->preference = attrs->preference;
	if (attrs->has_cookie) {
		map->cookie_len = attrs->cookie_len;
		memcpy(map->cookie, attrs->cookie, attrs->cookie_len);
	}

	if ((map->flags & DVPN_MAP_F_UNREACHABLE) && !map->expires_ns) {
		NL_SET_ERR_MSG(extack, "an unreachable mapping must expire: give EXPIRES_MS");
		return -EINVAL;
	}

	return 0;
}

/* The peer that @attrs names, made if need be. @owner is for a new one. */
static struct dvpn_peer *map_peer(struct dvpn_dev *dd,
				  const struct dvpn_map_attrs *attrs,
				  u32 owner, struct netlink_ext_ack *extack)
{
	struct dvpn_peer *peer = dvpn_peer_find(dd, &attrs->peer);

	if (peer)
		return peer;
	peer = dvpn_peer_create(dd, &attrs->peer, owner, extack);
	if (!IS_ERR(peer))
		dvpn_notify_peer(dd, peer, DVPN_CMD_PEER_NTF,
				 DVPN_REASON_UNSPEC);

	return peer;
}

static struct dvpn_map *map_alloc(const struct dvpn_map_key *key)
{
	struct dvpn_map *map = kmem_cache_zalloc(map_cache, GFP_KERNEL);

	if (map) {
		map->key = *key;
		timerqueue_init(&map->expiry);
	}

	return map;
}

static void map_free(struct dvpn_map *map)
{
	kmem_cache_free(map_cache, map);
}

static void map_free_rcu(struct rcu_head *rcu)
{
	map_free(container_of(rcu, struct dvpn_map, rcu));
}

/* Before @map can be found. */
static void map_set_peer(struct dvpn_map *map, struct dvpn_peer *peer)
{
	map->peer = peer;
	map->pcpu = peer->pcpu;
}

static int map_insert(struct dvpn_dev *dd, struct dvpn_map *map,
		      struct netlink_ext_ack *extack)
{
	int err;

	err = xa_alloc_cyclic(&dd->map_ids, &map->id, map, xa_limit_31b,
			      &dd->next_map_id, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		return err;

	prefix_get(dd, map);
	err = rhashtable_insert_fast(&dd->maps, &map->node, dvpn_map_params);
	if (err) {
		NL_SET_ERR_MSG(extack, "the table cannot grow now");
		prefix_put(dd, map);
		xa_erase(&dd->map_ids, map->id);
	}

	return err;
}

/**
 * dvpn_map_add() - add a mapping and, if need be, its peer
 * @dd: device
 * @key: what it answers for; not there yet
 * @attrs: what the request says
 * @extack: where the text of a refusal goes
 *
 * Context: dvpn_table_lock() is held.
 * Return: 0; -ENOSPC max-maps or max-peers; -EINVAL the peer cannot be;
 *	-ENOMEM; -EBUSY or -E2BIG the hash table cannot grow now.
 */
int dvpn_map_add(struct dvpn_dev *dd, const struct dvpn_map_key *key,
		 const struct dvpn_map_attrs *attrs,
		 struct netlink_ext_ack *extack)
{
	struct dvpn_peer *peer;
	struct dvpn_map *map;
	u32 max_maps;
	int err;

	lockdep_assert_held(&dd->table_lock);

	rcu_read_lock();
	max_maps = rcu_dereference(dd->conf)->max_maps;
	rcu_read_unlock();
	if (dd->n_maps >= max_maps) {
		NL_SET_ERR_MSG(extack, "the device has max-maps mappings");
		return -ENOSPC;
	}

	map = map_alloc(key);
	if (!map)
		return -ENOMEM;
	map->created_ns = ktime_get_coarse_boottime_ns();
	err = map_apply(map, attrs, extack);
	if (err)
		goto err_free;
	peer = map_peer(dd, attrs, map->owner, extack);
	if (IS_ERR(peer)) {
		err = PTR_ERR(peer);
		goto err_free;
	}
	map_set_peer(map, peer);
	err = map_insert(dd, map, extack);
	if (err)
		goto err_peer;

	map_link(dd, map);
	dvpn_nhs_update(dd);
	dd->n_maps++;
	dvpn_table_changed(dd);
	dvpn_notify_map(dd, map, DVPN_CMD_MAP_NTF, DVPN_REASON_UNSPEC);
	return 0;

err_peer:
	dvpn_peer_release(dd, peer, DVPN_REASON_DELETED);
err_free:
	map_free(map);
	return err;
}

/* Put @new into the place of @old; the readers see one or the other. */
static int map_swap(struct dvpn_dev *dd, struct dvpn_map *old,
		    struct dvpn_map *new)
{
	int err;

	prefix_get(dd, new);
	err = rhashtable_replace_fast(&dd->maps, &old->node, &new->node,
				      dvpn_map_params);
	if (WARN_ON_ONCE(err)) {
		prefix_put(dd, new);
		return err;
	}
	prefix_put(dd, old);
	/* Does not allocate: the place is taken. */
	xa_store(&dd->map_ids, old->id, new, GFP_KERNEL_ACCOUNT);

	/* In this order a peer or a list that both need is never without. */
	map_link(dd, new);
	map_unlink(dd, old);
	/* Its only mapping can shorten the life of a peer. */
	dvpn_peer_update_until(new->peer, new);
	dvpn_nhs_update(dd);

	return 0;
}

static int map_rewrite(struct dvpn_dev *dd, struct dvpn_map *old,
		       struct dvpn_map *new, const struct dvpn_map_attrs *attrs,
		       struct netlink_ext_ack *extack)
{
	struct dvpn_peer *peer = old->peer;
	int err;

	lockdep_assert_held(&dd->table_lock);

	new->id = old->id;
	new->created_ns = old->created_ns;
	new->last_used = READ_ONCE(old->last_used);
	err = map_apply(new, attrs, extack);
	if (err)
		goto err_free;
	if (attrs->has_peer)
		peer = map_peer(dd, attrs, new->owner, extack);
	if (IS_ERR(peer)) {
		err = PTR_ERR(peer);
		goto err_free;
	}
	map_set_peer(new, peer);
	err = map_swap(dd, old, new);
	if (err)
		goto err_peer;

	dvpn_table_changed(dd);
	dvpn_notify_map(dd, new, DVPN_CMD_MAP_NTF, DVPN_REASON_UNSPEC);
	dvpn_peer_release(dd, old->peer, DVPN_REASON_DELETED);
	call_rcu(&old->rcu, map_free_rcu);
	return 0;

err_peer:
	dvpn_peer_release(dd, peer, DVPN_REASON_DELETED);
err_free:
	map_free(new);
	return err;
}

/**
 * dvpn_map_change() - change what is given of a mapping
 * @dd: device
 * @map: the mapping
 * @attrs: what the request says
 * @extack: where the text of a refusal goes
 *
 * Readers see the old mapping or the new one: @map is replaced by a copy and
 * freed.
 *
 * Context: dvpn_table_lock() is held.
 * Return: as dvpn_map_add(); then nothing was changed.
 */
int dvpn_map_change(struct dvpn_dev *dd, struct dvpn_map *map,
		    const struct dvpn_map_attrs *attrs,
		    struct netlink_ext_ack *extack)
{
	struct dvpn_map *new = map_alloc(&map->key);

	if (!new)
		return -ENOMEM;
	new->flags = map->flags;
	new->expires_ns = map->expires_ns;
	new->owner = map->owner;
	new->preference = map->preference;
	new->cookie_len = map->cookie_len;
	memcpy(new->cookie, map->cookie, map->cookie_len);

	return map_rewrite(dd, map, new, attrs, extack);
}

/**
 * dvpn_map_replace() - change all of a mapping but its id and age
 * @dd: device
 * @map: the mapping
 * @attrs: what the request says
 * @extack: where the text of a refusal goes
 *
 * As dvpn_map_change(), but what is not given takes its default.
 *
 * Context: dvpn_table_lock() is held.
 * Return: as dvpn_map_add(); then nothing was changed.
 */
int dvpn_map_replace(struct dvpn_dev *dd, struct dvpn_map *map,
		     const struct dvpn_map_attrs *attrs,
		     struct netlink_ext_ack *extack)
{
	struct dvpn_map *new = map_alloc(&map->key);

	if (!new)
		return -ENOMEM;

	return map_rewrite(dd, map, new, attrs, extack);
}

/**
 * dvpn_map_remove() - remove a mapping and the peer that only it needed
 * @dd: device
 * @map: the mapping
 * @reason: why, for observers and the agent
 *
 * Frees @map after a grace period. Says so to observers and, if it expired, to
 * the agent.
 *
 * Context: dvpn_table_lock() is held.
 */
void dvpn_map_remove(struct dvpn_dev *dd, struct dvpn_map *map,
		     enum dvpn_reason reason)
{
	lockdep_assert_held(&dd->table_lock);

	rhashtable_remove_fast(&dd->maps, &map->node, dvpn_map_params);
	prefix_put(dd, map);
	xa_erase(&dd->map_ids, map->id);
	map_unlink(dd, map);
	if (map->flags & DVPN_MAP_F_NHS)
		dvpn_nhs_update(dd);
	dd->n_maps--;
	dvpn_table_changed(dd);

	dvpn_notify_map(dd, map, DVPN_CMD_MAP_DEL_NTF, reason);
	if (reason == DVPN_REASON_EXPIRED)
		dvpn_event_expire(dd, map);
	dvpn_peer_release(dd, map->peer, reason);
	call_rcu(&map->rcu, map_free_rcu);
}

/**
 * dvpn_maps_init() - prepare an empty table
 * @dd: device
 *
 * Context: process, before the device is visible.
 * Return: 0 or -ENOMEM.
 */
int dvpn_maps_init(struct dvpn_dev *dd)
{
	mutex_init(&dd->table_lock);
	xa_init_flags(&dd->map_ids, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	INIT_LIST_HEAD(&dd->nhs_maps);
	dd->generation = 1;
	dvpn_gc_init(dd);
	dvpn_keepalive_init(dd);

	return rhashtable_init(&dd->maps, &dvpn_map_params);
}

static void map_destroy(void *ptr, void *arg)
{
	map_free(ptr);
}

/**
 * dvpn_maps_destroy() - free all mappings
 * @dd: device
 *
 * Also ends the garbage collection.
 *
 * Context: process; a grace period after the device is out of all lookups.
 */
void dvpn_maps_destroy(struct dvpn_dev *dd)
{
	dvpn_gc_stop(dd);
	dvpn_keepalive_stop(dd);
	RCU_INIT_POINTER(dd->nhs, NULL);
	rhashtable_free_and_destroy(&dd->maps, map_destroy, NULL);
	xa_destroy(&dd->map_ids);
}

/**
 * dvpn_map_cache_init() - prepare memory for mappings
 *
 * Context: process, once.
 * Return: 0 or -ENOMEM.
 */
int dvpn_map_cache_init(void)
{
	map_cache = dvpn_compat_cache_create("dvpn_map",
					     sizeof(struct dvpn_map));

	return map_cache ? 0 : -ENOMEM;
}

/**
 * dvpn_map_cache_exit() - give that back
 *
 * Context: process; all mappings are freed.
 */
void dvpn_map_cache_exit(void)
{
	kmem_cache_destroy(map_cache);
}
