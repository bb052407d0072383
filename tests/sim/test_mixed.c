// SPDX-License-Identifier: GPL-2.0
/*
 * A spoke of two hubs that authenticate differently, and in a tunnel that does not:
 *
 *	HUB_A - HMAC - spoke - password - HUB_B
 *
 * What comes from where one of them is counts only as that one has to prove it.
 */
#include <errno.h>
#include <string.h>

#include "forged.h"
#include "nhrp/packet-ext.h"
#include "signed.h"
#include "test.h"

#define HUB_A		"192.168.50.1"
#define HUB_B		"192.168.50.11"
#define PROTO_A		"192.168.111.1"
#define PROTO_B		"192.168.111.11"
#define SPOKE		"192.168.50.2"
#define PROTO_SPOKE	"192.168.111.2"
#define PASSWORD	"NHRPAUTH"
#define SECRET		"correct horse battery staple"

struct mixed {
	struct sim_net net;
	struct sim_node *a, *b, *s;
};

static void own_auth(struct nhrp_hub *hub, enum nhrp_auth_mode mode, const char *password)
{
	hub->auth.own = true;
	hub->auth.mode = mode;
	memset(hub->auth.password, 0, sizeof(hub->auth.password));
	memcpy(hub->auth.password, password, strlen(password));
	hub->key_ids[0] = mode == NHRP_AUTH_HMAC ? KEY_ID : 0;
}

static void build(struct mixed *m, u64 seed, unsigned int spokes)
{
	unsigned int i;

	net_build(&m->net, seed, spokes, 3);
	m->a = m->net.hub;
	m->b = net_add_hub(&m->net, "other", 11);
	m->s = m->net.spoke[0];
	use_hmac(&m->a->cfg, SECRET);
	m->b->cfg.auth = NHRP_AUTH_CISCO;
	memcpy(m->b->cfg.password, PASSWORD, sizeof(PASSWORD));
	for (i = 0; i < spokes; i++) {
		struct nhrp_tunnel_config *cfg = &m->net.spoke[i]->cfg;

		net_name_hub(m->net.spoke[i], m->b, 1);
		own_auth(&cfg->hubs[0], NHRP_AUTH_HMAC, "");
		own_auth(&cfg->hubs[1], NHRP_AUTH_CISCO, PASSWORD);
		add_key(cfg, KEY_ID, SECRET);
	}
}

static void start(struct mixed *m)
{
	net_start(&m->net);
	sim_agent_start(m->b);
	sim_run(m->net.sim, 2000);
}

struct look {
	struct nhrp_addr nbma;
	struct nhrp_nhs_info found;
};

static void look_at(void *arg, const struct nhrp_nhs_info *info)
{
	struct look *look = arg;

	if (nhrp_addr_eq(&info->peer.nbma, &look->nbma))
		look->found = *info;
}

static struct nhrp_nhs_info info_of(struct sim_node *n, const char *hub)
{
	struct look look = { .nbma = sim_addr(hub) };

	nhrp_tunnel_walk_nhs(n->tunnel, n->sim->now, look_at, &look);
	return look.found;
}

static bool registered(struct sim_node *n, const char *hub)
{
	return info_of(n, hub).state == NHRP_NHS_REGISTERED;
}

static enum nhrp_auth_mode mode_of(const struct record *r)
{
	struct nhrp_addr hop, receiver;
	struct nhrp_auth auth;
	struct nhrp_msg msg;
	u16 id;

	assert_int_equal(nhrp_decode(r->data, r->len, &msg, NULL), 0);
	if (!nhrp_msg_get_auth_hmac(&msg, &id, &hop, &receiver))
		return id == KEY_ID ? NHRP_AUTH_HMAC : NHRP_AUTH_NONE;
	return !nhrp_msg_get_auth(&msg, &auth) && nhrp_auth_cisco_ok(&auth, PASSWORD) ?
	       NHRP_AUTH_CISCO : NHRP_AUTH_NONE;
}

