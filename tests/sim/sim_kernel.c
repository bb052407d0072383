// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel below an agent: routing, mapping table, peers, events. A model of
 * what the module promises, not of how it does it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define EXCERPT_LEN		84	/* of an echo request */
#define MISS_PERIOD_MS		1000
#define REDIRECT_PERIOD_MS	1000
#define UNKNOWN_PERIOD_MS	1000

static bool key_eq(const struct nhrp_peer_key *a, const struct nhrp_peer_key *b)
{
	return nhrp_addr_eq(&a->nbma, &b->nbma) && a->encap == b->encap &&
	       a->port == b->port && a->mark == b->mark && a->if_id == b->if_id;
}

void sim_route_add(struct sim_node *n, const char *prefix, const char *gateway,
		   bool via_tunnel)
{
	struct sim_route *r = &n->routes[n->nr_routes++];

	r->prefix = sim_prefix(prefix);
	nhrp_prefix_mask(&r->prefix);
	r->via_tunnel = via_tunnel;
	r->has_gateway = gateway;
	if (gateway)
		r->gateway = sim_addr(gateway);
}

static const struct sim_route *route(const struct sim_node *n,
				     const struct nhrp_addr *dst)
{
	const struct sim_route *best = NULL;
	unsigned int i;

	for (i = 0; i < n->nr_routes; i++)
		if (nhrp_prefix_contains(&n->routes[i].prefix, dst) &&
		    (!best || n->routes[i].prefix.plen > best->prefix.plen))
			best = &n->routes[i];
	return best;
}

static bool is_local(const struct sim_node *n, const struct nhrp_addr *a)
{
	unsigned int i;

	for (i = 0; i < n->cfg.nr_locals; i++)
		if (nhrp_addr_eq(&n->cfg.locals[i].addr, a))
			return true;
	return n->lan.len && nhrp_addr_eq(&n->lan, a);
}

struct sim_map *sim_map_find(struct sim_node *n, const struct nhrp_prefix *p)
{
	unsigned int i;

	for (i = 0; i < SIM_MAPS_MAX; i++)
		if (n->maps[i].used &&
		    !nhrp_prefix_cmp(&n->maps[i].map.prefix, p))
			return &n->maps[i];
	return NULL;
}

struct sim_map *sim_map_at(struct sim_node *n, const char *prefix)
{
	struct nhrp_prefix p = sim_prefix(prefix);

	return sim_map_find(n, &p);
}

unsigned int sim_map_count(struct sim_node *n)
{
	unsigned int i, count = 0;

	for (i = 0; i < SIM_MAPS_MAX; i++)
		count += n->maps[i].used;
	return count;
}

static struct sim_peer *peer_find(struct sim_node *n,
				  const struct nhrp_peer_key *key)
{
	unsigned int i;

	for (i = 0; i < SIM_PEERS_MAX; i++)
		if (n->peers[i].used && key_eq(&n->peers[i].peer.key, key))
			return &n->peers[i];
	return NULL;
}

static struct sim_peer *peer_get(struct sim_node *n,
				 const struct nhrp_peer_key *key)
{
	struct sim_peer *p = peer_find(n, key);
	unsigned int i;

	for (i = 0; !p && i < SIM_PEERS_MAX; i++)
		if (!n->peers[i].used)
			p = &n->peers[i];
	if (!p)
		abort();
	if (!p->used) {
		memset(p, 0, sizeof(*p));
		p->peer.key = *key;
		p->used = true;
	}
	return p;
}

/* Peers live by a mapping or by a time of their own. */
static void peers_gc(struct sim_node *n)
{
	unsigned int i, j;

	for (i = 0; i < SIM_PEERS_MAX; i++) {
		struct sim_peer *p = &n->peers[i];
		bool mapped = false;

		if (!p->used)
			continue;
		if (p->own_expiry && p->expires_at <= n->sim->now)
			p->own_expiry = false;
		for (j = 0; j < SIM_MAPS_MAX && !mapped; j++)
			mapped = n->maps[j].used &&
				 key_eq(&n->maps[j].map.peer, &p->peer.key);
		if (!mapped && !p->own_expiry)
			p->used = false;
	}
}

