/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The NHRP message: constants of the wire format, the parsed form, and the
 * codec's interface.
 *
 * RFC 2332 (NHRP), RFC 2735 (NHRP VPN support) for two error codes and the
 * Device Capabilities extension; message type 8 (Traffic Indication) and
 * extension 9 (NAT address) are Cisco's.
 *
 * Everything here is pure: no system call, no heap, no global state. All
 * integers in these structs are in host byte order, all addresses in network
 * byte order.
 */
#ifndef NHRP_PACKET_H
#define NHRP_PACKET_H

#include "nhrp/addr.h"

/* GRE protocol type of NHRP (IANA ethertype). */
#define NHRP_ETHERTYPE		0x2001
/* ar$op.version */
#define NHRP_VERSION		1

/*
 * Limits of this implementation. A packet that exceeds one is refused with
 * reason NHRP_BAD_LIMIT, never cut.
 */
#define NHRP_PKT_MAX		2048	/* octets in an NHRP packet */
#define NHRP_AUTH_CISCO_MAX	8	/* octets of a password, what Cisco and FRR take */
#define NHRP_CIE_MAX		16	/* entries in one CIE list */
#define NHRP_EXT_MAX		16	/* extensions, END not counted */

/* Octets of the fixed header plus the fixed rest of the mandatory part. */
#define NHRP_FIXED_LEN		20
#define NHRP_MIN_LEN		28
/* Octets of an extension's header (type and length). */
#define NHRP_EXT_HDR_LEN	4
/* Octets of a CIE without its addresses. */
#define NHRP_CIE_FIXED_LEN	12

/**
 * enum nhrp_type - ar$op.type, RFC 2332 5.2
 * @NHRP_RESOLUTION_REQUEST: who is the exit for a protocol address
 * @NHRP_RESOLUTION_REPLY: the answer, or a NAK in the CIE's code
 * @NHRP_REGISTRATION_REQUEST: a client tells its NHS its mapping
 * @NHRP_REGISTRATION_REPLY: the NHS's answer
 * @NHRP_PURGE_REQUEST: forget a mapping
 * @NHRP_PURGE_REPLY: forgotten
 * @NHRP_ERROR_INDICATION: a packet could not be processed; quotes it
 * @NHRP_TRAFFIC_INDICATION: Cisco's redirect: a better path exists for the
 *	quoted data packet; its destination protocol address is the data
 *	packet's source (what Cisco and FRR send; the draft's text says
 *	otherwise), so use only the quoted packet
 */
enum nhrp_type {
	NHRP_RESOLUTION_REQUEST		= 1,
	NHRP_RESOLUTION_REPLY		= 2,
	NHRP_REGISTRATION_REQUEST	= 3,
	NHRP_REGISTRATION_REPLY		= 4,
	NHRP_PURGE_REQUEST		= 5,
	NHRP_PURGE_REPLY		= 6,
	NHRP_ERROR_INDICATION		= 7,
	NHRP_TRAFFIC_INDICATION		= 8,
};

#define NHRP_TYPE_MAX		8

/* Flags of Resolution Requests and Replies, RFC 2332 5.2.1 and 5.2.2. */
#define NHRP_FLAG_RES_ROUTER		0x8000	/* Q: the source is a router */
#define NHRP_FLAG_RES_AUTHORITATIVE	0x4000	/* A: (only) authoritative */
#define NHRP_FLAG_RES_DST_STABLE	0x2000	/* D: in replies */
#define NHRP_FLAG_RES_UNIQUE		0x1000	/* U: only a unique binding */
#define NHRP_FLAG_RES_SRC_STABLE	0x0800	/* S: source may be cached */
/* Flags of Registration Requests and Replies, RFC 2332 5.2.3. */
#define NHRP_FLAG_REG_UNIQUE		0x8000	/* U */
/* Flags of Purge Requests and Replies, RFC 2332 5.2.5. */
#define NHRP_FLAG_PURGE_NO_REPLY	0x8000	/* N */
/* Cisco, every message: extension 9 (NAT address) is understood. */
#define NHRP_FLAG_NAT			0x0002

/**
 * enum nhrp_cie_code - CIE code of a reply, RFC 2332 5.2.0.1 and 5.2.4
 * @NHRP_CODE_OK: success; also the value in requests
 * @NHRP_CODE_ADMIN_PROHIBITED: refused by policy
 * @NHRP_CODE_NO_RESOURCES: the NHS has no room
 * @NHRP_CODE_NO_BINDING: no mapping for this address. FRR and OpenNHRP call
 *	11 this, which is an error code and no CIE code
 * @NHRP_CODE_NOT_UNIQUE: a binding exists but it is not unique
 * @NHRP_CODE_UNIQUE_EXISTS: another NBMA address has registered it as unique
 */
