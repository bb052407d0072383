// SPDX-License-Identifier: GPL-2.0
/* Names of hubs: what is asked when, and what is believed */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "dvpnd/attach.h"
#include "dvpnd/daemon.h"
#include "dvpnd/names.h"
#include "dvpnd/resolver.h"
#include "dvpnd/tunnel.h"

#define NAME "hub.example.net"

static u64 now_ms;
static unsigned int refreshed;

int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	(void)id;
	ts->tv_sec = now_ms / 1000;
	ts->tv_nsec = now_ms % 1000 * 1000000;
	return 0;
}

void __wrap_tunnel_refresh(struct tunnel *t)
{
	(void)t;
	refreshed++;
}

/* A daemon with one tunnel with one hub, and the other end of its socket. */
static struct fixture {
	char dir[32];
	struct daemon d;
	struct tunnel t;
	int fd;
} f;

static void open_names(void)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	assert_int_equal(state_open(f.dir, -1, -1, &f.d.state), 0);
	f.d.names = names_new(&f.d, fds[0]);
	assert_non_null(f.d.names);
	names_start(f.d.names);
	f.fd = fds[1];
}

static void close_names(void)
{
	names_free(f.d.names);
	state_close(f.d.state);
	close(f.fd);
	ev_loop_destroy(f.d.loop);
	f.d.loop = ev_loop_new(EVFLAG_AUTO);
}

static int setup(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	snprintf(f.dir, sizeof(f.dir), "/tmp/test_names.XXXXXX");
	assert_non_null(mkdtemp(f.dir));
	now_ms = 1000000;
	refreshed = 0;
	f.d.loop = ev_loop_new(EVFLAG_AUTO);
	f.d.tunnels = &f.t;
	f.t.d = &f.d;
	f.t.has_link = true;
	f.t.cfg.core.nr_hubs = 1;
	memcpy(f.t.cfg.core.hubs[0].name, NAME, sizeof(NAME));
	open_names();
	return 0;
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	close_names();
	ev_loop_destroy(f.d.loop);
	snprintf(command, sizeof(command), "rm -r %s", f.dir);
	return system(command);
}

/* What is known; asking for it makes it wanted. */
static unsigned int known(struct nhrp_addr *first)
{
	struct nhrp_hub hub = f.t.cfg.core.hubs[0];

	names_get(f.d.names, f.t.vrf, &hub);
	if (first)
		*first = hub.addrs[0];
	return hub.nr_addrs;
}

/* The question that is out, if there is one. */
static bool asked(struct resolver_question *q)
{
	names_run(f.d.names);
	return recv(f.fd, q, sizeof(*q), MSG_DONTWAIT) == sizeof(*q);
}

static void say(const void *data, size_t len)
{
	assert_int_equal(send(f.fd, data, len, 0), len);
	ev_run(f.d.loop, EVRUN_NOWAIT);
}

static void answer(u32 id, u32 ttl_s, const char *addr, const char *other)
{
	struct resolver_answer a = { .id = id, .ttl_s = ttl_s };

	assert_int_equal(nhrp_addr_parse(&a.addrs[a.nr++], addr), 0);
	if (other)
		assert_int_equal(nhrp_addr_parse(&a.addrs[a.nr++], other), 0);
	say(&a, sizeof(a));
}

/* One family alone was answered. */
static void answer_half(u32 id, u32 failed, const char *addr)
{
	struct resolver_answer a = { .id = id, .ttl_s = 3600, .nr = 1, .failed = failed,
				     .error = "timeout" };

	assert_int_equal(nhrp_addr_parse(&a.addrs[0], addr), 0);
	say(&a, sizeof(a));
}

static void answer_error(u32 id)
{
	struct resolver_answer a = { .id = id, .error = "no such name" };

	say(&a, sizeof(a));
}

/* How long till the next question, to the second. */
static u64 next_s(void)
{
	u64 ms = names_run(f.d.names);

	return ms == UINT64_MAX ? ms : ms / 1000;
}

static void is_asked_and_told(void **state)
{
	struct resolver_question q;
	struct nhrp_addr first;
	char why[200];

	(void)state;
	assert_int_equal(next_s(), UINT64_MAX);
	memcpy(f.t.vrf, "blue", 5);
	assert_int_equal(known(NULL), 0);
	names_why(f.d.names, "blue", NAME, why, sizeof(why));
	assert_string_equal(why, NAME " is being looked up");
	assert_true(asked(&q));
	assert_string_equal(q.name, NAME);
	assert_string_equal(q.device, "blue");
	/* Once, and nothing more while it is out. */
	now_ms += 3000;
	names_hurry(f.d.names, &f.t);
	assert_false(asked(&q));
	answer(q.id, 30, "192.0.2.1", "2001:db8::1");
	assert_int_equal(refreshed, 1);
	assert_int_equal(known(&first), 2);
	assert_int_equal(first.b[3], 1);
	assert_in_range(next_s(), 30, 31);
	names_why(f.d.names, "blue", NAME, why, sizeof(why));
	assert_string_equal(why, NAME " leads only to addresses of ours, of other hubs or of none");
	/* The same in another order is no news. */
	now_ms += 31000;
	assert_true(asked(&q));
	answer(q.id, 1, "2001:db8::1", "192.0.2.1");
	assert_int_equal(refreshed, 1);
	assert_in_range(next_s(), 5, 6);
	now_ms += 6000;
	assert_true(asked(&q));
	answer(q.id, 1000000, "192.0.2.2", NULL);
	assert_int_equal(refreshed, 2);
	now_ms += NAMES_QUIET_MS;
	assert_in_range(next_s(), 3540, 3541);
}

