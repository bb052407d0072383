/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_TUPLE_H
#define DVPN_TUPLE_H

#include <linux/list.h>
#include <linux/types.h>

struct dvpn_conf;
struct dvpn_dev;
struct net;
struct netlink_ext_ack;

#define DVPN_TUPLE_BITS		6

/**
 * struct dvpn_net - what a network namespace is as an underlay
 * @net: the namespace
 * @devs: &dvpn_dev.dev_node of all devices with this underlay; rtnl
 * @tuples: bound configurations by family (0 IPv4, 1 IPv6), local address and
 *	key; written under rtnl, read under RCU
 * @udp_socks: sockets for GRE in UDP; rtnl
 * @hook_users: devices that need the receive hook; rtnl
 * @vrf_users: devices of this namespace that are in a VRF; rtnl
 */
struct dvpn_net {
	struct net *net;
	struct list_head devs;
	struct hlist_head tuples[2][1 << DVPN_TUPLE_BITS];
	struct list_head udp_socks;
	unsigned int hook_users;
	unsigned int vrf_users;
};

struct dvpn_net *dvpn_net_get(struct net *net);

/* Under rtnl or RCU. */
bool dvpn_conf_serves(const struct dvpn_conf *conf, u8 family);

/* All of these under rtnl. */

/* Finds the underlay interface by name: sets link and link_is_l3mdev. */
void dvpn_conf_resolve(struct dvpn_conf *conf);
/* Refuses what another device of the underlay has; -EEXIST. */
int dvpn_conf_unique(const struct dvpn_conf *conf,
		     struct netlink_ext_ack *extack);
/* Makes @conf, resolved, the device's configuration and frees the old one. */
void dvpn_conf_install(struct dvpn_dev *dd, struct dvpn_conf *conf);
/* Do both want the same packets? */
bool dvpn_conf_collides(const struct dvpn_conf *a, const struct dvpn_conf *b,
			u8 family);
/* Out of all receive lookups; a grace period ends what runs. */
void dvpn_conf_unhash(struct dvpn_conf *conf);
/* An interface of the namespace came, went or was renamed. */
void dvpn_rebind_all(struct dvpn_net *dn);
/* A device went or changed its tuple. */
void dvpn_rebind_collided(struct dvpn_net *dn);
/* An interface went into a VRF or out of it. */
void dvpn_reset_bound(struct dvpn_net *dn, int ifindex);

int dvpn_tuple_init(void);	/* per-namespace state */
void dvpn_tuple_exit(void);

#endif /* DVPN_TUPLE_H */
