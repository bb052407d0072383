/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The NHRP protocol engine (RFC 2332 and what Cisco and FRR made of it)
 *
 * Pure: no system call, no clock, no socket. Everything that happens comes in
 * by a call with the time of day of a monotonic clock, everything that is to be
 * done goes out by a callback of struct nhrp_env. The same code runs in the
 * daemon, in unit tests, under a fuzzer and in a simulator.
 *
 * Rules for whoever implements struct nhrp_env:
 *  - a callback never calls back into the core; results that come later are fed
 *    in by a call of their own (nhrp_tunnel_tx_result());
 *  - the callbacks of one tunnel are carried out in the order of the calls: a
 *    peer that is set before a frame is sent must be in the kernel before that
 *    frame is on the wire, else the answer's first packets are lost;
 *  - map_set, map_del, peer_set and peer_del state what is wanted, not what
 *    has changed: they are idempotent, and it is up to the implementer to
 *    retry;
 *  - pointers given to a callback are valid during the call only.
 *
 * One struct nhrp_core serves any number of tunnels; neither is thread-safe.
 * Times are milliseconds of a monotonic clock that counts suspend, or
 * differences of it; 0 is "never" where the text says so.
 */
#ifndef NHRP_CORE_H
#define NHRP_CORE_H

#include <stddef.h>
#include <stdint.h>

#include "nhrp/addr.h"

struct nhrp_binding_info;
struct nhrp_core;
struct nhrp_tunnel;

#define NHRP_LOCALS_MAX		8	/* own protocol addresses of a tunnel */
#define NHRP_HUBS_MAX		8	/* configured hubs of a tunnel */
#define NHRP_HUB_ADDRS_MAX	8	/* addresses of a hub's name */
#define NHRP_HUB_NAME_MAX	254	/* bytes of that name with NUL */
#define NHRP_STATICS_MAX	64	/* static mappings of a tunnel */
#define NHRP_COOKIE_MAX		64	/* bytes, as DVPN_COOKIE_MAX */
#define NHRP_PASSWORD_MAX	8	/* octets, what Cisco and FRR take */

#define NHRP_HOLDING_TIME_DEFAULT_S	600
#define NHRP_HOLDING_TIME_MIN_S		10
#define NHRP_HOLDING_TIME_MAX_S		65535
#define NHRP_PROBE_INTERVAL_DEFAULT_S	20
#define NHRP_HUB_HOLD_DOWN_DEFAULT_S	60

/**
 * enum nhrp_encap - how a peer is reached, values of enum dvpn_encap
 * @NHRP_ENCAP_GRE: GRE over IP.
 * @NHRP_ENCAP_UDP: GRE in UDP (RFC 8086).
 */
enum nhrp_encap {
	NHRP_ENCAP_GRE = 0,
	NHRP_ENCAP_UDP = 1,
};

/**
 * struct nhrp_peer_key - a locator: one NBMA endpoint, as the kernel keys peers
 * @nbma: NBMA address.
 * @encap: encapsulation.
 * @port: remote UDP port in host byte order, 0 without UDP.
 * @mark: routing mark of outer packets, 0 for the device's.
 * @if_id: xfrm interface id, 0 for the device's.
 */
struct nhrp_peer_key {
	struct nhrp_addr nbma;
	enum nhrp_encap encap;
	u16 port;
	u32 mark;
	u32 if_id;
};

/**
 * enum nhrp_map_flags - flags of a mapping, values of enum dvpn_map_flags
 * @NHRP_MAP_NHS: the peer is a hub.
 * @NHRP_MAP_MULTICAST: the peer gets a copy of multicast packets.
 * @NHRP_MAP_PROBATION: frames go direct, data by the default NHS. Also set on
 *	the mapping of a hub that does not answer while another one does: a hub
 *	mapping never expires, and UNREACHABLE must.
 * @NHRP_MAP_UNREACHABLE: negative entry; always has an expiry.
 * @NHRP_MAP_STATIC: configured.
 * @NHRP_MAP_UNIQUE: registered as unique.
 * @NHRP_MAP_SHORTCUT: a host behind a next hop: matched on the destination of
 *	packets, which a mapping of full length else is not.
 */
enum nhrp_map_flags {
	NHRP_MAP_NHS		= 1 << 0,
	NHRP_MAP_MULTICAST	= 1 << 1,
	NHRP_MAP_PROBATION	= 1 << 2,
	NHRP_MAP_UNREACHABLE	= 1 << 3,
	NHRP_MAP_STATIC		= 1 << 5,
	NHRP_MAP_UNIQUE		= 1 << 6,
	NHRP_MAP_SHORTCUT	= 1 << 7,
};

/**
 * struct nhrp_map - a mapping as it should be in the kernel, or is found there
 * @prefix: protocol address (full length: a next hop) or prefix (a shortcut).
 * @peer: where it leads. A peer that does not exist is created with defaults.
 * @flags: all of enum nhrp_map_flags; a flag that is not set is cleared.
 * @preference: of an NHS mapping, the lowest usable one is taken.
 * @expires_ms: time to live from now, 0 for ever.
 * @owner: in adoption only: who wrote it, 0 is the administrator. The daemon
 *	puts its own in when it carries map_set out.
 * @cookie: opaque bytes that the kernel keeps for us (cookie.h).
 * @cookie_len: number of bytes in @cookie.
 */
struct nhrp_map {
	struct nhrp_prefix prefix;
	struct nhrp_peer_key peer;
	u32 flags;
	u8 preference;
	u64 expires_ms;
	u32 owner;
	u8 cookie[NHRP_COOKIE_MAX];
	u8 cookie_len;
};

/**
 * struct nhrp_peer - a peer without mapping as it should be in the kernel
 *
 * It is accepted on receive and never chosen on transmit. Peers with mappings
 * need no call: the mapping brings them along. The kernel frees a peer that
 * has neither mapping nor time left.
 *
 * @key: its locator.
 * @expires_ms: time to live from now, 0 for ever.
 * @mtu: what it advertised in bytes, 0 if nothing.
 * @mapped: a mapping of ours has brought it along, and is about to lead elsewhere.
 * @owner: as in struct nhrp_map.
 * @cookie: as in struct nhrp_map.
 * @cookie_len: number of bytes in @cookie.
 */
