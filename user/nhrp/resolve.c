// SPDX-License-Identifier: GPL-2.0
/*
 * The client's side of resolution (RFC 2332 5.2.1)
 *
 *   ASKING --reply--> shortcut, gone     ASKING --1, 2, 4 s, no reply--> NEGATIVE
 *   ASKING --NAK, error from the hub--> NEGATIVE
 *   NEGATIVE --30 s, doubling to 300--> IDLE --asked for--> ASKING
 */
#include <stdlib.h>

#include "nhrp/adopt.h"
#include "nhrp/auth.h"
#include "nhrp/binding.h"
#include "nhrp/cookie.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/nhc.h"
#include "nhrp/nhs.h"
#include "nhrp/owner.h"
#include "nhrp/policy.h"
#include "nhrp/remote.h"
#include "nhrp/request.h"
#include "nhrp/resolve.h"
#include "nhrp/shortcut.h"

#define RETRY_FIRST_MS		1000
#define RETRY_MOST_MS		8000
#define TRIES_MAX		4		/* at 0, 1, 3 and 7 s: 15 s in all */
#define GIVE_UP_MS		15000
#define NO_SA_FIRST_MS		200
#define NO_SA_MOST_MS		5000
#define NEGATIVE_FIRST_MS	30000
#define NEGATIVE_MOST_MS	300000
#define RATE_INTERVAL_US	20000		/* 50 new questions a second */
#define RATE_BURST		200

struct nhrp_resolution *nhrp_resolution_find(struct nhrp_tunnel *t,
					     const struct nhrp_addr *target)
{
	struct nhrp_node *n;

	for (n = nhrp_table_chain(&t->resolutions, nhrp_hash(t, target)); n;
	     n = n->chain) {
		struct nhrp_resolution *r =
			container_of(n, struct nhrp_resolution, node);

		if (nhrp_addr_eq(&r->target, target))
			return r;
	}
	return NULL;
}

/* A Resolution Request of ours, to the hub or, as a probe, to the peer. */
bool nhrp_resolution_msg(struct nhrp_tunnel *t, struct nhrp_msg *msg,
			 const struct nhrp_peer_key *to,
			 const struct nhrp_addr *target, u32 id)
{
	const struct nhrp_prefix *self = nhrp_local_for(t, target,
							target->family);
	struct nhrp_cie *cie;

	if (!self || !nhrp_msg_begin(t, msg, NHRP_RESOLUTION_REQUEST, to,
				     &self->addr, target))
		return false;
	msg->request_id = id;
	msg->flags = NHRP_FLAG_RES_ROUTER | NHRP_FLAG_RES_AUTHORITATIVE |
		     NHRP_FLAG_RES_SRC_STABLE | NHRP_FLAG_NAT;
	cie = nhrp_cie_list_add(&msg->cies);
	cie->prefix_len = NHRP_PREFIX_HOST;
	cie->mtu = t->cfg.mtu;
	cie->holding_time = t->cfg.holding_time_s;
	nhrp_msg_standard_exts(msg);
	return true;
}

/* The hub that packets to @target go by, NULL: none of those we are registered with. */
static struct nhrp_reg *hub_of_route(struct nhrp_tunnel *t,
				     const struct nhrp_addr *target)
{
	struct nhrp_env *env = &t->core->env;
	struct nhrp_route route;
	struct nhrp_reg *reg;

	if (env->route_lookup(env->ctx, t, target, &route) ||
	    !route.via_tunnel || !route.has_gateway)
		return NULL;
	for (reg = t->regs; reg; reg = reg->next)
		if (!reg->trial && reg->state == NHRP_NHS_REGISTERED &&
		    reg->hub.has_proto &&
		    nhrp_addr_eq(&reg->hub.proto, &route.gateway))
			return reg;
	return NULL;
}

/*
 * Who has the route knows best. But it may be down without anybody having noticed,
 * as may the best one: by turns, also if what is asked does not leave.
 */
static struct nhrp_reg *hub_to_ask(const struct nhrp_resolution *r)
{
	struct nhrp_reg *hub = NULL;

	if (!((r->tries + r->no_sa) & 1))
		hub = hub_of_route(r->t, &r->target);
	return hub ? hub : nhrp_nhc_best(r->t, r->target.family, NULL);
}

