/* SPDX-License-Identifier: GPL-2.0 */
/* A tunnel that was told to leave */
#ifndef DVPND_LEAVE_H
#define DVPND_LEAVE_H

#include "dvpnd/tunnel.h"

/* Say goodbye (nhrp_tunnel_leave()) and stay away, until tunnel_reconfigure() ends that. */
void tunnel_leave(struct tunnel *t);

/* Attached: everybody was told, and the kernel took what was to go out of the tables. */
bool tunnel_has_left(const struct tunnel *t);

/* Not attached: it needs nothing, but to take routes out that it has exported. */
void tunnel_stay_away(struct tunnel *t);

/**
 * tunnel_take_out_routes() - go on with that
 * @t: tunnel that is not attached.
 *
 * Return: milliseconds until there is something to do, UINT64_MAX: nothing.
 */
u64 tunnel_take_out_routes(struct tunnel *t);

/* It has left. If it is not attached, a look at its device does the rest. */
void tunnel_begin_again(struct tunnel *t);

#endif /* DVPND_LEAVE_H */
