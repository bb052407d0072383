/* SPDX-License-Identifier: GPL-2.0 */
/* What may be mapped, and where to. */
#ifndef NHRP_POLICY_H
#define NHRP_POLICY_H

#include "nhrp/core.h"

enum nhrp_counter nhrp_policy_nbma(const struct nhrp_tunnel *t,
				   const struct nhrp_addr *nbma);
/* Is it an address that members of this tunnel have? */
bool nhrp_policy_member(const struct nhrp_tunnel *t, const struct nhrp_addr *proto);
enum nhrp_counter nhrp_policy_claim(struct nhrp_tunnel *t,
				    const struct nhrp_addr *proto,
				    const struct nhrp_addr *claimed,
				    const struct nhrp_peer_key *from);
enum nhrp_counter nhrp_policy_shortcut(struct nhrp_tunnel *t,
				       const struct nhrp_prefix *prefix,
				       const struct nhrp_peer_key *peer);
enum nhrp_counter nhrp_policy_prefix(struct nhrp_tunnel *t,
				     const struct nhrp_addr *target,
				     const struct nhrp_peer_key *peer,
				     struct nhrp_prefix *prefix,
				     struct nhrp_route *route);

#endif
