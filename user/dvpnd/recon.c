// SPDX-License-Identifier: GPL-2.0
/* The reconciler: see recon.h */
#include <errno.h>
#include <search.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/clock.h"
#include "dvpnd/convert.h"
#include "dvpnd/log.h"
#include "dvpnd/recon.h"

#define RETRY_MIN_MS	100
#define RETRY_MAX_MS	30000
#define TEXT_MAX	96
#define PRUNE_MS	10000	/* between two looks for what is over */
#define PRUNE_GRACE_MS	2000	/* the core's own timers come first */
#define BATCH_MAX	256

/**
 * struct item - one mapping or peer
 * @r: its reconciler.
 * @is_peer: @peer is valid, else @map.
 * @wanted: it should be in the kernel; else it should not.
 * @there: the kernel holds it, as far as we know.
 * @holder: owner that it has there.
 * @stuck: the kernel refused for good.
 * @outstanding: requests without answer.
 * @tries: failures in a row.
 * @set_ms: when the wish was made: times in it count from there.
 * @retry_ms: when to try again, 0: not.
 * @text: why it is not in the kernel.
 */
struct item {
	struct recon *r;
	bool is_peer;
	bool wanted;
	bool there;
	bool stuck;
	u32 holder;
	unsigned int outstanding;
	unsigned int tries;
	u64 set_ms;
	u64 retry_ms;
	char text[TEXT_MAX];
	union {
		struct nhrp_map map;
		struct nhrp_peer peer;
	};
};

struct recon {
	const char *tunnel;
	unsigned int ifindex;
	u32 owner;
	struct dvpn_chan *chan;
	struct dvpn_handle *handle;
	void *tree;
	unsigned int unsettled;
	bool lost;
	bool closing;
	u64 next_retry_ms;
	u64 next_prune_ms;
	struct recon_stats stats;
};

static int key_cmp(const struct nhrp_peer_key *a, const struct nhrp_peer_key *b)
{
	int c = nhrp_addr_cmp(&a->nbma, &b->nbma);

	if (!c)
		c = (int)a->encap - (int)b->encap;
	if (!c)
		c = (int)a->port - (int)b->port;
	if (!c)
		c = (a->mark > b->mark) - (a->mark < b->mark);
	if (!c)
		c = (a->if_id > b->if_id) - (a->if_id < b->if_id);
	return c;
}

static int item_cmp(const void *x, const void *y)
{
	const struct item *a = x, *b = y;

	if (a->is_peer != b->is_peer)
		return a->is_peer - b->is_peer;
	return a->is_peer ? key_cmp(&a->peer.key, &b->peer.key) :
			    nhrp_prefix_cmp(&a->map.prefix, &b->map.prefix);
}

static const char *item_str(const struct item *e, char *buf, size_t size)
{
	return e->is_peer ? nhrp_addr_format(&e->peer.key.nbma, buf, size) :
			    nhrp_prefix_format(&e->map.prefix, buf, size);
}

static bool unsettled(const struct item *e)
{
	return e->outstanding || e->retry_ms;
}

/* Every change of what unsettled() looks at goes through here. */
static void set_progress(struct item *e, unsigned int outstanding, u64 retry_ms)
{
	bool before = unsettled(e);

	e->outstanding = outstanding;
	e->retry_ms = retry_ms;
	e->r->unsettled += unsettled(e) - before;
	if (retry_ms && retry_ms < e->r->next_retry_ms)
		e->r->next_retry_ms = retry_ms;
}

static void forget(struct item *e)
{
	e->r->stats.entries--;
	tdelete(e, &e->r->tree, item_cmp);
	free(e);
}

static void drop_if_done(struct item *e)
{
	if (!e->wanted && !e->there && !unsettled(e))
		forget(e);
}

/* @like has only its key set. */
static struct item *find(struct recon *r, const struct item *like)
{
	struct item **node = tfind(like, &r->tree, item_cmp);

	return node ? *node : NULL;
}

static struct item *find_or_add(struct recon *r, const struct item *like)
{
	struct item *e = find(r, like);

	if (e)
		return e;
	e = malloc(sizeof(*e));
	if (e) {
		*e = *like;
		e->r = r;
		if (!tsearch(e, &r->tree, item_cmp)) {
			free(e);
			e = NULL;
		}
	}
	if (e)
		r->stats.entries++;
	else
		r->lost = true;		/* no memory: the resync brings the wish again */
	return e;
}

/* ----- requests ----- */

static void map_ack(const struct dvpn_ack *ack, void *ctx);
static void peer_ack(const struct dvpn_ack *ack, void *ctx);

