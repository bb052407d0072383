// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "sim.h"

/* 192.168.30.0/24, .40.0/24, then .152.0/24 and so on. */
unsigned int net_lan(unsigned int spoke)
{
	return spoke < 2 ? 30 + 10 * spoke : 150 + spoke;
}

static void addresses(struct sim_node *n, unsigned int host)
{
	char text[NHRP_ADDR_STRLEN];

	snprintf(text, sizeof(text), "192.168.111.%u/24", host);
	n->cfg.locals[0] = sim_prefix(text);
	n->cfg.nr_locals = 1;
	snprintf(text, sizeof(text), "192.168.50.%u", host);
	n->cfg.nbma[0] = sim_addr(text);
	sim_route_add(n, "192.168.111.0/24", NULL, true);
}

static void common(struct sim_node *n, unsigned int host, unsigned int phase)
{
	addresses(n, host);
	n->cfg.mtu = 1400;
	nhrp_tunnel_config_phase(&n->cfg, phase);
}

static void lan(struct sim_node *n, unsigned int net)
{
	char text[NHRP_ADDR_STRLEN];

	snprintf(text, sizeof(text), "192.168.%u.1", net);
	n->lan = sim_addr(text);
	snprintf(text, sizeof(text), "192.168.%u.0/24", net);
	sim_route_add(n, text, NULL, false);
}

void net_name_hub(struct sim_node *n, const struct sim_node *hub, u8 priority)
{
	struct nhrp_hub *as = &n->cfg.hubs[n->cfg.nr_hubs++];

	as->has_proto = true;
	as->proto = hub->cfg.locals[0].addr;
	as->peer.nbma = hub->cfg.nbma[nhrp_addr_none(hub->cfg.nbma)];
	as->priority = priority;
}

void net_use_udp(struct sim_node *n)
{
	unsigned int i;

	n->cfg.encap = NHRP_ENCAP_UDP;
	n->cfg.port = 1701;
	for (i = 0; i < n->cfg.nr_hubs; i++) {
		n->cfg.hubs[i].peer.encap = NHRP_ENCAP_UDP;
		n->cfg.hubs[i].peer.port = 1701;
	}
}

static void add_spoke(struct sim_net *net, unsigned int i, unsigned int phase)
{
	static const char * const names[] = { "spoke1", "spoke2", "spoke3" };
	struct sim_node *n = sim_node_add(net->sim, i < 3 ? names[i] : "spoke");
	char prefix[32], via[32];

	net->spoke[i] = n;
	common(n, i + 2, phase);
	lan(n, net_lan(i));
	net_name_hub(n, net->hub, 0);
	sim_route_add(n, "192.168.0.0/16", "192.168.111.1", true);
	snprintf(prefix, sizeof(prefix), "192.168.%u.0/24", net_lan(i));
	snprintf(via, sizeof(via), "192.168.111.%u", i + 2);
	sim_route_add(net->hub, prefix, via, true);
}

void net_build(struct sim_net *net, u64 seed, unsigned int spokes,
	       unsigned int phase)
{
	unsigned int i;

	memset(net, 0, sizeof(*net));
	net->sim = sim_new(seed);
	net->hub = sim_node_add(net->sim, "hub");
	net->hub->cfg.nhs = true;
	common(net->hub, 1, phase);
	lan(net->hub, 10);
	for (i = 0; i < spokes; i++)
		add_spoke(net, i, phase);
	net->nr = spokes;
}

struct sim_node *net_add_hub(struct sim_net *net, const char *name,
			     unsigned int host)
{
	struct sim_node *hub = sim_node_add(net->sim, name);

	hub->cfg = net->hub->cfg;
	addresses(hub, host);
	return hub;
}

void net_start(struct sim_net *net)
{
	unsigned int i;

	sim_agent_start(net->hub);
	for (i = 0; i < net->nr; i++)
		sim_agent_start(net->spoke[i]);
}

void net_free(struct sim_net *net)
{
	sim_free(net->sim);
}

static void nhs_cb(void *arg, const struct nhrp_nhs_info *info)
{
	bool *yes = arg;

	*yes |= info->state == NHRP_NHS_REGISTERED;
}

bool net_registered(struct sim_node *n)
{
	bool yes = false;

	if (n->tunnel)
		nhrp_tunnel_walk_nhs(n->tunnel, n->sim->now, nhs_cb, &yes);
	return yes;
}

static void count_cb(void *arg, const struct nhrp_binding_info *info)
{
	(void)info;
	++*(unsigned int *)arg;
}

unsigned int net_bindings(struct sim_node *n)
{
	unsigned int count = 0;

	if (n->tunnel)
		nhrp_tunnel_walk_bindings(n->tunnel, n->sim->now, count_cb,
					  &count);
	return count;
}

/* Does the kernel of @n send to @prefix straight? */
bool net_direct(struct sim_node *n, const char *prefix)
{
	const struct sim_map *m = sim_map_at(n, prefix);

	return m && !(m->map.flags & (NHRP_MAP_PROBATION |
				      NHRP_MAP_UNREACHABLE));
}

/* Pings both ways between the LANs of @a and @b. */
void net_ping_for(struct sim_net *net, struct sim_node *a, struct sim_node *b,
		  u64 for_ms, u64 every_ms)
{
	u64 end = net->sim->now + for_ms;

	while (net->sim->now < end) {
		sim_ping(a, &a->lan, &b->lan);
		sim_ping(b, &b->lan, &a->lan);
		sim_run(net->sim, every_ms);
	}
}
