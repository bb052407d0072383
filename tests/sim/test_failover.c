// SPDX-License-Identifier: GPL-2.0
/* Hubs that fail, the next best that take over, and the way back. */
#include <errno.h>
#include <string.h>

#include "nhrp/packet.h"
#include "test.h"

#define HOLD_DOWN_S	20
#define SPARES_MAX	2

static struct sim_node *spare[SPARES_MAX];	/* 192.168.111.9 and .10 */
static const char * const spare_proto[] = { "192.168.111.9", "192.168.111.10" };

static void add_spare(struct sim_net *net, unsigned int i)
{
	struct nhrp_tunnel_config *cfg = &net->spoke[0]->cfg;
	struct sim_node *hub = sim_node_add(net->sim, "spare");
	struct nhrp_hub *as = &cfg->hubs[cfg->nr_hubs++];
	char text[NHRP_PREFIX_STRLEN];

	spare[i] = hub;
	hub->cfg = net->hub->cfg;
	snprintf(text, sizeof(text), "192.168.50.%u", 9 + i);
	hub->cfg.nbma[0] = sim_addr(text);
	snprintf(text, sizeof(text), "%s/24", spare_proto[i]);
	hub->cfg.locals[0] = sim_prefix(text);
	hub->lan = net->hub->lan;
	sim_route_add(hub, "192.168.111.0/24", NULL, true);
	sim_route_add(hub, "192.168.10.0/24", NULL, false);
	sim_route_add(hub, "192.168.30.0/24", "192.168.111.2", true);
	as->has_proto = true;
	as->proto = hub->cfg.locals[0].addr;
	as->peer.nbma = hub->cfg.nbma[0];
	as->priority = (u8)(10 * (i + 1));
}

/* A spoke with a hub and worse ones, each of which leads to the same network. */
static void build(struct sim_net *net, u64 seed, unsigned int spares)
{
	struct nhrp_tunnel_config *cfg;
	unsigned int i;

	net_build(net, seed, 1, 3);
	cfg = &net->spoke[0]->cfg;
	cfg->probe_interval_s = 5;
	cfg->hub_hold_down_s = HOLD_DOWN_S;
	for (i = 0; i < spares; i++)
		add_spare(net, i);
}

static void start(struct sim_net *net, unsigned int spares)
{
	net_start(net);
	while (spares--)
		sim_agent_start(spare[spares]);
	sim_run(net->sim, 1000);
}

static void power_on(struct sim_node *hub)
{
	sim_node_power(hub, true);
	sim_agent_start(hub);
}

static void reconfigure(struct sim_node *n)
{
	assert_int_equal(nhrp_tunnel_reconfigure(n->tunnel, &n->cfg,
						 n->sim->now), 0);
}

/* Pings for so long, and all of them reach this hub. */
static void all_go_to(struct sim_net *net, struct sim_node *hub, unsigned int ms)
{
	struct sim_node *spoke = net->spoke[0];
	u64 before = hub->received;
	unsigned int i;

	for (i = 0; i < ms; i += 100) {
		sim_ping(spoke, &spoke->lan, &hub->lan);
		sim_run(net->sim, 100);
	}
	assert_int_equal(hub->received - before, ms / 100);
}

/* For how long do pings from now on not reach it, 20 s at most? */
static unsigned int ms_until(struct sim_net *net, struct sim_node *hub)
{
	struct sim_node *spoke = net->spoke[0];
	u64 before = hub->received;
	unsigned int ms;

	for (ms = 0; hub->received == before && ms < 20000; ms += 100) {
		sim_ping(spoke, &spoke->lan, &hub->lan);
		sim_run(net->sim, 100);
	}
	return ms;
}

static bool multicast_to(struct sim_net *net, const char *hub)
{
	const struct sim_map *m = sim_map_at(net->spoke[0], hub);

	return m && m->map.flags & NHRP_MAP_MULTICAST;
}

struct nth_hub {
	unsigned int nth;
	struct nhrp_nhs_info info;
};

static void nth_cb(void *arg, const struct nhrp_nhs_info *info)
{
	struct nth_hub *hub = arg;

	if (!hub->nth--)
		hub->info = *info;
}

/* How the spoke sees its hub of this number. */
static struct nhrp_nhs_info seen(struct sim_net *net, unsigned int nth)
{
	struct nth_hub hub = { .nth = nth };

