// SPDX-License-Identifier: GPL-2.0
/*
 * Which of our hubs we are registered with
 *
 * In the order of their priority, the first max-hubs that work are active. Worse
 * ones are on standby: they do not know us and get no multicast. Better ones that
 * do not work are asked on. When one of those answers again, it is registered
 * with but not used before the end of its hold-down, unless no other one works;
 * then the worst active one is told to forget us. So there is always one that
 * works before another one is left.
 */
#include <string.h>

#include "nhrp/candidate.h"
#include "nhrp/hub.h"
#include "nhrp/internal.h"
#include "nhrp/nhc.h"

/* What the registrations with a hub come to. */
enum hub_health {
	HUB_WAITS,	/* nothing to reach it by */
	HUB_JOINING,	/* asked, no verdict yet */
	HUB_WORKS,	/* knows one of our addresses that count */
	HUB_DOWN,	/* does not answer, or refuses */
};

struct nhrp_hubstate *nhrp_hub_of(struct nhrp_tunnel *t,
				  const struct nhrp_reg *reg)
{
	unsigned int i;

	for (i = 0; i < t->nr_hubs && !reg->trial; i++)
		if (nhrp_key_eq(&t->hubs[i].peer, &reg->hub.peer))
			return &t->hubs[i];
	return NULL;
}

/* A hub that only knows our link-local address takes nothing to us. */
static bool counts(const struct nhrp_reg *reg)
{
	const struct nhrp_tunnel_config *cfg = &reg->t->cfg;
	unsigned int i;

	if (!nhrp_addr_is_linklocal6(&reg->local.addr))
		return true;
	for (i = 0; i < cfg->nr_locals; i++)
		if (!nhrp_addr_is_linklocal6(&cfg->locals[i].addr))
			return false;
	return true;
}

static enum hub_health health_at(const struct nhrp_tunnel *t,
				 const struct nhrp_peer_key *peer, bool trial)
{
	enum hub_health health = HUB_WAITS;
	const struct nhrp_reg *reg;

	for (reg = t->regs; reg; reg = reg->next) {
		if (reg->trial != trial || !counts(reg) ||
		    !nhrp_key_eq(&reg->hub.peer, peer))
			continue;
		if (reg->state == NHRP_NHS_REGISTERED)
			return HUB_WORKS;
		if (reg->state == NHRP_NHS_REGISTERING)
			health = HUB_JOINING;
		else if (health == HUB_WAITS &&
			 (reg->state == NHRP_NHS_UNREACHABLE ||
			  reg->state == NHRP_NHS_REFUSED))
			health = HUB_DOWN;
	}
	return health;
}

static enum hub_health health_of(const struct nhrp_tunnel *t,
				 const struct nhrp_hubstate *hub)
{
	return health_at(t, &hub->peer, false);
}

bool nhrp_hub_is_down(const struct nhrp_tunnel *t,
		      const struct nhrp_hubstate *hub)
{
	return health_of(t, hub) == HUB_DOWN;
}

bool nhrp_hub_trial_works(const struct nhrp_tunnel *t,
			  const struct nhrp_hubstate *hub)
{
	return health_at(t, &hub->trial, true) == HUB_WORKS;
}

bool nhrp_hub_trial_is_down(const struct nhrp_tunnel *t,
			    const struct nhrp_hubstate *hub)
{
	return health_at(t, &hub->trial, true) == HUB_DOWN;
}

static bool is_held(const struct nhrp_hubstate *hub)
{
	return hub->usable_at;
}

static bool is_active(const struct nhrp_tunnel *t,
		      const struct nhrp_hubstate *hub)
{
	return health_of(t, hub) == HUB_WORKS && !is_held(hub);
}

static bool active_beside(const struct nhrp_tunnel *t,
			  const struct nhrp_hubstate *hub)
{
	unsigned int i;

	for (i = 0; i < t->nr_hubs; i++)
		if (&t->hubs[i] != hub && is_active(t, &t->hubs[i]))
			return true;
	return false;
}

static void note(struct nhrp_tunnel *t, const struct nhrp_hubstate *hub,
		 enum nhrp_event event, const char *what)
{
	char text[NHRP_ADDR_STRLEN];

