// SPDX-License-Identifier: GPL-2.0
/*
 * libdvpn's request channel against a kernel that is played here: sendmsg() takes
 * the requests, recvmsg() gives the answers that the test has written.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "lib/internal.h"

#define FAMILY	0x30
#define MOST	512

/**
 * struct kernel - the kernel that is played
 * @seq: sequence numbers of the requests that came
 * @n: requests
 * @sends: calls of sendmsg()
 * @largest: most requests in one send
 * @answers: datagrams to be received
 * @lens: their bytes; negative: error of recvmsg()
 * @n_answers: of them written
 * @next: to be received next
 */
static struct kernel {
	u32 seq[MOST];
	unsigned int n;
	unsigned int sends;
	unsigned int largest;
	u64 answers[MOST][32];
	int lens[MOST];
	unsigned int n_answers;
	unsigned int next;
} kernel;

/* Linked with --wrap: these three instead of the real ones. */
int __wrap_dvpn_sock_open(struct dvpn_sock *s, int protocol, unsigned int rcvbuf)
{
	(void)protocol;
	(void)rcvbuf;
	memset(s, 0, sizeof(*s));
	s->family = FAMILY;
	s->fd = 77;
	s->buf = malloc(DVPN_RECV_MAX);
	return 0;
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	size_t i;

	(void)flags;
	assert_int_equal(fd, 77);
	for (i = 0; i < msg->msg_iovlen; i++) {
		const struct nlmsghdr *nlh = msg->msg_iov[i].iov_base;

		assert_int_equal(nlh->nlmsg_len, msg->msg_iov[i].iov_len);
		assert_int_equal(nlh->nlmsg_type, FAMILY);
		assert_true(nlh->nlmsg_flags & NLM_F_ACK);
		assert_true(kernel.n < MOST);
		kernel.seq[kernel.n++] = nlh->nlmsg_seq;
	}
	if (msg->msg_iovlen > kernel.largest)
		kernel.largest = msg->msg_iovlen;
	kernel.sends++;
	return 1;
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct sockaddr_nl from = { .nl_family = AF_NETLINK };
	int len;

	assert_int_equal(fd, 77);
	assert_true(flags & MSG_DONTWAIT);
	if (kernel.next == kernel.n_answers) {
		errno = EAGAIN;
		return -1;
	}
	len = kernel.lens[kernel.next];
	if (len < 0) {
		kernel.next++;
		errno = -len;
		return -1;
	}
	memcpy(msg->msg_iov->iov_base, kernel.answers[kernel.next++], len);
	memcpy(msg->msg_name, &from, sizeof(from));
	msg->msg_namelen = sizeof(from);
	msg->msg_flags = 0;
	return len;
}

static void add_answer(const struct nlmsghdr *nlh)
{
	assert_true(kernel.n_answers < MOST && nlh->nlmsg_len <= sizeof(kernel.answers[0]));
	memcpy(kernel.answers[kernel.n_answers], nlh, nlh->nlmsg_len);
	kernel.lens[kernel.n_answers++] = nlh->nlmsg_len;
}

/* The ack of request number @n. */
static void ack(unsigned int n, int error)
{
	struct {
		struct nlmsghdr nlh;
		struct nlmsgerr err;
	} a = {
		.nlh = {
			.nlmsg_len = sizeof(a),
			.nlmsg_type = NLMSG_ERROR,
			.nlmsg_flags = NLM_F_CAPPED,
			.nlmsg_seq = kernel.seq[n],
		},
		.err.error = error,
	};

	add_answer(&a.nlh);
}

static void reply(unsigned int n, int type, u32 value)
{
	struct nl_msg *msg = nlmsg_alloc();

	assert_non_null(genlmsg_put(msg, 0, kernel.seq[n], FAMILY, 0, 0, DVPN_CMD_MAP_FLUSH, 1));
	assert_int_equal(nla_put_u32(msg, type, value), 0);
	add_answer(nlmsg_hdr(msg));
	nlmsg_free(msg);
}

static void fail_recv(int error)
{
	kernel.lens[kernel.n_answers++] = -error;
}

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

	memset(&kernel, 0, sizeof(kernel));
	memset(&result, 0, sizeof(result));
	n_requests = 0;
	assert_int_equal(dvpn_chan_open(&c), 0);
	assert_int_equal(dvpn_chan_fd(c), 77);
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
	assert_int_equal(dvpn_chan_pending(c), 3);
	ack(0, 0);
	ack(1, -ENOENT);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(result.n, 2);
	assert_int_equal(result.err[0], 0);
	assert_int_equal(result.err[1], -ENOENT);
	assert_int_equal(dvpn_chan_pending(c), 1);
	ack(2, -EEXIST);
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
			ack(answered++, 0);
		assert_int_equal(dvpn_chan_read(c), 0);
	}
	assert_int_equal(kernel.n, 200);
	assert_int_equal(result.n, 200);
	assert_int_equal(dvpn_chan_pending(c), 0);
	assert_true(kernel.largest > 1);
	dvpn_chan_close(c);
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

static void test_flush_count(void **state)
{
	struct dvpn_chan *c = open_chan();

	(void)state;
	assert_int_equal(dvpn_map_flush(c, 2, NULL, 0, 0, told, (void *)n_requests++), 0);
	assert_int_equal(dvpn_peer_flush(c, 2, NULL, told, (void *)n_requests++), 0);
	assert_int_equal(dvpn_chan_flush(c), 0);
	reply(0, DVPN_A_MAP_COUNT, 17);
	ack(0, 0);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(result.count, 17);
	reply(1, DVPN_A_PEER_COUNT, 18);
	ack(1, 0);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(result.count, 18);
	dvpn_chan_close(c);
}

static void test_skipped_answer(void **state)
{
	struct dvpn_chan *c = open_chan();

	(void)state;
	request(c);
	request(c);
	assert_int_equal(dvpn_chan_flush(c), 0);
	ack(1, 0);
	/* Too late, and nobody's. */
	ack(0, 0);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(result.n, 2);
	assert_int_equal(result.err[0], -ENOBUFS);
	assert_int_equal(result.err[1], 0);
	dvpn_chan_close(c);
}

static void test_overrun(void **state)
{
	struct dvpn_chan *c = open_chan();
	unsigned int i;

	(void)state;
	for (i = 0; i < 100; i++)
		request(c);
	assert_int_equal(dvpn_chan_flush(c), 0);
	ack(0, 0);
	fail_recv(ENOBUFS);
	/* What was sent is lost, what was not is sent now. */
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(result.err[0], 0);
	assert_int_equal(result.err[1], -ENOBUFS);
	assert_int_equal(kernel.n, 100);
	for (i = result.n; i < 100; i++)
		ack(i, 0);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(result.n, 100);
	assert_int_equal(result.err[99], 0);
	dvpn_chan_close(c);
}

static void test_broken_socket(void **state)
{
	struct dvpn_chan *c = open_chan();

	(void)state;
	request(c);
	assert_int_equal(dvpn_chan_flush(c), 0);
	fail_recv(ENOTCONN);
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
	ack(0, 0);
	assert_int_equal(dvpn_chan_read(c), 0);
	assert_int_equal(kernel.n, 2);
	ack(1, 0);
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
		cmocka_unit_test(test_flush_count),
		cmocka_unit_test(test_skipped_answer),
		cmocka_unit_test(test_overrun),
		cmocka_unit_test(test_broken_socket),
		cmocka_unit_test(test_request_from_callback),
		cmocka_unit_test(test_bad_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
