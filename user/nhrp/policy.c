// SPDX-License-Identifier: GPL-2.0
/* Who may claim what. Everything returns NHRP_C_NONE or the reason to refuse. */
#include "nhrp/adopt.h"
#include "nhrp/domain.h"
#include "nhrp/internal.h"
#include "nhrp/nhc.h"
#include "nhrp/policy.h"

enum nhrp_counter nhrp_policy_nbma(const struct nhrp_tunnel *t,
				   const struct nhrp_addr *nbma)
{
	if (!nhrp_addr_is_unicast(nbma) || nhrp_is_local(t, nbma) ||
	    nhrp_addr_eq(nbma, &t->cfg.nbma[0]) ||
	    nhrp_addr_eq(nbma, &t->cfg.nbma[1]))
		return NHRP_C_DROP_POLICY_NBMA;
	return NHRP_C_NONE;
}

/* The first and the last address of an IPv4 subnet name no host. */
static bool is_subnet_end(const struct nhrp_prefix *subnet,
			  const struct nhrp_addr *a)
{
	u32 host = 0, mask;
	unsigned int i;

	if (a->family != AF_INET || subnet->plen > 30)
		return false;
	mask = subnet->plen ? ~0u >> subnet->plen : ~0u;
	for (i = 0; i < 4; i++)
		host = host << 8 | a->b[i];
	host &= mask;
	return !host || host == mask;
}

/* The subnet of ours that it is in. A host route of ours, as FRR needs it, is none. */
static const struct nhrp_prefix *subnet_of(const struct nhrp_tunnel *t,
					   const struct nhrp_addr *proto)
{
	unsigned int i;

	for (i = 0; i < t->cfg.nr_locals; i++)
		if (!nhrp_prefix_is_host(&t->cfg.locals[i]) &&
		    nhrp_prefix_contains(&t->cfg.locals[i], proto))
			return &t->cfg.locals[i];
	return NULL;
}

/* Link-local addresses are those of this link, whatever is said of others. */
bool nhrp_policy_member(const struct nhrp_tunnel *t, const struct nhrp_addr *proto)
{
	const struct nhrp_prefixes *claim = &t->cfg.claim;
	const struct nhrp_prefix *subnet = subnet_of(t, proto);

	if (subnet && is_subnet_end(subnet, proto))
		return false;
	if (!claim->nr || (nhrp_addr_is_linklocal6(proto) && !subnet))
		return subnet;
	return nhrp_prefixes_allow(claim, proto);
}

enum nhrp_counter nhrp_policy_claim(struct nhrp_tunnel *t,
				    const struct nhrp_addr *proto,
				    const struct nhrp_addr *claimed,
				    const struct nhrp_peer_key *from)
{
	struct nhrp_prefix host;
	enum nhrp_counter why;

	nhrp_prefix_host(&host, proto);
	if (!nhrp_addr_is_unicast(proto) || !nhrp_policy_member(t, proto))
		return NHRP_C_DROP_POLICY_SUBNET;
	if (nhrp_domain_is_local(t, proto))
		return NHRP_C_DROP_POLICY_OWN;
	if (nhrp_is_hub_proto(t, proto))
		return NHRP_C_DROP_POLICY_HUB;
	if (nhrp_static_find(t, proto) || nhrp_foreign_has(t, &host))
		return NHRP_C_DROP_POLICY_STATIC;
	/* The way to it would be the tunnel itself. */
	if (nhrp_addr_eq(claimed, proto))
		return NHRP_C_DROP_POLICY_NBMA;
	/* Behind a NAT somebody may say that he is where we are by another tunnel; we are not. */
	if (nhrp_domain_is_nbma(t, &from->nbma))
		return NHRP_C_DROP_POLICY_NBMA;
	why = nhrp_policy_nbma(t, claimed);
	return why != NHRP_C_NONE ? why : nhrp_policy_nbma(t, &from->nbma);
}

/* Must the prefix not swallow this address? */
static bool covers_own(const struct nhrp_tunnel *t, const struct nhrp_prefix *p,
		       const struct nhrp_peer_key *peer)
{
	const struct nhrp_reg *reg;
	unsigned int i;

	if (nhrp_prefix_contains(p, &peer->nbma) ||
	    nhrp_prefix_contains(p, &t->cfg.nbma[0]) ||
	    nhrp_prefix_contains(p, &t->cfg.nbma[1]))
		return true;
	for (i = 0; i < t->cfg.nr_locals; i++)
		if (nhrp_prefix_contains(p, &t->cfg.locals[i].addr))
			return true;
	for (i = 0; i < t->cfg.nr_hubs; i++)
		if (nhrp_prefix_contains(p, &t->cfg.hubs[i].peer.nbma))
			return true;
	for (reg = t->regs; reg; reg = reg->next)
		if (reg->hub.has_proto &&
		    nhrp_prefix_contains(p, &reg->hub.proto))
			return true;
	return false;
}

/* May a shortcut for this prefix lead to that peer? */
enum nhrp_counter nhrp_policy_shortcut(struct nhrp_tunnel *t,
				       const struct nhrp_prefix *prefix,
				       const struct nhrp_peer_key *peer)
{
	if (covers_own(t, prefix, peer))
		return NHRP_C_DROP_POLICY_PREFIX;
	if (nhrp_foreign_has(t, prefix) ||
	    (nhrp_prefix_is_host(prefix) && nhrp_static_find(t, &prefix->addr)))
		return NHRP_C_DROP_POLICY_STATIC;
	return nhrp_policy_nbma(t, &peer->nbma);
}

/*
 * Cut the prefix of an answer to what we may believe: no wider than our own
 * route into the tunnel and than min-prefix, and only the host if more would
 * swallow an address that tunnel or underlay live on. @route is that route of
 * ours, if it is by the tunnel.
 */
enum nhrp_counter nhrp_policy_prefix(struct nhrp_tunnel *t,
				     const struct nhrp_addr *target,
				     const struct nhrp_peer_key *peer,
				     struct nhrp_prefix *prefix,
				     struct nhrp_route *route)
{
	struct nhrp_env *env = &t->core->env;
	u8 least = t->cfg.min_plen[target->family == AF_INET6];
	struct nhrp_prefix host;

	nhrp_prefix_host(&host, target);
	if (!nhrp_addr_is_unicast(target) || covers_own(t, &host, peer))
		return NHRP_C_DROP_POLICY_PREFIX;
	if (env->route_lookup(env->ctx, t, target, route) || !route->via_tunnel)
		return NHRP_C_DROP_NO_ROUTE;
	if (!nhrp_prefix_contains(prefix, target))
		*prefix = host;
	if (route->prefix.plen > least)
		least = route->prefix.plen;
	if (prefix->plen < least)
		prefix->plen = least;
	prefix->addr = *target;
	nhrp_prefix_mask(prefix);
	if (covers_own(t, prefix, peer))
		*prefix = host;
	return nhrp_policy_shortcut(t, prefix, peer);
}