static unsigned int count_with(const char *hub, enum nhrp_auth_mode mode)
{
	const struct nhrp_addr nbma = sim_addr(hub);
	unsigned int i, n = 0;

	for (i = 0; i < nr_records; i++) {
		if (!nhrp_addr_eq(&records[i].from, &nbma) &&
		    !nhrp_addr_eq(&records[i].to, &nbma))
			continue;
		assert_int_equal(mode_of(&records[i]), mode);
		n++;
	}
	return n;
}

/* Registrations, indications, questions, answers, probes of hubs, purges. */
static void each_its_own(void **state)
{
	struct mixed m;

	(void)state;
	build(&m, 701, 2);
	nr_records = 0;
	m.net.sim->drop = record_frame;
	start(&m);
	assert_true(registered(m.s, HUB_A));
	assert_true(registered(m.s, HUB_B));
	assert_int_equal(net_bindings(m.a), 2);
	assert_int_equal(net_bindings(m.b), 2);
	net_ping_for(&m.net, m.s, m.net.spoke[1], 2000, 50);
	assert_true(net_direct(m.s, LAN2));
	assert_true(net_direct(m.net.spoke[1], LAN1));
	sim_run(m.net.sim, 60000);
	nhrp_tunnel_leave(m.s->tunnel, m.net.sim->now);
	sim_run(m.net.sim, 2000);
	assert_int_equal(net_bindings(m.a), 1);
	assert_int_equal(net_bindings(m.b), 1);
	assert_true(nr_records < RECORDS_MAX);
	assert_non_null(find_record(NHRP_PURGE_REQUEST, SPOKE));
	assert_true(count_with(HUB_A, NHRP_AUTH_HMAC) > 10);
	assert_true(count_with(HUB_B, NHRP_AUTH_CISCO) > 10);
	assert_int_equal(sum_of(&m.net, NHRP_C_DROP_AUTH), 0);
	assert_int_equal(sum_of(&m.net, NHRP_C_DROP_REPLAY), 0);
	assert_int_equal(sum_of(&m.net, NHRP_C_DROP_WEAKER), 0);
	net_free(&m.net);
}

/* What hub A would answer to the last request of the spoke's that was watched for. */
static void good_answer(struct nhrp_msg *msg, const char *nbma)
{
	struct nhrp_cie *cie = &msg->cies.cie[0];

	*msg = forged_watch.last;
	msg->type++;
	nhrp_msg_del_ext(msg, NHRP_EXT_AUTH);
	cie->code = NHRP_CODE_OK;
	cie->holding_time = 600;
	cie->nbma = sim_addr(nbma);
}

/* With the password of hub B, or without any. */
static void forge(struct mixed *m, const char *from, const struct nhrp_msg *msg, bool password)
{
	struct nhrp_msg copy = *msg;

	if (password)
		assert_int_equal(nhrp_msg_add_auth_cisco(&copy, PASSWORD), 0);
	forged_send(m->s, from, &copy);
	sim_run(m->net.sim, 100);
}

/* From the address of hub A, but by a way that is not that hub's. */
static void forge_by_udp(struct mixed *m, const char *from, const struct nhrp_msg *msg)
{
	struct nhrp_frame frame = {
		.from = { .nbma = sim_addr(from), .encap = NHRP_ENCAP_UDP, .port = 4754 },
	};
	u8 pkt[NHRP_PKT_MAX];
	int len = nhrp_encode(msg, pkt, sizeof(pkt));

	assert_true(len > 0);
	frame.data = pkt;
	frame.len = len;
	nhrp_tunnel_frame(m->s->tunnel, &frame, m->net.sim->now);
	sim_run(m->net.sim, 100);
}

