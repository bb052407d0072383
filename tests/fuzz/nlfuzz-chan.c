// SPDX-License-Identifier: GPL-2.0
/* A socket that sends many requests at once and waits for all of the answers. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <linux/dvpn.h>
#include <netlink/genl/ctrl.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "nlfuzz.h"

#define ANSWER_SECONDS	60	/* for an idle machine; emulated, with debugging, it takes long */
#define PENDING		1	/* no errno */

/**
 * chan_open() - open a socket
 * @chan: filled in
 * @protocol: NETLINK_GENERIC or NETLINK_ROUTE
 * @rcvbuf: bytes of its receive buffer, 0: as it comes
 *
 * Return: false: it cannot be.
 */
bool chan_open(struct chan *chan, int protocol, int rcvbuf)
{
	struct timeval timeout = { .tv_sec = ANSWER_SECONDS };
	int on = 1, family = 0;

	memset(chan, 0, sizeof(*chan));
	chan->nl = nl_socket_alloc();
	if (!chan->nl)
		return false;
	if (nl_connect(chan->nl, protocol) < 0)
		goto fail;
	chan->fd = nl_socket_get_fd(chan->nl);
	if (protocol == NETLINK_GENERIC)
		family = genl_ctrl_resolve(chan->nl, DVPN_GENL_NAME);
	if (family < 0)
		goto fail;
	chan->family = family;
	setsockopt(chan->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(chan->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(chan->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	setsockopt(chan->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	if (rcvbuf)
		setsockopt(chan->fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	return true;
fail:
	nl_socket_free(chan->nl);
	return false;
}

/**
 * chan_close() - close it, whatever is under way
 * @chan: the socket
 */
void chan_close(struct chan *chan)
{
	nl_socket_free(chan->nl);
}

/* Every request is answered that says it is one and asks for it. */
static bool is_answered(const struct message *msg, size_t len)
{
	return (msg->flags & (NLM_F_REQUEST | NLM_F_ACK)) == (NLM_F_REQUEST | NLM_F_ACK) &&
	       msg->type >= NLMSG_MIN_TYPE && len >= NLMSG_HDRLEN;
}

/* How many of the pending requests does a datagram end? */
static unsigned int collect(const u8 *buf, ssize_t len, u32 first, unsigned int n, int *status,
			    answer_fn fn, void *arg)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)buf;
	unsigned int done = 0;
	u32 i;

	for (; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len)) {
		i = nlh->nlmsg_seq - first;
		if (i >= n)
			continue;
		if (nlh->nlmsg_type != NLMSG_ERROR && nlh->nlmsg_type != NLMSG_DONE) {
			if (fn)
				fn(nlh, arg);
			continue;
		}
		if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof(int)))
			fail("an answer of %u bytes", nlh->nlmsg_len);
		else if (status[i] != PENDING)
			fail("request %u is answered twice", i);
		else
			done++;
		status[i] = *(const int *)NLMSG_DATA(nlh);
	}
	return done;
}

/**
 * chan_drain() - read all that waits after an overrun
 * @chan: the socket
 *
 * Until its queue is empty the kernel drops all that is for it and does not say
 * so again: an answer would be waited for in vain.
 */
void chan_drain(struct chan *chan)
{
	static __thread u8 buf[1 << 16];

	while (recv(chan->fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0 || errno == ENOBUFS ||
	       errno == EINTR)
		;
}

/* Events may come for ever while an answer does not. */
static bool is_late(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - since->tv_sec > ANSWER_SECONDS;
}

/**
 * chan_exchange() - send requests in one datagram and wait for the answers
 * @chan: the socket
 * @msgs: the requests
 * @n: at most BATCH_MAX
 * @status: for each a negative errno or 0
 * @fn: called for all that is answered but the end
 * @arg: for @fn
 *
 * Of two dumps at once the kernel refuses the second. If the answers do not
 * fit into the receive buffer &chan.overrun says so and they are lost.
 *
 * Return: false: they were not sent, or not answered.
 */
bool chan_exchange(struct chan *chan, const struct message *msgs, unsigned int n, int *status,
		   answer_fn fn, void *arg)
{
	static __thread u8 buf[BATCH_MAX * MESSAGE_MAX];
	static __thread u8 answer[1 << 16];
	unsigned int i, pending = 0;
	u32 first = chan->seq + 1;
	size_t len = 0, one;
	struct timespec since;
	ssize_t got;

	clock_gettime(CLOCK_MONOTONIC, &since);
	chan->overrun = false;
	for (i = 0; i < n; i++) {
		one = encode(&msgs[i], buf + len, ++chan->seq);
		len += one;
		status[i] = is_answered(&msgs[i], one) ? PENDING : 0;
		pending += status[i] == PENDING;
	}
	while (send(chan->fd, buf, len, 0) < 0) {
		if (errno != ENOBUFS && errno != EINTR && errno != EAGAIN) {
			fail("requests are not sent: %s", strerror(errno));
			return false;
		}
	}
	while (pending) {
		got = recv(chan->fd, answer, sizeof(answer), 0);
		if (got < 0 && errno == ENOBUFS) {
			chan->overrun = true;
			chan_drain(chan);
			return true;
		}
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || is_late(&since)) {
			for (i = 0; i < n; i++)
				if (status[i] == PENDING)
					fail("no answer: type %u command %u flags %#x",
					     msgs[i].type, msgs[i].cmd, msgs[i].flags);
			return false;
		}
		pending -= collect(answer, got, first, n, status, fn, arg);
	}
	return true;
}