static u64 time_left(const struct item *e, u64 expires_ms)
{
	u64 gone = clock_ms() - e->set_ms;

	if (!expires_ms)
		return 0;
	return expires_ms > gone ? expires_ms - gone : 1;
}

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
	m->expires_ms = time_left(e, e->map.expires_ms);
	m->owner = e->r->owner;
	fill_cookie(&m->cookie, e->map.cookie, e->map.cookie_len);
	key_to_dvpn(&m->peer, &e->map.peer);
}

/* Some NATs forget an idle UDP binding after 30 seconds. The kernel keeps that of
 * the way to a hub, also when this daemon does not run.
 */
#define KEEPALIVE_S 20

static void keepalive_ack(const struct dvpn_ack *ack, void *ctx)
{
	/* Without the mapping, which has an answer of its own, there is no such peer. */
	(void)ack;
	(void)ctx;
}

static void submit_keepalive(struct item *e, const struct dvpn_map *m)
{
	struct dvpn_peer p = {
		.has = DVPN_PEER_HAS_KEY | DVPN_PEER_HAS_KEEPALIVE,
		.ifindex = m->ifindex,
		.key = m->peer,
		.keepalive_s = KEEPALIVE_S,
	};

	if (m->peer.encap == DVPN_ENCAP_UDP && (m->flags & DVPN_MAP_F_NHS))
		dvpn_peer_set(e->r->chan, &p, NULL, keepalive_ack, NULL);
}

static int submit_map(struct item *e)
{
	struct dvpn_match match = { .has = DVPN_MATCH_HAS_OWNER, .owner = e->holder };
	struct dvpn_chan *c = e->r->chan;
	struct dvpn_map m;
	int err;

	fill_map(e, &m);
	if (!e->wanted)
		return dvpn_map_del(c, &m, &match, map_ack, e);
	if (e->there)
		err = dvpn_map_replace(c, &m, &match, map_ack, e);
	else
		err = dvpn_map_new(c, &m, map_ack, e);
	if (!err)
		submit_keepalive(e, &m);
	return err;
}

static int submit_peer(struct item *e)
{
	struct dvpn_chan *c = e->r->chan;
	struct dvpn_peer p = { .has = DVPN_PEER_HAS_KEY, .ifindex = e->r->ifindex };

	key_to_dvpn(&p.key, &e->peer.key);
	if (!e->wanted)
		return dvpn_peer_del(c, &p, NULL, peer_ack, e);
	p.has |= DVPN_PEER_HAS_MTU_ADVERTISED | DVPN_PEER_HAS_OWNER | DVPN_PEER_HAS_COOKIE |
		 DVPN_PEER_HAS_EXPIRES;
	p.mtu_advertised = e->peer.mtu;
	p.owner = e->r->owner;
	p.expires_ms = time_left(e, e->peer.expires_ms);
	fill_cookie(&p.cookie, e->peer.cookie, e->peer.cookie_len);
	if (e->there)
		return dvpn_peer_set(c, &p, NULL, peer_ack, e);
	return dvpn_peer_new(c, &p, peer_ack, e);
}

static void retry_later(struct item *e, const char *why)
{
	u64 wait = RETRY_MIN_MS << (e->tries < 9 ? e->tries : 9);

	snprintf(e->text, sizeof(e->text), "%s", why);
	e->tries++;
	set_progress(e, e->outstanding, clock_ms() + (wait < RETRY_MAX_MS ? wait : RETRY_MAX_MS));
}

static void submit(struct item *e)
{
	int err;

	set_progress(e, e->outstanding, 0);
	err = e->is_peer ? submit_peer(e) : submit_map(e);
	if (err) {
		retry_later(e, strerror(-err));
		return;
	}
	/* Until told otherwise: a second wish may follow before the answer comes. */
	e->there = e->wanted;
	e->holder = e->r->owner;
	e->r->stats.requests++;
	e->r->stats.retries += e->tries != 0;
	set_progress(e, e->outstanding + 1, 0);
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
			 item_str(e, name, sizeof(name)), why);
}

static void succeeded(struct item *e)
{
	e->tries = 0;
	e->stuck = false;
	e->text[0] = 0;
}

static bool worth_retrying(int err)
{
	switch (err) {
	case -EAGAIN:
	case -ENOBUFS:
	case -ENOMEM:
	case -EINTR:
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
		retry_later(e, why);
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
		retry_later(e, "it came and went");
	} else if (err) {
		retry_later(e, dvpn_error(e->r->handle));
	} else if (!there.owner) {
		give_up(e, "the administrator has a mapping of his own there");
	} else {
		e->there = true;
		e->holder = there.owner;
		e->tries++;
		submit(e);
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
			retry_later(e, "it changed meanwhile");
		return;
	case -EEXIST:
		e->there = false;
		if (e->tries < 3)
			take_over_map(e);
		else
			retry_later(e, "it keeps changing");
		return;
	default:
		failed(e, ack);
	}
}

