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

u64 ipsec_wait_for(struct ipsec_waits *waits, const struct nhrp_addr *nbma, u64 now_ms)
{
	struct ipsec_wait *w = find(waits, nbma);
	u64 waited_ms;

	if (!w->since_ms || now_ms - w->last_ms > IPSEC_PAUSE_MS) {
		w->nbma = *nbma;
		w->since_ms = now_ms;
		w->patience_ms = IPSEC_WAIT_MS;
	}
	w->last_ms = now_ms;
	waited_ms = now_ms - w->since_ms;
	if (waited_ms < w->patience_ms)
		return 0;
	w->since_ms = now_ms;
	w->patience_ms *= 2;
	if (w->patience_ms > IPSEC_WAIT_MOST_MS)
		w->patience_ms = IPSEC_WAIT_MOST_MS;
	return waited_ms;
}

void ipsec_wait_over(struct ipsec_waits *waits, const struct nhrp_addr *nbma)
{
	struct ipsec_wait *w;

	for (w = waits->list; w < waits->list + IPSEC_WAITS_MAX; w++)
		if (nhrp_addr_eq(&w->nbma, nbma))
			w->since_ms = 0;
}

void ipsec_wait_anew(struct ipsec_waits *waits)
{
	struct ipsec_wait *w;

	for (w = waits->list; w < waits->list + IPSEC_WAITS_MAX; w++)
		w->patience_ms = IPSEC_WAIT_MS;
}