struct nhrp_peer {
	struct nhrp_peer_key key;
	u64 expires_ms;
	u16 mtu;
	bool mapped;
	u32 owner;
	u8 cookie[NHRP_COOKIE_MAX];
	u8 cookie_len;
};

/**
 * struct nhrp_route - answer of route_lookup
 * @via_tunnel: the route leaves by this tunnel's device (or another one of its
 *	domain); else it is reached by other means or is our own address.
 * @prefix: prefix of the covering route that holds the address, lengthened
 *	until no more specific route with another exit lies inside it (RFC 2332
 *	6.3). Host routes of our own addresses: full length.
 * @has_gateway: @gateway is valid.
 * @gateway: next hop protocol address, of either family.
 */
struct nhrp_route {
	bool via_tunnel;
	struct nhrp_prefix prefix;
	bool has_gateway;
	struct nhrp_addr gateway;
};

/**
 * enum nhrp_severity - of a notice, values of syslog
 */
enum nhrp_severity {
	NHRP_ERR	= 3,
	NHRP_WARNING	= 4,
	NHRP_NOTICE	= 5,
	NHRP_INFO	= 6,
	NHRP_DEBUG	= 7,
};

/*
 * Stable ids of what is worth telling: enumerator, name in logs and in
 * "dvpnctl monitor".
 */
#define NHRP_EVENTS(X) \
	X(NHS_UP,		"nhs-up") \
	X(NHS_DOWN,		"nhs-down") \
	X(NHS_REFUSED,		"nhs-refused") \
	X(NHS_LEFT,		"nhs-left") \
	X(NHS_ACTIVE,		"nhs-active") \
	X(NHS_STANDBY,		"nhs-standby") \
	X(NHS_MOVED,		"nhs-moved") \
	X(NBMA_LEARNED,		"nbma-learned") \
	X(SPOKE_UP,		"spoke-up") \
	X(SPOKE_DOWN,		"spoke-down") \
	X(SPOKE_MOVED,		"spoke-moved") \
	X(SPOKE_REFUSED,	"spoke-refused") \
	X(CONFLICT,		"conflict") \
	X(RESOLVING,		"resolving") \
	X(RESOLVE_FAILED,	"resolve-failed") \
	X(SHORTCUT_UP,		"shortcut-up") \
	X(SHORTCUT_DOWN,	"shortcut-down") \
	X(SHORTCUT_PROBATION,	"shortcut-probation") \
	X(PEER_DEAD,		"peer-dead") \
	X(PURGED,		"purged") \
	X(REDIRECT,		"redirect") \
	X(HINT,			"hint") \
	X(ADOPTED,		"adopted") \
	X(REFUSED,		"refused")

/**
 * enum nhrp_event - stable id of a notice
 */
enum nhrp_event {
#define X(id, name) NHRP_EVENT_##id,
	NHRP_EVENTS(X)
#undef X
	NHRP_EVENT_MAX,
};

/*
 * Counters of a tunnel: enumerator, name, reason. First what was done, then,
 * from DROP_ on, one for every reason to refuse or to ignore something, which
 * then has words for people.
 */
