/* SPDX-License-Identifier: GPL-2.0 */
/* How a tunnel is configured */
#ifndef NHRP_CONFIG_H
#define NHRP_CONFIG_H

#include "nhrp/identity.h"
#include "nhrp/map.h"

#define NHRP_LOCALS_MAX		8	/* own protocol addresses of a tunnel */
#define NHRP_HUBS_MAX		8	/* configured hubs of a tunnel */
#define NHRP_HUB_ADDRS_MAX	8	/* addresses of a hub's name */
#define NHRP_HUB_NAME_MAX	254	/* bytes of that name with NUL */
#define NHRP_STATICS_MAX	64	/* static mappings of a tunnel */
#define NHRP_HUB_KEYS_MAX	2	/* keys of a hub */

#define NHRP_HOLDING_TIME_DEFAULT_S	600
#define NHRP_HOLDING_TIME_MIN_S		10
#define NHRP_HOLDING_TIME_MAX_S		65535
#define NHRP_PROBE_INTERVAL_DEFAULT_S	20
#define NHRP_HUB_HOLD_DOWN_DEFAULT_S	60

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
 * enum nhrp_auth_mode - authentication of NHRP packets, hop by hop, the weakest first
 * @NHRP_AUTH_NONE: none is sent, one that is received is ignored.
 * @NHRP_AUTH_CISCO: clear text password, required in every packet.
 * @NHRP_AUTH_HMAC: HMAC-SHA-256 with a key that both have, required in every
 *	packet; one that was sent before is refused.
 */
enum nhrp_auth_mode {
	NHRP_AUTH_NONE,
	NHRP_AUTH_CISCO,
	NHRP_AUTH_HMAC,
};

/**
 * enum nhrp_switch - a switch of a peer that the tunnel has, too
 * @NHRP_AS_TUNNEL: as the tunnel's.
 * @NHRP_OFF: not for this peer.
 * @NHRP_ON: for this peer.
 */
enum nhrp_switch {
	NHRP_AS_TUNNEL,
	NHRP_OFF,
	NHRP_ON,
};

/**
 * struct nhrp_peer_says - what is configured for one peer in place of the tunnel's switches
 * @probation: direct paths to where it is carry data only once proven.
 * @extensions: it gets our vendor extension.
 */
struct nhrp_peer_says {
	enum nhrp_switch probation;
	enum nhrp_switch extensions;
};

/**
 * struct nhrp_hub_auth - authentication of what we exchange with a hub
 * @own: it is the hub's own; else that of the tunnel holds, and nothing else is read.
 * @mode: what is sent to where the hub is, and required of what comes from there.
 * @password: of NHRP_AUTH_CISCO, 1 to NHRP_PASSWORD_MAX octets.
 */
struct nhrp_hub_auth {
	bool own;
	enum nhrp_auth_mode mode;
	char password[NHRP_PASSWORD_MAX + 1];
};

/**
 * struct nhrp_hub - a configured hub (NHS)
 * @has_proto: @proto is given; else it is learned from the first reply.
 * @proto: its protocol address.
 * @peer: its locator.
 * @priority: preference, the lowest is taken first.
 * @auth: authentication, if it is not as everywhere in the tunnel.
 * @key_ids: of NHRP_AUTH_HMAC: keys that it may sign with; we sign with the first
 *	what we send to it. 0 in the first: any group key, and ours, if the tunnel has one.
 * @says: its own switches.
 * @name: DNS name that its NBMA address has, empty: @peer says where it is.
 * @addrs: where the name leads to, the best one first. Of these the core chooses
 *	@peer.nbma and keeps it while it does its work, even if it is not among
 *	them any more. What is there is read only if no hub had that name before:
 *	where it was by then.
 * @nr_addrs: how many; 0: not known, the hub stays where it was or has to wait.
 * @more: there are others, too: that one is not in @addrs says nothing.
 */
struct nhrp_hub {
	bool has_proto;
	struct nhrp_addr proto;
	struct nhrp_peer_key peer;
	u8 priority;
	struct nhrp_hub_auth auth;
	u16 key_ids[NHRP_HUB_KEYS_MAX];
	struct nhrp_peer_says says;
	char name[NHRP_HUB_NAME_MAX];
	struct nhrp_addr addrs[NHRP_HUB_ADDRS_MAX];
	unsigned int nr_addrs;
	bool more;
};

