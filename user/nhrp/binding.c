// SPDX-License-Identifier: GPL-2.0
/*
 * Bindings: who is registered here, from where, and who was told
 *
 * A locator is shared by the bindings that were registered from it: one spoke
 * with several protocol addresses. Two spokes that say they have different
 * NBMA addresses and come from the same one are not told apart by plain GRE;
 * the first one keeps the locator.
 */
#include <stdlib.h>
#include <string.h>

#include "nhrp/binding.h"
#include "nhrp/cookie.h"
#include "nhrp/domain.h"
#include "nhrp/internal.h"
#include "nhrp/nhs.h"
#include "nhrp/owner.h"
#include "nhrp/purge.h"
#include "nhrp/transit.h"

/**
 * struct nhrp_requester - somebody who was told of a binding
 * @proto: protocol address of the asker
 * @prefix: what it was told
 * @until_ms: when it has forgotten
 */
struct nhrp_requester {
	struct nhrp_addr proto;
	struct nhrp_prefix prefix;
	u64 until_ms;
};

struct nhrp_binding *nhrp_binding_find(struct nhrp_tunnel *t,
				       const struct nhrp_addr *proto)
{
	struct nhrp_node *n;

	for (n = nhrp_table_chain(&t->bindings, nhrp_hash(t, proto)); n;
	     n = n->chain) {
		struct nhrp_binding *b = container_of(n, struct nhrp_binding,
						      node);

		if (nhrp_addr_eq(&b->proto, proto))
			return b;
	}
	return NULL;
}

struct nhrp_locator *nhrp_locator_find(struct nhrp_tunnel *t,
				       const struct nhrp_peer_key *key)
{
	struct nhrp_node *n;

	for (n = nhrp_table_chain(&t->locators, nhrp_key_hash(t, key)); n;
	     n = n->chain) {
		struct nhrp_locator *l = container_of(n, struct nhrp_locator,
						      node);

		if (nhrp_key_eq(&l->key, key))
			return l;
	}
	return NULL;
}

static struct nhrp_locator *locator_get(struct nhrp_tunnel *t,
					const struct nhrp_peer_key *key,
					const struct nhrp_addr *claimed)
{
	struct nhrp_locator *l = nhrp_locator_find(t, key);

	if (!l) {
		l = calloc(1, sizeof(*l));
		if (!l)
			return NULL;
		l->key = *key;
		l->claimed = *claimed;
		if (nhrp_table_add(&t->locators, &l->node,
				   nhrp_key_hash(t, key))) {
			free(l);
			return NULL;
		}
	}
	l->users++;
	return l;
}

static struct nhrp_binding **all_here(struct nhrp_locator *l,
				      const struct nhrp_binding *b)
{
	return &l->here[b->proto.family == AF_INET6];
}

static void not_here(struct nhrp_locator *l, const struct nhrp_binding *b)
{
	struct nhrp_binding **p = all_here(l, b);

	while (*p && *p != b)
		p = &(*p)->next_here;
	if (*p)
		*p = b->next_here;
}

static void first_here(struct nhrp_locator *l, struct nhrp_binding *b)
{
	struct nhrp_binding **all = all_here(l, b);

	not_here(l, b);
	b->next_here = *all;
	*all = b;
}

static void locator_put(struct nhrp_tunnel *t, struct nhrp_locator *l,
			const struct nhrp_binding *b)
{
	not_here(l, b);
	if (--l->users)
		return;
	nhrp_table_del(&t->locators, &l->node);
	free(l);
}

static void expire(struct nhrp_timer *timer, u64 now)
{
	nhrp_binding_gone(container_of(timer, struct nhrp_binding, timer),
			  "holding time ended", now);
}

struct nhrp_binding *nhrp_binding_new(struct nhrp_tunnel *t,
				      const struct nhrp_addr *proto,
				      const struct nhrp_peer_key *key,
				      const struct nhrp_addr *claimed, u64 now)
{
	struct nhrp_binding *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->t = t;
	b->proto = *proto;
	b->claimed = *claimed;
	b->created_at = now;
	b->timer.fn = expire;
	b->locator = locator_get(t, key, claimed);
	if (!b->locator) {
		free(b);
		return NULL;
	}
	if (nhrp_table_add(&t->bindings, &b->node, nhrp_hash(t, proto))) {
		locator_put(t, b->locator, b);
		free(b);
		return NULL;
	}
	first_here(b->locator, b);
	nhrp_save_by(t, now);
	return b;
}

