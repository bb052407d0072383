// SPDX-License-Identifier: GPL-2.0
/*
 * Hubs of regions, and a central one; hubs name each other, or the central one is
 * only registered with:
 *
 *	spoke 1 - east - hub - west - spoke 2
 */
#include "forged.h"
#include "identities.h"
#include "test.h"

#define LAN_HUB	"192.168.10.0/24"
#define EAST	"192.168.50.11"

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
	sim_route_add(hub, LAN_HUB, "192.168.111.1", true);
	spoke->cfg.nr_hubs = 0;
	net_name_hub(spoke, hub, 0);
	sim_route_set(spoke, "192.168.0.0/16", via[own]);
	sim_route_add(spoke, addr[!own], via[own], true);
	sim_route_set(net->hub, lan[own], via[own]);
	sim_route_add(net->hub, addr[own], via[own], true);
	return hub;
}

/* @mutual: the central hub registers with those of the regions, too. */
static void build(struct tree *tree, u64 seed, bool mutual)
{
	static const char *const via[] = { "192.168.111.11", "192.168.111.12" };
	struct sim_net *net = &tree->net;

	net_build(net, seed, 2, 3);
	tree->east = region(net, "east", 11, 0, via);
	tree->west = region(net, "west", 12, 1, via);
	if (!mutual)
		net->hub->cfg.nr_hubs = 0;
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
static void across(u64 seed, bool mutual)
{
	struct sim_net *net;
	struct tree tree;

	build(&tree, seed, mutual);
	net = &tree.net;
	net->sim->strict = true;
	net_ping_for(net, net->spoke[0], net->spoke[1], 5000, 50);
	assert_owner_is(net->spoke[0], LAN2, "192.168.50.3");
	assert_owner_is(net->spoke[1], LAN1, "192.168.50.2");
	assert_true(counter(net->hub, NHRP_C_FORWARDED) > 0);
	assert_int_equal(counter(net->hub, NHRP_C_DROP_NOT_OWNER), 0);
	assert_int_equal(net->sim->data_lost, 0);
	assert_string_equal(net->sim->broken, "");
	net_free(net);
}

static void direct_across_regions(void **state)
{
	(void)state;
	across(601, true);
}

static void hubs_that_only_register(void **state)
{
	(void)state;
	across(603, false);
}

/* The central hub answers for itself to a spoke that it only knows of by a route. */
static void direct_to_the_centre(void **state)
{
	struct sim_net *net;
	struct tree tree;

	(void)state;
	build(&tree, 604, false);
	net = &tree.net;
	net->sim->strict = true;
	net_ping_for(net, net->spoke[0], net->hub, 5000, 50);
	assert_owner_is(net->spoke[0], LAN_HUB, "192.168.50.1");
	assert_true(net->hub->direct > 0);
	assert_int_equal(net->sim->data_lost, 0);
	assert_string_equal(net->sim->broken, "");
	net_free(net);
}

/* What spoke 2 told is taken back by it, and so by two hubs. */
static void purge_across_regions(void **state)
{
	struct sim_net *net;
	struct tree tree;

	(void)state;
	build(&tree, 605, false);
	net = &tree.net;
	net_ping_for(net, net->spoke[0], net->spoke[1], 5000, 50);
	assert_true(net_direct(net->spoke[0], LAN2));
	/* What goes straight does not arrive. */
	sim_link_loss(net->sim, net->spoke[0], net->spoke[1], 1000);
	nhrp_tunnel_leave(net->spoke[1]->tunnel, net->sim->now);
	sim_run(net->sim, 1000);
	assert_null(sim_map_at(net->spoke[0], LAN2));
	net_free(net);
}

/* The east says that @hop, at a place of its own, is the way to @target. */
static void east_answers(struct tree *tree, const char *target, const char *hop)
{
	struct nhrp_msg msg;

	forged_request(&msg, NHRP_RESOLUTION_REQUEST, "192.168.50.3", "192.168.111.3",
		       target);
	msg.type = NHRP_RESOLUTION_REPLY;
	msg.cies.cie[0].nbma = sim_addr("192.168.50.99");
	msg.cies.cie[0].proto = sim_addr(hop);
	forged_send(tree->net.hub, EAST, &msg);
	sim_run(tree->net.sim, 50);
}

static void east_asks_as(struct tree *tree, const char *src)
{
	struct nhrp_msg msg;

	forged_request(&msg, NHRP_RESOLUTION_REQUEST, "192.168.50.99", src, "192.168.40.9");
	forged_send(tree->net.hub, EAST, &msg);
	sim_run(tree->net.sim, 50);
}

/* Registered or not: it speaks for what the routes of the hub above lead to it for. */
static void others_are_not_behind(void **state)
{
	static const char *const foreign[] = {
		"192.168.111.3",	/* behind the west */
		"192.168.111.12",	/* the west itself */
		"192.168.111.77",	/* nobody's: no route by a next hop */
	};
	struct sim_net *net;
	struct tree tree;
	unsigned int i;
	u64 passed;

	(void)state;
	build(&tree, 606, false);
	net = &tree.net;
	passed = counter(net->hub, NHRP_C_FORWARDED);
	for (i = 0; i < 3; i++) {
		east_asks_as(&tree, foreign[i]);
		east_answers(&tree, "192.168.30.9", foreign[i]);
	}
	/* Nor is its own spoke the way to another region. */
	east_answers(&tree, "192.168.40.9", "192.168.111.2");
	assert_int_equal(counter(net->hub, NHRP_C_FORWARDED), passed);
	assert_int_equal(counter(net->hub, NHRP_C_DROP_NOT_OWNER), 7);
	assert_int_equal(net->hub->events[NHRP_EVENT_REFUSED], 7);
	/* Of those for whom it may speak all goes on, and spoke 2 answers. */
	east_asks_as(&tree, "192.168.111.2");
	east_answers(&tree, "192.168.30.9", "192.168.111.2");
	assert_int_equal(counter(net->hub, NHRP_C_FORWARDED), passed + 3);
	net_free(net);
}

/* The route says so no more: no question goes on, and packets take the hubs. */
static void route_that_leads_elsewhere(void **state)
{
	struct sim_net *net;
	struct tree tree;

	(void)state;
	build(&tree, 607, false);
	net = &tree.net;
	net->sim->strict = true;
	sim_route_del(net->hub, "192.168.111.2/32");
	net_ping_for(net, net->spoke[0], net->spoke[1], 5000, 50);
	assert_null(sim_map_at(net->spoke[0], LAN2));
	assert_true(counter(net->hub, NHRP_C_DROP_NOT_OWNER) > 0);
	assert_int_equal(net->sim->data_lost, 0);
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
	build(&tree, 602, true);
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

/* The same for an identity, as far as it may register or answer for the address. */
static void brought_by_an_identity(void **state)
{
	static const struct {
		const char *claim, *answer;
		bool passed;
	} rows[] = {
		{ NULL, NULL, true },
		{ "192.168.112.0/24", NULL, true },
		{ "192.168.111.2", NULL, false },
		{ "192.168.111.2", "192.168.30.0/24", false },
		{ "192.168.111.2", "192.168.112.0/24", true },
	};
	struct nhrp_msg msg;
	struct sim_net net;
	unsigned int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		identities_build(&net, 610 + i, 2);
		if (rows[i].claim)
			may_claim(&net, 0, "192.168.111.2");
		if (rows[i].claim)
			may_claim(&net, 0, rows[i].claim);
		if (rows[i].answer) {
			identity_of(&net, 0)->answer.nr = 1;
			identity_of(&net, 0)->answer.prefix[0] = sim_prefix(rows[i].answer);
		}
		sim_route_add(net.hub, "192.168.112.0/24", "192.168.111.2", true);
		net_start(&net);
		sim_run(net.sim, 1000);
		forged_watch_for(net.sim, "192.168.50.3", NHRP_RESOLUTION_REQUEST);
		forged_request(&msg, NHRP_RESOLUTION_REQUEST, "192.168.50.99",
			       "192.168.112.5", "192.168.40.9");
		send_signed(net.hub, "192.168.50.2", &msg, SPOKE_KEY(0), "192.168.111.2");
		assert_int_equal(forged_watch.nr, rows[i].passed);
		assert_int_equal(counter(net.hub, NHRP_C_DROP_NOT_OWNER), !rows[i].passed);
		identities_free(&net);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(direct_across_regions),
		cmocka_unit_test(loop_of_hubs),
		cmocka_unit_test(hubs_that_only_register),
		cmocka_unit_test(direct_to_the_centre),
		cmocka_unit_test(purge_across_regions),
		cmocka_unit_test(others_are_not_behind),
		cmocka_unit_test(route_that_leads_elsewhere),
		cmocka_unit_test(brought_by_an_identity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
