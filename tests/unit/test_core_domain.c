// SPDX-License-Identifier: GPL-2.0
/* A hub with two tunnels in one domain: what is for a spoke of one may come by the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "idle_env.h"
#include "nhrp/binding.h"
#include "nhrp/internal.h"
#include "nhrp/packet.h"
#include "nhrp/purge.h"

#define NOW	1000000ull
#define HOUR	3600000ull
#define LAN2	"10.2.0.1"

/**
 * struct world - what the core meets
 * @core: the core
 * @t: its tunnels: 172.16.1.1 on 192.168.50.1 and 172.16.2.1 on 192.168.50.2
 * @spoke: .2 of each, registered there from .11 and .12
 * @by: tunnel that the last frame left by, NULL: none did
 * @to: its destination
 * @msg: what was in it
 */
static struct world {
	struct nhrp_core *core;
	struct nhrp_tunnel *t[2];
	struct nhrp_binding *spoke[2];
	struct nhrp_tunnel *by;
	struct nhrp_addr to;
	struct nhrp_msg msg;
} w;

static struct nhrp_addr address(const char *text)
{
	struct nhrp_addr addr;

	assert_int_equal(nhrp_addr_parse(&addr, text), 0);
	return addr;
}

static const char *const proto[] = { "172.16.1.2", "172.16.2.2" };
static const char *const nbma[] = { "192.168.50.11", "192.168.50.12" };

static void env_tx_frame(void *ctx, struct nhrp_tunnel *t, const struct nhrp_peer_key *to,
			 const void *frame, size_t len, u64 cookie)
{
	(void)ctx;
	(void)cookie;
	w.by = t;
	w.to = to->nbma;
	assert_int_equal(nhrp_decode(frame, len, &w.msg, NULL), 0);
}

static bool inside(const char *subnet, const struct nhrp_addr *addr)
{
	struct nhrp_prefix prefix;

	assert_int_equal(nhrp_prefix_parse(&prefix, subnet), 0);
	return nhrp_prefix_contains(&prefix, addr);
}

/* The subnet of the first one leads to it, all else to the second one or to its spoke. */
static int env_route_lookup(void *ctx, struct nhrp_tunnel *t, const struct nhrp_addr *dst,
			    struct nhrp_route *route)
{
	(void)ctx;
	(void)t;
	memset(route, 0, sizeof(*route));
	nhrp_prefix_host(&route->prefix, dst);
	route->via_tunnel = true;
	route->tunnel = w.t[!inside("172.16.1.0/24", dst)];
	if (inside("10.2.0.0/16", dst)) {
		route->has_gateway = true;
		route->gateway = address(proto[1]);
	}
	return 0;
}

/* Two tunnels of domain 7. */
static void configure(struct nhrp_tunnel_config cfg[2])
{
	static const char *const locals[] = { "172.16.1.1/24", "172.16.2.1/24" };
	static const char *const own[] = { "192.168.50.1", "192.168.50.2" };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		nhrp_tunnel_config_default(&cfg[i]);
		cfg[i].nhs = true;
		cfg[i].domain = 7;
		cfg[i].nr_locals = 1;
		assert_int_equal(nhrp_prefix_parse(&cfg[i].locals[0], locals[i]), 0);
		cfg[i].nbma[0] = address(own[i]);
	}
}

static struct nhrp_binding *registered(unsigned int i, const char *inside, const char *at)
{
	struct nhrp_peer_key key = { .nbma = address(at) };
	struct nhrp_addr addr = address(inside);
	struct nhrp_binding *b = nhrp_binding_new(w.t[i], &addr, &key, &key.nbma, NOW);

	assert_non_null(b);
	nhrp_binding_refresh(b, NOW + HOUR);
	return b;
}

static void world(const struct nhrp_tunnel_config cfg[2])
{
	struct nhrp_env env = idle_env;
	unsigned int i;

	memset(&w, 0, sizeof(w));
	env.tx_frame = env_tx_frame;
	env.route_lookup = env_route_lookup;
	w.core = nhrp_core_new(&env);
	for (i = 0; i < 2; i++) {
		w.t[i] = nhrp_tunnel_new(w.core, &cfg[i], NULL, NOW);
		assert_non_null(w.t[i]);
		nhrp_tunnel_start(w.t[i], NOW);
		w.spoke[i] = registered(i, proto[i], nbma[i]);
	}
}

static int setup(void **state)
{
	struct nhrp_tunnel_config cfg[2];

	(void)state;
	configure(cfg);
	world(cfg);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	nhrp_core_free(w.core);
	return 0;
}

