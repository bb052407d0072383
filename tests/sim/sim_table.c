// SPDX-License-Identifier: GPL-2.0
/* The tables of the modelled kernel: mappings and peers, found by hash. */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

/* What the simulator does must not depend on the run: a key for all. */
static const u64 hash_key[2] = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };

bool sim_key_eq(const struct nhrp_peer_key *a, const struct nhrp_peer_key *b)
{
	return nhrp_addr_eq(&a->nbma, &b->nbma) && a->encap == b->encap &&
	       a->port == b->port && a->mark == b->mark && a->if_id == b->if_id;
}

u32 sim_key_hash(const struct nhrp_peer_key *key)
{
	return (u32)nhrp_addr_hash(&key->nbma, hash_key) ^
	       key->port * 0x9e3779b1u;
}

static u32 prefix_hash(const struct nhrp_prefix *p)
{
	return (u32)nhrp_prefix_hash(p, hash_key);
}

static struct sim_slot *slot(const struct sim_table *t, u32 i)
{
	return (struct sim_slot *)((char *)t->entries + i * t->size);
}

static void chain(struct sim_table *t, u32 i)
{
	u32 *head = &t->heads[slot(t, i)->hash & (t->nr_heads - 1)];

	slot(t, i)->next = *head;
	*head = i + 1;
}

/* Only when every entry is in use: all of them are in a chain. */
static void grow(struct sim_table *t)
{
	u32 i;

	t->room = t->room ? 2 * t->room : 4;
	t->nr_heads = t->room;
	t->entries = realloc(t->entries, t->room * t->size);
	memset((char *)t->entries + t->nr * t->size, 0,
	       (t->room - t->nr) * t->size);
	free(t->heads);
	t->heads = calloc(t->nr_heads, sizeof(*t->heads));
	for (i = 0; i < t->nr; i++)
		chain(t, i);
}

static void *add(struct sim_table *t, size_t size, u32 hash)
{
	u32 i = t->free - 1;

	t->size = size;
	if (t->free) {
		t->free = slot(t, i)->next;
	} else {
		if (t->nr == t->room)
			grow(t);
		i = t->nr++;
	}
	memset(slot(t, i), 0, size);
	slot(t, i)->hash = hash;
	chain(t, i);
	return slot(t, i);
}

static u32 index_of(const struct sim_table *t, const void *entry)
{
	return (u32)(((const char *)entry - (const char *)t->entries) /
		     t->size);
}

static void take_out(struct sim_table *t, struct sim_slot *s)
{
	u32 i = index_of(t, s);
	u32 *p = &t->heads[s->hash & (t->nr_heads - 1)];

	while (*p != i + 1)
		p = &slot(t, *p - 1)->next;
	*p = s->next;
	s->next = t->free;
	t->free = i + 1;
}

static u32 first(const struct sim_table *t, u32 hash)
{
	return t->nr_heads ? t->heads[hash & (t->nr_heads - 1)] : 0;
}

static void clear(struct sim_table *t)
{
	free(t->entries);
	free(t->heads);
	memset(t, 0, sizeof(*t));
}

/* Mappings of prefixes, and of hosts if they say so, go by destination. */
bool sim_by_destination(const struct nhrp_map *map)
{
	return !nhrp_prefix_is_host(&map->prefix) ||
	       map->flags & NHRP_MAP_SHORTCUT;
}

/* Return: NULL if entry @i is not in use. */
struct sim_map *sim_map_nth(const struct sim_node *n, u32 i)
{
	struct sim_map *m = (struct sim_map *)n->maps.entries + i;

	return i < n->maps.nr && m->used ? m : NULL;
}

struct sim_peer *sim_peer_nth(const struct sim_node *n, u32 i)
{
	struct sim_peer *p = (struct sim_peer *)n->peers.entries + i;

	return i < n->peers.nr && p->used ? p : NULL;
}

struct sim_map *sim_map_find(struct sim_node *n, const struct nhrp_prefix *p)
{
	u32 hash = prefix_hash(p), i;

	for (i = first(&n->maps, hash); i; i = slot(&n->maps, i - 1)->next) {
		struct sim_map *m = sim_map_nth(n, i - 1);

		if (m->slot.hash == hash && !nhrp_prefix_cmp(&m->map.prefix, p))
			return m;
	}
	return NULL;
}

struct sim_map *sim_map_at(struct sim_node *n, const char *prefix)
{
	struct nhrp_prefix p = sim_prefix(prefix);

	return sim_map_find(n, &p);
}

