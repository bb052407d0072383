// SPDX-License-Identifier: GPL-2.0
/*
 * Hubs that have a name: at which of its addresses they are
 *
 * The daemon says where a name leads to. The address that is in use stays as long
 * as the name leads there and the hub answers. Otherwise one after the other of
 * the name's addresses is asked beside it, and the first one that takes our
 * registration takes its place: what works, or may work again, is not given up for
 * a hope. A registration at an address that is asked in this way is the hub's in
 * nothing else: no mapping, no questions.
 *
 * No two hubs are at one address. Names that change theirs would wait for each other:
 * a hub is also asked where another one is whose own name leads there no more, and
 * takes that address from it when it accepts.
 */
#include <string.h>

#include "nhrp/candidate.h"
#include "nhrp/hub.h"
#include "nhrp/internal.h"
#include "nhrp/nhc.h"
#include "nhrp/request.h"

#define AGAIN_FIRST_MS	4000
#define AGAIN_MOST_MS	64000

static bool has_name(const struct nhrp_hub *hub)
{
	return *hub->name;
}

static bool is_listed(const struct nhrp_hub *hub, const struct nhrp_addr *a)
{
	unsigned int i;

	for (i = 0; i < hub->nr_addrs; i++)
		if (nhrp_addr_eq(&hub->addrs[i], a))
			return true;
	return false;
}

/* The other hub that is at @a, or NULL. */
static struct nhrp_hub *other_at(struct nhrp_tunnel_config *cfg,
				 const struct nhrp_hub *hub,
				 const struct nhrp_addr *a)
{
	struct nhrp_peer_key key = hub->peer;
	struct nhrp_hub *o;

	key.nbma = *a;
	for (o = cfg->hubs; o < cfg->hubs + cfg->nr_hubs; o++)
		if (o != hub && nhrp_same_endpoint(&o->peer, &key))
			return o;
	return NULL;
}

/* Whatever a name server says: no address of ours. */
static bool is_sane(const struct nhrp_tunnel_config *cfg,
		    const struct nhrp_addr *a)
{
	return nhrp_addr_is_unicast(a) && !nhrp_addr_eq(a, &cfg->nbma[0]) &&
	       !nhrp_addr_eq(a, &cfg->nbma[1]);
}

/* And none of another hub. */
static bool fits(struct nhrp_tunnel_config *cfg, const struct nhrp_hub *hub,
		 const struct nhrp_addr *a)
{
	return is_sane(cfg, a) && !other_at(cfg, hub, a);
}

/* Its own name, if it has one, leads there no more. */
static bool may_lose(const struct nhrp_hub *hub, const struct nhrp_addr *a)
{
	return has_name(hub) && hub->nr_addrs && !hub->more && !is_listed(hub, a);
}

static bool has_source(const struct nhrp_tunnel_config *cfg,
		       const struct nhrp_addr *a)
{
	return cfg->nbma[a->family == AF_INET6].family == a->family;
}

/* The first one that we can send to, or else the first one. */
static void choose_first(struct nhrp_tunnel_config *cfg,
			 struct nhrp_hub *hub)
{
	const struct nhrp_addr *a, *first = NULL;

	for (a = hub->addrs; a < hub->addrs + hub->nr_addrs; a++)
		if (fits(cfg, hub, a) &&
		    (!first || (has_source(cfg, a) && !has_source(cfg, first))))
			first = a;
	memset(&hub->peer.nbma, 0, sizeof(hub->peer.nbma));
	if (first)
		hub->peer.nbma = *first;
}

static void keep_old(const struct nhrp_tunnel_config *old, struct nhrp_hub *hub)
{
	const struct nhrp_hub *o;

	for (o = old->hubs; o < old->hubs + old->nr_hubs; o++)
		if (nhrp_hub_is(o, hub->name, &hub->peer))
			hub->peer.nbma = o->peer.nbma;
}

