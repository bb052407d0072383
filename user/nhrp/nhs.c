// SPDX-License-Identifier: GPL-2.0
/*
 * The server's side of registration (RFC 2332 5.2.3, 5.2.4)
 *
 *   FREE --request, policy ok--> REGISTERED --request, same locator--> refreshed
 *   REGISTERED --request from another locator--> refused, asked or moved
 *   REGISTERED --holding time ends, or 0, or purge--> FREE
 */
#include <string.h>

#include "nhrp/auth.h"
#include "nhrp/binding.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/nhs.h"
#include "nhrp/owner.h"
#include "nhrp/packet-ext.h"
#include "nhrp/policy.h"

#define MOVE_DAMPING_MS		10000
#define REPEATS_MAX		4
#define NOT_HEARD_MS		60000
/* No answer yet: the owner is being asked. */
#define CODE_LATER		(-1)

/**
 * struct claim - one CIE of a registration request
 * @proto: claimed protocol address
 * @nbma: NBMA address the client says it has
 * @hold_s: granted if all is well; 0: deregister
 * @unique: U bit
 * @decision: what to do if somebody else has it
 */
struct claim {
	struct nhrp_addr proto;
	struct nhrp_addr nbma;
	u16 hold_s;
	bool unique;
	enum nhrp_decision decision;
};

static void refuse_note(struct nhrp_rx *rx, const struct claim *c,
			enum nhrp_counter why)
{
	char nbma[NHRP_ADDR_STRLEN], who[NHRP_OWNER_WORDS_MAX];
	struct nhrp_prefix host;

	nhrp_count(rx->t, why);
	nhrp_prefix_host(&host, &c->proto);
	nhrp_note(rx->t, NHRP_EVENT_SPOKE_REFUSED, NHRP_WARNING, why, &host,
		  &rx->frame->from, "registration refused (%s), claims NBMA %s%s",
		  nhrp_counter_words(why),
		  nhrp_addr_format(&c->nbma, nbma, sizeof(nbma)),
		  nhrp_owner_words(rx, nhrp_binding_find(rx->t, &c->proto), who));
}

/* Another spoke, which says it is another station, came from here before. */
static bool shared_locator(struct nhrp_rx *rx, const struct claim *c,
			   const struct nhrp_binding *b)
{
	char first[NHRP_ADDR_STRLEN], second[NHRP_ADDR_STRLEN];
	struct nhrp_tunnel *t = rx->t;
	struct nhrp_locator *l = nhrp_locator_find(t, &rx->frame->from);
	struct nhrp_prefix host;

	/* Who is registered from here already is the first one, whatever it says. */
	if (nhrp_owner_place_outdone(rx))
		return false;
	if (!l || nhrp_addr_eq(&l->claimed, &c->nbma) ||
	    (b && b->locator == l))
		return false;
	if (nhrp_locator_provisional(t, l))
		return false;
	nhrp_prefix_host(&host, &c->proto);
	nhrp_note(t, NHRP_EVENT_CONFLICT, NHRP_WARNING, NHRP_C_DROP_CONFLICT,
		  &host, &rx->frame->from,
		  "two spokes behind one public address: NBMA %s was first, %s refused; use encap udp",
		  nhrp_addr_format(&l->claimed, first, sizeof(first)),
		  nhrp_addr_format(&c->nbma, second, sizeof(second)));
	return true;
}

/*
 * The claim is good: what another station had here before a reboot makes room. Not
 * sooner, or who is refused could make the hub forget others.
 */
static void take_locator(struct nhrp_rx *rx, const struct claim *c)
{
	struct nhrp_locator *l = nhrp_locator_find(rx->t, &rx->frame->from);

	if (l && !nhrp_addr_eq(&l->claimed, &c->nbma))
		nhrp_provisional_yield(rx, l);
}

/* Who says a password may have overheard it: that moves nothing while the owner answers. */
static bool is_surely_owner(const struct nhrp_rx *rx, const struct nhrp_binding *b)
{
	return nhrp_owner_same(rx, b) && b->heard && !nhrp_auth_is_clear(rx);
}

/*
 * What was restored keeps nobody out. But where there are identities, a hub that has
 * begun anew must not be how one gets what is another's: it is asked for. Nor how what
 * its owner said long ago moves it, as such a hub cannot tell that from news.
 */
