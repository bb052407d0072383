// SPDX-License-Identifier: GPL-2.0
/*
 * Purges (RFC 2332 5.2.5, 5.2.6): sent when we leave or move, or when a binding
 * here goes or moves, to those who were told; never on a restart. Three tries,
 * then counted as unanswered: FRR never answers.
 *
 * One that comes in is taken from a hub of ours, from the owner at its known
 * locator and then only about itself, and from whoever vouched for a shortcut
 * when a hub of ours passes it on.
 */
#include <stdlib.h>

#include "nhrp/auth.h"
#include "nhrp/binding.h"
#include "nhrp/domain.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/owner.h"
#include "nhrp/purge.h"
#include "nhrp/remote.h"
#include "nhrp/request.h"
#include "nhrp/shortcut.h"
#include "nhrp/transit.h"

#define TRIES_MAX	3
#define PERIOD_MS	1000
#define LEAVE_PERIOD_MS	300	/* leaving has to be over within a second */

/**
 * struct nhrp_purge - a purge that waits for its answer
 * @next: in nhrp_tunnel.purges
 * @prev: in nhrp_tunnel.purges
 * @t: its tunnel
 * @req: outstanding request
 * @timer: next try
 * @tries: requests sent
 * @period_ms: between tries
 * @mode: authentication of the first try
 * @to: where it goes
 * @src: source protocol address
 * @dst: destination protocol address
 * @prefix: what is to be forgotten
 */
struct nhrp_purge {
	struct nhrp_purge *next;
	struct nhrp_purge *prev;
	struct nhrp_tunnel *t;
	struct nhrp_request req;
	struct nhrp_timer timer;
	unsigned int tries;
	u32 period_ms;
	enum nhrp_auth_mode mode;
	struct nhrp_peer_key to;
	struct nhrp_addr src;
	struct nhrp_addr dst;
	struct nhrp_prefix prefix;
};

static void purge_free(struct nhrp_purge *p)
{
	struct nhrp_tunnel *t = p->t;

	if (p->prev)
		p->prev->next = p->next;
	else
		t->purges = p->next;
	if (p->next)
		p->next->prev = p->prev;
	t->nr_purges--;
	nhrp_timer_off(t, &p->timer);
	nhrp_request_done(t, &p->req);
	free(p);
}

static void purge_try(struct nhrp_purge *p, u64 now)
{
	struct nhrp_tunnel *t = p->t;
	struct nhrp_cie *cie;
	struct nhrp_msg msg;

	p->tries++;
	nhrp_timer(t, &p->timer, now + p->period_ms);
	if (!nhrp_msg_begin(t, &msg, NHRP_PURGE_REQUEST, &p->to, &p->src,
			    &p->dst))
		return;
	msg.request_id = p->req.id;
	cie = nhrp_cie_list_add(&msg.cies);
	cie->prefix_len = p->prefix.plen;
	cie->proto = p->prefix.addr;
	nhrp_msg_standard_exts(&msg);
	nhrp_msg_send(t, &msg, &p->to, 0);
}

static void purge_timer(struct nhrp_timer *timer, u64 now)
{
	struct nhrp_purge *p = container_of(timer, struct nhrp_purge, timer);

	/* A hub that is not configured any more is not told with less than it wanted. */
	if (p->tries < TRIES_MAX && nhrp_auth_mode_at(p->t, &p->to) >= p->mode) {
		purge_try(p, now);
		return;
	}
	nhrp_count(p->t, NHRP_C_PURGE_UNANSWERED);
	purge_free(p);
}

/* @id 0: a new one; else the id of the registration that it takes back. */
void nhrp_purge_send(struct nhrp_tunnel *t, const struct nhrp_peer_key *to,
		     const struct nhrp_addr *src, const struct nhrp_addr *dst,
		     const struct nhrp_prefix *prefix, u32 id, u64 now)
{
	struct nhrp_purge *p;

	if (t->nr_purges >= NHRP_PURGES_MAX) {
		nhrp_count(t, NHRP_C_DROP_QUEUE_FULL);
		return;
	}
	p = calloc(1, sizeof(*p));
	if (!p) {
		nhrp_count(t, NHRP_C_DROP_NOMEM);
		return;
	}
	p->t = t;
	p->to = *to;
	p->mode = nhrp_auth_mode_at(t, to);
	p->src = *src;
	p->dst = *dst;
	p->prefix = *prefix;
	p->timer.fn = purge_timer;
	p->period_ms = t->state == NHRP_TUNNEL_LEFT ? LEAVE_PERIOD_MS :
						      PERIOD_MS;
	p->next = t->purges;
	if (p->next)
		p->next->prev = p;
	t->purges = p;
	t->nr_purges++;
	if (id)
		nhrp_request_use(t, &p->req, NHRP_REQ_PURGE, id);
	else
		nhrp_request_new(t, &p->req, NHRP_REQ_PURGE);
	purge_try(p, now);
}

