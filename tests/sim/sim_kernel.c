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

void sim_route_add(struct sim_node *n, const char *prefix, const char *gateway,
		   bool via_tunnel)
{
	struct sim_route *r;

	if (n->nr_routes == n->routes_room) {
		n->routes_room = 2 * n->routes_room + 4;
		n->routes = realloc(n->routes, n->routes_room * sizeof(*r));
	}
	r = &n->routes[n->nr_routes++];
	memset(r, 0, sizeof(*r));
	r->prefix = sim_prefix(prefix);
	nhrp_prefix_mask(&r->prefix);
	r->via_tunnel = via_tunnel;
	r->has_gateway = gateway;
	if (gateway)
		r->gateway = sim_addr(gateway);
}

void sim_route_del(struct sim_node *n, const char *prefix)
{
	struct nhrp_prefix p = sim_prefix(prefix);
	unsigned int i;

	for (i = 0; i < n->nr_routes; i++)
		if (!nhrp_prefix_cmp(&n->routes[i].prefix, &p))
			n->routes[i--] = n->routes[--n->nr_routes];
}

const struct sim_route *sim_route_to(const struct sim_node *n,
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

bool sim_is_local(const struct sim_node *n, const struct nhrp_addr *a)
{
	unsigned int i;

	for (i = 0; i < n->cfg.nr_locals; i++)
		if (nhrp_addr_eq(&n->cfg.locals[i].addr, a))
			return true;
	return n->lan.len && nhrp_addr_eq(&n->lan, a);
}

/* The best of the usable hubs. */
static bool usable(const struct sim_map *m)
{
	return !(m->map.flags & (NHRP_MAP_PROBATION | NHRP_MAP_UNREACHABLE));
}

struct sim_map *sim_default_nhs(struct sim_node *n)
{
	struct sim_map *best = NULL;
	u32 i;

	for (i = 0; n->nr_nhs && i < n->maps.nr; i++) {
		struct sim_map *m = sim_map_nth(n, i);

		if (m && m->map.flags & NHRP_MAP_NHS && usable(m) &&
		    (!best || m->map.preference < best->map.preference))
			best = m;
	}
	return best;
}

/* Shortcut prefixes by destination, longest first, if usable; then the next hop, usable or not. */
struct sim_map *sim_map_lookup(struct sim_node *n, const struct nhrp_addr *dst,
			       const struct nhrp_addr *hop)
{
	const u32 *lengths = n->by_dst[dst->family == AF_INET6];
	struct nhrp_prefix p;
	struct sim_map *m;
	int plen;

	for (plen = dst->len * 8; plen >= 0; plen--) {
		if (!lengths[plen])
			continue;
		nhrp_prefix_host(&p, dst);
		p.plen = (u8)plen;
		nhrp_prefix_mask(&p);
		m = sim_map_find(n, &p);
		if (m && sim_by_destination(&m->map) && usable(m))
			return m;
	}
	nhrp_prefix_host(&p, hop);
	m = sim_map_find(n, &p);
	return m && !sim_by_destination(&m->map) ? m : NULL;
}

static void miss(struct sim_node *n, const struct nhrp_addr *hop)
{
	if (!sim_listens(n) || (n->miss_at && n->sim->now < n->miss_at + MISS_PERIOD_MS))
		return;
	n->miss_at = n->sim->now;
	nhrp_tunnel_miss(n->tunnel, hop, n->sim->now);
}

static void kernel_tx(struct sim_node *n, struct sim_packet *p,
		      const struct nhrp_addr *hop,
		      const struct nhrp_peer_key *ingress)
{
	struct sim_map *m = sim_map_lookup(n, &p->dst, hop);

	if (m)
		m->last_used = n->sim->now;
	else
		miss(n, hop);
	if (!m || !usable(m)) {
		m = sim_default_nhs(n);
		if (m && ingress && sim_key_eq(&m->map.peer, ingress))
			m = NULL;
	}
	if (!m) {
		n->sim->data_lost++;
		return;
	}
	m->last_used = n->sim->now;
	sim_send(n, &m->map.peer, false, NULL, 0, p, 0);
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

	if (sim_listens(n))
		nhrp_tunnel_redirect(n->tunnel, &r, n->sim->now);
}

static void input(struct sim_node *n, struct sim_packet *p,
		  const struct nhrp_peer_key *ingress)
{
	const struct sim_route *r;

	if (sim_is_local(n, &p->dst)) {
		n->received++;
		if (p->ttl == SIM_TTL) {
			n->direct++;
			if (!n->first_direct_at)
				n->first_direct_at = n->sim->now;
		}
		return;
	}
	r = sim_route_to(n, &p->dst);
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

struct nhrp_frame sim_frame_of(const struct sim_packet *p)
{
	struct nhrp_frame f = {
		.from = p->from,
		.local = p->to,
		.peer_id = p->known,
		.has_sa = p->has_sa,
		.data = p->data,
		.len = p->len,
	};

	return f;
}

/* The agent reads a frame. */
void sim_frame(struct sim_node *n, const struct sim_packet *p)
{
	struct nhrp_frame f = sim_frame_of(p);

	if (n->tunnel)
		nhrp_tunnel_frame(n->tunnel, &f, n->sim->now);
}

static void frame_rx(struct sim_node *n, const struct sim_packet *p, bool known)
{
	struct sim_packet *copy;

	if (!n->tunnel)
		return;
	copy = sim_packet_new(p->data, p->len);
	copy->from = p->from;
	copy->to = p->to;
	copy->known = known;
	copy->has_sa = n->sim->ike;
	if (n->stopped) {
		sim_stop_frame(n, copy);
		return;
	}
	if (sim_queue_add(n, copy))
		return;
	sim_frame(n, copy);
	free(copy);
}

void sim_kernel_rx(struct sim_node *n, const struct sim_packet *p)
{
	struct sim_peer *peer = sim_peer_find(n, &p->from);
	struct sim_packet copy = *p;

	if (peer) {
		peer->heard = true;
		peer->last_rx = n->sim->now;
	}
	if (p->frame) {
		frame_rx(n, p, peer);
		return;
	}
	if (!peer) {
		n->sim->data_lost++;
		if (sim_listens(n) &&
		    n->sim->now >= n->unknown_at + UNKNOWN_PERIOD_MS) {
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

static u32 env_epoch(void *ctx)
{
	struct sim_node *n = ctx;
	u32 clock = (u32)((long long)(n->sim->now / 1000) + n->sim->wall_s);

	n->epoch = n->epoch < clock ? clock : n->epoch + 1;
	return n->epoch;
}

static void env_notify(void *ctx, struct nhrp_tunnel *t,
		       const struct nhrp_notice *notice)
{
	struct sim_node *n = ctx;
	char addr[NHRP_PREFIX_STRLEN];

	(void)t;
	n->events[notice->event]++;
	if (notice->event == NHRP_EVENT_SPOKE_REFUSED)
		snprintf(n->refused, sizeof(n->refused), "%s", notice->text);
	if (notice->event == NHRP_EVENT_NHS_DOWN)
		snprintf(n->nhs_down, sizeof(n->nhs_down), "%s", notice->text);
	if (n->sim->verbose)
		printf("%8.3f %-7s %-18s %-20s %s\n", n->sim->now / 1000.0,
		       n->name, nhrp_event_name(notice->event),
		       nhrp_prefix_format(&notice->addr, addr, sizeof(addr)),
		       notice->text);
}

static void env_trace(void *ctx, struct nhrp_tunnel *t,
		      const struct nhrp_trace *trace)
{
	struct sim_node *n = ctx;

	(void)t;
	if (n->sim->trace)
		n->sim->trace(n, trace);
}

static void env_tx_frame(void *ctx, struct nhrp_tunnel *t,
			 const struct nhrp_peer_key *to, const void *frame,
			 size_t len, u64 cookie)
{
	(void)t;
	sim_send(ctx, to, true, frame, len, NULL, cookie);
}

static void env_map_set(void *ctx, struct nhrp_tunnel *t,
			const struct nhrp_map *map)
{
	(void)t;
	if (map->flags & NHRP_MAP_UNREACHABLE && !map->expires_ms)
		abort();
	sim_map_set(ctx, map);
}

static void env_map_del(void *ctx, struct nhrp_tunnel *t,
			const struct nhrp_prefix *prefix)
{
	struct sim_map *m = sim_map_find(ctx, prefix);

	(void)t;
	if (m)
		sim_map_drop(ctx, m);
}

static void env_peer_set(void *ctx, struct nhrp_tunnel *t,
			 const struct nhrp_peer *peer)
{
	struct sim_node *n = ctx;
	struct sim_peer *p = sim_peer_get(n, &peer->key);

	(void)t;
	p->peer = *peer;
	p->peer.owner = n->owner;
	p->own_expiry = true;
	p->expires_at = n->sim->now + peer->expires_ms;
	if (p->expires_at < n->expire_at)
		n->expire_at = p->expires_at;
}

static void env_peer_del(void *ctx, struct nhrp_tunnel *t,
			 const struct nhrp_peer_key *key)
{
	struct sim_peer *p = sim_peer_find(ctx, key);

	(void)t;
	if (p)
		sim_peer_own_end(ctx, p);
}

static int env_route_lookup(void *ctx, struct nhrp_tunnel *t,
			    const struct nhrp_addr *dst, struct nhrp_route *out)
{
	struct sim_node *n = ctx;
	const struct sim_route *r = sim_route_to(n, dst);

	memset(out, 0, sizeof(*out));
	if (sim_is_local(n, dst) && !(n->lan.len && nhrp_addr_eq(dst, &n->lan))) {
		nhrp_prefix_host(&out->prefix, dst);
		return 0;
	}
	if (!r)
		return -ENETUNREACH;
	out->via_tunnel = r->via_tunnel;
	out->tunnel = t;
	out->prefix = r->prefix;
	out->has_gateway = r->has_gateway;
	out->gateway = r->gateway;
	return 0;
}

static u64 env_peer_rx_idle_ms(void *ctx, struct nhrp_tunnel *t,
			       const struct nhrp_peer_key *key)
{
	struct sim_node *n = ctx;
	const struct sim_peer *p = sim_peer_find(n, key);

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

static const char *env_sa_identity(void *ctx, struct nhrp_tunnel *t,
				   const struct nhrp_frame *frame)
{
	struct sim_node *n = ctx;

	(void)t;
	return n->sim->ike ? n->sim->ike(n, &frame->from) : "";
}

static bool env_ike_begun(void *ctx, struct nhrp_tunnel *t, const struct nhrp_addr *nbma)
{
	struct sim_node *n = ctx;

	(void)t;
	return n->sim->ike_begun && n->sim->ike_begun(n, nbma);
}

const struct nhrp_env sim_env_template = {
	.rand32 = env_rand32,
	.request_ids = env_request_ids,
	.epoch = env_epoch,
	.notify = env_notify,
	.trace = env_trace,
	.tx_frame = env_tx_frame,
	.sa_identity = env_sa_identity,
	.ike_begun = env_ike_begun,
	.map_set = env_map_set,
	.map_del = env_map_del,
	.peer_set = env_peer_set,
	.peer_del = env_peer_del,
	.route_lookup = env_route_lookup,
	.peer_rx_idle_ms = env_peer_rx_idle_ms,
	.map_idle_ms = env_map_idle_ms,
};
