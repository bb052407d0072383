// SPDX-License-Identifier: GPL-2.0
/* Peers and the replication table: requests, and reading what the kernel says. */
#include <errno.h>
#include <string.h>

#include "lib/internal.h"

void dvpn_put_peer_name(struct dvpn_build *b, const struct dvpn_peer *peer)
{
	if (peer->has & DVPN_PEER_HAS_KEY)
		dvpn_put_peer_key(b, &peer->key);
	else if (peer->has & DVPN_PEER_HAS_ID)
		dvpn_put_u32(b, DVPN_A_PEER_ID, peer->id);
	else
		dvpn_build_fail(b, -EINVAL);
}

void dvpn_put_peer(struct dvpn_build *b, const struct dvpn_peer *peer)
{
	dvpn_put_peer_name(b, peer);
	if (peer->has & DVPN_PEER_HAS_FLAGS)
		dvpn_put_bitfield(b, DVPN_A_PEER_FLAGS, peer->flags, peer->flags_mask);
	if (peer->has & DVPN_PEER_HAS_MARK_MASK)
		dvpn_put_u32(b, DVPN_A_MARK_MASK, peer->mark_mask);
	if (peer->has & DVPN_PEER_HAS_MTU)
		dvpn_put_u32(b, DVPN_A_MTU, peer->mtu);
	if (peer->has & DVPN_PEER_HAS_MTU_ADVERTISED)
		dvpn_put_u32(b, DVPN_A_MTU_ADVERTISED, peer->mtu_advertised);
	if (peer->has & DVPN_PEER_HAS_MSS)
		dvpn_put_u32(b, DVPN_A_MSS, peer->mss);
	if (peer->has & DVPN_PEER_HAS_KEEPALIVE)
		dvpn_put_u32(b, DVPN_A_KEEPALIVE, peer->keepalive_s);
	if (peer->has & DVPN_PEER_HAS_EXPIRES)
		dvpn_put_u64(b, DVPN_A_EXPIRES_MS, peer->expires_ms);
	if (peer->has & DVPN_PEER_HAS_OWNER)
		dvpn_put_u32(b, DVPN_A_OWNER, peer->owner);
	if (peer->has & DVPN_PEER_HAS_COOKIE)
		dvpn_put_cookie(b, &peer->cookie);
}

static const struct {
	u16 attr;
	u16 has;
} peer_attrs[] = {
	{ DVPN_A_PEER_ID, DVPN_PEER_HAS_ID },
	{ DVPN_A_NBMA4, DVPN_PEER_HAS_KEY },
	{ DVPN_A_NBMA6, DVPN_PEER_HAS_KEY },
	{ DVPN_A_PEER_FLAGS, DVPN_PEER_HAS_FLAGS },
	{ DVPN_A_MARK_MASK, DVPN_PEER_HAS_MARK_MASK },
	{ DVPN_A_MTU, DVPN_PEER_HAS_MTU },
	{ DVPN_A_MTU_ADVERTISED, DVPN_PEER_HAS_MTU_ADVERTISED },
	{ DVPN_A_PMTU, DVPN_PEER_HAS_PMTU },
	{ DVPN_A_MSS, DVPN_PEER_HAS_MSS },
	{ DVPN_A_KEEPALIVE, DVPN_PEER_HAS_KEEPALIVE },
	{ DVPN_A_OWNER, DVPN_PEER_HAS_OWNER },
	{ DVPN_A_COOKIE, DVPN_PEER_HAS_COOKIE },
	{ DVPN_A_AGE_MS, DVPN_PEER_HAS_AGE },
	{ DVPN_A_RX_IDLE_MS, DVPN_PEER_HAS_RX_IDLE },
	{ DVPN_A_PEER_MAPS, DVPN_PEER_HAS_MAPS },
	{ DVPN_A_EXPIRES_MS, DVPN_PEER_HAS_EXPIRES },
	{ DVPN_A_EXPIRES_MS, DVPN_PEER_HAS_EXPIRES },
};

int dvpn_get_peer(const struct nlattr **tb, struct dvpn_peer *peer)
{
	unsigned int i;

	memset(peer, 0, sizeof(*peer));
	for (i = 0; i < DVPN_ARRAY_LEN(peer_attrs); i++)
		if (tb[peer_attrs[i].attr])
			peer->has |= peer_attrs[i].has;

	peer->ifindex = dvpn_get_u32(tb[DVPN_A_IFINDEX]);
	peer->id = dvpn_get_u32(tb[DVPN_A_PEER_ID]);
	dvpn_get_bitfield(tb[DVPN_A_PEER_FLAGS], &peer->flags, &peer->flags_mask);
	peer->mark_mask = dvpn_get_u32(tb[DVPN_A_MARK_MASK]);
	peer->mtu = dvpn_get_u32(tb[DVPN_A_MTU]);
	peer->mtu_advertised = dvpn_get_u32(tb[DVPN_A_MTU_ADVERTISED]);
	peer->pmtu = dvpn_get_u32(tb[DVPN_A_PMTU]);
	peer->mss = dvpn_get_u32(tb[DVPN_A_MSS]);
	peer->keepalive_s = dvpn_get_u32(tb[DVPN_A_KEEPALIVE]);
	peer->owner = dvpn_get_u32(tb[DVPN_A_OWNER]);
	dvpn_get_cookie(tb[DVPN_A_COOKIE], &peer->cookie);
	peer->age_ms = dvpn_get_u64(tb[DVPN_A_AGE_MS]);
	peer->rx_idle_ms = dvpn_get_u64(tb[DVPN_A_RX_IDLE_MS]);
	peer->maps = dvpn_get_u32(tb[DVPN_A_PEER_MAPS]);
	peer->expires_ms = dvpn_get_u64(tb[DVPN_A_EXPIRES_MS]);
	if (dvpn_get_peer_key(tb, &peer->key))
		return -EBADMSG;
	return dvpn_get_counters(tb[DVPN_A_PEER_STATS], DVPN_STAT_MAX, peer->stats);
}

