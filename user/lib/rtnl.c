// SPDX-License-Identifier: GPL-2.0
/* Asking rtnetlink for devices and their addresses, and hearing of changes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <net/if.h>
#include <sys/socket.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "lib/internal.h"

#define LINK_RCVBUF	(1024 * 1024)
#define DUMP_ATTEMPTS	5

struct dvpn_linkmon {
	struct dvpn_sock sock;
	const struct dvpn_linkmon_ops *ops;
	void *ctx;
};

/* A rtnetlink request with its fixed part; attributes may follow. */
static struct nl_msg *rtnl_request(u16 type, u16 flags, const void *fixed, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	if (msg && nlmsg_append(msg, (void *)fixed, len, NLMSG_ALIGNTO) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

/**
 * struct list - devices or addresses being collected
 * @ifindex: whose addresses are wanted
 * @size: bytes of an entry
 * @entries: array
 * @n: entries in it
 */
struct list {
	unsigned int ifindex;
	size_t size;
	char *entries;
	size_t n;
};

static int list_add(struct list *l, const void *entry)
{
	char *entries = reallocarray(l->entries, l->n + 1, l->size);

	if (!entries)
		return -ENOMEM;
	memcpy(entries + l->n * l->size, entry, l->size);
	l->entries = entries;
	l->n++;
	return 0;
}

/* Devices and addresses are few: each list has a socket of its own. */
static int list_dump(struct list *l, u16 type, const void *fixed, size_t len, dvpn_msg_fn fn,
		     void *out, size_t *n)
{
	char text[DVPN_TEXT_MAX];
	struct dvpn_sock s;
	int attempt, err;

	err = dvpn_sock_open(&s, NETLINK_ROUTE, LINK_RCVBUF);
	for (attempt = 0; err >= 0 && attempt < DUMP_ATTEMPTS; attempt++) {
		struct nl_msg *msg = rtnl_request(type, NLM_F_DUMP, fixed, len);

		l->n = 0;
		err = msg ? dvpn_transact(&s, msg, fn, l, text) : -ENOMEM;
		if (err <= 0)
			break;
	}
	if (s.nl)
		dvpn_sock_close(&s);
	if (err < 0) {
		free(l->entries);
		l->entries = NULL;
		l->n = 0;
	}
	memcpy(out, &l->entries, sizeof(l->entries));
	*n = l->n;
	return err;
}

static int list_link(const struct nlmsghdr *nlh, void *ctx)
{
	struct dvpn_link link;
	int err;

	if (nlh->nlmsg_type != RTM_NEWLINK)
		return 0;
	err = dvpn_get_link(nlh, &link);
	return err || !link.is_dvpn ? err : list_add(ctx, &link);
}

int dvpn_link_list(struct dvpn_link **out, size_t *n)
{
	struct list l = { .size = sizeof(**out) };
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };

	return list_dump(&l, RTM_GETLINK, &ifi, sizeof(ifi), list_link, out, n);
}

static int one_link(const struct nlmsghdr *nlh, void *ctx)
{
	return nlh->nlmsg_type == RTM_NEWLINK ? dvpn_get_link(nlh, ctx) : 0;
}

int dvpn_link_get(const char *ifname, struct dvpn_link *link)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };
	char text[DVPN_TEXT_MAX];
	struct dvpn_sock s;
	struct nl_msg *msg;
	int err;

	memset(link, 0, sizeof(*link));
	if (!*ifname || strlen(ifname) >= IF_NAMESIZE)
		return -ENODEV;
	err = dvpn_sock_open(&s, NETLINK_ROUTE, LINK_RCVBUF);
	if (err)
		return err;
	msg = rtnl_request(RTM_GETLINK, NLM_F_ACK, &ifi, sizeof(ifi));
	if (!msg || nla_put_string(msg, IFLA_IFNAME, ifname) < 0) {
		nlmsg_free(msg);
		err = -ENOMEM;
	} else {
		err = dvpn_transact(&s, msg, one_link, link, text);
	}
	dvpn_sock_close(&s);
	return err;
}

int dvpn_link_set_ready(unsigned int ifindex, bool told, bool ready)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex };
	char text[DVPN_TEXT_MAX];
	struct dvpn_sock s;
	struct nl_msg *msg;
	int err;

	err = dvpn_sock_open(&s, NETLINK_ROUTE, LINK_RCVBUF);
	if (err)
		return err;
	msg = rtnl_request(RTM_SETLINK, NLM_F_ACK, &ifi, sizeof(ifi));
	if (!msg ||
	    nla_put_u8(msg, IFLA_LINKMODE, told ? IF_LINK_MODE_DORMANT : IF_LINK_MODE_DEFAULT) ||
	    nla_put_u8(msg, IFLA_OPERSTATE, ready ? IF_OPER_UP : IF_OPER_DORMANT)) {
		nlmsg_free(msg);
		err = -ENOMEM;
	} else {
		err = dvpn_transact(&s, msg, NULL, NULL, text);
	}
	dvpn_sock_close(&s);
	return err;
}

