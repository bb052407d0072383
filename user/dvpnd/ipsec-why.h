/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why there is no security association with a peer
 *
 * strongSwan tells that in its log only. What it writes there about an IKE_SA that we begin is
 * compared with what it is known to write; a line that says nothing new changes nothing.
 */
#ifndef DVPND_IPSEC_WHY_H
#define DVPND_IPSEC_WHY_H

#include "nhrp/addr.h"
#include "vici/log.h"

#define IPSEC_WHYS_MAX	32

/**
 * struct ipsec_why - a peer that IKE was begun with
 * @nbma: its address.
 * @ike_id: number of the last IKE_SA with it, 0: this place is free.
 * @used: the higher, the later it was begun.
 * @by_secret: we have proved who we are by a secret, not by a certificate.
 * @place: how much its log has told of this IKE_SA; the lower, the more.
 * @words: what went wrong and what to do, NULL: nothing is known to have.
 */
struct ipsec_why {
	struct nhrp_addr nbma;
	u32 ike_id;
	u32 used;
	bool by_secret;
	unsigned int place;
	const char *words;
};

/**
 * struct ipsec_whys - all of them; a zeroed one is empty
 * @used: of the last one.
 * @list: if there are more, the one that was begun first is forgotten.
 */
struct ipsec_whys {
	u32 used;
	struct ipsec_why list[IPSEC_WHYS_MAX];
};

/**
 * ipsec_why_line() - strongSwan has logged something
 * @whys: all.
 * @log: the line.
 *
 * Return: the peer of which it says something else than the line before, or NULL.
 */
const struct ipsec_why *ipsec_why_line(struct ipsec_whys *whys, const struct vici_log *log);

/* The same, and tell the user. */
void ipsec_why_heard(struct ipsec_whys *whys, const struct vici_log *log);

/* There is one with @nbma. */
void ipsec_why_over(struct ipsec_whys *whys, const struct nhrp_addr *nbma);

/* Words for a user, NULL: not known. */
const char *ipsec_why_words(const struct ipsec_whys *whys, const struct nhrp_addr *nbma);

#endif /* DVPND_IPSEC_WHY_H */
