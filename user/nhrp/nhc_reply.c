// SPDX-License-Identifier: GPL-2.0
/* What hubs answer to registrations of ours, and what is made of it: see nhc.c */
#include "nhrp/auth.h"
#include "nhrp/candidate.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/nhc.h"
#include "nhrp/nhc_ask.h"
#include "nhrp/packet-ext.h"
#include "nhrp/purge.h"
#include "nhrp/request.h"

#define REFUSED_MIN_MS		30000
#define REFUSED_SPREAD_MS	60000
#define UNIQUE_RETRY_MS		2000
#define FULL_MIN_MS		5000
#define FULL_SPREAD_MS		10000
#define AUTH_MIN_MS		60000
#define AUTH_SPREAD_MS		60000
#define AUTH_NOTE_MS		600000
/* Two hubs that share an address must not keep us busy. */
#define EPOCH_QUIET_MS		1000
#define PROBE_EARLY_MOST	256	/* of 1024: a quarter */

static void learn_hub(const struct nhrp_rx *rx, struct nhrp_reg *reg,
		      const struct nhrp_addr *proto)
{
	if ((reg->hub.has_proto && !reg->learned) ||
	    !nhrp_addr_is_unicast(proto) || nhrp_is_local(reg->t, proto) ||
	    !nhrp_auth_may_be(rx, proto))
		return;
	reg->hub.has_proto = true;
	reg->hub.proto = *proto;
	reg->learned = true;
}

/* The second CIE of the NAT extension is us as the hub sees us. */
static void learn_outside(struct nhrp_reg *reg, const struct nhrp_msg *msg)
{
	const struct nhrp_cie_list *nat = &msg->nat;
	const struct nhrp_addr *own = nhrp_own_nbma(reg->t, msg->nbma_family);
	struct nhrp_addr outside = { 0 };

	if (nat->n > 1 && own && nhrp_addr_is_unicast(&nat->cie[1].nbma) &&
	    !nhrp_addr_eq(&nat->cie[1].nbma, own))
		outside = nat->cie[1].nbma;
	if (nhrp_addr_eq(&outside, &reg->outside))
		return;
	reg->outside = outside;
	nhrp_nhc_note(reg, NHRP_EVENT_NBMA_LEARNED, NHRP_INFO,
		      nhrp_addr_none(&outside) ? "no NAT on the way any more" :
						 "the hub sees us behind a NAT");
}

/* Room comes with the next holding time that ends; a person takes longer. */
static u64 refused_ms(struct nhrp_tunnel *t, u8 code)
{
	return code == NHRP_CODE_NO_RESOURCES ?
		FULL_MIN_MS + nhrp_rand(t, FULL_SPREAD_MS) :
		REFUSED_MIN_MS + nhrp_rand(t, REFUSED_SPREAD_MS);
}

static void refused(struct nhrp_reg *reg, u8 code, u64 now)
{
	struct nhrp_tunnel *t = reg->t;
	u64 wait = refused_ms(t, code);
	struct nhrp_prefix host;

	nhrp_count(t, NHRP_C_NAK_RECEIVED);
	reg->nak_code = code;
	nhrp_nhc_note(reg, NHRP_EVENT_NHS_REFUSED, NHRP_WARNING,
		      nhrp_code_str(code));
	/*
	 * Our own registration from another NBMA address may still be there:
	 * one purge under the id that made it, and another try.
	 */
	if (code == NHRP_CODE_UNIQUE_EXISTS && !reg->purged_for_nak &&
	    reg->last_id && reg->hub.has_proto) {
		reg->purged_for_nak = true;
		nhrp_prefix_host(&host, &reg->local.addr);
		nhrp_purge_send(t, &reg->hub.peer, &reg->local.addr,
				&reg->hub.proto, &host, reg->last_id, now);
		wait = UNIQUE_RETRY_MS;
	}
	nhrp_nhc_set_state(reg, NHRP_NHS_REFUSED, now);
	nhrp_timer(t, &reg->timer, now + wait);
	nhrp_nhc_changed(t, now);
}

