// SPDX-License-Identifier: GPL-2.0
/* What the reconciler asks of the kernel, and what the answers mean. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dvpnd/clock.h"
#include "dvpnd/convert.h"
#include "dvpnd/log.h"
#include "dvpnd/recon_item.h"

#define RETRY_MIN_MS	100
#define RETRY_MAX_MS	30000

static void on_ack(const struct dvpn_ack *ack, void *ctx);

static void fill_cookie(struct dvpn_cookie *c, const u8 *bytes, u8 len)
{
	c->len = len;
	memcpy(c->bytes, bytes, len);
}

static void fill_map(const struct item *e, struct dvpn_map *m)
{
	memset(m, 0, sizeof(*m));
	m->has = DVPN_MAP_HAS_PROTO;
	m->ifindex = e->r->ifindex;
	addr_to_dvpn(&m->proto, &e->map.prefix.addr);
	m->prefixlen = e->map.prefix.plen;
	if (!e->wanted)
		return;
	m->has |= DVPN_MAP_HAS_FLAGS | DVPN_MAP_HAS_PREFERENCE | DVPN_MAP_HAS_EXPIRES |
		  DVPN_MAP_HAS_OWNER | DVPN_MAP_HAS_COOKIE | DVPN_MAP_HAS_PEER;
	m->flags = e->map.flags;
	m->flags_mask = DVPN_MAP_F_ALL & ~DVPN_MAP_F_INCOMPLETE;
	m->preference = e->map.preference;
	m->expires_ms = recon_time_left(e, e->map.expires_ms);
	m->owner = e->r->owner;
	fill_cookie(&m->cookie, e->map.cookie, e->map.cookie_len);
	key_to_dvpn(&m->peer, &e->map.peer);
}

/* Some NATs forget an idle UDP binding after 30 seconds. The kernel keeps that of
 * the way to a hub, also when this daemon does not run.
 */
#define KEEPALIVE_S 20

/* The mapping is there, and so is its peer. One of the administrator's stays as it is. */
static void set_keepalive(struct item *e)
{
	struct dvpn_peer p = { .has = DVPN_PEER_HAS_KEY, .ifindex = e->r->ifindex };
	struct dvpn_match match = { .has = DVPN_MATCH_HAS_OWNER };

	if (e->map.peer.encap != NHRP_ENCAP_UDP || !(e->map.flags & NHRP_MAP_NHS))
		return;
	key_to_dvpn(&p.key, &e->map.peer);
	if (dvpn_peer_get(e->r->handle, &p) || !p.owner || p.keepalive_s == KEEPALIVE_S)
		return;
	match.owner = p.owner;
	p.has = DVPN_PEER_HAS_KEY | DVPN_PEER_HAS_KEEPALIVE;
	p.keepalive_s = KEEPALIVE_S;
	dvpn_peer_set(e->r->chan, &p, &match, NULL, NULL);
}

static int submit_map(struct item *e)
{
	struct dvpn_match match = { .has = DVPN_MATCH_HAS_OWNER, .owner = e->holder };
	struct dvpn_chan *c = e->r->chan;
	bool exact = e->exact;
	struct dvpn_map m;

	fill_map(e, &m);
	/* Until the answer has come. */
	e->exact = false;
	if (!e->wanted)
		return dvpn_map_del(c, &m, &match, on_ack, e);
	if (exact) {
		m.has = DVPN_MAP_HAS_PROTO | DVPN_MAP_HAS_EXPIRES;
		return dvpn_map_set(c, &m, &match, on_ack, e);
	}
	if (e->there)
		return dvpn_map_replace(c, &m, &match, on_ack, e);
	return dvpn_map_new(c, &m, on_ack, e);
}

static void name_peer(const struct item *e, struct dvpn_peer *p)
{
	memset(p, 0, sizeof(*p));
	p->has = DVPN_PEER_HAS_KEY;
	p->ifindex = e->r->ifindex;
	key_to_dvpn(&p->key, &e->peer.key);
}

