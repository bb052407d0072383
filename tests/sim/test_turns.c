// SPDX-License-Identifier: GPL-2.0
/* A hub with unique = off: who claims an address last has it, but not by turns. */
#include "moves.h"

/* Registers again, from where it is. */
static void insist(struct sim_node *n)
{
	n->cfg.holding_time_s ^= 1;
	assert_int_equal(nhrp_tunnel_reconfigure(n->tunnel, &n->cfg, n->sim->now), 0);
}

/* T24: two that live have one address, and the hub does not care: by turns, but slowly. */
static void last_wins_slowly(void **state)
{
	struct sim_node *other;
	struct sim_net net;
	unsigned int i;
	u64 moved;

	(void)state;
	net_build(&net, 39, 1, 3);
	net.hub->cfg.unique = NHRP_UNIQUE_OFF;
	other = sim_node_add(net.sim, "other");
	other->cfg = net.spoke[0]->cfg;
	other->cfg.nbma[0] = sim_addr("192.168.50.66");
	net_start(&net);
	sim_run(net.sim, 1000);
	sim_agent_start(other);
	sim_run(net.sim, 300);
	assert_true(hub_sends_to(&net, "192.168.50.66"));
	for (i = 0; i < 59; i++) {
		insist(i % 2 ? other : net.spoke[0]);
		sim_run(net.sim, 1000);
	}
	moved = counter(net.hub, NHRP_C_BINDING_MOVED);
	assert_in_range(moved, 4, 6);
	assert_int_equal(net.hub->events[NHRP_EVENT_CONFLICT], moved);
	assert_int_equal(net.hub->events[NHRP_EVENT_SPOKE_MOVED], moved);
	assert_true(counter(net.hub, NHRP_C_DROP_CONFLICT) > 0);
	assert_int_equal(counter(net.hub, NHRP_C_NAK_SENT), 0);
	/* The last one stays. */
	sim_node_power(net.spoke[0], false);
	sim_run(net.sim, 10000);
	insist(other);
	sim_run(net.sim, 1000);
	assert_true(hub_sends_to(&net, "192.168.50.66"));
	net_free(&net);
}

/* What was moved when its owner was silent is nobody's win. */
static void off_after_a_move(void **state)
{
	struct sim_net net;

	(void)state;
	moves_begin(&net, 41, NHRP_UNIQUE_VERIFY);
	moves_to(&net, "192.168.50.102");
	sim_run(net.sim, 5000);
	assert_true(hub_sends_to(&net, "192.168.50.102"));
	net.hub->cfg.unique = NHRP_UNIQUE_OFF;
	assert_int_equal(nhrp_tunnel_reconfigure(net.hub->tunnel, &net.hub->cfg,
						 net.sim->now), 0);
	moves_to(&net, "192.168.50.103");
	sim_run(net.sim, 500);
	assert_true(hub_sends_to(&net, "192.168.50.103"));
	net_free(&net);
}

/* A NAT that forgets a port is no conflict. */
static void another_port_is_no_conflict(void **state)
{
	struct sim_net net;
	struct sim_nat *nat;
	unsigned int i;

	(void)state;
	net_build(&net, 40, 1, 3);
	net.hub->cfg.unique = NHRP_UNIQUE_OFF;
	nat = sim_nat_add(net.sim, "198.51.100.1", false);
	net.spoke[0]->nat = nat;
	net_use_udp(net.hub);
	net_use_udp(net.spoke[0]);
	net_start(&net);
	sim_run(net.sim, 1000);
	for (i = 0; i < 3; i++) {
		sim_nat_rebind(nat);
		insist(net.spoke[0]);
		sim_run(net.sim, 1000);
	}
	assert_int_equal(counter(net.hub, NHRP_C_BINDING_MOVED), 3);
	assert_int_equal(net.hub->events[NHRP_EVENT_CONFLICT], 0);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(last_wins_slowly),
		cmocka_unit_test(off_after_a_move),
		cmocka_unit_test(another_port_is_no_conflict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
