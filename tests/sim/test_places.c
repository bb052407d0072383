// SPDX-License-Identifier: GPL-2.0
/* Hubs that have names: which of them is where, and where it is only tried. */
#include <string.h>

#include "named.h"

/* Where the best hub is nobody knows yet: the other one serves. */
static void not_known_yet(void **state)
{
	struct sim_node *spoke, *hub2;
	struct sim_net net;

	(void)state;
	named_build(&net, 1, NULL, NULL);
	spoke = net.spoke[0];
	hub2 = sim_node_add(net.sim, "hub2");
	hub2->cfg = net.hub->cfg;
	hub2->cfg.nbma[0] = sim_addr("192.168.50.9");
	hub2->cfg.locals[0] = sim_prefix("192.168.111.9/24");
	sim_route_add(hub2, "192.168.111.0/24", NULL, true);
	spoke->cfg.hubs[1] = spoke->cfg.hubs[0];
	*spoke->cfg.hubs[1].name = '\0';
	spoke->cfg.hubs[1].proto = sim_addr("192.168.111.9");
	spoke->cfg.hubs[1].peer.nbma = sim_addr("192.168.50.9");
	spoke->cfg.hubs[1].priority = 10;
	spoke->cfg.nr_hubs = 2;
	spoke->cfg.max_hubs = 1;
	net_start(&net);
	sim_agent_start(hub2);
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(hub2), 1);
	assert_int_equal(net_bindings(net.hub), 0);
	assert_null(sim_map_at(spoke, "192.168.111.1"));
	assert_int_equal(nowhere(spoke), 1);
	leads_to(spoke, HUB, NULL);
	/* One that was never down is used at once. */
	sim_run(net.sim, 1000);
	assert_true(is_at(spoke, HUB));
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(net_bindings(hub2), 0);
	net_free(&net);
}

/* Nothing that a name server says makes us talk to ourselves or to nobody. */
static void bad_answers(void **state)
{
	static const char *const bad[] = {
		"192.168.50.2", "127.0.0.1", "224.0.0.1", "255.255.255.255",
		"0.0.0.0", "::1", "ff02::1", "192.168.50.9",
	};
	struct sim_node *spoke;
	struct sim_net net;
	unsigned int i;

	(void)state;
	named_build(&net, 1, NULL, NULL);
	spoke = net.spoke[0];
	spoke->cfg.hubs[1] = spoke->cfg.hubs[0];
	*spoke->cfg.hubs[1].name = '\0';
	spoke->cfg.hubs[1].has_proto = false;
	spoke->cfg.hubs[1].peer.nbma = sim_addr("192.168.50.9");
	spoke->cfg.nr_hubs = 2;
	net_start(&net);
	for (i = 0; i < 8; i++)
		spoke->cfg.hubs[0].addrs[i] = sim_addr(bad[i]);
	spoke->cfg.hubs[0].nr_addrs = i;
	assert_int_equal(nhrp_tunnel_reconfigure(spoke->tunnel, &spoke->cfg,
						 net.sim->now), 0);
	sim_run(net.sim, 10000);
	assert_int_equal(nowhere(spoke), 1);
	assert_null(sim_map_at(spoke, "192.168.111.1"));
	spoke->cfg.hubs[0].addrs[i - 1] = sim_addr(HUB);
	nhrp_tunnel_reconfigure(spoke->tunnel, &spoke->cfg, net.sim->now);
	sim_run(net.sim, 1000);
	assert_true(is_at(spoke, HUB));
	net_free(&net);
}

static bool on_probation(struct sim_node *n, const char *proto)
{
	const struct sim_map *m = sim_map_at(n, proto);

	assert_non_null(m);
	return m->map.flags & NHRP_MAP_PROBATION;
}

/* Where it was only tried nothing is taken back: it may be the same hub. */
static void trial_is_dropped(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;
	u64 asked;

	(void)state;
	named_build(&net, 1, HUB, NULL);
	spoke = net.spoke[0];
	net_start(&net);
	sim_run(net.sim, 2000);
	asked = counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST);
	leads_to(spoke, MOVED, NULL);
	sim_run(net.sim, 3000);
	assert_true(counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST) > asked);
	leads_to(spoke, HUB, NULL);
	sim_run(net.sim, 1000);
	assert_int_equal(counter(spoke, NHRP_C_TX_PURGE_REQUEST), 0);
	assert_int_equal(spoke->events[NHRP_EVENT_NHS_LEFT], 0);
	net_free(&net);
}