#define NHRP_COUNTERS(X) \
	X(RX,				"rx-frames", NULL) \
	X(TX,				"tx-frames", NULL) \
	X(TX_NO_SA,			"tx-no-sa", NULL) \
	X(TX_FAILED,			"tx-failed", NULL) \
	X(RX_REGISTRATION_REQUEST,	"rx-registration-request", NULL) \
	X(RX_REGISTRATION_REPLY,	"rx-registration-reply", NULL) \
	X(RX_RESOLUTION_REQUEST,	"rx-resolution-request", NULL) \
	X(RX_RESOLUTION_REPLY,		"rx-resolution-reply", NULL) \
	X(RX_PURGE_REQUEST,		"rx-purge-request", NULL) \
	X(RX_PURGE_REPLY,		"rx-purge-reply", NULL) \
	X(RX_ERROR,			"rx-error", NULL) \
	X(RX_INDICATION,		"rx-traffic-indication", NULL) \
	X(TX_REGISTRATION_REQUEST,	"tx-registration-request", NULL) \
	X(TX_REGISTRATION_REPLY,	"tx-registration-reply", NULL) \
	X(TX_RESOLUTION_REQUEST,	"tx-resolution-request", NULL) \
	X(TX_RESOLUTION_REPLY,		"tx-resolution-reply", NULL) \
	X(TX_PURGE_REQUEST,		"tx-purge-request", NULL) \
	X(TX_PURGE_REPLY,		"tx-purge-reply", NULL) \
	X(TX_ERROR,			"tx-error", NULL) \
	X(TX_INDICATION,		"tx-traffic-indication", NULL) \
	X(TX_HINT,			"tx-hint", NULL) \
	X(FORWARDED,			"forwarded", NULL) \
	X(MISS,				"miss", NULL) \
	X(REDIRECT,			"redirect", NULL) \
	X(UNKNOWN_PEER,			"unknown-peer", NULL) \
	X(NAK_SENT,			"nak-sent", NULL) \
	X(NAK_RECEIVED,			"nak-received", NULL) \
	X(REGISTRATION_TIMEOUT,		"registration-timeout", NULL) \
	X(RESOLUTION_TIMEOUT,		"resolution-timeout", NULL) \
	X(PROBE_SENT,			"probe-sent", NULL) \
	X(PROBE_TIMEOUT,		"probe-timeout", NULL) \
	X(PEER_DEAD,			"peer-dead", NULL) \
	X(PURGE_UNANSWERED,		"purge-unanswered", NULL) \
	X(BINDING_MOVED,		"binding-moved", NULL) \
	X(BINDING_RESTORED,		"binding-restored", NULL) \
	X(DROP_TRUNCATED,		"drop-truncated", \
	  "the packet ends too early") \
	X(DROP_CHECKSUM,		"drop-checksum", \
	  "wrong checksum") \
	X(DROP_MALFORMED,		"drop-malformed", \
	  "lengths or fields contradict each other") \
	X(DROP_TOO_LONG,		"drop-too-long", \
	  "more than can be handled") \
	X(DROP_FAMILY,			"drop-address-family", \
	  "an address family that is not served") \
	X(DROP_AUTH,			"drop-authentication", \
	  "authentication is missing or wrong") \
	X(DROP_RATE,			"drop-rate-limit", \
	  "more than the rate limit allows") \
	X(DROP_OLDEST,			"drop-oldest", \
	  "more came than there is time for") \
	X(DROP_ROLE,			"drop-not-our-role", \
	  "a message for a role that this node does not have") \
	X(DROP_NOT_HUB,			"drop-not-from-hub", \
	  "only a hub may send that") \
	X(DROP_UNREGISTERED,		"drop-unregistered", \
	  "the sender is not registered") \
	X(DROP_NO_REQUEST,		"drop-no-such-request", \
	  "a reply to what was never asked") \
	X(DROP_NOT_OWNER,		"drop-not-owner", \
	  "the sender does not own what it speaks for") \
	X(DROP_CLAIM,			"drop-claim-unverified", \
	  "a claim that is not verified yet") \
	X(DROP_CLAIM_MISMATCH,		"drop-claim-mismatch", \
	  "the reply comes from somebody else than it claims") \
	X(DROP_POLICY_SUBNET,		"drop-policy-subnet", \
	  "not an address of the tunnel's network") \
	X(DROP_POLICY_OWN,		"drop-policy-own-address", \
	  "our own address") \
	X(DROP_POLICY_HUB,		"drop-policy-hub-address", \
	  "the address of a hub") \
	X(DROP_POLICY_STATIC,		"drop-policy-static", \
	  "an address that is mapped by hand") \
	X(DROP_POLICY_NBMA,		"drop-policy-nbma", \
	  "a public address that cannot be a peer's") \
	X(DROP_POLICY_PREFIX,		"drop-policy-prefix", \
	  "the prefix covers an address of our own or of a hub") \
	X(DROP_CONFLICT,		"drop-conflict", \
	  "registered by another node") \
	X(DROP_UNIQUE,			"drop-unique", \
	  "registered as unique by another node") \
	X(DROP_VERIFYING,		"drop-verifying", \
	  "the present owner is being asked first") \
	X(DROP_TABLE_FULL,		"drop-table-full", \
	  "the table is full") \
	X(DROP_QUEUE_FULL,		"drop-queue-full", \
	  "the queue is full") \
	X(DROP_KNOWN,			"drop-already-known", \
	  "known already") \
	X(DROP_NEGATIVE,		"drop-negative-cache", \
	  "asked a moment ago, and nobody knew") \
	X(DROP_NO_ROUTE,		"drop-no-route", \
	  "no route into the tunnel covers the destination") \
	X(DROP_NOT_OURS,		"drop-not-ours", \
	  "neither ours nor registered with us") \
	X(DROP_LOOP,			"drop-loop", \
	  "the message went in a circle") \
	X(DROP_HOP_COUNT,		"drop-hop-count", \
	  "the message went over too many hops") \
	X(DROP_EXTENSION,		"drop-unknown-extension", \
	  "an extension that must be understood and is not") \
	X(DROP_COOKIE,			"drop-bad-cookie", \
	  "kernel state that this agent did not write") \
	X(DROP_PHASE,			"drop-phase", \
	  "not in the tunnel's phase") \
	X(DROP_NOMEM,			"drop-no-memory", \
	  "out of memory")

/**
 * enum nhrp_counter - counters of a tunnel and reason codes of refusals
 */
enum nhrp_counter {
#define X(id, name, words) NHRP_C_##id,
	NHRP_COUNTERS(X)
#undef X
	NHRP_C_MAX,
};

#define NHRP_C_NONE NHRP_C_MAX	/* reason: none */

/**
 * struct nhrp_notice - something happened that a person or a log may want
 * @event: stable id.
 * @severity: enum nhrp_severity.
 * @reason: NHRP_C_DROP_* that explains it, or NHRP_C_NONE.
 * @addr: protocol address or prefix it is about; family 0 if none.
 * @peer: locator it is about, or NULL.
 * @text: one line in words, without event name and tunnel name.
 */
struct nhrp_notice {
	enum nhrp_event event;
	enum nhrp_severity severity;
	enum nhrp_counter reason;
	struct nhrp_prefix addr;
	const struct nhrp_peer_key *peer;
	const char *text;
};

/**
 * struct nhrp_env - what the engine needs from the world
 *
 * Every member must be set. @t is the tunnel it is about;
 * nhrp_tunnel_priv() gives the pointer that nhrp_tunnel_new() was given.
 */
struct nhrp_env {
	/** @ctx: handed to every callback. */
	void *ctx;

	/** @rand32: 32 bits that nobody can predict. */
	u32 (*rand32)(void *ctx);

	/**
	 * @request_ids: reserve @count request ids that were never used
	 * before, not even by an earlier run (a high-water mark in a file),
	 * and return the first. Called once per @count requests, not often.
	 */
	u32 (*request_ids)(void *ctx, u32 count);

	/** @notify: log line and monitor event. */
	void (*notify)(void *ctx, struct nhrp_tunnel *t,
		       const struct nhrp_notice *n);

	/**
	 * @tx_frame: send an NHRP packet to a locator, whether there is such a
	 * peer or not. The result comes by nhrp_tunnel_tx_result() with the
	 * same @cookie; cookie 0: nobody wants to know.
	 */
	void (*tx_frame)(void *ctx, struct nhrp_tunnel *t,
			 const struct nhrp_peer_key *to, const void *frame,
			 size_t len, u64 cookie);

	/** @map_set: this mapping is to be in the kernel, exactly so. */
	void (*map_set)(void *ctx, struct nhrp_tunnel *t,
			const struct nhrp_map *map);

	/** @map_del: no mapping of this prefix is to be in the kernel. */
	void (*map_del)(void *ctx, struct nhrp_tunnel *t,
			const struct nhrp_prefix *prefix);

	/** @peer_set: this peer is to be accepted on receive. */
	void (*peer_set)(void *ctx, struct nhrp_tunnel *t,
			 const struct nhrp_peer *peer);

