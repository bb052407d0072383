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
#include "dvpnd/route.h"

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

struct request {
	struct nlmsghdr nlh;
	struct rtmsg rtm;
	char attrs[128];
};

static void put_attr(struct request *req, unsigned short type, const void *data, size_t len)
{
	struct rtattr *rta = (void *)((char *)req + NLMSG_ALIGN(req->nlh.nlmsg_len));

	rta->rta_type = type;
	rta->rta_len = RTA_LENGTH(len);
	memcpy(RTA_DATA(rta), data, len);
	req->nlh.nlmsg_len = NLMSG_ALIGN(req->nlh.nlmsg_len) + RTA_ALIGN(rta->rta_len);
}

static void begin_request(struct request *req, u8 family, u16 flags)
{
	memset(req, 0, sizeof(*req));
	req->nlh.nlmsg_len = NLMSG_LENGTH(sizeof(req->rtm));
	req->nlh.nlmsg_type = RTM_GETROUTE;
	req->nlh.nlmsg_flags = NLM_F_REQUEST | flags;
	req->rtm.rtm_family = family;
}

static bool get_addr(const struct rtattr *rta, u8 family, struct nhrp_addr *addr)
{
	if (!rta || RTA_PAYLOAD(rta) < nhrp_family_len(family))
		return false;
	nhrp_addr_set(addr, family, RTA_DATA(rta));
	return true;
}

static u32 get_u32(const struct rtattr *rta)
{
	u32 v = 0;

	if (rta && RTA_PAYLOAD(rta) >= sizeof(v))
		memcpy(&v, RTA_DATA(rta), sizeof(v));
	return v;
}

static void index_attrs(const struct rtattr **tb, unsigned int max, const struct rtattr *rta,
			int len)
{
	memset(tb, 0, (max + 1) * sizeof(*tb));
	for (; RTA_OK(rta, len); rta = RTA_NEXT(rta, len))
		if (rta->rta_type <= max)
			tb[rta->rta_type] = rta;
}

/* RTA_GATEWAY has the route's family, RTA_VIA one of its own. */
static void get_gateway(const struct rtattr *const *tb, u8 family, struct nhrp_addr *gw)
{
	const struct rtattr *via = tb[RTA_VIA];
	u16 via_family;

	if (get_addr(tb[RTA_GATEWAY], family, gw) || !via ||
	    RTA_PAYLOAD(via) < sizeof(via_family))
		return;
	memcpy(&via_family, RTA_DATA(via), sizeof(via_family));
	if ((via_family == AF_INET || via_family == AF_INET6) &&
	    RTA_PAYLOAD(via) >= sizeof(via_family) + nhrp_family_len(via_family))
		nhrp_addr_set(gw, via_family, (char *)RTA_DATA(via) + sizeof(via_family));
}

static void get_multipath(const struct rtattr *rta, u8 family, struct route_info *info)
{
	const struct rtattr *tb[RTA_MAX + 1];
	struct rtnexthop *nh = RTA_DATA(rta);
	int len = RTA_PAYLOAD(rta);

	while (RTNH_OK(nh, len) && info->nr_hops < ROUTE_HOPS_MAX) {
		struct route_hop *hop = &info->hops[info->nr_hops++];

		index_attrs(tb, RTA_MAX, RTNH_DATA(nh), nh->rtnh_len - sizeof(*nh));
		hop->oif = nh->rtnh_ifindex;
		get_gateway(tb, family, &hop->gateway);
		len -= RTNH_ALIGN(nh->rtnh_len);
		nh = RTNH_NEXT(nh);
	}
}

