// SPDX-License-Identifier: GPL-2.0
/* Our own address on the underlay: which hub it is guessed from */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dvpnd/daemon.h"
#include "dvpnd/nbma.h"
#include "dvpnd/tunnel.h"

static unsigned int lookups;

/* To 192.0.2.N we go as 198.51.100.N; there is no way to 192.0.2.99. */
int __wrap_route_source(struct route *r, const struct nhrp_addr *dst, unsigned int oif, u32 mark,
			unsigned int tunnel, struct nhrp_addr *src)
{
	(void)r;
	(void)oif;
	(void)mark;
	(void)tunnel;
	lookups++;
	if (dst->b[3] == 99)
		return -1;
	*src = *dst;
	src->b[0] = 198;
	return 0;
}

static struct nhrp_addr addr(const char *text)
{
	struct nhrp_addr a;

	assert_int_equal(nhrp_addr_parse(&a, text), 0);
	return a;
}

static struct fixture {
	struct daemon d;
	struct tunnel t;
	struct nhrp_tunnel_config now;
	struct nhrp_tunnel_config cfg;
} f;

static struct nhrp_hub *add_hub(struct nhrp_tunnel_config *cfg, const char *name, const char *at)
{
	struct nhrp_hub *hub = &cfg->hubs[cfg->nr_hubs++];

	snprintf(hub->name, sizeof(hub->name), "%s", name);
	if (at)
		hub->peer.nbma = addr(at);
	return hub;
}

static int setup(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	f.t.d = &f.d;
	lookups = 0;
	return 0;
}

/* The last octet of what is guessed, 0: none. */
static unsigned int guessed(bool first)
{
	nbma_fill(&f.t, first ? NULL : &f.now, &f.cfg);
	return f.cfg.nbma[0].b[3];
}

static void hub_in_use_first(void **state)
{
	struct nhrp_hub *named = add_hub(&f.cfg, "hub.example.net", NULL);

	(void)state;
	add_hub(&f.cfg, "", "192.0.2.2");
	named->addrs[0] = addr("192.0.2.1");
	named->nr_addrs = 1;
	/* The other one is where it is, whatever a name server says. */
	assert_int_equal(guessed(true), 2);
	/* And so is this one as soon as the core has found it. */
	add_hub(&f.now, "HUB.example.net", "192.0.2.7");
	assert_int_equal(guessed(false), 7);
	f.now.hubs[0].peer.nbma = addr("192.0.2.99");
	assert_int_equal(guessed(false), 2);
	/* No way to any of them: we are where we were. */
	f.cfg.hubs[1].peer.nbma = addr("192.0.2.99");
	f.now.nbma[0] = addr("198.0.2.5");
	assert_int_equal(guessed(false), 5);
}

static void name_if_nowhere(void **state)
{
	struct nhrp_hub *named = add_hub(&f.cfg, "hub.example.net", NULL);

	(void)state;
	assert_int_equal(guessed(true), 0);
	named->addrs[0] = addr("192.0.2.99");
	named->addrs[1] = addr("192.0.2.1");
	named->nr_addrs = 2;
	assert_int_equal(guessed(true), 1);
	/* In use by the other family alone: to be asked by this one it needs an address. */
	add_hub(&f.now, "hub.example.net", "2001:db8::1");
	assert_int_equal(guessed(false), 1);
	assert_int_equal(f.cfg.nbma[1].family, AF_INET6);
}

/* Two hubs of a name that is to be gone to by different ways are two. */
static void name_by_another_way(void **state)
{
	struct nhrp_hub *named = add_hub(&f.cfg, "hub.example.net", NULL);

	(void)state;
	add_hub(&f.now, "hub.example.net", "192.0.2.1");
	add_hub(&f.now, "hub.example.net", "192.0.2.2")->peer.port = 4754;
	add_hub(&f.now, "hub.example.net", "192.0.2.3")->peer.mark = 7;
	add_hub(&f.now, "hub.example.net", "192.0.2.4")->peer.if_id = 7;
	f.now.hubs[1].peer.encap = NHRP_ENCAP_UDP;
	assert_int_equal(guessed(false), 1);
	named->peer = f.now.hubs[1].peer;
	assert_int_equal(guessed(false), 2);
	named->peer = f.now.hubs[2].peer;
	assert_int_equal(guessed(false), 3);
	named->peer = f.now.hubs[3].peer;
	assert_int_equal(guessed(false), 4);
}

static void only_where_somebody_is(void **state)
{
	static const char *const bad[] = { "127.0.0.1", "224.0.0.1", "0.0.0.0", "255.255.255.255" };
	struct nhrp_hub *named = add_hub(&f.cfg, "hub.example.net", NULL);
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++)
		named->addrs[i] = addr(bad[i]);
	named->nr_addrs = i;
	assert_int_equal(guessed(true), 0);
	assert_int_equal(lookups, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(hub_in_use_first, setup),
		cmocka_unit_test_setup(name_if_nowhere, setup),
		cmocka_unit_test_setup(name_by_another_way, setup),
		cmocka_unit_test_setup(only_where_somebody_is, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
