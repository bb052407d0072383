/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the protocol core know of one another
 *
 * Objects of a tunnel, and who owns them:
 *
 *   reg         a registration of ours: (hub, own protocol address)     nhc.c
 *   hubstate    what becomes of a hub of the configuration              hub.c
 *   binding     a registration of somebody else with us     nhs.c, restore.c
 *   locator     an NBMA endpoint that bindings share                binding.c
 *   resolution  a question to the hub: who is the exit for ...      resolve.c
 *   remote      the other end of a direct path: (protocol address,
 *               locator), proven by probes                           remote.c
 *   shortcut    a mapping of ours that leads to a remote           shortcut.c
 *   purge       a purge that waits for its answer                     purge.c
 *   request     anything that waits for a reply, by request id      request.c
 */
#ifndef NHRP_INTERNAL_H
#define NHRP_INTERNAL_H

#include <errno.h>

#include "nhrp/core.h"
#include "nhrp/cookie.h"
#include "nhrp/packet.h"
#include "nhrp/ratelimit.h"
#include "nhrp/table.h"
#include "nhrp/timer.h"

/* A client of ours has 8 addresses; nobody needs all that are free. */
#define NHRP_LOCATOR_USERS_MAX	16
#define NHRP_REQUESTERS_MAX	64	/* remembered per binding, for purges */
#define NHRP_TOLD_MAX		4	/* prefixes told to one remote */
#define NHRP_VOUCHERS_MAX	4	/* hubs beyond ours, per shortcut */
#define NHRP_PURGES_MAX		4096	/* outstanding, per tunnel */
#define NHRP_CLAIM_MAX		512	/* bytes of a request kept back */
#define NHRP_FRAME_MAX		NHRP_PKT_MAX

#define NHRP_DRAIN_MS		10000	/* an old locator is heard so long */
#define NHRP_CLAIM_TIMEOUT_MS	3000	/* a claim waits so long for the hub */
#define NHRP_REQUEST_ID_BLOCK	100

/* Longest delay before the very first request, milliseconds. */
#define NHRP_START_JITTER_MS	200

/**
 * enum nhrp_request_kind - what waits for a reply
 */
enum nhrp_request_kind {
	NHRP_REQ_REGISTRATION,
	NHRP_REQ_RESOLUTION,
	NHRP_REQ_PROBE,
	NHRP_REQ_VERIFY,
	NHRP_REQ_PURGE,
};

/**
 * struct nhrp_request - an outstanding request, embedded in its owner
 * @node: in nhrp_tunnel.requests
 * @id: request id, 0: none outstanding
 * @kind: what it is embedded in
 */
struct nhrp_request {
	struct nhrp_node node;
	u32 id;
	enum nhrp_request_kind kind;
};

/**
 * struct nhrp_reg - a registration of ours
 * @next: in nhrp_tunnel.regs
 * @t: its tunnel
 * @hub: the hub as configured; @hub.proto also as learned
 * @learned: @hub.proto was learned, not configured
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
	bool purged_for_nak;
	struct nhrp_addr outside;
	bool is_dvpn;
	u32 hub_epoch;
};

/**
 * struct nhrp_hubstate - what becomes of a hub of the configuration
 * @peer: its locator
 * @priority: the lowest is the best
 * @standby: not to be registered with, as enough better ones work
 * @was_down: it did not answer or refused, and has not worked since
 * @adopted_up: a mapping of it was found in use when we started
 * @usable_at: it works again, and this is when it is used again; 0: it is
 */
struct nhrp_hubstate {
	struct nhrp_peer_key peer;
	u8 priority;
	bool standby;
	bool was_down;
	bool adopted_up;
	u64 usable_at;
};

/**
 * struct nhrp_locator - an NBMA endpoint that spokes registered from
 * @node: in nhrp_tunnel.locators
 * @key: the endpoint
 * @claimed: NBMA address that its first user says it has
 * @users: bindings that point here
 */
struct nhrp_locator {
	struct nhrp_node node;
	struct nhrp_peer_key key;
	struct nhrp_addr claimed;
	unsigned int users;
};

/**
 * struct nhrp_requester - somebody who was told of a binding
 * @proto: protocol address of the asker
 * @prefix: what it was told
 * @until_ms: when it has forgotten
 */
struct nhrp_requester {
	struct nhrp_addr proto;
	struct nhrp_prefix prefix;
	u64 until_ms;
};

