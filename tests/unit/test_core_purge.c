// SPDX-License-Identifier: GPL-2.0
/* Purges of bindings that many were told of: what they may cost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "idle_env.h"
#include "nhrp/binding.h"
#include "nhrp/internal.h"
#include "nhrp/purge.h"

#define NOW	1000000ull
#define HOUR	3600000ull

/**
 * struct world - what the core meets
 * @core: the core
 * @t: its only tunnel
 * @lookups: calls of route_lookup
 * @frames: calls of tx_frame
 */
static struct world {
	struct nhrp_core *core;
	struct nhrp_tunnel *t;
	unsigned int lookups;
	unsigned int frames;
} w;

static struct nhrp_addr address(unsigned int a, unsigned int n)
{
	u8 b[4] = { 10, (u8)a, (u8)(n >> 8), (u8)n };
	struct nhrp_addr addr;

	nhrp_addr_set(&addr, AF_INET, b);
	return addr;
}

static void env_tx_frame(void *ctx, struct nhrp_tunnel *t, const struct nhrp_peer_key *to,
			 const void *frame, size_t len, u64 cookie)
{
	(void)ctx;
	(void)t;
	(void)to;
	(void)frame;
	(void)len;
	(void)cookie;
	w.frames++;
}

/* Everybody else is behind the neighbour that is configured. */
static int env_route_lookup(void *ctx, struct nhrp_tunnel *t, const struct nhrp_addr *dst,
			    struct nhrp_route *route)
{
	(void)ctx;
	w.lookups++;
	memset(route, 0, sizeof(*route));
	nhrp_prefix_host(&route->prefix, dst);
	route->via_tunnel = true;
	route->tunnel = t;
	route->has_gateway = true;
	route->gateway = address(0, 2);
	return 0;
}

static int setup(void **state)
{
	struct nhrp_env env = idle_env;
	struct nhrp_tunnel_config cfg;

	(void)state;
	memset(&w, 0, sizeof(w));
	nhrp_tunnel_config_default(&cfg);
	cfg.nhs = true;
	cfg.nr_locals = 1;
	assert_int_equal(nhrp_prefix_parse(&cfg.locals[0], "10.0.0.1/8"), 0);
	assert_int_equal(nhrp_addr_parse(&cfg.nbma[0], "192.168.50.1"), 0);
	cfg.nr_statics = 1;
	cfg.statics[0].proto = address(0, 2);
	assert_int_equal(nhrp_addr_parse(&cfg.statics[0].peer.nbma, "192.168.50.2"), 0);
	env.tx_frame = env_tx_frame;
	env.route_lookup = env_route_lookup;
	w.core = nhrp_core_new(&env);
	w.t = nhrp_tunnel_new(w.core, &cfg, NULL, NOW);
	nhrp_tunnel_start(w.t, NOW);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	nhrp_core_free(w.core);
	return 0;
}

/* @askers: the second octet of their addresses */
static struct nhrp_binding *told_to_all(unsigned int n, unsigned int askers)
{
	struct nhrp_addr proto = address(1, n), nbma = address(9, n);
	struct nhrp_peer_key key = { .nbma = nbma };
	struct nhrp_binding *b = nhrp_binding_new(w.t, &proto, &key, &nbma, NOW);
	struct nhrp_prefix host;
	unsigned int i;

	assert_non_null(b);
	nhrp_prefix_host(&host, &proto);
	for (i = 0; i < NHRP_REQUESTERS_MAX; i++) {
		struct nhrp_addr asker = address(askers, n * NHRP_REQUESTERS_MAX + i);

		nhrp_binding_told(b, &asker, &host, NOW + HOUR, NOW);
	}
	return b;
}

/* Those who are not known here cost a lookup each, and there is an end to that. */
static void lookups_are_limited(void **state)
{
	unsigned int n;

	(void)state;
	for (n = 0; n < 50; n++)
		nhrp_binding_gone(told_to_all(n, 2), "test", NOW);
	assert_int_equal(w.lookups, 1000);
	assert_int_equal(w.frames, 1000);
	assert_int_equal(nhrp_tunnel_counter(w.t, NHRP_C_DROP_RATE), 50 * 64 - 1000);
	/* Time makes room for more. */
	nhrp_binding_gone(told_to_all(n, 2), "test", NOW + 100);
	assert_int_equal(w.lookups, 1064);
}

/* No purge can be sent: nobody need be looked for. */
static void none_when_the_queue_is_full(void **state)
{
	u64 now = NOW;
	unsigned int n;

	(void)state;
	for (n = 0; n < 64; n++, now += 100)
		nhrp_binding_gone(told_to_all(n, 2), "test", now);
	assert_int_equal(w.frames, NHRP_PURGES_MAX);
	assert_int_equal(w.lookups, NHRP_PURGES_MAX);
	nhrp_binding_gone(told_to_all(n, 2), "test", now);
	assert_int_equal(w.lookups, NHRP_PURGES_MAX);
	assert_int_equal(nhrp_tunnel_counter(w.t, NHRP_C_DROP_QUEUE_FULL), 1);
}

/* Those who are registered here are told as many as there may be. */
static void the_known_are_not_limited(void **state)
{
	unsigned int n, i;

	(void)state;
	for (n = 0; n < 30 * NHRP_REQUESTERS_MAX; n++) {
		struct nhrp_addr proto = address(3, n), nbma = address(8, n);
		struct nhrp_peer_key key = { .nbma = nbma };

		assert_non_null(nhrp_binding_new(w.t, &proto, &key, &nbma, NOW));
	}
	for (i = 0; i < 30; i++)
		nhrp_binding_gone(told_to_all(i, 3), "test", NOW);
	assert_int_equal(w.frames, 30 * NHRP_REQUESTERS_MAX);
	assert_int_equal(w.lookups, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lookups_are_limited, setup, teardown),
		cmocka_unit_test_setup_teardown(none_when_the_queue_is_full, setup, teardown),
		cmocka_unit_test_setup_teardown(the_known_are_not_limited, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
