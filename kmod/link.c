// SPDX-License-Identifier: GPL-2.0
/*
 * The rtnetlink kind "dvpn": attributes to configuration and back.
 */
#include <linux/dvpn.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/ipv6.h>
#include <net/rtnetlink.h>

#include "device.h"
#include "link.h"
#include "mss.h"
#include "netlink.h"
#include "table.h"
#include "tuple.h"

#define DVPN_TTL_DEFAULT	64

static const struct nla_policy dvpn_link_policy[IFLA_DVPN_MAX + 1] = {
	[IFLA_DVPN_UNSPEC]	= { .strict_start_type = IFLA_DVPN_LOCAL4 },
	[IFLA_DVPN_LOCAL4]	= { .type = NLA_BE32 },
	[IFLA_DVPN_LOCAL6]	= NLA_POLICY_EXACT_LEN(16),
	[IFLA_DVPN_LINK_NAME]	= { .type = NLA_NUL_STRING,
				    .len = IFNAMSIZ - 1 },
	[IFLA_DVPN_LINK]	= { .type = NLA_REJECT,
				    .reject_message = "the index is read-only: name the link" },
	[IFLA_DVPN_KEY]		= { .type = NLA_BE32 },
	[IFLA_DVPN_FLAGS]	= NLA_POLICY_BITFIELD32(DVPN_LINK_F_ALL),
	[IFLA_DVPN_PORT]	= { .type = NLA_BE16 },
	[IFLA_DVPN_TTL]		= { .type = NLA_U8 },
	[IFLA_DVPN_TOS]		= { .type = NLA_U8 },
	[IFLA_DVPN_DF]		= { .type = NLA_U8 },
	[IFLA_DVPN_DOMAIN]	= { .type = NLA_U32 },
	[IFLA_DVPN_FWMARK]	= { .type = NLA_U32 },
	[IFLA_DVPN_XFRM_IF_ID]	= { .type = NLA_U32 },
	[IFLA_DVPN_MAX_MAPS]	= { .type = NLA_U32 },
	[IFLA_DVPN_MAX_PEERS]	= { .type = NLA_U32 },
	[IFLA_DVPN_QUEUE]	= { .type = NLA_U32 },
	[IFLA_DVPN_AGENT_GRACE]	= { .type = NLA_U32 },
	[IFLA_DVPN_RX_SOURCE]	= { .type = NLA_U8 },
	[IFLA_DVPN_DOWN_REASON]	= { .type = NLA_REJECT,
				    .reject_message = "the down reason is read-only" },
	[IFLA_DVPN_PAD]		= { .type = NLA_REJECT,
				    .reject_message = "padding is no attribute" },
	[IFLA_DVPN_MSS]		= { .type = NLA_U32 },
};

static int dvpn_refuse(struct netlink_ext_ack *extack,
		       const struct nlattr *attr, const char *text, int err)
{
	NL_SET_BAD_ATTR(extack, attr);
	if (extack)
		extack->_msg = text;
	return err;
}

/* The core's parser passes over what it does not know. */
static int dvpn_refuse_unknown(struct nlattr *linkinfo,
			       struct netlink_ext_ack *extack)
{
	const struct nlattr *data, *attr;
	int rem;

	data = linkinfo ? nla_find_nested(linkinfo, IFLA_INFO_DATA) : NULL;
	if (!data)
		return 0;
	nla_for_each_nested(attr, data, rem)
		if (nla_type(attr) > IFLA_DVPN_MAX)
			return dvpn_refuse(extack, attr,
					   "unknown link attribute: the tool is newer than the module",
					   -EINVAL);
	return 0;
}

static int dvpn_validate_local(struct nlattr *data[],
			       struct netlink_ext_ack *extack)
{
	struct in6_addr local6;
	__be32 local4;

