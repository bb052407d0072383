// SPDX-License-Identifier: GPL-2.0
/*
 * Messages for others (RFC 2332 5.1, 5.3.2, 5.3.3): hop count, loop detection,
 * transit records, the NAT extension's blanks; authentication is stripped and
 * made anew when sending. Only for those who are registered here or are hubs
 * of ours.
 */
#include "nhrp/auth.h"
#include "nhrp/binding.h"
#include "nhrp/domain.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/nhc.h"
#include "nhrp/owner.h"
#include "nhrp/transit.h"

#define PURGE_ROUTE_INTERVAL_US	1000	/* 1000 lookups a second */
#define PURGE_ROUTE_BURST	1000

static bool hub_peer(struct nhrp_tunnel *t, const struct nhrp_addr *proto,
		     struct nhrp_peer_key *to)
{
	const struct nhrp_reg *reg;

	for (reg = t->regs; reg; reg = reg->next)
		if (!reg->trial && reg->hub.has_proto &&
		    nhrp_addr_eq(&reg->hub.proto, proto)) {
			*to = reg->hub.peer;
			return true;
		}
	return false;
}

static bool known_peer(struct nhrp_tunnel *t, const struct nhrp_addr *proto,
		       struct nhrp_peer_key *to)
{
	struct nhrp_binding *b = nhrp_binding_find(t, proto);
	const struct nhrp_static *s = nhrp_static_find(t, proto);

	if (b)
		*to = b->locator->key;
	else if (s)
		*to = s->peer;
	else
		return hub_peer(t, proto, to);
	return true;
}

/* A route of this tunnel to @proto, by a next hop that is registered where @rx came from. */
static bool route_leads_back(const struct nhrp_rx *rx, const struct nhrp_addr *proto)
{
	struct nhrp_tunnel *t = rx->t;
	struct nhrp_env *env = &t->core->env;
	struct nhrp_binding *b;
	struct nhrp_route route;

	if (env->route_lookup(env->ctx, t, proto, &route) || !route.via_tunnel ||
	    route.tunnel != t || !route.has_gateway)
		return false;
	b = nhrp_binding_find(t, &route.gateway);
	return b && !b->provisional && nhrp_owner_agrees(rx, b) &&
	       nhrp_key_eq(&b->locator->key, &rx->frame->from);
}

/*
 * Is @proto behind the sender, as spokes are behind the hub of their region? Packets
 * for it go there already: to speak for it gives nobody what the route does not. What
 * is known here by itself is behind nobody.
 */
bool nhrp_is_behind(const struct nhrp_rx *rx, const struct nhrp_addr *proto)
{
	struct nhrp_tunnel *t = rx->t;

	return t->cfg.nhs && nhrp_locator_find(t, &rx->frame->from) &&
	       nhrp_addr_is_unicast(proto) && !nhrp_domain_is_local(t, proto) &&
	       !nhrp_is_hub_proto(t, proto) && !nhrp_static_find(t, proto) &&
	       !nhrp_binding_find(t, proto) && nhrp_owner_may_bring(rx, proto) &&
	       route_leads_back(rx, proto);
}

/*
 * May the sender speak as @proto? A hub may for all, who is registered here for
 * itself, who is configured without a registration is believed.
 */
bool nhrp_speaks_for(const struct nhrp_rx *rx, const struct nhrp_addr *proto)
{
	const struct nhrp_peer_key *from = &rx->frame->from;
	struct nhrp_tunnel *t = rx->t;
	struct nhrp_binding *b = nhrp_binding_find(t, proto);

	if (nhrp_hub_by_nbma(t, from))
		return true;
	if (!nhrp_owner_may_speak(rx, b, proto))
		return false;
	if (b)
		return nhrp_key_eq(&b->locator->key, from);
	return nhrp_trusted_peer(t, from) && !nhrp_locator_find(t, from);
}

static bool known_here(struct nhrp_tunnel *t, const struct nhrp_addr *proto,
		       struct nhrp_way *way)
{
	way->t = t;
	return known_peer(t, proto, &way->to);
}

/*
 * A hub with two WANs has a tunnel on each. What was not signed must not become so on the
 * way from one to the other.
 */
static bool may_go_on_by(const struct nhrp_tunnel *t, const struct nhrp_tunnel *o)
{
	return o == t || (o && nhrp_domain_same(t, o) && o->cfg.nhs &&
			  o->cfg.auth == t->cfg.auth &&
			  o->state == NHRP_TUNNEL_RUNNING);
}

/* Packets take the route: who is registered with a tunnel that it is not by gets none. */
static bool known_by_route(struct nhrp_tunnel *t, const struct nhrp_addr *dst,
			   struct nhrp_way *way)
{
	struct nhrp_env *env = &t->core->env;
	struct nhrp_route route;

