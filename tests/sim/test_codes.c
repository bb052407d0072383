// SPDX-License-Identifier: GPL-2.0
/* What codes in answers and Error Indications say, and what they make us do. */
#include "forged.h"
#include "test.h"

#define ARRAY_LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define HUB		"192.168.50.1"
#define SPOKE1		"192.168.50.2"

static void nhs_info(void *arg, const struct nhrp_nhs_info *info)
{
	*(struct nhrp_nhs_info *)arg = *info;
}

static struct nhrp_nhs_info nhs_of(const struct sim_node *n)
{
	struct nhrp_nhs_info info = { 0 };

	nhrp_tunnel_walk_nhs(n->tunnel, n->sim->now, nhs_info, &info);
	return info;
}

static void build(struct sim_net *net, u64 seed, unsigned int spokes,
		  unsigned int phase)
{
	net_build(net, seed, spokes, phase);
	net_start(net);
	sim_run(net->sim, 1000);
}

/* Code 5: somebody's holding time may end soon. */
static void no_room(void **state)
{
	struct sim_net net;
	u64 naks;

	(void)state;
	net_build(&net, 201, 2, 3);
	net.hub->cfg.max_bindings = 1;
	sim_agent_start(net.hub);
	sim_agent_start(net.spoke[0]);
	sim_run(net.sim, 1000);
	sim_agent_start(net.spoke[1]);
	sim_run(net.sim, 1000);
	assert_int_equal(nhs_of(net.spoke[1]).state, NHRP_NHS_REFUSED);
	assert_int_equal(nhs_of(net.spoke[1]).nak_code, NHRP_CODE_NO_RESOURCES);
	naks = counter(net.hub, NHRP_C_NAK_SENT);
	sim_run(net.sim, 60000);
	naks = counter(net.hub, NHRP_C_NAK_SENT) - naks;
	assert_in_range(naks, 60 / 15, 60 / 5);
	nhrp_tunnel_leave(net.spoke[0]->tunnel, net.sim->now);
	sim_run(net.sim, 16000);
	assert_true(net_registered(net.spoke[1]));
	net_free(&net);
}

static void password(struct nhrp_tunnel_config *cfg, const char *text)
{
	cfg->auth = NHRP_AUTH_CISCO;
	snprintf(cfg->password, sizeof(cfg->password), "%s", text);
}

/* Error 11: a person has to do something. */
static void authentication_failed(void **state)
{
	struct sim_node *spoke;
	struct sim_net net;

	(void)state;
	net_build(&net, 202, 1, 3);
	spoke = net.spoke[0];
	password(&net.hub->cfg, "NHRPAUTH");
	password(&spoke->cfg, "wrong");
	net_start(&net);
	forged_watch_for(net.sim, HUB, NHRP_REGISTRATION_REQUEST);
	sim_run(net.sim, 1000);
	assert_int_equal(forged_watch.nr, 1);
	assert_int_equal(nhs_of(spoke).state, NHRP_NHS_REFUSED);
	assert_true(nhs_of(spoke).auth_failed);
	sim_run(net.sim, 590000);
	assert_in_range(forged_watch.nr, 1 + 590 / 120, 1 + 590 / 60);
	assert_int_equal(nhs_of(spoke).state, NHRP_NHS_REFUSED);
	assert_int_equal(spoke->events[NHRP_EVENT_NHS_REFUSED], 1);
	sim_run(net.sim, 140000);
	assert_int_equal(spoke->events[NHRP_EVENT_NHS_REFUSED], 2);
	password(&spoke->cfg, "NHRPAUTH");
	assert_int_equal(nhrp_tunnel_reconfigure(spoke->tunnel, &spoke->cfg,
						 net.sim->now), 0);
	sim_run(net.sim, 1000);
	assert_true(net_registered(spoke));
	assert_false(nhs_of(spoke).auth_failed);
	net_free(&net);
}

static struct sim_node *victim;

static void forge_auth_failure(struct sim *sim)
{
	(void)sim;
	forged_error(victim, HUB, NHRP_ERR_AUTH);
}