	/**
	 * @peer_del: this peer is not wanted for its own sake any more; it
	 * stays as long as mappings point to it.
	 */
	void (*peer_del)(void *ctx, struct nhrp_tunnel *t,
			 const struct nhrp_peer_key *key);

	/**
	 * @route_lookup: which route covers @dst? Answered at once (the daemon
	 * mirrors the routing table or asks the kernel).
	 * Return 0, or -ENETUNREACH if there is none.
	 */
	int (*route_lookup)(void *ctx, struct nhrp_tunnel *t,
			    const struct nhrp_addr *dst, struct nhrp_route *route);

	/**
	 * @peer_rx_idle_ms: how long ago did the last packet of any kind, NHRP
	 * included, come from the peer? UINT64_MAX: never, or no such peer.
	 */
	u64 (*peer_rx_idle_ms)(void *ctx, struct nhrp_tunnel *t,
			       const struct nhrp_peer_key *key);

	/**
	 * @map_idle_ms: how long ago did the mapping last carry a packet, on
	 * probation or not? UINT64_MAX: never, or no such mapping.
	 */
	u64 (*map_idle_ms)(void *ctx, struct nhrp_tunnel *t,
			   const struct nhrp_prefix *prefix);
};

/**
 * enum nhrp_unique - what a claim from another locator may do
 * @NHRP_UNIQUE_VERIFY: the old locator is asked 3 times within 3 s; any packet
 *	from it keeps the owner, silence moves the binding, one move in 10 s.
 * @NHRP_UNIQUE_STRICT: refused with code 14 until the binding expires.
 * @NHRP_UNIQUE_OFF: the last claim wins.
 */
enum nhrp_unique {
	NHRP_UNIQUE_VERIFY,
	NHRP_UNIQUE_STRICT,
	NHRP_UNIQUE_OFF,
};

/**
 * enum nhrp_auth_mode - authentication of NHRP packets, hop by hop
 * @NHRP_AUTH_NONE: none is sent, one that is received is ignored.
 * @NHRP_AUTH_CISCO: clear text password, required in every packet.
 */
enum nhrp_auth_mode {
	NHRP_AUTH_NONE,
	NHRP_AUTH_CISCO,
};

/**
 * struct nhrp_hub - a configured hub (NHS)
 * @has_proto: @proto is given; else it is learned from the first reply.
 * @proto: its protocol address.
 * @peer: its locator.
 * @priority: preference, the lowest is taken first.
 * @name: DNS name that its NBMA address has, empty: @peer says where it is.
 * @addrs: where the name leads to, the best one first. Of these the core chooses
 *	@peer.nbma, which is not read then, and keeps it while it does its work,
 *	even if it is not among them any more.
 * @nr_addrs: how many; 0: not known, the hub stays where it was or has to wait.
 */
struct nhrp_hub {
	bool has_proto;
	struct nhrp_addr proto;
	struct nhrp_peer_key peer;
	u8 priority;
	char name[NHRP_HUB_NAME_MAX];
	struct nhrp_addr addrs[NHRP_HUB_ADDRS_MAX];
	unsigned int nr_addrs;
};

/**
 * struct nhrp_static - a configured mapping
 * @proto: protocol address of the next hop.
 * @peer: its locator.
 * @multicast: it gets a copy of multicast packets.
 */
struct nhrp_static {
	struct nhrp_addr proto;
	struct nhrp_peer_key peer;
	bool multicast;
};

/**
 * struct nhrp_tunnel_config - everything the core knows of a tunnel
 *
 * nhrp_tunnel_config_default() gives the documented defaults.
 */
struct nhrp_tunnel_config {
	/** @locals: our protocol addresses, each with its subnet's length. */
	struct nhrp_prefix locals[NHRP_LOCALS_MAX];
	/** @nr_locals: number of @locals; their host bits are ours. */
	unsigned int nr_locals;
	/**
	 * @nbma: our NBMA addresses, [0] IPv4, [1] IPv6; family 0: none, and
	 * hubs of that family have to wait for one.
	 */
	struct nhrp_addr nbma[2];
	/** @encap: encapsulation for peers we learn. */
	enum nhrp_encap encap;
	/** @port: their UDP port, if nothing better is known. */
	u16 port;
	/** @mtu: device MTU advertised in CIEs, 0: not said. */
	u16 mtu;

	/** @hubs: the NHSs to register with. */
	struct nhrp_hub hubs[NHRP_HUBS_MAX];
	/** @nr_hubs: number of @hubs. */
	unsigned int nr_hubs;
	/** @max_hubs: the best that work are registered with, 1 to 8. */
	u8 max_hubs;
	/** @hub_hold_down_s: one that is back has to last so long; 0 off. */
	u16 hub_hold_down_s;
	/** @statics: configured mappings. */
	struct nhrp_static statics[NHRP_STATICS_MAX];
	/** @nr_statics: number of @statics. */
	unsigned int nr_statics;

	/** @nhs: we are a hub: take registrations, answer, forward. */
	bool nhs;
	/** @phase: 1, 2 or 3, the word for the next three; for display. */
	u8 phase;
	/** @redirect: hub: send traffic indications (phase 3). */
	bool redirect;
	/** @shortcut: resolve: direct paths on indications and misses. */
	bool shortcut;
	/**
	 * @resolve_answer: hub: answer for registered host addresses (phase 2);
	 * else forward to the owner (phase 3), who knows its prefix.
	 */
	bool resolve_answer;

	/** @holding_time_s: what we ask for and hand out. */
	u16 holding_time_s;
	/** @probe_interval_s: silence after which a peer is probed; 0 off. */
	u16 probe_interval_s;
	/** @unique: what a claim from another locator may do here. */
	enum nhrp_unique unique;
	/** @register_unique: set the U bit in our registrations. */
	bool register_unique;
	/** @probation: a new direct path carries data only once proven. */
	bool probation;
	/** @multicast: hub mappings and registered ones get multicast. */
	bool multicast;
	/** @extensions: send our vendor extension. */
	bool extensions;
	/** @min_plen: shortest shortcut prefix, [0] IPv4, [1] IPv6. */
	u8 min_plen[2];
	/** @max_bindings: most registered spokes. */
	u32 max_bindings;
	/** @max_shortcuts: most shortcuts and pending resolutions. */
	u32 max_shortcuts;