/**
 * struct nhrp_told - what a remote was told of us
 * @as: our protocol address, as which we answered
 * @prefix: what it was told
 * @until_ms: when it has forgotten
 */
struct nhrp_told {
	struct nhrp_addr as;
	struct nhrp_prefix prefix;
	u64 until_ms;
};

/**
 * struct nhrp_verify - the owner of a binding is asked whether it lives
 * @binding: what is claimed
 * @req: outstanding request to the owner
 * @timer: next request, or the decision
 * @tries: requests sent
 * @started_at: when
 * @from: who claims it
 * @len: bytes of @frame
 * @frame: its registration request, answered when it is decided
 */
struct nhrp_verify {
	struct nhrp_binding *binding;
	struct nhrp_request req;
	struct nhrp_timer timer;
	unsigned int tries;
	u64 started_at;
	struct nhrp_peer_key from;
	size_t len;
	u8 frame[NHRP_CLAIM_MAX];
};

/**
 * struct nhrp_binding - a registered spoke
 * @node: in nhrp_tunnel.bindings
 * @t: its tunnel
 * @proto: its protocol address
 * @locator: where it is
 * @claimed: NBMA address it says it has
 * @unique: it asked to be unique
 * @provisional: restored from a file: it leads there and owns nothing
 * @hold_s: granted
 * @request_id: of its last request
 * @created_at: first registration
 * @moved_at: when it last changed its locator, 0: never
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
	struct nhrp_addr claimed;
	bool unique;
	bool provisional;
	u16 hold_s;
	u32 request_id;
	u64 created_at;
	u64 moved_at;
	u64 expires_at;
	struct nhrp_timer timer;
	struct nhrp_requester *requesters;
	unsigned int nr_requesters;
	unsigned int size_requesters;
	struct nhrp_verify *verify;
};

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

/**
 * struct nhrp_remote - the other end of a direct path
 * @node: in nhrp_tunnel.remotes, by @proto
 * @t: its tunnel
 * @proto: its protocol address
 * @peer: its locator
 * @claimed: NBMA address it says it has
 * @mtu: of its CIE, 0: not said
 * @known: the hub (or the configuration) says that it is there; else it is
 *	only a claim of a stranger
 * @proven: it answered on the direct path at this locator
 * @answered: it once answered a probe at this locator: silence means death
 * @dead: it answered once and does not any more
 * @req: outstanding probe
 * @timer: next probe, or the next look whether one is needed
 * @tries: probes since the last answer
 * @no_sa: probes in a row that had no security association to go by
 * @wait: end of @rx_until, or deadline of the claim
 * @rx_until: until when it is accepted on receive for its own sake
 * @shortcuts: those that lead here
 * @told: prefixes of ours that it was told, for purges
 * @claim_from: locator that claims to be it
 * @claim_until: how long that waits for the hub's word
 * @claim_len: bytes of @claim
 * @claim: the claimant's request, answered when the claim is verified, or NULL
 */
struct nhrp_remote {
	struct nhrp_node node;
	struct nhrp_tunnel *t;
	struct nhrp_addr proto;
	struct nhrp_peer_key peer;
	struct nhrp_addr claimed;
	u16 mtu;
	bool known;
	bool proven;
	bool answered;
	bool dead;
	struct nhrp_request req;
	struct nhrp_timer timer;
	unsigned int tries;
	unsigned int no_sa;
	struct nhrp_timer wait;
	u64 rx_until;
	struct nhrp_shortcut *shortcuts;
	struct nhrp_told told[NHRP_TOLD_MAX];
	struct nhrp_peer_key claim_from;
	u64 claim_until;
	size_t claim_len;
	u8 *claim;
};

/**
 * struct nhrp_shortcut - a mapping of ours that leads to a remote
 * @node: in nhrp_tunnel.shortcuts, by @prefix
 * @t: its tunnel
 * @prefix: host (next hop) or prefix (destination)
 * @target: address that was asked for, asked again to renew
 * @remote: where it leads
 * @hold_s: of the answer
 * @doubted: our route has changed since the last answer; @renewing: and it was
 *	asked for since then, else that is tried again at @timer
 * @created_at: when it was first made
 * @expires_at: end of its holding time
 * @renew_at: when to look whether to renew
 * @timer: at @renew_at or @expires_at
 * @renewing: asked again
 * @has_route: @gateway is that of our route to @target; not so if adopted
 * @gateway: next hop of that route, family 0: none
 * @vouchers: protocol addresses of those beside owner and hubs of ours that the
 *	answer came by or from: they may take it back; not kept over a restart
 * @nr_vouchers: how many
 * @stale_until: @doubted, and an answer is waited for till then; 0: none is
 * @next: next one that leads to @remote
 * @prev: previous one
 */
