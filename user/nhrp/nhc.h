/* SPDX-License-Identifier: GPL-2.0 */
/* Registrations of ours with hubs, and what becomes of them. */
#ifndef NHRP_NHC_H
#define NHRP_NHC_H

#include "nhrp/core.h"
#include "nhrp/request.h"
#include "nhrp/timer.h"

struct nhrp_rx;

/* Longest delay before the very first request, milliseconds. */
#define NHRP_START_JITTER_MS	200

/**
 * struct nhrp_reg - a registration of ours
 * @next: in nhrp_tunnel.regs
 * @t: its tunnel
 * @hub: the hub as configured; @hub.proto also as learned
 * @learned: @hub.proto was learned, not configured
 * @trial: with a hub that is tried at this address and in use at another one, or
 *	nowhere: see candidate.c
 * @unnamed: the last request was not addressed to @hub.proto
 * @introduced: the hub has just said that @hub.proto is its address
 * @local: own protocol address and subnet
 * @state: see there
 * @req: outstanding request
 * @timer: next request
 * @tries: requests since the last answer
 * @no_sa: requests that had no security association to go by, since the last
 *	answer or the last one that came about
 * @asked_at: when the first request since the last answer went out
 * @sent_at: when the last request went out
 * @state_at: when @state was entered
 * @registered_at: when the last good answer came, 0: never
 * @refresh_at: when the next regular refresh is due
 * @probe_early: how much earlier than others it probes, 1/1024 of the interval
 * @last_id: id of the last request that was answered well, for its purge
 * @nonce: of our vendor extension
 * @hold_s: granted
 * @nak_code: of the last refusal
 * @auth_failed: the hub said that our authentication is wrong, and nothing else since
 * @auth_noted_at: when that was last logged, 0: never
 * @purged_for_nak: one purge of our own address was tried since then
 * @outside: our NBMA address as the hub sees it, or none
 * @is_dvpn: the hub answered our vendor extension
 * @hub_epoch: its epoch then
 */
struct nhrp_reg {
	struct nhrp_reg *next;
	struct nhrp_tunnel *t;
	struct nhrp_hub hub;
	bool learned;
	bool trial;
	bool unnamed;
	bool introduced;
	struct nhrp_prefix local;
	enum nhrp_nhs_state state;
	struct nhrp_request req;
	struct nhrp_timer timer;
	unsigned int tries;
	unsigned int no_sa;
	u64 asked_at;
	u64 sent_at;
	u64 state_at;
	u64 registered_at;
	u64 refresh_at;
	u16 probe_early;
	u32 last_id;
	u64 nonce;
	u16 hold_s;
	u8 nak_code;
	bool auth_failed;
	u64 auth_noted_at;
	bool purged_for_nak;
	struct nhrp_addr outside;
	bool is_dvpn;
	u32 hub_epoch;
};

/* nhc.c */
void nhrp_nhc_timer(struct nhrp_timer *timer, u64 now);
void nhrp_nhc_tx_result(struct nhrp_reg *reg, int error, u64 now);
void nhrp_nhc_kick(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer,
		   u64 within_ms, u64 now);
void nhrp_nhc_ask_now(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer,
		      u64 now);
void nhrp_nhc_register_anew(struct nhrp_tunnel *t,
			    const struct nhrp_tunnel_config *old, u64 now);

/* nhc_reply.c */
void nhrp_nhc_reply(struct nhrp_rx *rx);
void nhrp_nhc_error(struct nhrp_reg *reg, u16 code, u64 now);

/* registration.c */
void nhrp_nhc_set_state(struct nhrp_reg *reg, enum nhrp_nhs_state state,
			u64 now);
void nhrp_nhc_note(struct nhrp_reg *reg, enum nhrp_event event,
		   enum nhrp_severity severity, const char *what);
void nhrp_nhc_changed(struct nhrp_tunnel *t, u64 now);
struct nhrp_reg *nhrp_nhc_best(struct nhrp_tunnel *t, u8 proto_family,
			       const struct nhrp_peer_key *except);
bool nhrp_nhc_has_source(const struct nhrp_reg *reg);
bool nhrp_nhc_may_share(const struct nhrp_reg *reg);
void nhrp_nhc_standby(struct nhrp_reg *reg, bool standby, u64 now);
void nhrp_nhc_start(struct nhrp_tunnel *t, u64 now);
void nhrp_nhc_stop(struct nhrp_tunnel *t, bool purge, u64 now);
void nhrp_nhc_lower(struct nhrp_tunnel *t, bool up, u64 now);
int nhrp_nhc_update(struct nhrp_tunnel *t, u64 now);
void nhrp_nhc_free(struct nhrp_tunnel *t);

#endif