	if (data[IFLA_DVPN_LOCAL4]) {
		local4 = nla_get_be32(data[IFLA_DVPN_LOCAL4]);
		if (local4 && (ipv4_is_multicast(local4) ||
			       ipv4_is_lbcast(local4) ||
			       ipv4_is_loopback(local4) ||
			       ipv4_is_zeronet(local4)))
			return dvpn_refuse(extack, data[IFLA_DVPN_LOCAL4],
					   "local must be a unicast address of this host, or 0.0.0.0 for any",
					   -EINVAL);
	}
	if (data[IFLA_DVPN_LOCAL6]) {
		local6 = nla_get_in6_addr(data[IFLA_DVPN_LOCAL6]);
		if (ipv6_addr_any(&local6))
			return 0;
		if (ipv6_addr_is_multicast(&local6) ||
		    ipv6_addr_loopback(&local6) ||
		    ipv6_addr_v4mapped(&local6))
			return dvpn_refuse(extack, data[IFLA_DVPN_LOCAL6],
					   "local must be a unicast address of this host, or :: for any",
					   -EINVAL);
		if (!(dvpn_features & DVPN_FEATURE_UNDERLAY6))
			return dvpn_refuse(extack, data[IFLA_DVPN_LOCAL6],
					   "this kernel runs without IPv6: leave the IPv6 local address away",
					   -EOPNOTSUPP);
	}
	return 0;
}

static int dvpn_validate_flags(struct nlattr *data[],
			       struct netlink_ext_ack *extack)
{
	const struct nlattr *attr = data[IFLA_DVPN_FLAGS];
	struct nla_bitfield32 flags;

	if (!attr)
		return 0;
	flags = nla_get_bitfield32(attr);
	if (data[IFLA_DVPN_KEY] && (flags.selector & DVPN_LINK_F_KEY) &&
	    !(flags.value & DVPN_LINK_F_KEY))
		return dvpn_refuse(extack, attr, "both key and nokey given",
				   -EINVAL);
	if (data[IFLA_DVPN_LINK_NAME] && (flags.selector & DVPN_LINK_F_LINK) &&
	    !(flags.value & DVPN_LINK_F_LINK))
		return dvpn_refuse(extack, attr, "both dev and nodev given",
				   -EINVAL);
	return 0;
}

/**
 * struct dvpn_bound - what a number may be
 * @attr: attribute, u8 or u32
 * @min: least
 * @max: most
 * @text: told if it is not
 */
struct dvpn_bound {
	u16 attr;
	u32 min;
	u32 max;
	const char *text;
};

static const struct dvpn_bound dvpn_bounds[] = {
	{ IFLA_DVPN_DF, 0, DVPN_DF_INHERIT,
	  "df must be set, unset or inherit" },
	{ IFLA_DVPN_RX_SOURCE, 0, DVPN_RX_SOURCE_STRICT,
	  "rx-source must be loose or strict" },
	{ IFLA_DVPN_MAX_MAPS, 1, DVPN_TABLE_LIMIT,
	  "max-maps must be 1 to 1048576" },
	{ IFLA_DVPN_MAX_PEERS, 1, DVPN_TABLE_LIMIT,
	  "max-peers must be 1 to 1048576" },
	{ IFLA_DVPN_QUEUE, 0, DVPN_QUEUE_MAX,
	  "queue must be 0 to 3 packets" },
	{ IFLA_DVPN_AGENT_GRACE, 0, DVPN_AGENT_GRACE_MAX,
	  "agent-grace must be 0 to 86400 seconds" },
};

static u32 dvpn_nla_number(const struct nlattr *attr)
{
	switch (nla_len(attr)) {
	case 1:
		return nla_get_u8(attr);
	case 2:
		return nla_get_u16(attr);
	default:
		return nla_get_u32(attr);
	}
}

