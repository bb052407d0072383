// SPDX-License-Identifier: GPL-2.0
/* What the core is told of a tunnel: see core-config.h */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/convert.h"
#include "dvpnd/core-config.h"
#include "dvpnd/daemon.h"
#include "dvpnd/log.h"
#include "dvpnd/names.h"
#include "dvpnd/nbma.h"
#include "dvpnd/tunnel.h"

static void fill_locals(const struct tunnel *t, struct nhrp_tunnel_config *cfg)
{
	const struct nhrp_tunnel_config *now = t->nhrp ? nhrp_tunnel_config(t->nhrp) : NULL;
	struct dvpn_ifaddr *addrs;
	size_t n, i;

	cfg->nr_locals = 0;
	/* 1: they kept changing, and news of that will follow. */
	if (dvpn_link_addrs(t->link.ifindex, &addrs, &n) < 0) {
		log_line(LOG_WARNING, t->cfg.name, "addresses", "cannot be read");
		if (now) {
			memcpy(cfg->locals, now->locals, sizeof(cfg->locals));
			cfg->nr_locals = now->nr_locals;
		}
		return;
	}
	for (i = 0; i < n; i++) {
		if (cfg->nr_locals == NHRP_LOCALS_MAX) {
			log_line(LOG_WARNING, t->cfg.name, "addresses",
				 "only the first %d of %zu addresses are registered",
				 NHRP_LOCALS_MAX, n);
			break;
		}
		addr_to_nhrp(&cfg->locals[cfg->nr_locals].addr, &addrs[i].addr);
		cfg->locals[cfg->nr_locals++].plen = addrs[i].prefixlen;
	}
	free(addrs);
}

static void fill_names(const struct tunnel *t, struct nhrp_tunnel_config *cfg)
{
	unsigned int i;

	for (i = 0; i < cfg->nr_hubs; i++)
		if (*cfg->hubs[i].name)
			names_get(t->d->names, t->vrf, &cfg->hubs[i]);
}

/* Where spokes are tells nobody how IKE finds them: their packets stay on the hub's path. */
static bool stays_on_hubs(const struct tunnel *t)
{
	const struct config_ipsec *section = config_ipsec_find(t->d->cfg, t->cfg.ipsec_profile);

	return section && section->mode == CONFIG_IPSEC_TUNNEL;
}

void core_config_fill(const struct tunnel *t, struct nhrp_tunnel_config *cfg)
{
	*cfg = t->cfg.core;
	fill_locals(t, cfg);
	fill_names(t, cfg);
	nbma_fill(t, t->nhrp ? nhrp_tunnel_config(t->nhrp) : NULL, cfg);
	cfg->domain = t->link.domain;
	cfg->vrf = t->link.master;
	cfg->starts_ike = *t->cfg.ipsec_profile;
	if (stays_on_hubs(t))
		cfg->shortcut = false;
	cfg->mtu = t->link.mtu < UINT16_MAX ? t->link.mtu : UINT16_MAX;
}

/* The core need not have the config before: it is not told of one that cannot be made. */
static struct nhrp_addr place_of(const struct tunnel *t, const struct nhrp_hub *hub)
{
	const struct nhrp_tunnel_config *now = nhrp_tunnel_config(t->nhrp);
	unsigned int i;

	for (i = 0; i < now->nr_hubs; i++)
		if (nhrp_hub_is(&now->hubs[i], hub->name, &hub->peer))
			return now->hubs[i].peer.nbma;
	return hub->peer.nbma;
}

/* Where the hub of a section is, which had an address or another name till now. */
static void keep_place(const struct tunnel *t, const char *section, struct nhrp_hub *next)
{
	unsigned int i;

	for (i = 0; i < t->cfg.core.nr_hubs; i++)
		if (!strcmp(t->cfg.hub_names[i], section))
			next->peer.nbma = place_of(t, &t->cfg.core.hubs[i]);
}

void core_config_keep_places(const struct tunnel *t, struct config_tunnel *next)
{
	unsigned int i;

	for (i = 0; t->nhrp && i < next->core.nr_hubs; i++)
		if (*next->core.hubs[i].name)
			keep_place(t, next->hub_names[i], &next->core.hubs[i]);
}
