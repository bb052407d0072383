// SPDX-License-Identifier: GPL-2.0
/* Who owns an address: moves, conflicts, several hubs, NAT. */
#include <string.h>

#include "moves.h"

static void silent_owner_is_moved(void **state)
{
	struct sim_net net;

	(void)state;
	moves_begin(&net, 31, NHRP_UNIQUE_VERIFY);
	moves_to(&net, "192.168.50.102");
	sim_run(net.sim, 2000);
	assert_true(hub_sends_to(&net, "192.168.50.2"));
	sim_run(net.sim, 2500);
	assert_true(hub_sends_to(&net, "192.168.50.102"));
	assert_true(net_registered(net.spoke[0]));
	assert_int_equal(net.hub->events[NHRP_EVENT_SPOKE_MOVED], 1);
	assert_int_equal(counter(net.hub, NHRP_C_NAK_SENT), 0);
	net_free(&net);
}

static void off_moves_at_once(void **state)
{
	struct sim_net net;

	(void)state;
	moves_begin(&net, 32, NHRP_UNIQUE_OFF);
	moves_to(&net, "192.168.50.102");
	sim_run(net.sim, 300);
	assert_true(hub_sends_to(&net, "192.168.50.102"));
	net_free(&net);
}

static void nhs_state(void *arg, const struct nhrp_nhs_info *info)
{
	*(struct nhrp_nhs_info *)arg = *info;
}

static void strict_refuses(void **state)
{
	struct nhrp_nhs_info info;
	struct sim_net net;

	(void)state;
	moves_begin(&net, 33, NHRP_UNIQUE_STRICT);
	moves_to(&net, "192.168.50.102");
	sim_run(net.sim, 10000);
	assert_true(hub_sends_to(&net, "192.168.50.2"));
	nhrp_tunnel_walk_nhs(net.spoke[0]->tunnel, net.sim->now, nhs_state,
			     &info);
	assert_int_equal(info.state, NHRP_NHS_REFUSED);
	assert_int_equal(info.nak_code, 14);
	assert_true(counter(net.hub, NHRP_C_DROP_UNIQUE) > 0);
	/* When the old registration ends, the new one gets in. */
	sim_run(net.sim, 700000);
	assert_true(hub_sends_to(&net, "192.168.50.102"));
	net_free(&net);
}

/* A third box claims spoke 1's address; spoke 1 lives. */
static void thief_is_refused(void **state)
{
	struct sim_node *thief;
	struct nhrp_nhs_info info;
	struct sim_net net;

	(void)state;
	net_build(&net, 34, 2, 3);
	thief = sim_node_add(net.sim, "thief");
	thief->cfg = net.spoke[0]->cfg;
	thief->cfg.nbma[0] = sim_addr("192.168.50.66");
	sim_route_add(thief, "192.168.0.0/16", "192.168.111.1", true);
	net_start(&net);
	sim_run(net.sim, 1000);
	sim_agent_start(thief);
	sim_run(net.sim, 60000);
	assert_true(hub_sends_to(&net, "192.168.50.2"));
	nhrp_tunnel_walk_nhs(thief->tunnel, net.sim->now, nhs_state, &info);
	assert_int_equal(info.nak_code, 14);
	assert_int_equal(net.hub->events[NHRP_EVENT_SPOKE_MOVED], 0);
	assert_true(net.hub->events[NHRP_EVENT_CONFLICT] > 0);
	net_free(&net);
}

/* Two claimants and a dead owner: one move in ten seconds at most. */
static void moves_are_damped(void **state)
{
	struct sim_node *other;
	struct sim_net net;

	(void)state;
	net_build(&net, 35, 1, 3);
	other = sim_node_add(net.sim, "other");
	other->cfg = net.spoke[0]->cfg;
	other->cfg.nbma[0] = sim_addr("192.168.50.66");
	sim_route_add(other, "192.168.0.0/16", "192.168.111.1", true);
	net_start(&net);
	sim_run(net.sim, 1000);
	sim_node_power(net.spoke[0], false);
	sim_agent_start(other);
	sim_run(net.sim, 4500);
	assert_int_equal(net.hub->events[NHRP_EVENT_SPOKE_MOVED], 1);
	sim_node_power(other, false);
	net.spoke[0]->up = true;
	sim_agent_start(net.spoke[0]);
	sim_run(net.sim, 5000);
	assert_int_equal(net.hub->events[NHRP_EVENT_SPOKE_MOVED], 1);
	sim_run(net.sim, 30000);
	assert_int_equal(net.hub->events[NHRP_EVENT_SPOKE_MOVED], 2);
	net_free(&net);
}

