/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Looking in
 *
 * Everything here is read-only; pointers in it are valid until the next call that is not.
 */
#ifndef NHRP_SHOW_H
#define NHRP_SHOW_H

#include "nhrp/config.h"
#include "nhrp/notice.h"

struct nhrp_tunnel;

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

/* What to say of a hub that does not answer if @may_share of nhrp_nhs_info. */
#define NHRP_MAY_SHARE_WORDS	"; if another spoke shares your public address use encap udp"

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
 * @may_share: by GRE through a NAT, as far as can be told: where another spoke is behind
 *	the same address, only one of them is heard.
 * @no_sa: the last request has not left for want of a security association.
 * @active: the hub works and is one of those that we use.
 * @in_use: data without a mapping goes by this hub.
 * @usable_ms: it is back and used again after this time; 0: not so.
 * @nak_code: CIE code of the last refusal, 0 if none.
 * @auth_failed: the last that came from the hub says that our authentication is
 *	wrong; not signed, so others may have said so.
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
	bool may_share;
	bool no_sa;
	bool active;
	bool in_use;
	u64 usable_ms;
	u8 nak_code;
	bool auth_failed;
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
 * @identity: name of whose it is, empty: nobody's, or not known.
 * @ike_owner: nhrp_ike_owner() of who registered it, 0: nobody's.
 * @rival: name of the identity that was refused it last, empty: none was.
 * @rival_ike: IKE identity of @rival, empty: it has none.
 * @rival_nbma: NBMA address that this came from.
 * @rival_ms: since then.
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
	char identity[NHRP_IDENTITY_NAME_MAX];
	u64 ike_owner;
	char rival[NHRP_IDENTITY_NAME_MAX];
	char rival_ike[NHRP_IKE_ID_MAX];
	struct nhrp_addr rival_nbma;
	u64 rival_ms;
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
 * @NHRP_SHORTCUT_RELAYED: reserved: known, and by way of a relay for good, as no direct path
 *	can be. None is in this state yet.
 */
enum nhrp_shortcut_state {
	NHRP_SHORTCUT_RESOLVING,
	NHRP_SHORTCUT_PROBATION,
	NHRP_SHORTCUT_ACTIVE,
	NHRP_SHORTCUT_RENEWING,
	NHRP_SHORTCUT_NEGATIVE,
	NHRP_SHORTCUT_RELAYED,
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
const char *nhrp_nhs_state_name(enum nhrp_nhs_state s);
const char *nhrp_shortcut_state_name(enum nhrp_shortcut_state s);

#endif /* NHRP_SHOW_H */
