// SPDX-License-Identifier: GPL-2.0
/* VICI: what is in a message, and packets on a connection */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vici/conn.h"

/* The example of strongSwan's README.md of the plugin: what it says must come out. */
static const u8 example[] = {
	3, 4, 'k', 'e', 'y', '1', 0, 6, 'v', 'a', 'l', 'u', 'e', '1',
	1, 8, 's', 'e', 'c', 't', 'i', 'o', 'n', '1',
	1, 11, 's', 'u', 'b', '-', 's', 'e', 'c', 't', 'i', 'o', 'n',
	3, 4, 'k', 'e', 'y', '2', 0, 6, 'v', 'a', 'l', 'u', 'e', '2',
	2,
	4, 5, 'l', 'i', 's', 't', '1',
	5, 0, 5, 'i', 't', 'e', 'm', '1',
	5, 0, 5, 'i', 't', 'e', 'm', '2',
	6,
	2,
};

#define EXAMPLE_LEN sizeof(example)

/* ----- messages ----- */

static void written(void **state)
{
	struct vici_out o = { 0 };

	(void)state;
	vici_text(&o, "key1", "value%d", 1);
	vici_section(&o, "section1");
	vici_section(&o, "sub-section");
	vici_text(&o, "key2", "value2");
	vici_section_end(&o);
	vici_list(&o, "list1");
	vici_item(&o, "item1");
	vici_item(&o, "item2");
	vici_list_end(&o);
	vici_section_end(&o);
	assert_int_equal(vici_out_error(&o), 0);
	assert_int_equal(o.len, EXAMPLE_LEN);
	assert_memory_equal(o.data, example, o.len);
	vici_out_free(&o);
	assert_null(o.data);
}

static void not_written(void **state)
{
	struct vici_out o = { 0 };
	char *name = malloc(VICI_NAME_MAX + 2);
	unsigned int i;

	(void)state;
	memset(name, 'n', VICI_NAME_MAX + 1);
	name[VICI_NAME_MAX + 1] = '\0';
	vici_section(&o, name);
	assert_int_equal(vici_out_error(&o), -EMSGSIZE);
	vici_out_free(&o);
	vici_section(&o, "open");
	assert_int_equal(vici_out_error(&o), -EINVAL);
	vici_out_free(&o);
	vici_section_end(&o);
	assert_int_equal(vici_out_error(&o), -EINVAL);
	vici_out_free(&o);
	vici_item(&o, "no list");
	assert_int_equal(vici_out_error(&o), -EINVAL);
	vici_out_free(&o);
	vici_list_end(&o);
	assert_int_equal(vici_out_error(&o), -EINVAL);
	vici_out_free(&o);
	vici_list(&o, "list");
	vici_text(&o, "key", "in a list");
	assert_int_equal(vici_out_error(&o), -EINVAL);
	vici_out_free(&o);
	vici_text(&o, "key", "%*s", VICI_VALUE_MAX + 1, "");
	assert_int_equal(vici_out_error(&o), -EMSGSIZE);
	vici_out_free(&o);
	for (i = 0; i < 10; i++)
		vici_text(&o, "key", "%*s", VICI_VALUE_MAX, "");
	assert_int_equal(vici_out_error(&o), -EMSGSIZE);
	vici_out_free(&o);
	for (i = 0; i <= VICI_DEPTH_MAX; i++)
		vici_section(&o, "s");
	assert_int_equal(vici_out_error(&o), -EINVAL);
	vici_out_free(&o);
	free(name);
}

static void expect(struct vici_in *in, enum vici_token token, const char *name, const char *value)
{
	assert_int_equal(vici_next(in), token);
	if (name)
		assert_true(vici_is(&in->name, name));
	if (value)
		assert_true(vici_is(&in->value, value));
}