/* Where the hubs of @cfg are; @old: the configuration in force, or NULL. */
void nhrp_candidate_merge(struct nhrp_tunnel_config *cfg,
			  const struct nhrp_tunnel_config *old)
{
	struct nhrp_hub *hub, *end = cfg->hubs + cfg->nr_hubs;

	for (hub = cfg->hubs; hub < end; hub++) {
		if (has_name(hub) && old)
			keep_old(old, hub);
		else if (has_name(hub))
			memset(&hub->peer.nbma, 0, sizeof(hub->peer.nbma));
	}
	for (hub = cfg->hubs; hub < end; hub++)
		if (has_name(hub) && !fits(cfg, hub, &hub->peer.nbma))
			choose_first(cfg, hub);
}

/*
 * A hub that our last life left in the kernel, found there before a name server
 * has said anything or at an address that the name had then.
 */
void nhrp_candidate_adopt(struct nhrp_tunnel *t, const struct nhrp_map *map,
			  u64 now)
{
	struct nhrp_hub *hub;
	struct nhrp_reg *reg;

	for (hub = t->cfg.hubs; hub < t->cfg.hubs + t->cfg.nr_hubs; hub++) {
		struct nhrp_peer_key key = hub->peer;
		bool taken = false;

		key.nbma = map->peer.nbma;
		for (reg = t->regs; reg; reg = reg->next)
			taken |= reg->last_id &&
				 nhrp_key_eq(&reg->hub.peer, &hub->peer);
		if (!has_name(hub) || taken || hub->priority != map->preference ||
		    !nhrp_key_eq(&key, &map->peer) ||
		    !fits(&t->cfg, hub, &key.nbma) ||
		    (hub->has_proto &&
		     !nhrp_addr_eq(&hub->proto, &map->prefix.addr)))
			continue;
		hub->peer.nbma = key.nbma;
		nhrp_nhc_update(t, now);
		return;
	}
}

static bool is_tried(const struct nhrp_hubstate *hub)
{
	return !nhrp_addr_none(&hub->trial.nbma);
}

static bool tried_by_other(const struct nhrp_tunnel *t,
			   const struct nhrp_hubstate *hub,
			   const struct nhrp_addr *a)
{
	struct nhrp_peer_key key = hub->peer;
	unsigned int i;

	key.nbma = *a;
	for (i = 0; i < t->nr_hubs; i++)
		if (&t->hubs[i] != hub &&
		    nhrp_same_endpoint(&t->hubs[i].trial, &key))
			return true;
	return false;
}

static bool can_try(struct nhrp_tunnel *t, const struct nhrp_hubstate *hub,
		    const struct nhrp_addr *a)
{
	const struct nhrp_hub *cfg = &t->cfg.hubs[hub->nr];
	const struct nhrp_hub *other = other_at(&t->cfg, cfg, a);

	return !nhrp_addr_eq(a, &hub->peer.nbma) && is_listed(cfg, a) &&
	       has_source(&t->cfg, a) && is_sane(&t->cfg, a) &&
	       (!other || may_lose(other, a)) && !tried_by_other(t, hub, a);
}

/* The one that is to be tried after @after, which may be none of them. */
static const struct nhrp_addr *next_after(struct nhrp_tunnel *t,
					  const struct nhrp_hubstate *hub,
					  const struct nhrp_addr *after)
{
	const struct nhrp_hub *cfg = &t->cfg.hubs[hub->nr];
	unsigned int i, from = 0;

	for (i = 0; i < cfg->nr_addrs; i++)
		if (nhrp_addr_eq(&cfg->addrs[i], after))
			from = i + 1;
	for (i = 0; i < cfg->nr_addrs; i++) {
		const struct nhrp_addr *a =
			&cfg->addrs[(from + i) % cfg->nr_addrs];

		if (!nhrp_addr_eq(a, after) && can_try(t, hub, a))
			return a;
	}
	return NULL;
}