int dvpn_get_ifaddr(const struct nlmsghdr *nlh, unsigned int ifindex, struct dvpn_ifaddr *a)
{
	const size_t head = NLMSG_SPACE(sizeof(struct ifaddrmsg));
	const struct ifaddrmsg *ifa = (const void *)((const u8 *)nlh + NLMSG_HDRLEN);
	const struct nlattr *tb[IFA_LOCAL + 1];
	const struct nlattr *attr;

	memset(a, 0, sizeof(*a));
	if (nlh->nlmsg_type != RTM_NEWADDR)
		return 0;
	if (nlh->nlmsg_len < head ||
	    dvpn_attrs_split(tb, IFA_LOCAL, NULL, (const u8 *)nlh + head, nlh->nlmsg_len - head))
		return -EBADMSG;
	if (ifa->ifa_index != ifindex)
		return 0;
	/* With a peer address, IFA_ADDRESS is the peer's. */
	attr = tb[IFA_LOCAL] ?: tb[IFA_ADDRESS];
	a->addr.family = ifa->ifa_family;
	if (!attr || !dvpn_addr_len(&a->addr))
		return 0;
	if (dvpn_attr_len(attr) != dvpn_addr_len(&a->addr))
		return -EBADMSG;
	memcpy(a->addr.bytes, dvpn_attr_data(attr), dvpn_attr_len(attr));
	a->prefixlen = ifa->ifa_prefixlen;
	a->link_local = ifa->ifa_scope == RT_SCOPE_LINK;
	return 1;
}

static int list_addr(const struct nlmsghdr *nlh, void *ctx)
{
	struct list *l = ctx;
	struct dvpn_ifaddr a;
	int found = dvpn_get_ifaddr(nlh, l->ifindex, &a);

	return found > 0 ? list_add(l, &a) : found;
}

int dvpn_link_addrs(unsigned int ifindex, struct dvpn_ifaddr **out, size_t *n)
{
	struct list l = { .ifindex = ifindex, .size = sizeof(**out) };
	struct ifaddrmsg ifa = { .ifa_family = AF_UNSPEC };

	return list_dump(&l, RTM_GETADDR, &ifa, sizeof(ifa), list_addr, out, n);
}

int dvpn_linkmon_open(struct dvpn_linkmon **out, const struct dvpn_linkmon_ops *ops, void *ctx)
{
	static const int groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR };
	struct dvpn_linkmon *m = calloc(1, sizeof(*m));
	unsigned int i;
	int err;

	*out = NULL;
	if (!m)
		return -ENOMEM;
	err = dvpn_sock_open(&m->sock, NETLINK_ROUTE, LINK_RCVBUF);
	for (i = 0; !err && i < DVPN_ARRAY_LEN(groups); i++)
		if (setsockopt(m->sock.fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i],
			       sizeof(groups[i])))
			err = -errno;
	if (err) {
		dvpn_linkmon_close(m);
		return err;
	}
	m->ops = ops;
	m->ctx = ctx;
	*out = m;
	return 0;
}

void dvpn_linkmon_close(struct dvpn_linkmon *m)
{
	if (!m)
		return;
	if (m->sock.nl)
		dvpn_sock_close(&m->sock);
	free(m);
}

int dvpn_linkmon_fd(const struct dvpn_linkmon *m)
{
	return m->sock.fd;
}

void dvpn_linkmon_handle(const struct nlmsghdr *nlh, const struct dvpn_linkmon_ops *ops, void *ctx)
{
	struct dvpn_link link;
	const u8 *fixed = (const u8 *)nlh + NLMSG_HDRLEN;

	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		/* Bridges announce their ports with a family of their own. */
		if (nlh->nlmsg_len < NLMSG_SPACE(sizeof(struct ifinfomsg)) ||
		    *fixed != AF_UNSPEC || dvpn_get_link(nlh, &link))
			return;
		if (nlh->nlmsg_type == RTM_NEWLINK && ops->link)
			ops->link(&link, ctx);
		if (nlh->nlmsg_type == RTM_DELLINK && ops->gone)
			ops->gone(link.ifindex, link.ifname, ctx);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		if (nlh->nlmsg_len >= NLMSG_SPACE(sizeof(struct ifaddrmsg)) && ops->addr)
			ops->addr(((const struct ifaddrmsg *)fixed)->ifa_index, ctx);
		break;
	}
}

static int linkmon_msg(const struct nlmsghdr *nlh, void *ctx)
{
	struct dvpn_linkmon *m = ctx;

	dvpn_linkmon_handle(nlh, m->ops, m->ctx);
	return 0;
}

int dvpn_linkmon_read(struct dvpn_linkmon *m, unsigned int max)
{
	return dvpn_sock_pump(&m->sock, max, linkmon_msg, m);
}
