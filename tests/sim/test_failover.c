// SPDX-License-Identifier: GPL-2.0
/* The next best hubs that take over, and the way back. */
#include "nhrp/packet.h"
#include "spares.h"

static void reconfigure(struct sim_node *n)
{
	assert_int_equal(nhrp_tunnel_reconfigure(n->tunnel, &n->cfg,
						 n->sim->now), 0);
}

static bool multicast_to(struct sim_net *net, const char *hub)
{
	const struct sim_map *m = sim_map_at(net->spoke[0], hub);

	return m && m->map.flags & NHRP_MAP_MULTICAST;
}

/* One that is back is not used at once, unless there is no other. */
static void hub_that_is_back_is_held_down(void **state)
{
	struct sim_net net;

	(void)state;
	spares_build(&net, 110, 1);
	spares_start(&net, 1);
	assert_int_equal(seen(&net, 0).usable_ms, 0);
	sim_node_power(net.hub, false);
	ms_until(&net, spare[0]);
	power_on(net.hub);
	sim_run(net.sim, 5000);
	assert_int_equal(seen(&net, 0).state, NHRP_NHS_REGISTERED);
	assert_false(seen(&net, 0).active);
	assert_true(seen(&net, 1).in_use);
	assert_in_range(seen(&net, 0).usable_ms, (HOLD_DOWN_S - 5) * 1000 - 200,
			HOLD_DOWN_S * 1000);
	all_go_to(&net, spare[0], (unsigned int)seen(&net, 0).usable_ms / 100 *
				  100 - 100);
	sim_run(net.sim, 400);
	assert_int_equal(seen(&net, 0).usable_ms, 0);
	assert_true(seen(&net, 0).active);
	all_go_to(&net, net.hub, 2000);
	/* The other one fails within the hold-down. */
	sim_node_power(net.hub, false);
	ms_until(&net, spare[0]);
	power_on(net.hub);
	sim_run(net.sim, 5000);
	all_go_to(&net, spare[0], 1000);
	sim_node_power(spare[0], false);
	assert_in_range(ms_until(&net, net.hub), 0, 8500);
	assert_int_equal(seen(&net, 0).usable_ms, 0);
	net_free(&net);
}

static void no_hold_down(void **state)
{
	struct sim_net net;

	(void)state;
	spares_build(&net, 111, 1);
	net.spoke[0]->cfg.hub_hold_down_s = 0;
	spares_start(&net, 1);
	sim_node_power(net.hub, false);
	ms_until(&net, spare[0]);
	power_on(net.hub);
	assert_in_range(ms_until(&net, net.hub), 0, 8500);
	net_free(&net);
	/* Nor is there one for an only hub. */
	spares_build(&net, 117, 0);
	spares_start(&net, 0);
	sim_node_power(net.hub, false);
	sim_run(net.sim, 10000);
	power_on(net.hub);
	assert_in_range(ms_until(&net, net.hub), 0, 8500);
	sim_run(net.sim, 10000);
	assert_true(seen(&net, 0).active);
	assert_int_equal(net.spoke[0]->events[NHRP_EVENT_NHS_DOWN], 1);
	assert_int_equal(net.spoke[0]->events[NHRP_EVENT_NHS_ACTIVE], 0);
	net_free(&net);
}

