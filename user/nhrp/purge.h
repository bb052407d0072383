/* SPDX-License-Identifier: GPL-2.0 */
/* Purges that we send, and that come. */
#ifndef NHRP_PURGE_H
#define NHRP_PURGE_H

#include "nhrp/core.h"

struct nhrp_rx;

#define NHRP_PURGES_MAX		4096	/* outstanding, per tunnel */

void nhrp_purge_send(struct nhrp_tunnel *t, const struct nhrp_peer_key *to,
		     const struct nhrp_addr *src, const struct nhrp_addr *dst,
		     const struct nhrp_prefix *prefix, u32 id, u64 now);
void nhrp_purge_cancel(struct nhrp_tunnel *t, const struct nhrp_peer_key *to,
		       const struct nhrp_addr *src);
void nhrp_purge_request(struct nhrp_rx *rx);
bool nhrp_purge_awaits(const struct nhrp_rx *rx);
void nhrp_purge_reply(struct nhrp_rx *rx);
void nhrp_purge_free_all(struct nhrp_tunnel *t);

#endif