static void read_back(void **state)
{
	struct vici_in in;

	(void)state;
	vici_in_init(&in, example, EXAMPLE_LEN);
	expect(&in, VICI_VALUE, "key1", "value1");
	expect(&in, VICI_SECTION, "section1", NULL);
	expect(&in, VICI_SECTION, "sub-section", NULL);
	assert_int_equal(in.depth, 2);
	expect(&in, VICI_VALUE, "key2", "value2");
	expect(&in, VICI_SECTION_END, NULL, NULL);
	expect(&in, VICI_LIST, "list1", NULL);
	expect(&in, VICI_ITEM, NULL, "item1");
	expect(&in, VICI_ITEM, NULL, "item2");
	expect(&in, VICI_LIST_END, NULL, NULL);
	expect(&in, VICI_SECTION_END, NULL, NULL);
	expect(&in, VICI_END, NULL, NULL);
	expect(&in, VICI_END, NULL, NULL);
	vici_in_init(&in, NULL, 0);
	expect(&in, VICI_END, NULL, NULL);
}

static void skipped(void **state)
{
	struct vici_in in;

	(void)state;
	vici_in_init(&in, example, EXAMPLE_LEN);
	vici_next(&in);
	expect(&in, VICI_SECTION, "section1", NULL);
	assert_true(vici_skip(&in));
	expect(&in, VICI_END, NULL, NULL);
	vici_in_init(&in, example, EXAMPLE_LEN);
	while (vici_next(&in) != VICI_LIST)
		;
	assert_true(vici_skip(&in));
	expect(&in, VICI_SECTION_END, NULL, NULL);
	vici_in_init(&in, example, EXAMPLE_LEN - 1);
	vici_next(&in);
	vici_next(&in);
	assert_false(vici_skip(&in));
}

/* In memory of its own, so that a sanitizer sees what is read behind it. */
static bool whole(const void *data, size_t len)
{
	void *copy = malloc(len ? len : 1);
	bool is;

	memcpy(copy, data, len);
	is = vici_is_whole(copy, len);
	free(copy);
	return is;
}

static void cut_off(void **state)
{
	size_t len;

	(void)state;
	/* A message of the first value alone is whole, and so is an empty one. */
	for (len = 0; len <= EXAMPLE_LEN; len++)
		assert_int_equal(whole(example, len),
				 !len || len == 14 || len == EXAMPLE_LEN);
}

static void makes_no_sense(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
		{ "\x02", 1 },				/* ends what did not begin */
		{ "\x06", 1 },
		{ "\x05\x00\x01x", 4 },			/* an item in no list */
		{ "\x04\x01l\x04\x01m\x06\x06", 8 },	/* a list in a list */
		{ "\x04\x01l\x01\x01s\x02\x06", 8 },	/* a section in a list */
		{ "\x04\x01l\x03\x01k\x00\x00\x06", 9 },
		{ "\x01\x01s\x04\x01l\x02", 7 },	/* a section that ends in a list */
		{ "\x00", 1 }, { "\x07", 1 }, { "\xff", 1 },
		{ "\x03\x01k\xff\xff", 5 },
	};
	u8 deep[3 * (VICI_DEPTH_MAX + 1)];
	struct vici_in in;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(whole(bad[i].bytes, bad[i].len));
	for (i = 0; i < sizeof(deep); i += 3)
		memcpy(deep + i, "\x01\x01s", 3);
	vici_in_init(&in, deep, sizeof(deep));
	for (i = 0; i < VICI_DEPTH_MAX; i++)
		expect(&in, VICI_SECTION, "s", NULL);
	expect(&in, VICI_BAD, NULL, NULL);
	expect(&in, VICI_BAD, NULL, NULL);
}

static struct vici_slice slice(const char *text, size_t len)
{
	return (struct vici_slice){ (const u8 *)text, len };
}

static void values(void **state)
{
	struct vici_slice s = slice("c0ffee", 6);
	char buf[7];
	u64 n;

	(void)state;
	assert_true(vici_string(&s, buf, sizeof(buf)));
	assert_string_equal(buf, "c0ffee");
	assert_false(vici_string(&s, buf, 6));
	assert_string_equal(buf, "");
	assert_true(vici_number(&s, 16, &n));
	assert_int_equal(n, 0xc0ffee);
	assert_false(vici_number(&s, 10, &n));
	s = slice("a\0b", 3);
	assert_false(vici_string(&s, buf, sizeof(buf)));
	s = slice("", 0);
	assert_false(vici_number(&s, 10, &n));
	s = slice("-1", 2);
	assert_false(vici_number(&s, 10, &n));
	s = slice("0x1", 3);
	assert_false(vici_number(&s, 16, &n));
	s = slice("99999999999999999999999", 23);
	assert_false(vici_number(&s, 10, &n));
	s = slice("18446744073709551615", 20);
	assert_true(vici_number(&s, 10, &n));
	assert_true(n == UINT64_MAX);
}

