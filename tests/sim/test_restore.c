// SPDX-License-Identifier: GPL-2.0
/* A hub that reboots and finds who was registered in a file. */
#include <errno.h>
#include <string.h>

#include "test.h"

#define SAVED_MAX	16

/* The file, and what became of its lines when it was read. */
static struct nhrp_binding_info saved[SAVED_MAX];
static int result[SAVED_MAX];
static unsigned int nr_saved;
static u64 saved_at;

static void save_one(void *arg, const struct nhrp_binding_info *info)
{
	(void)arg;
	assert_true(nr_saved < SAVED_MAX);
	saved[nr_saved++] = *info;
}

static void save(struct sim_node *hub)
{
	nr_saved = 0;
	saved_at = hub->sim->now;
	nhrp_tunnel_walk_bindings(hub->tunnel, saved_at, save_one, NULL);
	nhrp_tunnel_saved(hub->tunnel);
}

static void restore(struct sim_node *hub)
{
	u64 away = hub->sim->now - saved_at;
	unsigned int i;

	for (i = 0; i < nr_saved; i++) {
		struct nhrp_binding_info b = saved[i];

		b.expires_ms = b.expires_ms > away ? b.expires_ms - away : 0;
		result[i] = nhrp_tunnel_restore(hub->tunnel, &b, hub->sim->now);
	}
}

static void reboot(struct sim_net *net, u64 away_ms)
{
	sim_node_power(net->hub, false);
	sim_run(net->sim, away_ms);
	sim_node_power(net->hub, true);
	net->hub->restore = restore;
	sim_agent_start(net->hub);
}

static void setup(struct sim_net *net, u64 seed, unsigned int phase)
{
	net_build(net, seed, 2, phase);
	net_start(net);
	sim_run(net->sim, 1000);
	assert_int_equal(net_bindings(net->hub), 2);
	save(net->hub);
}

struct look {
	struct nhrp_addr proto;
	struct nhrp_binding_info info;
	bool found;
};

static void look_cb(void *arg, const struct nhrp_binding_info *info)
{
	struct look *look = arg;

	if (!nhrp_addr_eq(&info->proto, &look->proto))
		return;
	look->info = *info;
	look->found = true;
}

static struct look look_at(struct sim_node *hub, const char *proto)
{
	struct look look = { .proto = sim_addr(proto) };

	nhrp_tunnel_walk_bindings(hub->tunnel, hub->sim->now, look_cb, &look);
	return look;
}

static bool is_provisional(struct sim_node *hub, const char *proto)
{
	struct look look = look_at(hub, proto);

	assert_true(look.found);
	return look.info.provisional;
}

/* The first packet goes where it should, and everybody is heard of in time. */
static void first_packet_is_forwarded(void **state)
{
	struct nhrp_addr hub_lan = sim_addr("192.168.10.1");
	struct sim_net net;
	unsigned int i;
	u64 ends;

	(void)state;
	setup(&net, 301, 1);
	ends = sim_map_at(net.hub, "192.168.111.2")->expires_at;
	reboot(&net, 10000);
	assert_int_equal(counter(net.hub, NHRP_C_BINDING_RESTORED), 2);
	assert_true(is_provisional(net.hub, "192.168.111.2"));
	assert_int_equal(sim_map_at(net.hub, "192.168.111.2")->expires_at, ends);
	sim_ping(net.spoke[0], &net.spoke[0]->lan, &net.spoke[1]->lan);
	sim_ping(net.hub, &hub_lan, &net.spoke[1]->lan);
	sim_run(net.sim, 100);
	assert_int_equal(net.sim->data_lost, 0);
	assert_int_equal(net.spoke[1]->received, 2);
	/* All of them say again that they are there long before it ends. */
	for (i = 0; i < 3000 && net.sim->now < ends; i++) {
		sim_run(net.sim, 100);
		if (!is_provisional(net.hub, "192.168.111.2") &&
		    !is_provisional(net.hub, "192.168.111.3"))
			break;
	}
	assert_true(net.sim->now + 300000 < ends);
	assert_int_equal(net.hub->events[NHRP_EVENT_SPOKE_UP], 4);
	sim_run(net.sim, 700000);
	assert_int_equal(net_bindings(net.hub), 2);
	net_free(&net);
}

