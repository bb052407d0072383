/* SPDX-License-Identifier: GPL-2.0 */
/* Peers that messages wait for, for want of a security association */
#ifndef DVPND_IPSEC_WAIT_H
#define DVPND_IPSEC_WAIT_H

#include "nhrp/addr.h"

#define IPSEC_WAITS_MAX	32
#define IPSEC_WAIT_MS	10000	/* so long IKE may take before the kernel is to ask again */

/**
 * struct ipsec_wait - one of them
 * @nbma: its address.
 * @since_ms: since when messages wait, or it was asked for again; 0: they do not.
 * @last_ms: when the last one did.
 */
struct ipsec_wait {
	struct nhrp_addr nbma;
	u64 since_ms;
	u64 last_ms;
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
 * Return: true if that is so for %IPSEC_WAIT_MS, once in that time.
 */
bool ipsec_wait_for(struct ipsec_waits *waits, const struct nhrp_addr *nbma, u64 now_ms);

/* There is one. */
void ipsec_wait_over(struct ipsec_waits *waits, const struct nhrp_addr *nbma);

#endif /* DVPND_IPSEC_WAIT_H */