/* We register there again: what took the old registration back is not repeated. */
void nhrp_purge_cancel(struct nhrp_tunnel *t, const struct nhrp_peer_key *to,
		       const struct nhrp_addr *src)
{
	struct nhrp_purge *p, *next;

	for (p = t->purges; p; p = next) {
		next = p->next;
		if (nhrp_key_eq(&p->to, to) && nhrp_addr_eq(&p->src, src) &&
		    nhrp_prefix_is_host(&p->prefix) &&
		    nhrp_addr_eq(&p->prefix.addr, src))
			purge_free(p);
	}
}

void nhrp_purge_free_all(struct nhrp_tunnel *t)
{
	while (t->purges)
		purge_free(t->purges);
}

/**
 * enum purger - what a purge may take back
 * @PURGER_NOBODY: no shortcut
 * @PURGER_VOUCHER: those that its source vouched for
 * @PURGER_OWNER: also those that lead to its source
 * @PURGER_HUB: all
 */
enum purger {
	PURGER_NOBODY,
	PURGER_VOUCHER,
	PURGER_OWNER,
	PURGER_HUB,
};

static bool may_drop(struct nhrp_rx *rx, const struct nhrp_shortcut *s,
		     enum purger by)
{
	const struct nhrp_addr *src = &rx->msg->src_proto;

	return by == PURGER_HUB || nhrp_shortcut_vouched_by(s, src) ||
	       (by == PURGER_OWNER && nhrp_addr_eq(&s->remote->proto, src));
}

/* Shortcuts inside @prefix. */
static void drop_shortcuts(struct nhrp_rx *rx, const struct nhrp_prefix *prefix,
			   enum purger by)
{
	struct nhrp_node *n, *tmp;

	nhrp_table_for_each(n, tmp, &rx->t->shortcuts) {
		struct nhrp_shortcut *s = container_of(n, struct nhrp_shortcut,
						       node);

		if (nhrp_prefix_covers(prefix, &s->prefix) &&
		    may_drop(rx, s, by))
			nhrp_shortcut_gone(s, "purged", rx->now);
	}
}

static bool purge_binding(struct nhrp_rx *rx, const struct nhrp_prefix *prefix)
{
	struct nhrp_tunnel *t = rx->t;
	struct nhrp_binding *b = nhrp_prefix_is_host(prefix) ?
				 nhrp_binding_find(t, &prefix->addr) : NULL;

	if (rx->identity && !nhrp_identity_may_claim(rx->identity, &prefix->addr))
		return false;
	if (!b)
		return true;
	if (!nhrp_key_eq(&b->locator->key, &rx->frame->from) ||
	    !nhrp_owner_agrees(rx, b))
		return false;
	nhrp_binding_gone(b, "purged by itself", rx->now);
	return true;
}

/* A hub takes back anything; what it only passes on is its source's. */
static enum purger purger(struct nhrp_rx *rx)
{
	struct nhrp_tunnel *t = rx->t;
	const struct nhrp_addr *src = &rx->msg->src_proto;
	struct nhrp_remote *r = nhrp_remote_find(t, src);
	bool by_hub = nhrp_hub_by_nbma(t, &rx->frame->from);

	if (by_hub && nhrp_is_hub_proto(t, src))
		return PURGER_HUB;
	if (r && r->known &&
	    (by_hub || nhrp_same_endpoint(&r->peer, &rx->frame->from)))
		return PURGER_OWNER;
	return by_hub ? PURGER_VOUCHER : PURGER_NOBODY;
}

