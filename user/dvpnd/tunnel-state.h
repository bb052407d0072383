/* SPDX-License-Identifier: GPL-2.0 */
/* How far a tunnel is, and what it lacks */
#ifndef DVPND_TUNNEL_STATE_H
#define DVPND_TUNNEL_STATE_H

#include "dvpnd/tunnel.h"

const char *tunnel_state_name(enum tunnel_state state);

/* Was it told to leave? */
bool tunnel_is_away(const struct tunnel *t);

/**
 * tunnel_set_state() - a tunnel is in this state now
 * @t: tunnel. One that was told to leave is "leaving" or "left", whatever becomes of its
 *	device: only tunnel_reconfigure() ends that.
 * @state: that is told if it is another one, or for another reason.
 * @fmt: reason, "": all is well.
 */
void tunnel_set_state(struct tunnel *t, enum tunnel_state state, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* What it had to do when it was told to leave is done. */
void tunnel_set_left(struct tunnel *t);

/* Is its device up, with carrier? */
bool tunnel_lower_up(const struct tunnel *t);

/* The state of a tunnel that has its device. */
void tunnel_update_state(struct tunnel *t);

#endif /* DVPND_TUNNEL_STATE_H */
