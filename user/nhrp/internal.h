/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all files of the protocol core know: the tunnel
 *
 * Its objects, and where they are declared:
 *
 *   reg         a registration of ours: (hub, own protocol address)     nhc.h
 *   hubstate    what becomes of a hub of the configuration              hub.h
 *   binding     a registration of somebody else with us             binding.h
 *   locator     an NBMA endpoint that bindings share                binding.h
 *   verify      a claim to a binding, while its owner is asked          nhs.h
 *   resolution  a question to the hub: who is the exit for ...      resolve.h
 *   remote      the other end of a direct path: (protocol address,
 *               locator), proven by probes                           remote.h
 *   shortcut    a mapping of ours that leads to a remote           shortcut.h
 *   purge       a purge that waits for its answer                     purge.c
 *   request     anything that waits for a reply, by request id      request.h
 *   foreign     a mapping of the administrator, not ours to touch     adopt.h
 *   replay      what was received of somebody who signs                auth.h
 */
#ifndef NHRP_INTERNAL_H
#define NHRP_INTERNAL_H

#include <errno.h>

#include "nhrp/core.h"
#include "nhrp/describe.h"
#include "nhrp/hub.h"
#include "nhrp/queue.h"
#include "nhrp/ratelimit.h"
#include "nhrp/table.h"
#include "nhrp/timer.h"

struct nhrp_purge;
struct nhrp_remote;

#define NHRP_DRAIN_MS	10000	/* an old locator is heard so long */

/**
 * enum nhrp_tunnel_state - life of a tunnel
 * @NHRP_TUNNEL_NEW: adopting
 * @NHRP_TUNNEL_RUNNING: started
 * @NHRP_TUNNEL_LEFT: left, maybe with purges outstanding
 */
enum nhrp_tunnel_state {
	NHRP_TUNNEL_NEW,
	NHRP_TUNNEL_RUNNING,
	NHRP_TUNNEL_LEFT,
};

struct nhrp_tunnel {
	struct nhrp_core *core;
	struct nhrp_tunnel *next;
	struct nhrp_tunnel_config cfg;
	void *priv;
	enum nhrp_tunnel_state state;
	bool lower_up;
	u32 epoch;		/* grows, or else changes, with every life of ours */
	u64 epoch_at;		/* when it began */
	u32 counter;		/* of our vendor extension */
	u64 counters[NHRP_C_MAX];
	enum nhrp_counter refused;	/* first reason to, of the message in hand */

	struct nhrp_reg *regs;
	struct nhrp_hubstate hubs[NHRP_HUBS_MAX];	/* the best one first */
	unsigned int nr_hubs;
	struct nhrp_timer hub_timer;	/* next hold-down or trial */
	struct nhrp_hubmap hubmaps[NHRP_HUBMAPS_MAX];
	struct nhrp_table bindings;
	unsigned int nr_provisional;
	u64 save_at;		/* the bindings are to be saved, 0: as saved */
	struct nhrp_table locators;
	struct nhrp_table resolutions;
	struct nhrp_table remotes;
	struct nhrp_table shortcuts;
	struct nhrp_table requests;
	struct nhrp_table foreign;
	struct nhrp_table replays;
	size_t group_replays;	/* of them, those of group keys */
	struct nhrp_replay_floor floors[NHRP_KEYS_MAX];
	u64 replays_swept_at;
	u32 plens[2][129];	/* shortcuts of each prefix length */
	struct nhrp_purge *purges;
	unsigned int nr_purges;

	struct nhrp_queue queue;
	struct nhrp_limiter rx_limit;
	struct nhrp_bucket hub_limit[NHRP_HUBS_MAX];
	struct nhrp_bucket hub_hints[NHRP_HUBS_MAX];
	struct nhrp_bucket unsigned_total;
	struct nhrp_limiter hint_limit;
	struct nhrp_bucket hint_total;
	struct nhrp_bucket error_total;
	struct nhrp_bucket resolve_total;
	struct nhrp_bucket claim_total;
	struct nhrp_bucket note_total;
	struct nhrp_bucket indication_total;
	struct nhrp_limiter indication_limit;
	struct nhrp_bucket purge_route_total;
};