static void success(void **state)
{
	static const char no[] = "\3\7success\0\2no\3\6errmsg\0\4down";
	static const char yes[] = "\x03\x07success\x00\x03yes";
	char why[32];

	(void)state;
	assert_true(vici_succeeded(yes, sizeof(yes) - 1, why, sizeof(why)));
	assert_true(vici_succeeded(NULL, 0, why, sizeof(why)));
	assert_false(vici_succeeded(no, sizeof(no) - 1, why, sizeof(why)));
	assert_string_equal(why, "down");
	assert_false(vici_succeeded(no, 14, why, sizeof(why)));
	assert_string_equal(why, "no reason was given");
}

/* ----- a connection ----- */

struct heard {
	struct vici_conn *conn;
	unsigned int replies;
	int err;
	int refused;
	size_t len;
	unsigned int events;
	char event[32];
	bool ask_again;
	bool ask_always;
	bool reset;
	bool reset_in_reply;
};

static void on_reply(int err, const void *body, size_t len, void *ctx)
{
	struct heard *h = ctx;

	(void)body;
	h->replies++;
	h->err = err;
	h->len = len;
	if (h->ask_again) {
		h->ask_again = h->ask_always;
		h->refused = vici_conn_request(h->conn, "again", NULL, on_reply, h);
	}
	if (h->reset_in_reply) {
		h->reset_in_reply = false;
		vici_conn_reset(h->conn, -ECONNRESET);
	}
}

static void on_event(const char *name, const void *body, size_t len, void *ctx)
{
	struct heard *h = ctx;

	(void)body;
	h->events++;
	h->len = len;
	snprintf(h->event, sizeof(h->event), "%s", name);
	if (h->reset)
		vici_conn_reset(h->conn, -ECONNRESET);
}

static void begin(struct heard *h)
{
	memset(h, 0, sizeof(*h));
	h->conn = vici_conn_new(on_event, h);
	assert_non_null(h->conn);
}

/* What is to be sent is this, and is sent. */
static void sends(struct heard *h, const char *bytes, size_t n)
{
	size_t have;
	const void *data = vici_conn_output(h->conn, &have);

	assert_int_equal(have, n);
	if (n) {
		assert_memory_equal(data, bytes, n);
		vici_conn_sent(h->conn, n);
	} else {
		assert_null(data);
	}
}

#define SENDS(h, text) sends(h, text, sizeof(text) - 1)

static int comes(struct heard *h, const char *bytes, size_t n)
{
	return vici_conn_input(h->conn, bytes, n);
}

#define COMES(h, text) comes(h, text, sizeof(text) - 1)

#define VERSION_REQUEST	"\0\0\0\x09\x00\x07version"
#define REPLY		"\0\0\0\x0f\x01\x03\x04key1\x00\x06value1"
#define CONFIRM		"\0\0\0\x01\x05"
#define EVENT		"\0\0\0\23\7\3log\3\4key1\0\6value1"

static const char event_and_reply[] = EVENT REPLY;
static const char two_events[] = EVENT EVENT;

static void asked(void **state)
{
	struct vici_out body = { 0 };
	struct heard h;

	(void)state;
	begin(&h);
	SENDS(&h, "");
	assert_int_equal(vici_conn_request(h.conn, "version", NULL, on_reply, &h), 0);
	vici_text(&body, "a", "b");
	assert_int_equal(vici_conn_request(h.conn, "x", &body, on_reply, &h), 0);
	vici_out_free(&body);
	SENDS(&h, VERSION_REQUEST);
	/* One at a time. */
	SENDS(&h, "");
	assert_int_equal(comes(&h, event_and_reply, sizeof(event_and_reply) - 1), 0);
	assert_int_equal(h.events, 1);
	assert_string_equal(h.event, "log");
	assert_int_equal(h.replies, 1);
	assert_int_equal(h.err, 0);
	assert_int_equal(h.len, 14);
	SENDS(&h, "\0\0\0\11\0\1x\3\1a\0\1b");
	assert_true(vici_conn_busy(h.conn));
	assert_int_equal(COMES(&h, "\0\0\0\x01\x02"), 0);
	assert_int_equal(h.err, -ENOTSUP);
	assert_false(vici_conn_busy(h.conn));
	vici_conn_free(h.conn);
	assert_int_equal(h.replies, 2);
}

