// SPDX-License-Identifier: GPL-2.0
/* HMACs: who has no key gets nowhere. */
#include <string.h>

#include "nhrp/auth.h"
#include "nhrp/internal.h"
#include "nhrp/nhc.h"
#include "nhrp/packet-ext.h"
#include "nhrp/packet.h"
#include "signed.h"
#include "test.h"

/* Registration, redirect, resolution by the hub, probes, refresh, purge. */
static void everything_is_signed(void **state)
{
	struct nhrp_addr hop, receiver;
	struct sim_net net;
	struct nhrp_msg msg;
	unsigned int i, of_type[NHRP_TYPE_MAX + 1] = { 0 };
	u16 id;

	(void)state;
	signed_build(&net, 101, 2);
	net.sim->strict = true;
	nr_records = 0;
	net.sim->drop = record_frame;
	net_start(&net);
	sim_run(net.sim, 1000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_true(net_direct(net.spoke[1], LAN1));
	sim_run(net.sim, 300000);
	assert_true(net_registered(net.spoke[0]));
	nhrp_tunnel_leave(net.spoke[1]->tunnel, net.sim->now);
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(sum_of(&net, NHRP_C_DROP_AUTH), 0);
	assert_int_equal(sum_of(&net, NHRP_C_DROP_REPLAY), 0);
	for (i = 0; i < nr_records; i++) {
		assert_int_equal(nhrp_decode(records[i].data, records[i].len,
					     &msg, NULL), 0);
		of_type[msg.type]++;
		assert_int_equal(nhrp_msg_get_auth_hmac(&msg, &id, &hop,
							&receiver), 0);
		assert_int_equal(id, KEY_ID);
	}
	for (i = 1; i <= NHRP_TYPE_MAX; i++)
		assert_true(of_type[i] || i == NHRP_ERROR_INDICATION);
	net_free(&net);
}

static void loss_and_disorder(void **state)
{
	struct sim_net net;

	(void)state;
	signed_build(&net, 102, 3);
	net.sim->loss = 100;
	net.sim->dup = 300;
	net.sim->jitter_ms = 40;
	net_start(&net);
	sim_run(net.sim, 5000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 10000, 50);
	assert_int_equal(net_bindings(net.hub), 3);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_true(net_direct(net.spoke[1], LAN1));
	/* What the network doubled was taken once, and nobody was told of errors. */
	assert_true(sum_of(&net, NHRP_C_DROP_REPLAY) > 0);
	assert_int_equal(sum_of(&net, NHRP_C_TX_ERROR), 0);
	net_free(&net);
}

static void wrong_key(void **state)
{
	struct sim_net net;

	(void)state;
	signed_build(&net, 103, 3);
	/* The same id, another secret; and an id that the hub does not have. */
	use_hmac(&net.spoke[1]->cfg, "correct horse battery stapl3");
	net.spoke[2]->cfg.keys[0].id = KEY_ID + 1;
	net.spoke[2]->cfg.key_id = KEY_ID + 1;
	net_start(&net);
	sim_run(net.sim, 10000);
	assert_true(net_registered(net.spoke[0]));
	assert_false(net_registered(net.spoke[1]));
	assert_false(net_registered(net.spoke[2]));
	assert_int_equal(net_bindings(net.hub), 1);
	assert_true(counter(net.hub, NHRP_C_DROP_AUTH) > 0);
	assert_true(counter(net.hub, NHRP_C_DROP_KEY) > 0);
	assert_true(net.spoke[1]->events[NHRP_EVENT_NHS_REFUSED] > 0);
	/* The right one is taken at once. */
	use_hmac(&net.spoke[1]->cfg, "correct horse battery staple");
	reconfigure(net.spoke[1]);
	sim_run(net.sim, 20000);
	assert_true(net_registered(net.spoke[1]));
	net_free(&net);
}

/* Without or with a password instead: nobody falls back, on either side. */
static void no_downgrade(void **state)
{
	struct sim_net net;

	(void)state;
	signed_build(&net, 104, 3);
	net.spoke[0]->cfg.auth = NHRP_AUTH_NONE;
	net.spoke[1]->cfg.auth = NHRP_AUTH_CISCO;
	memcpy(net.spoke[1]->cfg.password, "NHRPAUTH", sizeof("NHRPAUTH"));
	net_start(&net);
	sim_run(net.sim, 5000);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_false(net_registered(net.spoke[0]));
	assert_false(net_registered(net.spoke[1]));
	assert_true(net_registered(net.spoke[2]));
	/* A hub that gives it up is not followed. Whom it refused asks once in 2 min. */
	net.hub->cfg.auth = NHRP_AUTH_NONE;
	reconfigure(net.hub);
	sim_run(net.sim, 125000);
	assert_true(net_registered(net.spoke[0]));
	sim_run(net.sim, 300000);
	assert_false(net_registered(net.spoke[2]));
	assert_true(counter(net.spoke[2], NHRP_C_DROP_AUTH) > 0);
	net_free(&net);
}

static bool spoke_is_mute(struct sim *sim, const struct sim_packet *p)
{
	struct nhrp_addr spoke = sim_addr("192.168.50.2");

	(void)sim;
	return nhrp_addr_eq(&p->from.nbma, &spoke);
}

/*
 * What is known stays when a hub begins to ask for signatures, but a claim that waits
 * for the owner's answer was made without one.
 */
static void claim_before_signatures(void **state)
{
	struct sim_net net;

	(void)state;
	signed_build(&net, 119, 1);
	net.hub->cfg.auth = NHRP_AUTH_NONE;
	net.spoke[0]->cfg.auth = NHRP_AUTH_NONE;
	nr_records = 0;
	net.sim->drop = record_frame;
	net_start(&net);
	sim_run(net.sim, 1000);
	net.sim->drop = spoke_is_mute;
	replay(find_record(NHRP_REGISTRATION_REQUEST, "192.168.50.2"), net.hub,
	       STRANGER);
	assert_int_equal(counter(net.hub, NHRP_C_PROBE_SENT), 1);
	net.sim->drop = NULL;
	net.hub->cfg.auth = NHRP_AUTH_HMAC;
	reconfigure(net.hub);
	sim_run(net.sim, 10000);
	assert_locator(&net, "192.168.111.2", "192.168.50.2");
	net.spoke[0]->cfg.auth = NHRP_AUTH_HMAC;
	reconfigure(net.spoke[0]);
	sim_run(net.sim, 300000);
	assert_true(net_registered(net.spoke[0]));
	assert_locator(&net, "192.168.111.2", "192.168.50.2");
	net_free(&net);
}

static const struct nhrp_addr *receiver_of(struct sim_net *net,
					   const struct nhrp_peer_key *to)
{
	static struct nhrp_addr receiver;
	struct nhrp_msg msg, sent;
	struct nhrp_addr hop;
	u8 pkt[NHRP_PKT_MAX];
	int len;
	u16 id;

	nhrp_msg_init(&msg, NHRP_RESOLUTION_REQUEST, AF_INET, AF_INET);
	msg.src_nbma = sim_addr("192.168.50.2");
	msg.src_proto = sim_addr("192.168.111.2");
	msg.dst_proto = sim_addr("192.168.40.7");
	len = nhrp_auth_encode(net->spoke[0]->tunnel, &msg, to, pkt, sizeof(pkt));
	assert_true(len > 0);
	assert_int_equal(nhrp_decode(pkt, len, &sent, NULL), 0);
	assert_int_equal(nhrp_msg_get_auth_hmac(&sent, &id, &hop, &receiver), 0);
	return &receiver;
}

/* At a hub's address another one is tried: what is sent there is for the first. */
static void hub_is_tried_there(void **state)
{
	struct nhrp_addr hub = sim_addr("192.168.111.1");
	struct nhrp_reg trial;
	struct nhrp_tunnel *t;
	struct sim_net net;

	(void)state;
	signed_build(&net, 120, 1);
	net_start(&net);
	sim_run(net.sim, 1000);
	t = net.spoke[0]->tunnel;
	trial = *t->regs;
	trial.trial = true;
	trial.hub.proto = sim_addr("192.168.111.99");
	trial.next = t->regs;
	t->regs = &trial;
	assert_true(nhrp_addr_eq(receiver_of(&net, &trial.hub.peer), &hub));
	t->regs = trial.next;
	net_free(&net);
}

/* Of two addresses that are registered from one place the newer one goes away. */
static void one_address_of_two_goes(void **state)
{
	struct sim_net net;
	struct sim_node *s;

	(void)state;
	signed_build(&net, 101, 2);
	s = net.spoke[1];
	s->cfg.nr_locals = 2;
	s->cfg.locals[1] = sim_prefix("192.168.111.77/24");
	net_start(&net);
	sim_run(net.sim, 5000);
	assert_int_equal(net_bindings(net.hub), 3);
	s->cfg.nr_locals = 1;
	reconfigure(s);
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(net.hub), 2);
	net_ping_for(&net, net.spoke[0], s, 2000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_int_equal(counter(s, NHRP_C_DROP_NOT_OURS), 0);
	net_free(&net);
}

/* Hub and spoke are named by addresses that no NAT changes; a hub's may be unknown. */
static void behind_nats(void **state)
{
	struct nhrp_addr outside = sim_addr("198.51.100.1");
	struct sim_net net;
	unsigned int i;

	(void)state;
	signed_build(&net, 116, 2);
	net.hub->outside = outside;
	net.spoke[0]->outside = sim_addr("198.51.100.2");
	for (i = 0; i < 2; i++)
		net.spoke[i]->cfg.hubs[0].peer.nbma = outside;
	net.spoke[0]->cfg.hubs[0].has_proto = false;
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_int_equal(net_bindings(net.hub), 2);
	assert_locator(&net, "192.168.111.2", "198.51.100.2");
	assert_int_equal(counter(net.spoke[0], NHRP_C_TX_REGISTRATION_REQUEST),
			 2);
	assert_int_equal(counter(net.spoke[1], NHRP_C_TX_REGISTRATION_REQUEST),
			 1);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 5000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_true(net_direct(net.spoke[1], LAN1));
	assert_int_equal(sum_of(&net, NHRP_C_DROP_NOT_OURS), 0);
	assert_int_equal(sum_of(&net, NHRP_C_DROP_UNREGISTERED), 0);
	net_free(&net);
}

/* A hub that is another one after its return says so, and is believed. */
static void hub_has_another_address(void **state)
{
	struct sim_net net;

	(void)state;
	signed_build(&net, 117, 1);
	forget_hub(&net);
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_true(net_registered(net.spoke[0]));
	sim_node_power(net.hub, false);
	net.hub->cfg.locals[0] = sim_prefix("192.168.111.77/24");
	sim_node_power(net.hub, true);
	sim_agent_start(net.hub);
	sim_run(net.sim, 60000);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_true(net_registered(net.spoke[0]));
	net_free(&net);
}

/* However many: nothing is remembered of those without a key. */
static void strangers_make_no_state(void **state)
{
	struct sim_net net;
	struct nhrp_msg msg;
	struct nhrp_dvpn d = { .role = NHRP_DVPN_REQUEST };
	struct nhrp_addr hop, hub = sim_addr("192.168.111.1");
	u8 pkt[NHRP_PKT_MAX];
	unsigned int i, maps;
	struct nhrp_cie *cie;
	int len;

	(void)state;
	signed_build(&net, 109, 1);
	net_start(&net);
	sim_run(net.sim, 1000);
	maps = sim_map_count(net.hub);
	for (i = 0; i < 10000; i++) {
		nhrp_msg_init(&msg, NHRP_REGISTRATION_REQUEST, AF_INET, AF_INET);
		hop = sim_addr("192.168.111.9");
		hop.b[2] = (u8)(i >> 8);
		hop.b[3] = (u8)i;
		msg.src_nbma = sim_addr(STRANGER);
		msg.src_proto = hop;
		msg.dst_proto = hop;
		msg.request_id = i + 1;
		cie = nhrp_cie_list_add(&msg.cies);
		cie->prefix_len = NHRP_PREFIX_HOST;
		cie->holding_time = 600;
		d.epoch = UINT32_MAX;
		d.counter = i;
		assert_int_equal(nhrp_msg_set_dvpn(&msg, &d), 0);
		assert_int_equal(nhrp_msg_add_auth_hmac(&msg, KEY_ID, &hop,
							&hub), 0);
		len = nhrp_encode(&msg, pkt, sizeof(pkt));
		nhrp_pkt_sign(pkt, len, (const u8 *)"not the key at all", 18);
		sim_forge(net.hub, STRANGER, pkt, len);
		if (i % 100 == 0)
			sim_run(net.sim, 10);
	}
	sim_run(net.sim, 100);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_AUTH), 10000);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_int_equal(sim_map_count(net.hub), maps);
	assert_int_equal(nr_replays(net.hub), 1);
	/* And whoever was there is heard as before. */
	sim_run(net.sim, 250000);
	assert_true(net_registered(net.spoke[0]));
	assert_int_equal(counter(net.hub, NHRP_C_DROP_REPLAY), 0);
	net_free(&net);
}

