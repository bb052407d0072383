// SPDX-License-Identifier: GPL-2.0
/* Peers that have begun IKE with us: see ipsec-begun.h */
#include "dvpnd/clock.h"
#include "dvpnd/ipsec-begun.h"

#define GOOD_MS		100	/* how long what was told is good */

static bool is_listed(const struct ipsec_begun *b, const struct nhrp_addr *nbma)
{
	unsigned int i;

	for (i = 0; i < b->nr; i++)
		if (nhrp_addr_eq(&b->list[i], nbma))
			return true;
	return false;
}

void ipsec_begun_ike(struct ipsec_begun *b, const struct vici_ike *ike)
{
	struct nhrp_addr nbma;

	if (!b->asked || ike->established || ike->initiator)
		return;
	nhrp_addr_set(&nbma, ike->remote.family, ike->remote.bytes);
	if (b->nr < IPSEC_BEGUN_MAX && !is_listed(b, &nbma))
		b->list[b->nr++] = nbma;
}

static void told(int err, const void *body, size_t len, void *ctx)
{
	struct ipsec_begun *b = ctx;

	(void)err;
	(void)body;
	(void)len;
	b->asked = false;
	b->told_ms = clock_ms();
}

bool ipsec_begun_look(struct ipsec_begun *b, struct charon *charon, const struct nhrp_addr *nbma,
		      u64 now_ms)
{
	if (b->asked)
		return true;
	if (!charon)
		return false;
	if (now_ms - b->told_ms < GOOD_MS)
		return is_listed(b, nbma);
	b->nr = 0;
	b->asked = !charon_request(charon, "list-sas", NULL, told, b);
	return b->asked;
}
