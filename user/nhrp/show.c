// SPDX-License-Identifier: GPL-2.0
/* Looking in, for dvpnctl. */
#include <string.h>

#include "nhrp/binding.h"
#include "nhrp/hub.h"
#include "nhrp/internal.h"
#include "nhrp/nhc.h"
#include "nhrp/remote.h"
#include "nhrp/resolve.h"
#include "nhrp/shortcut.h"

static u64 left(u64 at_ms, u64 now)
{
	return at_ms > now ? at_ms - now : 0;
}

static const struct nhrp_reg *hub_in_use(const struct nhrp_tunnel *t, u8 family)
{
	const struct nhrp_reg *reg, *best = NULL;

	for (reg = t->regs; reg; reg = reg->next) {
		unsigned int i;

		for (i = 0; i < NHRP_HUBMAPS_MAX; i++) {
			const struct nhrp_hubmap *h = &t->hubmaps[i];

			if (h->set && !reg->trial && reg->hub.has_proto &&
			    reg->hub.proto.family == family &&
			    nhrp_addr_eq(&h->map.prefix.addr,
					 &reg->hub.proto) &&
			    !(h->map.flags & NHRP_MAP_PROBATION) &&
			    (!best || reg->hub.priority < best->hub.priority))
				best = reg;
		}
	}
	return best;
}

static u64 usable_at(const struct nhrp_reg *reg)
{
	const struct nhrp_hubstate *hub = nhrp_hub_of(reg->t, reg);

	return hub ? hub->usable_at : 0;
}

/* Where its name leads to is not known: there is nothing to register with. */
static void walk_nowhere(const struct nhrp_tunnel *t, const struct nhrp_hub *hub,
			 nhrp_nhs_fn fn, void *arg)
{
	unsigned int i;

	for (i = 0; i < t->cfg.nr_locals; i++) {
		struct nhrp_nhs_info info = {
			.local = t->cfg.locals[i].addr,
			.has_proto = hub->has_proto,
			.proto = hub->proto,
			.name = hub->name,
			.peer = hub->peer,
			.priority = hub->priority,
			.state = NHRP_NHS_WAIT,
			.registered_ms = UINT64_MAX,
			.refresh_ms = UINT64_MAX,
		};

		fn(arg, &info);
	}
}

void nhrp_tunnel_walk_nhs(const struct nhrp_tunnel *t, u64 now_ms,
			  nhrp_nhs_fn fn, void *arg)
{
	const struct nhrp_reg *reg;
	unsigned int i;

	for (reg = t->regs; reg; reg = reg->next) {
		const struct nhrp_reg *best =
			hub_in_use(t, reg->local.addr.family);
		struct nhrp_nhs_info info = {
			.local = reg->local.addr,
			.has_proto = reg->hub.has_proto,
			.proto = reg->hub.proto,
			.name = reg->hub.name,
			.peer = reg->hub.peer,
			.trial = reg->trial,
			.priority = reg->hub.priority,
			.state = reg->state,
			.no_source = !nhrp_nhc_has_source(reg),
			.may_share = nhrp_nhc_may_share(reg),
			.no_sa = reg->no_sa,
			.active = nhrp_hub_active(reg),
			.usable_ms = left(usable_at(reg), now_ms),
			.in_use = best && !reg->trial &&
				  nhrp_addr_eq(&best->hub.proto,
					       &reg->hub.proto),
			.nak_code = reg->nak_code,
			.auth_failed = reg->auth_failed,
			.attempts = reg->tries,
			.since_ms = now_ms - reg->state_at,
			.registered_ms = reg->registered_at ?
					 now_ms - reg->registered_at :
					 UINT64_MAX,
			.refresh_ms = reg->state == NHRP_NHS_REGISTERED ?
				      left(reg->refresh_at, now_ms) :
				      reg->timer.set ?
				      left(reg->timer.at_ms, now_ms) : 0,
			.holding_time_s = reg->hold_s,
			.has_outside = !nhrp_addr_none(&reg->outside),
			.outside = reg->outside,
			.is_dvpn = reg->is_dvpn,
		};

		fn(arg, &info);
	}
	for (i = 0; i < t->cfg.nr_hubs; i++)
		if (nhrp_addr_none(&t->cfg.hubs[i].peer.nbma))
			walk_nowhere(t, &t->cfg.hubs[i], fn, arg);
}