static void failures_take_nothing_away(void **state)
{
	static const unsigned int wait_s[] = { 5, 10, 20, 40, 80, 160, 300, 300 };
	struct resolver_question q;
	char why[200];
	unsigned int i;

	(void)state;
	known(NULL);
	assert_true(asked(&q));
	answer(q.id, 60, "192.0.2.1", NULL);
	now_ms += 61000;
	for (i = 0; i < sizeof(wait_s) / sizeof(*wait_s); i++) {
		assert_true(asked(&q));
		answer_error(q.id);
		assert_int_equal(next_s(), wait_s[i]);
		now_ms += wait_s[i] * 1000;
		assert_int_equal(known(NULL), 1);
	}
	names_why(f.d.names, "", NAME, why, sizeof(why));
	assert_string_equal(why, NAME ": no such name");
	/* Silence is one, too; what comes after it answers nothing. */
	assert_true(asked(&q));
	now_ms += RESOLVER_LIMIT_MS;
	assert_int_equal(next_s(), 300);
	answer(q.id, 60, "192.0.2.9", NULL);
	assert_int_equal(refreshed, 1);
	/* A hub that is lost: not after five minutes. */
	names_hurry(f.d.names, &f.t);
	assert_true(asked(&q));
	answer(q.id, 60, "192.0.2.3", NULL);
	assert_int_equal(refreshed, 2);
	names_hurry(f.d.names, &f.t);
	assert_false(asked(&q));
	assert_in_range(next_s(), 4, 5);
}

/* The name server of one family fails: that family stays as it was. */
static void half_fails(void **state)
{
	struct resolver_question q;
	struct nhrp_addr first;
	unsigned int i;

	(void)state;
	known(NULL);
	assert_true(asked(&q));
	answer(q.id, 60, "192.0.2.1", "2001:db8::1");
	now_ms += 62000;
	assert_true(asked(&q));
	answer_half(q.id, AF_INET, "2001:db8::1");
	assert_int_equal(known(&first), 2);
	assert_int_equal(first.b[3], 1);
	assert_int_equal(refreshed, 1);
	/* What failed is asked for again soon. */
	for (i = 0; i < 3; i++) {
		assert_int_equal(next_s(), 5 << i);
		now_ms += 5000 << i;
		assert_true(asked(&q));
		answer_half(q.id, AF_INET6, "192.0.2.2");
		assert_int_equal(known(&first), 2);
		assert_int_equal(first.b[3], 2);
		assert_int_equal(refreshed, 2);
	}
	now_ms += 40000;
	assert_true(asked(&q));
	answer(q.id, 60, "192.0.2.2", NULL);
	assert_int_equal(known(NULL), 1);
	assert_in_range(next_s(), 60, 61);
}

static void unwanted_ones_go(void **state)
{
	struct resolver_question q;

	(void)state;
	known(NULL);
	assert_true(asked(&q));
	answer(q.id, 60, "192.0.2.1", NULL);
	f.t.cfg.core.nr_hubs = 0;
	now_ms += 62000;
	assert_false(asked(&q));
	assert_int_equal(next_s(), UINT64_MAX);
}

static void outlives_a_restart(void **state)
{
	struct resolver_question q;
	struct nhrp_addr first;

	(void)state;
	known(NULL);
	assert_true(asked(&q));
	answer(q.id, 60, "192.0.2.1", "2001:db8::1");
	close_names();
	open_names();
	assert_int_equal(known(&first), 2);
	assert_int_equal(first.b[3], 1);
	/* And is asked for at once all the same. */
	assert_true(asked(&q));
}

/* What the file says of the name, "" if nothing. */
static const char *filed(void)
{
	static char line[200];
	char *text, *at;
	size_t len;

	*line = '\0';
	if (state_read(f.d.state, "names", 10000, &text, &len))
		return line;
	at = strstr(text, NAME);
	if (at)
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
	free(text);
	return line;
}

/* A name that leads elsewhere every few seconds does not keep the disk busy. */
static void never_the_same(void **state)
{
	struct resolver_question q;
	char addr[32];
	unsigned int i;

	(void)state;
	known(NULL);
	for (i = 1; i <= 20; i++) {
		assert_true(asked(&q));
		snprintf(addr, sizeof(addr), "192.0.2.%u", i);
		answer(q.id, 5, addr, NULL);
		assert_int_equal(refreshed, i);
		next_s();
		assert_string_equal(filed(), i < 11 ? NAME " - 192.0.2.1" :
					     NAME " - 192.0.2.10");
		now_ms += 6000;
	}
	/* Nothing of it is lost. */
	close_names();
	open_names();
	assert_string_equal(filed(), NAME " - 192.0.2.20");
}

