// SPDX-License-Identifier: GPL-2.0
/* Peers that messages wait for: see ipsec-wait.h */
#include "dvpnd/ipsec-wait.h"

/* Its place, or the one that was not used for the longest time. */
static struct ipsec_wait *find(struct ipsec_waits *waits, const struct nhrp_addr *nbma)
{
	struct ipsec_wait *w, *oldest = waits->list;

	for (w = waits->list; w < waits->list + IPSEC_WAITS_MAX; w++) {
		if (w->since_ms && nhrp_addr_eq(&w->nbma, nbma))
			return w;
		if (w->last_ms < oldest->last_ms)
			oldest = w;
	}
	oldest->since_ms = 0;
	return oldest;
}

bool ipsec_wait_for(struct ipsec_waits *waits, const struct nhrp_addr *nbma, u64 now_ms)
{
	struct ipsec_wait *w = find(waits, nbma);
	bool goes_on = w->since_ms && now_ms - w->last_ms <= IPSEC_WAIT_MS;

	w->nbma = *nbma;
	w->last_ms = now_ms;
	if (goes_on && now_ms - w->since_ms < IPSEC_WAIT_MS)
		return false;
	w->since_ms = now_ms;
	return goes_on;
}

void ipsec_wait_over(struct ipsec_waits *waits, const struct nhrp_addr *nbma)
{
	struct ipsec_wait *w;

	for (w = waits->list; w < waits->list + IPSEC_WAITS_MAX; w++)
		if (nhrp_addr_eq(&w->nbma, nbma))
			w->since_ms = 0;
}
