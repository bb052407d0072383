// SPDX-License-Identifier: GPL-2.0
/* A hub that has a name: the daemon says where the name leads to. */
#include <string.h>

#include "test.h"

#define HUB	"192.168.50.1"
#define MOVED	"192.168.50.77"
#define DEAD	"192.168.50.200"

static void named(struct sim_node *n)
{
	struct nhrp_hub *hub = &n->cfg.hubs[0];

	snprintf(hub->name, sizeof(hub->name), "hub.example.net");
	memset(&hub->peer.nbma, 0, sizeof(hub->peer.nbma));
}

/* A name server has answered, which changes nothing else. */
static void leads_to(struct sim_node *n, const char *first, const char *second)
{
	const char *const texts[] = { first, second };
	struct nhrp_hub *hub = &n->cfg.hubs[0];
	unsigned int i;

	hub->nr_addrs = 0;
	for (i = 0; i < 2 && texts[i]; i++)
		hub->addrs[hub->nr_addrs++] = sim_addr(texts[i]);
	if (n->tunnel)
		assert_int_equal(nhrp_tunnel_reconfigure(n->tunnel, &n->cfg,
							 n->sim->now), 0);
}

static void build(struct sim_net *net, unsigned int spokes, const char *first,
		  const char *second)
{
	net_build(net, 91, spokes, 3);
	named(net->spoke[0]);
	leads_to(net->spoke[0], first, second);
}

static void hub_moves(struct sim_net *net, const char *to)
{
	net->hub->cfg.nbma[0] = sim_addr(to);
	nhrp_tunnel_reconfigure(net->hub->tunnel, &net->hub->cfg,
				net->sim->now);
}

static bool is_at(struct sim_node *n, const char *nbma)
{
	const struct sim_map *m = sim_map_at(n, "192.168.111.1");
	struct nhrp_addr a = sim_addr(nbma);

	return m && nhrp_addr_eq(&m->map.peer.nbma, &a) &&
	       !(m->map.flags & NHRP_MAP_PROBATION);
}

static void first_nhs(void *arg, const struct nhrp_nhs_info *info)
{
	struct nhrp_nhs_info *first = arg;

	if (!first->name)
		*first = *info;
}

static struct nhrp_nhs_info first_info(const struct sim_node *n)
{
	struct nhrp_nhs_info info = { 0 };

	nhrp_tunnel_walk_nhs(n->tunnel, n->sim->now, first_nhs, &info);
	return info;
}

static void count_nowhere(void *arg, const struct nhrp_nhs_info *info)
{
	if (!nhrp_addr_none(&info->peer.nbma))
		return;
	assert_int_equal(info->state, NHRP_NHS_WAIT);
	assert_string_equal(info->name, "hub.example.net");
	++*(unsigned int *)arg;
}

/* Hubs of which it is not known where they are. */
static unsigned int nowhere(const struct sim_node *n)
{
	unsigned int nr = 0;

	nhrp_tunnel_walk_nhs(n->tunnel, n->sim->now, count_nowhere, &nr);
	return nr;
}

static void pings_arrive(struct sim_net *net, unsigned int count)
{
	struct sim_node *spoke = net->spoke[0];
	u64 before = net->hub->received;
	unsigned int i;

	for (i = 0; i < count; i++) {
		sim_ping(spoke, &spoke->lan, &net->hub->lan);
		sim_run(net->sim, 1000);
	}
	assert_int_equal(net->hub->received, before + count);
}

/* The hub is somewhere else, where nobody knew, and then the name leads there. */
static void moves(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	build(&net, 1, HUB, NULL);
	spoke = net.spoke[0];
	net_start(&net);
	sim_run(net.sim, 2000);
	assert_true(is_at(spoke, HUB));
	pings_arrive(&net, 3);
	hub_moves(&net, MOVED);
	sim_run(net.sim, 60000);
	assert_int_equal(first_info(spoke).state, NHRP_NHS_UNREACHABLE);
	assert_true(is_at(spoke, HUB));
	leads_to(spoke, MOVED, NULL);
	sim_run(net.sim, 500);
	assert_true(is_at(spoke, MOVED));
	assert_true(net_registered(spoke));
	assert_int_equal(spoke->events[NHRP_EVENT_NHS_MOVED], 1);
	pings_arrive(&net, 3);
	/* One hub, asked as one; and where it was nothing is sent any more. */
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(counter(spoke, NHRP_C_TX_PURGE_REQUEST), 0);
	net_free(&net);
}