	/** @auth: authentication. */
	enum nhrp_auth_mode auth;
	/** @password: of NHRP_AUTH_CISCO, 1 to NHRP_PASSWORD_MAX octets. */
	char password[NHRP_PASSWORD_MAX + 1];
};

/**
 * nhrp_tunnel_config_default() - fill in the documented defaults
 * @cfg: where. No addresses, no hubs, not a hub, phase 3.
 */
void nhrp_tunnel_config_default(struct nhrp_tunnel_config *cfg);

/**
 * nhrp_tunnel_config_phase() - set the switches a phase stands for
 * @cfg: what to change: @redirect, @shortcut, @resolve_answer and @phase.
 *	Set @nhs before.
 * @phase: 1 (all by the hub), 2 (next hop kept, the hub answers), 3 (redirect
 *	and shortcut). Anything else: -EINVAL.
 */
int nhrp_tunnel_config_phase(struct nhrp_tunnel_config *cfg, unsigned int phase);

/**
 * nhrp_tunnel_config_check() - could a tunnel be made of this?
 * @cfg: what to look at.
 * @why: on failure, points to a constant text that says what is wrong.
 *
 * Return: 0 or -EINVAL.
 */
int nhrp_tunnel_config_check(const struct nhrp_tunnel_config *cfg,
			     const char **why);

/**
 * nhrp_core_new() - make an engine
 * @env: copied.
 *
 * Return: NULL without memory.
 */
struct nhrp_core *nhrp_core_new(const struct nhrp_env *env);

/**
 * nhrp_core_free() - forget everything
 * @core: or NULL. Its tunnels are freed too.
 *
 * Sends nothing and leaves the kernel as it is.
 */
void nhrp_core_free(struct nhrp_core *core);

/**
 * nhrp_core_next_deadline_ms() - when does the core want to run?
 * @core: engine.
 *
 * Return: the time at which nhrp_core_run() has work, UINT64_MAX for never. May
 * change with every call of this file.
 */
u64 nhrp_core_next_deadline_ms(const struct nhrp_core *core);

/**
 * nhrp_core_is_late() - has nobody called nhrp_core_run() in time?
 * @core: engine.
 * @now_ms: now.
 *
 * Return: true if a deadline has passed for more than a second: the machine
 * slept, or the process was stopped.
 */
bool nhrp_core_is_late(const struct nhrp_core *core, u64 now_ms);

/**
 * nhrp_core_run() - handle every timer that is due
 * @core: engine.
 * @now_ms: now; never less than in an earlier call.
 *
 * If one is due, what waits from those we know comes first: who was refreshed
 * in time does not expire. So give what was received to nhrp_tunnel_queue()
 * before.
 */
void nhrp_core_run(struct nhrp_core *core, u64 now_ms);

/**
 * nhrp_tunnel_new() - make a tunnel, silent until nhrp_tunnel_start()
 * @core: engine.
 * @cfg: copied; checked by nhrp_tunnel_config_check().
 * @priv: for nhrp_tunnel_priv().
 * @now_ms: now.
 *
 * Between this call and nhrp_tunnel_start() the daemon binds to the device and
 * feeds what the kernel holds to nhrp_tunnel_adopt_map() and _adopt_peer().
 *
 * Return: NULL if @cfg is not valid or there is no memory.
 */
struct nhrp_tunnel *nhrp_tunnel_new(struct nhrp_core *core,
				    const struct nhrp_tunnel_config *cfg,
				    void *priv, u64 now_ms);

/**
 * nhrp_tunnel_free() - forget a tunnel
 * @t: tunnel or NULL.
 *
 * Sends nothing and leaves the kernel as it is; see nhrp_tunnel_leave().
 */
void nhrp_tunnel_free(struct nhrp_tunnel *t);

/**
 * nhrp_tunnel_priv() - the pointer given to nhrp_tunnel_new()
 * @t: tunnel.
 */
void *nhrp_tunnel_priv(const struct nhrp_tunnel *t);

/**
 * nhrp_tunnel_adopt_map() - take over a mapping found in the kernel
 * @t: tunnel that has not started.
 * @map: one entry of the dump; @map->expires_ms is the time that is left.
 * @now_ms: now.
 *
 * Entries of the administrator (owner 0) are respected: nothing of ours will
 * touch or replace them. An entry with a cookie of ours becomes state of the
 * core and is set again, with the daemon's owner, by nhrp_tunnel_start().
 *
 * Return: 0 if it was adopted, -EINVAL if the cookie is not ours or says
 * nonsense (leave it to the sweep), -ENOSPC if a table is full.
 */
int nhrp_tunnel_adopt_map(struct nhrp_tunnel *t, const struct nhrp_map *map,
			  u64 now_ms);

/**
 * nhrp_tunnel_adopt_peer() - take over a peer without mapping
 * @t: tunnel that has not started.
 * @peer: one entry of the dump.
 * @now_ms: now.
 *
 * Return: as nhrp_tunnel_adopt_map().
 */
int nhrp_tunnel_adopt_peer(struct nhrp_tunnel *t, const struct nhrp_peer *peer,
			   u64 now_ms);

/**
 * nhrp_tunnel_restore() - take back a registration that was saved
 * @t: tunnel, after the kernel's table was adopted.
 * @b: what nhrp_tunnel_walk_bindings() gave at that time; @expires_ms is the
 *	time that is left, what is counted or measured is not looked at.
 * @now_ms: now.
 *
 * It is provisional: packets go where it was, until its time ends. It answers
 * nothing and keeps nobody out: any valid claim of its address or of its
 * locator takes its place at once. A message that its owner sends from there
 * makes it a registration as any other.
 *
 * Return: 0; -EEXIST if the kernel's table or @t knows better; -EINVAL if it
 * would not be accepted as a registration, for instance before the address in
 * whose subnet it is has come; -ENOSPC if the table is full.
 */
int nhrp_tunnel_restore(struct nhrp_tunnel *t,
			const struct nhrp_binding_info *b, u64 now_ms);

