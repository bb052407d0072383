// SPDX-License-Identifier: GPL-2.0
/* The codec: dvpn's own vendor private extension; layout in packet.h. */
#include <errno.h>
#include <string.h>

#include "nhrp/codec.h"
#include "nhrp/packet-ext.h"

/* Offsets in the value. */
enum {
	BLOCK_VENDOR	= 0,	/* three octets */
	BLOCK_VERSION	= 3,
	BLOCK_MAGIC	= 4,
	BLOCK_ROLE	= 8,
	BLOCK_ZERO	= 9,	/* three octets */
	BLOCK_EPOCH	= 12,
	BLOCK_COUNTER	= 16,
	BLOCK_NONCE	= 20,
};

/* Vendor id and magic are there in every version. */
#define BLOCK_MIN_LEN	BLOCK_ROLE

static bool is_ours(const struct nhrp_msg *msg, const struct nhrp_ext *ext)
{
	const u8 *p = nhrp_msg_ext_data(msg, ext);

	return ext->type == NHRP_EXT_VENDOR && ext->len >= BLOCK_MIN_LEN &&
	       get32(p) >> 8 == NHRP_DVPN_VENDOR &&
	       get32(p + BLOCK_MAGIC) == NHRP_DVPN_MAGIC;
}

/* The first of our blocks; n is set to how many there are. */
static const struct nhrp_ext *find_ours(const struct nhrp_msg *msg, int *n)
{
	const struct nhrp_ext *ext, *found = NULL;

	*n = 0;
	for (ext = msg->ext; ext < msg->ext + msg->n_exts; ext++) {
		if (!is_ours(msg, ext))
			continue;
		if (!found)
			found = ext;
		++*n;
	}
	return found;
}

int nhrp_msg_get_dvpn(const struct nhrp_msg *msg, struct nhrp_dvpn *d)
{
	const struct nhrp_ext *ext;
	const u8 *p;
	int n;

	ext = find_ours(msg, &n);
	if (!ext)
		return -ENOENT;
	p = nhrp_msg_ext_data(msg, ext);
	if (n > 1)
		return -EBADMSG;
	if (p[BLOCK_VERSION] != NHRP_DVPN_VERSION)
		return -EPROTONOSUPPORT;
	if (ext->len != NHRP_DVPN_LEN || p[BLOCK_ZERO] || p[BLOCK_ZERO + 1] ||
	    p[BLOCK_ZERO + 2] || (p[BLOCK_ROLE] != NHRP_DVPN_REQUEST &&
				 p[BLOCK_ROLE] != NHRP_DVPN_REPLY))
		return -EBADMSG;
	d->role = p[BLOCK_ROLE];
	d->epoch = get32(p + BLOCK_EPOCH);
	d->counter = get32(p + BLOCK_COUNTER);
	d->nonce = (u64)get32(p + BLOCK_NONCE) << 32 | get32(p + BLOCK_NONCE + 4);
	return 0;
}

int nhrp_msg_set_dvpn(struct nhrp_msg *msg, const struct nhrp_dvpn *d)
{
	u8 value[NHRP_DVPN_LEN] = { 0 };
	const struct nhrp_ext *ext;
	int n;

	set32(value, (u32)NHRP_DVPN_VENDOR << 8 | NHRP_DVPN_VERSION);
	set32(value + BLOCK_MAGIC, NHRP_DVPN_MAGIC);
	value[BLOCK_ROLE] = d->role;
	set32(value + BLOCK_EPOCH, d->epoch);
	set32(value + BLOCK_COUNTER, d->counter);
	set32(value + BLOCK_NONCE, d->nonce >> 32);
	set32(value + BLOCK_NONCE + 4, d->nonce & 0xffffffff);

	ext = find_ours(msg, &n);
	if (n == 1 && ext->len == NHRP_DVPN_LEN) {
		memcpy(msg->buf + ext->off, value, sizeof(value));
		return 0;
	}
	while ((ext = find_ours(msg, &n)))
		nhrp_msg_del_ext_at(msg, ext - msg->ext);
	return nhrp_msg_add_ext(msg, NHRP_EXT_VENDOR, 0, value, sizeof(value));
}
