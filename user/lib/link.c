// SPDX-License-Identifier: GPL-2.0
/* Reading what rtnetlink says about a device. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <net/if.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "lib/internal.h"

static void get_local(const struct nlattr *attr, u8 family, struct dvpn_addr *addr)
{
	if (!attr)
		return;
	addr->family = family;
	memcpy(addr->bytes, dvpn_attr_data(attr), dvpn_attr_len(attr));
	if (dvpn_addr_is_any(addr))
		addr->family = AF_UNSPEC;
}

void dvpn_get_link_data(const struct nlattr **tb, struct dvpn_link *link)
{
	u32 selector;

	get_local(tb[IFLA_DVPN_LOCAL4], AF_INET, &link->local4);
	get_local(tb[IFLA_DVPN_LOCAL6], AF_INET6, &link->local6);
	dvpn_get_name(tb[IFLA_DVPN_LINK_NAME], link->link_name);
	link->link_ifindex = dvpn_get_u32(tb[IFLA_DVPN_LINK]);
	link->key = ntohl(dvpn_get_u32(tb[IFLA_DVPN_KEY]));
	dvpn_get_bitfield(tb[IFLA_DVPN_FLAGS], &link->flags, &selector);
	link->port = dvpn_get_u16(tb[IFLA_DVPN_PORT]);
	link->ttl = dvpn_get_u8(tb[IFLA_DVPN_TTL]);
	link->tos = dvpn_get_u8(tb[IFLA_DVPN_TOS]);
	link->df = dvpn_get_u8(tb[IFLA_DVPN_DF]);
	link->domain = dvpn_get_u32(tb[IFLA_DVPN_DOMAIN]);
	link->fwmark = dvpn_get_u32(tb[IFLA_DVPN_FWMARK]);
	link->xfrm_if_id = dvpn_get_u32(tb[IFLA_DVPN_XFRM_IF_ID]);
	link->max_maps = dvpn_get_u32(tb[IFLA_DVPN_MAX_MAPS]);
	link->max_peers = dvpn_get_u32(tb[IFLA_DVPN_MAX_PEERS]);
	link->queue = dvpn_get_u32(tb[IFLA_DVPN_QUEUE]);
	link->agent_grace_s = dvpn_get_u32(tb[IFLA_DVPN_AGENT_GRACE]);
	link->rx_source = dvpn_get_u8(tb[IFLA_DVPN_RX_SOURCE]);
	link->down_reason = dvpn_get_u8(tb[IFLA_DVPN_DOWN_REASON]);
	link->mss = dvpn_get_u32(tb[IFLA_DVPN_MSS]);
}

/* With its NUL or without. */
static bool is_kind(const struct nlattr *attr, const char *kind)
{
	return attr && dvpn_attr_len(attr) >= strlen(kind) &&
	       !strncmp(dvpn_attr_data(attr), kind, dvpn_attr_len(attr));
}

static int get_linkinfo(const struct nlattr *info, struct dvpn_link *link)
{
	const struct nlattr *tb[IFLA_INFO_MAX + 1];
	const struct nlattr *data[IFLA_DVPN_MAX + 1];

	if (dvpn_attrs_split(tb, IFLA_INFO_MAX, NULL, dvpn_attr_data(info), dvpn_attr_len(info)))
		return -EBADMSG;
	link->is_vrf = is_kind(tb[IFLA_INFO_KIND], "vrf");
	if (!is_kind(tb[IFLA_INFO_KIND], DVPN_LINK_KIND))
		return 0;
	link->is_dvpn = true;
	if (!tb[IFLA_INFO_DATA])
		return 0;
	if (dvpn_attrs_split(data, IFLA_DVPN_MAX, dvpn_link_rules,
			     dvpn_attr_data(tb[IFLA_INFO_DATA]),
			     dvpn_attr_len(tb[IFLA_INFO_DATA])))
		return -EBADMSG;
	dvpn_get_link_data(data, link);
	return 0;
}

int dvpn_get_link(const struct nlmsghdr *nlh, struct dvpn_link *link)
{
	static const struct dvpn_rule rules[IFLA_LINKINFO + 1] = {
		[IFLA_IFNAME] = { DVPN_KIND_NAME, 0 },
		[IFLA_MTU] = { DVPN_KIND_U32, 0 },
		[IFLA_OPERSTATE] = { DVPN_KIND_U8, 0 },
		[IFLA_LINKMODE] = { DVPN_KIND_U8, 0 },
		[IFLA_MASTER] = { DVPN_KIND_U32, 0 },
	};
	const struct nlattr *tb[IFLA_LINKINFO + 1];
	const size_t head = NLMSG_SPACE(sizeof(struct ifinfomsg));
	const struct ifinfomsg *ifi = (const void *)((const u8 *)nlh + NLMSG_HDRLEN);

	memset(link, 0, sizeof(*link));
	if (nlh->nlmsg_len < head ||
	    dvpn_attrs_split(tb, IFLA_LINKINFO, rules, (const u8 *)nlh + head,
			     nlh->nlmsg_len - head))
		return -EBADMSG;
	link->ifindex = ifi->ifi_index;
	link->up = ifi->ifi_flags & IFF_UP;
	link->carrier = ifi->ifi_flags & IFF_LOWER_UP;
	link->told_ready = dvpn_get_u8(tb[IFLA_LINKMODE]) == IF_LINK_MODE_DORMANT;
	link->dormant = dvpn_get_u8(tb[IFLA_OPERSTATE]) == IF_OPER_DORMANT;
	dvpn_get_name(tb[IFLA_IFNAME], link->ifname);
	link->mtu = dvpn_get_u32(tb[IFLA_MTU]);
	link->master = dvpn_get_u32(tb[IFLA_MASTER]);
	return tb[IFLA_LINKINFO] ? get_linkinfo(tb[IFLA_LINKINFO], link) : 0;
}
