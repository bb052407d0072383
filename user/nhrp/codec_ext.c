// SPDX-License-Identifier: GPL-2.0
/* The codec: extensions, RFC 2332 5.3. Each known type is a row of a table. */
#include <errno.h>
#include <string.h>

#include "nhrp/codec.h"

/* Octets of RFC 2735's Device Capabilities, which share a type with NAT. */
#define DEVICE_CAPS_LEN	8

/**
 * struct ext_rule - what is known about an extension type
 * @type: the type
 * @flags: flags to send it with
 * @min_len: a raw value has at least this many octets
 * @raw_len: of a CIE list: a value of this length is not a list but raw
 * @max_cies: the value is a CIE list of at most that many; 0 = raw
 * @list: offset of the list in struct nhrp_msg
 * @repeats: may appear more than once
 */
struct ext_rule {
	u16 type;
	u16 flags;
	u8 min_len;
	u8 raw_len;
	u8 max_cies;
	bool repeats;
	size_t list;
};

static const struct ext_rule rules[] = {
	{
		.type		= NHRP_EXT_RESPONDER,
		.flags		= NHRP_EXT_F_COMPULSORY,
		.max_cies	= 1,
		.list		= offsetof(struct nhrp_msg, responder),
	}, {
		.type		= NHRP_EXT_FORWARD_TRANSIT,
		.flags		= NHRP_EXT_F_COMPULSORY,
		.max_cies	= NHRP_CIE_MAX,
		.list		= offsetof(struct nhrp_msg, fwd_transit),
	}, {
		.type		= NHRP_EXT_REVERSE_TRANSIT,
		.flags		= NHRP_EXT_F_COMPULSORY,
		.max_cies	= NHRP_CIE_MAX,
		.list		= offsetof(struct nhrp_msg, rev_transit),
	}, {
		.type		= NHRP_EXT_AUTH,
		.flags		= NHRP_EXT_F_COMPULSORY,
		.min_len	= 4,	/* reserved and SPI */
	}, {
		.type		= NHRP_EXT_VENDOR,
		.min_len	= 3,	/* vendor id */
		.repeats	= true,
	}, {
		.type		= NHRP_EXT_NAT,
		.raw_len	= DEVICE_CAPS_LEN,
		.max_cies	= NHRP_CIE_MAX,
		.list		= offsetof(struct nhrp_msg, nat),
	},
};

static const struct ext_rule *rule_of(u16 type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].type == type)
			return &rules[i];
	return NULL;
}

static struct nhrp_cie_list *list_of(const struct ext_rule *rule,
				     struct nhrp_msg *msg)
{
	return (struct nhrp_cie_list *)((u8 *)msg + rule->list);
}

static const struct nhrp_cie_list *list_of_const(const struct ext_rule *rule,
						 const struct nhrp_msg *msg)
{
	return (const struct nhrp_cie_list *)((const u8 *)msg + rule->list);
}

/* A free slot, or NULL without room. */
static struct nhrp_ext *ext_add(struct nhrp_msg *msg, u16 type, u16 flags)
{
	struct nhrp_ext *ext;

	if (msg->n_exts >= NHRP_EXT_MAX)
		return NULL;
	ext = &msg->ext[msg->n_exts++];
	memset(ext, 0, sizeof(*ext));
	ext->type = type;
	ext->flags = flags;
	return ext;
}

static void ext_store(struct nhrp_msg *msg, struct nhrp_ext *ext,
		      const void *value, size_t len)
{
	ext->off = msg->buf_len;
	ext->len = len;
	if (len)
		memcpy(msg->buf + msg->buf_len, value, len);
	msg->buf_len += len;
}

/* Reads the value of one extension, which is all of r. */
static int read_value(struct nhrp_reader *r, struct nhrp_msg *msg,
		      struct nhrp_ext *ext)
{
	const struct ext_rule *rule = rule_of(ext->type);
	size_t start = r->off, len = r->end - r->off;
	struct nhrp_cie_list *list;