static enum nhrp_decision decision(const struct nhrp_rx *rx,
				   const struct claim *c,
				   const struct nhrp_binding *b)
{
	const struct nhrp_tunnel_config *cfg = &rx->t->cfg;

	if (is_surely_owner(rx, b))
		return NHRP_DECIDE_MOVE;
	if (c->decision != NHRP_DECIDE_ASK)
		return c->decision;
	if (cfg->unique == NHRP_UNIQUE_OFF)
		return NHRP_DECIDE_MOVE;
	if (b->provisional || nhrp_owner_same(rx, b))
		return cfg->identities || b->ike_owner ? NHRP_DECIDE_ASK : NHRP_DECIDE_MOVE;
	return cfg->unique == NHRP_UNIQUE_STRICT ? NHRP_DECIDE_KEEP :
						   NHRP_DECIDE_ASK;
}

/* Only the port is another one: a NAT on the way has forgotten it, and it says the same. */
static bool is_rebound(const struct nhrp_rx *rx, const struct claim *c,
		       const struct nhrp_binding *b)
{
	return nhrp_addr_eq(&b->locator->key.nbma, &rx->frame->from.nbma) &&
	       nhrp_addr_eq(&b->claimed, &c->nbma);
}

/* Just moved: who claims it now may be the one that it was taken from. */
static bool is_damped(const struct nhrp_rx *rx, u64 moved_at)
{
	return moved_at && rx->now < moved_at + MOVE_DAMPING_MS;
}

/* With unique = off the last one wins, but not by turns, and not in silence. */
static int last_wins(const struct nhrp_rx *rx, struct nhrp_binding *b)
{
	char was[NHRP_ADDR_STRLEN];
	struct nhrp_prefix host;

	if (is_damped(rx, b->won_at)) {
		nhrp_count(rx->t, NHRP_C_DROP_CONFLICT);
		return CODE_LATER;
	}
	b->won_at = rx->now;
	nhrp_prefix_host(&host, &b->proto);
	nhrp_note(rx->t, NHRP_EVENT_CONFLICT, NHRP_WARNING, NHRP_C_NONE, &host,
		  &rx->frame->from,
		  "claimed from another locator than %s: moved, as unique is off",
		  nhrp_addr_format(&b->locator->key.nbma, was, sizeof(was)));
	return NHRP_CODE_OK;
}

static int other_locator(struct nhrp_rx *rx, const struct claim *c,
			 struct nhrp_binding *b)
{
	enum nhrp_decision d = decision(rx, c, b);
	struct nhrp_tunnel *t = rx->t;

	if (d == NHRP_DECIDE_KEEP) {
		refuse_note(rx, c, NHRP_C_DROP_UNIQUE);
		return NHRP_CODE_UNIQUE_EXISTS;
	}
	if (b->verify && !is_surely_owner(rx, b)) {
		nhrp_count(t, NHRP_C_DROP_VERIFYING);
		return CODE_LATER;
	}
	if (d == NHRP_DECIDE_ASK) {
		if (is_damped(rx, b->moved_at)) {
			nhrp_count(t, NHRP_C_DROP_VERIFYING);
			return CODE_LATER;
		}
		nhrp_verify_start(b, rx->frame, rx->now);
		return CODE_LATER;
	}
	if (c->decision == NHRP_DECIDE_ASK && !b->provisional &&
	    !nhrp_owner_same(rx, b) && !is_rebound(rx, c, b) &&
	    last_wins(rx, b) != NHRP_CODE_OK)
		return CODE_LATER;
	take_locator(rx, c);
	return nhrp_binding_move(b, &rx->frame->from, &c->nbma, rx->now) ?
		NHRP_CODE_NO_RESOURCES : NHRP_CODE_OK;
}

static void spoke_note(struct nhrp_rx *rx, const struct nhrp_binding *b,
		       enum nhrp_event event, const char *what)
{
	char from[NHRP_ADDR_STRLEN];
	struct nhrp_prefix host;

	nhrp_prefix_host(&host, &b->proto);
	nhrp_note(rx->t, event, NHRP_NOTICE, NHRP_C_NONE, &host,
		  &b->locator->key, "spoke %s at %s, holding time %u s%s", what,
		  nhrp_addr_format(&b->locator->key.nbma, from, sizeof(from)),
		  b->hold_s,
		  nhrp_addr_eq(&b->claimed, &b->locator->key.nbma) ?
		  "" : ", behind a NAT");
}