static void everywhere(struct sim_net *net, void (*fn)(struct nhrp_tunnel_config *))
{
	unsigned int i;

	for (i = 0; i < net->sim->nr_nodes; i++) {
		fn(&net->sim->nodes[i]->cfg);
		reconfigure(net->sim->nodes[i]);
		/* One after the other, with messages between all of them. */
		net_ping_for(net, net->spoke[0], net->spoke[1], 5000, 100);
	}
}

static void add_new(struct nhrp_tunnel_config *cfg)
{
	add_key(cfg, KEY_ID + 7, "another horse, another staple");
}

static void use_new(struct nhrp_tunnel_config *cfg)
{
	cfg->key_id = KEY_ID + 7;
}

static void drop_old(struct nhrp_tunnel_config *cfg)
{
	cfg->keys[0] = cfg->keys[1];
	cfg->nr_keys = 1;
}

/* A new key is added everywhere, then used everywhere, then the old one is dropped. */
static void new_key_without_loss(void **state)
{
	struct sim_net net;
	unsigned int i;

	(void)state;
	signed_build(&net, 110, 2);
	net.sim->strict = true;
	for (i = 0; i < 3; i++)
		net.sim->nodes[i]->cfg.holding_time_s = 15;
	net_start(&net);
	sim_run(net.sim, 1000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	assert_int_equal(nr_replays(net.hub), 2);
	everywhere(&net, add_new);
	everywhere(&net, use_new);
	assert_int_equal(nr_replays(net.hub), 4);
	everywhere(&net, drop_old);
	assert_int_equal(nr_replays(net.hub), 2);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_int_equal(net_bindings(net.hub), 2);
	assert_int_equal(net.sim->data_lost, 0);
	assert_int_equal(sum_of(&net, NHRP_C_DROP_AUTH), 0);
	assert_int_equal(sum_of(&net, NHRP_C_DROP_KEY), 0);
	net_free(&net);
}

static void find_state(void *arg, const struct nhrp_shortcut_info *info)
{
	*(enum nhrp_shortcut_state *)arg = info->state;
}

static bool no_resolution(struct sim *sim, const struct sim_packet *p)
{
	record_frame(sim, p);
	return p->frame && p->data[17] == NHRP_RESOLUTION_REQUEST;
}

/* What becomes of a question when an error about it comes as if from the hub? */
static enum nhrp_shortcut_state after_error(enum nhrp_auth_mode auth)
{
	enum nhrp_shortcut_state state = NHRP_SHORTCUT_ACTIVE;
	struct nhrp_addr nowhere = sim_addr("192.168.111.99");
	const struct record *asked;
	struct sim_net net;
	struct nhrp_msg msg;
	u8 pkt[NHRP_PKT_MAX];

	signed_build(&net, 113, 1);
	net.hub->cfg.auth = auth;
	net.spoke[0]->cfg.auth = auth;
	net_start(&net);
	sim_run(net.sim, 1000);
	nr_records = 0;
	net.sim->drop = no_resolution;
	nhrp_tunnel_miss(net.spoke[0]->tunnel, &nowhere, net.sim->now);
	sim_run(net.sim, 100);
	asked = find_record(NHRP_RESOLUTION_REQUEST, "192.168.50.2");
	nhrp_msg_init(&msg, NHRP_ERROR_INDICATION, AF_INET, AF_INET);
	msg.error_code = NHRP_ERR_UNREACHABLE;
	msg.src_nbma = sim_addr("192.168.50.1");
	msg.src_proto = sim_addr("192.168.111.1");
	msg.dst_proto = sim_addr("192.168.111.2");
	nhrp_msg_set_data(&msg, asked->data, asked->len);
	sim_forge(net.spoke[0], "192.168.50.1", pkt,
		  nhrp_encode(&msg, pkt, sizeof(pkt)));
	sim_run(net.sim, 100);
	assert_int_equal(counter(net.spoke[0], NHRP_C_RX_ERROR), 1);
	nhrp_tunnel_walk_shortcuts(net.spoke[0]->tunnel, net.sim->now,
				   find_state, &state);
	net_free(&net);
	return state;
}

/* An error is not signed: it must not end a question. */
static void errors_are_not_believed(void **state)
{
	(void)state;
	assert_int_equal(after_error(NHRP_AUTH_NONE), NHRP_SHORTCUT_NEGATIVE);
	assert_int_equal(after_error(NHRP_AUTH_HMAC), NHRP_SHORTCUT_RESOLVING);
}

/* Anybody can send errors and hints as if from the hub: they use up nothing of its. */
static void few_that_are_not_signed(void **state)
{
	struct sim_net net;
	struct nhrp_msg error, hint;
	u8 pkt[NHRP_PKT_MAX] = { 0 };
	unsigned int i;

	(void)state;
	signed_build(&net, 118, 1);
	net_start(&net);
	sim_run(net.sim, 1000);
	nhrp_msg_init(&error, NHRP_ERROR_INDICATION, AF_INET, AF_INET);
	error.error_code = NHRP_ERR_UNREACHABLE;
	error.src_nbma = sim_addr("192.168.50.1");
	error.src_proto = sim_addr("192.168.111.1");
	error.dst_proto = sim_addr("192.168.111.2");
	nhrp_msg_set_data(&error, pkt, NHRP_MIN_LEN);
	nhrp_msg_init(&hint, NHRP_REGISTRATION_REPLY, AF_INET, AF_INET);
	hint.src_nbma = error.src_nbma;
	nhrp_addr_set_any(&hint.src_proto, AF_INET);
	hint.dst_proto = hint.src_proto;
	nhrp_cie_list_add(&hint.cies)->code = NHRP_CODE_NO_BINDING;
	for (i = 0; i < 1000; i++)
		sim_forge(net.spoke[0], "192.168.50.1", pkt,
			  nhrp_encode(i & 1 ? &error : &hint, pkt, sizeof(pkt)));
	sim_run(net.sim, 50);
	assert_int_equal(counter(net.spoke[0], NHRP_C_RX_ERROR), 500);
	assert_int_equal(counter(net.spoke[0], NHRP_C_DROP_RATE), 988);
	assert_true(net.spoke[0]->events[NHRP_EVENT_HINT] > 0);
	/* The hub is heard as before. */
	sim_run(net.sim, 250000);
	assert_true(net_registered(net.spoke[0]));
	assert_int_equal(counter(net.spoke[0], NHRP_C_DROP_RATE), 988);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_signed),
		cmocka_unit_test(loss_and_disorder),
		cmocka_unit_test(wrong_key),
		cmocka_unit_test(no_downgrade),
		cmocka_unit_test(claim_before_signatures),
		cmocka_unit_test(hub_is_tried_there),
		cmocka_unit_test(one_address_of_two_goes),
		cmocka_unit_test(behind_nats),
		cmocka_unit_test(hub_has_another_address),
		cmocka_unit_test(strangers_make_no_state),
		cmocka_unit_test(new_key_without_loss),
		cmocka_unit_test(errors_are_not_believed),
		cmocka_unit_test(few_that_are_not_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