struct nhrp_core {
	struct nhrp_env env;
	struct nhrp_timerq timers;
	struct nhrp_tunnel *tunnels;
	u64 now_ms;		/* of the call being handled */
	u64 hash_key[2];
	u32 next_id;
	u32 ids_left;
};

static inline void nhrp_count(struct nhrp_tunnel *t, enum nhrp_counter c)
{
	t->counters[c]++;
	if (c >= NHRP_C_DROP_TRUNCATED && t->refused == NHRP_C_NONE)
		t->refused = c;
}

/* util.c */
u32 nhrp_rand(struct nhrp_tunnel *t, u32 below);
void nhrp_timer(struct nhrp_tunnel *t, struct nhrp_timer *timer, u64 at_ms);
void nhrp_timer_off(struct nhrp_tunnel *t, struct nhrp_timer *timer);
u64 nhrp_backoff_ms(struct nhrp_tunnel *t, unsigned int tries, u64 first_ms,
		    u64 most_ms);
void __attribute__((format(printf, 7, 8)))
nhrp_note(struct nhrp_tunnel *t, enum nhrp_event event,
	  enum nhrp_severity severity, enum nhrp_counter reason,
	  const struct nhrp_prefix *addr, const struct nhrp_peer_key *peer,
	  const char *fmt, ...);
bool nhrp_key_eq(const struct nhrp_peer_key *a, const struct nhrp_peer_key *b);
bool nhrp_same_endpoint(const struct nhrp_peer_key *a,
			const struct nhrp_peer_key *b);
u64 nhrp_key_hash(struct nhrp_tunnel *t, const struct nhrp_peer_key *key);
u64 nhrp_hash(struct nhrp_tunnel *t, const struct nhrp_addr *a);
bool nhrp_has_local(const struct nhrp_tunnel_config *cfg,
		    const struct nhrp_addr *a);
bool nhrp_is_local(const struct nhrp_tunnel *t, const struct nhrp_addr *a);
const struct nhrp_prefix *nhrp_local_for(const struct nhrp_tunnel *t,
					 const struct nhrp_addr *a, u8 family);
const struct nhrp_addr *nhrp_own_nbma(const struct nhrp_tunnel *t, u8 family);
void nhrp_learned_key(const struct nhrp_tunnel *t, struct nhrp_peer_key *key,
		      const struct nhrp_addr *nbma);
const struct nhrp_hub *nhrp_hub_by_nbma(const struct nhrp_tunnel *t,
					const struct nhrp_peer_key *from);
const struct nhrp_hub *nhrp_hub_at(const struct nhrp_tunnel *t,
				   const struct nhrp_peer_key *from);
bool nhrp_is_hub_proto(const struct nhrp_tunnel *t, const struct nhrp_addr *a);
const struct nhrp_static *nhrp_static_find(const struct nhrp_tunnel *t,
					   const struct nhrp_addr *proto);
bool nhrp_probation_for(const struct nhrp_tunnel *t, const struct nhrp_peer_key *key);
bool nhrp_extensions_for(const struct nhrp_tunnel *t, const struct nhrp_peer_key *key);
bool nhrp_trusted_peer(struct nhrp_tunnel *t, const struct nhrp_peer_key *from);
void nhrp_map_del(struct nhrp_tunnel *t, const struct nhrp_prefix *prefix);
void nhrp_trace(struct nhrp_tunnel *t, enum nhrp_verdict verdict,
		enum nhrp_counter reason, const struct nhrp_peer_key *peer,
		const void *pkt, size_t len);
void nhrp_peer_drain(struct nhrp_tunnel *t, const struct nhrp_peer_key *key);
void nhrp_peer_accept(struct nhrp_tunnel *t, const struct nhrp_peer_key *key,
		      u64 for_ms, u16 mtu, const struct nhrp_remote *cookie_of);

#endif
