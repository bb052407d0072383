// SPDX-License-Identifier: GPL-2.0
/* See nhrp_fields.h. */
#include <stdio.h>
#include <string.h>

#include "nhrp_fields.h"

enum {
	F_AFN, F_PRO_TYPE, F_SNAP, F_HOPCNT, F_PKTSZ, F_CHKSUM, F_EXTOFF,
	F_VERSION, F_TYPE, F_SHTL, F_SSTL, F_SRC_LEN, F_DST_LEN, F_FLAGS,
	F_REQID, F_ERR_CODE, F_ERR_OFFSET,
	F_SRC_NBMA, F_SRC_NBMA6, F_SRC_PROTO, F_SRC_PROTO6, F_DST_PROTO,
	F_CODE, F_PREFIX, F_UNUSED, F_MTU, F_HTIME, F_ADDR_TL, F_PROT_LEN,
	F_PREF, F_NBMA, F_NBMA6, F_PROTO, F_PROTO6,
	F_EXT_TYPE, F_EXT_LEN, F_AUTH_SPI, F_VENDOR,
};

const char * const nhrp_field_names[NHRP_N_FIELDS] = {
	[F_AFN]		= "nhrp.hdr.afn",
	[F_PRO_TYPE]	= "nhrp.hdr.pro.type",
	[F_SNAP]	= "nhrp.protocol_type",
	[F_HOPCNT]	= "nhrp.hdr.hopcnt",
	[F_PKTSZ]	= "nhrp.hdr.pktsz",
	[F_CHKSUM]	= "nhrp.hdr.chksum",
	[F_EXTOFF]	= "nhrp.hdr.extoff",
	[F_VERSION]	= "nhrp.hdr.version",
	[F_TYPE]	= "nhrp.hdr.op.type",
	[F_SHTL]	= "nhrp.hdr.shtl",
	[F_SSTL]	= "nhrp.hdr.sstl",
	[F_SRC_LEN]	= "nhrp.src.prot.len",
	[F_DST_LEN]	= "nhrp.dst.prot.len",
	[F_FLAGS]	= "nhrp.flags",
	[F_REQID]	= "nhrp.reqid",
	[F_ERR_CODE]	= "nhrp.err.code",
	[F_ERR_OFFSET]	= "nhrp.err.offset",
	[F_SRC_NBMA]	= "nhrp.src.nbma.addr",
	[F_SRC_NBMA6]	= "nhrp.src.nbma.addr_bytes",
	[F_SRC_PROTO]	= "nhrp.src.prot.addr",
	[F_SRC_PROTO6]	= "nhrp.src.prot.addr_bytes",
	[F_DST_PROTO]	= "nhrp.dst.prot.addr",
	[F_CODE]	= "nhrp.code",
	[F_PREFIX]	= "nhrp.prefix",
	[F_UNUSED]	= "nhrp.unused",
	[F_MTU]		= "nhrp.mtu",
	[F_HTIME]	= "nhrp.htime",
	[F_ADDR_TL]	= "nhrp.cli.addr_tl",
	[F_PROT_LEN]	= "nhrp.prot.len",
	[F_PREF]	= "nhrp.pref",
	[F_NBMA]	= "nhrp.client.nbma.addr",
	[F_NBMA6]	= "nhrp.client.nbma.addr_bytes",
	[F_PROTO]	= "nhrp.client.prot.addr",
	[F_PROTO6]	= "nhrp.client.prot.addr_bytes",
	[F_EXT_TYPE]	= "nhrp.ext.type",
	[F_EXT_LEN]	= "nhrp.ext.len",
	[F_AUTH_SPI]	= "nhrp.auth_ext.spi",
	[F_VENDOR]	= "nhrp.vendor_ext.id",
};

/* Appends an occurrence; one that does not fit is seen as another value. */
static void add(struct nhrp_fields *f, int field, const char *text)
{
	size_t used = strlen(f->v[field]);

	snprintf(f->v[field] + used, NHRP_FIELD_LEN - used, "%s%s",
		 used ? "," : "", text);
}

static void add_dec(struct nhrp_fields *f, int field, unsigned int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	add(f, field, text);
}

static void add_hex(struct nhrp_fields *f, int field, int digits, u32 value)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%0*x", digits, value);
	add(f, field, text);
}

static void add_octets(struct nhrp_fields *f, int field, const u8 *b, size_t n)
{
	char text[2 * NHRP_ADDR_MAX_LEN + 1] = "";
	size_t i;

	for (i = 0; i < n; i++)
		sprintf(text + 2 * i, "%02x", b[i]);
	add(f, field, text);
}

/* field6 < 0: tshark has no usable name for it */
static void add_addr(struct nhrp_fields *f, int field, int field6,
		     const struct nhrp_addr *a)
{
	char text[NHRP_ADDR_STRLEN];

	if (a->family == AF_INET)
		add(f, field, nhrp_addr_format(a, text, sizeof(text)));
	if (a->family == AF_INET6 && field6 >= 0)
		add_octets(f, field6, a->b, a->len);
}

