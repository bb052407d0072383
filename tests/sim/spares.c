// SPDX-License-Identifier: GPL-2.0
#include "spares.h"

struct sim_node *spare[SPARES_MAX];
const char * const spare_proto[SPARES_MAX] = { "192.168.111.9", "192.168.111.10" };

static void add_spare(struct sim_net *net, unsigned int i)
{
	struct sim_node *hub = net_add_hub(net, "spare", 9 + i);

	spare[i] = hub;
	hub->lan = net->hub->lan;
	sim_route_add(hub, "192.168.10.0/24", NULL, false);
	sim_route_add(hub, "192.168.30.0/24", "192.168.111.2", true);
	net_name_hub(net->spoke[0], hub, (u8)(10 * (i + 1)));
}

void spares_build(struct sim_net *net, u64 seed, unsigned int spares)
{
	struct nhrp_tunnel_config *cfg;
	unsigned int i;

	net_build(net, seed, 1, 3);
	cfg = &net->spoke[0]->cfg;
	cfg->probe_interval_s = 5;
	cfg->hub_hold_down_s = HOLD_DOWN_S;
	for (i = 0; i < spares; i++)
		add_spare(net, i);
}

void spares_start(struct sim_net *net, unsigned int spares)
{
	net_start(net);
	while (spares--)
		sim_agent_start(spare[spares]);
	sim_run(net->sim, 1000);
}

void add_link_local(struct sim_net *net)
{
	net->hub->cfg.locals[1] = sim_prefix("fe80::1/64");
	spare[0]->cfg.locals[1] = sim_prefix("fe80::9/64");
	net->spoke[0]->cfg.locals[1] = sim_prefix("fe80::2/64");
	net->hub->cfg.nr_locals = 2;
	spare[0]->cfg.nr_locals = 2;
	net->spoke[0]->cfg.nr_locals = 2;
}

void power_on(struct sim_node *hub)
{
	sim_node_power(hub, true);
	sim_agent_start(hub);
}

void all_go_to(struct sim_net *net, struct sim_node *hub, unsigned int ms)
{
	struct sim_node *spoke = net->spoke[0];
	u64 before = hub->received;
	unsigned int i;

	for (i = 0; i < ms; i += 100) {
		sim_ping(spoke, &spoke->lan, &hub->lan);
		sim_run(net->sim, 100);
	}
	assert_int_equal(hub->received - before, ms / 100);
}

unsigned int ms_until(struct sim_net *net, struct sim_node *hub)
{
	struct sim_node *spoke = net->spoke[0];
	u64 before = hub->received;
	unsigned int ms;

	for (ms = 0; hub->received == before && ms < 20000; ms += 100) {
		sim_ping(spoke, &spoke->lan, &hub->lan);
		sim_run(net->sim, 100);
	}
	return ms;
}

struct nth_hub {
	unsigned int nth;
	struct nhrp_nhs_info info;
};

static void nth_cb(void *arg, const struct nhrp_nhs_info *info)
{
	struct nth_hub *hub = arg;

	if (!hub->nth--)
		hub->info = *info;
}

struct nhrp_nhs_info seen(struct sim_net *net, unsigned int nth)
{
	struct nth_hub hub = { .nth = nth };

	nhrp_tunnel_walk_nhs(net->spoke[0]->tunnel, net->sim->now, nth_cb, &hub);
	return hub.info;
}
