// SPDX-License-Identifier: GPL-2.0
/* Registration and direct paths on a network without faults. */
#include <stdio.h>
#include <string.h>

#include "nhrp/packet.h"
#include "test.h"

static void setup(struct sim_net *net, unsigned int spokes, unsigned int phase)
{
	net_build(net, 1, spokes, phase);
	net_start(net);
	sim_run(net->sim, 2000);
}

static void registered_within_two_seconds(void **state)
{
	struct sim_net net;
	unsigned int i;

	(void)state;
	net_build(&net, 7, 20, 3);
	net_start(&net);
	sim_run(net.sim, 2000);
	for (i = 0; i < net.nr; i++) {
		assert_true(net_registered(net.spoke[i]));
		assert_int_equal(counter(net.spoke[i],
					 NHRP_C_TX_REGISTRATION_REQUEST), 1);
	}
	assert_int_equal(net_bindings(net.hub), 20);
	net_free(&net);
}

/* Both directions direct, nothing lost, and soon. */
static void assert_flip(struct sim_net *net, u64 t0, u64 sent)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		const struct sim_node *n = net->spoke[i];

		assert_int_equal(n->sent, sent);
		assert_int_equal(n->received, sent);
		assert_true(n->first_direct_at &&
			    n->first_direct_at - t0 <= 300);
		/* Once direct, always direct. */
		assert_true(n->direct >= sent - 300 / 50);
	}
	assert_int_equal(net->sim->data_lost, 0);
}

static void phase3_shortcut(void **state)
{
	struct sim_net net;
	u64 t0;

	(void)state;
	setup(&net, 2, 3);
	t0 = net.sim->now;
	net_ping_for(&net, net.spoke[0], net.spoke[1], 10000, 50);
	sim_run(net.sim, 100);
	assert_flip(&net, t0, 200);
	/* The owner's prefix, not just the host, and not our whole route. */
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_true(net_direct(net.spoke[1], LAN1));
	/* The hub forwarded the questions and answered none. */
	assert_int_equal(counter(net.hub, NHRP_C_TX_RESOLUTION_REPLY), 0);
	assert_int_equal(counter(net.hub, NHRP_C_FORWARDED), 4);
	net_free(&net);
}

/* One way only: the other end must not be needed for it. */
static void one_way_traffic(void **state)
{
	struct sim_net net;
	unsigned int i;

	(void)state;
	setup(&net, 2, 3);
	for (i = 0; i < 100; i++) {
		sim_ping(net.spoke[0], &net.spoke[0]->lan, &net.spoke[1]->lan);
		sim_run(net.sim, 50);
	}
	assert_int_equal(net.spoke[1]->received, 100);
	assert_true(net.spoke[1]->direct > 90);
	assert_int_equal(net.sim->data_lost, 0);
	net_free(&net);
}

/* The next hop is the other spoke, as OSPF broadcast leaves it; the hub answers. */
static void phase2_answer_by_hub(void **state)
{
	struct sim_net net;
	u64 t0;

	(void)state;
	setup(&net, 2, 2);
	net.spoke[0]->routes[2].gateway = sim_addr("192.168.111.3");
	net.spoke[1]->routes[2].gateway = sim_addr("192.168.111.2");
	t0 = net.sim->now;
	net_ping_for(&net, net.spoke[0], net.spoke[1], 10000, 50);
	sim_run(net.sim, 100);
	assert_flip(&net, t0, 200);
	assert_true(net_direct(net.spoke[0], "192.168.111.3"));
	assert_true(net_direct(net.spoke[1], "192.168.111.2"));
	assert_null(sim_map_at(net.spoke[0], LAN2));
	assert_int_equal(counter(net.hub, NHRP_C_TX_RESOLUTION_REPLY), 2);
	assert_int_equal(counter(net.hub, NHRP_C_FORWARDED), 0);
	assert_int_equal(counter(net.hub, NHRP_C_TX_INDICATION), 0);
	net_free(&net);
}