/* The hub is lost and asked elsewhere: that is no reason to send data to it. */
static void trial_is_no_way(void **state)
{
	struct sim_node *spoke, *hub2;
	struct sim_net net;

	(void)state;
	named_build(&net, 1, HUB, NULL);
	spoke = net.spoke[0];
	spoke->cfg.probe_interval_s = 5;
	hub2 = net_add_hub(&net, "hub2", 9);
	net_name_hub(spoke, hub2, 10);
	net_start(&net);
	sim_agent_start(hub2);
	sim_run(net.sim, 2000);
	sim_node_power(net.hub, false);
	sim_run(net.sim, 30000);
	assert_true(on_probation(spoke, "192.168.111.1"));
	leads_to(spoke, DEAD, NULL);
	sim_run(net.sim, 500);
	assert_int_equal(first_info(spoke).state, NHRP_NHS_UNREACHABLE);
	assert_true(on_probation(spoke, "192.168.111.1"));
	net_free(&net);
}

/* Where it is tried it takes our link-local address alone: it is not there. */
static void trial_takes_half(void **state)
{
	struct sim_node *spoke, *half;
	struct sim_net net;

	(void)state;
	named_build(&net, 1, HUB, NULL);
	spoke = net.spoke[0];
	spoke->cfg.probe_interval_s = 5;
	spoke->cfg.hubs[0].has_proto = false;
	spoke->cfg.locals[spoke->cfg.nr_locals++] = sim_prefix("fe80::2/64");
	half = net_add_hub(&net, "half", 77);
	half->cfg.locals[0] = sim_prefix("fe80::77/64");
	net.hub->cfg.locals[net.hub->cfg.nr_locals++] =
		sim_prefix("fe80::1/64");
	net_start(&net);
	sim_agent_start(half);
	sim_run(net.sim, 2000);
	sim_node_power(net.hub, false);
	sim_run(net.sim, 30000);
	leads_to(spoke, MOVED, NULL);
	sim_run(net.sim, 5000);
	assert_int_equal(net_bindings(half), 1);
	assert_int_equal(spoke->events[NHRP_EVENT_NHS_MOVED], 0);
	assert_null(sim_map_at(spoke, "fe80::77"));
	assert_false(on_probation(spoke, "fe80::1"));
	net_free(&net);
}

static bool both_work(struct sim_node *spoke, const char *first,
		      const char *second)
{
	return proto_is_at(spoke, "192.168.111.1", first) &&
	       proto_is_at(spoke, "192.168.111.9", second) &&
	       net_registered(spoke);
}

/* The first hub leaves an address that the second one's name leads to. */
static void address_is_left(void **state)
{
	struct sim_node *spoke, *hub2;
	struct sim_net net;

	(void)state;
	hub2 = named_build_two(&net, HUB, HUB);
	spoke = net.spoke[0];
	assert_null(sim_map_at(spoke, "192.168.111.9"));
	hub_moves(&net, MOVED);
	moves_to(hub2, HUB);
	leads_to(spoke, MOVED, NULL);
	sim_run(net.sim, 10000);
	assert_true(both_work(spoke, MOVED, HUB));
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(net_bindings(hub2), 1);
	net_free(&net);
}

/* Two hubs change places, and so do their names: neither waits for the other. */
static void swap(void **state)
{
	struct sim_node *spoke, *hub2;
	struct sim_net net;

	(void)state;
	hub2 = named_build_two(&net, HUB, "192.168.50.9");
	spoke = net.spoke[0];
	assert_true(both_work(spoke, HUB, "192.168.50.9"));
	hub_moves(&net, MOVED);
	moves_to(hub2, HUB);
	hub_moves(&net, "192.168.50.9");
	hub_leads_to(&spoke->cfg.hubs[1], HUB, NULL);
	leads_to(spoke, "192.168.50.9", NULL);
	sim_run(net.sim, 70000);
	assert_true(both_work(spoke, "192.168.50.9", HUB));
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(net_bindings(hub2), 1);
	assert_int_equal(counter(spoke, NHRP_C_TX_PURGE_REQUEST), 0);
	net_free(&net);
}

/* The second hub's name leads only to where the first one is, and does not leave. */
static void nowhere_to_go(void **state)
{
	struct sim_node *spoke, *hub2;
	struct sim_net net;
	unsigned int i;

	(void)state;
	hub2 = named_build_two(&net, HUB, NULL);
	spoke = net.spoke[0];
	hub_leads_to(&spoke->cfg.hubs[1], HUB, MOVED);
	spoke->cfg.hubs[1].addrs[1] = sim_addr("192.168.50.2");
	leads_to(spoke, HUB, NULL);
	for (i = 0; i < 10; i++) {
		sim_run(net.sim, 500);
		assert_int_equal(trials(spoke), 0);
	}
	/* The first one's name leads where nobody is: the second one may ask. */
	hub_moves(&net, MOVED);
	moves_to(hub2, HUB);
	leads_to(spoke, DEAD, NULL);
	sim_run(net.sim, 10000);
	assert_true(proto_is_at(spoke, "192.168.111.9", HUB));
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(not_known_yet),
		cmocka_unit_test(bad_answers),
		cmocka_unit_test(trial_is_dropped),
		cmocka_unit_test(trial_is_no_way),
		cmocka_unit_test(trial_takes_half),
		cmocka_unit_test(address_is_left),
		cmocka_unit_test(swap),
		cmocka_unit_test(nowhere_to_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
