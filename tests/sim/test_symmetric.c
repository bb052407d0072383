// SPDX-License-Identifier: GPL-2.0
/* T19: two spokes behind NATs that have a port for each destination, open for that one only. */
#include "test.h"

#define HOUR_MS	3600000u
#define PING_MS	100

static const enum nhrp_counter asked[] = { NHRP_C_PROBE_SENT, NHRP_C_TX_RESOLUTION_REQUEST };

static void build(struct sim_net *net, u64 seed)
{
	unsigned int i;

	net_build(net, seed, 2, 3);
	net_use_udp(net->hub);
	for (i = 0; i < 2; i++) {
		net_use_udp(net->spoke[i]);
		net->spoke[i]->nat = sim_nat_add(net->sim, i ? "198.51.100.2" : "203.0.113.2",
						 true);
	}
	net->sim->strict = true;
	net_start(net);
	sim_run(net->sim, 1000);
	assert_int_equal(net_bindings(net->hub), 2);
}

/* All of this time packets go both ways; @sent: what spoke 1 asked for meanwhile. */
static void ping_on(struct sim_net *net, u64 for_ms, u64 sent[2])
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		sent[i] = counter(net->spoke[0], asked[i]);
	net_ping_for(net, net->spoke[0], net->spoke[1], for_ms, PING_MS);
	for (i = 0; i < 2; i++)
		sent[i] = counter(net->spoke[0], asked[i]) - sent[i];
}

/* The path is never proven, nothing is lost, and it is tried once a minute at most. */
static void stays_by_the_hub(void **state)
{
	struct sim_net net;
	u64 sent[2];

	(void)state;
	build(&net, 851);
	ping_on(&net, 300000, sent);
	assert_true(sent[0] > 0);
	ping_on(&net, HOUR_MS, sent);
	/* Anew when the holding time of 600 s has ended, with a few short times. */
	assert_in_range(sent[0], 1, 60 + 6 * 2);
	assert_in_range(sent[1] - sent[0], 0, 2 * 6);
	sim_run(net.sim, 1000);
	assert_int_equal(net.spoke[0]->direct + net.spoke[1]->direct, 0);
	assert_int_equal(net.spoke[1]->received, net.spoke[0]->sent);
	assert_int_equal(net.spoke[0]->received, net.spoke[1]->sent);
	assert_int_equal(net.sim->data_lost, 0);
	assert_string_equal(net.sim->broken, "");
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stays_by_the_hub),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
