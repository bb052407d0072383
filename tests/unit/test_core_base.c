// SPDX-License-Identifier: GPL-2.0
/* What the protocol core stands on: timers, tables, rate limits, configuration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nhrp/core.h"
#include "nhrp/ratelimit.h"
#include "nhrp/table.h"
#include "nhrp/timer.h"

#define N	500

static struct nhrp_timerq queue;
static struct {
	struct nhrp_timer timer;
	u64 at;			/* what the test thinks, NHRP_NEVER: not set */
	bool fired;
} timers[N];
static u64 last_fired;

static u32 rnd(void)
{
	static u64 state = 88172645463325252ull;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (u32)(state >> 32);
}

static void fire(struct nhrp_timer *timer, u64 now)
{
	unsigned int i = (unsigned int)((char *)timer - (char *)timers) /
			 sizeof(timers[0]);

	assert_int_equal(timers[i].at, timer->at_ms);
	assert_true(timer->at_ms <= now);
	assert_true(timer->at_ms >= last_fired);
	last_fired = timer->at_ms;
	timers[i].at = NHRP_NEVER;
}

static u64 earliest(void)
{
	u64 at = NHRP_NEVER;
	unsigned int i;

	for (i = 0; i < N; i++)
		if (timers[i].at < at)
			at = timers[i].at;
	return at;
}

/* Against a plain array: set, move, clear and run in random order. */
static void timers_fire_in_order(void **state)
{
	u64 now = 0;
	unsigned int i, round;

	(void)state;
	for (i = 0; i < N; i++) {
		timers[i].timer.fn = fire;
		timers[i].at = NHRP_NEVER;
	}
	for (round = 0; round < 20000; round++) {
		i = rnd() % N;
		if (rnd() % 4) {
			timers[i].at = now + 1 + rnd() % 1000;
			nhrp_timer_set(&queue, &timers[i].timer, timers[i].at);
		} else {
			timers[i].at = NHRP_NEVER;
			nhrp_timer_clear(&queue, &timers[i].timer);
		}
		assert_int_equal(nhrp_timerq_next(&queue), earliest());
		if (rnd() % 8 == 0) {
			now += rnd() % 50;
			nhrp_timerq_run(&queue, now);
			assert_true(earliest() > now);
		}
	}
	nhrp_timerq_run(&queue, now + 2000);
	assert_int_equal(earliest(), NHRP_NEVER);
	assert_int_equal(nhrp_timerq_next(&queue), NHRP_NEVER);
}

static unsigned int order[3], fired;

static void note_order(struct nhrp_timer *timer, u64 now)
{
	(void)now;
	order[fired++] = (unsigned int)timer->seq;
}

static void equal_deadlines_keep_their_order(void **state)
{
	struct nhrp_timerq q = { 0 };
	struct nhrp_timer t[3] = { 0 };
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		t[i].fn = note_order;
		nhrp_timer_set(&q, &t[i], 100);
	}
	nhrp_timerq_run(&q, 100);
	assert_int_equal(fired, 3);
	assert_true(order[0] < order[1] && order[1] < order[2]);
}

static struct nhrp_timerq again_queue;
static unsigned int again_count;

static void again(struct nhrp_timer *timer, u64 now)
{
	again_count++;
	nhrp_timer_set(&again_queue, timer, now);
}

/* A timer that sets itself for now does not keep the caller for ever. */
static void no_endless_run(void **state)
{
	struct nhrp_timer t = { .fn = again };

	(void)state;
	nhrp_timer_set(&again_queue, &t, 5);
	nhrp_timerq_run(&again_queue, 10);
	assert_int_equal(again_count, 1);
	nhrp_timerq_run(&again_queue, 10);
	assert_int_equal(again_count, 2);
	nhrp_timer_clear(&again_queue, &t);
}

struct item {
	struct nhrp_node node;
	u64 key;
};

static struct item *lookup(struct nhrp_table *table, u64 key, u64 hash)
{
	struct nhrp_node *n;

	for (n = nhrp_table_chain(table, hash); n; n = n->chain) {
		struct item *item = container_of(n, struct item, node);

		if (item->key == key)
			return item;
	}
	return NULL;
}

/* All in one bucket or well spread: found, and walked in order of insertion. */
static void table_finds_and_walks(void **state)
{
	static struct item items[N];
	unsigned int bad_hash, i;

	(void)state;
	for (bad_hash = 0; bad_hash < 2; bad_hash++) {
		struct nhrp_table table = { 0 };
		struct nhrp_node *n, *tmp;
		u64 last = 0;

		for (i = 0; i < N; i++) {
			items[i].key = i + 1;
			assert_int_equal(nhrp_table_add(&table, &items[i].node,
							bad_hash ? 7 : i * 13),
					 0);
		}
		for (i = 0; i < N; i += 2)
			nhrp_table_del(&table, &items[i].node);
		nhrp_table_del(&table, &items[0].node);	/* twice is harmless */
		assert_int_equal(table.count, N / 2);
		for (i = 0; i < N; i++) {
			struct item *found = lookup(&table, i + 1,
						    bad_hash ? 7 : i * 13);

			assert_ptr_equal(found, i % 2 ? &items[i] : NULL);
		}
		nhrp_table_for_each(n, tmp, &table) {
			assert_true(container_of(n, struct item, node)->key >
				    last);
			last = container_of(n, struct item, node)->key;
			nhrp_table_del(&table, n);
		}
		assert_int_equal(table.count, 0);
		nhrp_table_free(&table);
	}
}

