// SPDX-License-Identifier: GPL-2.0
/* Beginning IKE anew: see ipsec-retry.h */
#include "dvpnd/ipsec-retry.h"
#include "dvpnd/larval.h"

/*
 * The kernel comes last: while the IKE daemon tries it takes what the kernel asks for something
 * that it is at already.
 */
static void answered(int err, const void *body, size_t len, void *ctx)
{
	struct ipsec_retry *r = ctx;

	(void)err;
	(void)body;
	(void)len;
	if (!--r->asked)
		larval_clear(&r->stuck);
}

void ipsec_retry_ike(struct ipsec_retry *r, struct charon *charon, const struct vici_ike *ike)
{
	struct vici_out body = { 0 };
	struct nhrp_addr nbma;

	nhrp_addr_set(&nbma, ike->remote.family, ike->remote.bytes);
	if (!r->asked || ike->established || !ike->initiator || !nhrp_addr_eq(&nbma, &r->stuck))
		return;
	vici_text(&body, "ike-id", "%u", ike->id);
	vici_text(&body, "force", "yes");
	vici_text(&body, "timeout", "-1");	/* do not wait for it */
	if (!charon_request(charon, "terminate", &body, answered, r))
		r->asked++;
	vici_out_free(&body);
}

u64 ipsec_retry_no_sa(struct ipsec_retry *r, struct charon *charon, const struct nhrp_addr *nbma,
		      u64 now_ms)
{
	/* With one at a time. */
	u64 waited_ms = r->asked ? 0 : ipsec_wait_for(&r->waits, nbma, now_ms);

	if (!waited_ms)
		return 0;
	r->stuck = *nbma;
	if (charon && !charon_request(charon, "list-sas", NULL, answered, r))
		r->asked++;
	else
		larval_clear(nbma);
	return waited_ms;
}
