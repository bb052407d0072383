// SPDX-License-Identifier: GPL-2.0
/*
 * Where packets enter: a hook on the local input of each underlay namespace.
 *
 * IP protocol 47 has one owner in the kernel, and that is ip_gre. The hook
 * looks at a packet before any owner does and takes only what is surely ours.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/rtnetlink.h>
#include <net/ipv6.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

#include "decap.h"
#include "hook.h"
#include "icmp.h"
#include "tuple.h"

/* What a sender may put between IPv6 header and GRE before we look away. */
#define DVPN_EXTHDR_MAX		4	/* extension headers */
#define DVPN_OPTIONS_MAX	8	/* destination options, padding too */

static __always_inline unsigned int dvpn_in4(struct sk_buff *skb,
					     struct net *net)
{
	switch (ip_hdr(skb)->protocol) {
	case IPPROTO_GRE:
		return dvpn_decap4(skb, net, ip_hdrlen(skb));
	case IPPROTO_ICMP:
		dvpn_icmp_error4(skb, net);
		return NF_ACCEPT;
	default:
		return NF_ACCEPT;
	}
}

/* Nothing among the options of a header that the stack would object to? */
static bool dvpn_options_harmless(const struct sk_buff *skb,
				  unsigned int offset, unsigned int len)
{
	unsigned int end = offset + len;
	u8 _tlv[2];
	const u8 *tlv;
	int n;

	offset += 2;
	for (n = 0; n < DVPN_OPTIONS_MAX && offset < end; n++) {
		tlv = skb_header_pointer(skb, offset, 1, _tlv);
		if (tlv && *tlv == IPV6_TLV_PAD1) {
			offset++;
			continue;
		}
		tlv = skb_header_pointer(skb, offset, 2, _tlv);
		/* The two high bits say: discard what is not understood. */
		if (!tlv || (*tlv & 0xc0))
			return false;
		offset += 2 + tlv[1];
	}
	return offset == end;
}

/* Offset of what is behind the extension headers, 0 if that is not for us to
 * look at: local input runs before the stack has read them.
 */
static unsigned int dvpn_upper6(const struct sk_buff *skb, u8 *proto)
{
	unsigned int offset = sizeof(struct ipv6hdr), len;
	const struct ipv6_rt_hdr *hdr;
	struct ipv6_rt_hdr _hdr;
	int n;

	*proto = ipv6_hdr(skb)->nexthdr;
	for (n = 0; n <= DVPN_EXTHDR_MAX; n++) {
		if (*proto != NEXTHDR_DEST && *proto != NEXTHDR_ROUTING &&
		    *proto != NEXTHDR_HOP)
			return offset;
		hdr = skb_header_pointer(skb, offset, sizeof(_hdr), &_hdr);
		if (!hdr)
			return 0;
		len = ipv6_optlen(hdr);
		if (*proto == NEXTHDR_ROUTING && hdr->segments_left)
			return 0;
		if (*proto == NEXTHDR_DEST &&
		    !dvpn_options_harmless(skb, offset, len))
			return 0;
		*proto = hdr->nexthdr;
		offset += len;
	}
	return 0;
}

static unsigned int dvpn_in6(struct sk_buff *skb, struct net *net)
{
	unsigned int offset;
	u8 proto;

	offset = dvpn_upper6(skb, &proto);
	if (!offset)
		return NF_ACCEPT;
	switch (proto) {
	case IPPROTO_GRE:
		return dvpn_decap6(skb, net, offset);
	case IPPROTO_ICMPV6:
		dvpn_icmp_error6(skb, net, offset);
		return NF_ACCEPT;
	default:
		return NF_ACCEPT;
	}
}

static unsigned int dvpn_in(struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	return state->pf == NFPROTO_IPV4 ? dvpn_in4(skb, state->net) :
					   dvpn_in6(skb, state->net);
}

