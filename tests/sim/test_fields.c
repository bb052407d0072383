// SPDX-License-Identifier: GPL-2.0
/* What is in the messages that we send, field by field, and what we read in others'. */
#include "forged.h"
#include "test.h"

#define HUB		"192.168.50.1"
#define SPOKE1		"192.168.50.2"
#define SPOKE2		"192.168.50.3"

static void build(struct sim_net *net, u64 seed, unsigned int phase)
{
	net_build(net, seed, 2, phase);
	net->spoke[0]->cfg.probe_interval_s = 0;
	net->spoke[1]->cfg.probe_interval_s = 0;
	net_start(net);
	sim_run(net->sim, 1000);
}

static void assert_addr(const struct nhrp_addr *a, const char *text)
{
	struct nhrp_addr b = sim_addr(text);

	assert_true(nhrp_addr_eq(a, &b));
}

static u32 first_id;

static void same_id(struct sim *sim)
{
	(void)sim;
	if (forged_watch.nr == 1)
		first_id = forged_watch.last.request_id;
	assert_int_equal(forged_watch.last.request_id, first_id);
	assert_int_not_equal(first_id, 0);
}

/* @type to the hub for @for_ms, without an answer: one id. */
static u32 unanswered(struct sim_net *net, enum nhrp_type type, u64 for_ms)
{
	forged_watch_for(net->sim, HUB, type);
	forged_watch.about = net->spoke[0]->cfg.locals[0].addr;
	forged_watch.lose = true;
	forged_watch.each = same_id;
	net_ping_for(net, net->spoke[0], net->spoke[1], for_ms, 500);
	assert_true(forged_watch.nr >= 3);
	return first_id;
}

static void retries_repeat_the_id(void **state)
{
	struct sim_net net;
	u32 id;

	(void)state;
	net_build(&net, 241, 2, 3);
	sim_agent_start(net.spoke[0]);
	id = unanswered(&net, NHRP_REGISTRATION_REQUEST, 5000);
	net_free(&net);
	build(&net, 242, 3);
	id = unanswered(&net, NHRP_RESOLUTION_REQUEST, 8000);
	/* Another question has another one. */
	forged_watch.each = NULL;
	sim_run(net.sim, 60000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 500, 100);
	assert_true(forged_watch.last.request_id > id);
	net_free(&net);
}

static void assert_order(const struct nhrp_msg *msg, const u16 *types)
{
	unsigned int i;

	for (i = 0; types[i]; i++) {
		assert_true(i < msg->n_exts);
		assert_int_equal(msg->ext[i].type, types[i]);
	}
	assert_int_equal(msg->end_flags, NHRP_EXT_F_COMPULSORY);
}

static const u16 standard[] = {
	NHRP_EXT_FORWARD_TRANSIT, NHRP_EXT_REVERSE_TRANSIT,
	NHRP_EXT_RESPONDER, NHRP_EXT_NAT, 0,
};

static void registration_request(bool unique)
{
	const struct nhrp_msg *msg = &forged_watch.last;
	struct sim_net net;

	net_build(&net, 243, 1, 3);
	net.spoke[0]->cfg.register_unique = unique;
	forged_watch_for(net.sim, HUB, NHRP_REGISTRATION_REQUEST);
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_int_equal(forged_watch.nr, 1);
	assert_int_equal(msg->hop_count, 1);
	assert_int_equal(msg->flags, NHRP_FLAG_NAT |
			 (unique ? NHRP_FLAG_REG_UNIQUE : 0));
	assert_addr(&msg->src_nbma, SPOKE1);
	assert_addr(&msg->src_proto, "192.168.111.2");
	assert_addr(&msg->dst_proto, "192.168.111.1");
	assert_int_equal(msg->cies.n, 1);
	assert_int_equal(msg->cies.cie[0].code, 0);
	assert_int_equal(msg->cies.cie[0].prefix_len,
			 unique ? NHRP_PREFIX_HOST : 32);
	assert_int_equal(msg->cies.cie[0].holding_time, 600);
	assert_int_equal(msg->cies.cie[0].mtu, 1400);
	assert_true(nhrp_addr_none(&msg->cies.cie[0].nbma));
	assert_order(msg, standard);
	/* The hub, as it is dialled. */
	assert_int_equal(msg->nat.n, 1);
	assert_addr(&msg->nat.cie[0].nbma, HUB);
	assert_addr(&msg->nat.cie[0].proto, "192.168.111.1");
	net_free(&net);
}

static void registration_requests(void **state)
{
	(void)state;
	registration_request(true);
	registration_request(false);
}

