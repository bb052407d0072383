// SPDX-License-Identifier: GPL-2.0
/* Self-tests of the TCP MSS clamp. */

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/checksum.h>
#include <net/tcp.h>

#include "mss.h"
#include "selftest/selftest.h"

/**
 * struct mss_case - a SYN and what becomes of it
 * @options: of the TCP header, filled up with EOL
 * @len: bytes of them, a multiple of 4
 * @cut: bytes that the packet lacks at its end
 * @at: where in @options the value is
 * @want: the value afterwards; 0: nothing may change
 */
struct mss_case {
	u8 options[20];
	u8 len;
	u8 cut;
	u8 at;
	u16 want;
};

static const struct mss_case cases[] = {
	{ { 2, 4, 0x05, 0xb4 }, 4, .at = 2, .want = 1300 },
	/* It is small enough. */
	{ { 2, 4, 0x05, 0x14 }, 4 },
	{ { 2, 4, 0x02, 0x18 }, 4 },
	/* Across two words of the checksum. */
	{ { 1, 2, 4, 0xff, 0xff }, 8, .at = 3, .want = 1300 },
	{ { 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 2, 4, 0x05, 0xb4 }, 16,
	  .at = 14, .want = 1300 },
	/* None, or behind the end. */
	{ { 1, 1, 1, 1 }, 4 },
	{ { 0, 2, 4, 0xff, 0xff }, 8 },
	{ {}, 0 },
	/* Lengths that make no sense. */
	{ { 3, 0, 2, 4, 0xff, 0xff }, 8 },
	{ { 3, 1, 2, 4, 0xff, 0xff }, 8 },
	{ { 1, 1, 1, 2 }, 4 },
	{ { 1, 1, 2, 4 }, 4 },
	{ { 8, 200, 2, 4, 0xff, 0xff }, 8 },
	{ { 2, 3, 0xff, 0xff }, 4 },
	{ { 2, 6, 0xff, 0xff, 0, 0 }, 8 },
	/* Options that are not all there. */
	{ { 2, 4, 0xff, 0xff }, 4, .cut = 1 },
	{ { 2, 4, 0xff, 0xff, 1, 1, 1, 1 }, 8, .cut = 4 },
};

/* What the packet may have in front of TCP. */
enum { V4, V4_OPTIONS, V6, V6_EXTENSION, N_HEADERS };

static void put_network(struct sk_buff *skb, int kind)
{
	struct ipv6hdr *ip6h;
	struct iphdr *iph;
	u8 *extension;

	if (kind == V4 || kind == V4_OPTIONS) {
		iph = skb_put_zero(skb, kind == V4 ? 20 : 28);
		iph->version = 4;
		iph->ihl = kind == V4 ? 5 : 7;
		iph->protocol = IPPROTO_TCP;
		skb->protocol = htons(ETH_P_IP);
		return;
	}
	ip6h = skb_put_zero(skb, sizeof(*ip6h));
	ip6h->version = 6;
	ip6h->nexthdr = IPPROTO_TCP;
	skb->protocol = htons(ETH_P_IPV6);
	if (kind == V6)
		return;
	ip6h->nexthdr = IPPROTO_DSTOPTS;
	extension = skb_put_zero(skb, 16);
	extension[0] = IPPROTO_TCP;
	extension[1] = 1;
}

static struct sk_buff *make_syn(int kind, const struct mss_case *c,
				unsigned int *offset)
{
	struct sk_buff *skb = alloc_skb(256, GFP_KERNEL);
	struct tcphdr *th;

	if (!skb)
		return NULL;
	skb_reset_network_header(skb);
	put_network(skb, kind);
	*offset = skb->len;
	th = skb_put_zero(skb, sizeof(*th));
	th->doff = (sizeof(*th) + c->len) / 4;
	th->syn = 1;
	skb_put_data(skb, c->options, c->len);
	th->check = csum_fold(csum_partial(th, skb->len - *offset, 0));
	skb_trim(skb, skb->len - c->cut);

	return skb;
}

static bool one_case(int kind, const struct mss_case *c)
{
	unsigned int offset, len, tcp;
	struct sk_buff *skb;
	bool pass = true;
	u8 before[128];
	u8 *value;

	skb = make_syn(kind, c, &offset);
	if (!skb)
		return false;
	len = skb->len;
	memcpy(before, skb->data, len);
	dvpn_mss_clamp_tx(skb, 1300, 0);
	dvpn_expect(&pass, skb->len == len);
	if (c->want) {
		tcp = offset + sizeof(struct tcphdr);
		value = skb->data + tcp + c->at;
		dvpn_expect(&pass, get_unaligned_be16(value) == c->want);
		dvpn_expect(&pass, !csum_fold(csum_partial(skb->data + offset,
							   len - offset, 0)));
		/* Nothing else has changed. */
		memcpy(before + tcp + c->at, value, 2);
		memcpy(before + offset + 16, skb->data + offset + 16, 2);
	}
	dvpn_expect(&pass, !memcmp(before, skb->data, len));
	kfree_skb(skb);
	if (!pass)
		pr_err("dvpn: header %d, case %td\n", kind, c - cases);

	return pass;
}

/* Automatic: what fits into the path, but at least what every path takes. */
static bool automatic(int kind, unsigned int mtu, u16 want)
{
	static const struct mss_case c = { { 2, 4, 0xff, 0xff }, 4 };
	unsigned int offset;
	struct sk_buff *skb;
	bool pass = true;

	skb = make_syn(kind, &c, &offset);
	if (!skb)
		return false;
	dvpn_mss_clamp_tx(skb, DVPN_MSS_AUTO, mtu);
	dvpn_expect(&pass, get_unaligned_be16(skb->data + offset + 22) == want);
	kfree_skb(skb);

	return pass;
}

bool dvpn_selftest_mss(struct dvpn_dev *dd)
{
	bool pass = true;
	unsigned int i;
	int kind;

	for (kind = 0; kind < N_HEADERS; kind++)
		for (i = 0; i < ARRAY_SIZE(cases); i++)
			dvpn_expect(&pass, one_case(kind, &cases[i]));

	dvpn_expect(&pass, automatic(V4, 1400, 1360));
	dvpn_expect(&pass, automatic(V6, 1400, 1340));
	dvpn_expect(&pass, automatic(V4, 100, 536));
	dvpn_expect(&pass, automatic(V6, 100, 1220));
	dvpn_expect(&pass, automatic(V4, 1000000, 65495));

	return pass;
}
