// SPDX-License-Identifier: GPL-2.0
/* The reconciler's entries: see recon_item.h */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/clock.h"
#include "dvpnd/recon_item.h"

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

const char *recon_item_str(const struct item *e, char *buf, size_t size)
{
	return e->is_peer ? nhrp_addr_format(&e->peer.key.nbma, buf, size) :
			    nhrp_prefix_format(&e->map.prefix, buf, size);
}

bool recon_item_unsettled(const struct item *e)
{
	return e->outstanding || e->retry_ms;
}

void recon_set_progress(struct item *e, unsigned int outstanding, u64 retry_ms)
{
	bool before = recon_item_unsettled(e);

	e->outstanding = outstanding;
	e->retry_ms = retry_ms;
	e->r->unsettled += recon_item_unsettled(e) - before;
	if (retry_ms && retry_ms < e->r->next_retry_ms)
		e->r->next_retry_ms = retry_ms;
}

void recon_forget(struct item *e)
{
	e->r->stats.entries--;
	tdelete(e, &e->r->tree, item_cmp);
	free(e);
}

void recon_drop_if_done(struct item *e)
{
	if (!e->wanted && !e->there && !recon_item_unsettled(e))
		recon_forget(e);
}

struct item *recon_find(struct recon *r, const struct item *like)
{
	struct item **node = tfind(like, &r->tree, item_cmp);

	return node ? *node : NULL;
}

struct item *recon_find_or_add(struct recon *r, const struct item *like)
{
	struct item *e = recon_find(r, like);

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

bool recon_same_map(const struct nhrp_map *a, const struct nhrp_map *b)
{
	return !key_cmp(&a->peer, &b->peer) && a->flags == b->flags &&
	       a->preference == b->preference && a->cookie_len == b->cookie_len &&
	       !memcmp(a->cookie, b->cookie, a->cookie_len);
}

u64 recon_time_left(const struct item *e, u64 expires_ms)
{
	u64 gone = clock_ms() - e->set_ms;

	if (!expires_ms)
		return 0;
	return expires_ms > gone ? expires_ms - gone : 1;
}
