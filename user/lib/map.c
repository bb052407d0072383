// SPDX-License-Identifier: GPL-2.0
/* Mappings: requests, and reading what the kernel says about one. */
#include <errno.h>
#include <string.h>

#include "lib/internal.h"

void dvpn_map_init(struct dvpn_map *map, unsigned int ifindex, const struct dvpn_addr *proto)
{
	memset(map, 0, sizeof(*map));
	map->has = DVPN_MAP_HAS_PROTO;
	map->ifindex = ifindex;
	map->proto = *proto;
	map->prefixlen = dvpn_addr_len(proto) * 8;
}

void dvpn_put_map_name(struct dvpn_build *b, const struct dvpn_map *map)
{
	if (map->has & DVPN_MAP_HAS_PROTO) {
		if (map->prefixlen > dvpn_addr_len(&map->proto) * 8)
			dvpn_build_fail(b, -EINVAL);
		dvpn_put_addr(b, DVPN_A_PROTO4, DVPN_A_PROTO6, &map->proto);
		dvpn_put_u8(b, DVPN_A_PREFIXLEN, map->prefixlen);
	} else if (map->has & DVPN_MAP_HAS_ID) {
		dvpn_put_u32(b, DVPN_A_MAP_ID, map->id);
	} else {
		dvpn_build_fail(b, -EINVAL);
	}
}

void dvpn_put_map(struct dvpn_build *b, const struct dvpn_map *map)
{
	dvpn_put_map_name(b, map);
	if (map->has & DVPN_MAP_HAS_FLAGS)
		dvpn_put_bitfield(b, DVPN_A_MAP_FLAGS, map->flags,
				  map->flags_mask & ~DVPN_MAP_F_INCOMPLETE);
	if (map->has & DVPN_MAP_HAS_PREFERENCE)
		dvpn_put_u8(b, DVPN_A_PREFERENCE, map->preference);
	if (map->has & DVPN_MAP_HAS_EXPIRES)
		dvpn_put_u64(b, DVPN_A_EXPIRES_MS, map->expires_ms);
	if (map->has & DVPN_MAP_HAS_OWNER)
		dvpn_put_u32(b, DVPN_A_OWNER, map->owner);
	if (map->has & DVPN_MAP_HAS_COOKIE)
		dvpn_put_cookie(b, &map->cookie);
	if (map->has & DVPN_MAP_HAS_PEER)
		dvpn_put_peer_key(b, &map->peer);
}

static const struct {
	u16 attr;
	u16 has;
} map_attrs[] = {
	{ DVPN_A_MAP_ID, DVPN_MAP_HAS_ID },
	{ DVPN_A_PROTO4, DVPN_MAP_HAS_PROTO },
	{ DVPN_A_PROTO6, DVPN_MAP_HAS_PROTO },
	{ DVPN_A_MAP_FLAGS, DVPN_MAP_HAS_FLAGS },
	{ DVPN_A_PREFERENCE, DVPN_MAP_HAS_PREFERENCE },
	{ DVPN_A_EXPIRES_MS, DVPN_MAP_HAS_EXPIRES },
	{ DVPN_A_AGE_MS, DVPN_MAP_HAS_AGE },
	{ DVPN_A_IDLE_MS, DVPN_MAP_HAS_IDLE },
	{ DVPN_A_OWNER, DVPN_MAP_HAS_OWNER },
	{ DVPN_A_COOKIE, DVPN_MAP_HAS_COOKIE },
	{ DVPN_A_NBMA4, DVPN_MAP_HAS_PEER },
	{ DVPN_A_NBMA6, DVPN_MAP_HAS_PEER },
	{ DVPN_A_PEER_ID, DVPN_MAP_HAS_PEER_ID },
};

