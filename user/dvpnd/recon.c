// SPDX-License-Identifier: GPL-2.0
/* The reconciler: wishes, what is tried again, what is over. See recon.h */
#include <search.h>
#include <stdint.h>
#include <stdlib.h>

#include "dvpnd/clock.h"
#include "dvpnd/convert.h"
#include "dvpnd/recon_item.h"

#define PRUNE_MS	10000	/* between two looks for what is over */
#define PRUNE_GRACE_MS	2000	/* the core's own timers come first */
#define BATCH_MAX	256

/* ----- wishes ----- */

static void wish(struct item *e, bool wanted)
{
	e->wanted = wanted;
	e->stuck = false;
	e->set_ms = clock_ms();
	recon_submit(e);
	recon_drop_if_done(e);
}

void recon_map_set(struct recon *r, const struct nhrp_map *map)
{
	struct item like = { .map.prefix = map->prefix };
	struct item *e = recon_find_or_add(r, &like);

	if (!e)
		return;
	e->exact = e->exact && recon_same_map(&e->map, map);
	e->map = *map;
	wish(e, true);
}

void recon_map_del(struct recon *r, const struct nhrp_prefix *prefix)
{
	struct item like = { .map.prefix = *prefix };
	struct item *e = recon_find(r, &like);

	/* Only what we wanted once is ours to delete; the sweep finds the rest. */
	if (e && e->wanted)
		wish(e, false);
}

void recon_peer_set(struct recon *r, const struct nhrp_peer *peer)
{
	struct item like = { .is_peer = true, .peer.key = peer->key };
	struct item *e = recon_find_or_add(r, &like);

	if (!e)
		return;
	/* It may have ended and be there again, but only by a mapping. */
	if (e->peer.expires_ms && recon_time_left(e, e->peer.expires_ms) < 1000)
		e->there = false;
	e->peer = *peer;
	wish(e, true);
}

void recon_peer_del(struct recon *r, const struct nhrp_peer_key *key)
{
	struct item like = { .is_peer = true, .peer.key = *key };
	struct item *e = recon_find(r, &like);

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
	e = recon_find_or_add(r, &like);
	if (!e)
		return;
	/* Of owner 0 we must not know: NEW then fails, and that is right. */
	e->there = map->owner != 0;
	e->holder = map->owner;
	recon_drop_if_done(e);
}

void recon_gone(struct recon *r, const struct nhrp_prefix *prefix)
{
	struct item like = { .map.prefix = *prefix };
	struct item *e = recon_find(r, &like);

	/* The news may be older than a wish that was made since. */
	if (!e || e->outstanding)
		return;
	if (e->wanted && !e->map.expires_ms) {
		/* Something else was in its place. */
		e->there = false;
		e->exact = false;
		recon_retry_later(e, "it expired");
		return;
	}
	if (recon_time_left(e, e->map.expires_ms) > 1000)
		return;
	e->wanted = false;
	e->there = false;
	e->exact = false;
	recon_set_progress(e, 0, 0);
	recon_drop_if_done(e);
}

static void forget_node(const void *node, VISIT which, void *ctx)
{
	struct item *e = *(struct item *const *)node;

	(void)ctx;
	if (which == postorder || which == leaf) {
		e->there = false;
		e->exact = false;
	}
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

	if (recon_item_unsettled(e))
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
			recon_forget(due.entries[i]);
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
		recon_submit(due.entries[i]);
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
