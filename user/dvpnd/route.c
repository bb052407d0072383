// SPDX-License-Identifier: GPL-2.0
/* Routes: see route.h. Plain rtnetlink: the messages are few and flat. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "dvpnd/log.h"
#include "dvpnd/route_msg.h"

#define REPLY_MAX	(64 * 1024)	/* a dump fills at most this much at a time */
#define TIMEOUT_S	2
#define CACHES		4		/* tables that are kept: (family, number) */

struct table_cache {
	u8 family;
	u32 table;
	bool valid;
	size_t n;
	size_t room;
	struct route_info *routes;
};

struct route {
	int query_fd;
	int news_fd;
	u32 seq;
	unsigned int next_cache;
	struct table_cache caches[CACHES];
	char reply[REPLY_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
};

static int send_request(struct route *r, struct route_request *req)
{
	/* What is left of an earlier answer that took too long. */
	while (recv(r->query_fd, r->reply, sizeof(r->reply), MSG_DONTWAIT) > 0)
		;
	req->nlh.nlmsg_seq = ++r->seq;
	if (send(r->query_fd, req, req->nlh.nlmsg_len, 0) < 0)
		return -errno;
	return 0;
}

/* One question, one route. */
static int ask(struct route *r, struct route_request *req, struct route_info *info)
{
	struct nlmsghdr *nlh = (void *)r->reply;
	ssize_t len;
	int err;

	err = send_request(r, req);
	if (err)
		return err;
	do {
		len = recv(r->query_fd, r->reply, sizeof(r->reply), 0);
		if (len < 0)
			return -errno;
		if (!NLMSG_OK(nlh, (size_t)len))
			return -EBADMSG;
	} while (nlh->nlmsg_seq != r->seq);
	if (nlh->nlmsg_type == NLMSG_ERROR)
		return route_msg_error(nlh) ?: -EBADMSG;	/* no ack was asked for */
	return route_msg_parse(nlh, info) ? 0 : -ENETUNREACH;
}

int route_lookup(struct route *r, const struct nhrp_addr *dst, unsigned int master,
		 struct route_info *info)
{
	struct route_request req;

	route_msg_begin(&req, RTM_GETROUTE, dst->family, 0);
	req.rtm.rtm_dst_len = nhrp_addr_bits(dst);
	req.rtm.rtm_flags = RTM_F_FIB_MATCH;
	route_msg_put(&req, RTA_DST, dst->b, dst->len);
	if (master)
		route_msg_put(&req, RTA_OIF, &master, sizeof(master));
	return ask(r, &req, info);
}

int route_source(struct route *r, const struct nhrp_addr *dst, unsigned int oif, u32 mark,
		 unsigned int tunnel, struct nhrp_addr *src)
{
	struct route_info info;
	struct route_request req;
	int err;

	route_msg_begin(&req, RTM_GETROUTE, dst->family, 0);
	req.rtm.rtm_dst_len = nhrp_addr_bits(dst);
	route_msg_put(&req, RTA_DST, dst->b, dst->len);
	if (oif)
		route_msg_put(&req, RTA_OIF, &oif, sizeof(oif));
	if (mark)
		route_msg_put(&req, RTA_MARK, &mark, sizeof(mark));
	err = ask(r, &req, &info);
	if (err)
		return err;
	if (info.is_local || nhrp_addr_none(&info.prefsrc))
		return -ENETUNREACH;
	/* Into itself: it was learned by the tunnel and leads nowhere. */
	if (info.nr_hops && info.hops[0].oif == tunnel)
		return -ELOOP;
	*src = info.prefsrc;
	return 0;
}

/* ----- tables ----- */

static int add_route(struct table_cache *c, const struct nlmsghdr *nlh)
{
	struct route_info info;

	if (!route_msg_parse(nlh, &info) || info.table != c->table)
		return 0;
	if (c->n == c->room) {
		size_t room = c->room ? c->room * 2 : 64;
		struct route_info *more = reallocarray(c->routes, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		c->routes = more;
		c->room = room;
	}
	c->routes[c->n++] = info;
	return 0;
}

/* Return: 1 when the dump is complete, 0 for more, negative errno. */
static int take_dump_part(struct route *r, struct table_cache *c)
{
	struct nlmsghdr *nlh = (void *)r->reply;
	ssize_t got;
	size_t len;
	int err;

	got = recv(r->query_fd, r->reply, sizeof(r->reply), 0);
	if (got < 0)
		return -errno;
	for (len = got; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len)) {
		if (nlh->nlmsg_seq != r->seq)
			continue;
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			return -EINTR;
		if (nlh->nlmsg_type == NLMSG_DONE)
			return 1;
		err = nlh->nlmsg_type == NLMSG_ERROR ? route_msg_error(nlh) : add_route(c, nlh);
		if (err)
			return err;
	}
	return 0;
}

static int fill_cache(struct route *r, struct table_cache *c)
{
	struct route_request req;
	int err;

	c->n = 0;
	route_msg_begin(&req, RTM_GETROUTE, c->family, NLM_F_DUMP);
	req.rtm.rtm_table = c->table < 256 ? c->table : RT_TABLE_UNSPEC;
	route_msg_put(&req, RTA_TABLE, &c->table, sizeof(c->table));
	err = send_request(r, &req);
	while (!err)
		err = take_dump_part(r, c);
	if (err < 0)
		return err;
	c->valid = true;
	return 0;
}

static struct table_cache *find_cache(struct route *r, u8 family, u32 table)
{
	struct table_cache *c;
	unsigned int i;