static void ask(struct nhrp_resolution *r, u64 now)
{
	struct nhrp_tunnel *t = r->t;
	struct nhrp_reg *hub = hub_to_ask(r);
	struct nhrp_msg msg;

	if (!hub) {	/* nobody to ask: that says nothing about the target */
		nhrp_timer(t, &r->timer, now + RETRY_FIRST_MS);
		return;
	}
	nhrp_timer(t, &r->timer, now + nhrp_backoff_ms(t, r->tries,
						       RETRY_FIRST_MS,
						       RETRY_MOST_MS));
	r->tries++;
	r->hub = hub->hub.peer;
	if (nhrp_resolution_msg(t, &msg, &r->hub, &r->target, r->req.id))
		nhrp_msg_send(t, &msg, &r->hub, r->req.id);
}

static void start(struct nhrp_resolution *r, u64 now)
{
	r->state = NHRP_RESOLUTION_ASKING;
	r->tries = 0;
	r->no_sa = 0;
	r->reason = NULL;
	r->started_at = now;
	nhrp_request_new(r->t, &r->req, NHRP_REQ_RESOLUTION);
	ask(r, now);
}

/*
 * The kernel asked for a next hop that nobody knows: let it stop asking. The
 * packets go by the hub meanwhile.
 */
static void set_unreachable(struct nhrp_resolution *r, u64 for_ms)
{
	struct nhrp_tunnel *t = r->t;
	struct nhrp_env *env = &t->core->env;
	struct nhrp_cookie c = { .type = NHRP_COOKIE_NEGATIVE };
	struct nhrp_reg *hub = nhrp_nhc_best(t, r->target.family, NULL);
	struct nhrp_map map = {
		.flags = NHRP_MAP_UNREACHABLE,
		.expires_ms = for_ms,
	};

	nhrp_prefix_host(&map.prefix, &r->target);
	if (!hub || nhrp_shortcut_find(t, &map.prefix) ||
	    nhrp_foreign_has(t, &map.prefix))
		return;
	map.peer = hub->hub.peer;
	map.cookie_len = nhrp_cookie_encode(&c, map.cookie);
	env->map_set(env->ctx, t, &map);
	r->unreachable_set = true;
}

static void negative(struct nhrp_resolution *r, const char *reason, u64 now)
{
	struct nhrp_tunnel *t = r->t;
	struct nhrp_prefix host;
	u64 ms = NEGATIVE_FIRST_MS << (r->failures < 4 ? r->failures : 4);

	if (ms > NEGATIVE_MOST_MS)
		ms = NEGATIVE_MOST_MS;
	nhrp_request_done(t, &r->req);
	r->state = NHRP_RESOLUTION_NEGATIVE;
	r->reason = reason;
	nhrp_timer(t, &r->timer, now + ms - nhrp_rand(t, (u32)(ms / 10)));
	nhrp_prefix_host(&host, &r->target);
	nhrp_note(t, NHRP_EVENT_RESOLVE_FAILED, NHRP_INFO, NHRP_C_NONE, &host,
		  NULL, "no direct path: %s; asked again in %llu s at the earliest",
		  reason, (unsigned long long)ms / 1000);
	if (r->purpose & NHRP_FOR_MISS)
		set_unreachable(r, ms);
}

/* Somebody said no: every time for longer. */
static void refused(struct nhrp_resolution *r, const char *reason, u64 now)
{
	negative(r, reason, now);
	r->failures++;
}

static void resolution_timer(struct nhrp_timer *timer, u64 now)
{
	struct nhrp_resolution *r = container_of(timer, struct nhrp_resolution,
						 timer);

	switch (r->state) {
	case NHRP_RESOLUTION_ASKING:
		if (!r->tries && now >= r->started_at + GIVE_UP_MS) {
			nhrp_resolution_free(r);
			return;
		}
		if (r->tries < TRIES_MAX) {
			ask(r, now);
			return;
		}
		nhrp_count(r->t, NHRP_C_RESOLUTION_TIMEOUT);
		/* Silence is less than a no: it does not add up. */
		r->failures = 0;
		negative(r, "no answer", now);
		break;
	case NHRP_RESOLUTION_NEGATIVE:
		r->state = NHRP_RESOLUTION_IDLE;
		r->unreachable_set = false;
		nhrp_timer(r->t, &r->timer, now + NEGATIVE_MOST_MS);
		break;
	case NHRP_RESOLUTION_IDLE:
		nhrp_resolution_free(r);
		break;
	}
}

