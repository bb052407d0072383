// SPDX-License-Identifier: GPL-2.0
/*
 * The bindings file: what is written is read, and nothing else is; what a tunnel takes
 * from it and leaves in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "dvpnd/bindings.h"
#include "dvpnd/daemon.h"
#include "dvpnd/log.h"
#include "dvpnd/state.h"
#include "dvpnd/tunnel.h"
#include "idle_env.h"
#include "nhrp/binding.h"
#include "nhrp/internal.h"

#define NOW 1700000000
#define FIRST "dvpn-bindings 1 1700000000\n"
#define LINE "b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u 17\n"

static struct nhrp_binding_info got[4];
static unsigned int nr_got;

static void take(void *ctx, const struct nhrp_binding_info *b)
{
	assert_ptr_equal(ctx, got);
	assert_true(nr_got < ARRAY_SIZE(got));
	got[nr_got++] = *b;
}

/* Return: why it is refused, NULL if it is not. */
static const char *parse(const char *text, size_t len, u64 now_s)
{
	struct bindings_error e;
	char *copy = malloc(len ? len : 1);
	int err;

	/* Not a byte more, so that reading on is found. */
	assert_non_null(copy);
	memcpy(copy, text, len);
	nr_got = 0;
	err = bindings_parse(copy, len, now_s, take, got, &e);
	free(copy);
	if (err)
		assert_int_equal(nr_got, 0);
	return err ? e.why : NULL;
}

static const char *parse_text(const char *text)
{
	return parse(text, strlen(text), NOW);
}

static void there_and_back(void **state)
{
	struct nhrp_binding_info b[3] = {
		{
			.holding_time_s = 600, .expires_ms = 599000, .unique = true,
			.request_id = UINT32_MAX,
			.peer = { .encap = NHRP_ENCAP_UDP, .port = 65535, .mark = UINT32_MAX,
				  .if_id = 12 },
		}, {
			.holding_time_s = 65535, .expires_ms = 65535000,
			.identity = "a_name-of.31-letters-and-digits",
		}, {
			.holding_time_s = 10, .expires_ms = 10000, .ike_owner = 0xabcdef,
		},
	};
	size_t len;
	char *text;
	FILE *f;

	(void)state;
	nhrp_addr_parse(&b[0].proto, "10.0.0.2");
	nhrp_addr_parse(&b[0].peer.nbma, "2001:db8::1");
	nhrp_addr_parse(&b[0].claimed, "2001:db8::2");
	nhrp_addr_parse(&b[1].proto, "fe80::1");
	nhrp_addr_parse(&b[1].peer.nbma, "192.0.2.1");
	nhrp_addr_parse(&b[1].claimed, "10.9.9.9");
	nhrp_addr_parse(&b[2].proto, "10.0.0.3");
	nhrp_addr_parse(&b[2].peer.nbma, "192.0.2.3");
	nhrp_addr_parse(&b[2].claimed, "192.0.2.3");
	f = open_memstream(&text, &len);
	bindings_put_first(f, NOW);
	bindings_put(f, &b[0], NOW);
	bindings_put(f, &b[1], NOW);
	bindings_put(f, &b[2], NOW);
	bindings_put_last(f, 3);
	fclose(f);
	assert_null(parse(text, len, NOW));
	assert_int_equal(nr_got, 3);
	assert_memory_equal(got, b, sizeof(b));
	/* Ten minutes later one has ended. */
	assert_null(parse(text, len, NOW + 600));
	assert_int_equal(got[0].expires_ms, 0);
	assert_int_equal(got[1].expires_ms, 64935000);
	/* A clock that was set back by a little does not prolong it. */
	assert_null(parse(text, len, NOW - 50));
	assert_int_equal(got[0].expires_ms, 600000);
	free(text);
}

/* The clock decides whether it is believed. */
static void old_or_new(void **state)
{
	static const char text[] = FIRST LINE "end 1\n";
	size_t len = strlen(text);

	(void)state;
	assert_null(parse(text, len, NOW + BINDINGS_DAY_S));
	assert_string_equal(parse(text, len, NOW + BINDINGS_DAY_S + 1),
			    "it is older than a day");
	assert_null(parse(text, len, NOW - 60));
	assert_string_equal(parse(text, len, NOW - 61), "it was saved in the future");
	assert_string_equal(parse(text, len, 0), "it was saved in the future");
}

