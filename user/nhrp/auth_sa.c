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
#include <string.h>

#include <nettle/sha2.h>

#include "nhrp/auth.h"
#include "nhrp/binding.h"
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

/*
 * What is kept of an IKE identity that no identity of the tunnel has: enough to know it again. One
 * that is an address changes with it: whoever moves would be kept from what is its own.
 *
 * Return: 0: it owns nothing.
 */
u64 nhrp_ike_owner(const char *ike)
{
	u8 digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx ctx;
	struct nhrp_addr addr;
	u64 owner = 0;
	unsigned int i;

	if (!ike || !*ike || !nhrp_addr_parse(&addr, ike))
		return 0;
	sha256_init(&ctx);
	sha256_update(&ctx, strlen(ike), (const u8 *)ike);
	sha256_digest(&ctx, sizeof(digest), digest);
	for (i = 0; i < sizeof(owner); i++)
		owner = owner << 8 | digest[i];
	return owner ? owner : 1;
}

/* Is something there that an IKE identity owns? */
static bool is_owned_at(const struct nhrp_locator *l)
{
	const struct nhrp_binding *b;
	unsigned int i;

	for (i = 0; l && i < ARRAY_SIZE(l->here); i++)
		for (b = l->here[i]; b; b = b->next_here)
			if (b->ike_owner)
				return true;
	return false;
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
	bool has_ike = set && set->nr_ike;
	struct nhrp_identity *by_ike;

	rx->ike = "";
	if (nhrp_hub_at(rx->t, &rx->frame->from))
		return NHRP_C_NONE;
	rx->ike = ike_of(rx);
	rx->ike_owner = nhrp_ike_owner(rx->ike);
	if (!rx->ike && (has_ike || is_owned_at(nhrp_locator_find(rx->t, &rx->frame->from))))
		return NHRP_C_DROP_SA;
	if (!has_ike)
		return NHRP_C_NONE;
	by_ike = *rx->ike ? nhrp_identity_by_ike(set, rx->ike) : NULL;
	if (rx->identity)
		return check_both(rx, by_ike);
	if (by_ike && !by_ike->nr_keys)
		rx->identity = by_ike;
	return NHRP_C_NONE;
}
