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

/* Does our route to @proto lead to who sent this, who is registered here? */
bool nhrp_is_behind(const struct nhrp_rx *rx, const struct nhrp_addr *proto);
bool nhrp_speaks_for(const struct nhrp_rx *rx, const struct nhrp_addr *proto);
bool nhrp_transit_next(struct nhrp_rx *rx, const struct nhrp_addr *dst,
		       struct nhrp_way *way);
bool nhrp_transit_purge(struct nhrp_tunnel *t, const struct nhrp_addr *dst,
			struct nhrp_way *way, u64 now);
void nhrp_transit_forward(struct nhrp_rx *rx, const struct nhrp_way *way);
/* Count and log a question or an answer about @proto of somebody who does not own it. */
void nhrp_transit_refuse(const struct nhrp_rx *rx, const char *what,
			 const struct nhrp_addr *proto);
void nhrp_transit_reply(struct nhrp_rx *rx);

#endif
