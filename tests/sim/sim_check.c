// SPDX-License-Identifier: GPL-2.0
/*
 * What must be true at any time. In a small world everything is looked at after
 * every event. In a large one only the nodes that ran are, and of a large table
 * only what was set; all is looked at once in a virtual second.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "nhrp/binding.h"
#include "nhrp/internal.h"
#include "nhrp/nhc.h"
#include "nhrp/purge.h"
#include "sim.h"

#define HOPS_MAX	16
#define LOOP_ALL	21	/* nodes up to which all pairs are looked at */
#define LOOP_SAMPLES	64	/* pairs of a larger world */

static void __attribute__((format(printf, 2, 3)))
broken(struct sim_node *n, const char *fmt, ...)
{
	struct sim *sim = n->sim;
	char text[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!sim->broken[0])
		snprintf(sim->broken, sizeof(sim->broken), "%.3f %s: %s",
			 sim->now / 1000.0, n->name, text);
	if (sim->strict)
		return;
	fprintf(stderr, "%s\n", sim->broken);
	abort();
}

static bool covers_local(const struct sim_node *n, const struct nhrp_prefix *p)
{
	unsigned int i;

	for (i = 0; i < n->cfg.nr_locals; i++)
		if (nhrp_prefix_contains(p, &n->cfg.locals[i].addr))
			return true;
	return false;
}

/* Is what @prefix stands for at @n, so that a mapping may lead there? */
static bool stands_for(const struct sim_node *n, const struct nhrp_prefix *prefix)
{
	return covers_local(n, prefix) ||
	       (n->lan.len && nhrp_prefix_contains(prefix, &n->lan));
}

static bool nat_leads_to(const struct sim *sim, const struct nhrp_map *map)
{
	unsigned int i;

	for (i = 0; sim->nats && i < sim->nr_nodes; i++) {
		const struct sim_node *n = sim->nodes[i];

		if (n->nat && n->up && stands_for(n, &map->prefix) &&
		    nhrp_addr_eq(&n->nat->outside, &map->peer.nbma))
			return true;
	}
	return false;
}

/*
 * Somebody has the address that @m leads to, and is who is meant. One that moved
 * or died is known until the end of the holding time.
 */
static bool owned(struct sim *sim, const struct sim_map *m)
{
	struct sim_node *n = NULL;
	unsigned int i;

	while ((n = sim_node_at(sim, &m->map.peer, n)))
		if (stands_for(n, &m->map.prefix))
			return true;
	for (i = sim->nr_past; i-- > 0;) {
		const struct sim_past *past = &sim->past[i];

		u64 hold = 1000 * (u64)past->node->cfg.holding_time_s;

		if (nhrp_addr_eq(&past->key.nbma, &m->map.peer.nbma) &&
		    stands_for(past->node, &m->map.prefix) &&
		    sim->now <= past->until + hold)
			return true;
	}
	return nat_leads_to(sim, &m->map);
}

static const char *wrong_with(struct sim_node *n, const struct sim_map *m)
{
	const struct nhrp_map *map = &m->map;
	bool nhs = map->flags & NHRP_MAP_NHS;
	bool fixed = map->flags & NHRP_MAP_STATIC;

	if (nhrp_addr_eq(&map->peer.nbma, &n->cfg.nbma[0]) ||
	    nhrp_addr_eq(&map->peer.nbma, &n->cfg.nbma[1]) ||
	    covers_local(n, &map->prefix))
		return "maps to itself";
	if (nhs == !!m->expires_at && !fixed)
		return "is of a hub and expires, or of others and does not";
	if (!n->cfg.nhs && !nhs && !fixed && map->flags & NHRP_MAP_MULTICAST)
		return "gets multicast and is no hub";
	if (n->sim->strict && !nhs && !fixed &&
	    !(map->flags & (NHRP_MAP_PROBATION | NHRP_MAP_UNREACHABLE)) &&
	    !owned(n->sim, m))
		return "maps to an address that nobody has";
	return NULL;
}

static void check_map(struct sim_node *n, const struct sim_map *m)
{
	const char *what = wrong_with(n, m);
	char text[NHRP_PREFIX_STRLEN];

	if (what)
		broken(n, "%s %s", nhrp_prefix_format(&m->map.prefix, text,
						      sizeof(text)), what);
}

/* What waits for an answer or a turn does not grow without end. */
static void check_bounds(struct sim_node *n)
{
	const struct nhrp_tunnel *t = n->tunnel;
	const struct nhrp_reg *reg;
	unsigned int own = 0;

	if (n->queue.nr > n->queue.max)
		broken(n, "%u frames wait", n->queue.nr);
	if (!t)
		return;
	if (nhrp_tunnel_queued(t) > NHRP_QUEUE_CLASSES * NHRP_QUEUE_FRAMES)
		broken(n, "%u frames wait", nhrp_tunnel_queued(t));
	for (reg = t->regs; reg; reg = reg->next)
		own++;
	if (t->nr_purges > NHRP_PURGES_MAX)
		broken(n, "%u purges wait", t->nr_purges);
	/* One of each kind for whatever it is about. */
	if (t->requests.count > own + t->nr_purges + t->resolutions.count +
			     t->remotes.count + t->bindings.count)
		broken(n, "%u requests wait", (unsigned int)t->requests.count);
}

