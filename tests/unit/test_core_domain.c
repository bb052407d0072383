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

/* What is behind the second spoke, from both tunnels. */
static int env_route_lookup(void *ctx, struct nhrp_tunnel *t, const struct nhrp_addr *dst,
			    struct nhrp_route *route)
{
	(void)ctx;
	(void)t;
	memset(route, 0, sizeof(*route));
	nhrp_prefix_host(&route->prefix, dst);
	route->via_tunnel = true;
	route->has_gateway = true;
	route->gateway = address(proto[1]);
	return 0;
}

static void tunnel(unsigned int i, const char *local, const char *own, u32 domain)
{
	struct nhrp_peer_key key = { .nbma = address(nbma[i]) };
	struct nhrp_addr inside = address(proto[i]);
	struct nhrp_tunnel_config cfg;

	nhrp_tunnel_config_default(&cfg);
	cfg.nhs = true;
	cfg.domain = domain;
	cfg.nr_locals = 1;
	assert_int_equal(nhrp_prefix_parse(&cfg.locals[0], local), 0);
	cfg.nbma[0] = address(own);
	w.t[i] = nhrp_tunnel_new(w.core, &cfg, NULL, NOW);
	assert_non_null(w.t[i]);
	nhrp_tunnel_start(w.t[i], NOW);
	w.spoke[i] = nhrp_binding_new(w.t[i], &inside, &key, &key.nbma, NOW);
	assert_non_null(w.spoke[i]);
	nhrp_binding_refresh(w.spoke[i], NOW + HOUR);
}

static void world(u32 first, u32 second)
{
	struct nhrp_env env = idle_env;

	memset(&w, 0, sizeof(w));
	env.tx_frame = env_tx_frame;
	env.route_lookup = env_route_lookup;
	w.core = nhrp_core_new(&env);
	tunnel(0, "172.16.1.1/24", "192.168.50.1", first);
	tunnel(1, "172.16.2.1/24", "192.168.50.2", second);
}

/* Spoke @i says this to its tunnel. */
static void says(unsigned int i, const struct nhrp_msg *msg)
{
	struct nhrp_frame frame = { .from.nbma = address(nbma[i]) };
	u8 pkt[NHRP_PKT_MAX];
	int len = nhrp_encode(msg, pkt, sizeof(pkt));

	assert_true(len > 0);
	frame.data = pkt;
	frame.len = len;
	w.by = NULL;
	nhrp_tunnel_frame(w.t[i], &frame, NOW);
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

static void question_answer_and_purge(void **state)
{
	struct nhrp_addr hub = address("172.16.1.1");
	struct nhrp_cie *cie;
	struct nhrp_msg msg;

	(void)state;
	world(7, 7);
	asks();
	assert_sent(1, NHRP_RESOLUTION_REQUEST);

	message(&msg, NHRP_RESOLUTION_REPLY, nbma[0], proto[0], LAN2);
	cie = &msg.cies.cie[0];
	cie->nbma = address(nbma[1]);
	cie->proto = address(proto[1]);
	says(1, &msg);
	assert_sent(0, NHRP_RESOLUTION_REPLY);

	/* Who was told hears of the end, from the hub that he knows. */
	w.by = NULL;
	nhrp_binding_gone(w.spoke[1], "test", NOW);
	assert_sent(0, NHRP_PURGE_REQUEST);
	assert_true(nhrp_addr_eq(&w.msg.src_proto, &hub));
	nhrp_core_free(w.core);
}

static void nobody_else_is_asked(u32 first, u32 second)
{
	world(first, second);
	asks();
	assert_sent(0, NHRP_RESOLUTION_REPLY);
	assert_int_equal(w.msg.cies.cie[0].code, NHRP_CODE_NO_BINDING);
	nhrp_core_free(w.core);
}

static void other_domains_are_others(void **state)
{
	(void)state;
	nobody_else_is_asked(7, 8);
	/* None is no domain. */
	nobody_else_is_asked(0, 0);
}

static void one_that_has_left_is_not_asked(void **state)
{
	(void)state;
	world(7, 7);
	nhrp_tunnel_leave(w.t[1], NOW);
	asks();
	assert_sent(0, NHRP_RESOLUTION_REPLY);
	nhrp_core_free(w.core);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(question_answer_and_purge),
		cmocka_unit_test(other_domains_are_others),
		cmocka_unit_test(one_that_has_left_is_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