/* Two WANs, and the route goes from one to the other every three seconds. */
static void flapping_wan(void **state)
{
	/* While the hub asks the old address, or does not move it again, a request is repeated. */
	static const enum nhrp_unique modes[] = { NHRP_UNIQUE_OFF, NHRP_UNIQUE_VERIFY };
	struct sim_net net;
	unsigned int m, i;
	u64 asked;

	(void)state;
	for (m = 0; m < ARRAY_SIZE(modes); m++) {
		moves_begin(&net, 38, modes[m]);
		asked = counter(net.spoke[0], NHRP_C_TX_REGISTRATION_REQUEST);
		for (i = 0; i < 40; i++) {
			moves_to(&net, i % 2 ? "192.168.50.2" : "192.168.50.102");
			sim_run(net.sim, 3000);
		}
		asked = counter(net.spoke[0], NHRP_C_TX_REGISTRATION_REQUEST) - asked;
		assert_true(asked <= 40 * 3);
		/* It comes to rest where the route stays. */
		sim_run(net.sim, 20000);
		assert_true(hub_sends_to(&net, "192.168.50.2"));
		assert_true(net_registered(net.spoke[0]));
		net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
		assert_true(net_direct(net.spoke[0], LAN2));
		net_free(&net);
	}
}

/* The other spoke's shortcut follows. */
static void shortcut_follows_a_move(void **state)
{
	struct sim_net net;
	struct sim_map *m;
	struct nhrp_addr now_at = sim_addr("192.168.50.102");

	(void)state;
	moves_begin(&net, 36, NHRP_UNIQUE_VERIFY);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	assert_true(net_direct(net.spoke[1], LAN1));
	moves_to(&net, "192.168.50.102");
	net_ping_for(&net, net.spoke[0], net.spoke[1], 10000, 50);
	m = sim_map_at(net.spoke[1], LAN1);
	assert_non_null(m);
	assert_true(nhrp_addr_eq(&m->map.peer.nbma, &now_at));
	assert_true(net_direct(net.spoke[1], LAN1));
	assert_true(net_direct(net.spoke[0], LAN2));
	net_free(&net);
}

/* A protocol address that is given up is deregistered. */
static void protocol_address_changes(void **state)
{
	struct sim_net net;

	(void)state;
	moves_begin(&net, 37, NHRP_UNIQUE_VERIFY);
	net.spoke[0]->cfg.locals[0] = sim_prefix("192.168.111.52/24");
	assert_int_equal(nhrp_tunnel_reconfigure(net.spoke[0]->tunnel,
						 &net.spoke[0]->cfg,
						 net.sim->now), 0);
	sim_run(net.sim, 1000);
	assert_null(sim_map_at(net.hub, "192.168.111.2"));
	assert_non_null(sim_map_at(net.hub, "192.168.111.52"));
	assert_int_equal(net_bindings(net.hub), 2);
	net_free(&net);
}

/* Whatever mask an address has, and however many there are, each is registered and reached. */
static void any_mask(void **state)
{
	static const char *const masks[][2] = {
		{ "192.168.111.2/32", "192.168.111.102/32" },
		{ "192.168.111.2/31", "192.168.111.102/31" },
		{ "192.168.111.2/32", "192.168.111.102/24" },
	};
	const struct nhrp_addr second = sim_addr("192.168.111.102");
	struct sim_node *spoke;
	struct sim_net net;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(masks); i++) {
		net_build(&net, 45, 2, 3);
		spoke = net.spoke[0];
		spoke->cfg.locals[0] = sim_prefix(masks[i][0]);
		spoke->cfg.locals[1] = sim_prefix(masks[i][1]);
		spoke->cfg.nr_locals = 2;
		sim_route_del(spoke, "192.168.111.0/24");
		sim_route_add(spoke, "192.168.111.1/32", NULL, true);
		net_start(&net);
		sim_run(net.sim, 1000);
		assert_int_equal(net_bindings(net.hub), 3);
		assert_true(hub_sends_to(&net, "192.168.50.2"));
		assert_true(net_direct(net.hub, "192.168.111.102"));
		net_ping_for(&net, spoke, net.spoke[1], 2000, 50);
		assert_true(net_direct(spoke, LAN2));
		assert_true(net_direct(net.spoke[1], LAN1));
		/* To its second address, too. */
		sim_ping(net.spoke[1], &net.spoke[1]->lan, &second);
		sim_run(net.sim, 500);
		assert_int_equal(net.sim->data_lost, 0);
		net_free(&net);
	}
}

