// SPDX-License-Identifier: GPL-2.0
/*
 * Resolution Requests: who may ask, who answers (RFC 2332 5.2.1, 5.2.2)
 *
 * For what is reached without the tunnel we are the way out and answer, with
 * the shortest prefix that is all ours. A hub answers for an address that is
 * registered with it (phase 2), or forwards the question to the owner, who
 * knows its prefix (phase 3). What nobody serves gets a NAK.
 *
 * Whoever is answered will send to us: he is accepted on receive before the
 * answer goes out. A question that came by the hub, or from a registered
 * locator, tells where the asker is. One that comes straight from a stranger is
 * only a claim: it waits until the hub has told the same.
 */
#include "nhrp/binding.h"
#include "nhrp/domain.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/nhc.h"
#include "nhrp/owner.h"
#include "nhrp/policy.h"
#include "nhrp/redirect.h"
#include "nhrp/remote.h"
#include "nhrp/resolve.h"
#include "nhrp/shortcut.h"
#include "nhrp/transit.h"

/**
 * enum asker - how far the source of a request is to be believed
 * @ASKER_HUB: it came by a hub of ours, which vouches for it
 * @ASKER_MEMBER: registered here, or configured
 * @ASKER_BEHIND: it came by somebody registered here, to whom our route to it leads
 * @ASKER_REMOTE: known at this very locator
 * @ASKER_STRANGER: anybody
 */
enum asker {
	ASKER_HUB,
	ASKER_MEMBER,
	ASKER_BEHIND,
	ASKER_REMOTE,
	ASKER_STRANGER,
};

/*
 * The locator behind (protocol address, NBMA address) in a message: the NAT
 * extension's entry for it, if somebody on the way saw a NAT.
 */
void nhrp_locator_of(struct nhrp_rx *rx, const struct nhrp_addr *proto,
		     const struct nhrp_addr *nbma, struct nhrp_peer_key *key)
{
	const struct nhrp_cie_list *nat = &rx->msg->nat;
	unsigned int i;

	for (i = 0; i < nat->n; i++)
		if (nhrp_addr_eq(&nat->cie[i].proto, proto) &&
		    nhrp_addr_is_unicast(&nat->cie[i].nbma)) {
			nhrp_learned_key(rx->t, key, &nat->cie[i].nbma);
			return;
		}
	/* Straight from there by a path of its own: believe the outer source. */
	if (!nhrp_msg_ext(rx->msg, NHRP_EXT_NAT) &&
	    !nhrp_trusted_peer(rx->t, &rx->frame->from)) {
		*key = rx->frame->from;
		return;
	}
	nhrp_learned_key(rx->t, key, nbma);
}

static enum asker who_asks(struct nhrp_rx *rx)
{
	struct nhrp_tunnel *t = rx->t;
	const struct nhrp_peer_key *from = &rx->frame->from;
	struct nhrp_binding *b = nhrp_binding_find(t, &rx->msg->src_proto);
	struct nhrp_remote *r;

	if (nhrp_hub_by_nbma(t, from))
		return ASKER_HUB;
	if (b && b->provisional && nhrp_key_eq(&b->locator->key, from) &&
	    nhrp_addr_eq(&b->claimed, &rx->msg->src_nbma) &&
	    nhrp_owner_agrees(rx, b)) {
		nhrp_binding_confirm(b);
		nhrp_binding_set(b, rx->now);
	}
	/* It has to say the same as when it registered. */
	if (b && !nhrp_addr_eq(&b->claimed, &rx->msg->src_nbma))
		return ASKER_STRANGER;
	if (nhrp_speaks_for(rx, &rx->msg->src_proto))
		return ASKER_MEMBER;
	if (b)
		return ASKER_STRANGER;
	if (nhrp_is_behind(rx, &rx->msg->src_proto))
		return ASKER_BEHIND;
	r = nhrp_remote_find(t, &rx->msg->src_proto);
	if (r && r->known && nhrp_same_endpoint(&r->peer, from))
		return ASKER_REMOTE;
	return ASKER_STRANGER;
}

