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
 *
 * Whoever has a key can sign as any number of senders. Each identity has room of its own,
 * and those who have group keys share theirs: nobody takes that of others.
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
static bool is_full(const struct nhrp_tunnel *t,
		    const struct nhrp_identity *identity)
{
	if (identity)
		return identity->nr_replays >=
		       2u * identity->max_addresses + NHRP_LOCALS_MAX;
	return t->group_replays >=
	       2ull * (t->cfg.max_bindings + t->cfg.max_shortcuts +
		       NHRP_HUBS_MAX * NHRP_LOCALS_MAX);
}

static void account(struct nhrp_tunnel *t, const struct nhrp_replay *r, int n)
{
	if (r->identity)
		r->identity->nr_replays += n;
	else
		t->group_replays += n;
}

static struct nhrp_replay_floor *floor_in(struct nhrp_replay_floor *floors,
					  unsigned int nr, u16 key_id)
{
	struct nhrp_replay_floor *f = floors;

	while (f->key_id && f->key_id != key_id && f < floors + nr - 1)
		f++;
	return f;
}

static struct nhrp_replay_floor *find_floor(struct nhrp_tunnel *t,
					    struct nhrp_identity *identity,
					    u16 key_id)
{
	return identity ?
	       floor_in(identity->floors, NHRP_IDENTITY_KEYS_MAX, key_id) :
	       floor_in(t->floors, NHRP_KEYS_MAX, key_id);
}

static bool is_above(const struct nhrp_replay_floor *f, u32 epoch, u32 counter)
{
	return !f->key_id || epoch > f->epoch ||
	       (epoch == f->epoch && counter > f->top);
}

static void forget(struct nhrp_tunnel *t, struct nhrp_replay *r)
{
	account(t, r, -1);
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
		struct nhrp_replay_floor *f = find_floor(t, r->identity,
							 r->key_id);

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
	struct nhrp_identity *identity;

	if (r) {
		if (!nhrp_replay_window(r, epoch, counter))
			return NHRP_C_DROP_REPLAY;
		r->heard_at = now;
		return NHRP_C_NONE;
	}
	nhrp_auth_key(t, key_id, &identity);
	if (is_full(t, identity))
		forget_silent(t, now);
	if (!is_above(find_floor(t, identity, key_id), epoch, counter))
		return NHRP_C_DROP_REPLAY;
	if (is_full(t, identity))
		return identity ? NHRP_C_DROP_POLICY_QUOTA :
				  NHRP_C_DROP_TABLE_FULL;
	r = calloc(1, sizeof(*r));
	if (!r)
		return NHRP_C_DROP_NOMEM;
	r->hop = *hop;
	r->key_id = key_id;
	r->identity = identity;
	r->epoch = epoch;
	r->top = counter;
	r->window = 1;
	r->heard_at = now;
	if (nhrp_table_add(&t->replays, &r->node, hash)) {
		free(r);
		return NHRP_C_DROP_NOMEM;
	}
	account(t, r, 1);
	return NHRP_C_NONE;
}

static void keep_floors(struct nhrp_tunnel *t,
			const struct nhrp_replay_floor *old, unsigned int nr)
{
	struct nhrp_identity *identity;
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (old[i].key_id && nhrp_auth_key(t, old[i].key_id, &identity))
			*find_floor(t, identity, old[i].key_id) = old[i];
}

/* Of the keys that were there before and are there still. */
static void carry_floors(struct nhrp_tunnel *t,
			 const struct nhrp_identities *before)
{
	struct nhrp_replay_floor old[NHRP_KEYS_MAX];
	unsigned int i;

	memcpy(old, t->floors, sizeof(old));
	memset(t->floors, 0, sizeof(t->floors));
	keep_floors(t, old, NHRP_KEYS_MAX);
	for (i = 0; before && i < before->nr; i++)
		keep_floors(t, before->identity[i].floors,
			    NHRP_IDENTITY_KEYS_MAX);
}

/* What was signed with keys that are not configured any more goes. */
void nhrp_replay_changed(struct nhrp_tunnel *t,
			 const struct nhrp_identities *before)
{
	struct nhrp_node *n, *tmp;

	carry_floors(t, before);
	t->group_replays = 0;
	nhrp_table_for_each(n, tmp, &t->replays) {
		struct nhrp_replay *r = container_of(n, struct nhrp_replay,
						     node);

		if (nhrp_auth_key(t, r->key_id, &r->identity)) {
			account(t, r, 1);
			continue;
		}
		nhrp_table_del(&t->replays, &r->node);
		free(r);
	}
}

void nhrp_replay_forget(struct nhrp_tunnel *t)
{
	struct nhrp_node *n, *tmp;

	memset(t->floors, 0, sizeof(t->floors));
	nhrp_table_for_each(n, tmp, &t->replays)
		forget(t, container_of(n, struct nhrp_replay, node));
}