static void registered(void **state)
{
	struct heard h;

	(void)state;
	begin(&h);
	assert_int_equal(vici_conn_register(h.conn, "log", on_reply, &h), 0);
	assert_int_equal(vici_conn_register(h.conn, "xyz", on_reply, &h), 0);
	SENDS(&h, "\0\0\0\x05\x03\x03log");
	assert_int_equal(COMES(&h, CONFIRM), 0);
	assert_int_equal(h.err, 0);
	SENDS(&h, "\0\0\0\x05\x03\x03xyz");
	assert_int_equal(COMES(&h, "\0\0\0\x01\x06"), 0);
	assert_int_equal(h.err, -ENOTSUP);
	vici_conn_free(h.conn);
}

static void in_pieces(void **state)
{
	static const char all[] = EVENT REPLY EVENT;
	struct heard h;
	size_t i;

	(void)state;
	begin(&h);
	assert_int_equal(vici_conn_request(h.conn, "version", NULL, on_reply, &h), 0);
	for (i = 0; i < sizeof(VERSION_REQUEST) - 1; i++) {
		size_t n;

		assert_memory_equal(vici_conn_output(h.conn, &n), &VERSION_REQUEST[i], 1);
		assert_int_equal(n, sizeof(VERSION_REQUEST) - 1 - i);
		vici_conn_sent(h.conn, 1);
	}
	for (i = 0; i < sizeof(all) - 1; i++)
		assert_int_equal(comes(&h, &all[i], 1), 0);
	assert_int_equal(h.events, 2);
	assert_int_equal(h.replies, 1);
	vici_conn_free(h.conn);
}

static void nonsense(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
#define BAD(text) { text, sizeof(text) - 1 }
		BAD("\0\0\0\0"),			/* no type */
		BAD("\0\x08\0\x01"),			/* too long */
		BAD("\xff\xff\xff\xff"),
		BAD("\0\0\0\x01\x00"),			/* a request, of us */
		BAD("\0\0\0\x01\x03"), BAD("\0\0\0\x01\x04"), BAD("\0\0\0\x01\x08"),
		BAD("\0\0\0\x01\x07"),			/* an event without name */
		BAD("\0\0\0\x03\x07\x02x"),
		BAD("\0\0\0\5\7\3a\0b"),
		BAD("\0\0\0\x04\x07\x01x\x02"),		/* and one that makes no sense */
		BAD("\0\0\0\x02\x01\x02"),		/* such a reply */
		BAD("\0\0\0\x02\x02\x02"),
		BAD(CONFIRM),				/* of what was not asked */
		BAD("\0\0\0\1\1\0\0\0\1\1"),		/* one too many */
	};
	struct heard h;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		begin(&h);
		assert_int_equal(vici_conn_request(h.conn, "version", NULL, on_reply, &h), 0);
		SENDS(&h, VERSION_REQUEST);
		assert_int_equal(comes(&h, bad[i].bytes, bad[i].len), -EPROTO);
		vici_conn_reset(h.conn, -EPROTO);
		vici_conn_free(h.conn);
		assert_int_equal(h.replies, 1);
	}
	/* Answered before it was asked. */
	begin(&h);
	assert_int_equal(vici_conn_request(h.conn, "version", NULL, on_reply, &h), 0);
	assert_int_equal(COMES(&h, REPLY), -EPROTO);
	vici_conn_free(h.conn);
	assert_int_equal(h.err, -ECANCELED);
}