static int dvpn_validate_numbers(struct nlattr *data[],
				 struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	u32 n;
	int i;

	for (i = 0; i < ARRAY_SIZE(dvpn_bounds); i++) {
		const struct dvpn_bound *bound = &dvpn_bounds[i];

		attr = data[bound->attr];
		if (!attr)
			continue;
		n = dvpn_nla_number(attr);
		if (n < bound->min || n > bound->max)
			return dvpn_refuse(extack, attr, bound->text, -ERANGE);
	}
	attr = data[IFLA_DVPN_RX_SOURCE];
	if (attr && nla_get_u8(attr))
		return dvpn_refuse(extack, attr,
				   "rx-source strict is not supported yet",
				   -EOPNOTSUPP);
	attr = data[IFLA_DVPN_MSS];
	if (attr && !dvpn_mss_valid(nla_get_u32(attr)))
		return dvpn_refuse(extack, attr, DVPN_MSS_TEXT, -ERANGE);
	attr = data[IFLA_DVPN_TOS];
	if (attr && nla_get_u8(attr) != 1 && (nla_get_u8(attr) & 3))
		return dvpn_refuse(extack, attr,
				   "tos must be a multiple of 4 (ECN is copied from the inner packet), or inherit",
				   -EINVAL);
	return 0;
}

static int dvpn_validate(struct nlattr *tb[], struct nlattr *data[],
			 struct netlink_ext_ack *extack)
{
	int err;

	if (tb[IFLA_ADDRESS])
		return dvpn_refuse(extack, tb[IFLA_ADDRESS],
				   "a dvpn device has no link-layer address",
				   -EINVAL);
	err = dvpn_refuse_unknown(tb[IFLA_LINKINFO], extack);
	if (err || !data)
		return err;
	if (data[IFLA_DVPN_LINK_NAME] &&
	    !dev_valid_name(nla_data(data[IFLA_DVPN_LINK_NAME])))
		return dvpn_refuse(extack, data[IFLA_DVPN_LINK_NAME],
				   "dev is no valid interface name", -EINVAL);
	err = dvpn_validate_local(data, extack);
	if (err)
		return err;
	err = dvpn_validate_flags(data, extack);
	if (err)
		return err;
	return dvpn_validate_numbers(data, extack);
}

static void dvpn_conf_default(struct dvpn_conf *conf)
{
	conf->ttl = DVPN_TTL_DEFAULT;
	conf->df = DVPN_DF_SET;
	conf->mss = DVPN_MSS_AUTO;
	conf->max_maps = DVPN_MAX_MAPS_DEFAULT;
	conf->max_peers = DVPN_MAX_PEERS_DEFAULT;
}

static int dvpn_conf_set_tuple(struct dvpn_conf *conf, struct nlattr *data[],
			       struct netlink_ext_ack *extack)
{
	bool had_key = conf->flags & DVPN_LINK_F_KEY;
	struct nla_bitfield32 flags = {};

	if (data[IFLA_DVPN_FLAGS])
		flags = nla_get_bitfield32(data[IFLA_DVPN_FLAGS]);
	conf->flags = (conf->flags & ~flags.selector) |
		      (flags.value & flags.selector);

	if (data[IFLA_DVPN_LOCAL4])
		conf->local4 = nla_get_be32(data[IFLA_DVPN_LOCAL4]);
	if (data[IFLA_DVPN_LOCAL6])
		conf->local6 = nla_get_in6_addr(data[IFLA_DVPN_LOCAL6]);

	if (data[IFLA_DVPN_KEY]) {
		conf->key = nla_get_be32(data[IFLA_DVPN_KEY]);
		conf->flags |= DVPN_LINK_F_KEY;
	} else if (!(conf->flags & DVPN_LINK_F_KEY)) {
		conf->key = 0;
	} else if (!had_key) {
		return dvpn_refuse(extack, data[IFLA_DVPN_FLAGS],
				   "which key? give its value", -EINVAL);
	}

