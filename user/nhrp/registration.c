// SPDX-License-Identifier: GPL-2.0
/*
 * Registrations of ours: there is one for each hub and each protocol address of
 * ours. Made what the configuration says, started, stopped and left; nhc.c asks
 * the hub and hears its answers.
 */
#include <stdlib.h>
#include <string.h>

#include "nhrp/candidate.h"
#include "nhrp/hub.h"
#include "nhrp/internal.h"
#include "nhrp/nhc.h"
#include "nhrp/purge.h"
#include "nhrp/request.h"

void nhrp_nhc_set_state(struct nhrp_reg *reg, enum nhrp_nhs_state state,
			u64 now)
{
	if (reg->state == state)
		return;
	reg->state = state;
	reg->state_at = now;
}

void nhrp_nhc_note(struct nhrp_reg *reg, enum nhrp_event event,
		   enum nhrp_severity severity, const char *what)
{
	char hub[NHRP_ADDR_STRLEN], own[NHRP_ADDR_STRLEN];
	struct nhrp_prefix host;

	nhrp_prefix_host(&host, &reg->local.addr);
	nhrp_note(reg->t, event, severity, NHRP_C_NONE, &host, &reg->hub.peer,
		  "hub %s, own address %s: %s",
		  nhrp_addr_format(&reg->hub.peer.nbma, hub, sizeof(hub)),
		  nhrp_addr_format(&reg->local.addr, own, sizeof(own)), what);
}

/* Something has happened to a registration. */
void nhrp_nhc_changed(struct nhrp_tunnel *t, u64 now)
{
	nhrp_hub_follow(t, now);
	nhrp_hubmap_sync(t, false);
}

static bool is_better(const struct nhrp_reg *a, const struct nhrp_reg *b)
{
	bool held_a = nhrp_hub_held(a), held_b = nhrp_hub_held(b);

	return held_a == held_b ? a->hub.priority < b->hub.priority : held_b;
}

struct nhrp_reg *nhrp_nhc_best(struct nhrp_tunnel *t, u8 proto_family,
			       const struct nhrp_peer_key *except)
{
	struct nhrp_reg *reg, *best = NULL;

	for (reg = t->regs; reg; reg = reg->next)
		if (!reg->trial && reg->state == NHRP_NHS_REGISTERED &&
		    reg->local.addr.family == proto_family &&
		    !(except && nhrp_addr_eq(&reg->hub.peer.nbma,
					     &except->nbma)) &&
		    (!best || is_better(reg, best)))
			best = reg;
	return best;
}

/* Is there an NBMA address of ours of the family of the hub's? */
bool nhrp_nhc_has_source(const struct nhrp_reg *reg)
{
	return nhrp_own_nbma(reg->t, reg->hub.peer.nbma.family);
}

/*
 * Nothing in GRE tells a NAT two tunnels to one hub apart: of spokes behind one
 * address only one works, and the other one hears nothing.
 */
bool nhrp_nhc_may_share(const struct nhrp_reg *reg)
{
	const struct nhrp_addr *own = nhrp_own_nbma(reg->t, reg->hub.peer.nbma.family);

	return reg->hub.peer.encap == NHRP_ENCAP_GRE &&
	       (!nhrp_addr_none(&reg->outside) || (own && nhrp_addr_is_private(own)));
}

static void start_reg(struct nhrp_reg *reg, u64 now)
{
	if (!nhrp_nhc_has_source(reg)) {
		nhrp_nhc_note(reg, NHRP_EVENT_NHS_DOWN, NHRP_NOTICE,
			      "waiting for an address of ours to reach it from");
		return;
	}
	nhrp_nhc_set_state(reg, nhrp_hub_was_down(reg) ? NHRP_NHS_UNREACHABLE :
							 NHRP_NHS_REGISTERING, now);
	nhrp_timer(reg->t, &reg->timer,
		   now + nhrp_rand(reg->t, NHRP_START_JITTER_MS));
}

static void stop_reg(struct nhrp_reg *reg, u64 now)
{
	nhrp_request_done(reg->t, &reg->req);
	nhrp_timer_off(reg->t, &reg->timer);
	nhrp_nhc_set_state(reg, NHRP_NHS_WAIT, now);
}

