/* SPDX-License-Identifier: GPL-2.0 */
/* A spoke with a hub and worse ones, each of which leads to the same network. */
#ifndef SIM_SPARES_H
#define SIM_SPARES_H

#include "test.h"

#define HOLD_DOWN_S	20
#define SPARES_MAX	2

/* The worse ones, 192.168.111.9 and .10, and their protocol addresses. */
extern struct sim_node *spare[SPARES_MAX];
extern const char * const spare_proto[SPARES_MAX];

/* With so many worse ones, none started; the spoke is net->spoke[0]. */
void spares_build(struct sim_net *net, u64 seed, unsigned int spares);
/* All agents, and a second for them. */
void spares_start(struct sim_net *net, unsigned int spares);
/* Two hubs and the spoke have a link-local address each, too. */
void add_link_local(struct sim_net *net);
/* A hub that was off comes back. */
void power_on(struct sim_node *hub);
/* Pings for so long, and all of them reach this hub. */
void all_go_to(struct sim_net *net, struct sim_node *hub, unsigned int ms);
/* For how long do pings from now on not reach it, 20 s at most? */
unsigned int ms_until(struct sim_net *net, struct sim_node *hub);
/* How the spoke sees its hub of this number. */
struct nhrp_nhs_info seen(struct sim_net *net, unsigned int nth);

#endif
