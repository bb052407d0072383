// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family: which command takes which attributes. */

#include <linux/ipv6.h>
#include <linux/module.h>

#include "netlink_ops.h"
#include "trace.h"

u32 dvpn_features __ro_after_init =
	DVPN_FEATURE_UNDERLAY4 | DVPN_FEATURE_GRE_CSUM | DVPN_FEATURE_UDP |
	DVPN_FEATURE_KEEPALIVE | DVPN_FEATURE_SPORT_FLOW |
	DVPN_FEATURE_REQUIRE_IPSEC | DVPN_FEATURE_XFRM_IF_ID |
	DVPN_FEATURE_MARK | DVPN_FEATURE_TOS_INHERIT | DVPN_FEATURE_PMTU |
	DVPN_FEATURE_MSS | DVPN_FEATURE_GROUPS | DVPN_FEATURE_QUEUE |
	DVPN_FEATURE_LOOKUP;

enum {
	MCGRP_TABLE,
};

static const struct genl_multicast_group mcgrps[] = {
	[MCGRP_TABLE] = {
		.name = DVPN_GENL_MCGRP_TABLE,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

/* ----- policies: an attribute that a command does not take is refused ----- */

/* Not const: older kernels do not take that. */
static struct netlink_range_validation expires_range __ro_after_init = {
	.max = DVPN_EXPIRES_MS_MAX,
};

static struct netlink_range_validation mtu_range __ro_after_init = {
	.max = U16_MAX,
};

#define IPV4_LEN	sizeof(__be32)
#define IPV6_LEN	sizeof(struct in6_addr)

/* Macros begin with an attribute of their own: plain lists of initialisers. */
#define POLICY_DEV							\
	[DVPN_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1)

#define POLICY_PROTO							\
	[DVPN_A_PROTO4] = NLA_POLICY_EXACT_LEN(IPV4_LEN),		\
	[DVPN_A_PROTO6] = NLA_POLICY_EXACT_LEN(IPV6_LEN)

#define POLICY_PREFIX							\
	[DVPN_A_PREFIXLEN] = NLA_POLICY_MAX(NLA_U8, 128),		\
	POLICY_PROTO

#define POLICY_MATCH							\
	[DVPN_A_MATCH_OWNER] = { .type = NLA_U32 },			\
	[DVPN_A_MATCH_ID] = { .type = NLA_U32 }

#define POLICY_FLUSH							\
	[DVPN_A_MATCH_OWNER] = { .type = NLA_U32 },			\
	[DVPN_A_NOT_OWNER] = { .type = NLA_U32 }

#define POLICY_OWNED							\
	[DVPN_A_EXPIRES_MS] = NLA_POLICY_FULL_RANGE(NLA_U64,		\
						    &expires_range),	\
	[DVPN_A_OWNER] = { .type = NLA_U32 },				\
	[DVPN_A_COOKIE] = { .type = NLA_BINARY, .len = DVPN_COOKIE_MAX },	\
	POLICY_MATCH

/* The kernel alone says that a mapping is incomplete. */
#define POLICY_MAP_FLAGS						\
	[DVPN_A_MAP_FLAGS] = NLA_POLICY_BITFIELD32(DVPN_MAP_F_ALL &	\
						   ~DVPN_MAP_F_INCOMPLETE)

#define POLICY_PEER_KEY							\
	[DVPN_A_ENCAP] = NLA_POLICY_MAX(NLA_U8, DVPN_ENCAP_UDP),	\
	[DVPN_A_NBMA4] = NLA_POLICY_EXACT_LEN(IPV4_LEN),		\
	[DVPN_A_NBMA6] = NLA_POLICY_EXACT_LEN(IPV6_LEN),		\
	[DVPN_A_PORT] = { .type = NLA_BE16 },				\
	[DVPN_A_MARK] = { .type = NLA_U32 },				\
	[DVPN_A_XFRM_IF_ID] = { .type = NLA_U32 }

#define POLICY_MAP_ATTRS						\
	[DVPN_A_PREFERENCE] = { .type = NLA_U8 },			\
	POLICY_MAP_FLAGS,						\
	POLICY_PEER_KEY,						\
	POLICY_OWNED

#define POLICY_PEER_ATTRS						\
	[DVPN_A_PEER_FLAGS] = NLA_POLICY_BITFIELD32(DVPN_PEER_F_ALL),	\
	[DVPN_A_MARK_MASK] = { .type = NLA_U32 },			\
	[DVPN_A_MTU] = NLA_POLICY_FULL_RANGE(NLA_U32, &mtu_range),	\
	[DVPN_A_MTU_ADVERTISED] = NLA_POLICY_FULL_RANGE(NLA_U32,	\
							&mtu_range),	\
	[DVPN_A_MSS] = NLA_POLICY_FULL_RANGE(NLA_U32, &mtu_range),	\
	[DVPN_A_KEEPALIVE] = NLA_POLICY_FULL_RANGE(NLA_U32, &mtu_range),	\
	POLICY_PEER_KEY,						\
	POLICY_OWNED

static const struct nla_policy dev_policy[DVPN_A_MAX + 1] = {
	POLICY_DEV,
};

static const struct nla_policy agent_policy[DVPN_A_MAX + 1] = {
	POLICY_DEV,
	[DVPN_A_AGENT_CLASSES] = NLA_POLICY_MASK(NLA_U32, DVPN_AGENT_ALL),
};

static const struct nla_policy map_new_policy[DVPN_A_MAX + 1] = {
	POLICY_DEV,
	POLICY_PREFIX,
	POLICY_MAP_ATTRS,
};

static const struct nla_policy map_set_policy[DVPN_A_MAX + 1] = {
	POLICY_DEV,
	POLICY_PREFIX,
	POLICY_MAP_ATTRS,
	[DVPN_A_MAP_ID] = { .type = NLA_U32 },
};

static const struct nla_policy map_del_policy[DVPN_A_MAX + 1] = {
	POLICY_DEV,
	POLICY_PREFIX,
	POLICY_MATCH,
	[DVPN_A_MAP_ID] = { .type = NLA_U32 },
};

static const struct nla_policy map_get_policy[DVPN_A_MAX + 1] = {
	POLICY_DEV,
	POLICY_PREFIX,
	[DVPN_A_MAP_ID] = { .type = NLA_U32 },
};

static const struct nla_policy map_flush_policy[DVPN_A_MAX + 1] = {
	POLICY_DEV,
	POLICY_MAP_FLAGS,
	POLICY_FLUSH,
};

static const struct nla_policy map_lookup_policy[DVPN_A_MAX + 1] = {
	POLICY_DEV,
	POLICY_PROTO,
	[DVPN_A_DST4] = NLA_POLICY_EXACT_LEN(IPV4_LEN),
	[DVPN_A_DST6] = NLA_POLICY_EXACT_LEN(IPV6_LEN),
};

static const struct nla_policy peer_new_policy[DVPN_A_MAX + 1] = {
	POLICY_DEV,
	POLICY_PEER_ATTRS,
};

static const struct nla_policy peer_set_policy[DVPN_A_MAX + 1] = {
	POLICY_DEV,
	POLICY_PEER_ATTRS,
	[DVPN_A_PEER_ID] = { .type = NLA_U32 },
};

static const struct nla_policy peer_del_policy[DVPN_A_MAX + 1] = {
	POLICY_DEV,
	POLICY_MATCH,
	POLICY_PEER_KEY,
	[DVPN_A_PEER_ID] = { .type = NLA_U32 },
};

static const struct nla_policy peer_get_policy[DVPN_A_MAX + 1] = {
	POLICY_DEV,
	POLICY_PEER_KEY,
	[DVPN_A_PEER_ID] = { .type = NLA_U32 },
};

static const struct nla_policy peer_flush_policy[DVPN_A_MAX + 1] = {
	POLICY_DEV,
	POLICY_FLUSH,
};

static const struct nla_policy group_policy[DVPN_A_MAX + 1] = {
	POLICY_DEV,
	POLICY_PEER_KEY,
	[DVPN_A_GROUP4] = NLA_POLICY_EXACT_LEN(IPV4_LEN),
	[DVPN_A_GROUP6] = NLA_POLICY_EXACT_LEN(IPV6_LEN),
};

static const struct nla_policy group_get_policy[DVPN_A_MAX + 1] = {
	POLICY_DEV,
};

static const struct nla_policy frame_policy[DVPN_A_MAX + 1] = {
	POLICY_DEV,
	POLICY_PEER_KEY,
	[DVPN_A_LOCAL4] = NLA_POLICY_EXACT_LEN(IPV4_LEN),
	[DVPN_A_LOCAL6] = NLA_POLICY_EXACT_LEN(IPV6_LEN),
	[DVPN_A_FRAME] = NLA_POLICY_RANGE(NLA_BINARY, 1, DVPN_FRAME_MAX),
};

/* ----- operations ----- */

#define OP(command, name)						\
	.cmd = DVPN_CMD_##command,					\
	.flags = GENL_UNS_ADMIN_PERM,					\
	.policy = name##_policy,					\
	.maxattr = DVPN_A_MAX

static const struct genl_ops ops[] = {
	{
		OP(DEV_GET, dev),
		.doit = dvpn_nl_dev,
		.start = dvpn_nl_dump_start,
		.dumpit = dvpn_nl_dev_dump,
	},
	{ OP(AGENT_BIND, agent), .doit = dvpn_nl_agent_bind },
	{ OP(AGENT_UNBIND, agent), .doit = dvpn_nl_agent_unbind },
	{ OP(MAP_NEW, map_new), .doit = dvpn_nl_map_new },
	{ OP(MAP_SET, map_set), .doit = dvpn_nl_map_set },
	{ OP(MAP_DEL, map_del), .doit = dvpn_nl_map_del },
	{
		OP(MAP_GET, map_get),
		.doit = dvpn_nl_map_get,
		.start = dvpn_nl_dump_start,
		.dumpit = dvpn_nl_map_dump,
	},
	{ OP(MAP_FLUSH, map_flush), .doit = dvpn_nl_map_flush },
	{ OP(MAP_LOOKUP, map_lookup), .doit = dvpn_nl_map_lookup },
	{ OP(PEER_NEW, peer_new), .doit = dvpn_nl_peer_new },
	{ OP(PEER_SET, peer_set), .doit = dvpn_nl_peer_set },
	{ OP(PEER_DEL, peer_del), .doit = dvpn_nl_peer_del },
	{
		OP(PEER_GET, peer_get),
		.doit = dvpn_nl_peer_get,
		.start = dvpn_nl_dump_start,
		.dumpit = dvpn_nl_peer_dump,
	},
	{ OP(PEER_FLUSH, peer_flush), .doit = dvpn_nl_peer_flush },
	{ OP(GROUP_NEW, group), .doit = dvpn_nl_group_new },
	{ OP(GROUP_DEL, group), .doit = dvpn_nl_group_del },
	{
		OP(GROUP_GET, group_get),
		.start = dvpn_nl_dump_start,
		.dumpit = dvpn_nl_group_dump,
	},
	{ OP(FRAME, frame), .doit = dvpn_nl_frame },
};

/* The table's own lock orders the writers, so commands may run in parallel.
 * resv_start_op: MAP_NEW and PEER_NEW take NLM_F_REPLACE, which the core
 * refuses for commands from there on.
 */
struct genl_family dvpn_genl_family __ro_after_init = {
	.name = DVPN_GENL_NAME,
	.version = DVPN_GENL_VERSION,
	.maxattr = DVPN_A_MAX,
	.netnsok = true,
	.parallel_ops = true,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.resv_start_op = __DVPN_CMD_MAX,
	.mcgrps = mcgrps,
	.n_mcgrps = ARRAY_SIZE(mcgrps),
	.module = THIS_MODULE,
};

/* ----- notifications ----- */

static bool has_observers(struct dvpn_dev *dd)
{
	bool has;

	rcu_read_lock();
	has = genl_has_listeners(&dvpn_genl_family, dev_net(dd->dev),
				 MCGRP_TABLE);
	rcu_read_unlock();

	return has;
}

static struct sk_buff *notify_begin(struct dvpn_dev *dd, u8 cmd, void **hdr)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!skb)
		return NULL;
	*hdr = genlmsg_put(skb, 0, 0, &dvpn_genl_family, 0, cmd);
	if (*hdr && !nla_put_u32(skb, DVPN_A_IFINDEX, dd->dev->ifindex))
		return skb;
	nlmsg_free(skb);

	return NULL;
}

