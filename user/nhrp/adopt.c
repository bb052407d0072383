// SPDX-License-Identifier: GPL-2.0
/*
 * Taking over what the kernel holds: entries of an earlier life of ours become
 * state again, those of the administrator are left alone, all else is refused
 * and swept by the daemon.
 */
#include <stdlib.h>

#include "nhrp/adopt.h"
#include "nhrp/binding.h"
#include "nhrp/cookie.h"
#include "nhrp/hub.h"
#include "nhrp/internal.h"
#include "nhrp/owner.h"
#include "nhrp/policy.h"
#include "nhrp/remote.h"
#include "nhrp/shortcut.h"

bool nhrp_foreign_has(struct nhrp_tunnel *t, const struct nhrp_prefix *prefix)
{
	u64 hash = nhrp_prefix_hash(prefix, t->core->hash_key);
	struct nhrp_node *n;

	for (n = nhrp_table_chain(&t->foreign, hash); n; n = n->chain)
		if (!nhrp_prefix_cmp(&container_of(n, struct nhrp_foreign,
						   node)->prefix, prefix))
			return true;
	return false;
}

void nhrp_foreign_free_all(struct nhrp_tunnel *t)
{
	struct nhrp_node *n, *tmp;

	nhrp_table_for_each(n, tmp, &t->foreign) {
		nhrp_table_del(&t->foreign, n);
		free(container_of(n, struct nhrp_foreign, node));
	}
}

static int adopt_foreign(struct nhrp_tunnel *t, const struct nhrp_map *map)
{
	struct nhrp_foreign *f;

	if (nhrp_foreign_has(t, &map->prefix))
		return 0;
	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->prefix = map->prefix;
	f->peer = map->peer;
	if (nhrp_table_add(&t->foreign, &f->node,
			   nhrp_prefix_hash(&f->prefix, t->core->hash_key))) {
		free(f);
		return -ENOMEM;
	}
	return 0;
}

/* As then, so now: by key or not, by IKE or not. */
static bool proves_as(const struct nhrp_identity *owner, const struct nhrp_cookie *c)
{
	return !owner->nr_keys == !c->key_id && !*owner->ike == !(c->flags & NHRP_COOKIE_F_IKE);
}

static int adopt_binding(struct nhrp_tunnel *t, const struct nhrp_map *map,
			 const struct nhrp_cookie *c, u64 now)
{
	const struct nhrp_addr *proto = &map->prefix.addr;
	struct nhrp_identity *owner = NULL;
	struct nhrp_binding *b;

	if (!t->cfg.nhs || !map->expires_ms ||
	    !nhrp_prefix_is_host(&map->prefix) ||
	    nhrp_binding_find(t, proto) ||
	    nhrp_policy_claim(t, proto, &c->claimed, &map->peer) != NHRP_C_NONE)
		return -EINVAL;
	/* Whose it was is not one any more, or may not have it any more. */
	if (c->flags & NHRP_COOKIE_F_OWNED) {
		owner = nhrp_identity_hashed(t->cfg.identities, c->owner);
		if (!nhrp_owner_still(owner, proto) || !proves_as(owner, c))
			return -EINVAL;
	}
	if (t->bindings.count >= t->cfg.max_bindings)
		return -ENOSPC;
	b = nhrp_binding_new(t, proto, &map->peer, &c->claimed, now);
	if (!b)
		return -ENOMEM;
	nhrp_owner_set(b, owner, c->key_id);
	nhrp_owner_set_ike(b, c->flags & NHRP_COOKIE_F_BY_IKE ? c->owner : 0);
	b->unique = c->flags & NHRP_COOKIE_F_UNIQUE;
	nhrp_binding_provisional(b, c->flags & NHRP_COOKIE_F_RESTORED);
	b->hold_s = c->hold_s;
	b->request_id = c->request_id;
	nhrp_binding_refresh(b, now + map->expires_ms);
	return 0;
}

