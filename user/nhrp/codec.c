// SPDX-License-Identifier: GPL-2.0
/*
 * The codec: fixed header and mandatory part of the NHRP message, RFC 2332
 * 5.1 and 5.2. The layout of each message type is a row of a table.
 */
#include <errno.h>
#include <string.h>

#include "nhrp/codec.h"

/*
 * What a message type has between its flags and its addresses (four octets),
 * and behind the addresses.
 */
struct layout {
	enum { ID_REQUEST, ID_ERROR, ID_TRAFFIC } id;
	enum { BODY_CIES, BODY_QUOTE } body;
	u8 min_cies;
};

static const struct layout layouts[NHRP_TYPE_MAX + 1] = {
	[NHRP_RESOLUTION_REQUEST]	= { ID_REQUEST, BODY_CIES, 0 },
	[NHRP_RESOLUTION_REPLY]		= { ID_REQUEST, BODY_CIES, 1 },
	[NHRP_REGISTRATION_REQUEST]	= { ID_REQUEST, BODY_CIES, 1 },
	[NHRP_REGISTRATION_REPLY]	= { ID_REQUEST, BODY_CIES, 0 },
	[NHRP_PURGE_REQUEST]		= { ID_REQUEST, BODY_CIES, 1 },
	[NHRP_PURGE_REPLY]		= { ID_REQUEST, BODY_CIES, 0 },
	[NHRP_ERROR_INDICATION]		= { ID_ERROR, BODY_QUOTE, 0 },
	[NHRP_TRAFFIC_INDICATION]	= { ID_TRAFFIC, BODY_QUOTE, 0 },
};

/* Address family numbers (IANA) and ethertypes, in this order. */
static const struct {
	u8 family;
	u16 afn;
	u16 ethertype;
} families[] = {
	{ AF_INET, 1, 0x0800 },
	{ AF_INET6, 2, 0x86dd },
};

static u8 family_of_afn(u16 afn)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(families); i++)
		if (families[i].afn == afn)
			return families[i].family;
	return 0;
}

static u8 family_of_ethertype(u16 ethertype)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(families); i++)
		if (families[i].ethertype == ethertype)
			return families[i].family;
	return 0;
}

