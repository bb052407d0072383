// SPDX-License-Identifier: GPL-2.0
/*
 * A spoke that is registered like any other and lies: what it says of others
 * changes nothing, what it says of itself is what the hub saw.
 */
#include <stdio.h>
#include <string.h>

#include "nhrp/packet.h"
#include "test.h"

#define HUB		"192.168.50.1"
#define VICTIM		"192.168.50.2"	/* spoke 1 */
#define OTHER		"192.168.50.3"	/* spoke 2 */
#define LIAR		"192.168.50.4"	/* spoke 3, LAN 192.168.152.0/24 */
#define LIAR_TOO	"192.168.50.44"

static struct nhrp_peer_key liar_key(void)
{
	return (struct nhrp_peer_key){ .nbma = sim_addr(LIAR) };
}

/* Three spokes; 1 and 2 have a direct path; the agent of 3 is played by us. */
static void setup(struct sim_net *net, u64 seed)
{
	net_build(net, seed, 3, 3);
	net_start(net);
	sim_run(net->sim, 1000);
	net_ping_for(net, net->spoke[0], net->spoke[1], 2000, 50);
	assert_true(net_direct(net->spoke[0], LAN2));
	assert_int_equal(net_bindings(net->hub), 3);
	sim_agent_kill(net->spoke[2]);
}

static void forge(struct sim_node *to, const char *from, struct nhrp_msg *msg)
{
	u8 pkt[NHRP_PKT_MAX];
	int len = nhrp_encode(msg, pkt, sizeof(pkt));

	assert_true(len > 0);
	sim_forge(to, from, pkt, len);
	sim_run(to->sim, 50);
}

static void begin(struct nhrp_msg *msg, enum nhrp_type type, const char *nbma,
		  const char *src, const char *dst)
{
	nhrp_msg_init(msg, type, AF_INET, AF_INET);
	msg->src_nbma = sim_addr(nbma);
	msg->src_proto = sim_addr(src);
	msg->dst_proto = sim_addr(dst);
	msg->request_id = 4711;
}

static struct nhrp_cie *claim(struct nhrp_msg *msg, const char *proto)
{
	struct nhrp_cie *cie = nhrp_cie_list_add(&msg->cies);

	cie->prefix_len = NHRP_PREFIX_HOST;
	cie->holding_time = 600;
	cie->proto = sim_addr(proto);
	return cie;
}

static void assert_at(struct sim_node *n, const char *prefix, const char *nbma)
{
	struct sim_map *m = sim_map_at(n, prefix);
	struct nhrp_addr a = sim_addr(nbma);

	assert_non_null(m);
	assert_true(nhrp_addr_eq(&m->map.peer.nbma, &a));
}

/* The silence of one owner says nothing about the next one in the list. */
static void one_silence_two_claims(void **state)
{
	struct sim_net net;
	struct nhrp_msg msg;

	(void)state;
	setup(&net, 71);
	begin(&msg, NHRP_REGISTRATION_REQUEST, LIAR_TOO, "192.168.111.66",
	      "192.168.111.1");
	claim(&msg, "192.168.111.66");
	forge(net.hub, LIAR_TOO, &msg);
	assert_at(net.hub, "192.168.111.66/32", LIAR_TOO);
	sim_run(net.sim, 1000);
	begin(&msg, NHRP_REGISTRATION_REQUEST, LIAR, "192.168.111.4",
	      "192.168.111.1");
	claim(&msg, "192.168.111.66");
	claim(&msg, "192.168.111.3");
	forge(net.hub, LIAR, &msg);
	sim_run(net.sim, 10000);
	assert_at(net.hub, "192.168.111.66/32", LIAR);
	assert_at(net.hub, "192.168.111.3/32", OTHER);
	net_free(&net);
}

static struct nhrp_msg asked;
static bool was_asked;

static bool watch_questions(struct sim *sim, const struct sim_packet *p)
{
	struct nhrp_addr liar = sim_addr(LIAR);
	struct nhrp_msg msg;

	(void)sim;
	if (p->frame && nhrp_addr_eq(&p->to, &liar) &&
	    !nhrp_decode(p->data, p->len, &msg, NULL) &&
	    msg.type == NHRP_RESOLUTION_REQUEST) {
		asked = msg;
		was_asked = true;
	}
	return false;
}