	if (data[IFLA_DVPN_LINK_NAME]) {
		nla_strscpy(conf->link_name, data[IFLA_DVPN_LINK_NAME],
			    IFNAMSIZ);
		conf->flags |= DVPN_LINK_F_LINK;
	} else if (!(conf->flags & DVPN_LINK_F_LINK)) {
		conf->link_name[0] = '\0';
	} else if (!conf->link_name[0]) {
		return dvpn_refuse(extack, data[IFLA_DVPN_FLAGS],
				   "which link? give its name with dev",
				   -EINVAL);
	}
	return 0;
}

static void dvpn_conf_set_rest(struct dvpn_conf *conf, struct nlattr *data[])
{
	if (data[IFLA_DVPN_PORT])
		conf->port = nla_get_be16(data[IFLA_DVPN_PORT]);
	if (data[IFLA_DVPN_TTL])
		conf->ttl = nla_get_u8(data[IFLA_DVPN_TTL]);
	if (data[IFLA_DVPN_TOS])
		conf->tos = nla_get_u8(data[IFLA_DVPN_TOS]);
	if (data[IFLA_DVPN_DF])
		conf->df = nla_get_u8(data[IFLA_DVPN_DF]);
	if (data[IFLA_DVPN_DOMAIN])
		conf->domain = nla_get_u32(data[IFLA_DVPN_DOMAIN]);
	if (data[IFLA_DVPN_FWMARK])
		conf->fwmark = nla_get_u32(data[IFLA_DVPN_FWMARK]);
	if (data[IFLA_DVPN_XFRM_IF_ID])
		conf->if_id = nla_get_u32(data[IFLA_DVPN_XFRM_IF_ID]);
	if (data[IFLA_DVPN_MAX_MAPS])
		conf->max_maps = nla_get_u32(data[IFLA_DVPN_MAX_MAPS]);
	if (data[IFLA_DVPN_MAX_PEERS])
		conf->max_peers = nla_get_u32(data[IFLA_DVPN_MAX_PEERS]);
	if (data[IFLA_DVPN_QUEUE])
		conf->queue = nla_get_u32(data[IFLA_DVPN_QUEUE]);
	if (data[IFLA_DVPN_AGENT_GRACE])
		conf->agent_grace_s = nla_get_u32(data[IFLA_DVPN_AGENT_GRACE]);
	if (data[IFLA_DVPN_MSS])
		conf->mss = nla_get_u32(data[IFLA_DVPN_MSS]);
}

/* Merge what is given into @conf and find out whether the result can be. */
static int dvpn_conf_merge(struct dvpn_conf *conf, struct nlattr *data[],
			   struct netlink_ext_ack *extack)
{
	int err;

	if (data) {
		err = dvpn_conf_set_tuple(conf, data, extack);
		if (err)
			return err;
		dvpn_conf_set_rest(conf, data);
	}
	dvpn_conf_resolve(conf);
	if (data && data[IFLA_DVPN_LINK_NAME] && !conf->link)
		return dvpn_refuse(extack, data[IFLA_DVPN_LINK_NAME],
				   "no such link in the underlay network namespace",
				   -ENODEV);
	return dvpn_conf_unique(conf, extack) ?: dvpn_udp_open(conf, extack);
}

static int dvpn_newlink(DVPN_NEWLINK_ARGS)
{
	struct nlattr **attrs = DVPN_NEWLINK_DATA;
	struct dvpn_dev *dd = netdev_priv(dev);
	struct dvpn_conf *conf;
	struct dvpn_udp udp;
	int err;

	conf = kzalloc(sizeof(*conf), GFP_KERNEL);
	if (!conf)
		return -ENOMEM;
	dd->net = DVPN_NEWLINK_NET;
	conf->dd = dd;
	dvpn_conf_default(conf);
	err = dvpn_conf_merge(conf, attrs, extack);
	if (err) {
		kfree(conf);
		return err;
	}
	udp = conf->udp;
	rcu_assign_pointer(dd->conf, conf);
	err = dvpn_dev_register(dev);
	if (err) {
		dvpn_udp_close(&udp);
		/* Unless the destructor has run, or will: once others could
		 * see the device.
		 */
		if (dev->reg_state == NETREG_UNINITIALIZED) {
			kfree(rtnl_dereference(dd->conf));
			RCU_INIT_POINTER(dd->conf, NULL);
		}
		return err;
	}
	dvpn_conf_install(dd, conf);
	return 0;
}

