// SPDX-License-Identifier: GPL-2.0
/*
 * The mappings of our hubs
 *
 * They come from the configuration, never expire and stay when a hub does not
 * answer: its agent may be dead while its kernel forwards. Only when another
 * hub has us registered is the silent one, one that is not back for long, or one
 * that we have no address to reach it from, put on probation, so that the kernel
 * takes the other one.
 */
#include <string.h>

#include "nhrp/candidate.h"
#include "nhrp/cookie.h"
#include "nhrp/hub.h"
#include "nhrp/internal.h"
#include "nhrp/nhc.h"

static bool is_down(const struct nhrp_reg *reg)
{
	return reg->state == NHRP_NHS_UNREACHABLE ||
	       reg->state == NHRP_NHS_REFUSED ||
	       reg->state == NHRP_NHS_STANDBY || nhrp_hub_was_down(reg) ||
	       nhrp_hub_held(reg) || !nhrp_nhc_has_source(reg);
}

/* A registration that our last life left in the kernel counts until asked for. */
static bool is_up(const struct nhrp_reg *reg)
{
	if (is_down(reg))
		return false;
	return reg->state == NHRP_NHS_REGISTERED || reg->last_id;
}

static bool other_hub_up(const struct nhrp_tunnel *t, const struct nhrp_reg *reg)
{
	const struct nhrp_reg *o;

	for (o = t->regs; o; o = o->next)
		if (!o->trial && is_up(o) &&
		    o->local.addr.family == reg->local.addr.family &&
		    !nhrp_key_eq(&o->hub.peer, &reg->hub.peer))
			return true;
	return false;
}

/* All registrations by one mapping share its fate: one that works is enough. */
static bool hub_down(const struct nhrp_tunnel *t, const struct nhrp_reg *reg)
{
	const struct nhrp_reg *o;

	for (o = t->regs; o; o = o->next)
		if (!o->trial && o->hub.has_proto && !is_down(o) &&
		    nhrp_addr_eq(&o->hub.proto, &reg->hub.proto))
			return false;
	return true;
}

static void wanted(const struct nhrp_tunnel *t, const struct nhrp_reg *reg,
		   struct nhrp_map *map)
{
	struct nhrp_cookie c = {
		.type = NHRP_COOKIE_NHS,
		.flags = reg->learned ? NHRP_COOKIE_F_LEARNED : 0,
		.hold_s = reg->hold_s,
		.request_id = reg->last_id,
	};

	memset(map, 0, sizeof(*map));
	nhrp_prefix_host(&map->prefix, &reg->hub.proto);
	map->peer = reg->hub.peer;
	map->preference = reg->hub.priority;
	map->flags = NHRP_MAP_NHS | NHRP_MAP_STATIC;
	if (nhrp_hub_gets_multicast(reg))
		map->flags |= NHRP_MAP_MULTICAST;
	if (reg->state == NHRP_NHS_STANDBY ||
	    (hub_down(t, reg) && other_hub_up(t, reg)))
		map->flags |= NHRP_MAP_PROBATION;
	map->cookie_len = nhrp_cookie_encode(&c, map->cookie);
}

static bool same_map(const struct nhrp_map *a, const struct nhrp_map *b)
{
	return nhrp_key_eq(&a->peer, &b->peer) && a->flags == b->flags &&
	       a->preference == b->preference &&
	       !memcmp(a->cookie, b->cookie, sizeof(a->cookie));
}

static struct nhrp_hubmap *slot_for(struct nhrp_tunnel *t,
				    const struct nhrp_prefix *prefix)
{
	struct nhrp_hubmap *empty = NULL;
	unsigned int i;

	for (i = 0; i < NHRP_HUBMAPS_MAX; i++) {
		struct nhrp_hubmap *h = &t->hubmaps[i];

		if (h->set && !nhrp_prefix_cmp(&h->map.prefix, prefix))
			return h;
		if (!h->set && !empty)
			empty = h;
	}
	return empty;
}

void nhrp_hubmap_sync(struct nhrp_tunnel *t, bool force)
{
	struct nhrp_env *env = &t->core->env;
	bool keep[NHRP_HUBMAPS_MAX] = { false };
	const struct nhrp_reg *reg;
	unsigned int i;

	if (t->state != NHRP_TUNNEL_RUNNING)
		return;
	for (reg = t->regs; reg; reg = reg->next) {
		struct nhrp_hubmap *h;
		struct nhrp_map map;

		if (reg->trial || !reg->hub.has_proto)
			continue;
		wanted(t, reg, &map);
		h = slot_for(t, &map.prefix);
		if (!h || keep[h - t->hubmaps])
			continue;
		keep[h - t->hubmaps] = true;
		if (!force && h->set && same_map(&h->map, &map))
			continue;
		h->map = map;
		h->set = true;
		env->map_set(env->ctx, t, &map);
	}
	for (i = 0; i < NHRP_HUBMAPS_MAX; i++) {
		if (!t->hubmaps[i].set || keep[i])
			continue;
		nhrp_map_del(t, &t->hubmaps[i].map.prefix);
		t->hubmaps[i].set = false;
	}
}

int nhrp_hubmap_adopt(struct nhrp_tunnel *t, const struct nhrp_map *map,
		      const struct nhrp_cookie *cookie, u64 now)
{
	struct nhrp_reg *reg;
	int err = -EINVAL;

	if (!nhrp_prefix_is_host(&map->prefix))
		return err;
	nhrp_candidate_adopt(t, map, now);
	for (reg = t->regs; reg; reg = reg->next) {
		if (!nhrp_key_eq(&reg->hub.peer, &map->peer) ||
		    reg->local.addr.family != map->prefix.addr.family)
			continue;
		if (!reg->hub.has_proto) {
			reg->hub.has_proto = true;
			reg->hub.proto = map->prefix.addr;
			reg->learned = true;
		}
		if (!nhrp_addr_eq(&reg->hub.proto, &map->prefix.addr))
			continue;
		reg->last_id = cookie->request_id;
		reg->hold_s = cookie->hold_s;
		nhrp_hub_adopt(reg, map->flags & NHRP_MAP_PROBATION);
		err = 0;
	}
	return err;
}

void nhrp_hubmap_forget(struct nhrp_tunnel *t)
{
	unsigned int i;

	for (i = 0; i < NHRP_HUBMAPS_MAX; i++) {
		if (!t->hubmaps[i].set)
			continue;
		nhrp_map_del(t, &t->hubmaps[i].map.prefix);
		t->hubmaps[i].set = false;
	}
}