/* The name leads elsewhere before the hub does: it stays in use until then. */
static void name_is_early(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;
	u64 asked;

	(void)state;
	build(&net, 1, HUB, NULL);
	spoke = net.spoke[0];
	net_start(&net);
	sim_run(net.sim, 2000);
	leads_to(spoke, MOVED, NULL);
	pings_arrive(&net, 120);
	assert_true(is_at(spoke, HUB));
	assert_int_equal(spoke->events[NHRP_EVENT_NHS_MOVED], 0);
	hub_moves(&net, MOVED);
	/* It is asked on, at most every 64 s. */
	sim_run(net.sim, 65000);
	assert_true(is_at(spoke, MOVED));
	pings_arrive(&net, 3);
	/* And back by the name: nothing is kept in reserve. */
	leads_to(spoke, HUB, NULL);
	leads_to(spoke, MOVED, NULL);
	asked = counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST);
	sim_run(net.sim, 1000);
	assert_int_equal(counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST), asked);
	net_free(&net);
}

/* The first address is dead: the next one, and the first one is forgotten. */
static void second_address(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	build(&net, 1, DEAD, HUB);
	spoke = net.spoke[0];
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_true(is_at(spoke, DEAD));
	sim_run(net.sim, 6000);
	assert_true(is_at(spoke, HUB));
	pings_arrive(&net, 3);
	/* The name's order is not worth a move. */
	leads_to(spoke, DEAD, HUB);
	sim_run(net.sim, 60000);
	assert_int_equal(spoke->events[NHRP_EVENT_NHS_MOVED], 1);
	assert_true(is_at(spoke, HUB));
	net_free(&net);
}

/* None answers: each is asked in turn, and ever less. */
static void all_dead(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;
	unsigned int i;
	u64 asked;

	(void)state;
	build(&net, 1, HUB, NULL);
	spoke = net.spoke[0];
	sim_node_power(net.hub, false);
	net_start(&net);
	for (i = 0; i < NHRP_HUB_ADDRS_MAX; i++) {
		spoke->cfg.hubs[0].addrs[i] = sim_addr(DEAD);
		spoke->cfg.hubs[0].addrs[i].b[3] += i;
	}
	spoke->cfg.hubs[0].nr_addrs = i;
	nhrp_tunnel_reconfigure(spoke->tunnel, &spoke->cfg, net.sim->now);
	sim_run(net.sim, 600000);
	asked = counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST);
	sim_run(net.sim, 3600000);
	asked = counter(spoke, NHRP_C_TX_REGISTRATION_REQUEST) - asked;
	/* Old address and trial: 3600 / 64 rounds of three, and of one. */
	assert_in_range(asked, 100, 600);
	net_free(&net);
}

/* Of both families the one that we can send by, as soon as we can. */
static void other_family(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	build(&net, 1, "2001:db8:50::1", HUB);
	spoke = net.spoke[0];
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_true(is_at(spoke, HUB));
	/* IPv6 alone, of which we have no address: it waits, and says so. */
	net_free(&net);
	build(&net, 1, "2001:db8:50::1", NULL);
	spoke = net.spoke[0];
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_int_equal(first_info(spoke).state, NHRP_NHS_WAIT);
	assert_true(first_info(spoke).no_source);
	memset(&net.hub->cfg.nbma[0], 0, sizeof(net.hub->cfg.nbma[0]));
	net.hub->cfg.nbma[1] = sim_addr("2001:db8:50::1");
	nhrp_tunnel_reconfigure(net.hub->tunnel, &net.hub->cfg, net.sim->now);
	spoke->cfg.nbma[1] = sim_addr("2001:db8:50::2");
	nhrp_tunnel_reconfigure(spoke->tunnel, &spoke->cfg, net.sim->now);
	sim_run(net.sim, 1000);
	assert_true(is_at(spoke, "2001:db8:50::1"));
	pings_arrive(&net, 3);
	net_free(&net);
}