static void reconfigure(struct sim_node *n)
{
	assert_int_equal(nhrp_tunnel_reconfigure(n->tunnel, &n->cfg,
						 n->sim->now), 0);
}

/* An address more or less, of another family or not, is nobody else's affair. */
static void other_addresses_come_and_go(void **state)
{
	u64 registrations, purges, probations;
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	net_build(&net, 44, 2, 3);
	spoke = net.spoke[0];
	spoke->cfg.nbma[1] = sim_addr("2001:db8::2");
	net_start(&net);
	sim_run(net.sim, 1000);
	net_ping_for(&net, spoke, net.spoke[1], 2000, 50);
	assert_true(net_direct(spoke, LAN2));
	assert_true(net_direct(net.spoke[1], LAN1));
	registrations = counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST);
	purges = counter(spoke, NHRP_C_TX_PURGE_REQUEST);
	probations = spoke->events[NHRP_EVENT_SHORTCUT_PROBATION];
	spoke->cfg.locals[1] = sim_prefix("192.168.111.102/24");
	spoke->cfg.nr_locals = 2;
	spoke->cfg.nbma[1] = sim_addr("2001:db8::22");
	reconfigure(spoke);
	assert_true(net_direct(spoke, LAN2));
	net_ping_for(&net, spoke, net.spoke[1], 1000, 50);
	assert_int_equal(net_bindings(net.hub), 3);
	/* Only the one that is new. */
	assert_int_equal(counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST),
			 registrations + 1);
	assert_int_equal(counter(spoke, NHRP_C_TX_PURGE_REQUEST), purges);
	/* It goes again. */
	spoke->cfg.nr_locals = 1;
	reconfigure(spoke);
	net_ping_for(&net, spoke, net.spoke[1], 1000, 50);
	assert_int_equal(net_bindings(net.hub), 2);
	assert_int_equal(counter(spoke, NHRP_C_TX_PURGE_REQUEST), purges + 1);
	assert_int_equal(counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST),
			 registrations + 1);
	assert_int_equal(spoke->events[NHRP_EVENT_SHORTCUT_PROBATION],
			 probations);
	assert_true(net_direct(spoke, LAN2));
	assert_true(net_direct(net.spoke[1], LAN1));
	assert_int_equal(net.sim->data_lost, 0);
	net_free(&net);
}

/* Who was told of us by an address that goes has to forget that, and only that. */
static void told_address_goes(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	moves_begin(&net, 45, NHRP_UNIQUE_VERIFY);
	spoke = net.spoke[0];
	net_ping_for(&net, spoke, net.spoke[1], 2000, 50);
	spoke->cfg.locals[1] = sim_prefix("192.168.111.52/24");
	spoke->cfg.nr_locals = 2;
	reconfigure(spoke);
	sim_run(net.sim, 1000);
	assert_true(net_direct(net.spoke[1], LAN1));
	spoke->cfg.locals[0] = spoke->cfg.locals[1];
	spoke->cfg.nr_locals = 1;
	reconfigure(spoke);
	sim_run(net.sim, 200);
	assert_null(sim_map_at(net.spoke[1], LAN1));
	assert_null(sim_map_at(net.hub, "192.168.111.2"));
	/* What we know of others stays as it was. */
	assert_true(net_direct(spoke, LAN2));
	net_free(&net);
}

