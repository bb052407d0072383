// SPDX-License-Identifier: GPL-2.0
/* The codec: Client Information Entries, RFC 2332 5.2.0.1. */
#include <errno.h>
#include <string.h>

#include "nhrp/codec.h"

static bool prefix_len_valid(u8 prefix_len, const struct nhrp_msg *msg)
{
	return prefix_len == NHRP_PREFIX_HOST ||
	       prefix_len <= nhrp_family_len(msg->proto_family) * 8;
}

static int read_cie(struct nhrp_reader *r, const struct nhrp_msg *msg,
		    struct nhrp_cie *cie, bool mandatory)
{
	size_t start = r->off;
	const u8 *p = nhrp_reader_take(r, NHRP_CIE_FIXED_LEN);

	if (!p)
		return -EBADMSG;
	cie->code = p[0];
	cie->prefix_len = p[1];
	cie->unused = get16(p + 2);
	cie->mtu = get16(p + 4);
	cie->holding_time = get16(p + 6);
	cie->nbma_type = p[8] & NHRP_TL_E164;
	cie->preference = p[11];
	if (mandatory && !prefix_len_valid(cie->prefix_len, msg))
		return nhrp_reader_fail(r, NHRP_BAD_PREFIX_LEN, start + 1);
	if (p[9])
		return nhrp_reader_fail(r, NHRP_BAD_ADDR_LEN, start + 9);
	if (nhrp_reader_addr(r, &cie->nbma, msg->nbma_family,
			     p[8] & ~NHRP_TL_E164, start + 8) ||
	    nhrp_reader_addr(r, &cie->proto, msg->proto_family, p[10],
			     start + 10))
		return -EBADMSG;
	return 0;
}

int nhrp_read_cies(struct nhrp_reader *r, const struct nhrp_msg *msg,
		   struct nhrp_cie_list *list, bool mandatory)
{
	struct nhrp_cie *cie;

	while (r->off < r->end) {
		cie = nhrp_cie_list_add(list);
		if (!cie)
			return nhrp_reader_fail(r, NHRP_BAD_LIMIT, r->off);
		if (read_cie(r, msg, cie, mandatory))
			return -EBADMSG;
	}
	return 0;
}

static bool cie_valid(const struct nhrp_cie *cie, const struct nhrp_msg *msg,
		      bool mandatory)
{
	return (!mandatory || prefix_len_valid(cie->prefix_len, msg)) &&
	       (!cie->nbma.len || cie->nbma.family == msg->nbma_family) &&
	       (!cie->proto.len || cie->proto.family == msg->proto_family);
}

int nhrp_write_cies(struct nhrp_writer *w, const struct nhrp_msg *msg,
		    const struct nhrp_cie_list *list, bool mandatory)
{
	const struct nhrp_cie *cie;

	for (cie = list->cie; cie < list->cie + list->n; cie++) {
		if (!cie_valid(cie, msg, mandatory))
			return -EINVAL;
		put8(w, cie->code);
		put8(w, cie->prefix_len);
		put16(w, cie->unused);
		put16(w, cie->mtu);
		put16(w, cie->holding_time);
		put8(w, cie->nbma.len | (cie->nbma_type & NHRP_TL_E164));
		put8(w, 0);
		put8(w, cie->proto.len);
		put8(w, cie->preference);
		put_addr(w, &cie->nbma);
		put_addr(w, &cie->proto);
	}
	return 0;
}

struct nhrp_cie *nhrp_cie_list_add(struct nhrp_cie_list *list)
{
	struct nhrp_cie *cie;

	if (list->n >= NHRP_CIE_MAX)
		return NULL;
	cie = &list->cie[list->n++];
	memset(cie, 0, sizeof(*cie));
	return cie;
}

int nhrp_cie_prefix(const struct nhrp_cie *cie,
		    const struct nhrp_addr *fallback, struct nhrp_prefix *p)
{
	const struct nhrp_addr *addr = cie->proto.len ? &cie->proto : fallback;

	if (!addr || nhrp_addr_none(addr))
		return -ENOENT;
	nhrp_prefix_host(p, addr);
	if (!cie->prefix_len || cie->prefix_len == NHRP_PREFIX_HOST)
		return 0;
	if (cie->prefix_len > p->plen)
		return -ERANGE;
	p->plen = cie->prefix_len;
	nhrp_prefix_mask(p);
	return 0;
}
