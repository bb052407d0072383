// SPDX-License-Identifier: GPL-2.0
/* HMACs: who is taken for old becomes newer, and errors and hints that anybody forges. */
#include "nhrp/auth.h"
#include "nhrp/internal.h"
#include "nhrp/packet.h"
#include "signed.h"
#include "test.h"

#define LATER_S	2500

static void heard_later(struct sim_node *n, struct sim_node *of)
{
	assert_int_equal(nhrp_replay_check(n->tunnel, KEY_ID, &of->cfg.locals[0].addr,
					   LATER_S, 1), NHRP_C_NONE);
}

/* Its clock is behind when it begins, and put right after it has missed its hub. */
static void spoke_with_late_clock(void **state)
{
	struct sim_net net;

	(void)state;
	signed_build(&net, 1, 1);
	sim_agent_start(net.hub);
	sim_run(net.sim, 100000);
	heard_later(net.hub, net.spoke[0]);
	sim_agent_start(net.spoke[0]);
	sim_run(net.sim, 400000);
	assert_false(net_registered(net.spoke[0]));
	sim_run(net.sim, (LATER_S + 1200) * 1000);
	assert_true(net_registered(net.spoke[0]));
	assert_int_equal(net_bindings(net.hub), 1);
	net_free(&net);
}

/* Another node had its address meanwhile. It hears the spokes, and they do not hear it. */
static void hub_is_not_heard(void **state)
{
	struct sim_net net;
	unsigned int i;
	u32 epoch;

	(void)state;
	signed_build(&net, 2, 3);
	net_start(&net);
	sim_run(net.sim, 500000);
	epoch = net.hub->tunnel->epoch;
	for (i = 0; i < 3; i++)
		assert_int_equal(nhrp_replay_check(net.spoke[i]->tunnel, KEY_ID,
						   &net.hub->cfg.locals[0].addr,
						   epoch + 100, 1), NHRP_C_NONE);
	sim_run(net.sim, 700000);
	for (i = 0; i < 3; i++)
		assert_true(net_registered(net.spoke[i]));
	assert_true(net.hub->tunnel->epoch > epoch + 100);
	net_free(&net);
}

/* An only address that goes and comes back is not missed in the configuration. */
static void hub_comes_back(void **state)
{
	struct sim_net net;
	u32 epoch;

	(void)state;
	signed_build(&net, 3, 1);
	net_start(&net);
	sim_run(net.sim, 500000);
	epoch = net.hub->tunnel->epoch;
	nhrp_tunnel_lower(net.hub->tunnel, false, net.sim->now);
	sim_run(net.sim, 10000);
	nhrp_tunnel_lower(net.hub->tunnel, true, net.sim->now);
	assert_true(net.hub->tunnel->epoch > epoch);
	net_free(&net);
}

static void comes_back(struct sim_net *net)
{
	nhrp_tunnel_lower(net->hub->tunnel, false, net->sim->now);
	nhrp_tunnel_lower(net->hub->tunnel, true, net->sim->now);
}

/* However often an interface goes and comes back while nothing else happens. */
static void no_more_epochs_than_seconds(void **state)
{
	struct sim_net net;
	unsigned int i;
	u32 epoch;

	(void)state;
	signed_build(&net, 3, 1);
	net_start(&net);
	sim_run(net.sim, 505000);
	epoch = net.hub->tunnel->epoch;
	comes_back(&net);
	assert_true(net.hub->tunnel->epoch > epoch);
	epoch = net.hub->tunnel->epoch;
	for (i = 0; i < 20; i++)
		comes_back(&net);
	assert_int_equal(net.hub->tunnel->epoch, epoch);
	net_free(&net);
}

static bool hub_is_only_asked_who_it_is(struct sim *sim, const struct sim_packet *p)
{
	struct nhrp_addr hub = sim_addr("192.168.50.1");
	struct nhrp_msg msg;

	record_frame(sim, p);
	return p->frame && nhrp_addr_eq(&p->to, &hub) &&
	       !nhrp_decode(p->data, p->len, &msg, NULL) &&
	       msg.type == NHRP_REGISTRATION_REQUEST &&
	       !names_nobody(&records[nr_records - 1]);
}