int dvpn_get_map(const struct nlattr **tb, struct dvpn_map *map)
{
	unsigned int bits, i;

	memset(map, 0, sizeof(*map));
	for (i = 0; i < DVPN_ARRAY_LEN(map_attrs); i++)
		if (tb[map_attrs[i].attr])
			map->has |= map_attrs[i].has;

	map->ifindex = dvpn_get_u32(tb[DVPN_A_IFINDEX]);
	map->id = dvpn_get_u32(tb[DVPN_A_MAP_ID]);
	dvpn_get_bitfield(tb[DVPN_A_MAP_FLAGS], &map->flags, &map->flags_mask);
	map->preference = dvpn_get_u8(tb[DVPN_A_PREFERENCE]);
	map->expires_ms = dvpn_get_u64(tb[DVPN_A_EXPIRES_MS]);
	map->age_ms = dvpn_get_u64(tb[DVPN_A_AGE_MS]);
	map->idle_ms = dvpn_get_u64(tb[DVPN_A_IDLE_MS]);
	map->owner = dvpn_get_u32(tb[DVPN_A_OWNER]);
	dvpn_get_cookie(tb[DVPN_A_COOKIE], &map->cookie);
	map->peer_id = dvpn_get_u32(tb[DVPN_A_PEER_ID]);
	if (dvpn_get_peer_key(tb, &map->peer) ||
	    dvpn_get_addr(tb[DVPN_A_PROTO4], tb[DVPN_A_PROTO6], &map->proto))
		return -EBADMSG;

	bits = dvpn_addr_len(&map->proto) * 8;
	map->prefixlen = tb[DVPN_A_PREFIXLEN] ? dvpn_get_u8(tb[DVPN_A_PREFIXLEN]) : bits;
	return map->prefixlen > bits ? -EBADMSG : 0;
}

int dvpn_get_map_entry(const struct nlattr **tb, struct dvpn_map *map)
{
	u32 must = DVPN_MAP_HAS_ID | DVPN_MAP_HAS_PROTO;
	int err = dvpn_get_map(tb, map);

	if (err)
		return err;
	/* What is only being asked for is no mapping yet. */
	if (map->flags & DVPN_MAP_F_INCOMPLETE)
		must &= ~DVPN_MAP_HAS_ID;
	return map->ifindex && (map->has & must) == must ? 0 : -EBADMSG;
}

static int map_put_request(struct dvpn_chan *c, u8 cmd, u16 flags, const struct dvpn_map *map,
			   const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx)
{
	struct dvpn_build b;

	dvpn_chan_start(c, &b, cmd, flags, map->ifindex, DVPN_ENTRY_ROOM);
	if (cmd == DVPN_CMD_MAP_DEL)
		dvpn_put_map_name(&b, map);
	else
		dvpn_put_map(&b, map);
	dvpn_put_match(&b, match, DVPN_MATCH_HAS_OWNER | DVPN_MATCH_HAS_ID);
	return dvpn_chan_queue(c, &b, fn, ctx);
}

int dvpn_map_new(struct dvpn_chan *c, const struct dvpn_map *map, dvpn_ack_fn fn, void *ctx)
{
	return map_put_request(c, DVPN_CMD_MAP_NEW, NLM_F_CREATE | NLM_F_EXCL, map, NULL, fn, ctx);
}

int dvpn_map_replace(struct dvpn_chan *c, const struct dvpn_map *map,
		     const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx)
{
	return map_put_request(c, DVPN_CMD_MAP_NEW, NLM_F_CREATE | NLM_F_REPLACE, map, match,
			       fn, ctx);
}

int dvpn_map_set(struct dvpn_chan *c, const struct dvpn_map *map, const struct dvpn_match *match,
		 dvpn_ack_fn fn, void *ctx)
{
	return map_put_request(c, DVPN_CMD_MAP_SET, 0, map, match, fn, ctx);
}

int dvpn_map_del(struct dvpn_chan *c, const struct dvpn_map *map, const struct dvpn_match *match,
		 dvpn_ack_fn fn, void *ctx)
{
	return map_put_request(c, DVPN_CMD_MAP_DEL, 0, map, match, fn, ctx);
}

int dvpn_map_flush(struct dvpn_chan *c, unsigned int ifindex, const struct dvpn_match *match,
		   u32 flags, u32 flags_mask, dvpn_ack_fn fn, void *ctx)
{
	struct dvpn_build b;

	dvpn_chan_start(c, &b, DVPN_CMD_MAP_FLUSH, 0, ifindex, DVPN_ENTRY_ROOM);
	if (flags_mask)
		dvpn_put_bitfield(&b, DVPN_A_MAP_FLAGS, flags, flags_mask);
	dvpn_put_match(&b, match, DVPN_MATCH_HAS_OWNER | DVPN_MATCH_HAS_NOT_OWNER);
	return dvpn_chan_queue(c, &b, fn, ctx);
}
