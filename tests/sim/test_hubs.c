// SPDX-License-Identifier: GPL-2.0
/* Hubs beside hubs, and what a change of configuration takes with it. */
#include <errno.h>
#include <string.h>

#include "nhrp/packet.h"
#include "test.h"

static void nhs_state(void *arg, const struct nhrp_nhs_info *info)
{
	*(struct nhrp_nhs_info *)arg = *info;
}

/* Spoke 1 at the first hub, spoke 2 at the second; routes as BGP would bring. */
static struct sim_node *build_two_hubs(struct sim_net *net)
{
	struct sim_node *hub2;

	net_build(net, 81, 2, 3);
	hub2 = net_add_hub(net, "hub2", 9);
	sim_route_add(hub2, "192.168.40.0/24", "192.168.111.3", true);
	sim_route_add(hub2, "192.168.30.0/24", "192.168.111.1", true);
	sim_route_add(hub2, "192.168.111.2/32", "192.168.111.1", true);
	net->hub->nr_routes = 0;
	sim_route_add(net->hub, "192.168.111.0/24", NULL, true);
	sim_route_add(net->hub, "192.168.30.0/24", "192.168.111.2", true);
	sim_route_add(net->hub, "192.168.40.0/24", "192.168.111.9", true);
	sim_route_add(net->hub, "192.168.111.3/32", "192.168.111.9", true);
	net_name_hub(net->hub, hub2, 0);
	net_name_hub(hub2, net->hub, 0);
	net->spoke[1]->cfg.nr_hubs = 0;
	net_name_hub(net->spoke[1], hub2, 0);
	net->spoke[1]->routes[2].gateway = sim_addr("192.168.111.9");
	return hub2;
}

