// SPDX-License-Identifier: GPL-2.0
/*
 * Hubs of regions, and a central one; hubs name each other:
 *
 *	spoke 1 - east - hub - west - spoke 2
 */
#include "nhrp/packet.h"
#include "test.h"

struct tree {
	struct sim_net net;
	struct sim_node *east, *west;
};

static void sim_route_set(struct sim_node *n, const char *prefix, const char *gateway)
{
	sim_route_del(n, prefix);
	sim_route_add(n, prefix, gateway, true);
}

/* A region's hub and its spoke; the other spoke is by the central hub. */
static struct sim_node *region(struct sim_net *net, const char *name, unsigned int host,
			       unsigned int own, const char *const via[2])
{
	static const char *const lan[] = { LAN1, LAN2 };
	static const char *const addr[] = { "192.168.111.2/32", "192.168.111.3/32" };
	static const char *const gateway[] = { "192.168.111.2", "192.168.111.3" };
	struct sim_node *hub = net_add_hub(net, name, host), *spoke = net->spoke[own];

	net_name_hub(hub, net->hub, 0);
	net_name_hub(net->hub, hub, 0);
	sim_route_add(hub, lan[own], gateway[own], true);
	sim_route_add(hub, lan[!own], "192.168.111.1", true);
	sim_route_add(hub, addr[!own], "192.168.111.1", true);
	spoke->cfg.nr_hubs = 0;
	net_name_hub(spoke, hub, 0);
	sim_route_set(spoke, "192.168.0.0/16", via[own]);
	sim_route_add(spoke, addr[!own], via[own], true);
	sim_route_set(net->hub, lan[own], via[own]);
	sim_route_add(net->hub, addr[own], via[own], true);
	return hub;
}

static void build(struct tree *tree, u64 seed)
{
	static const char *const via[] = { "192.168.111.11", "192.168.111.12" };
	struct sim_net *net = &tree->net;

	net_build(net, seed, 2, 3);
	tree->east = region(net, "east", 11, 0, via);
	tree->west = region(net, "west", 12, 1, via);
	net_start(net);
	sim_agent_start(tree->east);
	sim_agent_start(tree->west);
	sim_run(net->sim, 5000);
}

static void assert_owner_is(struct sim_node *n, const char *prefix, const char *nbma)
{
	const struct nhrp_addr at = sim_addr(nbma);

	assert_true(net_direct(n, prefix));
	assert_true(nhrp_addr_eq(&sim_map_at(n, prefix)->map.peer.nbma, &at));
}

/* The owner answers, and the way becomes direct; meanwhile nothing is lost. */
static void direct_across_regions(void **state)
{
	struct sim_net *net;
	struct tree tree;

	(void)state;
	build(&tree, 601);
	net = &tree.net;
	net->sim->strict = true;
	net_ping_for(net, net->spoke[0], net->spoke[1], 5000, 50);
	assert_owner_is(net->spoke[0], LAN2, "192.168.50.3");
	assert_owner_is(net->spoke[1], LAN1, "192.168.50.2");
	assert_true(counter(net->hub, NHRP_C_FORWARDED) > 0);
	assert_int_equal(net->sim->data_lost, 0);
	assert_string_equal(net->sim->broken, "");
	net_free(net);
}

/* The west takes LAN2 for the east's: its question goes around once, and is an error then. */
static void loop_of_hubs(void **state)
{
	const struct nhrp_addr target = sim_addr("192.168.40.9");
	struct sim_node *hubs[3];
	u64 looped = 0, forwarded = 0;
	struct sim_net *net;
	struct tree tree;
	unsigned int i;

	(void)state;
	build(&tree, 602);
	net = &tree.net;
	hubs[0] = net->hub;
	hubs[1] = tree.east;
	hubs[2] = tree.west;
	net_name_hub(tree.west, tree.east, 1);
	net_name_hub(tree.east, tree.west, 1);
	for (i = 1; i < 3; i++)
		assert_int_equal(nhrp_tunnel_reconfigure(hubs[i]->tunnel, &hubs[i]->cfg,
							 net->sim->now), 0);
	sim_route_set(tree.west, LAN2, "192.168.111.11");
	sim_run(net->sim, 5000);
	for (i = 0; i < 3; i++)
		forwarded -= counter(hubs[i], NHRP_C_FORWARDED);
	nhrp_tunnel_miss(net->spoke[0]->tunnel, &target, net->sim->now);
	sim_run(net->sim, 20000);
	for (i = 0; i < 3; i++) {
		forwarded += counter(hubs[i], NHRP_C_FORWARDED);
		looped += counter(hubs[i], NHRP_C_DROP_LOOP);
	}
	assert_true(looped > 0);
	/* Three hubs pass it on, and two of them the error that it ends with. */
	assert_int_equal(looped, counter(net->spoke[0], NHRP_C_TX_RESOLUTION_REQUEST));
	assert_int_equal(forwarded, looped * 5);
	assert_null(sim_map_at(net->spoke[0], LAN2));
	net_free(net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(direct_across_regions),
		cmocka_unit_test(loop_of_hubs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