	if (env->route_lookup(env->ctx, t, dst, &route) || !route.via_tunnel ||
	    !may_go_on_by(t, route.tunnel))
		return false;
	return known_here(route.tunnel, dst, way) ||
	       (route.has_gateway &&
		known_here(route.tunnel, &route.gateway, way));
}

/* Who is next on the way of a message to @dst? Never the one it came from. */
bool nhrp_transit_next(struct nhrp_rx *rx, const struct nhrp_addr *dst,
		       struct nhrp_way *way)
{
	return (known_here(rx->t, dst, way) ||
		known_by_route(rx->t, dst, way)) &&
	       !(way->t == rx->t && nhrp_key_eq(&way->to, &rx->frame->from));
}

/*
 * The same for a purge of ours. Messages that come in are limited as such; of
 * those to be told there may be thousands in one call.
 */
bool nhrp_transit_purge(struct nhrp_tunnel *t, const struct nhrp_addr *dst,
			struct nhrp_way *way, u64 now)
{
	if (known_here(t, dst, way))
		return true;
	if (!nhrp_bucket_take(&t->purge_route_total, PURGE_ROUTE_INTERVAL_US,
			      PURGE_ROUTE_BURST, now)) {
		nhrp_count(t, NHRP_C_DROP_RATE);
		return false;
	}
	return known_by_route(t, dst, way);
}

static bool names_us(struct nhrp_tunnel *t, const struct nhrp_cie_list *list)
{
	unsigned int i;

	for (i = 0; i < list->n; i++)
		if (nhrp_domain_is_local(t, &list->cie[i].proto))
			return true;
	return false;
}

/* The binding that the NAT extension of this message is about. */
static struct nhrp_binding *nat_subject(struct nhrp_rx *rx)
{
	const struct nhrp_msg *msg = rx->msg;

	switch (msg->type) {
	case NHRP_RESOLUTION_REQUEST:
		return nhrp_binding_find(rx->t, &msg->src_proto);
	case NHRP_RESOLUTION_REPLY:
		return nhrp_binding_find(rx->t, &msg->cies.cie[0].proto);
	default:
		return NULL;
	}
}

static void forget_nat(struct nhrp_cie_list *list, const struct nhrp_addr *proto)
{
	unsigned int i, n = 0;

	for (i = 0; i < list->n; i++)
		if (!nhrp_addr_eq(&list->cie[i].proto, proto))
			list->cie[n++] = list->cie[i];
	list->n = n;
}

/*
 * Where it registered from is where it is: only the first hop can tell, and what
 * the sender says of that itself does not count.
 */
static void fill_nat(struct nhrp_rx *rx)
{
	struct nhrp_binding *b = nat_subject(rx);
	struct nhrp_cie *cie;

	if (!nhrp_msg_ext(rx->msg, NHRP_EXT_NAT) || !b ||
	    !nhrp_key_eq(&b->locator->key, &rx->frame->from))
		return;
	forget_nat(&rx->msg->nat, &b->proto);
	if (nhrp_addr_eq(&b->claimed, &b->locator->key.nbma))
		return;
	cie = nhrp_cie_list_add(&rx->msg->nat);
	if (!cie)
		return;
	cie->nbma = b->locator->key.nbma;
	cie->proto = b->proto;
}

/* Transit records: of requests in one extension, of replies in another. */
static struct nhrp_cie_list *transit_list(struct nhrp_msg *msg, u16 *type)
{
	if (nhrp_type_is_reply(msg->type)) {
		*type = NHRP_EXT_REVERSE_TRANSIT;
		return &msg->rev_transit;
	}
	*type = NHRP_EXT_FORWARD_TRANSIT;
	return &msg->fwd_transit;
}

static bool add_address(struct nhrp_tunnel *t, const struct nhrp_msg *msg,
			struct nhrp_cie_list *list)
{
	const struct nhrp_prefix *self =
		nhrp_local_for(t, &msg->src_proto, msg->proto_family);

	return self && nhrp_msg_own_cie(t, list, msg->nbma_family, &self->addr,
					t->cfg.holding_time_s);
}

/* As whom those that it goes on to know us, and hear from us when it does not hold any more. */
static void add_self(struct nhrp_rx *rx, const struct nhrp_way *way,
		     struct nhrp_cie_list *list, u16 type)
{
	/* RFC 2332 5.3: not if there is something we do not understand. */
	if (rx->msg->unknown_compulsory || !nhrp_msg_ext(rx->msg, type))
		return;
	if (!add_address(way->t, rx->msg, list) && way->t != rx->t)
		add_address(rx->t, rx->msg, list);
}

