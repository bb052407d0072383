// SPDX-License-Identifier: GPL-2.0
/* Boxes that reboot, agents that die and come back, those who leave. */
#include <string.h>

#include "nhrp/packet.h"

#include "test.h"

static void setup(struct sim_net *net, u64 seed)
{
	net_build(net, seed, 2, 3);
	net_start(net);
	sim_run(net->sim, 1000);
	net_ping_for(net, net->spoke[0], net->spoke[1], 2000, 50);
	assert_true(net_direct(net->spoke[0], LAN2));
	assert_true(net_direct(net->spoke[1], LAN1));
}

static void reboot(struct sim_node *n)
{
	sim_node_power(n, false);
	sim_node_power(n, true);
	sim_agent_start(n);
}

/* The hub forgot everything. A spoke that sends is back within 5 s. */
static void hub_reboot_active_spoke(void **state)
{
	struct nhrp_addr hub_lan = sim_addr("192.168.10.1");
	struct sim_net net;
	unsigned int i;

	(void)state;
	setup(&net, 11);
	reboot(net.hub);
	for (i = 0; i < 50 && !net_bindings(net.hub); i++) {
		sim_ping(net.spoke[0], &net.spoke[0]->lan, &hub_lan);
		sim_run(net.sim, 100);
	}
	assert_true(i < 50);
	assert_true(net_direct(net.hub, "192.168.111.2"));
	assert_int_equal(net.spoke[0]->events[NHRP_EVENT_HINT], 1);
	net_free(&net);
}

/* A spoke that sends nothing is back within its probe interval. */
static void hub_reboot_idle_spoke(void **state)
{
	struct sim_net net;

	(void)state;
	net_build(&net, 12, 2, 3);
	net_start(&net);
	sim_run(net.sim, 30000);
	reboot(net.hub);
	assert_int_equal(net_bindings(net.hub), 0);
	sim_run(net.sim, 20000 + 100);
	assert_int_equal(net_bindings(net.hub), 2);
	net_free(&net);
}

/*
 * Of several addresses only one finds out: as soon as the hub answers it, the
 * hub is not silent any more. The hub's new epoch says what that means.
 */
static void hub_reboot_several_addresses(void **state)
{
	static const char *const more[] = {
		"192.168.111.102/24", "192.168.111.103/24", "192.168.111.104/24",
	};
	struct nhrp_tunnel_config *cfg;
	struct sim_net net;
	unsigned int i;

	(void)state;
	net_build(&net, 23, 1, 3);
	cfg = &net.spoke[0]->cfg;
	for (i = 0; i < 3; i++)
		cfg->locals[cfg->nr_locals++] = sim_prefix(more[i]);
	net_start(&net);
	sim_run(net.sim, 30000);
	assert_int_equal(net_bindings(net.hub), 4);
	reboot(net.hub);
	sim_run(net.sim, 20000 + 500);
	assert_int_equal(net_bindings(net.hub), 4);
	net_free(&net);
}

static bool replied;

static bool see_replies(struct sim *sim, const struct sim_packet *p)
{
	(void)sim;
	replied |= p->frame && p->len > 17 &&
		   p->data[17] == NHRP_REGISTRATION_REPLY;
	return false;
}

/* A hub that begins a new life after every answer does not keep us busy. */
static void hub_restarts_all_the_time(void **state)
{
	struct nhrp_tunnel_config *cfg;
	struct sim_net net;
	unsigned int i;
	u64 before;

	(void)state;
	net_build(&net, 24, 1, 3);
	cfg = &net.spoke[0]->cfg;
	cfg->locals[cfg->nr_locals++] = sim_prefix("192.168.111.102/24");
	net_start(&net);
	sim_run(net.sim, 30000);
	net.sim->drop = see_replies;
	before = counter(net.spoke[0], NHRP_C_TX_REGISTRATION_REQUEST);
	reboot(net.hub);
	for (i = 0; i < 30000; i++) {
		sim_run(net.sim, 1);
		if (!replied)
			continue;
		replied = false;
		sim_agent_kill(net.hub);
		sim_agent_start(net.hub);
	}
	before = counter(net.spoke[0], NHRP_C_TX_REGISTRATION_REQUEST) - before;
	assert_in_range(before, 10, 2 * 30);
	net_free(&net);
}

static bool drop_purge_requests(struct sim *sim, const struct sim_packet *p)
{
	(void)sim;
	return p->frame && p->len > 17 && p->data[17] == NHRP_PURGE_REQUEST;
}

