/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels that are served. Included before every
 * source file; decided by probes.mk, never by a version number.
 */
#ifndef DVPN_COMPAT_H
#define DVPN_COMPAT_H

#ifndef CONFIG_NETFILTER
#error "dvpn needs CONFIG_NETFILTER: that is where it receives"
#endif

#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/flow.h>
#ifdef DVPN_HAVE_NET_GSO_H
#include <net/gso.h>
#endif
#include <net/inet_dscp.h>
#include <net/rtnetlink.h>

/* The device takes packets without the transmit lock. */
static inline void dvpn_compat_set_lltx(struct net_device *dev)
{
#ifdef DVPN_HAVE_DEV_LLTX
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

/* dev->tstats: by the core where it can, else by hand. */
static inline int dvpn_compat_tstats_init(struct net_device *dev)
{
#ifdef DVPN_HAVE_PCPU_STAT_TYPE
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
#else
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (!dev->tstats)
		return -ENOMEM;
#endif
	return 0;
}

static inline void dvpn_compat_tstats_free(struct net_device *dev)
{
#ifndef DVPN_HAVE_PCPU_STAT_TYPE
	free_percpu(dev->tstats);
	dev->tstats = NULL;
#endif
}

/* A cache of whole cache lines, charged to who fills it, with a line of its own
 * in /proc/slabinfo: older kernels merge all but what may be copied to users.
 */
static inline struct kmem_cache *dvpn_compat_cache_create(const char *name,
							  unsigned int size)
{
#ifdef SLAB_NO_MERGE
	return kmem_cache_create(name, size, 0, SLAB_HWCACHE_ALIGN |
				 SLAB_ACCOUNT | SLAB_NO_MERGE, NULL);
#else
	return kmem_cache_create_usercopy(name, size, 0, SLAB_HWCACHE_ALIGN |
					  SLAB_ACCOUNT, 0, 1, NULL);
#endif
}

#ifndef DVPN_HAVE_UNSET_TRANSPORT
static inline void skb_unset_transport_header(struct sk_buff *skb)
{
	skb->transport_header = (typeof(skb->transport_header))~0U;
}
#endif

/* Enter the packet's connection into the table, as the last hook would. */
static inline int dvpn_compat_ct_confirm(struct sk_buff *skb)
{
#ifdef DVPN_HAVE_CT_CONFIRM
	const struct nf_ct_hook *hook = rcu_dereference(nf_ct_hook);

	if (hook && hook->confirm)
		return hook->confirm(skb);
#endif
	return NF_ACCEPT;
}

#ifdef DVPN_HAVE_DROP_TUNNEL_ECN
#define DVPN_COMPAT_DROP_TUNNEL_ECN	SKB_DROP_REASON_IP_TUNNEL_ECN
#else
#define DVPN_COMPAT_DROP_TUNNEL_ECN	SKB_DROP_REASON_NOT_SPECIFIED
#endif

static inline void dvpn_compat_flow_dscp(struct flowi4 *fl4, u8 dsfield)
{
#ifdef DVPN_HAVE_FLOWI4_DSCP
	fl4->flowi4_dscp = inet_dsfield_to_dscp(dsfield);
#else
	fl4->flowi4_tos = dsfield & INET_DSCP_MASK;
#endif
}

/* A refusal with a number in its text, where the kernel can; @text without. */
#ifdef NL_SET_ERR_MSG_FMT
#define dvpn_compat_err(extack, text, fmt, ...)				\
do {									\
	(void)(text);							\
	NL_SET_ERR_MSG_FMT(extack, fmt, ##__VA_ARGS__);			\
} while (0)
#else
#define dvpn_compat_err(extack, text, fmt, ...)				\
do {									\
	no_printk(fmt, ##__VA_ARGS__);					\
	NL_SET_ERR_MSG(extack, text);					\
} while (0)
#endif

/* Arguments of rtnl_link_ops.newlink, the underlay namespace and the attributes
 * among them.
 */
#ifdef DVPN_HAVE_NEWLINK_PARAMS
#define DVPN_NEWLINK_ARGS	struct net_device *dev,			\
				struct rtnl_newlink_params *params,	\
				struct netlink_ext_ack *extack
#define DVPN_NEWLINK_NET	rtnl_newlink_link_net(params)
#define DVPN_NEWLINK_DATA	((params)->data)
#else
#define DVPN_NEWLINK_ARGS	struct net *src_net,			\
				struct net_device *dev,			\
				struct nlattr *tb[],			\
				struct nlattr *data[],			\
				struct netlink_ext_ack *extack
#define DVPN_NEWLINK_NET	src_net
#define DVPN_NEWLINK_DATA	data
#endif

#endif /* DVPN_COMPAT_H */