	if (!rule && ext->flags & NHRP_EXT_F_COMPULSORY)
		msg->unknown_compulsory = true;
	if (!rule || !rule->max_cies || (len && len == rule->raw_len)) {
		if (rule && len < rule->min_len)
			return nhrp_reader_fail(r, NHRP_BAD_EXT_VALUE, start);
		ext_store(msg, ext, nhrp_reader_take(r, len), len);
		return 0;
	}
	ext->cies = true;
	list = list_of(rule, msg);
	if (nhrp_read_cies(r, msg, list, false))
		return -EBADMSG;
	if (list->n > rule->max_cies)
		return nhrp_reader_fail(r, NHRP_BAD_EXT_VALUE, start);
	return 0;
}

static int read_ext(struct nhrp_reader *r, struct nhrp_msg *msg, u16 type,
		    u16 flags, u16 len)
{
	size_t start = r->off - NHRP_EXT_HDR_LEN;
	const struct ext_rule *rule = rule_of(type);
	struct nhrp_reader value = *r;
	struct nhrp_ext *ext;

	if (!nhrp_reader_take(r, len))
		return -EBADMSG;
	if (nhrp_msg_ext(msg, type) && !(rule && rule->repeats))
		return nhrp_reader_fail(r, NHRP_BAD_EXT_TWICE, start);
	ext = ext_add(msg, type, flags);
	if (!ext)
		return nhrp_reader_fail(r, NHRP_BAD_LIMIT, start);
	value.end = r->off;
	value.cut = NHRP_BAD_EXT_VALUE;
	if (read_value(&value, msg, ext)) {
		r->err = value.err;
		return -EBADMSG;
	}
	return 0;
}

/* END has been read: only zero padding may follow. */
static int read_padding(struct nhrp_reader *r, struct nhrp_msg *msg)
{
	size_t i;

	for (i = r->off; i < r->end; i++)
		if (r->pkt[i])
			return nhrp_reader_fail(r, NHRP_BAD_EXT_END, i);
	msg->pad_len = r->end - r->off;
	return 0;
}

int nhrp_read_exts(struct nhrp_reader *r, struct nhrp_msg *msg)
{
	u16 type, flags, len;
	const u8 *p;

	msg->has_exts = true;
	r->cut = NHRP_BAD_EXT;
	while (r->off < r->end) {
		p = nhrp_reader_take(r, NHRP_EXT_HDR_LEN);
		if (!p)
			return -EBADMSG;
		type = get16(p) & NHRP_EXT_TYPE_MASK;
		flags = get16(p) & ~NHRP_EXT_TYPE_MASK;
		len = get16(p + 2);
		if (type == NHRP_EXT_END) {
			if (len)
				return nhrp_reader_fail(r, NHRP_BAD_EXT_END,
							r->off - 2);
			msg->end_flags = flags;
			return read_padding(r, msg);
		}
		if (read_ext(r, msg, type, flags, len))
			return -EBADMSG;
	}
	return nhrp_reader_fail(r, NHRP_BAD_EXT_END, r->off);
}

static int write_ext(struct nhrp_writer *w, const struct nhrp_msg *msg,
		     const struct nhrp_ext *ext)
{
	const struct ext_rule *rule = rule_of(ext->type);
	size_t start = w->off;

	put16(w, ext->type | ext->flags);
	put16(w, ext->len);
	if (!ext->cies) {
		nhrp_put(w, msg->buf + ext->off, ext->len);
		return 0;
	}
	if (!rule || list_of_const(rule, msg)->n > rule->max_cies ||
	    nhrp_write_cies(w, msg, list_of_const(rule, msg), false))
		return -EINVAL;
	if (start + NHRP_EXT_HDR_LEN <= w->size)
		set16(w->pkt + start + 2, w->off - start - NHRP_EXT_HDR_LEN);
	return 0;
}

