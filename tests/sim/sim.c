// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

u32 sim_rand(struct sim *sim)
{
	/* xorshift64*: the same on every machine */
	sim->seed ^= sim->seed >> 12;
	sim->seed ^= sim->seed << 25;
	sim->seed ^= sim->seed >> 27;
	return (u32)(sim->seed * 0x2545f4914f6cdd1dull >> 32);
}

struct sim *sim_new(u64 seed)
{
	struct sim *sim = calloc(1, sizeof(*sim));

	sim->seed = seed * 0x9e3779b97f4a7c15ull + 1;
	sim->now = 1000000;
	sim->delay_ms = 5;
	sim->jitter_ms = 3;
	return sim;
}

void sim_free(struct sim *sim)
{
	unsigned int i;

	while (sim->queue) {
		struct sim_packet *p = sim->queue;

		sim->queue = p->next;
		free(p);
	}
	for (i = 0; i < sim->nr_nodes; i++) {
		nhrp_core_free(sim->nodes[i]->core);
		free(sim->nodes[i]);
	}
	free(sim);
}

struct nhrp_addr sim_addr(const char *text)
{
	struct nhrp_addr a;

	if (nhrp_addr_parse(&a, text))
		abort();
	return a;
}

struct nhrp_prefix sim_prefix(const char *text)
{
	struct nhrp_prefix p;

	if (nhrp_prefix_parse(&p, text))
		abort();
	return p;
}

struct sim_node *sim_node_add(struct sim *sim, const char *name)
{
	struct sim_node *n = calloc(1, sizeof(*n));

	n->sim = sim;
	n->name = name;
	n->index = sim->nr_nodes;
	n->up = true;
	n->next_request_id = 100 + sim_rand(sim) % 1000;
	nhrp_tunnel_config_default(&n->cfg);
	sim->nodes[sim->nr_nodes++] = n;
	return n;
}

static void enqueue(struct sim *sim, struct sim_packet *p)
{
	struct sim_packet **q = &sim->queue;

	p->at = sim->now + sim->delay_ms;
	if (sim->jitter_ms)
		p->at += sim_rand(sim) % (sim->jitter_ms + 1);
	p->seq = ++sim->seq;
	while (*q && (*q)->at <= p->at)
		q = &(*q)->next;
	p->next = *q;
	*q = p;
}

static struct sim_packet *packet_new(const void *data, size_t len)
{
	struct sim_packet *p = calloc(1, sizeof(*p) + len);

	p->len = len;
	if (len)
		memcpy(p->data, data, len);
	return p;
}

/* A NAT is an IPv4 thing. */
static const struct nhrp_addr *public_addr(const struct sim_node *n, u8 family)
{
	if (family == AF_INET6)
		return &n->cfg.nbma[1];
	return n->outside.len ? &n->outside : &n->cfg.nbma[0];
}

/* The outer packet: @inner is a data packet that is copied. */
void sim_send(struct sim_node *n, const struct nhrp_addr *to, bool frame,
	      const void *data, size_t len, const struct sim_packet *inner)
{
	struct sim *sim = n->sim;
	unsigned int copies = sim_rand(sim) % 1000 < sim->dup ? 2 : 1;

	while (copies--) {
		struct sim_packet *p = packet_new(data, len);

		if (inner) {
			p->src = inner->src;
			p->dst = inner->dst;
			p->ttl = inner->ttl;
		}
		p->frame = frame;
		p->to = *to;
		p->from.nbma = *public_addr(n, to->family);
		if (!n->up || sim_rand(sim) % 1000 < sim->loss ||
		    (sim->drop && sim->drop(sim, p))) {
			free(p);
			continue;
		}
		enqueue(sim, p);
	}
	n->frames += frame;
}

/* An NHRP packet from nowhere. */
void sim_forge(struct sim_node *to, const char *from, const void *data,
	       size_t len)
{
	struct sim_packet *p = packet_new(data, len);

	p->frame = true;
	p->from.nbma = sim_addr(from);
	p->to = to->cfg.nbma[0];
	enqueue(to->sim, p);
}

