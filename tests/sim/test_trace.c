// SPDX-License-Identifier: GPL-2.0
/* What is told of messages: each of them once, what was done with it, in the right order. */
#include <string.h>

#include "nhrp/describe.h"
#include "nhrp/packet.h"
#include "test.h"

#define STRANGER "192.168.50.77"

/**
 * struct told - what was told of a node
 * @open: a message that is not decided: where it is in memory, NULL: none
 * @n: messages by type and verdict
 * @reason: of the last one that was refused
 */
struct told {
	const void *open;
	unsigned int n[NHRP_TYPE_MAX + 1][NHRP_VERDICT_REFUSED + 1];
	enum nhrp_counter reason;
};

static struct told told[3];

static void note(struct sim_node *n, const struct nhrp_trace *trace)
{
	struct told *to = &told[n->index];
	struct nhrp_msg msg;

	assert_non_null(trace->peer);
	assert_in_range(trace->verdict, NHRP_VERDICT_NONE, NHRP_VERDICT_REFUSED);
	if (trace->verdict == NHRP_VERDICT_NONE) {
		assert_null(to->open);
		to->open = trace->pkt;
		return;
	}
	if (trace->verdict != NHRP_VERDICT_SENT) {
		assert_ptr_equal(to->open, trace->pkt);
		to->open = NULL;
	}
	if (trace->verdict == NHRP_VERDICT_REFUSED)
		to->reason = trace->reason;
	else
		assert_int_equal(trace->reason, NHRP_C_NONE);
	if (nhrp_decode(trace->pkt, trace->len, &msg, NULL))
		msg.type = 0;
	to->n[msg.type][trace->verdict]++;
}

static u64 told_in(const struct sim_node *n)
{
	u64 sum = 0;
	int type, v;

	for (type = 0; type <= NHRP_TYPE_MAX; type++)
		for (v = NHRP_VERDICT_TAKEN; v <= NHRP_VERDICT_REFUSED; v++)
			sum += told[n->index].n[type][v];
	return sum;
}

static u64 told_out(const struct sim_node *n)
{
	u64 sum = 0;
	int type;

	for (type = 0; type <= NHRP_TYPE_MAX; type++)
		sum += told[n->index].n[type][NHRP_VERDICT_SENT];
	return sum;
}

static unsigned int of(const struct sim_node *n, enum nhrp_type type, enum nhrp_verdict v)
{
	return told[n->index].n[type][v];
}

static void start(struct sim_net *net)
{
	memset(told, 0, sizeof(told));
	net_build(net, 91, 2, 3);
	net->sim->trace = note;
	net_start(net);
	sim_run(net->sim, 1000);
}

static void every_message_once(void **state)
{
	struct sim_net net;
	int i;

	(void)state;
	start(&net);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 2000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	assert_true(of(net.spoke[0], NHRP_REGISTRATION_REQUEST, NHRP_VERDICT_SENT) > 0);
	assert_true(of(net.hub, NHRP_REGISTRATION_REQUEST, NHRP_VERDICT_ANSWERED) > 0);
	assert_true(of(net.spoke[0], NHRP_REGISTRATION_REPLY, NHRP_VERDICT_TAKEN) > 0);
	assert_true(of(net.hub, NHRP_TRAFFIC_INDICATION, NHRP_VERDICT_SENT) > 0);
	assert_true(of(net.spoke[0], NHRP_TRAFFIC_INDICATION, NHRP_VERDICT_TAKEN) > 0);
	assert_true(of(net.hub, NHRP_RESOLUTION_REQUEST, NHRP_VERDICT_FORWARDED) > 0);
	assert_true(of(net.spoke[1], NHRP_RESOLUTION_REQUEST, NHRP_VERDICT_ANSWERED) > 0);
	for (i = 0; i < 3; i++) {
		struct sim_node *n = net.sim->nodes[i];

		assert_null(told[i].open);
		assert_int_equal(told_in(n), counter(n, NHRP_C_RX));
		assert_int_equal(told_out(n), counter(n, NHRP_C_TX));
	}
	net_free(&net);
}

static void forge(struct sim_node *to, const void *pkt, size_t len)
{
	sim_forge(to, STRANGER, pkt, len);
	sim_run(to->sim, 50);
}

/* A registration of an address, of a stranger. */
static int registration(const char *proto, u8 *pkt)
{
	struct nhrp_msg msg;
	struct nhrp_cie *cie;

	nhrp_msg_init(&msg, NHRP_REGISTRATION_REQUEST, AF_INET, AF_INET);
	msg.src_nbma = sim_addr(STRANGER);
	msg.src_proto = sim_addr(proto);
	msg.dst_proto = sim_addr("192.168.111.1");
	msg.request_id = 4711;
	cie = nhrp_cie_list_add(&msg.cies);
	cie->prefix_len = NHRP_PREFIX_HOST;
	cie->holding_time = 600;
	return nhrp_encode(&msg, pkt, NHRP_PKT_MAX);
}

static void refusals(void **state)
{
	struct told *hub = &told[0], *spoke = &told[1];
	u8 pkt[NHRP_PKT_MAX];
	struct sim_net net;
	int len;

	(void)state;
	start(&net);
	assert_int_equal(net.hub->index, 0);
	assert_int_equal(net.spoke[0]->index, 1);
	len = registration("10.1.1.1", pkt);
	forge(net.hub, pkt, len);
	assert_int_equal(of(net.hub, NHRP_REGISTRATION_REQUEST, NHRP_VERDICT_REFUSED), 1);
	assert_int_equal(hub->reason, NHRP_C_DROP_POLICY_SUBNET);
	/* Not a hub: no answer. */
	forge(net.spoke[0], pkt, len);
	assert_int_equal(of(net.spoke[0], NHRP_REGISTRATION_REQUEST, NHRP_VERDICT_REFUSED), 1);
	assert_int_equal(spoke->reason, NHRP_C_DROP_ROLE);
	/* What came before is not held against what comes after. */
	len = registration("192.168.111.9", pkt);
	forge(net.hub, pkt, len);
	assert_int_equal(of(net.hub, NHRP_REGISTRATION_REQUEST, NHRP_VERDICT_REFUSED), 1);
	pkt[40] ^= 1;
	forge(net.hub, pkt, len);
	assert_int_equal(hub->n[0][NHRP_VERDICT_REFUSED], 1);
	assert_int_equal(hub->reason, NHRP_C_DROP_CHECKSUM);
	assert_null(hub->open);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_once),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