/* Return: false if it is no unicast route or no route at all. */
static bool parse_route(const struct nlmsghdr *nlh, struct route_info *info)
{
	const struct rtattr *tb[RTA_MAX + 1];
	const struct rtmsg *rtm = NLMSG_DATA(nlh);
	u8 family;

	memset(info, 0, sizeof(*info));
	if (nlh->nlmsg_type != RTM_NEWROUTE || nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*rtm)))
		return false;
	family = rtm->rtm_family;
	if (!nhrp_family_len(family) || rtm->rtm_dst_len > nhrp_family_len(family) * 8)
		return false;
	index_attrs(tb, RTA_MAX, RTM_RTA(rtm), RTM_PAYLOAD(nlh));
	if (!get_addr(tb[RTA_DST], family, &info->dst.addr))
		nhrp_addr_set_any(&info->dst.addr, family);
	info->dst.plen = rtm->rtm_dst_len;
	info->table = tb[RTA_TABLE] ? get_u32(tb[RTA_TABLE]) : rtm->rtm_table;
	info->is_local = rtm->rtm_type == RTN_LOCAL;
	get_addr(tb[RTA_PREFSRC], family, &info->prefsrc);
	if (tb[RTA_MULTIPATH]) {
		get_multipath(tb[RTA_MULTIPATH], family, info);
	} else {
		info->nr_hops = 1;
		info->hops[0].oif = get_u32(tb[RTA_OIF]);
		get_gateway(tb, family, &info->hops[0].gateway);
	}
	return rtm->rtm_type != RTN_BROADCAST && rtm->rtm_type != RTN_MULTICAST &&
	       rtm->rtm_type != RTN_ANYCAST && rtm->rtm_type != RTN_THROW;
}

static int send_request(struct route *r, struct request *req)
{
	/* What is left of an earlier answer that took too long. */
	while (recv(r->query_fd, r->reply, sizeof(r->reply), MSG_DONTWAIT) > 0)
		;
	req->nlh.nlmsg_seq = ++r->seq;
	if (send(r->query_fd, req, req->nlh.nlmsg_len, 0) < 0)
		return -errno;
	return 0;
}

static int error_of(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = NLMSG_DATA(nlh);

	return nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(e->error)) ? e->error : -EBADMSG;
}

/* One question, one route. */
static int ask(struct route *r, struct request *req, struct route_info *info)
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
		return error_of(nlh) ?: -EBADMSG;	/* no ack was asked for */
	return parse_route(nlh, info) ? 0 : -ENETUNREACH;
}

int route_lookup(struct route *r, const struct nhrp_addr *dst, unsigned int master,
		 struct route_info *info)
{
	struct request req;

	begin_request(&req, dst->family, 0);
	req.rtm.rtm_dst_len = nhrp_addr_bits(dst);
	req.rtm.rtm_flags = RTM_F_FIB_MATCH;
	put_attr(&req, RTA_DST, dst->b, dst->len);
	if (master)
		put_attr(&req, RTA_OIF, &master, sizeof(master));
	return ask(r, &req, info);
}

int route_source(struct route *r, const struct nhrp_addr *dst, unsigned int oif, u32 mark,
		 unsigned int tunnel, struct nhrp_addr *src)
{
	struct route_info info;
	struct request req;
	int err;

	begin_request(&req, dst->family, 0);
	req.rtm.rtm_dst_len = nhrp_addr_bits(dst);
	put_attr(&req, RTA_DST, dst->b, dst->len);
	if (oif)
		put_attr(&req, RTA_OIF, &oif, sizeof(oif));
	if (mark)
		put_attr(&req, RTA_MARK, &mark, sizeof(mark));
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

	if (!parse_route(nlh, &info) || info.table != c->table)
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
		err = nlh->nlmsg_type == NLMSG_ERROR ? error_of(nlh) : add_route(c, nlh);
		if (err)
			return err;
	}
	return 0;
}

static int fill_cache(struct route *r, struct table_cache *c)
{
	struct request req;
	int err;

	c->n = 0;
	begin_request(&req, c->family, NLM_F_DUMP);
	req.rtm.rtm_table = c->table < 256 ? c->table : RT_TABLE_UNSPEC;
	put_attr(&req, RTA_TABLE, &c->table, sizeof(c->table));
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
		changed = true;
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
