/* SPDX-License-Identifier: GPL-2.0 */
/* Networks whose members sign with HMACs, and what they have sent. */
#ifndef SIM_SIGNED_H
#define SIM_SIGNED_H

#include "nhrp/packet.h"
#include "test.h"

#define KEY_ID		300
/* Who has no key, or sends what others have sent. */
#define STRANGER	"203.0.113.66"
#define RECORDS_MAX	256

/* NHRP packets on the wire, as sent. */
struct record {
	u8 data[NHRP_PKT_MAX];
	size_t len;
	struct nhrp_addr from, to;
};

extern struct record records[RECORDS_MAX];
extern unsigned int nr_records;

/* Starts all nodes and keeps what they send in this time, nothing of before or after. */
void start_recorded(struct sim_net *net, u64 ms);
/* For sim->drop: keeps what is sent, drops nothing. */
bool record_frame(struct sim *sim, const struct sim_packet *p);
/* The first one of this type from there; not a registration with whoever is the hub. */
const struct record *find_record(enum nhrp_type type, const char *from);
/* Is that a registration with whoever is the hub there? */
bool names_nobody(const struct record *r);
/* It arrives again, at @to, as if sent from @from. */
void replay(const struct record *r, struct sim_node *to, const char *from);

/* One more key, and this one as the only one. */
void add_key(struct nhrp_tunnel_config *cfg, u16 id, const char *secret);
void use_hmac(struct nhrp_tunnel_config *cfg, const char *secret);
/* A hub and spokes that have the same key, none started. */
void signed_build(struct sim_net *net, u64 seed, unsigned int spokes);
/* As if none of them were told the address of the hub. */
void forget_hub(struct sim_net *net);
/* What was changed in its config holds. */
void reconfigure(struct sim_node *n);

/* Where the hub sends packets to @proto. */
void assert_locator(struct sim_net *net, const char *proto, const char *nbma);
/* Of a counter of all nodes. */
u64 sum_of(const struct sim_net *net, enum nhrp_counter c);
/* Senders that a node has heard, which nothing shows. */
size_t nr_replays(const struct sim_node *n);

#endif