/* Who is not heard of ends when it would have ended. */
static void ends_at_its_time(void **state)
{
	struct sim_net net;
	u64 ends;

	(void)state;
	setup(&net, 302, 3);
	ends = sim_map_at(net.hub, "192.168.111.3")->expires_at;
	sim_node_power(net.spoke[1], false);
	reboot(&net, 50000);
	sim_run(net.sim, ends - net.sim->now - 10);
	assert_true(is_provisional(net.hub, "192.168.111.3"));
	assert_non_null(sim_map_at(net.hub, "192.168.111.3"));
	sim_run(net.sim, 20);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_null(sim_map_at(net.hub, "192.168.111.3"));
	net_free(&net);
}

/* The owner is asked, whom the hub would have answered for. */
static void answers_nothing(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 303, 2);
	assert_true(net.hub->cfg.resolve_answer);
	reboot(&net, 1000);
	nhrp_tunnel_miss(net.spoke[0]->tunnel, &net.spoke[1]->cfg.locals[0].addr,
			 net.sim->now);
	sim_run(net.sim, 500);
	assert_true(counter(net.hub, NHRP_C_FORWARDED) > 0);
	assert_int_equal(counter(net.hub, NHRP_C_TX_RESOLUTION_REPLY), 0);
	assert_true(net_direct(net.spoke[0], "192.168.111.3"));
	/* Who asks from where it was is heard of. */
	assert_false(is_provisional(net.hub, "192.168.111.2"));
	assert_true(is_provisional(net.hub, "192.168.111.3"));
	net_free(&net);
}

/* It moved while the hub was away: nobody is asked, nothing is refused. */
static void any_claim_of_its_address(void **state)
{
	struct nhrp_addr now_at = sim_addr("192.168.50.102");
	struct sim_node *n;
	struct sim_net net;

	(void)state;
	setup(&net, 304, 3);
	n = net.spoke[0];
	net.hub->cfg.unique = NHRP_UNIQUE_STRICT;
	sim_node_power(net.hub, false);
	n->cfg.nbma[0] = now_at;
	assert_int_equal(nhrp_tunnel_reconfigure(n->tunnel, &n->cfg,
						 net.sim->now), 0);
	reboot(&net, 0);
	sim_run(net.sim, 1500);
	assert_int_equal(counter(net.hub, NHRP_C_NAK_SENT), 0);
	assert_int_equal(counter(net.hub, NHRP_C_PROBE_SENT), 0);
	assert_false(is_provisional(net.hub, "192.168.111.2"));
	assert_true(nhrp_addr_eq(&sim_map_at(net.hub,
					     "192.168.111.2")->map.peer.nbma,
				 &now_at));
	net_free(&net);
}

/* Another spoke has its public address now; two of them never share one. */
static void any_claim_of_its_locator(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 305, 3);
	assert_int_equal(nr_saved, 2);
	saved[0].proto = sim_addr("192.168.111.50");
	saved[0].peer.nbma = sim_addr("192.168.50.2");
	saved[0].claimed = sim_addr("10.0.0.1");
	nr_saved = 1;
	reboot(&net, 0);
	assert_int_equal(result[0], 0);
	assert_true(is_provisional(net.hub, "192.168.111.50"));
	sim_run(net.sim, 25000);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_CONFLICT), 0);
	assert_true(look_at(net.hub, "192.168.111.2").found);
	assert_false(look_at(net.hub, "192.168.111.50").found);
	assert_null(sim_map_at(net.hub, "192.168.111.50"));
	net_free(&net);
}

/* The hub is away; a spoke at @nbma that says it is at @claimed is in its file. */
static void leave_in_file(struct sim_net *net, const char *nbma,
			  const char *claimed)
{
	sim_node_power(net->hub, false);
	saved[0].proto = sim_addr("192.168.111.50");
	saved[0].peer.nbma = sim_addr(nbma);
	saved[0].claimed = sim_addr(claimed);
	nr_saved = 1;
}

static void assert_keeps_restored(struct sim_node *hub)
{
	assert_true(is_provisional(hub, "192.168.111.50"));
	assert_non_null(sim_map_at(hub, "192.168.111.50"));
}

