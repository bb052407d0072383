/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the codec share; nobody else includes this. */
#ifndef NHRP_CODEC_H
#define NHRP_CODEC_H

#include "nhrp/packet.h"

/* Offsets in the fixed header and the mandatory part, RFC 2332 5.2. */
enum {
	OFF_AFN		= 0,
	OFF_PRO_TYPE	= 2,
	OFF_SNAP	= 4,
	OFF_HOP_COUNT	= 9,
	OFF_PKTSZ	= 10,
	OFF_CHKSUM	= 12,
	OFF_EXTOFF	= 14,
	OFF_VERSION	= 16,
	OFF_TYPE	= 17,
	OFF_SHTL	= 18,
	OFF_SSTL	= 19,
	OFF_SRC_LEN	= 20,
	OFF_DST_LEN	= 21,
	OFF_FLAGS	= 22,
	OFF_ID		= 24,
};

static inline u16 get16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static inline u32 get32(const u8 *p)
{
	return (u32)get16(p) << 16 | get16(p + 2);
}

static inline void set16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v & 0xff;
}

static inline void set32(u8 *p, u32 v)
{
	set16(p, v >> 16);
	set16(p + 2, v & 0xffff);
}

/**
 * struct nhrp_reader - a window on a packet that cannot be left
 * @pkt: start of the packet
 * @off: next octet to read
 * @end: first octet that is not ours to read
 * @cut: reason to give when something reaches past @end
 * @err: first fault found
 */
struct nhrp_reader {
	const u8 *pkt;
	size_t off;
	size_t end;
	enum nhrp_bad cut;
	struct nhrp_decode_err err;
};

/* Notes the first fault; returns -EBADMSG. */
int nhrp_reader_fail(struct nhrp_reader *r, enum nhrp_bad reason, size_t off);
/* The next len octets, or NULL and a fault. */
const u8 *nhrp_reader_take(struct nhrp_reader *r, size_t len);
/* An address of a length from the packet: none or exactly the family's. */
int nhrp_reader_addr(struct nhrp_reader *r, struct nhrp_addr *a, u8 family,
		     u8 len, size_t len_off);

/**
 * struct nhrp_writer - a buffer that cannot be overrun
 * @pkt: start of the buffer
 * @off: next octet to write; goes on growing past @size
 * @size: room
 *
 * Writes past @size are dropped; look at @off at the end.
 */
struct nhrp_writer {
	u8 *pkt;
	size_t off;
	size_t size;
};

void nhrp_put(struct nhrp_writer *w, const void *data, size_t len);

static inline void put8(struct nhrp_writer *w, u8 v)
{
	nhrp_put(w, &v, 1);
}

static inline void put16(struct nhrp_writer *w, u16 v)
{
	u8 b[2];

	set16(b, v);
	nhrp_put(w, b, sizeof(b));
}

static inline void put32(struct nhrp_writer *w, u32 v)
{
	put16(w, v >> 16);
	put16(w, v & 0xffff);
}

static inline void put_addr(struct nhrp_writer *w, const struct nhrp_addr *a)
{
	nhrp_put(w, a->b, a->len);
}

/* The value of a CIE list takes all of r; mandatory: check prefix lengths. */
int nhrp_read_cies(struct nhrp_reader *r, const struct nhrp_msg *msg,
		   struct nhrp_cie_list *list, bool mandatory);
int nhrp_write_cies(struct nhrp_writer *w, const struct nhrp_msg *msg,
		    const struct nhrp_cie_list *list, bool mandatory);
/* The extensions part takes all of r. */
int nhrp_read_exts(struct nhrp_reader *r, struct nhrp_msg *msg);
int nhrp_write_exts(struct nhrp_writer *w, const struct nhrp_msg *msg);
/* Removes the extension with index i. */
void nhrp_msg_del_ext_at(struct nhrp_msg *msg, u8 i);

#endif
