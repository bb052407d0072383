// SPDX-License-Identifier: GPL-2.0
/*
 * Host routes by a tunnel: see export_route.h
 *
 * The kernel carries a request of rtnetlink out while it is sent, and makes up its
 * answer, or the next part of it, when the one before it was read. So nothing here
 * waits, and what is not there to be read was lost.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dvpnd/export_route.h"
#include "dvpnd/route_msg.h"

#define ANSWER_MAX	(32 * 1024)	/* the most that the kernel puts into one */

union answer {
	struct nlmsghdr nlh;
	char bytes[ANSWER_MAX];
};

int export_socket_open(struct export_socket *s, unsigned int ifindex)
{
	int one = 1;

	s->ifindex = ifindex;
	s->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (s->fd < 0)
		return -errno;
	/* Without them answers are longer, and have routes of others. */
	setsockopt(s->fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	setsockopt(s->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	return 0;
}

void export_socket_close(struct export_socket *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

/* Return: bytes of it, a negative errno. */
static ssize_t receive(struct export_socket *s, union answer *answer)
{
	ssize_t len;

	do {
		len = recv(s->fd, answer, sizeof(*answer), MSG_DONTWAIT);
	} while (len < 0 && errno == EINTR);
	return len < 0 ? -errno : len;
}

static int transmit(struct export_socket *s, const void *data, size_t len)
{
	union answer old;

	/* What was not wanted any more. */
	while (receive(s, &old) > 0)
		;
	return send(s->fd, data, len, 0) < 0 ? -errno : 0;
}

/* ----- changes ----- */

/* Return: bytes written. */
static size_t write_change(struct export_socket *s, const struct export_change *c, bool last,
			   char *to)
{
	struct route_request req;

	route_msg_begin(&req, c->add ? RTM_NEWROUTE : RTM_DELROUTE, c->addr.family,
			(c->add ? NLM_F_CREATE | NLM_F_EXCL : 0) | (last ? NLM_F_ACK : 0));
	req.nlh.nlmsg_seq = ++s->seq;
	req.rtm.rtm_dst_len = nhrp_addr_bits(&c->addr);
	req.rtm.rtm_protocol = ROUTE_PROTOCOL_OURS;
	req.rtm.rtm_type = RTN_UNICAST;
	req.rtm.rtm_scope = c->addr.family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	route_msg_put(&req, RTA_DST, c->addr.b, c->addr.len);
	route_msg_put(&req, RTA_OIF, &s->ifindex, sizeof(s->ifindex));
	route_msg_put(&req, RTA_TABLE, &c->table, sizeof(c->table));
	memcpy(to, &req, NLMSG_ALIGN(req.nlh.nlmsg_len));
	return NLMSG_ALIGN(req.nlh.nlmsg_len);
}

/* Only failures are told, and the end. Return: whether that is here. */
static bool note_failures(const union answer *answer, size_t len, u32 first,
			  struct export_change *changes, unsigned int n)
{
	const struct nlmsghdr *nlh;

	for (nlh = &answer->nlh; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len)) {
		if (nlh->nlmsg_type != NLMSG_ERROR || nlh->nlmsg_seq - first >= n)
			continue;
		changes[nlh->nlmsg_seq - first].err = route_msg_error(nlh);
		if (nlh->nlmsg_seq - first == n - 1)
			return true;
	}
	return false;
}

int export_socket_change(struct export_socket *s, struct export_change *changes, unsigned int n)
{
	char requests[EXPORT_BATCH_MAX * sizeof(struct route_request)];
	u32 first = s->seq + 1;
	union answer answer;
	size_t len = 0;
	ssize_t got;
	unsigned int i;
	int err;

	for (i = 0; i < n; i++) {
		changes[i].err = 0;
		len += write_change(s, &changes[i], i == n - 1, requests + len);
	}
	err = transmit(s, requests, len);
	if (err)
		return err;
	do {
		got = receive(s, &answer);
		if (got < 0)
			return got;
	} while (!note_failures(&answer, got, first, changes, n));
	return 0;
}

/* ----- what is there ----- */

int export_socket_ask(struct export_socket *s, u8 family)
{
	struct route_request req;

	route_msg_begin(&req, RTM_GETROUTE, family, NLM_F_DUMP);
	req.nlh.nlmsg_seq = ++s->seq;
	req.rtm.rtm_protocol = ROUTE_PROTOCOL_OURS;
	route_msg_put(&req, RTA_OIF, &s->ifindex, sizeof(s->ifindex));
	return transmit(s, &req, req.nlh.nlmsg_len);
}

static bool is_ours(const struct export_socket *s, const struct route_info *info)
{
	return info->protocol == ROUTE_PROTOCOL_OURS && info->nr_hops == 1 &&
	       info->hops[0].oif == s->ifindex && nhrp_prefix_is_host(&info->dst);
}

/* Return: as export_socket_read(). */
static int take(struct export_socket *s, const struct nlmsghdr *nlh, export_found_fn found,
		void *ctx)
{
	struct route_info info;

	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		return -EINTR;
	if (nlh->nlmsg_type == NLMSG_DONE)
		return 1;
	if (nlh->nlmsg_type == NLMSG_ERROR)
		return route_msg_error(nlh) ?: -EBADMSG;	/* no ack was asked for */
	if (route_msg_parse(nlh, &info) && is_ours(s, &info))
		found(&info.dst.addr, info.table, ctx);
	return 0;
}

int export_socket_read(struct export_socket *s, export_found_fn found, void *ctx)
{
	const struct nlmsghdr *nlh;
	union answer answer;
	ssize_t got;
	size_t len;
	int err = 0;

	got = receive(s, &answer);
	if (got < 0)
		return got;
	len = got;
	for (nlh = &answer.nlh; !err && NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len))
		if (nlh->nlmsg_seq == s->seq)
			err = take(s, nlh, found, ctx);
	return err;
}
