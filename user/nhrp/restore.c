// SPDX-License-Identifier: GPL-2.0
/*
 * Registrations that outlive a reboot of the hub
 *
 *   REGISTERED --saved, the kernel's table lost, restored--> PROVISIONAL
 *   PROVISIONAL --a message of its owner from there--> REGISTERED
 *   PROVISIONAL --a claim of its address or locator, holding time ends--> gone
 *
 * What is provisional carries packets to where it was and keeps nobody out, but where
 * there are identities its owner is asked before another one gets it: see nhs.c. So a
 * table that is full of what has owners is full for others than these. Who
 * has it says again that he has it before it ends: a refresh comes after a third
 * of the holding time, and what was saved is older by a sixth of it at most.
 */
#include "nhrp/binding.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/owner.h"
#include "nhrp/policy.h"
#include "nhrp/shortcut.h"

/* 0 means that nothing is to be saved, so a change at 0 is one at 1. */
void nhrp_save_by(struct nhrp_tunnel *t, u64 at_ms)
{
	if (!at_ms)
		at_ms = 1;
	if (!t->save_at || at_ms < t->save_at)
		t->save_at = at_ms;
}

u64 nhrp_tunnel_save_at_ms(const struct nhrp_tunnel *t)
{
	return t->save_at ? t->save_at : NHRP_NEVER;
}

void nhrp_tunnel_saved(struct nhrp_tunnel *t)
{
	t->save_at = 0;
}

void nhrp_binding_provisional(struct nhrp_binding *b, bool provisional)
{
	if (b->provisional == provisional)
		return;
	b->provisional = provisional;
	b->t->nr_provisional += provisional ? 1 : -1;
}

/* Its owner is there. The kernel is to be told, too: nhrp_binding_set(). */
void nhrp_binding_confirm(struct nhrp_binding *b)
{
	struct nhrp_prefix host;

	nhrp_binding_provisional(b, false);
	b->locator->claimed = b->claimed;
	nhrp_prefix_host(&host, &b->proto);
	nhrp_note(b->t, NHRP_EVENT_SPOKE_UP, NHRP_NOTICE, NHRP_C_NONE, &host,
		  &b->locator->key, "restored spoke is heard of again");
}

/* Is nobody registered from @l who was heard of since the reboot? */
bool nhrp_locator_provisional(struct nhrp_tunnel *t,
			      const struct nhrp_locator *l)
{
	struct nhrp_node *n, *tmp;

	if (!t->nr_provisional)
		return false;
	nhrp_table_for_each(n, tmp, &t->bindings) {
		const struct nhrp_binding *b =
			container_of(n, struct nhrp_binding, node);

		if (b->locator == l && !b->provisional)
			return false;
	}
	return true;
}

static bool may_yield(const struct nhrp_rx *rx, const struct nhrp_binding *b)
{
	return b->provisional && (!nhrp_owner_has(b) || nhrp_owner_agrees(rx, b));
}

static void yield(struct nhrp_binding *b, u64 now)
{
	nhrp_binding_gone(b, "restored, and another one needs its place", now);
}

/*
 * Make room for who is there: all that is provisional at @l and not another one's.
 *
 * Return: whether there was any. @l may be gone then.
 */
bool nhrp_provisional_yield(const struct nhrp_rx *rx, const struct nhrp_locator *l)
{
	struct nhrp_tunnel *t = rx->t;
	bool any = false;
	struct nhrp_node *n, *tmp;

	if (!t->nr_provisional)
		return false;
	nhrp_table_for_each(n, tmp, &t->bindings) {
		struct nhrp_binding *b = container_of(n, struct nhrp_binding,
						      node);

		if (b->locator == l && may_yield(rx, b)) {
			yield(b, rx->now);
			any = true;
		}
	}
	return any;
}

/*
 * Make room in a full table: one that is nobody's, else one of its own. To give away another
 * one's would let it be claimed, and nobody asked.
 */
bool nhrp_provisional_evict(const struct nhrp_rx *rx)
{
	struct nhrp_tunnel *t = rx->t;
	struct nhrp_binding *b, *own = NULL;
	struct nhrp_node *n, *tmp;

	if (!t->nr_provisional)
		return false;
	nhrp_table_for_each(n, tmp, &t->bindings) {
		b = container_of(n, struct nhrp_binding, node);
		if (!may_yield(rx, b))
			continue;
		if (!nhrp_owner_has(b)) {
			yield(b, rx->now);
			return true;
		}
		if (!own)
			own = b;
	}
	if (own)
		yield(own, rx->now);
	return own;
}

static bool owner_ok(const struct nhrp_tunnel *t,
		     const struct nhrp_binding_info *b)
{
	return !*b->identity ||
	       nhrp_owner_still(nhrp_identity_named(t->cfg.identities,
						    b->identity), &b->proto);
}

static int check(struct nhrp_tunnel *t, const struct nhrp_binding_info *b)
{
	const struct nhrp_locator *l = nhrp_locator_find(t, &b->peer);
	struct nhrp_prefix host;

	if (t->state == NHRP_TUNNEL_LEFT || !t->cfg.nhs || !b->expires_ms ||
	    b->holding_time_s < NHRP_HOLDING_TIME_MIN_S ||
	    b->expires_ms > b->holding_time_s * 1000ull ||
	    nhrp_policy_claim(t, &b->proto, &b->claimed, &b->peer) !=
	    NHRP_C_NONE || !owner_ok(t, b))
		return -EINVAL;
	nhrp_prefix_host(&host, &b->proto);
	if (nhrp_binding_find(t, &b->proto) || nhrp_shortcut_find(t, &host) ||
	    (l && (!nhrp_addr_eq(&l->claimed, &b->claimed) ||
		   l->users >= NHRP_LOCATOR_USERS_MAX)))
		return -EEXIST;
	return t->bindings.count < t->cfg.max_bindings ? 0 : -ENOSPC;
}

int nhrp_tunnel_restore(struct nhrp_tunnel *t,
			const struct nhrp_binding_info *info, u64 now_ms)
{
	struct nhrp_binding *b;
	int err = check(t, info);

	if (err)
		return err;
	b = nhrp_binding_new(t, &info->proto, &info->peer, &info->claimed,
			     now_ms);
	if (!b)
		return -ENOSPC;
	nhrp_binding_provisional(b, true);
	nhrp_owner_set(b, nhrp_identity_named(t->cfg.identities, info->identity),
		       0);
	nhrp_owner_set_ike(b, info->ike_owner);
	b->unique = info->unique;
	b->hold_s = info->holding_time_s;
	b->request_id = info->request_id;
	nhrp_binding_refresh(b, now_ms + info->expires_ms);
	nhrp_count(t, NHRP_C_BINDING_RESTORED);
	if (t->state == NHRP_TUNNEL_RUNNING)
		nhrp_binding_set(b, now_ms);
	return 0;
}