static void accepted(struct nhrp_reg *reg, u32 id, u16 hold_s, u64 now)
{
	struct nhrp_tunnel *t = reg->t;
	bool news = reg->state != NHRP_NHS_REGISTERED;
	u64 third;

	reg->hold_s = hold_s ? hold_s : t->cfg.holding_time_s;
	if (reg->hold_s < NHRP_HOLDING_TIME_MIN_S)
		reg->hold_s = NHRP_HOLDING_TIME_MIN_S;
	reg->last_id = id;
	reg->registered_at = now;
	reg->nak_code = 0;
	reg->purged_for_nak = false;
	nhrp_nhc_set_state(reg, NHRP_NHS_REGISTERED, now);
	/* Jitter only shortens: the hub counts the whole time. */
	third = reg->hold_s * 1000ull / 3;
	reg->refresh_at = now + third - nhrp_rand(t, (u32)(third / 10));
	reg->probe_early = (u16)nhrp_rand(t, PROBE_EARLY_MOST);
	nhrp_nhc_wait_refresh(reg, now);
	if (news)
		nhrp_nhc_note(reg, NHRP_EVENT_NHS_UP, NHRP_NOTICE,
			      "registered");
	nhrp_candidate_answered(reg, now);
	nhrp_nhc_changed(t, now);
}

/*
 * The hub has begun a new life since it answered us last. What else we have
 * registered with it may be lost, and would not be missed before its refresh:
 * the hub is being heard of.
 */
static void hub_began_anew(struct nhrp_reg *reg, u64 now)
{
	struct nhrp_reg *o;

	for (o = reg->t->regs; o; o = o->next) {
		u64 from = o->sent_at + EPOCH_QUIET_MS;

		if (nhrp_key_eq(&o->hub.peer, &reg->hub.peer) &&
		    o->state == NHRP_NHS_REGISTERED && !o->req.id &&
		    o->is_dvpn && o->hub_epoch != reg->hub_epoch)
			nhrp_nhc_soon(o, NHRP_START_JITTER_MS, from > now ? from : now);
	}
}

static void check_dvpn(struct nhrp_reg *reg, const struct nhrp_msg *msg, u64 now)
{
	bool was = reg->is_dvpn;
	u32 epoch = reg->hub_epoch;
	struct nhrp_dvpn d;

	/* Our own block, echoed, proves nothing. */
	reg->is_dvpn = !nhrp_msg_get_dvpn(msg, &d) &&
		       d.role == NHRP_DVPN_REPLY && d.nonce == reg->nonce;
	if (!reg->is_dvpn)
		return;
	reg->hub_epoch = d.epoch;
	if (was && epoch != d.epoch)
		hub_began_anew(reg, now);
}

/*
 * Where messages are signed a hub registers nobody who has not signed for it; it says
 * who it is instead.
 */
static bool is_introduction(const struct nhrp_reg *reg,
			    const struct nhrp_cie *cie)
{
	return nhrp_auth_mode_of(&reg->t->cfg, &reg->hub) == NHRP_AUTH_HMAC &&
	       reg->unnamed &&
	       cie->code == NHRP_CODE_OK && !cie->holding_time;
}

/* No answer yet: who says nothing else is lost when its time comes. */
static void introduced(const struct nhrp_rx *rx, struct nhrp_reg *reg)
{
	learn_hub(rx, reg, &rx->msg->dst_proto);
	reg->introduced = reg->hub.has_proto;
	if (reg->introduced)
		nhrp_nhc_send(reg, rx->now);
}

static void hint_rx(struct nhrp_rx *rx)
{
	struct nhrp_tunnel *t = rx->t;

	if (!nhrp_hub_by_nbma(t, &rx->frame->from)) {
		nhrp_count(t, NHRP_C_DROP_NOT_HUB);
		return;
	}
	nhrp_note(t, NHRP_EVENT_HINT, NHRP_INFO, NHRP_C_NONE, NULL,
		  &rx->frame->from, "the hub does not know us, registering");
	nhrp_nhc_kick(t, &rx->frame->from, NHRP_HINT_SPREAD_MS, rx->now);
}

