// SPDX-License-Identifier: GPL-2.0
/*
 * Requests for an event loop: a queue, batches, answers in order.
 *
 * The kernel answers while it is being sent to, so all answers to a batch are in
 * the receive buffer when the send returns. Only so much is therefore sent that
 * its answers surely fit; the rest follows when they have been read. Of a batch only
 * the last request is answered if it succeeds, any if it fails: what an answer passes
 * over was done. Netlink does not answer -EINTR (netlink_rcv_skb()), which would so be
 * taken for success: the module must never return it for a request. It waits for nothing
 * there that a signal could interrupt.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/socket.h>
#include <netlink/msg.h>

#include "lib/internal.h"

#define CHAN_RCVBUF	(1024 * 1024)
#define BATCH_MSGS	64
/* A refusal quotes the request. */
#define BATCH_BYTES	(64 * 1024)

/**
 * struct request - one request, from its queueing to its answer
 * @next: the one that was queued after it
 * @msg: the message, NULL once it was sent
 * @seq: its sequence number, once it was sent
 * @len: its bytes
 * @fn: whom to tell, or NULL
 * @ctx: for @fn
 * @count: what a flush said that it deleted
 * @err: the reply before the ack made no sense
 */
struct request {
	struct request *next;
	struct nl_msg *msg;
	u32 seq;
	size_t len;
	dvpn_ack_fn fn;
	void *ctx;
	u32 count;
	int err;
};

/**
 * struct dvpn_chan - a request socket and what was asked
 * @sock: the socket
 * @head: the oldest unanswered request
 * @tail: where to hang the next one
 * @unsent: the oldest that was not sent, or NULL
 * @pending: requests from @head on
 * @sent: of them sent
 * @sent_bytes: their bytes
 * @overrun: answers were lost, and those that were not are being read
 */
struct dvpn_chan {
	struct dvpn_sock sock;
	struct request *head;
	struct request **tail;
	struct request *unsent;
	unsigned int pending;
	unsigned int sent;
	size_t sent_bytes;
	bool overrun;
};

int dvpn_chan_open(struct dvpn_chan **out)
{
	struct dvpn_chan *c = calloc(1, sizeof(*c));
	int err;

	*out = NULL;
	if (!c)
		return -ENOMEM;
	c->tail = &c->head;
	err = dvpn_sock_open(&c->sock, NETLINK_GENERIC, CHAN_RCVBUF);
	if (err) {
		free(c);
		return err;
	}
	*out = c;
	return 0;
}

int dvpn_chan_fd(const struct dvpn_chan *c)
{
	return c->sock.fd;
}

unsigned int dvpn_chan_pending(const struct dvpn_chan *c)
{
	return c->pending;
}

void dvpn_chan_start(struct dvpn_chan *c, struct dvpn_build *b, u8 cmd, u16 flags,
		     unsigned int ifindex, size_t room)
{
	dvpn_build_start(b, c->sock.family, cmd, NLM_F_ACK | flags, room);
	dvpn_put_u32(b, DVPN_A_IFINDEX, ifindex);
}

int dvpn_chan_queue(struct dvpn_chan *c, struct dvpn_build *b, dvpn_ack_fn fn, void *ctx)
{
	struct request *r;
	struct nl_msg *msg;
	int err;

	msg = dvpn_build_end(b, &err);
	if (!msg)
		return err;
	r = calloc(1, sizeof(*r));
	if (!r) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	r->msg = msg;
	r->len = NLMSG_ALIGN(nlmsg_hdr(msg)->nlmsg_len);
	r->fn = fn;
	r->ctx = ctx;
	*c->tail = r;
	c->tail = &r->next;
	if (!c->unsent)
		c->unsent = r;
	c->pending++;
	return 0;
}

/* Takes the oldest request off and tells its owner. */
static void answer(struct dvpn_chan *c, int err, const char *text)
{
	struct request *r = c->head;
	struct dvpn_ack ack = { .err = err, .text = text, .count = r->count };

	c->head = r->next;
	if (!c->head)
		c->tail = &c->head;
	if (c->unsent == r)
		c->unsent = r->next;
	c->pending--;
	if (!r->msg) {
		c->sent--;
		c->sent_bytes -= r->len;
	}
	if (r->fn)
		r->fn(&ack, r->ctx);
	nlmsg_free(r->msg);
	free(r);
}

