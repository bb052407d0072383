// SPDX-License-Identifier: GPL-2.0
/* Taking back one thing that is known: see clear.h */
#include <stdio.h>

#include "nhrp/adopt.h"
#include "nhrp/binding.h"
#include "nhrp/clear.h"
#include "nhrp/internal.h"
#include "nhrp/nhc.h"
#include "nhrp/redirect.h"
#include "nhrp/remote.h"
#include "nhrp/resolve.h"
#include "nhrp/shortcut.h"

#define WHY		"cleared by hand"
#define COST_MAX	200

static void tell(const struct nhrp_clear *c, const struct nhrp_cleared *cleared)
{
	if (c->fn)
		c->fn(c->arg, cleared);
}

static u64 left_s(u64 until_ms, u64 now)
{
	return until_ms > now ? (until_ms - now + 999) / 1000 : 0;
}

/* ----- registrations here ----- */

static void clear_binding(struct nhrp_binding *b, const struct nhrp_clear *c)
{
	struct nhrp_cleared cleared = {
		.what = "registration", .peer = b->locator->key,
	};
	struct nhrp_tunnel *t = b->t;
	char cost[COST_MAX], told[64] = "";

	if (b->nr_requesters)
		snprintf(told, sizeof(told), "; %u that were told of it forget it",
			 b->nr_requesters);
	snprintf(cost, sizeof(cost),
		 "no data to it until it registers again: %s, else in %llu s at the latest%s",
		 "at once if it is dvpn",
		 (unsigned long long)left_s(b->expires_at, c->now_ms), told);
	nhrp_prefix_host(&cleared.prefix, &b->proto);
	cleared.cost = cost;
	tell(c, &cleared);
	if (c->dry_run)
		return;
	nhrp_binding_gone(b, WHY, c->now_ms);
	nhrp_hint(t, &cleared.peer, SIZE_MAX, cleared.prefix.addr.family, c->now_ms);
}

/* ----- direct paths ----- */

static void clear_shortcut(struct nhrp_shortcut *s, const struct nhrp_clear *c)
{
	struct nhrp_cleared cleared = {
		.what = "shortcut",
		.prefix = s->prefix,
		.peer = s->remote->peer,
		.cost = "data goes by the hub until packets have asked for a direct path again",
	};

	tell(c, &cleared);
	if (!c->dry_run)
		nhrp_shortcut_gone(s, WHY, c->now_ms);
}

static void clear_resolution(struct nhrp_resolution *r, const struct nhrp_clear *c)
{
	struct nhrp_cleared cleared = {
		.what = "resolution",
		.cost = r->state == NHRP_RESOLUTION_ASKING ?
			"nothing: it is asked for again by the next packet" :
			"nothing: it is asked for again sooner than it would have been",
	};

	nhrp_prefix_host(&cleared.prefix, &r->target);
	tell(c, &cleared);
	if (c->dry_run)
		return;
	if (r->unreachable_set)
		nhrp_map_del(r->t, &cleared.prefix);
	nhrp_resolution_free(r);
}

static int clear_direct(struct nhrp_tunnel *t, const struct nhrp_clear *c)
{
	bool host = nhrp_prefix_is_host(&c->prefix);
	struct nhrp_shortcut *s = nhrp_shortcut_find(t, &c->prefix);
	struct nhrp_resolution *r = host ? nhrp_resolution_find(t, &c->prefix.addr) : NULL;

	/* Whether a stranger may claim an address is asked for somebody else. */
	if (r && r->purpose & NHRP_FOR_CLAIM)
		r = NULL;
	if (!s && host)
		s = nhrp_shortcut_cover(t, &c->prefix.addr);
	if (r)
		clear_resolution(r, c);
	if (s)
		clear_shortcut(s, c);
	return s || r ? 0 : -ENOENT;
}

/* ----- mappings ----- */

static int clear_map(struct nhrp_tunnel *t, const struct nhrp_clear *c)
{
	bool host = nhrp_prefix_is_host(&c->prefix);
	struct nhrp_binding *b = host ? nhrp_binding_find(t, &c->prefix.addr) : NULL;
	struct nhrp_shortcut *s = nhrp_shortcut_find(t, &c->prefix);

	if (host && nhrp_is_hub_proto(t, &c->prefix.addr))
		return -EBUSY;
	if ((host && nhrp_static_find(t, &c->prefix.addr)) || nhrp_foreign_has(t, &c->prefix))
		return -EPERM;
	if (b)
		clear_binding(b, c);
	else if (s)
		clear_shortcut(s, c);
	return b || s ? 0 : -ENOENT;
}

