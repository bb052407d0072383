// SPDX-License-Identifier: GPL-2.0
/* A tunnel whose config changes: which hub is where; and one that was told to leave */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dvpnd/attach.h"
#include "dvpnd/daemon.h"
#include "dvpnd/export_route.h"
#include "dvpnd/leave.h"
#include "dvpnd/tunnel.h"
#include "idle_env.h"

/* The device; while it cannot be read the core is told of nothing. */
static struct device {
	int err;
	struct dvpn_link link;
	bool module;	/* it can be asked */
	u32 agents;	/* what is bound to it */
	unsigned int routes;	/* of ours by it */
} device;

int __wrap_dvpn_link_get(const char *name, struct dvpn_link *link)
{
	(void)name;
	*link = device.link;
	return device.err;
}

static char handle;

int __wrap_dvpn_open(struct dvpn_handle **h)
{
	*h = device.module ? (void *)&handle : NULL;
	return device.module ? 0 : -ENOENT;
}

void __wrap_dvpn_close(struct dvpn_handle *h)
{
	assert_true(!h || h == (void *)&handle);
}

int __wrap_dvpn_dev_get(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_dev *dev)
{
	assert_ptr_equal(h, &handle);
	assert_int_equal(ifindex, device.link.ifindex);
	memset(dev, 0, sizeof(*dev));
	dev->agent_classes = device.agents;
	return 0;
}

int __wrap_export_socket_open(struct export_socket *s, unsigned int ifindex)
{
	assert_int_equal(ifindex, device.link.ifindex);
	s->fd = -1;
	return 0;
}

int __wrap_export_socket_change(struct export_socket *s, struct export_change *changes,
				unsigned int n)
{
	unsigned int i;

	(void)s;
	for (i = 0; i < n; i++) {
		assert_false(changes[i].add);
		changes[i].err = 0;
		device.routes--;
	}
	return 0;
}

int __wrap_export_socket_ask(struct export_socket *s, u8 family)
{
	(void)s;
	(void)family;
	return 0;
}

int __wrap_export_socket_read(struct export_socket *s, export_found_fn found, void *ctx)
{
	struct nhrp_addr addr;

	(void)s;
	assert_int_equal(nhrp_addr_parse(&addr, "192.0.2.0"), 0);
	for (addr.b[3] = 0; addr.b[3] < device.routes; addr.b[3]++)
		found(&addr, 100, ctx);
	return 1;
}

static struct fixture {
	struct daemon d;
	struct tunnel *t;
	struct config_tunnel next;
} f;

static struct nhrp_addr addr(const char *text)
{
	struct nhrp_addr a;

	assert_int_equal(nhrp_addr_parse(&a, text), 0);
	return a;
}

static struct nhrp_hub *add_hub(struct config_tunnel *cfg, const char *section, const char *name)
{
	unsigned int nr = cfg->core.nr_hubs++;

	snprintf(cfg->hub_names[nr], sizeof(cfg->hub_names[nr]), "%s", section);
	snprintf(cfg->core.hubs[nr].name, sizeof(cfg->core.hubs[nr].name), "%s", name);
	return &cfg->core.hubs[nr];
}

static struct config_tunnel a_config(void)
{
	struct config_tunnel cfg = { .name = "dvpn0" };

	nhrp_tunnel_config_default(&cfg.core);
	return cfg;
}

static void leads_to(struct nhrp_hub *hub, const char *to)
{
	hub->addrs[0] = addr(to);
	hub->nr_addrs = 1;
}

/* The core has two hubs of a name each, and one that has an address. */
static int setup(void **state)
{
	struct config_tunnel cfg = a_config();

	(void)state;
	memset(&f, 0, sizeof(f));
	memset(&device, 0, sizeof(device));
	device.err = -EIO;
	f.d.loop = ev_loop_new(EVFLAG_AUTO);
	f.d.core = nhrp_core_new(&idle_env);
	leads_to(add_hub(&cfg, "first", "one.example.net"), "192.0.2.1");
	leads_to(add_hub(&cfg, "second", "two.example.net"), "192.0.2.2");
	add_hub(&cfg, "third", "")->peer.nbma = addr("192.0.2.3");
	cfg.core.nbma[0] = addr("198.51.100.1");
	cfg.core.nr_locals = 1;
	assert_int_equal(nhrp_prefix_parse(&cfg.core.locals[0], "10.0.0.2/24"), 0);
	f.t = tunnel_new(&f.d, &cfg, false);
	assert_non_null(f.t);
	f.t->nhrp = nhrp_tunnel_new(f.d.core, &cfg.core, f.t, 0);
	assert_non_null(f.t->nhrp);
	f.next = a_config();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	nhrp_tunnel_free(f.t->nhrp);
	f.t->nhrp = NULL;
	tunnel_free(f.t);
	nhrp_core_free(f.d.core);
	ev_loop_destroy(f.d.loop);
	return 0;
}