/* Hub A does not run. Somebody answers who has the password of hub B. */
static void nobody_registers_us_for_less(void **state)
{
	struct nhrp_msg answer;
	struct mixed m;

	(void)state;
	build(&m, 702, 1);
	forged_watch_for(m.net.sim, HUB_A, NHRP_REGISTRATION_REQUEST);
	sim_agent_start(m.b);
	sim_agent_start(m.s);
	sim_run(m.net.sim, 2000);
	assert_true(forged_watch.nr > 0);
	good_answer(&answer, HUB_A);
	forge(&m, HUB_A, &answer, true);
	forge(&m, HUB_A, &answer, false);
	assert_int_equal(counter(m.s, NHRP_C_DROP_AUTH), 2);
	/* Good for where it comes from, and no answer of hub A's. */
	forge(&m, HUB_B, &answer, true);
	forge(&m, STRANGER, &answer, false);
	forge_by_udp(&m, HUB_A, &answer);
	assert_int_equal(counter(m.s, NHRP_C_DROP_AUTH), 2);
	assert_int_equal(counter(m.s, NHRP_C_DROP_NOT_HUB), 3);
	assert_false(registered(m.s, HUB_A));
	assert_true(registered(m.s, HUB_B));
	/* And A itself, when it comes. */
	m.net.sim->drop = NULL;
	sim_agent_start(m.a);
	sim_run(m.net.sim, 70000);
	assert_true(registered(m.s, HUB_A));
	net_free(&m.net);
}

/* Nor does hub A's key help at hub B, or anything but the password. */
static void no_other_proof(void **state)
{
	struct nhrp_msg answer;
	struct mixed m;

	(void)state;
	build(&m, 703, 1);
	use_hmac(&m.b->cfg, SECRET);
	start(&m);
	assert_true(registered(m.s, HUB_A));
	assert_false(registered(m.s, HUB_B));
	assert_int_equal(net_bindings(m.b), 0);
	assert_true(counter(m.b, NHRP_C_DROP_AUTH) > 0);
	forged_watch_for(m.net.sim, HUB_B, NHRP_REGISTRATION_REQUEST);
	sim_run(m.net.sim, 125000);
	assert_true(forged_watch.nr > 0);
	good_answer(&answer, HUB_B);
	forge(&m, HUB_B, &answer, false);
	assert_false(registered(m.s, HUB_B));
	assert_true(counter(m.s, NHRP_C_DROP_AUTH) > 0);
	net_free(&m.net);
}

/* A direct path that hub A's network made is not taken back by who only has a password. */
static void nobody_speaks_as_a_for_less(void **state)
{
	struct nhrp_msg msg;
	struct mixed m;

	(void)state;
	build(&m, 704, 2);
	start(&m);
	net_ping_for(&m.net, m.s, m.net.spoke[1], 2000, 50);
	assert_true(net_direct(m.s, LAN2));
	forged_bare(&msg, NHRP_PURGE_REQUEST, HUB_A, PROTO_A, PROTO_SPOKE);
	msg.cies.cie[0].prefix_len = 24;
	msg.cies.cie[0].proto = sim_addr("192.168.40.0");
	forge(&m, HUB_A, &msg, true);
	assert_int_equal(counter(m.s, NHRP_C_DROP_AUTH), 1);
	forge(&m, HUB_B, &msg, true);
	assert_int_equal(counter(m.s, NHRP_C_DROP_WEAKER), 1);
	forge(&m, STRANGER, &msg, false);
	assert_int_equal(counter(m.s, NHRP_C_DROP_WEAKER), 2);
	assert_true(net_direct(m.s, LAN2));
	/* As itself hub B is believed as hubs are. */
	msg.src_proto = sim_addr(PROTO_B);
	forge(&m, HUB_B, &msg, true);
	assert_false(net_direct(m.s, LAN2));
	net_free(&m.net);
}