static void deliver(struct sim *sim, struct sim_packet *p)
{
	unsigned int i;

	for (i = 0; i < sim->nr_nodes; i++) {
		struct sim_node *n = sim->nodes[i];

		if (n->up && nhrp_addr_eq(public_addr(n, p->to.family), &p->to))
			sim_kernel_rx(n, p);
	}
	free(p);
}

static u64 next_event(struct sim *sim)
{
	u64 at = sim->queue ? sim->queue->at : UINT64_MAX;
	unsigned int i;

	for (i = 0; i < sim->nr_nodes; i++) {
		u64 deadline;

		if (!sim->nodes[i]->core)
			continue;
		deadline = nhrp_core_next_deadline_ms(sim->nodes[i]->core);
		if (deadline < at)
			at = deadline;
	}
	return at;
}

void sim_run(struct sim *sim, u64 for_ms)
{
	u64 end = sim->now + for_ms;

	while (next_event(sim) <= end) {
		u64 at = next_event(sim);
		unsigned int i;

		if (at > sim->now)
			sim->now = at;
		while (sim->queue && sim->queue->at <= sim->now) {
			struct sim_packet *p = sim->queue;

			sim->queue = p->next;
			deliver(sim, p);
		}
		for (i = 0; i < sim->nr_nodes; i++) {
			sim_kernel_expire(sim->nodes[i]);
			if (sim->nodes[i]->core)
				nhrp_core_run(sim->nodes[i]->core, sim->now);
		}
		sim_check(sim);
	}
	sim->now = end;
	for (unsigned int i = 0; i < sim->nr_nodes; i++)
		sim_kernel_expire(sim->nodes[i]);
}

static void adopt(struct sim_node *n)
{
	unsigned int i;

	for (i = 0; i < SIM_MAPS_MAX; i++) {
		struct nhrp_map map = n->maps[i].map;

		if (!n->maps[i].used)
			continue;
		map.expires_ms = n->maps[i].expires_at ?
				 n->maps[i].expires_at - n->sim->now : 0;
		nhrp_tunnel_adopt_map(n->tunnel, &map, n->sim->now);
	}
	for (i = 0; i < SIM_PEERS_MAX; i++) {
		struct nhrp_peer peer = n->peers[i].peer;

		if (!n->peers[i].used || !n->peers[i].own_expiry)
			continue;
		peer.expires_ms = n->peers[i].expires_at - n->sim->now;
		nhrp_tunnel_adopt_peer(n->tunnel, &peer, n->sim->now);
	}
}

/* What the daemon does: bind, dump, adopt, start, sweep. */
void sim_agent_start(struct sim_node *n)
{
	struct nhrp_env env = sim_env_template;
	unsigned int i;

	sim_kernel_expire(n);
	n->owner = n->owner + 1;
	env.ctx = n;
	n->core = nhrp_core_new(&env);
	n->tunnel = nhrp_tunnel_new(n->core, &n->cfg, n, n->sim->now);
	if (!n->tunnel)
		abort();
	adopt(n);
	nhrp_tunnel_start(n->tunnel, n->sim->now);
	for (i = 0; i < SIM_MAPS_MAX; i++)
		if (n->maps[i].used && n->maps[i].map.owner &&
		    n->maps[i].map.owner != n->owner)
			n->maps[i].used = false;
	for (i = 0; i < SIM_PEERS_MAX; i++)
		if (n->peers[i].own_expiry && n->peers[i].peer.owner &&
		    n->peers[i].peer.owner != n->owner)
			n->peers[i].own_expiry = false;
}

void sim_agent_kill(struct sim_node *n)
{
	nhrp_core_free(n->core);
	n->core = NULL;
	n->tunnel = NULL;
}

void sim_node_power(struct sim_node *n, bool up)
{
	if (!up) {
		sim_agent_kill(n);
		sim_kernel_clear(n);
	}
	n->up = up;
}
