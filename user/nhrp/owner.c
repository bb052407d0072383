// SPDX-License-Identifier: GPL-2.0
/*
 * Whose binding it is
 *
 * A binding that was registered with the key of an identity, or came from where IKE has proved
 * that identity to be, belongs to that identity, by
 * whichever of its keys and from wherever. Another one gets it only when it has ended; who
 * proves none, never. One that belongs to nobody is who answers at its locator.
 *
 * Who has an IKE identity that no identity of the tunnel has owns what it has registered in that
 * it is nobody else's; it may be shared by many, so it proves nothing more.
 *
 * An identity with a password may be anybody who has seen it go by: what was registered
 * with a signature, an identity's or not, is nothing to it, and who signs takes what it has
 * at once. At a place where others are it is not registered.
 */
#include <stdio.h>
#include <string.h>

#include "nhrp/auth.h"
#include "nhrp/binding.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/owner.h"

enum nhrp_counter nhrp_owner_may_claim(const struct nhrp_rx *rx,
				       const struct nhrp_addr *proto)
{
	if (!rx->identity)
		return rx->t->cfg.identity_required ?
		       NHRP_C_DROP_POLICY_IDENTITY : NHRP_C_NONE;
	return nhrp_identity_may_claim(rx->identity, proto) ?
	       NHRP_C_NONE : NHRP_C_DROP_POLICY_CLAIM;
}

bool nhrp_owner_same(const struct nhrp_rx *rx, const struct nhrp_binding *b)
{
	return b->identity && b->identity == rx->identity;
}

bool nhrp_owner_has(const struct nhrp_binding *b)
{
	return b->identity || b->ike_owner;
}

bool nhrp_owner_agrees(const struct nhrp_rx *rx, const struct nhrp_binding *b)
{
	if (b->identity)
		return b->identity == rx->identity;
	return !nhrp_auth_is_clear(rx) && (!b->ike_owner || b->ike_owner == rx->ike_owner);
}

/* Has it been registered with less than @rx has proved? */
bool nhrp_owner_outdone(const struct nhrp_rx *rx, const struct nhrp_binding *b)
{
	return nhrp_identity_is_clear(b->identity) && nhrp_auth_mode_rx(rx) > NHRP_AUTH_CISCO;
}

bool nhrp_owner_place_is_free(const struct nhrp_rx *rx)
{
	return !nhrp_auth_is_clear(rx) || !nhrp_locator_find(rx->t, &rx->frame->from) ||
	       nhrp_auth_clear_at(rx->t, &rx->frame->from) == rx->identity;
}

/* The first one that is registered from there, of any family. */
static struct nhrp_binding *first_at(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer)
{
	const struct nhrp_locator *l = nhrp_locator_find(t, peer);

	return l ? l->here[0] ? l->here[0] : l->here[1] : NULL;
}

bool nhrp_owner_place_outdone(const struct nhrp_rx *rx)
{
	return nhrp_auth_mode_rx(rx) > NHRP_AUTH_CISCO &&
	       nhrp_auth_clear_at(rx->t, &rx->frame->from);
}

void nhrp_owner_clear_place(const struct nhrp_rx *rx)
{
	struct nhrp_binding *b;

	while ((b = first_at(rx->t, &rx->frame->from)) && nhrp_owner_outdone(rx, b))
		nhrp_binding_gone(b, "who signs is there", rx->now);
}

/*
 * Of what was restored nobody knows whether its owner lives: he is asked. So is he who owns it in
 * that it is nobody else's, if one claims it who is known here and may.
 */
static bool may_be_asked(const struct nhrp_rx *rx, const struct nhrp_binding *b)
{
	return rx->t->cfg.unique == NHRP_UNIQUE_OFF || (rx->identity && !b->identity) ||
	       (b->provisional &&
		!nhrp_key_eq(&b->locator->key, &rx->frame->from));
}

