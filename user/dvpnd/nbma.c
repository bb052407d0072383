// SPDX-License-Identifier: GPL-2.0
/* Our own addresses on the underlay: see nbma.h */
#include <net/if.h>
#include <string.h>

#include "dvpnd/convert.h"
#include "dvpnd/daemon.h"
#include "dvpnd/nbma.h"
#include "dvpnd/tunnel.h"

/**
 * struct guess - an address of ours that is sought
 * @t: tunnel.
 * @now: configuration that its core has, or NULL.
 * @family: of the address.
 * @nbma: where to put it.
 */
struct guess {
	const struct tunnel *t;
	const struct nhrp_tunnel_config *now;
	u8 family;
	struct nhrp_addr *nbma;
};

static bool found(const struct guess *g, const struct nhrp_hub *hub, const struct nhrp_addr *to)
{
	const struct dvpn_link *link = &g->t->link;

	return to->family == g->family && nhrp_addr_is_unicast(to) &&
	       !route_source(g->t->d->routes, to, link->link_ifindex,
			     hub->peer.mark ? hub->peer.mark : link->fwmark, link->ifindex,
			     g->nbma);
}

/* Where the core has a hub: one of a name is where it was found to be. NULL: nowhere. */
static const struct nhrp_addr *where_is(const struct guess *g, const struct nhrp_hub *hub)
{
	const struct nhrp_hub *o;

	if (!*hub->name)
		return &hub->peer.nbma;
	for (o = g->now ? g->now->hubs : NULL; o && o < g->now->hubs + g->now->nr_hubs; o++)
		if (nhrp_hub_is(o, hub->name, &hub->peer) && o->peer.nbma.family == g->family)
			return &o->peer.nbma;
	return NULL;
}

/*
 * The source of packets to the first hub of the family that there is a way to. What a
 * name server says counts only for hubs that are nowhere in that family: it must not be
 * able to make us change our address, and register anew with all others.
 */
static void guess_nbma(const struct guess *g, const struct nhrp_tunnel_config *cfg)
{
	const struct nhrp_hub *hub, *end = cfg->hubs + cfg->nr_hubs;
	const struct nhrp_addr *at;
	unsigned int i;

	for (hub = cfg->hubs; hub < end; hub++) {
		at = where_is(g, hub);
		if (at && found(g, hub, at))
			return;
	}
	for (hub = cfg->hubs; hub < end; hub++)
		for (i = 0; !where_is(g, hub) && i < hub->nr_addrs; i++)
			if (found(g, hub, &hub->addrs[i]))
				return;
}

void nbma_fill(const struct tunnel *t, const struct nhrp_tunnel_config *now,
	       struct nhrp_tunnel_config *cfg)
{
	const struct dvpn_addr *fixed[] = { &t->link.local4, &t->link.local6 };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct guess g = { t, now, i ? AF_INET6 : AF_INET, &cfg->nbma[i] };

		/* While there is no route to a hub we are still where we were. */
		memset(&cfg->nbma[i], 0, sizeof(cfg->nbma[i]));
		if (now)
			cfg->nbma[i] = now->nbma[i];
		if (dvpn_addr_is_any(fixed[i]))
			guess_nbma(&g, cfg);
		else
			addr_to_nhrp(&cfg->nbma[i], fixed[i]);
	}
}

/* The underlay's device may be the VRF itself, or one that is in it. */
void nbma_find_vrf(struct tunnel *t)
{
	struct dvpn_link link;
	char name[IFNAMSIZ];

	*t->vrf = '\0';
	if (!t->link.link_ifindex || dvpn_link_get(t->link.link_name, &link))
		return;
	if (!link.is_vrf &&
	    (!link.master || !if_indextoname(link.master, name) || dvpn_link_get(name, &link)))
		return;
	if (link.is_vrf)
		memcpy(t->vrf, link.ifname, sizeof(t->vrf));
}
