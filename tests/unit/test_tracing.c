// SPDX-License-Identifier: GPL-2.0
/* What was said last: the memory of it, and what clients of dvpnd are told of it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "control_client.h"
#include "dvpnd/history.h"
#include "dvpnd/tracing.h"
#include "dvpnd/tunnel.h"
#include "nhrp_samples.h"

/* ----- the memory ----- */

static size_t length_of(u64 number)
{
	return number * 7919 % 2048;
}

/* The newest ones are there, in order and whole, however long they are. */
static void remembers(void **state)
{
	static u8 data[2048];
	struct history *h = history_new();
	struct record head = { 0 };
	size_t bytes = 0;
	u64 n, i, last = 0;

	(void)state;
	assert_non_null(h);
	assert_null(history_get(h, 0));
	for (n = 0; n < 5000; n++) {
		head.time_ms = n;
		head.len = length_of(n);
		memset(data, (int)n, head.len);
		assert_int_equal(history_add(h, &head, data), n);
		assert_int_equal(history_end(h), n + 1);
		assert_true(history_first(h) >= last);
		last = history_first(h);
		assert_true(last <= n && n - last < HISTORY_RECORDS_MAX);
		if (n % 97 && n < 4900)
			continue;
		for (bytes = 0, i = last; i <= n; i++) {
			struct record *r = history_get(h, i);

			assert_int_equal(r->time_ms, i);
			assert_int_equal(r->len, length_of(i));
			memset(data, (int)i, r->len);
			assert_memory_equal(r->data, data, r->len);
			bytes += sizeof(*r) + r->len;
		}
		assert_true(bytes <= HISTORY_BYTES);
	}
	/* What is lost is not more than one record at the end, and padding. */
	assert_true(bytes > HISTORY_BYTES * 9 / 10);
	assert_null(history_get(h, last - 1));
	assert_null(history_get(h, n));
	history_free(h);
}

static void remembers_so_many(void **state)
{
	struct history *h = history_new();
	struct record head = { .len = 1 };
	u64 n;

	(void)state;
	for (n = 0; n < 3 * HISTORY_RECORDS_MAX; n++)
		history_add(h, &head, "x");
	assert_int_equal(history_end(h) - history_first(h), HISTORY_RECORDS_MAX);
	history_free(h);
}

/* ----- what is told ----- */

#define SHOW(parameters) \
	"{\"method\":\"org.dvpn.ShowTrace\",\"parameters\":{" parameters "}}"
#define FOLLOW(parameters) \
	"{\"method\":\"org.dvpn.Trace\",\"more\":true,\"parameters\":{" parameters "}}"

static struct tunnel tunnels[2];

static int with_tunnels(void **state)
{
	int i;

	setup(state);
	memset(tunnels, 0, sizeof(tunnels));
	for (i = 0; i < 2; i++) {
		tunnels[i].d = &d;
		snprintf(tunnels[i].cfg.name, IFNAMSIZ, "dvpn%d", i);
		tunnels[i].next = d.tunnels;
		d.tunnels = &tunnels[i];
	}
	return 0;
}

static int without(void **state)
{
	tracing_free(&tunnels[0]);
	tracing_free(&tunnels[1]);
	return teardown(state);
}

static void message(struct tunnel *t, enum nhrp_verdict verdict, enum nhrp_counter reason,
		    const char *nbma, const char *sample)
{
	struct nhrp_peer_key peer = { 0 };
	struct nhrp_trace trace = { .verdict = verdict, .reason = reason, .peer = &peer };
	struct nhrp_msg msg;
	u8 pkt[NHRP_PKT_MAX];

	nhrp_sample_build(sample, &msg);
	assert_int_equal(nhrp_addr_parse(&peer.nbma, nbma), 0);
	trace.pkt = pkt;
	trace.len = nhrp_encode(&msg, pkt, sizeof(pkt));
	tracing_message(t, &trace);
}

static void in(struct tunnel *t, const char *nbma, const char *sample)
{
	message(t, NHRP_VERDICT_NONE, NHRP_C_NONE, nbma, sample);
}

static void notice(struct tunnel *t, const char *text)
{
	struct nhrp_notice n = {
		.event = NHRP_EVENT_SPOKE_UP, .reason = NHRP_C_NONE, .text = text,
	};

	nhrp_prefix_parse(&n.addr, "192.168.111.2");
	tracing_notice(t, &n);
}