/* The address is taken by somebody who lives: the locator is no booty either. */
static void refused_claim_of_its_locator(void **state)
{
	struct sim_node *thief;
	struct sim_net net;

	(void)state;
	setup(&net, 312, 3);
	thief = net.spoke[0];
	net.hub->cfg.unique = NHRP_UNIQUE_STRICT;
	leave_in_file(&net, "192.168.50.2", "10.0.0.1");
	sim_node_power(thief, false);
	reboot(&net, 0);
	sim_run(net.sim, 25000);
	assert_false(is_provisional(net.hub, "192.168.111.3"));
	thief->cfg.locals[0] = sim_prefix("192.168.111.3/24");
	thief->up = true;
	sim_agent_start(thief);
	sim_run(net.sim, 5000);
	assert_true(counter(net.hub, NHRP_C_DROP_UNIQUE) > 0);
	assert_keeps_restored(net.hub);
	/* A claim that is good takes it. */
	thief->cfg.locals[0] = sim_prefix("192.168.111.2/24");
	assert_int_equal(nhrp_tunnel_reconfigure(thief->tunnel, &thief->cfg,
						 net.sim->now), 0);
	sim_run(net.sim, 5000);
	assert_true(look_at(net.hub, "192.168.111.2").found);
	assert_false(look_at(net.hub, "192.168.111.50").found);
	assert_null(sim_map_at(net.hub, "192.168.111.50"));
	net_free(&net);
}

/* One who lives keeps the locator, with all that is his. */
static void locator_of_who_is_there(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 313, 3);
	leave_in_file(&net, "192.168.50.2", "192.168.50.2");
	sim_node_power(net.spoke[1], false);
	reboot(&net, 0);
	sim_run(net.sim, 25000);
	assert_false(is_provisional(net.hub, "192.168.111.2"));
	net.spoke[1]->outside = sim_addr("192.168.50.2");
	net.spoke[1]->up = true;
	sim_agent_start(net.spoke[1]);
	sim_run(net.sim, 5000);
	assert_true(counter(net.hub, NHRP_C_DROP_CONFLICT) > 0);
	assert_false(look_at(net.hub, "192.168.111.3").found);
	assert_keeps_restored(net.hub);
	net_free(&net);
}

/* A full table has room for those who are there. */
static void room_for_who_is_there(void **state)
{
	struct sim_net net;
	unsigned int i;

	(void)state;
	setup(&net, 306, 3);
	for (i = 0; i < 2; i++) {
		saved[i].proto = sim_addr(i ? "192.168.111.51" :
					  "192.168.111.50");
		saved[i].peer.nbma = sim_addr(i ? "192.168.50.51" :
					      "192.168.50.50");
		saved[i].claimed = saved[i].peer.nbma;
	}
	saved[2] = saved[1];
	saved[2].proto = sim_addr("192.168.111.52");
	nr_saved = 3;
	net.hub->cfg.max_bindings = 2;
	reboot(&net, 0);
	assert_int_equal(result[1], 0);
	assert_int_equal(result[2], -ENOSPC);
	sim_run(net.sim, 25000);
	assert_int_equal(net_bindings(net.hub), 2);
	assert_false(is_provisional(net.hub, "192.168.111.2"));
	assert_false(is_provisional(net.hub, "192.168.111.3"));
	assert_int_equal(counter(net.hub, NHRP_C_NAK_SENT), 0);
	net_free(&net);
}

/* What would not be accepted as a registration is not restored as one. */
static void bad_lines(void **state)
{
	struct nhrp_binding_info good;
	struct sim_net net;
	unsigned int i;

	(void)state;
	setup(&net, 307, 3);
	good = saved[0];
	for (i = 0; i < 8; i++)
		saved[i] = good;
	saved[1].proto = sim_addr("10.0.0.1");
	saved[2].proto = sim_addr("192.168.111.1");
	saved[3].peer.nbma = sim_addr("192.168.50.1");
	saved[4].claimed = sim_addr("224.0.0.1");
	saved[5].holding_time_s = 9;
	saved[5].expires_ms = 5000;
	saved[6].expires_ms = good.holding_time_s * 1000ull + 1;
	saved[7].expires_ms = 0;
	for (i = 1; i < 8; i++)
		if (i > 2)
			saved[i].proto = sim_addr("192.168.111.60");
	saved[8] = good;
	saved[9] = good;
	saved[9].proto = sim_addr("192.168.111.61");
	saved[9].claimed = sim_addr("10.0.0.9");
	nr_saved = 10;
	reboot(&net, 0);
	assert_int_equal(result[0], 0);
	for (i = 1; i < 8; i++)
		assert_int_equal(result[i], -EINVAL);
	assert_int_equal(result[8], -EEXIST);
	assert_int_equal(result[9], -EEXIST);
	assert_int_equal(net_bindings(net.hub), 1);
	nhrp_tunnel_leave(net.hub->tunnel, net.sim->now);
	assert_int_equal(nhrp_tunnel_restore(net.hub->tunnel, &good,
					     net.sim->now), -EINVAL);
	/* Not a hub any more. */
	net.hub->cfg.nhs = false;
	reboot(&net, 0);
	assert_int_equal(result[0], -EINVAL);
	net_free(&net);
}

