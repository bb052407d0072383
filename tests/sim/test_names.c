// SPDX-License-Identifier: GPL-2.0
/* A hub that has a name: the daemon says where the name leads to. */
#include <string.h>

#include "named.h"

/* The hub is somewhere else, where nobody knew, and then the name leads there. */
static void moves(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	named_build(&net, 1, HUB, NULL);
	spoke = net.spoke[0];
	net_start(&net);
	sim_run(net.sim, 2000);
	assert_true(is_at(spoke, HUB));
	pings_arrive(&net, 3);
	hub_moves(&net, MOVED);
	sim_run(net.sim, 60000);
	assert_int_equal(first_info(spoke).state, NHRP_NHS_UNREACHABLE);
	assert_true(is_at(spoke, HUB));
	leads_to(spoke, MOVED, NULL);
	sim_run(net.sim, 500);
	assert_true(is_at(spoke, MOVED));
	assert_true(net_registered(spoke));
	assert_int_equal(spoke->events[NHRP_EVENT_NHS_MOVED], 1);
	pings_arrive(&net, 3);
	/* One hub, asked as one; and where it was nothing is sent any more. */
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(counter(spoke, NHRP_C_TX_PURGE_REQUEST), 0);
	net_free(&net);
}

/* The name leads elsewhere before the hub does: it stays in use until then. */
static void name_is_early(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;
	u64 asked;

	(void)state;
	named_build(&net, 1, HUB, NULL);
	spoke = net.spoke[0];
	net_start(&net);
	sim_run(net.sim, 2000);
	leads_to(spoke, MOVED, NULL);
	pings_arrive(&net, 120);
	assert_true(is_at(spoke, HUB));
	assert_int_equal(spoke->events[NHRP_EVENT_NHS_MOVED], 0);
	hub_moves(&net, MOVED);
	/* It is asked on, at most every 64 s. */
	sim_run(net.sim, 65000);
	assert_true(is_at(spoke, MOVED));
	pings_arrive(&net, 3);
	/* And back by the name: nothing is kept in reserve. */
	leads_to(spoke, HUB, NULL);
	leads_to(spoke, MOVED, NULL);
	asked = counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST);
	sim_run(net.sim, 1000);
	assert_int_equal(counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST), asked);
	net_free(&net);
}

/* The first address is dead: the next one, and the first one is forgotten. */
static void second_address(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	named_build(&net, 1, DEAD, HUB);
	spoke = net.spoke[0];
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_true(is_at(spoke, DEAD));
	sim_run(net.sim, 6000);
	assert_true(is_at(spoke, HUB));
	pings_arrive(&net, 3);
	/* The name's order is not worth a move. */
	leads_to(spoke, DEAD, HUB);
	sim_run(net.sim, 60000);
	assert_int_equal(spoke->events[NHRP_EVENT_NHS_MOVED], 1);
	assert_true(is_at(spoke, HUB));
	net_free(&net);
}

/* None answers: each is asked in turn, and ever less. */
static void all_dead(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;
	unsigned int i;
	u64 asked;

	(void)state;
	named_build(&net, 1, HUB, NULL);
	spoke = net.spoke[0];
	sim_node_power(net.hub, false);
	net_start(&net);
	for (i = 0; i < NHRP_HUB_ADDRS_MAX; i++) {
		spoke->cfg.hubs[0].addrs[i] = sim_addr(DEAD);
		spoke->cfg.hubs[0].addrs[i].b[3] += i;
	}
	spoke->cfg.hubs[0].nr_addrs = i;
	nhrp_tunnel_reconfigure(spoke->tunnel, &spoke->cfg, net.sim->now);
	sim_run(net.sim, 600000);
	asked = counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST);
	sim_run(net.sim, 3600000);
	asked = counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST) - asked;
	/* Old address and trial: 3600 / 64 rounds of three, and of one. */
	assert_in_range(asked, 100, 600);
	net_free(&net);
}

/* Of both families the one that we can send by, as soon as we can. */
static void other_family(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	named_build(&net, 1, "2001:db8:50::1", HUB);
	spoke = net.spoke[0];
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_true(is_at(spoke, HUB));
	/* IPv6 alone, of which we have no address: it waits, and says so. */
	net_free(&net);
	named_build(&net, 1, "2001:db8:50::1", NULL);
	spoke = net.spoke[0];
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_int_equal(first_info(spoke).state, NHRP_NHS_WAIT);
	assert_true(first_info(spoke).no_source);
	memset(&net.hub->cfg.nbma[0], 0, sizeof(net.hub->cfg.nbma[0]));
	net.hub->cfg.nbma[1] = sim_addr("2001:db8:50::1");
	nhrp_tunnel_reconfigure(net.hub->tunnel, &net.hub->cfg, net.sim->now);
	spoke->cfg.nbma[1] = sim_addr("2001:db8:50::2");
	nhrp_tunnel_reconfigure(spoke->tunnel, &spoke->cfg, net.sim->now);
	sim_run(net.sim, 1000);
	assert_true(is_at(spoke, "2001:db8:50::1"));
	pings_arrive(&net, 3);
	net_free(&net);
}