/* A spoke registers: request, event and reply, of which the request is decided last. */
static void registers(struct tunnel *t)
{
	in(t, "192.168.50.2", "registration request, full");
	notice(t, "it is there");
	message(t, NHRP_VERDICT_SENT, NHRP_C_NONE, "192.168.50.2", "registration reply");
	message(t, NHRP_VERDICT_ANSWERED, NHRP_C_NONE, "192.168.50.2",
		"registration request, full");
}

static const char *member(json_t *entry, const char *name)
{
	const char *s = json_string_value(json_object_get(entry, name));

	return s ? s : "";
}

/* Asks; the list is good until the next question. */
static json_t *show(const char *request, size_t entries)
{
	static json_t *root;
	int fd = connect_client();
	json_t *list;
	bool closed;

	json_decref(root);
	root = ask(fd, request, &closed);
	list = json_object_get(json_object_get(root, "parameters"), "trace");
	assert_true(json_is_array(list));
	assert_int_equal(json_array_size(list), entries);
	close(fd);
	return list;
}

static void in_order(void **state)
{
	json_t *list, *entry;

	(void)state;
	show(SHOW(""), 0);
	registers(&tunnels[0]);
	list = show(SHOW(""), 3);
	entry = json_array_get(list, 0);
	assert_string_equal(member(entry, "tunnel"), "dvpn0");
	assert_string_equal(member(entry, "direction"), "in");
	assert_string_equal(member(entry, "decision"), "answered");
	assert_string_equal(member(json_object_get(entry, "peer"), "nbma"), "192.168.50.2");
	assert_null(json_object_get(entry, "reason"));
	assert_non_null(strstr(json_string_value(json_array_get(json_object_get(entry, "lines"),
								0)),
			       "Registration Request, id "));
	assert_true(json_integer_value(json_object_get(entry, "time_ms")) > 1600000000000);
	entry = json_array_get(list, 1);
	assert_string_equal(member(entry, "event"), "spoke-up");
	assert_string_equal(member(entry, "message"), "it is there");
	assert_string_equal(member(entry, "protocol"), "192.168.111.2");
	entry = json_array_get(list, 2);
	assert_string_equal(member(entry, "direction"), "out");
	assert_string_equal(member(entry, "decision"), "sent");

	in(&tunnels[0], "192.168.50.9", "registration request");
	message(&tunnels[0], NHRP_VERDICT_REFUSED, NHRP_C_DROP_POLICY_SUBNET, "192.168.50.9",
		"registration request");
	entry = json_array_get(show(SHOW(""), 4), 3);
	assert_string_equal(member(entry, "decision"), "refused");
	assert_string_equal(member(entry, "reason"), "drop-policy-subnet");
	assert_string_equal(member(entry, "message"), "not an address of the tunnel's network");
}

static void only_some(void **state)
{
	(void)state;
	registers(&tunnels[0]);
	in(&tunnels[1], "192.168.50.3", "traffic indication");
	show(SHOW(""), 4);
	show(SHOW("\"tunnel\":\"dvpn0\""), 3);
	show(SHOW("\"tunnel\":\"dvpn1\""), 1);
	show(SHOW("\"peer\":\"192.168.50.3\""), 1);
	show(SHOW("\"peer\":\"192.168.50.2\""), 2);
	show(SHOW("\"address\":\"192.168.111.2\""), 3);
	show(SHOW("\"address\":\"192.168.40.7\""), 1);
	show(SHOW("\"address\":\"192.168.40.7\",\"peer\":\"192.168.50.2\""), 0);
	show(SHOW("\"address\":\"192.168.40.7\",\"tunnel\":\"dvpn0\""), 0);
	assert_refused(SHOW("\"peer\":\"spoke1\""), "org.varlink.service.InvalidParameter", false);
	assert_refused(SHOW("\"peer\":7"), "org.varlink.service.InvalidParameter", false);
	assert_refused(SHOW("\"address\":\"\""), "org.varlink.service.InvalidParameter", false);
	assert_refused(SHOW("\"tunnel\":\"dvpn2\""), "org.dvpn.NoSuchTunnel", false);
	assert_refused("{\"method\":\"org.dvpn.Trace\"}", "org.varlink.service.ExpectedMore",
		       false);
}

/* What a client has been told since it was asked last: so many messages. */
static size_t hears(int fd)
{
	size_t len, i, n = 0;
	bool closed;

	len = hear(fd, reply, sizeof(reply), &closed);
	assert_false(closed);
	for (i = 0; i < len; i++)
		n += !reply[i];
	return n;
}

