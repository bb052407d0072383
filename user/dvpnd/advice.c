// SPDX-License-Identifier: GPL-2.0
/* What a device lacks: see advice.h */
#include <stdio.h>

#include "dvpnd/advice.h"

#define TEXT_MAX	64

static u32 peer_features(const struct nhrp_peer_key *peer)
{
	return (peer->encap == NHRP_ENCAP_UDP ? DVPN_FEATURE_UDP : 0) |
	       (peer->mark ? DVPN_FEATURE_MARK : 0) |
	       (peer->if_id ? DVPN_FEATURE_XFRM_IF_ID : 0) |
	       (peer->nbma.family == AF_INET ? DVPN_FEATURE_UNDERLAY4 : 0) |
	       (peer->nbma.family == AF_INET6 ? DVPN_FEATURE_UNDERLAY6 : 0);
}

/* Mask of what the module must have. Where a name leads to is not known yet. */
static u32 needed_features(const struct nhrp_tunnel_config *core)
{
	u32 mask = core->encap == NHRP_ENCAP_UDP ? DVPN_FEATURE_UDP : 0;
	unsigned int i;

	for (i = 0; i < core->nr_hubs; i++)
		mask |= peer_features(&core->hubs[i].peer);
	for (i = 0; i < core->nr_statics; i++)
		mask |= peer_features(&core->statics[i].peer);
	return mask;
}

bool advice_features(const struct config_tunnel *cfg, u32 features, char *text, size_t size)
{
	u32 lacks = needed_features(&cfg->core) & ~features;
	char names[TEXT_MAX];

	*text = '\0';
	if (lacks)
		snprintf(text, size, "the module cannot do %s: %s",
			 dvpn_mask_str(DVPN_NAMES_FEATURE, lacks, ", ", names, sizeof(names)),
			 lacks == DVPN_FEATURE_UNDERLAY6 ?
			 "this kernel has no IPv6 (ipv6.disable=1?)" :
			 "load that of dvpn " DVPN_VERSION);
	return lacks;
}

/* Who is named as reached by UDP, NULL: nobody. */
static const char *udp_user(const struct config_tunnel *cfg)
{
	const struct nhrp_tunnel_config *core = &cfg->core;
	unsigned int i;

	for (i = 0; i < core->nr_hubs; i++)
		if (core->hubs[i].peer.encap == NHRP_ENCAP_UDP)
			return "a hub";
	for (i = 0; i < core->nr_statics; i++)
		if (core->statics[i].peer.encap == NHRP_ENCAP_UDP)
			return "a map";
	return core->encap == NHRP_ENCAP_UDP ? "the tunnel" : NULL;
}

bool advice_port(const struct config_tunnel *cfg, const struct dvpn_link *link, char *text,
		 size_t size)
{
	const char *user = link->port ? NULL : udp_user(cfg);

	*text = '\0';
	if (user)
		snprintf(text, size,
			 "%s uses UDP, the interface has no port: ip link set %s type dvpn port %d",
			 user, cfg->name, DVPN_UDP_PORT_DEFAULT);
	return user;
}

static bool advice_local(const struct config_tunnel *cfg, const struct nhrp_tunnel_config *now,
			 char *text, size_t size)
{
	bool nowhere = cfg->core.nhs && nhrp_addr_none(&now->nbma[0]) &&
		nhrp_addr_none(&now->nbma[1]);

	if (nowhere)
		snprintf(text, size,
			 "a hub must say where it is: ip link set %s type dvpn local ADDRESS",
			 cfg->name);
	return nowhere;
}

/* Addresses that FRR would have are host routes: nobody is in their subnet. */
static bool advice_claim(const struct config_tunnel *cfg, const struct nhrp_tunnel_config *now,
			 char *text, size_t size)
{
	unsigned int i, hosts = 0;

	for (i = 0; i < now->nr_locals; i++) {
		if (nhrp_prefix_is_host(&now->locals[i]))
			hosts++;
		else if (!nhrp_addr_is_linklocal6(&now->locals[i].addr))
			return false;
	}
	if (!cfg->core.nhs || cfg->core.claim.nr || !hosts)
		return false;
	snprintf(text, size,
		 "nobody can register, the address of %s has no subnet: claim = PREFIX says who may",
		 cfg->name);
	return true;
}

bool advice_hub(const struct config_tunnel *cfg, const struct dvpn_link *link,
		const struct nhrp_tunnel_config *now, char *text, size_t size)
{
	bool hidden = cfg->core.nhs && cfg->core.redirect &&
		!(link->flags & DVPN_LINK_F_REDIRECT);

	*text = '\0';
	if (advice_local(cfg, now, text, size) || advice_claim(cfg, now, text, size))
		return true;
	if (hidden)
		snprintf(text, size,
			 "spokes hear of no direct path: ip link set %s type dvpn redirect on",
			 cfg->name);
	return hidden;
}