enum nhrp_counter nhrp_owner_may_take(const struct nhrp_rx *rx,
				      const struct nhrp_binding *b)
{
	if (b && !nhrp_owner_agrees(rx, b) && !nhrp_owner_outdone(rx, b)) {
		if (nhrp_auth_is_clear(rx) && !nhrp_identity_is_clear(b->identity))
			return NHRP_C_DROP_WEAKER;
		if (!rx->identity && b->identity)
			return NHRP_C_DROP_IDENTITY;
		if (!rx->identity && !rx->ike_owner)
			return NHRP_C_DROP_IKE_OWNER;
		if (!may_be_asked(rx, b))
			return NHRP_C_DROP_UNIQUE;
	}
	if (rx->identity && !(b && nhrp_owner_same(rx, b)) &&
	    rx->identity->nr_bindings >= rx->identity->max_addresses)
		return NHRP_C_DROP_POLICY_QUOTA;
	return NHRP_C_NONE;
}

/* Who is registered speaks for itself; else an identity as whom it could register. */
bool nhrp_owner_may_speak(const struct nhrp_rx *rx, const struct nhrp_binding *b,
			  const struct nhrp_addr *proto)
{
	if (b)
		return nhrp_owner_agrees(rx, b);
	return !rx->identity || nhrp_identity_may_claim(rx->identity, proto);
}

/* Of what is behind an identity it speaks only for what it may register or answer for. */
bool nhrp_owner_may_bring(const struct nhrp_rx *rx, const struct nhrp_addr *proto)
{
	return !rx->identity || nhrp_identity_may_claim(rx->identity, proto) ||
	       (rx->identity->answer.nr &&
		nhrp_identity_may_answer(rx->identity, proto) >= 0);
}

/* Its own addresses, and no more than they. */
static bool is_its_own(const struct nhrp_rx *rx, const struct nhrp_addr *target)
{
	const struct nhrp_binding *b = nhrp_binding_find(rx->t, target);

	if (b)
		return nhrp_owner_same(rx, b);
	return rx->identity->claim.nr &&
	       nhrp_identity_may_claim(rx->identity, target);
}

static bool cut(const struct nhrp_rx *rx, struct nhrp_cie *cie)
{
	const struct nhrp_addr *target = &rx->msg->dst_proto;
	int bits = nhrp_addr_bits(target);
	int least = is_its_own(rx, target) ? bits :
		    nhrp_identity_may_answer(rx->identity, target);

	/* 0 stands for the host. */
	if (cie->prefix_len && cie->prefix_len < least)
		cie->prefix_len = (u8)least;
	return least >= 0;
}

bool nhrp_owner_may_answer(const struct nhrp_rx *rx)
{
	struct nhrp_cie_list *cies = &rx->msg->cies;
	struct nhrp_prefix host;
	unsigned int i;

	if (!rx->identity || (!rx->identity->answer.nr && !nhrp_auth_is_clear(rx)) ||
	    rx->msg->type != NHRP_RESOLUTION_REPLY)
		return true;
	for (i = 0; i < cies->n; i++) {
		if (cies->cie[i].code != NHRP_CODE_OK || cut(rx, &cies->cie[i]))
			continue;
		nhrp_count(rx->t, NHRP_C_DROP_POLICY_ANSWER);
		nhrp_prefix_host(&host, &rx->msg->dst_proto);
		nhrp_note(rx->t, NHRP_EVENT_REFUSED, NHRP_WARNING,
			  NHRP_C_DROP_POLICY_ANSWER, &host, &rx->frame->from,
			  "answer refused: %s; identity %s",
			  nhrp_counter_words(NHRP_C_DROP_POLICY_ANSWER),
			  rx->identity->name);
		return false;
	}
	return true;
}

void nhrp_owner_set(struct nhrp_binding *b, struct nhrp_identity *identity,
		    u16 key_id)
{
	b->key_id = identity ? nhrp_identity_key_id(identity, key_id) : 0;
	if (b->identity == identity)
		return;
	if (b->identity)
		b->identity->nr_bindings--;
	if (identity)
		identity->nr_bindings++;
	b->identity = identity;
	b->rival = NULL;
	nhrp_save_by(b->t, b->t->core->now_ms);
}

