// SPDX-License-Identifier: GPL-2.0
/* The kernel's side of a netlink socket: queue, overrun, acks. */
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

#include "played_kernel.h"

struct played_kernel kernel;

void played_start(void)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.room = PLAYED_MOST;
}

/* Linked with --wrap: these four instead of the real ones. */
int __wrap_dvpn_sock_open(struct dvpn_sock *s, int protocol, unsigned int rcvbuf)
{
	(void)protocol;
	(void)rcvbuf;
	memset(s, 0, sizeof(*s));
	s->family = PLAYED_FAMILY;
	s->fd = PLAYED_FD;
	s->buf = malloc(DVPN_RECV_MAX);
	return 0;
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	size_t i;

	(void)flags;
	assert_int_equal(fd, PLAYED_FD);
	kernel.sends++;
	if (msg->msg_iovlen > kernel.largest)
		kernel.largest = msg->msg_iovlen;
	for (i = 0; i < msg->msg_iovlen; i++) {
		const struct nlmsghdr *nlh = msg->msg_iov[i].iov_base;

		assert_int_equal(nlh->nlmsg_len, msg->msg_iov[i].iov_len);
		assert_int_equal(nlh->nlmsg_type, PLAYED_FAMILY);
		assert_true(kernel.n < PLAYED_MOST);
		kernel.ack[kernel.n] = nlh->nlmsg_flags & NLM_F_ACK;
		kernel.cmd[kernel.n] = genlmsg_hdr((struct nlmsghdr *)nlh)->cmd;
		kernel.seq[kernel.n++] = nlh->nlmsg_seq;
		if (kernel.request)
			kernel.request(kernel.n - 1);
	}
	return 1;
}

ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags)
{
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	return __wrap_sendmsg(fd, &msg, flags);
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct sockaddr_nl from = { .nl_family = AF_NETLINK };
	int len;

	assert_int_equal(fd, PLAYED_FD);
	if (kernel.error) {
		errno = kernel.error;
		kernel.error = 0;
		return -1;
	}
	if (kernel.next == kernel.end) {
		if (!(flags & MSG_DONTWAIT))
			fail_msg("waits for ever");
		errno = EAGAIN;
		return -1;
	}
	len = kernel.lens[kernel.next];
	memcpy(msg->msg_iov->iov_base, kernel.queue[kernel.next++], len);
	if (kernel.next == kernel.end)
		kernel.congested = false;
	memcpy(msg->msg_name, &from, sizeof(from));
	msg->msg_namelen = sizeof(from);
	msg->msg_flags = 0;
	return len;
}

void played_queue(const struct nlmsghdr *nlh)
{
	if (kernel.congested || kernel.end - kernel.next >= kernel.room) {
		/* Said once, however many follow. */
		if (!kernel.congested)
			kernel.error = ENOBUFS;
		kernel.congested = true;
		return;
	}
	assert_true(kernel.end < PLAYED_MOST && nlh->nlmsg_len <= sizeof(kernel.queue[0]));
	memcpy(kernel.queue[kernel.end], nlh, nlh->nlmsg_len);
	kernel.lens[kernel.end++] = nlh->nlmsg_len;
}

void played_ack(unsigned int n, int error)
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

	played_queue(&a.nlh);
}

void played_reply(unsigned int n, u8 cmd, int type, u32 value)
{
	struct nl_msg *msg = nlmsg_alloc();

	assert_non_null(genlmsg_put(msg, 0, kernel.seq[n], PLAYED_FAMILY, 0, 0, cmd, 1));
	assert_int_equal(nla_put_u32(msg, type, value), 0);
	played_queue(nlmsg_hdr(msg));
	nlmsg_free(msg);
}