static bool purge_one(struct nhrp_rx *rx, const struct nhrp_cie *cie)
{
	static const char *const words[] = {
		[PURGER_VOUCHER] = "a hub that passed its answer on",
		[PURGER_OWNER] = "its owner",
		[PURGER_HUB] = "a hub",
	};
	enum purger by = purger(rx);
	struct nhrp_prefix prefix;

	if (nhrp_cie_prefix(cie, &rx->msg->src_proto, &prefix))
		return false;
	/* From somebody registered here: about itself only. */
	if (by == PURGER_NOBODY)
		return nhrp_locator_find(rx->t, &rx->frame->from) &&
		       purge_binding(rx, &prefix);
	nhrp_note(rx->t, NHRP_EVENT_PURGED, NHRP_INFO, NHRP_C_NONE, &prefix,
		  &rx->frame->from, "purged by %s", words[by]);
	drop_shortcuts(rx, &prefix, by);
	return true;
}

static void refuse_one(struct nhrp_rx *rx, const struct nhrp_cie *cie)
{
	char who[NHRP_OWNER_WORDS_MAX];
	struct nhrp_prefix prefix;

	nhrp_count(rx->t, NHRP_C_DROP_NOT_OWNER);
	if (nhrp_cie_prefix(cie, &rx->msg->src_proto, &prefix))
		return;
	nhrp_note(rx->t, NHRP_EVENT_REFUSED, NHRP_NOTICE, NHRP_C_DROP_NOT_OWNER,
		  &prefix, &rx->frame->from, "purge refused: %s%s",
		  nhrp_counter_words(NHRP_C_DROP_NOT_OWNER),
		  nhrp_owner_words(rx, nhrp_binding_find(rx->t, &prefix.addr),
				   who));
}

static bool for_us(struct nhrp_rx *rx)
{
	const struct nhrp_addr *dst = &rx->msg->dst_proto;

	return nhrp_addr_none(dst) || nhrp_is_local(rx->t, dst);
}

static void pass_on(struct nhrp_rx *rx)
{
	const struct nhrp_addr *src = &rx->msg->src_proto;
	struct nhrp_way way;

	if ((nhrp_speaks_for(rx, src) || nhrp_is_behind(rx, src)) &&
	    nhrp_transit_next(rx, &rx->msg->dst_proto, &way))
		nhrp_transit_forward(rx, &way);
	else
		nhrp_count(rx->t, NHRP_C_DROP_NOT_OURS);
}

void nhrp_purge_request(struct nhrp_rx *rx)
{
	struct nhrp_tunnel *t = rx->t;
	const struct nhrp_prefix *self;
	struct nhrp_msg msg;
	unsigned int i;

	if (nhrp_domain_is_local(t, &rx->msg->src_proto)) {
		nhrp_count(t, NHRP_C_DROP_LOOP);
		return;
	}
	if (!for_us(rx)) {
		pass_on(rx);
		return;
	}
	if (nhrp_refuse_unknown(rx))
		return;
	for (i = 0; i < rx->msg->cies.n; i++) {
		if (purge_one(rx, &rx->msg->cies.cie[i]))
			continue;
		refuse_one(rx, &rx->msg->cies.cie[i]);
		return;
	}
	self = nhrp_local_for(t, &rx->msg->src_proto, rx->msg->proto_family);
	if (rx->msg->flags & NHRP_FLAG_PURGE_NO_REPLY || !self)
		return;
	nhrp_msg_reply(rx, &msg, &self->addr);
	nhrp_msg_send(t, &msg, &rx->frame->from, 0);
}

static struct nhrp_purge *answered_by(const struct nhrp_rx *rx)
{
	struct nhrp_request *req = nhrp_request_find(rx->t,
						     rx->msg->request_id);
	struct nhrp_purge *p;

	while (req && req->kind != NHRP_REQ_PURGE)
		req = nhrp_request_next(req);
	p = req ? container_of(req, struct nhrp_purge, req) : NULL;
	return p && nhrp_addr_eq(&p->to.nbma, &rx->frame->from.nbma) &&
	       nhrp_auth_answers(rx, &p->to) ? p : NULL;
}

/* The address that takes something back may be gone when the answer comes. */
bool nhrp_purge_awaits(const struct nhrp_rx *rx)
{
	struct nhrp_purge *p = rx->msg->type == NHRP_PURGE_REPLY ?
			       answered_by(rx) : NULL;

	return p && nhrp_addr_eq(&p->src, &rx->msg->src_proto);
}

void nhrp_purge_reply(struct nhrp_rx *rx)
{
	struct nhrp_tunnel *t = rx->t;
	struct nhrp_purge *p = answered_by(rx);

	if (!p) {
		nhrp_count(t, NHRP_C_DROP_NO_REQUEST);
		return;
	}
	purge_free(p);
}