/* It says who it is whenever it is asked, and takes nothing: a hub like none. */
static void only_introduces_itself(void **state)
{
	struct sim_node *hub2;
	struct sim_net net;
	unsigned int asked;

	(void)state;
	signed_build(&net, 7, 1);
	hub2 = net_add_hub(&net, "hub2", 9);
	use_hmac(&hub2->cfg, "correct horse battery staple");
	net_name_hub(net.spoke[0], hub2, 50);
	net.spoke[0]->cfg.max_hubs = 1;
	forget_hub(&net);
	nr_records = 0;
	net.sim->drop = hub_is_only_asked_who_it_is;
	net_start(&net);
	sim_agent_start(hub2);
	sim_run(net.sim, 10000);
	assert_int_equal(net_bindings(hub2), 1);
	/* And it is asked as seldom as one that is not there. */
	asked = counter(net.spoke[0], NHRP_C_TX_REGISTRATION_REQUEST);
	nr_records = 0;
	sim_run(net.sim, 120000);
	assert_in_range(counter(net.spoke[0], NHRP_C_TX_REGISTRATION_REQUEST),
			asked + 2, asked + 45);
	net_free(&net);
}

/* Answers that get lost are no reason: many spokes have some of these at any time. */
static void some_loss(void **state)
{
	struct sim_net net;
	u32 epoch;

	(void)state;
	signed_build(&net, 4, 20);
	net_start(&net);
	sim_run(net.sim, 5000);
	epoch = net.hub->tunnel->epoch;
	net.sim->loss = 50;
	sim_run(net.sim, 3600000);
	assert_int_equal(net.hub->tunnel->epoch, epoch);
	net_free(&net);
}

static int make_hint(u8 *pkt, size_t size)
{
	struct nhrp_msg hint;

	nhrp_msg_init(&hint, NHRP_REGISTRATION_REPLY, AF_INET, AF_INET);
	hint.src_nbma = sim_addr("192.168.50.1");
	nhrp_addr_set_any(&hint.src_proto, AF_INET);
	hint.dst_proto = hint.src_proto;
	nhrp_cie_list_add(&hint.cies)->code = NHRP_CODE_NO_BINDING;
	return nhrp_encode(&hint, pkt, size);
}

/* As if from a hub that is down: the next one is taken all the same. */
static void hints_do_not_hold_us(void **state)
{
	struct sim_node *hub2;
	struct sim_net net;
	u8 pkt[NHRP_PKT_MAX];
	unsigned int i;
	int len = make_hint(pkt, sizeof(pkt));

	(void)state;
	signed_build(&net, 5, 1);
	hub2 = net_add_hub(&net, "hub2", 9);
	use_hmac(&hub2->cfg, "correct horse battery staple");
	net_name_hub(net.spoke[0], hub2, 50);
	net.spoke[0]->cfg.max_hubs = 1;
	sim_agent_start(hub2);
	sim_agent_start(net.spoke[0]);
	for (i = 0; i < 100; i++) {
		sim_forge(net.spoke[0], "192.168.50.1", pkt, len);
		sim_run(net.sim, 200);
	}
	assert_int_equal(net_bindings(hub2), 1);
	net_free(&net);
}

/* A stranger's errors leave room for the hint of a hub that has lost its memory. */
static void errors_do_not_hide_hints(void **state)
{
	struct nhrp_msg error;
	struct sim_net net;
	u8 pkt[NHRP_PKT_MAX] = { 0 };
	unsigned int i;
	int len;

	(void)state;
	signed_build(&net, 6, 2);
	net_start(&net);
	sim_run(net.sim, 30000);
	nhrp_msg_init(&error, NHRP_ERROR_INDICATION, AF_INET, AF_INET);
	error.src_nbma = sim_addr(STRANGER);
	error.src_proto = sim_addr("192.168.111.66");
	error.dst_proto = sim_addr("192.168.111.2");
	nhrp_msg_set_data(&error, pkt, NHRP_MIN_LEN);
	len = nhrp_encode(&error, pkt, sizeof(pkt));
	for (i = 0; i < 50; i++)
		sim_forge(net.spoke[0], STRANGER, pkt, len);
	sim_run(net.sim, 10);
	sim_node_power(net.hub, false);
	sim_run(net.sim, 100);
	sim_node_power(net.hub, true);
	sim_agent_start(net.hub);
	for (i = 0; i < 100; i++) {
		sim_forge(net.spoke[0], STRANGER, pkt, len);
		sim_forge(net.spoke[0], STRANGER, pkt, len);
		net_ping_for(&net, net.spoke[0], net.spoke[1], 50, 50);
	}
	assert_int_equal(net_bindings(net.hub), 2);
	assert_true(counter(net.spoke[0], NHRP_C_DROP_RATE) > 0);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spoke_with_late_clock),
		cmocka_unit_test(hub_is_not_heard),
		cmocka_unit_test(hub_comes_back),
		cmocka_unit_test(no_more_epochs_than_seconds),
		cmocka_unit_test(only_introduces_itself),
		cmocka_unit_test(some_loss),
		cmocka_unit_test(hints_do_not_hold_us),
		cmocka_unit_test(errors_do_not_hide_hints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
