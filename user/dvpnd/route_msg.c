// SPDX-License-Identifier: GPL-2.0
/* Messages of rtnetlink about routes: see route_msg.h. The messages are few and flat. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "dvpnd/route_msg.h"

void route_msg_put(struct route_request *req, unsigned short type, const void *data, size_t len)
{
	struct rtattr *rta = (void *)((char *)req + NLMSG_ALIGN(req->nlh.nlmsg_len));

	rta->rta_type = type;
	rta->rta_len = RTA_LENGTH(len);
	memcpy(RTA_DATA(rta), data, len);
	req->nlh.nlmsg_len = NLMSG_ALIGN(req->nlh.nlmsg_len) + RTA_ALIGN(rta->rta_len);
}

void route_msg_begin(struct route_request *req, u16 type, u8 family, u16 flags)
{
	memset(req, 0, sizeof(*req));
	req->nlh.nlmsg_len = NLMSG_LENGTH(sizeof(req->rtm));
	req->nlh.nlmsg_type = type;
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

	/* RTNH_OK reads a length that need not be there. */
	while (len >= (int)sizeof(*nh) && RTNH_OK(nh, len) && info->nr_hops < ROUTE_HOPS_MAX) {
		struct route_hop *hop = &info->hops[info->nr_hops++];

		index_attrs(tb, RTA_MAX, RTNH_DATA(nh), nh->rtnh_len - sizeof(*nh));
		hop->oif = nh->rtnh_ifindex;
		get_gateway(tb, family, &hop->gateway);
		len -= RTNH_ALIGN(nh->rtnh_len);
		nh = RTNH_NEXT(nh);
	}
}

bool route_msg_parse(const struct nlmsghdr *nlh, struct route_info *info)
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
	info->protocol = rtm->rtm_protocol;
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

int route_msg_error(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = NLMSG_DATA(nlh);

	return nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(e->error)) ? e->error : -EBADMSG;
}