/* What hub A is asked is not answered, and not ended, from where less is to be proved. */
static void answers_are_as_good_as_asked(void **state)
{
	const struct nhrp_addr target = sim_addr("192.168.40.9");
	struct nhrp_msg answer;
	struct mixed m;

	(void)state;
	build(&m, 705, 2);
	start(&m);
	forged_watch_for(m.net.sim, HUB_A, NHRP_RESOLUTION_REQUEST);
	forged_watch.lose = true;
	nhrp_tunnel_miss(m.s->tunnel, &target, m.net.sim->now);
	sim_run(m.net.sim, 100);
	assert_int_equal(forged_watch.nr, 1);
	good_answer(&answer, "192.168.50.3");
	answer.cies.cie[0].proto = sim_addr("192.168.111.3");
	forge(&m, HUB_A, &answer, true);
	assert_int_equal(counter(m.s, NHRP_C_DROP_AUTH), 1);
	forge(&m, HUB_B, &answer, true);
	forge(&m, "192.168.50.3", &answer, false);
	assert_int_equal(counter(m.s, NHRP_C_DROP_CLAIM_MISMATCH), 2);
	forged_error(m.s, HUB_B, NHRP_ERR_UNREACHABLE);
	forged_error(m.s, HUB_A, NHRP_ERR_UNREACHABLE);
	sim_run(m.net.sim, 100);
	assert_int_equal(m.s->events[NHRP_EVENT_RESOLVE_FAILED], 0);
	assert_null(sim_map_at(m.s, "192.168.40.9/32"));
	m.net.sim->drop = NULL;
	sim_run(m.net.sim, 5000);
	assert_true(net_direct(m.s, LAN2));
	net_free(&m.net);
}

/* Hub B is asked first, as the route goes by it, and then hub A: its question goes on. */
static void errors_end_no_better_question(void **state)
{
	const struct nhrp_addr target = sim_addr("192.168.40.9");
	struct mixed m;

	(void)state;
	build(&m, 710, 2);
	start(&m);
	sim_route_del(m.s, "192.168.0.0/16");
	sim_route_add(m.s, "192.168.0.0/16", PROTO_B, true);
	sim_node_power(m.b, false);
	forged_watch_for(m.net.sim, HUB_A, NHRP_RESOLUTION_REQUEST);
	forged_watch.lose = true;
	nhrp_tunnel_miss(m.s->tunnel, &target, m.net.sim->now);
	sim_run(m.net.sim, 1500);
	assert_int_equal(forged_watch.nr, 1);
	forged_error(m.s, HUB_B, NHRP_ERR_UNREACHABLE);
	sim_run(m.net.sim, 100);
	assert_int_equal(m.s->events[NHRP_EVENT_RESOLVE_FAILED], 0);
	net_free(&m.net);
}

/* An address that hub A is known by is not learned from a hub that proves less. */
static void address_of_another_hub(void **state)
{
	const struct nhrp_addr other = sim_addr(PROTO_A);
	struct nhrp_nhs_info info;
	struct nhrp_msg answer;
	struct mixed m;

	(void)state;
	build(&m, 711, 1);
	m.s->cfg.hubs[1].has_proto = false;
	forged_watch_for(m.net.sim, HUB_B, NHRP_REGISTRATION_REQUEST);
	net_start(&m.net);
	sim_run(m.net.sim, 2000);
	assert_true(registered(m.s, HUB_A));
	good_answer(&answer, HUB_B);
	answer.dst_proto = other;
	forge(&m, HUB_B, &answer, true);
	info = info_of(m.s, HUB_B);
	assert_int_equal(info.state, NHRP_NHS_REGISTERED);
	assert_false(info.has_proto);
	net_free(&m.net);
}

/* One that leaves is answered by the hub, not by who has its address and proves nothing. */
static void purges_are_answered_by_the_hub(void **state)
{
	struct nhrp_msg answer;
	struct mixed m;

	(void)state;
	build(&m, 712, 1);
	start(&m);
	forged_watch_for(m.net.sim, HUB_A, NHRP_PURGE_REQUEST);
	forged_watch.lose = true;
	nhrp_tunnel_leave(m.s->tunnel, m.net.sim->now);
	sim_run(m.net.sim, 100);
	assert_int_equal(forged_watch.nr, 1);
	good_answer(&answer, HUB_A);
	forge(&m, HUB_A, &answer, true);
	forge_by_udp(&m, HUB_A, &answer);
	assert_int_equal(counter(m.s, NHRP_C_DROP_AUTH), 1);
	sim_run(m.net.sim, 500);
	assert_true(forged_watch.nr > 1);
	assert_int_equal(counter(m.s, NHRP_C_PURGE_UNANSWERED), 0);
	sim_run(m.net.sim, 2000);
	assert_int_equal(counter(m.s, NHRP_C_PURGE_UNANSWERED), 1);
	net_free(&m.net);
}

