// SPDX-License-Identifier: GPL-2.0
#include "moves.h"

void moves_begin(struct sim_net *net, u64 seed, enum nhrp_unique unique)
{
	net_build(net, seed, 2, 3);
	net->hub->cfg.unique = unique;
	net_start(net);
	sim_run(net->sim, 1000);
}

void moves_to(struct sim_net *net, const char *nbma)
{
	struct sim_node *n = net->spoke[0];

	n->cfg.nbma[0] = sim_addr(nbma);
	assert_int_equal(nhrp_tunnel_reconfigure(n->tunnel, &n->cfg,
						 net->sim->now), 0);
}

bool hub_sends_to(struct sim_net *net, const char *nbma)
{
	const struct sim_map *m = sim_map_at(net->hub, "192.168.111.2");
	struct nhrp_addr a = sim_addr(nbma);

	return m && nhrp_addr_eq(&m->map.peer.nbma, &a);
}