struct nhrp_shortcut {
	struct nhrp_node node;
	struct nhrp_tunnel *t;
	struct nhrp_prefix prefix;
	struct nhrp_addr target;
	struct nhrp_remote *remote;
	u16 hold_s;
	bool doubted;
	u64 created_at;
	u64 expires_at;
	u64 renew_at;
	struct nhrp_timer timer;
	bool renewing;
	bool has_route;
	struct nhrp_addr gateway;
	struct nhrp_addr vouchers[NHRP_VOUCHERS_MAX];
	unsigned int nr_vouchers;
	u64 stale_until;
	struct nhrp_shortcut *next;
	struct nhrp_shortcut *prev;
};

/**
 * struct nhrp_purge - a purge that waits for its answer
 * @next: in nhrp_tunnel.purges
 * @prev: in nhrp_tunnel.purges
 * @t: its tunnel
 * @req: outstanding request
 * @timer: next try
 * @tries: requests sent
 * @period_ms: between tries
 * @to: where it goes
 * @src: source protocol address
 * @dst: destination protocol address
 * @prefix: what is to be forgotten
 */
struct nhrp_purge {
	struct nhrp_purge *next;
	struct nhrp_purge *prev;
	struct nhrp_tunnel *t;
	struct nhrp_request req;
	struct nhrp_timer timer;
	unsigned int tries;
	u32 period_ms;
	struct nhrp_peer_key to;
	struct nhrp_addr src;
	struct nhrp_addr dst;
	struct nhrp_prefix prefix;
};

/**
 * struct nhrp_foreign - a mapping of the administrator, not ours to touch
 * @node: in nhrp_tunnel.foreign, by @prefix
 * @prefix: what it maps
 * @peer: where it leads
 */
struct nhrp_foreign {
	struct nhrp_node node;
	struct nhrp_prefix prefix;
	struct nhrp_peer_key peer;
};

/**
 * struct nhrp_hubmap - the mapping of a hub as we last set it
 * @set: it is in the kernel
 * @map: so
 */
struct nhrp_hubmap {
	bool set;
	struct nhrp_map map;
};

#define NHRP_HUBMAPS_MAX	(NHRP_HUBS_MAX * 2)

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
	u32 epoch;		/* changes with every life of ours */
	u32 counter;		/* of our vendor extension */
	u64 counters[NHRP_C_MAX];

	struct nhrp_reg *regs;
	struct nhrp_hubstate hubs[NHRP_HUBS_MAX];	/* the best one first */
	unsigned int nr_hubs;
	struct nhrp_timer hub_timer;	/* end of the next hold-down */
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
	u32 plens[2][129];	/* shortcuts of each prefix length */
	struct nhrp_purge *purges;
	unsigned int nr_purges;

	struct nhrp_limiter rx_limit;
	struct nhrp_bucket hub_limit[NHRP_HUBS_MAX];
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

/**
 * struct nhrp_rx - a message being handled
 * @t: tunnel
 * @frame: as it came
 * @msg: as it was understood
 * @now: now
 */
struct nhrp_rx {
	struct nhrp_tunnel *t;
	const struct nhrp_frame *frame;
	struct nhrp_msg *msg;
	u64 now;
};

/* core.c */
static inline void nhrp_count(struct nhrp_tunnel *t, enum nhrp_counter c)
{
	t->counters[c]++;
}

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
bool nhrp_is_hub_proto(const struct nhrp_tunnel *t, const struct nhrp_addr *a);
const struct nhrp_static *nhrp_static_find(const struct nhrp_tunnel *t,
					   const struct nhrp_addr *proto);
bool nhrp_trusted_peer(struct nhrp_tunnel *t, const struct nhrp_peer_key *from);
void nhrp_map_del(struct nhrp_tunnel *t, const struct nhrp_prefix *prefix);
void nhrp_peer_drain(struct nhrp_tunnel *t, const struct nhrp_peer_key *key);
void nhrp_peer_accept(struct nhrp_tunnel *t, const struct nhrp_peer_key *key,
		      u64 for_ms, u16 mtu, const struct nhrp_remote *cookie_of);

