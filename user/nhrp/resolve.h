/* SPDX-License-Identifier: GPL-2.0 */
/* Resolutions: who is the exit for a destination, asked and answered. */
#ifndef NHRP_RESOLVE_H
#define NHRP_RESOLVE_H

#include "nhrp/core.h"
#include "nhrp/request.h"
#include "nhrp/table.h"
#include "nhrp/timer.h"

struct nhrp_msg;
struct nhrp_rx;

/* What a resolution is for. */
#define NHRP_FOR_DATA	0x1	/* a shortcut */
#define NHRP_FOR_CLAIM	0x2	/* is this claim of a stranger true? */
#define NHRP_FOR_MISS	0x4	/* the kernel has no mapping */
#define NHRP_FOR_RENEW	0x8	/* a shortcut that is there already */

/**
 * enum nhrp_resolution_state - life of a resolution
 * @NHRP_RESOLUTION_ASKING: a request is outstanding
 * @NHRP_RESOLUTION_NEGATIVE: nobody could tell; not asked for a while
 * @NHRP_RESOLUTION_IDLE: may be asked again; remembers its failures
 */
enum nhrp_resolution_state {
	NHRP_RESOLUTION_ASKING,
	NHRP_RESOLUTION_NEGATIVE,
	NHRP_RESOLUTION_IDLE,
};

/**
 * struct nhrp_resolution - a question to the hub, or its negative answer
 * @node: in nhrp_tunnel.resolutions, by @target
 * @t: its tunnel
 * @target: protocol address asked for
 * @purpose: NHRP_FOR_*
 * @req: outstanding request
 * @timer: next try, or the end of the negative time
 * @tries: requests sent
 * @started_at: when
 * @no_sa: requests that had no security association to go by, since it began or
 *	the last one that came about
 * @state: see there
 * @failures: negative answers in a row
 * @unreachable_set: the kernel has a negative entry of ours
 * @reason: why it is negative, a constant text
 * @hub: who was asked
 */
struct nhrp_resolution {
	struct nhrp_node node;
	struct nhrp_tunnel *t;
	struct nhrp_addr target;
	unsigned int purpose;
	struct nhrp_request req;
	struct nhrp_timer timer;
	unsigned int tries;
	u64 started_at;
	unsigned int no_sa;
	enum nhrp_resolution_state state;
	unsigned int failures;
	bool unreachable_set;
	const char *reason;
	struct nhrp_peer_key hub;
};

/* resolve.c */
struct nhrp_resolution *nhrp_resolve(struct nhrp_tunnel *t,
				     const struct nhrp_addr *target,
				     unsigned int purpose, u64 now);
void nhrp_resolve_reply(struct nhrp_rx *rx);
void nhrp_resolve_error(struct nhrp_rx *rx, struct nhrp_resolution *r, u16 code);
void nhrp_resolve_tx_result(struct nhrp_resolution *r, int error, u64 now);
void nhrp_resolve_kick(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer,
		       u64 now);
struct nhrp_resolution *nhrp_resolution_find(struct nhrp_tunnel *t,
					     const struct nhrp_addr *target);
void nhrp_resolution_free(struct nhrp_resolution *r);
bool nhrp_resolution_msg(struct nhrp_tunnel *t, struct nhrp_msg *msg,
			 const struct nhrp_peer_key *to,
			 const struct nhrp_addr *target, u32 id);

/* answer.c */
void nhrp_answer_request(struct nhrp_rx *rx);
void nhrp_locator_of(struct nhrp_rx *rx, const struct nhrp_addr *proto,
		     const struct nhrp_addr *nbma, struct nhrp_peer_key *key);

#endif
