// SPDX-License-Identifier: GPL-2.0
/* Attributes: how long each may be, and reading their values. */
#include <errno.h>
#include <string.h>

#include "lib/internal.h"

#define U8	{ DVPN_KIND_U8, 0 }
#define U16	{ DVPN_KIND_U16, 0 }
#define U32	{ DVPN_KIND_U32, 0 }
#define U64	{ DVPN_KIND_U64, 0 }
#define IN6	{ DVPN_KIND_IN6, 0 }
#define BITS	{ DVPN_KIND_BITFIELD, 0 }
#define NAME	{ DVPN_KIND_NAME, 0 }
#define COUNTERS { DVPN_KIND_COUNTERS, 0 }
#define PAD	{ DVPN_KIND_PAD, 0 }
#define BYTES(max) { DVPN_KIND_BYTES, (max) }

const struct dvpn_rule dvpn_genl_rules[DVPN_A_MAX + 1] = {
	[DVPN_A_PAD] = PAD,
	[DVPN_A_IFINDEX] = U32,
	[DVPN_A_IFNAME] = NAME,
	[DVPN_A_FEATURES] = U32,
	[DVPN_A_GENERATION] = U32,
	[DVPN_A_MAP_COUNT] = U32,
	[DVPN_A_PEER_COUNT] = U32,
	[DVPN_A_INCOMPLETE_COUNT] = U32,
	[DVPN_A_DEFAULT_NHS] = U32,
	[DVPN_A_DROPS] = COUNTERS,
	[DVPN_A_DEV_STATS] = COUNTERS,
	[DVPN_A_AGENT_CLASSES] = U32,
	[DVPN_A_PROTO4] = U32,
	[DVPN_A_PROTO6] = IN6,
	[DVPN_A_PREFIXLEN] = U8,
	[DVPN_A_MAP_ID] = U32,
	[DVPN_A_MAP_FLAGS] = BITS,
	[DVPN_A_PREFERENCE] = U8,
	[DVPN_A_EXPIRES_MS] = U64,
	[DVPN_A_AGE_MS] = U64,
	[DVPN_A_IDLE_MS] = U64,
	[DVPN_A_OWNER] = U32,
	[DVPN_A_COOKIE] = BYTES(DVPN_COOKIE_MAX),
	[DVPN_A_MATCH_OWNER] = U32,
	[DVPN_A_MATCH_ID] = U32,
	[DVPN_A_NOT_OWNER] = U32,
	[DVPN_A_ENCAP] = U8,
	[DVPN_A_NBMA4] = U32,
	[DVPN_A_NBMA6] = IN6,
	[DVPN_A_PORT] = U16,
	[DVPN_A_MARK] = U32,
	[DVPN_A_XFRM_IF_ID] = U32,
	[DVPN_A_PEER_ID] = U32,
	[DVPN_A_PEER_FLAGS] = BITS,
	[DVPN_A_MARK_MASK] = U32,
	[DVPN_A_MTU] = U32,
	[DVPN_A_MTU_ADVERTISED] = U32,
	[DVPN_A_PMTU] = U32,
	[DVPN_A_MSS] = U32,
	[DVPN_A_KEEPALIVE] = U32,
	[DVPN_A_RX_IDLE_MS] = U64,
	[DVPN_A_PEER_MAPS] = U32,
	[DVPN_A_PEER_STATS] = COUNTERS,
	[DVPN_A_GROUP4] = U32,
	[DVPN_A_GROUP6] = IN6,
	[DVPN_A_FRAME] = BYTES(DVPN_FRAME_MAX),
	[DVPN_A_LOCAL4] = U32,
	[DVPN_A_LOCAL6] = IN6,
	[DVPN_A_LINK_IFINDEX] = U32,
	[DVPN_A_SA_SPI] = U32,
	[DVPN_A_SA_REQID] = U32,
	[DVPN_A_SA_IF_ID] = U32,
	[DVPN_A_EVENT] = U8,
	[DVPN_A_SEQ] = U32,
	[DVPN_A_LOST] = U32,
	[DVPN_A_SRC4] = U32,
	[DVPN_A_SRC6] = IN6,
	[DVPN_A_DST4] = U32,
	[DVPN_A_DST6] = IN6,
	[DVPN_A_INNER_PROTO] = U16,
	[DVPN_A_EXCERPT] = BYTES(DVPN_EXCERPT_MAX),
	[DVPN_A_INNER_LEN] = U32,
	[DVPN_A_REASON] = U8,
	[DVPN_A_VERDICT] = U8,
	[DVPN_A_ERRNO] = U32,
};

