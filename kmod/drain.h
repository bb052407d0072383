/* SPDX-License-Identifier: GPL-2.0 */
/* A local address that the device has given up is served for a while. */
#ifndef DVPN_DRAIN_H
#define DVPN_DRAIN_H

#include <linux/list.h>
#include <linux/workqueue.h>

struct dvpn_conf;
struct dvpn_dev;
struct dvpn_net;

/**
 * struct dvpn_drain - former configurations that still receive
 * @confs: &dvpn_conf.drain_node, oldest first; rtnl
 * @n: how many; rtnl
 * @work: ends those whose time is over
 */
struct dvpn_drain {
	struct list_head confs;
	unsigned int n;
	struct delayed_work work;
};

/* All under rtnl. */
void dvpn_drain_init(struct dvpn_drain *drain);
/* @old, just replaced by @new: keep it for receive if only addresses have
 * changed. Consumes @old.
 */
void dvpn_drain_conf(struct dvpn_dev *dd, struct dvpn_conf *old,
		     const struct dvpn_conf *new);
/* A device takes what @conf says: nobody drains that any more. */
void dvpn_drain_yield(struct dvpn_net *dn, const struct dvpn_conf *conf);
/* The device goes. */
void dvpn_drain_stop(struct dvpn_drain *drain);

#endif /* DVPN_DRAIN_H */
