// SPDX-License-Identifier: GPL-2.0
/* Clearing one thing by hand: only that, after it was said what it costs, and it comes back. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nhrp/clear.h"
#include "test.h"

/* What was told last. */
static struct {
	unsigned int n;
	char what[32];
	char cost[256];
	struct nhrp_prefix prefix;
} told;

static void note(void *arg, const struct nhrp_cleared *c)
{
	(void)arg;
	told.n++;
	snprintf(told.what, sizeof(told.what), "%s", c->what);
	snprintf(told.cost, sizeof(told.cost), "%s", c->cost);
	told.prefix = c->prefix;
}

static struct nhrp_prefix prefix(const char *text)
{
	struct nhrp_prefix p;

	assert_int_equal(nhrp_prefix_parse(&p, text), 0);
	return p;
}

static int clear(struct sim_node *n, enum nhrp_clear_kind kind, const char *what, bool dry_run)
{
	struct nhrp_clear c = {
		.kind = kind, .dry_run = dry_run, .now_ms = n->sim->now, .fn = note,
	};

	memset(&told, 0, sizeof(told));
	if (kind == NHRP_CLEAR_PEER)
		c.nbma = sim_addr(what);
	else if (kind != NHRP_CLEAR_HUB)
		c.prefix = prefix(what);
	return nhrp_tunnel_clear(n->tunnel, &c);
}

static void setup(struct sim_net *net)
{
	net_build(net, 92, 2, 3);
	net_start(net);
	sim_run(net->sim, 1000);
	net_ping_for(net, net->spoke[0], net->spoke[1], 2000, 50);
	assert_true(net_direct(net->spoke[0], LAN2));
}

static void registration(void **state)
{
	struct sim_net net;
	u64 had;

	(void)state;
	setup(&net);
	had = counter(net.hub, NHRP_C_TX_HINT);
	assert_int_equal(clear(net.hub, NHRP_CLEAR_MAP, "192.168.111.2", true), 0);
	assert_int_equal(told.n, 1);
	assert_string_equal(told.what, "registration");
	assert_non_null(strstr(told.cost, "no data to it until it registers again: at once if"));
	assert_int_equal(net_bindings(net.hub), 2);
	assert_int_equal(clear(net.hub, NHRP_CLEAR_MAP, "192.168.111.2", false), 0);
	assert_int_equal(told.n, 1);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(clear(net.hub, NHRP_CLEAR_MAP, "192.168.111.2", false), -ENOENT);
	assert_int_equal(told.n, 0);
	/* It is asked to come back, and does so. */
	assert_int_equal(counter(net.hub, NHRP_C_TX_HINT), had + 1);
	sim_run(net.sim, 2000);
	assert_int_equal(net_bindings(net.hub), 2);
	net_free(&net);
}

static void shortcut(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net);
	assert_int_equal(clear(net.spoke[0], NHRP_CLEAR_SHORTCUT, "192.168.40.77", true), 0);
	assert_string_equal(told.what, "shortcut");
	assert_int_equal(told.prefix.plen, 24);
	assert_non_null(strstr(told.cost, "data goes by the hub until"));
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_int_equal(clear(net.spoke[0], NHRP_CLEAR_SHORTCUT, LAN2, false), 0);
	assert_false(net_direct(net.spoke[0], LAN2));
	assert_int_equal(clear(net.spoke[0], NHRP_CLEAR_SHORTCUT, LAN2, false), -ENOENT);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	/* The same as a mapping, but by its prefix only. */
	assert_int_equal(clear(net.spoke[0], NHRP_CLEAR_MAP, "192.168.40.77", false), -ENOENT);
	assert_int_equal(clear(net.spoke[0], NHRP_CLEAR_MAP, LAN2, false), 0);
	assert_false(net_direct(net.spoke[0], LAN2));
	net_free(&net);
}

