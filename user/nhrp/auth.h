/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Authentication of messages, hop by hop, and what is remembered to notice one that
 * was sent before
 */
#ifndef NHRP_AUTH_H
#define NHRP_AUTH_H

#include "nhrp/core.h"
#include "nhrp/table.h"

struct nhrp_identity;
struct nhrp_key;
struct nhrp_msg;
struct nhrp_reg;
struct nhrp_rx;

/**
 * struct nhrp_replay - what was received of a sender
 * @node: in nhrp_tunnel.replays
 * @hop: its protocol address, as it signs with
 * @key_id: key that it signs with
 * @identity: whose key that is, NULL: a group's
 * @epoch: newest life of it
 * @top: highest counter in @epoch
 * @window: bit N: @top - N was received
 * @heard_at: when the last one was received
 */
struct nhrp_replay {
	struct nhrp_node node;
	struct nhrp_addr hop;
	u16 key_id;
	struct nhrp_identity *identity;
	u32 epoch;
	u32 top;
	u64 window;
	u64 heard_at;
};

/* auth_mode.c */
/* What holds for who comes from there and is no identity with a password. */
enum nhrp_auth_mode nhrp_auth_place(const struct nhrp_tunnel *t,
				    const struct nhrp_peer_key *peer);
/* What holds for what is sent to there. */
enum nhrp_auth_mode nhrp_auth_mode_at(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer);
const char *nhrp_auth_password_at(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer);
/* Are there identities with a password, where others sign? */
bool nhrp_auth_has_clear(const struct nhrp_tunnel *t);
/* The one with a password that has all that is registered from there, or NULL. */
struct nhrp_identity *nhrp_auth_clear_at(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer);
/* Did an identity say its password, where others sign? */
bool nhrp_auth_is_clear(const struct nhrp_rx *rx);
/* What @rx was taken by. */
enum nhrp_auth_mode nhrp_auth_mode_rx(const struct nhrp_rx *rx);
/* Was of @rx required what is required of @hub? */
bool nhrp_auth_as_from(const struct nhrp_rx *rx, const struct nhrp_hub *hub);
/* The same, of whoever is at @peer. */
bool nhrp_auth_answers(const struct nhrp_rx *rx, const struct nhrp_peer_key *peer);
/* Was of @rx no less required than is of @peer? Else it is not to go on there, or be its. */
bool nhrp_auth_reaches(const struct nhrp_rx *rx, struct nhrp_tunnel *t,
		       const struct nhrp_peer_key *peer);
/* Was of @rx no less required than is of a hub that has the address @proto, if one has? */
bool nhrp_auth_may_be(const struct nhrp_rx *rx, const struct nhrp_addr *proto);
/* Is what the hub of @reg gets from us another authentication than under @old? */
bool nhrp_auth_moved(const struct nhrp_reg *reg, const struct nhrp_tunnel_config *old);

/* auth_sa.c */
/* What IKE says of who sent @rx, who has signed as its identity, if it has one. */
enum nhrp_counter nhrp_auth_sa(struct nhrp_rx *rx);

/* auth.c */
/* The key of this id, and whose it is, NULL: a group's. NULL: it is not configured. */
const struct nhrp_key *nhrp_auth_key(const struct nhrp_tunnel *t, u16 id,
				     struct nhrp_identity **identity);
void nhrp_auth_begin(struct nhrp_tunnel *t, u64 now);
/* No more epochs of a tunnel than seconds: they must not run ahead of the clock. */
#define NHRP_EPOCH_MIN_MS	1000

/*
 * Somebody does not hear us, who may take what we sign for old. It becomes newer, unless it has
 * since @after_ms.
 */
void nhrp_auth_not_heard(struct nhrp_tunnel *t, u64 after_ms, u64 now);
/* After a change of the configuration, before anything is sent. */
void nhrp_auth_changed(struct nhrp_tunnel *t,
		       const struct nhrp_tunnel_config *old, u64 now);
u32 nhrp_auth_counter(struct nhrp_tunnel *t, const struct nhrp_peer_key *to);
/* NHRP_C_NONE: it is good, and @rx says who signed it; else why it is not. */
enum nhrp_counter nhrp_auth_check(struct nhrp_rx *rx);
/*
 * Who signed a message that was good and had to wait; false: nobody who may any more, as
 * the key is another one or gone. That is counted.
 */
bool nhrp_auth_recall(struct nhrp_rx *rx);
/* Is it one of those that are not signed where all others are? */
bool nhrp_auth_has_no_place(const struct nhrp_rx *rx);
/* Is it a registration that is signed for whoever is the hub there? */
bool nhrp_auth_names_nobody(const struct nhrp_rx *rx);
/* A reply is for the hop that signed what it answers. */
void nhrp_auth_reply(const struct nhrp_rx *rx, struct nhrp_msg *reply);
/*
 * As nhrp_encode(), for the next hop @to; -EAFNOSUPPORT: we have no address of that
 * family to sign with; -EDESTADDRREQ: it is not known who is there; -ENOKEY: we have no
 * key for it.
 */
int nhrp_auth_encode(struct nhrp_tunnel *t, struct nhrp_msg *msg,
		     const struct nhrp_peer_key *to, u8 *pkt, size_t size);

/* replay.c */
bool nhrp_replay_window(struct nhrp_replay *r, u32 epoch, u32 counter);
enum nhrp_counter nhrp_replay_check(struct nhrp_tunnel *t, u16 key_id,
				    const struct nhrp_addr *hop, u32 epoch,
				    u32 counter);
/* After a change of keys; @before: the identities as they were. */
void nhrp_replay_changed(struct nhrp_tunnel *t,
			 const struct nhrp_identities *before);
/* All of it, and before the identities go. */
void nhrp_replay_forget(struct nhrp_tunnel *t);

/* Who owns what comes by this IKE identity, which no identity has; 0: nobody. @ike: or NULL. */
u64 nhrp_ike_owner(const char *ike);

#endif
