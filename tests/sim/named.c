// SPDX-License-Identifier: GPL-2.0
/* Hubs that have a name: see named.h. */
#include <string.h>

#include "named.h"

void named(struct sim_node *n)
{
	struct nhrp_hub *hub = &n->cfg.hubs[0];

	snprintf(hub->name, sizeof(hub->name), "hub.example.net");
	memset(&hub->peer.nbma, 0, sizeof(hub->peer.nbma));
}

void hub_leads_to(struct nhrp_hub *hub, const char *first, const char *second)
{
	const char *const texts[] = { first, second };
	unsigned int i;

	hub->nr_addrs = 0;
	for (i = 0; i < 2 && texts[i]; i++)
		hub->addrs[hub->nr_addrs++] = sim_addr(texts[i]);
}

void leads_to(struct sim_node *n, const char *first, const char *second)
{
	hub_leads_to(&n->cfg.hubs[0], first, second);
	if (n->tunnel)
		assert_int_equal(nhrp_tunnel_reconfigure(n->tunnel, &n->cfg,
							 n->sim->now), 0);
}

void named_build(struct sim_net *net, unsigned int spokes, const char *first,
		 const char *second)
{
	net_build(net, 91, spokes, 3);
	named(net->spoke[0]);
	leads_to(net->spoke[0], first, second);
}

struct sim_node *named_build_two(struct sim_net *net, const char *first,
				 const char *second)
{
	struct sim_node *hub2;
	struct nhrp_hub *as;

	named_build(net, 1, first, NULL);
	hub2 = net_add_hub(net, "hub2", 9);
	as = &net->spoke[0]->cfg.hubs[1];
	net_name_hub(net->spoke[0], hub2, 10);
	snprintf(as->name, sizeof(as->name), "hub2.example.net");
	memset(&as->peer.nbma, 0, sizeof(as->peer.nbma));
	hub_leads_to(as, second, NULL);
	net_start(net);
	sim_agent_start(hub2);
	sim_run(net->sim, 2000);
	return hub2;
}

void moves_to(struct sim_node *n, const char *to)
{
	n->cfg.nbma[0] = sim_addr(to);
	nhrp_tunnel_reconfigure(n->tunnel, &n->cfg, n->sim->now);
}

void hub_moves(struct sim_net *net, const char *to)
{
	moves_to(net->hub, to);
}

bool proto_is_at(struct sim_node *n, const char *proto, const char *nbma)
{
	const struct sim_map *m = sim_map_at(n, proto);
	struct nhrp_addr a = sim_addr(nbma);

	return m && nhrp_addr_eq(&m->map.peer.nbma, &a) &&
	       !(m->map.flags & NHRP_MAP_PROBATION);
}

bool is_at(struct sim_node *n, const char *nbma)
{
	return proto_is_at(n, "192.168.111.1", nbma);
}

static void first_nhs(void *arg, const struct nhrp_nhs_info *info)
{
	struct nhrp_nhs_info *first = arg;

	if (!first->name)
		*first = *info;
}

struct nhrp_nhs_info first_info(const struct sim_node *n)
{
	struct nhrp_nhs_info info = { 0 };

	nhrp_tunnel_walk_nhs(n->tunnel, n->sim->now, first_nhs, &info);
	return info;
}

static void count_nowhere(void *arg, const struct nhrp_nhs_info *info)
{
	if (!nhrp_addr_none(&info->peer.nbma))
		return;
	assert_int_equal(info->state, NHRP_NHS_WAIT);
	assert_string_equal(info->name, "hub.example.net");
	++*(unsigned int *)arg;
}

unsigned int nowhere(const struct sim_node *n)
{
	unsigned int nr = 0;

	nhrp_tunnel_walk_nhs(n->tunnel, n->sim->now, count_nowhere, &nr);
	return nr;
}

static void count_trials(void *arg, const struct nhrp_nhs_info *info)
{
	*(unsigned int *)arg += info->trial;
}

unsigned int trials(const struct sim_node *n)
{
	unsigned int nr = 0;

	nhrp_tunnel_walk_nhs(n->tunnel, n->sim->now, count_trials, &nr);
	return nr;
}

void pings_arrive(struct sim_net *net, unsigned int count)
{
	struct sim_node *spoke = net->spoke[0];
	u64 before = net->hub->received;
	unsigned int i;

	for (i = 0; i < count; i++) {
		sim_ping(spoke, &spoke->lan, &net->hub->lan);
		sim_run(net->sim, 1000);
	}
	assert_int_equal(net->hub->received, before + count);
}
