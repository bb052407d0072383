// SPDX-License-Identifier: GPL-2.0
/*
 * What comes in: parse, authenticate, limit the rate, decide, and only then
 * make state.
 */
#include "nhrp/auth.h"
#include "nhrp/binding.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/nhc.h"
#include "nhrp/nhs.h"
#include "nhrp/owner.h"
#include "nhrp/purge.h"
#include "nhrp/redirect.h"
#include "nhrp/remote.h"
#include "nhrp/request.h"
#include "nhrp/resolve.h"
#include "nhrp/shortcut.h"
#include "nhrp/transit.h"

/* Of a source. A hub speaks for everybody behind it. */
#define RX_INTERVAL_US		5000
#define RX_BURST		200
#define RX_HUB_INTERVAL_US	200
#define RX_HUB_BURST		2000
/* Where all else is signed: hints of each hub, and errors of all sources. */
#define RX_HINT_INTERVAL_US	1000000
#define RX_HINT_BURST		2
#define RX_UNSIGNED_INTERVAL_US	100000
#define RX_UNSIGNED_BURST	10

static enum nhrp_counter rx_counter(u8 type)
{
	switch (type) {
	case NHRP_RESOLUTION_REQUEST:
		return NHRP_C_RX_RESOLUTION_REQUEST;
	case NHRP_RESOLUTION_REPLY:
		return NHRP_C_RX_RESOLUTION_REPLY;
	case NHRP_REGISTRATION_REQUEST:
		return NHRP_C_RX_REGISTRATION_REQUEST;
	case NHRP_REGISTRATION_REPLY:
		return NHRP_C_RX_REGISTRATION_REPLY;
	case NHRP_PURGE_REQUEST:
		return NHRP_C_RX_PURGE_REQUEST;
	case NHRP_PURGE_REPLY:
		return NHRP_C_RX_PURGE_REPLY;
	case NHRP_ERROR_INDICATION:
		return NHRP_C_RX_ERROR;
	default:
		return NHRP_C_RX_INDICATION;
	}
}

static enum nhrp_counter bad_counter(enum nhrp_bad reason)
{
	switch (reason) {
	case NHRP_BAD_SHORT:
		return NHRP_C_DROP_TRUNCATED;
	case NHRP_BAD_CHECKSUM:
		return NHRP_C_DROP_CHECKSUM;
	case NHRP_BAD_LIMIT:
		return NHRP_C_DROP_TOO_LONG;
	case NHRP_BAD_NBMA_FAMILY:
	case NHRP_BAD_PROTO_FAMILY:
		return NHRP_C_DROP_FAMILY;
	default:
		return NHRP_C_DROP_MALFORMED;
	}
}

/* RFC 2332 5.3: a responder refuses what it must understand and does not. */
bool nhrp_refuse_unknown(struct nhrp_rx *rx)
{
	if (!rx->msg->unknown_compulsory)
		return false;
	nhrp_count(rx->t, NHRP_C_DROP_EXTENSION);
	nhrp_error_send(rx, NHRP_ERR_UNKNOWN_EXT, 0);
	return true;
}

static void reply_rx(struct nhrp_rx *rx)
{
	struct nhrp_tunnel *t = rx->t;
	const struct nhrp_msg *msg = rx->msg;

	if (!nhrp_msg_is_hint(msg) && !nhrp_is_local(t, &msg->src_proto) &&
	    !nhrp_purge_awaits(rx)) {
		nhrp_transit_reply(rx);
		return;
	}
	if (nhrp_refuse_unknown(rx))
		return;
	switch (msg->type) {
	case NHRP_REGISTRATION_REPLY:
		nhrp_nhc_reply(rx);
		break;
	case NHRP_RESOLUTION_REPLY:
		nhrp_resolve_reply(rx);
		break;
	default:
		nhrp_purge_reply(rx);
		break;
	}
}

static void dispatch(struct nhrp_rx *rx)
{
	switch (rx->msg->type) {
	case NHRP_REGISTRATION_REQUEST:
		if (!nhrp_refuse_unknown(rx))
			nhrp_nhs_request(rx);
		break;
	case NHRP_RESOLUTION_REQUEST:
		nhrp_answer_request(rx);
		break;
	case NHRP_PURGE_REQUEST:
		nhrp_purge_request(rx);
		break;
	case NHRP_ERROR_INDICATION:
		nhrp_error_rx(rx);
		break;
	case NHRP_TRAFFIC_INDICATION:
		nhrp_redirect_rx(rx);
		break;
	default:
		reply_rx(rx);
		break;
	}
}

/*
 * What is forged must not use up what the one has who signs, and errors not what hints
 * have: without those a hub that has lost its memory is missed late.
 */
static bool unsigned_ok(const struct nhrp_rx *rx, const struct nhrp_hub *hub)
{
	struct nhrp_tunnel *t = rx->t;

	if (rx->msg->type == NHRP_ERROR_INDICATION)
		return nhrp_bucket_take(&t->unsigned_total,
					RX_UNSIGNED_INTERVAL_US,
					RX_UNSIGNED_BURST, rx->now);
	return hub && nhrp_bucket_take(&t->hub_hints[hub - t->cfg.hubs],
				       RX_HINT_INTERVAL_US, RX_HINT_BURST,
				       rx->now);
}