static void hubs_name_each_other(void **state)
{
	struct sim_node *hub2;
	struct nhrp_nhs_info info;
	struct sim_net net;
	struct sim_map *m;
	u64 changes;

	(void)state;
	hub2 = build_two_hubs(&net);
	net_start(&net);
	sim_agent_start(hub2);
	sim_run(net.sim, 3000);
	assert_true(net_registered(net.hub));
	assert_true(net_registered(hub2));
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(net_bindings(hub2), 1);
	m = sim_map_at(net.hub, "192.168.111.9");
	assert_non_null(m);
	assert_true(m->map.flags & NHRP_MAP_NHS);
	assert_int_equal(m->expires_at, 0);
	/* For ever, and nothing flaps. */
	sim_run(net.sim, 700000);
	changes = net.hub->map_changes;
	sim_run(net.sim, 60000);
	assert_true(net.hub->map_changes <= changes + 4);
	nhrp_tunnel_walk_nhs(net.hub->tunnel, net.sim->now, nhs_state, &info);
	assert_int_equal(info.state, NHRP_NHS_REGISTERED);
	/* A direct path between spokes of different hubs. */
	net_ping_for(&net, net.spoke[0], net.spoke[1], 5000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_true(net_direct(net.spoke[1], LAN1));
	/* One leaves: that is no error, and the other one still knows its way. */
	nhrp_tunnel_leave(hub2->tunnel, net.sim->now);
	sim_run(net.sim, 2000);
	assert_true(nhrp_tunnel_left(hub2->tunnel));
	assert_int_equal(counter(hub2, NHRP_C_PURGE_UNANSWERED), 0);
	assert_non_null(sim_map_at(net.hub, "192.168.111.9"));
	net_free(&net);
}

/* Both spokes at both hubs, their routes by the first one. */
static struct sim_node *build_spare_hub(struct sim_net *net)
{
	struct sim_node *hub2;
	unsigned int i;

	net_build(net, 87, 2, 3);
	hub2 = net_add_hub(net, "hub2", 9);
	sim_route_add(hub2, LAN1, "192.168.111.2", true);
	sim_route_add(hub2, LAN2, "192.168.111.3", true);
	for (i = 0; i < 2; i++)
		net_name_hub(net->spoke[i], hub2, 10);
	return hub2;
}

static struct sim_node *start_spare_hub(struct sim_net *net)
{
	struct sim_node *hub2 = build_spare_hub(net);

	net_start(net);
	sim_agent_start(hub2);
	sim_run(net->sim, 3000);
	return hub2;
}

/* Spoke 1 has to ask for the LAN of spoke 2, and has half a second for it. */
static void miss_lan2(struct sim_net *net)
{
	nhrp_tunnel_miss(net->spoke[0]->tunnel, &net->spoke[1]->lan,
			 net->sim->now);
	sim_run(net->sim, 500);
}

/* The routes know that a hub is dead before the agents do. */
static void routes_leave_a_dead_hub(void **state)
{
	struct sim_node *hub2;
	struct sim_net net;
	unsigned int i;
	u64 asked;

	(void)state;
	hub2 = start_spare_hub(&net);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 3000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_true(net_direct(net.spoke[1], LAN1));
	assert_int_equal(counter(hub2, NHRP_C_RX_RESOLUTION_REQUEST), 0);
	sim_node_power(net.hub, false);
	for (i = 0; i < 2; i++) {
		net.spoke[i]->routes[2].gateway = sim_addr("192.168.111.9");
		nhrp_tunnel_routes_changed(net.spoke[i]->tunnel, net.sim->now);
	}
	/* The hub that the routes name is asked, and at once. */
	sim_run(net.sim, 500);
	asked = counter(hub2, NHRP_C_RX_RESOLUTION_REQUEST);
	assert_int_equal(asked, 2);
	for (i = 0; i < 60; i++) {
		net_ping_for(&net, net.spoke[0], net.spoke[1], 1000, 100);
		assert_true(net_direct(net.spoke[0], LAN2));
		assert_true(net_direct(net.spoke[1], LAN1));
	}
	assert_int_equal(net.sim->data_lost, 0);
	net_free(&net);
}

/* The other way round: the best hub is asked when that of the route is silent. */
static void routes_stay_at_a_dead_hub(void **state)
{
	struct sim_node *hub2;
	struct sim_net net;

	(void)state;
	hub2 = start_spare_hub(&net);
	net.spoke[0]->routes[2].gateway = sim_addr("192.168.111.9");
	sim_node_power(hub2, false);
	miss_lan2(&net);
	assert_null(sim_map_at(net.spoke[0], LAN2));
	sim_run(net.sim, 1500);
	assert_true(net_direct(net.spoke[0], LAN2));
	net_free(&net);
}

/* Nor does a question wait for a hub that no security association leads to. */
static void routes_stay_at_a_hub_without_sa(void **state)
{
	struct sim_node *hub2;
	struct sim_net net;

	(void)state;
	hub2 = start_spare_hub(&net);
	net.spoke[0]->routes[2].gateway = sim_addr("192.168.111.9");
	net.spoke[0]->tx_error = -EINPROGRESS;
	net.spoke[0]->tx_error_to = hub2;
	miss_lan2(&net);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_int_equal(counter(net.spoke[0], NHRP_C_TX_NO_SA), 1);
	net_free(&net);
}

static struct sim_node *route_hub;
static unsigned int lose_questions;

/* So many questions to the hub of the route. */
static bool lose_to_route_hub(struct sim *sim, const struct sim_packet *p)
{
	struct nhrp_msg msg;

	(void)sim;
	if (!lose_questions || !p->frame ||
	    !nhrp_addr_eq(&p->to, &route_hub->cfg.nbma[0]) ||
	    nhrp_decode(p->data, p->len, &msg, NULL) ||
	    msg.type != NHRP_RESOLUTION_REQUEST)
		return false;
	lose_questions--;
	return true;
}

/* The best hub is not the one that the route names, and knows no way. */
static void build_wrong_best(struct sim_net *net, bool other_way)
{
	route_hub = build_spare_hub(net);
	sim_route_del(net->hub, LAN2);
	if (other_way)
		sim_route_add(net->hub, LAN2, NULL, false);
	net_start(net);
	sim_agent_start(route_hub);
	sim_run(net->sim, 3000);
	net->spoke[0]->routes[2].gateway = sim_addr("192.168.111.9");
	net->sim->drop = lose_to_route_hub;
}

/* Its no, or that it is the way out itself, does not end the question. */
static void no_of_another_hub(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		build_wrong_best(&net, i);
		spoke = net.spoke[0];
		lose_questions = 1;
		nhrp_tunnel_miss(spoke->tunnel, &net.spoke[1]->lan,
				 net.sim->now);
		sim_run(net.sim, 1500);
		assert_int_equal(counter(net.hub,
					 NHRP_C_RX_RESOLUTION_REQUEST), 1);
		assert_int_equal(spoke->events[NHRP_EVENT_RESOLVE_FAILED], 0);
		assert_false(net_direct(spoke, LAN2));
		sim_run(net.sim, 2000);
		assert_true(net_direct(spoke, LAN2));
		net_free(&net);
	}
	/* Nobody else answers: then it is the answer, and not for ever. */
	build_wrong_best(&net, false);
	spoke = net.spoke[0];
	lose_questions = 100;
	nhrp_tunnel_miss(spoke->tunnel, &net.spoke[1]->lan, net.sim->now);
	sim_run(net.sim, 7500);
	assert_int_equal(spoke->events[NHRP_EVENT_RESOLVE_FAILED], 1);
	assert_int_equal(counter(spoke, NHRP_C_RESOLUTION_TIMEOUT), 0);
	assert_int_equal(counter(spoke, NHRP_C_NAK_RECEIVED), 2);
	net_free(&net);
}

