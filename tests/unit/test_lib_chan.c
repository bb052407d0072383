// SPDX-License-Identifier: GPL-2.0
/* libdvpn's request channel: batches, answers in order, answers that are lost. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "played_kernel.h"

#define MOST	PLAYED_MOST

/**
 * struct result - what the callbacks were told
 * @err: by request
 * @n: calls
 * @count: of the last call
 * @again: channel to make one more request on, from within a callback
 */
static struct result {
	int err[MOST];
	unsigned int n;
	u32 count;
	struct dvpn_chan *again;
} result;

static void request(struct dvpn_chan *c);

static void told(const struct dvpn_ack *answer, void *ctx)
{
	/* In the order of the requests. */
	assert_int_equal((uintptr_t)ctx, result.n);
	assert_non_null(answer->text);
	result.err[result.n++] = answer->err;
	result.count = answer->count;
	if (result.again) {
		struct dvpn_chan *c = result.again;

		result.again = NULL;
		request(c);
	}
}

static uintptr_t n_requests;

static void request(struct dvpn_chan *c)
{
	struct dvpn_map map = { .has = DVPN_MAP_HAS_ID, .id = 1, .ifindex = 2 };

	assert_int_equal(dvpn_map_del(c, &map, NULL, told, (void *)n_requests++), 0);
}

static struct dvpn_chan *open_chan(void)
{
	struct dvpn_chan *c;

	played_start();
	memset(&result, 0, sizeof(result));
	n_requests = 0;
	assert_int_equal(dvpn_chan_open(&c), 0);
	assert_int_equal(dvpn_chan_fd(c), PLAYED_FD);
	return c;
}

static void test_answers(void **state)
{
	struct dvpn_chan *c = open_chan();

	(void)state;
	request(c);
	request(c);
	request(c);
	assert_int_equal(kernel.n, 0);
	assert_int_equal(dvpn_chan_flush(c), 0);
	assert_int_equal(kernel.sends, 1);
	assert_int_equal(kernel.n, 3);
	/* One answer is enough for all that succeed. */
	assert_true(!kernel.ack[0] && !kernel.ack[1] && kernel.ack[2]);
	assert_int_equal(dvpn_chan_pending(c), 3);
	played_ack(1, -ENOENT);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(result.n, 2);
	assert_int_equal(result.err[0], 0);
	assert_int_equal(result.err[1], -ENOENT);
	assert_int_equal(dvpn_chan_pending(c), 1);
	played_ack(2, -EEXIST);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(result.err[2], -EEXIST);
	assert_int_equal(dvpn_chan_pending(c), 0);
	assert_int_equal(dvpn_chan_flush(c), 0);
	assert_int_equal(kernel.sends, 1);
	dvpn_chan_close(c);
	assert_int_equal(result.n, 3);
}

/* Many requests go in bounded batches, the next when the last was answered. */
static void test_batches(void **state)
{
	struct dvpn_chan *c = open_chan();
	unsigned int i, answered = 0;

	(void)state;
	for (i = 0; i < 200; i++)
		request(c);
	assert_int_equal(dvpn_chan_flush(c), 0);
	assert_true(kernel.n < 200);
	while (answered < kernel.n) {
		assert_true(kernel.n - answered <= 64);
		while (answered < kernel.n)
			played_ack(answered++, 0);
		assert_int_equal(dvpn_chan_read(c), 0);
	}
	assert_int_equal(kernel.n, 200);
	assert_int_equal(result.n, 200);
	assert_int_equal(dvpn_chan_pending(c), 0);
	assert_true(kernel.largest > 1);
	dvpn_chan_close(c);
}

static void ack_if_wanted(unsigned int n)
{
	if (kernel.ack[n])
		played_ack(n, 0);
}

/* Frames fill a batch by their bytes before their number does. */
static void test_large_requests(void **state)
{
	static u8 data[DVPN_FRAME_MAX];
	struct dvpn_frame frame = { .ifindex = 2, .data = data, .len = sizeof(data) };
	struct dvpn_chan *c = open_chan();
	unsigned int i;

	(void)state;
	assert_int_equal(dvpn_addr_parse("192.0.2.1", &frame.peer.nbma), 0);
	for (i = 0; i < 30; i++)
		assert_int_equal(dvpn_frame_send(c, &frame, told, (void *)n_requests++), 0);
	assert_int_equal(dvpn_chan_flush(c), 0);
	assert_true(kernel.n >= 1 && kernel.n * sizeof(data) <= 65536);
	dvpn_chan_close(c);
}

/* A frame of which nobody is told. */
static void send_frame(struct dvpn_chan *c)
{
	static const u8 data[1];
	struct dvpn_frame frame = { .ifindex = 2, .data = data, .len = 1 };

	assert_int_equal(dvpn_addr_parse("192.0.2.1", &frame.peer.nbma), 0);
	assert_int_equal(dvpn_frame_send(c, &frame, NULL, NULL), 0);
}

/* Who is told of nothing changes nothing for the others. */
static void test_unanswered(void **state)
{
	struct dvpn_chan *c = open_chan();

	(void)state;
	send_frame(c);
	request(c);
	send_frame(c);
	send_frame(c);
	send_frame(c);
	assert_int_equal(dvpn_chan_flush(c), 0);
	assert_int_equal(kernel.n, 5);
	/* A refusal comes all the same; it is nobody's. */
	played_ack(3, -ENETDOWN);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(result.n, 1);
	assert_int_equal(result.err[0], 0);
	assert_int_equal(dvpn_chan_pending(c), 1);
	played_ack(4, 0);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(dvpn_chan_pending(c), 0);
	dvpn_chan_close(c);
}

