// SPDX-License-Identifier: GPL-2.0
/* Routes to who is registered: the exporter against a played kernel */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "dvpnd/export.h"
#include "dvpnd/export_route.h"
#include "nhrp/show.h"

#define MOST	10001
#define IFINDEX	7

/* The kernel's routes of ours, and how it behaves. */
static struct kernel {
	u64 now_ms;
	struct route {
		struct nhrp_addr addr;
		u32 table;
	} routes[MOST];
	unsigned int n;
	unsigned int requests;
	unsigned int batches;
	unsigned int looks;
	unsigned int told;
	u8 family;
	int refuses;	/* error of every change */
	int loses;	/* error of every batch */
	int unread;	/* error of a look for IPv6 */
	int unseen;	/* error of a look for IPv4 */
	bool breaks;	/* the next look breaks off after one route */
} kernel;

int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	(void)id;
	ts->tv_sec = kernel.now_ms / 1000;
	ts->tv_nsec = kernel.now_ms % 1000 * 1000000;
	return 0;
}

int __wrap_export_socket_open(struct export_socket *s, unsigned int ifindex)
{
	assert_int_equal(ifindex, IFINDEX);
	s->ifindex = ifindex;
	s->fd = -1;
	return 0;
}

static struct route *kernel_find(const struct nhrp_addr *addr, u32 table)
{
	unsigned int i;

	for (i = 0; i < kernel.n; i++)
		if (nhrp_addr_eq(&kernel.routes[i].addr, addr) && kernel.routes[i].table == table)
			return &kernel.routes[i];
	return NULL;
}

static int carry_out(const struct export_change *c)
{
	struct route *r = kernel_find(&c->addr, c->table);

	kernel.requests++;
	if (kernel.refuses)
		return kernel.refuses;
	if (c->add && r)
		return -EEXIST;
	if (!c->add && !r)
		return -ESRCH;
	if (c->add)
		kernel.routes[kernel.n++] = (struct route){ c->addr, c->table };
	else
		*r = kernel.routes[--kernel.n];
	return 0;
}

int __wrap_export_socket_change(struct export_socket *s, struct export_change *changes,
				unsigned int n)
{
	unsigned int i;

	(void)s;
	assert_in_range(n, 1, EXPORT_BATCH_MAX);
	kernel.batches++;
	for (i = 0; i < n; i++)
		changes[i].err = carry_out(&changes[i]);
	return kernel.loses;
}

int __wrap_export_socket_ask(struct export_socket *s, u8 family)
{
	(void)s;
	kernel.looks += family == AF_INET;
	kernel.family = family;
	kernel.told = 0;
	return 0;
}

/* Fifty at a time. */
int __wrap_export_socket_read(struct export_socket *s, export_found_fn found, void *ctx)
{
	unsigned int end = kernel.told + 50;

	(void)s;
	if (kernel.family == AF_INET6 && kernel.unread)
		return kernel.unread;
	if (kernel.family == AF_INET && kernel.unseen)
		return kernel.unseen;
	for (; kernel.told < kernel.n && kernel.told < end; kernel.told++) {
		if (kernel.breaks && kernel.told) {
			kernel.breaks = false;
			return -EINTR;
		}
		if (kernel.routes[kernel.told].addr.family == kernel.family)
			found(&kernel.routes[kernel.told].addr, kernel.routes[kernel.told].table,
			      ctx);
	}
	return kernel.told == kernel.n;
}

static struct export *x;

static int setup(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.now_ms = 100000;
	x = export_new("t0", IFINDEX, 100);
	return !x;
}

static int teardown(void **state)
{
	(void)state;
	export_free(x);
	return 0;
}

static struct nhrp_addr addr(const char *text)
{
	struct nhrp_addr a;

	assert_int_equal(nhrp_addr_parse(&a, text), 0);
	return a;
}

static struct nhrp_map mapping(const char *text, bool registered)
{
	struct nhrp_map map = { .registered = registered };
	struct nhrp_addr a = addr(text);

	nhrp_prefix_host(&map.prefix, &a);
	return map;
}

static void set(const char *text, bool registered)
{
	struct nhrp_map map = mapping(text, registered);

	export_map_set(x, &map);
}

static void del(const char *text)
{
	struct nhrp_map map = mapping(text, false);

	export_map_del(x, &map.prefix);
}

static bool kernel_has(const char *text, u32 table)
{
	struct nhrp_addr a = addr(text);

	return kernel_find(&a, table);
}

static void kernel_add(const char *text, u32 table)
{
	kernel.routes[kernel.n++] = (struct route){ addr(text), table };
}

/* Runs until there is nothing to do at once. Return: turns. */
static unsigned int run(void)
{
	unsigned int turns = 1;

	while (!export_run(x))
		assert_in_range(++turns, 1, 1000);
	return turns;
}

static void settle(void)
{
	run();
	kernel.now_ms += 1000;
	run();
	assert_true(export_settled(x));
}

static struct export_stats stats(void)
{
	struct export_stats s;

	export_stats(x, &s);
	return s;
}

