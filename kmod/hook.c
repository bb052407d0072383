// SPDX-License-Identifier: GPL-2.0
/*
 * Where packets enter: a hook on the local input of each underlay namespace.
 *
 * IP protocol 47 has one owner in the kernel, and that is ip_gre. The hook
 * looks at a packet before any owner does and takes only what is surely ours.
 */
#include <linux/ip.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>

#include "decap.h"
#include "hook.h"
#include "pmtu.h"
#include "tuple.h"

static unsigned int dvpn_hook4(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	switch (ip_hdr(skb)->protocol) {
	case IPPROTO_GRE:
		return dvpn_decap4(skb, state->net);
	case IPPROTO_ICMP:
		dvpn_icmp_error4(skb, state->net);
		return NF_ACCEPT;
	default:
		return NF_ACCEPT;
	}
}

static const struct nf_hook_ops dvpn_hook_ops = {
	.hook = dvpn_hook4,
	.pf = NFPROTO_IPV4,
	.hooknum = NF_INET_LOCAL_IN,
	/* After all filters, before conntrack's own last step (INT_MAX). */
	.priority = NF_IP_PRI_LAST - 1,
};

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
		err = nf_register_net_hook(net, &dvpn_hook_ops);
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
		nf_unregister_net_hook(net, &dvpn_hook_ops);
}