static bool rate_ok(const struct nhrp_rx *rx)
{
	const struct nhrp_peer_key *from = &rx->frame->from;
	struct nhrp_tunnel *t = rx->t;
	const struct nhrp_hub *hub = nhrp_hub_by_nbma(t, from);
	struct nhrp_locator *l;
	u64 now = rx->now;

	if (nhrp_auth_has_no_place(rx))
		return unsigned_ok(rx, hub);
	/* A bucket of their own: strangers must not be able to empty it. */
	if (hub)
		return nhrp_bucket_take(&t->hub_limit[hub - t->cfg.hubs],
					RX_HUB_INTERVAL_US, RX_HUB_BURST, now);
	l = nhrp_locator_find(t, from);
	if (l)
		return nhrp_bucket_take(&l->limit, RX_INTERVAL_US, RX_BURST, now);
	return nhrp_limiter_take(&t->rx_limit, nhrp_key_hash(t, from),
				 RX_INTERVAL_US, RX_BURST, now);
}

static void not_authentic(struct nhrp_rx *rx, enum nhrp_counter why)
{
	bool forged = why == NHRP_C_DROP_AUTH || why == NHRP_C_DROP_KEY;
	bool other = why == NHRP_C_DROP_IKE;
	char who[NHRP_OWNER_WORDS_MAX] = "";

	nhrp_count(rx->t, why);
	nhrp_note(rx->t, NHRP_EVENT_REFUSED, forged || other ? NHRP_NOTICE : NHRP_INFO,
		  why, NULL, &rx->frame->from, "%s refused: %s%s",
		  nhrp_type_str(rx->msg->type), nhrp_counter_words(why),
		  other ? nhrp_owner_words(rx, NULL, who) : who);
	/* A network may double what is right; that is no error. */
	if (forged)
		nhrp_error_send(rx, NHRP_ERR_AUTH, 0);
}

static void handle(struct nhrp_tunnel *t, const struct nhrp_frame *frame,
		   u64 now_ms)
{
	struct nhrp_decode_err err;
	enum nhrp_counter why;
	struct nhrp_msg msg;
	struct nhrp_rx rx = {
		.t = t,
		.frame = frame,
		.msg = &msg,
		.now = now_ms,
	};

	t->core->now_ms = now_ms;
	if (t->state == NHRP_TUNNEL_NEW)
		return;
	if (nhrp_decode(frame->data, frame->len, &msg, &err)) {
		nhrp_count(t, bad_counter(err.reason));
		nhrp_note(t, NHRP_EVENT_REFUSED, NHRP_DEBUG,
			  bad_counter(err.reason), NULL, &frame->from,
			  "NHRP packet refused: %s at octet %u",
			  nhrp_bad_str(err.reason), err.offset);
		if (err.error_code != NHRP_ERR_NONE &&
		    t->state == NHRP_TUNNEL_RUNNING)
			nhrp_error_send_raw(t, frame, err.error_code,
					    err.offset, now_ms);
		return;
	}
	nhrp_count(t, rx_counter(msg.type));
	why = nhrp_auth_check(&rx);
	if (why != NHRP_C_NONE) {
		not_authentic(&rx, why);
		return;
	}
	if (!rate_ok(&rx)) {
		nhrp_count(t, NHRP_C_DROP_RATE);
		return;
	}
	/* After leaving, only the answers to our purges are of interest. */
	if (t->state == NHRP_TUNNEL_LEFT && msg.type != NHRP_PURGE_REPLY)
		return;
	dispatch(&rx);
}

static u64 replies(const struct nhrp_tunnel *t)
{
	return t->counters[NHRP_C_TX_REGISTRATION_REPLY] +
	       t->counters[NHRP_C_TX_RESOLUTION_REPLY] +
	       t->counters[NHRP_C_TX_PURGE_REPLY];
}

/* What was done with a message is what was counted meanwhile. */
void nhrp_frame_handle(struct nhrp_tunnel *t, const struct nhrp_frame *frame,
		       u64 now_ms)
{
	u64 forwarded = t->counters[NHRP_C_FORWARDED];
	u64 naks = t->counters[NHRP_C_NAK_SENT], replied = replies(t);
	enum nhrp_verdict verdict = NHRP_VERDICT_TAKEN;

	t->refused = NHRP_C_NONE;
	nhrp_trace(t, NHRP_VERDICT_NONE, NHRP_C_NONE, &frame->from, frame->data,
		   frame->len);
	handle(t, frame, now_ms);
	if (t->counters[NHRP_C_FORWARDED] != forwarded)
		verdict = NHRP_VERDICT_FORWARDED;
	else if (t->counters[NHRP_C_NAK_SENT] != naks)
		verdict = NHRP_VERDICT_REFUSED;
	else if (replies(t) != replied)
		verdict = NHRP_VERDICT_ANSWERED;
	else if (t->refused != NHRP_C_NONE)
		verdict = NHRP_VERDICT_REFUSED;
	nhrp_trace(t, verdict, verdict == NHRP_VERDICT_REFUSED ? t->refused :
								 NHRP_C_NONE,
		   &frame->from, frame->data, frame->len);
}