static bool binding_holds(struct sim_node *n, struct nhrp_binding *b)
{
	struct nhrp_prefix host;
	struct sim_map *m;

	nhrp_prefix_host(&host, &b->proto);
	m = sim_map_find(n, &host);
	return m && nhrp_same_endpoint(&m->map.peer, &b->locator->key) &&
	       nhrp_binding_find(n->tunnel, &b->proto) == b;
}

/* An address is bound once, and to where the kernel sends. */
static void check_bindings(struct sim_node *n)
{
	struct nhrp_node *node, *tmp;

	/* One that is stopped does not know yet what ended. */
	if (!sim_listens(n))
		return;
	nhrp_table_for_each(node, tmp, &n->tunnel->bindings) {
		struct nhrp_binding *b = container_of(node, struct nhrp_binding,
						      node);
		char text[NHRP_ADDR_STRLEN];

		if (!binding_holds(n, b))
			broken(n, "%s is bound twice, or not as in the kernel",
			       nhrp_addr_format(&b->proto, text, sizeof(text)));
	}
}

static void check_node(struct sim_node *n, bool all)
{
	u32 i;

	all |= n->maps.nr <= SIM_CHECK_ALL || n->nr_changed > SIM_CHANGED_MAX;
	for (i = 0; i < (all ? n->maps.nr : n->nr_changed); i++) {
		struct sim_map *m = sim_map_nth(n, all ? i : n->changed[i]);

		if (m)
			check_map(n, m);
	}
	check_bounds(n);
	if (all && n->sim->strict)
		check_bindings(n);
	n->nr_changed = 0;
}

/* Where a packet for @dst goes from @n; NULL: to nobody. */
static struct sim_node *next_node(struct sim_node *n, const struct nhrp_addr *dst)
{
	const struct sim_route *r = sim_route_to(n, dst);
	struct sim_map *m;

	if (!r || !r->via_tunnel)
		return NULL;
	m = sim_map_lookup(n, dst, r->has_gateway ? &r->gateway : dst);
	if (!m || m->map.flags & (NHRP_MAP_PROBATION | NHRP_MAP_UNREACHABLE))
		m = sim_default_nhs(n);
	return m ? sim_node_at(n->sim, &m->map.peer, NULL) : NULL;
}

static void check_path(struct sim_node *from, const struct nhrp_addr *dst)
{
	char text[NHRP_ADDR_STRLEN];
	struct sim_node *n = from;
	unsigned int hops;

	if (!dst->len)
		return;
	for (hops = 0; n && n->up && !sim_is_local(n, dst); hops++) {
		if (hops == HOPS_MAX) {
			broken(from, "%s is sent in a circle",
			       nhrp_addr_format(dst, text, sizeof(text)));
			return;
		}
		n = next_node(n, dst);
	}
}

static void check_paths(struct sim *sim)
{
	bool small = sim->nr_nodes <= LOOP_ALL;
	unsigned int i, nr = small ? sim->nr_nodes * sim->nr_nodes :
				     LOOP_SAMPLES;

	for (i = 0; i < nr; i++) {
		/* Not at random: looking must not change what happens. */
		u64 pair = small ? i : (sim->now + i) * 0x9e3779b97f4a7c15ull >>
				       20;
		struct sim_node *from, *to;

		from = sim->nodes[pair % sim->nr_nodes];
		to = sim->nodes[pair / sim->nr_nodes % sim->nr_nodes];
		check_path(from, &to->cfg.locals[0].addr);
		check_path(from, &to->lan);
	}
}

void sim_check(struct sim *sim)
{
	bool second = sim->now >= sim->check_at;
	bool all = second || sim->nr_nodes <= SIM_CHECK_ALL;
	bool changed = second;
	unsigned int i;

	if (second)
		sim->check_at = sim->now + 1000;
	for (i = 0; all && i < sim->nr_nodes; i++) {
		changed |= sim->nodes[i]->nr_changed;
		check_node(sim->nodes[i], second);
	}
	for (i = 0; i < sim->nr_dirty; i++) {
		if (!all)
			check_node(sim->dirty[i], false);
		sim->dirty[i]->dirty = false;
	}
	sim->nr_dirty = 0;
	/* Ways change with mappings; that one went is seen within the second. */
	if (sim->strict && sim->nr_nodes && changed)
		check_paths(sim);
}