enum nhrp_cie_code {
	NHRP_CODE_OK			= 0,
	NHRP_CODE_ADMIN_PROHIBITED	= 4,
	NHRP_CODE_NO_RESOURCES		= 5,
	NHRP_CODE_NO_BINDING		= 12,
	NHRP_CODE_NOT_UNIQUE		= 13,
	NHRP_CODE_UNIQUE_EXISTS		= 14,
};

/**
 * enum nhrp_error - error code of an Error Indication, RFC 2332 5.2.7
 * @NHRP_ERR_NONE: not on the wire: no Error Indication must be sent
 * @NHRP_ERR_UNKNOWN_EXT: unrecognised extension with the C bit
 * @NHRP_ERR_LOOP: loop detected. FRR and OpenNHRP send 2 for it
 * @NHRP_ERR_UNREACHABLE: the protocol address is unreachable
 * @NHRP_ERR_PROTOCOL: anything malformed, or unknown version or type
 * @NHRP_ERR_SDU_SIZE: the packet is longer than the receiver takes
 * @NHRP_ERR_INVALID_EXT: an extension's value is malformed
 * @NHRP_ERR_INVALID_REPLY: a Resolution Reply to no request of ours
 * @NHRP_ERR_AUTH: authentication failed
 * @NHRP_ERR_HOP_COUNT: hop count exceeded
 * @NHRP_ERR_VPN_MISMATCH: RFC 2735
 * @NHRP_ERR_VPN_UNSUPPORTED: RFC 2735
 */
enum nhrp_error {
	NHRP_ERR_NONE			= 0,
	NHRP_ERR_UNKNOWN_EXT		= 1,
	NHRP_ERR_LOOP			= 3,
	NHRP_ERR_UNREACHABLE		= 6,
	NHRP_ERR_PROTOCOL		= 7,
	NHRP_ERR_SDU_SIZE		= 8,
	NHRP_ERR_INVALID_EXT		= 9,
	NHRP_ERR_INVALID_REPLY		= 10,
	NHRP_ERR_AUTH			= 11,
	NHRP_ERR_HOP_COUNT		= 15,
	NHRP_ERR_VPN_MISMATCH		= 16,
	NHRP_ERR_VPN_UNSUPPORTED	= 17,
};

/**
 * enum nhrp_ext_type - extension type, RFC 2332 5.3
 * @NHRP_EXT_END: closes the list; the codec writes and checks it, it is
 *	never in &nhrp_msg.ext
 * @NHRP_EXT_RESPONDER: Responder Address: empty in a request, one CIE in a
 *	reply
 * @NHRP_EXT_FORWARD_TRANSIT: a CIE per transit NHS of the request
 * @NHRP_EXT_REVERSE_TRANSIT: a CIE per transit NHS of the reply
 * @NHRP_EXT_AUTH: authentication, hop by hop
 * @NHRP_EXT_VENDOR: vendor private; the only one that may repeat
 * @NHRP_EXT_NAT: Cisco's NAT address, a list of CIEs. RFC 2735 gave the same
 *	number to Device Capabilities: a value of 8 octets is that (a CIE has
 *	at least 12) and is kept raw
 */
enum nhrp_ext_type {
	NHRP_EXT_END			= 0,
	NHRP_EXT_RESPONDER		= 3,
	NHRP_EXT_FORWARD_TRANSIT	= 4,
	NHRP_EXT_REVERSE_TRANSIT	= 5,
	NHRP_EXT_AUTH			= 7,
	NHRP_EXT_VENDOR			= 8,
	NHRP_EXT_NAT			= 9,
};

/* Bits of an extension's type field, RFC 2332 5.3. */
#define NHRP_EXT_F_COMPULSORY	0x8000	/* C: refuse the packet if unknown */
#define NHRP_EXT_F_RESERVED	0x4000	/* u: zero when sent, kept as received */
#define NHRP_EXT_TYPE_MASK	0x3fff

/* Type bit of a NBMA type/length octet: E.164. Without meaning for IP; kept. */
#define NHRP_TL_E164		0x40

/* Prefix length octet that means "host", as 0 does, RFC 2332 5.2.0.1. */
#define NHRP_PREFIX_HOST	0xff