void sim_kernel_expire(struct sim_node *n)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < SIM_MAPS_MAX; i++) {
		struct sim_map *m = &n->maps[i];
		struct nhrp_prefix prefix = m->map.prefix;

		if (!m->used || !m->expires_at || m->expires_at > n->sim->now)
			continue;
		m->used = false;
		any = true;
		if (n->tunnel)
			nhrp_tunnel_expired(n->tunnel, &prefix, n->sim->now);
	}
	for (i = 0; i < SIM_PEERS_MAX; i++)
		any |= n->peers[i].used && n->peers[i].own_expiry &&
		       n->peers[i].expires_at <= n->sim->now;
	if (any)
		peers_gc(n);
}

void sim_kernel_clear(struct sim_node *n)
{
	memset(n->maps, 0, sizeof(n->maps));
	memset(n->peers, 0, sizeof(n->peers));
}

static struct sim_map *default_nhs(struct sim_node *n)
{
	struct sim_map *best = NULL;
	unsigned int i;

	for (i = 0; i < SIM_MAPS_MAX; i++) {
		struct sim_map *m = &n->maps[i];

		if (m->used && m->map.flags & NHRP_MAP_NHS &&
		    !(m->map.flags & (NHRP_MAP_PROBATION |
				      NHRP_MAP_UNREACHABLE)) &&
		    (!best || m->map.preference < best->map.preference))
			best = m;
	}
	return best;
}

static bool by_destination(const struct nhrp_map *map)
{
	return !nhrp_prefix_is_host(&map->prefix) ||
	       map->flags & NHRP_MAP_SHORTCUT;
}

/* Shortcut prefixes by destination, longest first, then the next hop. */
static struct sim_map *lookup(struct sim_node *n, const struct nhrp_addr *dst,
			      const struct nhrp_addr *hop)
{
	struct sim_map *best = NULL;
	struct nhrp_prefix host;
	unsigned int i;

	for (i = 0; i < SIM_MAPS_MAX; i++) {
		struct sim_map *m = &n->maps[i];

		if (m->used && by_destination(&m->map) &&
		    nhrp_prefix_contains(&m->map.prefix, dst) &&
		    (!best || m->map.prefix.plen > best->map.prefix.plen))
			best = m;
	}
	if (best)
		return best;
	nhrp_prefix_host(&host, hop);
	best = sim_map_find(n, &host);
	return best && !by_destination(&best->map) ? best : NULL;
}

static void miss(struct sim_node *n, const struct nhrp_addr *hop)
{
	if (!n->tunnel || (n->miss_at && n->sim->now < n->miss_at + MISS_PERIOD_MS))
		return;
	n->miss_at = n->sim->now;
	nhrp_tunnel_miss(n->tunnel, hop, n->sim->now);
}

static void kernel_tx(struct sim_node *n, struct sim_packet *p,
		      const struct nhrp_addr *hop,
		      const struct nhrp_peer_key *ingress)
{
	struct sim_map *m = lookup(n, &p->dst, hop);

	if (m)
		m->last_used = n->sim->now;
	else
		miss(n, hop);
	if (!m || m->map.flags & (NHRP_MAP_PROBATION | NHRP_MAP_UNREACHABLE)) {
		m = default_nhs(n);
		if (m && ingress && key_eq(&m->map.peer, ingress))
			m = NULL;
	}
	if (!m) {
		n->sim->data_lost++;
		return;
	}
	m->last_used = n->sim->now;
	sim_send(n, &m->map.peer.nbma, false, NULL, 0, p);
}

/* The front of an echo request. */
static size_t excerpt(const struct sim_packet *p, u8 *buf)
{
	bool four = p->src.len == 4;
	size_t hlen = four ? 20 : 40;

	memset(buf, 0, EXCERPT_LEN);
	buf[0] = four ? 0x45 : 0x60;
	buf[four ? 3 : 5] = four ? 84 : 44;
	buf[four ? 8 : 7] = SIM_TTL;
	buf[four ? 9 : 6] = four ? 1 : 58;
	buf[hlen] = four ? 8 : 128;
	memcpy(buf + hlen - 2 * p->src.len, p->src.b, p->src.len);
	memcpy(buf + hlen - p->src.len, p->dst.b, p->dst.len);
	return EXCERPT_LEN;
}

static void redirect(struct sim_node *n, const struct sim_packet *p,
		     const struct nhrp_peer_key *ingress)
{
	u8 buf[EXCERPT_LEN];
	struct nhrp_redirect r = {
		.src = p->src,
		.dst = p->dst,
		.has_ingress = true,
		.ingress = *ingress,
		.packet = buf,
		.len = excerpt(p, buf),
	};

	if (n->tunnel)
		nhrp_tunnel_redirect(n->tunnel, &r, n->sim->now);
}