/* Somebody says this to tunnel @i. */
static void says_from(const char *from, unsigned int i, const struct nhrp_msg *msg)
{
	struct nhrp_frame frame = { .from.nbma = address(from) };
	u8 pkt[NHRP_PKT_MAX];
	int len = nhrp_encode(msg, pkt, sizeof(pkt));

	assert_true(len > 0);
	frame.data = pkt;
	frame.len = len;
	w.by = NULL;
	nhrp_tunnel_frame(w.t[i], &frame, NOW);
}

/* Spoke @i says this to its tunnel. */
static void says(unsigned int i, const struct nhrp_msg *msg)
{
	says_from(nbma[i], i, msg);
}

static void message(struct nhrp_msg *msg, enum nhrp_type type, const char *at, const char *src,
		    const char *dst)
{
	struct nhrp_cie *cie;

	nhrp_msg_init(msg, type, AF_INET, AF_INET);
	msg->src_nbma = address(at);
	msg->src_proto = address(src);
	msg->dst_proto = address(dst);
	msg->request_id = 4711;
	cie = nhrp_cie_list_add(&msg->cies);
	cie->prefix_len = NHRP_PREFIX_HOST;
	cie->holding_time = 600;
}

static void asks(void)
{
	struct nhrp_msg msg;

	message(&msg, NHRP_RESOLUTION_REQUEST, nbma[0], proto[0], LAN2);
	says(0, &msg);
}

static void assert_sent(unsigned int i, enum nhrp_type type)
{
	struct nhrp_addr to = address(nbma[i]);

	assert_ptr_equal(w.by, w.t[i]);
	assert_true(nhrp_addr_eq(&w.to, &to));
	assert_int_equal(w.msg.type, type);
}

/* What the second spoke says to that. */
static void answer(struct nhrp_msg *msg)
{
	struct nhrp_cie *cie;

	message(msg, NHRP_RESOLUTION_REPLY, nbma[0], proto[0], LAN2);
	cie = &msg->cies.cie[0];
	cie->nbma = address(nbma[1]);
	cie->proto = address(proto[1]);
}

static void is_answered(void)
{
	struct nhrp_msg msg;

	answer(&msg);
	nhrp_msg_add_ext_cies(&msg, NHRP_EXT_REVERSE_TRANSIT);
	says(1, &msg);
	assert_sent(0, NHRP_RESOLUTION_REPLY);
}

static void assert_address(const struct nhrp_addr *addr, const char *text)
{
	struct nhrp_addr expected = address(text);

	assert_true(nhrp_addr_eq(addr, &expected));
}

static void question_answer_and_purge(void **state)
{
	(void)state;
	asks();
	assert_sent(1, NHRP_RESOLUTION_REQUEST);
	is_answered();

	/* As whom the hub vouches for it, so it takes it back: others know it by that. */
	assert_int_equal(w.msg.rev_transit.n, 1);
	assert_address(&w.msg.rev_transit.cie[0].proto, "172.16.1.1");
	assert_address(&w.msg.rev_transit.cie[0].nbma, "192.168.50.1");
	w.by = NULL;
	nhrp_binding_gone(w.spoke[1], "test", NOW);
	assert_sent(0, NHRP_PURGE_REQUEST);
	assert_address(&w.msg.src_proto, "172.16.1.1");
}

static void host_routes(void **state)
{
	struct nhrp_tunnel_config cfg[2];

	configure(cfg);
	cfg[0].locals[0].plen = 32;
	cfg[1].locals[0].plen = 32;
	world(cfg);
	question_answer_and_purge(state);
	nhrp_core_free(w.core);
}

static void assert_error(unsigned int i, const struct nhrp_msg *msg, enum nhrp_error code)
{
	says(i, msg);
	assert_sent(i, NHRP_ERROR_INDICATION);
	assert_int_equal(w.msg.error_code, code);
}

static void hop_count(void **state)
{
	struct nhrp_msg msg;

	(void)state;
	message(&msg, NHRP_RESOLUTION_REQUEST, nbma[0], proto[0], LAN2);
	msg.hop_count = 1;
	says(0, &msg);
	assert_sent(1, NHRP_RESOLUTION_REQUEST);
	assert_int_equal(w.msg.hop_count, 0);
	msg.hop_count = 0;
	assert_error(0, &msg, NHRP_ERR_HOP_COUNT);
}

static void was_at(struct nhrp_cie_list *list, const char *local)
{
	list->n = 0;
	nhrp_cie_list_add(list)->proto = address(local);
}