/* ----- peers ----- */

static bool is_hub_at(const struct nhrp_tunnel *t, const struct nhrp_addr *nbma)
{
	const struct nhrp_reg *reg;

	for (reg = t->regs; reg; reg = reg->next)
		if (nhrp_addr_eq(&reg->hub.peer.nbma, nbma))
			return true;
	return false;
}

static bool is_static_at(const struct nhrp_tunnel *t, const struct nhrp_addr *nbma)
{
	unsigned int i;

	for (i = 0; i < t->cfg.nr_statics; i++)
		if (nhrp_addr_eq(&t->cfg.statics[i].peer.nbma, nbma))
			return true;
	return false;
}

static int clear_peer(struct nhrp_tunnel *t, const struct nhrp_clear *c)
{
	struct nhrp_node *n, *tmp;
	unsigned int cleared = 0;

	nhrp_table_for_each(n, tmp, &t->shortcuts) {
		struct nhrp_shortcut *s = container_of(n, struct nhrp_shortcut, node);

		if (!nhrp_addr_eq(&s->remote->peer.nbma, &c->nbma))
			continue;
		clear_shortcut(s, c);
		cleared++;
	}
	nhrp_table_for_each(n, tmp, &t->bindings) {
		struct nhrp_binding *b = container_of(n, struct nhrp_binding, node);

		if (!nhrp_addr_eq(&b->locator->key.nbma, &c->nbma))
			continue;
		clear_binding(b, c);
		cleared++;
	}
	if (cleared)
		return 0;
	return is_hub_at(t, &c->nbma) ? -EBUSY : is_static_at(t, &c->nbma) ? -EPERM : -ENOENT;
}

/* ----- hubs ----- */

static const char *hub_cost(const struct nhrp_reg *reg)
{
	switch (reg->state) {
	case NHRP_NHS_WAIT:
		return "nothing, and nothing comes of it: it waits for an address or a carrier";
	case NHRP_NHS_STANDBY:
		return "nothing, and nothing comes of it: better hubs work";
	case NHRP_NHS_REGISTERED:
		return nhrp_hub_held(reg) ?
		       "data may go by it at once, though it has not lasted for hub-hold-down" :
		       "nothing: data goes on by it while it is asked";
	default:
		return "nothing: it is asked at once instead of later";
	}
}

static int clear_hub(struct nhrp_tunnel *t, const struct nhrp_clear *c)
{
	const struct nhrp_hub *hub = c->hub < t->cfg.nr_hubs ? &t->cfg.hubs[c->hub] : NULL;
	struct nhrp_reg *reg;
	bool found = false;

	if (!hub)
		return -ENOENT;
	for (reg = t->regs; reg; reg = reg->next) {
		struct nhrp_cleared cleared = {
			.what = "hub", .peer = reg->hub.peer, .cost = hub_cost(reg),
		};

		if (reg->trial || !nhrp_key_eq(&reg->hub.peer, &hub->peer))
			continue;
		found = true;
		if (reg->hub.has_proto)
			nhrp_prefix_host(&cleared.prefix, &reg->hub.proto);
		tell(c, &cleared);
	}
	if (found && !c->dry_run)
		nhrp_nhc_ask_now(t, &hub->peer, c->now_ms);
	return found ? 0 : -ENOENT;
}

int nhrp_tunnel_clear(struct nhrp_tunnel *t, const struct nhrp_clear *clear)
{
	t->core->now_ms = clear->now_ms;
	switch (clear->kind) {
	case NHRP_CLEAR_MAP:
		return clear_map(t, clear);
	case NHRP_CLEAR_SHORTCUT:
		return clear_direct(t, clear);
	case NHRP_CLEAR_PEER:
		return clear_peer(t, clear);
	case NHRP_CLEAR_HUB:
		return clear_hub(t, clear);
	}
	return -ENOENT;
}
