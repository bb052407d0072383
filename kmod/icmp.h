/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_ICMP_H
#define DVPN_ICMP_H

struct net;
struct sk_buff;

/* An ICMP or ICMPv6 message on local input, skb->data at its IP header. Both
 * look only. @offset: of the ICMPv6 header.
 */
void dvpn_icmp_error4(struct sk_buff *skb, struct net *net);
void dvpn_icmp_error6(struct sk_buff *skb, struct net *net,
		      unsigned int offset);

#endif /* DVPN_ICMP_H */
