// SPDX-License-Identifier: GPL-2.0
/* Whether and when a hub is missed, and the next best is asked. */
#include <errno.h>

#include "nhrp/packet.h"
#include "spares.h"

/* From the last packet of a hub to the first that goes by the next one. */
static void dead_hub_is_soon_missed(void **state)
{
	struct sim_net net;
	unsigned int seed;

	(void)state;
	for (seed = 90; seed < 100; seed++) {
		spares_build(&net, seed, 1);
		spares_start(&net, 1);
		sim_run(net.sim, seed * 137);
		net_ping_for(&net, net.spoke[0], net.hub, 3000, 100);
		assert_int_equal(spare[0]->received, 0);
		sim_node_power(net.hub, false);
		assert_in_range(ms_until(&net, spare[0]), 6000, 8500);
		net_free(&net);
	}
}

/*
 * The spoke has two addresses there, and each its own time to ask. When one of
 * them has no answer, nothing goes to the hub by the mapping of the other one.
 */
static void dead_hub_is_missed_for_all_addresses(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;
	unsigned int i, ms;

	(void)state;
	for (i = 0; i < 10; i++) {
		spares_build(&net, 130 + i, 1);
		spoke = net.spoke[0];
		/* By probes, or as they are refreshed. */
		spoke->cfg.probe_interval_s = i & 1 ? 20 : 0;
		spoke->cfg.holding_time_s = 120;
		spoke->cfg.max_hubs = i & 2 ? 1 : 2;
		add_link_local(&net);
		spares_start(&net, 1);
		assert_true(net_direct(spoke, "fe80::1"));
		net_ping_for(&net, spoke, net.hub, 3000, 100);
		sim_node_power(net.hub, false);
		for (ms = 0; ms < 60000 &&
		     !spoke->events[NHRP_EVENT_NHS_DOWN]; ms += 100)
			sim_run(net.sim, 100);
		assert_int_equal(spoke->events[NHRP_EVENT_NHS_DOWN], 2);
		sim_run(net.sim, 300);
		all_go_to(&net, spare[0], 10000);
		assert_int_equal(seen(&net, 0).state, NHRP_NHS_UNREACHABLE);
		/* Both are found again. */
		power_on(net.hub);
		sim_run(net.sim, (HOLD_DOWN_S + 70) * 1000);
		all_go_to(&net, net.hub, 1000);
		assert_int_equal(net_bindings(net.hub), 2);
		net_free(&net);
	}
}

/*
 * The best hub has our address from somebody else and takes no other but the
 * link-local one: the next hub is asked, and the data goes there.
 */
static void hub_that_refuses_our_address(void **state)
{
	struct sim_node *other;
	struct sim_net net;

	(void)state;
	spares_build(&net, 141, 1);
	net.spoke[0]->cfg.max_hubs = 1;
	net.hub->cfg.unique = NHRP_UNIQUE_STRICT;
	other = sim_node_add(net.sim, "other");
	other->cfg = net.spoke[0]->cfg;
	other->cfg.nr_hubs = 1;
	other->cfg.nbma[0] = sim_addr("192.168.50.77");
	add_link_local(&net);
	sim_agent_start(net.hub);
	sim_agent_start(other);
	sim_run(net.sim, 1000);
	sim_agent_start(spare[0]);
	sim_agent_start(net.spoke[0]);
	sim_run(net.sim, 2000);
	assert_int_equal(net_bindings(net.hub), 2);
	assert_int_equal(net_bindings(spare[0]), 2);
	all_go_to(&net, spare[0], 1000);
	assert_false(seen(&net, 0).active);
	/* It takes us again. */
	nhrp_tunnel_leave(other->tunnel, net.sim->now);
	sim_run(net.sim, (90 + HOLD_DOWN_S + 1) * 1000);
	all_go_to(&net, net.hub, 1000);
	assert_int_equal(net_bindings(net.hub), 2);
	assert_int_equal(net_bindings(spare[0]), 0);
	net_free(&net);
	/* Who has no other address is content with that. */
	spares_build(&net, 142, 1);
	net.spoke[0]->cfg.max_hubs = 1;
	add_link_local(&net);
	net.spoke[0]->cfg.locals[0] = net.spoke[0]->cfg.locals[1];
	net.spoke[0]->cfg.nr_locals = 1;
	spares_start(&net, 1);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(net_bindings(spare[0]), 0);
	assert_true(seen(&net, 0).active);
	net_free(&net);
}

