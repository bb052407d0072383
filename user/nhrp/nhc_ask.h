/* SPDX-License-Identifier: GPL-2.0 */
/* What nhc_reply.c needs of nhc.c. */
#ifndef NHRP_NHC_ASK_H
#define NHRP_NHC_ASK_H

#include "nhrp/types.h"

struct nhrp_reg;

/* So seldom a hint makes us ask, and so far that is spread. */
#define NHRP_HINT_SPREAD_MS	1000

/* Send the request now, for the first time or again. */
void nhrp_nhc_send(struct nhrp_reg *reg, u64 now);
/* Move the next request forward. */
void nhrp_nhc_soon(struct nhrp_reg *reg, u64 within_ms, u64 now);
/* Wait until it is to be refreshed, or the hub to be probed. */
void nhrp_nhc_wait_refresh(struct nhrp_reg *reg, u64 now);

#endif