static void bounded(void **state)
{
	struct vici_out bad = { 0 };
	struct heard h;
	int i;

	(void)state;
	begin(&h);
	vici_section(&bad, "open");
	assert_int_equal(vici_conn_request(h.conn, "x", &bad, on_reply, &h), -EINVAL);
	vici_out_free(&bad);
	for (i = 0; i < VICI_REQUESTS_MAX; i++)
		assert_int_equal(vici_conn_request(h.conn, "x", NULL, on_reply, &h), 0);
	assert_int_equal(vici_conn_request(h.conn, "x", NULL, on_reply, &h), -ENOBUFS);
	/* What is asked when a connection ends is for the next one. */
	h.ask_again = true;
	vici_conn_reset(h.conn, -ECONNRESET);
	assert_int_equal(h.replies, VICI_REQUESTS_MAX);
	assert_int_equal(h.refused, 0);
	assert_int_equal(h.err, -ECONNRESET);
	SENDS(&h, "\0\0\0\7\0\5again");
	vici_conn_free(h.conn);
	assert_int_equal(h.replies, VICI_REQUESTS_MAX + 1);
}

static void reset_by_an_event(void **state)
{
	struct heard h;

	(void)state;
	begin(&h);
	h.reset = true;
	/* The second one is of the connection that is over. */
	assert_int_equal(comes(&h, two_events, sizeof(two_events) - 1), 0);
	assert_int_equal(h.events, 1);
	assert_int_equal(COMES(&h, EVENT), 0);
	assert_int_equal(h.events, 2);
	vici_conn_free(h.conn);
}

static void ask(struct heard *h, unsigned int n)
{
	while (n--)
		assert_int_equal(vici_conn_request(h->conn, "version", NULL, on_reply, h), 0);
}

/* Each is told once, however many of them end the connection. */
static void reset_by_a_reply(void **state)
{
	struct heard h;

	(void)state;
	begin(&h);
	ask(&h, 3);
	h.reset_in_reply = true;
	vici_conn_reset(h.conn, -ETIMEDOUT);
	assert_int_equal(h.replies, 3);
	assert_false(vici_conn_busy(h.conn));
	ask(&h, 3);
	SENDS(&h, VERSION_REQUEST);
	h.reset_in_reply = true;
	assert_int_equal(COMES(&h, REPLY EVENT), 0);
	assert_int_equal(h.replies, 6);
	assert_int_equal(h.events, 0);
	/* It is as new. */
	ask(&h, 1);
	SENDS(&h, VERSION_REQUEST);
	assert_int_equal(COMES(&h, REPLY), 0);
	assert_int_equal(h.err, 0);
	vici_conn_free(h.conn);
	assert_int_equal(h.replies, 7);
}

/* Who asks again whenever it is answered does not keep it from its end. */
static void asked_at_the_end(void **state)
{
	struct heard h;

	(void)state;
	begin(&h);
	ask(&h, 2);
	h.ask_again = true;
	h.ask_always = true;
	vici_conn_free(h.conn);
	assert_int_equal(h.replies, 2);
	assert_int_equal(h.refused, -ECANCELED);
}

/* strongSwan ends the connection of who sends a longer packet. */
static void too_long(void **state)
{
	struct vici_out body = { 0 };
	const size_t head = 1 + 1 + 4;	/* type and name */
	struct heard h;
	size_t left, n;

	(void)state;
	begin(&h);
	for (;;) {
		left = VICI_MESSAGE_MAX - head - body.len - 5;
		n = left < VICI_VALUE_MAX ? left : VICI_VALUE_MAX;
		/* So that there is room for the last one. */
		if (left > n && left - n < 5)
			n -= 5;
		vici_text(&body, "k", "%*s", (int)n, "");
		if (body.len == VICI_MESSAGE_MAX - head)
			break;
	}
	assert_int_equal(vici_out_error(&body), 0);
	assert_int_equal(vici_conn_request(h.conn, "load", &body, on_reply, &h), 0);
	assert_int_equal(vici_conn_request(h.conn, "load5", &body, on_reply, &h), -EMSGSIZE);
	vici_out_free(&body);
	vici_conn_free(h.conn);
	assert_int_equal(h.replies, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written),
		cmocka_unit_test(not_written),
		cmocka_unit_test(read_back),
		cmocka_unit_test(skipped),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(makes_no_sense),
		cmocka_unit_test(values),
		cmocka_unit_test(success),
		cmocka_unit_test(asked),
		cmocka_unit_test(registered),
		cmocka_unit_test(in_pieces),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(bounded),
		cmocka_unit_test(reset_by_an_event),
		cmocka_unit_test(reset_by_a_reply),
		cmocka_unit_test(asked_at_the_end),
		cmocka_unit_test(too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
