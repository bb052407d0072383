/* SPDX-License-Identifier: GPL-2.0 */
/* Redirects: traffic indications that come, and that we send. */
#ifndef NHRP_REDIRECT_H
#define NHRP_REDIRECT_H

#include "nhrp/core.h"

struct nhrp_rx;

/* Of an inner packet; returns the length of its header, 0: it is no IP packet. */
size_t nhrp_inner_addrs(const u8 *p, size_t len, struct nhrp_addr *src,
			struct nhrp_addr *dst);
void nhrp_redirect_rx(struct nhrp_rx *rx);
void nhrp_hint(struct nhrp_tunnel *t, const struct nhrp_peer_key *to, size_t len,
	       u8 proto_family, u64 now);

#endif