static void one_bad_word(void **state)
{
	static const char *const lines[] = {
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u 17 1",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u 17 ",
		"b 10.0.0.2  192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.256 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2/32 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u 17",
		"b none 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2 host gre 0 0 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 gre 1 0 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 udp 0 0 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 udp 65536 0 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 esp 0 0 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 gre 0 4294967296 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 gre 0 0 -1 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 65536 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000601 u 17",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 99999999999999999999 u 17",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 0600 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 x 17",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u +17",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u ",
		"c 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u 17",
		"",
	};
	char text[512];
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		/* The good one before it is not taken either. */
		snprintf(text, sizeof(text), FIRST LINE "%s\nend 2\n", lines[i]);
		assert_non_null(parse_text(text));
	}
	assert_null(parse_text(FIRST LINE LINE "end 2\n"));
	assert_int_equal(nr_got, 2);
}

/* Whose it is: not in files of version 1. */
static void identities(void **state)
{
	static const char *const bad[] = {
		" ", " -", " a/b", " a b", " a-name.of.32-letters_and.digits--",
	};
	char text[512];
	unsigned int i;

	(void)state;
	assert_null(parse_text("dvpn-bindings 2 1700000000\n" LINE "end 1\n"));
	assert_string_equal(got[0].identity, "");
	snprintf(text, sizeof(text), "dvpn-bindings 2 1700000000\n%.*s berlin.1\nend 1\n",
		 (int)strlen(LINE) - 1, LINE);
	assert_null(parse_text(text));
	assert_string_equal(got[0].identity, "berlin.1");
	text[strlen("dvpn-bindings ")] = '1';
	assert_non_null(parse_text(text));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(text, sizeof(text), "dvpn-bindings 2 1700000000\n%.*s%s\nend 1\n",
			 (int)strlen(LINE) - 1, LINE, bad[i]);
		assert_non_null(parse_text(text));
	}
}

/* An IKE identity: of version 3 only. */
static void ike_owners(void **state)
{
	static const char *const bad[] = {
		" =", " =1", " =0000000000000000", " =00000000000000001", " =00000000000000G1",
		" =000000000000001F", " 0000000000000001", " =+000000000000001",
		" =                ", " berlin =0000000000000001",
	};
	char text[512];
	unsigned int i;

	(void)state;
	snprintf(text, sizeof(text), "dvpn-bindings 3 1700000000\n%.*s =00000000abcdef01\nend 1\n",
		 (int)strlen(LINE) - 1, LINE);
	assert_null(parse_text(text));
	assert_true(got[0].ike_owner == 0xabcdef01);
	assert_string_equal(got[0].identity, "");
	text[strlen("dvpn-bindings ")] = '2';
	assert_non_null(parse_text(text));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(text, sizeof(text), "dvpn-bindings 3 1700000000\n%.*s%s\nend 1\n",
			 (int)strlen(LINE) - 1, LINE, bad[i]);
		/* A name may look like a number. */
		if (strchr(bad[i], '='))
			assert_non_null(parse_text(text));
		else
			assert_null(parse_text(text));
	}
}

static void not_a_file_of_ours(void **state)
{
	static const char *const texts[] = {
		"", "\n", "dvpn-bindings", "dvpn-bindings 1\nend 0\n",
		"dvpn-bindings 4 1700000000\nend 0\n", "dvpn-bindings 0 1700000000\nend 0\n",
		"dvpn-bindings 01 1700000000\nend 0\n",
		"dvpn-bindings 1 x\nend 0\n", "dvpn-state 1 1700000000\nend 0\n",
		"dvpn-bindings 1 99999999999999999999\nend 0\n",
		FIRST "end 1\n", FIRST LINE "end 0\n", FIRST LINE "end\n", FIRST LINE "end 1",
		FIRST LINE "end 1\n\n", FIRST LINE "end 1\n" LINE, FIRST LINE, FIRST,
	};
	char text[2 * BINDINGS_LINE_MAX];
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		assert_non_null(parse_text(texts[i]));
	assert_null(parse_text(FIRST "end 0\n"));
	/* Cut anywhere; a byte that is no character anywhere. */
	for (i = 0; i < strlen(FIRST LINE "end 1\n"); i++) {
		assert_non_null(parse(FIRST LINE "end 1\n", i, NOW));
		memcpy(text, FIRST LINE "end 1\n", sizeof(FIRST LINE "end 1\n"));
		text[i] = 0;
		assert_non_null(parse(text, strlen(FIRST LINE "end 1\n"), NOW));
	}
	/* A line without end. */
	memset(text, 'b', sizeof(text));
	memcpy(text, FIRST, strlen(FIRST));
	text[sizeof(text) - 1] = '\n';
	assert_non_null(parse(text, sizeof(text), NOW));
}