/*
 * Its purge carries the id of the registration that it takes back. The hub may have
 * made one whose answer has not come. Where a hub was only tried nothing is taken
 * back: most often the one that we are registered with has that address too, and not
 * every one looks at what a purge is about before it forgets us.
 */
static void leave_reg(struct nhrp_reg *reg, u64 now)
{
	u32 id = reg->last_id ? reg->last_id : reg->req.id;
	struct nhrp_prefix host;

	stop_reg(reg, now);
	reg->last_id = 0;
	if (!id || !reg->hub.has_proto || reg->trial)
		return;
	nhrp_prefix_host(&host, &reg->local.addr);
	nhrp_purge_send(reg->t, &reg->hub.peer, &reg->local.addr,
			&reg->hub.proto, &host, id, now);
	nhrp_nhc_note(reg, NHRP_EVENT_NHS_LEFT, NHRP_NOTICE, "deregistering");
}

/* The hub is not needed now, or it is. */
void nhrp_nhc_standby(struct nhrp_reg *reg, bool standby, u64 now)
{
	bool was = reg->state == NHRP_NHS_STANDBY;

	if (standby) {
		if (!was || reg->last_id)
			leave_reg(reg, now);
		nhrp_nhc_set_state(reg, NHRP_NHS_STANDBY, now);
	} else if (was) {
		nhrp_nhc_set_state(reg, NHRP_NHS_WAIT, now);
		start_reg(reg, now);
	}
}

void nhrp_nhc_start(struct nhrp_tunnel *t, u64 now)
{
	struct nhrp_reg *reg;

	if (!t->lower_up)
		return;
	nhrp_hub_start(t);
	for (reg = t->regs; reg; reg = reg->next)
		nhrp_nhc_set_state(reg, NHRP_NHS_STANDBY, now);
	nhrp_nhc_changed(t, now);
}

void nhrp_nhc_stop(struct nhrp_tunnel *t, bool purge, u64 now)
{
	struct nhrp_reg *reg;

	for (reg = t->regs; reg; reg = reg->next) {
		if (purge)
			leave_reg(reg, now);
		else
			stop_reg(reg, now);
	}
}

void nhrp_nhc_lower(struct nhrp_tunnel *t, bool up, u64 now)
{
	if (up)
		nhrp_nhc_start(t, now);
	else
		nhrp_nhc_stop(t, false, now);
}

static struct nhrp_reg *find_reg(struct nhrp_tunnel *t,
				 const struct nhrp_hub *hub, bool trial,
				 const struct nhrp_addr *local)
{
	struct nhrp_reg *reg;

	for (reg = t->regs; reg; reg = reg->next)
		if (reg->trial == trial &&
		    nhrp_key_eq(&reg->hub.peer, &hub->peer) &&
		    nhrp_addr_eq(&reg->local.addr, local))
			return reg;
	return NULL;
}

static bool still_wanted(struct nhrp_tunnel *t, const struct nhrp_reg *reg)
{
	const struct nhrp_hubstate *trial = nhrp_candidate_of(t, reg);
	unsigned int i, j;

	for (i = 0; i < t->cfg.nr_hubs; i++) {
		const struct nhrp_hub *hub = &t->cfg.hubs[i];

		if (reg->trial ? !trial || trial->nr != i :
				 !nhrp_key_eq(&hub->peer, &reg->hub.peer))
			continue;
		if (hub->has_proto && reg->hub.has_proto &&
		    !nhrp_addr_eq(&hub->proto, &reg->hub.proto))
			continue;
		for (j = 0; j < t->cfg.nr_locals; j++)
			if (nhrp_addr_eq(&t->cfg.locals[j].addr,
					 &reg->local.addr))
				return true;
	}
	return false;
}

/* It may know the password of its hub. */
static void free_reg(struct nhrp_reg *reg)
{
	explicit_bzero(reg, sizeof(*reg));
	free(reg);
}

static void drop_unwanted(struct nhrp_tunnel *t, u64 now)
{
	struct nhrp_reg **p = &t->regs;

	while (*p) {
		struct nhrp_reg *reg = *p;

		if (still_wanted(t, reg)) {
			p = &reg->next;
			continue;
		}
		if (t->state == NHRP_TUNNEL_RUNNING)
			leave_reg(reg, now);
		else
			stop_reg(reg, now);
		*p = reg->next;
		free_reg(reg);
	}
}