/* Where the best hub is nobody knows yet: the other one serves. */
static void not_known_yet(void **state)
{
	struct sim_node *spoke, *hub2;
	struct sim_net net;

	(void)state;
	build(&net, 1, NULL, NULL);
	spoke = net.spoke[0];
	hub2 = sim_node_add(net.sim, "hub2");
	hub2->cfg = net.hub->cfg;
	hub2->cfg.nbma[0] = sim_addr("192.168.50.9");
	hub2->cfg.locals[0] = sim_prefix("192.168.111.9/24");
	sim_route_add(hub2, "192.168.111.0/24", NULL, true);
	spoke->cfg.hubs[1] = spoke->cfg.hubs[0];
	*spoke->cfg.hubs[1].name = '\0';
	spoke->cfg.hubs[1].proto = sim_addr("192.168.111.9");
	spoke->cfg.hubs[1].peer.nbma = sim_addr("192.168.50.9");
	spoke->cfg.hubs[1].priority = 10;
	spoke->cfg.nr_hubs = 2;
	spoke->cfg.max_hubs = 1;
	net_start(&net);
	sim_agent_start(hub2);
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(hub2), 1);
	assert_int_equal(net_bindings(net.hub), 0);
	assert_null(sim_map_at(spoke, "192.168.111.1"));
	assert_int_equal(nowhere(spoke), 1);
	leads_to(spoke, HUB, NULL);
	/* One that was never down is used at once. */
	sim_run(net.sim, 1000);
	assert_true(is_at(spoke, HUB));
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(net_bindings(hub2), 0);
	net_free(&net);
}

/* Nothing that a name server says makes us talk to ourselves or to nobody. */
static void bad_answers(void **state)
{
	static const char *const bad[] = {
		"192.168.50.2", "127.0.0.1", "224.0.0.1", "255.255.255.255",
		"0.0.0.0", "::1", "ff02::1", "192.168.50.9",
	};
	struct sim_node *spoke;
	struct sim_net net;
	unsigned int i;

	(void)state;
	build(&net, 1, NULL, NULL);
	spoke = net.spoke[0];
	spoke->cfg.hubs[1] = spoke->cfg.hubs[0];
	*spoke->cfg.hubs[1].name = '\0';
	spoke->cfg.hubs[1].has_proto = false;
	spoke->cfg.hubs[1].peer.nbma = sim_addr("192.168.50.9");
	spoke->cfg.nr_hubs = 2;
	net_start(&net);
	for (i = 0; i < 8; i++)
		spoke->cfg.hubs[0].addrs[i] = sim_addr(bad[i]);
	spoke->cfg.hubs[0].nr_addrs = i;
	assert_int_equal(nhrp_tunnel_reconfigure(spoke->tunnel, &spoke->cfg,
						 net.sim->now), 0);
	sim_run(net.sim, 10000);
	assert_int_equal(nowhere(spoke), 1);
	assert_null(sim_map_at(spoke, "192.168.111.1"));
	spoke->cfg.hubs[0].addrs[i - 1] = sim_addr(HUB);
	nhrp_tunnel_reconfigure(spoke->tunnel, &spoke->cfg, net.sim->now);
	sim_run(net.sim, 1000);
	assert_true(is_at(spoke, HUB));
	net_free(&net);
}

/* Our next life begins before the name server answers: data does not wait. */
static void restart_without_names(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	build(&net, 1, HUB, NULL);
	spoke = net.spoke[0];
	spoke->cfg.hubs[0].has_proto = false;
	net_start(&net);
	sim_run(net.sim, 2000);
	pings_arrive(&net, 3);
	sim_agent_kill(spoke);
	spoke->cfg.hubs[0].nr_addrs = 0;
	sim_agent_start(spoke);
	pings_arrive(&net, 30);
	assert_true(is_at(spoke, HUB));
	/* It has moved meanwhile, and what the name server says is tried beside. */
	sim_agent_kill(spoke);
	leads_to(spoke, MOVED, NULL);
	hub_moves(&net, MOVED);
	sim_agent_start(spoke);
	sim_run(net.sim, 1000);
	assert_true(is_at(spoke, MOVED));
	pings_arrive(&net, 3);
	net_free(&net);
}

/* Shortcuts do not notice that the hub moves. */
static void shortcuts_stay(void **state)
{
	struct sim_net net;

	(void)state;
	build(&net, 2, HUB, NULL);
	named(net.spoke[1]);
	leads_to(net.spoke[1], HUB, NULL);
	net_start(&net);
	sim_run(net.sim, 2000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 3000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	hub_moves(&net, MOVED);
	leads_to(net.spoke[0], MOVED, NULL);
	leads_to(net.spoke[1], MOVED, NULL);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 5000, 50);
	assert_true(is_at(net.spoke[0], MOVED));
	assert_true(is_at(net.spoke[1], MOVED));
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_int_equal(net.spoke[0]->events[NHRP_EVENT_SHORTCUT_DOWN], 0);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moves),
		cmocka_unit_test(name_is_early),
		cmocka_unit_test(second_address),
		cmocka_unit_test(all_dead),
		cmocka_unit_test(other_family),
		cmocka_unit_test(not_known_yet),
		cmocka_unit_test(bad_answers),
		cmocka_unit_test(restart_without_names),
		cmocka_unit_test(shortcuts_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