/**
 * struct nhrp_cie - a Client Information Entry, RFC 2332 5.2.0.1
 * @code: enum nhrp_cie_code in replies, 0 in requests
 * @prefix_len: raw octet; read it through nhrp_cie_prefix(). In the mandatory
 *	part 0, 255 or at most the address length in bits; in an extension any
 *	value (it is unused there)
 * @unused: as received; send 0
 * @mtu: octets; 0 = unspecified. What peers put in varies (NBMA MTU, protocol
 *	MTU, Cisco 17912): treat values of 1500 and more as unspecified
 * @holding_time: seconds
 * @preference: higher is better, among several CIEs
 * @nbma_type: NHRP_TL_E164 or 0, as received; send 0
 * @nbma: NBMA address or none. In a Registration Request where both addresses
 *	are none, those of the common header hold
 * @proto: protocol address or none
 */
struct nhrp_cie {
	u8 code;
	u8 prefix_len;
	u16 unused;
	u16 mtu;
	u16 holding_time;
	u8 preference;
	u8 nbma_type;
	struct nhrp_addr nbma;
	struct nhrp_addr proto;
};

/**
 * struct nhrp_cie_list - a bounded list of CIEs
 * @n: entries in use
 * @cie: the entries in the order of the wire
 */
struct nhrp_cie_list {
	u8 n;
	struct nhrp_cie cie[NHRP_CIE_MAX];
};

/**
 * struct nhrp_ext - one extension, in the order of the wire
 * @type: 14 bit type, enum nhrp_ext_type or unknown
 * @flags: NHRP_EXT_F_COMPULSORY, NHRP_EXT_F_RESERVED
 * @cies: the value is a CIE list, found with nhrp_msg_ext_cies(); else it is
 *	raw octets, found with nhrp_msg_ext_data()
 * @off: where the raw value starts in &nhrp_msg.buf
 * @len: length of the raw value; 0 with @cies
 */
struct nhrp_ext {
	u16 type;
	u16 flags;
	bool cies;
	u16 off;
	u16 len;
};

/**
 * struct nhrp_msg - a parsed NHRP message
 * @type: enum nhrp_type
 * @hop_count: ar$hopcnt. Cisco sends 255 in requests and replies, and rejects
 *	0 in Registration Requests and Traffic Indications
 * @nbma_family: family of all NBMA addresses, from ar$afn: AF_INET, AF_INET6
 * @proto_family: family of all protocol addresses, from ar$pro.type
 * @snap: ar$pro.snap: ignored when received but kept; send 0
 * @src_nbma_type: NHRP_TL_E164 or 0, from ar$shtl; send 0
 * @flags: NHRP_FLAG_* by type; unknown bits are kept. Unused in an Error or
 *	Traffic Indication, but FRR puts the flags of the bad packet there
 * @request_id: types 1 to 6; 0 otherwise
 * @error_code: Error Indication: enum nhrp_error (any value is accepted)
 * @error_offset: Error Indication: octet in the quoted packet
 * @traffic_code: Traffic Indication: 0 = redirect
 * @traffic_unused: Traffic Indication: as received; send 0
 * @src_nbma: source NBMA address, or none: of the station that asks, also in
 *	the reply; of the station that detected it in types 7 and 8
 * @src_proto: source protocol address, or none
 * @dst_proto: destination protocol address, or none
 * @cies: CIEs of the mandatory part (types 1 to 6)
 * @data_off: start of the quoted packet in @buf (types 7 and 8)
 * @data_len: its length; read it with nhrp_msg_data()
 * @has_exts: the packet has an extensions part (ar$extoff is not 0), possibly
 *	one with nothing but END
 * @n_exts: extensions in @ext
 * @end_flags: flags of END; Cisco, FRR and we send NHRP_EXT_F_COMPULSORY
 * @pad_len: zero octets after END but inside ar$pktsz (OpenNHRP sends some);
 *	send 0
 * @ext: the extensions in the order of the wire, END left out
 * @responder: value of extension 3 if it is present; at most one CIE
 * @fwd_transit: value of extension 4 if it is present
 * @rev_transit: value of extension 5 if it is present
 * @nat: value of extension 9 if it is present. In a Registration Request CIE 1
 *	names the NHS (as dialled), in the reply CIE 2 the client's outside
 *	NBMA address
 * @unknown_compulsory: an extension of unknown type has the C bit: a
 *	responder answers NHRP_ERR_UNKNOWN_EXT, a transit NHS forwards the
 *	packet without adding itself (RFC 2332 5.3)
 * @receiver: protocol address of the next hop, if known from what is answered
 * @key_id: key that it is signed with, if known from that
 * @password: it goes with, in clear, if known from that, or empty; none is decoded
 * @buf_len: octets of @buf in use
 * @buf: storage of raw extension values and of the quoted packet
 *
 * Holds no pointers: it may be copied by assignment.
 */