/* message.c */
bool nhrp_msg_begin(struct nhrp_tunnel *t, struct nhrp_msg *msg,
		    enum nhrp_type type, const struct nhrp_peer_key *to,
		    const struct nhrp_addr *src, const struct nhrp_addr *dst);
bool nhrp_msg_send(struct nhrp_tunnel *t, struct nhrp_msg *msg,
		   const struct nhrp_peer_key *to, u32 cookie_id);
bool nhrp_msg_pass_on(struct nhrp_tunnel *t, struct nhrp_msg *msg,
		      const struct nhrp_peer_key *to, u32 cookie_id);
void nhrp_msg_reply(struct nhrp_rx *rx, struct nhrp_msg *reply,
		    const struct nhrp_addr *self);
struct nhrp_cie *nhrp_msg_own_cie(struct nhrp_tunnel *t,
				  struct nhrp_cie_list *list, u8 nbma_family,
				  const struct nhrp_addr *proto, u16 hold_s);
void nhrp_msg_standard_exts(struct nhrp_msg *msg);

/* request.c */
void nhrp_request_new(struct nhrp_tunnel *t, struct nhrp_request *req,
		      enum nhrp_request_kind kind);
int nhrp_request_use(struct nhrp_tunnel *t, struct nhrp_request *req,
		     enum nhrp_request_kind kind, u32 id);
void nhrp_request_done(struct nhrp_tunnel *t, struct nhrp_request *req);
struct nhrp_request *nhrp_request_find(struct nhrp_tunnel *t, u32 id);
struct nhrp_request *nhrp_request_next(struct nhrp_request *req);

/* auth.c */
bool nhrp_auth_check(struct nhrp_tunnel *t, const struct nhrp_msg *msg);
void nhrp_auth_sign(struct nhrp_tunnel *t, struct nhrp_msg *msg);

/* policy.c */
enum nhrp_counter nhrp_policy_nbma(const struct nhrp_tunnel *t,
				   const struct nhrp_addr *nbma);
enum nhrp_counter nhrp_policy_claim(struct nhrp_tunnel *t,
				    const struct nhrp_addr *proto,
				    const struct nhrp_addr *claimed,
				    const struct nhrp_peer_key *from);
enum nhrp_counter nhrp_policy_shortcut(struct nhrp_tunnel *t,
				       const struct nhrp_prefix *prefix,
				       const struct nhrp_peer_key *peer);
enum nhrp_counter nhrp_policy_prefix(struct nhrp_tunnel *t,
				     const struct nhrp_addr *target,
				     const struct nhrp_peer_key *peer,
				     struct nhrp_prefix *prefix,
				     struct nhrp_route *route);

/* error.c */
void nhrp_error_send(struct nhrp_rx *rx, enum nhrp_error code, u16 offset);
void nhrp_error_send_raw(struct nhrp_tunnel *t, const struct nhrp_frame *frame,
			 enum nhrp_error code, u16 offset, u64 now);
void nhrp_error_rx(struct nhrp_rx *rx);

/* nhc.c */
int nhrp_nhc_update(struct nhrp_tunnel *t, u64 now);
void nhrp_nhc_start(struct nhrp_tunnel *t, u64 now);
void nhrp_nhc_stop(struct nhrp_tunnel *t, bool purge, u64 now);
void nhrp_nhc_lower(struct nhrp_tunnel *t, bool up, u64 now);
void nhrp_nhc_reply(struct nhrp_rx *rx);
void nhrp_nhc_error(struct nhrp_reg *reg, u16 code, u64 now);
void nhrp_nhc_tx_result(struct nhrp_reg *reg, int error, u64 now);
void nhrp_nhc_kick(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer,
		   u64 within_ms, u64 now);
void nhrp_nhc_register_anew(struct nhrp_tunnel *t,
			    const struct nhrp_tunnel_config *old, u64 now);
void nhrp_nhc_free(struct nhrp_tunnel *t);
void nhrp_nhc_standby(struct nhrp_reg *reg, bool standby, u64 now);
bool nhrp_nhc_has_source(const struct nhrp_reg *reg);
struct nhrp_reg *nhrp_nhc_best(struct nhrp_tunnel *t, u8 proto_family,
			       const struct nhrp_peer_key *except);