static void map_ack(const struct dvpn_ack *ack, void *ctx)
{
	struct item *e = ctx;

	set_progress(e, e->outstanding - 1, e->retry_ms);
	if (e->r->closing)
		return;
	/* Only the answer to the last request tells how things stand. */
	if (!e->outstanding) {
		if (ack->err)
			map_failed(e, ack);
		else
			succeeded(e);
	}
	drop_if_done(e);
}

static void peer_exists(struct item *e)
{
	struct dvpn_peer there = { .has = DVPN_PEER_HAS_KEY, .ifindex = e->r->ifindex };

	key_to_dvpn(&there.key, &e->peer.key);
	if (dvpn_peer_get(e->r->handle, &there)) {
		retry_later(e, dvpn_error(e->r->handle));
	} else if (!there.owner) {
		/* The administrator's: it is accepted on receive, which is all we want. */
		succeeded(e);
	} else {
		e->there = true;
		submit(e);
	}
}

static void peer_failed(struct item *e, const struct dvpn_ack *ack)
{
	switch (ack->err) {
	case -EEXIST:
		peer_exists(e);
		return;
	case -ENOENT:
		e->there = false;
		if (e->wanted)
			retry_later(e, "it is gone");
		return;
	case -EBUSY:
		e->there = false;	/* mappings lead to it and take it along when they go */
		return;
	default:
		failed(e, ack);
	}
}

static void peer_ack(const struct dvpn_ack *ack, void *ctx)
{
	struct item *e = ctx;

	set_progress(e, e->outstanding - 1, e->retry_ms);
	if (e->r->closing)
		return;
	if (!e->outstanding) {
		if (ack->err)
			peer_failed(e, ack);
		else
			succeeded(e);
	}
	drop_if_done(e);
}

/* ----- wishes ----- */

static void wish(struct item *e, bool wanted)
{
	e->wanted = wanted;
	e->stuck = false;
	e->set_ms = clock_ms();
	submit(e);
	drop_if_done(e);
}

void recon_map_set(struct recon *r, const struct nhrp_map *map)
{
	struct item like = { .map.prefix = map->prefix };
	struct item *e = find_or_add(r, &like);

	if (!e)
		return;
	e->map = *map;
	wish(e, true);
}

void recon_map_del(struct recon *r, const struct nhrp_prefix *prefix)
{
	struct item like = { .map.prefix = *prefix };
	struct item *e = find(r, &like);

	/* Only what we wanted once is ours to delete; the sweep finds the rest. */
	if (e && e->wanted)
		wish(e, false);
}

void recon_peer_set(struct recon *r, const struct nhrp_peer *peer)
{
	struct item like = { .is_peer = true, .peer.key = peer->key };
	struct item *e = find_or_add(r, &like);

	if (!e)
		return;
	e->peer = *peer;
	wish(e, true);
}

void recon_peer_del(struct recon *r, const struct nhrp_peer_key *key)
{
	struct item like = { .is_peer = true, .peer.key = *key };
	struct item *e = find(r, &like);

	if (e && e->wanted)
		wish(e, false);
}

void recon_found(struct recon *r, const struct dvpn_map *map)
{
	struct item like = { 0 };
	struct item *e;

	if (!(map->has & DVPN_MAP_HAS_PROTO) || (map->flags & DVPN_MAP_F_INCOMPLETE))
		return;
	prefix_to_nhrp(&like.map.prefix, map);
	e = find_or_add(r, &like);
	if (!e)
		return;
	/* Of owner 0 we must not know: NEW then fails, and that is right. */
	e->there = map->owner != 0;
	e->holder = map->owner;
	drop_if_done(e);
}

void recon_gone(struct recon *r, const struct nhrp_prefix *prefix)
{
	struct item like = { .map.prefix = *prefix };
	struct item *e = find(r, &like);

	/* The news may be older than a wish that was made since. */
	if (!e || e->outstanding)
		return;
	if (e->wanted && !e->map.expires_ms) {
		/* Something else was in its place. */
		e->there = false;
		retry_later(e, "it expired");
		return;
	}
	if (time_left(e, e->map.expires_ms) > 1000)
		return;
	e->wanted = false;
	e->there = false;
	set_progress(e, 0, 0);
	drop_if_done(e);
}

static void forget_node(const void *node, VISIT which, void *ctx)
{
	struct item *e = *(struct item *const *)node;

	(void)ctx;
	if (which == postorder || which == leaf)
		e->there = false;
}