static bool worth_asking(struct nhrp_tunnel *t, const struct nhrp_addr *target,
			 unsigned int purpose)
{
	struct nhrp_prefix host;

	nhrp_prefix_host(&host, target);
	if (!t->regs) {
		nhrp_count(t, NHRP_C_DROP_NO_ROUTE);
		return false;
	}
	if (!nhrp_addr_is_unicast(target) || nhrp_is_local(t, target) ||
	    nhrp_is_hub_proto(t, target) || nhrp_static_find(t, target) ||
	    nhrp_foreign_has(t, &host) || nhrp_binding_find(t, target)) {
		nhrp_count(t, NHRP_C_DROP_KNOWN);
		return false;
	}
	if (!(purpose & (NHRP_FOR_CLAIM | NHRP_FOR_RENEW)) &&
	    nhrp_shortcut_cover(t, target)) {
		nhrp_count(t, NHRP_C_DROP_KNOWN);
		return false;
	}
	return true;
}

/* What is only remembered makes room: the oldest first. */
static bool make_room(struct nhrp_tunnel *t)
{
	struct nhrp_node *n, *tmp;

	if (t->resolutions.count < t->cfg.max_shortcuts)
		return true;
	nhrp_table_for_each(n, tmp, &t->resolutions) {
		struct nhrp_resolution *r =
			container_of(n, struct nhrp_resolution, node);

		if (r->state == NHRP_RESOLUTION_ASKING)
			continue;
		nhrp_resolution_free(r);
		return true;
	}
	return false;
}

static struct nhrp_resolution *resolution_new(struct nhrp_tunnel *t,
					      const struct nhrp_addr *target)
{
	struct nhrp_resolution *r;

	if (!make_room(t)) {
		nhrp_count(t, NHRP_C_DROP_TABLE_FULL);
		return NULL;
	}
	r = calloc(1, sizeof(*r));
	if (!r || nhrp_table_add(&t->resolutions, &r->node,
				 nhrp_hash(t, target))) {
		free(r);
		nhrp_count(t, NHRP_C_DROP_NOMEM);
		return NULL;
	}
	r->t = t;
	r->target = *target;
	r->state = NHRP_RESOLUTION_IDLE;
	r->timer.fn = resolution_timer;
	return r;
}

struct nhrp_resolution *nhrp_resolve(struct nhrp_tunnel *t,
				     const struct nhrp_addr *target,
				     unsigned int purpose, u64 now)
{
	struct nhrp_resolution *r;
	struct nhrp_prefix host;

	if (!worth_asking(t, target, purpose))
		return NULL;
	r = nhrp_resolution_find(t, target);
	if (r && r->state == NHRP_RESOLUTION_NEGATIVE) {
		nhrp_count(t, NHRP_C_DROP_NEGATIVE);
		return NULL;
	}
	if (r && r->state == NHRP_RESOLUTION_ASKING) {
		r->purpose |= purpose;
		return r;
	}
	if (!nhrp_bucket_take(&t->resolve_total, RATE_INTERVAL_US, RATE_BURST,
			      now)) {
		nhrp_count(t, NHRP_C_DROP_RATE);
		return NULL;
	}
	if (!r)
		r = resolution_new(t, target);
	if (!r)
		return NULL;
	r->purpose = purpose;
	nhrp_prefix_host(&host, target);
	nhrp_note(t, NHRP_EVENT_RESOLVING, NHRP_DEBUG, NHRP_C_NONE, &host, NULL,
		  "asking the hub");
	start(r, now);
	return r;
}

/* The one of highest preference, and of equal ones the first. */
static const struct nhrp_cie *good_cie(const struct nhrp_msg *msg)
{
	const struct nhrp_cie *best = NULL;
	unsigned int i;

	for (i = 0; i < msg->cies.n; i++) {
		const struct nhrp_cie *cie = &msg->cies.cie[i];

		if (cie->code == NHRP_CODE_OK &&
		    (!best || cie->preference > best->preference))
			best = cie;
	}
	return best;
}

static const struct nhrp_addr *next_hop(const struct nhrp_rx *rx,
					const struct nhrp_cie *cie)
{
	return nhrp_addr_none(&cie->proto) ? &rx->msg->dst_proto : &cie->proto;
}