struct nhrp_msg {
	u8 type;
	u8 hop_count;
	u8 nbma_family;
	u8 proto_family;
	u8 snap[5];
	u8 src_nbma_type;
	u16 flags;
	u32 request_id;
	u16 error_code;
	u16 error_offset;
	u16 traffic_code;
	u16 traffic_unused;
	struct nhrp_addr src_nbma;
	struct nhrp_addr src_proto;
	struct nhrp_addr dst_proto;
	struct nhrp_cie_list cies;
	u16 data_off;
	u16 data_len;

	bool has_exts;
	u8 n_exts;
	u16 end_flags;
	u16 pad_len;
	struct nhrp_ext ext[NHRP_EXT_MAX];
	struct nhrp_cie_list responder;
	struct nhrp_cie_list fwd_transit;
	struct nhrp_cie_list rev_transit;
	struct nhrp_cie_list nat;
	bool unknown_compulsory;
	struct nhrp_addr receiver;
	u16 key_id;
	char password[NHRP_AUTH_CISCO_MAX + 1];

	u16 buf_len;
	u8 buf[NHRP_PKT_MAX];
};

/**
 * enum nhrp_bad - why a packet was refused; the label of a counter
 * @NHRP_BAD_NONE: it was not
 * @NHRP_BAD_SHORT: fewer octets than ar$pktsz, or that less than the minimum
 * @NHRP_BAD_LIMIT: longer than NHRP_PKT_MAX, or too many CIEs or extensions
 * @NHRP_BAD_CHECKSUM: checksum over ar$pktsz octets is wrong
 * @NHRP_BAD_VERSION: ar$op.version is not 1
 * @NHRP_BAD_TYPE: ar$op.type is not 1 to 8
 * @NHRP_BAD_NBMA_FAMILY: ar$afn is neither IPv4 (1) nor IPv6 (2)
 * @NHRP_BAD_PROTO_FAMILY: ar$pro.type is neither 0x0800 nor 0x86dd
 * @NHRP_BAD_EXTOFF: ar$extoff points into the mandatory part or past the end
 * @NHRP_BAD_ADDR_LEN: an address length does not fit its family or the packet,
 *	a reserved bit is set in it, or there is a subaddress (IP has none)
 * @NHRP_BAD_PREFIX_LEN: prefix length beyond the address, and not 255
 * @NHRP_BAD_CIE: a CIE reaches past the end of its list
 * @NHRP_BAD_CIE_MISSING: Registration Request, Purge Request or Resolution
 *	Reply without a CIE
 * @NHRP_BAD_EXT: an extension reaches past the end of the packet
 * @NHRP_BAD_EXT_VALUE: an extension's value does not have its form
 * @NHRP_BAD_EXT_TWICE: an extension other than vendor private repeats
 * @NHRP_BAD_EXT_END: END is missing, not empty, or followed by anything but
 *	zero octets
 * @NHRP_BAD_MAX: number of reasons
 */
enum nhrp_bad {
	NHRP_BAD_NONE,
	NHRP_BAD_SHORT,
	NHRP_BAD_LIMIT,
	NHRP_BAD_CHECKSUM,
	NHRP_BAD_VERSION,
	NHRP_BAD_TYPE,
	NHRP_BAD_NBMA_FAMILY,
	NHRP_BAD_PROTO_FAMILY,
	NHRP_BAD_EXTOFF,
	NHRP_BAD_ADDR_LEN,
	NHRP_BAD_PREFIX_LEN,
	NHRP_BAD_CIE,
	NHRP_BAD_CIE_MISSING,
	NHRP_BAD_EXT,
	NHRP_BAD_EXT_VALUE,
	NHRP_BAD_EXT_TWICE,
	NHRP_BAD_EXT_END,
	NHRP_BAD_MAX,
};

/**
 * struct nhrp_decode_err - where and why a packet was refused
 * @reason: why
 * @offset: octet of the packet at which it was found
 * @error_code: what an Error Indication about it should say; NHRP_ERR_NONE if
 *	none must be sent: the header cannot be trusted (too short, bad
 *	checksum), or the packet is an Error Indication itself
 */