void recon_restart(struct recon *r, u32 owner)
{
	r->owner = owner;
	r->lost = false;
	twalk_r(r->tree, forget_node, NULL);
}

/* ----- the rest ----- */

struct due {
	struct item *entries[BATCH_MAX];
	unsigned int n;
	u64 now_ms;
	u64 next_ms;
};

static void collect_due(const void *node, VISIT which, void *ctx)
{
	struct item *e = *(struct item *const *)node;
	struct due *due = ctx;

	if ((which != postorder && which != leaf) || !e->retry_ms)
		return;
	if (e->retry_ms <= due->now_ms && due->n < BATCH_MAX)
		due->entries[due->n++] = e;
	else if (e->retry_ms < due->next_ms)
		due->next_ms = e->retry_ms;
}

/* The kernel has dropped it by itself, or nobody wants it. */
static bool is_over(const struct item *e, u64 now_ms)
{
	u64 expires_ms = e->is_peer ? e->peer.expires_ms : e->map.expires_ms;

	if (unsettled(e))
		return false;
	return !e->wanted || (expires_ms && now_ms > e->set_ms + expires_ms + PRUNE_GRACE_MS);
}

static void collect_over(const void *node, VISIT which, void *ctx)
{
	struct item *e = *(struct item *const *)node;
	struct due *due = ctx;

	if ((which == postorder || which == leaf) && due->n < BATCH_MAX && is_over(e, due->now_ms))
		due->entries[due->n++] = e;
}

/* The end of a peer is told by nobody, that of a mapping may have been lost. */
static void prune(struct recon *r, u64 now_ms)
{
	struct due due = { .now_ms = now_ms };
	unsigned int i;

	if (now_ms < r->next_prune_ms)
		return;
	do {
		due.n = 0;
		twalk_r(r->tree, collect_over, &due);
		for (i = 0; i < due.n; i++)
			forget(due.entries[i]);
	} while (due.n == BATCH_MAX);
	r->next_prune_ms = now_ms + PRUNE_MS;
}

u64 recon_run(struct recon *r)
{
	struct due due = { .now_ms = clock_ms(), .next_ms = UINT64_MAX };
	unsigned int i;

	prune(r, due.now_ms);
	if (r->next_retry_ms == UINT64_MAX)
		return r->tree ? PRUNE_MS : UINT64_MAX;
	if (r->next_retry_ms > due.now_ms)
		return r->next_retry_ms - due.now_ms;
	twalk_r(r->tree, collect_due, &due);
	r->next_retry_ms = due.next_ms;
	for (i = 0; i < due.n; i++)
		submit(due.entries[i]);
	if (r->next_retry_ms == UINT64_MAX)
		return UINT64_MAX;
	return r->next_retry_ms > due.now_ms ? r->next_retry_ms - due.now_ms : 0;
}

bool recon_settled(const struct recon *r)
{
	return !r->unsettled;
}

unsigned int recon_unsettled(const struct recon *r)
{
	return r->unsettled;
}

bool recon_lost(struct recon *r)
{
	bool lost = r->lost;

	r->lost = false;
	return lost;
}

const struct recon_stats *recon_stats(const struct recon *r)
{
	return &r->stats;
}

struct pending_walk {
	recon_pending_fn fn;
	void *ctx;
};

static void visit_pending(const void *node, VISIT which, void *ctx)
{
	const struct item *e = *(struct item *const *)node;
	struct pending_walk *walk = ctx;
	struct recon_pending p = { .map = &e->map, .reason = e->text };

	if ((which == postorder || which == leaf) && !e->is_peer && e->wanted && !e->there)
		walk->fn(&p, walk->ctx);
}

void recon_walk_pending(struct recon *r, recon_pending_fn fn, void *ctx)
{
	struct pending_walk walk = { .fn = fn, .ctx = ctx };

	twalk_r(r->tree, visit_pending, &walk);
}

struct recon *recon_new(const char *tunnel, unsigned int ifindex, u32 owner,
			struct dvpn_chan *chan, struct dvpn_handle *handle)
{
	struct recon *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->tunnel = tunnel;
	r->ifindex = ifindex;
	r->owner = owner;
	r->chan = chan;
	r->handle = handle;
	r->next_retry_ms = UINT64_MAX;
	r->next_prune_ms = clock_ms() + PRUNE_MS;
	return r;
}

void recon_closing(struct recon *r)
{
	r->closing = true;
}

void recon_free(struct recon *r)
{
	if (!r)
		return;
	tdestroy(r->tree, free);
	free(r);
}