void nhrp_tunnel_walk_bindings(const struct nhrp_tunnel *t, u64 now_ms,
			       nhrp_binding_fn fn, void *arg)
{
	const struct nhrp_node *n;

	for (n = t->bindings.first; n; n = n->next) {
		const struct nhrp_binding *b =
			container_of(n, struct nhrp_binding, node);
		struct nhrp_binding_info info = {
			.proto = b->proto,
			.peer = b->locator->key,
			.claimed = b->claimed,
			.ike_owner = b->ike_owner,
			.rival_nbma = b->rival_from.nbma,
			.rival_ms = b->rival ? now_ms - b->rival_at : 0,
			.unique = b->unique,
			.nat = !nhrp_addr_eq(&b->claimed,
					     &b->locator->key.nbma),
			.provisional = b->provisional,
			.verifying = b->verify,
			.age_ms = now_ms - b->created_at,
			.expires_ms = left(b->expires_at, now_ms),
			.holding_time_s = b->hold_s,
			.request_id = b->request_id,
			.requesters = b->nr_requesters,
		};

		if (b->identity)
			memcpy(info.identity, b->identity->name, sizeof(info.identity));
		if (b->rival) {
			memcpy(info.rival, b->rival->name, sizeof(info.rival));
			memcpy(info.rival_ike, b->rival->ike, sizeof(info.rival_ike));
		}
		fn(arg, &info);
	}
}

static const char *why_not_active(const struct nhrp_remote *r)
{
	if (nhrp_remote_open(r))
		return NULL;
	if (r->dead)
		return "the peer does not answer any more";
	if (r->no_sa)
		return "no security association with the peer yet";
	if (r->tries > 3)
		return "the peer never answered a probe";
	return "waiting for the answer to a probe";
}

static void show_shortcut(const struct nhrp_shortcut *s, u64 now_ms,
			  nhrp_shortcut_fn fn, void *arg)
{
	const struct nhrp_remote *r = s->remote;
	struct nhrp_shortcut_info info = {
		.prefix = s->prefix,
		.state = !nhrp_remote_open(r) ? NHRP_SHORTCUT_PROBATION :
			 s->renewing ? NHRP_SHORTCUT_RENEWING :
			 NHRP_SHORTCUT_ACTIVE,
		.next_hop = r->proto,
		.peer = r->peer,
		.claimed = r->claimed,
		.age_ms = now_ms - s->created_at,
		.expires_ms = left(s->expires_at, now_ms),
		.reason = why_not_active(r),
	};

	fn(arg, &info);
}

static void show_resolution(const struct nhrp_resolution *r, u64 now_ms,
			    nhrp_shortcut_fn fn, void *arg)
{
	struct nhrp_shortcut_info info = {
		.state = r->state == NHRP_RESOLUTION_ASKING ?
			 NHRP_SHORTCUT_RESOLVING : NHRP_SHORTCUT_NEGATIVE,
		.age_ms = now_ms - r->started_at,
		.expires_ms = left(r->timer.at_ms, now_ms),
		.reason = r->state == NHRP_RESOLUTION_ASKING ?
			  "waiting for the hub's answer" : r->reason,
	};

	/* A renewal shows in its shortcut; an old failure is over. */
	if (r->state == NHRP_RESOLUTION_IDLE ||
	    (r->state == NHRP_RESOLUTION_ASKING &&
	     r->purpose & NHRP_FOR_RENEW))
		return;
	nhrp_prefix_host(&info.prefix, &r->target);
	fn(arg, &info);
}

void nhrp_tunnel_walk_shortcuts(const struct nhrp_tunnel *t, u64 now_ms,
				nhrp_shortcut_fn fn, void *arg)
{
	const struct nhrp_node *n;

	for (n = t->shortcuts.first; n; n = n->next)
		show_shortcut(container_of(n, struct nhrp_shortcut, node),
			      now_ms, fn, arg);
	for (n = t->resolutions.first; n; n = n->next)
		show_resolution(container_of(n, struct nhrp_resolution, node),
				now_ms, fn, arg);
}
