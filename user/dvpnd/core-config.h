/* SPDX-License-Identifier: GPL-2.0 */
/* What the core is told of a tunnel: what is configured, and what its device has */
#ifndef DVPND_CORE_CONFIG_H
#define DVPND_CORE_CONFIG_H

#include "dvpnd/config.h"
#include "nhrp/core.h"

struct tunnel;

/**
 * core_config_fill() - the configuration for the core
 * @t: tunnel, with its link.
 * @cfg: filled. It may be one that cannot be: see nhrp_tunnel_config_check().
 *
 * With addresses of the device, our own on the underlay, and where names of hubs lead.
 */
void core_config_fill(const struct tunnel *t, struct nhrp_tunnel_config *cfg);

/**
 * core_config_keep_places() - where hubs are whose names are not known yet
 * @t: tunnel, with the configuration that it has had till now.
 * @next: the one that it gets. A hub of it that has a name is where the hub of the
 *	same section was.
 */
void core_config_keep_places(const struct tunnel *t, struct config_tunnel *next);

#endif /* DVPND_CORE_CONFIG_H */
