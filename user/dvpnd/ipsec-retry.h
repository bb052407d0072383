/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Beginning IKE anew with peers that there is no security association with for long
 *
 * Two things keep the next packet from doing that. The kernel asks nobody again while it waits
 * for an answer (larval.h), and the IKE daemon does not begin again while it tries: a try of
 * strongSwan takes 165 s, with pauses of up to 76 s in which a peer that is back is not asked.
 */
#ifndef DVPND_IPSEC_RETRY_H
#define DVPND_IPSEC_RETRY_H

#include "dvpnd/charon.h"
#include "dvpnd/ipsec-wait.h"
#include "vici/sa.h"

/**
 * struct ipsec_retry - peers that there is none with; a zeroed one has none
 * @waits: how long for.
 * @stuck: the one that it is begun anew with now.
 * @asked: requests to the IKE daemon that are out for that, 0: there is no such one.
 */
struct ipsec_retry {
	struct ipsec_waits waits;
	struct nhrp_addr stuck;
	unsigned int asked;
};

/**
 * ipsec_retry_no_sa() - a message has not left
 * @r: all.
 * @charon: the IKE daemon; NULL, or not up: only the kernel is seen to.
 * @nbma: where it was to go.
 * @now_ms: now.
 *
 * Return: how long messages wait, in milliseconds, if it is begun anew; else 0.
 */
u64 ipsec_retry_no_sa(struct ipsec_retry *r, struct charon *charon, const struct nhrp_addr *nbma,
		      u64 now_ms);

/* The IKE daemon has told of this one, which is of a profile. */
void ipsec_retry_ike(struct ipsec_retry *r, struct charon *charon, const struct vici_ike *ike);

#endif /* DVPND_IPSEC_RETRY_H */