/* The old locator is heard for a while: packets are still under way. */
int nhrp_binding_move(struct nhrp_binding *b, const struct nhrp_peer_key *key,
		      const struct nhrp_addr *claimed, u64 now)
{
	struct nhrp_tunnel *t = b->t;
	struct nhrp_locator *old = b->locator;
	struct nhrp_locator *l = locator_get(t, key, claimed);

	if (!l)
		return -ENOMEM;
	nhrp_binding_purge_told(b, now);
	b->locator = l;
	b->claimed = *claimed;
	/* Who owned nothing has not moved: the next claim is not damped. */
	if (!b->provisional)
		b->moved_at = now;
	if (old->users == 1)
		nhrp_peer_drain(t, &old->key);
	locator_put(t, old, b);
	first_here(l, b);
	nhrp_save_by(t, now);
	nhrp_count(t, NHRP_C_BINDING_MOVED);
	return 0;
}

void nhrp_binding_refresh(struct nhrp_binding *b, u64 expires_at)
{
	b->expires_at = expires_at;
	first_here(b->locator, b);
	nhrp_timer(b->t, &b->timer, expires_at);
	/* Ten thousand of them are one change every hundred seconds. */
	nhrp_save_by(b->t, expires_at - b->hold_s * 5000ull / 6);
}

void nhrp_binding_set(struct nhrp_binding *b, u64 now)
{
	struct nhrp_env *env = &b->t->core->env;
	/* Without its request id: then a refresh changes nothing but the time. */
	struct nhrp_cookie c = {
		.type = NHRP_COOKIE_BINDING,
		.flags = (b->unique ? NHRP_COOKIE_F_UNIQUE : 0) |
			 (b->provisional ? NHRP_COOKIE_F_RESTORED : 0) |
			 (b->identity ? NHRP_COOKIE_F_OWNED : 0) |
			 (b->identity && *b->identity->ike ? NHRP_COOKIE_F_IKE : 0) |
			 (b->ike_owner ? NHRP_COOKIE_F_BY_IKE : 0),
		.hold_s = b->hold_s,
		.claimed = b->claimed,
		.proto = b->proto,
		.owner = b->identity ? nhrp_identity_hash(b->identity->name) : b->ike_owner,
		.key_id = b->key_id,
	};
	struct nhrp_map map = {
		.peer = b->locator->key,
		.flags = (b->unique ? NHRP_MAP_UNIQUE : 0) |
			 (b->t->cfg.multicast ? NHRP_MAP_MULTICAST : 0),
		.expires_ms = b->expires_at > now ? b->expires_at - now : 1,
		.registered = !b->provisional,
	};

	nhrp_prefix_host(&map.prefix, &b->proto);
	map.cookie_len = nhrp_cookie_encode(&c, map.cookie);
	env->map_set(env->ctx, b->t, &map);
}

static struct nhrp_requester *requester_slot(struct nhrp_binding *b,
					     const struct nhrp_addr *asker,
					     const struct nhrp_prefix *prefix,
					     u64 now)
{
	struct nhrp_requester *oldest = NULL, *more;
	unsigned int i, size;

	for (i = 0; i < b->nr_requesters; i++) {
		struct nhrp_requester *r = &b->requesters[i];

		if ((nhrp_addr_eq(&r->proto, asker) &&
		     !nhrp_prefix_cmp(&r->prefix, prefix)) ||
		    r->until_ms <= now)
			return r;
		if (!oldest || r->until_ms < oldest->until_ms)
			oldest = r;
	}
	if (b->nr_requesters == b->size_requesters &&
	    b->size_requesters < NHRP_REQUESTERS_MAX) {
		size = b->size_requesters ? b->size_requesters * 2 : 4;
		more = realloc(b->requesters, size * sizeof(*more));
		if (!more)
			return oldest;
		b->requesters = more;
		b->size_requesters = size;
	}
	if (b->nr_requesters < b->size_requesters)
		return &b->requesters[b->nr_requesters++];
	/* The one that forgets first by itself can best do without a purge. */
	nhrp_count(b->t, NHRP_C_DROP_QUEUE_FULL);
	return oldest;
}