static size_t add_cies(struct nhrp_fields *f, const struct nhrp_cie_list *list)
{
	const struct nhrp_cie *cie;
	size_t len = 0;

	for (cie = list->cie; cie < list->cie + list->n; cie++) {
		add_dec(f, F_CODE, cie->code);
		add_dec(f, F_PREFIX, cie->prefix_len);
		add_dec(f, F_UNUSED, cie->unused);
		add_dec(f, F_MTU, cie->mtu);
		add_dec(f, F_HTIME, cie->holding_time);
		add_dec(f, F_ADDR_TL, cie->nbma.len | cie->nbma_type);
		add_dec(f, F_PROT_LEN, cie->proto.len);
		add_dec(f, F_PREF, cie->preference);
		add_addr(f, F_NBMA, F_NBMA6, &cie->nbma);
		add_addr(f, F_PROTO, F_PROTO6, &cie->proto);
		len += NHRP_CIE_FIXED_LEN + cie->nbma.len + cie->proto.len;
	}
	return len;
}

static void add_ext(struct nhrp_fields *f, const struct nhrp_msg *msg,
		    const struct nhrp_ext *ext)
{
	const u8 *p = nhrp_msg_ext_data(msg, ext);

	add_hex(f, F_EXT_TYPE, 4, ext->type);
	if (ext->cies) {
		add_dec(f, F_EXT_LEN,
			add_cies(f, nhrp_msg_ext_cies(msg, ext->type)));
		return;
	}
	add_dec(f, F_EXT_LEN, ext->len);
	if (ext->type == NHRP_EXT_AUTH)
		add_dec(f, F_AUTH_SPI, p[2] << 8 | p[3]);
	if (ext->type == NHRP_EXT_VENDOR)
		add_dec(f, F_VENDOR, p[0] << 16 | p[1] << 8 | p[2]);
}

static void add_header(struct nhrp_fields *f, const struct nhrp_msg *msg,
		       const u8 *pkt)
{
	add_hex(f, F_AFN, 4, msg->nbma_family == AF_INET ? 1 : 2);
	add_hex(f, F_PRO_TYPE, 4, msg->proto_family == AF_INET ? 0x0800 : 0x86dd);
	add_octets(f, F_SNAP, msg->snap, sizeof(msg->snap));
	add_dec(f, F_HOPCNT, msg->hop_count);
	add_dec(f, F_PKTSZ, pkt[10] << 8 | pkt[11]);
	add_hex(f, F_CHKSUM, 4, pkt[12] << 8 | pkt[13]);
	add_dec(f, F_EXTOFF, pkt[14] << 8 | pkt[15]);
	add_dec(f, F_VERSION, NHRP_VERSION);
	add_dec(f, F_TYPE, msg->type);
	add_dec(f, F_SHTL, msg->src_nbma.len | msg->src_nbma_type);
	add(f, F_SSTL, "0");
	add_dec(f, F_SRC_LEN, msg->src_proto.len);
	add_dec(f, F_DST_LEN, msg->dst_proto.len);
	if (msg->type < NHRP_ERROR_INDICATION) {
		add_hex(f, F_FLAGS, 4, msg->flags);
		add_hex(f, F_REQID, 8, msg->request_id);
	} else if (msg->type == NHRP_ERROR_INDICATION) {
		add_dec(f, F_ERR_CODE, msg->error_code);
		add_dec(f, F_ERR_OFFSET, msg->error_offset);
	}
	add_addr(f, F_SRC_NBMA, F_SRC_NBMA6, &msg->src_nbma);
	add_addr(f, F_SRC_PROTO, F_SRC_PROTO6, &msg->src_proto);
	/* tshark 4.0 misspells the field of the IPv6 form */
	add_addr(f, F_DST_PROTO, -1, &msg->dst_proto);
}

static void add_msg(struct nhrp_fields *f, const struct nhrp_msg *msg,
		    const u8 *pkt);

/* tshark decodes the packet in an Error Indication, too. */
static void add_quote(struct nhrp_fields *f, const struct nhrp_msg *msg)
{
	struct nhrp_msg quote;
	const u8 *data;
	size_t len;

	data = nhrp_msg_data(msg, &len);
	if (!nhrp_decode(data, len, &quote, NULL))
		add_msg(f, &quote, data);
}

static void add_msg(struct nhrp_fields *f, const struct nhrp_msg *msg,
		    const u8 *pkt)
{
	int i;

	add_header(f, msg, pkt);
	add_cies(f, &msg->cies);
	if (msg->type == NHRP_ERROR_INDICATION)
		add_quote(f, msg);
	for (i = 0; i < msg->n_exts; i++)
		add_ext(f, msg, &msg->ext[i]);
	if (msg->has_exts) {
		add(f, F_EXT_TYPE, "0x0000");
		add(f, F_EXT_LEN, "0");
	}
}

void nhrp_fields_of(const struct nhrp_msg *msg, const u8 *pkt,
		    struct nhrp_fields *f)
{
	memset(f, 0, sizeof(*f));
	add_msg(f, msg, pkt);
}

int nhrp_field_index(const char *name)
{
	int i;

	for (i = 0; i < NHRP_N_FIELDS; i++)
		if (!strcmp(nhrp_field_names[i], name))
			return i;
	return -1;
}