	nhrp_tunnel_walk_nhs(net->spoke[0]->tunnel, net->sim->now, nth_cb, &hub);
	return hub.info;
}

/* From the last packet of a hub to the first that goes by the next one. */
static void dead_hub_is_soon_missed(void **state)
{
	struct sim_net net;
	unsigned int seed;

	(void)state;
	for (seed = 90; seed < 100; seed++) {
		build(&net, seed, 1);
		start(&net, 1);
		sim_run(net.sim, seed * 137);
		net_ping_for(&net, net.spoke[0], net.hub, 3000, 100);
		assert_int_equal(spare[0]->received, 0);
		sim_node_power(net.hub, false);
		assert_in_range(ms_until(&net, spare[0]), 6000, 8500);
		net_free(&net);
	}
}

static void add_link_local(struct sim_net *net)
{
	net->hub->cfg.locals[1] = sim_prefix("fe80::1/64");
	spare[0]->cfg.locals[1] = sim_prefix("fe80::9/64");
	net->spoke[0]->cfg.locals[1] = sim_prefix("fe80::2/64");
	net->hub->cfg.nr_locals = 2;
	spare[0]->cfg.nr_locals = 2;
	net->spoke[0]->cfg.nr_locals = 2;
}

/*
 * The spoke has two addresses there, and each its own time to ask. When one of
 * them has no answer, nothing goes to the hub by the mapping of the other one.
 */
static void dead_hub_is_missed_for_all_addresses(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;
	unsigned int i, ms;

	(void)state;
	for (i = 0; i < 10; i++) {
		build(&net, 130 + i, 1);
		spoke = net.spoke[0];
		/* By probes, or as they are refreshed. */
		spoke->cfg.probe_interval_s = i & 1 ? 20 : 0;
		spoke->cfg.holding_time_s = 120;
		spoke->cfg.max_hubs = i & 2 ? 1 : 2;
		add_link_local(&net);
		start(&net, 1);
		assert_true(net_direct(spoke, "fe80::1"));
		net_ping_for(&net, spoke, net.hub, 3000, 100);
		sim_node_power(net.hub, false);
		for (ms = 0; ms < 60000 &&
		     !spoke->events[NHRP_EVENT_NHS_DOWN]; ms += 100)
			sim_run(net.sim, 100);
		assert_int_equal(spoke->events[NHRP_EVENT_NHS_DOWN], 2);
		sim_run(net.sim, 300);
		all_go_to(&net, spare[0], 10000);
		assert_int_equal(seen(&net, 0).state, NHRP_NHS_UNREACHABLE);
		/* Both are found again. */
		power_on(net.hub);
		sim_run(net.sim, (HOLD_DOWN_S + 70) * 1000);
		all_go_to(&net, net.hub, 1000);
		assert_int_equal(net_bindings(net.hub), 2);
		net_free(&net);
	}
}

/*
 * The best hub has our address from somebody else and takes no other but the
 * link-local one: the next hub is asked, and the data goes there.
 */
static void hub_that_refuses_our_address(void **state)
{
	struct sim_node *other;
	struct sim_net net;

	(void)state;
	build(&net, 141, 1);
	net.spoke[0]->cfg.max_hubs = 1;
	net.hub->cfg.unique = NHRP_UNIQUE_STRICT;
	other = sim_node_add(net.sim, "other");
	other->cfg = net.spoke[0]->cfg;
	other->cfg.nr_hubs = 1;
	other->cfg.nbma[0] = sim_addr("192.168.50.77");
	add_link_local(&net);
	sim_agent_start(net.hub);
	sim_agent_start(other);
	sim_run(net.sim, 1000);
	sim_agent_start(spare[0]);
	sim_agent_start(net.spoke[0]);
	sim_run(net.sim, 2000);
	assert_int_equal(net_bindings(net.hub), 2);
	assert_int_equal(net_bindings(spare[0]), 2);
	all_go_to(&net, spare[0], 1000);
	assert_false(seen(&net, 0).active);
	/* It takes us again. */
	nhrp_tunnel_leave(other->tunnel, net.sim->now);
	sim_run(net.sim, (90 + HOLD_DOWN_S + 1) * 1000);
	all_go_to(&net, net.hub, 1000);
	assert_int_equal(net_bindings(net.hub), 2);
	assert_int_equal(net_bindings(spare[0]), 0);
	net_free(&net);
	/* Who has no other address is content with that. */
	build(&net, 142, 1);
	net.spoke[0]->cfg.max_hubs = 1;
	add_link_local(&net);
	net.spoke[0]->cfg.locals[0] = net.spoke[0]->cfg.locals[1];
	net.spoke[0]->cfg.nr_locals = 1;
	start(&net, 1);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(net_bindings(spare[0]), 0);
	assert_true(seen(&net, 0).active);
	net_free(&net);
}

