// SPDX-License-Identifier: GPL-2.0
/*
 * Probes of direct paths: a Resolution Request for the peer's own protocol
 * address, sent straight to its locator. An answer that comes straight from
 * there proves the path both ways. The kernel keeps data on the hub's path until
 * then.
 *
 * A path in use from which nothing comes is probed too; three probes without
 * an answer mean death, but only of a peer that answered one before: one that
 * never answers any is not dead, only not proven.
 */
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/remote.h"
#include "nhrp/request.h"
#include "nhrp/resolve.h"
#include "nhrp/shortcut.h"

#define PROVE_FIRST_MS		200
#define PROVE_MOST_MS		30000
#define PROVE_NEVER_MOST_MS	80000	/* of a peer that never answered: a minute, at least */
#define ALIVE_RETRY_MS		1000
#define LOSSES_MAX		3
#define NO_SA_FIRST_MS		200
#define NO_SA_MOST_MS		5000
#define YIELD_MS		1500	/* for the other one to begin IKE */
#define YIELD_LOOK_MS		50	/* how often to look whether it is done */
#define YIELD_MOST_MS		5000

static u64 interval_ms(const struct nhrp_remote *r)
{
	return r->t->cfg.probe_interval_s * 1000ull;
}

static void send_probe(struct nhrp_remote *r, u64 now)
{
	struct nhrp_tunnel *t = r->t;
	struct nhrp_msg msg;
	u64 wait;

	if (!r->req.id) {
		nhrp_request_new(t, &r->req, NHRP_REQ_PROBE);
		r->tries = 0;
	}
	wait = r->proven ? ALIVE_RETRY_MS :
	       nhrp_backoff_ms(t, r->tries, PROVE_FIRST_MS, r->answered ?
			       PROVE_MOST_MS : PROVE_NEVER_MOST_MS);
	nhrp_timer(t, &r->timer, now + wait);
	r->tries++;
	if (!nhrp_resolution_msg(t, &msg, &r->peer, &r->proto, r->req.id))
		return;
	nhrp_count(t, NHRP_C_PROBE_SENT);
	nhrp_msg_send(t, &msg, &r->peer, r->req.id);
}

static bool in_use(const struct nhrp_remote *r)
{
	struct nhrp_env *env = &r->t->core->env;
	const struct nhrp_shortcut *s;

	for (s = r->shortcuts; s; s = s->next)
		if (env->map_idle_ms(env->ctx, r->t, &s->prefix) <
		    interval_ms(r))
			return true;
	return false;
}

/* Sending and hearing nothing is the only state that needs a question. */
static bool probe_needed(struct nhrp_remote *r, u64 *look_again_ms)
{
	struct nhrp_env *env = &r->t->core->env;
	u64 idle = env->peer_rx_idle_ms(env->ctx, r->t, &r->peer);

	*look_again_ms = interval_ms(r);
	if (idle < interval_ms(r)) {
		*look_again_ms = interval_ms(r) - idle;
		return false;
	}
	return in_use(r);
}

/*
 * Packets come from there and answers do not: the other agent is being
 * restarted or dead, the path is not.
 */
static bool heard_since_asked(struct nhrp_remote *r)
{
	struct nhrp_env *env = &r->t->core->env;

	return env->peer_rx_idle_ms(env->ctx, r->t, &r->peer) <
	       r->tries * (u64)ALIVE_RETRY_MS;
}

static void died(struct nhrp_remote *r, u64 now)
{
	struct nhrp_tunnel *t = r->t;
	struct nhrp_prefix host;

	nhrp_prefix_host(&host, &r->proto);
	nhrp_count(t, NHRP_C_PEER_DEAD);
	nhrp_note(t, NHRP_EVENT_PEER_DEAD, NHRP_NOTICE, NHRP_C_NONE, &host,
		  &r->peer, "no answer to three probes, back to the hub's path");
	r->proven = false;
	r->dead = true;
	r->tries = 0;
	nhrp_shortcut_remote_changed(r, now);
	/* Perhaps it is somewhere else by now: the hub knows. */
	nhrp_shortcut_ask_again(r, now);
}

static bool other_has_begun(const struct nhrp_remote *r)
{
	struct nhrp_env *env = &r->t->core->env;

	return env->ike_begun && env->ike_begun(env->ctx, r->t, &r->peer.nbma);
}