/* Nobody could tell, and so it is not asked again for a while: it is. */
static void negative(void **state)
{
	struct nhrp_addr nowhere = sim_addr("192.168.111.99");
	struct sim_net net;
	u64 asked;

	(void)state;
	setup(&net);
	nhrp_tunnel_miss(net.spoke[0]->tunnel, &nowhere, net.sim->now);
	sim_run(net.sim, 2000);
	asked = counter(net.spoke[0], NHRP_C_TX_RESOLUTION_REQUEST);
	nhrp_tunnel_miss(net.spoke[0]->tunnel, &nowhere, net.sim->now);
	assert_int_equal(counter(net.spoke[0], NHRP_C_TX_RESOLUTION_REQUEST), asked);
	assert_int_equal(clear(net.spoke[0], NHRP_CLEAR_SHORTCUT, "192.168.111.99", false), 0);
	assert_string_equal(told.what, "resolution");
	assert_null(sim_map_find(net.spoke[0], &(struct nhrp_prefix){ nowhere, 32 }));
	nhrp_tunnel_miss(net.spoke[0]->tunnel, &nowhere, net.sim->now);
	assert_int_equal(counter(net.spoke[0], NHRP_C_TX_RESOLUTION_REQUEST), asked + 1);
	net_free(&net);
}

static void peer(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net);
	assert_int_equal(clear(net.spoke[0], NHRP_CLEAR_PEER, "192.168.50.3", true), 0);
	assert_true(told.n >= 1);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_int_equal(clear(net.spoke[0], NHRP_CLEAR_PEER, "192.168.50.3", false), 0);
	assert_false(net_direct(net.spoke[0], LAN2));
	assert_int_equal(clear(net.hub, NHRP_CLEAR_PEER, "192.168.50.3", false), 0);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(clear(net.hub, NHRP_CLEAR_PEER, "192.168.50.99", false), -ENOENT);
	net_free(&net);
}

/* What is a hub's or made by hand is not taken away. */
static void not_that(void **state)
{
	struct nhrp_static *s;
	struct sim_net net;

	(void)state;
	net_build(&net, 93, 2, 3);
	s = &net.spoke[0]->cfg.statics[net.spoke[0]->cfg.nr_statics++];
	s->proto = sim_addr("192.168.111.77");
	s->peer.nbma = sim_addr("192.168.50.77");
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_int_equal(clear(net.spoke[0], NHRP_CLEAR_MAP, "192.168.111.1", false), -EBUSY);
	assert_int_equal(clear(net.spoke[0], NHRP_CLEAR_PEER, "192.168.50.1", false), -EBUSY);
	assert_int_equal(clear(net.spoke[0], NHRP_CLEAR_MAP, "192.168.111.77", false), -EPERM);
	assert_int_equal(clear(net.spoke[0], NHRP_CLEAR_PEER, "192.168.50.77", false), -EPERM);
	assert_int_equal(told.n, 0);
	assert_true(net_registered(net.spoke[0]));
	net_free(&net);
}

/* A hub is asked at once, and data goes on by it. */
static void hub(void **state)
{
	struct sim_net net;
	u64 asked;

	(void)state;
	setup(&net);
	asked = counter(net.spoke[0], NHRP_C_TX_REGISTRATION_REQUEST);
	assert_int_equal(clear(net.spoke[0], NHRP_CLEAR_HUB, NULL, true), 0);
	assert_string_equal(told.what, "hub");
	assert_non_null(strstr(told.cost, "data goes on by it"));
	sim_run(net.sim, 100);
	assert_int_equal(counter(net.spoke[0], NHRP_C_TX_REGISTRATION_REQUEST), asked);
	assert_int_equal(clear(net.spoke[0], NHRP_CLEAR_HUB, NULL, false), 0);
	assert_true(net_registered(net.spoke[0]));
	sim_run(net.sim, 100);
	assert_true(counter(net.spoke[0], NHRP_C_TX_REGISTRATION_REQUEST) > asked);
	assert_true(net_registered(net.spoke[0]));
	assert_int_equal(clear(net.hub, NHRP_CLEAR_HUB, NULL, false), -ENOENT);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registration),
		cmocka_unit_test(shortcut),
		cmocka_unit_test(negative),
		cmocka_unit_test(peer),
		cmocka_unit_test(not_that),
		cmocka_unit_test(hub),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
