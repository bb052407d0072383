/* SPDX-License-Identifier: GPL-2.0 */
/* Ending security associations that no peer is left for */
#ifndef DVPND_SAS_END_H
#define DVPND_SAS_END_H

#include "dvpnd/charon.h"
#include "dvpnd/sas.h"

/* There is a peer at @nbma, reached by @port (0: GRE) or, if @any, by any. */
void sas_want(struct sas *sas, const struct nhrp_addr *nbma, u16 port, bool any, u64 now_ms);

/* Who the peers of that profile are is not known. */
void sas_want_all(struct sas *sas, const char *profile, u64 now_ms);

/* Ask the IKE daemon to end those that were not wanted for a while. */
void sas_end_unwanted(struct sas *sas, struct charon *charon, u64 now_ms);

#endif /* DVPND_SAS_END_H */
