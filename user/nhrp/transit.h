/* SPDX-License-Identifier: GPL-2.0 */
/* Messages that are for others. */
#ifndef NHRP_TRANSIT_H
#define NHRP_TRANSIT_H

#include "nhrp/core.h"

struct nhrp_rx;

bool nhrp_speaks_for(const struct nhrp_rx *rx, const struct nhrp_addr *proto);
bool nhrp_transit_next(struct nhrp_rx *rx, const struct nhrp_addr *dst,
		       struct nhrp_peer_key *to);
bool nhrp_transit_purge(struct nhrp_tunnel *t, const struct nhrp_addr *dst,
			struct nhrp_peer_key *to, u64 now);
void nhrp_transit_forward(struct nhrp_rx *rx, const struct nhrp_peer_key *to);
void nhrp_transit_reply(struct nhrp_rx *rx);

#endif
