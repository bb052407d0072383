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
	sim->nodes = calloc(SIM_NODES_MAX, sizeof(struct sim_node *));
	sim->heap = calloc(SIM_NODES_MAX, sizeof(struct sim_node *));
	sim->due = calloc(SIM_NODES_MAX, sizeof(struct sim_node *));
	sim->dirty = calloc(SIM_NODES_MAX, sizeof(struct sim_node *));
	return sim;
}

static void node_free(struct sim_node *n)
{
	nhrp_core_free(n->core);
	sim_kernel_clear(n);
	sim_queue_set(n, 0, 0);
	sim_stop_clear(n);
	free(n->routes);
	free(n);
}

void sim_free(struct sim *sim)
{
	unsigned int i;

	while (sim->nr_packets)
		free(sim_heap_pop(sim));
	for (i = 0; i < sim->nr_nodes; i++)
		node_free(sim->nodes[i]);
	while (sim->nats) {
		struct sim_nat *nat = sim->nats;

		sim->nats = nat->next;
		free(nat);
	}
	free(sim->packets);
	free(sim->nodes);
	free(sim->heap);
	free(sim->due);
	free(sim->dirty);
	free(sim->by_addr);
	free(sim->links);
	free(sim->past);
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
	n->expire_at = UINT64_MAX;
	n->deadline = UINT64_MAX;
	if (sim->nr_nodes == SIM_NODES_MAX)
		abort();
	sim->nodes[sim->nr_nodes++] = n;
	sim_heap_add(sim, n);
	return n;
}

/* The agent of @n, or its kernel, may want to run at another time now. */
void sim_touch(struct sim_node *n)
{
	u64 at = sim_listens(n) ? nhrp_core_next_deadline_ms(n->core) : UINT64_MAX;
	u64 frame = sim_queue_next(n);

	at = frame < at ? frame : at;
	at = n->expire_at < at ? n->expire_at : at;
	if (!n->dirty)
		n->sim->dirty[n->sim->nr_dirty++] = n;
	n->dirty = true;
	if (at == n->deadline)
		return;
	n->deadline = at;
	sim_heap_fix(n->sim, n);
}

static u64 next_event(struct sim *sim)
{
	u64 packet = sim->nr_packets ? sim->packets[0]->at : UINT64_MAX;
	u64 node = sim->nr_nodes ? sim->heap[0]->deadline : UINT64_MAX;

	return packet < node ? packet : node;
}

static void run_node(struct sim_node *n)
{
	sim_kernel_expire(n);
	sim_queue_run(n);
	if (sim_listens(n))
		nhrp_core_run(n->core, n->sim->now);
	sim_touch(n);
}

/* Everybody whose time has come, once. */
static void run_due(struct sim *sim)
{
	unsigned int i, nr = 0;

	while (sim->nr_nodes && sim->heap[0]->deadline <= sim->now) {
		struct sim_node *n = sim->heap[0];

		sim->due[nr++] = n;
		n->deadline = UINT64_MAX;
		sim_heap_fix(sim, n);
	}
	for (i = 0; i < nr; i++)
		run_node(sim->due[i]);
}

void sim_run(struct sim *sim, u64 for_ms)
{
	u64 at, end = sim->now + for_ms;
	unsigned int i;

	/* Whoever calls us may have done anything to anybody. */
	sim_address_nodes(sim);
	for (i = 0; i < sim->nr_nodes; i++)
		sim_touch(sim->nodes[i]);
	if (sim->strict)
		sim_check(sim);
	while ((at = next_event(sim)) <= end) {
		if (at > sim->now)
			sim->now = at;
		while (sim->nr_packets && sim->packets[0]->at <= sim->now)
			sim_deliver(sim, sim_heap_pop(sim));
		run_due(sim);
		sim_check(sim);
	}
	sim->now = end;
	for (i = 0; i < sim->nr_nodes; i++)
		sim_kernel_expire(sim->nodes[i]);
}

static void adopt(struct sim_node *n)
{
	u32 i;

	for (i = 0; i < n->maps.nr; i++) {
		struct sim_map *m = sim_map_nth(n, i);
		struct nhrp_map map;

		if (!m)
			continue;
		map = m->map;
		map.expires_ms = m->expires_at ? m->expires_at - n->sim->now : 0;
		nhrp_tunnel_adopt_map(n->tunnel, &map, n->sim->now);
	}
	for (i = 0; i < n->peers.nr; i++) {
		struct sim_peer *p = sim_peer_nth(n, i);
		struct nhrp_peer peer;

		if (!p || !p->own_expiry)
			continue;
		peer = p->peer;
		peer.expires_ms = p->expires_at - n->sim->now;
		nhrp_tunnel_adopt_peer(n->tunnel, &peer, n->sim->now);
	}
}

/* What an earlier agent left and this one did not want. */
static void sweep(struct sim_node *n)
{
	u32 i;

	for (i = 0; i < n->maps.nr; i++) {
		struct sim_map *m = sim_map_nth(n, i);

		if (m && m->map.owner && m->map.owner != n->owner)
			sim_map_drop(n, m);
	}
	for (i = 0; i < n->peers.nr; i++) {
		struct sim_peer *p = sim_peer_nth(n, i);

		if (p && p->own_expiry && p->peer.owner &&
		    p->peer.owner != n->owner)
			sim_peer_own_end(n, p);
	}
}

/* What the daemon does: bind, dump, adopt, start, sweep. */
void sim_agent_start(struct sim_node *n)
{
	struct nhrp_env env = sim_env_template;

	sim_kernel_expire(n);
	n->owner = n->owner + 1;
	env.ctx = n;
	n->core = nhrp_core_new(&env);
	n->tunnel = nhrp_tunnel_new(n->core, &n->cfg, n, n->sim->now);
	if (!n->tunnel)
		abort();
	adopt(n);
	if (n->restore)
		n->restore(n);
	nhrp_tunnel_start(n->tunnel, n->sim->now);
	sweep(n);
	sim_touch(n);
}

void sim_agent_kill(struct sim_node *n)
{
	nhrp_core_free(n->core);
	n->core = NULL;
	n->tunnel = NULL;
	sim_queue_clear(n);
	sim_stop_clear(n);
	sim_touch(n);
}

void sim_node_power(struct sim_node *n, bool up)
{
	if (!up) {
		sim_agent_kill(n);
		sim_kernel_clear(n);
	}
	n->up = up;
	sim_touch(n);
}
