// SPDX-License-Identifier: GPL-2.0
/* T56: the clock on the wall jumps by a day, and agents are restarted. */
#include "signed.h"
#include "test.h"

#define DAY_S	86400
#define SOME_S	1700000000

static void build(struct sim_net *net, u64 seed)
{
	signed_build(net, seed, 2);
	net->sim->wall_s = SOME_S;
	net->sim->strict = true;
	net_start(net);
	sim_run(net->sim, 1000);
	net_ping_for(net, net->spoke[0], net->spoke[1], 3000, 50);
	assert_true(net_direct(net->spoke[0], LAN2));
	assert_int_equal(net_bindings(net->hub), 2);
}

/* One after the other: the others remember what it said last. */
static void restart_each(struct sim_net *net)
{
	unsigned int i;

	for (i = 0; i < net->sim->nr_nodes; i++) {
		sim_agent_kill(net->sim->nodes[i]);
		sim_agent_start(net->sim->nodes[i]);
		net_ping_for(net, net->spoke[0], net->spoke[1], 5000, 50);
	}
}

static u64 end_of(struct sim_node *n, const char *prefix)
{
	return sim_map_at(n, prefix)->expires_at;
}

/* What is used goes on without a loss, and who restarts is heard at once. */
static void jump_and_restart(long long by_s, u64 seed)
{
	u64 shortcut, binding, requests;
	struct sim_net net;

	build(&net, seed);
	shortcut = end_of(net.spoke[0], LAN2);
	binding = end_of(net.hub, "192.168.111.2");
	requests = counter(net.spoke[0], NHRP_C_TX_REGISTRATION_REQUEST);
	net.sim->wall_s += by_s;
	net_ping_for(&net, net.spoke[0], net.spoke[1], 10000, 50);
	assert_int_equal(end_of(net.spoke[0], LAN2), shortcut);
	assert_int_equal(end_of(net.hub, "192.168.111.2"), binding);
	assert_int_equal(counter(net.spoke[0], NHRP_C_TX_REGISTRATION_REQUEST), requests);
	restart_each(&net);
	assert_true(net_registered(net.spoke[0]));
	assert_int_equal(net_bindings(net.hub), 2);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_int_equal(net.sim->data_lost, 0);
	/* In use for an hour: refreshed in time. */
	net_ping_for(&net, net.spoke[0], net.spoke[1], 3600000, 1000);
	assert_int_equal(net.sim->data_lost, 0);
	assert_int_equal(net.spoke[0]->events[NHRP_EVENT_NHS_DOWN], 0);
	assert_string_equal(net.sim->broken, "");
	net_free(&net);
}

/* What is not, and whose owner is gone, ends when it should. */
static void jump_and_end(long long by_s, u64 seed)
{
	struct sim_net net;
	u64 hold_ms, end;

	build(&net, seed);
	hold_ms = 1000ull * net.spoke[0]->cfg.holding_time_s;
	end = end_of(net.hub, "192.168.111.3");
	assert_in_range(end, net.sim->now + hold_ms - 5000, net.sim->now + hold_ms);
	sim_node_power(net.spoke[1], false);
	net.sim->wall_s += by_s;
	sim_agent_kill(net.hub);
	sim_agent_kill(net.spoke[0]);
	sim_agent_start(net.hub);
	sim_agent_start(net.spoke[0]);
	sim_run(net.sim, end - net.sim->now - 1000);
	assert_int_equal(net_bindings(net.hub), 2);
	sim_run(net.sim, 2000);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_null(sim_map_at(net.hub, "192.168.111.3"));
	sim_run(net.sim, 10000);
	assert_null(sim_map_at(net.spoke[0], LAN2));
	assert_string_equal(net.sim->broken, "");
	net_free(&net);
}

static void a_day_ahead(void **state)
{
	(void)state;
	jump_and_restart(DAY_S, 901);
	jump_and_end(DAY_S, 902);
}

static void a_day_back(void **state)
{
	(void)state;
	jump_and_restart(-DAY_S, 903);
	jump_and_end(-DAY_S, 904);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_ahead),
		cmocka_unit_test(a_day_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
