// SPDX-License-Identifier: GPL-2.0
/*
 * TCP maximum segment size: where ICMP is lost, a connection that never offers
 * too large segments needs none.
 */
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/swab.h>
#include <linux/tcp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#include "device.h"
#include "encap.h"
#include "mss.h"

/* More than anybody sends in front of TCP. */
#define DVPN_MSS_EXTHDRS_MAX	8

/* Offset of the TCP header, 0: it is not TCP, or not its beginning. */
static unsigned int dvpn_mss_tcp4(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (iph->protocol != IPPROTO_TCP ||
	    (iph->frag_off & htons(IP_OFFSET)))
		return 0;
	return iph->ihl * 4;
}

static unsigned int dvpn_mss_tcp6(const struct sk_buff *skb)
{
	unsigned int offset = sizeof(struct ipv6hdr);
	u8 nexthdr = ipv6_hdr(skb)->nexthdr;
	const struct ipv6_opt_hdr *hdr;
	struct ipv6_opt_hdr _hdr;
	int n;

	for (n = 0; nexthdr != IPPROTO_TCP; n++) {
		if (n == DVPN_MSS_EXTHDRS_MAX || nexthdr == NEXTHDR_FRAGMENT ||
		    nexthdr == NEXTHDR_NONE || !ipv6_ext_hdr(nexthdr))
			return 0;
		hdr = skb_header_pointer(skb, offset, sizeof(_hdr), &_hdr);
		if (!hdr)
			return 0;
		offset += nexthdr == NEXTHDR_AUTH ? ipv6_authlen(hdr) :
						    ipv6_optlen(hdr);
		nexthdr = hdr->nexthdr;
	}
	return offset;
}

/* Offset of the TCP header of a SYN, 0: it is none. */
static unsigned int dvpn_mss_syn(const struct sk_buff *skb)
{
	const struct tcphdr *th;
	unsigned int offset;
	struct tcphdr _th;

	if (skb->protocol == htons(ETH_P_IP))
		offset = dvpn_mss_tcp4(skb);
	else
		offset = dvpn_mss_tcp6(skb);
	if (!offset)
		return 0;
	th = skb_header_pointer(skb, offset, sizeof(_th), &_th);
	return th && th->syn ? offset : 0;
}

/* Offset of the option's value from the TCP header, which with its options has
 * @len bytes; 0: there is none.
 */
static unsigned int dvpn_mss_option(const u8 *tcp, unsigned int len)
{
	unsigned int i = sizeof(struct tcphdr);

	while (i < len) {
		if (tcp[i] == TCPOPT_EOL)
			break;
		if (tcp[i] == TCPOPT_NOP) {
			i++;
			continue;
		}
		if (i + 1 >= len || tcp[i + 1] < 2 || i + tcp[i + 1] > len)
			break;
		if (tcp[i] == TCPOPT_MSS && tcp[i + 1] == TCPOLEN_MSS)
			return i + 2;
		i += tcp[i + 1];
	}
	return 0;
}

/* The sum is over words: a value across two of them counts with its bytes
 * swapped.
 */
static void dvpn_mss_write(struct sk_buff *skb, struct tcphdr *th,
			   unsigned int at, u16 old, u16 new)
{
	put_unaligned_be16(new, (u8 *)th + at);
	if (at % 2) {
		old = swab16(old);
		new = swab16(new);
	}
	inet_proto_csum_replace2(&th->check, skb, htons(old), htons(new),
				 false);
}

static void dvpn_mss_lower(struct sk_buff *skb, unsigned int offset, u16 mss)
{
	struct tcphdr *th;
	unsigned int len, at;
	u16 old;

	if (skb_ensure_writable(skb, offset + sizeof(*th)))
		return;
	th = (struct tcphdr *)(skb->data + offset);
	len = th->doff * 4;
	if (len <= sizeof(*th) || offset + len > skb->len ||
	    skb_ensure_writable(skb, offset + len))
		return;
	th = (struct tcphdr *)(skb->data + offset);
	at = dvpn_mss_option((const u8 *)th, len);
	if (!at)
		return;	/* 536 or 1220 by default: less than we would say */
	old = get_unaligned_be16((u8 *)th + at);
	if (old > mss)
		dvpn_mss_write(skb, th, at, old, mss);
}

/* What fits without options, but not less than every path must take. */
static u16 dvpn_mss_auto(const struct sk_buff *skb, unsigned int mtu)
{
	mtu = min_t(unsigned int, mtu, IP_MAX_MTU);
	if (skb->protocol == htons(ETH_P_IP))
		return max_t(unsigned int, mtu, 576) - sizeof(struct iphdr) -
		       sizeof(struct tcphdr);
	return max_t(unsigned int, mtu, IPV6_MIN_MTU) -
	       sizeof(struct ipv6hdr) - sizeof(struct tcphdr);
}

/**
 * dvpn_mss_clamp_tx() - lower the segment size that a SYN to a peer offers
 * @skb: inner packet, skb->data at its network header, which is complete;
 *	dvpn_mss_may_be_syn()
 * @mss: dvpn_mss_setting(), not 0
 * @mtu: inner bytes that fit on the path to it
 *
 * This limits what comes back. A SYN without the option is left alone.
 *
 * Context: any.
 */
void dvpn_mss_clamp_tx(struct sk_buff *skb, u32 mss, unsigned int mtu)
{
	unsigned int offset = dvpn_mss_syn(skb);

	if (!offset || mss == DVPN_MSS_OWN_OFF)
		return;
	dvpn_mss_lower(skb, offset,
		       mss == DVPN_MSS_AUTO ? dvpn_mss_auto(skb, mtu) : mss);
}

/**
 * dvpn_mss_clamp_rx() - lower the segment size that a SYN from a peer offers
 * @dd: device
 * @peer: the peer
 * @skb: inner packet, as for dvpn_mss_clamp_tx()
 * @mss: dvpn_mss_setting(), not 0
 *
 * This limits what will be sent to it, whatever the other end does.
 *
 * Context: RCU, BH off.
 */
void dvpn_mss_clamp_rx(struct dvpn_dev *dd, struct dvpn_peer *peer,
		       struct sk_buff *skb, u32 mss)
{
	unsigned int offset = dvpn_mss_syn(skb);

	if (!offset || mss == DVPN_MSS_OWN_OFF)
		return;
	if (mss == DVPN_MSS_AUTO)
		mss = dvpn_mss_auto(skb, dvpn_peer_pmtu(dd, peer));
	dvpn_mss_lower(skb, offset, mss);
}