/* hub.c */
void nhrp_hub_update(struct nhrp_tunnel *t);
void nhrp_hub_start(struct nhrp_tunnel *t);
void nhrp_hub_follow(struct nhrp_tunnel *t, u64 now);
void nhrp_hub_adopt(struct nhrp_reg *reg, bool probation);
struct nhrp_hubstate *nhrp_hub_of(struct nhrp_tunnel *t,
				  const struct nhrp_reg *reg);
bool nhrp_hub_was_down(const struct nhrp_reg *reg);
bool nhrp_hub_held(const struct nhrp_reg *reg);
bool nhrp_hub_active(const struct nhrp_reg *reg);
bool nhrp_hub_gets_multicast(const struct nhrp_reg *reg);

/* readdress.c */
bool nhrp_nbma_moved(const struct nhrp_tunnel_config *old,
		     const struct nhrp_tunnel_config *now, u8 family);
void nhrp_readdress_before(struct nhrp_tunnel *t,
			   const struct nhrp_tunnel_config *next, u64 now);
void nhrp_readdress_after(struct nhrp_tunnel *t,
			  const struct nhrp_tunnel_config *old, u64 now);

/* hubmap.c */
void nhrp_hubmap_sync(struct nhrp_tunnel *t, bool force);
int nhrp_hubmap_adopt(struct nhrp_tunnel *t, const struct nhrp_map *map,
		      const struct nhrp_cookie *cookie);
void nhrp_hubmap_forget(struct nhrp_tunnel *t);

/* nhs.c, verify.c */
void nhrp_nhs_request(struct nhrp_rx *rx);
void nhrp_verify_start(struct nhrp_binding *b, const struct nhrp_frame *frame,
		       u64 now);
void nhrp_verify_free(struct nhrp_binding *b);
void nhrp_verify_heard(struct nhrp_verify *v, u64 now);

/**
 * enum nhrp_decision - what nhs.c may do with a claim from another locator
 */
enum nhrp_decision {
	NHRP_DECIDE_ASK,
	NHRP_DECIDE_MOVE,
	NHRP_DECIDE_KEEP,
};

void nhrp_nhs_decided(struct nhrp_tunnel *t, const struct nhrp_peer_key *from,
		      const u8 *frame, size_t len, const struct nhrp_addr *proto,
		      enum nhrp_decision d, u64 now);

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
void nhrp_binding_gone(struct nhrp_binding *b, const char *why, u64 now);
void nhrp_binding_free(struct nhrp_binding *b);

/* restore.c */
void nhrp_save_by(struct nhrp_tunnel *t, u64 at_ms);
void nhrp_binding_provisional(struct nhrp_binding *b, bool provisional);
void nhrp_binding_confirm(struct nhrp_binding *b);
bool nhrp_locator_provisional(struct nhrp_tunnel *t,
			      const struct nhrp_locator *l);
bool nhrp_provisional_yield(struct nhrp_tunnel *t,
			    const struct nhrp_locator *l, u64 now);

/* resolve.c */
struct nhrp_resolution *nhrp_resolve(struct nhrp_tunnel *t,
				     const struct nhrp_addr *target,
				     unsigned int purpose, u64 now);
void nhrp_resolve_reply(struct nhrp_rx *rx);
void nhrp_resolve_error(struct nhrp_rx *rx, struct nhrp_resolution *r, u16 code);
void nhrp_resolve_tx_result(struct nhrp_resolution *r, int error, u64 now);
void nhrp_resolve_kick(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer,
		       u64 now);
void nhrp_resolution_free(struct nhrp_resolution *r);
bool nhrp_resolution_msg(struct nhrp_tunnel *t, struct nhrp_msg *msg,
			 const struct nhrp_peer_key *to,
			 const struct nhrp_addr *target, u32 id);

/* answer.c */
void nhrp_answer_request(struct nhrp_rx *rx);
void nhrp_locator_of(struct nhrp_rx *rx, const struct nhrp_addr *proto,
		     const struct nhrp_addr *nbma, struct nhrp_peer_key *key);

/* remote.c */
struct nhrp_remote *nhrp_remote_find(struct nhrp_tunnel *t,
				     const struct nhrp_addr *proto);
struct nhrp_remote *nhrp_remote_learn(struct nhrp_tunnel *t,
				      const struct nhrp_addr *proto,
				      const struct nhrp_peer_key *key,
				      const struct nhrp_addr *claimed, u64 now);