void nhrp_owner_set_ike(struct nhrp_binding *b, u64 ike_owner)
{
	if (b->identity || !b->t->cfg.starts_ike)
		ike_owner = 0;
	if (b->ike_owner == ike_owner)
		return;
	b->ike_owner = ike_owner;
	nhrp_save_by(b->t, b->t->core->now_ms);
}

void nhrp_tunnel_forget_ike(struct nhrp_tunnel *t, u64 now_ms)
{
	struct nhrp_node *n, *tmp;

	nhrp_table_for_each(n, tmp, &t->bindings) {
		struct nhrp_binding *b = container_of(n, struct nhrp_binding, node);

		if (!b->ike_owner)
			continue;
		nhrp_owner_set_ike(b, 0);
		if (t->state == NHRP_TUNNEL_RUNNING)
			nhrp_binding_set(b, now_ms);
	}
}

void nhrp_owner_refused(const struct nhrp_rx *rx, struct nhrp_binding *b)
{
	b->rival = rx->identity;
	b->rival_from = rx->frame->from;
	b->rival_at = rx->now;
}

bool nhrp_owner_still(const struct nhrp_identity *owner,
		      const struct nhrp_addr *proto)
{
	return owner && nhrp_identity_may_claim(owner, proto);
}

/*
 * Who is not an identity any more, or may not have the address any more, loses it at
 * once. All pointers are into what is about to be freed.
 */
void nhrp_owners_changed(struct nhrp_tunnel *t, u64 now)
{
	struct nhrp_node *n, *tmp;

	nhrp_table_for_each(n, tmp, &t->bindings) {
		struct nhrp_binding *b = container_of(n, struct nhrp_binding,
						      node);
		struct nhrp_identity *owner;

		b->rival = NULL;
		if (!b->identity)
			continue;
		owner = nhrp_identity_named(t->cfg.identities,
					    b->identity->name);
		/* What was said in clear does not become signed, nor what IKE proved another's. */
		if (owner && !nhrp_identity_proves_as(owner, b->identity))
			owner = NULL;
		b->identity = nhrp_owner_still(owner, &b->proto) ? owner : NULL;
		if (!b->identity) {
			nhrp_binding_gone(b, "its identity may not have it any more",
					  now);
			continue;
		}
		b->identity->nr_bindings++;
		b->key_id = nhrp_identity_key_id(b->identity, b->key_id);
	}
}

/* "berlin", and how IKE knows it: " (IKE berlin.example.net)". */
static int put_name(char *buf, int size, const char *before, const struct nhrp_identity *identity)
{
	const char *ike = identity->ike;

	return snprintf(buf, size, "%s %s%s%.*s%s", before, identity->name, *ike ? " (IKE " : "",
			NHRP_OWNER_IKE_MAX, ike, *ike ? ")" : "");
}

const char *nhrp_owner_words(const struct nhrp_rx *rx,
			     const struct nhrp_binding *b, char *buf)
{
	char at[NHRP_ADDR_STRLEN];
	int n = 0;

	*buf = 0;
	if (rx->identity)
		n = put_name(buf, NHRP_OWNER_WORDS_MAX, "; identity", rx->identity);
	else if (rx->ike_owner)
		n = snprintf(buf, NHRP_OWNER_WORDS_MAX, "; IKE identity %.*s", NHRP_OWNER_IKE_MAX,
			     rx->ike);
	if (b && b->identity) {
		n += put_name(buf + n, NHRP_OWNER_WORDS_MAX - n, n ? ", owner" : "; owner",
			      b->identity);
	} else if (b && b->ike_owner) {
		n += snprintf(buf + n, NHRP_OWNER_WORDS_MAX - n,
			      "%s owner by IKE", n ? "," : ";");
	}
	if (b && nhrp_owner_has(b))
		snprintf(buf + n, NHRP_OWNER_WORDS_MAX - n, " at %s",
			 nhrp_addr_format(&b->locator->key.nbma, at, sizeof(at)));
	return buf;
}
