/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses and prefixes of the NHRP core: one type for IPv4 and IPv6, for
 * NBMA (underlay) and protocol (inner) addresses. Plain values: no heap, no
 * pointers, copied by assignment.
 */
#ifndef NHRP_ADDR_H
#define NHRP_ADDR_H

#include <sys/socket.h>		/* AF_INET, AF_INET6 */

#include "nhrp/types.h"

/* Longest address, in octets (IPv6). */
#define NHRP_ADDR_MAX_LEN	16
/* Buffer for nhrp_addr_format(): "ffff:...:255.255.255.255" and its NUL. */
#define NHRP_ADDR_STRLEN	46
/* Buffer for nhrp_prefix_format(): an address, "/128" and the NUL. */
#define NHRP_PREFIX_STRLEN	(NHRP_ADDR_STRLEN + 4)

/**
 * struct nhrp_addr - an IPv4 or IPv6 address, or none
 * @family: AF_INET, AF_INET6, or 0 (AF_UNSPEC) for "no address"
 * @len: octets used in @b: 4, 16 or 0; always follows @family
 * @b: the address in network byte order; octets past @len are zero, so that
 *	a zeroed struct is the valid value "none"
 *
 * Build one with nhrp_addr_set() or nhrp_addr_parse(), which keep the three
 * fields consistent.
 */
struct nhrp_addr {
	u8 family;
	u8 len;
	u8 b[NHRP_ADDR_MAX_LEN];
};

/**
 * struct nhrp_prefix - an address and how many of its leading bits count
 * @addr: the network address; bits past @plen may be set until
 *	nhrp_prefix_mask() is called
 * @plen: prefix length in bits, 0..32 or 0..128
 */
struct nhrp_prefix {
	struct nhrp_addr addr;
	u8 plen;
};

/**
 * nhrp_family_len - octets in an address of a family
 * @family: AF_INET or AF_INET6
 *
 * Return: 4, 16, or 0 for any other family.
 */
