// SPDX-License-Identifier: GPL-2.0
/* A netlink socket: opening, sending, receiving, walking what came. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/genetlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/msg.h>
#include <netlink/socket.h>

#include "lib/internal.h"

static int nl_to_errno(int err)
{
	switch (-err) {
	case 0:
		return 0;
	case NLE_OBJ_NOTFOUND:
		return -ENOENT;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_AF_NOSUPPORT:
	case NLE_PROTO_MISMATCH:
		return -EPROTONOSUPPORT;
	case NLE_BUSY:
		return -EBUSY;
	default:
		return -EIO;
	}
}

static void set_options(int fd, unsigned int rcvbuf)
{
	int on = 1;
	int size = rcvbuf;

	/* Without the privilege the system's limit holds: smaller, but it works. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	/* Any kernel with our module knows it; without it there is no text, that is all. */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
}

int dvpn_sock_open(struct dvpn_sock *s, int protocol, unsigned int rcvbuf)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->buf = malloc(DVPN_RECV_MAX);
	s->nl = nl_socket_alloc();
	if (!s->buf || !s->nl) {
		err = -ENOMEM;
		goto fail;
	}
	err = nl_to_errno(nl_connect(s->nl, protocol));
	if (err)
		goto fail;
	if (protocol == NETLINK_GENERIC) {
		s->family = genl_ctrl_resolve(s->nl, DVPN_GENL_NAME);
		if (s->family < 0) {
			err = nl_to_errno(s->family);
			goto fail;
		}
	}
	s->fd = nl_socket_get_fd(s->nl);
	set_options(s->fd, rcvbuf);
	return 0;
fail:
	dvpn_sock_close(s);
	return err;
}

void dvpn_sock_close(struct dvpn_sock *s)
{
	nl_socket_free(s->nl);
	free(s->buf);
	memset(s, 0, sizeof(*s));
}

int dvpn_sock_send(struct dvpn_sock *s, struct nl_msg *msg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	int err = 0;

	nlh->nlmsg_seq = ++s->seq;
	while (send(s->fd, nlh, nlh->nlmsg_len, 0) < 0) {
		if (errno == EINTR)
			continue;
		err = -errno;
		break;
	}
	nlmsg_free(msg);
	return err;
}

int dvpn_sock_wait(const struct dvpn_sock *s, int timeout_ms)
{
	struct pollfd pfd = { .fd = s->fd, .events = POLLIN };
	int n = poll(&pfd, 1, timeout_ms);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return n;
}

int dvpn_sock_recv(struct dvpn_sock *s, bool wait)
{
	struct sockaddr_nl from;
	struct iovec iov = { .iov_base = s->buf, .iov_len = DVPN_RECV_MAX };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t len;

	for (;;) {
		msg.msg_namelen = sizeof(from);
		len = recvmsg(s->fd, &msg, wait ? 0 : MSG_DONTWAIT);
		if (len < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		/* Only the kernel's word counts: any process may send to our port. */
		if (msg.msg_namelen != sizeof(from) || from.nl_family != AF_NETLINK || from.nl_pid)
			continue;
		if (msg.msg_flags & MSG_TRUNC)
			return -EMSGSIZE;
		return len;
	}
}

int dvpn_walk(const void *buf, size_t len, dvpn_msg_fn fn, void *ctx)
{
	const u8 *pos = buf;

	while (len) {
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)pos;
		size_t step;
		int err;

		if (len < NLMSG_HDRLEN || nlh->nlmsg_len < NLMSG_HDRLEN || nlh->nlmsg_len > len)
			return -EBADMSG;
		err = fn(nlh, ctx);
		if (err)
			return err;
		step = NLMSG_ALIGN(nlh->nlmsg_len);
		if (step >= len)
			break;
		pos += step;
		len -= step;
	}
	return 0;
}

int dvpn_sock_pump(struct dvpn_sock *s, unsigned int max, dvpn_msg_fn fn, void *ctx)
{
	while (max--) {
		int len = dvpn_sock_recv(s, false);
		int err;

		if (len == -EAGAIN)
			return 0;
		if (len < 0)
			return len;
		err = dvpn_walk(s->buf, len, fn, ctx);
		if (err)
			return err;
	}
	return 0;
}

static void append_attr(char *text, unsigned int type)
{
	size_t used = strlen(text);

	snprintf(text + used, DVPN_TEXT_MAX - used, "%s(attribute %s)", used ? " " : "",
		 dvpn_name(DVPN_NAMES_ATTR, type));
}

/* The kernel names an attribute of our request by its place there. */
static void name_attr(const struct nlmsghdr *quote, size_t room, u32 offset, char *text)
{
	const struct nlattr *attr;

	if (offset < NLMSG_HDRLEN + GENL_HDRLEN || offset % NLA_ALIGNTO ||
	    room < NLA_HDRLEN || offset > room - NLA_HDRLEN)
		return;
	attr = (const struct nlattr *)((const u8 *)quote + offset);
	append_attr(text, attr->nla_type & NLA_TYPE_MASK);
}