/* ----- of a tunnel ----- */

#define LINE6 "b fe80::2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u 18\n"

/**
 * struct hub - a hub of which only the core and the file are real
 * @now_ms: its clock
 * @wall_s: what the clock on the wall is ahead of that by
 * @d: daemon
 * @t: tunnel
 * @cfg: what its core was told last
 */
static struct hub {
	u64 now_ms;
	long wall_s;
	struct daemon d;
	struct tunnel t;
	struct nhrp_tunnel_config cfg;
} hub;

static char dir[32] = "/tmp/test_bindings.XXXXXX";
static char file[64];

/* Linked with --wrap: these instead of the real ones. */
int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	(void)id;
	ts->tv_sec = hub.now_ms / 1000;
	ts->tv_nsec = hub.now_ms % 1000 * 1000000;
	return 0;
}

time_t __wrap_time(time_t *at)
{
	(void)at;
	return NOW + hub.wall_s + (time_t)(hub.now_ms / 1000);
}

static void write_file(const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* After a boot: the device has no more than its link-local address. */
static void attach(void)
{
	hub.d.core = nhrp_core_new(&idle_env);
	hub.t.d = &hub.d;
	snprintf(hub.t.cfg.name, sizeof(hub.t.cfg.name), "dvpn0");
	nhrp_tunnel_config_default(&hub.cfg);
	hub.cfg.nhs = true;
	hub.cfg.nr_locals = 1;
	assert_int_equal(nhrp_prefix_parse(&hub.cfg.locals[0], "fe80::1/64"), 0);
	assert_int_equal(nhrp_addr_parse(&hub.cfg.nbma[0], "192.0.2.1"), 0);
	hub.t.nhrp = nhrp_tunnel_new(hub.d.core, &hub.cfg, &hub.t, hub.now_ms);
	assert_non_null(hub.t.nhrp);
	bindings_restore(&hub.t);
	nhrp_tunnel_start(hub.t.nhrp, hub.now_ms);
	hub.t.started_ms = hub.now_ms;
}

static void address_comes(void)
{
	hub.cfg.nr_locals = 2;
	assert_int_equal(nhrp_prefix_parse(&hub.cfg.locals[1], "10.0.0.1/24"), 0);
	assert_int_equal(nhrp_tunnel_reconfigure(hub.t.nhrp, &hub.cfg, hub.now_ms), 0);
	bindings_restore_rest(&hub.t);
}

static void detach(void)
{
	bindings_flush(&hub.t);
	nhrp_tunnel_free(hub.t.nhrp);
	hub.t.nhrp = NULL;
	nhrp_core_free(hub.d.core);
}

static struct nhrp_binding *binding(const char *proto)
{
	struct nhrp_addr a;

	assert_int_equal(nhrp_addr_parse(&a, proto), 0);
	return nhrp_binding_find(hub.t.nhrp, &a);
}

static int setup(void **state)
{
	(void)state;
	memset(&hub, 0, sizeof(hub));
	hub.now_ms = 1000;
	return state_open(dir, -1, -1, &hub.d.state);
}

static int teardown(void **state)
{
	(void)state;
	detach();
	state_close(hub.d.state);
	unlink(file);
	return 0;
}

/* What was taken back and has ended since is not taken back once more. */
static void ended_stays_ended(void **state)
{
	(void)state;
	write_file(FIRST LINE LINE6 "end 2\n");
	attach();
	assert_null(binding("10.0.0.2"));
	assert_non_null(binding("fe80::2"));
	nhrp_binding_gone(binding("fe80::2"), "deregistered", hub.now_ms);
	address_comes();
	assert_non_null(binding("10.0.0.2"));
	assert_null(binding("fe80::2"));
}

static bool file_has(const char *line)
{
	char text[1024] = "";
	FILE *f = fopen(file, "r");

	if (!f)
		return false;
	assert_int_not_equal(fread(text, 1, sizeof(text) - 1, f), 0);
	fclose(f);
	return strstr(text, line);
}

/* Until the addresses are there, nobody but the file knows of the rest. */
static void what_waits_stays_in_the_file(void **state)
{
	(void)state;
	write_file(FIRST LINE LINE6 "end 2\n");
	attach();
	write_file("overwritten");
	assert_int_equal(bindings_run(&hub.t), UINT64_MAX);
	assert_true(file_has("\n" LINE6));
	assert_true(file_has("\n" LINE));
	assert_true(file_has("\nend 2\n"));
	/* Nor when the device goes after a change. */
	nhrp_binding_gone(binding("fe80::2"), "deregistered", hub.now_ms);
	write_file("overwritten");
	detach();
	assert_false(file_has("\n" LINE6));
	assert_true(file_has("\n" LINE));
	attach();
	address_comes();
	assert_non_null(binding("10.0.0.2"));
	detach();
	assert_true(file_has("\n" LINE "end 1\n"));
	attach();
}

#define SOON_OVER "b 10.0.0.3 192.0.2.3 gre 0 0 0 192.0.2.3 600 1700000080 u 17\n"

/* It waits for its address as long as it holds, and no longer. */
static void what_waits_ends(void **state)
{
	(void)state;
	write_file(FIRST LINE LINE6 SOON_OVER "end 3\n");
	attach();
	hub.now_ms += 90000;
	bindings_run(&hub.t);
	assert_true(file_has("\n" LINE6 LINE "end 2\n"));
	address_comes();
	assert_non_null(binding("10.0.0.2"));
	assert_null(binding("10.0.0.3"));
}

#define DAY_S	86400

static u64 left_ms(const char *proto)
{
	return binding(proto)->expires_at - hub.now_ms;
}

/* T56: the clock on the wall jumps while the agent runs: what is registered does not notice. */
static void clock_jumps(void **state)
{
	static const long by[] = { DAY_S, -DAY_S };
	unsigned int i;
	u64 left;

	(void)state;
	write_file(FIRST LINE6 "end 1\n");
	attach();
	left = left_ms("fe80::2");
	for (i = 0; i < 2; i++) {
		hub.wall_s += by[i];
		hub.now_ms += 10000;
		assert_int_equal(left_ms("fe80::2"), left - 10000);
		/* What is saved after it is by the new clock, as is who reads it after a boot. */
		nhrp_save_by(hub.t.nhrp, hub.now_ms);
		bindings_run(&hub.t);
		detach();
		attach();
		assert_in_range(left_ms("fe80::2"), left - 11000, left - 10000);
		left = left_ms("fe80::2");
	}
}

/* It jumps between the last save and a boot: nothing lives for longer, spokes register again. */
static void clock_jumps_before_a_boot(void **state)
{
	static const long by[] = { DAY_S, -DAY_S };
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		hub.wall_s = 0;
		write_file(FIRST LINE6 "end 1\n");
		hub.wall_s = by[i];
		attach();
		assert_null(binding("fe80::2"));
		if (!i)
			detach();
	}
}

