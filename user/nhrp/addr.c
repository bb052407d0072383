// SPDX-License-Identifier: GPL-2.0
/* Addresses and prefixes of both families, see addr.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nhrp/addr.h"

void nhrp_addr_set(struct nhrp_addr *a, u8 family, const void *bytes)
{
	u8 len = nhrp_family_len(family);

	memset(a, 0, sizeof(*a));
	if (!len)
		return;
	a->family = family;
	a->len = len;
	memcpy(a->b, bytes, len);
}

void nhrp_addr_set_any(struct nhrp_addr *a, u8 family)
{
	static const u8 zero[NHRP_ADDR_MAX_LEN];

	nhrp_addr_set(a, family, zero);
}

int nhrp_addr_parse(struct nhrp_addr *a, const char *text)
{
	u8 b[NHRP_ADDR_MAX_LEN];

	if (inet_pton(AF_INET, text, b) == 1)
		nhrp_addr_set(a, AF_INET, b);
	else if (inet_pton(AF_INET6, text, b) == 1)
		nhrp_addr_set(a, AF_INET6, b);
	else
		return -EINVAL;
	return 0;
}

const char *nhrp_addr_format(const struct nhrp_addr *a, char *buf, size_t size)
{
	char text[NHRP_ADDR_STRLEN] = "none";

	if (a->len)
		inet_ntop(a->family, a->b, text, sizeof(text));
	snprintf(buf, size, "%s", text);
	return buf;
}

int nhrp_addr_cmp(const struct nhrp_addr *a, const struct nhrp_addr *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->b, b->b, a->len);
}

static u64 rotl(u64 x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_rounds(u64 v[4], int n)
{
	while (n--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotl(v[1], 13) ^ v[0];
		v[3] = rotl(v[3], 16) ^ v[2];
		v[0] = rotl(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotl(v[1], 17) ^ v[2];
		v[3] = rotl(v[3], 21) ^ v[0];
		v[2] = rotl(v[2], 32);
	}
}

/* SipHash-2-4 (Aumasson, Bernstein 2012) */
static u64 siphash(const u8 *data, size_t len, const u64 key[2])
{
	u64 v[4] = {
		key[0] ^ 0x736f6d6570736575ULL, key[1] ^ 0x646f72616e646f6dULL,
		key[0] ^ 0x6c7967656e657261ULL, key[1] ^ 0x7465646279746573ULL,
	};
	u64 word = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		word |= (u64)data[i] << 8 * (i % 8);
		if (i % 8 < 7)
			continue;
		v[3] ^= word;
		sip_rounds(v, 2);
		v[0] ^= word;
		word = 0;
	}
	word |= (u64)len << 56;
	v[3] ^= word;
	sip_rounds(v, 2);
	v[0] ^= word;
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

u64 nhrp_addr_hash(const struct nhrp_addr *a, const u64 key[2])
{
	return siphash(a->b, a->len, key);
}

u64 nhrp_prefix_hash(const struct nhrp_prefix *p, const u64 key[2])
{
	u8 data[NHRP_ADDR_MAX_LEN + 1];

	memcpy(data, p->addr.b, p->addr.len);
	data[p->addr.len] = p->plen;
	return siphash(data, p->addr.len + 1, key);
}

/* Whether the first plen bits of two octet strings agree. */
static bool bits_equal(const u8 *a, const u8 *b, u8 plen)
{
	u8 octets = plen / 8, rest = plen % 8;

	if (memcmp(a, b, octets))
		return false;
	return !rest || !((a[octets] ^ b[octets]) >> (8 - rest));
}

/* Whether an address of the family begins with the bits of the pattern. */
static bool addr_in(const struct nhrp_addr *a, u8 family, const u8 *pattern,
		    u8 plen)
{
	return a->family == family && bits_equal(a->b, pattern, plen);
}

bool nhrp_addr_is_any(const struct nhrp_addr *a)
{
	static const u8 zero[NHRP_ADDR_MAX_LEN];

	return a->len && !memcmp(a->b, zero, a->len);
}

bool nhrp_addr_is_multicast(const struct nhrp_addr *a)
{
	return addr_in(a, AF_INET, (const u8[]){ 224 }, 4) ||
	       addr_in(a, AF_INET6, (const u8[]){ 0xff }, 8);
}