/* The others know nothing of us until it fails, and forget us when it is back. */
static void one_hub_at_a_time(void **state)
{
	struct sim_net net;

	(void)state;
	spares_build(&net, 112, 2);
	net.spoke[0]->cfg.max_hubs = 1;
	spares_start(&net, 2);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(net_bindings(spare[0]), 0);
	assert_int_equal(seen(&net, 1).state, NHRP_NHS_STANDBY);
	assert_true(multicast_to(&net, "192.168.111.1"));
	assert_false(multicast_to(&net, spare_proto[0]));
	assert_false(net_direct(net.spoke[0], spare_proto[0]));
	assert_int_equal(counter(net.spoke[0], NHRP_C_TX_REGISTRATION_REQUEST),
			 1);
	sim_node_power(net.hub, false);
	assert_in_range(ms_until(&net, spare[0]), 0, 9000);
	assert_int_equal(net_bindings(spare[0]), 1);
	assert_int_equal(net_bindings(spare[1]), 0);
	assert_true(multicast_to(&net, spare_proto[0]));
	assert_false(multicast_to(&net, "192.168.111.1"));
	/* The next one. */
	sim_node_power(spare[0], false);
	assert_in_range(ms_until(&net, spare[1]), 0, 9000);
	/* The second best is back, then the best: not a packet is lost. */
	power_on(spare[0]);
	all_go_to(&net, spare[1], HOLD_DOWN_S * 1000);
	sim_run(net.sim, 8000);
	all_go_to(&net, spare[0], 1000);
	assert_int_equal(net_bindings(spare[1]), 0);
	assert_int_equal(seen(&net, 2).state, NHRP_NHS_STANDBY);
	power_on(net.hub);
	all_go_to(&net, spare[0], HOLD_DOWN_S * 1000);
	sim_run(net.sim, 70000);
	all_go_to(&net, net.hub, 1000);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(net_bindings(spare[0]), 0);
	assert_true(multicast_to(&net, "192.168.111.1"));
	assert_false(multicast_to(&net, spare_proto[0]));
	assert_int_equal(counter(net.spoke[0], NHRP_C_PURGE_UNANSWERED), 0);
	assert_int_equal(net.spoke[0]->events[NHRP_EVENT_NHS_STANDBY], 2);
	net_free(&net);
}

/* The best has never answered. */
static void best_hub_is_not_there(void **state)
{
	struct sim_net net;

	(void)state;
	spares_build(&net, 113, 2);
	net.spoke[0]->cfg.max_hubs = 1;
	sim_node_power(net.hub, false);
	sim_agent_start(net.spoke[0]);
	sim_agent_start(spare[0]);
	sim_agent_start(spare[1]);
	sim_run(net.sim, 2000);
	assert_int_equal(net_bindings(spare[0]), 0);
	sim_run(net.sim, 3000);
	assert_int_equal(net_bindings(spare[0]), 1);
	assert_int_equal(net_bindings(spare[1]), 0);
	all_go_to(&net, spare[0], 1000);
	net_free(&net);
}

static bool lose_answers_of_spare(struct sim *sim, const struct sim_packet *p)
{
	struct nhrp_msg msg;

	(void)sim;
	return p->frame && !nhrp_decode(p->data, p->len, &msg, NULL) &&
	       msg.type == NHRP_REGISTRATION_REPLY &&
	       nhrp_addr_eq(&p->from.nbma, &spare[0]->cfg.nbma[0]);
}

/* It has registered us, and we have not heard of it when we leave it. */
static void hub_is_left_before_its_answer(void **state)
{
	struct sim_net net;
	unsigned int stop;

	(void)state;
	for (stop = 0; stop < 2; stop++) {
		spares_build(&net, 143, 1);
		net.spoke[0]->cfg.max_hubs = 1;
		spares_start(&net, 1);
		net.sim->drop = lose_answers_of_spare;
		sim_node_power(net.hub, false);
		sim_run(net.sim, 10000);
		assert_int_equal(net_bindings(spare[0]), 1);
		assert_int_not_equal(seen(&net, 1).state,
				     NHRP_NHS_REGISTERED);
		if (stop)
			nhrp_tunnel_leave(net.spoke[0]->tunnel, net.sim->now);
		else
			power_on(net.hub);
		sim_run(net.sim, 10000);
		assert_int_equal(seen(&net, 1).state, stop ? NHRP_NHS_WAIT :
							     NHRP_NHS_STANDBY);
		assert_int_equal(net_bindings(net.hub), !stop);
		assert_int_equal(net_bindings(spare[0]), 0);
		net_free(&net);
	}
}

