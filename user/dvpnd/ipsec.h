/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IPsec of tunnels that have a profile: what the IKE daemon is told and asked
 *
 * Its trap policies start IKE for the peer that a packet goes to, and the module lets nothing
 * out in clear ("ipsec require"). What is left to do here: to send again what waited when a
 * security association comes up, to ask a peer whose one is gone whether it is still there, to
 * end those that no peer is left for, and to say what is wrong. That the IKE daemon is not
 * there, or does not answer, says nothing about a peer.
 */
#ifndef DVPND_IPSEC_H
#define DVPND_IPSEC_H

#include <stdbool.h>
#include <stddef.h>

#include "dvpnd/sas.h"
#include "nhrp/core.h"

struct daemon;
struct ipsec;
struct tunnel;

/* NULL without memory. */
struct ipsec *ipsec_new(struct daemon *d);

/* Forget all; security associations stay as they are. NULL is allowed. */
void ipsec_free(struct ipsec *ip);

/* The configuration is another one: profiles, and where to ask. NULL is allowed. */
void ipsec_refresh(struct ipsec *ip);

/**
 * ipsec_run() - end what nobody needs, ask again what was not known
 * @ip: IPsec.
 *
 * Return: milliseconds until it wants to run again, UINT64_MAX: not by itself.
 */
u64 ipsec_run(struct ipsec *ip);

/**
 * ipsec_trouble() - is something wrong with the profile of a tunnel?
 * @ip: IPsec.
 * @t: tunnel.
 * @text: filled in with what is wrong and what to do, "" if nothing is.
 * @size: bytes of @text.
 *
 * Return: whether there is something to say.
 */
bool ipsec_trouble(const struct ipsec *ip, const struct tunnel *t, char *text, size_t size);

/* A message to @nbma has not left for want of a security association. */
void ipsec_no_sa(struct ipsec *ip, const struct tunnel *t, const struct nhrp_addr *nbma);

/* Why there is none with @nbma, and what to do; NULL: not known. */
const char *ipsec_why(const struct ipsec *ip, const struct tunnel *t, const struct nhrp_addr *nbma);

/* Has who is there begun IKE, and is not done? True also until that is known. */
bool ipsec_begun_by(struct ipsec *ip, const struct nhrp_addr *nbma);

/**
 * ipsec_sender() - who has proved to be at the other end of an association?
 * @ip: IPsec.
 * @t: tunnel, with a profile.
 * @nbma: address that ESP came from.
 * @spi: which it had, host byte order.
 *
 * If it is not known the IKE daemon is asked, once a second at most: its event may be on its way.
 *
 * Return: "" if it has no identity that can be told, NULL: it is not known yet.
 */
const char *ipsec_sender(struct ipsec *ip, const struct tunnel *t, const struct nhrp_addr *nbma,
			 u32 spi);

/* For show and the like: what is known. */
const struct sas *ipsec_sas(const struct ipsec *ip);

#endif /* DVPND_IPSEC_H */
