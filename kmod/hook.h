/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_HOOK_H
#define DVPN_HOOK_H

#include <linux/types.h>

struct net;

void dvpn_hook_init(void);	/* when the module is loaded */

/* The receive hook of an underlay namespace: counted, under rtnl. */
int dvpn_hook_get(struct net *net);
void dvpn_hook_put(struct net *net);

/* Reassembly of IPv6 ahead of the hook, while there are IPv6 peers. Process
 * context. Put only what get returned true for.
 */
bool dvpn_defrag6_get(struct net *net);
void dvpn_defrag6_put(struct net *net);

#endif /* DVPN_HOOK_H */