/* Batches of them alone go on, too. */
static void test_unanswered_batches(void **state)
{
	struct dvpn_chan *c = open_chan();
	unsigned int i, acks = 0;

	(void)state;
	kernel.request = ack_if_wanted;
	for (i = 0; i < 300; i++)
		send_frame(c);
	assert_int_equal(dvpn_chan_flush(c), 0);
	assert_true(kernel.n < 300);
	while (dvpn_chan_pending(c))
		assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(kernel.n, 300);
	for (i = 0; i < 300; i++)
		acks += kernel.ack[i];
	assert_in_range(acks, 5, 10);
	dvpn_chan_close(c);
}

static void test_flush_count(void **state)
{
	struct dvpn_chan *c = open_chan();

	(void)state;
	assert_int_equal(dvpn_map_flush(c, 2, NULL, 0, 0, told, (void *)n_requests++), 0);
	assert_int_equal(dvpn_peer_flush(c, 2, NULL, told, (void *)n_requests++), 0);
	assert_int_equal(dvpn_chan_flush(c), 0);
	played_reply(0, DVPN_CMD_MAP_FLUSH, DVPN_A_MAP_COUNT, 17);
	played_ack(0, 0);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(result.count, 17);
	played_reply(1, DVPN_CMD_PEER_FLUSH, DVPN_A_PEER_COUNT, 18);
	played_ack(1, 0);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(result.count, 18);
	dvpn_chan_close(c);
}

/* What is passed over was done, but not if an answer was lost for want of memory. */
static void test_passed_over(void **state)
{
	struct dvpn_chan *c = open_chan();

	(void)state;
	request(c);
	request(c);
	assert_int_equal(dvpn_chan_flush(c), 0);
	played_ack(1, 0);
	/* Too late, and nobody's. */
	played_ack(0, 0);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(result.n, 2);
	assert_int_equal(result.err[0], 0);
	assert_int_equal(result.err[1], 0);
	request(c);
	request(c);
	assert_int_equal(dvpn_chan_flush(c), 0);
	kernel.error = ENOBUFS;
	played_ack(3, 0);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(result.err[2], -ENOBUFS);
	assert_int_equal(result.err[3], 0);
	/* And only then. */
	request(c);
	request(c);
	assert_int_equal(dvpn_chan_flush(c), 0);
	played_ack(5, 0);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(result.n, 6);
	assert_int_equal(result.err[4], 0);
	dvpn_chan_close(c);
}

static void ack_at_once(unsigned int n)
{
	played_ack(n, 0);
}

/* The first four answers fit. They count, the others of the batch are lost. */
static void test_overrun(void **state)
{
	struct dvpn_chan *c = open_chan();
	unsigned int first, i;

	(void)state;
	for (i = 0; i < 100; i++)
		request(c);
	assert_int_equal(dvpn_chan_flush(c), 0);
	first = kernel.n;
	assert_in_range(first, 5, 99);
	kernel.room = 4;
	for (i = 0; i < first; i++)
		played_ack(i, 0);
	kernel.room = MOST;
	/* What was not sent is sent now, to a socket that can take answers again. */
	kernel.request = ack_at_once;
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(result.n, first);
	for (i = 0; i < first; i++)
		assert_int_equal(result.err[i], i < 4 ? 0 : -ENOBUFS);
	assert_int_equal(kernel.n, 100);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(result.n, 100);
	for (; i < 100; i++)
		assert_int_equal(result.err[i], 0);
	assert_int_equal(dvpn_chan_pending(c), 0);
	dvpn_chan_close(c);
}

static void test_broken_socket(void **state)
{
	struct dvpn_chan *c = open_chan();

	(void)state;
	request(c);
	assert_int_equal(dvpn_chan_flush(c), 0);
	kernel.error = ENOTCONN;
	assert_int_equal(dvpn_chan_read(c), -ENOTCONN);
	assert_int_equal(result.n, 0);
	dvpn_chan_close(c);
	assert_int_equal(result.n, 1);
	assert_int_equal(result.err[0], -ECANCELED);
}

/* A callback may ask for more; it is sent before the read returns. */
static void test_request_from_callback(void **state)
{
	struct dvpn_chan *c = open_chan();

	(void)state;
	request(c);
	assert_int_equal(dvpn_chan_flush(c), 0);
	result.again = c;
	played_ack(0, 0);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(kernel.n, 2);
	played_ack(1, 0);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(result.n, 2);

	/* Not from the callbacks of a close: that would never end. */
	request(c);
	result.again = c;
	dvpn_chan_close(c);
	assert_int_equal(result.n, 3);
	assert_int_equal(result.err[2], -ECANCELED);
}

static void test_bad_request(void **state)
{
	struct dvpn_map map = { .ifindex = 2 };
	struct dvpn_chan *c = open_chan();

	(void)state;
	assert_int_equal(dvpn_map_del(c, &map, NULL, told, NULL), -EINVAL);
	assert_int_equal(dvpn_chan_pending(c), 0);
	assert_int_equal(dvpn_chan_flush(c), 0);
	assert_int_equal(kernel.sends, 0);
	dvpn_chan_close(c);
	assert_int_equal(result.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_large_requests),
		cmocka_unit_test(test_unanswered),
		cmocka_unit_test(test_unanswered_batches),
		cmocka_unit_test(test_flush_count),
		cmocka_unit_test(test_passed_over),
		cmocka_unit_test(test_overrun),
		cmocka_unit_test(test_broken_socket),
		cmocka_unit_test(test_request_from_callback),
		cmocka_unit_test(test_bad_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
