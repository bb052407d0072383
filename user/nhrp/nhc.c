// SPDX-License-Identifier: GPL-2.0
/*
 * The client's side of registration (RFC 2332 5.2.3)
 *
 *   WAIT --underlay up, an address of ours to reach the hub from--> REGISTERING
 *   REGISTERING --reply--> REGISTERED --refresh--> ...
 *   REGISTERING, REGISTERED --3 requests unanswered, or 5--> UNREACHABLE
 *   any --NAK--> REFUSED --30..90 s, 5..15 s if it has no room--> asked again
 *   REGISTERING, UNREACHABLE --our authentication is wrong--> REFUSED --60..120 s-->
 *   UNREACHABLE, REFUSED --reply--> REGISTERED
 *   any --better hubs are enough, see hub.c--> STANDBY --not any more--> WAIT
 *
 * Registrations are made, started and left in registration.c; what a hub answers is
 * handled in nhc_reply.c.
 *
 * Requests are repeated after 1, 1, 2, 4 .. 64 s under the same id for ever: a
 * packet is lost more often than a hub. What was a dvpn hub is after 1, 1, 2, 4, 8 s asked
 * twice in each probe interval. A hub that has us registered is asked
 * three times, 1 s apart, and is unreachable if nothing at all has come from it
 * in that time; if only its answers are missing, its agent may be restarting,
 * and it gets two more in 4 s. One that no security association leads to is
 * unreachable after 5 s: no packet gets there. A hub that is silent for one
 * address of ours is asked for all, and lost for all. A registration is
 * refreshed after a third of the granted holding time, and serves as the probe
 * of a hub from which nothing was heard for a while.
 */
#include "nhrp/auth.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/nhc.h"
#include "nhrp/nhc_ask.h"
#include "nhrp/packet-ext.h"
#include "nhrp/purge.h"
#include "nhrp/readdress.h"
#include "nhrp/request.h"

#define RETRY_FIRST_MS		1000
#define RETRY_MOST_MS		64000
#define TRIES_IN_PAIRS		5	/* after 1, 1, 2, 4 and 8 s */
#define LOSSES_MAX		3
#define RETRY_HEARD_MS		2000
#define LOSSES_HEARD_MAX	5
#define NOT_HEARD_AGAIN_MS	600000
#define NO_SA_FIRST_MS		200
#define NO_SA_MOST_MS		5000
#define NO_SA_LOST_MS		5000

static void add_nat_ext(struct nhrp_reg *reg, struct nhrp_msg *msg)
{
	struct nhrp_cie *cie = nhrp_cie_list_add(&msg->nat);

	/* The hub as we dial it; Cisco wants 0.0.0.0 if we do not know more. */
	cie->nbma = reg->hub.peer.nbma;
	if (reg->hub.has_proto)
		cie->proto = reg->hub.proto;
	else
		nhrp_addr_set_any(&cie->proto, reg->local.addr.family);
}

static void add_dvpn(struct nhrp_reg *reg, struct nhrp_msg *msg)
{
	struct nhrp_dvpn d = {
		.role = NHRP_DVPN_REQUEST,
		.epoch = reg->t->epoch,
		.counter = nhrp_auth_counter(reg->t, &reg->hub.peer),
		.nonce = reg->nonce,
	};

	if (!nhrp_extensions_for(reg->t, &reg->hub.peer))
		return;
	nhrp_msg_set_dvpn(msg, &d);
}

/*
 * All who heard a hub last in the same instant miss it in the same instant. By
 * how much earlier each of them asks is the time in which a hub that lost its
 * memory can take them in.
 */
static u64 probe_interval_ms(const struct nhrp_reg *reg)
{
	u64 interval = reg->t->cfg.probe_interval_s * 1000ull;

	return interval - interval * reg->probe_early / 1024;
}

/*
 * A hub that has us registered is soon missed. One that is probed while it lives
 * may be asked as often while it does not, and is missed no longer than that when it is
 * back: twice each time, as one packet of many is lost.
 */