/* It was here, whichever of the tunnels it came by then. */
static void loops(void **state)
{
	struct nhrp_msg msg;

	(void)state;
	message(&msg, NHRP_RESOLUTION_REQUEST, nbma[0], proto[0], LAN2);
	nhrp_msg_add_ext_cies(&msg, NHRP_EXT_FORWARD_TRANSIT);
	was_at(&msg.fwd_transit, "172.16.1.1");
	assert_error(0, &msg, NHRP_ERR_LOOP);
	was_at(&msg.fwd_transit, "172.16.2.1");
	assert_error(0, &msg, NHRP_ERR_LOOP);
	was_at(&msg.fwd_transit, "172.16.3.1");
	says(0, &msg);
	assert_sent(1, NHRP_RESOLUTION_REQUEST);
	answer(&msg);
	nhrp_msg_add_ext_cies(&msg, NHRP_EXT_RESPONDER);
	was_at(&msg.responder, "172.16.1.1");
	assert_error(1, &msg, NHRP_ERR_LOOP);
}

/* What is said to come from another tunnel of ours. */
static void ours_come_from_nowhere(void **state)
{
	struct nhrp_msg msg;

	(void)state;
	message(&msg, NHRP_RESOLUTION_REQUEST, "192.168.50.2", "172.16.2.1", LAN2);
	says(0, &msg);
	assert_null(w.by);
	msg.type = NHRP_PURGE_REQUEST;
	says(0, &msg);
	assert_null(w.by);
	assert_int_equal(nhrp_tunnel_counter(w.t[0], NHRP_C_DROP_LOOP), 2);

	nhrp_msg_init(&msg, NHRP_ERROR_INDICATION, AF_INET, AF_INET);
	msg.error_code = NHRP_ERR_UNREACHABLE;
	msg.src_nbma = address("192.168.50.2");
	msg.src_proto = address("172.16.2.1");
	msg.dst_proto = address(proto[1]);
	says(0, &msg);
	assert_null(w.by);
	msg.src_proto = address(proto[0]);
	says(0, &msg);
	assert_sent(1, NHRP_ERROR_INDICATION);
}

/* With our record it is longer than any may be: it has not gone on. */
static void what_cannot_go_on_has_not(void **state)
{
	static const u8 much[NHRP_PKT_MAX - 70];
	struct nhrp_msg msg;

	(void)state;
	message(&msg, NHRP_RESOLUTION_REQUEST, nbma[0], proto[0], LAN2);
	nhrp_msg_add_ext_cies(&msg, NHRP_EXT_FORWARD_TRANSIT);
	assert_int_equal(nhrp_msg_add_ext(&msg, 77, 0, much, sizeof(much)), 0);
	says(0, &msg);
	assert_null(w.by);
	assert_int_equal(nhrp_tunnel_counter(w.t[0], NHRP_C_DROP_TOO_LONG), 1);
	assert_int_equal(nhrp_tunnel_counter(w.t[0], NHRP_C_FORWARDED), 0);
}

/* No room at the tunnel whose spoke is gone: the other one has. */
static void purges_have_their_own_room(void **state)
{
	(void)state;
	is_answered();
	w.t[1]->nr_purges = NHRP_PURGES_MAX;
	w.by = NULL;
	nhrp_binding_gone(w.spoke[1], "test", NOW);
	assert_sent(0, NHRP_PURGE_REQUEST);
	w.t[1]->nr_purges = 0;
}

/* Whichever is first, those behind it hear what it will not be able to tell later. */
static void both_leave(void **state)
{
	(void)state;
	is_answered();
	w.by = NULL;
	nhrp_tunnel_leave(w.t[0], NOW);
	assert_sent(0, NHRP_PURGE_REQUEST);
	assert_address(&w.msg.cies.cie[0].proto, LAN2);
	w.by = NULL;
	nhrp_tunnel_leave(w.t[1], NOW);
	assert_null(w.by);
}

static void nobody_else_is_asked(void)
{
	assert_sent(0, NHRP_RESOLUTION_REPLY);
	assert_int_equal(w.msg.cies.cie[0].code, NHRP_CODE_NO_BINDING);
}

static void others_are_others(const struct nhrp_tunnel_config cfg[2])
{
	world(cfg);
	asks();
	nobody_else_is_asked();
	nhrp_core_free(w.core);
}

static void other_domains_are_others(void **state)
{
	struct nhrp_tunnel_config cfg[2];

	(void)state;
	configure(cfg);
	cfg[1].domain = 8;
	others_are_others(cfg);
	/* None is no domain. */
	cfg[0].domain = 0;
	cfg[1].domain = 0;
	others_are_others(cfg);
	/* Whoever has the same number elsewhere. */
	configure(cfg);
	cfg[1].vrf = 5;
	others_are_others(cfg);
}