static void follows_registrations(void **state)
{
	(void)state;
	set("192.0.2.1", true);
	set("2001:db8::1", true);
	settle();
	assert_true(kernel_has("192.0.2.1", 100));
	assert_true(kernel_has("2001:db8::1", 100));
	assert_int_equal(stats().routes, 2);

	/* A refresh is nothing new. */
	set("192.0.2.1", true);
	settle();
	assert_int_equal(kernel.requests, 2);

	del("192.0.2.1");
	settle();
	assert_false(kernel_has("192.0.2.1", 100));
	assert_int_equal(stats().routes, 1);
	del("192.0.2.1");
	settle();
	assert_int_equal(kernel.requests, 3);
}

static void only_registrations(void **state)
{
	struct nhrp_map map = mapping("192.0.2.0", true);

	(void)state;
	map.prefix.plen = 24;
	export_map_set(x, &map);
	export_map_del(x, &map.prefix);
	set("192.0.2.1", false);
	set("fe80::1", true);
	settle();
	assert_int_equal(kernel.requests, 0);

	/* Confirmed; and then the address is a hub's. */
	set("192.0.2.1", true);
	settle();
	assert_true(kernel_has("192.0.2.1", 100));
	set("192.0.2.1", false);
	settle();
	assert_int_equal(kernel.n, 0);
}

static void none_without_a_table(void **state)
{
	(void)state;
	assert_true(export_set_table(x, 0));
	set("192.0.2.1", true);
	settle();
	assert_int_equal(kernel.requests, 0);
	export_map_set(NULL, &(struct nhrp_map){ 0 });
	export_map_del(NULL, &(struct nhrp_prefix){ 0 });
	export_resync(NULL);
}

static void adopts_and_sweeps(void **state)
{
	(void)state;
	kernel_add("192.0.2.1", 100);
	kernel_add("192.0.2.2", 100);
	kernel_add("192.0.2.1", 99);
	kernel_add("2001:db8::1", 100);
	set("192.0.2.1", true);
	set("192.0.2.3", true);
	settle();
	assert_true(kernel_has("192.0.2.1", 100));
	assert_true(kernel_has("192.0.2.3", 100));
	assert_int_equal(kernel.n, 2);
	/* What was right was not touched. */
	assert_int_equal(kernel.requests, 4);
}

static void sweeps_when_switched_off(void **state)
{
	(void)state;
	kernel_add("192.0.2.1", 100);
	assert_true(export_set_table(x, 0));
	settle();
	assert_int_equal(kernel.n, 0);
}

static void another_table(void **state)
{
	struct nhrp_binding_info one = { .proto = addr("192.0.2.1") };
	struct nhrp_binding_info two = { .proto = addr("192.0.2.2"), .provisional = true };

	(void)state;
	set("192.0.2.1", true);
	settle();
	assert_false(export_set_table(x, 100));
	assert_true(export_set_table(x, 101));
	export_binding(x, &one);
	export_binding(x, &two);
	settle();
	assert_true(kernel_has("192.0.2.1", 101));
	assert_int_equal(kernel.n, 1);
	assert_int_equal(kernel.looks, 1);
}

static void goes_with_the_interface(void **state)
{
	(void)state;
	set("192.0.2.1", true);
	settle();
	kernel.n = 0;
	export_resync(x);
	settle();
	assert_true(kernel_has("192.0.2.1", 100));
	assert_int_equal(kernel.looks, 2);
	assert_int_equal(stats().routes, 1);
	/* Made, taken out, made. */
	assert_int_equal(kernel.requests, 4);

	/* However often it is asked for: once a second. */
	kernel.now_ms += 1000;
	export_resync(x);
	assert_int_equal(export_run(x), 0);
	export_resync(x);
	export_resync(x);
	run();
	assert_int_equal(kernel.looks, 3);
	kernel.now_ms += 1000;
	run();
	assert_int_equal(kernel.looks, 4);
	assert_true(export_settled(x));
}

/* While the interface is down it is refused; zebra has it still when it is up again. */
static void comes_back_later(void **state)
{
	(void)state;
	set("192.0.2.1", true);
	settle();
	kernel.n = 0;
	kernel.refuses = -ENETDOWN;
	export_resync(x);
	settle();
	export_resync(x);
	settle();
	assert_int_equal(stats().failed, 1);
	kernel.refuses = 0;
	kernel.requests = 0;
	export_resync(x);
	settle();
	assert_int_equal(kernel.requests, 3);
	assert_true(kernel_has("192.0.2.1", 100));
	/* Once made again it is as any other. */
	export_resync(x);
	settle();
	assert_int_equal(kernel.requests, 3);
}

static void wishes_during_a_look(void **state)
{
	(void)state;
	set("192.0.2.1", true);
	settle();
	export_resync(x);
	assert_int_equal(export_run(x), 0);
	del("192.0.2.1");
	set("192.0.2.2", true);
	assert_int_equal(kernel.batches, 1);
	settle();
	assert_false(kernel_has("192.0.2.1", 100));
	assert_true(kernel_has("192.0.2.2", 100));
}