static void begin_reply(struct nhrp_rx *rx, struct nhrp_msg *msg,
			const struct nhrp_addr *self)
{
	nhrp_msg_reply(rx, msg, self);
	msg->cies.n = 0;
	/* What is in there is about the asker; the reply's is about us. */
	msg->nat.n = 0;
	msg->flags &= NHRP_FLAG_RES_ROUTER | NHRP_FLAG_RES_SRC_STABLE |
		      NHRP_FLAG_NAT;
}

static void nak(struct nhrp_rx *rx, enum nhrp_cie_code code)
{
	const struct nhrp_prefix *self =
		nhrp_local_for(rx->t, &rx->msg->src_proto,
			       rx->msg->proto_family);
	struct nhrp_cie *cie;
	struct nhrp_msg msg;

	if (!self)
		return;
	begin_reply(rx, &msg, &self->addr);
	cie = nhrp_cie_list_add(&msg.cies);
	cie->code = code;
	cie->prefix_len = NHRP_PREFIX_HOST;
	nhrp_count(rx->t, NHRP_C_NAK_SENT);
	nhrp_msg_send(rx->t, &msg, &rx->frame->from, 0);
}

static void unknown(struct nhrp_rx *rx, enum nhrp_counter why)
{
	nhrp_count(rx->t, why);
	nak(rx, NHRP_CODE_NO_BINDING);
}

/* RFC 2332 5.2.1: only what is registered as unique is wanted. */
static bool wants_unique(const struct nhrp_rx *rx)
{
	return rx->msg->flags & NHRP_FLAG_RES_UNIQUE;
}

static void add_nat(struct nhrp_msg *msg, const struct nhrp_addr *outside,
		    const struct nhrp_addr *proto)
{
	struct nhrp_cie *cie;

	if (!nhrp_msg_ext(msg, NHRP_EXT_NAT) || nhrp_addr_none(outside))
		return;
	cie = nhrp_cie_list_add(&msg->nat);
	cie->nbma = *outside;
	cie->proto = *proto;
}

/* The asker is going to send to us, and we want to send to it. */
static struct nhrp_remote *meet_asker(struct nhrp_rx *rx, enum asker asker,
				      const struct nhrp_prefix *told)
{
	struct nhrp_tunnel *t = rx->t;
	const struct nhrp_msg *msg = rx->msg;
	u16 hold = msg->cies.n ? msg->cies.cie[0].holding_time : 0;
	u16 longest = hold > t->cfg.holding_time_s ? hold :
						     t->cfg.holding_time_s;
	u64 until = rx->now + longest * 1000ull + NHRP_DRAIN_MS;
	struct nhrp_remote *r;
	struct nhrp_peer_key key;

	/* A hub is no remote, and those registered here come by it anyway. */
	if (asker == ASKER_MEMBER || nhrp_is_hub_proto(t, &msg->src_proto))
		return NULL;
	if (asker == ASKER_HUB || asker == ASKER_BEHIND)
		nhrp_locator_of(rx, &msg->src_proto, &msg->src_nbma, &key);
	else
		key = nhrp_remote_find(t, &msg->src_proto)->peer;
	if (nhrp_policy_nbma(t, &key.nbma) != NHRP_C_NONE ||
	    nhrp_policy_nbma(t, &msg->src_nbma) != NHRP_C_NONE) {
		nhrp_count(t, NHRP_C_DROP_POLICY_NBMA);
		return NULL;
	}
	r = nhrp_remote_learn(t, &msg->src_proto, &key, &msg->src_nbma,
			      rx->now);
	if (!r)
		return NULL;
	if (msg->cies.n)
		r->mtu = msg->cies.cie[0].mtu;
	nhrp_remote_told(r, told, rx->now + t->cfg.holding_time_s * 1000ull,
			 rx->now);
	nhrp_remote_accept(r, until, rx->now);
	return r;
}