void nhrp_transit_forward(struct nhrp_rx *rx, const struct nhrp_way *way)
{
	struct nhrp_tunnel *t = rx->t;
	struct nhrp_msg *msg = rx->msg;
	struct nhrp_cie_list *list;
	enum nhrp_counter why;
	u16 type;

	if (!msg->hop_count) {
		nhrp_count(t, NHRP_C_DROP_HOP_COUNT);
		nhrp_error_send(rx, NHRP_ERR_HOP_COUNT, 0);
		return;
	}
	list = transit_list(msg, &type);
	if (names_us(t, list) || names_us(t, &msg->responder)) {
		nhrp_count(t, NHRP_C_DROP_LOOP);
		nhrp_error_send(rx, NHRP_ERR_LOOP, 0);
		return;
	}
	/* What was not signed must not become so on its way. */
	if (msg->type != NHRP_ERROR_INDICATION &&
	    !nhrp_auth_reaches(rx, way->t, &way->to)) {
		nhrp_count(t, NHRP_C_DROP_WEAKER);
		return;
	}
	msg->hop_count--;
	fill_nat(rx);
	add_self(rx, way, list, type);
	why = nhrp_msg_pass_on(way->t, msg, &way->to, 0);
	nhrp_count(t, why == NHRP_C_NONE ? NHRP_C_FORWARDED : why);
}

/* The binding of the sender that an entry of its answer is about, or NULL. */
static struct nhrp_binding *answerer(struct nhrp_rx *rx,
				     const struct nhrp_cie *cie)
{
	struct nhrp_binding *b = nhrp_binding_find(rx->t, &cie->proto);

	if (!b || !nhrp_key_eq(&b->locator->key, &rx->frame->from) ||
	    !nhrp_owner_agrees(rx, b))
		return NULL;
	/* It is where it registered from, and said so then. */
	if (cie->nbma.family == b->claimed.family &&
	    !nhrp_addr_eq(&cie->nbma, &b->claimed))
		return NULL;
	return b;
}

static void note_told(struct nhrp_rx *rx, const struct nhrp_cie *cie)
{
	struct nhrp_binding *b = answerer(rx, cie);
	const struct nhrp_msg *msg = rx->msg;
	struct nhrp_prefix prefix = { .addr = msg->dst_proto };
	u8 bits = nhrp_addr_bits(&msg->dst_proto);

	/* Whose hub is further on is taken back by that one. */
	if (!b)
		return;
	prefix.plen = cie->prefix_len && cie->prefix_len < bits ?
		      cie->prefix_len : bits;
	nhrp_prefix_mask(&prefix);
	nhrp_binding_told(b, &msg->src_proto, &prefix,
			  rx->now + cie->holding_time * 1000ull, rx->now);
}

/*
 * Who forwards an answer can tell that it does not hold any more: remember who
 * got it. Whoever is registered here answers for itself and for what is behind it or
 * not at all, in every entry: any of them may be the one that is taken.
 */
static bool note_answer(struct nhrp_rx *rx)
{
	const struct nhrp_cie_list *cies = &rx->msg->cies;
	bool brings = false;
	unsigned int i;

	if (rx->msg->type != NHRP_RESOLUTION_REPLY ||
	    nhrp_hub_by_nbma(rx->t, &rx->frame->from))
		return true;
	for (i = 0; i < cies->n; i++)
		if (cies->cie[i].code == NHRP_CODE_OK &&
		    !answerer(rx, &cies->cie[i])) {
			if (!nhrp_is_behind(rx, &cies->cie[i].proto))
				return false;
			brings = true;
		}
	/* A next hop behind the sender has to be the way to what was asked for. */
	if (brings && !nhrp_is_behind(rx, &rx->msg->dst_proto))
		return false;
	for (i = 0; i < cies->n; i++)
		if (cies->cie[i].code == NHRP_CODE_OK)
			note_told(rx, &cies->cie[i]);
	return true;
}

void nhrp_transit_refuse(const struct nhrp_rx *rx, const char *what,
			 const struct nhrp_addr *proto)
{
	struct nhrp_prefix host;

	nhrp_count(rx->t, NHRP_C_DROP_NOT_OWNER);
	nhrp_prefix_host(&host, proto);
	nhrp_note(rx->t, NHRP_EVENT_REFUSED, NHRP_NOTICE, NHRP_C_DROP_NOT_OWNER,
		  &host, &rx->frame->from,
		  "%s refused: %s, and no route to it leads to the sender", what,
		  nhrp_counter_words(NHRP_C_DROP_NOT_OWNER));
}

void nhrp_transit_reply(struct nhrp_rx *rx)
{
	struct nhrp_tunnel *t = rx->t;
	struct nhrp_way way;

	/* Registrations go one hop, so do the answers to them. */
	if (!t->cfg.nhs || rx->msg->type == NHRP_REGISTRATION_REPLY ||
	    !nhrp_trusted_peer(t, &rx->frame->from) ||
	    !nhrp_transit_next(rx, &rx->msg->src_proto, &way)) {
		nhrp_count(t, NHRP_C_DROP_NOT_OURS);
		return;
	}
	if (!nhrp_owner_may_answer(rx))
		return;
	if (!note_answer(rx)) {
		nhrp_transit_refuse(rx, "answer", &rx->msg->dst_proto);
		return;
	}
	nhrp_transit_forward(rx, &way);
}