/*
 * A spoke forgot everything, and the other one sends to it directly: it is told
 * to stop, but does not listen, as FRR's nhrpd. The spoke asks the hub who that
 * is; a foreign one would send into the void as long as it was told.
 */
static void spoke_reboot(void **state)
{
	struct sim_net net;
	unsigned int i;
	u64 lost = 0;

	(void)state;
	setup(&net, 16);
	net.sim->drop = drop_purge_requests;
	reboot(net.spoke[1]);
	for (i = 0; i < 50; i++) {
		if (i == 30)
			lost = net.sim->data_lost;
		sim_ping(net.spoke[0], &net.spoke[0]->lan, &net.spoke[1]->lan);
		sim_run(net.sim, 100);
	}
	assert_true(net_direct(net.spoke[1], LAN1));
	assert_int_equal(net.sim->data_lost, lost);
	net_free(&net);
}

/* A hub that is not dvpn is not asked while nothing is sent to it. */
static void foreign_hub_is_not_probed_idle(void **state)
{
	struct sim_net net;

	(void)state;
	net_build(&net, 13, 1, 3);
	net.hub->cfg.extensions = false;
	net_start(&net);
	sim_run(net.sim, 150000);
	assert_int_equal(counter(net.spoke[0],
				 NHRP_C_TX_REGISTRATION_REQUEST), 1);
	/* The refresh comes after a third of the holding time, never later. */
	sim_run(net.sim, 51000);
	assert_int_equal(counter(net.spoke[0],
				 NHRP_C_TX_REGISTRATION_REQUEST), 2);
	net_free(&net);
}

#define TABLE_MAX	32

struct table {
	struct sim_map maps[TABLE_MAX];
	unsigned int nr;
};

static void save(struct sim_node *n, struct table *t)
{
	assert_in_range(n->maps.nr, 1, TABLE_MAX);
	memcpy(t->maps, n->maps.entries, n->maps.nr * n->maps.size);
	t->nr = n->maps.nr;
}

/* The same prefixes, peers, flags and times; the owner is the new agent. */
static void assert_same(struct sim_node *n, const struct table *old)
{
	unsigned int i, same = 0;

	for (i = 0; i < old->nr; i++) {
		const struct sim_map *o = &old->maps[i];
		const struct sim_map *m;

		if (!o->used)
			continue;
		m = sim_map_find(n, &o->map.prefix);
		assert_non_null(m);
		assert_int_equal(m->map.flags, o->map.flags);
		assert_memory_equal(&m->map.peer, &o->map.peer,
				    sizeof(m->map.peer));
		assert_int_equal(m->expires_at, o->expires_at);
		assert_int_equal(m->map.cookie_len, o->map.cookie_len);
		assert_memory_equal(m->map.cookie, o->map.cookie,
				    o->map.cookie_len);
		assert_int_equal(m->map.owner, n->owner);
		same++;
	}
	assert_int_equal(sim_map_count(n), same);
}

/* Only one agent comes back, and nobody answers it: the path carries on. */
static void other_agent_stays_dead(void **state)
{
	struct sim_net net;
	u64 before;

	(void)state;
	setup(&net, 15);
	sim_agent_kill(net.spoke[0]);
	sim_agent_kill(net.spoke[1]);
	before = net.spoke[0]->direct;
	sim_agent_start(net.spoke[0]);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 30000, 50);
	sim_run(net.sim, 100);
	assert_int_equal(net.spoke[0]->direct - before, 600);
	assert_int_equal(counter(net.spoke[0], NHRP_C_PEER_DEAD), 0);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_int_equal(net.sim->data_lost, 0);
	net_free(&net);
}

static void kill_and_adopt(void **state)
{
	static struct table tables[3];
	struct sim_net net;
	unsigned int i;
	u64 sent;

	(void)state;
	setup(&net, 14);
	sent = net.spoke[0]->sent;
	for (i = 0; i < 3; i++)
		sim_agent_kill(net.sim->nodes[i]);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 10000, 50);
	for (i = 0; i < 3; i++) {
		save(net.sim->nodes[i], &tables[i]);
		sim_agent_start(net.sim->nodes[i]);
		assert_same(net.sim->nodes[i], &tables[i]);
	}
	net_ping_for(&net, net.spoke[0], net.spoke[1], 10000, 50);
	sim_run(net.sim, 100);
	assert_int_equal(net.spoke[0]->sent, sent + 400);
	assert_int_equal(net.spoke[1]->received, net.spoke[0]->sent);
	assert_int_equal(net.spoke[0]->received, net.spoke[1]->sent);
	assert_int_equal(net.sim->data_lost, 0);
	/* Everything is renewed as if nothing had happened. */
	assert_true(net_registered(net.spoke[0]));
	assert_int_equal(net_bindings(net.hub), 2);
	assert_true(net_direct(net.spoke[0], LAN2));
	net_free(&net);
}

