/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What we let the kernel keep with a mapping or a peer, so that an agent that
 * was killed finds its state again in the dump
 *
 *   0      1      2      3      4      6      8            12
 *   version type  flags  plen   hold   0      request id   claimed NBMA (16)
 *   28: protocol address (16)   44: address asked for or told (16)   60
 *
 * Of a binding that belongs to an identity 44 is the hash of its name (8) and
 * the id of the key that it last signed with (2), 0 if it said a password, or if only IKE
 * has proved who it is.
 *
 * Numbers in network byte order. Bits 0..3 of the families octet at 6 say for
 * each address whether it is IPv4 or IPv6. Whoever may write the table may
 * write nonsense into a cookie: decoding checks everything.
 */
#ifndef NHRP_COOKIE_H
#define NHRP_COOKIE_H

#include "nhrp/addr.h"

#define NHRP_COOKIE_VERSION	1
#define NHRP_COOKIE_LEN		60

/**
 * enum nhrp_cookie_type - what the entry is to us
 * @NHRP_COOKIE_NHS: mapping of a hub of ours
 * @NHRP_COOKIE_BINDING: mapping of a spoke that is registered here
 * @NHRP_COOKIE_SHORTCUT: mapping that was resolved
 * @NHRP_COOKIE_STATIC: mapping from the configuration
 * @NHRP_COOKIE_NEGATIVE: nobody could tell
 * @NHRP_COOKIE_REMOTE: peer that we answered
 */
enum nhrp_cookie_type {
	NHRP_COOKIE_NHS		= 1,
	NHRP_COOKIE_BINDING	= 2,
	NHRP_COOKIE_SHORTCUT	= 3,
	NHRP_COOKIE_STATIC	= 4,
	NHRP_COOKIE_NEGATIVE	= 5,
	NHRP_COOKIE_REMOTE	= 6,
};

#define NHRP_COOKIE_F_ANSWERED	0x01	/* remote: it answered a probe once */
#define NHRP_COOKIE_F_LEARNED	0x02	/* NHS: protocol address was learned */
#define NHRP_COOKIE_F_UNIQUE	0x04	/* binding: it asked to be unique */
#define NHRP_COOKIE_F_RESTORED	0x08	/* binding: from a file, not confirmed */
#define NHRP_COOKIE_F_OWNED	0x10	/* binding: it is an identity's */
#define NHRP_COOKIE_F_IKE	0x20	/* binding: and IKE has proved that */
#define NHRP_COOKIE_F_BY_IKE	0x40	/* binding: an IKE identity's that no identity has */
#define NHRP_COOKIE_F_ALL	0x7f

/**
 * struct nhrp_cookie - a cookie taken apart
 * @type: enum nhrp_cookie_type
 * @flags: NHRP_COOKIE_F_*
 * @hold_s: granted holding time, seconds; 0 if there is none
 * @request_id: of the last registration
 * @claimed: NBMA address that the other end says it has, or none
 * @proto: its protocol address, or none
 * @target: address asked for (shortcut) or prefix told (remote), or none
 * @target_plen: prefix length of @target
 * @owner: hash of an identity's name, with NHRP_COOKIE_F_OWNED; of an IKE identity, with
 *	NHRP_COOKIE_F_BY_IKE
 * @key_id: of the key that it last signed with, 0: none
 */
struct nhrp_cookie {
	enum nhrp_cookie_type type;
	u8 flags;
	u16 hold_s;
	u32 request_id;
	struct nhrp_addr claimed;
	struct nhrp_addr proto;
	struct nhrp_addr target;
	u8 target_plen;
	u64 owner;
	u16 key_id;
};

/**
 * nhrp_cookie_encode - write a cookie
 * @c: what
 * @buf: NHRP_COOKIE_LEN bytes
 *
 * Return: bytes written.
 */
u8 nhrp_cookie_encode(const struct nhrp_cookie *c, u8 *buf);

/**
 * nhrp_cookie_decode - read a cookie
 * @c: filled in on success
 * @buf: bytes from the kernel, hostile
 * @len: their number
 *
 * Return: 0; -EPROTONOSUPPORT for another version; -EBADMSG for nonsense.
 */
int nhrp_cookie_decode(struct nhrp_cookie *c, const u8 *buf, size_t len);

struct nhrp_remote;
u8 nhrp_cookie_remote(u8 *buf, const struct nhrp_remote *r);

#endif