int dvpn_get_peer_entry(const struct nlattr **tb, struct dvpn_peer *peer)
{
	const u32 must = DVPN_PEER_HAS_ID | DVPN_PEER_HAS_KEY;
	int err = dvpn_get_peer(tb, peer);

	if (err)
		return err;
	return peer->ifindex && (peer->has & must) == must ? 0 : -EBADMSG;
}

static int peer_put_request(struct dvpn_chan *c, u8 cmd, u16 flags, const struct dvpn_peer *peer,
			    const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx)
{
	struct dvpn_build b;

	dvpn_chan_start(c, &b, cmd, flags, peer->ifindex, DVPN_ENTRY_ROOM);
	if (cmd == DVPN_CMD_PEER_DEL)
		dvpn_put_peer_name(&b, peer);
	else
		dvpn_put_peer(&b, peer);
	dvpn_put_match(&b, match, DVPN_MATCH_HAS_OWNER | DVPN_MATCH_HAS_ID);
	return dvpn_chan_queue(c, &b, fn, ctx);
}

int dvpn_peer_new(struct dvpn_chan *c, const struct dvpn_peer *peer, dvpn_ack_fn fn, void *ctx)
{
	return peer_put_request(c, DVPN_CMD_PEER_NEW, NLM_F_CREATE | NLM_F_EXCL, peer, NULL,
				fn, ctx);
}

int dvpn_peer_replace(struct dvpn_chan *c, const struct dvpn_peer *peer,
		      const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx)
{
	return peer_put_request(c, DVPN_CMD_PEER_NEW, NLM_F_CREATE | NLM_F_REPLACE, peer, match,
				fn, ctx);
}

int dvpn_peer_set(struct dvpn_chan *c, const struct dvpn_peer *peer,
		  const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx)
{
	return peer_put_request(c, DVPN_CMD_PEER_SET, 0, peer, match, fn, ctx);
}

int dvpn_peer_del(struct dvpn_chan *c, const struct dvpn_peer *peer,
		  const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx)
{
	return peer_put_request(c, DVPN_CMD_PEER_DEL, 0, peer, match, fn, ctx);
}

int dvpn_peer_flush(struct dvpn_chan *c, unsigned int ifindex, const struct dvpn_match *match,
		    dvpn_ack_fn fn, void *ctx)
{
	struct dvpn_build b;

	dvpn_chan_start(c, &b, DVPN_CMD_PEER_FLUSH, 0, ifindex, DVPN_ENTRY_ROOM);
	dvpn_put_match(&b, match, DVPN_MATCH_HAS_OWNER | DVPN_MATCH_HAS_NOT_OWNER);
	return dvpn_chan_queue(c, &b, fn, ctx);
}

void dvpn_put_group(struct dvpn_build *b, const struct dvpn_group *group)
{
	dvpn_put_addr(b, DVPN_A_GROUP4, DVPN_A_GROUP6, &group->group);
	dvpn_put_peer_key(b, &group->peer);
}

int dvpn_get_group(const struct nlattr **tb, struct dvpn_group *group)
{
	memset(group, 0, sizeof(*group));
	group->ifindex = dvpn_get_u32(tb[DVPN_A_IFINDEX]);
	group->peer_id = dvpn_get_u32(tb[DVPN_A_PEER_ID]);
	if (dvpn_get_peer_key(tb, &group->peer))
		return -EBADMSG;
	return dvpn_get_addr(tb[DVPN_A_GROUP4], tb[DVPN_A_GROUP6], &group->group);
}

static int group_put_request(struct dvpn_chan *c, u8 cmd, const struct dvpn_group *group,
			     dvpn_ack_fn fn, void *ctx)
{
	struct dvpn_build b;

	dvpn_chan_start(c, &b, cmd, 0, group->ifindex, DVPN_ENTRY_ROOM);
	dvpn_put_group(&b, group);
	return dvpn_chan_queue(c, &b, fn, ctx);
}

int dvpn_group_new(struct dvpn_chan *c, const struct dvpn_group *group, dvpn_ack_fn fn, void *ctx)
{
	return group_put_request(c, DVPN_CMD_GROUP_NEW, group, fn, ctx);
}

int dvpn_group_del(struct dvpn_chan *c, const struct dvpn_group *group, dvpn_ack_fn fn, void *ctx)
{
	return group_put_request(c, DVPN_CMD_GROUP_DEL, group, fn, ctx);
}