const struct dvpn_rule dvpn_link_rules[IFLA_DVPN_MAX + 1] = {
	[IFLA_DVPN_LOCAL4] = U32,
	[IFLA_DVPN_LOCAL6] = IN6,
	[IFLA_DVPN_LINK_NAME] = NAME,
	[IFLA_DVPN_LINK] = U32,
	[IFLA_DVPN_KEY] = U32,
	[IFLA_DVPN_FLAGS] = BITS,
	[IFLA_DVPN_PORT] = U16,
	[IFLA_DVPN_TTL] = U8,
	[IFLA_DVPN_TOS] = U8,
	[IFLA_DVPN_DF] = U8,
	[IFLA_DVPN_DOMAIN] = U32,
	[IFLA_DVPN_FWMARK] = U32,
	[IFLA_DVPN_XFRM_IF_ID] = U32,
	[IFLA_DVPN_MAX_MAPS] = U32,
	[IFLA_DVPN_MAX_PEERS] = U32,
	[IFLA_DVPN_QUEUE] = U32,
	[IFLA_DVPN_AGENT_GRACE] = U32,
	[IFLA_DVPN_RX_SOURCE] = U8,
	[IFLA_DVPN_DOWN_REASON] = U8,
	[IFLA_DVPN_PAD] = PAD,
	[IFLA_DVPN_MSS] = U32,
};

const void *dvpn_attr_data(const struct nlattr *attr)
{
	return (const u8 *)attr + NLA_HDRLEN;
}

unsigned int dvpn_attr_len(const struct nlattr *attr)
{
	return attr->nla_len - NLA_HDRLEN;
}

bool dvpn_attr_fits(const struct nlattr *attr, const struct dvpn_rule *rule)
{
	static const u8 exact[] = {
		[DVPN_KIND_U8] = 1,
		[DVPN_KIND_U16] = 2,
		[DVPN_KIND_U32] = 4,
		[DVPN_KIND_U64] = 8,
		[DVPN_KIND_IN6] = 16,
		[DVPN_KIND_BITFIELD] = sizeof(struct nla_bitfield32),
	};
	unsigned int len = dvpn_attr_len(attr);

	switch (rule->kind) {
	case DVPN_KIND_NAME:
		return len && len <= IF_NAMESIZE && memchr(dvpn_attr_data(attr), 0, len);
	case DVPN_KIND_BYTES:
		return len <= rule->max;
	case DVPN_KIND_UNKNOWN:
	case DVPN_KIND_COUNTERS:
	case DVPN_KIND_PAD:
		return true;
	default:
		return len == exact[rule->kind];
	}
}

int dvpn_attrs_split(const struct nlattr **tb, unsigned int max, const struct dvpn_rule *rules,
		     const void *data, size_t len)
{
	const u8 *pos = data;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	while (len) {
		const struct nlattr *attr = (const struct nlattr *)pos;
		size_t step;
		unsigned int type;

		if (len < NLA_HDRLEN || attr->nla_len < NLA_HDRLEN || attr->nla_len > len)
			return -EBADMSG;
		type = attr->nla_type & NLA_TYPE_MASK;
		if (type && type <= max) {
			if (rules && !dvpn_attr_fits(attr, &rules[type]))
				return -EBADMSG;
			tb[type] = attr;
		}
		/* The last one need not be padded. */
		step = NLA_ALIGN(attr->nla_len);
		if (step >= len)
			break;
		pos += step;
		len -= step;
	}
	return 0;
}

u8 dvpn_get_u8(const struct nlattr *attr)
{
	return attr ? *(const u8 *)dvpn_attr_data(attr) : 0;
}

u16 dvpn_get_u16(const struct nlattr *attr)
{
	u16 value = 0;

	if (attr)
		memcpy(&value, dvpn_attr_data(attr), sizeof(value));
	return value;
}