static int add_reg(struct nhrp_tunnel *t, const struct nhrp_hub *hub, bool trial,
		   const struct nhrp_prefix *local, u64 now)
{
	struct nhrp_reg **tail, *reg = calloc(1, sizeof(*reg));
	const struct nhrp_hubstate *state;

	if (!reg)
		return -ENOMEM;
	reg->t = t;
	reg->hub = *hub;
	reg->trial = trial;
	/* One mapping a family: the hub's other family has to be learned. */
	if (hub->has_proto && hub->proto.family != local->addr.family)
		reg->hub.has_proto = false;
	reg->local = *local;
	reg->timer.fn = nhrp_nhc_timer;
	reg->state_at = now;
	for (tail = &t->regs; *tail; tail = &(*tail)->next)
		;
	*tail = reg;
	if (t->state != NHRP_TUNNEL_RUNNING || !t->lower_up)
		return 0;
	state = nhrp_hub_of(t, reg);
	if (state && state->standby)
		nhrp_nhc_set_state(reg, NHRP_NHS_STANDBY, now);
	else
		start_reg(reg, now);
	return 0;
}

/* An address to reach the hub from has come or gone. */
static void follow_source(struct nhrp_reg *reg, u64 now)
{
	bool can = nhrp_nhc_has_source(reg);

	if (reg->t->state != NHRP_TUNNEL_RUNNING || !reg->t->lower_up)
		return;
	if (can && reg->state == NHRP_NHS_WAIT)
		start_reg(reg, now);
	else if (!can && reg->state != NHRP_NHS_WAIT)
		stop_reg(reg, now);
}

/* One for each address of ours with the hub at @peer, where it is or is tried. */
static int update_hub(struct nhrp_tunnel *t, const struct nhrp_hub *cfg,
		      const struct nhrp_peer_key *peer, bool trial, u64 now)
{
	struct nhrp_hub hub = *cfg;
	unsigned int i;
	int err = 0;

	if (nhrp_addr_none(&peer->nbma))
		return 0;
	hub.peer = *peer;
	for (i = 0; i < t->cfg.nr_locals; i++) {
		struct nhrp_prefix *local = &t->cfg.locals[i];
		struct nhrp_reg *reg = find_reg(t, &hub, trial,
						&local->addr);

		if (!reg) {
			err = err ? err : add_reg(t, &hub, trial, local, now);
			continue;
		}
		reg->hub.priority = hub.priority;
		memcpy(reg->hub.name, hub.name, sizeof(reg->hub.name));
		reg->hub.auth = hub.auth;
		memcpy(reg->hub.key_ids, hub.key_ids, sizeof(hub.key_ids));
		reg->hub.says = hub.says;
		reg->local = *local;
		follow_source(reg, now);
	}
	explicit_bzero(&hub, sizeof(hub));
	return err;
}

/* Make the registrations what the configuration says; keep what fits. */
int nhrp_nhc_update(struct nhrp_tunnel *t, u64 now)
{
	const struct nhrp_hub *hubs = t->cfg.hubs;
	unsigned int i;
	int err = 0;

	nhrp_hub_update(t);
	nhrp_candidate_choose(t, now);
	drop_unwanted(t, now);
	for (i = 0; i < t->cfg.nr_hubs && !err; i++)
		err = update_hub(t, &hubs[i], &hubs[i].peer, false, now);
	for (i = 0; i < t->nr_hubs && !err; i++)
		err = update_hub(t, &hubs[t->hubs[i].nr], &t->hubs[i].trial,
				 true, now);
	nhrp_hub_follow(t, now);
	return err;
}

void nhrp_nhc_free(struct nhrp_tunnel *t)
{
	nhrp_timer_off(t, &t->hub_timer);
	while (t->regs) {
		struct nhrp_reg *reg = t->regs;

		t->regs = reg->next;
		nhrp_request_done(t, &reg->req);
		nhrp_timer_off(t, &reg->timer);
		free_reg(reg);
	}
}