/* Anybody who sees the request can say so. */
static void authentication_did_not_fail(void **state)
{
	struct sim_net net;

	(void)state;
	net_build(&net, 203, 1, 3);
	victim = net.spoke[0];
	net_start(&net);
	forged_watch_for(net.sim, HUB, NHRP_REGISTRATION_REQUEST);
	forged_watch.each = forge_auth_failure;
	sim_run(net.sim, 1000);
	assert_int_equal(victim->events[NHRP_EVENT_NHS_REFUSED], 1);
	assert_true(net_registered(victim));
	/* It is not lost by a refresh, either. */
	sim_run(net.sim, 700000);
	assert_true(forged_watch.nr > 2);
	assert_int_equal(victim->events[NHRP_EVENT_NHS_DOWN], 0);
	assert_true(net_registered(victim));
	net_free(&net);
}

/* Where all else is signed it does not even make us ask less. */
static void unsigned_authentication_failure(void **state)
{
	struct sim_net net;

	(void)state;
	net_build(&net, 204, 1, 3);
	victim = net.spoke[0];
	victim->cfg.auth = NHRP_AUTH_HMAC;
	victim->cfg.key_id = 300;
	victim->cfg.nr_keys = 1;
	victim->cfg.keys[0] = (struct nhrp_key){
		.id = 300, .secret = { .len = NHRP_SECRET_MIN },
	};
	sim_agent_start(victim);
	forged_watch_for(net.sim, HUB, NHRP_REGISTRATION_REQUEST);
	forged_watch.lose = true;
	forged_watch.each = forge_auth_failure;
	sim_run(net.sim, 60000);
	assert_true(forged_watch.nr >= 6);
	assert_int_equal(nhs_of(victim).state, NHRP_NHS_UNREACHABLE);
	assert_true(nhs_of(victim).auth_failed);
	net_free(&net);
}

/* The hub has got another protocol address: it says that the old one is not there. */
static void learned_address_is_gone(void **state)
{
	struct sim_net net;
	unsigned int i;

	(void)state;
	net_build(&net, 205, 1, 3);
	net.spoke[0]->cfg.hubs[0].has_proto = false;
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_true(net_direct(net.spoke[0], "192.168.111.1"));
	sim_node_power(net.hub, false);
	net.hub->cfg.locals[0] = sim_prefix("192.168.111.251/24");
	sim_node_power(net.hub, true);
	sim_agent_start(net.hub);
	for (i = 0; i < 30000 && !counter(net.hub, NHRP_C_TX_ERROR); i++)
		sim_run(net.sim, 10);
	assert_int_equal(counter(net.hub, NHRP_C_TX_ERROR), 1);
	/* Sooner than a request is repeated. */
	sim_run(net.sim, 500);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_true(net_direct(net.spoke[0], "192.168.111.251"));
	net_free(&net);
}

static void forge_hop_count(struct sim *sim)
{
	(void)sim;
	if (forged_watch.nr == 1)
		forged_error(victim, HUB, NHRP_ERR_HOP_COUNT);
}

/* Another hub would pass it on, if the hop count let it: error 15. */
static void learned_address_is_elsewhere(void **state)
{
	struct sim_net net;

	(void)state;
	net_build(&net, 206, 1, 3);
	victim = net.spoke[0];
	victim->cfg.hubs[0].has_proto = false;
	net_start(&net);
	sim_run(net.sim, 1000);
	forged_watch_for(net.sim, HUB, NHRP_REGISTRATION_REQUEST);
	forged_watch.lose = true;
	forged_watch.each = forge_hop_count;
	while (forged_watch.nr < 1)
		sim_run(net.sim, 10);
	assert_true(nhrp_addr_eq(&forged_watch.last.dst_proto,
				 &net.hub->cfg.locals[0].addr));
	sim_run(net.sim, 500);
	assert_int_equal(forged_watch.nr, 2);
	assert_true(nhrp_addr_eq(&forged_watch.last.dst_proto,
				 &victim->cfg.locals[0].addr));
	net_free(&net);
}