static void resolution_requests(void **state)
{
	const struct nhrp_msg *msg = &forged_watch.last;
	struct sim_net net;

	(void)state;
	build(&net, 244, 3);
	forged_watch_for(net.sim, HUB, NHRP_RESOLUTION_REQUEST);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 300, 50);
	assert_true(forged_watch.nr > 0);
	assert_int_equal(msg->hop_count, 64);
	assert_int_equal(msg->flags, NHRP_FLAG_RES_ROUTER | NHRP_FLAG_NAT |
			 NHRP_FLAG_RES_AUTHORITATIVE |
			 NHRP_FLAG_RES_SRC_STABLE);
	assert_int_equal(msg->cies.n, 1);
	assert_int_equal(msg->cies.cie[0].prefix_len, NHRP_PREFIX_HOST);
	assert_int_equal(msg->cies.cie[0].holding_time, 600);
	assert_order(msg, standard);
	assert_int_equal(msg->nat.n, 0);
	net_free(&net);
}

static void answers(void **state)
{
	const struct nhrp_msg *msg = &forged_watch.last;
	struct nhrp_msg question;
	struct sim_net net;

	(void)state;
	build(&net, 245, 3);
	forged_request(&question, NHRP_RESOLUTION_REQUEST, SPOKE1,
		       "192.168.111.2", "192.168.40.9");
	question.flags = NHRP_FLAG_RES_ROUTER | NHRP_FLAG_RES_SRC_STABLE;
	/* The hub passes it on, and the answer comes back by the hub. */
	forged_watch_for(net.sim, SPOKE1, NHRP_RESOLUTION_REPLY);
	forged_watch.id = question.request_id;
	forged_send(net.hub, SPOKE1, &question);
	sim_run(net.sim, 100);
	assert_int_equal(forged_watch.nr, 1);
	assert_int_equal(msg->request_id, question.request_id);
	assert_int_equal(msg->flags, question.flags | NHRP_FLAG_RES_DST_STABLE |
			 NHRP_FLAG_RES_AUTHORITATIVE);
	assert_addr(&msg->src_nbma, SPOKE1);
	assert_addr(&msg->src_proto, "192.168.111.2");
	assert_addr(&msg->dst_proto, "192.168.40.9");
	assert_int_equal(msg->cies.n, 1);
	assert_int_equal(msg->cies.cie[0].prefix_len, 24);
	assert_int_equal(msg->cies.cie[0].holding_time, 600);
	assert_addr(&msg->cies.cie[0].nbma, SPOKE2);
	assert_addr(&msg->cies.cie[0].proto, "192.168.111.3");
	assert_int_equal(msg->responder.n, 1);
	assert_addr(&msg->responder.cie[0].proto, "192.168.111.3");
	net_free(&net);
}

/* A hub answers for as long as the registration holds. */
static void time_that_is_left(void **state)
{
	struct nhrp_msg question;
	struct sim_net net;

	(void)state;
	build(&net, 246, 2);
	sim_run(net.sim, 100000);
	forged_request(&question, NHRP_RESOLUTION_REQUEST, SPOKE1,
		       "192.168.111.2", "192.168.111.3");
	forged_watch_for(net.sim, SPOKE1, NHRP_RESOLUTION_REPLY);
	forged_watch.id = question.request_id;
	forged_send(net.hub, SPOKE1, &question);
	sim_run(net.sim, 100);
	assert_int_equal(forged_watch.nr, 1);
	assert_in_range(forged_watch.last.cies.cie[0].holding_time, 495, 500);
	net_free(&net);
}

/* Spoke 1 asks spoke 2 by the hub: does spoke 2 keep where spoke 1 is? */
static bool keeps_asker(struct sim_net *net, u16 flags, u16 holding_time)
{
	struct nhrp_msg question;

	forged_request(&question, NHRP_RESOLUTION_REQUEST, SPOKE1,
		       "192.168.111.2", "192.168.40.9");
	question.flags = flags;
	question.cies.cie[0].holding_time = holding_time;
	forged_watch_for(net->sim, SPOKE1, NHRP_RESOLUTION_REPLY);
	forged_watch.id = question.request_id;
	forged_send(net->hub, SPOKE1, &question);
	sim_run(net->sim, 100);
	assert_int_equal(forged_watch.nr, 1);
	return sim_map_at(net->spoke[1], "192.168.111.2/32");
}

static void source_is_kept_if_stable(void **state)
{
	struct sim_net net;

	(void)state;
	build(&net, 247, 3);
	assert_false(keeps_asker(&net, 0, 600));
	assert_false(keeps_asker(&net, NHRP_FLAG_RES_SRC_STABLE, 0));
	assert_true(keeps_asker(&net, NHRP_FLAG_RES_SRC_STABLE, 600));
	net_free(&net);
}

