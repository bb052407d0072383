// SPDX-License-Identifier: GPL-2.0
/* A hub that passes messages on: hop count, loops, records, what it does not know. */
#include "forged.h"
#include "test.h"

#define HUB		"192.168.50.1"
#define HUB_PROTO	"192.168.111.1"
#define SPOKE1		"192.168.50.2"
#define SPOKE2		"192.168.50.3"

#define UNKNOWN		77

static void build(struct sim_net *net, u64 seed)
{
	net_build(net, seed, 2, 3);
	net_start(net);
	sim_run(net->sim, 1000);
}

/* Spoke 1 asks for a host in the LAN of spoke 2. */
static void question(struct nhrp_msg *msg)
{
	forged_request(msg, NHRP_RESOLUTION_REQUEST, SPOKE1, "192.168.111.2",
		       "192.168.40.9");
}

/* What spoke 2 answers to it. */
static void answer(struct nhrp_msg *msg)
{
	question(msg);
	msg->type = NHRP_RESOLUTION_REPLY;
	msg->cies.cie[0].nbma = sim_addr(SPOKE2);
	msg->cies.cie[0].proto = sim_addr("192.168.111.3");
	msg->cies.cie[0].prefix_len = 24;
}

static void record(struct nhrp_cie_list *list, const char *nbma,
		   const char *proto)
{
	struct nhrp_cie *cie = nhrp_cie_list_add(list);

	cie->nbma = sim_addr(nbma);
	cie->proto = sim_addr(proto);
}

/* @msg comes to the hub from @from; what goes to @to then is in forged_watch. */
static void pass(struct sim_net *net, const struct nhrp_msg *msg,
		 const char *from, const char *to, enum nhrp_type type)
{
	forged_watch_for(net->sim, to, type);
	forged_watch.lose = true;
	forged_send(net->hub, from, msg);
	sim_run(net->sim, 50);
}

static void assert_error(struct sim_net *net, const struct nhrp_msg *msg,
			 const char *from, enum nhrp_error code)
{
	u64 forwarded = counter(net->hub, NHRP_C_FORWARDED);

	pass(net, msg, from, from, NHRP_ERROR_INDICATION);
	assert_int_equal(forged_watch.nr, 1);
	assert_int_equal(forged_watch.last.error_code, code);
	assert_int_equal(counter(net->hub, NHRP_C_FORWARDED), forwarded);
}

static void hop_count(void **state)
{
	struct nhrp_msg msg;
	struct sim_net net;

	(void)state;
	build(&net, 221);
	question(&msg);
	msg.hop_count = 255;	/* what Cisco sends */
	pass(&net, &msg, SPOKE1, SPOKE2, NHRP_RESOLUTION_REQUEST);
	assert_int_equal(forged_watch.nr, 1);
	assert_int_equal(forged_watch.last.hop_count, 254);
	msg.hop_count = 1;
	pass(&net, &msg, SPOKE1, SPOKE2, NHRP_RESOLUTION_REQUEST);
	assert_int_equal(forged_watch.last.hop_count, 0);
	msg.hop_count = 0;
	assert_error(&net, &msg, SPOKE1, NHRP_ERR_HOP_COUNT);
	/* For itself it needs no hop. */
	msg.dst_proto = sim_addr(HUB_PROTO);
	pass(&net, &msg, SPOKE1, SPOKE1, NHRP_RESOLUTION_REPLY);
	assert_int_equal(forged_watch.nr, 1);
	assert_int_equal(forged_watch.last.hop_count, 64);
	net_free(&net);
}

static void loops(void **state)
{
	struct nhrp_msg msg;
	struct sim_net net;

	(void)state;
	build(&net, 222);
	question(&msg);
	record(&msg.fwd_transit, HUB, HUB_PROTO);
	assert_error(&net, &msg, SPOKE1, NHRP_ERR_LOOP);
	answer(&msg);
	record(&msg.rev_transit, HUB, HUB_PROTO);
	assert_error(&net, &msg, SPOKE2, NHRP_ERR_LOOP);
	answer(&msg);
	record(&msg.responder, HUB, HUB_PROTO);
	assert_error(&net, &msg, SPOKE2, NHRP_ERR_LOOP);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_LOOP), 3);
	net_free(&net);
}

static void assert_recorded(const struct nhrp_cie_list *list, unsigned int nr)
{
	struct nhrp_addr nbma = sim_addr(HUB), proto = sim_addr(HUB_PROTO);

	assert_int_equal(list->n, nr);
	assert_true(nhrp_addr_eq(&list->cie[nr - 1].nbma, &nbma));
	assert_true(nhrp_addr_eq(&list->cie[nr - 1].proto, &proto));
}