static int dvpn_changelink(struct net_device *dev, struct nlattr *tb[],
			   struct nlattr *data[],
			   struct netlink_ext_ack *extack)
{
	struct dvpn_dev *dd = netdev_priv(dev);
	struct dvpn_conf *conf;
	int err;

	if (!data)
		return 0;
	if (!rtnl_dev_link_net_capable(dev, dd->net)) {
		NL_SET_ERR_MSG(extack,
			       "the underlay is in another network namespace: that takes CAP_NET_ADMIN there, too");
		return -EPERM;
	}
	conf = kmemdup(rtnl_dereference(dd->conf), sizeof(*conf), GFP_KERNEL);
	if (!conf)
		return -ENOMEM;
	memset(&conf->udp, 0, sizeof(conf->udp));
	err = dvpn_conf_merge(conf, data, extack);
	if (err) {
		kfree(conf);
		return err;
	}
	dvpn_conf_install(dd, conf);
	/* A shorter grace may be over. */
	if (data[IFLA_DVPN_AGENT_GRACE])
		dvpn_gc_kick(dd);
	dvpn_rebind_collided(dvpn_net_get(dd->net));
	netdev_state_change(dev);
	return 0;
}

static size_t dvpn_get_size(const struct net_device *dev)
{
	return nla_total_size(4) +				/* LOCAL4 */
	       nla_total_size(sizeof(struct in6_addr)) +	/* LOCAL6 */
	       nla_total_size(IFNAMSIZ) +			/* LINK_NAME */
	       nla_total_size(sizeof(struct nla_bitfield32)) +	/* FLAGS */
	       nla_total_size(2) +				/* PORT */
	       10 * nla_total_size(4) +	/* LINK KEY DOMAIN FWMARK XFRM_IF_ID */
					/* MAX_MAPS MAX_PEERS QUEUE */
					/* AGENT_GRACE MSS */
	       5 * nla_total_size(1);	/* TTL TOS DF RX_SOURCE DOWN_REASON */
}

static int dvpn_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	const struct dvpn_dev *dd = netdev_priv(dev);
	const struct dvpn_conf *conf = rcu_dereference_rtnl(dd->conf);

	if ((conf->local4 &&
	     nla_put_be32(skb, IFLA_DVPN_LOCAL4, conf->local4)) ||
	    (!ipv6_addr_any(&conf->local6) &&
	     nla_put_in6_addr(skb, IFLA_DVPN_LOCAL6, &conf->local6)) ||
	    (conf->link_name[0] &&
	     nla_put_string(skb, IFLA_DVPN_LINK_NAME, conf->link_name)) ||
	    ((conf->flags & DVPN_LINK_F_KEY) &&
	     nla_put_be32(skb, IFLA_DVPN_KEY, conf->key)) ||
	    nla_put_bitfield32(skb, IFLA_DVPN_FLAGS, conf->flags,
			       DVPN_LINK_F_ALL) ||
	    nla_put_u32(skb, IFLA_DVPN_LINK, conf->link) ||
	    nla_put_be16(skb, IFLA_DVPN_PORT, conf->port) ||
	    nla_put_u8(skb, IFLA_DVPN_TTL, conf->ttl) ||
	    nla_put_u8(skb, IFLA_DVPN_TOS, conf->tos) ||
	    nla_put_u8(skb, IFLA_DVPN_DF, conf->df) ||
	    nla_put_u32(skb, IFLA_DVPN_DOMAIN, conf->domain) ||
	    nla_put_u32(skb, IFLA_DVPN_FWMARK, conf->fwmark) ||
	    nla_put_u32(skb, IFLA_DVPN_XFRM_IF_ID, conf->if_id) ||
	    nla_put_u32(skb, IFLA_DVPN_MAX_MAPS, conf->max_maps) ||
	    nla_put_u32(skb, IFLA_DVPN_MAX_PEERS, conf->max_peers) ||
	    nla_put_u32(skb, IFLA_DVPN_QUEUE, conf->queue) ||
	    nla_put_u32(skb, IFLA_DVPN_AGENT_GRACE, conf->agent_grace_s) ||
	    nla_put_u32(skb, IFLA_DVPN_MSS, conf->mss) ||
	    nla_put_u8(skb, IFLA_DVPN_RX_SOURCE, DVPN_RX_SOURCE_LOOSE) ||
	    nla_put_u8(skb, IFLA_DVPN_DOWN_REASON, dd->down_reason))
		return -EMSGSIZE;
	return 0;
}

