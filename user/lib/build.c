// SPDX-License-Identifier: GPL-2.0
/* Putting requests together. */
#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "lib/internal.h"

void dvpn_build_start(struct dvpn_build *b, int family, u8 cmd, u16 flags, size_t room)
{
	b->err = 0;
	b->msg = nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN + room);
	if (!b->msg ||
	    !genlmsg_put(b->msg, 0, 0, family, 0, NLM_F_REQUEST | flags, cmd, DVPN_GENL_VERSION))
		b->err = -ENOMEM;
}

void dvpn_build_fail(struct dvpn_build *b, int err)
{
	if (!b->err)
		b->err = err;
}

struct nl_msg *dvpn_build_end(struct dvpn_build *b, int *err)
{
	struct nl_msg *msg = b->msg;

	b->msg = NULL;
	*err = b->err;
	if (b->err) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

void dvpn_put(struct dvpn_build *b, int type, const void *data, size_t len)
{
	if (!b->err && nla_put(b->msg, type, len, data) < 0)
		b->err = -ENOMEM;
}

void dvpn_put_u8(struct dvpn_build *b, int type, u8 value)
{
	dvpn_put(b, type, &value, sizeof(value));
}

void dvpn_put_u32(struct dvpn_build *b, int type, u32 value)
{
	dvpn_put(b, type, &value, sizeof(value));
}

void dvpn_put_u64(struct dvpn_build *b, int type, u64 value)
{
	dvpn_put(b, type, &value, sizeof(value));
}

void dvpn_put_bitfield(struct dvpn_build *b, int type, u32 value, u32 selector)
{
	/* The kernel refuses bits that are set and not selected. */
	struct nla_bitfield32 bits = { .value = value & selector, .selector = selector };

	dvpn_put(b, type, &bits, sizeof(bits));
}

void dvpn_put_addr(struct dvpn_build *b, int type4, int type6, const struct dvpn_addr *addr)
{
	unsigned int len = dvpn_addr_len(addr);

	if (!len)
		dvpn_build_fail(b, -EINVAL);
	else
		dvpn_put(b, len == 4 ? type4 : type6, addr->bytes, len);
}

void dvpn_put_cookie(struct dvpn_build *b, const struct dvpn_cookie *cookie)
{
	if (cookie->len > DVPN_COOKIE_MAX)
		dvpn_build_fail(b, -EINVAL);
	else
		dvpn_put(b, DVPN_A_COOKIE, cookie->bytes, cookie->len);
}

void dvpn_put_peer_key(struct dvpn_build *b, const struct dvpn_peer_key *key)
{
	dvpn_put_addr(b, DVPN_A_NBMA4, DVPN_A_NBMA6, &key->nbma);
	dvpn_put_u8(b, DVPN_A_ENCAP, key->encap);
	if (key->port)
		dvpn_put(b, DVPN_A_PORT, &key->port, sizeof(key->port));
	if (key->mark)
		dvpn_put_u32(b, DVPN_A_MARK, key->mark);
	if (key->xfrm_if_id)
		dvpn_put_u32(b, DVPN_A_XFRM_IF_ID, key->xfrm_if_id);
}

void dvpn_put_match(struct dvpn_build *b, const struct dvpn_match *match, u32 allowed)
{
	if (!match)
		return;
	if (match->has & ~allowed)
		dvpn_build_fail(b, -EINVAL);
	if (match->has & DVPN_MATCH_HAS_OWNER)
		dvpn_put_u32(b, DVPN_A_MATCH_OWNER, match->owner);
	if (match->has & DVPN_MATCH_HAS_ID)
		dvpn_put_u32(b, DVPN_A_MATCH_ID, match->id);
	if (match->has & DVPN_MATCH_HAS_NOT_OWNER)
		dvpn_put_u32(b, DVPN_A_NOT_OWNER, match->not_owner);
}