/**
 * nhrp_tunnel_save_at_ms() - when are the registrations to be saved?
 * @t: tunnel.
 *
 * New ones, moved ones and the end of one at once, their mere refreshes within
 * a sixth of their holding time.
 *
 * Return: that time, UINT64_MAX: nothing has changed since nhrp_tunnel_saved().
 */
u64 nhrp_tunnel_save_at_ms(const struct nhrp_tunnel *t);

/**
 * nhrp_tunnel_saved() - the registrations have been saved as they are
 * @t: tunnel.
 */
void nhrp_tunnel_saved(struct nhrp_tunnel *t);

/**
 * nhrp_tunnel_start() - begin to work
 * @t: tunnel.
 * @now_ms: now.
 *
 * Sets every mapping and peer that is wanted, the adopted ones included; what
 * carries another owner after that can be swept.
 */
void nhrp_tunnel_start(struct nhrp_tunnel *t, u64 now_ms);

/**
 * nhrp_tunnel_resync() - set everything again
 * @t: tunnel.
 * @now_ms: now.
 *
 * After lost netlink messages or a kernel table that is not what it was.
 */
void nhrp_tunnel_resync(struct nhrp_tunnel *t, u64 now_ms);

/**
 * nhrp_tunnel_reconfigure() - go over to another configuration
 * @t: tunnel.
 * @cfg: new configuration.
 * @now_ms: now.
 *
 * Only what differs is touched: a hub that is gone gets a purge and its
 * mapping is deleted, one that is too many gets a purge, a protocol address that
 * is gone is taken back, a new one is registered, a changed NBMA address is
 * registered anew with the hubs of its family and direct paths in it are proven
 * again; a hub whose name leads elsewhere stays where it is until it has answered
 * there; all else stays.
 *
 * Return: 0, -EINVAL and nothing changed if @cfg is not valid.
 */
int nhrp_tunnel_reconfigure(struct nhrp_tunnel *t,
			    const struct nhrp_tunnel_config *cfg,
			    u64 now_ms);

/**
 * nhrp_tunnel_leave() - deregister and say goodbye
 * @t: tunnel.
 * @now_ms: now.
 *
 * Purges go to the hubs and to everybody we answered, three times at most
 * within a second; mappings of ours are deleted. The tunnel does nothing
 * more after that until nhrp_tunnel_start().
 */
void nhrp_tunnel_leave(struct nhrp_tunnel *t, u64 now_ms);

/**
 * nhrp_tunnel_left() - is nhrp_tunnel_leave() done?
 * @t: tunnel.
 *
 * Return: true when every purge was answered or given up.
 */
bool nhrp_tunnel_left(const struct nhrp_tunnel *t);

/**
 * struct nhrp_frame - an NHRP packet that came in
 * @from: outer source as a locator (mark and if_id as the kernel keys it).
 * @local: outer destination.
 * @peer_id: the kernel's id of the sending peer, 0 if it is none.
 * @has_sa: it came by ESP; the next three are valid.
 * @sa_spi: SPI of the last ESP state, host byte order.
 * @sa_reqid: reqid of that state.
 * @sa_if_id: xfrm interface id of that state.
 * @data: the packet without GRE header.
 * @len: number of bytes in @data.
 */
struct nhrp_frame {
	struct nhrp_peer_key from;
	struct nhrp_addr local;
	u32 peer_id;
	bool has_sa;
	u32 sa_spi;
	u32 sa_reqid;
	u32 sa_if_id;
	const void *data;
	size_t len;
};

/**
 * nhrp_tunnel_frame() - an NHRP packet came in
 * @t: tunnel.
 * @frame: packet and where it came from; hostile.
 * @now_ms: now.
 */
void nhrp_tunnel_frame(struct nhrp_tunnel *t, const struct nhrp_frame *frame,
		       u64 now_ms);

/**
 * nhrp_tunnel_queue() - an NHRP packet came in that can wait
 * @t: tunnel.
 * @frame: packet and where it came from; copied.
 *
 * A bounded number waits. If there are more, the oldest is dropped and counted,
 * and of one source only so many wait; nobody takes the place of hubs and of
 * peers of the kernel, as who is registered is.
 */
void nhrp_tunnel_queue(struct nhrp_tunnel *t, const struct nhrp_frame *frame);

/**
 * nhrp_tunnel_queued() - packets that wait
 * @t: tunnel.
 */
unsigned int nhrp_tunnel_queued(const struct nhrp_tunnel *t);

/**
 * nhrp_tunnel_run_queue() - handle packets that wait
 * @t: tunnel.
 * @max: at most so many; of those at most a quarter of strangers while others
 *	wait, too.
 * @now_ms: now.
 */
void nhrp_tunnel_run_queue(struct nhrp_tunnel *t, unsigned int max, u64 now_ms);

/**
 * nhrp_tunnel_run_known() - handle all packets of those we know that wait
 * @t: tunnel.
 * @now_ms: now.
 *
 * Before something is told that came later, as the end of a mapping.
 */
void nhrp_tunnel_run_known(struct nhrp_tunnel *t, u64 now_ms);

/**
 * nhrp_tunnel_tx_result() - what became of a frame
 * @t: tunnel.
 * @cookie: of tx_frame; unknown ones are ignored.
 * @error: 0 sent; -EINPROGRESS no security association yet (repeated soon, not
 *	counted as unanswered); -EHOSTUNREACH, -EMSGSIZE, -EPERM, -ENETDOWN.
 * @now_ms: now.
 */
void nhrp_tunnel_tx_result(struct nhrp_tunnel *t, u64 cookie, int error,
			   u64 now_ms);

/**
 * nhrp_tunnel_miss() - the kernel has no mapping for a next hop
 * @t: tunnel.
 * @next_hop: protocol address.
 * @now_ms: now.
 */
void nhrp_tunnel_miss(struct nhrp_tunnel *t, const struct nhrp_addr *next_hop,
		      u64 now_ms);