static int deregister(struct nhrp_rx *rx, const struct claim *c,
		      struct nhrp_binding *b)
{
	if (b && !nhrp_owner_agrees(rx, b)) {
		refuse_note(rx, c, b->identity ? NHRP_C_DROP_IDENTITY : NHRP_C_DROP_IKE_OWNER);
		return NHRP_CODE_ADMIN_PROHIBITED;
	}
	if (b && nhrp_key_eq(&b->locator->key, &rx->frame->from))
		nhrp_binding_gone(b, "deregistered", rx->now);
	return NHRP_CODE_OK;
}

/* Is there room for one more registration from here? */
static bool has_room(struct nhrp_rx *rx, const struct claim *c)
{
	struct nhrp_tunnel *t = rx->t;
	struct nhrp_locator *l = nhrp_locator_find(t, &rx->frame->from);

	if (l && l->users >= NHRP_LOCATOR_USERS_MAX &&
	    nhrp_provisional_yield(rx, l))
		l = nhrp_locator_find(t, &rx->frame->from);
	if ((!l || l->users < NHRP_LOCATOR_USERS_MAX) &&
	    (t->bindings.count < t->cfg.max_bindings ||
	     nhrp_provisional_evict(rx)))
		return true;
	refuse_note(rx, c, NHRP_C_DROP_TABLE_FULL);
	return false;
}

/*
 * Who asks again and again for what he was granted does not hear us. Perhaps he takes
 * what we sign for old, which he cannot say: then newer signatures are heard.
 */
static void note_repeats(const struct nhrp_rx *rx, struct nhrp_binding *b)
{
	if (b->request_id != rx->msg->request_id) {
		b->request_id = rx->msg->request_id;
		b->repeats = 0;
	} else if (++b->repeats >= REPEATS_MAX) {
		nhrp_auth_not_heard(rx->t, NOT_HEARD_MS, rx->now);
	}
}

/* It is granted as it cannot be helped: who sets it may. Once, not at each refresh. */
static void note_long_hold(const struct nhrp_rx *rx, struct nhrp_binding *b)
{
	u16 most = rx->t->cfg.max_holding_time_s;
	bool was = b->long_hold;
	struct nhrp_prefix host;

	b->long_hold = most && b->hold_s > most;
	if (was || !b->long_hold)
		return;
	nhrp_prefix_host(&host, &b->proto);
	nhrp_note(rx->t, NHRP_EVENT_LONG_HOLDING_TIME, NHRP_WARNING, NHRP_C_NONE, &host,
		  &rx->frame->from,
		  "holding time %u s granted, max-holding-time is %u s: this spoke may not refresh by what it is granted",
		  b->hold_s, most);
}

static int owner_code(struct nhrp_rx *rx, const struct claim *c,
		      struct nhrp_binding *b)
{
	enum nhrp_counter why = nhrp_owner_may_take(rx, b);

	if (why == NHRP_C_NONE && !nhrp_owner_place_is_free(rx))
		why = NHRP_C_DROP_WEAKER;
	if (why == NHRP_C_NONE)
		return NHRP_CODE_OK;
	refuse_note(rx, c, why);
	if (why != NHRP_C_DROP_UNIQUE)
		return NHRP_CODE_ADMIN_PROHIBITED;
	nhrp_owner_refused(rx, b);
	return NHRP_CODE_UNIQUE_EXISTS;
}

