/* SPDX-License-Identifier: GPL-2.0 */
/* Networks with hubs that have names: the daemon says where a name leads to. */
#ifndef SIM_NAMED_H
#define SIM_NAMED_H

#include "test.h"

#define HUB	"192.168.50.1"
#define MOVED	"192.168.50.77"
#define DEAD	"192.168.50.200"

/* The first hub of @n has a name in place of an address. */
void named(struct sim_node *n);
/* A name server has answered, which changes nothing else. */
void hub_leads_to(struct nhrp_hub *hub, const char *first, const char *second);
/* It has answered of the first hub, and @n is told, if it runs. */
void leads_to(struct sim_node *n, const char *first, const char *second);
/* A hub and spokes, none started; the first one knows the hub by its name. */
void named_build(struct sim_net *net, unsigned int spokes, const char *first,
		 const char *second);
/* Two hubs, each of a name of its own, and a spoke; all run. It is the second one. */
struct sim_node *named_build_two(struct sim_net *net, const char *first,
				 const char *second);

void moves_to(struct sim_node *n, const char *to);
void hub_moves(struct sim_net *net, const char *to);

/* Does @n send what is for @proto, or for the first hub, to @nbma? */
bool proto_is_at(struct sim_node *n, const char *proto, const char *nbma);
bool is_at(struct sim_node *n, const char *nbma);
/* Of the first hub. */
struct nhrp_nhs_info first_info(const struct sim_node *n);
/* Hubs of which it is not known where they are. */
unsigned int nowhere(const struct sim_node *n);
/* Addresses that are asked beside those in use. */
unsigned int trials(const struct sim_node *n);

/* One a second from the first spoke to the hub. */
void pings_arrive(struct sim_net *net, unsigned int count);

#endif