void dvpn_chan_close(struct dvpn_chan *c)
{
	unsigned int n;

	if (!c)
		return;
	/* What callbacks queue now is dropped without a word: they know why. */
	for (n = c->pending; n; n--)
		answer(c, -ECANCELED, "the channel was closed");
	while (c->head) {
		c->head->fn = NULL;
		answer(c, -ECANCELED, "");
	}
	dvpn_sock_close(&c->sock);
	free(c);
}

static int send_batch(struct dvpn_chan *c, struct iovec *iov, unsigned int n)
{
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = n };

	while (sendmsg(c->sock.fd, &msg, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int dvpn_chan_flush(struct dvpn_chan *c)
{
	struct iovec iov[BATCH_MSGS];
	struct request *r, *end;
	unsigned int n = 0;
	size_t bytes = 0;
	int err;

	for (r = c->unsent; r; r = r->next) {
		if (c->sent + n >= BATCH_MSGS)
			break;
		if (c->sent + n && c->sent_bytes + bytes + r->len > BATCH_BYTES)
			break;
		r->seq = ++c->sock.seq;
		nlmsg_hdr(r->msg)->nlmsg_seq = r->seq;
		iov[n].iov_base = nlmsg_hdr(r->msg);
		iov[n].iov_len = r->len;
		bytes += r->len;
		n++;
	}
	if (!n)
		return 0;
	end = r;
	for (r = c->unsent; r->next != end; r = r->next)
		nlmsg_hdr(r->msg)->nlmsg_flags &= ~NLM_F_ACK;
	nlmsg_hdr(r->msg)->nlmsg_flags |= NLM_F_ACK;
	err = send_batch(c, iov, n);
	if (err)
		return err;
	for (r = c->unsent; r != end; r = r->next) {
		nlmsg_free(r->msg);
		r->msg = NULL;
	}
	c->unsent = end;
	c->sent += n;
	c->sent_bytes += bytes;
	return 0;
}

/* No answer is success, unless one was lost. That is reported before what is left is read. */
static void answer_none(struct dvpn_chan *c)
{
	if (c->overrun)
		answer(c, -ENOBUFS, "the kernel's answer was lost");
	else
		answer(c, c->head->err, "");
}

/* A reply that goes before the ack: only flushes have one, a number. */
static void take_reply(struct request *r, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[DVPN_A_MAX + 1];
	u8 cmd;

	r->err = dvpn_parse_genl(nlh, &cmd, tb);
	if (!r->err)
		r->count = dvpn_get_u32(tb[DVPN_A_MAP_COUNT] ?: tb[DVPN_A_PEER_COUNT]);
}

static int chan_msg(const struct nlmsghdr *nlh, void *ctx)
{
	struct dvpn_chan *c = ctx;
	char text[DVPN_TEXT_MAX];
	int err;

	/* Answers come in the order of the requests; none is how most are answered. */
	while (c->sent && (__s32)(nlh->nlmsg_seq - c->head->seq) > 0)
		answer_none(c);
	if (!c->sent || nlh->nlmsg_seq != c->head->seq)
		return 0;
	if (nlh->nlmsg_type == c->sock.family) {
		take_reply(c->head, nlh);
	} else if (nlh->nlmsg_type == NLMSG_ERROR) {
		err = dvpn_parse_ack(nlh, c->sock.family, text);
		answer(c, err ?: c->head->err, text);
	}
	return 0;
}

static void lose_sent(struct dvpn_chan *c)
{
	unsigned int n = c->sent;

	while (n--)
		answer_none(c);
}

int dvpn_chan_read(struct dvpn_chan *c)
{
	int err;

	/* A socket that overran is sent no answer until its queue is empty. */
	while ((err = dvpn_sock_pump(&c->sock, 2 * BATCH_MSGS, chan_msg, c)) == -ENOBUFS)
		c->overrun = true;
	if (err)
		return err;
	/* The kernel answers within the send: what was not queued will never be. */
	if (c->overrun)
		lose_sent(c);
	c->overrun = false;
	return dvpn_chan_flush(c);
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

int dvpn_chan_wait(struct dvpn_chan *c, int timeout_ms)
{
	long long end = now_ms() + timeout_ms;
	int err = dvpn_chan_flush(c);

	while (!err && c->pending) {
		long long left = timeout_ms < 0 ? -1 : end - now_ms();

		if (timeout_ms >= 0 && left < 0)
			return -ETIMEDOUT;
		err = dvpn_sock_wait(&c->sock, left);
		if (err > 0)
			err = dvpn_chan_read(c);
	}
	return err;
}