static void phase1_all_by_hub(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 2, 1);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 5000, 50);
	sim_run(net.sim, 100);
	assert_int_equal(net.spoke[1]->received, 100);
	assert_int_equal(net.spoke[1]->direct, 0);
	assert_int_equal(counter(net.hub, NHRP_C_TX_INDICATION), 0);
	assert_int_equal(counter(net.spoke[0], NHRP_C_TX_RESOLUTION_REQUEST),
			 0);
	assert_int_equal(net.sim->data_lost, 0);
	net_free(&net);
}

/* A path in use is renewed for ever, an unused one ends with its time. */
static void renewed_while_used(void **state)
{
	struct sim_net net;
	unsigned int i;

	(void)state;
	net_build(&net, 3, 2, 3);
	for (i = 0; i < 2; i++)
		net.spoke[i]->cfg.holding_time_s = 30;
	net_start(&net);
	sim_run(net.sim, 1000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 120000, 500);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_true(net.spoke[0]->sent - net.spoke[1]->direct < 5);
	assert_int_equal(net.spoke[0]->events[NHRP_EVENT_SHORTCUT_DOWN], 0);
	sim_run(net.sim, 31000);
	assert_null(sim_map_at(net.spoke[0], LAN2));
	assert_null(sim_map_at(net.spoke[1], LAN1));
	assert_int_equal(sim_map_count(net.spoke[0]), 1);
	/* And again. */
	net_ping_for(&net, net.spoke[0], net.spoke[1], 1000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_int_equal(net.sim->data_lost, 0);
	net_free(&net);
}

static void shortcut_cb(void *arg, const struct nhrp_shortcut_info *info)
{
	if (info->state == NHRP_SHORTCUT_NEGATIVE)
		*(const char **)arg = info->reason;
}

/* Nobody serves the address: asked once, then left alone for a while. */
static void negative_is_cached(void **state)
{
	struct nhrp_addr nowhere = sim_addr("192.168.99.1");
	const char *reason = NULL;
	struct sim_net net;
	unsigned int i;

	(void)state;
	setup(&net, 2, 3);
	sim_route_add(net.hub, "192.168.99.0/24", "192.168.111.77", true);
	for (i = 0; i < 200; i++) {
		sim_ping(net.spoke[0], &net.spoke[0]->lan, &nowhere);
		sim_run(net.sim, 100);
	}
	assert_int_equal(counter(net.spoke[0], NHRP_C_TX_RESOLUTION_REQUEST),
			 1);
	assert_true(counter(net.spoke[0], NHRP_C_DROP_NEGATIVE) > 0);
	nhrp_tunnel_walk_shortcuts(net.spoke[0]->tunnel, net.sim->now,
				   shortcut_cb, &reason);
	assert_non_null(reason);
	sim_run(net.sim, 40000);
	sim_ping(net.spoke[0], &net.spoke[0]->lan, &nowhere);
	sim_run(net.sim, 100);
	assert_int_equal(counter(net.spoke[0], NHRP_C_TX_RESOLUTION_REQUEST),
			 2);
	net_free(&net);
}

/* A silent NHRP end on the direct path: data stays on the hub's path. */
static bool drop_direct_frames(struct sim *sim, const struct sim_packet *p)
{
	const struct nhrp_addr *hub = &sim->nodes[0]->cfg.nbma[0];

	return p->frame && !nhrp_addr_eq(&p->to, hub) &&
	       !nhrp_addr_eq(&p->from.nbma, hub);
}

static void probation_reason(void *arg, const struct nhrp_shortcut_info *info)
{
	if (info->state == NHRP_SHORTCUT_PROBATION)
		*(const char **)arg = info->reason;
}

static void unproven_path_carries_nothing(void **state)
{
	const char *reason = NULL;
	struct sim_net net;

	(void)state;
	setup(&net, 2, 3);
	net.sim->drop = drop_direct_frames;
	net_ping_for(&net, net.spoke[0], net.spoke[1], 20000, 100);
	sim_run(net.sim, 100);
	assert_int_equal(net.spoke[0]->direct + net.spoke[1]->direct, 0);
	assert_int_equal(net.spoke[1]->received, net.spoke[0]->sent);
	assert_non_null(sim_map_at(net.spoke[0], LAN2));
	nhrp_tunnel_walk_shortcuts(net.spoke[0]->tunnel, net.sim->now,
				   probation_reason, &reason);
	assert_string_equal(reason, "the peer never answered a probe");
	/* The obstacle goes away: so does the probation. */
	net.sim->drop = NULL;
	net_ping_for(&net, net.spoke[0], net.spoke[1], 40000, 100);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_int_equal(net.sim->data_lost, 0);
	net_free(&net);
}

static bool drop_all_direct(struct sim *sim, const struct sim_packet *p)
{
	const struct nhrp_addr *hub = &sim->nodes[0]->cfg.nbma[0];

	return !nhrp_addr_eq(&p->to, hub) && !nhrp_addr_eq(&p->from.nbma, hub);
}

/* The direct path breaks under traffic: back to the hub's, and direct again. */
static void broken_path_falls_back(void **state)
{
	struct sim_net net;
	u64 before;

	(void)state;
	setup(&net, 2, 3);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	net.sim->drop = drop_all_direct;
	net_ping_for(&net, net.spoke[0], net.spoke[1], 30000, 100);
	assert_false(net_direct(net.spoke[0], LAN2));
	assert_int_equal(counter(net.spoke[0], NHRP_C_PEER_DEAD), 1);
	before = net.spoke[1]->received;
	net_ping_for(&net, net.spoke[0], net.spoke[1], 1000, 100);
	sim_run(net.sim, 100);
	assert_int_equal(net.spoke[1]->received - before, 10);
	net.sim->drop = NULL;
	net_ping_for(&net, net.spoke[0], net.spoke[1], 40000, 100);
	assert_true(net_direct(net.spoke[0], LAN2));
	net_free(&net);
}

/* Spoke 2 loses its LAN: those it told forget it at once. */
static void route_gone_is_purged(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 2, 3);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	net.spoke[1]->routes[1].prefix = sim_prefix("192.168.140.0/24");
	nhrp_tunnel_routes_changed(net.spoke[1]->tunnel, net.sim->now);
	sim_run(net.sim, 100);
	assert_null(sim_map_at(net.spoke[0], LAN2));
	/* No covering route on our side: no shortcut either. */
	assert_non_null(sim_map_at(net.spoke[1], LAN1));
	net.spoke[1]->nr_routes = 2;
	nhrp_tunnel_routes_changed(net.spoke[1]->tunnel, net.sim->now);
	assert_null(sim_map_at(net.spoke[1], LAN1));
	net_free(&net);
}

