/* SPDX-License-Identifier: GPL-2.0 */
/* Hubs of the configuration: which of them are used, and their mappings. */
#ifndef NHRP_HUB_H
#define NHRP_HUB_H

#include "nhrp/core.h"

struct nhrp_cookie;
struct nhrp_reg;

/**
 * struct nhrp_hubstate - what becomes of a hub of the configuration
 * @nr: its place in the configuration
 * @peer: its locator
 * @trial: another one that is asked beside it, NBMA family 0: none
 * @trials: how many were before that one, in vain
 * @next_at: when the next one takes its turn, 0: not seen that it has to
 * @priority: the lowest is the best
 * @standby: not to be registered with, as enough better ones work
 * @was_down: it did not answer or refused, and has not worked since
 * @adopted_up: a mapping of it was found in use when we started
 * @usable_at: it works again, and this is when it is used again; 0: it is
 */
struct nhrp_hubstate {
	unsigned int nr;
	struct nhrp_peer_key peer;
	struct nhrp_peer_key trial;
	unsigned int trials;
	u64 next_at;
	u8 priority;
	bool standby;
	bool was_down;
	bool adopted_up;
	u64 usable_at;
};

/**
 * struct nhrp_hubmap - the mapping of a hub as we last set it
 * @set: it is in the kernel
 * @map: so
 */
struct nhrp_hubmap {
	bool set;
	struct nhrp_map map;
};

#define NHRP_HUBMAPS_MAX	(NHRP_HUBS_MAX * 2)

/* hub.c */
void nhrp_hub_update(struct nhrp_tunnel *t);
void nhrp_hub_start(struct nhrp_tunnel *t);
void nhrp_hub_follow(struct nhrp_tunnel *t, u64 now);
void nhrp_hub_use_now(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer,
		      u64 now);
void nhrp_hub_adopt(struct nhrp_reg *reg, bool probation);
struct nhrp_hubstate *nhrp_hub_of(struct nhrp_tunnel *t,
				  const struct nhrp_reg *reg);
bool nhrp_hub_was_down(const struct nhrp_reg *reg);
bool nhrp_hub_held(const struct nhrp_reg *reg);
bool nhrp_hub_active(const struct nhrp_reg *reg);
bool nhrp_hub_gets_multicast(const struct nhrp_reg *reg);
bool nhrp_hub_is_down(const struct nhrp_tunnel *t,
		      const struct nhrp_hubstate *hub);
bool nhrp_hub_trial_works(const struct nhrp_tunnel *t,
			  const struct nhrp_hubstate *hub);
bool nhrp_hub_trial_is_down(const struct nhrp_tunnel *t,
			    const struct nhrp_hubstate *hub);

/* hubmap.c */
void nhrp_hubmap_sync(struct nhrp_tunnel *t, bool force);
int nhrp_hubmap_adopt(struct nhrp_tunnel *t, const struct nhrp_map *map,
		      const struct nhrp_cookie *cookie, u64 now);
void nhrp_hubmap_forget(struct nhrp_tunnel *t);

#endif
