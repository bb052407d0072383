/* SPDX-License-Identifier: GPL-2.0 */
/* Networks whose spokes have keys of their own. */
#ifndef SIM_IDENTITIES_H
#define SIM_IDENTITIES_H

#include "signed.h"

#define GROUP_KEY	500
#define SPOKE_KEY(i)	(300 + (i))	/* of spoke i, from 0 */
#define NEXT_KEY(i)	(400 + (i))	/* takes its place */

/*
 * A hub that knows spoke i as identity "spoke1" and so on, whose key only these two have.
 * All have the group key, which says nothing for a hub.
 */
void identities_build(struct sim_net *net, u64 seed, unsigned int spokes);
void identities_free(struct sim_net *net);

/* The hub's identity of spoke i, for a change of what is configured. */
struct nhrp_identity *identity_of(struct sim_net *net, unsigned int i);
/* It may claim this one, too; the first one takes the place of "anything". */
void may_claim(struct sim_net *net, unsigned int i, const char *prefix);
/* A key as the others have it. */
void set_key(struct nhrp_key *key, u16 id);

/* What the hub tells of @proto; prefix length 0: it is not registered. */
struct nhrp_binding_info binding_of(struct sim_net *net, const char *proto);
/* Whose it is, "": nobody's; it must be registered. */
void assert_owner(struct sim_net *net, const char *proto, const char *name);

/* A registration request of @proto from @nbma arrives at the hub, signed with this key. */
void claim_with(struct sim_net *net, u16 key_id, const char *proto, const char *nbma,
		u16 hold_s);
/* As if from @from: any message, signed with this key for @to by @hop. */
void send_signed(struct sim_node *to, const char *from, struct nhrp_msg *msg, u16 key_id,
		 const char *hop);

#endif