static bool lose_resolutions(struct sim *sim, const struct sim_packet *p)
{
	struct nhrp_msg msg;

	(void)sim;
	return p->frame && !nhrp_decode(p->data, p->len, &msg, NULL) &&
	       msg.type == NHRP_RESOLUTION_REQUEST;
}

/* Half of spoke 2's LAN moves to spoke 3, and the routes say so. */
static void build_moved_half(struct sim_net *net)
{
	net_build(net, 6, 3, 3);
	net_start(net);
	sim_run(net->sim, 1000);
	net_ping_for(net, net->spoke[0], net->spoke[1], 2000, 50);
	assert_true(net_direct(net->spoke[0], LAN2));
	sim_route_add(net->spoke[0], "192.168.40.0/25", "192.168.111.4", true);
	sim_route_add(net->hub, "192.168.40.0/25", "192.168.111.4", true);
	sim_route_add(net->spoke[1], "192.168.40.0/25", "192.168.111.4", true);
	sim_route_add(net->spoke[2], "192.168.40.0/25", NULL, false);
}

/* A narrower route by another gateway is not hidden by the shortcut. */
static void narrower_route(void **state)
{
	const struct nhrp_map *map;
	struct nhrp_addr nbma = sim_addr("192.168.50.4");
	struct sim_net net;

	(void)state;
	build_moved_half(&net);
	nhrp_tunnel_routes_changed(net.spoke[0]->tunnel, net.sim->now);
	/* Not dropped before there is something better. */
	assert_true(net_direct(net.spoke[0], LAN2));
	sim_run(net.sim, 200);
	assert_null(sim_map_at(net.spoke[0], LAN2));
	assert_true(net_direct(net.spoke[0], "192.168.40.0/25"));
	map = &sim_map_at(net.spoke[0], "192.168.40.0/25")->map;
	assert_true(nhrp_addr_eq(&map->peer.nbma, &nbma));
	net_free(&net);
	/* Nobody answers: for three seconds, no longer. */
	build_moved_half(&net);
	net.sim->drop = lose_resolutions;
	nhrp_tunnel_routes_changed(net.spoke[0]->tunnel, net.sim->now);
	sim_run(net.sim, 2900);
	nhrp_tunnel_routes_changed(net.spoke[0]->tunnel, net.sim->now);
	assert_non_null(sim_map_at(net.spoke[0], LAN2));
	sim_run(net.sim, 200);
	assert_null(sim_map_at(net.spoke[0], LAN2));
	net_free(&net);
}