/* Make spoke 1 ask for a host in the liar's LAN, and wait for the question. */
static void get_asked(struct sim_net *net)
{
	struct nhrp_addr host = sim_addr("192.168.152.9");
	unsigned int i;

	was_asked = false;
	net->sim->drop = watch_questions;
	for (i = 0; i < 20 && !was_asked; i++) {
		sim_ping(net->spoke[0], &net->spoke[0]->lan, &host);
		sim_run(net->sim, 50);
	}
	assert_true(was_asked);
}

static void begin_answer(struct nhrp_msg *msg)
{
	*msg = asked;
	msg->type = NHRP_RESOLUTION_REPLY;
	msg->hop_count = 64;
	msg->cies.n = 0;
	msg->nat.n = 0;
}

static void assert_other_is_safe(struct sim_net *net)
{
	sim_run(net->sim, 5000);
	net_ping_for(net, net->spoke[0], net->spoke[1], 1000, 50);
	assert_at(net->spoke[0], LAN2, OTHER);
	assert_true(net_direct(net->spoke[0], LAN2));
}

/* Asked about its own LAN it answers that somebody else's address is its own. */
static void answers_for_others(void **state)
{
	struct sim_net net;
	struct nhrp_msg msg;
	struct nhrp_cie *cie;
	unsigned int straight, decoy;

	(void)state;
	for (straight = 0; straight < 2; straight++)
		for (decoy = 0; decoy < 2; decoy++) {
			setup(&net, 72);
			get_asked(&net);
			begin_answer(&msg);
			if (decoy)
				claim(&msg, "192.168.111.4")->code =
					NHRP_CODE_NO_BINDING;
			cie = claim(&msg, "192.168.111.3");
			cie->nbma = sim_addr(LIAR);
			forge(straight ? net.spoke[0] : net.hub, LIAR, &msg);
			assert_other_is_safe(&net);
			net_free(&net);
		}
}

/* It says that it is elsewhere, by the answer itself or the NAT extension. */
static void answers_of_elsewhere(void **state)
{
	struct sim_net net;
	struct nhrp_msg msg;
	struct nhrp_cie *cie;
	struct nhrp_peer_key key;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		setup(&net, 73);
		get_asked(&net);
		begin_answer(&msg);
		cie = claim(&msg, "192.168.111.4");
		cie->nbma = sim_addr(i ? LIAR : "203.0.113.9");
		if (i) {
			cie = nhrp_cie_list_add(&msg.nat);
			cie->nbma = sim_addr("203.0.113.9");
			cie->proto = sim_addr("192.168.111.4");
			cie = nhrp_cie_list_add(&msg.rev_transit);
			cie->proto = sim_addr("192.168.111.77");
		}
		forge(net.hub, LIAR, &msg);
		key = liar_key();
		key.nbma = sim_addr("203.0.113.9");
		for (unsigned int j = 0; j < net.spoke[0]->peers.nr; j++) {
			struct sim_peer *p = sim_peer_nth(net.spoke[0], j);

			assert_false(p && nhrp_addr_eq(&p->peer.key.nbma,
						       &key.nbma));
		}
		net_free(&net);
	}
}

