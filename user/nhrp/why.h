/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a destination is reached as it is: one sentence first
 *
 * What routing table and kernel do with a packet is found out by whoever asks;
 * the core adds what it knows and says what matters of it all.
 */
#ifndef NHRP_WHY_H
#define NHRP_WHY_H

#include "nhrp/core.h"

/* Bytes of a sentence. */
#define NHRP_WHY_LEN	400

/**
 * enum nhrp_why_exit - where the routing table sends packets to a destination
 * @NHRP_WHY_EXIT_NONE: nowhere: no route, or one that refuses.
 * @NHRP_WHY_EXIT_LOCAL: here: it is an address of this machine.
 * @NHRP_WHY_EXIT_OTHER: another interface.
 * @NHRP_WHY_EXIT_TUNNEL: the tunnel.
 */
enum nhrp_why_exit {
	NHRP_WHY_EXIT_NONE,
	NHRP_WHY_EXIT_LOCAL,
	NHRP_WHY_EXIT_OTHER,
	NHRP_WHY_EXIT_TUNNEL,
};

/**
 * enum nhrp_why_verdict - what the kernel's table does, values of enum
 *	dvpn_verdict
 * @NHRP_WHY_DIRECT: by the mapping of the next hop.
 * @NHRP_WHY_SHORTCUT: by a mapping that covers the destination.
 * @NHRP_WHY_NHS: by the hub in use: there is no mapping.
 * @NHRP_WHY_NHS_PROBATION: by the hub in use: the mapping is on probation.
 * @NHRP_WHY_NHS_UNREACHABLE: by the hub in use: the mapping is a negative one.
 * @NHRP_WHY_MULTICAST: a copy to each of several peers.
 * @NHRP_WHY_DROP: it is dropped.
 * @NHRP_WHY_UNKNOWN: the table cannot be asked.
 */
enum nhrp_why_verdict {
	NHRP_WHY_DIRECT,
	NHRP_WHY_SHORTCUT,
	NHRP_WHY_NHS,
	NHRP_WHY_NHS_PROBATION,
	NHRP_WHY_NHS_UNREACHABLE,
	NHRP_WHY_MULTICAST,
	NHRP_WHY_DROP,
	NHRP_WHY_UNKNOWN,
};

/**
 * struct nhrp_why_path - what a packet to a destination meets
 * @device: name of the tunnel; NULL: none is concerned.
 * @down: why the tunnel carries nothing or is not looked after; NULL: all is
 *	well.
 * @exit: see there.
 * @other: name of the interface, of NHRP_WHY_EXIT_OTHER.
 * @hop: protocol address of the next hop, of NHRP_WHY_EXIT_TUNNEL.
 * @verdict: see there.
 * @map: the mapping taken; family 0: none.
 * @peer: where it leads.
 * @administrator: it belongs to nobody of us.
 * @recursive: packets to @peer leave by the tunnel itself.
 */
struct nhrp_why_path {
	const char *device;
	const char *down;
	enum nhrp_why_exit exit;
	const char *other;
	struct nhrp_addr hop;
	enum nhrp_why_verdict verdict;
	struct nhrp_prefix map;
	struct nhrp_peer_key peer;
	bool administrator;
	bool recursive;
};

/**
 * struct nhrp_why - what the core knows of a destination
 * @hop_is: what the next hop is to us: "hub", "static", "registered", or NULL.
 * @has_shortcut: @shortcut is valid.
 * @shortcut: direct path to it, or the attempt at one.
 * @reason: why there is no direct path that carries packets, a constant text;
 *	NULL: there is one, or none is needed.
 */
struct nhrp_why {
	const char *hop_is;
	bool has_shortcut;
	struct nhrp_shortcut_info shortcut;
	const char *reason;
};

/**
 * nhrp_tunnel_why() - what does the core know of a destination?
 * @t: tunnel.
 * @dst: destination.
 * @path: what a packet to it meets; its exit is the tunnel.
 * @now_ms: now.
 * @why: filled in.
 *
 * Changes nothing. Looks at every shortcut: for people, not for packets.
 */
void nhrp_tunnel_why(struct nhrp_tunnel *t, const struct nhrp_addr *dst,
		     const struct nhrp_why_path *path, u64 now_ms,
		     struct nhrp_why *why);

/**
 * nhrp_why_sentence() - the one thing that matters
 * @dst: destination.
 * @path: what a packet to it meets.
 * @why: what the core knows of it, NULL: it is not concerned.
 * @buf: where to, NHRP_WHY_LEN bytes.
 *
 * Return: @buf.
 */
const char *nhrp_why_sentence(const struct nhrp_addr *dst,
			      const struct nhrp_why_path *path,
			      const struct nhrp_why *why, char *buf);

#endif