/* A disk that was full is not full for ever. */
static void save_is_tried_again(void **state)
{
	u64 wait_ms;

	(void)state;
	write_file(FIRST LINE6 "end 1\n");
	attach();
	unlink(file);
	assert_int_equal(mkdir(file, 0700), 0);
	wait_ms = bindings_run(&hub.t);
	assert_in_range(wait_ms, 1000, 60000);
	/* It fails again, and is not tried all the time. */
	hub.now_ms += wait_ms;
	assert_int_equal(bindings_run(&hub.t), wait_ms);
	assert_int_equal(rmdir(file), 0);
	assert_int_equal(bindings_run(&hub.t), wait_ms);
	assert_false(file_has(LINE6));
	hub.now_ms += wait_ms;
	assert_int_equal(bindings_run(&hub.t), UINT64_MAX);
	assert_true(file_has(LINE6));
	/* Nothing is left to be done. */
	unlink(file);
	hub.now_ms += wait_ms;
	assert_int_equal(bindings_run(&hub.t), UINT64_MAX);
	assert_false(file_has(LINE6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(old_or_new),
		cmocka_unit_test(one_bad_word),
		cmocka_unit_test(identities),
		cmocka_unit_test(ike_owners),
		cmocka_unit_test(not_a_file_of_ours),
		cmocka_unit_test_setup_teardown(ended_stays_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(what_waits_stays_in_the_file, setup, teardown),
		cmocka_unit_test_setup_teardown(what_waits_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(clock_jumps, setup, teardown),
		cmocka_unit_test_setup_teardown(clock_jumps_before_a_boot, setup, teardown),
		cmocka_unit_test_setup_teardown(save_is_tried_again, setup, teardown),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	snprintf(file, sizeof(file), "%s/bindings.dvpn0", dir);
	log_setup(LOG_EMERG);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(file, sizeof(file), "%s/lock", dir);
	unlink(file);
	rmdir(dir);
	return failed;
}