static void input(struct sim_node *n, struct sim_packet *p,
		  const struct nhrp_peer_key *ingress)
{
	const struct sim_route *r;

	if (is_local(n, &p->dst)) {
		n->received++;
		if (p->ttl == SIM_TTL) {
			n->direct++;
			if (!n->first_direct_at)
				n->first_direct_at = n->sim->now;
		}
		return;
	}
	r = route(n, &p->dst);
	if (!r || !r->via_tunnel || (ingress && --p->ttl == 0)) {
		n->sim->data_lost++;
		return;
	}
	if (ingress)
		redirect(n, p, ingress);
	kernel_tx(n, p, r->has_gateway ? &r->gateway : &p->dst, ingress);
}

void sim_ping(struct sim_node *n, const struct nhrp_addr *src,
	      const struct nhrp_addr *dst)
{
	struct sim_packet p = { .src = *src, .dst = *dst, .ttl = SIM_TTL };

	n->sent++;
	input(n, &p, NULL);
}

void sim_kernel_rx(struct sim_node *n, const struct sim_packet *p)
{
	struct sim_peer *peer = peer_find(n, &p->from);
	struct sim_packet copy = *p;

	if (peer) {
		peer->heard = true;
		peer->last_rx = n->sim->now;
	}
	if (p->frame) {
		struct nhrp_frame f = {
			.from = p->from,
			.local = p->to,
			.peer_id = peer ? 1 : 0,
			.data = p->data,
			.len = p->len,
		};

		if (n->tunnel)
			nhrp_tunnel_frame(n->tunnel, &f, n->sim->now);
		return;
	}
	if (!peer) {
		n->sim->data_lost++;
		if (n->tunnel && n->sim->now >= n->unknown_at + UNKNOWN_PERIOD_MS) {
			n->unknown_at = n->sim->now;
			nhrp_tunnel_unknown_peer(n->tunnel, &p->from, 84,
						 n->sim->now);
			nhrp_tunnel_unknown_source(n->tunnel, &p->src,
						   n->sim->now);
		}
		return;
	}
	input(n, &copy, &p->from);
}

/* The callbacks of the agent. */

static u32 env_rand32(void *ctx)
{
	return sim_rand(((struct sim_node *)ctx)->sim);
}

static u32 env_request_ids(void *ctx, u32 count)
{
	struct sim_node *n = ctx;
	u32 first = n->next_request_id;

	n->next_request_id += count;
	return first;
}

static void env_notify(void *ctx, struct nhrp_tunnel *t,
		       const struct nhrp_notice *notice)
{
	struct sim_node *n = ctx;
	char addr[NHRP_PREFIX_STRLEN];

	(void)t;
	n->events[notice->event]++;
	if (n->sim->verbose)
		printf("%8.3f %-7s %-18s %-20s %s\n", n->sim->now / 1000.0,
		       n->name, nhrp_event_name(notice->event),
		       nhrp_prefix_format(&notice->addr, addr, sizeof(addr)),
		       notice->text);
}

static void env_tx_frame(void *ctx, struct nhrp_tunnel *t,
			 const struct nhrp_peer_key *to, const void *frame,
			 size_t len, u64 cookie)
{
	(void)t;
	(void)cookie;
	sim_send(ctx, &to->nbma, true, frame, len, NULL);
}

static void env_map_set(void *ctx, struct nhrp_tunnel *t,
			const struct nhrp_map *map)
{
	struct sim_node *n = ctx;
	struct sim_map *m = sim_map_find(n, &map->prefix);
	unsigned int i;

	(void)t;
	for (i = 0; !m && i < SIM_MAPS_MAX; i++)
		if (!n->maps[i].used)
			m = &n->maps[i];
	if (!m || (map->flags & NHRP_MAP_UNREACHABLE && !map->expires_ms))
		abort();
	if (!m->used)
		m->last_used = 0;
	if (!m->used || m->map.flags != map->flags ||
	    !key_eq(&m->map.peer, &map->peer))
		n->map_changes++;
	m->used = true;
	m->map = *map;
	m->map.owner = n->owner;
	m->expires_at = map->expires_ms ? n->sim->now + map->expires_ms : 0;
	peer_get(n, &map->peer);
	peers_gc(n);
}

