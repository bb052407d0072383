/* SPDX-License-Identifier: GPL-2.0 */
/* Hubs that have a name: at which of its addresses they are. */
#ifndef NHRP_CANDIDATE_H
#define NHRP_CANDIDATE_H

#include "nhrp/core.h"

struct nhrp_hubstate;
struct nhrp_reg;

void nhrp_candidate_merge(struct nhrp_tunnel_config *cfg,
			  const struct nhrp_tunnel_config *old);
void nhrp_candidate_adopt(struct nhrp_tunnel *t, const struct nhrp_map *map,
			  u64 now);
u64 nhrp_candidate_due(struct nhrp_tunnel *t, u64 now);
void nhrp_candidate_choose(struct nhrp_tunnel *t, u64 now);
struct nhrp_hubstate *nhrp_candidate_of(struct nhrp_tunnel *t,
					const struct nhrp_reg *reg);
void nhrp_candidate_answered(struct nhrp_reg *reg, u64 now);

#endif
