/* SPDX-License-Identifier: GPL-2.0 */
/* Tunnels of one domain: what comes by one may go on by another. */
#ifndef NHRP_DOMAIN_H
#define NHRP_DOMAIN_H

#include "nhrp/core.h"

/**
 * nhrp_domain_same() - are they of one network?
 * @a: one tunnel.
 * @b: another one, or the same.
 *
 * The same number in another VRF is another domain: the same addresses may be others' there.
 *
 * Return: whether they are.
 */
bool nhrp_domain_same(const struct nhrp_tunnel *a, const struct nhrp_tunnel *b);

/**
 * nhrp_domain_is_local() - is that our address in this network?
 * @t: a tunnel of it.
 * @a: protocol address.
 *
 * A link-local address of IPv6 is ours on its own tunnel alone.
 *
 * Return: whether it is one of @t or of another tunnel of its domain.
 */
bool nhrp_domain_is_local(const struct nhrp_tunnel *t, const struct nhrp_addr *a);

/**
 * nhrp_domain_is_nbma() - do we live there?
 * @t: a tunnel.
 * @nbma: NBMA address.
 *
 * Return: whether it is that of @t or of another tunnel of its domain.
 */
bool nhrp_domain_is_nbma(const struct nhrp_tunnel *t, const struct nhrp_addr *nbma);

#endif /* NHRP_DOMAIN_H */