/* One packet is lost, and the hub lives: asked for all addresses, and that is all. */
static bool lose_one(struct sim *sim, const struct sim_packet *p)
{
	(void)p;
	sim->drop = NULL;
	return true;
}

static void lost_request_is_no_loss(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	build(&net, 140, 1);
	spoke = net.spoke[0];
	add_link_local(&net);
	start(&net, 1);
	net_ping_for(&net, spoke, net.hub, 1000, 100);
	net.sim->drop = lose_one;
	sim_run(net.sim, 5000);
	assert_null(net.sim->drop);
	net_ping_for(&net, spoke, net.hub, 10000, 100);
	assert_int_equal(spoke->events[NHRP_EVENT_NHS_DOWN], 0);
	all_go_to(&net, net.hub, 1000);
	net_free(&net);
}

static bool lose_link_local(struct sim *sim, const struct sim_packet *p)
{
	struct nhrp_msg msg;

	(void)sim;
	return p->frame && !nhrp_decode(p->data, p->len, &msg, NULL) &&
	       nhrp_addr_is_linklocal(&msg.src_proto);
}

/* What it does not want to know says nothing of the rest: that is not asked for. */
static void hub_that_ignores_an_address(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	build(&net, 146, 1);
	spoke = net.spoke[0];
	spoke->cfg.probe_interval_s = 0;
	spoke->cfg.max_hubs = 1;
	add_link_local(&net);
	net.sim->drop = lose_link_local;
	start(&net, 1);
	sim_run(net.sim, 15000);
	assert_int_equal(counter(net.hub, NHRP_C_RX_REGISTRATION_REQUEST), 1);
	assert_int_equal(spoke->events[NHRP_EVENT_NHS_DOWN], 1);
	assert_true(seen(&net, 0).active);
	assert_int_equal(net_bindings(spare[0]), 0);
	all_go_to(&net, net.hub, 1000);
	net_free(&net);
}

/* No packet of the spoke gets to the hub while IKE does not, if ever. */
static void no_sa_to_hub(struct sim_net *net, bool yes)
{
	struct sim_node *spoke = net->spoke[0];

	spoke->tx_error = yes ? -EINPROGRESS : 0;
	spoke->tx_error_to = net->hub;
	if (!yes)
		nhrp_tunnel_peer_ready(spoke->tunnel,
				       &spoke->cfg.hubs[0].peer, net->sim->now);
}

/* A hub that took its security associations along is missed like any other. */
static void hub_without_sa_is_missed(void **state)
{
	struct sim_net net;
	unsigned int hubs;

	(void)state;
	for (hubs = 1; hubs <= 2; hubs++) {
		build(&net, 118 + hubs, 1);
		net.spoke[0]->cfg.max_hubs = hubs;
		start(&net, 1);
		net_ping_for(&net, net.spoke[0], net.hub, 1000, 100);
		sim_node_power(net.hub, false);
		no_sa_to_hub(&net, true);
		assert_in_range(ms_until(&net, spare[0]), 5000, 10000);
		assert_int_equal(net_bindings(spare[0]), 1);
		assert_int_equal(seen(&net, 0).state, NHRP_NHS_UNREACHABLE);
		/* It is asked on, and found as soon as IKE has found it. */
		power_on(net.hub);
		sim_run(net.sim, 20000);
		assert_int_equal(net_bindings(net.hub), 0);
		no_sa_to_hub(&net, false);
		sim_run(net.sim, 100);
		assert_int_equal(seen(&net, 0).state, NHRP_NHS_REGISTERED);
		net_free(&net);
	}
}

/* The spoke boots while the best hub is away. */
static void hub_without_sa_is_not_waited_for(void **state)
{
	struct sim_net net;
	unsigned int hubs;

	(void)state;
	for (hubs = 1; hubs <= 2; hubs++) {
		build(&net, 120 + hubs, 1);
		net.spoke[0]->cfg.max_hubs = hubs;
		sim_node_power(net.hub, false);
		no_sa_to_hub(&net, true);
		sim_agent_start(spare[0]);
		sim_agent_start(net.spoke[0]);
		sim_run(net.sim, 4500);
		assert_int_equal(seen(&net, 0).state, NHRP_NHS_REGISTERING);
		sim_run(net.sim, 1500);
		assert_int_equal(net_bindings(spare[0]), 1);
		all_go_to(&net, spare[0], 1000);
		net_free(&net);
	}
}