/* Requests in one record, answers in the other, after those who were before. */
static void records(void **state)
{
	struct nhrp_msg msg;
	struct sim_net net;

	(void)state;
	build(&net, 223);
	question(&msg);
	record(&msg.fwd_transit, "192.168.50.8", "192.168.111.8");
	pass(&net, &msg, SPOKE1, SPOKE2, NHRP_RESOLUTION_REQUEST);
	assert_int_equal(forged_watch.nr, 1);
	assert_recorded(&forged_watch.last.fwd_transit, 2);
	assert_int_equal(forged_watch.last.rev_transit.n, 0);
	answer(&msg);
	pass(&net, &msg, SPOKE2, SPOKE1, NHRP_RESOLUTION_REPLY);
	assert_int_equal(forged_watch.nr, 1);
	assert_int_equal(forged_watch.last.fwd_transit.n, 0);
	assert_recorded(&forged_watch.last.rev_transit, 1);
	/* Who answers is in neither, but in the one for it. */
	question(&msg);
	msg.dst_proto = sim_addr(HUB_PROTO);
	pass(&net, &msg, SPOKE1, SPOKE1, NHRP_RESOLUTION_REPLY);
	assert_int_equal(forged_watch.nr, 1);
	assert_int_equal(forged_watch.last.fwd_transit.n, 0);
	assert_int_equal(forged_watch.last.rev_transit.n, 0);
	assert_recorded(&forged_watch.last.responder, 1);
	net_free(&net);
}

/* Not understood: no affair of who passes it on, but who answers has to know. */
static void unknown_extension(void **state)
{
	struct nhrp_msg msg;
	struct sim_net net;
	const struct nhrp_ext *ext;

	(void)state;
	build(&net, 224);
	question(&msg);
	nhrp_msg_add_ext(&msg, UNKNOWN, NHRP_EXT_F_COMPULSORY, "dvpn", 4);
	pass(&net, &msg, SPOKE1, SPOKE2, NHRP_RESOLUTION_REQUEST);
	assert_int_equal(forged_watch.nr, 1);
	assert_int_equal(forged_watch.last.fwd_transit.n, 0);
	ext = nhrp_msg_ext(&forged_watch.last, UNKNOWN);
	assert_non_null(ext);
	assert_int_equal(ext->flags, NHRP_EXT_F_COMPULSORY);
	assert_memory_equal(nhrp_msg_ext_data(&forged_watch.last, ext), "dvpn", 4);
	msg.dst_proto = sim_addr(HUB_PROTO);
	assert_error(&net, &msg, SPOKE1, NHRP_ERR_UNKNOWN_EXT);
	/* One that may be ignored is, and comes back with the answer. */
	question(&msg);
	nhrp_msg_add_ext(&msg, UNKNOWN, 0, "dvpn", 4);
	msg.dst_proto = sim_addr(HUB_PROTO);
	pass(&net, &msg, SPOKE1, SPOKE1, NHRP_RESOLUTION_REPLY);
	assert_int_equal(forged_watch.nr, 1);
	assert_non_null(nhrp_msg_ext(&forged_watch.last, UNKNOWN));
	net_free(&net);
}

/* Errors go on to whom they are for; one of our own that comes back does not. */
static void errors(void **state)
{
	struct nhrp_msg about, msg;
	struct sim_net net;
	u8 pkt[NHRP_PKT_MAX];
	int len;

	(void)state;
	build(&net, 225);
	question(&about);
	len = nhrp_encode(&about, pkt, sizeof(pkt));
	assert_true(len > 0);
	nhrp_msg_init(&msg, NHRP_ERROR_INDICATION, AF_INET, AF_INET);
	msg.error_code = NHRP_ERR_UNREACHABLE;
	msg.src_nbma = sim_addr(SPOKE2);
	msg.src_proto = sim_addr("192.168.111.3");
	msg.dst_proto = about.src_proto;
	assert_int_equal(nhrp_msg_set_data(&msg, pkt, (size_t)len), 0);
	pass(&net, &msg, SPOKE2, SPOKE1, NHRP_ERROR_INDICATION);
	assert_int_equal(forged_watch.nr, 1);
	assert_int_equal(forged_watch.last.hop_count, msg.hop_count - 1);
	msg.src_proto = sim_addr(HUB_PROTO);
	pass(&net, &msg, SPOKE2, SPOKE1, NHRP_ERROR_INDICATION);
	assert_int_equal(forged_watch.nr, 0);
	/* Never one about another. */
	msg.src_proto = sim_addr("192.168.111.3");
	msg.hop_count = 0;
	pass(&net, &msg, SPOKE2, SPOKE2, NHRP_ERROR_INDICATION);
	assert_int_equal(forged_watch.nr, 0);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_HOP_COUNT), 1);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hop_count),
		cmocka_unit_test(loops),
		cmocka_unit_test(records),
		cmocka_unit_test(unknown_extension),
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