static void registration_for_another_hub(void **state)
{
	struct nhrp_msg msg;
	struct sim_net net;

	(void)state;
	build(&net, 207, 1, 3);
	forged_request(&msg, NHRP_REGISTRATION_REQUEST, "192.168.50.9",
		       "192.168.111.9", "192.168.111.8");
	forged_watch_for(net.sim, "192.168.50.9", NHRP_ERROR_INDICATION);
	forged_send(net.hub, "192.168.50.9", &msg);
	sim_run(net.sim, 50);
	assert_int_equal(forged_watch.nr, 1);
	assert_int_equal(forged_watch.last.error_code, NHRP_ERR_UNREACHABLE);
	assert_int_equal(net_bindings(net.hub), 1);
	net_free(&net);
}

/* Spoke 1 asks the hub for @dst and for nothing that is not unique. */
static const struct nhrp_msg *unique_answer(struct sim_net *net, const char *dst)
{
	struct nhrp_msg msg;

	forged_request(&msg, NHRP_RESOLUTION_REQUEST, SPOKE1, "192.168.111.2",
		       dst);
	msg.flags = NHRP_FLAG_RES_UNIQUE;
	forged_watch_for(net->sim, SPOKE1, NHRP_RESOLUTION_REPLY);
	forged_send(net->hub, SPOKE1, &msg);
	sim_run(net->sim, 50);
	assert_int_equal(forged_watch.nr, 1);
	assert_int_equal(forged_watch.last.cies.n, 1);
	return &forged_watch.last;
}

static void assert_unique(const struct nhrp_msg *reply)
{
	assert_int_equal(reply->cies.cie[0].code, NHRP_CODE_OK);
	assert_int_equal(reply->cies.cie[0].prefix_len, NHRP_PREFIX_HOST);
	assert_true(reply->flags & NHRP_FLAG_RES_UNIQUE);
}

static void assert_not_unique(const struct nhrp_msg *reply)
{
	assert_int_equal(reply->cies.cie[0].code, NHRP_CODE_NOT_UNIQUE);
	assert_int_equal(reply->cies.cie[0].holding_time, 0);
}

static void only_unique_is_wanted(void **state)
{
	struct sim_net net;

	(void)state;
	net_build(&net, 208, 3, 2);
	net.spoke[1]->cfg.register_unique = true;
	net.spoke[2]->cfg.register_unique = false;
	net_start(&net);
	sim_run(net.sim, 1000);
	assert_unique(unique_answer(&net, "192.168.111.3"));
	assert_not_unique(unique_answer(&net, "192.168.111.4"));
	/* Its own address is its own, what is behind it may be behind others. */
	assert_unique(unique_answer(&net, "192.168.111.1"));
	net_free(&net);
	build(&net, 209, 1, 3);
	assert_not_unique(unique_answer(&net, "192.168.10.9"));
	net_free(&net);
}

static void next_hop(struct nhrp_msg *msg, unsigned int host, u8 code,
		     u8 preference)
{
	struct nhrp_cie *cie = nhrp_cie_list_add(&msg->cies);
	char text[NHRP_ADDR_STRLEN];

	cie->code = code;
	cie->preference = preference;
	cie->prefix_len = 24;
	cie->holding_time = code ? 0 : 600;
	snprintf(text, sizeof(text), "192.168.50.%u", host);
	cie->nbma = sim_addr(text);
	snprintf(text, sizeof(text), "192.168.111.%u", host);
	cie->proto = sim_addr(text);
}

static void answer_several(struct sim *sim)
{
	struct nhrp_msg msg = forged_watch.last;

	(void)sim;
	msg.type = NHRP_RESOLUTION_REPLY;
	msg.cies.n = 0;
	next_hop(&msg, 3, NHRP_CODE_OK, 10);
	next_hop(&msg, 4, NHRP_CODE_OK, 200);
	next_hop(&msg, 5, NHRP_CODE_OK, 200);
	next_hop(&msg, 6, NHRP_CODE_NO_RESOURCES, 255);
	forged_send(victim, HUB, &msg);
}