static int register_claim(struct nhrp_rx *rx, const struct claim *c)
{
	struct nhrp_tunnel *t = rx->t;
	struct nhrp_binding *b = nhrp_binding_find(t, &c->proto);
	enum nhrp_event event = NHRP_EVENT_MAX;
	const char *what = "registered";
	int code;

	if (b && b->ike_owner && !rx->ike) {
		nhrp_count(t, NHRP_C_DROP_SA);
		return CODE_LATER;
	}
	if (!c->hold_s)
		return deregister(rx, c, b);
	code = owner_code(rx, c, b);
	if (code != NHRP_CODE_OK)
		return code;
	if (shared_locator(rx, c, b)) {
		nhrp_count(t, NHRP_C_DROP_CONFLICT);
		return NHRP_CODE_ADMIN_PROHIBITED;
	}
	nhrp_owner_clear_place(rx);
	b = nhrp_binding_find(t, &c->proto);
	if (b && nhrp_owner_outdone(rx, b)) {
		nhrp_binding_gone(b, "registered by one who signs", rx->now);
		b = NULL;
	}
	if (b && !nhrp_key_eq(&b->locator->key, &rx->frame->from)) {
		code = other_locator(rx, c, b);
		if (code != NHRP_CODE_OK)
			return code;
		event = NHRP_EVENT_SPOKE_MOVED;
		what = "moved, now";
	}
	if (!b) {
		take_locator(rx, c);
		if (!has_room(rx, c))
			return NHRP_CODE_NO_RESOURCES;
		b = nhrp_binding_new(t, &c->proto, &rx->frame->from, &c->nbma,
				     rx->now);
		if (!b) {
			nhrp_count(t, NHRP_C_DROP_NOMEM);
			return NHRP_CODE_NO_RESOURCES;
		}
		event = NHRP_EVENT_SPOKE_UP;
	}
	/* It registers from where it was: it lives, whoever else claims it. */
	nhrp_verify_free(b);
	b->claimed = c->nbma;
	b->locator->claimed = c->nbma;
	b->unique = c->unique;
	b->hold_s = c->hold_s;
	note_long_hold(rx, b);
	nhrp_owner_set(b, rx->identity, rx->key_id);
	nhrp_owner_set_ike(b, rx->ike_owner);
	b->heard = true;
	note_repeats(rx, b);
	if (b->provisional)
		nhrp_binding_confirm(b);
	nhrp_binding_refresh(b, rx->now + c->hold_s * 1000ull);
	nhrp_binding_set(b, rx->now);
	if (event != NHRP_EVENT_MAX)
		spoke_note(rx, b, event, what);
	return NHRP_CODE_OK;
}

/*
 * Hubs that name each other: the mapping of one is there by configuration, its
 * registration adds nothing.
 */
static bool is_hub_itself(struct nhrp_rx *rx, const struct claim *c)
{
	return nhrp_hub_by_nbma(rx->t, &rx->frame->from) &&
	       nhrp_is_hub_proto(rx->t, &c->proto);
}

/*
 * What is asked for. A cap is for who says in its request that it is dvpn: FRR and
 * Cisco go by what they asked for, and would be forgotten between two refreshes.
 */
static u16 granted_s(const struct nhrp_rx *rx, u16 asked_s)
{
	u16 most = rx->t->cfg.max_holding_time_s;
	struct nhrp_dvpn d;

	if (asked_s && asked_s < NHRP_HOLDING_TIME_MIN_S)
		return NHRP_HOLDING_TIME_MIN_S;
	if (most && asked_s > most && !nhrp_msg_get_dvpn(rx->msg, &d) &&
	    d.role == NHRP_DVPN_REQUEST)
		return most;
	return asked_s;
}

static int claim_code(struct nhrp_rx *rx, const struct nhrp_cie *cie,
		      const struct nhrp_addr *decided, enum nhrp_decision d)
{
	const struct nhrp_msg *msg = rx->msg;
	struct claim c = {
		.proto = nhrp_addr_none(&cie->proto) ? msg->src_proto :
						       cie->proto,
		.nbma = nhrp_addr_none(&cie->nbma) ? msg->src_nbma : cie->nbma,
		.hold_s = granted_s(rx, cie->holding_time),
		.unique = msg->flags & NHRP_FLAG_REG_UNIQUE,
		.decision = NHRP_DECIDE_ASK,
	};
	struct nhrp_prefix prefix;
	enum nhrp_counter why;

	if (nhrp_cie_prefix(cie, &c.proto, &prefix) ||
	    !nhrp_prefix_is_host(&prefix)) {
		refuse_note(rx, &c, NHRP_C_DROP_POLICY_PREFIX);
		return NHRP_CODE_ADMIN_PROHIBITED;
	}
	if (is_hub_itself(rx, &c))
		return NHRP_CODE_OK;
	/* Only of this one's owner is it known whether it lives. */
	if (decided && nhrp_addr_eq(&c.proto, decided))
		c.decision = d;
	why = nhrp_policy_claim(rx->t, &c.proto, &c.nbma, &rx->frame->from);
	if (why == NHRP_C_NONE)
		why = nhrp_owner_may_claim(rx, &c.proto);
	if (why != NHRP_C_NONE) {
		refuse_note(rx, &c, why);
		return NHRP_CODE_ADMIN_PROHIBITED;
	}
	return register_claim(rx, &c);
}