/*
 * An answer that comes straight, as Cisco and FRR send it, has nobody who vouches
 * for it: it speaks of the place that it comes from, moves nobody whose path
 * works, and neither says no nor decides about claims. Who signs answers by the hub,
 * which knows what he may say: from him it would be a way around that.
 */
static bool credible(struct nhrp_rx *rx, const struct nhrp_resolution *r)
{
	const struct nhrp_cie *cie = good_cie(rx->msg);
	struct nhrp_remote *known;
	struct nhrp_peer_key key;

	/* Who need not prove so much does not answer in the place of who was asked. */
	if (!nhrp_auth_reaches(rx, rx->t, &r->hub))
		return false;
	if (nhrp_hub_by_nbma(rx->t, &rx->frame->from))
		return true;
	if (!cie || !(r->purpose & ~NHRP_FOR_CLAIM) ||
	    nhrp_auth_place(rx->t, &rx->frame->from) == NHRP_AUTH_HMAC)
		return false;
	nhrp_locator_of(rx, next_hop(rx, cie), &cie->nbma, &key);
	known = nhrp_remote_find(rx->t, next_hop(rx, cie));
	return nhrp_addr_eq(&key.nbma, &rx->frame->from.nbma) &&
	       !(known && known->claim.data) &&
	       !(known && known->proven && !nhrp_key_eq(&known->peer, &key));
}

/* NULL, or why the answer is of no use. */
static const char *use_answer(struct nhrp_rx *rx, struct nhrp_resolution *r,
			      const struct nhrp_cie *cie)
{
	struct nhrp_tunnel *t = rx->t;
	const struct nhrp_addr *hop = next_hop(rx, cie);
	struct nhrp_prefix prefix = { .addr = r->target };
	unsigned int purpose = r->purpose;
	struct nhrp_shortcut *s = NULL;
	struct nhrp_remote *remote;
	struct nhrp_peer_key key;
	struct nhrp_route route;
	enum nhrp_counter why;
	u8 bits = nhrp_addr_bits(&r->target);

	if (!nhrp_addr_is_unicast(hop) || nhrp_is_local(t, hop) ||
	    !cie->holding_time)
		return "the answer makes no sense";
	if (nhrp_is_hub_proto(t, hop))
		return "the hub is the way out";
	nhrp_locator_of(rx, hop, &cie->nbma, &key);
	why = nhrp_policy_nbma(t, &cie->nbma);
	if (why == NHRP_C_NONE)
		why = nhrp_policy_nbma(t, &key.nbma);
	prefix.plen = cie->prefix_len && cie->prefix_len < bits ?
		      cie->prefix_len : bits;
	if (why == NHRP_C_NONE && (purpose & NHRP_FOR_DATA))
		why = nhrp_policy_prefix(t, &r->target, &key, &prefix, &route);
	if (why != NHRP_C_NONE) {
		nhrp_count(t, why);
		return nhrp_counter_words(why);
	}
	remote = nhrp_remote_learn(t, hop, &key, &cie->nbma, rx->now);
	if (!remote)
		return "no room for another peer";
	remote->mtu = cie->mtu;
	if (purpose & NHRP_FOR_DATA)
		s = nhrp_shortcut_make(t, &prefix, &r->target, remote,
				       cie->holding_time, 0, rx->now);
	if (s) {
		nhrp_shortcut_vouched(s, rx);
		nhrp_shortcut_routed(s, &route, rx->now);
	}
	nhrp_remote_put(remote, rx->now);
	return purpose & NHRP_FOR_DATA && !s ? "no room for another shortcut" :
					       NULL;
}

/*
 * Not every hub that is asked knows the way. While the one that the route names may
 * still answer, a no of another one is as good as no answer.
 */
static bool others_may_know(const struct nhrp_resolution *r,
			    const struct nhrp_peer_key *from)
{
	const struct nhrp_reg *hub = hub_of_route(r->t, &r->target);

	return hub && r->tries < TRIES_MAX &&
	       !nhrp_addr_eq(&hub->hub.peer.nbma, &from->nbma);
}

static void said_no(struct nhrp_rx *rx, struct nhrp_resolution *r,
		    const char *reason)
{
	if (others_may_know(r, &rx->frame->from))
		return;
	nhrp_shortcut_answered(rx->t, &r->target, rx->now);
	refused(r, reason, rx->now);
}