/* After a boot the address often comes after the device is up. */
static void address_comes_late(void **state)
{
	struct nhrp_prefix own;
	struct sim_net net;

	(void)state;
	setup(&net, 311, 3);
	own = net.hub->cfg.locals[0];
	net.hub->cfg.locals[0] = sim_prefix("fe80::1/64");
	reboot(&net, 1000);
	assert_int_equal(result[0], -EINVAL);
	net.hub->cfg.locals[1] = own;
	net.hub->cfg.nr_locals = 2;
	assert_int_equal(nhrp_tunnel_reconfigure(net.hub->tunnel, &net.hub->cfg,
						 net.sim->now), 0);
	restore(net.hub);
	assert_int_equal(result[0], 0);
	assert_int_equal(result[1], 0);
	sim_ping(net.spoke[0], &net.spoke[0]->lan, &net.spoke[1]->lan);
	sim_run(net.sim, 100);
	assert_int_equal(net.spoke[1]->received, 1);
	net_free(&net);
}

/* Only the agent was away: the kernel knows better than the file. */
static void kernel_knows_better(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 308, 3);
	sim_agent_kill(net.hub);
	net.hub->restore = restore;
	sim_agent_start(net.hub);
	assert_int_equal(result[0], -EEXIST);
	assert_int_equal(result[1], -EEXIST);
	assert_false(is_provisional(net.hub, "192.168.111.2"));
	net_free(&net);
}

/* The next agent does not take it for more than it is. */
static void stays_provisional(void **state)
{
	struct sim_net net;

	(void)state;
	setup(&net, 309, 3);
	reboot(&net, 1000);
	net.hub->restore = NULL;
	sim_agent_kill(net.hub);
	sim_agent_start(net.hub);
	assert_true(is_provisional(net.hub, "192.168.111.2"));
	sim_run(net.sim, 250000);
	assert_false(is_provisional(net.hub, "192.168.111.2"));
	sim_agent_kill(net.hub);
	sim_agent_start(net.hub);
	assert_false(is_provisional(net.hub, "192.168.111.2"));
	net_free(&net);
}

/* News at once, a mere refresh when it is worth it. */
static void when_to_save(void **state)
{
	struct nhrp_tunnel *t;
	struct sim_net net;
	u64 at;

	(void)state;
	setup(&net, 310, 3);
	t = net.hub->tunnel;
	assert_int_equal(nhrp_tunnel_save_at_ms(t), UINT64_MAX);
	sim_run(net.sim, 10000);
	assert_int_equal(nhrp_tunnel_save_at_ms(t), UINT64_MAX);
	sim_run(net.sim, 15000);
	at = nhrp_tunnel_save_at_ms(t);
	assert_in_range(at, net.sim->now + 80000, net.sim->now + 100000);
	save(net.hub);
	nhrp_tunnel_leave(net.spoke[1]->tunnel, net.sim->now);
	sim_run(net.sim, 100);
	assert_true(nhrp_tunnel_save_at_ms(t) <= net.sim->now);
	/* A hub that leaves has nobody any more. */
	save(net.hub);
	assert_int_equal(nr_saved, 1);
	nhrp_tunnel_leave(t, net.sim->now);
	assert_true(nhrp_tunnel_save_at_ms(t) <= net.sim->now);
	save(net.hub);
	assert_int_equal(nr_saved, 0);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_packet_is_forwarded),
		cmocka_unit_test(ends_at_its_time),
		cmocka_unit_test(answers_nothing),
		cmocka_unit_test(any_claim_of_its_address),
		cmocka_unit_test(any_claim_of_its_locator),
		cmocka_unit_test(refused_claim_of_its_locator),
		cmocka_unit_test(locator_of_who_is_there),
		cmocka_unit_test(room_for_who_is_there),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(address_comes_late),
		cmocka_unit_test(kernel_knows_better),
		cmocka_unit_test(stays_provisional),
		cmocka_unit_test(when_to_save),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