static struct net *dvpn_get_link_net(const struct net_device *dev)
{
	const struct dvpn_dev *dd = netdev_priv(dev);

	return READ_ONCE(dd->net);
}

static size_t dvpn_drops_size(const struct net_device *dev)
{
	return (DVPN_DROP_MAX - DVPN_DROP_PAD) *
	       nla_total_size_64bit(sizeof(u64));
}

/* The same nest of counters as DVPN_A_DROPS. */
static int dvpn_put_drops(struct sk_buff *skb, const struct net_device *dev,
			  int type)
{
	u64 drop[__DVPN_DROP_MAX], stat[__DVPN_STAT_MAX];
	struct nlattr *nest;
	int i;

	nest = nla_nest_start(skb, type);
	if (!nest)
		return -EMSGSIZE;
	dvpn_stats_fold(netdev_priv(dev), drop, stat);
	for (i = DVPN_DROP_PAD + 1; i <= DVPN_DROP_MAX; i++) {
		if (nla_put_u64_64bit(skb, i, drop[i], DVPN_DROP_PAD)) {
			nla_nest_cancel(skb, nest);
			return -EMSGSIZE;
		}
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int dvpn_fill_xstats(struct sk_buff *skb, const struct net_device *dev)
{
	return dvpn_put_drops(skb, dev, IFLA_INFO_XSTATS);
}

static size_t dvpn_linkxstats_size(const struct net_device *dev, int attr)
{
	if (attr != IFLA_STATS_LINK_XSTATS)
		return 0;
	return nla_total_size(dvpn_drops_size(dev));
}

static int dvpn_fill_linkxstats(struct sk_buff *skb,
				const struct net_device *dev, int *prividx,
				int attr)
{
	if (attr != IFLA_STATS_LINK_XSTATS)
		return 0;
	return dvpn_put_drops(skb, dev, DVPN_LINK_XSTATS_TYPE);
}

struct rtnl_link_ops dvpn_link_ops __read_mostly = {
	.kind = DVPN_LINK_KIND,
	.maxtype = IFLA_DVPN_MAX,
	.policy = dvpn_link_policy,
	.priv_size = sizeof(struct dvpn_dev),
	.setup = dvpn_setup,
	.validate = dvpn_validate,
	.newlink = dvpn_newlink,
	.changelink = dvpn_changelink,
	.dellink = dvpn_dellink,
	.get_size = dvpn_get_size,
	.fill_info = dvpn_fill_info,
	.get_link_net = dvpn_get_link_net,
	.get_xstats_size = dvpn_drops_size,
	.fill_xstats = dvpn_fill_xstats,
	.get_linkxstats_size = dvpn_linkxstats_size,
	.fill_linkxstats = dvpn_fill_linkxstats,
};