/* One packet is lost, and the hub lives: asked for all addresses, and that is all. */
static bool lose_one(struct sim *sim, const struct sim_packet *p)
{
	(void)p;
	sim->drop = NULL;
	return true;
}

static void lost_request_is_no_loss(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	spares_build(&net, 140, 1);
	spoke = net.spoke[0];
	add_link_local(&net);
	spares_start(&net, 1);
	net_ping_for(&net, spoke, net.hub, 1000, 100);
	net.sim->drop = lose_one;
	sim_run(net.sim, 5000);
	assert_null(net.sim->drop);
	net_ping_for(&net, spoke, net.hub, 10000, 100);
	assert_int_equal(spoke->events[NHRP_EVENT_NHS_DOWN], 0);
	all_go_to(&net, net.hub, 1000);
	net_free(&net);
}

static bool lose_link_local(struct sim *sim, const struct sim_packet *p)
{
	struct nhrp_msg msg;

	(void)sim;
	return p->frame && !nhrp_decode(p->data, p->len, &msg, NULL) &&
	       nhrp_addr_is_linklocal(&msg.src_proto);
}

/* What it does not want to know says nothing of the rest: that is not asked for. */
static void hub_that_ignores_an_address(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	spares_build(&net, 146, 1);
	spoke = net.spoke[0];
	spoke->cfg.probe_interval_s = 0;
	spoke->cfg.max_hubs = 1;
	add_link_local(&net);
	net.sim->drop = lose_link_local;
	spares_start(&net, 1);
	sim_run(net.sim, 15000);
	assert_int_equal(counter(net.hub, NHRP_C_RX_REGISTRATION_REQUEST), 1);
	assert_int_equal(spoke->events[NHRP_EVENT_NHS_DOWN], 1);
	assert_true(seen(&net, 0).active);
	assert_int_equal(net_bindings(spare[0]), 0);
	all_go_to(&net, net.hub, 1000);
	net_free(&net);
}

/* No packet of the spoke gets to the hub while IKE does not, if ever. */
static void no_sa_to_hub(struct sim_net *net, bool yes)
{
	struct sim_node *spoke = net->spoke[0];

	spoke->tx_error = yes ? -EINPROGRESS : 0;
	spoke->tx_error_to = net->hub;
	if (!yes)
		nhrp_tunnel_peer_ready(spoke->tunnel,
				       &spoke->cfg.hubs[0].peer, net->sim->now);
}

/* A hub that took its security associations along is missed like any other. */
static void hub_without_sa_is_missed(void **state)
{
	struct sim_net net;
	unsigned int hubs;

	(void)state;
	for (hubs = 1; hubs <= 2; hubs++) {
		spares_build(&net, 118 + hubs, 1);
		net.spoke[0]->cfg.max_hubs = hubs;
		spares_start(&net, 1);
		net_ping_for(&net, net.spoke[0], net.hub, 1000, 100);
		sim_node_power(net.hub, false);
		no_sa_to_hub(&net, true);
		assert_in_range(ms_until(&net, spare[0]), 5000, 10000);
		assert_int_equal(net_bindings(spare[0]), 1);
		assert_int_equal(seen(&net, 0).state, NHRP_NHS_UNREACHABLE);
		/* It is asked on, and found as soon as IKE has found it. */
		power_on(net.hub);
		sim_run(net.sim, 20000);
		assert_int_equal(net_bindings(net.hub), 0);
		no_sa_to_hub(&net, false);
		sim_run(net.sim, 100);
		assert_int_equal(seen(&net, 0).state, NHRP_NHS_REGISTERED);
		net_free(&net);
	}
}