unsigned int sim_map_count(struct sim_node *n)
{
	unsigned int count = 0;
	u32 i;

	for (i = 0; i < n->maps.nr; i++)
		count += !!sim_map_nth(n, i);
	return count;
}

struct sim_peer *sim_peer_find(struct sim_node *n,
			       const struct nhrp_peer_key *key)
{
	u32 hash = sim_key_hash(key), i;

	for (i = first(&n->peers, hash); i; i = slot(&n->peers, i - 1)->next) {
		struct sim_peer *p = sim_peer_nth(n, i - 1);

		if (p->slot.hash == hash && sim_key_eq(&p->peer.key, key))
			return p;
	}
	return NULL;
}

struct sim_peer *sim_peer_get(struct sim_node *n,
			      const struct nhrp_peer_key *key)
{
	struct sim_peer *p = sim_peer_find(n, key);

	if (p)
		return p;
	p = add(&n->peers, sizeof(*p), sim_key_hash(key));
	p->peer.key = *key;
	p->used = true;
	return p;
}

/* Peers live by a mapping or by a time of their own. */
static void peer_gc(struct sim_node *n, struct sim_peer *p)
{
	if (p->maps || p->own_expiry)
		return;
	p->used = false;
	take_out(&n->peers, &p->slot);
}

void sim_peer_own_end(struct sim_node *n, struct sim_peer *p)
{
	p->own_expiry = false;
	peer_gc(n, p);
}

/* What lookups need to know of the table as a whole. */
static void account(struct sim_node *n, const struct nhrp_map *map, int by)
{
	struct sim_peer *p = sim_peer_get(n, &map->peer);

	p->maps += by;
	n->nr_nhs += map->flags & NHRP_MAP_NHS ? by : 0;
	if (sim_by_destination(map))
		n->by_dst[map->prefix.addr.family == AF_INET6]
			 [map->prefix.plen] += by;
	peer_gc(n, p);
}

void sim_map_drop(struct sim_node *n, struct sim_map *m)
{
	m->used = false;
	take_out(&n->maps, &m->slot);
	account(n, &m->map, -1);
}

void sim_map_set(struct sim_node *n, const struct nhrp_map *map)
{
	struct sim_map *m = sim_map_find(n, &map->prefix);
	struct nhrp_map old;

	if (!m || m->map.flags != map->flags ||
	    !sim_key_eq(&m->map.peer, &map->peer))
		n->map_changes++;
	if (m) {
		old = m->map;
		m->map = *map;
		account(n, map, 1);
		account(n, &old, -1);
	} else {
		m = add(&n->maps, sizeof(*m), prefix_hash(&map->prefix));
		m->used = true;
		m->map = *map;
		account(n, map, 1);
	}
	m->map.owner = n->owner;
	m->expires_at = map->expires_ms ? n->sim->now + map->expires_ms : 0;
	if (m->expires_at && m->expires_at < n->expire_at)
		n->expire_at = m->expires_at;
	if (n->nr_changed < SIM_CHANGED_MAX)
		n->changed[n->nr_changed] = index_of(&n->maps, m);
	n->nr_changed++;
}

void sim_kernel_expire(struct sim_node *n)
{
	u64 now = n->sim->now, next = UINT64_MAX;
	u32 i;

	if (n->expire_at > now)
		return;
	n->expire_at = UINT64_MAX;
	for (i = 0; i < n->maps.nr; i++) {
		struct sim_map *m = sim_map_nth(n, i);
		struct nhrp_prefix prefix;

		if (!m || !m->expires_at)
			continue;
		if (m->expires_at > now) {
			next = m->expires_at < next ? m->expires_at : next;
			continue;
		}
		prefix = m->map.prefix;
		sim_map_drop(n, m);
		if (sim_listens(n))
			nhrp_tunnel_expired(n->tunnel, &prefix, now);
		else
			sim_stop_ended(n, &prefix);
	}
	for (i = 0; i < n->peers.nr; i++) {
		struct sim_peer *p = sim_peer_nth(n, i);

		if (!p || !p->own_expiry)
			continue;
		if (p->expires_at <= now)
			sim_peer_own_end(n, p);
		else if (p->expires_at < next)
			next = p->expires_at;
	}
	if (next < n->expire_at)
		n->expire_at = next;
}

void sim_kernel_clear(struct sim_node *n)
{
	clear(&n->maps);
	clear(&n->peers);
	memset(n->by_dst, 0, sizeof(n->by_dst));
	n->nr_nhs = 0;
	n->nr_changed = 0;
	n->expire_at = UINT64_MAX;
}