void nhrp_probe_timer(struct nhrp_timer *timer, u64 now)
{
	struct nhrp_remote *r = container_of(timer, struct nhrp_remote, timer);
	u64 look_again;

	if (!r->shortcuts) {
		nhrp_request_done(r->t, &r->req);
		return;
	}
	if (now < r->yields_until && !r->req.id && !r->proven && other_has_begun(r)) {
		nhrp_timer(r->t, &r->timer, now + YIELD_LOOK_MS);
		return;
	}
	if (r->req.id) {
		nhrp_count(r->t, NHRP_C_PROBE_TIMEOUT);
		if (r->proven && r->tries >= LOSSES_MAX &&
		    heard_since_asked(r)) {
			nhrp_request_done(r->t, &r->req);
			nhrp_timer(r->t, &r->timer, interval_ms(r) ?
				   now + interval_ms(r) : NHRP_NEVER);
			return;
		}
		if (r->proven && r->answered && r->tries >= LOSSES_MAX)
			died(r, now);
	} else if (r->proven) {
		if (!interval_ms(r))
			return;
		if (!probe_needed(r, &look_again)) {
			nhrp_timer(r->t, &r->timer, now + look_again);
			return;
		}
	}
	send_probe(r, now);
}

/*
 * Both learn of the path at once. If both began IKE there were two pairs of associations; the
 * second one takes the place of the first while that carries data, and is there sooner at one
 * end than at the other. So one of the two lets the other begin, which of them does not matter,
 * and who is late looks first whether that has been done.
 */
static u64 yield_ms(const struct nhrp_remote *r)
{
	const struct nhrp_addr *own = nhrp_own_nbma(r->t, r->peer.nbma.family);

	return own && nhrp_addr_cmp(own, &r->peer.nbma) > 0 ? YIELD_MS : 0;
}

/* A new or adopted one: what is proven is looked at in due time. */
void nhrp_probe_begin(struct nhrp_remote *r, u64 now)
{
	if (!r->proven && !r->req.id && r->known && r->t->cfg.starts_ike) {
		if (!r->timer.set) {
			r->yields_until = now + YIELD_MOST_MS;
			nhrp_timer(r->t, &r->timer, now + yield_ms(r));
		}
		return;
	}
	if (!r->proven)
		nhrp_probe_soon(r, now);
	else if (!r->timer.set && interval_ms(r))
		nhrp_timer(r->t, &r->timer, now + interval_ms(r));
}

/* What has proven it is gone. */
void nhrp_probe_anew(struct nhrp_remote *r, u64 now)
{
	if (!r->proven)
		return;
	r->proven = false;
	nhrp_shortcut_remote_changed(r, now);
	if (!r->req.id)
		nhrp_timer_off(r->t, &r->timer);
	nhrp_probe_begin(r, now);
}

/* Probe now what is not proven, or what may be in trouble. */
void nhrp_probe_soon(struct nhrp_remote *r, u64 now)
{
	if (!r->known || !r->shortcuts)
		return;
	if (!r->req.id) {
		send_probe(r, now);
		return;
	}
	if (!r->timer.set || r->timer.at_ms > now + PROVE_FIRST_MS)
		nhrp_timer(r->t, &r->timer, now + PROVE_FIRST_MS);
}

void nhrp_probe_reply(struct nhrp_rx *rx, struct nhrp_remote *r)
{
	struct nhrp_tunnel *t = rx->t;
	const struct nhrp_cie *cie = &rx->msg->cies.cie[0];
	bool news = !r->proven;

	/* A relayed answer proves nothing about the direct path. */
	if (!nhrp_same_endpoint(&rx->frame->from, &r->peer) ||
	    !nhrp_addr_eq(&rx->msg->dst_proto, &r->proto) ||
	    cie->code != NHRP_CODE_OK ||
	    !(nhrp_addr_none(&cie->proto) ||
	      nhrp_addr_eq(&cie->proto, &r->proto))) {
		nhrp_count(t, NHRP_C_DROP_NO_REQUEST);
		return;
	}
	nhrp_request_done(t, &r->req);
	r->tries = 0;
	r->no_sa = 0;
	r->proven = true;
	r->answered = true;
	r->dead = false;
	nhrp_timer(t, &r->timer, interval_ms(r) ? rx->now + interval_ms(r) :
						  NHRP_NEVER);
	if (news)
		nhrp_shortcut_remote_changed(r, rx->now);
}

void nhrp_probe_tx_result(struct nhrp_remote *r, int error, u64 now)
{
	if (error != -EINPROGRESS)
		return;
	if (r->tries)
		r->tries--;
	nhrp_timer(r->t, &r->timer,
		   now + nhrp_backoff_ms(r->t, r->no_sa++, NO_SA_FIRST_MS,
					 NO_SA_MOST_MS));
}