/* The spoke boots while the best hub is away. */
static void hub_without_sa_is_not_waited_for(void **state)
{
	struct sim_net net;
	unsigned int hubs;

	(void)state;
	for (hubs = 1; hubs <= 2; hubs++) {
		spares_build(&net, 120 + hubs, 1);
		net.spoke[0]->cfg.max_hubs = hubs;
		sim_node_power(net.hub, false);
		no_sa_to_hub(&net, true);
		sim_agent_start(spare[0]);
		sim_agent_start(net.spoke[0]);
		sim_run(net.sim, 4500);
		assert_int_equal(seen(&net, 0).state, NHRP_NHS_REGISTERING);
		sim_run(net.sim, 1500);
		assert_int_equal(net_bindings(spare[0]), 1);
		all_go_to(&net, spare[0], 1000);
		net_free(&net);
	}
}

/* IKE takes its time: nobody is missed, and nobody else is asked. */
static void sa_that_takes_seconds(void **state)
{
	struct sim_net net;

	(void)state;
	spares_build(&net, 123, 1);
	net.spoke[0]->cfg.max_hubs = 1;
	net.spoke[0]->tx_error = -EINPROGRESS;
	spares_start(&net, 1);
	sim_run(net.sim, 3500);
	assert_true(seen(&net, 0).no_sa);
	no_sa_to_hub(&net, false);
	sim_run(net.sim, 100);
	assert_int_equal(seen(&net, 0).state, NHRP_NHS_REGISTERED);
	assert_false(seen(&net, 0).no_sa);
	assert_int_equal(net.spoke[0]->events[NHRP_EVENT_NHS_DOWN], 0);
	assert_int_equal(net_bindings(spare[0]), 0);
	net_free(&net);
}

/* Its agent alone is away for some seconds: its packets say that it lives. */
static void restarting_hub_is_not_missed(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;
	unsigned int i;
	u64 asked;

	(void)state;
	spares_build(&net, 101, 1);
	spoke = net.spoke[0];
	spoke->cfg.probe_interval_s = 20;
	spoke->cfg.holding_time_s = 30;
	spares_start(&net, 1);
	sim_agent_kill(net.hub);
	asked = counter(spoke, NHRP_C_REGISTRATION_TIMEOUT);
	/* Three requests are unanswered, and the last of them is overdue. */
	for (i = 0; i < 200 &&
	     counter(spoke, NHRP_C_REGISTRATION_TIMEOUT) < asked + 3; i++) {
		sim_ping(net.hub, &net.hub->lan, &spoke->lan);
		sim_run(net.sim, 100);
	}
	assert_int_equal(counter(spoke, NHRP_C_REGISTRATION_TIMEOUT),
			 asked + 3);
	assert_true(net_direct(spoke, "192.168.111.1"));
	sim_agent_start(net.hub);
	sim_run(net.sim, 5000);
	assert_true(net_direct(spoke, "192.168.111.1"));
	assert_int_equal(spoke->events[NHRP_EVENT_NHS_DOWN], 0);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dead_hub_is_soon_missed),
		cmocka_unit_test(dead_hub_is_missed_for_all_addresses),
		cmocka_unit_test(hub_that_refuses_our_address),
		cmocka_unit_test(lost_request_is_no_loss),
		cmocka_unit_test(hub_that_ignores_an_address),
		cmocka_unit_test(hub_without_sa_is_missed),
		cmocka_unit_test(hub_without_sa_is_not_waited_for),
		cmocka_unit_test(sa_that_takes_seconds),
		cmocka_unit_test(restarting_hub_is_not_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