int dvpn_parse_ack(const struct nlmsghdr *nlh, int family, char text[DVPN_TEXT_MAX])
{
	static const struct dvpn_rule rules[NLMSGERR_ATTR_MAX + 1] = {
		[NLMSGERR_ATTR_MSG] = { DVPN_KIND_BYTES, 0xffff },
		[NLMSGERR_ATTR_OFFS] = { DVPN_KIND_U32, 0 },
		[NLMSGERR_ATTR_MISS_TYPE] = { DVPN_KIND_U32, 0 },
	};
	const struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	const u8 *payload = (const u8 *)nlh + NLMSG_HDRLEN;
	size_t len = nlh->nlmsg_len - NLMSG_HDRLEN;
	const struct nlmsghdr *quote = NULL;
	size_t skip = sizeof(__s32);
	__s32 err;

	text[0] = '\0';
	if (len < skip)
		return -EBADMSG;
	memcpy(&err, payload, sizeof(err));
	if (err > 0)
		return -EBADMSG;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		quote = (const struct nlmsghdr *)(payload + skip);
		skip += sizeof(*quote);
		if (len < skip)
			return -EBADMSG;
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED)) {
			if (quote->nlmsg_len < NLMSG_HDRLEN ||
			    quote->nlmsg_len > len - sizeof(__s32))
				return -EBADMSG;
			skip = sizeof(__s32) + NLMSG_ALIGN(quote->nlmsg_len);
		}
	}
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || skip >= len)
		return err;
	if (dvpn_attrs_split(tb, NLMSGERR_ATTR_MAX, rules, payload + skip, len - skip))
		return -EBADMSG;

	if (tb[NLMSGERR_ATTR_MSG])
		snprintf(text, DVPN_TEXT_MAX, "%.*s", (int)dvpn_attr_len(tb[NLMSGERR_ATTR_MSG]),
			 (const char *)dvpn_attr_data(tb[NLMSGERR_ATTR_MSG]));
	if (!family || !quote || quote->nlmsg_type != family)
		return err;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED) && tb[NLMSGERR_ATTR_OFFS])
		name_attr(quote, quote->nlmsg_len, dvpn_get_u32(tb[NLMSGERR_ATTR_OFFS]), text);
	else if (tb[NLMSGERR_ATTR_MISS_TYPE])
		append_attr(text, dvpn_get_u32(tb[NLMSGERR_ATTR_MISS_TYPE]));
	return err;
}

int dvpn_parse_genl(const struct nlmsghdr *nlh, u8 *cmd, const struct nlattr **tb)
{
	const struct genlmsghdr *gnlh = (const void *)((const u8 *)nlh + NLMSG_HDRLEN);
	const size_t head = NLMSG_HDRLEN + GENL_HDRLEN;

	if (nlh->nlmsg_len < head)
		return -EBADMSG;
	*cmd = gnlh->cmd;
	return dvpn_attrs_split(tb, DVPN_A_MAX, dvpn_genl_rules, (const u8 *)nlh + head,
				nlh->nlmsg_len - head);
}

/**
 * struct transaction - a request whose answer is being read
 * @s: socket
 * @fn: for the messages of the answer
 * @ctx: for @fn
 * @text: the kernel's explanation
 * @result: what is to be returned
 * @done: the end came
 * @changed: NLM_F_DUMP_INTR came
 */
struct transaction {
	struct dvpn_sock *s;
	dvpn_msg_fn fn;
	void *ctx;
	char *text;
	int result;
	bool done;
	bool changed;
};

static int transaction_msg(const struct nlmsghdr *nlh, void *ctx)
{
	struct transaction *t = ctx;
	int err;

	if (nlh->nlmsg_seq != t->s->seq || t->done)
		return 0;
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		t->changed = true;
	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
	case NLMSG_DONE:
		err = dvpn_parse_ack(nlh, t->s->family, t->text);
		t->done = true;
		break;
	case NLMSG_NOOP:
		return 0;
	default:
		err = t->fn ? t->fn(nlh, t->ctx) : 0;
	}
	/* Read on to the end, or what is left comes as the next answer. */
	if (err && !t->result)
		t->result = err;
	return 0;
}

int dvpn_transact(struct dvpn_sock *s, struct nl_msg *msg, dvpn_msg_fn fn, void *ctx,
		  char text[DVPN_TEXT_MAX])
{
	struct transaction t = { .s = s, .fn = fn, .ctx = ctx, .text = text };
	int err;

	text[0] = '\0';
	err = dvpn_sock_send(s, msg);
	while (!err && !t.done) {
		int len = dvpn_sock_recv(s, true);

		err = len < 0 ? len : dvpn_walk(s->buf, len, transaction_msg, &t);
	}
	if (err)
		return err;
	return t.result ?: t.changed;
}