/* Two hundred restarts under traffic, agents dying at any moment. */
static void restarts_lose_nothing(void **state)
{
	struct sim_net net;
	unsigned int i;

	(void)state;
	setup(&net, 15);
	for (i = 0; i < 200; i++) {
		struct sim_node *n = net.sim->nodes[i % 3];

		sim_agent_kill(n);
		net_ping_for(&net, net.spoke[0], net.spoke[1],
			     sim_rand(net.sim) % 300, 20);
		sim_agent_start(n);
		net_ping_for(&net, net.spoke[0], net.spoke[1],
			     sim_rand(net.sim) % 300, 20);
	}
	sim_run(net.sim, 100);
	assert_int_equal(net.spoke[1]->received, net.spoke[0]->sent);
	assert_int_equal(net.sim->data_lost, 0);
	assert_true(net_direct(net.spoke[0], LAN2));
	net_free(&net);
}

/* What ended while no agent looked is gone, and nothing else. */
static void expired_while_dead(void **state)
{
	struct sim_net net;
	unsigned int i;

	(void)state;
	net_build(&net, 16, 2, 3);
	for (i = 0; i < 2; i++)
		net.spoke[i]->cfg.holding_time_s = 20;
	net_start(&net);
	sim_run(net.sim, 1000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 1000, 50);
	for (i = 0; i < 3; i++)
		sim_agent_kill(net.sim->nodes[i]);
	sim_run(net.sim, 30000);
	for (i = 0; i < 3; i++)
		sim_agent_start(net.sim->nodes[i]);
	assert_null(sim_map_at(net.spoke[0], LAN2));
	assert_int_equal(net_bindings(net.hub), 0);
	assert_non_null(sim_map_at(net.spoke[0], "192.168.111.1"));
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(net.hub), 2);
	net_free(&net);
}

/* Only a hub's agent is dead: its kernel forwards, nobody turns away from it. */
static void dead_hub_agent_keeps_forwarding(void **state)
{
	struct nhrp_addr hub_lan = sim_addr("192.168.10.1");
	struct sim_net net;
	unsigned int i;
	u64 received;

	(void)state;
	setup(&net, 17);
	sim_agent_kill(net.hub);
	received = net.hub->received;
	for (i = 0; i < 600; i++) {
		sim_ping(net.spoke[0], &net.spoke[0]->lan, &hub_lan);
		sim_run(net.sim, 500);
	}
	assert_int_equal(net.hub->received - received, 600);
	assert_int_equal(net.sim->data_lost, 0);
	net_free(&net);
}

static void sim_until_left(struct sim_net *net, struct sim_node *n, u64 within)
{
	u64 end = net->sim->now + within;

	while (!nhrp_tunnel_left(n->tunnel) && net->sim->now < end)
		sim_run(net->sim, 10);
	assert_true(nhrp_tunnel_left(n->tunnel));
}

static void leave_purges(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 18);
	nhrp_tunnel_leave(net.spoke[1]->tunnel, net.sim->now);
	sim_until_left(&net, net.spoke[1], 1000);
	assert_int_equal(counter(net.spoke[1], NHRP_C_PURGE_UNANSWERED), 0);
	assert_int_equal(sim_map_count(net.spoke[1]), 0);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_null(sim_map_at(net.hub, "192.168.111.3"));
	assert_null(sim_map_at(net.spoke[0], LAN2));
	assert_null(sim_map_at(net.spoke[0], "192.168.111.3"));
	/* And back. */
	nhrp_tunnel_start(net.spoke[1]->tunnel, net.sim->now);
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(net.hub), 2);
	net_free(&net);
}

/* Those we answered in an earlier life are told as well. */
static void leave_after_restart_purges(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 19);
	sim_agent_kill(net.spoke[1]);
	sim_agent_start(net.spoke[1]);
	sim_run(net.sim, 1000);
	nhrp_tunnel_leave(net.spoke[1]->tunnel, net.sim->now);
	sim_until_left(&net, net.spoke[1], 1000);
	assert_null(sim_map_at(net.spoke[0], LAN2));
	assert_int_equal(net_bindings(net.hub), 1);
	net_free(&net);
}

