/* SPDX-License-Identifier: GPL-2.0 */
/* Our own addresses on the underlay, of which a device need not have any */
#ifndef DVPND_NBMA_H
#define DVPND_NBMA_H

#include "nhrp/core.h"

struct tunnel;

/**
 * nbma_fill() - where are we?
 * @t: tunnel, with its link.
 * @now: configuration that its core has, or NULL.
 * @cfg: the next one, of which all but @nbma is there.
 *
 * That is what the device has as local address, or else what packets to a hub have
 * as source.
 */
void nbma_fill(const struct tunnel *t, const struct nhrp_tunnel_config *now,
	       struct nhrp_tunnel_config *cfg);

/**
 * nbma_find_vrf() - which VRF is the underlay in?
 * @t: tunnel, with its link; its @vrf is set.
 */
void nbma_find_vrf(struct tunnel *t);

#endif /* DVPND_NBMA_H */
