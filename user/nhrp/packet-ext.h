/* SPDX-License-Identifier: GPL-2.0 */
/* Extensions of a message: authentication, and the one of dvpn */
#ifndef NHRP_PACKET_EXT_H
#define NHRP_PACKET_EXT_H

#include "nhrp/packet.h"

/*
 * Authentication extension
 */

/* SPI of clear text; 0 and 1 are never key ids. */
#define NHRP_AUTH_SPI_CISCO	1

/**
 * struct nhrp_auth - an authentication extension taken apart
 * @spi: 1 = Cisco clear text, 256 and more = a key id
 * @data: password or source address and HMAC, inside the message
 * @len: length of @data
 *
 * RFC 2332 5.3.4: reserved (16 bits, zero), SPI (16 bits), source address,
 * HMAC. Cisco: the same four octets as 00 00 00 01, then the password without
 * a NUL, no source address.
 */
struct nhrp_auth {
	u16 spi;
	const u8 *data;
	u16 len;
};

/**
 * nhrp_msg_get_auth - take the authentication extension apart
 * @msg: the message
 * @auth: filled in
 *
 * Return: 0; -ENOENT if there is none; -EBADMSG if its reserved field is not
 * zero.
 */
int nhrp_msg_get_auth(const struct nhrp_msg *msg, struct nhrp_auth *auth);

/**
 * nhrp_msg_add_auth_cisco - append Cisco's clear-text authentication
 * @msg: the message
 * @password: 1 to NHRP_AUTH_CISCO_MAX octets, NUL-terminated
 *
 * Return: 0; -EINVAL for a bad password; -EEXIST; -ENOSPC.
 */
int nhrp_msg_add_auth_cisco(struct nhrp_msg *msg, const char *password);

/**
 * nhrp_auth_cisco_ok - compare a clear-text password in constant time
 * @auth: from nhrp_msg_get_auth()
 * @password: the password required here, NUL-terminated
 */
bool nhrp_auth_cisco_ok(const struct nhrp_auth *auth, const char *password);

/* Lowest key id; below are the SPIs that are taken or may be. */
#define NHRP_KEY_ID_MIN		256
/* Octets of an HMAC-SHA-256. */
#define NHRP_HMAC_LEN		32

/**
 * nhrp_msg_add_auth_hmac - append an authentication extension to be signed
 * @msg: the message; nothing may be added to it after this
 * @key_id: key that it will be signed with, at least NHRP_KEY_ID_MIN
 * @hop: protocol address of the sending hop
 * @receiver: protocol address of the hop that is to take it, NULL: not known
 *
 * RFC 2332 5.3.4: the value is reserved (16 bits, zero), SPI (16 bits, the key id),
 * @hop, and as authentication data @receiver, zero if not known, and the HMAC, which
 * is zero until nhrp_pkt_sign(). It is the last extension.
 *
 * Return: 0; -EINVAL for a bad id, an address of another family or padding; -EEXIST;
 * -ENOSPC.
 */
int nhrp_msg_add_auth_hmac(struct nhrp_msg *msg, u16 key_id,
			   const struct nhrp_addr *hop,
			   const struct nhrp_addr *receiver);

/**
 * nhrp_msg_get_auth_hmac - who says to have signed a message, for whom, with which key
 * @msg: the message
 * @key_id: set to the id of the key
 * @hop: set to the protocol address of the sending hop
 * @receiver: set to that of the hop that is to take it, all zero: not known
 *
 * Return: 0, and nhrp_pkt_signed() may be asked; -ENOENT if it is not signed;
 * -EBADMSG if it is signed in another way or with the extension elsewhere than at
 * the end.
 */
int nhrp_msg_get_auth_hmac(const struct nhrp_msg *msg, u16 *key_id,
			   struct nhrp_addr *hop, struct nhrp_addr *receiver);

/**
 * nhrp_pkt_sign - write HMAC and checksum
 * @pkt: from nhrp_encode(), of a message with nhrp_msg_add_auth_hmac()
 * @len: what that returned
 * @secret: the key
 * @secret_len: its octets
 */
void nhrp_pkt_sign(u8 *pkt, size_t len, const u8 *secret, size_t secret_len);

/**
 * nhrp_pkt_signed - is the HMAC right?
 * @pkt: a packet that nhrp_decode() took and nhrp_msg_get_auth_hmac() found signed
 * @secret: the key
 * @secret_len: its octets
 *
 * Compares in constant time.
 */
bool nhrp_pkt_signed(const u8 *pkt, const u8 *secret, size_t secret_len);

/*
 * dvpn's vendor private extension
 *
 *   0      1      2      3        4      5      6      7
 *   0x02   'd'    'v'    version  'd'    'v'    'p'    'n'
 *   role   0      0      0        epoch (32 bits)
 *   counter (32 bits)             nonce (64 bits) ...
 *
 * The first three octets are the vendor id, with the bit of a locally
 * administered OUI: nobody assigned it, so the magic decides. Sent with the C
 * bit clear, so that others ignore it, and never more than once in a packet.
 */

#define NHRP_DVPN_VENDOR	0x026476
#define NHRP_DVPN_MAGIC		0x6476706e	/* "dvpn" */
#define NHRP_DVPN_VERSION	1
#define NHRP_DVPN_LEN		28

/**
 * enum nhrp_dvpn_role - who wrote dvpn's vendor extension
 * @NHRP_DVPN_REQUEST: the sender of a request; RFC 2332 5.3.5 makes any NHS
 *	copy it to the reply, so seeing it come back proves nothing
 * @NHRP_DVPN_REPLY: a dvpn station that answers
 */
enum nhrp_dvpn_role {
	NHRP_DVPN_REQUEST		= 1,
	NHRP_DVPN_REPLY			= 2,
};

/**
 * struct nhrp_dvpn - dvpn's vendor extension
 * @role: enum nhrp_dvpn_role. Only a reply block that quotes our nonce proves
 *	that the peer is dvpn
 * @epoch: changes whenever the writer lost its state. In a message with an HMAC that
 *	is the signer, and it grows
 * @counter: grows with every message of the writer (or signer) in @epoch
 * @nonce: in a request chosen by its sender; in a reply quoted from it
 */
struct nhrp_dvpn {
	enum nhrp_dvpn_role role;
	u32 epoch;
	u32 counter;
	u64 nonce;
};

/**
 * nhrp_msg_get_dvpn - find dvpn's vendor extension
 * @msg: the message; other vendors' extensions are passed over
 * @d: filled in
 *
 * Return: 0; -ENOENT if there is none; -EPROTONOSUPPORT for a version that we
 * do not know; -EBADMSG if it is malformed or there are two.
 */
int nhrp_msg_get_dvpn(const struct nhrp_msg *msg, struct nhrp_dvpn *d);

/**
 * nhrp_msg_set_dvpn - put dvpn's vendor extension in, in place of one
 * @msg: the message; a block of ours that is there (copied from the request)
 *	is replaced where it stands, other vendors' are left alone
 * @d: what to write
 *
 * Return: 0, or -ENOSPC if there is no room.
 */
int nhrp_msg_set_dvpn(struct nhrp_msg *msg, const struct nhrp_dvpn *d);

#endif /* NHRP_PACKET_EXT_H */