static void env_map_del(void *ctx, struct nhrp_tunnel *t,
			const struct nhrp_prefix *prefix)
{
	struct sim_map *m = sim_map_find(ctx, prefix);

	(void)t;
	if (m)
		m->used = false;
	peers_gc(ctx);
}

static void env_peer_set(void *ctx, struct nhrp_tunnel *t,
			 const struct nhrp_peer *peer)
{
	struct sim_node *n = ctx;
	struct sim_peer *p = peer_get(n, &peer->key);

	(void)t;
	p->peer = *peer;
	p->peer.owner = n->owner;
	p->own_expiry = true;
	p->expires_at = n->sim->now + peer->expires_ms;
}

static void env_peer_del(void *ctx, struct nhrp_tunnel *t,
			 const struct nhrp_peer_key *key)
{
	struct sim_peer *p = peer_find(ctx, key);

	(void)t;
	if (p)
		p->own_expiry = false;
	peers_gc(ctx);
}

static int env_route_lookup(void *ctx, struct nhrp_tunnel *t,
			    const struct nhrp_addr *dst, struct nhrp_route *out)
{
	struct sim_node *n = ctx;
	const struct sim_route *r = route(n, dst);

	(void)t;
	memset(out, 0, sizeof(*out));
	if (is_local(n, dst) && !(n->lan.len && nhrp_addr_eq(dst, &n->lan))) {
		nhrp_prefix_host(&out->prefix, dst);
		return 0;
	}
	if (!r)
		return -ENETUNREACH;
	out->via_tunnel = r->via_tunnel;
	out->prefix = r->prefix;
	out->has_gateway = r->has_gateway;
	out->gateway = r->gateway;
	return 0;
}

static u64 env_peer_rx_idle_ms(void *ctx, struct nhrp_tunnel *t,
			       const struct nhrp_peer_key *key)
{
	struct sim_node *n = ctx;
	const struct sim_peer *p = peer_find(n, key);

	(void)t;
	return p && p->heard ? n->sim->now - p->last_rx : UINT64_MAX;
}

static u64 env_map_idle_ms(void *ctx, struct nhrp_tunnel *t,
			   const struct nhrp_prefix *prefix)
{
	struct sim_node *n = ctx;
	const struct sim_map *m = sim_map_find(n, prefix);

	(void)t;
	return m && m->last_used ? n->sim->now - m->last_used : UINT64_MAX;
}

const struct nhrp_env sim_env_template = {
	.rand32 = env_rand32,
	.request_ids = env_request_ids,
	.notify = env_notify,
	.tx_frame = env_tx_frame,
	.map_set = env_map_set,
	.map_del = env_map_del,
	.peer_set = env_peer_set,
	.peer_del = env_peer_del,
	.route_lookup = env_route_lookup,
	.peer_rx_idle_ms = env_peer_rx_idle_ms,
	.map_idle_ms = env_map_idle_ms,
};

static bool covers_local(const struct sim_node *n, const struct nhrp_prefix *p)
{
	unsigned int i;

	for (i = 0; i < n->cfg.nr_locals; i++)
		if (nhrp_prefix_contains(p, &n->cfg.locals[i].addr))
			return true;
	return false;
}

/* What must be true at any time. */
void sim_check(struct sim *sim)
{
	unsigned int i, j;

	for (i = 0; i < sim->nr_nodes; i++) {
		struct sim_node *n = sim->nodes[i];

		for (j = 0; j < SIM_MAPS_MAX; j++) {
			const struct nhrp_map *m = &n->maps[j].map;
			bool nhs = m->flags & NHRP_MAP_NHS;

			if (!n->maps[j].used)
				continue;
			/* Nobody maps to himself, or his own addresses. */
			if (nhrp_addr_eq(&m->peer.nbma, &n->cfg.nbma[0]) ||
			    nhrp_addr_eq(&m->peer.nbma, &n->cfg.nbma[1]) ||
			    covers_local(n, &m->prefix))
				abort();
			/* Hub mappings never expire, all others do. */
			if (nhs == !!n->maps[j].expires_at &&
			    !(m->flags & NHRP_MAP_STATIC))
				abort();
			/* On a spoke only hubs get multicast. */
			if (!n->cfg.nhs && !nhs &&
			    !(m->flags & NHRP_MAP_STATIC) &&
			    m->flags & NHRP_MAP_MULTICAST)
				abort();
		}
	}
}