int nhrp_write_exts(struct nhrp_writer *w, const struct nhrp_msg *msg)
{
	u16 i;

	for (i = 0; i < msg->n_exts; i++)
		if (write_ext(w, msg, &msg->ext[i]))
			return -EINVAL;
	put16(w, NHRP_EXT_END | msg->end_flags);
	put16(w, 0);
	for (i = 0; i < msg->pad_len; i++)
		put8(w, 0);
	return 0;
}

const struct nhrp_ext *nhrp_msg_ext(const struct nhrp_msg *msg, u16 type)
{
	u8 i;

	for (i = 0; i < msg->n_exts; i++)
		if (msg->ext[i].type == type)
			return &msg->ext[i];
	return NULL;
}

const struct nhrp_cie_list *nhrp_msg_ext_cies(const struct nhrp_msg *msg,
					      u16 type)
{
	const struct ext_rule *rule = rule_of(type);

	return rule && rule->max_cies ? list_of_const(rule, msg) : NULL;
}

static void exts_begin(struct nhrp_msg *msg)
{
	if (msg->has_exts)
		return;
	msg->has_exts = true;
	msg->end_flags = NHRP_EXT_F_COMPULSORY;
}

int nhrp_msg_add_ext(struct nhrp_msg *msg, u16 type, u16 flags,
		     const void *value, size_t len)
{
	const struct ext_rule *rule = rule_of(type);
	struct nhrp_ext *ext;

	if (type == NHRP_EXT_END || type & ~NHRP_EXT_TYPE_MASK ||
	    flags & NHRP_EXT_TYPE_MASK || (rule && len < rule->min_len) ||
	    (rule && rule->max_cies && (!len || len != rule->raw_len)))
		return -EINVAL;
	if (nhrp_msg_ext(msg, type) && !(rule && rule->repeats))
		return -EEXIST;
	if (len > sizeof(msg->buf) - msg->buf_len)
		return -ENOSPC;
	ext = ext_add(msg, type, flags);
	if (!ext)
		return -ENOSPC;
	exts_begin(msg);
	ext_store(msg, ext, value, len);
	return 0;
}

struct nhrp_cie_list *nhrp_msg_add_ext_cies(struct nhrp_msg *msg, u16 type)
{
	const struct nhrp_ext *old = nhrp_msg_ext(msg, type);
	const struct ext_rule *rule = rule_of(type);
	struct nhrp_ext *ext;

	if (!rule || !rule->max_cies || (old && !old->cies))
		return NULL;
	if (old)
		return list_of(rule, msg);
	ext = ext_add(msg, type, rule->flags);
	if (!ext)
		return NULL;
	ext->cies = true;
	exts_begin(msg);
	list_of(rule, msg)->n = 0;
	return list_of(rule, msg);
}

/* Takes octets out of the buffer and moves what lies behind them. */
static void buf_cut(struct nhrp_msg *msg, u16 off, u16 len)
{
	u8 i;

	memmove(msg->buf + off, msg->buf + off + len, msg->buf_len - off - len);
	msg->buf_len -= len;
	if (msg->data_off > off)
		msg->data_off -= len;
	for (i = 0; i < msg->n_exts; i++)
		if (msg->ext[i].off > off)
			msg->ext[i].off -= len;
}

void nhrp_msg_del_ext_at(struct nhrp_msg *msg, u8 i)
{
	struct nhrp_ext ext = msg->ext[i];

	msg->n_exts--;
	memmove(&msg->ext[i], &msg->ext[i + 1],
		(msg->n_exts - i) * sizeof(msg->ext[0]));
	if (ext.cies)
		list_of(rule_of(ext.type), msg)->n = 0;
	else
		buf_cut(msg, ext.off, ext.len);
}

void nhrp_msg_del_ext(struct nhrp_msg *msg, u16 type)
{
	u8 i = 0;

	while (i < msg->n_exts) {
		if (msg->ext[i].type == type)
			nhrp_msg_del_ext_at(msg, i);
		else
			i++;
	}
}
