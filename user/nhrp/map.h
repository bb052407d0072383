/* SPDX-License-Identifier: GPL-2.0 */
/* What is in the kernel's table: mappings, and the peers that they lead to */
#ifndef NHRP_MAP_H
#define NHRP_MAP_H

#include "nhrp/addr.h"

#define NHRP_COOKIE_MAX		64	/* bytes, as DVPN_COOKIE_MAX */

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
 * @registered: in map_set only: somebody is registered with us there, and was heard
 *	of since we know of it.
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
	bool registered;
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

#endif /* NHRP_MAP_H */
