/* SPDX-License-Identifier: GPL-2.0 */
/* A spoke, 192.168.111.2, that is registered with a hub and moves. */
#ifndef SIM_MOVES_H
#define SIM_MOVES_H

#include "test.h"

/* A hub that decides so and two spokes, registered; net->spoke[0] is the one that moves. */
void moves_begin(struct sim_net *net, u64 seed, enum nhrp_unique unique);
/* It has another NBMA address, the old one is dead. */
void moves_to(struct sim_net *net, const char *nbma);
/* Is that where the hub has it? */
bool hub_sends_to(struct sim_net *net, const char *nbma);

#endif