bool nhrp_addr_is_loopback(const struct nhrp_addr *a)
{
	static const u8 one[NHRP_ADDR_MAX_LEN] = { [15] = 1 };

	return addr_in(a, AF_INET, (const u8[]){ 127 }, 8) ||
	       addr_in(a, AF_INET6, one, 128);
}

bool nhrp_addr_is_linklocal6(const struct nhrp_addr *a)
{
	return addr_in(a, AF_INET6, (const u8[]){ 0xfe, 0x80 }, 10);
}

bool nhrp_addr_is_linklocal(const struct nhrp_addr *a)
{
	return addr_in(a, AF_INET, (const u8[]){ 169, 254 }, 16) ||
	       nhrp_addr_is_linklocal6(a);
}

bool nhrp_addr_is_private(const struct nhrp_addr *a)
{
	return addr_in(a, AF_INET, (const u8[]){ 10 }, 8) ||
	       addr_in(a, AF_INET, (const u8[]){ 172, 16 }, 12) ||
	       addr_in(a, AF_INET, (const u8[]){ 192, 168 }, 16) ||
	       addr_in(a, AF_INET, (const u8[]){ 100, 64 }, 10);
}

bool nhrp_addr_is_unicast(const struct nhrp_addr *a)
{
	return a->len && !nhrp_addr_is_any(a) && !nhrp_addr_is_multicast(a) &&
	       !nhrp_addr_is_loopback(a) &&
	       !addr_in(a, AF_INET, (const u8[]){ 0 }, 8) &&
	       !addr_in(a, AF_INET, (const u8[]){ 240 }, 4);
}

void nhrp_prefix_host(struct nhrp_prefix *p, const struct nhrp_addr *a)
{
	p->addr = *a;
	p->plen = nhrp_addr_bits(a);
}

/* A decimal number without sign, blanks or leading zeros; -1 if it is none. */
static int parse_plen(const char *text)
{
	int plen = 0;

	if (!*text || (text[0] == '0' && text[1]))
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		plen = plen * 10 + *text - '0';
		if (plen > 128)
			return -1;
	}
	return plen;
}

int nhrp_prefix_parse(struct nhrp_prefix *p, const char *text)
{
	const char *slash = strchr(text, '/');
	char head[NHRP_ADDR_STRLEN];
	struct nhrp_addr addr;
	size_t len;
	int plen;

	len = slash ? (size_t)(slash - text) : strlen(text);
	if (len >= sizeof(head))
		return -EINVAL;
	memcpy(head, text, len);
	head[len] = '\0';
	if (nhrp_addr_parse(&addr, head))
		return -EINVAL;
	plen = slash ? parse_plen(slash + 1) : nhrp_addr_bits(&addr);
	if (plen < 0 || plen > nhrp_addr_bits(&addr))
		return -EINVAL;
	p->addr = addr;
	p->plen = plen;
	return 0;
}

const char *nhrp_prefix_format(const struct nhrp_prefix *p, char *buf,
			       size_t size)
{
	char addr[NHRP_ADDR_STRLEN];

	nhrp_addr_format(&p->addr, addr, sizeof(addr));
	snprintf(buf, size, "%s/%u", addr, p->plen);
	return buf;
}

void nhrp_prefix_mask(struct nhrp_prefix *p)
{
	u8 i;

	if (p->plen > nhrp_addr_bits(&p->addr))
		p->plen = nhrp_addr_bits(&p->addr);
	for (i = p->plen / 8; i < p->addr.len; i++)
		p->addr.b[i] &= i == p->plen / 8 ? ~(0xff >> p->plen % 8) : 0;
}

int nhrp_prefix_cmp(const struct nhrp_prefix *p, const struct nhrp_prefix *q)
{
	int ret = nhrp_addr_cmp(&p->addr, &q->addr);

	return ret ? ret : (int)p->plen - (int)q->plen;
}

bool nhrp_prefix_contains(const struct nhrp_prefix *p,
			  const struct nhrp_addr *a)
{
	return p->addr.len && p->plen <= nhrp_addr_bits(&p->addr) &&
	       addr_in(a, p->addr.family, p->addr.b, p->plen);
}

bool nhrp_prefix_covers(const struct nhrp_prefix *p,
			const struct nhrp_prefix *q)
{
	return p->plen <= q->plen && nhrp_prefix_contains(p, &q->addr);
}