static void notify_end(struct dvpn_dev *dd, struct sk_buff *skb, void *hdr,
		       enum dvpn_reason reason, int err)
{
	struct net *net;

	if (!err && reason != DVPN_REASON_UNSPEC)
		err = nla_put_u8(skb, DVPN_A_REASON, reason);
	if (WARN_ON_ONCE(err)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	/* The device may move while this sleeps, and its namespace go. */
	rcu_read_lock();
	net = maybe_get_net(dev_net(dd->dev));
	rcu_read_unlock();
	if (!net) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_multicast_netns(&dvpn_genl_family, net, skb, 0, MCGRP_TABLE,
				GFP_KERNEL);
	put_net(net);
}

/**
 * dvpn_notify_map() - tell observers of a mapping
 * @dd: device
 * @map: the mapping
 * @cmd: DVPN_CMD_MAP_NTF or DVPN_CMD_MAP_DEL_NTF
 * @reason: why it is gone, or DVPN_REASON_UNSPEC
 *
 * Context: dvpn_table_lock() is held.
 */
void dvpn_notify_map(struct dvpn_dev *dd, const struct dvpn_map *map, u8 cmd,
		     enum dvpn_reason reason)
{
	struct sk_buff *skb;
	void *hdr;

	trace_dvpn_map(dd->dev, map, cmd == DVPN_CMD_MAP_DEL_NTF, reason);
	if (!has_observers(dd))
		return;
	skb = notify_begin(dd, cmd, &hdr);
	if (skb)
		notify_end(dd, skb, hdr, reason, dvpn_put_map(skb, map));
}

/**
 * dvpn_notify_peer() - tell observers of a peer
 * @dd: device
 * @peer: the peer
 * @cmd: DVPN_CMD_PEER_NTF or DVPN_CMD_PEER_DEL_NTF
 * @reason: why it is gone, or DVPN_REASON_UNSPEC
 *
 * Context: dvpn_table_lock() is held.
 */
void dvpn_notify_peer(struct dvpn_dev *dd, struct dvpn_peer *peer, u8 cmd,
		      enum dvpn_reason reason)
{
	struct sk_buff *skb;
	void *hdr;

	trace_dvpn_peer(dd->dev, peer, cmd == DVPN_CMD_PEER_DEL_NTF, reason);
	if (!has_observers(dd))
		return;
	skb = notify_begin(dd, cmd, &hdr);
	if (skb)
		notify_end(dd, skb, hdr, reason, dvpn_put_peer(skb, dd, peer));
}

/**
 * dvpn_netlink_init() - register the family
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int __init dvpn_netlink_init(void)
{
	if (ipv6_mod_enabled())
		dvpn_features |= DVPN_FEATURE_UNDERLAY6;

	return genl_register_family(&dvpn_genl_family);
}

/**
 * dvpn_netlink_exit() - unregister it
 *
 * Context: process.
 */
void dvpn_netlink_exit(void)
{
	genl_unregister_family(&dvpn_genl_family);
}