void nhrp_remote_claim(struct nhrp_rx *rx);
void nhrp_remote_accept(struct nhrp_remote *r, u64 until_ms, u64 now);
void nhrp_remote_told(struct nhrp_remote *r, const struct nhrp_prefix *prefix,
		      u64 until_ms, u64 now);
void nhrp_remote_purge_told(struct nhrp_remote *r,
			    const struct nhrp_tunnel_config *next, u64 now);
void nhrp_remote_put(struct nhrp_remote *r, u64 now);
void nhrp_remote_free(struct nhrp_remote *r);

/* probe.c */
void nhrp_probe_begin(struct nhrp_remote *r, u64 now);
void nhrp_probe_soon(struct nhrp_remote *r, u64 now);
void nhrp_probe_reply(struct nhrp_rx *rx, struct nhrp_remote *r);
void nhrp_probe_tx_result(struct nhrp_remote *r, int error, u64 now);
void nhrp_probe_timer(struct nhrp_timer *timer, u64 now);

/* shortcut.c */
struct nhrp_shortcut *nhrp_shortcut_find(struct nhrp_tunnel *t,
					 const struct nhrp_prefix *prefix);
struct nhrp_shortcut *nhrp_shortcut_cover(struct nhrp_tunnel *t,
					  const struct nhrp_addr *dst);
struct nhrp_shortcut *nhrp_shortcut_make(struct nhrp_tunnel *t,
					 const struct nhrp_prefix *prefix,
					 const struct nhrp_addr *target,
					 struct nhrp_remote *remote, u16 hold_s,
					 u64 expires_at, u64 now);
void nhrp_shortcut_vouched(struct nhrp_shortcut *s, const struct nhrp_rx *rx);
bool nhrp_shortcut_vouched_by(const struct nhrp_shortcut *s,
			      const struct nhrp_addr *proto);
void nhrp_shortcut_routed(struct nhrp_shortcut *s,
			  const struct nhrp_route *route, u64 now);
void nhrp_shortcut_answered(struct nhrp_tunnel *t, const struct nhrp_addr *target,
			    u64 now);
void nhrp_shortcut_set(struct nhrp_shortcut *s, u64 now);
void nhrp_shortcut_remote_changed(struct nhrp_remote *r, u64 now);
void nhrp_shortcut_ask_again(struct nhrp_remote *r, u64 now);
void nhrp_shortcut_gone(struct nhrp_shortcut *s, const char *why, u64 now);
void nhrp_shortcut_free(struct nhrp_shortcut *s);
bool nhrp_remote_open(const struct nhrp_remote *r);

/* redirect.c */
void nhrp_redirect_rx(struct nhrp_rx *rx);
void nhrp_hint(struct nhrp_tunnel *t, const struct nhrp_peer_key *to, size_t len,
	       u8 proto_family, u64 now);

/* purge.c */
void nhrp_purge_send(struct nhrp_tunnel *t, const struct nhrp_peer_key *to,
		     const struct nhrp_addr *src, const struct nhrp_addr *dst,
		     const struct nhrp_prefix *prefix, u32 id, u64 now);
void nhrp_purge_cancel(struct nhrp_tunnel *t, const struct nhrp_peer_key *to,
		       const struct nhrp_addr *src);
void nhrp_purge_request(struct nhrp_rx *rx);
bool nhrp_purge_awaits(const struct nhrp_rx *rx);
void nhrp_purge_reply(struct nhrp_rx *rx);
void nhrp_purge_free_all(struct nhrp_tunnel *t);

/* transit.c */
bool nhrp_speaks_for(struct nhrp_tunnel *t, const struct nhrp_peer_key *from,
		     const struct nhrp_addr *proto);
bool nhrp_transit_next(struct nhrp_rx *rx, const struct nhrp_addr *dst,
		       struct nhrp_peer_key *to);
bool nhrp_transit_purge(struct nhrp_tunnel *t, const struct nhrp_addr *dst,
			struct nhrp_peer_key *to, u64 now);
void nhrp_transit_forward(struct nhrp_rx *rx, const struct nhrp_peer_key *to);
void nhrp_transit_reply(struct nhrp_rx *rx);
bool nhrp_refuse_unknown(struct nhrp_rx *rx);

/* adopt.c */
void nhrp_foreign_free_all(struct nhrp_tunnel *t);
bool nhrp_foreign_has(struct nhrp_tunnel *t, const struct nhrp_prefix *prefix);

#endif