struct nhrp_decode_err {
	enum nhrp_bad reason;
	u16 offset;
	enum nhrp_error error_code;
};

/**
 * nhrp_decode - parse a packet
 * @pkt: the NHRP packet, from ar$afn on
 * @len: octets available; those past ar$pktsz are ignored (link padding)
 * @msg: filled in on success, undefined on failure
 * @err: filled in on failure, may be NULL
 *
 * Strict about structure (every length, the checksum, END), lenient about
 * values (flags, hop count, code, prefix length 0, 32 or 255 with U): those
 * are the protocol's to judge. Nothing is acted on: either the whole packet
 * is good or all of it is refused.
 *
 * For a packet that was accepted nhrp_encode() gives back exactly its
 * ar$pktsz octets. (But for a checksum written as 0xffff, which an incremental
 * update can leave in place of 0: it verifies, and 0 is given back.)
 *
 * Return: 0, or -EBADMSG with @err filled in.
 */
int nhrp_decode(const u8 *pkt, size_t len, struct nhrp_msg *msg,
		struct nhrp_decode_err *err);

/**
 * nhrp_decode_quote - parse the front of a packet quoted in an Error Indication
 * @pkt: quoted packet, see nhrp_msg_data()
 * @len: its length; the quote may be cut anywhere behind the addresses
 * @msg: header, request id and addresses filled in, all the rest empty
 *
 * Length and checksum are not checked: the quote is part of a packet, changed
 * on its way. Good only to find the request that an Error Indication is about,
 * or the sender of a packet that nhrp_decode() refused.
 *
 * Return: 0, or -EBADMSG.
 */
int nhrp_decode_quote(const u8 *pkt, size_t len, struct nhrp_msg *msg);

/**
 * nhrp_encode - write a message as a packet
 * @msg: the message; families must be set and every address must be none or
 *	of its family
 * @pkt: where to write
 * @size: room at @pkt
 *
 * Writes ar$pktsz, ar$extoff, END and the checksum. Extensions go out in the
 * order in which they were added.
 *
 * Return: octets written; -EINVAL if the message cannot be represented (wrong
 * family, unknown type); -EMSGSIZE if @size or NHRP_PKT_MAX is too small.
 */
int nhrp_encode(const struct nhrp_msg *msg, u8 *pkt, size_t size);

/**
 * nhrp_checksum - the Internet checksum as NHRP uses it
 * @pkt: the packet
 * @len: octets; an odd length counts as padded with a zero octet
 *
 * Return: the value to put in ar$chksum when that field is zero, and 0 for a
 * packet whose checksum is right.
 */
u16 nhrp_checksum(const u8 *pkt, size_t len);

/**
 * nhrp_bad_str - a reason in words, for logs
 * @reason: the reason
 */
const char *nhrp_bad_str(enum nhrp_bad reason);

/**
 * nhrp_bad_name - a reason as a short identifier, for counters
 * @reason: the reason
 */
const char *nhrp_bad_name(enum nhrp_bad reason);

/**
 * nhrp_type_str - the standard's name of a message type
 * @type: enum nhrp_type; other values give "unknown"
 */
const char *nhrp_type_str(u8 type);

/**
 * nhrp_code_str - a CIE code in words
 * @code: enum nhrp_cie_code; other values give "unknown code"
 */
const char *nhrp_code_str(u8 code);

/**
 * nhrp_error_str - an error code in words
 * @code: enum nhrp_error; other values give "unknown error"
 */
const char *nhrp_error_str(u16 code);

/*
 * Reading a message
 */

/**
 * nhrp_type_is_request - Resolution, Registration or Purge Request
 * @type: enum nhrp_type
 */
static inline bool nhrp_type_is_request(u8 type)
{
	return type >= NHRP_RESOLUTION_REQUEST && type <= NHRP_PURGE_REPLY &&
	       (type & 1);
}

/**
 * nhrp_type_is_reply - Resolution, Registration or Purge Reply
 * @type: enum nhrp_type
 */
static inline bool nhrp_type_is_reply(u8 type)
{
	return type >= NHRP_RESOLUTION_REQUEST && type <= NHRP_PURGE_REPLY &&
	       !(type & 1);
}

/**
 * nhrp_cie_prefix - the protocol prefix that a CIE speaks about
 * @cie: the entry
 * @fallback: protocol address to use if the CIE has none, or NULL
 * @p: filled in, masked: 0, 255 and the address length mean the host
 *
 * Return: 0, or -ENOENT if there is no address, or -ERANGE for a prefix
 * length that the address cannot have (possible only in an extension's CIE).
 */