/**
 * struct nhrp_redirect - a packet entered and left by the same domain
 * @src: its source.
 * @dst: its destination.
 * @has_ingress: @ingress is valid.
 * @ingress: the peer it came from; it is told of the shortcut.
 * @packet: leading bytes of it, from the network header on.
 * @len: number of bytes in @packet.
 */
struct nhrp_redirect {
	struct nhrp_addr src;
	struct nhrp_addr dst;
	bool has_ingress;
	struct nhrp_peer_key ingress;
	const void *packet;
	size_t len;
};

/**
 * nhrp_tunnel_redirect() - the kernel's redirect hint
 * @t: tunnel the packet came in by.
 * @r: the packet.
 * @now_ms: now.
 */
void nhrp_tunnel_redirect(struct nhrp_tunnel *t, const struct nhrp_redirect *r,
			  u64 now_ms);

/**
 * nhrp_tunnel_unknown_peer() - a packet came from a stranger
 * @t: tunnel.
 * @from: its locator.
 * @len: bytes of the packet inside its GRE header; the NHRP packet that we may
 *	send back is never longer
 * @now_ms: now.
 */
void nhrp_tunnel_unknown_peer(struct nhrp_tunnel *t,
			      const struct nhrp_peer_key *from, size_t len,
			      u64 now_ms);

/**
 * nhrp_tunnel_unknown_source() - who sent the packet of a stranger
 * @t: tunnel.
 * @src: source of the inner packet.
 * @now_ms: now.
 *
 * A spoke that has lost its memory has forgotten whom it told its locator. They
 * send on, a foreign one as long as it was told. Nothing is believed of the
 * packet: the hub is asked where @src is, and its answer lets the sender in.
 */
void nhrp_tunnel_unknown_source(struct nhrp_tunnel *t,
				const struct nhrp_addr *src, u64 now_ms);

/**
 * nhrp_tunnel_peer_unreach() - packets to a peer cannot leave
 * @t: tunnel.
 * @peer: its locator.
 * @error: negative errno, 0 if only a reason is known.
 * @now_ms: now.
 *
 * A hint: the peer is probed at once, nothing is taken away.
 */
void nhrp_tunnel_peer_unreach(struct nhrp_tunnel *t,
			      const struct nhrp_peer_key *peer, int error,
			      u64 now_ms);

/**
 * nhrp_tunnel_expired() - the kernel dropped a mapping at its time
 * @t: tunnel.
 * @prefix: which.
 * @now_ms: now.
 */
void nhrp_tunnel_expired(struct nhrp_tunnel *t,
			 const struct nhrp_prefix *prefix, u64 now_ms);

/**
 * nhrp_tunnel_lower() - the underlay came or went
 * @t: tunnel.
 * @up: whether frames can be sent now.
 * @now_ms: now.
 *
 * Down stops requests and takes nothing away; up registers at once.
 */
void nhrp_tunnel_lower(struct nhrp_tunnel *t, bool up, u64 now_ms);

/**
 * nhrp_tunnel_peer_ready() - a security association with a peer came up
 * @t: tunnel.
 * @peer: its locator; mark and if_id are not looked at.
 * @now_ms: now.
 *
 * What waits for an answer from there is sent again at once.
 */
void nhrp_tunnel_peer_ready(struct nhrp_tunnel *t,
			    const struct nhrp_peer_key *peer, u64 now_ms);

/**
 * nhrp_tunnel_routes_changed() - the routing table is not what it was
 * @t: tunnel.
 * @now_ms: now.
 *
 * Those we answered for a prefix that is not ours any more get a purge, and
 * shortcuts that no route of the tunnel covers any more are dropped. One whose
 * route is narrower now, or by another gateway, is asked for again. After 3 s
 * without an answer it is dropped, unless only the gateway is another one and the
 * path works. Call it at most a few times a second.
 */
void nhrp_tunnel_routes_changed(struct nhrp_tunnel *t, u64 now_ms);

/*
 * Looking in. Everything below is read-only; pointers in it are valid until
 * the next call that is not.
 */

/**
 * enum nhrp_hubs_state - what our hubs together come to
 * @NHRP_HUBS_JOINING: none works yet, but one is asked and has not failed.
 * @NHRP_HUBS_WORK: one at least knows us.
 * @NHRP_HUBS_DOWN: there is none that answers and takes us.
 */
enum nhrp_hubs_state {
	NHRP_HUBS_JOINING,
	NHRP_HUBS_WORK,
	NHRP_HUBS_DOWN,
};

/**
 * nhrp_tunnel_hubs() - does any hub work?
 * @t: tunnel.
 *
 * A hub that only takes our link-local addresses does not count.
 *
 * Return: &enum nhrp_hubs_state.
 */
enum nhrp_hubs_state nhrp_tunnel_hubs(const struct nhrp_tunnel *t);

/**
 * enum nhrp_nhs_state - state of a registration
 * @NHRP_NHS_WAIT: the underlay is down, it is not known where the hub's name leads
 *	to, there is no NBMA address of ours to reach it from, or the tunnel has left.
 * @NHRP_NHS_REGISTERING: asked, no answer yet.
 * @NHRP_NHS_REGISTERED: the hub knows us.
 * @NHRP_NHS_UNREACHABLE: three requests without an answer, five if something
 *	else came from the hub meanwhile; still asking.
 * @NHRP_NHS_REFUSED: the hub said no; asked again later.
 * @NHRP_NHS_STANDBY: not asked, as enough better hubs work.
 */
enum nhrp_nhs_state {
	NHRP_NHS_WAIT,
	NHRP_NHS_REGISTERING,
	NHRP_NHS_REGISTERED,
	NHRP_NHS_UNREACHABLE,
	NHRP_NHS_REFUSED,
	NHRP_NHS_STANDBY,
};

