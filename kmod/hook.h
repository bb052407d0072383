/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_HOOK_H
#define DVPN_HOOK_H

struct net;

/* The receive hook of an underlay namespace: counted, under rtnl. */
int dvpn_hook_get(struct net *net);
void dvpn_hook_put(struct net *net);

#endif /* DVPN_HOOK_H */