/* Our next life begins before the name server answers: data does not wait. */
static void restart_without_names(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	named_build(&net, 1, HUB, NULL);
	spoke = net.spoke[0];
	spoke->cfg.hubs[0].has_proto = false;
	net_start(&net);
	sim_run(net.sim, 2000);
	pings_arrive(&net, 3);
	sim_agent_kill(spoke);
	spoke->cfg.hubs[0].nr_addrs = 0;
	sim_agent_start(spoke);
	pings_arrive(&net, 30);
	assert_true(is_at(spoke, HUB));
	/* It has moved meanwhile, and what the name server says is tried beside. */
	sim_agent_kill(spoke);
	leads_to(spoke, MOVED, NULL);
	hub_moves(&net, MOVED);
	sim_agent_start(spoke);
	sim_run(net.sim, 1000);
	assert_true(is_at(spoke, MOVED));
	pings_arrive(&net, 3);
	net_free(&net);
}

/* Shortcuts do not notice that the hub moves. */
static void shortcuts_stay(void **state)
{
	struct sim_net net;

	(void)state;
	named_build(&net, 2, HUB, NULL);
	named(net.spoke[1]);
	leads_to(net.spoke[1], HUB, NULL);
	net_start(&net);
	sim_run(net.sim, 2000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 3000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	hub_moves(&net, MOVED);
	leads_to(net.spoke[0], MOVED, NULL);
	leads_to(net.spoke[1], MOVED, NULL);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 5000, 50);
	assert_true(is_at(net.spoke[0], MOVED));
	assert_true(is_at(net.spoke[1], MOVED));
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_int_equal(net.spoke[0]->events[NHRP_EVENT_SHORTCUT_DOWN], 0);
	net_free(&net);
}

/* What is shown is what is configured, also where nothing else changes. */
static void another_name(void **state)
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
	snprintf(spoke->cfg.hubs[0].name, sizeof(spoke->cfg.hubs[0].name),
		 "paris.example.net");
	leads_to(spoke, HUB, NULL);
	assert_string_equal(first_info(spoke).name, "paris.example.net");
	/* And an address in place of a name. */
	*spoke->cfg.hubs[0].name = '\0';
	spoke->cfg.hubs[0].peer.nbma = sim_addr(HUB);
	leads_to(spoke, NULL, NULL);
	assert_string_equal(first_info(spoke).name, "");
	assert_true(is_at(spoke, HUB));
	assert_int_equal(counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST), asked);
	net_free(&net);
}

/* There are more than are told: that an address is not among them says nothing. */
static void one_of_many(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	named_build(&net, 1, HUB, NULL);
	spoke = net.spoke[0];
	net_start(&net);
	sim_run(net.sim, 2000);
	spoke->cfg.hubs[0].more = true;
	leads_to(spoke, MOVED, DEAD);
	sim_run(net.sim, 1000);
	assert_int_equal(trials(spoke), 0);
	assert_true(is_at(spoke, HUB));
	/* If it is lost, those that are told are asked. */
	hub_moves(&net, MOVED);
	sim_run(net.sim, 60000);
	assert_true(is_at(spoke, MOVED));
	net_free(&net);
}

/* A name in place of an address: the hub works on before the name is known. */
static void gets_a_name(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;
	u64 asked;

	(void)state;
	net_build(&net, 91, 1, 3);
	spoke = net.spoke[0];
	net_start(&net);
	sim_run(net.sim, 2000);
	asked = counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST);
	snprintf(spoke->cfg.hubs[0].name, sizeof(spoke->cfg.hubs[0].name),
		 "hub.example.net");
	leads_to(spoke, NULL, NULL);
	pings_arrive(&net, 5);
	assert_true(is_at(spoke, HUB));
	assert_int_equal(nowhere(spoke), 0);
	assert_int_equal(counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST), asked);
	/* From then on what it had before counts no more. */
	hub_moves(&net, MOVED);
	leads_to(spoke, MOVED, NULL);
	sim_run(net.sim, 10000);
	assert_true(is_at(spoke, MOVED));
	leads_to(spoke, MOVED, NULL);
	assert_true(is_at(spoke, MOVED));
	/* Nor does it in our next life. */
	sim_agent_kill(spoke);
	sim_kernel_clear(spoke);
	sim_agent_start(spoke);
	sim_run(net.sim, 500);
	assert_true(is_at(spoke, MOVED));
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moves),
		cmocka_unit_test(name_is_early),
		cmocka_unit_test(second_address),
		cmocka_unit_test(all_dead),
		cmocka_unit_test(other_family),
		cmocka_unit_test(restart_without_names),
		cmocka_unit_test(shortcuts_stay),
		cmocka_unit_test(another_name),
		cmocka_unit_test(one_of_many),
		cmocka_unit_test(gets_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