void nhrp_binding_told(struct nhrp_binding *b, const struct nhrp_addr *asker,
		       const struct nhrp_prefix *prefix, u64 until_ms, u64 now)
{
	struct nhrp_requester *r = requester_slot(b, asker, prefix, now);

	if (!r)
		return;
	r->proto = *asker;
	r->prefix = *prefix;
	r->until_ms = until_ms;
}

/* By one tunnel or another of those that may lead to who was told. */
static bool purges_fit(const struct nhrp_tunnel *t)
{
	const struct nhrp_tunnel *o;

	for (o = t->core->tunnels; o; o = o->next)
		if (nhrp_domain_same(t, o) && o->nr_purges < NHRP_PURGES_MAX)
			return true;
	return false;
}

static void purge(const struct nhrp_requester *r, const struct nhrp_way *way, u64 now)
{
	const struct nhrp_prefix *self = nhrp_local_for(way->t, &r->proto, r->proto.family);

	if (self)
		nhrp_purge_send(way->t, &way->to, &self->addr, &r->proto, &r->prefix, 0, now);
}

void nhrp_binding_purge_told(struct nhrp_binding *b, u64 now)
{
	struct nhrp_tunnel *t = b->t;
	unsigned int i;

	for (i = 0; i < b->nr_requesters; i++) {
		const struct nhrp_requester *r = &b->requesters[i];
		struct nhrp_way way;

		if (!purges_fit(t)) {
			nhrp_count(t, NHRP_C_DROP_QUEUE_FULL);
			break;
		}
		/* Registered here, or with a hub that is on the way to it. */
		if (r->until_ms > now &&
		    nhrp_transit_purge(t, &r->proto, &way, now))
			purge(r, &way, now);
	}
	b->nr_requesters = 0;
}

static void purge_told_behind(struct nhrp_tunnel *t, struct nhrp_binding *b, u64 now)
{
	unsigned int i;

	for (i = 0; i < b->nr_requesters; i++) {
		struct nhrp_requester *r = &b->requesters[i];
		struct nhrp_binding *asker = nhrp_binding_find(t, &r->proto);
		struct nhrp_way way = { .t = t };

		if (!asker || nhrp_binding_find(b->t, &r->proto) || r->until_ms <= now)
			continue;
		way.to = asker->locator->key;
		purge(r, &way, now);
		r->until_ms = 0;
	}
}

void nhrp_bindings_purge_behind(struct nhrp_tunnel *t, u64 now)
{
	struct nhrp_node *n, *tmp;
	struct nhrp_tunnel *o;

	for (o = t->core->tunnels; o; o = o->next) {
		if (o == t || !nhrp_domain_same(t, o))
			continue;
		nhrp_table_for_each(n, tmp, &o->bindings)
			purge_told_behind(t, container_of(n, struct nhrp_binding, node), now);
	}
}

void nhrp_binding_gone(struct nhrp_binding *b, const char *why, u64 now)
{
	struct nhrp_tunnel *t = b->t;
	struct nhrp_prefix host;

	nhrp_prefix_host(&host, &b->proto);
	nhrp_note(t, NHRP_EVENT_SPOKE_DOWN, NHRP_NOTICE, NHRP_C_NONE, &host,
		  &b->locator->key, "spoke gone: %s", why);
	nhrp_binding_purge_told(b, now);
	nhrp_map_del(t, &host);
	nhrp_binding_free(b);
}

void nhrp_binding_free(struct nhrp_binding *b)
{
	struct nhrp_tunnel *t = b->t;

	nhrp_save_by(t, t->core->now_ms);
	nhrp_owner_set(b, NULL, 0);
	nhrp_binding_provisional(b, false);
	nhrp_verify_free(b);
	nhrp_timer_off(t, &b->timer);
	nhrp_table_del(&t->bindings, &b->node);
	locator_put(t, b->locator, b);
	free(b->requesters);
	free(b);
}