static int adopt_shortcut(struct nhrp_tunnel *t, const struct nhrp_map *map,
			  const struct nhrp_cookie *c, u64 now)
{
	const struct nhrp_prefix *prefix = &map->prefix;
	struct nhrp_remote *r;

	/* Not the route: it may not be there yet, and is not used without. */
	if (!t->cfg.shortcut || !map->expires_ms ||
	    prefix->plen < t->cfg.min_plen[prefix->addr.family == AF_INET6] ||
	    nhrp_shortcut_find(t, prefix) ||
	    !nhrp_prefix_contains(prefix, &c->target) ||
	    nhrp_is_hub_proto(t, &c->proto) || nhrp_is_local(t, &c->proto) ||
	    nhrp_policy_shortcut(t, prefix, &map->peer) != NHRP_C_NONE)
		return -EINVAL;
	r = nhrp_remote_find(t, &c->proto);
	if (r && !nhrp_key_eq(&r->peer, &map->peer))
		return -EINVAL;
	r = nhrp_remote_learn(t, &c->proto, &map->peer, &c->claimed, now);
	if (!r)
		return -ENOSPC;
	if (!(map->flags & NHRP_MAP_PROBATION))
		r->proven = true;
	r->answered |= c->flags & NHRP_COOKIE_F_ANSWERED;
	if (!nhrp_shortcut_make(t, prefix, &c->target, r, c->hold_s,
				now + map->expires_ms, now)) {
		nhrp_remote_put(r, now);
		return -ENOSPC;
	}
	return 0;
}

int nhrp_tunnel_adopt_map(struct nhrp_tunnel *t, const struct nhrp_map *map,
			  u64 now_ms)
{
	struct nhrp_cookie c;
	int err = -EINVAL;

	if (t->state != NHRP_TUNNEL_NEW)
		return -EINVAL;
	if (!map->owner)
		return adopt_foreign(t, map);
	if (nhrp_cookie_decode(&c, map->cookie, map->cookie_len)) {
		nhrp_count(t, NHRP_C_DROP_COOKIE);
		return -EINVAL;
	}
	switch (c.type) {
	case NHRP_COOKIE_NHS:
		err = nhrp_hubmap_adopt(t, map, &c, now_ms);
		break;
	case NHRP_COOKIE_BINDING:
		err = adopt_binding(t, map, &c, now_ms);
		break;
	case NHRP_COOKIE_SHORTCUT:
		err = adopt_shortcut(t, map, &c, now_ms);
		break;
	case NHRP_COOKIE_STATIC:
		err = nhrp_static_find(t, &map->prefix.addr) ? 0 : -EINVAL;
		break;
	case NHRP_COOKIE_NEGATIVE:	/* asked again if still wanted */
	case NHRP_COOKIE_REMOTE:
		break;
	}
	if (err)
		nhrp_count(t, NHRP_C_DROP_COOKIE);
	return err;
}

int nhrp_tunnel_adopt_peer(struct nhrp_tunnel *t, const struct nhrp_peer *peer,
			   u64 now_ms)
{
	struct nhrp_prefix told;
	struct nhrp_cookie c;
	struct nhrp_remote *r;

	if (t->state != NHRP_TUNNEL_NEW)
		return -EINVAL;
	if (!peer->owner)
		return 0;
	if (nhrp_cookie_decode(&c, peer->cookie, peer->cookie_len) ||
	    c.type != NHRP_COOKIE_REMOTE || !peer->expires_ms ||
	    nhrp_is_local(t, &c.proto) || nhrp_is_hub_proto(t, &c.proto) ||
	    nhrp_policy_nbma(t, &peer->key.nbma) != NHRP_C_NONE) {
		nhrp_count(t, NHRP_C_DROP_COOKIE);
		return -EINVAL;
	}
	r = nhrp_remote_find(t, &c.proto);
	if (r && !nhrp_key_eq(&r->peer, &peer->key))
		return -EINVAL;
	r = nhrp_remote_learn(t, &c.proto, &peer->key, &c.claimed, now_ms);
	if (!r)
		return -ENOSPC;
	r->answered |= c.flags & NHRP_COOKIE_F_ANSWERED;
	r->mtu = peer->mtu;
	r->rx_until = now_ms + peer->expires_ms;
	nhrp_timer(t, &r->wait, r->rx_until);
	if (!nhrp_addr_none(&c.target)) {
		told.addr = c.target;
		told.plen = c.target_plen;
		nhrp_remote_told(r, &told, r->rx_until, now_ms);
	}
	return 0;
}