/* The same prefix by another gateway is asked for, and direct all the time. */
static void another_gateway(void **state)
{
	struct sim_net net;
	u64 asked, changes;

	(void)state;
	setup(&net, 7, 3);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	asked = counter(net.spoke[0], NHRP_C_TX_RESOLUTION_REQUEST);
	changes = net.spoke[0]->map_changes;
	nhrp_tunnel_routes_changed(net.spoke[0]->tunnel, net.sim->now);
	sim_run(net.sim, 100);
	assert_int_equal(counter(net.spoke[0], NHRP_C_TX_RESOLUTION_REQUEST),
			 asked);
	net.spoke[0]->routes[2].gateway = sim_addr("192.168.111.200");
	nhrp_tunnel_routes_changed(net.spoke[0]->tunnel, net.sim->now);
	sim_run(net.sim, 5000);
	assert_int_equal(counter(net.spoke[0], NHRP_C_TX_RESOLUTION_REQUEST),
			 asked + 1);
	assert_int_equal(net.spoke[0]->map_changes, changes);
	assert_true(net_direct(net.spoke[0], LAN2));
	net_free(&net);
}

static void other_gateway_now(struct sim_net *net, const char *gateway)
{
	struct sim_node *n = net->spoke[0];

	n->routes[2].gateway = sim_addr(gateway);
	nhrp_tunnel_routes_changed(n->tunnel, n->sim->now);
}

/* Nobody answers: the hub may be dead, and the path is not. */
static void another_gateway_and_silence(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 2, 3);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	net.sim->drop = lose_resolutions;
	other_gateway_now(&net, "192.168.111.200");
	net_ping_for(&net, net.spoke[0], net.spoke[1], 20000, 500);
	assert_true(net_direct(net.spoke[0], LAN2));
	/* It is renewed as ever. */
	net.sim->drop = NULL;
	net_ping_for(&net, net.spoke[0], net.spoke[1], 700000, 1000);
	assert_true(net_direct(net.spoke[0], LAN2));
	net_free(&net);
	/* A route that is narrower before the three seconds are over ends it. */
	build_moved_half(&net);
	sim_route_del(net.spoke[0], "192.168.40.0/25");
	net.sim->drop = lose_resolutions;
	other_gateway_now(&net, "192.168.111.200");
	sim_run(net.sim, 2000);
	sim_route_add(net.spoke[0], "192.168.40.0/25", "192.168.111.4", true);
	nhrp_tunnel_routes_changed(net.spoke[0]->tunnel, net.sim->now);
	sim_run(net.sim, 1100);
	assert_null(sim_map_at(net.spoke[0], LAN2));
	net_free(&net);
}

/* A no is an answer: data goes where the new gateway is. */
static void another_gateway_and_no(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 2, 3);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	sim_route_del(net.hub, LAN2);
	other_gateway_now(&net, "192.168.111.200");
	sim_run(net.sim, 200);
	assert_null(sim_map_at(net.spoke[0], LAN2));
	assert_int_equal(counter(net.spoke[0], NHRP_C_NAK_RECEIVED), 1);
	net_free(&net);
}

static const char *many(unsigned int i, unsigned int host)
{
	static char text[NHRP_ADDR_STRLEN];

	snprintf(text, sizeof(text), host ? "10.1.%u.%u" : "10.1.%u.%u/24", i,
		 host);
	return text;
}