/* Questions, too, come from where it registered. */
static void asks_from_elsewhere(void **state)
{
	struct nhrp_addr elsewhere = sim_addr("203.0.113.9");
	struct sim_net net;
	struct nhrp_msg msg;
	struct nhrp_cie *cie;
	unsigned int i, j;

	(void)state;
	for (i = 0; i < 2; i++) {
		setup(&net, 74);
		begin(&msg, NHRP_RESOLUTION_REQUEST, i ? LIAR : "203.0.113.9",
		      "192.168.111.4", "192.168.111.2");
		msg.flags = NHRP_FLAG_RES_SRC_STABLE;
		cie = nhrp_cie_list_add(&msg.cies);
		cie->prefix_len = NHRP_PREFIX_HOST;
		cie->holding_time = 65535;
		nhrp_msg_add_ext_cies(&msg, NHRP_EXT_FORWARD_TRANSIT);
		nhrp_msg_add_ext_cies(&msg, NHRP_EXT_NAT);
		cie = nhrp_cie_list_add(&msg.fwd_transit);
		cie->proto = sim_addr("192.168.111.77");
		cie = nhrp_cie_list_add(&msg.nat);
		cie->nbma = elsewhere;
		cie->proto = sim_addr("192.168.111.4");
		forge(net.hub, LIAR, &msg);
		sim_run(net.sim, 1000);
		for (j = 0; j < net.spoke[0]->peers.nr; j++) {
			struct sim_peer *p = sim_peer_nth(net.spoke[0], j);

			assert_false(p && nhrp_addr_eq(&p->peer.key.nbma,
						       &elsewhere));
		}
		assert_int_equal(sim_map_at(net.spoke[0], "192.168.111.4/32") !=
				 NULL, i);
		net_free(&net);
	}
}

static u32 registration_id;

static bool watch_registrations(struct sim *sim, const struct sim_packet *p)
{
	struct nhrp_addr hub = sim_addr(HUB), victim = sim_addr(VICTIM);
	struct nhrp_msg msg;

	(void)sim;
	if (!p->frame || !nhrp_addr_eq(&p->to, &hub) ||
	    !nhrp_addr_eq(&p->from.nbma, &victim) ||
	    nhrp_decode(p->data, p->len, &msg, NULL) ||
	    msg.type != NHRP_REGISTRATION_REQUEST)
		return false;
	registration_id = msg.request_id;
	return true;	/* so that the forged answer is the first */
}

/* By way of the hub: a refusal, and a purge of everything. */
static void speaks_as_others(void **state)
{
	struct sim_net net;
	struct nhrp_msg msg;

	(void)state;
	setup(&net, 75);
	net.sim->drop = watch_registrations;
	registration_id = 0;
	sim_run(net.sim, 200000);
	assert_int_not_equal(registration_id, 0);
	begin(&msg, NHRP_REGISTRATION_REPLY, VICTIM, "192.168.111.2",
	      "192.168.111.1");
	msg.request_id = registration_id;
	claim(&msg, "192.168.111.2")->code = NHRP_CODE_ADMIN_PROHIBITED;
	forge(net.hub, LIAR, &msg);
	assert_int_equal(counter(net.spoke[0], NHRP_C_NAK_RECEIVED), 0);
	net.sim->drop = NULL;
	sim_run(net.sim, 70000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));

	begin(&msg, NHRP_PURGE_REQUEST, OTHER, "192.168.111.3", "192.168.111.2");
	claim(&msg, "192.168.40.0")->prefix_len = 24;
	forge(net.hub, LIAR, &msg);
	assert_true(net_direct(net.spoke[0], LAN2));
	/* As itself it may, and it takes back what is its own. */
	begin(&msg, NHRP_PURGE_REQUEST, LIAR, "192.168.111.4", "192.168.111.2");
	claim(&msg, "128.0.0.0")->prefix_len = 1;
	forge(net.hub, LIAR, &msg);
	assert_true(net_direct(net.spoke[0], LAN2));
	net_free(&net);
}

/* An error about a question that it saw, by way of nobody. */
static void straight_errors_and_refusals(void **state)
{
	struct sim_net net;
	struct nhrp_msg msg;
	u8 pkt[NHRP_PKT_MAX];
	int len;

	(void)state;
	setup(&net, 76);
	get_asked(&net);
	len = nhrp_encode(&asked, pkt, sizeof(pkt));
	assert_true(len > 0);
	begin(&msg, NHRP_ERROR_INDICATION, LIAR, "192.168.111.4",
	      "192.168.111.2");
	msg.error_code = NHRP_ERR_UNREACHABLE;
	nhrp_msg_set_data(&msg, pkt, len);
	forge(net.spoke[0], LIAR, &msg);
	assert_int_equal(counter(net.spoke[0], NHRP_C_DROP_NOT_HUB), 1);
	begin_answer(&msg);
	claim(&msg, "192.168.111.4")->code = NHRP_CODE_NO_BINDING;
	forge(net.spoke[0], LIAR, &msg);
	assert_int_equal(counter(net.spoke[0], NHRP_C_NAK_RECEIVED), 0);
	assert_int_equal(net.spoke[0]->events[NHRP_EVENT_RESOLVE_FAILED], 0);
	net_free(&net);
}

