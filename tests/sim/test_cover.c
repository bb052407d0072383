// SPDX-License-Identifier: GPL-2.0
/* What an answer may make a shortcut of: never what the tunnel itself lives on. */
#include <stdio.h>

#include "forged.h"
#include "nhrp/packet.h"
#include "test.h"

/* Of the next hop in all answers, which nobody has. */
#define PEER_NBMA	"192.168.50.9"
#define PEER_PROTO	"192.168.111.9"

/* Spoke 0 asks for @target and hears by its hub that it is in a prefix of @plen bits. */
static void answered(struct sim_net *net, const char *target, u8 plen)
{
	struct sim_node *n = net->spoke[0];
	struct nhrp_addr addr = sim_addr(target);
	struct nhrp_msg msg;

	forged_watch_for(net->sim, "192.168.50.1", NHRP_RESOLUTION_REQUEST);
	forged_watch.lose = true;
	nhrp_tunnel_miss(n->tunnel, &addr, net->sim->now);
	sim_run(net->sim, 10);
	assert_int_equal(forged_watch.nr, 1);
	forged_request(&msg, NHRP_RESOLUTION_REPLY, "192.168.50.2", "192.168.111.2", target);
	msg.request_id = forged_watch.last.request_id;
	msg.cies.cie[0].prefix_len = plen;
	msg.cies.cie[0].nbma = sim_addr(PEER_NBMA);
	msg.cies.cie[0].proto = sim_addr(PEER_PROTO);
	forged_send(n, "192.168.50.1", &msg);
	sim_run(net->sim, 10);
}

static void build(struct sim_net *net, u8 min_plen)
{
	net_build(net, 31, 2, 3);
	net->spoke[0]->cfg.min_plen[0] = min_plen;
	net_start(net);
	sim_run(net->sim, 1000);
}

/* An answer that covers one of them is believed for the host that was asked for. */
static void covers_nothing_of_its_own(void **state)
{
	static const struct {
		const char *target;
		u8 plen;
		const char *made;
	} rows[] = {
		{ "192.168.50.100", 31, "192.168.50.100/31" },	/* of nothing */
		{ "192.168.50.0", 31, "192.168.50.0/32" },	/* the hub's NBMA address */
		{ "192.168.50.3", 31, "192.168.50.3/32" },	/* our own */
		{ "192.168.50.8", 31, "192.168.50.8/32" },	/* that of the next hop */
		{ "192.168.111.3", 31, "192.168.111.3/32" },	/* our protocol address */
		{ "192.168.111.130", 24, "192.168.111.130/32" },	/* and the hub's, too */
	};
	struct sim_net net;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		build(&net, 0);
		answered(&net, rows[i].target, rows[i].plen);
		if (!sim_map_at(net.spoke[0], rows[i].made))
			fail_msg("%s/%u: no %s", rows[i].target, rows[i].plen, rows[i].made);
		net_free(&net);
	}
}

/* The protocol address of the hub alone. */
static void covers_no_hub(void **state)
{
	struct sim_net net;

	(void)state;
	build(&net, 0);
	answered(&net, "192.168.111.0", 31);
	assert_null(sim_map_at(net.spoke[0], "192.168.111.0/31"));
	assert_non_null(sim_map_at(net.spoke[0], "192.168.111.0/32"));
	net_free(&net);
}

/* None at all to one of them. */
static void leads_to_none_of_its_own(void **state)
{
	static const char *const targets[] = { PEER_NBMA, "192.168.50.1" };
	char host[NHRP_PREFIX_STRLEN];
	struct sim_net net;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		build(&net, 0);
		answered(&net, targets[i], 32);
		assert_true(counter(net.spoke[0], NHRP_C_DROP_POLICY_PREFIX) > 0);
		snprintf(host, sizeof(host), "%s/32", targets[i]);
		assert_false(net_direct(net.spoke[0], host));
		net_free(&net);
	}
}

static void no_wider_than_min_prefix(void **state)
{
	struct sim_net net;

	(void)state;
	build(&net, 28);
	answered(&net, "192.168.40.77", 24);
	assert_null(sim_map_at(net.spoke[0], "192.168.40.0/24"));
	assert_non_null(sim_map_at(net.spoke[0], "192.168.40.64/28"));
	/* What is narrower already stays so. */
	answered(&net, "192.168.40.1", 30);
	assert_non_null(sim_map_at(net.spoke[0], "192.168.40.0/30"));
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(covers_nothing_of_its_own),
		cmocka_unit_test(covers_no_hub),
		cmocka_unit_test(leads_to_none_of_its_own),
		cmocka_unit_test(no_wider_than_min_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