u32 dvpn_get_u32(const struct nlattr *attr)
{
	u32 value = 0;

	if (attr)
		memcpy(&value, dvpn_attr_data(attr), sizeof(value));
	return value;
}

/* Attributes are aligned to 4 bytes only. */
u64 dvpn_get_u64(const struct nlattr *attr)
{
	u64 value = 0;

	if (attr)
		memcpy(&value, dvpn_attr_data(attr), sizeof(value));
	return value;
}

void dvpn_get_bitfield(const struct nlattr *attr, u32 *value, u32 *selector)
{
	struct nla_bitfield32 bits = {};

	if (attr)
		memcpy(&bits, dvpn_attr_data(attr), sizeof(bits));
	*value = bits.value;
	*selector = bits.selector;
}

void dvpn_get_name(const struct nlattr *attr, char name[IF_NAMESIZE])
{
	memset(name, 0, IF_NAMESIZE);
	if (attr)
		memcpy(name, dvpn_attr_data(attr), dvpn_attr_len(attr));
}

void dvpn_get_cookie(const struct nlattr *attr, struct dvpn_cookie *cookie)
{
	memset(cookie, 0, sizeof(*cookie));
	if (!attr)
		return;
	cookie->len = dvpn_attr_len(attr);
	memcpy(cookie->bytes, dvpn_attr_data(attr), cookie->len);
}

int dvpn_get_addr(const struct nlattr *a4, const struct nlattr *a6, struct dvpn_addr *addr)
{
	const struct nlattr *attr = a4 ?: a6;

	memset(addr, 0, sizeof(*addr));
	if (a4 && a6)
		return -EBADMSG;
	if (!attr)
		return 0;
	addr->family = a4 ? AF_INET : AF_INET6;
	memcpy(addr->bytes, dvpn_attr_data(attr), dvpn_attr_len(attr));
	return 0;
}

int dvpn_get_counters(const struct nlattr *nest, unsigned int max, u64 *counters)
{
	/* Larger than any counter enum; attributes beyond it are not known here anyway. */
	const struct nlattr *tb[64];
	unsigned int i;
	int err;

	memset(counters, 0, (max + 1) * sizeof(*counters));
	if (!nest)
		return 0;
	if (max >= DVPN_ARRAY_LEN(tb))
		return -EINVAL;
	err = dvpn_attrs_split(tb, max, NULL, dvpn_attr_data(nest), dvpn_attr_len(nest));
	if (err)
		return err;
	/* Types 0 and 1 are UNSPEC and PAD in every enum of counters. */
	for (i = 2; i <= max; i++) {
		if (tb[i] && dvpn_attr_len(tb[i]) != sizeof(u64))
			return -EBADMSG;
		counters[i] = dvpn_get_u64(tb[i]);
	}
	return 0;
}

int dvpn_get_peer_key(const struct nlattr **tb, struct dvpn_peer_key *key)
{
	key->encap = dvpn_get_u8(tb[DVPN_A_ENCAP]);
	key->port = dvpn_get_u16(tb[DVPN_A_PORT]);
	key->mark = dvpn_get_u32(tb[DVPN_A_MARK]);
	key->xfrm_if_id = dvpn_get_u32(tb[DVPN_A_XFRM_IF_ID]);
	return dvpn_get_addr(tb[DVPN_A_NBMA4], tb[DVPN_A_NBMA6], &key->nbma);
}

void dvpn_get_sa(const struct nlattr **tb, struct dvpn_sa *sa)
{
	sa->present = tb[DVPN_A_SA_SPI];
	sa->spi = dvpn_get_u32(tb[DVPN_A_SA_SPI]);
	sa->reqid = dvpn_get_u32(tb[DVPN_A_SA_REQID]);
	sa->if_id = dvpn_get_u32(tb[DVPN_A_SA_IF_ID]);
}

void dvpn_get_stamp(const struct nlattr **tb, struct dvpn_stamp *stamp)
{
	stamp->seq = dvpn_get_u32(tb[DVPN_A_SEQ]);
	stamp->lost = dvpn_get_u32(tb[DVPN_A_LOST]);
	stamp->generation = dvpn_get_u32(tb[DVPN_A_GENERATION]);
}
