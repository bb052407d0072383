/* SPDX-License-Identifier: GPL-2.0 */
/* Peers that messages wait for, for want of a security association */
#ifndef DVPND_IPSEC_WAIT_H
#define DVPND_IPSEC_WAIT_H

#include "nhrp/addr.h"

#define IPSEC_WAITS_MAX		32
#define IPSEC_WAIT_MS		10000	/* so long IKE may take at first, then twice that, ... */
#define IPSEC_WAIT_MOST_MS	60000
#define IPSEC_PAUSE_MS		90000	/* further apart than the core sends again: it gave up */

/**
 * struct ipsec_wait - one of them
 * @nbma: its address.
 * @since_ms: since when messages wait, or it was begun anew; 0: they do not.
 * @last_ms: when the last one did.
 * @patience_ms: how long it may take from @since_ms.
 */
struct ipsec_wait {
	struct nhrp_addr nbma;
	u64 since_ms;
	u64 last_ms;
	u64 patience_ms;
};

/**
 * struct ipsec_waits - all of them; a zeroed one is empty
 * @list: if there are more, the one that was not waited for the longest is forgotten.
 */
struct ipsec_waits {
	struct ipsec_wait list[IPSEC_WAITS_MAX];
};

/**
 * ipsec_wait_for() - a message to @nbma has not left for want of one
 * @waits: all.
 * @nbma: where it was to go.
 * @now_ms: now.
 *
 * Return: how long that is so, in milliseconds, if it is time to begin anew; else 0.
 */
u64 ipsec_wait_for(struct ipsec_waits *waits, const struct nhrp_addr *nbma, u64 now_ms);

/* There is one. */
void ipsec_wait_over(struct ipsec_waits *waits, const struct nhrp_addr *nbma);

/* Another IKE daemon: there is no reason to be as patient as with the one before. */
void ipsec_wait_anew(struct ipsec_waits *waits);

#endif /* DVPND_IPSEC_WAIT_H */