/* A direct path that is asked for again survives it, too. */
static void no_of_another_hub_and_a_path(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	build_wrong_best(&net, false);
	spoke = net.spoke[0];
	lose_questions = 0;
	sim_route_add(net.hub, LAN2, "192.168.111.3", true);
	spoke->routes[2].gateway = sim_addr("192.168.111.1");
	net_ping_for(&net, spoke, net.spoke[1], 3000, 50);
	assert_true(net_direct(spoke, LAN2));
	sim_route_del(net.hub, LAN2);
	spoke->routes[2].gateway = sim_addr("192.168.111.9");
	lose_questions = 1;
	nhrp_tunnel_routes_changed(spoke->tunnel, net.sim->now);
	net_ping_for(&net, spoke, net.spoke[1], 5000, 50);
	assert_int_equal(lose_questions, 0);
	assert_int_equal(counter(spoke, NHRP_C_NAK_RECEIVED), 1);
	assert_int_equal(spoke->events[NHRP_EVENT_SHORTCUT_DOWN], 0);
	assert_true(net_direct(spoke, LAN2));
	net_free(&net);
}

static void first_nhs(void *arg, const struct nhrp_nhs_info *info)
{
	struct nhrp_nhs_info *first = arg;

	if (!first->since_ms)
		*first = *info;
}

static struct nhrp_nhs_info best_hub(struct sim_node *n)
{
	struct nhrp_nhs_info info = { 0 };

	nhrp_tunnel_walk_nhs(n->tunnel, n->sim->now + 1, first_nhs, &info);
	return info;
}

/* A hub beyond ours told of a spoke that is somewhere else now: it is heard. */
static void far_hub_takes_back(void **state)
{
	struct sim_node *hub2, *other;
	struct sim_net net;

	(void)state;
	hub2 = build_two_hubs(&net);
	hub2->cfg.unique = NHRP_UNIQUE_OFF;
	other = sim_node_add(net.sim, "other");
	other->cfg = net.spoke[1]->cfg;
	other->cfg.nbma[0] = sim_addr("192.168.50.77");
	net_start(&net);
	sim_agent_start(hub2);
	sim_run(net.sim, 3000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 3000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	sim_node_power(net.spoke[1], false);
	sim_agent_start(other);
	sim_run(net.sim, 500);
	assert_int_equal(hub2->events[NHRP_EVENT_SPOKE_MOVED], 1);
	assert_null(sim_map_at(net.spoke[0], LAN2));
	/* Told once, and answered through the same hub. */
	sim_run(net.sim, 5000);
	assert_int_equal(counter(hub2, NHRP_C_PURGE_UNANSWERED), 0);
	net_free(&net);
}

/* The best hub has only an IPv6 NBMA address, and the spoke has none yet. */
static void hub_without_own_address(void **state)
{
	struct sim_node *hub2, *spoke;
	struct sim_net net;

	(void)state;
	net_build(&net, 86, 1, 3);
	spoke = net.spoke[0];
	hub2 = net_add_hub(&net, "hub2", 9);
	hub2->cfg.nbma[0] = (struct nhrp_addr){ 0 };
	hub2->cfg.nbma[1] = sim_addr("2001:db8::9");
	spoke->cfg.nr_hubs = 0;
	net_name_hub(spoke, hub2, 0);
	net_name_hub(spoke, net.hub, 10);
	spoke->routes[2].gateway = sim_addr("192.168.111.9");
	net_start(&net);
	sim_agent_start(hub2);
	sim_run(net.sim, 5000);
	assert_true(net_registered(spoke));
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(best_hub(spoke).state, NHRP_NHS_WAIT);
	assert_true(best_hub(spoke).no_source);
	/* Its route names the hub that waits: data goes by the other one. */
	sim_ping(spoke, &spoke->lan, &net.hub->lan);
	sim_run(net.sim, 100);
	assert_int_equal(net.hub->received, 1);
	/* The address comes: nothing else is needed. */
	spoke->cfg.nbma[1] = sim_addr("2001:db8::2");
	assert_int_equal(nhrp_tunnel_reconfigure(spoke->tunnel, &spoke->cfg,
						 net.sim->now), 0);
	sim_run(net.sim, 1000);
	assert_int_equal(best_hub(spoke).state, NHRP_NHS_REGISTERED);
	assert_false(best_hub(spoke).no_source);
	assert_int_equal(net_bindings(hub2), 1);
	assert_true(net_direct(spoke, "192.168.111.9"));
	/* And goes. */
	memset(&spoke->cfg.nbma[1], 0, sizeof(spoke->cfg.nbma[1]));
	assert_int_equal(nhrp_tunnel_reconfigure(spoke->tunnel, &spoke->cfg,
						 net.sim->now), 0);
	sim_run(net.sim, 1000);
	assert_int_equal(best_hub(spoke).state, NHRP_NHS_WAIT);
	assert_true(net_registered(spoke));
	assert_false(net_direct(spoke, "192.168.111.9"));
	net_free(&net);
}

/* Two protocol addresses behind a NAT, and the address behind it changes. */
static void private_address_changes(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	net_build(&net, 82, 1, 3);
	spoke = net.spoke[0];
	spoke->outside = sim_addr("198.51.100.2");
	spoke->cfg.locals[1] = sim_prefix("192.168.111.102/24");
	spoke->cfg.nr_locals = 2;
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(net.hub), 2);
	spoke->cfg.nbma[0] = sim_addr("10.0.0.77");
	assert_int_equal(nhrp_tunnel_reconfigure(spoke->tunnel, &spoke->cfg,
						 net.sim->now), 0);
	sim_run(net.sim, 2000);
	assert_int_equal(counter(net.hub, NHRP_C_NAK_SENT), 0);
	assert_int_equal(net_bindings(net.hub), 2);
	net_free(&net);
}