void nhrp_tunnel_frame(struct nhrp_tunnel *t, const struct nhrp_frame *frame,
		       u64 now_ms)
{
	nhrp_count(t, NHRP_C_RX);
	nhrp_frame_handle(t, frame, now_ms);
}

void nhrp_tunnel_tx_result(struct nhrp_tunnel *t, u64 cookie, int error,
			   u64 now_ms)
{
	struct nhrp_request *req;

	if (error == -EINPROGRESS)
		nhrp_count(t, NHRP_C_TX_NO_SA);
	else if (error)
		nhrp_count(t, NHRP_C_TX_FAILED);
	if (!error || cookie > UINT32_MAX)
		return;
	req = nhrp_request_find(t, (u32)cookie);
	if (!req)
		return;
	switch (req->kind) {
	case NHRP_REQ_REGISTRATION:
		nhrp_nhc_tx_result(container_of(req, struct nhrp_reg, req),
				   error, now_ms);
		break;
	case NHRP_REQ_RESOLUTION:
		nhrp_resolve_tx_result(container_of(req, struct nhrp_resolution,
						    req), error, now_ms);
		break;
	case NHRP_REQ_PROBE:
		nhrp_probe_tx_result(container_of(req, struct nhrp_remote, req),
				     error, now_ms);
		break;
	case NHRP_REQ_VERIFY:
	case NHRP_REQ_PURGE:
		break;
	}
}

void nhrp_tunnel_miss(struct nhrp_tunnel *t, const struct nhrp_addr *next_hop,
		      u64 now_ms)
{
	nhrp_count(t, NHRP_C_MISS);
	if (t->state != NHRP_TUNNEL_RUNNING)
		return;
	if (!t->cfg.shortcut) {
		nhrp_count(t, NHRP_C_DROP_PHASE);
		return;
	}
	nhrp_resolve(t, next_hop, NHRP_FOR_DATA | NHRP_FOR_MISS, now_ms);
}

static void probe_those_at(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer,
			   void (*probe)(struct nhrp_remote *r, u64 now), u64 now)
{
	struct nhrp_node *n, *tmp;

	nhrp_table_for_each(n, tmp, &t->remotes) {
		struct nhrp_remote *r = container_of(n, struct nhrp_remote,
						     node);

		if (nhrp_key_eq(&r->peer, peer))
			probe(r, now);
	}
	nhrp_nhc_kick(t, peer, 1000, now);
}

void nhrp_tunnel_peer_unreach(struct nhrp_tunnel *t,
			      const struct nhrp_peer_key *peer, int error,
			      u64 now_ms)
{
	if (t->state == NHRP_TUNNEL_RUNNING && error != -EINPROGRESS)
		probe_those_at(t, peer, nhrp_probe_soon, now_ms);
}

void nhrp_tunnel_peer_no_sa(struct nhrp_tunnel *t,
			    const struct nhrp_peer_key *peer, u64 now_ms)
{
	if (t->state == NHRP_TUNNEL_RUNNING)
		probe_those_at(t, peer, nhrp_probe_anew, now_ms);
}

void nhrp_tunnel_peer_ready(struct nhrp_tunnel *t,
			    const struct nhrp_peer_key *peer, u64 now_ms)
{
	struct nhrp_node *n, *tmp;

	if (t->state != NHRP_TUNNEL_RUNNING)
		return;
	nhrp_table_for_each(n, tmp, &t->remotes) {
		struct nhrp_remote *r = container_of(n, struct nhrp_remote,
						     node);

		if (nhrp_addr_eq(&r->peer.nbma, &peer->nbma) && !r->proven)
			nhrp_probe_soon(r, now_ms);
	}
	nhrp_nhc_kick(t, peer, 0, now_ms);
	nhrp_resolve_kick(t, peer, now_ms);
}

void nhrp_tunnel_expired(struct nhrp_tunnel *t,
			 const struct nhrp_prefix *prefix, u64 now_ms)
{
	struct nhrp_shortcut *s = nhrp_shortcut_find(t, prefix);
	struct nhrp_binding *b;

	/* The kernel's clock may be a little ahead of our timers. */
	if (s && s->expires_at <= now_ms + 1000) {
		nhrp_shortcut_gone(s, "holding time ended", now_ms);
		return;
	}
	if (s) {
		nhrp_shortcut_set(s, now_ms);
		return;
	}
	b = nhrp_prefix_is_host(prefix) ?
		nhrp_binding_find(t, &prefix->addr) : NULL;
	if (b && b->expires_at <= now_ms + 1000)
		nhrp_binding_gone(b, "holding time ended", now_ms);
	else if (b)
		nhrp_binding_set(b, now_ms);
}
