/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Peers that have begun IKE with us and are not done: who begins as well gets a second pair of
 * associations, which takes the place of the first at one end sooner than at the other.
 */
#ifndef DVPND_IPSEC_BEGUN_H
#define DVPND_IPSEC_BEGUN_H

#include "dvpnd/charon.h"
#include "nhrp/addr.h"
#include "vici/sa.h"

#define IPSEC_BEGUN_MAX		32	/* of more nothing is known, as if they had not */

/**
 * struct ipsec_begun - what the IKE daemon has told of them; a zeroed one knows of nothing
 * @asked: it is telling.
 * @told_ms: when it last did.
 * @nr: number of @list.
 * @list: NBMA addresses.
 */
struct ipsec_begun {
	bool asked;
	u64 told_ms;
	unsigned int nr;
	struct nhrp_addr list[IPSEC_BEGUN_MAX];
};

/**
 * ipsec_begun_look() - has this one begun?
 * @b: all.
 * @charon: the IKE daemon; NULL, or not up: nobody has.
 * @nbma: who.
 * @now_ms: now.
 *
 * Return: true also while the IKE daemon is asked.
 */
bool ipsec_begun_look(struct ipsec_begun *b, struct charon *charon, const struct nhrp_addr *nbma,
		      u64 now_ms);

/* The IKE daemon has told of this one, for whatever reason. */
void ipsec_begun_ike(struct ipsec_begun *b, const struct vici_ike *ike);

#endif /* DVPND_IPSEC_BEGUN_H */
