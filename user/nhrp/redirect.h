/* SPDX-License-Identifier: GPL-2.0 */
/* Redirects: traffic indications that come, and that we send. */
#ifndef NHRP_REDIRECT_H
#define NHRP_REDIRECT_H

#include "nhrp/core.h"

struct nhrp_rx;

void nhrp_redirect_rx(struct nhrp_rx *rx);
void nhrp_hint(struct nhrp_tunnel *t, const struct nhrp_peer_key *to, size_t len,
	       u8 proto_family, u64 now);

#endif
