// SPDX-License-Identifier: GPL-2.0
/* Tunnels of one domain: see domain.h */
#include "nhrp/domain.h"
#include "nhrp/internal.h"

bool nhrp_domain_same(const struct nhrp_tunnel *a, const struct nhrp_tunnel *b)
{
	return a == b || (a->cfg.domain && a->cfg.domain == b->cfg.domain &&
			  a->cfg.vrf == b->cfg.vrf);
}

bool nhrp_domain_is_local(const struct nhrp_tunnel *t, const struct nhrp_addr *a)
{
	const struct nhrp_tunnel *o;

	if (nhrp_is_local(t, a))
		return true;
	if (nhrp_addr_is_linklocal6(a))
		return false;
	for (o = t->core->tunnels; o; o = o->next)
		if (nhrp_domain_same(t, o) && nhrp_is_local(o, a))
			return true;
	return false;
}

static bool is_nbma(const struct nhrp_tunnel *t, const struct nhrp_addr *nbma)
{
	return nhrp_addr_eq(nbma, &t->cfg.nbma[0]) || nhrp_addr_eq(nbma, &t->cfg.nbma[1]);
}

bool nhrp_domain_is_nbma(const struct nhrp_tunnel *t, const struct nhrp_addr *nbma)
{
	const struct nhrp_tunnel *o;

	for (o = t->core->tunnels; o; o = o->next)
		if (nhrp_domain_same(t, o) && is_nbma(o, nbma))
			return true;
	return false;
}
