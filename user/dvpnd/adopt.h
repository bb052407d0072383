/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the table holds already, from an agent before us or from before messages were lost
 *
 * Nothing is ever flushed: entries that the core knows again get our owner, and only those
 * that still have another one after a while are swept.
 */
#ifndef DVPND_ADOPT_H
#define DVPND_ADOPT_H

#include "nhrp/core.h"

struct tunnel;

/**
 * adopt_start() - read the table, hand it to a new core, start that
 * @t: tunnel, bound as agent.
 * @cfg: configuration of the core.
 *
 * Return: 0 or a negative errno.
 */
int adopt_start(struct tunnel *t, const struct nhrp_tunnel_config *cfg);

/**
 * adopt_resync() - read the table again and let the core state all its wishes
 * @t: tunnel.
 *
 * They carry a new owner then.
 */
void adopt_resync(struct tunnel *t);

/**
 * adopt_sweep() - remove what nobody wants, if it is time
 * @t: tunnel.
 *
 * Return: milliseconds until it may be, UINT64_MAX: not to be waited for.
 */
u64 adopt_sweep(struct tunnel *t);

#endif /* DVPND_ADOPT_H */