	if (nhrp_addr_none(&hub->peer.nbma))
		return;
	nhrp_note(t, event, NHRP_NOTICE, NHRP_C_NONE, NULL, &hub->peer,
		  "hub %s: %s",
		  nhrp_addr_format(&hub->peer.nbma, text, sizeof(text)), what);
}

/* What happened to the hub since the last look. */
static void follow(struct nhrp_tunnel *t, struct nhrp_hubstate *hub, u64 now)
{
	enum hub_health health = health_of(t, hub);

	if (health == HUB_DOWN) {
		hub->was_down = true;
		hub->usable_at = 0;
	} else if (health == HUB_WORKS && hub->was_down) {
		hub->was_down = false;
		if (t->cfg.hub_hold_down_s && active_beside(t, hub))
			hub->usable_at = now + t->cfg.hub_hold_down_s * 1000ull;
	}
}

static void release(struct nhrp_tunnel *t, struct nhrp_hubstate *hub)
{
	hub->usable_at = 0;
	note(t, hub, NHRP_EVENT_NHS_ACTIVE, "used again");
}

/* The end of hold-downs. Return: when the next one ends. */
static u64 hold_down(struct nhrp_tunnel *t, u64 now)
{
	struct nhrp_hubstate *hub, *held = NULL;
	u64 next = NHRP_NEVER;
	unsigned int i;

	for (i = t->nr_hubs; i--;) {
		hub = &t->hubs[i];
		if (is_held(hub) && hub->usable_at <= now)
			release(t, hub);
		if (is_held(hub) && health_of(t, hub) == HUB_WORKS)
			held = hub;
	}
	if (held && !active_beside(t, NULL))
		release(t, held);
	for (i = 0; i < t->nr_hubs; i++)
		if (is_held(&t->hubs[i]) && t->hubs[i].usable_at < next)
			next = t->hubs[i].usable_at;
	return next;
}

static void set_standby(struct nhrp_tunnel *t, struct nhrp_hubstate *hub,
			bool standby, u64 now)
{
	struct nhrp_reg *reg;

	if (standby && !hub->standby)
		note(t, hub, NHRP_EVENT_NHS_STANDBY,
		     "enough better ones work");
	hub->standby = standby;
	if (standby) {
		hub->was_down = false;
		hub->usable_at = 0;
	}
	for (reg = t->regs; reg; reg = reg->next)
		if (reg->trial ? nhrp_candidate_of(t, reg) == hub :
				 nhrp_key_eq(&reg->hub.peer, &hub->peer))
			nhrp_nhc_standby(reg, standby, now);
}

/*
 * A joining hub keeps worse ones from being asked; only one that works makes
 * those leave that are asked already.
 */
static void choose(struct nhrp_tunnel *t, u64 now)
{
	unsigned int i, active = 0, hoped = 0;

	for (i = 0; i < t->nr_hubs; i++) {
		struct nhrp_hubstate *hub = &t->hubs[i];
		unsigned int better = hub->standby ? hoped : active;

		set_standby(t, hub, better >= t->cfg.max_hubs, now);
		active += is_active(t, hub);
		hoped += is_active(t, hub) || health_of(t, hub) == HUB_JOINING;
	}
}

void nhrp_hub_follow(struct nhrp_tunnel *t, u64 now)
{
	u64 next, trial;
	unsigned int i;

	if (t->state != NHRP_TUNNEL_RUNNING || !t->lower_up)
		return;
	for (i = 0; i < t->nr_hubs; i++)
		follow(t, &t->hubs[i], now);
	next = hold_down(t, now);
	choose(t, now);
	trial = nhrp_candidate_due(t, now);
	if (trial < next)
		next = trial;
	if (next != NHRP_NEVER)
		nhrp_timer(t, &t->hub_timer, next);
	else
		nhrp_timer_off(t, &t->hub_timer);
}

/* The hold-down of a hub is over. */
void nhrp_hub_use_now(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer,
		      u64 now)
{
	unsigned int i;

	for (i = 0; i < t->nr_hubs; i++) {
		if (!is_held(&t->hubs[i]) || !nhrp_key_eq(&t->hubs[i].peer, peer))
			continue;
		release(t, &t->hubs[i]);
		nhrp_nhc_changed(t, now);
	}
}