	for (i = 0; i < CACHES; i++)
		if (r->caches[i].family == family && r->caches[i].table == table)
			return &r->caches[i];
	c = &r->caches[r->next_cache++ % CACHES];
	c->family = family;
	c->table = table;
	c->valid = false;
	return c;
}

static unsigned int common_bits(const struct nhrp_addr *a, const struct nhrp_addr *b)
{
	unsigned int i;

	for (i = 0; i < a->len; i++)
		if (a->b[i] != b->b[i])
			return i * 8 + __builtin_clz((unsigned int)(a->b[i] ^ b->b[i])) -
			       (sizeof(int) - 1) * 8;
	return nhrp_addr_bits(a);
}

int route_lengthen(struct route *r, u32 table, const struct nhrp_addr *dst,
		   struct nhrp_prefix *prefix, route_differs_fn differs, void *ctx)
{
	struct table_cache *c = find_cache(r, dst->family, table);
	struct nhrp_prefix whole = *prefix;
	unsigned int plen = prefix->plen;
	size_t i;
	int err = 0;

	if (!c->valid)
		err = fill_cache(r, c);
	for (i = 0; !err && i < c->n; i++) {
		const struct route_info *other = &c->routes[i];
		unsigned int common;

		if (other->dst.plen <= whole.plen || !nhrp_prefix_covers(&whole, &other->dst) ||
		    !differs(other, ctx))
			continue;
		common = common_bits(&other->dst.addr, dst);
		if (common >= other->dst.plen)
			continue;	/* covers the address, yet the kernel did not take it */
		if (common + 1 > plen)
			plen = common + 1;
	}
	prefix->addr = *dst;
	prefix->plen = err ? nhrp_addr_bits(dst) : plen;
	nhrp_prefix_mask(prefix);
	return err;
}

/* ----- news ----- */

static bool is_cached(const struct route *r, u8 family, u32 table)
{
	unsigned int i;

	for (i = 0; i < CACHES; i++)
		if (r->caches[i].valid && r->caches[i].family == family &&
		    r->caches[i].table == table)
			return true;
	return false;
}

/* Ten thousand routes of ours change nothing in a table that no lookup goes to. */
static bool is_own_export(const struct route *r, size_t len)
{
	const struct nlmsghdr *nlh = (const void *)r->reply;
	const struct rtmsg *rtm;

	for (; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len)) {
		rtm = NLMSG_DATA(nlh);
		if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*rtm)) ||
		    rtm->rtm_protocol != ROUTE_PROTOCOL_OURS ||
		    is_cached(r, rtm->rtm_family, rtm->rtm_table))
			return false;
	}
	return true;
}

bool route_read(struct route *r)
{
	bool changed = false;
	unsigned int i;
	ssize_t len;

	/* A bound, so that a storm of routes cannot keep the loop from its timers. */
	for (i = 0; i < 64; i++) {
		len = recv(r->news_fd, r->reply, sizeof(r->reply), MSG_DONTWAIT);
		if (len < 0 && errno != ENOBUFS)
			break;
		changed |= len < 0 || !is_own_export(r, len);
	}
	for (i = 0; changed && i < CACHES; i++)
		r->caches[i].valid = false;
	return changed;
}

int route_fd(const struct route *r)
{
	return r->news_fd;
}

static int open_sockets(struct route *r)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
	};
	struct timeval timeout = { .tv_sec = TIMEOUT_S };
	int one = 1;

	r->query_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	r->news_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (r->query_fd < 0 || r->news_fd < 0 ||
	    bind(r->news_fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    setsockopt(r->query_fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		return -errno;
	/* Without it the kernel dumps all tables; they are sorted out here, too. */
	setsockopt(r->query_fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	return 0;
}

int route_open(struct route **out)
{
	struct route *r;
	int err;

	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->query_fd = -1;
	r->news_fd = -1;
	err = open_sockets(r);
	if (err)
		route_close(r);
	else
		*out = r;
	return err;
}

void route_close(struct route *r)
{
	unsigned int i;

	if (!r)
		return;
	if (r->query_fd >= 0)
		close(r->query_fd);
	if (r->news_fd >= 0)
		close(r->news_fd);
	for (i = 0; i < CACHES; i++)
		free(r->caches[i].routes);
	free(r);
}