static void shortcuts_are_switched_off(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	net_build(&net, 83, 2, 3);
	spoke = net.spoke[0];
	net_start(&net);
	sim_run(net.sim, 1000);
	net_ping_for(&net, spoke, net.spoke[1], 2000, 50);
	assert_true(net_direct(spoke, LAN2));
	spoke->cfg.shortcut = false;
	assert_int_equal(nhrp_tunnel_reconfigure(spoke->tunnel, &spoke->cfg,
						 net.sim->now), 0);
	assert_null(sim_map_at(spoke, LAN2));
	net_ping_for(&net, spoke, net.spoke[1], 5000, 50);
	assert_null(sim_map_at(spoke, LAN2));
	assert_int_equal(net.sim->data_lost, 0);
	net_free(&net);
}

static bool lose_purge_replies(struct sim *sim, const struct sim_packet *p)
{
	struct nhrp_msg msg;

	(void)sim;
	return p->frame && !nhrp_decode(p->data, p->len, &msg, NULL) &&
	       msg.type == NHRP_PURGE_REPLY;
}

/* The last purge must not take back what was registered after the first. */
static void back_at_once(void **state)
{
	struct sim_net net;

	(void)state;
	net_build(&net, 84, 1, 3);
	net_start(&net);
	sim_run(net.sim, 1000);
	net.sim->drop = lose_purge_replies;
	nhrp_tunnel_leave(net.spoke[0]->tunnel, net.sim->now);
	sim_run(net.sim, 100);
	assert_int_equal(net_bindings(net.hub), 0);
	nhrp_tunnel_start(net.spoke[0]->tunnel, net.sim->now);
	sim_run(net.sim, 3000);
	assert_true(net_registered(net.spoke[0]));
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(net.hub->events[NHRP_EVENT_SPOKE_UP], 2);
	net_free(&net);
}

/* The answer to the first try comes after the second: it is a dvpn hub still. */
static void late_answer(void **state)
{
	struct nhrp_nhs_info info;
	struct sim_net net;

	(void)state;
	net_build(&net, 85, 1, 3);
	net.sim->delay_ms = 700;
	net.sim->jitter_ms = 0;
	net_start(&net);
	sim_run(net.sim, 1700);
	assert_int_equal(counter(net.spoke[0], NHRP_C_TX_REGISTRATION_REQUEST),
			 2);
	nhrp_tunnel_walk_nhs(net.spoke[0]->tunnel, net.sim->now, nhs_state,
			     &info);
	assert_int_equal(info.state, NHRP_NHS_REGISTERED);
	assert_true(info.is_dvpn);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hubs_name_each_other),
		cmocka_unit_test(routes_leave_a_dead_hub),
		cmocka_unit_test(routes_stay_at_a_dead_hub),
		cmocka_unit_test(routes_stay_at_a_hub_without_sa),
		cmocka_unit_test(no_of_another_hub),
		cmocka_unit_test(no_of_another_hub_and_a_path),
		cmocka_unit_test(far_hub_takes_back),
		cmocka_unit_test(hub_without_own_address),
		cmocka_unit_test(private_address_changes),
		cmocka_unit_test(shortcuts_are_switched_off),
		cmocka_unit_test(back_at_once),
		cmocka_unit_test(late_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