/* Nobody answers: three tries within a second, counted, and over. */
static void leave_unanswered(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 20);
	sim_node_power(net.hub, false);
	sim_node_power(net.spoke[0], false);
	nhrp_tunnel_leave(net.spoke[1]->tunnel, net.sim->now);
	sim_until_left(&net, net.spoke[1], 1000);
	assert_true(counter(net.spoke[1], NHRP_C_PURGE_UNANSWERED) > 0);
	assert_int_equal(counter(net.spoke[1], NHRP_C_TX_PURGE_REQUEST),
			 3 * counter(net.spoke[1], NHRP_C_PURGE_UNANSWERED));
	net_free(&net);
}

/* The hub is gone from the configuration: deregistered, mapping deleted. */
static void hub_removed_from_config(void **state)
{
	struct nhrp_tunnel_config cfg;
	struct sim_net net;

	(void)state;
	setup(&net, 21);
	cfg = net.spoke[0]->cfg;
	cfg.nr_hubs = 0;
	assert_int_equal(nhrp_tunnel_reconfigure(net.spoke[0]->tunnel, &cfg,
						 net.sim->now), 0);
	sim_run(net.sim, 100);
	assert_null(sim_map_at(net.spoke[0], "192.168.111.1"));
	assert_int_equal(net_bindings(net.hub), 1);
	/* A configuration that makes no sense changes nothing. */
	cfg.holding_time_s = 1;
	assert_int_not_equal(nhrp_tunnel_reconfigure(net.spoke[0]->tunnel, &cfg,
						     net.sim->now), 0);
	net_free(&net);
}

/* The same configuration again: not a packet, not a change. */
static void reload_without_change(void **state)
{
	struct sim_net net;
	u64 frames, changes;

	(void)state;
	setup(&net, 22);
	frames = net.spoke[0]->frames;
	changes = net.spoke[0]->map_changes;
	assert_int_equal(nhrp_tunnel_reconfigure(net.spoke[0]->tunnel,
						 &net.spoke[0]->cfg,
						 net.sim->now), 0);
	sim_run(net.sim, 1000);
	assert_int_equal(net.spoke[0]->frames, frames);
	assert_int_equal(net.spoke[0]->map_changes, changes);
	net_free(&net);
}

/* A spoke's agent that is stopped for 90 s, within its holding time or beyond it. */
static void stopped_spoke(void **state)
{
	static const u16 holding_time_s[] = { 600, 60 };
	struct sim_net net;
	unsigned int i, j;
	u64 asked;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(holding_time_s); i++) {
		net_build(&net, 24, 2, 3);
		for (j = 0; j < 2; j++)
			net.spoke[j]->cfg.holding_time_s = holding_time_s[i];
		net_start(&net);
		sim_run(net.sim, 1000);
		net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
		assert_true(net_direct(net.spoke[0], LAN2));
		asked = counter(net.spoke[0], NHRP_C_TX_REGISTRATION_REQUEST);
		sim_agent_stop(net.spoke[0]);
		sim_run(net.sim, 90000);
		assert_int_equal(net_bindings(net.hub), i ? 1 : 2);
		sim_agent_continue(net.spoke[0], false);
		sim_run(net.sim, 2000);
		assert_true(net_registered(net.spoke[0]));
		assert_int_equal(net_bindings(net.hub), 2);
		/* Not one for each timer that has run out. */
		assert_true(counter(net.spoke[0], NHRP_C_TX_REGISTRATION_REQUEST) - asked <= 1);
		net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
		assert_true(net_direct(net.spoke[0], LAN2));
		assert_true(net_direct(net.spoke[1], LAN1));
		assert_string_equal(net.sim->broken, "");
		net_free(&net);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hub_reboot_active_spoke),
		cmocka_unit_test(hub_reboot_idle_spoke),
		cmocka_unit_test(hub_reboot_several_addresses),
		cmocka_unit_test(hub_restarts_all_the_time),
		cmocka_unit_test(spoke_reboot),
		cmocka_unit_test(foreign_hub_is_not_probed_idle),
		cmocka_unit_test(other_agent_stays_dead),
		cmocka_unit_test(kill_and_adopt),
		cmocka_unit_test(restarts_lose_nothing),
		cmocka_unit_test(expired_while_dead),
		cmocka_unit_test(dead_hub_agent_keeps_forwarding),
		cmocka_unit_test(leave_purges),
		cmocka_unit_test(leave_after_restart_purges),
		cmocka_unit_test(leave_unanswered),
		cmocka_unit_test(hub_removed_from_config),
		cmocka_unit_test(reload_without_change),
		cmocka_unit_test(stopped_spoke),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