/* Nothing is to be tried: it is well where it is, or nobody knows better. */
static bool stays(const struct nhrp_tunnel *t, const struct nhrp_hubstate *hub)
{
	const struct nhrp_hub *cfg = &t->cfg.hubs[hub->nr];

	if (!has_name(cfg) || !cfg->nr_addrs || hub->standby)
		return true;
	return !may_lose(cfg, &hub->peer.nbma) &&
	       !nhrp_addr_none(&hub->peer.nbma) &&
	       has_source(&t->cfg, &hub->peer.nbma) &&
	       !nhrp_hub_is_down(t, hub);
}

/* Once round without waiting, then ever more slowly. */
static u64 wait_ms(struct nhrp_tunnel *t, const struct nhrp_hubstate *hub)
{
	unsigned int round = t->cfg.hubs[hub->nr].nr_addrs;

	if (hub->trials < round)
		return 0;
	return nhrp_backoff_ms(t, hub->trials - round, AGAIN_FIRST_MS,
			       AGAIN_MOST_MS);
}

/* When the next one has to be tried, or the trial to be ended; NHRP_NEVER. */
static u64 due(struct nhrp_tunnel *t, struct nhrp_hubstate *hub, u64 now)
{
	if (stays(t, hub))
		return is_tried(hub) ? now : NHRP_NEVER;
	if (!is_tried(hub))
		return next_after(t, hub, &hub->peer.nbma) ? now : NHRP_NEVER;
	if (!nhrp_hub_trial_is_down(t, hub) ||
	    !next_after(t, hub, &hub->trial.nbma)) {
		hub->next_at = 0;
		return NHRP_NEVER;
	}
	if (!hub->next_at)
		hub->next_at = now + wait_ms(t, hub);
	return hub->next_at;
}

u64 nhrp_candidate_due(struct nhrp_tunnel *t, u64 now)
{
	u64 at, first = NHRP_NEVER;
	unsigned int i;

	for (i = 0; i < t->nr_hubs; i++) {
		at = due(t, &t->hubs[i], now);
		if (at < first)
			first = at;
	}
	return first;
}

static void try(struct nhrp_tunnel *t, struct nhrp_hubstate *hub)
{
	const struct nhrp_addr *a;

	a = next_after(t, hub,
		       is_tried(hub) ? &hub->trial.nbma : &hub->peer.nbma);
	hub->trials = is_tried(hub) ? hub->trials + 1 : 0;
	hub->next_at = 0;
	hub->trial = hub->peer;
	memset(&hub->trial.nbma, 0, sizeof(hub->trial.nbma));
	if (a)
		hub->trial.nbma = *a;
}

/* What is to be asked beside the addresses in use; for nhrp_nhc_update(). */
void nhrp_candidate_choose(struct nhrp_tunnel *t, u64 now)
{
	unsigned int i;

	for (i = 0; i < t->nr_hubs; i++) {
		struct nhrp_hubstate *hub = &t->hubs[i];

		if (stays(t, hub) ||
		    (is_tried(hub) && !can_try(t, hub, &hub->trial.nbma)))
			memset(&hub->trial, 0, sizeof(hub->trial));
		if (!stays(t, hub) && due(t, hub, now) <= now)
			try(t, hub);
	}
}

struct nhrp_hubstate *nhrp_candidate_of(struct nhrp_tunnel *t,
					const struct nhrp_reg *reg)
{
	unsigned int i;

	for (i = 0; i < t->nr_hubs && reg->trial; i++)
		if (is_tried(&t->hubs[i]) &&
		    nhrp_key_eq(&t->hubs[i].trial, &reg->hub.peer))
			return &t->hubs[i];
	return NULL;
}