void nhrp_nhc_reply(struct nhrp_rx *rx)
{
	struct nhrp_tunnel *t = rx->t;
	const struct nhrp_msg *msg = rx->msg;
	struct nhrp_request *req;
	struct nhrp_reg *reg;
	const struct nhrp_cie *cie;
	u32 id = msg->request_id;

	if (nhrp_msg_is_hint(msg)) {
		hint_rx(rx);
		return;
	}
	req = nhrp_request_find(t, id);
	while (req && req->kind != NHRP_REQ_REGISTRATION)
		req = nhrp_request_next(req);
	reg = req ? container_of(req, struct nhrp_reg, req) : NULL;
	if (!reg || !nhrp_addr_eq(&msg->src_proto, &reg->local.addr) ||
	    !nhrp_own_nbma(t, msg->nbma_family) ||
	    !nhrp_addr_eq(&msg->src_nbma, nhrp_own_nbma(t, msg->nbma_family))) {
		nhrp_count(t, NHRP_C_DROP_NO_REQUEST);
		return;
	}
	/* At that address there may be others who are to prove less, or something else. */
	if (!nhrp_addr_eq(&rx->frame->from.nbma, &reg->hub.peer.nbma) ||
	    !nhrp_auth_as_from(rx, &reg->hub)) {
		nhrp_count(t, NHRP_C_DROP_NOT_HUB);
		return;
	}
	reg->no_sa = 0;
	reg->auth_failed = false;
	cie = &msg->cies.cie[0];
	check_dvpn(reg, msg, rx->now);
	if (is_introduction(reg, cie)) {
		introduced(rx, reg);
		return;
	}
	nhrp_request_done(t, &reg->req);
	reg->tries = 0;
	if (cie->code != NHRP_CODE_OK) {
		refused(reg, cie->code, rx->now);
		return;
	}
	learn_hub(rx, reg, &msg->dst_proto);
	learn_outside(reg, msg);
	accepted(reg, id, cie->holding_time, rx->now);
}

/*
 * What works goes on, and a good answer is taken even now: the request stays
 * outstanding. Where all else is signed it is only shown.
 */
static void auth_failed(struct nhrp_reg *reg, u64 now)
{
	struct nhrp_tunnel *t = reg->t;

	if (!reg->auth_noted_at || now >= reg->auth_noted_at + AUTH_NOTE_MS) {
		nhrp_nhc_note(reg, NHRP_EVENT_NHS_REFUSED, NHRP_WARNING,
			      nhrp_error_str(NHRP_ERR_AUTH));
		reg->auth_noted_at = now;
	}
	reg->auth_failed = true;
	if (nhrp_auth_mode_of(&t->cfg, &reg->hub) == NHRP_AUTH_HMAC ||
	    reg->state == NHRP_NHS_REGISTERED)
		return;
	reg->tries = 0;
	reg->nak_code = NHRP_CODE_OK;
	nhrp_nhc_set_state(reg, NHRP_NHS_REFUSED, now);
	nhrp_timer(t, &reg->timer,
		   now + AUTH_MIN_MS + nhrp_rand(t, AUTH_SPREAD_MS));
	nhrp_nhc_changed(t, now);
}

/* A hint, forged as easily as any packet: it makes us ask sooner, later or otherwise. */
void nhrp_nhc_error(struct nhrp_reg *reg, u16 code, u64 now)
{
	if (code == NHRP_ERR_AUTH) {
		auth_failed(reg, now);
		return;
	}
	nhrp_nhc_note(reg, NHRP_EVENT_NHS_REFUSED, NHRP_WARNING,
		      nhrp_error_str(code));
	/* There, nobody has the address that was learned: ask for whoever is there. */
	if ((code == NHRP_ERR_HOP_COUNT || code == NHRP_ERR_UNREACHABLE) &&
	    reg->learned && !reg->unnamed)
		nhrp_nhc_send(reg, now);
}