static unsigned int dvpn_hook(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	unsigned int verdict;

	if (likely(in_softirq()))
		return dvpn_in(skb, state);
	/* A program was asked (NFQUEUE): its answer lets the packet go on. */
	local_bh_disable();
	verdict = dvpn_in(skb, state);
	local_bh_enable();

	return verdict;
}

static const struct nf_hook_ops dvpn_hook_ops[] = {
	{
		.hook = dvpn_hook,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_IN,
		/* After all filters, before conntrack's last step (INT_MAX). */
		.priority = NF_IP_PRI_LAST - 1,
	},
	{
		.hook = dvpn_hook,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP6_PRI_LAST - 1,
	},
};

/* Without IPv6 in the kernel, or when it was switched off at boot: IPv4. */
static unsigned int dvpn_hook_count(void)
{
	return ipv6_mod_enabled() ? 2 : 1;
}

/**
 * dvpn_hook_get() - receive from an underlay namespace
 * @net: the namespace
 *
 * Context: rtnl.
 * Return: 0 or negative errno.
 */
int dvpn_hook_get(struct net *net)
{
	struct dvpn_net *dn = dvpn_net_get(net);
	int err;

	ASSERT_RTNL();
	if (!dn->hook_users) {
		err = nf_register_net_hooks(net, dvpn_hook_ops,
					    dvpn_hook_count());
		if (err)
			return err;
	}
	dn->hook_users++;
	return 0;
}

/**
 * dvpn_hook_put() - undo one dvpn_hook_get()
 * @net: the namespace
 *
 * Context: rtnl. A grace period later the hook does not run any more.
 */
void dvpn_hook_put(struct net *net)
{
	struct dvpn_net *dn = dvpn_net_get(net);

	ASSERT_RTNL();
	if (!--dn->hook_users)
		nf_unregister_net_hooks(net, dvpn_hook_ops, dvpn_hook_count());
}

/**
 * dvpn_hook_init() - have at hand what the hooks may need
 *
 * Context: process, without locks: it may load a module.
 */
void __init dvpn_hook_init(void)
{
	/* Not to be had later: peers come under locks. It does nothing until
	 * it is asked to.
	 */
	if (IS_ENABLED(CONFIG_NF_DEFRAG_IPV6) && ipv6_mod_enabled())
		request_module("nf_defrag_ipv6");
}

/**
 * dvpn_defrag6_get() - have IPv6 packets put together before local input
 * @net: underlay namespace
 *
 * IPv4 does that anyway; in IPv6 the hook comes first. It concerns all packets
 * of the namespace, also those that are forwarded, so only who has IPv6 peers
 * asks for it. Without the module that does it (nf_defrag_ipv6) fragments are
 * not received.
 *
 * Context: process.
 * Return: whether dvpn_defrag6_put() is to be called.
 */
bool dvpn_defrag6_get(struct net *net)
{
	bool enabled = false;
#if IS_ENABLED(CONFIG_NF_DEFRAG_IPV6) && IS_ENABLED(CONFIG_IPV6)
	int (*enable)(struct net *net);

	enable = symbol_get(nf_defrag_ipv6_enable);
	if (!enable)
		return false;
	enabled = !enable(net);
	if (!enabled)
		symbol_put(nf_defrag_ipv6_enable);
#endif
	return enabled;
}

/**
 * dvpn_defrag6_put() - undo one dvpn_defrag6_get() that returned true
 * @net: underlay namespace
 *
 * Context: process.
 */
void dvpn_defrag6_put(struct net *net)
{
#if IS_ENABLED(CONFIG_NF_DEFRAG_IPV6) && IS_ENABLED(CONFIG_IPV6)
	void (*disable)(struct net *net);

	disable = symbol_get(nf_defrag_ipv6_disable);
	if (!WARN_ON_ONCE(!disable)) {
		disable(net);
		symbol_put(nf_defrag_ipv6_disable);
	}
	symbol_put(nf_defrag_ipv6_enable);
#endif
}