/* Two hubs: the second takes over when the first is dead, and gives it back. */
static void second_hub_takes_over(void **state)
{
	struct sim_node *hub2, *spoke;
	struct sim_net net;
	u64 received;

	(void)state;
	net_build(&net, 38, 1, 3);
	spoke = net.spoke[0];
	hub2 = net_add_hub(&net, "hub2", 9);
	hub2->lan = sim_addr("192.168.10.1");
	sim_route_add(hub2, "192.168.10.0/24", NULL, false);
	net_name_hub(spoke, hub2, 10);
	/* The route's next hop is of no hub: data goes by the best one. */
	spoke->routes[2].gateway = sim_addr("192.168.111.200");
	net_start(&net);
	sim_agent_start(hub2);
	sim_run(net.sim, 1000);
	sim_ping(spoke, &spoke->lan, &hub2->lan);
	sim_run(net.sim, 100);
	assert_int_equal(net.hub->received, 1);
	sim_node_power(net.hub, false);
	sim_run(net.sim, 35000);
	assert_true(sim_map_at(spoke, "192.168.111.1")->map.flags &
		    NHRP_MAP_PROBATION);
	received = hub2->received;
	sim_ping(spoke, &spoke->lan, &hub2->lan);
	sim_run(net.sim, 100);
	assert_int_equal(hub2->received, received + 1);
	net.hub->up = true;
	sim_agent_start(net.hub);
	/* It is asked within the probe interval, and held down for a minute. */
	sim_run(net.sim, 85000);
	assert_true(net_direct(spoke, "192.168.111.1"));
	net_free(&net);
}

/* Spoke 1 is behind a NAT that keeps ports: it learns its outside address. */
static void nat(void **state)
{
	struct nhrp_addr outside = sim_addr("198.51.100.2");
	struct nhrp_nhs_info info;
	struct sim_net net;
	struct sim_map *m;

	(void)state;
	net_build(&net, 39, 2, 3);
	net.spoke[0]->outside = outside;
	net_start(&net);
	sim_run(net.sim, 1000);
	nhrp_tunnel_walk_nhs(net.spoke[0]->tunnel, net.sim->now, nhs_state,
			     &info);
	assert_true(info.has_outside);
	assert_true(nhrp_addr_eq(&info.outside, &outside));
	assert_true(hub_sends_to(&net, "198.51.100.2"));
	net_ping_for(&net, net.spoke[0], net.spoke[1], 3000, 50);
	m = sim_map_at(net.spoke[1], LAN1);
	assert_non_null(m);
	assert_true(nhrp_addr_eq(&m->map.peer.nbma, &outside));
	assert_true(net_direct(net.spoke[1], LAN1));
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_int_equal(net.sim->data_lost, 0);
	net_free(&net);
}

/* Two spokes that plain GRE cannot tell apart: the first one stays. */
static void two_behind_one_address(void **state)
{
	struct sim_net net;

	(void)state;
	net_build(&net, 40, 2, 3);
	net.spoke[0]->outside = sim_addr("198.51.100.2");
	net.spoke[1]->outside = sim_addr("198.51.100.2");
	sim_agent_start(net.hub);
	sim_agent_start(net.spoke[0]);
	sim_run(net.sim, 1000);
	sim_agent_start(net.spoke[1]);
	sim_run(net.sim, 60000);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_true(hub_sends_to(&net, "198.51.100.2"));
	assert_true(net.hub->events[NHRP_EVENT_CONFLICT] > 0);
	assert_true(counter(net.hub, NHRP_C_DROP_CONFLICT) > 0);
	assert_int_equal(net.hub->events[NHRP_EVENT_SPOKE_MOVED], 0);
	net_free(&net);
}

static const char *unheard(struct sim_net *net, bool *may_share)
{
	struct nhrp_nhs_info info;
	struct sim_node *n = net->spoke[1];

	sim_link_loss(net->sim, n, net->hub, 1000);
	sim_run(net->sim, 40000);
	nhrp_tunnel_walk_nhs(n->tunnel, net->sim->now, nhs_state, &info);
	assert_int_equal(info.state, NHRP_NHS_UNREACHABLE);
	*may_share = info.may_share;
	return n->nhs_down;
}