/* Each life is newer than the one before for who is signed for, whatever the tunnel has. */
static void lives_grow(void **state)
{
	struct mixed m;
	unsigned int i;

	(void)state;
	build(&m, 713, 1);
	start(&m);
	for (i = 0; i < 8; i++) {
		sim_agent_kill(m.s);
		sim_run(m.net.sim, 1000);
		sim_agent_start(m.s);
		sim_run(m.net.sim, 5000);
		assert_true(registered(m.s, HUB_A));
	}
	assert_int_equal(counter(m.a, NHRP_C_DROP_REPLAY), 0);
	net_free(&m.net);
}

/* Our own hub signs for its spokes: what it got with a password does not become signed. */
static void not_signed_on_the_way(void **state)
{
	struct nhrp_msg msg;
	struct sim_net net;
	struct sim_node *top;

	(void)state;
	signed_build(&net, 706, 1);
	top = net_add_hub(&net, "top", 11);
	top->cfg.auth = NHRP_AUTH_CISCO;
	memcpy(top->cfg.password, PASSWORD, sizeof(PASSWORD));
	net_name_hub(net.hub, top, 0);
	own_auth(&net.hub->cfg.hubs[0], NHRP_AUTH_CISCO, PASSWORD);
	net_start(&net);
	sim_agent_start(top);
	sim_run(net.sim, 2000);
	assert_true(registered(net.hub, HUB_B));
	assert_true(net_registered(net.spoke[0]));
	forged_request(&msg, NHRP_RESOLUTION_REQUEST, HUB_B, PROTO_B, "192.168.30.7");
	assert_int_equal(nhrp_msg_add_auth_cisco(&msg, PASSWORD), 0);
	forged_send(net.hub, HUB_B, &msg);
	sim_run(net.sim, 1000);
	assert_int_equal(counter(net.hub, NHRP_C_DROP_WEAKER), 1);
	assert_int_equal(counter(net.hub, NHRP_C_FORWARDED), 0);
	assert_int_equal(counter(net.spoke[0], NHRP_C_RX_RESOLUTION_REQUEST), 0);
	net_free(&net);
}

/* What is exchanged with the other hub goes on as if nothing were. */
static void reload_is_for_one_hub(void **state)
{
	struct mixed m;

	(void)state;
	build(&m, 707, 1);
	start(&m);
	nr_records = 0;
	m.net.sim->drop = record_frame;
	/* A password that hub B does not have: known at once, and hub A is not asked. */
	own_auth(&m.s->cfg.hubs[1], NHRP_AUTH_CISCO, "wrong");
	reconfigure(m.s);
	sim_run(m.net.sim, 5000);
	assert_true(info_of(m.s, HUB_B).auth_failed);
	assert_true(registered(m.s, HUB_A));
	assert_int_equal(count_with(HUB_A, NHRP_AUTH_HMAC), 0);
	/* Both go over to HMACs. */
	own_auth(&m.s->cfg.hubs[1], NHRP_AUTH_HMAC, "");
	use_hmac(&m.b->cfg, SECRET);
	reconfigure(m.b);
	reconfigure(m.s);
	nr_records = 0;
	sim_run(m.net.sim, 5000);
	assert_int_equal(count_with(HUB_A, NHRP_AUTH_HMAC), 0);
	assert_true(count_with(HUB_B, NHRP_AUTH_HMAC) > 0);
	assert_true(registered(m.s, HUB_B));
	assert_false(info_of(m.s, HUB_B).auth_failed);
	/* And to what the tunnel has. */
	m.s->cfg.hubs[1].auth.own = false;
	m.s->cfg.hubs[1].key_ids[0] = 0;
	m.b->cfg.auth = NHRP_AUTH_NONE;
	reconfigure(m.b);
	reconfigure(m.s);
	nr_records = 0;
	sim_run(m.net.sim, 5000);
	assert_int_equal(count_with(HUB_A, NHRP_AUTH_HMAC), 0);
	assert_true(count_with(HUB_B, NHRP_AUTH_NONE) > 0);
	assert_true(registered(m.s, HUB_B));
	assert_true(registered(m.s, HUB_A));
	net_free(&m.net);
}