static void followed(void **state)
{
	int all = connect_client(), some = connect_client(), gone = connect_client();

	(void)state;
	registers(&tunnels[0]);
	say_request(all, FOLLOW(""));
	assert_int_equal(hears(all), 1);
	assert_string_equal(reply, "{\"parameters\":{\"tracing\":true},\"continues\":true}");
	say_request(some, FOLLOW("\"tunnel\":\"dvpn1\",\"address\":\"192.168.40.7\""));
	assert_int_equal(hears(some), 1);
	say_request(gone, FOLLOW(""));
	close(gone);
	turn();
	/* Nothing is told before it is decided; then all of it, in its order. */
	in(&tunnels[0], "192.168.50.2", "registration request");
	message(&tunnels[0], NHRP_VERDICT_SENT, NHRP_C_NONE, "192.168.50.2", "registration NAK");
	assert_int_equal(hears(all), 0);
	message(&tunnels[0], NHRP_VERDICT_REFUSED, NHRP_C_DROP_UNIQUE, "192.168.50.2",
		"registration request");
	assert_int_equal(hears(all), 2);
	assert_non_null(strstr(reply, "\"reason\":\"drop-unique\""));
	notice(&tunnels[0], "it is gone");
	assert_int_equal(hears(all), 1);
	assert_non_null(strstr(reply, "it is gone"));
	assert_int_equal(hears(some), 0);
	message(&tunnels[1], NHRP_VERDICT_SENT, NHRP_C_NONE, "192.168.50.2", "traffic indication");
	assert_int_equal(hears(some), 1);
	assert_int_equal(hears(all), 1);
	close(some);
	close(all);
	turn();
	assert_false(control_has_subscribers(d.control, &tracing_feed));
}

/* Asks for all of it and does not read. */
static int asks_and_waits(void)
{
	int fd = connect_client(), i;

	say_request(fd, "{\"method\":\"org.dvpn.ShowTrace\",\"more\":true}");
	for (i = 0; i < 10; i++)
		turn();
	return fd;
}

/* Whether the answer was whole; how often @text was in it goes to @n. */
static bool reads_on(int fd, const char *text, size_t *n)
{
	static char buf[1 << 22];
	size_t len, i;
	bool closed;
	char *at;

	*n = 0;
	len = hear(fd, buf, sizeof(buf) - 1, &closed);
	assert_false(closed);
	assert_true(len > 0);
	for (i = 0; i + 1 < len; i++)
		if (!buf[i])
			buf[i] = '\n';
	for (at = buf; (at = strstr(at, text)); at++)
		++*n;
	close(fd);
	turn();
	at = strrchr(buf, '\n');
	return !strstr(at ? at : buf, "\"continues\"");
}

/* What nobody reads is not kept for him: what comes meanwhile takes its place. */
static void nothing_is_kept_for_one(void **state)
{
	size_t n;
	int fd, i;

	(void)state;
	for (i = 0; i < HISTORY_RECORDS_MAX; i++)
		registers(&tunnels[0]);
	fd = asks_and_waits();
	for (i = 0; i < HISTORY_RECORDS_MAX; i++)
		notice(&tunnels[0], "too late for him");
	assert_true(reads_on(fd, "\"direction\"", &n));
	assert_in_range(n, 1, HISTORY_RECORDS_MAX / 2);
	/* Nor is he told of what came after he asked. */
	fd = asks_and_waits();
	notice(&tunnels[0], "now");
	assert_true(reads_on(fd, "\"now\"", &n));
	assert_int_equal(n, 0);
}

/* A tunnel goes while it is being told of; of the others all is told. */
static void goes_meanwhile(void **state)
{
	struct tunnel *gone = calloc(1, sizeof(*gone));
	size_t n;
	int fd, i;

	(void)state;
	assert_non_null(gone);
	gone->d = &d;
	gone->next = d.tunnels;
	d.tunnels = gone;
	registers(&tunnels[0]);
	for (i = 0; i < HISTORY_RECORDS_MAX; i++)
		registers(gone);
	fd = asks_and_waits();
	d.tunnels = gone->next;
	tracing_free(gone);
	free(gone);
	assert_true(reads_on(fd, "\"tunnel\":\"dvpn0\"", &n));
	assert_int_equal(n, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remembers),
		cmocka_unit_test(remembers_so_many),
		cmocka_unit_test_setup_teardown(in_order, with_tunnels, without),
		cmocka_unit_test_setup_teardown(only_some, with_tunnels, without),
		cmocka_unit_test_setup_teardown(followed, with_tunnels, without),
		cmocka_unit_test_setup_teardown(nothing_is_kept_for_one, with_tunnels, without),
		cmocka_unit_test_setup_teardown(goes_meanwhile, with_tunnels, without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
