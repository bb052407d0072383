// SPDX-License-Identifier: GPL-2.0
/* T59: IPv4 and IPv6 inside the tunnel and below it, in all combinations. */
#include <stdio.h>
#include <string.h>

#include "test.h"

static const char *const lan6[] = { "2001:db8:10::/64", "2001:db8:30::/64", "2001:db8:40::/64" };
static const char *const host6[] = { "2001:db8:10::1", "2001:db8:30::1", "2001:db8:40::1" };

static void underlay6(struct sim_net *net)
{
	char text[NHRP_ADDR_STRLEN];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct sim_node *n = net->sim->nodes[i];

		snprintf(text, sizeof(text), "2001:db8:50::%u", i + 1);
		n->cfg.nbma[1] = sim_addr(text);
		memset(&n->cfg.nbma[0], 0, sizeof(n->cfg.nbma[0]));
		if (i)
			n->cfg.hubs[0].peer.nbma = sim_addr("2001:db8:50::1");
	}
}

/* IPv6 inside as local number @as: 0, in place of IPv4, or 1, beside it. */
static void inside6(struct sim_net *net, unsigned int as)
{
	char text[NHRP_PREFIX_STRLEN];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct sim_node *n = net->sim->nodes[i];

		snprintf(text, sizeof(text), "2001:db8:111::%u/64", i + 1);
		n->cfg.locals[as] = sim_prefix(text);
		n->cfg.nr_locals = as + 1;
		sim_route_add(n, "2001:db8:111::/64", NULL, true);
		sim_route_add(n, lan6[i], NULL, false);
		if (!i)
			continue;
		/* Beside IPv4 the hub's IPv6 address is learned. */
		if (!as)
			n->cfg.hubs[0].proto = sim_addr("2001:db8:111::1");
		sim_route_add(n, "2001:db8::/32", "2001:db8:111::1", true);
		snprintf(text, sizeof(text), "2001:db8:111::%u", i + 1);
		sim_route_add(net->hub, lan6[i], text, true);
	}
}

static void lans6(struct sim_net *net)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		net->sim->nodes[i]->lan = sim_addr(host6[i]);
}

/* By the hub, which tells of a better way, and soon by that one. */
static void assert_shortcut(struct sim_net *net, bool six)
{
	u64 told = counter(net->hub, NHRP_C_TX_INDICATION);
	unsigned int i;

	for (i = 0; i < 2; i++) {
		net->spoke[i]->received = 0;
		net->spoke[i]->direct = 0;
	}
	net_ping_for(net, net->spoke[0], net->spoke[1], 5000, 50);
	sim_run(net->sim, 100);
	assert_true(counter(net->hub, NHRP_C_TX_INDICATION) > told);
	for (i = 0; i < 2; i++) {
		assert_int_equal(net->spoke[i]->received, 100);
		assert_true(net->spoke[i]->direct >= 100 - 300 / 50);
	}
	assert_true(net_direct(net->spoke[0], six ? lan6[2] : LAN2));
	assert_true(net_direct(net->spoke[1], six ? lan6[1] : LAN1));
	/* The owners answered. */
	assert_int_equal(counter(net->hub, NHRP_C_TX_RESOLUTION_REPLY), 0);
	assert_int_equal(net->sim->data_lost, 0);
	assert_string_equal(net->sim->broken, "");
}

static void one_family_inside(u64 seed, bool six, bool below_six)
{
	struct sim_net net;

	net_build(&net, seed, 2, 3);
	if (below_six)
		underlay6(&net);
	if (six) {
		inside6(&net, 0);
		lans6(&net);
	}
	net.sim->strict = true;
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(net.hub), 2);
	assert_shortcut(&net, six);
	net_free(&net);
}

static void four_in_four(void **state)
{
	(void)state;
	one_family_inside(801, false, false);
}

static void four_in_six(void **state)
{
	(void)state;
	one_family_inside(802, false, true);
}

static void six_in_four(void **state)
{
	(void)state;
	one_family_inside(803, true, false);
}

static void six_in_six(void **state)
{
	(void)state;
	one_family_inside(804, true, true);
}

static void both_in(u64 seed, bool below_six)
{
	struct sim_net net;

	net_build(&net, seed, 2, 3);
	if (below_six)
		underlay6(&net);
	inside6(&net, 1);
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(net.hub), 4);
	assert_true(net_direct(net.spoke[0], "2001:db8:111::1"));
	assert_shortcut(&net, false);
	lans6(&net);
	assert_shortcut(&net, true);
	net_free(&net);
}

static void both_in_four(void **state)
{
	(void)state;
	both_in(805, false);
}

static void both_in_six(void **state)
{
	(void)state;
	both_in(806, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_in_four),
		cmocka_unit_test(four_in_six),
		cmocka_unit_test(six_in_four),
		cmocka_unit_test(six_in_six),
		cmocka_unit_test(both_in_four),
		cmocka_unit_test(both_in_six),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
