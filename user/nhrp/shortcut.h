/* SPDX-License-Identifier: GPL-2.0 */
/* Shortcuts: mappings of ours that lead to a remote. */
#ifndef NHRP_SHORTCUT_H
#define NHRP_SHORTCUT_H

#include "nhrp/core.h"
#include "nhrp/table.h"
#include "nhrp/timer.h"

struct nhrp_remote;
struct nhrp_rx;

#define NHRP_VOUCHERS_MAX	4	/* hubs beyond ours, per shortcut */

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

#endif