/* IKE takes its time: nobody is missed, and nobody else is asked. */
static void sa_that_takes_seconds(void **state)
{
	struct sim_net net;

	(void)state;
	build(&net, 123, 1);
	net.spoke[0]->cfg.max_hubs = 1;
	net.spoke[0]->tx_error = -EINPROGRESS;
	start(&net, 1);
	sim_run(net.sim, 3500);
	no_sa_to_hub(&net, false);
	sim_run(net.sim, 100);
	assert_int_equal(seen(&net, 0).state, NHRP_NHS_REGISTERED);
	assert_int_equal(net.spoke[0]->events[NHRP_EVENT_NHS_DOWN], 0);
	assert_int_equal(net_bindings(spare[0]), 0);
	net_free(&net);
}

/* Its agent alone is away for some seconds: its packets say that it lives. */
static void restarting_hub_is_not_missed(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;
	unsigned int i;
	u64 asked;

	(void)state;
	build(&net, 101, 1);
	spoke = net.spoke[0];
	spoke->cfg.probe_interval_s = 20;
	spoke->cfg.holding_time_s = 30;
	start(&net, 1);
	sim_agent_kill(net.hub);
	asked = counter(spoke, NHRP_C_REGISTRATION_TIMEOUT);
	/* Three requests are unanswered, and the last of them is overdue. */
	for (i = 0; i < 200 &&
	     counter(spoke, NHRP_C_REGISTRATION_TIMEOUT) < asked + 3; i++) {
		sim_ping(net.hub, &net.hub->lan, &spoke->lan);
		sim_run(net.sim, 100);
	}
	assert_int_equal(counter(spoke, NHRP_C_REGISTRATION_TIMEOUT),
			 asked + 3);
	assert_true(net_direct(spoke, "192.168.111.1"));
	sim_agent_start(net.hub);
	sim_run(net.sim, 5000);
	assert_true(net_direct(spoke, "192.168.111.1"));
	assert_int_equal(spoke->events[NHRP_EVENT_NHS_DOWN], 0);
	net_free(&net);
}

/* One that is back is not used at once, unless there is no other. */
static void hub_that_is_back_is_held_down(void **state)
{
	struct sim_net net;

	(void)state;
	build(&net, 110, 1);
	start(&net, 1);
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
	build(&net, 111, 1);
	net.spoke[0]->cfg.hub_hold_down_s = 0;
	start(&net, 1);
	sim_node_power(net.hub, false);
	ms_until(&net, spare[0]);
	power_on(net.hub);
	assert_in_range(ms_until(&net, net.hub), 0, 8500);
	net_free(&net);
	/* Nor is there one for an only hub. */
	build(&net, 117, 0);
	start(&net, 0);
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
	build(&net, 112, 2);
	net.spoke[0]->cfg.max_hubs = 1;
	start(&net, 2);
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
	build(&net, 113, 2);
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
		build(&net, 143, 1);
		net.spoke[0]->cfg.max_hubs = 1;
		start(&net, 1);
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
	build(&net, 114, 2);
	net.spoke[0]->cfg.max_hubs = 1;
	start(&net, 2);
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
		build(&net, 144 + i, 1);
		spoke = net.spoke[0];
		add_link_local(&net);
		start(&net, 1);
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
	build(&net, 115, 2);
	cfg = &net.spoke[0]->cfg;
	start(&net, 2);
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
	build(&net, 116, 1);
	net.spoke[0]->cfg.max_hubs = 1;
	start(&net, 1);
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
		cmocka_unit_test(dead_hub_is_soon_missed),
		cmocka_unit_test(dead_hub_is_missed_for_all_addresses),
		cmocka_unit_test(hub_that_refuses_our_address),
		cmocka_unit_test(lost_request_is_no_loss),
		cmocka_unit_test(hub_that_ignores_an_address),
		cmocka_unit_test(hub_without_sa_is_missed),
		cmocka_unit_test(hub_without_sa_is_not_waited_for),
		cmocka_unit_test(sa_that_takes_seconds),
		cmocka_unit_test(restarting_hub_is_not_missed),
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
