/* SPDX-License-Identifier: GPL-2.0 */
/* Taking back one thing that is known, and what that costs */
#ifndef NHRP_CLEAR_H
#define NHRP_CLEAR_H

#include "nhrp/core.h"

/**
 * enum nhrp_clear_kind - what is cleared
 * @NHRP_CLEAR_MAP: of a protocol address or prefix: the registration of a spoke here, or
 *	a direct path of just that prefix.
 * @NHRP_CLEAR_SHORTCUT: the direct path to a protocol address, or to a prefix, and the
 *	attempt at one.
 * @NHRP_CLEAR_PEER: all that leads to an NBMA address.
 * @NHRP_CLEAR_HUB: what keeps a hub from being asked or used now: a refusal, the time
 *	between requests, a hold-down. Nothing is taken away.
 */
enum nhrp_clear_kind {
	NHRP_CLEAR_MAP,
	NHRP_CLEAR_SHORTCUT,
	NHRP_CLEAR_PEER,
	NHRP_CLEAR_HUB,
};

/**
 * struct nhrp_cleared - something that is cleared
 * @what: "registration", "shortcut", "resolution" or "hub".
 * @prefix: protocol address or prefix; family 0: not known.
 * @peer: where it leads; family 0: not known.
 * @cost: what that costs, one sentence.
 */
struct nhrp_cleared {
	const char *what;
	struct nhrp_prefix prefix;
	struct nhrp_peer_key peer;
	const char *cost;
};

/**
 * struct nhrp_clear - what is to be cleared
 * @kind: &enum nhrp_clear_kind.
 * @prefix: what, for @NHRP_CLEAR_MAP and @NHRP_CLEAR_SHORTCUT; masked.
 * @nbma: what, for @NHRP_CLEAR_PEER.
 * @hub: which hub of the configuration, for @NHRP_CLEAR_HUB.
 * @dry_run: only tell.
 * @now_ms: now.
 * @fn: told of each thing before it is cleared.
 * @arg: for @fn.
 */
struct nhrp_clear {
	enum nhrp_clear_kind kind;
	struct nhrp_prefix prefix;
	struct nhrp_addr nbma;
	unsigned int hub;
	bool dry_run;
	u64 now_ms;
	void (*fn)(void *arg, const struct nhrp_cleared *c);
	void *arg;
};

/**
 * nhrp_tunnel_clear() - forget something
 * @t: tunnel.
 * @clear: what.
 *
 * Return: 0; -ENOENT: there is nothing like that; -EBUSY: it is a hub's, which is not
 * forgotten but asked again; -EPERM: it was made by hand.
 */
int nhrp_tunnel_clear(struct nhrp_tunnel *t, const struct nhrp_clear *clear);

#endif