/* The last octet of where the hub of a section of the new config is, 0: nowhere. */
static unsigned int is_at(unsigned int nr)
{
	return f.t->cfg.core.hubs[nr].peer.nbma.b[3];
}

static void place_is_kept(void **state)
{
	(void)state;
	add_hub(&f.next, "third", "three.example.net");
	add_hub(&f.next, "second", "another.example.net");
	add_hub(&f.next, "fourth", "four.example.net");
	tunnel_reconfigure(f.t, &f.next, true);
	assert_int_equal(is_at(0), 3);
	assert_int_equal(is_at(1), 2);
	assert_int_equal(is_at(2), 0);
}

/* There was a config that the core never had, with other hubs in another order. */
static void config_that_was_not_made(void **state)
{
	struct config_tunnel between = a_config();

	(void)state;
	add_hub(&between, "third", "three.example.net");
	add_hub(&between, "fourth", "four.example.net");
	add_hub(&between, "second", "TWO.example.net");
	tunnel_reconfigure(f.t, &between, true);
	add_hub(&f.next, "second", "another.example.net");
	add_hub(&f.next, "third", "more.example.net");
	add_hub(&f.next, "fourth", "any.example.net");
	tunnel_reconfigure(f.t, &f.next, true);
	assert_int_equal(is_at(0), 2);
	assert_int_equal(is_at(1), 3);
	assert_int_equal(is_at(2), 0);
}

static void device_is(int err)
{
	device.err = err;
	device.link.ifindex = 7;
	device.link.is_dvpn = true;
	tunnel_refresh(f.t);
}

static void assert_left(void)
{
	assert_int_equal(f.t->state, TUNNEL_LEFT);
	assert_false(f.t->attached);
}

/* Told to leave, it is not brought back by what becomes of its device. */
static void left_stays_away(void **state)
{
	(void)state;
	device_is(-ENODEV);
	assert_int_not_equal(f.t->state, TUNNEL_LEFT);
	tunnel_leave(f.t);
	assert_left();
	device_is(-ENODEV);
	assert_left();
	device_is(0);
	assert_left();
	tunnel_link_gone(f.t, 7);
	assert_left();
	device.link.is_dvpn = false;
	tunnel_refresh(f.t);
	assert_left();
	device_is(0);
	tunnel_reconfigure(f.t, &f.next, false);
	assert_left();
	tunnel_reconfigure(f.t, &f.next, true);
	assert_int_not_equal(f.t->state, TUNNEL_LEFT);
}

/* It is leaving when the module's sockets break. */
static void broken_while_leaving(void **state)
{
	(void)state;
	f.t->state = TUNNEL_LEAVING;
	f.t->attached = true;
	f.t->broken = true;
	assert_int_equal(tunnel_run(f.t), UINT64_MAX);
	assert_left();
	device_is(0);
	assert_left();
}

/* It is not attached, and its section goes: who exported routes by it was we. */
static void routes_go_without_agent(void **state)
{
	unsigned int turns = 0;

	(void)state;
	device_is(0);
	device.module = true;
	device.routes = 3;
	tunnel_retire(f.t);
	assert_int_equal(f.t->state, TUNNEL_LEAVING);
	while (f.t->state == TUNNEL_LEAVING && turns++ < 100)
		tunnel_run(f.t);
	assert_left();
	assert_int_equal(device.routes, 0);
	assert_null(f.t->export);
}

static void routes_of_another_agent(void **state)
{
	(void)state;
	device_is(0);
	device.module = true;
	device.agents = DVPN_AGENT_FRAME;
	device.routes = 3;
	tunnel_leave(f.t);
	assert_left();
	assert_int_equal(device.routes, 3);
}

/* The device goes, and with it what is by it. */
static void routes_go_with_the_device(void **state)
{
	(void)state;
	device_is(0);
	device.module = true;
	device.routes = 3;
	tunnel_leave(f.t);
	assert_non_null(f.t->export);
	tunnel_link_gone(f.t, 7);
	assert_left();
	assert_null(f.t->export);
}

static void made_away(void **state)
{
	struct tunnel *t;

	(void)state;
	device.err = 0;
	device.link.is_dvpn = true;
	t = tunnel_new(&f.d, &f.next, true);
	assert_non_null(t);
	assert_int_equal(t->state, TUNNEL_LEFT);
	assert_true(t->has_link);
	tunnel_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(place_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(config_that_was_not_made, setup, teardown),
		cmocka_unit_test_setup_teardown(left_stays_away, setup, teardown),
		cmocka_unit_test_setup_teardown(broken_while_leaving, setup, teardown),
		cmocka_unit_test_setup_teardown(routes_go_without_agent, setup, teardown),
		cmocka_unit_test_setup_teardown(routes_of_another_agent, setup, teardown),
		cmocka_unit_test_setup_teardown(routes_go_with_the_device, setup, teardown),
		cmocka_unit_test_setup_teardown(made_away, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