/* A hub that goes is told as it wants it, and not again with less. */
static void hub_goes(void **state)
{
	unsigned int i, n = 0;
	struct mixed m;

	(void)state;
	build(&m, 708, 1);
	start(&m);
	sim_node_power(m.b, false);
	nr_records = 0;
	m.net.sim->drop = record_frame;
	m.s->cfg.nr_hubs = 1;
	reconfigure(m.s);
	sim_run(m.net.sim, 5000);
	assert_int_equal(count_with(HUB_B, NHRP_AUTH_CISCO), 1);
	for (i = 0; i < nr_records; i++)
		n += mode_of(&records[i]) == NHRP_AUTH_NONE;
	assert_int_equal(n, 0);
	assert_true(registered(m.s, HUB_A));
	net_free(&m.net);
}

static void assert_refused(struct mixed *m, const char *wanted)
{
	const char *why = NULL;

	assert_int_equal(nhrp_tunnel_config_check(&m->s->cfg, &why), -EINVAL);
	assert_string_equal(why, wanted);
}

static void what_cannot_be(void **state)
{
	struct nhrp_hub *hubs;
	struct mixed m;

	(void)state;
	build(&m, 709, 1);
	hubs = m.s->cfg.hubs;
	assert_int_equal(nhrp_tunnel_config_check(&m.s->cfg, NULL), 0);
	hubs[0].key_ids[0] = 0;
	assert_refused(&m, "a hub has no key to sign with");
	hubs[0].key_ids[0] = KEY_ID + 1;
	assert_refused(&m, "the key of a hub is not there");
	hubs[0].key_ids[0] = KEY_ID;
	m.s->cfg.extensions = false;
	assert_refused(&m, "HMACs need our vendor extension");
	m.s->cfg.extensions = true;
	own_auth(&hubs[1], NHRP_AUTH_CISCO, "");
	assert_refused(&m, "password is not 1 to 8 octets long");
	own_auth(&hubs[1], NHRP_AUTH_CISCO, PASSWORD);
	memset(hubs[1].auth.password, 'x', sizeof(hubs[1].auth.password));
	assert_refused(&m, "password is not 1 to 8 octets long");
	own_auth(&hubs[1], (enum nhrp_auth_mode)3, "");
	assert_refused(&m, "authentication is neither none, cisco nor hmac");
	own_auth(&hubs[1], NHRP_AUTH_CISCO, PASSWORD);
	hubs[1].peer = hubs[0].peer;
	hubs[1].peer.mark = 1;
	assert_refused(&m, "two hubs at one address authenticate differently");
	hubs[1].peer.encap = NHRP_ENCAP_UDP;
	hubs[1].peer.port = 4754;
	assert_int_equal(nhrp_tunnel_config_check(&m.s->cfg, NULL), 0);
	net_free(&m.net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_its_own),
		cmocka_unit_test(nobody_registers_us_for_less),
		cmocka_unit_test(no_other_proof),
		cmocka_unit_test(nobody_speaks_as_a_for_less),
		cmocka_unit_test(answers_are_as_good_as_asked),
		cmocka_unit_test(errors_end_no_better_question),
		cmocka_unit_test(address_of_another_hub),
		cmocka_unit_test(purges_are_answered_by_the_hub),
		cmocka_unit_test(lives_grow),
		cmocka_unit_test(not_signed_on_the_way),
		cmocka_unit_test(reload_is_for_one_hub),
		cmocka_unit_test(hub_goes),
		cmocka_unit_test(what_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