/* It takes all addresses that are free: some, not all. */
static void takes_all_addresses(void **state)
{
	struct sim_net net;
	struct nhrp_msg msg;
	char text[NHRP_ADDR_STRLEN];
	unsigned int i;

	(void)state;
	setup(&net, 77);
	for (i = 10; i < 250; i++) {
		snprintf(text, sizeof(text), "192.168.111.%u", i);
		begin(&msg, NHRP_REGISTRATION_REQUEST, LIAR, text,
		      "192.168.111.1");
		claim(&msg, text);
		forge(net.hub, LIAR, &msg);
	}
	assert_int_equal(net_bindings(net.hub), 2 + 16);
	/* Those that it has it may renew. */
	begin(&msg, NHRP_REGISTRATION_REQUEST, LIAR, "192.168.111.10",
	      "192.168.111.1");
	claim(&msg, "192.168.111.10");
	forge(net.hub, LIAR, &msg);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_TABLE_FULL), 240 - 15);
	net_free(&net);
}

/* Strangers who want to know everything do not keep us from asking. */
static void strangers_fill_nothing(void **state)
{
	struct sim_net net;
	struct nhrp_msg msg;
	char text[NHRP_ADDR_STRLEN];
	unsigned int i;

	(void)state;
	net_build(&net, 78, 2, 3);
	net.spoke[0]->cfg.max_shortcuts = 32;
	net_start(&net);
	sim_run(net.sim, 1000);
	for (i = 10; i < 250; i++) {
		snprintf(text, sizeof(text), "192.168.111.%u", i);
		begin(&msg, NHRP_RESOLUTION_REQUEST, "203.0.113.66", text,
		      "192.168.111.2");
		nhrp_cie_list_add(&msg.cies);
		forge(net.spoke[0], "203.0.113.66", &msg);
		sim_run(net.sim, 50);
	}
	sim_run(net.sim, 4000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	net_free(&net);
}

/* However many they are and however much they send. */
static void strangers_do_not_shut_out_the_hub(void **state)
{
	struct nhrp_frame frame = { 0 };
	struct sim_net net;
	struct nhrp_msg msg;
	u8 pkt[NHRP_PKT_MAX];
	unsigned int i, j;
	u64 dropped;

	(void)state;
	setup(&net, 79);
	begin(&msg, NHRP_PURGE_REPLY, VICTIM, "192.168.111.2", "192.168.111.9");
	frame.data = pkt;
	frame.len = (size_t)nhrp_encode(&msg, pkt, sizeof(pkt));
	for (i = 0; i < 4000; i++) {
		u8 addr[4] = { 100, 64, (u8)(i >> 8), (u8)i };

		nhrp_addr_set(&frame.from.nbma, AF_INET, addr);
		for (j = 0; j < 100; j++)
			nhrp_tunnel_frame(net.spoke[0]->tunnel, &frame,
					  net.sim->now);
	}
	dropped = counter(net.spoke[0], NHRP_C_DROP_RATE);
	assert_true(dropped > 0);
	frame.from.nbma = sim_addr(HUB);
	for (j = 0; j < 100; j++)
		nhrp_tunnel_frame(net.spoke[0]->tunnel, &frame, net.sim->now);
	assert_int_equal(counter(net.spoke[0], NHRP_C_DROP_RATE), dropped);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_silence_two_claims),
		cmocka_unit_test(answers_for_others),
		cmocka_unit_test(answers_of_elsewhere),
		cmocka_unit_test(asks_from_elsewhere),
		cmocka_unit_test(speaks_as_others),
		cmocka_unit_test(straight_errors_and_refusals),
		cmocka_unit_test(takes_all_addresses),
		cmocka_unit_test(strangers_fill_nothing),
		cmocka_unit_test(strangers_do_not_shut_out_the_hub),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