/**
 * struct nhrp_nhs_info - one registration: (hub, own protocol address)
 * @local: own protocol address.
 * @has_proto: @proto is valid.
 * @proto: the hub's protocol address.
 * @name: its DNS name, empty: it has none.
 * @peer: its locator; family 0 while it is not known where its name leads to.
 * @trial: @peer is an address of its name that is tried beside the one in use.
 * @priority: its preference.
 * @state: see there.
 * @no_source: there is no NBMA address of ours of the family of @peer.
 * @active: the hub works and is one of those that we use.
 * @in_use: data without a mapping goes by this hub.
 * @usable_ms: it is back and used again after this time; 0: not so.
 * @nak_code: CIE code of the last refusal, 0 if none.
 * @attempts: requests since the last answer.
 * @since_ms: time in this state.
 * @registered_ms: since the last answer, UINT64_MAX if none.
 * @refresh_ms: until the next request.
 * @holding_time_s: granted.
 * @has_outside: @outside is valid.
 * @outside: our NBMA address as the hub sees it, if behind a NAT.
 * @is_dvpn: the hub answered our vendor extension.
 */
struct nhrp_nhs_info {
	struct nhrp_addr local;
	bool has_proto;
	struct nhrp_addr proto;
	const char *name;
	struct nhrp_peer_key peer;
	bool trial;
	u8 priority;
	enum nhrp_nhs_state state;
	bool no_source;
	bool active;
	bool in_use;
	u64 usable_ms;
	u8 nak_code;
	u32 attempts;
	u64 since_ms;
	u64 registered_ms;
	u64 refresh_ms;
	u16 holding_time_s;
	bool has_outside;
	struct nhrp_addr outside;
	bool is_dvpn;
};

/**
 * struct nhrp_binding_info - a spoke that is registered here
 * @proto: its protocol address.
 * @peer: its locator.
 * @claimed: the NBMA address it says it has; differs behind a NAT.
 * @unique: it asked to be unique.
 * @nat: it is behind a NAT.
 * @provisional: it was restored, and its owner has not been heard of since.
 * @verifying: another locator claims the address, the owner is being asked.
 * @age_ms: since it was first registered (or adopted).
 * @expires_ms: until it lapses.
 * @holding_time_s: granted.
 * @request_id: of its last request.
 * @requesters: how many were told of it and would get a purge.
 */
struct nhrp_binding_info {
	struct nhrp_addr proto;
	struct nhrp_peer_key peer;
	struct nhrp_addr claimed;
	bool unique;
	bool nat;
	bool provisional;
	bool verifying;
	u64 age_ms;
	u64 expires_ms;
	u16 holding_time_s;
	u32 request_id;
	unsigned int requesters;
};

/**
 * enum nhrp_shortcut_state - state of a direct path
 * @NHRP_SHORTCUT_RESOLVING: asked the hub.
 * @NHRP_SHORTCUT_PROBATION: known, not proven; data goes by the hub.
 * @NHRP_SHORTCUT_ACTIVE: data goes direct.
 * @NHRP_SHORTCUT_RENEWING: active, and asked again before it expires.
 * @NHRP_SHORTCUT_NEGATIVE: nobody could tell; not asked for a while.
 */
enum nhrp_shortcut_state {
	NHRP_SHORTCUT_RESOLVING,
	NHRP_SHORTCUT_PROBATION,
	NHRP_SHORTCUT_ACTIVE,
	NHRP_SHORTCUT_RENEWING,
	NHRP_SHORTCUT_NEGATIVE,
};

/**
 * struct nhrp_shortcut_info - a direct path, or the attempt at one
 * @prefix: host or prefix it is for.
 * @state: see there.
 * @next_hop: protocol address of the other end; family 0 while resolving.
 * @peer: its locator; family 0 while resolving.
 * @claimed: the NBMA address it says it has.
 * @age_ms: since it was first wanted.
 * @expires_ms: until it lapses.
 * @reason: constant text why it is not active, NULL if it is.
 */
struct nhrp_shortcut_info {
	struct nhrp_prefix prefix;
	enum nhrp_shortcut_state state;
	struct nhrp_addr next_hop;
	struct nhrp_peer_key peer;
	struct nhrp_addr claimed;
	u64 age_ms;
	u64 expires_ms;
	const char *reason;
};

typedef void (*nhrp_nhs_fn)(void *arg, const struct nhrp_nhs_info *info);
typedef void (*nhrp_binding_fn)(void *arg, const struct nhrp_binding_info *info);
typedef void (*nhrp_shortcut_fn)(void *arg,
				 const struct nhrp_shortcut_info *info);

/**
 * nhrp_tunnel_walk_nhs() - registrations of ours with hubs
 * @t: tunnel.
 * @now_ms: now.
 * @fn: called for each; changes nothing.
 * @arg: for @fn.
 */
void nhrp_tunnel_walk_nhs(const struct nhrp_tunnel *t, u64 now_ms,
			  nhrp_nhs_fn fn, void *arg);

/**
 * nhrp_tunnel_walk_bindings() - registrations of others with us
 * @t: tunnel.
 * @now_ms: now.
 * @fn: called for each; changes nothing.
 * @arg: for @fn.
 */
void nhrp_tunnel_walk_bindings(const struct nhrp_tunnel *t, u64 now_ms,
			       nhrp_binding_fn fn, void *arg);

/**
 * nhrp_tunnel_walk_shortcuts() - direct paths and pending resolutions
 * @t: tunnel.
 * @now_ms: now.
 * @fn: called for each; changes nothing.
 * @arg: for @fn.
 */
void nhrp_tunnel_walk_shortcuts(const struct nhrp_tunnel *t, u64 now_ms,
				nhrp_shortcut_fn fn, void *arg);

/**
 * nhrp_tunnel_counter() - value of a counter
 * @t: tunnel.
 * @c: which.
 */
u64 nhrp_tunnel_counter(const struct nhrp_tunnel *t, enum nhrp_counter c);

/**
 * nhrp_tunnel_config() - the configuration in force
 * @t: tunnel.
 */
const struct nhrp_tunnel_config *nhrp_tunnel_config(const struct nhrp_tunnel *t);

/* Names for people and JSON; never NULL. */
const char *nhrp_counter_name(enum nhrp_counter c);
/* Why something is refused or ignored, as part of a sentence; never NULL. */
const char *nhrp_counter_words(enum nhrp_counter c);
const char *nhrp_event_name(enum nhrp_event e);
const char *nhrp_nhs_state_name(enum nhrp_nhs_state s);
const char *nhrp_shortcut_state_name(enum nhrp_shortcut_state s);

#endif /* NHRP_CORE_H */
