/* SPDX-License-Identifier: GPL-2.0 */
/* Messages that are for others. */
#ifndef NHRP_TRANSIT_H
#define NHRP_TRANSIT_H

#include "nhrp/core.h"

struct nhrp_rx;

/**
 * struct nhrp_way - the next one on the way of a message
 * @t: tunnel that leads there: the one it came by, or another one of its domain
 * @to: there
 */
struct nhrp_way {
	struct nhrp_tunnel *t;
	struct nhrp_peer_key to;
};

bool nhrp_speaks_for(const struct nhrp_rx *rx, const struct nhrp_addr *proto);
bool nhrp_transit_next(struct nhrp_rx *rx, const struct nhrp_addr *dst,
		       struct nhrp_way *way);
bool nhrp_transit_purge(struct nhrp_tunnel *t, const struct nhrp_addr *dst,
			struct nhrp_way *way, u64 now);
void nhrp_transit_forward(struct nhrp_rx *rx, const struct nhrp_way *way);
void nhrp_transit_reply(struct nhrp_rx *rx);

#endif
