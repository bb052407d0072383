# SPDX-License-Identifier: GPL-2.0
#
# Asks the headers of the kernel that is built for what compat.h must know. Distribution
# kernels carry backports, so a version number would not tell.

# $(call dvpn_probe,HEADER,REGEX,MACRO): -DMACRO if a line of include/HEADER matches.
dvpn_probe = $(shell grep -qE '$(2)' '$(srctree)/include/$(1)' 2>/dev/null && echo -D$(3))

ccflags-y += $(call dvpn_probe,linux/netfilter.h,[*]confirm..struct sk_buff,DVPN_HAVE_CT_CONFIRM)
ccflags-y += $(call dvpn_probe,linux/netdevice.h,NETDEV_PCPU_STAT_TSTATS,DVPN_HAVE_PCPU_STAT_TYPE)
ccflags-y += $(call dvpn_probe,linux/netdevice.h,lltx:1;,DVPN_HAVE_DEV_LLTX)
ccflags-y += $(call dvpn_probe,linux/skbuff.h,skb_unset_transport_header,DVPN_HAVE_UNSET_TRANSPORT)
ccflags-y += $(call dvpn_probe,net/rtnetlink.h,struct rtnl_newlink_params,DVPN_HAVE_NEWLINK_PARAMS)
ccflags-y += $(call dvpn_probe,net/flow.h,flowi4_dscp;,DVPN_HAVE_FLOWI4_DSCP)
ccflags-y += $(call dvpn_probe,net/dropreason-core.h,SKB_DROP_REASON_IP_TUNNEL_ECN,DVPN_HAVE_DROP_TUNNEL_ECN)
ccflags-y += $(if $(wildcard $(srctree)/include/net/gso.h),-DDVPN_HAVE_NET_GSO_H)