static void hub_timer(struct nhrp_timer *timer, u64 now)
{
	struct nhrp_tunnel *t = container_of(timer, struct nhrp_tunnel,
					     hub_timer);

	if (nhrp_candidate_due(t, now) <= now)
		nhrp_nhc_update(t, now);
	else
		nhrp_hub_follow(t, now);
	nhrp_hubmap_sync(t, false);
}

void nhrp_hub_start(struct nhrp_tunnel *t)
{
	unsigned int i;

	for (i = 0; i < t->nr_hubs; i++)
		t->hubs[i].standby = true;
}

/* Hubs that are nowhere are told apart by their place alone. */
static bool is_same(const struct nhrp_hubstate *a, const struct nhrp_hubstate *b)
{
	return nhrp_key_eq(&a->peer, &b->peer) &&
	       (!nhrp_addr_none(&a->peer.nbma) || a->nr == b->nr);
}

static void find_old(struct nhrp_hubstate *hub, const struct nhrp_hubstate *old,
		     unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (!is_same(&old[i], hub))
			continue;
		hub->trial = old[i].trial;
		hub->trials = old[i].trials;
		hub->next_at = old[i].next_at;
		hub->standby = old[i].standby;
		hub->was_down = old[i].was_down;
		hub->adopted_up = old[i].adopted_up;
		hub->usable_at = old[i].usable_at;
	}
}

/* The hubs of the configuration in the order in which they are wanted. */
void nhrp_hub_update(struct nhrp_tunnel *t)
{
	struct nhrp_hubstate old[NHRP_HUBS_MAX];
	unsigned int i, nr = t->nr_hubs;

	memcpy(old, t->hubs, sizeof(old));
	t->hub_timer.fn = hub_timer;
	t->nr_hubs = 0;
	for (i = 0; i < t->cfg.nr_hubs; i++) {
		struct nhrp_hubstate *at = &t->hubs[t->nr_hubs++];
		struct nhrp_hubstate hub = {
			.nr = i,
			.peer = t->cfg.hubs[i].peer,
			.priority = t->cfg.hubs[i].priority,
			.standby = true,
		};

		find_old(&hub, old, nr);
		for (; at > t->hubs && at[-1].priority > hub.priority; at--)
			*at = at[-1];
		*at = hub;
	}
}

/* One mapping on probation may be for one address of ours; all of them are the hub. */
void nhrp_hub_adopt(struct nhrp_reg *reg, bool probation)
{
	struct nhrp_hubstate *hub = nhrp_hub_of(reg->t, reg);

	if (!hub)
		return;
	hub->adopted_up |= !probation;
	hub->was_down = !hub->adopted_up;
}

bool nhrp_hub_was_down(const struct nhrp_reg *reg)
{
	const struct nhrp_hubstate *hub = nhrp_hub_of(reg->t, reg);

	return hub && hub->was_down;
}

/* The hub works, but others are better: only if there is no other way. */
bool nhrp_hub_held(const struct nhrp_reg *reg)
{
	const struct nhrp_hubstate *hub = nhrp_hub_of(reg->t, reg);

	return hub && is_held(hub);
}

bool nhrp_hub_active(const struct nhrp_reg *reg)
{
	const struct nhrp_hubstate *hub = nhrp_hub_of(reg->t, reg);

	return hub && is_active(reg->t, hub);
}

/* Of too many hubs only the active ones; while none is, whoever may live. */
bool nhrp_hub_gets_multicast(const struct nhrp_reg *reg)
{
	const struct nhrp_tunnel *t = reg->t;

	if (!t->cfg.multicast)
		return false;
	if (t->nr_hubs <= t->cfg.max_hubs)
		return true;
	return active_beside(t, NULL) ? nhrp_hub_active(reg) :
			       reg->state != NHRP_NHS_STANDBY;
}

enum nhrp_hubs_state nhrp_tunnel_hubs(const struct nhrp_tunnel *t)
{
	enum nhrp_hubs_state state = NHRP_HUBS_DOWN;
	unsigned int i;

	for (i = 0; i < t->nr_hubs; i++) {
		enum hub_health health = health_of(t, &t->hubs[i]);

		if (health == HUB_WORKS)
			return NHRP_HUBS_WORK;
		if (health == HUB_JOINING)
			state = NHRP_HUBS_JOINING;
	}
	return state;
}
