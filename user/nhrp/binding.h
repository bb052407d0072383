/* SPDX-License-Identifier: GPL-2.0 */
/* Bindings: who is registered with us, and from where. */
#ifndef NHRP_BINDING_H
#define NHRP_BINDING_H

#include "nhrp/core.h"
#include "nhrp/ratelimit.h"
#include "nhrp/table.h"
#include "nhrp/timer.h"

struct nhrp_requester;
struct nhrp_rx;
struct nhrp_verify;

/* A client of ours has 8 addresses; nobody needs all that are free. */
#define NHRP_LOCATOR_USERS_MAX	16
#define NHRP_REQUESTERS_MAX	64	/* remembered per binding, for purges */

/**
 * struct nhrp_locator - an NBMA endpoint that spokes registered from
 * @node: in nhrp_tunnel.locators
 * @key: the endpoint
 * @claimed: NBMA address that its first user says it has
 * @users: bindings that point here
 * @here: of each family those of them, the one that was refreshed last first
 * @limit: of what is received from here
 */
struct nhrp_locator {
	struct nhrp_node node;
	struct nhrp_peer_key key;
	struct nhrp_addr claimed;
	unsigned int users;
	struct nhrp_binding *here[2];
	struct nhrp_bucket limit;
};

/**
 * struct nhrp_binding - a registered spoke
 * @node: in nhrp_tunnel.bindings
 * @t: its tunnel
 * @proto: its protocol address
 * @locator: where it is
 * @next_here: next in &nhrp_locator.here
 * @claimed: NBMA address it says it has
 * @identity: whose it is, NULL: whoever is there
 * @key_id: of @identity's key that it last signed with, 0: none
 * @ike_owner: nhrp_ike_owner() of who registered it; 0: nobody's, or an @identity's
 * @heard: it was registered in this life of ours, so what moves it is newer
 * @rival: who was refused it, or NULL
 * @rival_from: from where
 * @rival_at: when
 * @unique: it asked to be unique
 * @provisional: restored from a file: it leads there and owns nothing
 * @hold_s: granted
 * @long_hold: it was told of that this is above the tunnel's most
 * @request_id: of its last request
 * @repeats: how often that came again
 * @created_at: first registration
 * @moved_at: when it last changed its locator, 0: never
 * @won_at: when it last did because the last one wins, 0: never
 * @expires_at: end of its holding time
 * @timer: at @expires_at
 * @requesters: who was told of it
 * @nr_requesters: how many
 * @size_requesters: room in @requesters
 * @verify: somebody else claims it, or NULL
 */
struct nhrp_binding {
	struct nhrp_node node;
	struct nhrp_tunnel *t;
	struct nhrp_addr proto;
	struct nhrp_locator *locator;
	struct nhrp_binding *next_here;
	struct nhrp_addr claimed;
	struct nhrp_identity *identity;
	u16 key_id;
	u64 ike_owner;
	bool heard;
	struct nhrp_identity *rival;
	struct nhrp_peer_key rival_from;
	u64 rival_at;
	bool unique;
	bool provisional;
	u16 hold_s;
	bool long_hold;
	u32 request_id;
	unsigned int repeats;
	u64 created_at;
	u64 moved_at;
	u64 won_at;
	u64 expires_at;
	struct nhrp_timer timer;
	struct nhrp_requester *requesters;
	unsigned int nr_requesters;
	unsigned int size_requesters;
	struct nhrp_verify *verify;
};

/* binding.c */
struct nhrp_binding *nhrp_binding_find(struct nhrp_tunnel *t,
				       const struct nhrp_addr *proto);
struct nhrp_locator *nhrp_locator_find(struct nhrp_tunnel *t,
				       const struct nhrp_peer_key *key);
struct nhrp_binding *nhrp_binding_new(struct nhrp_tunnel *t,
				      const struct nhrp_addr *proto,
				      const struct nhrp_peer_key *key,
				      const struct nhrp_addr *claimed, u64 now);
int nhrp_binding_move(struct nhrp_binding *b, const struct nhrp_peer_key *key,
		      const struct nhrp_addr *claimed, u64 now);
void nhrp_binding_refresh(struct nhrp_binding *b, u64 expires_at);
void nhrp_binding_set(struct nhrp_binding *b, u64 now);
void nhrp_binding_told(struct nhrp_binding *b, const struct nhrp_addr *asker,
		       const struct nhrp_prefix *prefix, u64 until_ms, u64 now);
void nhrp_binding_purge_told(struct nhrp_binding *b, u64 now);
/* @t leaves: of bindings of its domain's other tunnels those behind it will hear no more. */
void nhrp_bindings_purge_behind(struct nhrp_tunnel *t, u64 now);
void nhrp_binding_gone(struct nhrp_binding *b, const char *why, u64 now);
void nhrp_binding_free(struct nhrp_binding *b);

/* restore.c */
void nhrp_save_by(struct nhrp_tunnel *t, u64 at_ms);
void nhrp_binding_provisional(struct nhrp_binding *b, bool provisional);
void nhrp_binding_confirm(struct nhrp_binding *b);
bool nhrp_locator_provisional(struct nhrp_tunnel *t,
			      const struct nhrp_locator *l);
bool nhrp_provisional_yield(const struct nhrp_rx *rx, const struct nhrp_locator *l);
bool nhrp_provisional_evict(const struct nhrp_rx *rx);

#endif
