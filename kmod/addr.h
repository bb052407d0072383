/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_ADDR_H
#define DVPN_ADDR_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/hash.h>
#include <linux/jhash.h>
#include <linux/math64.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/types.h>

/**
 * union dvpn_ip - an IPv4 or IPv6 address, family told elsewhere
 * @v4: IPv4 address; the other 12 bytes are zero, always
 * @v6: IPv6 address
 * @words: the whole, for hashing and comparing
 */
union dvpn_ip {
	__be32 v4;
	struct in6_addr v6;
	u32 words[4];
};

/**
 * struct dvpn_addr - an address with its family
 * @ip: the address
 * @family: AF_INET, AF_INET6, or AF_UNSPEC for none
 */
struct dvpn_addr {
	union dvpn_ip ip;
	u8 family;
};

static inline u8 dvpn_family_bits(u8 family)
{
	return family == AF_INET ? 32 : 128;
}

static inline bool dvpn_ip_equal(const union dvpn_ip *a,
				 const union dvpn_ip *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/**
 * dvpn_hash64() - hash what fits in one word
 * @word: to be hashed
 * @seed: so that nobody can choose words that collide
 *
 * Multiplication by an odd number that nobody knows. Two words collide hardly more
 * often than two random ones, and every packet pays for what a hash takes.
 *
 * Return: hash.
 */
static inline u32 dvpn_hash64(u64 word, u32 seed)
{
	return mul_u64_u64_shr(word, (seed + 1ULL) * GOLDEN_RATIO_64 | 1, 64);
}

/**
 * dvpn_ip_hash() - hash an address whose family is told
 * @ip: address
 * @family: of it
 * @more: to be hashed with it
 * @seed: so that nobody can choose addresses that collide
 *
 * Of IPv4 one word and not four.
 *
 * Return: hash.
 */
static inline u32 dvpn_ip_hash(const union dvpn_ip *ip, u8 family, u32 more,
			       u32 seed)
{
	if (likely(family == AF_INET))
		return dvpn_hash64((u64)more << 32 | ip->words[0], seed);
	return jhash2(ip->words, ARRAY_SIZE(ip->words), seed + more);
}

/**
 * dvpn_ip_same() - compare two addresses of one family
 * @a: address
 * @b: address
 * @family: of both
 *
 * Return: they are the same.
 */
static inline bool dvpn_ip_same(const union dvpn_ip *a,
				const union dvpn_ip *b, u8 family)
{
	return a->v4 == b->v4 &&
	       (likely(family == AF_INET) || dvpn_ip_equal(a, b));
}

#endif /* DVPN_ADDR_H */