/* What we say of a peer. All else in @p stays. */
static void fill_peer(const struct item *e, struct dvpn_peer *p)
{
	p->has |= DVPN_PEER_HAS_OWNER | DVPN_PEER_HAS_COOKIE | DVPN_PEER_HAS_EXPIRES;
	if (!e->peer.mapped) {
		p->has |= DVPN_PEER_HAS_MTU_ADVERTISED;
		p->mtu_advertised = e->peer.mtu;
	}
	p->owner = e->r->owner;
	p->expires_ms = recon_time_left(e, e->peer.expires_ms);
	fill_cookie(&p->cookie, e->peer.cookie, e->peer.cookie_len);
}

/* Replacing @p means to say everything, also what others set. */
static int replace_peer(struct item *e, struct dvpn_peer *p)
{
	struct dvpn_match match = { .has = DVPN_MATCH_HAS_OWNER, .owner = p->owner };

	p->has &= DVPN_PEER_HAS_KEY | DVPN_PEER_HAS_FLAGS | DVPN_PEER_HAS_MARK_MASK |
		  DVPN_PEER_HAS_MTU | DVPN_PEER_HAS_MTU_ADVERTISED | DVPN_PEER_HAS_MSS |
		  DVPN_PEER_HAS_KEEPALIVE;
	fill_peer(e, p);
	return dvpn_peer_replace(e->r->chan, p, &match, on_ack, e);
}

/*
 * It must be ours before the request that follows leads its mapping elsewhere. What was
 * asked for before must be in the kernel before it is asked about; whether that failed
 * will be found when the rest is sent.
 */
static bool is_mapped(const struct item *e, struct dvpn_peer *p)
{
	dvpn_chan_flush(e->r->chan);
	name_peer(e, p);
	return !dvpn_peer_get(e->r->handle, p) && p->owner;
}

static int submit_peer(struct item *e)
{
	struct dvpn_match match = { .has = DVPN_MATCH_HAS_OWNER, .owner = e->holder };
	struct dvpn_chan *c = e->r->chan;
	struct dvpn_peer p, there;

	name_peer(e, &p);
	if (!e->wanted)
		return dvpn_peer_del(c, &p, &match, on_ack, e);
	fill_peer(e, &p);
	/* Before the answer it may be there by a mapping only. */
	if (e->there && !e->outstanding)
		return dvpn_peer_set(c, &p, &match, on_ack, e);
	if (e->peer.mapped && !e->tries && is_mapped(e, &there))
		return replace_peer(e, &there);
	return dvpn_peer_new(c, &p, on_ack, e);
}

void recon_retry_later(struct item *e, const char *why)
{
	u64 wait = RETRY_MIN_MS << (e->tries < 9 ? e->tries : 9);

	snprintf(e->text, sizeof(e->text), "%s", why);
	e->tries++;
	if (wait > RETRY_MAX_MS)
		wait = RETRY_MAX_MS;
	recon_set_progress(e, e->outstanding, clock_ms() + wait);
}

/* @err: what became of asking for what is wanted. */
static void submitted(struct item *e, int err)
{
	if (err) {
		recon_retry_later(e, strerror(-err));
		return;
	}
	/* Until told otherwise: a second wish may follow before the answer comes. */
	e->there = e->wanted;
	e->holder = e->r->owner;
	e->r->stats.requests++;
	e->r->stats.retries += e->tries != 0;
	recon_set_progress(e, e->outstanding + 1, 0);
}

void recon_submit(struct item *e)
{
	recon_set_progress(e, e->outstanding, 0);
	submitted(e, e->is_peer ? submit_peer(e) : submit_map(e));
}

/* ----- answers ----- */

static void give_up(struct item *e, const char *why)
{
	char name[NHRP_PREFIX_STRLEN];
	bool first = !e->stuck;

	e->stuck = true;
	e->there = false;
	e->r->stats.refused++;
	snprintf(e->text, sizeof(e->text), "%s", why);
	if (first)
		log_line(LOG_WARNING, e->r->tunnel, "table", "the kernel refuses %s %s: %s",
			 e->is_peer ? "peer" : "mapping",
			 recon_item_str(e, name, sizeof(name)), why);
}