static u64 retry_ms(struct nhrp_reg *reg)
{
	u64 interval = reg->is_dvpn ? probe_interval_ms(reg) : 0;
	unsigned int tries = reg->tries;

	if (reg->state == NHRP_NHS_REGISTERED)
		return nhrp_backoff_ms(reg->t, tries >= LOSSES_MAX,
				       RETRY_FIRST_MS, RETRY_HEARD_MS);
	if (!interval || tries < TRIES_IN_PAIRS)
		return nhrp_backoff_ms(reg->t, tries ? tries - 1 : 0,
				       RETRY_FIRST_MS, RETRY_MOST_MS);
	return nhrp_backoff_ms(reg->t, 0, tries & 1 ? RETRY_FIRST_MS : interval,
			       RETRY_MOST_MS);
}

/* Did anything come from the hub since it was asked? */
static bool heard_since_asked(const struct nhrp_reg *reg, u64 now)
{
	struct nhrp_env *env = &reg->t->core->env;

	return env->peer_rx_idle_ms(env->ctx, reg->t, &reg->hub.peer) <
	       now - reg->asked_at;
}

static bool is_lost(const struct nhrp_reg *reg, u64 now)
{
	if (reg->no_sa && now >= reg->asked_at + NO_SA_LOST_MS)
		return true;
	if (reg->tries < LOSSES_MAX)
		return false;
	return reg->state != NHRP_NHS_REGISTERED ||
	       reg->tries >= LOSSES_HEARD_MAX || !heard_since_asked(reg, now);
}

void nhrp_nhc_send(struct nhrp_reg *reg, u64 now)
{
	struct nhrp_tunnel *t = reg->t;
	struct nhrp_env *env = &t->core->env;
	const struct nhrp_addr *own = &reg->local.addr;
	const struct nhrp_addr *dst = own;
	struct nhrp_cie *cie;
	struct nhrp_msg msg;

	if (!reg->req.id) {
		nhrp_request_new(t, &reg->req, NHRP_REQ_REGISTRATION);
		/* A late answer to the first try is as good as one to the last. */
		reg->nonce = (u64)env->rand32(env->ctx) << 32 |
			     env->rand32(env->ctx);
		reg->tries = 0;
		reg->asked_at = now;
		nhrp_purge_cancel(t, &reg->hub.peer, own);
	}
	/*
	 * Without the hub's address the request is addressed to ourselves. One
	 * that was learned may be another after a reboot, as its link-local
	 * address is: when it does not answer, ask as in the beginning.
	 */
	reg->unnamed = !reg->hub.has_proto ||
		       (reg->learned && reg->tries && !reg->introduced);
	if (!reg->unnamed)
		dst = &reg->hub.proto;
	nhrp_timer(t, &reg->timer, now + retry_ms(reg));
	/* Who is introduced and asked again was asked once. */
	if (!reg->introduced)
		reg->tries++;
	reg->introduced = false;
	reg->sent_at = now;
	if (!nhrp_msg_begin(t, &msg, NHRP_REGISTRATION_REQUEST, &reg->hub.peer,
			    own, dst))
		return;
	msg.request_id = reg->req.id;
	msg.flags = NHRP_FLAG_NAT |
		    (t->cfg.register_unique ? NHRP_FLAG_REG_UNIQUE : 0);
	cie = nhrp_cie_list_add(&msg.cies);
	cie->prefix_len = t->cfg.register_unique ? NHRP_PREFIX_HOST :
						   nhrp_addr_bits(own);
	cie->mtu = t->cfg.mtu;
	cie->holding_time = t->cfg.holding_time_s;
	nhrp_msg_standard_exts(&msg);
	add_nat_ext(reg, &msg);
	add_dvpn(reg, &msg);
	nhrp_msg_send(t, &msg, &reg->hub.peer, reg->req.id);
}

/*
 * Nothing heard of a registered hub for a while? Always asked of a dvpn hub:
 * it may have lost its state; of others only if we rely on it right now.
 */
