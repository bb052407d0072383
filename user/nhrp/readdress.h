/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses of our own that come, go or change. */
#ifndef NHRP_READDRESS_H
#define NHRP_READDRESS_H

#include "nhrp/core.h"

bool nhrp_nbma_moved(const struct nhrp_tunnel_config *old,
		     const struct nhrp_tunnel_config *now, u8 family);
void nhrp_readdress_before(struct nhrp_tunnel *t,
			   const struct nhrp_tunnel_config *next, u64 now);
void nhrp_readdress_after(struct nhrp_tunnel *t,
			  const struct nhrp_tunnel_config *old, u64 now);

#endif
