// SPDX-License-Identifier: GPL-2.0
/*
 * Messages that were recorded and are sent again
 *
 * Of each sender, that is each key and protocol address, the newest epoch is known, the
 * highest counter in it, and which of the 64 counters up to that have come. What is
 * older is refused: it cannot be told from what came before. Called for messages with a
 * right HMAC only, so that nobody without a key can have anything remembered.
 *
 * When there is no more room those are forgotten who have not been heard of for longer
 * than any holding time. Of them all, for each key, the newest message that came is kept:
 * the floor. Who is not known, or not any more, is heard if he is above it. One who was
 * silent for so long and runs still is not, and begins a new epoch when he misses his hub.
 */
#include <stdlib.h>
#include <string.h>

#include "nhrp/auth.h"
#include "nhrp/internal.h"

#define WINDOW		64
/* No holding time is longer. */
#define SILENT_MS	(UINT16_MAX * 1000ull)
#define SWEEP_MS	60000

/* Is it new? Then it has been received. */
bool nhrp_replay_window(struct nhrp_replay *r, u32 epoch, u32 counter)
{
	u32 ahead, behind;

	if (epoch < r->epoch)
		return false;
	if (epoch > r->epoch) {
		r->epoch = epoch;
		r->top = counter;
		r->window = 1;
		return true;
	}
	if (counter > r->top) {
		ahead = counter - r->top;
		r->window = ahead < WINDOW ? r->window << ahead | 1 : 1;
		r->top = counter;
		return true;
	}
	behind = r->top - counter;
	if (behind >= WINDOW || r->window >> behind & 1)
		return false;
	r->window |= 1ull << behind;
	return true;
}

static struct nhrp_replay *find(struct nhrp_tunnel *t, u16 key_id,
				const struct nhrp_addr *hop, u64 hash)
{
	struct nhrp_node *n;

	for (n = nhrp_table_chain(&t->replays, hash); n; n = n->chain) {
		struct nhrp_replay *r = container_of(n, struct nhrp_replay,
						     node);

		if (n->hash == hash && r->key_id == key_id &&
		    nhrp_addr_eq(&r->hop, hop))
			return r;
	}
	return NULL;
}

/* Everybody who may be known to us, with an old key and a new one. */
static u64 most(const struct nhrp_tunnel *t)
{
	return 2ull * (t->cfg.max_bindings + t->cfg.max_shortcuts +
		       NHRP_HUBS_MAX * NHRP_LOCALS_MAX);
}

static struct nhrp_replay_floor *find_floor(struct nhrp_tunnel *t, u16 key_id)
{
	struct nhrp_replay_floor *f = t->floors;

	while (f->key_id && f->key_id != key_id && f < t->floors + NHRP_KEYS_MAX - 1)
		f++;
	return f;
}

static bool is_above(const struct nhrp_replay_floor *f, u32 epoch, u32 counter)
{
	return !f->key_id || epoch > f->epoch ||
	       (epoch == f->epoch && counter > f->top);
}

static void forget(struct nhrp_tunnel *t, struct nhrp_replay *r)
{
	nhrp_table_del(&t->replays, &r->node);
	free(r);
}

static void forget_silent(struct nhrp_tunnel *t, u64 now)
{
	struct nhrp_node *n, *tmp;

	if (t->replays_swept_at && now < t->replays_swept_at + SWEEP_MS)
		return;
	t->replays_swept_at = now;
	nhrp_table_for_each(n, tmp, &t->replays) {
		struct nhrp_replay *r = container_of(n, struct nhrp_replay,
						     node);
		struct nhrp_replay_floor *f = find_floor(t, r->key_id);

		if (now < r->heard_at + SILENT_MS)
			continue;
		if (is_above(f, r->epoch, r->top))
			*f = (struct nhrp_replay_floor){
				.key_id = r->key_id, .epoch = r->epoch,
				.top = r->top,
			};
		forget(t, r);
	}
}

enum nhrp_counter nhrp_replay_check(struct nhrp_tunnel *t, u16 key_id,
				    const struct nhrp_addr *hop, u32 epoch,
				    u32 counter)
{
	u64 hash = nhrp_hash(t, hop), now = t->core->now_ms;
	struct nhrp_replay *r = find(t, key_id, hop, hash);

	if (r) {
		if (!nhrp_replay_window(r, epoch, counter))
			return NHRP_C_DROP_REPLAY;
		r->heard_at = now;
		return NHRP_C_NONE;
	}
	if (t->replays.count >= most(t))
		forget_silent(t, now);
	if (!is_above(find_floor(t, key_id), epoch, counter))
		return NHRP_C_DROP_REPLAY;
	if (t->replays.count >= most(t))
		return NHRP_C_DROP_TABLE_FULL;
	r = calloc(1, sizeof(*r));
	if (!r)
		return NHRP_C_DROP_NOMEM;
	r->hop = *hop;
	r->key_id = key_id;
	r->epoch = epoch;
	r->top = counter;
	r->window = 1;
	r->heard_at = now;
	if (nhrp_table_add(&t->replays, &r->node, hash)) {
		free(r);
		return NHRP_C_DROP_NOMEM;
	}
	return NHRP_C_NONE;
}

static bool has_key(const struct nhrp_tunnel *t, u16 id)
{
	unsigned int i;

	for (i = 0; i < t->cfg.nr_keys; i++)
		if (t->cfg.keys[i].id == id)
			return true;
	return false;
}

/* All of it, or what was signed with keys that are not configured any more. */
void nhrp_replay_forget(struct nhrp_tunnel *t, bool all)
{
	struct nhrp_replay_floor *f, old[NHRP_KEYS_MAX];
	struct nhrp_node *n, *tmp;
	unsigned int i;

	memcpy(old, t->floors, sizeof(old));
	memset(t->floors, 0, sizeof(t->floors));
	for (f = t->floors, i = 0; i < NHRP_KEYS_MAX; i++)
		if (!all && old[i].key_id && has_key(t, old[i].key_id))
			*f++ = old[i];

	nhrp_table_for_each(n, tmp, &t->replays) {
		struct nhrp_replay *r = container_of(n, struct nhrp_replay,
						     node);

		if (!all && has_key(t, r->key_id))
			continue;
		forget(t, r);
	}
}