/* Of several answers the one of highest preference, of equal ones the first. */
static void best_of_several(void **state)
{
	struct nhrp_addr best = sim_addr("192.168.50.4");
	struct sim_map *m;
	struct sim_net net;

	(void)state;
	build(&net, 210, 4, 3);
	victim = net.spoke[0];
	forged_watch_for(net.sim, HUB, NHRP_RESOLUTION_REQUEST);
	forged_watch.lose = true;
	forged_watch.each = answer_several;
	net_ping_for(&net, victim, net.spoke[1], 500, 50);
	assert_true(forged_watch.nr > 0);
	m = sim_map_at(victim, LAN2);
	assert_non_null(m);
	assert_true(nhrp_addr_eq(&m->map.peer.nbma, &best));
	net_free(&net);
}

static u8 no_code;
static enum nhrp_error no_error;

static void answer_no(struct sim *sim)
{
	struct nhrp_msg msg = forged_watch.last;

	(void)sim;
	if (no_error) {
		forged_error(victim, HUB, no_error);
		return;
	}
	msg.type = NHRP_RESOLUTION_REPLY;
	msg.cies.n = 0;
	next_hop(&msg, 3, no_code, 0);
	forged_send(victim, HUB, &msg);
}

/* How many questions does it take until the answer is taken for no? */
static unsigned int questions(u8 code, enum nhrp_error error)
{
	unsigned int nr;
	struct sim_net net;

	no_code = code;
	no_error = error;
	build(&net, 211, 2, 3);
	victim = net.spoke[0];
	forged_watch_for(net.sim, HUB, NHRP_RESOLUTION_REQUEST);
	forged_watch.about = victim->cfg.locals[0].addr;
	forged_watch.lose = true;
	forged_watch.each = answer_no;
	net_ping_for(&net, victim, net.spoke[1], 25000, 100);
	assert_int_equal(victim->events[NHRP_EVENT_RESOLVE_FAILED], 1);
	assert_null(sim_map_at(victim, LAN2));
	nr = forged_watch.nr;
	net_free(&net);
	return nr;
}

/* A no is remembered; what says nothing about the way is not taken for one. */
static void ends_of_questions(void **state)
{
	static const u8 codes[] = {
		NHRP_CODE_ADMIN_PROHIBITED, NHRP_CODE_NO_RESOURCES,
		NHRP_CODE_NO_BINDING, NHRP_CODE_NOT_UNIQUE,
		NHRP_CODE_UNIQUE_EXISTS, 11,
	};
	static const struct {
		enum nhrp_error error;
		unsigned int questions;
	} errors[] = {
		{ NHRP_ERR_UNKNOWN_EXT, 4 }, { NHRP_ERR_LOOP, 1 },
		{ NHRP_ERR_UNREACHABLE, 1 }, { NHRP_ERR_PROTOCOL, 4 },
		{ NHRP_ERR_SDU_SIZE, 4 }, { NHRP_ERR_INVALID_EXT, 4 },
		{ NHRP_ERR_INVALID_REPLY, 4 }, { NHRP_ERR_AUTH, 4 },
		{ NHRP_ERR_HOP_COUNT, 1 }, { NHRP_ERR_VPN_MISMATCH, 4 },
		{ NHRP_ERR_VPN_UNSUPPORTED, 4 },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(codes); i++)
		assert_int_equal(questions(codes[i], NHRP_ERR_NONE), 1);
	for (i = 0; i < ARRAY_LEN(errors); i++)
		assert_int_equal(questions(NHRP_CODE_OK, errors[i].error),
				 errors[i].questions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_room),
		cmocka_unit_test(authentication_failed),
		cmocka_unit_test(authentication_did_not_fail),
		cmocka_unit_test(unsigned_authentication_failure),
		cmocka_unit_test(learned_address_is_gone),
		cmocka_unit_test(learned_address_is_elsewhere),
		cmocka_unit_test(registration_for_another_hub),
		cmocka_unit_test(only_unique_is_wanted),
		cmocka_unit_test(best_of_several),
		cmocka_unit_test(ends_of_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