static void resolution_reply(struct nhrp_rx *rx, struct nhrp_resolution *r)
{
	struct nhrp_tunnel *t = rx->t;
	const struct nhrp_cie *cie = good_cie(rx->msg);
	struct nhrp_prefix host;
	const char *why;

	if (!cie) {
		nhrp_count(t, NHRP_C_NAK_RECEIVED);
		said_no(rx, r, nhrp_code_str(rx->msg->cies.cie[0].code));
		return;
	}
	why = use_answer(rx, r, cie);
	if (why) {
		said_no(rx, r, why);
		return;
	}
	nhrp_prefix_host(&host, &r->target);
	if (r->unreachable_set && !nhrp_shortcut_find(t, &host))
		nhrp_map_del(t, &host);
	nhrp_resolution_free(r);
}

void nhrp_resolve_reply(struct nhrp_rx *rx)
{
	struct nhrp_tunnel *t = rx->t;
	const struct nhrp_msg *msg = rx->msg;
	const struct nhrp_addr *own = nhrp_own_nbma(t, msg->nbma_family);
	struct nhrp_request *req = nhrp_request_find(t, msg->request_id);
	struct nhrp_resolution *r;
	struct nhrp_verify *v;

	if (!req || !own || !nhrp_addr_eq(&msg->src_nbma, own))
		goto stray;
	switch (req->kind) {
	case NHRP_REQ_RESOLUTION:
		r = container_of(req, struct nhrp_resolution, req);
		if (!nhrp_addr_eq(&msg->dst_proto, &r->target))
			goto stray;
		/* Whoever guessed the id must not end the question either. */
		if (!credible(rx, r)) {
			nhrp_count(t, NHRP_C_DROP_CLAIM_MISMATCH);
			return;
		}
		resolution_reply(rx, r);
		return;
	case NHRP_REQ_PROBE:
		nhrp_probe_reply(rx, container_of(req, struct nhrp_remote,
						  req));
		return;
	case NHRP_REQ_VERIFY:
		v = container_of(req, struct nhrp_verify, req);
		if (!nhrp_key_eq(&rx->frame->from, &v->binding->locator->key) ||
		    !nhrp_owner_agrees(rx, v->binding))
			goto stray;
		nhrp_verify_heard(v, rx->now);
		return;
	case NHRP_REQ_REGISTRATION:
	case NHRP_REQ_PURGE:
		break;
	}
stray:
	nhrp_count(t, NHRP_C_DROP_NO_REQUEST);
	if (nhrp_trusted_peer(t, &rx->frame->from))
		nhrp_error_send(rx, NHRP_ERR_INVALID_REPLY, 0);
}

/* A hint that saves the retries; the negative time is the same. */
void nhrp_resolve_error(struct nhrp_rx *rx, struct nhrp_resolution *r, u16 code)
{
	if ((code == NHRP_ERR_UNREACHABLE || code == NHRP_ERR_LOOP ||
	     code == NHRP_ERR_HOP_COUNT) &&
	    !others_may_know(r, &rx->frame->from))
		refused(r, nhrp_error_str(code), rx->now);
}

void nhrp_resolve_tx_result(struct nhrp_resolution *r, int error, u64 now)
{
	if (error != -EINPROGRESS)
		return;
	if (r->tries)
		r->tries--;
	nhrp_timer(r->t, &r->timer,
		   now + nhrp_backoff_ms(r->t, r->no_sa++, NO_SA_FIRST_MS,
					 NO_SA_MOST_MS));
}

/* The way to the hub is open: what waits for it goes out. */
void nhrp_resolve_kick(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer,
		       u64 now)
{
	struct nhrp_node *n, *tmp;

	nhrp_table_for_each(n, tmp, &t->resolutions) {
		struct nhrp_resolution *r =
			container_of(n, struct nhrp_resolution, node);

		if (r->state != NHRP_RESOLUTION_ASKING ||
		    !nhrp_addr_eq(&r->hub.nbma, &peer->nbma))
			continue;
		r->no_sa = 0;
		nhrp_timer(t, &r->timer, now);
	}
}

void nhrp_resolution_free(struct nhrp_resolution *r)
{
	struct nhrp_tunnel *t = r->t;

	nhrp_timer_off(t, &r->timer);
	nhrp_request_done(t, &r->req);
	nhrp_table_del(&t->resolutions, &r->node);
	free(r);
}