/**
 * nhrp_hub_is() - is that the hub of this name, or without one at this address?
 * @hub: configured one.
 * @name: name of the other one, empty: it has none.
 * @peer: its locator. Where a hub that has a name is does not matter.
 *
 * One name by two ways - encapsulation, port, mark, if_id - is two hubs.
 *
 * Return: whether they are one.
 */
bool nhrp_hub_is(const struct nhrp_hub *hub, const char *name,
		 const struct nhrp_peer_key *peer);

/**
 * struct nhrp_static - a configured mapping
 * @proto: protocol address of the next hop.
 * @peer: its locator.
 * @multicast: it gets a copy of multicast packets.
 * @says: its own switches.
 */
struct nhrp_static {
	struct nhrp_addr proto;
	struct nhrp_peer_key peer;
	bool multicast;
	struct nhrp_peer_says says;
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
	/**
	 * @domain: tunnels with the same one, if it is not 0, are one network if they are in the
	 * same @vrf, too: what comes by one may go on by another.
	 */
	u32 domain;
	/** @vrf: interface index of the VRF that the tunnel's addresses are in, 0: none. */
	u32 vrf;

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
	/**
	 * @max_holding_time_s: hub: most that a client is granted of which we know that it
	 * refreshes by what it is granted, as dvpn does; 0: what it asks for.
	 */
	u16 max_holding_time_s;
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
	/**
	 * @starts_ike: the first packet to a peer starts IKE with it: of two that have just
	 * heard of each other one lets the other begin. Without it no IKE identity owns
	 * what it has registered.
	 */
	bool starts_ike;
	/** @min_plen: shortest shortcut prefix, [0] IPv4, [1] IPv6. */
	u8 min_plen[2];
	/**
	 * @claim: hub: addresses that may be registered, whoever does; empty: those in the
	 * subnets of @locals. One of ours that is a host route has none.
	 */
	struct nhrp_prefixes claim;
	/** @max_bindings: most registered spokes. */
	u32 max_bindings;
	/** @max_shortcuts: most shortcuts and pending resolutions. */
	u32 max_shortcuts;

	/** @auth: authentication, where no hub is that has its own. */
	enum nhrp_auth_mode auth;
	/** @password: of NHRP_AUTH_CISCO, 1 to NHRP_PASSWORD_MAX octets. */
	char password[NHRP_PASSWORD_MAX + 1];
	/**
	 * @keys: group keys of NHRP_AUTH_HMAC: what is signed with any is taken. Those of
	 * hubs are among them.
	 */
	struct nhrp_key keys[NHRP_KEYS_MAX];
	/** @nr_keys: number of @keys. */
	unsigned int nr_keys;
	/**
	 * @key_id: of NHRP_AUTH_HMAC: the one of @keys that we sign with for those
	 * who have no key of their own; 0: nothing, if there are identities.
	 */
	u16 key_id;
	/** @identities: members that have keys of their own; NULL: none. */
	struct nhrp_identities *identities;
	/** @identity_required: hub: others are not registered. */
	bool identity_required;
};

/**
 * nhrp_auth_mode_of() - which authentication holds for a hub
 * @cfg: of its tunnel.
 * @hub: the hub; NULL: for everybody who is none.
 */
enum nhrp_auth_mode nhrp_auth_mode_of(const struct nhrp_tunnel_config *cfg,
				      const struct nhrp_hub *hub);

/**
 * nhrp_auth_alike() - is what is good for one hub good for the other?
 * @a: the one's tunnel.
 * @hub_a: the one, or NULL: everybody who is no hub.
 * @b: the other's tunnel.
 * @hub_b: the other, or NULL.
 *
 * Keys are compared by their ids.
 */
bool nhrp_auth_alike(const struct nhrp_tunnel_config *a, const struct nhrp_hub *hub_a,
		     const struct nhrp_tunnel_config *b, const struct nhrp_hub *hub_b);

/**
 * nhrp_auth_signs() - is there anybody for whom NHRP_AUTH_HMAC holds?
 * @cfg: tunnel.
 */
bool nhrp_auth_signs(const struct nhrp_tunnel_config *cfg);

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

#endif /* NHRP_CONFIG_H */