/* The NAT knows the first one's GRE to the hub, and drops the second one's. */
static void second_by_gre_is_told(void **state)
{
	static const char said[] =
		"; if another spoke shares your public address use encap udp";
	static const struct {
		const char *nbma;
		enum nhrp_encap encap;
		u16 port;
		bool may_share;
	} cases[] = {
		{ "192.168.50.3", NHRP_ENCAP_GRE, 0, true },
		{ "192.168.50.3", NHRP_ENCAP_UDP, 4754, false },
		{ "203.0.113.3", NHRP_ENCAP_GRE, 0, false },
	};
	const char *text;
	struct sim_net net;
	bool may_share;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		net_build(&net, 46, 2, 3);
		net.spoke[1]->cfg.nbma[0] = sim_addr(cases[i].nbma);
		net.spoke[1]->cfg.hubs[0].peer.encap = cases[i].encap;
		net.spoke[1]->cfg.hubs[0].peer.port = cases[i].port;
		net_start(&net);
		text = unheard(&net, &may_share);
		assert_int_equal(may_share, cases[i].may_share);
		assert_non_null(strstr(text, "no answer from the hub"));
		assert_int_equal(!!strstr(text, said), cases[i].may_share);
		net_free(&net);
	}
}

/* A hub that was heard, and said that there is a NAT. */
static void lost_behind_a_nat(void **state)
{
	struct sim_net net;
	bool may_share;

	(void)state;
	net_build(&net, 47, 2, 3);
	net.spoke[1]->cfg.nbma[0] = sim_addr("203.0.113.3");
	net.spoke[1]->outside = sim_addr("198.51.100.2");
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_true(net_registered(net.spoke[1]));
	unheard(&net, &may_share);
	assert_true(may_share);
	net_free(&net);
}

/* The hub's protocol address is not configured: it is learned. */
static void hub_address_is_learned(void **state)
{
	struct sim_net net;

	(void)state;
	net_build(&net, 41, 1, 3);
	net.spoke[0]->cfg.hubs[0].has_proto = false;
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_true(net_direct(net.spoke[0], "192.168.111.1"));
	/* And kept over a restart without a hub to ask. */
	sim_node_power(net.hub, false);
	sim_agent_kill(net.spoke[0]);
	sim_agent_start(net.spoke[0]);
	assert_true(net_direct(net.spoke[0], "192.168.111.1"));
	net_free(&net);
}

static void password(struct nhrp_tunnel_config *cfg, const char *text)
{
	cfg->auth = NHRP_AUTH_CISCO;
	snprintf(cfg->password, sizeof(cfg->password), "%s", text);
}

static void passwords(void **state)
{
	struct sim_net net;

	(void)state;
	net_build(&net, 42, 2, 3);
	password(&net.hub->cfg, "NHRPAUTH");
	password(&net.spoke[0]->cfg, "NHRPAUTH");
	password(&net.spoke[1]->cfg, "NHRPAUTX");
	net_start(&net);
	sim_run(net.sim, 10000);
	assert_true(net_registered(net.spoke[0]));
	assert_false(net_registered(net.spoke[1]));
	assert_int_equal(net_bindings(net.hub), 1);
	assert_true(counter(net.hub, NHRP_C_DROP_AUTH) > 0);
	/* The right one opens everything, hop by hop. */
	password(&net.spoke[1]->cfg, "NHRPAUTH");
	assert_int_equal(nhrp_tunnel_reconfigure(net.spoke[1]->tunnel,
						 &net.spoke[1]->cfg,
						 net.sim->now), 0);
	sim_run(net.sim, 20000);
	assert_true(net_registered(net.spoke[1]));
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_true(net_direct(net.spoke[1], LAN1));
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silent_owner_is_moved),
		cmocka_unit_test(off_moves_at_once),
		cmocka_unit_test(strict_refuses),
		cmocka_unit_test(thief_is_refused),
		cmocka_unit_test(moves_are_damped),
		cmocka_unit_test(flapping_wan),
		cmocka_unit_test(shortcut_follows_a_move),
		cmocka_unit_test(protocol_address_changes),
		cmocka_unit_test(any_mask),
		cmocka_unit_test(other_addresses_come_and_go),
		cmocka_unit_test(told_address_goes),
		cmocka_unit_test(second_hub_takes_over),
		cmocka_unit_test(nat),
		cmocka_unit_test(two_behind_one_address),
		cmocka_unit_test(second_by_gre_is_told),
		cmocka_unit_test(lost_behind_a_nat),
		cmocka_unit_test(hub_address_is_learned),
		cmocka_unit_test(passwords),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