static inline u8 nhrp_family_len(u8 family)
{
	return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

/**
 * nhrp_addr_none - whether an address is absent
 * @a: the address
 *
 * Absent is not the same as 0.0.0.0 or ::, see nhrp_addr_is_any().
 */
static inline bool nhrp_addr_none(const struct nhrp_addr *a)
{
	return !a->len;
}

/**
 * nhrp_addr_bits - bits in an address, the length of its host prefix
 * @a: the address
 *
 * Return: 32, 128, or 0 for none.
 */
static inline u8 nhrp_addr_bits(const struct nhrp_addr *a)
{
	return a->len * 8;
}

/**
 * nhrp_addr_set - make an address from octets
 * @a: filled in; "none" if @family is neither AF_INET nor AF_INET6
 * @family: AF_INET or AF_INET6
 * @bytes: 4 or 16 octets in network byte order, e.g. a struct in_addr
 */
void nhrp_addr_set(struct nhrp_addr *a, u8 family, const void *bytes);

/**
 * nhrp_addr_set_any - make the unspecified address 0.0.0.0 or ::
 * @a: filled in
 * @family: AF_INET or AF_INET6
 */
void nhrp_addr_set_any(struct nhrp_addr *a, u8 family);

/**
 * nhrp_addr_parse - read an address from text
 * @a: filled in on success, untouched on failure
 * @text: dotted quad or IPv6 text as inet_pton(3) takes it, nothing around it
 *
 * Return: 0, or -EINVAL.
 */
int nhrp_addr_parse(struct nhrp_addr *a, const char *text);

/**
 * nhrp_addr_format - write an address as text
 * @a: the address; none is written as "none"
 * @buf: at least NHRP_ADDR_STRLEN octets
 * @size: size of @buf; a smaller buffer gets a cut, NUL-terminated text
 *
 * Return: @buf, for use in a printf() argument list.
 */
const char *nhrp_addr_format(const struct nhrp_addr *a, char *buf, size_t size);

/**
 * nhrp_addr_cmp - total order of addresses
 * @a: one address
 * @b: another address
 *
 * None sorts before IPv4 before IPv6, then numerically.
 *
 * Return: negative, 0 or positive as memcmp(3).
 */
int nhrp_addr_cmp(const struct nhrp_addr *a, const struct nhrp_addr *b);

/**
 * nhrp_addr_eq - whether two addresses are the same
 * @a: one address
 * @b: another address
 */
static inline bool nhrp_addr_eq(const struct nhrp_addr *a,
				const struct nhrp_addr *b)
{
	return !nhrp_addr_cmp(a, b);
}

/**
 * nhrp_addr_hash - keyed hash of an address, for hash tables
 * @a: the address; family and octets count
 * @key: 128 bit secret of the table, random at start: addresses come from
 *	the network and must not be able to choose their bucket
 *
 * Return: SipHash-2-4 of family, length and octets.
 */
u64 nhrp_addr_hash(const struct nhrp_addr *a, const u64 key[2]);

/**
 * nhrp_addr_is_any - whether the address is 0.0.0.0 or ::
 * @a: the address
 */
bool nhrp_addr_is_any(const struct nhrp_addr *a);

/**
 * nhrp_addr_is_multicast - whether the address is in 224.0.0.0/4 or ff00::/8
 * @a: the address
 */
bool nhrp_addr_is_multicast(const struct nhrp_addr *a);

/**
 * nhrp_addr_is_loopback - whether the address is in 127.0.0.0/8 or is ::1
 * @a: the address
 */
bool nhrp_addr_is_loopback(const struct nhrp_addr *a);

/**
 * nhrp_addr_is_linklocal - whether it is in 169.254.0.0/16 or fe80::/10
 * @a: the address
 */
bool nhrp_addr_is_linklocal(const struct nhrp_addr *a);

/**
 * nhrp_addr_is_linklocal6 - whether it is in fe80::/10
 * @a: the address
 *
 * Every device has one of these beside those that were given to it, on every link the
 * same ones; one of 169.254.0.0/16 is as good inside a tunnel as any other.
 */
bool nhrp_addr_is_linklocal6(const struct nhrp_addr *a);

/**
 * nhrp_addr_is_private - whether a NAT has to change it on its way into the Internet
 * @a: the address
 *
 * Return: true for those of RFC 1918 and RFC 6598.
 */
bool nhrp_addr_is_private(const struct nhrp_addr *a);

/**
 * nhrp_addr_is_unicast - whether the address can name one station
 * @a: the address
 *
 * Return: true unless it is none, any, multicast, loopback, in 0.0.0.0/8 or
 * in 240.0.0.0/4 (which holds the limited broadcast address).
 */
bool nhrp_addr_is_unicast(const struct nhrp_addr *a);

/**
 * nhrp_prefix_host - the prefix that holds exactly one address
 * @p: filled in
 * @a: the address
 */
void nhrp_prefix_host(struct nhrp_prefix *p, const struct nhrp_addr *a);

/**
 * nhrp_prefix_is_host - whether a prefix holds exactly one address
 * @p: the prefix
 */
static inline bool nhrp_prefix_is_host(const struct nhrp_prefix *p)
{
	return p->addr.len && p->plen == nhrp_addr_bits(&p->addr);
}

/**
 * nhrp_prefix_parse - read "ADDRESS/LENGTH" or a plain address (its host prefix)
 * @p: filled in on success, untouched on failure; host bits are kept as
 *	written, so that the caller can refuse them or keep the address
 * @text: the text, nothing around it
 *
 * Return: 0, or -EINVAL.
 */
int nhrp_prefix_parse(struct nhrp_prefix *p, const char *text);

/**
 * nhrp_prefix_format - write a prefix as "ADDRESS/LENGTH"
 * @p: the prefix
 * @buf: at least NHRP_PREFIX_STRLEN octets
 * @size: size of @buf; a smaller buffer gets a cut, NUL-terminated text
 *
 * Return: @buf.
 */
const char *nhrp_prefix_format(const struct nhrp_prefix *p, char *buf,
			       size_t size);

/**
 * nhrp_prefix_mask - clear all bits past the prefix length
 * @p: the prefix; a length beyond the family's is cut to the host length
 */
void nhrp_prefix_mask(struct nhrp_prefix *p);

/**
 * nhrp_prefix_cmp - total order of prefixes: by address, then shorter first
 * @p: one prefix
 * @q: another prefix
 *
 * Both are compared as they are: mask them first if host bits may be set.
 *
 * Return: negative, 0 or positive.
 */
int nhrp_prefix_cmp(const struct nhrp_prefix *p, const struct nhrp_prefix *q);

/**
 * nhrp_prefix_contains - whether an address lies inside a prefix
 * @p: the prefix
 * @a: the address; another family is never inside
 */
bool nhrp_prefix_contains(const struct nhrp_prefix *p,
			  const struct nhrp_addr *a);

/**
 * nhrp_prefix_covers - whether a prefix holds all of another
 * @p: the outer prefix
 * @q: the inner prefix; equal prefixes cover each other
 */
bool nhrp_prefix_covers(const struct nhrp_prefix *p,
			const struct nhrp_prefix *q);

/**
 * nhrp_prefix_hash - keyed hash of a prefix, see nhrp_addr_hash()
 * @p: the prefix, masked
 * @key: 128 bit secret of the table
 */
u64 nhrp_prefix_hash(const struct nhrp_prefix *p, const u64 key[2]);

#endif