/* What is not signed with one of them would be with the other one. */
static void other_authentication_is_another(void **state)
{
	struct nhrp_tunnel_config cfg[2];

	(void)state;
	configure(cfg);
	cfg[1].auth = NHRP_AUTH_CISCO;
	memcpy(cfg[1].password, "secret", sizeof("secret"));
	others_are_others(cfg);
}

static void one_that_has_left_is_not_asked(void **state)
{
	(void)state;
	nhrp_tunnel_leave(w.t[1], NOW);
	asks();
	nobody_else_is_asked();
}

/* Who registers an address of the other one's subnet is not led to. */
static void the_route_decides(void **state)
{
	struct nhrp_msg msg;

	(void)state;
	registered(1, "172.16.1.9", nbma[1]);
	message(&msg, NHRP_RESOLUTION_REQUEST, nbma[0], proto[0], "172.16.1.9");
	says(0, &msg);
	nobody_else_is_asked();
	/* As it was his own. */
	registered(1, "172.16.2.9", nbma[1]);
	msg.dst_proto = address("172.16.2.9");
	says(0, &msg);
	assert_sent(1, NHRP_RESOLUTION_REQUEST);
}

/* Whatever may be claimed, what is ours may not. */
static void our_addresses_cannot_be_claimed(void **state)
{
	struct nhrp_tunnel_config cfg[2];
	struct nhrp_msg msg;

	(void)state;
	configure(cfg);
	assert_int_equal(nhrp_prefix_parse(&cfg[1].locals[0], "172.16.2.1/32"), 0);
	assert_int_equal(nhrp_prefix_parse(&cfg[1].claim.prefix[0], "0.0.0.0/0"), 0);
	cfg[1].claim.nr = 1;
	world(cfg);
	message(&msg, NHRP_REGISTRATION_REQUEST, nbma[1], "172.16.1.1", "172.16.2.1");
	says(1, &msg);
	assert_sent(1, NHRP_REGISTRATION_REPLY);
	assert_int_equal(w.msg.cies.cie[0].code, NHRP_CODE_ADMIN_PROHIBITED);
	assert_int_equal(nhrp_tunnel_counter(w.t[1], NHRP_C_DROP_POLICY_OWN), 1);

	/* Nor can one come from where we are, or all that is for it would be for us. */
	message(&msg, NHRP_REGISTRATION_REQUEST, nbma[1], "172.16.2.9", "172.16.2.1");
	says_from("192.168.50.1", 1, &msg);
	assert_int_equal(w.msg.cies.cie[0].code, NHRP_CODE_ADMIN_PROHIBITED);
	assert_int_equal(nhrp_tunnel_counter(w.t[1], NHRP_C_DROP_POLICY_NBMA), 1);
	/* Behind a NAT he may have any address. */
	message(&msg, NHRP_REGISTRATION_REQUEST, "192.168.50.1", "172.16.2.9", "172.16.2.1");
	says_from("192.168.50.77", 1, &msg);
	assert_int_equal(w.msg.cies.cie[0].code, NHRP_CODE_OK);
	message(&msg, NHRP_REGISTRATION_REQUEST, nbma[1], "172.16.1.1", "172.16.2.1");
	nhrp_core_free(w.core);

	/* In another network it is somebody's. */
	cfg[1].vrf = 5;
	world(cfg);
	says(1, &msg);
	assert_int_equal(w.msg.cies.cie[0].code, NHRP_CODE_OK);
	nhrp_core_free(w.core);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(question_answer_and_purge, setup, teardown),
		cmocka_unit_test(host_routes),
		cmocka_unit_test_setup_teardown(hop_count, setup, teardown),
		cmocka_unit_test_setup_teardown(loops, setup, teardown),
		cmocka_unit_test_setup_teardown(ours_come_from_nowhere, setup, teardown),
		cmocka_unit_test_setup_teardown(what_cannot_go_on_has_not, setup, teardown),
		cmocka_unit_test_setup_teardown(purges_have_their_own_room, setup, teardown),
		cmocka_unit_test_setup_teardown(both_leave, setup, teardown),
		cmocka_unit_test(other_domains_are_others),
		cmocka_unit_test(other_authentication_is_another),
		cmocka_unit_test_setup_teardown(one_that_has_left_is_not_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(the_route_decides, setup, teardown),
		cmocka_unit_test(our_addresses_cannot_be_claimed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