/* There are more than we look at, and that is not forgotten. */
static void there_are_more(void **state)
{
	struct nhrp_hub hub = f.t.cfg.core.hubs[0];
	struct resolver_question q;
	struct resolver_answer a = { .ttl_s = 60, .nr = 1, .more = 1 };
	unsigned int i;

	(void)state;
	known(NULL);
	assert_true(asked(&q));
	a.id = q.id;
	assert_int_equal(nhrp_addr_parse(&a.addrs[0], "192.0.2.1"), 0);
	say(&a, sizeof(a));
	for (i = 0; i < 2; i++) {
		names_get(f.d.names, "", &hub);
		assert_int_equal(hub.nr_addrs, 1);
		assert_true(hub.more);
		close_names();
		open_names();
	}
	known(NULL);
	assert_true(asked(&q));
	answer(q.id, 60, "192.0.2.1", NULL);
	names_get(f.d.names, "", &hub);
	assert_false(hub.more);
}

static void damaged_file(void **state)
{
	static const char *const texts[] = {
		"", "dvpn-names 2\n" NAME " - 192.0.2.1\n", "dvpn-names 1\n" NAME "\n",
		"dvpn-names 1\n" NAME " - 192.0.2.1", "dvpn-names 1\n\n",
		"dvpn-names 1\n" NAME " a-device-that-is-long 192.0.2.1\n",
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		state_replace(f.d.state, "names", texts[i], strlen(texts[i]), false);
		close_names();
		open_names();
		assert_int_equal(known(NULL), 0);
	}
}

static void not_believed(void **state)
{
	struct resolver_question q;
	struct resolver_answer a;
	char why[200];
	unsigned int i;

	(void)state;
	for (i = 0; i < 10; i++) {
		known(NULL);
		assert_true(asked(&q));
		memset(&a, 0, sizeof(a));
		a.id = q.id;
		a.nr = i == 0 ? NHRP_HUB_ADDRS_MAX + 1 : i == 1 || i == 5 || i >= 7;
		if (i >= 5) {
			assert_int_equal(nhrp_addr_parse(&a.addrs[0], "192.0.2.1"), 0);
			memcpy(a.error, "timeout", 7);
			a.failed = i == 5 ? AF_UNIX : i == 7 ? AF_INET : i >= 8 ? 0 : AF_INET6;
			a.more = i == 8 ? 2 : 0;
		}
		/* Behind an IPv4 address, which makes it another one. */
		if (i == 9)
			a.addrs[0].b[4] = 1;
		if (i == 2)
			memset(a.error, 'x', sizeof(a.error));
		if (i == 3)
			memcpy(a.error, "\033[2J", 5);
		say(&a, sizeof(a) - (i == 4));
		assert_int_equal(known(NULL), 0);
		names_why(f.d.names, "", NAME, why, sizeof(why));
		assert_string_equal(why, "the process that looks up names has ended");
		close_names();
		open_names();
	}
}

static void helper_ends(void **state)
{
	struct resolver_question q;

	(void)state;
	known(NULL);
	assert_true(asked(&q));
	answer(q.id, 60, "192.0.2.1", NULL);
	shutdown(f.fd, SHUT_RDWR);
	ev_run(f.d.loop, EVRUN_NOWAIT);
	now_ms += 62000;
	assert_int_equal(next_s(), UINT64_MAX);
	assert_int_equal(known(NULL), 1);
}

/* It could not even be started: what is known from the last time is used. */
static void no_helper(void **state)
{
	struct resolver_question q;
	char why[200];

	(void)state;
	known(NULL);
	assert_true(asked(&q));
	answer(q.id, 60, "192.0.2.1", NULL);
	close_names();
	assert_int_equal(state_open(f.dir, -1, -1, &f.d.state), 0);
	f.d.names = names_new(&f.d, -1);
	assert_non_null(f.d.names);
	names_start(f.d.names);
	ev_run(f.d.loop, EVRUN_NOWAIT);
	assert_int_equal(known(NULL), 1);
	assert_int_equal(next_s(), UINT64_MAX);
	snprintf(f.t.cfg.core.hubs[0].name, sizeof(f.t.cfg.core.hubs[0].name), "other");
	assert_int_equal(known(NULL), 0);
	names_why(f.d.names, "", "other", why, sizeof(why));
	assert_string_equal(why, "the process that looks up names has ended");
	f.fd = -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(is_asked_and_told, setup, teardown),
		cmocka_unit_test_setup_teardown(failures_take_nothing_away, setup, teardown),
		cmocka_unit_test_setup_teardown(half_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(unwanted_ones_go, setup, teardown),
		cmocka_unit_test_setup_teardown(outlives_a_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(never_the_same, setup, teardown),
		cmocka_unit_test_setup_teardown(there_are_more, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_file, setup, teardown),
		cmocka_unit_test_setup_teardown(not_believed, setup, teardown),
		cmocka_unit_test_setup_teardown(helper_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(no_helper, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