static bool probe_needed(struct nhrp_reg *reg, u64 *look_again_ms)
{
	struct nhrp_tunnel *t = reg->t;
	struct nhrp_env *env = &t->core->env;
	u64 interval = probe_interval_ms(reg);
	struct nhrp_prefix host;
	u64 idle;

	*look_again_ms = NHRP_NEVER;
	if (!interval)
		return false;
	idle = env->peer_rx_idle_ms(env->ctx, t, &reg->hub.peer);
	if (idle < interval) {
		*look_again_ms = interval - idle;
		return false;
	}
	*look_again_ms = interval;
	if (reg->is_dvpn)
		return true;
	nhrp_prefix_host(&host, &reg->hub.proto);
	return reg->hub.has_proto &&
	       env->map_idle_ms(env->ctx, t, &host) < interval;
}

static void schedule_refresh(struct nhrp_reg *reg, u64 look_again_ms, u64 now)
{
	u64 at = reg->refresh_at;

	if (look_again_ms != NHRP_NEVER && now + look_again_ms < at)
		at = now + look_again_ms;
	nhrp_timer(reg->t, &reg->timer, at);
}

void nhrp_nhc_wait_refresh(struct nhrp_reg *reg, u64 now)
{
	u64 probe = probe_interval_ms(reg);

	schedule_refresh(reg, probe ? probe : NHRP_NEVER, now);
}

void nhrp_nhc_soon(struct nhrp_reg *reg, u64 within_ms, u64 now)
{
	u64 at = now + (within_ms ? nhrp_rand(reg->t, (u32)within_ms) : 0);

	if (reg->state == NHRP_NHS_WAIT || reg->state == NHRP_NHS_STANDBY)
		return;
	/* What hints may hurry, they must not make us wait for the verdict. */
	if (reg->state != NHRP_NHS_REGISTERED && reg->state != NHRP_NHS_REGISTERING)
		reg->tries = 0;
	reg->refresh_at = at;
	if (!reg->timer.set || reg->timer.at_ms > at)
		nhrp_timer(reg->t, &reg->timer, at);
}

static void lose(struct nhrp_reg *reg, const char *why, u64 now)
{
	/* From here on the time between requests doubles. */
	reg->tries = LOSSES_MAX;
	nhrp_auth_not_heard(reg->t, NHRP_EPOCH_MIN_MS, now);
	nhrp_nhc_set_state(reg, NHRP_NHS_UNREACHABLE, now);
	nhrp_nhc_note(reg, NHRP_EVENT_NHS_DOWN, NHRP_WARNING, why);
}

/*
 * Nothing at all has come from the hub since it was asked: it is the hub that is
 * silent, whichever address of ours it was asked for. Were the others to find out
 * by themselves, the kernel would go on sending to it meanwhile.
 */
static void hub_is_silent(struct nhrp_reg *reg, const char *lost, u64 now)
{
	struct nhrp_reg *o;

	for (o = reg->t->regs; o; o = o->next) {
		if (o == reg || o->state != NHRP_NHS_REGISTERED ||
		    !nhrp_key_eq(&o->hub.peer, &reg->hub.peer))
			continue;
		if (lost)
			lose(o, lost, now);
		if (!o->req.id)
			nhrp_nhc_soon(o, 0, now);
	}
}

static const char *why_lost(const struct nhrp_reg *reg)
{
	if (reg->tries < LOSSES_MAX || reg->no_sa)
		return "no security association for registration requests";
	return nhrp_nhc_may_share(reg) ?
	       "no answer from the hub" NHRP_MAY_SHARE_WORDS :
	       "no answer from the hub";
}

