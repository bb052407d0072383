/* SPDX-License-Identifier: GPL-2.0 */
/* What was found in the kernel and is not ours: mappings of the administrator. */
#ifndef NHRP_ADOPT_H
#define NHRP_ADOPT_H

#include "nhrp/core.h"
#include "nhrp/table.h"

/**
 * struct nhrp_foreign - a mapping of the administrator, not ours to touch
 * @node: in nhrp_tunnel.foreign, by @prefix
 * @prefix: what it maps
 * @peer: where it leads
 */
struct nhrp_foreign {
	struct nhrp_node node;
	struct nhrp_prefix prefix;
	struct nhrp_peer_key peer;
};

void nhrp_foreign_free_all(struct nhrp_tunnel *t);
bool nhrp_foreign_has(struct nhrp_tunnel *t, const struct nhrp_prefix *prefix);

#endif
