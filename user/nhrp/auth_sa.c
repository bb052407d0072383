// SPDX-License-Identifier: GPL-2.0
/*
 * Who sent a message, by the security association that it came by
 *
 * IKE has proved who is at its other end. An identity that has an IKE identity and no key is
 * who comes so; one that has both must sign as well, and come so. Nobody is two: who signs as
 * one identity and comes as another is refused.
 *
 * A message may be here before it is known who is at the other end. It is not judged as one
 * of nobody then, or a hub would answer its first registration with a refusal: it is dropped
 * without an answer, and whoever sent it sends it again.
 *
 * Where a hub is, its own authentication says who speaks.
 */
#include <stdio.h>

#include "nhrp/auth.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"

/* "": nobody by IKE; NULL: not known yet. */
static const char *ike_of(const struct nhrp_rx *rx)
{
	struct nhrp_env *env = &rx->t->core->env;

	if (!rx->frame->has_sa || !env->sa_identity)
		return "";
	return env->sa_identity(env->ctx, rx->t, rx->frame);
}

/* It has signed. */
static enum nhrp_counter check_both(const struct nhrp_rx *rx, const struct nhrp_identity *by_ike)
{
	if (*rx->identity->ike ? by_ike == rx->identity : !by_ike || by_ike == rx->identity)
		return NHRP_C_NONE;
	return NHRP_C_DROP_IKE;
}

enum nhrp_counter nhrp_auth_sa(struct nhrp_rx *rx)
{
	const struct nhrp_identities *set = rx->t->cfg.identities;
	struct nhrp_identity *by_ike;
	const char *ike;

	if (!set || !set->nr_ike || nhrp_hub_at(rx->t, &rx->frame->from))
		return NHRP_C_NONE;
	ike = ike_of(rx);
	if (!ike)
		return NHRP_C_DROP_SA;
	by_ike = *ike ? nhrp_identity_by_ike(set, ike) : NULL;
	if (rx->identity)
		return check_both(rx, by_ike);
	if (by_ike && !by_ike->nr_keys)
		rx->identity = by_ike;
	return NHRP_C_NONE;
}