/* What the agent knew of its hubs is in the kernel's table. */
static void agent_restarts_without_best_hub(void **state)
{
	struct sim_net net;
	u64 lost;

	(void)state;
	spares_build(&net, 114, 2);
	net.spoke[0]->cfg.max_hubs = 1;
	spares_start(&net, 2);
	sim_node_power(net.hub, false);
	ms_until(&net, spare[0]);
	lost = net.sim->data_lost;
	sim_agent_kill(net.spoke[0]);
	all_go_to(&net, spare[0], 1000);
	sim_agent_start(net.spoke[0]);
	all_go_to(&net, spare[0], 8000);
	assert_int_equal(net.sim->data_lost, lost);
	assert_int_equal(net_bindings(spare[0]), 1);
	assert_int_equal(net_bindings(spare[1]), 0);
	assert_int_equal(counter(net.spoke[0], NHRP_C_TX_PURGE_REQUEST), 0);
	power_on(net.hub);
	sim_run(net.sim, (HOLD_DOWN_S + 70) * 1000);
	all_go_to(&net, net.hub, 1000);
	assert_int_equal(net_bindings(spare[0]), 0);
	net_free(&net);
}

/*
 * It refused one address of ours, whose mapping is on probation therefore: that is
 * not the hub, in whatever order the mappings are found.
 */
static void agent_restarts_with_half_a_hub(void **state)
{
	static const char * const proto[] = { "192.168.111.1", "fe80::1" };
	struct sim_node *spoke;
	struct sim_net net;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		spares_build(&net, 144 + i, 1);
		spoke = net.spoke[0];
		add_link_local(&net);
		spares_start(&net, 1);
		assert_true(net_direct(spoke, proto[i]));
		sim_agent_kill(spoke);
		sim_map_at(spoke, proto[i])->map.flags |= NHRP_MAP_PROBATION;
		sim_agent_start(spoke);
		all_go_to(&net, net.hub, 3000);
		assert_true(seen(&net, 0).active);
		assert_int_equal(seen(&net, 0).usable_ms, 0);
		net_free(&net);
	}
}

static void hubs_are_reconfigured(void **state)
{
	struct nhrp_tunnel_config *cfg;
	struct sim_net net;

	(void)state;
	spares_build(&net, 115, 2);
	cfg = &net.spoke[0]->cfg;
	spares_start(&net, 2);
	assert_int_equal(net_bindings(spare[0]) + net_bindings(spare[1]), 2);
	cfg->max_hubs = 2;
	reconfigure(net.spoke[0]);
	sim_run(net.sim, 500);
	assert_int_equal(net_bindings(spare[0]), 1);
	assert_int_equal(net_bindings(spare[1]), 0);
	/* The worst is the best now, and known before another is left. */
	cfg->max_hubs = 1;
	cfg->hubs[2].priority = 0;
	cfg->hubs[0].priority = 50;
	cfg->hubs[1].priority = 40;
	reconfigure(net.spoke[0]);
	assert_int_equal(seen(&net, 1).state, NHRP_NHS_REGISTERED);
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(net.hub) + net_bindings(spare[0]), 0);
	assert_int_equal(net_bindings(spare[1]), 1);
	all_go_to(&net, spare[1], 1000);
	/* All of them. */
	cfg->max_hubs = NHRP_HUBS_MAX;
	reconfigure(net.spoke[0]);
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(net.hub) + net_bindings(spare[0]) +
			 net_bindings(spare[1]), 3);
	net_free(&net);
}

/* The underlay goes and comes: who was active is so again. */
static void underlay_flaps(void **state)
{
	struct sim_net net;

	(void)state;
	spares_build(&net, 116, 1);
	net.spoke[0]->cfg.max_hubs = 1;
	spares_start(&net, 1);
	nhrp_tunnel_lower(net.spoke[0]->tunnel, false, net.sim->now);
	sim_run(net.sim, 10000);
	nhrp_tunnel_lower(net.spoke[0]->tunnel, true, net.sim->now);
	sim_run(net.sim, 1000);
	all_go_to(&net, net.hub, 1000);
	assert_int_equal(net_bindings(spare[0]), 0);
	assert_int_equal(seen(&net, 0).usable_ms, 0);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hub_that_is_back_is_held_down),
		cmocka_unit_test(no_hold_down),
		cmocka_unit_test(one_hub_at_a_time),
		cmocka_unit_test(best_hub_is_not_there),
		cmocka_unit_test(hub_is_left_before_its_answer),
		cmocka_unit_test(agent_restarts_without_best_hub),
		cmocka_unit_test(agent_restarts_with_half_a_hub),
		cmocka_unit_test(hubs_are_reconfigured),
		cmocka_unit_test(underlay_flaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