/* Until the others are answered they know of the hub what the old ones did. */
static void inherit(struct nhrp_tunnel *t, const struct nhrp_hubstate *hub,
		    const struct nhrp_reg *old)
{
	struct nhrp_reg *reg;

	for (reg = t->regs; reg; reg = reg->next) {
		if (reg->hub.has_proto || nhrp_candidate_of(t, reg) != hub ||
		    !nhrp_addr_eq(&reg->local.addr, &old->local.addr))
			continue;
		reg->hub.has_proto = old->hub.has_proto;
		reg->hub.proto = old->hub.proto;
		reg->learned = old->learned;
	}
}

/* Nowhere: its state must not be taken for that of who has the address now. */
static void put_out(struct nhrp_tunnel *t, struct nhrp_hub *hub)
{
	unsigned int i;

	for (i = 0; i < t->nr_hubs; i++)
		if (&t->cfg.hubs[t->hubs[i].nr] == hub)
			memset(&t->hubs[i].peer.nbma, 0, sizeof(t->hubs[i].peer.nbma));
	memset(&hub->peer.nbma, 0, sizeof(hub->peer.nbma));
}

/*
 * @hub is where it was tried, and @other, which was there or is NULL, is not.
 * Registrations with what they were go as those do with what was only tried, and
 * nothing is taken back by a purge.
 */
static void move_in(struct nhrp_tunnel *t, struct nhrp_hubstate *hub,
		    struct nhrp_hub *other)
{
	struct nhrp_reg *reg;

	for (reg = t->regs; reg; reg = reg->next)
		if (nhrp_hub_of(t, reg) == hub)
			inherit(t, hub, reg);
	for (reg = t->regs; reg; reg = reg->next) {
		const struct nhrp_hubstate *at = nhrp_hub_of(t, reg);

		if (nhrp_candidate_of(t, reg) == hub)
			reg->trial = false;
		else if (at && (at == hub || &t->cfg.hubs[at->nr] == other))
			reg->trial = true;
	}
	if (other)
		put_out(t, other);
	hub->peer = hub->trial;
	t->cfg.hubs[hub->nr].peer = hub->trial;
	memset(&hub->trial, 0, sizeof(hub->trial));
}

static void note_move(struct nhrp_tunnel *t, const struct nhrp_hubstate *hub,
		      const struct nhrp_addr *old)
{
	char was[NHRP_ADDR_STRLEN] = "nowhere", is[NHRP_ADDR_STRLEN];

	if (!nhrp_addr_none(old))
		nhrp_addr_format(old, was, sizeof(was));
	nhrp_note(t, NHRP_EVENT_NHS_MOVED, NHRP_NOTICE, NHRP_C_NONE, NULL,
		  &hub->peer, "hub %s: at %s now, was at %s",
		  t->cfg.hubs[hub->nr].name,
		  nhrp_addr_format(&hub->peer.nbma, is, sizeof(is)), was);
}

/* Addresses that another hub has left are free for those that are nowhere. */
static void settle(struct nhrp_tunnel_config *cfg)
{
	struct nhrp_hub *hub;

	for (hub = cfg->hubs; hub < cfg->hubs + cfg->nr_hubs; hub++)
		if (has_name(hub) && nhrp_addr_none(&hub->peer.nbma))
			choose_first(cfg, hub);
}

/*
 * If a hub is tried as @reg, has it answered for an address of ours that counts?
 * Then that is where it is.
 */
void nhrp_candidate_answered(struct nhrp_reg *reg, u64 now)
{
	struct nhrp_tunnel *t = reg->t;
	struct nhrp_hubstate *hub = nhrp_candidate_of(t, reg);
	struct nhrp_peer_key old;
	struct nhrp_hub *other;

	if (!hub || !nhrp_hub_trial_works(t, hub))
		return;
	old = hub->peer;
	other = other_at(&t->cfg, &t->cfg.hubs[hub->nr], &hub->trial.nbma);
	move_in(t, hub, other);
	note_move(t, hub, &old.nbma);
	settle(&t->cfg);
	nhrp_nhc_update(t, now);
	nhrp_hubmap_sync(t, false);
	if (!nhrp_addr_none(&old.nbma))
		nhrp_peer_drain(t, &old);
}