static void deregistration(void **state)
{
	const struct nhrp_msg *msg = &forged_watch.last;
	struct nhrp_msg request;
	struct sim_net net;

	(void)state;
	build(&net, 248, 3);
	assert_int_equal(net_bindings(net.hub), 2);
	forged_request(&request, NHRP_REGISTRATION_REQUEST, SPOKE1,
		       "192.168.111.2", "192.168.111.1");
	request.cies.cie[0].holding_time = 0;
	forged_watch_for(net.sim, SPOKE1, NHRP_REGISTRATION_REPLY);
	forged_send(net.hub, SPOKE1, &request);
	sim_run(net.sim, 50);
	assert_int_equal(forged_watch.nr, 1);
	assert_int_equal(msg->cies.cie[0].code, NHRP_CODE_OK);
	assert_int_equal(msg->cies.cie[0].holding_time, 0);
	assert_int_equal(net_bindings(net.hub), 1);
	net_free(&net);
}

static void purges(void **state)
{
	struct nhrp_msg purge;
	struct sim_net net;

	(void)state;
	build(&net, 249, 3);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 1000, 50);
	assert_true(net_direct(net.spoke[0], LAN2));
	forged_request(&purge, NHRP_PURGE_REQUEST, HUB, "192.168.111.1",
		       "192.168.111.2");
	purge.cies.cie[0].proto = sim_addr("192.168.99.9");
	forged_watch_for(net.sim, HUB, NHRP_PURGE_REPLY);
	forged_send(net.spoke[0], HUB, &purge);
	sim_run(net.sim, 50);
	assert_int_equal(forged_watch.nr, 1);
	assert_int_equal(forged_watch.last.request_id, purge.request_id);
	assert_true(net_direct(net.spoke[0], LAN2));
	/* N: no answer. All inside the prefix goes. */
	purge.flags = NHRP_FLAG_PURGE_NO_REPLY;
	purge.cies.cie[0].proto = sim_addr("192.168.0.0");
	purge.cies.cie[0].prefix_len = 16;
	forged_send(net.spoke[0], HUB, &purge);
	sim_run(net.sim, 50);
	assert_int_equal(forged_watch.nr, 1);
	assert_null(sim_map_at(net.spoke[0], LAN2));
	net_free(&net);
}

/* Cisco takes back a registration only under the id that made it. */
static void purge_of_a_registration(void **state)
{
	struct sim_net net;
	u32 id;

	(void)state;
	build(&net, 251, 3);
	forged_watch_for(net.sim, HUB, NHRP_REGISTRATION_REQUEST);
	forged_watch.about = net.spoke[0]->cfg.locals[0].addr;
	sim_run(net.sim, 200000);
	assert_true(forged_watch.nr > 0);
	id = forged_watch.last.request_id;
	forged_watch_for(net.sim, HUB, NHRP_PURGE_REQUEST);
	nhrp_tunnel_leave(net.spoke[0]->tunnel, net.sim->now);
	sim_run(net.sim, 50);
	assert_int_equal(forged_watch.nr, 1);
	assert_int_equal(forged_watch.last.request_id, id);
	assert_addr(&forged_watch.last.cies.cie[0].proto, "192.168.111.2");
	net_free(&net);
}

static void answer_to_no_question(void **state)
{
	struct nhrp_msg msg;
	struct sim_net net;

	(void)state;
	build(&net, 250, 3);
	forged_request(&msg, NHRP_RESOLUTION_REPLY, SPOKE1, "192.168.111.2",
		       "192.168.40.9");
	msg.cies.cie[0].nbma = sim_addr(SPOKE2);
	msg.cies.cie[0].proto = sim_addr("192.168.111.3");
	forged_watch_for(net.sim, HUB, NHRP_ERROR_INDICATION);
	forged_send(net.spoke[0], HUB, &msg);
	sim_run(net.sim, 50);
	assert_int_equal(forged_watch.nr, 1);
	assert_int_equal(forged_watch.last.error_code, NHRP_ERR_INVALID_REPLY);
	assert_null(sim_map_at(net.spoke[0], LAN2));
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(retries_repeat_the_id),
		cmocka_unit_test(registration_requests),
		cmocka_unit_test(resolution_requests),
		cmocka_unit_test(answers),
		cmocka_unit_test(time_that_is_left),
		cmocka_unit_test(source_is_kept_if_stable),
		cmocka_unit_test(deregistration),
		cmocka_unit_test(purges),
		cmocka_unit_test(purge_of_a_registration),
		cmocka_unit_test(answer_to_no_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