static void bucket_holds_its_rate(void **state)
{
	struct nhrp_bucket b = { 0 };
	unsigned int passed = 0;
	u64 now;

	(void)state;
	/* 10 a second, burst of 5, offered a thousand a second for 10 s */
	for (now = 1000; now < 11000; now++)
		passed += nhrp_bucket_take(&b, 100000, 5, now);
	assert_in_range(passed, 104, 105);
	/* Long silence gives the burst back and no more. */
	for (passed = 0, now = 100000; now < 100050; now++)
		passed += nhrp_bucket_take(&b, 100000, 5, now);
	assert_int_equal(passed, 5);
}

/* One source that floods does not use up what others have. */
static void limiter_is_per_source(void **state)
{
	static struct nhrp_limiter l;
	unsigned int quiet = 0;
	u64 now;

	(void)state;
	for (now = 1000; now < 11000; now++) {
		nhrp_limiter_take(&l, 1, 1000000, 1, now);
		if (now % 2000 == 0)
			quiet += nhrp_limiter_take(&l, 2, 1000000, 1, now);
	}
	assert_int_equal(quiet, 5);
}

static struct nhrp_addr addr(const char *text)
{
	struct nhrp_addr a;

	assert_int_equal(nhrp_addr_parse(&a, text), 0);
	return a;
}

static void good_config(struct nhrp_tunnel_config *cfg)
{
	nhrp_tunnel_config_default(cfg);
	assert_int_equal(nhrp_prefix_parse(&cfg->locals[0],
					   "192.168.111.2/24"), 0);
	cfg->nr_locals = 1;
	cfg->nbma[0] = addr("192.168.50.2");
	cfg->nr_hubs = 1;
	cfg->hubs[0].has_proto = true;
	cfg->hubs[0].proto = addr("192.168.111.1");
	cfg->hubs[0].peer.nbma = addr("192.168.50.1");
}

static void break_config(struct nhrp_tunnel_config *cfg, unsigned int how)
{
	switch (how) {
	case 0:
		cfg->nr_locals = 0;
		break;
	case 1:
		cfg->hubs[0].peer.nbma = addr("0.0.0.0");
		break;
	case 2:
		cfg->hubs[0].peer.nbma = addr("192.168.50.2");
		break;
	case 3:
		cfg->hubs[0].peer.nbma = addr("ff02::1");
		break;
	case 4:
		cfg->hubs[0].proto = addr("192.168.111.2");
		break;
	case 5:
		cfg->holding_time_s = 9;
		break;
	case 6:
		cfg->nr_hubs = NHRP_HUBS_MAX + 1;
		break;
	case 7:
		cfg->auth = NHRP_AUTH_CISCO;
		break;
	case 8:
		cfg->nbma[0] = addr("127.0.0.1");
		break;
	case 9:
		cfg->min_plen[0] = 33;
		break;
	case 10:
		cfg->max_bindings = 0;
		break;
	case 11:
		cfg->hubs[0].peer.port = 4754;	/* of a GRE peer */
		break;
	case 12:
		cfg->nr_statics = 1;
		break;
	case 13:
		cfg->auth = NHRP_AUTH_CISCO;
		memset(cfg->password, 'x', sizeof(cfg->password));
		break;
	case 14:
		cfg->max_hubs = 0;
		break;
	case 15:
		cfg->max_hubs = NHRP_HUBS_MAX + 1;
		break;
	}
}

static void configurations(void **state)
{
	struct nhrp_tunnel_config cfg;
	const char *why;
	unsigned int i;

	(void)state;
	good_config(&cfg);
	assert_int_equal(nhrp_tunnel_config_check(&cfg, &why), 0);
	for (i = 0; i <= 15; i++) {
		good_config(&cfg);
		break_config(&cfg, i);
		why = NULL;
		assert_int_not_equal(nhrp_tunnel_config_check(&cfg, &why), 0);
		assert_non_null(why);
	}
	/* A hub of a family that we have no address of only has to wait. */
	good_config(&cfg);
	cfg.hubs[0].peer.nbma = addr("2001:db8::1");
	assert_int_equal(nhrp_tunnel_config_check(&cfg, NULL), 0);
	assert_int_not_equal(nhrp_tunnel_config_phase(&cfg, 0), 0);
	assert_int_not_equal(nhrp_tunnel_config_phase(&cfg, 4), 0);
}

/* Every counter and event has a name of its own. */
static void names(void **state)
{
	unsigned int i, j;

	(void)state;
	for (i = 0; i < NHRP_C_MAX; i++) {
		assert_non_null(nhrp_counter_name(i));
		for (j = 0; j < i; j++)
			assert_string_not_equal(nhrp_counter_name(i),
						nhrp_counter_name(j));
	}
	for (i = 0; i < NHRP_EVENT_MAX; i++)
		assert_non_null(nhrp_event_name(i));
	assert_non_null(nhrp_counter_name(NHRP_C_MAX));
	assert_non_null(nhrp_event_name(NHRP_EVENT_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_fire_in_order),
		cmocka_unit_test(equal_deadlines_keep_their_order),
		cmocka_unit_test(no_endless_run),
		cmocka_unit_test(table_finds_and_walks),
		cmocka_unit_test(bucket_holds_its_rate),
		cmocka_unit_test(limiter_is_per_source),
		cmocka_unit_test(configurations),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