/* RFC 2332 5.2.1: S says that the asker's own mapping may be kept. */
static void reverse(struct nhrp_rx *rx, struct nhrp_remote *r)
{
	struct nhrp_tunnel *t = rx->t;
	const struct nhrp_msg *msg = rx->msg;
	struct nhrp_shortcut *s;
	struct nhrp_prefix host;
	struct nhrp_route route;
	enum nhrp_counter why;

	nhrp_prefix_host(&host, &r->proto);
	if (!t->cfg.shortcut || !(msg->flags & NHRP_FLAG_RES_SRC_STABLE) ||
	    !msg->cies.n || !msg->cies.cie[0].holding_time)
		return;
	why = nhrp_policy_prefix(t, &r->proto, &r->peer, &host, &route);
	if (why != NHRP_C_NONE) {
		nhrp_count(t, why);
		return;
	}
	s = nhrp_shortcut_make(t, &host, &r->proto, r,
			       msg->cies.cie[0].holding_time, 0, rx->now);
	if (s)
		nhrp_shortcut_routed(s, &route, rx->now);
}

static void answer_own(struct nhrp_rx *rx, enum asker asker,
		       const struct nhrp_prefix *prefix)
{
	struct nhrp_tunnel *t = rx->t;
	const struct nhrp_prefix *self =
		nhrp_local_for(t, &rx->msg->src_proto, rx->msg->proto_family);
	const struct nhrp_addr *hop = nhrp_is_local(t, &rx->msg->dst_proto) ?
				      &rx->msg->dst_proto :
				      self ? &self->addr : NULL;
	struct nhrp_remote *r;
	struct nhrp_reg *reg;
	struct nhrp_cie *cie;
	struct nhrp_msg msg;

	if (!hop || nhrp_refuse_unknown(rx))
		return;
	/* Our address is ours alone; others may be a way to what is behind us, too. */
	if (wants_unique(rx) && !nhrp_is_local(t, &rx->msg->dst_proto)) {
		nak(rx, NHRP_CODE_NOT_UNIQUE);
		return;
	}
	begin_reply(rx, &msg, hop);
	cie = nhrp_msg_own_cie(t, &msg.cies, msg.nbma_family, hop,
			       t->cfg.holding_time_s);
	if (!cie) {
		nhrp_count(t, NHRP_C_DROP_FAMILY);
		return;
	}
	cie->prefix_len = wants_unique(rx) ? NHRP_PREFIX_HOST : prefix->plen;
	msg.flags |= NHRP_FLAG_RES_AUTHORITATIVE | NHRP_FLAG_RES_DST_STABLE |
		     (rx->msg->flags & NHRP_FLAG_RES_UNIQUE);
	reg = nhrp_nhc_best(t, msg.proto_family, NULL);
	if (reg)
		add_nat(&msg, &reg->outside, hop);
	r = meet_asker(rx, asker, prefix);
	nhrp_msg_send(t, &msg, &rx->frame->from, 0);
	if (r)
		reverse(rx, r);
}

