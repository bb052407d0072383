// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "nhrp/cookie.h"
#include "nhrp/remote.h"

#define OFF_CLAIMED	12
#define OFF_PROTO	28
#define OFF_TARGET	44
#define OFF_OWNER	OFF_TARGET
#define OFF_KEY		(OFF_OWNER + 8)

#define HAS_OWNER	(NHRP_COOKIE_F_OWNED | NHRP_COOKIE_F_BY_IKE)

/* Two bits an address: 0 none, 1 IPv4, 2 IPv6. */
static u8 family_bits(const struct nhrp_addr *a)
{
	return a->family == AF_INET ? 1 : a->family == AF_INET6 ? 2 : 0;
}

static void put16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(u8 *p, u32 v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static u16 get16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static u32 get32(const u8 *p)
{
	return (u32)get16(p) << 16 | get16(p + 2);
}

u8 nhrp_cookie_encode(const struct nhrp_cookie *c, u8 *buf)
{
	memset(buf, 0, NHRP_COOKIE_LEN);
	buf[0] = NHRP_COOKIE_VERSION;
	buf[1] = c->type;
	buf[2] = c->flags;
	buf[3] = c->target_plen;
	put16(buf + 4, c->hold_s);
	buf[6] = family_bits(&c->claimed) | family_bits(&c->proto) << 2 |
		 family_bits(&c->target) << 4;
	put32(buf + 8, c->request_id);
	memcpy(buf + OFF_CLAIMED, c->claimed.b, NHRP_ADDR_MAX_LEN);
	memcpy(buf + OFF_PROTO, c->proto.b, NHRP_ADDR_MAX_LEN);
	memcpy(buf + OFF_TARGET, c->target.b, NHRP_ADDR_MAX_LEN);
	if (c->flags & HAS_OWNER) {
		put32(buf + OFF_OWNER, c->owner >> 32);
		put32(buf + OFF_OWNER + 4, (u32)c->owner);
		put16(buf + OFF_KEY, c->key_id);
	}
	return NHRP_COOKIE_LEN;
}

static int get_addr(struct nhrp_addr *a, u8 bits, const u8 *p)
{
	switch (bits & 3) {
	case 0:
		memset(a, 0, sizeof(*a));
		return 0;
	case 1:
		nhrp_addr_set(a, AF_INET, p);
		return 0;
	case 2:
		nhrp_addr_set(a, AF_INET6, p);
		return 0;
	default:
		return -EBADMSG;
	}
}

/* The addresses without which an entry of that type means nothing. */
static bool complete(const struct nhrp_cookie *c)
{
	switch (c->type) {
	case NHRP_COOKIE_NHS:
	case NHRP_COOKIE_STATIC:
	case NHRP_COOKIE_NEGATIVE:
		return true;
	case NHRP_COOKIE_BINDING:
		return c->hold_s && nhrp_addr_is_unicast(&c->claimed);
	case NHRP_COOKIE_SHORTCUT:
		return c->hold_s && nhrp_addr_is_unicast(&c->claimed) &&
		       nhrp_addr_is_unicast(&c->proto) &&
		       nhrp_addr_is_unicast(&c->target);
	case NHRP_COOKIE_REMOTE:
		return nhrp_addr_is_unicast(&c->claimed) &&
		       nhrp_addr_is_unicast(&c->proto);
	}
	return false;
}

int nhrp_cookie_decode(struct nhrp_cookie *c, const u8 *buf, size_t len)
{
	struct nhrp_cookie v = { 0 };

	if (!len)
		return -EBADMSG;
	if (buf[0] != NHRP_COOKIE_VERSION)
		return -EPROTONOSUPPORT;
	if (len != NHRP_COOKIE_LEN || buf[1] < NHRP_COOKIE_NHS ||
	    buf[1] > NHRP_COOKIE_REMOTE || buf[2] & ~NHRP_COOKIE_F_ALL)
		return -EBADMSG;
	v.type = buf[1];
	v.flags = buf[2];
	v.target_plen = buf[3];
	v.hold_s = get16(buf + 4);
	v.request_id = get32(buf + 8);
	if (get_addr(&v.claimed, buf[6], buf + OFF_CLAIMED) ||
	    get_addr(&v.proto, buf[6] >> 2, buf + OFF_PROTO) ||
	    get_addr(&v.target, buf[6] >> 4, buf + OFF_TARGET) ||
	    buf[6] & 0xc0 || v.target_plen > nhrp_addr_bits(&v.target) ||
	    !complete(&v))
		return -EBADMSG;
	if (v.flags & HAS_OWNER) {
		if (v.type != NHRP_COOKIE_BINDING || !nhrp_addr_none(&v.target) ||
		    (v.flags & HAS_OWNER) == HAS_OWNER)
			return -EBADMSG;
		v.owner = (u64)get32(buf + OFF_OWNER) << 32 |
			  get32(buf + OFF_OWNER + 4);
		v.key_id = get16(buf + OFF_KEY);
	}
	*c = v;
	return 0;
}

/* A peer that we answered: who it is and, for a purge, what it was told. */
u8 nhrp_cookie_remote(u8 *buf, const struct nhrp_remote *r)
{
	const struct nhrp_told *last = NULL;
	struct nhrp_cookie c = {
		.type = NHRP_COOKIE_REMOTE,
		.flags = r->answered ? NHRP_COOKIE_F_ANSWERED : 0,
		.claimed = r->claimed,
		.proto = r->proto,
	};
	unsigned int i;

	/* There is room for one: the one that lasts longest. */
	for (i = 0; i < NHRP_TOLD_MAX; i++)
		if (r->told[i].until_ms &&
		    (!last || r->told[i].until_ms > last->until_ms))
			last = &r->told[i];
	if (last) {
		c.target = last->prefix.addr;
		c.target_plen = last->prefix.plen;
	}
	return nhrp_cookie_encode(&c, buf);
}
