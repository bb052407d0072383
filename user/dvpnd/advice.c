// SPDX-License-Identifier: GPL-2.0
/* What a device lacks: see advice.h */
#include <stdio.h>

#include "dvpnd/advice.h"

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

bool advice_hub(const struct config_tunnel *cfg, const struct dvpn_link *link,
		const struct nhrp_tunnel_config *now, char *text, size_t size)
{
	bool hidden = cfg->core.nhs && cfg->core.redirect &&
		!(link->flags & DVPN_LINK_F_REDIRECT);

	*text = '\0';
	if (advice_local(cfg, now, text, size))
		return true;
	if (hidden)
		snprintf(text, size,
			 "spokes hear of no direct path: ip link set %s type dvpn redirect on",
			 cfg->name);
	return hidden;
}