u16 nhrp_checksum(const u8 *pkt, size_t len)
{
	u64 sum = 0;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += get16(pkt + i);
	if (len % 2)
		sum += (u16)(pkt[len - 1] << 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

int nhrp_reader_fail(struct nhrp_reader *r, enum nhrp_bad reason, size_t off)
{
	if (r->err.reason == NHRP_BAD_NONE) {
		r->err.reason = reason;
		r->err.offset = off;
	}
	return -EBADMSG;
}

const u8 *nhrp_reader_take(struct nhrp_reader *r, size_t len)
{
	const u8 *p = r->pkt + r->off;

	if (len > r->end - r->off) {
		nhrp_reader_fail(r, r->cut, r->off);
		return NULL;
	}
	r->off += len;
	return p;
}

int nhrp_reader_addr(struct nhrp_reader *r, struct nhrp_addr *a, u8 family,
		     u8 len, size_t len_off)
{
	const u8 *p;

	if (len && len != nhrp_family_len(family))
		return nhrp_reader_fail(r, NHRP_BAD_ADDR_LEN, len_off);
	p = nhrp_reader_take(r, len);
	if (!p)
		return -EBADMSG;
	nhrp_addr_set(a, len ? family : 0, p);
	return 0;
}

/* Size and checksum: after this the octets are what the sender wrote. */
static int read_envelope(struct nhrp_reader *r, size_t len)
{
	u16 pktsz;

	if (len < NHRP_MIN_LEN)
		return nhrp_reader_fail(r, NHRP_BAD_SHORT, len);
	pktsz = get16(r->pkt + OFF_PKTSZ);
	if (pktsz > len || pktsz < NHRP_MIN_LEN)
		return nhrp_reader_fail(r, NHRP_BAD_SHORT, OFF_PKTSZ);
	if (pktsz > NHRP_PKT_MAX)
		return nhrp_reader_fail(r, NHRP_BAD_LIMIT, OFF_PKTSZ);
	if (nhrp_checksum(r->pkt, pktsz))
		return nhrp_reader_fail(r, NHRP_BAD_CHECKSUM, OFF_CHKSUM);
	r->end = pktsz;
	return 0;
}

static int read_header(struct nhrp_reader *r, struct nhrp_msg *msg)
{
	const u8 *h = nhrp_reader_take(r, NHRP_MIN_LEN);

	if (!h)
		return -EBADMSG;
	if (h[OFF_VERSION] != NHRP_VERSION)
		return nhrp_reader_fail(r, NHRP_BAD_VERSION, OFF_VERSION);
	if (!h[OFF_TYPE] || h[OFF_TYPE] > NHRP_TYPE_MAX)
		return nhrp_reader_fail(r, NHRP_BAD_TYPE, OFF_TYPE);
	msg->type = h[OFF_TYPE];
	msg->nbma_family = family_of_afn(get16(h + OFF_AFN));
	if (!msg->nbma_family)
		return nhrp_reader_fail(r, NHRP_BAD_NBMA_FAMILY, OFF_AFN);
	msg->proto_family = family_of_ethertype(get16(h + OFF_PRO_TYPE));
	if (!msg->proto_family)
		return nhrp_reader_fail(r, NHRP_BAD_PROTO_FAMILY, OFF_PRO_TYPE);
	memcpy(msg->snap, h + OFF_SNAP, sizeof(msg->snap));
	msg->hop_count = h[OFF_HOP_COUNT];
	msg->flags = get16(h + OFF_FLAGS);
	switch (layouts[msg->type].id) {
	case ID_REQUEST:
		msg->request_id = get32(h + OFF_ID);
		break;
	case ID_ERROR:
		msg->error_code = get16(h + OFF_ID);
		msg->error_offset = get16(h + OFF_ID + 2);
		break;
	case ID_TRAFFIC:
		msg->traffic_code = get16(h + OFF_ID);
		msg->traffic_unused = get16(h + OFF_ID + 2);
		break;
	}
	return 0;
}

static int read_addresses(struct nhrp_reader *r, struct nhrp_msg *msg)
{
	const u8 *h = r->pkt;
	u8 nbma_len = h[OFF_SHTL] & ~NHRP_TL_E164;

	/* "If an NBMA technology has no concept of a subaddress [...] 0" */
	if (h[OFF_SSTL])
		return nhrp_reader_fail(r, NHRP_BAD_ADDR_LEN, OFF_SSTL);
	msg->src_nbma_type = h[OFF_SHTL] & NHRP_TL_E164;
	r->cut = NHRP_BAD_ADDR_LEN;
	if (nhrp_reader_addr(r, &msg->src_nbma, msg->nbma_family, nbma_len,
			     OFF_SHTL) ||
	    nhrp_reader_addr(r, &msg->src_proto, msg->proto_family,
			     h[OFF_SRC_LEN], OFF_SRC_LEN) ||
	    nhrp_reader_addr(r, &msg->dst_proto, msg->proto_family,
			     h[OFF_DST_LEN], OFF_DST_LEN))
		return -EBADMSG;
	return 0;
}

/* CIEs or the quoted packet, up to the extensions or the end. */
static int read_body(struct nhrp_reader *r, struct nhrp_msg *msg)
{
	const struct layout *layout = &layouts[msg->type];

	if (layout->body == BODY_QUOTE) {
		msg->data_len = r->end - r->off;
		memcpy(msg->buf, nhrp_reader_take(r, msg->data_len),
		       msg->data_len);
		msg->buf_len = msg->data_len;
		return 0;
	}
	r->cut = NHRP_BAD_CIE;
	if (nhrp_read_cies(r, msg, &msg->cies, true))
		return -EBADMSG;
	if (msg->cies.n < layout->min_cies)
		return nhrp_reader_fail(r, NHRP_BAD_CIE_MISSING, r->off);
	return 0;
}

static int read_msg(struct nhrp_reader *r, struct nhrp_msg *msg)
{
	size_t pktsz = r->end;
	u16 extoff = get16(r->pkt + OFF_EXTOFF);

	if (read_header(r, msg) || read_addresses(r, msg))
		return -EBADMSG;
	if (!extoff)
		return read_body(r, msg);
	if (extoff < r->off || extoff > pktsz - NHRP_EXT_HDR_LEN)
		return nhrp_reader_fail(r, NHRP_BAD_EXTOFF, OFF_EXTOFF);
	r->end = extoff;
	if (read_body(r, msg))
		return -EBADMSG;
	r->end = pktsz;
	return nhrp_read_exts(r, msg);
}

/* Everything but the buffer, which is only read where it was written. */
static void msg_clear(struct nhrp_msg *msg)
{
	memset(msg, 0, offsetof(struct nhrp_msg, buf));
}

/* What to tell the sender about a fault, RFC 2332 5.2.7. */
static enum nhrp_error error_code_of(enum nhrp_bad reason)
{
	switch (reason) {
	case NHRP_BAD_NONE:
	case NHRP_BAD_MAX:
	case NHRP_BAD_SHORT:
	case NHRP_BAD_CHECKSUM:
	case NHRP_BAD_VERSION:
		return NHRP_ERR_NONE;
	case NHRP_BAD_LIMIT:
		return NHRP_ERR_SDU_SIZE;
	case NHRP_BAD_TYPE:
	case NHRP_BAD_NBMA_FAMILY:
	case NHRP_BAD_PROTO_FAMILY:
	case NHRP_BAD_EXTOFF:
	case NHRP_BAD_ADDR_LEN:
	case NHRP_BAD_PREFIX_LEN:
	case NHRP_BAD_CIE:
	case NHRP_BAD_CIE_MISSING:
		return NHRP_ERR_PROTOCOL;
	case NHRP_BAD_EXT:
	case NHRP_BAD_EXT_VALUE:
	case NHRP_BAD_EXT_TWICE:
	case NHRP_BAD_EXT_END:
		return NHRP_ERR_INVALID_EXT;
	}
	return NHRP_ERR_NONE;
}

int nhrp_decode(const u8 *pkt, size_t len, struct nhrp_msg *msg,
		struct nhrp_decode_err *err)
{
	struct nhrp_reader r = { .pkt = pkt, .cut = NHRP_BAD_SHORT };

	msg_clear(msg);
	if (!read_envelope(&r, len) && !read_msg(&r, msg))
		return 0;
	if (err) {
		*err = r.err;
		/* never an error about an error */
		err->error_code = msg->type == NHRP_ERROR_INDICATION ?
				  NHRP_ERR_NONE : error_code_of(r.err.reason);
	}
	return -EBADMSG;
}

int nhrp_decode_quote(const u8 *pkt, size_t len, struct nhrp_msg *msg)
{
	struct nhrp_reader r = {
		.pkt = pkt, .end = len, .cut = NHRP_BAD_SHORT
	};

	msg_clear(msg);
	if (read_header(&r, msg) || read_addresses(&r, msg))
		return -EBADMSG;
	return 0;
}

void nhrp_put(struct nhrp_writer *w, const void *data, size_t len)
{
	if (w->off <= w->size && len <= w->size - w->off)
		memcpy(w->pkt + w->off, data, len);
	w->off += len;
}

static bool family_fits(const struct nhrp_addr *a, u8 family)
{
	return !a->len || (a->family == family &&
			   a->len == nhrp_family_len(family));
}

/* Whether the message can be written so that nhrp_decode() takes it. */
static bool msg_valid(const struct nhrp_msg *msg)
{
	const struct layout *layout;

	if (!msg->type || msg->type > NHRP_TYPE_MAX ||
	    !nhrp_family_len(msg->nbma_family) ||
	    !nhrp_family_len(msg->proto_family) ||
	    !family_fits(&msg->src_nbma, msg->nbma_family) ||
	    !family_fits(&msg->src_proto, msg->proto_family) ||
	    !family_fits(&msg->dst_proto, msg->proto_family))
		return false;
	layout = &layouts[msg->type];
	if (layout->body == BODY_QUOTE)
		return !msg->cies.n;
	return !msg->data_len && msg->cies.n >= layout->min_cies;
}

static void write_header(struct nhrp_writer *w, const struct nhrp_msg *msg)
{
	size_t i = msg->nbma_family == families[0].family ? 0 : 1;
	size_t j = msg->proto_family == families[0].family ? 0 : 1;

	put16(w, families[i].afn);
	put16(w, families[j].ethertype);
	nhrp_put(w, msg->snap, sizeof(msg->snap));
	put8(w, msg->hop_count);
	put16(w, 0);		/* ar$pktsz, ar$chksum and ar$extoff: at the end */
	put16(w, 0);
	put16(w, 0);
	put8(w, NHRP_VERSION);
	put8(w, msg->type);
	put8(w, msg->src_nbma.len | (msg->src_nbma_type & NHRP_TL_E164));
	put8(w, 0);
	put8(w, msg->src_proto.len);
	put8(w, msg->dst_proto.len);
	put16(w, msg->flags);
	switch (layouts[msg->type].id) {
	case ID_REQUEST:
		put32(w, msg->request_id);
		break;
	case ID_ERROR:
		put16(w, msg->error_code);
		put16(w, msg->error_offset);
		break;
	case ID_TRAFFIC:
		put16(w, msg->traffic_code);
		put16(w, msg->traffic_unused);
		break;
	}
	put_addr(w, &msg->src_nbma);
	put_addr(w, &msg->src_proto);
	put_addr(w, &msg->dst_proto);
}

int nhrp_encode(const struct nhrp_msg *msg, u8 *pkt, size_t size)
{
	struct nhrp_writer w = {
		.pkt = pkt, .size = size < NHRP_PKT_MAX ? size : NHRP_PKT_MAX
	};
	size_t extoff = 0;

	if (!msg_valid(msg))
		return -EINVAL;
	write_header(&w, msg);
	if (layouts[msg->type].body == BODY_QUOTE)
		nhrp_put(&w, msg->buf + msg->data_off, msg->data_len);
	else if (nhrp_write_cies(&w, msg, &msg->cies, true))
		return -EINVAL;
	if (msg->has_exts) {
		extoff = w.off;
		if (nhrp_write_exts(&w, msg))
			return -EINVAL;
	}
	if (w.off > w.size)
		return -EMSGSIZE;
	set16(pkt + OFF_PKTSZ, w.off);
	set16(pkt + OFF_EXTOFF, extoff);
	set16(pkt + OFF_CHKSUM, nhrp_checksum(pkt, w.off));
	return w.off;
}

void nhrp_msg_init(struct nhrp_msg *msg, enum nhrp_type type, u8 nbma_family,
		   u8 proto_family)
{
	msg_clear(msg);
	msg->type = type;
	msg->nbma_family = nbma_family;
	msg->proto_family = proto_family;
	/*
	 * These two end at the neighbour; Cisco rejects them with 0, which
	 * would say so.
	 */
	msg->hop_count = type == NHRP_REGISTRATION_REQUEST ||
			 type == NHRP_TRAFFIC_INDICATION ? 1 : 64;
}

int nhrp_msg_set_data(struct nhrp_msg *msg, const void *data, size_t len)
{
	if (len > sizeof(msg->buf) - msg->buf_len)
		return -ENOSPC;
	msg->data_off = msg->buf_len;
	msg->data_len = len;
	if (len)
		memcpy(msg->buf + msg->buf_len, data, len);
	msg->buf_len += len;
	return 0;
}