/*
 * The client's outside address goes into the second CIE of the NAT extension;
 * the first one is the hub as the client dials it (Cisco's format).
 */
static void fill_nat(struct nhrp_rx *rx, struct nhrp_msg *reply)
{
	struct nhrp_cie *cie;

	if (!nhrp_msg_ext(reply, NHRP_EXT_NAT) ||
	    rx->msg->fwd_transit.n ||
	    reply->src_nbma.family != rx->frame->from.nbma.family ||
	    nhrp_addr_eq(&reply->src_nbma, &rx->frame->from.nbma))
		return;
	if (reply->nat.n != 1)
		return;
	cie = nhrp_cie_list_add(&reply->nat);
	cie->nbma = rx->frame->from.nbma;
	cie->proto = reply->src_proto;
}

static void reply(struct nhrp_rx *rx, const int *code)
{
	struct nhrp_tunnel *t = rx->t;
	const struct nhrp_prefix *self = nhrp_local_for(t, &rx->msg->src_proto,
							rx->msg->proto_family);
	struct nhrp_msg msg;
	unsigned int i;

	if (!self)
		return;
	nhrp_msg_reply(rx, &msg, &self->addr);
	if (!nhrp_is_local(t, &msg.dst_proto))
		msg.dst_proto = self->addr;
	for (i = 0; i < msg.cies.n; i++) {
		struct nhrp_cie *cie = &msg.cies.cie[i];

		cie->code = (u8)code[i];
		if (code[i]) {
			cie->holding_time = 0;
			nhrp_count(t, NHRP_C_NAK_SENT);
		} else {
			cie->holding_time = granted_s(rx, cie->holding_time);
		}
	}
	fill_nat(rx, &msg);
	nhrp_msg_send(t, &msg, &rx->frame->from, 0);
}

/* To us, to "whoever serves me" (its own address), or to nobody by name. */
static bool addressed_to_us(struct nhrp_rx *rx)
{
	const struct nhrp_addr *dst = &rx->msg->dst_proto;

	return nhrp_addr_none(dst) || nhrp_addr_is_any(dst) ||
	       nhrp_addr_eq(dst, &rx->msg->src_proto) ||
	       nhrp_is_local(rx->t, dst);
}

static void handle(struct nhrp_rx *rx, const struct nhrp_addr *decided,
		   enum nhrp_decision d)
{
	int code[NHRP_CIE_MAX];
	unsigned int i;

	for (i = 0; i < rx->msg->cies.n; i++) {
		code[i] = claim_code(rx, &rx->msg->cies.cie[i], decided, d);
		if (code[i] == CODE_LATER)
			return;
	}
	reply(rx, code);
}

/*
 * Signed for whoever is the hub there, and maybe recorded on the way to another one:
 * the answer says who we are, and that nothing is registered.
 */
static void introduce(struct nhrp_rx *rx)
{
	static const int code[NHRP_CIE_MAX];
	unsigned int i;

	for (i = 0; i < rx->msg->cies.n; i++)
		rx->msg->cies.cie[i].holding_time = 0;
	reply(rx, code);
}

void nhrp_nhs_request(struct nhrp_rx *rx)
{
	struct nhrp_tunnel *t = rx->t;

	if (!t->cfg.nhs) {
		nhrp_count(t, NHRP_C_DROP_ROLE);
		return;
	}
	/* For another hub: registrations go one hop. */
	if (!addressed_to_us(rx)) {
		nhrp_count(t, NHRP_C_DROP_NOT_OURS);
		nhrp_error_send(rx, NHRP_ERR_UNREACHABLE, 0);
		return;
	}
	if (nhrp_auth_names_nobody(rx))
		introduce(rx);
	else
		handle(rx, NULL, NHRP_DECIDE_ASK);
}

/* A request in which the claim to @proto had to wait for the owner's answer. */
void nhrp_nhs_decided(struct nhrp_tunnel *t, const struct nhrp_frame *frame,
		      const struct nhrp_addr *proto, enum nhrp_decision d, u64 now)
{
	struct nhrp_msg msg;
	struct nhrp_rx rx = { .t = t, .frame = frame, .msg = &msg, .now = now };

	if (nhrp_decode(frame->data, frame->len, &msg, NULL))
		return;
	if (nhrp_auth_recall(&rx))
		handle(&rx, proto, d);
}