static void succeeded(struct item *e)
{
	e->tries = 0;
	e->stuck = false;
	e->text[0] = 0;
	/* Unless a later wish could not even be sent: that was the answer to an older one. */
	e->exact = e->wanted && !e->retry_ms;
	if (!e->is_peer && e->wanted)
		set_keepalive(e);
}

static bool worth_retrying(int err)
{
	switch (err) {
	case -EAGAIN:
	case -ENOBUFS:
	case -ENOMEM:
	case -ENOSPC:
	case -ENETDOWN:
		return true;
	default:
		return false;
	}
}

static void failed(struct item *e, const struct dvpn_ack *ack)
{
	const char *why = *ack->text ? ack->text : strerror(-ack->err);

	if (ack->err == -ENOBUFS)
		e->r->lost = true;
	e->there = !e->wanted;
	if (worth_retrying(ack->err))
		recon_retry_later(e, why);
	else
		give_up(e, why);
}

/*
 * An entry that we did not know of is in the way. The administrator's stays;
 * anybody else's is taken over.
 */
static void take_over_map(struct item *e)
{
	struct dvpn_map there;
	int err;

	fill_map(e, &there);
	there.has = DVPN_MAP_HAS_PROTO;
	err = dvpn_map_get(e->r->handle, &there);
	if (err == -ENOENT) {
		recon_retry_later(e, "it came and went");
	} else if (err) {
		recon_retry_later(e, dvpn_error(e->r->handle));
	} else if (!there.owner) {
		give_up(e, "the administrator has a mapping of his own there");
	} else {
		e->there = true;
		e->holder = there.owner;
		e->tries++;
		recon_submit(e);
	}
}

static void map_failed(struct item *e, const struct dvpn_ack *ack)
{
	switch (ack->err) {
	case -ENOENT:
	case -ESTALE:
		/* Gone by itself, or somebody else's by now: then it is not ours to delete. */
		e->there = false;
		if (e->wanted)
			recon_retry_later(e, "it changed meanwhile");
		return;
	case -EEXIST:
		e->there = false;
		if (e->tries < 3)
			take_over_map(e);
		else
			recon_retry_later(e, "it keeps changing");
		return;
	default:
		failed(e, ack);
	}
}

/*
 * It is there, by a mapping or from a former agent. Changing it would not do: only
 * what is new, or replaced as if it was, stays when its mappings go.
 */
static void take_over_peer(struct item *e)
{
	struct dvpn_peer p;
	int err;

	name_peer(e, &p);
	err = dvpn_peer_get(e->r->handle, &p);
	if (err == -ENOENT) {
		recon_retry_later(e, "it came and went");
	} else if (err) {
		recon_retry_later(e, dvpn_error(e->r->handle));
	} else if (!p.owner) {
		/* The administrator's: it is accepted on receive, which is all we want. */
		succeeded(e);
	} else {
		e->tries++;
		submitted(e, replace_peer(e, &p));
	}
}

static void peer_failed(struct item *e, const struct dvpn_ack *ack)
{
	switch (ack->err) {
	case -EEXIST:
		e->there = false;
		if (e->tries < 3)
			take_over_peer(e);
		else
			recon_retry_later(e, "it keeps changing");
		return;
	case -ENOENT:
	case -ESTALE:
		e->there = false;
		if (e->wanted && !e->tries++)
			recon_submit(e);
		else if (e->wanted)
			recon_retry_later(e, "it changed meanwhile");
		return;
	case -EBUSY:
		e->there = false;	/* mappings lead to it and take it along when they go */
		return;
	default:
		failed(e, ack);
	}
}

static void on_ack(const struct dvpn_ack *ack, void *ctx)
{
	struct item *e = ctx;

	recon_set_progress(e, e->outstanding - 1, e->retry_ms);
	/* Only the answer to the last request tells how things stand. */
	if (e->r->closing || e->outstanding)
		return;
	if (ack->err && e->is_peer)
		peer_failed(e, ack);
	else if (ack->err)
		map_failed(e, ack);
	else
		succeeded(e);
	recon_drop_if_done(e);
}