static void unanswered(struct nhrp_reg *reg, u64 now)
{
	bool silent = reg->state == NHRP_NHS_REGISTERED &&
		      !heard_since_asked(reg, now);
	const char *lost = NULL;

	nhrp_count(reg->t, NHRP_C_REGISTRATION_TIMEOUT);
	if (reg->state == NHRP_NHS_UNREACHABLE) {
		/* Our clock may have been put right meanwhile. */
		nhrp_auth_not_heard(reg->t, NOT_HEARD_AGAIN_MS, now);
		return;
	}
	if (is_lost(reg, now)) {
		lost = why_lost(reg);
		lose(reg, lost, now);
	}
	/* One that never knew this address may only not want it. */
	if (silent)
		hub_is_silent(reg, lost, now);
	if (lost)
		nhrp_nhc_changed(reg->t, now);
}

void nhrp_nhc_timer(struct nhrp_timer *timer, u64 now)
{
	struct nhrp_reg *reg = container_of(timer, struct nhrp_reg, timer);
	struct nhrp_tunnel *t = reg->t;
	u64 look_again;

	if (!t->lower_up)
		return;
	if (reg->req.id) {
		unanswered(reg, now);
		if (reg->state == NHRP_NHS_STANDBY)
			return;
	} else if (reg->state == NHRP_NHS_REGISTERED && now < reg->refresh_at &&
		   !probe_needed(reg, &look_again)) {
		schedule_refresh(reg, look_again, now);
		return;
	}
	nhrp_nhc_send(reg, now);
}

/*
 * Something says that the hub at @peer should be asked now. What says it may be
 * forged: one request a second at most, and a refusal stands. Not so @within_ms
 * 0: there is a security association.
 */
void nhrp_nhc_kick(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer,
		   u64 within_ms, u64 now)
{
	struct nhrp_reg *reg;

	for (reg = t->regs; reg; reg = reg->next) {
		if (reg->state == NHRP_NHS_REFUSED ||
		    !nhrp_addr_eq(&reg->hub.peer.nbma, &peer->nbma) ||
		    (within_ms && reg->sent_at &&
		     now < reg->sent_at + NHRP_HINT_SPREAD_MS))
			continue;
		if (!within_ms)
			reg->no_sa = 0;
		nhrp_nhc_soon(reg, within_ms, now);
	}
}

/* Somebody wants to know now: neither a refusal nor a hold-down stands in the way. */
void nhrp_nhc_ask_now(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer,
		      u64 now)
{
	struct nhrp_reg *reg;

	for (reg = t->regs; reg; reg = reg->next) {
		if (!nhrp_key_eq(&reg->hub.peer, peer))
			continue;
		nhrp_request_done(t, &reg->req);
		reg->no_sa = 0;
		nhrp_nhc_soon(reg, 0, now);
	}
	nhrp_hub_use_now(t, peer, now);
}

/* Where we are or how long it holds has changed: the hubs it is new to are told. */
void nhrp_nhc_register_anew(struct nhrp_tunnel *t,
			    const struct nhrp_tunnel_config *old, u64 now)
{
	bool all = old->holding_time_s != t->cfg.holding_time_s;
	struct nhrp_reg *reg;

	for (reg = t->regs; reg; reg = reg->next) {
		/* Whoever corrects the password does not want to wait. */
		if (!all && !reg->auth_failed && !nhrp_auth_moved(reg, old) &&
		    !nhrp_nbma_moved(old, &t->cfg, reg->hub.peer.nbma.family))
			continue;
		nhrp_request_done(t, &reg->req);
		nhrp_nhc_soon(reg, NHRP_START_JITTER_MS, now);
	}
}

void nhrp_nhc_tx_result(struct nhrp_reg *reg, int error, u64 now)
{
	u64 verdict = reg->asked_at + NO_SA_LOST_MS;
	u64 at;

	if (error != -EINPROGRESS)
		return;
	/* It never left: not a loss, and the SA will be there soon, or never. */
	if (reg->tries)
		reg->tries--;
	at = now + nhrp_backoff_ms(reg->t, reg->no_sa++, NO_SA_FIRST_MS,
				   NO_SA_MOST_MS);
	nhrp_timer(reg->t, &reg->timer,
		   now < verdict && verdict < at ? verdict : at);
}