int nhrp_cie_prefix(const struct nhrp_cie *cie,
		    const struct nhrp_addr *fallback, struct nhrp_prefix *p);

/**
 * nhrp_msg_ext - find an extension
 * @msg: the message
 * @type: enum nhrp_ext_type; of several vendor extensions the first
 *
 * Return: the extension or NULL.
 */
const struct nhrp_ext *nhrp_msg_ext(const struct nhrp_msg *msg, u16 type);

/**
 * nhrp_msg_ext_data - raw value of an extension
 * @msg: the message
 * @ext: one of its extensions with &nhrp_ext.cies false
 *
 * Return: &nhrp_ext.len octets inside @msg.
 */
static inline const u8 *nhrp_msg_ext_data(const struct nhrp_msg *msg,
					  const struct nhrp_ext *ext)
{
	return msg->buf + ext->off;
}

/**
 * nhrp_msg_ext_cies - the CIE list that is the value of an extension
 * @msg: the message
 * @type: 3, 4, 5 or 9
 *
 * Return: the list, empty if the extension is absent; NULL for another type.
 */
const struct nhrp_cie_list *nhrp_msg_ext_cies(const struct nhrp_msg *msg,
					      u16 type);

/**
 * nhrp_msg_data - the packet quoted in an Error or Traffic Indication
 * @msg: the message
 * @len: set to its length
 *
 * Return: the octets inside @msg.
 */
static inline const u8 *nhrp_msg_data(const struct nhrp_msg *msg, size_t *len)
{
	*len = msg->data_len;
	return msg->buf + msg->data_off;
}

/*
 * Building a message
 */

/**
 * nhrp_msg_init - start an empty message
 * @msg: filled in: no addresses, no CIE, no extensions; hop count 1 for a
 *	Registration Request and a Traffic Indication, 64 otherwise
 * @type: enum nhrp_type
 * @nbma_family: AF_INET or AF_INET6
 * @proto_family: AF_INET or AF_INET6
 */
void nhrp_msg_init(struct nhrp_msg *msg, enum nhrp_type type, u8 nbma_family,
		   u8 proto_family);

/**
 * nhrp_cie_list_add - append an empty CIE
 * @list: the list, e.g. &nhrp_msg.cies
 *
 * Return: the new entry, all zero, to be filled in; NULL if the list is full.
 */
struct nhrp_cie *nhrp_cie_list_add(struct nhrp_cie_list *list);

/**
 * nhrp_msg_add_ext - append an extension with a raw value
 * @msg: the message
 * @type: 14 bit type, not one of the CIE lists 3, 4 and 5. 9 is taken as
 *	Device Capabilities and must have 8 octets
 * @flags: NHRP_EXT_F_COMPULSORY or 0
 * @value: the value, copied; may be NULL if @len is 0
 * @len: its length
 *
 * Return: 0; -EINVAL for a type that cannot be raw; -EEXIST if the type is
 * there and may not repeat; -ENOSPC if there is no room.
 */
int nhrp_msg_add_ext(struct nhrp_msg *msg, u16 type, u16 flags,
		     const void *value, size_t len);

/**
 * nhrp_msg_add_ext_cies - append an extension whose value is a CIE list
 * @msg: the message
 * @type: 3, 4, 5 (sent with C set) or 9 (sent with C clear)
 *
 * Return: its list, empty, to be filled with nhrp_cie_list_add(); the list
 * that is there already if the extension is present; NULL for another type or
 * without room.
 */
struct nhrp_cie_list *nhrp_msg_add_ext_cies(struct nhrp_msg *msg, u16 type);

/**
 * nhrp_msg_del_ext - remove every extension of a type
 * @msg: the message
 * @type: e.g. NHRP_EXT_AUTH, which is hop by hop and never copied
 *
 * The extensions part stays, if only with END.
 */
void nhrp_msg_del_ext(struct nhrp_msg *msg, u16 type);

/**
 * nhrp_msg_set_data - set the quoted packet of an Error or Traffic Indication
 * @msg: the message, without a quoted packet so far
 * @data: the packet, copied
 * @len: how much of it to quote
 *
 * Return: 0, or -ENOSPC if there is no room.
 */
int nhrp_msg_set_data(struct nhrp_msg *msg, const void *data, size_t len);

#endif