static void refused(void **state)
{
	(void)state;
	kernel.refuses = -EEXIST;
	set("192.0.2.1", true);
	set("192.0.2.2", true);
	settle();
	assert_int_equal(stats().failed, 2);
	assert_int_equal(kernel.requests, 2);
	kernel.now_ms += 28000;
	run();
	assert_int_equal(kernel.requests, 2);
	kernel.now_ms += 2000;
	run();
	run();
	assert_int_equal(kernel.requests, 4);
	del("192.0.2.2");
	assert_int_equal(stats().failed, 1);
	kernel.refuses = 0;
	kernel.now_ms += 30000;
	settle();
	assert_int_equal(stats().failed, 0);
	assert_int_equal(stats().routes, 1);
	assert_true(kernel_has("192.0.2.1", 100));
}

static void answers_lost(void **state)
{
	(void)state;
	settle();
	kernel.loses = -ENOBUFS;
	set("192.0.2.1", true);
	run();
	assert_false(export_settled(x));
	kernel.loses = 0;
	settle();
	/* It was carried out, and is not made twice. */
	assert_int_equal(kernel.requests, 1);
	assert_int_equal(stats().routes, 1);
	assert_int_equal(kernel.looks, 2);
}

static void look_broken_off(void **state)
{
	(void)state;
	kernel_add("192.0.2.1", 100);
	kernel_add("192.0.2.2", 100);
	kernel.breaks = true;
	set("192.0.2.1", true);
	set("192.0.2.2", true);
	settle();
	assert_int_equal(kernel.looks, 2);
	assert_int_equal(stats().routes, 2);
	assert_int_equal(stats().failed, 0);
}

/* Nothing is changed as long as it is not known what is there. */
static void first_look_fails(void **state)
{
	(void)state;
	kernel_add("192.0.2.1", 100);
	set("192.0.2.1", true);
	kernel.unseen = -EINTR;
	run();
	assert_false(export_settled(x));
	kernel.unseen = -ENOBUFS;
	kernel.now_ms += 1000;
	run();
	assert_int_equal(kernel.looks, 2);
	assert_int_equal(kernel.requests, 0);
	/* Nobody waits for what may never be known. */
	assert_true(export_settled(x));
	kernel.unseen = 0;
	kernel.now_ms += 1000;
	run();
	assert_true(export_settled(x));
	assert_int_equal(kernel.requests, 0);
	assert_int_equal(stats().routes, 1);
	assert_int_equal(stats().failed, 0);
}

/* Who leaves waits for what is to go, not for a look that is due. */
static void settled_before_a_look(void **state)
{
	(void)state;
	assert_false(export_settled(x));
	set("192.0.2.1", true);
	settle();
	kernel.now_ms -= 500;
	export_resync(x);
	assert_in_range(export_run(x), 1, 1000);
	assert_true(export_settled(x));
	del("192.0.2.1");
	assert_false(export_settled(x));
	run();
	assert_int_equal(kernel.n, 0);
	assert_true(export_settled(x));
	assert_int_equal(kernel.looks, 1);
}

static void no_ipv6(void **state)
{
	(void)state;
	kernel.unread = -EOPNOTSUPP;
	set("192.0.2.1", true);
	settle();
	assert_int_equal(kernel.looks, 1);
	assert_true(kernel_has("192.0.2.1", 100));
}

static void set_many(bool wanted)
{
	char text[NHRP_ADDR_STRLEN];
	unsigned int i;

	for (i = 0; i < 10000; i++) {
		snprintf(text, sizeof(text), "10.0.%u.%u", i / 250, i % 250);
		if (wanted)
			set(text, true);
		else
			del(text);
	}
}

static void ten_thousand(void **state)
{
	unsigned int batches;

	(void)state;
	set_many(true);
	/* Each turn is one batch at most. */
	assert_in_range(run(), 10000 / EXPORT_BATCH_MAX, 100);
	assert_int_equal(stats().routes, 10000);
	assert_int_equal(kernel.n, 10000);
	batches = kernel.batches;

	/* A new agent finds them, and has nothing to change. */
	export_free(x);
	x = export_new("t0", IFINDEX, 100);
	set_many(true);
	assert_in_range(run(), 20, 200);
	assert_int_equal(stats().routes, 10000);
	assert_int_equal(kernel.batches, batches);

	set_many(false);
	assert_in_range(run(), 10000 / EXPORT_BATCH_MAX, 100);
	assert_int_equal(kernel.n, 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(follows_registrations),
		TEST(only_registrations),
		TEST(none_without_a_table),
		TEST(adopts_and_sweeps),
		TEST(sweeps_when_switched_off),
		TEST(another_table),
		TEST(goes_with_the_interface),
		TEST(comes_back_later),
		TEST(wishes_during_a_look),
		TEST(refused),
		TEST(answers_lost),
		TEST(look_broken_off),
		TEST(first_look_fails),
		TEST(settled_before_a_look),
		TEST(no_ipv6),
		TEST(ten_thousand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