/* So many routes change at once that not all can be asked for: that is no answer. */
static void more_gateways_than_questions(void **state)
{
	struct nhrp_addr dst;
	struct sim_net net;
	unsigned int i;
	u64 asked;

	(void)state;
	net_build(&net, 10, 2, 3);
	for (i = 0; i < 250; i++) {
		sim_route_add(net.spoke[0], many(i, 0), "192.168.111.1", true);
		sim_route_add(net.hub, many(i, 0), "192.168.111.3", true);
		sim_route_add(net.spoke[1], many(i, 0), NULL, false);
	}
	net_start(&net);
	sim_run(net.sim, 1000);
	for (i = 0; i < 250; i++) {
		dst = sim_addr(many(i, 1));
		nhrp_tunnel_unknown_source(net.spoke[0]->tunnel, &dst,
					   net.sim->now);
		sim_run(net.sim, 50);
	}
	asked = net.spoke[0]->events[NHRP_EVENT_RESOLVING];
	for (i = 0; i < net.spoke[0]->nr_routes; i++)
		net.spoke[0]->routes[i].gateway = sim_addr("192.168.111.200");
	nhrp_tunnel_routes_changed(net.spoke[0]->tunnel, net.sim->now);
	for (i = 0; i < 250; i++)
		assert_true(net_direct(net.spoke[0], many(i, 0)));
	assert_int_equal(net.spoke[0]->events[NHRP_EVENT_RESOLVING],
			 asked + 200);
	/* The rest is asked for when there is time. */
	sim_run(net.sim, 7000);
	assert_int_equal(net.spoke[0]->events[NHRP_EVENT_RESOLVING],
			 asked + 250);
	for (i = 0; i < 250; i++)
		assert_true(net_direct(net.spoke[0], many(i, 0)));
	net_free(&net);
}

/* The far side's offer is cut to our own route and to min-prefix. */
static void offered_prefix_is_cut(void **state)
{
	struct sim_net net;

	(void)state;
	net_build(&net, 5, 2, 3);
	net.spoke[1]->routes[1].prefix = sim_prefix("192.0.0.0/3");
	net.spoke[1]->routes[2].prefix = sim_prefix("192.168.30.0/24");
	net.spoke[0]->routes[2].prefix = sim_prefix("192.168.40.0/22");
	net_start(&net);
	sim_run(net.sim, 1000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	assert_true(net_direct(net.spoke[0], "192.168.40.0/22"));
	net_free(&net);
}

/* A host route behind the far spoke: found by its destination. */
static void host_behind_a_spoke(void **state)
{
	struct nhrp_addr loopback = sim_addr("192.168.77.7");
	struct sim_net net;
	unsigned int i;

	(void)state;
	net_build(&net, 6, 2, 3);
	net.spoke[1]->lan = loopback;
	sim_route_add(net.spoke[1], "192.168.77.7/32", NULL, false);
	sim_route_add(net.hub, "192.168.77.7/32", "192.168.111.3", true);
	net_start(&net);
	sim_run(net.sim, 1000);
	for (i = 0; i < 20; i++) {
		sim_ping(net.spoke[0], &net.spoke[0]->lan, &loopback);
		sim_run(net.sim, 50);
	}
	assert_true(net_direct(net.spoke[0], "192.168.77.7/32"));
	assert_true(net.spoke[1]->direct > 10);
	assert_int_equal(net.spoke[1]->received, 20);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registered_within_two_seconds),
		cmocka_unit_test(phase3_shortcut),
		cmocka_unit_test(one_way_traffic),
		cmocka_unit_test(phase2_answer_by_hub),
		cmocka_unit_test(phase1_all_by_hub),
		cmocka_unit_test(renewed_while_used),
		cmocka_unit_test(negative_is_cached),
		cmocka_unit_test(unproven_path_carries_nothing),
		cmocka_unit_test(broken_path_falls_back),
		cmocka_unit_test(route_gone_is_purged),
		cmocka_unit_test(narrower_route),
		cmocka_unit_test(another_gateway),
		cmocka_unit_test(another_gateway_and_silence),
		cmocka_unit_test(another_gateway_and_no),
		cmocka_unit_test(more_gateways_than_questions),
		cmocka_unit_test(offered_prefix_is_cut),
		cmocka_unit_test(host_behind_a_spoke),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