/* RFC 2332 5.2.2: an NHS is authoritative for what is registered with it. */
static void answer_binding(struct nhrp_rx *rx, struct nhrp_binding *b)
{
	struct nhrp_tunnel *t = rx->t;
	const struct nhrp_prefix *self =
		nhrp_local_for(t, &rx->msg->src_proto, rx->msg->proto_family);
	u64 left_ms = b->expires_at > rx->now ? b->expires_at - rx->now : 0;
	struct nhrp_prefix host;
	struct nhrp_cie *cie;
	struct nhrp_msg msg;

	if (!self || nhrp_refuse_unknown(rx))
		return;
	if (b->claimed.family != rx->msg->nbma_family || left_ms < 1000) {
		unknown(rx, NHRP_C_DROP_NO_ROUTE);
		return;
	}
	if (wants_unique(rx) && !b->unique) {
		nak(rx, NHRP_CODE_NOT_UNIQUE);
		return;
	}
	begin_reply(rx, &msg, &self->addr);
	msg.flags |= NHRP_FLAG_RES_AUTHORITATIVE | NHRP_FLAG_RES_DST_STABLE |
		     (b->unique ? NHRP_FLAG_RES_UNIQUE : 0);
	cie = nhrp_cie_list_add(&msg.cies);
	cie->prefix_len = b->unique ? NHRP_PREFIX_HOST :
				      nhrp_addr_bits(&b->proto);
	cie->mtu = t->cfg.mtu;
	cie->holding_time = (u16)(left_ms / 1000);
	cie->nbma = b->claimed;
	cie->proto = b->proto;
	if (!nhrp_addr_eq(&b->claimed, &b->locator->key.nbma))
		add_nat(&msg, &b->locator->key.nbma, &b->proto);
	nhrp_prefix_host(&host, &b->proto);
	nhrp_binding_told(b, &rx->msg->src_proto, &host, b->expires_at,
			  rx->now);
	nhrp_msg_send(t, &msg, &rx->frame->from, 0);
}

/* A hub passes on what its tunnel leads to; a spoke is the end of the way. */
static void forward(struct nhrp_rx *rx)
{
	struct nhrp_way way;

	if (!rx->t->cfg.nhs) {
		unknown(rx, NHRP_C_DROP_NOT_OURS);
		return;
	}
	if (!nhrp_transit_next(rx, &rx->msg->dst_proto, &way)) {
		unknown(rx, NHRP_C_DROP_NO_ROUTE);
		return;
	}
	nhrp_transit_forward(rx, &way);
}

static void decide(struct nhrp_rx *rx, enum asker asker)
{
	struct nhrp_tunnel *t = rx->t;
	struct nhrp_env *env = &t->core->env;
	const struct nhrp_addr *dst = &rx->msg->dst_proto;
	struct nhrp_binding *b;
	struct nhrp_route route;

	if (nhrp_is_local(t, dst)) {
		nhrp_prefix_host(&route.prefix, dst);
		answer_own(rx, asker, &route.prefix);
		return;
	}
	b = nhrp_binding_find(t, dst);
	if (b && t->cfg.resolve_answer && !b->provisional) {
		answer_binding(rx, b);
		return;
	}
	if (b) {
		forward(rx);
		return;
	}
	if (env->route_lookup(env->ctx, t, dst, &route))
		unknown(rx, NHRP_C_DROP_NO_ROUTE);
	else if (route.via_tunnel)
		forward(rx);
	else if (!t->cfg.shortcut)
		unknown(rx, NHRP_C_DROP_PHASE);
	else
		answer_own(rx, asker, &route.prefix);
}

void nhrp_answer_request(struct nhrp_rx *rx)
{
	struct nhrp_tunnel *t = rx->t;
	const struct nhrp_msg *msg = rx->msg;
	enum asker asker;

	if (!nhrp_addr_is_unicast(&msg->src_proto) ||
	    !nhrp_addr_is_unicast(&msg->dst_proto) ||
	    !nhrp_addr_is_unicast(&msg->src_nbma)) {
		nhrp_count(t, NHRP_C_DROP_MALFORMED);
		return;
	}
	if (nhrp_domain_is_local(t, &msg->src_proto)) {
		nhrp_count(t, NHRP_C_DROP_LOOP);
		return;
	}
	asker = who_asks(rx);
	if (asker != ASKER_STRANGER) {
		decide(rx, asker);
		return;
	}
	if (!t->regs || nhrp_binding_find(t, &msg->src_proto)) {
		if (nhrp_locator_find(t, &rx->frame->from))
			nhrp_transit_refuse(rx, "question", &msg->src_proto);
		else
			nhrp_count(t, NHRP_C_DROP_UNREGISTERED);
		nhrp_hint(t, &rx->frame->from, rx->frame->len,
			  msg->proto_family, rx->now);
		return;
	}
	nhrp_remote_claim(rx);
}
